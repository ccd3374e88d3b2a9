/* SPDX-License-Identifier: Apache-2.0 */
/*
 * detection.c - Sigma's detection: named groups of fields and values, and the condition over them.
 *
 *   condition = and_term { "or" and_term }        and_term = term { "and" term }
 *   term = "not" term | "(" condition ")" | ("1" | "any" | "all") "of" PATTERN | NAME
 */
#include "sigma.h"
#include <stdlib.h>
#include <string.h>

/* ---- groups ---- */

/* FIELD: VALUES, all of a map. */
static const expr *
read_map(rule *r, const node *map)
{
        const expr **tests = pool_take(r->pool, map->n_items / 2, sizeof *tests);
        size_t n = 0;

        for (size_t i = 0; i + 1 < map->n_items; i += 2, n++) {
                question q;

                if (!question_read(r, map->items[i], &q))
                        return NULL;
                tests[n] = q.field.len ? test_field(r, &q, map->items[i + 1])
                                       : test_keywords(r, &q, map->items[i + 1]);
                if (!tests[n])
                        return NULL;
        }
        if (!n) {
                refuse(r, map, "an empty map");
                return NULL;
        }
        return expr_join(r->pool, EXPR_AND, tests, n);
}

/* Words without a field: all of a list of nothing else, or one. */
static const expr *
read_keywords(rule *r, const node *words)
{
        const question q = { .key = words, .field = str("", 0) };

        return test_keywords(r, &q, words);
}

static bool
is_words(const node *list)
{
        for (size_t i = 0; i < list->n_items; i++)
                if (list->items[i]->kind > NODE_TEXT)
                        return false;
        return true;
}

static const expr *
read_group(rule *r, const node *group)
{
        const expr **tests = pool_take(r->pool, group->n_items + 1, sizeof *tests);

        if (group->kind == NODE_MAP)
                return read_map(r, group);
        if (group->kind != NODE_LIST || is_words(group))
                return read_keywords(r, group);
        for (size_t i = 0; i < group->n_items; i++) {
                const node *item = group->items[i];

                if (item->kind == NODE_LIST) {
                        refuse(r, item, "a list in a list");
                        return NULL;
                }
                tests[i] = item->kind == NODE_MAP ? read_map(r, item) : read_keywords(r, item);
                if (!tests[i])
                        return NULL;
        }
        return expr_join(r->pool, EXPR_OR, tests, group->n_items);
}

/* ---- condition ---- */

typedef struct reader {
        rule *r;
        const node *detection, *condition;
        const expr **groups; /* by index of detection->items / 2; NULL until used */
        rt_str text, word;   /* word: the next one, empty at the end */
        size_t at;
        unsigned depth;
        size_t n_terms;
} reader;

static void
next(reader *c)
{
        const char *p = c->text.ptr;
        size_t from;

        while (c->at < c->text.len && strchr(" \t\r\n", p[c->at]) && p[c->at])
                c->at++;
        from = c->at;
        if (c->at < c->text.len && strchr("()|", p[c->at]))
                c->at++;
        else
                while (c->at < c->text.len && !strchr(" \t\r\n()|", p[c->at]))
                        c->at++;
        if (c->at == from && from < c->text.len)
                c->at++; /* a byte 0, no word of which any name can be */
        c->word = str(p + from, c->at - from);
}

static bool
take(reader *c, const char *word)
{
        if (!c->word.len || !str_is_folded(c->word, word))
                return false;
        next(c);
        return true;
}

static const expr *
wrong(reader *c, const char *what)
{
        if (str_is(c->word, "|"))
                refuse(c->r, c->condition, "counting and correlation over time are not supported");
        else
                refuse(c->r, c->condition, "condition: %s%s%.*s%s", what,
                       c->word.len ? ", not '" : "", (int) (c->word.len < 60 ? c->word.len : 60),
                       c->word.ptr, c->word.len ? "'" : "");
        return NULL;
}

static const expr *
group_at(reader *c, size_t i)
{
        if (++c->n_terms > MOST_TERMS)
                return wrong(c, "too many terms");
        if (!c->groups[i])
                c->groups[i] = read_group(c->r, c->detection->items[2 * i + 1]);
        return c->groups[i];
}

/* `*` in @a pattern stands for any text. */
static bool
matches(rt_str pattern, rt_str name)
{
        size_t p = 0, n = 0, star = SIZE_MAX, back = 0;

        while (n < name.len)
                if (p < pattern.len && pattern.ptr[p] == '*') {
                        star = p++;
                        back = n;
                } else if (p < pattern.len && pattern.ptr[p] == name.ptr[n]) {
                        p++;
                        n++;
                } else if (star != SIZE_MAX) {
                        p = star + 1;
                        n = ++back;
                } else {
                        return false;
                }
        while (p < pattern.len && pattern.ptr[p] == '*')
                p++;
        return p == pattern.len;
}

