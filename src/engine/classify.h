/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classify.h - all atoms of a slot that hold of the current event's value, found at once.
 *
 * A classifier runs when it is first asked in an event. What it found is a list of hits, and per
 * atom a stamp.
 */
#ifndef RTI_ENGINE_CLASSIFY_H
#define RTI_ENGINE_CLASSIFY_H

#include "engine/frame.h"

/* Run the classifier over the current event: once, so ask class_stamp first. */
void rti_classify(rti_frame *frame, uint32_t class);

/* The classifier's hits in the current event: numbers of atoms, each once, in no order; they live
 * until the next event. None if the slot is missing. */
static inline const uint32_t *
rti_class_hits(rti_frame *frame, uint32_t class, uint32_t *ret_n)
{
        if (frame->class_stamp[class] >> 1 != frame->now)
                rti_classify(frame, class);
        *ret_n = frame->class_n[class];
        return frame->hits + frame->rules->p.classes[class].atoms.first;
}

#endif
