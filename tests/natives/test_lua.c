/* SPDX-License-Identifier: Apache-2.0 */
/* runtime.native and runtime.callback of scripts: what they give, and what they refuse. */
#include <libruntime-lua/lua.h>
#include <libruntime-natives/natives.h>
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dlfcn.h>
#include <libruntime/runtime.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define NATIVE(symbol, signature) "runtime.native('libcallbacks.so', '" symbol "', '" signature "')"

typedef struct scene {
        rt_engine *engine;
        rt_natives *natives;
        rt_lua *lua;
        rt_worker *worker;
        char said[512]; /* the field's value */
        char told[512]; /* what was reported last */
        unsigned reports;
} scene;

static void
report(const char *field, const char *message, void *user)
{
        scene *s = user;

        (void) field;
        s->reports++;
        snprintf(s->told, sizeof s->told, "%s", message);
}

static int
on_alert(const rt_alert *alert, void *user)
{
        scene *s = user;
        rt_value value;
        const char *name = NULL;

        if (rt_alert_field(alert, 0, &name, &value) == RT_OK && value.kind == RT_KIND_STRING)
                snprintf(s->said, sizeof s->said, "%.*s", (int) value.as.s.len, value.as.s.ptr);
        return 0;
}

static void
put_in_force(scene *s)
{
        static const char rules[] =
                "- rule: A\n  desc: d\n  condition: ct.name exists\n  output: '%lua.said'\n"
                "  priority: INFO\n  source: aws_cloudtrail\n";
        rt_ruleset *compiled = NULL;

        cr_assert_eq(rt_compile(s->engine, "r.yaml", (rt_str){ rules, sizeof rules - 1 }, NULL,
                                &compiled),
                     RT_OK);
        cr_assert_eq(rt_engine_use(s->engine, compiled), RT_OK);
        rt_ruleset_unref(compiled);
}

/* A script that sets up @a before, and a field that says what @a body returns. */
static int
scene_init(scene *s, const char *path, const char *before, const char *body)
{
        rt_natives_opts opts = RT_INIT(rt_natives_opts);
        rt_lua_opts lua_opts = RT_INIT(rt_lua_opts);
        char script[4096];
        const int n = snprintf(script, sizeof script,
                               "runtime.sources { 'aws_cloudtrail' }\n%s\n"
                               "runtime.field { name = 'lua.said', type = 'string',\n"
                               "  reads = { 'ct.name', 'ct.srcip' },\n"
                               "  extract = function(name, ip)\n"
                               "    local function body()\n%s\nend\n"
                               "    return tostring(body()) end }\n",
                               before, body);

        memset(s, 0, sizeof *s);
        opts.paths = &path;
        opts.n_paths = path ? 1 : 0;
        cr_assert_eq(rt_engine_new(NULL, &s->engine), RT_OK);
        cr_assert_eq(rt_natives_new(s->engine, &opts, &s->natives), RT_OK);
        lua_opts.natives = path ? rt_natives_calls_of(s->natives) : NULL;
        lua_opts.report = report;
        lua_opts.report_user = s;
        lua_opts.max_ms = 10000; /* sanitizers are slow */
        return rt_lua_new(s->engine, "hooks.lua", (rt_str){ script, (size_t) n }, &lua_opts,
                          &s->lua);
}

static int
feed(scene *s)
{
        static const char event[] =
                "{\"eventID\":\"1\",\"eventType\":\"AwsApiCall\",\"eventTime\":"
                "\"2024-05-01T10:00:00Z\",\"eventSource\":\"iam.amazonaws.com\","
                "\"awsRegion\":\"us-east-1\",\"sourceIPAddress\":\"192.0.2.7\","
                "\"eventName\":\"cab\"}";

        return rt_worker_feed(s->worker, "aws_cloudtrail", (rt_str){ event, sizeof event - 1 },
                              on_alert, s);
}

