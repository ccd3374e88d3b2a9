/* SPDX-License-Identifier: Apache-2.0 */
/* Fields that Lua scripts define: what they give, and what the sandbox stops. */
#include <libruntime-lua/lua.h>
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <libruntime/runtime.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define RULE(name, condition)                                                             \
        "- rule: " name "\n  desc: d\n  condition: " condition "\n  output: o %ct.name\n" \
        "  priority: INFO\n  source: aws_cloudtrail\n"
#define FIELD(name, type, body)                            \
        "runtime.field { name = '" name "', type = '" type \
        "', reads = { 'ct.name', 'ct.srcip' },\n"          \
        "  extract = function(name, ip)\n" body "\nend }\n"
#define SOURCES "runtime.sources { 'aws_cloudtrail' }\n"

typedef struct heard {
        unsigned alerts[8]; /* by the first letter of the rule, from A */
        unsigned reports;
        char last[256];
        rt_engine *engine;
        rt_lua *lua;
        rt_worker *worker;
} heard;

static void
report(const char *field, const char *message, void *user)
{
        heard *h = user;

        (void) field;
        h->reports++;
        snprintf(h->last, sizeof h->last, "%s", message);
}

static int
on_alert(const rt_alert *alert, void *user)
{
        heard *h = user;

        h->alerts[rt_alert_rule(alert)[0] - 'A']++;
        return 0;
}

static int
add_script(heard *h, const char *script)
{
        rt_lua_opts opts = RT_INIT(rt_lua_opts);

        opts.report = report;
        opts.report_user = h;
        opts.max_bytes = 1 << 20;
        cr_assert_eq(rt_engine_new(NULL, &h->engine), RT_OK);
        return rt_lua_new(h->engine, "hooks.lua", (rt_str){ script, strlen(script) }, &opts,
                          &h->lua);
}

static void
use(const heard *h, const char *rules)
{
        rt_ruleset *compiled = NULL;
        rt_diags *diags = NULL;
        rt_str text;
        int r;

        cr_assert_eq(rt_diags_new(&diags), RT_OK);
        r = rt_compile(h->engine, "rules.yaml", (rt_str){ rules, strlen(rules) }, diags, &compiled);
        if (r < 0 && rt_diags_print(diags, RT_DIAGS_TEXT, 0, &text) == RT_OK)
                cr_assert_fail("%.*s", (int) text.len, text.ptr);
        cr_assert_eq(r, RT_OK);
        cr_assert_eq(rt_engine_use(h->engine, compiled), RT_OK);
        rt_ruleset_unref(compiled);
        rt_diags_unref(diags);
}

static void
begin(heard *h, const char *script, const char *rules)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        int r = add_script(h, script);

        cr_assert_eq(r, RT_OK, "%s %s", rt_status_name(r), h->last);
        use(h, rules);
        opts.rule_matching = RT_MATCH_ALL;
        cr_assert_eq(rt_worker_new(h->engine, &opts, &h->worker), RT_OK);
}

static void
end(heard *h)
{
        rt_worker_unref(h->worker);
        rt_engine_unref(h->engine);
        rt_lua_unref(h->lua);
}

static int
feed(heard *h, rt_worker *worker, const char *name)
{
        char text[512];
        const int n = snprintf(text, sizeof text,
                               "{\"eventID\":\"1\",\"eventType\":\"AwsApiCall\",\"eventTime\":"
                               "\"2024-05-01T10:00:00Z\","
                               "\"eventSource\":\"iam.amazonaws.com\",\"awsRegion\":\"us-east-1\","
                               "\"sourceIPAddress\":\"192.0.2.7\",\"eventName\":\"%s\"}",
                               name);

        return rt_worker_feed(worker, "aws_cloudtrail", (rt_str){ text, (size_t) n }, on_alert, h);
}

