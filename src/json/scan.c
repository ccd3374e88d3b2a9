/* SPDX-License-Identifier: Apache-2.0 */
/* scan.c - which kernel; and the one in portable C. */
#include "json/scan_masks.h"
#if defined(__x86_64__)
#include <cpuid.h>
#endif
#include <string.h>

#define KERNEL rti_json_scan_portable
#define KERNEL_TARGET

/* What each byte is, one bit in a byte of its own: eight bytes' bits fit beside each other. */
enum { QUOTE = 1, BACKSLASH = 1 << 8, PUNCTUATION = 1 << 16, BLANK = 1 << 24 };
static const uint32_t classes[256] = {
        ['"'] = QUOTE,       ['\\'] = BACKSLASH,  ['{'] = PUNCTUATION, ['}'] = PUNCTUATION,
        ['['] = PUNCTUATION, [']'] = PUNCTUATION, [':'] = PUNCTUATION, [','] = PUNCTUATION,
        [' '] = BLANK,       ['\t'] = BLANK,      ['\n'] = BLANK,      ['\r'] = BLANK,
};

static inline void
classify(const char *bytes, struct masks *ret_masks)
{
        struct masks m = { 0 };

        for (unsigned i = 0; i < 64; i += 8) {
                uint32_t found = 0;

                for (unsigned k = 0; k < 8; k++)
                        found |= classes[(unsigned char) bytes[i + k]] << k;
                m.quote |= (uint64_t) (found & 0xff) << i;
                m.backslash |= (uint64_t) (found >> 8 & 0xff) << i;
                m.punctuation |= (uint64_t) (found >> 16 & 0xff) << i;
                m.blank |= (uint64_t) (found >> 24) << i;
        }
        *ret_masks = m;
}

static inline uint64_t
prefix_xor(uint64_t bits)
{
        for (unsigned shift = 1; shift < 64; shift *= 2)
                bits ^= bits << shift;
        return bits;
}

#include "json/scan_kernel.h"

#if defined(__x86_64__)
/* Bits of CPUID's leaves 1 (ECX) and 7 (EBX, ECX), and of what the system saves of registers. The
 * compiler's own look-up knows hundreds more, and takes 3 kB. */
enum {
        PCLMUL = 1 << 1,
        OSXSAVE = 1 << 27,
        BMI = 1 << 3,
        AVX2 = 1 << 5,
        AVX512BW = 1 << 30,
        AVX512VBMI2 = 1 << 6,
        AVX2_STATE = 0x6,
        AVX512_STATE = 0xe6
};

static bool
cpu_has(uint32_t state, uint32_t ecx1, uint32_t ebx7, uint32_t ecx7)
{
        uint32_t a, b, c, d, saved;

        if (!__get_cpuid(1, &a, &b, &c, &d) || (c & (ecx1 | OSXSAVE)) != (ecx1 | OSXSAVE))
                return false;
        __asm__("xgetbv" : "=a"(saved), "=d"(d) : "c"(0));
        if ((saved & state) != state || !__get_cpuid_count(7, 0, &a, &b, &c, &d))
                return false;
        return (b & ebx7) == ebx7 && (c & ecx7) == ecx7;
}
#endif

rti_json_kernel
rti_json_kernel_get(enum rti_json_kernel_id id)
{
        switch (id) {
        case RTI_JSON_PORTABLE:
                return rti_json_scan_portable;
        case RTI_JSON_SSE2:
#if defined(__x86_64__)
                return rti_json_scan_sse2;
#else
                return NULL;
#endif
        case RTI_JSON_AVX2:
#if defined(__x86_64__)
                if (cpu_has(AVX2_STATE, PCLMUL, AVX2 | BMI, 0))
                        return rti_json_scan_avx2;
#endif
                return NULL;
        case RTI_JSON_AVX512:
#if defined(__x86_64__)
                if (cpu_has(AVX512_STATE, PCLMUL, AVX2 | BMI | AVX512BW, AVX512VBMI2))
                        return rti_json_scan_avx512;
#endif
                return NULL;
        case RTI_JSON_N_KERNELS:
                break;
        }
        return NULL;
}

rti_json_kernel
rti_json_kernel_best(void)
{
        rti_json_kernel kernel = NULL;

        for (int id = RTI_JSON_N_KERNELS - 1; !kernel; id--)
                kernel = rti_json_kernel_get((enum rti_json_kernel_id) id);
        return kernel;
}
