/* SPDX-License-Identifier: Apache-2.0 */
/* follow.c - a reader of log files that are still being written. */
#include <errno.h>
#include <fcntl.h>
#include <libruntime-inputs/follow.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_AGAIN_MS = 200 };

typedef struct follow {
        char *path;
        int fd;
        off_t offset; /* of the next byte in the file that fd is */
        bool rotated; /* another file stands under its name; its end was seen once since then */
        bool ending;
} follow;

static void
follow_close(void *state)
{
        follow *f = state;

        if (!f)
                return;
        if (f->fd >= 0)
                close(f->fd);
        free(f->path);
        free(f);
}

static int
follow_open(const char *path, void **ret_state)
{
        struct stat st;
        follow *f;

        if (strcmp(path, "-") == 0 || stat(path, &st) < 0 || !S_ISREG(st.st_mode))
                return RT_ENOENT;
        f = calloc(1, sizeof *f);
        if (!f)
                return RT_ENOMEM;
        f->fd = open(path, O_RDONLY | O_CLOEXEC);
        f->path = strdup(path);
        if (f->fd < 0 || !f->path) {
                const int r = f->fd < 0 ? RT_EIO : RT_ENOMEM;

                follow_close(f);
                return r;
        }
        *ret_state = f;
        return RT_OK;
}

/* Does another file stand under the name by now? A file that was cut is read from its beginning. */
static bool
has_successor(follow *f)
{
        struct stat named, held;

        if (fstat(f->fd, &held) < 0)
                return false;
        if (held.st_size < f->offset)
                f->offset = 0;
        return stat(f->path, &named) == 0
               && (named.st_ino != held.st_ino || named.st_dev != held.st_dev);
}

static void
go_on_with_successor(follow *f)
{
        const int fd = open(f->path, O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return;
        close(f->fd);
        f->fd = fd;
        f->offset = 0;
}

static int64_t
follow_read(void *state, void *buffer, size_t size_bytes)
{
        const struct timespec pause = { 0, LOOK_AGAIN_MS * 1000L * 1000L };
        follow *f = state;
        const ssize_t n = pread(f->fd, buffer, size_bytes, f->offset);

        if (n > 0) {
                f->offset += n;
                f->rotated = false;
                return n;
        }
        if (n < 0 && errno != EINTR)
                return RT_EIO;
        if (f->ending)
                return 0;
        /* What the writer still had for the old file comes before it is left: the end is seen once
         * more after the rotation was. */
        if (n == 0 && f->rotated)
                go_on_with_successor(f);
        f->rotated = n == 0 && has_successor(f);
        if (n == 0)
                nanosleep(&pause, NULL);
        return RT_EAGAIN;
}

static int
follow_finish(void *state)
{
        ((follow *) state)->ending = true;
        return RT_OK;
}

static const rt_reader_ops follow_reader = {
        .size = sizeof(rt_reader_ops),
        .name = "follow",
        .open = follow_open,
        .read = follow_read,
        .close = follow_close,
        .finish = follow_finish,
};

const rt_reader_ops *
rt_follow_reader(void)
{
        return &follow_reader;
}
