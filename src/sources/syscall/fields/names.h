/* SPDX-License-Identifier: Apache-2.0 */
/* names.h - the names that a parameter's value has, by the tables of flags.def. */
#ifndef RTI_SYSCALL_NAMES_H
#define RTI_SYSCALL_NAMES_H

#include "lang/flags.h"
#include "sources/syscall/fields/line.h"

/* Names of bits, '|' between them: each bit is named once, by the first row that has it. */
void rti_names_flags(rti_line *line, uint32_t table, uint32_t value);
/* The same, but a row that is the whole value is always named, and ends the walk. */
void rti_names_mode(rti_line *line, uint32_t table, uint32_t value);
/* All names of exactly this value, '|' between them. */
void rti_names_enum(rti_line *line, uint32_t table, uint32_t value);
/* The first name of exactly this value. */
void rti_names_one(rti_line *line, uint32_t table, uint64_t value);
/* Signals of a set, blanks between them: bit b is signal b + 1. */
void rti_names_sigset(rti_line *line, uint32_t set);

#endif
