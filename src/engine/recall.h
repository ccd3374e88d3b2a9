/* SPDX-License-Identifier: Apache-2.0 */
/*
 * recall.h - texts that were classified lately, and what was found in them.
 *
 * One event after the other often has the same command line, path or user agent. Comparing a text
 * with one of the last few costs a tenth of a walk through a trie from every byte of it. What is
 * kept is a copy, so that nothing depends on whose memory a value was.
 */
#ifndef RTI_ENGINE_RECALL_H
#define RTI_ENGINE_RECALL_H

#include "program/ruleset.h"

typedef struct rti_recall rti_recall;

/* For the classifiers with tries of @a p. *ret_recall NULL: there are none. RT_OK, RT_ENOMEM. */
int rti_recall_new(const rt_allocator *allocator, const rti_program_view *p,
                   rti_recall **ret_recall);
void rti_recall_free(const rt_allocator *allocator, rti_recall *recall);

/* The hits that the classifier had in @a text, or NULL: not known. They stay until rti_recall_put.
 * @a recall may be NULL. */
const uint32_t *rti_recall_get(rti_recall *recall, uint32_t class, rt_str text, uint32_t *ret_n);
/* Keep them, unless the text is long or the hits are many. */
void rti_recall_put(rti_recall *recall, uint32_t class, rt_str text, const uint32_t *hits,
                    uint32_t n);

#endif
