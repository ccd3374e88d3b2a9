/* SPDX-License-Identifier: Apache-2.0 */
/* Items `hooks:` of rule files, what stays over a reload, several workers, and outputs. */
#include "scene.h"
#include <criterion/parameterized.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOURCES "runtime.sources { 'aws_cloudtrail' }\n"
#define COUNT                                                                                     \
        SOURCES "count = 0\nruntime.field { name = 'lua.n', type = 'int', reads = { 'ct.name' }," \
                "  extract = function() count = count + 1 return count end }\n"
#define RULES RULE("A", "lua.n = 1") RULE("B", "lua.n = 2") RULE("C", "lua.n = 3")

/* ---- files ---- */

typedef struct folder {
        char path[64];
        char rules[96];
} folder;

__attribute__((format(printf, 3, 4))) static void
write_file(const folder *f, const char *name, const char *format, ...)
{
        char path[128];
        va_list args;
        FILE *out;

        snprintf(path, sizeof path, "%s/%s", f->path, name);
        out = fopen(path, "w");
        cr_assert(out);
        va_start(args, format);
        vfprintf(out, format, args);
        va_end(args);
        fclose(out);
}

static void
folder_make(folder *f)
{
        snprintf(f->path, sizeof f->path, "/tmp/rt-hooks-XXXXXX");
        cr_assert(mkdtemp(f->path));
        snprintf(f->rules, sizeof f->rules, "%s/rules.yaml", f->path);
}

static void
folder_remove(const folder *f)
{
        static const char *const names[] = { "rules.yaml", "geo.lua", "other.yaml", "below/x.lua",
                                             "out.lua" };
        char path[128];

        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
                snprintf(path, sizeof path, "%s/%s", f->path, names[i]);
                unlink(path);
        }
        snprintf(path, sizeof path, "%s/below", f->path);
        rmdir(path);
        rmdir(f->path);
}

static const char *
first_message(const scene *s)
{
        static char text[600];
        rt_diag diag = RT_INIT(rt_diag);

        if (rt_diags_get(s->diags, 0, &diag) < 0)
                return "nothing";
        snprintf(text, sizeof text, "%s:%u %s", diag.id, diag.line, diag.message);
        return text;
}

/* ---- items ---- */

Test(scripts, items_name_files_beside_the_rules_and_texts)
{
        scene s = { .match = RT_MATCH_ALL };
        char below[128];
        folder f;

        folder_make(&f);
        snprintf(below, sizeof below, "%s/below", f.path);
        cr_assert_eq(mkdir(below, 0700), 0);
        write_file(&f, "geo.lua", "%s", COUNT);
        write_file(
                &f, "below/x.lua",
                "runtime.match { rules = { 'B' }, on = function() return { tags = { 'x' } } end }");
        write_file(&f, "rules.yaml",
                   "- hooks: geo.lua\n- hooks: geo.lua\n- hooks: below/x.lua\n"
                   "- hooks: logins\n  script: |\n    %s\n%s",
                   "runtime.match { rules = { 'C' }, on = function() return false end }", RULES);
        scene_begin(&s, NULL, f.rules);
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 1);
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 1);
        cr_expect(strstr(s.raised, "\"tags\":[\"x\"]"), "%s", s.raised);
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 0);
        cr_expect_str_eq(strrchr(scene_hook(&s, 0).script, '/'), "/geo.lua");
        cr_expect_eq(scene_hook(&s, 2).kind, RT_LUA_MATCH);
        scene_end(&s);
        folder_remove(&f);
}

typedef struct bad_item {
        char text[200];
        char message[100];
} bad_item;

