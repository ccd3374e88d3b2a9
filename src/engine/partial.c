/* SPDX-License-Identifier: Apache-2.0 */
/*
 * partial.c - can a rule hold, by its subject alone?
 *
 *   in   a verified program, an event with a subject
 *   out  false: it cannot, whatever else the event says
 *
 * Questions about the subject are answered. From all others, the code is followed both ways. Code
 * only goes forward, so that one pass over a window of it, in which the instructions that can be
 * reached are marked, will do; what leaves the window can be anything.
 */
#include "engine/eval.h"
#include "engine/known.h"

enum {
        CAN_FAIL = 1,
        CAN_HOLD = 2,
        CAN_BE = 2, /* bits of these */
        WINDOW = 256,
        MOST_DEPTH = 16
};

typedef struct partial {
        rti_frame *frame;
        uint32_t *stamps;
        uint32_t now;
        bool keep; /* something restless may be asked: the rule is begun to ask it */
} partial;

static unsigned code(partial *p, uint32_t at, unsigned depth);

static unsigned
expression(partial *p, uint32_t number, unsigned depth)
{
        if (depth == MOST_DEPTH)
                return CAN_FAIL | CAN_HOLD;
        if (p->stamps[number] >> CAN_BE != p->now) {
                const unsigned ends = code(p, p->frame->rules->p.exprs[number], depth + 1);

                if (p->keep)
                        return ends;
                p->stamps[number] = p->now << CAN_BE | ends;
        }
        return p->stamps[number] & (CAN_FAIL | CAN_HOLD);
}

static unsigned
question(partial *p, const rti_insn *insn, unsigned depth)
{
        const rt_ruleset *rules = p->frame->rules;
        uint32_t slot = insn->a, other;

        switch ((enum rti_opcode) insn->op) {
        case RTI_I_EXPR:
                return expression(p, insn->a, depth);
        case RTI_I_EVENT: /* the entry is for one type */
                return rti_eval_insn(p->frame, insn) ? CAN_HOLD : CAN_FAIL;
        case RTI_I_EXISTS:
                other = slot;
                break;
        default:
                slot = rules->p.preds[insn->a].slot;
                other = insn->op == RTI_I_COMPARE ? rules->p.preds[insn->a].rhs : slot;
        }
        p->keep = p->keep || rules->slots[slot].restless || rules->slots[other].restless;
        if (!rules->slots[slot].of_subject || !rules->slots[other].of_subject)
                return CAN_FAIL | CAN_HOLD;
        return rti_eval_insn(p->frame, insn) ? CAN_HOLD : CAN_FAIL;
}

/* Which ends can be reached from there. */
static unsigned
code(partial *p, uint32_t at, unsigned depth)
{
        const rti_insn *insns = p->frame->rules->p.code;
        uint64_t reached[WINDOW / 64] = { 1 };
        unsigned ends = 0;

        for (uint32_t i = 0; i < WINDOW && ends != (CAN_FAIL | CAN_HOLD); i++) {
                unsigned way;

                if (!reached[i / 64]) {
                        i |= 63;
                        continue;
                }
                if (!(reached[i / 64] >> i % 64 & 1))
                        continue;
                if (insns[at + i].op <= RTI_I_TRUE) {
                        ends |= insns[at + i].op == RTI_I_TRUE ? CAN_HOLD : CAN_FAIL;
                        continue;
                }
                way = question(p, &insns[at + i], depth);
                for (unsigned can = CAN_FAIL; can <= CAN_HOLD; can <<= 1) {
                        const uint32_t to = can == CAN_HOLD ? insns[at + i].yes : insns[at + i].no;

                        if (!(way & can))
                                continue;
                        if (insns[to].op <= RTI_I_TRUE)
                                ends |= insns[to].op == RTI_I_TRUE ? CAN_HOLD : CAN_FAIL;
                        else if (to - at >= WINDOW)
                                ends |= CAN_FAIL | CAN_HOLD;
                        else
                                reached[(to - at) / 64] |= (uint64_t) 1 << (to - at) % 64;
                }
        }
        return ends;
}

bool
rti_partial_rule(rti_frame *frame, uint32_t rule, uint32_t *stamps, uint32_t now)
{
        partial p = { frame, stamps, now, false };
        const unsigned ends = code(&p, frame->rules->p.entries[rule], 0);

        return p.keep || ends & CAN_HOLD;
}
