/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.c - which event is whose business, and the small ones: directories, sessions,
 * reapers, limits, memory (spec C.4, C.5).
 */
#include "sources/syscall/codes.h"
#include "sources/syscall/state/parts.h"
#include "sources/syscall/state/path.h"

enum { ARG_RES = 0, RLIMIT_NOFILE_ = 7, SET_CHILD_SUBREAPER = 36 };

/* ---- parameters ---- */

rt_str
rti_arg_plain(const rti_sysevt *evt, uint32_t i)
{
        rt_str text = rti_arg(evt, i);
        const char *nul = text.len ? memchr(text.ptr, '\0', text.len) : NULL;

        if (nul)
                text.len = (size_t) (nul - text.ptr);
        return text;
}

void
rti_arg_take_i64(const rti_sysevt *evt, uint32_t i, int64_t *value)
{
        *value = rti_arg_i64(evt, i, *value);
}

void
rti_arg_take_u64(const rti_sysevt *evt, uint32_t i, uint64_t *value)
{
        *value = (uint64_t) rti_arg_i64(evt, i, (int64_t) *value);
}

void
rti_arg_take_u32(const rti_sysevt *evt, uint32_t i, uint32_t *value)
{
        *value = rti_arg_u32(evt, i, *value);
}

static uint8_t
arg_u8(const rti_sysevt *evt, uint32_t i, uint8_t otherwise)
{
        const rt_str value = rti_arg(evt, i);

        return value.len == 1 ? (uint8_t) value.ptr[0] : otherwise;
}

void
rti_state_take_usage(rti_thread *thread, const rti_sysevt *evt)
{
        rti_arg_take_i64(evt, RTI_ARG_FDLIMIT, &thread->fdlimit);
        rti_arg_take_u64(evt, RTI_ARG_PFMAJOR, &thread->pfmajor);
        rti_arg_take_u64(evt, RTI_ARG_PFMINOR, &thread->pfminor);
        rti_arg_take_u32(evt, RTI_ARG_VMSIZE, &thread->vmsize_kb);
        rti_arg_take_u32(evt, RTI_ARG_VMRSS, &thread->vmrss_kb);
        rti_arg_take_u32(evt, RTI_ARG_VMSWAP, &thread->vmswap_kb);
}

static bool
went_well(const rti_sysevt *evt)
{
        return evt->thread && rti_arg_i64(evt, ARG_RES, -1) >= 0;
}

static void
change_directory(rti_state *state, rti_thread *thread, rt_str path)
{
        char room[RTI_PATH_ROOM];
        rti_thread *leader = thread->leader;
        size_t n;

        if (!leader)
                return;
        n = rti_path_join(room, rti_text_str(leader->cwd), path);
        rti_text_set_dir(&state->pool, &leader->cwd, (rt_str){ room, n });
}

/* chdir, and getcwd, which tells what may have been missed. */
static void
on_chdir(rti_state *state, rti_sysevt *evt)
{
        if (went_well(evt))
                change_directory(state, evt->thread, rti_arg_text(evt, 1));
}

static void
on_fchdir(rti_state *state, rti_sysevt *evt)
{
        const rti_fds *fds = evt->thread ? rti_thread_fds(evt->thread) : NULL;
        const rti_fd *fd = fds ? rti_fds_find(fds, rti_arg_i64(evt, 1, -1)) : NULL;

        if (fd && went_well(evt))
                change_directory(state, evt->thread, rti_text_str(fd->name));
}

static void
on_chroot(rti_state *state, rti_sysevt *evt)
{
        const rt_str path = rti_arg_text(evt, 1);
        char room[RTI_PATH_ROOM];

        if (!went_well(evt))
                return;
        if (path.len && path.ptr[0] == '/')
                rti_text_set(&state->pool, &evt->thread->root, path);
        else
                rti_text_set(
                        &state->pool, &evt->thread->root,
                        (rt_str){ room, rti_path_join(room, rti_path_cwd(evt->thread), path) });
}

/* ---- directories, sessions, reapers, limits, memory ---- */

static void
on_setsid(rti_state *state, rti_sysevt *evt)
{
        (void) state;
        if (went_well(evt))
                rti_arg_take_i64(evt, ARG_RES, &evt->thread->sid);
}

static void
on_prctl(rti_state *state, rti_sysevt *evt)
{
        rti_thread *leader = evt->thread ? evt->thread->leader : NULL;

        (void) state;
        if (!leader || !went_well(evt) || rti_arg_u32(evt, 1, 0) != SET_CHILD_SUBREAPER)
                return;
        leader->marks &= ~(uint32_t) RTI_TH_REAPER;
        if (rti_arg_i64(evt, 3, 0))
                leader->marks |= RTI_TH_REAPER;
}

static void
set_fdlimit(rti_thread *thread, int64_t limit)
{
        if (thread && thread->leader && limit != -1)
                thread->leader->fdlimit = limit;
}

/* getrlimit and setrlimit */
static void
on_rlimit(rti_state *state, rti_sysevt *evt)
{
        (void) state;
        if (went_well(evt) && arg_u8(evt, 3, 0) == RLIMIT_NOFILE_)
                set_fdlimit(evt->thread, rti_arg_i64(evt, 1, -1));
}

static void
on_prlimit(rti_state *state, rti_sysevt *evt)
{
        const int64_t pid = rti_arg_i64(evt, 5, 0);

        if (went_well(evt) && arg_u8(evt, 6, 0) == RLIMIT_NOFILE_)
                set_fdlimit(pid ? rti_threads_find(&state->threads, pid) : evt->thread,
                            rti_arg_i64(evt, 1, -1));
}

