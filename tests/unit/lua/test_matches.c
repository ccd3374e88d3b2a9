/* SPDX-License-Identifier: Apache-2.0 */
/* Functions on matches, and detections. */
#include "scene.h"
#include <criterion/parameterized.h>

#define RULES RULE("A one", "ct.name = Abc") RULE("B two", "ct.name = Abc")

static void
expect(const scene *s, const char *part)
{
        cr_expect(strstr(s->raised, part), "no %s in %s", part, s->raised);
}

Test(matches, a_function_drops_raises_tags_and_adds_fields)
{
        static const char script[] =
                "runtime.match { rules = { 'A*' }, reads = { 'ct.srcip', 'ct.name' },\n"
                "  on = function(match, ip, name)\n"
                "    if ip == '192.0.2.1' then return false end\n"
                "    if ip == '192.0.2.2' then return true end\n"
                "    if ip == '192.0.2.3' then return end\n"
                "    return { priority = 'CRITICAL', tags = { 'hooked', match.rule },\n"
                "      fields = { ['b.text'] = name .. match.priority, ['a.int'] = 7,\n"
                "                 ['c.yes'] = true, ['d.half'] = 0.5 } }\n"
                "  end }\n";
        scene s = { .match = RT_MATCH_ALL };

        scene_begin(&s, script, RULES);
        cr_expect_eq(scene_feed(&s, "Abc", "192.0.2.1", 0), 1);
        expect(&s, "\"B two\"");
        cr_expect_eq(scene_feed(&s, "Abc", "192.0.2.2", 0), 2);
        expect(&s, "\"Informational\",\"rule\":\"A one\"");
        cr_expect_eq(scene_feed(&s, "Abc", "192.0.2.3", 0), 2);
        cr_expect_eq(scene_feed(&s, "Abc", "192.0.2.4", 0), 2);
        expect(&s, "\"a.int\":7,\"b.text\":\"AbcInformational\",\"c.yes\":true,");
        expect(&s, "\"d.half\":0.5");
        expect(&s, "\"priority\":\"Critical\",\"rule\":\"A one\"");
        expect(&s, "\"tags\":[\"A one\",\"hooked\"]");
        cr_expect_eq(s.reports, 0, "%s", s.said);
        scene_end(&s);
}

Test(matches, without_rules_it_is_asked_about_all)
{
        scene s = { .match = RT_MATCH_ALL };

        scene_begin(&s, "runtime.match { on = function(m) runtime.log(m.rule) return false end }",
                    RULES);
        cr_expect_eq(scene_feed(&s, "Abc", "192.0.2.1", 0), 0);
        cr_expect_str_eq(s.said, "log A one\nlog B two\n");
        scene_end(&s);
}

#define DETECT(more, body)                                                                  \
        "runtime.sources { 'aws_cloudtrail' }\n"                                            \
        "runtime.detect { rule = 'D', condition = 'ct.name = Abc', priority = 'ERROR',\n"   \
        "  output = 'many %ct.name', tags = { 't' }, reads = { 'ct.name', 'ct.region' },\n" \
        "  " more "\n  on = function(event, state, key, now)\n" body "\n  end }\n"
#define COUNT "state.n = (state.n or 0) + 1 if state.n >= 3 then return true end"

Test(matches, a_detection_counts_by_key_and_forgets_in_time)
{
        scene s = { .match = RT_MATCH_FIRST };

        scene_begin(&s, DETECT("key = 'ct.srcip', timeout = 120,", COUNT), RULES);
        for (unsigned i = 0; i < 2; i++) {
                cr_expect_eq(scene_feed(&s, "Abc", "192.0.2.1", i), 1);
                cr_expect_eq(scene_feed(&s, "Abc", "192.0.2.2", i), 1);
                cr_expect_eq(scene_feed(&s, "Other", "192.0.2.1", i), 0);
        }
        cr_expect_eq(scene_feed(&s, "Abc", "192.0.2.1", 3), 2);
        expect(&s, "\"priority\":\"Error\",\"rule\":\"D\",\"source\":\"aws_cloudtrail\",\"tags\":["
                   "\"t\"]");
        expect(&s, "\"rule\":\"A one\"");
        /* Two minutes and more after it was seen last. */
        cr_expect_eq(scene_feed(&s, "Abc", "192.0.2.2", 4), 1);
        cr_expect_eq(scene_feed(&s, "Abc", "192.0.2.1", 4), 2);
        cr_expect_eq(scene_hook(&s, 0).forgotten, 0);
        cr_expect_eq(s.reports, 0, "%s", s.said);
        scene_end(&s);
}

Test(matches, a_detection_is_given_what_it_reads)
{
        static const char script[] = DETECT(
                "key = { 'ct.srcip', 'ct.name' },",
                "    runtime.log(event['ct.name'] .. event['ct.region'] .. key .. "
                "math.floor(now))\n"
                "    return { tags = { 'u' }, priority = 'ALERT', fields = { ['lua.k'] = key } }");
        scene s = { .match = RT_MATCH_FIRST };

        scene_begin(&s, script, RULES);
        cr_expect_eq(scene_feed(&s, "Abc", "192.0.2.1", 0), 2);
        cr_expect_str_eq(s.said, "log Abcus-east-19:192.0.2.13:Abc1714557600\n");
        expect(&s, "\"lua.k\":\"9:192.0.2.13:Abc\"},\"priority\":\"Alert\",\"rule\":\"D\"");
        expect(&s, "\"tags\":[\"t\",\"u\"]");
        scene_end(&s);
}

