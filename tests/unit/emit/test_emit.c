/* SPDX-License-Identifier: Apache-2.0 */
/* From typed trees to a program: what is shared, what disappears, what is looked up. */
#include "support/toy.h"
#include <criterion/criterion.h>

static const uint64_t ALL_OFF = UINT64_MAX, NO_INDEX = (uint64_t) 1 << RTI_PASS_INDEX;

static rt_ruleset *
emit(toy_rules *t, uint64_t disabled_passes)
{
        rt_ruleset *rules = NULL;

        cr_assert_eq(rti_emit_ruleset(&rti_alloc_default, &t->rules, disabled_passes, &rules),
                     RT_OK);
        return rules;
}

static size_t
count(const rt_ruleset *rules, enum rti_opcode op)
{
        size_t n = 0;

        for (uint32_t i = 0; i < rules->p.n_code; i++)
                n += rules->p.code[i].op == op;
        return n;
}

Test(emit, equal_predicates_of_all_rules_are_one)
{
        toy_rules t;
        rt_ruleset *rules;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        toy_rule(&t, "one", toy_name(&t, RTI_OP_STARTSWITH, "x"));
        toy_rule(&t, "two", toy_name(&t, RTI_OP_STARTSWITH, "x"));
        toy_rule(&t, "three", toy_name(&t, RTI_OP_CONTAINS, "y"));
        rules = emit(&t, ALL_OFF);
        cr_expect_eq(rules->p.n_rules, 3);
        cr_expect_eq(rules->p.n_preds, 2);
        cr_expect_eq(rules->p.n_slots, 1);
        rti_ruleset_unref(rules);
        toy_rules_done(&t);
}

Test(emit, double_equals_is_equals)
{
        toy_rules t;
        rt_ruleset *rules;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        toy_rule(&t, "one", toy_name(&t, RTI_OP_EQ, "x"));
        toy_rule(&t, "two", toy_name(&t, RTI_OP_EQ2, "x"));
        rules = emit(&t, 0);
        cr_expect_eq(rules->p.n_preds, 1);
        rti_ruleset_unref(rules);
        toy_rules_done(&t);
}

Test(emit, rules_that_are_off_leave_nothing_behind)
{
        toy_rules t;
        rt_ruleset *rules;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        toy_rule(&t, "on", toy_name(&t, RTI_OP_EQ, "x"));
        toy_rule(&t, "off", toy_name(&t, RTI_OP_ENDSWITH, "y"))->enabled = false;
        rules = emit(&t, 0);
        cr_expect_eq(rules->p.n_rules, 1);
        cr_expect_eq(rules->p.n_preds, 1);
        cr_expect_str_eq(rules->rules[0].info.name, "on");
        rti_ruleset_unref(rules);
        toy_rules_done(&t);
}

Test(emit, a_contradiction_needs_no_field)
{
        toy_rules t;
        rt_ruleset *rules;
        rti_tnode *x, *not_x;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        x = toy_name(&t, RTI_OP_ENDSWITH, "x");
        not_x = toy_many(&t, RTI_T_NOT, toy_name(&t, RTI_OP_ENDSWITH, "x"), NULL);
        toy_rule(&t, "never", toy_many(&t, RTI_T_AND, x, not_x));
        toy_rule(&t, "always", toy_many(&t, RTI_T_OR, x, not_x));
        rules = emit(&t, 0);
        cr_expect_eq(rules->p.n_slots, 0);
        cr_expect_eq(rules->p.code[rules->p.entries[0]].op, RTI_I_FALSE);
        cr_expect_eq(rules->p.code[rules->p.entries[1]].op, RTI_I_TRUE);
        rti_ruleset_unref(rules);
        /* Without the passes the same is found out event by event. */
        rules = emit(&t, ALL_OFF);
        cr_expect_eq(rules->p.n_slots, 1);
        rti_ruleset_unref(rules);
        toy_rules_done(&t);
}

