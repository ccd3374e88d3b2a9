/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in, alerts out: numbering, sharing, swapping, counting. */
#include "support/toy.h"
#include "engine/worker.h"
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct scene {
        toy_rules t;
        rt_engine *engine;
        rt_worker *worker;
        char raised[4096]; /* "rule@event " of each alert */
        int stop_with;
} scene;

static void
scene_init(scene *s, uint32_t matching)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);

        *s = (scene){ 0 };
        opts.rule_matching = matching;
        cr_assert_eq(toy_rules_init(&s->t), RT_OK);
        cr_assert_eq(rt_engine_new(NULL, &s->engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(s->engine, &toy_ops), RT_OK);
        cr_assert_eq(rt_worker_new(s->engine, &opts, &s->worker), RT_OK);
}

static void
scene_use(scene *s, uint64_t disabled_passes)
{
        rt_ruleset *rules = NULL;

        cr_assert_eq(rti_emit_ruleset(&rti_alloc_default, &s->t.rules, disabled_passes, &rules),
                     RT_OK);
        cr_assert_eq(rt_engine_use(s->engine, rules), RT_OK);
        rt_ruleset_unref(rules);
}

static void
scene_done(scene *s)
{
        rt_worker_unref(s->worker);
        rt_engine_unref(s->engine);
        toy_rules_done(&s->t);
}

static int
note(const rt_alert *alert, void *user)
{
        scene *s = user;
        char one[128];

        snprintf(one, sizeof one, "%s@%d ", rt_alert_rule(alert),
                 (int) rt_alert_event_number(alert));
        memcpy(s->raised + strnlen(s->raised, sizeof s->raised), one, strnlen(one, sizeof one) + 1);
        return s->stop_with;
}

static int
feed(scene *s, const char *text)
{
        s->raised[0] = '\0';
        return rt_worker_feed(s->worker, "toy", rti_str_of(text), note, s);
}

Test(worker, first_and_all_differ_in_the_second_match)
{
        for (uint32_t matching = RT_MATCH_FIRST; matching <= RT_MATCH_ALL; matching++) {
                scene s;

                scene_init(&s, matching);
                toy_rule(&s.t, "a", toy_name(&s.t, RTI_OP_EQ, "x"));
                toy_rule(&s.t, "b", toy_name(&s.t, RTI_OP_STARTSWITH, "x"));
                scene_use(&s, 0);
                cr_expect_eq(feed(&s, "name=x\nname=y\nname=xy\n"), matching ? 3 : 2);
                cr_expect_str_eq(s.raised, matching ? "a@1 b@1 b@3 " : "a@1 b@3 ");
                cr_expect_eq(rt_worker_rule_alerts(s.worker, 1), matching ? 2 : 1);
                scene_done(&s);
        }
}

Test(worker, a_missing_value_fails_each_test_and_not_makes_it_hold)
{
        for (unsigned bit = 0; bit <= RTI_N_PASSES; bit++) {
                scene s;

                scene_init(&s, RT_MATCH_ALL);
                toy_rule(&s.t, "eq", toy_name(&s.t, RTI_OP_EQ, "x"));
                toy_rule(&s.t, "ne", toy_name(&s.t, RTI_OP_NE, "x"));
                toy_rule(&s.t, "not-eq",
                         toy_many(&s.t, RTI_T_NOT, toy_name(&s.t, RTI_OP_EQ, "x"), NULL));
                toy_rule(&s.t, "exists",
                         toy_exists(&s.t, toy_upper(&s.t, toy_field(&s.t, TOY_NAME, NULL))));
                scene_use(&s, (uint64_t) 1 << bit);
                cr_expect_eq(feed(&s, "size=1\nname=x\nname=y\n"), 6);
                cr_expect_str_eq(s.raised, "not-eq@1 eq@2 exists@2 ne@3 not-eq@3 exists@3 ",
                                 "without pass %u: %s", bit, s.raised);
                scene_done(&s);
        }
}

