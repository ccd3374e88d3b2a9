/* SPDX-License-Identifier: Apache-2.0 */
/* What the fields of processes, threads, users and groups show. */
#include "support/sys_fields.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#define TEXT(s) ((rt_str){ "" s, sizeof(s) - 1 })

static rti_proc_entry
entry_of(int64_t tid, int64_t pid, int64_t ptid, const char *comm)
{
        return (rti_proc_entry){ .tid = tid,
                                 .pid = pid,
                                 .ptid = ptid,
                                 .vtid = tid,
                                 .vpid = pid,
                                 .sid = 200,
                                 .vpgid = 300,
                                 .pgid = -1,
                                 .comm = rti_str_of(comm),
                                 .exe = rti_str_of(comm),
                                 .loginuid = UINT32_MAX };
}

static void
add(sys_world *w, const rti_proc_entry *entry)
{
        cr_assert_eq(rti_state_add_process(&w->sys.state, entry), RT_OK);
}

static void
add_fd(sys_world *w, int64_t tid, int64_t num, const char *name)
{
        const rti_fd_entry fd = { .num = num, .kind = RTI_FD_FILE, .name = rti_str_of(name) };

        cr_assert_eq(rti_state_add_fd(&w->sys.state, tid, &fd), RT_OK);
}

/* systemd(1) - sshd(100) - bash(200) - cat(300), and a thread 301 of it. */
static void
make_family(sys_world *w)
{
        rti_proc_entry e = entry_of(1, 1, 0, "systemd");

        cr_assert_eq(sys_world_init(w), RT_OK);
        add(w, &e);
        e = entry_of(100, 100, 1, "sshd");
        e.args = TEXT("-D\0");
        e.env = TEXT("HOME=/sshd\0ONLY=here\0");
        add(w, &e);
        e = entry_of(200, 200, 100, "bash");
        e.exe = TEXT("-bash");
        e.env = TEXT("HOME=/home/u\0");
        add(w, &e);
        e = entry_of(300, 300, 200, "cat");
        e.exe = TEXT("/bin/cat");
        e.exepath = TEXT("/usr/bin/cat");
        e.args = TEXT("a b\0\0c\0");
        e.env = TEXT("EMPTY=\0HOME=  /root \0HOMER=x\0");
        e.cwd = TEXT("/tmp/");
        e.cgroups = TEXT("cpu=/a\0memory=/b\0");
        e.cap_effective = 1u << 0 | 1u << 7 | (uint64_t) 1 << 40;
        e.vmsize_kb = 7;
        e.fdlimit = 20;
        e.exe_ino = 5;
        e.exe_writable = 1;
        e.uid = 1000;
        add(w, &e);
        e.tid = e.vtid = 301;
        e.comm = TEXT("worker");
        add(w, &e);
        add_fd(w, 300, 0, "/dev/null");
        add_fd(w, 300, 1, "");
        cr_assert_eq(rti_state_lists_done(&w->sys.state), RT_OK);
        cr_assert_eq(
                rti_users_add(&w->sys.state.users, &rti_alloc_default, TEXT(""),
                              &(rti_user_entry){ 1000, 10, TEXT("u"), TEXT("/home/u"), TEXT("") }),
                RT_OK);
}

struct row {
        char field[50];
        char own[80];
        char thread[80];
};