static bad_item items[] = {
        { "- list: l\n  items: [a]\n- hooks: none.lua\n", "RT1207:3 " },
        { "- hooks: none.lua\n", "none.lua: No such file" },
        { "- hooks: ../../etc/passwd\n", "in the folder of the rules, or below it" },
        { "- hooks: /etc/passwd\n", "in the folder of the rules, or below it" },
        { "- hooks: link.lua\n", "in the folder of the rules, or below it" },
        { "- hooks: .\n", "in the folder" },
        { "- hooks: [a]\n", "hooks are a text" },
        { "- hooks: ~\n", "hooks are a text" },
        { "- hooks: ''\n", "hooks are a text" },
        { "- hooks: x\n  code: y\n", "hooks are a text" },
        { "- hooks: geo.lua\n", "geo.lua:3: mine" },
        { "- hooks: x\n  script: |\n    local a = 1\n    a = = 2\n", "rules.yaml(x):2: " },
        { "- hooks: x\n  script: while true do end\n", "instructions" },
        { "- hooks: x\n  script: \"local s = 'x' while true do s = s .. s end\"\n", "memory" },
        { "- hooks: x\n  script: error({})\n", "not a text" },
        { "- hooks: x\n  script: runtime.sources { 'no_such' } runtime.output { on = print }\n",
          "'on' must be a function" },
        { "- hooks: x\n  script: runtime.sources { 'no_such' }\n", "a source is not there" },
        { "- hooks: x\n  script: \"runtime.field { name = 'ct.name', type = 'int', extract = "
          "function() end }\"\n",
          "is there already" },
        { "- hooks: x\n  script: |\n    function f() end\n    for i = 1, 2 do\n"
          "      runtime.detect { rule = 'D', condition = 'ct.name = x', on = f }\n    end\n",
          "(x):3: runtime.detect: 'D' is defined in line 1 already: give one of them another" },
        { "- hooks: x\n  script: |\n    d = { name = 'lua.a', type = 'int', extract = "
          "function() end }\n    runtime.field(d)\n    runtime.field(d)\n",
          "(x):3: runtime.field: 'lua.a' is defined in line 1 already: give one of them another" },
        { "- hooks: x\n  script: \"runtime.detect { rule = 'D', on = function() end }\"\n",
          "'condition' must be a text" },
        { "- hooks: x\n  script: \"runtime.detect { rule = 'D', condition = 'x', max_keys = 1e6, "
          "on = function() end }\"\n",
          "'max_keys'" },
        { "- hooks: x\n  script: \"runtime.detect { rule = 'a*', condition = 'x', on = function() "
          "end }\"\n",
          "has no *" },
        { "- hooks: x\n  script: \"runtime.match { rules = {}, on = function() end }\"\n",
          "names none" },
        { "- hooks: x\n  script: \"runtime.output { name = 7, on = function() end }\"\n",
          "'name' must be a text" },
};

ParameterizedTestParameters(scripts, wrong_items_are_diagnostics_at_their_place)
{
        return cr_make_param_array(bad_item, items, sizeof items / sizeof *items);
}

ParameterizedTest(bad_item *row, scripts, wrong_items_are_diagnostics_at_their_place)
{
        char link[128];
        scene s = { 0 };
        folder f;

        folder_make(&f);
        snprintf(link, sizeof link, "%s/link.lua", f.path);
        cr_assert_eq(symlink("/etc/passwd", link), 0);
        write_file(&f, "geo.lua", "\n\nerror('mine')\n");
        write_file(&f, "rules.yaml", "%s", row->text);
        scene_open(&s);
        cr_expect_eq(scene_use(&s, NULL, f.rules), RT_ERULES);
        cr_expect(strstr(first_message(&s), "RT1207:"), "%s", first_message(&s));
        cr_expect(strstr(first_message(&s), row->message), "%s", first_message(&s));
        cr_expect_eq(s.reports, 0, "%s", s.said);
        scene_end(&s);
        unlink(link);
        folder_remove(&f);
}

Test(scripts, a_detections_condition_is_wrong_where_it_is_defined)
{
        static const char script[] =
                SOURCES "\n\nruntime.detect {\n  rule = 'D', condition = 'ct.nmae = x',\n"
                        "  on = function() end }\n";
        scene s = { 0 };

        scene_open(&s);
        cr_expect_eq(scene_use(&s, script, RULE("A", "ct.name = x")), RT_ERULES);
        cr_expect(strstr(first_message(&s), "RT1004:4 "), "%s", first_message(&s));
        cr_expect_eq(scene_use(&s,
                               "runtime.detect { rule = 'D', condition = 'evt.type = open', key = "
                               "'ct.name', on = function() end }",
                               RULE("A", "ct.name = x")),
                     RT_ERULES);
        cr_expect(strstr(first_message(&s), "ct.name"), "%s", first_message(&s));
        scene_end(&s);
}

