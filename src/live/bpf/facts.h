/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * facts.h - what the kernel knows of the descriptor that an event is about: the last steps of every
 * call's record.
 *
 * The entry is that of the capture's descriptor lists:
 *
 *      i64 pid | u32 length | i64 fd | u64 inode | u8 kind | what the kind has
 *
 * where length counts from itself on. Sockets: the local end is the source.
 */
#ifndef RTI_BPF_FACTS_H
#define RTI_BPF_FACTS_H

#include "finish.h"
#include "flags.h"
#include "kinds.h"

#pragma pack(push, 1)
struct fact {
        s64 pid;
        u32 len;
        s64 fd;
        u64 ino;
        u8 kind;
        u8 rest[];
};
#pragma pack(pop)

enum {
        FACT_LEN_AT = 8,        /* the length counts from here */
        SET_BY_KERNEL = 1 << 11 /* O_LARGEFILE, which no 64-bit program asks for */
};

inlined struct fact *
fact_of(struct frame *f)
{
        return (struct fact *) &f->body[f->at & mask_of(BODY_ROOM)];
}

/* Texts: u16 length, bytes without a NUL. The length with the u16 is returned. */

/* The path of the file that was seen, @a skip bytes behind the entry's kind. */
inlined u32
add_path(struct frame *f, u8 *to, u32 skip)
{
        const u32 at = f->at + (u32) sizeof(struct fact) + skip + 2;

        write_path(f, at, CURRENT_TASK(), f->file.in, f->file.at);
        *(u16 *) to = (u16) (f->path_len - 1);
        return (f->path_len & mask_of(2 * LONGEST_PATH)) + 1;
}

inlined u32
add_text(u8 *to, const void *text)
{
        const long n = bpf_probe_read_kernel_str(to + 2, 256, text);
        const u32 len = n > 0 ? ((u32) n & 511) - 1 : 0;

        *(u16 *) to = (u16) len;
        return len + 2;
}

/* ---- files ---- */

/* The name of what has no path: memfds by what they were made with, the others have none. */
inlined u32
add_name(u8 *to, u8 kind, struct dentry *at)
{
        if (kind == KIND_MEMFD)
                return add_text(to, BPF_CORE_READ(at, d_name.name) + sizeof("memfd:") - 1);
        if (kind == KIND_UNSUPPORTED)
                return add_text(to, BPF_CORE_READ(at, d_name.name));
        *(u16 *) to = 0;
        return 2;
}

/* So many bytes behind the entry's kind. */
inlined u32
add_file(struct frame *f, struct fact *fact)
{
        const bool v2 = fact->kind == KIND_FILE_V2;
        u32 len = v2 ? 4 : 0;
        u8 *to = fact->rest + len;

        if (v2)
                *(u32 *) fact->rest = open_flags(f->file.flags) & ~SET_BY_KERNEL;
        if (is_nameless(&f->file))
                len += add_name(to, fact->kind, f->file.at);
        else
                len += add_path(f, to, len);
        if (v2) {
                f->list_at = len;
                *(u32 *) &f->body[(f->at + sizeof *fact + f->list_at) & mask_of(BODY_ROOM)] =
                        f->file.dev;
                len += 4;
        }
        return len;
}

/* ---- sockets ---- */

enum { L4_UNKNOWN = 0, L4_TCP = 2, L4_UDP = 3, L4_ICMP = 4, L4_RAW = 5 };

inlined u8
protocol_of(struct sock *sk)
{
        if (BPF_CORE_READ(sk, sk_type) == TYPE_RAW)
                return L4_RAW;
        switch (BPF_CORE_READ(sk, sk_protocol)) {
        case 6:
                return L4_TCP;
        case 17:
                return L4_UDP;
        case 1:
        case 58:
                return L4_ICMP;
        default:
                return L4_UNKNOWN;
        }
}

/* Addresses first, then ports: unlike a tuple. */
inlined u32
add_ip_ends(u8 *to, struct sock *sk, u16 family, bool both)
{
        const u32 n = address_len(family);
        struct end local = {}, remote = {};

        local_end(sk, family, &local);
        if (!both) {
                write_end(to, family, &local);
                to[n + 2] = protocol_of(sk);
                return n + 3;
        }
        remote_end(sk, family, &remote);
        write_end(to, family, &local);
        write_end(to + n, family, &remote); /* over the port */
        *(u16 *) (to + 2 * n) = local.port;
        *(u16 *) (to + 2 * n + 2) = remote.port;
        to[2 * n + 4] = protocol_of(sk);
        return 2 * n + 5;
}

inlined u32
add_socket(struct fact *fact, struct sock *sk)
{
        struct unix_sock *un = (struct unix_sock *) sk;
        u8 *to = fact->rest;
        u32 n;

        switch (fact->kind) {
        case KIND_IPV4_SOCK:
                return add_ip_ends(to, sk, FAMILY_IPV4, true);
        case KIND_IPV4_SERVER:
                return add_ip_ends(to, sk, FAMILY_IPV4, false);
        case KIND_IPV6_SOCK:
                return add_ip_ends(to, sk, FAMILY_IPV6, true);
        case KIND_IPV6_SERVER:
                return add_ip_ends(to, sk, FAMILY_IPV6, false);
        case KIND_UNIX_SOCK:
                *(u64 *) to = (u64) sk;
                *(u64 *) (to + 8) = (u64) BPF_CORE_READ(un, peer);
                n = copy_unix_name(sk, to + 18);
                *(u16 *) (to + 16) = (u16) (n - 1);
                return 17 + n;
        case KIND_NETLINK:
                *(u16 *) to = 0;
                return 2;
        default:
                return 0;
        }
}

/* ---- the steps ---- */

/* The last step of each call's record, or the last but one. */
ON_SYS_EXIT int
on_finish(void *ctx)
{
        const struct rti_live_call *call;
        struct frame *f = get_frame();

        if (!f)
                return 0;
        call = &shared.calls[f->head.nr & mask_of(RTI_LIVE_CALLS)];
        if ((call->flags & RTI_CALL_FD_FACTS) && see_fd(f, f->fact_fd)) {
                bpf_tail_call(ctx, &steps, SLOT_FACTS);
                return lose(f);
        }
        write_record(f);
        return 0;
}

/* The entry goes behind the values. */
ON_SYS_EXIT int
on_facts(void *ctx __attribute__((unused)))
{
        struct frame *f = get_frame();
        struct fact *fact;
        u32 len;

        if (!f)
                return 0;
        fact = fact_of(f);
        fact->pid = f->head.pid;
        fact->fd = f->fact_fd;
        fact->ino = f->file.ino;
        fact->kind = kind_of_fd(f);
        len = (f->file.inode_mode & MODE_KIND) == MODE_SOCKET
                      ? add_socket(fact, sock_of_file(&f->file))
                      : add_file(f, fact);
        fact->len = (u32) sizeof *fact - FACT_LEN_AT + len;
        f->head.facts_len = fact->len + FACT_LEN_AT;
        write_record(f);
        return 0;
}

#endif
