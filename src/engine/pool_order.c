/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool_order.c - the order of a pool's batches: which of them count, and who takes the next one.
 *
 * All of it runs with the pool's lock held, once or twice for a batch.
 */
#include "engine/pool.h"

/* So many batches have settled. */
static void
wake_caller(rt_pool *pool, uint64_t settled)
{
        if (pool->caller_waits && settled >= pool->wake_at)
                pthread_cond_signal(&pool->moved);
}

void
rti_pool_wake_idle(rt_pool *pool, uint32_t bound)
{
        for (uint32_t i = 0; i < pool->n_workers; i++) {
                rti_pool_worker *w = &pool->workers[i];

                if (!w->waits || (bound != RTI_NONE && bound != i))
                        continue;
                w->waits = false;
                pthread_cond_signal(&w->wake);
                return;
        }
}

/* ---- chunks ---- */

bool
rti_pool_has_room(const rt_pool *pool)
{
        const rti_batch *batch = rti_pool_batch(pool, pool->made);

        if (pool->made - pool->at >= pool->n_batches)
                return false;
        for (size_t i = 0; i < RTI_POOL_CHUNKS; i++)
                if (batch->chunks[i].users)
                        return false;
        return true;
}

void
rti_pool_release(rt_pool *pool, rti_chunk *chunk)
{
        const rti_batch *batch = chunk->batch;

        if (--chunk->users)
                return;
        if (batch->state == RTI_BATCH_RUNNING)
                pthread_cond_signal(&pool->workers[batch->worker].wake);
        wake_caller(pool, pool->settled);
}

static void
bind_keys(rt_pool *pool, rti_chunk *chunk)
{
        const size_t room = (size_t) pool->n_batches * RTI_POOL_CHUNKS;

        for (uint32_t i = 0; chunk->keyed && i < pool->n_workers; i++) {
                rti_pool_worker *w = &pool->workers[i];

                if (!chunk->keyed[i])
                        continue;
                w->keyed[(w->keyed_at + w->n_keyed++) % room] = chunk;
                chunk->users++;
                w->waits = false;
                atomic_store_explicit(&w->attention, true, memory_order_relaxed);
                pthread_cond_signal(&w->wake);
        }
}

void
rti_pool_publish(rt_pool *pool, rti_batch *batch)
{
        rti_chunk *chunk = batch->filling;

        chunk->base = batch->absolute ? 0 : batch->base;
        chunk->users = 1;
        batch->filling = NULL;
        batch->ready[batch->n_ready++] = chunk;
        batch->hungry = false;
        bind_keys(pool, chunk);
        /* The worker of a batch that is not done may need another chunk. */
        wake_caller(pool, batch->state == RTI_BATCH_DONE ? batch->number + 1 : UINT64_MAX);
}

/* ---- what counts ---- */

static void
confirm(rt_pool *pool, rti_batch *batch)
{
        const rti_pool_source *source = &pool->sources[batch->feed];

        batch->base = source->counted;
        batch->first_time_ns = source->first_time_ns;
        batch->confirmed = true;
        if (batch->state == RTI_BATCH_RUNNING)
                pthread_cond_signal(&pool->workers[batch->worker].wake);
}

/* Have the batch's worker leave it. */
static void
cancel(rt_pool *pool, rti_batch *batch)
{
        rti_pool_worker *w = &pool->workers[batch->worker];

        atomic_store_explicit(&batch->cancelled, true, memory_order_relaxed);
        atomic_store_explicit(&w->attention, true, memory_order_relaxed);
        pthread_cond_signal(&w->wake);
}

/* Forget what was made of it and is not given out yet. */
static void
discard(rt_pool *pool, rti_batch *batch)
{
        while (batch->n_ready)
                rti_pool_release(pool, batch->ready[--batch->n_ready]);
        batch->filling = NULL;
}

