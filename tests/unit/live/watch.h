/* SPDX-License-Identifier: Apache-2.0 */
/* watch.h - run a function in a child of its own and collect the records of what it did. */
#ifndef TEST_LIVE_WATCH_H
#define TEST_LIVE_WATCH_H

#include "live/live_internal.h"

enum { MOST_RECORDS = 20000 };

typedef struct watch {
        rti_live *live;
        struct rti_record **record; /* copies, in the order in which they came */
        size_t n;
        bool lazy; /* nothing is read before the child has ended */
} watch;

/* Skips the test, by a message, where the kernel side cannot run. Nothing but the processes that
 * watch_run starts is in scope. */
void watch_open(watch *w, const rti_live_options *options);
void watch_close(watch *w);
/* @return pid of the child, which has ended. */
int watch_run(watch *w, int (*act)(void *), void *context);
/* The same child, watched by @a n at once. */
int watch_run_all(watch *const *w, size_t n, int (*act)(void *), void *context);

/* The first record of that event whose parameter @a param (from 0) has these bytes, or NULL. */
const struct rti_record *watch_find(const watch *w, uint16_t event, uint32_t param,
                                    const void *bytes, size_t len);
const struct rti_record *watch_find_text(const watch *w, uint16_t event, uint32_t param,
                                         const char *text);
/* The first of that event. */
const struct rti_record *watch_first(const watch *w, uint16_t event);

/* Parameter @a i: its bytes and length. */
const uint8_t *value_of(const struct rti_record *r, uint32_t i, size_t *ret_len);
int64_t number_of(const struct rti_record *r, uint32_t i);
const char *text_of(const struct rti_record *r, uint32_t i); /* "" when empty */

#endif
