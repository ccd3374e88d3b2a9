/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_replay.c - captures replayed, beside a bare loop that reads the same bytes.
 *
 *      bench_replay [ROUNDS]
 *
 * CPU time of one core. The bare loop reads the unpacked file in blocks of 256 KiB and adds up its
 * 64-bit words; it and the replays take turns, and the best of all rounds counts. Evaluation is the
 * whole replay less that with an empty ruleset. Memory is measured in a process of its own for each
 * case: calls of malloc and its family after the first 100,000 events, and the peak.
 *
 *      bench_replay --once CAPTURE RULES
 *
 * Replays once, with rules "none", "stable" or "all", and nothing else; and
 *
 *      bench_replay --cut NAME EVENTS FILE
 *
 * writes the first events of a capture of the corpus: both for counting instructions
 * (scripts/count-instructions).
 */
#include "judge.h"
#include "walker.h"
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

enum { BLOCK = 256 << 10, HEADER = 8, WARM = 100 * 1000, PATH = 4096 };

typedef struct capture {
        const char *name;
        char path[64]; /* of the unpacked bytes */
        int fd;
        uint64_t bytes, events;
        uint64_t cut;  /* events */
        uint64_t warm; /* offset behind event `cut` */
        /* while it is unpacked */
        unsigned char header[HEADER];
        size_t have;   /* bytes of the header */
        uint64_t skip; /* bytes up to the next header */
} capture;

enum { CASES = 3, WALKS = 2, NAIVE_ROUNDS = 3, MOST_FILES = 4 };

/* One ruleset, and the most that it may take as a multiple of the bare loop. */
typedef struct ruleset {
        const char *title, *name;
        const char *files[MOST_FILES]; /* below the corpus; none: no rule at all */
        double bar;                    /* of the whole replay; 0: none */
        double bar_evaluation;         /* of what is more than with no rule; 0: none */
        double best;                   /* seconds */
        uint64_t alerts;               /* of the last replay */
        rt_engine *engine;
} ruleset;

/* The naive evaluator, over the rules of the last case. */
typedef struct walk {
        const char *title;
        int keep;
        double bar; /* the least that it takes as a multiple of ours; 0: none */
        double best;
        uint64_t alerts;
        bench_walker *walker;
} walk;

static const char *const names[] = { "mix_falcoset", "gcc_falcoset" };
static uint64_t block[BLOCK / sizeof(uint64_t)];

/* ---- counting calls for memory ---- */

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *ptr, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

static uint64_t calls;

void *
malloc(size_t size)
{
        calls++;
        return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
        calls++;
        return __libc_calloc(n, size);
}

void *
realloc(void *ptr, size_t size)
{
        calls++;
        return __libc_realloc(ptr, size);
}

void *
aligned_alloc(size_t alignment, size_t size)
{
        calls++;
        return __libc_memalign(alignment, size);
}

/* ---- captures ---- */

static uint32_t
word(const unsigned char *bytes)
{
        uint32_t value;

        memcpy(&value, bytes, sizeof value);
        return value;
}

static int
is_event(uint32_t type)
{
        static const uint32_t types[] = { 0x204, 0x208, 0x216, 0x217, 0x221, 0x222 };

        for (size_t i = 0; i < sizeof types / sizeof *types; i++)
                if (types[i] == type)
                        return 1;
        return 0;
}

/* Count the events in the next @a n bytes. */
static void
count_events(capture *c, const unsigned char *bytes, size_t n)
{
        for (size_t at = 0; at < n;) {
                const size_t left = n - at;
                const size_t step = c->skip < left ? (size_t) c->skip : left;

                at += step;
                c->skip -= step;
                if (at == n)
                        break;
                c->header[c->have++] = bytes[at++];
                if (c->have < HEADER)
                        continue;
                c->have = 0;
                if (word(c->header + 4) < HEADER)
                        bench_die("a capture's block is shorter than its head");
                c->skip = word(c->header + 4) - HEADER;
                c->events += (uint64_t) is_event(word(c->header));
                if (c->events == c->cut && c->warm == 0)
                        c->warm = c->bytes + at + c->skip;
        }
        c->bytes += n;
}

