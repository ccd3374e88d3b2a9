/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parse.c - the text of a condition -> its syntax tree.
 *
 *      condition   = or, up to the end of the text
 *      or          = and { "or" ( blank and | "(" or ")" ) }
 *      and         = not { "and" ( blank not | "(" or ")" ) }
 *      not         = { "not" blank } ( "not(" or ")" | check )
 *      check       = "(" or ")" | ( field | transformer ) test | macro's name
 *      test        = "exists" | OP value | OP modifier list-or-name | OP list-or-name
 *      transformer = NAME "(" argument { "," argument } ")" [ selector ]
 *      field       = NAME [ selector ]
 *
 * An "or(" or "and(" takes the group alone as operand: `a or(b) and c` does not parse. The error
 * kept is the first one, at the place where the parser stood. Every production counts as a level,
 * so that recursion is bounded by the limit given, since the text may come from anyone.
 */
#include "compiler/cond/lex.h"

typedef struct parser {
        rti_lexer lex;
        rti_arena *arena;
        uint32_t depth, max_depth;
        bool no_selector; /* of the outermost value */
        int failed;
        rti_parse_error error;
} parser;

static rti_node *parse_or(parser *p);
static rti_node *parse_transformer(parser *p, rt_str name, rti_text_pos pos);

/* Remember why, once. Always NULL. */
static rti_node *
fail(parser *p, rt_str message)
{
        if (p->failed)
                return NULL;
        p->failed = p->lex.failed ? p->lex.failed : message.ptr ? RT_ERULES : RT_ENOMEM;
        p->error.pos = p->lex.pos;
        p->error.message = p->lex.failed ? p->lex.error : message;
        return NULL;
}

static rti_node *
no_memory(parser *p)
{
        return fail(p, (rt_str){ NULL, 0 });
}

/* One level deeper; false: too deep. Failures end the parse, and need not leave. */
static bool
enter(parser *p)
{
        if (++p->depth < p->max_depth)
                return true;
        fail(p, rti_arena_printf(p->arena, "exceeded max depth limit of %u", p->max_depth));
        return false;
}

static rti_node *
leave(parser *p, rti_node *node)
{
        p->depth--;
        return node;
}

static rti_node *
node_new(parser *p, enum rti_node_kind kind, rti_text_pos pos)
{
        rti_node *node = RTI_NEW(p->arena, rti_node);

        if (!node)
                return no_memory(p);
        node->kind = kind;
        node->pos = pos;
        node->end = p->lex.pos.offset;
        return node;
}

/* Children that are being collected; arrays grow by doubling and stay in the arena. */
typedef struct children {
        rti_node **at;
        uint32_t n, room;
} children;

static bool
children_add(parser *p, children *list, rti_node *child)
{
        if (!child)
                return false;
        if (list->n == list->room) {
                const uint32_t room = list->room ? list->room * 2 : 2;
                rti_node **at = RTI_NEWN(p->arena, rti_node *, room);

                if (!at) {
                        no_memory(p);
                        return false;
                }
                if (list->n)
                        memcpy(at, list->at, list->n * sizeof *at);
                list->at = at;
                list->room = room;
        }
        list->at[list->n++] = child;
        return true;
}

static rti_node *
set_children(parser *p, rti_node *node, const children *list)
{
        if (!node)
                return NULL;
        node->child = list->at;
        node->n_child = list->n;
        node->end = p->lex.pos.offset;
        return node;
}

/* "prefix'a', 'b'" out of @a names; for messages that say what was expected. */
static rt_str
message_with_names(parser *p, const char *prefix, rt_str (*name)(size_t i), size_t n)
{
        rt_str text = rti_str_of(prefix);

        for (size_t i = 0; i < n && text.ptr; i++)
                text = rti_arena_printf(p->arena, "%.*s%s'%.*s'", RTI_FMT(text), i ? ", " : "",
                                        RTI_FMT(name(i)));
        return text;
}

static rt_str
operator_name(size_t i)
{
        return rti_operators[i].text;
}

static rt_str
transformer_name(size_t i)
{
        return rti_transformers[i].name;
}

static rti_node *
expected_operand(parser *p, const char *what)
{
        return fail(p, message_with_names(p, what, transformer_name, RTI_N_TRANSFORMERS));
}

/* ---- values ---- */

