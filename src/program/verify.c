/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify.c - may this block be evaluated?
 *
 *   in   bytes that may come from anyone
 *   out  RT_OK, and then: every number is in range, every text ends in NUL inside the block, slots
 *        and code go one way only and are nested no deeper than limits.def allows, hash tables have
 *        a free cell, constants are of their slot's kind
 *
 * What the operators themselves think of their constants is checked when they are bound.
 */
#include "program/ruleset.h"

typedef struct verifier {
        rti_program_view p;
        const char *why;
} verifier;

static bool
bad(verifier *v, const char *why)
{
        v->why = why;
        return false;
}

static bool
text_ok(verifier *v, rti_p_text text)
{
        if (text.at >= v->p.n_texts || text.len >= v->p.n_texts - text.at
            || v->p.texts[text.at + text.len] != '\0')
                return bad(v, "a text lies outside of the texts");
        return true;
}

static bool
range_ok(verifier *v, rti_p_range range, uint32_t n)
{
        if (range.first > n || range.n > n - range.first)
                return bad(v, "a range lies outside of its table");
        return true;
}

/* A range of numbers, each below @a below. */
static bool
numbers_ok(verifier *v, rti_p_range range, uint32_t below)
{
        if (!range_ok(v, range, v->p.n_numbers))
                return false;
        for (uint32_t i = 0; i < range.n; i++)
                if (v->p.numbers[range.first + i] >= below)
                        return bad(v, "a list names something that is not there");
        return true;
}

static bool
header_ok(verifier *v, const rti_program *program, size_t size_bytes)
{
        if (size_bytes < sizeof *program || program->magic != RTI_PROGRAM_MAGIC)
                return bad(v, "not a program");
        if (program->version != RTI_PROGRAM_VERSION || program->layout != rti_program_layout())
                return bad(v, "made by another version of the library");
        if (program->size_bytes != size_bytes)
                return bad(v, "the program is cut");
        for (size_t i = 0; i < RTI_N_SECTIONS; i++) {
                const uint64_t at = program->section[i].at, n = program->section[i].n;

                if (at % 8 || at < sizeof *program || at > size_bytes
                    || n > (size_bytes - at) / rti_sections[i].size_bytes || n >= RTI_NONE)
                        return bad(v, "a table lies outside of the program");
        }
        rti_program_look(program, &v->p);
        return true;
}

/* ---- slots ---- */

static bool
constant_ok(verifier *v, const rti_p_constant *constant)
{
        const uint32_t family = constant->count & 0xff, bits = constant->count >> 8;

        if (constant->kind == RT_KIND_NONE || constant->kind >= RT_KIND_LIST)
                return bad(v, "a constant of no kind");
        if (rti_kinds[constant->kind].hold == RTI_HOLD_STRING)
                return text_ok(v, constant->as.text);
        if (rti_kinds[constant->kind].hold == RTI_HOLD_ADDRESS
            && ((family != 4 && family != 16) || bits > family * 8))
                return bad(v, "an address of no family");
        return true;
}

/* Do the slot's flags go with what it is? */
static bool
flags_ok(verifier *v, const rti_p_slot *slot)
{
        const bool field = slot->what == RTI_SLOT_FIELD;
        const bool any = slot->arg == RT_ARG_ANY, list = slot->flags & RTI_SLOT_IS_LIST;

        const bool listed = slot->what == RTI_SLOT_LISTED;

        if ((any && (!field || !list)) || (!any && slot->flags & RTI_SLOT_ALL_DIFFER)
            || (slot->flags & RTI_SLOT_DYNAMIC && (!field || list))
            || (listed && (list || slot->flags & RTI_SLOT_OF_SUBJECT || slot->args.n != 1)))
                return bad(v, "a slot that is several things at once");
        return true;
}

static bool
arg_ok(verifier *v, const rti_p_slot *slot, const rti_p_slot *arg)
{
        if (arg->source != slot->source)
                return bad(v, "a slot with an argument of another source");
        if (slot->flags & ~arg->flags & RTI_SLOT_OF_SUBJECT)
                return bad(v, "a transformer of more than its subject");
        if (slot->what != RTI_SLOT_FIELD && arg->flags & RTI_SLOT_DYNAMIC)
                return bad(v, "a transformer of a value of any kind");
        if (slot->what == RTI_SLOT_LISTED
            && (slot->kind != RT_KIND_BOOL || rti_list_kind_of(arg->kind) == RT_KIND_NONE))
                return bad(v, "a list of what the value cannot be");
        return true;
}

