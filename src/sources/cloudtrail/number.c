/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number.c - a JSON number as a count of bytes, the way the reference reads one.
 *
 *   in   a number as written, which need not be right JSON
 *   out  unsigned integers as they are; others cut to an integer, a negative one modulo 2^64;
 *        beyond that, and for what is no finite number, 2^63; 0 for what is no number at all
 */
#include "sources/cloudtrail/cloudtrail.h"
#include <stdlib.h>

static const uint64_t beyond = (uint64_t) 1 << 63;

static bool
read_digits(rt_str text, uint64_t *ret_value)
{
        uint64_t value = 0;

        for (size_t i = 0; i < text.len; i++) {
                const unsigned digit = (unsigned char) text.ptr[i] - '0';

                if (digit > 9 || value > (UINT64_MAX - digit) / 10)
                        return false;
                value = value * 10 + digit;
        }
        *ret_value = value;
        return text.len > 0;
}

static size_t
digits(rt_str text, size_t at)
{
        size_t n = 0;

        while (at + n < text.len && text.ptr[at + n] >= '0' && text.ptr[at + n] <= '9')
                n++;
        return n;
}

/* -? digits* (. digits+)? ([eE] [+-]? digits+)? with a digit in front of the exponent */
static bool
is_decimal(rt_str text)
{
        size_t at = text.len > 0 && text.ptr[0] == '-';
        size_t n = digits(text, at), more;

        at += n;
        if (at < text.len && text.ptr[at] == '.') {
                more = digits(text, at + 1);
                if (more == 0)
                        return false;
                at += 1 + more;
                n += more;
        }
        if (n > 0 && at < text.len && (text.ptr[at] | 0x20) == 'e') {
                at++;
                at += at < text.len && (text.ptr[at] == '+' || text.ptr[at] == '-');
                more = digits(text, at);
                if (more == 0)
                        return false;
                at += more;
        }
        return n > 0 && at == text.len;
}

uint64_t
rti_cloudtrail_u64(rt_str number)
{
        char copy[64];
        uint64_t value;
        double d;

        if (read_digits(number, &value))
                return value;
        if (!is_decimal(number)) {
                const char last = number.len > 0 ? (char) (number.ptr[number.len - 1] | 0x20) : 0;

                return last == 'n' || last == 'f' ? beyond : 0; /* nan, inf */
        }
        /* More digits than fit do not change what is left of the point by more than the
         * reference's own rounding. */
        if (number.len >= sizeof copy)
                return digits(number, number.ptr[0] == '-') > 20 ? beyond : 0;
        memcpy(copy, number.ptr, number.len);
        copy[number.len] = '\0';
        d = strtod(copy, NULL);
        if (d < 0)
                return d >= -0x1p63 ? (uint64_t) (int64_t) d : beyond;
        return d < 0x1p64 ? (uint64_t) d : beyond;
}
