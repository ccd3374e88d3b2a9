/* SPDX-License-Identifier: Apache-2.0 */
/*
 * split.c - cut records out of a delivery, and decide which of them are events.
 *
 *   in   bytes of a file or message
 *   out  one event a call
 *
 * reading=tolerant: hunt.h. reading=reference: every object at brace depth 2 is a record, whatever
 * stands around it. As the reference counts braces and quotes and nothing else, an object that is
 * right JSON ends where its braces say; so a record is cut and parsed in one scan, and its braces
 * are counted only where parsing has failed.
 */
#include "sources/cloudtrail/cloudtrail.h"
#include "sources/jsonkit/time.h"

/* ---- which records are events ---- */

static int
event_time(rti_kit *kit, rt_event *event, const char **ret_why)
{
        const rti_json_node node = kit->nodes[CLOUDTRAIL_EVENT_TIME];
        int64_t seconds;
        uint32_t ns;
        rt_str text;
        int r;

        if (!rti_kit_is(kit, node, RTI_JSON_STRING)) {
                *ret_why = "record without an eventTime";
                return 0;
        }
        r = rti_kit_string(kit, event, node, &text);
        if (r < 0)
                return r;
        if (rti_time_rfc3339(text, &seconds, &ns) < 0) {
                *ret_why = "record whose eventTime is no time";
                return 0;
        }
        event->time_ns = rti_time_ns(seconds, ns);
        return 1;
}

/* Is the parsed record an event? As rti_hunt_ops.judge. */
static int
judge_record(rti_kit *kit, rt_str record, rt_event *event, const char **ret_why)
{
        const rti_json_node node = kit->nodes[CLOUDTRAIL_EVENT_TYPE];
        rt_str type;
        int r;

        if (!rti_kit_is(kit, node, RTI_JSON_STRING)) {
                *ret_why = "record without an eventType";
                return 0;
        }
        r = rti_kit_string(kit, event, node, &type);
        if (r < 0)
                return r;
        if (rti_str_is(type, "AwsCloudTrailInsight")) {
                *ret_why = "record of an insight, not of a call";
                return 0;
        }
        event->payload = record;
        event->type = RT_EVENT_PLUGIN;
        return event_time(kit, event, ret_why);
}

/* ---- tolerant ---- */

/* Can the object hold records? It has none of a record's own members, and objects below it. */
static bool
is_container(const rti_kit *kit, rti_json_node root)
{
        static const char *const members[] = { "eventTime", "eventType",   "eventName",
                                               "eventID",   "eventSource", "eventVersion" };
        const rti_json *doc = kit->doc;

        for (size_t i = 0; i < RTI_COUNT(members); i++)
                if (rti_kit_find(kit, members[i]) != RTI_JSON_NONE)
                        return false;
        for (rti_json_node n = rti_json_first(doc, root); n != RTI_JSON_NONE;
             n = rti_json_next(doc, n))
                if (rti_kit_is(kit, n, RTI_JSON_OBJECT)
                    || rti_kit_is(kit, rti_json_first(doc, n), RTI_JSON_OBJECT))
                        return true;
        return false;
}

static int
tolerant_judge(void *state, rt_str text, rt_event *event, const char **ret_why)
{
        cloudtrail *ct = state;
        const int r = judge_record(&ct->kit, text, event, ret_why);

        return r == 0 && is_container(&ct->kit, rti_json_root(ct->kit.doc)) ? RTI_HUNT_ENTER : r;
}

static bool
is_wrapper(rt_str text)
{
        static const char *const own[] = {
                "eventVersion", "userIdentity", "eventTime", "eventSource",         "eventName",
                "eventID",      "eventType",    "awsRegion", "additionalEventData", "eventCategory",
                "addendum",     "errorCode",    NULL
        };

        return rti_hunt_peek(text, "Records", own);
}

const rti_hunt_ops rti_cloudtrail_hunt_ops = {
        .is_wrapper = is_wrapper,
        .judge = tolerant_judge,
};

/* ---- reference ---- */

/* Read a file of its own to the end before anything of it counts: the reference skips a damaged
 * compressed file as a whole. 1, RT_EOF: nothing of it counts, RT_ENOMEM, RT_EAGAIN. */
static int
read_whole(rt_input *input)
{
        const rt_str name = rti_str_of(rt_input_name(input));
        int r = 0;

        if (rti_str_ends(name, RTI_STR(".gz")))
                do {
                        r = rt_input_more(input);
                } while (r == 1);
        if (r == RT_EIO || r == RT_EFORMAT) {
                rt_input_skipped(input, 0, "compressed file is damaged");
                rt_input_consume(input, rt_input_window(input).len);
                return RT_EOF;
        }
        return r == RT_ENOMEM || r == RT_EAGAIN ? r : 1;
}

