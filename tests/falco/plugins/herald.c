/* SPDX-License-Identifier: Apache-2.0 */
/*
 * herald.c - async events from a thread of its own, and a routine while somebody listens.
 *
 * Its configuration is the name of the async event; "once" sends one good event from within
 * set_async_event_handler. Field herald.rounds says how often the routine ran, herald.refused what
 * the handler said last.
 */
#include "plugin.h"
#include <stdatomic.h>

typedef struct herald {
        pthread_t thread;
        atomic_bool stop;
        bool running;
        void *owner, *first_owner; /* that of init */
        rti_fp_async_fn *handler;
        void *routine;
        atomic_uint_fast64_t rounds;
        uint64_t shown;
        char config[64], refused[RTI_FP_ERROR_BYTES], last[RTI_FP_ERROR_BYTES];
        const char *text;
} herald;

PLUGIN_INFO("herald", "0.5.0")

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        herald *h = calloc(1, sizeof *h);

        snprintf(h->config, sizeof h->config, "%s", input->config);
        h->first_owner = input->owner;
        *ret_rc = RTI_FP_SUCCESS;
        return h;
}

EXPORT void
plugin_destroy(void *plugin)
{
        free(plugin);
}

EXPORT const char *
plugin_get_last_error(void *plugin)
{
        herald *h = plugin;

        return *h->last ? h->last : "no more heralds";
}

/* ---- async events ---- */

EXPORT const char *
plugin_get_async_events(void)
{
        return "[\"news\",\"alarm\"]";
}

EXPORT const char *
plugin_get_async_event_sources(void)
{
        return "[\"ticker\",\"syscall\",\"json\"]";
}

/* Header, three lengths, id, name with its NUL, data. */
static int32_t
send(herald *h, const char *name, uint32_t lie)
{
        char buffer[256];
        const uint32_t lens[3] = { 4 - (lie == 3), (uint32_t) strlen(name) + 1 - (lie == 1),
                                   4 + (lie == 2) + (lie == 3) };
        const uint32_t id = 77; /* of nobody */
        uint32_t at = RTI_FP_HEADER_BYTES;
        rti_fp_event event = { .time_ns = UINT64_MAX,
                               .type = lie == 4 ? RTI_FP_PLUGIN_EVENT : RTI_FP_ASYNC_EVENT,
                               .n_params = 3 };

        memcpy(buffer + at, lens, sizeof lens);
        at += sizeof lens;
        memcpy(buffer + at, &id, 4);
        memcpy(buffer + at + 4, name, strlen(name) + 1);
        at += 4 + (uint32_t) strlen(name) + 1 - (lie == 1);
        memcpy(buffer + at, "data", 4);
        event.len = at + 4;
        memcpy(buffer, &event, sizeof event);
        h->refused[0] = '\0';
        return h->handler(h->owner, (rti_fp_event *) (void *) buffer, h->refused);
}

/* One that may wait, and one that is too much beside it. */
static int32_t
send_heavy(herald *h)
{
        const uint32_t lens[3] = { 4, 6, 40 * 1024 * 1024 };
        const rti_fp_event event = { .time_ns = UINT64_MAX,
                                     .len = RTI_FP_HEADER_BYTES + 12 + 4 + 6 + lens[2],
                                     .type = RTI_FP_ASYNC_EVENT,
                                     .n_params = 3 };
        char *bytes = calloc(1, event.len);
        rti_fp_event *both = (rti_fp_event *) (void *) bytes;
        int32_t rc;

        if (!bytes)
                return RTI_FP_FAILURE;
        memcpy(bytes, &event, sizeof event);
        memcpy(bytes + RTI_FP_HEADER_BYTES, lens, sizeof lens);
        memcpy(bytes + RTI_FP_HEADER_BYTES + sizeof lens + 4, "alarm", 6);
        rc = h->handler(h->owner, both, h->refused);
        if (rc == RTI_FP_SUCCESS && h->handler(h->owner, both, h->refused) == RTI_FP_SUCCESS)
                rc = RTI_FP_FAILURE;
        free(bytes);
        return rc;
}

static void *
run(void *user)
{
        herald *h = user;
        herald to = { .owner = h->owner, .handler = h->handler }; /* and its own words */

        while (!atomic_load(&h->stop)) {
                (void) send(&to, h->config, 0);
                usleep(200);
        }
        return NULL;
}

