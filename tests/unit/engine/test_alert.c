/* SPDX-License-Identifier: Apache-2.0 */
/* A match as text, as JSON, as fields. */
#include "base/alloc.h"
#include "engine/alert.h"
#include "lang/registry.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

enum {
        USER,   /* "alice" */
        ERROR,  /* missing */
        BYTES,  /* 5 */
        GROUPS, /* ("g1","g2") */
        TIME,   /* evt.time */
        BIG,    /* for limits */
        N_SLOTS
};

/* Slots whose values are there already. */
typedef struct scene {
        rti_arena arena;
        rt_source_ops ops;
        rti_instance instance;
        rt_event event;
        rt_ruleset rules;
        rti_slot slots[N_SLOTS];
        rt_value values[N_SLOTS], groups[2];
        uint32_t stamps[N_SLOTS];
        rti_frame frame;
        rti_rule_row rule;
        rt_str identity;
        rt_alert alert;
} scene;

static int
identity(void *state, const rt_event *event, rt_str *ret_text)
{
        const scene *s = state;

        (void) event;
        *ret_text = s->identity;
        return s->identity.ptr ? 1 : 0;
}

static void
put_slot(scene *s, uint32_t slot, const char *field, uint32_t format, rt_value value)
{
        s->slots[slot] = (rti_slot){ .what = RTI_SLOT_FIELD,
                                     .field = rti_str_of(field),
                                     .format = format,
                                     .type = { value.kind, false } };
        s->values[slot] = value;
        s->stamps[slot] = 1 << 1 | (value.kind != RT_KIND_NONE);
}

static const char *const tags[] = { "a", "b", NULL };
static const rti_out_token tokens[] = {
        { RTI_STR_INIT("user="), { 0 }, RTI_NO_SLOT, 0 },
        { { 0 }, RTI_STR_INIT("ct.user"), USER, 0 },
        { RTI_STR_INIT(" error="), { 0 }, RTI_NO_SLOT, 0 },
        { { 0 }, RTI_STR_INIT("ct.error"), ERROR, 6 },
        { RTI_STR_INIT("|"), { 0 }, RTI_NO_SLOT, 0 },
        { { 0 }, RTI_STR_INIT("ka.user.groups"), GROUPS, 3 },
};
static const rti_out_field fields[] = {
        { RTI_STR_INIT("ka.user.groups"), GROUPS },
        { RTI_STR_INIT("ct.error"), ERROR },
        { RTI_STR_INIT("ct.user"), USER },
        { RTI_STR_INIT("s3.bytes"), BYTES },
};

static void
scene_init(scene *s, uint32_t flags)
{
        *s = (scene){ 0 };
        setenv("TZ", "UTC", 1);
        rti_arena_init(&s->arena, &rti_alloc_default, 0);
        s->ops = (rt_source_ops){ .size = sizeof s->ops,
                                  .name = "aws_cloudtrail",
                                  .plugin = "cloudtrail",
                                  .identity = identity };
        s->instance = (rti_instance){ .ops = &s->ops, .state = s };
        s->event = (rt_event){ .size = sizeof s->event,
                               .number = 1,
                               .time_ns = 1714557600123456789,
                               .payload = RTI_STR("{}") };
        s->groups[0] = (rt_value){ .kind = RT_KIND_STRING, .as.s = RTI_STR("g1") };
        s->groups[1] = (rt_value){ .kind = RT_KIND_STRING, .as.s = RTI_STR("g2") };
        put_slot(s, USER, "ct.user", RT_FORMAT_DEC,
                 (rt_value){ .kind = RT_KIND_STRING, .as.s = RTI_STR("al\"i\nce") });
        put_slot(s, ERROR, "ct.error", RT_FORMAT_DEC, (rt_value){ .kind = RT_KIND_NONE });
        put_slot(s, BYTES, "s3.bytes", RT_FORMAT_DEC,
                 (rt_value){ .kind = RT_KIND_UINT64, .as.u = 5 });
        put_slot(s, GROUPS, "ka.user.groups", RT_FORMAT_DEC,
                 (rt_value){ .kind = RT_KIND_LIST, .count = 2, .as.list = s->groups });
        put_slot(s, TIME, "evt.time", RT_FORMAT_NONE,
                 (rt_value){ .kind = RT_KIND_STRING, .as.s = RTI_STR("never") });
        s->rules.slots = s->slots;
        s->frame = (rti_frame){ .rules = &s->rules,
                                .event = &s->event,
                                .instance = &s->instance,
                                .hostname = "host",
                                .allocator = &rti_alloc_default,
                                .memory = &s->arena,
                                .now = 1,
                                .slot_stamp = s->stamps,
                                .slot_value = s->values };
        s->rule = (rti_rule_row){
                .info = { .size = sizeof s->rule.info,
                          .name = "Some rule",
                          .source = "aws_cloudtrail",
                          .tags = tags,
                          .priority = RT_PRIORITY_INFORMATIONAL },
                .output = { tokens, fields, RTI_COUNT(tokens), RTI_COUNT(fields), true },
        };
        s->identity = RTI_STR("event-1");
        rti_alert_init(&s->alert, &rti_alloc_default, flags, RTI_MAX_OUTPUT_BYTES);
        rti_alert_begin(&s->alert, &s->frame, &s->rule);
}

