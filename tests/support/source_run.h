/* SPDX-License-Identifier: Apache-2.0 */
/*
 * source_run.h - run a source over bytes and write down what comes out; for tests and fuzz targets.
 *
 * An event becomes a line of `events`: its offset and its time, then each field asked for, "-" for
 * a missing one. A report becomes a line of `skipped`: its offset and its text.
 */
#ifndef TESTS_SUPPORT_SOURCE_RUN_H
#define TESTS_SUPPORT_SOURCE_RUN_H

#include "base/buf.h"
#include "engine/frame.h"
#include "engine/input.h"
#include <inttypes.h>
#include <stdlib.h>

enum { SOURCE_RUN_FIELDS = 32 };

typedef struct source_run {
        const rt_source_ops *ops;
        void *state;
        size_t n_fields;
        rti_arena memory;
        rti_frame frame;
        rt_input input;
        rt_str bytes; /* not read yet */
        size_t step;  /* bytes a read */
        int broken;   /* what the last read returns; 0: the end */
        bool live;    /* each read is put off once: RT_EAGAIN */
        bool put_off;
        size_t n_events, n_skipped;
        int result;           /* of the last call of next */
        bool payloads, times; /* are part of the events' lines */
        rti_buf events, skipped;
} source_run;

static inline int64_t
source_run_read(void *state, void *buffer, size_t size_bytes)
{
        source_run *run = state;
        size_t n = run->step < run->bytes.len ? run->step : run->bytes.len;

        run->put_off = run->live && !run->put_off;
        if (run->put_off)
                return RT_EAGAIN;
        n = n < size_bytes ? n : size_bytes;
        if (n == 0)
                return run->broken;
        memcpy(buffer, run->bytes.ptr, n);
        run->bytes = rti_str_sub(run->bytes, n, run->bytes.len);
        return (int64_t) n;
}

static const rt_reader_ops source_run_reader = { .size = sizeof(rt_reader_ops),
                                                 .name = "test",
                                                 .read = source_run_read };

static inline void
source_run_skipped(const char *input, uint64_t offset, const char *what, void *user)
{
        source_run *run = user;

        (void) input;
        run->n_skipped++;
        rti_buf_printf(&run->skipped, "%" PRIu64 " %s\n", offset, what);
}

/* "f" or "f[arg]": the slot it asks for. */
static inline rt_slot_desc
source_run_slot(const char *text)
{
        const size_t name = strcspn(text, "[");
        rt_slot_desc slot = { .field = { text, name } };
        char *end;

        if (text[name] == '[') {
                slot.key = (rt_str){ text + name + 1, strlen(text + name) - 2 };
                slot.index = strtoull(slot.key.ptr, &end, 10);
                slot.arg = slot.key.len > 0 && end == slot.key.ptr + slot.key.len ? RT_ARG_INDEX
                                                                                  : RT_ARG_KEY;
        }
        return slot;
}

/* @a options and @a fields end with NULL; options are keys and values in turn. RT_E*. */
static inline int
source_run_init_with(source_run *run, const rt_allocator *allocator, const rt_source_ops *ops,
                     const char *const *options, const char *const *fields)
{
        rt_slot_desc slots[SOURCE_RUN_FIELDS];
        rt_option list[8];
        rt_source_config config = { .size = sizeof config,
                                    .options = list,
                                    .allocator = allocator };
        rt_demand demand = { .size = sizeof demand, .slots = slots, .slot_stride = sizeof *slots };
        int r;

        *run = (source_run){ .ops = ops, .payloads = true, .times = true };
        rti_arena_init(&run->memory, &rti_alloc_default, 0);
        rti_buf_init(&run->events, &rti_alloc_default, 0);
        rti_buf_init(&run->skipped, &rti_alloc_default, 0);
        run->frame.memory = &run->memory;
        run->input = (rt_input){ .allocator = &rti_alloc_default,
                                 .max_record_bytes = 1024 * 1024,
                                 .on_skipped = source_run_skipped,
                                 .on_skipped_user = run };
        for (; options && *options && config.n_options < RTI_COUNT(list); options += 2)
                list[config.n_options++] = (rt_option){ options[0], options[1] };
        for (; fields && *fields && demand.n_slots < SOURCE_RUN_FIELDS; fields++)
                slots[demand.n_slots++] = source_run_slot(*fields);
        run->n_fields = demand.n_slots;
        r = ops->create(&config, NULL, &run->state);
        return r < 0 ? r : ops->demand(run->state, &demand);
}

static inline int
source_run_init(source_run *run, const rt_source_ops *ops, const char *const *options,
                const char *const *fields)
{
        return source_run_init_with(run, &rti_alloc_default, ops, options, fields);
}

static inline void
source_run_value(rti_buf *buf, const rt_value *value)
{
        switch (value->kind) {
        case RT_KIND_STRING:
                rti_buf_add(buf, value->as.s);
                break;
        case RT_KIND_UINT64:
                rti_buf_add_u64(buf, value->as.u);
                break;
        case RT_KIND_LIST:
                rti_buf_add_char(buf, '(');
                for (uint32_t i = 0; i < value->count; i++) {
                        if (i > 0)
                                rti_buf_add_char(buf, ',');
                        source_run_value(buf, &value->as.list[i]);
                }
                rti_buf_add_char(buf, ')');
                break;
        default:
                rti_buf_printf(buf, "?kind %u", value->kind);
        }
}

static inline void
source_run_event(source_run *run, const rt_event *event)
{
        rti_buf *buf = &run->events;

        run->n_events++;
        rti_buf_printf(buf, "%" PRIu64, event->position);
        if (run->times)
                rti_buf_printf(buf, " %" PRIu64, event->time_ns);
        for (uint32_t i = 0; i < run->n_fields; i++) {
                rt_value value = { 0 };
                const int r = run->ops->extract(run->state, event, i, &value);

                rti_buf_add_char(buf, ' ');
                if (r == 1)
                        source_run_value(buf, &value);
                else
                        rti_buf_add_text(buf, r == 0 ? "-" : "?error");
        }
        if (run->payloads) {
                rti_buf_add_char(buf, ' ');
                rti_buf_add(buf, event->payload);
        }
        rti_buf_add_char(buf, '\n');
}

/* Read all of @a bytes as one input, @a step at a time (0: from memory). */
static inline void
source_run_over(source_run *run, rt_str bytes, size_t step)
{
        run->bytes = bytes;
        run->step = step;
        run->n_events = run->n_skipped = 0;
        rti_buf_clear(&run->events);
        rti_buf_clear(&run->skipped);
        if (step > 0)
                rti_input_reader(&run->input, "test", &source_run_reader, run);
        else
                rti_input_memory(&run->input, "test", bytes);
        run->ops->restart(run->state);
        for (;;) {
                rt_event event = { .size = sizeof event, .scratch = &run->frame };

                rti_arena_reset(&run->memory);
                run->result = run->ops->next(run->state, &run->input, &event);
                if (run->result == 1)
                        source_run_event(run, &event);
                else if (run->result != RT_EAGAIN && run->result != 0)
                        break;
        }
        rti_input_close(&run->input);
}

static inline void
source_run_done(source_run *run)
{
        if (run->state)
                run->ops->destroy(run->state);
        rti_input_done(&run->input);
        rti_arena_done(&run->memory);
        rti_buf_done(&run->events);
        rti_buf_done(&run->skipped);
}

/* What was written down, as a C string. */
static inline const char *
source_run_text(rti_buf *buf)
{
        char *end = rti_buf_reserve(buf, 1);

        if (!end)
                return "";
        *end = '\0';
        return buf->ptr;
}

#endif
