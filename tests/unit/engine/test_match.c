/* SPDX-License-Identifier: Apache-2.0 */
/* What fields of the host say of a match: dropped, another priority, more tags and fields. */
#include "support/toy.h"
#include <criterion/criterion.h>
#include <stdio.h>

typedef struct host {
        char asked[256]; /* rules, a blank behind each */
        unsigned released;
} host;

static int
demand(void *state, const rt_fields_demand *what)
{
        (void) state;
        (void) what;
        return RT_OK;
}

/* By the event's name: drop, raise, bad, fail, none; else nothing is said. */
static int
extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *reads,
        size_t n_reads, rt_value *ret_value)
{
        static const char *const tags[] = { "b", "hooked", NULL };
        const rt_match_field fields[] = { { "extra.size", { .kind = RT_KIND_UINT64, .as.u = 7 } },
                                          { "toy.name",
                                            { .kind = RT_KIND_STRING, .as.s = RTI_STR("ours") } } };
        rt_rule_info rule = RT_INIT(rt_rule_info);
        host *h = state;
        rt_match *match = rt_event_alloc(event, sizeof *match + sizeof fields);
        rt_str name = RTI_STR("");

        (void) slot;
        cr_assert(match);
        cr_assert_eq(n_reads, 1);
        if (reads[0])
                name = reads[0]->as.s;
        cr_assert_eq(rt_event_rule(event, &rule), RT_OK);
        snprintf(h->asked + strlen(h->asked), sizeof h->asked - strlen(h->asked), "%s ", rule.name);
        *match = (rt_match){ .size = sizeof *match,
                             .fields = memcpy(match + 1, fields, sizeof fields),
                             .field_stride = sizeof *fields };
        *ret_value = (rt_value){ .kind = RT_KIND_BYTES, .as.s = { (char *) match, sizeof *match } };
        if (rti_str_is(name, "fail"))
                return RT_EIO;
        if (rti_str_is(name, "drop"))
                match->flags = RT_ON_MATCH_DROP;
        if (rti_str_is(name, "bad"))
                match->priority = 99;
        if (rti_str_is(name, "raise")) {
                match->flags = RT_ON_MATCH_PRIORITY;
                match->priority = RT_PRIORITY_CRITICAL;
                match->tags = tags;
                match->n_fields = RTI_COUNT(fields);
        }
        return 1;
}

static void
release(void *user)
{
        ((host *) user)->released++;
}

static const rt_field_desc fields[] = { { "ask.one", NULL, RT_KIND_BYTES, 0, 0, 0,
                                          "what is to become of a match" } };
static const char *const reads[] = { "toy.name" };
static const char *const toys[] = { "toy", NULL };

#define RULE(name)                                                                           \
        "- rule: " name                                                                      \
        "\n  desc: d\n  condition: toy.any = x\n  output: o %toy.name\n  priority: NOTICE\n" \
        "  source: toy\n  tags: [a, c]\n"

typedef struct scene {
        host host;
        rt_engine *engine;
        rt_worker *worker;
        char raised[2048]; /* JSON of each alert, a line each */
        unsigned n_fields;
} scene;

static int
on_alert(const rt_alert *alert, void *user)
{
        const size_t room = sizeof((scene *) user)->raised;
        scene *s = user;
        const char *name;
        rt_value value;
        rt_str text;

        cr_assert_eq(rt_alert_json(alert, &text), RT_OK);
        snprintf(s->raised + strlen(s->raised), room - strlen(s->raised), "%.*s\n", (int) text.len,
                 text.ptr);
        for (s->n_fields = 0; rt_alert_field(alert, s->n_fields, &name, &value) == RT_OK;)
                s->n_fields++;
        return 0;
}

static rt_fields_ops
ops_of(host *h)
{
        return (rt_fields_ops){ .size = sizeof(rt_fields_ops),
                                .abi = RT_FIELDS_ABI,
                                .name = "ask",
                                .sources = toys,
                                .fields = fields,
                                .n_fields = 1,
                                .field_stride = sizeof *fields,
                                .reads = reads,
                                .user = h,
                                .demand = demand,
                                .extract = extract,
                                .release = release };
}

