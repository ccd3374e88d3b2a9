/* SPDX-License-Identifier: Apache-2.0 */
/* The engine's own tables and events, as plug-ins read and write them. */
#include "capture.h"
#include "scene.h"

enum { DUP2_X = 363, PROCEXIT = 186, ASYNC_E = 402 };

typedef struct sight {
        scene s;
        rti_buf capture;
} sight;

static void
begin(sight *v, const char *const plugins[][2], const char *output)
{
        memset(v, 0, sizeof *v);
        host_init(&v->s.h);
        for (size_t i = 0; plugins[i][0]; i++)
                cr_assert_eq(host_load(&v->s.h, plugins[i][0], plugins[i][1]), RT_OK, "%s: %s",
                             plugins[i][0], v->s.h.message);
        scene_begin(&v->s, "syscall", "evt.type in (openat, close, dup2)", output);
        v->capture = capture_begin();
}

static void
judge(sight *v)
{
        cr_expect_geq(
                rt_worker_feed(v->s.worker, "syscall", rti_buf_str(&v->capture), on_alert, &v->s),
                0);
}

static void
end(sight *v)
{
        rti_buf_done(&v->capture);
        scene_done(&v->s);
}

#define EXPECT(v, text) cr_expect(strstr((v)->s.alerts, text), "%s", (v)->s.alerts)

static uint64_t
failures(const sight *v, size_t plugin)
{
        rt_falco_info info = RT_INIT(rt_falco_info);

        cr_assert_eq(rt_falco_get(v->s.h.falco, plugin, &info), RT_OK);
        return info.failures;
}

Test(system, threads_are_read_as_they_are)
{
        static const char *const plugins[][2] = { { "visitor", "" }, { NULL, NULL } };
        static const char *const rows[][2] = {
                { "tid", "7" },
                { "pid", "7" },
                { "ptid", "1" },
                { "reaper_tid", "-1" },
                { "sid", "40" },
                { "comm", "cat" },
                { "exe", "exe" },
                { "exe_path", "/bin/exe" },
                { "exe_writable", "0" },
                { "exe_upper_layer", "1" },
                { "exe_lower_layer", "0" },
                { "exe_from_memfd", "0" },
                { "flags", "9" },
                { "fd_limit", "1024" },
                { "uid", "5" },
                { "gid", "6" },
                { "loginuid", "7" },
                { "exe_ino", "10" },
                { "exe_ino_ctime", "11" },
                { "exe_ino_mtime", "12" },
                { "vtid", "1007" },
                { "vpid", "2007" },
                { "vpgid", "41" },
                { "pgid", "42" },
                { "pidns_init_start_ts", "13" },
                { "root", "/r" },
                { "tty", "8" },
                { "cwd", "/root/" },
                { "container_id", "" },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                char output[128], expected[64];
                sight v;

                snprintf(output, sizeof output, "is %%visitor.thread[%s];", rows[i][0]);
                snprintf(expected, sizeof expected, " is %s;\n", rows[i][1]);
                begin(&v, plugins, output);
                capture_event(&v.capture, CLOSE_X, 7, "q0 q3");
                judge(&v);
                cr_expect(strstr(v.s.alerts, expected), "%s: %s", rows[i][0], v.s.alerts);
                end(&v);
        }
}

Test(system, descriptors_are_read_as_they_are)
{
        static const char *const plugins[][2] = { { "visitor", "" }, { NULL, NULL } };
        static const char *const rows[][2] = {
                { "type", "16" },
                { "open_flags", "1" },
                { "name", "/etc/shadow" },
                { "name_raw", "/etc/shadow" },
                { "old_name", "" },
                { "flags", "0" },
                { "dev", "4" },
                { "mount_id", "0" },
                { "ino", "5" },
                { "pid", "0" },
                { "fd", "3" },
                { "socket_ipv4_src_ip", "0" },
                { "socket_ipv6_server_l4_proto", "0" },
                { "socket_unix_dest", "0" },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                char output[128], expected[64];
                sight v;

                snprintf(output, sizeof output, "is %%visitor.fd[%s];", rows[i][0]);
                snprintf(expected, sizeof expected, " is %s;\n", rows[i][1]);
                begin(&v, plugins, output);
                capture_event(&v.capture, OPENAT_2_X, 7, "q3 q-100 s/etc/shadow d1 d0 d4 q5");
                judge(&v);
                if (*rows[i][1])
                        cr_expect(strstr(v.s.alerts, expected), "%s: %s", rows[i][0], v.s.alerts);
                end(&v);
        }
}