Test(hooks, fields_of_every_type_are_read)
{
        heard h = { 0 };

        begin(&h,
              SOURCES FIELD("lua.up", "string", "return name:upper()")
                      FIELD("lua.len", "int", "return #name") FIELD("lua.yes", "bool",
                                                                    "return name == 'Abc'")
                              FIELD("lua.ip", "ip",
                                    "return ip") "runtime.field { name = 'lua.of', type = "
                                                 "'string', arg = 'fields', pure = true,\n"
                                                 "  extract = function(a, b) return (a or '?') .. "
                                                 "'|' .. (b or '?') end }\n"
                                                 "runtime.field { name = 'lua.key', type = "
                                                 "'string', arg = 'key',\n"
                                                 "  extract = function(key) return key end }\n",
              RULE("A", "lua.up = ABC") RULE("B", "lua.len = 3") RULE("C", "lua.yes = true")
                      RULE("D", "lua.ip in (192.0.2.7)") RULE("E", "lua.of[ct.name] = \"Abc|?\"")
                              RULE("F", "lua.key[some] = some"));
        cr_assert_eq(feed(&h, h.worker, "Abc"), 6, "%s", h.last);
        cr_assert_eq(feed(&h, h.worker, "Abcd"), 2);
        cr_assert_eq(h.alerts['D' - 'A'] + h.alerts['F' - 'A'], 4);
        cr_assert_eq(h.reports, 0, "%s", h.last);
        end(&h);
}

typedef struct bad_body {
        char body[200];
        char message[60];
} bad_body;