static bool
slot_ok(verifier *v, uint32_t number, uint16_t *depths)
{
        const rti_p_slot *slot = &v->p.slots[number];
        uint16_t depth = 0;

        if (slot->what > RTI_SLOT_LISTED || slot->arg > RT_ARG_ANY || slot->format > RT_FORMAT_DIR
            || slot->transformer >= RTI_N_TRANSFORMERS || slot->kind == RT_KIND_NONE
            || slot->kind >= RT_KIND_LIST || slot->source >= v->p.n_sources)
                return bad(v, "a slot of no kind");
        if (!text_ok(v, slot->field) || !text_ok(v, slot->key) || !numbers_ok(v, slot->args, number)
            || !flags_ok(v, slot))
                return false;
        if (slot->what == RTI_SLOT_CONST
            && (slot->constant >= v->p.n_constants
                || v->p.constants[slot->constant].kind != slot->kind))
                return bad(v, "a slot without its constant");
        for (uint32_t i = 0; i < slot->args.n; i++) {
                const uint32_t arg = v->p.numbers[slot->args.first + i];

                if (!arg_ok(v, slot, &v->p.slots[arg]))
                        return false;
                depth = depths[arg] >= depth ? (uint16_t) (depths[arg] + 1) : depth;
        }
        if (depth > RTI_MAX_CONDITION_DEPTH)
                return bad(v, "transformers are nested too deeply");
        depths[number] = depth;
        return true;
}

static bool
slots_ok(verifier *v, uint16_t *depths)
{
        for (uint32_t i = 0; i < v->p.n_constants; i++)
                if (!constant_ok(v, &v->p.constants[i]))
                        return false;
        for (uint32_t i = 0; i < v->p.n_slots; i++)
                if (!slot_ok(v, i, depths))
                        return false;
        return true;
}

/* ---- predicates ---- */

/* Are the predicate's atoms its class's? */
static bool
members_ok(verifier *v, const rti_p_pred *pred)
{
        const rti_p_range all = v->p.classes[pred->class].atoms;

        if (pred->atoms.n > 1 && !range_ok(v, pred->atoms, v->p.n_numbers))
                return false;
        for (uint32_t i = 0; i < pred->atoms.n; i++) {
                const uint32_t atom = pred->atoms.n == 1 ? pred->atoms.first
                                                         : v->p.numbers[pred->atoms.first + i];

                if (atom - all.first >= all.n)
                        return bad(v, "a predicate with an atom of another classifier");
        }
        return pred->atoms.n || bad(v, "a predicate without an atom");
}

static bool
pred_ok(verifier *v, const rti_p_pred *pred)
{
        const rti_p_slot *slot;

        if (pred->what >= RTI_N_PRED_WHATS || pred->op >= RTI_N_OPERATORS || pred->op == RTI_OP_EQ2
            || pred->modifier >= RTI_N_MODIFIERS || pred->slot >= v->p.n_slots)
                return bad(v, "a predicate of no kind");
        slot = &v->p.slots[pred->slot];
        if (pred->what == RTI_P_COMPARE
            && (pred->rhs >= v->p.n_slots || v->p.slots[pred->rhs].kind != slot->kind
                || (v->p.slots[pred->rhs].flags ^ slot->flags) & RTI_SLOT_IS_LIST
                || (v->p.slots[pred->rhs].flags | slot->flags) & RTI_SLOT_DYNAMIC))
                return bad(v, "a comparison of different kinds");
        if (pred->class != RTI_NONE
            && (pred->what != RTI_P_TEST || pred->class >= v->p.n_classes
                || v->p.classes[pred->class].slot != pred->slot))
                return bad(v, "a predicate without its classifier");
        if (pred->class != RTI_NONE && !members_ok(v, pred))
                return false;
        if (!range_ok(v, pred->constants, v->p.n_constants))
                return false;
        for (uint32_t i = 0; i < pred->constants.n; i++)
                if (rti_kinds[v->p.constants[pred->constants.first + i].kind].hold
                    != rti_kinds[slot->kind].hold)
                        return bad(v, "a constant of another kind than its slot");
        return true;
}

