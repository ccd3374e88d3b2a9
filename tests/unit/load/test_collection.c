/* SPDX-License-Identifier: Apache-2.0 */
/* What items of rule files add up to: lists, macros, exceptions, updates, selection. */
#include "support.h"
#include <criterion/parameterized.h>
#include <stdio.h>

#define RULE(condition) \
        "- {rule: r, desc: d, output: o, priority: INFO, condition: " condition "}\n"
#define RULE_TWO(more) "- rule: r\n  desc: d\n  output: o\n  priority: INFO\n" more

struct expansion {
        char text[400];
        char condition[160]; /* of the only rule, with exceptions and lists, as it is parsed */
};

ParameterizedTestParameters(collection, texts_are_put_in_as_the_reference_does)
{
        static struct expansion rows[] = {
                { "- {list: l, items: [a, b]}\n" RULE("'evt.type=open and proc.name in (l)'"),
                  "evt.type=open and proc.name in ( a, b )" },
                { "- {list: l, items: [open]}\n" RULE("'evt.type=l and proc.name=l'"),
                  "evt.type= open and proc.name= open " },
                /* An empty list takes a comma with it, the one in front first. */
                { "- {list: l, items: []}\n" RULE("'evt.type in (open, l, close)'"),
                  "evt.type in (open  , close)" },
                { "- {list: l, items: []}\n" RULE("'evt.type in (l, close)'"),
                  "evt.type in (   close)" },
                /* Quoted where a blank asks for it, and only then. */
                { "- {list: l, items: ['a b', '\"c d\"', 'e,f']}\n" RULE("'evt.type=open and "
                                                                         "proc.name in (l)'"),
                  "evt.type=open and proc.name in ( \"a b\", \"c d\", e,f )" },
                /* One level of lists in lists; a later list is put into what an earlier brought. */
                { "- {list: a, items: [x]}\n- {list: b, items: [a]}\n- {list: c, items: "
                  "[b]}\n" RULE("'evt.type=open and proc.name in (c)'"),
                  "evt.type=open and proc.name in ( a )" },
                { "- {list: a, items: [z]}\n- {list: z, items: [y]}\n" RULE(
                          "'evt.type=open and proc.name in (a)'"),
                  "evt.type=open and proc.name in ( y )" },
                { "- {list: z, items: [y]}\n- {list: a, items: [z]}\n" RULE(
                          "'evt.type=open and proc.name in (a)'"),
                  "evt.type=open and proc.name in ( y )" },
                /* In front of the text the search goes on one byte too far. */
                { "- {list: l, items: [evt.type]}\n" RULE("'l=open or (l=close)'"),
                  "evt.type =open or ( evt.type =close)" },
                { RULE_TWO("  condition: evt.type=open\n  exceptions:\n"
                           "  - {name: e, fields: [proc.name, fd.name], comps: [in, =],\n"
                           "     values: [[[a, b], 'c d'], [x, y]]}\n"
                           "  - {name: f, fields: proc.name, values: [p, q]}\n"
                           "  - {name: g, fields: proc.name}\n"),
                  "(evt.type=open) and not (( proc.name in (a, b) and  fd.name = \"c d\") or ( "
                  "proc.name in (x) and  fd.name = y)) and not (proc.name in (p, q))" },
                { RULE_TWO(
                          "  condition: evt.type=open\n") "- {rule: r, condition: and proc.name=x, "
                                                          "desc: more, override: {condition: "
                                                          "append, desc: append}}\n",
                  "evt.type=open and proc.name=x" },
                { RULE_TWO("  condition: evt.type=open\n  exceptions: [{name: e, fields: "
                           "proc.name, values: [a]}]\n") "- {rule: r, exceptions: [{name: e, "
                                                         "values: [b]}], append: true}\n",
                  "(evt.type=open) and not (proc.name in (a, b))" },
                { RULE("proc.name=x") RULE("evt.type=close"), "evt.type=close" },
        };

        return cr_make_param_array(struct expansion, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct expansion *row, collection, texts_are_put_in_as_the_reference_does)
{
        loading l;
        rti_buf want;
        rt_str got;

        loading_start(&l, NULL);
        loading_add(&l, "t.yaml", row->text);
        cr_assert_eq(rt_diags_count(l.diags, RT_ERROR), 0, "%.*s", RTI_FMT(loading_said(&l)));
        cr_assert_eq(rti_loader_dump(l.loader, RTI_STR("rules"), &got), RT_OK);
        rti_buf_init(&want, &rti_alloc_default, 0);
        rti_buf_add_text(&want, "condition ");
        rti_buf_add_json(&want, rti_str_of(row->condition));
        rti_buf_add_char(&want, '\n');
        cr_assert_neq(rti_str_find(got, rti_buf_str(&want)), SIZE_MAX, "%.*s", RTI_FMT(got));
        rti_buf_done(&want);
        loading_end(&l);
}

/* ---- selection ---- */

static const char three[] = "- {rule: a one, desc: d, output: o, priority: INFO, condition: "
                            "evt.type=open, tags: [x]}\n"
                            "- {rule: b two, desc: d, output: o, priority: ERROR, condition: "
                            "evt.type=open, enabled: false}\n"
                            "- {rule: c one, desc: d, output: o, priority: DEBUG, condition: "
                            "evt.type=open, tags: [x, y]}\n";

static void
expect_order(loading *l, const char *expected)
{
        char got[8] = "";
        rti_rules rules;

        cr_assert_eq(rti_loader_rules(l->loader, &rules), RT_OK);
        for (uint32_t i = 0; i < rules.n; i++)
                got[i] = (char) (rules.rules[i].name.ptr[0]
                                 - (rules.rules[i].enabled ? 'a' - 'A' : 0));
        cr_assert_str_eq(got, expected);
}

Test(collection, rules_are_asked_in_order_and_disabled_ones_last)
{
        loading l;

        loading_start(&l, NULL);
        loading_add(&l, "t.yaml", three);
        expect_order(&l, "ACb");
        loading_end(&l);
}

Test(collection, what_is_switched_on_again_is_asked_last)
{
        loading l;

        loading_start(&l, NULL);
        loading_add(&l, "t.yaml", three);
        cr_assert_eq(rti_loader_select(l.loader, RTI_STR(""), false, RT_SELECT_TAG, RTI_STR("x")),
                     2);
        expect_order(&l, "abc");
        cr_assert_eq(
                rti_loader_select(l.loader, RTI_STR(""), true, RT_SELECT_WILDCARD, RTI_STR("*")),
                3);
        expect_order(&l, "ABC");
        rti_loader_select(l.loader, RTI_STR(""), false, RT_SELECT_EXACT, RTI_STR("a one"));
        rti_loader_select(l.loader, RTI_STR(""), true, RT_SELECT_SUBSTRING, RTI_STR("a o"));
        expect_order(&l, "BCA");
        loading_end(&l);
}

Test(collection, a_named_ruleset_begins_empty)
{
        uint32_t n;
        loading l;

        loading_start(&l, NULL);
        loading_add(&l, "t.yaml", three);
        rti_loader_select(l.loader, RTI_STR("mine"), true, RT_SELECT_WILDCARD, RTI_STR("*one"));
        cr_assert_eq(rti_loader_enabled(l.loader, RTI_STR("mine"), &n), RT_OK);
        cr_assert_eq(n, 2);
        cr_assert_eq(rti_loader_enabled(l.loader, RTI_STR(""), &n), RT_OK);
        cr_assert_eq(n, 2);
        loading_end(&l);
}

Test(collection, rules_below_the_least_priority_cannot_be_switched_on)
{
        const rti_loader_opts opts = { .min_priority = 1 + RT_PRIORITY_INFORMATIONAL };
        loading l;

        loading_start(&l, &opts);
        loading_add(&l, "t.yaml", three);
        rti_loader_select(l.loader, RTI_STR(""), true, RT_SELECT_WILDCARD, RTI_STR("*"));
        expect_order(&l, "ABc");
        loading_end(&l);
}

struct wildcard {
        char pattern[16];
        int met;
};

ParameterizedTestParameters(collection, a_star_is_matched_at_its_first_place)
{
        static struct wildcard rows[] = {
                { "*", 3 },   { "", 0 },     { "a one", 1 },   { "*one", 2 },
                { "*o*", 3 }, { "*o", 1 }, /* only where the first o is the last character */
                { "a*", 1 },  { "*a*e", 1 }, { "**two**", 1 },
        };

        return cr_make_param_array(struct wildcard, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct wildcard *row, collection, a_star_is_matched_at_its_first_place)
{
        loading l;

        loading_start(&l, NULL);
        loading_add(&l, "t.yaml", three);
        cr_assert_eq(rti_loader_select(l.loader, RTI_STR(""), true, RT_SELECT_WILDCARD,
                                       rti_str_of(row->pattern)),
                     row->met);
        loading_end(&l);
}

/* ---- append_output ---- */

Test(collection, extra_output_goes_to_rules_with_all_tags)
{
        const char *const tags[] = { "y", "x", NULL };
        const rt_option fields[] = { { "evt.num", NULL }, { "both", "%evt.num %evt.type" } };
        const rt_append_output extra[] = {
                { .size = sizeof *extra, .tags = tags, .extra_output = "more %evt.num" },
                { .size = sizeof *extra, .rule = "c one", .fields = fields, .n_fields = 2 },
        };
        const rti_loader_opts opts = { .append = extra,
                                       .n_append = 2,
                                       .append_stride = sizeof *extra };
        rti_rules rules;
        loading l;

        loading_start(&l, &opts);
        cr_assert_eq(loading_add(&l, "t.yaml", three), RT_OK);
        cr_assert_eq(rti_loader_rules(l.loader, &rules), RT_OK);
        cr_assert(rti_str_is(rules.rules[0].output, "o"));
        cr_assert(rti_str_is(rules.rules[1].output, "o more %evt.num"));
        cr_assert_eq(rules.rules[1].n_extra, 2);
        cr_assert(rti_str_is(rules.rules[1].extra[0].key, "both"));
        cr_assert(rules.rules[1].extra[0].what == RTI_EXTRA_TEXT);
        cr_assert_eq(rules.rules[1].extra[1].what, RTI_EXTRA_VALUE);
        loading_end(&l);
}

/* ---- requirements ---- */

struct requirement {
        char text[160];
        int status;
};

ParameterizedTestParameters(collection, requirements_are_checked)
{
        static struct requirement rows[] = {
                { "- required_engine_version: 63\n", RT_OK },
                { "- required_engine_version: 0x3f\n", RT_OK },
                { "- required_engine_version: 0.63.0-rc\n", RT_OK },
                { "- required_engine_version: 64\n", RT_ERULES },
                { "- required_engine_version: 1.0.0\n", RT_ERULES },
                { "- required_engine_version: '0.1'\n", RT_ERULES },
                { "- required_plugin_versions: [{name: json, version: 0.7.0}]\n", RT_OK },
                { "- required_plugin_versions: [{name: json, version: 1.0.0}]\n", RT_ERULES },
                { "- required_plugin_versions: [{name: no, version: 1.0.0, alternatives: [{name: "
                  "k8saudit, version: 0.1.0}]}]\n",
                  RT_OK },
                { "- required_plugin_versions: [{name: no, version: 1.0.0}]\n", RT_ERULES },
                { "- required_plugin_versions: [{name: json, version: x}]\n", RT_ERULES },
                { "- required_plugin_versions: {}\n", RT_ERULES },
        };

        return cr_make_param_array(struct requirement, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct requirement *row, collection, requirements_are_checked)
{
        loading l;

        loading_start(&l, NULL);
        cr_assert_eq(loading_add(&l, "t.yaml", row->text), row->status, "%.*s",
                     RTI_FMT(loading_said(&l)));
        loading_end(&l);
}

/* ---- yaml-cpp's booleans ---- */

struct boolean {
        char text[8];
        int enabled; /* -1: no boolean */
};

ParameterizedTestParameters(collection, booleans_are_yaml_cpps)
{
        static struct boolean rows[] = {
                { "true", 1 },  { "True", 1 }, { "TRUE", 1 },  { "y", 1 },       { "Y", 1 },
                { "on", 1 },    { "yes", 1 },  { "no", 0 },    { "Off", 0 },     { "'n'", 0 },
                { "tRue", -1 }, { "1", -1 },   { "TRue", -1 }, { "falsee", -1 },
        };

        return cr_make_param_array(struct boolean, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct boolean *row, collection, booleans_are_yaml_cpps)
{
        char text[160];
        rti_rules rules;
        loading l;

        loading_start(&l, NULL);
        snprintf(text, sizeof text,
                 "- {rule: r, desc: d, output: o, priority: INFO, condition: evt.type=open, "
                 "enabled: %s}\n",
                 row->text);
        cr_assert_eq(loading_add(&l, "t.yaml", text), row->enabled < 0 ? RT_ERULES : RT_OK);
        if (row->enabled >= 0) {
                cr_assert_eq(rti_loader_rules(l.loader, &rules), RT_OK);
                cr_assert_eq(rules.rules[0].enabled, row->enabled);
        }
        loading_end(&l);
}

/* ---- describe ---- */

Test(collection, describe_names_what_a_rule_is_made_of)
{
        rt_str text;
        loading l;

        loading_start(&l, NULL);
        loading_add(&l, "t.yaml",
                    "- {list: l, items: [a]}\n- {macro: m, condition: 'proc.name in (l)'}\n"
                    "- {rule: r, desc: d, output: 'x %evt.arg[0]', priority: INFO, condition: "
                    "evt.type=open and m and fd.name in (l)}\n");
        cr_assert_eq(rti_loader_describe(l.loader, "no", &text), RT_ENOENT);
        cr_assert_eq(rti_loader_describe(l.loader, "r", &text), RT_OK);
        cr_assert_neq(rti_str_find(text, RTI_STR("\"condition_compiled\":\"(evt.type = open and "
                                                 "proc.name in (a) and fd.name in (a))\"")),
                      SIZE_MAX, "%.*s", RTI_FMT(text));
        cr_assert_neq(rti_str_find(text, RTI_STR("\"lists\":[\"l\"],\"macros\":[\"m\"],")),
                      SIZE_MAX, "%.*s", RTI_FMT(text));
        cr_assert_neq(rti_str_find(text, RTI_STR("\"output_fields\":[\"evt.arg[0]\"]")), SIZE_MAX,
                      "%.*s", RTI_FMT(text));
        loading_end(&l);
}

/* Rules that nothing was said about are not compiled again: what a later file changes must still
 * reach them. */
Test(collection, a_later_file_reaches_what_was_compiled_before)
{
        static const char *const later[] = {
                "- {list: l, items: [b], override: {items: append}}\n",
                "- {list: b, items: [c]}\n",
                "- {macro: m, condition: evt.type=close}\n",
                "- {rule: s, desc: d, output: o, priority: INFO, condition: evt.type=open}\n",
        };
        static const char *const want[] = {
                "\"evt.type=open and proc.name in ( a, b, b )\"",
                "\"evt.type=open and proc.name in ( a, c )\"",
                "\"evt.type=open and proc.name in ( a, b )\"",
                "\"evt.type=open and proc.name in ( a, b )\"",
        };

        for (size_t i = 0; i < RTI_COUNT(later); i++) {
                loading l;
                rt_str got;

                loading_start(&l, NULL);
                loading_add(
                        &l, "1.yaml",
                        "- {list: l, items: [a, b]}\n" RULE("evt.type=open and proc.name in (l)"));
                loading_add(&l, "2.yaml", later[i]);
                cr_assert_eq(rti_loader_dump(l.loader, RTI_STR("rules"), &got), RT_OK);
                cr_expect_neq(rti_str_find(got, rti_str_of(want[i])), SIZE_MAX, "%zu: %.*s", i,
                              RTI_FMT(got));
                loading_end(&l);
        }
}

Test(collection, what_was_said_about_a_rule_is_said_after_each_file)
{
        const rt_str code = RTI_STR("\"LOAD_COMPILE_CONDITION\"");
        unsigned n = 0;
        rt_str said;
        loading l;

        loading_start(&l, NULL);
        loading_add(&l, "1.yaml", RULE("evt.type=open and proc.name regex x"));
        loading_add(&l, "2.yaml",
                    "- {rule: t, desc: d, output: o, priority: INFO, condition: "
                    "evt.type=open}\n");
        cr_assert_eq(rt_diags_print(l.diags, RT_DIAGS_JSON, 0, &said), RT_OK);
        for (size_t at; (at = rti_str_find(said, code)) != SIZE_MAX; n++)
                said = rti_str_sub(said, at + code.len, said.len);
        cr_expect_eq(n, 2, "%u", n);
        loading_end(&l);
}
