/* SPDX-License-Identifier: Apache-2.0 */
/* The source syscall as the engine sees it: which events it returns, and what it says of them. */
#include "sources/builtin.h"
#include "support/scap_build.h"
#include "support/source_run.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

enum { CLOSE_X = 5, OPENAT_2_X = 307, PROCINFO_E = 234, USER_ADDED_E = 354, ASYNC_E = 402 };

typedef struct instance {
        void *state;
        rt_input input;
        rti_arena memory;
        rti_frame frame;
        uint64_t types[RTI_EVENT_WORDS];
} instance;

static void
begin(instance *i, const char *const *fields, const int *types)
{
        const rt_source_config config = { .size = sizeof config, .allocator = &rti_alloc_default };
        rt_slot_desc slots[8];
        rt_demand demand = { .size = sizeof demand,
                             .slots = slots,
                             .slot_stride = sizeof *slots,
                             .event_types = i->types,
                             .n_event_words = RTI_EVENT_WORDS };

        *i = (instance){ .state = NULL };
        rti_arena_init(&i->memory, &rti_alloc_default, 0);
        i->frame.memory = &i->memory;
        i->input = (rt_input){ .allocator = &rti_alloc_default, .max_record_bytes = 1 << 20 };
        for (; types && *types >= 0; types++)
                i->types[*types / 64] |= (uint64_t) 1 << *types % 64;
        for (; fields && *fields; fields++)
                slots[demand.n_slots++] = source_run_slot(*fields);
        cr_assert_eq(rti_source_syscall.create(&config, NULL, &i->state), RT_OK);
        cr_assert_eq(rti_source_syscall.demand(i->state, &demand), RT_OK);
}

static void
open_bytes(instance *i, rti_buf *buf)
{
        rti_input_memory(&i->input, "memory", rti_buf_str(buf));
        rti_source_syscall.restart(i->state);
}

static int
next(instance *i, rt_event *event)
{
        rti_arena_reset(&i->memory);
        *event = (rt_event){ .size = sizeof *event, .scratch = &i->frame };
        return rti_source_syscall.next(i->state, &i->input, event);
}

static void
end(instance *i)
{
        rti_source_syscall.destroy(i->state);
        rti_input_done(&i->input);
        rti_arena_done(&i->memory);
}

Test(syscall, only_events_that_rules_look_at_are_returned)
{
        static const int types[] = { CLOSE_X, -1 };
        rti_buf buf = scap_body();
        rt_event event;
        instance i;

        scap_sample(&buf, 3);
        begin(&i, NULL, types);
        open_bytes(&i, &buf);
        for (uint64_t n = 2; n <= 6; n += 2) {
                cr_assert_eq(next(&i, &event), 1);
                cr_expect_eq(event.number, n);
                cr_expect_eq(event.type, CLOSE_X);
                cr_expect_eq(event.base_ns, 5000);
                cr_expect(event.flags & RT_EVENT_NUMBERED);
                cr_expect(rti_str_is(event.hostname, "host"));
                cr_expect_eq(event.async_type.len, 0);
                cr_expect_eq(memcmp(buf.ptr + event.position, "\x17\x02", 2), 0);
                cr_expect_eq(event.payload.ptr, buf.ptr + event.position + 8);
        }
        cr_expect_eq(next(&i, &event), RT_EOF);
        cr_expect_eq(event.number, 6, "what was not returned is counted");
        end(&i);
        rti_buf_done(&buf);
}

/* A host that wants to stop must not wait for a match. */
Test(syscall, among_many_events_that_nobody_wants_one_is_returned)
{
        rti_buf buf = scap_body();
        unsigned n = 0;
        rt_event event;
        instance i;

        scap_sample(&buf, 5000);
        begin(&i, NULL, NULL);
        open_bytes(&i, &buf);
        while (next(&i, &event) == 1)
                n++;
        cr_expect_eq(event.number, 10000);
        cr_expect_eq(n, 2);
        end(&i);
        rti_buf_done(&buf);
}

