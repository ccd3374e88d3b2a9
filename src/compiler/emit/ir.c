/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ir.c - typed rules become slots, predicates and one expression graph.
 *
 *   in   rti_rules (typed trees)
 *   out  rti_ir, everything interned, by a hash and a comparison
 *
 * Recursion over trees is bounded by RTI_MAX_EXPR_DEPTH, since macros can nest what each text nests
 * only a little.
 */
#include "compiler/emit/ir.h"
#include "compiler/emit/prices.h"
#include <stdlib.h>

enum { MOST = 0x7fffffff };

/* ---- values ---- */

static uint64_t
mix(uint64_t hash, uint64_t word)
{
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash = (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9u;
        return hash ^ hash >> 32;
}

static bool
is_text(const rt_value *value)
{
        return rti_kinds[value->kind].hold == RTI_HOLD_STRING;
}

/* The words that hold what is no text: only addresses fill more than one. */
static void
value_words(const rt_value *value, uint64_t words[2])
{
        memcpy(words, &value->as, 2 * sizeof *words);
        if (rti_kinds[value->kind].hold != RTI_HOLD_ADDRESS)
                words[1] = 0;
}

static uint64_t
hash_value(uint64_t hash, const rt_value *value)
{
        uint64_t words[2];

        hash = mix(hash, (uint64_t) value->kind << 32 | value->count);
        if (is_text(value))
                return rti_hash(value->as.s.ptr, value->as.s.len, hash);
        value_words(value, words);
        return mix(mix(hash, words[0]), words[1]);
}

static bool
same_value(const rt_value *a, const rt_value *b)
{
        uint64_t x[2], y[2];

        if (a->kind != b->kind || a->count != b->count)
                return false;
        if (is_text(a))
                return rti_str_eq(a->as.s, b->as.s);
        value_words(a, x);
        value_words(b, y);
        return x[0] == y[0] && x[1] == y[1];
}

/* ---- slots ---- */

static int slot_at(rti_ir *ir, uint32_t source, const rti_vexpr *expr, unsigned depth,
                   uint32_t *ret_slot);

static uint32_t
price_of_field(rt_str name)
{
        static const struct {
                char beginning[16];
                uint16_t price;
        } prices[] = {
#define PRICE(beginning, price) { beginning, price },
#include "compiler/emit/prices.def"
#undef PRICE
        };
        uint32_t i = 0;

        while (!rti_str_starts(name, rti_str_of(prices[i].beginning)))
                i++;
        return prices[i].price;
}

static int
slot_args(rti_ir *ir, const rti_vexpr *expr, unsigned depth, rti_ir_slot *slot)
{
        if (expr->n_args == 0)
                return RT_OK;
        slot->args = RTI_NEWN(ir->arena, uint32_t, expr->n_args);
        if (!slot->args)
                return RT_ENOMEM;
        slot->n_args = expr->n_args;
        for (uint32_t i = 0; i < expr->n_args; i++) {
                int r = slot_at(ir, slot->source, expr->args[i], depth + 1, &slot->args[i]);

                if (r < 0)
                        return r;
                slot->cost_ns += ir->slots.at[slot->args[i]].cost_ns;
                slot->restless |= ir->slots.at[slot->args[i]].restless;
                slot->of_subject = slot->of_subject && ir->slots.at[slot->args[i]].of_subject;
        }
        return RT_OK;
}

static int
slot_fill(rti_ir *ir, const rti_vexpr *expr, unsigned depth, rti_ir_slot *slot)
{
        const rt_field_desc *field;
        uint32_t flags;
        int r;

        switch (expr->what) {
        case RTI_V_FIELD:
                field = rti_registry_field(ir->rules->registry, expr->field.field);
                slot->what = RTI_SLOT_FIELD;
                slot->field = rti_str_of(field->name);
                slot->key = expr->field.key;
                slot->arg = (uint8_t) expr->field.arg;
                slot->index = expr->field.index;
                slot->format = field->format;
                slot->cost_ns = price_of_field(slot->field);
                slot->dynamic = field->kind == RT_KIND_DYNAMIC;
                slot->restless = field->flags & RT_FIELD_PER_USE;
                slot->of_subject = field->flags & (RT_FIELD_OF_SUBJECT | RT_FIELD_PURE)
                                   && rti_ir_pass_on(ir, RTI_PASS_SUBJECTS);
                if (slot->arg == RT_ARG_ANY) {
                        slot->type.list = true;
                        slot->all_differ = field->flags & RT_FIELD_ALL_DIFFER;
                        slot->cost_ns += RTI_NS_WALK;
                }
                if (rti_registry_provider(ir->rules->registry, slot->field, &flags))
                        slot->cost_ns += RTI_NS_HOST;
                return slot_args(ir, expr, depth, slot);
        case RTI_V_TRANSFORM:
                slot->what = RTI_SLOT_TRANSFORM;
                slot->transformer = expr->transformer;
                slot->has_selector = expr->has_selector;
                slot->key = expr->selector;
                slot->cost_ns = RTI_NS_TRANSFORM;
                slot->of_subject = true;
                r = slot_args(ir, expr, depth, slot);
                if (r < 0)
                        return r;
                /* Numbers print as the field inside would: len(evt.source) has no text. */
                slot->format = rti_transformer_many[expr->transformer]
                                       ? RT_FORMAT_DEC
                                       : ir->slots.at[slot->args[0]].format;
                return RT_OK;
        case RTI_V_CONST:
                slot->what = RTI_SLOT_CONST;
                slot->constant = expr->constant;
                slot->of_subject = true;
                slot->type = (rti_type){ expr->constant.kind, false };
                return RT_OK;
        case RTI_V_LIST:
                slot->what = RTI_SLOT_LIST;
                slot->cost_ns = RTI_NS_TRANSFORM;
                slot->of_subject = true;
                return slot_args(ir, expr, depth, slot);
        case RTI_V_LISTED:
                slot->what = RTI_SLOT_LISTED;
                slot->field = expr->selector;
                slot->key = rti_operators[expr->op].text;
                slot->format = RT_FORMAT_NONE;
                slot->cost_ns = RTI_NS_HOST;
                return slot_args(ir, expr, depth, slot);
        }
        return RT_EINVAL;
}

static uint64_t
hash_slot(const rti_ir_slot *slot)
{
        uint64_t hash =
                mix(slot->source, (uint64_t) slot->what << 24 | (uint64_t) slot->transformer << 16
                                          | (uint64_t) slot->arg << 8 | slot->has_selector);

        hash = rti_hash(slot->field.ptr, slot->field.len, mix(hash, slot->place));
        hash = rti_hash(slot->key.ptr, slot->key.len, hash);
        if (slot->arg == RT_ARG_INDEX)
                hash = mix(hash, slot->index);
        if (slot->what == RTI_SLOT_CONST)
                hash = hash_value(hash, &slot->constant);
        for (uint32_t i = 0; i < slot->n_args; i++)
                hash = mix(hash, slot->args[i]);
        return hash;
}

static bool
same_slot(const rti_ir_slot *a, const rti_ir_slot *b)
{
        if (a->source != b->source || a->what != b->what || a->transformer != b->transformer
            || a->arg != b->arg || a->has_selector != b->has_selector || a->place != b->place
            || a->n_args != b->n_args)
                return false;
        if (!rti_str_eq(a->field, b->field) || !rti_str_eq(a->key, b->key)
            || (a->arg == RT_ARG_INDEX && a->index != b->index)
            || (a->what == RTI_SLOT_CONST && !same_value(&a->constant, &b->constant)))
                return false;
        return !a->n_args || memcmp(a->args, b->args, a->n_args * sizeof *a->args) == 0;
}

static int
intern_slot(rti_ir *ir, const rti_ir_slot *slot, uint32_t *ret_slot)
{
        const uint32_t hash = (uint32_t) hash_slot(slot);
        uint32_t found;
        int r;

        for (uint32_t at = 0;
             (found = rti_table_next(&ir->slot_table, hash, &at)) != RTI_MAP_NONE;) {
                if (!same_slot(&ir->slots.at[found], slot))
                        continue;
                *ret_slot = found;
                return RT_OK;
        }
        *ret_slot = (uint32_t) ir->slots.n;
        r = rti_vec_push(&ir->slots, ir->allocator, *slot, MOST);
        return r < 0 ? r : rti_table_add(&ir->slot_table, ir->allocator, hash, *ret_slot);
}

static int
slot_at(rti_ir *ir, uint32_t source, const rti_vexpr *expr, unsigned depth, uint32_t *ret_slot)
{
        rti_ir_slot slot = { .source = source, .type = expr->type, .number = RTI_NONE };
        int r = depth < RTI_MAX_CONDITION_DEPTH ? slot_fill(ir, expr, depth, &slot) : RT_ELIMIT;

        if (r < 0)
                return r;
        slot.place = slot.restless ? (uintptr_t) expr : 0;
        return intern_slot(ir, &slot, ret_slot);
}

int
rti_ir_slot_of(rti_ir *ir, uint32_t source, const rti_vexpr *expr, bool in_condition,
               uint32_t *ret_slot)
{
        int r = slot_at(ir, source, expr, 0, ret_slot);

        if (r == RT_OK && in_condition)
                ir->slots.at[*ret_slot].in_condition = true;
        return r;
}

/* ---- predicates ---- */

static uint64_t
hash_pred(const rti_ir_pred *pred)
{
        uint64_t hash = mix(pred->n_values, (uint64_t) pred->what << 16 | (uint64_t) pred->op << 8
                                                    | pred->modifier);

        hash = mix(hash, (uint64_t) pred->slot << 32 | pred->rhs);
        if (pred->shared)
                return mix(hash, (uint64_t) (uintptr_t) pred->values);
        for (uint32_t i = 0; i < pred->n_values; i++)
                hash = hash_value(hash, &pred->values[i]);
        return hash;
}

static bool
same_pred(const rti_ir_pred *a, const rti_ir_pred *b)
{
        if (a->what != b->what || a->op != b->op || a->modifier != b->modifier || a->slot != b->slot
            || a->rhs != b->rhs || a->n_values != b->n_values || a->shared != b->shared)
                return false;
        if (a->shared)
                return a->values == b->values;
        for (uint32_t i = 0; i < a->n_values; i++)
                if (!same_value(&a->values[i], &b->values[i]))
                        return false;
        return true;
}

static int
intern_pred(rti_ir *ir, const rti_ir_pred *pred, uint32_t *ret_pred)
{
        const uint32_t hash = (uint32_t) hash_pred(pred);
        uint32_t found;
        int r;

        for (uint32_t at = 0;
             (found = rti_table_next(&ir->pred_table, hash, &at)) != RTI_MAP_NONE;) {
                if (!same_pred(&ir->preds.at[found], pred))
                        continue;
                *ret_pred = found;
                return RT_OK;
        }
        *ret_pred = (uint32_t) ir->preds.n;
        r = rti_vec_push(&ir->preds, ir->allocator, *pred, MOST);
        return r < 0 ? r : rti_table_add(&ir->pred_table, ir->allocator, hash, *ret_pred);
}

int
rti_ir_pred_of(rti_ir *ir, const rti_ir_pred *pred, uint32_t *ret_number)
{
        rti_ir_pred fresh = *pred;
        rti_ir_expr expr = { .kind = RTI_X_PRED };
        int r;

        fresh.number = fresh.class = fresh.type_set = RTI_NONE;
        fresh.types_known = false;
        fresh.types = NULL;
        r = intern_pred(ir, &fresh, &expr.pred);
        return r < 0 ? r : rti_ir_expr_of(ir, &expr, ret_number);
}

static int
pred_of(rti_ir *ir, uint32_t source, const rti_tnode *node, uint32_t *ret_pred)
{
        rti_ir_pred pred = { .op = node->op,
                             .modifier = node->modifier,
                             .rhs = RTI_NONE,
                             .number = RTI_NONE,
                             .class = RTI_NONE,
                             .type_set = RTI_NONE };
        int r = rti_ir_slot_of(ir, source, node->lhs, true, &pred.slot);

        if (r < 0)
                return r;
        if (pred.op == RTI_OP_EQ2)
                pred.op = RTI_OP_EQ;
        if (node->what == RTI_T_EXISTS) {
                pred.what = RTI_P_EXISTS;
                pred.op = RTI_OP_EXISTS;
                pred.modifier = RTI_MOD_NONE;
        } else if (node->what == RTI_T_COMPARE) {
                pred.what = RTI_P_COMPARE;
                r = rti_ir_slot_of(ir, source, node->rhs, true, &pred.rhs);
        } else {
                pred.what = RTI_P_TEST;
                pred.values = node->values;
                pred.n_values = node->n_values;
                pred.shared = node->shared;
        }
        if (r < 0)
                return r;
        return intern_pred(ir, &pred, ret_pred);
}

/* ---- expressions ---- */

static int
compare_numbers(const void *a, const void *b)
{
        const uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

        return (x > y) - (x < y);
}

/* The order of children is no part of what an expression is. */
static uint32_t
hash_expr(const rti_ir_expr *expr)
{
        uint64_t sum = 0;

        for (uint32_t i = 0; i < expr->n_child; i++)
                sum += mix(1, expr->child[i]);
        return (uint32_t) mix(mix(sum, expr->n_child), (uint64_t) expr->kind << 32 | expr->pred);
}

/* 1, 0, RT_ENOMEM. */
static int
same_expr(rti_ir *ir, const rti_ir_expr *a, const rti_ir_expr *b)
{
        const size_t size = a->n_child * sizeof *a->child;
        uint32_t *x, *y;

        if (a->kind != b->kind || a->pred != b->pred || a->n_child != b->n_child)
                return 0;
        if (size == 0 || memcmp(a->child, b->child, size) == 0)
                return 1;
        rti_buf_clear(&ir->key);
        x = (uint32_t *) (void *) rti_buf_reserve(&ir->key, 2 * size);
        if (!x)
                return RT_ENOMEM;
        y = x + a->n_child;
        memcpy(x, a->child, size);
        memcpy(y, b->child, size);
        qsort(x, a->n_child, sizeof *x, compare_numbers);
        qsort(y, a->n_child, sizeof *y, compare_numbers);
        return memcmp(x, y, size) == 0;
}

/* Half of all expressions are predicates, which have numbers already. */
static int
pred_expr_of(rti_ir *ir, const rti_ir_expr *expr, uint32_t *ret_number)
{
        uint32_t *number;
        int r = RT_OK;

        while (r == RT_OK && ir->pred_exprs.n <= expr->pred)
                r = rti_vec_push(&ir->pred_exprs, ir->allocator, 0, MOST);
        if (r < 0)
                return r;
        number = &ir->pred_exprs.at[expr->pred];
        if (*number == 0) {
                r = rti_vec_push(&ir->exprs, ir->allocator, *expr, MOST);
                if (r < 0)
                        return r;
                *number = (uint32_t) ir->exprs.n - 1;
        }
        *ret_number = *number;
        return RT_OK;
}

int
rti_ir_expr_of(rti_ir *ir, const rti_ir_expr *expr, uint32_t *ret_number)
{
        uint32_t hash, found;
        int r;

        if (expr->kind == RTI_X_FALSE || expr->kind == RTI_X_TRUE) {
                *ret_number = expr->kind;
                return RT_OK;
        }
        if (ir->sharing && expr->kind == RTI_X_PRED)
                return pred_expr_of(ir, expr, ret_number);
        hash = ir->sharing ? hash_expr(expr) : 0;
        for (uint32_t at = 0;
             ir->sharing && (found = rti_table_next(&ir->expr_table, hash, &at)) != RTI_MAP_NONE;) {
                r = same_expr(ir, &ir->exprs.at[found], expr);
                if (r == 1)
                        *ret_number = found;
                if (r != 0)
                        return r < 0 ? r : RT_OK;
        }
        *ret_number = (uint32_t) ir->exprs.n;
        r = rti_vec_push(&ir->exprs, ir->allocator, *expr, MOST);
        if (r == RT_OK && ir->sharing)
                r = rti_table_add(&ir->expr_table, ir->allocator, hash, *ret_number);
        return r;
}

void *
rti_ir_scratch(rti_ir *ir, size_t n, size_t size_bytes)
{
        size_t total;

        rti_buf_clear(&ir->scratch);
        return __builtin_mul_overflow(n, size_bytes, &total) ? NULL
                                                             : rti_buf_reserve(&ir->scratch, total);
}

static int expr_at(rti_ir *ir, uint32_t source, const rti_tnode *node, unsigned depth,
                   uint32_t *ret_number);

static int
expr_children(rti_ir *ir, uint32_t source, const rti_tnode *node, unsigned depth,
              uint32_t *ret_number)
{
        rti_ir_expr expr = { .kind = node->what == RTI_T_AND  ? RTI_X_AND
                                     : node->what == RTI_T_OR ? RTI_X_OR
                                                              : RTI_X_NOT,
                             .n_child = node->n_child };

        if (node->n_child == 0) {
                *ret_number = expr.kind == RTI_X_AND ? RTI_X_TRUE : RTI_X_FALSE;
                return RT_OK;
        }
        expr.child = RTI_NEWN(ir->arena, uint32_t, node->n_child);
        if (!expr.child)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < node->n_child; i++) {
                int r = expr_at(ir, source, node->child[i], depth + 1, &expr.child[i]);

                if (r < 0)
                        return r;
                expr.restless |= ir->exprs.at[expr.child[i]].restless;
        }
        if (node->n_child == 1 && expr.kind != RTI_X_NOT) {
                *ret_number = expr.child[0];
                return RT_OK;
        }
        return rti_ir_expr_of(ir, &expr, ret_number);
}

