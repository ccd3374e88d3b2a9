/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capture.h - what plug-ins do beside the events of an input: async events and listening.
 *
 * An inbox is one open input's queue of async events; plug-ins' threads fill it, the input's worker
 * empties it. While some input is open, plug-ins that make async events or listen are told so.
 */
#ifndef RTI_FALCO_CAPTURE_H
#define RTI_FALCO_CAPTURE_H

#include "falco/plugin.h"

/* One async event that waits. */
typedef struct rti_fp_mail {
        struct rti_fp_mail *next;
        rti_fp_event *event; /* behind this struct */
        rt_str name;         /* in it */
} rti_fp_mail;

typedef struct rti_fp_inbox {
        rt_falco *host;
        const char *source;
        uint32_t id;               /* of the plug-in that the source is of; 0: built in */
        struct rti_fp_inbox *next; /* of the host's */
        pthread_mutex_t lock;
        pthread_cond_t filled;
        rti_fp_mail *first, **last;
        size_t n, bytes;
        uint64_t lost;                /* no room for them */
        struct rti_fp_system *system; /* of the system call source; NULL: a plug-in's */
        bool open;
        bool recorded; /* no async events: those of its time stand in it */
} rti_fp_inbox;

/* RT_OK, RT_ENOMEM. */
int rti_fp_inbox_init(rti_fp_inbox *inbox, rt_falco *host, const char *source);
void rti_fp_inbox_done(rti_fp_inbox *inbox);
/* An input of the source begins, ends. RT_OK, RT_EIO: a plug-in does not want to. Without
 * @a live, plug-ins that make async events are not told. */
int rti_fp_inbox_open(rti_fp_inbox *inbox, bool live);
void rti_fp_inbox_close(rti_fp_inbox *inbox);
/* The row of losses of what had no room. RT_OK. */
int rti_fp_inbox_loss(rti_fp_inbox *inbox, rt_loss *ret_loss);
/* The oldest one, which becomes the caller's, to be freed with the host's allocator; NULL: none
 * after so long. */
rti_fp_mail *rti_fp_inbox_take(rti_fp_inbox *inbox, uint64_t wait_ns);

/* Call capture_open; or capture_close, and end the routines. The plug-in's result. */
int32_t rti_fp_listen(rti_fp *plugin, bool open);
/* Stop what still runs in a plug-in's name. */
void rti_fp_routines_stop(rti_fp *plugin);

#endif
