/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classify_text.c - walks through the tries of constants.
 *
 *   in   a verified trie: edges lead to higher-numbered nodes, labels are not empty
 *   out  a hit for each node on the way where a constant ends
 *
 * Constants that may be anywhere are looked for at every place of the value; their first bytes
 * leave few of them, by tables of half bytes for 16 places at once and by bitmaps for each. A walk
 * is no longer than the longest constant, which bounds the work on values that are made to fit
 * often.
 */
#include "engine/classify_private.h"
#include "lang/ops/family.h"
#if defined(__x86_64__)
#include <cpuid.h>
#include <tmmintrin.h>
#endif

typedef struct trie {
        const rti_p_trie *nodes;
        const rti_p_cell *cells;
        uint32_t mask;
        const char *texts;
} trie;

static inline trie
trie_of(const rti_finder *f)
{
        return (trie){ f->p->tries + f->class->nodes.first, f->p->cells + f->class->cells.first,
                       f->class->cells.n - 1, f->p->texts };
}

/* The node that @a byte leads to, or RTI_NONE. */
static inline uint32_t
child(const trie *t, uint32_t node, unsigned char byte)
{
        const uint32_t key = node << 8 | byte;
        uint32_t at = rti_edge_hash(key) & t->mask;

        while (t->cells[at].to != RTI_NONE && t->cells[at].key != key)
                at = (at + 1) & t->mask;
        return t->cells[at].to;
}

/* Most labels differ early, so that this beats memcmp; the first byte is known to be the same. */
static inline bool
same(const char *s, const char *label, uint32_t len, bool fold)
{
        for (uint32_t i = 1; i < len; i++) {
                const unsigned char c = (unsigned char) s[i];

                if ((fold ? rti_lower(c) : c) != (unsigned char) label[i])
                        return false;
        }
        return true;
}

/* Constants that @a s begins with. */
__attribute__((noinline)) static void
begins(rti_finder *f, const trie *t, rt_str s, bool fold)
{
        uint32_t at = 0;

        while (s.len) {
                const unsigned char byte = (unsigned char) s.ptr[0];
                const rti_p_trie *node;

                at = child(t, at, fold ? rti_lower(byte) : byte);
                if (at == RTI_NONE)
                        return;
                node = &t->nodes[at];
                if (s.len < node->label.len
                    || !same(s.ptr, t->texts + node->label.at, node->label.len, fold))
                        return;
                s = rti_str_sub(s, node->label.len, s.len);
                if (node->atom != RTI_NONE)
                        rti_hit(f, node->atom);
        }
}

/* Constants that @a s ends with. */
static void
ends(rti_finder *f, const trie *t, rt_str s)
{
        uint32_t at = 0;

        while (s.len) {
                const rti_p_trie *node;

                at = child(t, at, (unsigned char) s.ptr[s.len - 1]);
                if (at == RTI_NONE)
                        return;
                node = &t->nodes[at];
                if (s.len < node->label.len
                    || memcmp(s.ptr + s.len - node->label.len, t->texts + node->label.at,
                              node->label.len)
                               != 0)
                        return;
                s.len -= node->label.len;
                if (node->atom != RTI_NONE)
                        rti_hit(f, node->atom);
        }
}

/* ---- paths: a slash in front of each component, however many the value has ---- */

typedef struct walk {
        uint32_t at;    /* node */
        uint32_t label; /* bytes of its label that are behind */
} walk;

static bool
go(const trie *t, walk *w, rt_str s)
{
        while (s.len) {
                const rti_p_trie *node = &t->nodes[w->at];
                const uint32_t n = w->at ? node->label.len - w->label : 0;

                if (n == 0) {
                        w->at = child(t, w->at, (unsigned char) s.ptr[0]);
                        w->label = 0;
                        if (w->at == RTI_NONE)
                                return false;
                        continue;
                }
                if (s.ptr[0] != t->texts[node->label.at + w->label])
                        return false;
                w->label++;
                s = rti_str_sub(s, 1, s.len);
        }
        return true;
}

static void
folders(rti_finder *f, const trie *t, rt_str s)
{
        const char *begin = s.ptr;
        walk w = { 0, 0 };
        rt_str name;

        while ((name = rti_path_next(&s)).len) {
                const rti_p_trie *node;

                /* But for a relative path's first component, a slash is there. */
                if (name.ptr > begin)
                        name = (rt_str){ name.ptr - 1, name.len + 1 };
                else if (!go(t, &w, RTI_STR("/")))
                        return;
                if (!go(t, &w, name))
                        return;
                node = &t->nodes[w.at];
                if (w.label == node->label.len && node->atom != RTI_NONE)
                        rti_hit(f, node->atom);
        }
}

/* ---- anywhere ---- */

