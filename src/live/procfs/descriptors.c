/* SPDX-License-Identifier: Apache-2.0 */
/* descriptors.c - one open descriptor, out of /proc/PID/fd and fdinfo. */
#include "live/procfs/procfs.h"
#include "live/procfs/scan.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* What the link of a descriptor without a path begins with. */
static const struct {
        const char *text;
        uint8_t kind;
} anonymous[] = {
        { "socket:[", RTI_FD_UNKNOWN },
        { "pipe:[", RTI_FD_FIFO },
        { "anon_inode:[eventpoll]", RTI_FD_EVENTPOLL },
        { "anon_inode:[eventfd]", RTI_FD_EVENT },
        { "anon_inode:[signalfd]", RTI_FD_SIGNALFD },
        { "anon_inode:[timerfd]", RTI_FD_TIMERFD },
        { "anon_inode:[io_uring]", RTI_FD_IOURING },
        { "anon_inode:[userfaultfd]", RTI_FD_USERFAULTFD },
        { "anon_inode:[pidfd]", RTI_FD_PIDFD },
        { "anon_inode:inotify", RTI_FD_INOTIFY },
        { "anon_inode:bpf", RTI_FD_BPF },
        { "anon_inode:", RTI_FD_UNSUPPORTED },
        { "/memfd:", RTI_FD_MEMFD },
};

void
rti_procfs_parse_fd_link(rt_str link, rti_fd_entry *entry)
{
        entry->kind = RTI_FD_FILE_V2;
        entry->name = link;
        for (size_t i = 0; i < RTI_COUNT(anonymous); i++)
                if (rti_str_starts(link, rti_str_of(anonymous[i].text))) {
                        entry->kind = anonymous[i].kind;
                        break;
                }
        if (entry->kind == RTI_FD_FIFO)
                entry->name = (rt_str){ link.ptr, 0 };
        if (entry->kind == RTI_FD_MEMFD) { /* "/memfd:NAME (deleted)" */
                const rt_str end = RTI_STR(" (deleted)");

                entry->name = rti_str_sub(link, strlen("/memfd:"), link.len);
                if (rti_str_ends(entry->name, end))
                        entry->name.len -= end.len;
        }
}

/* Flags as captures number them (PPM_O_*): the kernel's are not the same on every machine. */
static uint32_t
capture_flags(uint64_t flags)
{
        static const struct {
                uint32_t kernel, capture;
        } bits[] = {
                { O_CREAT, 1 << 2 },      { O_APPEND, 1 << 3 },   { O_DSYNC, 1 << 4 },
                { O_EXCL, 1 << 5 },       { O_NONBLOCK, 1 << 6 }, { O_SYNC, 1 << 7 },
                { O_TRUNC, 1 << 8 },      { O_DIRECT, 1 << 9 },   { O_DIRECTORY, 1 << 10 },
                { O_LARGEFILE, 1 << 11 }, { O_CLOEXEC, 1 << 12 }, { O_TMPFILE, 1 << 13 },
        };
        uint32_t out;

        switch (flags & O_ACCMODE) {
        case O_RDONLY:
                out = 1;
                break;
        case O_WRONLY:
                out = 2;
                break;
        default:
                out = 3;
                break;
        }
        for (size_t i = 0; i < RTI_COUNT(bits); i++)
                if (bits[i].kernel && (flags & bits[i].kernel) == bits[i].kernel)
                        out |= bits[i].capture;
        return out;
}

static uint32_t
open_flags(procfs *p, long long pid, long long num)
{
        const rt_str key = RTI_STR("flags:");
        rt_str file = rti_procfs_read(p, "%lld/fdinfo/%lld", pid, num);
        rt_str line;

        while (scan_line(&file, &line)) {
                if (!rti_str_starts(line, key))
                        continue;
                line = rti_str_sub(line, key.len, line.len);
                return capture_flags(scan_u64(scan_word(&line), 8));
        }
        return 0;
}

/* The capture's encoding of device numbers: the kernel's own for 32 bits. */
static uint32_t
device(dev_t dev)
{
        return (minor(dev) & 0xff) | major(dev) << 8 | (minor(dev) & ~0xffu) << 12;
}

static void
take_socket(procfs *p, int64_t pid, rti_fd_entry *entry)
{
        const uint64_t ino =
                scan_u64(rti_str_sub(entry->name, strlen("socket:["), entry->name.len), 10);
        const procfs_net *net = rti_procfs_net_of(p, pid);
        const procfs_socket *s = net ? rti_procfs_net_find(net, ino) : NULL;
        const int64_t num = entry->num;

        entry->ino = ino;
        entry->name = (rt_str){ p->target, 0 };
        if (!s)
                return;
        *entry = s->entry;
        entry->num = num;
        memcpy(p->target, s->text, s->text_len);
        entry->name = (rt_str){ p->target, s->text_len };
}

int
rti_procfs_fd(procfs *p, int64_t pid, int64_t num, rti_fd_entry *ret_entry)
{
        rti_fd_entry entry = { .num = num };
        const rt_str link = rti_procfs_link(p, "%lld/fd/%lld", (long long) pid, (long long) num);
        struct stat st = { 0 };

        if (!link.len || stat(p->path, &st) < 0)
                return RT_ENOENT;
        rti_procfs_parse_fd_link(link, &entry);
        entry.ino = st.st_ino;
        if (rti_str_starts(link, RTI_STR("socket:["))) {
                take_socket(p, pid, &entry);
        } else if (entry.kind == RTI_FD_FILE_V2) {
                entry.dev = device(st.st_dev);
                entry.open_flags = open_flags(p, pid, num);
                if (S_ISDIR(st.st_mode))
                        entry.kind = RTI_FD_DIRECTORY;
                else if (S_ISFIFO(st.st_mode))
                        entry.kind = RTI_FD_FIFO;
        }
        *ret_entry = entry;
        return RT_OK;
}
