/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk.c - one walk over the tokens of a document.
 *
 *   in   the tokens (scan.h), a projection or none
 *   out  the grammar is checked to the last byte; every container knows its end; every wanted
 *        name's first value is found
 *
 * Behind the last token stand two more that repeat the first. Where a document ends too early they
 * are met instead of a comma, a colon or a closing bracket, which they are not, or are entered as a
 * container, where the number of tokens is looked at; so that nothing else has to look at it.
 *
 * The stack is an array: nesting is bounded by RTI_MAX_JSON_DEPTH.
 */
#include "json/doc.h"

/* Nothing is wanted of what a container holds. */
#define NOTHING UINT32_MAX

static const char too_deep[] = "nested too deep";
static const char no_name[] = "expected a member's name";
static const char no_colon[] = "expected ':' behind a member's name";
static const char no_value[] = "expected a value";
static const char bad_string[] = "no right string";
static const char no_comma_object[] = "expected ',' or '}' behind a member";
static const char no_comma_array[] = "expected ',' or ']' behind an element";

typedef struct walk {
        const char *text;
        const uint32_t *at;
        uint32_t *link;
        rti_json_node *found;
        const rti_json_level *levels;
        uint32_t n;
        uint32_t depth;
        bool escapes;      /* there is a backslash somewhere */
        bool again;        /* a name held one where names are wanted */
        uint32_t bad;      /* token that is wrong */
        const char *wrong; /* and why */
        struct {
                uint32_t open, level;
        } stack[RTI_MAX_JSON_DEPTH + 1];
} walk;

/* ---- numbers and literals ---- */

static bool
is_word(rt_str s, const char *lower)
{
        for (size_t i = 0; i < 3; i++)
                if ((s.ptr[i] | 0x20) != lower[i])
                        return false;
        return true;
}

/* The reference's idea of a number: any run of these characters that is not just a sign, or
 * infinity or not-a-number in any case, with or without a sign. */
static bool
lenient_number(rt_str s)
{
        static const bool part[256] = {
                ['0'] = true, ['1'] = true, ['2'] = true, ['3'] = true, ['4'] = true,
                ['5'] = true, ['6'] = true, ['7'] = true, ['8'] = true, ['9'] = true,
                ['+'] = true, ['-'] = true, ['.'] = true, ['e'] = true, ['E'] = true,
        };
        const bool sign = s.ptr[0] == '-' || s.ptr[0] == '+';
        size_t at = 0;

        while (at < s.len && part[(unsigned char) s.ptr[at]])
                at++;
        if (at == s.len)
                return !sign || s.len > 1;
        s = rti_str_sub(s, sign, s.len);
        return at == sign && s.len == 3 && (is_word(s, "inf") || is_word(s, "nan"));
}

/* Is the token, which may have blanks behind it, a number or literal? */
static bool
is_scalar(rt_str s, bool strict)
{
        while (is_blank(s.ptr[s.len - 1]))
                s.len--;
        if (s.len == 4 && (memcmp(s.ptr, "true", 4) == 0 || memcmp(s.ptr, "null", 4) == 0))
                return true;
        if (s.len == 5 && memcmp(s.ptr, "false", 5) == 0)
                return true;
        return strict ? rti_json_strict_number(s) == s.len : lenient_number(s);
}

/* ---- names ---- */

/* The level below @a level that the name in token @a i leads to. */
static inline uint32_t
match(walk *w, uint32_t level, uint32_t i)
{
        const uint32_t from = w->at[i] + 1;
        uint32_t end = w->at[i + 1] - 1, child;
        uint64_t head, tail;
        rt_str name;

        while (w->text[end] != '"')
                end--;
        name = (rt_str){ w->text + from, end - from };
        if (name.len >= 8) {
                head = rti_json_load(name.ptr);
                tail = rti_json_load(name.ptr + name.len - 8);
        } else {
                rti_json_ends(name, &head, &tail);
        }
        child = rti_json_find(&w->levels[level], name, head, tail);
        if (child == 0) {
                if (w->escapes && name.len && memchr(name.ptr, '\\', name.len))
                        w->again = true;
                return NOTHING;
        }
        if (w->found[child] != RTI_JSON_NONE)
                return NOTHING; /* the first of duplicates counts */
        w->found[child] = i + 2;
        return w->levels[child].children ? child : NOTHING;
}

/* ---- grammar ---- */

static int
fail(walk *w, uint32_t token, const char *wrong)
{
        w->bad = token;
        w->wrong = wrong;
        return token >= w->n ? RTI_JSON_EXHAUSTED : RT_EFORMAT;
}

