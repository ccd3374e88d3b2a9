/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_live.c - what watching costs: the watched, beside the bare machine, and the watcher.
 *
 *      bench_live [ROUNDS]
 *
 * The watched: a child on the last CPU makes calls in slices of a millisecond or so; the variants
 * take turns, slice by slice, so that what else the machine does falls on all of them. Figures are
 * the median of the slices and the least, which is what bars are about, but for processes, since
 * others' work on this machine only adds. The rings are drained on another CPU, by this process.
 *
 * The watcher: an engine with the reader of this machine judges what other processes do, which open
 * and close a file in a loop.
 *
 * The stable rules are those of the corpus; without it, the project's own.
 */
#include "live/filter.h"
#include "judge.h"
#include <fcntl.h>
#include <inttypes.h>
#include <libruntime-live/live.h>
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

enum {
        MOST_ROUNDS = 1000,
        MOST_OFTEN = 4,
        MOST_LOOPS = 2,
        WATCHED_SECONDS = 3,
        REFERENCE_RATE = 460000
};

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
        uint32_t calls; /* a slice */
        unsigned often; /* slices a round: where a call takes so long that others get in between */
        double reference; /* ns that a reference Falco adds on such a machine */
        double bar;       /* so much of that may be added with the stable rules */
} load;

static const load loads[] = {
        { "getpid", call_getpid, 5000, 1, 129, 0.8 },
        { "open + close", open_and_close, 400, 1, 1764, 0.5 },
        { "vfork + exec + wait", run_true, 1, 4, 43000, 0.5 },
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
        STABLE = N_VARIANTS - 2,
        EV_CLOSE = 5,
        EV_OPEN = 3,
        EV_OPENAT = 307,
        EV_OPENAT2 = 327,
        EV_EXECVE = 293,
        EV_VFORK = 227
};

/* ---- what the stable rules ask for ---- */

enum { PATH = 4096 };

static const char *
stable_rules(void)
{
        static char path[PATH];

        snprintf(path, sizeof path, "%s/rules/falco_rules.yaml", bench_corpus());
        return access(path, R_OK) == 0 ? path : "rules/linux";
}

static rt_engine *
engine_with(const char *rules, rt_str text, const rt_reader_ops *reader)
{
        rt_engine *engine = NULL;
        rt_ruleset *set;

        if (rt_engine_new(NULL, &engine) < 0 || rt_engine_add_reader(engine, reader) < 0)
                bench_die("no engine");
        set = bench_load_rules(engine, rules, text);
        if (rt_engine_use(engine, set) < 0)
                bench_die("the rules cannot be used");
        rt_ruleset_unref(set);
        return engine;
}

/* A reader of nothing, which is told what to read. */
static rt_demand demanded;

static int
ear_open(const char *path, void **ret_state)
{
        *ret_state = &demanded;
        return strcmp(path, "bench:") == 0 ? RT_OK : RT_ENOENT;
}

static int64_t
ear_read(void *state, void *buffer, size_t size)
{
        (void) state;
        (void) buffer;
        (void) size;
        return RT_EAGAIN;
}

static void
ear_close(void *state)
{
        (void) state;
}

static int
ear_demand(void *state, const rt_demand *demand)
{
        *(rt_demand *) state = *demand;
        return RT_OK;
}