static rti_node *
value_node(parser *p, rti_text_pos pos, bool quoted, bool number)
{
        rti_node *node = node_new(p, RTI_NODE_VALUE, pos);

        if (!node)
                return NULL;
        node->text = p->lex.token;
        node->quoted = quoted;
        node->number = number;
        return node;
}

/* A quoted string; NULL without failure if there is none. */
static rti_node *
quoted_value(parser *p)
{
        const rti_text_pos pos = p->lex.pos;

        if (rti_lex_quoted(&p->lex))
                return value_node(p, pos, true, false);
        return p->lex.failed ? fail(p, RTI_STR("")) : NULL;
}

static rti_node *
number_value(parser *p)
{
        const rti_text_pos pos = p->lex.pos;

        return rti_lex_number(&p->lex) ? value_node(p, pos, false, true) : NULL;
}

/* A quoted or bare string; NULL without failure if there is none. */
static rti_node *
string_value(parser *p)
{
        const rti_text_pos pos = p->lex.pos;
        rti_node *node = quoted_value(p);

        if (node || p->failed)
                return node;
        return rti_lex_bare(&p->lex) ? value_node(p, pos, false, false) : NULL;
}

/* [ "[" ( quoted | bare ) "]" ], directly behind a field or a transformer. */
static bool
parse_selector(parser *p, rti_node *node)
{
        if (p->no_selector && p->depth == 1)
                return true;
        if (!rti_lex_text(&p->lex, RTI_STR("[")))
                return true;
        if (!rti_lex_quoted(&p->lex) && (p->lex.failed || !rti_lex_bare_arg(&p->lex))) {
                fail(p, RTI_STR("expected a valid field argument: a quoted string or a bare "
                                "string"));
                return false;
        }
        node->has_arg = true;
        node->arg = p->lex.token;
        if (!rti_lex_text(&p->lex, RTI_STR("]"))) {
                fail(p, RTI_STR("expected a ']' token"));
                return false;
        }
        node->end = p->lex.pos.offset;
        return true;
}

/* The name of a field was taken; its selector comes next. */
static rti_node *
field_node(parser *p, rti_text_pos pos)
{
        rti_node *node;

        if (!enter(p))
                return NULL;
        node = node_new(p, RTI_NODE_FIELD, pos);
        if (!node)
                return NULL;
        node->text = p->lex.token;
        return parse_selector(p, node) ? leave(p, node) : NULL;
}

static rti_node *
try_field(parser *p)
{
        const rti_text_pos pos = p->lex.pos;

        return rti_lex_field(&p->lex) ? field_node(p, pos) : NULL;
}

static rti_node *
try_transformer(parser *p)
{
        const rti_text_pos pos = p->lex.pos;
        rt_str name;

        if (!rti_lex_transformer(&p->lex, false, &name))
                return NULL;
        return parse_transformer(p, name, pos);
}

/* ---- transformers ---- */

typedef rti_node *try_fn(parser *p);

/* The first that is there; NULL without failure if none is. */
static rti_node *
try_each(parser *p, try_fn *const *tries, size_t n)
{
        rti_node *node = NULL;

        for (size_t i = 0; i < n && !node && !p->failed; i++)
                node = tries[i](p);
        return node;
}

/* item { "," item }: each is one of @a tries. */
static bool
parse_items(parser *p, try_fn *const *tries, size_t n, rt_str expected, children *list)
{
        do {
                rti_node *item;

                rti_lex_blank(&p->lex);
                item = try_each(p, tries, n);
                if (!item)
                        fail(p, expected);
                if (!children_add(p, list, item))
                        return false;
                rti_lex_blank(&p->lex);
        } while (rti_lex_text(&p->lex, RTI_STR(",")));
        return true;
}

/* "(" [ item { "," item } ] ")" as an argument. */
static rti_node *
try_list(parser *p)
{
        static try_fn *const tries[] = { try_field, try_transformer, quoted_value, number_value };
        const rti_text_pos pos = p->lex.pos;
        children list = { 0 };

        if (!rti_lex_text(&p->lex, RTI_STR("(")))
                return NULL;
        if (!enter(p))
                return NULL;
        rti_lex_blank(&p->lex);
        if (rti_lex_text(&p->lex, RTI_STR(")")))
                return leave(p, node_new(p, RTI_NODE_TLIST, pos));
        if (!parse_items(p, tries, RTI_COUNT(tries),
                         RTI_STR("expected transformer list argument: field, transformer, quoted "
                                 "string, or number"),
                         &list))
                return NULL;
        if (!rti_lex_text(&p->lex, RTI_STR(")")))
                return fail(p, RTI_STR("expected ')'"));
        return leave(p, set_children(p, node_new(p, RTI_NODE_TLIST, pos), &list));
}

