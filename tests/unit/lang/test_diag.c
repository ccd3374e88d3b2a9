/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: kept, quoted, printed. */
#include "base/alloc.h"
#include "lang/diag.h"
#include <criterion/criterion.h>

static const char text[] = "- rule: r\n  condition: evt.tyqe=open\n";

static rt_diags *
some(void)
{
        const rti_location file = {
                "rules content", { "", 0 }, RTI_STR_INIT("a.yaml"), 0, 0, 0, NULL
        };
        const rti_location rule = { "rule", RTI_STR_INIT("r"), RTI_STR_INIT("a.yaml"), 0, 2, 2,
                                    &file };
        const rti_diag diag = {
                .id = RTI_D_COMPILE_CONDITION,
                .reference = true,
                .place = { 2, 14, 2, 22 },
                .file = RTI_STR("a.yaml"),
                .item = RTI_STR("r"),
                .message = RTI_STR("no such field"),
                .hint = RTI_STR("did you mean 'evt.type'?"),
                .text = rti_str_of(text),
                .offset = 23,
                .where = &rule,
        };
        rt_diags *diags;

        cr_assert_eq(rti_diags_new(&rti_alloc_default, &diags), RT_OK);
        rti_diags_begin(diags, RTI_STR("a.yaml"));
        rti_diags_schema(diags, RTI_STR(""));
        rti_diag_add(diags, &diag);
        return diags;
}

static void
prints(uint32_t format, uint32_t flags, const char *expected)
{
        rt_diags *diags = some();
        rt_str got;

        cr_assert_eq(rti_diags_print(diags, format, flags, &got), RT_OK);
        cr_assert(rti_str_is(got, expected), "%.*s", RTI_FMT(got));
        rti_diags_free(diags);
}

Test(diag, text_shows_the_line_and_a_caret_below)
{
        prints(RT_DIAGS_TEXT, 0,
               "a.yaml:2:14: error: no such field [RT1004]\n"
               "      condition: evt.tyqe=open\n"
               "                 ^~~~~~~~\n"
               "    hint: did you mean 'evt.type'?\n");
}

Test(diag, the_document_is_falcos_with_keys_added)
{
        prints(RT_DIAGS_JSON, 0,
               "{\"falco_load_results\":[{\"errors\":[{\"code\":\"LOAD_ERR_COMPILE_CONDITION\","
               "\"codedesc\":\"Error compiling condition\",\"context\":{\"locations\":["
               "{\"item_name\":\"\",\"item_type\":\"rules content\",\"position\":{\"column\":0,"
               "\"line\":0,\"name\":\"a.yaml\",\"offset\":0}},{\"item_name\":\"r\","
               "\"item_type\":\"rule\",\"position\":{\"column\":2,\"line\":0,\"name\":\"a.yaml\","
               "\"offset\":2}}],\"snippet\":\"- rule: r\\n  ^\\n\"},\"column\":14,"
               "\"end\":{\"column\":22,\"line\":2},\"file\":\"a.yaml\","
               "\"hint\":\"did you mean 'evt.type'?\",\"id\":\"RT1004\",\"line\":2,"
               "\"message\":\"no such field\",\"reference\":true}],\"name\":\"a.yaml\","
               "\"schema_valid\":true,\"schema_warnings\":[],\"successful\":false,"
               "\"warnings\":[]}]}\n");
}

Test(diag, github_annotations_escape_what_they_must)
{
        prints(RT_DIAGS_GITHUB, 0,
               "::error file=a.yaml,line=2,col=14,endLine=2,endColumn=22,title=RT1004 Error "
               "compiling condition::no such field (did you mean 'evt.type'?)\n");
}

Test(diag, the_summary_is_falcos)
{
        prints(RT_DIAGS_SUMMARY, 0,
               "a.yaml: Invalid\n"
               " 1 errors: [LOAD_ERR_COMPILE_CONDITION (Error compiling condition)]\n");
        prints(RT_DIAGS_SUMMARY, RT_DIAGS_VERBOSE,
               "a.yaml: Invalid\n"
               "1 Errors:\n"
               "In rules content: (a.yaml:0:0)\n"
               "    rule 'r': (a.yaml:0:2)\n"
               "------\n- rule: r\n  ^\n------\n"
               "LOAD_ERR_COMPILE_CONDITION (Error compiling condition): no such field\n\n");
}

Test(diag, what_an_earlier_file_said_is_not_said_again)
{
        rt_diags *diags = some();
        rti_diag again = {
                .id = RTI_D_COMPILE_CONDITION,
                .place = { 2, 14, 2, 22 },
                .file = RTI_STR("a.yaml"),
                .item = RTI_STR("r"),
                .message = RTI_STR("no such field"),
        };

        rti_diags_begin(diags, RTI_STR("b.yaml"));
        rti_diag_add(diags, &again);
        cr_assert_eq(rt_diags_count(diags, 0), 1);
        again.place.line = 3;
        rti_diag_add(diags, &again);
        cr_assert_eq(rt_diags_count(diags, 0), 2);
        rti_diags_free(diags);
}

Test(diag, control_characters_do_not_reach_the_terminal)
{
        const rti_diag diag = { .id = RTI_D_LIMIT, .message = RTI_STR("a\033[31mb") };
        rt_diags *diags;
        rt_str got;

        cr_assert_eq(rt_diags_new(&diags), RT_OK);
        rti_diag_add(diags, &diag);
        cr_assert_eq(rt_diags_print(diags, RT_DIAGS_TEXT, 0, &got), RT_OK);
        cr_assert(rti_str_is(got, "error: a\\x1b[31mb [RT1008]\n"));
        rt_diags_unref(diags);
}

Test(diag, snippets_are_cut_on_both_sides)
{
        char line[400];
        rti_buf buf;

        memset(line, 'x', sizeof line);
        rti_buf_init(&buf, &rti_alloc_default, 0);
        rti_diag_snippet(&buf, (rt_str){ line, sizeof line }, 200);
        cr_assert_eq(buf.len, 161 + 1 + 80 + 2);
        cr_assert_eq(memcmp(buf.ptr, "...x", 4), 0);
        cr_assert_eq(memcmp(buf.ptr + 157, "x...\n", 5), 0);
        rti_buf_done(&buf);
}
