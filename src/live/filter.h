/* SPDX-License-Identifier: Apache-2.0 */
/*
 * filter.h - what rules ask for, as the kernel side is told.
 *
 * in    a demand (source.h): event types, and per type what an event must have
 * out   wanted calls and filters (record.h) in the maps of the kernel side
 *
 * Filters of two generations have room at once: new ones are written beside those in force, then
 * each call is switched over, so that at any time a call is judged by the one or the other.
 */
#ifndef RTI_LIVE_FILTER_H
#define RTI_LIVE_FILTER_H

#include "live/live_internal.h"
#include <libruntime/source.h>

typedef struct live_filters {
        rti_live *live;
        uint32_t generation;
        uint32_t n;       /* filters of this generation */
        uint32_t n_sets;  /* sets of texts of this generation */
        uint32_t refused; /* filters and sets that did not fit: more events are made than needed */
} live_filters;

/* Put @a demand in force; without @a filter every event of the types asked for is made. */
void live_filters_set(live_filters *f, const rt_demand *demand, bool filter);

#endif