/* The arguments were taken: what stands behind them. */
static rti_node *
end_transformer(parser *p, rt_str name, rti_text_pos pos, const children *args)
{
        rti_node *node;

        if (!rti_lex_text(&p->lex, RTI_STR(")")))
                return fail(p, RTI_STR("expected a ')' token closing the transformer"));
        node = set_children(p, node_new(p, RTI_NODE_TRANSFORMER, pos), args);
        if (!node)
                return NULL;
        node->text = name;
        return parse_selector(p, node) ? leave(p, node) : NULL;
}

/* The name and the parenthesis were taken. */
static rti_node *
parse_transformer(parser *p, rt_str name, rti_text_pos pos)
{
        static try_fn *const tries[] = { number_value, quoted_value, try_list, try_transformer,
                                         try_field };
        children args = { 0 };

        if (!enter(p)
            || !parse_items(p, tries, RTI_COUNT(tries),
                            RTI_STR("expected field transformer argument: field, transformer, "
                                    "quoted string, number, or transformer list"),
                            &args))
                return NULL;
        return end_transformer(p, name, pos, &args);
}

/* val(field): the parenthesis was taken. */
static rti_node *
parse_val(parser *p, rt_str name, rti_text_pos pos)
{
        children args = { 0 };
        rti_node *node;

        if (!enter(p))
                return NULL;
        rti_lex_blank(&p->lex);
        node = try_field(p);
        if (!node)
                return fail(p, RTI_STR("expected a field within 'val' transformer"));
        if (!children_add(p, &args, node))
                return NULL;
        rti_lex_blank(&p->lex);
        return end_transformer(p, name, pos, &args);
}

/* A transformer or val(...) on the right; NULL without failure if there is none. */
static rti_node *
try_right_transformer(parser *p)
{
        const rti_text_pos pos = p->lex.pos;
        rt_str name;

        if (!rti_lex_transformer(&p->lex, true, &name))
                return NULL;
        if (rti_str_eq(name, rti_transformers[RTI_TR_VAL].name))
                return parse_val(p, name, pos);
        return parse_transformer(p, name, pos);
}

/* ---- right-hand sides ---- */

/* "(" [ string { "," string } ] ")"; the parenthesis was taken. */
static rti_node *
parse_list(parser *p, rti_text_pos pos)
{
        children list = { 0 };
        rti_node *item;

        rti_lex_blank(&p->lex);
        item = string_value(p);
        if (p->failed)
                return NULL;
        while (item) {
                if (!children_add(p, &list, item))
                        return NULL;
                rti_lex_blank(&p->lex);
                if (!rti_lex_text(&p->lex, RTI_STR(",")))
                        break;
                rti_lex_blank(&p->lex);
                item = string_value(p);
                if (!item)
                        return fail(p, RTI_STR("expected a string value"));
        }
        if (!rti_lex_text(&p->lex, RTI_STR(")")))
                return fail(p, RTI_STR("expected a ')' token"));
        return set_children(p, node_new(p, RTI_NODE_LIST, pos), &list);
}

/* A list, or a name, which stands for the text of itself. */
static rti_node *
parse_list_or_name(parser *p)
{
        const rti_text_pos pos = p->lex.pos;

        if (rti_lex_text(&p->lex, RTI_STR("(")))
                return parse_list(p, pos);
        return rti_lex_ident(&p->lex) ? value_node(p, pos, false, false) : NULL;
}

