/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hosts.c - which names lead to which addresses, as somebody who may ask told it.
 *
 * in    the data of a "hosts" event: lines "NAME ADDRESS"; each list replaces the one before
 *
 * Nothing is asked from here: judging events never waits for a network.
 */
#include "sources/syscall/state/parts.h"
#include <arpa/inet.h>

enum { MOST_HOSTS = 4096, ADDRESS_ROOM = 64 };

static void
forget(rti_state *state)
{
        for (size_t i = 0; i < state->hosts.n; i++)
                rti_text_unref(&state->pool, state->hosts.at[i].name);
        state->hosts.n = 0;
}

/* RT_EFORMAT: no address. */
static int
learn(rti_state *state, rt_str name, rt_str address)
{
        char text[ADDRESS_ROOM];
        rti_host host = { 0 };
        int r;

        if (address.len >= sizeof text)
                return RT_EFORMAT;
        memcpy(text, address.ptr, address.len);
        text[address.len] = '\0';
        if (inet_pton(AF_INET, text, host.address) == 1)
                host.family = 4;
        else if (inet_pton(AF_INET6, text, host.address) == 1)
                host.family = 16;
        else
                return RT_EFORMAT;
        r = rti_text_set(&state->pool, &host.name, name);
        if (r == RT_OK)
                r = rti_vec_push(&state->hosts, state->allocator, host, MOST_HOSTS);
        if (r < 0)
                rti_text_unref(&state->pool, host.name);
        return r;
}

int
rti_hosts_learn(rti_state *state, rt_str data)
{
        int r = RT_OK;

        forget(state);
        while (data.len && r != RT_ENOMEM && r != RT_ELIMIT) {
                const char *end = memchr(data.ptr, '\n', data.len);
                const size_t n = end ? (size_t) (end - data.ptr) : data.len;
                const char *blank = memchr(data.ptr, ' ', n);
                const size_t at = blank ? (size_t) (blank - data.ptr) : n;

                if (blank)
                        r = learn(state, rti_str_sub(data, 0, at), rti_str_sub(data, at + 1, n));
                data = rti_str_sub(data, n + (end != NULL), data.len);
        }
        return r == RT_EFORMAT ? RT_OK : r;
}

rt_str
rti_hosts_find(const rti_state *state, const uint8_t *address, size_t family, size_t *at)
{
        for (; *at < state->hosts.n; ++*at) {
                const rti_host *host = &state->hosts.at[*at];

                if (host->family == family && memcmp(host->address, address, family) == 0)
                        return rti_text_str(state->hosts.at[(*at)++].name);
        }
        return (rt_str){ NULL, 0 };
}
