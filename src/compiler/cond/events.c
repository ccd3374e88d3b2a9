/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events.c - for which kinds of events can a condition be true?
 *
 * Set algebra over the syntax tree, negation pushed down to the checks: `and` cuts sets, `or` joins
 * them. A check of evt.type has its set and the complement of it; a check of evt.num is decided
 * where the number, which is never below 1, leaves no choice; every other check says nothing,
 * negated or not, and so has all events.
 */
#include "compiler/cond/check.h"

typedef struct finder {
        rti_checker *checker;
        int failed;
} finder;

static void
set_all(rti_event_set *set)
{
        const uint32_t rest = RTI_N_EVENT_CODES % 64;

        memset(set, 0xff, sizeof *set);
        if (rest)
                set->word[RTI_EVENT_WORDS - 1] = ((uint64_t) 1 << rest) - 1;
}

static void
set_complement(rti_event_set *set)
{
        rti_event_set all;

        set_all(&all);
        for (size_t i = 0; i < RTI_EVENT_WORDS; i++)
                set->word[i] = ~set->word[i] & all.word[i];
}

static bool
is_event_type(const rti_node *node)
{
        return node->kind == RTI_NODE_FIELD && !node->has_arg
               && (rti_str_is(node->text, "evt.type") || rti_str_is(node->text, "syscall.type"));
}

static bool
holds_event_type(const rti_node *node)
{
        if (is_event_type(node))
                return true;
        for (uint32_t i = 0; i < node->n_child; i++)
                if (holds_event_type(node->child[i]))
                        return true;
        return false;
}

/* ---- evt.type ---- */

static void
add_named(rti_event_set *set, rt_str name)
{
        rti_event_set named = { 0 };

        if (!rti_events_named(name, &named))
                return;
        for (size_t i = 0; i < RTI_EVENT_WORDS; i++)
                set->word[i] |= named.word[i];
}

/* A name, or those that it stands for. */
static void
add_value(const finder *f, rti_event_set *set, const rti_node *value)
{
        const rti_elements *elements = rti_checker_elements(f->checker, value);

        if (!elements)
                add_named(set, value->text);
        for (uint32_t i = 0; elements && i < elements->n; i++)
                add_named(set, elements->at[i]);
}

static void
event_type_set(const finder *f, const rti_node *check, rti_event_set *set)
{
        const rti_node *right = check->child[1];

        *set = (rti_event_set){ 0 };
        if (right->kind != RTI_NODE_LIST)
                add_value(f, set, right);
        for (uint32_t i = 0; right->kind == RTI_NODE_LIST && i < right->n_child; i++)
                add_value(f, set, right->child[i]);
        if (check->op == RTI_OP_NE)
                set_complement(set);
}

static void
refuse(finder *f, const rti_node *check, const char *message)
{
        f->failed = rti_checker_refuse(f->checker, check, check, rti_str_of(message), RTI_STR(""));
}

/* Does the check decide the event's type? It may be one that is refused. */
static bool
decides_type(finder *f, const rti_node *check)
{
        const bool op = check->op == RTI_OP_EQ || check->op == RTI_OP_EQ2 || check->op == RTI_OP_NE
                        || check->op == RTI_OP_IN;

        if (!op || check->modifier != RTI_MOD_NONE || !holds_event_type(check->child[0]))
                return false;
        if (!is_event_type(check->child[0]))
                refuse(f, check,
                       "event code search does not support `evt.type` checks with transformers");
        else if (check->child[1]->kind == RTI_NODE_TRANSFORMER)
                refuse(f, check,
                       "right-hand field comparisons on `evt.type`/`syscall.type` checks are not "
                       "supported by event code search");
        return true;
}

/* ---- evt.num ---- */

enum truth { UNKNOWN, NEVER, ALWAYS };

/* 0, 1, or 2 for anything else. */
static unsigned
small_number(const rti_node *value)
{
        size_t i = 0;

        if (value->kind != RTI_NODE_VALUE || value->text.len == 0)
                return 2;
        while (i + 1 < value->text.len && value->text.ptr[i] == '0')
                i++;
        if (i + 1 < value->text.len)
                return 2;
        return value->text.ptr[i] == '0' ? 0 : value->text.ptr[i] == '1' ? 1 : 2;
}

static enum truth
number_truth(const rti_node *check)
{
        const rti_node *right = check->child[1];
        const unsigned number = small_number(right);

        switch ((enum rti_operator) check->op) {
        case RTI_OP_EQ:
        case RTI_OP_EQ2:
                return number == 0 ? NEVER : UNKNOWN;
        case RTI_OP_NE:
                return number == 0 ? ALWAYS : UNKNOWN;
        case RTI_OP_LT:
                return number <= 1 ? NEVER : UNKNOWN;
        case RTI_OP_LE:
                return number == 0 ? NEVER : UNKNOWN;
        case RTI_OP_GT:
                return number == 0 ? ALWAYS : UNKNOWN;
        case RTI_OP_GE:
                return number <= 1 ? ALWAYS : UNKNOWN;
        case RTI_OP_IN:
                if (right->kind != RTI_NODE_LIST)
                        return number == 0 ? NEVER : UNKNOWN;
                for (uint32_t i = 0; i < right->n_child; i++)
                        if (small_number(right->child[i]) != 0)
                                return UNKNOWN;
                return NEVER;
        default:
                return UNKNOWN;
        }
}

static enum truth
truth_of(const rti_node *check)
{
        const rti_node *left = check->child[0];

        if (check->modifier != RTI_MOD_NONE || left->kind != RTI_NODE_FIELD || left->has_arg
            || !rti_str_is(left->text, "evt.num"))
                return UNKNOWN;
        return number_truth(check);
}

/* ---- the tree ---- */

static void
check_set(finder *f, const rti_node *check, bool negated, rti_event_set *set)
{
        const enum truth truth = truth_of(check);

        set_all(set);
        if (decides_type(f, check)) {
                if (f->failed)
                        return;
                event_type_set(f, check, set);
                if (negated)
                        set_complement(set);
        } else if (truth != UNKNOWN && (truth == NEVER) != negated) {
                *set = (rti_event_set){ 0 };
        }
}

static void
find(finder *f, const rti_node *node, bool negated, rti_event_set *set)
{
        const bool cut = (node->kind == RTI_NODE_AND) != negated;

        switch (node->kind) {
        case RTI_NODE_AND:
        case RTI_NODE_OR:
                find(f, node->child[0], negated, set);
                for (uint32_t i = 1; i < node->n_child && !f->failed; i++) {
                        rti_event_set more;

                        find(f, node->child[i], negated, &more);
                        for (size_t w = 0; w < RTI_EVENT_WORDS; w++)
                                set->word[w] = cut ? set->word[w] & more.word[w]
                                                   : set->word[w] | more.word[w];
                }
                break;
        case RTI_NODE_NOT:
                find(f, node->child[0], !negated, set);
                break;
        case RTI_NODE_CHECK:
                check_set(f, node, negated, set);
                break;
        case RTI_NODE_EXISTS:
                set_all(set);
                if (negated && is_event_type(node->child[0]))
                        *set = (rti_event_set){ 0 };
                break;
        default:
                set_all(set);
                break;
        }
}

int
rti_cond_events(rti_checker *checker, const rti_node *root, rti_event_set *ret_set)
{
        finder f = { .checker = checker };
        rti_event_set set;

        rti_checker_start(checker);
        find(&f, root, false, &set);
        if (f.failed)
                return f.failed;
        *ret_set = set;
        return RT_OK;
}
