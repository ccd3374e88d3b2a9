/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write.c - a converted rule as YAML of ours. Texts of a rule are folded blocks: their words,
 * parted by single blanks, without control characters, so that nothing of a Sigma file can be YAML
 * here.
 */
#include "sigma.h"
#include <string.h>

enum { COLUMNS = 110, INDENT = 4 };

static const struct {
        const char *level, *priority;
} levels[] = {
        { "informational", "INFO" }, { "low", "NOTICE" },        { "medium", "WARNING" },
        { "high", "ERROR" },         { "critical", "CRITICAL" },
};

static bool
is_blank(const char *p, size_t left)
{
        if ((unsigned char) *p <= ' ' || *p == 0x7f)
                return true;
        if (left >= 2 && (unsigned char) p[0] == 0xc2 && (unsigned char) p[1] < 0xa1)
                return true; /* C1 controls, no-break space */
        return left >= 3
               && ((memcmp(p, "\xe2\x80", 2) == 0 && ((unsigned char) p[2] & 0xfe) == 0xa8)
                   || memcmp(p, "\xef\xbb\xbf", 3) == 0);
}

static size_t
blank_bytes(const char *p)
{
        const unsigned char c = (unsigned char) *p;

        return c < 0x80 ? 1 : c < 0xe0 ? 2 : 3;
}

/* A line break or a blank, and the word. */
static void
put_word(writer *to, size_t *column, rt_str word)
{
        static const char indent[INDENT + 1] = "    ";

        if (*column == 0 || *column + 1 + word.len > COLUMNS) {
                text_byte(to, '\n');
                text_word(to, indent);
                *column = INDENT;
        } else {
                text_byte(to, ' ');
                (*column)++;
        }
        text_add(to, word);
        *column += word.len;
}

/* The words of @a what, any blanks between them. @a column as put_word. */
static void
put_words(writer *to, size_t *column, rt_str what)
{
        size_t at = 0;

        while (at < what.len) {
                const size_t from = at;

                while (at < what.len && !is_blank(what.ptr + at, what.len - at))
                        at++;
                if (at > from)
                        put_word(to, column, str(what.ptr + from, at - from));
                else
                        at += blank_bytes(what.ptr + at);
        }
}

/* A condition: broken at blanks outside of quotes; inside, every byte counts. */
static void
put_condition(writer *to, rt_str condition)
{
        size_t from = 0, column = 0;
        bool quoted = false;

        for (size_t i = 0; i <= condition.len; i++) {
                if (i < condition.len && condition.ptr[i] == '"')
                        quoted = !quoted;
                if (i < condition.len && (quoted || condition.ptr[i] != ' '))
                        continue;
                put_word(to, &column, str(condition.ptr + from, i - from));
                from = i + 1;
        }
}

/* A double-quoted scalar; the name has no control characters. */
static void
put_name(writer *to, rt_str name)
{
        text_byte(to, '"');
        for (size_t i = 0; i < name.len; i++) {
                if (name.ptr[i] == '"' || name.ptr[i] == '\\')
                        text_byte(to, '\\');
                text_byte(to, name.ptr[i]);
        }
        text_byte(to, '"');
}

/* ---- description ---- */

static void
put_list(writer *to, size_t *column, const char *what, const node *list)
{
        if (!list || list->kind != NODE_LIST || !list->n_items)
                return;
        put_words(to, column, str(what, strlen(what)));
        for (size_t i = 0; i < list->n_items; i++)
                if (list->items[i]->kind == NODE_TEXT)
                        put_words(to, column, list->items[i]->text);
}

/* Sigma's licence wants authors and references to go with a rule. */
static void
put_description(const rule *r, writer *to)
{
        const rt_str id = node_text(r->document, "id"), status = node_text(r->document, "status"),
                     author = node_text(r->document, "author");
        size_t column = 0;
        writer about = { NULL };

        text_word(&about, "(Sigma rule ");
        text_add(&about, id);
        text_word(&about, status.len ? ", status " : "");
        text_add(&about, status);
        text_word(&about, author.len ? ", by " : "");
        text_add(&about, author);
        text_word(&about, ")");
        text_word(to, "  desc: >");
        put_words(to, &column, node_text(r->document, "description"));
        put_words(to, &column, str(about.at, about.n));
        put_list(to, &column, "False positives:", node_get(r->document, "falsepositives"));
        put_list(to, &column, "References:", node_get(r->document, "references"));
        text_byte(to, '\n');
        text_done(&about);
}

