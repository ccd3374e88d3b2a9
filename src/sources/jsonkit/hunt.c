/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hunt.c - find the records in a text of any shape.
 *
 *   in   an input's bytes
 *   out  one parsed record a call
 *
 *      seek ──"{"──▶ record ──judge──▶ event
 *        ▲             │ broken, too long
 *        └── skip ◀────┘
 *
 * Between two calls the window begins behind the last record. Whatever has been looked at and is no
 * part of a record is consumed at once.
 */
#include "sources/jsonkit/hunt.h"
#include "sources/jsonkit/more.h"

enum {
        MOST_DESCENTS = 16,     /* wrappers in wrappers: each level is parsed once more */
        PEEK_BYTES = 4096,      /* of an object, to see whether it is a wrapper */
        LINE_BYTES = 64 * 1024, /* up to this size the end of a line is worth a new attempt */
};

void
rti_hunt_init(rti_hunt *hunt, const rti_hunt_ops *ops, void *state, rti_kit *kit)
{
        *hunt = (rti_hunt){ .ops = ops, .state = state, .kit = kit };
}

void
rti_hunt_restart(rti_hunt *hunt)
{
        rti_hunt_init(hunt, hunt->ops, hunt->state, hunt->kit);
        rti_kit_restart(hunt->kit);
}

/* ---- wrappers ---- */

static size_t
skip_blanks(rt_str text, size_t at)
{
        while (at < text.len && memchr(" \t\r\n", text.ptr[at], 4))
                at++;
        return at;
}

/* Index behind the member's value at @a at: a scalar or an object; 0: neither, or not all of it. */
static size_t
skip_value(rt_str text, size_t at)
{
        rti_brace brace = { 0 };
        size_t end = at;

        if (text.ptr[at] == '[')
                return 0;
        if (text.ptr[at] == '{') {
                end = rti_brace_close(&brace, text, at, 0);
                return end <= text.len ? end : 0;
        }
        while (end < text.len && (brace.in_string || !memchr(",}{[", text.ptr[end], 4))) {
                if (text.ptr[end] == '"' && (end == at || text.ptr[end - 1] != '\\'))
                        brace.in_string = !brace.in_string;
                end++;
        }
        return end < text.len ? end : 0;
}

/* The name of the member at @a at; the index behind its colon, 0 if there is none. */
static size_t
read_name(rt_str text, size_t at, rt_str *ret_name)
{
        const char *end;

        if (at >= text.len || text.ptr[at] != '"')
                return 0;
        end = memchr(text.ptr + at + 1, '"', text.len - at - 1);
        if (!end)
                return 0;
        *ret_name = rti_str_sub(text, at + 1, (size_t) (end - text.ptr));
        at = skip_blanks(text, at + ret_name->len + 2);
        return at < text.len && text.ptr[at] == ':' ? skip_blanks(text, at + 1) : 0;
}

bool
rti_hunt_peek(rt_str text, const char *array, const char *const *own)
{
        size_t at = 1;
        rt_str name;

        text.len = text.len < PEEK_BYTES ? text.len : PEEK_BYTES;
        do {
                at = read_name(text, skip_blanks(text, at), &name);
                if (at == 0 || at >= text.len)
                        return false;
                for (size_t i = 0; own[i]; i++)
                        if (rti_str_is(name, own[i]))
                                return false;
                if (text.ptr[at] == '[' && rti_str_is(name, array))
                        return true;
                at = skip_value(text, at);
                if (at == 0)
                        return false;
                at = skip_blanks(text, at);
        } while (at < text.len && text.ptr[at++] == ',');
        return false;
}

/* ---- between records ---- */

static void
end_junk(rti_hunt *hunt, rt_input *input)
{
        /* A wrapper's other members are nobody's record; elements of its array should be. */
        if (hunt->junk && (hunt->entered == 0 || (hunt->in_array && !hunt->junk_named)))
                rt_input_skipped(input, hunt->junk_at, "text that is no record");
        hunt->junk = hunt->junk_named = false;
}

