/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fd_event.c - which descriptor an event is about, and who knows what the event does to it.
 *
 *   in   an event whose thread is known
 *   out  its fd_num and fd; what made, changed or closed the descriptor is in files.c, sockets.c
 */
#include "sources/syscall/state/fd_parts.h"
#include "sources/syscall/state/net.h"
#include <assert.h>

rti_fds *
rti_fd_table(rti_state *state, rti_thread *thread)
{
        rti_thread *owner = thread->leader ? thread->leader : thread;

        if (!owner->fds)
                owner->fds = rti_fds_new(&state->pool);
        return owner->fds;
}

void
rti_fd_set_current(rti_sysevt *evt, int64_t num)
{
        const rti_fds *fds = evt->thread ? rti_thread_fds(evt->thread) : NULL;

        evt->flags |= RTI_SE_HAS_FD;
        evt->fd_num = num;
        evt->fd = fds ? rti_fds_find(fds, num) : NULL;
}

rti_fd *
rti_fd_make(rti_state *state, rti_sysevt *evt, int64_t num, uint8_t kind)
{
        rti_fds *fds = rti_fd_table(state, evt->thread);
        rti_fd *fd = fds ? rti_fds_add(&state->pool, fds, num) : NULL;

        evt->flags |= RTI_SE_HAS_FD;
        evt->fd_num = num;
        evt->fd = fd;
        if (fd)
                fd->kind = kind;
        else
                rti_fd_count_refused(state, num);
        return fd;
}

void
rti_fd_count_refused(rti_state *state, int64_t num)
{
        if (rti_fd_is_number(num))
                state->stats.fds_refused++;
}

void
rti_fd_rename(rti_state *state, rti_sysevt *evt, rti_fd *fd, rt_str name)
{
        if (rti_str_eq(rti_text_str(fd->name), name))
                return;
        rti_text_set(&state->pool, &fd->name, name);
        evt->flags |= RTI_SE_NAME_CHANGED;
}

void
rti_fd_mark(rti_fd *fd, uint32_t mark, bool on)
{
        fd->marks = (uint16_t) (on ? fd->marks | mark : fd->marks & ~mark);
}

bool
rti_fd_result(const rti_sysevt *evt, int64_t *ret_result)
{
        int64_t result;

        if (!rti_sysevt_result(evt, &result) || result < 0)
                return false;
        *ret_result = result;
        return true;
}

/* ---- the current descriptor ---- */

void
rti_fd_note_transfer(const rti_sysevt *evt)
{
        int64_t result;

        if (rti_fd_result(evt, &result))
                evt->fd->marks |= RTI_FDM_CONNECTED;
}

/* The parameter that names it: of exits the first descriptor behind the result, save that splice
 * is about where it writes to. Enter halves have no result. */
uint8_t
rti_fd_param(uint16_t type)
{
        const rti_event_info *info = &rti_events[type];
        const rti_param_info *param = rti_params + info->first_param;

        if (!info->exit)
                return 0;
        if (type == RTI_EV_SYSCALL_SPLICE_X)
                return 2;
        for (uint8_t i = 1; i < info->n_params; i++)
                if (param[i].type == RTI_PT_FD)
                        return i;
        return RTI_NO_PARAM;
}

void
rti_fd_find_current(rti_state *state, rti_sysevt *evt)
{
        const uint32_t flags = evt->info->flags;

        if (flags & RTI_EF_USES_FD) {
                rti_fd_set_current(evt, rti_arg_i64(evt, state->fd_param[evt->type], -1));
                if (flags & (RTI_EF_READS_FROM_FD | RTI_EF_WRITES_TO_FD) && evt->fd
                    && rti_fd_is_inet(evt->fd))
                        rti_fd_note_transfer(evt);
        } else if (flags & (RTI_EF_CREATES_FD | RTI_EF_DESTROYS_FD)) {
                rti_fd_set_current(evt, -1);
        }
}

rt_str
rti_fd_name_of_event(char to[RTI_FD_NAME_ROOM], const rti_sysevt *evt)
{
        size_t n;

        switch (evt->type) {
        case RTI_EV_SYSCALL_OPEN_X:
        case RTI_EV_SYSCALL_CREAT_X:
        case RTI_EV_SYSCALL_OPENAT_2_X:
        case RTI_EV_SYSCALL_OPENAT2_X:
        case RTI_EV_SYSCALL_OPEN_BY_HANDLE_AT_X:
                return (rt_str){ to, rti_fd_open_path(to, evt) };
        case RTI_EV_SOCKET_ACCEPT_5_X:
        case RTI_EV_SOCKET_ACCEPT4_6_X:
        case RTI_EV_SOCKET_CONNECT_X:
                n = rti_print_tuple(to, rti_arg(evt, 1));
                return n ? (rt_str){ to, n } : RTI_STR("NULL");
        default:
                return RTI_STR("");
        }
}

static_assert((int) RTI_FD_NAME_ROOM >= (int) RTI_PATH_ROOM
                      && (int) RTI_FD_NAME_ROOM >= (int) RTI_TUPLE_ROOM,
              "any name fits");

