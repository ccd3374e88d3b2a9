/* SPDX-License-Identifier: Apache-2.0 */
/*
 * order.c - the children of every "and" and "or" in the order that is expected to cost least.
 *
 * The classical rule: in an "and", by cost / P(false); in an "or", by cost / P(true). A profile
 * (program/profile.h) says what predicates cost and how often they hold; where it is silent, costs
 * come from operators.def and the slots, and probabilities are rules of thumb by operator, kind
 * and constants. The price of reading a slot is divided among the predicates on it, since it is
 * paid once per event. Sound because predicates have no side effects and cannot fail; what is
 * restless keeps its order.
 */
#include "compiler/emit/ir.h"
#include "compiler/emit/prices.h"
#include <stdlib.h>

/* ---- without a profile ---- */

/* Long constants are rarer: each byte beyond the first leaves three quarters of the values. */
static double
text_truth(double one, size_t len)
{
        for (size_t i = 1; i < len && one > 0.002; i++)
                one *= 0.75;
        return one;
}

/* How often the operator holds for one constant. */
static double
truth_of_one(const rti_ir_pred *pred, const rt_value *value)
{
        const bool text = rti_kinds[value->kind].hold == RTI_HOLD_STRING;

        switch ((enum rti_operator) pred->op) {
        case RTI_OP_LE:
        case RTI_OP_LT:
        case RTI_OP_GE:
        case RTI_OP_GT:
                return 0.5;
        case RTI_OP_NE:
                return value->kind == RT_KIND_BOOL ? 0.5 : 0.95;
        case RTI_OP_EQ2:
        case RTI_OP_EQ:
        case RTI_OP_IN:
        case RTI_OP_INTERSECTS:
                return value->kind == RT_KIND_BOOL ? 0.5 : text ? 0.03 : 0.05;
        case RTI_OP_PMATCH:
        case RTI_OP_STARTSWITH:
                /* Values often have a beginning in common, seldom an end. */
                return text_truth(0.3, value->as.s.len);
        case RTI_OP_CONTAINS:
        case RTI_OP_ICONTAINS:
        case RTI_OP_BCONTAINS:
        case RTI_OP_BSTARTSWITH:
        case RTI_OP_ENDSWITH:
                return text_truth(0.2, value->as.s.len);
        case RTI_OP_GLOB:
        case RTI_OP_IGLOB:
        case RTI_OP_REGEX:
        case RTI_OP_EXISTS:
        case RTI_N_OPERATORS:
                break;
        }
        return 0.1;
}

/* What usual.def says, or 0. */
static double
usual_truth(const rti_ir *ir, const rti_ir_pred *pred)
{
        static const struct {
                rt_str field;
                uint8_t op;
                double share;
        } usual[] = {
#define USUAL(field, op, share) { RTI_STR_INIT(field), RTI_OP_##op, share },
#include "compiler/emit/passes/usual.def"
#undef USUAL
        };
        const rti_ir_slot *slot = &ir->slots.at[pred->slot];

        for (size_t i = 0; slot->what == RTI_SLOT_FIELD && i < RTI_COUNT(usual); i++)
                if (usual[i].op == pred->op && rti_str_eq(usual[i].field, slot->field))
                        return usual[i].share;
        return 0;
}

static double
truth_of(const rti_ir *ir, const rti_ir_pred *pred)
{
        const double usual = usual_truth(ir, pred);
        enum { SAMPLES = 64 };
        const bool all = pred->modifier == RTI_MOD_ALLOF;
        const uint32_t n = pred->n_values < SAMPLES ? pred->n_values : SAMPLES;
        double other = 1; /* chance that none does; with ALL: that all do */

        if (pred->what == RTI_P_COMPARE)
                return 0.3;
        if (usual > 0)
                return usual;
        if (pred->what == RTI_P_EXISTS)
                return 0.85;
        for (uint32_t i = 0; i < n; i++) {
                const double one = truth_of_one(pred, &pred->values[i]);

                other *= all ? one : 1 - one;
        }
        if (all || pred->op != RTI_OP_IN)
                return all ? other : 1 - other;
        /* Half of all values at most: of long lists most is about what never comes. */
        other = (1 - other) / other;
        return other / (1 + 2 * other);
}

/* Are the constants looked up, rather than tried one by one? */
static bool
looks_up(const rti_ir_pred *pred)
{
        return pred->modifier == RTI_MOD_NONE
               || (pred->op == RTI_OP_EQ && pred->modifier == RTI_MOD_ANYOF)
               || (pred->op == RTI_OP_NE && pred->modifier == RTI_MOD_ALLOF);
}

/* ---- the pass ---- */

typedef struct ordering {
        const uint32_t *readers; /* per slot: how many predicates are on it */
        const rt_str *sources;   /* names */
} ordering;

static double
slot_cost(const rti_ir *ir, const uint32_t *readers, uint32_t slot)
{
        return (double) ir->slots.at[slot].cost_ns / (readers[slot] ? readers[slot] : 1);
}

static const rti_profile_row *
measured(rti_ir *ir, const ordering *o, const rti_ir_pred *pred)
{
        const rti_profile_row *row;
        size_t from;

        if (!ir->rules->profile)
                return NULL;
        rti_buf_clear(&ir->key);
        rti_buf_add(&ir->key, o->sources[ir->slots.at[pred->slot].source]);
        rti_buf_add_char(&ir->key, '\n');
        from = ir->key.len;
        rti_ir_print_pred(ir, &ir->key, pred);
        rti_profile_shorten(&ir->key, from);
        row = ir->key.failed ? NULL : rti_profile_find(ir->rules->profile, rti_buf_str(&ir->key));
        ir->n_profiled += row != NULL;
        return row;
}

static void
judge_pred(rti_ir *ir, const ordering *o, rti_ir_expr *expr)
{
        const rti_ir_pred *pred = &ir->preds.at[expr->pred];
        const rti_profile_row *row = measured(ir, o, pred);
        double times = 1;

        if (!looks_up(pred) && pred->n_values)
                times = pred->n_values;
        expr->cost_ns = RTI_NS_QUESTION + times * rti_operators[pred->op].cost_ns;
        expr->cost_ns += slot_cost(ir, o->readers, pred->slot);
        if (pred->what == RTI_P_COMPARE)
                expr->cost_ns += slot_cost(ir, o->readers, pred->rhs);
        expr->truth = truth_of(ir, pred);
        if (!row)
                return;
        /* The rule of thumb counts as two events: of one that was asked, little is known. */
        expr->truth = ((double) row->held + 2 * expr->truth) / ((double) row->asked + 2);
        if (row->timed)
                expr->cost_ns = (double) row->ns / (double) row->timed;
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
        if (!expr->restless)
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
        uint32_t *readers = RTI_NEWN(ir->arena, uint32_t, ir->slots.n);
        rt_str *sources = RTI_NEWN(ir->arena, rt_str, ir->sources.n);
        ordering o = { readers, sources };

        if (!readers || !sources)
                return RT_ENOMEM;
        for (size_t i = 0; i < ir->preds.n; i++)
                readers[ir->preds.at[i].slot]++;
        for (size_t i = 0; i < ir->sources.n; i++)
                sources[i] = rti_str_of(
                        rti_registry_source(ir->rules->registry, ir->sources.at[i])->name);
        ir->exprs.at[RTI_X_TRUE].truth = 1;
        /* In another order, what is different stays so: nothing to look up. */
        ir->sharing = false;
        ir->ordering = true;
        return rti_ir_rewrite(ir, order, &o);
}
