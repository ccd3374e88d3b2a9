/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resolve.c - the syntax tree of a condition -> a typed tree.
 *
 *   in   a tree whose macros have been put in
 *   out  tests of typed values: operators go with types, constants are parsed, patterns compile
 *
 * A check that is wrong does not hide the next one: all of them are reported, in the order written.
 * Recursion is bounded by the tree's depth.
 */
#include "compiler/cond/check.h"
#include "lang/diag.h"

typedef struct resolver {
        rti_checker *checker;
        rti_arena trial; /* for what is built only to see whether it can be */
} resolver;

static const rt_str no_hint = { "", 0 };

static rti_tnode *
tnode_new(resolver *r, enum rti_tnode_kind what, const rti_node *from)
{
        rti_tnode *node = RTI_NEW(r->checker->arena, rti_tnode);

        if (!node)
                return NULL;
        node->what = what;
        node->op = from->op;
        node->modifier = from->modifier;
        node->from = from;
        return node;
}

static const rt_field_desc *
desc_of(const resolver *r, const rti_vexpr *field)
{
        return rti_registry_field(r->checker->registry, field->field.field);
}

/* A message of the operators' about @a place. */
static int
refuse(resolver *r, const rti_node *at, const rti_node *place, rt_str message)
{
        return rti_checker_refuse(r->checker, at, place, message, no_hint);
}

/* String transformers leave a NUL behind the elements of a list, which then equal nothing that has
 * none: no constant, and no element of a list as it comes from a field. */
static bool
is_transformed_list(const rti_vexpr *expr)
{
        return expr->what == RTI_V_TRANSFORM && expr->type.list
               && !rti_transformer_many[expr->transformer];
}

/* ---- constants ---- */

/* "did you mean 'open'?", or an empty string. */
static rt_str
event_hint(resolver *r, rt_str name)
{
        uint32_t nearest = name.len > 6 ? 2 : 1;
        rt_str known = no_hint;

        for (uint32_t code = 0; code < RTI_N_EVENT_CODES; code++) {
                const rt_str other = rti_str_of(rti_event_name(&rti_events[code]));
                const uint32_t distance = rti_str_distance(other, name, nearest);

                if (distance < nearest || (distance == nearest && known.len == 0)) {
                        nearest = distance;
                        known = other;
                }
        }
        if (known.len == 0)
                return no_hint;
        return rti_arena_printf(r->checker->arena, "did you mean '%.*s'?", RTI_FMT(known));
}

static int
check_event_name(resolver *r, const rti_node *at, const rti_node *value)
{
        rti_event_set ignored;

        if (rti_events_named(value->text, &ignored)
            || rti_registry_has_async_event(r->checker->registry, value->text))
                return RT_OK;
        return rti_checker_refuse(r->checker, at, value,
                                  rti_arena_printf(r->checker->arena, "unknown event type %.*s",
                                                   RTI_FMT(value->text)),
                                  event_hint(r, value->text));
}

static bool
is_event_type(const resolver *r, const rti_vexpr *lhs)
{
        return lhs->what == RTI_V_FIELD && strcmp(desc_of(r, lhs)->name, "evt.type") == 0;
}

static bool
is_around(const resolver *r, const rti_vexpr *lhs)
{
        return lhs->what == RTI_V_FIELD && strcmp(desc_of(r, lhs)->name, "evt.around") == 0;
}

/* A field of which any value may pass is asked for all of them. */
static void
ask_any(const resolver *r, rti_vexpr *lhs)
{
        if (lhs->what == RTI_V_FIELD && lhs->field.arg == RT_ARG_NONE
            && desc_of(r, lhs)->flags & RT_FIELD_ANY_OF)
                lhs->field.arg = RT_ARG_ANY;
}

static int
parse_constant(resolver *r, const rti_tnode *test, const rti_node *value, rt_value *ret_value)
{
        const rti_node *at = test->from->child[1];
        rt_str error;
        int result = is_event_type(r, test->lhs) ? check_event_name(r, at, value) : RT_OK;

        if (result < 0)
                return result;
        result = rti_const_parse(r->checker->arena, test->lhs->type.kind, value->text, ret_value,
                                 &error);
        if (result != RT_ERULES)
                return result;
        return rti_checker_refuse(r->checker, at, value, error,
                                  test->lhs->type.kind == RT_KIND_DOUBLE
                                          ? RTI_STR("constants for a double are whole numbers")
                                          : no_hint);
}