Test(scripts, a_text_in_memory_names_no_file)
{
        scene s = { 0 };

        scene_open(&s);
        cr_expect_eq(scene_use(&s, NULL, "- hooks: geo.lua\n"), RT_ERULES);
        cr_expect(strstr(first_message(&s), "need rules that are read from one"));
        scene_end(&s);
}

/* ---- reload ---- */

Test(scripts, what_did_not_change_goes_on_over_a_reload)
{
        scene s = { .match = RT_MATCH_ALL };
        folder f;

        folder_make(&f);
        write_file(&f, "geo.lua", "%s", COUNT);
        write_file(&f, "rules.yaml", "- hooks: geo.lua\n%s", RULES);
        scene_begin(&s, NULL, f.rules);
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 1);
        cr_expect(strstr(s.raised, "\"rule\":\"A\""));
        write_file(&f, "rules.yaml", "- hooks: geo.lua\n%s", RULES RULE("E", "ct.name = x"));
        scene_must_use(&s, NULL, f.rules);
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 2);
        cr_expect(strstr(s.raised, "\"rule\":\"B\""), "%s", s.raised);
        /* A new version begins anew. */
        write_file(&f, "geo.lua", "%s-- changed\n", COUNT);
        scene_must_use(&s, NULL, f.rules);
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 2);
        cr_expect(strstr(s.raised, "\"rule\":\"A\""), "%s", s.raised);
        /* A wrong one changes nothing. */
        write_file(&f, "geo.lua", "x = = 1\n");
        cr_expect_eq(scene_use(&s, NULL, f.rules), RT_ERULES);
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 2);
        cr_expect(strstr(s.raised, "\"rule\":\"B\""), "%s", s.raised);
        scene_end(&s);
        folder_remove(&f);
}

Test(scripts, a_detection_keeps_its_keys_over_a_reload)
{
        static const char script[] = SOURCES
                "runtime.detect { rule = 'D', condition = 'ct.name = x', key = 'ct.srcip',\n"
                "  on = function(_, state) state.n = (state.n or 0) + 1\n"
                "    return state.n == 3 end }\n";
        scene s = { 0 };

        scene_begin(&s, script, RULE("A", "ct.name = other"));
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 0);
        scene_must_use(&s, script, RULE("A", "ct.name = another"));
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 0);
        for (int i = 0; i < 20; i++)
                scene_must_use(&s, script, RULE("A", "ct.name = other"));
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 1);
        scene_end(&s);
}

Test(scripts, rulesets_and_workers_may_outlive_engine_and_hooks)
{
        rt_ruleset *ruleset = NULL;
        scene s = { 0 };
        char text[400];
        int n;

        scene_open(&s);
        n = snprintf(text, sizeof text, "- hooks: x\n  script: |\n    %s\n%s",
                     "runtime.field { name = 'lua.n', type = 'int', extract = function() return 1 "
                     "end }",
                     RULE("A", "lua.n = 1"));
        cr_assert_eq(
                rt_compile(s.engine, "a.yaml", (rt_str){ text, (size_t) n }, s.diags, &ruleset),
                RT_OK, "%s", first_message(&s));
        rt_diags_unref(s.diags);
        rt_engine_unref(s.engine);
        rt_lua_hooks_unref(s.hooks);
        rt_ruleset_unref(ruleset);
}

