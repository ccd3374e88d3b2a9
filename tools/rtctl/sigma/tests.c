/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tests.c - a field and its values as tests of ours. Values that are compared alike become one test
 * against a list, which is what the compiler looks up in one table.
 *
 * Sigma does not mind letter case: the field is lowered and so are the constants. A test of a field
 * without a value is false in both languages.
 */
#include "sigma.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum shape { EQUAL, STARTS, ENDS, CONTAINS, GLOB, ANYTHING, NO_VALUE, N_SHAPES };

/* Operators by shape, for text and for patterns with wildcards inside. */
static const char *const operators[] = {
        [EQUAL] = "=",           [STARTS] = "startswith", [ENDS] = "endswith",
        [CONTAINS] = "contains", [GLOB] = "glob",
};

/* Constants of one shape. */
typedef struct constant_list {
        rt_str *at;
        size_t n, room;
        const node *first;
} constant_list;

static enum shape
shape_of(const sigma_value *v)
{
        const sigma_pattern *pat = &v->pattern;
        size_t wild = 0, n_any = 0;
        const bool first = pat->n && pat->at[0] == ANY_TEXT,
                   last = pat->n && pat->at[pat->n - 1] == ANY_TEXT;

        for (size_t i = 0; i < pat->n; i++) {
                wild += pat->at[i] > 0xff;
                n_any += pat->at[i] == ANY_TEXT;
        }
        if (v->null)
                return NO_VALUE;
        if (n_any && n_any == pat->n)
                return ANYTHING;
        if (!wild)
                return EQUAL;
        if (wild != (size_t) first + last)
                return GLOB;
        return first && last ? CONTAINS : first ? ENDS : STARTS;
}

static void
add_constant(constant_list *list, rt_str text)
{
        if (list->n == list->room) {
                list->room = list->room * 2 + 8;
                list->at = grow(list->at, list->room, sizeof *list->at);
        }
        list->at[list->n++] = text;
}

/* As it stands in JSON text. */
static rt_str
json_inner(pool *p, rt_str plain)
{
        static const char digits[] = "0123456789abcdef";
        static const char names[] = "\bb\tt\nn\ff\rr\"\"\\\\";
        writer out = { NULL };

        text_add(&out, str("", 0));
        for (size_t i = 0; i < plain.len; i++) {
                const char c = plain.ptr[i];
                const char *name = NULL;

                for (const char *n = names; *n && !name; n += 2)
                        name = *n == c ? n + 1 : NULL;
                if (name) {
                        text_byte(&out, '\\');
                        text_byte(&out, *name);
                } else if ((unsigned char) c < 0x20) {
                        text_word(&out, "\\u00");
                        text_byte(&out, digits[c >> 4]);
                        text_byte(&out, digits[c & 15]);
                } else {
                        text_byte(&out, c);
                }
        }
        return text_keep(&out, p);
}

/* A pattern of fnmatch(3). */
static rt_str
glob_text(pool *p, const sigma_pattern *pat)
{
        writer out = { NULL };

        for (size_t i = 0; i < pat->n; i++) {
                const uint16_t c = pat->at[i];

                if (c <= 0xff && c && strchr("*?[]\\", c))
                        text_byte(&out, '\\');
                text_byte(&out, (char) (c & 0xff));
        }
        return text_keep(&out, p);
}

/* The pattern as it stands inside a string of JSON text. */
static sigma_pattern
json_pattern(pool *p, const sigma_pattern *pat)
{
        sigma_pattern made = { pool_take(p, pat->n * 2, sizeof(uint16_t)), 0 };

        for (size_t i = 0; i < pat->n; i++) {
                if (pat->at[i] == '"' || pat->at[i] == '\\')
                        made.at[made.n++] = '\\';
                made.at[made.n++] = pat->at[i];
        }
        return made;
}

/* Is the field JSON text? */
static bool
is_json(const field *f)
{
        return f->kind == JSON || f->kind == OBJECT || f->kind == ARRAY;
}

/* ---- tests ---- */

static bool
has_letters(const rt_str *at, size_t n)
{
        for (size_t i = 0; i < n; i++)
                for (size_t k = 0; k < at[i].len; k++)
                        if (lower(at[i].ptr[k]) >= 'a' && lower(at[i].ptr[k]) <= 'z')
                                return true;
        return false;
}

