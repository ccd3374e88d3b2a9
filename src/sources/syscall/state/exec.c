/* SPDX-License-Identifier: Apache-2.0 */
/* exec.c - the exits of execve and execveat: a process becomes another program (spec C.2). */
#include "sources/syscall/codes.h"
#include "sources/syscall/state/parts.h"
#include "sources/syscall/state/path.h"

enum {
        ARG_ENV = 15,
        ARG_TTY = 16,
        ARG_VPGID = 17,
        ARG_LOGINUID = 18,
        ARG_FLAGS = 19,
        ARG_CAP_INHERITABLE = 20,
        ARG_CAP_PERMITTED = 21,
        ARG_CAP_EFFECTIVE = 22,
        ARG_EXE_INO = 23,
        ARG_EXE_CTIME = 24,
        ARG_EXE_MTIME = 25,
        ARG_UID = 26,
        ARG_EXEPATH = 27,
        ARG_PGID = 28,
        ARG_GID = 29
};

enum { /* of the parameter flags */
       EXE_WRITABLE = 1 << 0,
       EXE_UPPER_LAYER = 1 << 1,
       EXE_FROM_MEMFD = 1 << 2,
       EXE_LOWER_LAYER = 1 << 3
};

enum { ENTER_DIRFD = 0, ENTER_PATHNAME = 1, ENTER_FLAGS = 2, EMPTY_PATH = 1 };

/* What stays of rti_thread.flags. */
static const uint32_t kept_flags =
        RTI_CL_CLONE_INVERTED | RTI_CL_CHILD_IN_PIDNS | RTI_CL_PIPE_SRC | RTI_CL_PIPE_DST;

static void
take_exe_marks(rti_thread *thread, const rti_sysevt *evt)
{
        uint32_t flags;

        if (!rti_arg(evt, ARG_FLAGS).len)
                return;
        flags = rti_arg_u32(evt, ARG_FLAGS, 0);
        thread->marks &= ~(uint32_t) RTI_TH_EXE;
        thread->marks |= (flags & EXE_WRITABLE ? RTI_TH_EXE_WRITABLE : 0u)
                         | (flags & EXE_UPPER_LAYER ? RTI_TH_EXE_UPPER_LAYER : 0u)
                         | (flags & EXE_FROM_MEMFD ? RTI_TH_EXE_FROM_MEMFD : 0u)
                         | (flags & EXE_LOWER_LAYER ? RTI_TH_EXE_LOWER_LAYER : 0u);
}

static void
take_numbers(rti_thread *thread, const rti_sysevt *evt)
{
        rti_state_take_usage(thread, evt);
        rti_arg_take_u32(evt, ARG_TTY, &thread->tty);
        rti_arg_take_i64(evt, ARG_VPGID, &thread->vpgid);
        rti_arg_take_u32(evt, ARG_LOGINUID, &thread->loginuid);
        rti_arg_take_u64(evt, ARG_CAP_INHERITABLE, &thread->cap_inheritable);
        rti_arg_take_u64(evt, ARG_CAP_PERMITTED, &thread->cap_permitted);
        rti_arg_take_u64(evt, ARG_CAP_EFFECTIVE, &thread->cap_effective);
        rti_arg_take_u64(evt, ARG_EXE_INO, &thread->exe_ino);
        rti_arg_take_u64(evt, ARG_EXE_CTIME, &thread->exe_ino_ctime);
        if (rti_arg(evt, ARG_EXE_CTIME).len && thread->clone_ns)
                thread->exe_age_at_start_ns = thread->clone_ns - thread->exe_ino_ctime;
        rti_arg_take_u64(evt, ARG_EXE_MTIME, &thread->exe_ino_mtime);
        rti_arg_take_u32(evt, ARG_UID, &thread->uid);
        rti_arg_take_u32(evt, ARG_GID, &thread->gid);
        thread->pgid = rti_arg_i64(evt, ARG_PGID, -1);
}

static void
take_texts(rti_state *state, rti_thread *thread, const rti_sysevt *evt)
{
        const rt_str comm = rti_arg_plain(evt, RTI_ARG_COMM);
        rti_pool *pool = &state->pool;

        rti_text_set(pool, &thread->exe, rti_arg_text(evt, RTI_ARG_EXE));
        rti_text_set(pool, &thread->comm, comm.len ? comm : rti_text_str(thread->exe));
        rti_list_set(pool, &thread->args, &thread->n_args, rti_arg(evt, RTI_ARG_ARGS));
        if (rti_arg(evt, ARG_ENV).len)
                rti_list_set(pool, &thread->env, &thread->n_env, rti_arg(evt, ARG_ENV));
        rti_state_set_cgroups(state, thread, rti_arg(evt, RTI_ARG_CGROUPS));
}

