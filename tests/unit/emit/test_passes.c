/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions before and after each pass, as text. */
#include "compiler/emit/ir.h"
#include "engine/engine.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

/* `before`: conditions of rules, "|" between them; `after`: the same, as the passes leave them. */
typedef struct claim {
        char before[400], after[480];
} claim;

typedef struct bench {
        rt_engine *engine;
        rti_arena arena;
        rti_rule list[8];
        rti_rules rules;
        rti_ir ir;
        rti_buf buf;
} bench;

static void
add_rule(bench *b, rt_str condition)
{
        rti_rule *rule = &b->list[b->rules.n++];
        rti_checker checker = { .arena = &b->arena, .registry = b->engine->registry };
        rti_parse_error error;
        rti_node *node;

        rule->enabled = true;
        rule->source = rti_registry_find_source(b->engine->registry, RTI_STR("syscall"));
        checker.source = rule->source;
        cr_assert_eq(rti_cond_parse(&b->arena, condition, 100, &node, &error), RT_OK, "%.*s",
                     RTI_FMT(condition));
        cr_assert_eq(rti_cond_resolve(&checker, node, &rule->condition), RT_OK, "%.*s",
                     RTI_FMT(condition));
        cr_assert_eq(rti_cond_events(&checker, node, &rule->events), RT_OK);
}

static void
print(bench *b, uint32_t number, enum rti_expr_kind outside)
{
        const rti_ir_expr *expr = &b->ir.exprs.at[number];
        const bool grouped = expr->kind != outside && outside != RTI_X_FALSE;

        switch ((enum rti_expr_kind) expr->kind) {
        case RTI_X_FALSE:
                rti_buf_add_text(&b->buf, "false");
                break;
        case RTI_X_TRUE:
                rti_buf_add_text(&b->buf, "true");
                break;
        case RTI_X_PRED:
                rti_ir_print_pred(&b->ir, &b->buf, &b->ir.preds.at[expr->pred]);
                break;
        case RTI_X_NOT:
                rti_buf_add_text(&b->buf, "not ");
                print(b, expr->child[0], RTI_X_NOT);
                break;
        case RTI_X_AND:
        case RTI_X_OR:
                rti_buf_add_text(&b->buf, grouped ? "(" : "");
                for (uint32_t i = 0; i < expr->n_child; i++) {
                        if (i)
                                rti_buf_add_text(&b->buf,
                                                 expr->kind == RTI_X_AND ? " and " : " or ");
                        print(b, expr->child[i], (enum rti_expr_kind) expr->kind);
                }
                rti_buf_add_text(&b->buf, grouped ? ")" : "");
                break;
        }
}

/* What the rules of @a before are after the passes of @a passes (a bit set). */
static void
run(bench *b, const char *before, uint64_t passes)
{
        *b = (bench){ .ir = { .allocator = &rti_alloc_default } };
        rti_arena_init(&b->arena, &rti_alloc_default, 0);
        rti_buf_init(&b->buf, &rti_alloc_default, 0);
        b->ir.arena = &b->arena;
        cr_assert_eq(rt_engine_new(NULL, &b->engine), RT_OK);
        b->rules = (rti_rules){ .registry = b->engine->registry, .rules = b->list };
        while (*before) {
                const size_t len = strcspn(before, "|");

                add_rule(b, (rt_str){ before, len });
                before += len + (before[len] == '|');
        }
        cr_assert_eq(rti_ir_build(&b->ir, &b->rules), RT_OK);
        for (size_t i = 0; i < RTI_N_PASSES; i++)
                if (passes >> i & 1)
                        cr_assert_eq(rti_passes[i].run(&b->ir), RT_OK, "%s", rti_passes[i].name);
        for (size_t i = 0; i < b->ir.all.n; i++) {
                rti_buf_add_text(&b->buf, i ? "|" : "");
                print(b, b->ir.all.at[i].root, RTI_X_FALSE);
        }
}

static void
done(bench *b)
{
        rti_ir_done(&b->ir);
        rti_buf_done(&b->buf);
        rti_arena_done(&b->arena);
        rt_engine_unref(b->engine);
}

