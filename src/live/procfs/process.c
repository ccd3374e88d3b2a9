/* SPDX-License-Identifier: Apache-2.0 */
/* process.c - one process or thread, out of its files below /proc/PID/task/TID. */
#include "live/procfs/procfs.h"
#include "live/procfs/scan.h"
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NS_PER_SECOND = 1000000000, START_BEHIND_PFMAJOR = 9 };

/* "PID (comm) S ppid pgrp session tty ... minflt cminflt majflt ...": comm may hold anything, so
 * the last parenthesis ends it. */
void
rti_procfs_parse_stat(rt_str file, rti_proc_entry *entry, procfs_texts *texts)
{
        const char *open = file.len ? memchr(file.ptr, '(', file.len) : NULL;
        const char *close = file.len ? memrchr(file.ptr, ')', file.len) : NULL;
        rt_str rest;
        size_t n;

        if (!open || !close || close < open)
                return;
        n = (size_t) (close - open - 1);
        n = n < sizeof texts->comm ? n : sizeof texts->comm;
        memcpy(texts->comm, open + 1, n);
        entry->comm = (rt_str){ texts->comm, n };
        rest = (rt_str){ close + 1, file.len - (size_t) (close + 1 - file.ptr) };
        (void) scan_word(&rest); /* state */
        entry->ptid = scan_i64(scan_word(&rest));
        entry->pgid = scan_i64(scan_word(&rest));
        entry->sid = scan_i64(scan_word(&rest));
        entry->tty = (uint32_t) scan_u64(scan_word(&rest), 10);
        (void) scan_word(&rest); /* tpgid */
        (void) scan_word(&rest); /* flags */
        entry->pfminor = scan_u64(scan_word(&rest), 10);
        (void) scan_word(&rest); /* of its children */
        entry->pfmajor = scan_u64(scan_word(&rest), 10);
        for (int i = 0; i < START_BEHIND_PFMAJOR; i++)
                (void) scan_word(&rest);
        texts->start_ticks = scan_u64(scan_word(&rest), 10);
}

/* uid and gid: the second number, the effective one. */
static uint32_t
effective(rt_str rest)
{
        (void) scan_word(&rest);
        return (uint32_t) scan_u64(scan_word(&rest), 10);
}

static void
take_status(rt_str key, rt_str rest, rti_proc_entry *e)
{
        if (rti_str_is(key, "Tgid:"))
                e->pid = scan_i64(scan_word(&rest));
        else if (rti_str_is(key, "Uid:"))
                e->uid = effective(rest);
        else if (rti_str_is(key, "Gid:"))
                e->gid = effective(rest);
        else if (rti_str_is(key, "NStgid:"))
                e->vpid = scan_i64(scan_last_word(rest));
        else if (rti_str_is(key, "NSpid:"))
                e->vtid = scan_i64(scan_last_word(rest));
        else if (rti_str_is(key, "NSpgid:"))
                e->vpgid = scan_i64(scan_last_word(rest));
        else if (rti_str_is(key, "NSsid:"))
                e->sid = scan_i64(scan_last_word(rest));
        else if (rti_str_is(key, "VmSize:"))
                e->vmsize_kb = (uint32_t) scan_u64(scan_word(&rest), 10);
        else if (rti_str_is(key, "VmRSS:"))
                e->vmrss_kb = (uint32_t) scan_u64(scan_word(&rest), 10);
        else if (rti_str_is(key, "VmSwap:"))
                e->vmswap_kb = (uint32_t) scan_u64(scan_word(&rest), 10);
        else if (rti_str_is(key, "CapInh:"))
                e->cap_inheritable = scan_u64(scan_word(&rest), 16);
        else if (rti_str_is(key, "CapPrm:"))
                e->cap_permitted = scan_u64(scan_word(&rest), 16);
        else if (rti_str_is(key, "CapEff:"))
                e->cap_effective = scan_u64(scan_word(&rest), 16);
}

void
rti_procfs_parse_status(rt_str file, rti_proc_entry *entry)
{
        rt_str line;

        while (scan_line(&file, &line)) {
                const rt_str key = scan_word(&line);

                take_status(key, line, entry);
        }
        if (entry->vtid >= 0 && entry->vtid != entry->tid)
                entry->flags |= (uint32_t) RTI_CL_CHILD_IN_PIDNS;
}

/* Lines "ID:controllers:path" as "controller=path" elements, a NUL behind each; the unified
 * hierarchy has no controllers and goes by the name "cgroup". */
static size_t
put_cgroup(char *to, size_t room, rt_str controller, rt_str path)
{
        const size_t n = controller.len + 1 + path.len + 1;

        if (n > room)
                return 0;
        if (controller.len)
                memcpy(to, controller.ptr, controller.len);
        to[controller.len] = '=';
        if (path.len)
                memcpy(to + controller.len + 1, path.ptr, path.len);
        to[n - 1] = '\0';
        return n;
}

