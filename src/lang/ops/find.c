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

/* The first place from @a from on where the first and the last character fit; SIZE_MAX: none. There
 * are 16 places, @a last_at being the last that is looked at with 15 more behind it. No call is
 * made here, so that all stays in registers. */
static inline size_t
next_fit(const char *s, rt_str needle, bool fold, size_t from, size_t last_at)
{
        const __m128i first = _mm_set1_epi8(needle.ptr[0]);
        const __m128i last = _mm_set1_epi8(needle.ptr[needle.len - 1]);
        size_t at = from < last_at ? from : last_at;
        unsigned wanted = ~0u << (from - at);

        for (;;) {
                const __m128i a = _mm_cmpeq_epi8(load(s + at, fold), first);
                const __m128i b = _mm_cmpeq_epi8(load(s + at + needle.len - 1, fold), last);
                const unsigned hits = (unsigned) _mm_movemask_epi8(_mm_and_si128(a, b)) & wanted;

                if (hits)
                        return at + (size_t) __builtin_ctz(hits);
                if (at == last_at)
                        return SIZE_MAX;
                /* What is left is seen together with some that was seen before. */
                at += 16;
                at = at < last_at ? at : last_at;
                wanted = ~0u;
        }
}

/* Does the needle stand at @a at, where it fits, or behind? */
static inline size_t
find_behind(rt_str s, rt_str needle, bool fold, size_t at)
{
        const size_t most = s.len - needle.len;

        while (!same(s.ptr + at, needle, fold)) {
                if (at == most)
                        return SIZE_MAX;
                at = next_fit(s.ptr, needle, fold, at + 1, most - 15);
                if (at == SIZE_MAX)
                        break;
        }
        return at;
}

__attribute__((noinline)) static size_t
find_behind_same(rt_str s, rt_str needle, size_t at)
{
        return find_behind(s, needle, false, at);
}

__attribute__((noinline)) static size_t
find_behind_fold(rt_str s, rt_str needle, size_t at)
{
        return find_behind(s, needle, true, at);
}
#endif

static inline size_t
find_short(rt_str s, rt_str needle, bool fold)
{
        const unsigned char last = needle.len ? (unsigned char) needle.ptr[needle.len - 1] : 0;

        for (size_t at = 0; needle.len && s.len - at >= needle.len; at++) {
                const unsigned char c = (unsigned char) s.ptr[at + needle.len - 1];

                if ((fold ? rti_lower(c) : c) == last && same(s.ptr + at, needle, fold))
                        return at;
        }
        return needle.len ? SIZE_MAX : 0;
}

__attribute__((noinline)) static size_t
find_short_same(rt_str s, rt_str needle)
{
        return find_short(s, needle, false);
}

__attribute__((noinline)) static size_t
find_short_fold(rt_str s, rt_str needle)
{
        return find_short(s, needle, true);
}

/* All calls are the last thing done, so that most values cost no saved registers. */
static inline size_t
find(rt_str s, rt_str needle, bool fold)
{
        if (s.len < needle.len)
                return SIZE_MAX;
#ifdef __SSE2__
        if (needle.len && s.len - needle.len >= 15) {
                const size_t at = next_fit(s.ptr, needle, fold, 0, s.len - needle.len - 15);

                if (at == SIZE_MAX)
                        return at;
                return fold ? find_behind_fold(s, needle, at) : find_behind_same(s, needle, at);
        }
#endif
        return fold ? find_short_fold(s, needle) : find_short_same(s, needle);
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
