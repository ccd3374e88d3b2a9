/* SPDX-License-Identifier: Apache-2.0 */
/*
 * install.c - a ruleset comes into force on one worker, between two events.
 *
 *   in   the engine's ruleset
 *   out  a frame of its size; for each instance, before its next event, the demand: which fields
 *        rules and outputs can ask for
 */
#include "engine/list.h"
#include "engine/worker.h"

/* ---- the ruleset ---- */

rti_in_force
rti_engine_in_force(rt_engine *engine)
{
        rti_in_force now;

        pthread_mutex_lock(&engine->lock);
        now.rules = rti_ruleset_ref(engine->rules);
        now.lists = rti_lists_ref(engine->lists);
        now.use = engine->uses;
        now.generation = atomic_load_explicit(&engine->generation, memory_order_relaxed);
        pthread_mutex_unlock(&engine->lock);
        return now;
}

void
rti_in_force_drop(rti_in_force *in_force)
{
        rti_ruleset_unref(in_force->rules);
        rti_lists_unref(in_force->lists);
        in_force->rules = NULL;
        in_force->lists = NULL;
}

int
rti_worker_install(rt_worker *worker)
{
        rti_in_force now;
        int r;

        /* The rules that a decision began with, decide. */
        if (worker->decision.opts)
                return RT_OK;
        if (worker->installed
            && atomic_load_explicit(&worker->engine->generation, memory_order_acquire)
                       == worker->generation)
                return RT_OK;
        now = rti_engine_in_force(worker->engine);
        r = rti_worker_take(worker, &now);
        rti_in_force_drop(&now);
        return r;
}

/* The ruleset and all that has its size. */
static int
take_rules(rt_worker *worker, rt_ruleset *rules)
{
        rti_candidates candidates = { .allocator = &worker->allocator };
        rti_sampler sampler = { .rules = NULL };
        uint64_t *alerts;
        int r;

        alerts = rti_calloc(&worker->allocator, rules ? (size_t) rules->p.n_rules + 1 : 1,
                            sizeof *alerts);
        r = alerts ? rti_candidates_new(&candidates, rules) : RT_ENOMEM;
        r = r < 0 ? r
                  : rti_sampler_new(&sampler, &worker->allocator, rules, worker->opts.sample_every);
        /* The last that can fail: it replaces what was there. */
        r = r < 0 ? r : rti_frame_install(&worker->frame, rules);
        if (r < 0) {
                rti_candidates_done(&candidates);
                rti_sampler_done(&sampler, &worker->allocator);
                rti_free(&worker->allocator, alerts);
                return r;
        }
        rti_candidates_done(&worker->candidates);
        worker->candidates = candidates;
        rti_sampler_done(&worker->sampler, &worker->allocator);
        worker->sampler = sampler;
        rti_free(&worker->allocator, worker->rule_alerts);
        worker->rule_alerts = alerts;
        rti_ruleset_unref(worker->rules);
        worker->rules = rti_ruleset_ref(rules);
        worker->installed++;
        for (uint32_t i = 0; i < worker->n_feeds; i++)
                worker->feeds[i].number =
                        rules ? rti_ruleset_source(rules, worker->feeds[i].instance.ops->name)
                              : RTI_NONE;
        return RT_OK;
}

int
rti_worker_take(rt_worker *worker, const rti_in_force *in_force)
{
        rti_lists *old = worker->lists;
        int r = RT_OK;

        if (worker->installed && worker->generation == in_force->generation)
                return RT_OK;
        if (!worker->installed || worker->use != in_force->use)
                r = take_rules(worker, in_force->rules);
        if (r < 0)
                return r;
        worker->lists = rti_lists_ref(in_force->lists);
        rti_frame_use_lists(&worker->frame, worker->lists);
        rti_lists_unref(old);
        worker->use = in_force->use;
        worker->generation = in_force->generation;
        return RT_OK;
}

/* ---- demand ---- */

rt_slot_desc
rti_slot_desc_of(const rti_slot *slot)
{
        return (rt_slot_desc){ .field = slot->field,
                               .key = slot->arg == RT_ARG_NONE ? RTI_STR("") : slot->key,
                               .index = slot->index,
                               .arg = slot->arg,
                               .output = slot->output_only };
}

