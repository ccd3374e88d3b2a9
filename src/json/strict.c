/* SPDX-License-Identifier: Apache-2.0 */
/* strict.c - numbers and strings by RFC 8259. */
#include "json/doc.h"
#include "base/utf8.h"

static size_t
digits(rt_str s, size_t at)
{
        const size_t from = at;

        while (at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9')
                at++;
        return at - from;
}

size_t
rti_json_strict_number(rt_str s)
{
        size_t at = s.len && s.ptr[0] == '-', n = digits(s, at);

        if (n == 0 || (n > 1 && s.ptr[at] == '0'))
                return 0;
        at += n;
        if (at < s.len && s.ptr[at] == '.') {
                n = digits(s, at + 1);
                if (n == 0)
                        return 0;
                at += 1 + n;
        }
        if (at < s.len && (s.ptr[at] | 0x20) == 'e') {
                at++;
                if (at < s.len && (s.ptr[at] == '+' || s.ptr[at] == '-'))
                        at++;
                n = digits(s, at);
                if (n == 0)
                        return 0;
                at += n;
        }
        return at;
}

static bool
is_hex(char c)
{
        return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Length of the escape at @a at, 0 if it is none. */
static size_t
escape(rt_str s, size_t at)
{
        if (at + 1 >= s.len)
                return 0;
        switch (s.ptr[at + 1]) {
        case '"':
        case '\\':
        case '/':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't':
                return 2;
        case 'u':
                if (s.len - at < 6)
                        return 0;
                for (size_t i = 2; i < 6; i++)
                        if (!is_hex(s.ptr[at + i]))
                                return 0;
                return 6;
        default:
                return 0;
        }
}

/* In each byte's highest bit: it is below 0x20 or above 0x7f. A borrow can flag the byte above such
 * a one too, so that only all or nothing counts. */
static inline uint64_t
special(uint64_t word)
{
        return (word | (word - UINT64_C(0x2020202020202020))) & UINT64_C(0x8080808080808080);
}

/* In each byte's highest bit: it is a backslash, or (borrow again) stands above one. */
static inline uint64_t
backslash(const char *bytes)
{
        const uint64_t ones = UINT64_C(0x0101010101010101),
                       word = rti_json_load(bytes) ^ ones * '\\';

        return (word - ones) & ~word & ones << 7;
}

bool
rti_json_all_plain(rt_str s)
{
        uint64_t found = 0;
        size_t at = 0;

        for (; s.len - at >= 32; at += 32)
                for (size_t i = 0; i < 32; i += 8)
                        found |= special(rti_json_load(s.ptr + at + i));
        for (; at < s.len; at++)
                found |= (unsigned char) s.ptr[at] < 0x20 || (unsigned char) s.ptr[at] >= 0x80;
        return found == 0;
}

size_t
rti_json_strict_string(rt_str s, bool utf8)
{
        size_t at = 0, n;

        while (at < s.len) {
                const unsigned char c = (unsigned char) s.ptr[at];

                if (s.len - at >= 8
                    && !(special(rti_json_load(s.ptr + at)) | backslash(s.ptr + at))) {
                        at += 8;
                        continue;
                }
                if (c < 0x20)
                        return at;
                n = 1;
                if (c == '\\')
                        n = escape(s, at);
                else if (c >= 0x80 && utf8)
                        n = rti_utf8_valid(s.ptr + at, s.len - at);
                if (n == 0)
                        return at;
                at += n;
        }
        return SIZE_MAX;
}
