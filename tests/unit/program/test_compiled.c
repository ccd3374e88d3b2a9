/* SPDX-License-Identifier: Apache-2.0 */
/* Rulesets that are written, read again, damaged, and read where they do not belong. */
#include "base/str.h"
#include "program/ruleset.h"
#include <criterion/criterion.h>
#include <libruntime/runtime.h>
#include <stdio.h>
#include <unistd.h>

static const char text[] =
        "- list: names\n"
        "  items: [ConsoleLogin, GetObject, DeleteTrail]\n"
        "- rule: sets and texts\n"
        "  desc: equality, beginnings, a regex\n"
        "  condition: ct.name in (names) and ct.user startswith adm and ct.user regex 'adm[a-z]+'\n"
        "  output: user=%ct.user name=%toupper(ct.name) by=%json.value[/userIdentity/type]\n"
        "  priority: WARNING\n"
        "  source: aws_cloudtrail\n"
        "  tags: [b, a]\n"
        "- rule: negation\n"
        "  desc: an address and a negation\n"
        "  condition: ct.srcip = 10.0.0.1 and not ct.error exists\n"
        "  output: at=%evt.time.iso8601\n"
        "  priority: ERROR\n"
        "  source: aws_cloudtrail\n";

static const char records[] =
        "{\"Records\":[{\"eventID\":\"1\",\"eventType\":\"AwsApiCall\",\"eventTime\":"
        "\"2024-05-01T10:00:00Z\",\"eventName\":\"GetObject\",\"sourceIPAddress\":\"10.0.0.1\","
        "\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"admin\"}},"
        "{\"eventID\":\"2\",\"eventType\":\"AwsApiCall\",\"eventTime\":\"2024-05-01T10:00:01Z\","
        "\"eventName\":\"PutObject\",\"errorCode\":\"AccessDenied\",\"sourceIPAddress\":"
        "\"10.0.0.1\",\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"eve\"}}]}";

static rt_engine *
new_engine(const char *const *sources)
{
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        rt_engine *engine = NULL;

        opts.sources = sources;
        cr_assert_eq(rt_engine_new(&opts, &engine), 0);
        return engine;
}

static rt_ruleset *
compile(rt_engine *engine)
{
        rt_ruleset *rules = NULL;

        cr_assert_eq(rt_compile(engine, "text", rti_str_of(text), NULL, &rules), 0);
        return rules;
}

/* The bytes of the sample, in memory of their own. */
static rt_str
sample(void)
{
        rt_engine *engine = new_engine(NULL);
        rt_ruleset *rules = compile(engine);
        rt_str bytes;
        char *copy;

        cr_assert_eq(rt_ruleset_bytes(rules, &bytes), 0);
        copy = malloc(bytes.len);
        memcpy(copy, bytes.ptr, bytes.len);
        rt_ruleset_unref(rules);
        rt_engine_unref(engine);
        return (rt_str){ copy, bytes.len };
}

static int
load(rt_engine *engine, rt_str bytes, uint32_t flags, rt_diags *diags)
{
        rt_ruleset *rules = NULL;
        const int r = rt_ruleset_load(engine, "bytes", bytes, flags, diags, &rules);

        rt_ruleset_unref(rules);
        return r;
}

typedef struct collected {
        char text[4096];
        size_t len;
} collected;

static int
collect(const rt_alert *alert, void *user)
{
        collected *c = user;
        rt_str json;

        cr_assert_eq(rt_alert_json(alert, &json), 0);
        cr_assert_lt(c->len + json.len, sizeof c->text);
        memcpy(c->text + c->len, json.ptr, json.len);
        c->len += json.len;
        return 0;
}

static void
judge(rt_engine *engine, rt_ruleset *rules, collected *ret_alerts)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_worker *worker = NULL;

        ret_alerts->len = 0;
        opts.rule_matching = RT_MATCH_ALL;
        cr_assert_eq(rt_engine_use(engine, rules), 0);
        cr_assert_eq(rt_worker_new(engine, &opts, &worker), 0);
        cr_assert_eq(
                rt_worker_feed(worker, "aws_cloudtrail", rti_str_of(records), collect, ret_alerts),
                2);
        rt_worker_unref(worker);
}

Test(compiled, rules_read_again_raise_the_same_alerts)
{
        const rt_str bytes = sample();
        rt_engine *engine = new_engine(NULL);
        rt_ruleset *fresh = compile(engine), *loaded = NULL, *borrowed = NULL;
        static collected a, b, c;

        cr_assert_eq(rt_ruleset_load(engine, "copy", bytes, 0, NULL, &loaded), 0);
        cr_assert_eq(rt_ruleset_load(engine, "own", bytes, RT_LOAD_BORROW, NULL, &borrowed), 0);
        judge(engine, fresh, &a);
        judge(engine, loaded, &b);
        judge(engine, borrowed, &c);
        cr_expect_eq(a.len, b.len);
        cr_expect_arr_eq(a.text, b.text, a.len);
        cr_expect_eq(a.len, c.len);
        cr_expect_arr_eq(a.text, c.text, a.len);
        rt_ruleset_unref(fresh);
        rt_ruleset_unref(loaded);
        rt_ruleset_unref(borrowed);
        rt_engine_unref(engine);
        free((char *) (uintptr_t) bytes.ptr);
}

