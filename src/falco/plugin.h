/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin.h - a plug-in that is loaded, and the host of all of them.
 *
 * Plug-ins are filled by rt_falco_load and only read afterwards, but for `lies`, `failures` and
 * what is behind `calls`, which every call into the plug-in holds, next_batch excepted. It is
 * recursive: a plug-in that reads a table comes back to the host while it runs.
 */
#ifndef RTI_FALCO_PLUGIN_H
#define RTI_FALCO_PLUGIN_H

#include "base/alloc.h"
#include "base/arena.h"
#include "base/str.h"
#include "base/vec.h"
#include "falco/abi.h"
#include "json/json.h"
#include <libruntime-falco/falco.h>
#include <pthread.h>
#include <stdatomic.h>

enum {
#define LIMIT(name, value, what) RTI_FP_MAX_##name = value,
#include "falco/limits.def"
#undef LIMIT
};

enum rti_fp_lie {
#define LIE(id, what) RTI_FP_LIE_##id,
#include "falco/lies.def"
#undef LIE
        RTI_FP_N_LIES
};

/* What a plug-in says of one of its fields, besides the rt_field_desc. */
typedef struct rti_fp_field {
        const char *name;
        uint32_t type; /* RTI_FP_* */
        bool list;
} rti_fp_field;

/* For which events a capability is: sources, none of them for all; types, none for the default. */
typedef struct rti_fp_scope {
        const rt_str *sources;
        size_t n_sources;
        uint64_t types[512 / 64];
} rti_fp_scope;

typedef struct rti_fp {
        rt_falco *host;
        void *library;
        rti_fp_api api;
        void *state; /* what init returned; NULL: it has none */
        pthread_mutex_t lock;
        pthread_mutex_t *calls; /* held while it runs; plug-ins that share tables share one */
        rti_arena arena;        /* texts and tables for as long as it is loaded */
        const char *name, *version, *description, *contact, *path, *api_version, *schema;
        uint32_t caps; /* RT_FALCO_* */
        uint32_t id;
        const char *source; /* "": none */
        int32_t schema_type;
        rt_field_desc *descs;
        rti_fp_field *fields;
        size_t n_fields;
        rti_fp_scope extracts, parses, asyncs;
        const rt_str *async_names;
        size_t n_async_names;
        atomic_uint_fast64_t lies[RTI_FP_N_LIES];
        atomic_uint_fast64_t failures;
        atomic_bool said[RTI_FP_N_LIES];
        char error[RTI_FP_ERROR_BYTES]; /* of what it asked of the host last */
        const char *reason;             /* the same, in words of the host's; NULL: see `error` */
        struct rti_fp_routine *routines;
        void *taker; /* of its state, or of all its async events: the dump under way, or whoever
                             has a process for it */
        uint32_t n_async; /* open inputs that it gives async events to */
        bool listening;   /* capture_open was called */
        bool elsewhere;   /* its system calls are another machine's */
        bool uses_system; /* it has the table of threads */
        /* What get_progress said last; guarded by `calls`. */
        struct {
                atomic_bool asked; /* somebody wants to know */
                const void *of;    /* the instance that was opened last; NULL: none is open */
                bool told;
                uint32_t part;
                char text[128];
        } progress;
        rt_source_ops ops;            /* as it was added to engines */
        struct rti_fi_proxy *proxy;   /* of one in a process of its own; NULL: it is in this one */
        atomic_uint_fast64_t n_ended; /* so often that process has ended */
} rti_fp;

struct rt_falco {
        rt_allocator allocator;
        rt_falco_opts opts;
        rti_fp self;                   /* the host as the owner of the system's tables */
        struct rti_fp_wrap *wraps;     /* engines whose system call source goes through here */
        struct rti_fp_system *systems; /* instances of it; guarded by `lock` */
        /* Of the call into a plug-in that is under way; guarded by `lock`. */
        struct {
                uint32_t depth;
                rti_fp *plugin;
                struct rti_fp_system *system; /* whose event it is about; NULL: another source's */
                rti_arena memory;             /* texts that the plug-in was given */
                struct rti_fp_loose *loose;   /* entries that are in no table yet */
                uint32_t n_loose, n_nested, iterating;
                bool dirty;
                RTI_VEC(void *) listed; /* entries that are being gone through */
        } call;
        RTI_VEC(struct rti_fp_nested *) nested; /* tables in tables that were asked for */
        RTI_VEC(rti_fp_column_info) columns[4]; /* of the system's tables, by enum rti_fp_kind */
        pthread_mutex_t log_lock;
        pthread_mutex_t lock; /* `calls` of those that share tables; guards the tables, too */
        pthread_mutex_t captures_lock, inboxes_lock; /* capture.c says of what */
        struct rti_fp_inbox *inboxes;                /* inputs that are open */
        RTI_VEC(rti_fp *) plugins;
        RTI_VEC(struct rti_fp_table *) tables;
        RTI_VEC(rti_fp_table_info) table_infos; /* of `tables`, as plug-ins see them */
        bool attached;                          /* no more plug-ins */
        bool apart;                             /* it has one plug-in, and no engine beside it */
};

