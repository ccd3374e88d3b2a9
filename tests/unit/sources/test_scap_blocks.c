/* SPDX-License-Identifier: Apache-2.0 */
/* Captures as a stream of blocks: which events come out, their numbers, and what is reported. */
#include "support/scap_build.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

enum {
        OPEN_E = 2,
        CLOSE_X = 5,
        DROP_E = 148,
        NOTIFICATION_E = 280,
        OPENAT_2_X = 307,
        ASYNC_E = 402,
        USER_ADDED_E = 354
};

static rti_buf
capture(void)
{
        rti_buf buf = scap_body();

        scap_section(&buf);
        scap_machine(&buf, "somewhere");
        return buf;
}

struct form {
        char name[40];
        uint32_t block;
        uint16_t type;
        char params[60];
        unsigned n_params;
};

ParameterizedTestParameters(scap_blocks, every_form_of_event_is_read)
{
        static struct form rows[] = {
                { "today's", 0x216, CLOSE_X, "q0 q3", 2 },
                { "with flags", 0x217, CLOSE_X, "q0 q3", 2 },
                { "large", 0x221, ASYNC_E, "d1 sname sdata", 3 },
                { "large with flags", 0x222, ASYNC_E, "d1 sname sdata", 3 },
                { "first version", 0x204, CLOSE_X, "q0 q3", 2 },
                { "first version with flags", 0x208, CLOSE_X, "q0 q3", 2 },
                { "first version, first code", 0x8010abcd, CLOSE_X, "q0 q3", 2 },
                { "a parameter that is missing", 0x216, OPENAT_2_X, "q3 q1 sx d1 d0 d0 -", 7 },
        };

        return cr_make_param_array(struct form, rows, sizeof rows / sizeof *rows);
}

static void
keep(scap_run *run)
{
        *(rti_sysevt *) run->user = run->evt;
}

ParameterizedTest(struct form *row, scap_blocks, every_form_of_event_is_read)
{
        rti_buf buf = capture();
        rti_sysevt made, seen = { 0 };
        char store[512];
        scap_run run;

        made = scap_make(row->type, 77, row->params, store);
        made.cpu = 3;
        scap_event(&buf, row->block, &made);
        cr_assert_eq(scap_run_init(&run, &rti_alloc_default), RT_OK);
        run.on_event = keep;
        run.user = &seen;
        scap_run_over(&run, rti_buf_str(&buf), 0);
        cr_expect_eq(run.result, RT_EOF, "%s: %d", row->name, run.result);
        cr_expect_eq(run.n_skipped, 0, "%s: %s", row->name, run.skipped);
        cr_assert_eq(run.n_events, 1, "%s", row->name);
        cr_expect_eq(seen.tid, 77);
        cr_expect_eq(seen.cpu, 3);
        cr_expect_eq(seen.time_ns, 5000);
        cr_expect_eq(seen.type, row->type);
        cr_expect_eq(seen.number, 1);
        cr_assert_eq(seen.n_params, row->n_params, "%s: %u", row->name, seen.n_params);
        for (unsigned i = 0; i < row->n_params; i++)
                cr_expect(rti_str_eq(seen.param[i], made.param[i]), "%s: %u", row->name, i);
        scap_run_done(&run);
        rti_buf_done(&buf);
}

/* Two kinds of old events say that they are longer than they are. */
Test(scap_blocks, old_notifications_are_too_long)
{
        rti_buf buf = capture(), body = scap_body();
        char store[512];
        rti_sysevt made = scap_make(NOTIFICATION_E, 1, "sid stext", store), seen;
        uint32_t len;
        scap_run run;

        scap_event_bytes(&body, SCAP_V1, &made);
        memcpy(&len, body.ptr + 18, sizeof len);
        len += 3;
        memcpy(body.ptr + 18, &len, sizeof len);
        rti_buf_add(&body, (rt_str){ "\0\0\0", 3 });
        scap_block_of(&buf, SCAP_V1, &body);
        cr_assert_eq(scap_run_init(&run, &rti_alloc_default), RT_OK);
        run.on_event = keep;
        run.user = &seen;
        scap_run_over(&run, rti_buf_str(&buf), 0);
        cr_assert_eq(run.n_events, 1);
        cr_expect_eq(seen.n_params, 2);
        cr_expect(rti_str_eq(seen.param[1], (rt_str){ "text", 5 }));
        scap_run_done(&run);
        rti_buf_done(&buf);
}

