/* SPDX-License-Identifier: Apache-2.0 */
/*
 * passes.c - rewriting the expression graph.
 *
 * A predicate is a total boolean function of the event (a missing field makes it false), so boolean
 * algebra holds over predicates: every pass here only needs that.
 */
#include "compiler/emit/ir.h"
#include <stdlib.h>

enum { FEW = 8 };

const rti_pass_info rti_passes[RTI_N_PASSES] = {
#define PASS(id, function, name, what) [RTI_PASS_##id] = { name, what, function },
#include "compiler/emit/passes.def"
#undef PASS
};

/* ---- share ---- */

static int
as_it_is(rti_ir *ir, const rti_ir_expr *old, rti_ir_expr *expr, void *user, uint32_t *ret_number)
{
        (void) old;
        (void) user;
        return rti_ir_expr_of(ir, expr, ret_number);
}

int
rti_pass_share(rti_ir *ir)
{
        /* Nobody wanted to see them apart. */
        if (ir->sharing)
                return RT_OK;
        ir->sharing = true;
        return rti_ir_rewrite(ir, as_it_is, NULL);
}

/* ---- fold ---- */

int
rti_ir_not(rti_ir *ir, uint32_t number, uint32_t *ret_number)
{
        const rti_ir_expr *child = &ir->exprs.at[number];
        rti_ir_expr expr = { .kind = RTI_X_NOT, .n_child = 1 };

        if (child->kind == RTI_X_NOT) {
                *ret_number = child->child[0];
                return RT_OK;
        }
        if (child->kind <= RTI_X_TRUE) {
                *ret_number = child->kind == RTI_X_TRUE ? RTI_X_FALSE : RTI_X_TRUE;
                return RT_OK;
        }
        expr.child = RTI_NEW(ir->arena, uint32_t);
        if (!expr.child)
                return RT_ENOMEM;
        expr.child[0] = number;
        return rti_ir_expr_of(ir, &expr, ret_number);
}

/* A child that is of the parent's kind and belongs to nobody else is dissolved in the parent. */
static bool
dissolves(const rti_ir *ir, const rti_ir_expr *parent, uint32_t child, uint32_t uses)
{
        return ir->exprs.at[child].kind == parent->kind && uses == 1;
}

static int
flatten(rti_ir *ir, const rti_ir_expr *old, rti_ir_expr *expr, const uint32_t *uses)
{
        size_t n = 0;
        uint32_t *all;

        for (uint32_t i = 0; i < expr->n_child; i++)
                n += dissolves(ir, expr, expr->child[i], uses[old->child[i]])
                             ? ir->exprs.at[expr->child[i]].n_child
                             : 1;
        if (n == expr->n_child)
                return RT_OK;
        if (n > RTI_MAX_CONDITION_NODES)
                return RT_ELIMIT;
        all = RTI_NEWN(ir->arena, uint32_t, n);
        if (!all)
                return RT_ENOMEM;
        n = 0;
        for (uint32_t i = 0; i < expr->n_child; i++) {
                const rti_ir_expr *child = &ir->exprs.at[expr->child[i]];

                if (!dissolves(ir, expr, expr->child[i], uses[old->child[i]])) {
                        all[n++] = expr->child[i];
                        continue;
                }
                memcpy(all + n, child->child, child->n_child * sizeof *all);
                n += child->n_child;
        }
        expr->child = all;
        expr->n_child = (uint32_t) n;
        return RT_OK;
}

/* What the expression is equal to up to a NOT in front: so that x and not x meet. */
static uint64_t
literal(const rti_ir *ir, uint32_t number)
{
        const rti_ir_expr *expr = &ir->exprs.at[number];

        return expr->kind == RTI_X_NOT ? (uint64_t) expr->child[0] << 1 | 1
                                       : (uint64_t) number << 1;
}

typedef struct member {
        uint64_t literal;
        uint32_t at;
} member;

static int
compare_members(const void *a, const void *b)
{
        const member *x = a, *y = b;

        if (x->literal != y->literal)
                return x->literal < y->literal ? -1 : 1;
        return (x->at > y->at) - (x->at < y->at);
}

