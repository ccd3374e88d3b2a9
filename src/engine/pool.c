/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.c - a pool's life, and its caller's side: keep the workers busy, give out what they found.
 *
 *   in   batches that count, in their order
 *   out  the callbacks, in the order of one worker
 */
#include "engine/pool.h"
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <time.h>

enum {
        LOOK_MS = 10,       /* how long the caller waits before it asks for what there is */
        LOOKS = 10,         /* and how often, before it says that nothing came */
        LOSSES_LOOKS = 200, /* the same for a worker that reads a live input */
        NS_PER_MS = 1000000,
        NS_PER_S = 1000000000
};

/* ---- giving out ---- */

/* The next chunk that counts; NULL: none now. Lock held. */
static rti_chunk *
next_chunk(rt_pool *pool)
{
        while (pool->at < pool->made) {
                rti_batch *batch = rti_pool_batch(pool, pool->at);

                if (batch->n_ready)
                        return batch->ready[0];
                if (pool->settled <= pool->at)
                        return NULL;
                pool->stats.events += pool->given.counted;
                pool->stats.bytes += pool->given.bytes;
                pool->stats.skipped += pool->given.skipped;
                pool->stats.limits_hit += pool->given.limits_hit;
                pool->given = (rti_kept){ 0 };
                pool->at++;
        }
        return NULL;
}

/* Alerts are counted for each rule of the ruleset they come from. */
static int
count_for(rt_pool *pool, rt_ruleset *rules)
{
        uint64_t *alerts;

        if (rules == pool->counted_rules)
                return RT_OK;
        alerts = rti_calloc(&pool->allocator, rules ? (size_t) rules->p.n_rules + 1 : 1,
                            sizeof *alerts);
        if (!alerts)
                return RT_ENOMEM;
        rti_free(&pool->allocator, pool->rule_alerts);
        pool->rule_alerts = alerts;
        rti_ruleset_unref(pool->counted_rules);
        pool->counted_rules = rti_ruleset_ref(rules);
        return RT_OK;
}

static int
give_alert(rt_pool *pool, rti_kept *kept, rt_alert_fn fn, void *user)
{
        int r;

        pool->stats.alerts++;
        pool->rule_alerts[kept->rule->number]++;
        if (!fn)
                return RT_OK;
        if (kept->local)
                kept->number += pool->giving->base;
        pool->alert.rule = kept->rule;
        pool->alert.kept = kept;
        r = fn(&pool->alert, user);
        pool->alert.rule = NULL;
        return r;
}

/* All of the chunk: alerts, or what @a fn returned below 0. */
static int
give_all(rt_pool *pool, const char *name, rt_alert_fn fn, void *user)
{
        int alerts = 0;

        while (pool->next) {
                rti_kept *kept = pool->next;
                int r;

                pool->next = kept->next;
                pool->given = *kept;
                if (!kept->rule) {
                        if (pool->opts.skipped)
                                pool->opts.skipped(name, kept->offset, kept->what,
                                                   pool->opts.skipped_user);
                        continue;
                }
                r = give_alert(pool, kept, fn, user);
                if (r >= 0) {
                        alerts++;
                        continue;
                }
                while (pool->next && pool->next->rule && pool->next->counted == kept->counted)
                        pool->next = pool->next->next;
                return r;
        }
        return alerts;
}

/* Alerts of the next chunk, RT_E*; RT_EAGAIN: there is none now. */
static int
give(rt_pool *pool, rt_alert_fn fn, void *user)
{
        rti_chunk *chunk;
        rti_batch *batch;
        int r;

        pthread_mutex_lock(&pool->lock);
        chunk = next_chunk(pool);
        pthread_mutex_unlock(&pool->lock);
        if (!chunk)
                return RT_EAGAIN;
        batch = chunk->batch;
        if (chunk != pool->giving) {
                r = count_for(pool, chunk->rules);
                if (r < 0)
                        return r;
                pool->giving = chunk;
                pool->next = chunk->first;
        }
        r = give_all(pool, batch->name.ptr, fn, user);
        if (r < 0)
                return r;
        pool->given = chunk->end;
        pool->giving = NULL;
        if (chunk->end.result < 0)
                r = chunk->end.result;
        pthread_mutex_lock(&pool->lock);
        batch->ready[0] = batch->ready[1];
        batch->n_ready--;
        rti_pool_release(pool, chunk);
        (void) next_chunk(pool);
        pthread_mutex_unlock(&pool->lock);
        return r;
}

