/* SPDX-License-Identifier: Apache-2.0 */
/* emit.h - the back end: typed rules in, a verified program out. */
#ifndef RTI_COMPILER_EMIT_H
#define RTI_COMPILER_EMIT_H

#include "base/buf.h"
#include "compiler/rule.h"
#include <libruntime/runtime.h>

/* Compile all rules into one immutable ruleset. Nothing of @a rules is kept.
 * @a disabled_passes: bit set of passes.def rows. RT_OK, RT_ENOMEM, RT_ELIMIT. */
int rti_emit_ruleset(const rt_allocator *allocator, const rti_rules *rules,
                     uint64_t disabled_passes, rt_ruleset **ret_ruleset);

/* The same, stopping after a stage ("ir", "ir:<pass>", "index", "perf", "program",
 * "kernel": what sources have to deliver), as text. */
int rti_emit_dump(const rt_allocator *allocator, const rti_rules *rules, uint64_t disabled_passes,
                  rt_str stage, rti_buf *buf);

#endif
