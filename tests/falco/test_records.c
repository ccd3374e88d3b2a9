/* SPDX-License-Identifier: Apache-2.0 */
/* Built-in sources of records, with plug-ins that parse their events, send some, listen. */
#include "scene.h"
#include <unistd.h>

static const char records[] = "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n";

static void
begin(scene *s, const char *const plugins[][2], const char *output)
{
        memset(s, 0, sizeof *s);
        host_init(&s->h);
        for (size_t i = 0; plugins[i][0]; i++)
                cr_assert_eq(host_load(&s->h, plugins[i][0], plugins[i][1]), RT_OK, "%s",
                             s->h.message);
        scene_begin(s, "json", "json.value[/a] exists and notary.seen > 0", output);
}

static int
feed(scene *s)
{
        return rt_worker_feed(s->worker, "json", (rt_str){ records, sizeof records - 1 }, on_alert,
                              s);
}

static const char *const notary[][2] = { { "notary", "" }, { NULL, NULL } };

#define EXPECT(s, text) cr_expect(strstr((s)->alerts, text), "%s", (s)->alerts)

Test(records, a_parser_sees_each_before_rules_do)
{
        scene s;

        begin(&s, notary, "%evt.num %notary.seen: %notary.last;");
        cr_expect_eq(feed(&s), 3);
        EXPECT(&s, " 1 1: 1 json {\"a\":1};\n");
        EXPECT(&s, " 3 3: 3 json {\"a\":3};\n");
        cr_expect_eq(feed(&s), 3);
        EXPECT(&s, " 6 6: 6 json {\"a\":3};\n");
        scene_done(&s);
}

Test(records, a_listener_knows_when_a_worker_reads)
{
        scene s;

        begin(&s, notary, "%notary.captures;");
        cr_expect_eq(feed(&s), 3);
        cr_expect_eq(feed(&s), 3);
        EXPECT(&s, " 1-0;\n");
        rt_worker_unref(s.worker);
        cr_assert_eq(rt_worker_new(s.engine, NULL, &s.worker), RT_OK);
        cr_expect_eq(feed(&s), 3);
        EXPECT(&s, " 2-1;\n");
        scene_done(&s);
}

Test(records, a_listener_may_refuse)
{
        static const char *const plugins[][2] = { { "notary", "deaf" }, { NULL, NULL } };
        scene s;

        begin(&s, plugins, "x");
        cr_expect_eq(feed(&s), RT_EIO);
        cr_expect(strstr(s.skipped, "a plug-in cannot listen to it"), "%s", s.skipped);
        cr_expect(strstr(s.h.said, "notary:3:capture_open failed: it is deaf\n"), "%s", s.h.said);
        scene_done(&s);
}

static const char *const heralds[][2] = { { "notary", "" }, { "herald", "once" }, { NULL, NULL } };

Test(records, async_events_are_shown_to_parsers)
{
        scene s;

        begin(&s, heralds, "%notary.asyncs %evt.num;");
        cr_expect_eq(feed(&s), 3);
        EXPECT(&s, " 1 1;\n");
        EXPECT(&s, " 1 3;\n");
        scene_done(&s);
}

Test(records, recordings_get_no_async_events)
{
        char path[] = "/tmp/recordsXXXXXX";
        const int fd = mkstemp(path);
        scene s;

        cr_assert_geq(fd, 0);
        cr_assert_eq(write(fd, records, sizeof records - 1), (ssize_t) sizeof records - 1);
        close(fd);
        begin(&s, heralds, "%notary.asyncs %notary.captures;");
        cr_expect_eq(run(&s, "json", path), RT_EOF);
        EXPECT(&s, " 0 1-0;\n");
        cr_expect_eq(feed(&s), 3);
        EXPECT(&s, " 1 2-1;\n");
        scene_done(&s);
        unlink(path);
}

Test(records, what_has_no_room_is_counted)
{
        static const char *const plugins[][2] = { { "notary", "" },
                                                  { "herald", "flood" },
                                                  { NULL, NULL } };
        rt_loss loss = RT_INIT(rt_loss);
        uint64_t lost = 0;
        scene s;

        begin(&s, plugins, "%notary.asyncs;");
        cr_expect_eq(feed(&s), 3);
        for (size_t i = 0; rt_worker_loss(s.worker, i, &loss) == RT_OK; i++)
                if (strcmp(loss.cause, "too many async events waited") == 0)
                        lost += loss.count;
        cr_expect_eq(lost, 5000 - 4096);
        EXPECT(&s, " 4096;\n");
        scene_done(&s);
}

static int
count(const rt_alert *alert, void *user)
{
        (void) alert;
        ++*(unsigned *) user;
        return RT_OK;
}

Test(records, workers_of_a_pool_share_the_parser)
{
        enum { LINES = 20000 };
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        char path[] = "/tmp/recordsXXXXXX";
        FILE *file = fdopen(mkstemp(path), "w");
        rt_pool *pool = NULL;
        unsigned alerts = 0;
        scene s;
        int r;

        cr_assert(file);
        for (int i = 0; i < LINES; i++)
                fprintf(file, "{\"a\":%d}\n", i);
        cr_assert_eq(fclose(file), 0);
        begin(&s, notary, "%notary.seen;");
        opts.workers = 2;
        cr_assert_eq(rt_pool_new(s.engine, &opts, &pool), RT_OK);
        cr_assert_eq(rt_pool_open(pool, "json", path), RT_OK);
        do
                r = rt_pool_step(pool, count, &alerts);
        while (r >= 0 || r == RT_EAGAIN);
        cr_expect_eq(r, RT_EOF);
        cr_expect_eq(alerts, LINES);
        rt_pool_unref(pool);
        s.alerts[0] = '\0';
        cr_expect_eq(feed(&s), 3);
        EXPECT(&s, " 20003;\n");
        unlink(path);
        scene_done(&s);
}
