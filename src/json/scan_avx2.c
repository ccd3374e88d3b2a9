/* SPDX-License-Identifier: Apache-2.0 */
/* scan_avx2.c - the kernel for machines with AVX2, carry-less multiplication and BMI. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>
#include <string.h>
#include "json/scan_masks.h"

#define KERNEL        rti_json_scan_avx2
#define KERNEL_TARGET __attribute__((target("avx2,pclmul,bmi,popcnt")))
#undef lowest_bit
#define lowest_bit(x) _tzcnt_u64(x)

KERNEL_TARGET static inline uint64_t
equal_bits(__m256i low, __m256i high, __m256i low_to, __m256i high_to)
{
        const unsigned a = (unsigned) _mm256_movemask_epi8(_mm256_cmpeq_epi8(low, low_to));
        const unsigned b = (unsigned) _mm256_movemask_epi8(_mm256_cmpeq_epi8(high, high_to));

        return (uint64_t) b << 32 | a;
}

/* [ and ] become { and }; no other byte becomes one of these, or a comma or a colon: the bit is set
 * where the next higher one is. */
KERNEL_TARGET static inline __m256i
curled(__m256i bytes)
{
        const __m256i bit = _mm256_set1_epi8(0x20);

        return _mm256_or_si256(bytes, _mm256_and_si256(_mm256_srli_epi16(bytes, 1), bit));
}

/* Both sets have at most one member for each value of the low four bits, so that a table look-up
 * by these and one comparison tell membership. */
KERNEL_TARGET static inline void
classify(const char *bytes, struct masks *ret_masks)
{
        const __m256i blanks = _mm256_setr_epi8(' ', -1, -1, -1, -1, -1, -1, -1, -1, '\t', '\n', -1,
                                                -1, '\r', -1, -1, ' ', -1, -1, -1, -1, -1, -1, -1,
                                                -1, '\t', '\n', -1, -1, '\r', -1, -1);
        const __m256i marks = _mm256_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, ':', '{',
                                               ',', '}', -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                               -1, ':', '{', ',', '}', -1, -1);
        const __m256i quote = _mm256_set1_epi8('"'), backslash = _mm256_set1_epi8('\\');
        const __m256i low = _mm256_loadu_si256((const __m256i *) (const void *) bytes);
        const __m256i high = _mm256_loadu_si256((const __m256i *) (const void *) (bytes + 32));

        ret_masks->quote = equal_bits(low, high, quote, quote);
        ret_masks->backslash = equal_bits(low, high, backslash, backslash);
        ret_masks->blank = equal_bits(low, high, _mm256_shuffle_epi8(blanks, low),
                                      _mm256_shuffle_epi8(blanks, high));
        ret_masks->punctuation =
                equal_bits(curled(low), curled(high), _mm256_shuffle_epi8(marks, low),
                           _mm256_shuffle_epi8(marks, high));
}

/* Multiplying by all ones without carries adds, modulo 2, all bits below. */
KERNEL_TARGET static inline uint64_t
prefix_xor(uint64_t mask)
{
        const __m128i product =
                _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t) mask), _mm_set1_epi8(-1), 0);

        return (uint64_t) _mm_cvtsi128_si64(product);
}

#include "json/scan_kernel.h"
#endif
