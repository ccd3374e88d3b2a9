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
        rt_engine *engine = worker ? worker->engine : NULL;

        if (worker)
                rti_worker_free(worker);
        return rt_engine_unref(engine), NULL;
}

/* The worker's source of that name; NULL: refused() says why. */
static inline rti_feed *
find(rt_worker *worker, const char *source)
{
        uint32_t number;

        if (!worker || !source || worker->busy)
                return NULL;
        /* Mostly it is the same as before; no source is called "". */
        if (strcmp(source, worker->found_name) == 0)
                return worker->found;
        return rti_worker_find(worker, source, &number) == RT_OK ? &worker->feeds[number] : NULL;
}

/* A callback of its own is running, or it has no such source. */
static int
refused(const rt_worker *worker, const char *source)
{
        return !worker || !source || worker->busy ? RT_EINVAL : RT_ENOENT;
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
        rti_feed *feed = find(worker, source);

        if (!feed)
                return refused(worker, source);
        if (n_options && !options)
                return RT_EINVAL;
        for (size_t i = 0; i < n_options; i++)
                if (!options[i].key || !options[i].value)
                        return RT_EINVAL;
        return rti_worker_configure(worker, number_of(worker, feed), &config, diags);
}

int
rt_worker_open(rt_worker *worker, const char *source, const char *path)
{
        rti_feed *feed = find(worker, source);

        if (!feed)
                return refused(worker, source);
        return path ? rti_worker_open(worker, number_of(worker, feed), path) : RT_EINVAL;
}

int
rt_worker_step(rt_worker *worker, rt_alert_fn fn, void *user)
{
        int r;

        if (!worker || worker->busy)
                return RT_EINVAL;
        worker->busy = true;
        r = rti_worker_step(worker, fn, user);
        worker->busy = false;
        return r;
}

int
rt_worker_feed(rt_worker *worker, const char *source, rt_str bytes, rt_alert_fn fn, void *user)
{
        rti_feed *feed = find(worker, source);
        int r;

        if (!feed)
                return refused(worker, source);
        if (!bytes.ptr && bytes.len)
                return RT_EINVAL;
        worker->busy = true;
        r = rti_worker_feed(worker, feed, bytes, fn, user);
        worker->busy = false;
        return r;
}

int
rt_worker_decide(rt_worker *worker, const char *source, rt_str record, const rt_decide_opts *opts,
                 rt_verdict *ret_verdict)
{
        rt_decide_opts known;
        rt_verdict verdict = { .size = sizeof verdict };
        rti_feed *feed = find(worker, source);
        int r;

        if (!feed)
                return refused(worker, source);
        r = rti_opts_take(opts, sizeof known, &known);
        if (r < 0)
                return r;
        if (!ret_verdict || (record.len && !record.ptr) || known.otherwise > RT_VERDICT_ALLOW
            || known.on_error > RT_VERDICT_ALLOW || known.deny_priority > RT_PRIORITY_DEBUG + 1
            || known.ask_priority > RT_PRIORITY_DEBUG + 1)
                return RT_EINVAL;
        worker->busy = true;
        r = rti_worker_decide(worker, feed, record, &known, &verdict);
        worker->busy = false;
        return r < 0 ? r : rti_opts_give(&verdict, sizeof verdict, ret_verdict);
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
        int r = RT_OK;

        if (!worker || !ret_loss)
                return RT_EINVAL;
        if (index == 0)
                r = rti_worker_losses(worker);
        r = r < 0 ? r : rti_worker_loss(worker, index, &row);
        if (r < 0)
                return r;
        return rti_opts_give(&row, sizeof row, ret_loss);
}

int
rt_worker_finish(rt_worker *worker)
{
        return worker && !worker->busy ? rti_worker_finish(worker) : RT_EINVAL;
}

int
rt_worker_explain(rt_worker *worker, const char *rule, rt_str *ret_text)
{
        if (!worker || !rule || !ret_text)
                return RT_EINVAL;
        return rti_worker_explain(worker, rti_str_of(rule), ret_text);
}
