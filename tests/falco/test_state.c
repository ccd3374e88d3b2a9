/* SPDX-License-Identifier: Apache-2.0 */
/* Tables that plug-ins lend each other, async events, listening. */
#include "scene.h"

/* The ticker with others beside it, and a rule over its events. */
static void
begin(scene *s, const char *const plugins[][2], const char *condition, const char *output)
{
        memset(s, 0, sizeof *s);
        host_init(&s->h);
        for (size_t i = 0; plugins[i][0]; i++)
                cr_assert_eq(host_load(&s->h, plugins[i][0], plugins[i][1]), RT_OK, "%s: %s",
                             plugins[i][0], s->h.message);
        scene_begin(s, "ticker", condition, output);
}

Test(tables, one_plugin_s_table_is_another_one_s)
{
        static const char *const plugins[][2] = {
                { "keeper", "" }, { "ticker", "" }, { "guest", "" }, { NULL, NULL }
        };
        scene s;

        begin(&s, plugins, "ticker.n > 0", "%guest.word %guest.sum %guest.size;");
        cr_expect_eq(run(&s, "ticker", "5"), RT_EOF);
        cr_expect(strstr(s.alerts, " word1 1 1;\n"), "%s", s.alerts);
        cr_expect(strstr(s.alerts, " seen 3 2;\n"), "%s", s.alerts);
        cr_expect(strstr(s.alerts, " word3 6 3;\n"), "%s", s.alerts);
        cr_expect(strstr(s.alerts, " <NA> 506 4;\n"), "%s", s.alerts);
        cr_expect(strstr(s.alerts, " word5 511 5;\n"), "%s", s.alerts);
        scene_done(&s);
}

Test(tables, a_table_in_a_table_is_lent_too)
{
        static const char *const configs[] = { "", "lying" };

        for (size_t i = 0; i < 2; i++) {
                const char *const plugins[][2] = {
                        { "keeper", configs[i] }, { "ticker", "" }, { "guest", "" }, { NULL, NULL }
                };
                scene s;

                begin(&s, plugins, "ticker.n > 0", "is %guest.inner;");
                cr_expect_eq(run(&s, "ticker", "3"), RT_EOF);
                cr_expect(strstr(s.alerts, i ? " is <NA>;\n" : " is 6;\n"), "%s", s.alerts);
                cr_expect_eq(lies(&s), i ? 3 : 0);
                if (i)
                        cr_expect(strstr(s.h.said, "a table in a table has not all that a table "
                                                   "needs"),
                                  "%s", s.h.said);
                scene_done(&s);
        }
}

Test(tables, what_there_is_not_is_refused_with_a_reason)
{
        static const struct {
                const char *plugin, *config, *message;
        } rows[] = {
                { "guest", "wrong_name",
                  "could not initialize plugin 'guest': there is no table 'tacks'" },
                { "guest", "wrong_key",
                  "could not initialize plugin 'guest': table 'ticks' has keys of type 8, not 9" },
        };
        static const struct {
                const char *config, *message;
        } owners[] = {
                { "twice",
                  "could not initialize plugin 'keeper': there is a table 'ticks' already" },
                { "unnamed",
                  "could not initialize plugin 'keeper': a table needs a name, and a type of key "
                  "that there is" },
                { "half",
                  "could not initialize plugin 'keeper': table 'half' has not all functions" },
                { "many", "could not initialize plugin 'keeper': no room for another table" },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                host h;

                host_init(&h);
                cr_expect_eq(host_load(&h, "keeper", ""), RT_OK);
                cr_expect_eq(host_load(&h, rows[i].plugin, rows[i].config), RT_EIO);
                cr_expect_str_eq(h.message, rows[i].message);
                rt_falco_unref(h.falco);
        }
        for (size_t i = 0; i < sizeof owners / sizeof *owners; i++) {
                host h;

                host_init(&h);
                cr_expect_eq(host_load(&h, "keeper", owners[i].config), RT_EIO);
                cr_expect_str_eq(h.message, owners[i].message);
                /* Its tables went with it. */
                cr_expect_eq(host_load(&h, "guest", ""), RT_EIO);
                cr_expect_eq(host_load(&h, "keeper", ""), RT_OK, "%s", h.message);
                rt_falco_unref(h.falco);
        }
}

Test(tables, after_init_it_is_too_late)
{
        static const char *const plugins[][2] = {
                { "keeper", "" }, { "ticker", "" }, { "guest", "late" }, { NULL, NULL }
        };
        scene s;

        begin(&s, plugins, "ticker.n > 0", "%guest.word;");
        cr_expect_eq(run(&s, "ticker", "1"), RT_EOF);
        cr_expect(strstr(s.alerts, " table 'ticks' can only be had in init;\n"), "%s", s.alerts);
        scene_done(&s);
}

