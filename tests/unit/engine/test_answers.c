/* SPDX-License-Identifier: Apache-2.0 */
/* Values that a provider gives later: slow, failing, never, twice, too late, after the worker. */
#include "engine/worker.h"
#include "support/toy.h"
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { DEADLINE_MS = 40, MOST_KEPT = 64 };

static const rt_field_desc fields[] = {
        { "d.answer", NULL, RT_KIND_STRING, RT_FIELD_PURE, 0, 0, "what comes of the name" },
        { "d.second", NULL, RT_KIND_STRING, RT_FIELD_PURE, 0, 0, "the same" },
};
static const char *const reads[] = { "toy.name", "toy.name" };

/* Of one test. */
static struct {
        pthread_mutex_t lock;
        rt_answer *kept[MOST_KEPT];
        unsigned n_kept, n_asked;
        int second; /* what the second, or late, call to give returned */
} all = { .lock = PTHREAD_MUTEX_INITIALIZER };

typedef struct task {
        rt_answer *answer;
        unsigned ms;
        int status, n;
} task;

static const rt_value yes = { .kind = RT_KIND_STRING, .as.s = { "yes", 3 } };

static void *
give(void *user)
{
        task *t = user;
        int r = 0;

        usleep(t->ms * 1000);
        for (int i = 0; i < t->n; i++)
                r = rt_answer_give(t->answer, t->status, t->status > 0 ? &yes : NULL);
        pthread_mutex_lock(&all.lock);
        all.second = r;
        pthread_mutex_unlock(&all.lock);
        rt_answer_unref(t->answer);
        free(t);
        return NULL;
}

static int
later(const rt_event *event, unsigned ms, int status, int n)
{
        rt_answer *answer = rt_event_later(event);
        task *t = malloc(sizeof *t);
        pthread_attr_t attributes;
        pthread_t thread;

        cr_assert(answer && t);
        *t = (task){ answer, ms, status, n };
        pthread_attr_init(&attributes);
        pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
        cr_assert(pthread_create(&thread, &attributes, give, t) == 0);
        pthread_attr_destroy(&attributes);
        return RT_LATER;
}

static int
demand(void *state, const rt_fields_demand *what)
{
        (void) state;
        (void) what;
        return RT_OK;
}

static int
extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *args, size_t n,
        rt_value *ret_value)
{
        static char huge[100000];
        const rt_str name = n && args[0] ? args[0]->as.s : RTI_STR("");
        rt_answer *answer;

        (void) state;
        (void) slot;
        pthread_mutex_lock(&all.lock);
        all.n_asked++;
        pthread_mutex_unlock(&all.lock);
        if (rti_str_is(name, "now")) {
                *ret_value = yes;
                return 1;
        }
        if (rti_str_is(name, "soon"))
                return later(event, 2, 1, 1);
        if (rti_str_is(name, "twice"))
                return later(event, 0, 1, 2);
        if (rti_str_is(name, "none"))
                return later(event, 0, 0, 1);
        if (rti_str_is(name, "fail"))
                return later(event, 0, RT_EIO, 1);
        if (rti_str_is(name, "drop"))
                return later(event, 0, 0, 0);
        if (rti_str_is(name, "late"))
                return later(event, DEADLINE_MS * 3, 1, 1);
        if (rti_str_is(name, "lie"))
                return RT_LATER;
        answer = rt_event_later(event);
        cr_assert(answer);
        if (rti_str_is(name, "wrong")) {
                const rt_value number = { .kind = RT_KIND_UINT64, .as.u = 1 };
                const rt_value list = { .kind = RT_KIND_LIST };

                cr_expect(rt_answer_give(answer, 1, &list) == RT_EINVAL);
                cr_expect(rt_answer_give(answer, 2, &number) == RT_EINVAL);
                cr_expect(rt_answer_give(answer, 1, NULL) == RT_EINVAL);
                cr_expect(rt_answer_give(answer, 1, &number) == RT_OK);
                rt_answer_unref(answer);
        } else if (rti_str_is(name, "huge")) {
                cr_expect(rt_answer_give(answer, 1,
                                         &(rt_value){ .kind = RT_KIND_STRING,
                                                      .as.s = { huge, sizeof huge } })
                          == RT_ELIMIT);
                rt_answer_unref(answer);
        } else if (rti_str_is(name, "sync")) {
                /* Asked, and then known at once. */
                rt_answer_unref(answer);
                *ret_value = yes;
                return 1;
        } else { /* never */
                pthread_mutex_lock(&all.lock);
                cr_assert(all.n_kept < MOST_KEPT);
                all.kept[all.n_kept++] = answer;
                pthread_mutex_unlock(&all.lock);
        }
        return RT_LATER;
}