static rti_node *
parse_right(parser *p, rti_node *check)
{
        const rti_operator_info *info = &rti_operators[check->op];
        const bool blank = rti_lex_blank(&p->lex) || (info->flags & RTI_OPERATOR_WORD);
        rti_node *right;

        if (info->family == RTI_RHS_STRING && blank
            && rti_lex_modifier(&p->lex, &check->modifier)) {
                right = parse_list_or_name(p);
                return right ? right : fail(p, RTI_STR("expected a list or an identifier"));
        }
        right = try_right_transformer(p);
        if (right || p->failed)
                return right;
        switch ((enum rti_operator_family) info->family) {
        case RTI_RHS_NUMBER:
                right = number_value(p);
                return right ? right
                             : expected_operand(p, "expected a number value or a field with a "
                                                   "valid transformer: ");
        case RTI_RHS_STRING:
                right = string_value(p);
                return right ? right
                             : expected_operand(p, "expected a string value or a field with a "
                                                   "valid transformer: ");
        case RTI_RHS_LIST:
                right = parse_list_or_name(p);
                return right ? right
                             : expected_operand(p, "expected a list, an identifier, or a field "
                                                   "with a valid transformer: ");
        case RTI_RHS_NONE:
                break;
        }
        return right;
}

/* What is said about the value @a left. */
static rti_node *
parse_test(parser *p, rti_node *left)
{
        static const uint8_t families[] = { RTI_RHS_NONE, RTI_RHS_NUMBER, RTI_RHS_STRING,
                                            RTI_RHS_LIST };
        children list = { 0 };
        rti_node *node;
        uint8_t op = 0;
        size_t i = 0;

        if (!left || !enter(p))
                return NULL;
        rti_lex_blank(&p->lex);
        while (i < RTI_COUNT(families)
               && !rti_lex_operator(&p->lex, (enum rti_operator_family) families[i], &op))
                i++;
        if (i == RTI_COUNT(families))
                return fail(p, message_with_names(p, "expected a valid check operator: one of ",
                                                  operator_name, RTI_N_OPERATORS));
        node = node_new(p, op == RTI_OP_EXISTS ? RTI_NODE_EXISTS : RTI_NODE_CHECK, left->pos);
        if (!node || !children_add(p, &list, left))
                return NULL;
        node->op = op;
        if (op != RTI_OP_EXISTS && !children_add(p, &list, parse_right(p, node)))
                return NULL;
        return leave(p, set_children(p, node, &list));
}

/* ---- and, or, not ---- */

/* or ")", the parenthesis was taken. */
static rti_node *
parse_group(parser *p)
{
        rti_node *node;

        if (!enter(p))
                return NULL;
        rti_lex_blank(&p->lex);
        node = parse_or(p);
        if (!node)
                return NULL;
        rti_lex_blank(&p->lex);
        if (!rti_lex_text(&p->lex, RTI_STR(")")))
                return fail(p, RTI_STR("expected a ')' token"));
        return leave(p, node);
}

static rti_node *
parse_check(parser *p)
{
        rti_text_pos pos;
        rti_node *node;

        if (!enter(p))
                return NULL;
        rti_lex_blank(&p->lex);
        pos = p->lex.pos;
        if (rti_lex_text(&p->lex, RTI_STR("("))) {
                node = parse_group(p);
                return node ? leave(p, node) : NULL;
        }
        node = try_field(p);
        if (!node && !p->failed)
                node = try_transformer(p);
        if (node || p->failed) {
                node = parse_test(p, node);
                return node ? leave(p, node) : NULL;
        }
        if (!rti_lex_ident(&p->lex))
                return fail(p, RTI_STR("expected a '(' token, a field check, or an identifier"));
        node = node_new(p, RTI_NODE_IDENT, pos);
        if (!node)
                return NULL;
        node->text = p->lex.token;
        return leave(p, node);
}

static rti_node *
parse_not(parser *p)
{
        const rti_text_pos pos = p->lex.pos;
        children list = { 0 };
        rti_node *node;
        bool negate = false;

        if (!enter(p))
                return NULL;
        rti_lex_blank(&p->lex);
        while (rti_lex_not(&p->lex))
                negate = !negate;
        rti_lex_blank(&p->lex);
        if (rti_lex_text(&p->lex, RTI_STR("not("))) {
                negate = !negate;
                node = parse_group(p);
        } else {
                node = parse_check(p);
        }
        if (!negate || !node)
                return node ? leave(p, node) : NULL;
        if (!children_add(p, &list, node))
                return NULL;
        return leave(p, set_children(p, node_new(p, RTI_NODE_NOT, pos), &list));
}