static void
begin(scene *s, const char *const *rules, uint32_t flags, uint32_t matching)
{
        const rt_fields_ops ops = ops_of(&s->host);
        rt_engine_opts engine = RT_INIT(rt_engine_opts);
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_ruleset *ruleset = NULL;
        rt_loader *loader = NULL;

        *s = (scene){ 0 };
        engine.hostname = "h";
        cr_assert_eq(rt_engine_new(&engine, &s->engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(s->engine, &toy_ops), RT_OK);
        cr_assert_eq(rt_loader_new(s->engine, NULL, &loader), RT_OK);
        cr_assert_eq(rt_loader_add(loader, "a.yaml", rti_str_of(RULE("one") RULE("two")), NULL),
                     RT_OK);
        cr_expect_eq(rt_loader_on_match(loader, "ask.one", rules, flags), RT_ENOENT);
        cr_assert_eq(rt_loader_add_fields(loader, &ops), RT_OK);
        cr_expect_eq(rt_loader_on_match(loader, "ask.one", rules, 8), RT_EINVAL);
        cr_assert_eq(rt_loader_on_match(loader, "ask.one", rules, flags), RT_OK);
        cr_assert_eq(rt_loader_add(loader, "b.yaml", rti_str_of(RULE("last")), NULL), RT_OK);
        cr_assert_eq(rt_loader_compile(loader, NULL, &ruleset), RT_OK);
        cr_assert_eq(rt_engine_use(s->engine, ruleset), RT_OK);
        rt_ruleset_unref(ruleset);
        rt_loader_unref(loader);
        opts.rule_matching = matching;
        opts.alert_flags = RT_ALERT_NO_ID;
        cr_assert_eq(rt_worker_new(s->engine, &opts, &s->worker), RT_OK);
}

static int
feed(scene *s, const char *line)
{
        s->raised[0] = s->host.asked[0] = '\0';
        return rt_worker_feed(s->worker, "toy", rti_str_of(line), on_alert, s);
}

static void
end(scene *s)
{
        rt_worker_unref(s->worker);
        rt_engine_unref(s->engine);
        cr_expect_eq(s->host.released, 1);
}

Test(match, alerts_are_dropped_and_changed_one_by_one)
{
        static const char *const some[] = { "t*", "nobody", NULL };
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        char plain[sizeof((scene *) 0)->raised];
        rt_loss loss = RT_INIT(rt_loss);
        scene s;

        begin(&s, some, 0, RT_MATCH_ALL);
        cr_expect_eq(feed(&s, "name=none x\n"), 3);
        cr_expect_str_eq(s.host.asked, "two ");
        memcpy(plain, s.raised, sizeof plain);
        cr_expect_eq(feed(&s, "name=drop x\n"), 2);
        cr_expect_not(strstr(s.raised, "\"two\""), "%s", s.raised);
        cr_expect_eq(feed(&s, "name=raise x\n"), 3);
        cr_expect(strstr(s.raised, "\"extra.size\":7,"
                                   "\"toy.name\":\"ours\"},\"priority\":\"Critical\","
                                   "\"rule\":\"two\",\"source\":\"toy\","
                                   "\"tags\":[\"a\",\"b\",\"c\",\"hooked\"]"),
                  "%s", s.raised);
        cr_expect_eq(feed(&s, "name=bad x\n"), 3);
        cr_expect_eq(feed(&s, "name=fail x\n"), 3);
        cr_assert_eq(rt_worker_loss(s.worker, 0, &loss), RT_OK);
        cr_expect_str_eq(loss.part, "ask");
        cr_expect_eq(loss.count, 1);
        cr_assert_eq(rt_worker_stats_get(s.worker, &stats), RT_OK);
        cr_expect_eq(stats.alerts, 14);
        cr_expect_eq(feed(&s, "name=none x\n"), 3);
        cr_expect_str_eq(s.raised, plain);
        end(&s);
}

Test(match, what_is_dropped_does_not_end_the_search)
{
        static const char *const one[] = { "one", NULL };
        scene s;

        begin(&s, one, 0, RT_MATCH_FIRST);
        cr_expect_eq(feed(&s, "name=drop x\n"), 1);
        cr_expect(strstr(s.raised, "\"two\""));
        cr_expect_eq(feed(&s, "name=none x\n"), 1);
        cr_expect(strstr(s.raised, "\"one\""));
        end(&s);
}

Test(match, rules_asked_besides_others_see_all_and_stop_nobody)
{
        static const char *const ends[] = { "one", "last", NULL };
        scene s;

        begin(&s, ends, RT_ON_MATCH_ALSO, RT_MATCH_FIRST);
        cr_expect_eq(feed(&s, "name=none x\n"), 3);
        cr_expect_eq(feed(&s, "name=drop x\n"), 1);
        cr_expect_str_eq(s.host.asked, "one last ");
        cr_expect_eq(feed(&s, "name=fail x\n"), 1);
        cr_expect_eq(feed(&s, "name=bad x\n"), 1);
        cr_expect(strstr(s.raised, "\"two\""));
        end(&s);
}

Test(match, a_source_without_what_must_be_said_is_refused)
{
        static const char other[] =
                "- rule: elsewhere\n  desc: d\n  condition: ct.name = x\n  output: o\n"
                "  priority: NOTICE\n  source: aws_cloudtrail\n";
        rt_fields_ops ops = ops_of(&(host){ "", 0 });
        rt_diag diag = RT_INIT(rt_diag);
        rt_loader *loader = NULL;
        rt_engine *engine = NULL;
        rt_diags *diags = NULL;

        ops.sources = NULL;
        ops.release = NULL;
        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(engine, &toy_ops), RT_OK);
        for (uint32_t also = 0; also < 2; also++) {
                cr_assert_eq(rt_loader_new(engine, NULL, &loader), RT_OK);
                cr_assert_eq(rt_diags_new(&diags), RT_OK);
                cr_assert_eq(rt_loader_add_fields(loader, &ops), RT_OK);
                cr_assert_eq(rt_loader_on_match(loader, "ask.one", NULL, also), RT_OK);
                cr_expect_eq(rt_loader_add(loader, "a.yaml", rti_str_of(other), diags),
                             also ? RT_ERULES : RT_OK);
                if (also) {
                        cr_assert_eq(rt_diags_get(diags, 0, &diag), RT_OK);
                        cr_expect(strstr(diag.message, "toy.name"), "%s", diag.message);
                        cr_expect_eq(diag.line, 1);
                }
                rt_diags_unref(diags);
                rt_loader_unref(loader);
        }
        rt_engine_unref(engine);
}