Test(worker, a_value_with_a_nul_equals_what_stands_before_it_but_is_in_no_set)
{
        const char *const set[] = { "x", "y" };
        const rt_str line = RTI_STR("name=x\0z\n");

        for (unsigned classify = 0; classify < 2; classify++) {
                scene s;

                scene_init(&s, RT_MATCH_ALL);
                toy_rule(&s.t, "eq", toy_name(&s.t, RTI_OP_EQ, "x"));
                toy_rule(&s.t, "ne", toy_name(&s.t, RTI_OP_NE, "x"));
                toy_rule(&s.t, "in",
                         toy_test(&s.t, toy_field(&s.t, TOY_NAME, NULL), RTI_OP_IN, set, 2));
                scene_use(&s, classify ? 0 : 0xff);
                cr_expect_eq(rt_worker_feed(s.worker, "toy", line, note, &s), 1);
                cr_expect_str_eq(s.raised, "eq@1 ");
                scene_done(&s);
        }
}

Test(worker, a_field_of_many_values_holds_for_any_or_differs_from_all)
{
        static const struct {
                uint8_t field, op;
        } tests[] = { { TOY_ANY, RTI_OP_EQ },
                      { TOY_ANY, RTI_OP_NE },
                      { TOY_ANY, RTI_OP_IN },
                      { TOY_ENDS, RTI_OP_EQ },
                      { TOY_ENDS, RTI_OP_NE } };
        const char *const x = "x", *const names[] = { "a", "b", "c", "d", "e" };

        for (unsigned bit = 0; bit <= RTI_N_PASSES; bit++) {
                scene s;

                scene_init(&s, RT_MATCH_ALL);
                for (size_t i = 0; i < RTI_COUNT(tests); i++)
                        toy_rule(&s.t, names[i],
                                 toy_test(&s.t, toy_field(&s.t, tests[i].field, NULL), tests[i].op,
                                          &x, 1));
                toy_rule(&s.t, "f", toy_exists(&s.t, toy_field(&s.t, TOY_ANY, NULL)));
                scene_use(&s, (uint64_t) 1 << bit);
                feed(&s, "x y\ny z\nx\n\n");
                cr_expect_str_eq(s.raised, "a@1 b@1 c@1 d@1 f@1 b@2 e@2 f@2 a@3 c@3 d@3 f@3 f@4 ",
                                 "without pass %u: %s", bit, s.raised);
                scene_done(&s);
        }
}

Test(worker, a_value_of_any_kind_is_compared_as_its_event_has_it)
{
        const char *const x = "65537"; /* 1, in 16 bits */
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        toy_rule(&s.t, "eq", toy_test(&s.t, toy_field(&s.t, TOY_RAW, "k"), RTI_OP_EQ, &x, 1));
        toy_rule(&s.t, "in", toy_test(&s.t, toy_field(&s.t, TOY_RAW, "k"), RTI_OP_IN, &x, 1));
        toy_rule(&s.t, "gt", toy_test(&s.t, toy_field(&s.t, TOY_RAW, "k"), RTI_OP_GT, &x, 1));
        scene_use(&s, 0);
        feed(&s, "size=1\nsize=2\nsize=0\n");
        cr_expect_str_eq(s.raised, "eq@1 gt@2 ");
        scene_done(&s);
}

Test(worker, a_rule_that_never_holds_asks_for_no_events)
{
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        toy_rule(&s.t, "never",
                 toy_many(&s.t, RTI_T_AND, toy_name(&s.t, RTI_OP_EQ, "x"),
                          toy_many(&s.t, RTI_T_NOT, toy_name(&s.t, RTI_OP_EQ, "x"), NULL)));
        scene_use(&s, 0);
        feed(&s, "name=x\n");
        cr_expect_eq(s.worker->rules->p.n_groups, 0);
        cr_expect_str_eq(s.raised, "");
        scene_done(&s);
}

Test(worker, a_field_is_read_once_however_many_rules_ask)
{
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        for (int i = 0; i < 20; i++)
                toy_rule(&s.t, "r", toy_name(&s.t, i % 2 ? RTI_OP_ENDSWITH : RTI_OP_EQ, "x"));
        scene_use(&s, 0);
        cr_expect_eq(feed(&s, "name=y\nsize=3\n"), 0);
        cr_expect_eq(toy_last->n_extracts, 2);
        scene_done(&s);
}

