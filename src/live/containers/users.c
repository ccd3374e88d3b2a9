/* SPDX-License-Identifier: Apache-2.0 */
/*
 * users.c - the users and groups that a container knows, out of its own files.
 *
 * Whoever is in there has written those files: they are opened below the container's root alone,
 * links included, must be regular files, and are read up to a bound.
 */
#include "live/containers/containers.h"
#include "live/procfs/procfs.h"
#include "live/procfs/scan.h"
#include "sources/syscall/codes.h"
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { MOST_BYTES = 64 * 1024, MOST_PARAMS = 6, PATH_ROOM = 320 };

/* The container's root; -1: gone, or our own. */
static int
open_root(const char *proc, int64_t tid)
{
        char path[PATH_ROOM];
        struct stat ours, theirs;
        int fd;

        snprintf(path, sizeof path, "%s/%lld/root", proc, (long long) tid);
        fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -1;
        if (stat("/", &ours) < 0 || fstat(fd, &theirs) < 0
            || (ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino)) {
                close(fd);
                return -1;
        }
        return fd;
}

/* Its bytes, in @a bytes. */
static rt_str
read_file(int root, const char *path, char bytes[MOST_BYTES])
{
        const struct open_how how = { .flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                                      .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
        const int fd = (int) syscall(SYS_openat2, root, path, &how, sizeof how);
        rt_str file = { bytes, 0 };
        struct stat st;
        ssize_t n;

        if (fd < 0)
                return file;
        if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
                while (file.len < MOST_BYTES
                       && (n = read(fd, bytes + file.len, MOST_BYTES - file.len)) > 0)
                        file.len += (size_t) n;
        close(fd);
        return file;
}

/* A text with its NUL, in @a room. */
static rt_str
text_in(char room[], size_t room_bytes, rt_str s)
{
        const size_t n = s.len < room_bytes - 1 ? s.len : room_bytes - 1;

        memcpy(room, s.ptr, n);
        room[n] = '\0';
        return (rt_str){ room, n + 1 };
}

static void
put_one(const procfs_identity *one, bool user, rt_str id, const live_sight *sight, cap_out *out)
{
        enum { TEXT_ROOM = 256 };
        char name[TEXT_ROOM], home[TEXT_ROOM], shell[TEXT_ROOM], container[TEXT_ROOM];
        const size_t block = rti_cap_block_begin(out, CAP_EVENT);
        rt_str params[MOST_PARAMS];
        uint32_t n = 0;

        params[n++] = (rt_str){ (const char *) &one->id, sizeof one->id };
        if (user)
                params[n++] = (rt_str){ (const char *) &one->gid, sizeof one->gid };
        params[n++] = text_in(name, sizeof name, one->name);
        if (user) {
                params[n++] = text_in(home, sizeof home, one->home);
                params[n++] = text_in(shell, sizeof shell, one->shell);
        }
        params[n++] = text_in(container, sizeof container, id);
        rti_cap_event_put(out,
                          &(cap_event){ .time_ns = sight->time_ns,
                                        .tid = sight->tid,
                                        .cpu = sight->cpu,
                                        .type = user ? RTI_EV_USER_ADDED_E : RTI_EV_GROUP_ADDED_E,
                                        .n_params = n,
                                        .params = params });
        rti_cap_block_end(out, block);
}

bool
live_container_users(const char *proc, rt_str id, const live_sight *sight, cap_out *out)
{
        static const struct {
                const char *path;
                bool users;
        } lists[] = { { "etc/passwd", true }, { "etc/group", false } };
        const int root = open_root(proc, sight->tid);
        char *bytes = root < 0 ? NULL : malloc(MOST_BYTES);

        for (size_t i = 0; bytes && i < RTI_COUNT(lists); i++) {
                rt_str file = read_file(root, lists[i].path, bytes), line;
                procfs_identity one;

                while (scan_line(&file, &line))
                        if (rti_procfs_parse_identity(line, lists[i].users, &one))
                                put_one(&one, lists[i].users, id, sight, out);
        }
        if (root >= 0)
                close(root);
        if (root >= 0 && !bytes)
                out->failed = true;
        free(bytes);
        return root >= 0;
}
