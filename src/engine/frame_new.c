/* SPDX-License-Identifier: Apache-2.0 */
/* frame_new.c - a frame's arrays, for the rules that it is about. */
#include "engine/classify.h"
#include "engine/frame_private.h"
#include "engine/known.h"
#include "engine/list.h"

enum { MOST_LED = 1 << 18 /* places that switches are remembered to have led to: 1 MiB */ };

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
static rti_switch_row
prepare_switch(const rti_frame *frame, const rti_p_switch *one)
{
        const rti_class_row *class = &frame->class_row[one->class];
        const bool keeps = !class->known && one->entries.first + one->entries.n <= MOST_LED;

        return (rti_switch_row){ .class = one->class,
                                 .slot = keeps ? class->slot : RTI_NONE,
                                 .first = keeps ? one->entries.first : 0 };
}

static void
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
                                        .keeps = i < RTI_MOST_LAST };
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

static size_t
count_listed(const rt_ruleset *rules)
{
        size_t n = 0;

        for (uint32_t i = 0; rules && i < rules->p.n_slots; i++)
                n += rules->slots[i].what == RTI_SLOT_LISTED;
        return n;
}

void
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

int
rti_frame_install(rti_frame *frame, const rt_ruleset *rules)
{
        const rti_program_view none = { 0 }, *p = rules ? &rules->p : &none;
        const rt_allocator *a = frame->allocator;
        const size_t n_last = p->n_slots < RTI_MOST_LAST ? p->n_slots : RTI_MOST_LAST;
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
        if (!new.listed || !new.slot_stamp || !new.slot_value || !new.slot_row || !new.class_row
            || !new.pred_row || !new.switch_row || !new.led || !new.last) {
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

void
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
