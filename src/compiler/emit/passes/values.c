/* SPDX-License-Identifier: Apache-2.0 */
/*
 * values.c - what literals on one slot say of each other.
 *
 *      a = x and a = y                      false
 *      a in (x, y) and a startswith z       a in (those that begin with z)
 *      a < 3 and a > 5                      false
 *      a < 3 and a < 5                      a < 3
 *      a exists and a = x                   a = x
 *      not a exists and a = x               false
 *      a = x or a != x                      a exists
 *
 * Everything is said of "and": an "or" is the opposite of the "and" of the opposites. Each literal
 * is a set of values and perhaps "missing": predicates hold for no missing value, their opposites
 * do. Where the values are listed, the other literals are asked for each of them here and now; only
 * operators that need no memory of a worker are, and no more than MOST_TESTS in all.
 *
 * What holds of a text may hang on what stands behind a NUL, for `in` alone (passes.h). So a listed
 * value stands for all texts that are equal to it up to there, unless it was listed by `in`.
 */
#include "compiler/emit/needs.h"
#include "compiler/emit/passes/passes.h"
#include <stdlib.h>

enum { MOST_TESTS = 1 << 22 };
enum answer { NO, YES, UNKNOWN };

typedef struct fact {
        uint32_t slot, at; /* which child it is */
        uint32_t pred;
        bool negated; /* as it counts in an "and" */
        bool implied; /* by the others: goes */
        bool needed;  /* not decided by a list of values */
        bool changed; /* what follows takes the place of the predicate's */
        uint8_t op, modifier;
        uint32_t n_values;
        const rt_value *values;
} fact;

typedef struct reasoning {
        rti_ir *ir;
        const rti_operand **operands; /* per predicate that was there before, when it was asked */
        size_t n_operands, tests_left;
        fact *facts; /* about one slot */
        uint32_t n;
        bool never, missing; /* what came out: nothing satisfies them; a missing value alone does */
} reasoning;

static const rti_ir_pred *
pred_of(const reasoning *w, const fact *f)
{
        return &w->ir->preds.at[f->pred];
}

/* ---- one value ---- */

static int
operand_of(reasoning *w, uint32_t number, const rti_operand **ret_operand)
{
        const rti_ir_pred *pred = &w->ir->preds.at[number];
        const rti_operand_spec spec = { .op = pred->op,
                                        .modifier = pred->modifier,
                                        .type = w->ir->slots.at[pred->slot].type,
                                        .n = pred->n_values,
                                        .values = pred->values };
        rt_str error, warning;
        rti_operand *operand;
        int r;

        *ret_operand = number < w->n_operands ? w->operands[number] : NULL;
        if (*ret_operand)
                return RT_OK;
        operand = RTI_NEW(w->ir->arena, rti_operand);
        r = operand ? rti_operand_build(w->ir->arena, &spec, operand, &error, &warning) : RT_ENOMEM;
        if (r < 0)
                return r == RT_ENOMEM ? r : RT_OK;
        *ret_operand = operand;
        if (number < w->n_operands)
                w->operands[number] = operand;
        return RT_OK;
}

/* Can it be asked here? */
static bool
can_ask(const rti_ir_pred *pred)
{
        return pred->what == RTI_P_TEST && rti_need_is_plain(pred)
               && (pred->op != RTI_OP_PMATCH || !rti_has_wildcard(pred));
}

/* Does @a f hold for the present @a value that was listed by @a lister? */
static int
ask(reasoning *w, const fact *f, const rti_ir_pred *lister, const rt_value *value,
    enum answer *ret_answer)
{
        const rti_ir_pred *pred = pred_of(w, f);
        const bool text = rti_kind_is_string(value->kind);
        const rti_operand *operand;
        bool holds;
        int r;

        *ret_answer = UNKNOWN;
        if (pred->what == RTI_P_EXISTS) {
                *ret_answer = f->negated ? NO : YES;
                return RT_OK;
        }
        if (!can_ask(pred))
                return RT_OK;
        r = operand_of(w, f->pred, &operand);
        if (r < 0 || !operand)
                return r;
        holds = rti_operand_test(operand, value, NULL);
        if (holds && text && rti_is_member_op(pred->op) && !rti_is_member_op(lister->op))
                return RT_OK;
        *ret_answer = holds != f->negated ? YES : NO;
        return RT_OK;
}

/* ---- presence ---- */

static bool
gives_presence(const fact *f)
{
        return !f->negated && !f->implied;
}

static uint32_t
n_present(const reasoning *w)
{
        uint32_t n = 0;

        for (uint32_t i = 0; i < w->n; i++)
                n += gives_presence(&w->facts[i]);
        return n;
}

