/* SPDX-License-Identifier: Apache-2.0 */
/*
 * escape.c - quoted strings of conditions: what they mean, and how to write them.
 *
 * The escapes are \b \f \n \r \t \\ \/ \xHH, and the quote that is used. A backslash in front of a
 * blank stands for the backslash alone: old rules have it. rti_escape quotes only what must be
 * quoted, so that rti_unescape takes back everything that it quoted.
 */
#include "compiler/cond/ast.h"

static int
hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

static int
refuse(rt_str error, rt_str *ret_error)
{
        if (!error.ptr)
                return RT_ENOMEM;
        *ret_error = error;
        return RT_ERULES;
}

/* \xHH, @a rest being what follows the x. */
static int
unescape_hex(rti_arena *arena, rt_str rest, char *ret_char, rt_str *ret_error)
{
        if (rest.len < 2)
                return refuse(RTI_STR("truncated hex char escape sequence"), ret_error);
        const int high = hex_digit(rest.ptr[0]), low = hex_digit(rest.ptr[1]);

        if (high < 0 || low < 0)
                return refuse(
                        rti_arena_printf(arena, "invalid hex char escape sequence: %.2s", rest.ptr),
                        ret_error);
        *ret_char = (char) (unsigned char) (high << 4 | low);
        return RT_OK;
}

/* The character that @a c stands for behind a backslash, in a string in @a quote. */
static int
unescape_char(rti_arena *arena, char quote, char c, char *ret_char, rt_str *ret_error)
{
        static const char names[] = "bfnrt\\/ ", means[] = "\b\f\n\r\t\\/\\";
        const char *at = c ? strchr(names, c) : NULL;

        if (at) {
                *ret_char = means[at - names];
                return RT_OK;
        }
        if ((c == '"' || c == '\'') && c != quote)
                return refuse(rti_arena_printf(arena, "invalid \\%c escape in %c-quoted string", c,
                                               quote),
                              ret_error);
        if (c != quote)
                return refuse(
                        rti_arena_printf(arena, "unsupported string escape sequence: \\%c", c),
                        ret_error);
        *ret_char = c;
        return RT_OK;
}

int
rti_unescape(rti_arena *arena, rt_str quoted, rt_str *ret_text, rt_str *ret_error)
{
        rt_str in;
        char *out;
        size_t n = 0;

        if (quoted.len < 2)
                return refuse(RTI_STR("string is not quoted"), ret_error);
        in = rti_str_sub(quoted, 1, quoted.len - 1);
        if (in.len == 0 || !memchr(in.ptr, '\\', in.len)) {
                *ret_text = in;
                return RT_OK;
        }
        out = rti_arena_get(arena, in.len);
        if (!out)
                return RT_ENOMEM;
        for (size_t i = 0; i < in.len; i++) {
                int r = RT_OK;

                if (in.ptr[i] != '\\') {
                        out[n++] = in.ptr[i];
                        continue;
                }
                i++;
                if (i < in.len && in.ptr[i] == 'x') {
                        r = unescape_hex(arena, rti_str_sub(in, i + 1, in.len), &out[n++],
                                         ret_error);
                        i += 2;
                } else {
                        r = unescape_char(arena, quoted.ptr[0], i < in.len ? in.ptr[i] : '\0',
                                          &out[n++], ret_error);
                }
                if (r < 0)
                        return r;
        }
        *ret_text = (rt_str){ out, n };
        return RT_OK;
}

/* The letter behind the backslash that writes @a c, 'x' for a NUL, or 0. */
static char
escape_of(char c)
{
        switch (c) {
        case '\b':
                return 'b';
        case '\f':
                return 'f';
        case '\n':
                return 'n';
        case '\r':
                return 'r';
        case '\t':
                return 't';
        case '\\':
        case '"':
                return c;
        case '\0':
                return 'x';
        default:
                return '\0';
        }
}

rt_str
rti_escape(rti_arena *arena, rt_str text)
{
        size_t escapes = 0;
        bool quote = false;
        char *out, *to;

        for (size_t i = 0; i < text.len; i++) {
                const char c = text.ptr[i];
                const char escape = escape_of(c);

                quote |= escape || c == ' ' || c == '=' || c == '\'';
                escapes += escape == 'x' ? 3 : escape ? 1 : 0;
        }
        if (!quote)
                return (rt_str){ text.ptr ? text.ptr : "", text.len };
        out = to = rti_arena_get(arena, text.len + escapes + 2);
        if (!out)
                return (rt_str){ NULL, 0 };
        *to++ = '"';
        for (size_t i = 0; i < text.len; i++) {
                const char escape = escape_of(text.ptr[i]);

                if (escape)
                        *to++ = '\\';
                *to++ = escape ? escape : text.ptr[i];
                if (escape == 'x') {
                        *to++ = '0';
                        *to++ = '0';
                }
        }
        *to++ = '"';
        return (rt_str){ out, (size_t) (to - out) };
}
