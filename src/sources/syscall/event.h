/* SPDX-License-Identifier: Apache-2.0 */
/*
 * event.h - one event of the system call source: parameters, and what the state made of it.
 *
 * A capture, the converter and the live kernel all end in this one shape, so that state and fields
 * know one kind of event. Parameters are slices of the capture's bytes (or of the converter's
 * buffer) and live until the next event.
 */
#ifndef RTI_SYSCALL_EVENT_H
#define RTI_SYSCALL_EVENT_H

#include "base/str.h"
#include "lang/events.h"

typedef struct rti_thread rti_thread;
typedef struct rti_fd rti_fd;

enum {                               /* rti_sysevt.flags */
       RTI_SE_HIDDEN = 1 << 0,       /* numbered, but no rule sees it */
       RTI_SE_HAS_FD = 1 << 1,       /* fd_num means something: the fd.* fields exist */
       RTI_SE_NAME_CHANGED = 1 << 2, /* this event changed its descriptor's name */
       RTI_SE_REMOVE_FD = 1 << 3,    /* after evaluation: close(fd_num) */
       RTI_SE_REMOVE_THREAD = 1 << 4 /* after evaluation: the thread is gone */
};

typedef struct rti_sysevt {
        uint64_t time_ns;
        uint64_t number; /* evt.num */
        int64_t tid;
        uint16_t type; /* code of events.def */
        uint16_t cpu;
        uint32_t flags; /* RTI_SE_* */
        uint32_t n_params;
        const rti_event_info *info;
        rt_str param[RTI_MOST_PARAMS]; /* length 0: empty, no value; those >= n_params are empty */

        /* Set by rti_state_apply. */
        rti_thread *thread;  /* of tid, NULL: none */
        int64_t fd_num;      /* -1: none */
        rti_fd *fd;          /* NULL: not in the table */
        const rt_str *enter; /* parameters of the passed enter half of the same thread, or NULL */
        uint32_t n_enter;
        uint16_t enter_type;
        rt_str name; /* fd.name without an fd, which fields set; ptr NULL: not asked for yet */
} rti_sysevt;

/* ---- reading parameters; a wrong length reads as @a otherwise ---- */

static inline int64_t
rti_arg_i64(const rti_sysevt *evt, uint32_t i, int64_t otherwise)
{
        int64_t value;

        if (i >= evt->n_params || evt->param[i].len != sizeof value)
                return otherwise;
        memcpy(&value, evt->param[i].ptr, sizeof value);
        return value;
}

static inline uint32_t
rti_arg_u32(const rti_sysevt *evt, uint32_t i, uint32_t otherwise)
{
        uint32_t value;

        if (i >= evt->n_params || evt->param[i].len != sizeof value)
                return otherwise;
        memcpy(&value, evt->param[i].ptr, sizeof value);
        return value;
}

static inline rt_str
rti_arg(const rti_sysevt *evt, uint32_t i)
{
        return i < evt->n_params ? evt->param[i] : (rt_str){ NULL, 0 };
}

/* Text up to its NUL. Empty (length 0) and "(NULL)" read as "<NA>", as the reference has it. */
rt_str rti_param_text(rt_str param);

static inline rt_str
rti_arg_text(const rti_sysevt *evt, uint32_t i)
{
        return rti_param_text(rti_arg(evt, i));
}

/* The return value: false where the event has none (state-engine: exit events of category syscall
 * with at least one parameter, generic ones aside). */
bool rti_sysevt_result(const rti_sysevt *evt, int64_t *ret_result);

#endif
