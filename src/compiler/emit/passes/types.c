/* SPDX-License-Identifier: Apache-2.0 */
/*
 * types.c - predicates that the type of an event decides are left out where all types that a rule
 * looks at agree.
 *
 *   in   the graph; each rule's set of event types (the engine asks a rule for no others)
 *   out  the same graph, where rules have versions of their own of what depends on the type; rules
 *        with the same set have the same ones
 *
 * Work and growth are bounded: once GROWTH times the graph was looked at, the rest stays as it is.
 */
#include "compiler/emit/needs.h"
#include "lang/registry.h"
#include <stdlib.h>

enum { GROWTH = 4, FEW = 1000 };

/* Types for which an expression holds, does not hold, whatever else an event has. */
typedef struct type_truth {
        rti_event_set yes, no;
} type_truth;

typedef struct splitting {
        rti_ir *ir;
        size_t n;                 /* expressions before */
        const type_truth **truth; /* per expression; NULL: the type says nothing of it */
        uint32_t *stamp, *now;    /* per expression: seen with this set of types, as what */
        uint32_t *list;           /* what is being rewritten */
        uint32_t n_list, set;
        size_t left;
} splitting;

/* An "and" is false where a child is, and true where all are; an "or" the other way round. */
static void
add_child(type_truth *to, const type_truth *child, enum rti_expr_kind kind, bool first)
{
        static const type_truth nothing;

        child = child ? child : &nothing;
        for (size_t w = 0; w < RTI_EVENT_WORDS; w++) {
                uint64_t *all = kind == RTI_X_AND ? &to->yes.word[w] : &to->no.word[w];
                uint64_t *any = kind == RTI_X_AND ? &to->no.word[w] : &to->yes.word[w];

                *all = (kind == RTI_X_AND ? child->yes.word[w] : child->no.word[w])
                       & (first ? UINT64_MAX : *all);
                *any |= kind == RTI_X_AND ? child->no.word[w] : child->yes.word[w];
        }
}

static int
truth_of_pred(splitting *s, const rti_ir_pred *pred, const type_truth **ret_truth)
{
        const rti_event_set *on = NULL;
        type_truth *truth;
        int r = rti_need_types(s->ir, pred, &on);

        if (r < 0 || !on)
                return r;
        truth = RTI_NEW(s->ir->arena, type_truth);
        if (!truth)
                return RT_ENOMEM;
        for (uint32_t code = 0; code < RTI_N_EVENT_CODES; code++)
                if (rti_need_is_named(code))
                        rti_event_set_add(rti_event_set_has(on, code) ? &truth->yes : &truth->no,
                                          code);
        *ret_truth = truth;
        return RT_OK;
}

static int
truth_of(splitting *s, uint32_t number)
{
        const rti_ir_expr *expr = &s->ir->exprs.at[number];
        type_truth *truth;
        bool any = false;

        if (expr->kind == RTI_X_PRED)
                return truth_of_pred(s, &s->ir->preds.at[expr->pred], &s->truth[number]);
        for (uint32_t i = 0; i < expr->n_child; i++)
                any |= s->truth[expr->child[i]] != NULL;
        truth = any ? RTI_NEW(s->ir->arena, type_truth) : NULL;
        s->truth[number] = truth;
        if (!truth)
                return any ? RT_ENOMEM : RT_OK;
        for (uint32_t i = 0; i < expr->n_child; i++) {
                const type_truth *child = s->truth[expr->child[i]];

                if (expr->kind == RTI_X_NOT)
                        *truth = (type_truth){ child->no, child->yes };
                else
                        add_child(truth, child, (enum rti_expr_kind) expr->kind, i == 0);
        }
        return RT_OK;
}

static int
compare_numbers(const void *a, const void *b)
{
        const uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

        return (x > y) - (x < y);
}

