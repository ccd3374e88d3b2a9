/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swap.c - rules are swapped while two threads feed: no event is lost or judged twice, no memory
 * grows.
 *
 *   usage   swap SWAPS
 *
 * Two rulesets match every record, each under its own name and with another output field, so that
 * each record has to raise one alert with the record's own number, whichever rules were in force.
 * With each swap a list that rules ask goes, too, for one with other elements: each event has to
 * see a whole one, and the same all the time. Every 64th swap brings rules that were just loaded,
 * so that old ones die while they are in use. Now and then a swap waits until somebody was fed, so
 * that both go on side by side. Memory is counted by the engine's allocator: its peak in the last
 * tenth is compared with that of
 * the second. Built with TSan by scripts/ci/tsan.sh. Exit: 1, and why on stderr.
 */
#include <inttypes.h>
#include <libruntime/runtime.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEEDERS = 2, RECORDS = 3, FRESH_EVERY = 64, PAUSE_EVERY = 3, TENTHS = 10 };

/* One version of the list has "a" and "b", the next "c" and "d". */
#define WHOLE                                                                               \
        "(json.value[/m/a] in (l) and json.value[/m/b] in (l) and not json.value[/m/c] in " \
        "(l) and not json.value[/m/d] in (l)) or (json.value[/m/c] in (l) and "             \
        "json.value[/m/d] in (l) and not json.value[/m/a] in (l) and not json.value[/m/b] " \
        "in (l))"
#define LIST "- list: l\n  items: []\n  items_at: runtime\n"
static const char fixed[] = "\"a\":\"a\",\"b\":\"b\",\"c\":\"c\",\"d\":\"d\"";

static const char rules_text[2][1024] = {
        "- rule: even\n  desc: d\n  source: json\n  priority: NOTICE\n  tags: [x]\n"
        "  output: at %json.value[/n]\n  condition: json.value[/n] exists and (" WHOLE ")\n" LIST,
        "- rule: odd\n  desc: d\n  source: json\n  priority: NOTICE\n"
        "  output: at %json.value[/m/n]\n  condition: (" WHOLE ") and json.value[/m/n] exists and "
        "evt.num > 0\n" LIST,
};

typedef struct shared {
        rt_engine *engine;
        atomic_uint_fast64_t fed; /* calls, all threads */
        atomic_bool stop, failed;
        atomic_size_t live, peak; /* bytes */
} shared;

typedef struct feeder {
        shared *all;
        uint64_t expected; /* number of the next record that has to raise an alert */
        uint64_t changes;  /* of the rules, as seen by alerts */
        char rule[8];
} feeder;

static void
fail(shared *all, const char *what, uint64_t number)
{
        if (!atomic_exchange(&all->failed, true))
                fprintf(stderr, "swap: %s (%" PRIu64 ")\n", what, number);
}

static void *
resize(void *ptr, size_t size, void *user)
{
        shared *all = user;
        const size_t before = ptr ? malloc_usable_size(ptr) : 0;
        void *got = NULL;
        size_t live, peak;

        if (size)
                got = realloc(ptr, size);
        else
                free(ptr);
        if (size && !got)
                return NULL;
        live = atomic_fetch_add(&all->live, (got ? malloc_usable_size(got) : 0) - before)
               + (got ? malloc_usable_size(got) : 0) - before;
        peak = atomic_load(&all->peak);
        while (live > peak && !atomic_compare_exchange_weak(&all->peak, &peak, live))
                continue;
        return got;
}

static int
on_alert(const rt_alert *alert, void *user)
{
        feeder *f = user;
        char text[24];
        const int len = snprintf(text, sizeof text, "%" PRIu64, f->expected);
        const char *name;
        rt_value value;

        if (rt_alert_field(alert, 0, &name, &value) != RT_OK || value.kind != RT_KIND_STRING
            || value.as.s.len != (size_t) len || memcmp(value.as.s.ptr, text, (size_t) len) != 0)
                fail(f->all, "an event was lost or judged twice", f->expected);
        if (rt_alert_event_number(alert) != f->expected)
                fail(f->all, "an event has another number", rt_alert_event_number(alert));
        if (strcmp(rt_alert_rule(alert), f->rule) != 0)
                f->changes++;
        snprintf(f->rule, sizeof f->rule, "%s", rt_alert_rule(alert));
        f->expected++;
        return 0;
}

static void *
feed(void *user)
{
        feeder *f = user;
        rt_worker *worker = NULL;
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        uint64_t n = 0;

        if (rt_worker_new(f->all->engine, NULL, &worker) < 0) {
                fail(f->all, "no worker", 0);
                return NULL;
        }
        while (!atomic_load(&f->all->stop) && !atomic_load(&f->all->failed)) {
                char records[RECORDS * 128];
                size_t len = 0;

                for (int i = 0; i < RECORDS; i++, n++)
                        len += (size_t) snprintf(records + len, sizeof records - len,
                                                 "{\"n\":%" PRIu64 ",\"m\":{\"n\":%" PRIu64
                                                 ",%s}}\n",
                                                 n + 1, n + 1, fixed);
                if (rt_worker_feed(worker, "json", (rt_str){ records, len }, on_alert, f)
                    != RECORDS)
                        fail(f->all, "a delivery did not raise an alert a record", n);
                atomic_fetch_add(&f->all->fed, 1);
                sched_yield(); /* there may be fewer processors than threads */
        }
        if (rt_worker_stats_get(worker, &stats) != RT_OK || stats.events != n || stats.alerts != n
            || stats.skipped != 0 || f->expected != n + 1)
                fail(f->all, "the counts are wrong", n);
        rt_worker_unref(worker);
        return NULL;
}

