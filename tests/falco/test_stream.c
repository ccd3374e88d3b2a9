/* SPDX-License-Identifier: Apache-2.0 */
/* Plug-ins that make system calls: event sourcing without an id and a source. */
#include "capture.h"
#include "scene.h"
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OPENS "307 7 q3 q-100 s/etc/shadow d1 d0 d4 q5"

static void
begin(scene *s, const char *const plugins[][2], uint32_t flags, const char *condition,
      const char *output)
{
        memset(s, 0, sizeof *s);
        host_init(&s->h);
        for (size_t i = 0; plugins[i][0]; i++)
                cr_assert_eq(host_load_as(&s->h, plugins[i][0], plugins[i][1], flags), RT_OK,
                             "%s: %s", plugins[i][0], s->h.message);
        scene_begin(s, "syscall", condition, output);
}

static const char *const driver[][2] = { { "driver", "" }, { NULL, NULL } };

#define EXPECT(s, text) cr_expect(strstr((s)->alerts, text), "%s", (s)->alerts)

Test(stream, events_are_system_calls)
{
        scene s;

        begin(&s, driver, RT_FALCO_ELSEWHERE, "evt.type in (openat, close)",
              "%evt.num %evt.time.s %evt.source %evt.type %evt.cpu %fd.name %fd.num %thread.tid "
              "%proc.name %evt.rawres;");
        cr_expect_eq(run(&s, "syscall", "plugin:driver:" OPENS ";5 7 q0 q3;many=3;5 8 q-9 q3"),
                     RT_EOF);
        cr_expect_eq(s.n_alerts, 6);
        EXPECT(&s, "1 00:00:00 syscall openat 0 /etc/shadow 3 7 <NA> 3;\n");
        EXPECT(&s, "2 00:00:00 syscall close 0 /etc/shadow 3 7 <NA> 0;\n");
        EXPECT(&s, "3 00:00:00 syscall close 0  3 7 <NA> 0;\n");
        EXPECT(&s, "6 00:00:00 syscall close 0  3 8 <NA> -9;\n");
        cr_expect_eq(lies(&s), 0);
        scene_done(&s);
}

Test(stream, a_plugin_says_nothing_of_its_source)
{
        rt_falco_info info = RT_INIT(rt_falco_info);
        scene s;

        begin(&s, driver, 0, "evt.type = openat", "x");
        cr_assert_eq(rt_falco_get(s.h.falco, 0, &info), RT_OK);
        cr_expect_str_eq(info.source, "");
        cr_expect_eq(info.id, 0);
        cr_expect_eq(info.capabilities, (uint32_t) RT_FALCO_SOURCING);
        scene_done(&s);
}

Test(stream, an_engine_has_one_reader_of_plugins)
{
        scene s;

        memset(&s, 0, sizeof s);
        host_init(&s.h);
        cr_assert_eq(host_load(&s.h, "driver", ""), RT_OK, "%s", s.h.message);
        cr_assert_eq(rt_engine_new(NULL, &s.engine), RT_OK);
        cr_expect_eq(rt_falco_attach(s.h.falco, s.engine, s.h.message, sizeof s.h.message), RT_OK);
        cr_expect_eq(rt_falco_attach(s.h.falco, s.engine, s.h.message, sizeof s.h.message),
                     RT_EEXIST);
        cr_expect_str_eq(s.h.message, "cannot add a reader of plug-ins' system calls: RT_EEXIST");
        rt_engine_unref(s.engine);
        rt_falco_unref(s.h.falco);
}

Test(stream, what_runs_here_is_told_first)
{
        char expected[64];
        scene s;

        begin(&s, driver, 0, "evt.type in (openat, close)", "%proc.exepath %proc.ppid;");
        cr_expect_eq(run(&s, "syscall", "plugin:driver:own 5 0 q0 q3"), RT_EOF);
#ifdef ISOLATED /* "own" is the helper's */
        snprintf(expected, sizeof expected, "/libruntime-plugin-host %d;\n", (int) getpid());
#else
        snprintf(expected, sizeof expected, "/test_falco_stream %d;\n", (int) getppid());
#endif
        EXPECT(&s, expected);
        scene_done(&s);
}

/* A process that waits until *ret_hold is closed; its number stands in the file. */
static pid_t
begin_child(int file, int *ret_hold)
{
        int hold[2];
        pid_t child;
        char byte;

        cr_assert_eq(pipe(hold), 0);
        child = fork();
        cr_assert_geq(child, 0);
        if (child == 0) {
                close(hold[1]);
                _exit(read(hold[0], &byte, 1) < 0);
        }
        close(hold[0]);
        *ret_hold = hold[1];
        cr_assert_gt(dprintf(file, "%d", (int) child), 0);
        return child;
}

