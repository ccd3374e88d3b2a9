/* SPDX-License-Identifier: Apache-2.0 */
/* What is written into captures is read back the same. */
#include "live/encode.h"
#include "sources/syscall/scap/scap.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

static const rti_proc_entry whole = {
        .tid = 1,
        .pid = 2,
        .ptid = 3,
        .sid = 4,
        .vpgid = 5,
        .pgid = 6,
        .vtid = 7,
        .vpid = 8,
        .fdlimit = 9,
        .comm = { "co mm", 5 },
        .exe = { "exe", 3 },
        .exepath = { "/exe/path", 9 },
        .args = { "a\0b\0", 4 },
        .cwd = { "/cwd", 4 },
        .env = { "E=1\0", 4 },
        .cgroups = { "cpu=/x\0", 7 },
        .root = { "/root", 5 },
        .flags = 10,
        .uid = 11,
        .gid = 12,
        .loginuid = 13,
        .tty = 14,
        .vmsize_kb = 15,
        .vmrss_kb = 16,
        .vmswap_kb = 17,
        .pfmajor = 18,
        .pfminor = 19,
        .pidns_init_start_ns = 20,
        .cap_inheritable = 21,
        .cap_permitted = 22,
        .cap_effective = 23,
        .exe_ino = 24,
        .exe_ino_ctime = 25,
        .exe_ino_mtime = 26,
        .exe_writable = 1,
        .exe_upper_layer = 1,
        .exe_lower_layer = 0,
        .exe_from_memfd = 1,
};

static void
expect_texts(const rti_proc_entry *a, const rti_proc_entry *b)
{
        cr_expect(rti_str_eq(a->comm, b->comm));
        cr_expect(rti_str_eq(a->exe, b->exe));
        cr_expect(rti_str_eq(a->exepath, b->exepath));
        cr_expect(rti_str_eq(a->args, b->args));
        cr_expect(rti_str_eq(a->cwd, b->cwd));
        cr_expect(rti_str_eq(a->env, b->env));
        cr_expect(rti_str_eq(a->cgroups, b->cgroups));
        cr_expect(rti_str_eq(a->root, b->root));
}

static void
expect_numbers(const rti_proc_entry *a, const rti_proc_entry *b)
{
        /* With equal texts, all bytes outside of them: there are no holes to differ in. */
        rti_proc_entry one = *a, two = *b;

        one.comm = one.exe = one.exepath = one.args = one.cwd = one.env = one.cgroups = one.root =
                two.comm = two.exe = two.exepath = two.args = two.cwd = two.env = two.cgroups =
                        two.root = (rt_str){ NULL, 0 };
        cr_expect_eq(memcmp(&one, &two, offsetof(rti_proc_entry, exe_from_memfd) + 1), 0);
}

Test(encode, a_process_is_read_back_the_same)
{
        cap_out out = { 0 };
        rti_proc_entry got = { 0 };

        rti_cap_process(&out, &whole);
        cr_assert_not(out.failed);
        cr_assert_eq(rti_scap_process((rt_str){ out.ptr, out.len }, 9, &got), (int64_t) out.len);
        expect_texts(&got, &whole);
        expect_numbers(&got, &whole);
        rti_cap_out_done(&out);
}

Test(encode, texts_are_cut_at_their_limits_and_nothing_else_moves)
{
        static char much[70000];
        rti_proc_entry huge = whole, got = { 0 };
        cap_out out = { 0 };

        memset(much, 'x', sizeof much);
        huge.comm = huge.exe = huge.exepath = huge.args = huge.cwd = huge.env = huge.cgroups =
                huge.root = (rt_str){ much, sizeof much };
        rti_cap_process(&out, &huge);
        cr_assert_not(out.failed);
        cr_assert_eq(rti_scap_process((rt_str){ out.ptr, out.len }, 9, &got), (int64_t) out.len);
        cr_expect_gt(got.args.len, 4000);
        cr_expect_lt(got.args.len, 65536);
        cr_expect_eq(got.uid, 11);
        cr_expect_eq(got.exe_ino_mtime, 26);
        cr_expect_leq(out.len, UINT16_MAX, "fits an option");
        rti_cap_out_done(&out);
}