/* What it points to lives as long as the worker, which is this program's. */
static void
ask_stable(void)
{
        static const rt_reader_ops ear = { .size = sizeof ear,
                                           .name = "bench",
                                           .open = ear_open,
                                           .read = ear_read,
                                           .close = ear_close,
                                           .demand = ear_demand };
        rt_engine *engine = engine_with(stable_rules(), (rt_str){ NULL, 0 }, &ear);
        rt_worker *worker = NULL;

        if (rt_worker_new(engine, NULL, &worker) < 0
            || rt_worker_open(worker, "syscall", "bench:") < 0)
                bench_die("no worker");
        (void) rt_worker_step(worker, NULL, NULL);
        if (!demanded.size || !demanded.n_filters)
                bench_die("the rules ask for nothing");
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
                live_filters_set(&filters, &demanded, v->filtered);
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
        static double ns[N_VARIANTS][MOST_ROUNDS * MOST_OFTEN];
        char name[128];
        uint64_t n = 0;
        double bare, added;

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
        bare = bench_median(ns[0], rounds); /* sorts: the least comes first */
        printf("\n%s (ns; median and least of %u slices; in brackets: of what a reference Falco "
               "adds)\n",
               loads[which].name, rounds);
        for (uint32_t v = 0; v < N_VARIANTS; v++) {
                const double m = bench_median(ns[v], rounds);

                printf("  %-28s %10.0f  %+8.0f (%.2f)   least %10.0f  %+8.0f\n", variants[v].name,
                       m, m - bare, (m - bare) / loads[which].reference, ns[v][0],
                       ns[v][0] - ns[0][0]);
        }
        printf("  records: %" PRIu64 "\n", n);
        snprintf(name, sizeof name, "live: %s, added beside a reference Falco", loads[which].name);
        /* What others add to a process is not the same each time: its least says little. */
        added = loads[which].often > 1 ? bench_median(ns[STABLE], rounds) - bare
                                       : ns[STABLE][0] - ns[0][0];
        bench_bar(name, added / loads[which].reference, BENCH_AT_MOST, loads[which].bar);
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
        printf("\nrings alone: %" PRIu64 " records, %.0f ns of CPU each\n", n,
               n ? (double) (thread_ns() - from) / (double) n : 0.0);
}

/* ---- the watcher ---- */

/* What children do that open and close. */
typedef struct loops {
        volatile uint32_t go, end;
        struct {
                volatile uint64_t pairs;
                uint64_t unused[7];
        } of[MOST_LOOPS];
} loops;

typedef struct watching {
        const char *name, *input;
        const char *rules; /* NULL: the stable ones */
        uint32_t n_loops;  /* on the last CPUs */
        bool alone;        /* the watcher keeps away from them */
        double cpu_bar;    /* the most that it may take of a core at the reference's rate; 0: any */
        bool lossless;     /* nothing may be lost */
} watching;

static const char every_open[] = "- {rule: r, desc: d, priority: INFO, output: o, condition: "
                                 "\"evt.type in (open, openat, openat2, close) and "
                                 "fd.name = /no/such and proc.name = nobody\"}\n";

static const watching watchings[] = {
        { "stable rules", "kernel:", NULL, 1, true, 0.335, false },
        { "stable rules, filter off", "kernel:filter=off", NULL, 1, true, 0, false },
        { "every open and close judged", "kernel:filter=off", every_open, 1, true, 0.335, false },
        { "stable rules", "kernel:", NULL, 2, false, 0, true },
        { "stable rules, filter off", "kernel:filter=off", NULL, 2, false, 0, false },
        { "every open and close judged", "kernel:filter=off", every_open, 2, false, 0, false },
};

static void
loop(loops *l, uint32_t which)
{
        stay_on((int) sysconf(_SC_NPROCESSORS_ONLN) - 1 - (int) which);
        while (!l->go)
                usleep(1000);
        while (!l->end) {
                for (int i = 0; i < 100; i++)
                        open_and_close();
                l->of[which].pairs += 100;
        }
        _exit(0);
}

/* Judge what is there, for so long, or until nothing is. */
static void
judge_for(rt_worker *worker, double seconds)
{
        const uint64_t end = now_ns() + (uint64_t) (seconds * 1e9);
        int r = RT_OK;

        while (seconds > 0 ? now_ns() < end : r != RT_EAGAIN) {
                r = rt_worker_step(worker, NULL, NULL);
                if (r < 0 && r != RT_EAGAIN)
                        bench_die(rt_status_name(r));
        }
}

static uint64_t
lost_by(rt_worker *worker)
{
        rt_loss loss = RT_INIT(rt_loss);
        uint64_t lost = 0;

        for (size_t i = 0; rt_worker_loss(worker, i, &loss) == RT_OK; i++)
                lost += loss.kind == RT_LOSS_EVENT ? loss.count : 0;
        return lost;
}

static uint64_t
judged_by(rt_worker *worker)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);

        if (rt_worker_stats_get(worker, &stats) < 0)
                bench_die("no statistics");
        return stats.events;
}

