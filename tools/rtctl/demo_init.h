/* SPDX-License-Identifier: Apache-2.0 */
/* demo_init.h - the first process of the demo's box. */
#ifndef RTCTL_DEMO_INIT_H
#define RTCTL_DEMO_INIT_H

#include "demo_box.h"

/* What it says: first whether the box could be made, then how each pattern ended. */
typedef struct demo_answer {
        int code;      /* errno, or an exit code */
        char what[60]; /* what could not be done */
} demo_answer;

/* Waits for a byte, makes the box, then performs the pattern that each byte of @a order names. */
_Noreturn void demo_init(const demo_pattern *patterns, int order, int answer);

#endif
