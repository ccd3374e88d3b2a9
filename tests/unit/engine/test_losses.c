/* SPDX-License-Identifier: Apache-2.0 */
/* What sources and readers lost: added up by cause, over inputs that ended too; how they end. */
#include "sources/syscall/codes.h"
#include "support/toy.h"
#include <criterion/criterion.h>
#include <libruntime/runtime.h>

/* A reader whose losses are what the test says; "lossy:" and as many events as letters. */
typedef struct lossy {
        const char *text;
        uint64_t counts[2];
        bool finished;
} lossy;

static lossy inputs[2]; /* in the order in which they were opened */
static size_t n_inputs;
static const uint64_t codes[2] = { 1u << 5, 1 };

static int
lossy_open(const char *path, void **ret_state)
{
        if (strncmp(path, "lossy:", 6) != 0)
                return RT_ENOENT;
        cr_assert_lt(n_inputs, 2);
        inputs[n_inputs] = (lossy){ .text = path + 6 };
        *ret_state = &inputs[n_inputs++];
        return RT_OK;
}

static int64_t
lossy_read(void *state, void *buffer, size_t size)
{
        static const char line[] = "name=x\n";
        lossy *l = state;

        (void) size;
        if (!*l->text)
                return l->finished ? 0 : RT_EAGAIN;
        l->text++;
        memcpy(buffer, line, sizeof line - 1);
        return sizeof line - 1;
}

static void
lossy_close(void *state)
{
        *(lossy *) state = (lossy){ 0 };
}

static int
lossy_loss(void *state, size_t index, rt_loss *ret_loss)
{
        lossy *l = state;

        if (index > 1)
                return RT_ENOENT;
        ret_loss->cause = index ? "damaged" : "ring full";
        ret_loss->part = index ? "" : "file";
        ret_loss->count = l->counts[index];
        ret_loss->event_types = index ? NULL : codes;
        ret_loss->n_event_words = index ? 0 : 2;
        return RT_OK;
}

static int
lossy_finish(void *state)
{
        ((lossy *) state)->finished = true;
        return RT_OK;
}

static const rt_reader_ops lossy_ops = { .size = sizeof lossy_ops,
                                         .name = "lossy",
                                         .open = lossy_open,
                                         .read = lossy_read,
                                         .close = lossy_close,
                                         .loss = lossy_loss,
                                         .finish = lossy_finish };

static int
toy_loss(void *state, size_t index, rt_loss *ret_loss)
{
        (void) state;
        if (index)
                return RT_ENOENT;
        ret_loss->cause = "thread evicted";
        ret_loss->count = 3;
        ret_loss->kind = RT_LOSS_FACT;
        return RT_OK;
}

typedef struct scene {
        toy_rules t;
        rt_engine *engine;
        rt_worker *worker;
} scene;