static int
expr_at(rti_ir *ir, uint32_t source, const rti_tnode *node, unsigned depth, uint32_t *ret_number)
{
        rti_ir_expr expr = { .kind = RTI_X_PRED };
        const rti_ir_pred *pred;
        int r;

        if (depth >= RTI_MAX_EXPR_DEPTH)
                return RT_ELIMIT;
        if (node->what == RTI_T_AND || node->what == RTI_T_OR || node->what == RTI_T_NOT)
                return expr_children(ir, source, node, depth, ret_number);
        r = pred_of(ir, source, node, &expr.pred);
        if (r < 0)
                return r;
        pred = &ir->preds.at[expr.pred];
        expr.restless = ir->slots.at[pred->slot].restless
                        || (pred->rhs != RTI_NONE && ir->slots.at[pred->rhs].restless);
        return rti_ir_expr_of(ir, &expr, ret_number);
}

/* ---- rules ---- */

static int
source_of(rti_ir *ir, size_t registry_number, uint32_t *ret_source)
{
        for (size_t i = 0; i < ir->sources.n; i++)
                if (ir->sources.at[i] == registry_number) {
                        *ret_source = (uint32_t) i;
                        return RT_OK;
                }
        *ret_source = (uint32_t) ir->sources.n;
        return rti_vec_push(&ir->sources, ir->allocator, registry_number, MOST);
}

