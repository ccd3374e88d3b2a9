/* SPDX-License-Identifier: Apache-2.0 */
/* report.h - what a person sees besides alerts: progress, skipped records, the summary. */
#ifndef RTCTL_REPORT_H
#define RTCTL_REPORT_H

#include "workers.h"
#include <libruntime-falco/falco.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct report {
        bool progress;   /* standard error is a terminal */
        rt_falco *falco; /* plug-ins that may tell how far they are; NULL: none */
        bool shown;      /* a progress line stands there now */
        uint64_t began_ns, drawn_ns;
        uint64_t skipped;
        uint64_t countdown; /* events until the clock is looked at again */
} report;

void report_begin(report *report, bool progress, rt_falco *falco);
/* Call after each event. */
void report_tick(report *report, const workers *judges);
/* Take the progress line away before something else is printed. */
void report_clear(report *report);
/* For rt_worker_opts.skipped. */
void report_skipped(const char *input, uint64_t offset, const char *what, void *user);
void report_summary(report *report, const workers *judges, const rt_ruleset *rules, FILE *to);

#endif
