/* SPDX-License-Identifier: Apache-2.0 */
/*
 * provided.c - instances of the host's providers of fields, one for each source of a worker whose
 * rules ask for their fields.
 *
 *   in   the worker's ruleset; slots of fields that a provider of the registry reads
 *   out  the instance's `provided`, and in each such slot's row the number of its reader
 *
 * Names are looked up when a ruleset comes into force, so rules compiled by another engine are held
 * against this one's fields first: what is handed to a provider is what it said that it reads.
 */
#include "engine/answer.h"
#include "engine/worker.h"
#include "program/fit.h"

/* Who reads slot @a number of the ruleset, if it is a field of the feed's; NULL: no provider. */
static const rt_fields_ops *
provider_of(const rt_worker *worker, const rti_feed *feed, uint32_t number, uint32_t *ret_flags)
{
        const rti_slot *slot = &worker->rules->slots[number];

        if (slot->source != feed->number || slot->what != RTI_SLOT_FIELD)
                return NULL;
        return rti_registry_provider(rti_worker_registry(worker), slot->field, ret_flags);
}

static int
check_fit(rt_worker *worker)
{
        rti_arena arena;
        rt_str ignored;
        int r;

        rti_arena_init(&arena, &worker->allocator, 0);
        r = rti_ruleset_fits(worker->rules, rti_worker_registry(worker), &arena, &ignored);
        rti_arena_done(&arena);
        return r;
}

/* ---- instances ---- */

static void
destroy(rt_worker *worker, rti_feed *feed, rti_provided *provided)
{
        (void) rti_provided_lost(worker, feed, provided, true);
        if (provided->ops->create && provided->ops->destroy)
                provided->ops->destroy(provided->state);
        rti_fields_unref(provided->ops);
        rti_free(&worker->allocator, provided->slots);
        rti_free(&worker->allocator, provided);
}

/* Do instances of one serve the other? */
static bool
is_same(const rt_fields_ops *a, const rt_fields_ops *b)
{
        return a == b
               || (a->flags & b->flags & RT_FIELDS_KEPT && a->user == b->user
                   && a->extract == b->extract);
}

/* NULL: there is none. */
__attribute__((noinline)) static rti_provided *
find(const rti_feed *feed, const rt_fields_ops *ops)
{
        rti_provided *provided = feed->instance.provided;

        while (provided && !is_same(provided->ops, ops))
                provided = provided->next;
        return provided;
}

/* The instance of @a ops, made if it is not there. */
static int
find_or_create(rt_worker *worker, rti_feed *feed, const rt_fields_ops *ops, rti_provided **ret)
{
        const rt_fields_config config = { .size = sizeof config,
                                          .source = feed->instance.ops->name,
                                          .allocator = &worker->allocator,
                                          .user = ops->user };
        rti_provided *provided = find(feed, ops);
        int r = RT_OK;

        *ret = provided;
        if (provided) {
                /* The provider that it was made for may be gone before it. */
                (void) rti_fields_ref(ops);
                rti_fields_unref(provided->ops);
                provided->ops = ops;
                return RT_OK;
        }
        provided = rti_calloc(&worker->allocator, 1, sizeof *provided);
        if (!provided)
                return RT_ENOMEM;
        provided->ops = ops;
        provided->state = ops->user;
        if (ops->create)
                r = ops->create(&config, &provided->state);
        if (r == RT_OK)
                (void) rti_fields_ref(ops);
        if (r < 0) {
                rti_free(&worker->allocator, provided);
                return r;
        }
        provided->next = feed->instance.provided;
        feed->instance.provided = *ret = provided;
        return RT_OK;
}

/* ---- reading ---- */

int
rti_provided_read(rti_frame *frame, uint32_t number, uint64_t *made_of, rt_value *ret_value)
{
        const rti_slot *slot = &frame->rules->slots[number];
        const uint32_t from = frame->slot_row[number].from & (RTI_SLOT_PROVIDED - 1);
        const rti_provided_slot *provided = &frame->instance->provided_slots[from];
        const rt_value **args =
                rti_arena_get(frame->memory, (slot->n_args + (size_t) 1) * sizeof *args);
        uint64_t sum = 1, late;
        int r;

        if (!args) {
                provided->by->failed++;
                return RT_ENOMEM;
        }
        for (uint32_t i = 0; i < slot->n_args; i++) {
                args[i] = rti_frame_value(frame, slot->args[i]);
                sum += frame->slot_row[slot->args[i]].version;
        }
        if (provided->pure && made_of && *made_of == sum)
                return RT_SAME;
        if (made_of)
                *made_of = sum;
        *ret_value = (rt_value){ 0 };
        late = provided->by->late;
        frame->extracting = true;
        frame->asked = false;
        r = provided->by->ops->extract(provided->by->state, frame->event, provided->number, args,
                                       slot->n_args, ret_value);
        frame->extracting = false;
        frame->extracted++;
        if (__builtin_expect(r == RT_LATER, 0))
                r = rti_answer_wait(frame, provided->by, ret_value);
        if (r > 0)
                r = rti_slot_fits(slot, ret_value) ? 1 : RT_EFORMAT;
        frame->doubtful |= r < 0;
        provided->by->failed += r < 0 && provided->by->late == late;
        return r;
}

