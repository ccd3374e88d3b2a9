/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame.c - values of the current event, read when the first one asks.
 *
 * What a source gives is checked against the kind its field was declared with: sources may be
 * foreign code, and everything behind here trusts the kind of a slot.
 */
#include "engine/frame.h"
#include "lang/ops/transform.h"

enum { MOST_NOW = 0x7fffffff, FEW_ARGS = 8 };

void *
rti_frame_alloc(rti_frame *frame, size_t size_bytes)
{
        void *ptr = rti_arena_get(frame->memory, size_bytes);

        frame->failed += !ptr;
        return ptr;
}

/* ---- reading ---- */

static bool
element_fits(uint32_t kind, const rt_value *value)
{
        const uint32_t family = value->count & 0xff, bits = value->count >> 8;
        enum rti_hold hold;

        if (value->kind > RT_KIND_LIST)
                return false;
        hold = rti_kinds[value->kind].hold;
        if (hold == RTI_HOLD_ADDRESS && ((family != 4 && family != 16) || bits > family * 8))
                return false;
        if (kind == RT_KIND_DYNAMIC)
                return hold != RTI_HOLD_NONE && hold != RTI_HOLD_LIST;
        return hold == rti_kinds[kind].hold;
}

static bool
fits(const rti_slot *slot, const rt_value *value)
{
        const rti_type type = slot->type;

        if (!type.list)
                return element_fits(slot->dynamic ? RT_KIND_DYNAMIC : type.kind, value);
        if (value->kind != RT_KIND_LIST)
                return false;
        for (uint32_t i = 0; i < value->count; i++)
                if (!element_fits(type.kind, &value->as.list[i]))
                        return false;
        return true;
}

static int
read_field(rti_frame *frame, uint32_t number, rt_value *ret_value)
{
        const uint32_t from = frame->slot_from[number];
        int r;

        if (from == RTI_NONE || !frame->event)
                return 0;
        if (from & RTI_SLOT_ENGINE)
                return rti_evt_field_read(frame, from & ~(uint32_t) RTI_SLOT_ENGINE, ret_value);
        r = frame->instance->ops->extract(frame->instance->state, frame->event, from, ret_value);
        if (r > 0 && !fits(&frame->rules->slots[number], ret_value))
                return RT_EFORMAT;
        return r;
}

static void *
get_memory(void *user, size_t size_bytes)
{
        return rti_arena_get(((rti_frame *) user)->memory, size_bytes);
}

static int
read_transform(rti_frame *frame, const rti_slot *slot, rt_value *ret_value)
{
        const rti_transform_memory memory = { get_memory, frame };
        const rt_value *few[FEW_ARGS], **args = few;

        if (slot->n_args > FEW_ARGS)
                args = rti_arena_get(frame->memory, slot->n_args * sizeof *args);
        if (!args)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < slot->n_args; i++)
                args[i] = rti_frame_value(frame, slot->args[i]);
        return rti_transform(slot->transformer, args, slot->n_args, slot->key, &memory, ret_value);
}

/* A list of which one element is missing is missing. */
static int
read_list(rti_frame *frame, const rti_slot *slot, rt_value *ret_value)
{
        rt_value *list = rti_arena_get(frame->memory, (slot->n_args + (size_t) 1) * sizeof *list);

        if (!list)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < slot->n_args; i++) {
                const rt_value *value = rti_frame_value(frame, slot->args[i]);

                if (!value)
                        return 0;
                list[i] = *value;
        }
        *ret_value = (rt_value){ .kind = RT_KIND_LIST, .count = slot->n_args, .as.list = list };
        return 1;
}

const rt_value *
rti_frame_read(rti_frame *frame, uint32_t number)
{
        const rti_slot *slot = &frame->rules->slots[number];
        rt_value *value = &frame->slot_value[number];
        int r = 0;

        if (slot->source == frame->source) {
                switch ((enum rti_slot_what) slot->what) {
                case RTI_SLOT_FIELD:
                        r = read_field(frame, number, value);
                        frame->extracted++;
                        break;
                case RTI_SLOT_TRANSFORM:
                        r = read_transform(frame, slot, value);
                        break;
                case RTI_SLOT_CONST:
                        *value = slot->constant;
                        r = 1;
                        break;
                case RTI_SLOT_LIST:
                        r = read_list(frame, slot, value);
                        break;
                }
        }
        frame->failed += r < 0;
        frame->slot_stamp[number] = frame->now << 1 | (r > 0);
        return r > 0 ? value : NULL;
}

void
rti_frame_reread(rti_frame *frame)
{
        if (!frame->event || !(frame->event->flags & RT_EVENT_REREAD))
                return;
        for (uint32_t i = 0; i < frame->rules->p.n_slots; i++)
                frame->slot_stamp[i] = 0;
}

/* ---- life ---- */

int
rti_frame_install(rti_frame *frame, const rt_ruleset *rules)
{
        const rti_program_view none = { 0 }, *p = rules ? &rules->p : &none;
        const rt_allocator *a = frame->allocator;
        const size_t n_stamps = (size_t) p->n_slots * 2 + p->n_preds + p->n_exprs
                                + (size_t) p->n_classes * 3 + (size_t) p->n_atoms * 2;
        uint32_t *stamps = rti_calloc(a, n_stamps + 1, sizeof *stamps);
        rt_value *values = rti_calloc(a, (size_t) p->n_slots + 1, sizeof *values);

        if (!stamps || !values) {
                rti_free(a, stamps);
                rti_free(a, values);
                return RT_ENOMEM;
        }
        rti_frame_done(frame);
        frame->rules = rules;
        frame->event = NULL;
        frame->now = 0;
        frame->slot_value = values;
        frame->slot_stamp = stamps;
        frame->slot_from = frame->slot_stamp + p->n_slots;
        frame->pred_stamp = frame->slot_from + p->n_slots;
        frame->expr_stamp = frame->pred_stamp + p->n_preds;
        frame->class_stamp = frame->expr_stamp + p->n_exprs;
        frame->class_cut = frame->class_stamp + p->n_classes;
        frame->atom_stamp = frame->class_cut + p->n_classes;
        frame->class_n = frame->atom_stamp + p->n_atoms;
        frame->hits = frame->class_n + p->n_classes;
        memset(frame->slot_from, 0xff, p->n_slots * sizeof *frame->slot_from);
        return RT_OK;
}

void
rti_frame_done(rti_frame *frame)
{
        rti_free(frame->allocator, frame->slot_stamp);
        rti_free(frame->allocator, frame->slot_value);
        frame->slot_stamp = NULL;
        frame->slot_value = NULL;
        frame->rules = NULL;
}

static void
forget(rti_frame *frame)
{
        memset(frame->slot_stamp, 0, frame->rules->p.n_slots * sizeof *frame->slot_stamp);
        /* Up to class_n all are stamps. */
        memset(frame->pred_stamp, 0,
               (size_t) (frame->class_n - frame->pred_stamp) * sizeof *frame->pred_stamp);
        frame->now = 0;
}

void
rti_frame_begin(rti_frame *frame, const rti_instance *instance, uint32_t source,
                const rt_event *event)
{
        if (frame->now == MOST_NOW && frame->rules)
                forget(frame);
        frame->now++;
        frame->instance = instance;
        frame->source = source;
        frame->event = event;
}