Test(syscall, hidden_events_are_not_returned)
{
        static const int types[] = { USER_ADDED_E, ASYNC_E, PROCINFO_E, 2, -1 };
        rti_buf buf = scap_body();
        rt_event event;
        instance i;

        scap_section(&buf);
        scap_add(&buf, SCAP_V2, USER_ADDED_E, -1, "d5 d5 sname shome sshell s");
        scap_add(&buf, 0x221, ASYNC_E, -1, "d1 sfirst sdata");
        scap_add(&buf, SCAP_V2, 2, 7, "s/x d1 d0");
        scap_add(&buf, SCAP_V2, CLOSE_X, 7, "q0 q3");
        scap_add(&buf, 0x221, ASYNC_E, -1, "d1 ssecond sdata");
        scap_add(&buf, SCAP_V2, PROCINFO_E, 7, "q1 q1");
        begin(&i, NULL, types);
        open_bytes(&i, &buf);
        cr_assert_eq(next(&i, &event), 1);
        cr_expect_eq(event.number, 5);
        cr_expect(rti_str_is(event.async_type, "second"));
        cr_assert_eq(next(&i, &event), 1);
        cr_expect(rti_str_is(event.async_type, "procinfo"), "others go by their name");
        cr_expect_eq(next(&i, &event), RT_EOF);
        end(&i);
        rti_buf_done(&buf);
}

Test(syscall, every_input_is_a_machine_of_its_own)
{
        static const char *const fields[] = { "proc.name", NULL };
        static const int types[] = { CLOSE_X, -1 };
        rti_buf first = scap_body(), second = scap_body();
        rt_value value;
        rt_event event;
        instance i;

        scap_sample(&first, 1);
        scap_section(&second);
        scap_add(&second, SCAP_V2, CLOSE_X, 7, "q0 q3");
        begin(&i, fields, types);
        open_bytes(&i, &first);
        cr_assert_eq(next(&i, &event), 1);
        cr_expect_eq(event.number, 2);
        cr_assert_eq(rti_source_syscall.extract(i.state, &event, 0, &value), 1);
        cr_expect(rti_str_is(value.as.s, "cat"));
        open_bytes(&i, &second); /* with the first half read */
        cr_assert_eq(next(&i, &event), 1);
        cr_expect_eq(event.number, 1);
        cr_assert_eq(rti_source_syscall.extract(i.state, &event, 0, &value), 1);
        cr_expect(rti_str_is(value.as.s, "<NA>"));
        cr_expect_eq(rti_source_syscall.extract(i.state, &event, 1, &value), RT_EINVAL);
        end(&i);
        rti_buf_done(&second);
        rti_buf_done(&first);
}

Test(syscall, fields_that_others_add_are_read_by_the_same_instance)
{
        static const char *const fields[] = { "container.id", "k8smeta.pod.name", NULL };
        static const int types[] = { CLOSE_X, -1 };
        rti_buf buf = scap_body();
        rt_value value;
        rt_event event;
        instance i;

        scap_sample(&buf, 1);
        begin(&i, fields, types);
        open_bytes(&i, &buf);
        cr_assert_eq(next(&i, &event), 1);
        cr_assert_eq(rti_source_syscall.extract(i.state, &event, 0, &value), 1);
        cr_expect(rti_str_is(value.as.s, "host"));
        cr_expect_eq(rti_source_syscall.extract(i.state, &event, 1, &value), 0);
        end(&i);
        rti_buf_done(&buf);
}

