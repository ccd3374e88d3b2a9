/* SPDX-License-Identifier: Apache-2.0 */
/*
 * literals.c - texts that every match of a pattern begins or ends with, or has in it.
 *
 * The pattern is read from left to right. Characters that stand there as they are make a run, and
 * whatever else there is ends it. The longest run is the answer; of alternatives, if each has one,
 * all of theirs. Where a letter stands for both of its cases the run is one in lower case.
 *
 * Recursion is bounded by the nesting of regular expressions.
 */
#include "compiler/emit/literals.h"
#include "lang/ops/regex_private.h"

enum { MOST_LITERALS = 64, LONGEST = RTI_MAX_CONSTANT_BYTES };

typedef struct reader {
        rti_arena *arena;
        char run[LONGEST];
        size_t len;
        bool fold;  /* the run has letters of both cases */
        bool moved; /* something may stand in front of the run */
        rti_literal *best;
        size_t score; /* length of the shortest of them */
        uint32_t n;
        int failed;
} reader;

static bool
better(const reader *r, size_t score, uint32_t n)
{
        return score > r->score || (score == r->score && score && n < r->n);
}

/* The run is over; with @a last the text is, too. */
static void
end_run(reader *r, bool last)
{
        rti_literal *literal;
        rt_str text = { r->run, r->len };

        if (r->len && better(r, r->len, 1)) {
                literal = RTI_NEW(r->arena, rti_literal);
                text = rti_arena_copy(r->arena, text);
                if (!literal || !text.ptr) {
                        r->failed = RT_ENOMEM;
                        return;
                }
                literal->text = text;
                if (r->fold)
                        literal->relation = RTI_REL_ICONTAINS;
                else if (!r->moved)
                        literal->relation = last ? RTI_REL_EQUAL : RTI_REL_PREFIX;
                else
                        literal->relation = last ? RTI_REL_SUFFIX : RTI_REL_CONTAINS;
                r->best = literal;
                r->score = r->len;
                r->n = 1;
        }
        r->moved = true;
        r->fold = false;
        r->len = 0;
}

/* @a c, and with @a fold its other case as well. */
static void
add_char(reader *r, unsigned char c, bool fold)
{
        if (r->len == LONGEST)
                end_run(r, false);
        r->fold = r->fold || fold;
        r->run[r->len++] = (char) c;
}

/* ---- glob ---- */

/* Behind the bracket expression at @a at, or SIZE_MAX: that is not so easily said. */
static size_t
behind_bracket(rt_str pattern, size_t at)
{
        at++;
        if (at < pattern.len && (pattern.ptr[at] == '!' || pattern.ptr[at] == '^'))
                at++;
        for (size_t i = at; i < pattern.len; i++) {
                if (pattern.ptr[i] == ']')
                        return i == at ? SIZE_MAX : i + 1;
                if (pattern.ptr[i] == '[' || pattern.ptr[i] == '\\')
                        break;
        }
        return SIZE_MAX;
}

static void
read_glob(reader *r, rt_str pattern, bool fold, bool *exact)
{
        size_t at = 0;

        *exact = *exact && pattern.len && pattern.len <= LONGEST;
        while (at < pattern.len) {
                const char c = pattern.ptr[at];

                if (c == '*' || c == '?') {
                        *exact = *exact && c == '*' && (at == 0 || at == pattern.len - 1);
                        end_run(r, false);
                        at++;
                } else if (c == '[') {
                        *exact = false;
                        end_run(r, false);
                        at = behind_bracket(pattern, at);
                        if (at == SIZE_MAX)
                                return;
                } else {
                        if (c == '\\') {
                                *exact = false;
                                if (++at == pattern.len)
                                        return;
                        }
                        add_char(r, (unsigned char) pattern.ptr[at++], fold);
                }
        }
        /* Letters of both cases are known to be somewhere, not where. */
        *exact = *exact
                 && (!fold
                     || (pattern.len > 1 && pattern.ptr[0] == '*'
                         && pattern.ptr[pattern.len - 1] == '*'));
        end_run(r, true);
}