Test(worker, pulling_and_pushing_see_the_same_events)
{
        static const char text[] = "name=x\nbad\nname=y\nname=x\n";
        char path[] = "worker-XXXXXX";
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        scene s;
        int fd, r, alerts = 0;

        scene_init(&s, RT_MATCH_ALL);
        toy_rule(&s.t, "a", toy_name(&s.t, RTI_OP_EQ, "x"));
        scene_use(&s, 0);
        fd = mkstemp(path);
        cr_assert(fd >= 0 && write(fd, text, sizeof text - 1) == sizeof text - 1);
        close(fd);
        cr_assert_eq(rt_worker_open(s.worker, "toy", path), RT_OK);
        while ((r = rt_worker_step(s.worker, note, &s)) >= 0)
                alerts += r;
        unlink(path);
        cr_expect_eq(r, RT_EOF);
        cr_expect_eq(alerts, 2);
        cr_expect_str_eq(s.raised, "a@1 a@3 ");
        cr_expect_eq(feed(&s, text), 2);
        cr_expect_str_eq(s.raised, "a@4 a@6 ");
        cr_expect_eq(rt_worker_stats_get(s.worker, &stats), RT_OK);
        cr_expect_eq(stats.events, 6);
        cr_expect_eq(stats.alerts, 4);
        cr_expect_eq(stats.skipped, 2);
        cr_expect_eq(stats.bytes, 2 * (sizeof text - 1));
        scene_done(&s);
}

Test(worker, rules_are_swapped_between_two_events)
{
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        cr_expect_eq(feed(&s, "name=x\n"), 0, "without rules nothing matches");
        toy_rule(&s.t, "a", toy_name(&s.t, RTI_OP_EQ, "x"));
        scene_use(&s, 0);
        cr_expect_eq(feed(&s, "name=x\n"), 1);
        cr_expect_str_eq(s.raised, "a@2 ");
        s.t.rules.n = 0;
        toy_rule(&s.t, "b",
                 toy_test(&s.t, toy_field(&s.t, TOY_SIZE, NULL), RTI_OP_GT,
                          (const char *const[]){ "4" }, 1));
        scene_use(&s, 0);
        cr_expect_eq(feed(&s, "name=x\nsize=5\n"), 1);
        cr_expect_str_eq(s.raised, "b@4 ");
        cr_expect_eq(toy_last->n_demands, 3);
        cr_expect_eq(toy_last->n_slots, 1);
        cr_expect_eq(toy_last->field[0], TOY_SIZE);
        scene_done(&s);
}

Test(worker, a_callback_can_stop)
{
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        toy_rule(&s.t, "a", toy_name(&s.t, RTI_OP_EQ, "x"));
        scene_use(&s, 0);
        s.stop_with = RT_EIO;
        cr_expect_eq(feed(&s, "name=x\nname=x\n"), RT_EIO);
        cr_expect_str_eq(s.raised, "a@1 ");
        s.stop_with = 0;
        cr_expect_eq(feed(&s, "name=x\n"), 1);
        scene_done(&s);
}

static int
call_again(const rt_alert *alert, void *user)
{
        scene *s = user;

        (void) alert;
        return rt_worker_feed(s->worker, "toy", RTI_STR("name=x\n"), NULL, NULL);
}

Test(worker, a_callback_cannot_call_its_own_worker)
{
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        toy_rule(&s.t, "a", toy_name(&s.t, RTI_OP_EQ, "x"));
        scene_use(&s, 0);
        cr_expect_eq(rt_worker_feed(s.worker, "toy", RTI_STR("name=x\n"), call_again, &s),
                     RT_EBUSY);
        scene_done(&s);
}

Test(worker, after_warm_up_no_event_allocates)
{
        rt_worker_stats before = RT_INIT(rt_worker_stats), after = RT_INIT(rt_worker_stats);
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        toy_rule(&s.t, "a",
                 toy_test(&s.t, toy_upper(&s.t, toy_field(&s.t, TOY_NAME, NULL)), RTI_OP_EQ,
                          (const char *const[]){ "XYZ" }, 1));
        scene_use(&s, 0);
        cr_expect_eq(feed(&s, "name=xyz\nname=xyz\n"), 2);
        rt_worker_stats_get(s.worker, &before);
        for (int i = 0; i < 1000; i++)
                cr_assert_eq(
                        rt_worker_feed(s.worker, "toy", RTI_STR("name=xyz\nsize=1\n"), NULL, NULL),
                        1);
        rt_worker_stats_get(s.worker, &after);
        cr_expect_eq(after.events, before.events + 2000);
        cr_expect_eq(after.allocations, before.allocations);
        scene_done(&s);
}