#define BIT(pass) ((uint64_t) 1 << RTI_PASS_##pass)

static void
check(const claim *row, uint64_t passes)
{
        bench b;

        run(&b, row->before, BIT(SHARE) | BIT(FOLD) | passes);
        cr_expect(rti_str_is(rti_buf_str(&b.buf), row->after),
                  "%s\n      became %.*s\n    expected %s", row->before,
                  RTI_FMT(rti_buf_str(&b.buf)), row->after);
        done(&b);
}

/* ---- factor ---- */

#define A "proc.name = \"a\""
#define P "proc.pid = 1"
#define Q "proc.pid = 2"
#define T "thread.tid = 3"

ParameterizedTestParameters(passes, what_alternatives_share_is_taken_out)
{
        static claim rows[] = {
                /* absorbed */
                { A " or (" A " and " P ")", A },
                { A " and (" A " or " P ")", A },
                { "(" A " and " P ") or (" A " and " P " and " T ")", A " and " P },
                { "not " A " and not (" A " and " P ")", "not " A },
                { "not " A " or not (" A " or " P ")", "not " A },
                { "not " A " or (not " A " and " P ")", "not " A },
                { A " or (not " A " and " P ")", A " or (not " A " and " P ")" },
                /* factored */
                { "(" A " and " P ") or (" A " and " Q ")", A " and (" P " or " Q ")" },
                { "(" A " or " P ") and (" A " or " Q ")", A " or (" P " and " Q ")" },
                { "(" A " and " P " and " T ") or (" A " and " Q " and " T ")",
                  A " and " T " and (" P " or " Q ")" },
                { "not (" A " and " P ") and not (" A " and " Q ") and " T,
                  "thread.tid = 3 and not (" A " and (" P " or " Q "))" },
                { "(" A " and " P ") or " T " or (" A " and " Q ")",
                  "(" A " and (" P " or " Q ")) or " T },
                { "(" A " and " P ") or (" T " and " Q ")",
                  "(" A " and " P ") or (" T " and " Q ")" },
                { "(" A " and " P ") or " Q, "(" A " and " P ") or " Q },
                /* What other rules use stays theirs. */
                { "(" A " and " P ") or (" A " and " Q ")|(" A " and " P ") or " T,
                  "(" A " and " P ") or (" A " and " Q ")|(" A " and " P ") or " T },
        };

        return cr_make_param_array(claim, rows, RTI_COUNT(rows));
}

ParameterizedTest(claim *row, passes, what_alternatives_share_is_taken_out)
{
        check(row, BIT(FACTOR));
}

ParameterizedTestParameters(passes, many_alternatives_are_guarded_by_what_they_name)
{
        static claim rows[] = {
                { "not (proc.pid = 1 and proc.name = a) and not (proc.pid = 2 and proc.name = b) "
                  "and "
                  "not (proc.pid = 3 and proc.name = c) and not (proc.pid = 4 and proc.name = d)",
                  "not (proc.pid in (1, 2, 3, 4) and ((proc.pid = 1 and proc.name = \"a\") or "
                  "(proc.pid = 2 and proc.name = \"b\") or (proc.pid = 3 and proc.name = \"c\") or "
                  "(proc.pid = 4 and proc.name = \"d\")))" },
                /* Three are not enough. */
                { "(proc.pid = 1 and proc.name = a) or (proc.pid = 2 and proc.name = b) or "
                  "(proc.pid = 3 and proc.name = c)",
                  "(proc.pid = 1 and proc.name = \"a\") or (proc.pid = 2 and proc.name = \"b\") or "
                  "(proc.pid = 3 and proc.name = \"c\")" },
                /* Texts: `= anyof` holds wherever `in` does. */
                { "(proc.name in (a) and proc.pid > 1) or (proc.name = b and proc.pid > 2) or "
                  "(proc.name = c and proc.pid > 3) or (proc.name = d and proc.pid > 4)",
                  "proc.name = anyof (\"a\", \"b\", \"c\", \"d\") and "
                  "((proc.name in (\"a\") and proc.pid > 1) or (proc.name = \"b\" and proc.pid > "
                  "2) "
                  "or (proc.name = \"c\" and proc.pid > 3) or "
                  "(proc.name = \"d\" and proc.pid > 4))" },
                /* `!=` names no values. */
                { "(proc.pid != 1 and proc.name = a) or (proc.pid != 2 and proc.pname = b) or "
                  "(proc.pid != 3 and proc.exe = c) or (proc.pid != 4 and proc.cmdline = d)",
                  "(proc.pid != 1 and proc.name = \"a\") or (proc.pid != 2 and proc.pname = \"b\") "
                  "or (proc.pid != 3 and proc.exe = \"c\") or "
                  "(proc.pid != 4 and proc.cmdline = \"d\")" },
        };

        return cr_make_param_array(claim, rows, RTI_COUNT(rows));
}