/* Number the slots that the instance must deliver, and the engine's own. */
static int
collect_slots(rt_worker *worker, const rti_feed *feed, rt_slot_desc **ret_slots, size_t *ret_n)
{
        const uint32_t n_slots = worker->rules ? worker->rules->p.n_slots : 0;
        rt_slot_desc *slots = rti_calloc(&worker->allocator, (size_t) n_slots + 1, sizeof *slots);
        size_t n = 0;

        if (!slots)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n_slots; i++) {
                const rti_slot *slot = &worker->rules->slots[i];
                uint32_t field;

                if (slot->source != feed->number || slot->what != RTI_SLOT_FIELD
                    || rti_registry_provider(rti_worker_registry(worker), slot->field, &field))
                        continue;
                field = rti_evt_field_find(slot->field);
                if (field != RTI_EVT_NONE) {
                        worker->frame.slot_row[i].from = RTI_SLOT_ENGINE | field;
                        continue;
                }
                worker->frame.slot_row[i].from = (uint32_t) n;
                slots[n++] = rti_slot_desc_of(slot);
        }
        if (feed->key.field.len)
                slots[n++] = feed->key;
        *ret_slots = slots;
        *ret_n = n;
        return RT_OK;
}

/* The slot of the demand that a predicate reads; NULL: none, or it has no texts. */
static rt_slot_desc *
slot_of_pred(const rt_worker *worker, const rti_feed *feed, const rti_p_pred *pred,
             rt_slot_desc *slots)
{
        const rti_slot *slot = &worker->rules->slots[pred->slot];

        if (pred->what != RTI_P_TEST || slot->source != feed->number || slot->what != RTI_SLOT_FIELD
            || worker->frame.slot_row[pred->slot].from & RTI_SLOT_ENGINE)
                return NULL;
        return &slots[worker->frame.slot_row[pred->slot].from];
}

/* What each slot is compared with, all in one block. NULL: out of memory. */
static rt_str *
collect_texts(rt_worker *worker, const rti_feed *feed, rt_slot_desc *slots, size_t n_slots)
{
        const rti_program_view none = { 0 }, *p = worker->rules ? &worker->rules->p : &none;
        rt_slot_desc *slot;
        rt_str *texts;
        size_t n = 0;

        for (uint32_t i = 0; i < p->n_preds; i++)
                if ((slot = slot_of_pred(worker, feed, &p->preds[i], slots)))
                        slot->n_texts += p->preds[i].constants.n;
        for (size_t i = 0; i < n_slots; i++)
                n += slots[i].n_texts;
        texts = rti_calloc(&worker->allocator, n + 1, sizeof *texts);
        if (!texts)
                return NULL;
        for (size_t i = n = 0; i < n_slots; i++) {
                slots[i].texts = texts + n;
                n += slots[i].n_texts;
                slots[i].n_texts = 0;
        }
        for (uint32_t i = 0; i < p->n_preds; i++) {
                const rti_p_range range = p->preds[i].constants;

                slot = slot_of_pred(worker, feed, &p->preds[i], slots);
                for (uint32_t k = 0; slot && k < range.n; k++) {
                        const rti_p_constant *constant = &p->constants[range.first + k];

                        if (constant->kind == RT_KIND_STRING)
                                texts[(size_t) (slot->texts - texts) + slot->n_texts++] =
                                        rti_program_text(p, constant->as.text);
                }
        }
        return texts;
}

/* The event codes that some rule looks at, as a bit set. NULL: out of memory. */
static uint64_t *
collect_types(rt_worker *worker, const rti_feed *feed)
{
        uint64_t *words = rti_calloc(&worker->allocator, RTI_EVENT_WORDS, sizeof *words);
        const rti_program_view *p = worker->rules ? &worker->rules->p : NULL;

        if (!words || !p || feed->number == RTI_NONE)
                return words;
        for (uint32_t i = 0; i < p->sources[feed->number].by_type.n; i++) {
                const uint32_t code = p->sources[feed->number].first_type + i;

                if (code < RTI_N_EVENT_CODES
                    && p->numbers[p->sources[feed->number].by_type.first + i] != RTI_NONE)
                        words[code / 64] |= (uint64_t) 1 << code % 64;
        }
        return words;
}

static const rt_str *
put_texts(const rt_worker *worker, rti_p_range range, rt_str **at)
{
        const rti_program_view *p = &worker->rules->p;
        const rt_str *first = *at;

        for (uint32_t i = 0; i < range.n; i++)
                *(*at)++ = rti_program_text(p, p->need_texts[range.first + i]);
        return range.n ? first : NULL;
}

