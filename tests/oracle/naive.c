/* SPDX-License-Identifier: Apache-2.0 */
/* naive.c - typed trees, walked. */
#include "naive.h"
#include "base/alloc.h"
#include <stdlib.h>

/* A typed node with what must be prepared once: its operand, the fields' numbers. */
typedef struct node {
        const rti_tnode *tree;
        struct node **child;
        rti_operand operand;
        struct expr *lhs, *rhs;
} node;

typedef struct expr {
        const rti_vexpr *tree;
        struct expr **args;
        size_t field;
        rti_operand *versions; /* of a list that changes: as if it stood in the rule */
} expr;

struct naive {
        rti_arena arena;
        rti_arena memory; /* of the event */
        rti_op_scratch *scratch;
        const rti_rules *rules;
        naive_fields fields;
        naive_lists lists;
        node **roots; /* NULL: of another source */
        int failed;   /* RT_OK, or why it cannot be prepared */
};

/* ---- preparation ---- */

/* An element as a constant of @a kind; false: no value of that kind is it. Elsewhere 300 is a
 * constant of an int8, namely 44, and -1 of an unsigned number; in lists it is what it is. */
static bool
take_element(naive *n, uint32_t kind, rt_str text, rt_value *ret_value)
{
        const bool minus = text.len && text.ptr[0] == '-';
        const uint32_t hold = rti_kinds[kind].hold;
        rt_value wide;
        rt_str error;

        if (kind == RT_KIND_IPNET && !memchr(text.ptr, '/', text.len)) {
                if (rti_const_parse(&n->arena, RT_KIND_IPADDR, text, ret_value, &error) < 0)
                        return false;
                ret_value->kind = kind;
                ret_value->count |= ret_value->count * 8 << 8;
                return true;
        }
        if (rti_const_parse(&n->arena, kind, text, ret_value, &error) < 0)
                return false;
        if (hold != RTI_HOLD_SIGNED && hold != RTI_HOLD_UNSIGNED)
                return true;
        if (rti_const_parse(&n->arena, minus ? RT_KIND_INT64 : RT_KIND_UINT64, text, &wide, &error))
                return false;
        return ret_value->as.u == wide.as.u
               && (minus ? hold == RTI_HOLD_SIGNED
                         : hold == RTI_HOLD_UNSIGNED || ret_value->as.i >= 0);
}

/* The operator with the list's elements as constants. */
static int
prepare_version(naive *n, const rti_vexpr *tree, size_t version, rti_operand *ret_operand)
{
        rti_operand_spec spec = { .op = tree->op, .of = RTI_OF_ONE, .type = tree->args[0]->type };
        rt_str error, warning;
        rt_value *values;
        size_t n_elements;
        const rt_str *at = n->lists.elements(n->lists.user, tree->selector, version, &n_elements);

        /* Constants of an address's kind are no networks. */
        if (rti_list_kind_of(spec.type.kind) == RT_KIND_IPNET)
                spec.type.kind = RT_KIND_IPNET;
        spec.values = values = RTI_NEWN(&n->arena, rt_value, n_elements + 1);
        for (size_t i = 0; i < n_elements; i++)
                spec.n += take_element(n, spec.type.kind, at[i], &values[spec.n]);
        return rti_operand_build(&n->arena, &spec, ret_operand, &error, &warning);
}

static void
prepare_list(naive *n, expr *e)
{
        e->versions = RTI_NEWN(&n->arena, rti_operand, n->lists.n_versions + 1);
        for (size_t i = 0; i < n->lists.n_versions && n->failed == RT_OK; i++)
                n->failed = prepare_version(n, e->tree, i, &e->versions[i]);
}

