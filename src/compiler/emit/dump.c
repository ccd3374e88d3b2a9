/* SPDX-License-Identifier: Apache-2.0 */
/* dump.c - the IR as text: slots, predicates, expressions, rules. */
#include "compiler/emit/ir.h"
#include <inttypes.h>

static void
dump_slot(const rti_ir *ir, rti_buf *buf, size_t number)
{
        const rti_ir_slot *slot = &ir->slots.at[number];

        rti_buf_printf(buf, "s%zu %s%s ", number, rti_kinds[slot->type.kind].name,
                       slot->type.list ? " list" : "");
        if (slot->what == RTI_SLOT_FIELD || slot->what == RTI_SLOT_LISTED)
                rti_buf_add(buf, slot->field);
        else if (slot->what == RTI_SLOT_CONST)
                rti_print_value(buf, &slot->constant);
        else if (slot->what == RTI_SLOT_TRANSFORM)
                rti_buf_add(buf, rti_transformers[slot->transformer].name);
        if (slot->n_args) {
                rti_buf_add_char(buf, '(');
                for (uint32_t i = 0; i < slot->n_args; i++)
                        rti_buf_printf(buf, "%ss%" PRIu32, i ? ", " : "", slot->args[i]);
                rti_buf_add_char(buf, ')');
        }
        if (slot->arg != RT_ARG_NONE || slot->has_selector)
                rti_buf_printf(buf, "[%.*s]", RTI_FMT(slot->key));
        rti_buf_add_char(buf, '\n');
}

static void
dump_pred(const rti_ir *ir, rti_buf *buf, size_t number)
{
        const rti_ir_pred *pred = &ir->preds.at[number];

        rti_buf_printf(buf, "p%zu s%" PRIu32 " %.*s", number, pred->slot,
                       RTI_FMT(rti_operators[pred->op].text));
        if (pred->modifier != RTI_MOD_NONE)
                rti_buf_printf(buf, " %.*s", RTI_FMT(rti_modifiers[pred->modifier].name));
        if (pred->what == RTI_P_COMPARE)
                rti_buf_printf(buf, " s%" PRIu32, pred->rhs);
        for (uint32_t i = 0; i < pred->n_values; i++) {
                rti_buf_add_char(buf, ' ');
                rti_print_value(buf, &pred->values[i]);
        }
        rti_buf_add_char(buf, '\n');
}

static void
dump_expr(const rti_ir *ir, rti_buf *buf, size_t number)
{
        static const char *const words[] = {
                [RTI_X_FALSE] = "false", [RTI_X_TRUE] = "true", [RTI_X_PRED] = "pred",
                [RTI_X_NOT] = "not",     [RTI_X_AND] = "and",   [RTI_X_OR] = "or",
        };
        const rti_ir_expr *expr = &ir->exprs.at[number];

        rti_buf_printf(buf, "x%zu %s", number, words[expr->kind]);
        if (expr->kind == RTI_X_PRED)
                rti_buf_printf(buf, " p%" PRIu32, expr->pred);
        for (uint32_t i = 0; i < expr->n_child; i++)
                rti_buf_printf(buf, " x%" PRIu32, expr->child[i]);
        rti_buf_add_char(buf, '\n');
}

/* What is left of the graph: passes are there to make it less. */
static void
dump_size(const rti_ir *ir, rti_buf *buf, const uint32_t *uses)
{
        size_t n = 0, preds = 0, edges = 0;

        for (size_t i = 0; i < ir->exprs.n; i++) {
                if (!uses[i])
                        continue;
                n++;
                preds += ir->exprs.at[i].kind == RTI_X_PRED;
                edges += ir->exprs.at[i].n_child;
        }
        rti_buf_printf(buf, "%zu rules, %zu expressions, %zu of these predicates; %zu operands\n",
                       ir->all.n, n, preds, edges);
}