/* A chain of @a operand joined by @a word; a chain of one is that one. */
static rti_node *
parse_chain(parser *p, enum rti_node_kind kind, rt_str word, rti_node *(*operand)(parser *p))
{
        const rti_text_pos pos = p->lex.pos;
        children list = { 0 };
        uint32_t end;
        rti_node *node;

        if (!enter(p))
                return NULL;
        rti_lex_blank(&p->lex);
        node = operand(p);
        end = p->lex.pos.offset;
        if (!children_add(p, &list, node))
                return NULL;
        rti_lex_blank(&p->lex);
        while (rti_lex_text(&p->lex, word)) {
                if (rti_lex_blank(&p->lex))
                        node = operand(p);
                else if (rti_lex_text(&p->lex, RTI_STR("(")))
                        node = parse_group(p);
                else
                        return fail(p,
                                    rti_arena_printf(p->arena, "expected blank or '(' after '%.*s'",
                                                     RTI_FMT(word)));
                end = p->lex.pos.offset;
                if (!children_add(p, &list, node))
                        return NULL;
                rti_lex_blank(&p->lex);
        }
        if (list.n == 1)
                return leave(p, list.at[0]);
        node = set_children(p, node_new(p, kind, pos), &list);
        if (!node)
                return NULL;
        node->end = end;
        return leave(p, node);
}

static rti_node *
parse_and(parser *p)
{
        return parse_chain(p, RTI_NODE_AND, RTI_STR("and"), parse_not);
}

static rti_node *
parse_or(parser *p)
{
        return parse_chain(p, RTI_NODE_OR, RTI_STR("or"), parse_and);
}

int
rti_cond_parse(rti_arena *arena, rt_str text, uint32_t max_depth, rti_node **ret_root,
               rti_parse_error *ret_error)
{
        return rti_cond_parse_apart(arena, arena, text, max_depth, ret_root, ret_error);
}

int
rti_cond_parse_apart(rti_arena *arena, rti_arena *texts, rt_str text, uint32_t max_depth,
                     rti_node **ret_root, rti_parse_error *ret_error)
{
        parser p = { .arena = arena, .max_depth = max_depth };
        rti_node *root;

        if (text.len > RTI_MAX_CONDITION_BYTES)
                return RT_ELIMIT;
        rti_lex_init(&p.lex, texts, text);
        if (text.len == 0)
                fail(&p, RTI_STR("filter input string is empty"));
        root = p.failed ? NULL : parse_or(&p);
        if (root && p.lex.pos.offset != text.len)
                root = fail(&p, rti_arena_printf(arena,
                                                 "unexpected token after '%.*s', expecting 'or', "
                                                 "'and'",
                                                 RTI_FMT(p.lex.token)));
        if (root) {
                *ret_root = root;
                return RT_OK;
        }
        *ret_error = p.error;
        return p.failed;
}

int
rti_value_expr_parse(rti_arena *arena, rt_str text, bool selector, rti_node **ret_node,
                     size_t *ret_len, rti_parse_error *ret_error)
{
        parser p = { .arena = arena,
                     .max_depth = RTI_MAX_CONDITION_DEPTH,
                     .no_selector = !selector };
        rti_node *node;

        if (text.len > RTI_MAX_CONDITION_BYTES)
                return RT_ELIMIT;
        rti_lex_init(&p.lex, arena, text);
        node = try_field(&p);
        if (!node && !p.failed)
                node = try_transformer(&p);
        if (!node && !p.failed)
                fail(&p, RTI_STR("expected a field or a transformer"));
        if (node) {
                *ret_node = node;
                *ret_len = p.lex.pos.offset;
                return RT_OK;
        }
        *ret_error = p.error;
        return p.failed;
}

rti_text_pos
rti_text_end(rt_str text)
{
        rti_lexer lexer;

        rti_lex_init(&lexer, NULL, text);
        rti_lex_text(&lexer, text);
        return lexer.pos;
}

bool
rti_node_equal(const rti_node *a, const rti_node *b)
{
        if (a->kind != b->kind || a->op != b->op || a->modifier != b->modifier
            || a->has_arg != b->has_arg || a->n_child != b->n_child)
                return false;
        if (!rti_str_eq(a->text, b->text) || !rti_str_eq(a->arg, b->arg))
                return false;
        for (uint32_t i = 0; i < a->n_child; i++)
                if (!rti_node_equal(a->child[i], b->child[i]))
                        return false;
        return true;
}