/* Can values of the slot have relations of the family? */
static bool
family_ok(const rti_p_class *class, const rti_p_slot *slot)
{
        const enum rti_hold hold = rti_kinds[slot->kind].hold;

        switch ((enum rti_relation) class->family) {
        case RTI_REL_PRESENT:
                return true;
        case RTI_REL_EQUAL:
                return slot->kind != RT_KIND_IPNET;
        case RTI_REL_PREFIX:
        case RTI_REL_PATH:
        case RTI_REL_SUFFIX:
        case RTI_REL_CONTAINS:
        case RTI_REL_ICONTAINS:
                return hold == RTI_HOLD_STRING;
        case RTI_REL_BELOW:
                return rti_kind_is_number(slot->kind);
        case RTI_REL_NET:
                return slot->kind == RT_KIND_IPNET;
        case RTI_REL_MOST:
        case RTI_REL_ABOVE:
        case RTI_REL_LEAST:
        case RTI_N_RELATIONS:
                break;
        }
        return false;
}

static bool
atoms_ok(verifier *v, uint32_t number)
{
        const rti_p_class *class = &v->p.classes[number];
        const enum rti_hold hold = rti_kinds[v->p.slots[class->slot].kind].hold;

        for (uint32_t i = class->atoms.first; i < class->atoms.first + class->atoms.n; i++) {
                const rti_p_atom *atom = &v->p.atoms[i];

                if (atom->class != number || atom->relation >= RTI_N_RELATIONS
                    || rti_relation_family(atom->relation) != class->family)
                        return bad(v, "an atom of another classifier");
                if (class->family != RTI_REL_PRESENT
                    && (atom->constant >= v->p.n_constants
                        || rti_kinds[v->p.constants[atom->constant].kind].hold != hold))
                        return bad(v, "an atom without its constant");
        }
        return true;
}

/* The class's cells name less than @a below; with @a edges nodes behind the one they start from. */
static bool
cells_ok(verifier *v, const rti_p_class *class, uint32_t below, bool edges)
{
        bool room = class->cells.n == 0;

        if (!range_ok(v, class->cells, v->p.n_cells))
                return false;
        if (class->cells.n & (class->cells.n - 1) && class->cells.n)
                return bad(v, "a classifier whose size is no power of two");
        for (uint32_t i = 0; i < class->cells.n; i++) {
                const rti_p_cell *cell = &v->p.cells[class->cells.first + i];

                room = room || cell->to == RTI_NONE;
                if (cell->to == RTI_NONE)
                        continue;
                if (cell->to >= below || (edges && cell->key >> 8 >= cell->to))
                        return bad(v, "a classifier that finds what it does not have");
        }
        return room || bad(v, "a classifier without a free cell");
}

static bool
trie_ok(verifier *v, const rti_p_class *class)
{
        const bool inside = class->family == RTI_REL_CONTAINS || class->family == RTI_REL_ICONTAINS;
        const uint32_t words = class->numbers.n - RTI_GRAMS_AT;

        if (!range_ok(v, class->nodes, v->p.n_tries)
            || !cells_ok(v, class, class->nodes.n, /* edges= */ true))
                return false;
        if ((class->nodes.n == 0) != (class->cells.n == 0) || class->nodes.n > RTI_MOST_NODES)
                return bad(v, "a trie without edges, or edges without a trie");
        for (uint32_t i = 0; i < class->nodes.n; i++) {
                const rti_p_trie *node = &v->p.tries[class->nodes.first + i];

                if (node->label.at > v->p.n_texts || node->label.len > v->p.n_texts - node->label.at
                    || (i > 0 && node->label.len == 0)
                    || (node->atom != RTI_NONE && node->atom >= class->atoms.n))
                        return bad(v, "a trie that finds what it does not have");
        }
        if (inside && class->nodes.n
            && (class->numbers.n <= RTI_GRAMS_AT || words & (words - 1)
                || words > 1u << RTI_MOST_GRAM_POWER))
                return bad(v, "a trie without its filters");
        return true;
}

static bool
nets_ok(verifier *v, const rti_p_class *class)
{
        if ((class->numbers.n == 0) != (class->cells.n == 0)
            || class->numbers.n > RTI_MOST_NET_LENGTHS)
                return bad(v, "networks without their lengths");
        for (uint32_t i = 0; i < class->numbers.n; i++) {
                const uint32_t length = v->p.numbers[class->numbers.first + i];
                const uint32_t family = length & 0xff, bits = length >> 8;

                if ((family != 4 && family != 16) || bits > family * 8)
                        return bad(v, "a network of no family");
        }
        return cells_ok(v, class, class->atoms.n, /* edges= */ false);
}

