/* SPDX-License-Identifier: Apache-2.0 */
/* With the diagram and without: the same alerts, whatever the host does between them. */
#include "support/toy.h"
#include "engine/diagram_private.h"
#include "engine/worker.h"
#include <criterion/criterion.h>
#include <stdio.h>

enum { N_WORKERS = 2 /* with it, and without */, MOST_RAISED = 64 };

static const char *const conditions[] = {
        "toy.name = a",
        "toy.name in (some) and not toy.text[k] in (some)",
        "toy.text[k] contains b or toy.size > 3",
        "toy.text[k] regex 'a.*b' and toy.size exists",
        "toy.name = val(toy.text[k]) and not toy.text[l] exists",
        "toy.words intersects ('name=b', 'k=ab') or toy.text[l] startswith a",
        "toy.any = 'k=a' and toy.text[l] glob '*b*'",
        "not toy.name = a and not toy.text[k] endswith b",
};

typedef struct scene {
        rt_engine *engine;
        rt_worker *worker;
        uint32_t chance; /* of what the host does */
        int drops, explains;
        char raised[MOST_RAISED];
        size_t n_raised;
} scene;

static uint32_t
next(uint32_t *chance)
{
        *chance = *chance * 1664525 + 1013904223;
        return *chance >> 16;
}

static void
use_rules(scene *s, const char *text, uint64_t disabled_passes)
{
        rt_loader_opts opts = RT_INIT(rt_loader_opts);
        rt_loader *loader = NULL;
        rt_ruleset *ruleset = NULL;
        rt_diags *diags = NULL;

        opts.disabled_passes = disabled_passes;
        cr_assert_eq(rt_diags_new(&diags), RT_OK);
        cr_assert_eq(rt_loader_new(s->engine, &opts, &loader), RT_OK);
        if (rt_loader_add(loader, "rules", rti_str_of(text), diags) < 0) {
                rt_str problems;

                cr_assert_eq(rt_diags_print(diags, RT_DIAGS_TEXT, 0, &problems), RT_OK);
                cr_assert_fail("%.*s", (int) problems.len, problems.ptr);
        }
        cr_assert_eq(rt_loader_compile(loader, diags, &ruleset), RT_OK);
        cr_assert_eq(rt_engine_use(s->engine, ruleset), RT_OK);
        rt_ruleset_unref(ruleset);
        rt_loader_unref(loader);
        rt_diags_unref(diags);
}

static void
scene_init(scene *s, const char *text, uint32_t matching, bool with)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);

        *s = (scene){ .chance = 7 };
        opts.rule_matching = matching;
        cr_assert_eq(rt_engine_new(NULL, &s->engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(s->engine, &toy_ops), RT_OK);
        cr_assert_eq(rt_worker_new(s->engine, &opts, &s->worker), RT_OK);
        use_rules(s, text, with ? 0 : (uint64_t) 1 << RTI_PASS_DIAGRAM);
}

static void
scene_done(scene *s)
{
        rt_worker_unref(s->worker);
        rt_engine_unref(s->engine);
}

/* Sometimes the host asks for the reasons, which asks what no rule has asked, or stops. */
static int
raised(const rt_alert *alert, void *user)
{
        scene *s = user;
        const uint32_t what = next(&s->chance) % 8;
        rt_str text;

        cr_assert_lt(s->n_raised, sizeof s->raised);
        s->raised[s->n_raised++] = rt_alert_rule(alert)[1];
        if (what < 2 && s->explains)
                cr_assert_eq(rt_worker_explain(s->worker, what ? "r3" : "r6", &text), RT_OK);
        if (what == 2)
                cr_assert_eq(rt_alert_text(alert, &text), RT_OK);
        return what == 3 && s->drops ? -1 : 0;
}

static void
add_word(char *line, size_t room, const char *key, const char *const *of, size_t n,
         uint32_t *chance)
{
        const char *value = of[next(chance) % n];

        if (*value)
                snprintf(line + strlen(line), room - strlen(line), "%s%s=%s", *line ? " " : "", key,
                         value);
}

static void
make_line(char *line, size_t room, uint32_t *chance)
{
        static const char *const texts[] = { "", "a", "b", "ab", "aab", "zz", "q" };
        static const char *const sizes[] = { "", "1", "3", "9" };

        line[0] = '\0';
        add_word(line, room, "name", texts, RTI_COUNT(texts), chance);
        add_word(line, room, "k", texts, RTI_COUNT(texts), chance);
        add_word(line, room, "l", texts, RTI_COUNT(texts), chance);
        add_word(line, room, "size", sizes, RTI_COUNT(sizes), chance);
        snprintf(line + strlen(line), room - strlen(line), "%s\n", *line ? "" : "x=y");
}

static rti_diagram *
diagram_of(const scene *s)
{
        return s->worker->diagram;
}

static void
add_rule(rti_buf *buf, uint32_t number, const char *condition)
{
        rti_buf_printf(
                buf,
                "- rule: r%u\n  desc: d\n  condition: %s\n  output: '%%toy.name %%toy.text[l]'\n"
                "  priority: NOTICE\n  source: toy\n",
                number, condition);
}