static void
structure(rti_hunt *hunt, rt_input *input, char c)
{
        end_junk(hunt, input);
        if (c == '[' || c == ']') {
                hunt->in_array = c == '[';
        } else if (c == '}') {
                hunt->entered -= hunt->entered > 0;
                hunt->descents = 0;
        }
}

enum begins { BEGINS_NO, BEGINS_YES, BEGINS_UNKNOWN };

/* Can a record begin at @a at? A brace begins an object only in front of a name or its end; inside
 * of a wrapper's string it is text, unless a name follows at once, as it cannot in a string. */
static enum begins
begins_record(const rti_hunt *hunt, rt_str text, size_t at)
{
        size_t next = at + 1;

        if (text.ptr[at] == '[')
                return hunt->ops->arrays && !hunt->in_string ? BEGINS_YES : BEGINS_NO;
        if (text.ptr[at] != '{')
                return BEGINS_NO;
        if (!hunt->in_string)
                next = skip_blanks(text, next);
        if (next == text.len) /* where there is much of nothing, read_on waits better */
                return next - at < PEEK_BYTES ? BEGINS_UNKNOWN : BEGINS_YES;
        if (text.ptr[next] != '"')
                return text.ptr[next] == '}' && !hunt->in_string ? BEGINS_YES : BEGINS_NO;
        if (!hunt->in_string)
                return BEGINS_YES;
        if (next + 1 == text.len)
                return BEGINS_UNKNOWN;
        return memchr(",:]} \t\r\n", text.ptr[next + 1], 8) ? BEGINS_NO : BEGINS_YES;
}

/* A byte of a wrapper's string. */
static void
string_byte(rti_hunt *hunt, char c)
{
        if (hunt->escaped)
                hunt->escaped = false;
        else if (c == '\\')
                hunt->escaped = true;
        else if (c == '"' || c == '\n')
                hunt->in_string = false;
}

/* A byte that begins no record. */
static void
gap_byte(rti_hunt *hunt, rt_input *input, uint64_t offset, char c)
{
        static const rt_str bom = RTI_STR_INIT("\xef\xbb\xbf");

        if (hunt->in_string) {
                string_byte(hunt, c);
        } else if (c == ',' || c == '[' || c == ']' || c == '}') {
                structure(hunt, input, c);
        } else if (c == '\n' && hunt->entered == 0) {
                end_junk(hunt, input);
        } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\x1e'
                   && !(offset < bom.len && c == bom.ptr[offset])) {
                if (!hunt->junk)
                        hunt->junk_at = offset;
                hunt->junk = true;
                hunt->junk_named |= c == ':';
                hunt->in_string = c == '"' && hunt->entered > 0;
        }
}

/* Index of the first byte that may begin a record; text.len if there is none. *ret_unknown: what
 * follows must be read first. */
static size_t
gap(rti_hunt *hunt, rt_input *input, rt_str text, bool *ret_unknown)
{
        const uint64_t offset = rt_input_offset(input);

        for (size_t i = 0; i < text.len; i++) {
                const enum begins begins = begins_record(hunt, text, i);

                *ret_unknown = begins == BEGINS_UNKNOWN;
                if (begins != BEGINS_NO)
                        return i;
                gap_byte(hunt, input, offset + i, text.ptr[i]);
        }
        return text.len;
}

/* Consume up to the next byte that may begin a record. 1, RT_EOF, RT_E*. */
static int
seek(rti_hunt *hunt, rt_input *input)
{
        for (;;) {
                const rt_str text = rt_input_window(input);
                bool unknown = false;
                const size_t at = gap(hunt, input, text, &unknown);
                int r;

                rt_input_consume(input, at);
                if (at < text.len && !unknown) {
                        end_junk(hunt, input);
                        hunt->in_string = hunt->escaped = false;
                        return 1;
                }
                r = rti_input_more_or_end(input, &hunt->damaged);
                if (unknown && (r == 0 || r == RT_ELIMIT)) {
                        /* A brace, and nothing behind it for as long as there is. */
                        gap_byte(hunt, input, rt_input_offset(input), '{');
                        rt_input_consume(input, rt_input_window(input).len);
                } else if (r == RT_EAGAIN) {
                        return r;
                } else if (r <= 0) {
                        end_junk(hunt, input);
                        return r == 0 ? RT_EOF : r;
                }
        }
}

