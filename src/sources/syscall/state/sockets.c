/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sockets.c - what events tell about sockets: their kind, ends, role and name.
 *
 *   in   an event whose thread is known
 *   out  its socket made or brought up to date; the event's fd_num and fd
 *
 * A name is printed only when an end has changed: most transfers repeat what is known.
 */
#include "sources/syscall/state/fd_parts.h"
#include "sources/syscall/state/net.h"
#include <assert.h>

enum { ROLES = RTI_FDM_ROLE_CLIENT | RTI_FDM_ROLE_SERVER };

void
rti_fd_swap_ends(rti_fd *fd)
{
        const rti_ends was = fd->ends.ip;
        rti_ends *ends = &fd->ends.ip;

        memcpy(ends->source, was.dest, sizeof ends->source);
        memcpy(ends->dest, was.source, sizeof ends->dest);
        ends->source_port = was.dest_port;
        ends->dest_port = was.source_port;
}

bool
rti_ends_agree(const rti_ends *a, const rti_ends *b)
{
        if (memcmp(a, b, sizeof *a) == 0)
                return true;
        return a->source_port == b->dest_port && a->dest_port == b->source_port
               && memcmp(a->source, b->dest, sizeof a->source) == 0
               && memcmp(a->dest, b->source, sizeof a->dest) == 0;
}

static_assert(sizeof(rti_ends) == 36, "ends have no padding: they are compared as bytes");

static void
rename_by_ends(rti_state *state, rti_sysevt *evt, rti_fd *fd)
{
        char name[RTI_TUPLE_ROOM];
        const size_t n = fd->kind == RTI_FD_IPV4_SOCK ? rti_print_ends4(name, &fd->ends.ip)
                                                      : rti_print_ends6(name, &fd->ends.ip);

        rti_fd_rename(state, evt, fd, (rt_str){ name, n });
}

static void
rename_by_tuple(rti_state *state, rti_sysevt *evt, rti_fd *fd, rt_str tuple)
{
        char name[RTI_TUPLE_ROOM];

        rti_fd_rename(state, evt, fd, (rt_str){ name, rti_print_tuple(name, tuple) });
}

/* Take over kind and ends. False: they are known, in this order or the other. */
static bool
take_ends(rti_fd *fd, const rti_tuple *tuple)
{
        const bool known = fd->kind == tuple->kind;

        fd->kind = tuple->kind;
        if (tuple->kind == RTI_FD_UNIX_SOCK) {
                fd->ends.un.source = tuple->source;
                fd->ends.un.dest = tuple->dest;
                return true;
        }
        if (known && rti_ends_agree(&fd->ends.ip, &tuple->ip))
                return false;
        fd->ends.ip = tuple->ip;
        return true;
}

/* ---- socket, socketpair ---- */

static uint8_t
l4_of(uint32_t type, uint32_t protocol)
{
        enum { STREAM = 1, DGRAM = 2, RAW = 3, TYPE_BITS = 0xff };
        enum { IP = 0, ICMP = 1, TCP = 6, UDP = 17, RAW_IP = 255 };

        type &= TYPE_BITS;
        if (type == RAW && (protocol == TCP || protocol == UDP || protocol == ICMP))
                return RTI_L4_RAW;
        switch (protocol) {
        case TCP:
                return RTI_L4_TCP;
        case UDP:
                return RTI_L4_UDP;
        case ICMP:
                return RTI_L4_ICMP;
        case RAW_IP:
                return RTI_L4_RAW;
        case IP:
                return type == STREAM  ? RTI_L4_TCP
                       : type == DGRAM ? RTI_L4_UDP
                       : type == RAW   ? RTI_L4_RAW
                                       : RTI_L4_UNKNOWN;
        default:
                return RTI_L4_UNKNOWN;
        }
}

static uint8_t
kind_of_domain(uint32_t domain)
{
        switch (domain) {
        case RTI_AF_UNIX:
                return RTI_FD_UNIX_SOCK;
        case RTI_AF_INET:
                return RTI_FD_IPV4_SOCK;
        case RTI_AF_INET6:
                return RTI_FD_IPV6_SOCK;
        case RTI_AF_NETLINK:
                return RTI_FD_NETLINK;
        default:
                return RTI_FD_UNKNOWN;
        }
}

void
rti_fd_socket(rti_state *state, rti_sysevt *evt)
{
        enum { DOMAIN = 1, TYPE = 2, PROTOCOL = 3, FLAGS = 4 };
        int64_t num;
        rti_fd *fd;

        rti_fd_set_current(evt, -1);
        if (!rti_fd_result(evt, &num))
                return;
        fd = rti_fd_make(state, evt, num, kind_of_domain(rti_arg_u32(evt, DOMAIN, UINT32_MAX)));
        if (!fd)
                return;
        if (rti_fd_is_inet(fd))
                fd->l4 = l4_of(rti_arg_u32(evt, TYPE, 0), rti_arg_u32(evt, PROTOCOL, 0));
        rti_fd_mark(fd, RTI_FDM_CLOEXEC, rti_arg_uint(evt, FLAGS) & RTI_O_CLOEXEC);
}