/* ---- waiting ---- */

/* Until something changes, lock held. False: it was a while. */
static bool
await(rt_pool *pool)
{
        struct timespec until;
        int r;

        clock_gettime(CLOCK_MONOTONIC, &until);
        until.tv_nsec += LOOK_MS * NS_PER_MS;
        if (until.tv_nsec >= NS_PER_S) {
                until.tv_nsec -= NS_PER_S;
                until.tv_sec++;
        }
        pool->caller_waits = true;
        r = pthread_cond_timedwait(&pool->moved, &pool->lock, &until);
        pool->caller_waits = false;
        return r != ETIMEDOUT;
}

static void
call(rti_pool_worker *w)
{
        atomic_store_explicit(&w->attention, true, memory_order_relaxed);
        pthread_cond_signal(&w->wake);
}

/* Until there is something to give out, or, if more is to be judged, room for it. False: nothing
 * for a while. */
static bool
await_some(rt_pool *pool, bool more)
{
        bool some = true;

        pthread_mutex_lock(&pool->lock);
        if (!next_chunk(pool) && (more ? !rti_pool_has_room(pool) : pool->at < pool->made)) {
                /* Half of a full ring is made anew at a time: to wake a thread costs more than to
                 * cut a batch. */
                if (pool->made - pool->at >= pool->n_batches)
                        pool->wake_at = pool->at + (pool->n_batches + 1) / 2;
                some = await(pool);
                pool->wake_at = 0;
                if (!some && pool->at < pool->made) {
                        rti_batch *batch = rti_pool_batch(pool, pool->at);

                        batch->hungry = true;
                        if (batch->state == RTI_BATCH_RUNNING)
                                call(&pool->workers[batch->worker]);
                }
        }
        pthread_mutex_unlock(&pool->lock);
        return some;
}

/* Nothing is under way. */
static bool
is_idle(rt_pool *pool)
{
        bool idle;

        pthread_mutex_lock(&pool->lock);
        idle = !next_chunk(pool) && pool->at == pool->made;
        pthread_mutex_unlock(&pool->lock);
        return idle;
}

/* ---- the calls ---- */

int
rti_pool_step(rt_pool *pool, rt_alert_fn fn, void *user)
{
        unsigned looks = 0;

        rti_pool_send(pool);
        while (looks < LOOKS) {
                int r = rti_pool_fill(pool);

                if (r < 0)
                        return r;
                r = give(pool, fn, user);
                if (r != RT_EAGAIN)
                        return r;
                if (is_idle(pool) && !rti_pool_has_inputs(pool))
                        return RT_EOF;
                looks += !await_some(pool, rti_pool_has_inputs(pool));
        }
        return RT_EAGAIN;
}

int
rti_pool_flush(rt_pool *pool, rt_alert_fn fn, void *user)
{
        int alerts = 0;

        rti_pool_send(pool);
        while (!is_idle(pool)) {
                const int r = give(pool, fn, user);

                if (r == RT_EAGAIN)
                        (void) await_some(pool, false);
                else if (r < 0)
                        return r;
                else
                        alerts += r;
        }
        return alerts;
}

/* The rest of the delivery that is being judged does not count. */
static void
abandon(rt_pool *pool)
{
        rti_batch *batch;

        pthread_mutex_lock(&pool->lock);
        rti_pool_kill(pool, pool->n_streams);
        rti_pool_settle(pool);
        while (pool->settled < pool->made)
                (void) await(pool);
        if (pool->giving) { /* the callback stopped inside of it: nothing behind it was judged */
                batch = pool->giving->batch;
                if (!batch->absolute)
                        pool->sources[batch->feed].counted = batch->base + pool->given.counted;
                pool->giving = NULL;
        }
        for (uint64_t i = pool->at; i < pool->made; i++) {
                batch = rti_pool_batch(pool, i);
                while (batch->n_ready)
                        rti_pool_release(pool, batch->ready[--batch->n_ready]);
        }
        (void) next_chunk(pool);
        pthread_mutex_unlock(&pool->lock);
}

