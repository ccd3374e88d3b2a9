/* SPDX-License-Identifier: Apache-2.0 */
/*
 * brace.h - find braces outside of strings, in text that comes in pieces.
 *
 * Nothing but braces, quotes and backslashes inside of strings counts: this is how the reference
 * cuts records, and how the end of a record is found that is no JSON.
 */
#ifndef RTI_SOURCES_JSONKIT_BRACE_H
#define RTI_SOURCES_JSONKIT_BRACE_H

#include "base/str.h"

/* Where the scan stands; all zero at the start. */
typedef struct rti_brace {
        int64_t depth; /* open braces; the caller counts */
        bool in_string;
        bool escaped; /* the byte before was a backslash inside of a string */
} rti_brace;

/* Index of the next brace at @a from or behind it; text.len if there is none. */
size_t rti_brace_next(rti_brace *brace, rt_str text, size_t from);

/* Read on behind @a from until the depth has gone down to @a depth: index behind that brace, or
 * text.len + 1 if the text ends before. */
size_t rti_brace_close(rti_brace *brace, rt_str text, size_t from, int64_t depth);

#endif
