/* SPDX-License-Identifier: Apache-2.0 */
/* process.c - which event is whose business. */
#include "sources/syscall/codes.h"
#include "sources/syscall/state/parts.h"

rti_state_handler *
rti_process_handler(uint16_t type)
{
        (void) type;
        return NULL;
}

void
rti_state_bury(rti_state *state, rti_thread *thread)
{
        rti_threads_remove(&state->threads, thread);
}