ParameterizedTestParameters(fields_proc, show_their_process)
{
        static struct row rows[] = {
                { "proc.name", "cat", "worker" },
                { "proc.exe", "/bin/cat", "/bin/cat" },
                { "proc.exepath", "/usr/bin/cat", "/usr/bin/cat" },
                { "proc.args", "a b  c", "a b  c" },
                { "proc.args[0]", "a b", "a b" },
                { "proc.args[1]", "", "" },
                { "proc.args[2]", "c", "c" },
                { "proc.args[3]", "", "" },
                { "proc.cmdline", "cat a b  c", "worker a b  c" },
                { "proc.exeline", "/bin/cat a b  c", "/bin/cat a b  c" },
                { "proc.cmdnargs", "3", "3" },
                { "proc.cmdlenargs", "4", "4" },
                { "proc.env", "EMPTY= HOME=  /root  HOMER=x", "EMPTY= HOME=  /root  HOMER=x" },
                { "proc.env[HOME]", "/root", "/root" },
                { "proc.env[EMPTY]", "", "" },
                { "proc.env[HOM]", "", "" },
                { "proc.aenv[ONLY]", "here", "here" },
                { "proc.aenv[HOME]", "/home/u", "/home/u" },
                { "proc.aenv[NONE]", "", "" },
                { "proc.aenv[1]", "HOME=/home/u", "HOME=/home/u" },
                { "proc.aenv[3]", "", "" },
                { "proc.cwd", "/tmp/", "/tmp/" },
                { "proc.pid", "300", "300" },
                { "thread.tid", "300", "301" },
                { "thread.ismain", "true", "false" },
                { "thread.vtid", "300", "301" },
                { "thread.nametid", "cat300", "worker301" },
                { "proc.ppid", "200", "200" },
                { "proc.pvpid", "200", "200" },
                { "proc.pname", "bash", "bash" },
                { "proc.pexe", "-bash", "-bash" },
                { "proc.pcmdline", "bash", "bash" },
                { "proc.apid", "300", "300" },
                { "proc.apid[0]", "300", "300" },
                { "proc.apid[2]", "100", "100" },
                { "proc.apid*", "(200,100,1)", "(200,100,1)" },
                { "proc.aname", "bash sshd systemd", "bash sshd systemd" },
                { "proc.aname[0]", "cat", "cat" },
                { "proc.aname[3]", "systemd", "systemd" },
                { "proc.aname[4]", "-", "-" },
                { "proc.aname[9999999999]", "-", "-" },
                { "proc.aname*", "(bash,sshd,systemd)", "(bash,sshd,systemd)" },
                { "proc.acmdline*", "(bash,sshd -D,systemd)", "(bash,sshd -D,systemd)" },
                { "proc.acmdline[2]", "sshd -D", "sshd -D" },
                { "proc.aargs[2]", "-D", "-D" },
                { "proc.aargs", " -D ", " -D " },
                { "proc.aenv*", "(HOME=/home/u,HOME=/sshd ONLY=here,)",
                  "(HOME=/home/u,HOME=/sshd ONLY=here,)" },
                { "proc.loginshellid", "200", "200" },
                { "proc.sid", "200", "200" },
                { "proc.sname", "bash", "bash" },
                { "proc.sid.exe", "-bash", "-bash" },
                { "proc.vpgid.name", "cat", "cat" },
                { "proc.pgid", "-1", "-1" },
                { "proc.pgid.name", "", "" },
                { "proc.is_sid_leader", "false", "false" },
                { "proc.is_vpgid_leader", "true", "true" },
                { "proc.duration", "-", "-" },
                { "proc.pid.ts", "-", "-" },
                { "proc.pidns_init_start_ts", "-", "-" },
                { "proc.ppid.ts", "0", "0" },
                { "proc.is_exe_writable", "true", "true" },
                { "proc.is_exe_from_memfd", "false", "false" },
                { "proc.exe_ino", "5", "5" },
                { "proc.exe_ino.ctime", "-", "-" },
                { "thread.cap_effective", "CAP_CHOWN CAP_SETUID CAP_CHECKPOINT_RESTORE",
                  "CAP_CHOWN CAP_SETUID CAP_CHECKPOINT_RESTORE" },
                { "thread.cap_permitted", "", "" },
                { "proc.fdopencount", "2", "2" },
                { "proc.fdlimit", "20", "20" },
                { "proc.fdusage", "10", "10" },
                { "proc.nthreads", "2", "2" },
                { "proc.nchilds", "1", "1" },
                { "proc.vmsize", "7", "7" },
                { "thread.vmsize", "7", "0" },
                { "thread.vmsize.b", "7168", "0" },
                { "proc.stdin.name", "/dev/null", "/dev/null" },
                { "proc.stdin.type", "file", "file" },
                { "proc.stdout.name", "", "" },
                { "proc.stderr.name", "-", "-" },
                { "proc.stderr.type", "-", "-" },
                { "thread.cgroups", "cpu=/a memory=/b", "cpu=/a memory=/b" },
                { "thread.cgroup[memory]", "/b", "/b" },
                { "thread.cgroup[mem]", "-", "-" },
                { "thread.exectime", "0", "0" },
                { "thread.cpu", "-", "-" },
                { "user.uid", "1000", "1000" },
                { "user.name", "u", "u" },
                { "user.homedir", "/home/u", "/home/u" },
                { "user.shell", "", "" },
                { "user.loginuid", "-1", "-1" },
                { "user.loginname", "<NA>", "<NA>" },
                { "group.gid", "0", "0" },
                { "group.name", "root", "root" },
                { "container.id", "host", "host" },
                { "container.name", "host", "host" },
                { "container.type", "host", "host" },
                { "container.image", "", "" },
                { "container.privileged", "false", "false" },
                { "container.mounts", "", "" },
                { "container.mount[0]", "-", "-" },
                { "container.start_ts", "-", "-" },
                { "container.labels", "", "" },
                { "proc.is_container_healthcheck", "-", "-" },
                { "k8s.pod.name", "-", "-" },
                { "k8s.pod.ip", "", "" },
                { "k8s.rc.name", "-", "-" },
                { "k8smeta.pod.name", "-", "-" },
                { "jevt.value[/a]", "-", "-" },
        };

        return cr_make_param_array(struct row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct row *row, fields_proc, show_their_process)
{
        sys_world w;

        make_family(&w);
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, 300, INT64_MIN);
        cr_expect_str_eq(sys_world_read(&w, row->field), row->own, "%s: %s", row->field,
                         w.text.ptr);
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, 301, INT64_MIN);
        cr_expect_str_eq(sys_world_read(&w, row->field), row->thread, "%s of a thread: %s",
                         row->field, w.text.ptr);
        sys_world_done(&w);
}

