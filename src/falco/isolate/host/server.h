/* SPDX-License-Identifier: Apache-2.0 */
/*
 * server.h - the process that has one plug-in: what it knows.
 *
 * The plug-in is loaded by the same code as one in the engine's process. The first thread answers
 * what is asked of the plug-in; each open input has a thread and a channel of its own.
 */
#ifndef RTI_FALCO_ISOLATE_SERVER_H
#define RTI_FALCO_ISOLATE_SERVER_H

#include "falco/isolate/wire.h"

/* What is to be read of events. */
typedef struct wants {
        struct want {
                uint32_t field, present;
                uint64_t index;
                const char *key;
        } at[RTI_FP_MAX_WANTS];
        uint32_t n;
} wants;

typedef struct server server;

typedef struct open_input {
        struct open_input *next;
        server *server;
        rti_fi_channel channel;
        void *handle;
        uint64_t id;
        /* The batch that was not given yet. */
        rti_fp_event **events;
        uint32_t n, given;
        int32_t result;
        uint64_t number; /* of the next event */
        wants wants;
        char *keys; /* what they point to */
} open_input;

struct server {
        rti_fi_channel control;
        rt_falco *falco;
        rti_fp *plugin;
        wants wants; /* of one event */
        pthread_mutex_t inputs_lock;
        open_input *inputs;
        uint64_t last_id;
        pthread_mutex_t news_lock; /* one event at a time */
        rti_fi_channel news;
        bool has_news;
};

/* One request, and the answer. */
typedef struct request {
        server *server;
        open_input *input; /* whose channel it came on; NULL: the control channel */
        rti_fi_channel *channel;
        rti_fi_message head;
        rti_fi_reader in;
        rti_fi_writer out;
        int fds[2];
        size_t n_fds;
        int32_t rc;
        uint32_t flags;
        bool last; /* nothing more is asked on this channel */
} request;

/* ---- talk.c ---- */

/* The next request. False: there will be none. */
bool request_read(request *r, server *s, open_input *in, rti_fi_channel *channel);
void request_answer(request *r);
/* Say something to the host. */
void say(server *s, const char *name, uint32_t severity, const char *message);
/* Give an event to the host, and wait for what it says. The plug-in's result. */
int32_t give_event(rti_fi_channel *channel, const rti_fp_event *event, char *error);

/* ---- calls.c ---- */

void answer(request *r);

/* ---- inputs.c ---- */

void answer_open(request *r);
void answer_progress(request *r);

/* ---- read.c ---- */

/* What events are asked; texts stay where they are. */
void wants_read(wants *to, rti_fi_reader *in);
/* All values of an event, behind a table of where each begins. The plug-in's lock is held. */
void values_put(rti_fp *plugin, const rti_fp_event_input *event, const wants *of, rti_fi_writer *w);

/* ---- tell.c ---- */

void tell_plugin(const rti_fp *plugin, rti_fi_writer *w);

#endif
