/* SPDX-License-Identifier: Apache-2.0 */
/* scope.h - which of the processes that run already belong to what is watched. */
#ifndef RTI_LIVE_SCOPE_H
#define RTI_LIVE_SCOPE_H

#include "live/procfs/procfs.h"

typedef struct live_scope {
        uint32_t kind; /* RTI_SCOPE_*; 0: everything */
        uint64_t id;
        bool ancestors; /* the processes above those in scope count, too */
        int64_t *pids;  /* sorted */
        size_t n, room;
} live_scope;

/* Reads /proc. RT_OK, RT_ENOMEM, RT_EIO. Of a cgroup /proc does not tell the number that scopes go
 * by: then everything counts. */
int live_scope_fill(live_scope *scope, procfs *p);
void live_scope_done(live_scope *scope);
bool live_scope_has(const live_scope *scope, int64_t pid);

#endif
