/* SPDX-License-Identifier: Apache-2.0 */
/* workers.h - one worker, or a pool of them: what judges the events. */
#ifndef RTCTL_WORKERS_H
#define RTCTL_WORKERS_H

#include <libruntime/runtime.h>

/* One of both; neither: there is none yet. */
typedef struct workers {
        rt_worker *worker;
        rt_pool *pool;
} workers;

/* As the functions of rt_worker and rt_pool of these names. */
int workers_configure(const workers *w, const char *source, const rt_option *options,
                      size_t n_options, rt_diags *diags);
int workers_open(const workers *w, const char *source, const char *path);
int workers_step(const workers *w, rt_alert_fn fn, void *user);
int workers_feed(const workers *w, const char *source, rt_str bytes, rt_alert_fn fn, void *user);
int workers_finish(const workers *w);
int workers_stats(const workers *w, rt_worker_stats *ret_stats);
uint64_t workers_rule_alerts(const workers *w, size_t index);
int workers_loss(const workers *w, size_t index, rt_loss *ret_loss);
void workers_unref(workers *w);

#endif
