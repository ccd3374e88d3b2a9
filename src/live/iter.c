/* SPDX-License-Identifier: Apache-2.0 */
/* iter.c - reading the kernel's iterator over threads. */
#include "live/iter.h"
#include "live/record.h"
#include "live_iter.skel.h"
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_TASKS = 1024, EXE_WRITABLE = 1, EXE_UPPER = 2, EXE_MEMFD = 4, EXE_LOWER = 8 };

/* ---- loading ---- */

static int
say_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
        (void) level;
        (void) format;
        (void) args;
        return 0;
}

/* The headers that it shares with the programs for events bring their maps along. */
static void
leave_out_maps(struct bpf_object *object)
{
        struct bpf_map *map;

        bpf_object__for_each_map(map, object) if (strcmp(bpf_map__name(map), "frames") != 0)(void)
                bpf_map__set_autocreate(map, false);
}

static struct bpf_object *
load(void)
{
        size_t size = 0;
        const void *bytes = live_iter__elf_bytes(&size);
        libbpf_print_fn_t print = libbpf_set_print(say_nothing);
        struct bpf_object *object = bpf_object__open_mem(bytes, size, NULL);

        if (object)
                leave_out_maps(object);
        if (object && bpf_object__load(object) < 0) {
                bpf_object__close(object);
                object = NULL;
        }
        libbpf_set_print(print);
        return object;
}

/* ---- reading ---- */

/* A read may end inside of a record. */
static int
read_all(int fd, live_facts *facts)
{
        size_t room = FIRST_TASKS * sizeof *facts->tasks, len = 0;
        char *bytes = malloc(room), *more;
        ssize_t n = -1;

        while (bytes) {
                n = read(fd, bytes + len, room - len);
                if (n < 0 && (errno == EINTR || errno == EAGAIN))
                        continue;
                if (n <= 0)
                        break;
                len += (size_t) n;
                if (len < room)
                        continue;
                room *= 2;
                more = realloc(bytes, room);
                if (!more)
                        free(bytes);
                bytes = more;
        }
        if (!bytes)
                return RT_ENOMEM;
        facts->tasks = (struct rti_task_facts *) (void *) bytes;
        facts->n = len / sizeof *facts->tasks;
        return n < 0 ? RT_ENOENT : RT_OK;
}

static int
by_tid(const void *a, const void *b)
{
        const uint32_t x = ((const struct rti_task_facts *) a)->tid;
        const uint32_t y = ((const struct rti_task_facts *) b)->tid;

        return (x > y) - (x < y);
}

int
live_facts_read(live_facts *ret_facts)
{
        live_facts facts = { 0 };
        struct bpf_object *object = load();
        struct bpf_program *program =
                object ? bpf_object__find_program_by_name(object, "each_task") : NULL;
        struct bpf_link *link = program ? bpf_program__attach_iter(program, NULL) : NULL;
        const int fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
        int r = fd < 0 ? RT_ENOENT : read_all(fd, &facts);

        if (fd >= 0)
                close(fd);
        bpf_link__destroy(link);
        bpf_object__close(object);
        if (r < 0) {
                live_facts_done(&facts);
                return r;
        }
        if (facts.n)
                qsort(facts.tasks, facts.n, sizeof *facts.tasks, by_tid);
        *ret_facts = facts;
        return RT_OK;
}

void
live_facts_done(live_facts *facts)
{
        free(facts->tasks);
        *facts = (live_facts){ 0 };
}

/* ---- using ---- */

const struct rti_task_facts *
live_facts_find(const live_facts *facts, int64_t tid, uint64_t start_ticks, uint64_t ns_per_tick)
{
        const struct rti_task_facts key = { .tid = (uint32_t) tid };
        const struct rti_task_facts *found =
                facts->n ? bsearch(&key, facts->tasks, facts->n, sizeof key, by_tid) : NULL;

        return found && found->start_ns / ns_per_tick == start_ticks ? found : NULL;
}

void
live_facts_merge(const struct rti_task_facts *task, rti_proc_entry *entry)
{
        if (!task->exe_ino)
                return;
        entry->exe_ino = task->exe_ino;
        entry->exe_ino_ctime = task->exe_ctime_ns;
        entry->exe_ino_mtime = task->exe_mtime_ns;
        entry->exe_writable = (task->exe_flags & EXE_WRITABLE) != 0;
        entry->exe_upper_layer = (task->exe_flags & EXE_UPPER) != 0;
        entry->exe_from_memfd = (task->exe_flags & EXE_MEMFD) != 0;
        entry->exe_lower_layer = (task->exe_flags & EXE_LOWER) != 0;
}
