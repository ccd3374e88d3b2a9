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
#include "compiler/emit/writer.h"
#include "lang/ops/family.h"
#include <stdlib.h>

enum {
        FEWEST = 2, /* predicates on a slot that make a classifier worth its look-up */
        FEW = 3     /* so many atoms are compared one after the other */
};

/* Which atoms are of which class, before they have numbers. */
typedef struct classes {
        rti_writer *w;
        uint32_t *atoms; /* numbers of the IR in the order of the program */
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

        return decidable(pred) && !slot->type.list
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
        const rti_ir *ir = c->w->ir;
        const size_t n_keys = ir->slots.n * RTI_N_RELATIONS;
        uint32_t *next = RTI_NEWN(ir->arena, uint32_t, n_keys);

        c->atoms = RTI_NEWN(ir->arena, uint32_t, ir->atoms.n);
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
                const rti_ir_atom *atom = &ir->atoms.at[i];

                if (atom->wanted && ir->slots.at[atom->slot].number != RTI_NONE)
                        c->atoms[next[key_of(atom)]++] = i;
        }
        return RT_OK;
}

/* ---- tables ---- */

static uint32_t
table_size(uint32_t n)
{
        uint32_t size = 4;

        while (size < 2 * (uint64_t) n)
                size *= 2;
        return size;
}

/* Open addressing by the constants' hashes. */
static int
hash_table(const classes *c, const uint32_t *atoms, rti_p_class *class)
{
        rti_writer *w = c->w;
        const uint32_t n = table_size(class->atoms.n);
        rti_p_cell *cells = RTI_NEWN(w->ir->arena, rti_p_cell, n);

        if (!cells)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n; i++)
                cells[i].to = RTI_NONE;
        for (uint32_t i = 0; i < class->atoms.n; i++) {
                const rt_value *constant = &w->ir->atoms.at[atoms[i]].constant;
                const uint32_t hash = (uint32_t) rti_same_hash(constant->kind, constant);
                uint32_t at = hash & (n - 1);

                while (cells[at].to != RTI_NONE)
                        at = (at + 1) & (n - 1);
                cells[at] = (rti_p_cell){ hash, i };
        }
        class->cells = (rti_p_range){ rti_writer_count(w, RTI_S_CELLS), n };
        for (uint32_t i = 0; i < n; i++)
                rti_writer_add(w, RTI_S_CELLS, &cells[i]);
        return RT_OK;
}

static int
write_class(const classes *c, const uint32_t *atoms, uint32_t n)
{
        rti_writer *w = c->w;
        rti_ir *ir = w->ir;
        const rti_ir_atom *first = &ir->atoms.at[atoms[0]];
        const uint32_t number = rti_writer_count(w, RTI_S_CLASSES);
        rti_p_class class = { .slot = ir->slots.at[first->slot].number,
                              .family = rti_relation_family(first->relation),
                              .atoms = { rti_writer_count(w, RTI_S_ATOMS), n } };
        int r = RT_OK;

        for (uint32_t i = 0; i < n; i++) {
                rti_ir_atom *atom = &ir->atoms.at[atoms[i]];
                rti_p_atom row = { .class = number, .relation = atom->relation };

                if (atom->relation != RTI_REL_PRESENT)
                        row.constant = rti_writer_constant(w, &atom->constant);
                atom->class = number;
                atom->number = rti_writer_add(w, RTI_S_ATOMS, &row);
        }
        if (n > FEW && class.family == RTI_REL_EQUAL)
                r = hash_table(c, atoms, &class);
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
                const size_t key = key_of(&ir->atoms.at[c.atoms[i]]);

                for (k = i + 1; k < c.n_atoms && key_of(&ir->atoms.at[c.atoms[k]]) == key;)
                        k++;
                r = write_class(&c, c.atoms + i, k - i);
        }
        for (size_t i = 0; r == RT_OK && i < ir->preds.n; i++)
                if (decidable(&ir->preds.at[i]))
                        r = decide(w, &ir->preds.at[i]);
        return r;
}