static int
take_constant(resolver *r, rti_tnode *test, const rti_node *value)
{
        int result = parse_constant(r, test, value, &test->values[test->n_values]);

        if (result < 0)
                return result;
        test->n_values++;
        result = rti_warn_constant(r->checker, &r->trial, test->from, value);
        rti_arena_reset(&r->trial);
        return result;
}

/* ---- lists that stand by their name ---- */

/* What would be said about elements if they were written here; once, if it is nothing. */
static int
warn_elements(resolver *r, const rti_tnode *test, const rti_node *value, rti_elements *elements)
{
        const rti_check_warning *before = r->checker->warnings;
        rti_node one = *value;
        int result = RT_OK;

        if (elements->data || elements->quiet)
                return RT_OK;
        for (uint32_t i = 0; result == RT_OK && i < elements->n; i++) {
                one.text = elements->at[i];
                result = rti_warn_constant(r->checker, &r->trial, test->from, &one);
                rti_arena_reset(&r->trial);
        }
        elements->quiet = r->checker->warnings == before && test->op != RTI_OP_REGEX;
        return result;
}

/* The elements as constants of the left-hand side's kind; all tests of that kind share them. */
static int
parse_elements(resolver *r, const rti_tnode *test, const rti_node *value, rti_elements *elements)
{
        rt_value **known = &elements->values[test->lhs->type.kind];
        rti_node one = *value;
        rt_value *values;
        int result = RT_OK;

        if (*known && !is_event_type(r, test->lhs))
                return warn_elements(r, test, value, elements);
        values = RTI_NEWN(r->checker->arena, rt_value, (size_t) elements->n + 1);
        if (!values)
                return RT_ENOMEM;
        for (uint32_t i = 0; result == RT_OK && i < elements->n; i++) {
                one.text = elements->at[i];
                result = parse_constant(r, test, &one, &values[i]);
        }
        if (result < 0)
                return result;
        *known = values;
        return warn_elements(r, test, value, elements);
}

static int
take_elements(resolver *r, rti_tnode *test, const rti_node *value, rti_elements *elements)
{
        const int result = parse_elements(r, test, value, elements);

        if (result < 0 || elements->n == 0)
                return result;
        memcpy(test->values + test->n_values, elements->values[test->lhs->type.kind],
               elements->n * sizeof *test->values);
        test->n_values += elements->n;
        return RT_OK;
}

/* How many constants the values of the right-hand side stand for. */
static uint64_t
count_constants(const resolver *r, const rti_node *const *values, uint32_t n)
{
        uint64_t all = 0;

        for (uint32_t i = 0; i < n; i++) {
                const rti_elements *elements = rti_checker_elements(r->checker, values[i]);

                all += elements ? elements->n : 1;
        }
        return all;
}

/* ---- lists that change at run time ---- */

static int
refuse_changing(resolver *r, const rti_tnode *test, const rti_node *value, const char *why)
{
        return refuse(r, test->from->child[1], value,
                      rti_arena_printf(r->checker->arena,
                                       "the list '%.*s', which changes at run time, %s",
                                       RTI_FMT(value->text), why));
}

