/* SPDX-License-Identifier: Apache-2.0 */
/*
 * merge.c - predicates on one slot that stand side by side become one.
 *
 *      a = x or a = y or a in (z)         a in (x, y, z)            (texts: a = anyof (x, y), ...)
 *      a startswith x or a startswith y   a startswith anyof (x, y)
 *      a != x and a != y                  a != allof (x, y)
 *      not a in (x) and not a in (y)      not a in (x, y)
 *
 * Only what is the same for every value, NULs and lists included: passes.h. What others use too is
 * merged only while it is small, so that constants do not multiply; texts that are searched for
 * only if nobody else wants the answer.
 */
#include "compiler/emit/passes/passes.h"
#include <stdlib.h>

enum { FEW = 8, MOST_COPIED = 64 }; /* constants that may be copied */

bool
rti_has_wildcard(const rti_ir_pred *pred)
{
        for (uint32_t i = 0; i < pred->n_values; i++)
                for (size_t k = 0; k < pred->values[i].as.s.len; k++)
                        if (memchr("?*[", pred->values[i].as.s.ptr[k], 3))
                                return true;
        return false;
}

/* Say the same in the simplest way. False: it was said so. */
static bool
simplify(const rti_ir *ir, rti_ir_pred *pred)
{
        const rti_ir_slot *slot = &ir->slots.at[pred->slot];
        const bool exact = rti_kind_is_exact(slot->type.kind) && !slot->dynamic;
        const uint8_t op = pred->op, modifier = pred->modifier;

        if (pred->n_values == 1 && pred->modifier != RTI_MOD_NONE)
                pred->modifier = RTI_MOD_NONE;
        if (exact && pred->op == RTI_OP_EQ && pred->modifier == RTI_MOD_ANYOF) {
                pred->op = RTI_OP_IN;
                pred->modifier = RTI_MOD_NONE;
        }
        if (exact && pred->n_values == 1 && rti_is_member_op(pred->op) && !rti_slot_is_list(slot))
                pred->op = RTI_OP_EQ;
        return pred->op != op || pred->modifier != modifier;
}

int
rti_ir_set_of(rti_ir *ir, const rti_ir_pred *like, uint32_t *ret_number)
{
        rti_ir_pred pred = *like;

        if (pred.n_values == 0) {
                *ret_number = RTI_X_FALSE;
                return RT_OK;
        }
        simplify(ir, &pred);
        return rti_ir_pred_of(ir, &pred, ret_number);
}

/* ---- what goes together ---- */

/* A literal, and the operator of what it is merged into. */
typedef struct part {
        uint32_t slot, at;
        uint8_t op, modifier;
        bool negated;
        uint32_t pred;
} part;

static bool
as(part *p, uint8_t op, uint8_t modifier)
{
        p->op = op;
        p->modifier = modifier;
        return true;
}

/* One of several has to hold. @a once: nobody else asks. */
static bool
in_union(const rti_ir_slot *slot, const rti_ir_pred *pred, bool once, part *p)
{
        const uint8_t op = pred->op, modifier = pred->modifier;
        const bool any = modifier == RTI_MOD_NONE || modifier == RTI_MOD_ANYOF;

        switch ((enum rti_operator) op) {
        case RTI_OP_EQ:
                if (rti_kind_is_exact(slot->type.kind))
                        return any && as(p, RTI_OP_IN, RTI_MOD_NONE);
                return any && as(p, RTI_OP_EQ, RTI_MOD_ANYOF);
        case RTI_OP_IN:
                return !rti_slot_is_list(slot) && as(p, RTI_OP_IN, RTI_MOD_NONE);
        case RTI_OP_INTERSECTS:
                return as(p, rti_slot_is_list(slot) ? op : RTI_OP_IN, RTI_MOD_NONE);
        case RTI_OP_STARTSWITH:
        case RTI_OP_ENDSWITH:
        case RTI_OP_CONTAINS:
        case RTI_OP_ICONTAINS:
        case RTI_OP_BSTARTSWITH:
        case RTI_OP_BCONTAINS:
                return once && any && as(p, op, RTI_MOD_ANYOF);
        case RTI_OP_PMATCH:
                /* With wildcards the order of paths counts. */
                return once && !rti_has_wildcard(pred) && as(p, op, RTI_MOD_NONE);
        default:
                return false;
        }
}

