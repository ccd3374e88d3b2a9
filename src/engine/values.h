/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values.h - what was answered about values that slots had lately, for diagram.c.
 *
 * A slot that does not have the value of the event before often has one that it had a little
 * earlier. Texts are kept as copies and compared; a value that is not kept has its answers until
 * the slot has another one.
 */
#ifndef RTI_ENGINE_VALUES_H
#define RTI_ENGINE_VALUES_H

#include "engine/frame.h"

enum { RTI_MOST_ANSWERS = 64 /* questions about a slot */ };

typedef struct rti_value_slot {
        uint32_t version; /* of the slot, whose value has the answers: */
        uint32_t *now;    /* 0: not known */
        uint32_t *rows;   /* of any other value, of no value; then each place's text's length */
        uint32_t *places; /* by the text's hash: answers, text; only where there is a length */
        uint32_t mask;    /* of the hash; RTI_NONE: there are no places */
        uint32_t n;       /* questions about the slot */
} rti_value_slot;

typedef struct rti_values {
        rti_value_slot *slots; /* per slot */
        uint32_t *rows;        /* of all slots */
        size_t n_rows;         /* in words */
        uint32_t *places;
} rti_values;

/* Where the next answer about @a slot is kept; RTI_MOST_ANSWERS: nowhere. */
uint32_t rti_values_add(rti_values *values, uint32_t slot);
/* Before the first of these, and behind the last one: RT_OK, RT_ENOMEM. */
int rti_values_new(rti_values *values, const rt_allocator *allocator, const rt_ruleset *rules);
int rti_values_ready(rti_values *values, const rt_allocator *allocator, const rt_ruleset *rules);
void rti_values_done(rti_values *values, const rt_allocator *allocator);
/* No answer is known any more. */
void rti_values_forget(rti_values *values, const rt_ruleset *rules);

/* The slot, which was read in this event, has another value than before. */
void rti_values_renew(rti_values *values, rti_frame *frame, uint32_t slot);

/* What is known of the slot's value in the current event. */
static inline uint32_t *
rti_values_answers(rti_values *values, rti_frame *frame, uint32_t slot)
{
        const rti_value_slot *one = &values->slots[slot];

        if (one->version != rti_frame_version(frame, slot))
                rti_values_renew(values, frame, slot);
        return one->now;
}

#endif
