/* SPDX-License-Identifier: Apache-2.0 */
/*
 * witness.h - what an event must have for a condition to hold: sets of atoms of which one is there.
 *
 * A condition has several such options. An empty set says that it never holds; a condition without
 * options may hold for any event. Options are never wrong, only too wide.
 */
#ifndef RTI_COMPILER_WITNESS_H
#define RTI_COMPILER_WITNESS_H

#include "compiler/emit/atoms.h"

enum {
        RTI_OPTIONS = 6,    /* kept of one condition */
        RTI_OPTION_ASKS = 4 /* that the atoms of one option may need */
};

typedef struct rti_option {
        uint32_t list; /* in rti_witnesses.lists */
        uint32_t n_atoms;
        float share;     /* estimated, of the events of which an atom of it holds */
        uint8_t present; /* it is nothing but the presence of fields */
        uint8_t n_asks;
        uint32_t asks[RTI_OPTION_ASKS]; /* rti_ask_of, ascending */
} rti_option;

typedef struct rti_options {
        const rti_option *at; /* the most selective one first, no two ask the same */
        uint32_t n;
} rti_options;

typedef struct rti_witnesses {
        rti_ir *ir;
        rti_arena arena;  /* of all that is pointed to */
        double *share;    /* per atom: estimated, of events */
        rti_options *yes; /* per expression: if it is true */
        rti_options *no;  /* if it is false */
        uint8_t *depends; /* per expression: on the event's type */
        uint32_t *round;  /* per expression that depends: when it was looked at */
        uint32_t now;
        const rti_event_set **on;   /* per expression: rti_need_types */
        RTI_VEC(rti_p_range) lists; /* of atoms */
        RTI_VEC(uint32_t) atoms;    /* each list ascending, no atom twice */
} rti_witnesses;

/* What is asked at once: a slot, for one family of relations. Below ir->slots.n *
 * RTI_N_RELATIONS. */
static inline uint32_t
rti_ask_of(const rti_ir_atom *atom)
{
        return atom->slot * RTI_N_RELATIONS + rti_relation_family(atom->relation);
}

/* Options of all expressions, whatever the event's type is. ir->atoms must be there. RT_OK,
 * RT_ENOMEM. */
int rti_witnesses_build(rti_witnesses *w, rti_ir *ir);
void rti_witnesses_done(rti_witnesses *w);
/* Options of an expression for events of these types; NULL: of any. They live as long as @a w. */
int rti_witnesses_of(rti_witnesses *w, uint32_t expr, const rti_event_set *types,
                     rti_options *ret_options);
/* All that follows belongs to other types. */
static inline void
rti_witnesses_next(rti_witnesses *w)
{
        w->now++;
}

/* The share of events of which each atom holds, by rule of thumb (share.c). NULL: no memory. */
double *rti_atom_shares(rti_ir *ir);

#endif
