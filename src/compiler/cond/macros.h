/* SPDX-License-Identifier: Apache-2.0 */
/* macros.h - macro identifiers replaced by the macros' trees. */
#ifndef RTI_COMPILER_MACROS_H
#define RTI_COMPILER_MACROS_H

#include "compiler/cond/ast.h"

/* Asks for the tree of a macro: NULL if there is none (or it cannot be seen from here). The same
 * tree may be given many times: it is copied where it is used. */
typedef const rti_node *(*rti_macro_fn)(rt_str name, void *user);

/* Replace every IDENT below *root. RT_OK; RT_ERULES: *ret_error is Falco's message ("Undefined
 * macro 'M' used in filter.", "reference loop in macro 'M'") and *ret_at the IDENT; RT_ENOMEM;
 * RT_ELIMIT. */
int rti_macros_resolve(rti_arena *arena, rti_node **root, rti_macro_fn find, void *user,
                       rt_str *ret_error, const rti_node **ret_at);

#endif
