/* SPDX-License-Identifier: Apache-2.0 */
/* copies.c - a rule file's rules again, with other constants. Works on lines of text, for files
 * written as the stock ones are: items at column 0, their keys at column 2. */
#include "copies.h"
#include "judge.h"
#include <stdio.h>
#include <string.h>

static const char rule_head[] = "- rule: ";

/* Take the next line off @a text, with its line feed. */
static rt_str
next_line(rt_str *text)
{
        const char *end = text->len ? memchr(text->ptr, '\n', text->len) : NULL;
        const size_t len = end ? (size_t) (end - text->ptr) + 1 : text->len;
        const rt_str line = { text->ptr, len };

        *text = (rt_str){ text->ptr + len, text->len - len };
        return line;
}

static bool
starts(rt_str line, const char *head)
{
        return line.len >= strlen(head) && memcmp(line.ptr, head, strlen(head)) == 0;
}

static rt_str
without_end(rt_str line)
{
        while (line.len && (line.ptr[line.len - 1] == '\n' || line.ptr[line.len - 1] == '\r'))
                line.len--;
        return line;
}

/* The rule at the start of @a text, with all its lines. */
static rt_str
whole_rule(rt_str text)
{
        rt_str rest = text;

        next_line(&rest);
        while (rest.len && rest.ptr[0] != '-')
                next_line(&rest);
        return (rt_str){ text.ptr, text.len - rest.len };
}

/* Is that line a key of the item? */
static bool
is_key(rt_str line)
{
        return line.len > 2 && line.ptr[0] == ' ' && line.ptr[1] == ' ' && line.ptr[2] >= 'a'
               && line.ptr[2] <= 'z';
}

static unsigned
count_quotes(rt_str rule)
{
        bool condition = false;
        unsigned n = 0;

        while (rule.len) {
                const rt_str line = next_line(&rule);

                condition = is_key(line) ? starts(line, "  condition:") : condition;
                for (size_t i = 0; condition && i < line.len; i++)
                        n += line.ptr[i] == '"';
        }
        return n / 2;
}

/* The line; texts in quotes from number @a from on get @a number behind them. */
static void
add_condition(rti_buf *buf, rt_str line, unsigned *quotes, unsigned from, unsigned number)
{
        for (size_t i = 0; i < line.len; i++) {
                if (line.ptr[i] == '"' && (*quotes)++ % 2 && *quotes / 2 > from)
                        rti_buf_printf(buf, "%u", number);
                rti_buf_add_char(buf, line.ptr[i]);
        }
}

static void
add_copy(rti_buf *buf, rt_str rule, unsigned n_quoted, unsigned number)
{
        const unsigned from = n_quoted > 1 && number % 2;
        const rt_str head = without_end(next_line(&rule));
        bool condition = false;
        unsigned quotes = 0;

        rti_buf_printf(buf, "%.*s %u\n", RTI_FMT(head), number);
        while (rule.len) {
                const rt_str line = next_line(&rule);

                condition = is_key(line) ? starts(line, "  condition:") : condition;
                if (condition)
                        add_condition(buf, line, &quotes, from, number);
                else
                        rti_buf_add(buf, line);
        }
}

void
bench_add_copies(rti_buf *buf, rt_str text, unsigned n)
{
        unsigned made = 0, before = 1;

        while (made < n && made != before) {
                rt_str rest = text;

                before = made;
                while (rest.len && made < n) {
                        const rt_str rule = whole_rule(rest);
                        const unsigned quoted = starts(rule, rule_head) ? count_quotes(rule) : 0;

                        if (quoted)
                                add_copy(buf, rule, quoted, ++made);
                        rest = rti_str_sub(rest, rule.len, rest.len);
                }
        }
}

int
bench_add_file(rti_buf *buf, const char *path, const char *prefix)
{
        FILE *file = fopen(path, "rb");
        rti_buf whole;
        rt_str rest;
        char *to;
        size_t n;

        if (!file)
                return RT_EIO;
        rti_buf_init(&whole, &rti_alloc_default, 0);
        do {
                to = rti_buf_reserve(&whole, 1 << 16);
                n = to ? fread(to, 1, 1 << 16, file) : 0;
                rti_buf_used(&whole, n);
        } while (n > 0);
        fclose(file);
        for (rest = rti_buf_str(&whole); rest.len;) {
                rt_str line = next_line(&rest);

                if (starts(line, rule_head)) {
                        rti_buf_printf(buf, "%s%s", rule_head, prefix);
                        line = rti_str_sub(line, sizeof rule_head - 1, line.len);
                }
                rti_buf_add(buf, line);
        }
        rti_buf_add_char(buf, '\n');
        rti_buf_done(&whole);
        return buf->failed;
}