static void
scene_init(scene *s, const rt_reader_ops *reader)
{
        rt_source_ops ops = toy_ops;
        rt_ruleset *rules = NULL;

        n_inputs = 0;
        *s = (scene){ 0 };
        ops.loss = toy_loss;
        cr_assert_eq(toy_rules_init(&s->t), RT_OK);
        toy_rule(&s->t, "x", toy_name(&s->t, RTI_OP_EQ, "x"));
        cr_assert_eq(rt_engine_new(NULL, &s->engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(s->engine, &ops), RT_OK);
        cr_assert_eq(rt_engine_add_reader(s->engine, reader), RT_OK);
        cr_assert_eq(rti_emit_ruleset(&rti_alloc_default, &s->t.rules, 0, &rules), RT_OK);
        cr_assert_eq(rt_engine_use(s->engine, rules), RT_OK);
        rt_ruleset_unref(rules);
        cr_assert_eq(rt_worker_new(s->engine, NULL, &s->worker), RT_OK);
}

static void
scene_done(scene *s)
{
        rt_worker_unref(s->worker);
        rt_engine_unref(s->engine);
        toy_rules_done(&s->t);
}

/* The count of that cause, or -1. */
static int64_t
lost(const scene *s, const char *cause, rt_loss *ret_loss)
{
        for (size_t i = 0; rt_worker_loss(s->worker, i, ret_loss) == RT_OK; i++)
                if (strcmp(ret_loss->cause, cause) == 0)
                        return (int64_t) ret_loss->count;
        return -1;
}

Test(losses, rows_say_cause_part_and_whose_events)
{
        rt_loss row = RT_INIT(rt_loss);
        scene s;

        scene_init(&s, &lossy_ops);
        cr_expect_eq(rt_worker_loss(s.worker, 0, &row), RT_ENOENT, "nothing is open");
        cr_assert_eq(rt_worker_open(s.worker, "toy", "lossy:aa"), RT_OK);
        cr_expect_eq(rt_worker_step(s.worker, NULL, NULL), 1);
        inputs[0].counts[0] = 7;
        cr_expect_eq(lost(&s, "ring full", &row), 7);
        cr_expect_str_eq(row.part, "file");
        cr_expect_str_eq(row.source, "toy");
        cr_expect_eq(row.kind, RT_LOSS_EVENT);
        cr_assert_geq(row.n_event_words, 2);
        cr_expect_eq(row.event_types[0], codes[0]);
        cr_expect_eq(row.event_types[1], codes[1]);
        cr_expect_eq(lost(&s, "damaged", &row), 0);
        cr_expect_null(row.event_types, "any code");
        cr_expect_eq(lost(&s, "thread evicted", &row), 3);
        cr_expect_eq(row.kind, RT_LOSS_FACT);
        scene_done(&s);
}

Test(losses, counts_stay_when_an_input_ends_and_the_next_adds_to_them)
{
        rt_loss row = RT_INIT(rt_loss);
        scene s;

        scene_init(&s, &lossy_ops);
        cr_assert_eq(rt_worker_open(s.worker, "toy", "lossy:a"), RT_OK);
        cr_assert_eq(rt_worker_open(s.worker, "toy", "lossy:a"), RT_OK);
        inputs[0].finished = inputs[1].finished = true;
        cr_expect_eq(rt_worker_step(s.worker, NULL, NULL), 1);
        inputs[0].counts[0] = 7;
        cr_expect_eq(rt_worker_step(s.worker, NULL, NULL), 1);
        cr_expect_eq(lost(&s, "ring full", &row), 7);
        inputs[1].counts[0] = 2;
        inputs[1].counts[1] = 1;
        cr_expect_eq(lost(&s, "ring full", &row), 9);
        cr_expect_eq(lost(&s, "ring full", &row), 9, "asking changes nothing");
        cr_expect_eq(rt_worker_step(s.worker, NULL, NULL), RT_EOF);
        cr_expect_eq(lost(&s, "ring full", &row), 9);
        cr_expect_eq(lost(&s, "damaged", &row), 1);
        scene_done(&s);
}

Test(losses, a_live_input_ends_behind_what_was_made_and_no_other_begins)
{
        scene s;

        scene_init(&s, &lossy_ops);
        cr_assert_eq(rt_worker_open(s.worker, "toy", "lossy:aa"), RT_OK);
        cr_assert_eq(rt_worker_open(s.worker, "toy", "lossy:aaa"), RT_OK);
        cr_expect_eq(rt_worker_step(s.worker, NULL, NULL), 1);
        cr_expect_eq(rt_worker_finish(s.worker), RT_OK);
        cr_expect(inputs[0].finished);
        cr_expect_eq(rt_worker_step(s.worker, NULL, NULL), 1);
        cr_expect_eq(rt_worker_step(s.worker, NULL, NULL), RT_EOF);
        scene_done(&s);
}

Test(losses, an_older_reader_loses_nothing_and_ends_where_it_is)
{
        rt_reader_ops older = lossy_ops;
        rt_loss row = RT_INIT(rt_loss);
        scene s;

        older.size = offsetof(rt_reader_ops, loss);
        scene_init(&s, &older);
        cr_assert_eq(rt_worker_open(s.worker, "toy", "lossy:aa"), RT_OK);
        cr_expect_eq(rt_worker_step(s.worker, NULL, NULL), 1);
        cr_expect_eq(lost(&s, "ring full", &row), -1);
        cr_expect_eq(rt_worker_finish(s.worker), RT_OK);
        cr_expect_eq(rt_worker_step(s.worker, NULL, NULL), RT_EOF);
        scene_done(&s);
}

Test(losses, a_rule_sees_events_of_its_source_alone)
{
        rt_ruleset *rules = NULL;
        rt_engine *engine = NULL;
        const rt_str text = RTI_STR("- rule: r\n"
                                    "  desc: d\n"
                                    "  condition: evt.type = openat and proc.name = x\n"
                                    "  output: o\n"
                                    "  priority: NOTICE\n");

        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_assert_eq(rt_compile(engine, "rules.yaml", text, NULL, &rules), RT_OK);
        cr_expect_eq(rt_ruleset_sees(rules, 0, "syscall", RTI_EV_SYSCALL_OPENAT_2_X), 1);
        cr_expect_eq(rt_ruleset_sees(rules, 0, "syscall", RTI_EV_SYSCALL_OPENAT2_X), 0);
        cr_expect_eq(rt_ruleset_sees(rules, 0, "syscall", UINT32_MAX), 0);
        cr_expect_eq(rt_ruleset_sees(rules, 0, "toy", RTI_EV_SYSCALL_OPENAT_2_X), 0);
        cr_expect_eq(rt_ruleset_sees(rules, 1, "syscall", 1), RT_ENOENT);
        rt_ruleset_unref(rules);
        rt_engine_unref(engine);
}
