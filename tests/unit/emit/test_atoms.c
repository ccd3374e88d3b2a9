/* SPDX-License-Identifier: Apache-2.0 */
/* What predicates say of single values, and which part of a pattern every match has. */
#include "compiler/emit/atoms.h"
#include "compiler/emit/literals.h"
#include "support/toy.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

typedef struct taken {
        uint8_t field, op, modifier;
        uint32_t n;
        char values[2][12];
        uint8_t facts, relation;
        uint32_t n_atoms;
} taken;

ParameterizedTestParameters(atoms, a_predicate_says_of_values_what_its_operator_means)
{
        static taken rows[] = {
                { TOY_NAME, RTI_OP_EQ, 0, 1, { "a" }, RTI_FACTS_EXACT, RTI_REL_EQUAL, 1 },
                { TOY_NAME, RTI_OP_NE, 0, 1, { "a" }, RTI_FACTS_EXCEPT, RTI_REL_EQUAL, 1 },
                { TOY_NAME, RTI_OP_IN, 0, 2, { "a", "b" }, RTI_FACTS_EXACT, RTI_REL_EQUAL, 2 },
                { TOY_NAME, RTI_OP_IN, 0, 2, { "a", "a" }, RTI_FACTS_EXACT, RTI_REL_EQUAL, 1 },
                { TOY_NAME, RTI_OP_IN, 0, 0, { "" }, RTI_FACTS_EXACT, 0, 0 },
                /* Every text begins with the empty one. */
                { TOY_NAME, RTI_OP_STARTSWITH, 0, 1, { "" }, RTI_FACTS_EXACT, RTI_REL_PRESENT, 1 },
                { TOY_ANY,
                  RTI_OP_STARTSWITH,
                  0,
                  1,
                  { "" },
                  RTI_FACTS_NECESSARY,
                  RTI_REL_PRESENT,
                  1 },
                { TOY_NAME, RTI_OP_EQ, 0, 1, { "" }, RTI_FACTS_EXACT, RTI_REL_EQUAL, 1 },
                { TOY_NAME, RTI_OP_PMATCH, 0, 1, { "/a/b" }, RTI_FACTS_EXACT, RTI_REL_PATH, 1 },
                { TOY_NAME,
                  RTI_OP_PMATCH,
                  0,
                  1,
                  { "/a/b*" },
                  RTI_FACTS_NECESSARY,
                  RTI_REL_PATH,
                  1 },
                { TOY_NAME,
                  RTI_OP_PMATCH,
                  0,
                  1,
                  { "/*" },
                  RTI_FACTS_NECESSARY,
                  RTI_REL_PRESENT,
                  1 },
                { TOY_NAME,
                  RTI_OP_CONTAINS,
                  RTI_MOD_ANYOF,
                  2,
                  { "a", "b" },
                  RTI_FACTS_EXACT,
                  RTI_REL_CONTAINS,
                  2 },
                { TOY_NAME,
                  RTI_OP_CONTAINS,
                  RTI_MOD_ALLOF,
                  2,
                  { "a", "bb" },
                  RTI_FACTS_NECESSARY,
                  RTI_REL_CONTAINS,
                  1 },
                { TOY_NAME,
                  RTI_OP_CONTAINS,
                  RTI_MOD_ONEOF,
                  2,
                  { "a", "b" },
                  RTI_FACTS_NECESSARY,
                  RTI_REL_CONTAINS,
                  2 },
                { TOY_NAME,
                  RTI_OP_NE,
                  RTI_MOD_ALLOF,
                  2,
                  { "a", "b" },
                  RTI_FACTS_EXCEPT,
                  RTI_REL_EQUAL,
                  2 },
                { TOY_NAME,
                  RTI_OP_NE,
                  RTI_MOD_ANYOF,
                  2,
                  { "a", "b" },
                  RTI_FACTS_NECESSARY,
                  RTI_REL_PRESENT,
                  1 },
                { TOY_NAME, RTI_OP_LT, 0, 1, { "a" }, RTI_FACTS_NECESSARY, RTI_REL_PRESENT, 1 },
                { TOY_SIZE, RTI_OP_LT, 0, 1, { "5" }, RTI_FACTS_EXACT, RTI_REL_BELOW, 1 },
                { TOY_SIZE, RTI_OP_IN, 0, 2, { "5", "6" }, RTI_FACTS_EXACT, RTI_REL_EQUAL, 2 },
                /* All elements of a list are in it, or some; NULs at their end count. */
                { TOY_WORDS, RTI_OP_IN, 0, 1, { "a" }, RTI_FACTS_NECESSARY, RTI_REL_EQUAL, 1 },
                { TOY_WORDS,
                  RTI_OP_INTERSECTS,
                  0,
                  1,
                  { "a" },
                  RTI_FACTS_NECESSARY,
                  RTI_REL_EQUAL,
                  1 },
                { TOY_ANY, RTI_OP_EQ, 0, 1, { "a" }, RTI_FACTS_EXACT, RTI_REL_EQUAL, 1 },
                { TOY_ANY, RTI_OP_NE, 0, 1, { "a" }, RTI_FACTS_NECESSARY, RTI_REL_PRESENT, 1 },
                { TOY_ENDS, RTI_OP_NE, 0, 1, { "a" }, RTI_FACTS_EXCEPT, RTI_REL_EQUAL, 1 },
                { TOY_RAW, RTI_OP_EQ, 0, 1, { "5" }, RTI_FACTS_NECESSARY, RTI_REL_PRESENT, 1 },
        };

        return cr_make_param_array(taken, rows, RTI_COUNT(rows));
}