/* Nothing but a missing value can satisfy them all, if anything can. */
static void
contradict(reasoning *w)
{
        w->never = n_present(w) > 0;
        w->missing = !w->never;
}

/* `exists` and its opposite. */
static void
presence(reasoning *w)
{
        for (uint32_t i = 0; i < w->n; i++) {
                fact *f = &w->facts[i];

                if (pred_of(w, f)->what != RTI_P_EXISTS)
                        continue;
                if (f->negated)
                        contradict(w);
                else if (n_present(w) > 1)
                        f->implied = true;
        }
}

/* ---- lists of values ---- */

/* Does it hold for listed values alone (perhaps for a missing one too)? */
static bool
lists(const rti_ir_pred *pred, bool negated)
{
        if (pred->what != RTI_P_TEST || pred->n_values == 0)
                return false;
        if (negated)
                return pred->op == RTI_OP_NE
                       && (pred->modifier == RTI_MOD_NONE || pred->modifier == RTI_MOD_ALLOF);
        return rti_is_member_op(pred->op)
               || (pred->op == RTI_OP_EQ
                   && (pred->modifier == RTI_MOD_NONE || pred->modifier == RTI_MOD_ANYOF));
}

/* The list to begin with: what `in` lists is known best, else a short one. */
static fact *
best_list(const reasoning *w)
{
        fact *best = NULL;

        for (uint32_t i = 0; i < w->n; i++) {
                fact *f = &w->facts[i];
                const rti_ir_pred *pred = pred_of(w, f);
                const bool member = rti_is_member_op(pred->op);

                if (!lists(pred, f->negated))
                        continue;
                if (!best || (member && !rti_is_member_op(pred_of(w, best)->op))
                    || (member == rti_is_member_op(pred_of(w, best)->op)
                        && f->n_values < best->n_values))
                        best = f;
        }
        return best;
}

/* Keep the values of @a list that no other fact excludes. RT_OK, RT_ENOMEM. */
static int
sift(reasoning *w, fact *list)
{
        rt_value *values = RTI_NEWN(&w->ir->temp, rt_value, list->n_values);
        const rti_ir_pred lister = *pred_of(w, list);
        uint32_t n = 0;

        if (!values)
                return RT_ENOMEM;
        for (uint32_t v = 0; v < list->n_values; v++) {
                enum answer answer = YES;

                for (uint32_t i = 0; i < w->n && answer != NO; i++) {
                        const fact *f = &w->facts[i];
                        int r;

                        /* What was changed no longer excludes what it did. */
                        if (f == list || f->implied || f->changed)
                                continue;
                        r = ask(w, f, &lister, &list->values[v], &answer);
                        if (r < 0)
                                return r;
                }
                if (answer != NO)
                        values[n++] = list->values[v];
        }
        list->changed = n < list->n_values;
        list->n_values = n;
        if (list->changed && n) { /* they go into a predicate */
                rt_value *kept = RTI_NEWN(w->ir->arena, rt_value, n);

                if (!kept)
                        return RT_ENOMEM;
                list->values = memcpy(kept, values, n * sizeof *values);
        }
        return RT_OK;
}

/* Which other facts do the values left not decide? */
static int
find_needed(reasoning *w, const fact *list)
{
        const rti_ir_pred lister = *pred_of(w, list);

        for (uint32_t i = 0; i < w->n; i++) {
                fact *f = &w->facts[i];

                f->needed = f == list;
                for (uint32_t v = 0; v < list->n_values && !f->needed; v++) {
                        enum answer answer;
                        int r = ask(w, f, &lister, &list->values[v], &answer);

                        if (r < 0)
                                return r;
                        f->needed = answer == UNKNOWN;
                }
        }
        for (uint32_t i = 0; i < w->n; i++)
                w->facts[i].implied |= !w->facts[i].needed;
        return RT_OK;
}

/* @a list holds for listed values alone: ask the others about them. */
static int
within_list(reasoning *w, fact *list)
{
        const bool present = n_present(w) > 0;
        int r = sift(w, list);

        if (r == RT_OK && list->n_values)
                r = find_needed(w, list);
        if (r < 0)
                return r;
        if (list->n_values == 0) {
                contradict(w);
        } else if (list->negated && present) {
                /* `not a != x` beside what a missing value does not pass: `a = x`. */
                list->negated = false;
                list->op = RTI_OP_EQ;
                list->modifier = RTI_MOD_ANYOF;
                list->changed = true;
        }
        return RT_OK;
}