/* A file descriptor's entry and a thread's facts, as options of an event. */
static void
put_options(rti_buf *body, const char *path, uint64_t ino, const rti_told_thread *told)
{
        const rt_str name = rti_str_of(path), comm = RTI_STR("renamed");
        const size_t entry = 4 + 17 + 4 + 2 + name.len + 4;

        SCAP_PUT(body, uint16_t, RTI_SCAP_OPT_FD);
        SCAP_PUT(body, uint16_t, 8 + entry);
        SCAP_PUT(body, int64_t, told->tid);
        SCAP_PUT(body, uint32_t, entry);
        SCAP_PUT(body, int64_t, 3);
        SCAP_PUT(body, uint64_t, ino);
        SCAP_PUT(body, uint8_t, RTI_FD_FILE_V2);
        SCAP_PUT(body, uint32_t, 1);
        scap_put_text(body, name);
        SCAP_PUT(body, uint32_t, 0);
        rti_buf_add(body, (rt_str){ "\0\0\0", (8 + entry) % 4 ? 4 - (8 + entry) % 4 : 0 });
        SCAP_PUT(body, uint16_t, RTI_SCAP_OPT_THREAD);
        SCAP_PUT(body, uint16_t, sizeof *told + comm.len);
        scap_put(body, told, sizeof *told);
        rti_buf_add(body, comm);
}

/* The program asked for /tmp/link; the kernel says what that was, and who asked. */
Test(syscall, what_the_kernel_says_of_an_event_is_believed)
{
        static const char *const fields[] = { "fd.name", "fd.nameraw", "proc.name", "user.uid",
                                              NULL };
        static const int types[] = { OPENAT_2_X, -1 };
        const rti_told_thread told = { .tid = 7,
                                       .pid = 7,
                                       .ptid = 1,
                                       .sid = 7,
                                       .pgid = 7,
                                       .vtid = 7,
                                       .vpid = 7,
                                       .uid = 1000,
                                       .gid = 1000 };
        rti_buf buf = scap_body(), body = scap_body();
        char store[512];
        const rti_sysevt evt = scap_make(OPENAT_2_X, 7, "q3 q-100 s/tmp/link d1 d0 d0 q44", store);
        rt_value value;
        rt_event event;
        instance i;

        scap_section(&buf);
        scap_one_process(&buf, 7, "before");
        scap_event_bytes(&body, SCAP_V2, &evt);
        put_options(&body, "/etc/shadow", 44, &told);
        scap_block_of(&buf, SCAP_V2, &body);
        begin(&i, fields, types);
        open_bytes(&i, &buf);
        cr_assert_eq(next(&i, &event), 1);
        cr_assert_eq(rti_source_syscall.extract(i.state, &event, 0, &value), 1);
        cr_expect(rti_str_is(value.as.s, "/etc/shadow"));
        cr_assert_eq(rti_source_syscall.extract(i.state, &event, 1, &value), 1);
        cr_expect(rti_str_is(value.as.s, "/tmp/link"));
        cr_assert_eq(rti_source_syscall.extract(i.state, &event, 2, &value), 1);
        cr_expect(rti_str_is(value.as.s, "renamed"));
        cr_assert_eq(rti_source_syscall.extract(i.state, &event, 3, &value), 1);
        cr_expect_eq(value.as.u, 1000);
        end(&i);
        rti_buf_done(&buf);
}

struct setting {
        char key[20], value[30];
        int result;
};

ParameterizedTestParameters(syscall, caps_can_be_set)
{
        static struct setting rows[] = {
                { "threads", "16", RT_OK },
                { "threads", "16777216", RT_OK },
                { "threads", "15", RT_EINVAL },
                { "threads", "16777217", RT_EINVAL },
                { "threads", "many", RT_EINVAL },
                { "threads", "", RT_EINVAL },
                { "threads", "99999999999999999999999", RT_EINVAL },
                { "state_bytes", "65536", RT_OK },
                { "state_bytes", "1", RT_EINVAL },
                { "reading", "tolerant", RT_EINVAL },
        };

        return cr_make_param_array(struct setting, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct setting *row, syscall, caps_can_be_set)
{
        const rt_option option = { row->key, row->value };
        const rt_source_config config = { .size = sizeof config,
                                          .options = &option,
                                          .n_options = 1,
                                          .allocator = &rti_alloc_default };
        void *state = NULL;

        cr_expect_eq(rti_source_syscall.create(&config, NULL, &state), row->result, "%s=%s",
                     row->key, row->value);
        rti_source_syscall.destroy(state);
}