static expr *
prepare_expr(naive *n, const rti_vexpr *tree)
{
        expr *e = RTI_NEW(&n->arena, expr);

        e->tree = tree;
        if (tree->what == RTI_V_FIELD && n->failed == RT_OK)
                n->failed = n->fields.find(n->fields.user, &tree->field, &e->field);
        e->args = RTI_NEWN(&n->arena, expr *, tree->n_args);
        for (uint32_t i = 0; i < tree->n_args; i++)
                e->args[i] = prepare_expr(n, tree->args[i]);
        if (tree->what == RTI_V_LISTED)
                prepare_list(n, e);
        return e;
}

static bool
is_dynamic(const naive *n, const rti_vexpr *tree)
{
        return tree->what == RTI_V_FIELD
               && rti_registry_field(n->rules->registry, tree->field.field)->kind
                          == RT_KIND_DYNAMIC;
}

static node *
prepare(naive *n, const rti_tnode *tree)
{
        node *one = RTI_NEW(&n->arena, node);
        rt_str error, warning;

        one->tree = tree;
        one->child = RTI_NEWN(&n->arena, node *, tree->n_child);
        for (uint32_t i = 0; i < tree->n_child; i++)
                one->child[i] = prepare(n, tree->child[i]);
        if (tree->lhs)
                one->lhs = prepare_expr(n, tree->lhs);
        if (tree->rhs)
                one->rhs = prepare_expr(n, tree->rhs);
        if (tree->what == RTI_T_TEST) {
                const rti_operand_spec spec = { .op = tree->op,
                                                .modifier = tree->modifier,
                                                .of = is_dynamic(n, tree->lhs) ? RTI_OF_ANY_KIND
                                                                               : RTI_OF_ONE,
                                                .type = tree->lhs->type,
                                                .n = tree->n_values,
                                                .values = tree->values };

                const int r = rti_operand_build(&n->arena, &spec, &one->operand, &error, &warning);

                n->failed = n->failed < 0 ? n->failed : r;
        }
        return one;
}

static void
done(node *one)
{
        rti_operand_done(&one->operand);
        for (uint32_t i = 0; i < one->tree->n_child; i++)
                done(one->child[i]);
}

int
naive_new(const rti_rules *rules, size_t source, const naive_fields *fields,
          const naive_lists *lists, naive **ret_naive)
{
        naive *n = calloc(1, sizeof *n);
        int r;

        if (!n)
                return RT_ENOMEM;
        rti_arena_init(&n->arena, &rti_alloc_default, 0);
        rti_arena_init(&n->memory, &rti_alloc_default, 0);
        n->rules = rules;
        n->fields = *fields;
        n->lists = lists ? *lists : (naive_lists){ 0 };
        n->roots = RTI_NEWN(&n->arena, node *, rules->n);
        for (uint32_t i = 0; i < rules->n; i++)
                if (rules->rules[i].source == source)
                        n->roots[i] = prepare(n, rules->rules[i].condition);
        r = n->failed < 0 ? n->failed : rti_op_scratch_new(&rti_alloc_default, &n->scratch);
        if (r < 0) {
                naive_free(n);
                return r;
        }
        *ret_naive = n;
        return RT_OK;
}

void
naive_free(naive *n)
{
        for (uint32_t i = 0; i < n->rules->n; i++)
                if (n->roots[i])
                        done(n->roots[i]);
        rti_op_scratch_free(n->scratch);
        rti_arena_done(&n->memory);
        rti_arena_done(&n->arena);
        free(n);
}

/* ---- evaluation ---- */

static void *
get_memory(void *user, size_t size)
{
        return rti_arena_get(&((naive *) user)->memory, size);
}

static bool value_of(naive *n, const expr *e, rt_value *ret_value);

/* One value, or each of many: any has to pass. */
static bool
any_passes(const naive *n, const rti_vexpr *lhs, const rti_operand *operand, const rt_value *left)
{
        if (lhs->what != RTI_V_FIELD || lhs->field.arg != RT_ARG_ANY)
                return rti_operand_test(operand, left, n->scratch);
        for (uint32_t i = 0; i < left->count; i++)
                if (rti_operand_test(operand, &left->as.list[i], n->scratch))
                        return true;
        return false;
}

