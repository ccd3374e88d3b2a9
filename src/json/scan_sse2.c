/* SPDX-License-Identifier: Apache-2.0 */
/* scan_sse2.c - the kernel that every x86-64 can run. */
#include "json/scan_masks.h"
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>

#define KERNEL rti_json_scan_sse2
#define KERNEL_TARGET

static inline __m128i
equal(__m128i bytes, char c)
{
        return _mm_cmpeq_epi8(bytes, _mm_set1_epi8(c));
}

static inline uint64_t
bits(__m128i truth)
{
        return (uint64_t) (unsigned) _mm_movemask_epi8(truth);
}

static inline void
classify(const char *bytes, struct masks *ret_masks)
{
        struct masks m = { 0 };

        for (unsigned i = 0; i < 64; i += 16) {
                const __m128i b = _mm_loadu_si128((const __m128i *) (const void *) (bytes + i));
                /* [ and { differ in one bit, as do ] and }, and tab and carriage return. */
                const __m128i braces = _mm_or_si128(b, _mm_set1_epi8(0x20));
                const __m128i open = _mm_or_si128(equal(braces, '{'), equal(braces, '}'));
                const __m128i marks = _mm_or_si128(equal(b, ':'), equal(b, ','));
                const __m128i ends = equal(_mm_or_si128(b, _mm_set1_epi8(4)), '\r');
                const __m128i blanks = _mm_or_si128(equal(b, ' '), equal(b, '\n'));

                m.quote |= bits(equal(b, '"')) << i;
                m.backslash |= bits(equal(b, '\\')) << i;
                m.punctuation |= bits(_mm_or_si128(open, marks)) << i;
                m.blank |= bits(_mm_or_si128(ends, blanks)) << i;
        }
        *ret_masks = m;
}

static inline uint64_t
prefix_xor(uint64_t mask)
{
        for (unsigned shift = 1; shift < 64; shift *= 2)
                mask ^= mask << shift;
        return mask;
}

#include "json/scan_kernel.h"
#endif
