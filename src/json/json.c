/* SPDX-License-Identifier: Apache-2.0 */
/* json.c - documents: their memory, parsing, and looking around in them. */
#include "json/doc.h"
#include <assert.h>

static const char empty_text[] = "there is no value";
static const char too_long[] = "the text is too long";
static const char ends_early[] = "the text ends inside of a value";
static const char open_string[] = "a string does not end";
static const char rest[] = "something stands behind the value";

int
rti_json_new(const rt_allocator *allocator, rti_json **ret_doc)
{
        rti_json *doc = rti_calloc(allocator, 1, sizeof *doc);

        if (!doc)
                return RT_ENOMEM;
        doc->allocator = allocator;
        doc->kernel = rti_json_kernel_best();
        *ret_doc = doc;
        return RT_OK;
}

void
rti_json_free(rti_json *doc)
{
        if (!doc)
                return;
        rti_free(doc->allocator, doc->scan.index);
        rti_free(doc->allocator, doc->scan.kinds);
        rti_free(doc->allocator, doc->link);
        rti_free(doc->allocator, doc->found);
        rti_free(doc->allocator, doc);
}

void
rti_json_use_kernel(rti_json *doc, rti_json_kernel kernel)
{
        doc->kernel = kernel;
}

/* ---- parsing ---- */

/* Space for @a n elements, contents lost. */
static int
make_room(const rti_json *doc, void *where, size_t *room, size_t n)
{
        uint32_t **array = where;
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
        return make_room(doc, &doc->link, &doc->link_room, scan->n + 1);
}

static void
begin(rti_json *doc, rt_str text)
{
        rti_json_scan *scan = &doc->scan;

        doc->text = scan->text = text.ptr;
        doc->n = 0;
        scan->len = text.len;
        scan->at = scan->n = 0;
        scan->escaped = scan->in_string = scan->in_scalar = scan->backslashes = 0;
}

/* Walk over the tokens found so far. */
static int
walk_tokens(rti_json *doc, unsigned dialect, const rti_json_projection *projection,
            uint32_t *ret_tokens, bool *ret_again, rti_json_error *ret_error)
{
        const size_t levels = projection ? projection->n_levels : 0;
        const size_t n = doc->scan.n;

        if (n == 0)
                return RTI_JSON_EXHAUSTED;
        if (make_room(doc, &doc->found, &doc->found_room, levels + 1) < 0)
                return RT_ENOMEM;
        memset(doc->found, 0xff, (levels + 1) * sizeof *doc->found);
        doc->found[0] = 0;
        memset(doc->scan.kinds + n, 0, 4);
        doc->at = doc->scan.index;
        doc->kinds = doc->scan.kinds;
        doc->n = (uint32_t) n;
        return rti_json_walk(doc, dialect, projection, ret_tokens, ret_again, ret_error);
}

/* A document without brackets: its token ends with the text. */
static int
walk_single(rti_json *doc, unsigned dialect, uint32_t *ret_tokens, rti_json_error *ret_error)
{
        rti_json_scan *scan = &doc->scan;
        bool again;

        if (scan->n != 1 || scan->in_string || doc->kinds[0] == '{' || doc->kinds[0] == '[')
                return RTI_JSON_EXHAUSTED;
        scan->index[1] = (uint32_t) scan->len;
        doc->n = 2; /* as if something stood behind it */
        return rti_json_walk(doc, dialect, NULL, ret_tokens, &again, ret_error);
}

static void
fill_slots(rti_json *doc, const rti_json_projection *projection, bool again,
           rti_json_node *ret_slots)
{
        for (uint32_t i = 0; i < projection->n_paths; i++) {
                const rti_json_path *path = &projection->paths[i];
                rti_json_node node = 0;

                if (!again) {
                        ret_slots[i] = doc->found[projection->ends[i]];
                        continue;
                }
                for (size_t k = 0; k < path->n && node != RTI_JSON_NONE; k++)
                        node = rti_json_get(doc, node, path->names[k]);
                ret_slots[i] = node;
        }
}

static void
finish(rti_json *doc, uint32_t tokens, size_t end)
{
        doc->n = tokens;
        doc->scan.index[tokens] = (uint32_t) end;
}

