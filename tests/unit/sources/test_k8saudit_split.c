/* SPDX-License-Identifier: Apache-2.0 */
/* How audit events are found in lines, lists and documents. */
#include "sources/builtin.h"
#include "support/source_run.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/* An event whose auditID is N, in the rows below written <N>. */
#define EVENT_HEAD "{\"kind\":\"Event\",\"auditID\":\""
#define EVENT_TAIL                                                                                 \
        "\",\"stage\":\"Panic\",\"stageTimestamp\":\"2024-05-01T10:00:00Z\",\"x\":{\"a\":[\"}\"]}" \
        "}"

struct row {
        char name[60];
        char text[400];
        char tolerant[20];
        unsigned tolerant_skips;
        char reference[20];
        unsigned reference_skips;
};

static void
expand(rti_buf *buf, const char *text)
{
        for (; *text; text++) {
                if (text[0] == '<' && text[1] && text[2] == '>') {
                        rti_buf_add_text(buf, EVENT_HEAD);
                        rti_buf_add_char(buf, text[1]);
                        rti_buf_add_text(buf, EVENT_TAIL);
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

ParameterizedTestParameters(k8saudit_split, shapes)
{
        static struct row rows[] = {
                { "lines", "<A>\n<B>\r\n\n<C>", "ABC", 0, "ABC", 0 },
                { "list", "{\"kind\":\"EventList\",\"items\":[<A>,<B>]}\n<C>", "ABC", 0, "ABC", 0 },
                { "list, its kind last", "{\"items\":[<A>,<B>],\"kind\":\"EventList\"}", "AB", 0,
                  "AB", 0 },
                { "list, indented",
                  "{\n \"kind\": \"EventList\",\n \"items\": [\n  <A>,\n  <B>\n ]\n}", "AB", 0, "B",
                  6 },
                { "list without a kind", "{\"items\":[<A>]}", "A", 0, "", 1 },
                { "list with metadata",
                  "{\"kind\":\"EventList\",\"metadata\":{},\"items\":[<A>,{}]}", "A", 1, "A", 1 },
                { "empty list", "{\"kind\":\"EventList\",\"items\":[]}", "", 0, "", 1 },
                { "array", "[<A>,[<B>,{\"kind\":\"EventList\",\"items\":[<C>]}]]", "ABC", 0, "ABC",
                  0 },
                { "array with a bad neighbour", "[<A>,{\"kind\":\"Pod\"},<B>]\n<C>", "ABC", 1, "C",
                  1 },
                { "element without a time", "[<A>,{\"kind\":\"Event\",\"auditID\":\"x\"},<B>]",
                  "AB", 1, "AB", 1 },
                { "element of a list without a kind",
                  "{\"kind\":\"EventList\",\"items\":[{\"stageTimestamp\":"
                  "\"2024-05-01T10:00:00Z\",\"auditID\":\"A\"}]}",
                  "A", 0, "A", 0 },
                { "event without a kind",
                  "{\"stageTimestamp\":\"2024-05-01T10:00:00Z\",\"auditID\":\"A\"}", "A", 0, "",
                  1 },
                { "two on a line", "<A> <B>\n<C>", "ABC", 0, "C", 1 },
                { "byte order mark", "\xef\xbb\xbf<A>\n<B>", "AB", 0, "B", 1 },
                { "garbage behind", "<A>x\n<B>,\n<C>", "ABC", 1, "C", 2 },
                { "line that is no JSON", "hello\n<A>\n{bad}\n{\n<B>", "AB", 3, "AB", 3 },
                { "blanks", "  \n<A>\n \t\n", "A", 0, "A", 2 },
                { "line cut off", "<A>\n{\"kind\":\"Event\",\"x\":{\n<B>", "AB", 1, "AB", 1 },
                { "scalars", "null\n1\n\"x\"\n<A>", "A", 3, "A", 3 },
                { "another kind", "{\"kind\":\"Pod\",\"items\":[<A>]}\n<B>", "AB", 0, "B", 1 },
                { "time that is none",
                  "{\"kind\":\"Event\",\"auditID\":\"x\",\"stageTimestamp\":5}\n<A>", "A", 1, "A",
                  1 },
                { "an attacker's object in a broken event",
                  "{\"kind\":\"Event\",\"auditID\":\"x\",\"requestObject\":<A>,\"z\":tru}\n<B>",
                  "B", 1, "B", 1 },
        };
        return cr_make_param_array(struct row, rows, sizeof rows / sizeof *rows);
}

static void
check(const struct row *row, rt_str text, size_t step, bool reference)
{
        static const char *const fields[] = { "ka.auditid", NULL };
        const char *const options[] = { "reading", reference ? "reference" : "tolerant", NULL };
        const char *want = reference ? row->reference : row->tolerant;
        char names[40];
        source_run run;

        cr_assert_eq(source_run_init(&run, &rti_source_k8saudit, options, fields), RT_OK);
        run.payloads = false;
        run.live = step % 2;
        source_run_over(&run, text, step);
        names_of(&run, names, sizeof names);
        cr_expect_str_eq(names, want, "%s, %s, %zu a time: %s, not %s", row->name, options[1], step,
                         names, want);
        cr_expect_eq(run.n_skipped, reference ? row->reference_skips : row->tolerant_skips,
                     "%s, %s, %zu a time:\n%s", row->name, options[1], step,
                     source_run_text(&run.skipped));
        cr_expect_eq(run.result, RT_EOF);
        source_run_done(&run);
}

ParameterizedTest(struct row *row, k8saudit_split, shapes)
{
        rti_buf text;

        rti_buf_init(&text, &rti_alloc_default, 0);
        expand(&text, row->text);
        for (size_t step = 0; step <= 200; step = step * 3 + 1) {
                check(row, rti_buf_str(&text), step, false);
                check(row, rti_buf_str(&text), step, true);
        }
        rti_buf_done(&text);
}

/* @a n events, one of them filled up to @a bytes. */
static void
add_lines(rti_buf *text, unsigned n, unsigned long_one, size_t bytes)
{
        for (unsigned i = 0; i < n; i++) {
                const size_t from = text->len;

                expand(text, "<A>");
                while (i == long_one && text->len - from < bytes)
                        rti_buf_add_char(text, ' ');
                rti_buf_add_char(text, '\n');
        }
}

struct long_line {
        unsigned lines, long_one;
        size_t bytes;
        size_t reference; /* events; tolerant: all */
};

ParameterizedTestParameters(k8saudit_split, long_lines)
{
        static struct long_line rows[] = {
                { 3, 1, 65535, 3 },       { 3, 1, 65536, 0 },       { 3, 2, 65536, 0 },
                { 300, 200, 65536, 128 }, { 300, 128, 65536, 128 }, { 300, 127, 65536, 0 },
                { 300, 299, 65536, 256 }, { 300, 10, 65535, 300 },
        };
        return cr_make_param_array(struct long_line, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct long_line *row, k8saudit_split, long_lines)
{
        static const char *const fields[] = { "ka.auditid", NULL };
        static const char *const reference[] = { "reading", "reference", NULL };
        source_run run;
        rti_buf text;

        rti_buf_init(&text, &rti_alloc_default, 0);
        add_lines(&text, row->lines, row->long_one, row->bytes);
        for (size_t step = 0; step < 100000; step += 33333) {
                cr_assert_eq(source_run_init(&run, &rti_source_k8saudit, NULL, fields), RT_OK);
                source_run_over(&run, rti_buf_str(&text), step);
                cr_expect_eq(run.n_events, row->lines);
                cr_expect_eq(run.n_skipped, 0);
                source_run_done(&run);

                cr_assert_eq(source_run_init(&run, &rti_source_k8saudit, reference, fields), RT_OK);
                run.input.max_record_bytes = 64 * 1024 * 1024;
                source_run_over(&run, rti_buf_str(&text), step);
                cr_expect_eq(run.n_events, row->reference, "%u lines, %zu in line %u: %zu events",
                             row->lines, row->bytes, row->long_one, run.n_events);
                cr_expect_eq(run.result, row->reference == row->lines ? RT_EOF : RT_ELIMIT);
                source_run_done(&run);
        }
        rti_buf_done(&text);
}

Test(k8saudit_split, a_payload_shows_what_the_reference_has_read)
{
        static const char *const fields[] = { "ka.stage", "json.value[/kind]", NULL };
        static const char text[] = "{\"k\\u0069nd\":\"\\u0045vent\", \"auditID\":\"x\", "
                                   "\"stage\":\"\\u0041\", "
                                   "\"stageTimestamp\":\"1970-01-01T00:00:00Z\"}";
        source_run run;

        cr_assert_eq(source_run_init(&run, &rti_source_k8saudit, NULL, fields), RT_OK);
        source_run_over(&run, rti_str_of(text), 0);
        cr_expect_str_eq(source_run_text(&run.events),
                         "0 0 A Event {\"kind\":\"Event\",\"auditID\":\"x\",\"stage\":\"\\u0041\","
                         "\"stageTimestamp\":\"1970-01-01T00:00:00Z\"}\n");
        source_run_done(&run);
}
