/* SPDX-License-Identifier: Apache-2.0 */
/* details.h - the names that a condition uses, for describing it. */
#ifndef RTI_COMPILER_DETAILS_H
#define RTI_COMPILER_DETAILS_H

#include "base/hash.h"
#include "compiler/cond/ast.h"

/* Different names in order of appearance. */
typedef struct rti_names {
        rt_str *at;
        uint32_t n, room;
        rti_map known;
} rti_names;

typedef struct rti_details {
        rti_names fields;       /* "evt.arg[0]" */
        rti_names macros;       /* identifiers */
        rti_names operators;    /* as written, with their modifiers: "= anyof" */
        rti_names lists;        /* in lists, and instead of lists */
        rti_names transformers; /* `val` too */
} rti_details;

/* Is there a macro (a list) of that name? Only those are collected. NULL functions: all are. */
typedef struct rti_details_known {
        bool (*macro)(rt_str name, void *user);
        bool (*list)(rt_str name, void *user);
        void *user;
} rti_details_known;

/* RT_OK, RT_ENOMEM. */
int rti_details_find(rti_arena *arena, const rti_node *root, const rti_details_known *known,
                     rti_details *ret_details);
/* Add a name once. RT_OK, RT_ENOMEM. */
int rti_names_add(rti_arena *arena, rti_names *names, rt_str name);

#endif
