/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alert.c - a match as text, as JSON, as fields.
 *
 * in: a rule's output format and the frame; out: bytes in the buffers of the alert, which it keeps.
 * Each is made when first asked for, once per match.
 */
#include "engine/alert.h"
#include "base/clock.h"
#include "base/hash.h"
#include "engine/render.h"

/* What one string may hold, from try to try, while the whole is over its limit. */
static const size_t most_bytes_tries[] = { SIZE_MAX, 256 * 1024, 4 * 1024, 64 };

enum {
        JSON_BYTES_PER_BYTE = 8 /* an escaped character has six, and the fields come on top */
};

void
rti_alert_init(rt_alert *alert, const rt_allocator *allocator, uint32_t flags,
               uint64_t max_output_bytes)
{
        *alert = (rt_alert){ .flags = flags, .most_bytes = SIZE_MAX };
        rti_buf_init(&alert->text, allocator, max_output_bytes);
        rti_buf_init(&alert->scratch, allocator, max_output_bytes);
        rti_buf_init(&alert->members, allocator, 0);
        rti_buf_init(&alert->json, allocator, max_output_bytes * JSON_BYTES_PER_BYTE);
}

void
rti_alert_done(rt_alert *alert)
{
        rti_buf_done(&alert->text);
        rti_buf_done(&alert->scratch);
        rti_buf_done(&alert->members);
        rti_buf_done(&alert->json);
}

void
rti_alert_begin(rt_alert *alert, rti_frame *frame, const rti_rule_row *rule)
{
        alert->frame = frame;
        alert->rule = rule;
        alert->made = 0;
        rti_frame_reread(frame);
}

/* ---- identity ---- */

/* What tells the record from all others: its own name for itself, else where and what it is. */
static uint64_t
identity_hash(const rti_frame *frame, uint64_t seed)
{
        const rti_instance *instance = frame->instance;
        const rt_event *event = frame->event;
        const rt_str source = rti_str_of(instance->ops->name);
        rt_str text;

        if (instance->ops->identity && instance->ops->identity(instance->state, event, &text) == 1)
                return rti_hash(text.ptr, text.len, seed);
        seed = rti_hash(source.ptr, source.len, seed);
        seed = rti_hash(&event->position, sizeof event->position, seed);
        return rti_hash(event->payload.ptr, event->payload.len, seed);
}

const char *
rti_alert_id(rt_alert *alert)
{
        static const char hex[] = "0123456789abcdef";
        const rt_str rule = rti_str_of(alert->rule->info.name);

        if (alert->made & RTI_ALERT_HAS_ID)
                return alert->id;
        for (size_t half = 0; half < 2; half++) {
                uint64_t hash = identity_hash(alert->frame, rti_hash(rule.ptr, rule.len, half));

                for (size_t i = 16; i-- > 0; hash >>= 4)
                        alert->id[half * 16 + i] = hex[hash & 15];
        }
        alert->id[32] = '\0';
        alert->made |= RTI_ALERT_HAS_ID;
        return alert->id;
}

/* ---- text ---- */

static void
add_slot(rt_alert *alert, rti_buf *buf, const rti_out_token *token)
{
        const rt_value *value = rti_frame_value(alert->frame, token->slot);
        rti_shape shape = rti_shape_of_slot(alert->frame->rules->slots, token->slot);
        const size_t start = buf->len;

        shape.most_bytes = alert->most_bytes;
        if (!value || !rti_render_text(buf, value, &shape))
                rti_buf_add_text(buf, "<NA>");
        rti_render_width(buf, start, token->width);
}

/* Missing values print as <NA>: alerts are always lenient. */
static void
add_format(rt_alert *alert, rti_buf *buf, const rti_out_format *format)
{
        for (uint32_t i = 0; i < format->n_tokens; i++)
                if (format->tokens[i].slot == RTI_NO_SLOT)
                        rti_buf_add(buf, format->tokens[i].text);
                else
                        add_slot(alert, buf, &format->tokens[i]);
}

