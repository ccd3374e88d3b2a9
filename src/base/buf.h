/* SPDX-License-Identifier: Apache-2.0 */
/*
 * buf.h - text that grows.
 *
 * Errors stick: after the first failed growth nothing more is added and `failed` holds RT_ENOMEM or
 * RT_ELIMIT, so that callers write freely and check once. A cleared buffer keeps its memory.
 */
#ifndef RTI_BASE_BUF_H
#define RTI_BASE_BUF_H

#include "base/alloc.h"
#include "base/str.h"
#include <stdarg.h>

typedef struct rti_buf {
        const rt_allocator *allocator;
        char *ptr;
        size_t len, room;
        size_t limit_bytes; /* 0: none */
        int failed;         /* RT_OK or the first error */
} rti_buf;

void rti_buf_init(rti_buf *buf, const rt_allocator *allocator, size_t limit_bytes);
void rti_buf_done(rti_buf *buf);
void rti_buf_clear(rti_buf *buf);

/* Room for @a n more bytes: where to write them, or NULL. Add them with rti_buf_used. */
char *rti_buf_reserve(rti_buf *buf, size_t n);
static inline void
rti_buf_used(rti_buf *buf, size_t n)
{
        buf->len += n;
}

void rti_buf_add(rti_buf *buf, rt_str s);
void rti_buf_add_char(rti_buf *buf, char c);
void rti_buf_add_text(rti_buf *buf, const char *text);
void rti_buf_printf(rti_buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
void rti_buf_add_u64(rti_buf *buf, uint64_t value);
void rti_buf_add_i64(rti_buf *buf, int64_t value);
/* A JSON string with its quotes; control characters escaped, invalid UTF-8 becomes U+FFFD. */
void rti_buf_add_json(rti_buf *buf, rt_str s);
static inline rt_str
rti_buf_str(const rti_buf *buf)
{
        return (rt_str){ buf->ptr, buf->len };
}

#endif