/* ---- numbers ---- */

struct count {
        char name[60];
        char events[40]; /* of today's: c close, u useradded, o the enter half of open, d drop */
        unsigned n_events, n_hidden;
        uint64_t base_ns;
};

ParameterizedTestParameters(scap_blocks, events_that_no_rule_sees_are_numbered)
{
        static struct count rows[] = {
                { "ordinary ones", "ccc", 3, 0, 5000 },
                { "the initial state", "uuccc", 5, 2, 5002 },
                { "not the initial state", "ucu", 3, 1, 5001 },
                { "enter halves", "coc", 3, 1, 5000 },
                { "enter halves begin the time", "uoc", 3, 2, 5001 },
                { "events about the capture do not", "ddc", 3, 0, 5002 },
                { "unused codes are dropped", "xcxc", 2, 0, 5001 },
                { "codes to come are dropped", "?c?c", 2, 0, 5001 },
        };

        return cr_make_param_array(struct count, rows, sizeof rows / sizeof *rows);
}

static void
add_letter(rti_buf *buf, char letter, uint64_t time_ns)
{
        const char *params = "q0 q3";
        uint16_t type = CLOSE_X;
        char store[512];
        rti_sysevt evt;

        if (letter == 'u') {
                type = USER_ADDED_E;
                params = "d5 d5 sname shome sshell s";
        } else if (letter == 'o') {
                type = OPEN_E;
                params = "s/x d1 d0";
        } else if (letter == 'd') {
                type = DROP_E;
                params = "d1";
        } else if (letter == 'x') {
                type = 17;
        }
        evt = scap_make(letter == '?' ? RTI_N_EVENT_CODES + 5 : type, 9, params, store);
        evt.time_ns = time_ns;
        scap_event(buf, SCAP_V2, &evt);
}

ParameterizedTest(struct count *row, scap_blocks, events_that_no_rule_sees_are_numbered)
{
        rti_buf buf = capture();
        scap_run run;

        for (size_t i = 0; row->events[i]; i++)
                add_letter(&buf, row->events[i], 5000 + i);
        cr_assert_eq(scap_run_init(&run, &rti_alloc_default), RT_OK);
        scap_run_over(&run, rti_buf_str(&buf), 0);
        cr_expect_eq(run.result, RT_EOF);
        cr_expect_eq(run.n_skipped, 0, "%s: %s", row->name, run.skipped);
        cr_expect_eq(run.n_events, row->n_events, "%s: %zu", row->name, run.n_events);
        cr_expect_eq(run.n_hidden, row->n_hidden, "%s: %zu", row->name, run.n_hidden);
        cr_expect_eq(run.scap.base_ns, row->base_ns, "%s: %" PRIu64, row->name, run.scap.base_ns);
        scap_run_done(&run);
        rti_buf_done(&buf);
}

Test(scap_blocks, captures_behind_each_other_are_machines_of_their_own)
{
        rti_buf buf = scap_body();
        scap_run run;

        scap_sample(&buf, 2);
        scap_section(&buf);
        scap_machine(&buf, "another");
        scap_add(&buf, SCAP_V2, CLOSE_X, 50, "q0 q3");
        cr_assert_eq(scap_run_init(&run, &rti_alloc_default), RT_OK);
        scap_run_over(&run, rti_buf_str(&buf), 0);
        cr_expect_eq(run.result, RT_EOF);
        cr_expect_eq(run.n_skipped, 0, "%s", run.skipped);
        cr_expect_eq(run.n_events, 5);
        cr_expect_eq(run.evt.number, 5, "numbers go on");
        cr_expect_eq(run.scap.machine.hostname_len, 7);
        cr_expect_null(rti_threads_find(&run.state.threads, 7), "the first machine's are gone");
        scap_run_over(&run, rti_buf_str(&buf), 0);
        cr_expect_eq(run.evt.number, 5, "another input begins with 1");
        scap_run_done(&run);
        rti_buf_done(&buf);
}

