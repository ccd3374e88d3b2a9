/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scan_kernel.h - the part of a scan that is the same for every instruction set. A kernel's file
 * defines, then includes this:
 *
 *      KERNEL          name of the function to make
 *      KERNEL_TARGET   attribute of every function of the kernel, or nothing
 *      classify()      which of 64 bytes are quotes, backslashes, punctuation, blanks
 *      prefix_xor()    bit i of the result is the parity of bits 0..i
 *      add_tokens()    if it defines KERNEL_ADDS_TOKENS
 *
 * Bit i of a mask stands for byte i of the block.
 */
#include "json/scan.h"

/* struct masks, filled by classify(), is in scan_masks.h. */

/* Bytes behind a backslash that itself is not behind one. Runs of backslashes are paired off from
 * their start: adding the starts at odd places to the runs carries a bit to where each such run
 * ends, which tells the parity of its length. */
KERNEL_TARGET static inline uint64_t
find_escaped(uint64_t backslash, uint64_t *escaped)
{
        const uint64_t even = 0x5555555555555555u;
        uint64_t behind, odd_starts, ends;

        if (__builtin_expect(!backslash, 1)) {
                const uint64_t first = *escaped;

                *escaped = 0;
                return first;
        }
        backslash &= ~*escaped;
        behind = backslash << 1 | *escaped;
        odd_starts = backslash & ~even & ~behind;
        *escaped = __builtin_add_overflow(odd_starts, backslash, &ends);
        return (even ^ ends << 1) & behind;
}

#ifndef KERNEL_ADDS_TOKENS
/* Append every set bit. Writes up to 7 places more than there are bits, so that most blocks need
 * one test, and reads bytes[64] then. */
KERNEL_TARGET static inline void
add_tokens(rti_json_scan *scan, uint64_t tokens, const char *bytes, uint32_t base)
{
        uint32_t *to = scan->index + scan->n;
        char *kinds = scan->kinds + scan->n;
        const unsigned n = (unsigned) __builtin_popcountll(tokens);

        scan->n += n;
        for (unsigned i = 0; i < n; i += 8)
                for (unsigned k = 0; k < 8; k++) {
                        const uint32_t bit = (uint32_t) lowest_bit(tokens);

                        to[i + k] = base + bit;
                        kinds[i + k] = bytes[bit];
                        tokens &= tokens - 1;
                }
}
#endif

KERNEL_TARGET static inline void
scan_block(rti_json_scan *scan, const char *bytes, size_t at)
{
        struct masks m;
        uint64_t quote, inside, scalar, tokens;

        classify(bytes, &m);
        scan->backslashes |= m.backslash;
        quote = m.quote & ~find_escaped(m.backslash, &scan->escaped);
        inside = prefix_xor(quote) ^ scan->in_string; /* the opening quote and what follows it */
        scan->in_string = (uint64_t) ((int64_t) inside >> 63);
        scalar = ~(m.punctuation | m.blank | quote | inside);
        tokens = (m.punctuation & ~inside) | (quote & inside)
                 | (scalar & ~(scalar << 1 | scan->in_scalar));
        scan->in_scalar = scalar >> 63;
        add_tokens(scan, tokens, bytes, (uint32_t) at);
}

KERNEL_TARGET void
KERNEL(rti_json_scan *scan, size_t end)
{
        rti_json_scan s = *scan; /* in registers, whatever the index is written through */

        while (s.at < end && s.room - s.n >= RTI_JSON_SCAN_ROOM) {
                if (s.len - s.at > RTI_JSON_BLOCK) {
                        scan_block(&s, s.text + s.at, s.at);
                        s.at += RTI_JSON_BLOCK;
                } else {
                        char tail[RTI_JSON_BLOCK + 1];

                        memset(tail, ' ', sizeof tail);
                        memcpy(tail, s.text + s.at, s.len - s.at);
                        scan_block(&s, tail, s.at);
                        s.at = s.len;
                }
        }
        *scan = s;
}