/* Values that are excluded one by one, and by something else anyway. */
static int
beside_lists(reasoning *w)
{
        for (uint32_t i = 0; i < w->n; i++) {
                fact *f = &w->facts[i];
                int r;

                if (f->implied || !lists(pred_of(w, f), !f->negated)
                    || (!f->negated && n_present(w) == 1))
                        continue;
                r = sift(w, f);
                if (r < 0)
                        return r;
                f->implied = f->n_values == 0;
        }
        return RT_OK;
}

/* ---- ranges ---- */

typedef struct bound {
        fact *fact; /* the strictest; NULL: none */
        rt_value value;
        bool open; /* the value itself is beyond it */
} bound;

static int
compare_values(const rt_value *a, const rt_value *b)
{
        if (rti_kinds[a->kind].hold == RTI_HOLD_SIGNED)
                return (a->as.i > b->as.i) - (a->as.i < b->as.i);
        return (a->as.u > b->as.u) - (a->as.u < b->as.u);
}

/* Is @a f a bound, and is it one from below? */
static bool
is_bound(const rti_ir_pred *pred, const fact *f, bool *ret_below, bool *ret_open)
{
        const bool less = pred->op == RTI_OP_LT || pred->op == RTI_OP_LE;
        const bool strict = pred->op == RTI_OP_LT || pred->op == RTI_OP_GT;

        if (pred->what != RTI_P_TEST || pred->modifier != RTI_MOD_NONE
            || (!less && pred->op != RTI_OP_GT && pred->op != RTI_OP_GE))
                return false;
        *ret_below = less == f->negated;
        *ret_open = strict != f->negated;
        return true;
}

/* Does @a fresh leave less than @a old, or as much, but is a predicate? */
static bool
is_stricter(const bound *fresh, const bound *old, bool below)
{
        const int order = compare_values(&fresh->value, &old->value);

        if (order)
                return below == (order > 0);
        return fresh->open != old->open ? fresh->open : !fresh->fact->negated;
}

static void
ranges(reasoning *w)
{
        bound strictest[2] = { { 0 }, { 0 } };
        bool below, open;
        int order;

        for (uint32_t i = 0; i < w->n; i++) {
                fact *f = &w->facts[i];
                bound fresh = { .fact = f };

                if (f->implied || !is_bound(pred_of(w, f), f, &below, &open))
                        continue;
                fresh.value = f->values[0];
                fresh.open = open;
                if (!strictest[below].fact || is_stricter(&fresh, &strictest[below], below))
                        strictest[below] = fresh;
        }
        for (uint32_t i = 0; i < w->n; i++) {
                fact *f = &w->facts[i];

                /* The stricter one must not let a missing value pass that this one stops. */
                if (!f->implied && is_bound(pred_of(w, f), f, &below, &open)
                    && strictest[below].fact != f
                    && (f->negated || !strictest[below].fact->negated))
                        f->implied = true;
        }
        if (!strictest[0].fact || !strictest[1].fact)
                return;
        order = compare_values(&strictest[true].value, &strictest[false].value);
        if (order > 0 || (order == 0 && (strictest[0].open || strictest[1].open)))
                contradict(w);
}

/* ---- all about one slot ---- */

/* May its values be listed and compared? */
static bool
is_simple(const rti_ir_slot *slot)
{
        return !slot->type.list && slot->arg != RT_ARG_ANY && !slot->dynamic
               && slot->type.kind != RT_KIND_IPNET
               && rti_kinds[slot->type.kind].hold != RTI_HOLD_DOUBLE;
}

/* Is there time to ask all facts about all values? */
static bool
affordable(reasoning *w)
{
        size_t n = 0;

        for (uint32_t i = 0; i < w->n; i++)
                n += w->facts[i].n_values;
        if (n > w->tests_left / w->n)
                return false;
        w->tests_left -= n * w->n;
        return true;
}

static int
reason(reasoning *w)
{
        const rti_ir_slot *slot = &w->ir->slots.at[w->facts[0].slot];
        const enum rti_hold hold = rti_kinds[slot->type.kind].hold;
        fact *list;
        int r;

        w->never = w->missing = false;
        presence(w);
        if (w->never || w->missing || !is_simple(slot) || !affordable(w))
                return RT_OK;
        list = best_list(w);
        r = list ? within_list(w, list) : beside_lists(w);
        if (r == RT_OK && !list && (hold == RTI_HOLD_SIGNED || hold == RTI_HOLD_UNSIGNED))
                ranges(w);
        return r;
}

/* ---- the pass ---- */

static int
compare_facts(const void *a, const void *b)
{
        const fact *x = a, *y = b;

        if (x->slot != y->slot)
                return x->slot < y->slot ? -1 : 1;
        return (x->at > y->at) - (x->at < y->at);
}

