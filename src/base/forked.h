/* SPDX-License-Identifier: Apache-2.0 */
/* forked.h - is this still the process that made it, or a child that fork has given a copy? */
#ifndef RTI_BASE_FORKED_H
#define RTI_BASE_FORKED_H

#include <libruntime/types.h>
#include <stdbool.h>

/* A page that children of fork find wiped: a look costs no system call. */
typedef struct rti_fork_mark rti_fork_mark;

/* RT_OK, RT_ENOMEM. */
int rti_fork_mark_new(rti_fork_mark **ret_mark);
void rti_fork_unmark(rti_fork_mark *mark);
/* False, too, where the kernel wipes nothing (before Linux 4.14). */
bool rti_forked(const rti_fork_mark *mark);

#endif