static void
scene_done(scene *s)
{
        rti_alert_done(&s->alert);
        rti_arena_done(&s->arena);
}

#define PREFIX  "10:00:00.123456789: Informational "
#define MESSAGE "user=al\"i\nce error=<NA>  |(g1"
#define ESCAPED "user=al\\\"i\\nce error=<NA>  |(g1"

static void
expect_text(scene *s, const char *expected)
{
        rt_str text;

        cr_assert_eq(rti_alert_text(&s->alert, &text), RT_OK);
        cr_expect(rti_str_is(text, expected), "%.*s", RTI_FMT(text));
}

static void
expect_json(scene *s, const char *expected)
{
        rt_str text;

        cr_assert_eq(rti_alert_json(&s->alert, &text), RT_OK);
        cr_expect(rti_str_is(text, expected), "%.*s", RTI_FMT(text));
}

Test(alert, text_is_time_priority_and_message)
{
        scene s;

        scene_init(&s, 0);
        expect_text(&s, PREFIX MESSAGE);
        scene_done(&s);
        scene_init(&s, RT_ALERT_TIME_ISO_8601);
        expect_text(&s, "2024-05-01T10:00:00.123456789+0000: Informational " MESSAGE);
        scene_done(&s);
}

#define FIELDS(time)                                                                \
        "\"output_fields\":{\"ct.error\":null,\"ct.user\":\"al\\\"i\\nce\",\"" time \
        "\":1714557600123456789,\"ka.user.groups\":[\"g1\",\"g2\"],\"s3.bytes\":5}"

Test(alert, json_is_the_references_with_sorted_names)
{
        scene s;

        scene_init(&s, RT_ALERT_NO_ID);
        expect_json(&s,
                    "{\"hostname\":\"host\",\"output\":\"" PREFIX ESCAPED "\"," FIELDS(
                            "evt.time") ",\"priority\":\"Informational\",\"rule\":\"Some rule\","
                                        "\"source\":\"aws_cloudtrail\",\"tags\":[\"a\",\"b\"],"
                                        "\"time\":\"2024-05-01T10:00:00.123456789Z\"}");
        scene_done(&s);
}