Test(worker, verdicts_survive_the_wrap_of_the_event_stamp)
{
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        toy_rule(&s.t, "a", toy_name(&s.t, RTI_OP_EQ, "x"));
        toy_rule(&s.t, "b", toy_name(&s.t, RTI_OP_ENDSWITH, "x"));
        scene_use(&s, 0);
        cr_expect_eq(feed(&s, "name=x\n"), 2);
        s.worker->frame.now = RTI_MOST_NOW - 1;
        cr_expect_eq(feed(&s, "name=x\nname=y\nsize=2\nname=x\nname=y\n"), 4);
        cr_expect_lt(s.worker->frame.now, 10);
        scene_done(&s);
}

static int
explain_a(const rt_alert *alert, void *user)
{
        scene *s = user;
        rt_str text;

        (void) alert;
        cr_assert_eq(rt_worker_explain(s->worker, "a", &text), RT_OK);
        cr_assert_lt(text.len, sizeof s->raised);
        memcpy(s->raised, text.ptr, text.len);
        s->raised[text.len] = '\0';
        cr_expect_eq(rt_worker_explain(s->worker, "no such rule", &text), RT_ENOENT);
        return 0;
}

Test(worker, an_explanation_shows_questions_answers_and_values)
{
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        toy_rule(&s.t, "any", toy_exists(&s.t, toy_field(&s.t, TOY_SIZE, NULL)));
        toy_rule(&s.t, "a",
                 toy_many(&s.t, RTI_T_AND, toy_exists(&s.t, toy_field(&s.t, TOY_SIZE, NULL)),
                          toy_name(&s.t, RTI_OP_EQ, "x")));
        scene_use(&s, 1 << RTI_PASS_ORDER);
        cr_expect_eq(rt_worker_feed(s.worker, "toy", RTI_STR("name=y size=7\n"), explain_a, &s), 1);
        cr_expect_str_eq(s.raised, "rule a, event 1 of toy\n"
                                   "  yes  toy.size exists    [toy.size: 7]\n"
                                   "  no   toy.name = \"x\"    [toy.name: \"y\"]\n"
                                   "does not match\n");
        scene_done(&s);
}

Test(worker, an_explanation_shows_all_values_of_a_field_of_many)
{
        const char *const x = "x";
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        toy_rule(&s.t, "any", toy_exists(&s.t, toy_field(&s.t, TOY_ANY, NULL)));
        toy_rule(&s.t, "a", toy_test(&s.t, toy_field(&s.t, TOY_ENDS, NULL), RTI_OP_NE, &x, 1));
        scene_use(&s, 0);
        cr_expect_eq(rt_worker_feed(s.worker, "toy", RTI_STR("y x\n"), explain_a, &s), 1);
        cr_expect_str_eq(s.raised, "rule a, event 1 of toy\n"
                                   "  no   every toy.ends[*] != \"x\"    [toy.ends[*]: "
                                   "(\"y\", \"x\")]\n"
                                   "does not match\n");
        scene_done(&s);
}

Test(worker, arguments_are_checked)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_worker_stats small = { .size = 4 };
        rt_worker *worker = NULL;
        rt_str text;
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        cr_expect_eq(rt_worker_new(NULL, NULL, &worker), RT_EINVAL);
        opts.rule_matching = 7;
        cr_expect_eq(rt_worker_new(s.engine, &opts, &worker), RT_EINVAL);
        opts.size = 3;
        cr_expect_eq(rt_worker_new(s.engine, &opts, &worker), RT_EABI);
        cr_expect_null(worker);
        cr_expect_eq(rt_worker_feed(s.worker, "nobody", RTI_STR(""), NULL, NULL), RT_ENOENT);
        cr_expect_eq(rt_worker_feed(s.worker, NULL, RTI_STR(""), NULL, NULL), RT_EINVAL);
        cr_expect_eq(rt_worker_feed(s.worker, "toy", (rt_str){ NULL, 1 }, NULL, NULL), RT_EINVAL);
        cr_expect_eq(rt_worker_step(s.worker, NULL, NULL), RT_EOF);
        cr_expect_eq(rt_worker_open(s.worker, "toy", "/no/such/file"), RT_EIO);
        cr_expect_eq(rt_worker_explain(s.worker, "a", &text), RT_ENOENT);
        cr_expect_eq(rt_worker_stats_get(s.worker, &small), RT_EABI);
        cr_expect_eq(rt_engine_add_source(s.engine, &toy_ops), RT_EINVAL, "workers are there");
        scene_done(&s);
}

