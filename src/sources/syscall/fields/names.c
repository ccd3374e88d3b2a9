/* SPDX-License-Identifier: Apache-2.0 */
/*
 * names.c - the names that a parameter's value has.
 *
 * in: a table of flags.def and a value; out: names, in the order of the table, which matters: names
 * that share bits exclude each other. Bits without a name are not told.
 */
#include "sources/syscall/fields/names.h"

static void
add_name(rti_line *line, size_t begin, char separator, uint32_t row)
{
        if (line->len > begin)
                rti_line_char(line, separator);
        rti_line_add(line, rti_str_of(rti_flag_name(row)));
}

static void
add_bits(rti_line *line, uint32_t table, uint32_t value, bool whole_always)
{
        const size_t begin = line->len;
        uint32_t rest = value;

        for (uint32_t row = rti_flags_begin(table); row < rti_flags_end(table); row++) {
                const uint32_t bits = rti_flag_value(row);
                const bool whole = bits == value;

                if (!(whole && (whole_always || !bits)) && !(bits && (rest & bits) == bits))
                        continue;
                add_name(line, begin, '|', row);
                rest &= ~bits;
                if (whole)
                        break;
        }
}

void
rti_names_flags(rti_line *line, uint32_t table, uint32_t value)
{
        add_bits(line, table, value, false);
}

void
rti_names_mode(rti_line *line, uint32_t table, uint32_t value)
{
        add_bits(line, table, value, true);
}

void
rti_names_enum(rti_line *line, uint32_t table, uint32_t value)
{
        const size_t begin = line->len;

        for (uint32_t row = rti_flags_begin(table); row < rti_flags_end(table); row++)
                if (rti_flag_value(row) == value)
                        add_name(line, begin, '|', row);
}

void
rti_names_one(rti_line *line, uint32_t table, uint64_t value)
{
        rti_line_add(line, rti_str_of(rti_flag_named(table, value)));
}

void
rti_names_sigset(rti_line *line, uint32_t set)
{
        const size_t begin = line->len;

        for (uint32_t row = rti_flags_begin(RTI_FLAGS_SIGNAL);
             row < rti_flags_end(RTI_FLAGS_SIGNAL); row++)
                if (rti_flag_value(row) - 1 < 32 && set >> (rti_flag_value(row) - 1) & 1)
                        add_name(line, begin, ' ', row);
}