Test(alert, json_leaves_out_and_adds_what_flags_say)
{
        scene s;

        scene_init(&s, RT_ALERT_NO_ID | RT_ALERT_NO_OUTPUT | RT_ALERT_MESSAGE | RT_ALERT_NO_TAGS
                               | RT_ALERT_TIME_ISO_8601);
        expect_json(&s, "{\"hostname\":\"host\",\"message\":\"" ESCAPED "\"," FIELDS(
                                "evt.time.iso8601") ",\"priority\":\"Informational\","
                                                    "\"rule\":\"Some rule\",\"source\":\"aws_"
                                                    "cloudtrail\","
                                                    "\"time\":\"2024-05-01T10:00:00.123456789Z\"}");
        scene_done(&s);
        scene_init(&s, RT_ALERT_NO_ID | RT_ALERT_NO_OUTPUT | RT_ALERT_NO_OUTPUT_FIELDS
                               | RT_ALERT_NO_TAGS);
        expect_json(&s, "{\"hostname\":\"host\",\"priority\":\"Informational\","
                        "\"rule\":\"Some rule\",\"source\":\"aws_cloudtrail\","
                        "\"time\":\"2024-05-01T10:00:00.123456789Z\"}");
        scene_done(&s);
}

/* ---- extra fields ---- */

static const rti_out_token extra_tokens[] = {
        { RTI_STR_INIT("<"), { 0 }, RTI_NO_SLOT, 0 },
        { { 0 }, RTI_STR_INIT("s3.bytes"), BYTES, 0 },
        { RTI_STR_INIT(">"), { 0 }, RTI_NO_SLOT, 0 },
};
static const rti_out_token time_token[] = { { { 0 }, RTI_STR_INIT("evt.time"), TIME, 0 } };
static const rti_out_extra extras[] = {
        { RTI_STR_INIT("ct.user"), true, { extra_tokens, NULL, RTI_COUNT(extra_tokens), 0, true } },
        { RTI_STR_INIT("a"), false, { time_token, NULL, 1, 0, true } },
};

Test(alert, extra_fields_are_added_and_replace_others)
{
        rt_value value;
        const char *name;
        scene s;

        scene_init(&s, RT_ALERT_NO_ID | RT_ALERT_NO_OUTPUT | RT_ALERT_NO_TAGS);
        s.rule.extra = extras;
        s.rule.n_extra = RTI_COUNT(extras);
        expect_json(&s,
                    "{\"hostname\":\"host\",\"output_fields\":{\"a\":1714557600123456789,"
                    "\"ct.error\":null,\"ct.user\":\"<5>\",\"evt.time\":1714557600123456789,"
                    "\"ka.user.groups\":[\"g1\",\"g2\"],\"s3.bytes\":5},"
                    "\"priority\":\"Informational\",\"rule\":\"Some rule\","
                    "\"source\":\"aws_cloudtrail\",\"time\":\"2024-05-01T10:00:00.123456789Z\"}");
        cr_assert_eq(rti_alert_field(&s.alert, 4, &name, &value), RT_OK);
        cr_expect_str_eq(name, "ct.user");
        cr_expect(rti_str_is(value.as.s, "<5>"));
        cr_assert_eq(rti_alert_field(&s.alert, 5, &name, &value), RT_OK);
        cr_expect_str_eq(name, "a");
        cr_assert_eq(rti_alert_field(&s.alert, 6, &name, &value), RT_ENOENT);
        scene_done(&s);
}

Test(alert, fields_come_with_their_values)
{
        const char *name;
        rt_value value;
        scene s;

        scene_init(&s, 0);
        cr_assert_eq(rti_alert_field(&s.alert, 1, &name, &value), RT_OK);
        cr_expect_str_eq(name, "ct.error");
        cr_expect_eq(value.kind, RT_KIND_NONE);
        cr_assert_eq(rti_alert_field(&s.alert, 3, &name, &value), RT_OK);
        cr_expect_eq(value.as.u, 5);
        cr_assert_eq(rti_alert_field(&s.alert, 4, &name, &value), RT_ENOENT);
        scene_done(&s);
}

/* ---- identity ---- */

static void
id_of(scene *s, char ret_id[33])
{
        rti_alert_begin(&s->alert, &s->frame, &s->rule);
        memcpy(ret_id, rti_alert_id(&s->alert), 33);
}

