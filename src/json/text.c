/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.c - strings of JSON as bytes, and values as JSON again.
 *
 * Unescaping follows the reference: what is no right escape stays as it is written, and so does a
 * surrogate that no other \u follows; two that make no pair become one U+FFFD. The result is never
 * longer than the text.
 */
#include "json/doc.h"
#include "base/utf8.h"

/* ---- unescaping ---- */

/* The number that four hexadecimal digits at s[at] make, or -1. */
static int32_t
hex4(rt_str s, size_t at)
{
        int32_t value = 0;

        if (s.len < at + 4)
                return -1;
        for (size_t i = at; i < at + 4; i++) {
                const char c = s.ptr[i], lower = (char) (c | 0x20);

                if (c >= '0' && c <= '9')
                        value = value << 4 | (c - '0');
                else if (lower >= 'a' && lower <= 'f')
                        value = value << 4 | (lower - 'a' + 10);
                else
                        return -1;
        }
        return value;
}

static size_t
keep(rt_str s, size_t n, char *to, size_t *ret_used)
{
        memcpy(to, s.ptr, n);
        *ret_used = n;
        return n;
}

static size_t
unicode_escape(rt_str s, char *to, size_t *ret_used)
{
        const int32_t code = hex4(s, 2);
        int32_t low;

        if (code < 0)
                return keep(s, 2, to, ret_used);
        *ret_used = 6;
        if (code < 0xd800 || code > 0xdfff)
                return rti_utf8_put(to, (uint32_t) code);
        low = s.len >= 12 && s.ptr[6] == '\\' && s.ptr[7] == 'u' ? hex4(s, 8) : -1;
        if (low < 0)
                return keep(s, 6, to, ret_used);
        *ret_used = 12;
        if (code < 0xdc00 && low >= 0xdc00 && low <= 0xdfff)
                return rti_utf8_put(to, 0x10000 + (((uint32_t) code & 0x3ff) << 10)
                                                + ((uint32_t) low & 0x3ff));
        return rti_utf8_put(to, 0xfffd);
}