/* All of several have to hold. */
static bool
in_intersection(const rti_ir_slot *slot, const rti_ir_pred *pred, part *p)
{
        const uint8_t op = pred->op, modifier = pred->modifier;

        /* Of any element, different ones may differ. */
        if (op == RTI_OP_NE && (slot->arg != RT_ARG_ANY || slot->all_differ))
                return (modifier == RTI_MOD_NONE || modifier == RTI_MOD_ALLOF)
                       && as(p, op, RTI_MOD_ALLOF);
        return op == RTI_OP_IN && rti_slot_is_list(slot) && slot->type.kind != RT_KIND_IPNET
               && as(p, op, RTI_MOD_NONE);
}

/* May child @a i of @a expr be merged with others, and into what? */
static bool
takes_part(const rti_ir *ir, const rti_ir_expr *expr, uint32_t i, uint32_t n_uses, part *p)
{
        const rti_ir_pred *pred = rti_literal(ir, expr->child[i], &p->negated);
        const rti_ir_slot *slot;
        const bool once = n_uses == 1;

        if (!pred || pred->what != RTI_P_TEST)
                return false;
        p->at = i;
        p->pred = (uint32_t) (pred - ir->preds.at);
        p->slot = pred->slot;
        slot = &ir->slots.at[p->slot];
        if (slot->dynamic || (pred->n_values > FEW && (!once || pred->shared)))
                return false;
        return (expr->kind == RTI_X_OR) != p->negated ? in_union(slot, pred, once, p)
                                                      : in_intersection(slot, pred, p);
}

static uint64_t
sort_key(const part *p)
{
        return (uint64_t) p->slot << 32 | (uint64_t) p->op << 16 | (uint64_t) p->modifier << 8
               | p->negated;
}

static int
compare_parts(const void *a, const void *b)
{
        const part *x = a, *y = b;
        const uint64_t k = sort_key(x), l = sort_key(y);

        return k != l ? (k > l) - (k < l) : (x->at > y->at) - (x->at < y->at);
}

/* ---- sets ---- */

typedef struct element {
        const rt_value *value;
        uint32_t from;
} element;

static int
compare_values(const rt_value *a, const rt_value *b)
{
        switch (rti_kinds[a->kind].hold) {
        case RTI_HOLD_STRING:
                return rti_str_cmp(a->as.s, b->as.s);
        case RTI_HOLD_ADDRESS:
                if (a->count != b->count)
                        return a->count < b->count ? -1 : 1;
                return memcmp(a->as.ip, b->as.ip, a->count & 0xff);
        default:
                return (a->as.u > b->as.u) - (a->as.u < b->as.u);
        }
}

static int
compare_elements(const void *a, const void *b)
{
        const element *x = a, *y = b;
        const int order = compare_values(x->value, y->value);

        return order ? order : (x->from > y->from) - (x->from < y->from);
}

/* Of values in order, those that at least @a least of the sets hold. */
static uint32_t
pick(const element *all, size_t n, uint32_t least, rt_value *to)
{
        uint32_t kept = 0, sets = 0;

        for (size_t i = 0; i < n; i++) {
                const bool first = i == 0 || compare_values(all[i].value, all[i - 1].value) != 0;

                sets = first ? 1 : sets + (all[i].from != all[i - 1].from);
                if (sets == least && (first || all[i].from != all[i - 1].from))
                        to[kept++] = *all[i].value;
        }
        return kept;
}

/* Parts that go together become one predicate. */
static int
merge(rti_ir *ir, const part *parts, uint32_t n, uint32_t *ret_number)
{
        rti_ir_pred pred = ir->preds.at[parts[0].pred];
        const bool intersect =
                parts[0].op == RTI_OP_IN && rti_slot_is_list(&ir->slots.at[pred.slot]);
        size_t n_all = 0, k = 0;
        element *all;
        rt_value *values;
        int r;

        for (uint32_t i = 0; i < n; i++)
                n_all += ir->preds.at[parts[i].pred].n_values;
        if (n_all > RTI_MAX_CONDITION_NODES)
                return RT_ELIMIT;
        all = RTI_NEWN(ir->arena, element, n_all);
        values = RTI_NEWN(ir->arena, rt_value, n_all);
        if (!all || !values)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n; i++)
                for (uint32_t v = 0; v < ir->preds.at[parts[i].pred].n_values; v++)
                        all[k++] = (element){ &ir->preds.at[parts[i].pred].values[v], i };
        qsort(all, n_all, sizeof *all, compare_elements);
        pred.op = parts[0].op;
        pred.modifier = parts[0].modifier;
        pred.shared = false;
        pred.n_values = pick(all, n_all, intersect ? n : 1, values);
        pred.values = values;
        r = rti_ir_set_of(ir, &pred, ret_number);
        return r == RT_OK && parts[0].negated ? rti_ir_not(ir, *ret_number, ret_number) : r;
}

