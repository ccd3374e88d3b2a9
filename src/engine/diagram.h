/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diagram.h - a decision diagram over all rules, made as events come by. docs/design/0020.
 *
 * What rules hold of an event depends on nothing but the answers to the questions that are asked
 * while it is judged. So the questions of an event, in their order and with their answers, are a
 * path to the rules that hold, and the next event that gives the same answers needs no index and
 * no rule's code. Where an event leaves all paths it is judged as ever, and its own is added.
 *
 * One per worker. It has its size from the beginning; when it is full it begins anew, and while
 * too few events find their path it is left alone.
 */
#ifndef RTI_ENGINE_DIAGRAM_H
#define RTI_ENGINE_DIAGRAM_H

#include "engine/candidates.h"

/* What a node of the diagram asks. The number behind it is that of a row of the program. */
enum rti_question {
        RTI_Q_CLASS,   /* what its classifier found */
        RTI_Q_TEST,    /* a predicate's verdict, as of the other two */
        RTI_Q_COMPARE, /* predicate */
        RTI_Q_EXISTS,  /* slot */
        RTI_Q_MATCH,   /* nothing: the rule holds */
        RTI_Q_END      /* nothing: no further rule does */
};

typedef struct rti_diagram rti_diagram;

/* *ret_diagram NULL: these rules have none. RT_OK, RT_ENOMEM. */
int rti_diagram_new(const rt_allocator *allocator, const rt_ruleset *rules,
                    rti_diagram **ret_diagram);
void rti_diagram_free(const rt_allocator *allocator, rti_diagram *diagram);

/* Begin with the frame's event. Without a diagram (NULL) these three are about candidates alone. */
void rti_diagram_begin(rti_diagram *diagram, rti_frame *frame, rti_candidates *candidates,
                       rti_p_range roots);
/* The next rule that holds, in evaluation order; RTI_NONE: there is none. Until the next call the
 * host may be told, and ask what it likes. */
uint32_t rti_diagram_next(rti_diagram *diagram, rti_frame *frame, rti_candidates *candidates,
                          rti_p_range roots);
/* No further one is wanted. */
void rti_diagram_stop(rti_diagram *diagram, rti_frame *frame, rti_candidates *candidates);

/* A question was asked for the first time in the event, while frame->recorder is set. The answer to
 * that for a class is in its row. */
void rti_diagram_note(rti_diagram *diagram, rti_frame *frame, enum rti_question kind,
                      uint32_t number, uint32_t answer);

#endif
