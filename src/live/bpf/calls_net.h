/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* calls_net.h - handlers: sockets. */
#ifndef RTI_BPF_CALLS_NET_H
#define RTI_BPF_CALLS_NET_H

#include "calls_file.h"
#include "sockets.h"

HANDLER(socket, 5)
{
        put_new_fd(v);
        put_arg32(v, 0);
        put_arg32(v, 1);
        put_arg32(v, 2);
        put_u32(v, new_fd_flags(f->arg[1]));
}

HANDLER(bind, 3)
{
        put_result(v);
        put_sockaddr(v, f->arg[1], f->arg[2]);
        put_arg_fd(v, 0);
}

enum { IN_PROGRESS = -115 };

HANDLER(connect, 4)
{
        put_result(v);
        if (f->result == 0 || f->result == IN_PROGRESS)
                put_tuple(v, (s32) f->arg[0], OUTBOUND, f->arg[1]);
        else
                put_empty(v);
        put_arg_fd(v, 0);
        put_sockaddr(v, f->arg[1], f->arg[2]);
}

/* fd, tuple, queuepct, queuelen, queuemax */
inlined void
put_accept(struct values *v, struct frame *f)
{
        struct sock *listener = f->result >= 0 ? sock_of(f, (s32) f->arg[0]) : NULL;
        const u32 len = listener ? BPF_CORE_READ(listener, sk_ack_backlog) : 0;
        const u32 most = listener ? BPF_CORE_READ(listener, sk_max_ack_backlog) : 0;

        put_new_fd(v);
        if (f->result >= 0)
                put_tuple(v, (s32) f->result, INBOUND, 0);
        else
                put_empty(v);
        put_u8(v, most ? (u8) ((u64) len * 100 / most) : 0);
        put_u32(v, len);
        put_u32(v, most);
}

HANDLER(accept, 5)
{
        put_accept(v, f);
}

HANDLER(accept4, 6)
{
        put_accept(v, f);
        put_u32(v, new_fd_flags(f->arg[3]));
}

HANDLER(sendto, 5)
{
        put_result(v);
        put_data(v, f->arg[1], moved(f, f->arg[2]));
        put_arg_fd(v, 0);
        put_arg32(v, 2);
        put_tuple(v, (s32) f->arg[0], OUTBOUND, f->arg[4]);
}

HANDLER(recvfrom, 5)
{
        put_result(v);
        put_data(v, f->arg[1], f->result > 0 ? (u64) f->result : 0);
        if (f->result >= 0)
                put_tuple(v, (s32) f->arg[0], INBOUND, f->arg[4]);
        else
                put_empty(v);
        put_arg_fd(v, 0);
        put_arg32(v, 2);
}

/* struct msghdr of the program */
struct message {
        u64 name;
        u64 name_len;
        u64 vectors, n_vectors;
        u64 control, control_len;
        u64 flags;
};

inlined void
read_message(u64 address, struct message *m)
{
        if (address)
                bpf_probe_read_user(m, sizeof *m, (const void *) address);
}

HANDLER(sendmsg, 5)
{
        struct message m = {};
        u64 len;

        read_message(f->arg[1], &m);
        len = length_of_vectors(m.vectors, m.n_vectors);
        put_result(v);
        put_vectors(v, m.vectors, m.n_vectors, moved(f, len));
        put_arg_fd(v, 0);
        put_u32(v, (u32) len);
        put_tuple(v, (s32) f->arg[0], OUTBOUND, m.name);
}

/* The whole of the control data counts: descriptors come by it. */
inlined void
put_control(struct values *v, const struct message *m)
{
        const u64 n = m->control_len < MOST_DATA ? m->control_len : MOST_DATA - 1;

        from_user(v);
        if (!m->control || n == 0
            || bpf_probe_read_user(place(v), (u32) n & mask_of(MOST_DATA),
                                   (const void *) m->control)
                       < 0)
                put_empty(v);
        else
                took(v, (u32) n & mask_of(MOST_DATA));
}

HANDLER(recvmsg, 6)
{
        struct message m = {};

        read_message(f->arg[1], &m);
        put_result(v);
        put_u32(v, (u32) length_of_vectors(m.vectors, m.n_vectors));
        put_vectors(v, m.vectors, m.n_vectors, f->result > 0 ? (u64) f->result : 0);
        if (f->result >= 0) {
                put_tuple(v, (s32) f->arg[0], INBOUND, m.name);
                put_control(v, &m);
        } else {
                put_empty(v);
                put_empty(v);
        }
        put_arg_fd(v, 0);
}

