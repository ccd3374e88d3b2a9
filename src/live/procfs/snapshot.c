/* SPDX-License-Identifier: Apache-2.0 */
/* snapshot.c - everything that runs, as the lists that a capture begins with. */
#include "live/procfs/procfs.h"
#include "live/procfs/scan.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 64 * 1024 }; /* readers need not hold all processes at once */

static DIR *
open_dir(procfs *p, int64_t pid, const char *name)
{
        snprintf(p->path, sizeof p->path, "%s/%lld/%s", p->root, (long long) pid, name);
        return opendir(p->path);
}

static void
put_threads(procfs *p, cap_out *out, int64_t pid, procfs_texts *texts)
{
        DIR *dir = open_dir(p, pid, "task");
        size_t at = rti_cap_block_begin(out, CAP_PROCESSES);
        const struct dirent *d;

        while (dir && (d = readdir(dir))) {
                const int64_t tid = scan_pid(rti_str_of(d->d_name));
                rti_proc_entry entry;

                if (tid < 0)
                        continue;
                if (rti_procfs_thread(p, pid, tid, texts, &entry) < 0) {
                        p->vanished++;
                        continue;
                }
                if (p->listed && p->listed(p->listed_context, &entry, texts->start_ticks) < 0)
                        out->failed = true;
                rti_cap_process(out, &entry);
                if (p->cgroups && tid == pid
                    && p->cgroups(p->listed_context, pid, entry.cgroups) < 0)
                        out->failed = true;
                if (out->len - at > BLOCK_BYTES) {
                        rti_cap_block_end(out, at);
                        at = rti_cap_block_begin(out, CAP_PROCESSES);
                }
        }
        rti_cap_block_end(out, at);
        if (dir)
                closedir(dir);
}

static void
put_fds(procfs *p, cap_out *out, int64_t pid)
{
        DIR *dir = open_dir(p, pid, "fd");
        const struct dirent *d;
        size_t at;

        if (!dir)
                return;
        at = rti_cap_block_begin(out, CAP_FDS);
        cap_u64(out, (uint64_t) pid);
        while ((d = readdir(dir))) {
                const int64_t num = scan_pid(rti_str_of(d->d_name));
                rti_fd_entry entry;

                if (num < 0)
                        continue;
                if (rti_procfs_fd(p, pid, num, &entry) < 0)
                        p->vanished++;
                else
                        rti_cap_fd(out, &entry);
                if (out->len - at > BLOCK_BYTES) {
                        rti_cap_block_end(out, at);
                        at = rti_cap_block_begin(out, CAP_FDS);
                        cap_u64(out, (uint64_t) pid);
                }
        }
        rti_cap_block_end(out, at);
        closedir(dir);
}

typedef void put_one(procfs *p, cap_out *out, int64_t pid, procfs_texts *texts);

static void
put_fds_of(procfs *p, cap_out *out, int64_t pid, procfs_texts *texts)
{
        (void) texts;
        put_fds(p, out, pid);
}

static int
for_each_process(procfs *p, cap_out *out, procfs_texts *texts, put_one *put)
{
        DIR *dir = opendir(p->root);
        const struct dirent *d;

        if (!dir)
                return RT_EIO;
        while ((d = readdir(dir))) {
                const int64_t pid = scan_pid(rti_str_of(d->d_name));

                if (pid >= 0 && (!p->wanted || p->wanted(p->wanted_context, pid)))
                        put(p, out, pid, texts);
        }
        closedir(dir);
        return RT_OK;
}

int
rti_procfs_snapshot(procfs *p, cap_out *out)
{
        procfs_texts *texts = malloc(sizeof *texts);
        int r;

        if (!texts)
                return RT_ENOMEM;
        r = for_each_process(p, out, texts, put_threads);
        if (r == RT_OK)
                r = for_each_process(p, out, texts, put_fds_of);
        free(texts);
        if (r == RT_OK && out->failed)
                r = RT_ENOMEM;
        return r;
}