/* ---- how bytes arrive ---- */

Test(scap_blocks, events_do_not_depend_on_how_bytes_arrive)
{
        static const size_t steps[] = { 1, 7, 100, 100000 };
        rti_buf buf = scap_body();
        scap_run run;

        scap_sample(&buf, 20);
        cr_assert_eq(scap_run_init(&run, &rti_alloc_default), RT_OK);
        for (size_t i = 0; i < RTI_COUNT(steps); i++) {
                scap_run_over(&run, rti_buf_str(&buf), steps[i]);
                cr_expect_eq(run.result, RT_EOF);
                cr_expect_eq(run.n_events, 40, "%zu: %zu", steps[i], run.n_events);
                cr_expect_eq(run.n_skipped, 0, "%s", run.skipped);
        }
        scap_run_done(&run);
        rti_buf_done(&buf);
}

Test(scap_blocks, a_live_input_may_pause_anywhere)
{
        rti_buf buf = scap_body();
        scap_run run;

        scap_sample(&buf, 4);
        cr_assert_eq(scap_run_init(&run, &rti_alloc_default), RT_OK);
        run.pauses = true;
        for (size_t step = 1; step < 60; step++) {
                scap_run_over(&run, rti_buf_str(&buf), step);
                cr_expect_eq(run.result, RT_EOF);
                cr_expect_eq(run.n_events, 8, "%zu: %zu", step, run.n_events);
                cr_expect_geq(run.n_pauses, 8);
        }
        scap_run_done(&run);
        rti_buf_done(&buf);
}

/* ---- what is no capture, or no longer one ---- */

struct report {
        char name[60];
        char what[48]; /* "": nothing is reported */
        int result;
        unsigned n_events;
};

ParameterizedTestParameters(scap_blocks, what_cannot_be_read_is_said)
{
        static struct report rows[] = {
                { "empty", "not a capture", RT_EFORMAT, 0 },
                { "text", "not a capture", RT_EFORMAT, 0 },
                { "other byte order", "capture of a machine of the other byte order", RT_EFORMAT,
                  0 },
                { "later version", "capture of a version that is not known", RT_EFORMAT, 0 },
                { "no events", "no events in file", RT_EFORMAT, 0 },
                { "unknown block before events", "", RT_EOF, 1 },
                { "unknown block behind events", "unexpected block type 4660", RT_EOF, 2 },
                { "list behind events", "unexpected block type 533", RT_EOF, 2 },
                { "wrong trailer of an event", "", RT_EOF, 2 },
                { "wrong trailer of a list", "block whose length is damaged", RT_EOF, 1 },
                { "too short a block", "block whose length is damaged", RT_EOF, 2 },
                { "too long an event", "event that cannot be read", RT_EOF, 1 },
        };

        return cr_make_param_array(struct report, rows, sizeof rows / sizeof *rows);
}

