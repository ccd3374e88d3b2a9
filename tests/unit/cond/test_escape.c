/* SPDX-License-Identifier: Apache-2.0 */
/* Quoted strings. */
#include "cond_test.h"

struct row {
        char text[32];
        char quoted[48];
};

ParameterizedTestParameters(escape, only_what_must_be_quoted_is)
{
        static struct row rows[] = {
                { "", "" },
                { "a,(b)", "a,(b)" },
                { "a b", "\"a b\"" },
                { "a=b", "\"a=b\"" },
                { "it's", "\"it's\"" },
                { "\"\\", "\"\\\"\\\\\"" },
                { "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
                { "\xff ", "\"\xff \"" },
        };
        return cr_make_param_array(struct row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct row *row, escape, only_what_must_be_quoted_is)
{
        rt_str quoted, text, error;
        rti_arena arena;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        quoted = rti_escape(&arena, rti_str_of(row->text));
        EXPECT_TEXT(quoted, rti_str_of(row->quoted));
        if (quoted.len > 0 && quoted.ptr[0] == '"') {
                cr_assert_eq(rti_unescape(&arena, quoted, &text, &error), RT_OK);
                EXPECT_TEXT(text, rti_str_of(row->text));
        }
        rti_arena_done(&arena);
}

Test(escape, every_byte_survives)
{
        rti_arena arena;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        for (unsigned c = 0; c < 256; c++) {
                const char bytes[2] = { ' ', (char) (unsigned char) c };
                rt_str text, error;

                cr_assert_eq(rti_unescape(&arena, rti_escape(&arena, (rt_str){ bytes, 2 }), &text,
                                          &error),
                             RT_OK);
                cr_expect(rti_str_eq(text, (rt_str){ bytes, 2 }), "byte %u", c);
        }
        rti_arena_done(&arena);
}

Test(escape, a_backslash_swallows_a_blank)
{
        rt_str text, error;
        rti_arena arena;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_unescape(&arena, RTI_STR("'a\\ b\\/'"), &text, &error), RT_OK);
        EXPECT_TEXT(text, RTI_STR("a\\b/"));
        cr_expect_eq(rti_unescape(&arena, RTI_STR("'a\\'"), &text, &error), RT_ERULES);
        cr_expect_eq(rti_unescape(&arena, RTI_STR("'"), &text, &error), RT_ERULES);
        rti_arena_done(&arena);
}
