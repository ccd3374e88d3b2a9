/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent.c - a complete agent.
 *
 *   usage   agent RULES SOURCE INPUT...   judge files and folders, then end
 *           agent RULES SOURCE -          judge lines of the standard input, up to its end
 *   out     alerts as JSON lines on the standard output; what happened, on the standard error
 *
 * SIGHUP reads the rules again; if they are wrong the old ones stay in force. SIGTERM and SIGINT
 * end it when what was read is judged. It exits 0 when all was judged, 1 when it was not, and 2
 * when it was called wrongly or the rules are wrong.
 *
 * Signals are blocked but where the agent looks at them, so that none is missed and nothing is
 * interrupted in the middle of an event.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memrchr, ppoll */
#endif
#include <inttypes.h>
#include <libruntime/runtime.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
        STEPS_BETWEEN_LOOKS = 256,
        READ_BYTES = 1 << 16,
        MOST_LINE_BYTES = 64 << 20 /* what the library takes as one record */
};

typedef struct agent {
        const char *rules_path;
        const char *source;
        rt_engine *engine;
        rt_worker *worker;
        sigset_t seen; /* signals that are not blocked while the agent waits */
} agent;

static volatile sig_atomic_t asked_to_reload, asked_to_end;

/* ---- what the library calls ---- */

static int
print_alert(const rt_alert *alert, void *user)
{
        rt_str text;
        const int r = rt_alert_json(alert, &text);

        if (r < 0)
                return r;
        return fprintf(user, "%.*s\n", (int) text.len, text.ptr) < 0 ? RT_EIO : RT_OK;
}

static void
print_skipped(const char *input, uint64_t offset, const char *what, void *user)
{
        (void) user;
        fprintf(stderr, "skipped: %s, byte %" PRIu64 ": %s\n", input, offset, what);
}

/* ---- rules ---- */

static void
print_diags(rt_diags *diags)
{
        rt_str text;

        if (diags && rt_diags_count(diags, 0) > 0
            && rt_diags_print(diags, RT_DIAGS_TEXT, 0, &text) == RT_OK)
                fprintf(stderr, "%.*s\n", (int) text.len, text.ptr);
}

/* Compile the rules and put them in force. Whatever is wrong with them is printed, all of it. */
static int
load_rules(agent *a)
{
        rt_loader *loader = NULL;
        rt_ruleset *rules = NULL;
        rt_diags *diags = NULL;
        int r = rt_diags_new(&diags);

        r = r < 0 ? r : rt_loader_new(a->engine, /* opts= */ NULL, &loader);
        r = r < 0 ? r : rt_loader_add_path(loader, a->rules_path, diags);
        r = r < 0 ? r : rt_loader_compile(loader, diags, &rules);
        r = r < 0 ? r : rt_engine_use(a->engine, rules);
        print_diags(diags);
        if (r == RT_OK)
                fprintf(stderr, "%zu rules in force\n", rt_ruleset_count(rules));
        rt_ruleset_unref(rules);
        rt_loader_unref(loader);
        rt_diags_unref(diags);
        return r;
}

/* ---- signals ---- */

static void
on_signal(int number)
{
        if (number == SIGHUP)
                asked_to_reload = 1;
        else
                asked_to_end = 1;
}

static void
take_signals(agent *a)
{
        static const int numbers[] = { SIGHUP, SIGINT, SIGTERM };
        struct sigaction action = { .sa_handler = on_signal };
        sigset_t blocked;

        sigemptyset(&blocked);
        for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
                sigaddset(&blocked, numbers[i]);
                sigaction(numbers[i], &action, NULL);
        }
        sigprocmask(SIG_BLOCK, &blocked, &a->seen);
}

/* Wait until @a fd can be read (-1: do not wait), and do what signals ask for. 1: it can be read,
 * 0: look again, RT_EOF: the agent is to end. */
static int
attend(agent *a, int fd)
{
        const struct timespec at_once = { 0 };
        struct pollfd file = { .fd = fd, .events = POLLIN };
        const int n = ppoll(&file, 1, fd < 0 ? &at_once : NULL, &a->seen);

        if (asked_to_reload) {
                asked_to_reload = 0;
                if (load_rules(a) < 0)
                        fprintf(stderr, "the old rules stay in force\n");
        }
        if (asked_to_end)
                return RT_EOF;
        return n > 0;
}

/* ---- where records come from ---- */

