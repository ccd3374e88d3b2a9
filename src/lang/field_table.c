/* SPDX-License-Identifier: Apache-2.0 */
/* field_table.c - rows of the built-in sources' fields as sources of hosts describe theirs. */
#include "lang/field_table.h"
#include "base/str.h"

rt_field_desc
rti_field_row_desc(const rti_field_table *table, size_t i)
{
        const rti_field_row *row = &table->rows[i];

        return (rt_field_desc){ .name = table->texts + row->name,
                                .group = table->texts + row->group,
                                .kind = row->kind,
                                .flags = row->flags,
                                .format = row->format,
                                .help = table->texts + row->help };
}

size_t
rti_field_row_named(const rti_field_table *table, rt_str name)
{
        for (size_t i = 0; i < table->n; i++)
                if (rti_str_is(name, table->texts + table->rows[i].name))
                        return i;
        return SIZE_MAX;
}
