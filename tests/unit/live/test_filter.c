/* SPDX-License-Identifier: Apache-2.0 */
/*
 * test_filter.c - what the kernel leaves out, no rule could have matched. Needs root.
 *
 * The same child is watched twice at once: by programs that make every event, and by programs with
 * random filters. A naive reading of the filters over all events says which the latter had to make.
 */
#include "events.h"
#include "live/filter.h"
#include "shape.h"
#include "watch.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the load ---- */

enum { ROUNDS = 12 };

static uint64_t
next_random(uint64_t *state)
{
        *state = *state * 6364136223846793005u + 1442695040888963407u;
        return *state >> 33;
}

static void
make_things(const char *dir)
{
        char path[128];

        snprintf(path, sizeof path, "%s/link", dir);
        (void) !symlink("/etc/hosts", path);
        snprintf(path, sizeof path, "%s/.hidden", dir);
        close(open(path, O_CREAT | O_WRONLY, 0644));
}

static void
open_things(const char *dir, uint64_t *seed)
{
        static const char *const paths[] = { "/etc/hosts",
                                             "/etc/passwd",
                                             "/etc/../etc/hosts",
                                             "/etc//hosts",
                                             "/etc/./hosts",
                                             "/etc",
                                             "/no/such/thing",
                                             "/etc/nothing",
                                             "../etc/hosts",
                                             "hosts",
                                             "link",
                                             ".hidden",
                                             "../../etc/passwd",
                                             "/proc/self/comm",
                                             "/tmp/\xc3\xa9",
                                             "/dev/null",
                                             "" };
        static const int flags[] = {
                O_RDONLY,          O_WRONLY, O_RDWR, O_CREAT | O_WRONLY, O_RDONLY | O_DIRECTORY,
                O_TMPFILE | O_RDWR
        };
        const char *path = paths[next_random(seed) % (sizeof paths / sizeof *paths)];
        const int how = flags[next_random(seed) % (sizeof flags / sizeof *flags)];
        const mode_t mode = next_random(seed) % 2 ? 0755 : 0644;
        const int at = next_random(seed) % 3 == 0 ? open(dir, O_RDONLY) : AT_FDCWD;
        /* Files of the machine are not written to: those that are there need another path. */
        const bool harmless =
                how == O_RDONLY || how == (O_RDONLY | O_DIRECTORY) || strncmp(path, "/etc", 4) != 0;
        const int fd = openat(at, path, harmless ? how & ~O_CREAT : O_RDONLY, mode);
        char byte;

        if (fd >= 0) {
                (void) !read(fd, &byte, next_random(seed) % 2);
                close(dup(fd));
                close(fd);
        }
        if (at >= 0)
                close(at);
}