static void
count(rt_pool *pool, rti_batch *batch)
{
        rti_pool_source *source = &pool->sources[batch->feed];

        if (source->counted == 0 && batch->events)
                source->first_time_ns = batch->own_first_time_ns;
        if (!batch->absolute)
                source->counted += batch->events;
        pool->rests = batch->rests;
        rti_pool_publish(pool, batch);
        if (batch->failed && !batch->ends)
                rti_pool_kill(pool, batch->stream);
}

void
rti_pool_settle(rt_pool *pool)
{
        for (; pool->settled < pool->made; pool->settled++) {
                rti_batch *batch = rti_pool_batch(pool, pool->settled);
                const bool dead = pool->dead && batch->stream == pool->dead;
                const bool clean = batch->begins || pool->rests;

                if (batch->state == RTI_BATCH_RUNNING && (dead || !(batch->confirmed || clean))) {
                        cancel(pool, batch);
                        return;
                }
                if (dead) {
                        discard(pool, batch);
                        batch->dropped = true;
                        batch->state = RTI_BATCH_DONE;
                        wake_caller(pool, batch->number + 1);
                        continue;
                }
                if (!batch->confirmed && clean)
                        confirm(pool, batch);
                if (!batch->confirmed) {
                        for (uint32_t i = 0; i < pool->n_workers; i++)
                                if (pool->workers[i].inherits == batch->stream)
                                        pthread_cond_signal(&pool->workers[i].wake);
                        return;
                }
                if (batch->state != RTI_BATCH_DONE)
                        return;
                count(pool, batch);
        }
}

void
rti_pool_kill(rt_pool *pool, uint64_t stream)
{
        pool->dead = stream;
        for (uint32_t i = 0; i < pool->n_workers; i++)
                if (pool->workers[i].inherits == stream)
                        pool->workers[i].inherits = 0;
}

/* ---- who takes what ---- */

static rti_batch *
take(rti_pool_worker *w, rti_batch *batch)
{
        batch->state = RTI_BATCH_RUNNING;
        batch->worker = w->index;
        batch->filling = &batch->chunks[0];
        atomic_store_explicit(&batch->cancelled, false, memory_order_relaxed);
        w->batch = batch;
        w->number = batch->number;
        w->known = batch->confirmed;
        w->inherits = 0;
        w->finished = false;
        return batch;
}

/* The next batch of the stream that the worker is in the middle of. */
static rti_batch *
inherit(rti_pool_worker *w)
{
        rt_pool *pool = w->pool;
        rti_batch *batch = rti_pool_batch(pool, pool->settled);

        if (pool->settled == pool->made || pool->settled != w->number + 1
            || batch->state == RTI_BATCH_RUNNING || batch->confirmed)
                return NULL;
        /* What another one made of it began at the wrong place, and so would what follows that. */
        if (batch->worker != RTI_NONE && pool->workers[batch->worker].number == batch->number)
                pool->workers[batch->worker].inherits = 0;
        pool->misses += batch->worker != RTI_NONE;
        discard(pool, batch);
        confirm(pool, batch);
        w->heir = true;
        return take(w, batch);
}

rti_batch *
rti_pool_take(rti_pool_worker *w)
{
        rt_pool *pool = w->pool;

        if (w->inherits)
                return inherit(w);
        for (uint64_t i = pool->settled; i < pool->made; i++) {
                rti_batch *batch = rti_pool_batch(pool, i);

                /* What is not confirmed by now is its heir's. */
                if (batch->state == RTI_BATCH_READY && (batch->confirmed || i != pool->settled)
                    && (batch->bound == RTI_NONE || batch->bound == w->index)) {
                        w->heir = false;
                        return take(w, batch);
                }
        }
        return NULL;
}

void
rti_pool_leave(rti_pool_worker *w)
{
        rt_pool *pool = w->pool;
        rti_batch *batch = w->batch;

        if (atomic_load_explicit(&batch->cancelled, memory_order_relaxed)) {
                discard(pool, batch);
                batch->state = RTI_BATCH_INSIDE;
        } else {
                batch->state = RTI_BATCH_DONE;
                if (!batch->rests)
                        w->inherits = batch->stream;
        }
        rti_pool_settle(pool);
}
