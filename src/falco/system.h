/* SPDX-License-Identifier: Apache-2.0 */
/*
 * system.h - the source of system calls with plug-ins beside it.
 *
 * in    an instance of the source, through what it lets see of its inside
 * out   the tables `threads` and those in it, for plug-ins; its events, after plug-ins parsed them
 *
 * Plug-ins have one handle of `threads` for good. Which instance's threads it shows is decided by
 * the event that the call under way is about (rt_falco.call.system); outside of such a call the
 * table is empty. Entries and columns are numbers that are looked up each time: one that has gone
 * is not found any more, and nothing that a plug-in hands back is followed.
 */
#ifndef RTI_FALCO_SYSTEM_H
#define RTI_FALCO_SYSTEM_H

#include "falco/capture.h"
#include "falco/tables.h"
#include "sources/syscall/syscall.h"

/* An engine's source that is wrapped. */
typedef struct rti_fp_wrap {
        struct rti_fp_wrap *next;
        rt_falco *host;
        const char *source; /* the engine's */
        rt_source_ops inner;
} rti_fp_wrap;

/* An instance of it. */
typedef struct rti_fp_system {
        struct rti_fp_system *next; /* of the host's */
        const rti_fp_wrap *wrap;
        const rt_allocator *allocator;
        rti_sys *sys; /* the source's own instance */
        const rti_sys_inside *inside;
        _Atomic(const rt_event *) event; /* that is judged: an address, which others look for */
        rti_fp_inbox inbox;
        rti_fp_mail *mail;         /* whose event it is; NULL: the input's */
        bool opened;               /* plug-ins know that the input is */
        bool wrote;                /* a plug-in changed an entry since the event came */
        uint64_t parsed[512 / 64]; /* types of events that some plug-in parses */
        uint64_t asked[512 / 64];  /* these and those that rules look at */
        const uint64_t *wanted;    /* by rules */
        size_t n_wanted;
        size_t n_losses; /* rows of the source's own */
} rti_fp_system;

/* ---- wrap.c ---- */

/* Put @a outer, whose user is a rti_fp_wrap, between the source and the engine. RT_OK, also where
 * there is no such source: *ret_wrap is NULL then; RT_E* with a message. */
int rti_fp_wrap_source(rt_falco *host, rt_engine *engine, const char *source,
                       const rt_source_ops *outer, const rti_fp_message *message,
                       rti_fp_wrap **ret_wrap);
/* Take it away again. */
void rti_fp_unwrap_source(rt_engine *engine, rti_fp_wrap *wrap);
void rti_fp_wraps_free(rt_falco *host);

/* ---- system.c ---- */

/* Let the source of @a engine go through here, if a plug-in has need of that. */
int rti_fp_system_attach(rt_falco *host, rt_engine *engine, const rti_fp_message *message);
/* The call that is under way is about that event. */
void rti_fp_system_set(rti_fp *plugin, const rt_event *event);
/* The event as plug-ins see it: as the capture has it, or in today's form. NULL: it cannot be
 * shown. */
const rti_fp_event *rti_fp_of_system(rt_falco *host, const rt_event *event);

/* Show an event to a plug-in that keeps state; @a system is whose it is, NULL: a plug-in's. */
void rti_fp_parse(rti_fp *plugin, const rti_fp_event_input *event, rti_fp_system *system);

/* ---- threads.c ---- */

/* The host's own table and columns. RT_OK, RT_ENOMEM. */
int rti_fp_system_init(rt_falco *host);
void rti_fp_system_done(rt_falco *host);
/* What is done with a table of the system. */
void rti_fp_system_table(rti_fp_table *table, rti_fp_view *view);

/* ---- columns.c ---- */

enum rti_fp_how {
        RTI_FP_NUMBER,
        RTI_FP_TEXT,
        RTI_FP_MARK,
        RTI_FP_TABLE,
        RTI_FP_FLAGS,
        RTI_FP_ALL,    /* of an element */
        RTI_FP_BEFORE, /* its '=' */
        RTI_FP_BEHIND,
        RTI_FP_REAPER,
        RTI_FP_OVERLAY,
        RTI_FP_EXTRA /* only plug-ins write it: `at` counts these */
};

enum { /* rti_fp_column.flags */
       RTI_FP_READ_ONLY = 1 << 0,
       RTI_FP_LINKS = 1 << 1,  /* families and groups follow it */
       RTI_FP_ADDABLE = 1 << 2 /* a plug-in may add it, and gets the one that is there */
};

typedef struct rti_fp_column {
        uint8_t type; /* RTI_FP_STATE_* */
        uint8_t how;
        uint8_t flags;
        uint16_t at;
        uint32_t kinds; /* bit set of descriptors' kinds */
} rti_fp_column;

/* What a plug-in's handle stands for. False: it is none of that table. */
bool rti_fp_column_of(const rt_falco *host, enum rti_fp_kind kind, const void *handle,
                      rti_fp_column *ret_column);
/* How many columns stand in an entry's extra, and the type of one. */
uint32_t rti_fp_n_extras(const rt_falco *host, enum rti_fp_kind kind);
uint32_t rti_fp_extra_type(const rt_falco *host, enum rti_fp_kind kind, uint32_t at);
extern const rti_fp_columns rti_fp_system_columns;
/* The columns that are there from the beginning. RT_OK, RT_ENOMEM. */
int rti_fp_columns_init(rt_falco *host);

#endif