int
rti_ir_build(rti_ir *ir, const rti_rules *rules)
{
        const rti_ir_expr fixed[] = { { .kind = RTI_X_FALSE }, { .kind = RTI_X_TRUE } };
        int r = RT_OK;

        ir->rules = rules;
        rti_buf_init(&ir->key, ir->allocator, 0);
        rti_buf_init(&ir->children, ir->allocator, 0);
        rti_buf_init(&ir->scratch, ir->allocator, 0);
        rti_buf_init(&ir->now, ir->allocator, 0);
        rti_buf_init(&ir->reached, ir->allocator, 0);
        rti_buf_init(&ir->uses, ir->allocator, 0);
        rti_arena_init(&ir->temp, ir->allocator, 0);
        for (size_t i = 0; r == RT_OK && i < RTI_COUNT(fixed); i++)
                r = rti_vec_push(&ir->exprs, ir->allocator, fixed[i], MOST);
        for (uint32_t i = 0; r == RT_OK && i < rules->n; i++) {
                rti_ir_rule rule = { .rule = &rules->rules[i] };

                if (!rule.rule->enabled)
                        continue;
                r = source_of(ir, rule.rule->source, &rule.source);
                if (r == RT_OK)
                        r = expr_at(ir, rule.source, rule.rule->condition, 0, &rule.root);
                if (r == RT_OK)
                        r = rti_vec_push(&ir->all, ir->allocator, rule, RTI_MAX_RULES);
        }
        return r;
}

