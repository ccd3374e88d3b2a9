/* SPDX-License-Identifier: Apache-2.0 */
/* Events and values of plug-ins, in rules; lies are counted and left out. */
#include "scene.h"
#include <criterion/parameterized.h>

/* ---- what is right ---- */

Test(source, all_events_of_all_batches_are_judged)
{
        scene s;

        scene_init(&s, "ticker", "ticker.n > 0", "x");
        cr_expect_eq(run(&s, "ticker", "10"), RT_EOF);
        cr_expect_eq(s.n_alerts, 10);
        cr_expect_eq(run(&s, "ticker", "5:64"), RT_EOF);
        cr_expect_eq(run(&s, "ticker", "0"), RT_EOF);
        cr_expect_eq(s.n_alerts, 15);
        cr_expect_eq(events(&s), 15);
        cr_expect_eq(lies(&s), 0);
        scene_done(&s);
}

Test(source, every_kind_of_field_has_its_value)
{
        scene s;

        scene_init(&s, "ticker",
                   "ticker.n = 2 and ticker.even = true and ticker.text = n2 and ticker.addr = "
                   "10.0.0.2 and ticker.addr6 = 'fe80::2' and ticker.net in (10.0.0.0/8) and "
                   "ticker.words intersects (w4, w9) and not ticker.missing exists and not "
                   "ticker.failing exists and ticker.arg[abc] = abc and ticker.index[7] = 7 and "
                   "ticker.id = 901",
                   "%ticker.text %ticker.n %ticker.even %ticker.since %ticker.addr %ticker.addr6 "
                   "%ticker.words %ticker.numbers %ticker.flags %ticker.arg[k.v] %ticker.index[3] "
                   "%ticker.index %ticker.missing %evt.num %evt.rawtime %evt.pluginname "
                   "%evt.plugininfo %evt.source");
        cr_expect_eq(run(&s, "ticker", "3"), RT_EOF);
        cr_expect_eq(s.n_alerts, 1);
        cr_expect(strstr(s.alerts,
                         " n2 2 true 2000000000 10.0.0.2 fe80::2 (w2,w3,w4) (2,3,4) "
                         "(false,true,false) k.v 3 4711 <NA> 2 2000000000 ticker tick 2 of ticker "
                         "at 2 ticker\n"),
                  "%s", s.alerts);
        scene_done(&s);
}

/* In a process of its own, not all of them come along with the event. */
Test(source, a_rule_may_read_many_arguments)
{
        enum { MANY = 1100 };
        static char rules[MANY * 40 + 256];
        size_t n = 0;
        scene s;

        scene_init(&s, "ticker", "ticker.n > 0", "x");
        n += (size_t) snprintf(rules, sizeof rules,
                               "- rule: r\n  desc: d\n  output: all\n  priority: INFO\n"
                               "  source: ticker\n  condition: >\n    ticker.n > 0");
        for (int i = 0; i < MANY; i++)
                n += (size_t) snprintf(rules + n, sizeof rules - n,
                                       "\n    and ticker.arg[k%d] = k%d", i, i);
        use_rules(&s, rules);
        cr_expect_eq(run(&s, "ticker", "3"), RT_EOF);
        cr_expect_eq(s.n_alerts, 3);
        cr_expect_eq(lies(&s), 0);
        scene_done(&s);
}

Test(source, a_pool_judges_as_one_worker_does)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_pool *pool = NULL;
        scene s;
        int r;

        scene_init(&s, "ticker", "ticker.even = true", "%evt.num %ticker.n");
        opts.workers = 3;
        cr_assert_eq(rt_pool_new(s.engine, &opts, &pool), RT_OK);
        for (int i = 0; i < 4; i++)
                cr_assert_eq(rt_pool_open(pool, "ticker", "100"), RT_OK);
        do
                r = rt_pool_step(pool, on_alert, &s);
        while (r >= 0 || r == RT_EAGAIN);
        cr_expect_eq(r, RT_EOF);
        cr_expect_eq(s.n_alerts, 200);
        cr_expect(strstr(s.alerts, " 102 2\n"), "%s", s.alerts);
        rt_pool_unref(pool);
        scene_done(&s);
}

Test(source, what_cannot_be_opened_is_said)
{
        scene s;

        scene_init(&s, "ticker", "ticker.n > 0", "x");
        cr_expect_eq(run(&s, "ticker", "nothing"), RT_EIO);
        cr_expect(strstr(s.h.said, "ticker:3:open failed: nothing can't be opened\n"), "%s",
                  s.h.said);
        cr_expect_str_eq(s.skipped, "the plug-in cannot open it\n");
        cr_expect_eq(run(&s, "ticker", "2"), RT_EOF);
        cr_expect_eq(s.n_alerts, 2);
        scene_done(&s);
}

Test(source, plugin_versions_are_its_own)
{
        scene s;
        rt_ruleset *rules = NULL;
        static const char good[] = "- required_plugin_versions:\n  - name: ticker\n"
                                   "    version: 1.2.0\n";
        static const char bad[] = "- required_plugin_versions:\n  - name: ticker\n"
                                  "    version: 1.3.0\n";

        scene_init(&s, "ticker", "ticker.n > 0", "x");
        cr_expect_eq(rt_compile(s.engine, "r", (rt_str){ good, sizeof good - 1 }, NULL, &rules),
                     RT_OK);
        rt_ruleset_unref(rules);
        cr_expect_eq(rt_compile(s.engine, "r", (rt_str){ bad, sizeof bad - 1 }, NULL, &rules),
                     RT_ERULES);
        scene_done(&s);
}