Test(system, what_only_plugins_write_is_kept)
{
        static const char *const plugins[][2] = { { "warden", "keep" },
                                                  { "visitor", "" },
                                                  { NULL, NULL } };
        sight v;

        begin(&v, plugins,
              "%evt.num %visitor.thread[container_id] %container.id %visitor.thread[reaper_tid] "
              "%visitor.thread[mark] %visitor.fd[old_name] "
              "%visitor.fd[mount_id] %visitor.fd[flags] %visitor.fd[opens] %fd.is_upper_layer;");
        capture_event(&v.capture, OPENAT_2_X, 7, "q3 q-100 s/etc/shadow d1 d0 d4 q5");
        capture_event(&v.capture, CLOSE_X, 7, "q-9 q3");
        capture_event(&v.capture, CLOSE_X, 7, "q-9 q3");
        judge(&v);
        EXPECT(&v, " 1  host -1 mark1  0 0 1 false;\n");
        EXPECT(&v, " 3 abc host 11 mark3 /old 77 131080 3 true;\n");
        cr_expect_eq(failures(&v, 0), 0);
        end(&v);
}

Test(system, an_exit_tells_the_reaper)
{
        static const char *const plugins[][2] = { { "visitor", "" }, { NULL, NULL } };
        sight v;

        memset(&v, 0, sizeof v);
        host_init(&v.s.h);
        cr_assert_eq(host_load(&v.s.h, plugins[0][0], plugins[0][1]), RT_OK);
        scene_begin(&v.s, "syscall", "evt.type in (close, procexit)",
                    "%evt.type %visitor.thread[reaper_tid];");
        v.capture = capture_begin();
        capture_event(&v.capture, CLOSE_X, 8, "q0 q3");
        capture_event(&v.capture, PROCEXIT, 8, "q0 q0 b0 b0 q1");
        judge(&v);
        EXPECT(&v, " close -1;\n");
        EXPECT(&v, " procexit 1;\n");
        end(&v);
}

Test(system, lists_and_tables_are_walked)
{
        static const char *const plugins[][2] = { { "visitor", "" }, { NULL, NULL } };
        sight v;

        begin(&v, plugins,
              "%visitor.threads %visitor.fds %visitor.list[args] %visitor.list[env] "
              "%visitor.list[cgroups] %visitor.columns %visitor.open;");
        capture_event(&v.capture, OPENAT_2_X, 7, "q3 q-100 s/etc/shadow d1 d0 d4 q5");
        capture_event(&v.capture, OPENAT_2_X, 7, "q70 q-100 s/etc/group d1 d0 d4 q5");
        judge(&v);
        EXPECT(&v, " 1,7,8 3,70 2:<a><bc> 2:<X=1><Y=> 2:<cpu:/one><memory:/two> 33+32 1,7,8;\n");
        cr_expect_eq(failures(&v, 0), 0);
        /* Another input is opened anew. */
        v.s.alerts[0] = '\0';
        judge(&v);
        EXPECT(&v, " 1,7,8 3,70 ");
        end(&v);
}

Test(system, what_one_plugin_writes_another_one_reads)
{
        static const char *const plugins[][2] = { { "warden", "" },
                                                  { "visitor", "" },
                                                  { NULL, NULL } };
        sight v;

        begin(&v, plugins,
              "%evt.num %visitor.thread[visits] %visitor.thread[mark] %visitor.fd[opens] "
              "%visitor.columns;");
        capture_event(&v.capture, OPENAT_2_X, 7, "q3 q-100 s/etc/shadow d1 d0 d4 q5");
        capture_event(&v.capture, OPENAT_2_X, 8, "q3 q-100 s/etc/hosts d1 d0 d4 q5");
        capture_event(&v.capture, OPENAT_2_X, 7, "q4 q-100 s/etc/group d1 d0 d4 q5");
        capture_event(&v.capture, CLOSE_X, 7, "q0 q3");
        capture_event(&v.capture, OPENAT_2_X, 7, "q3 q-100 s/etc/passwd d1 d0 d4 q5");
        capture_event(&v.capture, DUP2_X, 7, "q5 q3 q5");
        capture_event(&v.capture, CLOSE_X, 7, "q0 q3");
        capture_event(&v.capture, DUP2_X, 7, "q3 q5 q3");
        judge(&v);
        EXPECT(&v, " 1 1 mark1 1 35+33;\n");
        EXPECT(&v, " 2 1 mark1 1 35+33;\n");
        EXPECT(&v, " 3 2 mark2 2 35+33;\n");
        EXPECT(&v, " 4 3 mark3 3 35+33;\n");
        /* Closed and opened: another descriptor, with nothing of the old one. */
        EXPECT(&v, " 5 4 mark4 1 35+33;\n");
        /* 3, duplicated as 5 when it had 1, and back. */
        EXPECT(&v, " 7 5 mark5 2 35+33;\n");
        EXPECT(&v, " 8 5 mark5 1 35+33;\n");
        cr_expect_eq(failures(&v, 0), 0);
        end(&v);
}

