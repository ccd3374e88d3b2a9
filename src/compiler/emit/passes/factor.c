/* SPDX-License-Identifier: Apache-2.0 */
/*
 * factor.c - what children of children have in common.
 *
 *      x or (x and y)                       x
 *      (x and y) or (x and z)               x and (y or z)
 *      not (x and y) and not (x and z)      not (x and (y or z))
 *      (a = 1 and p) or (a = 2 and q) ...   a in (1, 2, ...) and ((a = 1 and p) or ...)
 *
 * and all of it with "and" and "or" exchanged, but for the last, the guard: one look-up instead of
 * many tests for the values that no alternative names, as of the exceptions of a rule most are.
 *
 * What is common is found by sorting, never by comparing pairs. Only what one expression alone uses
 * is taken apart; of shared ones at most FEW operands are looked at, so that the work stays linear
 * in what was written.
 */
#include "compiler/emit/passes/passes.h"
#include <stdlib.h>

enum { FEW = 32, DEEPEST = 16, GUARDED = 4 };

/* One child, as the expression that is being made simpler has it. */
typedef struct member {
        uint32_t number;           /* RTI_NONE: absorbed, or part of another */
        bool once;                 /* nobody else uses it */
        uint32_t common, n_common; /* operand that most others have too, and how many */
} member;

/* Member @a owner is `key` (direct), or has it for an operand. */
typedef struct entry {
        uint32_t key, owner;
        bool direct;
} entry;

static enum rti_expr_kind
dual(enum rti_expr_kind kind)
{
        return kind == RTI_X_AND ? RTI_X_OR : RTI_X_AND;
}

/* Operands to look at: of members of the other kind. */
static uint32_t
operands_of(const rti_ir *ir, enum rti_expr_kind kind, const member *m)
{
        const rti_ir_expr *expr;

        if (m->number == RTI_NONE)
                return 0;
        expr = &ir->exprs.at[m->number];
        if (expr->kind != dual(kind) || (!m->once && expr->n_child > FEW))
                return 0;
        return expr->n_child;
}

static int
compare_entries(const void *a, const void *b)
{
        const entry *x = a, *y = b;

        if (x->key != y->key)
                return x->key < y->key ? -1 : 1;
        if (x->direct != y->direct)
                return x->direct ? -1 : 1;
        return (x->owner > y->owner) - (x->owner < y->owner);
}

static int
list_entries(rti_ir *ir, enum rti_expr_kind kind, const member *members, uint32_t n,
             entry **ret_entries, size_t *ret_n)
{
        size_t n_all = n, k = 0;
        entry *all;

        for (uint32_t i = 0; i < n; i++)
                n_all += operands_of(ir, kind, &members[i]);
        all = RTI_NEWN(&ir->temp, entry, n_all);
        if (!all)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n; i++) {
                const uint32_t n_operands = operands_of(ir, kind, &members[i]);

                if (members[i].number != RTI_NONE)
                        all[k++] = (entry){ members[i].number, i, true };
                for (uint32_t c = 0; c < n_operands; c++)
                        all[k++] = (entry){ ir->exprs.at[members[i].number].child[c], i, false };
        }
        if (k)
                qsort(all, k, sizeof *all, compare_entries);
        *ret_entries = all;
        *ret_n = k;
        return RT_OK;
}

/* Of entries from @a i on, the end of those with the same key. */
static size_t
run_end(const entry *all, size_t n, size_t i)
{
        const uint32_t key = all[i].key;

        while (i < n && all[i].key == key)
                i++;
        return i;
}

/* x or (x and y): the member that has another one for an operand says nothing more. */
static void
absorb(const entry *all, size_t n, member *members)
{
        for (size_t i = 0, end; i < n; i = end) {
                end = run_end(all, n, i);
                for (size_t k = i + 1; all[i].direct && k < end; k++)
                        if (!all[k].direct)
                                members[all[k].owner].number = RTI_NONE;
        }
}

