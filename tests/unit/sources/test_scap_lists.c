/* SPDX-License-Identifier: Apache-2.0 */
/* The lists of a capture, of every version. */
#include "support/scap_build.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

enum { TAIL_BYTES = 76 };

static const rti_proc_entry full = {
        .tid = 11,
        .pid = 10,
        .ptid = 9,
        .sid = 8,
        .vpgid = 7,
        .pgid = 6,
        .vtid = 5,
        .vpid = 4,
        .fdlimit = 1024,
        .comm = RTI_STR_INIT("comm"),
        .exe = RTI_STR_INIT("exe"),
        .exepath = RTI_STR_INIT("/exepath"),
        .args = RTI_STR_INIT("a\0b\0"),
        .cwd = RTI_STR_INIT("/cwd/"),
        .env = RTI_STR_INIT("E=1\0"),
        .cgroups = RTI_STR_INIT("cpu=/x\0"),
        .root = RTI_STR_INIT("/root"),
        .flags = 1,
        .uid = 2,
        .gid = 3,
        .loginuid = 4,
        .tty = 5,
        .vmsize_kb = 6,
        .vmrss_kb = 7,
        .vmswap_kb = 8,
        .pfmajor = 9,
        .pfminor = 10,
        .pidns_init_start_ns = 11,
        .cap_inheritable = 12,
        .cap_permitted = 13,
        .cap_effective = 14,
        .exe_ino = 15,
        .exe_ino_ctime = 16,
        .exe_ino_mtime = 17,
        .exe_writable = 1,
        .exe_upper_layer = 1,
        .exe_lower_layer = 1,
        .exe_from_memfd = 1,
};

Test(scap_lists, every_version_of_a_process_has_its_members)
{
        for (uint32_t version = 1; version <= 9; version++) {
                rti_buf buf = scap_body();
                rti_proc_entry entry;

                scap_process(&buf, version, &full, SIZE_MAX);
                cr_assert_eq(rti_scap_process(rti_buf_str(&buf), version, &entry),
                             (int64_t) buf.len, "%u", version);
                cr_expect_eq(entry.tid, 11);
                cr_expect_eq(entry.ptid, 9);
                cr_expect_eq(entry.gid, 3);
                cr_expect(rti_str_eq(entry.args, full.args));
                cr_expect_eq(entry.sid, version >= 6 ? 8 : -1, "%u", version);
                cr_expect_eq(entry.vpgid, version >= 8 ? 7 : -1, "%u", version);
                cr_expect_eq(entry.pgid, version >= 9 ? 6 : -1, "%u", version);
                cr_expect_eq(entry.vpid, version >= 4 ? 4 : -1, "%u", version);
                cr_expect_eq(entry.pfminor, version >= 2 ? 10 : 0, "%u", version);
                cr_expect_eq(entry.env.len, version >= 3 ? 4 : 0, "%u", version);
                cr_expect_eq(entry.cgroups.len, version >= 4 ? 7 : 0, "%u", version);
                cr_expect_eq(entry.root.len, version >= 5 ? 5 : 0, "%u", version);
                cr_expect_eq(entry.exepath.len, version >= 7 ? 8 : 0, "%u", version);
                cr_expect_eq(entry.loginuid, version >= 9 ? 4 : UINT32_MAX, "%u", version);
                rti_buf_done(&buf);
        }
}

Test(scap_lists, a_process_that_is_cut_off_is_refused)
{
        for (uint32_t version = 1; version <= 9; version++) {
                rti_buf buf = scap_body();
                rti_proc_entry entry;

                scap_process(&buf, version, &full, SIZE_MAX);
                for (size_t len = 0; len < buf.len; len++) {
                        char *bytes = malloc(len + !len);

                        memcpy(bytes, buf.ptr, len);
                        cr_expect_eq(rti_scap_process((rt_str){ bytes, len }, version, &entry),
                                     RT_EFORMAT, "%u: %zu", version, len);
                        free(bytes);
                }
                rti_buf_done(&buf);
        }
}

