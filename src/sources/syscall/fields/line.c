/* SPDX-License-Identifier: Apache-2.0 */
/* line.c - text that is put together in an event's memory. */
#include "sources/syscall/fields/line.h"

enum { NUMBER_ROOM = 24 };

void
rti_line_init(rti_line *line, const rt_event *event, size_t expected)
{
        *line = (rti_line){ .event = event };
        line->ptr = rt_event_alloc(event, expected ? expected : 1);
        line->room = line->ptr ? expected : 0;
        line->failed = !line->ptr;
}

char *
rti_line_reserve(rti_line *line, size_t n)
{
        size_t room;
        char *ptr;

        if (line->failed)
                return NULL;
        if (n <= line->room - line->len)
                return line->ptr + line->len;
        room = line->room + n > 2 * line->room ? line->room + n : 2 * line->room;
        ptr = rt_event_alloc(line->event, room);
        if (!ptr) {
                line->failed = true;
                return NULL;
        }
        if (line->len)
                memcpy(ptr, line->ptr, line->len);
        line->ptr = ptr;
        line->room = room;
        return ptr + line->len;
}

void
rti_line_add(rti_line *line, rt_str s)
{
        char *to = s.len ? rti_line_reserve(line, s.len) : NULL;

        if (!to)
                return;
        memcpy(to, s.ptr, s.len);
        line->len += s.len;
}

void
rti_line_char(rti_line *line, char c)
{
        rti_line_add(line, (rt_str){ &c, 1 });
}

static void
add_digits(rti_line *line, uint64_t value, uint32_t base, bool negative)
{
        char digits[NUMBER_ROOM];
        size_t at = sizeof digits;

        do {
                digits[--at] = "0123456789ABCDEF"[value % base];
                value /= base;
        } while (value);
        if (negative)
                digits[--at] = '-';
        rti_line_add(line, (rt_str){ digits + at, sizeof digits - at });
}

void
rti_line_u64(rti_line *line, uint64_t value)
{
        add_digits(line, value, 10, false);
}

void
rti_line_i64(rti_line *line, int64_t value)
{
        add_digits(line, value < 0 ? 0 - (uint64_t) value : (uint64_t) value, 10, value < 0);
}

void
rti_line_base(rti_line *line, uint64_t value, uint32_t base)
{
        add_digits(line, value, base, false);
}

void
rti_line_printable(rti_line *line, rt_str bytes)
{
        char *to = rti_line_reserve(line, bytes.len);

        if (!to)
                return;
        for (size_t i = 0; i < bytes.len; i++) {
                const unsigned char c = (unsigned char) bytes.ptr[i];

                to[i] = (char) (c >= 0x20 && c < 0x7f ? c : '.');
        }
        line->len += bytes.len;
}