static void
make_text(rt_alert *alert)
{
        const bool iso = alert->flags & RT_ALERT_TIME_ISO_8601;
        char time[RTI_CLOCK_ROOM];
        const size_t len = rti_clock_text(alert->frame->event->time_ns,
                                          iso ? RTI_CLOCK_ISO_8601 : RTI_CLOCK_TIME, time);

        rti_buf_clear(&alert->text);
        rti_buf_add(&alert->text, (rt_str){ time, len });
        rti_buf_add_text(&alert->text, ": ");
        rti_buf_add_text(&alert->text, rt_priority_name(alert->rule->info.priority));
        rti_buf_add_char(&alert->text, ' ');
        alert->message_at = alert->text.len;
        add_format(alert, &alert->text, &alert->rule->output);
}

/* Run @a make until @a buf is within its limit. */
static int
make_within_limit(rt_alert *alert, void (*make)(rt_alert *alert), const rti_buf *buf)
{
        for (size_t i = 0; i < RTI_COUNT(most_bytes_tries); i++) {
                alert->most_bytes = most_bytes_tries[i];
                make(alert);
                if (buf->failed != RT_ELIMIT)
                        break;
                alert->limits_hit += i == 0;
        }
        alert->most_bytes = SIZE_MAX;
        return buf->failed;
}

int
rti_alert_text(rt_alert *alert, rt_str *ret_text)
{
        if (!(alert->made & RTI_ALERT_HAS_TEXT)) {
                const int r = make_within_limit(alert, make_text, &alert->text);

                if (r < 0)
                        return r;
                alert->made |= RTI_ALERT_HAS_TEXT;
        }
        *ret_text = rti_buf_str(&alert->text);
        return RT_OK;
}

/* ---- output_fields ---- */

/* One member of output_fields. */
typedef struct member {
        rt_str name;
        uint32_t slot;              /* RTI_NO_SLOT: one of these, or the event's time */
        const rti_out_extra *extra; /* a rendered text */
        const rti_added *added;
} member;

/* from[low ... middle) and from[middle ... high), both sorted, into one. */
static void
merge(const member *from, member *to, size_t low, size_t middle, size_t high)
{
        size_t a = low;
        size_t b = middle;

        for (size_t i = low; i < high; i++) {
                const bool left =
                        a < middle && (b == high || rti_str_cmp(from[a].name, from[b].name) <= 0);

                to[i] = left ? from[a++] : from[b++];
        }
}

/* Merge sort, since the order of equal names counts: of these the last one holds. */
static const member *
sort_members(member *from, member *to, size_t n)
{
        for (size_t width = 1; width < n; width *= 2) {
                member *const sorted = to;

                for (size_t low = 0; low < n; low += 2 * width) {
                        const size_t middle = low + width < n ? low + width : n;

                        merge(from, to, low, middle, middle + width < n ? middle + width : n);
                }
                to = from;
                from = sorted;
        }
        return from;
}

/* The one slot of an extra field that is a value, or RTI_NO_SLOT: it is a rendered text. */
static uint32_t
slot_of_extra(const rti_out_extra *extra)
{
        return extra->text || extra->format.n_tokens != 1 ? RTI_NO_SLOT
                                                          : extra->format.tokens[0].slot;
}

