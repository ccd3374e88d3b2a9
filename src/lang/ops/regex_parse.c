/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex_parse.c - RE2's POSIX syntax -> a tree.
 *
 * What RE2 refuses with its option posix_syntax is refused here, with its texts, but for syntax
 * that cannot be mistaken for anything else: \d \s \w \b \A \z and their opposites, (?:...),
 * (?P<name>...), and the flags i and s. The first such piece is noted in tree->extension.
 *
 * ^ and $ are the edges of lines, `.` is anything but a line feed, and there are no reluctant
 * repetitions: `a*?` repeats `a*` at most once.
 */
#include "base/utf8.h"
#include "lang/ops/regex_private.h"
#include <stdlib.h>

typedef struct parser {
        rti_arena *arena;
        rt_str pattern;
        size_t at;
        uint32_t depth;
        bool fold;    /* (?i) */
        bool dot_all; /* (?s) */
        rti_re_tree *tree;
} parser;

/* A class while it is read. */
typedef struct class_builder {
        rti_re_range *ranges;
        uint32_t n, room;
} class_builder;

static int parse_alternate(parser *p, rti_re_node **ret_node);

/* ---- small parts ---- */

static inline bool
at_end(const parser *p)
{
        return p->at == p->pattern.len;
}

/* The byte that many bytes ahead, or 0. */
static inline char
peek(const parser *p, size_t ahead)
{
        return ahead < p->pattern.len - p->at ? p->pattern.ptr[p->at + ahead] : '\0';
}

static rt_str
since(const parser *p, size_t from)
{
        return rti_str_sub(p->pattern, from, p->at);
}

/* An extension that came before is what RE2 would have stopped at. */
static int
refuse(parser *p, const char *what, rt_str arg)
{
        if (p->tree->extension.len) {
                p->tree->error = p->tree->extension;
                return RT_ERULES;
        }
        return rti_refuse(p->arena, &p->tree->error, arg.len ? "%s: %.*s" : "%s", what,
                          RTI_FMT(arg));
}

static int
extension(parser *p, const char *what, rt_str arg)
{
        int r;

        if (p->tree->extension.len)
                return RT_OK;
        r = rti_refuse(p->arena, &p->tree->extension, "%s: %.*s", what, RTI_FMT(arg));
        return r == RT_ENOMEM ? r : RT_OK;
}

static rti_re_node *
node_new(parser *p, enum rti_re_kind kind)
{
        rti_re_node *node = RTI_NEW(p->arena, rti_re_node);

        if (node)
                node->kind = kind;
        return node;
}

static void
add_child(rti_re_node *parent, rti_re_node *child)
{
        if (parent->last_child)
                parent->last_child->next = child;
        else
                parent->child = child;
        parent->last_child = child;
}

size_t
rti_re_take(rt_str s, uint32_t *ret_code)
{
        const unsigned char *bytes = (const unsigned char *) s.ptr;
        size_t n = rti_utf8_valid(s.ptr, s.len);

        if (n) {
                *ret_code = rti_utf8_get(s.ptr, n);
                return n;
        }
        n = s.len && bytes[0] >= 0xf0 ? 4 : 3;
        if (s.len < n || bytes[0] < 0xe0 || bytes[0] > 0xf4)
                return 0;
        for (size_t i = 1; i < n; i++)
                if (bytes[i] >> 6 != 2)
                        return 0;
        *ret_code = bytes[0] == 0xed ? 0xd000u | (bytes[1] & 0x3fu) << 6 | (bytes[2] & 0x3fu)
                                     : (uint32_t) RTI_RE_ODD_CODE;
        return n;
}

static int
take_code(parser *p, uint32_t *ret_code)
{
        const size_t n = rti_re_take(rti_str_sub(p->pattern, p->at, p->pattern.len), ret_code);

        if (n == 0 || *ret_code > RTI_RE_LAST_CODE)
                return refuse(p, "invalid UTF-8", RTI_STR(""));
        p->at += n;
        return RT_OK;
}

