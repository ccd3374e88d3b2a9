/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool_run.c - a pool's worker on its thread: judge a batch, keep what was found.
 *
 *   in   a batch, and where the worker's source stands when it goes on with a stream
 *   out  chunks of kept alerts; does the source rest where the batch ends?
 *
 * Between two events a look at one flag says whether somebody wants something. The lock is taken
 * then, and for each chunk.
 */
#include "engine/pool.h"

/* ---- the others ---- */

static bool
is_over(const rti_pool_worker *w)
{
        return w->pool->stopping
               || atomic_load_explicit(&w->batch->cancelled, memory_order_relaxed);
}

static rti_chunk *
free_chunk(rti_batch *batch)
{
        for (size_t i = 0; i < RTI_POOL_CHUNKS; i++)
                if (!batch->chunks[i].users && &batch->chunks[i] != batch->filling)
                        return &batch->chunks[i];
        return NULL;
}

static void
tell_losses(rti_pool_worker *w)
{
        rt_pool *pool = w->pool;
        int r = rti_worker_losses(w->worker);

        r = r < 0 ? r : rti_worker_losses_add(pool->own, w->worker);
        if (r < 0)
                pool->losses_result = r;
        w->losses_told = pool->losses_round;
        pthread_cond_signal(&pool->moved);
}

/* Something to do for others, lock held: false: nothing. */
static bool
oblige(rti_pool_worker *w)
{
        if (rti_pool_do_keyed(w))
                return true;
        if (w->losses_told == w->pool->losses_round)
                return false;
        tell_losses(w);
        return true;
}

/* Give what there is to the caller, and go on with another chunk. Lock held. */
static void
next_chunk(rti_pool_worker *w, rti_chunk *fresh)
{
        rti_batch *batch = w->batch;

        rti_pool_note(w, &w->chunk->end);
        rti_pool_publish(w->pool, batch);
        batch->filling = w->chunk = fresh;
        rti_chunk_begin(w->pool, fresh, w->worker->rules);
}

/* The same, as soon as the batch counts and there is another chunk. False: it is over. */
static bool
hand_over(rti_pool_worker *w)
{
        rt_pool *pool = w->pool;
        rti_chunk *fresh = NULL;
        bool over;

        pthread_mutex_lock(&pool->lock);
        while (!(over = is_over(w)) && !(w->batch->confirmed && (fresh = free_chunk(w->batch))))
                if (!oblige(w))
                        pthread_cond_wait(&w->wake, &pool->lock);
        if (!over)
                next_chunk(w, fresh);
        pthread_mutex_unlock(&pool->lock);
        return !over;
}

/* The same, if that can be done now. */
static void
offer(rti_pool_worker *w)
{
        rti_chunk *fresh = w->batch->confirmed ? free_chunk(w->batch) : NULL;

        if (fresh)
                next_chunk(w, fresh);
}

/* The host wants to end: the input that is read ends. */
static int
finish(rti_pool_worker *w)
{
        w->finished = true;
        return rti_worker_finish(w->worker);
}

/* What others want of the worker, between two events. False: the batch is over. */
static bool
attend(rti_pool_worker *w)
{
        rt_pool *pool = w->pool;
        bool over, ends;

        if (!atomic_load_explicit(&w->attention, memory_order_relaxed))
                return true;
        atomic_store_explicit(&w->attention, false, memory_order_relaxed);
        pthread_mutex_lock(&pool->lock);
        while (oblige(w))
                continue;
        over = is_over(w);
        ends = pool->finishing && !w->finished && w->worker->pulled_path;
        if (!over && w->batch->hungry)
                offer(w);
        pthread_mutex_unlock(&pool->lock);
        if (!over && ends && finish(w) < 0)
                rti_worker_close(w->worker);
        return !over;
}

/* ---- numbers ---- */

/* rti_instance.number: wait until it is known how many events there were before this batch. */
static void
ask_number(void *user)
{
        rti_pool_worker *w = user;
        rti_batch *batch = w->batch;
        rti_instance *instance = &w->worker->feeds[batch->feed].instance;
        rt_event *event = &w->worker->event;

        pthread_mutex_lock(&w->pool->lock);
        while (!batch->confirmed && !is_over(w))
                if (!oblige(w))
                        pthread_cond_wait(&w->wake, &w->pool->lock);
        pthread_mutex_unlock(&w->pool->lock);
        instance->number = NULL;
        if (!batch->base)
                return;
        instance->n_events += batch->base;
        w->began_events += batch->base;
        instance->first_time_ns = batch->first_time_ns;
        if (event->flags & RT_EVENT_NUMBERED)
                return;
        event->number += batch->base;
        event->base_ns = batch->first_time_ns;
}

