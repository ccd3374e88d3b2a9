/* SPDX-License-Identifier: Apache-2.0 */
/* scope.c - which of the processes that run already belong to what is watched. */
#include "live/scope.h"
#include "live/procfs/scan.h"
#include "live/record.h"
#include <dirent.h>
#include <stdlib.h>

enum { MOST_ANCESTORS = 4096 };

static bool
is_unbounded(const live_scope *s)
{
        return s->kind == 0 || s->kind == RTI_SCOPE_CGROUP;
}

static int
add(live_scope *s, int64_t pid)
{
        if (s->n == s->room) {
                const size_t room = s->room ? 2 * s->room : 64;
                int64_t *pids = realloc(s->pids, room * sizeof *pids);

                if (!pids)
                        return RT_ENOMEM;
                s->pids = pids;
                s->room = room;
        }
        s->pids[s->n++] = pid;
        return RT_OK;
}

/* 0: none, or it is gone. */
static int64_t
parent_of(procfs *p, int64_t pid)
{
        const rt_str file = rti_procfs_read(p, "%lld/stat", (long long) pid);
        const char *close = file.len ? memrchr(file.ptr, ')', file.len) : NULL;
        rt_str rest;

        if (!close)
                return 0;
        rest = (rt_str){ close + 1, file.len - (size_t) (close + 1 - file.ptr) };
        (void) scan_word(&rest); /* state */
        return scan_i64(scan_word(&rest));
}

/* Links read "pid:[4026531836]". */
static uint64_t
namespace_of(procfs *p, int64_t pid, const char *name)
{
        const rt_str link = rti_procfs_link(p, "%lld/ns/%s", (long long) pid, name);
        const char *open = link.len ? memchr(link.ptr, '[', link.len) : NULL;
        const size_t from = open ? (size_t) (open + 1 - link.ptr) : link.len;

        if (from + 1 >= link.len)
                return 0;
        return scan_u64(rti_str_sub(link, from, link.len - 1), 10);
}

static bool
is_below(procfs *p, int64_t pid, int64_t top)
{
        for (int i = 0; i < MOST_ANCESTORS && pid > 0; i++) {
                if (pid == top)
                        return true;
                pid = parent_of(p, pid);
        }
        return false;
}

static bool
is_in(const live_scope *s, procfs *p, int64_t pid)
{
        switch (s->kind) {
        case RTI_SCOPE_TREE:
                return is_below(p, pid, (int64_t) s->id);
        case RTI_SCOPE_MNTNS:
                return namespace_of(p, pid, "mnt") == s->id;
        case RTI_SCOPE_PIDNS:
                return namespace_of(p, pid, "pid_for_children") == s->id;
        default:
                return true;
        }
}

static int
take(live_scope *s, procfs *p, int64_t pid)
{
        int r = add(s, pid);

        for (int i = 0; i < MOST_ANCESTORS && r == RT_OK && s->ancestors; i++) {
                pid = parent_of(p, pid);
                if (pid <= 0)
                        break;
                r = add(s, pid);
        }
        return r;
}

static int
by_number(const void *a, const void *b)
{
        const int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

        return (x > y) - (x < y);
}

int
live_scope_fill(live_scope *s, procfs *p)
{
        const struct dirent *d;
        int r = RT_OK;
        DIR *dir;

        if (is_unbounded(s))
                return RT_OK;
        dir = opendir(p->root);
        if (!dir)
                return RT_EIO;
        while (r == RT_OK && (d = readdir(dir))) {
                const int64_t pid = scan_pid(rti_str_of(d->d_name));

                if (pid > 0 && is_in(s, p, pid))
                        r = take(s, p, pid);
        }
        closedir(dir);
        if (s->n)
                qsort(s->pids, s->n, sizeof *s->pids, by_number);
        return r;
}

void
live_scope_done(live_scope *s)
{
        free(s->pids);
        s->pids = NULL;
        s->n = s->room = 0;
}

bool
live_scope_has(const live_scope *s, int64_t pid)
{
        return is_unbounded(s)
               || (s->n && bsearch(&pid, s->pids, s->n, sizeof *s->pids, by_number));
}