static bool
bounds_ok(verifier *v, const rti_p_class *class)
{
        uint32_t last = 0;

        if (class->numbers.n != RTI_N_BOUNDS)
                return bad(v, "bounds without their ends");
        for (uint32_t i = 0; i < RTI_N_BOUNDS; i++) {
                const uint32_t end = v->p.numbers[class->numbers.first + i];

                if (end < last || end > class->atoms.n)
                        return bad(v, "bounds that lie outside of their classifier");
                last = end;
        }
        return true;
}

/* The tables that the family has; others are not looked at. */
static bool
tables_ok(verifier *v, const rti_p_class *class)
{
        const bool text = class->family >= RTI_REL_PREFIX && class->family <= RTI_REL_ICONTAINS;

        if (!range_ok(v, class->numbers, v->p.n_numbers))
                return false;
        if (class->nodes.n && !text)
                return bad(v, "a trie of something else than texts");
        switch ((enum rti_relation) class->family) {
        case RTI_REL_EQUAL:
                return cells_ok(v, class, class->atoms.n, /* edges= */ false);
        case RTI_REL_NET:
                return nets_ok(v, class);
        case RTI_REL_BELOW:
                return bounds_ok(v, class);
        case RTI_REL_PREFIX:
        case RTI_REL_PATH:
        case RTI_REL_SUFFIX:
        case RTI_REL_CONTAINS:
        case RTI_REL_ICONTAINS:
                return trie_ok(v, class);
        default:
                return true;
        }
}

/* @a first: where the atoms of the class must begin, behind those of all before it. */
static bool
class_ok(verifier *v, uint32_t number, uint32_t *first)
{
        const rti_p_class *class = &v->p.classes[number];

        if (class->slot >= v->p.n_slots)
                return bad(v, "a classifier without a slot");
        if (!range_ok(v, class->atoms, v->p.n_atoms))
                return false;
        if (class->atoms.first != *first)
                return bad(v, "a classifier with another's atoms");
        *first += class->atoms.n;
        if (!family_ok(class, &v->p.slots[class->slot])
            || (class->family != RTI_REL_PRESENT
                && v->p.slots[class->slot].flags & RTI_SLOT_DYNAMIC))
                return bad(v, "a classifier of values that it cannot look at");
        return atoms_ok(v, number) && tables_ok(v, class);
}

static bool
preds_ok(verifier *v)
{
        uint32_t first = 0;

        for (uint32_t i = 0; i < v->p.n_classes; i++)
                if (!class_ok(v, i, &first))
                        return false;
        if (first != v->p.n_atoms)
                return bad(v, "atoms of no classifier");
        for (uint32_t i = 0; i < v->p.n_preds; i++)
                if (!pred_ok(v, &v->p.preds[i]))
                        return false;
        return true;
}

/* ---- code ---- */

static bool
operand_ok(verifier *v, uint32_t at)
{
        const rti_insn *insn = &v->p.code[at];
        bool ok = true;

        switch ((enum rti_operand_of) rti_opcodes[insn->op].operand) {
        case RTI_A_NONE:
                break;
        case RTI_A_PRED:
                ok = insn->a < v->p.n_preds && v->p.preds[insn->a].class == RTI_NONE
                     && v->p.preds[insn->a].what
                                == (insn->op == RTI_I_TEST ? RTI_P_TEST : RTI_P_COMPARE);
                break;
        case RTI_A_SLOT:
                ok = insn->a < v->p.n_slots;
                break;
        case RTI_A_CLASSED:
                ok = insn->a < v->p.n_preds && v->p.preds[insn->a].class == insn->class;
                break;
        case RTI_A_TYPED:
                ok = insn->a < v->p.n_preds && v->p.preds[insn->a].class == RTI_NONE
                     && v->p.preds[insn->a].what == RTI_P_TEST && insn->class < v->p.n_event_sets;
                break;
        case RTI_A_EXPR:
                ok = insn->a < v->p.n_exprs && v->p.exprs[insn->a] > at;
                break;
        case RTI_A_EVENT_SET:
                ok = insn->a < v->p.n_event_sets;
                break;
        }
        return ok || bad(v, "an instruction asks for something that is not there");
}

/* Backwards, so that what an instruction leads to is known: nothing but forward, and shared
 * expressions inside shared expressions no deeper than the limit. */
