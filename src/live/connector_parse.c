/* SPDX-License-Identifier: Apache-2.0 */
/*
 * connector_parse.c - messages of the kernel's process connector.
 *
 * Nothing is aligned: the event stands 36 bytes behind the beginning, its time wants 8. So members
 * are copied out by their offsets.
 */
#include "live/connector.h"
#include <libruntime/types.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <stddef.h>
#include <string.h>

enum {
        WHAT_ACK = 0,
        WHAT_FORK = 1,
        WHAT_EXEC = 2,
        WHAT_UID = 4,
        WHAT_GID = 0x40,
        WHAT_SID = 0x80,
        WHAT_COMM = 0x200
};
#define WHAT_EXIT 0x80000000u

#define DATA_AT offsetof(struct proc_event, event_data)

/* Bytes that the event's own part must have. */
typedef struct shape {
        uint32_t what;
        enum connector_kind kind;
        uint32_t bytes;
} shape;

static const shape shapes[] = {
        { WHAT_ACK, CONNECTOR_ACK, 4 },    { WHAT_FORK, CONNECTOR_FORK, 16 },
        { WHAT_EXEC, CONNECTOR_EXEC, 8 },  { WHAT_UID, CONNECTOR_UID, 16 },
        { WHAT_GID, CONNECTOR_GID, 16 },   { WHAT_SID, CONNECTOR_SID, 8 },
        { WHAT_COMM, CONNECTOR_COMM, 24 }, { WHAT_EXIT, CONNECTOR_EXIT, 16 },
};

enum { EXIT_WITH_PARENT_BYTES = 24 };

static uint32_t
u32_at(rt_str bytes, size_t at)
{
        uint32_t v = 0;

        if (at + sizeof v <= bytes.len)
                memcpy(&v, bytes.ptr + at, sizeof v);
        return v;
}

static void
take_data(rt_str data, connector_event *event)
{
        const bool forked = event->kind == CONNECTOR_FORK;

        if (event->kind == CONNECTOR_ACK) {
                event->value = u32_at(data, 0);
                return;
        }
        event->tid = u32_at(data, forked ? 8 : 0);
        event->pid = u32_at(data, forked ? 12 : 4);
        if (forked)
                event->parent = u32_at(data, 4);
        if (event->kind == CONNECTOR_UID || event->kind == CONNECTOR_GID)
                event->value = u32_at(data, 12);
        if (event->kind == CONNECTOR_COMM)
                memcpy(event->comm, data.ptr + 8, sizeof event->comm);
        if (event->kind != CONNECTOR_EXIT)
                return;
        event->value = u32_at(data, 8);
        if (data.len >= EXIT_WITH_PARENT_BYTES) /* from 4.18 on */
                event->parent = u32_at(data, 20);
}

static int
take_event(rt_str bytes, connector_event *event)
{
        const uint32_t what = u32_at(bytes, offsetof(struct proc_event, what));
        rt_str data;

        if (bytes.len < DATA_AT)
                return RT_EFORMAT;
        data = (rt_str){ bytes.ptr + DATA_AT, bytes.len - DATA_AT };
        event->cpu = u32_at(bytes, offsetof(struct proc_event, cpu));
        memcpy(&event->time_ns, bytes.ptr + offsetof(struct proc_event, timestamp_ns),
               sizeof event->time_ns);
        event->kind = CONNECTOR_OTHER;
        for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
                if (shapes[i].what != what)
                        continue;
                if (data.len < shapes[i].bytes)
                        return RT_EFORMAT;
                event->kind = shapes[i].kind;
                take_data(data, event);
        }
        return 1;
}

/* The connector's own header, behind netlink's. */
static int
take_message(rt_str bytes, connector_event *event)
{
        struct cn_msg head;

        if (bytes.len < sizeof head)
                return RT_EFORMAT;
        memcpy(&head, bytes.ptr, sizeof head);
        if (head.id.idx != CN_IDX_PROC || head.id.val != CN_VAL_PROC
            || head.len > bytes.len - sizeof head)
                return RT_EFORMAT;
        event->seq = head.seq;
        event->ack = head.ack;
        return take_event((rt_str){ bytes.ptr + sizeof head, head.len }, event);
}

int
rti_connector_take(rt_str *bytes, connector_event *ret_event)
{
        connector_event event = { 0 };
        struct nlmsghdr head;
        size_t step;
        int r;

        if (!bytes->len)
                return 0;
        if (bytes->len < sizeof head)
                goto damaged;
        memcpy(&head, bytes->ptr, sizeof head);
        if (head.nlmsg_len < sizeof head || head.nlmsg_len > bytes->len)
                goto damaged;
        r = take_message((rt_str){ bytes->ptr + sizeof head, head.nlmsg_len - sizeof head },
                         &event);
        if (r < 0)
                goto damaged;
        step = ((size_t) head.nlmsg_len + NLMSG_ALIGNTO - 1) & ~(size_t) (NLMSG_ALIGNTO - 1);
        step = step < bytes->len ? step : bytes->len;
        *bytes = (rt_str){ bytes->ptr + step, bytes->len - step };
        *ret_event = event;
        return 1;

damaged:
        *bytes = (rt_str){ bytes->ptr, 0 };
        return RT_EFORMAT;
}