/* Container @a i begins. Its elements are one level deeper and must not be too deep either. */
static inline int
enter(walk *w, uint32_t i, uint32_t level)
{
        if (i >= w->n)
                return fail(w, i, no_value);
        if (w->depth >= RTI_MAX_JSON_DEPTH - 1) {
                const char c = w->text[w->at[i + 1]];

                if (i + 1 >= w->n)
                        return fail(w, i + 1, no_value);
                if (w->depth >= RTI_MAX_JSON_DEPTH || (c != '}' && c != ']')) {
                        fail(w, i, too_deep);
                        return RT_ELIMIT;
                }
        }
        w->stack[w->depth].open = i;
        w->stack[w->depth].level = level;
        w->depth++;
        return RT_OK;
}

/* A value that is no container. */
static inline int
check_leaf(walk *w, uint32_t i, char c, bool strict)
{
        rt_str s;

        if (c == '"' && !strict)
                return RT_OK;
        if (i + 1 >= w->n) /* cut off, unless it cannot begin a value anyway */
                return fail(w, strchr("}],:", c) && c ? i : i + 1, no_value);
        s = (rt_str){ w->text + w->at[i], w->at[i + 1] - w->at[i] };
        if (c != '"')
                return is_scalar(s, strict) ? RT_OK : fail(w, i, no_value);
        while (s.ptr[s.len - 1] != '"')
                s.len--;
        s = rti_str_sub(s, 1, s.len - 1);
        return rti_json_strict_string(s, true) == SIZE_MAX ? RT_OK : fail(w, i, bad_string);
}

static inline __attribute__((always_inline)) int
run(walk *w, uint32_t level, bool strict, uint32_t *ret_tokens)
{
        const char *const text = w->text;
        const uint32_t *const at = w->at;
        uint32_t i = 0, below = level;
        int r;
        char c = text[at[0]];

        if (c == '[')
                goto array;
object:
        r = enter(w, i, below);
        if (r)
                return r;
        level = below;
        i++;
        if (text[at[i]] == '}')
                goto close;
name:
        if (text[at[i]] != '"')
                return fail(w, i, no_name);
        if (text[at[i + 1]] != ':')
                return fail(w, i + 1, no_colon);
        if (strict && (r = check_leaf(w, i, '"', true)))
                return r;
        below = level == NOTHING ? NOTHING : match(w, level, i);
        i += 2;
        c = text[at[i]];
        if (c == '{')
                goto object;
        if (c == '[')
                goto array;
        r = check_leaf(w, i, c, strict);
        if (r)
                return r;
        i++;
member:
        c = text[at[i]];
        if (c == ',') {
                i++;
                goto name;
        }
        if (c != '}')
                return fail(w, i, no_comma_object);
close:
        w->depth--;
        w->link[w->stack[w->depth].open] = i;
        i++;
        if (w->depth == 0) {
                *ret_tokens = i;
                return RT_OK;
        }
        level = w->stack[w->depth - 1].level;
        if (text[at[w->stack[w->depth - 1].open]] == '{')
                goto member;
        goto element;
array:
        r = enter(w, i, NOTHING);
        if (r)
                return r;
        i++;
        below = NOTHING;
        if (text[at[i]] == ']')
                goto close;
value:
        c = text[at[i]];
        if (c == '{')
                goto object;
        if (c == '[')
                goto array;
        r = check_leaf(w, i, c, strict);
        if (r)
                return r;
        i++;
element:
        c = text[at[i]];
        if (c == ',') {
                i++;
                goto value;
        }
        if (c != ']')
                return fail(w, i, no_comma_array);
        goto close;
}

/* A document that is no container. */
static int
single(walk *w, bool strict, uint32_t *ret_tokens)
{
        int r;

        if (w->n < 2)
                return fail(w, 1, no_value);
        r = check_leaf(w, 0, w->text[w->at[0]], strict);
        if (r == RT_OK)
                *ret_tokens = 1;
        return r;
}

int
rti_json_walk(rti_json *doc, unsigned dialect, const rti_json_projection *projection,
              uint32_t *ret_tokens, bool *ret_again, rti_json_error *ret_error)
{
        walk w;
        const char c = doc->text[doc->at[0]];
        const uint32_t root = projection && projection->levels[0].children ? 0 : NOTHING;
        int r;

        w.text = doc->text;
        w.at = doc->at;
        w.link = doc->link;
        w.found = doc->found;
        w.levels = projection ? projection->levels : NULL;
        w.n = doc->n;
        w.depth = 0;
        w.escapes = doc->scan.backslashes != 0;
        w.again = false;
        if (c != '{' && c != '[')
                r = single(&w, dialect == RTI_JSON_STRICT, ret_tokens);
        else if (dialect == RTI_JSON_STRICT)
                r = run(&w, root, true, ret_tokens);
        else
                r = run(&w, root, false, ret_tokens);
        if (r < 0)
                *ret_error = (rti_json_error){ doc->at[w.bad], w.wrong };
        *ret_again = w.again;
        return r;
}
