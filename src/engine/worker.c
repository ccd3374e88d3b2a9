/* SPDX-License-Identifier: Apache-2.0 */
/*
 * worker.c - a worker's life, and its loop: next event of an instance, then judge.
 *
 * The event's memory is reset before an instance is asked for its next event, so that everything
 * about an event lives exactly until then.
 */
#include "engine/answer.h"
#include "engine/known.h"
#include "engine/list.h"
#include "engine/worker.h"

/* ---- memory: counted, for rt_worker_stats ---- */

static void *
counting_resize(void *ptr, size_t size_bytes, void *user)
{
        rt_worker *worker = user;
        const rt_allocator *a = &worker->engine->allocator;

        worker->stats.allocations += size_bytes > 0;
        return a->resize(ptr, size_bytes, a->user);
}

/* ---- instances ---- */

int
rti_worker_find(rt_worker *worker, const char *source, uint32_t *ret_feed)
{
        const size_t number =
                rti_registry_find_source(worker->engine->registry, rti_str_of(source));

        if (number >= worker->n_feeds || !worker->feeds[number].instance.ops->create)
                return RT_ENOENT;
        *ret_feed = (uint32_t) number;
        worker->found = &worker->feeds[number];
        worker->found_name = worker->found->instance.ops->name;
        return RT_OK;
}

static int
create(rt_worker *worker, rti_feed *feed, const rt_source_config *config, rt_diags *diags)
{
        const rt_source_config none = { 0 };
        rti_instance *instance = &feed->instance;
        rt_source_config own = config ? *config : none;
        int r;

        own.size = sizeof own;
        own.allocator = &worker->allocator;
        own.user = instance->ops->user;
        r = instance->ops->create(&own, diags, &instance->state);

        if (r < 0)
                return r;
        rti_known_forget(worker->candidates.known);
        feed->created = true;
        feed->demanded = 0;
        return RT_OK;
}

static void
destroy(rt_worker *worker, rti_feed *feed)
{
        if (feed->created)
                rti_feed_losses_keep(worker, feed);
        if (feed->created && feed->instance.ops->destroy)
                feed->instance.ops->destroy(feed->instance.state);
        feed->created = false;
        feed->demanded = 0;
        feed->instance.state = NULL;
        rti_feed_unprovide(worker, feed);
        rti_feed_forget(worker, feed);
}

int
rti_worker_configure(rt_worker *worker, uint32_t feed, const rt_source_config *config,
                     rt_diags *diags)
{
        if (worker->feeds[feed].instance.n_events || worker->pulled_by == &worker->feeds[feed])
                return RT_EINVAL;
        destroy(worker, &worker->feeds[feed]);
        return create(worker, &worker->feeds[feed], config, diags);
}

int
rti_feed_create(rt_worker *worker, rti_feed *feed)
{
        return feed->created ? RT_OK : create(worker, feed, NULL, NULL);
}

/* Does the instance have the demand of the ruleset in force? Then it is there, too. Before the
 * first install no generation is the worker's. */
static inline bool
is_ready(const rt_worker *worker, const rti_feed *feed)
{
        return feed->demanded == worker->installed
               && atomic_load_explicit(&worker->engine->generation, memory_order_acquire)
                          == worker->generation;
}

/* The instance, ready for its next event. */
static int
prepare(rt_worker *worker, rti_feed *feed)
{
        int r = rti_feed_create(worker, feed);

        r = r < 0 ? r : rti_worker_install(worker);
        return r < 0 ? r : rti_feed_demand(worker, feed);
}

/* ---- the loop ---- */

/* Member by member: as one it becomes a loop, which takes longer. */
static inline void
clear(rt_event *event, void *scratch)
{
        event->size = sizeof *event;
        event->number = 0;
        event->time_ns = 0;
        event->position = 0;
        event->payload = (rt_str){ NULL, 0 };
        event->type = RT_EVENT_PLUGIN;
        event->flags = 0;
        event->scratch = scratch;
        event->base_ns = 0;
        event->hostname = (rt_str){ NULL, 0 };
        event->async_type = (rt_str){ NULL, 0 };
        event->subject = 0;
}
_Static_assert(sizeof(rt_event) == offsetof(rt_event, subject) + sizeof(uint64_t), "clear: all");

