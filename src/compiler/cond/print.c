/* SPDX-License-Identifier: Apache-2.0 */
/*
 * print.c - a syntax tree -> its canonical text.
 *
 * One blank between words, parentheses around every chain, values without quotes where the text
 * allows it. This is the form that users of `describe` know, so it keeps the known weakness: values
 * with commas or parentheses, and empty ones, are printed bare, and such text does not always parse
 * again. Recursion is bounded by the tree's depth, which parsing and macros limit.
 */
#include "base/buf.h"
#include "compiler/cond/ast.h"

typedef struct printer {
        rti_arena *arena; /* for escaped texts */
        rti_buf buf;
} printer;

static void
print_escaped(printer *p, rt_str text)
{
        const rt_str escaped = rti_escape(p->arena, text);

        if (!escaped.ptr)
                p->buf.failed = RT_ENOMEM;
        rti_buf_add(&p->buf, escaped);
}

static void
print_selector(printer *p, const rti_node *node)
{
        if (!node->has_arg)
                return;
        rti_buf_add_char(&p->buf, '[');
        if (node->arg.len == 0)
                rti_buf_add_text(&p->buf, "\"\"");
        else
                print_escaped(p, node->arg);
        rti_buf_add_char(&p->buf, ']');
}

static void print(printer *p, const rti_node *node);

static void
print_joined(printer *p, const rti_node *node, const char *joint)
{
        rti_buf_add_char(&p->buf, '(');
        for (uint32_t i = 0; i < node->n_child; i++) {
                if (i > 0)
                        rti_buf_add_text(&p->buf, joint);
                print(p, node->child[i]);
        }
        rti_buf_add_char(&p->buf, ')');
}

static void
print_check(printer *p, const rti_node *node)
{
        print(p, node->child[0]);
        rti_buf_add_char(&p->buf, ' ');
        rti_buf_add(&p->buf, rti_operators[node->op].text);
        rti_buf_add_char(&p->buf, ' ');
        if (node->modifier != RTI_MOD_NONE) {
                rti_buf_add(&p->buf, rti_modifiers[node->modifier].name);
                rti_buf_add_char(&p->buf, ' ');
        }
        print(p, node->child[1]);
}

static void
print(printer *p, const rti_node *node)
{
        switch (node->kind) {
        case RTI_NODE_AND:
                print_joined(p, node, " and ");
                break;
        case RTI_NODE_OR:
                print_joined(p, node, " or ");
                break;
        case RTI_NODE_NOT:
                rti_buf_add_text(&p->buf, "not ");
                print(p, node->child[0]);
                break;
        case RTI_NODE_IDENT:
                rti_buf_add(&p->buf, node->text);
                break;
        case RTI_NODE_EXISTS:
                print(p, node->child[0]);
                rti_buf_add_char(&p->buf, ' ');
                rti_buf_add(&p->buf, rti_operators[RTI_OP_EXISTS].text);
                break;
        case RTI_NODE_CHECK:
                print_check(p, node);
                break;
        case RTI_NODE_FIELD:
                rti_buf_add(&p->buf, node->text);
                print_selector(p, node);
                break;
        case RTI_NODE_TRANSFORMER:
                rti_buf_add(&p->buf, node->text);
                print_joined(p, node, ",");
                print_selector(p, node);
                break;
        case RTI_NODE_VALUE:
                print_escaped(p, node->text);
                break;
        case RTI_NODE_LIST:
                print_joined(p, node, ", ");
                break;
        case RTI_NODE_TLIST:
                print_joined(p, node, ",");
                break;
        }
}

rt_str
rti_node_print(rti_arena *arena, const rti_node *node)
{
        printer p = { .arena = arena };
        rt_str text = { NULL, 0 };

        rti_buf_init(&p.buf, arena->allocator, 0);
        print(&p, node);
        if (p.buf.failed == RT_OK)
                text = rti_arena_copy(arena, rti_buf_str(&p.buf));
        rti_buf_done(&p.buf);
        return text;
}
