/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_plugins.c - a plug-in in a process of its own beside the same one in this process: events,
 * values and rules. The time is that of both processes' processors, switches included.
 */
#include "bench.h"
#include <libruntime-falco/falco.h>
#include <libruntime/runtime.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 100000, ROUNDS = 11 };

static const char rules[] =
        "- rule: r\n  desc: d\n  condition: records.outcome = refused and records.user = user-11\n"
        "  output: \"%records.user %records.action %records.address\"\n  priority: INFO\n"
        "  source: records\n"
        "- rule: s\n  desc: d\n  condition: records.action startswith Delete and "
        "records.region in (eu-1, eu-2)\n"
        "  output: \"%records.user %records.agent\"\n  priority: INFO\n  source: records\n"
        "- rule: t\n  desc: d\n  condition: records.agent contains curl or "
        "records.address startswith 192.\n"
        "  output: \"%records.user\"\n  priority: INFO\n  source: records\n";

typedef struct side {
        rt_falco *falco;
        rt_engine *engine;
        rt_worker *worker;
        clockid_t clock; /* of the other process */
        bool isolated;
        uint64_t alerts;
} side;

static int
count(const rt_alert *alert, void *user)
{
        (void) alert;
        ++*(uint64_t *) user;
        return RT_OK;
}

/* The clock of the one child that this process has. */
static int
find_clock(clockid_t *ret_clock)
{
        char path[64];
        int pid = 0;
        FILE *file;

        snprintf(path, sizeof path, "/proc/self/task/%d/children", (int) getpid());
        file = fopen(path, "re");
        if (file && fscanf(file, "%d", &pid) != 1)
                pid = 0;
        if (file)
                fclose(file);
        return pid && clock_getcpuclockid(pid, ret_clock) == 0 ? RT_OK : RT_ENOENT;
}

static int
begin(side *s)
{
        rt_falco_plugin plugin = RT_INIT(rt_falco_plugin);
        rt_ruleset *ruleset = NULL;
        char message[512] = "";
        int r;

        plugin.library_path = PLUGIN;
        plugin.helper = HELPER;
        plugin.flags = s->isolated ? RT_FALCO_ISOLATED : 0;
        r = rt_falco_new(NULL, &s->falco);
        r = r < 0 ? r : rt_falco_load(s->falco, &plugin, message, sizeof message);
        r = r < 0 ? r : rt_engine_new(NULL, &s->engine);
        r = r < 0 ? r : rt_falco_attach(s->falco, s->engine, message, sizeof message);
        r = r < 0 ? r
                  : rt_compile(s->engine, "bench.yaml", (rt_str){ rules, sizeof rules - 1 }, NULL,
                               &ruleset);
        r = r < 0 ? r : rt_engine_use(s->engine, ruleset);
        rt_ruleset_unref(ruleset);
        r = r < 0 ? r : rt_worker_new(s->engine, NULL, &s->worker);
        if (r == RT_OK && s->isolated)
                r = find_clock(&s->clock);
        if (r < 0)
                fprintf(stderr, "bench_plugins: %s %s\n", message, rt_status_name(r));
        return r;
}

static void
end(side *s)
{
        rt_worker_unref(s->worker);
        rt_engine_unref(s->engine);
        rt_falco_unref(s->falco);
}

static double
now(const side *s)
{
        struct timespec other = { 0, 0 };

        if (s->isolated)
                clock_gettime(s->clock, &other);
        return bench_now() + (double) other.tv_sec + (double) other.tv_nsec / 1e9;
}

static double
judge(side *s, const char *events)
{
        const double began = now(s);
        int r;

        if (rt_worker_open(s->worker, "records", events) < 0)
                exit(2);
        do
                r = rt_worker_step(s->worker, count, &s->alerts);
        while (r >= 0 || r == RT_EAGAIN);
        if (r != RT_EOF)
                exit(2);
        return now(s) - began;
}

int
main(int argc, char **argv)
{
        const unsigned events = bench_number(argc > 1 ? argv[1] : NULL, EVENTS);
        side here = { .isolated = false }, there = { .isolated = true };
        double ratios[ROUNDS];
        char params[32];
        int bad;

        bench_pin();
        if (begin(&here) < 0 || begin(&there) < 0)
                return 2;
        snprintf(params, sizeof params, "%u", events);
        for (int i = 0; i < ROUNDS; i++) {
                const double own = judge(&here, params);

                ratios[i] = judge(&there, params) / own;
                printf("round %d: %.0f ns an event in this process, %.2f times that in another\n",
                       i, own / events * 1e9, ratios[i]);
        }
        bad = here.alerts != there.alerts;
        if (bad)
                fprintf(stderr, "%llu alerts, and %llu\n", (unsigned long long) here.alerts,
                        (unsigned long long) there.alerts);
        end(&here);
        end(&there);
        return !bench_bar("a plug-in in a process of its own / in this one",
                          bench_median(ratios, ROUNDS), BENCH_AT_MOST, 2)
               || bad;
}
