/* SPDX-License-Identifier: Apache-2.0 */
/*
 * atoms.c - predicates taken apart into relations between a slot and one constant.
 *
 *   in   the IR after the passes
 *   out  ir->atoms, each once; of every predicate its atoms and what they say of it; ir->present
 *
 * What a relation says of a value is what the operators say of one element of it, cut at its first
 * NUL unless the kind is bytes. Where the operator does not mean just that, its atoms are only
 * necessary; where there is nothing better, that the slot is present is.
 */
#include "compiler/emit/atoms.h"
#include "base/hash.h"
#include "compiler/emit/literals.h"
#include "lang/ops/family.h"

enum { MOST = 0x7fffffff };
enum { PATTERN = RTI_N_RELATIONS }; /* a constant whose literals are to be found */

typedef struct maker {
        rti_ir *ir;
        rti_table known;            /* numbers in ir->atoms */
        RTI_VEC(uint32_t) named_by; /* per atom: 1 + the last predicate that named it */
} maker;

/* ---- atoms ---- */

static uint64_t
atom_hash(const rti_ir_atom *atom)
{
        const uint64_t seed = (uint64_t) atom->slot << 8 | atom->relation;
        const rt_value *c = &atom->constant;

        return atom->relation == RTI_REL_PRESENT ? rti_hash(&seed, sizeof seed, 0)
                                                 : rti_same_hash(c->kind, c) ^ seed * 0x9e3779b1u;
}

static bool
atom_eq(const rti_ir_atom *a, const rti_ir_atom *b)
{
        return a->slot == b->slot && a->relation == b->relation
               && (a->relation == RTI_REL_PRESENT
                   || rti_same(a->constant.kind, &a->constant, &b->constant));
}

static int
atom_of(maker *m, const rti_ir_atom *atom, uint32_t *ret_number)
{
        const uint32_t hash = (uint32_t) atom_hash(atom);
        rti_ir *ir = m->ir;
        uint32_t found = RTI_MAP_NONE;
        int r;

        for (uint32_t at = 0; (found = rti_table_next(&m->known, hash, &at)) != RTI_MAP_NONE;)
                if (atom_eq(&ir->atoms.at[found], atom)) {
                        *ret_number = found;
                        return RT_OK;
                }
        *ret_number = (uint32_t) ir->atoms.n;
        r = rti_vec_push(&ir->atoms, ir->allocator, *atom, MOST);
        r = r < 0 ? r : rti_vec_push(&m->named_by, ir->allocator, 0, MOST);
        return r < 0 ? r : rti_table_add(&m->known, ir->allocator, hash, *ret_number);
}

static int
present(maker *m, uint32_t slot, uint32_t *ret_number)
{
        const rti_ir_atom atom = { .slot = slot, .relation = RTI_REL_PRESENT, .number = RTI_NONE };
        const int r = atom_of(m, &atom, ret_number);

        if (r == RT_OK)
                m->ir->present[slot] = *ret_number;
        return r;
}

/* The predicate names the atom, once. */
static int
name(maker *m, rti_ir_pred *pred, uint32_t number)
{
        rti_ir *ir = m->ir;
        const uint32_t by = (uint32_t) (pred - ir->preds.at) + 1;

        if (m->named_by.at[number] == by)
                return RT_OK;
        m->named_by.at[number] = by;
        ir->atoms.at[number].n_preds++;
        pred->n_atoms++;
        return rti_vec_push(&ir->atom_lists, ir->allocator, number, MOST);
}

/* ---- constants ---- */

/* What becomes of a constant. */
enum fate { ATOM, ALWAYS /* every value is so related to it */, UNKNOWN };

static int
lower_case(rti_arena *arena, rt_str *text)
{
        rt_str copy = rti_arena_copy(arena, *text);

        if (!copy.ptr)
                return RT_ENOMEM;
        for (size_t i = 0; i < copy.len; i++)
                ((char *) (uintptr_t) copy.ptr)[i] = (char) rti_lower((unsigned char) copy.ptr[i]);
        *text = copy;
        return RT_OK;
}

/* The path's components with a slash in front of each, as far as they are no patterns. */
static int
plain_path(rti_arena *arena, rt_str *text, bool *ret_whole)
{
        rt_str rest = *text, component;
        char *path = rti_arena_get(arena, text->len + 2);
        size_t n = 0;

        if (!path)
                return RT_ENOMEM;
        while ((component = rti_path_next(&rest)).len && !rti_is_pattern(component)) {
                path[n++] = '/';
                memcpy(path + n, component.ptr, component.len);
                n += component.len;
        }
        *ret_whole = component.len == 0;
        *text = (rt_str){ path, n };
        return RT_OK;
}

/* @a value as the constant of an atom. *exact is taken away where the atom says less than the
 * operator. enum fate or RT_ENOMEM. */
