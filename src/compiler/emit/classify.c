/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classify.c - classifiers: atoms get numbers, and tables that find them.
 *
 *   in   ir->atoms, of which some are wanted by the index
 *   out  ATOMS, CLASSES and their tables; of predicates, the class that decides them
 *
 * A class is a slot and a family of relations. Its atoms have consecutive numbers. All tables are
 * linear in the constants.
 */
#include "compiler/emit/atoms.h"
#include "compiler/emit/classify.h"
#include "lang/ops/family.h"
#include <stdlib.h>

enum {
        FEWEST = 2, /* predicates on a slot that make a classifier worth its look-up */
        /* So many atoms are compared one after the other. */
        FEW = 3,
        FEW_INSIDE = 4, /* of those whose constants may be anywhere in a text */
        MOST_IN_TRIE = (RTI_MOST_NODES - 1) / 2
};

/* Which atoms are of which class, before they have numbers. */
typedef struct classes {
        rti_writer *w;
        rti_ir_atom **atoms; /* in the order of the program */
        uint32_t n_atoms;
} classes;

static size_t
key_of(const rti_ir_atom *atom)
{
        return (size_t) atom->slot * RTI_N_RELATIONS + rti_relation_family(atom->relation);
}

/* ---- which atoms ---- */

static bool
decidable(const rti_ir_pred *pred)
{
        return pred->number != RTI_NONE && pred->what == RTI_P_TEST && pred->n_atoms
               && (pred->facts == RTI_FACTS_EXACT || pred->facts == RTI_FACTS_EXCEPT);
}

/* Comparisons of one slot with texts pay for their look-up when there are several. */
static bool
compares_texts(const rti_ir *ir, const rti_ir_pred *pred)
{
        const rti_ir_slot *slot = &ir->slots.at[pred->slot];
        uint32_t n;

        return decidable(pred) && !rti_ir_by_type(ir, pred) && !slot->type.list
               && rti_kinds[slot->type.kind].hold == RTI_HOLD_STRING
               && ir->atoms.at[rti_atoms_of(ir, pred, &n)[0]].relation == RTI_REL_EQUAL;
}

static int
want_what_pays(rti_ir *ir)
{
        uint32_t *n_preds = RTI_NEWN(ir->arena, uint32_t, ir->slots.n);

        if (!n_preds)
                return RT_ENOMEM;
        for (size_t i = 0; i < ir->preds.n; i++)
                n_preds[ir->preds.at[i].slot] += compares_texts(ir, &ir->preds.at[i]);
        for (size_t i = 0; i < ir->preds.n; i++) {
                const rti_ir_pred *pred = &ir->preds.at[i];
                const uint32_t *atoms;
                uint32_t n;

                if (n_preds[pred->slot] < FEWEST || !compares_texts(ir, pred))
                        continue;
                atoms = rti_atoms_of(ir, pred, &n);
                for (uint32_t k = 0; k < n; k++)
                        ir->atoms.at[atoms[k]].wanted = true;
        }
        return RT_OK;
}

/* Put the wanted atoms into an order in which those of a class follow one another. */
static int
gather(classes *c)
{
        rti_ir *ir = c->w->ir;
        const size_t n_keys = ir->slots.n * RTI_N_RELATIONS;
        uint32_t *next = RTI_NEWN(ir->arena, uint32_t, n_keys);

        c->atoms = RTI_NEWN(ir->arena, rti_ir_atom *, ir->atoms.n);
        if (!next || !c->atoms)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < ir->atoms.n; i++) {
                const rti_ir_atom *atom = &ir->atoms.at[i];

                if (atom->wanted && ir->slots.at[atom->slot].number != RTI_NONE)
                        next[key_of(atom)]++;
        }
        for (size_t i = 0; i < n_keys; i++) {
                const uint32_t n = next[i];

                next[i] = c->n_atoms;
                c->n_atoms += n;
        }
        for (uint32_t i = 0; i < ir->atoms.n; i++) {
                rti_ir_atom *atom = &ir->atoms.at[i];

                if (atom->wanted && ir->slots.at[atom->slot].number != RTI_NONE)
                        c->atoms[next[key_of(atom)]++] = atom;
        }
        return RT_OK;
}

/* ---- classes ---- */

/* By relation, then bound. */
static int
compare_bounds(const void *a, const void *b)
{
        const rti_ir_atom *x = *(const rti_ir_atom *const *) a,
                          *y = *(const rti_ir_atom *const *) b;
        const rti_type type = { x->constant.kind, false };

        if (x->relation != y->relation)
                return x->relation < y->relation ? -1 : 1;
        if (rti_value_compare(RTI_OP_LT, RTI_MOD_NONE, type, &x->constant, &y->constant))
                return -1;
        return rti_value_compare(RTI_OP_GT, RTI_MOD_NONE, type, &x->constant, &y->constant);
}

