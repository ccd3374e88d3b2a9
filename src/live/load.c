/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.c - the kernel side's life: load, choose, attach, count, unload.
 *
 * The programs are there twice (see bpf/frame.h). Which of them this kernel takes is found by
 * loading: first those of typed tracepoints, then those of raw ones.
 */
#include "live/load.h"
#include "lang/events.h"
#include "live_typed.skel.h"
#include "live_raw.skel.h"
#include "sources/syscall/codes.h"
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
        DEFAULT_BULK = 8 << 20,
        DEFAULT_URGENT = 4 << 20,
        DEFAULT_SNAPLEN = 80,
        DEFAULT_HOLD_MS = 3,
        N_ATTACHED = 4
};

struct rti_live {
        struct bpf_object *object;
        struct bpf_link *link[N_ATTACHED];
        struct rti_live_shared *shared; /* mapped: the programs see changes at once */
        size_t shared_bytes;
        struct rti_drain *drain;
        int scope_fd, counters_fd, names_fd, prefixes_fd;
        const struct number_row *row[RTI_LIVE_CALLS]; /* by number, NULL: no such call */
        uint64_t boot_ns;                             /* wall clock minus clock since boot */
};

/* ---- the table of calls ---- */

typedef struct call_row {
        const char *name;
        const char *program;
        uint8_t cls;
} call_row;

static const call_row call_rows[] = {
#define CALL(name, class, handler) { name, "on_" #handler, RTI_LIVE_##class },
#include "live/calls.def"
#undef CALL
};

typedef struct number_row {
        const char *name;
        int16_t nr;
        int16_t compat[2]; /* numbers of 32-bit programs; -1: none */
        int16_t event;
        uint16_t id;
} number_row;

#if defined(__x86_64__)
#define NR_HERE(x86_64, arm64) x86_64
#define COMPAT_HERE(ia32, ia32_too) \
        {                           \
                ia32, ia32_too      \
        }
enum { KNOWS_COMPAT = true, COMPAT_SOCKETCALL = 102, COMPAT_IPC = 117 };
#elif defined(__aarch64__)
#define NR_HERE(x86_64, arm64) arm64
#define COMPAT_HERE(ia32, ia32_too) \
        {                           \
                -1, -1              \
        }
enum { KNOWS_COMPAT = false, COMPAT_SOCKETCALL = 0, COMPAT_IPC = 0 };
#else
#error "no such architecture"
#endif

static const number_row number_rows[] = {
#define SYSCALL(number, name, x86_64, arm64, ia32, ia32_too, event) \
        { name, NR_HERE(x86_64, arm64), COMPAT_HERE(ia32, ia32_too), event, number },
#include "lang/syscalls.def"
#undef SYSCALL
};

#define N_ROWS(table) (sizeof(table) / sizeof *(table))

static const char *const class_names[] = {
#define CLASS(id, name, ring) name,
#include "live/classes.def"
#undef CLASS
};

const char *
rti_live_class_name(uint32_t cls)
{
        return cls < RTI_LIVE_CLASSES ? class_names[cls] : "";
}

static void
add_event(uint64_t *words, uint16_t event)
{
        words[event / 64] |= (uint64_t) 1 << event % 64;
}

void
rti_live_class_events(const rti_live *live, uint32_t cls, uint64_t *ret_words)
{
        memset(ret_words, 0, RTI_EVENT_WORDS * sizeof *ret_words);
        for (uint32_t nr = 0; nr < RTI_LIVE_CALLS; nr++) {
                const struct rti_live_call *call = &live->shared->calls[nr];

                if (call->cls == cls && (call->event || call->id))
                        add_event(ret_words, call->event ? call->event : RTI_EV_GENERIC_X);
        }
        /* What tracepoints tell. */
        if (cls != RTI_LIVE_PROCESS)
                return;
        add_event(ret_words, RTI_EV_SYSCALL_EXECVE_19_X);
        add_event(ret_words, RTI_EV_SYSCALL_CLONE_20_X);
        add_event(ret_words, RTI_EV_PROCEXIT_1_E);
}

/* ---- loading ---- */

static int
say_nothing(enum libbpf_print_level level, const char *format, va_list args)
{
        (void) level;
        (void) format;
        (void) args;
        return 0;
}