Test(stream, threads_that_came_later_are_looked_up)
{
        char path[] = "/tmp/lateXXXXXX", params[256], expected[64];
        const int file = mkstemp(path);
        pid_t child;
        int hold;
        scene s;

        begin(&s, driver, 0, "evt.type = close", "%evt.num %thread.tid %proc.exepath;");
        /* That it is switched to says nothing of it, and does not keep it from being looked up. */
        snprintf(params, sizeof params,
                 "plugin:driver:at %s 152 q9 q0 q0 d0 d0 d0;at %s 5 q0 q3;5 4194303 q0 q3", path,
                 path);
        cr_assert_eq(rt_worker_open(s.worker, "syscall", params), RT_OK);
        child = begin_child(file, &hold);
        while (rt_worker_step(s.worker, on_alert, &s) != RT_EOF)
                ;
        snprintf(expected, sizeof expected, " 2 %d /", (int) child);
        EXPECT(&s, expected);
        EXPECT(&s, " 3 4194303 ;\n");
        close(hold);
        cr_expect_eq(waitpid(child, NULL, 0), child);
        scene_done(&s);
        close(file);
        unlink(path);
}

Test(stream, another_machine_s_threads_are_not_looked_up)
{
        scene s;

        begin(&s, driver, RT_FALCO_ELSEWHERE, "evt.type = close", "exe=%proc.exepath;");
        cr_expect_eq(run(&s, "syscall", "plugin:driver:own 5 0 q0 q3"), RT_EOF);
        EXPECT(&s, "exe=;\n");
        scene_done(&s);
}

Test(stream, an_event_without_a_time_is_of_now)
{
        const long long before = (long long) time(NULL);
        long long then;
        scene s;

        begin(&s, driver, RT_FALCO_ELSEWHERE, "evt.type = close", "%evt.rawtime.s;");
        cr_expect_eq(run(&s, "syscall", "plugin:driver:now 5 7 q0 q3"), RT_EOF);
        cr_assert_eq(sscanf(s.alerts, "%*s Informational %lld", &then), 1, "%s", s.alerts);
        cr_expect_geq(then, before);
        cr_expect_leq(then, (long long) time(NULL));
        scene_done(&s);
}

Test(stream, lies_are_left_out_and_counted)
{
        static const struct {
                const char *lie, *said;
        } rows[] = {
                { "null", "an event of a batch is NULL" },
                { "type", "an event is of a type that it may not be" },
                { "plugin", "an event is of a type that it may not be" },
                { "length", "an event's length is not that of its parameters" },
                { "params", "an event has not the parameters of its type" },
                { "short", "an event's length is not that of its parameters" },
                { "long", "an event's length is not that of its parameters" },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                char params[256];
                scene s;

                begin(&s, driver, RT_FALCO_ELSEWHERE, "evt.type = close", "%evt.num;");
                snprintf(params, sizeof params, "plugin:driver:%s 5 7 q0 q3;5 7 q0 q4",
                         rows[i].lie);
                cr_expect_eq(run(&s, "syscall", params), RT_EOF, "%s", rows[i].lie);
                cr_expect_eq(lies(&s), 1, "%s", rows[i].lie);
                cr_expect(strstr(s.h.said, rows[i].said), "%s: %s", rows[i].lie, s.h.said);
                cr_expect_eq(s.n_alerts, 1, "%s: %s", rows[i].lie, s.alerts);
                scene_done(&s);
        }
}

static uint64_t
lost(const scene *s, const char *cause)
{
        rt_loss loss = RT_INIT(rt_loss);

        for (size_t i = 0; rt_worker_loss(s->worker, i, &loss) == RT_OK; i++)
                if (strcmp(loss.cause, cause) == 0)
                        return loss.count;
        return UINT64_MAX;
}

Test(stream, what_is_lost_is_told)
{
        scene s;

        begin(&s, driver, 0, "evt.type = close", "%evt.num;");
        cr_expect_eq(run(&s, "syscall", "plugin:driver:null 5 7 q0 q3;5 4194303 q0 q4"), RT_EOF);
        cr_expect_eq(lost(&s, "malformed events of the plug-in"), 1);
        cr_expect_eq(lost(&s, "thread gone when looked up"), 1);
        scene_done(&s);
}

Test(stream, a_plugin_with_nothing_is_asked_again)
{
        scene s;

        begin(&s, driver, RT_FALCO_ELSEWHERE, "evt.type = close", "%evt.num;");
        cr_expect_eq(run(&s, "syscall", "plugin:driver:wait;wait;wait;pause;5 7 q0 q3;wait"),
                     RT_EOF);
        cr_expect_eq(s.n_alerts, 1);
        scene_done(&s);
}

