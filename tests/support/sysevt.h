/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sysevt.h - one system call event put together by hand, and fields read of it.
 *
 * The machine has one process, tid 10, "bash", in /home/, and what the test adds.
 */
#ifndef TESTS_SUPPORT_SYSEVT_H
#define TESTS_SUPPORT_SYSEVT_H

#include "engine/frame.h"
#include "sources/syscall/codes.h"
#include "sources/syscall/fields/evt.h"
#include "sources/syscall/syscall.h"
#include <criterion/criterion.h>
#include <stdio.h>

typedef struct sysevt {
        rti_sys sys;
        rti_arena memory;
        rti_frame frame;
        rt_event event;
        rti_thread *thread;
        size_t used;
        char room[1 << 16]; /* bytes of parameters */
} sysevt;

static inline void
sysevt_init(sysevt *e)
{
        rti_state *state = &e->sys.state;

        *e = (sysevt){ 0 };
        rti_arena_init(&e->memory, &rti_alloc_default, 0);
        e->frame.memory = &e->memory;
        e->event.scratch = &e->frame;
        e->sys.allocator = &rti_alloc_default;
        cr_assert_eq(rti_state_init(state, &rti_alloc_default, 1 << 24, 100), RT_OK);
        e->thread = rti_threads_add(&state->threads, 10);
        cr_assert_not_null(e->thread);
        e->thread->pid = 10;
        e->thread->leader = e->thread;
        e->thread->fds = rti_fds_new(&state->pool);
        rti_text_set(&state->pool, &e->thread->comm, RTI_STR("bash"));
        rti_text_set(&state->pool, &e->thread->cwd, RTI_STR("/home/"));
}

static inline void
sysevt_done(sysevt *e)
{
        rti_state_done(&e->sys.state);
        rti_arena_done(&e->memory);
}

/* A new event of @a type, its parameters empty. */
static inline void
sysevt_begin(sysevt *e, uint16_t type)
{
        rti_arena_reset(&e->memory);
        e->used = 0;
        e->sys.evt = (rti_sysevt){ .type = type,
                                   .tid = 10,
                                   .info = &rti_events[type],
                                   .n_params = rti_events[type].n_params,
                                   .thread = e->thread,
                                   .fd_num = -1 };
}

static inline void
sysevt_put(sysevt *e, uint32_t param, const void *bytes, size_t len)
{
        cr_assert_lt(e->used + len, sizeof e->room);
        memcpy(e->room + e->used, bytes, len);
        e->sys.evt.param[param] = (rt_str){ e->room + e->used, len };
        e->used += len;
}

static inline void
sysevt_text(sysevt *e, uint32_t param, const char *text)
{
        sysevt_put(e, param, text, strlen(text) + 1);
}

static inline void
sysevt_i64(sysevt *e, uint32_t param, int64_t number)
{
        sysevt_put(e, param, &number, sizeof number);
}

static inline void
sysevt_u32(sysevt *e, uint32_t param, uint32_t number)
{
        sysevt_put(e, param, &number, sizeof number);
}

static inline rti_fd *
sysevt_fd(sysevt *e, int64_t num, uint8_t kind, const char *name)
{
        rti_fd *fd = rti_fds_add(&e->sys.state.pool, e->thread->fds, num);

        cr_assert_not_null(fd);
        fd->kind = kind;
        rti_text_set(&e->sys.state.pool, &fd->name, rti_str_of(name));
        return fd;
}

/* Read a field as rules do: 1, 0 or RT_E*. */
static inline int
sysevt_read(sysevt *e, enum rti_sys_field field, const char *key, rt_value *ret_value)
{
        rt_slot_desc desc = { .arg = key ? RT_ARG_KEY : RT_ARG_NONE, .key = rti_str_of(key) };
        rti_sys_slot slot = { .field = field, .arg = desc.arg, .key = desc.key };

        if (key && key[0] >= '0' && key[0] <= '9' && key[1] == 0) {
                desc.arg = slot.arg = RT_ARG_INDEX;
                desc.index = slot.index = (uint64_t) (key[0] - '0');
        }
        cr_assert_eq(rti_prepare_evt(&desc, &slot), RT_OK);
        return slot.read(&e->sys, &e->event, &slot, ret_value);
}

/* The same as text: "-" for a missing one. In memory that the next call takes. */
static inline const char *
sysevt_show(sysevt *e, enum rti_sys_field field, const char *key)
{
        static char text[8192];
        rt_value value = { 0 };
        const int r = sysevt_read(e, field, key, &value);

        if (r <= 0)
                snprintf(text, sizeof text, "%s", r ? "error" : "-");
        else if (value.kind >= RT_KIND_STRING && value.kind <= RT_KIND_BYTES)
                snprintf(text, sizeof text, "%.*s", RTI_FMT(value.as.s));
        else
                snprintf(text, sizeof text, "%lld", (long long) value.as.i);
        return text;
}

#endif