static void
put_file(const char *folder, const char *name, const char *text)
{
        char path[256];
        FILE *file;

        snprintf(path, sizeof path, "%s/%s", folder, name);
        file = fopen(path, "w");
        cr_assert_not_null(file);
        fputs(text, file);
        fclose(file);
}

Test(worker, a_directory_is_read_in_the_order_of_names)
{
        char folder[] = "worker-XXXXXX", inner[64];
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        toy_rule(&s.t, "a", toy_name(&s.t, RTI_OP_EQ, "a"));
        toy_rule(&s.t, "b", toy_name(&s.t, RTI_OP_EQ, "b"));
        toy_rule(&s.t, "c", toy_name(&s.t, RTI_OP_EQ, "c"));
        scene_use(&s, 0);
        cr_assert_not_null(mkdtemp(folder));
        snprintf(inner, sizeof inner, "%s/2", folder);
        cr_assert_eq(mkdir(inner, 0700), 0);
        put_file(folder, "3", "name=c\n");
        put_file(folder, "1", "name=a\n");
        put_file(inner, "x", "name=b\n");
        cr_expect_eq(rt_worker_open(s.worker, "toy", folder), RT_OK);
        while (rt_worker_step(s.worker, note, &s) >= 0)
                ;
        cr_expect_str_eq(s.raised, "a@1 b@2 c@3 ");
        cr_expect_eq(toy_last->n_restarts, 3);
        cr_expect_eq(system("rm -r worker-??????"), 0);
        scene_done(&s);
}

/* ---- readers ---- */

static int
one_line_open(const char *path, void **ret_state)
{
        bool *given;

        if (strncmp(path, "line:", 5) != 0)
                return RT_ENOENT;
        given = calloc(1, sizeof *given);
        *ret_state = given;
        return given ? RT_OK : RT_ENOMEM;
}

static int64_t
one_line_read(void *state, void *buffer, size_t size)
{
        bool *given = state;

        if (*given || size < 7)
                return 0;
        *given = true;
        memcpy(buffer, "name=x\n", 7);
        return 7;
}

Test(worker, a_reader_that_takes_a_name_is_asked_before_files_are)
{
        rt_reader_ops ops = { .size = sizeof ops,
                              .name = "line",
                              .open = one_line_open,
                              .read = one_line_read,
                              .close = free };
        rt_worker *worker = NULL;
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        cr_expect_eq(rt_engine_add_reader(s.engine, &ops), RT_EINVAL, "workers are there");
        rt_worker_unref(s.worker);
        rt_engine_unref(s.engine);
        cr_assert_eq(rt_engine_new(NULL, &s.engine), RT_OK);
        cr_expect_eq(rt_engine_add_reader(s.engine, &ops), RT_OK);
        cr_expect_eq(rt_engine_add_reader(s.engine, &ops), RT_EEXIST);
        ops.close = NULL;
        cr_expect_eq(rt_engine_add_reader(s.engine, &ops), RT_EINVAL);
        cr_assert_eq(rt_engine_add_source(s.engine, &toy_ops), RT_OK);
        cr_assert_eq(rt_worker_new(s.engine, NULL, &worker), RT_OK);
        s.worker = worker;
        toy_rule(&s.t, "a", toy_name(&s.t, RTI_OP_EQ, "x"));
        scene_use(&s, 0);
        cr_expect_eq(rt_worker_open(worker, "toy", "line:1"), RT_OK);
        cr_expect_eq(rt_worker_step(worker, note, &s), 1);
        cr_expect_eq(rt_worker_feed(worker, "toy", RTI_STR("name=x\n"), NULL, NULL), RT_EINVAL,
                     "the instance is in the middle of an input");
        cr_expect_eq(rt_worker_step(worker, note, &s), RT_EOF);
        cr_expect_eq(rt_worker_feed(worker, "toy", RTI_STR("name=x\n"), NULL, NULL), 1);
        scene_done(&s);
}

