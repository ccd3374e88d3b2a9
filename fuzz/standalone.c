/* SPDX-License-Identifier: Apache-2.0 */
/*
 * standalone.c - a main() for fuzz targets built without libFuzzer: every file named, and every
 * regular file of every directory named, is one input. This is how the seeds and the inputs of
 * past findings run as ordinary tests, with any compiler.
 *
 * Each input stands in a block of its own size, so that a sanitizer sees a read past the end.
 */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

static int
replay_file(const char *path)
{
        FILE *file = fopen(path, "rb");
        struct stat st;
        uint8_t *bytes = NULL;
        size_t size = 0;
        int r = -1;

        if (!file || fstat(fileno(file), &st) < 0)
                goto out;
        size = (size_t) st.st_size;
        bytes = malloc(size ? size : 1);
        if (!bytes || fread(bytes, 1, size, file) != size)
                goto out;
        LLVMFuzzerTestOneInput(bytes, size);
        r = 0;
out:
        if (r < 0)
                perror(path);
        free(bytes);
        if (file)
                fclose(file);
        return r;
}

/* The number of inputs replayed, or -1. */
static int
replay_directory(const char *path)
{
        struct dirent **names;
        int count = scandir(path, &names, NULL, alphasort), done = 0;

        if (count < 0) {
                perror(path);
                return -1;
        }
        for (int i = 0; i < count; i++) {
                char *file = NULL;
                struct stat st;

                if (done >= 0 && asprintf(&file, "%s/%s", path, names[i]->d_name) > 0
                    && stat(file, &st) == 0 && S_ISREG(st.st_mode))
                        done = replay_file(file) < 0 ? -1 : done + 1;
                free(file);
                free(names[i]);
        }
        free(names);
        return done;
}

/* The number of inputs replayed, or -1. */
static int
replay(const char *path)
{
        struct stat st;

        if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
                return replay_directory(path);
        return replay_file(path) < 0 ? -1 : 1;
}

int
main(int argc, char **argv)
{
        int inputs = 0;

        for (int i = 1; i < argc; i++) {
                int n = replay(argv[i]);

                if (n < 0)
                        return 1;
                inputs += n;
        }
        printf("%d inputs replayed\n", inputs);
        return inputs ? 0 : 1; /* a corpus that went missing must not pass */
}
