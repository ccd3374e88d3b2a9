/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* kinds.h - what sort of thing a descriptor is, in the numbers of captures. */
#ifndef RTI_BPF_KINDS_H
#define RTI_BPF_KINDS_H

#include "files.h"
#include "sockets.h"

enum fd_kind {
#define KIND(number, id, ...) KIND_##id = number,
#include "lang/fd_kinds.def"
#undef KIND
};

/* What the name of an anonymous inode tells. */
inlined u8
kind_of_anonymous(const struct seen_file *s)
{
        struct dentry *at = s->at;
        char n[8] = {};

        if (s->magic == MAGIC_PIDFD)
                return KIND_PIDFD;
        bpf_probe_read_kernel_str(n, sizeof n, BPF_CORE_READ(at, d_name.name));
        if (n[0] == 'i' && n[1] == 'n')
                return KIND_INOTIFY;
        if (n[0] == 'b' && n[1] == 'p')
                return KIND_BPF;
        if (n[0] != '[')
                return KIND_UNSUPPORTED;
        if (n[1] == 'e' && n[6] == 'f')
                return KIND_EVENT;
        if (n[1] == 'e' && n[6] == 'p')
                return KIND_EVENTPOLL;
        if (n[1] == 's' && n[2] == 'i')
                return KIND_SIGNALFD;
        if (n[1] == 't')
                return KIND_TIMERFD;
        if (n[1] == 'u')
                return KIND_USERFAULTFD;
        if (n[1] == 'i' && n[2] == 'o')
                return KIND_IOURING;
        if (n[1] == 'p' && n[2] == 'i')
                return KIND_PIDFD;
        return KIND_UNSUPPORTED;
}

inlined u8
kind_of_file(const struct seen_file *s)
{
        if (s->magic == MAGIC_ANON_INODE || s->magic == MAGIC_PIDFD)
                return kind_of_anonymous(s);
        switch (s->inode_mode & MODE_KIND) {
        case MODE_FIFO:
                return KIND_FIFO;
        case MODE_DIRECTORY:
                return KIND_DIRECTORY;
        case MODE_FILE:
                return is_memfd(s) ? KIND_MEMFD : KIND_FILE_V2;
        default:
                return KIND_FILE_V2;
        }
}

inlined u8
kind_of_socket(struct sock *sk, u16 family)
{
        const bool listens =
                family != FAMILY_UNIX && BPF_CORE_READ(sk, __sk_common.skc_state) == STATE_LISTEN;

        switch (family) {
        case FAMILY_IPV4:
                return listens ? KIND_IPV4_SERVER : KIND_IPV4_SOCK;
        case FAMILY_IPV6:
                return listens ? KIND_IPV6_SERVER : KIND_IPV6_SOCK;
        case FAMILY_UNIX:
                return KIND_UNIX_SOCK;
        case FAMILY_NETLINK:
                return KIND_NETLINK;
        default:
                return KIND_UNKNOWN;
        }
}

/* Of the file that was seen. */
inlined u8
kind_of_fd(struct frame *f)
{
        struct sock *sk = sock_of_file(&f->file);

        return sk ? kind_of_socket(sk, family_of(sk)) : kind_of_file(&f->file);
}

#endif
