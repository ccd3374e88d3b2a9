/* SPDX-License-Identifier: Apache-2.0 */
/* workers.c - one worker, or a pool of them. */
#include "workers.h"

int
workers_configure(const workers *w, const char *source, const rt_option *options, size_t n_options,
                  rt_diags *diags)
{
        return w->pool ? rt_pool_configure(w->pool, source, options, n_options, diags)
                       : rt_worker_configure(w->worker, source, options, n_options, diags);
}

int
workers_open(const workers *w, const char *source, const char *path)
{
        return w->pool ? rt_pool_open(w->pool, source, path)
                       : rt_worker_open(w->worker, source, path);
}

int
workers_step(const workers *w, rt_alert_fn fn, void *user)
{
        return w->pool ? rt_pool_step(w->pool, fn, user) : rt_worker_step(w->worker, fn, user);
}

/* Somebody waits for an answer: nothing is left for later. */
int
workers_feed(const workers *w, const char *source, rt_str bytes, rt_alert_fn fn, void *user)
{
        int r;

        if (!w->pool)
                return rt_worker_feed(w->worker, source, bytes, fn, user);
        r = rt_pool_feed(w->pool, source, bytes, fn, user);
        return r < 0 ? r : rt_pool_flush(w->pool, fn, user);
}

int
workers_finish(const workers *w)
{
        return w->pool ? rt_pool_finish(w->pool) : rt_worker_finish(w->worker);
}

int
workers_stats(const workers *w, rt_worker_stats *ret_stats)
{
        return w->pool ? rt_pool_stats_get(w->pool, ret_stats)
                       : rt_worker_stats_get(w->worker, ret_stats);
}

uint64_t
workers_rule_alerts(const workers *w, size_t index)
{
        return w->pool ? rt_pool_rule_alerts(w->pool, index)
                       : rt_worker_rule_alerts(w->worker, index);
}

int
workers_loss(const workers *w, size_t index, rt_loss *ret_loss)
{
        return w->pool ? rt_pool_loss(w->pool, index, ret_loss)
                       : rt_worker_loss(w->worker, index, ret_loss);
}

void
workers_unref(workers *w)
{
        w->worker = rt_worker_unref(w->worker);
        w->pool = rt_pool_unref(w->pool);
}
