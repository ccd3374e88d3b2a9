/* SPDX-License-Identifier: Apache-2.0 */
/*
 * syscall.h - one instance of the system call source, and how its fields are read.
 *
 * A field's row of fields.def belongs to the class of its name ("evt", "proc" ...). Each class is
 * one file below fields/ with one reader; demand prepares a rti_sys_slot for every (field,
 * argument) that rules ask for, so that reading looks nothing up.
 */
#ifndef RTI_SYSCALL_SYSCALL_H
#define RTI_SYSCALL_SYSCALL_H

#include "sources/syscall/scap/scap.h"
#include <libruntime/version.h>

typedef struct rti_sys rti_sys;
typedef struct rti_sys_slot rti_sys_slot;

/* @return 1: *ret_value is set, 0: the event has no such field, RT_E*. */
typedef int rti_sys_read(rti_sys *sys, const rt_event *event, rti_sys_slot *slot,
                         rt_value *ret_value);

struct rti_sys_slot {
        rti_sys_read *read;
        uint32_t field; /* enum rti_sys_field */
        uint32_t arg;   /* RT_ARG_* */
        uint32_t kind;  /* RT_KIND_* of the field */
        uint64_t index;
        rt_str key;       /* borrowed from the demand */
        uint64_t last_ns; /* evt.deltatime: when this occurrence was read last */
        uint64_t aux;     /* what prepare made of the argument */
};

/* Everything in fields.def and container_fields.def, in that order. */
enum rti_sys_field {
#define FIELD(id, ...) RTI_SYS_##id,
#include "sources/syscall/fields.def"
#include "sources/syscall/container_fields.def"
#undef FIELD
        RTI_N_SYS_FIELDS
};

struct rti_sys {
        const rt_allocator *allocator;
        rti_state state;
        rti_scap scap;
        rti_sysevt evt;
        rti_sys_slot *slots;
        size_t n_slots;
        const uint64_t *event_types; /* of the demand: which events are worth returning */
        size_t n_event_words;
        uint64_t counter; /* util.cnt */
        bool pending;     /* evt was returned and is not settled yet */
};

/* ---- what the host of plug-ins does with an instance, behind rt_source_ops.inside ---- */

/* A host that was built with other structures leaves the instance alone. */
#define RTI_SYS_LAYOUT                                                             \
        ((uint64_t) RT_VERSION_NUMBER << 40 ^ (uint64_t) sizeof(rti_sys) << 24     \
         ^ (uint64_t) sizeof(rti_state) << 16 ^ (uint64_t) sizeof(rti_thread) << 8 \
         ^ sizeof(rti_fd))

typedef struct rti_sys_inside {
        uint64_t layout; /* RTI_SYS_LAYOUT */
        /* Give @a event as the next one, between two events of the input: @a bytes as in a capture
         * of today. 1, RT_E*. */
        int (*inject)(rti_sys *sys, rt_input *input, rt_str bytes, rt_event *event);
        rti_thread *(*find)(const rti_threads *threads, int64_t tid);
        rti_thread *(*next)(const rti_threads *threads, uint32_t *at);
        rti_thread *(*add)(rti_threads *threads, int64_t tid);
        void (*set_invalid)(rti_threads *threads, rti_thread *thread, bool invalid);
        void (*drop)(rti_state *state, rti_thread *thread);
        void (*die)(rti_state *state, rti_thread *thread, int64_t reaper);
        void (*link)(rti_state *state, rti_thread *thread);
        uint64_t (*subject)(rti_state *state, rti_thread *thread);
        rti_fds *(*fds)(rti_state *state, rti_thread *thread);
        rti_fd *(*find_fd)(const rti_fds *fds, int64_t num);
        rti_fd *(*next_fd)(const rti_fds *fds, uint32_t *at);
        rti_fd *(*add_fd)(rti_pool *pool, rti_fds *fds, int64_t num);
        void (*remove_fd)(rti_pool *pool, rti_fds *fds, int64_t num);
        int (*set_text)(rti_pool *pool, rti_text **text, rt_str s);
        rti_text *(*new_text)(rti_pool *pool, size_t len);
        void (*drop_text)(rti_pool *pool, rti_text *text);
} rti_sys_inside;

/* Which reader a field has; RT_ENOENT: the field is known but nothing here reads it. Each class
 * turns the argument into slot->aux where that saves work. */
int rti_sys_prepare(rti_sys *sys, const rt_slot_desc *desc, rti_sys_slot *ret_slot);

/* For the fields of the groups "evt (syscall)", "fs.path" and "util": rti_prepare_evt (evt.h) sets
 * reader and argument. */
rti_sys_read rti_read_evt, rti_read_evt_args, rti_read_proc, rti_read_thread_group, rti_read_user,
        rti_read_fd, rti_read_fspath, rti_read_fdlist, rti_read_container;

/* ---- rendering of arguments (fields/args*.c), spec output.md 1.1 and 1.3 ---- */

/* Texts live in the event's memory. The value's text, and the resolved one (ptr NULL: none). */
int rti_arg_render(rti_sys *sys, const rt_event *event, uint32_t param, rt_str *ret_text,
                   rt_str *ret_resolved);

/* ---- small helpers for readers ---- */
static inline int
rti_give_str(rt_value *ret_value, rt_str s)
{
        *ret_value = (rt_value){ .kind = RT_KIND_STRING, .as.s = s };
        return 1;
}

static inline int
rti_give_u64(rt_value *ret_value, uint32_t kind, uint64_t u)
{
        *ret_value = (rt_value){ .kind = kind, .as.u = u };
        return 1;
}

static inline int
rti_give_i64(rt_value *ret_value, uint32_t kind, int64_t i)
{
        *ret_value = (rt_value){ .kind = kind, .as.i = i };
        return 1;
}

/* A copy in the event's memory, for what is put together. */
rt_str rti_sys_copy(const rt_event *event, rt_str s);

#endif
