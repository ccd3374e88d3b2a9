/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_live.c - what watching costs the watched: nanoseconds a call, beside the bare machine.
 *
 *      bench_live [ROUNDS]
 *
 * A child on the last CPU makes calls in slices of a millisecond or so; the variants take turns,
 * slice by slice, so that what else the machine does falls on all of them. Figures are medians of
 * the slices. The rings are drained on another CPU, by this process.
 */
#include "live/filter.h"
#include "bench.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_ROUNDS = 1000 };

/* ---- loads ---- */

static void
call_getpid(void)
{
        syscall(SYS_getpid);
}

static void
open_and_close(void)
{
        close(open("/etc/hosts", O_RDONLY | O_CLOEXEC));
}

static void
run_true(void)
{
        static const char *const args[] = { "true", NULL };
        const pid_t child = vfork();

        if (child == 0) {
                execv("/bin/true", (char **) (uintptr_t) args);
                _exit(1);
        }
        waitpid(child, NULL, 0);
}

typedef struct load {
        const char *name;
        void (*call)(void);
        uint32_t calls;   /* a slice */
        double reference; /* ns that a reference Falco adds on such a machine */
} load;

static const load loads[] = {
        { "getpid", call_getpid, 5000, 129 },
        { "open + close", open_and_close, 400, 1764 },
        { "vfork + exec + wait", run_true, 4, 43000 },
};

enum { N_LOADS = sizeof loads / sizeof *loads };

/* ---- variants ---- */

typedef struct variant {
        const char *name;
        bool calls; /* events of open, close, exec and vfork are made */
        bool facts; /* with what the kernel knows of the file */
        bool filtered;
        bool stable; /* what the 25 stable stock rules ask for instead */
} variant;

static const variant variants[] = {
        { .name = "bare" }, /* the programs are attached behind the first */
        { .name = "attached, nothing wanted" },
        { .name = "filtered", .calls = true, .filtered = true },
        { .name = "shipped", .calls = true },
        { .name = "shipped, with facts", .calls = true, .facts = true },
        { .name = "stable rules", .stable = true, .filtered = true },
        { .name = "stable rules, filter off", .stable = true },
};

enum {
        N_VARIANTS = sizeof variants / sizeof *variants,
        EV_CLOSE = 5,
        EV_OPEN = 3,
        EV_OPENAT = 307,
        EV_OPENAT2 = 327,
        EV_EXECVE = 293,
        EV_VFORK = 227
};

/* As `rtctl explain --kernel` prints it of those rules: what they ask of files that are opened.
 * Their other event types are asked for whole, and are not among the loads. */
static void
choose_stable(live_filters *filters, bool filter)
{
        static const rt_str sensitive[] = {
                { "/etc/shadow", 11 },   { "/etc/sudoers", 12 },
                { "/etc/pam.conf", 13 }, { "/etc/sudoers.d", 14 },
                { "/etc/pam.d", 10 },    { "/etc/security/pwquality.conf", 28 }
        };
        static const uint32_t opens[] = { EV_OPEN, EV_OPENAT, EV_OPENAT2 };
        static const uint16_t others[] = { 19,  23,  31,  49,  169, 179, 181, EV_EXECVE,
                                           309, 311, 331, 363, 365, 367, 411, 413 };
        const uint32_t files = 1u << 1 | 1u << 16 | 1u << RT_FDKIND_UNKNOWN_BIT;
        rt_event_filter rows[9] = { 0 };
        uint64_t words[8] = { 0 };
        rt_demand demand = { .size = sizeof demand,
                             .event_types = words,
                             .n_event_words = 8,
                             .filters = rows,
                             .n_filters = sizeof rows / sizeof *rows,
                             .filter_stride = sizeof *rows };

        for (size_t i = 0; i < sizeof others / sizeof *others; i++)
                words[others[i] / 64] |= (uint64_t) 1 << others[i] % 64;
        /* Descriptors are used by these of sockets only, but the bench has no rows for them. */
        words[0] &= ~((uint64_t) 1 << 23 | (uint64_t) 1 << 31 | (uint64_t) 1 << 49);
        words[363 / 64] &=
                ~((uint64_t) 1 << 363 % 64 | (uint64_t) 1 << 365 % 64 | (uint64_t) 1 << 367 % 64);
        for (size_t i = 0; i < 3; i++) {
                words[opens[i] / 64] |= (uint64_t) 1 << opens[i] % 64;
                for (size_t k = 0; k < 3; k++)
                        rows[3 * i + k] = (rt_event_filter){ .type = opens[i],
                                                             .results = 7,
                                                             .fd_nums = RT_FDNUM_VALID,
                                                             .fd_kinds = files,
                                                             .open_modes = 0x1ffff,
                                                             .scopes = 3,
                                                             .raw_paths = 3 };
                rows[3 * i].fd_nums |= RT_FDNUM_NEGATIVE;
                rows[3 * i].raw_paths = RT_RAWPATH_UP;
                rows[3 * i + 1].open_modes = 0x1aaaa; /* to read */
                rows[3 * i + 1].paths = sensitive;
                rows[3 * i + 1].n_paths = sizeof sensitive / sizeof *sensitive;
                rows[3 * i + 2].open_modes = 0x1cccc; /* to write */
        }
        live_filters_set(filters, &demand, filter);
}

