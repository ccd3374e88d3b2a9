/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demo.c - rtctl demo: perform the attack patterns of demo.def in a box, show what is seen of them.
 *
 * Each pattern has a rule that must fire while it runs, or shortly after. With -w the patterns are
 * performed and written into a capture instead.
 */
#include "capture.h"
#include "demo_acts.h"
#include "demo_box.h"
#include "readers.h"
#include "sink.h"
#include "stop.h"
#include "verbs.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const demo_pattern patterns[] = {
#define SHELL(id, shell, rule, title, command) { id, rule, title, shell, command, NULL },
#define ACT(id, rule, title, function)         { id, rule, title, NULL, NULL, function },
#include "demo.def"
#undef ACT
#undef SHELL
};

enum {
        N_PATTERNS = sizeof patterns / sizeof *patterns,
        GRACE_MS = 3000, /* an alert that comes later than so long behind its pattern is missed */
        SETTLE_MS = 200, /* for what else comes of the same pattern */
        MS_PER_SECOND = 1000,
        NS_PER_MS = 1000000
};

enum outcome { NOT_ASKED, SEEN, MISSED, IMPOSSIBLE };

typedef struct demo {
        session session;
        rt_worker *worker;
        sink sink;
        demo_box box;
        stop_after stop;
        capture *capture;            /* with -w */
        const demo_pattern *current; /* what runs now */
        bool fired;
        uint8_t outcomes[N_PATTERNS];
} demo;

static uint64_t
now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * MS_PER_SECOND + (uint64_t) t.tv_nsec / NS_PER_MS;
}

/* ---- watching ---- */

static int
on_alert(const rt_alert *alert, void *user)
{
        demo *d = user;

        fputs("    ", stdout);
        sink_put(&d->sink, alert);
        if (d->current && strcmp(rt_alert_rule(alert), d->current->rule) == 0)
                d->fired = true;
        return d->sink.failed ? RT_EIO : RT_OK;
}

/* With rules of the user's own some patterns have none. */
static bool
find_rule(const demo *d, const char *name, rt_rule_info *ret_info)
{
        for (size_t i = 0; rt_ruleset_rule(d->session.rules, i, ret_info) == RT_OK; i++)
                if (strcmp(ret_info->name, name) == 0)
                        return true;
        return false;
}

static bool
is_for_containers(const demo *d, const char *name)
{
        rt_rule_info info = RT_INIT(rt_rule_info);
        bool tagged = false;

        if (find_rule(d, name, &info))
                for (const char *const *tag = info.tags; *tag; tag++)
                        tagged |= strcmp(*tag, "container") == 0;
        return tagged;
}

static int
cannot_watch(int status)
{
        char why[512];

        readers_explain_live(why, sizeof why);
        complain("this machine cannot be watched: %s", *why ? why : rt_status_name(status));
        return EXIT_BAD;
}

static int
watch(demo *d, const options *o)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        char input[64];
        int r;

        /* No list of what runs outside of the box, whose business that is not. */
        snprintf(input, sizeof input, "kernel:pidns=%" PRIu64 ",ancestors=off", d->box.pidns);
        if (o->write) {
                d->capture = capture_open(input, o->write, &r);
                return r;
        }
        opts.rule_matching = RT_MATCH_ALL;
        r = rt_engine_use(d->session.engine, d->session.rules);
        if (r == RT_OK)
                r = rt_worker_new(d->session.engine, &opts, &d->worker);
        if (r == RT_OK)
                r = rt_worker_open(d->worker, "syscall", input);
        return r < 0 ? cannot_watch(r) : 0;
}

/* Take what is there; waits a little when nothing is. 0, or RT_E*. */
static int
step(demo *d)
{
        const int r =
                d->capture ? capture_step(d->capture) : rt_worker_step(d->worker, on_alert, d);

        return r < 0 && r != RT_EAGAIN ? r : 0;
}

/* ---- patterns ---- */

static enum outcome
outcome_of(const demo *d, int code)
{
        if (d->fired)
                return SEEN;
        if (code == DEMO_IMPOSSIBLE
            || (!d->box.container && is_for_containers(d, d->current->rule)))
                return IMPOSSIBLE;
        return MISSED;
}

/* How long to wait for more of a pattern that has ended. */
static uint64_t
grace_of(const demo *d, int code)
{
        return code == DEMO_IMPOSSIBLE || d->capture ? SETTLE_MS : GRACE_MS;
}

