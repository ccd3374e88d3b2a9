/* SPDX-License-Identifier: Apache-2.0 */
/*
 * losses.h - what did not reach the rules, told while it happens and at the end.
 *
 * Lost events raise an alert of the program itself, as Falco's "syscall event drop": at once, then
 * at most one in half a minute, and one at the end if there is more to tell.
 */
#ifndef RTCTL_LOSSES_H
#define RTCTL_LOSSES_H

#include "sink.h"
#include "workers.h"
#include <stdio.h>

typedef struct losses {
        const workers *judges;
        const rt_ruleset *rules;
        sink *sink;
        const char *hostname; /* NULL: as the engine finds it */
        uint64_t looked_ns;   /* when the counters were asked last; 0: never */
        uint64_t told_ns;     /* when the last alert was raised; 0: never */
        uint64_t told_events; /* judged by then */
        uint64_t *told;       /* per row: count by then */
        size_t n_told;
} losses;

/* Call often: the clock says when there is something to do. */
void losses_tick(losses *losses);
/* After the last event. */
void losses_end(losses *losses);
void losses_done(losses *losses);
/* For the summary: by cause, with the rules that were blinded; nothing if nothing was lost. */
void losses_summary(const workers *judges, const rt_ruleset *rules, FILE *to);

#endif