/* The test asks whether the left-hand side is in the list now. */
static int
ask_list(resolver *r, rti_tnode *test, const rti_node *value, const rti_elements *elements)
{
        const uint32_t kind = test->lhs->type.kind;
        rti_vexpr *expr = RTI_NEW(r->checker->arena, rti_vexpr);
        rti_vexpr **arg = RTI_NEW(r->checker->arena, rti_vexpr *);
        rt_value *yes = RTI_NEW(r->checker->arena, rt_value);

        if (!expr || !arg || !yes)
                return RT_ENOMEM;
        if (!rti_op_asks_lists(test->op) || test->modifier != RTI_MOD_NONE)
                return refuse_changing(r, test, value, "goes with in, intersects and pmatch alone");
        if (is_event_type(r, test->lhs) || is_around(r, test->lhs)
            || (test->lhs->what == RTI_V_FIELD && desc_of(r, test->lhs)->kind == RT_KIND_DYNAMIC))
                return refuse_changing(r, test, value, "does not go with this field");
        if (rti_list_kind_of(kind) != elements->changing)
                return refuse(r, test->from->child[1], value,
                              rti_arena_printf(r->checker->arena,
                                               "the list '%.*s' has items_type '%s', which does "
                                               "not go with values of type '%s'",
                                               RTI_FMT(value->text),
                                               rti_list_kind_name(elements->changing),
                                               rti_kinds[kind].falco_name));
        ask_any(r, test->lhs);
        *arg = test->lhs;
        *yes = (rt_value){ .kind = RT_KIND_BOOL, .as.u = 1 };
        expr->what = RTI_V_LISTED;
        expr->type.kind = RT_KIND_BOOL;
        expr->op = test->op;
        expr->selector = elements->name;
        expr->text = test->lhs->text;
        expr->n_args = 1;
        expr->args = arg;
        test->lhs = expr;
        test->op = RTI_OP_EQ;
        test->values = yes;
        test->n_values = 1;
        return RT_OK;
}

/* Can the operator be prepared with these constants? */
static int
try_operand(resolver *r, const rti_tnode *test)
{
        const rti_node *right = test->from->child[1];
        const rti_operand_spec spec = {
                .op = test->op,
                .modifier = test->modifier,
                .type = test->lhs->type,
                .n = test->n_values,
                .values = test->values,
        };
        rti_operand operand = { 0 };
        rt_str error = no_hint, warning = no_hint;
        int result;

        /* Sets cannot be refused, and can be long. */
        if (rti_operators[test->op].family == RTI_RHS_LIST
            || (test->shared && (test->op == RTI_OP_EQ || test->op == RTI_OP_NE)))
                return RT_OK;
        result = rti_operand_build(&r->trial, &spec, &operand, &error, &warning);
        if (result == RT_OK && warning.len > 0)
                result = rti_checker_warn(r->checker, RTI_D_NOT_PORTABLE,
                                          rti_arena_copy(r->checker->arena, warning), right, right);
        else if (result == RT_ERULES)
                result = refuse(r, right, right, rti_arena_copy(r->checker->arena, error));
        rti_operand_done(&operand);
        rti_arena_reset(&r->trial);
        return result;
}

/* Constants of @a n values, not all of which need be written one by one. */
static int
take_constants(resolver *r, rti_tnode *test, const rti_node *const *values, uint32_t n)
{
        const uint64_t all = count_constants(r, values, n);
        rti_elements *elements = rti_checker_elements(r->checker, values[0]);
        int result = RT_OK;

        if (n == 1 && elements && elements->changing)
                return ask_list(r, test, values[0], elements);
        if (n == 1 && elements) {
                result = parse_elements(r, test, values[0], elements);
                test->values = elements->values[test->lhs->type.kind];
                test->n_values = elements->n;
                test->shared = true;
                return result;
        }
        if (all >= UINT32_MAX)
                return RT_ELIMIT;
        test->values = RTI_NEWN(r->checker->arena, rt_value, all);
        if (!test->values)
                return RT_ENOMEM;
        for (uint32_t i = 0; result == RT_OK && i < n; i++) {
                elements = rti_checker_elements(r->checker, values[i]);
                if (elements && elements->changing)
                        return refuse_changing(r, test, values[i],
                                               "stands alone in its parentheses here");
                result = elements ? take_elements(r, test, values[i], elements)
                                  : take_constant(r, test, values[i]);
        }
        return result;
}

static int
resolve_constants(resolver *r, rti_tnode *test)
{
        const rti_node *right = test->from->child[1];
        const bool list = right->kind == RTI_NODE_LIST;
        const bool many =
                rti_operators[test->op].family == RTI_RHS_LIST || test->modifier != RTI_MOD_NONE;
        int result;

        if (!many && rti_checker_elements(r->checker, right))
                return refuse(r, right, right,
                              rti_arena_printf(r->checker->arena,
                                               "the list '%.*s' stands for its items only where "
                                               "a list may stand",
                                               RTI_FMT(right->text)));
        if (list && right->n_child == 0) {
                test->values = RTI_NEW(r->checker->arena, rt_value);
                return test->values ? try_operand(r, test) : RT_ENOMEM;
        }
        result = list ? take_constants(r, test, (const rti_node *const *) right->child,
                                       right->n_child)
                      : take_constants(r, test, (const rti_node *const *) &right, 1);
        return result == RT_OK ? try_operand(r, test) : result;
}

