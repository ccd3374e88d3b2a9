/* SPDX-License-Identifier: Apache-2.0 */
/*
 * interfaces.c - the address that a socket has which says it has none.
 *
 * A datagram sent from 0.0.0.0 leaves with the address of the interface it takes. Which one that is
 * is guessed from the other end and the machine's interfaces, as the reference does it.
 */
#include "sources/syscall/state/fd_parts.h"

static const uint8_t nowhere[16];

static bool
is_loopback(const uint8_t *address, size_t bytes)
{
        static const uint8_t loopback4[4] = { 127, 0, 0, 1 };
        static const uint8_t loopback6[16] = { [15] = 1 };

        return memcmp(address, bytes == 4 ? loopback4 : loopback6, bytes) == 0;
}

static bool
same_subnet(const rti_interface *interface, const uint8_t *address)
{
        if (interface->family != 4)
                return memcmp(interface->address, address, 8) == 0;
        for (int i = 0; i < 4; i++)
                if ((interface->address[i] ^ address[i]) & interface->mask[i])
                        return false;
        return true;
}

enum preference { SAME_ADDRESS, SAME_SUBNET, NOT_LOOPBACK, N_PREFERENCES };

static bool
suits(const rti_interface *interface, const uint8_t *other, enum preference preference)
{
        switch (preference) {
        case SAME_ADDRESS:
                return memcmp(interface->address, other, interface->family) == 0;
        case SAME_SUBNET:
                return same_subnet(interface, other);
        case NOT_LOOPBACK:
        case N_PREFERENCES:
                break;
        }
        return !is_loopback(interface->address, interface->family);
}

static const uint8_t *
choose(const rti_state *state, const uint8_t *other, size_t bytes)
{
        for (enum preference p = SAME_ADDRESS; p < N_PREFERENCES; p++)
                for (size_t i = 0; i < state->interfaces.n; i++) {
                        const rti_interface *interface = &state->interfaces.at[i];

                        if (interface->family == bytes && suits(interface, other, p))
                                return interface->address;
                }
        return NULL;
}

void
rti_fd_complete(const rti_state *state, rti_fd *fd)
{
        const size_t bytes = fd->kind == RTI_FD_IPV4_SOCK ? 4 : 16;
        rti_ends *ends = &fd->ends.ip;
        uint8_t *missing = ends->source, *other = ends->dest;
        const uint8_t *address;

        if (memcmp(missing, nowhere, bytes) != 0) {
                missing = ends->dest;
                other = ends->source;
                if (memcmp(missing, nowhere, bytes) != 0)
                        return;
        }
        address = choose(state, other, bytes);
        if (!address)
                return;
        if (ends->source_port == ends->dest_port && memcmp(address, other, bytes) == 0)
                return;
        memcpy(missing, address, bytes);
}