void
rti_fd_socketpair(rti_state *state, rti_sysevt *evt)
{
        enum { FIRST = 1, SECOND = 2, SOURCE = 3, PEER = 4 };
        int64_t result;

        rti_fd_set_current(evt, -1);
        if (!rti_fd_result(evt, &result))
                return;
        for (uint32_t i = FIRST; i <= SECOND; i++) {
                const int64_t num = rti_arg_i64(evt, i, -1);
                rti_fd *fd = num < 0 ? NULL : rti_fd_make(state, evt, num, RTI_FD_UNIX_SOCK);

                if (!fd)
                        continue;
                fd->ends.un.source = rti_arg_uint(evt, SOURCE);
                fd->ends.un.dest = rti_arg_uint(evt, PEER);
        }
}

/* ---- bind, connect, accept ---- */

void
rti_fd_bind(rti_state *state, rti_sysevt *evt)
{
        enum { ADDRESS = 1 };
        const rt_str param = rti_arg(evt, ADDRESS);
        char name[RTI_TUPLE_ROOM];
        rti_tuple address;
        int64_t result;
        rti_fd *fd;

        rti_fd_find_current(state, evt);
        fd = evt->fd;
        if (!fd || param.len == 0 || !rti_fd_result(evt, &result))
                return;
        if (rti_sockaddr_of(param, &address) && address.ip.dest_port) {
                fd->kind =
                        address.kind == RTI_FD_IPV4_SOCK ? RTI_FD_IPV4_SERVER : RTI_FD_IPV6_SERVER;
                fd->ends.ip = (rti_ends){ .source_port = address.ip.dest_port };
                memcpy(fd->ends.ip.source, address.ip.dest, sizeof address.ip.dest);
                fd->marks = (uint16_t) ((fd->marks & ~ROLES) | RTI_FDM_ROLE_SERVER);
        }
        rti_fd_rename(state, evt, fd, (rt_str){ name, rti_print_sockaddr(name, param) });
}

/* The enter half knows where to, when the exit does not know from where. */
static void
connect_to(rti_state *state, rti_sysevt *evt, rti_fd *fd)
{
        enum { ADDRESS = 1 };
        char name[RTI_TUPLE_ROOM];
        rti_tuple address;
        rt_str param;

        if (!evt->enter || evt->enter_type != RTI_EV_SOCKET_CONNECT_E || evt->n_enter <= ADDRESS)
                return;
        param = evt->enter[ADDRESS];
        if (!rti_sockaddr_of(param, &address))
                return;
        if (address.kind == RTI_FD_UNIX_SOCK) {
                fd->kind = address.kind;
                rti_fd_rename(state, evt, fd, (rt_str){ name, rti_print_sockaddr(name, param) });
        } else {
                if (fd->kind == address.kind) { /* the source stays */
                        memcpy(address.ip.source, fd->ends.ip.source, sizeof address.ip.source);
                        address.ip.source_port = fd->ends.ip.source_port;
                }
                take_ends(fd, &address);
                rename_by_ends(state, evt, fd);
        }
        if (!(fd->marks & ROLES))
                rti_fd_mark(fd, RTI_FDM_ROLE_CLIENT, true);
}

void
rti_fd_connect(rti_state *state, rti_sysevt *evt)
{
        enum { TUPLE = 1, IN_PROGRESS = -115 };
        const rt_str param = rti_arg(evt, TUPLE);
        rti_tuple tuple;
        int64_t result;
        rti_fd *fd;

        rti_fd_find_current(state, evt);
        fd = evt->fd;
        if (!fd || !rti_sysevt_result(evt, &result) || (result < 0 && result != IN_PROGRESS))
                return;
        rti_fd_mark(fd, RTI_FDM_CONNECTED, true);
        if (!rti_tuple_of(param, &tuple)) {
                connect_to(state, evt, fd);
                return;
        }
        if (tuple.kind == RTI_FD_UNIX_SOCK) {
                take_ends(fd, &tuple);
                rename_by_tuple(state, evt, fd, param);
        } else {
                /* A datagram server that connects is still the one that is asked. */
                if (take_ends(fd, &tuple) && fd->marks & RTI_FDM_ROLE_SERVER
                    && fd->l4 == RTI_L4_UDP)
                        rti_fd_swap_ends(fd);
                rename_by_ends(state, evt, fd);
        }
        if (!(fd->marks & ROLES))
                rti_fd_mark(fd, RTI_FDM_ROLE_CLIENT, true);
}

