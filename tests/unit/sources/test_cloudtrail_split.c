/* SPDX-License-Identifier: Apache-2.0 */
/* How CloudTrail records are cut out of deliveries of every shape. */
#include "sources/builtin.h"
#include "support/source_run.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/* A record called N, in the rows below written <N>. */
#define RECORD_HEAD \
        "{\"eventTime\":\"2024-05-01T10:00:00Z\",\"eventType\":\"AwsApiCall\",\"eventName\":\""
#define RECORD_TAIL "\",\"requestParameters\":{\"a\":[{\"b\":\"}\\\"{\"}]}}"

struct row {
        char name[60];
        char text[400];
        char tolerant[40]; /* the names that come out */
        unsigned tolerant_skips;
        char reference[40];
};

/* What `<A>` stands for, and the rest as it is. */
static void
expand(rti_buf *buf, const char *text)
{
        for (; *text; text++) {
                if (text[0] == '<' && text[1] && text[2] == '>') {
                        rti_buf_add_text(buf, RECORD_HEAD);
                        rti_buf_add_char(buf, text[1]);
                        rti_buf_add_text(buf, RECORD_TAIL);
                        text += 2;
                } else {
                        rti_buf_add_char(buf, *text);
                }
        }
}

static void
names_of(const source_run *run, char *to, size_t room)
{
        size_t n = 0;

        for (size_t i = 0; i + 1 < run->events.len; i++)
                if (run->events.ptr[i + 1] == '\n' && n + 1 < room)
                        to[n++] = run->events.ptr[i];
        to[n] = '\0';
}

