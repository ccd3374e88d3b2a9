/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ops_glob.c - glob and iglob: POSIX fnmatch without flags, in the C locale.
 *
 * One star at a time is remembered, since a later star can do whatever an earlier one could; so
 * there is no recursion, and the work is at most pattern times text. RTI_MAX_GLOB_STEPS bounds it
 * where an event brings both; beyond it nothing matches.
 */
#include "lang/ops/family.h"
#include <ctype.h>

/* Is @a c in the class? False: there is no class of that name. */
static bool
is_class(rt_str name, unsigned char c, bool *ret_is)
{
        static const struct {
                char name[8];
                int (*is)(int c);
        } classes[] = {
                { "alnum", isalnum }, { "alpha", isalpha }, { "blank", isblank },
                { "cntrl", iscntrl }, { "digit", isdigit }, { "graph", isgraph },
                { "lower", islower }, { "print", isprint }, { "punct", ispunct },
                { "space", isspace }, { "upper", isupper }, { "xdigit", isxdigit },
        };

        for (size_t i = 0; i < RTI_COUNT(classes); i++) {
                if (!rti_str_is(name, classes[i].name))
                        continue;
                *ret_is = c < 0x80 && classes[i].is(c);
                return true;
        }
        return false;
}

/* A bracket expression that is being read; `at` is behind its '['. */
typedef struct bracket {
        rt_str pattern;
        size_t at;
        unsigned char c; /* the text's character, as it is */
        bool fold;
} bracket;

/* BROKEN: nothing can match. */
enum bracket_result { MISSED, MATCHED, BROKEN, LITERAL };

/* Patterns hold no NUL, so that 0 is the end. */
static inline unsigned char
peek(const bracket *b, size_t ahead)
{
        return ahead < b->pattern.len - b->at ? (unsigned char) b->pattern.ptr[b->at + ahead] : 0;
}

static inline unsigned char
next(bracket *b)
{
        return b->at < b->pattern.len ? (unsigned char) b->pattern.ptr[b->at++] : 0;
}

static inline unsigned char
folded(const bracket *b, unsigned char c)
{
        return b->fold ? rti_lower(c) : c;
}

/* Length of the name in "[:name:]", `at` being at the first ':'; SIZE_MAX: this is no class. */
static size_t
class_name(const bracket *b)
{
        for (size_t n = 0;; n++) {
                const unsigned char c = peek(b, n + 1);

                if (c == ':' && peek(b, n + 2) == ']')
                        return n;
                if (c < 'a' || c >= 'z')
                        return SIZE_MAX;
        }
}

/* The one character named by "[.x.]", `at` being at the first '.'; 0: none. */
static unsigned char
symbol(bracket *b)
{
        const unsigned char c = peek(b, 1);

        if (!c || peek(b, 2) != '.' || peek(b, 3) != ']')
                return 0;
        b->at += 4;
        return c;
}

/* Behind the beginning of a range, at its '-'. */
static enum bracket_result
range(bracket *b, unsigned char low)
{
        const unsigned char c = folded(b, b->c);
        unsigned char high;

        b->at++;
        high = next(b);
        if (high == '[' && peek(b, 0) == '.') {
                high = symbol(b);
        } else {
                if (high == '\\')
                        high = next(b);
                high = folded(b, high);
        }
        if (!high)
                return BROKEN;
        return low <= c && c <= high ? MATCHED : MISSED;
}

static enum bracket_result
single(bracket *b, unsigned char low)
{
        if (peek(b, 0) == '-' && peek(b, 1) == 0)
                return BROKEN;
        if (peek(b, 0) == '-' && peek(b, 1) != ']')
                return range(b, low);
        return low == folded(b, b->c) ? MATCHED : MISSED;
}

static enum bracket_result
symbol_item(bracket *b)
{
        const unsigned char low = symbol(b);

        if (!low || (peek(b, 0) == '-' && peek(b, 1) == 0))
                return low == b->c && low ? MATCHED : BROKEN;
        if (peek(b, 0) == '-')
                return peek(b, 1) == ']' ? MISSED : range(b, low);
        return low == b->c ? MATCHED : MISSED;
}

/* One member of the expression, whose first character @a c was taken. */
static enum bracket_result
item(bracket *b, unsigned char c)
{
        bool is;

        if (c == 0)
                return LITERAL;
        if (c == '\\') {
                c = next(b);
                return c ? single(b, folded(b, c)) : BROKEN;
        }
        if (c == '[' && peek(b, 0) == ':') {
                const size_t n = class_name(b);

                if (n != SIZE_MAX) {
                        const rt_str name = rti_str_sub(b->pattern, b->at + 1, b->at + 1 + n);

                        b->at += n + 3;
                        if (!is_class(name, b->c, &is))
                                return BROKEN;
                        return is ? MATCHED : MISSED;
                }
        } else if (c == '[' && peek(b, 0) == '=' && peek(b, 1) && peek(b, 2) == '='
                   && peek(b, 3) == ']') {
                is = peek(b, 1) == b->c;
                b->at += 4;
                return is ? MATCHED : MISSED;
        } else if (c == '[' && peek(b, 0) == '.') {
                return symbol_item(b);
        }
        return single(b, folded(b, c));
}