static bool
is_word(uint32_t c)
{
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
               || c == '_';
}

/* ---- escapes ---- */

static int
hex_digit(uint32_t c)
{
        if (c >= '0' && c <= '9')
                return (int) c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? (int) c - 'a' + 10 : -1;
}

static int
bad_escape(parser *p, size_t from)
{
        return refuse(p, "invalid escape sequence", since(p, from));
}

/* Up to three octal digits, the first of which was taken. */
static uint32_t
take_octal(parser *p, uint32_t code)
{
        for (int i = 0; i < 2 && peek(p, 0) >= '0' && peek(p, 0) <= '7'; i++)
                code = code * 8 + (uint32_t) (p->pattern.ptr[p->at++] - '0');
        return code;
}

/* Behind "\x". */
static int
take_hex(parser *p, size_t from, uint32_t *ret_code)
{
        uint32_t c, second, code = 0;
        int digits = 0, r;

        if (at_end(p))
                return bad_escape(p, from);
        if ((r = take_code(p, &c)) < 0)
                return r;
        if (c != '{') {
                if (at_end(p))
                        return bad_escape(p, from);
                if ((r = take_code(p, &second)) < 0)
                        return r;
                if (hex_digit(c) < 0 || hex_digit(second) < 0)
                        return bad_escape(p, from);
                *ret_code = (uint32_t) (hex_digit(c) * 16 + hex_digit(second));
                return RT_OK;
        }
        for (;; digits++) {
                if (digits && at_end(p))
                        return bad_escape(p, from);
                if ((r = take_code(p, &c)) < 0)
                        return r;
                if (hex_digit(c) < 0)
                        break;
                code = code * 16 + (uint32_t) hex_digit(c);
                if (code > RTI_RE_LAST_CODE)
                        return bad_escape(p, from);
        }
        if (c != '}' || digits == 0)
                return bad_escape(p, from);
        *ret_code = code;
        return RT_OK;
}

/* `\` and what it stands for, if that is one character. */
static int
take_escape(parser *p, uint32_t *ret_code)
{
        static const char letters[] = "nrtafv", codes[] = "\n\r\t\a\f\v";
        const size_t from = p->at;
        const char *letter;
        uint32_t c;
        int r;

        p->at++;
        if (at_end(p))
                return refuse(p, "trailing \\", RTI_STR(""));
        if ((r = take_code(p, &c)) < 0)
                return r;
        if (c == 'x')
                return take_hex(p, from, ret_code);
        if (c >= '0' && c <= '7') {
                /* A single digit other than 0 would be a back reference. */
                if (c != '0' && (peek(p, 0) < '0' || peek(p, 0) > '7'))
                        return bad_escape(p, from);
                *ret_code = take_octal(p, c - '0');
                return RT_OK;
        }
        letter = c && c < 0x80 ? memchr(letters, (int) c, sizeof letters - 1) : NULL;
        if (letter)
                *ret_code = (uint32_t) codes[letter - letters];
        else if (c < 0x80 && (!is_word(c) || c == '_'))
                *ret_code = c;
        else
                return bad_escape(p, from);
        return RT_OK;
}

/* ---- classes ---- */

static int
add_range(parser *p, class_builder *class, uint32_t low, uint32_t high)
{
        if (class->n == class->room) {
                const uint32_t room = class->room ? class->room * 2 : 8;
                rti_re_range *ranges = RTI_NEWN(p->arena, rti_re_range, room);

                if (!ranges)
                        return RT_ENOMEM;
                if (class->n)
                        memcpy(ranges, class->ranges, class->n * sizeof *ranges);
                class->ranges = ranges;
                class->room = room;
        }
        class->ranges[class->n++] = (rti_re_range){ low, high };
        return RT_OK;
}

