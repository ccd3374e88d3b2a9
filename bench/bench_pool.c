/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_pool.c - several workers beside one, over a CloudTrail log, through the public API.
 *
 *      bench_pool [MEGABYTES [ROUNDS [WORKERS]]]
 *
 * The log is read again and again until there were so many megabytes: it holds 100 MB at most.
 * All make the same alerts as JSON, and the bytes of all alerts in their order must agree.
 * Contenders run one after the other, round by round; ratios are of wall time, inside a round
 * (median) and of the best rounds. CPU time an event is that of all threads. In the keyed row 80 %
 * of the events have one key.
 */
#include "copies.h"
#include "judge.h"
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
        PATH = 4096,
        COPIES = 1000,
        MOST_ROUNDS = 99,
        ID_DIGITS = 12,
        KEYS = 16,
        N_KINDS = 3,
        LOG_MEGABYTES = 100
};

static const char *const kinds[N_KINDS] = { "one worker", "pool", "pool, keyed" };

/* What is read: a log, so many times. */
typedef struct work {
        const char *path;
        unsigned times;
} work;

/* What a run gave. */
typedef struct outcome {
        uint64_t hash, alerts, events;
        double wall_s, cpu_s;
} outcome;

static double
seconds_of(clockid_t clock)
{
        struct timespec t;

        clock_gettime(clock, &t);
        return (double) t.tv_sec + (double) t.tv_nsec / 1e9;
}

static int
on_alert(const rt_alert *alert, void *user)
{
        outcome *o = user;
        rt_str json;

        if (rt_alert_json(alert, &json) < 0)
                bench_die("an alert without JSON");
        for (size_t i = 0; i < json.len; i++)
                o->hash = (o->hash ^ (unsigned char) json.ptr[i]) * 0x100000001b3u;
        o->hash = (o->hash ^ rt_alert_event_number(alert)) * 0x100000001b3u;
        o->alerts++;
        return 0;
}

static void
run_one(rt_engine *engine, const work *log, outcome *o)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_worker *worker;
        int r;

        opts.rule_matching = RT_MATCH_ALL;
        if (rt_worker_new(engine, &opts, &worker) < 0)
                bench_die("no worker");
        for (unsigned i = 0; i < log->times; i++)
                if (rt_worker_open(worker, "aws_cloudtrail", log->path) < 0)
                        bench_die("no log");
        do
                r = rt_worker_step(worker, on_alert, o);
        while (r >= 0);
        if (r != RT_EOF || rt_worker_stats_get(worker, &stats) < 0)
                bench_die(rt_status_name(r));
        o->events = stats.events;
        rt_worker_unref(worker);
}

static void
run_pool(rt_engine *engine, const work *log, unsigned workers, bool keyed, outcome *o)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_pool *pool;
        int r;

        opts.rule_matching = RT_MATCH_ALL;
        opts.workers = workers;
        opts.render = RT_RENDER_JSON;
        opts.key = keyed ? "ct.recipientaccountid" : NULL;
        if (rt_pool_new(engine, &opts, &pool) < 0)
                bench_die("no pool");
        for (unsigned i = 0; i < log->times; i++)
                if (rt_pool_open(pool, "aws_cloudtrail", log->path) < 0)
                        bench_die("no log");
        do
                r = rt_pool_step(pool, on_alert, o);
        while (r >= 0 || r == RT_EAGAIN);
        if (r != RT_EOF || rt_pool_stats_get(pool, &stats) < 0)
                bench_die(rt_status_name(r));
        o->events = stats.events;
        rt_pool_unref(pool);
}

static outcome
run(rt_engine *engine, const work *log, unsigned workers, unsigned kind)
{
        outcome o = { .hash = 0xcbf29ce484222325u };

        o.wall_s = -seconds_of(CLOCK_MONOTONIC);
        o.cpu_s = -seconds_of(CLOCK_PROCESS_CPUTIME_ID);
        if (kind == 0)
                run_one(engine, log, &o);
        else
                run_pool(engine, log, workers, kind == 2, &o);
        o.wall_s += seconds_of(CLOCK_MONOTONIC);
        o.cpu_s += seconds_of(CLOCK_PROCESS_CPUTIME_ID);
        return o;
}

static int
by_size(const void *a, const void *b)
{
        const double x = *(const double *) a, y = *(const double *) b;

        return (x > y) - (x < y);
}