static bool
check_constant(rule *r, const node *at, rt_str constant)
{
        if (constant.len > MOST_CONSTANT_BYTES)
                return refuse(r, at, "a constant of more than %d bytes", MOST_CONSTANT_BYTES);
        if (constant.len && memchr(constant.ptr, 0, constant.len))
                return refuse(r, at, "the value has a byte 0");
        return true;
}

const expr *
test_text(rule *r, const node *at, const char *op, bool fold, rt_str name, const rt_str *constants,
          size_t n)
{
        const bool lowers = fold && strcmp(op, "glob") != 0 && has_letters(constants, n);
        const bool equal = strcmp(op, "=") == 0;
        writer out = { NULL };

        text_word(&out, lowers ? "tolower(" : "");
        text_add(&out, name);
        text_word(&out, lowers ? ") " : " ");
        text_word(&out, fold && strcmp(op, "glob") == 0 ? "i" : "");
        text_word(&out, n > 1 && equal ? "in" : op);
        text_word(&out, n == 1 ? " " : equal ? " (" : " anyof (");
        for (size_t i = 0; i < n; i++) {
                char *copy = pool_take(r->pool, constants[i].len + 1, 1);

                if (!check_constant(r, at, constants[i])) {
                        text_done(&out);
                        return NULL;
                }
                for (size_t k = 0; k < constants[i].len; k++)
                        copy[k] = lowers ? lower(constants[i].ptr[k]) : constants[i].ptr[k];
                text_word(&out, i ? ", " : "");
                put_constant(&out, str(copy, constants[i].len));
        }
        text_word(&out, n == 1 ? "" : ")");
        return expr_test(r->pool, text_keep(&out, r->pool));
}

static const expr *
plain_test(rule *r, rt_str name, const char *rest)
{
        writer out = { NULL };

        text_add(&out, name);
        text_word(&out, rest);
        return expr_test(r->pool, text_keep(&out, r->pool));
}

const expr *
test_present(rule *r, const field *f)
{
        if (f->kind == EMPTY)
                return plain_test(r, f->name, " != \"\"");
        if (is_json(f))
                return plain_test(r, f->name, " != null");
        if (f->kind == STRING)
                return expr_pair(r->pool, EXPR_OR, plain_test(r, f->name, " != \"\""),
                                 plain_test(r, f->member, " != null"));
        return plain_test(r, f->name, " exists");
}

/* Missing, or null. */
static const expr *
test_null(rule *r, const field *f)
{
        const expr *missing = expr_not(r->pool, plain_test(r, f->name, " exists"));

        if (is_json(f))
                return expr_pair(r->pool, EXPR_OR, missing, plain_test(r, f->name, " = null"));
        if (f->kind == STRING)
                return expr_pair(r->pool, EXPR_OR, missing,
                                 expr_pair(r->pool, EXPR_AND, plain_test(r, f->name, " = \"\""),
                                           plain_test(r, f->member, " = null")));
        return f->kind == EMPTY ? plain_test(r, f->name, " = \"\"") : missing;
}

/* Does a pattern of this shape match the text `null`, which is what JSON's null reads as? */
static bool
takes_null(enum shape shape, rt_str plain, bool fold)
{
        static const char null[] = "null";
        const size_t len = plain.len;
        bool same = len <= 4;

        if (shape == GLOB) /* to keep it out where it does not come is no harm */
                return true;
        for (size_t at = 0; at + len <= 4 && len <= 4; at++) {
                if ((shape == STARTS && at) || (shape == ENDS && at + len != 4))
                        continue;
                same = true;
                for (size_t i = 0; i < len; i++)
                        same = same && (fold ? lower(plain.ptr[i]) : plain.ptr[i]) == null[at + i];
                if (same)
                        return true;
        }
        return false;
}

static const expr *
text_test(rule *r, const field *f, enum shape shape, bool fold, const constant_list *list)
{
        return test_text(r, list->first, operators[shape], fold, f->name, list->at, list->n);
}

/* ---- fields that are no text ---- */

