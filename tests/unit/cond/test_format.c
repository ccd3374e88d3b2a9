/* SPDX-License-Identifier: Apache-2.0 */
/* Output formats: where names end, what is refused, which names there are. */
#include "cond_test.h"

struct row {
        char text[80];
        char tokens[120]; /* texts, and <name:width>; empty: refused */
};

ParameterizedTestParameters(format, tokens)
{
        static struct row rows[] = {
                { "a b", "a b" },
                { "*%proc.name", "*<proc.name:0>" },
                { "**%proc.name", "**<proc.name:0>" },
                { "start%proc.nameand%thread.tidend", "start<proc.name:0>and<thread.tid:0>end" },
                { "%10proc.name %05proc.pid", "<proc.name:10> <proc.pid:5>" },
                { "%proc.aname[2]x", "<proc.aname[2]:0>x" },
                { "%proc.name[2]x", "<proc.name:0>[2]x" },
                { "%proc.name[", "<proc.name:0>[" },
                { "%proc.name['x", "<proc.name:0>['x" },
                { "%toupper( proc.name )[x]", "<toupper(proc.name):0>[x]" },
                { "%getopt(proc.aargs,\"c:\")[c]", "" },
                { "%join(\"->\", (proc.name, 5))]", "<join(->,(proc.name,5)):0>]" },
                { "%evt.arg.flags)", "<evt.arg.flags:0>)" },
                { "% end", "" },
                { "%%", "" },
                { "%", "" },
                { "%5", "" },
                { "%val(proc.name)", "" },
                { "%toupper (proc.name)", "" },
                { "%toupper(proc.name", "" },
                { "%toupper(proc.pid)", "" },
                { "%-5proc.name", "" },
                { "%99999999999999999999proc.name", "" },
        };
        return cr_make_param_array(struct row, rows, RTI_COUNT(rows));
}

static rt_str
tokens_text(rti_arena *arena, const rti_format *format)
{
        rt_str text = format->lenient ? RTI_STR("*") : RTI_STR("");

        for (uint32_t i = 0; i < format->n_tokens; i++) {
                const rti_format_token *token = &format->tokens[i];

                text = token->expr ? rti_arena_printf(arena, "%.*s<%.*s:%u>", RTI_FMT(text),
                                                      RTI_FMT(token->name), token->width)
                                   : rti_arena_printf(arena, "%.*s%.*s", RTI_FMT(text),
                                                      RTI_FMT(token->text));
        }
        return text;
}

ParameterizedTest(struct row *row, format, tokens)
{
        rti_format *format = NULL;
        bench b;
        int r;

        bench_init(&b, "syscall");
        r = rti_format_parse(&b.checker, rti_str_of(row->text), &format);
        if (*row->tokens) {
                cr_assert_eq(r, RT_OK, "'%s': %.*s", row->text, RTI_FMT(b.checker.error.hint));
                EXPECT_TEXT(tokens_text(&b.arena, format), rti_str_of(row->tokens));
        } else {
                cr_assert_eq(r, RT_ERULES, "'%s' was accepted", row->text);
                cr_expect_null(format);
        }
        bench_done(&b);
}

Test(format, a_refusal_says_why_and_where)
{
        rti_format *format;
        bench b;

        bench_init(&b, "syscall");
        cr_assert_eq(rti_format_parse(&b.checker, RTI_STR("a\n%proc.nmae x"), &format), RT_ERULES);
        EXPECT_TEXT(b.checker.error.message, RTI_STR("unknown filter: unexpected token after '"));
        EXPECT_TEXT(b.checker.error.hint,
                    RTI_STR("filter_check called with nonexistent field proc.nmae; did you mean "
                            "'proc.name'?"));
        cr_expect_eq(b.checker.error.pos.line, 2);
        cr_expect_eq(b.checker.error.pos.column, 1);
        cr_expect_eq(b.checker.error.end, 12);
        cr_assert_eq(rti_format_parse(&b.checker, RTI_STR(""), &format), RT_ERULES);
        EXPECT_TEXT(b.checker.error.message, RTI_STR("empty formatting token"));
        bench_done(&b);
}

Test(format, fields_inside_of_transformers_come_first_and_once)
{
        static const char *const names[] = { "proc.name", "toupper(concat(proc.name,evt.arg.path))",
                                             "evt.arg.path", "fd.name" };
        rti_format *format;
        uint32_t plain = 0;
        bench b;

        bench_init(&b, "syscall");
        cr_assert_eq(rti_format_parse(&b.checker,
                                      RTI_STR("%proc.name %toupper(concat(proc.name, "
                                              "evt.arg.path)) %fd.name %proc.name"),
                                      &format),
                     RT_OK);
        cr_assert_eq(format->n_fields, RTI_COUNT(names));
        for (uint32_t i = 0; i < format->n_fields; i++) {
                size_t j = 0;

                while (j < RTI_COUNT(names) && !rti_str_is(format->fields[i].name, names[j]))
                        j++;
                cr_expect_lt(j, RTI_COUNT(names), "%.*s", RTI_FMT(format->fields[i].name));
                plain += format->fields[i].expr->what == RTI_V_FIELD;
        }
        cr_expect_eq(plain, 3);
        bench_done(&b);
}