/* Letters of the range in the other case, too. ASCII only. */
static int
add_folded(parser *p, class_builder *class, uint32_t low, uint32_t high)
{
        int r = add_range(p, class, low, high);

        for (uint32_t c = 'A'; r == RT_OK && p->fold && c <= 'Z'; c++) {
                if (low <= c && c <= high)
                        r = add_range(p, class, c | 0x20, c | 0x20);
                if (r == RT_OK && low <= (c | 0x20) && (c | 0x20) <= high)
                        r = add_range(p, class, c, c);
        }
        return r;
}

/* Pairs of first and last characters. */
static int
add_pairs(parser *p, class_builder *class, const char *pairs, bool negated)
{
        uint32_t low = 0;
        int r = RT_OK;

        for (; *pairs && r == RT_OK; pairs += 2) {
                const uint32_t first = (unsigned char) pairs[0], last = (unsigned char) pairs[1];

                if (!negated)
                        r = add_range(p, class, first, last);
                else if (low < first)
                        r = add_range(p, class, low, first - 1);
                low = last + 1;
        }
        return r == RT_OK && negated ? add_range(p, class, low, RTI_RE_LAST_CODE) : r;
}

static int
compare_ranges(const void *a, const void *b)
{
        const rti_re_range *x = a, *y = b;

        return (x->low > y->low) - (x->low < y->low);
}

/* Sort, join what overlaps or touches, and turn around if @a negated. */
static int
class_node(parser *p, class_builder *class, bool negated, rti_re_node **ret_node)
{
        rti_re_node *node = node_new(p, RTI_RE_CLASS);
        class_builder done = { .n = 0 };
        uint32_t low = 0, n = 0;
        int r = RT_OK;

        if (!node)
                return RT_ENOMEM;
        if (class->n)
                qsort(class->ranges, class->n, sizeof *class->ranges, compare_ranges);
        for (uint32_t i = 0; i < class->n; i++) {
                const rti_re_range range = class->ranges[i];

                if (n && range.low <= class->ranges[n - 1].high + 1) {
                        if (range.high > class->ranges[n - 1].high)
                                class->ranges[n - 1].high = range.high;
                } else {
                        class->ranges[n++] = range;
                }
        }
        class->n = n;
        if (negated) {
                for (uint32_t i = 0; i < n && r == RT_OK; i++) {
                        if (low < class->ranges[i].low)
                                r = add_range(p, &done, low, class->ranges[i].low - 1);
                        low = class->ranges[i].high + 1;
                }
                if (r == RT_OK && low <= RTI_RE_LAST_CODE)
                        r = add_range(p, &done, low, RTI_RE_LAST_CODE);
                *class = done;
        }
        node->ranges = class->ranges;
        node->n_ranges = class->n;
        *ret_node = node;
        return r;
}

/* `[:alpha:]` and the like; NUL is left out, since strings end there. 1: taken, 0: this is none. */
static int
take_named_class(parser *p, class_builder *class)
{
        static const struct {
                char name[8];
                char pairs[16];
        } names[] = {
                { "alnum", "09AZaz" },
                { "alpha", "AZaz" },
                { "ascii", "\x01\x7f" },
                { "blank", "\t\t  " },
                { "cntrl", "\x01\x1f\x7f\x7f" },
                { "digit", "09" },
                { "graph", "!~" },
                { "lower", "az" },
                { "print", " ~" },
                { "punct", "!/:@[`{~" },
                { "space", "\t\r  " },
                { "upper", "AZ" },
                { "word", "09AZ__az" },
                { "xdigit", "09AFaf" },
        };
        const size_t from = p->at;
        const char *end;
        rt_str name;
        bool negated;
        int r;

        if (peek(p, 0) != '[' || peek(p, 1) != ':' || p->pattern.len - p->at < 3)
                return 0;
        end = memmem(p->pattern.ptr + p->at + 2, p->pattern.len - p->at - 2, ":]", 2);
        if (!end)
                return 0;
        name = rti_str_sub(p->pattern, p->at + 2, (size_t) (end - p->pattern.ptr));
        p->at += name.len + 4;
        negated = name.len && name.ptr[0] == '^';
        name = rti_str_sub(name, negated, name.len);
        for (size_t i = 0; i < RTI_COUNT(names); i++) {
                if (!rti_str_is(name, names[i].name))
                        continue;
                r = add_pairs(p, class, names[i].pairs, negated);
                return r < 0 ? r : 1;
        }
        return refuse(p, "invalid character class range", since(p, from));
}