Test(scripts, what_two_scripts_define_says_where_the_first_is)
{
        static const char *const twice[] = {
                "runtime.detect { rule = 'D', condition = 'ct.name = x',\n"
                "  on = function() return true end }\n",
                "runtime.field { name = 'lua.d', type = 'int',\n  extract = function() end }\n",
        };
        static const char *const names[] = { "D", "lua.d" };
        char wanted[400];
        folder f;

        folder_make(&f);
        for (size_t i = 0; i < sizeof twice / sizeof *twice; i++) {
                scene s = { 0 };

                scene_open(&s);
                write_file(&f, "geo.lua", SOURCES "%s", twice[i]);
                write_file(&f, "out.lua", SOURCES "\n%s", twice[i]);
                write_file(&f, "rules.yaml", "- hooks: geo.lua\n- hooks: out.lua\n%s",
                           RULE("A", "ct.name = y"));
                cr_expect_eq(scene_use(&s, NULL, f.rules), RT_ERULES);
                snprintf(wanted, sizeof wanted,
                         "RT1207:2 %s/out.lua:4: '%s' is defined in %s/geo.lua:3 already: give one "
                         "of them another name",
                         f.path, names[i], f.path);
                cr_expect_str_eq(first_message(&s), wanted);
                /* Where there is one of them, all is well. */
                write_file(&f, "rules.yaml", "- hooks: out.lua\n- hooks: out.lua\n%s",
                           RULE("A", "ct.name = y"));
                scene_must_use(&s, NULL, f.rules);
                scene_end(&s);
        }
        folder_remove(&f);
}

/* ---- several workers, compiled rules ---- */

static const char everything[] =
        "runtime.field { name = 'lua.up', type = 'string', reads = { 'ct.name' },\n"
        "  extract = function(name) return name:upper() end }\n"
        "runtime.match { reads = { 'ct.srcip' }, on = function(m, ip)\n"
        "  if ip == '192.0.2.9' then return false end\n"
        "  return { fields = { ['lua.ip'] = ip, ['lua.rule'] = m.rule } } end }\n";
static const char detection[] =
        SOURCES "runtime.detect { rule = 'D', condition = 'ct.name = x', key = 'ct.srcip',\n"
                "  on = function() return true end }\n";

Test(scripts, a_pool_says_what_one_worker_says)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        char record[512], ip[16];
        scene one = { .match = RT_MATCH_ALL }, s = { .match = RT_MATCH_ALL };
        rt_pool *pool = NULL;
        char *alone = calloc(1, sizeof one.raised);

        scene_begin(&one, everything, RULE("A", "lua.up = X") RULE("B", "ct.name = x"));
        scene_open(&s);
        scene_must_use(&s, everything, RULE("A", "lua.up = X") RULE("B", "ct.name = x"));
        opts.rule_matching = RT_MATCH_ALL;
        opts.alert_flags = RT_ALERT_NO_ID;
        opts.workers = 3;
        opts.batch_bytes = 1000;
        cr_assert_eq(rt_pool_new(s.engine, &opts, &pool), RT_OK);
        for (unsigned i = 0; i < 60; i++) {
                snprintf(ip, sizeof ip, "192.0.2.%u", i % 20);
                scene_feed(&one, "x", ip, i % 60);
                snprintf(alone + strlen(alone), sizeof one.raised - strlen(alone), "%s",
                         one.raised);
                cr_assert_geq(rt_pool_feed(pool, "aws_cloudtrail",
                                           scene_record(record, sizeof record, "x", ip, i % 60),
                                           scene_alert, &s),
                              0);
        }
        cr_assert_geq(rt_pool_flush(pool, scene_alert, &s), 0);
        cr_expect_str_eq(s.raised, alone);
        rt_pool_unref(pool);
        scene_end(&one);
        scene_end(&s);
        free(alone);
}

/* The diagnostic says which rule, and where the detection is in the script. */
static void
expect_refused(rt_diags *diags, const char *rule, const char *file, uint32_t line)
{
        rt_diag diag = RT_INIT(rt_diag);

        cr_assert_eq(rt_diags_count(diags, 0), 1);
        cr_assert_eq(rt_diags_get(diags, 0, &diag), RT_OK);
        cr_expect_str_eq(diag.id, "RT1209");
        cr_expect_str_eq(diag.item, rule);
        cr_expect_str_eq(diag.file, file);
        cr_expect_eq(diag.line, line);
        cr_expect_eq(diag.column, 3);
        cr_expect_str_eq(diag.message, "a pool of several workers cannot judge the rule");
        cr_expect_str_eq(diag.hint, "judge with one worker");
}

