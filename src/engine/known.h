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

enum { RTI_KNOWN_CLASSES = 64, RTI_KNOWN_WORDS = 126 };

/* What classifiers found of a subject. */
typedef struct rti_subject {
        uint64_t number; /* rt_event.subject */
        const rti_instance *instance;
        uint32_t n; /* words in use */
        uint8_t at
                [RTI_KNOWN_CLASSES]; /* per rti_class_row.known: its words + 1; 0: not asked yet */
        uint32_t word[RTI_KNOWN_WORDS]; /* n_hits << RTI_CLASS_NOW | flags, hits */
} rti_subject;

/* The row as it was for the frame's subject, if it was asked about it before. */
static inline bool
rti_known_hits(rti_frame *frame, rti_class_row *row)
{
        const uint32_t at = frame->subject->at[row->known - 1];
        const uint32_t *word = frame->subject->word + at;
        uint32_t *hits = frame->hits + row->first;

        if (!at)
                return false;
        row->version = 0; /* of no value: these hits may be of another one than was read last */
        row->found = frame->now;
        row->n_hits = word[-1] >> RTI_CLASS_NOW;
        row->stamp = frame->now << RTI_CLASS_NOW | (word[-1] & (RTI_CLASS_ANY | RTI_CLASS_CUT));
        for (uint32_t i = 0; i < row->n_hits; i++) {
                hits[i] = word[i];
                frame->atom_stamp[word[i]] = frame->now;
        }
        return true;
}

/* If there is room for it. */
void rti_known_keep_hits(rti_frame *frame, const rti_class_row *row);

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
