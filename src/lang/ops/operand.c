/* SPDX-License-Identifier: Apache-2.0 */
/*
 * operand.c - prepare the right-hand side of a condition: constants are copied, the operator's
 * family chooses the test, and a modifier wraps one test per constant.
 */
#include "lang/ops/family.h"

static bool
exists(const rti_operand *operand, const rt_value *value, void *scratch)
{
        (void) operand;
        (void) value;
        (void) scratch;
        return true;
}

/* ---- modifiers: aux is one operand per constant; without constants they are false ---- */

static bool
any_of(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rti_operand *each = operand->aux;

        for (uint32_t i = 0; i < operand->n; i++)
                if (each[i].test(&each[i], value, scratch))
                        return true;
        return false;
}

static bool
all_of(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rti_operand *each = operand->aux;

        for (uint32_t i = 0; i < operand->n; i++)
                if (!each[i].test(&each[i], value, scratch))
                        return false;
        return operand->n > 0;
}

/* A constant that is written twice counts twice. */
static bool
one_of(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rti_operand *each = operand->aux;
        uint32_t hits = 0;

        for (uint32_t i = 0; i < operand->n && hits < 2; i++)
                hits += each[i].test(&each[i], value, scratch);
        return hits == 1;
}

/* `= anyof` and `!= allof` are membership; aux is the operand of `in`, which for strings does not
 * expect what is behind a NUL. */
static bool
in_set(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rti_operand *set = operand->aux;
        rt_value cut;

        if (!rti_kind_is_string(operand->type.kind))
                return set->test(set, value, scratch);
        cut.as.s = rti_cut(value->as.s);
        return set->test(set, &cut, scratch);
}

static bool
not_in_set(const rti_operand *operand, const rt_value *value, void *scratch)
{
        return !in_set(operand, value, scratch);
}

/* ---- lists of which some or all elements have to pass: aux is the operand of one ---- */

static bool
some_pass(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rti_operand *one = operand->aux;

        for (uint32_t i = 0; i < value->count; i++)
                if (one->test(one, &value->as.list[i], scratch))
                        return true;
        return false;
}

static bool
all_pass(const rti_operand *operand, const rt_value *value, void *scratch)
{
        const rti_operand *one = operand->aux;

        for (uint32_t i = 0; i < value->count; i++)
                if (!one->test(one, &value->as.list[i], scratch))
                        return false;
        return value->count > 0;
}

/* ---- building ---- */

static int
family_build(rti_build *build, rti_operand *operand)
{
        const enum rti_hold hold = rti_kinds[operand->type.kind].hold;

        switch (operand->op) {
        case RTI_OP_EXISTS:
                operand->test = exists;
                return RT_OK;
        case RTI_OP_IN:
        case RTI_OP_INTERSECTS:
                return rti_set_build(build, operand);
        case RTI_OP_PMATCH:
                return rti_pmatch_build(build, operand);
        default:
                break;
        }
        if (operand->n != 1 || operand->type.list)
                return RT_EINVAL;
        if (operand->op == RTI_OP_GLOB || operand->op == RTI_OP_IGLOB)
                return rti_glob_build(build, operand);
        if (operand->op == RTI_OP_REGEX)
                return rti_regex_build(build, operand);
        if (rti_kind_is_string(operand->type.kind))
                return rti_string_build(build, operand);
        if (operand->type.kind == RT_KIND_BYTES)
                return rti_bytes_build(build, operand);
        if (hold == RTI_HOLD_ADDRESS)
                return rti_net_build(build, operand);
        return rti_number_build(build, operand);
}

static bool
is_membership(const rti_operand *operand)
{
        const uint32_t kind = operand->type.kind;

        if (operand->n == 0 || kind == RT_KIND_IPNET || kind == RT_KIND_DOUBLE)
                return false;
        return (operand->op == RTI_OP_EQ && operand->modifier == RTI_MOD_ANYOF)
               || (operand->op == RTI_OP_NE && operand->modifier == RTI_MOD_ALLOF);
}

static int
membership_build(rti_build *build, rti_operand *operand)
{
        rti_operand *set = RTI_NEW(build->arena, rti_operand);

        if (!set)
                return RT_ENOMEM;
        *set = *operand;
        set->op = RTI_OP_IN;
        operand->aux = set;
        operand->test = operand->op == RTI_OP_EQ ? in_set : not_in_set;
        return rti_set_build(build, set);
}