struct invalid {
        char field[50];
        char text[20];
};

ParameterizedTestParameters(fields_proc, say_what_an_unknown_process_is)
{
        static struct invalid rows[] = {
                { "proc.name", "<NA>" },
                { "proc.exe", "<NA>" },
                { "proc.cmdline", "<NA>" },
                { "proc.exeline", "<NA> " },
                { "proc.exepath", "" },
                { "proc.args", "" },
                { "proc.args[0]", "" },
                { "proc.cmdnargs", "0" },
                { "proc.cmdlenargs", "0" },
                { "proc.env", "-" },
                { "proc.env[HOME]", "" },
                { "proc.pid", "-1" },
                { "proc.sid", "-1" },
                { "proc.vpgid", "-1" },
                { "proc.pgid", "-1" },
                { "proc.is_sid_leader", "true" },
                { "proc.is_vpgid_leader", "true" },
                { "proc.is_pgid_leader", "true" },
                { "proc.sname", "" },
                { "proc.pgid.exepath", "" },
                { "proc.ppid", "-" },
                { "proc.pname", "-" },
                { "proc.ppid.ts", "-" },
                { "proc.ppid.duration", "-" },
                { "proc.vpid", "-" },
                { "thread.vtid", "-" },
                { "proc.loginshellid", "-" },
                { "proc.aname[0]", "-" },
                { "proc.aname", "-" },
                { "proc.aname*", "-" },
                { "thread.cgroups", "-" },
                { "thread.cgroup[cpu]", "-" },
                { "user.uid", "4294967295" },
                { "group.gid", "4294967295" },
                { "user.name", "<NA>" },
                { "user.homedir", "<NA>" },
                { "user.shell", "<NA>" },
                { "user.loginname", "<NA>" },
                { "group.name", "<NA>" },
                { "user.loginuid", "-1" },
                { "proc.tty", "0" },
                { "proc.fdlimit", "0" },
                { "proc.fdopencount", "0" },
                { "proc.fdusage", "0" },
                { "proc.nthreads", "0" },
                { "proc.nchilds", "0" },
                { "thread.ismain", "false" },
                { "proc.cwd", "./" },
                { "proc.stdin.type", "-" },
                { "thread.cap_effective", "" },
                { "thread.vmsize", "0" },
                { "container.id", "host" },
        };

        return cr_make_param_array(struct invalid, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct invalid *row, fields_proc, say_what_an_unknown_process_is)
{
        sys_world w;
        rti_sysevt evt;

        make_family(&w);
        sys_world_event(&w, RTI_EV_SYSCALL_GETUID_X, 999, INT64_MIN);
        evt = w.sys.evt;
        evt.n_params = 0;
        cr_assert_eq(rti_state_apply(&w.sys.state, &evt), RT_OK);
        sys_world_event(&w, RTI_EV_SYSCALL_GETUID_X, 999, INT64_MIN);
        cr_expect_str_eq(sys_world_read(&w, row->field), row->text, "%s: %s", row->field,
                         w.text.ptr);
        sys_world_done(&w);
}

Test(fields_proc, need_a_thread_except_its_number)
{
        sys_world w;

        make_family(&w);
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, 999, 0);
        cr_expect_str_eq(sys_world_read(&w, "proc.name"), "-");
        cr_expect_str_eq(sys_world_read(&w, "proc.aname*"), "-");
        cr_expect_str_eq(sys_world_read(&w, "user.name"), "-");
        cr_expect_str_eq(sys_world_read(&w, "container.id"), "-");
        cr_expect_str_eq(sys_world_read(&w, "fd.num"), "-");
        cr_expect_str_eq(sys_world_read(&w, "thread.tid"), "999");
        cr_expect_str_eq(sys_world_read(&w, "thread.exectime"), "0");
        cr_expect_str_eq(sys_world_read(&w, "thread.totexectime"), "-");
        sys_world_done(&w);
}