/* Names that begin with what `user` says. */
static int
prefix_open(void *user, const char *path, void **ret_state)
{
        return strncmp(path, user, strlen(user)) == 0 ? one_line_open("line:", ret_state)
                                                      : RT_ENOENT;
}

static const char *
open_and_judge(scene *s, const char *path)
{
        s->raised[0] = '\0';
        if (rt_worker_open(s->worker, "toy", path) != RT_OK)
                return "no reader";
        while (rt_worker_step(s->worker, note, s) >= 0)
                ;
        return s->raised;
}

Test(worker, one_function_opens_for_several_readers)
{
        static char red[] = "red:", blue[] = "blue:";
        rt_reader_ops ops = { .size = offsetof(rt_reader_ops, open_with),
                              .name = "red",
                              .open_with = prefix_open,
                              .user = red,
                              .read = one_line_read,
                              .close = free };
        scene s = { 0 };

        cr_assert_eq(toy_rules_init(&s.t), RT_OK);
        cr_assert_eq(rt_engine_new(NULL, &s.engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(s.engine, &toy_ops), RT_OK);
        cr_expect_eq(rt_engine_add_reader(s.engine, &ops), RT_EINVAL, "it knows neither");
        ops.size = sizeof ops;
        cr_expect_eq(rt_engine_add_reader(s.engine, &ops), RT_OK);
        ops.name = "blue";
        ops.user = blue;
        cr_expect_eq(rt_engine_add_reader(s.engine, &ops), RT_OK);
        cr_assert_eq(rt_worker_new(s.engine, NULL, &s.worker), RT_OK);
        toy_rule(&s.t, "x", toy_name(&s.t, RTI_OP_EQ, "x"));
        scene_use(&s, 0);
        cr_expect_str_eq(open_and_judge(&s, "red:1"), "x@1 ");
        cr_expect_str_eq(open_and_judge(&s, "blue:1"), "x@2 ");
        cr_expect_str_eq(open_and_judge(&s, "green:1"), "no reader");
        scene_done(&s);
}

/* ---- live readers, and sources that number their events ---- */

typedef struct live_line {
        unsigned turn; /* of reading: pauses in even ones */
        const char *text;
} live_line;

/* What live_demand has seen. */
static struct {
        unsigned n, turn;
        size_t n_slots;
        int answer;
} demanded;

static int
live_open(const char *path, void **ret_state)
{
        live_line *line;

        if (strncmp(path, "live:", 5) != 0)
                return RT_ENOENT;
        line = calloc(1, sizeof *line);
        *ret_state = line;
        if (line)
                line->text = path + 5;
        return line ? RT_OK : RT_ENOMEM;
}

/* A byte at a time, with a pause before each. A dot is a line feed. */
static int64_t
live_read(void *state, void *buffer, size_t size)
{
        live_line *line = state;

        (void) size;
        if (line->turn++ % 2 == 0)
                return RT_EAGAIN;
        if (!*line->text)
                return 0;
        *(char *) buffer = *line->text == '.' ? '\n' : *line->text;
        line->text++;
        return 1;
}

static int
live_demand(void *state, const rt_demand *demand)
{
        demanded.turn = ((const live_line *) state)->turn;
        demanded.n++;
        demanded.n_slots = demand->n_slots;
        return demanded.answer;
}

/* Like toy_next, but the event's number and base stand in it, and "gone" is counted alone. */
static int
numbered_next(void *state, rt_input *input, rt_event *event)
{
        rt_str text = { 0 };
        int r;

        for (;;) {
                r = toy_next(state, input, event);
                event->flags |= RT_EVENT_NUMBERED;
                if (r != 1)
                        return r;
                event->number = 0;
                event->base_ns = 0;
                if (toy_value(event->payload, RTI_STR("num"), &text) == 1)
                        for (size_t i = 0; i < text.len; i++)
                                event->number = event->number * 10 + (uint64_t) (text.ptr[i] - '0');
                if (toy_value(event->payload, RTI_STR("name"), &text) == 1)
                        return 1;
        }
}

static void
scene_init_live(scene *s, const rt_source_ops *source, const rt_reader_ops *reader)
{
        *s = (scene){ 0 };
        cr_assert_eq(toy_rules_init(&s->t), RT_OK);
        cr_assert_eq(rt_engine_new(NULL, &s->engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(s->engine, source), RT_OK);
        cr_assert_eq(rt_engine_add_reader(s->engine, reader), RT_OK);
        cr_assert_eq(rt_worker_new(s->engine, NULL, &s->worker), RT_OK);
        toy_rule(&s->t, "x", toy_name(&s->t, RTI_OP_EQ, "x"));
        scene_use(s, 0);
}

static const rt_reader_ops live_ops = { .size = sizeof live_ops,
                                        .name = "live",
                                        .open = live_open,
                                        .read = live_read,
                                        .close = free,
                                        .demand = live_demand };

/* Step to the end of the inputs; how often there was nothing. */
static unsigned
step_all(scene *s)
{
        unsigned pauses = 0;
        int r;

        while ((r = rt_worker_step(s->worker, note, s)) != RT_EOF) {
                cr_assert(r >= 0 || r == RT_EAGAIN, "%s", rt_status_name(r));
                pauses += r == RT_EAGAIN;
        }
        return pauses;
}

Test(worker, a_live_input_that_has_nothing_now_is_asked_again)
{
        scene s;

        scene_init_live(&s, &toy_ops, &live_ops);
        cr_assert_eq(rt_worker_open(s.worker, "toy", "live:name=x.name=y.name=x."), RT_OK);
        cr_expect_eq(step_all(&s), 22);
        cr_expect_str_eq(s.raised, "x@1 x@3 ");
        scene_done(&s);
}

Test(worker, a_reader_hears_what_the_rules_ask_for)
{
        scene s;

        scene_init_live(&s, &toy_ops, &live_ops);
        cr_assert_eq(rt_worker_open(s.worker, "toy", "live:name=x.name=x."), RT_OK);
        cr_expect_eq(rt_worker_step(s.worker, note, &s), RT_EAGAIN);
        cr_expect_eq(rt_worker_step(s.worker, note, &s), RT_EAGAIN);
        cr_expect_eq(demanded.n, 1);
        cr_expect_eq(demanded.turn, 0, "before the first byte");
        cr_expect_eq(demanded.n_slots, 1);
        toy_rule(&s.t, "size", toy_exists(&s.t, toy_field(&s.t, TOY_SIZE, NULL)));
        scene_use(&s, 0);
        step_all(&s);
        cr_expect_eq(demanded.n, 2);
        cr_expect_eq(demanded.n_slots, 2);
        scene_done(&s);
}

Test(worker, a_reader_that_refuses_the_demand_cannot_be_read)
{
        scene s;

        scene_init_live(&s, &toy_ops, &live_ops);
        demanded.answer = RT_EIO;
        cr_assert_eq(rt_worker_open(s.worker, "toy", "live:name=x."), RT_OK);
        cr_expect_eq(rt_worker_step(s.worker, note, &s), RT_EIO);
        cr_expect_eq(rt_worker_step(s.worker, note, &s), RT_EOF);
        scene_done(&s);
}

Test(worker, an_older_reader_has_no_demand)
{
        rt_reader_ops older = live_ops;
        scene s;

        older.size = offsetof(rt_reader_ops, demand);
        scene_init_live(&s, &toy_ops, &older);
        cr_assert_eq(rt_worker_open(s.worker, "toy", "live:name=x."), RT_OK);
        step_all(&s);
        cr_expect_eq(demanded.n, 0);
        cr_expect_str_eq(s.raised, "x@1 ");
        scene_done(&s);
}

Test(worker, a_source_may_number_its_events_itself)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_source_ops ops = toy_ops;
        scene s;

        ops.next = numbered_next;
        scene_init_live(&s, &ops, &live_ops);
        cr_assert_eq(rt_worker_open(s.worker, "toy", "live:name=x num=4.num=6.name=x num=9."),
                     RT_OK);
        cr_assert_eq(rt_worker_open(s.worker, "toy", "live:name=x num=2.num=5."), RT_OK);
        step_all(&s);
        cr_expect_str_eq(s.raised, "x@4 x@9 x@2 ");
        cr_assert_eq(rt_worker_stats_get(s.worker, &stats), RT_OK);
        cr_expect_eq(stats.events, 9 + 5, "with those that are counted alone: %d",
                     (int) stats.events);
        scene_done(&s);
}

Test(worker, a_ruleset_outlives_the_engine_that_compiled_it)
{
        rt_rule_info info = RT_INIT(rt_rule_info);
        rt_ruleset *rules = NULL;
        char *text = NULL;
        toy_rules t;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        toy_rule(&t, "a", toy_name(&t, RTI_OP_EQ, "x"));
        cr_assert_eq(rti_emit_ruleset(&rti_alloc_default, &t.rules, 0, &rules), RT_OK);
        toy_rules_done(&t);
        cr_expect_eq(rt_ruleset_count(rules), 1);
        cr_expect_eq(rt_ruleset_rule(rules, 1, &info), RT_ENOENT);
        cr_expect_eq(rt_ruleset_rule(rules, 0, &info), RT_OK);
        cr_expect_str_eq(info.name, "a");
        cr_expect_str_eq(info.source, "toy");
        cr_expect_null(info.tags[0]);
        cr_expect_eq(rt_ruleset_disasm(rules, &text), RT_OK);
        cr_expect_not_null(strstr(text, "toy.name = \"x\""));
        rt_text_free(text);
        rt_ruleset_unref(rules);
}

/* ---- threads ---- */

enum { THREADS = 2, ROUNDS = 300, SWAPS = 100 };

typedef struct thread {
        rt_engine *engine;
        pthread_t id;
        uint64_t alerts, events;
} thread;

static void *
judge_for_a_while(void *user)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_worker *worker = NULL;
        thread *t = user;

        opts.rule_matching = RT_MATCH_ALL;
        if (rt_worker_new(t->engine, &opts, &worker) < 0)
                return NULL;
        for (int i = 0; i < ROUNDS; i++)
                rt_worker_feed(worker, "toy", RTI_STR("name=x\nname=y\nname=x\n"), NULL, NULL);
        rt_worker_stats_get(worker, &stats);
        t->events = stats.events;
        t->alerts = stats.alerts;
        rt_worker_unref(worker);
        return NULL;
}

