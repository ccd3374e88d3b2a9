/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.h - values that a provider gives later: docs/design/0015.
 *
 * Two hold an answer: the worker that waits, and whoever was asked. Each lets go of it when it
 * likes; what is given to one that nobody waits for any more has no effect.
 */
#ifndef RTI_ENGINE_ANSWER_H
#define RTI_ENGINE_ANSWER_H

#include "engine/frame.h"

/* During extract: an answer for whoever is asked; NULL: no memory, or nothing is extracted. */
rt_answer *rti_answer_new(rti_frame *frame);
/* RT_OK, RT_EEXIST, RT_ENOENT: nobody waits, RT_EINVAL, RT_ELIMIT, RT_ENOMEM. */
int rti_answer_give(rt_answer *answer, int status, const rt_value *value);
/* By who was asked. */
void rti_answer_drop(rt_answer *answer);

/* Extract has said RT_LATER: what it would have returned, or RT_EAGAIN at the deadline. */
int rti_answer_wait(rti_frame *frame, rti_provided *provided, rt_value *ret_value);
/* By the worker. */
void rti_answer_done(rti_frame *frame);

#endif