/* For each member, the operand that it has in common with most others. */
static void
find_common(const entry *all, size_t n, member *members)
{
        for (size_t i = 0, end; i < n; i = end) {
                uint32_t count = 0;

                end = run_end(all, n, i);
                for (size_t k = i; k < end; k++) {
                        const member *m = &members[all[k].owner];

                        count += !all[k].direct && m->once && m->number != RTI_NONE;
                }
                for (size_t k = i; count > 1 && k < end; k++) {
                        member *m = &members[all[k].owner];

                        if (all[k].direct || !m->once || count <= m->n_common)
                                continue;
                        m->common = all[k].key;
                        m->n_common = count;
                }
        }
}

static int simplify(rti_ir *ir, enum rti_expr_kind kind, member *members, uint32_t n,
                    unsigned depth, uint32_t *ret_number);

/* @a number without operand @a common. */
static int
without(rti_ir *ir, uint32_t number, uint32_t common, uint32_t *ret_number)
{
        const rti_ir_expr expr = ir->exprs.at[number];
        uint32_t *child = RTI_NEWN(ir->arena, uint32_t, expr.n_child);
        uint32_t n = 0;

        if (!child)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < expr.n_child; i++)
                if (expr.child[i] != common)
                        child[n++] = expr.child[i];
        return rti_ir_join(ir, (enum rti_expr_kind) expr.kind, child, n, ret_number);
}

/* Both together, in one expression of @a kind. */
static int
join_two(rti_ir *ir, enum rti_expr_kind kind, uint32_t a, uint32_t b, uint32_t *ret_number)
{
        const rti_ir_expr expr = ir->exprs.at[b];
        const bool flat = expr.kind == kind;
        const uint32_t n = flat ? expr.n_child : 1;
        uint32_t *child = RTI_NEWN(ir->arena, uint32_t, (size_t) n + 1);

        if (!child)
                return RT_ENOMEM;
        child[0] = a;
        memcpy(child + 1, flat ? expr.child : &b, n * sizeof *child);
        return rti_ir_join(ir, kind, child, n + 1, ret_number);
}

/* (x and y) or (x and z) or ... over the members @a group, which have `common` in common. */
static int
factor_out(rti_ir *ir, enum rti_expr_kind kind, member *members, const entry *group, uint32_t n,
           unsigned depth)
{
        member *rest = RTI_NEWN(&ir->temp, member, n);
        uint32_t inner = 0;
        int r = rest ? RT_OK : RT_ENOMEM;

        for (uint32_t i = 0; r == RT_OK && i < n; i++) {
                rest[i].once = true;
                r = without(ir, members[group[i].owner].number, group[i].key, &rest[i].number);
                members[group[i].owner].number = RTI_NONE;
        }
        if (r == RT_OK)
                r = simplify(ir, kind, rest, n, depth + 1, &inner);
        return r < 0 ? r
                     : join_two(ir, dual(kind), group[0].key, inner,
                                &members[group[0].owner].number);
}

static int
factor(rti_ir *ir, enum rti_expr_kind kind, member *members, uint32_t n, unsigned depth)
{
        entry *groups = RTI_NEWN(&ir->temp, entry, n);
        uint32_t n_groups = 0;

        if (!groups)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n; i++)
                if (members[i].number != RTI_NONE && members[i].n_common > 1)
                        groups[n_groups++] = (entry){ members[i].common, i, false };
        if (n_groups)
                qsort(groups, n_groups, sizeof *groups, compare_entries);
        for (size_t i = 0, end; i < n_groups; i = end) {
                int r;

                end = run_end(groups, n_groups, i);
                if (end - i < 2)
                        continue;
                r = factor_out(ir, kind, members, groups + i, (uint32_t) (end - i), depth);
                if (r < 0)
                        return r;
        }
        return RT_OK;
}

/* ---- guards ---- */