static void
scene_done(scene *s)
{
        rt_worker_unref(s->worker);
        rt_engine_unref(s->engine);
        rt_lua_unref(s->lua);
        rt_natives_unref(s->natives);
}

static void
begin(scene *s, const char *before, const char *body)
{
        const int r = scene_init(s, LIBRARIES, before, body);

        cr_assert_eq(r, RT_OK, "%s %s", rt_status_name(r), s->told);
        put_in_force(s);
        cr_assert_eq(rt_worker_new(s->engine, NULL, &s->worker), RT_OK);
}

typedef struct row {
        char before[400];
        char body[240];
        char said[120];
} row;

ParameterizedTestParameters(lua, natives_give_and_take_values)
{
        static row rows[] = {
                { "f = " NATIVE("six", "i64 (bool, i16, u32, double, string, ip)"),
                  "return f(true, -1, 10, 2.5, 'abc', '192.0.2.9')", "24" },
                { "f = " NATIVE("six", "i64 (bool, i16, u32, double, string?, ip?)"),
                  "return f(false, 1.0, 2, 3)", "6" },
                { "f = " NATIVE("six", "i64 (bool, i16, u32, double, string?, ip?)"),
                  "return f(false, 0, 0, 0, nil, '2001:db8::5')", "5" },
                { "f = " NATIVE("garbage", "string (u8)"), "return f(0)", "nil" },
                { "f = " NATIVE("garbage", "string (u8)"), "return #f(1)", "3" },
                { "f = " NATIVE("no_number", "double ()"), "return f()", "nil" },
                { "p, q = " NATIVE("a_pointer", "ptr (bool)") "\nq = " NATIVE("behind",
                                                                              "i64 (ptr)"),
                  "return q(p(true))", "7" },
                { "f = " NATIVE("a_pointer", "ptr (bool)"), "return f(false)", "nil" },
                { "f = " NATIVE("keep", "void (callback(i64 (i64))?)"),
                  "return select('#', f(nil))", "0" },
                { "f = " NATIVE(
                          "fold",
                          "i64 (bytes, callback(i64 (i64, u8)))") "\ncb = runtime.callback('i64 "
                                                                  "(i64, u8)', function(a, b) "
                                                                  "return a * 2 + b end)",
                  "return f('\\1\\0\\3', cb)", "7" },
                { "f = " NATIVE("sorted", "str (str, callback(i32 (u8, u8)))"),
                  "return f(name, runtime.callback('i32 (u8, u8)',\n"
                  "function(a, b) return b - a end))",
                  "cba" },
                { "f = " NATIVE("give_all", "i32 (callback(bool (bool, i8, u16, double, string, "
                                            "str, bytes, ip, ptr)), ptr?)"),
                  "local t; f(runtime.callback('bool (bool, i8, u16, double, string, str, bytes, "
                  "ip, ptr)', function(...) t = table.concat({...}, ' ', 2, 8) return true end))\n"
                  "t = t:gsub('\\0', '0') return t",
                  "-8 65535 0.5 text s0r by 192.0.2.1" },
                { "f = " NATIVE("give_nothing", "i32 (callback(bool (bool, i8, u16, double, "
                                                "string, str, bytes, ip, ptr)))"),
                  "local n; f(runtime.callback('bool (bool, i8, u16, double, string, str, bytes, "
                  "ip, ptr)', function(...) n = 0 for i = 1, 9 do if (select(i, ...)) == nil then "
                  "n = n + 1 end end return true end))\nreturn n",
                  "5" },
                { "f = " NATIVE("answer_i8", "i8 (callback(i8 ()))"),
                  "return f(runtime.callback('i8 ()', function() return -128 end))", "-128" },
                { "f = " NATIVE("answer_u16", "u16 (callback(u16 ()))"),
                  "return f(runtime.callback('u16 ()', function() return 65535 end))", "65535" },
                { "f = " NATIVE("answer_i32", "i32 (callback(i32 ()))"),
                  "return f(runtime.callback('i32 ()', function() return -2 end))", "-2" },
                { "f = " NATIVE("answer_u64", "u64 (callback(u64 ()))"),
                  "return f(runtime.callback('u64 ()', function() return 1 << 62 end))",
                  "4611686018427387904" },
                { "f = " NATIVE("answer_double", "double (callback(double ()))"),
                  "return f(runtime.callback('double ()', function() return 0.25 end))", "0.25" },
                { "f = " NATIVE("answer_bool", "bool (callback(bool ()))"),
                  "return f(runtime.callback('bool ()', function() return true end))", "true" },
                { "f = " NATIVE("answer_ptr", "ptr (callback(ptr ()))"),
                  "return f(runtime.callback('ptr ()', function() return nil end))", "nil" },
                { "k = " NATIVE("keep", "void (callback(i64 (i64)))") "\nc = " NATIVE(
                          "call_kept", "i64 (i64)") "\ncb = runtime.callback('i64 (i64)', "
                                                    "function(n) return n + 1 end)\nk(cb)",
                  "return c(41)", "42" },
                { "f = " NATIVE("or_zero", "i64 (callback(i64 (i64))?, i64)"),
                  "local function down(n) if n == 0 then return 1 end\n"
                  "return f(runtime.callback('i64 (i64)', down), n - 1) * 2 end\nreturn down(8)",
                  "256" },
        };

        return cr_make_param_array(row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(row *r, lua, natives_give_and_take_values)
{
        scene s;

        begin(&s, r->before, r->body);
        cr_assert_eq(feed(&s), 1);
        cr_expect_str_eq(s.said, r->said, "%s: %s %s", r->body, s.said, s.told);
        cr_expect_eq(s.reports, 0, "%s: %s", r->body, s.told);
        cr_expect_eq(rt_natives_refused(s.natives), 0);
        scene_done(&s);
}

ParameterizedTestParameters(lua, wrong_calls_are_errors_of_lua)
{
        static row rows[] = {
                { "f = " NATIVE("fold", "i64 (bytes, callback(i64 (i64, u8)))"), "return f(1, nil)",
                  "fold: argument 1 must be a bytes, not a number" },
                { "f = " NATIVE("fold", "i64 (bytes, callback(i64 (i64, u8)))"),
                  "return f('x', print)", "fold: argument 2 must be a callback, not a nil" },
                { "f = " NATIVE("fold", "i64 (bytes, callback(i64 (i64, u8)))"),
                  "return f('x', runtime.callback('i64 (i64)', function() end))",
                  "fold: argument 2 is a callback of another signature" },
                { "f = " NATIVE("fold", "i64 (bytes, callback(i64 (i64, u8)))"),
                  "return f('x', 1, 2)", "fold takes 2 arguments, not 3" },
                { "f = " NATIVE("garbage", "string (u8)"), "return f(256)",
                  "garbage: argument 1 must be a u8, not 256" },
                { "f = " NATIVE("garbage", "string (u8)"), "return f(-1)",
                  "garbage: argument 1 must be a u8, not -1" },
                { "f = " NATIVE("garbage", "string (u8)"), "return f(1.5)",
                  "garbage: argument 1 must be a u8, not 1.5" },
                { "f = " NATIVE("garbage", "string (u8)"), "return f('1')",
                  "garbage: argument 1 must be a u8, not a string" },
                { "f = " NATIVE("garbage", "string (u8)"), "return f()",
                  "garbage: argument 1 must be a u8, not a nil" },
                { "f = " NATIVE("garbage", "string (u8)"), "return f(2)",
                  "garbage: what it returned is too long a text" },
                { "f = " NATIVE("no_bool", "bool ()"), "return f()",
                  "no_bool: what it returned is no such value" },
                { "f = " NATIVE("six", "i64 (bool, i16, u32, double, string, ip?)"),
                  "return f(true, 1, 1, 1, 'a\\0b')", "six: argument 5 has a NUL in it" },
                { "f = " NATIVE("six", "i64 (bool, i16, u32, double, string?, ip)"),
                  "return f(true, 1, 1, 1, nil, '1.2.3')", "argument 6 must be an IP address" },
                { "f = " NATIVE("six", "i64 (bool, i16, u32, double, string?, ip?)"),
                  "return f(true, 1, 1, (1 << 53) + 1)", "argument 4 does not fit a double" },
                { "f = " NATIVE("behind", "i64 (ptr)"), "return f(7)",
                  "behind: argument 1 must be a ptr, not a number" },
                { "f = " NATIVE("answer_i8", "i8 (callback(i8 ()))"),
                  "return f(runtime.callback('i8 ()', function() return 128 end))",
                  "what a callback returns must be a i8, not 128" },
                { "f = " NATIVE("answer_i8", "i8 (callback(i8 ()))"),
                  "return f(runtime.callback('i8 ()', function() end))",
                  "what a callback returns must be a i8, not a nil" },
                { "f = " NATIVE("fold", "i64 (bytes, callback(i64 (i64, u8)))"),
                  "return f('xyz', runtime.callback('i64 (i64, u8)', function() error('boom', 0) "
                  "end))",
                  "boom" },
                { "f = " NATIVE("fold", "i64 (bytes, callback(i64 (i64, u8)))"),
                  "return f('xyz', runtime.callback('i64 (i64, u8)', function() while true do end "
                  "end))",
                  "it runs for more than its 1000000 instructions" },
                { "f = " NATIVE("fold", "i64 (bytes, callback(i64 (i64, u8)))"),
                  "return f('xyz', runtime.callback('i64 (i64, u8)', function() local t = 'x' "
                  "while true do t = t .. t end end))",
                  "not enough memory" },
                { "f = " NATIVE("or_zero", "i64 (callback(i64 (i64))?, i64)"),
                  "local function down(n) return f(runtime.callback('i64 (i64)', down), n) end\n"
                  "return down(8)",
                  "too many functions inside of callbacks" },
                { "", "return runtime.native('libgone.so', 'x', 'u8 ()')",
                  "runtime.native: libgone.so: there is no such library" },
                { "", "return runtime.native('libcallbacks.so', 'system', 'i32 (string)')",
                  "exports no function system" },
                { "", "return runtime.native('libcallbacks.so', 'fold', 'i32 string')",
                  "fold: signature, column 5: '(' is expected here" },
                { "", "return runtime.native('libcallbacks.so', 'fold\\0', 'i32 ()')",
                  "it has a NUL in it" },
                { "", "return runtime.native('/etc/passwd', 'fold', 'i32 ()')",
                  "not where this host allows" },
                { "", "return runtime.native(1, 'fold', 'i32 ()')", "string expected" },
                { "", "return runtime.callback('string ()', function() end)",
                  "runtime.callback: signature, column 1: a callback cannot have this type here" },
                { "", "return runtime.callback('u8 ()')", "function expected" },
                { "k = {}",
                  "for i = 1, 200 do k[i] = runtime.callback('u8 ()', function() end) end",
                  "runtime.callback: more than 128" },
                { "k = {}", "for i = 1, 300 do k[i] = " NATIVE("no_bool", "u8 ()") " end",
                  "runtime.native: more than 256" },
        };

        return cr_make_param_array(row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(row *r, lua, wrong_calls_are_errors_of_lua)
{
        scene s;

        begin(&s, r->before, r->body);
        cr_assert_eq(feed(&s), 1);
        cr_expect_eq(s.reports, 1, "%s: %s", r->body, s.said);
        cr_expect(strstr(s.told, r->said), "%s: %s", r->body, s.told);
        scene_done(&s);
}

Test(lua, without_leave_there_is_nothing_to_call)
{
        scene s;

        cr_assert_eq(scene_init(&s, NULL, "f = " NATIVE("no_bool", "u8 ()"), "return 1"),
                     RT_EINVAL);
        cr_expect(strstr(s.told, "hooks.lua:2: this host allows no native functions"), "%s",
                  s.told);
        scene_done(&s);
        cr_assert_eq(scene_init(&s, NULL, "f = runtime.callback('u8 ()', print)", "return 1"),
                     RT_EINVAL);
        scene_done(&s);
        /* Items may be allowed nothing, either. */
        cr_assert_eq(scene_init(&s, "/nowhere", "f = " NATIVE("no_bool", "u8 ()"), "return 1"),
                     RT_EINVAL);
        cr_expect(strstr(s.told, "there is no such library"), "%s", s.told);
        scene_done(&s);
}

Test(lua, an_error_in_a_callback_ends_its_calls)
{
        scene s;

        begin(&s,
              "f = " NATIVE("fold",
                            "i64 (bytes, callback(i64 (i64, u8)))") "\nn = 0\ncb = "
                                                                    "runtime.callback('i64 (i64, "
                                                                    "u8)', function(a, b) n = n + "
                                                                    "1 error('boom') end)",
              "local ok, why = pcall(f, 'xyz', cb) return n .. why");
        cr_assert_eq(feed(&s), 1);
        cr_expect(strncmp(s.said, "1hooks.lua:", 11) == 0 && strstr(s.said, "boom"), "%s", s.said);
        scene_done(&s);
}

Test(lua, a_callback_is_refused_from_another_thread)
{
        scene s;

        begin(&s,
              "f = " NATIVE(
                      "call_in_thread",
                      "i64 (i64, callback(i64 (i64)))") "\ncalled = 0\ncb = "
                                                        "runtime.callback('i64 (i64)', function(n) "
                                                        "called = called + 1 return 5 end)",
              "return f(3, cb) .. ' ' .. called");
        cr_assert_eq(feed(&s), 1);
        cr_expect_str_eq(s.said, "0 0", "%s %s", s.said, s.told);
        cr_expect_eq(rt_natives_refused(s.natives), 1);
        scene_done(&s);
}

/* The library is opened once more, so that it stays with what it has kept. */
static int64_t (*call_kept_of(void **ret_library))(int64_t)
{
        *ret_library = dlopen(LIBRARIES "/libcallbacks.so", RTLD_NOW);
        cr_assert(*ret_library);
        return (int64_t(*)(int64_t))(uintptr_t) dlsym(*ret_library, "call_kept");
}

Test(lua, a_callback_is_refused_outside_of_a_function_and_after_its_state)
{
        void *library;
        int64_t (*call_kept)(int64_t) = call_kept_of(&library);
        scene s;

        begin(&s,
              "k = " NATIVE("keep", "void (callback(i64 (i64)))") "\ncb = "
                                                                  "runtime.callback('i64 (i64)', "
                                                                  "function(n) return n + 1 end)",
              "k(cb) return 1");
        cr_assert_eq(feed(&s), 1);
        cr_expect_eq(call_kept(1), 0);
        cr_expect_eq(rt_natives_refused(s.natives), 1);
        s.worker = rt_worker_unref(s.worker);
        cr_expect_eq(call_kept(1), 0);
        cr_expect_eq(rt_natives_refused(s.natives), 2);
        /* Another state does not get to run it. */
        cr_assert_eq(rt_worker_new(s.engine, NULL, &s.worker), RT_OK);
        cr_assert_eq(feed(&s), 1);
        scene_done(&s);
        dlclose(library);
}

Test(lua, a_callback_that_was_collected_is_refused)
{
        scene s;

        begin(&s,
              "k = " NATIVE("keep", "void (callback(i64 (i64)))") "\nc = " NATIVE("call_kept",
                                                                                  "i64 (i64)"),
              "if k then k(runtime.callback('i64 (i64)', function(n) return n + 1 end)) k = nil "
              "end\n"
              "local t = {} for i = 1, 20000 do t = {i} end\nreturn c(1)");
        for (int i = 0; i < 20; i++)
                feed(&s);
        cr_expect_str_eq(s.said, "0", "%s %s", s.said, s.told);
        cr_expect_gt(rt_natives_refused(s.natives), 0);
        scene_done(&s);
}

Test(lua, callbacks_of_each_event_do_not_add_up)
{
        scene s;

        begin(&s, "f = " NATIVE("sorted", "str (str, callback(i32 (u8, u8)))"),
              "return f(name, runtime.callback('i32 (u8, u8)', function(a, b) return a - b end))");
        for (int i = 0; i < 3000; i++)
                cr_assert_eq(feed(&s), 1);
        cr_expect_str_eq(s.said, "abc", "%s %s", s.said, s.told);
        cr_expect_eq(s.reports, 0, "%s", s.told);
        scene_done(&s);
}

ParameterizedTestParameters(lua, garbage_that_c_gives_is_refused)
{
        static uint8_t whats[] = { 0, 1 };

        return cr_make_param_array(uint8_t, whats, 2);
}

ParameterizedTest(uint8_t *what, lua, garbage_that_c_gives_is_refused)
{
        char body[300];
        scene s;

        snprintf(body, sizeof body,
                 "return f(%d, runtime.callback('bool (ip)', function() return true end),\n"
                 "runtime.callback('bool (string)', function() return true end))",
                 *what);
        begin(&s,
              "f = " NATIVE("give_garbage",
                            "i32 (u8, callback(bool (ip)), callback(bool (string)))"),
              body);
        cr_assert_eq(feed(&s), 1);
        cr_expect_str_eq(s.said, "0", "%s %s", s.said, s.told);
        cr_expect_eq(rt_natives_refused(s.natives), 1);
        scene_done(&s);
}

static void *
work(void *user)
{
        scene *s = user, own = { 0 };

        own.engine = s->engine;
        cr_assert_eq(rt_worker_new(own.engine, NULL, &own.worker), RT_OK);
        for (int i = 0; i < 500; i++)
                cr_assert_eq(feed(&own), 1);
        rt_worker_unref(own.worker);
        return own.said[0] == '6' ? NULL : user;
}

Test(lua, workers_do_not_meet)
{
        pthread_t threads[2];
        scene s;

        begin(&s, "f = " NATIVE("fold", "i64 (bytes, callback(i64 (i64, u8)))"),
              "return f('\\1\\2\\3', runtime.callback('i64 (i64, u8)', function(a, b) return a + b "
              "end))");
        for (size_t i = 0; i < 2; i++)
                cr_assert_eq(pthread_create(&threads[i], NULL, work, &s), 0);
        for (size_t i = 0; i < 2; i++) {
                void *failed;

                pthread_join(threads[i], &failed);
                cr_expect_null(failed);
        }
        cr_expect_eq(rt_natives_refused(s.natives), 0);
        scene_done(&s);
}

Test(lua, wrong_use_of_the_interface_is_refused)
{
        const rt_natives_calls *calls;
        rt_native_wanted wanted = RT_INIT(rt_native_wanted);
        rt_native_gate *gate;
        rt_native *made;
        scene s;

        begin(&s, "", "return 1");
        calls = rt_natives_calls_of(s.natives);
        wanted.size = 3;
        cr_expect_eq(calls->open(calls->natives, &wanted, &made), RT_EABI);
        cr_expect_eq(calls->gate_new(calls->natives, &gate), RT_OK);
        cr_expect_eq(calls->callback_new(gate, &wanted, NULL), RT_EABI);
        calls->gate_free(gate);
        cr_expect_null(rt_natives_calls_of(NULL));
        cr_expect_eq(rt_natives_refused(NULL), 0);
        scene_done(&s);
}
