/* SPDX-License-Identifier: Apache-2.0 */
/* transform.h - field transformers: which types they take and give, and what they do to values. */
#ifndef RTI_LANG_TRANSFORM_H
#define RTI_LANG_TRANSFORM_H

#include "lang/ops/ops.h"

/* A transformer as a condition or a format uses it. */
typedef struct rti_transform_use {
        uint8_t transformer; /* enum rti_transformer */
        bool has_selector;   /* getopt(...)[c] */
        uint32_t n;
        const rti_type *args; /* types of the arguments */
        rt_str selector;
        rt_str first_name; /* the left field's name, for messages */
} rti_transform_use;

/* Type of the result. RT_OK, RT_ERULES with *ret_error (in @a arena), RT_ENOMEM. */
int rti_transform_check(rti_arena *arena, const rti_transform_use *use, rti_type *ret_type,
                        rt_str *ret_error);

/* Where results that are not a slice of an argument are put. */
typedef struct rti_transform_memory {
        void *(*get)(void *user, size_t size_bytes); /* NULL: no more */
        void *user;
} rti_transform_memory;

/* Apply. args[i] NULL: that argument is missing. Returns 1: *ret_value set, 0: missing,
 * RT_ENOMEM. */
int rti_transform(uint8_t transformer, const rt_value *const *args, uint32_t n, rt_str selector,
                  const rti_transform_memory *memory, rt_value *ret_value);

#endif