static char *
text_of(rti_buf *buf)
{
        char *text = strndup(buf->ptr, buf->len);

        rti_buf_done(buf);
        return text;
}

static char *
few_rules(void)
{
        rti_buf buf;

        rti_buf_init(&buf, &rti_alloc_default, 0);
        rti_buf_add_text(&buf, "- list: some\n  items: [a, ab, b, ba, zz]\n");
        for (uint32_t i = 0; i < RTI_COUNT(conditions); i++)
                add_rule(&buf, i, conditions[i]);
        return text_of(&buf);
}

static char *
many_rules(uint32_t n)
{
        char condition[256];
        rti_buf buf;

        rti_buf_init(&buf, &rti_alloc_default, 0);
        for (uint32_t i = 0; i < n; i++) {
                snprintf(condition, sizeof condition,
                         "toy.name = v%u and toy.text[k] = v%u or toy.text[l] = v%u and toy.name "
                         "startswith v1",
                         i, n - i, i);
                add_rule(&buf, i, condition);
        }
        return text_of(&buf);
}

static void
compare(uint32_t matching, bool drops, bool explains)
{
        char *rules = few_rules();
        scene s[N_WORKERS];
        uint32_t chance = 99;
        char line[256];

        for (int i = 0; i < N_WORKERS; i++) {
                scene_init(&s[i], rules, matching, i == 0);
                s[i].drops = drops;
                s[i].explains = explains;
        }
        for (int n = 0; n < 20000; n++) {
                make_line(line, sizeof line, &chance);
                if (n == 15000 && diagram_of(&s[0])) /* versions begin anew */
                        s[0].worker->frame.now = RTI_MOST_NOW - 10;
                for (int i = 0; i < N_WORKERS; i++) {
                        s[i].n_raised = 0;
                        rt_worker_feed(s[i].worker, "toy", rti_str_of(line), raised, &s[i]);
                }
                cr_assert(s[0].n_raised == s[1].n_raised
                                  && memcmp(s[0].raised, s[1].raised, s[0].n_raised) == 0,
                          "event %d, %s: %.*s, not %.*s", n, line, (int) s[0].n_raised, s[0].raised,
                          (int) s[1].n_raised, s[1].raised);
        }
        cr_assert_not_null(diagram_of(&s[0]));
        cr_assert_null(diagram_of(&s[1]));
        cr_expect_gt(diagram_of(&s[0])->n_nodes, 100);
        /* A path on which the host asks is recorded when it does not. */
        cr_expect_lt(diagram_of(&s[0])->n_made, explains ? 500 : 20,
                     "events do not find their paths");
        for (int i = 0; i < N_WORKERS; i++)
                scene_done(&s[i]);
        free(rules);
}

Test(diagram, says_what_the_rules_say)
{
        compare(RT_MATCH_ALL, false, false);
        compare(RT_MATCH_FIRST, false, false);
}

Test(diagram, goes_on_after_whatever_the_host_does)
{
        compare(RT_MATCH_ALL, true, true);
        compare(RT_MATCH_FIRST, true, true);
        compare(RT_MATCH_ALL, false, true);
}

/* A rule for each of many values, and events that have them all alike often. */
static void
feed_many(scene *s, uint32_t n_values, uint32_t n_events, uint32_t *chance, uint64_t *alerts)
{
        char line[128];

        for (uint32_t i = 0; i < n_events; i++) {
                snprintf(line, sizeof line, "name=v%u k=v%u l=v%u\n", next(chance) % n_values,
                         next(chance) % n_values, next(chance) % n_values);
                *alerts +=
                        (uint64_t) rt_worker_feed(s->worker, "toy", rti_str_of(line), NULL, NULL);
        }
}

Test(diagram, begins_anew_when_it_is_full_and_rests_where_it_does_not_help)
{
        char *text = many_rules(300);
        scene s[N_WORKERS];
        uint64_t alerts[N_WORKERS] = { 0 };
        uint32_t rest = 0;

        for (int i = 0; i < N_WORKERS; i++) {
                uint32_t chance = 5;

                scene_init(&s[i], text, RT_MATCH_ALL, i == 0);
                for (int k = 0; k < 100; k++) {
                        feed_many(&s[i], 300, 2000, &chance, &alerts[i]);
                        if (i == 0 && diagram_of(&s[i])->rest > rest)
                                rest = diagram_of(&s[i])->rest;
                        if (i == 0) /* as if long time had gone by */
                                diagram_of(&s[i])->rest = 0;
                }
        }
        cr_expect_gt(rest, RTI_DIAGRAM_WINDOW);
        cr_expect_gt(diagram_of(&s[0])->generation, 1, "it was never full");
        cr_expect_gt(alerts[0], 1000);
        cr_expect_eq(alerts[0], alerts[1]);
        for (int i = 0; i < N_WORKERS; i++)
                scene_done(&s[i]);
        free(text);
}
