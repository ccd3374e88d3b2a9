/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Callbacks that call what called them, and threads that use what another one has: refused with
 * RT_EBUSY, or allowed and right. Objects that a callback lets go of live until the call is over.
 */
#include "support/toy.h"
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>

static const char two_rules[] =
        "- rule: one\n  desc: d\n  condition: toy.name = x and mine.field = 1\n"
        "  output: o %mine.field\n  priority: NOTICE\n  source: toy\n"
        "- rule: two\n  desc: d\n  condition: toy.name = y\n  output: o\n"
        "  priority: NOTICE\n  source: toy\n";

typedef struct scene {
        rt_engine *engine;
        rt_ruleset *rules;
        rt_worker *worker;
        rt_pool *pool;
        rt_loader *loader;
        char said[512]; /* what calls within callbacks returned */
        bool in_extract, in_source, in_item;
        unsigned created, destroyed;
} scene;

static scene *now; /* of the test that runs: one in each process */

static void
say(const char *call, int status)
{
        const size_t used = strlen(now->said);

        snprintf(now->said + used, sizeof now->said - used, "%s%s %s", used ? ", " : "", call,
                 status >= 0 ? "ok" : rt_status_name(status) + strlen("RT_"));
}

/* All that a worker can be asked to do. */
static void
try_worker(void)
{
        rt_verdict verdict = RT_INIT(rt_verdict);
        rt_loss loss = RT_INIT(rt_loss);
        rt_worker *w = now->worker;
        rt_str text = RTI_STR("");
        int r;

        say("feed", rt_worker_feed(w, "toy", RTI_STR("name=y\n"), NULL, NULL));
        say("step", rt_worker_step(w, NULL, NULL));
        say("decide", rt_worker_decide(w, "toy", RTI_STR("name=y\n"), NULL, &verdict));
        say("configure", rt_worker_configure(w, "toy", NULL, 0, NULL));
        say("open", rt_worker_open(w, "toy", "/"));
        say("finish", rt_worker_finish(w));
        say("explain", rt_worker_explain(w, "one", &text));
        r = rt_worker_loss(w, 0, &loss);
        say("loss", r == RT_ENOENT ? RT_OK : r);
        say("profile", rt_worker_profile(w, &text));
        say("use", rt_engine_use(now->engine, now->rules));
}

/* ---- a field of the host, a source, an item ---- */

static int
make(const rt_fields_config *config, void **ret_state)
{
        now->created++;
        *ret_state = config->user;
        return RT_OK;
}

static void
unmake(void *state)
{
        ((scene *) state)->destroyed++;
}

static int
demand(void *state, const rt_fields_demand *what)
{
        (void) state;
        (void) what;
        return RT_OK;
}

static int
extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *reads,
        size_t n_reads, rt_value *ret_value)
{
        scene *s = state;

        (void) event;
        (void) slot;
        (void) reads;
        (void) n_reads;
        if (s->in_extract) {
                s->in_extract = false;
                try_worker();
        }
        *ret_value = (rt_value){ .kind = RT_KIND_UINT64, .as.u = 1 };
        return 1;
}

static const rt_field_desc fields[] = { { "mine.field", NULL, RT_KIND_UINT64, 0, 0, 0, "one" } };
static const char *const toys[] = { "toy", NULL };

static int
next(void *state, rt_input *input, rt_event *event)
{
        if (now->in_source) {
                now->in_source = false;
                try_worker();
        }
        return toy_next(state, input, event);
}

static int
load_item(rt_loader *loader, const rt_item *item, char *message, size_t room, void *user)
{
        static const char more[] = "- list: l\n  items: [a]\n";
        rt_fields_ops none = RT_INIT(rt_fields_ops);
        rt_ruleset *rules = NULL;
        rt_str text;

        (void) item;
        (void) message;
        (void) room;
        (void) user;
        say("add", rt_loader_add(loader, "more", rti_str_of(more), NULL));
        say("fields", rt_loader_add_fields(loader, &none));
        say("on_match", rt_loader_on_match(loader, "nothing", NULL, 0));
        say("path", rt_loader_add_path(loader, "/", NULL));
        say("compile", rt_loader_compile(loader, NULL, &rules));
        say("describe", rt_loader_describe(loader, NULL, &text));
        say("dump", rt_loader_dump(loader, "ast", &text));
        say("select", rt_loader_select(loader, 0, RT_SELECT_EXACT, "one"));
        rt_loader_unref(loader);
        return RT_OK;
}

