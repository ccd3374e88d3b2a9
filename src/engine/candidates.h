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

typedef struct rti_known rti_known; /* known.h */

typedef struct rti_candidates {
        uint64_t *bits;   /* per rule */
        uint64_t *words;  /* per word of bits */
        uint64_t *parts;  /* per word of words */
        uint64_t taken;   /* left of the word that was taken last */
        uint32_t first;   /* its first rule */
        uint32_t n_parts; /* words of these */
        rti_known *known; /* NULL: nothing is about subjects */
        const rt_allocator *allocator;
} rti_candidates;

/* For @a rules (NULL: none), empty; the allocator is set. RT_OK, RT_ENOMEM. */
int rti_candidates_new(rti_candidates *c, const rt_ruleset *rules);
void rti_candidates_done(rti_candidates *c);

/* Add the rules that the frame's event leads to. */
void rti_candidates_find(rti_candidates *c, rti_frame *frame, rti_p_range roots);
/* Take the next word of them, after the last one of the word before; false: there is none. */
bool rti_candidates_more(rti_candidates *c);
/* Forget those that are left. */
void rti_candidates_drop(rti_candidates *c);

/* ---- for known.c ---- */

static inline void
rti_candidates_add(rti_candidates *c, uint32_t rule)
{
        c->bits[rule >> 6] |= (uint64_t) 1 << (rule & 63);
        c->words[rule >> 12] |= (uint64_t) 1 << (rule >> 6 & 63);
        c->parts[rule >> 18] |= (uint64_t) 1 << (rule >> 12 & 63);
}

/* As rti_candidates_find, whoever the event is about. */
void rti_candidates_walk(rti_candidates *c, rti_frame *frame, rti_p_range roots);
/* What the node leads to by its switches from @a first on. */
void rti_candidates_visit(rti_candidates *c, rti_frame *frame, uint32_t node, uint32_t first);

/* Where the atom leads to; RTI_NONE: nowhere. */
static inline uint32_t
rti_switch_to(const rti_program_view *p, const rti_p_switch *one, uint32_t atom)
{
        const rti_p_entry *entries = p->places + one->entries.first;
        const uint32_t mask = one->entries.n - 1;
        uint32_t at = rti_entry_hash(atom) & mask;

        while (entries[at].atom != atom && entries[at].atom != RTI_NONE)
                at = (at + 1) & mask;
        return entries[at].atom == RTI_NONE ? RTI_NONE : entries[at].to;
}

/* Take the first one out; RTI_NONE: there is none. */
static inline uint32_t
rti_candidates_take(rti_candidates *c)
{
        uint32_t rule;

        if (!c->taken && !rti_candidates_more(c))
                return RTI_NONE;
        rule = c->first | (uint32_t) __builtin_ctzll(c->taken);
        c->taken &= c->taken - 1;
        return rule;
}

#endif
