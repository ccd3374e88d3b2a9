/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scap_build.h - captures made by hand, of every version, for tests and fuzz seeds; and the events
 * that come out of one, written down.
 *
 * In contrast to a writer of captures this can write what none writes any more, and what is wrong.
 */
#ifndef TESTS_SUPPORT_SCAP_BUILD_H
#define TESTS_SUPPORT_SCAP_BUILD_H

#include "base/buf.h"
#include "engine/input.h"
#include "sources/syscall/scap/scap.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { SCAP_V2 = 0x216, SCAP_V2_FLAGS = 0x217, SCAP_V1 = 0x204, SCAP_V1_FLAGS = 0x208 };

/* ---- bytes ---- */

static inline void
scap_put(rti_buf *buf, const void *bytes, size_t n)
{
        rti_buf_add(buf, (rt_str){ bytes, n });
}

#define SCAP_PUT(buf, type, value)                   \
        do {                                         \
                const type put_ = (type) (value);    \
                scap_put((buf), &put_, sizeof put_); \
        } while (0)

static inline void
scap_put_text(rti_buf *buf, rt_str text)
{
        SCAP_PUT(buf, uint16_t, text.len);
        rti_buf_add(buf, text);
}

static inline void
scap_block(rti_buf *buf, uint32_t type, rt_str body)
{
        const size_t padding = (size_t) -body.len & 3;
        const uint32_t len = (uint32_t) (12 + body.len + padding);

        SCAP_PUT(buf, uint32_t, type);
        SCAP_PUT(buf, uint32_t, len);
        rti_buf_add(buf, body);
        rti_buf_add(buf, (rt_str){ "\0\0\0", padding });
        SCAP_PUT(buf, uint32_t, len);
}

static inline void
scap_block_of(rti_buf *buf, uint32_t type, rti_buf *body)
{
        scap_block(buf, type, rti_buf_str(body));
        rti_buf_done(body);
}

static inline rti_buf
scap_body(void)
{
        rti_buf body;

        rti_buf_init(&body, &rti_alloc_default, 0);
        return body;
}

/* ---- blocks ---- */

static inline void
scap_section(rti_buf *buf)
{
        rti_buf body = scap_body();

        SCAP_PUT(&body, uint32_t, 0x1a2b3c4d);
        SCAP_PUT(&body, uint16_t, 1);
        SCAP_PUT(&body, uint16_t, 2);
        SCAP_PUT(&body, uint64_t, UINT64_MAX);
        scap_block_of(buf, 0x0a0d0d0a, &body);
}

static inline void
scap_machine(rti_buf *buf, const char *hostname)
{
        rti_buf body = scap_body();
        char name[128] = "";

        memcpy(name, hostname, strnlen(hostname, sizeof name));
        SCAP_PUT(&body, uint32_t, 4);
        SCAP_PUT(&body, uint64_t, 1 << 30);
        SCAP_PUT(&body, uint64_t, 32768);
        scap_put(&body, name, sizeof name);
        SCAP_PUT(&body, uint64_t, 1000);
        for (int i = 0; i < 3; i++)
                SCAP_PUT(&body, uint64_t, 0);
        scap_block_of(buf, 0x201, &body);
}

/* The members that a process entry has from @a version on; @a tail: how many of the bytes behind
 * `root` version 9 has (all: 76). */
