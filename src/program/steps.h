/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steps.h - how much work one event can be at most, known before there is one.
 *
 * docs/design/0017 says what is counted. All sums stick at UINT64_MAX.
 */
#ifndef RTI_PROGRAM_STEPS_H
#define RTI_PROGRAM_STEPS_H

#include "program/ruleset.h"

typedef struct rti_steps {
        uint64_t all;        /* of one event */
        uint64_t rule_steps; /* of the dearest rule, if it were the only one */
        uint32_t rule;       /* its number; RTI_NONE: the source has no rule */
} rti_steps;

/* Of an event of source number @a source made of a record of that many bytes, whose values have
 * no more than @a max_event_bytes together. RT_OK, RT_ENOMEM. */
int rti_ruleset_steps(const rt_ruleset *rules, uint32_t source, uint64_t record_bytes,
                      uint64_t max_event_bytes, rti_steps *ret_steps);

#endif
