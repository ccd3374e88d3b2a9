/* SPDX-License-Identifier: Apache-2.0 */
/* classify.h - private to the classifiers' writing: the tables of one class. */
#ifndef RTI_COMPILER_CLASSIFY_H
#define RTI_COMPILER_CLASSIFY_H

#include "compiler/emit/writer.h"

/* A class being written: its constants in the order of its atoms, as ATOMS has them already. */
typedef struct rti_new_class {
        rti_writer *w;
        const rt_value **constants;
        uint32_t n;
        rti_p_class *row; /* whose tables are to be filled in */
} rti_new_class;

/* Each RT_OK, RT_ENOMEM. */
int rti_write_hash(rti_new_class *c);
int rti_write_nets(rti_new_class *c);
int rti_write_trie(rti_new_class *c);
/* After rti_write_trie. */
int rti_write_filters(rti_new_class *c);

/* Cells for @a n entries, unused; *ret_n is a power of two. NULL: no memory. */
rti_p_cell *rti_new_cells(rti_writer *w, uint32_t n, uint32_t *ret_n);
void rti_write_cells(rti_new_class *c, const rti_p_cell *cells, uint32_t n);

#endif
