/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.c - texts become documents: scan (scan.h), walk (walk.c), slots.
 *
 *   in   a whole text, or one that goes on behind its first value
 *   out  tokens, links and slots of one value
 *
 * Of a longer text some is scanned at a time, more if the value turns out not to end there, and
 * twice as much each time; what is walked over again then is at most as long as the value. Inside
 * of a window (rti_json_window) the next value's tokens are taken from what was scanned already, if
 * they follow upon the last value's and nothing but punctuation stands between: only then is it
 * sure that the value does not begin inside of what the scan took for a string.
 */
#include "json/doc.h"

static const char empty_text[] = "there is no value";
static const char too_long[] = "the text is too long";
static const char ends_early[] = "the text ends inside of a value";
static const char open_string[] = "a string does not end";
static const char rest[] = "something stands behind the value";

/* Bytes scanned before the first look whether a value ends there; in a window, where what lies
 * behind the value is of use. */
enum { FIRST_STEP = 2048, WINDOW_STEP = 32 * 1024 };
/* Offsets are 32 bits wide: a text ends, and a window is scanned anew, before they overflow. */
enum { MOST_BYTES = 0x7fffff00, MOST_OFFSET = 0x40000000 };

/* ---- memory ---- */

/* Space for @a n elements, contents lost. */
static int
make_room(const rti_json *doc, uint32_t **array, size_t *room, size_t n)
{
        const size_t more = n + n / 2;
        uint32_t *fresh;

        if (*room >= n)
                return RT_OK;
        fresh = rti_realloc(doc->allocator, NULL, more, sizeof *fresh);
        if (!fresh)
                return RT_ENOMEM;
        rti_free(doc->allocator, *array);
        *array = fresh;
        *room = more;
        return RT_OK;
}

static int
grow_index(const rti_json *doc, rti_json_scan *scan)
{
        const size_t room = scan->room ? scan->room * 2 : 1024;
        uint32_t *index = rti_realloc(doc->allocator, scan->index, room, sizeof *index);
        char *kinds;

        if (!index)
                return RT_ENOMEM;
        scan->index = index;
        kinds = rti_realloc(doc->allocator, scan->kinds, room, 1);
        if (!kinds)
                return RT_ENOMEM;
        scan->kinds = kinds;
        scan->room = room;
        return RT_OK;
}

/* ---- scanning ---- */

static void
begin(rti_json *doc, rt_str text)
{
        rti_json_scan *scan = &doc->scan;

        doc->text = scan->text = text.ptr;
        doc->first = 0;
        doc->escapes = false;
        scan->len = text.len < MOST_BYTES ? text.len : MOST_BYTES;
        scan->at = scan->n = 0;
        scan->escaped = scan->in_string = scan->in_scalar = scan->backslashes = 0;
}

/* Find the tokens up to @a end. */
static int
scan_to(rti_json *doc, size_t end)
{
        rti_json_scan *scan = &doc->scan;

        while (scan->at < end) {
                if (scan->room - scan->n < RTI_JSON_SCAN_ROOM && grow_index(doc, scan) < 0)
                        return RT_ENOMEM;
                doc->kernel(scan, end);
        }
        doc->escapes = doc->escapes || scan->backslashes;
        return RT_OK;
}

/* Forget the tokens in front of the value's, and find some behind those known. */
static int
scan_on(rti_json *doc, size_t step)
{
        rti_json_scan *scan = &doc->scan;
        const size_t end = step < scan->len - scan->at ? scan->at + step : scan->len;

        if (doc->first > 0) {
                scan->n -= doc->first;
                memmove(scan->index, scan->index + doc->first, scan->n * sizeof *scan->index);
                memmove(scan->kinds, scan->kinds + doc->first, scan->n);
                doc->first = 0;
                doc->escapes = false; /* what was seen in the last step counts */
        }
        doc->escapes = doc->escapes || scan->backslashes;
        scan->backslashes = 0;
        return scan_to(doc, end);
}

/* ---- walking ---- */