ParameterizedTest(claim *row, passes, many_alternatives_are_guarded_by_what_they_name)
{
        check(row, BIT(FACTOR));
}

ParameterizedTestParameters(passes, exceptions_become_few_tests)
{
        static claim rows[] = {
                { "thread.tid = 3 and not (proc.name in (a, b)) and not (proc.name in (c))",
                  "thread.tid = 3 and not proc.name in (\"a\", \"b\", \"c\")" },
                { "thread.tid = 3 and not (proc.name = a and proc.pid = 1) and "
                  "not (proc.name = a and proc.pid = 2)",
                  "thread.tid = 3 and not (proc.name = \"a\" and proc.pid in (1, 2))" },
        };

        return cr_make_param_array(claim, rows, RTI_COUNT(rows));
}

ParameterizedTest(claim *row, passes, exceptions_become_few_tests)
{
        check(row, BIT(FACTOR) | BIT(MERGE) | BIT(VALUES));
}

/* ---- merge ---- */

ParameterizedTestParameters(passes, tests_side_by_side_become_one)
{
        static claim rows[] = {
                { "proc.name = b or proc.name = a", "proc.name = anyof (\"a\", \"b\")" },
                { "proc.name in (b, a) or proc.name in (c, a)",
                  "proc.name in (\"a\", \"b\", \"c\")" },
                /* Behind a NUL, `in` reads on. */
                { "proc.name = b or proc.name in (a, c)",
                  "proc.name = \"b\" or proc.name in (\"a\", \"c\")" },
                { "proc.pid = 1 or proc.pid in (3, 2) or proc.pid = 3", "proc.pid in (1, 2, 3)" },
                { "fd.sip = 10.0.0.1 or fd.sip = 10.0.0.2", "fd.sip in (10.0.0.1, 10.0.0.2)" },
                { "fd.snet = 10.0.0.0/8 or fd.snet = 11.0.0.0/8",
                  "fd.snet in (10.0.0.0/8, 11.0.0.0/8)" },
                { "fd.ip = 10.0.0.1 or fd.ip = 10.0.0.2", "fd.ip[*] in (10.0.0.1, 10.0.0.2)" },
                { "fd.ip = 10.0.0.1 and fd.ip = 10.0.0.2",
                  "fd.ip[*] = 10.0.0.1 and fd.ip[*] = 10.0.0.2" },
                { "fd.ip != 10.0.0.1 and fd.ip != 10.0.0.2",
                  "every fd.ip[*] != allof (10.0.0.1, 10.0.0.2)" },
                { "proc.name != a and proc.name != b", "proc.name != allof (\"a\", \"b\")" },
                { "proc.name != a or proc.name != b", "proc.name != \"a\" or proc.name != \"b\"" },
                { "not proc.name = a and not proc.name = b",
                  "not proc.name = anyof (\"a\", \"b\")" },
                { "not proc.name in (a, b) and not proc.name in (c) and proc.pid = 1",
                  "not proc.name in (\"a\", \"b\", \"c\") and proc.pid = 1" },
                { "not proc.name = a and proc.name != b",
                  "not proc.name = \"a\" and proc.name != \"b\"" },
                { "fd.name startswith /etc or fd.name startswith /usr",
                  "fd.name startswith anyof (\"/etc\", \"/usr\")" },
                { "fd.name startswith /etc and fd.name startswith /usr",
                  "fd.name startswith \"/etc\" and fd.name startswith \"/usr\"" },
                { "fd.name pmatch (/etc) or fd.name pmatch (/usr)",
                  "fd.name pmatch (\"/etc\", \"/usr\")" },
                { "fd.name pmatch (/etc/*) or fd.name pmatch (/usr)",
                  "fd.name pmatch (\"/etc/*\") or fd.name pmatch (\"/usr\")" },
                { "proc.name = oneof (a, b) or proc.name = c",
                  "proc.name = oneof (\"a\", \"b\") or proc.name = \"c\"" },
                { "proc.aname in (a, b) or proc.name in (a)",
                  "proc.aname[*] in (\"a\", \"b\") or proc.name in (\"a\")" },
                { "proc.name in ()", "false" },
                { "proc.pid in (1)", "proc.pid = 1" },
                { "proc.pid = anyof (1, 2)", "proc.pid in (1, 2)" },
                { "proc.name startswith anyof (a)", "proc.name startswith \"a\"" },
        };

        return cr_make_param_array(claim, rows, RTI_COUNT(rows));
}

