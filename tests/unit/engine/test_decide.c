/* SPDX-License-Identifier: Apache-2.0 */
/* Decisions: which verdict, whose, why, and what doubts make of it; how many steps one may take. */
#include "support/toy.h"
#include "engine/worker.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>

/* One rule a line, all over json.value[/word], so that a record picks those that match. */
#define RULE(name, word, more)                                                                   \
        "- rule: " name "\n  desc: d\n  source: json\n  priority: NOTICE\n"                      \
        "  output: " name " saw %json.value[/word]\n  condition: json.value[/" word "] exists\n" \
        "  " more "\n"

static const char rules_text[] =
        RULE("first allows", "allow", "verdict: allow") RULE("asks", "ask", "verdict: ask")
                RULE("denies", "deny", "verdict: deny") RULE("denies too", "deny", "verdict: deny")
                        RULE("silent", "silent", "tags: [a]") RULE("wanders", "wild", "tags: [b]");

static rt_engine *engine;
static rt_worker *worker;
static unsigned told;

static int
add_rules(const char *text, const rt_loader_opts *opts, rt_diags *diags, rt_ruleset **ret_rules)
{
        rt_loader *loader = NULL;
        int r = rt_loader_new(engine, opts, &loader);

        r = r < 0 ? r : rt_loader_add(loader, "t.yaml", rti_str_of(text), diags);
        r = r < 0 ? r : rt_loader_compile(loader, diags, ret_rules);
        rt_loader_unref(loader);
        return r;
}

static void
use(const char *text)
{
        rt_ruleset *rules = NULL;

        cr_assert_eq(add_rules(text, NULL, NULL, &rules), RT_OK);
        cr_assert_eq(rt_engine_use(engine, rules), RT_OK);
        rt_ruleset_unref(rules);
}

static void
begin(void)
{
        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        use(rules_text);
        cr_assert_eq(rt_worker_new(engine, NULL, &worker), RT_OK);
        told = 0;
}

static void
end(void)
{
        rt_worker_unref(worker);
        rt_engine_unref(engine);
}

TestSuite(decide, .init = begin, .fini = end);

static rt_verdict
decide(const char *record, const rt_decide_opts *opts)
{
        rt_verdict verdict = RT_INIT(rt_verdict);

        cr_assert_eq(rt_worker_decide(worker, "json", rti_str_of(record), opts, &verdict), RT_OK);
        return verdict;
}

static int
tell(const rt_alert *alert, void *user)
{
        (void) alert;
        told++;
        return user ? *(int *) user : 0;
}

/* ---- what decides ---- */

typedef struct row {
        char record[96];
        uint32_t otherwise, verdict;
        char rule[16];
        char reason[48];
} row;

