/* SPDX-License-Identifier: Apache-2.0 */
/* program.c - names and sizes of what a program is made of. */
#include "program/program.h"
#include "base/hash.h"
#include <stddef.h>

const rti_opcode_info rti_opcodes[RTI_N_OPCODES] = {
#define OPCODE(id, operand, name, what) [RTI_I_##id] = { RTI_A_##operand, name },
#include "program/opcodes.def"
#undef OPCODE
};

const char *const rti_relations[RTI_N_RELATIONS] = {
#define RELATION(id, name, what) [RTI_REL_##id] = name,
#include "program/relations.def"
#undef RELATION
};

const rti_section_info rti_sections[RTI_N_SECTIONS] = {
#define SECTION(id, member, element, what) [RTI_S_##id] = { #member, sizeof(element) },
#include "program/sections.def"
#undef SECTION
};

uint32_t
rti_program_layout(void)
{
        uint32_t sizes[RTI_N_SECTIONS + 7] = { RTI_N_OPCODES,   RTI_N_OPERATORS,    RTI_N_MODIFIERS,
                                               RTI_N_RELATIONS, RTI_N_TRANSFORMERS, RT_KIND_LIST,
                                               0x01020304 };

        for (size_t i = 0; i < RTI_N_SECTIONS; i++)
                sizes[7 + i] = rti_sections[i].size_bytes;
        return (uint32_t) rti_hash(sizes, sizeof sizes, RTI_PROGRAM_VERSION);
}

uint64_t
rti_program_checksum(const rti_program *program)
{
        const size_t from = offsetof(rti_program, section);

        return rti_hash((const char *) program + from, program->size_bytes - from,
                        RTI_PROGRAM_VERSION);
}

int
rti_program_check(const rti_program *program, size_t size_bytes, const char **ret_why)
{
        if (size_bytes < sizeof *program || program->magic != RTI_PROGRAM_MAGIC
            || program->reserved)
                *ret_why = "not compiled rules";
        else if (program->version != RTI_PROGRAM_VERSION || program->layout != rti_program_layout())
                *ret_why = "compiled by another version of the library";
        else if (program->size_bytes != size_bytes)
                *ret_why = "the compiled rules are cut";
        else if (program->checksum != rti_program_checksum(program))
                *ret_why = "the compiled rules are damaged";
        else
                return RT_OK;
        return RT_EFORMAT;
}

void
rti_program_look(const rti_program *program, rti_program_view *ret_view)
{
        const char *base = (const char *) program;

#define SECTION(id, member, element, what)                                                 \
        ret_view->member =                                                                 \
                (const element *) (const void *) (base + program->section[RTI_S_##id].at); \
        ret_view->n_##member = program->section[RTI_S_##id].n;
#include "program/sections.def"
#undef SECTION
}
