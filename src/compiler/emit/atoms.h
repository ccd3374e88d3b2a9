/* SPDX-License-Identifier: Apache-2.0 */
/*
 * atoms.h - what predicates say of single values, taken apart.
 *
 * An atom is a relation between a slot and one constant. Classifiers find all atoms of a slot at
 * once (classify.c); witnesses are made of atoms (witness.c); so both are chosen over the same
 * numbers. docs/design/0007 says how they belong together.
 *
 *      rti_atoms_build      after the passes: ir->atoms, and of every predicate its facts
 *      rti_index_build      chooses witnesses: marks atoms as wanted, makes the index
 *      rti_write_classes    numbers the wanted atoms and those that pay anyway, writes classifiers
 *      rti_write_index      writes the index with those numbers
 */
#ifndef RTI_COMPILER_ATOMS_H
#define RTI_COMPILER_ATOMS_H

#include "compiler/emit/ir.h"

/* What a predicate's atoms say of it. */
enum rti_facts {
        RTI_FACTS_NONE,      /* nothing */
        RTI_FACTS_EXACT,     /* it holds if and only if one of its atoms does */
        RTI_FACTS_NECESSARY, /* if it holds, one of its atoms does */
        RTI_FACTS_EXCEPT     /* it holds if and only if the slot is present and no atom holds:
                                `!=`; the slot's PRESENT is its witness */
};

int rti_atoms_build(rti_ir *ir);

/* The atoms that @a pred gives, as numbers in ir->atoms. */
static inline const uint32_t *
rti_atoms_of(const rti_ir *ir, const rti_ir_pred *pred, uint32_t *ret_n)
{
        *ret_n = pred->n_atoms;
        return pred->n_atoms ? ir->atom_lists.at + pred->first_atom : NULL;
}

#endif