ParameterizedTestParameters(decide, the_strictest_verdict_wins)
{
        static row rows[] = {
                { "{\"allow\":1,\"word\":\"x\"}", RT_VERDICT_DENY, RT_VERDICT_ALLOW, "first allows",
                  "first allows saw x" },
                { "{\"allow\":1,\"ask\":1}", RT_VERDICT_DENY, RT_VERDICT_ASK, "asks",
                  "asks saw <NA>" },
                { "{\"deny\":1,\"ask\":1,\"allow\":1,\"word\":\"rm\"}", RT_VERDICT_ALLOW,
                  RT_VERDICT_DENY, "denies", "denies saw rm" },
                { "{\"allow\":1}", RT_VERDICT_ALLOW, RT_VERDICT_ALLOW, "first allows",
                  "first allows saw <NA>" },
                { "{\"silent\":1}", RT_VERDICT_ASK, RT_VERDICT_ASK, "", "no rule decides" },
                { "{}", RT_VERDICT_DENY, RT_VERDICT_DENY, "", "no rule decides" },
                { "{}", RT_VERDICT_ALLOW, RT_VERDICT_ALLOW, "", "no rule decides" },
                /* Of several records the strictest. */
                { "{\"allow\":1}\n{\"ask\":1}\n{\"allow\":1}", RT_VERDICT_DENY, RT_VERDICT_ASK,
                  "asks", "asks saw <NA>" },
        };

        return cr_make_param_array(row, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(row *param, decide, the_strictest_verdict_wins)
{
        rt_decide_opts opts = RT_INIT(rt_decide_opts);
        rt_verdict verdict;

        opts.otherwise = param->otherwise;
        verdict = decide(param->record, &opts);
        cr_expect_eq(verdict.verdict, param->verdict, "%s: %u", param->record, verdict.verdict);
        cr_expect_eq(verdict.cause, RT_OK, "%d", verdict.cause);
        cr_expect_str_eq(verdict.rule ? verdict.rule : "", param->rule);
        cr_expect(rti_str_is(verdict.reason, param->reason), "%.*s", RTI_FMT(verdict.reason));
}

Test(decide, without_options_only_what_is_allowed_is)
{
        cr_expect_eq(decide("{}", NULL).verdict, RT_VERDICT_DENY);
        cr_expect_eq(decide("{\"silent\":1}", NULL).verdict, RT_VERDICT_DENY);
        cr_expect_eq(decide("{\"allow\":1}", NULL).verdict, RT_VERDICT_ALLOW);
}

Test(decide, rules_without_a_verdict_can_get_one_by_priority)
{
        rt_decide_opts opts = RT_INIT(rt_decide_opts);

        opts.otherwise = RT_VERDICT_ALLOW;
        opts.ask_priority = 1 + RT_PRIORITY_NOTICE;
        cr_expect_eq(decide("{\"silent\":1}", &opts).verdict, RT_VERDICT_ASK);
        opts.deny_priority = 1 + RT_PRIORITY_NOTICE;
        cr_expect_eq(decide("{\"silent\":1}", &opts).verdict, RT_VERDICT_DENY);
        opts.deny_priority = 1 + RT_PRIORITY_WARNING;
        cr_expect_eq(decide("{\"silent\":1}", &opts).verdict, RT_VERDICT_ASK);
        /* What a rule says itself counts. */
        cr_expect_eq(decide("{\"allow\":1}", &opts).verdict, RT_VERDICT_ALLOW);
}

/* ---- doubts ---- */

typedef struct doubt {
        char record[64];
        uint32_t otherwise, on_error, verdict;
        int cause;
} doubt;

ParameterizedTestParameters(decide, doubts_make_it_no_milder_than_on_error)
{
        static doubt rows[] = {
                { "{oops", RT_VERDICT_ALLOW, RT_VERDICT_DENY, RT_VERDICT_DENY, RT_EFORMAT },
                { "{oops", RT_VERDICT_ALLOW, RT_VERDICT_ASK, RT_VERDICT_ASK, RT_EFORMAT },
                { "{oops", RT_VERDICT_ALLOW, RT_VERDICT_ALLOW, RT_VERDICT_ALLOW, RT_EFORMAT },
                { "{oops", RT_VERDICT_DENY, RT_VERDICT_ALLOW, RT_VERDICT_DENY, RT_EFORMAT },
                { "", RT_VERDICT_ALLOW, RT_VERDICT_DENY, RT_VERDICT_DENY, RT_EFORMAT },
                { "\n\n", RT_VERDICT_ALLOW, RT_VERDICT_DENY, RT_VERDICT_DENY, RT_EFORMAT },
                { "{\"ask\":1}\n{oops", RT_VERDICT_ALLOW, RT_VERDICT_DENY, RT_VERDICT_DENY,
                  RT_EFORMAT },
                { "{\"ask\":1}\n{oops", RT_VERDICT_ALLOW, RT_VERDICT_ALLOW, RT_VERDICT_ASK,
                  RT_EFORMAT },
                /* Who is denied by a rule is denied. */
                { "{\"deny\":1}\n{oops", RT_VERDICT_ALLOW, RT_VERDICT_ALLOW, RT_VERDICT_DENY,
                  RT_OK },
                { "{\"w\":\"more than forty bytes of JSON, which it is\"}", RT_VERDICT_ALLOW,
                  RT_VERDICT_DENY, RT_VERDICT_DENY, RT_ELIMIT },
        };

        return cr_make_param_array(doubt, rows, sizeof rows / sizeof *rows);
}

ParameterizedTest(doubt *param, decide, doubts_make_it_no_milder_than_on_error)
{
        rt_decide_opts opts = RT_INIT(rt_decide_opts);
        rt_verdict verdict;

        opts.otherwise = param->otherwise;
        opts.on_error = param->on_error;
        opts.max_bytes = 40;
        verdict = decide(param->record, &opts);
        cr_expect_eq(verdict.verdict, param->verdict, "%s: %u", param->record, verdict.verdict);
        cr_expect_eq(verdict.cause, param->cause, "%s: %d", param->record, verdict.cause);
}

Test(decide, a_rule_that_denies_keeps_its_reason_beside_a_doubt)
{
        rt_decide_opts opts = RT_INIT(rt_decide_opts);
        rt_verdict verdict;

        opts.fn = tell; /* all is judged, also behind the denial */
        verdict = decide("{\"deny\":1}\n{oops", &opts);
        cr_expect_eq(verdict.cause, RT_EFORMAT);
        cr_expect_str_eq(verdict.rule, "denies");
        cr_expect_eq(told, 2);
}

Test(decide, without_a_ruleset_nothing_is_known)
{
        rt_engine *empty = NULL;
        rt_worker *idle = NULL;
        rt_verdict verdict = RT_INIT(rt_verdict);
        rt_decide_opts opts = RT_INIT(rt_decide_opts);

        opts.otherwise = RT_VERDICT_ALLOW;
        cr_assert_eq(rt_engine_new(NULL, &empty), RT_OK);
        cr_assert_eq(rt_worker_new(empty, NULL, &idle), RT_OK);
        cr_expect_eq(rt_worker_decide(idle, "json", RTI_STR("{}"), &opts, &verdict), RT_OK);
        cr_expect_eq(verdict.verdict, RT_VERDICT_DENY);
        cr_expect_eq(verdict.cause, RT_ENOENT);
        rt_worker_unref(idle);
        rt_engine_unref(empty);
}

/* The pattern backtracks, and its automaton takes too many steps, too. */
Test(decide, a_limit_that_was_hit_is_a_doubt)
{
        enum { MANY = 60 * 1000 };
        static char record[MANY + 32];
        rt_decide_opts opts = RT_INIT(rt_decide_opts);
        rt_verdict verdict;

        use("- rule: r\n  desc: d\n  source: json\n  priority: NOTICE\n  output: o\n"
            "  verdict: deny\n  condition: json.value[/v] regex '(a*b?){400}[cd]'\n");
        memcpy(record, "{\"v\":\"", 6);
        memset(record + 6, 'a', MANY);
        memcpy(record + 6 + MANY, "e\"}", 4);
        opts.otherwise = RT_VERDICT_ALLOW;
        opts.on_error = RT_VERDICT_ASK;
        verdict = decide(record, &opts);
        cr_expect_eq(verdict.cause, RT_ELIMIT, "%d", verdict.cause);
        cr_expect_eq(verdict.verdict, RT_VERDICT_ASK);
}

/* ---- beside feeding ---- */

Test(decide, decisions_raise_no_alerts_unless_asked)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_decide_opts opts = RT_INIT(rt_decide_opts);

        decide("{\"deny\":1,\"silent\":1}", &opts);
        cr_assert_eq(rt_worker_stats_get(worker, &stats), RT_OK);
        cr_expect_eq(stats.alerts, 0);
        cr_expect_eq(stats.events, 1);
        opts.fn = tell;
        decide("{\"deny\":1,\"silent\":1}", &opts);
        cr_assert_eq(rt_worker_stats_get(worker, &stats), RT_OK);
        cr_expect_eq(stats.alerts, 3);
        cr_expect_eq(told, 3);
}

Test(decide, the_callback_can_break_it_off)
{
        int code = -77;
        rt_decide_opts opts = RT_INIT(rt_decide_opts);
        rt_verdict verdict = RT_INIT(rt_verdict);

        opts.fn = tell;
        opts.user = &code;
        verdict.verdict = 9;
        cr_expect_eq(rt_worker_decide(worker, "json", RTI_STR("{\"ask\":1}"), &opts, &verdict),
                     -77);
        cr_expect_eq(verdict.verdict, 9, "written on success only");
        code = 0;
        cr_expect_eq(decide("{\"ask\":1}", &opts).verdict, RT_VERDICT_ASK);
}

Test(decide, feeding_and_deciding_take_turns)
{
        static const char record[] = "{\"deny\":1}";

        for (int i = 0; i < 100; i++) {
                cr_assert_eq(decide(record, NULL).verdict, RT_VERDICT_DENY);
                cr_assert_eq(rt_worker_feed(worker, "json", rti_str_of(record), tell, NULL), 1);
        }
        cr_expect_eq(told, 100);
        cr_expect_eq(rt_worker_rule_alerts(worker, 2), 100);
}

Test(decide, decisions_allocate_nothing_after_a_few)
{
        rt_worker_stats before = RT_INIT(rt_worker_stats), after = RT_INIT(rt_worker_stats);

        for (int i = 0; i < 20; i++)
                decide("{\"deny\":1,\"word\":\"something\"}", NULL);
        cr_assert_eq(rt_worker_stats_get(worker, &before), RT_OK);
        for (int i = 0; i < 1000; i++)
                decide(i % 2 ? "{\"deny\":1,\"word\":\"something\"}" : "{oops", NULL);
        cr_assert_eq(rt_worker_stats_get(worker, &after), RT_OK);
        cr_expect_eq(before.allocations, after.allocations);
}

static int
decide_inside(const rt_alert *alert, void *user)
{
        rt_verdict verdict = RT_INIT(rt_verdict);

        (void) alert;
        told++;
        *(int *) user = rt_worker_decide(worker, "json", RTI_STR("{}"), NULL, &verdict);
        return 0;
}

Test(decide, misuse_is_refused)
{
        rt_verdict verdict = RT_INIT(rt_verdict), small = { .size = 1 };
        rt_decide_opts wrong = RT_INIT(rt_decide_opts);
        const rt_str record = RTI_STR("{}");
        int inside = 0;

        cr_expect_eq(rt_worker_decide(NULL, "json", record, NULL, &verdict), RT_EINVAL);
        cr_expect_eq(rt_worker_decide(worker, NULL, record, NULL, &verdict), RT_EINVAL);
        cr_expect_eq(rt_worker_decide(worker, "json", record, NULL, NULL), RT_EINVAL);
        cr_expect_eq(rt_worker_decide(worker, "jsom", record, NULL, &verdict), RT_ENOENT);
        cr_expect_eq(rt_worker_decide(worker, "json", (rt_str){ NULL, 1 }, NULL, &verdict),
                     RT_EINVAL);
        cr_expect_eq(rt_worker_decide(worker, "json", record, NULL, &small), RT_EABI);
        wrong.otherwise = RT_VERDICT_ALLOW + 1;
        cr_expect_eq(rt_worker_decide(worker, "json", record, &wrong, &verdict), RT_EINVAL);
        wrong.otherwise = 0;
        wrong.deny_priority = RT_PRIORITY_DEBUG + 2;
        cr_expect_eq(rt_worker_decide(worker, "json", record, &wrong, &verdict), RT_EINVAL);
        cr_expect_eq(
                rt_worker_feed(worker, "json", RTI_STR("{\"deny\":1}"), decide_inside, &inside), 1);
        cr_expect_eq(inside, RT_EBUSY);
        cr_expect_eq(told, 1);
}

/* ---- the key ---- */

Test(decide, a_misspelt_verdict_is_an_error_and_an_override_replaces_it)
{
        rt_ruleset *rules = NULL;
        rt_rule_info info = RT_INIT(rt_rule_info);
        rt_diags *diags = NULL;

        cr_assert_eq(rt_diags_new(&diags), RT_OK);
        cr_expect_eq(add_rules(RULE("r", "a", "verdict: reject"), NULL, diags, &rules), RT_ERULES);
        cr_expect_eq(rt_diags_count(diags, RT_ERROR), 1);
        rt_diags_unref(diags);
        cr_assert_eq(add_rules(RULE("r", "a", "verdict: deny")
                                       RULE("s", "b",
                                            "verdict: none") "- rule: r\n  verdict: ask\n"
                                                             "  override: {verdict: replace}\n",
                               NULL, NULL, &rules),
                     RT_OK);
        cr_assert_eq(rt_ruleset_rule(rules, 0, &info), RT_OK);
        cr_expect_eq(info.verdict, 1 + RT_VERDICT_ASK);
        cr_assert_eq(rt_ruleset_rule(rules, 1, &info), RT_OK);
        cr_expect_eq(info.verdict, 0);
        rt_ruleset_unref(rules);
}

Test(decide, a_verdict_survives_the_compiled_form)
{
        rt_ruleset *rules = NULL, *again = NULL;
        rt_rule_info info = RT_INIT(rt_rule_info);
        rt_str bytes;

        cr_assert_eq(add_rules(rules_text, NULL, NULL, &rules), RT_OK);
        cr_assert_eq(rt_ruleset_bytes(rules, &bytes), RT_OK);
        cr_assert_eq(rt_ruleset_load(engine, "b", bytes, 0, NULL, &again), RT_OK);
        cr_assert_eq(rt_ruleset_rule(again, 0, &info), RT_OK);
        cr_expect_eq(info.verdict, 1 + RT_VERDICT_ALLOW);
        rt_ruleset_unref(again);
        rt_ruleset_unref(rules);
}

/* ---- steps ---- */

static uint64_t
steps_of(const char *text, uint64_t bytes, const char **ret_rule)
{
        static char name[64];
        rt_ruleset *rules = NULL;
        rt_steps steps = RT_INIT(rt_steps);

        cr_assert_eq(add_rules(text, NULL, NULL, &rules), RT_OK);
        cr_assert_eq(rt_ruleset_steps(rules, "json", bytes, &steps), RT_OK);
        cr_expect_leq(steps.dearest, steps.all);
        if (ret_rule) {
                snprintf(name, sizeof name, "%s", steps.rule);
                *ret_rule = name;
        }
        rt_ruleset_unref(rules);
        return steps.all;
}

#define CONDITION(name, condition)                                                       \
        "- rule: " name "\n  desc: d\n  source: json\n  priority: NOTICE\n  output: o\n" \
        "  condition: " condition "\n"

Test(decide, steps_grow_with_rules_and_records)
{
        static const char one[] = CONDITION("a", "json.value[/a] = x");
        static const char two[] = CONDITION("a", "json.value[/a] = x")
                CONDITION("b", "json.value[/b] contains yyy and not json.value[/c] = x");
        static const char regex[] = CONDITION("a", "json.value[/a] = x")
                CONDITION("r", "json.value[/a] regex '(a+)+b'");
        const char *rule;

        cr_expect_gt(steps_of(one, 100, NULL), 100);
        cr_expect_lt(steps_of(one, 100, NULL), 10 * 1000);
        cr_expect_gt(steps_of(one, 1000, NULL), steps_of(one, 100, NULL));
        cr_expect_gt(steps_of(two, 100, &rule), steps_of(one, 100, NULL));
        cr_expect_str_eq(rule, "b");
        cr_expect_gt(steps_of(regex, 100, &rule), RTI_MAX_REGEX_MATCH);
        cr_expect_str_eq(rule, "r");
        cr_expect_lt(steps_of(regex, 100, NULL), 2 * RTI_MAX_REGEX_MATCH);
        cr_expect_gt(steps_of(one, UINT64_MAX, NULL), 1u << 20, "sums stick, they do not wrap");
}

Test(decide, rules_beyond_the_hosts_bound_are_refused_with_the_dearest_one)
{
        rt_loader_opts opts = RT_INIT(rt_loader_opts);
        rt_ruleset *rules = NULL;
        rt_diags *diags = NULL;
        rt_diag diag = RT_INIT(rt_diag);
        static const char text[] = CONDITION("cheap", "json.value[/a] = x")
                CONDITION("dear", "json.value[/a] regex '(a+)+b'");

        cr_assert_eq(rt_diags_new(&diags), RT_OK);
        opts.max_steps = 100 * 1000;
        opts.max_steps_bytes = 1000;
        cr_expect_eq(add_rules(text, &opts, diags, &rules), RT_ERULES);
        cr_assert_eq(rt_diags_count(diags, RT_ERROR), 1);
        cr_assert_eq(rt_diags_get(diags, 0, &diag), RT_OK);
        cr_expect_eq(diag.code, 1206);
        cr_expect_str_eq(diag.item, "dear");
        cr_expect_str_eq(diag.file, "t.yaml");
        cr_expect_eq(diag.line, 7);
        cr_expect_null(rules);
        opts.max_steps = 10 * 1000 * 1000;
        cr_expect_eq(add_rules(text, &opts, diags, &rules), RT_OK);
        rt_ruleset_unref(rules);
        rt_diags_unref(diags);
}

Test(decide, a_decision_with_too_many_steps_is_not_made)
{
        rt_decide_opts opts = RT_INIT(rt_decide_opts);
        rt_verdict verdict;

        opts.otherwise = RT_VERDICT_ALLOW;
        opts.max_bytes = 1000;
        opts.max_steps = 1000 * 1000;
        verdict = decide("{}", &opts);
        cr_expect_eq(verdict.cause, RT_OK);
        opts.max_steps = 100;
        verdict = decide("{}", &opts);
        cr_expect_eq(verdict.cause, RT_ELIMIT);
        cr_expect_eq(verdict.verdict, RT_VERDICT_DENY);
        opts.max_steps = 1000 * 1000;
        cr_expect_eq(decide("{}", &opts).cause, RT_OK);
        /* Other rules came into force. */
        use(CONDITION("dear", "json.value[/a] regex '(a+)+b' or json.value[/a] regex '(a+)+cc' or "
                              "json.value[/a] regex '(a+)+dd' or json.value[/a] regex '(a+)+e' or "
                              "json.value[/a] regex '(a+)+ff' or json.value[/a] regex '(a+)+g'"));
        cr_expect_eq(decide("{}", &opts).cause, RT_ELIMIT);
}
