/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.h - which rules an event is shown to: groups of event types, and for each a tree that leads
 * from atoms to rules. docs/design/0007.
 *
 * Nodes lead to higher-numbered ones. Numbers of rules, slots and atoms are the IR's.
 */
#ifndef RTI_COMPILER_INDEX_H
#define RTI_COMPILER_INDEX_H

#include "compiler/emit/witness.h"
#include "compiler/emit/writer.h"

typedef struct rti_index_node {
        rti_p_range rules;    /* of numbers: candidates as soon as the node is reached */
        rti_p_range switches; /* what is asked next */
} rti_index_node;

typedef struct rti_index_switch {
        uint32_t ask; /* rti_ask_of its atoms */
        rti_p_range places;
} rti_index_switch;

typedef struct rti_index_place {
        uint32_t atom;
        uint32_t to; /* as rti_p_entry.to */
} rti_index_place;

/* Event types that the same rules look at. */
typedef struct rti_index_group {
        uint32_t source;
        rti_event_set types;
        bool wide;                  /* wide rules look at them too */
        uint32_t n_roots, roots[2]; /* nodes */
} rti_index_group;

typedef struct rti_index_source {
        uint32_t first_type, n_types;
        uint32_t *group; /* of each type, or RTI_NONE */
} rti_index_source;

struct rti_index {
        const rt_allocator *allocator;
        uint32_t *set_of; /* per rule: its event set, in sets; rules that never hold: none */
        bool *wide;       /* per set: its rules ask for the type themselves */
        bool *placed;     /* per rule: it stands in a group */
        const rti_option **chosen; /* per rule: what it is found by in the first of them, or NULL */
        RTI_VEC(rti_event_set) sets;
        rti_index_source *sources; /* of the IR */
        RTI_VEC(rti_index_group) groups;
        RTI_VEC(rti_index_node) nodes;
        RTI_VEC(rti_index_switch) switches;
        RTI_VEC(rti_index_place) places;
        RTI_VEC(uint32_t) rules;
        rti_witnesses witnesses;
};

/* After rti_atoms_build; marks atoms as wanted. Holds heap memory also on failure. RT_OK,
 * RT_ENOMEM, RT_ELIMIT. */
int rti_index_build(rti_ir *ir, rti_index *ret_index);
void rti_index_done(rti_index *index);

/* index_dump.c: the index, and how rules are found, as text. Of an IR that is not written
 * otherwise. RT_OK, RT_ENOMEM, RT_ELIMIT. */
int rti_index_dump(rti_ir *ir, rti_buf *buf);
int rti_index_report(rti_ir *ir, rti_buf *buf);

/* ---- parts ---- */

/* groups.c: sets, sources and groups, without roots. */
int rti_index_groups(rti_ir *ir, rti_index *index);
static inline bool
rti_index_is_wide(const rti_index *index, uint32_t rule)
{
        return index->wide[index->set_of[rule]];
}

/* tree.c: the roots of all groups. */
int rti_index_trees(rti_ir *ir, rti_index *index);

static inline bool
rti_index_of_subject(const rti_ir *ir, uint32_t atom)
{
        return ir->slots.at[ir->atoms.at[atom].slot].of_subject;
}

/* Is there anything to find rules by? */
static inline bool
rti_index_is_on(const rti_ir *ir)
{
        return rti_ir_pass_on(ir, RTI_PASS_INDEX) && rti_ir_pass_on(ir, RTI_PASS_CLASSIFY);
}

#endif