ParameterizedTest(claim *row, passes, tests_side_by_side_become_one)
{
        check(row, BIT(MERGE));
}

ParameterizedTestParameters(passes, what_others_use_is_merged_only_while_small)
{
        static claim rows[] = {
                { "proc.pid in (1,2,3,4,5,6,7,8,9) or proc.pid = 10"
                  "|proc.pid in (1,2,3,4,5,6,7,8,9) or proc.pid = 11",
                  "proc.pid in (1, 2, 3, 4, 5, 6, 7, 8, 9) or proc.pid = 10"
                  "|proc.pid in (1, 2, 3, 4, 5, 6, 7, 8, 9) or proc.pid = 11" },
                { "proc.name = a or proc.name = b|proc.name = a or proc.name = c",
                  "proc.name = anyof (\"a\", \"b\")|proc.name = anyof (\"a\", \"c\")" },
                { "fd.name contains a or fd.name contains b|fd.name contains a or fd.name contains "
                  "c",
                  "fd.name contains \"a\" or fd.name contains \"b\""
                  "|fd.name contains \"a\" or fd.name contains \"c\"" },
        };

        return cr_make_param_array(claim, rows, RTI_COUNT(rows));
}

ParameterizedTest(claim *row, passes, what_others_use_is_merged_only_while_small)
{
        check(row, BIT(MERGE));
}

/* ---- values ---- */

