/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk.c - one walk over the tokens of a document.
 *
 *   in   the tokens (scan.h), a projection or none
 *   out  the grammar is checked to the last byte; every container knows its end; every wanted
 *        name's first value is found
 *
 * It looks at the tokens' first bytes, which stand side by side, four at a time: most members are
 * a name, a colon, a string and a comma. Behind the last token stand zeros: where a document ends
 * too early they are met instead of what the grammar wants, and nothing else need know the end.
 *
 * The stack is an array: nesting is bounded by RTI_MAX_JSON_DEPTH.
 */
#include "json/doc.h"

/* Made once for each dialect. */
#define INLINED __attribute__((always_inline))

/* Nothing is wanted of what a container holds. */
#define NOTHING UINT32_MAX

static const char too_deep[] = "nested too deeply (limit JSON_DEPTH)";
static const char no_name[] = "expected a member's name";
static const char no_colon[] = "expected ':' behind a member's name";
static const char no_value[] = "expected a value";
static const char bad_string[] = "no right string";
static const char no_comma_object[] = "expected ',' or '}' behind a member";
static const char no_comma_array[] = "expected ',' or ']' behind an element";

typedef struct walk {
        const char *text;
        const uint32_t *at;
        const char *kinds;
        uint32_t *link;
        rti_json_node *found;
        const rti_json_level *levels;
        uint32_t n;
        uint32_t len; /* of the text */
        uint32_t depth;
        bool escapes;      /* there is a backslash somewhere */
        bool plain;        /* any string is right: lenient, or nothing special in the text */
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

/* As rti_json_ends, for a name that lies in the text, which mostly goes on for 8 bytes. */
static inline void
name_ends(const walk *w, rt_str name, uint64_t *ret_head, uint64_t *ret_tail)
{
        static const uint64_t none = 0;
        static const unsigned char masks[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
        const size_t n = name.len < 8 ? name.len : 8;

        if (__builtin_expect(w->len - (size_t) (name.ptr - w->text) < 8, 0)) {
                rti_json_ends(name, ret_head, ret_tail);
                return;
        }
        *ret_head = rti_json_load(name.ptr) & rti_json_load((const char *) masks + 8 - n);
        *ret_tail = rti_json_load(n == 8 ? name.ptr + name.len - 8 : (const char *) &none);
}

static inline bool
has_backslash(rt_str name, uint64_t head, uint64_t tail)
{
        const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;

        head ^= ones * '\\';
        tail ^= ones * '\\';
        if (name.len > 16)
                return memchr(name.ptr, '\\', name.len) != NULL;
        return (((head - ones) & ~head) | ((tail - ones) & ~tail)) & high;
}

/* The level below @a level that the name in token @a i leads to. */
static inline uint32_t
match(walk *w, uint32_t level, uint32_t i)
{
        const uint32_t from = w->at[i] + 1;
        uint32_t end = w->at[i + 1] - 1, child;
        uint64_t head, tail;
        rt_str name;

        while (__builtin_expect(w->text[end] != '"', 0))
                end--;
        name = (rt_str){ w->text + from, end - from };
        name_ends(w, name, &head, &tail);
        child = rti_json_find(&w->levels[level], name, head, tail);
        if (child == 0) {
                if (w->escapes && has_backslash(name, head, tail))
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
        if (__builtin_expect(w->depth >= RTI_MAX_JSON_DEPTH - 1, 0)) {
                const char c = w->kinds[i + 1];

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

        if (c == '"' && w->plain)
                return RT_OK;
        if (i + 1 >= w->n) /* cut off, unless it cannot begin a value anyway */
                return fail(w, c && strchr("}],:", c) ? i : i + 1, no_value);
        s = (rt_str){ w->text + w->at[i], w->at[i + 1] - w->at[i] };
        if (c != '"')
                return is_scalar(s, strict) ? RT_OK : fail(w, i, no_value);
        while (s.ptr[s.len - 1] != '"')
                s.len--;
        s = rti_str_sub(s, 1, s.len - 1);
        return rti_json_strict_string(s, true) == SIZE_MAX ? RT_OK : fail(w, i, bad_string);
}

static inline bool
two_are(const char *kinds, const char *want)
{
        return memcmp(kinds, want, 2) == 0;
}

INLINED static inline int
check_grammar(walk *w, uint32_t level, bool strict, uint32_t *ret_tokens)
{
        const char *const kinds = w->kinds;
        uint32_t i = 0, below = level;
        int r;

        if (kinds[0] == '[')
                goto array;
object:
        r = enter(w, i, below);
        if (r)
                return r;
        level = below;
        i++;
        if (kinds[i] == '}')
                goto close;
name:
        if (!two_are(kinds + i, "\":"))
                return kinds[i] != '"' ? fail(w, i, no_name) : fail(w, i + 1, no_colon);
        below = level == NOTHING ? NOTHING : match(w, level, i);
        if ((!strict || w->plain) && two_are(kinds + i + 2, "\",")) {
                i += 4;
                goto name;
        }
        if (strict && (r = check_leaf(w, i, '"', true)))
                return r;
        i += 2;
        if (kinds[i] == '{')
                goto object;
        if (kinds[i] == '[')
                goto array;
        r = check_leaf(w, i, kinds[i], strict);
        if (r)
                return r;
        i++;
member:
        if (kinds[i] == ',') {
                i++;
                goto name;
        }
        if (kinds[i] != '}')
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
        if (kinds[w->stack[w->depth - 1].open] == '{')
                goto member;
        goto element;
array:
        r = enter(w, i, NOTHING);
        if (r)
                return r;
        i++;
        below = NOTHING;
        if (kinds[i] == ']')
                goto close;
value:
        if (kinds[i] == '{')
                goto object;
        if (kinds[i] == '[')
                goto array;
        r = check_leaf(w, i, kinds[i], strict);
        if (r)
                return r;
        i++;
element:
        if (kinds[i] == ',') {
                i++;
                goto value;
        }
        if (kinds[i] != ']')
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
        r = check_leaf(w, 0, w->kinds[0], strict);
        if (r == RT_OK)
                *ret_tokens = 1;
        return r;
}

int
rti_json_walk(rti_json *doc, unsigned dialect, const rti_json_projection *projection,
              rti_json_walked *ret_walked, rti_json_error *ret_error)
{
        uint32_t *const ret_tokens = &ret_walked->tokens;
        walk w;
        const char c = doc->kinds[0];
        const uint32_t root = projection && projection->levels[0].children ? 0 : NOTHING;
        int r;

        w.text = doc->text;
        w.at = doc->at;
        w.kinds = doc->kinds;
        w.len = (uint32_t) doc->scan.len;
        w.link = doc->link;
        w.found = doc->found;
        w.levels = projection ? projection->levels : NULL;
        w.n = doc->n;
        w.depth = 0;
        w.escapes = doc->escapes;
        w.again = false;
        w.plain = doc->plain;
        if (c != '{' && c != '[')
                r = single(&w, dialect == RTI_JSON_STRICT, ret_tokens);
        else if (dialect == RTI_JSON_STRICT)
                r = check_grammar(&w, root, true, ret_tokens);
        else
                r = check_grammar(&w, root, false, ret_tokens);
        if (r < 0)
                *ret_error = (rti_json_error){ doc->at[w.bad], w.wrong };
        ret_walked->again = w.again;
        return r;
}