/* ---- checks ---- */

/* What to use instead of an operator that does not go with the type. */
static rt_str
operator_hint(const rti_tnode *test)
{
        if (test->lhs->type.list)
                return RTI_STR("the value is a list: use 'in', 'intersects' or 'exists'");
        switch ((enum rti_operator) test->op) {
        case RTI_OP_BCONTAINS:
                return RTI_STR("'bcontains' is for raw bytes: use 'contains'");
        case RTI_OP_BSTARTSWITH:
                return RTI_STR("'bstartswith' is for raw bytes: use 'startswith'");
        default:
                return no_hint;
        }
}

static int
check_operator(resolver *r, const rti_tnode *test)
{
        rt_str error;
        int result;

        if (test->what == RTI_T_COMPARE)
                result = rti_compare_check(r->checker->arena, test->op, test->modifier,
                                           test->lhs->type, &error);
        else
                result = rti_op_check(r->checker->arena, test->op, test->modifier, test->lhs->type,
                                      &error);
        if (result != RT_ERULES)
                return result;
        return rti_checker_refuse(r->checker, test->from, test->from, error, operator_hint(test));
}

/* The name of a side for messages: its first field, without argument. */
static const char *
side_name(const resolver *r, const rti_vexpr *expr)
{
        const rti_vexpr *field = rti_expr_first_field(expr);

        return field ? desc_of(r, field)->name : expr->text.ptr;
}

static int
check_types(resolver *r, const rti_tnode *compare)
{
        const rti_vexpr *a = compare->lhs, *b = compare->rhs;

        if (a->type.kind == b->type.kind && a->type.list == b->type.list)
                return RT_OK;
        return refuse(r, compare->from, compare->from->child[1],
                      rti_arena_printf(r->checker->arena,
                                       "field '%s' has type '%s%s' while the right-hand side "
                                       "field '%s' has incompatible type '%s%s'",
                                       side_name(r, a), rti_kinds[a->type.kind].falco_name,
                                       a->type.list ? " (list)" : "", side_name(r, b),
                                       rti_kinds[b->type.kind].falco_name,
                                       b->type.list ? " (list)" : ""));
}

static int
resolve_compare(resolver *r, rti_tnode *compare)
{
        const rti_node *from = compare->from;
        const rti_vexpr *field = rti_expr_first_field(compare->lhs);
        int result;

        if (field && (desc_of(r, field)->flags & RT_FIELD_NO_RHS))
                return refuse(r, from, from,
                              rti_arena_printf(r->checker->arena,
                                               "field '%s' doesn't support right-hand side fields",
                                               desc_of(r, field)->name));
        result = check_operator(r, compare);
        if (result == RT_OK)
                result = rti_expr_resolve(r->checker, RTI_USE_RIGHT, from->child[1], &compare->rhs);
        return result == RT_OK ? check_types(r, compare) : result;
}

/* ---- fields with meanings of their own ---- */

/* Falco compares both ends of a connection by code of their own, which knows no modifiers, takes
 * the first constant where it expects one, and stops at `intersects`. False: nothing is true. */
static bool
as_ends_compare(rti_tnode *test)
{
        const bool set = test->op == RTI_OP_IN && test->modifier == RTI_MOD_NONE;

        if (test->n_values == 0 || test->op == RTI_OP_INTERSECTS)
                return false;
        if (set && test->lhs->type.kind != RT_KIND_IPNET)
                return true;
        test->op = set ? RTI_OP_EQ : test->op;
        test->modifier = RTI_MOD_NONE;
        test->n_values = 1;
        return true;
}

