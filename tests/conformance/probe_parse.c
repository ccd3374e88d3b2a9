/* SPDX-License-Identifier: Apache-2.0 */
/* probe_parse.c - operations on the text of conditions. */
#include "compiler/cond/ast.h"
#include "probe.h"

enum { DEFAULT_MAX_DEPTH = 100 };

static const char *
node_name(const rti_node *node)
{
        static const char *const names[] = {
                [RTI_NODE_AND] = "and",
                [RTI_NODE_OR] = "or",
                [RTI_NODE_NOT] = "not",
                [RTI_NODE_IDENT] = "identifier",
                [RTI_NODE_EXISTS] = "unary",
                [RTI_NODE_CHECK] = "binary",
                [RTI_NODE_FIELD] = "field",
                [RTI_NODE_TRANSFORMER] = "transformer",
                [RTI_NODE_VALUE] = "value",
                [RTI_NODE_LIST] = "list",
                [RTI_NODE_TLIST] = "transformer_list",
        };

        return names[node->kind];
}

static json_t *
text_json(rt_str text)
{
        json_t *value = json_stringn(text.ptr ? text.ptr : "", text.len);

        return value ? value : json_string("(not UTF-8)");
}

static rt_str
operator_text(probe *p, const rti_node *node)
{
        const rt_str op = rti_operators[node->op].text;

        if (node->modifier == RTI_MOD_NONE)
                return op;
        return rti_arena_printf(&p->arena, "%.*s %.*s", RTI_FMT(op),
                                RTI_FMT(rti_modifiers[node->modifier].name));
}

static json_t *ast_json(probe *p, const rti_node *node);

static json_t *
children_json(probe *p, const rti_node *node, bool texts)
{
        json_t *list = json_array();

        for (uint32_t i = 0; i < node->n_child; i++)
                json_array_append_new(list, texts ? text_json(node->child[i]->text)
                                                  : ast_json(p, node->child[i]));
        return list;
}

/* The shape of the corpus: {"node": kind, ...}. */
static json_t *
ast_json(probe *p, const rti_node *node)
{
        json_t *json = json_object();

        json_object_set_new(json, "node", json_string(node_name(node)));
        switch (node->kind) {
        case RTI_NODE_AND:
        case RTI_NODE_OR:
                json_object_set_new(json, "children", children_json(p, node, false));
                break;
        case RTI_NODE_NOT:
                json_object_set_new(json, "child", ast_json(p, node->child[0]));
                break;
        case RTI_NODE_CHECK:
                json_object_set_new(json, "right", ast_json(p, node->child[1]));
                /* fall through */
        case RTI_NODE_EXISTS:
                json_object_set_new(json, "left", ast_json(p, node->child[0]));
                json_object_set_new(json, "op", text_json(operator_text(p, node)));
                break;
        case RTI_NODE_TRANSFORMER:
                json_object_set_new(json, "args", children_json(p, node, false));
                /* fall through */
        case RTI_NODE_FIELD:
                json_object_set_new(json, "arg",
                                    node->has_arg ? text_json(node->arg) : json_null());
                /* fall through */
        case RTI_NODE_IDENT:
                json_object_set_new(json, "name", text_json(node->text));
                break;
        case RTI_NODE_VALUE:
                json_object_set_new(json, "value", text_json(node->text));
                break;
        case RTI_NODE_LIST:
                json_object_set_new(json, "values", children_json(p, node, true));
                break;
        case RTI_NODE_TLIST:
                json_object_set_new(json, "children", children_json(p, node, false));
                break;
        }
        return json;
}

/* [kind, offset, line, column] of every node, parents first; elements of lists are no nodes. */
static void
add_positions(const rti_node *node, json_t *list)
{
        json_array_append_new(list, json_pack("[s,i,i,i]", node_name(node), (int) node->pos.offset,
                                              (int) node->pos.line, (int) node->pos.column));
        for (uint32_t i = 0; node->kind != RTI_NODE_LIST && i < node->n_child; i++)
                add_positions(node->child[i], list);
}

/* parse {condition, max_depth (100)}
 * -> {error_pos: [offset, line, column]} or {ast, to_string, positions, end_pos: {idx, line, col},
 *     reparse_equal: to_string parses to the same tree} */
static void
run_parse(probe *p)
{
        const json_t *depth = json_object_get(p->request, "max_depth");
        const uint32_t max_depth = depth ? (uint32_t) json_integer_value(depth) : DEFAULT_MAX_DEPTH;
        const rt_str text = probe_text(p, "condition");
        rti_parse_error error = { 0 };
        rti_node *root, *again;
        json_t *positions = json_array();
        rti_text_pos end;
        rt_str printed;
        int r;

        r = rti_cond_parse(&p->arena, text, max_depth, &root, &error);
        if (r < 0) {
                json_decref(positions);
                r == RT_ERULES ? probe_fail(p, error.message) : probe_fail_status(p, r);
                probe_set(p, "error_pos",
                          json_pack("[i,i,i]", (int) error.pos.offset, (int) error.pos.line,
                                    (int) error.pos.column));
                return;
        }
        printed = rti_node_print(&p->arena, root);
        end = rti_text_end(text);
        add_positions(root, positions);
        probe_set(p, "ast", ast_json(p, root));
        probe_set_text(p, "to_string", printed);
        probe_set(p, "positions", positions);
        probe_set(p, "end_pos",
                  json_pack("{s:i,s:i,s:i}", "idx", (int) end.offset, "line", (int) end.line, "col",
                            (int) end.column));
        r = rti_cond_parse(&p->arena, printed, max_depth, &again, &error);
        probe_set(p, "reparse_equal", json_boolean(r == RT_OK && rti_node_equal(root, again)));
}

/* unescape {text: with its quotes} -> {text_hex} */
static void
run_unescape(probe *p)
{
        rt_str text, error;
        const int r = rti_unescape(&p->arena, probe_text(p, "text"), &text, &error);

        if (r == RT_OK)
                probe_set_hex(p, "text_hex", text);
        else
                r == RT_ERULES ? probe_fail(p, error) : probe_fail_status(p, r);
}

/* escape {text} -> {text_hex: as it stands in a condition} */
static void
run_escape(probe *p)
{
        probe_set_hex(p, "text_hex", rti_escape(&p->arena, probe_text(p, "text")));
}

/* vocabulary {} -> {operators, list_operators, modifiers, transformers} */
static void
run_vocabulary(probe *p)
{
        json_t *operators = json_array(), *list_operators = json_array();
        json_t *modifiers = json_array(), *transformers = json_array();

        for (size_t i = 0; i < RTI_N_OPERATORS; i++) {
                json_array_append_new(operators, text_json(rti_operators[i].text));
                if (rti_operators[i].family == RTI_RHS_LIST)
                        json_array_append_new(list_operators, text_json(rti_operators[i].text));
        }
        for (size_t i = RTI_MOD_NONE + 1; i < RTI_N_MODIFIERS; i++)
                json_array_append_new(modifiers, text_json(rti_modifiers[i].name));
        for (size_t i = 0; i < RTI_N_TRANSFORMERS; i++)
                json_array_append_new(transformers, text_json(rti_transformers[i].name));
        probe_set(p, "operators", operators);
        probe_set(p, "list_operators", list_operators);
        probe_set(p, "modifiers", modifiers);
        probe_set(p, "transformers", transformers);
}

const probe_op probe_parse_ops[] = {
        { "parse", run_parse },   { "unescape", run_unescape },
        { "escape", run_escape }, { "vocabulary", run_vocabulary },
        { NULL, NULL },
};