/* ---- demand ---- */

/* Tell the reader of slot @a first, and number what it reads from there on. */
static int
demand(rt_worker *worker, rti_feed *feed, uint32_t first, rti_provided_slot *slots, uint32_t *n)
{
        const uint32_t n_slots = worker->rules->p.n_slots;
        uint32_t flags;
        const rt_fields_ops *ops = provider_of(worker, feed, first, &flags);
        rt_slot_desc *descs = rti_calloc(&worker->allocator, n_slots, sizeof *descs);
        rt_fields_demand what = { .size = sizeof what,
                                  .slots = descs,
                                  .slot_stride = sizeof *descs };
        rti_provided *provided = NULL;
        int r = descs ? find_or_create(worker, feed, ops, &provided) : RT_ENOMEM;

        for (uint32_t i = first; r == RT_OK && i < n_slots; i++) {
                if (provider_of(worker, feed, i, &flags) != ops)
                        continue;
                descs[what.n_slots] = rti_slot_desc_of(&worker->rules->slots[i]);
                slots[*n] = (rti_provided_slot){ provided, (uint32_t) what.n_slots++,
                                                 flags & RT_FIELD_PURE };
                worker->frame.slot_row[i].from = RTI_SLOT_ENGINE | RTI_SLOT_PROVIDED | (*n)++;
        }
        r = r < 0 ? r : ops->demand(provided->state, &what);
        if (r < 0) {
                rti_free(&worker->allocator, descs);
                (void) rti_provider_lost(worker, feed, ops, 1, true);
                return r;
        }
        rti_free(&worker->allocator, provided->slots);
        provided->slots = descs;
        provided->n_slots = what.n_slots;
        return RT_OK;
}

/* Destroy those that have no slots any more. */
static void
drop_idle(rt_worker *worker, rti_feed *feed)
{
        for (rti_provided **at = &feed->instance.provided; *at;) {
                rti_provided *provided = *at;

                if (provided->n_slots) {
                        at = &provided->next;
                        continue;
                }
                *at = provided->next;
                destroy(worker, feed, provided);
        }
}

int
rti_feed_provide(rt_worker *worker, rti_feed *feed)
{
        const uint32_t n_slots = worker->rules ? worker->rules->p.n_slots : 0;
        rti_provided_slot *slots = NULL;
        const rti_provided *provided;
        uint32_t n = 0;
        int r = RT_OK;

        for (rti_provided *p = feed->instance.provided; p; p = p->next)
                p->n_slots = 0;
        for (uint32_t i = 0; r == RT_OK && i < n_slots; i++) {
                uint32_t flags;
                const rt_fields_ops *ops = provider_of(worker, feed, i, &flags);

                provided = ops ? find(feed, ops) : NULL;
                if (!ops || (provided && provided->n_slots))
                        continue;
                if (!slots) {
                        slots = rti_calloc(&worker->allocator, n_slots, sizeof *slots);
                        r = slots ? check_fit(worker) : RT_ENOMEM;
                }
                r = r < 0 ? r : demand(worker, feed, i, slots, &n);
        }
        if (r < 0) {
                rti_free(&worker->allocator, slots);
                return r;
        }
        drop_idle(worker, feed);
        rti_free(&worker->allocator, (void *) (uintptr_t) feed->instance.provided_slots);
        feed->instance.provided_slots = slots;
        return RT_OK;
}

void
rti_feed_unprovide(rt_worker *worker, rti_feed *feed)
{
        for (rti_provided *p = feed->instance.provided; p; p = p->next)
                p->n_slots = 0;
        drop_idle(worker, feed);
        rti_free(&worker->allocator, (void *) (uintptr_t) feed->instance.provided_slots);
        feed->instance.provided_slots = NULL;
}