static bool
code_ok(verifier *v, uint16_t *depths)
{
        for (uint32_t i = 0; i < v->p.n_exprs; i++)
                if (v->p.exprs[i] >= v->p.n_code)
                        return bad(v, "a shared expression without code");
        for (uint32_t i = 0; i < v->p.n_entries; i++)
                if (v->p.entries[i] >= v->p.n_code)
                        return bad(v, "a rule without code");
        for (uint32_t at = v->p.n_code; at-- > 0;) {
                const rti_insn *insn = &v->p.code[at];
                uint16_t depth, callee;

                if (insn->op >= RTI_N_OPCODES)
                        return bad(v, "no such instruction");
                depths[at] = 0;
                if (insn->op == RTI_I_FALSE || insn->op == RTI_I_TRUE)
                        continue;
                if (insn->yes <= at || insn->no <= at || insn->yes >= v->p.n_code
                    || insn->no >= v->p.n_code)
                        return bad(v, "an instruction leads nowhere, or back");
                if (!operand_ok(v, at))
                        return false;
                depth = depths[insn->yes] > depths[insn->no] ? depths[insn->yes] : depths[insn->no];
                callee = insn->op == RTI_I_EXPR ? depths[v->p.exprs[insn->a]] : 0;
                if (insn->op == RTI_I_EXPR && callee >= depth)
                        depth = (uint16_t) (callee + 1);
                if (depth > RTI_MAX_EXPR_DEPTH)
                        return bad(v, "shared expressions are nested too deeply");
                depths[at] = depth;
        }
        return true;
}

/* ---- rules and formats ---- */

static bool
formats_ok(verifier *v)
{
        for (uint32_t i = 0; i < v->p.n_tokens; i++)
                if (!text_ok(v, v->p.tokens[i].text) || !text_ok(v, v->p.tokens[i].name)
                    || (v->p.tokens[i].slot != RTI_NONE && v->p.tokens[i].slot >= v->p.n_slots))
                        return bad(v, "a format prints something that is not there");
        for (uint32_t i = 0; i < v->p.n_fields; i++)
                if (!text_ok(v, v->p.fields[i].name) || v->p.fields[i].slot >= v->p.n_slots)
                        return bad(v, "an output field is not there");
        for (uint32_t i = 0; i < v->p.n_formats; i++)
                if (!range_ok(v, v->p.formats[i].tokens, v->p.n_tokens)
                    || !range_ok(v, v->p.formats[i].fields, v->p.n_fields))
                        return false;
        for (uint32_t i = 0; i < v->p.n_extras; i++)
                if (!text_ok(v, v->p.extras[i].key) || v->p.extras[i].format >= v->p.n_formats)
                        return bad(v, "an added output field is not there");
        return true;
}

static bool
rule_ok(verifier *v, const rti_p_rule *rule)
{
        if (!text_ok(v, rule->name) || !text_ok(v, rule->desc)
            || !range_ok(v, rule->tags, v->p.n_tags) || !range_ok(v, rule->extras, v->p.n_extras))
                return false;
        if (rule->source >= v->p.n_sources || rule->priority > RT_PRIORITY_DEBUG
            || rule->verdict > RT_VERDICT_ALLOW + 1 || rule->format >= v->p.n_formats
            || rule->events >= v->p.n_event_sets)
                return bad(v, "a rule without its parts");
        return true;
}

/* ---- the index ---- */

static bool
switch_ok(verifier *v, const rti_p_switch *one, uint32_t node, const uint16_t *depths,
          uint16_t *depth)
{
        bool room = false;

        if (one->class >= v->p.n_classes || !range_ok(v, one->entries, v->p.n_places))
                return bad(v, "the index asks for something that is not there");
        if (one->entries.n == 0 || one->entries.n & (one->entries.n - 1))
                return bad(v, "a switch whose size is no power of two");
        for (uint32_t i = 0; i < one->entries.n; i++) {
                const rti_p_entry *entry = &v->p.places[one->entries.first + i];
                const uint32_t to = entry->to & ~RTI_TO_RULE;

                room = room || entry->atom == RTI_NONE;
                if (entry->atom == RTI_NONE)
                        continue;
                if (entry->to & RTI_TO_RULE ? to >= v->p.n_rules : to <= node || to >= v->p.n_nodes)
                        return bad(v, "the index leads nowhere, or back");
                if (!(entry->to & RTI_TO_RULE) && depths[to] >= *depth)
                        *depth = (uint16_t) (depths[to] + 1);
        }
        return room || bad(v, "a switch without a free entry");
}

