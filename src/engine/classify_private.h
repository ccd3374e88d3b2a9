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
