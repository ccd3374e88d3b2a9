/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that must not be bound, and what damage does to one that may. */
#include "support/toy.h"
#include <criterion/criterion.h>

/* A program with something in every table that the toy source can fill. */
static rti_program *
sample(size_t *ret_size)
{
        const char *const some[] = { "b", "c", "d", "e" };
        rt_ruleset *rules = NULL;
        rti_program *copy;
        rti_tnode *shared;
        toy_rules t;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        shared = toy_many(&t, RTI_T_OR, toy_name(&t, RTI_OP_STARTSWITH, "x"),
                          toy_exists(&t, toy_upper(&t, toy_field(&t, TOY_TEXT, "k"))));
        toy_rule(&t, "one", toy_many(&t, RTI_T_AND, toy_name(&t, RTI_OP_EQ, "a"), shared));
        toy_rule(&t, "two",
                 toy_many(&t, RTI_T_AND,
                          toy_test(&t, toy_field(&t, TOY_NAME, NULL), RTI_OP_IN, some, 4), shared));
        cr_assert_eq(rti_emit_ruleset(&rti_alloc_default, &t.rules, 0, &rules), RT_OK);
        *ret_size = rules->program->size_bytes;
        copy = malloc(*ret_size);
        memcpy(copy, rules->program, *ret_size);
        rti_ruleset_unref(rules);
        toy_rules_done(&t);
        return copy;
}

