/* SPDX-License-Identifier: Apache-2.0 */
/* buf.c - text that grows. */
#include "base/buf.h"
#include "base/utf8.h"
#include <stdio.h>

void
rti_buf_init(rti_buf *buf, const rt_allocator *allocator, size_t limit_bytes)
{
        *buf = (rti_buf){ .allocator = allocator, .limit_bytes = limit_bytes };
}

void
rti_buf_done(rti_buf *buf)
{
        rti_free(buf->allocator, buf->ptr);
        buf->ptr = NULL;
        buf->len = buf->room = 0;
}

void
rti_buf_clear(rti_buf *buf)
{
        buf->len = 0;
        buf->failed = RT_OK;
}

static char *
grow(rti_buf *buf, size_t n)
{
        size_t room = buf->room ? buf->room : 256;
        char *moved;

        if (n > SIZE_MAX / 2 - buf->len || (buf->limit_bytes && n > buf->limit_bytes - buf->len)) {
                buf->failed = RT_ELIMIT;
                return NULL;
        }
        while (room - buf->len < n)
                room *= 2;
        moved = rti_realloc(buf->allocator, buf->ptr, room, 1);
        if (!moved) {
                buf->failed = RT_ENOMEM;
                return NULL;
        }
        buf->ptr = moved;
        buf->room = room;
        return buf->ptr + buf->len;
}

char *
rti_buf_reserve(rti_buf *buf, size_t n)
{
        if (buf->failed)
                return NULL;
        if (buf->room - buf->len >= n && buf->ptr)
                return buf->ptr + buf->len;
        return grow(buf, n);
}

void
rti_buf_add(rti_buf *buf, rt_str s)
{
        char *to = rti_buf_reserve(buf, s.len);

        if (!to || !s.len)
                return;
        memcpy(to, s.ptr, s.len);
        buf->len += s.len;
}

void
rti_buf_add_char(rti_buf *buf, char c)
{
        char *to = rti_buf_reserve(buf, 1);

        if (!to)
                return;
        *to = c;
        buf->len++;
}

void
rti_buf_add_text(rti_buf *buf, const char *text)
{
        rti_buf_add(buf, rti_str_of(text));
}

void
rti_buf_printf(rti_buf *buf, const char *format, ...)
{
        va_list args, again;
        int len;
        char *to;

        va_start(args, format);
        va_copy(again, args);
        len = vsnprintf(NULL, 0, format, again);
        va_end(again);
        to = len < 0 ? NULL : rti_buf_reserve(buf, (size_t) len + 1);
        if (to) {
                vsnprintf(to, (size_t) len + 1, format, args);
                buf->len += (size_t) len;
        }
        va_end(args);
}

void
rti_buf_add_u64(rti_buf *buf, uint64_t value)
{
        char digits[20];
        size_t at = sizeof digits;

        do {
                digits[--at] = (char) ('0' + value % 10);
                value /= 10;
        } while (value);
        rti_buf_add(buf, (rt_str){ digits + at, sizeof digits - at });
}

void
rti_buf_add_i64(rti_buf *buf, int64_t value)
{
        if (value < 0)
                rti_buf_add_char(buf, '-');
        rti_buf_add_u64(buf, value < 0 ? 0 - (uint64_t) value : (uint64_t) value);
}

static void
add_escape(rti_buf *buf, unsigned char c)
{
        static const char hex[] = "0123456789abcdef";
        static const char *const names[] = {
                ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n",  ['\f'] = "\\f",
                ['\r'] = "\\r", ['"'] = "\\\"", ['\\'] = "\\\\",
        };

        if (c < sizeof names / sizeof *names && names[c]) {
                rti_buf_add_text(buf, names[c]);
                return;
        }
        rti_buf_add_text(buf, "\\u00");
        rti_buf_add_char(buf, hex[c >> 4]);
        rti_buf_add_char(buf, hex[c & 15]);
}

void
rti_buf_add_json(rti_buf *buf, rt_str s)
{
        size_t done = 0, at = 0;

        rti_buf_add_char(buf, '"');
        while (at < s.len) {
                const unsigned char c = (unsigned char) s.ptr[at];
                size_t n = 1;

                if (c >= 0x20 && c != '"' && c != '\\' && c < 0x80) {
                        at++;
                        continue;
                }
                if (c >= 0x80 && (n = rti_utf8_valid(s.ptr + at, s.len - at)) > 0) {
                        at += n;
                        continue;
                }
                rti_buf_add(buf, rti_str_sub(s, done, at));
                if (c >= 0x80) {
                        rti_buf_add_text(buf, "\xef\xbf\xbd");
                        n = rti_utf8_broken(s.ptr + at, s.len - at);
                } else {
                        add_escape(buf, c);
                }
                at += n;
                done = at;
        }
        rti_buf_add(buf, rti_str_sub(s, done, at));
        rti_buf_add_char(buf, '"');
}
