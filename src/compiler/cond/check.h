/* SPDX-License-Identifier: Apache-2.0 */
/* check.h - how the checking files of this folder report what they find. */
#ifndef RTI_COMPILER_CHECK_H
#define RTI_COMPILER_CHECK_H

#include "compiler/cond/typed.h"

/* Forget the errors of the call before. */
void rti_checker_start(rti_checker *checker);
/* Report @a message (`ptr` NULL: there was no memory for it) at @a place, a node in the text that
 * @a at is written in. RT_ERULES, or RT_ENOMEM. */
int rti_checker_refuse(rti_checker *checker, const rti_node *at, const rti_node *place,
                       rt_str message, rt_str hint);
/* RT_OK, RT_ENOMEM. */
int rti_checker_warn(rti_checker *checker, uint8_t diag, rt_str message, const rti_node *at,
                     const rti_node *place);

/* What an expression is for. */
enum rti_expr_use {
        RTI_USE_LEFT,  /* left-hand side of a test */
        RTI_USE_RIGHT, /* right-hand side */
        RTI_USE_OUTPUT /* to be printed */
};
/* A FIELD, TRANSFORMER, VALUE or TLIST -> value expression. Errors are added to the checker's. */
int rti_expr_resolve(rti_checker *checker, enum rti_expr_use use, const rti_node *node,
                     rti_vexpr **ret_expr);
/* The first field inside of an expression, or NULL. */
const rti_vexpr *rti_expr_first_field(const rti_vexpr *expr);

/* Warnings about a constant of a check. @a scratch: for what is only needed meanwhile. RT_OK,
 * RT_ENOMEM. */
int rti_warn_constant(rti_checker *checker, rti_arena *scratch, const rti_node *check,
                      const rti_node *value);

/* The elements that a value stands for, or NULL. */
static inline rti_elements *
rti_checker_elements(const rti_checker *checker, const rti_node *value)
{
        if (!checker->elements || value->kind != RTI_NODE_VALUE || value->quoted)
                return NULL;
        return checker->elements(value->text, checker->elements_user);
}

#endif
