/* SPDX-License-Identifier: Apache-2.0 */
/* Live inputs: where they pause must not be seen in what is read of them. */
#include "sources/builtin.h"
#include "support/source_run.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

enum source { CLOUDTRAIL, K8S_AUDIT, JSON };

#define CT(id) "{\"eventType\":\"\",\"eventID\":\"" id "\",\"eventTime\":\"2024-05-01T08:00:00Z\"}"
#define AUDIT(id)                                                        \
        "{\"kind\":\"Event\",\"auditID\":\"" id "\",\"stageTimestamp\":" \
        "\"2024-05-01T08:00:00.000000Z\"}"

struct row {
        enum source source;
        bool reference;
        char text[600];
        unsigned events; /* at the least, so that the texts are worth comparing */
};

ParameterizedTestParameters(live, pauses)
{
        static struct row rows[] = {
                { CLOUDTRAIL, false, "{\"Records\":[" CT("1") ",\n" CT("2") "]}", 2 },
                { CLOUDTRAIL, false, "junk, more\n" CT("1") "{\"a\": }" CT("2") "\n{ {" CT("3"),
                  2 },
                { CLOUDTRAIL, false, "{\"Records\" : 7, \"x\": [" CT("1") "], \"y\": {\"z\": 1}}",
                  1 },
                { CLOUDTRAIL, true, "{\"Records\":[" CT("1") "," CT("2") ",{\"eventID\"", 2 },
                { CLOUDTRAIL, true, "{\"Records\":[" CT("1") ",{\"a\" 1}," CT("2") "]}", 2 },
                { K8S_AUDIT, false, AUDIT("1") "\n[" AUDIT("2") "," AUDIT("3") "]\nx\n", 3 },
                { K8S_AUDIT, true, AUDIT("1") "\n[" AUDIT("2") "," AUDIT("3") "]\nx\n", 3 },
                { JSON, false, "{\"a\":1} [1,\n2]\nnot so\n{\"b\":{\"c\":[{}]}}{\"cut", 3 },
                { JSON, true, "{\"a\":1}\n\nx\n{\"b\":2}", 3 },
        };
        return cr_make_param_array(struct row, rows, sizeof rows / sizeof *rows);
}

static void
run_row(const struct row *row, source_run *run, size_t step, bool live)
{
        static const rt_source_ops *const sources[] = { &rti_source_cloudtrail,
                                                        &rti_source_k8saudit, &rti_source_json };
        static const char *const readings[] = { "tolerant", "reference" };
        const char *options[] = {
                "reading", readings[row->reference], NULL, NULL, NULL, NULL, NULL, NULL, NULL
        };

        if (row->source == JSON)
                memcpy(options + 2, (const char *[]){ "time", "step", "start", "7", "step", "2" },
                       6 * sizeof *options);
        cr_assert_eq(source_run_init(run, sources[row->source], options, NULL), RT_OK);
        run->live = live;
        source_run_over(run, rti_str_of(row->text), step);
        cr_expect_eq(run->result, RT_EOF);
}

ParameterizedTest(struct row *row, live, pauses)
{
        source_run plain, live;

        for (size_t step = 1; step < sizeof row->text; step += 1 + step / 8) {
                run_row(row, &plain, step, false);
                run_row(row, &live, step, true);
                cr_expect_geq(plain.n_events, row->events, "%zu of %s", plain.n_events, row->text);
                cr_expect_str_eq(source_run_text(&live.events), source_run_text(&plain.events));
                cr_expect_str_eq(source_run_text(&live.skipped), source_run_text(&plain.skipped));
                source_run_done(&plain);
                source_run_done(&live);
        }
}