Test(alert, the_same_record_and_rule_have_the_same_id)
{
        char first[33];
        char again[33];
        scene s;

        scene_init(&s, 0);
        id_of(&s, first);
        cr_expect_eq(strlen(first), 32);
        cr_expect_eq(strspn(first, "0123456789abcdef"), 32);
        s.event.position = 1000;
        s.event.number = 9;
        id_of(&s, again);
        cr_expect_str_eq(first, again);
        s.identity = RTI_STR("event-2");
        id_of(&s, again);
        cr_expect_str_neq(first, again);
        s.identity = RTI_STR("event-1");
        s.rule.info.name = "Another rule";
        id_of(&s, again);
        cr_expect_str_neq(first, again);
        scene_done(&s);
}

Test(alert, records_without_identity_are_told_apart_by_place_and_content)
{
        char first[33];
        char again[33];
        scene s;

        scene_init(&s, 0);
        s.identity = (rt_str){ 0 };
        id_of(&s, first);
        id_of(&s, again);
        cr_expect_str_eq(first, again);
        s.event.position = 1;
        id_of(&s, again);
        cr_expect_str_neq(first, again);
        s.event.position = 0;
        s.event.payload = RTI_STR("[]");
        id_of(&s, again);
        cr_expect_str_neq(first, again);
        scene_done(&s);
}

/* ---- memory ---- */

typedef struct count {
        size_t calls;
} count;

static void *
counting(void *ptr, size_t size_bytes, void *user)
{
        ((count *) user)->calls++;
        if (size_bytes)
                return realloc(ptr, size_bytes);
        free(ptr);
        return NULL;
}

Test(alert, after_the_first_one_alerts_take_no_memory)
{
        count n = { 0 };
        const rt_allocator allocator = { sizeof allocator, counting, &n };
        rt_str text;
        scene s;
        size_t before;

        scene_init(&s, 0);
        rti_alert_done(&s.alert);
        rti_alert_init(&s.alert, &allocator, 0, RTI_MAX_OUTPUT_BYTES);
        rti_alert_begin(&s.alert, &s.frame, &s.rule);
        cr_assert_eq(rti_alert_json(&s.alert, &text), RT_OK);
        before = n.calls;
        cr_assert_gt(before, 0);
        rti_alert_begin(&s.alert, &s.frame, &s.rule);
        cr_assert_eq(rti_alert_json(&s.alert, &text), RT_OK);
        cr_expect_eq(n.calls, before);
        scene_done(&s);
}

Test(alert, an_alert_too_long_is_cut_and_not_lost)
{
        static const rti_out_token twice[] = { { { 0 }, RTI_STR_INIT("ct.request"), BIG, 0 },
                                               { { 0 }, RTI_STR_INIT("ct.request"), BIG, 0 } };
        static const rti_out_field once[] = { { RTI_STR_INIT("ct.request"), BIG } };
        const size_t size = (size_t) RTI_MAX_OUTPUT_BYTES - 100;
        char *big = malloc(size);
        rt_str text;
        scene s;

        cr_assert_not_null(big);
        memset(big, 1, size);
        scene_init(&s, 0);
        put_slot(&s, BIG, "ct.request", RT_FORMAT_DEC,
                 (rt_value){ .kind = RT_KIND_STRING, .as.s = { big, size } });
        s.rule.output = (rti_out_format){ twice, once, 2, 1, true };
        cr_assert_eq(rti_alert_text(&s.alert, &text), RT_OK);
        cr_expect_eq(text.len, strlen(PREFIX) + 2 * 256 * 1024);
        cr_assert_eq(rti_alert_json(&s.alert, &text), RT_OK);
        cr_expect_gt(text.len, size);
        cr_expect_eq(text.ptr[text.len - 1], '}');
        scene_done(&s);
        free(big);
}

Test(alert, an_event_that_used_all_its_memory_still_raises_alerts)
{
        rt_str text;
        scene s;

        scene_init(&s, 0);
        s.arena.limit_bytes = 1;
        cr_assert_eq(rti_alert_json(&s.alert, &text), RT_OK);
        cr_expect_eq(text.ptr[text.len - 1], '}');
        scene_done(&s);
}
