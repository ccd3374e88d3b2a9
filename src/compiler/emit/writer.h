/* SPDX-License-Identifier: Apache-2.0 */
/* writer.h - a program being put together: one growing buffer per table. Errors stick to the
 * buffers and are looked at once, at the end. */
#ifndef RTI_COMPILER_WRITER_H
#define RTI_COMPILER_WRITER_H

#include "compiler/emit/ir.h"

typedef struct rti_index rti_index; /* index.h */

typedef struct rti_writer {
        rti_ir *ir;
        rti_index *index;
        rti_buf *table;  /* RTI_N_SECTIONS */
        rti_table texts; /* places in TEXTS */
        uint32_t *uses;  /* per expression: rti_ir_count_uses */
        uint32_t *expr;  /* per expression: its number in EXPRS, or RTI_NONE */
        int failed;      /* first error that is not a buffer's */
} rti_writer;

enum { RTI_MOST_CLASSES = 0xffffff }; /* what fits into an instruction */

/* Rows of a table so far. */
uint32_t rti_writer_count(const rti_writer *w, enum rti_section section);
/* Append a row; its number. */
uint32_t rti_writer_add(rti_writer *w, enum rti_section section, const void *row);
rti_p_text rti_writer_text(rti_writer *w, rt_str text);
/* Append numbers; their range. */
rti_p_range rti_writer_numbers(rti_writer *w, const uint32_t *numbers, uint32_t n);

uint32_t rti_writer_constant(rti_writer *w, const rt_value *value);

/* Classifiers of the atoms that are wanted, and of those that pay by themselves (classify.c). After
 * slots and predicates have their numbers, before predicates are written. */
int rti_write_classes(rti_writer *w);
/* The sets of event codes that rules look at, which rules name by number: before the code, which
 * adds sets of its own. */
void rti_write_sets(rti_writer *w);
/* Sources, groups and the index (index_write.c). After the classifiers. RT_OK, RT_ENOMEM. */
int rti_write_index(rti_writer *w);
/* What events of each type need so that some rule can match (needs.c). After the sources. */
int rti_write_needs(rti_writer *w);
/* Code of all rules; entries[i] is where rule i begins (code.c). */
int rti_write_code(rti_writer *w, uint32_t *entries);

#endif
