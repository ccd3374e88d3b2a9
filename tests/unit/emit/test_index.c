/* SPDX-License-Identifier: Apache-2.0 */
/* What rules are found by, as the stages "index" and "perf" show it. */
#include "support/toy.h"
#include <criterion/criterion.h>
#include <stdio.h>

typedef struct scene {
        toy_rules t;
        rti_buf text;
        char words[128][8]; /* names and constants live as long as the rules */
        unsigned n_words;
} scene;

static void
scene_init(scene *s)
{
        s->n_words = 0;
        cr_assert_eq(toy_rules_init(&s->t), RT_OK);
        rti_buf_init(&s->text, &rti_alloc_default, 0);
}

static void
scene_done(scene *s)
{
        rti_buf_done(&s->text);
        toy_rules_done(&s->t);
}

static const char *
show(scene *s, const char *stage)
{
        rti_buf_clear(&s->text);
        cr_assert_eq(rti_emit_dump(&rti_alloc_default, &s->t.rules, 0, rti_str_of(stage), &s->text),
                     RT_OK);
        rti_buf_add_char(&s->text, '\0');
        return s->text.ptr;
}

static const char *
word(scene *s, char letter, unsigned number)
{
        char *to = s->words[s->n_words++];

        snprintf(to, sizeof s->words[0], "%c%u", letter, number);
        return to;
}

static rti_tnode *
key_is(scene *s, const char *key, const char *value)
{
        return toy_test(&s->t, toy_field(&s->t, TOY_TEXT, key), RTI_OP_EQ, &value, 1);
}

static size_t
count(const char *text, const char *part)
{
        size_t n = 0;

        while ((text = strstr(text, part)) != NULL) {
                text++;
                n++;
        }
        return n;
}

/* Eight rules, `toy.name = n<i>` and what @a more says beside it. */
static void
add_eight(scene *s, enum rti_tnode_kind how, rti_tnode *more)
{
        for (unsigned i = 0; i < 8; i++) {
                rti_tnode *name = toy_name(&s->t, RTI_OP_EQ, word(s, 'n', i));

                toy_rule(&s->t, word(s, 'r', i), more ? toy_many(&s->t, how, name, more) : name);
        }
}

Test(index, a_rule_is_found_by_the_value_that_it_needs)
{
        static scene s;
        const char *text;

        scene_init(&s);
        add_eight(&s, RTI_T_AND, toy_exists(&s.t, toy_field(&s.t, TOY_SIZE, NULL)));
        text = show(&s, "index");
        cr_expect(strstr(text, "  toy.name equal \"n3\": rule r3\n"), "%s", text);
        cr_expect_eq(count(text, "toy.name equal"), 8);
        cr_expect_eq(count(text, "toy.size"), 0, "nothing else is asked: %s", text);
        cr_expect_eq(count(text, "\n  rule"), 0);
        scene_done(&s);
}

Test(index, a_branch_that_says_only_what_is_not_there_keeps_a_rule_from_being_found)
{
        static scene s;
        const char *text;

        scene_init(&s);
        add_eight(&s, RTI_T_OR, toy_many(&s.t, RTI_T_NOT, key_is(&s, "k", "v"), NULL));
        text = show(&s, "index");
        cr_expect_eq(count(text, "\n  rule"), 8, "%s", text);
        text = show(&s, "perf");
        cr_expect(strstr(text, "for every event of their types: 8\n"), "%s", text);
        cr_expect(strstr(text,
                         "r5: a branch of an 'or' has only 'not toy.text[k] = \"v\"', which says "
                         "what an event must not have\n"),
                  "%s", text);
        scene_done(&s);
}

Test(index, both_branches_of_an_or_lead_to_the_rule)
{
        static scene s;
        const char *text;

        scene_init(&s);
        add_eight(&s, RTI_T_OR, key_is(&s, "k", "v"));
        text = show(&s, "index");
        cr_expect(strstr(text, "  toy.name equal \"n0\": rule r0\n"), "%s", text);
        cr_expect(strstr(text, "  toy.text[k] equal \"v\": node 1\n"), "%s", text);
        cr_expect_eq(count(text, "\n  rule"), 8, "all of them stand at it: %s", text);
        scene_done(&s);
}