/* Backwards, as code. Nodes do not share switches, nor switches entries: looking at all takes no
 * longer than the tables are. */
static bool
index_ok(verifier *v, uint16_t *depths)
{
        uint32_t n_switches = v->p.n_switches, n_places = v->p.n_places;

        for (uint32_t i = v->p.n_nodes; i-- > 0;) {
                const rti_p_node *node = &v->p.nodes[i];

                if (!numbers_ok(v, node->rules, v->p.n_rules))
                        return false;
                if (node->switches.n > n_switches
                    || node->switches.first != n_switches - node->switches.n)
                        return bad(v, "nodes that share their switches");
                n_switches = node->switches.first;
                for (uint32_t k = node->switches.n; k-- > 0;) {
                        const rti_p_switch *one = &v->p.switches[node->switches.first + k];

                        if (one->entries.n > n_places
                            || one->entries.first != n_places - one->entries.n)
                                return bad(v, "switches that share their entries");
                        n_places = one->entries.first;
                        if (!switch_ok(v, one, i, depths, &depths[i]))
                                return false;
                }
                if (depths[i] > RTI_INDEX_DEPTH)
                        return bad(v, "the index is nested too deeply");
        }
        for (uint32_t i = 0; i < v->p.n_groups; i++)
                if (!numbers_ok(v, v->p.groups[i], v->p.n_nodes))
                        return false;
        return true;
}

static bool
source_ok(verifier *v, const rti_p_source *source)
{
        if (!text_ok(v, source->name) || !range_ok(v, source->by_type, v->p.n_numbers))
                return false;
        if (source->first_type >= RTI_N_EVENT_CODES || source->by_type.n > RTI_N_EVENT_CODES)
                return bad(v, "a source with events that are not there");
        for (uint32_t i = 0; i < source->by_type.n; i++) {
                const uint32_t group = v->p.numbers[source->by_type.first + i];

                if (group != RTI_NONE && group >= v->p.n_groups)
                        return bad(v, "a source without its rules");
        }
        return true;
}

static bool
needs_ok(verifier *v)
{
        for (uint32_t i = 0; i < v->p.n_need_texts; i++)
                if (!text_ok(v, v->p.need_texts[i]))
                        return false;
        for (uint32_t i = 0; i < v->p.n_needs; i++) {
                const rti_p_need *need = &v->p.needs[i];
                const uint32_t n = v->p.n_need_texts;

                if (need->source >= v->p.n_sources || need->type >= RTI_N_EVENT_CODES
                    || need->paths.first > n || need->paths.n > n - need->paths.first
                    || need->names.first > n || need->names.n > n - need->names.first)
                        return bad(v, "a need of no event");
        }
        return true;
}

static bool
rules_ok(verifier *v)
{
        if (v->p.n_entries != v->p.n_rules)
                return bad(v, "rules without code, or code without rules");
        for (uint32_t i = 0; i < v->p.n_tags; i++)
                if (!text_ok(v, v->p.tags[i]))
                        return false;
        for (uint32_t i = 0; i < v->p.n_sources; i++)
                if (!source_ok(v, &v->p.sources[i]))
                        return false;
        for (uint32_t i = 0; i < v->p.n_rules; i++)
                if (!rule_ok(v, &v->p.rules[i]))
                        return false;
        return true;
}

int
rti_program_verify(const rti_program *program, size_t size_bytes, const rt_allocator *allocator,
                   const char **ret_why)
{
        verifier v = { 0 };
        uint16_t *depths;
        size_t n;
        bool ok;

        if (!header_ok(&v, program, size_bytes)) {
                *ret_why = v.why;
                return RT_EFORMAT;
        }
        n = (size_t) v.p.n_slots + v.p.n_code + v.p.n_nodes;
        depths = rti_calloc(allocator, n + 1, sizeof *depths);
        if (!depths)
                return RT_ENOMEM;
        ok = slots_ok(&v, depths) && preds_ok(&v) && code_ok(&v, depths + v.p.n_slots)
             && index_ok(&v, depths + v.p.n_slots + v.p.n_code) && formats_ok(&v) && rules_ok(&v)
             && needs_ok(&v);
        rti_free(allocator, depths);
        if (!ok)
                *ret_why = v.why;
        return ok ? RT_OK : RT_EFORMAT;
}