Test(scap_lists, older_writers_leave_members_out_at_the_end)
{
        for (size_t tail = 0; tail <= TAIL_BYTES + 4; tail++) {
                rti_buf buf = scap_body();
                rti_proc_entry entry;

                scap_process(&buf, 9, &full, tail);
                cr_assert_eq(rti_scap_process(rti_buf_str(&buf), 9, &entry), (int64_t) buf.len);
                cr_expect_eq(entry.pgid, tail >= TAIL_BYTES ? 6 : -1, "%zu", tail);
                cr_expect_eq(entry.pidns_init_start_ns, tail > 29 ? 11 : 0, "%zu", tail);
                cr_expect_eq(entry.exe_lower_layer, tail >= 68 ? 1 : 0, "%zu", tail);
                rti_buf_done(&buf);
        }
}

/* The first writers of version 9 had neither the namespace's start nor the terminal. */
Test(scap_lists, the_shortest_version_9_begins_with_the_login_user)
{
        rti_buf buf = scap_body(), tail = scap_body();
        rti_proc_entry entry;
        uint32_t len;

        scap_process(&buf, 9, &full, 0);
        SCAP_PUT(&tail, uint32_t, 1000);
        SCAP_PUT(&tail, uint8_t, 1);
        SCAP_PUT(&tail, uint64_t, 1);
        SCAP_PUT(&tail, uint64_t, 2);
        SCAP_PUT(&tail, uint64_t, 3);
        cr_assert_eq(tail.len, 29);
        rti_buf_add(&buf, rti_buf_str(&tail));
        len = (uint32_t) buf.len;
        memcpy(buf.ptr, &len, sizeof len);
        cr_assert_eq(rti_scap_process(rti_buf_str(&buf), 9, &entry), (int64_t) buf.len);
        cr_expect_eq(entry.loginuid, 1000);
        cr_expect_eq(entry.cap_effective, 3);
        cr_expect_eq(entry.tty, 0);
        rti_buf_done(&tail);
        rti_buf_done(&buf);
}

/* ---- descriptors ---- */

static void
put_fd(rti_buf *buf, uint32_t version, uint8_t kind, rt_str rest)
{
        if (version >= 2)
                SCAP_PUT(buf, uint32_t, 4 + 8 + 8 + 1 + rest.len);
        SCAP_PUT(buf, int64_t, 3);
        SCAP_PUT(buf, uint64_t, 44);
        SCAP_PUT(buf, uint8_t, kind);
        rti_buf_add(buf, rest);
}

static rti_buf
rest_of(uint8_t kind, uint32_t version)
{
        const size_t address = kind == RTI_FD_IPV4_SOCK || kind == RTI_FD_IPV4_SERVER ? 4 : 16;
        rti_buf rest = scap_body();

        switch (kind) {
        case RTI_FD_UNKNOWN:
                break;
        case RTI_FD_IPV4_SOCK:
        case RTI_FD_IPV6_SOCK:
                rti_buf_add(&rest, (rt_str){ "0123456789abcdef", address });
                /* fall through */
        case RTI_FD_IPV4_SERVER:
        case RTI_FD_IPV6_SERVER:
                rti_buf_add(&rest, (rt_str){ "ABCDEFGHIJKLMNOP", address });
                if (kind == RTI_FD_IPV4_SOCK || kind == RTI_FD_IPV6_SOCK)
                        SCAP_PUT(&rest, uint16_t, 1234);
                SCAP_PUT(&rest, uint16_t, 80);
                SCAP_PUT(&rest, uint8_t, RTI_L4_TCP);
                break;
        case RTI_FD_UNIX_SOCK:
                SCAP_PUT(&rest, uint64_t, 1);
                SCAP_PUT(&rest, uint64_t, 2);
                scap_put_text(&rest, RTI_STR("name"));
                break;
        case RTI_FD_FILE_V2:
                SCAP_PUT(&rest, uint32_t, 7);
                scap_put_text(&rest, RTI_STR("name"));
                if (version >= 2)
                        SCAP_PUT(&rest, uint32_t, 8);
                break;
        default:
                scap_put_text(&rest, RTI_STR("name"));
        }
        return rest;
}

