/* SPDX-License-Identifier: Apache-2.0 */
/* Every operator on every kind: allowed, or refused with the reference's words. */
#include "ops_test.h"
#include <criterion/parameterized.h>

typedef struct check_row {
        uint32_t kind;
        bool list;
        uint8_t op, modifier;
        char message[96]; /* empty: allowed */
} check_row;

ParameterizedTestParameters(op_check, refusals_say_what_the_reference_says)
{
        static check_row rows[] = {
                { RT_KIND_STRING, false, RTI_OP_BCONTAINS, 0,
                  "filter error: 'bcontains' operator not supported for string filters" },
                { RT_KIND_UINT64, false, RTI_OP_CONTAINS, 0,
                  "filter error: 'contains' operator not supported for numeric filters" },
                { RT_KIND_BOOL, false, RTI_OP_LT, 0,
                  "filter error: '<' operator not supported for numeric filters" },
                { RT_KIND_BYTES, false, RTI_OP_GLOB, 0,
                  "filter error: 'glob' operator not supported for buffer filters" },
                { RT_KIND_IPADDR, false, RTI_OP_LE, 0,
                  "filter error: '<=' operator not supported for ip address and network filters" },
                { RT_KIND_IPNET, false, RTI_OP_REGEX, RTI_MOD_ALLOF,
                  "filter error: 'regex' with modifier not supported for ip address and network "
                  "filters" },
                { RT_KIND_STRING, true, RTI_OP_EQ2, 0,
                  "filter error: '=' operator not supported list filters" },
                { RT_KIND_STRING, true, RTI_OP_PMATCH, 0,
                  "filter error: 'pmatch' operator not supported list filters" },
                { RT_KIND_INT32, true, RTI_OP_IN, 0,
                  "filter error: list filters are not supported for type 'INT32'" },
                { RT_KIND_DYNAMIC, false, RTI_OP_EQ2, 0,
                  "filter error: '=' operator not supported for type 'DYN'" },
                { RT_KIND_DYNAMIC, false, RTI_OP_EXISTS, 0, "" },
                { RT_KIND_STRING, true, RTI_OP_EXISTS, 0, "" },
                { RT_KIND_STRING, true, RTI_OP_INTERSECTS, 0, "" },
                { RT_KIND_RELPATH, false, RTI_OP_PMATCH, 0, "" },
                { RT_KIND_BYTES, false, RTI_OP_ENDSWITH, 0, "" },
                { RT_KIND_BYTES, false, RTI_OP_BSTARTSWITH, 0, "" },
                { RT_KIND_IPNET, false, RTI_OP_NE, RTI_MOD_ANYOF, "" },
                { RT_KIND_DOUBLE, false, RTI_OP_GE, 0, "" },
        };

        return cr_make_param_array(check_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(check_row *row, op_check, refusals_say_what_the_reference_says)
{
        rti_arena arena;
        rt_str error = { NULL, 0 };
        int r;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        r = rti_op_check(&arena, row->op, row->modifier, (rti_type){ row->kind, row->list },
                         &error);
        cr_assert_eq(r, row->message[0] ? RT_ERULES : RT_OK);
        cr_assert(rti_str_is(error, row->message), "%.*s", RTI_FMT(error));
        rti_arena_done(&arena);
}

Test(op_check, some_operators_take_no_field_on_the_right)
{
        rti_arena arena;
        rt_str error;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_compare_check(&arena, RTI_OP_PMATCH, 0, STRING_TYPE, &error), RT_ERULES);
        cr_assert(rti_str_is(error, "operator 'PMATCH' doesn't support right-hand side fields"));
        cr_assert_eq(rti_compare_check(&arena, RTI_OP_REGEX, 0, STRING_TYPE, &error), RT_ERULES);
        cr_assert_eq(
                rti_compare_check(&arena, RTI_OP_EQ, 0, (rti_type){ RT_KIND_IPNET, false }, &error),
                RT_ERULES);
        cr_assert_eq(rti_compare_check(&arena, RTI_OP_GLOB, 0, STRING_TYPE, &error), RT_OK);
        rti_arena_done(&arena);
}

/* What passes the check can be built, and the other way round nothing is asked to build more. */
Test(op_check, whatever_is_allowed_can_be_built)
{
        for (uint32_t kind = RT_KIND_BOOL; kind <= RT_KIND_ABSTIME; kind++)
                for (uint8_t op = 0; op < RTI_N_OPERATORS; op++)
                        for (uint8_t mod = 0; mod < RTI_N_MODIFIERS; mod++) {
                                const rti_type type = { kind, false };
                                const bool ip = rti_kinds[kind].hold == RTI_HOLD_ADDRESS;
                                rt_value value = constant(kind, kind == RT_KIND_BOOL       ? "true"
                                                                : kind == RT_KIND_IPNET    ? "::/1"
                                                                : ip                       ? "::"
                                                                : rti_kind_is_number(kind) ? "10"
                                                                                           : "ab");
                                const rti_operand_spec spec = { op, mod, type, 1, &value };
                                rti_operand operand;
                                rti_arena arena;
                                rt_str error, warning;

                                rti_arena_init(&arena, &rti_alloc_default, 0);
                                if (rti_op_check(&arena, op, mod, type, &error) == RT_OK) {
                                        cr_assert_eq(rti_operand_build(&arena, &spec, &operand,
                                                                       &error, &warning),
                                                     RT_OK, "%u %u %u", kind, op, mod);
                                        cr_assert_not_null(operand.test);
                                        rti_operand_done(&operand);
                                }
                                rti_arena_done(&arena);
                        }
}
