/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hunt.h - find the records in a text of any shape, and lose no good one (reading=tolerant).
 *
 * Records stand alone, one a line, several a line, over several lines, in arrays, or in wrappers
 * (objects around them). What is no record is reported with its offset, and reading goes on behind
 * it. Where a record is broken, the next one is looked for behind its closing brace, or at the next
 * line that begins with a brace, whichever comes first; never inside of it, since what stands there
 * may be an attacker's.
 *
 * Memory is bounded by the input's limit for one record; time is linear, however the text is
 * delivered (a record is parsed again only after it has closed or doubled in size).
 */
#ifndef RTI_SOURCES_JSONKIT_HUNT_H
#define RTI_SOURCES_JSONKIT_HUNT_H

#include "sources/jsonkit/brace.h"
#include "sources/jsonkit/kit.h"

enum { RTI_HUNT_ENTER = 2, RTI_HUNT_PASS = 3 };

typedef struct rti_hunt_ops {
        /* Is what @a text begins with certainly a wrapper, to be entered without parsing it? May
         * be NULL. */
        bool (*is_wrapper)(rt_str text);
        /* The kit holds a parsed value: fill @a event, but for its position. 1: done,
         * 0: it is no record, *ret_why says why, RTI_HUNT_ENTER: records may stand inside,
         * RTI_HUNT_PASS: a member of a wrapper, and nothing is lost with it, or RT_E*. */
        int (*judge)(void *state, rt_str text, rt_event *event, const char **ret_why);
        bool arrays; /* an array is a record too, not a wrapper */
} rti_hunt_ops;

typedef struct rti_hunt {
        const rti_hunt_ops *ops;
        void *state;
        rti_kit *kit;

        rti_brace brace; /* in the record at the window's start */
        size_t scanned;  /* how much of it the brace scan has seen */
        size_t parsed;   /* how much of it the last parse has seen */
        bool waiting;    /* the rest of it had not come when the input was asked last */
        bool skipping;   /* the window's start is inside of a broken record */
        bool after_lf;   /* a line begins there */

        bool damaged; /* the input ends before its end, and this was reported */

        uint32_t entered;  /* wrappers around the window's start */
        uint32_t descents; /* of these, entered after parsing, without a record since */
        bool in_array;
        bool in_string, escaped; /* a wrapper's own: names, and members that are no record */
        bool junk, junk_named;   /* text between records; with a colon in it */
        uint64_t junk_at;
} rti_hunt;

void rti_hunt_init(rti_hunt *hunt, const rti_hunt_ops *ops, void *state, rti_kit *kit);
/* A new input begins. */
void rti_hunt_restart(rti_hunt *hunt);
/* For is_wrapper: does the object that @a text begins with have a member @a array that is an array,
 * and in front of it none of @a own, the names (NULL-terminated) that only records have? Looks at
 * its beginning only; false when in doubt. */
bool rti_hunt_peek(rt_str text, const char *array, const char *const *own);
/* rt_source_ops.split: does nothing of what was consumed count any more, if a line that begins with
 * a brace follows? */
bool rti_hunt_rests(const rti_hunt *hunt);
/* rt_source_ops.next. What rt_input_more said of an input that has nothing now is handed on; the
 * next call goes on where this one stood. */
int rti_hunt_next(rti_hunt *hunt, rt_input *input, rt_event *event);

#endif
