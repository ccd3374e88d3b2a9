/* SPDX-License-Identifier: Apache-2.0 */
/*
 * indent.c - a text with two blanks a level, as Go's json.Indent writes it.
 *
 * It stands on a reader of its own, byte by byte, since Go's idea of right JSON differs from both
 * dialects: strict numbers, literals, control characters and escapes, but UTF-8 unchecked, and much
 * deeper nesting. The stack is one bit per level.
 */
#include "json/doc.h"

/* Go's own limit. */
enum { GO_DEPTH = 10000 };

typedef struct indenter {
        rt_str text;
        size_t at;
        rti_buf *buf;
        uint32_t depth;
        uint64_t objects[GO_DEPTH / 64 + 1]; /* bit per level: it is an object */
} indenter;

static void
skip_blanks(indenter *in)
{
        while (in->at < in->text.len && is_blank(in->text.ptr[in->at]))
                in->at++;
}

static char
peek(const indenter *in)
{
        return in->at < in->text.len ? in->text.ptr[in->at] : 0;
}

static void
line(indenter *in)
{
        rti_buf_add_char(in->buf, '\n');
        for (uint32_t i = 0; i < in->depth; i++)
                rti_buf_add_text(in->buf, "  ");
}

/* Copy what @a n bytes hold; none is an error. */
static int
copy(indenter *in, size_t n)
{
        if (n == 0)
                return RT_EFORMAT;
        rti_buf_add(in->buf, rti_str_sub(in->text, in->at, in->at + n));
        in->at += n;
        return RT_OK;
}

static int
string(indenter *in)
{
        const rt_str rest = rti_str_sub(in->text, in->at, in->text.len);
        size_t end = 1;

        if (peek(in) != '"')
                return RT_EFORMAT;
        while (end < rest.len && rest.ptr[end] != '"')
                end += rest.ptr[end] == '\\' ? 2 : 1;
        if (end >= rest.len || rti_json_strict_string(rti_str_sub(rest, 1, end), false) != SIZE_MAX)
                return RT_EFORMAT;
        return copy(in, end + 1);
}

static int
leaf(indenter *in)
{
        static const rt_str words[] = { RTI_STR_INIT("true"), RTI_STR_INIT("false"),
                                        RTI_STR_INIT("null") };
        const rt_str rest = rti_str_sub(in->text, in->at, in->text.len);

        if (peek(in) == '"')
                return string(in);
        for (size_t i = 0; i < RTI_COUNT(words); i++)
                if (rti_str_starts(rest, words[i]))
                        return copy(in, words[i].len);
        return copy(in, rti_json_strict_number(rest));
}

static bool
in_object(const indenter *in)
{
        return in->objects[in->depth / 64] >> in->depth % 64 & 1;
}

/* A member's name and its colon. */
static int
name(indenter *in)
{
        int r;

        skip_blanks(in);
        r = string(in);
        if (r < 0)
                return r;
        skip_blanks(in);
        if (peek(in) != ':')
                return RT_EFORMAT;
        in->at++;
        rti_buf_add_text(in->buf, ": ");
        return RT_OK;
}

/* A bracket opens a level that is not empty: up to its first value. */
static int
open_level(indenter *in, char c)
{
        in->depth++;
        if (in->depth > GO_DEPTH)
                return RT_EFORMAT;
        if (c == '{')
                in->objects[in->depth / 64] |= UINT64_C(1) << in->depth % 64;
        else
                in->objects[in->depth / 64] &= ~(UINT64_C(1) << in->depth % 64);
        line(in);
        return c == '{' ? name(in) : RT_OK;
}

/* Behind a value: close levels until another value comes. 1: the text's value is complete. */
static int
go_on(indenter *in)
{
        while (in->depth) {
                const bool object = in_object(in);

                skip_blanks(in);
                if (peek(in) == ',') {
                        copy(in, 1);
                        line(in);
                        return object ? name(in) : RT_OK;
                }
                if (peek(in) != (object ? '}' : ']'))
                        return RT_EFORMAT;
                in->depth--;
                line(in);
                copy(in, 1);
        }
        return 1;
}

/* One value, or the opening of one; then what stands behind it, as go_on. */
static int
value(indenter *in)
{
        char c;
        int r;

        skip_blanks(in);
        c = peek(in);
        if (c != '{' && c != '[') {
                r = leaf(in);
                return r < 0 ? r : go_on(in);
        }
        copy(in, 1);
        skip_blanks(in);
        if (peek(in) != (c == '{' ? '}' : ']'))
                return open_level(in, c);
        copy(in, 1);
        return go_on(in);
}

int
rti_json_indent(rt_str text, rti_buf *buf)
{
        indenter in = { .text = text, .buf = buf };
        const size_t before = buf->len;
        int r;

        do
                r = value(&in);
        while (r == RT_OK);
        /* Blanks behind the value stay. */
        while (r == 1 && in.at < text.len)
                if (!is_blank(text.ptr[in.at]) || copy(&in, 1) < 0)
                        r = RT_EFORMAT;
        if (r == RT_EFORMAT) {
                buf->len = before;
                return RT_EFORMAT;
        }
        return buf->failed;
}
