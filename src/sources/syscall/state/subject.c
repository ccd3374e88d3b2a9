/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subject.c - a number for who an event is about: the same number, the same answers.
 *
 *   in   a thread, and the versions of what fields flagged RT_FIELD_OF_SUBJECT are read from: its
 *        entry, its leader's, all of their ancestors', users, groups, containers
 *   out  a number that was never given for anything else; 0: unknown
 *
 * Numbers are given anew, never made from what they stand for, so that two states cannot share one.
 */
#include "sources/syscall/state/parts.h"

enum {
        MOST_STEPS = 64, /* on the way up: longer chains are left unknown */
        NOBODY = 1
};

static uint64_t
number_of(rti_state *state, rti_thread *thread, uint64_t others, unsigned steps)
{
        rti_threads *threads = &state->threads;
        uint64_t leader = NOBODY, parent = NOBODY;
        rti_thread *up;
        bool same;

        if (!thread)
                return NOBODY;
        same = thread->subject.own == thread->version && thread->subject.others == others;
        if (same && thread->subject.seen == threads->version)
                return thread->subject.number;
        if (steps == MOST_STEPS)
                return 0;
        up = rti_thread_parent(threads, thread);
        if (up != thread)
                parent = number_of(state, up, others, steps + 1);
        if (thread->leader != thread)
                leader = number_of(state, thread->leader, others, steps + 1);
        if (!same || !thread->subject.number || thread->subject.leader != leader
            || thread->subject.parent != parent)
                thread->subject.number = NOBODY + ++threads->n_subjects;
        if (!leader || !parent)
                thread->subject.number = 0;
        thread->subject.seen = threads->version;
        thread->subject.own = thread->version;
        thread->subject.others = others;
        thread->subject.leader = leader;
        thread->subject.parent = parent;
        return thread->subject.number;
}

uint64_t
rti_state_subject(rti_state *state, rti_thread *thread)
{
        return number_of(state, thread, state->users.version + state->containers.version, 0);
}