Test(source, an_input_that_is_not_finished_is_closed)
{
        scene s;

        scene_init(&s, "ticker", "ticker.n > 0", "x");
        cr_assert_eq(rt_worker_open(s.worker, "ticker", "1000000"), RT_OK);
        while (rt_worker_step(s.worker, on_alert, &s) != 1)
                ;
        scene_done(&s);
}

/* ---- lies ---- */

typedef struct row {
        char name[24];
        int alerts, result;
        uint64_t lies;
        char skipped[80], said[64];
} row;

#define LEN    "an event's length is not that of its parameters\n"
#define PARAMS "an event has not the parameters of its type\n"
#define TYPE   "an event is of a type that it may not be\n"

ParameterizedTestParameters(source, a_lie_is_left_out_and_counted)
{
        static row rows[] = {
                { "truth", 1, RT_EOF, 1, "an event of a batch is NULL\n" },
                { "short", 1, RT_EOF, 1, LEN },
                { "header_only", 1, RT_EOF, 1, PARAMS },
                { "huge", 1, RT_EOF, 1, LEN },
                { "len_less", 1, RT_EOF, 1, LEN },
                { "type", 1, RT_EOF, 1, TYPE },
                { "async_type", 1, RT_EOF, 1, TYPE },
                { "params", 1, RT_EOF, 1, PARAMS },
                { "many_params", 1, RT_EOF, 1, PARAMS },
                { "param_beyond", 1, RT_EOF, 1, LEN },
                { "param_less", 1, RT_EOF, 1, LEN },
                { "id_length", 1, RT_EOF, 1, PARAMS },
                { "id", 1, RT_EOF, 1, "an event has the id of another plug-in\n" },
                { "batch_null", 1, RT_EOF, 1, "",
                  "next_batch returned a number of events and no array" },
                { "batch_size", 1, RT_EOF, 1, "", "next_batch returned more events than can be" },
                { "result", 0, RT_EIO, 1, "the plug-in cannot read on\n",
                  "next_batch returned a result that there is not" },
                { "failure", 1, RT_EIO, 0, "the plug-in cannot read on\n" },
                { "empty", 1, RT_EOF, 0, "" },
                { "open_null", 0, RT_EIO, 0, "the plug-in cannot open it\n" },
                { "open_failure", 0, RT_EIO, 0, "the plug-in cannot open it\n" },
        };

        return cr_make_param_array(row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(row *r, source, a_lie_is_left_out_and_counted)
{
        scene s;

        scene_init(&s, "liar", "evt.num > 0", "%evt.plugininfo");
        cr_expect_eq(run(&s, "liar", r->name), r->result, "%s", r->name);
        cr_expect_eq(s.n_alerts, r->alerts, "%s", r->name);
        cr_expect_eq(lies(&s), r->lies, "%s: %s", r->name, s.h.said);
        cr_expect_str_eq(s.skipped, r->skipped, "%s", r->name);
        cr_expect(strstr(s.h.said, r->said), "%s: %s", r->name, s.h.said);
        cr_expect_eq(run(&s, "liar", "empty"), RT_EOF);
        cr_expect_eq(s.n_alerts, r->alerts + 1);
        scene_done(&s);
}

Test(source, values_that_cannot_be_true_are_missing)
{
        static const char text[] = "extract_fields returned a text that is NULL or does not end";
        static const char address[] =
                "extract_fields returned an address of a length that there is not";
        static const char *const fields[][2] = {
                { "null_array", "extract_fields returned a number of values and no array" },
                { "several", "extract_fields returned several values for a field that has one" },
                { "changed", "extract_fields changed what was asked" },
                { "null_text", text },
                { "endless", text },
                { "address", address },
                { "null_address", address },
                { "long_list", "extract_fields returned more values than can be" },
                { "half_list", text },
        };

        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
                char condition[64], output[64];
                scene s;

                snprintf(condition, sizeof condition, "not liar.%s exists", fields[i][0]);
                snprintf(output, sizeof output, "is %%liar.%s.", fields[i][0]);
                scene_init(&s, "liar", condition, output);
                cr_expect_eq(run(&s, "liar", "empty"), RT_EOF);
                cr_expect_eq(s.n_alerts, 1, "%s", fields[i][0]);
                cr_expect(strstr(s.alerts, " is <NA>.\n"), "%s: %s", fields[i][0], s.alerts);
                cr_expect_eq(lies(&s), 1, "%s: %s", fields[i][0], s.h.said);
                cr_expect(strstr(s.h.said, fields[i][1]), "%s", s.h.said);
                cr_expect(strstr(s.h.said, "; what is so is left out, and counted\n"));
                scene_done(&s);
        }
}

/* Falco's words where the plug-in has none. */
Test(source, an_event_without_a_description_has_its_bytes)
{
        static const char *const rows[][2] = {
                { "empty", " is datalen=4 data=liar.\n" },
                { "long",
                  " is datalen=60 data=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx....\n" },
                { "binary", " is datalen=5 data=<binary>.\n" },
                { "nothing", " is datalen=0 data=.\n" },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                scene s;

                scene_init(&s, "liar", "evt.num > 0", "is %evt.plugininfo.");
                cr_expect_eq(run(&s, "liar", rows[i][0]), RT_EOF);
                cr_expect(strstr(s.alerts, rows[i][1]), "%s: %s", rows[i][0], s.alerts);
                scene_done(&s);
        }
}

Test(source, a_text_without_an_end_is_no_text)
{
        scene s;

        scene_init(&s, "liar", "evt.num > 0", "is %evt.plugininfo.");
        cr_expect_eq(run(&s, "liar", "text_end"), RT_EOF);
        cr_expect(strstr(s.alerts, " is <NA>.\n"), "%s", s.alerts);
        cr_expect(strstr(s.h.said, "event_to_string returned a text that does not end"), "%s",
                  s.h.said);
        scene_done(&s);
}
