/* SPDX-License-Identifier: Apache-2.0 */
/*
 * passes.h - what the passes share.
 *
 * A literal is a predicate, or `not` one. Strings differ by operator in where they end: `in` drops
 * NULs at the end, all others stop at the first NUL (lang/ops). So for them `a = x` and `a in (x)`
 * are two predicates, of which the second implies the first; for kinds that are exact they are one.
 */
#ifndef RTI_COMPILER_PASSES_H
#define RTI_COMPILER_PASSES_H

#include "compiler/emit/ir.h"

/* The predicate of a literal, or NULL: it is none. */
static inline const rti_ir_pred *
rti_literal(const rti_ir *ir, uint32_t number, bool *ret_negated)
{
        const rti_ir_expr *expr = &ir->exprs.at[number];

        *ret_negated = expr->kind == RTI_X_NOT;
        if (*ret_negated)
                expr = &ir->exprs.at[expr->child[0]];
        return expr->kind == RTI_X_PRED ? &ir->preds.at[expr->pred] : NULL;
}

/* Are `=` and `in` of one constant the same? */
static inline bool
rti_kind_is_exact(uint32_t kind)
{
        return !rti_kind_is_string(kind) && rti_kinds[kind].hold != RTI_HOLD_DOUBLE;
}

/* Is the value a list as a whole (not: one of which any or every element is asked)? */
static inline bool
rti_slot_is_list(const rti_ir_slot *slot)
{
        return slot->type.list && slot->arg != RT_ARG_ANY;
}

static inline bool
rti_is_member_op(uint8_t op)
{
        return op == RTI_OP_IN || op == RTI_OP_INTERSECTS;
}

/* Has one of a pmatch's paths a wildcard in it? */
bool rti_has_wildcard(const rti_ir_pred *pred);

/* @a like with another operator and constants, in its simplest form: nothing to choose from is
 * false, a set of one is `=` where that is the same. @a values live as long as the IR. */
int rti_ir_set_of(rti_ir *ir, const rti_ir_pred *like, uint32_t *ret_number);

/* Does it hold only for values that it names, and are these not too many to name them again? */
bool rti_names_values(const rti_ir *ir, const rti_ir_pred *pred);
/* What holds wherever one of @a n such predicates of one slot does, and, but for texts with a NUL,
 * nowhere else. */
int rti_ir_union_of(rti_ir *ir, const uint32_t *preds, uint32_t n, uint32_t *ret_number);

#endif
