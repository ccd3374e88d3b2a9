/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json.c - the source json: any JSON records.
 *
 *   config  reading=tolerant|reference; name=NAME, what evt.pluginname says; time=clock, time=step
 *           or time=/POINTER, where the event's time comes from; start=NS and step=NS, the first
 *           time and what lies between two, for time=step
 *   event   tolerant: one object or array, wherever it ends; reference: one line that is not empty,
 *           JSON or not. Its payload is that text
 *   fields  json.* and jevt.*
 *
 * A pointer may lead to an RFC 3339 time or to a number of seconds, milli-, micro- or nanoseconds
 * since 1970, told apart by its size. A record without it gets the time of its reading.
 */
#include "base/alloc.h"
#include "sources/builtin.h"
#include "sources/jsonkit/hunt.h"
#include "sources/jsonkit/json_fields.h"
#include "sources/jsonkit/more.h"
#include "sources/jsonkit/options.h"
#include "sources/jsonkit/time.h"

enum time_from { FROM_CLOCK, FROM_STEP, FROM_POINTER };

enum { MOST_NAME_BYTES = 255 };

typedef struct json_lines {
        rti_kit kit; /* first: kit.h */
        rti_hunt hunt;
        rti_arena arena; /* of the options */
        bool reference;
        bool skipping; /* reference: the window's start is inside of a line that is too long */
        bool damaged;  /* reference: the input's end is none */
        enum time_from time_from;
        uint64_t start_ns, step_ns, given; /* events so far */
        rt_str *time_names;                /* the pointer */
        size_t n_time_names;
        char name[MOST_NAME_BYTES + 1];
} json_lines;
_Static_assert(offsetof(json_lines, kit) == 0, "rti_kit_demand, rti_kit_extract");

/* ---- the event's time ---- */

/* Digits, and a fraction of at most nine that count. */
static bool
read_number(rt_str text, uint64_t *ret_whole, uint64_t *ret_billionths)
{
        uint64_t whole = 0, part = 0, unit = 100000000;
        size_t i = 0;

        for (; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
                if (whole > INT64_MAX / 10 - 9)
                        return false;
                whole = whole * 10 + (uint64_t) (text.ptr[i] - '0');
        }
        if (i > 0 && i < text.len && text.ptr[i] == '.')
                for (i++; i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9'; i++) {
                        part += unit * (uint64_t) (text.ptr[i] - '0');
                        unit /= 10;
                }
        *ret_whole = whole;
        *ret_billionths = part;
        return i > 0 && i == text.len;
}

static bool
time_of_number(rt_str text, uint64_t *ret_ns)
{
        /* Each limit is some thousand years of its unit, or a few days of the next. */
        static const struct {
                uint64_t below, ns;
        } units[] = { { 100000000000, 1000000000 },
                      { 100000000000000, 1000000 },
                      { 100000000000000000, 1000 } };
        uint64_t whole, billionths;

        if (!read_number(text, &whole, &billionths))
                return false;
        *ret_ns = whole;
        for (size_t i = 0; i < RTI_COUNT(units); i++)
                if (whole < units[i].below) {
                        *ret_ns = whole * units[i].ns + billionths / (1000000000 / units[i].ns);
                        break;
                }
        return true;
}

static bool
time_of_record(json_lines *lines, const rt_event *event, uint64_t *ret_ns)
{
        rti_kit *kit = &lines->kit;
        rti_json_node node;
        int64_t seconds;
        uint32_t ns;
        rt_str text;

        if (!kit->parsed)
                return false;
        node = rti_pointer_follow(kit->doc, rti_json_root(kit->doc), lines->time_names,
                                  lines->n_time_names);
        if (rti_kit_is(kit, node, RTI_JSON_NUMBER))
                return time_of_number(rti_json_raw(kit->doc, node), ret_ns);
        if (!rti_kit_is(kit, node, RTI_JSON_STRING) || rti_kit_string(kit, event, node, &text) < 0)
                return false;
        if (rti_time_rfc3339(text, &seconds, &ns) < 0)
                return time_of_number(text, ret_ns);
        *ret_ns = rti_time_ns(seconds, ns);
        return true;
}

static void
fill(json_lines *lines, rt_str text, rt_event *event)
{
        event->payload = text;
        event->type = RT_EVENT_PLUGIN;
        if (lines->time_from == FROM_STEP)
                event->time_ns = lines->start_ns + lines->given * lines->step_ns;
        else if (lines->time_from != FROM_POINTER || !time_of_record(lines, event, &event->time_ns))
                event->time_ns = rti_time_now_ns();
        lines->given++;
}

/* ---- tolerant ---- */

static int
judge(void *state, rt_str text, rt_event *event, const char **ret_why)
{
        (void) ret_why;
        fill(state, text, event);
        return 1;
}

static const rti_hunt_ops hunt_ops = { .judge = judge, .arrays = true };

/* ---- reference ---- */

/* 1: *ret_line is the next line, without its line feed, and *ret_bytes what to consume for it;
 * 0: there is none; RT_ELIMIT: it is too long, RT_E*. */
static int
find_line(rt_input *input, bool *damaged, rt_str *ret_line, size_t *ret_bytes)
{
        size_t seen = 0;

        for (;;) {
                const rt_str text = rt_input_window(input);
                const char *lf =
                        seen < text.len ? memchr(text.ptr + seen, '\n', text.len - seen) : NULL;
                int r;

                *ret_line = rti_str_sub(text, 0, lf ? (size_t) (lf - text.ptr) : text.len);
                *ret_bytes = ret_line->len + (lf != NULL);
                if (lf)
                        return 1;
                seen = text.len;
                r = rti_input_more_or_end(input, damaged);
                if (r <= 0)
                        return r == 0 ? text.len > 0 : r;
        }
}