/* ---- broken records ---- */

/* Index in @a text where the broken record ends, as far as one can tell; SIZE_MAX: not here. */
static size_t
broken_end(rti_hunt *hunt, rt_str text)
{
        size_t from = 0;

        while (from < text.len) {
                const char *lf = memchr(text.ptr + from, '\n', text.len - from);
                const rt_str line = { text.ptr, lf ? (size_t) (lf - text.ptr) + 1 : text.len };
                size_t end;

                if (hunt->after_lf && (text.ptr[from] == '{' || text.ptr[from] == '['))
                        return from;
                end = rti_brace_close(&hunt->brace, line, from, 0);
                if (end <= line.len)
                        return end;
                hunt->after_lf = lf;
                from = line.len;
        }
        return SIZE_MAX;
}

/* Consume the rest of a broken record. RT_OK, RT_EOF, RT_E*. */
static int
skip(rti_hunt *hunt, rt_input *input)
{
        for (;;) {
                const rt_str text = rt_input_window(input);
                const size_t end = broken_end(hunt, text);
                int r;

                rt_input_consume(input, end == SIZE_MAX ? text.len : end);
                if (end != SIZE_MAX) {
                        hunt->skipping = false;
                        return RT_OK;
                }
                r = rti_input_more_or_end(input, &hunt->damaged);
                if (r <= 0)
                        return r == 0 ? RT_EOF : r;
        }
}

/* ---- records ---- */

/* Is the record at the window's start worth another attempt to parse it? Each costs as much as the
 * record is long, so one is made when it looks complete, or has doubled. */
static bool
worth_parsing(rti_hunt *hunt, rt_str text)
{
        bool closed;

        if (text.ptr[0] == '{')
                closed = rti_brace_close(&hunt->brace, text, hunt->scanned, 0) <= text.len;
        else
                closed = text.len <= LINE_BYTES && text.ptr[text.len - 1] == '\n';
        hunt->scanned = text.len;
        return closed || text.len >= 2 * hunt->parsed;
}

/* An attempt to parse the record failed for want of bytes. */
static void
note_attempt(rti_hunt *hunt, rt_str begun)
{
        if (hunt->parsed == 0) {
                hunt->brace = (rti_brace){ 0 };
                hunt->scanned = 0;
        }
        hunt->parsed = begun.len;
        if (hunt->scanned < begun.len)
                (void) worth_parsing(hunt, begun);
}

/* Read more of the record. 1: parse it again; 0: the input ends; RT_E*. */
static int
read_on(rti_hunt *hunt, rt_input *input)
{
        for (;;) {
                const int r = rti_input_more_or_end(input, &hunt->damaged);

                /* What has come since the last attempt may have been the rest. */
                if ((r == 0 || r == RT_ELIMIT) && hunt->scanned > hunt->parsed)
                        return 1;
                if (r <= 0)
                        return r;
                if (worth_parsing(hunt, rt_input_window(input)))
                        return 1;
        }
}

static int
enter(rti_hunt *hunt, rt_input *input)
{
        rt_input_consume(input, 1);
        hunt->entered++;
        hunt->in_array = false;
        return 0;
}

