/* SPDX-License-Identifier: Apache-2.0 */
/* ops_bytes.c - comparisons and searches in byte buffers: every byte counts, NULs too. */
#include "lang/ops/family.h"

static bool
bytes_eq(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return rti_str_eq(value->as.s, operand->values[0].as.s);
}

static bool
bytes_ne(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return !rti_str_eq(value->as.s, operand->values[0].as.s);
}

static bool
bytes_contains(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return rti_find(value->as.s, operand->values[0].as.s) != SIZE_MAX;
}

static bool
bytes_startswith(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rt_str text = operand->values[0].as.s;

        (void) scratch;
        return text.len == 0 || rti_str_starts(value->as.s, text);
}

static bool
bytes_endswith(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rt_str text = operand->values[0].as.s;

        (void) scratch;
        return text.len == 0 || rti_str_ends(value->as.s, text);
}

static int
hex_digit(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        c |= 0x20;
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The constant, written in hex, becomes the bytes it stands for. */
static int
unhex(rti_build *build, rti_operand *operand)
{
        const rt_str text = operand->values[0].as.s;
        rt_value *value = RTI_NEW(build->arena, rt_value);
        char *bytes = rti_arena_get(build->arena, text.len / 2 + 1);
        bool good = text.len % 2 == 0;

        if (!value || !bytes)
                return RT_ENOMEM;
        for (size_t i = 0; good && i < text.len; i += 2) {
                const int high = hex_digit(text.ptr[i]), low = hex_digit(text.ptr[i + 1]);

                good = high >= 0 && low >= 0;
                bytes[i / 2] = (char) (unsigned char) (high * 16 + low);
        }
        if (!good)
                return rti_refuse(build->arena, &build->error,
                                  "filter error: bcontains and bstartswith operator support hex "
                                  "strings only");
        *value = operand->values[0];
        value->as.s = (rt_str){ bytes, text.len / 2 };
        operand->values = value;
        return RT_OK;
}

int
rti_bytes_build(rti_build *build, rti_operand *operand)
{
        static rti_test_fn *const tests[RTI_N_OPERATORS] = {
                [RTI_OP_EQ] = bytes_eq,
                [RTI_OP_NE] = bytes_ne,
                [RTI_OP_CONTAINS] = bytes_contains,
                [RTI_OP_STARTSWITH] = bytes_startswith,
                [RTI_OP_ENDSWITH] = bytes_endswith,
                [RTI_OP_BCONTAINS] = bytes_contains,
                [RTI_OP_BSTARTSWITH] = bytes_startswith,
        };

        operand->test = tests[operand->op];
        if (operand->op == RTI_OP_BCONTAINS || operand->op == RTI_OP_BSTARTSWITH)
                return unhex(build, operand);
        return operand->test ? RT_OK : RT_EINVAL;
}