ParameterizedTest(taken *row, atoms, a_predicate_says_of_values_what_its_operator_means)
{
        const char *const values[] = { row->values[0], row->values[1] };
        const char *const arg = row->field == TOY_RAW ? "size" : NULL;
        rti_ir ir = { .allocator = &rti_alloc_default };
        const rti_ir_pred *pred;
        rti_tnode *test;
        toy_rules t;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        ir.arena = &t.arena;
        test = toy_test(&t, toy_field(&t, row->field, arg), row->op, values, row->n);
        test->modifier = row->modifier;
        toy_rule(&t, "one", test);
        cr_assert_eq(rti_ir_build(&ir, &t.rules), RT_OK);
        cr_assert_eq(rti_atoms_build(&ir), RT_OK);
        pred = &ir.preds.at[0];
        cr_expect_eq(pred->facts, row->facts);
        cr_expect_eq(pred->n_atoms, row->n_atoms);
        if (pred->n_atoms) {
                uint32_t n;
                const uint32_t *atoms = rti_atoms_of(&ir, pred, &n);

                cr_expect_eq(ir.atoms.at[atoms[0]].relation, row->relation);
        }
        rti_ir_done(&ir);
        toy_rules_done(&t);
}

typedef struct literal_row {
        uint8_t op;
        char pattern[24];
        uint8_t relation;
        char text[12]; /* empty: there is none */
        uint32_t n;
        bool exact;
} literal_row;

ParameterizedTestParameters(atoms, the_longest_text_of_a_pattern_is_taken)
{
        static literal_row rows[] = {
                { RTI_OP_GLOB, "abc", RTI_REL_EQUAL, "abc", 1, true },
                { RTI_OP_GLOB, "", 0, "", 0, false },
                { RTI_OP_GLOB, "*", 0, "", 0, true },
                { RTI_OP_GLOB, "*?", 0, "", 0, false },
                { RTI_OP_GLOB, "abc*", RTI_REL_PREFIX, "abc", 1, true },
                { RTI_OP_GLOB, "*abc", RTI_REL_SUFFIX, "abc", 1, true },
                { RTI_OP_GLOB, "*abc*", RTI_REL_CONTAINS, "abc", 1, true },
                { RTI_OP_GLOB, "a*bcd?", RTI_REL_CONTAINS, "bcd", 1, false },
                { RTI_OP_GLOB, "[ab]xyz", RTI_REL_SUFFIX, "xyz", 1, false },
                { RTI_OP_GLOB, "ab[]x]cdef", RTI_REL_PREFIX, "ab", 1, false },
                { RTI_OP_GLOB, "a\\*b", RTI_REL_EQUAL, "a*b", 1, false },
                { RTI_OP_IGLOB, "*aBc*", RTI_REL_ICONTAINS, "aBc", 1, true },
                { RTI_OP_IGLOB, "aBc", RTI_REL_ICONTAINS, "aBc", 1, false },
                { RTI_OP_REGEX, "abc", RTI_REL_EQUAL, "abc", 1, false },
                { RTI_OP_REGEX, "^abc.*", RTI_REL_PREFIX, "abc", 1, false },
                { RTI_OP_REGEX, ".*abc$", RTI_REL_SUFFIX, "abc", 1, false },
                { RTI_OP_REGEX, "a.*bcd[ef]", RTI_REL_CONTAINS, "bcd", 1, false },
                { RTI_OP_REGEX, "(abc)+d", RTI_REL_PREFIX, "abc", 1, false },
                { RTI_OP_REGEX, "(abc)*d", RTI_REL_SUFFIX, "d", 1, false },
                { RTI_OP_REGEX, "(?i)abc", RTI_REL_ICONTAINS, "abc", 1, false },
                { RTI_OP_REGEX, ".*(cat|dogs).*", RTI_REL_CONTAINS, "dogs", 2, false },
                { RTI_OP_REGEX, "(cat|d.*)", RTI_REL_PREFIX, "d", 2, false },
                { RTI_OP_REGEX, ".*", 0, "", 0, false },
                { RTI_OP_REGEX, "(cat|.*)", 0, "", 0, false },
        };

        return cr_make_param_array(literal_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(literal_row *row, atoms, the_longest_text_of_a_pattern_is_taken)
{
        rti_literal *literals;
        bool exact = true;
        uint32_t n = 0;
        rti_arena arena;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_literals_of(&arena, row->op, rti_str_of(row->pattern), &literals, &exact),
                     RT_OK);
        cr_expect_eq(exact, row->exact, "%s", row->pattern);
        if (literals) {
                cr_expect_eq(literals->relation, row->relation, "%s: %d", row->pattern,
                             literals->relation);
                cr_expect(rti_str_is(literals->text, row->text), "%s: %.*s", row->pattern,
                          RTI_FMT(literals->text));
        }
        for (const rti_literal *l = literals; l; l = l->next)
                n++;
        cr_expect_eq(n, row->n, "%s", row->pattern);
        rti_arena_done(&arena);
}
