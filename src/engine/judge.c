/* SPDX-License-Identifier: Apache-2.0 */
/* judge.c - one event against the rules of its source. Does not allocate, alerts aside. */
#include "engine/eval.h"
#include "engine/worker.h"

/* 1, 0: the host drops it, or what @a fn returned below 0. */
static int
raise_alert(rt_worker *worker, uint32_t rule, rt_alert_fn fn, void *user)
{
        const rti_rule_row *row = rti_match_row(worker, &worker->rules->rules[rule]);
        unsigned before;
        int r = RT_OK;

        if (!row)
                return 0;
        if (worker->decision.opts)
                r = rti_decide_match(worker, &worker->rules->rules[rule]);
        if (r < 0 || (worker->decision.opts && !fn))
                return r < 0 ? r : 1;
        worker->stats.alerts++;
        worker->rule_alerts[rule]++;
        if (!fn)
                return 1;
        rti_alert_begin(&worker->alert, &worker->frame, row);
        before = rti_turn_of(&worker->turn); /* free: a pool's */
        rti_turn_set(&worker->turn, RTI_TURN_TELLING);
        r = fn(&worker->alert, user);
        rti_turn_set(&worker->turn, before);
        worker->alert.rule = NULL;
        if (r < 0)
                worker->decision.stopped = r;
        return r < 0 ? r : 1;
}

void
rti_worker_count(rt_worker *worker, rti_instance *instance)
{
        const uint64_t number = worker->event.number;

        if (!(worker->event.flags & RT_EVENT_NUMBERED) || number <= instance->numbered)
                return;
        worker->stats.events += number - instance->numbered;
        instance->numbered = number;
}

/* Sources that deliver all their events leave counting to the engine. */
static void
number_event(rt_worker *worker, rti_instance *instance)
{
        if (instance->n_events++ == 0)
                instance->first_time_ns = worker->event.time_ns;
        worker->event.number = instance->n_events;
        worker->event.base_ns = instance->first_time_ns;
        worker->stats.events++;
}

int
rti_worker_judge(rt_worker *worker, rti_feed *feed, rt_alert_fn fn, void *user)
{
        rti_instance *instance = &feed->instance;
        const bool first = worker->opts.rule_matching == RT_MATCH_FIRST && !worker->decision.opts;
        bool found = false; /* of the first match, only rules that are asked besides others go on */
        uint32_t rule;
        int alerts = 0;

        if (!(worker->event.flags & RT_EVENT_NUMBERED))
                number_event(worker, instance);
        rti_frame_begin(&worker->frame, instance, feed->number, &worker->event);
        rti_sampler_begin(&worker->sampler, &worker->frame);
        if (feed->number == RTI_NONE)
                return 0;
        rti_candidates_find(&worker->candidates, &worker->frame,
                            rti_eval_roots(worker->rules, feed->number, worker->event.type));
        while ((rule = rti_eval_next(&worker->frame, &worker->candidates)) != RTI_NONE) {
                const bool also = worker->rules->rules[rule].also;
                const int r = found && !also ? 0 : raise_alert(worker, rule, fn, user);

                alerts += r > 0;
                found |= r > 0 && first && !also;
                if (r < 0 || (found && !worker->rules->any_also))
                        rti_candidates_drop(&worker->candidates);
                if (r < 0)
                        return r;
        }
        return alerts;
}