/* Wait until somebody was fed. */
static void
wait_fed(shared *all)
{
        const uint64_t seen = atomic_load(&all->fed);

        while (atomic_load(&all->fed) == seen && !atomic_load(&all->failed))
                sched_yield();
}

static void
swap_list(shared *all, uint64_t i)
{
        rt_list *list = NULL;
        int r = rt_list_new(all->engine, RT_KIND_STRING, &list);

        for (int k = 0; k < 40 && r >= 0; k++) {
                char text[8];

                snprintf(text, sizeof text, "f%d", k);
                r = rt_list_add(list, (rt_str){ text, strlen(text) });
        }
        r = r < 0 ? r : rt_list_add(list, (rt_str){ i % 2 ? "a" : "c", 1 });
        r = r < 0 ? r : rt_list_add(list, (rt_str){ i % 2 ? "b" : "d", 1 });
        r = r < 0 ? r : rt_engine_use_list(all->engine, "l", list);
        rt_list_unref(list);
        if (r < 0)
                fail(all, "no list", i);
}

static void
swap_all(shared *all, uint64_t n)
{
        const uint64_t tenth = n / TENTHS ? n / TENTHS : 1;
        rt_ruleset *rules[2] = { NULL, NULL };
        size_t second = 0;

        for (uint64_t i = 0; i < n && !atomic_load(&all->failed); i++) {
                const unsigned which = i % 2;

                if (!rules[which] || i % FRESH_EVERY < 2) {
                        rt_str bytes;

                        /* Compiled once; what was compiled is loaded again and again. */
                        rt_ruleset *fresh = NULL;
                        int r = !rules[which] ? rt_compile(
                                        all->engine, "r",
                                        (rt_str){ rules_text[which], strlen(rules_text[which]) },
                                        NULL, &fresh)
                                              : rt_ruleset_bytes(rules[which], &bytes);

                        if (r == RT_OK && rules[which])
                                r = rt_ruleset_load(all->engine, "r", bytes, 0, NULL, &fresh);
                        if (r < 0) {
                                fail(all, "no rules", i);
                                break;
                        }
                        rt_ruleset_unref(rules[which]);
                        rules[which] = fresh;
                }
                rt_engine_use(all->engine, rules[which]);
                swap_list(all, i / 3);
                if (i % PAUSE_EVERY == 0)
                        wait_fed(all);
                if ((i + 1) % tenth)
                        continue;
                if ((i + 1) / tenth == 2)
                        second = atomic_load(&all->peak);
                if ((i + 1) / tenth == TENTHS && n >= 1000
                    && atomic_load(&all->peak) > second + second / 10)
                        fail(all, "memory grew", atomic_load(&all->peak));
                if ((i + 1) / tenth < TENTHS)
                        atomic_store(&all->peak, atomic_load(&all->live));
        }
        printf("peak of memory: %zu bytes in the second tenth, %zu in the last\n", second,
               atomic_load(&all->peak));
        rt_ruleset_unref(rules[0]);
        rt_ruleset_unref(rules[1]);
}

int
main(int argc, char **argv)
{
        const uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000;
        shared all = { 0 };
        const rt_allocator allocator = { sizeof allocator, resize, &all };
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        feeder feeders[FEEDERS] = { { 0 } };
        pthread_t threads[FEEDERS];
        rt_ruleset *first = NULL;
        int r;

        opts.allocator = &allocator;
        r = rt_engine_new(&opts, &all.engine);
        r = r < 0 ? r
                  : rt_compile(all.engine, "r", (rt_str){ rules_text[0], strlen(rules_text[0]) },
                               NULL, &first);
        r = r < 0 ? r : rt_engine_use(all.engine, first);
        rt_ruleset_unref(first);
        swap_list(&all, 0);
        if (r < 0)
                return fprintf(stderr, "swap: %s\n", rt_status_name(r)), 1;
        for (int i = 0; i < FEEDERS; i++) {
                feeders[i] = (feeder){ .all = &all, .expected = 1 };
                if (pthread_create(&threads[i], NULL, feed, &feeders[i]) != 0)
                        return fprintf(stderr, "swap: no thread\n"), 1;
        }
        swap_all(&all, n);
        atomic_store(&all.stop, true);
        for (int i = 0; i < FEEDERS; i++) {
                pthread_join(threads[i], NULL);
                printf("thread %d: %" PRIu64 " events, rules changed %" PRIu64 " times\n", i,
                       feeders[i].expected - 1, feeders[i].changes);
        }
        rt_engine_unref(all.engine);
        if (atomic_load(&all.live))
                fail(&all, "memory is left", atomic_load(&all.live));
        printf("%" PRIu64 " swaps\n", n);
        return atomic_load(&all.failed) ? 1 : 0;
}
