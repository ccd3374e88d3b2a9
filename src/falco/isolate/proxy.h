/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy.h - a plug-in that has a process of its own, as the host of plug-ins sees it.
 *
 * The plug-in's functions are replaced by ones that ask the process, with the same arguments and
 * results, so that all that is checked of a plug-in in this process is checked of it, too. Its
 * "state" is the proxy.
 */
#ifndef RTI_FALCO_ISOLATE_PROXY_H
#define RTI_FALCO_ISOLATE_PROXY_H

#include "falco/isolate/process.h"

/* A field with its argument that was asked for. */
typedef struct rti_fi_want {
        uint32_t field, present;
        uint64_t index;
        char *key;      /* NULL: none */
        uint32_t next;  /* of the same field; RTI_FI_NULL: none */
        uint32_t asked; /* events that asked since they were counted last */
        bool ahead;     /* is read of every event as it comes */
} rti_fi_want;

/* Values of one event: where each want's begins, then the values. */
typedef struct rti_fi_values {
        const char *at;
        size_t len;
        uint64_t number; /* of the event, as the process counts; 0: none were read */
} rti_fi_values;

/* Which wants a set of values has, by number; RTI_FI_NULL: not there. */
typedef struct rti_fi_places {
        uint32_t epoch; /* of the table of wants that they are numbers of */
        uint32_t known; /* so many wants there were */
        uint32_t n;     /* so many have a place */
        uint32_t of[RTI_FP_MAX_WANTS];
} rti_fi_places;

typedef struct rti_fi_wants {
        rti_fi_want at[RTI_FP_MAX_WANTS];
        uint32_t n;
        uint32_t *first;  /* by field */
        uint32_t epoch;   /* the table was begun anew so often */
        uint32_t version; /* which are read ahead has changed so often */
        uint32_t events;  /* of batches, since they were counted last */
        uint32_t exchanges;
} rti_fi_wants;

typedef struct rti_fi_proxy rti_fi_proxy;

/* One open input. */
typedef struct rti_fi_instance {
        struct rti_fi_instance *next;
        rti_fi_proxy *proxy;
        rti_fi_process *process;
        rti_fi_channel channel;
        uint64_t id; /* as the process calls it */
        char *params;
        /* The batch; in the channel's copy. */
        rti_fp_event **events;
        rti_fi_values *values; /* an event's stand behind it */
        size_t n, room;
        size_t hint;          /* the event that was asked for last */
        uint64_t number;      /* of the next event, as the process counts */
        uint64_t drift;       /* how far it is behind */
        uint32_t version;     /* of the wants that the process knows */
        rti_fi_places places; /* of what it has read ahead */
} rti_fi_instance;

/* Values of one event that is in no batch, or that were not read ahead. */
typedef struct rti_fi_aside {
        char *key; /* the event, then its source */
        size_t event_len, key_room;
        uint64_t number;
        char *values;
        size_t values_len, values_room;
        rti_fi_places places;
} rti_fi_aside;

struct rti_fi_proxy {
        rti_fp *plugin;
        /* How it is started, again and again. */
        char *helper, *library, *config;
        uint32_t deadline_ms, restarts, wait_ms;
        uint32_t flags; /* RT_FALCO_* of its entry */
        uint64_t memory_bytes;
        int64_t next_start_ms;
        rt_str told;          /* what it said of itself, to be the same each time */
        pthread_mutex_t lock; /* guards the process and its control channel, and the above */
        rti_fi_process *process;
        bool capturing;
        char error[RTI_FP_ERROR_BYTES]; /* why there is no process */
        /* Guarded by the plug-in's own lock. */
        rti_fi_instance *instances;
        rti_fi_wants wants;
        rti_fi_aside aside;
        /* One value as plug-ins return it. */
        void *scratch;
        size_t scratch_room;
        char *text; /* as plug-ins return it */
        size_t text_room;
        /* Async events. */
        struct {
                rti_fp_async_fn *event;
                void *owner;
                rti_fi_channel channel;
                rti_fi_process *process;
                pthread_t thread;
                bool running;
        } news;
        rti_fp_metric *metrics;
};

/* ---- proxy.c ---- */

/* Lock the control channel, and start the process again if it is gone and may be. False: there is
 * none, and nothing is locked. */
bool rti_fi_enter(rti_fi_proxy *proxy);
void rti_fi_leave(rti_fi_proxy *proxy);
/* Is there a process, or may there be another one? */
bool rti_fi_has_hope(rti_fi_proxy *proxy);
/* Memory that holds at least so much; what was there is gone. False: none. */
bool rti_fi_room(rti_fi_proxy *proxy, void **at, size_t *room, size_t wanted);
/* A call that asks the control channel. The caller has entered. */
static inline rti_fi_call
rti_fi_control(rti_fi_proxy *proxy, enum rti_fi_function function)
{
        return rti_fi_call_of(&proxy->process->control, function);
}
static inline int
rti_fi_control_ask(rti_fi_proxy *proxy, rti_fi_call *call)
{
        return rti_fi_ask(proxy->process, &proxy->process->control, call);
}
/* It gave what cannot be: it is ended. RTI_FP_FAILURE. */
int32_t rti_fi_nonsense(rti_fi_process *process, enum rti_fi_function function);
void rti_fi_put_event(rti_fi_writer *w, const rti_fp_event_input *event);

/* ---- describe.c ---- */

/* What the process says of its plug-in becomes the plug-in. RT_OK, RT_E* with a message. */
int rti_fi_describe(rti_fi_proxy *proxy, rt_str told, const rti_fp_message *message);

/* ---- batch.c ---- */

void *rti_fi_open(void *state, const char *params, int32_t *ret_rc);
void rti_fi_close(void *state, void *handle);
int32_t rti_fi_next_batch(void *state, void *handle, uint32_t *ret_n, rti_fp_event ***ret_events);
const char *rti_fi_get_progress(void *state, void *handle, uint32_t *ret_part);

/* ---- values.c ---- */

int32_t rti_fi_extract_fields(void *state, const rti_fp_event_input *event,
                              const rti_fp_extract_input *input);
int32_t rti_fi_parse_event(void *state, const rti_fp_event_input *event,
                           const rti_fp_parse_input *input);
/* Decide what is read ahead from now on, and write that list, which is what @a places has then. */
void rti_fi_wants_choose(rti_fi_proxy *proxy);
void rti_fi_wants_put(rti_fi_proxy *proxy, rti_fi_writer *w, rti_fi_places *places);
void rti_fi_wants_done(rti_fi_proxy *proxy);

/* ---- news.c ---- */

int32_t rti_fi_set_async(void *state, void *owner, rti_fp_async_fn *event);
/* Begin again with a process that was started again; stop. The caller has entered. */
int rti_fi_news_begin(rti_fi_proxy *proxy);
void rti_fi_news_end(rti_fi_proxy *proxy);

/* ---- texts ---- */

/* A copy of a text that came, or NULL if that is what came. */
const char *rti_fi_text(rti_fi_proxy *proxy, rti_fi_reader *in);

#endif
