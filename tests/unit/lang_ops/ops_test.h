/* SPDX-License-Identifier: Apache-2.0 */
/* ops_test.h - short ways to say `value op constants` in tests. */
#ifndef OPS_TEST_H
#define OPS_TEST_H

#include "base/alloc.h"
#include "lang/ops/ops.h"
#include <criterion/criterion.h>

enum { OPS_TEST_CONSTANTS = 64 };

static const rti_type STRING_TYPE = { RT_KIND_STRING, false };

static inline rt_value
text_value(const char *text)
{
        return (rt_value){ .kind = RT_KIND_STRING, .as.s = rti_str_of(text) };
}

static inline rt_value
bytes_value(const char *bytes, size_t len)
{
        return (rt_value){ .kind = RT_KIND_BYTES, .as.s = { bytes, len } };
}

static inline rt_value
unsigned_value(uint64_t u)
{
        return (rt_value){ .kind = RT_KIND_UINT64, .as.u = u };
}

/* Parse a constant that must be good. Strings are not copied. */
static inline rt_value
constant(uint32_t kind, const char *text)
{
        rti_arena arena;
        rt_value value = { .kind = RT_KIND_NONE };
        rt_str error;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_const_parse(&arena, kind, rti_str_of(text), &value, &error), RT_OK,
                     "'%s' is refused", text);
        rti_arena_done(&arena);
        return value;
}

/* Run one test. */
static inline bool
holds_values(const rti_operand_spec *spec, const rt_value *value)
{
        rti_op_scratch *scratch = NULL;
        rti_operand operand;
        rti_arena arena;
        rt_str error, warning;
        bool result;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_operand_build(&arena, spec, &operand, &error, &warning), RT_OK);
        if (spec->op == RTI_OP_REGEX)
                cr_assert_eq(rti_op_scratch_new(&rti_alloc_default, &scratch), RT_OK);
        result = rti_operand_test(&operand, value, scratch);
        rti_op_scratch_free(scratch);
        rti_operand_done(&operand);
        rti_arena_done(&arena);
        return result;
}

/* Against constants separated by '|' (an empty string: one empty constant). */
static inline bool
holds_modified(uint8_t op, uint8_t modifier, rti_type type, const rt_value *value,
               const char *constants)
{
        rt_value values[OPS_TEST_CONSTANTS];
        rti_operand_spec spec = { .op = op, .modifier = modifier, .type = type, .values = values };
        char copy[4096];
        char *at = copy;

        cr_assert(strlen(constants) < sizeof copy);
        memcpy(copy, constants, strlen(constants) + 1);
        while (at) {
                char *end = strchr(at, '|');

                if (end)
                        *end = '\0';
                cr_assert(spec.n < OPS_TEST_CONSTANTS);
                values[spec.n++] = constant(type.kind, at);
                at = end ? end + 1 : NULL;
        }
        return holds_values(&spec, value);
}

static inline bool
holds(uint8_t op, const char *text, const char *constants)
{
        const rt_value value = text_value(text);

        return holds_modified(op, RTI_MOD_NONE, STRING_TYPE, &value, constants);
}

#endif