Test(scripts, a_pool_of_several_refuses_detections)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_pool *pool = NULL;
        char record[512];
        scene s = { 0 };
        int r;

        scene_open(&s);
        scene_must_use(&s, detection, RULE("A", "ct.name = y"));
        for (uint32_t workers = 1; workers <= 3; workers++) {
                opts.workers = workers;
                pool = NULL;
                cr_assert_eq(rt_diags_new(&opts.diags), RT_OK);
                r = rt_pool_new(s.engine, &opts, &pool);
                cr_assert_eq(r, workers == 1 ? RT_OK : RT_EINVAL);
                cr_expect_eq(pool != NULL, workers == 1);
                if (pool) {
                        cr_assert_geq(rt_pool_feed(pool, "aws_cloudtrail",
                                                   scene_record(record, sizeof record, "x",
                                                                "192.0.2.1", 0),
                                                   scene_alert, &s),
                                      0);
                        cr_expect_eq(rt_pool_flush(pool, scene_alert, &s), 1);
                        cr_expect_eq(rt_diags_count(opts.diags, 0), 0);
                } else {
                        expect_refused(opts.diags, "D", "geo.lua", 2);
                }
                rt_pool_unref(pool);
                rt_diags_unref(opts.diags);
        }
        opts.diags = NULL;
        cr_expect_eq(rt_pool_new(s.engine, &opts, &pool), RT_EINVAL);
        scene_end(&s);
}

Test(scripts, a_pool_refuses_detections_that_come_into_force_later)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_pool *pool = NULL;
        char record[512];
        scene s = { 0 };
        rt_str bytes;

        scene_open(&s);
        scene_must_use(&s, COUNT, RULE("A", "ct.name = x"));
        opts.workers = 2;
        cr_assert_eq(rt_diags_new(&opts.diags), RT_OK);
        cr_assert_eq(rt_pool_new(s.engine, &opts, &pool), RT_OK);
        bytes = scene_record(record, sizeof record, "x", "192.0.2.1", 0);
        cr_assert_geq(rt_pool_feed(pool, "aws_cloudtrail", bytes, scene_alert, &s), 0);
        cr_expect_eq(rt_pool_flush(pool, scene_alert, &s), 1);
        cr_expect_eq(rt_diags_count(opts.diags, 0), 0);
        scene_must_use(&s, detection, RULE("A", "ct.name = x"));
        cr_assert_geq(rt_pool_feed(pool, "aws_cloudtrail", bytes, scene_alert, &s), 0);
        cr_expect_eq(rt_pool_flush(pool, scene_alert, &s), RT_EINVAL);
        expect_refused(opts.diags, "D", "geo.lua", 2);
        rt_pool_unref(pool);
        rt_diags_unref(opts.diags);
        scene_end(&s);
}

Test(scripts, compiled_rules_want_the_scripts_they_were_compiled_with)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        char script[2000];
        scene from = { 0 }, s = { .match = RT_MATCH_ALL };
        rt_ruleset *ruleset = NULL, *loaded = NULL;
        rt_str bytes;

        snprintf(script, sizeof script, "%s%s", detection, everything);
        scene_open(&from);
        scene_must_use(&from, script, RULE("A", "lua.up = X"));
        cr_assert_eq(rt_loader_compile(from.loader, NULL, &ruleset), RT_OK);
        cr_assert_eq(rt_ruleset_bytes(ruleset, &bytes), RT_OK);
        scene_open(&s);
        cr_expect_eq(rt_ruleset_load(s.engine, "c", bytes, 0, s.diags, &loaded), RT_ERULES);
        cr_expect(strstr(first_message(&s), "lua."), "%s", first_message(&s));
        cr_assert_eq(rt_lua_hooks_load(s.hooks, NULL, "geo.lua", text_of(script)), RT_OK);
        cr_assert_eq(rt_ruleset_load(s.engine, "c", bytes, 0, s.diags, &loaded), RT_OK);
        cr_assert_eq(rt_engine_use(s.engine, loaded), RT_OK);
        opts.rule_matching = RT_MATCH_ALL;
        cr_assert_eq(rt_worker_new(s.engine, &opts, &s.worker), RT_OK);
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 2);
        cr_expect(strstr(s.raised, "\"lua.ip\":\"192.0.2.1\",\"lua.rule\":\"D\""), "%s", s.raised);
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.9", 0), 0);
        rt_ruleset_unref(loaded);
        rt_ruleset_unref(ruleset);
        scene_end(&from);
        scene_end(&s);
}

