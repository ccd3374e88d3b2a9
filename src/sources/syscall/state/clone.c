/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clone.c - the exits of clone, fork, vfork and clone3 (spec C.1).
 *
 * Each is seen twice, by the caller (result > 0) and by the child (result 0), in any order. Whoever
 * comes first makes the child's entry, unless the caller's half cannot know enough about it.
 */
#include "sources/syscall/codes.h"
#include "sources/syscall/state/parts.h"

enum {
        ARG_FLAGS = 15,
        ARG_UID = 16,
        ARG_GID = 17,
        ARG_VTID = 18,
        ARG_VPID = 19,
        ARG_PIDNS_START = 20
};

/* An entry younger than this is the caller's half of the same call. */
static const uint64_t stale_ns = 2000000000u;

static const uint32_t caller_cannot_tell =
        RTI_CL_CHILD_IN_PIDNS | RTI_CL_CLONE_NEWPID | RTI_CL_CLONE_PARENT | RTI_CL_CLONE_VFORK;

static bool
is_thread(const rti_thread *child)
{
        return child->flags & RTI_CL_CLONE_THREAD;
}

/* What both halves say of the child. */
static void
fill_child(rti_state *state, rti_thread *child, const rti_sysevt *evt)
{
        const rt_str comm = rti_arg_plain(evt, RTI_ARG_COMM);
        rti_pool *pool = &state->pool;

        rti_text_set(pool, &child->exe, rti_arg_text(evt, RTI_ARG_EXE));
        rti_text_set(pool, &child->comm, comm.len ? comm : rti_text_str(child->exe));
        rti_list_set(pool, &child->args, &child->n_args, rti_arg(evt, RTI_ARG_ARGS));
        rti_state_take_usage(child, evt);
        rti_arg_take_u32(evt, ARG_UID, &child->uid);
        rti_arg_take_u32(evt, ARG_GID, &child->gid);
        child->clone_ns = evt->time_ns;
        child->seen_ns = evt->time_ns;
        child->pidns_init_start_ns = state->boot_ns;
        if (child->flags & RTI_CL_CHILD_IN_PIDNS) {
                uint64_t since_boot = 0;

                rti_arg_take_u64(evt, ARG_PIDNS_START, &since_boot);
                child->pidns_init_start_ns += since_boot;
        }
}

/* What the event does not say comes from the parent, or from the leader of the child's group. */
static void
inherit(rti_state *state, rti_thread *child, const rti_thread *from)
{
        const rti_thread *leader = from->leader ? from->leader : from;
        rti_pool *pool = &state->pool;
        const rti_fds *fds = rti_thread_fds(from);

        rti_text_share(pool, &child->exepath, from->exepath);
        rti_text_share(pool, &child->root, from->root);
        child->marks |= from->marks & RTI_TH_EXE;
        child->sid = from->sid;
        child->vpgid = from->vpgid;
        child->pgid = from->pgid;
        child->tty = from->tty;
        child->loginuid = from->loginuid;
        child->cap_inheritable = from->cap_inheritable;
        child->cap_permitted = from->cap_permitted;
        child->cap_effective = from->cap_effective;
        child->exe_ino = from->exe_ino;
        child->exe_ino_ctime = from->exe_ino_ctime;
        child->exe_ino_mtime = from->exe_ino_mtime;
        child->exe_age_at_start_ns = from->exe_age_at_start_ns;
        if (is_thread(child)) {
                child->lastexec_ns = from->lastexec_ns;
                return;
        }
        rti_text_share(pool, &child->cwd, leader->cwd);
        rti_text_share(pool, &child->env, leader->env);
        child->n_env = leader->n_env;
        if (fds)
                child->fds = rti_fds_copy(pool, fds);
        if (fds && !child->fds)
                state->stats.fds_refused++;
}

/* Cgroups mostly are those of the parent: then so is the container, and the text is shared. */
static void
take_cgroups(rti_state *state, rti_thread *child, const rti_thread *from, const rti_sysevt *evt)
{
        if (from) {
                rti_text_share(&state->pool, &child->cgroups, from->cgroups);
                rti_text_share(&state->pool, &child->container_id, from->container_id);
                child->container = from->container;
        }
        rti_state_set_cgroups(state, child, rti_arg(evt, RTI_ARG_CGROUPS));
}

/* ---- the caller's half ---- */

/* An invalid caller learns who it is. */
static void
know_caller(rti_state *state, rti_thread *caller, const rti_sysevt *evt)
{
        caller->pid = rti_arg_i64(evt, RTI_ARG_PID, -1);
        caller->ptid = rti_arg_i64(evt, RTI_ARG_PTID, -1);
        caller->vtid = rti_arg_i64(evt, ARG_VTID, caller->tid);
        caller->vpid = rti_arg_i64(evt, ARG_VPID, -1);
        rti_threads_set_invalid(&state->threads, caller, caller->pid < 0);
        rti_state_link(state, caller);
}

