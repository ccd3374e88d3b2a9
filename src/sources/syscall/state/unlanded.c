/* SPDX-License-Identifier: Apache-2.0 */
/* unlanded.c - what the descriptor table will define; weak, so that its own definitions win. */
#include "sources/syscall/state/state.h"

#define WEAK __attribute__((weak))

WEAK rti_state_handler *
rti_fd_handler(uint16_t type)
{
        (void) type;
        return NULL;
}

WEAK void
rti_fd_find_current(rti_state *state, rti_sysevt *evt)
{
        (void) state;
        (void) evt;
}

WEAK void
rti_fds_free(rti_pool *pool, rti_fds *fds)
{
        (void) pool;
        (void) fds;
}

WEAK void
rti_fds_remove(rti_pool *pool, rti_fds *fds, int64_t num)
{
        (void) pool;
        (void) fds;
        (void) num;
}

WEAK int
rti_state_add_fd(rti_state *state, int64_t tid, const rti_fd_entry *entry)
{
        (void) state;
        (void) tid;
        (void) entry;
        return RT_OK;
}
