/* SPDX-License-Identifier: Apache-2.0 */
/* fd_parts.h - what the files about descriptors share among themselves. */
#ifndef RTI_SYSCALL_FD_PARTS_H
#define RTI_SYSCALL_FD_PARTS_H

#include "sources/syscall/codes.h"
#include "sources/syscall/state/path.h"
#include "sources/syscall/state/state.h"

enum { /* flags of open and of calls like it, as captures have them (flags.def, file_flags) */
       RTI_O_DIRECTORY = 1 << 10,
       RTI_O_CLOEXEC = 1 << 12,
       RTI_O_CREATED = 1 << 14,
       RTI_O_UPPER_LAYER = 1 << 15,
       RTI_O_LOWER_LAYER = 1 << 16
};

/* The table that @a thread uses, made if it has none; NULL: no room. */
rti_fds *rti_fd_table(rti_state *state, rti_thread *thread);
/* A new descriptor of the event's process, which becomes the event's; NULL: no room, counted. */
rti_fd *rti_fd_make(rti_state *state, rti_sysevt *evt, int64_t num, uint8_t kind);
/* There was no room for @a num, unless that is no descriptor's. */
void rti_fd_count_refused(rti_state *state, int64_t num);
/* The event is about descriptor @a num, whether it is known or not. */
void rti_fd_set_current(rti_sysevt *evt, int64_t num);
/* What @a fd is called from now on; an event that changes it says so. */
void rti_fd_rename(rti_state *state, rti_sysevt *evt, rti_fd *fd, rt_str name);
void rti_fd_mark(rti_fd *fd, uint32_t mark, bool on);
void rti_fd_swap_ends(rti_fd *fd);
/* The same two ends, in this order or the other. */
bool rti_ends_agree(const rti_ends *a, const rti_ends *b);
/* Bytes may have gone through the event's socket of the network: it is connected then. */
void rti_fd_note_transfer(const rti_sysevt *evt);

/* A number of up to 8 bytes; 0: it is empty. */
static inline uint64_t
rti_uint_of(rt_str param)
{
        uint64_t value = 0;

        if (param.len && param.len <= sizeof value)
                memcpy(&value, param.ptr,
                       param.len); /* captures are little-endian, and so are we */
        return value;
}

static inline uint64_t
rti_arg_uint(const rti_sysevt *evt, uint32_t i)
{
        return rti_uint_of(rti_arg(evt, i));
}

/* The event's result, when it is not negative. */
bool rti_fd_result(const rti_sysevt *evt, int64_t *ret_result);

/* interfaces.c: give an end without address the one that this machine would have used. */
void rti_fd_complete(const rti_state *state, rti_fd *fd);

/* files.c and sockets.c, by what rti_fd_handler has them for */
rti_state_handler rti_fd_open, rti_fd_close, rti_fd_close_range, rti_fd_dup, rti_fd_fcntl,
        rti_fd_pipe, rti_fd_special, rti_fd_pidfd_getfd;
rti_state_handler rti_fd_socket, rti_fd_socketpair, rti_fd_bind, rti_fd_connect, rti_fd_accept,
        rti_fd_transfer;

/* The path that an open names, whatever came of it. @return its length; 0: it names none. */
size_t rti_fd_open_path(char to[RTI_PATH_ROOM], const rti_sysevt *evt);

#endif
