/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gzip.c - a reader of compressed files, on zlib.
 *
 *   in   a path
 *   out  the bytes of all its gzip members, one after the other
 *
 * Memory is bounded: one buffer of compressed bytes and zlib's window, however much comes out.
 */
#include <libruntime-inputs/gzip.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { IN_BYTES = 64 * 1024, GZIP_WINDOW_BITS = 15 + 16 /* gzip's header, not zlib's */ };

typedef struct gzip_file {
        int fd;
        bool between; /* members: the file may end here */
        z_stream z;
        unsigned char in[IN_BYTES];
} gzip_file;

/* Is the open file one of ours? */
static bool
is_gzip(int fd, const char *path)
{
        const size_t len = strlen(path);
        unsigned char magic[2];
        struct stat st;

        if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return false;
        if (pread(fd, magic, sizeof magic, 0) == sizeof magic && magic[0] == 0x1f
            && magic[1] == 0x8b)
                return true;
        return len > 3 && strcmp(path + len - 3, ".gz") == 0;
}

static void
gzip_close(void *state)
{
        gzip_file *file = state;

        if (!file)
                return;
        (void) inflateEnd(&file->z);
        close(file->fd);
        free(file);
}

static int
gzip_open(const char *path, void **ret_state)
{
        gzip_file *file;
        int fd;

        if (strcmp(path, "-") == 0)
                return RT_ENOENT;
        /* Not blocking: a named pipe without a writer is not ours to wait for. */
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        if (fd < 0 || !is_gzip(fd, path)) {
                if (fd >= 0)
                        close(fd);
                return RT_ENOENT;
        }
        file = calloc(1, sizeof *file);
        if (!file || inflateInit2(&file->z, GZIP_WINDOW_BITS) != Z_OK) {
                close(fd);
                free(file);
                return RT_ENOMEM;
        }
        file->fd = fd;
        *ret_state = file;
        return RT_OK;
}

/* Have compressed bytes at hand. 1, 0: the file ends, RT_EIO. */
static int
fill(gzip_file *file)
{
        ssize_t n;

        if (file->z.avail_in > 0)
                return 1;
        do
                n = read(file->fd, file->in, sizeof file->in);
        while (n < 0 && errno == EINTR);
        if (n < 0)
                return RT_EIO;
        file->z.next_in = file->in;
        file->z.avail_in = (unsigned) n;
        return n > 0;
}

static int64_t
gzip_read(void *state, void *buffer, size_t size_bytes)
{
        gzip_file *file = state;
        const unsigned room = size_bytes < (1u << 30) ? (unsigned) size_bytes : 1u << 30;
        int r;

        file->z.next_out = buffer;
        file->z.avail_out = room;
        while (file->z.avail_out == room) {
                r = fill(file);
                if (r <= 0)
                        return r == 0 && !file->between ? RT_EFORMAT : r;
                if (file->between && inflateReset(&file->z) != Z_OK)
                        return RT_EFORMAT;
                file->between = false;
                r = inflate(&file->z, Z_NO_FLUSH);
                if (r == Z_MEM_ERROR)
                        return RT_ENOMEM;
                if (r == Z_STREAM_END)
                        file->between = true;
                else if (r != Z_OK && r != Z_BUF_ERROR && file->z.avail_out == room)
                        return RT_EFORMAT;
        }
        return room - file->z.avail_out;
}

static const rt_reader_ops gzip_reader = {
        .size = sizeof(rt_reader_ops),
        .name = "gzip",
        .open = gzip_open,
        .read = gzip_read,
        .close = gzip_close,
        .flags = RT_READER_READY,
};

const rt_reader_ops *
rt_gzip_reader(void)
{
        return &gzip_reader;
}
