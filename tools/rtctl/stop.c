/* SPDX-License-Identifier: Apache-2.0 */
/* stop.c - when a verb that would go on for ever ends. */
#include "stop.h"
#include <signal.h>
#include <stddef.h>
#include <time.h>

enum { NS_PER_SECOND = 1000000000 };

static volatile sig_atomic_t interrupted;

static void
on_signal(int number)
{
        (void) number;
        interrupted = 1;
}

static volatile sig_atomic_t hung_up;

static void
on_hangup(int number)
{
        (void) number;
        hung_up = 1;
}

void
hangup_begin(void)
{
        struct sigaction action = { .sa_handler = on_hangup, .sa_flags = SA_RESTART };

        sigaction(SIGHUP, &action, NULL);
}

bool
hangup_now(void)
{
        const bool now = hung_up;

        if (now)
                hung_up = 0;
        return now;
}

static uint64_t
now_ns(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * NS_PER_SECOND + (uint64_t) t.tv_nsec;
}

stop_after
stop_begin(uint64_t seconds)
{
        /* An alert that is being written is written to its end. */
        struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };

        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        signal(SIGPIPE, SIG_IGN);
        return (stop_after){ seconds ? now_ns() + seconds * NS_PER_SECOND : 0 };
}

bool
stop_now(const stop_after *stop)
{
        return interrupted || (stop->end_ns && now_ns() >= stop->end_ns);
}

void
stop_again(stop_after *stop, uint64_t seconds)
{
        interrupted = 0;
        stop->end_ns = now_ns() + seconds * NS_PER_SECOND;
}

bool
stop_asked(void)
{
        return interrupted;
}
