/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net.h - addresses inside event parameters, and how they are printed (spec A.6).
 *
 * in    bytes of a sockaddr or socktuple parameter, which may be anything
 * out   both ends as a descriptor keeps them, or text
 */
#ifndef RTI_SYSCALL_NET_H
#define RTI_SYSCALL_NET_H

#include "sources/syscall/state/fd.h"

enum { /* families of addresses in captures */
       RTI_AF_UNSPEC = 0,
       RTI_AF_UNIX = 1,
       RTI_AF_INET = 2,
       RTI_AF_INET6 = 10,
       RTI_AF_NETLINK = 16
};

typedef struct rti_tuple {
        uint8_t kind; /* RTI_FD_*_SOCK; ends that are mapped into IPv6 are IPv4 */
        rti_ends ip;
        uint64_t source, dest; /* of a unix socket */
        rt_str path;
} rti_tuple;

/* False: too short, or of a family without ends. */
bool rti_tuple_of(rt_str param, rti_tuple *ret_tuple);
/* One end, as the destination; the kind is that of a socket connected to it. Nothing is said of
 * a unix socket but its path. */
bool rti_sockaddr_of(rt_str param, rti_tuple *ret_tuple);

/* An IPv4 address inside an IPv6 one, or none at all (::). */
bool rti_ip6_is_mapped(const uint8_t address[16]);
/* An IPv6 socket with two such ends is an IPv4 one. */
void rti_ends_unmap(uint8_t *kind, rti_ends *ends);

#endif