static void
damage(rti_buf *buf, const char *name)
{
        const rt_str end = RTI_STR("end");
        size_t at;

        if (strcmp(name, "empty") == 0)
                return;
        if (strcmp(name, "text") == 0) {
                rti_buf_add_text(buf, "hello, this is no capture");
                return;
        }
        scap_section(buf);
        if (strcmp(name, "other byte order") == 0)
                memcpy(buf->ptr + 8, "\x1a\x2b\x3c\x4d", 4);
        if (strcmp(name, "later version") == 0)
                buf->ptr[12] = 2;
        if (strcmp(name, "no events") == 0)
                return;
        if (strcmp(name, "unknown block before events") == 0)
                scap_block(buf, 0x1234, end);
        if (strcmp(name, "wrong trailer of a list") == 0) {
                scap_one_process(buf, 4, "x");
                buf->ptr[buf->len - 2]++;
        }
        if (strcmp(name, "too short a block") == 0) {
                scap_add(buf, SCAP_V2, CLOSE_X, 1, "q0 q3");
                rti_buf_add(buf, (rt_str){ "\x16\x02\0\0\x04\0\0\0", 8 });
        }
        at = buf->len;
        if (strstr(name, "behind events") || strstr(name, "event")) {
                scap_add(buf, SCAP_V2, CLOSE_X, 1, "q0 q3");
                if (strcmp(name, "wrong trailer of an event") == 0)
                        buf->ptr[buf->len - 1] = 1;
                if (strcmp(name, "too long an event") == 0)
                        buf->ptr[at + 8 + 2 + 16]++;
        }
        if (strcmp(name, "unknown block before events") == 0)
                return;
        if (strcmp(name, "unknown block behind events") == 0)
                scap_block(buf, 0x1234, end);
        if (strcmp(name, "list behind events") == 0)
                scap_one_process(buf, 4, "x");
        scap_add(buf, SCAP_V2, CLOSE_X, 1, "q0 q3");
}

ParameterizedTest(struct report *row, scap_blocks, what_cannot_be_read_is_said)
{
        rti_buf buf = scap_body();
        scap_run run;

        damage(&buf, row->name);
        cr_assert_eq(scap_run_init(&run, &rti_alloc_default), RT_OK);
        for (size_t step = 0; step < 3; step++) {
                scap_run_over(&run, rti_buf_str(&buf), step);
                cr_expect_eq(run.result, row->result, "%s: %d", row->name, run.result);
                cr_expect_eq(run.n_events, row->n_events, "%s: %zu", row->name, run.n_events);
                cr_expect_eq(run.n_skipped, row->what[0] ? 1 : 0, "%s: %zu", row->name,
                             run.n_skipped);
                if (run.n_skipped)
                        cr_expect_str_eq(run.skipped, row->what);
        }
        scap_run_done(&run);
        rti_buf_done(&buf);
}

/* ---- damage anywhere ---- */

Test(scap_blocks, a_file_cut_off_anywhere_gives_what_it_has)
{
        rti_buf buf = scap_body();
        scap_run run;
        size_t whole = 0;

        scap_sample(&buf, 3);
        cr_assert_eq(scap_run_init(&run, &rti_alloc_default), RT_OK);
        for (size_t len = 0; len < buf.len; len++) {
                /* In a block of its own size, so that a sanitizer sees what is read behind it. */
                char *bytes = malloc(len + !len);

                memcpy(bytes, buf.ptr, len);
                scap_run_over(&run, (rt_str){ bytes, len }, len % 3);
                cr_expect_geq(run.n_events, whole, "%zu", len);
                cr_expect_leq(run.n_events, whole + 1, "%zu", len);
                whole = run.n_events;
                cr_expect_eq(run.result, whole ? RT_EOF : RT_EFORMAT);
                cr_expect_leq(run.n_skipped, whole ? 1 : 2, "%zu", len);
                free(bytes);
        }
        cr_expect_eq(whole, 5);
        scap_run_done(&run);
        rti_buf_done(&buf);
}

/* One wrong byte costs its own block, the two that a wrong length runs into, or all the process
 * list says, but never what stands behind. */
Test(scap_blocks, a_wrong_byte_anywhere_costs_its_block)
{
        rti_buf buf = scap_body();
        size_t lists, last = 0;
        scap_run run;

        scap_sample(&buf, 0);
        lists = buf.len;
        rti_buf_clear(&buf);
        scap_sample(&buf, 10);
        cr_assert_eq(scap_run_init(&run, &rti_alloc_default), RT_OK);
        for (size_t at = 28; at < buf.len; at++) {
                for (int bit = 0; bit < 8; bit++) {
                        buf.ptr[at] ^= (char) (1 << bit);
                        scap_run_over(&run, rti_buf_str(&buf), 0);
                        cr_expect_eq(run.result, RT_EOF, "%zu: %d", at, run.result);
                        cr_expect_geq(run.n_events, at < lists ? 20 : 18, "%zu.%d: %zu", at, bit,
                                      run.n_events);
                        buf.ptr[at] ^= (char) (1 << bit);
                        last += run.n_skipped;
                }
        }
        cr_expect_gt(last, 100);
        scap_run_done(&run);
        rti_buf_done(&buf);
}