Test(system, what_was_added_dies_with_the_thread)
{
        static const char *const plugins[][2] = { { "warden", "" },
                                                  { "visitor", "" },
                                                  { NULL, NULL } };
        sight v;

        begin(&v, plugins, "%evt.num %visitor.thread[visits] %visitor.thread[mark];");
        capture_event(&v.capture, CLOSE_X, 8, "q0 q3");
        capture_event(&v.capture, CLOSE_X, 8, "q0 q3");
        capture_event(&v.capture, PROCEXIT, 8, "q0 q0 b0 b0 q1");
        capture_event(&v.capture, CLOSE_X, 8, "q0 q3");
        judge(&v);
        EXPECT(&v, " 2 2 mark2;\n");
        EXPECT(&v, " 4 1 mark1;\n");
        end(&v);
}

Test(system, rules_see_what_a_parser_wrote)
{
        static const char *const plugins[][2] = { { "warden", "rename" }, { NULL, NULL } };
        sight v;

        begin(&v, plugins, "%evt.num %proc.name %user.loginuid %proc.is_exe_writable;");
        capture_event(&v.capture, OPENAT_2_X, 7, "q3 q-100 s/etc/shadow d1 d0 d4 q5");
        capture_event(&v.capture, CLOSE_X, 7, "q0 q3");
        capture_event(&v.capture, OPENAT_2_X, 7, "q3 q-100 s/etc/shadow d1 d0 d4 q5");
        judge(&v);
        EXPECT(&v, " 1 cat 7 false;\n");
        EXPECT(&v, " 2 renamed 1000 true;\n");
        EXPECT(&v, " 3 renamed 1000 true;\n");
        end(&v);
}

Test(system, entries_come_and_go)
{
        static const struct {
                const char *config, *expected;
        } rows[] = {
                { "add", " 2 1,7,8,4711 3,9 " }, { "erase_fd", " 2 1,7,8 3 " },
                { "clear_fds", " 2 1,7,8 3 " },  { "erase_others", " 2 7 3 " },
                { "clear", " 2 7 3 " },          { "erase_own", " 2 1,7,8 3 " },
                { "wrong", " 2 1,7,8 3 " },      { "many_fds", " 2 1,7,8 3 " },
                { "much", " 2 1,7,8 3 " },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                const char *const plugins[][2] = { { "warden", rows[i].config },
                                                   { "visitor", "" },
                                                   { NULL, NULL } };
                sight v;

                begin(&v, plugins, "%evt.num %visitor.threads %visitor.fds %proc.name;");
                capture_event(&v.capture, OPENAT_2_X, 7, "q3 q-100 s/etc/shadow d1 d0 d4 q5");
                capture_event(&v.capture, CLOSE_X, 7, "q-9 q3");
                capture_event(&v.capture, OPENAT_2_X, 7, "q6 q-100 s/etc/shadow d1 d0 d4 q5");
                judge(&v);
                cr_expect(strstr(v.s.alerts, rows[i].expected), "%s: %s", rows[i].config,
                          v.s.alerts);
                cr_expect_eq(failures(&v, 0), 0, "%s", rows[i].config);
                if (strcmp(rows[i].config, "erase_own") == 0)
                        EXPECT(&v, " 3 1,7,8 6 <NA>;\n");
                if (strcmp(rows[i].config, "erase_fd") == 0)
                        EXPECT(&v, " 3 1,7,8 6 cat;\n");
                end(&v);
        }
}