/* Print one ruleset's rows. 1: alerts differ. */
static int
compare(const char *title, const work *log, rt_str rules_text, unsigned rounds, unsigned workers)
{
        double ratios[N_KINDS][MOST_ROUNDS], best[N_KINDS], cpu[N_KINDS];
        rt_ruleset *rules;
        rt_engine *engine;
        outcome first = { 0 };
        int wrong = 0;

        if (rt_engine_new(NULL, &engine) < 0)
                bench_die("no engine");
        rules = bench_load_rules(engine, NULL, rules_text);
        if (rt_engine_use(engine, rules) < 0)
                bench_die("no rules");
        for (unsigned i = 0; i <= rounds; i++) { /* the first warms up */
                double one_s = 0;

                for (unsigned k = 0; k < N_KINDS; k++) {
                        const outcome o = run(engine, log, workers, k);

                        if (i == 0 && k == 0)
                                first = o;
                        wrong |= o.hash != first.hash || o.events != first.events;
                        one_s = k ? one_s : o.wall_s;
                        if (i == 0 || i == 1 || o.wall_s < best[k])
                                best[k] = o.wall_s;
                        if (i == 0 || i == 1 || o.cpu_s < cpu[k])
                                cpu[k] = o.cpu_s;
                        if (i)
                                ratios[k][i - 1] = one_s / o.wall_s;
                }
        }
        printf("%s: %llu events, %llu alerts, %s\n", title, (unsigned long long) first.events,
               (unsigned long long) first.alerts, wrong ? "ALERTS DIFFER" : "all alerts the same");
        for (unsigned k = 0; k < N_KINDS; k++) {
                qsort(ratios[k], rounds, sizeof ratios[k][0], by_size);
                printf("  %-12s %6.2f x one worker (median of rounds), %5.2f x (best rounds), "
                       "%5.0f ns wall, %5.0f ns of CPU an event\n",
                       kinds[k], ratios[k][rounds / 2], best[0] / best[k],
                       best[k] * 1e9 / (double) first.events, cpu[k] * 1e9 / (double) first.events);
        }
        if (workers == 2) {
                char name[128];

                snprintf(name, sizeof name, "two workers, %s", title);
                (void) bench_bar(name, best[0] / best[1], BENCH_AT_LEAST, 1.7);
                snprintf(name, sizeof name, "two workers, 80 %% on one key, %s", title);
                (void) bench_bar(name, best[0] / best[2], BENCH_AT_LEAST, 0.95);
        }
        rt_ruleset_unref(rules);
        rt_engine_unref(engine);
        return wrong;
}

/* Four records in five get the same account, the others one of a few. */
static void
skew_keys(const bench_records *records)
{
        static const char name[] = "\"recipientAccountId\":\"";

        for (size_t i = 0; i < records->n; i++) {
                char *record = records->text + records->starts[i];
                char *at = memmem(record, records->starts[i + 1] - records->starts[i], name,
                                  sizeof name - 1);
                char digits[ID_DIGITS + 1];

                if (!at)
                        continue;
                at += sizeof name - 1;
                snprintf(digits, sizeof digits, "1111111111%02u",
                         (unsigned) (i % 5 ? 0 : 1 + i / 5 % (KEYS - 1)));
                if (strspn(at, "0123456789") == ID_DIGITS)
                        memcpy(at, digits, ID_DIGITS);
        }
}

static void
write_log(const bench_records *records, char *path)
{
        const int fd = mkstemp(path);

        if (fd < 0)
                bench_die("no temporary file");
        for (size_t done = 0; done < records->len;) {
                const ssize_t n = write(fd, records->text + done, records->len - done);

                if (n <= 0)
                        bench_die("no room for a temporary file");
                done += (size_t) n;
        }
        close(fd);
}

int
main(int argc, char **argv)
{
        const unsigned megabytes = bench_number(argc > 1 ? argv[1] : NULL, 400);
        const unsigned held = megabytes < LOG_MEGABYTES ? megabytes : LOG_MEGABYTES;
        const unsigned rounds = bench_number(argc > 2 ? argv[2] : NULL, 9);
        const unsigned workers = bench_number(argc > 3 ? argv[3] : NULL, 2);
        char name[] = "/tmp/bench-pool-XXXXXX", path[PATH];
        work log = { name, (megabytes + LOG_MEGABYTES - 1) / LOG_MEGABYTES };
        rti_buf stock, copied;
        bench_records records;
        int wrong;

        if (!megabytes || !rounds || rounds > MOST_ROUNDS || !workers) {
                fprintf(stderr, "usage: bench_pool [MEGABYTES [ROUNDS [WORKERS]]]\n");
                return 2;
        }
        if (bench_load(bench_cloudtrail, (size_t) held * 1000 * 1000, &records) < 0)
                return 0;
        skew_keys(&records);
        write_log(&records, name);
        snprintf(path, sizeof path, "%s/rules/aws_cloudtrail_rules.yaml", bench_corpus());
        rti_buf_init(&stock, &rti_alloc_default, 0);
        rti_buf_init(&copied, &rti_alloc_default, 0);
        if (bench_add_file(&stock, path, "") < 0 || bench_add_file(&copied, path, "") < 0)
                bench_die("stock rules cannot be read");
        bench_add_copies(&copied, rti_buf_str(&stock), COPIES);
        printf("%u workers, %zu MB of CloudTrail, one record a line\n", workers,
               records.len / 1000 / 1000 * log.times);
        wrong = compare("22 stock rules", &log, rti_buf_str(&stock), rounds, workers);
        wrong |= compare("22 stock rules and 1,000 copies", &log, rti_buf_str(&copied), rounds,
                         workers);
        remove(name);
        rti_buf_done(&stock);
        rti_buf_done(&copied);
        bench_unload(&records);
        return wrong;
}
