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
} partial;

static unsigned code(const partial *p, uint32_t at, unsigned depth);

static unsigned
expression(const partial *p, uint32_t number, unsigned depth)
{
        if (depth == MOST_DEPTH)
                return CAN_FAIL | CAN_HOLD;
        if (p->stamps[number] >> CAN_BE != p->now)
                p->stamps[number] =
                        p->now << CAN_BE | code(p, p->frame->rules->p.exprs[number], depth + 1);
        return p->stamps[number] & (CAN_FAIL | CAN_HOLD);
}

static bool
of_subject(const partial *p, const rti_insn *insn)
{
        const rt_ruleset *rules = p->frame->rules;
        const rti_p_pred *pred;

        switch ((enum rti_opcode) insn->op) {
        case RTI_I_EXISTS:
                return rules->slots[insn->a].of_subject;
        case RTI_I_TEST:
        case RTI_I_COMPARE:
        case RTI_I_MEMBER:
        case RTI_I_NO_MEMBER:
                pred = &rules->p.preds[insn->a];
                return rules->slots[pred->slot].of_subject
                       && (pred->what != RTI_P_COMPARE || rules->slots[pred->rhs].of_subject);
        default: /* The entry is for one event type, so that what is decided by it stays so. */
                return insn->op == RTI_I_EVENT;
        }
}

static unsigned
question(const partial *p, const rti_insn *insn, unsigned depth)
{
        if (insn->op == RTI_I_EXPR)
                return expression(p, insn->a, depth);
        if (!of_subject(p, insn))
                return CAN_FAIL | CAN_HOLD;
        return rti_eval_insn(p->frame, insn) ? CAN_HOLD : CAN_FAIL;
}

/* Which ends can be reached from there. */
static unsigned
code(const partial *p, uint32_t at, unsigned depth)
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
        const partial p = { frame, stamps, now };

        return code(&p, frame->rules->p.entries[rule], 0) & CAN_HOLD;
}