Test(system, what_is_wrong_in_init_is_refused_with_a_reason)
{
        static const struct {
                const char *config, *message;
        } rows[] = {
                { "again", "could not initialize plugin 'warden': field 'comm' is there from the "
                           "beginning" },
                { "other_type",
                  "could not initialize plugin 'warden': field 'comm' is of another type" },
                { "unknown", "could not initialize plugin 'warden': there is no field 'commm'" },
                { "nameless", "could not initialize plugin 'warden': a field needs a name" },
                { "many", "could not initialize plugin 'warden': no room for field 'f64'" },
                { "list", "could not initialize plugin 'warden': field 'mine' can only be added to "
                          "threads and descriptors, and in init" },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                host h;

                host_init(&h);
                cr_expect_eq(host_load(&h, "warden", rows[i].config), RT_EIO);
                cr_expect_str_eq(h.message, rows[i].message);
                rt_falco_unref(h.falco);
        }
}

static int
foreign_create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        (void) config, (void) diags;
        *ret_state = NULL;
        return RT_ENOMEM;
}

static int
foreign_demand(void *state, const rt_demand *demand)
{
        (void) state, (void) demand;
        return RT_OK;
}

static int
foreign_next(void *state, rt_input *input, rt_event *event)
{
        (void) state, (void) input, (void) event;
        return RT_EOF;
}

static int
foreign_extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        (void) state, (void) event, (void) slot, (void) ret_value;
        return 0;
}

Test(system, a_source_of_somebody_else_stays_as_it_is)
{
        const rt_source_ops foreign = { .size = sizeof foreign,
                                        .abi = RT_SOURCE_ABI,
                                        .flags = RT_SOURCE_REPLACES,
                                        .name = "syscall",
                                        .create = foreign_create,
                                        .demand = foreign_demand,
                                        .next = foreign_next,
                                        .extract = foreign_extract };
        rt_engine *engine = NULL;
        host h;

        host_init(&h);
        cr_assert_eq(host_load(&h, "warden", ""), RT_OK, "%s", h.message);
        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(engine, &foreign), RT_OK);
        cr_expect_eq(rt_falco_attach(h.falco, engine, h.message, sizeof h.message), RT_OK, "%s",
                     h.message);
        cr_expect(strstr(h.said, "warden:4:the source syscall is not the one that this host knows: "
                                 "its events and tables are not for plug-ins"),
                  "%s", h.said);
        rt_engine_unref(engine);
        rt_falco_unref(h.falco);
}

Test(system, other_sources_have_no_threads)
{
        static const char *const plugins[][2] = { { "keeper", "" },
                                                  { "ticker", "" },
                                                  { "guest", "" },
                                                  { "visitor", "" },
                                                  { NULL, NULL } };
        scene s;

        memset(&s, 0, sizeof s);
        host_init(&s.h);
        for (size_t i = 0; plugins[i][0]; i++)
                cr_assert_eq(host_load(&s.h, plugins[i][0], ""), RT_OK, "%s", s.h.message);
        scene_begin(&s, "ticker", "ticker.n > 0", "%guest.sum;");
        cr_expect_eq(run(&s, "ticker", "3"), RT_EOF);
        cr_expect_eq(s.n_alerts, 3);
        scene_done(&s);
}

static void
see_alarms(const char *condition)
{
        sight v;

        memset(&v, 0, sizeof v);
        host_init(&v.s.h);
        cr_assert_eq(host_load(&v.s.h, "herald", "once"), RT_OK, "%s", v.s.h.message);
        scene_begin(&v.s, "syscall", condition,
                    "%evt.num %evt.type %evt.asynctype %evt.arg.plugin_id;");
        v.capture = scap_body();
        scap_section(&v.capture);
        scap_machine(&v.capture, "host");
        capture_process(&v.capture, 7, 1, "cat");
        capture_event(&v.capture, CLOSE_X, 7, "q0 q3");
        capture_event(&v.capture, CLOSE_X, 7, "q0 q4");
        judge(&v);
        EXPECT(&v, " 1 close <NA> <NA>;\n");
        EXPECT(&v, " 2 alarm alarm 0;\n");
        EXPECT(&v, " 3 close <NA> <NA>;\n");
        end(&v);
}

Test(system, async_events_come_between_those_of_the_capture)
{
        see_alarms("evt.asynctype = alarm or evt.type = close");
}

Test(system, async_events_are_called_by_their_names)
{
        see_alarms("evt.type in (alarm, close)");
        see_alarms("evt.type = close or evt.type startswith alarm");
}
