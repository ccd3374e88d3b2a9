/* SPDX-License-Identifier: Apache-2.0 */
/* Files of /proc, as kernels write them and as nobody would. */
#include "live/procfs/procfs.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#define STAT_TAIL \
        " S 7 70 71 34816 72 4194560 111 112 113 114 1 2 3 4 20 0 1 0 987654 8192 100 18446744\n"

struct stat_row {
        char file[300];
        char comm[80];
        bool ok;
};

ParameterizedTestParameters(procfs, stat)
{
        static struct stat_row rows[] = {
                { "42 (cat)" STAT_TAIL, "cat", true },
                { "42 (a b)" STAT_TAIL, "a b", true },
                { "42 (a) R 1 (b)" STAT_TAIL, "a) R 1 (b", true },
                { "42 ())" STAT_TAIL, ")", true },
                { "42 ()" STAT_TAIL, "", true },
                { "42 (a\nb)" STAT_TAIL, "a\nb", true },
                { "42 (kworker/u8:2-events_unbound_of_a_name_that_goes_on_and_on_and_on)" STAT_TAIL,
                  "kworker/u8:2-events_unbound_of_a_name_that_goes_on_and_on_and_on", true },
                { "", "", false },
                { "42", "", false },
                { "42 cat)" STAT_TAIL, "", false },
                { "42 (cat", "", false },
                { ") (", "", false },
        };
        return cr_make_param_array(struct stat_row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct stat_row *row, procfs, stat)
{
        static procfs_texts texts;
        rti_proc_entry e = { .ptid = -9 };

        rti_procfs_parse_stat(rti_str_of(row->file), &e, &texts);
        cr_expect_eq(e.ptid, row->ok ? 7 : -9);
        if (!row->ok)
                return;
        cr_expect(rti_str_is(e.comm, row->comm), "%.*s", (int) e.comm.len, e.comm.ptr);
        cr_expect_eq(e.pgid, 70);
        cr_expect_eq(e.sid, 71);
        cr_expect_eq(e.tty, 34816);
        cr_expect_eq(e.pfminor, 111);
        cr_expect_eq(e.pfmajor, 113);
        cr_expect_eq(texts.start_ticks, 987654);
}

Test(procfs, status_tells_the_innermost_ids_and_effective_users)
{
        rti_proc_entry e = { .tid = 500, .vtid = -1 };

        rti_procfs_parse_status(RTI_STR("Name:\tx\nTgid:\t499\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\n"
                                        "NStgid:\t499\t21\t1\nNSpid:\t500\t22\t2\nNSpgid:\t499\t3\n"
                                        "NSsid:\t400\t4\nVmSize:\t   8 kB\nVmRSS:\t 7 kB\n"
                                        "VmSwap:\t6 kB\nCapInh:\t0000000000000001\n"
                                        "CapPrm:\t000001ffffffffff\nCapEff:\t00000000a80425fb\n"),
                                &e);
        cr_expect_eq(e.pid, 499);
        cr_expect_eq(e.uid, 2);
        cr_expect_eq(e.gid, 6);
        cr_expect_eq(e.vpid, 1);
        cr_expect_eq(e.vtid, 2);
        cr_expect_eq(e.vpgid, 3);
        cr_expect_eq(e.sid, 4);
        cr_expect_eq(e.vmsize_kb, 8);
        cr_expect_eq(e.vmrss_kb, 7);
        cr_expect_eq(e.vmswap_kb, 6);
        cr_expect_eq(e.cap_inheritable, 1);
        cr_expect_eq(e.cap_permitted, 0x1ffffffffff);
        cr_expect_eq(e.cap_effective, 0xa80425fb);
        cr_expect(e.flags & (uint32_t) RTI_CL_CHILD_IN_PIDNS);
}

/* A dot stands for the NUL behind an element. */
struct cgroup_row {
        char file[200], text[200];
};

ParameterizedTestParameters(procfs, cgroup)
{
        static struct cgroup_row rows[] = {
                { "0::/user.slice\n", "cgroup=/user|slice." },
                { "0::/\n", "cgroup=/." },
                { "12:cpu,cpuacct:/docker/ab\n1:name=systemd:/x\n0::/y\n",
                  "cpu=/docker/ab.cpuacct=/docker/ab.name=systemd=/x.cgroup=/y." },
                { "3:pids:/a:b:c\n", "pids=/a:b:c." },
                { "3:pids:/cut", "pids=/cut." },
                { "3:pids\n", "" },
                { ":::\n", "cgroup=:." },
                { "", "" },
        };
        return cr_make_param_array(struct cgroup_row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct cgroup_row *row, procfs, cgroup)
{
        char to[200], text[200];
        rt_str got = rti_procfs_parse_cgroup(rti_str_of(row->file), to, sizeof to);

        for (size_t i = 0; i < got.len; i++)
                text[i] = got.ptr[i] == '\0' ? '.' : got.ptr[i] == '.' ? '|' : got.ptr[i];
        text[got.len] = '\0';
        cr_expect_str_eq(text, row->text);
}

Test(procfs, a_list_of_cgroups_that_is_too_long_keeps_whole_elements)
{
        char to[20];
        const rt_str got = rti_procfs_parse_cgroup(
                RTI_STR("3:cpu:/a\n2:pids:/a/very/long/path/indeed\n0::/b\n"), to, sizeof to);

        cr_expect(rti_str_eq(got, RTI_STR("cpu=/a\0cgroup=/b\0")), "%zu", got.len);
}

/* ---- sockets ---- */

struct socket_row {
        int table;
        char line[200];
        uint64_t ino; /* 0: no socket */
        int kind, l4;
        char source[40], dest[40]; /* or of unix sockets: the path */
        int source_port, dest_port;
};

ParameterizedTestParameters(procfs, sockets)
{
        static struct socket_row rows[] = {
                { PROCFS_TCP,
                  "   0: 0100007F:1F90 0200007F:0050 01 00000000:00000000 00:00000000 00000000  "
                  "1000        0 23456 1 0000000000000000 100 0 0 10 0",
                  23456, RTI_FD_IPV4_SOCK, RTI_L4_TCP, "127.0.0.1", "127.0.0.2", 8080, 80 },
                { PROCFS_TCP,
                  "   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     "
                  "0        0 99 1 0",
                  99, RTI_FD_IPV4_SERVER, RTI_L4_TCP, "0.0.0.0", "0.0.0.0", 22, 0 },
                { PROCFS_UDP,
                  "  12: 3500007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000   "
                  "101        0 7 2 0",
                  7, RTI_FD_IPV4_SOCK, RTI_L4_UDP, "127.0.0.53", "0.0.0.0", 53, 0 },
                { PROCFS_TCP6,
                  "   0: 00000000000000000000000001000000:0277 "
                  "B80D0120000000000000000001000000:01BB 01 0:0 00:0 0 0 0 31 1 0",
                  31, RTI_FD_IPV6_SOCK, RTI_L4_TCP, "::1", "2001:db8::1", 631, 443 },
                { PROCFS_UNIX,
                  "ffff888100000000: 00000002 00000000 00010000 0001 01 4242 /run/a b.sock", 4242,
                  RTI_FD_UNIX_SOCK, 0, "/run/a b.sock", "", 0, 0 },
                { PROCFS_UNIX, "ffff888100000000: 00000002 00000000 00010000 0001 01 4243", 4243,
                  RTI_FD_UNIX_SOCK, 0, "", "", 0, 0 },
                { PROCFS_NETLINK,
                  "ffff888100000000 0   1234   00000001 0        0        0        2        0      "
                  "  555",
                  555, RTI_FD_NETLINK, 0, "", "", 0, 0 },
                { .table = PROCFS_TCP, .line = "   0: 0100007F:1F90" },
                { .table = PROCFS_TCP, .line = "   0: 0100007F 0200007F 01 0:0 0:0 0 0 0 5 1" },
                { .table = PROCFS_TCP6,
                  .line = "   0: 0100007F:1F90 0200007F:0050 01 0:0 0:0 0 0 0 5 1" },
                { .table = PROCFS_TCP, .line = "" },
                { .table = PROCFS_UNIX, .line = "x" },
                { .table = PROCFS_NETLINK, .line = "" },
        };
        return cr_make_param_array(struct socket_row, rows, sizeof rows / sizeof *rows);
}

static void
expect_address(const uint8_t *address, bool v6, const char *text)
{
        char got[64] = "";

        inet_ntop(v6 ? AF_INET6 : AF_INET, address, got, sizeof got);
        cr_expect_str_eq(got, text);
}

ParameterizedTest(struct socket_row *row, procfs, sockets)
{
        const bool v6 = row->table == PROCFS_TCP6;
        procfs_socket s = { 0 };
        const bool ok =
                rti_procfs_parse_socket((enum procfs_table) row->table, rti_str_of(row->line), &s);

        cr_expect_eq(ok, row->ino != 0);
        if (!ok)
                return;
        cr_expect_eq(s.ino, row->ino);
        cr_expect_eq(s.entry.ino, row->ino);
        cr_expect_eq(s.entry.kind, row->kind);
        cr_expect_eq(s.entry.l4, row->l4);
        cr_expect_eq(s.entry.ends.source_port, row->source_port);
        cr_expect_eq(s.entry.ends.dest_port, row->dest_port);
        if (row->table == PROCFS_UNIX)
                cr_expect(rti_str_is((rt_str){ s.text, s.text_len }, row->source));
        else if (row->table != PROCFS_NETLINK) {
                expect_address(s.entry.ends.source, v6, row->source);
                expect_address(s.entry.ends.dest, v6, row->dest);
        }
}

/* ---- links ---- */

struct link_row {
        char link[64];
        int kind;
        char name[64];
};

ParameterizedTestParameters(procfs, links)
{
        static struct link_row rows[] = {
                { "/etc/passwd", RTI_FD_FILE_V2, "/etc/passwd" },
                { "/tmp/x (deleted)", RTI_FD_FILE_V2, "/tmp/x (deleted)" },
                { "pipe:[123]", RTI_FD_FIFO, "" },
                { "anon_inode:[eventpoll]", RTI_FD_EVENTPOLL, "anon_inode:[eventpoll]" },
                { "anon_inode:inotify", RTI_FD_INOTIFY, "anon_inode:inotify" },
                { "anon_inode:bpf-map", RTI_FD_BPF, "anon_inode:bpf-map" },
                { "anon_inode:[fanotify]", RTI_FD_UNSUPPORTED, "anon_inode:[fanotify]" },
                { "/memfd:name (deleted)", RTI_FD_MEMFD, "name" },
                { "/memfd:", RTI_FD_MEMFD, "" },
                { "/memfd: (deleted)", RTI_FD_MEMFD, "" },
                { "socket:[77]", RTI_FD_UNKNOWN, "socket:[77]" },
                { "", RTI_FD_FILE_V2, "" },
        };
        return cr_make_param_array(struct link_row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(struct link_row *row, procfs, links)
{
        rti_fd_entry e = { 0 };

        rti_procfs_parse_fd_link(rti_str_of(row->link), &e);
        cr_expect_eq(e.kind, row->kind);
        cr_expect(rti_str_is(e.name, row->name), "%.*s", (int) e.name.len, e.name.ptr);
}