void
rti_fd_accept(rti_state *state, rti_sysevt *evt)
{
        enum { TUPLE = 1 };
        const rt_str param = rti_arg(evt, TUPLE);
        rti_tuple tuple;
        int64_t num;
        rti_fd *fd;

        rti_fd_set_current(evt, -1);
        if (!rti_fd_result(evt, &num))
                return;
        rti_fd_set_current(evt, num);
        if (!rti_tuple_of(param, &tuple))
                return;
        fd = rti_fd_make(state, evt, num, tuple.kind);
        if (!fd)
                return;
        take_ends(fd, &tuple);
        if (tuple.kind != RTI_FD_UNIX_SOCK) {
                fd->l4 = RTI_L4_TCP;
                fd->ends.ip = tuple.ip;
        }
        fd->marks = RTI_FDM_ROLE_SERVER | RTI_FDM_CONNECTED;
        rename_by_tuple(state, evt, fd, param);
}

/* ---- send and receive ---- */

static const struct transfer {
        uint16_t type;
        bool sends;
        uint8_t tuple;
} transfers[] = {
        { RTI_EV_SOCKET_SEND_X, true, 4 },     { RTI_EV_SOCKET_SENDTO_X, true, 4 },
        { RTI_EV_SOCKET_SENDMSG_X, true, 4 },  { RTI_EV_SOCKET_SENDMMSG_X, true, 4 },
        { RTI_EV_SOCKET_RECV_X, false, 4 },    { RTI_EV_SOCKET_RECVFROM_X, false, 2 },
        { RTI_EV_SOCKET_RECVMSG_X, false, 3 }, { RTI_EV_SOCKET_RECVMMSG_X, false, 4 },
};

static bool
has_port(const rti_fds *fds, uint16_t port, bool own)
{
        uint32_t at = 0;

        for (const rti_fd *fd; (fd = rti_fds_next(fds, &at));) {
                if (fd->kind == RTI_FD_IPV4_SOCK
                    && (own ? fd->ends.ip.source_port : fd->ends.ip.dest_port) == port)
                        return true;
                if (!own && fd->kind == RTI_FD_IPV4_SERVER && fd->ends.ip.source_port == port)
                        return true;
        }
        return false;
}

/* Who owns the port that is spoken to serves. Where the process has both ports, as it always has
 * through the very socket when that is an IPv4 one, who speaks first is the client. */
static void
guess_role(const rti_sysevt *evt, rti_fd *fd, bool sends)
{
        const rti_fds *fds = rti_thread_fds(evt->thread);
        const rti_ends *ends = &fd->ends.ip;
        bool serves = false;

        if (has_port(fds, ends->dest_port, false))
                serves = !has_port(fds, ends->source_port, true) || !sends;
        rti_fd_mark(fd, serves ? RTI_FDM_ROLE_SERVER : RTI_FDM_ROLE_CLIENT, true);
}

/* A datagram's ends, as the client has them. */
static void
update_ends(rti_state *state, rti_sysevt *evt, const rti_tuple *tuple, bool sends)
{
        rti_fd *fd = evt->fd;

        if (!take_ends(fd, tuple))
                return;
        if (fd->l4 == RTI_L4_UNKNOWN)
                fd->l4 = RTI_L4_UDP; /* TCP does not change its ends */
        rti_fd_complete(state, fd);
        if (!(fd->marks & ROLES))
                guess_role(evt, fd, sends);
        if (fd->marks & (sends ? RTI_FDM_ROLE_SERVER : RTI_FDM_ROLE_CLIENT))
                rti_fd_swap_ends(fd);
        rename_by_ends(state, evt, fd);
}

void
rti_fd_transfer(rti_state *state, rti_sysevt *evt)
{
        const struct transfer *transfer = transfers;
        rti_tuple tuple;
        int64_t result;
        rt_str param;

        rti_fd_find_current(state, evt);
        while (transfer->type != evt->type)
                transfer++;
        param = rti_arg(evt, transfer->tuple);
        if (param.len == 0 || !rti_fd_result(evt, &result) || !rti_tuple_of(param, &tuple))
                return;
        if (!evt->fd && transfer->sends && tuple.kind != RTI_FD_UNIX_SOCK && evt->fd_num >= 0) {
                if (!rti_fd_make(state, evt, evt->fd_num, tuple.kind))
                        return;
                evt->fd->l4 = RTI_L4_UDP;
                rti_fd_note_transfer(evt);
        }
        if (!evt->fd || (evt->fd->name && rti_fd_l4(evt->fd) == RTI_L4_TCP))
                return;
        if (tuple.kind != RTI_FD_UNIX_SOCK) {
                update_ends(state, evt, &tuple, transfer->sends);
        } else if (take_ends(evt->fd, &tuple)) {
                rename_by_tuple(state, evt, evt->fd, param);
        }
}
