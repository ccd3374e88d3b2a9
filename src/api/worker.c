/* SPDX-License-Identifier: Apache-2.0 */
/* worker.c - rt_worker_*: bytes or events in, alerts out. */
#include "engine/worker.h"
#include "base/opts.h"

int
rt_worker_new(rt_engine *engine, const rt_worker_opts *opts, rt_worker **ret_worker)
{
        rt_worker_opts known;
        int r;

        if (!engine || !ret_worker)
                return RT_EINVAL;
        r = rti_opts_take(opts, sizeof known, &known);
        if (r < 0)
                return r;
        if (known.rule_matching > RT_MATCH_ALL || known.alert_flags >= RT_ALERT_TIME_ISO_8601 << 1
            || known.reserved)
                return RT_EINVAL;
        atomic_store(&engine->sealed, true);
        r = rti_worker_new(engine, &known, ret_worker);
        if (r == RT_OK)
                rt_engine_ref(engine);
        return r;
}

rt_worker *
rt_worker_unref(rt_worker *worker)
{
        rt_engine *engine;

        if (!worker || !rti_turn_end(&worker->turn))
                return NULL;
        engine = worker->engine;
        rti_worker_free(worker);
        return rt_engine_unref(engine), NULL;
}

/* The call is over. */
static inline int
leave(rt_worker *worker, int r)
{
        rti_turn_set(&worker->turn, RTI_TURN_FREE);
        if (worker->turn.gone)
                rt_worker_unref(worker);
        return r;
}

/* The question is, asked from the state @a before. */
static int
answered(rt_worker *worker, int before, int r)
{
        if (before == RTI_TURN_FREE)
                return leave(worker, r);
        rti_turn_set(&worker->turn, (unsigned) before);
        return r;
}

/* The worker's turn, and its source of that name. */
static inline int
enter(rt_worker *worker, const char *source, rti_feed **ret_feed)
{
        uint32_t number;

        if (!worker || !source)
                return RT_EINVAL;
        if (!rti_turn_take_fast(&worker->turn))
                return RT_EBUSY;
        /* Mostly it is the same as before; no source is called "". */
        if (strcmp(source, worker->found_name) == 0) {
                *ret_feed = worker->found;
                return RT_OK;
        }
        if (rti_worker_find(worker, source, &number) < 0)
                return leave(worker, RT_ENOENT);
        *ret_feed = &worker->feeds[number];
        return RT_OK;
}

static uint32_t
number_of(const rt_worker *worker, const rti_feed *feed)
{
        return (uint32_t) (feed - worker->feeds);
}

int
rt_worker_configure(rt_worker *worker, const char *source, const rt_option *options,
                    size_t n_options, rt_diags *diags)
{
        const rt_source_config config = { .size = sizeof config,
                                          .options = options,
                                          .n_options = n_options };
        rti_feed *feed;
        int r = enter(worker, source, &feed);

        if (r < 0)
                return r;
        if (n_options && !options)
                r = RT_EINVAL;
        for (size_t i = 0; r == RT_OK && i < n_options; i++)
                if (!options[i].key || !options[i].value)
                        r = RT_EINVAL;
        if (r == RT_OK)
                r = rti_worker_configure(worker, number_of(worker, feed), &config, diags);
        return leave(worker, r);
}

int
rt_worker_open(rt_worker *worker, const char *source, const char *path)
{
        rti_feed *feed;
        const int r = enter(worker, source, &feed);

        if (r < 0)
                return r;
        return leave(worker,
                     path ? rti_worker_open(worker, number_of(worker, feed), path) : RT_EINVAL);
}

int
rt_worker_step(rt_worker *worker, rt_alert_fn fn, void *user)
{
        if (!worker)
                return RT_EINVAL;
        if (!rti_turn_take_fast(&worker->turn))
                return RT_EBUSY;
        return leave(worker, rti_worker_step(worker, fn, user));
}

int
rt_worker_feed(rt_worker *worker, const char *source, rt_str bytes, rt_alert_fn fn, void *user)
{
        rti_feed *feed;
        const int r = enter(worker, source, &feed);

        if (r < 0)
                return r;
        if (!bytes.ptr && bytes.len)
                return leave(worker, RT_EINVAL);
        return leave(worker, rti_worker_feed(worker, feed, bytes, fn, user));
}

static bool
is_sound(const rt_decide_opts *opts)
{
        return opts->otherwise <= RT_VERDICT_ALLOW && opts->on_error <= RT_VERDICT_ALLOW
               && opts->deny_priority <= RT_PRIORITY_DEBUG + 1
               && opts->ask_priority <= RT_PRIORITY_DEBUG + 1;
}

int
rt_worker_decide(rt_worker *worker, const char *source, rt_str record, const rt_decide_opts *opts,
                 rt_verdict *ret_verdict)
{
        rt_verdict verdict = { .size = sizeof verdict };
        rt_decide_opts known;
        rti_feed *feed;
        int r = enter(worker, source, &feed);

        if (r < 0)
                return r;
        r = rti_opts_take(opts, sizeof known, &known);
        if (r == RT_OK && (!ret_verdict || (record.len && !record.ptr) || !is_sound(&known)))
                r = RT_EINVAL;
        r = r < 0 ? r : rti_worker_decide(worker, feed, record, &known, &verdict);
        r = r < 0 ? r : rti_opts_give(&verdict, sizeof verdict, ret_verdict);
        return leave(worker, r);
}

int
rt_worker_stats_get(const rt_worker *worker, rt_worker_stats *ret_stats)
{
        rt_worker_stats stats;

        if (!worker || !ret_stats)
                return RT_EINVAL;
        rti_worker_stats(worker, &stats);
        return rti_opts_give(&stats, sizeof stats, ret_stats);
}

uint64_t
rt_worker_rule_alerts(const rt_worker *worker, size_t index)
{
        return worker && worker->rules && index < worker->rules->p.n_rules
                       ? worker->rule_alerts[index]
                       : 0;
}

int
rt_worker_loss(rt_worker *worker, size_t index, rt_loss *ret_loss)
{
        rt_loss row;
        int before, r;

        if (!worker || !ret_loss)
                return RT_EINVAL;
        before = rti_turn_ask(&worker->turn);
        if (before < 0)
                return RT_EBUSY;
        r = index == 0 ? rti_worker_losses(worker) : RT_OK;
        r = r < 0 ? r : rti_worker_loss(worker, index, &row);
        r = answered(worker, before, r);
        return r < 0 ? r : rti_opts_give(&row, sizeof row, ret_loss);
}

int
rt_worker_finish(rt_worker *worker)
{
        if (!worker)
                return RT_EINVAL;
        if (!rti_turn_take(&worker->turn))
                return RT_EBUSY;
        return leave(worker, rti_worker_finish(worker));
}

int
rt_worker_explain(rt_worker *worker, const char *rule, rt_str *ret_text)
{
        int before, r;

        if (!worker || !rule || !ret_text)
                return RT_EINVAL;
        before = rti_turn_ask(&worker->turn);
        if (before < 0)
                return RT_EBUSY;
        r = rti_worker_explain(worker, rti_str_of(rule), ret_text);
        return answered(worker, before, r);
}