static void
begin_numbers(rti_pool_worker *w, rti_instance *instance)
{
        rti_batch *batch = w->batch;

        batch->absolute =
                !instance->ops->split || instance->ops->split(instance->state) == RT_SPLIT_NEVER;
        instance->number = NULL;
        if (!batch->absolute) {
                instance->n_events = w->known ? batch->base : 0;
                instance->first_time_ns = w->known ? batch->first_time_ns : 0;
                instance->number = w->known ? NULL : ask_number;
                instance->number_user = w;
        }
        w->began_events = instance->n_events;
}

/* ---- judging ---- */

static int
keep_alert(const rt_alert *alert, void *user)
{
        return rti_pool_keep(user, (rt_alert *) (uintptr_t) alert);
}

static bool
is_full(const rti_pool_worker *w)
{
        return w->chunk->bytes >= w->pool->opts.alert_bytes;
}

void
rti_pool_skipped(const char *input, uint64_t offset, const char *what, void *user)
{
        rti_pool_worker *w = user;

        (void) input;
        if (w->failed == RT_OK)
                w->failed = rti_pool_keep_skipped(w, offset, what);
        if (is_full(w))
                (void) hand_over(w); /* what is over is seen behind the event */
}

/* One event: 1, 0: none is there, RT_EOF, RT_E*. */
static int
judge_next(rti_pool_worker *w, rti_feed *feed, rt_input *input)
{
        int r = rti_worker_next(w->worker, feed, input);

        if (w->failed < 0)
                return w->failed;
        if (r <= 0)
                return r;
        r = rti_worker_judge(w->worker, feed, keep_alert, w);
        if (r >= 0 && feed->key.field.len)
                r = rti_pool_keep_key(w, feed);
        return r < 0 ? r : 1;
}

/* All events of an input in memory: as judge_next, but never 1; RT_OK: it is over. */
static int
judge_bytes(rti_pool_worker *w, rti_feed *feed)
{
        int r = 1;

        while (r > 0) {
                if (!attend(w))
                        return RT_OK;
                r = judge_next(w, feed, &w->worker->pushed);
                if (r > 0 && is_full(w) && !hand_over(w))
                        return RT_OK;
        }
        return r == 0 ? RT_EAGAIN : r;
}

static int
prepare(rti_pool_worker *w, rti_feed *feed)
{
        rti_batch *batch = w->batch;
        int r = rti_feed_create(w->worker, feed);

        w->chunk = batch->filling;
        rti_chunk_begin(w->pool, w->chunk, batch->in_force.rules);
        /* Who keeps state must see all events, in their order. */
        if (r == RT_OK && batch->in_force.rules && batch->in_force.rules->any_also
            && w->pool->n_workers > 1)
                r = RT_EINVAL;
        if (r == RT_OK)
                r = rti_worker_take(w->worker, &batch->in_force);
        if (r == RT_OK)
                begin_numbers(w, &feed->instance);
        return r < 0 ? r : rti_feed_demand(w->worker, feed);
}

/* ---- streams ---- */

static int64_t
block_read(void *state, void *buffer, size_t size_bytes)
{
        rti_pool_worker *w = state;
        const rti_batch *batch = w->batch;
        const size_t left = batch->bytes.len - w->taken;
        const size_t n = left < size_bytes ? left : size_bytes;

        if (!n)
                return batch->ends ? batch->end_result : RT_EAGAIN;
        memcpy(buffer, batch->bytes.ptr + w->taken, n);
        w->taken += n;
        return (int64_t) n;
}

/* The batches of a stream, for the worker that goes from one into the next. */
static const rt_reader_ops block_reader = { .size = sizeof block_reader, .read = block_read };

static int
begin_stream(rti_pool_worker *w, rti_feed *feed)
{
        const rti_batch *batch = w->batch;
        rt_input *input = &w->worker->pushed;

        if (w->heir) {
                w->taken = 0;
                input->name = batch->name.ptr;
                return rti_input_continue(input, &block_reader, w);
        }
        rti_instance_restart(&feed->instance);
        rti_input_memory(input, batch->name.ptr, batch->bytes);
        input->offset = batch->offset;
        input->end = batch->ends ? batch->end_result : RT_EAGAIN;
        input->max_record_bytes = batch->pushed ? SIZE_MAX : w->pool->engine->max_record_bytes;
        return RT_OK;
}

static int
run_stream(rti_pool_worker *w, rti_feed *feed)
{
        rti_batch *batch = w->batch;
        const rt_source_ops *ops = feed->instance.ops;
        int r = begin_stream(w, feed);

        if (r == RT_OK && !batch->silent)
                r = judge_bytes(w, feed);
        if (r == RT_EAGAIN && !batch->ends) {
                batch->rests = batch->cut && w->worker->pushed.window.len == 0
                               && ops->split(feed->instance.state) == RT_SPLIT_LINES;
                /* The batch's bytes may go before the next one comes. */
                if (batch->rests)
                        return RT_OK;
                r = rti_input_continue(&w->worker->pushed, &block_reader, w);
                if (r == RT_OK)
                        return r;
        }
        batch->rests = true;
        batch->failed = r < 0 && r != RT_EOF;
        return r == RT_EOF ? RT_OK : r;
}

