/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions against the fields of real sources. */
#include "cond_test.h"

struct reject {
        char source[16];
        char text[72];
        char says[112];
        char hint[64];
        uint32_t offset;
};

ParameterizedTestParameters(resolve, rejects)
{
        static struct reject rows[] = {
                { "syscall", "proc.nmae = x",
                  "filter_check called with nonexistent field proc.nmae",
                  "did you mean 'proc.name'?", 0 },
                { "json", "not proc.name = x",
                  "filter_check called with nonexistent field proc.name", "", 4 },
                { "json", "json.value = x",
                  "filter 'json.value': json.value requires an argument but none provided", "", 0 },
                { "json", "jevt.value[/a] = val(json.value)",
                  "filter 'json.value': json.value requires an argument but none provided", "",
                  21 },
                { "syscall", "evt.type contains nosuch", "unknown event type nosuch", "", 18 },
                { "syscall", "evt.type = opne", "unknown event type opne", "did you mean 'open'?",
                  11 },
                { "syscall", "evt.type in (open, nosuch)", "unknown event type nosuch", "", 19 },
                { "syscall", "proc.pid > 1.5", "1.5 is not a valid number", "", 11 },
                { "syscall", "proc.pid contains 1",
                  "filter error: 'contains' operator not supported for numeric filters", "", 0 },
                { "syscall", "proc.name = val(proc.pid)",
                  "field 'proc.name' has type 'CHARBUF' while the right-hand side field 'proc.pid' "
                  "has incompatible type",
                  "", 12 },
                { "k8s_audit", "ka.verb in val(ka.user.groups)",
                  "field 'ka.verb' has type 'CHARBUF' while the right-hand side field "
                  "'ka.user.groups' has incompatible",
                  "", 11 },
                { "k8s_audit", "ka.user.groups = x",
                  "filter error: '=' operator not supported list filters",
                  "the value is a list: use 'in', 'intersects' or 'exists'", 0 },
                { "syscall", "tolower(proc.pid) = x",
                  "can't add field transformer: type 'INT64' is not supported by 'tolower' "
                  "transformer applied on",
                  "", 0 },
                { "syscall", "toupper(fd.name)[x] = foo",
                  "filter error: transformer 'toupper' does not support field arguments", "", 0 },
                { "syscall", "proc.name = val(proc.pname)[x]",
                  "filter error: transformer 'val' does not support field arguments", "", 12 },
                { "syscall", "concat(proc.name) = x", "unknown field transfomer 'concat'", "", 0 },
                { "syscall", "proc.name regex '('", "invalid regex pattern: ", "", 16 },
                { "syscall", "evt.buffer bcontains 12x",
                  "filter error: bcontains and bstartswith operator support hex strings only", "",
                  21 },
                { "syscall", "evt.around[5] > 3",
                  "filter error: '>' operator not supported for 'evt.around', only '='", "", 0 },
                { "syscall", "evt.around[5] in (3)",
                  "filter error: 'in' operator not supported for 'evt.around', only '='", "", 0 },
                { "syscall", "a_macro", "filter error: unexpected identifier 'a_macro'", "", 0 },
        };
        return cr_make_param_array(struct reject, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct reject *row, resolve, rejects)
{
        rti_tnode *typed = NULL;
        bench b;

        bench_init(&b, row->source);
        cr_assert_eq(rti_cond_resolve(&b.checker, parsed(&b.arena, rti_str_of(row->text)), &typed),
                     RT_ERULES, "'%s' was accepted", row->text);
        cr_expect_null(typed, "the result was written on failure");
        cr_expect(rti_str_starts(b.checker.error.message, rti_str_of(row->says)), "'%s': '%.*s'",
                  row->text, RTI_FMT(b.checker.error.message));
        EXPECT_TEXT(b.checker.error.hint, rti_str_of(row->hint));
        cr_expect_eq(b.checker.error.pos.offset, row->offset, "'%s': at %u", row->text,
                     b.checker.error.pos.offset);
        bench_done(&b);
}

Test(resolve, all_that_is_wrong_is_reported_in_order)
{
        const rti_check_error *error;
        rti_tnode *typed;
        bench b;

        bench_init(&b, "syscall");
        cr_assert_eq(rti_cond_resolve(&b.checker,
                                      parsed(&b.arena, RTI_STR("a.b = 1 and (proc.pid = x or not "
                                                               "c.d exists) and proc.name = y")),
                                      &typed),
                     RT_ERULES);
        cr_assert_eq(b.checker.n_errors, 3);
        error = &b.checker.error;
        EXPECT_TEXT(error->message, RTI_STR("filter_check called with nonexistent field a.b"));
        EXPECT_TEXT(error->next->message, RTI_STR("x is not a valid number"));
        EXPECT_TEXT(error->next->next->message,
                    RTI_STR("filter_check called with nonexistent field c.d"));
        cr_expect_null(error->next->next->next);
        bench_done(&b);
}

Test(resolve, values_have_the_fields_type)
{
        rti_tnode *typed;
        bench b;

        bench_init(&b, "k8s_audit");
        cr_assert_eq(
                rti_cond_resolve(&b.checker,
                                 parsed(&b.arena, RTI_STR("evt.num in (7, 8) or ka.user.groups "
                                                          "intersects (a) or not "
                                                          "len(ka.verb) = len(ka.uri)")),
                                 &typed),
                RT_OK);
        cr_assert_eq(typed->what, RTI_T_OR);
        cr_expect_eq(typed->child[0]->what, RTI_T_TEST);
        cr_expect_eq(typed->child[0]->n_values, 2);
        cr_expect_eq(typed->child[0]->values[1].kind, RT_KIND_UINT64);
        cr_expect_eq(typed->child[0]->values[1].as.u, 8);
        cr_expect(typed->child[1]->lhs->type.list);
        cr_expect_eq(typed->child[2]->what, RTI_T_NOT);
        cr_expect_eq(typed->child[2]->child[0]->what, RTI_T_COMPARE);
        cr_expect_eq(typed->child[2]->child[0]->lhs->type.kind, RT_KIND_UINT64);
        EXPECT_TEXT(typed->child[2]->child[0]->rhs->text, RTI_STR("len(ka.uri)"));
        bench_done(&b);
}

Test(resolve, val_is_the_field_itself)
{
        rti_tnode *typed;
        bench b;

        bench_init(&b, "k8s_audit");
        cr_assert_eq(rti_cond_resolve(&b.checker,
                                      parsed(&b.arena, RTI_STR("ka.verb = val(ka.uri.param[x])")),
                                      &typed),
                     RT_OK);
        cr_expect_eq(typed->rhs->what, RTI_V_FIELD);
        EXPECT_TEXT(typed->rhs->field.key, RTI_STR("x"));
        EXPECT_TEXT(typed->rhs->text, RTI_STR("ka.uri.param[x]"));
        bench_done(&b);
}

struct never {
        char text[64];
        bool never;
};

ParameterizedTestParameters(resolve, transformed_lists_equal_nothing)
{
        static struct never rows[] = {
                { "tolower(ka.user.groups) intersects (a)", true },
                { "toupper(ka.user.groups) in (A)", true },
                { "tolower(ka.user.groups) intersects val(ka.user.groups)", true },
                { "tolower(ka.user.groups) intersects toupper(ka.user.groups)", false },
                { "ka.user.groups intersects (a)", false },
                { "tolower(ka.verb) in (a)", false },
                { "getopt(ka.user.groups, \"a:\") intersects (x)", false },
        };
        return cr_make_param_array(struct never, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct never *row, resolve, transformed_lists_equal_nothing)
{
        rti_tnode *typed;
        bench b;

        bench_init(&b, "k8s_audit");
        cr_assert_eq(rti_cond_resolve(&b.checker, parsed(&b.arena, rti_str_of(row->text)), &typed),
                     RT_OK);
        cr_expect_eq(typed->what == RTI_T_OR && typed->n_child == 0, row->never, "%s", row->text);
        bench_done(&b);
}

Test(resolve, raw_arguments_have_the_type_of_the_parameter)
{
        rti_tnode *typed;
        bench b;

        bench_init(&b, "syscall");
        cr_assert_eq(rti_cond_resolve(&b.checker, parsed(&b.arena, RTI_STR("evt.rawarg.fd > 3")),
                                      &typed),
                     RT_OK);
        cr_expect(rti_kind_is_number(typed->lhs->type.kind));
        cr_expect_eq(typed->values[0].as.i, 3);
        bench_done(&b);
}

/* ---- fields with meanings of their own ---- */

struct meaning {
        char text[56];
        uint8_t op, modifier;
        uint32_t arg, n_values;
        bool never;
};

ParameterizedTestParameters(resolve, meanings)
{
        static struct meaning rows[] = {
                { "proc.aname = a", RTI_OP_EQ, RTI_MOD_NONE, RT_ARG_ANY, 1, false },
                { "proc.aname in (a, b)", RTI_OP_IN, RTI_MOD_NONE, RT_ARG_ANY, 2, false },
                { "proc.aname = oneof (a, b)", RTI_OP_EQ, RTI_MOD_ONEOF, RT_ARG_ANY, 2, false },
                { "proc.aname[2] = a", RTI_OP_EQ, RTI_MOD_NONE, RT_ARG_INDEX, 1, false },
                { "proc.name = a", RTI_OP_EQ, RTI_MOD_NONE, RT_ARG_NONE, 1, false },
                { "fd.ip != 1.2.3.4", RTI_OP_NE, RTI_MOD_NONE, RT_ARG_ANY, 1, false },
                { "fd.ip in (1.2.3.4, ::1)", RTI_OP_IN, RTI_MOD_NONE, RT_ARG_ANY, 2, false },
                { "fd.ip = anyof (1.2.3.4, ::1)", RTI_OP_EQ, RTI_MOD_NONE, RT_ARG_ANY, 1, false },
                { "fd.ip intersects (1.2.3.4)", 0, 0, 0, 0, true },
                { "fd.net in (1.0.0.0/8, ::/1)", RTI_OP_EQ, RTI_MOD_NONE, RT_ARG_ANY, 1, false },
                { "fd.net in ()", 0, 0, 0, 0, true },
                { "fd.port >= 80", RTI_OP_GE, RTI_MOD_NONE, RT_ARG_ANY, 1, false },
                { "fd.port in (80, 81)", RTI_OP_IN, RTI_MOD_NONE, RT_ARG_ANY, 2, false },
                { "fd.port != allof (80, 81)", RTI_OP_NE, RTI_MOD_NONE, RT_ARG_ANY, 1, false },
                { "evt.around[5] = 3", RTI_OP_LE, RTI_MOD_NONE, RT_ARG_INDEX, 1, false },
                { "evt.around[5] == 3", RTI_OP_LE, RTI_MOD_NONE, RT_ARG_INDEX, 1, false },
        };
        return cr_make_param_array(struct meaning, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct meaning *row, resolve, meanings)
{
        rti_tnode *typed = NULL;
        bench b;

        bench_init(&b, "syscall");
        cr_assert_eq(rti_cond_resolve(&b.checker, parsed(&b.arena, rti_str_of(row->text)), &typed),
                     RT_OK, "'%s' was refused", row->text);
        cr_assert_eq(typed->what, row->never ? RTI_T_OR : RTI_T_TEST, "%s", row->text);
        if (!row->never) {
                cr_expect_eq(typed->op, row->op, "%s", row->text);
                cr_expect_eq(typed->modifier, row->modifier, "%s", row->text);
                cr_expect_eq(typed->n_values, row->n_values, "%s", row->text);
                cr_expect_eq(typed->lhs->field.arg, row->arg, "%s", row->text);
        }
        bench_done(&b);
}

Test(resolve, only_conditions_ask_for_all_values)
{
        rti_tnode *typed = NULL;
        rti_format *format = NULL;
        bench b;

        bench_init(&b, "syscall");
        cr_assert_eq(rti_cond_resolve(&b.checker, parsed(&b.arena, RTI_STR("proc.aname exists")),
                                      &typed),
                     RT_OK);
        cr_expect_eq(typed->lhs->field.arg, RT_ARG_ANY);
        cr_assert_eq(rti_format_parse(&b.checker, RTI_STR("%proc.aname"), &format), RT_OK);
        cr_expect_eq(format->tokens[0].expr->field.arg, RT_ARG_NONE);
        bench_done(&b);
}
