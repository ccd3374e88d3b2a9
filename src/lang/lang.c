/* SPDX-License-Identifier: Apache-2.0 */
/* lang.c - names of the language's vocabulary, made from the .def tables. */
#include "lang/lang.h"
#include <libruntime/runtime.h>
#include <strings.h>

#define WORD         RTI_OPERATOR_WORD
#define NO_RHS_FIELD RTI_OPERATOR_NO_RHS_FIELD
const rti_operator_info rti_operators[RTI_N_OPERATORS] = {
#define OPERATOR(id, text, family, flags, cost, help) \
        [RTI_OP_##id] = { RTI_STR_INIT(text), RTI_RHS_##family, flags, cost, help },
#include "lang/operators.def"
#undef OPERATOR
};
#undef WORD
#undef NO_RHS_FIELD

const rti_name_help rti_modifiers[RTI_N_MODIFIERS] = {
        [RTI_MOD_NONE] = { RTI_STR_INIT(""), "" },
#define MODIFIER(id, text, help) [RTI_MOD_##id] = { RTI_STR_INIT(text), help },
#include "lang/modifiers.def"
#undef MODIFIER
};

const rti_name_help rti_transformers[RTI_N_TRANSFORMERS] = {
#define TRANSFORMER(id, name, args, help) [RTI_TR_##id] = { RTI_STR_INIT(name), help },
#include "lang/transformers.def"
#undef TRANSFORMER
};

enum { ONE = 0, MANY = 1 };
const bool rti_transformer_many[RTI_N_TRANSFORMERS] = {
#define TRANSFORMER(id, name, args, help) [RTI_TR_##id] = args,
#include "lang/transformers.def"
#undef TRANSFORMER
};

const rti_kind_info rti_kinds[RT_KIND_LIST + 1] = {
#define KIND(id, number, name, falco, hold) [RT_KIND_##id] = { name, falco, RTI_HOLD_##hold },
#include "lang/kinds.def"
#undef KIND
};

#define KIND(id, number, name, falco, hold) \
        _Static_assert(RT_KIND_##id == (number), "kinds.def and types.h differ: " name);
#include "lang/kinds.def"
#undef KIND

#define STATUS(id, number, meaning) \
        _Static_assert(RT_##id == (number), "status.def and types.h differ: " #id);
#include "lang/status.def"
#undef STATUS

const char *
rt_status_name(int status)
{
        switch (status) {
#define STATUS(id, number, meaning) \
        case number:                \
                return "RT_" #id;
#include "lang/status.def"
#undef STATUS
        default:
                return status > 0 ? "RT_OK" : "RT_E?";
        }
}

static const char *const priority_names[] = {
#define PRIORITY(id, number, name, short_name) [number] = name,
#include "lang/priorities.def"
#undef PRIORITY
};

const char *
rt_priority_name(uint32_t priority)
{
        return priority < RTI_COUNT(priority_names) ? priority_names[priority] : NULL;
}

int
rt_priority_parse(const char *name)
{
        if (!name)
                return RT_ENOENT;
        for (size_t i = 0; i < RTI_COUNT(priority_names); i++)
                if (strcasecmp(name, priority_names[i]) == 0)
                        return (int) i;
        return strcasecmp(name, "INFO") == 0 ? RT_PRIORITY_INFORMATIONAL : RT_ENOENT;
}

/* ---- lists that change at run time ---- */

uint32_t
rti_list_kind_of(uint32_t kind)
{
        switch (rti_kinds[kind].hold) {
        case RTI_HOLD_STRING:
                return RT_KIND_STRING;
        case RTI_HOLD_ADDRESS:
                return RT_KIND_IPNET;
        case RTI_HOLD_SIGNED:
        case RTI_HOLD_UNSIGNED:
                return kind == RT_KIND_BOOL ? RT_KIND_NONE : RT_KIND_INT64;
        default:
                return RT_KIND_NONE;
        }
}

const char *
rti_list_kind_name(uint32_t list_kind)
{
        return list_kind == RT_KIND_IPNET ? "ip" : list_kind == RT_KIND_INT64 ? "number" : "string";
}

bool
rti_op_asks_lists(uint8_t op)
{
        return op == RTI_OP_IN || op == RTI_OP_INTERSECTS || op == RTI_OP_PMATCH;
}
