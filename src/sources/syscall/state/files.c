/* SPDX-License-Identifier: Apache-2.0 */
/*
 * files.c - what events do to descriptors that are no sockets.
 *
 *   in   an event whose thread is known
 *   out  descriptors made, copied, closed; the event's fd_num and fd
 *
 * A descriptor is closed after the rules have seen the event (RTI_SE_REMOVE_FD), ranges at once.
 */
#include "sources/syscall/state/fd_parts.h"

enum { NONE = RTI_NO_PARAM };

/* ---- open and its like ---- */

static const struct open_shape {
        uint16_t type;
        uint8_t dirfd, name, flags, dev, ino;         /* parameters of the exit */
        uint8_t enter_dirfd, enter_name, enter_flags; /* and of the enter half */
} opens[] = {
        { RTI_EV_SYSCALL_OPEN_X, NONE, 1, 2, 4, 5, NONE, 0, 1 },
        { RTI_EV_SYSCALL_CREAT_X, NONE, 1, NONE, 3, 4, NONE, 0, NONE },
        { RTI_EV_SYSCALL_OPENAT_2_X, 1, 2, 3, 5, 6, 0, 1, 2 },
        { RTI_EV_SYSCALL_OPENAT2_X, 1, 2, 3, 6, 7, 0, 1, 2 },
        { RTI_EV_SYSCALL_OPEN_BY_HANDLE_AT_X, NONE, 3, 2, 4, 5, NONE, NONE, NONE },
};

enum { CREAT_FLAGS = 5, CREAT_UPPER_LAYER = 1, CREAT_LOWER_LAYER = 2 };
enum { KNOWN_ON_EXIT = ~(RTI_O_CREATED - 1) }; /* open flags that only the exit can tell */

typedef struct opened {
        rt_str name; /* as the program gave it */
        int64_t dirfd;
        uint32_t flags;
} opened;

static const struct open_shape *
shape_of(uint16_t type)
{
        for (size_t i = 0; i < RTI_COUNT(opens); i++)
                if (opens[i].type == type)
                        return &opens[i];
        return NULL;
}

static uint32_t
creat_flags(const rti_sysevt *evt)
{
        const uint64_t flags = rti_arg_uint(evt, CREAT_FLAGS);

        return (flags & CREAT_UPPER_LAYER ? RTI_O_UPPER_LAYER : 0u)
               | (flags & CREAT_LOWER_LAYER ? RTI_O_LOWER_LAYER : 0u);
}

static rt_str
enter_arg(const rti_sysevt *evt, uint32_t i)
{
        return i < evt->n_enter ? evt->enter[i] : (rt_str){ NULL, 0 };
}

/* What the call asked for. The kernel reads names at the exit, when a program can have changed
 * them; where the enter half is there, it is believed. */
static opened
what_was_opened(const rti_sysevt *evt, const struct open_shape *shape)
{
        opened what = { rti_arg_text(evt, shape->name), RTI_AT_FDCWD, 0 };
        rt_str name;

        if (shape->dirfd != NONE)
                what.dirfd = rti_arg_i64(evt, shape->dirfd, -1);
        what.flags = shape->flags == NONE ? creat_flags(evt) : rti_arg_u32(evt, shape->flags, 0);
        if (!evt->enter || evt->enter_type + 1 != evt->type || shape->enter_name == NONE)
                return what;
        name = rti_param_text(enter_arg(evt, shape->enter_name));
        if (name.len == 0 || rti_str_eq(name, RTI_STR("<NA>")))
                return what;
        what.name = name;
        if (shape->enter_dirfd != NONE)
                what.dirfd = (int64_t) rti_uint_of(enter_arg(evt, shape->enter_dirfd));
        if (shape->enter_flags != NONE)
                what.flags = (what.flags & (uint32_t) KNOWN_ON_EXIT)
                             | (uint32_t) rti_uint_of(enter_arg(evt, shape->enter_flags));
        return what;
}