/* \d \s \w and their opposites, which RE2 knows in its other syntax only. 1: taken, 0: none. */
static int
take_perl_class(parser *p, class_builder *class)
{
        static const char *const pairs[] = { "09", "\t\n\f\r  ", "09AZ__az" };
        static const char letters[] = "dswDSW";
        const char letter = peek(p, 1);
        const char *found;
        int r;

        if (peek(p, 0) != '\\' || !letter)
                return 0;
        found = memchr(letters, letter, sizeof letters - 1);
        if (!found)
                return 0;
        p->at += 2;
        r = extension(p, "invalid escape sequence", since(p, p->at - 2));
        if (r == RT_OK)
                r = add_pairs(p, class, pairs[(found - letters) % 3], found - letters >= 3);
        return r < 0 ? r : 1;
}

static int
take_class_code(parser *p, rt_str whole, uint32_t *ret_code)
{
        if (at_end(p))
                return refuse(p, "missing ]", whole);
        return peek(p, 0) == '\\' ? take_escape(p, ret_code) : take_code(p, ret_code);
}

static int
take_class_range(parser *p, class_builder *class, rt_str whole)
{
        const size_t from = p->at;
        uint32_t low, high;
        int r;

        if ((r = take_class_code(p, whole, &low)) < 0)
                return r;
        high = low;
        if (p->pattern.len - p->at >= 2 && peek(p, 0) == '-' && peek(p, 1) != ']') {
                p->at++;
                if ((r = take_class_code(p, whole, &high)) < 0)
                        return r;
                if (high < low)
                        return refuse(p, "invalid character class range", since(p, from));
        }
        return add_folded(p, class, low, high);
}

/* A hyphen is taken at the beginning and at the end only. */
static int
check_hyphen(parser *p)
{
        const size_t from = p->at;
        uint32_t code;
        int r;

        if (peek(p, 0) != '-' || peek(p, 1) == ']')
                return RT_OK;
        p->at++;
        if ((r = take_code(p, &code)) < 0) /* also at the end */
                return r;
        return refuse(p, "invalid character class range", since(p, from));
}

static int
parse_class(parser *p, rti_re_node **ret_node)
{
        const rt_str whole = rti_str_sub(p->pattern, p->at, p->pattern.len);
        class_builder class = { .n = 0 };
        bool first = true, negated;
        int r;

        p->at++;
        negated = peek(p, 0) == '^';
        p->at += negated;
        for (; !at_end(p) && (first || peek(p, 0) != ']'); first = false) {
                if (!first && (r = check_hyphen(p)) < 0)
                        return r;
                r = take_named_class(p, &class);
                if (r == 0)
                        r = take_perl_class(p, &class);
                if (r == 0)
                        r = take_class_range(p, &class, whole);
                if (r < 0)
                        return r;
        }
        if (at_end(p))
                return refuse(p, "missing ]", whole);
        p->at++;
        return class_node(p, &class, negated, ret_node);
}

/* ---- atoms ---- */

static int
simple_node(parser *p, enum rti_re_kind kind, size_t bytes, rti_re_node **ret_node)
{
        p->at += bytes;
        *ret_node = node_new(p, kind);
        return *ret_node ? RT_OK : RT_ENOMEM;
}

static int
literal_node(parser *p, uint32_t code, rti_re_node **ret_node)
{
        class_builder class = { .n = 0 };
        rti_re_node *node;
        int r = add_folded(p, &class, code, code);

        if (r < 0)
                return r;
        if (class.n > 1)
                return class_node(p, &class, /* negated= */ false, ret_node);
        node = node_new(p, RTI_RE_LITERAL);
        if (!node)
                return RT_ENOMEM;
        node->ranges = class.ranges;
        node->n_ranges = 1;
        *ret_node = node;
        return RT_OK;
}