Test(match, a_pool_gives_what_one_worker_gives)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_pool *pool = NULL;
        char one[sizeof((scene *) 0)->raised];
        scene s;

        begin(&s, NULL, 0, RT_MATCH_ALL);
        cr_expect_eq(feed(&s, "name=raise x\n"), 3);
        memcpy(one, s.raised, sizeof one);
        s.raised[0] = '\0';
        opts.rule_matching = RT_MATCH_ALL;
        opts.alert_flags = RT_ALERT_NO_ID;
        opts.workers = 2;
        cr_assert_eq(rt_pool_new(s.engine, &opts, &pool), RT_OK);
        cr_assert_eq(rt_pool_feed(pool, "toy", rti_str_of("name=raise x\n"), on_alert, &s), 0);
        cr_assert_eq(rt_pool_flush(pool, on_alert, &s), 3);
        cr_expect_eq(rt_pool_rule_alerts(pool, 1), 1);
        cr_expect_str_eq(s.raised, one);
        cr_expect_eq(s.n_fields, 3);
        rt_pool_unref(pool);
        end(&s);
}

Test(match, the_rule_is_told_only_when_there_is_one)
{
        const rt_event event = { 0 };
        rt_rule_info rule = RT_INIT(rt_rule_info);

        cr_expect_eq(rt_event_rule(NULL, &rule), RT_EINVAL);
        cr_expect_eq(rt_event_rule(&event, &rule), RT_EINVAL);
        cr_expect_eq(rt_loader_on_match(NULL, "a", NULL, 0), RT_EINVAL);
}