ParameterizedTestParameters(cloudtrail_split, shapes)
{
        static struct row rows[] = {
                { "wrapper", "{\"Records\":[<A>,<B>]}", "AB", 0, "AB" },
                { "single record", "<A>", "A", 0, "" },
                { "lines", "<A>\n<B>\r\n\n<C>", "ABC", 0, "" },
                { "without anything between", "<A><B>", "AB", 0, "" },
                { "array", "[<A>, <B>]", "AB", 0, "" },
                { "wrapper, indented", "{\n  \"Records\": [\n    <A>,\n    <B>\n  ]\n}\n", "AB", 0,
                  "AB" },
                { "byte order mark", "\xef\xbb\xbf{\"Records\":[<A>]}", "A", 0, "A" },
                { "byte order mark, lines", "\xef\xbb\xbf<A>\n<B>", "AB", 0, "" },
                { "wrapper of another name", "{\"x\":[<A>]}", "A", 0, "A" },
                { "wrapper in a wrapper", "{\"x\":{\"Records\":[<A>,<B>]}}", "AB", 0, "" },
                { "wrapper with members in front", "{\"n\":1,\"m\":\"}\",\"Records\":[<A>]}", "A",
                  0, "A" },
                { "wrapper with members behind", "{\"Records\":[<A>],\"n\":1,\"m\":\"x\"}", "A", 0,
                  "A" },
                { "record as a member", "{\"Records\":<A>}", "A", 0, "A" },
                { "several wrappers", "{\"Records\":[<A>]}{\"Records\":[<B>]}\n{\"Records\":[<C>]}",
                  "ABC", 0, "ABC" },
                { "empty", "", "", 0, "" },
                { "empty wrapper", "{\"Records\":[]}", "", 0, "" },
                { "null", "null", "", 1, "" },
                { "text", "hello, world\n", "", 2, "" },
                { "elements that are none", "{\"Records\":[<A>,5,\"x\",<B>]}", "AB", 2, "AB" },
                { "broken neighbour", "{\"Records\":[<A>,{\"eventTime\":tru},<B>]}", "AB", 1,
                  "AB" },
                { "broken line", "<A>\n{\"eventTime\":tru}\n<B>", "AB", 1, "" },
                { "line cut off", "<A>\n{\"eventTime\":\"20\n<B>\n<C>", "ABC", 1, "" },
                { "line cut off in an object", "<A>\n{\"x\":{\"y\":1\n<B>\n<C>", "ABC", 1, "" },
                { "nested record of a broken one", "{\"eventID\":\"x\",\"y\":<A>,\"z\":tru}\n<B>",
                  "B", 1, "A" },
                { "last record cut off", "{\"Records\":[<A>,<B>,{\"eventTime\":\"2024", "AB", 1,
                  "AB" },
                { "brackets missing", "{\"Records\":[<A>,<B>", "AB", 0, "AB" },
                { "garbage behind", "{\"Records\":[<A>]} and so on", "A", 1, "A" },
                { "garbage in front", "log: {\"Records\":[<A>]}", "A", 1, "A" },
                { "braces in a wrapper's strings",
                  "{\"m\":\"{\",\"{\":\"{}{\\\"\",\"Records\":[<A>]}", "A", 0, "A" },
                { "a quote too many in a wrapper", "{\"Records\":[<A>,\"<B>,<C>]}", "ABC", 1, "A" },
                { "one brace too many in front", "{{\"Records\":[<A>,<B>]}", "AB", 1, "" },
                { "one brace too many between", "{\"Records\":[<A>},<B>]}", "AB", 0, "A" },
                { "record without a time", "{\"Records\":[{\"eventType\":\"AwsApiCall\"},<A>]}",
                  "A", 1, "A" },
                { "record whose time is none",
                  "{\"Records\":[{\"eventType\":\"\",\"eventTime\":\"now\"},<A>]}", "A", 1, "A" },
                { "insight",
                  "[{\"eventType\":\"AwsCloudTrailInsight\",\"eventTime\":\"2024-05-01T10:00:00Z\"}"
                  ","
                  "<A>]",
                  "A", 1, "" },
                { "empty type",
                  "{\"Records\":[{\"eventType\":\"\",\"eventTime\":\"2024-05-01T10:00:00Z\","
                  "\"eventName\":\"A\"}]}",
                  "A", 0, "A" },
        };
        return cr_make_param_array(struct row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct row *row, cloudtrail_split, shapes)
{
        static const char *const fields[] = { "ct.name", NULL };
        static const char *const reference[] = { "reading", "reference", NULL };
        char names[40];
        source_run run;
        rti_buf text;

        rti_buf_init(&text, &rti_alloc_default, 0);
        expand(&text, row->text);
        for (size_t step = 0; step <= 200; step = step * 3 + 1) {
                cr_assert_eq(source_run_init(&run, &rti_source_cloudtrail, NULL, fields), RT_OK);
                run.payloads = false;
                run.live = step % 2;
                source_run_over(&run, rti_buf_str(&text), step);
                names_of(&run, names, sizeof names);
                cr_expect_str_eq(names, row->tolerant, "%s, %zu a time: %s, not %s", row->name,
                                 step, names, row->tolerant);
                cr_expect_eq(run.n_skipped, row->tolerant_skips, "%s, %zu a time:\n%s", row->name,
                             step, source_run_text(&run.skipped));
                cr_expect_eq(run.result, RT_EOF);
                source_run_done(&run);

                cr_assert_eq(source_run_init(&run, &rti_source_cloudtrail, reference, fields),
                             RT_OK);
                run.payloads = false;
                run.live = step % 2;
                source_run_over(&run, rti_buf_str(&text), step);
                names_of(&run, names, sizeof names);
                cr_expect_str_eq(names, row->reference, "%s by the reference, %zu a time: %s",
                                 row->name, step, names);
                cr_expect_eq(run.result, RT_EOF);
                source_run_done(&run);
        }
        rti_buf_done(&text);
}

Test(cloudtrail_split, offsets_and_payloads_are_those_of_the_records)
{
        static const char *const fields[] = { "ct.name", NULL };
        source_run run;
        rti_buf text;
        size_t at;

        rti_buf_init(&text, &rti_alloc_default, 0);
        expand(&text, "{\"Records\":[<A>, <B>]}");
        at = rti_str_find(rti_buf_str(&text), RTI_STR(", {\"eventTime")) + 2;
        cr_assert_eq(source_run_init(&run, &rti_source_cloudtrail, NULL, fields), RT_OK);
        source_run_over(&run, rti_buf_str(&text), 5);
        cr_assert_eq(run.n_events, 2);
        for (const char *line = source_run_text(&run.events), *want = "A"; *line; want = "B") {
                const size_t from = *want == 'A' ? 12 : at;
                const char *payload = strchr(line, '{'), *end = strchr(line, '\n');

                cr_expect_eq(strtoull(line, NULL, 10), from);
                cr_assert(payload && end);
                cr_expect_eq(memcmp(payload, text.ptr + from, (size_t) (end - payload)), 0);
                line = end + 1;
        }
        source_run_done(&run);
        rti_buf_done(&text);
}

Test(cloudtrail_split, a_record_over_the_limit_is_skipped_alone)
{
        static const char *const fields[] = { "ct.name", NULL };
        static const char *const readings[] = { "tolerant", "reference" };

        for (size_t i = 0; i < RTI_COUNT(readings); i++) {
                const char *const options[] = { "reading", readings[i], NULL };
                char names[8];
                source_run run;
                rti_buf text;

                rti_buf_init(&text, &rti_alloc_default, 0);
                expand(&text, "{\"Records\":[<A>,{\"eventID\":\"");
                for (size_t n = 0; n < 3 * 1024 * 1024; n++)
                        rti_buf_add_char(&text, n % 100 ? 'x' : '{');
                expand(&text, "\"},<B>]}");
                cr_assert_eq(source_run_init(&run, &rti_source_cloudtrail, options, fields), RT_OK);
                run.payloads = false;
                source_run_over(&run, rti_buf_str(&text), 10000);
                names_of(&run, names, sizeof names);
                cr_expect_str_eq(names, "AB", "%s: %s", readings[i], names);
                cr_expect_eq(run.n_skipped, 1, "%s", source_run_text(&run.skipped));
                source_run_done(&run);
                rti_buf_done(&text);
        }
}

Test(cloudtrail_split, a_huge_wrapper_is_read_in_pieces)
{
        static const char *const fields[] = { "ct.name", NULL };
        source_run run;
        rti_buf text;

        rti_buf_init(&text, &rti_alloc_default, 0);
        rti_buf_add_text(&text, "{\"n\":1,\"Records\":[");
        for (size_t n = 0; n < 30000; n++)
                expand(&text, n ? ",<A>" : "<A>");
        rti_buf_add_text(&text, "]}");
        cr_assert_gt(text.len, 3 * 1024 * 1024);
        cr_assert_eq(source_run_init(&run, &rti_source_cloudtrail, NULL, fields), RT_OK);
        run.payloads = false;
        source_run_over(&run, rti_buf_str(&text), 65536);
        cr_assert_eq(run.n_events, 30000);
        cr_assert_eq(run.n_skipped, 0);
        cr_assert_leq(run.input.room, 1024 * 1024);
        source_run_done(&run);
        rti_buf_done(&text);
}

Test(cloudtrail_split, damage_ends_the_input_and_is_reported)
{
        static const char *const fields[] = { "ct.name", NULL };
        char names[8];
        source_run run;
        rti_buf text;

        rti_buf_init(&text, &rti_alloc_default, 0);
        expand(&text, "{\"Records\":[<A>,<B>,{\"eventTime\":\"20");
        cr_assert_eq(source_run_init(&run, &rti_source_cloudtrail, NULL, fields), RT_OK);
        run.payloads = false;
        run.broken = RT_EFORMAT;
        source_run_over(&run, rti_buf_str(&text), 100);
        names_of(&run, names, sizeof names);
        cr_expect_str_eq(names, "AB");
        cr_expect_eq(run.n_skipped, 2, "%s", source_run_text(&run.skipped));
        cr_expect_eq(run.result, RT_EOF);
        source_run_done(&run);
        rti_buf_done(&text);
}

Test(cloudtrail_split, the_depth_of_a_record_is_bounded)
{
        static const char *const fields[] = { "ct.name", NULL };
        char names[8];
        source_run run;
        rti_buf text;

        rti_buf_init(&text, &rti_alloc_default, 0);
        expand(&text, "{\"Records\":[<A>,{\"eventTime\":");
        for (size_t n = 0; n < 100000; n++)
                rti_buf_add_text(&text, "{\"eventTime\":");
        for (size_t n = 0; n < 100000; n++)
                rti_buf_add_text(&text, "}");
        expand(&text, "},<B>]}");
        cr_assert_eq(source_run_init(&run, &rti_source_cloudtrail, NULL, fields), RT_OK);
        run.payloads = false;
        source_run_over(&run, rti_buf_str(&text), 0);
        names_of(&run, names, sizeof names);
        cr_expect_str_eq(names, "AB", "%s", names);
        cr_expect_eq(run.n_skipped, 1, "%s", source_run_text(&run.skipped));
        source_run_done(&run);
        rti_buf_done(&text);
}
