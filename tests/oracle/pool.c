/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.c - `pool SOURCE RULES INPUT...`: does a pool judge as one worker does?
 *
 * All alerts of one worker are kept as text and as JSON. Then pools of several numbers of workers,
s of batches and keys read the same inputs: each alert must be the one worker's, byte for
 * byte, at its place.
 */
#include "base/buf.h"
#include "base/vec.h"
#include "lang/lang.h"
#include "libruntime-inputs/gzip.h"
#include <inttypes.h>
#include <libruntime/runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { SHOWN = 5, MOST_ALERTS = 1 << 24 };

static const uint32_t workers[] = { 1, 2, 3, 5 };
static const uint64_t batch_bytes[] = { 4096, 65536, 0 };

/* Events without a time of their own have that of their delivery, which is behind this one. */
static uint64_t started_ns;

typedef struct run {
        const char *source;
        char **inputs;
        int n_inputs;
        RTI_VEC(char *) expected;
        size_t at; /* the alert that comes next */
        uint64_t same, differences, n_events;
        int errors;     /* inputs that one worker could not read to their end */
        char name[128]; /* of the pool at work */
} run;

static void
die(const char *what, int r)
{
        fprintf(stderr, "pool: %s: %s\n", what, rt_status_name(r));
        exit(2);
}

static char *
alert_text(const rt_alert *alert)
{
        rti_buf buf = { .allocator = &rti_alloc_default };
        rt_str text = RTI_STR("(at its delivery)"), json = RTI_STR("");
        const bool timeless = rt_alert_time_ns(alert) >= started_ns;
        int r = timeless ? RT_OK : rt_alert_text(alert, &text);
        char *copy;

        r = r < 0 || timeless ? r : rt_alert_json(alert, &json);
        if (r < 0)
                die("output", r);
        rti_buf_printf(&buf, "%s: %" PRIu64 " %.*s\n%.*s", rt_alert_rule(alert),
                       rt_alert_event_number(alert), RTI_FMT(text), RTI_FMT(json));
        copy = strndup(rti_buf_str(&buf).ptr, rti_buf_str(&buf).len);
        rti_buf_done(&buf);
        return copy;
}

static int
keep(const rt_alert *alert, void *user)
{
        run *s = user;
        const int r =
                rti_vec_push(&s->expected, &rti_alloc_default, alert_text(alert), MOST_ALERTS);

        if (r < 0)
                die("alerts", r);
        return 0;
}

static int
compare(const rt_alert *alert, void *user)
{
        run *s = user;
        char *text = alert_text(alert);
        const char *expected = s->at < s->expected.n ? s->expected.at[s->at] : "(none)";

        if (strcmp(text, expected) == 0)
                s->same++;
        else if (s->differences++ < SHOWN)
                printf("difference: %s: alert %zu:\n  one worker %s\n  pool       %s\n", s->name,
                       s->at, expected, text);
        s->at++;
        free(text);
        return 0;
}

/* An input that cannot be read further ends there; the next one follows. */
static bool
goes_on(const run *s, int r, int *errors)
{
        if (r == RT_EFORMAT || r == RT_ELIMIT || r == RT_EIO)
                return ++*errors <= s->n_inputs;
        return r >= 0 || r == RT_EAGAIN; /* nothing for a while, on a busy machine */
}

static void
judge_alone(run *s, rt_engine *engine)
{
        const rt_worker_opts opts = { .size = sizeof opts, .rule_matching = RT_MATCH_ALL };
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_worker *worker;
        int r = rt_worker_new(engine, &opts, &worker);

        for (int i = 0; r == RT_OK && i < s->n_inputs; i++)
                r = rt_worker_open(worker, s->source, s->inputs[i]);
        while (goes_on(s, r, &s->errors))
                r = rt_worker_step(worker, keep, s);
        if (r != RT_EOF)
                die("one worker", r);
        rt_worker_stats_get(worker, &stats);
        s->n_events = stats.events;
        rt_worker_unref(worker);
}

