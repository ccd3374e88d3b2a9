/* SPDX-License-Identifier: Apache-2.0 */
/* events.h - the catalogue of events and system calls (events.def, syscalls.def), sets of codes.
 *
 * The tables themselves are made by scripts/gen-event-tables.py. */
#ifndef RTI_LANG_EVENTS_H
#define RTI_LANG_EVENTS_H

#include "base/str.h"
#include <libruntime/source.h>

/* Codes of the system calls that have no event of their own. */
enum { RTI_EVENT_GENERIC_ENTER = 0, RTI_EVENT_GENERIC_EXIT = 1 };

enum { RTI_N_EVENT_CODES = 454, RTI_EVENT_WORDS = (RTI_N_EVENT_CODES + 63) / 64 };

typedef struct rti_event_set {
        uint64_t word[RTI_EVENT_WORDS];
} rti_event_set;

/* Types of event parameters, numbered as captures number them. */
enum rti_param_type {
#define PARAM_TYPE(number, id, name, kind) RTI_PT_##id = (number),
#include "lang/param_types.def"
#undef PARAM_TYPE
        RTI_N_PARAM_TYPES
};

/* What an event is about; of IO_*, the descriptor says more. */
enum rti_event_category {
        RTI_EC_UNKNOWN = 0,
        RTI_EC_OTHER,
        RTI_EC_FILE,
        RTI_EC_NET,
        RTI_EC_IPC,
        RTI_EC_WAIT,
        RTI_EC_SIGNAL,
        RTI_EC_SLEEP,
        RTI_EC_TIME,
        RTI_EC_PROCESS,
        RTI_EC_SCHEDULER,
        RTI_EC_MEMORY,
        RTI_EC_USER,
        RTI_EC_SYSTEM,
        RTI_EC_INTERNAL,
        RTI_EC_IO_READ,
        RTI_EC_IO_WRITE,
        RTI_EC_IO_OTHER
};

enum { /* rti_event_info.flags */
       RTI_EF_OLD_VERSION = 1 << 0,
       RTI_EF_CREATES_FD = 1 << 1,
       RTI_EF_DESTROYS_FD = 1 << 2,
       RTI_EF_USES_FD = 1 << 3,
       RTI_EF_READS_FROM_FD = 1 << 4,
       RTI_EF_WRITES_TO_FD = 1 << 5,
       RTI_EF_MODIFIES_STATE = 1 << 6,
       RTI_EF_CONVERTER_MANAGED = 1 << 7,
       RTI_EF_UNUSED = 1 << 8,
       RTI_EF_SKIPPARSERESET = 1 << 9,
       RTI_EF_LARGE_PAYLOAD = 1 << 10,
       RTI_EF_WAITS = 1 << 11
};

enum { /* rti_event_info.origin: a set */
       RTI_EO_NONE = 0,
       RTI_EO_SYSCALL = 1 << 0,
       RTI_EO_TRACEPOINT = 1 << 1,
       RTI_EO_PLUGIN = 1 << 2,
       RTI_EO_METAEVENT = 1 << 3,
       RTI_EO_ITER = 1 << 4 /* a state of the kernel, walked */
};

enum { RTI_NO_PARAM = 0xff, RTI_NO_PARAM_NAME = 0xffff, RTI_MOST_PARAMS = 32, RTI_NO_TABLE = 0xff };

typedef struct rti_param_info {
        uint16_t name;  /* which one: the same number is the same name */
        uint8_t type;   /* enum rti_param_type */
        uint8_t format; /* RT_FORMAT_* */
        uint8_t table;  /* which names its values have: number of a table of flags.def */
        uint8_t dirfd;  /* the parameter that a relative path starts from, or RTI_NO_PARAM */
} rti_param_info;

typedef struct rti_event_info {
        uint16_t name;        /* rti_event_name() */
        uint16_t first_param; /* of rti_params */
        uint16_t flags;       /* RTI_EF_* */
        uint8_t exit;         /* 1: the exit half */
        uint8_t category;     /* enum rti_event_category */
        uint8_t origin;       /* RTI_EO_* */
        uint8_t n_params;
} rti_event_info;

extern const rti_event_info rti_events[RTI_N_EVENT_CODES];

/* Is evt.type of events of that code what rti_events says? Generic system calls, asynchronous
 * events and those of plug-ins have names of their own. */
static inline bool
rti_event_is_named(uint32_t code)
{
        enum { GENERIC_ENTER = 0, GENERIC_EXIT = 1, ASYNC = 402 };

        return code > GENERIC_EXIT && code != ASYNC && code != RT_EVENT_PLUGIN
               && code < RTI_N_EVENT_CODES;
}
extern const rti_param_info rti_params[];

const char *rti_event_name(const rti_event_info *event); /* "openat" */
const char *rti_param_name(uint16_t name);
/* Number of a parameter's name; RTI_NO_PARAM_NAME: no event has such a parameter. */
uint16_t rti_param_find(rt_str name);
const char *rti_param_type_name(uint32_t type);
/* What evt.rawarg gives for a type; RT_KIND_DYNAMIC where constants cannot be compared with it. */
uint32_t rti_param_type_kind(uint32_t type);

static inline const rti_param_info *
rti_event_params(const rti_event_info *event)
{
        return &rti_params[event->first_param];
}

/* Which parameter of @a event has that name; RTI_NO_PARAM: none. */
static inline uint32_t
rti_event_param(const rti_event_info *event, uint16_t name)
{
        for (uint32_t i = 0; i < event->n_params; i++)
                if (rti_params[event->first_param + i].name == name)
                        return i;
        return RTI_NO_PARAM;
}

/* Name of a system call by its number in captures ("read" is 3); empty: there is none. */
rt_str rti_syscall_name(uint32_t number);
/* The number in captures of this machine's system call @a nr; 0: none. */
uint32_t rti_syscall_of_native(uint32_t nr);

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