void
rti_ir_done(rti_ir *ir)
{
        rti_buf_done(&ir->key);
        rti_buf_done(&ir->children);
        rti_buf_done(&ir->scratch);
        rti_buf_done(&ir->now);
        rti_buf_done(&ir->reached);
        rti_buf_done(&ir->uses);
        rti_arena_done(&ir->temp);
        rti_table_done(&ir->slot_table, ir->allocator);
        rti_table_done(&ir->pred_table, ir->allocator);
        rti_table_done(&ir->expr_table, ir->allocator);
        rti_vec_done(&ir->slots, ir->allocator);
        rti_vec_done(&ir->preds, ir->allocator);
        rti_vec_done(&ir->pred_exprs, ir->allocator);
        rti_vec_done(&ir->exprs, ir->allocator);
        rti_vec_done(&ir->before, ir->allocator);
        rti_vec_done(&ir->atoms, ir->allocator);
        rti_vec_done(&ir->atom_lists, ir->allocator);
        rti_vec_done(&ir->all, ir->allocator);
        rti_vec_done(&ir->sources, ir->allocator);
}

/* ---- walks ---- */

/* Something of @a size_bytes for each expression, zeroed; NULL: no memory. */
static void *
each_expr(const rti_ir *ir, rti_buf *buf, size_t size_bytes)
{
        const size_t total = ir->exprs.n * size_bytes; /* less than they take themselves */
        void *each;

        rti_buf_clear(buf);
        each = rti_buf_reserve(buf, total);
        return each ? memset(each, 0, total) : NULL;
}