/* evt.around[T] = D: the field is the distance from T. */
static int
check_around(resolver *r, const rti_tnode *test)
{
        if (test->op == RTI_OP_EQ || test->op == RTI_OP_EQ2)
                return RT_OK;
        return rti_checker_refuse(r->checker, test->from, test->from,
                                  rti_arena_printf(r->checker->arena,
                                                   "filter error: '%.*s' operator not supported "
                                                   "for 'evt.around', only '='",
                                                   RTI_FMT(rti_operators[test->op].text)),
                                  no_hint);
}

/* The test as it is done; *ret_never: it is never true. */
static void
settle_meaning(const resolver *r, rti_tnode *test, bool *ret_never)
{
        rti_vexpr *lhs = test->lhs;

        if (test->what != RTI_T_TEST || lhs->what != RTI_V_FIELD)
                return;
        ask_any(r, lhs);
        if (lhs->field.arg == RT_ARG_ANY && desc_of(r, lhs)->flags & RT_FIELD_ALL_DIFFER)
                *ret_never = !as_ends_compare(test);
        if (!is_around(r, lhs) || test->n_values == 0)
                return;
        test->op = RTI_OP_LE;
        test->modifier = RTI_MOD_NONE;
        test->values += test->n_values - 1;
        test->n_values = 1;
}

/* Is it known that the test is never true? */
static bool
never_true(const rti_tnode *test)
{
        if (!test->lhs->type.list)
                return false;
        if (test->what == RTI_T_TEST)
                return is_transformed_list(test->lhs);
        return is_transformed_list(test->lhs) != is_transformed_list(test->rhs);
}

/* ---- lists beside other constants ---- */

/* Is `x in (a, list)` the same as `x in (a) or x in (list)`? Then all tests share the list. */
static bool
can_be_split(const resolver *r, const rti_tnode *test)
{
        const rti_node *right = test->from->child[1];
        const rti_vexpr *lhs = test->lhs;
        bool by_name = false;

        if (rti_operators[test->op].family != RTI_RHS_LIST || test->modifier != RTI_MOD_NONE
            || right->kind != RTI_NODE_LIST || right->n_child < 2
            || (lhs->type.list && test->op != RTI_OP_INTERSECTS) || never_true(test)
            || is_around(r, lhs)
            || (lhs->what == RTI_V_FIELD
                && desc_of(r, lhs)->flags & (RT_FIELD_ANY_OF | RT_FIELD_ALL_DIFFER)))
                return false;
        for (uint32_t i = 0; i < right->n_child && !by_name; i++)
                by_name = rti_checker_elements(r->checker, right->child[i]) != NULL;
        return by_name;
}

/* One test for each list that stands by its name, and one for all the other constants. */
static int
resolve_split(resolver *r, rti_tnode *test, rti_tnode **ret_node)
{
        const rti_node *right = test->from->child[1];
        rti_tnode *joined = tnode_new(r, RTI_T_OR, test->from);
        const rti_node **others = RTI_NEWN(r->checker->arena, const rti_node *, right->n_child);
        uint32_t n = 0;
        int result = RT_OK;

        if (!joined || !others)
                return RT_ENOMEM;
        joined->child = RTI_NEWN(r->checker->arena, rti_tnode *, (size_t) right->n_child + 1);
        if (!joined->child)
                return RT_ENOMEM;
        for (uint32_t i = 0; result == RT_OK && i < right->n_child; i++) {
                const rti_node *value = right->child[i];
                rti_tnode *one;

                if (!rti_checker_elements(r->checker, value)) {
                        others[n++] = value;
                        continue;
                }
                one = tnode_new(r, RTI_T_TEST, test->from);
                if (!one)
                        return RT_ENOMEM;
                one->lhs = test->lhs;
                joined->child[joined->n_child++] = one;
                result = take_constants(r, one, &value, 1);
        }
        if (result == RT_OK && n) {
                joined->child[joined->n_child++] = test;
                result = take_constants(r, test, others, n);
        }
        if (result == RT_OK)
                *ret_node = joined;
        return result;
}

/* ---- the tree ---- */

