/* SPDX-License-Identifier: Apache-2.0 */
/*
 * losses.c - what did not reach the rules: rows of all sources and readers of a worker, added up by
 * cause.
 *
 * A row is counted as `running` while its source or reader is open, anew at each look, and moves
 * into the row's count when that is closed.
 */
#include "engine/worker.h"

enum { MOST_ROWS = 4096 };

typedef int loss_fn(void *state, size_t index, rt_loss *ret_loss);

static bool
is_same(const rt_loss *a, const rt_loss *b)
{
        return a->kind == b->kind && strcmp(a->cause, b->cause) == 0
               && strcmp(a->part, b->part) == 0 && strcmp(a->source, b->source) == 0;
}

static void
add_types(rti_lost *lost, const rt_loss *row)
{
        if (!row->event_types)
                lost->some_types = false;
        for (size_t i = 0; row->event_types && i < row->n_event_words && i < RTI_EVENT_WORDS; i++)
                lost->types[i] |= row->event_types[i];
}

/* The worker's row like this one; made if there is none. NULL: no memory. */
static rti_lost *
find_row(rt_worker *worker, const rt_loss *row)
{
        rti_lost fresh = { .row = *row, .some_types = true };

        for (size_t i = 0; i < worker->lost.n; i++)
                if (is_same(&worker->lost.at[i].row, row))
                        return &worker->lost.at[i];
        fresh.row.count = 0;
        fresh.row.event_types = NULL;
        fresh.row.n_event_words = 0;
        if (rti_vec_push(&worker->lost, &worker->allocator, fresh, MOST_ROWS) < 0)
                return NULL;
        return &worker->lost.at[worker->lost.n - 1];
}

/* Add the rows of one source or reader. RT_OK, RT_ENOMEM. */
static int
collect(rt_worker *worker, const char *source, loss_fn *loss, void *state, bool for_good)
{
        for (size_t i = 0; loss && i < MOST_ROWS; i++) {
                rt_loss row = { .size = sizeof row, .cause = "", .part = "" };
                rti_lost *lost;

                if (loss(state, i, &row) < 0)
                        break;
                row.source = source;
                if (!row.cause || !row.part)
                        continue;
                lost = find_row(worker, &row);
                if (!lost)
                        return RT_ENOMEM;
                add_types(lost, &row);
                if (for_good)
                        lost->row.count += row.count;
                else
                        lost->running += row.count;
        }
        return RT_OK;
}

static int
add_fact(rt_worker *worker, const rt_loss *row, bool for_good)
{
        rti_lost *lost = row->count ? find_row(worker, row) : NULL;

        if (!lost)
                return row->count ? RT_ENOMEM : RT_OK;
        lost->some_types = false;
        *(for_good ? &lost->row.count : &lost->running) += row->count;
        return RT_OK;
}

int
rti_provider_lost(rt_worker *worker, const rti_feed *feed, const rt_fields_ops *ops, uint64_t count,
                  bool for_good)
{
        const rt_loss row = { .size = sizeof row,
                              .cause = "fields of the host could not be read",
                              .part = ops->name,
                              .count = count,
                              .kind = RT_LOSS_FACT,
                              .source = feed->instance.ops->name };

        return add_fact(worker, &row, for_good);
}

int
rti_provided_lost(rt_worker *worker, const rti_feed *feed, const rti_provided *provided,
                  bool for_good)
{
        const rt_loss late = { .size = sizeof late,
                               .cause = "fields of the host came too late",
                               .part = provided->ops->name,
                               .count = provided->late,
                               .kind = RT_LOSS_FACT,
                               .source = feed->instance.ops->name };
        const int r = rti_provider_lost(worker, feed, provided->ops, provided->failed, for_good);

        return r < 0 ? r : add_fact(worker, &late, for_good);
}

static int
collect_feed(rt_worker *worker, const rti_feed *feed, bool for_good)
{
        const rt_source_ops *ops = feed->instance.ops;
        int r = collect(worker, ops->name, ops->loss, feed->instance.state, for_good);

        for (const rti_provided *p = feed->instance.provided; p && r == RT_OK && !for_good;
             p = p->next)
                r = rti_provided_lost(worker, feed, p, false);
        return r;
}

static int
collect_reader(rt_worker *worker, bool for_good)
{
        const rt_input *input = &worker->pulled;
        const char *source = worker->pulled_by->instance.ops->name;

        return collect(worker, source, input->reader->loss, input->reader_state, for_good);
}

/* Memory for a row that was never seen before may be missing here: nothing can be done then. */
void
rti_feed_losses_keep(rt_worker *worker, const rti_feed *feed)
{
        (void) collect_feed(worker, feed, true);
}

void
rti_reader_losses_keep(rt_worker *worker)
{
        if (worker->pulled_path && worker->pulled.reader)
                (void) collect_reader(worker, true);
}

int
rti_worker_losses(rt_worker *worker)
{
        int r = RT_OK;

        for (size_t i = 0; i < worker->lost.n; i++)
                worker->lost.at[i].running = 0;
        for (uint32_t i = 0; r == RT_OK && i < worker->n_feeds; i++)
                if (worker->feeds[i].created)
                        r = collect_feed(worker, &worker->feeds[i], false);
        if (r == RT_OK && worker->pulled_path && worker->pulled.reader)
                r = collect_reader(worker, false);
        return r;
}

int
rti_worker_losses_add(rt_worker *worker, const rt_worker *other)
{
        for (size_t i = 0; i < other->lost.n; i++) {
                const rti_lost *from = &other->lost.at[i];
                rti_lost *to = find_row(worker, &from->row);

                if (!to)
                        return RT_ENOMEM;
                to->running += from->row.count + from->running;
                to->some_types &= from->some_types;
                for (size_t k = 0; k < RTI_EVENT_WORDS; k++)
                        to->types[k] |= from->types[k];
        }
        return RT_OK;
}

int
rti_worker_loss(const rt_worker *worker, size_t index, rt_loss *ret_row)
{
        const rti_lost *lost;

        if (index >= worker->lost.n)
                return RT_ENOENT;
        lost = &worker->lost.at[index];
        *ret_row = lost->row;
        ret_row->count += lost->running;
        if (lost->some_types) {
                ret_row->event_types = lost->types;
                ret_row->n_event_words = RTI_EVENT_WORDS;
        }
        return RT_OK;
}
