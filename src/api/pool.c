/* SPDX-License-Identifier: Apache-2.0 */
/* pool.c - rt_pool_*: several workers that judge as one. */
#include "engine/pool.h"
#include "base/opts.h"
#include "lang/diag.h"
#include <stdlib.h>

/* The number at @a at, which goes behind it and the colon there. */
static uint32_t
take_number(const char **at)
{
        char *end;
        const unsigned long number = strtoul(*at, &end, 10);

        *at = end + (*end == ':');
        return (uint32_t) number;
}

static void
tell(rt_diags *diags, const rti_rule_row *row)
{
        const char *at = row->extra[row->n_extra].key.ptr;
        rti_diag diag = {
                .id = RTI_D_NOT_IN_POOL,
                .item = rti_str_of(row->info.name),
                .message = RTI_STR("a pool of several workers cannot judge the rule"),
                .hint = RTI_STR("judge with one worker"),
        };

        diag.place.line = take_number(&at);
        diag.place.column = take_number(&at);
        diag.file = rti_str_of(at);
        rti_diag_add(diags, &diag);
}

/* RT_EINVAL: rules in force are none for several workers. */
static int
look_at_rules(const rt_pool *pool)
{
        rti_in_force now = rti_engine_in_force(pool->engine);
        int r = RT_OK;

        if (pool->n_workers > 1 && now.rules && now.rules->any_also) {
                r = RT_EINVAL;
                for (uint32_t i = 0; pool->opts.diags && i < now.rules->p.n_rules; i++)
                        if (now.rules->rules[i].also)
                                tell(pool->opts.diags, &now.rules->rules[i]);
        }
        rti_in_force_drop(&now);
        return r;
}

int
rt_pool_new(rt_engine *engine, const rt_pool_opts *opts, rt_pool **ret_pool)
{
        rt_pool_opts known;
        rt_pool *pool = NULL;
        int r;

        if (!engine || !ret_pool)
                return RT_EINVAL;
        r = rti_opts_take(opts, sizeof known, &known);
        if (r < 0)
                return r;
        if (known.rule_matching > RT_MATCH_ALL || known.alert_flags >= RT_ALERT_TIME_ISO_8601 << 1
            || known.render > (RT_RENDER_TEXT | RT_RENDER_JSON | RT_RENDER_FIELDS) || known.reserved
            || (known.key && !*known.key))
                return RT_EINVAL;
        atomic_store(&engine->sealed, true);
        r = rti_pool_new(engine, &known, &pool);
        if (r == RT_OK && look_at_rules(pool) < 0) {
                rti_pool_free(pool);
                r = RT_EINVAL;
        }
        if (r < 0)
                return r;
        rt_engine_ref(engine);
        *ret_pool = pool;
        return RT_OK;
}

rt_pool *
rt_pool_unref(rt_pool *pool)
{
        rt_engine *engine;

        if (!pool || rti_forked(pool->mark) || !rti_turn_end(&pool->turn))
                return NULL;
        engine = pool->engine;
        rti_pool_free(pool);
        return rt_engine_unref(engine), NULL;
}

/* The pool's turn, in the process that has its threads. */
static int
enter(rt_pool *pool)
{
        if (!pool || rti_forked(pool->mark))
                return RT_EINVAL;
        return rti_turn_take(&pool->turn) ? RT_OK : RT_EBUSY;
}

/* The call is over. */
static int
leave(rt_pool *pool, int r)
{
        if (r == RT_EINVAL)
                (void) look_at_rules(pool);
        rti_turn_set(&pool->turn, RTI_TURN_FREE);
        if (pool->turn.gone)
                rt_pool_unref(pool);
        return r;
}

/* The same, with a source. */
static int
enter_source(rt_pool *pool, const char *source, uint32_t *ret_feed)
{
        int r = source ? enter(pool) : RT_EINVAL;

        if (r < 0)
                return r;
        r = rti_worker_find(pool->own, source, ret_feed);
        return r < 0 ? leave(pool, r) : r;
}

int
rt_pool_configure(rt_pool *pool, const char *source, const rt_option *options, size_t n_options,
                  rt_diags *diags)
{
        rti_pool_source *own;
        uint32_t feed;
        int r = enter_source(pool, source, &feed);

        if (r < 0)
                return r;
        own = &pool->sources[feed];
        if (own->used)
                return leave(pool, RT_EINVAL);
        r = rt_worker_configure(pool->own, source, options, n_options, diags);
        for (uint32_t i = 0; r == RT_OK && i < pool->n_workers; i++)
                r = rt_worker_configure(pool->workers[i].worker, source, options, n_options, NULL);
        own->result = r;
        return leave(pool, r);
}

int
rt_pool_open(rt_pool *pool, const char *source, const char *path)
{
        uint32_t feed;
        int r = enter_source(pool, source, &feed);

        if (r < 0)
                return r;
        r = path ? pool->sources[feed].result : RT_EINVAL;
        return leave(pool, r < 0 ? r : rti_worker_open(pool->own, feed, path));
}

int
rt_pool_step(rt_pool *pool, rt_alert_fn fn, void *user)
{
        const int r = enter(pool);

        return r < 0 ? r : leave(pool, rti_pool_step(pool, fn, user));
}

int
rt_pool_feed(rt_pool *pool, const char *source, rt_str bytes, rt_alert_fn fn, void *user)
{
        uint32_t feed;
        int r = enter_source(pool, source, &feed);

        if (r < 0)
                return r;
        if ((bytes.len && !bytes.ptr) || rti_pool_has_inputs(pool)
            || pool->own->feeds[feed].instance.ops->flags & RT_SOURCE_OPENS)
                return leave(pool, RT_EINVAL);
        r = pool->sources[feed].result;
        r = r < 0 ? r : rti_feed_create(pool->own, &pool->own->feeds[feed]);
        return leave(pool, r < 0 ? r : rti_pool_feed(pool, feed, bytes, fn, user));
}

int
rt_pool_flush(rt_pool *pool, rt_alert_fn fn, void *user)
{
        const int r = enter(pool);

        return r < 0 ? r : leave(pool, rti_pool_flush(pool, fn, user));
}

int
rt_pool_stats_get(const rt_pool *pool, rt_worker_stats *ret_stats)
{
        rt_worker_stats stats;

        if (!pool || !ret_stats)
                return RT_EINVAL;
        rti_pool_stats(pool, &stats);
        return rti_opts_give(&stats, sizeof stats, ret_stats);
}

uint64_t
rt_pool_rule_alerts(const rt_pool *pool, size_t index)
{
        return pool && pool->counted_rules && index < pool->counted_rules->p.n_rules
                       ? pool->rule_alerts[index]
                       : 0;
}

int
rt_pool_loss(rt_pool *pool, size_t index, rt_loss *ret_loss)
{
        rt_loss row;
        int r;

        if (!ret_loss)
                return RT_EINVAL;
        r = enter(pool);
        if (r < 0)
                return r;
        r = index == 0 ? rti_pool_losses(pool) : RT_OK;
        r = r < 0 ? r : rti_worker_loss(pool->own, index, &row);
        return leave(pool, r < 0 ? r : rti_opts_give(&row, sizeof row, ret_loss));
}

int
rt_pool_finish(rt_pool *pool)
{
        const int r = enter(pool);

        return r < 0 ? r : leave(pool, rti_pool_finish(pool));
}
