/* SPDX-License-Identifier: Apache-2.0 */
/* profile.c - rtctl profile: which rules cost what, and which of their predicates. */
#include "files.h"
#include "inputs.h"
#include "report.h"
#include "stop.h"
#include "verbs.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { EVERY_EVENT = 1, MOST_TEXT = 72 };

typedef struct priced {
        size_t rule;
        rt_rule_profile profile;
        double ns; /* an event of its source */
} priced;

static int
dearest_first(const void *a, const void *b)
{
        const priced *x = a, *y = b;

        if (x->ns < y->ns || x->ns > y->ns)
                return x->ns < y->ns ? 1 : -1;
        return (x->rule > y->rule) - (x->rule < y->rule);
}

/* A predicate on one line, cut where it gets long. */
static void
print_pred(rt_worker *worker, uint64_t index)
{
        rt_pred_profile pred = RT_INIT(rt_pred_profile);

        if (index == UINT64_MAX || rt_worker_pred_profile(worker, (size_t) index, &pred) < 0) {
                printf("-");
                return;
        }
        printf("%.*s%s", (int) (pred.text.len < MOST_TEXT ? pred.text.len : MOST_TEXT),
               pred.text.ptr, pred.text.len < MOST_TEXT ? "" : " ...");
}

static void
print_rule(rt_worker *worker, const rt_ruleset *rules, const priced *one)
{
        rt_rule_info info = RT_INIT(rt_rule_info);
        const double events = (double) one->profile.events;

        if (rt_ruleset_rule(rules, one->rule, &info) < 0)
                return;
        printf("%9.1f %9.3f%% %9.3f%% %10" PRIu64 "  %s\n", one->ns,
               100 * (double) one->profile.asked / events,
               100 * (double) one->profile.held / events,
               one->profile.asked ? one->profile.ns / one->profile.asked : 0, info.name);
        if (!one->profile.asked)
                return;
        printf("%45s", "");
        print_pred(worker, one->profile.dearest);
        putchar('\n');
}

static void
print_profile(rt_worker *worker, const rt_ruleset *rules)
{
        const size_t n = rt_ruleset_count(rules);
        priced *list = grow(NULL, n + 1, sizeof *list);
        size_t n_asleep = 0, n_listed = 0;

        for (size_t i = 0; i < n; i++) {
                priced one = { .rule = i, .profile = RT_INIT(rt_rule_profile) };

                if (rt_worker_rule_profile(worker, i, &one.profile) < 0 || !one.profile.events
                    || !one.profile.asked) {
                        n_asleep++;
                        continue;
                }
                one.ns = (double) one.profile.ns / (double) one.profile.events;
                list[n_listed++] = one;
        }
        qsort(list, n_listed, sizeof *list, dearest_first);
        puts(" ns/event     begun    matched    ns/begun  rule, and what most of it went to");
        for (size_t i = 0; i < n_listed; i++)
                print_rule(worker, rules, &list[i]);
        printf("%zu rules were begun for no event\n", n_asleep);
        free(list);
}

/* Judge all inputs; alerts are counted alone. */
static int
judge(rt_worker *worker, stop_after *stop, report *shown)
{
        int worst = 0, status = 0;

        while (status != RT_EOF) {
                if (stop_now(stop) && rt_worker_finish(worker) < 0)
                        break;
                status = rt_worker_step(worker, NULL, NULL);
                if (status < 0 && status != RT_EOF && status != RT_EAGAIN) {
                        complain("an input cannot be read further: %s", rt_status_name(status));
                        worst = EXIT_BAD;
                }
                report_tick(shown, &(workers){ .worker = worker });
        }
        report_clear(shown);
        return worst;
}

static int
profile_with(session *s, rt_worker *worker, const options *o)
{
        stop_after stop = stop_begin(o->duration_s);
        report shown;
        rt_str text;
        int r;

        report_begin(&shown, when_applies(WHEN_AUTO, 2), NULL);
        r = judge(worker, &stop, &shown);
        print_profile(worker, s->rules);
        if (!o->save)
                return r;
        if (rt_worker_profile(worker, &text) < 0) {
                complain("the profile cannot be written: out of memory");
                return EXIT_BAD;
        }
        return file_write(o->save, text) ? EXIT_BAD : r;
}

int
verb_profile(const options *o)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_worker *worker = NULL;
        session s;
        int r = session_open(&s, o);

        opts.rule_matching = o->config.rule_matching;
        opts.sample_every = EVERY_EVENT;
        if (!r)
                r = session_rules(&s, o);
        if (!r
            && (rt_engine_use(s.engine, s.rules) < 0
                || rt_worker_new(s.engine, &opts, &worker) < 0)) {
                complain("cannot start a worker");
                r = EXIT_BAD;
        }
        if (!r)
                r = inputs_open(&s, &(workers){ .worker = worker }, o);
        if (!r)
                r = profile_with(&s, worker, o);
        rt_worker_unref(worker);
        session_close(&s);
        return r;
}