static void
name_caller(rti_state *state, rti_thread *caller, const rti_thread *child)
{
        rti_text_share(&state->pool, &caller->exe, child->exe);
        rti_text_share(&state->pool, &caller->comm, child->comm);
        rti_text_share(&state->pool, &caller->args, child->args);
        caller->n_args = child->n_args;
}

static bool
child_is_for_caller(const rti_state *state, const rti_thread *caller, const rti_sysevt *evt,
                    uint32_t flags)
{
        return !(flags & caller_cannot_tell) && caller->tid == caller->vtid
               && evt->type != RTI_EV_SYSCALL_VFORK_20_X
               && !rti_state_exited_lately(state, rti_arg_i64(evt, RTI_ARG_RES, 0), evt->time_ns);
}

static void
make_from_caller(rti_state *state, rti_thread *caller, bool known, const rti_sysevt *evt)
{
        const int64_t tid = rti_arg_i64(evt, RTI_ARG_RES, 0);
        rti_thread *child = rti_threads_add(&state->threads, tid);

        if (!child) {
                state->stats.threads_refused++;
                return;
        }
        state->threads.pinned[RTI_PIN_HANDLER] = child;
        rti_arg_take_u32(evt, ARG_FLAGS, &child->flags);
        child->pid = is_thread(child) ? caller->pid : tid;
        child->ptid = is_thread(child) ? caller->ptid : caller->tid;
        child->vtid = child->tid;
        child->vpid = child->pid;
        fill_child(state, child, evt);
        if (known)
                inherit(state, child, caller);
        else
                name_caller(state, caller, child);
        take_cgroups(state, child, known ? caller : NULL, evt);
        rti_state_link(state, child);
        state->threads.pinned[RTI_PIN_HANDLER] = NULL;
}

static void
on_caller(rti_state *state, rti_sysevt *evt)
{
        rti_thread *caller = evt->thread ? evt->thread : rti_state_thread(state, evt->tid);
        uint32_t flags = 0;
        rti_thread *child;
        bool known;

        if (!caller)
                return;
        evt->thread = state->threads.pinned[RTI_PIN_EVENT] = state->threads.recent = caller;
        caller->seen_ns = evt->time_ns;
        known = !(caller->marks & RTI_TH_INVALID);
        if (!known)
                know_caller(state, caller, evt);
        rti_arg_take_u32(evt, ARG_FLAGS, &flags);
        if (!child_is_for_caller(state, caller, evt, flags))
                return;
        child = rti_threads_find(&state->threads, rti_arg_i64(evt, RTI_ARG_RES, 0));
        if (child == caller || (child && child->flags & RTI_CL_CLONE_INVERTED))
                return;
        if (child)
                rti_state_drop(state, child);
        make_from_caller(state, caller, known, evt);
}

/* ---- the child's half ---- */

/* A leader that was not known is known by its thread. */
static void
know_leader(rti_state *state, rti_thread *leader, const rti_thread *child)
{
        leader->pid = child->pid;
        leader->ptid = child->ptid;
        leader->vpid = leader->vtid = child->vpid;
        name_caller(state, leader, child);
        rti_threads_set_invalid(&state->threads, leader, leader->pid < 0);
        rti_state_link(state, leader);
}

static void
make_from_child(rti_state *state, rti_sysevt *evt)
{
        rti_thread *child = rti_threads_add(&state->threads, evt->tid), *from;

        if (!child) {
                state->stats.threads_refused++;
                return;
        }
        evt->thread = state->threads.pinned[RTI_PIN_EVENT] = state->threads.recent = child;
        rti_arg_take_u32(evt, ARG_FLAGS, &child->flags);
        child->flags |= RTI_CL_CLONE_INVERTED;
        child->pid = rti_arg_i64(evt, RTI_ARG_PID, -1);
        child->ptid = rti_arg_i64(evt, RTI_ARG_PTID, -1);
        child->vtid = rti_arg_i64(evt, ARG_VTID, child->tid);
        child->vpid = rti_arg_i64(evt, ARG_VPID, -1);
        rti_threads_set_invalid(&state->threads, child, child->pid < 0);
        fill_child(state, child, evt);
        from = rti_state_thread(state, is_thread(child) ? child->pid : child->ptid);
        state->threads.pinned[RTI_PIN_HANDLER] = from;
        if (from && from->marks & RTI_TH_INVALID) {
                if (is_thread(child))
                        know_leader(state, from, child);
                from = NULL;
        }
        if (from)
                inherit(state, child, from);
        take_cgroups(state, child, from, evt);
        rti_state_link(state, child);
        state->threads.pinned[RTI_PIN_HANDLER] = NULL;
}

static void
on_child(rti_state *state, rti_sysevt *evt)
{
        if (evt->thread) {
                if (evt->time_ns - evt->thread->clone_ns < stale_ns)
                        return;
                rti_state_drop(state, evt->thread);
                evt->thread = NULL;
        }
        make_from_child(state, evt);
}

void
rti_on_clone(rti_state *state, rti_sysevt *evt)
{
        const int64_t result = rti_arg_i64(evt, RTI_ARG_RES, -1);

        if (result == 0)
                on_child(state, evt);
        else if (result > 0)
                on_caller(state, evt);
}
