/* SPDX-License-Identifier: Apache-2.0 */
/* Which texts are conditions, what they are read as, and what is said of the others. */
#include "cond_test.h"

/* Criterion runs each row in a process of its own: rows hold arrays, never pointers. */
struct accept {
        char text[120];
        char prints[120];
};

ParameterizedTestParameters(parse, reads)
{
        static struct accept rows[] = {
                { "a.b existsand c", "(a.b exists and c)" },
                { "x.y in()", "x.y in ()" },
                { "x.y inlst", "x.y in lst" },
                { "a or (b) and c", "(a or (b and c))" },
                { "a or(b and c)", "(a or (b and c))" },
                { "(a)and(b)and(c)", "(a and b and c)" },
                { "notb", "notb" },
                { "a and not", "(a and not)" },
                { "not not a", "a" },
                { "not not(not x)", "not x" },
                { "not(not(x))", "not not x" },
                { "x.y=z", "x.y = z" },
                { "x.y == 'a b'", "x.y == \"a b\"" },
                { "x.y = a=", "" },
                { "x.y > -5", "x.y > -5" },
                { "x.y <= 0XaB", "x.y <= 0XaB" },
                { "x.y >= 1.5e+10", "x.y >= 1.5e+10" },
                { "x.y = oneof", "x.y = oneof" },
                { "x.y = anyof and b", "(x.y = anyof and b)" },
                { "x.y = anyof andy", "x.y = anyof andy" },
                { "x.y contains  allof\n(a)", "x.y contains allof (a)" },
                { "x.y[\"\"] = z", "x.y[\"\"] = z" },
                { "x.y[a\\b] = z", "x.y[\"a\\\\b\"] = z" },
                { "tolower( x.y ) = c", "tolower(x.y) = c" },
                { "getopt(x.y, \"nt:\")[\"t\"] = v", "getopt(x.y,nt:)[t] = v" },
                { "join(\"-\", ( x.y , 5, 'z' ,len(x.z))) = /t",
                  "join(-,(x.y,5,z,len(x.z))) = /t" },
                { "x.y pmatch val( x.z )", "x.y pmatch val(x.z)" },
                { "x.y = 'it\\'s'", "x.y = \"it's\"" },
                { "x.y = \"\\x41\\x00\"", "x.y = \"A\\x00\"" },
        };
        return cr_make_param_array(struct accept, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct accept *row, parse, reads)
{
        rti_parse_error error = { 0 };
        rti_node *root = NULL;
        rti_arena arena;
        int r;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        r = rti_cond_parse(&arena, rti_str_of(row->text), 100, &root, &error);
        if (*row->prints) {
                cr_assert_eq(r, RT_OK, "'%s': %.*s", row->text, RTI_FMT(error.message));
                EXPECT_TEXT(rti_node_print(&arena, root), rti_str_of(row->prints));
        } else {
                cr_expect_eq(r, RT_ERULES, "'%s' was read", row->text);
        }
        rti_arena_done(&arena);
}

struct reject {
        char text[64];
        char says[96]; /* how the message begins */
        uint32_t offset, line, column;
};

ParameterizedTestParameters(parse, rejects)
{
        static struct reject rows[] = {
                { "", "filter input string is empty", 0, 1, 1 },
                { "()", "expected a '(' token, a field check, or an identifier", 1, 1, 2 },
                { "a andb", "expected blank or '(' after 'and'", 5, 1, 6 },
                { "a orb", "expected blank or '(' after 'or'", 4, 1, 5 },
                { "a or(b) and c", "unexpected token after ')', expecting 'or', 'and'", 8, 1, 9 },
                { "a not b", "unexpected token after 'a', expecting 'or', 'and'", 2, 1, 3 },
                { "x.y = 'a b' c", "unexpected token after 'a b', expecting", 12, 1, 13 },
                { "a\nand\n(b", "expected a ')' token", 8, 3, 3 },
                { "x.y", "expected a valid check operator: one of 'exists', '<=', '<',", 3, 1, 4 },
                { "x.y containsfoo", "expected a valid check operator", 4, 1, 5 },
                { "x.y > abc", "expected a number value or a field with a valid", 6, 1, 7 },
                { "x.y =", "expected a string value or a field with a valid transform", 5, 1, 6 },
                { "x.y in (a,)", "expected a string value", 10, 1, 11 },
                { "x.y in (a b)", "expected a ')' token", 10, 1, 11 },
                { "x.y in =", "expected a list, an identifier, or a field with a valid", 7, 1, 8 },
                { "x.y[] = a", "expected a valid field argument: a quoted string or a b", 4, 1, 5 },
                { "x.y[a = b", "expected a ']' token", 5, 1, 6 },
                { "x.y = val(tolower(z.w))", "expected a field within 'val' transf", 10, 1, 11 },
                { "b64(x.y [1]) exists", "expected a ')' token closing the transf", 8, 1, 9 },
                { "b64(testfield) exists", "expected field transformer argument: f", 4, 1, 5 },
                { "join(',', (,)) = a", "expected transformer list argument: fiel", 11, 1, 12 },
                { "join(',', (x.y z)) = a", "expected ')'", 15, 1, 16 },
                { "x.y = 'a\\q'", "unsupported string escape sequence: \\q", 6, 1, 7 },
                { "x.y = \"a\\'b\"", "invalid \\' escape in \"-quoted string", 6, 1, 7 },
                { "x.y = '\\x4'", "truncated hex char escape sequence", 6, 1, 7 },
                { "x.y = '\\xzz'", "invalid hex char escape sequence: zz", 6, 1, 7 },
                { "x.y = 'abc\\\\'", "expected a string value or a field", 6, 1, 7 },
                { "val(x.y) exists", "unexpected token after 'val', expecting", 3, 1, 4 },
        };
        return cr_make_param_array(struct reject, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct reject *row, parse, rejects)
{
        rti_parse_error error = { 0 };
        rti_node *root = NULL;
        rti_arena arena;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_cond_parse(&arena, rti_str_of(row->text), 100, &root, &error), RT_ERULES);
        cr_expect_null(root, "the result was written on failure");
        cr_expect(rti_str_starts(error.message, rti_str_of(row->says)), "'%s': '%.*s'", row->text,
                  RTI_FMT(error.message));
        cr_expect(error.pos.offset == row->offset && error.pos.line == row->line
                          && error.pos.column == row->column,
                  "'%s': at %u, %u:%u", row->text, error.pos.offset, error.pos.line,
                  error.pos.column);
        rti_arena_done(&arena);
}

Test(parse, a_nul_ends_nothing_and_begins_nothing)
{
        static const char text[] = "x.y = a\0b";
        rti_parse_error error = { 0 };
        rti_node *root;
        rti_arena arena;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_expect_eq(rti_cond_parse(&arena, (rt_str){ text, sizeof text - 1 }, 100, &root, &error),
                     RT_ERULES);
        EXPECT_TEXT(error.message, RTI_STR("unexpected token after 'a', expecting 'or', 'and'"));
        rti_arena_done(&arena);
}

/* `levels` parentheses around a name. */
static int
parse_nested(rti_arena *arena, size_t levels, uint32_t max_depth, rti_parse_error *ret_error)
{
        char *text = rti_arena_get(arena, 2 * levels + 1);
        rti_node *root;

        cr_assert_not_null(text);
        memset(text, '(', levels);
        text[levels] = 'a';
        memset(text + levels + 1, ')', levels);
        return rti_cond_parse(arena, (rt_str){ text, 2 * levels + 1 }, max_depth, &root, ret_error);
}

Test(parse, depth_is_bounded)
{
        rti_parse_error error = { 0 };
        rti_arena arena;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_expect_eq(parse_nested(&arena, 10, 100, &error), RT_OK);
        cr_expect_eq(parse_nested(&arena, 100, 100, &error), RT_ERULES);
        EXPECT_TEXT(error.message, RTI_STR("exceeded max depth limit of 100"));
        cr_expect_eq(parse_nested(&arena, 1000 * 1000, 1000, &error), RT_ERULES);
        EXPECT_TEXT(error.message, RTI_STR("exceeded max depth limit of 1000"));
        rti_arena_done(&arena);
}

Test(parse, nodes_know_where_they_stand)
{
        const rti_node *root, *check;
        rti_arena arena;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        root = parsed(&arena, RTI_STR("a and\n  not x.y[z] in (b, 'c') "));
        check = root->child[1]->child[0];
        cr_expect_eq(root->pos.offset, 0);
        cr_expect_eq(root->end, 30);
        cr_expect_eq(root->child[1]->pos.line, 2);
        cr_expect_eq(root->child[1]->pos.column, 3);
        cr_expect_eq(check->pos.offset, 12);
        cr_expect_eq(check->child[0]->end, 18);
        cr_expect_eq(check->child[1]->pos.offset, 22);
        cr_expect_eq(check->child[1]->end, 30);
        cr_expect_eq(check->child[1]->child[1]->pos.offset, 26);
        rti_arena_done(&arena);
}

Test(parse, one_value_is_read_as_far_as_it_goes)
{
        static const rt_str text = RTI_STR_INIT("proc.name[x]and more");
        rti_parse_error error;
        rti_node *node;
        rti_arena arena;
        size_t len;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_value_expr_parse(&arena, text, true, &node, &len, &error), RT_OK);
        cr_expect_eq(len, 12);
        cr_expect(node->has_arg);
        cr_assert_eq(rti_value_expr_parse(&arena, text, false, &node, &len, &error), RT_OK);
        cr_expect_eq(len, 9);
        cr_expect(!node->has_arg);
        cr_expect_eq(rti_value_expr_parse(&arena, RTI_STR("name"), true, &node, &len, &error),
                     RT_ERULES);
        rti_arena_done(&arena);
}