static rt_fields_ops ops = { .size = sizeof ops,
                             .abi = RT_FIELDS_ABI,
                             .name = "deferred",
                             .fields = fields,
                             .n_fields = 2,
                             .field_stride = sizeof *fields,
                             .reads = reads,
                             .demand = demand,
                             .extract = extract,
                             .deadline_ms = DEADLINE_MS };

static const char rules_text[] =
        "- rule: r\n  desc: d\n  source: toy\n  priority: NOTICE\n  output: o\n"
        "  condition: d.answer = yes or d.second = no\n";

/* ---- memory that any thread uses ---- */

static atomic_size_t live;

static void *
counting(void *ptr, size_t size, void *user)
{
        void *got = size ? realloc(ptr, size) : NULL;

        (void) user;
        if (!size)
                free(ptr);
        if (size && got && !ptr)
                atomic_fetch_add(&live, 1);
        if (!size && ptr)
                atomic_fetch_sub(&live, 1);
        return got;
}

typedef struct world {
        rt_engine *engine;
        rt_worker *worker;
} world;

static void
open_world(world *w)
{
        static const char *const none[] = { NULL };
        const rt_allocator allocator = { sizeof allocator, counting, NULL };
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        rt_ruleset *rules;

        opts.sources = none;
        opts.allocator = &allocator;
        cr_assert(rt_engine_new(&opts, &w->engine) == RT_OK);
        cr_assert(rt_engine_add_source(w->engine, &toy_ops) == RT_OK);
        cr_assert(rt_engine_add_fields(w->engine, &ops) == RT_OK);
        cr_assert(rt_worker_new(w->engine, NULL, &w->worker) == RT_OK);
        cr_assert(rt_compile(w->engine, "r", rti_str_of(rules_text), NULL, &rules) == RT_OK);
        cr_assert(rt_engine_use(w->engine, rules) == RT_OK);
        rt_ruleset_unref(rules);
}

static void
close_world(world *w)
{
        rt_worker_unref(w->worker);
        rt_engine_unref(w->engine);
}

static int
feed(world *w, const char *name)
{
        char line[256];

        snprintf(line, sizeof line, "name=%s\n", name);
        return rt_worker_feed(w->worker, "toy", rti_str_of(line), NULL, NULL);
}

static uint64_t
lost(const world *w, const char *cause)
{
        rt_loss row = RT_INIT(rt_loss);

        for (size_t i = 0; rt_worker_loss(w->worker, i, &row) == RT_OK; i++)
                if (strstr(row.cause, cause) && strcmp(row.part, "deferred") == 0)
                        return row.count;
        return 0;
}

static double
ms_now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}

typedef struct answer_row {
        char name[8];
        int alerts, failed, late;
} answer_row;

/* Of two fields that the rule asks: what fails, fails twice, but the event waits once. */
static answer_row rows[] = {
        { "now", 1, 0, 0 },   { "soon", 1, 0, 0 }, { "twice", 1, 0, 0 }, { "sync", 1, 0, 0 },
        { "none", 0, 0, 0 },  { "fail", 0, 2, 0 }, { "drop", 0, 2, 0 },  { "lie", 0, 2, 0 },
        { "wrong", 0, 2, 0 }, { "huge", 0, 2, 0 }, { "late", 0, 0, 2 },  { "never", 0, 0, 2 },
};

Test(engine_answers, come_or_are_missing_and_counted)
{
        for (size_t i = 0; i < RTI_COUNT(rows); i++) {
                world w;

                open_world(&w);
                cr_expect(feed(&w, rows[i].name) == rows[i].alerts, "%s", rows[i].name);
                cr_expect(lost(&w, "could not be read") == (uint64_t) rows[i].failed, "%s: %d",
                          rows[i].name, (int) lost(&w, "could not be read"));
                cr_expect(lost(&w, "too late") == (uint64_t) rows[i].late, "%s: %d", rows[i].name,
                          (int) lost(&w, "too late"));
                cr_expect(feed(&w, "now") == 1, "%s, and then", rows[i].name);
                close_world(&w);
        }
        usleep(DEADLINE_MS * 4000);
        cr_expect(all.second == RT_ENOENT, "the late one is told");
        while (all.n_kept)
                rt_answer_unref(all.kept[--all.n_kept]);
        cr_expect(live == 0);
}

