/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fuzz_condition.c - any bytes as a condition. What parses prints as text that parses to the same
 * tree (where the canonical form can be read back at all), and goes through everything that the
 * front end does with trees, against the fields of two sources.
 */
#include "compiler/cond/details.h"
#include "compiler/cond/lex.h"
#include "compiler/cond/macros.h"
#include "compiler/cond/typed.h"
#include "fuzz_fields.h"

typedef bool lex_fn(rti_lexer *lexer);

/* Is a value printed in quotes? They hide everything but a backslash in front of the last one. */
static bool
is_quoted(rti_arena *arena, rt_str text)
{
        return rti_escape(arena, text).len > text.len && text.ptr[text.len - 1] != '\\';
}

/* Is a value or an argument printed so that it is read back as it is? */
static bool
reads_back(rti_arena *arena, rt_str text, lex_fn *lex)
{
        rti_lexer lexer;

        if (text.len == 0)
                return false;
        if (is_quoted(arena, text))
                return true;
        rti_lex_init(&lexer, arena, text);
        return rti_escape(arena, text).len == text.len && lex(&lexer)
               && lexer.pos.offset == text.len;
}

/* Arguments of transformers are never bare strings. */
static bool
argument_reads_back(rti_arena *arena, const rti_node *value)
{
        rti_lexer lexer;

        if (is_quoted(arena, value->text))
                return true;
        rti_lex_init(&lexer, arena, value->text);
        return rti_lex_number(&lexer) && lexer.pos.offset == value->text.len;
}

/* Can the tree's canonical text be parsed to the tree again? */
static bool
tree_reads_back(rti_arena *arena, const rti_node *node)
{
        const bool args = node->kind == RTI_NODE_TRANSFORMER || node->kind == RTI_NODE_TLIST;

        if (node->has_arg && node->arg.len > 0 && !reads_back(arena, node->arg, rti_lex_bare_arg))
                return false;
        if (node->kind == RTI_NODE_NOT && node->child[0]->kind == RTI_NODE_NOT)
                return false;
        if (node->kind == RTI_NODE_IDENT && rti_str_is(node->text, "not"))
                return false;
        for (uint32_t i = 0; i < node->n_child; i++) {
                const rti_node *child = node->child[i];

                if (child->kind != RTI_NODE_VALUE) {
                        if (!tree_reads_back(arena, child))
                                return false;
                } else if (args ? !argument_reads_back(arena, child)
                                : !child->number && !reads_back(arena, child->text, rti_lex_bare)) {
                        return false;
                }
        }
        return true;
}

static void
check_printing(rti_arena *arena, const rti_node *root)
{
        const rt_str printed = rti_node_print(arena, root);
        rti_parse_error error;
        rti_node *again;
        rt_str twice;

        CHECK(printed.ptr);
        if (!tree_reads_back(arena, root))
                return;
        CHECK(rti_cond_parse(arena, printed, RTI_MAX_CONDITION_DEPTH * 4, &again, &error) == RT_OK);
        CHECK(rti_node_equal(root, again));
        twice = rti_node_print(arena, again);
        CHECK(rti_str_eq(printed, twice));
}

static void
check_positions(const rti_node *node, rt_str text)
{
        CHECK(node->pos.offset <= node->end && node->end <= text.len);
        CHECK(node->pos.line >= 1 && node->pos.column >= 1);
        for (uint32_t i = 0; i < node->n_child; i++) {
                CHECK(node->pos.offset <= node->child[i]->pos.offset);
                CHECK(node->child[i]->end <= node->end);
                check_positions(node->child[i], text);
        }
}

/* Every macro but "x" stands for a condition that uses "x". */
static const rti_node *
find_macro(rt_str name, void *user)
{
        return rti_str_is(name, "x") ? NULL : user;
}

static void
check_macros(rti_arena *arena, rti_node *root)
{
        const rti_node *at = NULL;
        rti_parse_error ignored;
        rti_node *macro;
        rt_str error;
        int r = rti_cond_parse(arena, RTI_STR("a.b = 1 and not x"), 100, &macro, &ignored);

        CHECK(r == RT_OK);
        r = rti_macros_resolve(arena, &root, find_macro, macro, &error, &at);
        CHECK(r == RT_OK || r == RT_ELIMIT || (r == RT_ERULES && at && error.len > 0));
}

static void
check_source(rti_arena *arena, const rti_node *root, rt_str name)
{
        rti_checker checker = { .arena = arena, .registry = fuzz_fields() };
        rti_event_set events;
        rti_details details;
        rti_tnode *typed;
        int r;

        checker.source = rti_registry_find_source(checker.registry, name);
        CHECK(rti_cond_warn(&checker, root) == RT_OK);
        r = rti_cond_resolve(&checker, root, &typed);
        CHECK(r == RT_OK || (r == RT_ERULES && checker.error.message.len > 0));
        r = rti_cond_events(&checker, root, &events);
        CHECK(r == RT_OK || (r == RT_ERULES && checker.error.message.len > 0));
        CHECK(rti_details_find(arena, root, NULL, &details) == RT_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        const rt_str text = { (const char *) data, size };
        rti_parse_error error = { 0 };
        rti_node *root = NULL;
        rti_arena arena;
        int r;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        r = rti_cond_parse(&arena, text, RTI_MAX_CONDITION_DEPTH, &root, &error);
        if (r == RT_OK) {
                check_printing(&arena, root);
                check_positions(root, text);
                check_source(&arena, root, RTI_STR("syscall"));
                check_source(&arena, root, RTI_STR("k8s_audit"));
                check_macros(&arena, root);
        } else {
                CHECK(r == RT_ERULES && error.message.len > 0 && error.pos.offset <= size);
        }
        rti_arena_done(&arena);
        return 0;
}
