/* SPDX-License-Identifier: Apache-2.0 */
/*
 * brace.c - find braces outside of strings.
 *
 *   in   text, in pieces; the state carries over from one to the next
 *   out  positions of braces
 *
 * Each byte is looked at once.
 */
#include "sources/jsonkit/brace.h"

/* Index behind the string's closing quote; text.len if it is not closed here. */
static size_t
string_end(rti_brace *brace, rt_str text, size_t at)
{
        for (; at < text.len; at++) {
                const char c = text.ptr[at];

                if (brace->escaped) {
                        brace->escaped = false;
                } else if (c == '\\') {
                        brace->escaped = true;
                } else if (c == '"') {
                        brace->in_string = false;
                        return at + 1;
                }
        }
        return at;
}

size_t
rti_brace_next(rti_brace *brace, rt_str text, size_t from)
{
        size_t at = from;

        while (at < text.len) {
                const char c = text.ptr[at];

                if (brace->in_string) {
                        at = string_end(brace, text, at);
                } else if (c == '{' || c == '}') {
                        return at;
                } else {
                        brace->in_string = c == '"';
                        at++;
                }
        }
        return at;
}

size_t
rti_brace_close(rti_brace *brace, rt_str text, size_t from, int64_t depth)
{
        size_t at = from;

        while ((at = rti_brace_next(brace, text, at)) < text.len) {
                brace->depth += text.ptr[at++] == '{' ? 1 : -1;
                if (brace->depth <= depth)
                        return at;
        }
        return text.len + 1;
}
