/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain.c - the way through one rule's code over the last event, as text.
 *
 *   in   the worker's frame, whose event is still there
 *   out  one line per question: the answer, the question, the values it saw; questions of a shared
 *        condition stand indented below it
 */
#include "engine/eval.h"
#include "engine/worker.h"
#include <inttypes.h>

enum { INDENT = 2, DEEPEST = 40 };

static void
line(rti_buf *buf, unsigned depth, bool holds)
{
        const unsigned blanks = INDENT * (depth < DEEPEST ? depth : DEEPEST);

        rti_buf_printf(buf, "%*s%s  ", (int) blanks, "", holds ? "yes" : "no ");
}

/* A slot's value; of a field of the host, also of what it was made of. */
static void
seen(rt_worker *worker, rti_buf *buf, uint32_t number)
{
        const rti_slot *slot = &worker->rules->slots[number];

        rti_buf_add_text(buf, "    [");
        rti_print_slot(buf, worker->rules, number);
        rti_buf_add_text(buf, ": ");
        rti_print_value(buf, rti_frame_value(&worker->frame, number));
        rti_buf_add_char(buf, ']');
        for (uint32_t i = 0; slot->what == RTI_SLOT_FIELD && i < slot->n_args; i++)
                seen(worker, buf, slot->args[i]);
}

static void
question(rt_worker *worker, rti_buf *buf, const rti_insn *insn)
{
        const rti_p_pred *pred;

        switch ((enum rti_operand_of) rti_opcodes[insn->op].operand) {
        case RTI_A_PRED:
        case RTI_A_CLASSED:
        case RTI_A_TYPED:
                pred = &worker->rules->p.preds[insn->a];
                rti_print_pred(buf, worker->rules, insn->a);
                seen(worker, buf, pred->slot);
                if (pred->what == RTI_P_COMPARE)
                        seen(worker, buf, pred->rhs);
                break;
        case RTI_A_SLOT:
                rti_print_slot(buf, worker->rules, insn->a);
                rti_buf_add_text(buf, " exists");
                seen(worker, buf, insn->a);
                break;
        case RTI_A_EXPR:
                rti_buf_printf(buf, "condition %" PRIu32 ", shared with other rules", insn->a);
                break;
        case RTI_A_EVENT_SET:
                rti_buf_add_text(buf, "the rule looks at events of this type");
                break;
        case RTI_A_NONE:
                break;
        }
        rti_buf_add_char(buf, '\n');
}

static bool
walk(rt_worker *worker, rti_buf *buf, uint32_t at, unsigned depth)
{
        const rti_program_view *p = &worker->rules->p;

        while (p->code[at].op > RTI_I_TRUE) {
                const rti_insn *insn = &p->code[at];
                const bool holds = rti_eval_insn(&worker->frame, insn);

                line(buf, depth, holds);
                question(worker, buf, insn);
                if (insn->op == RTI_I_EXPR)
                        walk(worker, buf, p->exprs[insn->a], depth + 1);
                at = holds ? insn->yes : insn->no;
        }
        return p->code[at].op == RTI_I_TRUE;
}

static bool
is_looked_at(const rt_worker *worker, uint32_t rule)
{
        const rti_program_view *p = &worker->rules->p;

        return rti_event_set_has(&p->event_sets[p->rules[rule].events], worker->event.type);
}

static void
explain(rt_worker *worker, rti_buf *buf, uint32_t number)
{
        const rti_rule_row *rule = &worker->rules->rules[number];
        bool matches = false;

        rti_buf_printf(buf, "rule %s, event %" PRIu64 " of %s\n", rule->info.name,
                       worker->event.number, worker->frame.instance->ops->name);
        if (rule->source != worker->frame.source)
                rti_buf_printf(buf, "the rule is for events of %s\n", rule->info.source);
        else if (!is_looked_at(worker, number))
                rti_buf_add_text(buf, "the rule does not look at events of this type\n");
        else
                matches = walk(worker, buf, worker->rules->p.entries[number], 1);
        rti_buf_add_text(buf, matches ? "matches\n" : "does not match\n");
}

int
rti_worker_explain(rt_worker *worker, rt_str rule, rt_str *ret_text)
{
        const rti_program_view *p = worker->rules ? &worker->rules->p : NULL;

        if (!p || !worker->frame.event)
                return RT_ENOENT;
        for (uint32_t i = 0; i < p->n_rules; i++) {
                if (!rti_str_eq(rti_program_text(p, p->rules[i].name), rule))
                        continue;
                rti_buf_clear(&worker->explained);
                explain(worker, &worker->explained, i);
                *ret_text = rti_buf_str(&worker->explained);
                return worker->explained.failed;
        }
        return RT_ENOENT;
}
