/* SPDX-License-Identifier: Apache-2.0 */
/* events.h - the catalogue of events and system calls (events.def, syscalls.def), sets of codes */
#ifndef RTI_LANG_EVENTS_H
#define RTI_LANG_EVENTS_H

#include "base/str.h"

enum { RTI_N_EVENT_CODES = 454, RTI_EVENT_WORDS = (RTI_N_EVENT_CODES + 63) / 64 };

typedef struct rti_event_set {
        uint64_t word[RTI_EVENT_WORDS];
} rti_event_set;

typedef struct rti_event_info {
        const char *name;   /* "openat" */
        const char *params; /* "fd:fd:dec name:fspath ..." as in syscall-events.tsv */
        uint8_t exit;       /* 1: the exit half */
} rti_event_info;

extern const rti_event_info rti_events[RTI_N_EVENT_CODES];

/* All codes of events (through the generic ones, of system calls) of that name; false: unknown. */
bool rti_events_named(rt_str name, rti_event_set *ret_set);
/* Is there an event parameter of that name? For evt.arg.NAME. */
bool rti_event_param_known(rt_str name);
/* Length of the longest name of a parameter that @a text begins with; 0: there is none.
 * @a ret_kind (may be NULL): kind of the first parameter of that name, for evt.rawarg.NAME;
 * RT_KIND_DYNAMIC where constants cannot be compared with it. */
size_t rti_event_param_prefix(rt_str text, uint32_t *ret_kind);

static inline bool
rti_event_set_has(const rti_event_set *set, uint32_t code)
{
        return code < RTI_N_EVENT_CODES && (set->word[code / 64] >> code % 64 & 1);
}

static inline void
rti_event_set_add(rti_event_set *set, uint32_t code)
{
        set->word[code / 64] |= (uint64_t) 1 << code % 64;
}

#endif