Test(tables, workers_take_turns)
{
        static const char *const plugins[][2] = {
                { "keeper", "" }, { "ticker", "" }, { "guest", "" }, { NULL, NULL }
        };
        rt_worker *other = NULL;
        scene s;
        int r;

        begin(&s, plugins, "ticker.n > 0", "%guest.size");
        cr_assert_eq(rt_worker_new(s.engine, NULL, &other), RT_OK);
        cr_expect_eq(rt_worker_open(other, "ticker", "3"), RT_OK);
        do
                r = rt_worker_step(other, on_alert, &s);
        while (r >= 0 || r == RT_EAGAIN);
        cr_expect_eq(run(&s, "ticker", "3"), RT_EOF);
        cr_expect_eq(s.n_alerts, 6);
        rt_worker_unref(other);
        scene_done(&s);
}

#define BOTH_COLUMNS "columns column column add_column columns column column add_column "

Test(tables, every_function_of_an_owner_is_called_for_others)
{
        static const char *const plugins[][2] = { { "ticker", "" },
                                                  { "lender", "" },
                                                  { NULL, NULL } };
        scene s;

        begin(&s, plugins, "ticker.n > 0",
              "%lender.init; %lender.calls; %lender.said; %lender.errors;");
        cr_expect_eq(run(&s, "ticker", "3"), RT_EOF);
        cr_expect(strstr(s.alerts, " " BOTH_COLUMNS "1 1 1 0 1 0 0.1 1 1 0 1 0 0.; "), "%s",
                  s.alerts);
        cr_expect(strstr(s.alerts, "; size get read create write add destroy erase clear ; "
                                   "lent 3 1 0 42 1 0 1 0 0; "
                                   "there is no table 'none_init'|there is no table 'none_open'|"
                                   "there is no table 'none_parse'|"
                                   "there is no table 'none_extract'|;\n"),
                  "%s", s.alerts);
        cr_expect(strstr(s.alerts,
                         "; size get read create write add destroy erase clear each release ; "
                         "lent 3 1 0 42 1 0 1 0 0 0 2; "),
                  "%s", s.alerts);
        cr_expect(strstr(s.alerts, "; ; refused; "), "%s", s.alerts);
        scene_done(&s);
}

Test(tables, what_an_owner_returns_comes_back)
{
        static const struct {
                const char *config, *expected;
        } rows[] = {
                { "failing", "; lent -1 0 1 42 0 1 0 1 1 0 0; x no get|no read|no write?|no create|"
                             "no add|no erase|no clear|no size|no column|no add_column.\n" },
                /* It has no functions to release an entry and to go through all. */
                { "plain", "; size get read create write add destroy erase clear ; "
                           "lent 3 1 0 42 1 0 1 0 0 0 0; " },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *const plugins[][2] = { { "ticker", "" },
                                                   { "lender", rows[i].config },
                                                   { NULL, NULL } };
                scene s;

                begin(&s, plugins, "ticker.n = 2",
                      "%lender.init; %lender.calls; %lender.said; x %lender.errors.");
                cr_expect_eq(run(&s, "ticker", "2"), RT_EOF);
                cr_expect(strstr(s.alerts, rows[i].expected), "%s", s.alerts);
                scene_done(&s);
        }
}

Test(tables, a_table_has_only_so_many_columns)
{
        static const char *const plugins[][2] = { { "lender", "columns" },
                                                  { "ticker", "" },
                                                  { NULL, NULL } };
        scene s;

        begin(&s, plugins, "ticker.n = 1", "%lender.init;");
        cr_expect_eq(run(&s, "ticker", "1"), RT_EOF);
        cr_expect(strstr(s.alerts, " " BOTH_COLUMNS "0 0 1 0 1 0 0.0 0 1 0 1 0 0.;\n"), "%s",
                  s.alerts);
        cr_expect(strstr(s.h.said, "a table lists more columns than can be"), "%s", s.h.said);
        cr_expect_eq(lies(&s), 2);
        scene_done(&s);
}

/* ---- async events ---- */

Test(async, events_come_between_those_of_the_input)
{
        static const char *const plugins[][2] = {
                { "ticker", "" }, { "keeper", "" }, { "herald", "news" }, { NULL, NULL }
        };
        scene s;

        begin(&s, plugins, "ticker.n = 2000", "%keeper.asyncs %herald.rounds %evt.num.");
        cr_expect_eq(run(&s, "ticker", "2000:1"), RT_EOF);
        cr_expect_eq(s.n_alerts, 1, "%s", s.alerts);
        cr_expect_gt(events(&s), 2000);
        cr_expect_not(strstr(s.alerts, " 0 "), "%s", s.alerts);
        cr_expect_eq(run(&s, "ticker", "10"), RT_EOF);
        scene_done(&s);
}

