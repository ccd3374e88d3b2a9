/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values.c - FIELD|modifier|modifier and the values behind it: text with wildcards, put through the
 * modifiers in the order in which they stand.
 */
#include "sigma.h"
#include <stdlib.h>
#include <string.h>

enum modifier_kind { WRAP, CODE, COMPARE, FLAG, NEVER };

static const struct {
        const char *name;
        enum modifier_kind kind;
} modifiers[N_MODIFIERS] = {
#define MODIFIER(id, name, kind) [MOD_##id] = { name, kind },
#include "modifiers.def"
#undef MODIFIER
};

/* ---- what stands before the colon ---- */

static bool
add_modifier(rule *r, question *q, rt_str word)
{
        enum modifier id = 0;

        while (id < N_MODIFIERS && !str_is(word, modifiers[id].name))
                id++;
        if (id == N_MODIFIERS || modifiers[id].kind == NEVER)
                return refuse(r, q->key, "modifier '%.*s' is not supported",
                              (int) (word.len < 60 ? word.len : 60), word.ptr);
        if (q->n_order == sizeof q->order / sizeof *q->order)
                return refuse(r, q->key, "too many modifiers");
        q->order[q->n_order++] = id;
        q->modifiers |= UINT64_C(1) << id;
        return true;
}

static bool
check_modifiers(rule *r, const question *q)
{
        unsigned compare = 0, code = 0;

        for (size_t i = 0; i < q->n_order; i++) {
                compare += modifiers[q->order[i]].kind == COMPARE;
                code += modifiers[q->order[i]].kind == CODE;
        }
        if (compare > 1 || (compare && code))
                return refuse(r, q->key, "these modifiers do not go together");
        if ((has(q, MOD_I) || has(q, MOD_M) || has(q, MOD_S)) && !has(q, MOD_RE))
                return refuse(r, q->key, "modifiers i, m and s belong to re");
        return true;
}

bool
question_read(rule *r, const node *key, question *ret_question)
{
        question *q = ret_question;
        size_t at = 0, from;

        *q = (question){ .key = key };
        if (key->kind != NODE_TEXT)
                return refuse(r, key, "a field's name is expected");
        while (at < key->text.len && key->text.ptr[at] != '|')
                at++;
        q->field = pool_copy(r->pool, str(key->text.ptr, at));
        while (at < key->text.len) {
                from = ++at;
                while (at < key->text.len && key->text.ptr[at] != '|')
                        at++;
                if (!add_modifier(r, q, str(key->text.ptr + from, at - from)))
                        return false;
        }
        return check_modifiers(r, q);
}

/* ---- text with wildcards ---- */

static sigma_pattern
pattern_make(pool *p, size_t room)
{
        return (sigma_pattern){ pool_take(p, room, sizeof(uint16_t)), 0 };
}

static sigma_pattern
pattern_plain(pool *p, rt_str text)
{
        sigma_pattern made = pattern_make(p, text.len);

        for (size_t i = 0; i < text.len; i++)
                made.at[made.n++] = (unsigned char) text.ptr[i];
        return made;
}

/* A backslash takes the meaning of a wildcard or a backslash behind it; else it is itself. */
static sigma_pattern
pattern_parse(pool *p, rt_str text)
{
        sigma_pattern made = pattern_make(p, text.len);

        for (size_t i = 0; i < text.len; i++) {
                char c = text.ptr[i];

                if (c == '\\' && i + 1 < text.len && strchr("\\*?", text.ptr[i + 1])
                    && text.ptr[i + 1])
                        made.at[made.n++] = (unsigned char) text.ptr[++i];
                else if (c == '*')
                        made.at[made.n++] = ANY_TEXT;
                else if (c == '?')
                        made.at[made.n++] = ANY_CHAR;
                else
                        made.at[made.n++] = (unsigned char) c;
        }
        return made;
}

static void
pattern_wrap(pool *p, sigma_pattern *pat, bool before, bool after)
{
        sigma_pattern made = pattern_make(p, pat->n + 2);

        before = before && !(pat->n && pat->at[0] == ANY_TEXT);
        after = after && !(pat->n && pat->at[pat->n - 1] == ANY_TEXT);
        if (before)
                made.at[made.n++] = ANY_TEXT;
        if (pat->n)
                memcpy(made.at + made.n, pat->at, pat->n * sizeof *pat->at);
        made.n += pat->n;
        if (after)
                made.at[made.n++] = ANY_TEXT;
        *pat = made;
}

