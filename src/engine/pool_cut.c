/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool_cut.c - inputs and deliveries as batches; on the caller's thread.
 *
 *   in   queued inputs, bytes pushed
 *   out  batches: an input as a whole, blocks of one that end in front of a line that begins with a
 *        brace, or several small deliveries
 *
 * Whether such a line begins a record only its reader knows: pool_order.c finds out.
 */
#include "engine/pool.h"
#include <sys/stat.h>

enum {
        WHOLE_BYTES = 8 * 1024 * 1024, /* an input up to this size is one batch, if more wait */
        LEAST_BLOCK_BYTES = 16,
        FEW_MISSES = 4,
        BATCHES_PER_MISS = 4 /* with more misses than that, cutting is given up */
};

/* ---- batches ---- */

/* The next batch, all empty; NULL: no room now. */
static rti_batch *
new_batch(rt_pool *pool, uint32_t feed)
{
        rti_batch *batch = rti_pool_batch(pool, pool->made);
        bool room;

        pthread_mutex_lock(&pool->lock);
        room = rti_pool_has_room(pool);
        pthread_mutex_unlock(&pool->lock);
        if (!room)
                return NULL;
        rti_in_force_drop(&batch->in_force);
        batch->in_force = rti_engine_in_force(pool->engine);
        batch->feed = feed;
        batch->bound = batch->worker = RTI_NONE;
        batch->state = RTI_BATCH_READY;
        batch->live = batch->pushed = batch->cut = batch->silent = false;
        batch->begins = batch->ends = true;
        batch->end_result = 0;
        batch->offset = 0;
        batch->bytes = (rt_str){ NULL, 0 };
        batch->pieces.n = 0;
        batch->confirmed = batch->dropped = batch->rests = batch->hungry = batch->failed = false;
        batch->base = batch->first_time_ns = batch->events = 0;
        batch->n_ready = 0;
        batch->filling = NULL;
        pool->sources[feed].used = true;
        return batch;
}

static int
name_batch(rti_batch *batch, const char *name)
{
        rti_buf_clear(&batch->name);
        rti_buf_add_text(&batch->name, name);
        rti_buf_add_char(&batch->name, '\0');
        return batch->name.failed;
}

static int
need_buffer(rt_pool *pool, rti_batch *batch)
{
        if (!batch->buffer)
                batch->buffer = rti_alloc(&pool->allocator, pool->batch_bytes);
        return batch->buffer ? RT_OK : RT_ENOMEM;
}

static void
make(rt_pool *pool, rti_batch *batch)
{
        pthread_mutex_lock(&pool->lock);
        batch->number = pool->made++;
        rti_pool_settle(pool);
        if (batch->state == RTI_BATCH_READY)
                rti_pool_wake_idle(pool, batch->bound);
        pthread_mutex_unlock(&pool->lock);
}

static uint32_t
split_of(const rt_pool *pool, uint32_t feed)
{
        const rti_instance *instance = &pool->own->feeds[feed].instance;

        return instance->ops->split ? instance->ops->split(instance->state) : RT_SPLIT_NEVER;
}

static uint32_t
bound_of(const rt_pool *pool, uint32_t feed)
{
        return split_of(pool, feed) == RT_SPLIT_NEVER ? feed % pool->n_workers : RTI_NONE;
}

/* Index of the last line in @a text that begins with a brace; 0: none behind the first. */
static size_t
last_line(rt_str text)
{
        size_t end = text.len ? text.len - 1 : 0;

        while (end) {
                const char *lf = memrchr(text.ptr, '\n', end);

                if (!lf)
                        return 0;
                if (lf[1] == '{')
                        return (size_t) (lf - text.ptr) + 1;
                end = (size_t) (lf - text.ptr);
        }
        return 0;
}

