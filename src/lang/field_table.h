/* SPDX-License-Identifier: Apache-2.0 */
/*
 * field_table.h - the fields of a built-in source, without pointers.
 *
 * scripts/gen-field-tables.py makes them from the sources' .def files; registries hold them as
 * rt_field_desc.
 */
#ifndef RTI_LANG_FIELD_TABLE_H
#define RTI_LANG_FIELD_TABLE_H

#include <libruntime/source.h>

typedef struct rti_field_row {
        uint16_t name, group, help; /* where they begin in the table's texts */
        uint16_t flags;             /* RT_FIELD_* */
        uint8_t kind;               /* RT_KIND_* */
        uint8_t format;             /* RT_FORMAT_* */
} rti_field_row;

typedef struct rti_field_table {
        const char *texts;
        const rti_field_row *rows;
        size_t n;
} rti_field_table;

/* A source with its fields; its ops name none. */
typedef struct rti_builtin {
        const rt_source_ops *ops;
        const rti_field_table *fields;
} rti_builtin;

/* Row @a i < table->n. */
rt_field_desc rti_field_row_desc(const rti_field_table *table, size_t i);
/* Which row has that name; SIZE_MAX: none. */
size_t rti_field_row_named(const rti_field_table *table, rt_str name);

#endif