static int
find_nothing(rti_json *doc, const rti_json_projection *projection)
{
        const size_t n = (projection ? projection->n_levels : 0) + (size_t) 1;

        if (make_room(doc, &doc->found, &doc->found_room, n) < 0)
                return RT_ENOMEM;
        memset(doc->found, 0xff, n * sizeof *doc->found);
        return RT_OK;
}

int
rti_json_expect(rti_json *doc, const rti_json_projection *projection,
                const rti_json_node **ret_found, const uint32_t **ret_places)
{
        if (find_nothing(doc, projection) < 0)
                return RT_ENOMEM;
        *ret_found = doc->found;
        *ret_places = projection->ends;
        return RT_OK;
}

/* Walk over the tokens from doc->first on. */
static int
walk_tokens(rti_json *doc, unsigned dialect, const rti_json_projection *projection,
            rti_json_walked *ret_walked, rti_json_error *ret_error)
{
        const size_t n = doc->scan.n - doc->first;

        if (n == 0)
                return RTI_JSON_EXHAUSTED;
        if (find_nothing(doc, projection) < 0 || make_room(doc, &doc->link, &doc->link_room, n) < 0)
                return RT_ENOMEM;
        doc->found[0] = 0;
        memset(doc->scan.kinds + doc->scan.n, 0, 4);
        doc->at = doc->scan.index + doc->first;
        doc->kinds = doc->scan.kinds + doc->first;
        doc->n = (uint32_t) n;
        return rti_json_walk(doc, dialect, projection, ret_walked, ret_error);
}

/* A document without brackets: its token ends with the text. */
static int
walk_single(rti_json *doc, unsigned dialect, rti_json_walked *ret_walked, rti_json_error *ret_error)
{
        rti_json_scan *scan = &doc->scan;

        if (scan->n - doc->first != 1 || scan->in_string || doc->kinds[0] == '{'
            || doc->kinds[0] == '[')
                return RTI_JSON_EXHAUSTED;
        scan->index[scan->n] = (uint32_t) scan->len;
        doc->n = 2; /* as if something stood behind it */
        return rti_json_walk(doc, dialect, NULL, ret_walked, ret_error);
}

/* What the walk has found, put right where names have escapes, and given to who wants copies. */
static void
fill_slots(rti_json *doc, const rti_json_projection *projection, bool again,
           rti_json_node *ret_slots)
{
        for (uint32_t i = 0; i < projection->n_paths && (again || ret_slots); i++) {
                const rti_json_path *path = &projection->paths[i];
                rti_json_node *found = &doc->found[projection->ends[i]];

                if (again)
                        *found = 0;
                for (size_t k = 0; again && k < path->n && *found != RTI_JSON_NONE; k++)
                        *found = rti_json_get(doc, *found, path->names[k]);
                if (ret_slots)
                        ret_slots[i] = *found;
        }
}

static int
too_early(const rti_json *doc, int code, rti_json_error *ret_error)
{
        const rti_json_scan *scan = &doc->scan;
        const bool none = scan->n == doc->first;

        if (scan->in_string && !none)
                *ret_error = (rti_json_error){ scan->index[scan->n - 1], open_string };
        else
                *ret_error = (rti_json_error){ scan->len, none ? empty_text : ends_early };
        return code;
}

/* ---- a whole text ---- */

int
rti_json_parse(rti_json *doc, rt_str text, unsigned dialect, const rti_json_projection *projection,
               rti_json_node *ret_slots, rti_json_error *ret_error)
{
        rti_json_walked walked;
        int r;

        *ret_error = (rti_json_error){ 0, NULL };
        doc->resumable = false;
        doc->n = 0;
        if (text.len > MOST_BYTES) {
                *ret_error = (rti_json_error){ 0, too_long };
                return RT_ELIMIT;
        }
        begin(doc, text);
        if (scan_to(doc, text.len) < 0)
                return RT_ENOMEM;
        doc->plain = dialect == RTI_JSON_LENIENT || (!doc->escapes && rti_json_all_plain(text));
        r = walk_tokens(doc, dialect, projection, &walked, ret_error);
        if (r == RTI_JSON_EXHAUSTED)
                r = walk_single(doc, dialect, &walked, ret_error);
        if (r == RTI_JSON_EXHAUSTED)
                r = too_early(doc, RT_EFORMAT, ret_error);
        else if (r == RT_OK && walked.tokens < doc->scan.n) {
                *ret_error = (rti_json_error){ doc->at[walked.tokens], rest };
                r = RT_EFORMAT;
        }
        doc->n = r < 0 ? 0 : walked.tokens;
        if (r == RT_OK && projection)
                fill_slots(doc, projection, walked.again, ret_slots);
        return r;
}