static int
set_rings(struct bpf_object *object, const rti_live_options *options)
{
        const uint32_t bulk = options->bulk_bytes ? options->bulk_bytes : DEFAULT_BULK;
        const uint32_t urgent = options->urgent_bytes ? options->urgent_bytes : DEFAULT_URGENT;

        if (bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "bulk"), bulk) < 0
            || bpf_map__set_max_entries(bpf_object__find_map_by_name(object, "urgent"), urgent) < 0)
                return RT_EINVAL;
        return RT_OK;
}

/* One build of the programs; sets *ret_error to an errno. */
static struct bpf_object *
load_build(const void *bytes, size_t size, const rti_live_options *options, int *ret_error)
{
        struct bpf_object *object = bpf_object__open_mem(bytes, size, NULL);
        int r;

        if (!object) {
                *ret_error = errno;
                return NULL;
        }
        r = set_rings(object, options);
        if (r == RT_OK)
                r = bpf_object__load(object);
        if (r < 0) {
                *ret_error = -r;
                bpf_object__close(object);
                return NULL;
        }
        return object;
}

static struct bpf_object *
load_best(const rti_live_options *options, rti_live_probe *probe, int *ret_error)
{
        struct bpf_object *object = NULL;
        const void *bytes;
        size_t size = 0;

        probe->typed = false;
        if (!options->plain) {
                bytes = live_typed__elf_bytes(&size);
                object = load_build(bytes, size, options, ret_error);
                probe->typed = object != NULL;
        }
        if (!object) {
                bytes = live_raw__elf_bytes(&size);
                object = load_build(bytes, size, options, ret_error);
        }
        return object;
}

/* ---- after loading: tables and mappings ---- */

static int
set_step(struct bpf_object *object, uint32_t slot, const char *program)
{
        const struct bpf_program *p = bpf_object__find_program_by_name(object, program);
        const int steps = bpf_object__find_map_fd_by_name(object, "steps");
        const int fd = p ? bpf_program__fd(p) : -1;

        if (fd < 0)
                return RT_EIO;
        return bpf_map_update_elem(steps, &slot, &fd, BPF_ANY) < 0 ? RT_EIO : RT_OK;
}

static const call_row *
find_call(const char *name)
{
        for (size_t i = 0; i < N_ROWS(call_rows); i++) {
                if (strcmp(call_rows[i].name, name) == 0)
                        return &call_rows[i];
        }
        return NULL;
}

static void
set_bit(uint64_t *words, uint32_t nr, bool on)
{
        const uint64_t bit = (uint64_t) 1 << nr % 64;

        if (on)
                __atomic_or_fetch(&words[nr / 64], bit, __ATOMIC_RELAXED);
        else
                __atomic_and_fetch(&words[nr / 64], ~bit, __ATOMIC_RELAXED);
}

/* Two calls are many in one. Where the numbers are not known, any may be wanted. */
static void
set_compat(rti_live *live)
{
        for (uint32_t nr = 0; !KNOWS_COMPAT && nr < RTI_LIVE_CALLS; nr++)
                set_bit(live->shared->compat, nr, true);
        set_bit(live->shared->compat, COMPAT_SOCKETCALL, true);
        set_bit(live->shared->compat, COMPAT_IPC, true);
}

static int
set_calls(rti_live *live)
{
        int r = set_step(live->object, RTI_LIVE_CALLS + RTI_SLOT_FINISH, "on_finish");

        if (r == RT_OK)
                r = set_step(live->object, RTI_LIVE_CALLS + RTI_SLOT_FACTS, "on_facts");
        if (r == RT_OK)
                r = set_step(live->object, RTI_LIVE_CALLS + RTI_SLOT_GENERIC, "on_generic");
        if (r == RT_OK)
                r = set_step(live->object, RTI_LIVE_CALLS + RTI_SLOT_FILTER, "on_filter");
        set_compat(live);
        for (size_t i = 0; r == RT_OK && i < N_ROWS(number_rows); i++) {
                const number_row *n = &number_rows[i];
                const call_row *c = find_call(n->name);
                struct rti_live_call *call;

                if (n->nr < 0 || n->nr >= RTI_LIVE_CALLS)
                        continue;
                live->row[n->nr] = n;
                call = &live->shared->calls[n->nr];
                *call = (struct rti_live_call){ .id = n->id, .cls = RTI_LIVE_OTHER };
                if (!c || n->event < 0)
                        continue;
                call->event = (uint16_t) n->event;
                call->cls = c->cls;
                call->flags = RTI_CALL_FD_FACTS;
                r = set_step(live->object, (uint32_t) n->nr, c->program);
        }
        return r;
}