/* A delivery that is judged where it stands. */
static int
feed_large(rt_pool *pool, uint32_t feed, rt_str bytes, rt_alert_fn fn, void *user)
{
        bool begins = true;
        int alerts = rti_pool_flush(pool, fn, user);

        while (alerts >= 0 && (bytes.len || !is_idle(pool))) {
                int r = bytes.len ? rti_pool_cut(pool, feed, &bytes, begins) : RT_EAGAIN;

                if (r == RT_OK) {
                        begins = false;
                        continue;
                }
                if (r == RT_EAGAIN)
                        r = give(pool, fn, user);
                if (r == RT_EAGAIN) {
                        (void) await_some(pool, bytes.len > 0);
                } else if (r < 0) {
                        abandon(pool);
                        return r;
                } else {
                        alerts += r;
                }
        }
        return alerts;
}

int
rti_pool_feed(rt_pool *pool, uint32_t feed, rt_str bytes, rt_alert_fn fn, void *user)
{
        int alerts = 0, r;

        if (bytes.len > pool->batch_bytes)
                return feed_large(pool, feed, bytes, fn, user);
        while (bytes.len && (r = rti_pool_gather(pool, feed, bytes)) != RT_OK) {
                if (r != RT_EAGAIN)
                        return r;
                r = give(pool, fn, user);
                if (r == RT_EAGAIN)
                        (void) await_some(pool, true);
                else if (r < 0)
                        return r;
                else
                        alerts += r;
        }
        while ((r = give(pool, fn, user)) >= 0)
                alerts += r;
        return r == RT_EAGAIN ? alerts : r;
}

int
rti_pool_finish(rt_pool *pool)
{
        pool->own->finishing = true;
        pthread_mutex_lock(&pool->lock);
        pool->finishing = true;
        for (uint64_t i = pool->settled; i < pool->made; i++) {
                rti_batch *batch = rti_pool_batch(pool, i);

                if (batch->state == RTI_BATCH_READY && batch->input.path)
                        batch->silent = true;
        }
        for (uint32_t i = 0; i < pool->n_workers; i++)
                call(&pool->workers[i]);
        pthread_mutex_unlock(&pool->lock);
        return RT_OK;
}

int
rti_pool_losses(rt_pool *pool)
{
        int r = rti_worker_losses(pool->own);
        unsigned looks = 0;

        pthread_mutex_lock(&pool->lock);
        pool->losses_round++;
        pool->losses_result = r;
        for (uint32_t i = 0; i < pool->n_workers; i++) {
                call(&pool->workers[i]);
                while (pool->workers[i].losses_told != pool->losses_round && looks < LOSSES_LOOKS)
                        looks += !await(pool);
        }
        r = pool->losses_result;
        pthread_mutex_unlock(&pool->lock);
        return r;
}

void
rti_pool_stats(const rt_pool *pool, rt_worker_stats *ret_stats)
{
        *ret_stats = pool->stats;
        ret_stats->events += pool->given.counted;
        ret_stats->bytes += pool->given.bytes;
        ret_stats->skipped += pool->given.skipped;
        ret_stats->limits_hit += pool->given.limits_hit;
        ret_stats->allocations = atomic_load_explicit(&pool->allocations, memory_order_relaxed);
}

/* ---- life ---- */

static void *
counting_resize(void *ptr, size_t size_bytes, void *user)
{
        rt_pool *pool = user;
        const rt_allocator *a = &pool->engine->allocator;

        if (size_bytes)
                atomic_fetch_add_explicit(&pool->allocations, 1, memory_order_relaxed);
        return a->resize(ptr, size_bytes, a->user);
}

static int
new_chunk(rt_pool *pool, rti_batch *batch, rti_chunk *chunk)
{
        chunk->batch = batch;
        rti_arena_init(&chunk->memory, &pool->allocator, 0);
        if (pool->opts.key) {
                chunk->keyed = rti_calloc(&pool->allocator, pool->n_workers, sizeof *chunk->keyed);
                chunk->keyed_last =
                        rti_calloc(&pool->allocator, pool->n_workers, sizeof *chunk->keyed_last);
                if (!chunk->keyed || !chunk->keyed_last)
                        return RT_ENOMEM;
        }
        return RT_OK;
}

