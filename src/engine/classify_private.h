/* SPDX-License-Identifier: Apache-2.0 */
/* classify_private.h - what the classifiers' parts share. */
#ifndef RTI_ENGINE_CLASSIFY_PRIVATE_H
#define RTI_ENGINE_CLASSIFY_PRIVATE_H

#include "engine/classify.h"

/* A classifier at work on the current event. */
typedef struct rti_finder {
        rti_frame *frame;
        const rti_program_view *p;
        const rti_p_class *class;
        const rti_class_row *row;
        uint32_t n;     /* hits so far */
        uint32_t *hits; /* the class's */
} rti_finder;

/* How a classifier finds atoms. */
enum rti_way {
        RTI_WAY_PRESENT,
        RTI_WAY_ONE_BY_ONE,
        RTI_WAY_FEW_ENDS,
        RTI_WAY_SAME,
        RTI_WAY_HASH,
        RTI_WAY_TEXT,
        RTI_WAY_NETS,
        RTI_WAY_BOUNDS,
        RTI_WAY_TRIE
};

/* memcmp for what is short, without a call. */
static inline bool
rti_same_bytes(const char *a, const char *b, size_t n)
{
        uint64_t x, y;
        uint32_t u, v;

        if (n < sizeof x && n >= sizeof u) {
                memcpy(&u, a, sizeof u);
                memcpy(&v, b, sizeof v);
                if (u != v)
                        return false;
                memcpy(&u, a + n - sizeof u, sizeof u);
                memcpy(&v, b + n - sizeof v, sizeof v);
                return u == v;
        }
        if (n < sizeof x) {
                for (size_t i = 0; i < n; i++)
                        if (a[i] != b[i])
                                return false;
                return true;
        }
        for (size_t i = 0;; i = i + 2 * sizeof x <= n ? i + sizeof x : n - sizeof x) {
                memcpy(&x, a + i, sizeof x);
                memcpy(&y, b + i, sizeof y);
                if (x != y)
                        return false;
                if (i + sizeof x == n)
                        return true;
        }
}

/* What every text must have in which an atom holds: at least the length of the shortest constant,
 * and of equal texts all, of those that begin or end alike as much. */
static inline rt_str
rti_part_of(const rti_class_row *row, rt_str text)
{
        if (row->part == RTI_PART_ALL)
                return text;
        return (rt_str){ row->part == RTI_PART_FIRST ? text.ptr : text.ptr + text.len - row->least,
                         row->least };
}

/* Which bit of a classifier's filter stands for @a part: a look at three of its bytes says of most
 * values that nothing holds, without hashing all or walking down a trie. */
static inline uint32_t
rti_filter_bit(rt_str part)
{
        uint32_t bit = (uint32_t) part.len;

        if (part.len)
                bit += (unsigned char) part.ptr[0] * 7u
                       + (unsigned char) part.ptr[part.len / 2] * 5u
                       + (unsigned char) part.ptr[part.len - 1] * 31u;
        return bit % (RTI_FILTER_WORDS * 64);
}

/* @a atom, counted from the class's first, holds of what is looked at now. */
static inline void
rti_hit(rti_finder *f, uint32_t atom)
{
        atom += f->row->first;
        if (f->frame->atom_stamp[atom] == f->frame->now)
                return;
        f->frame->atom_stamp[atom] = f->frame->now;
        f->hits[f->n++] = atom;
}

/* All atoms of a class with a trie that hold of @a text, which is cut. */
void rti_find_texts(rti_finder *f, rt_str text);
/* Can the machine look at 16 places at once? */
bool rti_texts_wide(void);

#endif