/* Mark doubles, keeping the first; true if some x stands beside not x. Most have a few children. */
static bool
mark_few(const rti_ir *ir, rti_ir_expr *expr)
{
        uint64_t literals[FEW];
        bool opposites = false;

        for (uint32_t i = 0; i < expr->n_child; i++) {
                literals[i] = literal(ir, expr->child[i]);
                for (uint32_t k = 0; k < i; k++) {
                        if (literals[k] == literals[i])
                                expr->child[i] = RTI_NONE;
                        else if (literals[k] >> 1 == literals[i] >> 1)
                                opposites = true;
                }
        }
        return opposites;
}

/* The same of any number. RT_ENOMEM. */
static int
mark_many(rti_ir *ir, rti_ir_expr *expr, bool *ret_opposites)
{
        member *members = rti_ir_scratch(ir, expr->n_child, sizeof *members);

        if (!members)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < expr->n_child; i++)
                members[i] = (member){ literal(ir, expr->child[i]), i };
        qsort(members, expr->n_child, sizeof *members, compare_members);
        *ret_opposites = false;
        for (uint32_t i = 1; i < expr->n_child; i++) {
                if (members[i].literal == members[i - 1].literal)
                        expr->child[members[i].at] = RTI_NONE;
                else if (members[i].literal >> 1 == members[i - 1].literal >> 1)
                        *ret_opposites = true;
        }
        return RT_OK;
}

/* Remove doubles; true if some x stands beside not x. RT_ENOMEM. */
static int
unite(rti_ir *ir, rti_ir_expr *expr, bool *ret_opposites)
{
        uint32_t n = 0;
        int r = RT_OK;

        if (expr->n_child <= FEW)
                *ret_opposites = mark_few(ir, expr);
        else
                r = mark_many(ir, expr, ret_opposites);
        if (r < 0)
                return r;
        for (uint32_t i = 0; i < expr->n_child; i++)
                if (expr->child[i] != RTI_NONE)
                        expr->child[n++] = expr->child[i];
        expr->n_child = n;
        return RT_OK;
}

int
rti_ir_join(rti_ir *ir, enum rti_expr_kind kind, uint32_t *child, uint32_t n, uint32_t *ret_number)
{
        const uint32_t neutral = kind == RTI_X_AND ? RTI_X_TRUE : RTI_X_FALSE;
        const uint32_t decisive = kind == RTI_X_AND ? RTI_X_FALSE : RTI_X_TRUE;
        rti_ir_expr expr = { .kind = (uint8_t) kind, .n_child = n, .child = child };
        bool decided;
        int r = unite(ir, &expr, &decided);

        if (r < 0)
                return r;
        n = 0;
        for (uint32_t i = 0; i < expr.n_child; i++) {
                if (child[i] == decisive)
                        decided = true;
                else if (child[i] != neutral)
                        child[n++] = child[i];
        }
        expr.n_child = n;
        if (!decided && n > 1)
                return rti_ir_expr_of(ir, &expr, ret_number);
        *ret_number = decided ? decisive : n ? child[0] : neutral;
        return RT_OK;
}

static int
fold_many(rti_ir *ir, const rti_ir_expr *old, rti_ir_expr *expr, const uint32_t *uses,
          uint32_t *ret_number)
{
        int r = flatten(ir, old, expr, uses);

        return r < 0 ? r
                     : rti_ir_join(ir, (enum rti_expr_kind) expr->kind, expr->child, expr->n_child,
                                   ret_number);
}

static int
fold(rti_ir *ir, const rti_ir_expr *old, rti_ir_expr *expr, void *user, uint32_t *ret_number)
{
        const uint32_t *uses = user;

        switch ((enum rti_expr_kind) expr->kind) {
        case RTI_X_NOT:
                return rti_ir_not(ir, expr->child[0], ret_number);
        case RTI_X_AND:
        case RTI_X_OR:
                return fold_many(ir, old, expr, uses, ret_number);
        case RTI_X_FALSE:
        case RTI_X_TRUE:
        case RTI_X_PRED:
                break;
        }
        return rti_ir_expr_of(ir, expr, ret_number);
}

int
rti_pass_fold(rti_ir *ir)
{
        uint32_t *uses = rti_ir_count_uses(ir);

        return uses ? rti_ir_rewrite(ir, fold, uses) : RT_ENOMEM;
}
