/* SPDX-License-Identifier: Apache-2.0 */
/*
 * turn.h - one call at a time: whose turn it is with a worker, a pool or a loader.
 *
 * A callback that calls what called it is always noticed. A second thread is noticed for sure in
 * builds with debug information (RTI_THREAD_CHECKS) and for what is not called for every event;
 * elsewhere an atomic exchange would be paid by all who keep to the rules.
 */
#ifndef RTI_ENGINE_TURN_H
#define RTI_ENGINE_TURN_H

#include <stdatomic.h>
#include <stdbool.h>

enum { RTI_TURN_FREE, RTI_TURN_TAKEN, RTI_TURN_TELLING /* an alert: its callback may ask */ };

typedef struct rti_turn {
        atomic_uint state;
        bool gone; /* its last reference was dropped meanwhile */
} rti_turn;

/* Take it from that state; false: it is in another one. */
static inline bool
rti_turn_from(rti_turn *turn, unsigned from)
{
        return atomic_compare_exchange_strong(&turn->state, &from, RTI_TURN_TAKEN);
}

static inline bool
rti_turn_take(rti_turn *turn)
{
        return rti_turn_from(turn, RTI_TURN_FREE);
}

/* The same where nanoseconds count. */
static inline bool
rti_turn_take_fast(rti_turn *turn)
{
#ifdef RTI_THREAD_CHECKS
        return rti_turn_take(turn);
#else
        if (atomic_load_explicit(&turn->state, memory_order_relaxed) != RTI_TURN_FREE)
                return false;
        atomic_store_explicit(&turn->state, RTI_TURN_TAKEN, memory_order_relaxed);
        return true;
#endif
}

static inline void
rti_turn_set(rti_turn *turn, unsigned state)
{
        atomic_store_explicit(&turn->state, state, memory_order_release);
}

static inline unsigned
rti_turn_of(const rti_turn *turn)
{
        return atomic_load_explicit(&turn->state, memory_order_relaxed);
}

/* For one question, which callbacks of alerts may ask: the state to go back to; -1: not now. */
static inline int
rti_turn_ask(rti_turn *turn)
{
        if (rti_turn_take(turn))
                return RTI_TURN_FREE;
        return rti_turn_from(turn, RTI_TURN_TELLING) ? RTI_TURN_TELLING : -1;
}

/* The object goes: now (true), or when the call returns that has the turn. */
static inline bool
rti_turn_end(rti_turn *turn)
{
        if (rti_turn_take(turn))
                return true;
        turn->gone = true;
        return false;
}

#endif