void
rti_ir_dump(rti_ir *ir, rti_buf *buf)
{
        const uint32_t *uses = rti_ir_count_uses(ir);

        if (uses)
                dump_size(ir, buf, uses);
        for (size_t i = 0; i < ir->slots.n; i++)
                dump_slot(ir, buf, i);
        for (size_t i = 0; i < ir->preds.n; i++)
                dump_pred(ir, buf, i);
        for (size_t i = 0; i < ir->exprs.n; i++)
                if (!uses || uses[i] || ir->exprs.at[i].kind == RTI_X_NOT)
                        dump_expr(ir, buf, i);
        for (size_t i = 0; i < ir->all.n; i++)
                rti_buf_printf(buf, "rule %.*s: x%" PRIu32 "\n", RTI_FMT(ir->all.at[i].rule->name),
                               ir->all.at[i].root);
}

/* ---- as conditions ---- */

static void
print_slot(const rti_ir *ir, rti_buf *buf, uint32_t number, unsigned depth)
{
        const rti_ir_slot *slot = &ir->slots.at[number];

        if (slot->what == RTI_SLOT_CONST) {
                rti_print_value(buf, &slot->constant);
                return;
        }
        if (slot->what == RTI_SLOT_FIELD) {
                rti_buf_add(buf, slot->field);
                if (slot->arg == RT_ARG_ANY)
                        rti_buf_add_text(buf, "[*]");
                else if (slot->arg != RT_ARG_NONE)
                        rti_buf_printf(buf, "[%.*s]", RTI_FMT(slot->key));
                return;
        }
        if (slot->what == RTI_SLOT_TRANSFORM)
                rti_buf_add(buf, rti_transformers[slot->transformer].name);
        else if (slot->what == RTI_SLOT_LISTED)
                rti_buf_printf(buf, "%.*s %.*s ", RTI_FMT(slot->key), RTI_FMT(slot->field));
        rti_buf_add_char(buf, '(');
        for (uint32_t i = 0; i < slot->n_args && depth < RTI_MAX_CONDITION_DEPTH; i++) {
                rti_buf_add_text(buf, i ? ", " : "");
                print_slot(ir, buf, slot->args[i], depth + 1);
        }
        rti_buf_add_char(buf, ')');
        if (slot->has_selector)
                rti_buf_printf(buf, "[%.*s]", RTI_FMT(slot->key));
}

void
rti_ir_print_slot(const rti_ir *ir, rti_buf *buf, uint32_t slot)
{
        print_slot(ir, buf, slot, 0);
}

void
rti_ir_print_pred(const rti_ir *ir, rti_buf *buf, const rti_ir_pred *pred)
{
        const rti_ir_slot *slot = &ir->slots.at[pred->slot];
        const bool list =
                pred->modifier != RTI_MOD_NONE || rti_operators[pred->op].family == RTI_RHS_LIST;

        if (slot->arg == RT_ARG_ANY && slot->all_differ && pred->op == RTI_OP_NE)
                rti_buf_add_text(buf, "every ");
        print_slot(ir, buf, pred->slot, 0);
        rti_buf_printf(buf, " %.*s", RTI_FMT(rti_operators[pred->op].text));
        if (pred->modifier != RTI_MOD_NONE)
                rti_buf_printf(buf, " %.*s", RTI_FMT(rti_modifiers[pred->modifier].name));
        if (pred->what == RTI_P_EXISTS)
                return;
        rti_buf_add_char(buf, ' ');
        if (pred->what == RTI_P_COMPARE) {
                print_slot(ir, buf, pred->rhs, 0);
                return;
        }
        rti_buf_add_text(buf, list ? "(" : "");
        for (uint32_t i = 0; i < pred->n_values; i++) {
                rti_buf_add_text(buf, i ? ", " : "");
                rti_print_value(buf, &pred->values[i]);
        }
        rti_buf_add_text(buf, list ? ")" : "");
}
