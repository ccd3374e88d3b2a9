/* SPDX-License-Identifier: Apache-2.0 */
/* fit.h - does a ruleset that was compiled elsewhere go with the sources and fields known here? */
#ifndef RTI_PROGRAM_FIT_H
#define RTI_PROGRAM_FIT_H

#include "lang/registry.h"
#include "program/ruleset.h"

/* RT_OK, RT_ENOMEM, or RT_ENOENT with *ret_why, in @a arena: what is missing or of another kind. */
int rti_ruleset_fits(const rt_ruleset *rules, const rti_registry *registry, rti_arena *arena,
                     rt_str *ret_why);

#endif