static bool *
reached(rti_ir *ir)
{
        bool *is = each_expr(ir, &ir->reached, sizeof *is);

        for (size_t i = 0; is && i < ir->all.n; i++)
                is[ir->all.at[i].root] = true;
        for (size_t i = ir->exprs.n; is && i-- > 0;)
                for (uint32_t k = 0; is[i] && k < ir->exprs.at[i].n_child; k++)
                        is[ir->exprs.at[i].child[k]] = true;
        return is;
}

/* What was there is `before`, and the other vector takes what comes: both are as long in the end,
 * so they change places from pass to pass. */
static int
begin_anew(rti_ir *ir)
{
        const rti_ir_expr fixed[] = { ir->exprs.at[RTI_X_FALSE], ir->exprs.at[RTI_X_TRUE] };
        typeof(ir->exprs) fresh = ir->before;
        int r = RT_OK;

        ir->before = ir->exprs;
        ir->exprs = fresh;
        ir->exprs.n = 0;
        rti_table_clear(&ir->expr_table);
        ir->pred_exprs.n = 0;
        if (!ir->exprs.at) {
                ir->exprs.at = rti_realloc(ir->allocator, NULL, ir->before.n, sizeof *fresh.at);
                ir->exprs.room = ir->exprs.at ? ir->before.n : 0;
        }
        for (size_t i = 0; r == RT_OK && i < RTI_COUNT(fixed); i++)
                r = rti_vec_push(&ir->exprs, ir->allocator, fixed[i], MOST);
        return r;
}