static bool
is_selected(rt_str pattern, rt_str name)
{
        if (str_is(name, "condition") || str_is(name, "timeframe"))
                return false;
        if (str_is_folded(pattern, "them"))
                return !name.len || name.ptr[0] != '_';
        return matches(pattern, name)
               && (!name.len || name.ptr[0] != '_' || (pattern.len && pattern.ptr[0] == '_'));
}

static const expr *
read_of(reader *c, enum expr_kind kind)
{
        const size_t n_groups = c->detection->n_items / 2;
        const rt_str pattern = c->word;
        const expr **found;
        size_t n = 0;

        if (!pattern.len || strchr("()|", pattern.ptr[0]))
                return wrong(c, "a pattern of names is expected behind 'of'");
        found = pool_take(c->r->pool, n_groups, sizeof *found);
        for (size_t i = 0; i < n_groups; i++)
                if (is_selected(pattern, c->detection->items[2 * i]->text)) {
                        found[n] = group_at(c, i);
                        if (!found[n++])
                                return NULL;
                }
        if (!n)
                return wrong(c, "no group of the detection has such a name");
        next(c);
        return expr_join(c->r->pool, kind, found, n);
}

static const expr *read_or(reader *c);

static const expr *
read_name(reader *c)
{
        const rt_str word = c->word;
        const bool any = str_is(word, "1") || str_is_folded(word, "any"),
                   all = str_is_folded(word, "all");
        const expr *e;

        next(c);
        if ((any || all) && take(c, "of"))
                return read_of(c, any ? EXPR_OR : EXPR_AND);
        for (size_t i = 0; i < c->detection->n_items / 2; i++)
                if (str_same(c->detection->items[2 * i]->text, word) && !str_is(word, "condition"))
                        return group_at(c, i);
        c->word = word;
        e = wrong(c, "a group of the detection is expected");
        return e;
}

static const expr *
read_term(reader *c)
{
        const expr *e;

        if (++c->depth > MOST_CONDITION_DEPTH)
                return wrong(c, "nested too deeply");
        if (take(c, "not")) {
                e = read_term(c);
                e = e ? expr_not(c->r->pool, e) : NULL;
        } else if (take(c, "(")) {
                e = read_or(c);
                if (e && !take(c, ")"))
                        return wrong(c, "')' is expected");
        } else {
                e = c->word.len ? read_name(c) : wrong(c, "a group's name is expected at the end");
        }
        c->depth--;
        return e;
}

/* Terms joined by "and", or and-chains joined by "or". */
static const expr *
read_chain(reader *c, const char *word, enum expr_kind kind)
{
        const expr **terms = NULL;
        const expr *e;
        size_t n = 0;

        do {
                e = kind == EXPR_AND ? read_term(c) : read_chain(c, "and", EXPR_AND);
                terms = grow(terms, n + 1, sizeof *terms);
                terms[n++] = e;
        } while (e && take(c, word));
        if (e)
                e = expr_join(c->r->pool, kind, terms, n);
        free(terms);
        return e;
}

static const expr *
read_or(reader *c)
{
        return read_chain(c, "or", EXPR_OR);
}

static const expr *
read_condition(reader *c, const node *condition)
{
        const expr *e;

        c->condition = condition;
        c->text = condition->text;
        c->at = 0;
        c->depth = 0;
        if (condition->kind != NODE_TEXT || c->text.len > MOST_CONDITION_BYTES) {
                refuse(c->r, condition, "a condition is expected");
                return NULL;
        }
        next(c);
        e = read_or(c);
        return e && c->word.len ? wrong(c, "'and', 'or' or the end is expected") : e;
}

static const expr *
read_conditions(reader *c, const node *given)
{
        const expr **all;

        if (given->kind != NODE_LIST)
                return read_condition(c, given);
        all = pool_take(c->r->pool, given->n_items, sizeof *all);
        for (size_t i = 0; i < given->n_items; i++) {
                all[i] = read_condition(c, given->items[i]);
                if (!all[i])
                        return NULL;
        }
        return expr_join(c->r->pool, EXPR_OR, all, given->n_items);
}

const expr *
detection_read(rule *r)
{
        const node *detection = node_get(r->document, "detection");
        const node *condition = node_get(detection, "condition");
        reader c = { .r = r, .detection = detection };

        if (!condition) {
                refuse(r, detection ? detection : r->document,
                       "no detection, or none with a condition");
                return NULL;
        }
        if (node_get(detection, "timeframe")) {
                refuse(r, node_get(detection, "timeframe"),
                       "counting and correlation over time are not supported");
                return NULL;
        }
        c.groups = pool_take(r->pool, detection->n_items / 2, sizeof *c.groups);
        memset(c.groups, 0, detection->n_items / 2 * sizeof *c.groups);
        return read_conditions(&c, condition);
}
