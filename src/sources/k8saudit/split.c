/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split.c - documents, lists and their events.
 *
 *   in   bytes of a file or message
 *   out  one event a call
 *
 * reading=tolerant: hunt.h. reading=reference: one document a line, which is an event, a list or an
 * array of them; a list is checked as a whole before its first event is given.
 */
#include "sources/jsonkit/limits.h"
#include "sources/jsonkit/more.h"
#include "sources/jsonkit/time.h"
#include "sources/k8saudit/k8saudit.h"

enum {
        LINE_BYTES = 65536, /* the reference's buffer for one line */
        BATCH_EVENTS = 128  /* what it reads before it hands anything on */
};

/* ---- events ---- */

/* 1: *ret_time_ns is set, 0: it is no time, and *ret_why says so, RT_E*. */
static int
read_time(rti_kit *kit, const rt_event *event, rti_json_node node, uint64_t *ret_time_ns,
          const char **ret_why)
{
        int64_t seconds;
        uint32_t ns;
        rt_str text;
        int r;

        *ret_why = "event without a stageTimestamp";
        if (node == RTI_JSON_NONE)
                return 0;
        *ret_why = "event whose stageTimestamp is no time";
        if (!rti_kit_is(kit, node, RTI_JSON_STRING))
                return 0;
        r = rti_kit_string(kit, event, node, &text);
        if (r < 0)
                return r;
        if (rti_time_rfc3339(text, &seconds, &ns) < 0)
                return 0;
        *ret_time_ns = seconds == RTI_TIME_ZERO_SECONDS && ns == 0 ? rti_time_now_ns()
                                                                   : rti_time_ns(seconds, ns);
        return 1;
}

static bool
name_is_escaped(const rti_kit *kit, rti_json_node value)
{
        rt_str name;

        if (value == RTI_JSON_NONE)
                return false;
        name = rti_json_raw_name(kit->doc, value);
        return name.len > 0 && memchr(name.ptr, '\\', name.len);
}

static bool
is_escaped(const rti_kit *kit, rti_json_node node)
{
        return rti_kit_is(kit, node, RTI_JSON_STRING) && rti_json_has_escape(kit->doc, node);
}

/* The reference has read `kind` and `stageTimestamp` before it writes the event anew as payload;
 * where that shows (rti_json_touched), make that payload and read it. RT_OK, RT_E*. */
static int
rewrite(rti_kit *kit, rt_event *event)
{
        const rti_json_node read[] = { kit->nodes[K8SAUDIT_KIND],
                                       kit->nodes[K8SAUDIT_STAGE_TIMESTAMP] };
        rti_json_touched *touched = kit->touched[RTI_KIT_SOURCE];
        const rti_json_node root = rti_json_root(kit->doc);
        rti_json_error error;
        bool any = false;
        int r = RT_OK;

        rti_json_touched_clear(touched);
        for (size_t i = 0; i < RTI_COUNT(read) && r == RT_OK; i++) {
                const bool value = is_escaped(kit, read[i]), name = name_is_escaped(kit, read[i]);

                any |= value || name;
                if (value)
                        r = rti_json_touch(touched, read[i]);
                if (r == RT_OK && name)
                        r = rti_json_touch(touched, root);
        }
        if (!any || r < 0)
                return r;
        rti_buf_clear(&kit->text);
        rti_json_compact(kit->doc, root, touched, &kit->text);
        r = rti_kit_keep(kit, event, &event->payload);
        return r < 0 ? r : rti_kit_parse(kit, event->payload, &error);
}

/* Fill @a event from the parsed one. 1; 0: it is no event, and *ret_why says why, RT_E*. */
static int
fill(rti_kit *kit, rt_str text, rt_event *event, const char **ret_why)
{
        int r = read_time(kit, event, kit->nodes[K8SAUDIT_STAGE_TIMESTAMP], &event->time_ns,
                          ret_why);

        if (r != 1)
                return r;
        event->type = RT_EVENT_PLUGIN;
        event->payload = text;
        r = rewrite(kit, event);
        return r < 0 ? r : 1;
}