Test(scap_lists, every_kind_of_descriptor_is_read)
{
        for (uint8_t kind = 0; kind < RTI_N_FD_KINDS; kind++) {
                for (uint32_t version = 1; version <= 2; version++) {
                        rti_buf buf = scap_body(), rest = rest_of(kind, version);
                        rti_fd_entry entry;

                        put_fd(&buf, version, kind, rti_buf_str(&rest));
                        cr_assert_eq(rti_scap_fd(rti_buf_str(&buf), version, &entry),
                                     (int64_t) buf.len, "%u", kind);
                        cr_expect_eq(entry.num, 3);
                        cr_expect_eq(entry.ino, 44);
                        cr_expect_eq(entry.kind, kind);
                        if (kind >= RTI_FD_IPV4_SOCK && kind <= RTI_FD_IPV6_SERVER)
                                cr_expect_eq(entry.l4, RTI_L4_TCP);
                        else if (kind != RTI_FD_UNKNOWN)
                                cr_expect(rti_str_is(entry.name, "name"), "%u", kind);
                        if (kind == RTI_FD_FILE_V2)
                                cr_expect_eq(entry.dev, version >= 2 ? 8 : 0);
                        for (size_t len = 0; len < buf.len; len++) {
                                char *bytes = malloc(len + !len);

                                memcpy(bytes, buf.ptr, len);
                                cr_expect_eq(rti_scap_fd((rt_str){ bytes, len }, version, &entry),
                                             RT_EFORMAT, "%u: %zu", kind, len);
                                free(bytes);
                        }
                        rti_buf_done(&rest);
                        rti_buf_done(&buf);
                }
        }
}

Test(scap_lists, ends_of_sockets_stand_where_they_belong)
{
        rti_buf buf = scap_body(), rest = rest_of(RTI_FD_IPV4_SOCK, 2);
        rti_fd_entry entry;

        put_fd(&buf, 2, RTI_FD_IPV4_SOCK, rti_buf_str(&rest));
        cr_assert_gt(rti_scap_fd(rti_buf_str(&buf), 2, &entry), 0);
        cr_expect_eq(memcmp(entry.ends.source, "0123", 4), 0);
        cr_expect_eq(memcmp(entry.ends.dest, "ABCD", 4), 0);
        cr_expect_eq(entry.ends.source_port, 1234);
        cr_expect_eq(entry.ends.dest_port, 80);
        rti_buf_done(&rest);
        rti_buf_done(&buf);
}

Test(scap_lists, a_kind_to_come_is_passed_over_by_its_length)
{
        rti_buf buf = scap_body();
        rti_fd_entry entry;

        put_fd(&buf, 2, 200, RTI_STR("whatever"));
        cr_expect_eq(rti_scap_fd(rti_buf_str(&buf), 2, &entry), (int64_t) buf.len);
        cr_expect_eq(entry.kind, RTI_FD_UNSUPPORTED);
        cr_expect(rti_str_is(entry.name, "unknown-type:[200]"));
        cr_expect_eq(rti_scap_fd(rti_str_sub(rti_buf_str(&buf), 4, buf.len), 1, &entry),
                     RT_EFORMAT);
        rti_buf_done(&buf);
}

/* ---- whole lists ---- */