/* Of a function that returned NULL, or too much. */
#define RTI_FP_NO_TEXT "%s returned no text, or one of more than %d bytes"

/* Where a failure is described. */
typedef struct rti_fp_message {
        char *to;
        size_t room;
} rti_fp_message;
/* Write it and return @a r. */
int rti_fp_fail(const rti_fp_message *message, int r, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* ---- host.c ---- */

/* A recursive mutex. RT_OK, RT_ENOMEM. */
int rti_fp_lock_init(pthread_mutex_t *lock);
/* A call into the plug-in begins, ends. */
void rti_fp_enter(rti_fp *plugin);
void rti_fp_leave(rti_fp *plugin);
/* Does it use tables? Its calls and those of all others that do come one after the other. */
static inline bool
rti_fp_shares(const rti_fp *plugin)
{
        return plugin->calls == &plugin->host->lock;
}

void rti_fp_log(const rti_fp *plugin, uint32_t severity, const char *message);
void rti_fp_logf(const rti_fp *plugin, uint32_t severity, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* It returned what cannot be true. */
void rti_fp_lied(rti_fp *plugin, enum rti_fp_lie lie);
const char *rti_fp_lie_text(enum rti_fp_lie lie);
/* What its last error was, copied; "no error text" if it has none. The caller holds the lock. */
void rti_fp_last_error(rti_fp *plugin, char *to, size_t room);

/* ---- load.c ---- */

/* Length of a text of the plug-in's, SIZE_MAX: it is NULL or has no end within @a most. */
size_t rti_fp_text_length(const char *text, size_t most);
/* A copy in the plug-in's arena. RT_OK, RT_EFORMAT, RT_ENOMEM. */
int rti_fp_copy(rti_fp *plugin, const char *text, size_t most, const char **ret_copy);
int rti_fp_load(rt_falco *host, const rt_falco_plugin *what, const rti_fp_message *message,
                rti_fp **ret_plugin);
void rti_fp_unload(rti_fp *plugin);
/* Do its name and its source go with those that are loaded? RT_OK, RT_EEXIST. */
int rti_fp_check_name(const rti_fp *plugin, const rti_fp_message *message);
/* The plug-in that an event source is of: the first with it. NULL: none has. */
rti_fp *rti_fp_of_source(const rt_falco *host, const char *source);

/* ---- version.c ---- */

/* May a plug-in that asks for this version of the interface be loaded? RT_OK, RT_EFORMAT. */
int rti_fp_check_api_version(const char *version, const rti_fp_message *message);
/* Is it MAJOR.MINOR.PATCH, with whatever semver allows behind? */
bool rti_fp_is_semver(const char *version);
/* The same of the event table that it asks for. 1: that is of an older major version. */
int rti_fp_check_schema_version(const char *version, const rti_fp_message *message);

/* ---- caps.c ---- */

/* Which capabilities its functions make up. RT_OK, RT_EFORMAT. */
int rti_fp_find_caps(rti_fp *plugin, const rti_fp_message *message);

/* ---- fields.c, lists.c ---- */

/* get_fields. RT_OK, RT_EFORMAT, RT_ELIMIT, RT_ENOMEM. */
int rti_fp_read_fields(rti_fp *plugin, const rti_fp_message *message);
/* The same of what get_fields has returned. */
int rti_fp_parse_fields(rti_fp *plugin, rt_str text, const rti_fp_message *message);
/* A JSON list of strings. @a function names it in messages. */
int rti_fp_read_names(rti_fp *plugin, const char *text, const char *function, const rt_str **ret_at,
                      size_t *ret_n, const rti_fp_message *message);
/* The scopes of all capabilities; after init, since lists of types take the plug-in's state. */
int rti_fp_read_scopes(rti_fp *plugin, const rti_fp_message *message);
bool rti_fp_in_scope(const rti_fp_scope *scope, const char *source, uint32_t type);
bool rti_fp_has_source(const rti_fp_scope *scope, const char *source);
/* Are other events in it than those of plug-ins? */
bool rti_fp_sees_others(const rti_fp_scope *scope);

/* ---- ask.c ---- */

/* Ask the plug-in how far @a instance is, if that is the one to be asked. */
void rti_fp_ask_progress(rti_fp *plugin, void *instance);

/* ---- config.c ---- */

/* The configuration as the plug-in's schema wants it: text, or a JSON document. RT_OK: *ret_text;
 * RT_EINVAL, RT_EFORMAT. */
int rti_fp_check_config(rti_fp *plugin, const char *config, const char **ret_text,
                        const rti_fp_message *message);
/* The schema that it is checked with. RT_OK, RT_EFORMAT, RT_ENOMEM. */
int rti_fp_read_schema(rti_fp *plugin, const rti_fp_message *message);

/* ---- extract.c ---- */

/* One (field, argument) that is asked for. */
typedef struct rti_fp_slot {
        rti_fp *plugin; /* NULL: nobody gives it */
        uint32_t field;
        uint32_t arg; /* RT_ARG_* */
        uint64_t index;
        char *key; /* NUL-terminated; NULL: none */
} rti_fp_slot;

/* Resolve one slot of a demand. RT_OK, RT_ENOENT: the plug-in has no such field, RT_ENOMEM. */
int rti_fp_slot_init(rti_fp_slot *slot, rti_fp *plugin, const rt_slot_desc *desc,
                     const rt_allocator *allocator);
void rti_fp_slot_done(rti_fp_slot *slot, const rt_allocator *allocator);
/* Its value for an event; memory comes from @a event. 1, 0, RT_EIO, RT_EFORMAT, RT_ENOMEM. */
int rti_fp_extract(const rti_fp_slot *slot, const rti_fp_event_input *input, const rt_event *event,
                   rt_value *ret_value);

/* ---- event.c ---- */

enum { RTI_FP_FINE = -1 };

/* Is this an event that the plug-in may give? RTI_FP_FINE, or which lie it is. What may be left to
 * the host, its id and the time, is filled in. *ret_payload is the plug-in's part of it. */
int rti_fp_check_event(const rti_fp *plugin, rti_fp_event *event, rt_str *ret_payload);
/* Do the lengths, each of so many bytes, and the parameters behind @a header fill the event? */
bool rti_fp_is_filled(const char *bytes, const rti_fp_event *header, size_t length_bytes);
/* Is this one of the system's events, of a plug-in without a source? RTI_FP_FINE, or which lie. */
int rti_fp_check_call(const rti_fp_event *event);
/* The same of an async event, a copy of which has @a len bytes. *ret_name is its name. */
int rti_fp_check_async(const rti_fp *plugin, rti_fp_event *event, size_t len, rt_str *ret_name);
/* It is of the source of the plug-in with that id; 0: of the system. */
void rti_fp_settle_async(rti_fp_event *event, uint32_t id);
/* A checked copy of it, with the host's allocator. RTI_FP_FINE with *ret_copy NULL: no memory. */
int rti_fp_copy_async(rti_fp *plugin, const rti_fp_event *event, rti_fp_event **ret_copy,
                      rt_str *ret_name);
uint64_t rti_fp_now_ns(void);

/* ---- input.c ---- */

/* What a plug-in has open, and its last batch. Closed, all but `plugin` and `ended` is 0. */
typedef struct rti_fp_input {
        rti_fp *plugin;
        bool opened; /* `handle` is */
        void *handle;
        rti_fp_event **batch;
        uint32_t n, next;
        int32_t result;      /* of the batch: what comes behind it */
        uint64_t wait_ns;    /* before the plug-in is asked again, when it has nothing */
        uint64_t asked_ns;   /* when it was asked for its progress last */
        uint64_t seen_ended; /* how often its process had ended when that was looked at last */
        uint64_t ended;      /* so often while this was open */
} rti_fp_input;

/* RT_OK, RT_EIO: it cannot, and its words are in the log. */
int rti_fp_input_open(rti_fp_input *in, const char *params);
void rti_fp_input_close(rti_fp_input *in);
/* The next batch. */
void rti_fp_input_fetch(rti_fp_input *in);
/* One of the plug-in's functions failed: its words go to the log. */
void rti_fp_input_failed(const rti_fp_input *in, const char *function);

/* ---- source.c ---- */

extern const rt_source_ops rti_fp_source_ops;

#endif