Test(compiled, the_same_rules_give_the_same_bytes)
{
        const rt_str a = sample(), b = sample();

        cr_assert_eq(a.len, b.len);
        cr_expect_arr_eq(a.ptr, b.ptr, a.len);
        free((char *) (uintptr_t) a.ptr);
        free((char *) (uintptr_t) b.ptr);
}

Test(compiled, a_changed_byte_is_found_wherever_it_is)
{
        const rt_str bytes = sample();
        rt_engine *engine = new_engine(NULL);
        char *at = (char *) (uintptr_t) bytes.ptr;

        for (size_t i = 0; i < bytes.len; i++) {
                at[i] ^= 0x10;
                cr_expect_eq(load(engine, bytes, 0, NULL), RT_ERULES, "byte %zu", i);
                at[i] ^= 0x10;
        }
        cr_expect_eq(load(engine, bytes, 0, NULL), 0);
        rt_engine_unref(engine);
        free(at);
}

Test(compiled, what_is_cut_or_something_else_is_refused_with_a_reason)
{
        const rt_str bytes = sample();
        rt_engine *engine = new_engine(NULL);
        rt_diags *diags = NULL;
        rt_str report;

        for (size_t i = 0; i < bytes.len; i += 7)
                cr_expect_eq(load(engine, (rt_str){ bytes.ptr, i }, 0, NULL), RT_ERULES);
        cr_expect_eq(load(engine, rti_str_of(text), 0, NULL), RT_ERULES);
        cr_assert_eq(rt_diags_new(&diags), 0);
        cr_expect_eq(load(engine, (rt_str){ bytes.ptr, bytes.len - 8 }, 0, diags), RT_ERULES);
        cr_expect_eq(rt_diags_count(diags, RT_ERROR), 1);
        cr_assert_eq(rt_diags_print(diags, RT_DIAGS_TEXT, 0, &report), 0);
        cr_expect(rti_str_find(report, RTI_STR("cut")) != SIZE_MAX);
        cr_expect(rti_str_find(report, RTI_STR("compile the rules again")) != SIZE_MAX);
        rt_diags_unref(diags);
        rt_engine_unref(engine);
        free((char *) (uintptr_t) bytes.ptr);
}

Test(compiled, an_engine_without_the_source_refuses_the_rules)
{
        static const char *const only[] = { "k8s_audit", NULL };
        const rt_str bytes = sample();
        rt_engine *engine = new_engine(only);
        rt_diags *diags = NULL;
        rt_str report;

        cr_assert_eq(rt_diags_new(&diags), 0);
        cr_expect_eq(load(engine, bytes, 0, diags), RT_ERULES);
        cr_expect_eq(load(engine, bytes, RT_LOAD_BORROW, diags), RT_ERULES);
        cr_assert_eq(rt_diags_print(diags, RT_DIAGS_TEXT, 0, &report), 0);
        cr_expect(rti_str_find(report, RTI_STR("aws_cloudtrail")) != SIZE_MAX);
        rt_diags_unref(diags);
        rt_engine_unref(engine);
        free((char *) (uintptr_t) bytes.ptr);
}

Test(compiled, nonsense_is_refused)
{
        rt_engine *engine = new_engine(NULL);
        rt_ruleset *rules = NULL;
        _Alignas(8) char room[64] = { 0 };

        cr_expect_eq(rt_ruleset_load(NULL, "x", (rt_str){ room, 64 }, 0, NULL, &rules), RT_EINVAL);
        cr_expect_eq(rt_ruleset_load(engine, "x", (rt_str){ NULL, 0 }, 0, NULL, &rules), RT_EINVAL);
        cr_expect_eq(rt_ruleset_load(engine, "x", (rt_str){ room, 64 }, 2, NULL, &rules),
                     RT_EINVAL);
        cr_expect_eq(rt_ruleset_load(engine, "x", (rt_str){ room + 1, 60 }, RT_LOAD_BORROW, NULL,
                                     &rules),
                     RT_EINVAL);
        cr_expect_eq(rt_ruleset_load(engine, "x", (rt_str){ room, 64 }, 0, NULL, &rules),
                     RT_ERULES);
        cr_expect_eq(rt_ruleset_load_path(engine, "/no/such/file", NULL, &rules), RT_ERULES);
        cr_expect_eq(rt_ruleset_load_path(engine, "/", NULL, &rules), RT_ERULES);
        cr_expect_eq(rt_ruleset_bytes(NULL, NULL), RT_EINVAL);
        cr_expect_null(rules);
        rt_engine_unref(engine);
}

Test(compiled, files_are_read_as_a_whole)
{
        char path[] = "/tmp/rt-compiled-XXXXXX";
        const int fd = mkstemp(path);
        const rt_str bytes = sample();
        rt_engine *engine = new_engine(NULL);
        rt_ruleset *rules = NULL;

        cr_assert_geq(fd, 0);
        cr_assert_eq(write(fd, bytes.ptr, bytes.len), (ssize_t) bytes.len);
        close(fd);
        cr_expect_eq(rt_ruleset_load_path(engine, path, NULL, &rules), 0);
        cr_expect_eq(rt_ruleset_count(rules), 2);
        cr_expect(rt_ruleset_is_compiled(bytes));
        cr_expect_not(rt_ruleset_is_compiled(rti_str_of(text)));
        unlink(path);
        rt_ruleset_unref(rules);
        rt_engine_unref(engine);
        free((char *) (uintptr_t) bytes.ptr);
}
