/* SPDX-License-Identifier: Apache-2.0 */
/* sys_fields.h - read fields of system call events out of a state made by hand. */
#ifndef TESTS_SUPPORT_SYS_FIELDS_H
#define TESTS_SUPPORT_SYS_FIELDS_H

#include "base/buf.h"
#include "engine/frame.h"
#include "sources/syscall/codes.h"
#include "sources/syscall/syscall.h"

typedef struct sys_world {
        rti_sys sys;
        rti_arena memory;
        rti_frame frame;
        rt_event event;
        rti_buf text;
} sys_world;

static inline int
sys_world_init(sys_world *w)
{
        *w = (sys_world){ .sys = { .allocator = &rti_alloc_default } };
        rti_arena_init(&w->memory, &rti_alloc_default, 0);
        rti_buf_init(&w->text, &rti_alloc_default, 0);
        w->frame.memory = &w->memory;
        w->event = (rt_event){ .size = sizeof w->event, .scratch = &w->frame };
        return rti_state_init(&w->sys.state, &rti_alloc_default, 64 * 1024 * 1024, 32 * 1024);
}

static inline void
sys_world_done(sys_world *w)
{
        rti_state_done(&w->sys.state);
        rti_arena_done(&w->memory);
        rti_buf_done(&w->text);
}

/* The next event is one of @a tid; its descriptor is @a num of its table, none with INT64_MIN. */
static inline void
sys_world_event(sys_world *w, uint16_t type, int64_t tid, int64_t num)
{
        rti_sysevt *evt = &w->sys.evt;

        rti_arena_reset(&w->memory);
        *evt = (rti_sysevt){ .type = type,
                             .info = &rti_events[type],
                             .tid = tid,
                             .time_ns = 1000,
                             .thread = rti_threads_find(&w->sys.state.threads, tid),
                             .fd_num = -1 };
        if (num == INT64_MIN)
                return;
        evt->flags = RTI_SE_HAS_FD;
        evt->fd_num = num;
        if (evt->thread && rti_thread_fds(evt->thread))
                evt->fd = rti_fds_find(rti_thread_fds(evt->thread), num);
}

static inline void
sys_world_put(rti_buf *buf, const rt_value *value)
{
        char room[RTI_TUPLE_ROOM];

        switch (value->kind) {
        case RT_KIND_STRING:
                rti_buf_add(buf, value->as.s);
                break;
        case RT_KIND_INT32:
        case RT_KIND_INT64:
                rti_buf_printf(buf, "%lld", (long long) value->as.i);
                break;
        case RT_KIND_DOUBLE:
                rti_buf_printf(buf, "%g", value->as.d);
                break;
        case RT_KIND_BOOL:
                rti_buf_add_text(buf, value->as.u ? "true" : "false");
                break;
        case RT_KIND_IPADDR:
        case RT_KIND_IPNET:
                rti_buf_add(buf, (rt_str){ room, value->count == 16
                                                         ? rti_print_ip6(room, value->as.ip)
                                                         : rti_print_ip4(room, value->as.ip) });
                break;
        case RT_KIND_LIST:
                rti_buf_add_char(buf, '(');
                for (uint32_t i = 0; i < value->count; i++) {
                        if (i > 0)
                                rti_buf_add_char(buf, ',');
                        sys_world_put(buf, &value->as.list[i]);
                }
                rti_buf_add_char(buf, ')');
                break;
        default:
                rti_buf_add_u64(buf, value->as.u);
        }
}

/* "f", "f[arg]", or "f*" for all values of a field of which one has to pass. */
static inline rt_slot_desc
sys_world_slot(const char *text)
{
        const size_t name = strcspn(text, "[*");
        rt_slot_desc slot = { .field = { text, name } };
        uint64_t index = 0;
        size_t i = 0;

        if (text[name] == '*')
                slot.arg = RT_ARG_ANY;
        if (text[name] != '[')
                return slot;
        slot.key = (rt_str){ text + name + 1, strlen(text + name) - 2 };
        for (; i < slot.key.len && slot.key.ptr[i] >= '0' && slot.key.ptr[i] <= '9'; i++)
                index = index * 10 + (uint64_t) (slot.key.ptr[i] - '0');
        slot.index = index;
        slot.arg = i == slot.key.len && !rti_str_is(slot.field, "proc.aenv") ? RT_ARG_INDEX
                                                                             : RT_ARG_KEY;
        return slot;
}

/* The field's text in the event at hand; "-": missing, "?": an error. */
static inline const char *
sys_world_read(sys_world *w, const char *field)
{
        const rt_slot_desc desc = sys_world_slot(field);
        rti_sys_slot slot;
        rt_value value;
        int r = rti_sys_prepare(&w->sys, &desc, &slot);

        rti_buf_clear(&w->text);
        r = r < 0 ? r : slot.read(&w->sys, &w->event, &slot, &value);
        if (r == 1)
                sys_world_put(&w->text, &value);
        else
                rti_buf_add_char(&w->text, r == 0 ? '-' : '?');
        rti_buf_add_char(&w->text, '\0');
        return w->text.ptr;
}

#endif