/* Of the messages of these calls the first is told: struct mmsghdr is a msghdr and its length. */
enum { LEN_IN_MMSGHDR = 56 };

inlined u64
length_of_first(const struct frame *f)
{
        return f->result > 0 ? read_user(u32, f->arg[1] + LEN_IN_MMSGHDR) : 0;
}

inlined void
put_first_result(struct values *v, struct frame *f)
{
        if (f->result > 0)
                put_u64(v, length_of_first(f));
        else
                put_result(v);
        if (f->result > 1)
                f->head.flags |= RTI_REC_CUT;
}

HANDLER(sendmmsg, 5)
{
        struct message m = {};

        read_message(f->arg[1], &m);
        put_first_result(v, f);
        put_arg_fd(v, 0);
        put_u32(v, (u32) length_of_vectors(m.vectors, m.n_vectors));
        put_vectors(v, m.vectors, m.n_vectors, length_of_first(f));
        put_tuple(v, (s32) f->arg[0], OUTBOUND, m.name);
}

HANDLER(recvmmsg, 6)
{
        struct message m = {};

        read_message(f->arg[1], &m);
        put_first_result(v, f);
        put_arg_fd(v, 0);
        put_u32(v, (u32) length_of_vectors(m.vectors, m.n_vectors));
        put_vectors(v, m.vectors, m.n_vectors, length_of_first(f));
        if (f->result >= 0) {
                put_tuple(v, (s32) f->arg[0], INBOUND, m.name);
                put_control(v, &m);
        } else {
                put_empty(v);
                put_empty(v);
        }
}

HANDLER(shutdown, 3)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_u8(v, (u8) f->arg[1]);
}

HANDLER(socketpair, 8)
{
        const bool made = f->result == 0;
        const s32 first = made ? read_user(s32, f->arg[3]) : -1;
        const s32 second = made ? read_user(s32, f->arg[3] + 4) : -1;
        struct unix_sock *source = made ? (struct unix_sock *) sock_of(f, first) : NULL;

        put_result(v);
        put_u64(v, (u64) (s64) first);
        note_fd(v, second);
        put_u64(v, (u64) (s64) second);
        put_u64(v, (u64) source);
        put_u64(v, source ? (u64) BPF_CORE_READ(source, peer) : 0);
        put_arg32(v, 0);
        put_arg32(v, 1);
        put_arg32(v, 2);
}

/* ---- options ---- */

enum { DYN_BYTES, DYN_ERRNO, DYN_U32, DYN_U64, DYN_TIME };

/* A selector, then the value as that type. */
inlined void
put_option_value(struct values *v, u64 level, u64 option, u64 address, u64 len)
{
        u8 *to = place(v);
        u64 n = len;

        from_user(v);
        if (level == 1 && option == 4) { /* SO_ERROR */
                to[0] = DYN_ERRNO;
                *(u64 *) (to + 1) = (u64) - (s64) read_user(s32, address);
                took(v, 9);
        } else if (level == 1 && (option == 20 || option == 21)) { /* SO_RCVTIMEO, SO_SNDTIMEO */
                to[0] = DYN_TIME;
                *(u64 *) (to + 1) = address ? read_user(u64, address) * 1000000000ULL
                                                      + read_user(u64, address + 8) * 1000ULL
                                            : 0;
                took(v, 9);
        } else if (level == 1 && option == 57) { /* SO_COOKIE */
                to[0] = DYN_U64;
                *(u64 *) (to + 1) = read_user(u64, address);
                took(v, 9);
        } else if (level == 1 && len == 4) {
                to[0] = DYN_U32;
                *(u32 *) (to + 1) = read_user(u32, address);
                took(v, 5);
        } else {
                if (n > shared.conf.snaplen)
                        n = shared.conf.snaplen;
                n &= mask_of(MOST_DATA);
                to[0] = DYN_BYTES;
                if (!address || n == 0
                    || bpf_probe_read_user(to + 1, (u32) n, (const void *) address) < 0)
                        n = 0;
                took(v, (u32) n + 1);
        }
}

inlined void
put_option(struct values *v, struct frame *f, u64 len)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_u8(v, socket_level(f->arg[1]));
        put_u8(v, f->arg[1] == 1 ? socket_option(f->arg[2]) : 0);
        put_option_value(v, (u32) f->arg[1], (u32) f->arg[2], f->arg[3], len);
        put_u32(v, (u32) len);
}

HANDLER(setsockopt, 6)
{
        put_option(v, f, (u32) f->arg[4]);
}

HANDLER(getsockopt, 6)
{
        put_option(v, f, f->arg[4] ? read_user(u32, f->arg[4]) : 0);
}

#endif