ParameterizedTestParameters(hooks, bad_functions_are_stopped_and_others_go_on)
{
        static bad_body rows[] = {
                { "while true do end", "instructions" },
                { "while true do pcall(function() while true do end end) end", "instructions" },
                { "local s = 'x' while true do s = s .. s end", "memory" },
                { "return ('x'):rep(1000000):rep(1000000)", "memory" },
                { "return (''):rep(1e15 // 1 | 0)", "repetitions" },
                { "local t = {} for i = 1, 1e9 do t[i] = {} end", "memory" },
                { "while true do pcall(string.rep, 'x', 1000000) pcall(string.rep, 'y', 999999) "
                  "end",
                  "" },
                { "return table.move({}, 1, 1 << 60, 2)", "elements" },
                { "local s, t = ('x'):rep(300000), {} for i = 1, 5000 do t[i] = s end "
                  "table.sort(t)",
                  "too long" },
                { "local t = {} for i = 1, 200 do t[i] = i end table.sort(t, function() return "
                  "true "
                  "end)",
                  "" },
                { "return ('a'):rep(3000):find(('a*'):rep(20) .. 'b')", "too long" },
                { "local function f() return 1 + f() end return f()", "memory" },
                { "error('mine')", "hooks.lua:4: mine" },
                { "error({})", "not a text" },
                { "return 42", "returned a number, not a boolean" },
                { "return nil .. 'x'", "hooks.lua:4:" },
                { "return collectgarbage()", "nil value" },
                { "return setmetatable({}, {})", "nil value" },
                { "return io.open('/etc/passwd')", "nil value" },
                { "return load('return 1')()", "nil value" },
                { "return ('').rep.x", "hooks.lua:4:" },
                { "return string.dump(function() end)", "nil value" },
        };

        return cr_make_param_array(bad_body, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(bad_body *row, hooks, bad_functions_are_stopped_and_others_go_on)
{
        char script[600];
        heard h = { 0 };
        const clock_t began = clock();
        rt_lua_field info = RT_INIT(rt_lua_field);

        snprintf(script, sizeof script,
                 SOURCES FIELD("lua.bad", "bool", "%s") FIELD("lua.good", "int", "return #name"),
                 row->body);
        begin(&h, script,
              RULE("A", "lua.bad = true") RULE("B", "lua.good = 3") RULE("C", "ct.name = Abc"));
        for (int i = 0; i < 15; i++)
                cr_assert_eq(feed(&h, h.worker, "Abc"), 2);
        cr_assert_eq(h.alerts[0], 0);
        cr_assert_eq(h.alerts[1], 15);
        cr_assert_eq(h.alerts[2], 15);
        /* It was switched off after ten, and counted. */
        cr_assert_eq(h.reports, 10);
        cr_assert(strstr(h.last, row->message), "%s", h.last);
        cr_assert(strstr(h.last, "hooks.lua:"), "%s", h.last);
        cr_assert_eq(rt_lua_field_get(h.lua, 0, &info), RT_OK);
        cr_assert_eq(info.failures, 10);
        cr_assert_eq(info.off, 1);
        cr_assert_lt((double) (clock() - began) / CLOCKS_PER_SEC, 10.0);
        end(&h);
}

Test(hooks, each_worker_has_a_state_of_its_own)
{
        heard h = { 0 };
        rt_worker *other;

        begin(&h, SOURCES "count = 0\n" FIELD("lua.n", "int", "count = count + 1 return count"),
              RULE("A", "lua.n = 1") RULE("B", "lua.n = 2"));
        cr_assert_eq(rt_worker_new(h.engine, NULL, &other), RT_OK);
        feed(&h, h.worker, "x");
        feed(&h, other, "x");
        cr_assert_eq(h.alerts[0], 2);
        feed(&h, h.worker, "x");
        feed(&h, other, "x");
        cr_assert_eq(h.alerts[1], 2);
        rt_worker_unref(other);
        end(&h);
}

Test(hooks, rules_are_reloaded_and_states_come_and_go)
{
        heard h = { 0 };

        begin(&h, SOURCES FIELD("lua.n", "int", "return #name") FIELD("lua.m", "int", "return 7"),
              RULE("A", "lua.n = 3"));
        for (int i = 0; i < 20; i++) {
                cr_assert_eq(feed(&h, h.worker, "Abc"), 1);
                use(&h, RULE("B", "lua.m = 7 and lua.n = 3"));
                cr_assert_eq(feed(&h, h.worker, "Abc"), 1);
                use(&h, RULE("C", "ct.name = Abc"));
                cr_assert_eq(feed(&h, h.worker, "Abc"), 1);
                use(&h, RULE("A", "lua.n = 3"));
        }
        cr_assert_eq(h.alerts[0] + h.alerts[1] + h.alerts[2], 60);
        end(&h);
}

typedef struct bad_script {
        char text[200];
        char message[60];
        int status;
} bad_script;

ParameterizedTestParameters(hooks, scripts_that_cannot_be_used_are_refused_with_a_reason)
{
        static bad_script rows[] = {
                { "x = = 1", "hooks.lua:1:", RT_EINVAL },
                { "\n\nerror('no')", "hooks.lua:3: no", RT_EINVAL },
                { "while true do end", "instructions", RT_EINVAL },
                { "local t = {} while true do t[#t+1] = {} end", "memory", RT_ELIMIT },
                { "runtime.field {}", "'name' must be a text", RT_EINVAL },
                { "runtime.field { name = 'lua.x', type = 'color', extract = function() end }",
                  "no type 'color'", RT_EINVAL },
                { "runtime.field { name = 'lua.x', type = 'int' }", "must be a function",
                  RT_EINVAL },
                { "runtime.field { nmae = 'lua.x' }", "no member 'nmae'", RT_EINVAL },
                { "for i = 1, 1000 do runtime.field { name = 'lua.x' .. i, type = 'int',"
                  " extract = function() end } end",
                  "more than 128 fields", RT_EINVAL },
                { "\033Lua", "hooks.lua", RT_EINVAL },
        };

        return cr_make_param_array(bad_script, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(bad_script *row, hooks, scripts_that_cannot_be_used_are_refused_with_a_reason)
{
        heard h = { 0 };

        cr_assert_eq(add_script(&h, row->text), row->status);
        cr_assert_null(h.lua);
        cr_assert(strstr(h.last, row->message), "%s", h.last);
        rt_engine_unref(h.engine);
}