static int
reference_next(json_lines *lines, rt_input *input, rt_event *event)
{
        rti_json_error error;
        rt_str line;
        size_t bytes;
        int r;

        for (;;) {
                r = find_line(input, &lines->damaged, &line, &bytes);
                if (r == RT_ELIMIT) {
                        if (!lines->skipping)
                                rt_input_limited(input, rt_input_offset(input),
                                                 "line is longer than the limit RECORD_BYTES");
                        lines->skipping = true;
                        rt_input_consume(input, rt_input_window(input).len);
                        continue;
                }
                if (r <= 0)
                        return r == 0 ? RT_EOF : r;
                event->position = rt_input_offset(input);
                rt_input_consume(input, bytes);
                if (line.len > 0 && !lines->skipping)
                        break;
                lines->skipping = false;
        }
        r = rti_kit_parse(&lines->kit, line, &error);
        if (r < 0 && r != RT_EFORMAT && r != RT_ELIMIT)
                return r;
        fill(lines, line, event);
        return 1;
}

/* ---- options ---- */

static bool
set_reading(void *state, const char *value)
{
        json_lines *lines = state;

        return rti_option_reading_value(value, &lines->reference);
}

static bool
set_name(void *state, const char *value)
{
        json_lines *lines = state;
        const size_t len = rti_str_of(value).len;

        if (len == 0 || len > MOST_NAME_BYTES)
                return false;
        memcpy(lines->name, value, len + 1);
        return true;
}

static bool
set_time(void *state, const char *value)
{
        json_lines *lines = state;
        const rt_str text = rti_str_of(value);

        if (rti_str_is(text, "clock"))
                lines->time_from = FROM_CLOCK;
        else if (rti_str_is(text, "step"))
                lines->time_from = FROM_STEP;
        else if (text.len > 0 && text.ptr[0] == '/')
                lines->time_from = FROM_POINTER;
        else
                return false;
        if (lines->time_from != FROM_POINTER)
                return true;
        return rti_pointer_split(&lines->arena, rti_arena_copy(&lines->arena, text),
                                 &lines->time_names, &lines->n_time_names)
               == RT_OK;
}

static bool
set_ns(const char *value, uint64_t *ret_ns)
{
        uint64_t none;
        const rt_str text = rti_str_of(value);

        return read_number(text, ret_ns, &none) && !memchr(text.ptr, '.', text.len);
}

static bool
set_start(void *state, const char *value)
{
        json_lines *lines = state;

        return set_ns(value, &lines->start_ns);
}

static bool
set_step(void *state, const char *value)
{
        json_lines *lines = state;

        return set_ns(value, &lines->step_ns);
}

static const rti_option_spec options[] = {
        { "reading", RTI_OPTION_READING_WHAT, set_reading },
        { "name", "name is a text of at most 255 bytes", set_name },
        { "time", "time is clock, step, or a JSON pointer that begins with a slash", set_time },
        { "start", "start is a number of nanoseconds since 1970", set_start },
        { "step", "step is a number of nanoseconds", set_step },
};

/* ---- rt_source_ops ---- */

static void
json_destroy(void *state)
{
        json_lines *lines = state;
        const rt_allocator *allocator;

        if (!lines)
                return;
        allocator = lines->kit.allocator;
        rti_kit_done(&lines->kit);
        rti_arena_done(&lines->arena);
        rti_free(allocator, lines);
}

static int
json_create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        json_lines *lines = rti_calloc(config->allocator, 1, sizeof *lines);
        int r;

        if (!lines)
                return RT_ENOMEM;
        rti_arena_init(&lines->arena, config->allocator, /* limit_bytes= */ 0);
        r = rti_options_read(config, options, RTI_COUNT(options), lines, diags);
        if (r == RT_OK)
                r = rti_kit_init(&lines->kit, config->allocator, /* fields= */ NULL, NULL,
                                 /* fixed= */ "");
        if (r < 0) {
                rti_arena_done(&lines->arena);
                rti_free(config->allocator, lines);
                return r;
        }
        rti_hunt_init(&lines->hunt, &hunt_ops, lines, &lines->kit);
        *ret_state = lines;
        return RT_OK;
}

static void
json_restart(void *state)
{
        json_lines *lines = state;

        lines->skipping = lines->damaged = false;
        rti_hunt_restart(&lines->hunt);
}

static int
json_next(void *state, rt_input *input, rt_event *event)
{
        json_lines *lines = state;

        return lines->reference ? reference_next(lines, input, event)
                                : rti_hunt_next(&lines->hunt, input, event);
}

static int
json_info(void *state, const rt_event *event, rt_str *ret_text)
{
        (void) state;
        *ret_text = event->payload;
        return 1;
}

static const char *
json_name(void *state)
{
        const json_lines *lines = state;

        return lines->name[0] ? lines->name : NULL;
}

static uint32_t
json_split(void *state)
{
        const json_lines *lines = state;

        if (lines->time_from == FROM_STEP)
                return RT_SPLIT_NEVER;
        if (lines->reference ? lines->skipping || lines->damaged : !rti_hunt_rests(&lines->hunt))
                return RT_SPLIT_INPUTS;
        return RT_SPLIT_LINES;
}

const rt_source_ops rti_source_json = {
        .size = sizeof rti_source_json,
        .abi = RT_SOURCE_ABI,
        .name = "json",
        .plugin = "lines", /* evt.pluginname; the plug-in json is the one with the fields */
        .create = json_create,
        .destroy = json_destroy,
        .demand = rti_kit_demand,
        .restart = json_restart,
        .next = json_next,
        .extract = rti_kit_extract,
        .info = json_info,
        .instance_name = json_name,
        .split = json_split,
};