/* 0, or -1: it is not there. */
static int
unpack(const char *name, uint64_t cut, capture *ret_capture)
{
        capture c = { .name = name, .cut = cut };
        char path[PATH];
        gzFile in;
        int n;

        snprintf(path, sizeof path, "%s/scap/load/%s.scap", bench_corpus(), name);
        in = gzopen(path, "rb");
        if (!in)
                return -1;
        snprintf(path, sizeof path, "%s/replay-XXXXXX",
                 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
        c.fd = mkstemp(path);
        if (c.fd < 0 || unlink(path) < 0)
                bench_die("no temporary file");
        while ((n = gzread(in, block, sizeof block)) > 0) {
                count_events(&c, (const unsigned char *) block, (size_t) n);
                if (write(c.fd, block, (size_t) n) != n)
                        bench_die("the temporary file cannot be written");
        }
        if (n < 0 || c.warm == 0)
                bench_die("a capture is damaged or too short");
        gzclose(in);
        snprintf(c.path, sizeof c.path, "/proc/self/fd/%d", c.fd);
        *ret_capture = c;
        return 0;
}

/* ---- contenders ---- */

static uint64_t
bare(const capture *c)
{
        const int fd = open(c->path, O_RDONLY | O_CLOEXEC);
        uint64_t sum = 0;
        ssize_t n;

        if (fd < 0)
                bench_die("the unpacked capture cannot be opened");
        while ((n = read(fd, block, sizeof block)) > 0)
                for (size_t i = 0; i < (size_t) n / sizeof *block; i++)
                        sum += block[i];
        close(fd);
        return sum;
}

/* The rule files of a case, with the corpus in front; @a paths has room for MOST_FILES of them. */
static const char *const *
paths_of(const ruleset *set, char (*paths)[PATH], const char **ret_list)
{
        size_t n = 0;

        for (; n < MOST_FILES && set->files[n]; n++) {
                snprintf(paths[n], PATH, "%s/%s", bench_corpus(), set->files[n]);
                ret_list[n] = paths[n];
        }
        ret_list[n] = NULL;
        return ret_list;
}

/* @reader: NULL, or one more. */
static rt_engine *
engine_with(const ruleset *set, const rt_reader_ops *reader)
{
        static const rt_str nothing = { "[]", 2 };
        static char paths[MOST_FILES][PATH];
        const char *list[MOST_FILES + 1];
        rt_engine *engine = NULL;
        rt_ruleset *rules;

        if (rt_engine_new(NULL, &engine) < 0
            || (reader && rt_engine_add_reader(engine, reader) < 0))
                bench_die("no engine");
        rules = set->files[0] ? bench_load_files(engine, paths_of(set, paths, list))
                              : bench_load_rules(engine, NULL, nothing);
        if (rt_engine_use(engine, rules) < 0)
                bench_die("the rules cannot be used");
        rt_ruleset_unref(rules);
        return engine;
}

static bench_walker *
walker_with(const ruleset *set, int keep)
{
        static char paths[MOST_FILES][PATH];
        const char *list[MOST_FILES + 1];
        const bench_walker_opts opts = { .source = "syscall",
                                         .files = paths_of(set, paths, list),
                                         .keep = keep,
                                         .matching = RT_MATCH_FIRST };

        return bench_walker_new(&opts);
}

static rt_worker_stats
replay(const capture *c, rt_engine *engine)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_worker *worker = NULL;
        int r;

        r = rt_worker_new(engine, NULL, &worker);
        r = r < 0 ? r : rt_worker_open(worker, "syscall", c->path);
        while (r >= 0)
                r = rt_worker_step(worker, NULL, NULL);
        if (r != RT_EOF || rt_worker_stats_get(worker, &stats) < 0)
                bench_die(rt_status_name(r));
        rt_worker_unref(worker);
        return stats;
}

/* ---- memory ---- */

/* A reader that notes how often memory was asked for when the first events had been read. */
static struct {
        int fd;
        uint64_t at, warm, calls;
} watched;

static int
watch_open(const char *path, void **ret_state)
{
        watched.fd = open(path, O_RDONLY | O_CLOEXEC);
        *ret_state = &watched;
        return watched.fd < 0 ? RT_EIO : RT_OK;
}

static int64_t
watch_read(void *state, void *buffer, size_t size)
{
        const ssize_t n = read(watched.fd, buffer, size);

        (void) state;
        if (watched.at >= watched.warm && watched.calls == 0)
                watched.calls = calls;
        watched.at += n > 0 ? (uint64_t) n : 0;
        return n < 0 ? RT_EIO : n;
}

static void
watch_close(void *state)
{
        (void) state;
        close(watched.fd);
}