/* ---- outputs ---- */

static void
open_outputs(scene *s, bool writes)
{
        rt_lua_outputs_opts opts = RT_INIT(rt_lua_outputs_opts);

        scene_open(s);
        opts.write = writes ? scene_write : NULL;
        opts.write_user = s;
        cr_assert_eq(rt_lua_outputs_new(s->hooks, &opts, &s->outputs), RT_OK);
}

Test(scripts, outputs_are_told_of_alerts)
{
        static const char script[] = "n = 0\nruntime.output { name = 'lines: ', on = function(a)\n"
                                     "  n = n + 1\n"
                                     "  runtime.write(n .. ' ' .. a.rule .. ' ' .. a.priority .. ' "
                                     "' .. a.source .. ' '\n"
                                     "    .. a.fields['ct.name'] .. ' ' .. #a.tags .. ' ' .. "
                                     "a.text .. tostring(a.json)\n"
                                     "    .. math.floor(a.time))\n"
                                     "end }\n"
                                     "runtime.output { json = true, on = function(a)\n"
                                     "  runtime.log(a.json:sub(1, 14)) end }\n";
        static const char said[] =
                "lines: 1 A Informational aws_cloudtrail x 0 10:00:00.000000000: Informational o "
                "xnil1714557600\nlog {\"hostname\":\"h\n";
        scene s = { 0 };

        open_outputs(&s, true);
        scene_begin(&s, script, RULE("A", "ct.name = x"));
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 1);
        cr_expect_str_eq(s.said, said);
        s.said[0] = '\0';
        /* Its state goes on over a reload, and ends with the script. */
        scene_must_use(&s, script, RULE("A", "ct.name = x") RULE("B", "ct.name = y"));
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 1);
        cr_expect(strstr(s.said, "lines: 2 A"), "%s", s.said);
        scene_must_use(&s, NULL, RULE("A", "ct.name = x"));
        s.said[0] = '\0';
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 1);
        cr_expect_str_eq(s.said, "");
        scene_end(&s);
}

typedef struct bad_output {
        char body[120];
        char message[60];
} bad_output;

static bad_output outputs[] = {
        { "while true do end", "instructions" },
        { "local s = 'x' while true do s = s .. s end", "memory" },
        { "error({})", "not a text" },
        { "error('mine')", "geo.lua:1: mine" },
        { "runtime.write('x')", "RT_EIO" },
        { "runtime.write({})", "string expected" },
        { "runtime.output { on = function() end }", "only while" },
};

ParameterizedTestParameters(scripts, bad_outputs_are_switched_off_and_alerts_go_on)
{
        return cr_make_param_array(bad_output, outputs, sizeof outputs / sizeof *outputs);
}

ParameterizedTest(bad_output *row, scripts, bad_outputs_are_switched_off_and_alerts_go_on)
{
        char script[300];
        scene s = { 0 };

        snprintf(script, sizeof script,
                 "runtime.output { name = 'broken', on = function() %s end }\n"
                 "runtime.output { on = function() good = (good or 0) + 1 end }\n",
                 row->body);
        open_outputs(&s, true);
        scene_begin(&s, script, RULE("A", "ct.name = x"));
        for (int i = 0; i < 15; i++)
                cr_assert_eq(scene_feed(&s, "x", "192.0.2.1", 0), 1);
        cr_expect_eq(s.reports, 10);
        cr_expect(strstr(s.said, row->message), "%s", s.said);
        cr_expect_eq(scene_hook(&s, 0).kind, RT_LUA_OUTPUT);
        cr_expect_str_eq(scene_hook(&s, 0).name, "broken");
        cr_expect_eq(scene_hook(&s, 0).off, 1);
        cr_expect_eq(scene_hook(&s, 1).failures, 0);
        scene_end(&s);
}

