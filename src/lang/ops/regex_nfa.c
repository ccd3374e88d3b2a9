/* SPDX-License-Identifier: Apache-2.0 */
/*
 * regex_nfa.c - matching without backtracking: all states at once, character by character.
 *
 * Slower than PCRE2 on tame values, but no value makes it worse than states times length. It
 * decides where PCRE2 gives up, and where a value is UTF-8 for RE2 but not
 * for PCRE2.
 */
#include "lang/ops/regex_private.h"

enum op { OP_RANGE, OP_CLASS, OP_SPLIT, OP_JUMP, OP_ASSERT, OP_MATCH };

/* OP_RANGE: x..y. OP_CLASS: x is the first range, y their number. OP_SPLIT: go on behind it and at
 * x. OP_JUMP: go on at x. OP_ASSERT: go on if what x (enum rti_re_kind) says holds. */
typedef struct nfa_state {
        uint32_t op, x, y;
} nfa_state;

struct rti_re_nfa {
        uint32_t n, n_ranges;
        nfa_state *states;
        rti_re_range *ranges;
};

/* ---- building ---- */

/* How many states and ranges a tree needs; beyond RTI_MAX_REGEX_STATES they are not counted. */
typedef struct need {
        uint64_t states, ranges;
} need;

static void
add_need(need *total, need part, uint64_t times)
{
        const uint64_t most = RTI_MAX_REGEX_STATES + 1;

        total->states += part.states * times;
        total->ranges += part.ranges * times;
        total->states = total->states < most ? total->states : most;
        total->ranges = total->ranges < most ? total->ranges : most;
}

static need
count(const rti_re_node *node)
{
        need all = { 0, 0 }, one;

        switch (node->kind) {
        case RTI_RE_EMPTY:
                break;
        case RTI_RE_CONCAT:
                for (const rti_re_node *child = node->child; child; child = child->next)
                        add_need(&all, count(child), 1);
                break;
        case RTI_RE_ALTERNATE:
                for (const rti_re_node *child = node->child; child; child = child->next) {
                        add_need(&all, count(child), 1);
                        all.states += child->next ? 2 : 0;
                }
                break;
        case RTI_RE_REPEAT:
                one = count(node->child);
                add_need(&all, one, (uint64_t) node->min);
                one.states += 2;
                add_need(&all, one,
                         node->max == RTI_RE_FOREVER ? 1 : (uint64_t) (node->max - node->min));
                break;
        case RTI_RE_CLASS:
                all = (need){ 1, node->n_ranges };
                break;
        default:
                all.states = 1;
        }
        return all;
}

static uint32_t
put(rti_re_nfa *nfa, enum op op, uint32_t x, uint32_t y)
{
        nfa->states[nfa->n] = (nfa_state){ op, x, y };
        return nfa->n++;
}

static void build_node(rti_re_nfa *nfa, const rti_re_node *node);

/* min copies, then max - min optional ones, each behind a way to the end; or a loop. The ways to
 * the end are chained through x until the end is known. */
static void
build_repeat(rti_re_nfa *nfa, const rti_re_node *node)
{
        uint32_t chain = UINT32_MAX, split;

        for (int32_t i = 0; i < node->min; i++)
                build_node(nfa, node->child);
        if (node->max == RTI_RE_FOREVER) {
                split = put(nfa, OP_SPLIT, 0, 0);
                build_node(nfa, node->child);
                put(nfa, OP_JUMP, split, 0);
                nfa->states[split].x = nfa->n;
                return;
        }
        for (int32_t i = node->min; i < node->max; i++) {
                chain = put(nfa, OP_SPLIT, chain, 0);
                build_node(nfa, node->child);
        }
        while (chain != UINT32_MAX) {
                const uint32_t before = nfa->states[chain].x;

                nfa->states[chain].x = nfa->n;
                chain = before;
        }
}

static void
build_alternate(rti_re_nfa *nfa, const rti_re_node *node)
{
        uint32_t chain = UINT32_MAX, split;

        for (const rti_re_node *child = node->child; child; child = child->next) {
                if (!child->next) {
                        build_node(nfa, child);
                        break;
                }
                split = put(nfa, OP_SPLIT, 0, 0);
                build_node(nfa, child);
                chain = put(nfa, OP_JUMP, chain, 0);
                nfa->states[split].x = nfa->n;
        }
        while (chain != UINT32_MAX) {
                const uint32_t before = nfa->states[chain].x;

                nfa->states[chain].x = nfa->n;
                chain = before;
        }
}

static void
build_node(rti_re_nfa *nfa, const rti_re_node *node)
{
        switch (node->kind) {
        case RTI_RE_EMPTY:
                break;
        case RTI_RE_LITERAL:
                put(nfa, OP_RANGE, node->ranges[0].low, node->ranges[0].low);
                break;
        case RTI_RE_CLASS:
                put(nfa, OP_CLASS, nfa->n_ranges, node->n_ranges);
                if (node->n_ranges)
                        memcpy(nfa->ranges + nfa->n_ranges, node->ranges,
                               node->n_ranges * sizeof *node->ranges);
                nfa->n_ranges += node->n_ranges;
                break;
        case RTI_RE_CONCAT:
                for (const rti_re_node *child = node->child; child; child = child->next)
                        build_node(nfa, child);
                break;
        case RTI_RE_ALTERNATE:
                build_alternate(nfa, node);
                break;
        case RTI_RE_REPEAT:
                build_repeat(nfa, node);
                break;
        default:
                put(nfa, OP_ASSERT, node->kind, 0);
        }
}

uint32_t
rti_re_nfa_states(const rti_re_node *root)
{
        return (uint32_t) count(root).states + 1;
}