/* Four bytes in lower case at once. */
static inline uint32_t
lower_gram(uint32_t gram)
{
        const uint32_t low = gram & 0x7f7f7f7fu;
        const uint32_t from_a = low + 0x3f3f3f3fu, behind_z = low + 0x25252525u;

        return gram | (from_a & ~behind_z & ~gram & 0x80808080u) >> 2;
}

static inline bool
has(const uint32_t *bits, uint32_t at)
{
        return bits[at / 32] >> at % 32 & 1;
}

typedef struct scan {
        rti_finder *f;
        trie t;
        rt_str text;
        const uint32_t *shorts, *nibbles, *grams;
        unsigned power;
        bool fold, any_short;
} scan;

/* Can a constant begin at @a at? */
static inline bool
may_begin(const scan *c, size_t at)
{
        const unsigned char byte = (unsigned char) c->text.ptr[at];
        uint32_t gram;

        if (c->text.len - at >= RTI_GRAM) {
                memcpy(&gram, c->text.ptr + at, sizeof gram);
                gram = c->fold ? lower_gram(gram) : gram;
                if (has(c->grams, rti_gram_hash(gram, c->power)))
                        return true;
        }
        return c->any_short && has(c->shorts, c->fold ? rti_lower(byte) : byte);
}

static inline void
look_at(const scan *c, size_t at)
{
        if (may_begin(c, at))
                begins(c->f, &c->t, rti_str_sub(c->text, at, c->text.len), c->fold);
}

#if defined(__x86_64__)
/* The bucket's bits that let @a bytes pass. */
__attribute__((target("ssse3"))) static inline __m128i
buckets(const char *s, const uint32_t *nibbles)
{
        const __m128i *tables = (const __m128i *) (const void *) nibbles;
        const __m128i bytes = _mm_loadu_si128((const __m128i *) (const void *) s);
        const __m128i low = _mm_and_si128(bytes, _mm_set1_epi8(15));
        const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));

        return _mm_and_si128(_mm_shuffle_epi8(_mm_loadu_si128(tables), low),
                             _mm_shuffle_epi8(_mm_loadu_si128(tables + 1), high));
}

/* Look at all places but the last ones, for which the nibbles of 16 are not there. Returns how many
 * were looked at. */
__attribute__((target("ssse3"))) static size_t
look_wide(const scan *c)
{
        const size_t last = c->text.len - (16 + RTI_NIBBLED - 1);

        for (size_t at = 0, done = 0;;) {
                const char *s = c->text.ptr + at;
                __m128i found = buckets(s, c->nibbles);
                unsigned places;

                for (unsigned i = 1; i < RTI_NIBBLED; i++)
                        found = _mm_and_si128(found, buckets(s + i, c->nibbles + 8 * i));
                found = _mm_cmpeq_epi8(found, _mm_setzero_si128());
                places = ~(unsigned) _mm_movemask_epi8(found) & 0xffff;
                for (places &= ~0u << (done - at); places; places &= places - 1)
                        look_at(c, at + (unsigned) __builtin_ctz(places));
                done = at + 16;
                if (at == last)
                        return done;
                /* What is left is seen together with some that was seen before. */
                at = last - at < 16 ? last : done;
        }
}
#endif

__attribute__((cold)) bool
rti_texts_wide(void)
{
#if defined(__x86_64__)
        unsigned a, b, c, d;

        return __get_cpuid(1, &a, &b, &c, &d) && c & bit_SSSE3;
#else
        return false;
#endif
}

__attribute__((noinline)) static void
inside(rti_finder *f, const trie *t, rt_str s, bool fold)
{
        const uint32_t *numbers = f->p->numbers + f->class->numbers.first;
        scan c = { .f = f,
                   .t = *t,
                   .text = s,
                   .shorts = numbers,
                   .nibbles = numbers + RTI_NIBBLES_AT,
                   .grams = numbers + RTI_GRAMS_AT,
                   .power = (unsigned) __builtin_ctz(f->class->numbers.n - RTI_GRAMS_AT),
                   .fold = fold };
        size_t at = 0;

        for (unsigned i = 0; i < RTI_NIBBLES_AT; i++)
                c.any_short = c.any_short || numbers[i];
#if defined(__x86_64__)
        if (f->row->wide && s.len >= 16 + RTI_NIBBLED - 1)
                at = look_wide(&c);
#endif
        for (; at < s.len; at++)
                look_at(&c, at);
}

void
rti_find_texts(rti_finder *f, rt_str text)
{
        const trie t = trie_of(f);

        switch ((enum rti_relation) f->class->family) {
        case RTI_REL_PREFIX:
                begins(f, &t, text, false);
                break;
        case RTI_REL_SUFFIX:
                ends(f, &t, text);
                break;
        case RTI_REL_PATH:
                folders(f, &t, text);
                break;
        case RTI_REL_CONTAINS:
                inside(f, &t, text, false);
                break;
        case RTI_REL_ICONTAINS:
                inside(f, &t, text, true);
                break;
        default:
                break;
        }
}