rt_str
pattern_text(pool *p, const sigma_pattern *pat)
{
        char *bytes = pool_take(p, pat->n + 1, 1);
        size_t n = 0;

        for (size_t i = 0; i < pat->n; i++)
                if (pat->at[i] <= 0xff)
                        bytes[n++] = (char) pat->at[i];
        bytes[n] = '\0';
        return str(bytes, n);
}

static bool
has_wildcards(const sigma_pattern *pat)
{
        for (size_t i = 0; i < pat->n; i++)
                if (pat->at[i] > 0xff)
                        return true;
        return false;
}

/* ---- modifiers that make other values ---- */

static bool
add_value(rule *r, values *list, sigma_value v)
{
        if (++r->n_values > MOST_VALUES)
                return refuse(r, v.node, "too many values");
        if (list->n == list->room) {
                list->room = list->room * 2 + 8;
                list->at = grow(list->at, list->room, sizeof *list->at);
        }
        list->at[list->n++] = v;
        return true;
}

static sigma_pattern
base64(pool *p, const sigma_pattern *plain, size_t shift)
{
        static const char digits[] =
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        const size_t n = plain->n + shift;
        sigma_pattern made = pattern_make(p, n / 3 * 4 + 4);

        for (size_t i = 0; i < n; i += 3) {
                uint32_t three = 0;

                for (size_t k = i; k < i + 3; k++)
                        three = three << 8 | (k < shift || k >= n ? 0 : plain->at[k - shift]);
                for (unsigned k = 0; k < 4; k++)
                        made.at[made.n++] =
                                i + k > n ? '='
                                          : (unsigned char) digits[three >> (18 - 6 * k) & 63];
        }
        return made;
}

/* What does not depend on the bytes around, for text that begins @a shift bytes into a group. */
static sigma_pattern
base64_inner(pool *p, const sigma_pattern *plain, size_t shift)
{
        static const size_t begin[] = { 0, 2, 3 };
        const size_t rest = (plain->n + shift) % 3;
        sigma_pattern made = base64(p, plain, shift);
        const size_t cut = rest == 0 ? 0 : rest == 1 ? 3 : 2;

        made.n -= cut;
        made.at += begin[shift];
        made.n = made.n > begin[shift] ? made.n - begin[shift] : 0;
        return made;
}

/* The next character's code; 0 bytes long when it is no UTF-8. */
static size_t
decode(const sigma_pattern *pat, size_t at, uint32_t *ret_code)
{
        const uint16_t first = pat->at[at];
        const size_t n = first < 0x80   ? 1
                         : first < 0xc2 ? 0
                         : first < 0xe0 ? 2
                         : first < 0xf0 ? 3
                                        : 4;
        uint32_t code = n == 1 ? first : n == 2 ? first & 31u : n == 3 ? first & 15u : first & 7u;

        if (!n || at + n > pat->n)
                return 0;
        for (size_t i = 1; i < n; i++)
                code = code << 6 | (pat->at[at + i] & 63u);
        *ret_code = code;
        return n;
}

static void
add_unit(sigma_pattern *made, uint32_t unit, bool big)
{
        made->at[made->n++] = (uint16_t) (big ? unit >> 8 & 0xff : unit & 0xff);
        made->at[made->n++] = (uint16_t) (big ? unit & 0xff : unit >> 8 & 0xff);
}

static bool
utf16(rule *r, sigma_value *v, bool big, bool mark)
{
        sigma_pattern made = pattern_make(r->pool, v->pattern.n * 2 + 2);
        uint32_t code = 0;
        size_t n;

        if (mark)
                add_unit(&made, 0xfeff, big);
        for (size_t i = 0; i < v->pattern.n; i += n) {
                n = decode(&v->pattern, i, &code);
                if (!n)
                        return refuse(r, v->node, "the value is no UTF-8");
                if (code > 0xffff) {
                        add_unit(&made, 0xd7c0 + (code >> 10), big);
                        code = 0xdc00 + (code & 0x3ff);
                }
                add_unit(&made, code, big);
        }
        v->pattern = made;
        return true;
}

static bool
is_word(uint16_t c)
{
        return c <= 0xff
               && (c >= 0x80 || c == '_' || (c >= '0' && c <= '9')
                   || (lower((char) c) >= 'a' && lower((char) c) <= 'z'));
}

/* A dash or slash that begins an option: a word behind it, none before it. */
static bool
is_dash(const sigma_pattern *pat, size_t i)
{
        return (pat->at[i] == '-' || pat->at[i] == '/') && (i == 0 || !is_word(pat->at[i - 1]))
               && i + 1 < pat->n && is_word(pat->at[i + 1]);
}

