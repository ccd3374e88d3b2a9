/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* sockets.h - addresses: of the kernel's sockets, and as programs pass them. */
#ifndef RTI_BPF_SOCKETS_H
#define RTI_BPF_SOCKETS_H

#include "files.h"
#include <bpf/bpf_endian.h>

enum { PATH_OF_UNIX = 108 };

/* The kernel's socket behind the file that was seen, NULL: it is none. */
inlined struct sock *
sock_of_file(const struct seen_file *s)
{
        struct socket *socket = (struct socket *) s->private_data;

        return (s->inode_mode & MODE_KIND) == MODE_SOCKET ? BPF_CORE_READ(socket, sk) : NULL;
}

inlined struct sock *
sock_of(struct frame *f, s32 fd)
{
        return see_fd(f, fd) ? sock_of_file(&f->file) : NULL;
}

inlined u16
family_of(struct sock *sk)
{
        return sk ? BPF_CORE_READ(sk, __sk_common.skc_family) : 0;
}

/* ---- ends ---- */

/* As programs pass them; those of the kernel are brought into the same shape. */
struct end {
        u16 port; /* the host's order */
        u8 address[16];
};

inlined void
local_end(struct sock *sk, u16 family, struct end *e)
{
        struct inet_sock *inet = (struct inet_sock *) sk;

        e->port = bpf_ntohs(BPF_CORE_READ(inet, inet_sport));
        if (family == FAMILY_IPV4) {
                *(u32 *) e->address = BPF_CORE_READ(inet, inet_saddr);
        } else {
                struct ipv6_pinfo *six = BPF_CORE_READ(inet, pinet6);

                bpf_probe_read_kernel(e->address, 16, &six->saddr);
        }
}

inlined void
remote_end(struct sock *sk, u16 family, struct end *e)
{
        e->port = bpf_ntohs(BPF_CORE_READ(sk, __sk_common.skc_dport));
        if (family == FAMILY_IPV4)
                *(u32 *) e->address = BPF_CORE_READ(sk, __sk_common.skc_daddr);
        else
                bpf_probe_read_kernel(e->address, 16, &sk->__sk_common.skc_v6_daddr);
}

/* The program's sockaddr of that family at @a address. */
inlined void
user_end(u64 address, u16 family, struct end *e)
{
        e->port = bpf_ntohs(read_user(u16, address + 2));
        if (family == FAMILY_IPV4)
                bpf_probe_read_user(e->address, 4, (const void *) (address + 4));
        else
                bpf_probe_read_user(e->address, 16, (const void *) (address + 8));
}

/* Bytes of an address of that family. */
#define address_len(family) ((family) == FAMILY_IPV4 ? 4U : 16U)

/* address, port */
inlined u8 *
write_end(u8 *to, u16 family, const struct end *e)
{
        if (family == FAMILY_IPV4)
                __builtin_memcpy(to, e->address, 4);
        else
                __builtin_memcpy(to, e->address, 16);
        to += address_len(family);
        *(u16 *) to = e->port;
        return to + 2;
}

/* ---- sockaddr ---- */

inlined void
put_unix_address(struct values *v, u64 address, u64 len)
{
        u8 *to = place(v);
        u64 n = len > 2 ? len - 2 : 0;
        long got;

        /* An abstract name begins with a NUL, which is left out. */
        if (n > 0 && read_user(u8, address + 2) == 0) {
                address++;
                n--;
        }
        if (n >= PATH_OF_UNIX)
                n = PATH_OF_UNIX;
        to[0] = FAMILY_UNIX;
        to[1] = 0;
        got = bpf_probe_read_user_str(to + 1, (u32) (n + 1) & 127, (const void *) (address + 2));
        took(v, got > 0 ? ((u32) got & 127) + 1 : 2);
}

/* What a program passed as an address: of @a len bytes. */
inlined void
put_sockaddr(struct values *v, u64 address, u64 len)
{
        const u16 family = address && len >= 2 ? read_user(u16, address) : 0;
        u8 *to = place(v);
        struct end e = {};

        from_user(v);
        if (family == FAMILY_UNIX) {
                put_unix_address(v, address, len);
                return;
        }
        to[0] = (u8) family;
        if (family == FAMILY_IPV4) {
                user_end(address, FAMILY_IPV4, &e);
                write_end(to + 1, FAMILY_IPV4, &e);
                took(v, 7);
        } else if (family == FAMILY_IPV6) {
                user_end(address, FAMILY_IPV6, &e);
                write_end(to + 1, FAMILY_IPV6, &e);
                took(v, 19);
        } else {
                put_empty(v);
        }
}

/* ---- socktuple ---- */

enum direction { INBOUND, OUTBOUND };

/* Both ends, the sender's first. @a user: an address that the program named, of the other end. */
inlined void
put_ip_tuple(struct values *v, struct sock *sk, u16 family, enum direction direction, u64 user)
{
        struct end local = {}, remote = {};
        u8 *to = place(v);

        local_end(sk, family, &local);
        remote_end(sk, family, &remote);
        if (remote.port == 0 && user && read_user(u16, user) == family) {
                user_end(user, family, &remote);
                from_user(v);
        }
        *to++ = (u8) family;
        to = write_end(to, family, direction == INBOUND ? &remote : &local);
        write_end(to, family, direction == INBOUND ? &local : &remote);
        took(v, 5 + 2 * address_len(family));
}

/* The name that a unix socket is bound to, with its NUL; the length is returned. */
inlined u32
copy_unix_name(struct sock *sk, u8 *to)
{
        struct unix_sock *un = (struct unix_sock *) sk;
        struct unix_address *address = sk ? BPF_CORE_READ(un, addr) : NULL;
        const char *name;
        u8 first = 0;
        long n;

        to[0] = 0;
        if (!address)
                return 1;
        name = (const char *) address + bpf_core_field_offset(struct unix_address, name) + 2;
        bpf_probe_read_kernel(&first, 1, name);
        n = bpf_probe_read_kernel_str(to, PATH_OF_UNIX, first ? name : name + 1);
        return n > 0 ? (u32) n & 127 : 1;
}

inlined void
put_unix_tuple(struct values *v, struct sock *sk, enum direction direction)
{
        struct unix_sock *un = (struct unix_sock *) sk;
        struct sock *peer = BPF_CORE_READ(un, peer);
        u8 *to = place(v);
        u32 n;

        to[0] = FAMILY_UNIX;
        *(u64 *) (to + 1) = (u64) (direction == OUTBOUND ? peer : sk);
        *(u64 *) (to + 9) = (u64) (direction == OUTBOUND ? sk : peer);
        n = copy_unix_name(direction == OUTBOUND ? peer : sk, to + 17);
        took(v, 17 + n);
}

inlined void
put_tuple(struct values *v, s32 fd, enum direction direction, u64 user)
{
        struct sock *sk = sock_of(v->f, fd);
        const u16 family = family_of(sk);

        if (family == FAMILY_IPV4)
                put_ip_tuple(v, sk, FAMILY_IPV4, direction, user);
        else if (family == FAMILY_IPV6)
                put_ip_tuple(v, sk, FAMILY_IPV6, direction, user);
        else if (family == FAMILY_UNIX)
                put_unix_tuple(v, sk, direction);
        else
                put_empty(v);
}

#endif
