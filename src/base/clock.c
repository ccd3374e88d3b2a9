/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.c - times as text.
 *
 * in: nanoseconds since 1970, unsigned as the reference takes them (2554 is the last year);
 * out: digits. Does not allocate. UTC is computed here: libc's conversions take a lock.
 */
#include "base/clock.h"
#include <time.h>

enum { SECONDS_PER_DAY = 86400, NS_PER_SECOND = 1000000000 };

/* The Gregorian calendar, by days since 1970 (H. Hinnant's "days from civil", backwards). */
static void
utc(uint64_t seconds, struct tm *ret_time)
{
        const uint64_t day = seconds / SECONDS_PER_DAY + 719468; /* since 0000-03-01 */
        const uint64_t second = seconds % SECONDS_PER_DAY;
        const uint64_t era = day / 146097;
        const uint64_t of_era = day % 146097;
        const uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
        const uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
        const uint64_t month = (5 * of_year + 2) / 153; /* from March */

        *ret_time = (struct tm){
                .tm_mday = (int) (of_year - (153 * month + 2) / 5 + 1),
                .tm_mon = (int) (month < 10 ? month + 2 : month - 10),
                .tm_year = (int) (year + era * 400 + (month >= 10)) - 1900,
                .tm_hour = (int) (second / 3600),
                .tm_min = (int) (second / 60 % 60),
                .tm_sec = (int) (second % 60),
        };
}

static char *
put(char *to, uint64_t number, int digits)
{
        for (int i = digits; i-- > 0; number /= 10)
                to[i] = (char) ('0' + number % 10);
        return to + digits;
}

static char *
put_date(char *to, const struct tm *time, char separator)
{
        to = put(to, (uint64_t) time->tm_year + 1900, 4);
        *to++ = '-';
        to = put(to, (uint64_t) time->tm_mon + 1, 2);
        *to++ = '-';
        to = put(to, (uint64_t) time->tm_mday, 2);
        *to++ = separator;
        return to;
}

size_t
rti_clock_text(uint64_t time_ns, enum rti_clock_form form, char to[RTI_CLOCK_ROOM])
{
        const bool iso = form == RTI_CLOCK_ISO_8601 || form == RTI_CLOCK_ISO_8601_Z;
        const time_t seconds = (time_t) (time_ns / NS_PER_SECOND);
        struct tm time;
        char *at = to;

        if (iso || !localtime_r(&seconds, &time))
                utc((uint64_t) seconds, &time);
        if (form != RTI_CLOCK_TIME && form != RTI_CLOCK_TIME_S)
                at = put_date(at, &time, iso ? 'T' : ' ');
        at = put(at, (uint64_t) time.tm_hour, 2);
        *at++ = ':';
        at = put(at, (uint64_t) time.tm_min, 2);
        *at++ = ':';
        at = put(at, (uint64_t) time.tm_sec, 2);
        if (form != RTI_CLOCK_TIME_S && form != RTI_CLOCK_DATETIME_S) {
                *at++ = '.';
                at = put(at, time_ns % NS_PER_SECOND, 9);
        }
        if (form == RTI_CLOCK_ISO_8601) {
                *at++ = '+';
                at = put(at, 0, 4);
        } else if (form == RTI_CLOCK_ISO_8601_Z) {
                *at++ = 'Z';
        }
        return (size_t) (at - to);
}
