/* SPDX-License-Identifier: Apache-2.0 */
/* scene.c - rules over what one child process (and all it starts) does on this machine. */
#include "scene.h"
#include <criterion/criterion.h>
#include <libruntime-live/live.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t
now_ns(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * 1000000000u + (uint64_t) t.tv_nsec;
}

static void
fork_child(scene *s, scene_act *act)
{
        s->shared = mmap(NULL, sizeof *s->shared, PROT_READ | PROT_WRITE,
                         MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        cr_assert_neq((void *) s->shared, MAP_FAILED);
        s->child = fork();
        cr_assert_geq(s->child, 0);
        if (s->child != 0)
                return;
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        while (!s->shared->go)
                usleep(1000);
        act(s->shared);
        _exit(0);
}

static void
find_rules(scene *s, const char *rules)
{
        rt_diags *diags = NULL;
        rt_str text;
        int r;

        cr_assert_eq(rt_engine_new(NULL, &s->engine), RT_OK);
        cr_assert_eq(rt_engine_add_reader(s->engine, rt_live_reader()), RT_OK);
        cr_assert_eq(rt_diags_new(&diags), RT_OK);
        r = rt_compile(s->engine, "rules.yaml", (rt_str){ rules, strlen(rules) }, diags, &s->rules);
        if (r < 0 && rt_diags_print(diags, RT_DIAGS_TEXT, 0, &text) == RT_OK)
                fwrite(text.ptr, 1, text.len, stderr);
        rt_diags_unref(diags);
        cr_assert_eq(r, RT_OK);
        cr_assert_leq(rt_ruleset_count(s->rules), (size_t) SCENE_RULES);
        cr_assert_eq(rt_engine_use(s->engine, s->rules), RT_OK);
}

void
scene_open(scene *s, const char *rules, size_t ring_bytes, scene_act *act)
{
        char why[512], path[96];
        int r;

        if (rt_live_check(why, sizeof why) < 0)
                cr_skip_test("%s", why);
        fork_child(s, act);
        find_rules(s, rules);
        cr_assert_eq(rt_worker_new(s->engine, NULL, &s->worker), RT_OK);
        if (s->n_options)
                cr_assert_eq(
                        rt_worker_configure(s->worker, "syscall", s->options, s->n_options, NULL),
                        RT_OK);
        snprintf(path, sizeof path, "kernel:tree=%d,filter=off", s->child);
        if (ring_bytes)
                snprintf(path + strlen(path), sizeof path - strlen(path), ",ring=%zu", ring_bytes);
        r = rt_worker_open(s->worker, "syscall", path);
        cr_assert_eq(r, RT_OK, "%s", rt_status_name(r));
        /* The lists; from here on the kernel side knows what the rules want. */
        do {
                r = rt_worker_step(s->worker, NULL, NULL);
                cr_assert(r >= 0 || r == RT_EAGAIN, "%s", rt_status_name(r));
        } while (r != RT_EAGAIN);
}

static void
see_whether_ended(scene *s)
{
        int status = 0;

        if (s->ended || waitpid(s->child, &status, WNOHANG) != s->child)
                return;
        s->ended = true;
        cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child failed: %x", status);
}

static int
on_alert(const rt_alert *alert, void *user)
{
        rt_rule_info info = RT_INIT(rt_rule_info);
        scene *s = user;

        s->alerts++;
        for (size_t i = 0; rt_ruleset_rule(s->rules, i, &info) == RT_OK; i++)
                s->by_rule[i] += strcmp(info.name, rt_alert_rule(alert)) == 0;
        while (s->slower && !s->ended && s->alerts * s->slower > s->shared->produced) {
                usleep(100);
                see_whether_ended(s);
        }
        return s->on_alert ? s->on_alert(alert, s) : 0;
}

void
scene_run(scene *s, unsigned seconds)
{
        const uint64_t end_ns = now_ns() + seconds * (uint64_t) 1000000000;
        int r = RT_OK;

        s->shared->go = 1;
        while (!s->ended && now_ns() < end_ns) {
                r = rt_worker_step(s->worker, on_alert, s);
                cr_assert(r >= 0 || r == RT_EAGAIN, "%s", rt_status_name(r));
                see_whether_ended(s);
        }
        cr_expect(s->ended, "the child takes longer than %u s", seconds);
        cr_assert_eq(rt_worker_finish(s->worker), RT_OK);
        do {
                r = rt_worker_step(s->worker, on_alert, s);
        } while (r >= 0 || r == RT_EAGAIN);
        cr_expect_eq(r, RT_EOF, "%s", rt_status_name(r));
}

void
scene_close(scene *s)
{
        if (!s->ended) {
                kill(s->child, SIGKILL);
                waitpid(s->child, NULL, 0);
        }
        rt_worker_unref(s->worker);
        rt_ruleset_unref(s->rules);
        rt_engine_unref(s->engine);
        munmap(s->shared, sizeof *s->shared);
}

static bool
is_that(const rt_loss *loss, const char *cause, const char *part)
{
        return (!cause || strcmp(loss->cause, cause) == 0)
               && (!part || strcmp(loss->part, part) == 0);
}

uint64_t
scene_lost(scene *s, uint32_t kind, const char *cause, const char *part)
{
        rt_loss loss = RT_INIT(rt_loss);
        uint64_t n = 0;

        for (size_t i = 0; rt_worker_loss(s->worker, i, &loss) == RT_OK; i++)
                if (loss.kind == kind && is_that(&loss, cause, part))
                        n += loss.count;
        return n;
}

bool
scene_loss(scene *s, const char *cause, const char *part, rt_loss *ret_loss)
{
        for (size_t i = 0; rt_worker_loss(s->worker, i, ret_loss) == RT_OK; i++)
                if (is_that(ret_loss, cause, part))
                        return true;
        return false;
}

bool
scene_blinds(const scene *s, const rt_loss *loss, size_t rule)
{
        if (!loss->event_types)
                return true;
        for (size_t code = 0; code < loss->n_event_words * 64; code++)
                if ((loss->event_types[code / 64] >> code % 64 & 1)
                    && rt_ruleset_sees(s->rules, rule, loss->source, (uint32_t) code) == 1)
                        return true;
        return false;
}
