/* SPDX-License-Identifier: Apache-2.0 */
/* stop.h - when a verb that would go on for ever ends: a signal, or --duration. */
#ifndef RTCTL_STOP_H
#define RTCTL_STOP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct stop_after {
        uint64_t end_ns; /* of the monotonic clock; 0: never */
} stop_after;

/* From now on SIGINT and SIGTERM ask to stop, and a broken pipe is an error like any other. */
stop_after stop_begin(uint64_t seconds);
bool stop_now(const stop_after *stop);
/* It was asked for: go on for at most @a seconds, or until the next signal. */
void stop_again(stop_after *stop, uint64_t seconds);
/* From now on SIGHUP asks to read the rules again. */
void hangup_begin(void);
/* Was it asked for, since this was called last? */
bool hangup_now(void);
/* Did a signal ask for it? */
bool stop_asked(void);

#endif
