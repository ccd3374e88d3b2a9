/* SPDX-License-Identifier: Apache-2.0 */
/* run.c - rtctl run: judge events, print alerts, say at the end what happened. */
#include "inputs.h"
#include "lists.h"
#include "lists_watch.h"
#include "listen.h"
#include "losses.h"
#include "report.h"
#include "scripts.h"
#include "sink.h"
#include "stop.h"
#include "verbs.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct run {
        const options *options;
        session session;
        workers workers;
        sink sink;
        report report;
        losses losses;
        stop_after stop;
        bool ending; /* asked to stop: what is under way is judged, nothing is begun */
        uint64_t steps;
} run;

enum { MOST_SECONDS_TO_END = 5, STEPS_PER_LOOK = 1024 };

static int
on_alert(const rt_alert *alert, void *user)
{
        run *r = user;

        report_clear(&r->report);
        sink_put(&r->sink, alert);
        scripts_put(&r->session, alert);
        return r->sink.failed && r->sink.to_stdout && ferror(stdout) ? RT_EIO : RT_OK;
}

static uint32_t
alert_flags(const settings *c)
{
        return (c->include_output ? 0 : RT_ALERT_NO_OUTPUT)
               | (c->include_message ? RT_ALERT_MESSAGE : 0)
               | (c->include_fields ? 0 : RT_ALERT_NO_OUTPUT_FIELDS)
               | (c->include_tags ? 0 : RT_ALERT_NO_TAGS)
               | (c->iso_time ? RT_ALERT_TIME_ISO_8601 : 0);
}

static bool
has_workers(const run *r)
{
        return r->workers.worker || r->workers.pool;
}

/* One worker on this thread, or as many as was asked for on theirs. */
static int
start_workers(run *r, const options *o, const rt_worker_opts *one)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);

        if (o->workers == 1 && !o->key)
                return rt_worker_new(r->session.engine, one, &r->workers.worker);
        opts.rule_matching = one->rule_matching;
        opts.alert_flags = one->alert_flags;
        opts.skipped = one->skipped;
        opts.skipped_user = one->skipped_user;
        opts.workers = o->workers;
        opts.render = o->config.json_output ? RT_RENDER_JSON : RT_RENDER_TEXT;
        opts.key = o->key;
        return rt_pool_new(r->session.engine, &opts, &r->workers.pool);
}

static int
start(run *r, const options *o)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        int status;

        opts.rule_matching = o->config.rule_matching;
        opts.alert_flags = alert_flags(&o->config);
        opts.skipped = report_skipped;
        opts.skipped_user = &r->report;
        status = rt_engine_use(r->session.engine, r->session.rules);
        if (status == RT_OK)
                status = start_workers(r, o, &opts);
        if (status < 0) {
                if (status == RT_ENOENT)
                        complain("no source has the key '%s'", o->key);
                else
                        complain("cannot start a worker: %s", rt_status_name(status));
                return status == RT_ENOENT ? EXIT_USAGE : EXIT_BAD;
        }
        return inputs_open(&r->session, &r->workers, o);
}

/* Read the rules anew, the scripts that they name and the lists; what cannot be used changes
 * nothing. */
static void
reload(run *r)
{
        session next = r->session;
        int code = session_renew(&next, r->options);

        report_clear(&r->report);
        lists_end();
        if (!code)
                code = session_only_rules(&next, r->options);
        if (!code)
                code = scripts_allow_workers(&next, r->options);
        if (!code && !lists_agree(&next))
                code = EXIT_BAD;
        if (!code)
                code = scripts_use_outputs(&next, r->options, r->sink.flush);
        if (!code && rt_engine_use(next.engine, next.rules) < 0)
                code = EXIT_BAD;
        if (code) {
                complain("the rules are those from before");
                session_forget(&next);
                lists_fill_again(&r->session, r->options);
                return;
        }
        session_forget(&r->session);
        r->session = next;
        r->losses.rules = next.rules;
        complain("the rules were read again: %zu", rt_ruleset_count(next.rules));
        lists_fill_again(&r->session, r->options);
}