static inline void
scap_process(rti_buf *buf, uint32_t version, const rti_proc_entry *entry, size_t tail)
{
        rti_buf body = scap_body(), end = scap_body();

        SCAP_PUT(&body, int64_t, entry->tid);
        SCAP_PUT(&body, int64_t, entry->pid);
        SCAP_PUT(&body, int64_t, entry->ptid);
        if (version >= 6)
                SCAP_PUT(&body, int64_t, entry->sid);
        if (version >= 8)
                SCAP_PUT(&body, int64_t, entry->vpgid);
        scap_put_text(&body, entry->comm);
        scap_put_text(&body, entry->exe);
        if (version >= 7)
                scap_put_text(&body, entry->exepath);
        scap_put_text(&body, entry->args);
        scap_put_text(&body, entry->cwd);
        SCAP_PUT(&body, int64_t, entry->fdlimit);
        SCAP_PUT(&body, uint32_t, entry->flags);
        SCAP_PUT(&body, uint32_t, entry->uid);
        SCAP_PUT(&body, uint32_t, entry->gid);
        if (version >= 2) {
                SCAP_PUT(&body, uint32_t, entry->vmsize_kb);
                SCAP_PUT(&body, uint32_t, entry->vmrss_kb);
                SCAP_PUT(&body, uint32_t, entry->vmswap_kb);
                SCAP_PUT(&body, uint64_t, entry->pfmajor);
                SCAP_PUT(&body, uint64_t, entry->pfminor);
        }
        if (version >= 3)
                scap_put_text(&body, entry->env);
        if (version >= 4) {
                SCAP_PUT(&body, int64_t, entry->vtid);
                SCAP_PUT(&body, int64_t, entry->vpid);
                scap_put_text(&body, entry->cgroups);
        }
        if (version >= 5)
                scap_put_text(&body, entry->root);
        if (version >= 9) {
                SCAP_PUT(&end, uint64_t, entry->pidns_init_start_ns);
                SCAP_PUT(&end, uint32_t, entry->tty);
                SCAP_PUT(&end, uint32_t, entry->loginuid);
                SCAP_PUT(&end, uint8_t, entry->exe_writable);
                SCAP_PUT(&end, uint64_t, entry->cap_inheritable);
                SCAP_PUT(&end, uint64_t, entry->cap_permitted);
                SCAP_PUT(&end, uint64_t, entry->cap_effective);
                SCAP_PUT(&end, uint8_t, entry->exe_upper_layer);
                SCAP_PUT(&end, uint64_t, entry->exe_ino);
                SCAP_PUT(&end, uint64_t, entry->exe_ino_ctime);
                SCAP_PUT(&end, uint64_t, entry->exe_ino_mtime);
                SCAP_PUT(&end, uint8_t, entry->exe_from_memfd);
                SCAP_PUT(&end, uint8_t, entry->exe_lower_layer);
                SCAP_PUT(&end, int64_t, entry->pgid);
                rti_buf_add(&body,
                            rti_str_sub(rti_buf_str(&end), 0, tail < end.len ? tail : end.len));
                SCAP_PUT(buf, uint32_t, body.len + 4);
        }
        rti_buf_add(buf, rti_buf_str(&body));
        rti_buf_done(&body);
        rti_buf_done(&end);
}

/* A block with one ordinary process. */
static inline void
scap_one_process(rti_buf *buf, int64_t tid, const char *comm)
{
        const rti_proc_entry entry = { .tid = tid,
                                       .pid = tid,
                                       .ptid = 1,
                                       .vtid = tid,
                                       .vpid = tid,
                                       .comm = rti_str_of(comm),
                                       .exe = rti_str_of(comm),
                                       .exepath = RTI_STR("/bin/prog"),
                                       .cwd = RTI_STR("/root/") };
        rti_buf body = scap_body();

        scap_process(&body, 9, &entry, SIZE_MAX);
        scap_block_of(buf, 0x215, &body);
}

/* The event's own bytes as they stand in a block of @a type. */
static inline void
scap_event_bytes(rti_buf *body, uint32_t type, const rti_sysevt *evt)
{
        const bool v2 = type == 0x216 || type == 0x217 || type == 0x221 || type == 0x222;
        const bool flags = type == 0x217 || type == 0x208 || type == 0x222;
        const bool large =
                evt->type < RTI_N_EVENT_CODES && rti_events[evt->type].flags & RTI_EF_LARGE_PAYLOAD;
        size_t len = v2 ? 26 : 22;

        for (uint32_t i = 0; i < evt->n_params; i++)
                len += (large ? 4 : 2) + evt->param[i].len;
        SCAP_PUT(body, uint16_t, evt->cpu);
        if (flags)
                SCAP_PUT(body, uint32_t, 0);
        SCAP_PUT(body, uint64_t, evt->time_ns);
        SCAP_PUT(body, int64_t, evt->tid);
        SCAP_PUT(body, uint32_t, len);
        SCAP_PUT(body, uint16_t, evt->type);
        if (v2)
                SCAP_PUT(body, uint32_t, evt->n_params);
        for (uint32_t i = 0; i < evt->n_params; i++)
                if (large)
                        SCAP_PUT(body, uint32_t, evt->param[i].len);
                else
                        SCAP_PUT(body, uint16_t, evt->param[i].len);
        for (uint32_t i = 0; i < evt->n_params; i++)
                rti_buf_add(body, evt->param[i]);
}

static inline void
scap_event(rti_buf *buf, uint32_t type, const rti_sysevt *evt)
{
        rti_buf body = scap_body();

        scap_event_bytes(&body, type, evt);
        scap_block_of(buf, type, &body);
}

/* An event whose parameters are written as text: "q5" is 8 bytes of 5, "d5" 4, "w5" 2, "b5" one,
 * "sTEXT" text with its NUL, "-" nothing; blanks between them. @a store holds the values. */
