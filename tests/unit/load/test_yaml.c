/* SPDX-License-Identifier: Apache-2.0 */
/* YAML nodes and where they stand. */
#include "base/alloc.h"
#include "compiler/load/yaml.h"
#include "lang/lang.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

static rti_arena arena;
static rti_yaml_error error;

static int
read_text(rt_str text, rti_yaml_file **ret_file)
{
        rti_arena_init(&arena, &rti_alloc_default, 0);
        return rti_yaml_read(&arena, RTI_STR("t.yaml"), text, ret_file, &error);
}

static rti_yaml_file *
read_good(const char *text)
{
        rti_yaml_file *file;

        cr_assert_eq(read_text(rti_str_of(text), &file), RT_OK, "%.*s", RTI_FMT(error.message));
        return file;
}

struct mapping {
        char text[120];
        char value[60];
        char find[12]; /* its first byte in the value ... */
        int at;        /* ... was written at this offset of the text */
};

ParameterizedTestParameters(yaml, an_offset_of_a_scalar_is_found_in_the_text)
{
        static struct mapping rows[] = {
                { "- a: plain text\n", "plain text", "text", 11 },
                { "- a: plain\n    text\n", "plain text", "text", 15 },
                { "- a: >\n    one\n    two\n", "one two\n", "two", 19 },
                { "- a: >- # why\n    one\n\n      two\n", "one\n\n  two", "two", 29 },
                { "- a: |\n   one\n   two\n", "one\ntwo\n", "two", 17 },
                { "- a: 'it''s me'\n", "it's me", "me", 12 },
                { "- a: \"a\\tb \\x41 c\"\n", "a\tb A c", "c", 16 },
                { "- a: \"\\u00e9 x\"\n", "\xc3\xa9 x", "x", 13 },
                { "- a: \"one \\\n   two\"\n", "one two", "two", 15 },
                { "- a: &n !!str >\n    one\n    two\n", "one two\n", "two", 28 },
                { "\xef\xbb\xbf- a: x y\n", "x y", "y", 7 },
                { "# \xc3\xa9\n- a: x y\n", "x y", "y", 12 },
        };

        return cr_make_param_array(struct mapping, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct mapping *row, yaml, an_offset_of_a_scalar_is_found_in_the_text)
{
        const rti_yaml_file *file = read_good(row->text);
        const rti_yaml_node *node = file->docs[0]->child[0]->child[1];
        const size_t at = rti_str_find(node->text, rti_str_of(row->find));

        cr_assert(rti_str_is(node->text, row->value), "%.*s", RTI_FMT(node->text));
        cr_assert_eq(rti_yaml_offset(file, node, (uint32_t) at), (uint32_t) (uint32_t) row->at,
                     "%s: %u", row->text, rti_yaml_offset(file, node, (uint32_t) at));
        cr_assert_leq(rti_yaml_offset(file, node, (uint32_t) node->text.len), node->end);
        rti_arena_done(&arena);
}

Test(yaml, null_is_what_yaml_cpp_takes_for_it)
{
        const rti_yaml_file *file =
                read_good("[~, null, Null, NULL, nUll, '', \"null\", !!str null, x: ]");

        for (uint32_t i = 0; i < 4; i++)
                cr_assert_eq(file->docs[0]->child[i]->kind, RTI_YAML_NULL);
        for (uint32_t i = 4; i < 8; i++)
                cr_assert_eq(file->docs[0]->child[i]->kind, RTI_YAML_SCALAR);
        cr_assert_eq(rti_yaml_get(file->docs[0]->child[8], "x")->kind, RTI_YAML_NULL);
        rti_arena_done(&arena);
}

Test(yaml, the_first_of_equal_keys_counts)
{
        const rti_yaml_file *file = read_good("{a: 1, a: 2}");

        cr_assert(rti_str_is(rti_yaml_get(file->docs[0], "a")->text, "1"));
        rti_arena_done(&arena);
}

Test(yaml, an_alias_is_the_node_it_names)
{
        const rti_yaml_file *file = read_good("[&a [x], *a]");

        cr_assert_eq(file->docs[0]->child[0], file->docs[0]->child[1]);
        rti_arena_done(&arena);
}

Test(yaml, marks_count_bytes_from_zero)
{
        const rti_yaml_file *file = read_good("- '\xc3\xa9': [x,\n  y]\n");
        const rti_yaml_node *list = file->docs[0]->child[0]->child[1];
        uint32_t line, column;

        rti_yaml_mark(file, list->start, &line, &column);
        cr_assert_eq(line, 0);
        cr_assert_eq(column, 8);
        rti_yaml_mark(file, list->child[1]->start, &line, &column);
        cr_assert_eq(line, 1);
        cr_assert_eq(column, 2);
        rti_arena_done(&arena);
}

struct refusal {
        char text[80];
        int len;
        int status;
        int offset;
        char message[80];
};

ParameterizedTestParameters(yaml, bad_texts_are_refused_where_they_go_wrong)
{
        static struct refusal rows[] = {
                { "this : is : not : yaml", 22, RT_ERULES, 10,
                  "yaml-cpp: error at line 1, column 11: illegal map value" },
                { "- a\0b", 5, RT_ERULES, 3, "The file holds a NUL byte" },
                { "- a\xff", 4, RT_ERULES, 3, "The file is not valid UTF-8" },
                { "- *x", 4, RT_ERULES, 2,
                  "yaml-cpp: error at line 1, column 3: the referenced anchor is not defined: x" },
                { "- &x [*x]", 9, RT_ERULES, 6, "An alias names a node that it is part of" },
        };

        return cr_make_param_array(struct refusal, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct refusal *row, yaml, bad_texts_are_refused_where_they_go_wrong)
{
        rti_yaml_file *file;

        cr_assert_eq(read_text((rt_str){ row->text, (size_t) row->len }, &file), row->status);
        cr_assert_eq(error.offset, (uint32_t) row->offset, "%u", error.offset);
        cr_assert(rti_str_is(error.message, row->message), "%.*s", RTI_FMT(error.message));
        rti_arena_done(&arena);
}

Test(yaml, deep_nesting_is_refused)
{
        static char text[20001];
        rti_yaml_file *file;

        memset(text, '[', 10000);
        memset(text + 10000, ']', 10000);
        cr_assert_eq(read_text((rt_str){ text, 20000 }, &file), RT_ELIMIT);
        cr_assert_eq(error.id, RTI_D_LIMIT);
        cr_assert_eq(error.offset, RTI_MAX_YAML_DEPTH);
        rti_arena_done(&arena);
}

Test(yaml, an_alias_bomb_is_refused)
{
        rti_buf buf;
        rti_yaml_file *file;

        rti_buf_init(&buf, &rti_alloc_default, 0);
        rti_buf_add_text(&buf, "- &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 12; i++) {
                rti_buf_printf(&buf, "- &a%d [", i);
                for (int k = 0; k < 10; k++)
                        rti_buf_printf(&buf, "%s*a%d", k ? "," : "", i - 1);
                rti_buf_add_text(&buf, "]\n");
        }
        cr_assert_eq(read_text(rti_buf_str(&buf), &file), RT_ELIMIT);
        rti_buf_done(&buf);
        rti_arena_done(&arena);
}