/* Is the string at @a node this one? */
static bool
says(rti_kit *kit, const rt_event *event, rti_json_node node, const char *text)
{
        rt_str value;

        return rti_kit_is(kit, node, RTI_JSON_STRING)
               && rti_kit_string(kit, event, node, &value) == RT_OK && rti_str_is(value, text);
}

/* ---- tolerant ---- */

/* Can the object hold events? */
static bool
is_container(const rti_kit *kit, rti_json_node root)
{
        const rti_json *doc = kit->doc;

        for (rti_json_node n = rti_json_first(doc, root); n != RTI_JSON_NONE;
             n = rti_json_next(doc, n))
                if (rti_kit_is(kit, n, RTI_JSON_ARRAY)
                    && rti_kit_is(kit, rti_json_first(doc, n), RTI_JSON_OBJECT))
                        return true;
        return false;
}

/* Is it what a list says of itself, its `metadata`, and no event that lacks everything? */
static bool
is_list_metadata(const k8saudit *audit)
{
        const rti_json_node *nodes = audit->kit.nodes;

        return audit->hunt.entered > 0 && !audit->hunt.in_array
               && nodes[K8SAUDIT_KIND] == RTI_JSON_NONE
               && nodes[K8SAUDIT_STAGE_TIMESTAMP] == RTI_JSON_NONE
               && nodes[K8SAUDIT_AUDIT_ID] == RTI_JSON_NONE;
}

static int
tolerant_judge(void *state, rt_str text, rt_event *event, const char **ret_why)
{
        k8saudit *audit = state;
        rti_kit *kit = &audit->kit;
        const rti_json_node kind = kit->nodes[K8SAUDIT_KIND];
        const rti_json_node root = rti_json_root(kit->doc);
        const bool has_id = kit->nodes[K8SAUDIT_AUDIT_ID] != RTI_JSON_NONE;

        if (is_list_metadata(audit))
                return RTI_HUNT_PASS;
        if (says(kit, event, kind, "EventList"))
                return is_container(kit, root) ? RTI_HUNT_ENTER : 0;
        if (says(kit, event, kind, "Event") || has_id || audit->hunt.entered > 0)
                return fill(kit, text, event, ret_why);
        *ret_why = "no audit event";
        return kind == RTI_JSON_NONE && is_container(kit, root) ? RTI_HUNT_ENTER : 0;
}

static bool
is_wrapper(rt_str text)
{
        static const char *const own[] = { "auditID",    "level",
                                           "stage",      "stageTimestamp",
                                           "requestURI", "requestReceivedTimestamp",
                                           "verb",       "user",
                                           "objectRef",  "annotations",
                                           NULL };

        return rti_hunt_peek(text, "items", own);
}

const rti_hunt_ops rti_k8saudit_hunt_ops = {
        .is_wrapper = is_wrapper,
        .judge = tolerant_judge,
};

/* ---- reference: lines ---- */

/* Length of the line at the window's start, without its line feed: 1; 0: there is no more,
 * RT_ELIMIT: it is too long for the reference, RT_E*. */
static int
find_line(k8saudit *audit, rt_input *input, size_t *ret_len, bool *ret_ended)
{
        size_t seen = 0;

        for (;;) {
                const rt_str text = rt_input_window(input);
                const char *lf =
                        seen < text.len ? memchr(text.ptr + seen, '\n', text.len - seen) : NULL;
                int r;

                *ret_len = lf ? (size_t) (lf - text.ptr) : text.len;
                *ret_ended = lf;
                if (*ret_len >= LINE_BYTES)
                        return RT_ELIMIT;
                if (lf)
                        return 1;
                seen = text.len;
                r = rti_input_more_or_end(input, &audit->damaged);
                if (r <= 0)
                        return r == 0 ? *ret_len > 0 : r;
        }
}

