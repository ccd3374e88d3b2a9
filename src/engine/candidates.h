/* SPDX-License-Identifier: Apache-2.0 */
/*
 * candidates.h - rules that the current event may match: a set of rule numbers, taken out in order.
 *
 * Three levels of bits, each saying where below it bits are, so that a few candidates among a
 * hundred thousand rules cost a few steps, and nothing is cleared that was not set.
 */
#ifndef RTI_ENGINE_CANDIDATES_H
#define RTI_ENGINE_CANDIDATES_H

#include "engine/frame.h"

typedef struct rti_candidates {
        uint64_t *bits;   /* per rule */
        uint64_t *words;  /* per word of bits */
        uint64_t *parts;  /* per word of words */
        uint64_t taken;   /* left of the word that was taken last */
        uint32_t first;   /* its first rule */
        uint32_t n_parts; /* words of these */
        const rt_allocator *allocator;
} rti_candidates;

/* For @a n_rules rules, empty; the allocator is set. RT_OK, RT_ENOMEM. */
int rti_candidates_new(rti_candidates *c, uint32_t n_rules);
void rti_candidates_done(rti_candidates *c);

/* Add the rules that the frame's event leads to. */
void rti_candidates_find(rti_candidates *c, rti_frame *frame, rti_p_range roots);
/* Take the first one out; RTI_NONE: there is none. */
uint32_t rti_candidates_take(rti_candidates *c);
/* Forget those that are left. */
void rti_candidates_drop(rti_candidates *c);

#endif