/* An alternative that only some values of a slot lead to. */
typedef struct way {
        uint32_t slot, owner, pred;
} way;

static int
compare_ways(const void *a, const void *b)
{
        const way *x = a, *y = b;

        if (x->slot != y->slot)
                return x->slot < y->slot ? -1 : 1;
        return (x->owner > y->owner) - (x->owner < y->owner);
}

static int
list_ways(rti_ir *ir, const member *members, uint32_t n, way **ret_ways, size_t *ret_n)
{
        size_t n_all = 0, k = 0;
        way *all;

        for (uint32_t i = 0; i < n; i++)
                n_all += operands_of(ir, RTI_X_OR, &members[i]);
        all = RTI_NEWN(&ir->temp, way, n_all);
        if (!all)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n; i++) {
                const uint32_t n_operands =
                        members[i].once ? operands_of(ir, RTI_X_OR, &members[i]) : 0;

                for (uint32_t c = 0; c < n_operands; c++) {
                        const uint32_t number = ir->exprs.at[members[i].number].child[c];
                        bool negated;
                        const rti_ir_pred *pred = rti_literal(ir, number, &negated);

                        if (pred && !negated && rti_names_values(ir, pred))
                                all[k++] = (way){ pred->slot, i, (uint32_t) (pred - ir->preds.at) };
                }
        }
        if (k)
                qsort(all, k, sizeof *all, compare_ways);
        *ret_ways = all;
        *ret_n = k;
        return RT_OK;
}

/* The slot that most alternatives name values of: where its ways begin, one for each. */
static size_t
best_slot(way *all, size_t n, size_t *ret_n)
{
        size_t best = 0, most = 0, to = 0;

        /* Of two tests of one slot in one alternative either will do. */
        for (size_t i = 0; i < n; i++)
                if (i == 0 || compare_ways(&all[i], &all[i - 1]) != 0)
                        all[to++] = all[i];
        for (size_t i = 0, end; i < to; i = end) {
                for (end = i + 1; end < to && all[end].slot == all[i].slot;)
                        end++;
                if (end - i > most) {
                        best = i;
                        most = end - i;
                }
        }
        *ret_n = most;
        return best;
}

static int
guard(rti_ir *ir, member *members, uint32_t n)
{
        uint32_t *preds, *child, inner, any;
        size_t n_ways, first;
        way *ways;
        int r = list_ways(ir, members, n, &ways, &n_ways);

        if (r < 0)
                return r;
        first = best_slot(ways, n_ways, &n_ways);
        if (n_ways < GUARDED)
                return RT_OK;
        ways += first;
        preds = RTI_NEWN(ir->arena, uint32_t, n_ways);
        child = RTI_NEWN(ir->arena, uint32_t, n_ways);
        if (!preds || !child)
                return RT_ENOMEM;
        for (size_t i = 0; i < n_ways; i++) {
                preds[i] = ways[i].pred;
                child[i] = members[ways[i].owner].number;
                members[ways[i].owner].number = RTI_NONE;
        }
        r = rti_ir_union_of(ir, preds, (uint32_t) n_ways, &any);
        if (r == RT_OK)
                r = rti_ir_join(ir, RTI_X_OR, child, (uint32_t) n_ways, &inner);
        return r < 0 ? r : join_two(ir, RTI_X_AND, any, inner, &members[ways[0].owner].number);
}

/* ---- the pass ---- */

