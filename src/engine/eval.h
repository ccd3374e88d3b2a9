/* SPDX-License-Identifier: Apache-2.0 */
/* eval.h - does a rule hold for the frame's event? */
#ifndef RTI_ENGINE_EVAL_H
#define RTI_ENGINE_EVAL_H

#include "engine/candidates.h"

/* Roots of the index for events of that code: numbers of nodes. */
static inline rti_p_range
rti_eval_roots(const rt_ruleset *rules, uint32_t source, uint32_t code)
{
        const rti_p_source *row = &rules->p.sources[source];
        const uint32_t at = code - row->first_type;
        const uint32_t group =
                at < row->by_type.n ? rules->p.numbers[row->by_type.first + at] : RTI_NONE;

        return group == RTI_NONE ? (rti_p_range){ 0, 0 } : rules->p.groups[group];
}

bool rti_eval_rule(rti_frame *frame, uint32_t rule);

/* The first candidate that holds, taken out with those before it; RTI_NONE: none does. */
uint32_t rti_eval_next(rti_frame *frame, rti_candidates *candidates);

/* One question, decided now if it is not yet: what an instruction asks. */
bool rti_eval_insn(rti_frame *frame, const rti_insn *insn);

#endif