bool
rti_re_nfa_fits(const rti_re_node *root)
{
        const need all = count(root);

        /* One more is the end. */
        return all.states < RTI_MAX_REGEX_STATES && all.ranges <= RTI_MAX_REGEX_STATES;
}

int
rti_re_nfa_build(rti_arena *arena, const rti_re_node *root, rti_re_nfa **ret_nfa)
{
        need all = count(root);
        rti_re_nfa *nfa;

        if (!rti_re_nfa_fits(root))
                return RT_ELIMIT;
        all.states++; /* OP_MATCH */
        nfa = RTI_NEW(arena, rti_re_nfa);
        if (!nfa)
                return RT_ENOMEM;
        nfa->states = RTI_NEWN(arena, nfa_state, all.states);
        nfa->ranges = RTI_NEWN(arena, rti_re_range, all.ranges);
        if (!nfa->states || !nfa->ranges)
                return RT_ENOMEM;
        build_node(nfa, root);
        put(nfa, OP_MATCH, 0, 0);
        *ret_nfa = nfa;
        return RT_OK;
}

/* ---- matching ---- */

enum {
        NO_CODE = 0xffffffff,              /* before the first character and behind the last */
        NO_CHARACTER = RTI_RE_ODD_CODE + 1 /* a byte that nothing matches */
};

typedef struct matcher {
        const rti_re_nfa *nfa;
        rti_re_nfa_scratch *scratch;
        uint64_t steps;
        uint32_t before, behind; /* the characters around the present place */
        bool matched;            /* OP_MATCH was reached at the present place */
} matcher;

static bool
add(rti_re_set *set, uint32_t at)
{
        if (set->sparse[at] < set->n && set->dense[set->sparse[at]] == at)
                return false;
        set->sparse[at] = (uint16_t) set->n;
        set->dense[set->n++] = (uint16_t) at;
        return true;
}

static bool
is_word(uint32_t c)
{
        return c < 0x80
               && ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')
                   || c == '_');
}

static bool
edge_holds(const matcher *m, uint32_t kind)
{
        switch (kind) {
        case RTI_RE_BEGIN_LINE:
                return m->before == NO_CODE || m->before == '\n';
        case RTI_RE_END_LINE:
                return m->behind == NO_CODE || m->behind == '\n';
        case RTI_RE_BEGIN_TEXT:
                return m->before == NO_CODE;
        case RTI_RE_END_TEXT:
                return m->behind == NO_CODE;
        case RTI_RE_WORD_EDGE:
                return is_word(m->before) != is_word(m->behind);
        default:
                return is_word(m->before) == is_word(m->behind);
        }
}

/* Put @a at and all that can be reached from it without a character into @a set. A state is pushed
 * at most twice: by the one before it and by the one that jumps to it first. */
static void
reach(matcher *m, rti_re_set *set, uint32_t at)
{
        uint16_t *stack = m->scratch->stack;
        uint32_t n = 0;

        stack[n++] = (uint16_t) at;
        while (n) {
                const uint32_t now = stack[--n];
                const nfa_state *state = &m->nfa->states[now];

                if (!add(set, now))
                        continue;
                m->steps++;
                switch (state->op) {
                case OP_SPLIT:
                        stack[n++] = (uint16_t) state->x;
                        stack[n++] = (uint16_t) (now + 1);
                        break;
                case OP_JUMP:
                        stack[n++] = (uint16_t) state->x;
                        break;
                case OP_ASSERT:
                        if (edge_holds(m, state->x))
                                stack[n++] = (uint16_t) (now + 1);
                        break;
                case OP_MATCH:
                        m->matched = true;
                        break;
                default:
                        break;
                }
        }
}

static bool
takes(const matcher *m, const nfa_state *state, uint32_t code)
{
        const rti_re_range *ranges = m->nfa->ranges + state->x;
        uint32_t from = 0, to = state->y;

        if (state->op == OP_RANGE)
                return state->x <= code && code <= state->y;
        if (state->op != OP_CLASS)
                return false;
        if (code == RTI_RE_ODD_CODE)
                return state->y && ranges[state->y - 1].low <= 0x80
                       && ranges[state->y - 1].high == RTI_RE_LAST_CODE;
        while (from < to) {
                const uint32_t middle = from + (to - from) / 2;

                if (code > ranges[middle].high)
                        from = middle + 1;
                else
                        to = middle;
        }
        return from < state->y && ranges[from].low <= code;
}

/* Take one character off @a s, or a byte that is part of none. */
static uint32_t
take(rt_str *s)
{
        uint32_t code = NO_CHARACTER;
        size_t n;

        if (!s->len)
                return NO_CODE;
        n = rti_re_take(*s, &code);
        *s = rti_str_sub(*s, n ? n : 1, s->len);
        return code;
}

int
rti_re_nfa_match(const rti_re_nfa *nfa, rt_str s, rti_re_nfa_scratch *scratch)
{
        matcher m = { .nfa = nfa, .scratch = scratch, .before = NO_CODE };
        rti_re_set *now = &scratch->sets[0], *next = &scratch->sets[1], *swap;
        uint32_t code;

        m.behind = take(&s);
        now->n = 0;
        reach(&m, now, 0);
        while (m.behind != NO_CODE && now->n) {
                code = m.behind;
                m.before = code;
                m.behind = take(&s);
                m.matched = false;
                next->n = 0;
                for (uint32_t i = 0; i < now->n; i++)
                        if (takes(&m, &nfa->states[now->dense[i]], code))
                                reach(&m, next, now->dense[i] + 1);
                m.steps += now->n;
                if (m.steps > RTI_MAX_REGEX_STEPS)
                        return RT_ELIMIT;
                swap = now;
                now = next;
                next = swap;
        }
        return m.matched && m.behind == NO_CODE;
}