/* ---- output ---- */

/* @a name with what an output cannot have in place of others. */
static rt_str
clean(pool *p, rt_str name, const char *allowed, char instead)
{
        char *copy = pool_take(p, name.len + 1, 1);

        for (size_t i = 0; i < name.len; i++) {
                const char c = name.ptr[i];
                const bool good = allowed ? (lower(c) >= 'a' && lower(c) <= 'z')
                                                    || (c >= '0' && c <= '9')
                                                    || (c && strchr(allowed, c))
                                          : c != '%';

                copy[i] = good ? c : instead;
        }
        return str(copy, name.len);
}

static void
put_output(const rule *r, rt_str name, writer *to)
{
        const char *rest = logsource_of(r->logsource)->output;
        size_t column = 0;

        text_word(to, "  output: >");
        put_words(to, &column, clean(r->pool, name, NULL, '.'));
        put_words(to, &column, str("|", 1));
        for (size_t i = 0; i < r->n_used; i++) {
                writer one = { NULL };

                text_add(&one, clean(r->pool, r->used[i].sigma, "._-", '_'));
                text_word(&one, "=%");
                text_add(&one, r->used[i].ours);
                put_words(to, &column, str(one.at, one.n));
                text_done(&one);
        }
        put_words(to, &column, str(rest, strlen(rest)));
        text_byte(to, '\n');
}

/* ---- tags ---- */

/* attack.t1078.004 is T1078.004, attack.initial-access is mitre_initial_access. */
static void
put_tag(writer *to, rt_str tag)
{
        static const char attack[] = "attack.";
        const size_t len = sizeof attack - 1;
        bool mitre = tag.len > len && memcmp(tag.ptr, attack, len) == 0;
        bool number;

        if (mitre)
                tag = str(tag.ptr + len, tag.len - len);
        number = mitre && tag.len > 1 && tag.ptr[1] >= '0' && tag.ptr[1] <= '9';
        text_word(to, !mitre ? "\"" : number ? "" : "mitre_");
        for (size_t i = 0; i < tag.len; i++) {
                char c = lower(tag.ptr[i]);

                if (number && i == 0 && c >= 'a' && c <= 'z')
                        c = (char) (c - 32);
                else if (mitre && c == '-')
                        c = '_';
                else if (!c || !strchr("abcdefghijklmnopqrstuvwxyz0123456789._-", c))
                        c = '_';
                text_byte(to, c);
        }
        text_word(to, mitre ? "" : "\"");
}

static void
put_tags(const rule *r, writer *to)
{
        const node *tags = node_get(r->document, "tags");

        text_word(to, "  tags: [sigma");
        for (size_t i = 0; tags && tags->kind == NODE_LIST && i < tags->n_items; i++)
                if (tags->items[i]->kind == NODE_TEXT && tags->items[i]->text.len) {
                        text_word(to, ", ");
                        put_tag(to, tags->items[i]->text);
                }
        text_word(to, "]\n");
}

/* ---- the rule ---- */

static const char *
priority_of(const rule *r)
{
        const rt_str level = node_text(r->document, "level");

        for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
                if (str_is_folded(level, levels[i].level))
                        return levels[i].priority;
        return "WARNING";
}

void
rule_write(const rule *r, rt_str name, rt_str condition, writer *to)
{
        const rt_str status = node_text(r->document, "status");

        text_word(to, "- rule: ");
        put_name(to, name);
        text_byte(to, '\n');
        put_description(r, to);
        text_word(to, "  condition: >");
        put_condition(to, condition);
        text_byte(to, '\n');
        put_output(r, name, to);
        text_word(to, "  priority: ");
        text_word(to, priority_of(r));
        text_word(to, "\n  source: ");
        text_word(to, logsource_of(r->logsource)->source);
        text_byte(to, '\n');
        if (str_is_folded(status, "deprecated") || str_is_folded(status, "unsupported"))
                text_word(to, "  enabled: false\n");
        put_tags(r, to);
}
