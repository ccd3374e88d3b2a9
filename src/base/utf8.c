/* SPDX-License-Identifier: Apache-2.0 */
/* utf8.c - is this text? */
#include "base/utf8.h"

/* Length announced by a lead byte and the range of the byte behind it (Unicode table 3-7). */
static size_t
lead(unsigned char c, unsigned char *low, unsigned char *high)
{
        *low = 0x80;
        *high = 0xbf;
        if (c < 0x80)
                return 1;
        if (c < 0xc2 || c > 0xf4)
                return 0;
        if (c < 0xe0)
                return 2;
        if (c < 0xf0) {
                *low = c == 0xe0 ? 0xa0 : 0x80;
                *high = c == 0xed ? 0x9f : 0xbf;
                return 3;
        }
        *low = c == 0xf0 ? 0x90 : 0x80;
        *high = c == 0xf4 ? 0x8f : 0xbf;
        return 4;
}

/* Bytes at @a s that are right so far; *ret_whole says how many there should be. */
static size_t
good(const char *s, size_t len, size_t *ret_whole)
{
        unsigned char low, high;
        size_t n = 1;

        *ret_whole = len ? lead((unsigned char) s[0], &low, &high) : 0;
        if (*ret_whole == 0)
                return 0;
        while (n < *ret_whole && n < len) {
                const unsigned char c = (unsigned char) s[n];

                if (c < low || c > high)
                        break;
                low = 0x80;
                high = 0xbf;
                n++;
        }
        return n;
}

size_t
rti_utf8_valid(const char *s, size_t len)
{
        size_t whole, n = good(s, len, &whole);

        return n == whole ? n : 0;
}

size_t
rti_utf8_broken(const char *s, size_t len)
{
        size_t whole, n = good(s, len, &whole);

        return n ? n : 1;
}

size_t
rti_utf8_put(char *to, uint32_t code)
{
        if (code < 0x80) {
                to[0] = (char) code;
                return 1;
        }
        if (code < 0x800) {
                to[0] = (char) (0xc0 | code >> 6);
                to[1] = (char) (0x80 | (code & 63));
                return 2;
        }
        if (code < 0x10000) {
                to[0] = (char) (0xe0 | code >> 12);
                to[1] = (char) (0x80 | (code >> 6 & 63));
                to[2] = (char) (0x80 | (code & 63));
                return 3;
        }
        to[0] = (char) (0xf0 | code >> 18);
        to[1] = (char) (0x80 | (code >> 12 & 63));
        to[2] = (char) (0x80 | (code >> 6 & 63));
        to[3] = (char) (0x80 | (code & 63));
        return 4;
}

uint32_t
rti_utf8_get(const char *s, size_t n)
{
        static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
        uint32_t code = (unsigned char) s[0] & masks[n];

        for (size_t i = 1; i < n; i++)
                code = code << 6 | ((unsigned char) s[i] & 63);
        return code;
}