Test(stream, a_long_batch_comes_in_pieces)
{
        scene s;

        begin(&s, driver, RT_FALCO_ELSEWHERE, "evt.type = openat and evt.num > 5000", "%evt.num;");
        cr_expect_eq(run(&s, "syscall", "plugin:driver:" OPENS ";many=4096;many=4096"), RT_EOF);
        cr_expect_eq(s.n_alerts, 1 + 2 * 4096 - 5000);
        scene_done(&s);
}

Test(stream, what_fails_ends_the_input)
{
        scene s;

        begin(&s, driver, RT_FALCO_ELSEWHERE, "evt.type = close", "%evt.num;");
        cr_expect_eq(run(&s, "syscall", "plugin:driver:5 7 q0 q3;fail;5 7 q0 q3"), RT_EIO);
        cr_expect_eq(s.n_alerts, 1);
        cr_expect(strstr(s.h.said, "driver:3:next_batch failed: no more calls\n"), "%s", s.h.said);
        cr_expect_eq(rt_worker_open(s.worker, "syscall", "plugin:driver:nothing"), RT_EIO);
        cr_expect(strstr(s.h.said, "driver:3:open failed: nothing can't be opened\n"), "%s",
                  s.h.said);
        cr_expect_eq(rt_worker_open(s.worker, "syscall", "plugin:driving"), RT_EINVAL);
        cr_expect_eq(rt_worker_open(s.worker, "syscall", "plugin:"), RT_EINVAL);
        cr_expect_eq(rt_worker_open(s.worker, "syscall", "plugin:driver"), RT_OK);
        scene_done(&s);
}

Test(stream, the_host_can_end_it)
{
        scene s;
        int r;

        begin(&s, driver, RT_FALCO_ELSEWHERE, "evt.type = close", "%evt.num;");
        cr_assert_eq(rt_worker_open(s.worker, "syscall", "plugin:driver:5 7 q0 q3;wait;5 7 q0 q3"),
                     RT_OK);
        do
                r = rt_worker_step(s.worker, on_alert, &s);
        while (r >= 0);
        cr_expect_eq(r, RT_EAGAIN);
        cr_expect_eq(rt_worker_finish(s.worker), RT_OK);
        do
                r = rt_worker_step(s.worker, on_alert, &s);
        while (r >= 0 || r == RT_EAGAIN);
        cr_expect_eq(r, RT_EOF);
        cr_expect_eq(s.n_alerts, 1);
        scene_done(&s);
}

#ifndef ISOLATED /* tables are not shared across processes */
Test(stream, other_plugins_parse_and_extract)
{
        static const char *const plugins[][2] = {
                { "driver", "" }, { "warden", "" }, { "visitor", "" }, { NULL, NULL }
        };
        scene s;

        begin(&s, plugins, RT_FALCO_ELSEWHERE, "evt.type in (openat, close)",
              "%evt.num %visitor.thread[visits] %visitor.thread[mark];");
        cr_expect_eq(run(&s, "syscall", "plugin:driver:" OPENS ";5 7 q0 q3;5 7 q0 q3"), RT_EOF);
        EXPECT(&s, " 2 2 mark2;\n");
        EXPECT(&s, " 3 3 mark3;\n");
        scene_done(&s);
}
#endif

Test(stream, async_events_come_between)
{
        static const char *const plugins[][2] = { { "driver", "" },
                                                  { "herald", "once" },
                                                  { NULL, NULL } };
        scene s;

        begin(&s, plugins, RT_FALCO_ELSEWHERE, "evt.type in (alarm, close)",
              "%evt.type %evt.asynctype;");
        cr_expect_eq(run(&s, "syscall", "plugin:driver:5 7 q0 q3;5 7 q0 q4"), RT_EOF);
        EXPECT(&s, " close <NA>;\n");
        EXPECT(&s, " alarm alarm;\n");
        cr_expect_eq(s.n_alerts, 3);
        scene_done(&s);
}

/* Those of its time stand in it; today's would make another recording of it. */
Test(stream, recordings_get_no_async_events)
{
        static const char *const plugins[][2] = { { "herald", "once" }, { NULL, NULL } };
        char path[] = "/tmp/recordingXXXXXX";
        const int fd = mkstemp(path);
        rti_buf recording = capture_begin();
        scene s;

        cr_assert_geq(fd, 0);
        capture_event(&recording, CLOSE_X, 7, "q0 q3");
        capture_event(&recording, CLOSE_X, 7, "q0 q4");
        cr_assert_eq(write(fd, recording.ptr, recording.len), (ssize_t) recording.len);
        close(fd);
        rti_buf_done(&recording);
        begin(&s, plugins, 0, "evt.type in (alarm, close)", "%evt.type;");
        cr_expect_eq(run(&s, "syscall", path), RT_EOF);
        EXPECT(&s, " close;\n");
        cr_expect_eq(s.n_alerts, 2, "%s", s.alerts);
        scene_done(&s);
        unlink(path);
}