size_t
rti_json_unescape_one(rt_str s, char *to, size_t *ret_used)
{
        static const char plain[256] = {
                ['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t',
        };

        if (s.ptr[0] != '\\' || s.len < 2)
                return keep(s, 1, to, ret_used);
        if (s.ptr[1] == 'u')
                return unicode_escape(s, to, ret_used);
        if (!plain[(unsigned char) s.ptr[1]])
                return keep(s, 2, to, ret_used);
        *ret_used = 2;
        to[0] = plain[(unsigned char) s.ptr[1]];
        return 1;
}

/* Unescape into @a to, which has room for all of @a s. The length. */
static size_t
unescape(rt_str s, char *to)
{
        char *const start = to;

        while (s.len) {
                const char *const slash = memchr(s.ptr, '\\', s.len);
                const size_t n = slash ? (size_t) (slash - s.ptr) : s.len;
                char bytes[12];
                size_t used;

                memcpy(to, s.ptr, n);
                to += n;
                s = rti_str_sub(s, n, s.len);
                if (!slash)
                        break;
                const size_t made = rti_json_unescape_one(s, bytes, &used);

                memcpy(to, bytes, made);
                to += made;
                s = rti_str_sub(s, used, s.len);
        }
        return (size_t) (to - start);
}

int
rti_json_unescape(rt_str escaped, const rti_json_memory *memory, rt_str *ret_text)
{
        char *to;

        if (!escaped.len || !memchr(escaped.ptr, '\\', escaped.len)) {
                *ret_text = escaped;
                return RT_OK;
        }
        to = memory->get(memory->user, escaped.len);
        if (!to)
                return RT_ENOMEM;
        *ret_text = (rt_str){ to, unescape(escaped, to) };
        return RT_OK;
}

/* ---- strings that were read ---- */

/* An open hash table of nodes; an entry counts if its upper half is the present generation. */
struct rti_json_touched {
        const rt_allocator *allocator;
        uint64_t *table;
        uint32_t room, n; /* room: a power of two, or 0 */
        uint32_t generation;
};

int
rti_json_touched_new(const rt_allocator *allocator, rti_json_touched **ret_touched)
{
        rti_json_touched *touched = rti_calloc(allocator, 1, sizeof *touched);

        if (!touched)
                return RT_ENOMEM;
        touched->allocator = allocator;
        touched->generation = 1;
        *ret_touched = touched;
        return RT_OK;
}

void
rti_json_touched_free(rti_json_touched *touched)
{
        if (!touched)
                return;
        rti_free(touched->allocator, touched->table);
        rti_free(touched->allocator, touched);
}

void
rti_json_touched_clear(rti_json_touched *touched)
{
        touched->n = 0;
        if (++touched->generation == 0) {
                if (touched->table)
                        memset(touched->table, 0, touched->room * sizeof *touched->table);
                touched->generation = 1;
        }
}

static uint64_t *
place_of(const rti_json_touched *touched, uint64_t *table, uint32_t room, rti_json_node node)
{
        uint32_t at = node * UINT32_C(0x9e3779b1);

        for (at ^= at >> 16;; at++) {
                uint64_t *entry = &table[at & (room - 1)];

                if (*entry >> 32 != touched->generation || (uint32_t) *entry == node)
                        return entry;
        }
}

static bool
was_touched(const rti_json_touched *touched, rti_json_node node)
{
        return touched->n
               && *place_of(touched, touched->table, touched->room, node) >> 32
                          == touched->generation;
}

int
rti_json_touch(rti_json_touched *touched, rti_json_node node)
{
        uint64_t *entry;

        if (touched->n + 1 > touched->room / 2) {
                const uint32_t room = touched->room ? touched->room * 2 : 64;
                uint64_t *table = rti_calloc(touched->allocator, room, sizeof *table);

                if (!table)
                        return RT_ENOMEM;
                for (uint32_t i = 0; i < touched->room; i++)
                        if (touched->table[i] >> 32 == touched->generation)
                                *place_of(touched, table, room, (uint32_t) touched->table[i]) =
                                        touched->table[i];
                rti_free(touched->allocator, touched->table);
                touched->table = table;
                touched->room = room;
        }
        entry = place_of(touched, touched->table, touched->room, node);
        if (*entry >> 32 != touched->generation) {
                *entry = (uint64_t) touched->generation << 32 | node;
                touched->n++;
        }
        return RT_OK;
}

/* ---- writing ---- */

/* May a string with these bytes stand in quotes as it is, in the reference's eyes? */
static bool
needs_quoting(rt_str s)
{
        for (size_t i = 0; i < s.len; i++)
                if ((unsigned char) s.ptr[i] < 0x20 || s.ptr[i] == '"' || s.ptr[i] == '\\')
                        return true;
        return false;
}

/* The raw string (its quotes included) as the reference writes it once it has read it. */
static void
add_unescaped(rti_buf *buf, rt_str raw)
{
        const rt_str inside = rti_str_sub(raw, 1, raw.len - 1);
        /* Unescaped behind the place where it will stand quoted: 4 bytes for each at most, since
         * nothing longer comes of one byte (\x00), and 10 come of 4 bytes only. */
        char *to = rti_buf_reserve(buf, raw.len * 5 + 2);
        rt_str s;

        if (!to)
                return;
        s.ptr = to + raw.len * 4 + 2;
        s.len = unescape(inside, to + raw.len * 4 + 2);
        if (needs_quoting(s)) {
                rti_buf_used(buf, rti_json_go_quote(s, to));
                return;
        }
        to[0] = '"';
        memmove(to + 1, s.ptr, s.len);
        to[1 + s.len] = '"';
        rti_buf_used(buf, s.len + 2);
}

/* Tokens from..last, without the blanks between them. */
static void
add_tokens(const rti_json *doc, uint32_t from, uint32_t last, rti_buf *buf)
{
        uint32_t start = doc->at[from];

        for (uint32_t i = from; i < last; i++) {
                const uint32_t next = doc->at[i + 1];

                if (is_blank(doc->text[next - 1])) {
                        rti_buf_add(buf, (rt_str){ doc->text + start, token_end(doc, i) - start });
                        start = next;
                }
        }
        rti_buf_add(buf, (rt_str){ doc->text + start, doc->at[last] + 1 - start });
}

/* The object of a member whose name is token @a i: the innermost container around it. */
static bool
name_touched(const rti_json_touched *touched, const uint32_t *open, uint32_t depth)
{
        return depth && was_touched(touched, open[depth - 1]);
}

static void
add_touched(const rti_json *doc, rti_json_node node, const rti_json_touched *touched, rti_buf *buf)
{
        const uint32_t last = doc->link[node];
        uint32_t open[RTI_MAX_JSON_DEPTH + 1], depth = 0, from = node;

        for (uint32_t i = node; i <= last; i++) {
                const char c = doc->kinds[i];

                if (c == '{' || c == '[')
                        open[depth++] = i;
                else if (c == '}' || c == ']')
                        depth--;
                if (c != '"'
                    || !(is_name(doc, i) ? name_touched(touched, open, depth)
                                         : was_touched(touched, i)))
                        continue;
                add_tokens(doc, from, i - 1, buf);
                add_unescaped(buf, rti_json_raw(doc, i));
                from = i + 1;
        }
        add_tokens(doc, from, last, buf);
}

void
rti_json_compact(const rti_json *doc, rti_json_node node, const rti_json_touched *touched,
                 rti_buf *buf)
{
        const char c = doc->kinds[node];
        const bool any = touched && touched->n;

        if (c == '"' && any && was_touched(touched, node))
                add_unescaped(buf, rti_json_raw(doc, node));
        else if (c != '{' && c != '[')
                rti_buf_add(buf, rti_json_raw(doc, node));
        else if (any)
                add_touched(doc, node, touched, buf);
        else
                add_tokens(doc, node, doc->link[node], buf);
}

bool
rti_json_is_compact(const rti_json *doc, rti_json_node node, const rti_json_touched *touched)
{
        const uint32_t last = doc->link[node];

        for (uint32_t i = node + 1; i <= last; i++)
                if (is_blank(doc->text[doc->at[i] - 1]))
                        return false;
        return touched->n == 0;
}