/* Where to cut what is not the stream's end; the batch is what stands before. */
static void
cut_batch(rt_pool *pool, rti_batch *batch, rt_str text)
{
        const size_t at = last_line(text);
        uint64_t misses;

        pthread_mutex_lock(&pool->lock);
        misses = pool->misses;
        pthread_mutex_unlock(&pool->lock);
        batch->bytes = rti_str_sub(text, 0, at ? at : text.len);
        batch->ends = false;
        batch->cut = at && misses <= FEW_MISSES + pool->cut_batches / BATCHES_PER_MISS;
}

/* A stream begins. */
static void
begin_cutting(rt_pool *pool)
{
        pool->n_streams++;
        pool->cut_clean = true;
        pool->cut_offset = pool->cut_batches = 0;
        pool->carry.len = 0;
        pthread_mutex_lock(&pool->lock);
        pool->misses = 0;
        pthread_mutex_unlock(&pool->lock);
}

/* The batch is the stream's next. */
static void
make_part(rt_pool *pool, rti_batch *batch)
{
        batch->stream = pool->n_streams;
        batch->begins = pool->cut_batches++ == 0;
        batch->state = pool->cut_clean ? RTI_BATCH_READY : RTI_BATCH_INSIDE;
        batch->offset = pool->cut_offset;
        pool->cut_offset += batch->bytes.len;
        pool->cut_clean = batch->cut;
        make(pool, batch);
}

/* ---- inputs ---- */

bool
rti_pool_has_inputs(const rt_pool *pool)
{
        const rti_queue *queue = &pool->own->queue;

        return pool->cut.path || (!pool->own->finishing && queue->next < queue->items.n);
}

static void
close_cut(rt_pool *pool)
{
        pool->cut.reader->close(pool->cut.reader_state);
        rti_free(&pool->own->allocator, pool->cut.path);
        pool->cut = (rti_queued){ 0 };
}

/* Fill the buffer behind its first @a len bytes: bytes there; *ret_end is set at the end. */
static size_t
read_block(rt_pool *pool, rti_batch *batch, size_t len, bool *ret_ends)
{
        *ret_ends = false;
        while (len < pool->batch_bytes && !*ret_ends) {
                const int64_t n = pool->cut.reader->read(
                        pool->cut.reader_state, batch->buffer + len, pool->batch_bytes - len);

                *ret_ends = n <= 0 || (uint64_t) n > pool->batch_bytes - len;
                if (!*ret_ends)
                        len += (size_t) n;
                else if (n)
                        batch->end_result = n > 0 || n < INT32_MIN ? RT_EIO : (int) n;
        }
        return len;
}

static int
next_block(rt_pool *pool)
{
        rti_batch *batch = new_batch(pool, pool->cut.source);
        size_t len = pool->carry.len;
        bool ends = true;

        if (!batch)
                return RT_EAGAIN;
        if (name_batch(batch, pool->cut.path) < 0 || need_buffer(pool, batch) < 0)
                return RT_ENOMEM;
        batch->silent = pool->own->finishing;
        if (!batch->silent) {
                if (len)
                        memcpy(batch->buffer, pool->carry.ptr, len);
                len = read_block(pool, batch, len, &ends);
                batch->bytes = (rt_str){ batch->buffer, len };
        }
        if (ends)
                close_cut(pool);
        else
                cut_batch(pool, batch, batch->bytes);
        pool->carry.len = ends ? 0 : len - batch->bytes.len;
        pool->carry.ptr = batch->buffer + batch->bytes.len;
        make_part(pool, batch);
        return RT_OK;
}

/* Can the open input be read by several workers, and is it worth it? */
static bool
is_cut(const rt_pool *pool, const rti_queued *item)
{
        const rti_queue *queue = &pool->own->queue;
        const bool others = queue->items.n - queue->next >= pool->n_workers;
        struct stat st;

        if (!(item->reader->flags & RT_READER_READY) || stat(item->path, &st) < 0
            || !S_ISREG(st.st_mode) || split_of(pool, item->source) != RT_SPLIT_LINES)
                return false;
        return (uint64_t) st.st_size > (others ? WHOLE_BYTES : pool->batch_bytes)
               && pool->batch_bytes >= LEAST_BLOCK_BYTES;
}