static int
modified_build(rti_build *build, rti_operand *operand)
{
        static rti_test_fn *const tests[RTI_N_MODIFIERS] = {
                [RTI_MOD_ONEOF] = one_of,
                [RTI_MOD_ANYOF] = any_of,
                [RTI_MOD_ALLOF] = all_of,
        };
        rti_operand *each;
        int r;

        if (is_membership(operand))
                return membership_build(build, operand);
        each = RTI_NEWN(build->arena, rti_operand, operand->n);
        if (!each)
                return RT_ENOMEM;
        operand->aux = each;
        operand->test = tests[operand->modifier];
        for (uint32_t i = 0; i < operand->n; i++) {
                each[i] = (rti_operand){ .op = operand->op,
                                         .type = operand->type,
                                         .n = 1,
                                         .values = &operand->values[i] };
                r = family_build(build, &each[i]);
                if (r < 0)
                        return r;
        }
        return RT_OK;
}

static int
copy_values(rti_arena *arena, const rti_operand_spec *spec, const rt_value **ret_values)
{
        rt_value *values = RTI_NEWN(arena, rt_value, spec->n);

        if (!values)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < spec->n; i++) {
                if (spec->values[i].kind != spec->type.kind)
                        return RT_EINVAL;
                values[i] = spec->values[i];
                if (rti_kinds[values[i].kind].hold == RTI_HOLD_STRING) {
                        values[i].as.s = rti_arena_copy(arena, values[i].as.s);
                        if (!values[i].as.s.ptr)
                                return RT_ENOMEM;
                }
        }
        *ret_values = values;
        return RT_OK;
}

/* Put the operand of one value, which is complete, behind that of what is tested. */
static int
wrap(rti_arena *arena, uint8_t of, rti_operand *operand)
{
        static rti_test_fn *const tests[] = { [RTI_OF_ANY] = some_pass,
                                              [RTI_OF_ALL] = all_pass,
                                              [RTI_OF_ANY_KIND] = rti_dynamic_test };
        rti_operand *one;

        if (of == RTI_OF_ONE)
                return RT_OK;
        one = RTI_NEW(arena, rti_operand);
        if (!one)
                return RT_ENOMEM;
        *one = *operand;
        operand->of = of;
        operand->aux = one;
        operand->test = tests[of];
        return RT_OK;
}

int
rti_operand_build(rti_arena *arena, const rti_operand_spec *spec, rti_operand *ret_operand,
                  rt_str *ret_error, rt_str *ret_warning)
{
        rti_operand operand = { .op = spec->op == RTI_OP_EQ2 ? RTI_OP_EQ : spec->op,
                                .modifier = spec->modifier,
                                .type = spec->type,
                                .n = spec->n };
        rti_build build = { .arena = arena };
        int r;

        if (spec->op >= RTI_N_OPERATORS || spec->modifier >= RTI_N_MODIFIERS
            || spec->type.kind > RT_KIND_LIST || spec->of > RTI_OF_ANY_KIND
            || (spec->of != RTI_OF_ONE && spec->type.list))
                return RT_EINVAL;
        r = copy_values(arena, spec, &operand.values);
        if (r == RT_OK)
                r = operand.modifier == RTI_MOD_NONE ? family_build(&build, &operand)
                                                     : modified_build(&build, &operand);
        if (r == RT_OK)
                r = wrap(arena, spec->of, &operand);
        if (r < 0) {
                rti_operand_done(&operand);
                if (r == RT_ERULES)
                        *ret_error = build.error;
                return r;
        }
        *ret_operand = operand;
        *ret_warning = build.warning.ptr ? build.warning : RTI_STR("");
        return RT_OK;
}

void
rti_operand_done(rti_operand *operand)
{
        rti_operand *each = operand->aux;

        if (operand->op != RTI_OP_REGEX || !each)
                return;
        if (operand->of != RTI_OF_ONE) {
                rti_operand_done(each);
                return;
        }
        if (operand->modifier == RTI_MOD_NONE) {
                rti_regex_done(operand);
                return;
        }
        for (uint32_t i = 0; i < operand->n; i++)
                if (each[i].op == RTI_OP_REGEX)
                        rti_regex_done(&each[i]);
}
