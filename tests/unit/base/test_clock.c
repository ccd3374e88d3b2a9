/* SPDX-License-Identifier: Apache-2.0 */
/* Times as text. */
#include "base/clock.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>
#include <time.h>

typedef struct clock_row {
        char zone[24];
        uint64_t time_ns;
        int form;
        char text[RTI_CLOCK_ROOM];
} clock_row;

static clock_row rows[] = {
        { "UTC", 1714557600123456789u, RTI_CLOCK_TIME, "10:00:00.123456789" },
        { "UTC", 1714557600123456789u, RTI_CLOCK_TIME_S, "10:00:00" },
        { "UTC", 1714557600123456789u, RTI_CLOCK_DATETIME, "2024-05-01 10:00:00.123456789" },
        { "UTC", 1714557600123456789u, RTI_CLOCK_DATETIME_S, "2024-05-01 10:00:00" },
        { "UTC", 1714557600123456789u, RTI_CLOCK_ISO_8601, "2024-05-01T10:00:00.123456789+0000" },
        { "UTC", 1714557600123456789u, RTI_CLOCK_ISO_8601_Z, "2024-05-01T10:00:00.123456789Z" },
        { "CET-1CEST", 1714557600000000001u, RTI_CLOCK_TIME, "12:00:00.000000001" },
        { "CET-1CEST", 1714557600000000001u, RTI_CLOCK_DATETIME_S, "2024-05-01 12:00:00" },
        { "CET-1CEST", 1714557600000000001u, RTI_CLOCK_ISO_8601_Z,
          "2024-05-01T10:00:00.000000001Z" },
        { "EST5", 1704067200000000000u, RTI_CLOCK_DATETIME_S, "2023-12-31 19:00:00" },
        { "UTC", 0, RTI_CLOCK_ISO_8601_Z, "1970-01-01T00:00:00.000000000Z" },
        { "UTC", 951782400000000000u, RTI_CLOCK_ISO_8601_Z, "2000-02-29T00:00:00.000000000Z" },
        { "UTC", 4107542399999999999u, RTI_CLOCK_ISO_8601_Z, "2100-02-28T23:59:59.999999999Z" },
        { "UTC", 4107542400000000000u, RTI_CLOCK_ISO_8601_Z, "2100-03-01T00:00:00.000000000Z" },
        { "UTC", UINT64_MAX - 999999999, RTI_CLOCK_ISO_8601_Z, "2554-07-21T23:34:32.709551616Z" },
};

ParameterizedTestParameters(clock, prints_as_the_reference)
{
        return cr_make_param_array(clock_row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(clock_row *row, clock, prints_as_the_reference)
{
        char text[RTI_CLOCK_ROOM + 1] = "";
        size_t len;

        setenv("TZ", row->zone, 1);
        tzset();
        len = rti_clock_text(row->time_ns, (enum rti_clock_form) row->form, text);
        text[len] = '\0';
        cr_assert_str_eq(text, row->text);
}

Test(clock, agrees_with_libc_on_every_day_until_2554)
{
        for (uint64_t day = 0; day < 213503; day++) {
                const uint64_t seconds = day * 86400 + day % 86400;
                const time_t when = (time_t) seconds;
                struct tm parts;
                char ours[RTI_CLOCK_ROOM + 1] = "";
                char theirs[RTI_CLOCK_ROOM];

                gmtime_r(&when, &parts);
                strftime(theirs, sizeof theirs, "%Y-%m-%dT%H:%M:%S.000000000Z", &parts);
                ours[rti_clock_text(seconds * 1000000000, RTI_CLOCK_ISO_8601_Z, ours)] = '\0';
                /* One assertion a day would take minutes. */
                if (strcmp(ours, theirs) != 0)
                        cr_assert_fail("%s, not %s", ours, theirs);
        }
}
