/* SPDX-License-Identifier: Apache-2.0 */
/* Values whose kind the rule did not expect: bytes of the constant, read as the value's kind. */
#include "ops_test.h"
#include <criterion/parameterized.h>

struct row {
        uint32_t promised; /* kind when the rule was loaded */
        uint8_t op, modifier;
        char constants[24];
        uint32_t kind; /* of the value */
        int64_t number;
        char text[8];
        bool holds;
};

ParameterizedTestParameters(dynamic, kinds)
{
        static struct row rows[] = {
                { RT_KIND_INT64, RTI_OP_EQ, 0, "5", RT_KIND_INT64, 5, "", true },
                { RT_KIND_INT64, RTI_OP_IN, 0, "4|5", RT_KIND_INT64, 5, "", true },
                { RT_KIND_INT64, RTI_OP_EQ, 0, "5", RT_KIND_UINT32, 5, "", true },
                { RT_KIND_INT64, RTI_OP_EQ, 0, "-1", RT_KIND_UINT32, 0xffffffff, "", true },
                { RT_KIND_INT64, RTI_OP_EQ, 0, "4294967301", RT_KIND_UINT32, 5, "", true },
                { RT_KIND_INT64, RTI_OP_LT, 0, "-1", RT_KIND_UINT8, 7, "", true },
                { RT_KIND_UINT32, RTI_OP_GT, 0, "4294967295", RT_KIND_INT16, 0, "", true },
                { RT_KIND_UINT32, RTI_OP_NE, 0, "7", RT_KIND_INT8, 7, "", false },
                { RT_KIND_INT64, RTI_OP_IN, 0, "4|5", RT_KIND_UINT32, 5, "", false },
                { RT_KIND_UINT32, RTI_OP_IN, 0, "4|5", RT_KIND_INT32, 5, "", true },
                { RT_KIND_UINT64, RTI_OP_EQ, 0, "5", RT_KIND_RELTIME, 5, "", true },
                { RT_KIND_STRING, RTI_OP_EQ, 0, "ab", RT_KIND_PATH, 0, "ab", true },
                { RT_KIND_STRING, RTI_OP_EQ, 0, "ab", RT_KIND_UINT16, 0x6261, "", true },
                { RT_KIND_STRING, RTI_OP_IN, 0, "ab|cd", RT_KIND_UINT16, 0x6463, "", true },
                { RT_KIND_UINT32, RTI_OP_EQ, 0, "25185", RT_KIND_STRING, 0, "ab", true },
                { RT_KIND_INT64, RTI_OP_EQ, RTI_MOD_ANYOF, "4|5", RT_KIND_UINT8, 5, "", true },
                { RT_KIND_INT64, RTI_OP_EQ, RTI_MOD_ONEOF, "5|5", RT_KIND_UINT8, 5, "", false },
                { RT_KIND_INT64, RTI_OP_NE, RTI_MOD_ALLOF, "4|6", RT_KIND_UINT8, 5, "", true },
                { RT_KIND_INT64, RTI_OP_NE, RTI_MOD_ALLOF, "4|5", RT_KIND_UINT8, 5, "", false },
                { RT_KIND_STRING, RTI_OP_REGEX, 0, "a.", RT_KIND_STRING, 0, "ab", true },
                { RT_KIND_STRING, RTI_OP_REGEX, 0, "a.", RT_KIND_UINT16, 0x6261, "", false },
        };
        return cr_make_param_array(struct row, rows, RTI_COUNT(rows));
}

ParameterizedTest(struct row *row, dynamic, kinds)
{
        rt_value values[OPS_TEST_CONSTANTS], value = { .kind = row->kind };
        /* Operators that do not go with the promised kind are refused before this. */
        rti_operand_spec spec = { .op = row->op,
                                  .modifier = row->modifier,
                                  .of = RTI_OF_ANY_KIND,
                                  .type = { row->promised, false },
                                  .values = values };
        char *at = row->constants;

        if (rti_kinds[row->kind].hold == RTI_HOLD_STRING)
                value.as.s = rti_str_of(row->text);
        else
                value.as.i = row->number;
        while (at) {
                char *end = strchr(at, '|');

                if (end)
                        *end = '\0';
                values[spec.n++] = constant(row->promised, at);
                at = end ? end + 1 : NULL;
        }
        cr_expect_eq(holds_values(&spec, &value), row->holds, "%s %.*s %s", row->text,
                     RTI_FMT(rti_operators[row->op].text), row->constants);
}

Test(dynamic, lists_cannot_be_of_any_kind)
{
        const rti_operand_spec spec = { .op = RTI_OP_IN,
                                        .of = RTI_OF_ANY_KIND,
                                        .type = { RT_KIND_STRING, true } };
        rti_operand operand;
        rti_arena arena;
        rt_str error, warning;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_expect_eq(rti_operand_build(&arena, &spec, &operand, &error, &warning), RT_EINVAL);
        rti_arena_done(&arena);
}
