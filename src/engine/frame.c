/* SPDX-License-Identifier: Apache-2.0 */
/*
 * frame.c - values of the current event, read when the first one asks.
 *
 * What a source gives is checked against the kind its field was declared with: sources may be
 * foreign code, and everything behind here trusts the kind of a slot.
 */
#include "engine/frame.h"
#include "engine/classify.h"
#include "engine/known.h"
#include "engine/list.h"
#include "engine/recall.h"
#include "lang/ops/transform.h"

enum {
        FEW_ARGS = 8,
        MOST_LED = 1 << 18,  /* places that switches are remembered to have led to: 1 MiB */
        MOST_LAST = 1024,    /* slots whose last value is kept, which bounds the memory: 1 MiB */
        LONGEST_LAST = 1000, /* text, in bytes */
        MOST_CREDIT = 64     /* a slot that has so little is not compared any more, negated */
};

/* A slot's value in the last event that it was read in. */
typedef struct rti_last {
        uint64_t made_of; /* of a transformer or a list: the sum of its arguments' versions */
        enum { LAST_UNKNOWN, LAST_MISSING, LAST_NUMBER, LAST_TEXT } what;
        uint32_t len;
        union {
                uint64_t number;
                char text[LONGEST_LAST];
        } as;
} rti_last;

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
        if (hold == RTI_HOLD_STRING && !value->as.s.ptr && value->as.s.len)
                return false;
        if (kind == RT_KIND_DYNAMIC)
                return hold != RTI_HOLD_NONE && hold != RTI_HOLD_LIST;
        return hold == rti_kinds[kind].hold;
}

__attribute__((cold)) bool
rti_slot_fits(const rti_slot *slot, const rt_value *value)
{
        const rti_type type = slot->type;

        if (!type.list)
                return element_fits(slot->dynamic ? RT_KIND_DYNAMIC : type.kind, value);
        if (value->kind != RT_KIND_LIST || (value->count && !value->as.list))
                return false;
        for (uint32_t i = 0; i < value->count; i++)
                if (!element_fits(type.kind, &value->as.list[i]))
                        return false;
        return true;
}

/* A field that no source has to give. */
static int
read_own_field(rti_frame *frame, uint32_t from, rt_value *ret_value)
{
        frame->extracted++;
        if (from == RTI_NONE || !frame->event)
                return 0;
        return rti_evt_field_read(frame, from & ~(uint32_t) RTI_SLOT_ENGINE, ret_value);
}

static void *
get_memory(void *user, size_t size_bytes)
{
        return rti_arena_get(((rti_frame *) user)->memory, size_bytes);
}

/* Are the arguments what they were when the slot was read last? Then it is as it was, too. */
static bool
made_before(const rti_frame *frame, const rti_slot *slot, rti_last *last)
{
        uint64_t sum = 0;

        for (uint32_t i = 0; i < slot->n_args; i++)
                sum += frame->slot_row[slot->args[i]].version;
        if (last->made_of == sum)
                return last->what != LAST_UNKNOWN;
        last->made_of = sum;
        return false;
}

/* RT_SAME, as of a source: it is there or not as it was. */
static int
read_transform(rti_frame *frame, const rti_slot *slot, rti_last *last, rt_value *ret_value)
{
        const rti_transform_memory memory = { get_memory, frame };
        const rt_value *few[FEW_ARGS], **args = few;

        if (slot->n_args > FEW_ARGS)
                args = rti_arena_get(frame->memory, slot->n_args * sizeof *args);
        if (!args)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < slot->n_args; i++)
                args[i] = rti_frame_value(frame, slot->args[i]);
        if (last && made_before(frame, slot, last))
                return RT_SAME;
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

static int
read_listed(rti_frame *frame, uint32_t number, rti_last *last, rt_value *ret_value)
{
        const rti_slot *slot = &frame->rules->slots[number];
        const rti_listed *listed =
                &frame->listed[frame->slot_row[number].from & (RTI_SLOT_PROVIDED - 1)];
        const rt_value *value = rti_frame_value(frame, slot->args[0]);
        /* Both only grow. */
        const uint64_t sum = frame->slot_row[slot->args[0]].version + listed->number;
        int r;

        if (last && last->what != LAST_UNKNOWN && last->made_of == sum)
                return RT_SAME;
        if (last)
                last->made_of = sum;
        if (!value)
                return 0;
        r = listed->list ? rti_list_test(listed->list, frame, slot, value) : 0;
        *ret_value = (rt_value){ .kind = RT_KIND_BOOL, .as.u = (uint64_t) r };
        return r < 0 ? r : 1;
}

