/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eval.c - run a rule's code over the frame's event.
 *
 *   in   a verified program (every operand is in range and code only goes forward, so nothing is
 *        checked here) and a frame whose `now` is fresh for this event
 *   out  does the rule hold?
 *
 * A predicate, a classifier and a shared expression are decided at most once per event, however
 * many rules ask. Does not allocate. Recursion: shared expressions inside one another, bounded by
 * verify.c.
 */
#include "engine/eval.h"
#include "engine/classify.h"
#include "engine/profile.h"

static inline bool
test(rti_frame *frame, uint32_t number)
{
        rti_pred_row *row = &frame->pred_row[number];
        const rt_value *value;
        uint32_t version;

        if (row->stamp >> 1 == frame->now)
                return row->stamp & 1;
        value = rti_frame_value(frame, row->slot);
        version = frame->slot_row[row->slot].version;
        if (row->version != version) {
                row->version = version;
                /* A missing value fails every test; `not` then holds. */
                row->stamp =
                        value
                        && rti_operand_test(&frame->rules->operands[number], value, frame->scratch);
        }
        row->stamp = frame->now << 1 | (row->stamp & 1);
        return row->stamp & 1;
}

static bool
compare(rti_frame *frame, uint32_t number)
{
        rti_pred_row *row = &frame->pred_row[number];
        const rti_p_pred *pred = &frame->rules->p.preds[number];
        const rt_value *left, *right;
        uint32_t version;

        if (row->stamp >> 1 == frame->now)
                return row->stamp & 1;
        left = rti_frame_value(frame, pred->slot);
        right = left ? rti_frame_value(frame, pred->rhs) : NULL;
        if (!right)
                return false;
        version = frame->slot_row[pred->slot].version + frame->slot_row[pred->rhs].version;
        if (row->version != version) {
                row->version = version;
                row->stamp = rti_value_compare(pred->op, pred->modifier,
                                               frame->rules->slots[pred->slot].type, left, right);
        }
        row->stamp = frame->now << 1 | (row->stamp & 1);
        return row->stamp & 1;
}

/* ---- classifiers ---- */

enum { FEW = 4 };

/* Did the classifier find one of many atoms? Few are looked at; of more, each hit is looked for, so
 * that the price does not grow with what the predicate names. */
__attribute__((noinline)) static bool
member_of(const rti_frame *frame, uint32_t number, const rti_class_row *row)
{
        const rti_program_view *p = &frame->rules->p;
        const rti_p_pred *pred = &p->preds[number];
        const uint32_t *atoms = p->numbers + pred->atoms.first;
        const uint32_t *hits = frame->hits + row->first;

        for (uint32_t i = 0; pred->atoms.n <= FEW && i < pred->atoms.n; i++)
                if (frame->atom_stamp[atoms[i]] == row->found)
                        return true;
        for (uint32_t i = 0; pred->atoms.n > FEW && i < row->n_hits; i++) {
                uint32_t from = 0, n = pred->atoms.n;

                while (n > 1) {
                        const uint32_t half = n / 2;

                        from += atoms[from + half] <= hits[i] ? half : 0;
                        n -= half;
                }
                if (atoms[from] == hits[i])
                        return true;
        }
        return false;
}

/* `in` is the one that sees what is behind a NUL. */
static bool
sees_all(const rti_p_pred *pred)
{
        return rti_operators[pred->op].family == RTI_RHS_LIST && pred->op != RTI_OP_PMATCH;
}

static inline bool
member(rti_frame *frame, const rti_insn *insn)
{
        const rti_class_row *row = rti_class_run(frame, insn->class);
        const uint32_t atom = frame->pred_row[insn->a].atom;

        if (row->stamp & RTI_CLASS_CUT && sees_all(&frame->rules->p.preds[insn->a]))
                return false;
        if (atom != RTI_NONE)
                return frame->atom_stamp[atom] == row->found;
        return row->n_hits && member_of(frame, insn->a, row);
}

static inline bool
no_member(rti_frame *frame, const rti_insn *insn)
{
        return !member(frame, insn) && frame->class_row[insn->class].stamp & RTI_CLASS_ANY;
}

/* ---- code ---- */

static bool run(rti_frame *frame, uint32_t at);

static bool
expression(rti_frame *frame, uint32_t number)
{
        uint32_t *stamp = &frame->expr_stamp[number];

        if (*stamp >> 1 != frame->now)
                *stamp = frame->now << 1 | run(frame, frame->rules->p.exprs[number]);
        return *stamp & 1;
}

__attribute__((always_inline)) static inline bool
ask(rti_frame *frame, const rti_insn *insn)
{
        switch ((enum rti_opcode) insn->op) {
        case RTI_I_TEST:
                return test(frame, insn->a);
        case RTI_I_EXISTS:
                return rti_frame_value(frame, insn->a) != NULL;
        case RTI_I_COMPARE:
                return compare(frame, insn->a);
        case RTI_I_MEMBER:
                return member(frame, insn);
        case RTI_I_NO_MEMBER:
                return no_member(frame, insn);
        case RTI_I_EXPR:
                return expression(frame, insn->a);
        case RTI_I_TYPE:
                /* Few types do not tell the event's name; those are asked. */
                if (!rti_event_is_named(frame->event->type))
                        return test(frame, insn->a);
                return rti_event_set_has(&frame->rules->p.event_sets[insn->class],
                                         frame->event->type);
        case RTI_I_EVENT:
                return rti_event_set_has(&frame->rules->p.event_sets[insn->a], frame->event->type);
        case RTI_I_TRUE:
                return true;
        case RTI_I_FALSE:
                return false;
        case RTI_N_OPCODES:
                break;
        }
        __builtin_unreachable();
}

__attribute__((always_inline)) static inline bool
walk(rti_frame *frame, uint32_t at)
{
        const rti_insn *code = frame->rules->p.code;

        while (code[at].op > RTI_I_TRUE)
                at = ask(frame, &code[at]) ? code[at].yes : code[at].no;
        return code[at].op == RTI_I_TRUE;
}

/* Made small: rti_eval_next asks most questions itself. */
__attribute__((cold)) bool
rti_eval_insn(rti_frame *frame, const rti_insn *insn)
{
        return ask(frame, insn);
}

static bool
run(rti_frame *frame, uint32_t at)
{
        const rti_insn *code = frame->rules->p.code;

        while (code[at].op > RTI_I_TRUE)
                at = rti_eval_insn(frame, &code[at]) ? code[at].yes : code[at].no;
        return code[at].op == RTI_I_TRUE;
}

bool
rti_eval_rule(rti_frame *frame, uint32_t rule)
{
        if (__builtin_expect(frame->sampler != NULL, 0))
                return rti_sampler_rule(frame->sampler, frame, rule);
        return run(frame, frame->rules->p.entries[rule]);
}

uint32_t
rti_eval_next(rti_frame *frame, rti_candidates *candidates)
{
        const bool sampled = frame->sampler != NULL;
        uint32_t rule;

        while ((rule = rti_candidates_take(candidates)) != RTI_NONE)
                if (__builtin_expect(sampled, 0) ? rti_eval_rule(frame, rule)
                                                 : walk(frame, frame->rules->p.entries[rule]))
                        break;
        return rule;
}