/* The parsed value at the window's start: 1: it is an event, 0: it was dealt with, RT_E*. */
static int
judge(rti_hunt *hunt, rt_input *input, rt_event *event, rt_str text)
{
        const char *why = "no record";
        const uint64_t offset = rt_input_offset(input);
        const int r = hunt->ops->judge(hunt->state, text, event, &why);

        if (r < 0)
                return r;
        if (r == RTI_HUNT_ENTER && hunt->descents < MOST_DESCENTS) {
                hunt->descents++;
                return enter(hunt, input);
        }
        rt_input_consume(input, text.len);
        if (r == 1) {
                hunt->descents = 0;
                event->position = offset;
                return 1;
        }
        if (r != RTI_HUNT_PASS)
                rt_input_skipped(input, offset, r == 0 ? why : "wrappers nested too deeply");
        return 0;
}

/* The record at the window's start cannot be read. */
static int
broken(rti_hunt *hunt, rt_input *input, int why, const char *what)
{
        if (why == RT_ELIMIT)
                rt_input_limited(input, rt_input_offset(input), what);
        else
                rt_input_skipped(input, rt_input_offset(input), what);
        hunt->skipping = true;
        hunt->after_lf = false;
        hunt->brace = (rti_brace){ 0 };
        return 0;
}

/* Is too little of the broken object there to see that it is no wrapper? Whether it is one must not
 * depend on how its bytes arrive. */
static bool
could_be_wrapper(const rti_hunt *hunt, rt_str text)
{
        return hunt->ops->is_wrapper && text.ptr[0] == '{' && text.len < PEEK_BYTES;
}

/* Parse what the window begins with: 1: an event, 0: nothing that is one, RT_EOF: it is not there
 * as a whole, RT_E*. */
static int
attempt(rti_hunt *hunt, rt_input *input, rt_event *event)
{
        for (;;) {
                const rt_str text = rt_input_window(input);
                rti_json_error error = { 0 };
                size_t length = 0;
                int r, more;

                if (hunt->ops->is_wrapper && text.ptr[0] == '{' && hunt->ops->is_wrapper(text))
                        return enter(hunt, input);
                rti_kit_window(hunt->kit, input);
                r = rti_kit_parse_prefix(hunt->kit, text, &length, &error);
                if (r == RT_OK)
                        return judge(hunt, input, event, rti_str_sub(text, 0, length));
                if (r == RT_EOF)
                        note_attempt(hunt, text);
                if (r != RT_EFORMAT && r != RT_ELIMIT)
                        return r;
                more = could_be_wrapper(hunt, text) ? rti_input_more_or_end(input, &hunt->damaged)
                                                    : 0;
                if (more == RT_EAGAIN)
                        return more;
                if (more != 1)
                        return broken(hunt, input, r, error.message);
        }
}

/* The record at the window's start, or what has come of it since the input had nothing more: as
 * attempt, but never RT_EOF. */
static int
record(rti_hunt *hunt, rt_input *input, rt_event *event)
{
        int r = RT_EOF;

        if (!hunt->waiting) {
                hunt->parsed = 0;
                r = attempt(hunt, input, event);
        }
        while (r == RT_EOF) {
                r = read_on(hunt, input);
                hunt->waiting = r == RT_EAGAIN;
                if (r == 0)
                        return broken(hunt, input, r, "record is cut off");
                if (r == RT_ELIMIT)
                        return broken(hunt, input, r,
                                      "record is longer than the limit RECORD_BYTES");
                if (r < 0)
                        return r;
                r = attempt(hunt, input, event);
        }
        return r;
}

/* A broken record ends in front of such a line (broken_end), and text between records at the line
 * feed. */
bool
rti_hunt_rests(const rti_hunt *hunt)
{
        return !hunt->waiting && !hunt->junk && !hunt->damaged && !hunt->in_string
               && hunt->entered == 0 && (!hunt->skipping || hunt->after_lf);
}

int
rti_hunt_next(rti_hunt *hunt, rt_input *input, rt_event *event)
{
        for (;;) {
                int r = hunt->skipping ? skip(hunt, input) : RT_OK;

                if (r == RT_OK)
                        r = hunt->waiting ? 1 : seek(hunt, input);
                if (r > 0)
                        r = record(hunt, input, event);
                if (r != 0)
                        return r;
        }
}