static int
parse_dot(parser *p, rti_re_node **ret_node)
{
        class_builder class = { .n = 0 };
        int r;

        p->at++;
        r = p->dot_all ? add_range(p, &class, 0, RTI_RE_LAST_CODE)
                       : add_pairs(p, &class, "\n\n", /* negated= */ true);
        return r < 0 ? r : class_node(p, &class, /* negated= */ false, ret_node);
}

static int
parse_escape(parser *p, rti_re_node **ret_node)
{
        static const struct {
                char letter;
                enum rti_re_kind kind;
        } edges[] = {
                { 'b', RTI_RE_WORD_EDGE },
                { 'B', RTI_RE_NO_WORD_EDGE },
                { 'A', RTI_RE_BEGIN_TEXT },
                { 'z', RTI_RE_END_TEXT },
        };
        class_builder class = { .n = 0 };
        uint32_t code;
        int r;

        for (size_t i = 0; i < RTI_COUNT(edges); i++) {
                if (peek(p, 1) != edges[i].letter)
                        continue;
                r = simple_node(p, edges[i].kind, 2, ret_node);
                return r < 0 ? r : extension(p, "invalid escape sequence", since(p, p->at - 2));
        }
        r = take_perl_class(p, &class);
        if (r != 0)
                return r < 0 ? r : class_node(p, &class, /* negated= */ false, ret_node);
        r = take_escape(p, &code);
        return r < 0 ? r : literal_node(p, code, ret_node);
}

/* Behind "(?": what RE2 knows in its other syntax. 1: a group begins, 0: flags stand alone up to
 * the ')', which was taken. */
static int
parse_group_head(parser *p)
{
        bool on = true, fold = p->fold, dot_all = p->dot_all;
        size_t at = p->at;

        if (peek(p, 0) == 'P' && peek(p, 1) == '<') {
                for (at += 2; at < p->pattern.len && is_word((unsigned char) p->pattern.ptr[at]);)
                        at++;
                if (at > p->at + 2 && at < p->pattern.len && p->pattern.ptr[at] == '>') {
                        p->at = at + 1;
                        return 1;
                }
                return RT_ERULES;
        }
        for (; at < p->pattern.len; at++) {
                switch (p->pattern.ptr[at]) {
                case 'i':
                        fold = on;
                        break;
                case 's':
                        dot_all = on;
                        break;
                case '-':
                        if (!on)
                                return RT_ERULES;
                        on = false;
                        break;
                case ':':
                case ')':
                        if (at == p->at && p->pattern.ptr[at] == ')')
                                return RT_ERULES;
                        p->fold = fold;
                        p->dot_all = dot_all;
                        p->at = at + 1;
                        return p->pattern.ptr[at] == ':';
                default:
                        return RT_ERULES;
                }
        }
        return RT_ERULES;
}

static int
parse_group(parser *p, rti_re_node **ret_node)
{
        const bool fold = p->fold, dot_all = p->dot_all;
        int r;

        p->at++;
        if (peek(p, 0) == '?') {
                p->at++;
                r = parse_group_head(p);
                if (r < 0)
                        return refuse(p, "no argument for repetition operator", RTI_STR("?"));
                if (extension(p, "no argument for repetition operator", RTI_STR("?")) < 0)
                        return RT_ENOMEM;
                if (r == 0) /* until the group around this ends */
                        return simple_node(p, RTI_RE_EMPTY, 0, ret_node);
        }
        if (p->depth == RTI_MAX_REGEX_NESTING)
                return refuse(p, "nested too deeply", RTI_STR(""));
        p->depth++;
        r = parse_alternate(p, ret_node);
        p->depth--;
        if (r < 0)
                return r;
        if (at_end(p))
                return refuse(p, "missing )", p->pattern);
        p->at++;
        p->fold = fold;
        p->dot_all = dot_all;
        return RT_OK;
}

