/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relation.c - ancestors, leaders of sessions and groups, login shells (spec C.7).
 *
 * Walks go by number, not by link: a parent that was evicted and seen again is a parent again.
 * Numbers may form cycles; every walk is guarded by a second one of half its pace.
 */
#include "sources/syscall/state/thread.h"

/* The entry that ptid names, whatever it is. */
static rti_thread *
entry_of_parent(const rti_threads *threads, const rti_thread *thread)
{
        return thread->ptid > 0 ? rti_threads_find(threads, thread->ptid) : NULL;
}

rti_thread *
rti_thread_main(const rti_threads *threads, rti_thread *thread)
{
        (void) threads;
        return thread->leader ? thread->leader : thread;
}

rti_thread *
rti_thread_parent(const rti_threads *threads, const rti_thread *thread)
{
        const rti_thread *parent = entry_of_parent(threads, thread);

        return parent ? parent->leader : NULL;
}

/* One step up, guarded: NULL at the end, or when the walk has come back to where it was. */
typedef struct walk {
        const rti_threads *threads;
        rti_thread *(*up)(const rti_threads *threads, const rti_thread *thread);
        rti_thread *at, *slow;
        uint32_t steps;
} walk;

static rti_thread *
next(walk *w)
{
        w->at = w->up(w->threads, w->at);
        if (++w->steps % 2 == 0)
                w->slow = w->up(w->threads, w->slow);
        if (w->at == w->slow)
                w->at = NULL;
        return w->at;
}

rti_thread *
rti_thread_ancestor(const rti_threads *threads, rti_thread *thread, uint32_t n)
{
        walk w = { threads, rti_thread_parent, thread->leader, thread->leader, 0 };

        while (w.at && n--)
                next(&w);
        return w.at;
}

static int64_t
id_of(const rti_thread *thread, enum rti_leader_of which)
{
        switch (which) {
        case RTI_LEADER_SID:
                return thread->sid;
        case RTI_LEADER_VPGID:
                return thread->vpgid;
        case RTI_LEADER_PGID:
                return thread->pgid;
        }
        return -1;
}

static bool
in_host_pidns(const rti_thread *thread)
{
        return (thread->vtid == thread->tid || thread->vtid == -1)
               && !(thread->flags & RTI_CL_CHILD_IN_PIDNS);
}

rti_thread *
rti_thread_leader_of(const rti_threads *threads, rti_thread *thread, enum rti_leader_of which)
{
        walk w = { threads, entry_of_parent, thread, thread, 0 };
        const int64_t id = id_of(thread, which);
        rti_thread *found = NULL;

        if (id == -1)
                return NULL;
        if (which == RTI_LEADER_PGID || in_host_pidns(thread)) {
                found = rti_threads_find(threads, id);
                if (found)
                        return found;
        }
        while (next(&w) && id_of(w.at, which) == id)
                found = w.at;
        return found;
}

rti_thread *
rti_thread_login_shell(const rti_threads *threads, rti_thread *thread)
{
        walk w = { threads, rti_thread_parent, thread->leader, thread->leader, 0 };
        rti_thread *found = NULL;

        while (w.at) {
                if (rti_str_ends(rti_text_str(w.at->comm), RTI_STR("sh")))
                        found = w.at;
                next(&w);
        }
        return found;
}