/* One of the 5^n permutations: choice @a which, in base 5, for each dash. */
static sigma_pattern
with_dashes(pool *p, const sigma_pattern *pat, unsigned which)
{
        static const char *const dashes[] = { "-", "/", "\xe2\x80\x93", "\xe2\x80\x94",
                                              "\xe2\x80\x95" };
        sigma_pattern made = pattern_make(p, pat->n + 3 * MOST_DASHES);

        for (size_t i = 0; i < pat->n; i++) {
                if (!is_dash(pat, i)) {
                        made.at[made.n++] = pat->at[i];
                        continue;
                }
                for (const char *c = dashes[which % 5]; *c; c++)
                        made.at[made.n++] = (unsigned char) *c;
                which /= 5;
        }
        return made;
}

static bool
windash(rule *r, values *out, sigma_value v)
{
        const sigma_pattern from = v.pattern;
        unsigned n = 1, dashes = 0;

        for (size_t i = 0; i < from.n; i++)
                if (is_dash(&from, i)) {
                        if (++dashes > MOST_DASHES)
                                return refuse(r, v.node, "windash: more than %d dashes in a value",
                                              MOST_DASHES);
                        n *= 5;
                }
        for (unsigned i = 0; i < n; i++) {
                v.pattern = with_dashes(r->pool, &from, i);
                if (!add_value(r, out, v))
                        return false;
        }
        return true;
}

static bool
encode(rule *r, enum modifier id, values *out, sigma_value v)
{
        const sigma_pattern from = v.pattern;

        if (id == MOD_WINDASH)
                return windash(r, out, v);
        if (has_wildcards(&from))
                return refuse(r, v.node, "a value with wildcards cannot be encoded");
        if (id == MOD_BASE64OFFSET) {
                for (size_t shift = 0; shift < 3; shift++) {
                        v.pattern = base64_inner(r->pool, &from, shift);
                        if (!v.pattern.n)
                                return refuse(r, v.node, "the value is too short for base64offset");
                        if (!add_value(r, out, v))
                                return false;
                }
                return true;
        }
        if (id == MOD_BASE64)
                v.pattern = base64(r->pool, &from, 0);
        else if (!utf16(r, &v, id == MOD_UTF16BE, id == MOD_UTF16))
                return false;
        return add_value(r, out, v);
}

static bool
modify(rule *r, enum modifier id, values *list)
{
        values out = { NULL };
        bool good = true;

        for (size_t i = 0; i < list->n && good; i++) {
                sigma_value v = list->at[i];

                if (v.null)
                        good = refuse(r, v.node, "null takes no modifier '%s'", modifiers[id].name);
                else if (modifiers[id].kind == CODE)
                        good = encode(r, id, &out, v);
                else {
                        pattern_wrap(r->pool, &v.pattern, id != MOD_STARTSWITH, id != MOD_ENDSWITH);
                        good = add_value(r, &out, v);
                }
        }
        free(list->at);
        *list = out;
        return good;
}

/* ---- reading ---- */

static bool
read_one(rule *r, const question *q, const node *given, values *out)
{
        const bool literal = is_special(q);
        sigma_value v = { .node = given, .null = given->kind == NODE_NULL };

        if (given->kind > NODE_TEXT)
                return refuse(r, given, "a value is expected");
        if (given->text.len > MOST_VALUE_BYTES)
                return refuse(r, given, "a value of more than %d bytes", MOST_VALUE_BYTES);
        if (!v.null)
                v.pattern = literal ? pattern_plain(r->pool, given->text)
                                    : pattern_parse(r->pool, given->text);
        return add_value(r, out, v);
}

bool
values_read(rule *r, const question *q, const node *given, values *ret_values)
{
        const bool list = given->kind == NODE_LIST;
        bool good = true;

        *ret_values = (values){ NULL };
        if (list && !given->n_items)
                return refuse(r, given, "an empty list");
        for (size_t i = 0; good && i < (list ? given->n_items : 1); i++)
                good = read_one(r, q, list ? given->items[i] : given, ret_values);
        for (size_t i = 0; good && i < q->n_order; i++) {
                const enum modifier_kind kind = modifiers[q->order[i]].kind;

                if (kind == CODE || (kind == WRAP && !is_special(q)))
                        good = modify(r, q->order[i], ret_values);
        }
        if (!good) {
                free(ret_values->at);
                *ret_values = (values){ NULL };
        }
        return good;
}
