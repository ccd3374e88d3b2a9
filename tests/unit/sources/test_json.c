/* SPDX-License-Identifier: Apache-2.0 */
/* The source json, and the fields json.*. */
#include "sources/builtin.h"
#include "support/source_run.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>

struct row {
        char text[120];
        char tolerant[160];
        unsigned skips;
        char reference[160];
};

ParameterizedTestParameters(json, records)
{
        static struct row rows[] = {
                { "{\"a\":1}\n{\"a\":2}", "0 7 1 {\"a\":1}\n8 9 2 {\"a\":2}\n", 0,
                  "0 7 1 {\"a\":1}\n8 9 2 {\"a\":2}\n" },
                { "{\"a\":1}\r\n\n", "0 7 1 {\"a\":1}\n", 0, "0 7 1 {\"a\":1}\r\n" },
                { " {\"a\":1}", "1 7 1 {\"a\":1}\n", 0, "0 7 -  {\"a\":1}\n" },
                { "{\"a\":1} {\"a\":2}", "0 7 1 {\"a\":1}\n8 9 2 {\"a\":2}\n", 0,
                  "0 7 - {\"a\":1} {\"a\":2}\n" },
                { "{\n\"a\":1\n}", "0 7 1 {\n\"a\":1\n}\n", 0,
                  "0 7 - {\n2 9 - \"a\":1\n8 11 - }\n" },
                { "[{\"a\":1}]", "0 7 - [{\"a\":1}]\n", 0, "0 7 - [{\"a\":1}]\n" },
                { "x\n5\n\"y\"\n{\"a\":[1, 2]}", "8 7 [1,2] {\"a\":[1, 2]}\n", 3,
                  "0 7 - x\n2 9 - 5\n4 11 - \"y\"\n8 13 [1,2] {\"a\":[1, 2]}\n" },
                { "{\"a\":1,}\n{\"a\":2}", "9 7 2 {\"a\":2}\n", 1,
                  "0 7 - {\"a\":1,}\n9 9 2 {\"a\":2}\n" },
                { "{\"a\":1}x", "0 7 1 {\"a\":1}\n", 1, "0 7 - {\"a\":1}x\n" },
                { "{\"a\":\"b\\u0000c\"}", "0 7 b {\"a\":\"b\\u0000c\"}\n", 0,
                  "0 7 b {\"a\":\"b\\u0000c\"}\n" },
        };
        return cr_make_param_array(struct row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct row *row, json, records)
{
        static const char *const fields[] = { "json.value[/a]", NULL };
        static const char *const tolerant[] = { "time", "step", "start", "7", "step", "2", NULL };
        static const char *const reference[] = { "reading", "reference", "time", "step", "start",
                                                 "7",       "step",      "2",    NULL };
        source_run run;

        for (size_t step = 0; step < 30; step = step * 2 + 1) {
                cr_assert_eq(source_run_init(&run, &rti_source_json, tolerant, fields), RT_OK);
                source_run_over(&run, rti_str_of(row->text), step);
                cr_expect_str_eq(source_run_text(&run.events), row->tolerant);
                cr_expect_eq(run.n_skipped, row->skips, "%s", source_run_text(&run.skipped));
                source_run_done(&run);
                cr_assert_eq(source_run_init(&run, &rti_source_json, reference, fields), RT_OK);
                source_run_over(&run, rti_str_of(row->text), step);
                cr_expect_str_eq(source_run_text(&run.events), row->reference);
                cr_expect_eq(run.n_skipped, 0);
                source_run_done(&run);
        }
}

struct pointer {
        char pointer[40];
        char value[80];
};

ParameterizedTestParameters(json, pointers)
{
        static struct pointer rows[] = {
                { "json.value[/a/b]", "1" },
                { "json.value[a/b]", "1" },
                { "jevt.value[/a/b]", "1" },
                { "json.value[/list/1]", "y" },
                { "json.value[/list/01]", "y" },
                { "json.value[/list/+1]", "y" },
                { "json.value[/list/-0]", "x" },
                { "json.value[/list/-1]", "-" },
                { "json.value[/list/2]", "-" },
                { "json.value[/list/18446744073709551616]", "-" },
                { "json.value[/list]", "[\"x\",\"y\"]" },
                { "json.value[/m~1n]", "2" },
                { "json.value[/t~0u]", "3" },
                { "json.value[/~01]", "5" },
                { "json.value[/]", "4" },
                { "json.value[/7]", "6" },
                { "json.value[/list/1/0]", "-" },
                { "json.value[/a/b/c]", "-" },
                { "json.value[/none]", "-" },
                { "json.value[/a]", "{\"b\":1}" },
        };
        return cr_make_param_array(struct pointer, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct pointer *row, json, pointers)
{
        static const char text[] = "{\"a\": {\"b\": 1}, \"list\": [\"x\", \"y\"], \"m/n\": 2, "
                                   "\"t~u\": 3, \"\": 4, \"~1\": 5, \"7\": 6}";
        const char *const fields[] = { row->pointer, NULL };
        static const char *const options[] = { "time", "step", NULL };
        char want[100];
        source_run run;

        snprintf(want, sizeof want, "0 0 %s\n", row->value);
        cr_assert_eq(source_run_init(&run, &rti_source_json, options, fields), RT_OK);
        run.payloads = false;
        source_run_over(&run, rti_str_of(text), 0);
        cr_expect_str_eq(source_run_text(&run.events), want, "%s", row->pointer);
        source_run_done(&run);
}

struct stamp {
        char text[60];
        uint64_t time_ns; /* 0: the clock's */
};

ParameterizedTestParameters(json, times)
{
        static struct stamp rows[] = {
                { "{\"t\":{\"at\":\"1970-01-01T00:00:01.5Z\"}}", 1500000000 },
                { "{\"t\":{\"at\":1700000000}}", 1700000000000000000 },
                { "{\"t\":{\"at\":1700000000.25}}", 1700000000250000000 },
                { "{\"t\":{\"at\":1700000000123}}", 1700000000123000000 },
                { "{\"t\":{\"at\":1700000000123456}}", 1700000000123456000 },
                { "{\"t\":{\"at\":1700000000123456789}}", 1700000000123456789 },
                { "{\"t\":{\"at\":\"1700000000\"}}", 1700000000000000000 },
                { "{\"t\":{\"at\":-5}}", 0 },
                { "{\"t\":{\"at\":1e9}}", 0 },
                { "{\"t\":{\"at\":99999999999999999999}}", 0 },
                { "{\"t\":{}}", 0 },
                { "[]", 0 },
        };
        return cr_make_param_array(struct stamp, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct stamp *row, json, times)
{
        static const char *const options[] = { "time", "/t/at", NULL };
        uint64_t time_ns;
        source_run run;

        cr_assert_eq(source_run_init(&run, &rti_source_json, options, NULL), RT_OK);
        source_run_over(&run, rti_str_of(row->text), 0);
        cr_assert_eq(run.n_events, 1);
        time_ns = strtoull(source_run_text(&run.events) + 2, NULL, 10);
        if (row->time_ns > 0)
                cr_expect_eq(time_ns, row->time_ns, "%s: %ju", row->text, (uintmax_t) time_ns);
        else
                cr_expect_gt(time_ns, 1750000000000000000, "%s: %ju", row->text,
                             (uintmax_t) time_ns);
        source_run_done(&run);
}

Test(json, an_instance_has_the_name_it_was_given)
{
        static const char *const options[] = { "name", "mine", NULL };
        source_run run;

        cr_assert_eq(source_run_init(&run, &rti_source_json, options, NULL), RT_OK);
        cr_assert_str_eq(run.ops->instance_name(run.state), "mine");
        source_run_done(&run);
        cr_assert_eq(source_run_init(&run, &rti_source_json, NULL, NULL), RT_OK);
        cr_assert_null(run.ops->instance_name(run.state));
        source_run_done(&run);
}