EXPORT int32_t
plugin_set_async_event_handler(void *plugin, void *owner, rti_fp_async_fn *handler)
{
        herald *h = plugin;
        static const char *const lies[] = { "nul", "length", "params", "type" };

        if (owner != h->first_owner)
                return RTI_FP_FAILURE;
        if (h->running) {
                atomic_store(&h->stop, true);
                pthread_join(h->thread, NULL);
                h->running = false;
        }
        if (strcmp(h->config, "after") == 0) {
                if (!handler)
                        (void) send(h, "alarm", 0);
                h->owner = owner;
                h->handler = handler;
                return RTI_FP_SUCCESS;
        }
        h->owner = owner;
        h->handler = handler;
        if (!handler)
                return RTI_FP_SUCCESS;
        if (strcmp(h->config, "nothing") == 0)
                return handler(owner, NULL, h->refused) == RTI_FP_FAILURE ? RTI_FP_SUCCESS
                                                                          : RTI_FP_FAILURE;
        if (strcmp(h->config, "unwilling") == 0)
                return RTI_FP_FAILURE;
        if (strcmp(h->config, "once") == 0)
                return send(h, "alarm", 0);
        if (strcmp(h->config, "flood") == 0) {
                for (int i = 0; i < 5000; i++)
                        (void) send(h, "alarm", 0);
                return RTI_FP_SUCCESS;
        }
        if (strcmp(h->config, "heavy") == 0)
                return send_heavy(h);
        if (strcmp(h->config, "unknown") == 0)
                return send(h, "rumour", 0) == RTI_FP_FAILURE ? RTI_FP_SUCCESS : RTI_FP_FAILURE;
        for (uint32_t i = 0; i < 4; i++)
                if (strcmp(h->config, lies[i]) == 0)
                        return send(h, "alarm", i + 1) == RTI_FP_FAILURE ? RTI_FP_SUCCESS
                                                                         : RTI_FP_FAILURE;
        if (strcmp(h->config, "routines") == 0)
                return RTI_FP_SUCCESS;
        atomic_store(&h->stop, false);
        h->running = pthread_create(&h->thread, NULL, run, h) == 0;
        return h->running ? RTI_FP_SUCCESS : RTI_FP_FAILURE;
}

/* Two good events; or what the configuration says. */
EXPORT int32_t
plugin_dump_state(void *plugin, void *owner, rti_fp_async_fn *handler)
{
        herald *h = plugin;
        herald to = { .owner = owner, .handler = handler }; /* its thread goes on with its own */
        int32_t rc = RTI_FP_SUCCESS;

        if (strcmp(h->config, "unwilling") == 0 || owner != h->first_owner)
                rc = RTI_FP_FAILURE;
        else if (strcmp(h->config, "type") == 0)
                rc = send(&to, "alarm", 4);
        else
                for (int i = 0; i < 2 && rc == RTI_FP_SUCCESS; i++)
                        rc = send(&to, i ? "news" : "alarm", 0);
        if (rc != RTI_FP_SUCCESS)
                snprintf(h->last, sizeof h->last, "%s", to.refused);
        return rc;
}

/* ---- listening ---- */

static uint32_t
work(void *plugin, void *state)
{
        herald *h = plugin;

        (void) state;
        atomic_fetch_add(&h->rounds, 1);
        usleep(100);
        return 1;
}

/* Rounds that end by themselves. */
static uint32_t
work_once(void *plugin, void *state)
{
        herald *h = plugin;

        (void) state;
        atomic_fetch_add(&h->rounds, 1);
        return 0;
}

/* Sixteen at a time, and no more; those that have ended make room, time and again. */
static int32_t
subscribe_many(herald *h, const rti_fp_listen_input *input)
{
        const rti_fp_routines *r = input->routines;
        void *all[16];

        if (r->subscribe(input->owner, NULL, NULL))
                return RTI_FP_FAILURE;
        for (int i = 0; i < 16; i++)
                if (!(all[i] = r->subscribe(input->owner, work, NULL)))
                        return RTI_FP_FAILURE;
        if (r->subscribe(input->owner, work, NULL))
                return RTI_FP_FAILURE;
        for (int i = 0; i < 16; i++)
                if (r->unsubscribe(input->owner, all[i]) != RTI_FP_SUCCESS
                    || r->unsubscribe(input->owner, i % 2 ? all[i] : NULL) == RTI_FP_SUCCESS)
                        return RTI_FP_FAILURE;
        atomic_store(&h->rounds, 0);
        for (uint64_t i = 0; i < 40; i++) {
                if (!r->subscribe(input->owner, work_once, NULL))
                        return RTI_FP_FAILURE;
                while (atomic_load(&h->rounds) <= i)
                        usleep(100);
                usleep(1000);
        }
        h->routine = r->subscribe(input->owner, work, NULL);
        return h->routine ? RTI_FP_SUCCESS : RTI_FP_FAILURE;
}

EXPORT int32_t
plugin_capture_open(void *plugin, const rti_fp_listen_input *input)
{
        herald *h = plugin;

        if (strcmp(h->config, "deaf") == 0)
                return RTI_FP_FAILURE;
        if (strcmp(h->config, "routines") == 0)
                return subscribe_many(h, input);
        h->routine = input->routines->subscribe(input->owner, work, NULL);
        return h->routine && input->routines->subscribe(input->owner, work, NULL) ? RTI_FP_SUCCESS
                                                                                  : RTI_FP_FAILURE;
}

/* The other one is left to the host. */
EXPORT int32_t
plugin_capture_close(void *plugin, const rti_fp_listen_input *input)
{
        herald *h = plugin;

        if (input->routines->unsubscribe(input->owner, h) == RTI_FP_SUCCESS)
                abort();
        return input->routines->unsubscribe(input->owner, h->routine);
}

/* ---- fields ---- */

EXPORT const char *
plugin_get_extract_event_sources(void)
{
        return "[\"ticker\"]";
}

EXPORT const char *
plugin_get_fields(void)
{
        return "[{\"type\":\"uint64\",\"name\":\"herald.rounds\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"herald.refused\",\"desc\":\"d\"}]";
}

EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        herald *h = plugin;

        (void) event;
        h->shown = atomic_load(&h->rounds);
        h->text = h->refused;
        if (input->fields[0].field_id == 0)
                input->fields[0].values.u64 = &h->shown;
        else
                input->fields[0].values.text = &h->text;
        input->fields[0].n_values = 1;
        return RTI_FP_SUCCESS;
}
