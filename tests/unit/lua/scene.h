/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scene.h - for tests of hooks: an engine with hooks, rules of CloudTrail, records that differ by
 * their names, addresses and times; what was raised, reported, logged and written, as text.
 */
#ifndef RT_TEST_LUA_SCENE_H
#define RT_TEST_LUA_SCENE_H

#include <criterion/criterion.h>
#include <libruntime-lua/lua.h>
#include <libruntime/runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULE(name, condition)                                                             \
        "- rule: " name "\n  desc: d\n  condition: " condition "\n  output: o %ct.name\n" \
        "  priority: INFO\n  source: aws_cloudtrail\n"

typedef struct scene {
        rt_engine *engine;
        rt_lua_hooks *hooks;
        rt_lua_outputs *outputs;
        rt_worker *worker;
        rt_diags *diags;
        rt_loader *loader; /* of the rules in force */
        char raised[1 << 16], said[1 << 12];
        unsigned reports;
        uint32_t match; /* RT_MATCH_*, of workers that are made */
} scene;

static inline rt_str
text_of(const char *text)
{
        return (rt_str){ text, strlen(text) };
}

static inline void
add_line(char *to, size_t room, const char *head, rt_str text)
{
        const size_t at = strlen(to);

        cr_assert_lt(at + strlen(head) + text.len + 2, room);
        snprintf(to + at, room - at, "%s%.*s\n", head, (int) text.len, text.ptr);
}

static inline void
scene_report(const char *field, const char *message, void *user)
{
        scene *s = user;

        s->reports++;
        (void) field;
        if (strlen(s->said) < sizeof s->said / 2)
                add_line(s->said, sizeof s->said, "", text_of(message));
}

static inline void
scene_log(const char *script, rt_str text, void *user)
{
        scene *s = user;

        (void) script;
        add_line(s->said, sizeof s->said, "log ", text);
}

static inline int
scene_write(const char *output, rt_str bytes, void *user)
{
        scene *s = user;

        add_line(s->said, sizeof s->said, output, bytes);
        return strcmp(output, "broken") == 0 ? RT_EIO : RT_OK;
}

static inline int
scene_alert(const rt_alert *alert, void *user)
{
        scene *s = user;
        rt_str text;

        cr_assert_eq(rt_alert_json(alert, &text), RT_OK);
        add_line(s->raised, sizeof s->raised, "", text);
        if (s->outputs)
                cr_expect_geq(rt_lua_outputs_put(s->outputs, alert), 0);
        return 0;
}

static inline void
scene_open(scene *s)
{
        rt_engine_opts engine = RT_INIT(rt_engine_opts);
        rt_lua_opts opts = RT_INIT(rt_lua_opts);

        engine.hostname = "h";
        opts.report = scene_report;
        opts.report_user = s;
        opts.log = scene_log;
        opts.max_bytes = 1 << 20;
        cr_assert_eq(rt_engine_new(&engine, &s->engine), RT_OK);
        cr_assert_eq(rt_lua_hooks_new(s->engine, &opts, &s->hooks), RT_OK);
        cr_assert_eq(rt_diags_new(&s->diags), RT_OK);
}

/* Put rules in force: the text @a rules, or the file of that name if there is a slash in it, with
 * @a script beside them (NULL: none), as a host does that has its scripts from elsewhere. */
static inline int
scene_use(scene *s, const char *script, const char *rules)
{
        rt_ruleset *ruleset = NULL;
        rt_loader *loader = NULL;
        int r;

        s->diags = rt_diags_unref(s->diags);
        cr_assert_eq(rt_diags_new(&s->diags), RT_OK);
        cr_assert_eq(rt_loader_new(s->engine, NULL, &loader), RT_OK);
        r = script ? rt_lua_hooks_load(s->hooks, loader, "geo.lua", text_of(script)) : RT_OK;
        if (r == RT_OK)
                r = *rules == '/' ? rt_loader_add_path(loader, rules, s->diags)
                                  : rt_loader_add(loader, "a.yaml", text_of(rules), s->diags);
        r = r < 0 ? r : rt_lua_hooks_add_rules(s->hooks, loader, s->diags);
        r = r < 0 ? r : rt_loader_compile(loader, s->diags, &ruleset);
        r = r < 0 || !s->outputs ? r : rt_lua_outputs_use(s->outputs, loader);
        if (r == RT_OK) {
                cr_assert_eq(rt_engine_use(s->engine, ruleset), RT_OK);
                rt_loader_unref(s->loader);
                s->loader = loader;
        } else {
                rt_loader_unref(loader);
        }
        rt_ruleset_unref(ruleset);
        return r;
}

static inline void
scene_must_use(scene *s, const char *script, const char *rules)
{
        const int r = scene_use(s, script, rules);
        rt_str text;

        if (r < 0 && rt_diags_print(s->diags, RT_DIAGS_TEXT, 0, &text) == RT_OK)
                cr_assert_fail("%s %s %.*s", rt_status_name(r), s->said, (int) text.len, text.ptr);
}

static inline void
scene_begin(scene *s, const char *script, const char *rules)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);

        if (!s->engine)
                scene_open(s);
        scene_must_use(s, script, rules);
        opts.rule_matching = s->match;
        opts.alert_flags = RT_ALERT_NO_ID;
        cr_assert_eq(rt_worker_new(s->engine, &opts, &s->worker), RT_OK);
}

/* The minute of 2024-05-01T10:MM:00Z. */
static inline rt_str
scene_record(char *text, size_t size, const char *name, const char *ip, unsigned minute)
{
        const int n = snprintf(text, size,
                               "{\"eventID\":\"1\",\"eventType\":\"AwsApiCall\",\"eventTime\":"
                               "\"2024-05-01T10:%02u:00Z\","
                               "\"eventSource\":\"iam.amazonaws.com\",\"awsRegion\":\"us-east-1\","
                               "\"sourceIPAddress\":\"%s\",\"eventName\":\"%s\"}\n",
                               minute, ip, name);

        return (rt_str){ text, (size_t) n };
}

static inline int
scene_feed(scene *s, const char *name, const char *ip, unsigned minute)
{
        char text[512];

        s->raised[0] = '\0';
        return rt_worker_feed(s->worker, "aws_cloudtrail",
                              scene_record(text, sizeof text, name, ip, minute), scene_alert, s);
}

static inline rt_lua_hook
scene_hook(const scene *s, size_t index)
{
        rt_lua_hook hook = RT_INIT(rt_lua_hook);

        cr_assert_eq(rt_lua_hooks_get(s->hooks, index, &hook), RT_OK);
        return hook;
}

static inline void
scene_end(scene *s)
{
        rt_lua_hook hook = RT_INIT(rt_lua_hook);

        rt_worker_unref(s->worker);
        rt_loader_unref(s->loader);
        rt_diags_unref(s->diags);
        rt_engine_unref(s->engine);
        rt_lua_outputs_unref(s->outputs);
        /* Nobody has a script any more. */
        cr_expect_eq(rt_lua_hooks_get(s->hooks, 0, &hook), RT_ENOENT);
        rt_lua_hooks_unref(s->hooks);
}

#endif