static void
measure_memory(const capture *c, const ruleset *set)
{
        static const rt_reader_ops reader = {
                .size = sizeof reader,
                .name = "watched",
                .open = watch_open,
                .read = watch_read,
                .close = watch_close,
        };
        rt_engine *engine = engine_with(set, &reader);
        rt_worker_stats stats;
        uint64_t last;

        watched.warm = c->warm;
        stats = replay(c, engine);
        last = calls;
        printf("  %-30s %8" PRIu64 " calls up to event %d, %" PRIu64 " after it; %" PRIu64
               " alerts, %" PRIu64 " skipped",
               set->title, watched.calls, WARM, last - watched.calls, stats.alerts, stats.skipped);
        fflush(stdout);
        _exit(0);
}

static void
print_memory(const capture *c, const ruleset *set)
{
        struct rusage usage;
        int status = 0;
        pid_t pid;

        fflush(stdout);
        pid = fork();
        if (pid == 0)
                measure_memory(c, set);
        if (pid < 0 || wait4(pid, &status, 0, &usage) < 0 || status != 0)
                bench_die("a capture cannot be replayed");
        printf("; peak %.1f MB\n", (double) usage.ru_maxrss / 1000);
}

/* ---- time ---- */

static double
earlier(double best, double start)
{
        const double taken = bench_now() - start;

        return best == 0 || taken < best ? taken : best;
}

static double
measure(const capture *c, ruleset *sets, walk *walks, unsigned rounds)
{
        double yardstick = 0;

        for (unsigned round = 0; round < rounds; round++) {
                double start = bench_now();

                if (bare(c) == 0)
                        bench_die("a capture is empty");
                yardstick = earlier(yardstick, start);
                for (size_t i = 0; i < CASES; i++) {
                        start = bench_now();
                        sets[i].alerts = replay(c, sets[i].engine).alerts;
                        sets[i].best = earlier(round ? sets[i].best : 0, start);
                }
                for (size_t i = 0; i < WALKS && round < NAIVE_ROUNDS; i++) {
                        start = bench_now();
                        walks[i].alerts = bench_walker_file(walks[i].walker, c->path);
                        walks[i].best = earlier(round ? walks[i].best : 0, start);
                }
        }
        return yardstick;
}

static void
print_row(const char *title, double seconds, const capture *c, double yardstick, double empty)
{
        printf("  %-38s %8.1f %8.2f %12.2f\n", title, seconds * 1e9 / (double) c->events,
               seconds / yardstick, (seconds - empty) / yardstick);
}

static void
print_bars(const capture *c, const ruleset *sets, const walk *walks, double yardstick)
{
        const double empty = sets[0].best, evaluation = sets[CASES - 1].best - empty;
        char name[256];

        for (size_t i = 0; i < CASES; i++) {
                snprintf(name, sizeof name, "%s: replay, %s", c->name, sets[i].title);
                if (sets[i].bar > 0)
                        bench_bar(name, sets[i].best / yardstick, BENCH_AT_MOST, sets[i].bar);
                snprintf(name, sizeof name, "%s: evaluation, %s", c->name, sets[i].title);
                if (sets[i].bar_evaluation > 0)
                        bench_bar(name, (sets[i].best - empty) / yardstick, BENCH_AT_MOST,
                                  sets[i].bar_evaluation);
        }
        for (size_t i = 0; i < WALKS; i++) {
                snprintf(name, sizeof name, "%s: evaluation, %s against ours", c->name,
                         walks[i].title);
                if (walks[i].alerts != sets[CASES - 1].alerts)
                        printf("  %s: %" PRIu64 " alerts, not %" PRIu64 "\n", walks[i].title,
                               walks[i].alerts, sets[CASES - 1].alerts);
                if (walks[i].bar > 0)
                        bench_bar(name, (walks[i].best - empty) / evaluation, BENCH_AT_LEAST,
                                  walks[i].bar);
        }
}

static void
compare(const capture *c, ruleset *sets, walk *walks, unsigned rounds)
{
        const double yardstick = measure(c, sets, walks, rounds);

        printf("  %-38s %8s %8s %12s\n", "", "ns/event", "ratio", "evaluation");
        printf("  %-38s %8.1f %8.2f\n", "bare loop (yardstick)",
               yardstick * 1e9 / (double) c->events, 1.0);
        for (size_t i = 0; i < CASES; i++)
                print_row(sets[i].title, sets[i].best, c, yardstick, sets[0].best);
        for (size_t i = 0; i < WALKS; i++)
                print_row(walks[i].title, walks[i].best, c, yardstick, sets[0].best);
        print_bars(c, sets, walks, yardstick);
        fflush(stdout);
}