Test(async, what_is_wrong_is_refused)
{
        static const struct {
                const char *config, *message;
                uint64_t lies, sent;
        } rows[] = {
                { "once", ".", 0, 1 },
                { "unknown",
                  "an async event has a name that was not announced, or that does not end.", 1, 0 },
                { "nul", "an async event has a name that was not announced, or that does not end.",
                  1, 0 },
                { "length", "an event's length is not that of its parameters.", 1, 0 },
                { "params", "an event has not the parameters of its type.", 1, 0 },
                { "type", "an event is of a type that it may not be.", 1, 0 },
                { "nothing", "an async event handler needs its owner and an event.", 0, 0 },
                { "heavy", "too many async events wait.", 0, 1 },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *const plugins[][2] = { { "herald", rows[i].config },
                                                   { "ticker", "" },
                                                   { NULL, NULL } };
                scene s;

                begin(&s, plugins, "ticker.n = 1", "is %herald.refused.");
                cr_expect_eq(run(&s, "ticker", "1"), RT_EOF, "%s", rows[i].config);
                cr_expect_eq(s.n_alerts, 1);
                if (i)
                        cr_expect(strstr(s.alerts, rows[i].message), "%s: %s", rows[i].config,
                                  s.alerts);
                cr_expect_eq(lies(&s), rows[i].lies, "%s", rows[i].config);
                cr_expect_eq(events(&s), rows[i].sent + 1, "%s", rows[i].config);
                scene_done(&s);
        }
}

Test(async, nobody_listens_once_inputs_are_closed)
{
        static const char *const plugins[][2] = { { "ticker", "" },
                                                  { "herald", "after" },
                                                  { NULL, NULL } };
        scene s;

        begin(&s, plugins, "ticker.n = 1", "is %herald.refused.");
        cr_expect_eq(run(&s, "ticker", "1"), RT_EOF);
        cr_expect(strstr(s.alerts, " is .\n"), "%s", s.alerts);
        cr_expect_eq(run(&s, "ticker", "1"), RT_EOF);
        cr_expect(strstr(s.alerts,
                         " is no event source that this plugin may give async events is open.\n"),
                  "%s", s.alerts);
        scene_done(&s);
}

Test(async, routines_come_and_go)
{
        static const char *const plugins[][2] = { { "ticker", "" },
                                                  { "herald", "routines" },
                                                  { NULL, NULL } };
        scene s;

        begin(&s, plugins, "ticker.n = 1", "%herald.rounds.");
        cr_expect_eq(run(&s, "ticker", "1"), RT_EOF, "%s", s.h.said);
        cr_expect_eq(s.n_alerts, 1);
        scene_done(&s);
}

Test(async, too_many_are_lost_and_counted)
{
        static const char *const plugins[][2] = { { "ticker", "" },
                                                  { "herald", "flood" },
                                                  { NULL, NULL } };
        rt_loss loss = RT_INIT(rt_loss);
        uint64_t lost = 0;
        scene s;

        begin(&s, plugins, "ticker.n = 1", "x");
        cr_expect_eq(run(&s, "ticker", "1"), RT_EOF);
        for (size_t i = 0; rt_worker_loss(s.worker, i, &loss) == RT_OK; i++)
                if (strcmp(loss.cause, "too many async events waited") == 0)
                        lost = loss.count;
        cr_expect_eq(lost, 5000 - 4096);
        cr_expect_eq(events(&s), 1 + 4096);
        scene_done(&s);
}

Test(async, a_plugin_that_does_not_want_to_ends_the_input)
{
        static const char *const configs[][2] = {
                { "unwilling", "herald:3:set_async_event_handler failed: no more heralds\n" },
                { "deaf", "herald:3:capture_open failed: no more heralds\n" },
        };

        for (size_t i = 0; i < 2; i++) {
                const char *const plugins[][2] = { { "ticker", "" },
                                                   { "herald", configs[i][0] },
                                                   { NULL, NULL } };
                scene s;

                begin(&s, plugins, "ticker.n = 1", "x");
                cr_expect_eq(run(&s, "ticker", "1"), RT_EIO);
                cr_expect(strstr(s.h.said, configs[i][1]), "%s", s.h.said);
                scene_done(&s);
        }
}