static int
judge_inputs(agent *a, char **paths, int n_paths)
{
        int r = RT_OK;

        for (int i = 0; i < n_paths && r == RT_OK; i++) {
                r = rt_worker_open(a->worker, a->source, paths[i]);
                if (r < 0)
                        fprintf(stderr, "%s: %s\n", paths[i], rt_status_name(r));
        }
        for (uint64_t steps = 0; r >= 0 || r == RT_EAGAIN; steps++) {
                if (steps % STEPS_BETWEEN_LOOKS == 0 || r == RT_EAGAIN)
                        if (attend(a, -1) == RT_EOF)
                                rt_worker_finish(a->worker); /* then it says RT_EOF soon */
                r = rt_worker_step(a->worker, print_alert, stdout);
        }
        return r == RT_EOF ? RT_OK : r;
}

/* Judge the whole lines of @a bytes, at its end the rest, too. What is left stays in front. */
static int
judge_lines(agent *a, char *bytes, size_t *len, int at_end)
{
        const char *end = memrchr(bytes, '\n', *len);
        size_t n = at_end || *len >= MOST_LINE_BYTES ? *len : end ? (size_t) (end - bytes) + 1 : 0;
        int r;

        if (n == 0)
                return RT_OK;
        r = rt_worker_feed(a->worker, a->source, (rt_str){ bytes, n }, print_alert, stdout);
        memmove(bytes, bytes + n, *len - n);
        *len -= n;
        return fflush(stdout) != 0 && r >= 0 ? RT_EIO : r;
}

static int
judge_standard_input(agent *a)
{
        char *bytes = NULL;
        size_t len = 0, room = 0;
        ssize_t n = 1;
        int r = RT_OK;

        while (r >= 0 && n > 0) {
                r = attend(a, STDIN_FILENO);
                if (r <= 0)
                        continue;
                if (room - len < READ_BYTES) {
                        char *more = realloc(bytes, len + len / 2 + 2 * READ_BYTES);

                        if (!more) {
                                r = RT_ENOMEM;
                                break;
                        }
                        bytes = more;
                        room = len + len / 2 + 2 * READ_BYTES;
                }
                n = read(STDIN_FILENO, bytes + len, READ_BYTES);
                if (n < 0)
                        r = RT_EIO;
                else
                        len += (size_t) n;
                r = r < 0 ? r : judge_lines(a, bytes, &len, n == 0);
        }
        if (r == RT_EOF && len > 0)
                r = judge_lines(a, bytes, &len, /* at_end= */ 1);
        free(bytes);
        return r == RT_EOF || r > 0 ? RT_OK : r;
}

/* ---- all of it ---- */

static void
print_stats(rt_worker *worker)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_loss loss = RT_INIT(rt_loss);

        if (rt_worker_stats_get(worker, &stats) == RT_OK)
                fprintf(stderr,
                        "%" PRIu64 " events, %" PRIu64 " alerts, %" PRIu64 " records skipped\n",
                        stats.events, stats.alerts, stats.skipped);
        for (size_t i = 0; rt_worker_loss(worker, i, &loss) == RT_OK; i++)
                if (loss.count > 0)
                        fprintf(stderr, "lost %" PRIu64 ": %s\n", loss.count, loss.cause);
}

int
main(int argc, char **argv)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        agent a = { 0 };
        int r;

        if (argc < 4) {
                fprintf(stderr, "usage: agent RULES SOURCE INPUT... | agent RULES SOURCE -\n");
                return 2;
        }
        a.rules_path = argv[1];
        a.source = argv[2];
        opts.skipped = print_skipped;
        take_signals(&a);
        r = rt_engine_new(/* opts= */ NULL, &a.engine);
        r = r < 0 ? r : load_rules(&a);
        if (r < 0) {
                fprintf(stderr, "no rules: %s\n", rt_status_name(r));
                rt_engine_unref(a.engine);
                return 2;
        }
        r = rt_worker_new(a.engine, &opts, &a.worker);
        if (r == RT_OK && argc == 4 && strcmp(argv[3], "-") == 0)
                r = judge_standard_input(&a);
        else if (r == RT_OK)
                r = judge_inputs(&a, argv + 3, argc - 3);
        if (fflush(stdout) != 0 && r == RT_OK)
                r = RT_EIO;
        if (a.worker)
                print_stats(a.worker);
        if (r < 0)
                fprintf(stderr, "error: %s\n", rt_status_name(r));
        rt_worker_unref(a.worker);
        rt_engine_unref(a.engine);
        return r < 0;
}
