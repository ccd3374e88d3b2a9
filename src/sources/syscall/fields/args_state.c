/* SPDX-License-Identifier: Apache-2.0 */
/*
 * args_state.c - printing parameters that stand for something of the machine: descriptors,
 * processes, users, paths, addresses.
 *
 * in: the parameter's bytes, of any length; out: text behind the line.
 */
#include "sources/syscall/fields/args.h"
#include "sources/syscall/fields/names.h"
#include "sources/syscall/state/path.h"

static const rti_fd *
find_fd(const rti_arg_put *put, int64_t number)
{
        const rti_thread *thread = put->sys->evt.thread;
        const rti_fds *fds = thread ? rti_thread_fds(thread) : NULL;

        return fds ? rti_fds_find(fds, number) : NULL;
}

/* Letter of a socket's protocol; 0: none. Until it is known which side it is on, a socket has none
 * to show. */
static char
l4_char(const rti_fd *fd)
{
        static const char letters[] = {
                [RTI_L4_TCP] = 't', [RTI_L4_UDP] = 'u', [RTI_L4_ICMP] = 'i', [RTI_L4_RAW] = 'r'
        };

        if (fd->l4 >= sizeof letters)
                return 0;
        switch (fd->kind) {
        case RTI_FD_IPV4_SOCK:
        case RTI_FD_IPV6_SOCK:
                return fd->marks & (RTI_FDM_ROLE_CLIENT | RTI_FDM_ROLE_SERVER) ? letters[fd->l4]
                                                                               : 0;
        case RTI_FD_IPV4_SERVER:
        case RTI_FD_IPV6_SERVER:
                return letters[fd->l4];
        default:
                return 0;
        }
}

void
rti_arg_fd(rti_arg_put *put, int64_t fd)
{
        const rti_fd *object;
        char l4;

        rti_line_i64(put->line, fd);
        if (fd < 0) {
                rti_arg_resolve(put);
                if (fd == RTI_AT_FDCWD)
                        rti_line_add(put->line, RTI_STR("AT_FDCWD"));
                else
                        rti_names_one(put->line, RTI_FLAGS_ERRNO, 0 - (uint64_t) fd);
                return;
        }
        object = find_fd(put, fd);
        if (!object)
                return;
        rti_arg_resolve(put);
        rti_line_char(put->line, '<');
        rti_line_char(put->line, rti_fd_kind_char(object->kind));
        l4 = l4_char(object);
        if (l4)
                rti_line_char(put->line, l4);
        rti_line_char(put->line, '>');
        rti_line_add(put->line, rti_text_str(object->name));
}

void
rti_arg_pid(rti_arg_put *put, int64_t pid)
{
        const rti_thread *thread = rti_threads_find(&put->sys->state.threads, pid);

        rti_line_i64(put->line, pid);
        if (!thread)
                return;
        rti_arg_resolve(put);
        rti_line_add(put->line, thread->marks & RTI_TH_INVALID && !thread->comm
                                        ? RTI_STR("<NA>")
                                        : rti_text_str(thread->comm));
}

void
rti_arg_user(rti_arg_put *put, uint32_t id, bool group)
{
        const rti_thread *thread = put->sys->evt.thread;
        const rt_str container = rti_text_str(thread ? thread->container_id : NULL);
        const rti_users *users = &put->sys->state.users;
        const rti_user *user;

        rti_line_i64(put->line, (int32_t) id);
        rti_arg_resolve(put);
        if (id == UINT32_MAX) {
                rti_line_add(put->line, RTI_STR("<NONE>"));
                return;
        }
        user = group ? rti_users_find_group(users, container, id)
                     : rti_users_find(users, container, id);
        /* Arguments know the lists alone, where the fields user.* know root without one. */
        rti_line_add(put->line,
                     user && user != &users->root ? rti_text_str(user->name) : RTI_STR("<NA>"));
}

void
rti_arg_path(rti_arg_put *put)
{
        const rti_sysevt *evt = &put->sys->evt;
        const rt_str path = rti_param_text(put->bytes);
        char room[RTI_PATH_ROOM + 1], *to;
        rt_str dir;

        rti_line_add(put->line, path);
        if (path.len == 0 || path.ptr[0] == '/' || rti_str_eq(path, RTI_STR("<NA>")))
                return;
        dir = put->dirfd == RTI_NO_PARAM ? rti_path_dir_of(room, evt->thread, RTI_AT_FDCWD, path)
                                         : rti_path_dir(room, evt, put->dirfd, path);
        rti_arg_resolve(put);
        to = rti_line_reserve(put->line, RTI_PATH_ROOM);
        if (to)
                put->line->len += rti_path_join(to, dir, path);
}

void
rti_arg_fdlist(rti_arg_put *put)
{
        enum { COUNT_BYTES = 2, ENTRY_BYTES = 10 };
        rt_str bytes = put->bytes;
        const size_t begin = put->line->len;
        uint16_t n = 0;

        if (bytes.len >= COUNT_BYTES)
                memcpy(&n, bytes.ptr, COUNT_BYTES);
        for (size_t at = COUNT_BYTES; n-- && at + ENTRY_BYTES <= bytes.len; at += ENTRY_BYTES) {
                const rti_fd *object;
                uint16_t flags;
                int64_t fd;

                memcpy(&fd, bytes.ptr + at, sizeof fd);
                memcpy(&flags, bytes.ptr + at + sizeof fd, sizeof flags);
                object = find_fd(put, fd);
                if (put->line->len > begin)
                        rti_line_char(put->line, ' ');
                rti_line_i64(put->line, fd);
                rti_line_char(put->line, ':');
                rti_line_char(put->line, object ? rti_fd_kind_char(object->kind) : '?');
                rti_line_base(put->line, flags, 16);
        }
}

void
rti_arg_sockaddr(rti_arg_put *put, bool tuple)
{
        char text[RTI_TUPLE_ROOM];
        const size_t n =
                tuple ? rti_print_tuple(text, put->bytes) : rti_print_sockaddr(text, put->bytes);

        if (n) {
                rti_line_add(put->line, (rt_str){ text, n });
                return;
        }
        rti_line_add(put->line, RTI_STR("family "));
        rti_line_u64(put->line, (unsigned char) put->bytes.ptr[0]);
}