/* Put what @a root reaches and the type decides in the list. */
static void
reach(splitting *s, uint32_t root)
{
        s->n_list = 0;
        if (s->stamp[root] == s->set)
                return;
        s->stamp[root] = s->set;
        s->list[s->n_list++] = root;
        for (uint32_t i = 0; i < s->n_list; i++) {
                const rti_ir_expr *expr = &s->ir->exprs.at[s->list[i]];

                for (uint32_t k = 0; k < expr->n_child; k++) {
                        const uint32_t child = expr->child[k];

                        if (!s->truth[child] || s->stamp[child] == s->set)
                                continue;
                        s->stamp[child] = s->set;
                        s->list[s->n_list++] = child;
                }
        }
        qsort(s->list, s->n_list, sizeof *s->list, compare_numbers);
        s->left -= s->left < s->n_list ? s->left : s->n_list;
}

/* Is an expression the same for all of @a types? */
static bool
decided(const splitting *s, uint32_t number, const rti_event_set *types, uint32_t *ret_number)
{
        const type_truth *truth = s->truth[number];
        bool yes = true, no = true;

        for (size_t w = 0; w < RTI_EVENT_WORDS; w++) {
                yes = yes && !(types->word[w] & ~truth->yes.word[w]);
                no = no && !(types->word[w] & ~truth->no.word[w]);
        }
        *ret_number = yes ? RTI_X_TRUE : no ? RTI_X_FALSE : number;
        return yes || no;
}

static int
rewrite(splitting *s, uint32_t number, const rti_event_set *types)
{
        const rti_ir_expr expr = s->ir->exprs.at[number];
        uint32_t *now = &s->now[number], *child;
        bool changed = false;

        if (decided(s, number, types, now) || expr.kind == RTI_X_PRED)
                return RT_OK;
        child = RTI_NEWN(s->ir->arena, uint32_t, expr.n_child);
        if (!child)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < expr.n_child; i++) {
                child[i] = s->truth[expr.child[i]] ? s->now[expr.child[i]] : expr.child[i];
                changed |= child[i] != expr.child[i];
        }
        if (!changed)
                return RT_OK;
        return expr.kind == RTI_X_NOT ? rti_ir_not(s->ir, child[0], now)
                                      : rti_ir_join(s->ir, (enum rti_expr_kind) expr.kind, child,
                                                    expr.n_child, now);
}

static int
compare_types(const void *a, const void *b)
{
        const rti_ir_rule *const *x = a, *const *y = b;
        const int order =
                memcmp(&(*x)->rule->events, &(*y)->rule->events, sizeof(*x)->rule->events);

        return order ? order : (*x > *y) - (*x < *y);
}

static int
split(splitting *s)
{
        rti_ir *ir = s->ir;
        rti_ir_rule **rules = RTI_NEWN(ir->arena, rti_ir_rule *, ir->all.n);
        size_t n = 0;

        if (!rules)
                return RT_ENOMEM;
        for (size_t i = 0; i < ir->all.n; i++)
                if (s->truth[ir->all.at[i].root])
                        rules[n++] = &ir->all.at[i];
        if (n)
                qsort(rules, n, sizeof(rti_ir_rule *), compare_types);
        for (size_t i = 0; i < n && s->left; i++) {
                const rti_event_set *types = &rules[i]->rule->events;

                s->set += i == 0 || memcmp(&rules[i - 1]->rule->events, types, sizeof *types) != 0;
                reach(s, rules[i]->root);
                for (uint32_t k = 0; k < s->n_list; k++) {
                        const int r = rewrite(s, s->list[k], types);

                        if (r < 0)
                                return r;
                }
                rules[i]->root = s->now[rules[i]->root];
        }
        return RT_OK;
}

int
rti_pass_types(rti_ir *ir)
{
        const size_t n = ir->exprs.n;
        splitting s = { .ir = ir,
                        .n = n,
                        .truth = RTI_NEWN(ir->arena, const type_truth *, n),
                        .stamp = RTI_NEWN(ir->arena, uint32_t, n),
                        .now = RTI_NEWN(ir->arena, uint32_t, n),
                        .list = RTI_NEWN(ir->arena, uint32_t, n),
                        .left = GROWTH * n + FEW };
        int r = RT_OK;

        if (!s.truth || !s.stamp || !s.now || !s.list)
                return RT_ENOMEM;
        for (uint32_t i = 0; r == RT_OK && i < n; i++)
                r = truth_of(&s, i);
        return r < 0 ? r : split(&s);
}
