/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a machine can do to who watches it: fork bombs, swarms of short-lived processes, endless
 * command lines. Memory stays under its cap and every event is judged or counted.
 *
 * RT_LIVE_HOSTILE=full in the environment: in full size (minutes).
 */
#include "scene.h"
#include <criterion/criterion.h>
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CLONE_RULE, EXIT_RULE, EXEC_RULE };

static const char rules[] = "- rule: clones\n"
                            "  desc: d\n"
                            "  condition: evt.type in (clone, clone3, fork, vfork)\n"
                            "  output: o %proc.name\n"
                            "  priority: NOTICE\n"
                            "- rule: exits\n"
                            "  desc: d\n"
                            "  condition: evt.type = procexit\n"
                            "  output: o %proc.cmdline\n"
                            "  priority: NOTICE\n"
                            "- rule: execs\n"
                            "  desc: d\n"
                            "  condition: evt.type = execve\n"
                            "  output: o %proc.args\n"
                            "  priority: NOTICE\n";

/* Small caps, so that they are met. */
static const rt_option caps[] = { { "threads", "256" }, { "state_bytes", "2097152" } };
enum { STATE_BYTES = 2 * 1024 * 1024, RING_BYTES = 1024 * 1024 };
/* Both rings, mapped twice over, and the blocks on their way, beside the state. */
enum { MOST_GROWTH_KB = STATE_BYTES / 1024 + 8 * 1024 };

enum { FORKS, FAILED, ALIVE, NUMBER }; /* of scene_shared.numbers */

static uint64_t
size_of_test(uint64_t small, uint64_t full)
{
        const char *choice = getenv("RT_LIVE_HOSTILE");

        return choice && strcmp(choice, "full") == 0 ? full : small;
}

/* Kilobytes from a line of /proc/self/status. */
static long
own_kb(const char *name)
{
        FILE *file = fopen("/proc/self/status", "re");
        char line[256];
        long kb = -1;

        cr_assert_not_null(file);
        while (kb < 0 && fgets(line, sizeof line, file))
                if (strncmp(line, name, strlen(name)) == 0)
                        kb = (long) strtoull(line + strlen(name), NULL, 10);
        fclose(file);
        return kb;
}

/* From here on VmHWM is the most that is used from now on. */
static long
forget_peak(void)
{
        FILE *file = fopen("/proc/self/clear_refs", "we");

        cr_assert_not_null(file);
        fputs("5", file);
        cr_assert_eq(fclose(file), 0);
        return own_kb("VmRSS:");
}

/* Every fork tells two events, every end one, an attempt that failed one. */
static void
expect_all_counted(scene *s, uint64_t ends_more)
{
        const uint64_t forks = s->shared->numbers[FORKS], failed = s->shared->numbers[FAILED];
        const uint64_t made = 2 * forks + failed + forks + ends_more;
        const uint64_t lost = scene_lost(s, RT_LOSS_EVENT, NULL, NULL);

        cr_expect_eq(s->alerts + lost, made,
                     "%lu clones and %lu ends judged, %lu lost; %lu forks, %lu failed",
                     s->by_rule[CLONE_RULE], s->by_rule[EXIT_RULE], lost, forks, failed);
        cr_expect_geq(forks, s->shared->numbers[NUMBER]);
}

static void
run_capped(scene *s, scene_act *act, uint64_t number, unsigned seconds)
{
        long before, after;

        s->options = caps;
        s->n_options = sizeof caps / sizeof *caps;
        scene_open(s, rules, RING_BYTES, act);
        s->shared->numbers[NUMBER] = number;
        before = forget_peak();
        scene_run(s, seconds);
        after = own_kb("VmHWM:");
        cr_expect_leq(after - before, (long) MOST_GROWTH_KB, "%ld KB more than before",
                      after - before);
}

static void
add(scene_shared *shared, int which, int n)
{
        __atomic_add_fetch(&shared->numbers[which], (uint64_t) n, __ATOMIC_SEQ_CST);
}

/* ---- a swarm ---- */

static void
short_lives(scene_shared *shared)
{
        while (shared->numbers[FORKS] < shared->numbers[NUMBER]) {
                const pid_t child = fork();

                if (child == 0)
                        _exit(0);
                add(shared, child > 0 ? FORKS : FAILED, 1);
                if (child > 0)
                        waitpid(child, NULL, 0);
        }
}

