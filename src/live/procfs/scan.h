/* SPDX-License-Identifier: Apache-2.0 */
/* scan.h - picking numbers and words out of texts of the kernel. Nothing is trusted. */
#ifndef RTI_LIVE_SCAN_H
#define RTI_LIVE_SCAN_H

#include "base/str.h"

/* Take the next word (up to a blank, tab or line end) off @a text; empty at its end. */
static inline rt_str
scan_word(rt_str *text)
{
        rt_str word;
        size_t i = 0;

        while (i < text->len && (text->ptr[i] == ' ' || text->ptr[i] == '\t'))
                i++;
        word.ptr = text->ptr + i;
        word.len = 0;
        while (i + word.len < text->len && !memchr(" \t\n", word.ptr[word.len], 3))
                word.len++;
        text->ptr += i + word.len;
        text->len -= i + word.len;
        return word;
}

/* Take the next line off @a text, without its end; false: there is none. */
static inline bool
scan_line(rt_str *text, rt_str *ret_line)
{
        const char *end;

        if (!text->len)
                return false;
        end = memchr(text->ptr, '\n', text->len);
        *ret_line = (rt_str){ text->ptr, end ? (size_t) (end - text->ptr) : text->len };
        text->ptr += ret_line->len + (end != NULL);
        text->len -= ret_line->len + (end != NULL);
        return true;
}

/* Digits of @a base at the beginning of @a word; 0 without any, and wraps like any unsigned. */
static inline uint64_t
scan_u64(rt_str word, uint32_t base)
{
        uint64_t value = 0;

        for (size_t i = 0; i < word.len; i++) {
                const char c = word.ptr[i];
                const uint32_t digit = c >= '0' && c <= '9'   ? (uint32_t) (c - '0')
                                       : c >= 'a' && c <= 'f' ? (uint32_t) (c - 'a') + 10
                                       : c >= 'A' && c <= 'F' ? (uint32_t) (c - 'A') + 10
                                                              : 16;

                if (digit >= base)
                        break;
                value = value * base + digit;
        }
        return value;
}

static inline int64_t
scan_i64(rt_str word)
{
        if (word.len && word.ptr[0] == '-')
                return -(int64_t) (scan_u64((rt_str){ word.ptr + 1, word.len - 1 }, 10)
                                   & INT64_MAX);
        return (int64_t) (scan_u64(word, 10) & INT64_MAX);
}

/* The number that a name of /proc is, or -1. */
static inline int64_t
scan_pid(rt_str s)
{
        for (size_t i = 0; i < s.len; i++)
                if (s.ptr[i] < '0' || s.ptr[i] > '9')
                        return -1;
        return s.len ? scan_i64(s) : -1;
}

/* The last word of @a text: of the per-namespace lists of /proc/PID/status the innermost. */
static inline rt_str
scan_last_word(rt_str text)
{
        rt_str word, last = { text.ptr, 0 };

        while ((word = scan_word(&text)).len)
                last = word;
        return last;
}

#endif