/* Consume what is scanned to the end, and read more. RT_OK, RT_EOF, RT_E*. */
static int
scan_on(rt_input *input)
{
        int r;

        rt_input_consume(input, rt_input_window(input).len);
        r = rt_input_more(input);
        return r == 1 ? RT_OK : r == 0 ? RT_EOF : r;
}

/* Consume what stands in front of the next record. RT_OK, RT_EOF, RT_E*. */
static int
find_record(cloudtrail *ct, rt_input *input)
{
        for (;;) {
                const rt_str text = rt_input_window(input);
                size_t at = 0;
                int r;

                while ((at = rti_brace_next(&ct->brace, text, at)) < text.len) {
                        if (text.ptr[at] == '{' && ct->brace.depth == 1) {
                                rt_input_consume(input, at);
                                return RT_OK;
                        }
                        ct->brace.depth += text.ptr[at++] == '{' ? 1 : -1;
                }
                r = scan_on(input);
                if (r < 0)
                        return r;
        }
}

/* Consume the rest of a record that is no JSON. RT_OK, RT_EOF, RT_E*. */
static int
skip_record(cloudtrail *ct, rt_input *input)
{
        for (;;) {
                const rt_str text = rt_input_window(input);
                const size_t end = rti_brace_close(&ct->brace, text, 0, 1);
                int r;

                if (end <= text.len) {
                        rt_input_consume(input, end);
                        ct->in_record = false;
                        return RT_OK;
                }
                r = scan_on(input);
                if (r < 0)
                        return r;
        }
}

/* Read until the record at the window's start is there as a whole. 1: parse it again, 0: the input
 * ends before, RT_E*. */
static int
complete_record(rt_input *input)
{
        rti_brace brace = { 0 };
        rt_str text = rt_input_window(input);
        size_t scanned = 0;

        while (rti_brace_close(&brace, text, scanned, 0) > text.len) {
                int r;

                scanned = text.len;
                r = rt_input_more(input);
                if (r <= 0)
                        return r;
                text = rt_input_window(input);
        }
        return 1;
}

/* The record at the window's start: 1: an event, 0: none, RT_E*. */
static int
read_record(cloudtrail *ct, rt_input *input, rt_event *event)
{
        const uint64_t offset = rt_input_offset(input);
        rti_json_error error = { 0 };
        const char *why = "record is no JSON";
        size_t length = 0;
        rt_str text = rt_input_window(input);
        bool limited;
        int r;

        rti_kit_window(&ct->kit, input);
        r = rti_kit_parse_prefix(&ct->kit, text, &length, &error);
        if (r == RT_EOF) {
                r = complete_record(input);
                text = rt_input_window(input);
                if (r == 1) {
                        rti_kit_window(&ct->kit, input);
                        r = rti_kit_parse_prefix(&ct->kit, text, &length, &error);
                } else if (r == 0) {
                        error.message = "record is cut off";
                        r = RT_EFORMAT;
                } else if (r == RT_ELIMIT) {
                        error.message = "record is longer than the limit RECORD_BYTES";
                }
        }
        if (r != RT_OK && r != RT_EFORMAT && r != RT_ELIMIT)
                return r;
        limited = r == RT_ELIMIT;
        if (r == RT_OK) {
                r = judge_record(&ct->kit, rti_str_sub(text, 0, length), event, &why);
                rt_input_consume(input, length);
                event->position = offset;
        } else {
                why = error.message ? error.message : why;
                ct->in_record = true;
                r = 0;
        }
        if (limited)
                rt_input_limited(input, offset, why);
        else if (r == 0)
                rt_input_skipped(input, offset, why);
        return r;
}

static int
reference_next(cloudtrail *ct, rt_input *input, rt_event *event)
{
        int r = ct->begun ? 1 : read_whole(input);

        ct->begun = r != RT_EAGAIN;
        if (r < 0)
                return r;
        for (;;) {
                r = ct->in_record ? skip_record(ct, input) : RT_OK;
                if (r == RT_OK)
                        r = find_record(ct, input);
                if (r == RT_OK)
                        r = read_record(ct, input, event);
                if (r != 0)
                        return r;
        }
}

/* ---- both ---- */

int
rti_cloudtrail_next(void *state, rt_input *input, rt_event *event)
{
        cloudtrail *ct = state;

        return ct->reference ? reference_next(ct, input, event)
                             : rti_hunt_next(&ct->hunt, input, event);
}

void
rti_cloudtrail_restart(void *state)
{
        cloudtrail *ct = state;

        ct->brace = (rti_brace){ 0 };
        ct->begun = ct->in_record = false;
        rti_hunt_restart(&ct->hunt);
}
