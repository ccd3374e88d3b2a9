/* SPDX-License-Identifier: Apache-2.0 */
/*
 * item.c - an item `hooks:` as the loader hands it over: compact JSON, a map of texts.
 *
 * The loader wrote it, but nothing is taken on trust: what is not of that form is RT_EFORMAT.
 */
#include "item.h"
#include "base/alloc.h"
#include <stdbool.h>
#include <string.h>

typedef struct reader {
        const char *at, *end;
        char *to; /* what was read goes there; it is no longer than its JSON */
} reader;

static bool
skip(reader *in, char c)
{
        if (in->at == in->end || *in->at != c)
                return false;
        in->at++;
        return true;
}

/* What \u says, one byte; -1: it is not written so by the loader, or a NUL. */
static int
read_hex(reader *in)
{
        static const char digits[] = "0123456789abcdef";
        int code = 0;

        for (int i = 0; i < 4; i++, in->at++) {
                const char *digit =
                        in->at < in->end && *in->at ? strchr(
                                digits, *in->at | ('A' <= *in->at && *in->at <= 'F' ? 32 : 0))
                                                    : NULL;

                if (!digit)
                        return -1;
                code = code << 4 | (int) (digit - digits);
        }
        return code && code < 0x80 ? code : -1;
}

static int
read_escape(reader *in)
{
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        const char c = in->at < in->end ? *in->at++ : '\0';
        const char *which = c ? strchr(from, c) : NULL;

        if (c == 'u')
                return read_hex(in);
        return which ? to[which - from] : -1;
}

static int
read_text(reader *in, rt_str *ret_text)
{
        char *begin = in->to;

        if (!skip(in, '"'))
                return RT_EFORMAT;
        while (in->at < in->end && *in->at != '"') {
                int c = *in->at++;

                if (c == '\\' && (c = read_escape(in)) < 0)
                        return RT_EFORMAT;
                if (!c)
                        return RT_EFORMAT;
                *in->to++ = (char) c;
        }
        *ret_text = (rt_str){ begin, (size_t) (in->to - begin) };
        *in->to++ = '\0';
        return skip(in, '"') ? RT_OK : RT_EFORMAT;
}

static int
read_map(reader *in, item_texts *texts)
{
        if (!skip(in, '{'))
                return RT_EFORMAT;
        do {
                rt_str key, value, *to;

                if (read_text(in, &key) < 0 || !skip(in, ':') || read_text(in, &value) < 0)
                        return RT_EFORMAT;
                to = strcmp(key.ptr, "hooks") == 0    ? &texts->hooks
                     : strcmp(key.ptr, "script") == 0 ? &texts->script
                                                      : NULL;
                if (!to)
                        return RT_EFORMAT;
                if (!to->ptr)
                        *to = value;
        } while (skip(in, ','));
        return skip(in, '}') && in->at == in->end && texts->hooks.len ? RT_OK : RT_EFORMAT;
}

int
item_read(const rt_allocator *allocator, rt_str json, item_texts *ret_texts)
{
        item_texts texts = { .memory = rti_alloc(allocator, json.len + 1) };
        reader in = { json.ptr, json.ptr + json.len, texts.memory };
        int r;

        if (!texts.memory)
                return RT_ENOMEM;
        r = json.len ? read_map(&in, &texts) : RT_EFORMAT;
        if (r < 0) {
                rti_free(allocator, texts.memory);
                return r;
        }
        *ret_texts = texts;
        return RT_OK;
}
