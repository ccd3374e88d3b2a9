/* SPDX-License-Identifier: Apache-2.0 */
/* The evt.* fields of every source. */
#include "base/alloc.h"
#include "engine/frame.h"
#include "lang/registry.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct scene {
        rti_arena arena;
        rt_source_ops ops;
        rti_instance instance;
        rt_event event;
        rti_frame frame;
        rt_str info;
} scene;

static int
info(void *state, const rt_event *event, rt_str *ret_text)
{
        const scene *s = state;

        (void) event;
        *ret_text = s->info;
        return s->info.ptr ? 1 : 0;
}

static void
scene_init(scene *s)
{
        *s = (scene){ 0 };
        setenv("TZ", "UTC", 1);
        rti_arena_init(&s->arena, &rti_alloc_default, 0);
        s->ops = (rt_source_ops){ .size = sizeof s->ops,
                                  .name = "aws_cloudtrail",
                                  .plugin = "cloudtrail",
                                  .info = info };
        s->instance = (rti_instance){ .ops = &s->ops, .state = s };
        s->event = (rt_event){ .size = sizeof s->event,
                               .number = 7,
                               .base_ns = 1714557600123456789,
                               .time_ns = 1714550400000000000,
                               .payload = RTI_STR("{\"a\":1}") };
        s->frame = (rti_frame){ .event = &s->event,
                                .instance = &s->instance,
                                .hostname = "host",
                                .memory = &s->arena };
}

static rt_value
get(scene *s, const char *name)
{
        const uint32_t field = rti_evt_field_find(rti_str_of(name));
        rt_value value = { 0 };

        cr_assert_neq(field, RTI_EVT_NONE, "%s", name);
        if (rti_evt_field_read(&s->frame, field, &value) != 1)
                value.kind = RT_KIND_NONE;
        return value;
}

#define expect_text(scene_, name, expected)                                            \
        do {                                                                           \
                const rt_value value_ = get((scene_), (name));                         \
                cr_expect_eq(value_.kind, RT_KIND_STRING);                             \
                cr_expect(rti_str_is(value_.as.s, (expected)), "%s is '%.*s'", (name), \
                          RTI_FMT(value_.as.s));                                       \
        } while (0)

Test(evt_fields, only_the_engines_own_are_found)
{
        cr_assert_eq(rti_evt_field_find(RTI_STR("evt.num")), RTI_F_EVT_NUM);
        cr_assert_eq(rti_evt_field_find(RTI_STR("evt.time.iso8601")), RTI_F_EVT_TIME_ISO8601);
        cr_assert_eq(rti_evt_field_find(RTI_STR("evt.type")), RTI_EVT_NONE);
        cr_assert_eq(rti_evt_field_find(RTI_STR("ct.name")), RTI_EVT_NONE);
        cr_assert_eq(rti_evt_field_find(RTI_STR("")), RTI_EVT_NONE);
}

Test(evt_fields, names_and_times_of_an_event_are_read)
{
        scene s;

        scene_init(&s);
        expect_text(&s, "evt.time", "08:00:00.000000000");
        expect_text(&s, "evt.time.s", "08:00:00");
        expect_text(&s, "evt.time.iso8601", "2024-05-01T08:00:00.000000000+0000");
        expect_text(&s, "evt.datetime", "2024-05-01 08:00:00.000000000");
        expect_text(&s, "evt.datetime.s", "2024-05-01 08:00:00");
        expect_text(&s, "evt.source", "aws_cloudtrail");
        expect_text(&s, "evt.pluginname", "cloudtrail");
        expect_text(&s, "evt.hostname", "host");
        cr_expect_eq(get(&s, "evt.num").as.u, 7);
        cr_expect_eq(get(&s, "evt.is_async").kind, RT_KIND_BOOL);
        cr_expect_eq(get(&s, "evt.is_async").as.u, 0);
        cr_expect_eq(get(&s, "evt.asynctype").kind, RT_KIND_NONE);
        rti_arena_done(&s.arena);
}

Test(evt_fields, an_event_can_be_another_machines_and_about_its_source)
{
        scene s;

        scene_init(&s);
        s.event.hostname = RTI_STR("elsewhere");
        s.event.async_type = RTI_STR("procinfo");
        expect_text(&s, "evt.hostname", "elsewhere");
        expect_text(&s, "evt.asynctype", "procinfo");
        cr_expect_eq(get(&s, "evt.is_async").as.u, 1);
        rti_arena_done(&s.arena);
}

Test(evt_fields, time_counts_from_zero_where_there_is_no_base)
{
        scene s;

        scene_init(&s);
        s.event.base_ns = 0;
        cr_expect_eq(get(&s, "evt.reltime").as.u, 1714550400000000000);
        cr_expect_eq(get(&s, "evt.reltime.s").as.u, 1714550400);
        rti_arena_done(&s.arena);
}

Test(evt_fields, time_that_runs_backwards_wraps)
{
        scene s;

        scene_init(&s);
        cr_expect_eq(get(&s, "evt.rawtime").as.u, 1714550400000000000u);
        cr_expect_eq(get(&s, "evt.rawtime").kind, RT_KIND_ABSTIME);
        cr_expect_eq(get(&s, "evt.rawtime.s").as.u, 1714550400u);
        cr_expect_eq(get(&s, "evt.rawtime.ns").as.u, 0);
        cr_expect_eq((int64_t) get(&s, "evt.reltime").as.u, -7200123456789);
        cr_expect_eq(get(&s, "evt.reltime").kind, RT_KIND_RELTIME);
        cr_expect_eq(get(&s, "evt.reltime.s").as.u, 18446736873u);
        cr_expect_eq(get(&s, "evt.reltime.ns").as.u, 586094827u);
        rti_arena_done(&s.arena);
}

Test(evt_fields, a_description_ends_at_its_first_nul)
{
        scene s;

        scene_init(&s);
        s.info = RTI_STR("one\0two");
        expect_text(&s, "evt.plugininfo", "one");
        rti_arena_done(&s.arena);
}

Test(evt_fields, the_payload_stands_in_for_an_empty_description)
{
        char payload[120];
        scene s;

        scene_init(&s);
        s.info = RTI_STR("\0two");
        expect_text(&s, "evt.plugininfo", "datalen=7 data={\"a\":1}");
        s.info = (rt_str){ 0 };
        expect_text(&s, "evt.plugininfo", "datalen=7 data={\"a\":1}");
        memset(payload, 'x', sizeof payload);
        s.event.payload = (rt_str){ payload, sizeof payload };
        expect_text(&s, "evt.plugininfo",
                    "datalen=120 data=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...");
        payload[3] = '\n';
        expect_text(&s, "evt.plugininfo", "datalen=120 data=<binary>");
        s.ops.info = NULL;
        s.event.payload = RTI_STR("");
        expect_text(&s, "evt.plugininfo", "datalen=0 data=");
        rti_arena_done(&s.arena);
}