static bool
is_integer(rt_str text)
{
        const size_t sign = text.len && text.ptr[0] == '-';

        for (size_t i = sign; i < text.len; i++)
                if (text.ptr[i] < '0' || text.ptr[i] > '9')
                        return false;
        return text.len > sign && text.len < 20;
}

/* "10." and "192.168.": an address's beginning as a network. */
static bool
put_network(writer *out, rt_str start)
{
        size_t dots = 0;
        char rest[8];

        for (size_t i = 0; i < start.len; i++) {
                if (start.ptr[i] == '.')
                        dots++;
                else if (start.ptr[i] < '0' || start.ptr[i] > '9')
                        return false;
        }
        if (dots < 1 || dots > 3 || start.len > 12 || start.ptr[start.len - 1] != '.')
                return false;
        text_add(out, start);
        text_word(out, dots == 3 ? "0" : dots == 2 ? "0.0" : "0.0.0");
        snprintf(rest, sizeof rest, "/%zu", dots * 8);
        text_word(out, rest);
        return true;
}

static const expr *
number_test(rule *r, const field *f, enum shape shape, const sigma_value *v)
{
        const rt_str plain = pattern_text(r->pool, &v->pattern);
        writer out = { NULL };

        if (shape == EQUAL && !plain.len)
                return expr_truth(r->pool, false);
        if (shape == EQUAL && (f->kind == ADDRESS || is_integer(plain)))
                return test_text(r, v->node, "=", false, f->name, &plain, 1);
        if (shape == STARTS && f->kind == ADDRESS) {
                text_add(&out, f->net);
                text_word(&out, " = \"");
                if (put_network(&out, plain)) {
                        text_byte(&out, '"');
                        return expr_test(r->pool, text_keep(&out, r->pool));
                }
                text_done(&out);
        }
        refuse(r, v->node,
               f->kind == NUMBER ? "the field is a number: it can only be compared as one"
                                 : "the field is an address: it can only be compared as one");
        return NULL;
}

/* ---- values of a field ---- */

/* The constants that a value stands for in text of this kind; what it becomes of the shape. */
static bool
add_text(rule *r, const field *f, enum shape *shape, const sigma_value *v, constant_list *list)
{
        rt_str plain = pattern_text(r->pool, &v->pattern);
        writer out = { NULL };

        if (f->kind == ARRAY) {
                if (*shape == GLOB || (!plain.len && *shape == EQUAL))
                        return refuse(r, v->node,
                                      "this pattern is not supported for a whole array or event");
                text_word(&out, *shape == EQUAL || *shape == STARTS ? "\"" : "");
                text_add(&out, json_inner(r->pool, plain));
                text_word(&out, *shape == EQUAL || *shape == ENDS ? "\"" : "");
                *shape = CONTAINS;
                plain = text_keep(&out, r->pool);
        } else if (*shape == GLOB) {
                plain = glob_text(r->pool, &v->pattern);
        }
        list += *shape;
        list->first = list->first ? list->first : v->node;
        add_constant(list, plain);
        if (f->kind == OBJECT && *shape != EQUAL) {
                const sigma_pattern inner = json_pattern(r->pool, &v->pattern);

                if (inner.n != v->pattern.n)
                        add_constant(list, *shape == GLOB ? glob_text(r->pool, &inner)
                                                          : pattern_text(r->pool, &inner));
        }
        if (f->kind == LINE && *shape != STARTS && *shape != CONTAINS
            && !(*shape == GLOB && v->pattern.at[v->pattern.n - 1] == ANY_TEXT)) {
                text_add(&out, plain);
                text_byte(&out, ' ');
                add_constant(list, text_keep(&out, r->pool));
        }
        return true;
}

/* One value by itself, or NULL with @a *ret_good when it went into @a lists. */
static const expr *
value_test(rule *r, const question *q, const field *f, const sigma_value *v, constant_list *lists,
           bool *ret_good)
{
        enum shape shape = is_special(q) ? EQUAL : shape_of(v);
        const rt_str empty = str("", 0);

        *ret_good = true;
        if (is_special(q))
                return compare_special(r, q, f, v);
        if (shape == NO_VALUE)
                return test_null(r, f);
        if (shape == ANYTHING)
                return test_present(r, f);
        if (f->kind == PRESENT) {
                *ret_good = refuse(r, v->node, "the field can only be asked for being there");
                return NULL;
        }
        if (f->kind == NUMBER || f->kind == ADDRESS)
                return number_test(r, f, shape, v);
        if (f->kind == STRING && shape == EQUAL && !v->pattern.n)
                return test_text(r, v->node, "=", false, f->member, &empty, 1);
        *ret_good = add_text(r, f, &shape, v, lists);
        return NULL;
}

