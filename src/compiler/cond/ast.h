/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ast.h - the syntax tree of a condition, as written.
 *
 * Nodes live in an arena; texts point into the arena or the condition. The grammar stands in
 * parse.c. Macros are IDENT nodes until rti_macros_resolve replaces them.
 */
#ifndef RTI_COMPILER_AST_H
#define RTI_COMPILER_AST_H

#include "base/arena.h"
#include "lang/lang.h"

enum rti_node_kind {
        RTI_NODE_AND,         /* child[]: two or more */
        RTI_NODE_OR,          /* child[]: two or more */
        RTI_NODE_NOT,         /* child[0] */
        RTI_NODE_IDENT,       /* text: a macro's name */
        RTI_NODE_EXISTS,      /* child[0]: FIELD or TRANSFORMER */
        RTI_NODE_CHECK,       /* child[0] op child[1] */
        RTI_NODE_FIELD,       /* text, arg */
        RTI_NODE_TRANSFORMER, /* text: name; child[]: arguments; arg: selector */
        RTI_NODE_VALUE,       /* text: unescaped */
        RTI_NODE_LIST,        /* child[]: VALUE */
        RTI_NODE_TLIST        /* list inside a transformer: FIELD, TRANSFORMER, VALUE */
};

/* Where in the condition's text: offset from 0, line and column from 1 (columns count bytes). */
typedef struct rti_text_pos {
        uint32_t offset, line, column;
} rti_text_pos;

typedef struct rti_node {
        enum rti_node_kind kind;
        uint8_t op;       /* CHECK: enum rti_operator */
        uint8_t modifier; /* CHECK: enum rti_modifier */
        bool has_arg;
        bool quoted; /* VALUE: was written in quotes */
        bool number; /* VALUE: was read as a number token */
        rti_text_pos pos;
        uint32_t end; /* offset behind the node's last character */
        uint32_t n_child;
        rt_str text;
        rt_str arg;
        struct rti_node **child;
        const struct rti_node *used_at; /* the IDENT this node's tree replaced, or NULL */
        rt_str macro;                   /* whose text `pos` counts in; empty: the rule's own */
} rti_node;

/* Why a text does not parse. */
typedef struct rti_parse_error {
        rti_text_pos pos;
        rt_str message; /* Falco's text, in the arena */
} rti_parse_error;

/* Parse a whole condition. RT_OK, RT_ERULES with *ret_error, RT_ENOMEM, RT_ELIMIT (size). */
int rti_cond_parse(rti_arena *arena, rt_str text, uint32_t max_depth, rti_node **ret_root,
                   rti_parse_error *ret_error);
/* The same; what quoted strings mean is @a texts', so that the nodes can go before it. */
int rti_cond_parse_apart(rti_arena *arena, rti_arena *texts, rt_str text, uint32_t max_depth,
                         rti_node **ret_root, rti_parse_error *ret_error);
/* Parse the longest field or transformer at the beginning of @a text (for output formats and
 * exception fields), with its [selector] or without. *ret_len: bytes taken. */
int rti_value_expr_parse(rti_arena *arena, rt_str text, bool selector, rti_node **ret_node,
                         size_t *ret_len, rti_parse_error *ret_error);
/* The place behind the last character of a text. */
rti_text_pos rti_text_end(rt_str text);
/* The same tree, wherever it was written and however its values were quoted? */
bool rti_node_equal(const rti_node *a, const rti_node *b);
/* Canonical text (print.c). `ptr` NULL: out of memory. */
rt_str rti_node_print(rti_arena *arena, const rti_node *node);

/* What a quoted string means (escape.c). RT_OK, RT_ERULES with *ret_error, RT_ENOMEM. */
int rti_unescape(rti_arena *arena, rt_str quoted, rt_str *ret_text, rt_str *ret_error);
/* In quotes, if it must be. `ptr` NULL: out of memory. */
rt_str rti_escape(rti_arena *arena, rt_str text);

#endif