/* The literals among the children, in the order of their slots. */
static uint32_t
collect(const rti_ir *ir, const rti_ir_expr *expr, fact *facts)
{
        uint32_t n = 0;

        for (uint32_t i = 0; i < expr->n_child; i++) {
                bool negated;
                const rti_ir_pred *pred = rti_literal(ir, expr->child[i], &negated);

                if (!pred)
                        continue;
                facts[n++] = (fact){ .slot = pred->slot,
                                     .at = i,
                                     .pred = (uint32_t) (pred - ir->preds.at),
                                     .negated = negated != (expr->kind == RTI_X_OR),
                                     .op = pred->op,
                                     .modifier = pred->modifier,
                                     .n_values = pred->n_values,
                                     .values = pred->values };
        }
        if (n > 1)
                qsort(facts, n, sizeof *facts, compare_facts);
        return n;
}

/* The literal of a fact whose constants changed, as it counts in an "and". */
static int
literal_of(rti_ir *ir, const fact *f, uint32_t *ret_number)
{
        rti_ir_pred pred = ir->preds.at[f->pred];
        int r;

        pred.op = f->op;
        pred.modifier = f->modifier;
        pred.values = f->values;
        pred.n_values = f->n_values;
        pred.shared = false;
        r = rti_ir_set_of(ir, &pred, ret_number);
        return r == RT_OK && f->negated ? rti_ir_not(ir, *ret_number, ret_number) : r;
}

/* "The slot has no value". */
static int
missing_of(rti_ir *ir, uint32_t slot, uint32_t *ret_number)
{
        const rti_ir_pred pred = { .what = RTI_P_EXISTS,
                                   .op = RTI_OP_EXISTS,
                                   .modifier = RTI_MOD_NONE,
                                   .slot = slot,
                                   .rhs = RTI_NONE };
        int r = rti_ir_pred_of(ir, &pred, ret_number);

        return r < 0 ? r : rti_ir_not(ir, *ret_number, ret_number);
}

/* Put what came out in place of the children that the facts were. */
static int
apply(reasoning *w, rti_ir_expr *expr)
{
        const bool turned = expr->kind == RTI_X_OR;

        for (uint32_t i = 0; i < w->n; i++) {
                const fact *f = &w->facts[i];
                uint32_t *child = &expr->child[f->at];
                int r = RT_OK;

                if (w->never)
                        *child = RTI_X_FALSE;
                else if (w->missing)
                        r = missing_of(w->ir, f->slot, child);
                else if (f->implied)
                        *child = RTI_X_TRUE;
                else if (f->changed)
                        r = literal_of(w->ir, f, child);
                else
                        continue;
                if (r == RT_OK && turned)
                        r = rti_ir_not(w->ir, *child, child);
                if (r < 0)
                        return r;
        }
        return RT_OK;
}

static int
reason_about_children(reasoning *w, rti_ir_expr *expr)
{
        fact *facts = rti_ir_scratch(w->ir, expr->n_child, sizeof *facts);
        uint32_t n;

        if (!facts)
                return RT_ENOMEM;
        n = collect(w->ir, expr, facts);
        for (uint32_t i = 0, end; i < n; i = end) {
                int r;

                for (end = i + 1; end < n && facts[end].slot == facts[i].slot;)
                        end++;
                if (end - i < 2)
                        continue;
                w->facts = facts + i;
                w->n = end - i;
                r = reason(w);
                r = r < 0 ? r : apply(w, expr);
                if (r < 0)
                        return r;
        }
        return RT_OK;
}

static int
visit(rti_ir *ir, const rti_ir_expr *old, rti_ir_expr *expr, void *user, uint32_t *ret_number)
{
        int r;

        (void) old;
        if (expr->kind == RTI_X_NOT)
                return rti_ir_not(ir, expr->child[0], ret_number);
        if (expr->kind != RTI_X_AND && expr->kind != RTI_X_OR)
                return rti_ir_expr_of(ir, expr, ret_number);
        r = reason_about_children(user, expr);
        return r < 0 ? r
                     : rti_ir_join(ir, (enum rti_expr_kind) expr->kind, expr->child, expr->n_child,
                                   ret_number);
}

int
rti_pass_values(rti_ir *ir)
{
        reasoning w = { .ir = ir,
                        .operands = RTI_NEWN(ir->arena, const rti_operand *, ir->preds.n),
                        .n_operands = ir->preds.n,
                        .tests_left = MOST_TESTS };

        return w.operands ? rti_ir_rewrite(ir, visit, &w) : RT_ENOMEM;
}
