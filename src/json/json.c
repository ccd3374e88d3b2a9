/* SPDX-License-Identifier: Apache-2.0 */
/* json.c - documents: their memory, looking around in them, and what they have in common. */
#include "json/kept.h"

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

/* What stands between the quotes of token @a i. */
static inline rt_str
inside(const rti_json *doc, uint32_t i)
{
        const uint32_t from = doc->at[i] + 1;
        uint32_t end = doc->at[i + 1] - 1;

        while (doc->text[end] != '"')
                end--;
        return (rt_str){ doc->text + from, end - from };
}

/* No text is shorter than what it spells, and one that is as long is spelled without escapes. */
rti_json_node
rti_json_get(const rti_json *doc, rti_json_node node, rt_str name)
{
        rti_json_node escaped = RTI_JSON_NONE;
        uint32_t i = node + 1;

        if (node == RTI_JSON_NONE || doc->kinds[node] != '{' || doc->kinds[i] != '"')
                return RTI_JSON_NONE;
        for (;;) {
                const rt_str raw = inside(doc, i);

                if (raw.len == name.len) {
                        if (raw.len == 0 || memcmp(raw.ptr, name.ptr, raw.len) == 0) {
                                if (raw.len == 0 || !memchr(raw.ptr, '\\', raw.len))
                                        return i + 2;
                                if (escaped == RTI_JSON_NONE && spells(raw, name))
                                        escaped = i + 2;
                        }
                } else if (raw.len > name.len && escaped == RTI_JSON_NONE && doc->escapes
                           && memchr(raw.ptr, '\\', raw.len) && spells(raw, name)) {
                        escaped = i + 2;
                }
                i = behind(doc, i + 2);
                if (doc->kinds[i] != ',')
                        return escaped;
                i++;
        }
}

bool
rti_json_has_escape(const rti_json *doc, rti_json_node node)
{
        const rt_str raw = rti_json_raw(doc, node);

        return doc->escapes && memchr(raw.ptr, '\\', raw.len) != NULL;
}

int
rti_json_string(const rti_json *doc, rti_json_node node, const rti_json_memory *memory,
                rt_str *ret_text)
{
        if (node == RTI_JSON_NONE || doc->kinds[node] != '"')
                return RT_EINVAL;
        return rti_json_unescape(inside(doc, node), memory, ret_text);
}

bool
rti_json_simple(const rti_json *doc, rti_json_node node, rt_str *ret_text)
{
        enum { FEW = 64 };
        const uint64_t ones = UINT64_C(0x0101010101010101);
        rt_str text;

        if (doc->kinds[node] != '"')
                return false;
        text = *ret_text = inside(doc, node);
        if (text.len > FEW)
                return !memchr(text.ptr, '\\', text.len) && !memchr(text.ptr, 0, text.len);
        for (; text.len >= 8; text = rti_str_sub(text, 8, text.len)) {
                const uint64_t x = rti_json_load(text.ptr), y = x ^ ones * '\\';

                if ((((x - ones) & ~x) | ((y - ones) & ~y)) & ones << 7)
                        return false;
        }
        for (size_t i = 0; i < text.len; i++)
                if (text.ptr[i] == '\\' || text.ptr[i] == 0)
                        return false;
        return true;
}

/* ---- what is kept of documents before ---- */

void
rti_json_keep(const rti_json *doc, rti_json_node node, rti_json_kept *kept)
{
        const uint32_t len = rti_json_kept_len(doc, node);
        const char *text;

        kept->version++;
        kept->len = len;
        if (len == RTI_JSON_KEPT_MISSING)
                return;
        text = doc->text + doc->at[node];
        if (len <= sizeof kept->text && *text != '{' && *text != '[')
                memcpy(kept->text, text, len);
        else
                kept->len = 0;
}
