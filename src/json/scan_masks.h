/* SPDX-License-Identifier: Apache-2.0 */
/* scan_masks.h - what a kernel finds out about 64 bytes: bit i for byte i. */
#ifndef RTI_JSON_SCAN_MASKS_H
#define RTI_JSON_SCAN_MASKS_H

#include <stdint.h>

struct masks {
        uint64_t quote;
        uint64_t backslash;
        uint64_t punctuation; /* { } [ ] : , */
        uint64_t blank;       /* blank, tab, line feed, carriage return */
};

/* Place of the lowest bit; anything for 0. */
#if defined(__BMI__)
#define lowest_bit(x) _tzcnt_u64(x)
#else
#define lowest_bit(x) __builtin_ctzll((x) | UINT64_C(1) << 63)
#endif

#endif