static int
new_batches(rt_pool *pool)
{
        int r = RT_OK;

        pool->batches = rti_calloc(&pool->allocator, pool->n_batches, sizeof *pool->batches);
        if (!pool->batches)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < pool->n_batches; i++) {
                rti_batch *batch = &pool->batches[i];

                rti_buf_init(&batch->name, &pool->allocator, 0);
                for (size_t k = 0; k < RTI_POOL_CHUNKS && r == RT_OK; k++)
                        r = new_chunk(pool, batch, &batch->chunks[k]);
        }
        return r;
}

static int
new_worker(rt_pool *pool, uint32_t index)
{
        rti_pool_worker *w = &pool->workers[index];
        const rt_worker_opts opts = { .size = sizeof opts,
                                      .rule_matching = pool->opts.rule_matching,
                                      .alert_flags = pool->opts.alert_flags,
                                      .skipped = rti_pool_skipped,
                                      .skipped_user = w };
        int r;

        w->pool = pool;
        w->index = index;
        if (pthread_cond_init(&w->wake, NULL) != 0)
                return RT_ENOMEM;
        w->has_wake = true;
        w->keyed = rti_calloc(&pool->allocator, (size_t) pool->n_batches * RTI_POOL_CHUNKS,
                              sizeof *w->keyed);
        r = w->keyed ? rti_worker_new(pool->engine, &opts, &w->worker) : RT_ENOMEM;
        for (uint32_t i = 0; r == RT_OK && i < w->worker->n_feeds; i++)
                w->worker->feeds[i].key = pool->sources[i].key;
        return r;
}

/* The host's signals are the host's: none is delivered to the threads. */
static int
start(rt_pool *pool)
{
        sigset_t all, old;
        bool started = true;

        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &old);
        for (uint32_t i = 0; started && i < pool->n_workers; i++) {
                rti_pool_worker *w = &pool->workers[i];

                started = pthread_create(&w->thread, NULL, rti_pool_thread, w) == 0;
                w->started = started;
        }
        pthread_sigmask(SIG_SETMASK, &old, NULL);
        return started ? RT_OK : RT_ELIMIT;
}

static int
init_lock(rt_pool *pool)
{
        pthread_condattr_t attr;
        bool good;

        if (pthread_condattr_init(&attr) != 0)
                return RT_ENOMEM;
        (void) pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
        good = pthread_cond_init(&pool->moved, &attr) == 0;
        pthread_condattr_destroy(&attr);
        if (good && pthread_mutex_init(&pool->lock, NULL) != 0) {
                pthread_cond_destroy(&pool->moved);
                good = false;
        }
        pool->has_lock = good;
        return good ? RT_OK : RT_ENOMEM;
}

static uint32_t
processors(void)
{
        cpu_set_t set;

        return sched_getaffinity(0, sizeof set, &set) == 0 ? (uint32_t) CPU_COUNT(&set) : 1;
}

static void
choose(rt_pool *pool, const rt_pool_opts *opts)
{
        const uint64_t most = pool->engine->max_record_bytes - 1;

        pool->opts = *opts;
        if (!pool->opts.render)
                pool->opts.render = RT_RENDER_TEXT | RT_RENDER_JSON | RT_RENDER_FIELDS;
        if (!pool->opts.alert_bytes)
                pool->opts.alert_bytes = RTI_POOL_ALERT_BYTES;
        pool->n_workers = opts->workers ? opts->workers : processors();
        if (pool->n_workers > RTI_POOL_WORKERS && !opts->workers)
                pool->n_workers = RTI_POOL_WORKERS;
        pool->n_batches =
                opts->batches ? opts->batches : pool->n_workers * RTI_POOL_BATCHES_PER_WORKER;
        /* The end of one is read where the next begins. */
        if (pool->n_batches < 2)
                pool->n_batches = 2;
        pool->batch_bytes = opts->batch_bytes ? opts->batch_bytes : RTI_POOL_BATCH_BYTES;
        if (pool->batch_bytes > most)
                pool->batch_bytes = most;
}