/* Where the last of the value's tokens ends. */
static size_t
value_end(const rti_json *doc, uint32_t tokens)
{
        const char c = doc->kinds[0];

        return c == '{' || c == '[' ? doc->at[tokens - 1] + (size_t) 1 : token_end(doc, 0);
}

static int
too_early(const rti_json *doc, int code, rti_json_error *ret_error)
{
        const rti_json_scan *scan = &doc->scan;

        if (scan->in_string)
                *ret_error = (rti_json_error){ scan->index[scan->n - 1], open_string };
        else
                *ret_error = (rti_json_error){ scan->len, scan->n ? ends_early : empty_text };
        return code;
}

int
rti_json_parse(rti_json *doc, rt_str text, unsigned dialect, const rti_json_projection *projection,
               rti_json_node *ret_slots, rti_json_error *ret_error)
{
        bool again = false;
        uint32_t tokens;
        int r;

        *ret_error = (rti_json_error){ 0, NULL };
        if (text.len > UINT32_MAX - 2 * RTI_JSON_BLOCK) {
                *ret_error = (rti_json_error){ 0, too_long };
                return RT_ELIMIT;
        }
        begin(doc, text);
        r = scan_to(doc, text.len);
        if (r < 0)
                return r;
        r = walk_tokens(doc, dialect, projection, &tokens, &again, ret_error);
        if (r == RTI_JSON_EXHAUSTED)
                r = walk_single(doc, dialect, &tokens, ret_error);
        if (r == RTI_JSON_EXHAUSTED)
                r = too_early(doc, RT_EFORMAT, ret_error);
        else if (r == RT_OK && tokens < doc->scan.n) {
                *ret_error = (rti_json_error){ doc->at[tokens], rest };
                r = RT_EFORMAT;
        }
        if (r < 0) {
                doc->n = 0;
                return r;
        }
        finish(doc, tokens, text.len);
        if (projection)
                fill_slots(doc, projection, again, ret_slots);
        return RT_OK;
}

/* How much of a long text is scanned before the first look whether the value ends there. */
enum { FIRST_WINDOW = 2048 };

int
rti_json_parse_prefix(rti_json *doc, rt_str text, unsigned dialect,
                      const rti_json_projection *projection, rti_json_node *ret_slots,
                      size_t *ret_length, rti_json_error *ret_error)
{
        size_t window = FIRST_WINDOW, end;
        bool again = false;
        uint32_t tokens;
        int r;

        *ret_error = (rti_json_error){ 0, NULL };
        if (text.len > UINT32_MAX - 2 * RTI_JSON_BLOCK)
                text.len = UINT32_MAX - 2 * RTI_JSON_BLOCK;
        begin(doc, text);
        for (;; window *= 2) {
                r = scan_to(doc, window < text.len ? window : text.len);
                if (r < 0)
                        return r;
                r = walk_tokens(doc, dialect, projection, &tokens, &again, ret_error);
                if (r != RTI_JSON_EXHAUSTED || doc->scan.at == text.len)
                        break;
        }
        if (r == RTI_JSON_EXHAUSTED)
                r = walk_single(doc, dialect, &tokens, ret_error);
        if (r == RTI_JSON_EXHAUSTED)
                r = too_early(doc, RT_EOF, ret_error);
        if (r < 0) {
                doc->n = 0;
                return r;
        }
        end = value_end(doc, tokens);
        finish(doc, tokens, end);
        if (projection)
                fill_slots(doc, projection, again, ret_slots);
        *ret_length = end;
        return RT_OK;
}

/* ---- looking around ---- */

rti_json_node
rti_json_root(const rti_json *doc)
{
        return doc->n ? 0 : RTI_JSON_NONE;
}

enum rti_json_type
rti_json_type(const rti_json *doc, rti_json_node node)
{
        if (node == RTI_JSON_NONE)
                return RTI_JSON_MISSING;
        switch (doc->kinds[node]) {
        case '{':
                return RTI_JSON_OBJECT;
        case '[':
                return RTI_JSON_ARRAY;
        case '"':
                return RTI_JSON_STRING;
        case 't':
                return RTI_JSON_TRUE;
        case 'f':
                return RTI_JSON_FALSE;
        case 'n': /* or the number nan */
                return doc->text[doc->at[node] + 1] == 'u' ? RTI_JSON_NULL : RTI_JSON_NUMBER;
        default:
                return RTI_JSON_NUMBER;
        }
}