static size_t
resolve(char to[RTI_PATH_ROOM], const rti_thread *thread, const opened *what)
{
        char room[RTI_PATH_ROOM + 1];

        return rti_path_join(to, rti_path_dir_of(room, thread, what->dirfd, what->name),
                             what->name);
}

size_t
rti_fd_open_path(char to[RTI_PATH_ROOM], const rti_sysevt *evt)
{
        const struct open_shape *shape = shape_of(evt->type);
        opened what;

        if (!shape)
                return 0;
        what = what_was_opened(evt, shape);
        return resolve(to, evt->thread, &what);
}

void
rti_fd_open(rti_state *state, rti_sysevt *evt)
{
        const struct open_shape *shape = shape_of(evt->type);
        char path[RTI_PATH_ROOM];
        size_t path_len;
        opened what;
        int64_t num;
        rti_fd *fd;

        rti_fd_set_current(evt, -1);
        if (!rti_fd_result(evt, &num))
                return;
        what = what_was_opened(evt, shape);
        path_len = resolve(path, evt->thread, &what);
        fd = rti_fd_make(state, evt, num,
                         what.flags & RTI_O_DIRECTORY ? RTI_FD_DIRECTORY : RTI_FD_FILE_V2);
        if (!fd)
                return;
        rti_fd_rename(state, evt, fd, (rt_str){ path, path_len });
        if (rti_str_eq(what.name, (rt_str){ path, path_len }))
                rti_text_share(&state->pool, &fd->nameraw, fd->name);
        else
                rti_text_set(&state->pool, &fd->nameraw, what.name);
        fd->open_flags = what.flags;
        fd->dev = rti_arg_u32(evt, shape->dev, 0);
        fd->ino = rti_arg_uint(evt, shape->ino);
        rti_fd_mark(fd, RTI_FDM_CLOEXEC, what.flags & RTI_O_CLOEXEC);
        rti_fd_mark(fd, RTI_FDM_CREATED, what.flags & RTI_O_CREATED);
        rti_fd_mark(fd, RTI_FDM_UPPER_LAYER, what.flags & RTI_O_UPPER_LAYER);
        rti_fd_mark(fd, RTI_FDM_LOWER_LAYER, what.flags & RTI_O_LOWER_LAYER);
}

/* ---- close ---- */

void
rti_fd_close(rti_state *state, rti_sysevt *evt)
{
        int64_t result;

        rti_fd_find_current(state, evt);
        if (evt->fd && rti_fd_result(evt, &result))
                evt->flags |= RTI_SE_REMOVE_FD;
}

void
rti_fd_close_range(rti_state *state, rti_sysevt *evt)
{
        enum { FIRST = 1, LAST = 2, FLAGS = 3, JUST_CLOEXEC = 4 };
        rti_fds *fds = rti_thread_fds(evt->thread);
        uint32_t at = rti_arg_u32(evt, FIRST, UINT32_MAX);
        const uint32_t last = rti_arg_u32(evt, LAST, 0);
        int64_t result;

        if (!fds || !rti_fd_result(evt, &result))
                return;
        for (rti_fd *fd; (fd = rti_fds_next(fds, &at)) && fd->num <= last;) {
                if (rti_arg_uint(evt, FLAGS) & JUST_CLOEXEC)
                        rti_fd_mark(fd, RTI_FDM_CLOEXEC, true);
                else
                        rti_fds_remove(&state->pool, fds, fd->num);
        }
}

/* ---- copies ---- */

/* @a from of the event's process, or of another, is now @a num too. */
static void
copy_to(rti_state *state, rti_sysevt *evt, const rti_fd *from, int64_t num, bool cloexec)
{
        rti_fds *fds = rti_fd_table(state, evt->thread);

        evt->flags |= RTI_SE_HAS_FD;
        evt->fd_num = num;
        evt->fd = fds ? rti_fds_dup(&state->pool, fds, from, num) : NULL;
        if (evt->fd)
                rti_fd_mark(evt->fd, RTI_FDM_CLOEXEC, cloexec);
        else
                rti_fd_count_refused(state, num);
}

