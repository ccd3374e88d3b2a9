/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mutant.c - makes libruntime-plugin-host err: linked into it in front of what sends messages
 * (-Wl,--wrap), it changes some answers and what they carry. $MUTANT_SEED says how.
 */
#include "falco/isolate/wire.h"
#include <stdlib.h>

enum { MOST_SOCKETS = 64, ONE_IN = 4 };

int __real_rti_fi_send(int socket, const rti_fi_message *message, rt_str line, const int *fds,
                       size_t n_fds);
int __real_rti_fi_channel_join(rti_fi_channel *channel, int socket, int memory);
int __wrap_rti_fi_send(int socket, const rti_fi_message *message, rt_str line, const int *fds,
                       size_t n_fds);
int __wrap_rti_fi_channel_join(rti_fi_channel *channel, int socket, int memory);

static char *areas[MOST_SOCKETS];

static uint32_t
chance(void)
{
        static uint64_t state;

        if (!state)
                state = strtoull(getenv("MUTANT_SEED"), NULL, 10) * 0x9e3779b97f4a7c15 + 1;
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        return (uint32_t) (state >> 16);
}

static uint32_t
odd_number(uint64_t len)
{
        const uint32_t all[] = { 0,
                                 1,
                                 2,
                                 3,
                                 7,
                                 16,
                                 255,
                                 (uint32_t) len,
                                 (uint32_t) len - 1,
                                 (uint32_t) len + 1,
                                 UINT32_MAX,
                                 INT32_MAX,
                                 UINT32_MAX - 7,
                                 chance() };

        return all[chance() % (sizeof all / sizeof *all)];
}

static void
change_area(char *at, uint64_t len)
{
        for (uint32_t n = 1 + chance() % 3; n > 0 && len; n--) {
                const uint64_t place = chance() % len;
                const uint32_t number = odd_number(len);

                if (chance() % 2)
                        at[place] = (char) chance();
                else if (place / 4 * 4 + 4 <= len)
                        memcpy(at + place / 4 * 4, &number, sizeof number);
        }
}

int
__wrap_rti_fi_channel_join(rti_fi_channel *channel, int socket, int memory)
{
        const int r = __real_rti_fi_channel_join(channel, socket, memory);

        if (r == RT_OK && socket < MOST_SOCKETS)
                areas[socket] = channel->out;
        return r;
}

int
__wrap_rti_fi_send(int socket, const rti_fi_message *message, rt_str line, const int *fds,
                   size_t n_fds)
{
        rti_fi_message changed = *message;

        if (message->kind != RTI_FI_LOG && chance() % ONE_IN == 0 && socket < MOST_SOCKETS) {
                change_area(areas[socket], message->len);
                if (chance() % 8 == 0)
                        changed.len = odd_number(changed.len);
                if (chance() % 8 == 0)
                        changed.rc = (int32_t) odd_number(0);
                if (chance() % 8 == 0)
                        changed.flags = odd_number(0);
                if (chance() % 32 == 0)
                        changed.kind = (uint16_t) odd_number(0);
        }
        return __real_rti_fi_send(socket, &changed, line, fds, n_fds);
}