static int
resolve_check(resolver *r, const rti_node *node, rti_tnode **ret_node)
{
        const rti_node *right = node->child[1];
        const bool compare = right->kind == RTI_NODE_TRANSFORMER;
        rti_tnode *test = tnode_new(r, compare ? RTI_T_COMPARE : RTI_T_TEST, node);
        bool never = false;
        int result;

        if (!test)
                return RT_ENOMEM;
        result = rti_expr_resolve(r->checker, RTI_USE_LEFT, node->child[0], &test->lhs);
        if (result < 0)
                return result;
        if (compare) {
                result = resolve_compare(r, test);
        } else if (can_be_split(r, test)) {
                result = check_operator(r, test);
                return result == RT_OK ? resolve_split(r, test, ret_node) : result;
        } else {
                result = check_operator(r, test);
                if (result == RT_OK && is_around(r, test->lhs))
                        result = check_around(r, test);
                if (result == RT_OK)
                        result = resolve_constants(r, test);
        }
        if (result == RT_OK)
                settle_meaning(r, test, &never);
        if (result == RT_OK && (never || never_true(test)))
                *test = (rti_tnode){ .what = RTI_T_OR, .from = node };
        if (result == RT_OK)
                *ret_node = test;
        return result;
}

static int
resolve_exists(resolver *r, const rti_node *node, rti_tnode **ret_node)
{
        rti_tnode *exists = tnode_new(r, RTI_T_EXISTS, node);
        int result;

        if (!exists)
                return RT_ENOMEM;
        result = rti_expr_resolve(r->checker, RTI_USE_LEFT, node->child[0], &exists->lhs);
        if (result < 0)
                return result;
        ask_any(r, exists->lhs);
        *ret_node = exists;
        return result;
}

static int resolve(resolver *r, const rti_node *node, rti_tnode **ret_node);

static int
resolve_joined(resolver *r, enum rti_tnode_kind what, const rti_node *node, rti_tnode **ret_node)
{
        rti_tnode *joined = tnode_new(r, what, node);
        int result = RT_OK;

        if (!joined)
                return RT_ENOMEM;
        joined->child = RTI_NEWN(r->checker->arena, rti_tnode *, node->n_child);
        if (!joined->child)
                return RT_ENOMEM;
        joined->n_child = node->n_child;
        for (uint32_t i = 0; i < node->n_child; i++) {
                const int one = resolve(r, node->child[i], &joined->child[i]);

                if (one < 0 && one != RT_ERULES)
                        return one;
                result = one < 0 ? one : result;
        }
        if (result == RT_OK)
                *ret_node = joined;
        return result;
}

static int
resolve(resolver *r, const rti_node *node, rti_tnode **ret_node)
{
        switch (node->kind) {
        case RTI_NODE_AND:
                return resolve_joined(r, RTI_T_AND, node, ret_node);
        case RTI_NODE_OR:
                return resolve_joined(r, RTI_T_OR, node, ret_node);
        case RTI_NODE_NOT:
                return resolve_joined(r, RTI_T_NOT, node, ret_node);
        case RTI_NODE_EXISTS:
                return resolve_exists(r, node, ret_node);
        case RTI_NODE_CHECK:
                return resolve_check(r, node, ret_node);
        default:
                break;
        }
        return refuse(r, node, node,
                      rti_arena_printf(r->checker->arena,
                                       "filter error: unexpected identifier '%.*s'",
                                       RTI_FMT(node->text)));
}

/* Warnings about constants come with a condition that loads. What is not portable stays: it may be
 * the first thing that Falco refuses. */
static void
drop_warnings(rti_checker *checker, const rti_check_warning *before)
{
        rti_check_warning **link = &checker->warnings;

        while (*link != before) {
                if ((*link)->diag == RTI_D_NOT_PORTABLE)
                        link = &(*link)->next;
                else
                        *link = (*link)->next;
        }
}

int
rti_cond_resolve(rti_checker *checker, const rti_node *root, rti_tnode **ret_root)
{
        const rti_check_warning *before = checker->warnings;
        resolver r = { .checker = checker };
        int result;

        rti_checker_start(checker);
        rti_arena_init(&r.trial, checker->arena->allocator, 0);
        result = resolve(&r, root, ret_root);
        rti_arena_done(&r.trial);
        if (result < 0)
                drop_warnings(checker, before);
        return result;
}