/* The members of a @a kind become one expression. */
static int
simplify(rti_ir *ir, enum rti_expr_kind kind, member *members, uint32_t n, unsigned depth,
         uint32_t *ret_number)
{
        uint32_t *child = RTI_NEWN(ir->arena, uint32_t, n);
        uint32_t left = 0;
        size_t n_entries;
        entry *entries;
        int r = child ? list_entries(ir, kind, members, n, &entries, &n_entries) : RT_ENOMEM;

        if (r == RT_OK && n_entries > n) {
                absorb(entries, n_entries, members);
                find_common(entries, n_entries, members);
                if (depth < DEEPEST)
                        r = factor(ir, kind, members, n, depth);
                if (r == RT_OK && kind == RTI_X_OR)
                        r = guard(ir, members, n);
        }
        if (r < 0)
                return r;
        for (uint32_t i = 0; i < n; i++)
                if (members[i].number != RTI_NONE)
                        child[left++] = members[i].number;
        return rti_ir_join(ir, kind, child, left, ret_number);
}

static bool
used_once(const rti_ir *ir, uint32_t number, const uint32_t *uses)
{
        const rti_ir_expr *expr = &ir->before.at[number];

        return uses[expr->kind == RTI_X_NOT ? expr->child[0] : number] == 1;
}

/* `not (x and y) and not z` are `not` of an "or": make that simpler, and take it apart again. */
static int
simplify_behind_not(rti_ir *ir, enum rti_expr_kind kind, member *members, uint32_t *n)
{
        member *behind = RTI_NEWN(&ir->temp, member, *n);
        uint32_t n_behind = 0, left = 0, number, whole;
        rti_ir_expr expr;
        int r;

        if (!behind)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < *n; i++) {
                const rti_ir_expr *child = &ir->exprs.at[members[i].number];

                if (child->kind != RTI_X_NOT)
                        members[left++] = members[i];
                else
                        behind[n_behind++] = (member){ child->child[0], members[i].once, 0, 0 };
        }
        r = simplify(ir, dual(kind), behind, n_behind, 0, &whole);
        if (r < 0)
                return r;
        expr = ir->exprs.at[whole];
        if (expr.kind != dual(kind)) {
                expr.child = &whole;
                expr.n_child = 1;
        }
        for (uint32_t i = 0; r == RT_OK && i < expr.n_child; i++) {
                r = rti_ir_not(ir, expr.child[i], &number);
                members[left++] = (member){ number, true, 0, 0 };
        }
        *n = left;
        return r;
}

static int
simplify_children(rti_ir *ir, const rti_ir_expr *old, const rti_ir_expr *expr, const uint32_t *uses,
                  uint32_t *ret_number)
{
        const enum rti_expr_kind kind = (enum rti_expr_kind) expr->kind;
        uint32_t n = expr->n_child;
        bool behind = false, nested = false;
        member *members;
        int r = RT_OK;

        for (uint32_t i = 0; i < n; i++) {
                const rti_ir_expr *child = &ir->exprs.at[expr->child[i]];

                behind |= child->kind == RTI_X_NOT && ir->exprs.at[child->child[0]].kind == kind;
                nested |= child->kind == dual(kind);
        }
        if (!behind && !nested)
                return rti_ir_join(ir, kind, expr->child, n, ret_number);
        members = RTI_NEWN(&ir->temp, member, n);
        if (!members)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n; i++) {
                members[i].number = expr->child[i];
                members[i].once = used_once(ir, old->child[i], uses);
        }
        if (behind)
                r = simplify_behind_not(ir, kind, members, &n);
        return r < 0 ? r : simplify(ir, kind, members, n, 0, ret_number);
}

static int
visit(rti_ir *ir, const rti_ir_expr *old, rti_ir_expr *expr, void *user, uint32_t *ret_number)
{
        if (expr->kind == RTI_X_NOT)
                return rti_ir_not(ir, expr->child[0], ret_number);
        if (expr->kind == RTI_X_AND || expr->kind == RTI_X_OR)
                return simplify_children(ir, old, expr, user, ret_number);
        return rti_ir_expr_of(ir, expr, ret_number);
}

int
rti_pass_factor(rti_ir *ir)
{
        uint32_t *uses = rti_ir_count_uses(ir);

        return uses ? rti_ir_rewrite(ir, visit, uses) : RT_ENOMEM;
}