ParameterizedTestParameters(passes, tests_of_one_field_decide_each_other)
{
        static claim rows[] = {
                /* lists of values */
                { "proc.name = a and proc.name = b", "false" },
                { "proc.name = a and proc.name != a", "false" },
                { "proc.name = a and proc.name != b", "proc.name = \"a\"" },
                { "proc.name in (a, b) and proc.name in (b, c)", "proc.name in (\"b\")" },
                { "proc.name in (a) and proc.name in (b)", "false" },
                /* `= a` may hold of more than "a" itself. */
                { "proc.name = a and proc.name in (a, b)", "proc.name in (\"a\")" },
                { "proc.name = a and not proc.name in (a, b)",
                  "proc.name = \"a\" and not proc.name in (\"a\", \"b\")" },
                { "proc.name = a and not proc.name in (b)", "proc.name = \"a\"" },
                { "proc.pid = 1 and not proc.pid in (1, 2)", "false" },
                { "proc.name = abc and proc.name startswith b", "false" },
                { "proc.name = abc and proc.name startswith a", "proc.name = \"abc\"" },
                { "proc.name in (abc, bcd) and not proc.name contains a",
                  "proc.name in (\"bcd\")" },
                { "proc.name = abc and proc.name regex a.*",
                  "proc.name = \"abc\" and proc.name regex \"a.*\"" },
                { "proc.name = abc and proc.name = val(proc.pname)",
                  "proc.name = \"abc\" and proc.name = proc.pname" },
                { "proc.pid in (1, 5, 9) and proc.pid > 1 and proc.pid < 9", "proc.pid = 5" },
                { "not proc.pid in (1, 5) and proc.pid > 3", "not proc.pid = 5 and proc.pid > 3" },
                { "proc.pid != 1 and proc.pid > 3", "proc.pid > 3" },
                { "proc.pid = 5 or proc.pid > 3", "proc.pid > 3" },
                { "proc.pid in (1, 5) or proc.pid > 3", "proc.pid = 1 or proc.pid > 3" },
                /* of both, one would have to stay */
                { "not proc.name in (a, b) and not proc.name = a",
                  "not proc.name in (\"b\") and not proc.name = \"a\"" },
                /* missing values */
                { "proc.name = a and proc.name exists", "proc.name = \"a\"" },
                { "proc.name = a or proc.name exists", "proc.name exists" },
                { "not proc.name exists and proc.name = a", "false" },
                { "not proc.name exists and not proc.name = a", "not proc.name exists" },
                { "not proc.name exists or not proc.name = a", "not proc.name = \"a\"" },
                { "proc.name exists or not proc.name = a", "true" },
                { "proc.name = a or proc.name != a", "proc.name exists" },
                { "proc.name != a or proc.name != b", "proc.name exists" },
                { "not proc.name = a and not proc.name != a", "not proc.name exists" },
                { "not proc.name != a and proc.name exists", "proc.name = \"a\"" },
                { "not proc.name != a and not proc.name startswith a", "not proc.name exists" },
                { "not proc.name != a and not proc.name startswith b", "not proc.name != \"a\"" },
                { "not proc.name = a and proc.name exists",
                  "not proc.name = \"a\" and proc.name exists" },
                { "proc.name = val(proc.pname) and proc.name exists", "proc.name = proc.pname" },
                /* ranges */
                { "proc.pid < 3 and proc.pid > 5", "false" },
                { "proc.pid < 3 and proc.pid < 5", "proc.pid < 3" },
                { "proc.pid < 3 or proc.pid < 5", "proc.pid < 5" },
                { "proc.pid < 5 or proc.pid > 3", "proc.pid exists" },
                { "proc.pid < 3 or proc.pid > 5", "proc.pid < 3 or proc.pid > 5" },
                { "proc.pid > -1 and proc.pid < -5", "false" },
                { "proc.pid < 5 and proc.pid >= 5", "false" },
                { "proc.pid <= 5 and proc.pid >= 5", "proc.pid <= 5 and proc.pid >= 5" },
                { "proc.pid <= 5 and proc.pid < 5", "proc.pid < 5" },
                { "proc.pid > 3 and not proc.pid > 9", "proc.pid > 3 and not proc.pid > 9" },
                { "proc.pid > 3 and not proc.pid > 2", "false" },
                { "not proc.pid > 3 and not proc.pid <= 5", "not proc.pid exists" },
                { "proc.pid > 3 and not proc.pid < 5", "proc.pid > 3 and not proc.pid < 5" },
                /* what has several values says nothing of the kind */
                { "fd.ip = 10.0.0.1 and fd.ip != 10.0.0.1",
                  "fd.ip[*] = 10.0.0.1 and every fd.ip[*] != 10.0.0.1" },
                { "fd.sport = 1 and fd.port = 2", "fd.sport = 1 and fd.port[*] = 2" },
                { "fd.port = 1 and fd.port = 2", "fd.port[*] = 1 and fd.port[*] = 2" },
                { "fd.port = 1 and fd.port exists", "fd.port[*] = 1" },
                { "fd.snet = 10.0.0.0/8 and fd.snet = 11.0.0.0/8",
                  "fd.snet = 10.0.0.0/8 and fd.snet = 11.0.0.0/8" },
                { "proc.name = a and proc.pname = b", "proc.name = \"a\" and proc.pname = \"b\"" },
        };

        return cr_make_param_array(claim, rows, RTI_COUNT(rows));
}

ParameterizedTest(claim *row, passes, tests_of_one_field_decide_each_other)
{
        check(row, BIT(VALUES));
}