static inline rti_sysevt
scap_make(uint16_t type, int64_t tid, const char *params, char store[512])
{
        rti_sysevt evt = { .type = type, .tid = tid, .time_ns = 5000 };
        char *to = store;

        while (params && *params) {
                const size_t len = strcspn(params, " ");
                const int64_t number = strtoll(params + 1, NULL, 10);
                size_t n = *params == 'q' ? 8 : *params == 'd' ? 4 : *params == 'w' ? 2 : 1;

                if (*params == 's') {
                        n = len;
                        memcpy(to, params + 1, len - 1);
                        to[len - 1] = '\0';
                } else if (*params == '-') {
                        n = 0;
                } else {
                        memcpy(to, &number, n);
                }
                evt.param[evt.n_params++] = (rt_str){ to, n };
                to += n;
                params += len;
                params += *params == ' ';
        }
        return evt;
}

static inline void
scap_add(rti_buf *buf, uint32_t block, uint16_t type, int64_t tid, const char *params)
{
        char store[512];
        const rti_sysevt evt = scap_make(type, tid, params, store);

        scap_event(buf, block, &evt);
}

/* A small capture with lists, state and @a n pairs of events of today. */
static inline void
scap_sample(rti_buf *buf, unsigned n)
{
        enum { OPENAT_2_X = 307, CLOSE_X = 5 };

        scap_section(buf);
        scap_machine(buf, "host");
        scap_one_process(buf, 7, "cat");
        for (unsigned i = 0; i < n; i++) {
                scap_add(buf, SCAP_V2, OPENAT_2_X, 7, "q3 q-100 s/etc/shadow d1 d0 d0 q5");
                scap_add(buf, SCAP_V2_FLAGS, CLOSE_X, 7, "q0 q3");
        }
}

/* ---- what comes out ---- */

typedef struct scap_run {
        rti_state state;
        rti_scap scap;
        rt_input input;
        rti_sysevt evt;
        rt_str bytes; /* not read yet */
        size_t step;  /* bytes a read */
        bool pauses;  /* every other read gives RT_EAGAIN */
        bool paused;
        size_t n_events, n_hidden, n_skipped, n_pauses;
        uint64_t skipped_at; /* the first */
        char skipped[64];    /* the first */
        int result;
        void (*on_event)(struct scap_run *run);
        void *user;
} scap_run;

static inline int64_t
scap_run_read(void *state, void *buffer, size_t size_bytes)
{
        scap_run *run = state;
        size_t n = run->step < run->bytes.len ? run->step : run->bytes.len;

        run->paused = run->pauses && !run->paused;
        if (run->paused)
                return RT_EAGAIN;
        n = n < size_bytes ? n : size_bytes;
        if (n)
                memcpy(buffer, run->bytes.ptr, n);
        run->bytes = rti_str_sub(run->bytes, n, run->bytes.len);
        return (int64_t) n;
}

static inline void
scap_run_skipped(const char *input, uint64_t offset, const char *what, void *user)
{
        scap_run *run = user;

        (void) input;
        if (run->n_skipped++ == 0) {
                run->skipped_at = offset;
                snprintf(run->skipped, sizeof run->skipped, "%s", what);
        }
}

static inline int
scap_run_init(scap_run *run, const rt_allocator *allocator)
{
        int r;

        *run = (scap_run){ .step = 0 };
        run->input = (rt_input){ .allocator = &rti_alloc_default,
                                 .max_record_bytes = 1024 * 1024,
                                 .on_skipped = scap_run_skipped,
                                 .on_skipped_user = run };
        r = rti_state_init(&run->state, allocator, 8 * 1024 * 1024, 1024);
        return r < 0 ? r : rti_scap_init(&run->scap, allocator, &run->state);
}

/* Read all of @a bytes, @a step at a time (0: from memory), through the state. */
static inline void
scap_run_over(scap_run *run, rt_str bytes, size_t step)
{
        static const rt_reader_ops reader = { .size = sizeof(rt_reader_ops),
                                              .name = "test",
                                              .read = scap_run_read };

        run->bytes = bytes;
        run->step = step;
        run->n_events = run->n_hidden = run->n_skipped = run->n_pauses = 0;
        if (step > 0)
                rti_input_reader(&run->input, "test", &reader, run);
        else
                rti_input_memory(&run->input, "test", bytes);
        rti_scap_restart(&run->scap);
        for (;;) {
                run->result = rti_scap_next(&run->scap, &run->input, &run->evt);
                run->n_pauses += run->result == 0;
                if (run->result < 0)
                        break;
                if (run->result == 0)
                        continue;
                run->n_events++;
                run->n_hidden += run->evt.flags & RTI_SE_HIDDEN ? 1 : 0;
                run->result = rti_state_apply(&run->state, &run->evt);
                if (run->result < 0)
                        break;
                if (run->on_event)
                        run->on_event(run);
                rti_state_settle(&run->state, &run->evt);
        }
        rti_input_close(&run->input);
}

static inline void
scap_run_done(scap_run *run)
{
        rti_input_done(&run->input);
        rti_scap_done(&run->scap);
        rti_state_done(&run->state);
}

#endif
