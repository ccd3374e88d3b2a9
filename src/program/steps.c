/* SPDX-License-Identifier: Apache-2.0 */
/*
 * steps.c - how much work one event can be at most.
 *
 *   in   a verified program, the size of a record
 *   out  steps: an instruction, a byte looked at, a cell or a state compared
 *
 * Each table is walked once: slots upwards (a transformer's arguments stand before it), code and
 * nodes of the index downwards (both lead forward only).
 */
#include "program/steps.h"

/* A look into a hash table, whose cells are at most half full. */
enum { LOOK_UP = 4 };

typedef struct counter {
        const rt_ruleset *rules;
        const rti_program_view *p;
        uint32_t source;
        uint64_t bytes, most;
        uint64_t *text;  /* per slot: bytes of its value, all elements together */
        uint64_t *path;  /* per instruction: instructions from there on, expressions aside */
        uint64_t *alone; /* the same: steps, with all that is asked */
        uint64_t *node;  /* per node of the index: steps from there on */
} counter;

static uint64_t
add(uint64_t a, uint64_t b)
{
        return a + b < a ? UINT64_MAX : a + b;
}

static uint64_t
mul(uint64_t a, uint64_t b)
{
        uint64_t product;

        return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t
larger(uint64_t a, uint64_t b)
{
        return a > b ? a : b;
}

static uint64_t
smaller(uint64_t a, uint64_t b)
{
        return a < b ? a : b;
}

/* ---- values ---- */

/* Numbers in a record take some of its bytes, too: a list of any kind has no more elements. */
static void
count_texts(counter *c)
{
        for (uint32_t i = 0; i < c->p->n_slots; i++) {
                const rti_slot *slot = &c->rules->slots[i];
                uint64_t text = c->bytes;

                if (slot->what == RTI_SLOT_CONST)
                        text = rti_kinds[slot->constant.kind].hold == RTI_HOLD_STRING
                                       ? slot->constant.as.s.len
                                       : 1;
                else if (slot->what != RTI_SLOT_FIELD)
                        text = 0;
                for (uint32_t k = 0; slot->what != RTI_SLOT_FIELD && k < slot->n_args; k++)
                        text = add(text, c->text[slot->args[k]]);
                /* Each element gets a separator. */
                if (slot->what == RTI_SLOT_TRANSFORM && slot->transformer == RTI_TR_JOIN)
                        text = mul(text, add(1, c->text[slot->args[0]]));
                c->text[i] = smaller(add(text, 1), c->most);
        }
}

static uint64_t
elements(const counter *c, uint32_t slot)
{
        return c->rules->slots[slot].type.list ? c->text[slot] : 1;
}

static uint64_t
constant_bytes(const counter *c, uint32_t number)
{
        const rti_p_constant *constant = &c->p->constants[number];

        return rti_kinds[constant->kind].hold == RTI_HOLD_STRING ? (uint64_t) constant->as.text.len
                                                                 : 1;
}

/* Of looking it up: each prefix of an address, each folder of a path. */
static uint64_t
listed_steps(const counter *c, uint32_t number)
{
        const rti_slot *slot = &c->rules->slots[number];
        const uint64_t most = slot->transformer == RTI_OP_PMATCH
                                      ? (uint64_t) RTI_MAX_LIST_ITEM_BYTES * RTI_MAX_LIST_ITEM_BYTES
                                      : (uint64_t) LOOK_UP * RTI_MOST_NET_LENGTHS;
        uint64_t text;

        if (slot->what != RTI_SLOT_LISTED)
                return 0;
        text = c->text[slot->args[0]];
        return add(text, mul(elements(c, slot->args[0]), smaller(most, mul(text, text + most))));
}

/* ---- predicates ---- */

/* Is the constant looked for at every place of the value? */
static bool
searches(uint8_t op)
{
        return op == RTI_OP_GLOB || op == RTI_OP_IGLOB || op == RTI_OP_CONTAINS
               || op == RTI_OP_ICONTAINS || op == RTI_OP_BCONTAINS || op == RTI_OP_PMATCH;
}

static uint64_t
test_steps(const counter *c, uint32_t number)
{
        const rti_p_pred *pred = &c->p->preds[number];
        const uint64_t text = c->text[pred->slot], n = elements(c, pred->slot);
        const uint64_t places = add(text, n);
        uint64_t all = add(1, listed_steps(c, pred->slot));

        if (pred->op == RTI_OP_REGEX) {
                const uint64_t nfa = mul(rti_operand_states(&c->rules->operands[number]), places);

                return add(mul(n, RTI_MAX_REGEX_MATCH), smaller(nfa, mul(n, RTI_MAX_REGEX_STEPS)));
        }
        for (uint32_t i = 0; i < pred->constants.n; i++)
                all = add(all, add(1, constant_bytes(c, pred->constants.first + i)));
        if (searches(pred->op))
                return mul(places, all);
        return add(all, rti_operators[pred->op].family == RTI_RHS_LIST ? add(text, mul(n, LOOK_UP))
                                                                       : mul(n, all));
}

static uint64_t
pred_steps(const counter *c, uint32_t number)
{
        const rti_p_pred *pred = &c->p->preds[number];
        const bool many = pred->what == RTI_P_COMPARE
                          && (searches(pred->op) || rti_operators[pred->op].family == RTI_RHS_LIST);

        if (pred->what == RTI_P_EXISTS)
                return 1;
        if (pred->what == RTI_P_COMPARE)
                return many ? mul(c->text[pred->slot], c->text[pred->rhs])
                            : add(c->text[pred->slot], c->text[pred->rhs]);
        return pred->class == RTI_NONE ? test_steps(c, number) : add(1, pred->atoms.n);
}

static uint64_t
class_steps(const counter *c, const rti_p_class *class)
{
        const uint64_t text = c->text[class->slot], n = elements(c, class->slot);
        const uint64_t places = add(text, n);
        const bool search = class->family == RTI_REL_CONTAINS || class->family == RTI_REL_ICONTAINS;
        uint64_t longest = 0, all = 0;

        for (uint32_t i = 0; i < class->atoms.n; i++) {
                const rti_p_atom *atom = &c->p->atoms[class->atoms.first + i];
                const uint64_t len =
                        atom->relation == RTI_REL_PRESENT ? 0 : constant_bytes(c, atom->constant);

                longest = larger(longest, len);
                all = add(all, len + 1);
        }
        if (!class->cells.n && !class->numbers.n)
                return add(listed_steps(c, class->slot), mul(places, all));
        /* From every place, or from an end, down a trie. */
        if (class->nodes.n)
                return add(class->atoms.n,
                           mul(mul(search ? places : n, add(1, smaller(longest, text))), LOOK_UP));
        /* Of networks each length is looked up, of numbers each bound may be compared. */
        return add(add(add(class->atoms.n, text), listed_steps(c, class->slot)),
                   mul(mul(n, LOOK_UP), 1 + (uint64_t) class->numbers.n));
}

/* ---- code and index ---- */

static uint64_t
asked_steps(const counter *c, const rti_insn *insn)
{
        switch ((enum rti_opcode) insn->op) {
        case RTI_I_EXISTS:
                return c->text[insn->a];
        case RTI_I_EXPR:
                return c->alone[c->p->exprs[insn->a]];
        case RTI_I_MEMBER:
        case RTI_I_NO_MEMBER:
                return add(pred_steps(c, insn->a), class_steps(c, &c->p->classes[insn->class]));
        case RTI_I_TEST:
        case RTI_I_COMPARE:
        case RTI_I_TYPE:
                return pred_steps(c, insn->a);
        default:
                return 0;
        }
}

static void
count_code(counter *c)
{
        for (uint32_t at = c->p->n_code; at-- > 0;) {
                const rti_insn *insn = &c->p->code[at];

                c->path[at] = c->alone[at] = 1;
                if (insn->op == RTI_I_FALSE || insn->op == RTI_I_TRUE)
                        continue;
                c->path[at] = add(1, larger(c->path[insn->yes], c->path[insn->no]));
                c->alone[at] = add(add(1, asked_steps(c, insn)),
                                   larger(c->alone[insn->yes], c->alone[insn->no]));
        }
}

static void
count_nodes(counter *c)
{
        for (uint32_t i = c->p->n_nodes; i-- > 0;) {
                const rti_p_node *node = &c->p->nodes[i];
                uint64_t all = add(1, node->rules.n);

                for (uint32_t k = 0; k < node->switches.n; k++) {
                        const rti_p_switch *one = &c->p->switches[node->switches.first + k];

                        for (uint32_t e = 0; e < one->entries.n; e++) {
                                const rti_p_entry *entry = &c->p->places[one->entries.first + e];

                                if (entry->atom == RTI_NONE)
                                        continue;
                                all = add(all,
                                          entry->to & RTI_TO_RULE ? LOOK_UP : c->node[entry->to]);
                        }
                }
                c->node[i] = all;
        }
}

/* ---- everything ---- */

static uint64_t
source_steps(const counter *c)
{
        const rti_p_source *source = &c->p->sources[c->source];
        uint64_t all = c->bytes, most = 0;

        for (uint32_t i = 0; i < source->by_type.n; i++) {
                const uint32_t group = c->p->numbers[source->by_type.first + i];
                uint64_t roots = 0;

                for (uint32_t k = 0; group != RTI_NONE && k < c->p->groups[group].n; k++)
                        roots = add(roots, c->node[c->p->numbers[c->p->groups[group].first + k]]);
                most = larger(most, roots);
        }
        all = add(all, most);
        for (uint32_t i = 0; i < c->p->n_slots; i++)
                if (c->rules->slots[i].source == c->source)
                        all = add(all, c->text[i]);
        for (uint32_t i = 0; i < c->p->n_preds; i++)
                if (c->rules->slots[c->p->preds[i].slot].source == c->source)
                        all = add(all, pred_steps(c, i));
        for (uint32_t i = 0; i < c->p->n_classes; i++)
                if (c->rules->slots[c->p->classes[i].slot].source == c->source)
                        all = add(all, class_steps(c, &c->p->classes[i]));
        for (uint32_t i = 0; i < c->p->n_exprs; i++)
                all = add(all, c->path[c->p->exprs[i]]);
        return all;
}

int
rti_ruleset_steps(const rt_ruleset *rules, uint32_t source, uint64_t record_bytes,
                  uint64_t max_event_bytes, rti_steps *ret_steps)
{
        const rti_program_view *p = &rules->p;
        const size_t n = (size_t) p->n_slots + 2 * (size_t) p->n_code + p->n_nodes + 1;
        uint64_t *memory = rti_calloc(&rules->allocator, n, sizeof *memory);
        counter c = { rules, p, source, record_bytes, max_event_bytes, memory };
        rti_steps steps = { .rule = RTI_NONE };

        if (!memory)
                return RT_ENOMEM;
        c.path = c.text + p->n_slots;
        c.alone = c.path + p->n_code;
        c.node = c.alone + p->n_code;
        count_texts(&c);
        count_code(&c);
        count_nodes(&c);
        steps.all = source_steps(&c);
        for (uint32_t i = 0; i < p->n_rules; i++) {
                if (rules->rules[i].source != source)
                        continue;
                steps.all = add(steps.all, c.path[p->entries[i]]);
                if (steps.rule == RTI_NONE || c.alone[p->entries[i]] > steps.rule_steps) {
                        steps.rule = i;
                        steps.rule_steps = c.alone[p->entries[i]];
                }
        }
        rti_free(&rules->allocator, memory);
        *ret_steps = steps;
        return RT_OK;
}