int
rti_worker_next(rt_worker *worker, rti_feed *feed, rt_input *input)
{
        rti_instance *instance = &feed->instance;
        int r;

        worker->frame.event = NULL;
        if (worker->memory.used)
                rti_arena_reset(&worker->memory);
        clear(&worker->event, &worker->frame);
        r = instance->ops->next(instance->state, input, &worker->event);
        if (worker->event.flags & RT_EVENT_NUMBERED)
                rti_worker_count(worker, instance);
        if (r == RT_EAGAIN)
                return 0;
        return r > 0 ? 1 : r;
}

void
rti_instance_restart(rti_instance *instance)
{
        instance->numbered = 0;
        if (instance->ops->restart)
                instance->ops->restart(instance->state);
}

int
rti_worker_feed(rt_worker *worker, rti_feed *feed, rt_str bytes, rt_alert_fn fn, void *user)
{
        int r, alerts = 0;

        if (worker->pulled_by == feed || feed->instance.ops->flags & RT_SOURCE_OPENS)
                return RT_EINVAL;
        if (!is_ready(worker, feed) && (r = prepare(worker, feed)) < 0)
                return r;
        rti_instance_restart(&feed->instance);
        /* Memory it has been from the beginning. */
        worker->pushed.window = bytes;
        worker->pushed.offset = 0;
        while ((r = rti_worker_next(worker, feed, &worker->pushed)) > 0) {
                r = rti_worker_judge(worker, feed, fn, user);
                if (r < 0)
                        return r;
                alerts += r;
                if (!is_ready(worker, feed) && (r = prepare(worker, feed)) < 0)
                        return r;
        }
        return r < 0 && r != RT_EOF ? r : alerts;
}

void
rti_worker_close(rt_worker *worker)
{
        rti_reader_losses_keep(worker);
        rti_input_close(&worker->pulled);
        rti_free(&worker->allocator, worker->pulled_path);
        worker->pulled_path = NULL;
        worker->pulled_by = NULL;
}

int
rti_worker_begin(rt_worker *worker, rti_queued item)
{
        int r = RT_OK;

        if (!item.reader)
                r = rti_reader_find(worker->engine, item.path, &item.reader, &item.reader_state);
        if (r < 0) {
                worker->pulled.name = item.path;
                rti_input_skip(&worker->pulled, 0, "the file cannot be opened");
                rti_free(&worker->allocator, item.path);
                return r;
        }
        rti_input_reader(&worker->pulled, item.path, item.reader, item.reader_state);
        worker->pulled_path = item.path;
        worker->pulled_by = &worker->feeds[item.source];
        worker->pulled_demanded = 0;
        rti_instance_restart(&worker->feeds[item.source].instance);
        return RT_OK;
}

/* Begin the next queued input that can be opened. RT_OK, RT_EOF. */
static int
pull_next(rt_worker *worker)
{
        rti_queued item;

        if (worker->finishing)
                return RT_EOF;
        while (rti_queue_take(&worker->queue, &item))
                if (rti_worker_begin(worker, item) == RT_OK)
                        return RT_OK;
        return RT_EOF;
}

int
rti_worker_open(rt_worker *worker, uint32_t number, const char *path)
{
        rti_feed *feed = &worker->feeds[number];
        int r = rti_feed_create(worker, feed);

        if (r < 0)
                return r;
        return rti_queue_add(&worker->queue, worker->engine, &feed->instance, number, path);
}

int
rti_worker_step(rt_worker *worker, rt_alert_fn fn, void *user)
{
        for (;;) {
                rti_feed *feed;
                int r = worker->pulled_path ? RT_OK : pull_next(worker);

                if (r < 0)
                        return r;
                feed = worker->pulled_by;
                if (!is_ready(worker, feed) && (r = prepare(worker, feed)) < 0)
                        return r;
                r = rti_reader_demand(worker, feed);
                if (r == RT_OK)
                        r = rti_worker_next(worker, feed, &worker->pulled);
                if (r > 0)
                        return rti_worker_judge(worker, feed, fn, user);
                if (r == 0)
                        return RT_EAGAIN;
                rti_worker_close(worker);
                if (r != RT_EOF)
                        return r;
        }
}

int
rti_worker_finish(rt_worker *worker)
{
        const rt_input *input = &worker->pulled;

        worker->finishing = true;
        if (!worker->pulled_path)
                return RT_OK;
        if (input->reader->finish)
                return input->reader->finish(input->reader_state);
        rti_worker_close(worker);
        worker->frame.event = NULL;
        return RT_OK;
}