/* ---- what stands behind an event's values ---- */

Test(scap_blocks, events_carry_their_own_truth)
{
        const rti_proc_entry entry = { .tid = 60, .pid = 60, .comm = RTI_STR_INIT("told") };
        rti_buf buf = capture(), body = scap_body(), process = scap_body();
        char store[512];
        const rti_sysevt evt = scap_make(CLOSE_X, 60, "q0 q3", store);
        const rti_thread *thread;
        scap_run run;

        scap_process(&process, 9, &entry, SIZE_MAX);
        scap_event_bytes(&body, SCAP_V2, &evt);
        SCAP_PUT(&body, uint16_t, RTI_SCAP_OPT_PROCESS);
        SCAP_PUT(&body, uint16_t, process.len);
        rti_buf_add(&body, rti_buf_str(&process));
        rti_buf_add(&body, (rt_str){ "\0\0\0", (size_t) -process.len & 3 });
        SCAP_PUT(&body, uint16_t, RTI_SCAP_OPT_FD);
        SCAP_PUT(&body, uint16_t, 8 + 4 + 17 + 2 + 4);
        SCAP_PUT(&body, int64_t, 60);
        SCAP_PUT(&body, uint32_t, 4 + 17 + 2 + 4);
        SCAP_PUT(&body, int64_t, 3);
        SCAP_PUT(&body, uint64_t, 99);
        SCAP_PUT(&body, uint8_t, RTI_FD_FIFO);
        scap_put_text(&body, RTI_STR("pipe"));
        scap_block_of(&buf, SCAP_V2, &body);
        scap_add(&buf, SCAP_V2, DROP_E, 60, "d1");
        cr_assert_eq(scap_run_init(&run, &rti_alloc_default), RT_OK);
        scap_run_over(&run, rti_buf_str(&buf), 0);
        cr_expect_eq(run.n_events, 2);
        cr_expect_eq(run.n_skipped, 0, "%s", run.skipped);
        thread = rti_threads_find(&run.state.threads, 60);
        cr_assert_not_null(thread);
        cr_expect(rti_str_is(rti_text_str(thread->comm), "told"));
        scap_run_done(&run);
        rti_buf_done(&process);
        rti_buf_done(&buf);
}

/* ---- memory ---- */

typedef struct failing {
        unsigned left;
} failing;

static void *
fail_later(void *ptr, size_t size_bytes, void *user)
{
        failing *f = user;

        if (size_bytes && f->left-- == 0) {
                f->left = 0;
                return NULL;
        }
        return rti_alloc_default.resize(ptr, size_bytes, NULL);
}

Test(scap_blocks, no_memory_is_said_and_nothing_leaks)
{
        rti_buf buf = scap_body();
        bool done = false;

        scap_sample(&buf, 3);
        scap_add(&buf, SCAP_V1, 4, 7, "q3");
        scap_add(&buf, SCAP_V1, CLOSE_X, 7, "q0");
        for (unsigned n = 0; n < 200 && !done; n++) {
                failing f = { n };
                const rt_allocator allocator = { sizeof allocator, fail_later, &f };
                scap_run run;
                int r = scap_run_init(&run, &allocator);

                if (r == RT_OK) {
                        scap_run_over(&run, rti_buf_str(&buf), 0);
                        r = run.result;
                        done = r == RT_EOF && run.n_events == 7;
                }
                cr_expect(r == RT_ENOMEM || r == RT_EOF, "%u: %d", n, r);
                scap_run_done(&run);
        }
        cr_expect(done);
        rti_buf_done(&buf);
}
