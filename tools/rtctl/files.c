/* SPDX-License-Identifier: Apache-2.0 */
/* files.c - whole files, in and out. */
#include "files.h"
#include "options.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MODE = 0644, FIRST_ROOM = 1 << 16 };

int
file_read(const char *path, rt_str *ret_text)
{
        FILE *file = fopen(path, "rb");
        size_t len = 0, room = 0, n;
        char *text = NULL;
        bool good;

        if (!file) {
                complain("%s: %s", path, strerror(errno));
                return EXIT_BAD;
        }
        do {
                room = room ? room * 2 : FIRST_ROOM;
                text = grow(text, room, 1);
                n = fread(text + len, 1, room - len, file);
                len += n;
        } while (n);
        good = !ferror(file);
        fclose(file);
        if (!good) {
                complain("%s: cannot be read", path);
                free(text);
                return EXIT_BAD;
        }
        *ret_text = (rt_str){ text, len };
        return 0;
}

static int
write_all(int fd, rt_str bytes)
{
        while (bytes.len) {
                const ssize_t n = write(fd, bytes.ptr, bytes.len);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -1;
                bytes.ptr += n;
                bytes.len -= (size_t) n;
        }
        return fsync(fd);
}

int
file_write(const char *path, rt_str bytes)
{
        const size_t room = strlen(path) + sizeof ".XXXXXX";
        char *temporary = grow(NULL, room, 1);
        bool good;
        int fd;

        snprintf(temporary, room, "%s.XXXXXX", path);
        fd = mkstemp(temporary);
        good = fd >= 0 && fchmod(fd, MODE) == 0 && write_all(fd, bytes) == 0
               && rename(temporary, path) == 0;
        if (!good)
                complain("%s: %s", path, strerror(errno));
        if (fd >= 0 && !good)
                unlink(temporary);
        if (fd >= 0)
                close(fd);
        free(temporary);
        return good ? 0 : EXIT_BAD;
}
