/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ops_string.c - comparisons and searches in strings.
 *
 * Strings end at their first NUL here, whatever length they claim; constants hold none. So a value
 * need not be searched for a NUL before it is compared: a difference or a hit in front of it
 * decides.
 */
#include "lang/ops/family.h"

static bool
string_eq(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return rti_cut_eq(value->as.s, operand->values[0].as.s);
}

static bool
string_ne(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return !rti_cut_eq(value->as.s, operand->values[0].as.s);
}

#define ORDER(name, sign)                                                                  \
        static bool name(const rti_operand *operand, const rt_value *value, void *scratch) \
        {                                                                                  \
                (void) scratch;                                                            \
                return rti_str_cmp(rti_cut(value->as.s), operand->values[0].as.s) sign 0;  \
        }
ORDER(string_lt, <)
ORDER(string_le, <=)
ORDER(string_gt, >)
ORDER(string_ge, >=)

/* Does the text that was found at @a at end before the first NUL? */
static bool
found(rt_str s, size_t at)
{
        return at != SIZE_MAX && (at == 0 || !memchr(s.ptr, '\0', at));
}

static bool
string_contains(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) scratch;
        return found(value->as.s, rti_find(value->as.s, operand->values[0].as.s));
}

static bool
string_icontains(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rt_str *needle = operand->aux;

        (void) scratch;
        return found(value->as.s, rti_find_fold(value->as.s, *needle));
}

static bool
string_startswith(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rt_str text = operand->values[0].as.s;

        (void) scratch;
        return text.len == 0 || rti_str_starts(value->as.s, text);
}

static bool
string_endswith(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rt_str text = operand->values[0].as.s;

        (void) scratch;
        return text.len == 0 || rti_str_ends(rti_cut(value->as.s), text);
}

static int
icontains_build(rti_build *build, rti_operand *operand)
{
        rt_str *needle = RTI_NEW(build->arena, rt_str);
        char *lower = rti_arena_get(build->arena, operand->values[0].as.s.len + 1);

        if (!needle || !lower)
                return RT_ENOMEM;
        *needle = (rt_str){ lower, operand->values[0].as.s.len };
        for (size_t i = 0; i < needle->len; i++)
                lower[i] = (char) rti_lower((unsigned char) operand->values[0].as.s.ptr[i]);
        operand->aux = needle;
        return RT_OK;
}

int
rti_string_build(rti_build *build, rti_operand *operand)
{
        static rti_test_fn *const tests[RTI_N_OPERATORS] = {
                [RTI_OP_EQ] = string_eq,
                [RTI_OP_NE] = string_ne,
                [RTI_OP_LT] = string_lt,
                [RTI_OP_LE] = string_le,
                [RTI_OP_GT] = string_gt,
                [RTI_OP_GE] = string_ge,
                [RTI_OP_CONTAINS] = string_contains,
                [RTI_OP_ICONTAINS] = string_icontains,
                [RTI_OP_STARTSWITH] = string_startswith,
                [RTI_OP_ENDSWITH] = string_endswith,
        };

        operand->test = tests[operand->op];
        if (operand->op == RTI_OP_ICONTAINS)
                return icontains_build(build, operand);
        return operand->test ? RT_OK : RT_EINVAL;
}