struct fd_row {
        rti_fd_entry entry;
        char name[32];
};

ParameterizedTestParameters(encode, descriptors)
{
        static struct fd_row rows[] = {
                { { .num = 3, .ino = 4, .kind = RTI_FD_FILE_V2, .open_flags = 5, .dev = 6 }, "/f" },
                { { .num = 3, .ino = 4, .kind = RTI_FD_DIRECTORY }, "/d" },
                { { .num = 3, .ino = 4, .kind = RTI_FD_FIFO }, "" },
                { { .num = 3, .ino = 4, .kind = RTI_FD_EVENTPOLL }, "e" },
                { { .num = 3,
                    .ino = 4,
                    .kind = RTI_FD_IPV4_SOCK,
                    .l4 = RTI_L4_TCP,
                    .ends = { .source = { 1, 2, 3, 4 },
                              .dest = { 5, 6, 7, 8 },
                              .source_port = 9,
                              .dest_port = 10 } },
                  "" },
                { { .num = 3,
                    .ino = 4,
                    .kind = RTI_FD_IPV6_SOCK,
                    .l4 = RTI_L4_UDP,
                    .ends = { .source = { 1, [15] = 4 },
                              .dest = { 5, [15] = 8 },
                              .source_port = 9,
                              .dest_port = 10 } },
                  "" },
                { { .num = 3,
                    .ino = 4,
                    .kind = RTI_FD_IPV4_SERVER,
                    .l4 = RTI_L4_TCP,
                    .ends = { .source = { 1, 2, 3, 4 }, .source_port = 9 } },
                  "" },
                { { .num = 3,
                    .ino = 4,
                    .kind = RTI_FD_IPV6_SERVER,
                    .l4 = RTI_L4_TCP,
                    .ends = { .source = { 1, [15] = 4 }, .source_port = 9 } },
                  "" },
                { { .num = 3, .ino = 4, .kind = RTI_FD_UNIX_SOCK, .source = 5, .dest = 6 }, "/u" },
                { { .num = 3, .ino = 4, .kind = RTI_FD_UNKNOWN }, "" },
        };
        return cr_make_param_array(struct fd_row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct fd_row *row, encode, descriptors)
{
        const size_t address_bytes =
                row->entry.kind == RTI_FD_IPV4_SOCK || row->entry.kind == RTI_FD_IPV4_SERVER ? 4
                                                                                             : 16;
        rti_fd_entry got = { 0 };
        cap_out out = { 0 };

        row->entry.name = rti_str_of(row->name);
        rti_cap_fd(&out, &row->entry);
        cr_assert_not(out.failed);
        cr_assert_eq(rti_scap_fd((rt_str){ out.ptr, out.len }, 2, &got), (int64_t) out.len);
        cr_expect_eq(got.num, row->entry.num);
        cr_expect_eq(got.ino, row->entry.ino);
        cr_expect_eq(got.kind, row->entry.kind);
        cr_expect_eq(got.l4, row->entry.l4);
        cr_expect_eq(got.open_flags, row->entry.open_flags);
        cr_expect_eq(got.dev, row->entry.dev);
        cr_expect_eq(got.source, row->entry.source);
        cr_expect_eq(got.dest, row->entry.dest);
        cr_expect_eq(got.ends.source_port, row->entry.ends.source_port);
        cr_expect_eq(got.ends.dest_port, row->entry.ends.dest_port);
        cr_expect_eq(memcmp(got.ends.source, row->entry.ends.source, address_bytes), 0);
        cr_expect_eq(memcmp(got.ends.dest, row->entry.ends.dest, address_bytes), 0);
        if (row->name[0])
                cr_expect(rti_str_is(got.name, row->name));
        rti_cap_out_done(&out);
}
