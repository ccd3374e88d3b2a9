/* SPDX-License-Identifier: Apache-2.0 */
/* read.c - files and links below /proc. */
#include "live/procfs/procfs.h"
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { NS_PER_SECOND = 1000000000 };

static uint64_t
now_ns(clockid_t clock)
{
        struct timespec t;

        if (clock_gettime(clock, &t) < 0)
                return 0;
        return (uint64_t) t.tv_sec * NS_PER_SECOND + (uint64_t) t.tv_nsec;
}

int
rti_procfs_init(procfs *p, const char *root)
{
        const long ticks = sysconf(_SC_CLK_TCK);
        struct stat st;
        const size_t n = strlen(root);

        *p = (procfs){ .ns_per_tick = NS_PER_SECOND / (uint64_t) (ticks > 0 ? ticks : 100) };
        if (n >= sizeof p->root)
                return RT_EINVAL;
        memcpy(p->root, root, n + 1);
        p->boot_ns = now_ns(CLOCK_REALTIME) - now_ns(CLOCK_BOOTTIME);
        p->file = malloc(PROCFS_FILE_BYTES);
        if (!p->file)
                return RT_ENOMEM;
        snprintf(p->path, sizeof p->path, "%s/self/ns/pid", p->root);
        if (stat(p->path, &st) == 0)
                p->host_pidns = st.st_ino;
        return RT_OK;
}

void
rti_procfs_done(procfs *p)
{
        for (size_t i = 0; i < p->n_nets; i++)
                free(p->nets[i].sockets);
        free(p->nets);
        free(p->file);
        *p = (procfs){ 0 };
}

static bool __attribute__((format(printf, 2, 0)))
name_path(procfs *p, const char *format, va_list args)
{
        const int head = snprintf(p->path, sizeof p->path, "%s/", p->root);
        const int tail = vsnprintf(p->path + head, sizeof p->path - (size_t) head, format, args);

        return tail >= 0 && (size_t) tail < sizeof p->path - (size_t) head;
}

rt_str
rti_procfs_read(procfs *p, const char *format, ...)
{
        size_t len = 0;
        va_list args;
        ssize_t n;
        bool named;
        int fd;

        va_start(args, format);
        named = name_path(p, format, args);
        va_end(args);
        fd = named ? open(p->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
        if (fd < 0)
                return (rt_str){ p->file, 0 };
        while (len < PROCFS_FILE_BYTES) {
                n = read(fd, p->file + len, PROCFS_FILE_BYTES - len);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n <= 0)
                        break;
                len += (size_t) n;
        }
        close(fd);
        return (rt_str){ p->file, len };
}

rt_str
rti_procfs_link(procfs *p, const char *format, ...)
{
        va_list args;
        ssize_t n = -1;

        va_start(args, format);
        if (name_path(p, format, args))
                n = readlink(p->path, p->target, sizeof p->target - 1);
        va_end(args);
        return (rt_str){ p->target, n < 0 ? 0 : (size_t) n };
}