static int
map_shared(rti_live *live)
{
        const struct bpf_map *map = bpf_object__find_map_by_name(live->object, ".data.shared");
        void *at;

        if (!map)
                return RT_EIO;
        live->shared_bytes = sizeof *live->shared;
        at = mmap(NULL, live->shared_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map),
                  0);
        if (at == MAP_FAILED)
                return RT_EIO;
        live->shared = at;
        return RT_OK;
}

static int
open_drain(rti_live *live, const rti_live_options *options, uint32_t *ret_wake)
{
        static const char *const names[RTI_LIVE_RINGS] = { "bulk", "urgent" };
        int fds[RTI_LIVE_RINGS];
        size_t sizes[RTI_LIVE_RINGS];

        for (uint32_t i = 0; i < RTI_LIVE_RINGS; i++) {
                const struct bpf_map *map = bpf_object__find_map_by_name(live->object, names[i]);

                fds[i] = bpf_map__fd(map);
                sizes[i] = bpf_map__max_entries(map);
        }
        /* Early enough to keep up, late enough not to be woken for each. */
        *ret_wake =
                (uint32_t) (sizes[RTI_LIVE_URGENT] < sizes[RTI_LIVE_BULK] ? sizes[RTI_LIVE_URGENT]
                                                                          : sizes[RTI_LIVE_BULK])
                / 16;
        return rti_drain_open(fds, sizes, options->hold_ms ? options->hold_ms : DEFAULT_HOLD_MS,
                              &live->drain);
}

/* The offset between the clocks, by the pair of readings that took the least time. */
static uint64_t
find_boot_ns(void)
{
        uint64_t best = UINT64_MAX, offset = 0;

        for (int i = 0; i < 10; i++) {
                struct timespec before, wall, after;
                uint64_t from, to;

                clock_gettime(CLOCK_BOOTTIME, &before);
                clock_gettime(CLOCK_REALTIME, &wall);
                clock_gettime(CLOCK_BOOTTIME, &after);
                from = (uint64_t) before.tv_sec * 1000000000U + (uint64_t) before.tv_nsec;
                to = (uint64_t) after.tv_sec * 1000000000U + (uint64_t) after.tv_nsec;
                if (to - from >= best)
                        continue;
                best = to - from;
                offset = (uint64_t) wall.tv_sec * 1000000000U + (uint64_t) wall.tv_nsec
                         - (from + best / 2);
        }
        return offset;
}

static int
prepare(rti_live *live, const rti_live_options *options)
{
        uint32_t wake = 0;
        int r = map_shared(live);

        if (r == RT_OK)
                r = set_calls(live);
        if (r == RT_OK)
                r = open_drain(live, options, &wake);
        if (r < 0)
                return r;
        live->scope_fd = bpf_object__find_map_fd_by_name(live->object, "scope");
        live->counters_fd = bpf_object__find_map_fd_by_name(live->object, "counters");
        live->names_fd = bpf_object__find_map_fd_by_name(live->object, "names");
        live->prefixes_fd = bpf_object__find_map_fd_by_name(live->object, "prefixes");
        live->shared->conf.snaplen = options->snaplen ? options->snaplen : DEFAULT_SNAPLEN;
        live->shared->conf.wake_bytes = wake;
        live->boot_ns = find_boot_ns();
        return RT_OK;
}

int
rti_live_open(const rti_live_options *options, rti_live_probe *ret_probe, rti_live **ret_live)
{
        libbpf_print_fn_t print = libbpf_set_print(say_nothing);
        rti_live *live = calloc(1, sizeof *live);
        int error = 0, r;

        *ret_probe = (rti_live_probe){ .status = RTI_LIVE_READY };
        if (live)
                live->object = load_best(options, ret_probe, &error);
        libbpf_set_print(print);
        if (!live || !live->object) {
                free(live);
                rti_live_explain(ret_probe, live ? error : ENOMEM);
                return ret_probe->status == RTI_LIVE_FAILED ? RT_ENOMEM : RT_ENOENT;
        }
        r = prepare(live, options);
        if (r < 0) {
                ret_probe->status = RTI_LIVE_FAILED;
                snprintf(ret_probe->message, sizeof ret_probe->message,
                         "the eBPF programs were loaded but cannot be set up");
                rti_live_close(live);
                return r;
        }
        *ret_live = live;
        return RT_OK;
}

