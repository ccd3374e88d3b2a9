/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known.h - what was found out about subjects of earlier events. docs/design/0010.
 *
 * Of an event whose subject is known, the questions about the subject are not asked again. The
 * table has its size from the beginning; a new subject takes the place of an old one.
 */
#ifndef RTI_ENGINE_KNOWN_H
#define RTI_ENGINE_KNOWN_H

#include "engine/candidates.h"

/* RT_OK with *ret_known NULL: no rule asks about subjects. RT_ENOMEM. */
int rti_known_new(const rt_allocator *allocator, const rt_ruleset *rules, rti_known **ret_known);
void rti_known_free(const rt_allocator *allocator, rti_known *known);
/* Numbers of subjects begin anew. */
void rti_known_forget(rti_known *known);

/* Add the rules that the frame's event, which has a subject, leads to. */
void rti_known_find(rti_known *known, rti_candidates *c, rti_frame *frame, rti_p_range roots);

/* partial.c: can the rule hold of an event of which only what is about its subject is looked at?
 * @a stamps: per shared expression, what it can be; older than @a now is not there. */
bool rti_partial_rule(rti_frame *frame, uint32_t rule, uint32_t *stamps, uint32_t now);

#endif
