/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tables.h - state tables that plug-ins own and lend each other.
 *
 * The owner implements a table; others get a handle, and the host's functions hand their calls on
 * to the owner's. Entries and columns are the owner's pointers. Whoever finds another one's table
 * (in `init`) shares one lock with it from then on.
 *
 * A column may be a table: reading it gives another rti_fp_table_input, the plug-in's or ours. The
 * host puts one of its own in between, which is good until the call into the plug-in ends that
 * asked for it.
 */
#ifndef RTI_FALCO_TABLES_H
#define RTI_FALCO_TABLES_H

#include "falco/plugin.h"

/* The system's tables: system.h. */
enum rti_fp_kind { RTI_FP_THREADS, RTI_FP_FDS, RTI_FP_LIST, RTI_FP_CGROUPS, RTI_FP_N_KINDS };

typedef struct rti_fp_view {
        rt_falco *host;
        enum rti_fp_kind kind;
        uint32_t member; /* of a thread: which list */
        int64_t tid;     /* whose; see rti_fp_loose for those that are in no table yet */
} rti_fp_view;

/* Which columns of a table are tables, as far as somebody asked for them. */
typedef struct rti_fp_shape {
        const void *column;
        struct rti_fp_shape *columns, *next;
} rti_fp_shape;

typedef struct rti_fp_table {
        /* What plug-ins get, and in front of all else: some take it for a description (as the
         * interface has it of tables in tables), some for what functions are called with (as the
         * C++ SDK does of all tables). */
        rti_fp_table_input input;
        rt_falco *host;
        rti_fp *owner; /* NULL: a table in a table, and the call that asked for it is over */
        rti_fp_shape *shape;
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

/* A table in a table, for as long as the call lasts. */
typedef struct rti_fp_nested {
        rti_fp_table table;
        rti_fp_view view; /* of the system's: what `table.own.table` is */
} rti_fp_nested;
/* A free one, with all but `own`, functions and `shape` filled in. NULL: too many, no memory. */
rti_fp_nested *rti_fp_nested_new(rti_fp *owner, const char *name, uint32_t key_type);
/* Forget what only the last call could use. */
void rti_fp_calls_forget(rt_falco *host);
/* Make a table known. RT_OK, RT_EINVAL, RT_EEXIST, RT_ELIMIT, RT_ENOMEM. */
int rti_fp_tables_add(rti_fp *plugin, const rti_fp_table_input *input);
/* Say why the wish of the plug-in that is being called is not granted. */
__attribute__((format(printf, 2, 3))) void rti_fp_refuse(rti_fp *plugin, const char *format, ...);

/* Forget the tables of a plug-in that goes. */
void rti_fp_tables_forget(rti_fp *plugin);

#endif
