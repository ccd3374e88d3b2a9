/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that stand in conditions by their name: files of items, and lists of very many words. */
#include "support.h"
#include "compiler/cond/typed.h"
#include <criterion/parameterized.h>
#include <stdio.h>

/* What the files of a test hold; any other name is not there. */
static int
read_fake(const char *path, size_t most, rti_buf *buf, const char **ret_why)
{
        static const struct {
                const char *path, *text;
        } files[] = {
                { "rules/few.txt", "\xef\xbb\xbf# three\nx\n\n  a b \r\n)evil,(\n" },
                { "rules/none.txt", "# nothing\n\n" },
                { "rules/numbers.txt", "1\n2\nthree\n" },
                { "rules/sub/more.txt", "y" },
                { "/else/where.txt", "z\n" },
        };

        *ret_why = "not there";
        for (size_t i = 0; i < RTI_COUNT(files); i++)
                if (strcmp(files[i].path, path) == 0) {
                        rti_buf_add_text(buf, files[i].text);
                        return buf->len > most ? RT_ELIMIT : RT_OK;
                }
        return RT_EIO;
}

static void
start(loading *l, uint32_t flags)
{
        const rti_loader_opts opts = { .flags = flags | RT_LOADER_NO_PORTABILITY,
                                       .read_file = read_fake };

        loading_start(l, &opts);
}

static int
add(loading *l, const char *text)
{
        return rti_loader_add_file(l->loader, RTI_STR("rules/t.yaml"), rti_str_of(text), l->diags);
}

#define RULE(condition)                                                                            \
        "- {rule: r, desc: d, output: o, priority: INFO, condition: 'evt.type=open and " condition \
        "'}\n"

/* The values of the last test of the only rule's condition. */
static const rti_tnode *
last_test(loading *l)
{
        const rti_tnode *node;
        rti_rules rules;

        cr_assert_eq(rti_loader_rules(l->loader, &rules), RT_OK, "%.*s", RTI_FMT(loading_said(l)));
        cr_assert_eq(rules.n, 1);
        for (node = rules.rules[0].condition; node->n_child;)
                node = node->child[node->n_child - 1];
        return node;
}

Test(elements, a_file_holds_one_item_a_line)
{
        loading l;
        const rti_tnode *test;

        start(&l, 0);
        cr_assert_eq(add(&l, "- {list: l, items_from: few.txt}\n" RULE("proc.name in (l)")), RT_OK,
                     "%.*s", RTI_FMT(loading_said(&l)));
        test = last_test(&l);
        cr_assert_eq(test->n_values, 3);
        cr_expect(rti_str_is(test->values[0].as.s, "x"));
        cr_expect(rti_str_is(test->values[1].as.s, "a b"));
        cr_expect(rti_str_is(test->values[2].as.s, ")evil,("));
        loading_end(&l);
}

Test(elements, files_and_items_add_up)
{
        loading l;
        const rti_tnode *test;

        start(&l, 0);
        cr_assert_eq(add(&l,
                         "- {list: l, items: [p], items_from: few.txt}\n"
                         "- {list: l, items_from: sub/more.txt, override: {items_from: append}}\n"
                         "- {list: l, items: [q], override: {items: append}}\n"
                         "- {list: m, items: [o, l]}\n"
                         "- {rule: r, desc: d, output: o, priority: INFO, source: k8s_audit, "
                         "condition: 'ka.req.pod.volumes.hostpath in (m)'}\n"),
                     RT_OK, "%.*s", RTI_FMT(loading_said(&l)));
        test = last_test(&l);
        cr_assert_eq(test->n_values, 7);
        cr_expect(rti_str_is(test->values[0].as.s, "o"));
        cr_expect(rti_str_is(test->values[1].as.s, "p"));
        cr_expect(rti_str_is(test->values[2].as.s, "q"));
        cr_expect(rti_str_is(test->values[3].as.s, "x"));
        cr_expect(rti_str_is(test->values[6].as.s, "y"));
        loading_end(&l);
}

Test(elements, a_redefined_list_forgets_its_file)
{
        loading l;

        start(&l, 0);
        cr_assert_eq(add(&l, "- {list: l, items_from: few.txt}\n"
                             "- {list: l, items: [one]}\n" RULE("proc.name in (l)")),
                     RT_OK, "%.*s", RTI_FMT(loading_said(&l)));
        cr_expect_eq(last_test(&l)->n_values, 1);
        loading_end(&l);
}

Test(elements, an_empty_file_is_an_empty_list)
{
        loading l;

        start(&l, 0);
        cr_assert_eq(add(&l, "- {list: l, items_from: none.txt}\n" RULE("proc.name in (l)")), RT_OK,
                     "%.*s", RTI_FMT(loading_said(&l)));
        cr_expect_eq(last_test(&l)->n_values, 0);
        loading_end(&l);
}

struct refused {
        char text[200];
        char said[100];
};