static bool
is_live(const rti_queued *item)
{
        struct stat st;

        return item->reader
               && (!(item->reader->flags & RT_READER_READY) || stat(item->path, &st) < 0
                   || !S_ISREG(st.st_mode));
}

static int
next_input(rt_pool *pool)
{
        rti_queue *queue = &pool->own->queue;
        const uint32_t feed = queue->items.at[queue->next].source;
        rti_batch *batch = new_batch(pool, feed);
        rti_queued item;

        if (!batch)
                return RT_EAGAIN;
        if (name_batch(batch, queue->items.at[queue->next].path) < 0)
                return RT_ENOMEM;
        (void) rti_queue_take(queue, &item);
        /* What cannot be opened is reported in its place: by the worker that tries again. */
        if (!item.reader
            && rti_reader_find(pool->engine, item.path, &item.reader, &item.reader_state) < 0)
                item.reader = NULL;
        if (item.reader && is_cut(pool, &item)) {
                pool->cut = item;
                begin_cutting(pool);
                return RT_OK;
        }
        batch->input = item;
        batch->live = is_live(&item);
        batch->bound = bound_of(pool, feed);
        batch->stream = ++pool->n_streams;
        make(pool, batch);
        return RT_OK;
}

int
rti_pool_fill(rt_pool *pool)
{
        int r = RT_OK;

        while (r == RT_OK && rti_pool_has_inputs(pool))
                r = pool->cut.path ? next_block(pool) : next_input(pool);
        return r == RT_EAGAIN ? RT_OK : r;
}

/* ---- deliveries ---- */

int
rti_pool_cut(rt_pool *pool, uint32_t feed, rt_str *bytes, bool begins)
{
        const uint32_t split = split_of(pool, feed);
        rti_batch *batch = new_batch(pool, feed);

        if (!batch)
                return RT_EAGAIN;
        if (name_batch(batch, "memory") < 0)
                return RT_ENOMEM;
        if (begins)
                begin_cutting(pool);
        batch->pushed = true;
        batch->bound = bound_of(pool, feed);
        batch->bytes = *bytes;
        if (split == RT_SPLIT_LINES && bytes->len > pool->batch_bytes)
                cut_batch(pool, batch, rti_str_sub(*bytes, 0, pool->batch_bytes));
        *bytes = rti_str_sub(*bytes, batch->bytes.len, bytes->len);
        make_part(pool, batch);
        return RT_OK;
}

void
rti_pool_send(rt_pool *pool)
{
        rti_batch *batch = pool->small;

        if (!batch)
                return;
        pool->small = NULL;
        batch->stream = ++pool->n_streams;
        make(pool, batch);
}

int
rti_pool_gather(rt_pool *pool, uint32_t feed, rt_str bytes)
{
        rti_batch *batch = pool->small;
        rti_piece piece;
        int r;

        if (batch && (batch->feed != feed || batch->bytes.len + bytes.len > pool->batch_bytes)) {
                rti_pool_send(pool);
                batch = NULL;
        }
        if (!batch)
                batch = new_batch(pool, feed);
        if (!batch)
                return RT_EAGAIN;
        if (name_batch(batch, "memory") < 0 || need_buffer(pool, batch) < 0)
                return RT_ENOMEM;
        piece = (rti_piece){ batch->bytes.len, bytes.len };
        r = rti_vec_push(&batch->pieces, &pool->allocator, piece, pool->batch_bytes);
        if (r < 0)
                return r;
        memcpy(batch->buffer + piece.at, bytes.ptr, bytes.len);
        batch->bytes = (rt_str){ batch->buffer, piece.at + piece.len };
        batch->pushed = true;
        batch->bound = bound_of(pool, feed);
        pool->small = batch;
        return RT_OK;
}