/* The children's new numbers, in place of the old ones, which @a old is given a copy of. A NOT
 * keeps its own: through those that were, passes look at what is behind them. */
static int
renumber_children(rti_ir *ir, const uint32_t *now, rti_ir_expr *old, rti_ir_expr *expr)
{
        const size_t size = old->n_child * sizeof *old->child;

        if (old->kind == RTI_X_NOT) {
                expr->child = RTI_NEW(ir->arena, uint32_t);
                if (!expr->child)
                        return RT_ENOMEM;
        } else if (size) {
                rti_buf_clear(&ir->children);
                old->child = (uint32_t *) (void *) rti_buf_reserve(&ir->children, size);
                if (!old->child)
                        return RT_ENOMEM;
                memcpy(old->child, expr->child, size);
        }
        for (uint32_t k = 0; k < old->n_child; k++)
                expr->child[k] = now[old->child[k]];
        return RT_OK;
}

int
rti_ir_rewrite(rti_ir *ir, rti_ir_rewrite_fn fn, void *user)
{
        const size_t n = ir->exprs.n;
        const bool *is = reached(ir);
        uint32_t *now = each_expr(ir, &ir->now, sizeof *now);
        int r = is && now ? begin_anew(ir) : RT_ENOMEM;

        if (r < 0)
                return r;
        now[RTI_X_TRUE] = RTI_X_TRUE;
        for (size_t i = 2; i < n; i++) {
                rti_ir_expr old, expr;

                if (!is[i])
                        continue;
                rti_arena_reset(&ir->temp);
                old = expr = ir->before.at[i];
                r = renumber_children(ir, now, &old, &expr);
                if (r == RT_OK)
                        r = expr.restless && !ir->ordering ? rti_ir_expr_of(ir, &expr, &now[i])
                                                           : fn(ir, &old, &expr, user, &now[i]);
                if (r < 0)
                        return r;
        }
        for (size_t i = 0; i < ir->all.n; i++)
                ir->all.at[i].root = now[ir->all.at[i].root];
        return RT_OK;
}

static uint32_t
behind_not(const rti_ir *ir, uint32_t number)
{
        while (ir->exprs.at[number].kind == RTI_X_NOT)
                number = ir->exprs.at[number].child[0];
        return number;
}

uint32_t *
rti_ir_count_uses(rti_ir *ir)
{
        uint32_t *uses = each_expr(ir, &ir->uses, sizeof *uses);

        for (size_t i = 0; uses && i < ir->all.n; i++)
                uses[behind_not(ir, ir->all.at[i].root)]++;
        for (size_t i = ir->exprs.n; uses && i-- > 0;) {
                const rti_ir_expr *expr = &ir->exprs.at[i];

                for (uint32_t k = 0; uses[i] && k < expr->n_child; k++)
                        uses[behind_not(ir, expr->child[k])]++;
        }
        return uses;
}