static int
constant_of(maker *m, uint8_t relation, const rt_value *value, bool *exact, rt_value *ret_value)
{
        rt_str *text = &ret_value->as.s;
        int r = RT_OK;

        *ret_value = *value;
        if (rti_kinds[value->kind].hold == RTI_HOLD_DOUBLE && value->as.u << 1 == 0)
                ret_value->as.u = 0; /* -0.0 */
        if (rti_kinds[value->kind].hold != RTI_HOLD_STRING)
                return ATOM;
        if (text->len && memchr(text->ptr, '\0', text->len))
                return UNKNOWN;
        if (relation == RTI_REL_ICONTAINS) {
                r = lower_case(m->ir->arena, text);
        } else if (relation == RTI_REL_PATH) {
                bool whole = true;

                r = plain_path(m->ir->arena, text, &whole);
                *exact = *exact && whole;
        }
        if (r < 0)
                return r;
        return relation == RTI_REL_EQUAL || text->len ? ATOM : ALWAYS;
}

/* ---- predicates ---- */

typedef struct meaning {
        uint8_t facts, relation;
} meaning;

/* What `in` says is not always what = says of each: of a list it means all elements, strings in
 * lists count the NULs at their end, and floating point numbers are compared as bytes. */
static enum rti_facts
facts_of_set(const rti_ir_slot *slot, uint8_t op)
{
        const bool whole = slot->type.list && slot->arg != RT_ARG_ANY;

        if (rti_kinds[slot->type.kind].hold == RTI_HOLD_DOUBLE || (whole && op == RTI_OP_IN)
            || (slot->type.list && rti_kinds[slot->type.kind].hold == RTI_HOLD_STRING))
                return RTI_FACTS_NECESSARY;
        return RTI_FACTS_EXACT;
}

static meaning
meaning_of(const rti_ir_slot *slot, uint8_t op)
{
        const uint8_t equal = slot->type.kind == RT_KIND_IPNET ? RTI_REL_NET : RTI_REL_EQUAL;
        const bool number = rti_kind_is_number(slot->type.kind);
        const bool all = slot->arg != RT_ARG_ANY || slot->all_differ;
        const meaning none = { RTI_FACTS_NONE, 0 };

        if (slot->dynamic)
                return none;
        switch ((enum rti_operator) op) {
        case RTI_OP_EQ2:
        case RTI_OP_EQ:
                return (meaning){ RTI_FACTS_EXACT, equal };
        case RTI_OP_NE:
                return all ? (meaning){ RTI_FACTS_EXCEPT, equal } : none;
        case RTI_OP_IN:
        case RTI_OP_INTERSECTS:
                return (meaning){ (uint8_t) facts_of_set(slot, op), equal };
        case RTI_OP_CONTAINS:
                return (meaning){ RTI_FACTS_EXACT, RTI_REL_CONTAINS };
        case RTI_OP_ICONTAINS:
                return (meaning){ RTI_FACTS_EXACT, RTI_REL_ICONTAINS };
        case RTI_OP_STARTSWITH:
                return (meaning){ RTI_FACTS_EXACT, RTI_REL_PREFIX };
        case RTI_OP_ENDSWITH:
                return (meaning){ RTI_FACTS_EXACT, RTI_REL_SUFFIX };
        case RTI_OP_PMATCH:
                return (meaning){ RTI_FACTS_EXACT, RTI_REL_PATH };
        case RTI_OP_LT:
                return number ? (meaning){ RTI_FACTS_EXACT, RTI_REL_BELOW } : none;
        case RTI_OP_LE:
                return number ? (meaning){ RTI_FACTS_EXACT, RTI_REL_MOST } : none;
        case RTI_OP_GT:
                return number ? (meaning){ RTI_FACTS_EXACT, RTI_REL_ABOVE } : none;
        case RTI_OP_GE:
                return number ? (meaning){ RTI_FACTS_EXACT, RTI_REL_LEAST } : none;
        case RTI_OP_GLOB:
        case RTI_OP_IGLOB:
        case RTI_OP_REGEX:
                return (meaning){ RTI_FACTS_EXACT, PATTERN };
        case RTI_OP_EXISTS:
        case RTI_OP_BCONTAINS:
        case RTI_OP_BSTARTSWITH:
        case RTI_N_OPERATORS:
                break;
        }
        return none;
}

/* What the modifier leaves of it. */
static enum rti_facts
modified(uint8_t facts, uint8_t modifier)
{
        if (modifier == RTI_MOD_NONE || facts == RTI_FACTS_NONE)
                return facts;
        if (facts == RTI_FACTS_EXCEPT)
                return modifier == RTI_MOD_ALLOF ? RTI_FACTS_EXCEPT : RTI_FACTS_NONE;
        return modifier == RTI_MOD_ANYOF ? (enum rti_facts) facts : RTI_FACTS_NECESSARY;
}