static void
choose(rti_live *live, const variant *v)
{
        static const uint16_t events[] = { EV_OPENAT, EV_CLOSE, EV_EXECVE, EV_VFORK };
        static const struct rti_live_filter failures = { .results = { 0, 1 } };
        static const rt_demand nothing = { .size = sizeof nothing };
        static live_filters filters;

        filters.live = live;
        if (v->stable) {
                choose_stable(&filters, v->filtered);
                return;
        }
        live_filters_set(&filters, &nothing, false);
        rti_live_put_filter(live, 1, &failures);
        for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
                rti_live_want_event(live, events[i], v->calls);
                rti_live_use_filter(live, events[i], v->filtered, v->facts ? RTI_CALL_FD_FACTS : 0);
        }
}

/* ---- measuring ---- */

typedef struct board {
        volatile uint32_t load; /* to be run */
        volatile uint32_t turn; /* grows: run a slice */
        volatile uint32_t done; /* the turn that was run */
        volatile uint64_t ns;   /* of the slice */
} board;

static uint64_t
now_ns(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * 1000000000U + (uint64_t) t.tv_nsec;
}

static void
stay_on(int cpu)
{
        cpu_set_t set;

        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        sched_setaffinity(0, sizeof set, &set);
}

/* The child: slices on demand. It waits in user mode, since every call is watched. */
static void
serve(board *b)
{
        uint32_t turn = 0;

        for (;;) {
                const load *l;
                uint64_t from;

                while (b->turn == turn)
                        __builtin_ia32_pause();
                turn = b->turn;
                l = &loads[b->load];
                from = now_ns();
                for (uint32_t i = 0; i < l->calls; i++)
                        l->call();
                b->ns = now_ns() - from;
                __sync_synchronize();
                b->done = turn;
        }
}

static int
take(const struct rti_record *record, void *context)
{
        uint64_t *n = context;

        (void) record;
        (*n)++;
        return 0;
}

static double
slice(board *b, rti_live *live, uint32_t which, uint64_t *n)
{
        b->load = which;
        __sync_synchronize();
        b->turn++;
        while (b->done != b->turn)
                rti_live_drain(live, 1, take, n);
        return (double) b->ns / loads[which].calls;
}

static int
compare_doubles(const void *a, const void *b)
{
        const double x = *(const double *) a, y = *(const double *) b;

        return (x > y) - (x < y);
}

static double
median(double *values, size_t n)
{
        qsort(values, n, sizeof *values, compare_doubles);
        return values[n / 2];
}

/* CPU time of this thread. */
static uint64_t
thread_ns(void)
{
        struct timespec t;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return (uint64_t) t.tv_sec * 1000000000U + (uint64_t) t.tv_nsec;
}

static void
measure(board *b, rti_live *live, uint32_t which, unsigned rounds)
{
        static double ns[N_VARIANTS][MOST_ROUNDS];
        uint64_t n = 0;
        double bare;

        for (unsigned round = 0; round < rounds; round++) {
                for (uint32_t v = 0; v < N_VARIANTS; v++) {
                        choose(live, &variants[v]);
                        if (v == 1)
                                rti_live_start(live);
                        slice(b, live, which, &n);
                        ns[v][round] = slice(b, live, which, &n);
                }
                rti_live_stop(live);
        }
        bare = median(ns[0], rounds); /* sorts: the least comes first */
        printf("\n%s (ns; median and least of %u slices; in brackets: of what a reference Falco "
               "adds)\n",
               loads[which].name, rounds);
        for (uint32_t v = 0; v < N_VARIANTS; v++) {
                const double m = median(ns[v], rounds);

                printf("  %-28s %10.0f  %+8.0f (%.2f)   least %10.0f  %+8.0f\n", variants[v].name,
                       m, m - bare, (m - bare) / loads[which].reference, ns[v][0],
                       ns[v][0] - ns[0][0]);
        }
        printf("  records: %lu\n", (unsigned long) n);
}

/* What handing out costs: the rings are filled first, then read. */
static void
measure_reader(board *b, rti_live *live)
{
        enum { SLICES = 40, OPENS = 1 };
        uint64_t n = 0, from;

        choose(live, &variants[N_VARIANTS - 1]);
        rti_live_start(live);
        b->load = OPENS;
        for (int i = 0; i < SLICES; i++) {
                __sync_synchronize();
                b->turn++;
                while (b->done != b->turn)
                        ;
        }
        rti_live_stop(live);
        from = thread_ns();
        while (rti_live_drain(live, 10, take, &n) > 0)
                ;
        printf("\nreader: %lu records, %.0f ns of CPU each\n", (unsigned long) n,
               n ? (double) (thread_ns() - from) / (double) n : 0.0);
}

int
main(int argc, char **argv)
{
        const unsigned rounds = bench_number(argc > 1 ? argv[1] : NULL, 60);
        const rti_live_options options = { 0 };
        rti_live_probe probe;
        rti_live *live;
        board *b;
        pid_t child;

        if (rounds == 0 || rounds > MOST_ROUNDS)
                return 2;
        if (rti_live_open(&options, &probe, &live) < 0) {
                printf("bench_live: skipped: %s\n", probe.message);
                return 0;
        }
        b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (b == MAP_FAILED)
                return 1;
        child = fork();
        if (child == 0) {
                stay_on((int) sysconf(_SC_NPROCESSORS_ONLN) - 1);
                serve(b);
        }
        stay_on(0);
        rti_live_ignore(live, (uint32_t) getpid());
        for (uint32_t i = 0; i < N_LOADS; i++)
                measure(b, live, i, rounds);
        measure_reader(b, live);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        rti_live_close(live);
        return 0;
}
