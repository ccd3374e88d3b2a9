/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time.c - read RFC 3339 times the way Go's time.Parse does; and the clock.
 *
 *   in   the text of a JSON string
 *   out  seconds since 1970 and nanoseconds
 *
 * Reading goes from left to right; `left` is what is not read yet.
 */
#include "sources/jsonkit/time.h"
#include <time.h>

static bool
digit(rt_str s, size_t at)
{
        return at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9';
}

/* A number of @a width digits, or of one digit less where @a or_less. -1: there is none. */
static int
number(rt_str *left, size_t width, bool or_less)
{
        int value = 0;
        size_t n = 0;

        for (; n < width && digit(*left, n); n++)
                value = value * 10 + (left->ptr[n] - '0');
        if (n < width && !(or_less && n == width - 1 && n > 0))
                return -1;
        *left = rti_str_sub(*left, n, left->len);
        return value;
}

static bool
skip(rt_str *left, char c)
{
        if (left->len == 0 || left->ptr[0] != c)
                return false;
        *left = rti_str_sub(*left, 1, left->len);
        return true;
}

static int
month_days(int year, int month)
{
        static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

        return month == 2 && leap ? 29 : days[month - 1];
}

/* Days from 1970-01-01 in the proleptic Gregorian calendar, years 0 to 9999. */
static int64_t
days_from_1970(int year, int month, int day)
{
        /* Counted from a 1 March, so that the leap day is a year's last. */
        const int y = year + 400 - (month <= 2);
        const int m = (month + 9) % 12;

        return (int64_t) y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1
               - (719468 + 146097);
}

static bool
date(rt_str *left, int64_t *ret_days)
{
        const int year = number(left, 4, false);
        const bool dash1 = skip(left, '-');
        const int month = number(left, 2, false);
        const bool dash2 = skip(left, '-');
        const int day = number(left, 2, false);

        if (year < 0 || !dash1 || month < 1 || month > 12 || !dash2 || day < 1
            || day > month_days(year, month))
                return false;
        *ret_days = days_from_1970(year, month, day);
        return true;
}

static bool
time_of_day(rt_str *left, int64_t *ret_seconds)
{
        const int hour = number(left, 2, true);
        const bool colon1 = skip(left, ':');
        const int minute = number(left, 2, false);
        const bool colon2 = skip(left, ':');
        const int second = number(left, 2, false);

        if (hour < 0 || hour > 23 || !colon1 || minute < 0 || minute > 59 || !colon2 || second < 0
            || second > 59)
                return false;
        *ret_seconds = hour * 3600 + minute * 60 + second;
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

static bool
offset(rt_str *left, int64_t *ret_seconds)
{
        const bool behind = left->len > 0 && left->ptr[0] == '-';
        int hours, minutes;
        bool colon;

        *ret_seconds = 0;
        if (skip(left, 'Z'))
                return true;
        if (!behind && (left->len == 0 || left->ptr[0] != '+'))
                return false;
        *left = rti_str_sub(*left, 1, left->len);
        hours = number(left, 2, false);
        colon = skip(left, ':');
        minutes = number(left, 2, false);
        if (hours < 0 || hours > 24 || !colon || minutes < 0 || minutes > 60)
                return false;
        *ret_seconds = (hours * 3600 + minutes * 60) * (behind ? -1 : 1);
        return true;
}

int
rti_time_rfc3339(rt_str text, int64_t *ret_seconds, uint32_t *ret_ns)
{
        rt_str left = text;
        int64_t days, seconds, ahead;
        uint32_t ns;

        if (!date(&left, &days) || !skip(&left, 'T') || !time_of_day(&left, &seconds))
                return RT_EFORMAT;
        ns = fraction(&left);
        if (!offset(&left, &ahead) || left.len > 0)
                return RT_EFORMAT;
        *ret_seconds = days * 86400 + seconds - ahead;
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
