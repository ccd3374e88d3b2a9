/* SPDX-License-Identifier: Apache-2.0 */
/* eval.h - does a rule hold for the frame's event? */
#ifndef RTI_ENGINE_EVAL_H
#define RTI_ENGINE_EVAL_H

#include "engine/frame.h"

/* The rules that look at events of that code: numbers of rules, in evaluation order. */
static inline rti_p_range
rti_eval_group(const rt_ruleset *rules, uint32_t source, uint32_t code)
{
        const rti_p_source *row = &rules->p.sources[source];
        const uint32_t at = code - row->first_type;
        const uint32_t group =
                at < row->by_type.n ? rules->p.numbers[row->by_type.first + at] : RTI_NONE;

        return group == RTI_NONE ? (rti_p_range){ 0, 0 } : rules->p.groups[group];
}

bool rti_eval_rule(rti_frame *frame, uint32_t rule);

/* The first place in the group, from place @a from on, whose rule holds; group.n: none. */
uint32_t rti_eval_next(rti_frame *frame, rti_p_range group, uint32_t from);

/* One question, decided now if it is not yet: what an instruction asks. */
bool rti_eval_insn(rti_frame *frame, const rti_insn *insn);

#endif