/* All members, sorted; their number, or RT_ENOMEM. */
static int64_t
list_members(rt_alert *alert, const member **ret_members)
{
        const rti_rule_row *rule = alert->rule;
        const size_t n = 1 + (size_t) rule->output.n_fields + rule->n_extra + alert->n_added;
        member *members;
        size_t at = 0;

        /* Not the event's memory: the event may have used all of it. */
        rti_buf_clear(&alert->members);
        members = (member *) (void *) rti_buf_reserve(&alert->members, n * 2 * sizeof *members);
        if (!members)
                return alert->members.failed;
        members[at++] =
                (member){ alert->flags & RT_ALERT_TIME_ISO_8601 ? RTI_STR("evt.time.iso8601")
                                                                : RTI_STR("evt.time"),
                          RTI_NO_SLOT, NULL, NULL };
        for (uint32_t i = 0; i < rule->output.n_fields; i++)
                members[at++] = (member){ rule->output.fields[i].name, rule->output.fields[i].slot,
                                          NULL, NULL };
        for (uint32_t i = 0; i < rule->n_extra; i++) {
                const uint32_t slot = slot_of_extra(&rule->extra[i]);

                members[at++] = (member){ rule->extra[i].key, slot,
                                          slot == RTI_NO_SLOT ? &rule->extra[i] : NULL, NULL };
        }
        for (size_t i = 0; i < alert->n_added; i++)
                members[at++] = (member){ rti_str_of(alert->added[i].name), RTI_NO_SLOT, NULL,
                                          &alert->added[i] };
        *ret_members = sort_members(members, members + n, n);
        return (int64_t) n;
}

static void
add_member_value(rt_alert *alert, const member *one)
{
        rti_frame *frame = alert->frame;
        rti_shape shape;

        if (one->extra) {
                rti_buf_clear(&alert->scratch);
                add_format(alert, &alert->scratch, &one->extra->format);
                if (alert->scratch.failed && !alert->json.failed)
                        alert->json.failed = alert->scratch.failed;
                rti_buf_add_json(&alert->json, rti_buf_str(&alert->scratch));
        } else if (one->added) {
                shape = (rti_shape){ .most_bytes = alert->most_bytes };
                if (one->added->value.kind != RT_KIND_DOUBLE)
                        shape.format = RT_FORMAT_DEC;
                rti_render_json(&alert->json, &one->added->value, &shape, frame->event->time_ns);
        } else if (one->slot == RTI_NO_SLOT) {
                rti_buf_add_i64(&alert->json, (int64_t) frame->event->time_ns);
        } else {
                shape = rti_shape_of_slot(frame->rules->slots, one->slot);
                shape.most_bytes = alert->most_bytes;
                rti_render_json(&alert->json, rti_frame_value(frame, one->slot), &shape,
                                frame->event->time_ns);
        }
}

static void
add_output_fields(rt_alert *alert)
{
        const member *members = NULL;
        const int64_t n = list_members(alert, &members);
        bool first = true;

        if (n < 0) {
                alert->json.failed = (int) n;
                return;
        }
        rti_buf_add_char(&alert->json, '{');
        for (int64_t i = 0; i < n; i++) {
                if (i + 1 < n && rti_str_eq(members[i].name, members[i + 1].name))
                        continue;
                if (!first)
                        rti_buf_add_char(&alert->json, ',');
                first = false;
                rti_buf_add_json(&alert->json, members[i].name);
                rti_buf_add_char(&alert->json, ':');
                add_member_value(alert, &members[i]);
        }
        rti_buf_add_char(&alert->json, '}');
}

/* ---- JSON ---- */

/* `,"name":` or, the first time, `{"name":`. */
static void
add_key(rt_alert *alert, const char *key)
{
        rti_buf_add_text(&alert->json, alert->json.len ? ",\"" : "{\"");
        rti_buf_add_text(&alert->json, key);
        rti_buf_add_text(&alert->json, "\":");
}

static void
add_pair(rt_alert *alert, const char *key, rt_str value)
{
        add_key(alert, key);
        rti_buf_add_json(&alert->json, value);
}

static void
add_tags(rt_alert *alert)
{
        const char *const *tag = alert->rule->info.tags;

        rti_buf_add_char(&alert->json, '[');
        for (size_t i = 0; tag && tag[i]; i++) {
                if (i)
                        rti_buf_add_char(&alert->json, ',');
                rti_buf_add_json(&alert->json, rti_str_of(tag[i]));
        }
        rti_buf_add_char(&alert->json, ']');
}