static void
talk(uint64_t *seed)
{
        const struct sockaddr_in inet = { .sin_family = AF_INET,
                                          .sin_port = htons(9),
                                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
        const struct sockaddr_un un = { .sun_family = AF_UNIX, .sun_path = "/no/such/socket" };
        const bool ip = next_random(seed) % 2;
        const int fd =
                socket(ip ? AF_INET : AF_UNIX, next_random(seed) % 2 ? SOCK_STREAM : SOCK_DGRAM, 0);
        int pipes[2];

        if (ip)
                (void) connect(fd, (const struct sockaddr *) &inet, sizeof inet);
        else
                (void) connect(fd, (const struct sockaddr *) &un, sizeof un);
        (void) !write(fd, "x", 1);
        close(dup(fd));
        close(fd);
        if (pipe2(pipes, 0) == 0) {
                (void) !write(pipes[1], "abc", 3);
                (void) !read(pipes[0], (char[4]){ 0 }, 4);
                close(pipes[0]);
                close(pipes[1]);
        }
}

static int
mixed_load(void *context)
{
        static const char *const names[] = { "alpha", "beta", "a-very-long-na" };
        uint64_t seed = *(const uint64_t *) context;
        char dir[] = "/tmp/rt-filter-XXXXXX";

        signal(SIGPIPE, SIG_IGN);
        if (!mkdtemp(dir) || chdir(dir) < 0)
                return 1;
        make_things(dir);
        for (int i = 0; i < 60; i++) {
                prctl(PR_SET_NAME, names[next_random(&seed) % 3]);
                if (next_random(&seed) % 8 == 0)
                        (void) !chdir(next_random(&seed) % 2 ? "/etc" : dir);
                open_things(dir, &seed);
                talk(&seed);
        }
        (void) !chdir("/");
        return 0;
}

/* ---- random filters ---- */

enum { MOST_ROWS = 40, N_TYPES = 6 };

static const uint32_t types[N_TYPES] = { EV_SYSCALL_READ_X,     EV_SYSCALL_WRITE_X,
                                         EV_SOCKET_SOCKET_X,    EV_SOCKET_CONNECT_X,
                                         EV_SYSCALL_OPENAT_2_X, EV_SYSCALL_DUP_1_X };

static const rt_str path_choices[] = {
        { "/etc/hosts", 10 }, { "/etc", 4 }, { "/tmp/", 5 }, { "/dev/nul", 8 }, { "/no", 3 }
};
static const rt_str name_choices[] = { { "alpha", 5 }, { "beta", 4 }, { "gamma", 5 } };

typedef struct plan {
        rt_event_filter rows[MOST_ROWS];
        size_t n;
        uint64_t words[8];
        rt_demand demand;
} plan;

/* All of @a whole, or some. */
static uint32_t
some_of(uint32_t whole, uint64_t *seed)
{
        const uint32_t kept = (uint32_t) (next_random(seed) | next_random(seed) << 20) & whole;

        return next_random(seed) % 2 || !kept ? whole : kept;
}

/* Where files are used, whatever opens some is made: few rounds are about that. */
static void
make_plan(plan *p, uint64_t *seed)
{
        const uint32_t used = next_random(seed) % 4 ? 0xc00001f8 : 0xc03fffff;

        *p = (plan){ 0 };
        for (size_t t = 0; t < N_TYPES; t++) {
                const bool opens = types[t] == EV_SYSCALL_OPENAT_2_X;

                if (!opens && next_random(seed) % 2)
                        continue;
                p->words[types[t] / 64] |= (uint64_t) 1 << types[t] % 64;
                for (size_t i = 1 + next_random(seed) % 4; i > 0; i--) {
                        rt_event_filter *row = &p->rows[p->n++];
                        const size_t path = next_random(seed) % 8, name = next_random(seed) % 8;

                        *row = (rt_event_filter){ .type = types[t],
                                                  .results = some_of(7, seed),
                                                  .fd_nums = some_of(7, seed),
                                                  .fd_kinds = opens ? some_of(0xc03fffff, seed)
                                                                    : used & some_of(used, seed),
                                                  .open_modes = some_of(0x1ffff, seed),
                                                  .scopes = 3,
                                                  .raw_paths = some_of(3, seed) };
                        if (path < 5) {
                                row->paths = &path_choices[path];
                                row->n_paths = 1;
                        }
                        if (name < 3) {
                                row->names = &name_choices[name];
                                row->n_names = 1;
                        }
                }
        }
        p->demand = (rt_demand){ .size = sizeof p->demand,
                                 .event_types = p->words,
                                 .n_event_words = 8,
                                 .filters = p->rows,
                                 .n_filters = p->n,
                                 .filter_stride = sizeof *p->rows };
}

/* ---- what they mean ---- */

static bool
is_open_event(const struct rti_record *r)
{
        return r->event == EV_SYSCALL_OPENAT_2_X;
}

/* The kind of the event's descriptor as user space sees it: a set, where it may be one of several;
 * 0: anything. */
static uint32_t
kinds_of(const struct rti_record *r)
{
        const uint32_t none = 3u << 30, file = 1u << 1 | 1u << 2 | 1u << 16, inet = 0xfu << 3;
        uint32_t kind;

        if (is_open_event(r))
                return number_of(r, 0) >= 0 ? file : none;
        if (!r->facts_len || r->event == EV_SOCKET_SOCKET_X)
                return 0;
        kind = fact_of(r).kind;
        if (1u << kind & file)
                return file;
        if (1u << kind & inet)
                return inet;
        return kind ? 1u << kind : 0;
}

/* fd.name of an open, where it is certain: the kernel's path, or a plain one that failed. */
static bool
path_of(const struct rti_record *r, char path[4096])
{
        const char *raw = text_of(r, 2);
        fact f;
        uint16_t len;

        if (number_of(r, 0) < 0) {
                snprintf(path, 4096, "%s", raw);
                return raw[0] == '/' && !strstr(raw, "/.") && !strstr(raw, "//")
                       && strspn(raw, "/abcdefghijklmnopqrstuvwxyz") == strlen(raw);
        }
        if (!r->facts_len)
                return false;
        f = fact_of(r);
        if (f.kind != 16 && f.kind != 2)
                return false;
        f.rest += f.kind == 16 ? 4 : 0;
        memcpy(&len, f.rest, sizeof len);
        snprintf(path, 4096, "%.*s", (int) len, (const char *) f.rest + 2);
        return path[0] == '/';
}

static uint32_t
mode_of(const struct rti_record *r)
{
        const int64_t flags = number_of(r, 3), mode = number_of(r, 4);
        const bool created = flags >> 14 & 1 || (flags >> 13 & 1 && number_of(r, 0) >= 0);

        return (uint32_t) ((flags & 1) | (flags & 2)
                           | ((flags & (1 << 2 | 1 << 13)) && mode & 0111 ? 4 : 0)
                           | (created ? 8 : 0));
}

/* Is the event in all sets of @a row? What the test cannot know counts as not. */
static bool
is_met(const rt_event_filter *row, const struct rti_record *r)
{
        const bool failed = number_of(r, 0) < 0;
        const uint32_t kinds = kinds_of(r);
        char path[4096];

        if (!(row->results & (failed ? RT_RESULT_FAILURE : RT_RESULT_SUCCESS)))
                return false;
        if (row->names
            && (strlen(r->comm) != row->names->len
                || memcmp(r->comm, row->names->ptr, row->names->len) != 0))
                return false;
        if (kinds && !(row->fd_kinds & kinds))
                return false;
        if (!is_open_event(r))
                return !row->paths;
        if (!(row->fd_nums & (failed ? RT_FDNUM_NEGATIVE : RT_FDNUM_VALID))
            || !(row->open_modes >> mode_of(r) & 1))
                return false;
        if (!(row->raw_paths & (strstr(text_of(r, 2), "../") ? RT_RAWPATH_UP : RT_RAWPATH_PLAIN)))
                return false;
        return !row->paths
               || (path_of(r, path) && strncmp(path, row->paths->ptr, row->paths->len) == 0);
}

static bool
is_needed(const plan *p, const struct rti_record *r)
{
        for (size_t i = 0; i < p->n; i++)
                if (p->rows[i].type == r->event && is_met(&p->rows[i], r))
                        return true;
        return false;
}

static bool
is_asked(const struct rti_record *r)
{
        for (size_t i = 0; i < N_TYPES; i++)
                if (types[i] == r->event)
                        return true;
        return false;
}

/* Do two records, made by programs of their own, tell of the same call? */
static bool
is_same(const struct rti_record *a, const struct rti_record *b)
{
        return a->event == b->event && a->tid == b->tid && a->values_len == b->values_len
               && memcmp(a + 1, b + 1, a->values_len) == 0;
}

static watch all, some;
static size_t n_events, n_needed, n_made;

/* The filtered events are a part of all, in the same order: walk both. */
static void
compare(const plan *p, uint64_t seed)
{
        size_t at = 0;

        for (size_t i = 0; i < all.n; i++) {
                const struct rti_record *r = all.record[i];
                bool made;

                while (at < some.n && !is_asked(some.record[at]))
                        at++;
                if (!is_asked(r))
                        continue;
                made = at < some.n && is_same(r, some.record[at]);
                at += made;
                n_events++;
                n_made += made;
                if (!is_needed(p, r))
                        continue;
                n_needed++;
                cr_assert(made, "seed %lu: event %u of %s is missing (result %ld, text %s)",
                          (unsigned long) seed, r->event, r->comm, (long) number_of(r, 0),
                          is_open_event(r) ? text_of(r, 2) : "");
        }
        while (at < some.n && !is_asked(some.record[at]))
                at++;
        cr_assert_eq(at, some.n, "seed %lu: an event that nobody knows", (unsigned long) seed);
}

static void
forget(watch *w)
{
        for (size_t i = 0; i < w->n; i++)
                free(w->record[i]);
        w->n = 0;
}

Test(filter, random_filters_lose_nothing)
{
        const rti_live_options options = { 0 };
        watch *const both[] = { &all, &some };
        live_filters filters = { 0 };
        uint64_t seed = 1;

        watch_open(&all, &options);
        watch_open(&some, &options);
        filters.live = some.live;
        rti_live_want_all(some.live, false);
        for (int round = 0; round < ROUNDS; round++) {
                const uint64_t begun = seed;
                static plan p;

                make_plan(&p, &seed);
                live_filters_set(&filters, &p.demand, true);
                cr_assert_eq(filters.refused, 0);
                watch_run_all(both, 2, mixed_load, &seed);
                compare(&p, begun);
                forget(&all);
                forget(&some);
        }
        printf("filter: %zu events, %zu made, %zu needed\n", n_events, n_made, n_needed);
        cr_assert_gt(n_needed, 0);
        cr_assert_lt(n_made, n_events, "nothing was left out");
        watch_close(&all);
        watch_close(&some);
}
