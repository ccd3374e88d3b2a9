/* SPDX-License-Identifier: Apache-2.0 */
/*
 * perf.c - what each rule costs by the compiler's estimate, dearest first.
 *
 *   in   the IR after the pass "order", whose expressions carry cost and truth
 *   out  a line a rule: nanoseconds an event, the share of events expected to match, the test asked
 *        first, the rule; then how the index finds each
 *
 * A field that several rules read is paid by all of them in equal parts. The figures compare rules
 * with each other; they are no measurement.
 */
#include "compiler/emit/index.h"
#include <inttypes.h>
#include <stdlib.h>

typedef struct priced {
        double cost_ns, truth;
        size_t rule;
} priced;

static int
dearest_first(const void *a, const void *b)
{
        const priced *x = a, *y = b;

        if (x->cost_ns < y->cost_ns || x->cost_ns > y->cost_ns)
                return x->cost_ns < y->cost_ns ? 1 : -1;
        return (x->rule > y->rule) - (x->rule < y->rule);
}

/* The test that decides first whether anything else of the rule is asked; NULL: none. */
static const rti_ir_pred *
first_test(const rti_ir *ir, uint32_t number)
{
        for (;;) {
                const rti_ir_expr *expr = &ir->exprs.at[number];

                if (expr->kind == RTI_X_PRED)
                        return &ir->preds.at[expr->pred];
                if (expr->n_child == 0)
                        return NULL;
                number = expr->child[0];
        }
}

static void
print_test(const rti_ir *ir, const rti_ir_pred *pred, rti_buf *buf)
{
        const rti_ir_slot *slot = &ir->slots.at[pred->slot];

        while (slot->what == RTI_SLOT_TRANSFORM && slot->n_args)
                slot = &ir->slots.at[slot->args[0]];
        if (slot->what == RTI_SLOT_FIELD)
                rti_buf_add(buf, slot->field);
        rti_buf_printf(buf, " %.*s", RTI_FMT(rti_operators[pred->op].text));
}

static void
print_rule(const rti_ir *ir, const priced *price, rti_buf *buf)
{
        const rti_ir_rule *rule = &ir->all.at[price->rule];
        const rti_ir_pred *pred = first_test(ir, rule->root);
        size_t from;

        rti_buf_printf(buf, "%8.1f  %6.2f %%  ", price->cost_ns, price->truth * 100);
        from = buf->len;
        if (pred)
                print_test(ir, pred, buf);
        else
                rti_buf_add_text(buf, "(nothing is asked)");
        while (!buf->failed && buf->len - from < 40)
                rti_buf_add_char(buf, ' ');
        rti_buf_printf(buf, "  %.*s\n", RTI_FMT(rule->rule->name));
}

/* How many predicates there are behind the passes. */
static size_t
asked(rti_ir *ir)
{
        const uint32_t *uses = rti_ir_count_uses(ir);
        size_t n = 0;

        for (size_t i = 0; uses && i < ir->exprs.n; i++)
                n += uses[i] && ir->exprs.at[i].kind == RTI_X_PRED;
        return n;
}

int
rti_ir_perf(rti_ir *ir, rti_buf *buf)
{
        priced *prices = RTI_NEWN(ir->arena, priced, ir->all.n + 1);

        if (!prices)
                return RT_ENOMEM;
        for (size_t i = 0; i < ir->all.n; i++) {
                const rti_ir_expr *root = &ir->exprs.at[ir->all.at[i].root];

                prices[i] = (priced){ root->cost_ns, root->truth, i };
        }
        qsort(prices, ir->all.n, sizeof *prices, dearest_first);
        if (ir->rules->profile)
                rti_buf_printf(buf,
                               "the profile knows %" PRIu32 " of %zu predicates, has %" PRIu32 "\n",
                               ir->n_profiled, asked(ir), ir->rules->profile->n);
        rti_buf_add_text(buf,
                         "ns/event   matches  asked first                               rule\n");
        for (size_t i = 0; i < ir->all.n; i++)
                print_rule(ir, &prices[i], buf);
        return rti_index_report(ir, buf);
}
