/* SPDX-License-Identifier: Apache-2.0 */
/* containers.c - containers by cgroups: which are new, and what is told of them when. */
#include "live/containers/containers.h"
#include "sources/syscall/codes.h"
#include "sources/syscall/state/container.h"
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { ROWS = 8192, MOST_ROWS = ROWS / 2, NS_PER_SECOND = 1000000000, NS_PER_MS = 1000000 };

void
live_container_defaults(live_container_options *options)
{
        *options = (live_container_options){
                .root = { [LIVE_DOCKER] = "/var/lib/docker",
                          [LIVE_CONTAINERD] = "/run/containerd",
                          [LIVE_STORAGE] = "/var/lib/containers/storage",
                          [LIVE_RUNC] = "/run/runc" },
                .wait_ms = LIVE_WAIT_MS,
        };
}

int
live_containers_init(live_containers *c, const live_container_options *options, const char *proc)
{
        *c = (live_containers){ .options = *options, .proc = proc };
        c->rows = calloc(ROWS, sizeof *c->rows);
        return c->rows ? RT_OK : RT_ENOMEM;
}

void
live_containers_done(live_containers *c)
{
        free(c->rows);
        *c = (live_containers){ 0 };
}

static uint64_t
hash_of(rt_str text)
{
        uint64_t h = 0xcbf29ce484222325u ^ text.len;

        for (; text.len >= sizeof h; text = rti_str_sub(text, sizeof h, text.len)) {
                uint64_t word;

                memcpy(&word, text.ptr, sizeof word);
                h = (h ^ word) * 0x9e3779b97f4a7c15u;
                h ^= h >> 29;
        }
        for (size_t i = 0; i < text.len; i++)
                h = (h ^ (unsigned char) text.ptr[i]) * 0x100000001b3u;
        return h | 1;
}

/* Made if it is missing; then the table may be emptied for it: all is told again. */
static live_cgroups *
row_of(live_containers *c, uint64_t hash)
{
        uint32_t at;

        if (c->n >= MOST_ROWS) {
                memset(c->rows, 0, ROWS * sizeof *c->rows);
                c->n = 0;
        }
        for (at = (uint32_t) (hash >> 32) % ROWS; c->rows[at].hash; at = (at + 1) % ROWS)
                if (c->rows[at].hash == hash)
                        return &c->rows[at];
        c->rows[at].hash = hash;
        c->n++;
        return &c->rows[at];
}

static bool
is_id_part(char c)
{
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
               || c == '_' || c == '-' || c == '.';
}

size_t
live_container_full_id(rt_str cgroups, rt_str short_id, char ret_id[LIVE_FULL_ID_ROOM])
{
        enum { FULL_ID = 64 };
        const size_t at = rti_str_find(cgroups, short_id);
        size_t n, hex;

        if (at == SIZE_MAX || !short_id.len)
                return 0;
        for (n = 0; at + n < cgroups.len && is_id_part(cgroups.ptr[at + n]); n++)
                ;
        for (hex = 0; hex < n && memchr("0123456789abcdef", cgroups.ptr[at + hex], 16); hex++)
                ;
        if (hex >= FULL_ID)
                n = FULL_ID; /* the rest is ".scope" */
        if (n >= LIVE_FULL_ID_ROOM || cgroups.ptr[at] == '.')
                return 0;
        memcpy(ret_id, cgroups.ptr + at, n);
        ret_id[n] = '\0';
        return n;
}

static uint64_t
now_ns(void)
{
        struct timespec t = { 0 };

        (void) clock_gettime(CLOCK_BOOTTIME, &t);
        return (uint64_t) t.tv_sec * NS_PER_SECOND + (uint64_t) t.tv_nsec;
}

/* Is there anybody whose files could come? */
static bool
is_worth_waiting(const live_containers *c)
{
        for (int i = 0; i < LIVE_RUNTIMES; i++)
                if (c->options.root[i][0] && access(c->options.root[i], R_OK | X_OK) == 0)
                        return true;
        return false;
}

static void
put_json(cap_out *out, const live_sight *sight, const char *json)
{
        const rt_str value = { json, strlen(json) + 1 };
        const size_t block = rti_cap_block_begin(out, CAP_EVENT_LARGE);

        rti_cap_event_put(out, &(cap_event){ .time_ns = sight->time_ns,
                                             .tid = sight->tid,
                                             .cpu = sight->cpu,
                                             .type = RTI_EV_CONTAINER_JSON_2_E,
                                             .n_params = 1,
                                             .params = &value,
                                             .large = true });
        rti_cap_block_end(out, block);
}

/* RT_EAGAIN while the files may still come. */
static int
tell(live_containers *c, live_cgroups *row, const char *full_id, rt_str type,
     const live_sight *sight, cap_out *out)
{
        char *json;
        const int r = live_container_json(&c->options, full_id, type, &json);

        if (r == RT_OK) {
                put_json(out, sight, json);
                free(json);
                row->done = true;
                c->stats.found++;
                return out->failed ? RT_ENOMEM : RT_OK;
        }
        if (r != RT_ENOENT)
                return r;
        if (live_container_metadata && sight->may_wait && c->options.wait_ms) {
                if (!row->until_ns && is_worth_waiting(c)) {
                        row->until_ns = now_ns() + (uint64_t) c->options.wait_ms * NS_PER_MS;
                        c->stats.waited++;
                }
                if (now_ns() < row->until_ns)
                        return RT_EAGAIN;
        }
        row->done = true;
        c->stats.incomplete++;
        return RT_OK;
}

int
live_containers_see(live_containers *c, rt_str cgroups, const live_sight *sight, cap_out *out)
{
        live_cgroups *row = row_of(c, hash_of(cgroups));
        char short_id[RTI_CONTAINER_ID_ROOM], full_id[LIVE_FULL_ID_ROOM];
        rt_str id = { short_id, 0 }, type;
        int r = RT_OK;

        if (row->done && (row->users_done || !sight->settled))
                return RT_OK;
        id.len = rti_container_match(cgroups, short_id, &type);
        if (!id.len || !live_container_full_id(cgroups, id, full_id)) {
                row->done = row->users_done = true;
                return RT_OK;
        }
        if (!row->done)
                r = tell(c, row, full_id, type, sight, out);
        if (r == RT_OK && sight->settled && !row->users_done)
                row->users_done = live_container_users(c->proc, id, sight, out);
        return r;
}
