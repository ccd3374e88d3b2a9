/* SPDX-License-Identifier: Apache-2.0 */
/*
 * quote.c - strings in quotes as Go's strconv.Quote writes them.
 *
 * What Go does not call printable is escaped. The table holds the characters of that kind that are
 * assigned, for control, format and space characters, surrogates and private use; code points that
 * Unicode has not assigned are not looked up and count as printable.
 */
#include "json/doc.h"
#include "base/utf8.h"

static const struct {
        uint32_t first, last;
} unprintable[] = {
        { 0x7f, 0xa0 },       { 0xad, 0xad },        { 0x600, 0x605 },     { 0x61c, 0x61c },
        { 0x6dd, 0x6dd },     { 0x70f, 0x70f },      { 0x890, 0x891 },     { 0x8e2, 0x8e2 },
        { 0x1680, 0x1680 },   { 0x180e, 0x180e },    { 0x2000, 0x200f },   { 0x2028, 0x202f },
        { 0x205f, 0x206f },   { 0x3000, 0x3000 },    { 0xd800, 0xf8ff },   { 0xfdd0, 0xfdef },
        { 0xfeff, 0xfeff },   { 0xfff0, 0xfffb },    { 0xfffe, 0xffff },   { 0x110bd, 0x110bd },
        { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },  { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a },
        { 0xe0000, 0xe00ff }, { 0xe01f0, 0x10ffff },
};

static bool
is_printable(uint32_t code)
{
        if (code < 0x80)
                return code >= 0x20 && code != 0x7f;
        if (code >= 0x10000 && (code & 0xfffe) == 0xfffe)
                return false;
        for (size_t i = 0; i < RTI_COUNT(unprintable) && unprintable[i].first <= code; i++)
                if (code <= unprintable[i].last)
                        return false;
        return true;
}

static size_t
add_hex(char *to, char letter, uint32_t value, unsigned digits)
{
        static const char hex[] = "0123456789abcdef";

        to[0] = '\\';
        to[1] = letter;
        for (unsigned i = 0; i < digits; i++)
                to[2 + i] = hex[value >> 4 * (digits - 1 - i) & 15];
        return 2 + digits;
}

static size_t
add_ascii(char *to, char c)
{
        static const char letters[] = { ['\a'] = 'a', ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n',
                                        ['\v'] = 'v', ['\f'] = 'f', ['\r'] = 'r' };

        if (is_printable((unsigned char) c) && c != '"' && c != '\\') {
                to[0] = c;
                return 1;
        }
        to[0] = '\\';
        to[1] = c;
        if (c == '"' || c == '\\')
                return 2;
        if ((unsigned char) c >= sizeof letters || !letters[(unsigned char) c])
                return add_hex(to, 'x', (unsigned char) c, 2);
        to[1] = letters[(unsigned char) c];
        return 2;
}

size_t
rti_json_go_quote(rt_str s, char *to)
{
        char *const start = to;
        size_t n;

        *to++ = '"';
        for (size_t at = 0; at < s.len; at += n) {
                const char *const from = s.ptr + at;

                n = rti_utf8_valid(from, s.len - at);
                if (n == 0) {
                        to += add_hex(to, 'x', (unsigned char) *from, 2);
                        n = 1;
                } else if (n == 1) {
                        to += add_ascii(to, *from);
                } else {
                        const uint32_t code = rti_utf8_get(from, n);

                        if (is_printable(code)) {
                                memcpy(to, from, n);
                                to += n;
                        } else if (code < 0x10000) {
                                to += add_hex(to, 'u', code, 4);
                        } else {
                                to += add_hex(to, 'U', code, 8);
                        }
                }
        }
        *to++ = '"';
        return (size_t) (to - start);
}
