/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.h - the process that has a plug-in, from the engine's side: started, asked, ended.
 *
 * A process that ends, for whatever reason, is never asked again: who holds it learns that from the
 * next call. It is counted, and goes with the last one that lets go of it.
 */
#ifndef RTI_FALCO_ISOLATE_PROCESS_H
#define RTI_FALCO_ISOLATE_PROCESS_H

#include "falco/isolate/wire.h"
#include <sys/types.h>

typedef struct rti_fi_process {
        rti_fp *plugin;
        atomic_uint refs;
        pid_t owner; /* who started it: a copy of that, made by fork, leaves it alone */
        pid_t pid;
        int pidfd;
        uint32_t deadline_ms;
        rti_fi_channel control;
        pthread_mutex_t life; /* guards `reason`, and whoever ends it */
        atomic_bool ended;
        char reason[256]; /* why it ended; "" before */
} rti_fi_process;

/* One exchange: what goes out was written to the channel before. */
typedef struct rti_fi_call {
        enum rti_fi_function function;
        uint32_t flags;    /* of the request, then of the reply */
        rti_fi_writer out; /* where the request is written */
        rti_fi_reader in;  /* a copy of what came, until the channel's next call */
        int32_t rc;        /* of the reply */
        const int *fds;    /* to be given to the process */
        size_t n_fds;
        rti_fp_async_fn *event; /* what to do with events that come before the reply */
        void *owner;
} rti_fi_call;

/* Start @a helper. RT_OK, or what is wrong with a message. */
int rti_fi_process_start(rti_fp *plugin, const char *helper, uint32_t deadline_ms,
                         const rti_fp_message *message, rti_fi_process **ret_process);
void rti_fi_process_ref(rti_fi_process *process);
/* The last one that lets go ends it. NULL is nobody. */
void rti_fi_process_unref(rti_fi_process *process);
/* End it now; @a why is what is said if it did not end by itself. */
void rti_fi_process_end(rti_fi_process *process, const char *why);
/* Is this the process that started it? */
bool rti_fi_process_is_ours(const rti_fi_process *process);
/* Copy why it has ended. */
void rti_fi_process_reason(rti_fi_process *process, char *to, size_t room);

static inline rti_fi_call
rti_fi_call_of(rti_fi_channel *channel, enum rti_fi_function function)
{
        return (rti_fi_call){ .function = function, .out = rti_fi_write_to(channel) };
}
/* Ask, and wait for the answer as long as the deadline says. One caller at a time for a channel.
 * RT_OK, RT_EIO: the process has ended, now or before, RT_ELIMIT: the request is too large,
 * RT_ENOMEM. */
int rti_fi_ask(rti_fi_process *process, rti_fi_channel *channel, rti_fi_call *call);
/* Answer events that come on @a channel, until it is closing and shut down, or the process ends. */
void rti_fi_serve(rti_fi_process *process, rti_fi_channel *channel, rti_fp_async_fn *event,
                  void *owner);

#endif