Test(matches, a_detection_keeps_no_more_keys_than_it_says)
{
        char ip[32];
        scene s = { .match = RT_MATCH_FIRST };

        scene_begin(&s, DETECT("key = 'ct.srcip', max_keys = 20,", COUNT), RULES);
        for (unsigned round = 0; round < 4; round++)
                for (unsigned i = 0; i < 30; i++) {
                        snprintf(ip, sizeof ip, "192.0.2.%u", i + 1);
                        cr_expect_eq(scene_feed(&s, "Abc", ip, 0), 1);
                }
        cr_expect_eq(scene_hook(&s, 0).forgotten, 100);
        cr_expect_eq(s.reports, 1);
        cr_expect(strstr(s.said, "more than 20 keys"), "%s", s.said);
        for (unsigned round = 0; round < 3; round++)
                for (unsigned i = 0; i < 20; i++) {
                        snprintf(ip, sizeof ip, "192.0.3.%u", i + 1);
                        cr_expect_eq(scene_feed(&s, "Abc", ip, 0), 1 + (round == 2));
                }
        scene_end(&s);
}

Test(matches, thousands_of_keys_come_and_go)
{
        char ip[32];
        scene s = { .match = RT_MATCH_FIRST };

        scene_begin(&s, DETECT("key = 'ct.srcip', timeout = 60,", COUNT), RULES);
        for (unsigned minute = 0; minute < 50; minute += 5)
                for (unsigned i = 0; i < 1500; i++) {
                        snprintf(ip, sizeof ip, "10.0.%u.%u", i / 250, i % 250);
                        cr_assert_eq(scene_feed(&s, "Abc", ip, minute), 1, "%s", s.said);
                }
        /* 1 MiB is for 1,024 of them. */
        cr_expect_geq(scene_hook(&s, 0).forgotten, 476);
        cr_expect_eq(scene_hook(&s, 0).failures, 0);
        scene_end(&s);
}

typedef struct bad_body {
        char body[200];
        char message[60];
} bad_body;

static bad_body bodies[] = {
        { "while true do end", "instructions" },
        { "while true do pcall(function() while true do end end) end", "instructions" },
        { "local s = 'x' while true do s = s .. s end", "memory" },
        { "return ('x'):rep(1000000):rep(1000000)", "memory" },
        { "local t = {} for i = 1, 1e9 do t[i] = {} end", "memory" },
        { "kept = kept or {} while true do kept[#kept + 1] = ('x'):rep(1000) .. #kept end",
          "memory" },
        { "local s = ('a'):rep(100000) return s:gsub('a', s)", "memory" },
        { "return ('a'):rep(3000):find(('a*'):rep(20) .. 'b')", "too long" },
        { "local t = {} for i = 1, 9e4 do t[i] = 'x' end t[1] = ('x'):rep(1e5) table.sort(t)", "" },
        { "local function f() return 1 + f() end return f()", "memory" },
        { "error('mine')", "geo.lua:" },
        { "error({})", "not a text" },
        { "error(nil)", "" },
        { "error(setmetatable)", "" },
        { "return 42", "returned a number" },
        { "return { color = 1 }", "has 'color'" },
        { "return { priority = 'LOUD' }", "'priority'" },
        { "return { tags = 'x' }", "'tags'" },
        { "return { tags = { {} } }", "'tags'" },
        { "return { fields = { [1] = 2 } }", "'fields'" },
        { "return { fields = { a = {} } }", "'fields'" },
        { "local t = {} for i = 1, 100 do t['f' .. i] = i end return { fields = t }", "more than" },
        { "runtime.write('x')", "only in an output" },
        { "runtime.match { on = function() end }", "only while" },
        { "return nil .. 'x'", "geo.lua:" },
};

ParameterizedTestParameters(matches, bad_functions_change_nothing)
{
        return cr_make_param_array(bad_body, bodies, sizeof bodies / sizeof *bodies);
}

/* The alerts of 15 records, as JSON; with @a script beside the rules. */
static void
run(scene *s, const char *script, char *ret_alerts, size_t size)
{
        scene_begin(s, script, RULES);
        *ret_alerts = '\0';
        for (int i = 0; i < 15; i++) {
                cr_assert_eq(scene_feed(s, "Abc", "192.0.2.1", 0), 2);
                snprintf(ret_alerts + strlen(ret_alerts), size - strlen(ret_alerts), "%s",
                         s->raised);
        }
}

ParameterizedTest(bad_body *row, matches, bad_functions_change_nothing)
{
        static const char *const forms[] = {
                "runtime.match { on = function() ",
                "runtime.detect { rule = 'D', condition = 'ct.name = Abc', source = "
                "'aws_cloudtrail', on = function() ",
        };
        static char plain[1 << 14], alerts[1 << 14];
        scene bare = { .match = RT_MATCH_ALL };

        run(&bare, NULL, plain, sizeof plain);
        scene_end(&bare);
        for (size_t i = 0; i < 2; i++) {
                scene s = { .match = RT_MATCH_ALL };
                rt_loss loss = RT_INIT(rt_loss);
                unsigned asked = i ? 1 : 2; /* by record */
                char script[400];

                snprintf(script, sizeof script, "%s%s%s", forms[i], row->body, " end }");
                run(&s, script, alerts, sizeof alerts);
                cr_expect_str_eq(alerts, plain);
                cr_expect_eq(s.reports, 10, "%u: %s", s.reports, s.said);
                cr_expect(strstr(s.said, row->message), "%s", s.said);
                cr_expect(strstr(s.said, "geo.lua:1"), "%s", s.said);
                cr_expect_eq(scene_hook(&s, 0).failures, 10);
                cr_expect_eq(scene_hook(&s, 0).off, 1);
                cr_assert_eq(rt_worker_loss(s.worker, 0, &loss), RT_OK);
                cr_expect_str_eq(loss.part, "geo.lua");
                cr_expect_eq(loss.count, 15 * asked);
                scene_end(&s);
        }
}
