/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists_watch.c - notices when files of --list change: --watch-lists.
 *
 *   in   the files' names
 *   out  which of them are others than before
 *
 * Their folders are watched, by name and where links lead, so that it does not matter whether a
 * file is written, replaced, or reached through a link that is turned. Whatever happens there is
 * waited for to settle; then a file counts as changed if it is another, or has another size or
 * time. One that is gone is waited for. A thread does it, which takes no signals: they wake up the
 * main one.
 */
#include "lists_watch.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { SETTLE_MS = 200, MOST_MS = 2000, MS_PER_S = 1000, NS_PER_MS = 1000000 };

typedef struct watched {
        const char *path;
        struct stat seen; /* st_nlink 0: it was not there */
        atomic_bool changed;
} watched;

static struct {
        watched *files;
        size_t n;
        int events, end[2]; /* inotify's; a pipe that is closed at the end */
        pthread_t thread;
        bool started;
        atomic_bool changed;
} watch = { .events = -1, .end = { -1, -1 } };

/* ---- files ---- */

static int
watch_folder(const char *path)
{
        const uint32_t what = IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_ONLYDIR;
        const char *slash = strrchr(path, '/');
        char folder[PATH_MAX];
        const size_t n = slash ? (size_t) (slash - path) + 1 : 0;

        if (n + 2 > sizeof folder) {
                errno = ENAMETOOLONG;
                return -1;
        }
        memcpy(folder, path, n);
        memcpy(folder + n, ".", 2);
        return inotify_add_watch(watch.events, folder, what);
}

/* The folder that the name says, and that of the file, if it is there. */
static int
watch_folders(const char *path)
{
        char real[PATH_MAX];

        if (realpath(path, real))
                (void) watch_folder(real);
        return watch_folder(path);
}

static bool
is_other(const struct stat *a, const struct stat *b)
{
        return a->st_dev != b->st_dev || a->st_ino != b->st_ino || a->st_size != b->st_size
               || a->st_mtim.tv_sec != b->st_mtim.tv_sec
               || a->st_mtim.tv_nsec != b->st_mtim.tv_nsec;
}

static void
look(void)
{
        for (size_t i = 0; i < watch.n; i++) {
                watched *file = &watch.files[i];
                struct stat now;

                if (stat(file->path, &now) < 0 || !is_other(&now, &file->seen))
                        continue;
                file->seen = now;
                (void) watch_folders(file->path);
                atomic_store(&file->changed, true);
                atomic_store(&watch.changed, true);
        }
}

/* ---- the thread ---- */

static int64_t
now_ms(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t) t.tv_sec * MS_PER_S + t.tv_nsec / NS_PER_MS;
}

/* What the events are does not matter: files are looked at. */
static void
drain(void)
{
        char events[4096];

        while (read(watch.events, events, sizeof events) > 0) {
        }
}

static void *
run(void *user)
{
        struct pollfd fds[2] = { { watch.end[0], POLLIN, 0 }, { watch.events, POLLIN, 0 } };
        int64_t first = -1;

        for (;;) {
                const int64_t left = first < 0 ? -1 : first + MOST_MS - now_ms();
                const int n = poll(fds, 2, first < 0 ? -1 : left < SETTLE_MS ? 0 : SETTLE_MS);

                if (fds[0].revents || (n < 0 && errno != EINTR))
                        return user;
                if (n > 0) {
                        drain();
                        first = first < 0 ? now_ms() : first;
                }
                if (n == 0 || (n > 0 && left >= 0 && left < SETTLE_MS)) {
                        first = -1;
                        look();
                }
        }
}

static int
start(void)
{
        sigset_t all, before;
        int r;

        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        r = pthread_create(&watch.thread, NULL, run, NULL);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
        watch.started = r == 0;
        return r;
}

/* ---- for rtctl run ---- */

int
lists_watch_begin(const options *o)
{
        if (!o->watch_lists || !o->lists.n)
                return 0;
        watch.files = calloc(o->lists.n, sizeof *watch.files);
        watch.events = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
        if (!watch.files || watch.events < 0 || pipe2(watch.end, O_CLOEXEC) < 0) {
                complain("the files of lists cannot be watched: %m");
                return EXIT_BAD;
        }
        for (size_t i = 0; i < o->lists.n; i++) {
                const char *equals = strchr(o->lists.at[i], '=');
                watched *file = &watch.files[watch.n++];

                file->path = equals ? equals + 1 : o->lists.at[i];
                if (watch_folders(file->path) < 0) {
                        complain("%s cannot be watched: %m", file->path);
                        return EXIT_BAD;
                }
                if (stat(file->path, &file->seen) < 0)
                        file->seen = (struct stat){ 0 };
        }
        if ((errno = start()) != 0) {
                complain("the files of lists cannot be watched: %m");
                return EXIT_BAD;
        }
        return 0;
}

bool
lists_watch_changed(void)
{
        return atomic_load_explicit(&watch.changed, memory_order_relaxed)
               && atomic_exchange(&watch.changed, false);
}

bool
lists_watch_take(size_t number)
{
        return number < watch.n && atomic_exchange(&watch.files[number].changed, false);
}

void
lists_watch_end(void)
{
        if (watch.end[1] >= 0)
                close(watch.end[1]);
        if (watch.started)
                pthread_join(watch.thread, NULL);
        if (watch.end[0] >= 0)
                close(watch.end[0]);
        if (watch.events >= 0)
                close(watch.events);
        free(watch.files);
        watch.files = NULL;
        watch.n = 0;
        watch.started = false;
        watch.events = watch.end[0] = watch.end[1] = -1;
}
