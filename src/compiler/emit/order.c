/* SPDX-License-Identifier: Apache-2.0 */
/*
 * order.c - the children of every "and" and "or" in the order that is expected to cost least.
 *
 * The classical rule: in an "and", by cost / P(false); in an "or", by cost / P(true). Costs come
 * from operators.def and the slots; the price of reading a slot is divided among the predicates on
 * it, since it is paid once per event. Probabilities are rules of thumb per operator. Sound because
 * predicates have no side effects and cannot fail.
 */
#include "compiler/emit/ir.h"
#include <stdlib.h>

static double
truth_of(const rti_ir_pred *pred)
{
        if (pred->what == RTI_P_COMPARE)
                return 0.3;
        switch ((enum rti_operator) pred->op) {
        case RTI_OP_EXISTS:
                return 0.85;
        case RTI_OP_LE:
        case RTI_OP_LT:
        case RTI_OP_GE:
        case RTI_OP_GT:
                return 0.5;
        case RTI_OP_NE:
                return 0.9;
        case RTI_OP_IN:
        case RTI_OP_INTERSECTS:
        case RTI_OP_PMATCH:
                return pred->n_values < 10 ? 0.02 + 0.03 * pred->n_values : 0.35;
        case RTI_OP_EQ2:
        case RTI_OP_EQ:
                return 0.05;
        case RTI_OP_GLOB:
        case RTI_OP_IGLOB:
        case RTI_OP_CONTAINS:
        case RTI_OP_ICONTAINS:
        case RTI_OP_BCONTAINS:
        case RTI_OP_STARTSWITH:
        case RTI_OP_BSTARTSWITH:
        case RTI_OP_ENDSWITH:
        case RTI_OP_REGEX:
        case RTI_N_OPERATORS:
                break;
        }
        return 0.1;
}

static double
slot_cost(const rti_ir *ir, const uint32_t *readers, uint32_t slot)
{
        return (double) ir->slots.at[slot].cost_ns / (readers[slot] ? readers[slot] : 1);
}

static void
judge_pred(const rti_ir *ir, const uint32_t *readers, rti_ir_expr *expr)
{
        const rti_ir_pred *pred = &ir->preds.at[expr->pred];
        double times = 1;

        /* Lists of patterns are tried one by one; sets are looked up. */
        if (pred->modifier != RTI_MOD_NONE && pred->n_values)
                times = pred->n_values;
        expr->cost_ns =
                slot_cost(ir, readers, pred->slot) + times * rti_operators[pred->op].cost_ns;
        if (pred->what == RTI_P_COMPARE)
                expr->cost_ns += slot_cost(ir, readers, pred->rhs);
        expr->truth = truth_of(pred);
}

/* Which way a child decides its parent: false decides an "and". */
static double
rank(const rti_ir *ir, uint32_t number, enum rti_expr_kind parent)
{
        const rti_ir_expr *expr = &ir->exprs.at[number];
        const double decides = parent == RTI_X_AND ? 1 - expr->truth : expr->truth;

        return expr->cost_ns / (decides > 1e-3 ? decides : 1e-3);
}

typedef struct ranked {
        double rank;
        uint32_t child, at;
} ranked;

static int
compare_ranked(const void *a, const void *b)
{
        const ranked *x = a, *y = b;

        if (x->rank < y->rank || x->rank > y->rank)
                return x->rank < y->rank ? -1 : 1;
        return (x->at > y->at) - (x->at < y->at);
}

static int
sort_children(rti_ir *ir, rti_ir_expr *expr)
{
        ranked *children = RTI_NEWN(ir->arena, ranked, expr->n_child);
        double reached = 1; /* chance that the next child is asked at all */

        if (!children)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < expr->n_child; i++)
                children[i] = (ranked){ rank(ir, expr->child[i], (enum rti_expr_kind) expr->kind),
                                        expr->child[i], i };
        qsort(children, expr->n_child, sizeof *children, compare_ranked);
        expr->cost_ns = 0;
        for (uint32_t i = 0; i < expr->n_child; i++) {
                const rti_ir_expr *child = &ir->exprs.at[children[i].child];

                expr->child[i] = children[i].child;
                expr->cost_ns += reached * child->cost_ns;
                reached *= expr->kind == RTI_X_AND ? child->truth : 1 - child->truth;
        }
        expr->truth = expr->kind == RTI_X_AND ? reached : 1 - reached;
        return RT_OK;
}

static int
order(rti_ir *ir, const rti_ir_expr *old, rti_ir_expr *expr, void *user, uint32_t *ret_number)
{
        int r = RT_OK;

        (void) old;
        if (expr->kind == RTI_X_PRED) {
                judge_pred(ir, user, expr);
        } else if (expr->kind == RTI_X_NOT) {
                expr->cost_ns = ir->exprs.at[expr->child[0]].cost_ns;
                expr->truth = 1 - ir->exprs.at[expr->child[0]].truth;
        } else if (expr->kind == RTI_X_AND || expr->kind == RTI_X_OR) {
                r = sort_children(ir, expr);
        }
        return r < 0 ? r : rti_ir_expr_of(ir, expr, ret_number);
}

int
rti_pass_order(rti_ir *ir)
{
        /* Per slot: how many predicates are on it. */
        uint32_t *readers = RTI_NEWN(ir->arena, uint32_t, ir->slots.n);

        if (!readers)
                return RT_ENOMEM;
        for (size_t i = 0; i < ir->preds.n; i++)
                readers[ir->preds.at[i].slot]++;
        ir->exprs.at[RTI_X_TRUE].truth = 1;
        return rti_ir_rewrite(ir, order, readers);
}
