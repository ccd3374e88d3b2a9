/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live_internal.h - the live source's kernel side as the rest of the library uses it.
 *
 * in    which system calls, of whom, on what conditions (maps)
 * out   records in the order of their time, from both rings (rti_live_drain)
 *
 * One handle belongs to one thread. The order: open, choose, start, drain ..., close.
 */
#ifndef RTI_LIVE_INTERNAL_H
#define RTI_LIVE_INTERNAL_H

#include "live/record.h"
#include <libruntime/types.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct rti_live rti_live;

typedef struct rti_live_options {
        uint32_t bulk_bytes;   /* of the rings: powers of two; 0: the default */
        uint32_t urgent_bytes; /* for processes and security, see classes.def */
        uint32_t snaplen;      /* payloads are cut to so many bytes; 0: 80 */
        uint32_t hold_ms;      /* how long a record waits for older ones; 0: 3 */
        bool plain;            /* never use typed tracepoints (tp_btf): for tests */
} rti_live_options;

/* Whether the kernel side can run here, and why not. */
enum rti_live_status {
        RTI_LIVE_READY,
        RTI_LIVE_NO_RIGHTS, /* CAP_BPF and CAP_PERFMON, or root */
        RTI_LIVE_NO_BTF,    /* the kernel does not describe its types */
        RTI_LIVE_REFUSED,   /* it refuses the programs, by policy or age */
        RTI_LIVE_FAILED     /* no memory, or something is broken */
};

typedef struct rti_live_probe {
        enum rti_live_status status;
        bool typed;        /* typed tracepoints (tp_btf) are used, else raw ones */
        char message[256]; /* one sentence that names what is missing; "" when nothing is */
} rti_live_probe;

/* Loads the programs; nothing is attached. @a ret_probe is set in any case. RT_OK; RT_ENOENT: not
 * on this machine or not for this user; RT_ENOMEM, RT_EIO. */
int rti_live_open(const rti_live_options *options, rti_live_probe *ret_probe, rti_live **ret_live);
void rti_live_close(rti_live *live);
/* Attach: events flow from now on. RT_OK, RT_EIO. */
int rti_live_start(rti_live *live);
void rti_live_stop(rti_live *live);

/* ---- what is made; may change at any time ---- */

/* Make events of calls with this event code (or not). exec, clone and procexit are always made.
 * RT_ENOENT: no call of this machine has it. */
int rti_live_want_event(rti_live *live, uint16_t event, bool wanted);
/* The same by number: also calls that have generic events only. */
int rti_live_want_call(rti_live *live, uint32_t nr, bool wanted);
void rti_live_want_all(rti_live *live, bool wanted);

/* ---- filters: see record.h; made of a demand by filter.c ---- */

enum { RTI_LIVE_SETS = 1 << 16 }; /* numbers of sets that one generation of filters has */

/* Write a filter that no call uses. Number 0 is none. */
void rti_live_put_filter(rti_live *live, uint32_t number, const struct rti_live_filter *filter);
/* From now on for calls with this event code, with RTI_CALL_*. RT_ENOENT: there is none. */
int rti_live_use_filter(rti_live *live, uint16_t event, uint32_t number, uint32_t flags);
/* RT_ELIMIT: it does not fit. */
int rti_live_add_name(rti_live *live, uint32_t set, rt_str name);
int rti_live_add_prefix(rti_live *live, uint32_t set, rt_str prefix);
/* The texts of RTI_LIVE_SETS sets from @a first on. */
void rti_live_forget_sets(rti_live *live, uint32_t first);
/* When this returns, no event is being judged by what was in force before. */
void rti_live_settle(void);

/* Only events of these (see RTI_SCOPE_*); 0 kinds: of all. */
void rti_live_set_scope(rti_live *live, uint32_t kinds);
int rti_live_scope_add(rti_live *live, uint32_t kind, uint64_t id);
int rti_live_scope_remove(rti_live *live, uint32_t kind, uint64_t id);
void rti_live_ignore(rti_live *live, uint32_t pid);
void rti_live_set_snaplen(rti_live *live, uint32_t bytes);

/* ---- records ---- */

/* @return 0: taken; anything else: not yet, the same record comes first next time. The record is
 * valid during the call. */
typedef int rti_live_take(const struct rti_record *record, void *context);
/* Hands out what is there, in the order of time; waits for something up to @a timeout_ms.
 * @return how many were taken (0: none in that time), or RT_E*. */
int rti_live_drain(rti_live *live, int timeout_ms, rti_live_take *take, void *context);

/* The wall clock's time of a record's time. */
uint64_t rti_live_wall_ns(const rti_live *live, uint64_t time_ns);
uint64_t rti_live_boot_ns(const rti_live *live); /* when the machine was started */

/* Sums over all CPUs. For each class: written = delivered + what waits in the rings. */
typedef struct rti_live_totals {
        struct rti_live_counters kernel;
        uint64_t delivered[RTI_LIVE_CLASSES];
        uint64_t late;    /* delivered after a younger one, which had waited long enough */
        uint64_t damaged; /* records whose lengths do not add up: not delivered */
} rti_live_totals;
int rti_live_count(rti_live *live, rti_live_totals *ret_totals);

/* Do the lengths of a record add up to the @a len bytes that the ring holds of it? */
static inline bool
rti_record_is_whole(const struct rti_record *r, size_t len)
{
        return len >= sizeof *r && r->len == len && r->cls < RTI_LIVE_CLASSES
               && r->values_len >= r->n_params * sizeof(uint16_t)
               && (uint64_t) sizeof *r + r->values_len + r->facts_len == len;
}

const char *rti_live_class_name(uint32_t cls);
/* The codes of all events of that class, as a bit set (RTI_EVENT_WORDS). */
void rti_live_class_events(const rti_live *live, uint32_t cls, uint64_t *ret_words);

/* ---- drain.c ---- */
struct rti_drain;
int rti_drain_open(const int ring_fd[RTI_LIVE_RINGS], const size_t ring_bytes[RTI_LIVE_RINGS],
                   uint32_t hold_ms, struct rti_drain **ret_drain);
void rti_drain_close(struct rti_drain *drain);
int rti_drain_run(struct rti_drain *drain, int timeout_ms, rti_live_take *take, void *context);
void rti_drain_count(const struct rti_drain *drain, rti_live_totals *totals);

#endif