/* ---- regex ---- */

static void read_node(reader *r, const rti_re_node *node);

/* One of the alternatives stands behind what was read; with @a last nothing behind it. */
static void
read_alternatives(reader *r, const rti_re_node *node, bool first, bool last)
{
        rti_literal *all = NULL;
        size_t shortest = SIZE_MAX;
        uint32_t n = 0;

        for (const rti_re_node *child = node->child; child; child = child->next) {
                reader *one = RTI_NEW(r->arena, reader);
                rti_literal **end;

                if (!one) {
                        r->failed = RT_ENOMEM;
                        return;
                }
                one->arena = r->arena;
                one->moved = !first;
                read_node(one, child);
                end_run(one, last);
                r->failed = r->failed < 0 ? r->failed : one->failed;
                n += one->n;
                if (!one->best || n > MOST_LITERALS)
                        return;
                shortest = one->score < shortest ? one->score : shortest;
                for (end = &one->best; *end; end = &(*end)->next)
                        ;
                *end = all;
                all = one->best;
        }
        if (all && better(r, shortest, n)) {
                r->best = all;
                r->score = shortest;
                r->n = n;
        }
}

static void
read_class(reader *r, const rti_re_node *node)
{
        const rti_re_range *ranges = node->ranges;

        /* Both cases of a letter; ranges are in order. */
        if (node->n_ranges == 2 && ranges[0].low == ranges[0].high
            && ranges[1].low == ranges[1].high && ranges[0].low >= 'A' && ranges[0].low <= 'Z'
            && ranges[1].low == (ranges[0].low | 0x20))
                add_char(r, (unsigned char) ranges[1].low, true);
        else
                end_run(r, false);
}

static void
read_node(reader *r, const rti_re_node *node)
{
        switch (node->kind) {
        case RTI_RE_LITERAL:
                if (node->ranges[0].low && node->ranges[0].low < 0x80)
                        add_char(r, (unsigned char) node->ranges[0].low, false);
                else
                        end_run(r, false);
                break;
        case RTI_RE_CLASS:
                read_class(r, node);
                break;
        case RTI_RE_CONCAT:
                for (const rti_re_node *child = node->child; child; child = child->next)
                        read_node(r, child);
                break;
        case RTI_RE_ALTERNATE: {
                const bool first = !r->moved && r->len == 0;

                end_run(r, false);
                read_alternatives(r, node, first, false);
                break;
        }
        case RTI_RE_REPEAT:
                /* The first of them follows what was there before. */
                if (node->min > 0)
                        read_node(r, node->child);
                if (node->min != 1 || node->max != 1)
                        end_run(r, false);
                break;
        case RTI_RE_EMPTY:
        case RTI_RE_BEGIN_LINE:
        case RTI_RE_END_LINE:
        case RTI_RE_BEGIN_TEXT:
        case RTI_RE_END_TEXT:
        case RTI_RE_WORD_EDGE:
        case RTI_RE_NO_WORD_EDGE:
                break;
        }
}

static int
read_regex(reader *r, rt_str pattern)
{
        rti_re_tree tree;
        const int result = rti_re_parse(r->arena, pattern, &tree);

        if (result == RT_ENOMEM)
                return result;
        if (result < 0)
                return RT_OK;
        if (tree.root->kind == RTI_RE_ALTERNATE) {
                read_alternatives(r, tree.root, true, true);
        } else {
                read_node(r, tree.root);
                end_run(r, true);
        }
        return r->failed;
}

int
rti_literals_of(rti_arena *arena, uint8_t op, rt_str pattern, rti_literal **ret_literals,
                bool *exact)
{
        reader *r = RTI_NEW(arena, reader);
        int result;

        if (!r)
                return RT_ENOMEM;
        r->arena = arena;
        if (op == RTI_OP_REGEX) {
                *exact = false;
                result = read_regex(r, pattern);
        } else {
                read_glob(r, pattern, op == RTI_OP_IGLOB, exact);
                result = r->failed;
        }
        *ret_literals = r->best;
        return result;
}