rti_json_node
rti_json_first(const rti_json *doc, rti_json_node node)
{
        const enum rti_json_type type = rti_json_type(doc, node);

        if ((type != RTI_JSON_ARRAY && type != RTI_JSON_OBJECT) || doc->link[node] == node + 1)
                return RTI_JSON_NONE;
        return type == RTI_JSON_ARRAY ? node + 1 : node + 3;
}

/* Only in an object is the second token behind a comma a colon. */
rti_json_node
rti_json_next(const rti_json *doc, rti_json_node value)
{
        const uint32_t next = behind(doc, value);

        if (next >= doc->n || doc->kinds[next] != ',')
                return RTI_JSON_NONE;
        return doc->kinds[next + 2] == ':' ? next + 3 : next + 1;
}

size_t
rti_json_count(const rti_json *doc, rti_json_node node)
{
        size_t n = 0;

        for (node = rti_json_first(doc, node); node != RTI_JSON_NONE;
             node = rti_json_next(doc, node))
                n++;
        return n;
}

rti_json_node
rti_json_at(const rti_json *doc, rti_json_node node, uint64_t index)
{
        if (rti_json_type(doc, node) != RTI_JSON_ARRAY)
                return RTI_JSON_NONE;
        for (node = rti_json_first(doc, node); node != RTI_JSON_NONE && index;
             node = rti_json_next(doc, node))
                index--;
        return node;
}

rt_str
rti_json_raw(const rti_json *doc, rti_json_node node)
{
        const uint32_t from = doc->at[node];
        const char c = doc->text[from];
        const uint32_t end =
                c == '{' || c == '[' ? doc->at[doc->link[node]] + 1 : token_end(doc, node);

        return (rt_str){ doc->text + from, end - from };
}

rt_str
rti_json_raw_name(const rti_json *doc, rti_json_node value)
{
        const rt_str name = rti_json_raw(doc, value - 2);

        return rti_str_sub(name, 1, name.len - 1);
}

/* Is @a name what @a raw spells? Nothing is copied. */
static bool
spells(rt_str raw, rt_str name)
{
        while (raw.len) {
                char bytes[12];
                size_t used;
                const size_t n = rti_json_unescape_one(raw, bytes, &used);

                if (n > name.len || memcmp(bytes, name.ptr, n) != 0)
                        return false;
                raw = rti_str_sub(raw, used, raw.len);
                name = rti_str_sub(name, n, name.len);
        }
        return name.len == 0;
}

rti_json_node
rti_json_get(const rti_json *doc, rti_json_node node, rt_str name)
{
        const bool plain = !name.len || !memchr(name.ptr, '\\', name.len);
        rti_json_node escaped = RTI_JSON_NONE;

        if (rti_json_type(doc, node) != RTI_JSON_OBJECT)
                return RTI_JSON_NONE;
        for (node = rti_json_first(doc, node); node != RTI_JSON_NONE;
             node = rti_json_next(doc, node)) {
                const rt_str raw = rti_json_raw_name(doc, node);

                if (plain && rti_str_eq(raw, name))
                        return node;
                if (escaped == RTI_JSON_NONE && raw.len > 0 && doc->scan.backslashes
                    && memchr(raw.ptr, '\\', raw.len) && spells(raw, name))
                        escaped = node;
        }
        return escaped;
}

bool
rti_json_has_escape(const rti_json *doc, rti_json_node node)
{
        const rt_str raw = rti_json_raw(doc, node);

        return doc->scan.backslashes && memchr(raw.ptr, '\\', raw.len) != NULL;
}

int
rti_json_string(const rti_json *doc, rti_json_node node, const rti_json_memory *memory,
                rt_str *ret_text)
{
        rt_str raw;

        if (rti_json_type(doc, node) != RTI_JSON_STRING)
                return RT_EINVAL;
        raw = rti_json_raw(doc, node);
        return rti_json_unescape(rti_str_sub(raw, 1, raw.len - 1), memory, ret_text);
}
