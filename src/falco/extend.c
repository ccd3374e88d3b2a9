/* SPDX-License-Identifier: Apache-2.0 */
/*
 * extend.c - fields of a plug-in for events that are not its own: a provider of the engine.
 *
 *   in   events of any source
 *   out  values, asked of the plug-in, which sees the event as Falco would show it: system calls as
 *        the capture has them, other plug-ins' events as they are, and records of built-in sources
 *        as a plug-in's events
 */
#include "falco/extend.h"
#include "falco/system.h"

typedef struct provider {
        const rt_allocator *allocator;
        rti_fp *plugin;
        const rti_fp *maker; /* the plug-in whose events these are; NULL: a built-in source */
        char *source;
        rti_fp_slot *slots;
        size_t n_slots;
} provider;

/* ---- life ---- */

static int
create(const rt_fields_config *config, void **ret_state)
{
        rti_fp *plugin = config->user;
        const size_t len = strlen(config->source);
        provider *p = rti_calloc(config->allocator, 1, sizeof *p);

        if (!p)
                return RT_ENOMEM;
        p->allocator = config->allocator;
        p->plugin = plugin;
        p->source = rti_alloc(config->allocator, len + 1);
        if (!p->source) {
                rti_free(config->allocator, p);
                return RT_ENOMEM;
        }
        memcpy(p->source, config->source, len + 1);
        p->maker = rti_fp_of_source(plugin->host, p->source);
        *ret_state = p;
        return RT_OK;
}

static void
free_slots(provider *p)
{
        for (size_t i = 0; i < p->n_slots; i++)
                rti_fp_slot_done(&p->slots[i], p->allocator);
        rti_free(p->allocator, p->slots);
        p->slots = NULL;
        p->n_slots = 0;
}

static void
destroy(void *state)
{
        provider *p = state;

        free_slots(p);
        rti_free(p->allocator, p->source);
        rti_free(p->allocator, p);
}

static int
demand(void *state, const rt_fields_demand *demand)
{
        provider *p = state;
        provider fresh = { .allocator = p->allocator };
        int r = RT_OK;

        fresh.slots = rti_calloc(p->allocator, demand->n_slots + 1, sizeof *fresh.slots);
        if (!fresh.slots)
                return RT_ENOMEM;
        while (r == RT_OK && fresh.n_slots < demand->n_slots) {
                const char *at = (const char *) demand->slots + fresh.n_slots * demand->slot_stride;

                r = rti_fp_slot_init(&fresh.slots[fresh.n_slots], p->plugin,
                                     (const rt_slot_desc *) (const void *) at, p->allocator);
                fresh.n_slots += r == RT_OK;
        }
        if (r < 0) {
                free_slots(&fresh);
                return r;
        }
        free_slots(p);
        p->slots = fresh.slots;
        p->n_slots = fresh.n_slots;
        return RT_OK;
}

/* ---- events ---- */

const rti_fp_event *
rti_fp_of_record(const rt_event *event)
{
        const size_t len = event->payload.len;
        const uint32_t lens[2] = { 4, (uint32_t) len }, id = 0;
        rti_fp_event header = { .time_ns = event->time_ns,
                                .tid = UINT64_MAX,
                                .len = (uint32_t) (RTI_FP_PAYLOAD_AT + len),
                                .type = RTI_FP_PLUGIN_EVENT,
                                .n_params = 2 };
        char *bytes;

        if (len > RTI_FP_MAX_EVENT_BYTES - RTI_FP_PAYLOAD_AT)
                return NULL;
        bytes = rt_event_alloc(event, RTI_FP_PAYLOAD_AT + len);
        if (!bytes)
                return NULL;
        memcpy(bytes, &header, sizeof header);
        memcpy(bytes + RTI_FP_HEADER_BYTES, lens, sizeof lens);
        memcpy(bytes + RTI_FP_HEADER_BYTES + sizeof lens, &id, sizeof id);
        if (len)
                memcpy(bytes + RTI_FP_PAYLOAD_AT, event->payload.ptr, len);
        return (const rti_fp_event *) bytes;
}

/* The event as plug-ins see it; NULL: it cannot be shown. */
static const rti_fp_event *
show(const provider *p, const rt_event *event)
{
        if (p->maker && event->type == RTI_FP_PLUGIN_EVENT)
                return (const rti_fp_event *) (event->payload.ptr - RTI_FP_PAYLOAD_AT);
        if (p->maker)
                return (const rti_fp_event *) event->payload.ptr;
        if (strcmp(p->source, "syscall") != 0)
                return rti_fp_of_record(event);
        return rti_fp_of_system(p->plugin->host, event);
}

static int
extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *reads,
        size_t n_reads, rt_value *ret_value)
{
        provider *p = state;
        rti_fp_event_input input = { NULL, event->number, p->source };

        (void) reads, (void) n_reads;
        if (slot >= p->n_slots || !rti_fp_in_scope(&p->plugin->extracts, p->source, event->type))
                return 0;
        input.event = show(p, event);
        return input.event ? rti_fp_extract(&p->slots[slot], &input, event, ret_value) : 0;
}

/* ---- adding ---- */

/* The sources that the engine knows and the plug-in is for. NULL: no memory. */
static const char **
list_sources(rti_fp *plugin, const rt_engine *engine, size_t *ret_n)
{
        rt_source_info info = RT_INIT(rt_source_info);
        const char **names = RTI_NEWN(&plugin->arena, const char *, plugin->extracts.n_sources + 1);

        *ret_n = 0;
        for (size_t i = 0; names && rt_engine_source(engine, i, &info) == RT_OK; i++)
                if (*ret_n < plugin->extracts.n_sources
                    && rti_fp_has_source(&plugin->extracts, info.name))
                        names[(*ret_n)++] = info.name;
        return names;
}

int
rti_fp_extend(rti_fp *plugin, rt_engine *engine, const rti_fp_message *message)
{
        rt_fields_ops ops = { .size = sizeof ops,
                              .abi = RT_FIELDS_ABI,
                              .name = plugin->name,
                              .version = plugin->version,
                              .fields = plugin->descs,
                              .n_fields = plugin->n_fields,
                              .field_stride = sizeof *plugin->descs,
                              .user = plugin,
                              .create = create,
                              .destroy = destroy,
                              .demand = demand,
                              .extract = extract };
        size_t n;
        int r;

        if (plugin->extracts.n_sources) {
                ops.sources = list_sources(plugin, engine, &n);
                if (!ops.sources)
                        return RT_ENOMEM;
                if (!n) {
                        rti_fp_log(plugin, RT_FALCO_WARNING,
                                   "none of the sources that it has fields for is there: nor are "
                                   "its fields");
                        return RT_OK;
                }
        }
        r = rt_engine_add_fields(engine, &ops);
        if (r == RT_EEXIST && !*plugin->source) {
                rti_fp_log(
                        plugin, RT_FALCO_NOTICE,
                        "fields of these names are there already, built in: built-in sources use "
                        "these");
                return RT_OK;
        }
        return r < 0 && r != RT_EEXIST
                       ? rti_fp_fail(message, r, "plugin '%s': cannot add its fields: %s",
                                     plugin->name, rt_status_name(r))
                       : r;
}