/* not (not a and not b) */
Test(index, what_is_negated_twice_is_found)
{
        static scene s;
        const char *text;

        scene_init(&s);
        for (unsigned i = 0; i < 8; i++) {
                rti_tnode *a = toy_name(&s.t, RTI_OP_EQ, word(&s, 'a', i));
                rti_tnode *b = toy_name(&s.t, RTI_OP_EQ, word(&s, 'b', i));

                a = toy_many(&s.t, RTI_T_NOT, a, NULL);
                b = toy_many(&s.t, RTI_T_NOT, b, NULL);
                toy_rule(&s.t, word(&s, 'r', i),
                         toy_many(&s.t, RTI_T_NOT, toy_many(&s.t, RTI_T_AND, a, b), NULL));
        }
        text = show(&s, "index");
        cr_expect(strstr(text, "  toy.name equal \"a4\": rule r4\n"), "%s", text);
        cr_expect(strstr(text, "  toy.name equal \"b4\": rule r4\n"), "%s", text);
        cr_expect_eq(count(text, "\n  rule"), 0);
        scene_done(&s);
}

/* Five values of one key, eight of another: the rarer ones come first, whatever the order. */
static void
check_two_levels(bool turned)
{
        static scene s;
        const char *text;

        scene_init(&s);
        for (unsigned i = 0; i < 40; i++) {
                rti_tnode *few = key_is(&s, "few", word(&s, 'f', i % 5));
                rti_tnode *many = key_is(&s, "many", word(&s, 'm', i / 5));

                toy_rule(&s.t, word(&s, 'r', i),
                         turned ? toy_many(&s.t, RTI_T_AND, many, few)
                                : toy_many(&s.t, RTI_T_AND, few, many));
        }
        text = show(&s, "index");
        cr_expect_eq(count(text, "\nnode"), 9, "%s", text);
        cr_expect(strstr(text, "  toy.text[many] equal \"m7\": node 8\n"), "%s", text);
        cr_expect(strstr(text, "  toy.text[few] equal \"f4\": rule r39\n"), "%s", text);
        cr_expect_eq(count(text, "\n  rule"), 0);
        scene_done(&s);
}

Test(index, many_rules_at_one_value_are_told_apart_by_the_next_one)
{
        check_two_levels(false);
        check_two_levels(true);
}

Test(index, a_rule_alone_is_found_by_what_it_would_ask)
{
        static scene s;
        const char *text;

        scene_init(&s);
        toy_rule(&s.t, "one", toy_name(&s.t, RTI_OP_EQ, "x"));
        text = show(&s, "perf");
        cr_expect(strstr(text, "one: toy.name equal \"x\""), "%s", text);
        scene_done(&s);
}

/* Rules that are told apart by either of two fields, of which one is dear. */
Test(index, what_is_cheap_to_read_is_asked)
{
        static scene s;
        const char *text;

        scene_init(&s);
        for (unsigned i = 0; i < 8; i++) {
                const char *value = word(&s, 'V', i);
                rti_vexpr *dear = toy_upper(&s.t, toy_field(&s.t, TOY_TEXT, "k"));

                toy_rule(&s.t, word(&s, 'r', i),
                         toy_many(&s.t, RTI_T_AND, toy_test(&s.t, dear, RTI_OP_EQ, &value, 1),
                                  toy_name(&s.t, RTI_OP_EQ, word(&s, 'n', i))));
        }
        text = show(&s, "index");
        cr_expect_eq(count(text, "  toy.name equal"), 8, "%s", text);
        cr_expect_eq(count(text, "toy.text"), 0, "%s", text);
        scene_done(&s);
}

Test(index, without_the_pass_all_rules_stand_in_the_root)
{
        static scene s;
        rt_ruleset *rules = NULL;

        scene_init(&s);
        add_eight(&s, RTI_T_AND, NULL);
        cr_assert_eq(rti_emit_ruleset(&rti_alloc_default, &s.t.rules,
                                      (uint64_t) 1 << RTI_PASS_INDEX, &rules),
                     RT_OK);
        cr_expect_eq(rules->p.n_nodes, 1);
        cr_expect_eq(rules->p.n_switches, 0);
        cr_expect_eq(rules->p.nodes[0].rules.n, 8);
        rti_ruleset_unref(rules);
        scene_done(&s);
}
