/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iter.h - what the kernel says of the threads that run already, beyond /proc.
 *
 * in    a BPF iterator over all threads
 * out   facts by tid; none where the kernel does not load it: then /proc alone has to do
 */
#ifndef RTI_LIVE_ITER_H
#define RTI_LIVE_ITER_H

#include "live/task_facts.h"
#include "sources/syscall/state/state.h"

typedef struct live_facts {
        struct rti_task_facts *tasks; /* by tid, ascending */
        size_t n;
} live_facts;

/* RT_OK; RT_ENOENT: there is no such iterator here (or no rights); RT_ENOMEM. */
int live_facts_read(live_facts *ret_facts);
void live_facts_done(live_facts *facts);
/* NULL: that thread was not there, or started at another tick. */
const struct rti_task_facts *live_facts_find(const live_facts *facts, int64_t tid,
                                             uint64_t start_ticks, uint64_t ns_per_tick);
/* What /proc cannot tell goes to @a entry. */
void live_facts_merge(const struct rti_task_facts *task, rti_proc_entry *entry);

#endif
