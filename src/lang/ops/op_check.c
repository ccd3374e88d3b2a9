/* SPDX-License-Identifier: Apache-2.0 */
/* op_check.c - which operator goes with which kind; the error texts are Falco's. */
#include "lang/ops/family.h"

#define BIT(op) (1u << RTI_OP_##op)

_Static_assert(RTI_N_OPERATORS <= 32, "sets of operators are 32 bits");

enum {
        EQUAL = BIT(EQ) | BIT(EQ2) | BIT(NE),
        ORDER = BIT(LT) | BIT(LE) | BIT(GT) | BIT(GE),
        MEMBER = BIT(IN) | BIT(INTERSECTS),
        PARTS = BIT(CONTAINS) | BIT(STARTSWITH) | BIT(ENDSWITH),
        STRING_OPS = EQUAL | ORDER | MEMBER | PARTS | BIT(ICONTAINS) | BIT(GLOB) | BIT(IGLOB)
                     | BIT(REGEX) | BIT(PMATCH),
        BYTES_OPS = EQUAL | MEMBER | PARTS | BIT(BCONTAINS) | BIT(BSTARTSWITH)
};

/* As messages print it. */
static rt_str
op_text(uint8_t op)
{
        return rti_operators[op == RTI_OP_EQ2 ? RTI_OP_EQ : op].text;
}

static bool
list_kind(uint32_t kind)
{
        return kind == RT_KIND_STRING || kind == RT_KIND_UINT64 || kind == RT_KIND_RELTIME
               || kind == RT_KIND_ABSTIME || kind == RT_KIND_BOOL || kind == RT_KIND_IPADDR
               || kind == RT_KIND_IPNET;
}

static int
check_list(rti_arena *arena, uint8_t op, uint32_t kind, rt_str *ret_error)
{
        if (!list_kind(kind))
                return rti_refuse(arena, ret_error,
                                  "filter error: list filters are not supported for type '%s'",
                                  rti_kinds[kind].falco_name);
        if (MEMBER >> op & 1)
                return RT_OK;
        return rti_refuse(arena, ret_error,
                          "filter error: '%.*s' operator not supported list filters",
                          RTI_FMT(op_text(op)));
}

/* The operators of a kind of scalars, and what a message calls such filters; 0: no operators. */
static uint32_t
scalar_ops(uint32_t kind, const char **ret_what)
{
        *ret_what = "numeric filters";
        if (kind == RT_KIND_BOOL)
                return EQUAL | MEMBER;
        if (rti_kind_is_number(kind))
                return EQUAL | ORDER | MEMBER;
        *ret_what = "string filters";
        if (rti_kind_is_string(kind))
                return STRING_OPS;
        *ret_what = "buffer filters";
        if (kind == RT_KIND_BYTES)
                return BYTES_OPS;
        *ret_what = "ip address and network filters";
        return rti_kinds[kind].hold == RTI_HOLD_ADDRESS ? EQUAL | MEMBER : 0;
}

int
rti_op_check(rti_arena *arena, uint8_t op, uint8_t modifier, rti_type type, rt_str *ret_error)
{
        const char *what;
        uint32_t ops;

        if (op >= RTI_N_OPERATORS || modifier >= RTI_N_MODIFIERS || type.kind > RT_KIND_LIST)
                return RT_EINVAL;
        if (op == RTI_OP_EXISTS)
                return RT_OK;
        if (type.list)
                return check_list(arena, op, type.kind, ret_error);
        ops = scalar_ops(type.kind, &what);
        if (ops >> op & 1)
                return RT_OK;
        if (!ops)
                return rti_refuse(arena, ret_error,
                                  "filter error: '%.*s' operator not supported for type '%s'",
                                  RTI_FMT(op_text(op)), rti_kinds[type.kind].falco_name);
        return rti_refuse(arena, ret_error, "filter error: '%.*s' %s not supported for %s",
                          RTI_FMT(op_text(op)),
                          modifier != RTI_MOD_NONE && rti_kinds[type.kind].hold == RTI_HOLD_ADDRESS
                                  ? "with modifier"
                                  : "operator",
                          what);
}

int
rti_compare_check(rti_arena *arena, uint8_t op, uint8_t modifier, rti_type type, rt_str *ret_error)
{
        char name[16] = "";
        rt_str text;

        if (op >= RTI_N_OPERATORS || op == RTI_OP_EXISTS || modifier != RTI_MOD_NONE
            || type.kind > RT_KIND_LIST)
                return RT_EINVAL;
        text = op_text(op);
        if (rti_operators[op].flags & RTI_OPERATOR_NO_RHS_FIELD) {
                for (size_t i = 0; i < text.len && i < sizeof name - 1; i++)
                        name[i] = (char) (text.ptr[i] & ~0x20);
                return rti_refuse(arena, ret_error,
                                  "operator '%s' doesn't support right-hand side fields", name);
        }
        if (type.kind == RT_KIND_IPNET)
                return rti_refuse(arena, ret_error,
                                  "filter error: right-hand side fields are not supported for type "
                                  "'IPNET'");
        return rti_op_check(arena, op, modifier, type, ret_error);
}
