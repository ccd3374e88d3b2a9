/* SPDX-License-Identifier: Apache-2.0 */
/* report.c - progress, skipped records, the summary; all on standard error. */
#include "report.h"
#include "config.h"
#include "losses.h"
#include <inttypes.h>
#include <time.h>

enum { TICK_EVENTS = 1024, SKIPPED_SHOWN = 20 };

static const uint64_t draw_every_ns = 200 * 1000 * 1000;

static uint64_t
now_ns(void)
{
        struct timespec ts;

        clock_gettime(CLOCK_MONOTONIC, &ts);
        return (uint64_t) ts.tv_sec * 1000000000u + (uint64_t) ts.tv_nsec;
}

void
report_begin(report *r, bool progress, rt_falco *falco)
{
        *r = (report){ .progress = progress, .falco = falco, .countdown = TICK_EVENTS };
        r->began_ns = r->drawn_ns = now_ns();
}

void
report_clear(report *r)
{
        if (!r->shown)
                return;
        fputs("\r\033[K", stderr);
        r->shown = false;
}

static double
per_second(uint64_t n, uint64_t elapsed_ns)
{
        return elapsed_ns ? (double) n * 1e9 / (double) elapsed_ns : 0;
}

/* Plug-ins that know how much there is say how far they are. */
static void
draw_parts(const report *r)
{
        rt_falco_info info = RT_INIT(rt_falco_info);
        char text[64];
        uint32_t part;

        for (size_t i = 0; r->falco && rt_falco_get(r->falco, i, &info) == RT_OK; i++) {
                if (rt_falco_progress(r->falco, i, &part, text, sizeof text) < 0)
                        continue;
                fputs(", ", stderr);
                put_clean(stderr, info.name);
                fprintf(stderr, " %.2f %%", part / 100.0);
                if (*text) {
                        fputs(" (", stderr);
                        put_clean(stderr, text);
                        fputc(')', stderr);
                }
        }
}

static void
print_metric(const rt_falco_metric *metric, void *user)
{
        FILE *to = user;

        fputs("  ", to);
        put_clean(to, metric->name);
        if (metric->type == RT_FALCO_UNSIGNED)
                fprintf(to, " %" PRIu64 "\n", metric->value.u);
        else if (metric->type == RT_FALCO_SIGNED)
                fprintf(to, " %" PRId64 "\n", metric->value.i);
        else
                fprintf(to, " %g\n", metric->value.d);
}

/* What plug-ins count, and what was wrong with them. */
static void
print_plugins(rt_falco *falco, FILE *to)
{
        rt_falco_info info = RT_INIT(rt_falco_info);

        for (size_t i = 0; falco && rt_falco_get(falco, i, &info) == RT_OK; i++) {
                fputs("plug-in ", to);
                put_clean(to, info.name);
                fprintf(to, ": %" PRIu64 " failures, %" PRIu64 " things left out\n", info.failures,
                        info.lies);
                (void) rt_falco_metrics(falco, i, print_metric, to);
        }
}

void
report_tick(report *r, const workers *judges)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        uint64_t now;

        if (!r->progress || --r->countdown)
                return;
        r->countdown = TICK_EVENTS;
        now = now_ns();
        if (now - r->drawn_ns < draw_every_ns || workers_stats(judges, &stats) < 0)
                return;
        r->drawn_ns = now;
        r->shown = true;
        fprintf(stderr, "\r\033[K%" PRIu64 " events, %.0f/s, %.1f MB, %" PRIu64 " alerts",
                stats.events, per_second(stats.events, now - r->began_ns),
                (double) stats.bytes / 1e6, stats.alerts);
        draw_parts(r);
}

void
report_skipped(const char *input, uint64_t offset, const char *what, void *user)
{
        report *r = user;

        report_clear(r);
        if (r->skipped++ < SKIPPED_SHOWN)
                complain("%s: byte %" PRIu64 ": skipped: %s", input, offset, what);
        else if (r->skipped == SKIPPED_SHOWN + 1)
                complain("more records were skipped; they are counted in the summary");
}

static void
print_rules(const workers *judges, const rt_ruleset *rules, FILE *to)
{
        rt_rule_info info = RT_INIT(rt_rule_info);

        for (size_t i = 0; rt_ruleset_rule(rules, i, &info) == RT_OK; i++) {
                const uint64_t n = workers_rule_alerts(judges, i);

                if (!n)
                        continue;
                fprintf(to, "  %8" PRIu64 "  %-13s ", n, rt_priority_name(info.priority));
                put_clean(to, info.name);
                fputc('\n', to);
        }
}

void
report_summary(report *r, const workers *judges, const rt_ruleset *rules, FILE *to)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        const uint64_t elapsed = now_ns() - r->began_ns;

        report_clear(r);
        if (workers_stats(judges, &stats) < 0)
                return;
        fprintf(to, "\n%" PRIu64 " events in %.2f s (%.0f/s), %" PRIu64 " alerts of %zu rules\n",
                stats.events, (double) elapsed / 1e9, per_second(stats.events, elapsed),
                stats.alerts, rt_ruleset_count(rules));
        print_rules(judges, rules, to);
        if (stats.skipped)
                fprintf(to, "%" PRIu64 " records could not be used\n", stats.skipped);
        if (stats.limits_hit)
                fprintf(to, "%" PRIu64 " times a limit was hit; see `rtctl list limits`\n",
                        stats.limits_hit);
        losses_summary(judges, rules, to);
        print_plugins(r->falco, to);
}