static int
parse_atom(parser *p, rti_re_node **ret_node)
{
        uint32_t code;
        int r;

        switch (peek(p, 0)) {
        case '(':
                return parse_group(p, ret_node);
        case '[':
                return parse_class(p, ret_node);
        case '.':
                return parse_dot(p, ret_node);
        case '^':
                return simple_node(p, RTI_RE_BEGIN_LINE, 1, ret_node);
        case '$':
                return simple_node(p, RTI_RE_END_LINE, 1, ret_node);
        case '\\':
                return parse_escape(p, ret_node);
        default:
                r = take_code(p, &code);
                return r < 0 ? r : literal_node(p, code, ret_node);
        }
}

/* ---- repetition ---- */

/* A number without leading zeros and below 100 million. */
static bool
take_count(parser *p, int32_t *ret_count)
{
        int32_t count = 0;

        if (peek(p, 0) < '0' || peek(p, 0) > '9'
            || (peek(p, 0) == '0' && peek(p, 1) >= '0' && peek(p, 1) <= '9'))
                return false;
        while (peek(p, 0) >= '0' && peek(p, 0) <= '9') {
                if (count >= 100000000)
                        return false;
                count = count * 10 + (p->pattern.ptr[p->at++] - '0');
        }
        *ret_count = count;
        return true;
}

/* `{2}`, `{2,}` or `{2,3}`; anything else beginning with a brace is text. */
static bool
take_braces(parser *p, int32_t *ret_min, int32_t *ret_max)
{
        const size_t from = p->at;

        p->at++;
        if (take_count(p, ret_min)) {
                *ret_max = *ret_min;
                if (peek(p, 0) == ',') {
                        p->at++;
                        *ret_max = RTI_RE_FOREVER;
                        if (peek(p, 0) != '}' && !take_count(p, ret_max))
                                goto text;
                }
                if (peek(p, 0) == '}') {
                        p->at++;
                        return true;
                }
        }
text:
        p->at = from;
        return false;
}

/* What is left of @a most when every counted repetition divides it by its count. */
static int32_t
count_left(const rti_re_node *node, int32_t most)
{
        int32_t least;

        if (node->kind == RTI_RE_REPEAT && (node->min > 1 || node->max > 1))
                most /= node->max > 0 ? node->max : node->min;
        least = most;
        for (const rti_re_node *child = node->child; child; child = child->next) {
                const int32_t left = count_left(child, most);

                least = left < least ? left : least;
        }
        return least;
}

/* Puts @a node under a repetition. The repetitions of `**`, `*+` and the like become one. */
static int
repeat(parser *p, rti_re_node **node, int32_t min, int32_t max, bool counted)
{
        rti_re_node *inner = *node, *outer;

        if (!counted && inner->kind == RTI_RE_REPEAT
            && ((inner->min == 0 && inner->max == 1)
                || (inner->min <= 1 && inner->max == RTI_RE_FOREVER))) {
                if (inner->min != min || inner->max != max) {
                        inner->min = 0;
                        inner->max = RTI_RE_FOREVER;
                }
                return RT_OK;
        }
        outer = node_new(p, RTI_RE_REPEAT);
        if (!outer)
                return RT_ENOMEM;
        outer->min = min;
        outer->max = max;
        add_child(outer, inner);
        *node = outer;
        return RT_OK;
}