Test(engine_answers, a_second_one_is_refused)
{
        world w;

        open_world(&w);
        cr_expect(feed(&w, "twice") == 1);
        close_world(&w);
        usleep(20000);
        cr_expect(all.second == RT_EEXIST || all.second == RT_ENOENT);
        cr_expect(live == 0);
}

Test(engine_answers, what_comes_after_the_worker_has_no_effect)
{
        world w;

        open_world(&w);
        cr_expect(feed(&w, "never") == 0);
        close_world(&w);
        cr_assert(all.n_kept == 2);
        cr_expect(rt_answer_give(all.kept[0], 1, &yes) == RT_ENOENT);
        cr_expect(rt_answer_give(all.kept[1], 0, NULL) == RT_ENOENT);
        rt_answer_unref(all.kept[0]);
        rt_answer_unref(all.kept[1]);
        all.n_kept = 0;
        cr_expect(live == 0);
}

Test(engine_answers, a_missed_one_is_not_kept)
{
        world w;
        unsigned asked;

        open_world(&w);
        cr_expect(feed(&w, "soon") == 1);
        asked = all.n_asked;
        cr_expect(feed(&w, "soon") == 1);
        cr_expect(all.n_asked == asked, "the value depends on nothing but the name");
        cr_expect(feed(&w, "never") == 0);
        asked = all.n_asked;
        cr_expect(feed(&w, "never") == 0);
        cr_expect(all.n_asked > asked, "but there was none");
        close_world(&w);
        while (all.n_kept)
                rt_answer_unref(all.kept[--all.n_kept]);
}

Test(engine_answers, who_never_answers_is_not_waited_for_all_the_time)
{
        double begin;
        world w;

        open_world(&w);
        cr_expect(feed(&w, "never") == 0);
        cr_expect(feed(&w, "never") == 0);
        begin = ms_now();
        for (int i = 0; i < 10; i++)
                cr_expect(feed(&w, "never") == 0);
        cr_expect(ms_now() - begin < 3 * DEADLINE_MS, "%f ms", ms_now() - begin);
        cr_expect(lost(&w, "too late") == 24);
        /* It is asked all the same, and what is known at once counts. */
        cr_expect(feed(&w, "now") == 1);
        usleep(DEADLINE_MS * 17 * 1000);
        cr_expect(feed(&w, "soon") == 1, "it is tried again");
        cr_expect(feed(&w, "twice") == 1);
        close_world(&w);
        while (all.n_kept)
                rt_answer_unref(all.kept[--all.n_kept]);
        usleep(20000);
        cr_expect(live == 0);
}

/* ---- a pool ---- */

static int
in_order(const rt_alert *alert, void *user)
{
        uint64_t *last = user;

        cr_expect(rt_alert_event_number(alert) > *last);
        *last = rt_alert_event_number(alert);
        return 0;
}

Test(engine_answers, alerts_of_a_pool_keep_their_order)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_pool *pool;
        uint64_t last = 0;
        int alerts = 0;
        world w;

        open_world(&w);
        opts.workers = 4;
        opts.batch_bytes = 64;
        cr_assert(rt_pool_new(w.engine, &opts, &pool) == RT_OK);
        for (int i = 0; i < 200; i++) {
                static const char lines[4][32] = { "name=soon\n", "name=now\n", "name=none\n",
                                                   "name=twice\n" };
                const int r =
                        rt_pool_feed(pool, "toy", rti_str_of(lines[i * 7 % 4]), in_order, &last);

                cr_assert(r >= 0);
                alerts += r;
        }
        alerts += rt_pool_flush(pool, in_order, &last);
        cr_expect(alerts == 150, "%d", alerts);
        cr_expect(last > 190);
        rt_pool_unref(pool);
        close_world(&w);
        usleep(50000);
        cr_expect(live == 0);
}

Test(engine_answers, outside_of_extract_there_are_none)
{
        rt_event event = RT_INIT(rt_event);

        cr_expect(rt_event_later(NULL) == NULL);
        cr_expect(rt_event_later(&event) == NULL);
        cr_expect(rt_answer_give(NULL, 0, NULL) == RT_EINVAL);
        cr_expect(rt_answer_unref(NULL) == NULL);
}