/* What events must have, in one block with the texts of all of them. NULL: out of memory. */
static rt_event_filter *
collect_filters(rt_worker *worker, const rti_feed *feed, size_t *ret_n)
{
        const rti_program_view none = { 0 }, *p = worker->rules ? &worker->rules->p : &none;
        const size_t most = (size_t) p->n_needs + 1;
        size_t n = 0, n_texts = 0;
        rt_event_filter *filters;
        rt_str *texts;

        for (uint32_t i = 0; i < p->n_needs; i++)
                n_texts += (size_t) p->needs[i].paths.n + p->needs[i].names.n;
        filters =
                rti_calloc(&worker->allocator, 1, most * sizeof *filters + n_texts * sizeof *texts);
        if (!filters)
                return NULL;
        texts = (rt_str *) (void *) (filters + most);
        for (uint32_t i = 0; i < p->n_needs; i++) {
                const rti_p_need *need = &p->needs[i];

                if (need->source != feed->number)
                        continue;
                filters[n++] = (rt_event_filter){ .type = need->type,
                                                  .results = need->results,
                                                  .fd_nums = need->fd_nums,
                                                  .fd_kinds = need->fd_kinds,
                                                  .open_modes = need->open_modes,
                                                  .scopes = need->scopes,
                                                  .raw_paths = need->raw_paths,
                                                  .paths = put_texts(worker, need->paths, &texts),
                                                  .n_paths = need->paths.n,
                                                  .names = put_texts(worker, need->names, &texts),
                                                  .n_names = need->names.n };
        }
        *ret_n = n;
        return filters;
}

void
rti_feed_forget(rt_worker *worker, rti_feed *feed)
{
        rti_free(&worker->allocator, feed->slot_texts);
        rti_free(&worker->allocator, (void *) feed->demand.slots);
        rti_free(&worker->allocator, (void *) feed->demand.event_types);
        rti_free(&worker->allocator, (void *) feed->demand.filters);
        rti_ruleset_unref(feed->rules);
        feed->demand = (rt_demand){ 0 };
        feed->slot_texts = NULL;
        feed->rules = NULL;
}

int
rti_feed_demand(rt_worker *worker, rti_feed *feed)
{
        rt_demand demand = { .size = sizeof demand,
                             .slot_stride = sizeof(rt_slot_desc),
                             .filter_stride = sizeof(rt_event_filter) };
        rt_event_filter *filters;
        rt_slot_desc *slots;
        uint64_t *types;
        rt_str *texts;
        int r;

        if (feed->demanded == worker->installed)
                return RT_OK;
        r = rti_feed_provide(worker, feed);
        r = r < 0 ? r : collect_slots(worker, feed, &slots, &demand.n_slots);
        if (r < 0)
                return r;
        texts = collect_texts(worker, feed, slots, demand.n_slots);
        types = collect_types(worker, feed);
        filters = collect_filters(worker, feed, &demand.n_filters);
        demand.slots = slots;
        demand.event_types = types;
        demand.n_event_words = RTI_EVENT_WORDS;
        demand.filters = filters;
        r = texts && types && filters ? RT_OK : RT_ENOMEM;
        if (r == RT_OK && feed->instance.ops->demand)
                r = feed->instance.ops->demand(feed->instance.state, &demand);
        if (r < 0) {
                rti_free(&worker->allocator, texts);
                rti_free(&worker->allocator, slots);
                rti_free(&worker->allocator, types);
                rti_free(&worker->allocator, filters);
                return r;
        }
        rti_feed_forget(worker, feed);
        feed->demand = demand;
        feed->slot_texts = texts;
        feed->rules = rti_ruleset_ref(worker->rules);
        feed->demanded = worker->installed;
        return RT_OK;
}

int
rti_reader_demand(rt_worker *worker, const rti_feed *feed)
{
        const rt_input *input = &worker->pulled;
        int r = RT_OK;

        if (worker->pulled_demanded == worker->installed)
                return RT_OK;
        if (input->reader->demand)
                r = input->reader->demand(input->reader_state, &feed->demand);
        if (r == RT_OK)
                worker->pulled_demanded = worker->installed;
        return r;
}