/* 1: a repetition was taken, 0: there is none. @a node NULL: there is nothing to repeat. */
static int
take_repeat(parser *p, rti_re_node **node, uint32_t *depth)
{
        const size_t from = p->at;
        bool counted = false;
        int32_t min = 0, max = RTI_RE_FOREVER;
        int r;

        switch (peek(p, 0)) {
        case '*':
        case '+':
        case '?':
                min = peek(p, 0) == '+';
                max = peek(p, 0) == '?' ? 1 : RTI_RE_FOREVER;
                p->at++;
                break;
        case '{':
                if (!take_braces(p, &min, &max))
                        return 0;
                counted = true;
                if ((max != RTI_RE_FOREVER && max < min) || min > RTI_MAX_REGEX_REPEAT
                    || max > RTI_MAX_REGEX_REPEAT)
                        return refuse(p, "invalid repetition size", since(p, from));
                break;
        default:
                return 0;
        }
        if (!*node)
                return refuse(p, "no argument for repetition operator", since(p, from));
        if (p->depth + ++*depth > RTI_MAX_REGEX_NESTING)
                return refuse(p, "nested too deeply", RTI_STR(""));
        if ((r = repeat(p, node, min, max, counted)) < 0)
                return r;
        if ((min >= 2 || max >= 2) && count_left(*node, RTI_MAX_REGEX_REPEAT) == 0)
                return refuse(p, "invalid repetition size", since(p, from));
        return 1;
}

/* ---- sequences ---- */

static int
parse_concat(parser *p, rti_re_node **ret_node)
{
        rti_re_node *concat = node_new(p, RTI_RE_CONCAT), *node;
        uint32_t depth;
        int r;

        if (!concat)
                return RT_ENOMEM;
        while (!at_end(p) && peek(p, 0) != '|' && peek(p, 0) != ')') {
                node = NULL;
                depth = 0;
                r = take_repeat(p, &node, &depth);
                if (r == 0)
                        r = parse_atom(p, &node);
                if (r < 0)
                        return r;
                while ((r = take_repeat(p, &node, &depth)) > 0)
                        ;
                if (r < 0)
                        return r;
                add_child(concat, node);
        }
        *ret_node = concat;
        return RT_OK;
}

static int
parse_alternate(parser *p, rti_re_node **ret_node)
{
        rti_re_node *alternate, *node;
        int r = parse_concat(p, &node);

        if (r < 0)
                return r;
        if (peek(p, 0) != '|') {
                *ret_node = node;
                return RT_OK;
        }
        alternate = node_new(p, RTI_RE_ALTERNATE);
        if (!alternate)
                return RT_ENOMEM;
        add_child(alternate, node);
        while (peek(p, 0) == '|') {
                p->at++;
                if ((r = parse_concat(p, &node)) < 0)
                        return r;
                add_child(alternate, node);
        }
        *ret_node = alternate;
        return RT_OK;
}

int
rti_re_parse(rti_arena *arena, rt_str pattern, rti_re_tree *ret_tree)
{
        parser p = { .arena = arena, .pattern = pattern, .tree = ret_tree };
        int r;

        *ret_tree = (rti_re_tree){ .root = NULL };
        if (pattern.len > RTI_MAX_REGEX_BYTES)
                return refuse(&p, "pattern too large", RTI_STR(""));
        r = parse_alternate(&p, &ret_tree->root);
        if (r == RT_OK && !at_end(&p))
                r = refuse(&p, "unexpected )", pattern);
        return r;
}

/* ---- facts about trees ---- */

bool
rti_re_wide(const rti_re_node *node)
{
        if (node->n_ranges && node->ranges[node->n_ranges - 1].high > 0x7f)
                return true;
        for (const rti_re_node *child = node->child; child; child = child->next)
                if (rti_re_wide(child))
                        return true;
        return false;
}

uint32_t
rti_re_least(const rti_re_node *node)
{
        uint64_t least = node->kind == RTI_RE_LITERAL || node->kind == RTI_RE_CLASS;

        for (const rti_re_node *child = node->child; child; child = child->next) {
                const uint64_t below = rti_re_least(child);

                if (node->kind != RTI_RE_ALTERNATE)
                        least += below;
                else if (child == node->child || below < least)
                        least = below;
        }
        if (node->kind == RTI_RE_REPEAT)
                least *= (uint64_t) node->min;
        return least < INT32_MAX ? (uint32_t) least : INT32_MAX;
}