static void
report(const watching *w, double calls, double seconds, double cpu_ns, const uint64_t counts[2])
{
        const double rate = calls / seconds, core = cpu_ns / 1e9 / seconds;
        const double at_reference = core * REFERENCE_RATE / rate;
        char name[128];

        printf("  %u x %-28s %8.0f calls/s, %8.0f events/s judged, %5.0f ns of CPU each; %5.1f %% "
               "of a core, %5.1f %% at %d calls/s; made %.0f, judged %" PRIu64 ", lost %" PRIu64
               "\n",
               w->n_loops, w->name, rate, (double) counts[0] / seconds,
               counts[0] ? cpu_ns / (double) counts[0] : 0.0, 100 * core, 100 * at_reference,
               REFERENCE_RATE, calls, counts[0], counts[1]);
        snprintf(name, sizeof name, "live: core used at %d calls/s, %s", REFERENCE_RATE, w->name);
        if (w->cpu_bar > 0)
                bench_bar(name, at_reference, BENCH_AT_MOST, w->cpu_bar);
        snprintf(name, sizeof name, "live: events lost with %u loops, %s", w->n_loops, w->name);
        if (w->lossless)
                bench_bar(name, (double) counts[1], BENCH_AT_MOST, 0);
}

static void
watch(const watching *w, loops *l)
{
        const rt_str text = { w->rules, w->rules ? strlen(w->rules) : 0 };
        rt_engine *engine = engine_with(stable_rules(), text, rt_live_reader());
        rt_worker *worker = NULL;
        pid_t children[MOST_LOOPS];
        uint64_t from, cpu, judged, lost;
        double calls = 0, seconds, cpu_ns;

        memset(l, 0, sizeof *l);
        for (uint32_t i = 0; i < w->n_loops; i++) {
                children[i] = fork();
                if (children[i] == 0)
                        loop(l, i);
        }
        if (rt_worker_new(engine, NULL, &worker) < 0
            || rt_worker_open(worker, "syscall", w->input) < 0)
                bench_die("this machine cannot be watched");
        judge_for(worker, 0); /* what runs already */
        judged = judged_by(worker);
        lost = lost_by(worker);
        from = now_ns();
        cpu = thread_ns();
        l->go = 1;
        judge_for(worker, WATCHED_SECONDS);
        l->end = 1;
        for (uint32_t i = 0; i < w->n_loops; i++)
                calls += 2 * (double) l->of[i].pairs;
        seconds = (double) (now_ns() - from) / 1e9;
        judge_for(worker, 0);
        cpu_ns = (double) (thread_ns() - cpu);
        report(w, calls, seconds, cpu_ns,
               (const uint64_t[]){ judged_by(worker) - judged, lost_by(worker) - lost });
        for (uint32_t i = 0; i < w->n_loops; i++)
                waitpid(children[i], NULL, 0);
        rt_worker_unref(worker);
        rt_engine_unref(engine);
}

static void
measure_watcher(void)
{
        loops *l = mmap(NULL, sizeof *l, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        cpu_set_t everywhere;

        if (l == MAP_FAILED)
                bench_die("no memory");
        CPU_ZERO(&everywhere);
        for (int i = 0; i < (int) sysconf(_SC_NPROCESSORS_ONLN); i++)
                CPU_SET(i, &everywhere);
        printf("\nthe watcher, while loops open and close\n");
        for (size_t i = 0; i < sizeof watchings / sizeof *watchings; i++) {
                if (watchings[i].alone)
                        stay_on(0);
                else
                        sched_setaffinity(0, sizeof everywhere, &everywhere);
                watch(&watchings[i], l);
        }
        munmap(l, sizeof *l);
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
        b = mmap(NULL, sizeof *b, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (b == MAP_FAILED)
                return 1;
        child = fork(); /* without the descriptors of what watches */
        if (child == 0) {
                stay_on((int) sysconf(_SC_NPROCESSORS_ONLN) - 1);
                serve(b);
        }
        if (rti_live_open(&options, &probe, &live) < 0) {
                kill(child, SIGKILL);
                printf("bench_live: skipped: %s\n", probe.message);
                return 0;
        }
        stay_on(0);
        ask_stable();
        rti_live_ignore(live, (uint32_t) getpid());
        for (uint32_t i = 0; i < N_LOADS; i++)
                measure(b, live, i, rounds * loads[i].often);
        measure_reader(b, live);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        rti_live_close(live);
        measure_watcher();
        return 0;
}
