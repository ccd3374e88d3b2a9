/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tables.h - state tables that plug-ins own and lend each other.
 *
 * The owner implements a table; others get a handle, and the host's functions hand their calls on
 * to the owner's. Entries and columns are the owner's pointers. Whoever finds another one's table
 * (in `init`) shares one lock with it from then on.
 */
#ifndef RTI_FALCO_TABLES_H
#define RTI_FALCO_TABLES_H

#include "falco/plugin.h"

typedef struct rti_fp_table {
        rti_fp *owner;
        rt_str name;
        rti_fp_table_input own; /* what the owner gave */
        rti_fp_reader_ext reader;
        rti_fp_writer writer;
        rti_fp_columns columns;
} rti_fp_table;

/* What plug-ins get. */
extern const rti_fp_tables rti_fp_owner_tables;
extern const rti_fp_reader_ext rti_fp_table_reader;
extern const rti_fp_writer rti_fp_table_writer;
rti_fp_owner_error_fn rti_fp_owner_error;

/* Forget the tables of a plug-in that goes. */
void rti_fp_tables_forget(rti_fp *plugin);

#endif