void
rti_live_close(rti_live *live)
{
        if (!live)
                return;
        rti_live_stop(live);
        rti_drain_close(live->drain);
        if (live->shared)
                munmap(live->shared, live->shared_bytes);
        bpf_object__close(live->object);
        free(live);
}

/* ---- attaching ---- */

void
rti_live_stop(rti_live *live)
{
        for (int i = N_ATTACHED - 1; i >= 0; i--) {
                bpf_link__destroy(live->link[i]);
                live->link[i] = NULL;
        }
}

int
rti_live_start(rti_live *live)
{
        static const char *const names[N_ATTACHED] = { "on_sched_exit", "on_sched_fork",
                                                       "on_sched_exec", "on_sys_exit" };

        for (int i = 0; i < N_ATTACHED; i++) {
                const struct bpf_program *p =
                        bpf_object__find_program_by_name(live->object, names[i]);

                live->link[i] = p ? bpf_program__attach(p) : NULL;
                if (!live->link[i]) {
                        rti_live_stop(live);
                        return RT_EIO;
                }
        }
        return RT_OK;
}

/* ---- choosing ---- */

static void
set_wanted(rti_live *live, uint32_t nr, bool wanted)
{
        const number_row *row = live->row[nr];

        set_bit(live->shared->wanted, nr, wanted);
        for (size_t i = 0; row && i < N_ROWS(row->compat); i++)
                if (row->compat[i] >= 0 && row->compat[i] < RTI_LIVE_CALLS)
                        set_bit(live->shared->compat, (uint32_t) row->compat[i], wanted);
}

int
rti_live_want_call(rti_live *live, uint32_t nr, bool wanted)
{
        if (nr >= RTI_LIVE_CALLS)
                return RT_ENOENT;
        set_wanted(live, nr, wanted);
        return RT_OK;
}

int
rti_live_want_event(rti_live *live, uint16_t event, bool wanted)
{
        int r = RT_ENOENT;

        for (uint32_t nr = 0; nr < RTI_LIVE_CALLS; nr++) {
                if (event == 0 || live->shared->calls[nr].event != event)
                        continue;
                set_wanted(live, nr, wanted);
                r = RT_OK;
        }
        return r;
}

void
rti_live_want_all(rti_live *live, bool wanted)
{
        for (uint32_t nr = 0; nr < RTI_LIVE_CALLS; nr++)
                set_wanted(live, nr, wanted);
}

/* ---- filters ---- */

