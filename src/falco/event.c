/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event.c - events that plug-ins made, checked.
 *
 *   header | u32 length of each parameter | parameters
 *
 * The length that the header gives bounds everything; how much memory there really is only the
 * plug-in knows.
 */
#include "falco/plugin.h"
#include "lang/events.h"
#include <time.h>

enum { LENGTH_BYTES = 4, MOST_PARAMS = 3 };

uint64_t
rti_fp_now_ns(void)
{
        struct timespec now;

        clock_gettime(CLOCK_REALTIME, &now);
        return (uint64_t) now.tv_sec * 1000000000 + (uint64_t) now.tv_nsec;
}

/* Cut the event into @a n parameters. RTI_FP_FINE, or what is wrong. */
static int
cut(rti_fp_event *event, uint32_t n, rt_str params[MOST_PARAMS])
{
        const size_t at = RTI_FP_HEADER_BYTES + (size_t) n * LENGTH_BYTES;
        char *bytes = (char *) event;
        size_t used = at;

        if (event->len < RTI_FP_HEADER_BYTES || event->len > RTI_FP_MAX_EVENT_BYTES)
                return RTI_FP_LIE_EVENT_LENGTH;
        if (event->n_params != n || event->len < at)
                return RTI_FP_LIE_EVENT_PARAMS;
        for (uint32_t i = 0; i < n; i++) {
                uint32_t len;

                memcpy(&len, bytes + RTI_FP_HEADER_BYTES + (size_t) i * LENGTH_BYTES, sizeof len);
                if (len > event->len - used)
                        return RTI_FP_LIE_EVENT_LENGTH;
                params[i] = (rt_str){ bytes + used, len };
                used += len;
        }
        return used == event->len ? RTI_FP_FINE : RTI_FP_LIE_EVENT_LENGTH;
}

static void
fill_time(rti_fp_event *event)
{
        if (event->time_ns == UINT64_MAX)
                event->time_ns = rti_fp_now_ns();
}

/* The plug-in's id: filled in, or the right one. Its events are no thread's. */
static int
settle_id(const rti_fp *plugin, rti_fp_event *event, rt_str param)
{
        uint32_t id;

        if (param.len != sizeof id)
                return RTI_FP_LIE_EVENT_PARAMS;
        memcpy(&id, param.ptr, sizeof id);
        if (id && id != plugin->id)
                return RTI_FP_LIE_EVENT_ID;
        if (!id)
                memcpy((char *) event + RTI_FP_HEADER_BYTES + 2 * LENGTH_BYTES, &plugin->id,
                       sizeof id);
        event->tid = UINT64_MAX;
        fill_time(event);
        return RTI_FP_FINE;
}

void
rti_fp_settle_async(rti_fp_event *event, uint32_t id)
{
        memcpy((char *) event + RTI_FP_HEADER_BYTES + 3 * LENGTH_BYTES, &id, sizeof id);
        if (id)
                event->tid = UINT64_MAX;
}

int
rti_fp_check_event(const rti_fp *plugin, rti_fp_event *event, rt_str *ret_payload)
{
        rt_str params[MOST_PARAMS];
        int lie;

        if (!event)
                return RTI_FP_LIE_EVENT_NULL;
        if (event->type != RTI_FP_PLUGIN_EVENT)
                return RTI_FP_LIE_EVENT_TYPE;
        lie = cut(event, 2, params);
        if (lie == RTI_FP_FINE)
                lie = settle_id(plugin, event, params[0]);
        if (lie == RTI_FP_FINE)
                *ret_payload = params[1];
        return lie;
}

bool
rti_fp_is_filled(const char *bytes, const rti_fp_event *header, size_t length_bytes)
{
        uint64_t used = RTI_FP_HEADER_BYTES + header->n_params * (uint64_t) length_bytes;

        if (used > header->len)
                return false;
        for (uint32_t i = 0; i < header->n_params; i++) {
                uint32_t len = 0;

                memcpy(&len, bytes + RTI_FP_HEADER_BYTES + i * length_bytes, length_bytes);
                used += len;
        }
        return used == header->len;
}

int
rti_fp_check_call(const rti_fp_event *event)
{
        const rti_event_info *info;

        if (!event)
                return RTI_FP_LIE_EVENT_NULL;
        if (event->type >= RTI_N_EVENT_CODES || event->type == RTI_FP_PLUGIN_EVENT)
                return RTI_FP_LIE_EVENT_TYPE;
        if (event->len < RTI_FP_HEADER_BYTES || event->len > RTI_FP_MAX_EVENT_BYTES)
                return RTI_FP_LIE_EVENT_LENGTH;
        if (event->n_params > RTI_MOST_PARAMS)
                return RTI_FP_LIE_EVENT_PARAMS;
        info = &rti_events[event->type];
        return rti_fp_is_filled((const char *) event, event,
                                info->flags & RTI_EF_LARGE_PAYLOAD ? 4 : 2)
                       ? RTI_FP_FINE
                       : RTI_FP_LIE_EVENT_LENGTH;
}

int
rti_fp_check_async(const rti_fp *plugin, rti_fp_event *event, size_t len, rt_str *ret_name)
{
        rt_str params[MOST_PARAMS], name;
        int lie;

        if (event->type != RTI_FP_ASYNC_EVENT)
                return RTI_FP_LIE_EVENT_TYPE;
        if (event->len != len)
                return RTI_FP_LIE_EVENT_LENGTH;
        lie = cut(event, 3, params);
        if (lie != RTI_FP_FINE)
                return lie;
        if (params[0].len != sizeof(uint32_t))
                return RTI_FP_LIE_EVENT_PARAMS;
        fill_time(event);
        name = params[1];
        if (!name.len || memchr(name.ptr, 0, name.len) != name.ptr + name.len - 1)
                return RTI_FP_LIE_EVENT_NAME;
        name.len--;
        for (size_t i = 0; i < plugin->n_async_names; i++)
                if (rti_str_eq(plugin->async_names[i], name)) {
                        *ret_name = name;
                        return RTI_FP_FINE;
                }
        return RTI_FP_LIE_EVENT_NAME;
}

int
rti_fp_copy_async(rti_fp *plugin, const rti_fp_event *event, rti_fp_event **ret_copy,
                  rt_str *ret_name)
{
        const rt_allocator *allocator = &plugin->host->allocator;
        rti_fp_event *copy;
        int lie;

        *ret_copy = NULL;
        if (event->len < RTI_FP_HEADER_BYTES || event->len > RTI_FP_MAX_EVENT_BYTES)
                return RTI_FP_LIE_EVENT_LENGTH;
        copy = rti_alloc(allocator, event->len);
        if (!copy)
                return RTI_FP_FINE;
        memcpy(copy, event, event->len);
        lie = rti_fp_check_async(plugin, copy, event->len, ret_name);
        if (lie == RTI_FP_FINE)
                *ret_copy = copy;
        else
                rti_free(allocator, copy);
        return lie;
}