/* Are there lines enough for a batch in the first @a len bytes of the window? */
static bool
fills_batch(rt_str window, size_t len)
{
        size_t at = 0;

        for (unsigned n = 0; n < BATCH_EVENTS;) {
                const char *lf = at < len ? memchr(window.ptr + at, '\n', len - at) : NULL;

                if (!lf)
                        return false;
                n += lf > window.ptr + at;
                at = (size_t) (lf - window.ptr) + 1;
        }
        return true;
}

/* The reference hands on whole batches, and loses the one in which a line is too long: look over
 * the lines of the next one, in steps as long as a line may be. RT_OK, RT_ELIMIT, RT_E*. */
static int
look_ahead(k8saudit *audit, rt_input *input)
{
        const uint64_t offset = rt_input_offset(input);

        if (audit->short_to < offset)
                audit->short_to = offset;
        while (audit->short_to - offset < (uint64_t) BATCH_EVENTS * LINE_BYTES) {
                const rt_str text = rt_input_window(input);
                const size_t at = (size_t) (audit->short_to - offset);
                int r;

                if (text.len - at >= LINE_BYTES) {
                        const char *lf = memrchr(text.ptr + at, '\n', LINE_BYTES);

                        if (!lf)
                                return fills_batch(text, at) ? RT_OK : RT_ELIMIT;
                        audit->short_to = offset + (size_t) (lf - text.ptr) + 1;
                        continue;
                }
                if (fills_batch(text, text.len))
                        return RT_OK;
                r = rti_input_more_or_end(input, &audit->damaged);
                if (r <= 0)
                        return r;
        }
        return RT_OK;
}

static void
drop_line(k8saudit *audit, rt_input *input)
{
        rt_input_consume(input, audit->line_bytes);
        audit->line_bytes = 0;
        audit->parts.n = audit->next_part = 0;
}

/* ---- reference: documents ---- */

/* Note an event of a list; one without a time is reported and left out. */
static int
add_part(k8saudit *audit, rt_input *input, const rt_event *event, rti_json_node node)
{
        rti_kit *kit = &audit->kit;
        const rt_str text = rti_json_raw(kit->doc, node);
        const size_t at = (size_t) (text.ptr - rt_input_window(input).ptr);
        const char *why;
        uint64_t time_ns;
        const int r = read_time(kit, event, rti_json_get(kit->doc, node, RTI_STR("stageTimestamp")),
                                &time_ns, &why);

        if (r == 0)
                rt_input_skipped(input, rt_input_offset(input) + at, why);
        if (r != 1)
                return r;
        return rti_vec_push(&audit->parts, kit->allocator, ((k8saudit_part){ at, text.len }),
                            RTI_SOURCE_MAX_LIST_ELEMENTS);
}

static int
add_items(k8saudit *audit, rt_input *input, const rt_event *event, rti_json_node items)
{
        const rti_json *doc = audit->kit.doc;
        int r = rti_kit_is(&audit->kit, items, RTI_JSON_ARRAY) && rti_json_count(doc, items) > 0
                        ? RT_OK
                        : RT_EFORMAT;

        for (rti_json_node n = rti_json_first(doc, items); n != RTI_JSON_NONE && r == RT_OK;
             n = rti_json_next(doc, n))
                r = add_part(audit, input, event, n);
        return r;
}

/* Note all events of a document. RT_OK; RT_EFORMAT: something in it is neither an event nor a list,
 * and then the reference takes nothing of it. Recursion is bounded by the document's depth. */
static int
add_document(k8saudit *audit, rt_input *input, const rt_event *event, rti_json_node node)
{
        rti_kit *kit = &audit->kit;
        const rti_json_node kind = rti_json_get(kit->doc, node, RTI_STR("kind"));
        int r = RT_OK;

        if (rti_kit_is(kit, node, RTI_JSON_ARRAY)) {
                for (rti_json_node n = rti_json_first(kit->doc, node);
                     n != RTI_JSON_NONE && r == RT_OK; n = rti_json_next(kit->doc, n))
                        r = add_document(audit, input, event, n);
                return r;
        }
        if (says(kit, event, kind, "EventList"))
                return add_items(audit, input, event,
                                 rti_json_get(kit->doc, node, RTI_STR("items")));
        if (says(kit, event, kind, "Event"))
                return add_part(audit, input, event, node);
        return RT_EFORMAT;
}

