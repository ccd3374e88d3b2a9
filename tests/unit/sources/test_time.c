/* SPDX-License-Identifier: Apache-2.0 */
/* Times as Go's RFC 3339 parser takes them. */
#include "sources/jsonkit/time.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>

struct row {
        char text[48];
        int64_t seconds; /* INT64_MIN: refused */
        uint32_t ns;
};

ParameterizedTestParameters(time, readings)
{
        static struct row rows[] = {
                { "1970-01-01T00:00:00Z", 0, 0 },
                { "2024-05-01T10:00:00Z", 1714557600, 0 },
                { "2024-05-01T10:00:00.123456789Z", 1714557600, 123456789 },
                { "2024-05-01T10:00:00.1234567890123Z", 1714557600, 123456789 },
                { "2024-05-01T10:00:00,5Z", 1714557600, 500000000 },
                { "2024-05-01T9:00:00Z", 1714554000, 0 },
                { "2024-05-01T10:00:00+02:00", 1714550400, 0 },
                { "2024-05-01T10:00:00-02:30", 1714566600, 0 },
                { "2024-05-01T10:00:00+24:60", 1714467600, 0 },
                { "1969-12-31T23:59:59.5Z", -1, 500000000 },
                { "0001-01-01T00:00:00Z", RTI_TIME_ZERO_SECONDS, 0 },
                { "0000-02-29T00:00:00Z", -62162121600, 0 },
                { "9999-12-31T23:59:59Z", 253402300799, 0 },
                { "2000-02-29T00:00:00Z", 951782400, 0 },
                { "1900-02-29T00:00:00Z", INT64_MIN, 0 },
                { "2024-02-30T00:00:00Z", INT64_MIN, 0 },
                { "2024-13-01T00:00:00Z", INT64_MIN, 0 },
                { "2024-00-01T00:00:00Z", INT64_MIN, 0 },
                { "2024-05-00T00:00:00Z", INT64_MIN, 0 },
                { "2024-5-01T00:00:00Z", INT64_MIN, 0 },
                { "2024-05-01T24:00:00Z", INT64_MIN, 0 },
                { "2024-05-01T10:60:00Z", INT64_MIN, 0 },
                { "2024-05-01T10:00:60Z", INT64_MIN, 0 },
                { "2024-05-01T:00:00Z", INT64_MIN, 0 },
                { "2024-05-01T10:0:00Z", INT64_MIN, 0 },
                { "2024-05-01T10:00:00.Z", INT64_MIN, 0 },
                { "2024-05-01T10:00:00", INT64_MIN, 0 },
                { "2024-05-01t10:00:00z", INT64_MIN, 0 },
                { "2024-05-01 10:00:00Z", INT64_MIN, 0 },
                { "2024-05-01T10:00:00Z ", INT64_MIN, 0 },
                { " 2024-05-01T10:00:00Z", INT64_MIN, 0 },
                { "2024-05-01T10:00:00+25:00", INT64_MIN, 0 },
                { "2024-05-01T10:00:00+00:61", INT64_MIN, 0 },
                { "2024-05-01T10:00:00+2:00", INT64_MIN, 0 },
                { "2024-05-01T10:00:00+0200", INT64_MIN, 0 },
                { "2024-05-01", INT64_MIN, 0 },
                { "", INT64_MIN, 0 },
        };
        return cr_make_param_array(struct row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct row *row, time, readings)
{
        int64_t seconds = INT64_MIN;
        uint32_t ns = 0;
        const int r = rti_time_rfc3339(rti_str_of(row->text), &seconds, &ns);

        cr_expect_eq(r, row->seconds == INT64_MIN ? RT_EFORMAT : RT_OK, "'%s'", row->text);
        cr_expect_eq(seconds, row->seconds, "'%s': %jd", row->text, (intmax_t) seconds);
        cr_expect_eq(ns, row->ns, "'%s': %u", row->text, ns);
}

Test(time, every_beginning_of_a_time_is_refused)
{
        const rt_str whole = RTI_STR("2024-05-01T10:00:00.123+02:00");
        int64_t seconds;
        uint32_t ns;

        for (size_t n = 0; n < whole.len; n++)
                cr_expect_eq(rti_time_rfc3339(rti_str_sub(whole, 0, n), &seconds, &ns), RT_EFORMAT);
        cr_expect_eq(rti_time_rfc3339(whole, &seconds, &ns), RT_OK);
}

/* Is there a digit wherever there was one, everything else as it was, and no number too large? */
static bool
is_right(const char *text, const char *like)
{
        static const int least[] = { 1, 1, 0, 0, 0 }, most[] = { 12, 31, 23, 59, 59 };

        for (size_t i = 0; like[i]; i++) {
                const bool digit = text[i] >= '0' && text[i] <= '9';

                if (like[i] >= '0' && like[i] <= '9' ? !digit : text[i] != like[i])
                        return false;
        }
        for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
                const int n = (text[5 + 3 * i] - '0') * 10 + text[6 + 3 * i] - '0';

                if (n < least[i] || n > most[i])
                        return false;
        }
        return true;
}

Test(time, every_byte_in_every_place_is_looked_at)
{
        static const char like[] = "2024-12-11T10:11:12Z";
        char text[] = "2024-12-11T10:11:12Z";
        int64_t seconds;
        uint32_t ns;

        for (size_t i = 0; like[i]; i++) {
                for (int c = 0; c < 256; c++) {
                        const rt_str s = { text, sizeof text - 1 };

                        text[i] = (char) c;
                        cr_expect_eq(rti_time_rfc3339(s, &seconds, &ns),
                                     is_right(text, like) ? RT_OK : RT_EFORMAT, "%d at %zu", c, i);
                }
                text[i] = like[i];
        }
}

Test(time, every_day_follows_the_day_before)
{
        static const int month_length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
        int64_t expected = -719528; /* 0000-01-01 */
        uint32_t ns;

        for (int y = 0; y < 10000; y++) {
                const bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;

                for (int m = 1; m <= 12; m++) {
                        const int last = month_length[m - 1] + (m == 2 && leap);
                        char text[64];
                        int64_t seconds = 0;

                        snprintf(text, sizeof text, "%04d-%02d-%02dT00:00:00Z", y, m, last);
                        expected += last;
                        cr_assert_eq(rti_time_rfc3339(rti_str_of(text), &seconds, &ns), RT_OK);
                        cr_assert_eq(seconds, (expected - 1) * 86400, "%s", text);
                }
        }
}

Test(time, nanoseconds_wrap)
{
        cr_assert_eq(rti_time_ns(-1, 500000000), UINT64_MAX - 499999999);
}
