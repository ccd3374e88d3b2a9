/* SPDX-License-Identifier: Apache-2.0 */
/* Macros put into conditions: copies, loops, limits, and the way back to where they were used. */
#include "cond_test.h"
#include <stdio.h>

enum { MOST_MACROS = 40 };

typedef struct macros {
        rti_arena *arena;
        size_t n;
        char names[MOST_MACROS][8];
        rti_node *trees[MOST_MACROS];
} macros;

static void
define(macros *m, const char *name, const char *text)
{
        snprintf(m->names[m->n], sizeof m->names[0], "%s", name);
        m->trees[m->n++] = parsed(m->arena, rti_arena_copy(m->arena, rti_str_of(text)));
}

static const rti_node *
find(rt_str name, void *user)
{
        const macros *m = user;

        for (size_t i = 0; i < m->n; i++)
                if (rti_str_is(name, m->names[i]))
                        return m->trees[i];
        return NULL;
}

static int
resolve(macros *m, const char *text, rti_node **root, rt_str *ret_error, const rti_node **ret_at)
{
        *root = parsed(m->arena, rti_str_of(text));
        return rti_macros_resolve(m->arena, root, find, m, ret_error, ret_at);
}

Test(macros, trees_replace_names)
{
        const rti_node *at;
        rti_node *root;
        rti_arena arena;
        rt_str error;
        macros m = { .arena = &arena };

        rti_arena_init(&arena, &rti_alloc_default, 0);
        define(&m, "a", "x.y = 1 or b");
        define(&m, "b", "not x.z in (1, 2)");
        cr_assert_eq(resolve(&m, "a and b and not a", &root, &error, &at), RT_OK);
        EXPECT_TEXT(rti_node_print(&arena, root),
                    RTI_STR("((x.y = 1 or not x.z in (1, 2)) and not x.z in (1, 2) and not "
                            "(x.y = 1 or not x.z in (1, 2)))"));
        EXPECT_TEXT(rti_node_print(&arena, m.trees[0]), RTI_STR("(x.y = 1 or b)"));
        rti_arena_done(&arena);
}

Test(macros, copies_know_where_they_were_used)
{
        const rti_node *at, *field;
        rti_node *root;
        rti_arena arena;
        rt_str error;
        macros m = { .arena = &arena };

        rti_arena_init(&arena, &rti_alloc_default, 0);
        define(&m, "a", "c.d exists or b");
        define(&m, "b", "x.y = 1");
        cr_assert_eq(resolve(&m, "e.f exists and a", &root, &error, &at), RT_OK);
        field = root->child[1]->child[1]->child[0];
        EXPECT_TEXT(field->macro, RTI_STR("b"));
        EXPECT_TEXT(field->used_at->macro, RTI_STR("a"));
        cr_expect_eq(field->used_at->pos.offset, 14);
        cr_expect_eq(field->used_at->used_at->pos.offset, 15);
        cr_expect_eq(field->used_at->used_at->macro.len, 0);
        cr_expect_null(field->used_at->used_at->used_at);
        rti_arena_done(&arena);
}

Test(macros, trees_resolved_before_lead_on_to_their_use)
{
        const rti_node *at, *field;
        rti_node *root;
        rti_arena arena;
        rt_str error;
        macros m = { .arena = &arena };

        rti_arena_init(&arena, &rti_alloc_default, 0);
        define(&m, "b", "x.y = 1");
        define(&m, "a", "c.d exists or b");
        cr_assert_eq(rti_macros_resolve(&arena, &m.trees[1], find, &m, &error, &at), RT_OK);
        cr_assert_eq(resolve(&m, "e.f exists and a", &root, &error, &at), RT_OK);
        field = root->child[1]->child[1]->child[0];
        EXPECT_TEXT(field->macro, RTI_STR("b"));
        EXPECT_TEXT(field->used_at->macro, RTI_STR("a"));
        cr_expect_eq(field->used_at->used_at->pos.offset, 15);
        field = root->child[1]->child[0]->child[0];
        EXPECT_TEXT(field->macro, RTI_STR("a"));
        cr_expect_eq(field->used_at->pos.offset, 15);
        cr_expect_null(m.trees[1]->child[1]->used_at->used_at, "the macro's own tree was changed");
        rti_arena_done(&arena);
}

Test(macros, a_loop_counts_before_an_unknown_name)
{
        const rti_node *at = NULL;
        rti_node *root;
        rti_arena arena;
        rt_str error;
        macros m = { .arena = &arena };

        rti_arena_init(&arena, &rti_alloc_default, 0);
        define(&m, "a", "x.y = 1 and b");
        define(&m, "b", "nosuch or a");
        cr_expect_eq(resolve(&m, "other and a", &root, &error, &at), RT_ERULES);
        EXPECT_TEXT(error, RTI_STR("reference loop in macro 'a'"));
        cr_expect_eq(at->pos.offset, 10);
        EXPECT_TEXT(at->macro, RTI_STR("b"));
        cr_expect_eq(resolve(&m, "other and nosuch", &root, &error, &at), RT_ERULES);
        EXPECT_TEXT(error, RTI_STR("Undefined macro 'other' used in filter."));
        cr_expect_eq(at->pos.offset, 0);
        rti_arena_done(&arena);
}

Test(macros, doubling_is_bounded)
{
        const rti_node *at;
        rti_node *root;
        rti_arena arena;
        rt_str error;
        macros m = { .arena = &arena };

        rti_arena_init(&arena, &rti_alloc_default, 0);
        define(&m, "m0", "x.y = 1");
        for (int i = 1; i < MOST_MACROS; i++) {
                char name[8], text[32];

                snprintf(name, sizeof name, "m%d", i);
                snprintf(text, sizeof text, "m%d and m%d", i - 1, i - 1);
                define(&m, name, text);
        }
        cr_expect_eq(resolve(&m, "m10", &root, &error, &at), RT_OK);
        cr_expect_eq(resolve(&m, "m39", &root, &error, &at), RT_ELIMIT);
        rti_arena_done(&arena);
}
