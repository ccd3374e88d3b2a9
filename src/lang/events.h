/* SPDX-License-Identifier: Apache-2.0 */
/* events.h - the catalogue of events and system calls (events.def, syscalls.def), sets of codes */
#ifndef RTI_LANG_EVENTS_H
#define RTI_LANG_EVENTS_H

#include "base/str.h"

enum { RTI_N_EVENT_CODES = 454, RTI_EVENT_WORDS = (RTI_N_EVENT_CODES + 63) / 64 };

typedef struct rti_event_set {
        uint64_t word[RTI_EVENT_WORDS];
} rti_event_set;

/* Types of event parameters, numbered as captures number them. */
enum rti_param_type {
        RTI_PT_NONE = 0,
        RTI_PT_INT8 = 1,
        RTI_PT_INT16 = 2,
        RTI_PT_INT32 = 3,
        RTI_PT_INT64 = 4,
        RTI_PT_UINT8 = 5,
        RTI_PT_UINT16 = 6,
        RTI_PT_UINT32 = 7,
        RTI_PT_UINT64 = 8,
        RTI_PT_CHARBUF = 9,
        RTI_PT_BYTEBUF = 10,
        RTI_PT_ERRNO = 11,
        RTI_PT_SOCKADDR = 12,
        RTI_PT_SOCKTUPLE = 13,
        RTI_PT_FD = 14,
        RTI_PT_PID = 15,
        RTI_PT_FDLIST = 16,
        RTI_PT_FSPATH = 17,
        RTI_PT_SYSCALLID = 18,
        RTI_PT_SIGTYPE = 19,
        RTI_PT_RELTIME = 20,
        RTI_PT_ABSTIME = 21,
        RTI_PT_PORT = 22,
        RTI_PT_L4PROTO = 23,
        RTI_PT_SOCKFAMILY = 24,
        RTI_PT_BOOL = 25,
        RTI_PT_IPV4ADDR = 26,
        RTI_PT_DYN = 27,
        RTI_PT_FLAGS8 = 28,
        RTI_PT_FLAGS16 = 29,
        RTI_PT_FLAGS32 = 30,
        RTI_PT_UID = 31,
        RTI_PT_GID = 32,
        RTI_PT_DOUBLE = 33,
        RTI_PT_SIGSET = 34,
        RTI_PT_CHARBUFARRAY = 35,
        RTI_PT_CHARBUF_PAIR_ARRAY = 36,
        RTI_PT_IPV4NET = 37,
        RTI_PT_IPV6ADDR = 38,
        RTI_PT_IPV6NET = 39,
        RTI_PT_IPADDR = 40,
        RTI_PT_IPNET = 41,
        RTI_PT_MODE = 42,
        RTI_PT_FSRELPATH = 43,
        RTI_PT_ENUMFLAGS8 = 44,
        RTI_PT_ENUMFLAGS16 = 45,
        RTI_PT_ENUMFLAGS32 = 46,
        RTI_PT_FD32 = 47,
        RTI_PT_PID32 = 48
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
       RTI_EO_METAEVENT = 1 << 3
};

enum { RTI_NO_PARAM = 0xff, RTI_MOST_PARAMS = 32, RTI_NO_TABLE = 0xff };

typedef struct rti_param_info {
        uint16_t name;  /* see rti_param_name */
        uint8_t type;   /* enum rti_param_type */
        uint8_t format; /* RT_FORMAT_* */
        uint8_t table;  /* which names its values have: number of a table of flags.def */
        uint8_t dirfd;  /* the parameter that a relative path starts from, or RTI_NO_PARAM */
} rti_param_info;

typedef struct rti_event_info {
        const char *name;   /* "openat" */
        const char *params; /* "fd:fd:dec name:fspath ..." */
        uint8_t exit;       /* 1: the exit half */
        uint8_t category;   /* enum rti_event_category */
        uint8_t origin;     /* RTI_EO_* */
        uint8_t n_params;
        uint16_t first_param; /* of rti_params */
        uint16_t flags;       /* RTI_EF_* */
} rti_event_info;

extern const rti_event_info rti_events[RTI_N_EVENT_CODES];
extern const rti_param_info rti_params[];

rt_str rti_param_name(const rti_param_info *param);

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