static void
begin(scene *s)
{
        const rt_fields_ops ops = { .size = sizeof ops,
                                    .abi = RT_FIELDS_ABI,
                                    .name = "mine",
                                    .sources = toys,
                                    .fields = fields,
                                    .n_fields = 1,
                                    .field_stride = sizeof *fields,
                                    .user = s,
                                    .create = make,
                                    .destroy = unmake,
                                    .demand = demand,
                                    .extract = extract };
        const rt_item_ops item = {
                .size = sizeof item, .abi = RT_ITEM_ABI, .key = "mine", .load = load_item
        };
        const rt_pool_opts pool = { .size = sizeof pool, .workers = 1 };
        rt_source_ops source = toy_ops;

        now = s;
        source.next = next;
        cr_assert_eq(rt_engine_new(NULL, &s->engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(s->engine, &source), RT_OK);
        cr_assert_eq(rt_engine_add_fields(s->engine, &ops), RT_OK);
        cr_assert_eq(rt_engine_add_item(s->engine, &item), RT_OK);
        cr_assert_eq(rt_loader_new(s->engine, NULL, &s->loader), RT_OK);
        cr_assert_eq(rt_compile(s->engine, "r", rti_str_of(two_rules), NULL, &s->rules), RT_OK);
        cr_assert_eq(rt_engine_use(s->engine, s->rules), RT_OK);
        cr_assert_eq(rt_worker_new(s->engine, NULL, &s->worker), RT_OK);
        cr_assert_eq(rt_pool_new(s->engine, &pool, &s->pool), RT_OK);
}

static void
end(scene *s)
{
        rt_pool_unref(s->pool);
        rt_worker_unref(s->worker);
        rt_loader_unref(s->loader);
        rt_ruleset_unref(s->rules);
        rt_engine_unref(s->engine);
        cr_expect_eq(s->created, s->destroyed);
}

static int
feed(scene *s, rt_alert_fn fn)
{
        return rt_worker_feed(s->worker, "toy", RTI_STR("name=x\nname=y\n"), fn, s);
}

/* ---- callbacks ---- */

static const char refused[] = "feed EBUSY, step EBUSY, decide EBUSY, configure EBUSY, open EBUSY, "
                              "finish EBUSY, explain EBUSY, loss EBUSY, profile EBUSY, use ok";

Test(turns, fields_and_sources_can_ask_the_worker_nothing)
{
        scene s = { .in_extract = true };

        begin(&s);
        cr_expect_eq(feed(&s, NULL), 2);
        cr_expect_str_eq(s.said, refused);
        s.said[0] = '\0';
        s.in_source = true;
        cr_expect_eq(feed(&s, NULL), 2);
        cr_expect_str_eq(s.said, refused);
        cr_expect_eq(feed(&s, NULL), 2);
        end(&s);
}

static int
ask_worker(const rt_alert *alert, void *user)
{
        scene *s = user;

        (void) alert;
        s->said[0] = '\0';
        try_worker();
        return 0;
}

Test(turns, callbacks_of_alerts_can_ask_about_the_event)
{
        scene s = { 0 };

        begin(&s);
        cr_expect_eq(feed(&s, ask_worker), 2);
        cr_expect_str_eq(s.said, "feed EBUSY, step EBUSY, decide EBUSY, configure EBUSY, "
                                 "open EBUSY, finish EBUSY, explain ok, loss ok, profile ok, "
                                 "use ok");
        cr_expect_eq(feed(&s, NULL), 2);
        end(&s);
}

static int
render_while_explaining(const rt_alert *alert, void *user)
{
        rt_str text;

        now->in_extract = true;
        (void) user;
        cr_expect_eq(rt_alert_text(alert, &text), RT_OK);
        cr_expect_eq(rt_worker_explain(now->worker, "one", &text), RT_OK);
        return 0;
}

/* A field that is read while an alert is written, or explained, explains in turn. */
Test(turns, what_asks_about_itself_comes_to_an_end)
{
        scene s = { 0 };

        begin(&s);
        cr_expect_eq(feed(&s, render_while_explaining), 2);
        cr_expect_eq(feed(&s, NULL), 2);
        end(&s);
}

static int
try_pool(const rt_alert *alert, void *user)
{
        rt_loss loss = RT_INIT(rt_loss);
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_pool *p = now->pool;

        (void) alert;
        (void) user;
        now->said[0] = '\0';
        say("feed", rt_pool_feed(p, "toy", RTI_STR("name=y\n"), NULL, NULL));
        say("step", rt_pool_step(p, NULL, NULL));
        say("flush", rt_pool_flush(p, NULL, NULL));
        say("configure", rt_pool_configure(p, "toy", NULL, 0, NULL));
        say("open", rt_pool_open(p, "toy", "/"));
        say("finish", rt_pool_finish(p));
        say("loss", rt_pool_loss(p, 0, &loss));
        say("stats", rt_pool_stats_get(p, &stats));
        say("use", rt_engine_use(now->engine, now->rules));
        return 0;
}

Test(turns, callbacks_of_a_pool_can_ask_it_little)
{
        scene s = { 0 };

        begin(&s);
        cr_expect_eq(rt_pool_feed(s.pool, "toy", RTI_STR("name=x\nname=y\n"), try_pool, &s), 0);
        cr_expect_eq(rt_pool_flush(s.pool, try_pool, &s), 2);
        cr_expect_str_eq(s.said, "feed EBUSY, step EBUSY, flush EBUSY, configure EBUSY, "
                                 "open EBUSY, finish EBUSY, loss EBUSY, stats ok, use ok");
        cr_expect_eq(rt_pool_feed(s.pool, "toy", RTI_STR("name=y\n"), NULL, NULL), 0);
        cr_expect_eq(rt_pool_flush(s.pool, NULL, NULL), 1);
        end(&s);
}

Test(turns, an_item_can_only_add_and_can_let_the_loader_go)
{
        scene s = { 0 };

        begin(&s);
        cr_expect_eq(rt_loader_add(s.loader, "r", RTI_STR("- mine: 1\n"), NULL), RT_OK);
        s.loader = NULL; /* load_item has let it go */
        cr_expect_str_eq(s.said, "add ok, fields EABI, on_match ENOENT, path EBUSY, "
                                 "compile EBUSY, describe EBUSY, dump EBUSY, select EBUSY");
        end(&s);
}

/* ---- the last reference goes in a callback ---- */

static int
let_worker_go(const rt_alert *alert, void *user)
{
        scene *s = user;
        rt_str text;

        rt_worker_unref(s->worker);
        s->worker = NULL;
        rt_engine_unref(s->engine);
        s->engine = NULL;
        cr_expect_eq(rt_alert_text(alert, &text), RT_OK);
        return RT_EIO;
}

Test(turns, a_worker_that_a_callback_lets_go_lives_until_the_call_is_over)
{
        scene s = { 0 };

        begin(&s);
        cr_expect_eq(feed(&s, let_worker_go), RT_EIO);
        end(&s);
}

static int
let_pool_go(const rt_alert *alert, void *user)
{
        scene *s = user;
        rt_str text;

        rt_pool_unref(s->pool);
        s->pool = NULL;
        cr_expect_eq(rt_alert_text(alert, &text), RT_OK);
        return RT_EIO;
}

Test(turns, a_pool_that_a_callback_lets_go_lives_until_the_call_is_over)
{
        scene s = { 0 };

        begin(&s);
        cr_expect_eq(rt_pool_feed(s.pool, "toy", RTI_STR("name=y\n"), NULL, NULL), 0);
        cr_expect_eq(rt_pool_flush(s.pool, let_pool_go, &s), RT_EIO);
        end(&s);
}

/* ---- two threads ---- */

static void *
feed_there(void *user)
{
        scene *s = user;

        return (void *) (intptr_t) feed(s, NULL);
}

static int
wait_for_other(const rt_alert *alert, void *user)
{
        pthread_t thread;
        void *status;

        (void) alert;
        cr_assert_eq(pthread_create(&thread, NULL, feed_there, user), 0);
        cr_assert_eq(pthread_join(thread, &status), 0);
        cr_expect_eq((intptr_t) status, RT_EBUSY);
        return 0;
}

Test(turns, another_thread_is_told_while_a_callback_runs)
{
        scene s = { 0 };

        begin(&s);
        cr_expect_eq(feed(&s, wait_for_other), 2);
        end(&s);
}

#ifdef RTI_THREAD_CHECKS
enum { ROUNDS = 20000 };

typedef struct feeder {
        scene *s;
        unsigned fed, busy;
} feeder;

static void *
feed_often(void *user)
{
        feeder *f = user;

        for (unsigned i = 0; i < ROUNDS; i++) {
                const int r = feed(f->s, NULL);

                cr_assert(r == 2 || r == RT_EBUSY, "%d", r);
                f->fed += r == 2;
                f->busy += r == RT_EBUSY;
        }
        return NULL;
}

/* In builds with debug information nothing is judged by two at once, wherever they meet. */
Test(turns, two_threads_never_are_in_one_worker)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        scene s = { 0 };
        feeder one = { .s = &s }, two = { .s = &s };
        pthread_t thread;

        begin(&s);
        cr_assert_eq(pthread_create(&thread, NULL, feed_often, &one), 0);
        feed_often(&two);
        cr_assert_eq(pthread_join(thread, NULL), 0);
        cr_assert_eq(rt_worker_stats_get(s.worker, &stats), RT_OK);
        cr_expect_eq(stats.alerts, 2 * ((uint64_t) one.fed + two.fed));
        cr_expect_eq(one.fed + one.busy, ROUNDS);
        end(&s);
}
#endif