Test(worker, rules_can_be_swapped_while_threads_judge)
{
        rt_ruleset *one = NULL, *two = NULL;
        thread threads[THREADS];
        scene s;

        scene_init(&s, RT_MATCH_ALL);
        toy_rule(&s.t, "a", toy_name(&s.t, RTI_OP_EQ, "x"));
        cr_assert_eq(rti_emit_ruleset(&rti_alloc_default, &s.t.rules, 0, &one), RT_OK);
        toy_rule(&s.t, "b", toy_name(&s.t, RTI_OP_STARTSWITH, "x"));
        cr_assert_eq(rti_emit_ruleset(&rti_alloc_default, &s.t.rules, 0, &two), RT_OK);
        cr_assert_eq(rt_engine_use(s.engine, one), RT_OK);
        for (size_t i = 0; i < THREADS; i++) {
                threads[i] = (thread){ .engine = s.engine };
                cr_assert_eq(pthread_create(&threads[i].id, NULL, judge_for_a_while, &threads[i]),
                             0);
        }
        for (int i = 0; i < SWAPS; i++)
                cr_assert_eq(rt_engine_use(s.engine, i % 2 ? one : two), RT_OK);
        rt_ruleset_unref(one);
        rt_ruleset_unref(two);
        for (size_t i = 0; i < THREADS; i++) {
                pthread_join(threads[i].id, NULL);
                cr_expect_eq(threads[i].events, 3 * ROUNDS);
                cr_expect_geq(threads[i].alerts, 2 * ROUNDS);
                cr_expect_leq(threads[i].alerts, 4 * ROUNDS);
        }
        scene_done(&s);
}
