/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions that load, with a warning. */
#include "cond_test.h"
#include "lang/diag.h"

struct row {
        char text[72];
        char says[100]; /* how the warning begins; empty: none */
};

static void
expect_warning(const rti_checker *checker, const struct row *row)
{
        const rti_check_warning *warning = checker->warnings;

        if (!*row->says) {
                cr_expect_null(warning, "'%s' has a warning", row->text);
                return;
        }
        cr_assert_not_null(warning, "'%s' has no warning", row->text);
        cr_expect(rti_str_starts(warning->message, rti_str_of(row->says)), "'%.*s'",
                  RTI_FMT(warning->message));
        cr_expect_null(warning->next, "'%s' has two warnings", row->text);
}

#define FIELD       "' may be a valid field misused as a const string value"
#define TRANSFORMER "' may be a valid field transformer misused as a const string value"
#define SIMPLE(p) \
        "regex check with '" p "' may be optimized with simpler operators such as '=', 'contains'"

ParameterizedTestParameters(warn, about_constants)
{
        static struct row rows[] = {
                { "evt.source = evt.plugininfo", "'evt.plugininfo" FIELD },
                { "evt.source in (a, \"evt. plugininfo\")", "'evt. plugininfo" FIELD },
                { "evt.source = evt.arg.fd", "'evt.arg.fd" FIELD },
                { "evt.source = proc.aname[1]", "'proc.aname[1]" FIELD },
                { "evt.source = evt.nosuch", "" },
                { "evt.source = 10.0.0.1", "" },
                { "evt.source = 'tolower(evt.plugininfo)'",
                  "'tolower(evt.plugininfo)" TRANSFORMER },
                { "evt.source = 'val( x )'", "'val( x )" TRANSFORMER },
                { "evt.source = tolower", "" },
                { "evt.source = 'tolow(evt.plugininfo)'", "" },
                { "evt.source regex syscall$", SIMPLE("syscall$") },
                { "evt.source regex '^.*syscall.?$'", SIMPLE("^.*syscall.?$") },
                { "evt.source regex s.*l", "" },
                { "evt.source regex 'syscall\\\\.*'", "" },
                { "evt.source regex syscall.{1}", "" },
        };
        return cr_make_param_array(struct row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct row *row, warn, about_constants)
{
        rti_tnode *typed;
        bench b;

        bench_init(&b, "syscall");
        cr_assert_eq(rti_cond_resolve(&b.checker, parsed(&b.arena, rti_str_of(row->text)), &typed),
                     RT_OK, "'%s': %.*s", row->text, RTI_FMT(b.checker.error.message));
        expect_warning(&b.checker, row);
        bench_done(&b);
}

ParameterizedTestParameters(warn, about_fields)
{
        static struct row rows[] = {
                { "ka.field exists", "" },
                { "some.field = <NA>", "" },
                { "ka.field == <NA>", "comparing a field value with <NA> is unsafe" },
                { "not jevt.value[/a] in (x, <NA>)", "comparing a field value with <NA>" },
                { "tolower(ka.field) pmatch (<NA>)", "comparing a field value with <NA>" },
                { "ka.field startswith <NA>", "" },
                { "ka.a = <NA> and ka.b = <NA>", "comparing a field value with <NA>" },
                { "evt.dir = < and x.y = 1 or evt.dir = >",
                  "due to the drop of enter events, 'evt.dir = <' always evaluates to true" },
                { "evt.latency.ns > 5", "due to the drop of enter events, 'evt.latency.ns'" },
        };
        return cr_make_param_array(struct row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct row *row, warn, about_fields)
{
        bench b;

        bench_init(&b, "k8s_audit");
        cr_assert_eq(rti_cond_warn(&b.checker, parsed(&b.arena, rti_str_of(row->text))), RT_OK);
        expect_warning(&b.checker, row);
        bench_done(&b);
}

Test(warn, a_condition_that_is_refused_has_no_warnings_about_constants)
{
        rti_tnode *typed;
        bench b;

        bench_init(&b, "syscall");
        cr_assert_eq(rti_cond_resolve(
                             &b.checker,
                             parsed(&b.arena, RTI_STR("evt.source = evt.source and a.b exists")),
                             &typed),
                     RT_ERULES);
        cr_expect_null(b.checker.warnings);
        bench_done(&b);
}