/* Until it has ended, and its alert has come or will not come any more. */
static int
follow(demo *d, size_t i)
{
        uint64_t until = 0;
        bool ended = false;
        int code = 0, r;

        while (!stop_now(&d->stop)) {
                r = step(d);
                if (r < 0) {
                        complain("cannot watch further: %s", rt_status_name(r));
                        return EXIT_BAD;
                }
                r = ended ? 0 : demo_box_ended(&d->box, &code);
                if (r < 0) {
                        complain("the demo's box has ended");
                        return EXIT_BAD;
                }
                if (r) {
                        ended = true;
                        until = now_ms() + grace_of(d, code);
                }
                if (ended && d->fired && until > now_ms() + SETTLE_MS)
                        until = now_ms() + SETTLE_MS;
                if (ended && now_ms() >= until) {
                        d->outcomes[i] = (uint8_t) outcome_of(d, code);
                        return 0;
                }
        }
        return EXIT_BAD;
}

static bool
is_asked(const demo *d, const options *o, const demo_pattern *p)
{
        rt_rule_info info = RT_INIT(rt_rule_info);

        if (!d->capture && !find_rule(d, p->rule, &info))
                return false;
        for (size_t i = 0; i < o->operands.n; i++)
                if (strcmp(o->operands.at[i], p->id) == 0)
                        return true;
        return o->operands.n == 0;
}

static int
perform_all(demo *d, const options *o)
{
        for (size_t i = 0; i < N_PATTERNS; i++) {
                int r;

                if (!is_asked(d, o, &patterns[i]))
                        continue;
                printf("%s: %s\n", patterns[i].id, patterns[i].title);
                fflush(stdout);
                d->current = &patterns[i];
                d->fired = false;
                r = demo_box_start(&d->box, (uint8_t) i);
                if (!r)
                        r = follow(d, i);
                if (r)
                        return r;
        }
        return 0;
}

/* ---- the end ---- */

static int
summary(const demo *d)
{
        static const char *const words[] = { "", "seen", "MISSED", "not possible here" };
        size_t n[IMPOSSIBLE + 1] = { 0 };

        putchar('\n');
        for (size_t i = 0; i < N_PATTERNS; i++) {
                const uint8_t outcome = d->outcomes[i];

                n[outcome]++;
                if (outcome != NOT_ASKED)
                        printf("  %-18s %-18s %s\n", patterns[i].id, words[outcome],
                               patterns[i].rule);
        }
        printf("%zu attack patterns: %zu seen, %zu missed, %zu not possible here\n",
               n[SEEN] + n[MISSED] + n[IMPOSSIBLE], n[SEEN], n[MISSED], n[IMPOSSIBLE]);
        if (!d->box.container)
                printf("The box could not get a cgroup of its own, so it was no container: the "
                       "rules for containers had nothing to see.\n");
        return n[MISSED] ? EXIT_BAD : 0;
}

static int
demo_with(demo *d, const options *o)
{
        int r = demo_box_open(&d->box, patterns);

        if (!r)
                r = watch(d, o);
        if (!r)
                r = perform_all(d, o);
        if (!r && !d->capture)
                r = summary(d);
        if (d->capture && capture_close(d->capture) && !r)
                r = EXIT_BAD;
        return r;
}

static bool
are_known(const strings *ids)
{
        for (size_t i = 0; i < ids->n; i++) {
                size_t at = 0;

                while (at < N_PATTERNS && strcmp(patterns[at].id, ids->at[i]) != 0)
                        at++;
                if (at == N_PATTERNS) {
                        complain("there is no pattern '%s'", ids->at[i]);
                        return false;
                }
        }
        return true;
}

int
verb_demo(const options *o)
{
        demo d = { .worker = NULL };
        int r;

        if (!are_known(&o->operands))
                return EXIT_USAGE;
        d.stop = stop_begin(o->duration_s);
        d.box = (demo_box){ .init = -1, .order = -1, .answer = -1 };
        r = session_open(&d.session, o);
        if (!r && !o->write)
                r = session_rules(&d.session, o);
        if (!r)
                r = sink_open(&d.sink, &o->config, /* flush= */ true,
                              when_applies(o->color, STDOUT_FILENO));
        if (!r)
                r = demo_with(&d, o);
        if (sink_close(&d.sink) && !r)
                r = EXIT_BAD;
        rt_worker_unref(d.worker);
        demo_box_close(&d.box);
        session_close(&d.session);
        return r;
}
