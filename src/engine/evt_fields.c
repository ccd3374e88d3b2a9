/* SPDX-License-Identifier: Apache-2.0 */
/*
 * evt_fields.c - the evt.* fields that the engine gives to every source.
 *
 * in: the frame's event and the instance it came from; out: values. Texts that are not there
 * already are put into the event's memory.
 */
#include "base/clock.h"
#include "engine/frame.h"
#include "lang/registry.h"

static const rt_str names[] = {
#define FIELD(id, name, kind, flags, format, group, help) [RTI_F_##id] = RTI_STR_INIT(name),
#include "lang/evt_fields.def"
#undef FIELD
};

static const uint32_t kinds[] = {
#define FIELD(id, name, kind, flags, format, group, help) [RTI_F_##id] = RT_KIND_##kind,
#include "lang/evt_fields.def"
#undef FIELD
};

enum {
        NS_PER_SECOND = 1000000000,
        SHOWN_PAYLOAD_BYTES = 50 /* of an event that its source cannot describe */
};

uint32_t
rti_evt_field_find(rt_str name)
{
        if (!rti_str_starts(name, RTI_STR("evt.")))
                return RTI_EVT_NONE;
        for (uint32_t i = 0; i < RTI_COUNT(names); i++)
                if (rti_str_eq(names[i], name))
                        return i;
        return RTI_EVT_NONE;
}

static int
give_text(rt_str text, rt_value *ret_value)
{
        *ret_value = (rt_value){ .kind = RT_KIND_STRING, .as.s = text };
        return 1;
}

static int
give_number(uint32_t field, uint64_t number, rt_value *ret_value)
{
        *ret_value = (rt_value){ .kind = kinds[field], .as.u = number };
        return 1;
}

static int
give_clock(rti_frame *frame, enum rti_clock_form form, rt_value *ret_value)
{
        char *text = rti_arena_get(frame->memory, RTI_CLOCK_ROOM);

        if (!text)
                return RT_ENOMEM;
        return give_text((rt_str){ text, rti_clock_text(frame->event->time_ns, form, text) },
                         ret_value);
}

/* What stands for a description when the source has none. */
static int
describe_payload(rti_frame *frame, rt_value *ret_value)
{
        rt_str shown = frame->event->payload;
        const char *more = "";
        rt_str text;

        if (shown.len > SHOWN_PAYLOAD_BYTES) {
                shown.len = SHOWN_PAYLOAD_BYTES;
                more = "...";
        }
        for (size_t i = 0; i < shown.len; i++)
                if (shown.ptr[i] < 0x20 || shown.ptr[i] > 0x7e) {
                        shown = RTI_STR("<binary>");
                        more = "";
                        break;
                }
        text = rti_arena_printf(frame->memory, "datalen=%zu data=%.*s%s", frame->event->payload.len,
                                RTI_FMT(shown), more);
        return text.ptr ? give_text(text, ret_value) : RT_ENOMEM;
}

/* The instance's own name, else its plug-in's. */
static int
give_name(const rti_frame *frame, rt_value *ret_value)
{
        const rt_source_ops *ops = frame->instance->ops;
        const char *name = ops->instance_name ? ops->instance_name(frame->instance->state) : NULL;

        if (!name)
                name = ops->plugin;
        return name ? give_text(rti_str_of(name), ret_value) : 0;
}

static int
give_info(rti_frame *frame, rt_value *ret_value)
{
        const rti_instance *instance = frame->instance;
        rt_str text = { 0 };
        const char *nul;
        int r = 0;

        if (instance->ops->info)
                r = instance->ops->info(instance->state, frame->event, &text);
        if (r < 0)
                return r;
        nul = r && text.len ? memchr(text.ptr, 0, text.len) : NULL;
        if (nul)
                text.len = (size_t) (nul - text.ptr);
        return r && text.len ? give_text(text, ret_value) : describe_payload(frame, ret_value);
}

/* Does the field depend on the events before this one? */
static bool
counts_events(uint32_t field)
{
        return field == RTI_F_EVT_NUM
               || (field >= RTI_F_EVT_RELTIME && field <= RTI_F_EVT_RELTIME_NS);
}

int
rti_evt_field_read(rti_frame *frame, uint32_t field, rt_value *ret_value)
{
        const uint64_t time_ns = frame->event->time_ns;
        const rt_source_ops *ops = frame->instance->ops;
        uint64_t since_ns;

        if (frame->instance->number && counts_events(field))
                frame->instance->number(frame->instance->number_user);
        since_ns = time_ns - frame->event->base_ns;
        switch ((enum rti_evt_field) field) {
        case RTI_F_EVT_NUM:
                return give_number(field, frame->event->number, ret_value);
        case RTI_F_EVT_TIME:
                return give_clock(frame, RTI_CLOCK_TIME, ret_value);
        case RTI_F_EVT_TIME_S:
                return give_clock(frame, RTI_CLOCK_TIME_S, ret_value);
        case RTI_F_EVT_TIME_ISO8601:
                return give_clock(frame, RTI_CLOCK_ISO_8601, ret_value);
        case RTI_F_EVT_DATETIME:
                return give_clock(frame, RTI_CLOCK_DATETIME, ret_value);
        case RTI_F_EVT_DATETIME_S:
                return give_clock(frame, RTI_CLOCK_DATETIME_S, ret_value);
        case RTI_F_EVT_RAWTIME:
                return give_number(field, time_ns, ret_value);
        case RTI_F_EVT_RAWTIME_S:
                return give_number(field, time_ns / NS_PER_SECOND, ret_value);
        case RTI_F_EVT_RAWTIME_NS:
                return give_number(field, time_ns % NS_PER_SECOND, ret_value);
        case RTI_F_EVT_RELTIME:
                return give_number(field, since_ns, ret_value);
        case RTI_F_EVT_RELTIME_S:
                return give_number(field, since_ns / NS_PER_SECOND, ret_value);
        case RTI_F_EVT_RELTIME_NS:
                return give_number(field, since_ns % NS_PER_SECOND, ret_value);
        case RTI_F_EVT_PLUGINNAME:
                return give_name(frame, ret_value);
        case RTI_F_EVT_PLUGININFO:
                return give_info(frame, ret_value);
        case RTI_F_EVT_SOURCE:
                return give_text(rti_str_of(ops->name), ret_value);
        case RTI_F_EVT_IS_ASYNC:
                return give_number(field, frame->event->async_type.len > 0, ret_value);
        case RTI_F_EVT_ASYNCTYPE:
                if (frame->event->async_type.len == 0)
                        return 0;
                return give_text(frame->event->async_type, ret_value);
        case RTI_F_EVT_HOSTNAME:
                if (frame->event->hostname.len > 0)
                        return give_text(frame->event->hostname, ret_value);
                return give_text(rti_str_of(frame->hostname), ret_value);
        case RTI_N_EVT_FIELDS:
                break;
        }
        return 0;
}