/* What is not extracted. */
__attribute__((noinline)) static int
read_other(rti_frame *frame, uint32_t number, rti_last *last, rt_value *ret_value)
{
        const rti_slot *slot = &frame->rules->slots[number];
        uint32_t from;

        switch ((enum rti_slot_what) slot->what) {
        case RTI_SLOT_FIELD:
                from = frame->slot_row[number].from;
                if (from == RTI_NONE || !(from & RTI_SLOT_PROVIDED) || !frame->event)
                        return read_own_field(frame, from, ret_value);
                if (last && last->what == LAST_UNKNOWN)
                        last->made_of = 0;
                return rti_provided_read(frame, number, last ? &last->made_of : NULL, ret_value);
        case RTI_SLOT_TRANSFORM:
                return read_transform(frame, slot, last, ret_value);
        case RTI_SLOT_CONST:
                *ret_value = slot->constant;
                return 1;
        case RTI_SLOT_LIST:
                return read_list(frame, slot, ret_value);
        case RTI_SLOT_LISTED:
                return read_listed(frame, number, last, ret_value);
        }
        return 0;
}

/* Is what was read what was read last? It is what will have been. */
static bool
same(const rti_slot_row *row, rti_last *last, rt_value *value, int r)
{
        if (r == 0) {
                if (last->what == LAST_MISSING)
                        return true;
                last->what = LAST_MISSING;
        } else if (r < 0 || value->kind != row->kind
                   || (row->kind == RT_KIND_STRING && value->as.s.len > LONGEST_LAST)) {
                last->what = LAST_UNKNOWN;
        } else if (row->kind != RT_KIND_STRING) {
                if (last->what == LAST_NUMBER && last->as.number == value->as.u)
                        return true;
                last->what = LAST_NUMBER;
                last->as.number = value->as.u;
        } else {
                const rt_str text = value->as.s;

                value->as.s.ptr = last->as.text;
                if (last->what == LAST_TEXT && last->len == text.len
                    && (text.len == 0 || memcmp(last->as.text, text.ptr, text.len) == 0))
                        return true;
                last->what = LAST_TEXT;
                last->len = (uint32_t) text.len;
                if (text.len)
                        memcpy(last->as.text, text.ptr, text.len);
        }
        return false;
}

static inline const rt_value *
put(rti_frame *frame, uint32_t number, bool present)
{
        frame->slot_stamp[number] = frame->now << 1 | present;
        return present ? &frame->slot_value[number] : NULL;
}

static inline void
renew(rti_slot_row *row)
{
        row->version++;
        row->cut = RTI_CUT_UNKNOWN;
}

/* The value of a slot whose last one is kept, as read. @a said: by the source. */
__attribute__((noinline)) static const rt_value *
compare(rti_frame *frame, uint32_t number, int r, bool said)
{
        rti_slot_row *row = &frame->slot_row[number];
        rti_last *last = &frame->last[number];
        const bool meanwhile = frame->slot_stamp[number] != row->taken; /* RT_SAME */
        int credit = row->credit + 2 * meanwhile;

        if (same(row, last, &frame->slot_value[number], r)) {
                credit++;
        } else {
                renew(row);
                row->keeps = --credit > -MOST_CREDIT;
        }
        row->credit = (int8_t) (credit < MOST_CREDIT ? credit : MOST_CREDIT);
        row->said = RTI_SAID_UNKNOWN;
        if (said && row->keeps && last->what != LAST_UNKNOWN)
                row->said = r == 0 ? RTI_SAID_MISSING : RTI_SAID_VALUE;
        row->taken = frame->now << 1 | (r > 0);
        return put(frame, number, r > 0);
}

static inline const rt_value *
take(rti_frame *frame, uint32_t number, int r, bool said)
{
        rti_slot_row *row = &frame->slot_row[number];

        if (__builtin_expect(r < 0, 0))
                frame->failed++;
        if (row->keeps)
                return compare(frame, number, r, said);
        renew(row);
        return put(frame, number, r > 0);
}

/* A slot of no source, or of another one than the event's; or no event. */
__attribute__((noinline)) static const rt_value *
read_rest(rti_frame *frame, const rti_slot_row *row, uint32_t number)
{
        rti_last *last = row->keeps ? &frame->last[number] : NULL;
        int r = 0;

        if (row->source == frame->source)
                r = read_other(frame, number, last, &frame->slot_value[number]);
        else if (last)
                last->made_of = 0;
        if (r != RT_SAME)
                return take(frame, number, r, /* said= */ false);
        return put(frame, number, last->what != LAST_MISSING);
}