rt_str
rti_procfs_parse_cgroup(rt_str file, char *to, size_t room)
{
        size_t used = 0;
        rt_str line;

        while (scan_line(&file, &line)) {
                const char *first = line.len ? memchr(line.ptr, ':', line.len) : NULL;
                const char *second, *end = line.ptr + line.len;
                rt_str names, path;

                if (!first)
                        continue;
                second = memchr(first + 1, ':', (size_t) (end - first - 1));
                if (!second)
                        continue;
                names = (rt_str){ first + 1, (size_t) (second - first - 1) };
                path = (rt_str){ second + 1, (size_t) (end - second - 1) };
                if (!names.len)
                        names = RTI_STR("cgroup");
                while (names.len) {
                        const char *comma = memchr(names.ptr, ',', names.len);
                        const size_t n = comma ? (size_t) (comma - names.ptr) : names.len;

                        used += put_cgroup(to + used, room - used, rti_str_sub(names, 0, n), path);
                        names = rti_str_sub(names, n + (comma != NULL), names.len);
                }
        }
        return (rt_str){ to, used };
}

static rt_str
keep(char *to, size_t room, rt_str s)
{
        const size_t n = s.len < room ? s.len : room;

        if (n)
                memcpy(to, s.ptr, n);
        return (rt_str){ to, n };
}

/* Command line: argv[0] is `exe`, the rest `args`. A cut one ends in the middle of an argument. */
static void
take_command(procfs *p, int64_t pid, procfs_texts *texts, rti_proc_entry *entry)
{
        const rt_str file = rti_procfs_read(p, "%lld/cmdline", (long long) pid);
        const char *nul = file.len ? memchr(file.ptr, '\0', file.len) : NULL;
        const size_t n = nul ? (size_t) (nul - file.ptr) : file.len;

        entry->exe = keep(texts->exe, sizeof texts->exe, rti_str_sub(file, 0, n));
        if (n + 1 < file.len)
                entry->args =
                        keep(texts->args, PROCFS_LIST_BYTES, rti_str_sub(file, n + 1, file.len));
        if (!file.len)
                entry->exe = entry->comm; /* kernel threads */
}

static void
take_executable(procfs *p, int64_t pid, procfs_texts *texts, rti_proc_entry *entry)
{
        struct stat st;

        entry->exepath = keep(texts->exepath, sizeof texts->exepath,
                              rti_procfs_link(p, "%lld/exe", (long long) pid));
        if (!entry->exepath.len || stat(p->path, &st) < 0)
                return;
        entry->exe_ino = st.st_ino;
        entry->exe_ino_ctime =
                (uint64_t) st.st_ctim.tv_sec * NS_PER_SECOND + (uint64_t) st.st_ctim.tv_nsec;
        entry->exe_ino_mtime =
                (uint64_t) st.st_mtim.tv_sec * NS_PER_SECOND + (uint64_t) st.st_mtim.tv_nsec;
        entry->exe_from_memfd = rti_str_starts(entry->exepath, RTI_STR("/memfd:"));
        entry->exe_writable = (st.st_mode & S_IWOTH) || entry->uid == 0
                              || (st.st_uid == entry->uid && (st.st_mode & S_IWUSR))
                              || (st.st_gid == entry->gid && (st.st_mode & S_IWGRP));
}

static int64_t
open_files_limit(rt_str file)
{
        const rt_str key = RTI_STR("Max open files");
        rt_str line;

        while (scan_line(&file, &line)) {
                if (!rti_str_starts(line, key))
                        continue;
                line = rti_str_sub(line, key.len, line.len);
                return scan_i64(scan_word(&line));
        }
        return 0;
}

static void
take_places(procfs *p, int64_t pid, procfs_texts *texts, rti_proc_entry *entry)
{
        entry->cwd = keep(texts->cwd, sizeof texts->cwd,
                          rti_procfs_link(p, "%lld/cwd", (long long) pid));
        entry->root = keep(texts->root, sizeof texts->root,
                           rti_procfs_link(p, "%lld/root", (long long) pid));
        entry->env = keep(texts->env, sizeof texts->env,
                          rti_procfs_read(p, "%lld/environ", (long long) pid));
        entry->cgroups = rti_procfs_parse_cgroup(rti_procfs_read(p, "%lld/cgroup", (long long) pid),
                                                 texts->cgroups, sizeof texts->cgroups);
        entry->fdlimit = open_files_limit(rti_procfs_read(p, "%lld/limits", (long long) pid));
}

int
rti_procfs_thread(procfs *p, int64_t pid, int64_t tid, procfs_texts *texts,
                  rti_proc_entry *ret_entry)
{
        rti_proc_entry entry = { .tid = tid,
                                 .pid = pid,
                                 .ptid = 0,
                                 .sid = -1,
                                 .vpgid = -1,
                                 .pgid = -1,
                                 .vtid = -1,
                                 .vpid = -1,
                                 .loginuid = UINT32_MAX };
        const long long in = pid, at = tid;
        rt_str file = rti_procfs_read(p, "%lld/task/%lld/stat", in, at);
        rt_str word;

        if (!file.len)
                return RT_ENOENT;
        rti_procfs_parse_stat(file, &entry, texts);
        rti_procfs_parse_status(rti_procfs_read(p, "%lld/task/%lld/status", in, at), &entry);
        file = rti_procfs_read(p, "%lld/loginuid", in);
        if ((word = scan_word(&file)).len)
                entry.loginuid = (uint32_t) scan_u64(word, 10);
        take_command(p, pid, texts, &entry);
        take_executable(p, pid, texts, &entry);
        take_places(p, pid, texts, &entry);
        entry.pidns_init_start_ns = p->boot_ns;
        if (tid != pid)
                entry.flags |= RTI_CL_CLONE_THREAD | RTI_CL_CLONE_FILES;
        *ret_entry = entry;
        return RT_OK;
}
