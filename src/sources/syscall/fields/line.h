/* SPDX-License-Identifier: Apache-2.0 */
/*
 * line.h - text that is put together in an event's memory.
 *
 * Errors stick: when the memory is used up nothing more is added and `failed` is set.
 */
#ifndef RTI_SYSCALL_LINE_H
#define RTI_SYSCALL_LINE_H

#include "base/str.h"
#include <libruntime/source.h>

typedef struct rti_line {
        const rt_event *event;
        char *ptr;
        size_t len, room;
        bool failed;
} rti_line;

/* @a expected: about how long it gets. */
void rti_line_init(rti_line *line, const rt_event *event, size_t expected);
/* Room for @a n more bytes, or NULL. Count what is written there with line->len. */
char *rti_line_reserve(rti_line *line, size_t n);
void rti_line_add(rti_line *line, rt_str s);
void rti_line_char(rti_line *line, char c);
void rti_line_u64(rti_line *line, uint64_t value);
void rti_line_i64(rti_line *line, int64_t value);
/* Base 8 or 16; upper case, no prefix. */
void rti_line_base(rti_line *line, uint64_t value, uint32_t base);
/* One character a byte, '.' for what is not printable ASCII. */
void rti_line_printable(rti_line *line, rt_str bytes);

static inline rt_str
rti_line_str(const rti_line *line)
{
        return (rt_str){ line->ptr, line->len };
}

#endif
