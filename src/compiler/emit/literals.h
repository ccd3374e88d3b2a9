/* SPDX-License-Identifier: Apache-2.0 */
/* literals.h - what every text that matches a pattern has. */
#ifndef RTI_COMPILER_LITERALS_H
#define RTI_COMPILER_LITERALS_H

#include "base/arena.h"
#include "program/program.h"

typedef struct rti_literal {
        uint8_t relation; /* enum rti_relation, of texts */
        rt_str text;
        struct rti_literal *next;
} rti_literal;

/* Literals of which each match of the pattern, of glob, iglob or regex, has one; NULL: none are
 * known. *exact is taken away unless whatever has one matches. RT_OK, RT_ENOMEM. */
int rti_literals_of(rti_arena *arena, uint8_t op, rt_str pattern, rti_literal **ret_literals,
                    bool *exact);

#endif