/* Until it is asked to stop, and then for as long as it takes to judge what is under way; but not
 * for ever, should that be much. */
static bool
is_running(run *r)
{
        if (!stop_now(&r->stop)) {
                if (hangup_now())
                        reload(r);
                lists_tick(&r->session, r->options);
                return true;
        }
        if (!r->ending) {
                r->ending = true;
                stop_again(&r->stop, MOST_SECONDS_TO_END);
                return workers_finish(&r->workers) == RT_OK;
        }
        return false;
}

static bool
is_listening(void *user)
{
        run *r = user;

        if (hangup_now())
                reload(r);
        lists_tick(&r->session, r->options);
        return !stop_asked();
}

/* Step until all inputs are used up. An input that cannot be read further does not stop the
 * others; a live one that has nothing now is asked again. */
static int
judge(run *r)
{
        int worst = 0;

        while (is_running(r)) {
                const int status = workers_step(&r->workers, on_alert, r);

                if (status == RT_EOF)
                        break;
                if (status == RT_EIO && r->sink.failed)
                        return EXIT_BAD;
                if (status < 0 && status != RT_EAGAIN) {
                        report_clear(&r->report);
                        complain("an input cannot be read further: %s", rt_status_name(status));
                        if (status == RT_ENOMEM)
                                return EXIT_BAD;
                        worst = EXIT_BAD;
                }
                report_tick(&r->report, &r->workers);
                if (status == RT_EAGAIN || ++r->steps % STEPS_PER_LOOK == 0)
                        losses_tick(&r->losses);
        }
        return worst;
}

/* Alerts go out one by one when somebody may be waiting for them. */
static bool
is_live(const session *s, const options *o)
{
        if (s->falco)
                return true;
        if (o->follow || o->listen || isatty(STDOUT_FILENO))
                return true;
        for (size_t i = 0; i < o->n_sources; i++) {
                const strings *inputs = &o->sources[i].inputs;

                if (!inputs->n)
                        return true;
                for (size_t k = 0; k < inputs->n; k++)
                        if (strcmp(inputs->at[k], "-") == 0)
                                return true;
        }
        return false;
}

static int
run_with(run *r, const options *o)
{
        int code = sink_open(&r->sink, &o->config, is_live(&r->session, o),
                             when_applies(o->color, STDOUT_FILENO));

        report_begin(&r->report, isatty(STDERR_FILENO), r->session.falco);
        if (!code)
                code = scripts_allow_workers(&r->session, o);
        if (!code)
                code = scripts_use_outputs(&r->session, o, r->sink.flush);
        if (!code)
                code = start(r, o);
        r->losses = (losses){ .judges = &r->workers,
                              .rules = r->session.rules,
                              .sink = &r->sink,
                              .hostname = o->hostname };
        if (!code)
                code = judge(r);
        if (!code && o->listen && !r->ending)
                code = listen_until(o, o->n_sources ? o->sources[0].name : "k8s_audit", &r->workers,
                                    on_alert, r, is_listening);
        if (has_workers(r))
                losses_end(&r->losses);
        if (sink_close(&r->sink) && !code)
                code = EXIT_BAD;
        if (has_workers(r) && when_applies(o->summary, STDERR_FILENO))
                report_summary(&r->report, &r->workers, r->session.rules, stderr);
        return code;
}

int
verb_run(const options *o)
{
        run r = { .options = o };
        int code = session_open(&r.session, o);

        r.stop = stop_begin(o->duration_s);
        hangup_begin();
        if (!code)
                code = lists_watch_begin(o);
        if (!code)
                code = session_rules(&r.session, o);
        if (!code)
                code = run_with(&r, o);
        losses_done(&r.losses);
        lists_watch_end();
        lists_end();
        workers_unref(&r.workers);
        session_close(&r.session);
        return code;
}
