/* SPDX-License-Identifier: Apache-2.0 */
/*
 * find.c - a constant in a value, letter case told apart or not.
 *
 * Places where the first and the last character fit are found 16 at a time where the machine can;
 * only there is the rest compared. Constants are short, which bounds the work for values that are
 * made to fit often.
 */
#include "lang/ops/family.h"
#ifdef __SSE2__
#include <emmintrin.h>
#endif

/* Is @a needle at @a s? @a needle is in lower case where case is folded. */
static inline bool
same(const char *s, rt_str needle, bool fold)
{
        if (!fold)
                return memcmp(s, needle.ptr, needle.len) == 0;
        for (size_t i = 0; i < needle.len; i++)
                if (rti_lower((unsigned char) s[i]) != (unsigned char) needle.ptr[i])
                        return false;
        return true;
}

#ifdef __SSE2__
static inline __m128i
load(const char *s, bool fold)
{
        const __m128i bytes = _mm_loadu_si128((const __m128i *) (const void *) s);
        __m128i upper;

        if (!fold)
                return bytes;
        /* 'A'..'Z' are moved to the lowest 26 of the signed numbers. */
        upper = _mm_cmplt_epi8(_mm_add_epi8(bytes, _mm_set1_epi8((char) (128 - 'A'))),
                               _mm_set1_epi8((char) (-128 + 26)));
        return _mm_or_si128(bytes, _mm_and_si128(upper, _mm_set1_epi8(0x20)));
}

/* Is the needle in @a s, in which 16 places have room for it? *ret_at: the first place. */
static inline bool
find_wide(rt_str s, rt_str needle, bool fold, size_t *ret_at)
{
        const __m128i first = _mm_set1_epi8(needle.ptr[0]);
        const __m128i last = _mm_set1_epi8(needle.ptr[needle.len - 1]);
        const size_t last_at = s.len - needle.len - 15;
        size_t at = 0;

        for (;;) {
                const char *here = s.ptr + at;
                const __m128i a = _mm_cmpeq_epi8(load(here, fold), first);
                const __m128i b = _mm_cmpeq_epi8(load(here + needle.len - 1, fold), last);
                unsigned hits = (unsigned) _mm_movemask_epi8(_mm_and_si128(a, b));

                for (; hits; hits &= hits - 1) {
                        const size_t bit = (size_t) __builtin_ctz(hits);

                        if (same(here + bit, needle, fold)) {
                                *ret_at = at + bit;
                                return true;
                        }
                }
                if (at == last_at)
                        return false;
                /* What is left is seen together with some that was seen before. */
                at = last_at - at < 16 ? last_at : at + 16;
        }
}
#endif

static inline size_t
find(rt_str s, rt_str needle, bool fold)
{
        const unsigned char last = needle.len ? (unsigned char) needle.ptr[needle.len - 1] : 0;
        size_t at = 0;

        if (needle.len == 0)
                return 0;
        if (s.len < needle.len)
                return SIZE_MAX;
#ifdef __SSE2__
        if (s.len - needle.len >= 15)
                return find_wide(s, needle, fold, &at) ? at : SIZE_MAX;
#endif
        for (; s.len - at >= needle.len; at++) {
                const unsigned char c = (unsigned char) s.ptr[at + needle.len - 1];

                if ((fold ? rti_lower(c) : c) == last && same(s.ptr + at, needle, fold))
                        return at;
        }
        return SIZE_MAX;
}

size_t
rti_find(rt_str s, rt_str needle)
{
        return find(s, needle, false);
}

size_t
rti_find_fold(rt_str s, rt_str needle)
{
        return find(s, needle, true);
}