static void
judge_with_pool(run *s, rt_engine *engine, const rt_pool_opts *opts)
{
        int errors = 0;
        rt_pool *pool;
        int r = rt_pool_new(engine, opts, &pool);

        snprintf(s->name, sizeof s->name, "%s: %u workers, batches of %" PRIu64 "%s%s", s->source,
                 opts->workers, opts->batch_bytes, opts->key ? ", keyed by " : "",
                 opts->key ? opts->key : "");
        s->at = 0;
        for (int i = 0; r == RT_OK && i < s->n_inputs; i++)
                r = rt_pool_open(pool, s->source, s->inputs[i]);
        while (goes_on(s, r, &errors))
                r = rt_pool_step(pool, compare, s);
        if (r != RT_EOF)
                die(s->name, r);
        rt_pool_unref(pool);
        if (s->at == s->expected.n && errors == s->errors)
                return;
        if (s->differences++ < SHOWN)
                printf("difference: %s: %zu alerts instead of %zu, %d inputs fail instead of %d\n",
                       s->name, s->at, s->expected.n, errors, s->errors);
}

static const char *
key_of(const char *source)
{
        return strcmp(source, "syscall") == 0     ? "process"
               : strcmp(source, "k8s_audit") == 0 ? "cluster"
                                                  : "account";
}

static void
judge_with_pools(run *s, rt_engine *engine)
{
        for (size_t i = 0; i < RTI_COUNT(workers); i++)
                for (size_t k = 0; k < RTI_COUNT(batch_bytes); k++)
                        for (unsigned keyed = 0; keyed < 2; keyed++) {
                                const rt_pool_opts opts = {
                                        .size = sizeof opts,
                                        .rule_matching = RT_MATCH_ALL,
                                        .workers = workers[i],
                                        .batch_bytes = batch_bytes[k],
                                        .key = keyed ? key_of(s->source) : NULL,
                                };

                                judge_with_pool(s, engine, &opts);
                        }
}

static rt_engine *
engine_with(const char *path)
{
        rt_ruleset *rules = NULL;
        rt_loader *loader = NULL;
        rt_engine *engine;
        int r = rt_engine_new(NULL, &engine);

#ifdef RT_HAVE_GZIP
        r = r < 0 ? r : rt_engine_add_reader(engine, rt_gzip_reader());
#endif
        r = r < 0 ? r : rt_loader_new(engine, NULL, &loader);
        r = r < 0 ? r : rt_loader_add_path(loader, path, NULL);
        r = r < 0 ? r : rt_loader_compile(loader, NULL, &rules);
        r = r < 0 ? r : rt_engine_use(engine, rules);
        if (r < 0)
                die(path, r);
        rt_ruleset_unref(rules);
        rt_loader_unref(loader);
        return engine;
}

int
main(int argc, char **argv)
{
        struct timespec now;
        run s = { .inputs = argv + 3, .n_inputs = argc - 3 };
        rt_engine *engine;

        if (argc < 4) {
                fprintf(stderr, "usage: pool SOURCE RULES INPUT...\n");
                return 2;
        }
        clock_gettime(CLOCK_REALTIME, &now);
        started_ns = (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
        s.source = argv[1];
        engine = engine_with(argv[2]);
        judge_alone(&s, engine);
        judge_with_pools(&s, engine);
        printf("pool: %s: %" PRIu64 " events, %zu alerts of one worker\n", s.source, s.n_events,
               s.expected.n);
        printf("total: %" PRIu64 " passed, %" PRIu64 " failed, 0 skipped\n", s.same, s.differences);
        for (size_t i = 0; i < s.expected.n; i++)
                free(s.expected.at[i]);
        rti_vec_done(&s.expected, &rti_alloc_default);
        rt_engine_unref(engine);
        return s.differences > 0;
}