/* Row @a i of a table of @a program. */
#define ROW(program, id, type, i) \
        ((type *) (void *) ((char *) (program) + (program)->section[RTI_S_##id].at) + (i))

static int
verify(const rti_program *program, size_t size)
{
        const char *why = "";

        return rti_program_verify(program, size, &rti_alloc_default, &why);
}

Test(verify, a_program_of_the_compiler_is_good)
{
        size_t size;
        rti_program *program = sample(&size);

        cr_expect_eq(verify(program, size), RT_OK);
        free(program);
}

Test(verify, a_cut_program_is_refused_wherever_it_is_cut)
{
        size_t size;
        rti_program *program = sample(&size);

        for (size_t i = 0; i < size; i++)
                cr_expect_eq(verify(program, i), RT_EFORMAT, "cut at %zu", i);
        free(program);
}

Test(verify, code_that_goes_back_is_refused)
{
        size_t size;
        rti_program *program = sample(&size);
        rti_insn *insn = ROW(program, CODE, rti_insn, 1);

        insn->yes = 1;
        cr_expect_eq(verify(program, size), RT_EFORMAT);
        insn->yes = 0;
        cr_expect_eq(verify(program, size), RT_EFORMAT);
        free(program);
}

Test(verify, a_shared_expression_that_asks_itself_is_refused)
{
        size_t size;
        rti_program *program = sample(&size);
        const uint32_t entry = *ROW(program, EXPRS, uint32_t, 0);

        cr_assert_eq(program->section[RTI_S_EXPRS].n, 1);
        ROW(program, CODE, rti_insn, entry)->op = RTI_I_EXPR;
        ROW(program, CODE, rti_insn, entry)->a = 0;
        cr_expect_eq(verify(program, size), RT_EFORMAT);
        free(program);
}

Test(verify, a_slot_that_is_several_things_at_once_is_refused)
{
        static const struct {
                uint8_t arg, flags;
                int result;
        } slots[] = {
                { RT_ARG_ANY, RTI_SLOT_IS_LIST, RT_OK },
                { RT_ARG_ANY, RTI_SLOT_IS_LIST | RTI_SLOT_ALL_DIFFER, RT_OK },
                { RT_ARG_ANY, 0, RT_EFORMAT },
                { RT_ARG_NONE, RTI_SLOT_ALL_DIFFER, RT_EFORMAT },
                { RT_ARG_NONE, RTI_SLOT_DYNAMIC, RT_OK },
                { RT_ARG_NONE, RTI_SLOT_DYNAMIC | RTI_SLOT_IS_LIST, RT_EFORMAT },
                { RT_ARG_ANY + 1, 0, RT_EFORMAT },
        };
        const char *const x = "x";
        rt_ruleset *rules = NULL;
        toy_rules t;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        toy_rule(&t, "one", toy_test(&t, toy_field(&t, TOY_NAME, NULL), RTI_OP_EQ, &x, 1));
        /* A classifier of a slot of any kind would be refused, too. */
        cr_assert_eq(rti_emit_ruleset(&rti_alloc_default, &t.rules,
                                      1ull << RTI_PASS_CLASSIFY | 1ull << RTI_PASS_INDEX, &rules),
                     RT_OK);
        for (size_t i = 0; i < RTI_COUNT(slots); i++) {
                rti_p_slot *slot = ROW(rules->program, SLOTS, rti_p_slot, 0);

                slot->arg = slots[i].arg;
                slot->flags = slots[i].flags;
                cr_expect_eq(verify(rules->program, rules->program->size_bytes), slots[i].result,
                             "row %zu", i);
        }
        rti_ruleset_unref(rules);
        toy_rules_done(&t);
}

Test(verify, a_full_hash_table_is_refused)
{
        size_t size;
        rti_program *program = sample(&size);

        for (uint32_t i = 0; i < program->section[RTI_S_CELLS].n; i++)
                ROW(program, CELLS, rti_p_cell, i)->to = 0;
        cr_expect_eq(verify(program, size), RT_EFORMAT);
        free(program);
}

Test(verify, a_trie_without_its_filters_is_refused)
{
        const char *const texts[] = { "one", "two", "three", "four", "five", "six" };
        rt_ruleset *rules = NULL;
        rti_p_class *class;
        toy_rules t;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        for (size_t i = 0; i < RTI_COUNT(texts); i++)
                toy_rule(&t, texts[i], toy_name(&t, RTI_OP_CONTAINS, texts[i]));
        cr_assert_eq(rti_emit_ruleset(&rti_alloc_default, &t.rules, 0, &rules), RT_OK);
        for (class = ROW(rules->program, CLASSES, rti_p_class, 0); class->nodes.n == 0; class ++)
                cr_assert_lt(class - ROW(rules->program, CLASSES, rti_p_class, 0),
                             rules->program->section[RTI_S_CLASSES].n);
        cr_assert_eq(verify(rules->program, rules->program->size_bytes), RT_OK);
        cr_assert_gt(class->numbers.n, RTI_GRAMS_AT);
        class->numbers.n--;
        cr_expect_eq(verify(rules->program, rules->program->size_bytes), RT_EFORMAT);
        class->numbers.n = RTI_GRAMS_AT;
        cr_expect_eq(verify(rules->program, rules->program->size_bytes), RT_EFORMAT);
        rti_ruleset_unref(rules);
        toy_rules_done(&t);
}

/* ---- the index ---- */

/* A ruleset whose index has nodes below its root. */
static rt_ruleset *
indexed(toy_rules *t)
{
        static const char *const few[] = { "a", "b", "c", "d", "e" };
        static const char *const many[] = { "s", "t", "u", "v", "w", "x", "y", "z" };
        rt_ruleset *rules = NULL;

        cr_assert_eq(toy_rules_init(t), RT_OK);
        for (unsigned i = 0; i < 40; i++)
                toy_rule(t, few[i % 5],
                         toy_many(t, RTI_T_AND, toy_name(t, RTI_OP_EQ, few[i % 5]),
                                  toy_test(t, toy_field(t, TOY_TEXT, "k"), RTI_OP_EQ, &many[i / 5],
                                           1)));
        cr_assert_eq(rti_emit_ruleset(&rti_alloc_default, &t->rules, 0, &rules), RT_OK);
        cr_assert_geq(rules->p.n_nodes, 3);
        cr_assert_geq(rules->p.n_switches, 2);
        return rules;
}

/* The first entry of the program that leads somewhere. */
static rti_p_entry *
used_entry(rti_program *program)
{
        rti_p_entry *entry = ROW(program, PLACES, rti_p_entry, 0);

        while (entry->atom == RTI_NONE)
                entry++;
        return entry;
}

enum damage { BACK, BEYOND, NO_RULE, FULL, NO_POWER, NO_CLASS, SHARED, NO_ROOT, N_DAMAGES };

static void
do_damage(rti_program *program, enum damage what)
{
        rti_p_node *root = ROW(program, NODES, rti_p_node, 0);
        rti_p_switch *one = ROW(program, SWITCHES, rti_p_switch, 0);
        rti_p_range *group = ROW(program, GROUPS, rti_p_range, 0);

        switch (what) {
        case BACK:
                used_entry(program)->to = 0;
                break;
        case BEYOND:
                used_entry(program)->to = program->section[RTI_S_NODES].n;
                break;
        case NO_RULE:
                used_entry(program)->to = program->section[RTI_S_RULES].n | RTI_TO_RULE;
                break;
        case FULL:
                for (uint32_t i = 0; i < one->entries.n; i++)
                        *ROW(program, PLACES, rti_p_entry, i) = (rti_p_entry){ i, RTI_TO_RULE };
                break;
        case NO_POWER:
                one->entries.n--;
                break;
        case NO_CLASS:
                one->class = program->section[RTI_S_CLASSES].n;
                break;
        case SHARED:
                root[1].switches = root[0].switches;
                break;
        case NO_ROOT:
                *ROW(program, NUMBERS, uint32_t, group->first) = program->section[RTI_S_NODES].n;
                break;
        case N_DAMAGES:
                break;
        }
}

Test(verify, an_index_that_leads_astray_is_refused)
{
        for (int what = 0; what <= N_DAMAGES; what++) {
                toy_rules t;
                rt_ruleset *rules = indexed(&t);

                do_damage((rti_program *) (uintptr_t) rules->program, (enum damage) what);
                cr_expect_eq(verify(rules->program, rules->program->size_bytes),
                             what == N_DAMAGES ? RT_OK : RT_EFORMAT, "damage %d", what);
                rti_ruleset_unref(rules);
                toy_rules_done(&t);
        }
}

Test(verify, an_index_of_too_many_levels_is_refused)
{
        toy_rules t;
        rt_ruleset *rules = indexed(&t);
        const uint32_t n = rules->p.n_nodes;
        uint32_t at = 0;

        /* Every node that asks leads to the next one. */
        for (uint32_t i = 0; i + 1 < n; i++) {
                const rti_p_node *node = ROW(rules->program, NODES, rti_p_node, i);

                for (uint32_t k = 0; k < node->switches.n; k++) {
                        const rti_p_switch *one = ROW(rules->program, SWITCHES, rti_p_switch, at++);

                        for (uint32_t j = 0; j < one->entries.n; j++) {
                                rti_p_entry *entry = ROW(rules->program, PLACES, rti_p_entry,
                                                         one->entries.first + j);

                                if (entry->atom != RTI_NONE)
                                        entry->to = i + 1;
                        }
                }
        }
        cr_assert_gt(n, RTI_INDEX_DEPTH + 1);
        cr_expect_eq(verify(rules->program, rules->program->size_bytes), RT_EFORMAT);
        rti_ruleset_unref(rules);
        toy_rules_done(&t);
}

Test(verify, no_changed_byte_gets_past_both_verifier_and_binder_and_faults)
{
        size_t size, refused = 0;
        rti_program *program = sample(&size);

        for (size_t i = 0; i < size; i++) {
                const unsigned char masks[] = { 0x01, 0x80, 0xff };

                for (size_t k = 0; k < sizeof masks; k++) {
                        rti_program *damaged = malloc(size);
                        rt_ruleset *rules = NULL;
                        rti_buf buf;
                        const char *why;

                        memcpy(damaged, program, size);
                        ((unsigned char *) damaged)[i] ^= masks[k];
                        if (rti_ruleset_bind(&rti_alloc_default, damaged, size, &rules, &why) < 0) {
                                refused++;
                                continue;
                        }
                        rti_buf_init(&buf, &rti_alloc_default, 0);
                        rti_disasm(&buf, rules);
                        rti_buf_done(&buf);
                        rti_ruleset_unref(rules);
                }
        }
        cr_expect_gt(refused, size / 2);
        free(program);
}