/* Small deliveries, each for itself. */
static int
run_pieces(rti_pool_worker *w, rti_feed *feed)
{
        rti_batch *batch = w->batch;
        rt_input *input = &w->worker->pushed;
        int r = RT_OK;

        batch->rests = true;
        for (size_t i = 0; i < batch->pieces.n; i++) {
                const rti_piece piece = batch->pieces.at[i];

                if (r < 0) {
                        w->chunk->end.result = r;
                        if (!hand_over(w))
                                return RT_OK;
                }
                rti_instance_restart(&feed->instance);
                rti_input_memory(input, batch->name.ptr,
                                 rti_str_sub(batch->bytes, piece.at, piece.at + piece.len));
                input->max_record_bytes = SIZE_MAX;
                r = judge_bytes(w, feed);
                r = r == RT_EOF || r == RT_EAGAIN ? RT_OK : r;
                if (r == RT_OK && is_over(w))
                        return r;
        }
        return r;
}

/* ---- inputs as a whole ---- */

/* Another ruleset, if the input has no end to wait for. False: it is over. */
static bool
swap(rti_pool_worker *w, rti_feed *feed, int *ret_result)
{
        if (w->batch->live)
                *ret_result = rti_worker_install(w->worker);
        if (*ret_result == RT_OK)
                *ret_result = rti_feed_demand(w->worker, feed);
        if (*ret_result == RT_OK)
                *ret_result = rti_reader_demand(w->worker, feed);
        return w->worker->rules == w->chunk->rules || hand_over(w);
}

static int
judge_input(rti_pool_worker *w, rti_feed *feed)
{
        int r = RT_OK;

        while (attend(w) && w->worker->pulled_path) {
                if (!swap(w, feed, &r))
                        return RT_OK;
                if (r == RT_OK)
                        r = judge_next(w, feed, &w->worker->pulled);
                if (r < 0)
                        return r;
                if (r == 0) {
                        pthread_mutex_lock(&w->pool->lock);
                        offer(w);
                        pthread_mutex_unlock(&w->pool->lock);
                } else if (is_full(w) && !hand_over(w)) {
                        return RT_OK;
                }
                r = RT_OK;
        }
        return RT_EOF;
}

static int
run_input(rti_pool_worker *w, rti_feed *feed)
{
        rti_batch *batch = w->batch;
        rti_queued item = batch->input;
        int r;

        batch->rests = true;
        batch->input.path = NULL;
        batch->input.reader = NULL;
        if (batch->silent) {
                if (item.reader)
                        item.reader->close(item.reader_state);
                rti_free(&w->worker->allocator, item.path);
                return RT_OK;
        }
        if (rti_worker_begin(w->worker, item) < 0)
                return w->failed;
        r = judge_input(w, feed);
        if (w->worker->pulled_path)
                rti_worker_close(w->worker);
        return r == RT_EOF ? RT_OK : r;
}

/* ---- the thread ---- */

static void
run(rti_pool_worker *w)
{
        rti_batch *batch = w->batch;
        rti_feed *feed = &w->worker->feeds[batch->feed];
        int r = prepare(w, feed);

        rti_worker_stats(w->worker, &w->began);
        w->failed = RT_OK;
        batch->failed = r < 0;
        batch->rests = r < 0;
        if (r == RT_OK && batch->input.path)
                r = run_input(w, feed);
        else if (r == RT_OK && batch->pieces.n)
                r = run_pieces(w, feed);
        else if (r == RT_OK)
                r = run_stream(w, feed);
        batch->events =
                r == RT_OK || w->began_events ? feed->instance.n_events - w->began_events : 0;
        batch->own_first_time_ns = feed->instance.first_time_ns;
        feed->instance.number = NULL;
        rti_pool_note(w, &w->chunk->end);
        w->chunk->end.result = r < 0 ? r : RT_OK;
        w->worker->frame.event = NULL;
}

void *
rti_pool_thread(void *user)
{
        rti_pool_worker *w = user;
        rt_pool *pool = w->pool;

        pthread_mutex_lock(&pool->lock);
        while (!pool->stopping) {
                if (oblige(w))
                        continue;
                if (rti_pool_take(w)) {
                        pthread_mutex_unlock(&pool->lock);
                        run(w);
                        pthread_mutex_lock(&pool->lock);
                        rti_pool_leave(w);
                        continue;
                }
                w->waits = w->inherits == 0;
                pthread_cond_wait(&w->wake, &pool->lock);
                w->waits = false;
        }
        pthread_mutex_unlock(&pool->lock);
        return NULL;
}
