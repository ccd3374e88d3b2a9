/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exit.c - threads end: who takes their children, and when their entries go (spec C.3).
 *
 * procexit marks a thread as dead; its entry goes after evaluation, that of a leader not before the
 * last thread of its group.
 */
#include "sources/syscall/state/parts.h"

enum { ARG_REAPER = 4 };

static const uint64_t lately_ns = 2000000000u;

static bool
is_alive(const rti_thread *thread)
{
        return !(thread->marks & (RTI_TH_DEAD | RTI_TH_INVALID));
}

/* The eldest of the group of @a leader that lives, other than @a without. */
static rti_thread *
first_alive(rti_thread *leader, const rti_thread *without)
{
        rti_thread *thread = leader;

        while (thread && (thread == without || !is_alive(thread)))
                thread = thread->next_in_group;
        return thread;
}

static bool
in_host_pidns(const rti_thread *thread)
{
        return thread->tid == thread->vtid && !(thread->flags & RTI_CL_CHILD_IN_PIDNS);
}

static bool
takes_orphans(const rti_thread *leader)
{
        return leader->pid == 1 || leader->vpid == 1 || leader->marks & RTI_TH_REAPER;
}

/* The nearest ancestor who takes orphans, in the same kind of pid namespace. */
static rti_thread *
reaper_among_ancestors(const rti_threads *threads, rti_thread *thread)
{
        const bool host = in_host_pidns(thread);

        for (uint32_t n = 1;; n++) {
                rti_thread *leader = rti_thread_ancestor(threads, thread, n), *found;

                if (!leader || in_host_pidns(leader) != host)
                        return NULL;
                found = takes_orphans(leader) ? first_alive(leader, NULL) : NULL;
                if (found)
                        return found;
        }
}

static rti_thread *
new_parent(const rti_state *state, rti_thread *thread, int64_t reaper)
{
        rti_thread *found = reaper > 0 ? rti_threads_find(&state->threads, reaper) : NULL;

        if (found && found != thread && !(found->marks & RTI_TH_INVALID))
                return found;
        found = thread->leader ? first_alive(thread->leader, thread) : NULL;
        return found ? found : reaper_among_ancestors(&state->threads, thread);
}

void
rti_state_die(rti_state *state, rti_thread *thread, int64_t reaper)
{
        rti_thread *parent;

        if (thread->marks & RTI_TH_DEAD)
                return;
        thread->marks |= RTI_TH_DEAD;
        if (thread->leader)
                thread->leader->n_threads--;
        if (!thread->first_child)
                return;
        parent = new_parent(state, thread, reaper);
        while (thread->first_child) {
                rti_thread *child = thread->first_child;

                child->ptid = parent && parent != child ? parent->tid : 0;
                rti_thread_set_parent(child, parent != child ? parent : NULL);
        }
}

void
rti_state_bury(rti_state *state, rti_thread *thread)
{
        rti_thread *leader = thread->leader;

        if (leader == thread && thread->n_threads)
                return;
        rti_threads_remove(&state->threads, thread);
        if (leader && leader != thread && leader->marks & RTI_TH_DEAD && !leader->n_threads)
                rti_threads_remove(&state->threads, leader);
}

void
rti_state_drop(rti_state *state, rti_thread *thread)
{
        rti_state_die(state, thread, 0);
        rti_threads_remove(&state->threads, thread);
}

bool
rti_state_exited_lately(const rti_state *state, int64_t tid, uint64_t now_ns)
{
        const uint32_t n = state->n_exited < RTI_STATE_EXITED ? state->n_exited : RTI_STATE_EXITED;

        for (uint32_t i = 0; i < n; i++)
                if (state->exited[i].tid == tid && now_ns - state->exited[i].at_ns < lately_ns)
                        return true;
        return false;
}

void
rti_on_exit(rti_state *state, rti_sysevt *evt)
{
        const uint32_t place = state->n_exited++ % RTI_STATE_EXITED;

        state->exited[place].tid = evt->tid;
        state->exited[place].at_ns = evt->time_ns;
        if (state->n_exited == UINT32_MAX)
                state->n_exited = RTI_STATE_EXITED;
        if (!evt->thread)
                return;
        rti_state_die(state, evt->thread, rti_arg_i64(evt, ARG_REAPER, -1));
        evt->flags |= RTI_SE_REMOVE_THREAD;
}