void
rti_fd_dup(rti_state *state, rti_sysevt *evt)
{
        enum { FLAGS = 3 };
        int64_t num;
        bool cloexec;

        rti_fd_find_current(state, evt);
        if (!evt->fd || !rti_fd_result(evt, &num) || num == evt->fd_num)
                return;
        cloexec = evt->type == RTI_EV_SYSCALL_DUP3_X && rti_arg_uint(evt, FLAGS) & RTI_O_CLOEXEC;
        copy_to(state, evt, evt->fd, num, cloexec);
}

void
rti_fd_fcntl(rti_state *state, rti_sysevt *evt)
{
        enum { COMMAND = 2, ARG = 3 };
        enum { DUPFD = 1, SETFD = 3, DUPFD_CLOEXEC = 26, FD_CLOEXEC_BIT = 1 };
        int64_t result;

        rti_fd_find_current(state, evt);
        if (!evt->fd || !rti_fd_result(evt, &result))
                return;
        switch (rti_arg_uint(evt, COMMAND)) {
        case DUPFD:
                copy_to(state, evt, evt->fd, result, false);
                break;
        case DUPFD_CLOEXEC:
                copy_to(state, evt, evt->fd, result, true);
                break;
        case SETFD:
                rti_fd_mark(evt->fd, RTI_FDM_CLOEXEC, rti_arg_uint(evt, ARG) & FD_CLOEXEC_BIT);
                break;
        default:
                break;
        }
}

/* A descriptor of another process, by a descriptor of that process. */
void
rti_fd_pidfd_getfd(rti_state *state, rti_sysevt *evt)
{
        enum { PIDFD = 1, TARGET = 2 };
        const rti_fds *fds = rti_thread_fds(evt->thread);
        const rti_thread *other = NULL;
        const rti_fd *pidfd, *from = NULL;
        int64_t num;

        rti_fd_set_current(evt, -1);
        if (!rti_fd_result(evt, &num))
                return;
        pidfd = fds ? rti_fds_find(fds, rti_arg_i64(evt, PIDFD, -1)) : NULL;
        if (pidfd && pidfd->kind == RTI_FD_PIDFD)
                other = rti_threads_find(&state->threads, pidfd->ends.pid);
        fds = other ? rti_thread_fds(other) : NULL;
        if (fds)
                from = rti_fds_find(fds, rti_arg_i64(evt, TARGET, -1));
        if (from)
                copy_to(state, evt, from, num, true);
        else
                rti_fd_set_current(evt, num);
}

/* ---- pipes ---- */

void
rti_fd_pipe(rti_state *state, rti_sysevt *evt)
{
        enum { FIRST = 1, SECOND = 2, INO = 3, FLAGS = 4 };
        int64_t result;

        rti_fd_set_current(evt, -1);
        if (!rti_fd_result(evt, &result))
                return;
        for (uint32_t i = FIRST; i <= SECOND; i++) {
                const int64_t num = rti_arg_i64(evt, i, -1);
                rti_fd *fd = num < 0 ? NULL : rti_fd_make(state, evt, num, RTI_FD_FIFO);

                if (!fd)
                        continue;
                fd->ino = rti_arg_uint(evt, INO);
                if (evt->type == RTI_EV_SYSCALL_PIPE2_X)
                        rti_fd_mark(fd, RTI_FDM_CLOEXEC, rti_arg_uint(evt, FLAGS) & RTI_O_CLOEXEC);
        }
}

/* ---- descriptors of things without a path ---- */

enum { MEMFD_CLOEXEC = 1, EPOLL_CLOEXEC = 1 };