/* Is it in the list's version of now? Missing if the value is. */
static bool
is_listed(naive *n, const expr *e, rt_value *ret_value)
{
        rt_value left;
        size_t now;

        if (!value_of(n, e->args[0], &left))
                return false;
        *ret_value = (rt_value){ .kind = RT_KIND_BOOL };
        if (!n->lists.n_versions)
                return true;
        now = n->lists.version(n->lists.user, e->tree->selector);
        ret_value->as.u = any_passes(n, e->tree->args[0], &e->versions[now], &left);
        return true;
}

/* The value in *ret_value; false: missing. */
static bool
value_of(naive *n, const expr *e, rt_value *ret_value)
{
        const rti_transform_memory memory = { get_memory, n };
        rt_value *values;
        const rt_value **args;
        bool all = true;

        if (e->tree->what == RTI_V_FIELD)
                return n->fields.read(n->fields.user, e->field, &e->tree->field, ret_value);
        if (e->tree->what == RTI_V_CONST) {
                *ret_value = e->tree->constant;
                return true;
        }
        if (e->tree->what == RTI_V_LISTED)
                return is_listed(n, e, ret_value);
        values = RTI_NEWN(&n->memory, rt_value, e->tree->n_args);
        args = RTI_NEWN(&n->memory, const rt_value *, e->tree->n_args);
        for (uint32_t i = 0; i < e->tree->n_args; i++) {
                args[i] = value_of(n, e->args[i], &values[i]) ? &values[i] : NULL;
                all = all && args[i];
        }
        if (e->tree->what == RTI_V_LIST) {
                *ret_value = (rt_value){ .kind = RT_KIND_LIST,
                                         .count = e->tree->n_args,
                                         .as.list = values };
                return all;
        }
        return rti_transform(e->tree->transformer, args, e->tree->n_args, e->tree->selector,
                             &memory, ret_value)
               == 1;
}

/* As any_passes, but with `!=` of both ends all of them have to. */
static bool
passes(const naive *n, const node *one, const rt_value *left)
{
        const rti_vexpr *lhs = one->tree->lhs;

        if (one->tree->op != RTI_OP_NE || lhs->what != RTI_V_FIELD || lhs->field.arg != RT_ARG_ANY
            || !(rti_registry_field(n->rules->registry, lhs->field.field)->flags
                 & RT_FIELD_ALL_DIFFER))
                return any_passes(n, lhs, &one->operand, left);
        for (uint32_t i = 0; i < left->count; i++)
                if (!rti_operand_test(&one->operand, &left->as.list[i], n->scratch))
                        return false;
        return left->count;
}

static bool
holds(naive *n, const node *one)
{
        rt_value left, right;

        switch (one->tree->what) {
        case RTI_T_AND:
                for (uint32_t i = 0; i < one->tree->n_child; i++)
                        if (!holds(n, one->child[i]))
                                return false;
                return true;
        case RTI_T_OR:
                for (uint32_t i = 0; i < one->tree->n_child; i++)
                        if (holds(n, one->child[i]))
                                return true;
                return false;
        case RTI_T_NOT:
                return !holds(n, one->child[0]);
        case RTI_T_EXISTS:
                return value_of(n, one->lhs, &left);
        case RTI_T_TEST:
                return value_of(n, one->lhs, &left) && passes(n, one, &left);
        case RTI_T_COMPARE:
                return value_of(n, one->lhs, &left) && value_of(n, one->rhs, &right)
                       && rti_value_compare(one->tree->op, one->tree->modifier,
                                            one->tree->lhs->type, &left, &right);
        }
        return false;
}

void
naive_begin(naive *n)
{
        rti_arena_reset(&n->memory);
}

bool
naive_holds(naive *n, uint32_t rule)
{
        return holds(n, n->roots[rule]);
}