bool
rti_names_values(const rti_ir *ir, const rti_ir_pred *pred)
{
        const rti_ir_slot *slot = &ir->slots.at[pred->slot];
        const bool equal = pred->op == RTI_OP_EQ && pred->modifier == RTI_MOD_ANYOF;

        return pred->what == RTI_P_TEST && !slot->dynamic && !rti_slot_is_list(slot)
               && pred->n_values > 0 && pred->n_values <= MOST_COPIED
               && (equal
                   || (pred->modifier == RTI_MOD_NONE
                       && (pred->op == RTI_OP_EQ || rti_is_member_op(pred->op))));
}

int
rti_ir_union_of(rti_ir *ir, const uint32_t *preds, uint32_t n, uint32_t *ret_number)
{
        part *parts = RTI_NEWN(ir->arena, part, n);
        const uint32_t slot = ir->preds.at[preds[0]].slot;
        const bool exact = rti_kind_is_exact(ir->slots.at[slot].type.kind);

        if (!parts)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n; i++) {
                parts[i] = (part){ .slot = slot, .pred = preds[i] };
                as(&parts[i], exact ? RTI_OP_IN : RTI_OP_EQ, exact ? RTI_MOD_NONE : RTI_MOD_ANYOF);
        }
        return merge(ir, parts, n, ret_number);
}

/* ---- the pass ---- */

static uint32_t
uses_of(const rti_ir *ir, const uint32_t *uses, uint32_t number)
{
        const rti_ir_expr *expr = &ir->before.at[number];

        return uses[expr->kind == RTI_X_NOT ? expr->child[0] : number];
}

static int
merge_children(rti_ir *ir, const rti_ir_expr *old, rti_ir_expr *expr, const uint32_t *uses)
{
        part *parts = rti_ir_scratch(ir, expr->n_child, sizeof *parts);
        uint32_t n = 0, left = 0;

        if (!parts)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < expr->n_child; i++)
                n += takes_part(ir, expr, i, uses_of(ir, uses, old->child[i]), &parts[n]);
        if (n > 1)
                qsort(parts, n, sizeof *parts, compare_parts);
        for (uint32_t i = 0, end; i < n; i = end) {
                int r = RT_OK;

                for (end = i + 1; end < n && sort_key(&parts[end]) == sort_key(&parts[i]);)
                        end++;
                if (end - i > 1)
                        r = merge(ir, parts + i, end - i, &expr->child[parts[i].at]);
                if (r < 0)
                        return r;
                for (uint32_t k = i + 1; k < end; k++)
                        expr->child[parts[k].at] = RTI_NONE;
        }
        for (uint32_t i = 0; i < expr->n_child; i++)
                if (expr->child[i] != RTI_NONE)
                        expr->child[left++] = expr->child[i];
        expr->n_child = left;
        return RT_OK;
}

static int
visit(rti_ir *ir, const rti_ir_expr *old, rti_ir_expr *expr, void *user, uint32_t *ret_number)
{
        int r;

        switch ((enum rti_expr_kind) expr->kind) {
        case RTI_X_PRED:
                if (ir->preds.at[expr->pred].what == RTI_P_TEST) {
                        rti_ir_pred pred = ir->preds.at[expr->pred];

                        if (pred.n_values == 0 || simplify(ir, &pred))
                                return rti_ir_set_of(ir, &pred, ret_number);
                }
                break;
        case RTI_X_NOT:
                return rti_ir_not(ir, expr->child[0], ret_number);
        case RTI_X_AND:
        case RTI_X_OR:
                r = merge_children(ir, old, expr, user);
                return r < 0 ? r
                             : rti_ir_join(ir, (enum rti_expr_kind) expr->kind, expr->child,
                                           expr->n_child, ret_number);
        case RTI_X_FALSE:
        case RTI_X_TRUE:
                break;
        }
        return rti_ir_expr_of(ir, expr, ret_number);
}

int
rti_pass_merge(rti_ir *ir)
{
        uint32_t *uses = rti_ir_count_uses(ir);

        return uses ? rti_ir_rewrite(ir, visit, uses) : RT_ENOMEM;
}