Test(emit, what_several_rules_share_is_written_once)
{
        toy_rules t;
        rt_ruleset *rules;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        for (unsigned i = 0; i < 3; i++) {
                const char *const own[] = { "a", "b", "c" };
                rti_tnode *shared = toy_many(&t, RTI_T_OR, toy_name(&t, RTI_OP_STARTSWITH, "x"),
                                             toy_name(&t, RTI_OP_CONTAINS, "y"));

                toy_rule(&t, own[i],
                         toy_many(&t, RTI_T_AND, toy_name(&t, RTI_OP_ENDSWITH, own[i]), shared));
        }
        rules = emit(&t, NO_INDEX);
        cr_expect_eq(rules->p.n_exprs, 1);
        cr_expect_eq(count(rules, RTI_I_EXPR), 3);
        cr_expect_eq(count(rules, RTI_I_TEST), 5);
        rti_ruleset_unref(rules);
        rules = emit(&t, NO_INDEX | (uint64_t) 1 << RTI_PASS_SHARE);
        cr_expect_eq(rules->p.n_exprs, 0);
        cr_expect_eq(count(rules, RTI_I_TEST), 9);
        rti_ruleset_unref(rules);
        toy_rules_done(&t);
}

Test(emit, texts_compared_with_one_slot_are_looked_up)
{
        const char *const two[] = { "b", "c" };
        toy_rules t;
        rt_ruleset *rules;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        toy_rule(&t, "one", toy_name(&t, RTI_OP_EQ, "a"));
        toy_rule(&t, "two", toy_test(&t, toy_field(&t, TOY_NAME, NULL), RTI_OP_IN, two, 2));
        toy_rule(&t, "three", toy_name(&t, RTI_OP_NE, "b"));
        rules = emit(&t, NO_INDEX);
        cr_expect_eq(rules->p.n_classes, 1);
        cr_expect_eq(count(rules, RTI_I_MEMBER), 2);
        cr_expect_eq(count(rules, RTI_I_NO_MEMBER), 1);
        cr_expect_eq(count(rules, RTI_I_TEST), 0);
        rti_ruleset_unref(rules);
        toy_rules_done(&t);
}

Test(emit, a_slot_of_outputs_alone_is_marked)
{
        toy_rules t;
        rt_ruleset *rules;
        rti_format_token token = { 0 };
        rti_rule *rule;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        rule = toy_rule(&t, "one", toy_name(&t, RTI_OP_EQ, "a"));
        token.expr = toy_field(&t, TOY_TEXT, "key");
        token.name = RTI_STR("toy.text[key]");
        rule->format->tokens = &token;
        rule->format->n_tokens = 1;
        rules = emit(&t, 0);
        cr_assert_eq(rules->p.n_slots, 2);
        cr_expect_eq(rules->slots[0].output_only + rules->slots[1].output_only, 1);
        cr_expect(rules->slots[rules->rules[0].output.tokens[0].slot].output_only);
        cr_expect(rti_str_is(rules->rules[0].output.tokens[0].name, "toy.text[key]"));
        rti_ruleset_unref(rules);
        toy_rules_done(&t);
}

Test(emit, nesting_beyond_the_limit_is_refused)
{
        toy_rules t;
        rt_ruleset *rules = NULL;
        rti_tnode *deep;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        deep = toy_name(&t, RTI_OP_EQ, "a");
        for (int i = 0; i < RTI_MAX_EXPR_DEPTH; i++)
                deep = toy_many(&t, RTI_T_NOT, deep, NULL);
        toy_rule(&t, "deep", deep);
        cr_expect_eq(rti_emit_ruleset(&rti_alloc_default, &t.rules, 0, &rules), RT_ELIMIT);
        cr_expect_null(rules);
        toy_rules_done(&t);
}

Test(emit, every_stage_has_a_dump)
{
        const char *const stages[] = { "ir",       "ir:share",    "ir:fold",   "ir:factor",
                                       "ir:order", "ir:classify", "ir:events", "program" };
        toy_rules t;
        rti_buf buf;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        toy_rule(&t, "one", toy_name(&t, RTI_OP_EQ, "a"));
        rti_buf_init(&buf, &rti_alloc_default, 0);
        for (size_t i = 0; i < RTI_COUNT(stages); i++) {
                rti_buf_clear(&buf);
                cr_expect_eq(
                        rti_emit_dump(&rti_alloc_default, &t.rules, 0, rti_str_of(stages[i]), &buf),
                        RT_OK, "%s", stages[i]);
                cr_expect_neq(rti_str_find(rti_buf_str(&buf), RTI_STR("toy.name")), SIZE_MAX, "%s",
                              stages[i]);
        }
        cr_expect_eq(rti_emit_dump(&rti_alloc_default, &t.rules, 0, RTI_STR("ir:none"), &buf),
                     RT_ENOENT);
        rti_buf_done(&buf);
        toy_rules_done(&t);
}
