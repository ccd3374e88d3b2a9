/* SPDX-License-Identifier: Apache-2.0 */
/* What is counted of rules and predicates, and that counting changes nothing. */
#include "base/str.h"
#include <criterion/criterion.h>
#include <libruntime/runtime.h>
#include <stdio.h>

enum { N_RECORDS = 2000 };

static const char text[] = "- rule: one\n"
                           "  desc: d\n"
                           "  condition: ct.name = A and (ct.user exists or ct.region != eu)\n"
                           "  output: o\n"
                           "  priority: INFO\n"
                           "  source: aws_cloudtrail\n"
                           "- rule: two\n"
                           "  desc: d\n"
                           "  condition: ct.name in (A, B) and not ct.user = eve\n"
                           "  output: o\n"
                           "  priority: INFO\n"
                           "  source: aws_cloudtrail\n";

/* A third of the records each are called A, B, C; every fifth is eve's. */
static rt_str
records(void)
{
        static char all[N_RECORDS * 256];
        size_t len = 0;

        if (*all)
                return rti_str_of(all);
        for (int i = 0; i < N_RECORDS; i++)
                len += (size_t) snprintf(all + len, sizeof all - len,
                                         "{\"eventID\":\"%d\",\"eventType\":\"AwsApiCall\","
                                         "\"eventTime\":\"2024-05-01T10:00:00Z\","
                                         "\"eventName\":\"%c\",\"userIdentity\":{\"type\":"
                                         "\"IAMUser\",\"userName\":\"%s\"}}\n",
                                         i, 'A' + i % 3, i % 5 ? "bob" : "eve");
        return (rt_str){ all, len };
}

typedef struct world {
        rt_engine *engine;
        rt_ruleset *rules;
        rt_worker *worker;
} world;

static int
judge(world *w, uint32_t sample_every)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);

        *w = (world){ NULL };
        opts.rule_matching = RT_MATCH_ALL;
        opts.sample_every = sample_every;
        cr_assert_eq(rt_engine_new(NULL, &w->engine), 0);
        cr_assert_eq(rt_compile(w->engine, "text", rti_str_of(text), NULL, &w->rules), 0);
        cr_assert_eq(rt_engine_use(w->engine, w->rules), 0);
        cr_assert_eq(rt_worker_new(w->engine, &opts, &w->worker), 0);
        return rt_worker_feed(w->worker, "aws_cloudtrail", records(), NULL, NULL);
}

static void
end(world *w)
{
        rt_worker_unref(w->worker);
        rt_ruleset_unref(w->rules);
        rt_engine_unref(w->engine);
}

static rt_rule_profile
profile_of(const world *w, size_t rule)
{
        rt_rule_profile profile = RT_INIT(rt_rule_profile);

        cr_assert_eq(rt_worker_rule_profile(w->worker, rule, &profile), 0);
        return profile;
}

Test(profile, every_event_counts_when_all_are_asked_for)
{
        rt_pred_profile pred = RT_INIT(rt_pred_profile);
        world w;
        uint64_t asked = 0;

        judge(&w, 1);
        cr_expect_eq(profile_of(&w, 0).events, N_RECORDS);
        cr_expect_eq(profile_of(&w, 0).held, rt_worker_rule_alerts(w.worker, 0));
        cr_expect_eq(profile_of(&w, 1).held, rt_worker_rule_alerts(w.worker, 1));
        cr_expect_geq(profile_of(&w, 1).asked, profile_of(&w, 1).held);
        cr_expect_leq(profile_of(&w, 1).asked, N_RECORDS);
        for (size_t i = 0; rt_worker_pred_profile(w.worker, i, &pred) == 0; i++) {
                cr_expect_leq(pred.held, pred.asked);
                cr_expect_leq(pred.asked, N_RECORDS);
                cr_expect_str_eq(pred.source, "aws_cloudtrail");
                cr_expect_gt(pred.text.len, 0);
                asked += pred.asked;
        }
        cr_expect_gt(asked, 0);
        end(&w);
}

Test(profile, the_sample_does_not_change_what_matches)
{
        static const uint32_t every[] = { 1, 2, 7, 0, UINT32_MAX };
        world w;
        const int alerts = judge(&w, 1);

        end(&w);
        for (size_t i = 0; i < RTI_COUNT(every); i++) {
                cr_expect_eq(judge(&w, every[i]), alerts);
                end(&w);
        }
}

Test(profile, a_sample_is_about_as_large_as_asked_for)
{
        world w;

        judge(&w, 10);
        cr_expect_gt(profile_of(&w, 0).events, N_RECORDS / 20);
        cr_expect_lt(profile_of(&w, 0).events, N_RECORDS / 5);
        end(&w);
        judge(&w, UINT32_MAX);
        cr_expect_eq(profile_of(&w, 0).events, 0);
        cr_expect_eq(profile_of(&w, 0).asked, 0);
        cr_expect_eq(profile_of(&w, 0).dearest, UINT64_MAX);
        end(&w);
}

Test(profile, what_was_measured_compiles_the_rules_again)
{
        rt_loader_opts opts = RT_INIT(rt_loader_opts);
        rt_loader *loader = NULL;
        world w;

        judge(&w, 1);
        cr_assert_eq(rt_worker_profile(w.worker, &opts.profile), 0);
        cr_expect(rti_str_find(opts.profile, RTI_STR("aws_cloudtrail")) != SIZE_MAX);
        cr_assert_eq(rt_loader_new(w.engine, &opts, &loader), 0);
        rt_loader_unref(loader);
        end(&w);
}

Test(profile, other_rules_begin_at_nothing)
{
        world w;

        judge(&w, 1);
        cr_assert_eq(rt_engine_use(w.engine, w.rules), 0);
        cr_assert_eq(
                rt_worker_feed(w.worker, "aws_cloudtrail", RTI_STR("{\"Records\":[]}"), NULL, NULL),
                0);
        cr_expect_eq(profile_of(&w, 0).events, 0);
        end(&w);
}

Test(profile, nonsense_is_refused)
{
        rt_rule_profile rule = RT_INIT(rt_rule_profile);
        rt_pred_profile pred = RT_INIT(rt_pred_profile);
        rt_str all;
        world w;

        judge(&w, 1);
        cr_expect_eq(rt_worker_rule_profile(w.worker, 2, &rule), RT_ENOENT);
        cr_expect_eq(rt_worker_rule_profile(NULL, 0, &rule), RT_EINVAL);
        cr_expect_eq(rt_worker_rule_profile(w.worker, 0, NULL), RT_EINVAL);
        cr_expect_eq(rt_worker_pred_profile(w.worker, SIZE_MAX, &pred), RT_ENOENT);
        cr_expect_eq(rt_worker_profile(NULL, &all), RT_EINVAL);
        rule.size = 0;
        cr_expect_eq(rt_worker_rule_profile(w.worker, 0, &rule), RT_EABI);
        end(&w);
}