static ruleset sets[CASES] = {
        { .name = "none", .title = "empty ruleset", .bar = 20 },
        { .name = "stable",
          .title = "25 stable rules",
          .files = { "rules/falco_rules.yaml" },
          .bar = 50 },
        { .name = "all",
          .title = "stable + incubating + sandbox",
          .files = { "rules/falco_rules.yaml", "rules/falco-incubating_rules.yaml",
                     "rules/falco-sandbox_rules.yaml" },
          .bar_evaluation = 14 },
};
static walk walks[WALKS] = {
        { .title = "naive", .bar = 10 },
        { .title = "naive, fields read once an event", .keep = 1 },
};

static int
once(const char *path, const char *name)
{
        capture c = { .name = "capture" };

        snprintf(c.path, sizeof c.path, "%s", path);
        for (size_t i = 0; i < CASES; i++)
                if (strcmp(sets[i].name, name) == 0) {
                        rt_engine *engine = engine_with(&sets[i], NULL);
                        const rt_worker_stats stats = replay(&c, engine);

                        printf("%" PRIu64 " events, %" PRIu64 " alerts\n", stats.events,
                               stats.alerts);
                        rt_engine_unref(engine);
                        return 0;
                }
        fprintf(stderr, "bench_replay: no rules %s\n", name);
        return 2;
}

static int
cut(const char *name, uint64_t events, const char *path)
{
        FILE *file = fopen(path, "wb");
        uint64_t left;
        ssize_t n = 1;
        capture c;

        if (!file || events == 0 || unpack(name, events, &c) < 0) {
                fprintf(stderr, "bench_replay: no capture %s, or %s cannot be written\n", name,
                        path);
                return 1;
        }
        if (lseek(c.fd, 0, SEEK_SET) < 0)
                bench_die("the temporary file cannot be read");
        for (left = c.warm; left > 0 && n > 0; left -= (uint64_t) n) {
                n = read(c.fd, block, left < sizeof block ? (size_t) left : sizeof block);
                if (n <= 0 || fwrite(block, 1, (size_t) n, file) != (size_t) n)
                        bench_die("the file cannot be written");
        }
        close(c.fd);
        return fclose(file) != 0;
}

static void
replay_one(const char *name, unsigned rounds)
{
        capture c;

        if (unpack(name, WARM, &c) < 0) {
                bench_bar_skipped(name, "no capture");
                return;
        }
        printf("\nreplay of %s: %" PRIu64 " events, %.1f MB, best of %u rounds\n", c.name, c.events,
               (double) c.bytes / 1e6, rounds);
        for (size_t i = 0; i < CASES; i++)
                print_memory(&c, &sets[i]);
        for (size_t i = 0; i < CASES; i++)
                sets[i].engine = engine_with(&sets[i], NULL);
        for (size_t i = 0; i < WALKS; i++)
                walks[i].walker = walker_with(&sets[CASES - 1], walks[i].keep);
        compare(&c, sets, walks, rounds);
        for (size_t i = 0; i < CASES; i++)
                rt_engine_unref(sets[i].engine);
        for (size_t i = 0; i < WALKS; i++)
                bench_walker_free(walks[i].walker);
        close(c.fd);
}

int
main(int argc, char **argv)
{
        const bool single = argc == 4 && strcmp(argv[1], "--once") == 0;
        const bool cutting = argc == 5 && strcmp(argv[1], "--cut") == 0;
        const unsigned rounds = single || cutting ? 1 : bench_number(argc > 1 ? argv[1] : NULL, 7);

        if (rounds == 0) {
                fprintf(stderr, "usage: bench_replay [ROUNDS]\n"
                                "       bench_replay --once CAPTURE none|stable|all\n"
                                "       bench_replay --cut NAME EVENTS FILE\n");
                return 2;
        }
        if (single)
                return once(argv[2], argv[3]);
        if (cutting)
                return cut(argv[2], bench_number(argv[3], 0), argv[4]);
        bench_pin();
        for (size_t n = 0; n < sizeof names / sizeof *names; n++)
                replay_one(names[n], rounds);
        return 0;
}
