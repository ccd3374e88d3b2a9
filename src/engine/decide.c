/* SPDX-License-Identifier: Apache-2.0 */
/*
 * decide.c - one record, one verdict: allow, ask or deny.
 *
 *   in   a record, and how the host wants doubts to be decided
 *   out  the strictest verdict of the rules that match, and why
 *
 * A decision is a delivery that is judged (worker.c) while worker->decision.opts is set: matches
 * come here before they become alerts, if they do at all. Whether all rules could be judged is
 * seen by the worker's counters before and behind.
 */
#include "engine/worker.h"
#include "program/steps.h"

/* 0: the rule has no say, else 1 + RT_VERDICT_*. */
static uint32_t
verdict_of(const rt_rule_info *rule, const rt_decide_opts *opts)
{
        if (rule->verdict)
                return rule->verdict;
        if (rule->priority < opts->deny_priority)
                return 1 + RT_VERDICT_DENY;
        return rule->priority < opts->ask_priority ? 1 + RT_VERDICT_ASK : 0;
}

int
rti_decide_match(rt_worker *worker, const rti_rule_row *rule)
{
        rti_decision *decision = &worker->decision;
        const uint32_t verdict = verdict_of(&rule->info, decision->opts);
        rt_str text;

        if (!verdict || verdict > decision->verdict)
                return RT_OK;
        if (verdict < decision->verdict) {
                decision->verdict = verdict;
                decision->rule = rule;
                rti_buf_clear(&decision->reason);
                rti_alert_begin(&worker->alert, &worker->frame, rule);
                /* Without its text the verdict holds all the same. */
                if (rti_alert_text(&worker->alert, &text) == RT_OK)
                        rti_buf_add(&decision->reason,
                                    rti_str_sub(text, worker->alert.message_at, text.len));
        }
        return verdict == 1 + RT_VERDICT_DENY && !decision->opts->fn ? RT_EOF : RT_OK;
}

/* Is one event of a record of @a bytes within the host's bound? RT_OK, RT_ELIMIT, RT_ENOMEM. */
static int
check_steps(rt_worker *worker, const rti_feed *feed, uint64_t bytes, uint64_t most)
{
        rti_decision *decision = &worker->decision;
        rti_steps steps;

        if (!most || feed->number == RTI_NONE)
                return RT_OK;
        if (decision->steps_of != worker->installed || decision->steps_bytes != bytes
            || decision->steps_feed != feed) {
                const int r = rti_ruleset_steps(worker->rules, feed->number, bytes,
                                                worker->engine->max_event_bytes, &steps);

                if (r < 0)
                        return r;
                decision->steps = steps.all;
                decision->steps_of = worker->installed;
                decision->steps_bytes = bytes;
                decision->steps_feed = feed;
        }
        return decision->steps > most ? RT_ELIMIT : RT_OK;
}

/* Whatever was counted as missing or as no match, though nobody knows. A reason that is too long is
 * not among it. */
static uint64_t
limits_hit(const rt_worker *worker)
{
        rt_worker_stats stats;

        rti_worker_stats(worker, &stats);
        return stats.limits_hit - worker->alert.limits_hit;
}

/* Judge the record: RT_OK, or what speaks against trusting the judgement. */
static int
judge(rt_worker *worker, rti_feed *feed, rt_str record, const rt_decide_opts *opts)
{
        rti_decision *decision = &worker->decision;
        const uint64_t skipped = worker->stats.skipped, events = worker->stats.events;
        const uint64_t limits = limits_hit(worker);
        int r;

        decision->opts = opts;
        r = rti_worker_feed(worker, feed, record, opts->fn, opts->user);
        decision->opts = NULL;
        if (r < 0 && r != RT_EOF)
                return r;
        if (limits_hit(worker) != limits)
                return RT_ELIMIT;
        return worker->stats.skipped != skipped || worker->stats.events == events ? RT_EFORMAT
                                                                                  : RT_OK;
}

static void
conclude(const rti_decision *decision, const rt_decide_opts *opts, int cause, rt_verdict *verdict)
{
        const rti_rule_row *rule = decision->rule;

        verdict->verdict = rule ? decision->verdict - 1 : opts->otherwise;
        verdict->cause = cause;
        if (cause != RT_OK && opts->on_error < verdict->verdict) {
                verdict->verdict = opts->on_error;
                rule = NULL;
        }
        verdict->rule = rule ? rule->info.name : NULL;
        if (rule)
                verdict->reason = rti_buf_str(&decision->reason);
        else
                verdict->reason = cause != RT_OK ? RTI_STR("it is not known what all rules say")
                                                 : RTI_STR("no rule decides");
}

int
rti_worker_decide(rt_worker *worker, rti_feed *feed, rt_str record, const rt_decide_opts *opts,
                  rt_verdict *ret_verdict)
{
        rti_decision *decision = &worker->decision;
        const uint64_t most = opts->max_bytes ? opts->max_bytes : worker->engine->max_record_bytes;
        int r = rti_worker_install(worker);

        decision->verdict = RTI_NONE;
        decision->rule = NULL;
        decision->stopped = RT_OK;
        if (r == RT_OK && !worker->rules)
                r = RT_ENOENT;
        if (r == RT_OK && record.len > most)
                r = RT_ELIMIT;
        r = r < 0 ? r : check_steps(worker, feed, most, opts->max_steps);
        r = r < 0 ? r : judge(worker, feed, record, opts);
        if (decision->stopped < 0 || r == RT_EINVAL)
                return r;
        conclude(decision, opts, r, ret_verdict);
        return RT_OK;
}