static void
take_memory(rti_thread *thread, const rti_sysevt *evt, uint32_t first)
{
        rti_arg_take_u32(evt, first, &thread->vmsize_kb);
        rti_arg_take_u32(evt, first + 1, &thread->vmrss_kb);
        rti_arg_take_u32(evt, first + 2, &thread->vmswap_kb);
}

/* brk, mmap, mmap2, munmap */
static void
on_memory(rti_state *state, rti_sysevt *evt)
{
        (void) state;
        if (evt->thread)
                take_memory(evt->thread, evt, 1);
}

static void
on_switch(rti_state *state, rti_sysevt *evt)
{
        (void) state;
        if (!evt->thread)
                return;
        rti_arg_take_u64(evt, 1, &evt->thread->pfmajor);
        rti_arg_take_u64(evt, 2, &evt->thread->pfminor);
        if (evt->thread->leader)
                take_memory(evt->thread->leader, evt, 3);
}

/* ---- the table ---- */

enum handler {
        NONE,
        CLONE,
        EXEC,
        EXIT,
        CHDIR,
        FCHDIR,
        CHROOT,
        SETSID,
        PRCTL,
        RLIMIT,
        PRLIMIT,
        MEMORY,
        SWITCH,
        SETUID,
        SETREUID,
        SETGID,
        SETREGID,
        CAPSET,
        NEW_NAMESPACE,
        USER,
        GROUP,
        CONTAINER,
        ASYNC,
        N_HANDLERS
};

static rti_state_handler *const handlers[N_HANDLERS] = {
        [CLONE] = rti_on_clone,         [EXEC] = rti_on_exec,
        [EXIT] = rti_on_exit,           [CHDIR] = on_chdir,
        [FCHDIR] = on_fchdir,           [CHROOT] = on_chroot,
        [SETSID] = on_setsid,           [PRCTL] = on_prctl,
        [RLIMIT] = on_rlimit,           [PRLIMIT] = on_prlimit,
        [MEMORY] = on_memory,           [SWITCH] = on_switch,
        [SETUID] = rti_on_setuid,       [SETREUID] = rti_on_setreuid,
        [SETGID] = rti_on_setgid,       [SETREGID] = rti_on_setregid,
        [CAPSET] = rti_on_capset,       [NEW_NAMESPACE] = rti_on_new_namespace,
        [USER] = rti_on_user,           [GROUP] = rti_on_group,
        [CONTAINER] = rti_on_container, [ASYNC] = rti_on_async,
};

static const uint8_t of_type[RTI_N_EVENT_CODES] = {
        [RTI_EV_SYSCALL_CLONE_20_X] = CLONE,
        [RTI_EV_SYSCALL_FORK_20_X] = CLONE,
        [RTI_EV_SYSCALL_VFORK_20_X] = CLONE,
        [RTI_EV_SYSCALL_CLONE3_X] = CLONE,
        [RTI_EV_SYSCALL_EXECVE_19_X] = EXEC,
        [RTI_EV_SYSCALL_EXECVEAT_X] = EXEC,
        [RTI_EV_PROCEXIT_1_E] = EXIT,
        [RTI_EV_SYSCALL_CHDIR_X] = CHDIR,
        [RTI_EV_SYSCALL_GETCWD_X] = CHDIR,
        [RTI_EV_SYSCALL_FCHDIR_X] = FCHDIR,
        [RTI_EV_SYSCALL_CHROOT_X] = CHROOT,
        [RTI_EV_SYSCALL_SETSID_X] = SETSID,
        [RTI_EV_SYSCALL_PRCTL_X] = PRCTL,
        [RTI_EV_SYSCALL_GETRLIMIT_X] = RLIMIT,
        [RTI_EV_SYSCALL_SETRLIMIT_X] = RLIMIT,
        [RTI_EV_SYSCALL_PRLIMIT_X] = PRLIMIT,
        [RTI_EV_SYSCALL_BRK_4_X] = MEMORY,
        [RTI_EV_SYSCALL_MMAP_X] = MEMORY,
        [RTI_EV_SYSCALL_MMAP2_X] = MEMORY,
        [RTI_EV_SYSCALL_MUNMAP_X] = MEMORY,
        [RTI_EV_SCHEDSWITCH_6_E] = SWITCH,
        [RTI_EV_SYSCALL_SETUID_X] = SETUID,
        [RTI_EV_SYSCALL_SETREUID_X] = SETREUID,
        [RTI_EV_SYSCALL_SETRESUID_X] = SETREUID,
        [RTI_EV_SYSCALL_SETGID_X] = SETGID,
        [RTI_EV_SYSCALL_SETREGID_X] = SETREGID,
        [RTI_EV_SYSCALL_SETRESGID_X] = SETREGID,
        [RTI_EV_SYSCALL_CAPSET_X] = CAPSET,
        [RTI_EV_SYSCALL_UNSHARE_X] = NEW_NAMESPACE,
        [RTI_EV_SYSCALL_SETNS_X] = NEW_NAMESPACE,
        [RTI_EV_USER_ADDED_E] = USER,
        [RTI_EV_USER_DELETED_E] = USER,
        [RTI_EV_GROUP_ADDED_E] = GROUP,
        [RTI_EV_GROUP_DELETED_E] = GROUP,
        [RTI_EV_CONTAINER_JSON_2_E] = CONTAINER,
        [RTI_EV_ASYNCEVENT_E] = ASYNC,
};

bool
rti_process_changes(uint16_t type)
{
        switch ((enum handler) of_type[type]) {
        case NONE:
        case RLIMIT ... SWITCH: /* only what no RT_FIELD_OF_SUBJECT shows */
        case USER ... ASYNC:    /* which have versions of their own */
                return false;
        default:
                return true;
        }
}

rti_state_handler *
rti_process_handler(uint16_t type)
{
        return handlers[of_type[type]];
}