ParameterizedTestParameters(elements, what_may_not_be_read_is_refused)
{
        static struct refused rows[] = {
                { "- {list: l, items_from: /else/where.txt}\n", "must name a file in the folder" },
                { "- {list: l, items_from: sub/../../t.txt}\n", "must name a file in the folder" },
                { "- {list: l, items_from: ..}\n", "must name a file in the folder" },
                { "- {list: l, items_from: there-is-none}\n",
                  "cannot read rules/there-is-none: not" },
                { "- {list: 'l (m)', items_from: few.txt}\n", "needs a name that conditions can" },
                { "- {list: l}\n", "Item has no mapping for key 'items'" },
                { "- {list: l, items_from: [a]}\n", "Value is not a scalar value" },
                { "- {list: l, items_from: few.txt}\n" RULE("proc.name = l"),
                  "only where a list may stand" },
                { "- {list: l, items_from: numbers.txt}\n" RULE("proc.pid in (l)"),
                  "three is not a valid number" },
        };

        return cr_make_param_array(struct refused, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct refused *row, elements, what_may_not_be_read_is_refused)
{
        loading l;

        start(&l, 0);
        cr_expect_eq(add(&l, row->text), RT_ERULES);
        cr_expect_neq(rti_str_find(loading_said(&l), rti_str_of(row->said)), SIZE_MAX, "%.*s",
                      RTI_FMT(loading_said(&l)));
        loading_end(&l);
}

Test(elements, rules_without_a_file_cannot_name_one)
{
        loading l;

        start(&l, 0);
        cr_expect_eq(rti_loader_add(l.loader, RTI_STR("bytes"),
                                    RTI_STR("- {list: l, items_from: few.txt}\n"), l.diags),
                     RT_ERULES);
        cr_expect_neq(rti_str_find(loading_said(&l), RTI_STR("read from a file")), SIZE_MAX);
        loading_end(&l);
}

Test(elements, a_flag_allows_files_anywhere)
{
        loading l;

        start(&l, RT_LOADER_ITEMS_ANYWHERE);
        cr_assert_eq(add(&l, "- {list: l, items_from: /else/where.txt}\n" RULE("proc.name in (l)")),
                     RT_OK, "%.*s", RTI_FMT(loading_said(&l)));
        cr_expect_eq(last_test(&l)->n_values, 1);
        loading_end(&l);
}

/* A list of @a n words, and a rule that has it behind the other list. */
static void
add_long(loading *l, unsigned n, const char *odd)
{
        rti_buf text;

        rti_buf_init(&text, &rti_alloc_default, 0);
        rti_buf_printf(&text, "- list: long\n  items: [%s", odd);
        for (unsigned i = 0; i < n; i++)
                rti_buf_printf(&text, ", w%u", i);
        rti_buf_add_text(&text, "]\n" RULE("proc.name in (long)"));
        cr_assert_eq(rti_loader_add(l->loader, RTI_STR("t.yaml"), rti_buf_str(&text), l->diags),
                     RT_OK, "%.*s", RTI_FMT(loading_said(l)));
        rti_buf_done(&text);
}

Test(elements, long_lists_are_the_same_by_name_and_as_text)
{
        static const char *const odd[] = { "plain", "'has blank'", "'tab\\there too'" };
        static const char *const said[] = { "plain", "has blank", "tab\there too" };

        for (size_t i = 0; i < RTI_COUNT(odd); i++) {
                const rti_tnode *test;
                loading l;

                start(&l, 0);
                add_long(&l, 2000, odd[i]);
                test = last_test(&l);
                cr_expect_eq(test->shared, i < 2);
                cr_assert_eq(test->n_values, 2001);
                cr_expect(rti_str_is(test->values[0].as.s, said[i]));
                cr_expect(rti_str_is(test->values[2000].as.s, "w1999"));
                loading_end(&l);
        }
}

Test(elements, a_list_beside_other_constants_is_still_shared)
{
        loading l;
        const rti_tnode *test;
        rti_rules rules;

        start(&l, 0);
        cr_assert_eq(add(&l, "- {list: l, items_from: few.txt}\n" RULE("proc.name in (y, l, z)")),
                     RT_OK, "%.*s", RTI_FMT(loading_said(&l)));
        cr_assert_eq(rti_loader_rules(l.loader, &rules), RT_OK);
        test = rules.rules[0].condition->child[1];
        cr_assert_eq(test->what, RTI_T_OR);
        cr_assert_eq(test->n_child, 2);
        cr_expect(test->child[0]->shared);
        cr_expect_eq(test->child[0]->n_values, 3);
        cr_expect_not(test->child[1]->shared);
        cr_expect_eq(test->child[1]->n_values, 2);
        loading_end(&l);
}

Test(elements, a_list_valued_field_is_asked_for_all_constants_at_once)
{
        loading l;
        const rti_tnode *test;

        start(&l, 0);
        cr_assert_eq(add(&l, "- {list: l, items_from: few.txt}\n"
                             "- {rule: r, desc: d, output: o, priority: INFO, source: k8s_audit, "
                             "condition: 'ka.req.pod.volumes.hostpath in (y, l, z)'}\n"),
                     RT_OK, "%.*s", RTI_FMT(loading_said(&l)));
        test = last_test(&l);
        cr_expect_eq(test->what, RTI_T_TEST);
        cr_expect_eq(test->n_values, 5);
        loading_end(&l);
}