static const struct special {
        uint16_t type;
        uint8_t kind;
        uint8_t flags;    /* the parameter that may say close-on-exec, NONE */
        uint16_t cloexec; /* and how it says so */
} specials[] = {
        { RTI_EV_SYSCALL_MEMFD_CREATE_X, RTI_FD_MEMFD, 2, MEMFD_CLOEXEC },
        { RTI_EV_SYSCALL_PIDFD_OPEN_X, RTI_FD_PIDFD, NONE, 0 },
        { RTI_EV_SYSCALL_EVENTFD_X, RTI_FD_EVENT, NONE, 0 },
        { RTI_EV_SYSCALL_EVENTFD2_X, RTI_FD_EVENT, 1, RTI_O_CLOEXEC },
        { RTI_EV_SYSCALL_SIGNALFD_X, RTI_FD_SIGNALFD, NONE, 0 },
        { RTI_EV_SYSCALL_SIGNALFD4_X, RTI_FD_SIGNALFD, 1, RTI_O_CLOEXEC },
        { RTI_EV_SYSCALL_TIMERFD_CREATE_X, RTI_FD_TIMERFD, NONE, 0 },
        { RTI_EV_SYSCALL_INOTIFY_INIT_X, RTI_FD_INOTIFY, NONE, 0 },
        { RTI_EV_SYSCALL_INOTIFY_INIT1_X, RTI_FD_INOTIFY, 1, RTI_O_CLOEXEC },
        { RTI_EV_SYSCALL_EPOLL_CREATE_X, RTI_FD_EVENTPOLL, NONE, 0 },
        { RTI_EV_SYSCALL_EPOLL_CREATE1_X, RTI_FD_EVENTPOLL, 1, EPOLL_CLOEXEC },
        { RTI_EV_SYSCALL_BPF_2_X, RTI_FD_BPF, NONE, 0 },
        { RTI_EV_SYSCALL_USERFAULTFD_X, RTI_FD_USERFAULTFD, 1, RTI_O_CLOEXEC },
        { RTI_EV_SYSCALL_IO_URING_SETUP_X, RTI_FD_IOURING, NONE, 0 },
};

/* Commands of bpf whose result is a descriptor: others give 0, which is not standard input. */
static bool
makes_bpf_fd(const rti_sysevt *evt)
{
        static const uint8_t makers[] = { 0, 5, 7, 13, 14, 17, 18, 19, 28, 30, 32, 33, 36 };
        const uint64_t command = rti_arg_uint(evt, 1);

        for (size_t i = 0; i < RTI_COUNT(makers); i++)
                if (makers[i] == command)
                        return true;
        return false;
}

/* What is particular to a kind: its name, whom it means. */
static void
fill_special(rti_state *state, rti_sysevt *evt, rti_fd *fd)
{
        enum { MEMFD_NAME = 1, PIDFD_PID = 1 };
        char name[sizeof "/proc/" + 20] = "/proc/";
        size_t n = sizeof "/proc/" - 1, first = n;
        uint64_t pid;

        if (fd->kind == RTI_FD_MEMFD) {
                rti_fd_rename(state, evt, fd, rti_arg_text(evt, MEMFD_NAME));
        } else if (fd->kind == RTI_FD_PIDFD) {
                fd->ends.pid = rti_arg_i64(evt, PIDFD_PID, 0);
                pid = (uint64_t) fd->ends.pid;
                do
                        name[n++] = (char) ('0' + pid % 10);
                while (pid /= 10);
                for (size_t last = n; first < --last; first++) {
                        const char digit = name[first];

                        name[first] = name[last];
                        name[last] = digit;
                }
                rti_fd_rename(state, evt, fd, (rt_str){ name, n });
                rti_fd_mark(fd, RTI_FDM_CLOEXEC, true); /* always so */
        }
}

void
rti_fd_special(rti_state *state, rti_sysevt *evt)
{
        const struct special *special = specials;
        int64_t num;
        rti_fd *fd;

        rti_fd_set_current(evt, -1);
        if (!rti_fd_result(evt, &num))
                return;
        while (special->type != evt->type)
                special++;
        if (special->kind == RTI_FD_BPF && !makes_bpf_fd(evt))
                return;
        fd = rti_fd_make(state, evt, num, special->kind);
        if (!fd)
                return;
        if (special->flags != NONE)
                rti_fd_mark(fd, RTI_FDM_CLOEXEC,
                            rti_arg_uint(evt, special->flags) & special->cloexec);
        fill_special(state, evt, fd);
}
