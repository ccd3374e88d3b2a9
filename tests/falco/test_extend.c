/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of plug-ins for events that are not their own. */
#include "scene.h"

static void
begin(scene *s, const char *source, const char *condition, const char *output)
{
        memset(s, 0, sizeof *s);
        host_init(&s->h);
        cr_assert_eq(host_load(&s->h, "measurer", NULL), RT_OK, "%s", s->h.message);
        cr_assert_eq(host_load(&s->h, "ticker", NULL), RT_OK, "%s", s->h.message);
        scene_begin(s, source, condition, output);
}

Test(extend, another_plugin_s_events_are_shown_as_they_are)
{
        scene s;

        begin(&s, "ticker", "measurer.payload = ticker and ticker.n = 0 or measurer.payload = 2",
              "%measurer.length %measurer.type %measurer.source %measurer.number;");
        cr_expect_eq(run(&s, "ticker", "3"), RT_EOF);
        cr_expect(strstr(s.alerts, " 39 322 ticker 2;\n"), "%s", s.alerts);
        cr_expect_eq(s.n_alerts, 1);
        scene_done(&s);
}

Test(extend, records_of_built_in_sources_are_shown_as_a_plugin_s)
{
        static const char record[] = "{\"a\":1}\n{\"a\":2}\n";
        scene s;

        begin(&s, "json", "json.value[/a] = 2 and measurer.length > 0",
              "%measurer.length %measurer.source %measurer.payload;");
        cr_expect_eq(rt_worker_feed(s.worker, "json", (rt_str){ record, sizeof record - 1 },
                                    on_alert, &s),
                     1);
        cr_expect(strstr(s.alerts, " 45 json {\"a\":2};\n"), "%s", s.alerts);
        scene_done(&s);
}

static void
begin_twin(scene *s, const char *twin, const char *source, const char *condition)
{
        memset(s, 0, sizeof *s);
        host_init(&s->h);
        cr_assert_eq(host_load(&s->h, "ticker", NULL), RT_OK, "%s", s->h.message);
        cr_assert_eq(host_load(&s->h, twin, NULL), RT_OK, "%s", s->h.message);
        scene_begin(s, source, condition, "%twin.f;");
}

Test(extend, two_plugins_may_have_one_source)
{
        scene s;

        begin_twin(&s, "twin_same", "ticker", "ticker.n = 1 and twin.f = ticker");
        cr_expect_eq(run(&s, "ticker", "2"), RT_EOF);
        cr_expect(strstr(s.alerts, " ticker;\n"), "%s", s.alerts);
        cr_expect_eq(s.n_alerts, 1);
        scene_done(&s);
}

Test(extend, a_plugin_with_a_source_may_have_fields_for_others)
{
        static const char record[] = "{\"a\":1}\n";
        scene s;

        begin_twin(&s, "twin_others", "ticker", "twin.f = ticker");
        cr_expect_eq(run(&s, "ticker", "2"), RT_EOF);
        cr_expect_eq(s.n_alerts, 2);
        scene_done(&s);
        begin_twin(&s, "twin_others", "json", "twin.f = json");
        cr_expect_eq(rt_worker_feed(s.worker, "json", (rt_str){ record, sizeof record - 1 },
                                    on_alert, &s),
                     1);
        scene_done(&s);
        /* And for its own. */
        begin_twin(&s, "twin_others", "twin", "twin.f exists");
        cr_expect_eq(run(&s, "twin", ""), RT_EOF);
        scene_done(&s);
}

Test(extend, names_that_are_built_in_are_the_plugin_s_for_plugins_events)
{
        scene s;

        memset(&s, 0, sizeof s);
        host_init(&s.h);
        cr_assert_eq(host_load(&s.h, "jsonlike", NULL), RT_OK, "%s", s.h.message);
        cr_assert_eq(host_load(&s.h, "ticker", NULL), RT_OK, "%s", s.h.message);
        scene_begin(&s, "ticker", "json.value[/a] = plug:/a and not json.rawtime exists", "x");
        cr_expect(strstr(s.h.said, "jsonlike:5:fields of these names are there already, built in: "
                                   "built-in sources use these"),
                  "%s", s.h.said);
        cr_expect_eq(run(&s, "ticker", "3"), RT_EOF);
        cr_expect_eq(s.n_alerts, 3);
        scene_done(&s);
}