/* Names come in sorted order, as Falco's. */
static void
make_json(rt_alert *alert)
{
        const rt_rule_info *info = &alert->rule->info;
        const rt_str text = rti_buf_str(&alert->text);
        char time[RTI_CLOCK_ROOM];
        const size_t len = rti_clock_text(alert->frame->event->time_ns, RTI_CLOCK_ISO_8601_Z, time);

        rti_buf_clear(&alert->json);
        add_pair(alert, "hostname", rti_str_of(alert->frame->hostname));
        if (!(alert->flags & RT_ALERT_NO_ID))
                add_pair(alert, "id", rti_str_of(rti_alert_id(alert)));
        if (alert->flags & RT_ALERT_MESSAGE)
                add_pair(alert, "message", rti_str_sub(text, alert->message_at, text.len));
        if (!(alert->flags & RT_ALERT_NO_OUTPUT))
                add_pair(alert, "output", text);
        if (!(alert->flags & RT_ALERT_NO_OUTPUT_FIELDS)) {
                add_key(alert, "output_fields");
                add_output_fields(alert);
        }
        add_pair(alert, "priority", rti_str_of(rt_priority_name(info->priority)));
        add_pair(alert, "rule", rti_str_of(info->name));
        add_pair(alert, "source", rti_str_of(info->source));
        if (!(alert->flags & RT_ALERT_NO_TAGS)) {
                add_key(alert, "tags");
                add_tags(alert);
        }
        add_pair(alert, "time", (rt_str){ time, len });
        rti_buf_add_char(&alert->json, '}');
}

int
rti_alert_json(rt_alert *alert, rt_str *ret_text)
{
        if (!(alert->made & RTI_ALERT_HAS_JSON)) {
                rt_str text;
                int r = RT_OK;

                if ((alert->flags & RT_ALERT_MESSAGE) || !(alert->flags & RT_ALERT_NO_OUTPUT))
                        r = rti_alert_text(alert, &text);
                rti_frame_reread(alert->frame);
                if (r == RT_OK)
                        r = make_within_limit(alert, make_json, &alert->json);
                if (r < 0)
                        return r;
                alert->made |= RTI_ALERT_HAS_JSON;
        }
        *ret_text = rti_buf_str(&alert->json);
        return RT_OK;
}

/* ---- fields ---- */

/* A rendered text that lives as long as the event. */
static int
text_value(rt_alert *alert, const rti_out_format *format, rt_value *ret_value)
{
        rt_str text;

        rti_buf_clear(&alert->scratch);
        add_format(alert, &alert->scratch, format);
        if (alert->scratch.failed)
                return alert->scratch.failed;
        text = rti_arena_copy(alert->frame->memory, rti_buf_str(&alert->scratch));
        if (!text.ptr)
                return RT_ENOMEM;
        *ret_value = (rt_value){ .kind = RT_KIND_STRING, .as.s = text };
        return RT_OK;
}

int
rti_alert_field(rt_alert *alert, size_t index, const char **ret_name, rt_value *ret_value)
{
        const rti_rule_row *rule = alert->rule;
        const size_t n_fields = rule->output.n_fields;
        const rti_out_extra *extra;
        const rt_value *value;
        rt_str name;
        uint32_t slot;

        if (index < n_fields) {
                name = rule->output.fields[index].name;
                slot = rule->output.fields[index].slot;
        } else if (index - n_fields < rule->n_extra) {
                extra = &rule->extra[index - n_fields];
                name = extra->key;
                slot = slot_of_extra(extra);
                if (slot == RTI_NO_SLOT) {
                        const int r = text_value(alert, &extra->format, ret_value);

                        if (r == RT_OK)
                                *ret_name = name.ptr;
                        return r;
                }
        } else if (index - n_fields - rule->n_extra < alert->n_added) {
                const rti_added *added = &alert->added[index - n_fields - rule->n_extra];

                *ret_name = added->name;
                *ret_value = added->value;
                return RT_OK;
        } else {
                return RT_ENOENT;
        }
        value = rti_frame_value(alert->frame, slot);
        *ret_name = name.ptr;
        *ret_value = value ? *value : (rt_value){ .kind = RT_KIND_NONE };
        return RT_OK;
}
