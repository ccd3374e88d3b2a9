/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex_pcre.c - a tree -> PCRE2's syntax.
 *
 * Everything is written out so that nothing depends on PCRE2's options: no group captures, no
 * repetition can be read as possessive, edges of lines are look-arounds, characters beyond ASCII
 * and those with a meaning are numbers. The pattern is anchored at its end; the caller anchors the
 * beginning.
 */
#include "base/buf.h"
#include "lang/ops/regex_private.h"

static void write_node(rti_buf *buf, const rti_re_node *node);

static void
write_code(rti_buf *buf, uint32_t code)
{
        if ((code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z')
            || (code >= 'a' && code <= 'z'))
                rti_buf_add_char(buf, (char) code);
        else
                rti_buf_printf(buf, "\\x{%x}", code);
}

static bool
is_surrogate(uint32_t code)
{
        return code >= 0xd800 && code <= 0xdfff;
}

/* Surrogates are in no text, and PCRE2 does not take them as the ends of a range. */
static bool
write_range(rti_buf *buf, uint32_t low, uint32_t high)
{
        if (is_surrogate(low))
                low = 0xe000;
        if (is_surrogate(high))
                high = 0xd7ff;
        if (low > high)
                return false;
        write_code(buf, low);
        if (low < high) {
                rti_buf_add_char(buf, '-');
                write_code(buf, high);
        }
        return true;
}

/* A class that reaches the last character is written as what it leaves out, which PCRE2 is faster
 * with. */
static void
write_class(rti_buf *buf, const rti_re_node *node)
{
        const rti_re_range *ranges = node->ranges;
        const bool negated = node->n_ranges && ranges[node->n_ranges - 1].high == RTI_RE_LAST_CODE;
        uint32_t low = 0;
        bool any = false;

        if (negated && node->n_ranges == 1 && ranges[0].low == 0) {
                rti_buf_add_text(buf, "(?s:.)");
                return;
        }
        rti_buf_add_text(buf, negated ? "[^" : "[");
        for (uint32_t i = 0; i < node->n_ranges; i++) {
                if (!negated)
                        any |= write_range(buf, ranges[i].low, ranges[i].high);
                else if (low < ranges[i].low)
                        any |= write_range(buf, low, ranges[i].low - 1);
                low = ranges[i].high + 1;
        }
        if (any) {
                rti_buf_add_char(buf, ']');
                return;
        }
        /* Nothing but surrogates, or nothing at all. */
        if (buf->failed)
                return;
        buf->len -= negated ? 2 : 1;
        rti_buf_add_text(buf, negated ? "(?s:.)" : "(?!)");
}

static void
write_repeat(rti_buf *buf, const rti_re_node *node)
{
        if (node->max == 0)
                return;
        rti_buf_add_text(buf, "(?:");
        write_node(buf, node->child);
        rti_buf_add_char(buf, ')');
        if (node->min == 0 && node->max == 1)
                rti_buf_add_char(buf, '?');
        else if (node->max == RTI_RE_FOREVER && node->min <= 1)
                rti_buf_add_char(buf, node->min ? '+' : '*');
        else if (node->max == RTI_RE_FOREVER)
                rti_buf_printf(buf, "{%d,}", node->min);
        else
                rti_buf_printf(buf, "{%d,%d}", node->min, node->max);
}

static void
write_alternate(rti_buf *buf, const rti_re_node *node)
{
        rti_buf_add_text(buf, "(?:");
        for (const rti_re_node *child = node->child; child; child = child->next) {
                write_node(buf, child);
                if (child->next)
                        rti_buf_add_char(buf, '|');
        }
        rti_buf_add_char(buf, ')');
}

static void
write_node(rti_buf *buf, const rti_re_node *node)
{
        switch (node->kind) {
        case RTI_RE_EMPTY:
                break;
        case RTI_RE_LITERAL:
                if (is_surrogate(node->ranges[0].low))
                        rti_buf_add_text(buf, "(?!)");
                else
                        write_code(buf, node->ranges[0].low);
                break;
        case RTI_RE_CLASS:
                write_class(buf, node);
                break;
        case RTI_RE_CONCAT:
                for (const rti_re_node *child = node->child; child; child = child->next)
                        write_node(buf, child);
                break;
        case RTI_RE_ALTERNATE:
                write_alternate(buf, node);
                break;
        case RTI_RE_REPEAT:
                write_repeat(buf, node);
                break;
        case RTI_RE_BEGIN_LINE:
                rti_buf_add_text(buf, "(?<![^\\n])");
                break;
        case RTI_RE_END_LINE:
                rti_buf_add_text(buf, "(?![^\\n])");
                break;
        case RTI_RE_BEGIN_TEXT:
                rti_buf_add_text(buf, "\\A");
                break;
        case RTI_RE_END_TEXT:
                rti_buf_add_text(buf, "\\z");
                break;
        case RTI_RE_WORD_EDGE:
                rti_buf_add_text(buf, "\\b");
                break;
        case RTI_RE_NO_WORD_EDGE:
                rti_buf_add_text(buf, "\\B");
                break;
        }
}

int
rti_re_to_pcre(rti_arena *arena, const rti_re_node *root, rt_str *ret_pattern)
{
        rti_buf buf;
        int r;

        rti_buf_init(&buf, arena->allocator, 0);
        rti_buf_add_text(&buf, "(?:");
        write_node(&buf, root);
        rti_buf_add_text(&buf, ")\\z");
        r = buf.failed;
        if (r == RT_OK) {
                *ret_pattern = rti_arena_copy(arena, rti_buf_str(&buf));
                r = ret_pattern->ptr ? RT_OK : RT_ENOMEM;
        }
        rti_buf_done(&buf);
        return r;
}