/* ---- life ---- */

static void
init_input(rt_worker *worker, rt_input *input)
{
        *input = (rt_input){ .allocator = &worker->allocator,
                             .max_record_bytes = worker->engine->max_record_bytes,
                             .name = "",
                             .bytes = &worker->stats.bytes,
                             .skipped = &worker->stats.skipped,
                             .limits_hit = &worker->stats.limits_hit,
                             .on_skipped = worker->opts.skipped,
                             .on_skipped_user = worker->opts.skipped_user };
}

static int
init_feeds(rt_worker *worker)
{
        const rti_registry *registry = worker->engine->registry;
        const size_t n = rti_registry_sources(registry);

        worker->feeds = rti_calloc(&worker->allocator, n + 1, sizeof *worker->feeds);
        if (!worker->feeds)
                return RT_ENOMEM;
        worker->n_feeds = (uint32_t) n;
        for (size_t i = 0; i < n; i++) {
                worker->feeds[i].instance.ops = rti_registry_source(registry, i);
                worker->feeds[i].number = RTI_NONE;
        }
        return RT_OK;
}

int
rti_worker_new(rt_engine *engine, const rt_worker_opts *opts, rt_worker **ret_worker)
{
        rt_worker *worker = rti_calloc(&engine->allocator, 1, sizeof *worker);
        int r;

        if (!worker)
                return RT_ENOMEM;
        worker->engine = engine;
        worker->allocator = (rt_allocator){ sizeof(rt_allocator), counting_resize, worker };
        worker->opts = *opts;
        worker->queue.allocator = &worker->allocator;
        rti_arena_init(&worker->memory, &worker->allocator, engine->max_event_bytes);
        rti_buf_init(&worker->explained, &worker->allocator, RTI_MAX_OUTPUT_BYTES);
        rti_buf_init(&worker->decision.reason, &worker->allocator, engine->max_output_bytes);
        rti_alert_init(&worker->alert, &worker->allocator, opts->alert_flags,
                       engine->max_output_bytes);
        init_input(worker, &worker->pulled);
        init_input(worker, &worker->pushed);
        rti_input_memory(&worker->pushed, "memory", (rt_str){ NULL, 0 });
        worker->found_name = "";
        worker->generation = UINT64_MAX;
        worker->frame.allocator = &worker->allocator;
        worker->candidates.allocator = &worker->allocator;
        worker->frame.memory = &worker->memory;
        worker->frame.shared = &engine->allocator;
        worker->frame.hostname = engine->hostname;
        r = init_feeds(worker);
        if (r == RT_OK)
                r = rti_op_scratch_new(&worker->allocator, &worker->frame.scratch);
        if (r < 0) {
                rti_worker_free(worker);
                return r;
        }
        *ret_worker = worker;
        return RT_OK;
}

void
rti_worker_free(rt_worker *worker)
{
        const rt_allocator allocator = worker->engine->allocator;

        rti_alert_done(&worker->alert);
        rti_worker_close(worker);
        rti_input_done(&worker->pulled);
        rti_input_done(&worker->pushed);
        rti_queue_done(&worker->queue);
        for (uint32_t i = 0; i < worker->n_feeds; i++)
                destroy(worker, &worker->feeds[i]);
        rti_free(&worker->allocator, worker->feeds);
        rti_vec_done(&worker->lost, &worker->allocator);
        rti_free(&worker->allocator, worker->rule_alerts);
        rti_answer_done(&worker->frame);
        rti_frame_done(&worker->frame);
        rti_candidates_done(&worker->candidates);
        rti_sampler_done(&worker->sampler, &worker->allocator);
        rti_op_scratch_free(worker->frame.scratch);
        rti_ruleset_unref(worker->rules);
        rti_lists_unref(worker->lists);
        rti_buf_done(&worker->explained);
        rti_buf_done(&worker->decision.reason);
        rti_arena_done(&worker->memory);
        rti_free(&allocator, worker);
}

void
rti_worker_stats(const rt_worker *worker, rt_worker_stats *ret_stats)
{
        *ret_stats = worker->stats;
        ret_stats->limits_hit += worker->frame.failed + worker->alert.limits_hit
                                 + rti_op_scratch_limits(worker->frame.scratch);
}
