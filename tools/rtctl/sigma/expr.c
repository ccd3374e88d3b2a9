/* SPDX-License-Identifier: Apache-2.0 */
/* expr.c - conditions in our language, before they are text. */
#include "sigma.h"
#include <string.h>

static expr *
make(pool *p, enum expr_kind kind)
{
        expr *e = pool_take(p, 1, sizeof *e);

        *e = (expr){ .kind = (uint8_t) kind };
        return e;
}

const expr *
expr_truth(pool *p, bool truth)
{
        return make(p, truth ? EXPR_TRUE : EXPR_FALSE);
}

const expr *
expr_test(pool *p, rt_str text)
{
        expr *e = make(p, EXPR_TEST);

        e->text = text;
        return e;
}

const expr *
expr_not(pool *p, const expr *a)
{
        expr *e;

        if (a->kind == EXPR_NOT)
                return a->at[0];
        if (a->kind == EXPR_TRUE || a->kind == EXPR_FALSE)
                return expr_truth(p, a->kind == EXPR_FALSE);
        e = make(p, EXPR_NOT);
        e->at = pool_take(p, 1, sizeof *e->at);
        e->at[0] = a;
        e->n = 1;
        return e;
}

const expr *
expr_join(pool *p, enum expr_kind kind, const expr *const *at, size_t n)
{
        const enum expr_kind neutral = kind == EXPR_AND ? EXPR_TRUE : EXPR_FALSE;
        const enum expr_kind decides = kind == EXPR_AND ? EXPR_FALSE : EXPR_TRUE;
        expr *e = make(p, kind);

        e->at = pool_take(p, n, sizeof *e->at);
        for (size_t i = 0; i < n; i++) {
                if (at[i]->kind == decides)
                        return at[i];
                if (at[i]->kind != neutral)
                        e->at[e->n++] = at[i];
        }
        if (!e->n)
                return make(p, neutral);
        return e->n == 1 ? e->at[0] : e;
}

const expr *
expr_pair(pool *p, enum expr_kind kind, const expr *a, const expr *b)
{
        const expr *const both[] = { a, b };

        return expr_join(p, kind, both, 2);
}

/* Recursion is as deep as Sigma's condition and lists are, which are bounded. @a binds: an operator
 * stands beside it that binds tighter than the one of @a e. */
static bool
print(const expr *e, bool binds, writer *to)
{
        const bool group = binds && (e->kind == EXPR_AND || e->kind == EXPR_OR);

        if (to->n > MOST_CONDITION_BYTES)
                return false;
        if (group)
                text_byte(to, '(');
        if (e->kind == EXPR_TEST)
                text_add(to, e->text);
        else if (e->kind == EXPR_NOT)
                text_word(to, "not ");
        for (size_t i = 0; i < e->n; i++) {
                const bool inner = e->kind == EXPR_NOT || e->at[i]->kind != e->kind;

                if (i)
                        text_word(to, e->kind == EXPR_AND ? " and " : " or ");
                if (!print(e->at[i], inner, to))
                        return false;
        }
        if (group)
                text_byte(to, ')');
        return to->n <= MOST_CONDITION_BYTES;
}

bool
expr_print(const expr *e, writer *to)
{
        return print(e, false, to);
}

/* Words that stand for themselves, and can be no operator. */
static bool
is_plain(rt_str value)
{
        static const char *const words[] = { "and", "or", "not", "oneof", "anyof", "allof" };

        for (size_t i = 0; i < value.len; i++)
                if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/",
                            value.ptr[i])
                    || !value.ptr[i])
                        return false;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
                if (str_is(value, words[i]))
                        return false;
        return value.len > 0 && value.ptr[0] != '-';
}

void
put_constant(writer *to, rt_str value)
{
        static const char digits[] = "0123456789abcdef";

        if (is_plain(value)) {
                text_add(to, value);
                return;
        }
        text_byte(to, '"');
        for (size_t i = 0; i < value.len; i++) {
                const unsigned char c = (unsigned char) value.ptr[i];

                if (c < 0x20 || c > 0x7e || c == '"' || c == '\\' || c == '\'') {
                        text_word(to, "\\x");
                        text_byte(to, digits[c >> 4]);
                        text_byte(to, digits[c & 15]);
                } else {
                        text_byte(to, (char) c);
                }
        }
        text_byte(to, '"');
}
