/* SPDX-License-Identifier: Apache-2.0 */
/*
 * socket.c - the two ends of a socket: who is client, which end is this machine's.
 *
 * A connection is listed as source and destination. Without a known role the reference shows
 * neither end. An end is local if one of the machine's interfaces, or the container, has its
 * address.
 */
#include "sources/syscall/fields/parts.h"

enum { ROLES = RTI_FDM_ROLE_CLIENT | RTI_FDM_ROLE_SERVER };

/* Is it the address of the container that the event's thread runs in? */
static bool
is_of_container(const rti_sys *sys, const uint8_t *address)
{
        const rti_containers *containers = &sys->state.containers;
        const uint32_t row = sys->evt.thread->container;
        char text[RTI_TUPLE_ROOM];

        if (row >= containers->rows.n || !containers->rows.at[row].facts)
                return false;
        return rti_str_eq((rt_str){ text, rti_print_ip4(text, address) },
                          containers->rows.at[row].facts->ip);
}

/* The reference knows no IPv6 inside containers, and takes a whole network for local. */
static bool
is_local(const rti_sys *sys, const rti_fd *fd, const uint8_t *address)
{
        const bool ip6 = rti_fd_is_ip6(fd);
        const size_t family = ip6 ? 16 : 4, compared = ip6 ? 8 : 4;

        if (ip6 && sys->evt.thread->container_id)
                return false;
        if (!ip6 && is_of_container(sys, address))
                return true;
        for (size_t i = 0; i < sys->state.interfaces.n; i++) {
                const rti_interface *interface = &sys->state.interfaces.at[i];

                if (interface->family == family
                    && memcmp(interface->address, address, compared) == 0)
                        return true;
        }
        return false;
}

bool
rti_fd_has_role(const rti_fd *fd)
{
        return (fd->marks & ROLES) != 0;
}

bool
rti_fd_is_server(const rti_sys *sys, const rti_fd *fd)
{
        if (rti_fd_is_listening(fd))
                return true;
        return rti_fd_is_inet(fd) && is_local(sys, fd, fd->ends.ip.dest);
}

bool
rti_fd_end(const rti_sys *sys, const rti_fd *fd, enum rti_end end, const uint8_t **ret_address,
           uint16_t *ret_port)
{
        bool source;

        if (rti_fd_is_listening(fd) && end == RTI_END_SERVER)
                source = true;
        else if (!rti_fd_is_inet(fd) || !rti_fd_has_role(fd))
                return false;
        else if (end == RTI_END_CLIENT || end == RTI_END_SERVER)
                source = end == RTI_END_CLIENT;
        else
                source = is_local(sys, fd, fd->ends.ip.source) == (end == RTI_END_LOCAL);
        *ret_address = source ? fd->ends.ip.source : fd->ends.ip.dest;
        *ret_port = source ? fd->ends.ip.source_port : fd->ends.ip.dest_port;
        return true;
}
