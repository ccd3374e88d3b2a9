/* SPDX-License-Identifier: Apache-2.0 */
/*
 * item.c - an item as the loader hands it over: compact JSON whose scalars are texts or null.
 *
 * The loader wrote it, but nothing is taken on trust: what is not of that form is RT_EFORMAT.
 */
#include "native.h"

typedef struct reader {
        rti_arena *arena;
        const char *at, *end;
        unsigned depth;
} reader;

static bool
skip(reader *in, char c)
{
        if (in->at == in->end || *in->at != c)
                return false;
        in->at++;
        return true;
}

static int
read_hex(reader *in, uint32_t *ret_code)
{
        static const char digits[] = "0123456789abcdef";
        uint32_t code = 0;

        for (int i = 0; i < 4; i++, in->at++) {
                const char c = in->at == in->end ? '\0' : *in->at;
                const char lower = (char) (c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
                const char *digit = lower ? memchr(digits, lower, 16) : NULL;

                if (!digit)
                        return RT_EFORMAT;
                code = code << 4 | (uint32_t) (digit - digits);
        }
        *ret_code = code;
        return RT_OK;
}

/* What stands behind a backslash. The loader leaves all but control characters as they are. */
static int
read_escape(reader *in, char *ret_c)
{
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        const char c = in->at == in->end ? '\0' : *in->at++;
        const char *which = c ? strchr(from, c) : NULL;
        uint32_t code = 0;

        if (c == 'u') {
                if (read_hex(in, &code) < 0 || !code || code > 0x7f)
                        return RT_EFORMAT;
                *ret_c = (char) code;
                return RT_OK;
        }
        if (!which)
                return RT_EFORMAT;
        *ret_c = to[which - from];
        return RT_OK;
}

static int
read_text(reader *in, rt_str *ret_text)
{
        const char *end = in->at;
        size_t n = 0;
        char *copy;

        while (end < in->end && *end != '"')
                end += *end == '\\' && in->end - end > 1 ? 2 : 1;
        copy = rti_arena_get(in->arena, (size_t) (end - in->at) + 1);
        if (!copy)
                return RT_ENOMEM;
        while (in->at < in->end && *in->at != '"') {
                char c = *in->at++;

                if (c == '\\' && read_escape(in, &c) < 0)
                        return RT_EFORMAT;
                if (!c)
                        return RT_EFORMAT;
                copy[n++] = c;
        }
        copy[n] = '\0';
        *ret_text = (rt_str){ copy, n };
        return skip(in, '"') ? RT_OK : RT_EFORMAT;
}

static int read_item(reader *in, item **ret_item);

/* The elements of a list or map, behind its bracket. */
static int
read_elements(reader *in, item *parent, char end)
{
        item **tail = &parent->first;
        bool value = false;
        int r;

        if (skip(in, end))
                return RT_OK;
        if (in->depth == MAX_ITEM_DEPTH)
                return RT_ELIMIT;
        in->depth++;
        do {
                r = read_item(in, tail);
                if (r < 0)
                        return r;
                if (parent->type == ITEM_MAP && !value && (*tail)->type != ITEM_TEXT)
                        return RT_EFORMAT;
                tail = &(*tail)->next;
                value = !value;
        } while (skip(in, parent->type == ITEM_MAP && value ? ':' : ','));
        in->depth--;
        return skip(in, end) && !(parent->type == ITEM_MAP && value) ? RT_OK : RT_EFORMAT;
}

static int
read_item(reader *in, item **ret_item)
{
        item *it = RTI_NEW(in->arena, item);

        if (!it)
                return RT_ENOMEM;
        *ret_item = it;
        if (skip(in, '"')) {
                it->type = ITEM_TEXT;
                return read_text(in, &it->text);
        }
        if (skip(in, '[')) {
                it->type = ITEM_LIST;
                return read_elements(in, it, ']');
        }
        if (skip(in, '{')) {
                it->type = ITEM_MAP;
                return read_elements(in, it, '}');
        }
        if (in->end - in->at < 4 || memcmp(in->at, "null", 4) != 0)
                return RT_EFORMAT;
        in->at += 4;
        return RT_OK;
}

int
natives_item_read(rti_arena *arena, rt_str json, item **ret_item)
{
        reader in = { arena, json.ptr, json.ptr + json.len, 0 };
        const int r = json.len ? read_item(&in, ret_item) : RT_EFORMAT;

        return r < 0 || in.at == in.end ? r : RT_EFORMAT;
}
