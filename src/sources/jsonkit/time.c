/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time.c - read RFC 3339 times the way Go's time.Parse does; and the clock.
 *
 *   in   the text of a JSON string
 *   out  seconds since 1970 and nanoseconds
 *
 * Date and time of day are looked at eight characters at a time.
 */
#include "sources/jsonkit/time.h"
#include <time.h>

static bool
digit(rt_str s, size_t at)
{
        return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

/* Eight characters: digits where @a shape has '0', and otherwise what it has. @a most: 0x76 for
 * each digit and 0x7f for the others, which is what may be added before the sign bit is set.
 * ret_pairs[i]: the number that the digits i and i + 1 make. */
__attribute__((noinline)) static bool
fits(const char *text, const char *shape, const char *most, uint8_t ret_pairs[8])
{
        const uint64_t signs = UINT64_C(0x8080808080808080);
        uint64_t x, wanted, room;

        memcpy(&x, text, sizeof x);
        memcpy(&wanted, shape, sizeof wanted);
        memcpy(&room, most, sizeof room);
        x ^= wanted;
        if ((((x & ~signs) + room) | x) & signs)
                return false;
        x = x * 10 + (x >> 8); /* we are little-endian */
        memcpy(ret_pairs, &x, sizeof x);
        return true;
}

static unsigned
month_days(unsigned year, unsigned month)
{
        static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

        /* A year that 4 and 25 divide is a century's, and of these 16 divides every fourth. */
        if (month == 2 && year % 4 == 0 && (year % 25 != 0 || year % 16 == 0))
                return 29;
        return days[month - 1];
}

/* Days from 1970-01-01 in the proleptic Gregorian calendar, years 0 to 9999. */
static int64_t
days_from_1970(unsigned year, unsigned month, unsigned day)
{
        /* Counted from a 1 March, so that the leap day is a year's last. */
        const unsigned y = year + 400 - (month <= 2);
        const unsigned m = month <= 2 ? month + 9 : month - 3;

        return (int64_t) (y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day)
               - (1 + 719468 + 146097);
}

/* "2006-01-02T15:04:05" */
static bool
date_and_time(const char *text, int64_t *ret_seconds)
{
        uint8_t y[8], d[8], t[8];
        unsigned year;

        if (!fits(text, "0000-00-", "\x76\x76\x76\x76\x7f\x76\x76\x7f", y)
            || !fits(text + 3, "0-00-00T", "\x76\x7f\x76\x76\x7f\x76\x76\x7f", d)
            || !fits(text + 11, "00:00:00", "\x76\x76\x7f\x76\x76\x7f\x76\x76", t))
                return false;
        year = y[0] * 100u + y[2];
        if (d[2] < 1 || d[2] > 12 || d[5] < 1 || d[5] > month_days(year, d[2]) || t[0] > 23
            || t[3] > 59 || t[6] > 59)
                return false;
        *ret_seconds = days_from_1970(year, d[2], d[5]) * 86400 + t[0] * 3600 + t[3] * 60 + t[6];
        return true;
}

static uint32_t
fraction(rt_str *left)
{
        uint32_t ns = 0, unit = 100000000;
        size_t n = 1;

        if (!digit(*left, 1) || (left->ptr[0] != '.' && left->ptr[0] != ','))
                return 0;
        for (; digit(*left, n); n++) {
                ns += unit * (uint32_t) (left->ptr[n] - '0');
                unit /= 10;
        }
        *left = rti_str_sub(*left, n, left->len);
        return ns;
}

/* All of @a left: "Z" or "+07:00". */
static bool
offset(rt_str left, int64_t *ret_seconds)
{
        char text[] = "00:00:00";
        uint8_t t[8];
        int seconds;

        *ret_seconds = 0;
        if (left.len == 1 && left.ptr[0] == 'Z')
                return true;
        if (left.len != 6 || (left.ptr[0] != '-' && left.ptr[0] != '+'))
                return false;
        memcpy(text, left.ptr + 1, 5);
        if (!fits(text, "00:00:00", "\x76\x76\x7f\x76\x76\x7f\x76\x76", t) || t[0] > 24
            || t[3] > 60)
                return false;
        seconds = t[0] * 3600 + t[3] * 60;
        *ret_seconds = left.ptr[0] == '-' ? -seconds : seconds;
        return true;
}

int
rti_time_rfc3339(rt_str text, int64_t *ret_seconds, uint32_t *ret_ns)
{
        enum { HOUR = 11, WHOLE = 19 };
        const bool one_digit = text.len >= WHOLE && text.ptr[HOUR + 1] == ':';
        char padded[WHOLE];
        rt_str left;
        int64_t seconds, ahead;
        uint32_t ns;

        if (text.len < WHOLE)
                return RT_EFORMAT;
        if (one_digit) {
                memcpy(padded, text.ptr, WHOLE - 1);
                memmove(padded + HOUR + 1, padded + HOUR, WHOLE - 1 - HOUR);
                padded[HOUR] = '0';
        }
        if (!date_and_time(one_digit ? padded : text.ptr, &seconds))
                return RT_EFORMAT;
        left = rti_str_sub(text, WHOLE - one_digit, text.len);
        ns = fraction(&left);
        if (!offset(left, &ahead))
                return RT_EFORMAT;
        *ret_seconds = seconds - ahead;
        *ret_ns = ns;
        return RT_OK;
}

uint64_t
rti_time_now_ns(void)
{
        struct timespec now = { 0 };

        (void) clock_gettime(CLOCK_REALTIME, &now);
        return rti_time_ns(now.tv_sec, (uint32_t) now.tv_nsec);
}