/* The line at the window's start. 1: an event; 0: none, or its parts are noted, RT_E*. */
static int
read_line(k8saudit *audit, rt_input *input, rt_event *event, size_t len)
{
        rti_kit *kit = &audit->kit;
        const uint64_t offset = rt_input_offset(input);
        rt_str line = rti_str_sub(rt_input_window(input), 0, len);
        rti_json_error error = { 0 };
        const char *why;
        int r;

        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
                line.len--;
        if (line.len == 0)
                return 0;
        r = rti_kit_parse(kit, line, &error);
        if (r == RT_OK && says(kit, event, kit->nodes[K8SAUDIT_KIND], "Event")) {
                event->position = offset;
                r = fill(kit, rti_json_raw(kit->doc, rti_json_root(kit->doc)), event, &why);
                if (r == 0)
                        rt_input_skipped(input, offset, why);
                return r;
        }
        why = error.message;
        if (r == RT_OK) {
                why = "data not recognized as a k8s audit event";
                r = add_document(audit, input, event, rti_json_root(kit->doc));
        }
        if (r == RT_EFORMAT || r == RT_ELIMIT) {
                audit->parts.n = 0;
                if (r == RT_ELIMIT)
                        rt_input_limited(input, offset, why);
                else
                        rt_input_skipped(input, offset, why);
                r = RT_OK;
        }
        return r;
}

static int
read_part(k8saudit *audit, rt_input *input, rt_event *event)
{
        const k8saudit_part part = audit->parts.at[audit->next_part++];
        const rt_str window = rt_input_window(input);
        rti_json_error error;
        const char *why;
        size_t length;
        int r = rti_kit_parse_prefix(&audit->kit, rti_str_sub(window, part.at, window.len), &length,
                                     &error);

        if (r < 0)
                return r;
        event->position = rt_input_offset(input) + part.at;
        return fill(&audit->kit, rti_str_sub(window, part.at, part.at + part.len), event, &why);
}

/* The next line. 1: an event, 0: none (yet), RT_EOF, RT_E*. */
static int
next_line(k8saudit *audit, rt_input *input, rt_event *event)
{
        bool ended;
        size_t len;
        int r = audit->in_batch == 0 ? look_ahead(audit, input) : RT_OK;

        if (r == RT_OK)
                r = find_line(audit, input, &len, &ended);
        if (r == 0)
                return RT_EOF;
        if (r == RT_ELIMIT) {
                audit->unusable = true;
                rt_input_skipped(input, rt_input_offset(input), "line is longer than 65535 bytes");
        }
        if (r < 0)
                return r;
        audit->line_bytes = len + ended;
        r = read_line(audit, input, event, len);
        if (audit->parts.n == 0)
                drop_line(audit, input);
        return r;
}

static int
reference_next(k8saudit *audit, rt_input *input, rt_event *event)
{
        int r = 0;

        if (audit->unusable)
                return RT_EOF;
        while (r == 0) {
                if (audit->next_part < audit->parts.n) {
                        r = read_part(audit, input, event);
                } else {
                        if (audit->line_bytes > 0)
                                drop_line(audit, input);
                        r = next_line(audit, input, event);
                }
        }
        if (r == 1)
                audit->in_batch = (audit->in_batch + 1) % BATCH_EVENTS;
        return r;
}

/* ---- both ---- */

int
rti_k8saudit_next(void *state, rt_input *input, rt_event *event)
{
        k8saudit *audit = state;

        return audit->reference ? reference_next(audit, input, event)
                                : rti_hunt_next(&audit->hunt, input, event);
}

void
rti_k8saudit_restart(void *state)
{
        k8saudit *audit = state;

        audit->parts.n = audit->next_part = audit->line_bytes = 0;
        audit->in_batch = 0;
        audit->short_to = 0;
        audit->unusable = audit->damaged = false;
        rti_hunt_restart(&audit->hunt);
}