static int
fill_pool(rt_pool *pool)
{
        const rt_worker_opts plain = { .size = sizeof plain };
        int r = init_lock(pool);

        r = r < 0 ? r : rti_fork_mark_new(&pool->mark);
        r = r < 0 ? r : rti_worker_new(pool->engine, &plain, &pool->own);
        if (r < 0)
                return r;
        pool->sources = rti_calloc(&pool->allocator, pool->own->n_feeds + (size_t) 1,
                                   sizeof *pool->sources);
        pool->workers = rti_calloc(&pool->allocator, pool->n_workers, sizeof *pool->workers);
        if (!pool->sources || !pool->workers)
                return RT_ENOMEM;
        if (pool->opts.key) {
                const rt_str key = rti_arena_copy(&pool->memory, rti_str_of(pool->opts.key));

                pool->key = key;
                pool->opts.key = key.ptr;
                r = key.ptr ? rti_pool_find_keys(pool) : RT_ENOMEM;
        }
        r = r < 0 ? r : new_batches(pool);
        for (uint32_t i = 0; r == RT_OK && i < pool->n_workers; i++)
                r = new_worker(pool, i);
        return r < 0 ? r : start(pool);
}

int
rti_pool_new(rt_engine *engine, const rt_pool_opts *opts, rt_pool **ret_pool)
{
        rt_pool *pool = rti_calloc(&engine->allocator, 1, sizeof *pool);
        int r;

        if (!pool)
                return RT_ENOMEM;
        pool->engine = engine;
        pool->allocator = (rt_allocator){ sizeof(rt_allocator), counting_resize, pool };
        pool->rests = true;
        rti_arena_init(&pool->memory, &pool->allocator, 0);
        choose(pool, opts);
        r = pool->n_workers > RTI_POOL_WORKERS || pool->n_batches > RTI_POOL_BATCHES
                    ? RT_ELIMIT
                    : fill_pool(pool);
        if (r < 0) {
                rti_pool_free(pool);
                return r;
        }
        *ret_pool = pool;
        return RT_OK;
}

static void
stop(rt_pool *pool)
{
        pthread_mutex_lock(&pool->lock);
        atomic_store(&pool->stopping, true);
        for (uint32_t i = 0; pool->workers && i < pool->n_workers; i++)
                if (pool->workers[i].started)
                        call(&pool->workers[i]);
        pthread_mutex_unlock(&pool->lock);
        for (uint32_t i = 0; pool->workers && i < pool->n_workers; i++)
                if (pool->workers[i].started)
                        pthread_join(pool->workers[i].thread, NULL);
}

static void
free_batch(rt_pool *pool, rti_batch *batch)
{
        if (batch->input.reader)
                batch->input.reader->close(batch->input.reader_state);
        rti_free(&pool->allocator, batch->input.path);
        rti_free(&pool->allocator, batch->buffer);
        rti_buf_done(&batch->name);
        rti_vec_done(&batch->pieces, &pool->allocator);
        rti_in_force_drop(&batch->in_force);
        for (size_t k = 0; k < RTI_POOL_CHUNKS; k++) {
                rti_arena_done(&batch->chunks[k].memory);
                rti_ruleset_unref(batch->chunks[k].rules);
                rti_free(&pool->allocator, batch->chunks[k].keyed);
                rti_free(&pool->allocator, batch->chunks[k].keyed_last);
        }
}

void
rti_pool_free(rt_pool *pool)
{
        const rt_allocator allocator = pool->engine->allocator;

        if (pool->has_lock)
                stop(pool);
        rti_fork_unmark(pool->mark);
        for (uint32_t i = 0; pool->workers && i < pool->n_workers; i++) {
                rti_pool_worker *w = &pool->workers[i];

                if (w->worker)
                        rti_worker_free(w->worker);
                if (w->has_wake)
                        pthread_cond_destroy(&w->wake);
                rti_free(&pool->allocator, w->keyed);
        }
        for (uint32_t i = 0; pool->batches && i < pool->n_batches; i++)
                free_batch(pool, &pool->batches[i]);
        if (pool->cut.path) {
                pool->cut.reader->close(pool->cut.reader_state);
                rti_free(&pool->allocator, pool->cut.path);
        }
        if (pool->own)
                rti_worker_free(pool->own);
        rti_free(&pool->allocator, pool->workers);
        rti_free(&pool->allocator, pool->batches);
        rti_free(&pool->allocator, pool->sources);
        rti_free(&pool->allocator, pool->rule_alerts);
        rti_ruleset_unref(pool->counted_rules);
        rti_arena_done(&pool->memory);
        if (pool->has_lock) {
                pthread_cond_destroy(&pool->moved);
                pthread_mutex_destroy(&pool->lock);
        }
        rti_free(&allocator, pool);
}