Test(scripts, without_somewhere_to_write_writing_fails)
{
        scene s = { 0 };

        open_outputs(&s, false);
        scene_begin(&s, "runtime.output { on = function() runtime.write('x') end }",
                    RULE("A", "ct.name = x"));
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 1);
        cr_expect(strstr(s.said, "nothing is open for outputs"), "%s", s.said);
        scene_end(&s);
}

static rt_lua_outputs *again;

static int
write_again(const char *output, rt_str bytes, void *user)
{
        rt_loader *loader = NULL;

        (void) output;
        (void) bytes;
        *(int *) user = rt_lua_outputs_put(again, (const rt_alert *) user);
        cr_expect_eq(rt_lua_outputs_use(again, loader), RT_EBUSY);
        return RT_OK;
}

Test(scripts, an_output_does_not_enter_itself)
{
        rt_lua_outputs_opts opts = RT_INIT(rt_lua_outputs_opts);
        scene s = { 0 };
        int r = 0;

        scene_open(&s);
        opts.write = write_again;
        opts.write_user = &r;
        cr_assert_eq(rt_lua_outputs_new(s.hooks, &opts, &s.outputs), RT_OK);
        again = s.outputs;
        scene_begin(&s, "runtime.output { on = function() runtime.write('x') end }",
                    RULE("A", "ct.name = x"));
        cr_expect_eq(scene_feed(&s, "x", "192.0.2.1", 0), 1);
        cr_expect_eq(r, RT_EBUSY);
        cr_expect_eq(s.reports, 0, "%s", s.said);
        scene_end(&s);
}

Test(scripts, what_is_wrong_is_refused)
{
        rt_lua_outputs_opts opts = { .size = 1 };
        rt_lua_hook hook = RT_INIT(rt_lua_hook);
        rt_lua_outputs *none = NULL;
        rt_lua_hooks *more = NULL;
        rt_lua_opts lua = { .size = 1 };
        scene s = { 0 };

        scene_open(&s);
        cr_expect_eq(rt_lua_hooks_new(NULL, NULL, &more), RT_EINVAL);
        cr_expect_eq(rt_lua_hooks_new(s.engine, NULL, NULL), RT_EINVAL);
        cr_expect_eq(rt_lua_hooks_new(s.engine, &lua, &more), RT_EABI);
        cr_expect_eq(rt_lua_hooks_new(s.engine, NULL, &more), RT_EEXIST);
        cr_expect_eq(rt_lua_hooks_load(NULL, NULL, "x", text_of("")), RT_EINVAL);
        cr_expect_eq(rt_lua_hooks_load(s.hooks, NULL, NULL, text_of("")), RT_EINVAL);
        cr_expect_eq(rt_lua_hooks_add_rules(s.hooks, NULL, NULL), RT_EINVAL);
        cr_expect_eq(rt_lua_hooks_get(NULL, 0, &hook), RT_EINVAL);
        cr_expect_eq(rt_lua_hooks_get(s.hooks, 0, NULL), RT_EINVAL);
        cr_expect_eq(rt_lua_hooks_get(s.hooks, 0, &hook), RT_ENOENT);
        cr_expect_eq(rt_lua_outputs_new(NULL, NULL, &none), RT_EINVAL);
        cr_expect_eq(rt_lua_outputs_new(s.hooks, &opts, &none), RT_EABI);
        cr_expect_eq(rt_lua_outputs_use(NULL, NULL), RT_EINVAL);
        cr_expect_eq(rt_lua_outputs_put(NULL, NULL), RT_EINVAL);
        cr_expect_null(rt_lua_outputs_unref(NULL));
        cr_expect_null(rt_lua_hooks_unref(NULL));
        scene_end(&s);
}
