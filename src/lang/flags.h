/* SPDX-License-Identifier: Apache-2.0 */
/*
 * flags.h - the names that values of event parameters have (flags.def).
 *
 * A table is a range of rows, in the order in which names are looked for. Callers pass rows of a
 * range only.
 */
#ifndef RTI_LANG_FLAGS_H
#define RTI_LANG_FLAGS_H

#include "base/str.h"

enum rti_flag_table {
#define FLAG_TABLE(id) RTI_FLAGS_##id,
#define FLAG(value, name)
#include "lang/flags.def"
#undef FLAG
#undef FLAG_TABLE
        RTI_N_FLAG_TABLES
};

/* Rows of a table are rti_flags_begin <= row < rti_flags_end; none of an unknown one. */
uint32_t rti_flags_begin(uint32_t table);
uint32_t rti_flags_end(uint32_t table);
uint32_t rti_flag_value(uint32_t row);
const char *rti_flag_name(uint32_t row); /* not of the tables DYN_* */

/* The first name of exactly that value, or NULL. */
const char *rti_flag_named(uint32_t table, uint64_t value);
/* Which type a dynamic parameter holds; RTI_PT_NONE: no such selector. */
uint32_t rti_flag_variant(uint32_t table, uint8_t selector);

#endif
