/* SPDX-License-Identifier: Apache-2.0 */
/*
 * socket.c - the two ends of a socket: who is client, which end is this machine's.
 *
 * A connection is listed as source and destination. Without a known role the reference shows
 * neither end. An end is local if one of the machine's interfaces has its address.
 */
#include "sources/syscall/fields/parts.h"

enum { ROLES = RTI_FDM_ROLE_CLIENT | RTI_FDM_ROLE_SERVER };

static bool
is_local(const rti_state *state, const rti_fd *fd, const uint8_t *address)
{
        const uint8_t bytes = rti_fd_is_ip6(fd) ? 16 : 4;

        for (size_t i = 0; i < state->interfaces.n; i++) {
                const rti_interface *interface = &state->interfaces.at[i];

                if (interface->family == bytes && memcmp(interface->address, address, bytes) == 0)
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
rti_fd_is_server(const rti_state *state, const rti_fd *fd)
{
        if (rti_fd_is_listening(fd))
                return true;
        return rti_fd_is_inet(fd) && is_local(state, fd, fd->ends.ip.dest);
}

bool
rti_fd_end(const rti_state *state, const rti_fd *fd, enum rti_end end, const uint8_t **ret_address,
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
                source = is_local(state, fd, fd->ends.ip.source) == (end == RTI_END_LOCAL);
        *ret_address = source ? fd->ends.ip.source : fd->ends.ip.dest;
        *ret_port = source ? fd->ends.ip.source_port : fd->ends.ip.dest_port;
        return true;
}