/* Skip the rest of an expression in which something matched. */
static enum bracket_result
skip_rest(bracket *b)
{
        for (;;) {
                const unsigned char c = next(b);
                size_t n;

                if (c == 0)
                        return LITERAL;
                if (c == '\\' && !next(b))
                        return BROKEN;
                if (c == ']')
                        return MATCHED;
                if (c != '[')
                        continue;
                if (peek(b, 0) == ':') {
                        n = class_name(b);
                        b->at += n == SIZE_MAX ? 0 : n + 3;
                } else if (peek(b, 0) == '=') {
                        if (!peek(b, 1) || peek(b, 2) != '=' || peek(b, 3) != ']')
                                return BROKEN;
                        b->at += 4;
                } else if (peek(b, 0) == '.') {
                        for (b->at++; peek(b, 0) != '.' || peek(b, 1) != ']'; b->at++)
                                if (!peek(b, 0))
                                        return BROKEN;
                        b->at += 2;
                }
        }
}

/* MATCHED: b->at is behind the expression. LITERAL: there is no ']', so '[' stands for itself. */
static enum bracket_result
bracket_match(bracket *b)
{
        const bool negated = peek(b, 0) == '!' || peek(b, 0) == '^';
        enum bracket_result r;

        b->at += negated;
        do {
                r = item(b, next(b));
                if (r == MATCHED) {
                        r = skip_rest(b);
                        return r == MATCHED && negated ? MISSED : r;
                }
                if (r != MISSED)
                        return r;
        } while (peek(b, 0) != ']');
        b->at++;
        return negated ? MATCHED : MISSED;
}

/* Does the part of the pattern at *at match the character c? Moves *at behind it. */
static bool
part_match(rt_str pattern, size_t *at, unsigned char c, bool fold)
{
        unsigned char p = (unsigned char) pattern.ptr[*at];

        if (p == '[') {
                bracket b = { .pattern = pattern, .at = *at + 1, .c = c, .fold = fold };
                const enum bracket_result r = bracket_match(&b);

                if (r != LITERAL) {
                        *at = b.at;
                        return r == MATCHED;
                }
        } else if (p == '\\') {
                if (++*at == pattern.len)
                        return false;
                p = (unsigned char) pattern.ptr[*at];
        } else if (p == '?') {
                ++*at;
                return true;
        }
        ++*at;
        return fold ? rti_lower(p) == rti_lower(c) : p == c;
}

/* Where the text may go on behind a star: the part at @a at is tried there first. */
static size_t
next_place(rt_str pattern, size_t at, rt_str text, size_t in, bool fold)
{
        const char *hit;

        if (fold || memchr("?[\\", pattern.ptr[at], 3) || in == text.len)
                return in;
        hit = memchr(text.ptr + in, pattern.ptr[at], text.len - in);
        return hit ? (size_t) (hit - text.ptr) : text.len;
}

bool
rti_glob_match(rt_str pattern, rt_str text, bool fold, rti_op_scratch *scratch)
{
        size_t at = 0, in = 0, star = SIZE_MAX, star_in = 0;
        uint64_t steps = 0;

        while (++steps <= RTI_MAX_GLOB_STEPS) {
                if (at < pattern.len && pattern.ptr[at] == '*') {
                        while (at < pattern.len && pattern.ptr[at] == '*')
                                at++;
                        if (at == pattern.len)
                                return true;
                        star = at;
                        star_in = in = next_place(pattern, at, text, in, fold);
                }
                if (at == pattern.len && in == text.len)
                        return true;
                if (at < pattern.len && in < text.len
                    && part_match(pattern, &at, (unsigned char) text.ptr[in], fold)) {
                        in++;
                        continue;
                }
                if (star == SIZE_MAX || star_in >= text.len)
                        return false;
                star_in = in = next_place(pattern, star, text, star_in + 1, fold);
                at = star;
        }
        if (scratch)
                rti_op_scratch_limited(scratch);
        return false;
}

/* ---- the operator ---- */

static bool
string_glob(const rti_operand *operand, const rt_value *value, void *scratch)
{
        return rti_glob_match(operand->values[0].as.s, rti_cut(value->as.s), false, scratch);
}

static bool
string_iglob(const rti_operand *operand, const rt_value *value, void *scratch)
{
        return rti_glob_match(operand->values[0].as.s, rti_cut(value->as.s), true, scratch);
}

/* A pattern without wildcards but a star in front and behind is a simpler operator. */
static int
simpler(rti_build *build, rti_operand *operand)
{
        const bool fold = operand->op == RTI_OP_IGLOB;
        const uint8_t op = operand->op;
        rt_str text = operand->values[0].as.s;
        rt_value *value;
        bool front, behind;
        int r;

        front = text.len && text.ptr[0] == '*';
        text = rti_str_sub(text, front, text.len);
        behind = text.len && text.ptr[text.len - 1] == '*';
        text.len -= behind;
        for (size_t i = 0; i < text.len; i++)
                if (memchr("*?[\\", text.ptr[i], 4))
                        return 0;
        if (fold && !(front && behind))
                return 0;
        value = RTI_NEW(build->arena, rt_value);
        if (!value)
                return RT_ENOMEM;
        *value = operand->values[0];
        value->as.s = text;
        operand->values = value;
        if (front)
                operand->op =
                        behind ? (fold ? RTI_OP_ICONTAINS : RTI_OP_CONTAINS) : RTI_OP_ENDSWITH;
        else
                operand->op = behind ? RTI_OP_STARTSWITH : RTI_OP_EQ;
        r = rti_string_build(build, operand);
        operand->op = op;
        return r < 0 ? r : 1;
}

int
rti_glob_build(rti_build *build, rti_operand *operand)
{
        const int r = simpler(build, operand);

        if (r != 0)
                return r < 0 ? r : RT_OK;
        operand->test = operand->op == RTI_OP_GLOB ? string_glob : string_iglob;
        return RT_OK;
}