void
rti_live_put_filter(rti_live *live, uint32_t number, const struct rti_live_filter *filter)
{
        live->shared->filters[number % RTI_LIVE_FILTERS] = *filter;
        __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

int
rti_live_use_filter(rti_live *live, uint16_t event, uint32_t number, uint32_t flags)
{
        int r = RT_ENOENT;

        for (uint32_t nr = 0; nr < RTI_LIVE_CALLS; nr++) {
                struct rti_live_call *call = &live->shared->calls[nr];

                if (event == 0 || call->event != event)
                        continue;
                __atomic_store_n(&call->flags, (uint8_t) flags, __ATOMIC_SEQ_CST);
                __atomic_store_n(&call->filter, (uint16_t) (number % RTI_LIVE_FILTERS),
                                 __ATOMIC_SEQ_CST);
                r = RT_OK;
        }
        return r;
}

int
rti_live_add_name(rti_live *live, uint32_t set, rt_str name)
{
        struct rti_live_name key = { .set = set };
        const uint8_t one = 1;

        /* Names of threads are cut like that as well, a NUL being last. */
        memcpy(key.comm, name.ptr, name.len < sizeof key.comm ? name.len : sizeof key.comm - 1);
        return bpf_map_update_elem(live->names_fd, &key, &one, BPF_ANY) < 0 ? RT_ELIMIT : RT_OK;
}

int
rti_live_add_prefix(rti_live *live, uint32_t set, rt_str prefix)
{
        const size_t n = prefix.len < RTI_LIVE_PREFIX ? prefix.len : RTI_LIVE_PREFIX;
        struct rti_live_prefix key = { .bits = (uint32_t) (sizeof set + n) * 8, .set = set };
        const uint8_t one = 1;

        memcpy(key.path, prefix.ptr, n);
        return bpf_map_update_elem(live->prefixes_fd, &key, &one, BPF_ANY) < 0 ? RT_ELIMIT : RT_OK;
}

/* Keys go while the map is walked: the walk goes on from the last that stays. */
static void
forget(int map, void *key, void *next, size_t key_bytes, const uint32_t *set, uint32_t first)
{
        bool begun = false;

        while (bpf_map_get_next_key(map, begun ? key : NULL, next) == 0) {
                if (*set >= first && *set - first < RTI_LIVE_SETS) {
                        if (bpf_map_delete_elem(map, next) < 0)
                                return;
                        continue;
                }
                memcpy(key, next, key_bytes);
                begun = true;
        }
}

void
rti_live_forget_sets(rti_live *live, uint32_t first)
{
        struct rti_live_name name, next_name = { 0 };
        struct rti_live_prefix prefix, next_prefix = { 0 };

        forget(live->names_fd, &name, &next_name, sizeof name, &next_name.set, first);
        forget(live->prefixes_fd, &prefix, &next_prefix, sizeof prefix, &next_prefix.set, first);
}

void
rti_live_settle(void)
{
        /* Waits until every CPU has left the programs that it was in. */
        if (syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
                usleep(100 * 1000);
}

void
rti_live_set_scope(rti_live *live, uint32_t kinds)
{
        __atomic_store_n(&live->shared->conf.scope, kinds, __ATOMIC_SEQ_CST);
}

int
rti_live_scope_add(rti_live *live, uint32_t kind, uint64_t id)
{
        const struct rti_scope_key key = { .id = id, .kind = kind };
        const uint32_t one = 1;

        return bpf_map_update_elem(live->scope_fd, &key, &one, BPF_ANY) < 0 ? RT_ELIMIT : RT_OK;
}

int
rti_live_scope_remove(rti_live *live, uint32_t kind, uint64_t id)
{
        const struct rti_scope_key key = { .id = id, .kind = kind };

        return bpf_map_delete_elem(live->scope_fd, &key) < 0 ? RT_ENOENT : RT_OK;
}

void
rti_live_ignore(rti_live *live, uint32_t pid)
{
        __atomic_store_n(&live->shared->conf.ignore_pid, pid, __ATOMIC_RELAXED);
}

void
rti_live_set_snaplen(rti_live *live, uint32_t bytes)
{
        __atomic_store_n(&live->shared->conf.snaplen, bytes, __ATOMIC_RELAXED);
}

/* ---- records and counters ---- */

int
rti_live_drain(rti_live *live, int timeout_ms, rti_live_take *take, void *context)
{
        return rti_drain_run(live->drain, timeout_ms, take, context);
}

uint64_t
rti_live_boot_ns(const rti_live *live)
{
        return live->boot_ns;
}

uint64_t
rti_live_wall_ns(const rti_live *live, uint64_t time_ns)
{
        return live->boot_ns + time_ns;
}

int
rti_live_count(rti_live *live, rti_live_totals *ret_totals)
{
        const int n_cpus = libbpf_num_possible_cpus();
        const size_t words = sizeof ret_totals->kernel / sizeof(uint64_t);
        uint64_t *sum = (uint64_t *) &ret_totals->kernel;
        uint64_t *each;
        const uint32_t zero = 0;

        if (n_cpus <= 0)
                return RT_EIO;
        each = calloc((size_t) n_cpus, words * sizeof *each);
        if (!each)
                return RT_ENOMEM;
        *ret_totals = (rti_live_totals){ 0 };
        if (bpf_map_lookup_elem(live->counters_fd, &zero, each) < 0) {
                free(each);
                return RT_EIO;
        }
        for (size_t cpu = 0; cpu < (size_t) n_cpus; cpu++) {
                for (size_t i = 0; i < words; i++)
                        sum[i] += each[cpu * words + i];
        }
        free(each);
        rti_drain_count(live->drain, ret_totals);
        return RT_OK;
}
