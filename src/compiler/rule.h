/* SPDX-License-Identifier: Apache-2.0 */
/* rule.h - what loading made of the rule files, and what the back end compiles. */
#ifndef RTI_COMPILER_RULE_H
#define RTI_COMPILER_RULE_H

#include "compiler/cond/typed.h"
#include "program/profile.h"
#include "program/program.h"

/* Fields that append_output adds to output_fields. */
typedef struct rti_extra_field {
        rt_str key;
        uint8_t what; /* enum rti_extra_what */
        rti_format *format;
} rti_extra_field;

typedef struct rti_rule {
        rt_str name, desc, output; /* output: with everything appended */
        size_t source;             /* number in the registry */
        uint32_t priority;         /* RT_PRIORITY_* */
        uint32_t verdict;          /* 0: none, else 1 + RT_VERDICT_* */
        bool enabled;              /* by `enabled:`, selection and minimum priority */
        uint32_t n_tags;
        rt_str *tags; /* sorted */
        rti_tnode *condition;
        rti_event_set events;
        rti_format *format; /* of `output`, without the time and priority in front */
        uint32_t n_extra;
        rti_extra_field *extra;
        rt_str file;
        uint32_t line; /* of the definition, from 1 */
} rti_rule;

/* Rules in evaluation order. */
typedef struct rti_rules {
        const rti_registry *registry;
        uint32_t n;
        rti_rule *rules;
        const rti_profile *profile; /* what was measured of their predicates, or NULL */
} rti_rules;

#endif
