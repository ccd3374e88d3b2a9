/* SPDX-License-Identifier: Apache-2.0 */
/* transform_private.h - private to ops/: what the files of the transformers share. */
#ifndef RTI_LANG_OPS_TRANSFORM_PRIVATE_H
#define RTI_LANG_OPS_TRANSFORM_PRIVATE_H

#include "lang/ops/transform.h"

static inline void *
rti_transform_get(const rti_transform_memory *memory, size_t size_bytes)
{
        return memory->get(memory->user, size_bytes);
}

/* Results as rti_transform. */
int rti_transform_join(const rt_value *separator, const rt_value *list,
                       const rti_transform_memory *memory, rt_value *ret_value);
int rti_transform_concat(const rt_value *const *args, uint32_t n,
                         const rti_transform_memory *memory, rt_value *ret_value);
/* getopt(...) gives a list, getopt(...)[c] (@a selector has one character) a string. */
int rti_transform_getopt(const rt_value *args, const rt_value *options, rt_str selector,
                         const rti_transform_memory *memory, rt_value *ret_value);

#endif