/* Lists in front of one event, through the reader. */
static void
run_lists(scap_run *run, rti_buf *lists)
{
        rti_buf buf = scap_body();

        scap_section(&buf);
        rti_buf_add(&buf, rti_buf_str(lists));
        rti_buf_done(lists);
        scap_add(&buf, SCAP_V2, 5, 1, "q0 q3");
        cr_assert_eq(scap_run_init(run, &rti_alloc_default), RT_OK);
        scap_run_over(run, rti_buf_str(&buf), 0);
        cr_expect_eq(run->n_events, 1);
        rti_buf_done(&buf);
}

struct list_row {
        char name[40];
        uint32_t block;
        uint32_t version;
};

ParameterizedTestParameters(scap_lists, users_and_groups_of_every_version)
{
        static struct list_row rows[] = {
                { "first", 0x206, 1 },
                { "first, first code", 0x8012abcd, 1 },
                { "second", 0x220, 2 },
        };

        return cr_make_param_array(struct list_row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct list_row *row, scap_lists, users_and_groups_of_every_version)
{
        rti_buf lists = scap_body(), body = scap_body();
        const rti_user *user;
        scap_run run;

        if (row->version >= 2)
                SCAP_PUT(&body, uint32_t, 4 + 1 + 8 + 6 + 4 + 5 + 2);
        SCAP_PUT(&body, uint8_t, 0);
        SCAP_PUT(&body, uint32_t, 1000);
        SCAP_PUT(&body, uint32_t, 1001);
        scap_put_text(&body, RTI_STR("user"));
        scap_put_text(&body, RTI_STR("home"));
        scap_put_text(&body, RTI_STR("sh1"));
        if (row->version >= 2)
                SCAP_PUT(&body, uint32_t, 4 + 1 + 4 + 2 + 3);
        SCAP_PUT(&body, uint8_t, 1);
        SCAP_PUT(&body, uint32_t, 1001);
        scap_put_text(&body, RTI_STR("grp"));
        scap_block_of(&lists, row->block, &body);
        run_lists(&run, &lists);
        cr_expect_eq(run.n_skipped, 0, "%s: %s", row->name, run.skipped);
        user = rti_users_find(&run.state.users, RTI_STR(""), 1000);
        cr_assert_not_null(user);
        cr_expect(rti_str_is(rti_text_str(user->home), "home"));
        user = rti_users_find_group(&run.state.users, RTI_STR(""), 1001);
        cr_assert_not_null(user);
        cr_expect(rti_str_is(rti_text_str(user->name), "grp"));
        scap_run_done(&run);
}

ParameterizedTestParameters(scap_lists, interfaces_of_every_version)
{
        static struct list_row rows[] = {
                { "first", 0x205, 1 },
                { "first, first code", 0x8011abcd, 1 },
                { "second", 0x219, 2 },
        };

        return cr_make_param_array(struct list_row, rows, sizeof rows / sizeof *rows);
}

static void
put_interface(rti_buf *body, uint32_t version, uint16_t type)
{
        const size_t address = type == 1 || type == 3 ? 4 : 16, speed = type <= 2 ? 8 : 0;

        if (version >= 2)
                SCAP_PUT(body, uint32_t, 2 + 2 + 3 * address + speed + 3);
        SCAP_PUT(body, uint16_t, type);
        SCAP_PUT(body, uint16_t, 3);
        for (char c = 'a'; c <= 'c'; c++)
                for (size_t i = 0; i < address; i++)
                        rti_buf_add_char(body, c);
        rti_buf_add(body, (rt_str){ "12345678", speed });
        rti_buf_add_text(body, "eth");
}

ParameterizedTest(struct list_row *row, scap_lists, interfaces_of_every_version)
{
        rti_buf lists = scap_body(), body = scap_body();
        scap_run run;

        for (uint16_t type = 1; type <= 4; type++)
                put_interface(&body, row->version, type);
        scap_block_of(&lists, row->block, &body);
        run_lists(&run, &lists);
        cr_expect_eq(run.n_skipped, 0, "%s: %s", row->name, run.skipped);
        cr_assert_eq(run.state.interfaces.n, 4);
        for (size_t i = 0; i < 4; i++) {
                const rti_interface *interface = &run.state.interfaces.at[i];

                cr_expect_eq(interface->family, i % 2 ? 16 : 4);
                cr_expect_eq(interface->address[3], 'a');
                cr_expect_eq(interface->mask[3], 'b');
        }
        scap_run_done(&run);
}

ParameterizedTestParameters(scap_lists, processes_and_descriptors_of_every_code)
{
        static struct list_row rows[] = {
                { "first", 0x202, 1 },           { "second", 0x207, 2 },
                { "third", 0x209, 3 },           { "fourth", 0x210, 4 },
                { "fifth", 0x211, 5 },           { "sixth", 0x212, 6 },
                { "seventh", 0x213, 7 },         { "eighth", 0x214, 8 },
                { "ninth", 0x215, 9 },           { "old first", 0x8000abcd, 1 },
                { "old second", 0x8013abcd, 2 }, { "old third", 0x8014abcd, 3 },
        };

        return cr_make_param_array(struct list_row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct list_row *row, scap_lists, processes_and_descriptors_of_every_code)
{
        static const uint32_t fd_blocks[] = { 0x203, 0x8001abcd, 0x218 };
        const uint32_t fd_block = fd_blocks[row->version % 3];
        const uint32_t fd_version = fd_block == 0x218 ? 2 : 1;
        rti_buf lists = scap_body(), body = scap_body(), fds = scap_body();
        rti_buf rest = rest_of(RTI_FD_FILE_V2, fd_version);
        rti_proc_entry entry = full;
        rti_thread *thread;
        scap_run run;

        for (int64_t tid = 20; tid < 23; tid++) {
                entry.tid = entry.pid = tid;
                scap_process(&body, row->version, &entry, SIZE_MAX);
        }
        scap_block_of(&lists, row->block, &body);
        SCAP_PUT(&fds, int64_t, 21);
        put_fd(&fds, fd_version, RTI_FD_FILE_V2, rti_buf_str(&rest));
        scap_block_of(&lists, fd_block, &fds);
        run_lists(&run, &lists);
        cr_expect_eq(run.n_skipped, 0, "%s: %s", row->name, run.skipped);
        thread = rti_threads_find(&run.state.threads, 22);
        cr_assert_not_null(thread);
        cr_expect(rti_str_is(rti_text_str(thread->comm), "comm"));
        thread = rti_threads_find(&run.state.threads, 21);
        cr_assert_not_null(thread);
        cr_assert_not_null(rti_thread_fds(thread));
        cr_expect_not_null(rti_fds_find(rti_thread_fds(thread), 3));
        rti_buf_done(&rest);
        scap_run_done(&run);
}

Test(scap_lists, the_machine_has_a_name_and_a_start)
{
        rti_buf lists = scap_body();
        scap_run run;

        scap_machine(&lists, "somewhere");
        run_lists(&run, &lists);
        cr_expect_eq(run.scap.machine.cpus, 4);
        cr_expect_eq(run.scap.machine.hostname_len, 9);
        cr_expect_eq(run.state.boot_ns, 1000);
        scap_run_done(&run);
}

Test(scap_lists, a_damaged_entry_is_reported_where_it_stands)
{
        rti_buf lists = scap_body(), body = scap_body();
        size_t second;
        scap_run run;

        scap_process(&body, 9, &full, SIZE_MAX);
        second = body.len;
        scap_process(&body, 9, &full, SIZE_MAX);
        body.ptr[second + 1] = 0x7f;
        scap_block_of(&lists, 0x215, &body);
        run_lists(&run, &lists);
        cr_expect_eq(run.n_skipped, 1);
        cr_expect_str_eq(run.skipped, "entry of a list that is damaged");
        cr_expect_eq(run.skipped_at, 28 + 8 + second);
        cr_expect_not_null(rti_threads_find(&run.state.threads, full.tid), "the first was good");
        scap_run_done(&run);
}
