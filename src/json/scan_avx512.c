/* SPDX-License-Identifier: Apache-2.0 */
/* scan_avx512.c - the kernel for machines with AVX-512 (BW, VBMI2): a block is one register, and
 * offsets of tokens are squeezed out of a row of numbers instead of being counted out of a mask. */
#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>
#include <string.h>
#include "json/scan.h"
#include "json/scan_masks.h"

#define KERNEL        rti_json_scan_avx512
#define KERNEL_TARGET __attribute__((target("avx512f,avx512bw,avx512vbmi2,pclmul,bmi,popcnt")))
#define KERNEL_ADDS_TOKENS

/* As in scan_avx2.c. */
KERNEL_TARGET static inline void
classify(const char *bytes, struct masks *ret_masks)
{
        const __m512i blanks = _mm512_broadcast_i32x4(_mm_setr_epi8(
                ' ', -1, -1, -1, -1, -1, -1, -1, -1, '\t', '\n', -1, -1, '\r', -1, -1));
        const __m512i marks = _mm512_broadcast_i32x4(
                _mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, ':', '{', ',', '}', -1, -1));
        const __m512i b = _mm512_loadu_si512(bytes);
        const __m512i curled = _mm512_or_si512(
                b, _mm512_and_si512(_mm512_srli_epi16(b, 1), _mm512_set1_epi8(0x20)));

        ret_masks->quote = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8('"'));
        ret_masks->backslash = _mm512_cmpeq_epi8_mask(b, _mm512_set1_epi8('\\'));
        ret_masks->blank = _mm512_cmpeq_epi8_mask(b, _mm512_shuffle_epi8(blanks, b));
        ret_masks->punctuation = _mm512_cmpeq_epi8_mask(curled, _mm512_shuffle_epi8(marks, b));
}

KERNEL_TARGET static inline uint64_t
prefix_xor(uint64_t mask)
{
        const __m128i product =
                _mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t) mask), _mm_set1_epi8(-1), 0);

        return (uint64_t) _mm_cvtsi128_si64(product);
}

/* 16 offsets more: those of places from..from+15 of the squeezed row. */
#define ADD_16(to, row, part, base)                                      \
        _mm512_storeu_si512((to) + 16 * (part),                          \
                            _mm512_add_epi32(base, _mm512_cvtepu8_epi32( \
                                                           _mm512_extracti32x4_epi32(row, part))))

KERNEL_TARGET static inline void
add_tokens(rti_json_scan *scan, uint64_t tokens, const char *bytes, uint32_t base)
{
        const __m512i numbers = _mm512_set_epi8(
                63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43,
                42, 41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22,
                21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
        const __m512i row = _mm512_maskz_compress_epi8(tokens, numbers);
        const __m512i from = _mm512_set1_epi32((int) base);
        const unsigned n = (unsigned) __builtin_popcountll(tokens);
        uint32_t *to = scan->index + scan->n;

        _mm512_storeu_si512(scan->kinds + scan->n,
                            _mm512_maskz_compress_epi8(tokens, _mm512_loadu_si512(bytes)));
        scan->n += n;
        ADD_16(to, row, 0, from);
        if (__builtin_expect(n > 16, 0)) {
                ADD_16(to, row, 1, from);
                if (n > 32) {
                        ADD_16(to, row, 2, from);
                        ADD_16(to, row, 3, from);
                }
        }
}

#include "json/scan_kernel.h"
#endif