/* A slot of the event's source. */
__attribute__((noinline)) static const rt_value *
ask(rti_frame *frame, const rti_slot_row *row, uint32_t number)
{
        const rti_instance *instance = frame->instance;
        rt_value value;
        int r;

        value.kind = RT_KIND_NONE;
        value.count = 0;
        frame->extracted++;
        frame->event->flags |= row->said & RT_EVENT_HELD;
        r = instance->ops->extract(instance->state, frame->event, row->from, &value);
        frame->event->flags &= ~(uint32_t) RT_EVENT_HELD;
        if (__builtin_expect(r == RT_SAME && row->said, 1))
                return put(frame, number, row->said & 1);
        if (r > 0 && r != RT_SAME
            && (value.kind == row->kind || rti_slot_fits(&frame->rules->slots[number], &value)))
                /* Only now, since a source might change what is held, and say RT_SAME. */
                frame->slot_value[number] = value;
        else if (r > 0)
                r = RT_EFORMAT;
        return take(frame, number, r, /* said= */ true);
}

const rt_value *
rti_frame_read(rti_frame *frame, uint32_t number)
{
        const rti_slot_row *row = &frame->slot_row[number];

        if (row->source == frame->source && row->from < RTI_SLOT_ENGINE && frame->event)
                return ask(frame, row, number);
        return read_rest(frame, row, number);
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

/* The kind that fits the slot without a look at the value, if there is one. */
static uint32_t
plain_kind(const rti_slot *slot)
{
        if (slot->dynamic || slot->type.list)
                return RTI_NONE;
        switch (rti_kinds[slot->type.kind].hold) {
        case RTI_HOLD_STRING:
                return RT_KIND_STRING;
        case RTI_HOLD_UNSIGNED:
        case RTI_HOLD_SIGNED:
        case RTI_HOLD_DOUBLE:
                return slot->type.kind;
        case RTI_HOLD_NONE:
        case RTI_HOLD_ADDRESS:
        case RTI_HOLD_LIST:
                break;
        }
        return RTI_NONE;
}

/* A switch leads to no more places than it has entries. What is known of subjects may be of another
 * value than the slot had last. */
__attribute__((cold)) static rti_switch_row
prepare_switch(const rti_frame *frame, const rti_p_switch *one)
{
        const rti_class_row *class = &frame->class_row[one->class];
        const bool keeps = !class->known && one->entries.first + one->entries.n <= MOST_LED;

        return (rti_switch_row){ .class = one->class,
                                 .slot = keeps ? class->slot : RTI_NONE,
                                 .first = keeps ? one->entries.first : 0 };
}

__attribute__((cold)) static void
fill_rows(rti_frame *frame)
{
        const rti_program_view *p = &frame->rules->p;
        uint32_t n_known = 0, n_listed = 0;

        for (uint32_t i = 0; i < p->n_slots; i++) {
                const rti_slot *slot = &frame->rules->slots[i];
                const bool listed = slot->what == RTI_SLOT_LISTED;

                frame->slot_row[i] =
                        (rti_slot_row){ .source = slot->source,
                                        .from = listed ? RTI_SLOT_ENGINE | n_listed++ : RTI_NONE,
                                        .kind = plain_kind(slot),
                                        .keeps = i < MOST_LAST };
        }
        for (uint32_t i = 0; i < p->n_classes; i++) {
                frame->class_row[i] = rti_class_prepare(frame->rules, i);
                if (frame->rules->slots[p->classes[i].slot].of_subject
                    && n_known < RTI_KNOWN_CLASSES)
                        frame->class_row[i].known = (uint8_t) ++n_known;
        }
        for (uint32_t i = 0; i < p->n_switches; i++)
                frame->switch_row[i] = prepare_switch(frame, &p->switches[i]);
        for (uint32_t i = 0; i < p->n_preds; i++) {
                const rti_p_pred *pred = &p->preds[i];
                const bool one = pred->class != RTI_NONE && pred->atoms.n == 1;

                frame->pred_row[i] = (rti_pred_row){ .slot = pred->slot,
                                                     .atom = one ? pred->atoms.first : RTI_NONE };
        }
}

__attribute__((cold)) static size_t
count_listed(const rt_ruleset *rules)
{
        size_t n = 0;

        for (uint32_t i = 0; rules && i < rules->p.n_slots; i++)
                n += rules->slots[i].what == RTI_SLOT_LISTED;
        return n;
}

__attribute__((cold)) void
rti_frame_use_lists(rti_frame *frame, const rti_lists *lists)
{
        rti_listed *to = frame->listed;

        for (uint32_t i = 0; frame->rules && i < frame->rules->p.n_slots; i++) {
                const rti_slot *slot = &frame->rules->slots[i];
                const rti_list_row *row;

                if (slot->what != RTI_SLOT_LISTED)
                        continue;
                row = rti_lists_find(lists, slot->field);
                *to++ = row ? (rti_listed){ row->list, row->number } : (rti_listed){ 0 };
        }
}

__attribute__((cold)) int
rti_frame_install(rti_frame *frame, const rt_ruleset *rules)
{
        const rti_program_view none = { 0 }, *p = rules ? &rules->p : &none;
        const rt_allocator *a = frame->allocator;
        const size_t n_last = p->n_slots < MOST_LAST ? p->n_slots : MOST_LAST;
        const size_t n_led = p->n_places < MOST_LED ? p->n_places : MOST_LED;
        const size_t n_stamps = (size_t) p->n_slots + p->n_exprs + (size_t) p->n_atoms * 2;
        rti_frame new = *frame;

        new.slot_stamp = rti_calloc(a, n_stamps + 1, sizeof *new.slot_stamp);
        new.slot_value = rti_calloc(a, (size_t) p->n_slots + 1, sizeof *new.slot_value);
        new.slot_row = rti_calloc(a, (size_t) p->n_slots + 1, sizeof *new.slot_row);
        new.class_row = rti_calloc(a, (size_t) p->n_classes + 1, sizeof *new.class_row);
        new.pred_row = rti_calloc(a, (size_t) p->n_preds + 1, sizeof *new.pred_row);
        new.switch_row = rti_calloc(a, (size_t) p->n_switches + 1, sizeof *new.switch_row);
        new.led = rti_calloc(a, n_led + 1, sizeof *new.led);
        new.last = rti_calloc(a, n_last + 1, sizeof *new.last);
        new.listed = rti_calloc(a, count_listed(rules) + 1, sizeof *new.listed);
        new.recall = NULL;
        if (!new.listed || !new.slot_stamp || !new.slot_value || !new.slot_row || !new.class_row
            || !new.pred_row || !new.switch_row || !new.led || !new.last
            || rti_recall_new(a, p, &new.recall) < 0) {
                rti_frame_done(&new);
                return RT_ENOMEM;
        }
        rti_frame_done(frame);
        *frame = new;
        frame->rules = rules;
        frame->event = NULL;
        frame->subject = NULL;
        frame->now = frame->waiting = 0;
        frame->expr_stamp = frame->slot_stamp + p->n_slots;
        frame->atom_stamp = frame->expr_stamp + p->n_exprs;
        frame->hits = frame->atom_stamp + p->n_atoms;
        if (rules)
                fill_rows(frame);
        return RT_OK;
}

__attribute__((cold)) void
rti_frame_done(rti_frame *frame)
{
        rti_free(frame->allocator, frame->slot_stamp);
        rti_free(frame->allocator, frame->slot_value);
        rti_free(frame->allocator, frame->slot_row);
        rti_free(frame->allocator, frame->class_row);
        rti_free(frame->allocator, frame->pred_row);
        rti_free(frame->allocator, frame->switch_row);
        rti_free(frame->allocator, frame->led);
        rti_free(frame->allocator, frame->last);
        rti_free(frame->allocator, frame->listed);
        rti_recall_free(frame->allocator, frame->recall);
        frame->recall = NULL;
        frame->slot_stamp = NULL;
        frame->slot_value = NULL;
        frame->slot_row = NULL;
        frame->class_row = NULL;
        frame->pred_row = NULL;
        frame->switch_row = NULL;
        frame->led = NULL;
        frame->last = NULL;
        frame->listed = NULL;
        frame->rules = NULL;
}

__attribute__((cold)) static void
forget(rti_frame *frame)
{
        const rti_program_view *p = &frame->rules->p;

        /* Up to hits all are stamps. */
        memset(frame->slot_stamp, 0,
               (size_t) (frame->hits - frame->slot_stamp) * sizeof *frame->slot_stamp);
        for (uint32_t i = 0; i < p->n_classes; i++)
                frame->class_row[i].stamp = frame->class_row[i].version = 0;
        for (uint32_t i = 0; i < p->n_preds; i++)
                frame->pred_row[i].stamp = frame->pred_row[i].version = 0;
        for (uint32_t i = 0; i < p->n_switches; i++)
                frame->switch_row[i].version = 0;
        for (uint32_t i = 0; i < p->n_slots; i++) {
                frame->slot_row[i].version = 0;
                frame->slot_row[i].said = RTI_SAID_UNKNOWN;
                frame->slot_row[i].taken = 0;
        }
        for (uint32_t i = 0; i < p->n_slots && i < MOST_LAST; i++)
                frame->last[i].what = LAST_UNKNOWN;
        frame->now = frame->waiting = 0;
}

void
rti_frame_begin(rti_frame *frame, const rti_instance *instance, uint32_t source, rt_event *event)
{
        if (frame->now == RTI_MOST_NOW && frame->rules)
                forget(frame);
        frame->now++;
        frame->subject = NULL;
        frame->instance = instance;
        frame->source = source;
        frame->event = event;
}