/* ---- exepath ---- */

static bool
is_unknown(rt_str text)
{
        return text.len == 0 || rti_str_eq(text, RTI_STR("<NA>"));
}

/* The path that execveat was called with. */
static rt_str
path_at(const rti_sysevt *enter, char to[RTI_PATH_ROOM], rt_str path)
{
        char room[RTI_PATH_ROOM + 1];
        const bool of_fd = rti_arg_u32(enter, ENTER_FLAGS, 0) & EMPTY_PATH;
        rt_str dir;

        if (of_fd && is_unknown(path)) {
                const rti_fds *fds = rti_thread_fds(enter->thread);
                const rti_fd *fd =
                        fds ? rti_fds_find(fds, rti_arg_i64(enter, ENTER_DIRFD, -1)) : NULL;

                return fd ? rti_text_str(fd->name) : RTI_STR("<NA>");
        }
        if (is_unknown(path))
                return RTI_STR("<NA>");
        dir = rti_path_dir(room, enter, ENTER_DIRFD, path);
        return (rt_str){ to, rti_path_join(to, dir, path) };
}

/* The path that the enter half asked for. */
static rt_str
path_of_enter(const rti_sysevt *evt, char to[RTI_PATH_ROOM])
{
        const bool at = evt->enter_type == RTI_EV_SYSCALL_EXECVEAT_E;
        rti_sysevt enter = {
                .tid = evt->tid,
                .type = evt->enter_type,
                .thread = evt->thread,
                .n_params = evt->n_enter,
        };
        rt_str path;

        memcpy(enter.param, evt->enter, evt->n_enter * sizeof *evt->enter);
        path = rti_arg_text(&enter, at ? ENTER_PATHNAME : 0);
        if (at)
                return path_at(&enter, to, path);
        if (is_unknown(path))
                return RTI_STR("<NA>");
        return (rt_str){ to, rti_path_join(to, rti_path_cwd(evt->thread), path) };
}

static void
take_exepath(rti_state *state, rti_thread *thread, const rti_sysevt *evt)
{
        const rt_str trusted = rti_arg_plain(evt, ARG_EXEPATH);
        char room[RTI_PATH_ROOM];

        if (trusted.len)
                rti_text_set(&state->pool, &thread->exepath, rti_exepath_of(trusted));
        else if (evt->enter)
                rti_text_set(&state->pool, &thread->exepath, path_of_enter(evt, room));
}

/* ---- the process ---- */

/* A thread other than the leader may have called it after the leader's exit: it has its number
 * now. */
static void
revive(rti_thread *thread)
{
        if (!(thread->marks & RTI_TH_DEAD))
                return;
        thread->marks &= ~(uint32_t) RTI_TH_DEAD;
        if (thread->leader)
                thread->leader->n_threads++;
}

/* All other threads of the process are gone. */
static void
be_alone(rti_state *state, rti_thread *thread)
{
        rti_thread *other = thread->leader ? thread->leader->next_in_group : NULL;

        while (other) {
                rti_thread *next = other->next_in_group;

                if (other != thread)
                        rti_state_drop(state, other);
                other = next;
        }
}

void
rti_on_exec(rti_state *state, rti_sysevt *evt)
{
        rti_thread *thread = evt->thread;

        if (!thread || rti_arg_i64(evt, RTI_ARG_RES, -1) < 0)
                return;
        revive(thread);
        take_exepath(state, thread, evt);
        take_texts(state, thread, evt);
        take_numbers(thread, evt);
        thread->pid = rti_arg_i64(evt, RTI_ARG_PID, thread->pid);
        if (thread->marks & RTI_TH_INVALID) {
                thread->ptid = rti_arg_i64(evt, RTI_ARG_PTID, -1);
                thread->vtid = thread->tid;
                thread->vpid = thread->pid;
                rti_threads_set_invalid(&state->threads, thread, thread->pid < 0);
                rti_state_link(state, thread);
        }
        take_exe_marks(thread, evt);
        thread->flags = (thread->flags & kept_flags) | RTI_CL_NAME_CHANGED;
        thread->lastexec_ns = evt->time_ns;
        if (rti_thread_fds(thread))
                rti_fds_drop_cloexec(&state->pool, rti_thread_fds(thread));
        be_alone(state, thread);
}