/* ---- the first value of a text ---- */

void
rti_json_window(rti_json *doc, rt_str text)
{
        doc->window = text;
        doc->resumable = false;
}

static bool
in_window(const rti_json *doc, rt_str text)
{
        const rt_str w = doc->window;

        return w.len > 0 && text.ptr >= w.ptr && text.ptr + text.len == w.ptr + w.len;
}

static bool
is_punctuation(char c)
{
        return c == ',' || c == ':' || c == '[' || c == ']' || c == '{' || c == '}';
}

/* Are the tokens of the value that begins at @a text known? Then doc->first is the first. */
static bool
resume(rti_json *doc, rt_str text)
{
        const rti_json_scan *scan = &doc->scan;
        const size_t offset = (size_t) (text.ptr - scan->text);
        size_t i = doc->next;

        if (!doc->resumable || text.ptr < scan->text || offset > MOST_OFFSET || !text.len
            || !is_punctuation(*text.ptr))
                return false;
        while (i < scan->n && scan->index[i] < offset && is_punctuation(scan->kinds[i]))
                i++;
        if (i == scan->n || scan->index[i] != offset)
                return false;
        doc->first = i;
        return true;
}

/* Where the last of the value's tokens ends. */
static size_t
value_end(const rti_json *doc, uint32_t tokens)
{
        const char c = doc->kinds[0];

        return c == '{' || c == '[' ? doc->at[tokens - 1] + (size_t) 1 : token_end(doc, 0);
}

/* Scan and walk until the value's end is found. */
static int
find_value(rti_json *doc, unsigned dialect, const rti_json_projection *projection, size_t step,
           rti_json_walked *ret_walked, rti_json_error *ret_error)
{
        int r = RTI_JSON_EXHAUSTED;

        if (doc->scan.n > doc->first)
                r = walk_tokens(doc, dialect, projection, ret_walked, ret_error);
        while (r == RTI_JSON_EXHAUSTED && doc->scan.at < doc->scan.len) {
                if (scan_on(doc, step) < 0)
                        return RT_ENOMEM;
                r = walk_tokens(doc, dialect, projection, ret_walked, ret_error);
                step *= 2;
        }
        if (r == RTI_JSON_EXHAUSTED)
                r = walk_single(doc, dialect, ret_walked, ret_error);
        return r == RTI_JSON_EXHAUSTED ? too_early(doc, RT_EOF, ret_error) : r;
}

int
rti_json_parse_prefix(rti_json *doc, rt_str text, unsigned dialect,
                      const rti_json_projection *projection, rti_json_node *ret_slots,
                      size_t *ret_length, rti_json_error *ret_error)
{
        const bool window = in_window(doc, text);
        rti_json_walked walked;
        size_t offset;
        int r;

        *ret_error = (rti_json_error){ 0, NULL };
        if (!window || !resume(doc, text))
                begin(doc, text);
        doc->plain = dialect == RTI_JSON_LENIENT;
        offset = (size_t) (text.ptr - doc->text);
        r = find_value(doc, dialect, projection, window ? WINDOW_STEP : FIRST_STEP, &walked,
                       ret_error);
        doc->resumable = window && r == RT_OK;
        if (r < 0) {
                doc->n = 0;
                ret_error->offset -= ret_error->message ? offset : 0;
                return r;
        }
        doc->n = walked.tokens;
        doc->next = doc->first + walked.tokens;
        if (projection)
                fill_slots(doc, projection, walked.again, ret_slots);
        *ret_length = value_end(doc, walked.tokens) - offset;
        return RT_OK;
}