/* Tests of the values collected, behind those in @a tests. */
static bool
close_lists(rule *r, const field *f, bool fold, constant_list *lists, const expr **tests, size_t *n)
{
        bool good = true;

        for (enum shape shape = EQUAL; shape <= GLOB; shape++) {
                constant_list *list = &lists[shape];

                if (good && list->n) {
                        tests[*n] = text_test(r, f, shape, fold, list);
                        good = tests[(*n)++] != NULL;
                }
                free(list->at);
        }
        return good;
}

/* What a JSON null would wrongly be taken for is kept out. */
static const expr *
keep_null_out(rule *r, const question *q, const field *f, const values *list, const expr *test)
{
        bool taken = false;

        if (!test || is_special(q) || !is_json(f))
                return test;
        for (size_t i = 0; i < list->n; i++) {
                const enum shape shape = shape_of(&list->at[i]);

                if (shape == NO_VALUE)
                        return test;
                if (shape >= STARTS && shape <= GLOB)
                        taken = taken
                                || takes_null(shape, pattern_text(r->pool, &list->at[i].pattern),
                                              !has(q, MOD_CASED));
        }
        return taken ? expr_pair(r->pool, EXPR_AND, test, test_present(r, f)) : test;
}

static const expr *
join_values(rule *r, const question *q, const field *f, const values *list)
{
        const enum expr_kind kind = has(q, MOD_ALL) ? EXPR_AND : EXPR_OR;
        const expr **tests = pool_take(r->pool, list->n + N_SHAPES, sizeof *tests);
        constant_list lists[N_SHAPES] = { { NULL } };
        size_t n = 0;
        bool good = true;

        for (size_t i = 0; i < list->n && good; i++) {
                tests[n] = value_test(r, q, f, &list->at[i], lists, &good);
                n += tests[n] != NULL;
                good = good && !r->problem.line;
                if (good && kind == EXPR_AND) {
                        good = close_lists(r, f, !has(q, MOD_CASED), lists, tests, &n);
                        memset(lists, 0, sizeof lists);
                }
        }
        if (!close_lists(r, f, !has(q, MOD_CASED), lists, tests, &n) || !good)
                return NULL;
        return keep_null_out(r, q, f, list, expr_join(r->pool, kind, tests, n));
}

static const expr *
test_values(rule *r, const question *q, const field *f, const node *given)
{
        const expr *test;
        values list;

        if (!values_read(r, q, given, &list))
                return NULL;
        test = join_values(r, q, f, &list);
        free(list.at);
        return test && has(q, MOD_NEQ) ? expr_not(r->pool, test) : test;
}

const expr *
test_field(rule *r, const question *q, const node *given)
{
        const expr *test = NULL;
        int known;
        field f;

        known = q->n_order || given->kind > NODE_TEXT ? 0 : field_value(r, given, q->field, &test);
        if (known)
                return known > 0 ? test : NULL;
        return field_find(r, q->key, q->field, &f) ? test_values(r, q, &f, given) : NULL;
}

const expr *
test_keywords(rule *r, const question *q, const node *given)
{
        const logsource_row *source = logsource_of(r->logsource);
        const field f = { .kind = source->members ? ARRAY : LINE,
                          .name = str(source->keywords, strlen(source->keywords)) };
        question contains = *q;

        if (!f.name.len) {
                refuse(r, given, "keywords: these events are no text");
                return NULL;
        }
        if (!has(q, MOD_CONTAINS) && q->n_order < sizeof q->order / sizeof *q->order) {
                contains.order[contains.n_order++] = MOD_CONTAINS;
                contains.modifiers |= UINT64_C(1) << MOD_CONTAINS;
        }
        if (is_special(q)) {
                refuse(r, q->key, "keywords take no such modifier");
                return NULL;
        }
        return test_values(r, &contains, &f, given);
}