/* Nothing is said but that there is a value, or nothing at all. */
static int
only_present(maker *m, rti_ir_pred *pred, bool exact)
{
        uint32_t number;
        int r;

        for (; pred->n_atoms; pred->n_atoms--) {
                const uint32_t named = m->ir->atom_lists.at[--m->ir->atom_lists.n];

                m->ir->atoms.at[named].n_preds--;
        }
        pred->facts = exact ? RTI_FACTS_EXACT : RTI_FACTS_NECESSARY;
        r = present(m, pred->slot, &number);
        if (r < 0)
                return r;
        return name(m, pred, number);
}

/* Of texts that all have to be there, one will do: the longest. */
static uint32_t
most_telling(const rti_ir_pred *pred)
{
        uint32_t best = 0;

        if (rti_kinds[pred->values[0].kind].hold == RTI_HOLD_STRING)
                for (uint32_t i = 1; i < pred->n_values; i++)
                        if (pred->values[i].as.s.len > pred->values[best].as.s.len)
                                best = i;
        return best;
}

/* Name the atom of a constant. enum fate, RT_ENOMEM, RT_ELIMIT. */
static int
name_constant(maker *m, rti_ir_pred *pred, uint8_t relation, const rt_value *value, bool *exact)
{
        rti_ir_atom atom = { .slot = pred->slot, .relation = relation, .number = RTI_NONE };
        uint32_t number;
        int r = constant_of(m, relation, value, exact, &atom.constant);

        if (r != ATOM)
                return r;
        r = atom_of(m, &atom, &number);
        r = r < 0 ? r : name(m, pred, number);
        return r < 0 ? r : ATOM;
}

/* The same of a pattern: the atoms of its literals. */
static int
name_pattern(maker *m, rti_ir_pred *pred, const rt_value *pattern, bool *exact)
{
        rt_value value = *pattern;
        rti_literal *literals;
        int r = rti_literals_of(m->ir->arena, pred->op, pattern->as.s, &literals, exact);

        if (r == RT_OK && !literals)
                return *exact ? ALWAYS : UNKNOWN;
        for (; r == RT_OK && literals; literals = literals->next) {
                value.as.s = literals->text;
                r = name_constant(m, pred, literals->relation, &value, exact);
                if (r > ATOM)
                        return r;
        }
        return r < 0 ? r : ATOM;
}

static int
name_constants(maker *m, rti_ir_pred *pred, meaning says)
{
        const rti_ir_slot *slot = &m->ir->slots.at[pred->slot];
        const bool one = pred->modifier == RTI_MOD_ALLOF && says.facts != RTI_FACTS_EXCEPT;
        const uint32_t first = one && pred->n_values ? most_telling(pred) : 0;
        const uint32_t end = one && pred->n_values ? first + 1 : pred->n_values;
        bool exact = true;

        for (uint32_t i = first; i < end; i++) {
                const int r =
                        says.relation == PATTERN
                                ? name_pattern(m, pred, &pred->values[i], &exact)
                                : name_constant(m, pred, says.relation, &pred->values[i], &exact);

                if (r < 0)
                        return r;
                /* An empty list has no element to be so related. */
                if (r != ATOM)
                        return only_present(m, pred,
                                            r == ALWAYS && exact && says.facts == RTI_FACTS_EXACT
                                                    && !slot->type.list);
        }
        pred->facts = exact ? says.facts : RTI_FACTS_NECESSARY;
        return RT_OK;
}

static int
take_apart(maker *m, rti_ir_pred *pred)
{
        const rti_ir_slot *slot = &m->ir->slots.at[pred->slot];
        meaning says = { RTI_FACTS_NONE, 0 };
        uint32_t number;
        int r;

        pred->first_atom = (uint32_t) m->ir->atom_lists.n;
        pred->n_atoms = 0;
        pred->facts = RTI_FACTS_NONE;
        if (slot->restless)
                return RT_OK;
        if (pred->what == RTI_P_TEST) {
                says = meaning_of(slot, pred->op);
                /* Without a constant nothing holds: no atom says so exactly. */
                if (pred->n_values == 0)
                        says.facts = RTI_FACTS_EXACT;
                else
                        says.facts = (uint8_t) modified(says.facts, pred->modifier);
        }
        if (says.facts == RTI_FACTS_NONE)
                return only_present(m, pred, pred->what == RTI_P_EXISTS);
        r = present(m, pred->slot, &number);
        return r < 0 ? r : name_constants(m, pred, says);
}

int
rti_atoms_build(rti_ir *ir)
{
        maker m = { .ir = ir };
        int r = RT_OK;

        ir->present = RTI_NEWN(ir->arena, uint32_t, ir->slots.n);
        if (!ir->present)
                return RT_ENOMEM;
        for (size_t i = 0; i < ir->slots.n; i++)
                ir->present[i] = RTI_NONE;
        for (size_t i = 0; r == RT_OK && i < ir->preds.n; i++)
                r = take_apart(&m, &ir->preds.at[i]);
        rti_vec_done(&m.named_by, ir->allocator);
        rti_table_done(&m.known, ir->allocator);
        rti_vec_fit(&ir->atoms, ir->allocator);
        return r;
}
