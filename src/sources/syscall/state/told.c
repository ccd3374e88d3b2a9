/* SPDX-License-Identifier: Apache-2.0 */
/*
 * told.c - what a kernel says of a thread with its events: true as of now, whatever the events
 * before made of it.
 */
#include "sources/syscall/state/parts.h"

/* A thread that nobody has heard of: what is not told stays unknown. */
static int
add_told(rti_state *state, const rti_told_thread *told, rt_str comm)
{
        const rti_proc_entry entry = { .tid = told->tid,
                                       .pid = told->pid,
                                       .ptid = told->ptid,
                                       .sid = told->sid,
                                       .vpgid = -1,
                                       .pgid = told->pgid,
                                       .vtid = told->vtid,
                                       .vpid = told->vpid,
                                       .comm = comm,
                                       .exe = comm,
                                       .flags = told->flags,
                                       .uid = told->uid,
                                       .gid = told->gid,
                                       .loginuid = told->loginuid };

        return rti_state_add_process(state, &entry);
}

int
rti_state_tell_thread(rti_state *state, const rti_told_thread *told, rt_str comm)
{
        rti_thread *thread = rti_threads_find(&state->threads, told->tid);

        if (!thread || thread->marks & RTI_TH_INVALID || thread->pid != told->pid)
                return add_told(state, told, comm);
        state->threads.pinned[RTI_PIN_LIST] = thread;
        if (thread->sid != told->sid || thread->pgid != told->pgid || thread->vtid != told->vtid
            || thread->vpid != told->vpid || thread->uid != told->uid || thread->gid != told->gid
            || thread->loginuid != told->loginuid || thread->ptid != told->ptid
            || !rti_str_eq(rti_text_str(thread->comm), comm))
                rti_threads_changed(&state->threads, thread);
        thread->sid = told->sid;
        thread->pgid = told->pgid;
        thread->vtid = told->vtid;
        thread->vpid = told->vpid;
        thread->uid = told->uid;
        thread->gid = told->gid;
        thread->loginuid = told->loginuid;
        if (thread->ptid != told->ptid) {
                thread->ptid = told->ptid;
                if (state->lists_done)
                        rti_state_link(state, thread);
        }
        return rti_text_set(&state->pool, &thread->comm, comm);
}