/* Where each relation's atoms end. */
static void
write_ends(rti_writer *w, rti_ir_atom *const *atoms, uint32_t n, rti_p_class *class)
{
        uint32_t ends[RTI_N_BOUNDS] = { 0 };

        for (uint32_t i = 0; i < n; i++)
                for (uint32_t k = atoms[i]->relation - RTI_REL_BELOW; k < RTI_N_BOUNDS; k++)
                        ends[k]++;
        class->numbers = rti_writer_numbers(w, ends, RTI_N_BOUNDS);
}

static int
write_tables(rti_new_class *c)
{
        int r;

        switch ((enum rti_relation) c->row->family) {
        case RTI_REL_EQUAL:
                return c->n > FEW ? rti_write_hash(c) : RT_OK;
        case RTI_REL_NET:
                return c->n > FEW ? rti_write_nets(c) : RT_OK;
        case RTI_REL_PATH:
                return c->n > 1 && c->n <= MOST_IN_TRIE ? rti_write_trie(c) : RT_OK;
        case RTI_REL_PREFIX:
        case RTI_REL_SUFFIX:
                return c->n > FEW && c->n <= MOST_IN_TRIE ? rti_write_trie(c) : RT_OK;
        case RTI_REL_CONTAINS:
        case RTI_REL_ICONTAINS:
                if (c->n <= FEW_INSIDE || c->n > MOST_IN_TRIE)
                        return RT_OK;
                r = rti_write_trie(c);
                return r < 0 ? r : rti_write_filters(c);
        default:
                return RT_OK;
        }
}

static int
write_class(rti_writer *w, rti_ir_atom **atoms, uint32_t n)
{
        const rti_ir_atom *first = atoms[0];
        const uint32_t number = rti_writer_count(w, RTI_S_CLASSES);
        rti_p_class class = { .slot = w->ir->slots.at[first->slot].number,
                              .family = rti_relation_family(first->relation),
                              .atoms = { rti_writer_count(w, RTI_S_ATOMS), n } };
        rti_new_class c = { w, RTI_NEWN(w->ir->arena, const rt_value *, n), n, &class };
        int r;

        if (!c.constants)
                return RT_ENOMEM;
        if (class.family == RTI_REL_BELOW) {
                qsort(atoms, n, sizeof *atoms, compare_bounds);
                write_ends(w, atoms, n, &class);
        }
        for (uint32_t i = 0; i < n; i++) {
                rti_p_atom row = { .class = number, .relation = atoms[i]->relation };

                c.constants[i] = &atoms[i]->constant;
                if (atoms[i]->relation != RTI_REL_PRESENT)
                        row.constant = rti_writer_constant(w, &atoms[i]->constant);
                atoms[i]->class = number;
                atoms[i]->number = rti_writer_add(w, RTI_S_ATOMS, &row);
        }
        r = write_tables(&c);
        rti_writer_add(w, RTI_S_CLASSES, &class);
        return number < RTI_MOST_CLASSES ? r : RT_ELIMIT;
}

/* ---- predicates ---- */

static int
compare_numbers(const void *a, const void *b)
{
        const uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

        return (x > y) - (x < y);
}

/* A class decides the predicate if it finds all of its atoms. */
static int
decide(rti_writer *w, rti_ir_pred *pred)
{
        const rti_ir *ir = w->ir;
        uint32_t n, *numbers;
        const uint32_t *atoms = rti_atoms_of(ir, pred, &n);
        const uint32_t class = ir->atoms.at[atoms[0]].class;

        if (rti_ir_by_type(ir, pred))
                return RT_OK;
        for (uint32_t i = 0; i < n; i++)
                if (ir->atoms.at[atoms[i]].number == RTI_NONE
                    || ir->atoms.at[atoms[i]].class != class)
                        return RT_OK;
        pred->class = class;
        if (n == 1) {
                pred->decides = (rti_p_range){ ir->atoms.at[atoms[0]].number, 1 };
                return RT_OK;
        }
        numbers = RTI_NEWN(ir->arena, uint32_t, n);
        if (!numbers)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n; i++)
                numbers[i] = ir->atoms.at[atoms[i]].number;
        qsort(numbers, n, sizeof *numbers, compare_numbers);
        pred->decides = rti_writer_numbers(w, numbers, n);
        return RT_OK;
}

int
rti_write_classes(rti_writer *w)
{
        classes c = { .w = w };
        rti_ir *ir = w->ir;
        int r = want_what_pays(ir);

        r = r < 0 ? r : gather(&c);
        for (uint32_t i = 0, k; r == RT_OK && i < c.n_atoms; i = k) {
                const size_t key = key_of(c.atoms[i]);

                for (k = i + 1; k < c.n_atoms && key_of(c.atoms[k]) == key;)
                        k++;
                r = write_class(w, c.atoms + i, k - i);
        }
        for (size_t i = 0; r == RT_OK && i < ir->preds.n; i++)
                if (decidable(&ir->preds.at[i]))
                        r = decide(w, &ir->preds.at[i]);
        return r;
}
