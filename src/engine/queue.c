/* SPDX-License-Identifier: Apache-2.0 */
/*
 * queue.c - inputs waiting to be read.
 *
 * A directory is walked at once, by name or by time as its source wishes; only names are kept.
 * Links to directories are not followed, so the walk ends; its depth is bounded by limits.def.
 */
#include "engine/queue.h"
#include "engine/input.h"
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

typedef struct entry {
        char *path;
        struct timespec time;
        bool directory;
} entry;

typedef struct entries {
        RTI_VEC(entry) list;
} entries;

typedef struct walker {
        rti_queue *queue;
        const rti_instance *instance;
        uint32_t source;
        uint32_t flags; /* RT_WALK_* */
} walker;

int
rti_reader_find(const rt_engine *engine, const char *path, const rt_reader_ops **ret_reader,
                void **ret_state)
{
        for (const rti_reader *reader = engine->readers; reader; reader = reader->older) {
                const rt_reader_ops *ops = &reader->ops;
                const int r = ops->open_with ? ops->open_with(ops->user, path, ret_state)
                                             : ops->open(path, ret_state);

                if (r == RT_ENOENT)
                        continue;
                *ret_reader = ops;
                return r < 0 ? r : RT_OK;
        }
        *ret_reader = &rti_file_reader;
        return rti_file_reader.open(path, ret_state);
}

static char *
join(const rt_allocator *allocator, const char *folder, const char *name)
{
        const size_t n = strlen(folder), m = name ? strlen(name) : 0;
        const bool slash = name && n && folder[n - 1] != '/';
        char *path = rti_alloc(allocator, n + slash + m + 1);

        if (!path)
                return NULL;
        memcpy(path, folder, n);
        if (slash)
                path[n] = '/';
        if (m)
                memcpy(path + n + slash, name, m);
        path[n + slash + m] = '\0';
        return path;
}

static bool
accepts(const rti_instance *instance, const char *path, uint32_t found)
{
        return !instance->ops->accept || instance->ops->accept(instance->state, path, found);
}

/* ---- directories ---- */

static int
by_name(const void *a, const void *b)
{
        return strcmp(((const entry *) a)->path, ((const entry *) b)->path);
}

static int
by_time(const void *a, const void *b)
{
        const struct timespec *x = &((const entry *) a)->time, *y = &((const entry *) b)->time;

        if (x->tv_sec != y->tv_sec)
                return x->tv_sec < y->tv_sec ? -1 : 1;
        if (x->tv_nsec != y->tv_nsec)
                return x->tv_nsec < y->tv_nsec ? -1 : 1;
        return by_name(a, b);
}

static int
add_entry(walker *w, entries *all, const char *folder, const char *name)
{
        const rt_allocator *a = w->queue->allocator;
        entry one = { .path = join(a, folder, name) };
        struct stat st, link;
        int r = one.path ? RT_OK : RT_ENOMEM;

        if (r < 0)
                return r;
        if (stat(one.path, &st) < 0 || lstat(one.path, &link) < 0
            || (!S_ISREG(st.st_mode) && !S_ISDIR(link.st_mode))) {
                rti_free(a, one.path);
                return RT_OK;
        }
        one.directory = S_ISDIR(link.st_mode);
        one.time = st.st_mtim;
        r = rti_vec_push(&all->list, a, one, RTI_MAX_QUEUED_INPUTS);
        if (r < 0)
                rti_free(a, one.path);
        return r;
}

static int
read_folder(walker *w, const char *folder, entries *all)
{
        DIR *dir = opendir(folder);
        const struct dirent *item;
        int r = RT_OK;

        if (!dir)
                return RT_EIO;
        while (r == RT_OK && (item = readdir(dir)))
                if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
                        r = add_entry(w, all, folder, item->d_name);
        closedir(dir);
        return r;
}

/* Queue an entry that was found; its path becomes the queue's, or is freed. */
static int
queue_entry(walker *w, char *path, const rt_reader_ops *reader, void *state)
{
        const rti_queued item = { path, w->source, reader, state };
        int r = rti_vec_push(&w->queue->items, w->queue->allocator, item, RTI_MAX_QUEUED_INPUTS);

        if (r < 0) {
                if (reader)
                        reader->close(state);
                rti_free(w->queue->allocator, path);
        }
        return r;
}

static int
walk(walker *w, const char *folder, unsigned depth)
{
        const rt_allocator *a = w->queue->allocator;
        entries all = { 0 };
        int r = depth < RTI_MAX_DIRECTORY_DEPTH ? read_folder(w, folder, &all) : RT_ELIMIT;

        if (all.list.n)
                qsort(all.list.at, all.list.n, sizeof *all.list.at,
                      w->flags & RT_WALK_BY_TIME ? by_time : by_name);
        for (size_t i = 0; i < all.list.n; i++) {
                entry *one = &all.list.at[i];

                if (r == RT_OK && one->directory && !(w->flags & RT_WALK_FLAT)) {
                        r = walk(w, one->path, depth + 1);
                } else if (r == RT_OK && !one->directory && accepts(w->instance, one->path, 1)) {
                        r = queue_entry(w, one->path, NULL, NULL);
                        continue;
                }
                rti_free(a, one->path);
        }
        rti_vec_done(&all.list, a);
        return r;
}

/* ---- the queue ---- */

static int
add_one(walker *w, const rt_engine *engine, const char *path)
{
        const rt_reader_ops *reader = &rti_no_reader;
        void *state = NULL;
        char *copy;
        int r = RT_OK;

        if (!accepts(w->instance, path, 0))
                return RT_OK;
        if (!(w->instance->ops->flags & RT_SOURCE_OPENS))
                r = rti_reader_find(engine, path, &reader, &state);
        if (r < 0)
                return r == RT_ENOENT ? RT_EIO : r; /* RT_ENOENT is for sources */
        copy = join(w->queue->allocator, path, NULL);
        if (!copy) {
                reader->close(state);
                return RT_ENOMEM;
        }
        return queue_entry(w, copy, reader, state);
}

int
rti_queue_add(rti_queue *queue, const rt_engine *engine, const rti_instance *instance,
              uint32_t source, const char *path)
{
        walker w = { .queue = queue, .instance = instance, .source = source };
        struct stat st;

        if (instance->ops->flags & RT_SOURCE_OPENS || stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
                return add_one(&w, engine, path);
        if (instance->ops->walk)
                w.flags = instance->ops->walk(instance->state);
        return walk(&w, path, 0);
}

bool
rti_queue_take(rti_queue *queue, rti_queued *ret_item)
{
        if (queue->next == queue->items.n)
                return false;
        *ret_item = queue->items.at[queue->next++];
        if (queue->next == queue->items.n)
                queue->next = queue->items.n = 0;
        return true;
}

void
rti_queue_done(rti_queue *queue)
{
        rti_queued item;

        while (rti_queue_take(queue, &item)) {
                if (item.reader)
                        item.reader->close(item.reader_state);
                rti_free(queue->allocator, item.path);
        }
        rti_vec_done(&queue->items, queue->allocator);
}