/* ---- who handles what ---- */

enum { NOBODY, OPEN, CLOSE, CLOSE_RANGE, DUP, FCNTL, PIPE, SPECIAL, PIDFD_GETFD };
enum { SOCKET = PIDFD_GETFD + 1, SOCKETPAIR, BIND, CONNECT, ACCEPT, TRANSFER, N_HANDLERS };

static rti_state_handler *const handlers[N_HANDLERS] = {
        [OPEN] = rti_fd_open,
        [CLOSE] = rti_fd_close,
        [CLOSE_RANGE] = rti_fd_close_range,
        [DUP] = rti_fd_dup,
        [FCNTL] = rti_fd_fcntl,
        [PIPE] = rti_fd_pipe,
        [SPECIAL] = rti_fd_special,
        [PIDFD_GETFD] = rti_fd_pidfd_getfd,
        [SOCKET] = rti_fd_socket,
        [SOCKETPAIR] = rti_fd_socketpair,
        [BIND] = rti_fd_bind,
        [CONNECT] = rti_fd_connect,
        [ACCEPT] = rti_fd_accept,
        [TRANSFER] = rti_fd_transfer,
};

static const uint8_t handler_of[RTI_N_EVENT_CODES] = {
        [RTI_EV_SYSCALL_OPEN_X] = OPEN,
        [RTI_EV_SYSCALL_CREAT_X] = OPEN,
        [RTI_EV_SYSCALL_OPENAT_2_X] = OPEN,
        [RTI_EV_SYSCALL_OPENAT2_X] = OPEN,
        [RTI_EV_SYSCALL_OPEN_BY_HANDLE_AT_X] = OPEN,
        [RTI_EV_SYSCALL_CLOSE_X] = CLOSE,
        [RTI_EV_SYSCALL_CLOSE_RANGE_X] = CLOSE_RANGE,
        [RTI_EV_SYSCALL_DUP_1_X] = DUP,
        [RTI_EV_SYSCALL_DUP2_X] = DUP,
        [RTI_EV_SYSCALL_DUP3_X] = DUP,
        [RTI_EV_SYSCALL_FCNTL_X] = FCNTL,
        [RTI_EV_SYSCALL_PIPE_X] = PIPE,
        [RTI_EV_SYSCALL_PIPE2_X] = PIPE,
        [RTI_EV_SYSCALL_MEMFD_CREATE_X] = SPECIAL,
        [RTI_EV_SYSCALL_PIDFD_OPEN_X] = SPECIAL,
        [RTI_EV_SYSCALL_EVENTFD_X] = SPECIAL,
        [RTI_EV_SYSCALL_EVENTFD2_X] = SPECIAL,
        [RTI_EV_SYSCALL_SIGNALFD_X] = SPECIAL,
        [RTI_EV_SYSCALL_SIGNALFD4_X] = SPECIAL,
        [RTI_EV_SYSCALL_TIMERFD_CREATE_X] = SPECIAL,
        [RTI_EV_SYSCALL_INOTIFY_INIT_X] = SPECIAL,
        [RTI_EV_SYSCALL_INOTIFY_INIT1_X] = SPECIAL,
        [RTI_EV_SYSCALL_EPOLL_CREATE_X] = SPECIAL,
        [RTI_EV_SYSCALL_EPOLL_CREATE1_X] = SPECIAL,
        [RTI_EV_SYSCALL_BPF_2_X] = SPECIAL,
        [RTI_EV_SYSCALL_USERFAULTFD_X] = SPECIAL,
        [RTI_EV_SYSCALL_IO_URING_SETUP_X] = SPECIAL,
        [RTI_EV_SYSCALL_PIDFD_GETFD_X] = PIDFD_GETFD,
        [RTI_EV_SOCKET_SOCKET_X] = SOCKET,
        [RTI_EV_SOCKET_SOCKETPAIR_X] = SOCKETPAIR,
        [RTI_EV_SOCKET_BIND_X] = BIND,
        [RTI_EV_SOCKET_CONNECT_X] = CONNECT,
        [RTI_EV_SOCKET_ACCEPT_5_X] = ACCEPT,
        [RTI_EV_SOCKET_ACCEPT4_6_X] = ACCEPT,
        [RTI_EV_SOCKET_SEND_X] = TRANSFER,
        [RTI_EV_SOCKET_SENDTO_X] = TRANSFER,
        [RTI_EV_SOCKET_SENDMSG_X] = TRANSFER,
        [RTI_EV_SOCKET_SENDMMSG_X] = TRANSFER,
        [RTI_EV_SOCKET_RECV_X] = TRANSFER,
        [RTI_EV_SOCKET_RECVFROM_X] = TRANSFER,
        [RTI_EV_SOCKET_RECVMSG_X] = TRANSFER,
        [RTI_EV_SOCKET_RECVMMSG_X] = TRANSFER,
};

rti_state_handler *
rti_fd_handler(uint16_t type)
{
        return handlers[type < RTI_N_EVENT_CODES ? handler_of[type] : NOBODY];
}
