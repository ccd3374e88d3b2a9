/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ops_number.c - = != < <= > >= on numbers and booleans: one function per way to hold them and
 * operator.
 */
#include "lang/ops/family.h"

#define COMPARE(name, member, sign)                                                        \
        static bool name(const rti_operand *operand, const rt_value *value, void *scratch) \
        {                                                                                  \
                (void) scratch;                                                            \
                return value->as.member sign operand->values[0].as.member;                 \
        }
#define ALL(hold, member)              \
        COMPARE(hold##_eq, member, ==) \
        COMPARE(hold##_ne, member, !=) \
        COMPARE(hold##_lt, member, <)  \
        COMPARE(hold##_le, member, <=) \
        COMPARE(hold##_gt, member, >)  \
        COMPARE(hold##_ge, member, >=)
/* Floating point numbers are compared as they are: a constant is a whole number, and equal means
 * equal. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wfloat-equal"
ALL(unsigned, u)
ALL(signed, i)
ALL(double, d)
#pragma GCC diagnostic pop

#define ROW(hold)                                                                          \
        {                                                                                  \
                [RTI_OP_EQ] = hold##_eq, [RTI_OP_NE] = hold##_ne, [RTI_OP_LT] = hold##_lt, \
                [RTI_OP_LE] = hold##_le, [RTI_OP_GT] = hold##_gt, [RTI_OP_GE] = hold##_ge  \
        }
static rti_test_fn *const tests[][RTI_N_OPERATORS] = {
        [RTI_HOLD_UNSIGNED] = ROW(unsigned),
        [RTI_HOLD_SIGNED] = ROW(signed),
        [RTI_HOLD_DOUBLE] = ROW(double),
};

int
rti_number_build(rti_build *build, rti_operand *operand)
{
        (void) build;
        operand->test = tests[rti_kinds[operand->type.kind].hold][operand->op];
        return operand->test ? RT_OK : RT_EINVAL;
}