Test(live_hostile, short_lived_processes_cost_no_memory)
{
        scene s = { 0 };

        run_capped(&s, short_lives, size_of_test(10000, 100000), 500);
        expect_all_counted(&s, 1);
        scene_close(&s);
}

/* ---- a fork bomb, in a pid namespace of its own ---- */

enum { MOST_ALIVE = 1000 };

/* Every process forks for as long as there is something left to fork. */
static void
explode(scene_shared *shared)
{
        while (__atomic_load_n(&shared->numbers[FORKS], __ATOMIC_SEQ_CST)
               < shared->numbers[NUMBER]) {
                const bool crowded = shared->numbers[ALIVE] >= MOST_ALIVE;
                const pid_t child = fork();

                if (child == 0 && crowded)
                        _exit(0);
                if (child < 0)
                        add(shared, FAILED, 1);
                if (child != 0) {
                        add(shared, FORKS, child > 0);
                        while (waitpid(-1, NULL, WNOHANG) > 0)
                                ;
                        continue;
                }
                add(shared, ALIVE, 1);
        }
}

static void
bomb(scene_shared *shared)
{
        pid_t first;
        int status = 0;

        if (unshare(CLONE_NEWPID) < 0)
                _exit(1);
        first = fork();
        if (first == 0) {
                explode(shared);
                while (getpid() == 1 && (wait(NULL) > 0 || errno != ECHILD))
                        ;
                _exit(0);
        }
        add(shared, FORKS, 1);
        if (waitpid(first, &status, 0) != first || status != 0)
                _exit(1);
}

Test(live_hostile, a_fork_bomb_stays_under_the_cap)
{
        scene s = { 0 };

        run_capped(&s, bomb, size_of_test(5000, 20000), 500);
        expect_all_counted(&s, 1);
        cr_expect_gt(scene_lost(&s, RT_LOSS_FACT, "thread evicted", NULL), 0, "%lu lived at a time",
                     s.shared->numbers[ALIVE]);
        scene_close(&s);
}

/* ---- endless command lines ---- */

enum { ARGUMENTS = 100000, ARGUMENT_BYTES = 40 };

static void
run_with_many_arguments(scene_shared *shared)
{
        const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
        static char argument[ARGUMENT_BYTES], name[] = "true";
        static char *arguments[ARGUMENTS + 2];
        static char *no_environment[] = { NULL };
        pid_t child;
        int status = 0;

        memset(argument, 'x', sizeof argument - 1);
        arguments[0] = name;
        for (int i = 1; i <= ARGUMENTS; i++)
                arguments[i] = argument;
        if (setrlimit(RLIMIT_STACK, &all) < 0)
                _exit(1);
        child = fork();
        if (child == 0) {
                execve("/bin/true", arguments, no_environment);
                _exit(errno);
        }
        add(shared, FORKS, 1);
        if (waitpid(child, &status, 0) != child || status != 0)
                _exit(1);
}

static int
see_arguments(const rt_alert *alert, void *user)
{
        scene *s = user;
        const char *name;
        rt_value value;

        for (size_t i = 0; rt_alert_field(alert, i, &name, &value) == RT_OK; i++) {
                if (strcmp(name, "proc.args") != 0)
                        continue;
                cr_expect_eq(value.kind, RT_KIND_STRING);
                cr_expect_leq(value.as.s.len, 4096);
                cr_expect_gt(value.as.s.len, 4000);
                cr_expect_eq(memcmp(value.as.s.ptr, "xxxxxxxx", 8), 0);
                s->shared->numbers[ALIVE]++;
        }
        return 0;
}

Test(live_hostile, a_command_line_of_100000_arguments_is_cut)
{
        scene s = { .on_alert = see_arguments };

        run_capped(&s, run_with_many_arguments, 1, 60);
        cr_expect_eq(s.by_rule[EXEC_RULE], 1);
        cr_expect_eq(s.shared->numbers[ALIVE], 1, "its arguments were seen");
        s.alerts -= s.by_rule[EXEC_RULE];
        expect_all_counted(&s, 1);
        scene_close(&s);
}
