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

/* The classifier's row in a frame, before the first event. */
rti_class_row rti_class_prepare(const rt_ruleset *rules, uint32_t class);
/* Run the classifier over the current event: once, so ask for the row's stamp first. */
void rti_classify(rti_frame *frame, uint32_t class);
/* The same for one that is about no subject, and whose slot has been read. */
void rti_classify_read(rti_frame *frame, uint32_t class);

/* The classifier's row, after it has run in the current event. */
static inline const rti_class_row *
rti_class_run(rti_frame *frame, uint32_t class)
{
        const rti_class_row *row = &frame->class_row[class];

        if (row->stamp >> RTI_CLASS_NOW != frame->now)
                rti_classify(frame, class);
        return row;
}

/* The same, by rti_classify_read. */
static inline const rti_class_row *
rti_class_run_read(rti_frame *frame, uint32_t class)
{
        const rti_class_row *row = &frame->class_row[class];

        if (row->stamp >> RTI_CLASS_NOW != frame->now)
                rti_classify_read(frame, class);
        return row;
}

/* The classifier has run for the value that its slot has now, in an event before. */
static inline void
rti_class_same(rti_frame *frame, uint32_t class)
{
        rti_class_row *row = &frame->class_row[class];

        row->stamp = frame->now << RTI_CLASS_NOW | (row->stamp & (RTI_CLASS_ANY | RTI_CLASS_CUT));
}

/* The classifier's hits in the current event: numbers of atoms, each once, in no order; they live
 * until the next event. None if the slot is missing. */
static inline const uint32_t *
rti_class_hits(rti_frame *frame, uint32_t class, uint32_t *ret_n)
{
        const rti_class_row *row = rti_class_run(frame, class);

        *ret_n = row->n_hits;
        return frame->hits + row->first;
}

#endif
