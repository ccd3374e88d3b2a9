/* SPDX-License-Identifier: Apache-2.0 */
/* Problems of rule files: which are found, and where they are said to be. */
#include "support.h"
#include <criterion/parameterized.h>

#define RULE(condition) \
        "- {rule: r, desc: d, output: o, priority: INFO, condition: " condition "}\n"

struct problem {
        char text[500];
        char said[900];
};

ParameterizedTestParameters(problems, each_is_said_where_it_is)
{
        static struct problem rows[] = {
                /* A folded scalar: the place is in the second line of it. */
                { "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n  condition: >\n"
                  "    evt.type=open and\n    proc.nmae = x\n",
                  "t.yaml:7:5: error: filter_check called with nonexistent field proc.nmae "
                  "[RT1004]\n        proc.nmae = x\n        ^~~~~~~~~\n"
                  "    hint: did you mean 'proc.name'?\n" },
                /* In a macro's text, though the rule brought it up. */
                { "- macro: m\n  condition: proc.nmae = x\n" RULE("evt.type=open and m"),
                  "t.yaml:2:14: error: filter_check called with nonexistent field proc.nmae "
                  "[RT1004]\n      condition: proc.nmae = x\n                 ^~~~~~~~~\n"
                  "    hint: did you mean 'proc.name'?\n" },
                /* Behind a list that was put in. */
                { "- list: l\n  items: [aaaaaaaaaa, b]\n" RULE("evt.type in (l) and nomacro"),
                  "t.yaml:3:80: error: Undefined macro 'nomacro' used in filter. [RT1006]\n"
                  "    - {rule: r, desc: d, output: o, priority: INFO, condition: evt.type in (l) "
                  "and nomacro}\n"
                  "                                                                             "
                  "      ^~~~~~~\n" },
                /* All of a rule's problems come out, not the first alone. */
                { "- rule: r\n  desc:\n  condition: evt.type=no\n  priority: LOW\n  tag: [x]\n",
                  "t.yaml:1:3: error: Item has no mapping for key 'output' [RT1003]\n"
                  "    - rule: r\n      ^~~~~~~\n"
                  "t.yaml:1:3: error: Mapping for key 'desc' is empty [RT1003]\n"
                  "    - rule: r\n      ^~~~~~~\n"
                  "t.yaml:4:13: error: Invalid priority [RT1003]\n"
                  "      priority: LOW\n                ^~~\n"
                  "    hint: one of EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO, "
                  "DEBUG\n"
                  "t.yaml:5:3: warning: Unknown key 'tag'. The key will be ignored. [RT1115]\n"
                  "      tag: [x]\n      ^~~\n    hint: did you mean 'tags'?\n"
                  "t.yaml:3:23: error: unknown event type no [RT1004]\n"
                  "      condition: evt.type=no\n                          ^~\n" },
                /* What follows from a broken macro is not said. */
                { "- macro: m\n  condition: proc.name =\n" RULE("m"),
                  "t.yaml:2:25: error: expected a string value or a field with a valid "
                  "transformer: 'val', 'tolower', 'toupper', 'b64', 'basename', 'len', 'join', "
                  "'concat', 'getopt' [RT1004]\n"
                  "      condition: proc.name =\n                            ^\n" },
                { "- macro: m\n- macro: m\n  append: true\n  condition: or x\n",
                  "t.yaml:1:3: error: Item has no mapping for key 'condition' [RT1003]\n"
                  "    - macro: m\n      ^~~~~~~~\n"
                  "t.yaml:2:3: warning: 'append' key is deprecated. Add an 'append' entry (e.g. "
                  "'condition: append') under 'override' instead. [RT1108]\n"
                  "    - macro: m\n      ^~~~~~~~\n" },
                /* The first of equal keys counts. */
                { "- list: l\n  list: k\n  items: []\n",
                  "t.yaml:2:3: warning: Key 'list' is given twice [RT1203]\n"
                  "      list: k\n      ^~~~\n    hint: the first one counts\n"
                  "t.yaml:1:3: warning: List not referred to by any other rule/macro [RT1106]\n"
                  "    - list: l\n      ^~~~~~~\n" },
                /* In an exception's value. */
                { "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n"
                  "  condition: evt.type=open\n  exceptions:\n  - name: e\n"
                  "    fields: [proc.pid]\n    values:\n    - [12x]\n",
                  "t.yaml:10:8: error: 12x is not a valid number [RT1004]\n"
                  "        - [12x]\n           ^~~\n" },
                { "- rule: r\n  desc: d\n  output: a %proc.nmae b\n  priority: INFO\n"
                  "  condition: evt.type=open\n",
                  "t.yaml:3:13: error: unknown filter: unexpected token after ' [RT1005]\n"
                  "      output: a %proc.nmae b\n                ^~~~~~~~~~\n"
                  "    hint: filter_check called with nonexistent field proc.nmae; did you mean "
                  "'proc.name'?\n" },
        };

        return cr_make_param_array(struct problem, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct problem *row, problems, each_is_said_where_it_is)
{
        loading l;
        rt_str said;

        loading_start(&l, NULL);
        loading_add(&l, "t.yaml", row->text);
        said = loading_said(&l);
        cr_assert(rti_str_is(said, row->said), "%.*s", RTI_FMT(said));
        loading_end(&l);
}

/* ---- what the reference would say ---- */

static void
expect_reference(loading *l, const char *expected)
{
        char got[16] = "";

        for (size_t i = 0; i < l->diags->all.n; i++)
                got[i] = l->diags->all.at[i].pub.reference ? 'r' : '-';
        cr_assert_str_eq(got, expected);
}

Test(problems, behind_the_first_error_nothing_is_the_references)
{
        loading l;

        loading_start(&l, NULL);
        loading_add(&l, "t.yaml", "- foo: 1\n- macro: a b\n- rule: r\n- bar: 1\n" RULE("nomacro"));
        expect_reference(&l, "rrr---");
        loading_end(&l);
}

Test(problems, a_later_file_is_not_looked_at_by_the_reference)
{
        loading l;

        loading_start(&l, NULL);
        cr_assert_eq(loading_add(&l, "a.yaml", "- rule: r\n"), RT_ERULES);
        cr_assert_eq(loading_add(&l, "b.yaml", "- foo: 1\n"), RT_OK);
        expect_reference(&l, "r-");
        loading_end(&l);
}

Test(problems, compiling_stops_at_the_first_rule_there)
{
        loading l;

        loading_start(&l, NULL);
        loading_add(&l, "t.yaml",
                    RULE("evt.type=open and no.such=1") "- {rule: r2, desc: d, output: o, "
                                                        "priority: INFO, condition: nomacro}\n");
        expect_reference(&l, "r-");
        loading_end(&l);
}

Test(problems, a_file_too_large_is_not_read)
{
        loading l;

        loading_start(&l, NULL);
        cr_assert_eq(rti_loader_add(l.loader, RTI_STR("t.yaml"),
                                    (rt_str){ "", (size_t) 100 * 1024 * 1024 }, l.diags),
                     RT_ELIMIT);
        cr_assert_eq(l.diags->all.at[0].id, RTI_D_LIMIT);
        loading_end(&l);
}

Test(problems, the_same_text_says_the_same_twice)
{
        static const char text[] = "- foo: 1\n- list: 'a b'\n  items: [x]\n" RULE(
                "evt.type=x") "- macro: m\n  condition: and\n";
        rt_str first, second;
        loading l, k;

        loading_start(&l, NULL);
        loading_start(&k, NULL);
        loading_add(&l, "t.yaml", text);
        loading_add(&k, "t.yaml", text);
        first = loading_said(&l);
        second = loading_said(&k);
        cr_assert(rti_str_eq(first, second));
        loading_end(&l);
        loading_end(&k);
}

Test(problems, an_output_that_is_too_large_names_the_limit)
{
        loading l;
        rti_buf text;

        rti_buf_init(&text, &rti_alloc_default, 0);
        rti_buf_add_text(&text, "- rule: r\n  desc: d\n  condition: evt.type=open\n"
                                "  priority: INFO\n  output: ");
        for (size_t i = 0; i <= RTI_MAX_CONDITION_BYTES; i += 64)
                rti_buf_add_text(&text, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                                        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
        rti_buf_add_text(&text, "\n");
        loading_start(&l, NULL);
        cr_expect_eq(rti_loader_add(l.loader, RTI_STR("t.yaml"), rti_buf_str(&text), l.diags),
                     RT_ERULES);
        cr_assert_eq(l.diags->all.n, 1);
        cr_expect_eq(l.diags->all.at[0].id, RTI_D_LIMIT);
        loading_end(&l);
        rti_buf_done(&text);
}