Test(fields_proc, count_from_the_clone)
{
        sys_world w;

        make_family(&w);
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, 300, INT64_MIN);
        cr_expect_str_eq(sys_world_read(&w, "proc.ppid.duration"), "2", "the count of descriptors");
        w.sys.evt.thread->clone_ns = 400;
        rti_threads_find(&w.sys.state.threads, 200)->clone_ns = 100;
        cr_expect_str_eq(sys_world_read(&w, "proc.duration"), "600");
        cr_expect_str_eq(sys_world_read(&w, "proc.pid.ts"), "400");
        cr_expect_str_eq(sys_world_read(&w, "proc.ppid.duration"), "900");
        cr_expect_str_eq(sys_world_read(&w, "proc.ppid.ts"), "100");
        sys_world_done(&w);
}

Test(fields_proc, end_with_ancestors_that_form_a_ring)
{
        sys_world w;
        rti_proc_entry e;

        cr_assert_eq(sys_world_init(&w), RT_OK);
        for (int64_t tid = 10; tid < 15; tid++) {
                e = entry_of(tid, tid, tid == 14 ? 11 : tid + 1, "p");
                add(&w, &e);
        }
        e = entry_of(20, 20, 20, "own");
        add(&w, &e);
        for (int64_t tid = 10; tid < 15; tid++)
                rti_threads_find(&w.sys.state.threads, tid)->ptid = tid == 14 ? 11 : tid + 1;
        rti_threads_find(&w.sys.state.threads, 20)->ptid = 20;
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, 10, INT64_MIN);
        cr_expect_lt(strlen(sys_world_read(&w, "proc.aname*")), 40u);
        cr_expect_str_eq(sys_world_read(&w, "proc.aname[900]"), "-");
        cr_expect_str_eq(sys_world_read(&w, "proc.loginshellid"), "-");
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, 20, INT64_MIN);
        cr_expect_str_eq(sys_world_read(&w, "proc.aname*"), "()");
        sys_world_done(&w);
}

Test(fields_proc, look_at_so_many_ancestors)
{
        enum { DEEP = 10000 };
        sys_world w;
        rti_proc_entry e;
        size_t n = 1;

        cr_assert_eq(sys_world_init(&w), RT_OK);
        for (int64_t tid = 1; tid <= DEEP; tid++) {
                e = entry_of(tid, tid, tid - 1, "p");
                add(&w, &e);
        }
        cr_assert_eq(rti_state_lists_done(&w.sys.state), RT_OK);
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, DEEP, INT64_MIN);
        for (const char *c = sys_world_read(&w, "proc.aname*"); *c; c++)
                n += *c == ',';
        cr_expect_eq(n, 1000u);
        cr_expect_str_eq(sys_world_read(&w, "proc.aname[1000]"), "p");
        cr_expect_str_eq(sys_world_read(&w, "proc.aname[1001]"), "-");
        sys_world_done(&w);
}

Test(fields_proc, name_a_root_that_nobody_listed)
{
        sys_world w;
        rti_proc_entry e = entry_of(5, 5, 0, "p");

        make_family(&w);
        add(&w, &e);
        sys_world_event(&w, RTI_EV_SYSCALL_READ_X, 5, INT64_MIN);
        cr_expect_str_eq(sys_world_read(&w, "user.name"), "root");
        cr_expect_str_eq(sys_world_read(&w, "user.homedir"), "/root");
        cr_expect_str_eq(sys_world_read(&w, "user.shell"), "<NA>");
        cr_expect_str_eq(sys_world_read(&w, "user.loginname"), "<NA>");
        sys_world_done(&w);
}

Test(fields_proc, are_refused_when_nobody_has_them)
{
        sys_world w;

        make_family(&w);
        cr_expect_str_eq(sys_world_read(&w, "proc.nothing"), "?");
        sys_world_done(&w);
}
