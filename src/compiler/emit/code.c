/* SPDX-License-Identifier: Apache-2.0 */
/*
 * code.c - expressions become instructions.
 *
 * Code is made backwards: what an instruction leads to is there before it, so every jump goes
 * forward once the code is turned round, and nothing needs patching. While it is made, a place is
 * counted from the end: 0 is the last instruction.
 *
 * An expression that several others or several rules use is written once and asked for by EXPR.
 * Recursion is bounded by RTI_MAX_EXPR_DEPTH (ir.c).
 */
#include "compiler/emit/index.h"

enum { AT_FALSE = 0, AT_TRUE = 1 }; /* the two last instructions end every walk */

static uint32_t
insn(rti_writer *w, enum rti_opcode op, uint32_t a, uint32_t yes, uint32_t no)
{
        return rti_writer_add(w, RTI_S_CODE,
                              &(rti_insn){ .op = (uint8_t) op, .a = a, .yes = yes, .no = no });
}

/* A predicate on the event's type alone: where rules are listed by type, its types are known. */
static uint32_t
type_predicate(rti_writer *w, rti_ir_pred *pred, uint32_t yes, uint32_t no)
{
        if (pred->type_set == RTI_NONE)
                pred->type_set = rti_writer_add(w, RTI_S_SETS, pred->types);
        return rti_writer_add(w, RTI_S_CODE,
                              &(rti_insn){ .op = RTI_I_TYPE,
                                           .class = pred->type_set & RTI_MOST_CLASSES,
                                           .a = pred->number,
                                           .yes = yes,
                                           .no = no });
}

static uint32_t
predicate(rti_writer *w, rti_ir_pred *pred, uint32_t yes, uint32_t no)
{
        if (rti_ir_by_type(w->ir, pred))
                return type_predicate(w, pred, yes, no);
        if (pred->what == RTI_P_EXISTS)
                return insn(w, RTI_I_EXISTS, w->ir->slots.at[pred->slot].number, yes, no);
        if (pred->what == RTI_P_COMPARE)
                return insn(w, RTI_I_COMPARE, pred->number, yes, no);
        if (pred->class == RTI_NONE)
                return insn(w, RTI_I_TEST, pred->number, yes, no);
        return rti_writer_add(
                w, RTI_S_CODE,
                &(rti_insn){ .op = pred->facts == RTI_FACTS_EXCEPT ? RTI_I_NO_MEMBER : RTI_I_MEMBER,
                             .class = pred->class & RTI_MOST_CLASSES,
                             .a = pred->number,
                             .yes = yes,
                             .no = no });
}

static uint32_t body(rti_writer *w, uint32_t number, uint32_t yes, uint32_t no);

/* Where to begin so that the walk goes to @a yes if the expression holds, else to @a no. */
static uint32_t
expression(rti_writer *w, uint32_t number, uint32_t yes, uint32_t no)
{
        if (w->expr[number] != RTI_NONE)
                return insn(w, RTI_I_EXPR, w->expr[number], yes, no);
        return body(w, number, yes, no);
}

static uint32_t
body(rti_writer *w, uint32_t number, uint32_t yes, uint32_t no)
{
        const rti_ir_expr *expr = &w->ir->exprs.at[number];
        uint32_t at;

        switch ((enum rti_expr_kind) expr->kind) {
        case RTI_X_FALSE:
                return no;
        case RTI_X_TRUE:
                return yes;
        case RTI_X_PRED:
                return predicate(w, &w->ir->preds.at[expr->pred], yes, no);
        case RTI_X_NOT:
                return expression(w, expr->child[0], no, yes);
        case RTI_X_AND:
                at = yes;
                for (uint32_t i = expr->n_child; i-- > 0;)
                        at = expression(w, expr->child[i], at, no);
                return at;
        case RTI_X_OR:
                at = no;
                for (uint32_t i = expr->n_child; i-- > 0;)
                        at = expression(w, expr->child[i], yes, at);
                return at;
        }
        return no;
}

static void
shared_expressions(rti_writer *w)
{
        for (uint32_t i = 0; i < w->ir->exprs.n; i++) {
                const uint8_t kind = w->ir->exprs.at[i].kind;
                uint32_t entry;

                w->expr[i] = RTI_NONE;
                if (w->uses[i] < 2 || (kind != RTI_X_AND && kind != RTI_X_OR))
                        continue;
                entry = body(w, i, AT_TRUE, AT_FALSE);
                w->expr[i] = rti_writer_add(w, RTI_S_EXPRS, &entry);
        }
}

static void
turn_round(rti_writer *w, uint32_t *entries)
{
        rti_insn *code = (rti_insn *) (void *) w->table[RTI_S_CODE].ptr;
        uint32_t *exprs = (uint32_t *) (void *) w->table[RTI_S_EXPRS].ptr;
        const uint32_t n = rti_writer_count(w, RTI_S_CODE), last = n - 1;

        for (uint32_t i = 0; i < n; i++) {
                code[i].yes = last - code[i].yes;
                code[i].no = last - code[i].no;
        }
        for (uint32_t i = 0; i < n / 2; i++) {
                const rti_insn other = code[i];

                code[i] = code[last - i];
                code[last - i] = other;
        }
        for (uint32_t i = 0; i < rti_writer_count(w, RTI_S_EXPRS); i++)
                exprs[i] = last - exprs[i];
        for (size_t i = 0; i < w->ir->all.n; i++)
                entries[i] = last - entries[i];
}

int
rti_write_code(rti_writer *w, uint32_t *entries)
{
        insn(w, RTI_I_FALSE, 0, AT_FALSE, AT_FALSE);
        insn(w, RTI_I_TRUE, 0, AT_FALSE, AT_FALSE);
        shared_expressions(w);
        for (size_t i = w->ir->all.n; i-- > 0;) {
                const rti_ir_rule *rule = &w->ir->all.at[i];

                entries[i] = expression(w, rule->root, AT_TRUE, AT_FALSE);
                if (rti_index_is_wide(w->index, (uint32_t) i))
                        entries[i] =
                                insn(w, RTI_I_EVENT, w->index->set_of[i], entries[i], AT_FALSE);
        }
        if (w->table[RTI_S_CODE].failed || w->table[RTI_S_EXPRS].failed)
                return RT_ENOMEM;
        turn_round(w, entries);
        return RT_OK;
}
