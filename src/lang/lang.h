/* SPDX-License-Identifier: Apache-2.0 */
/* lang.h - the language's vocabulary as C: enums made from the .def tables, and their names. */
#ifndef RTI_LANG_LANG_H
#define RTI_LANG_LANG_H

#include "base/str.h"

enum rti_operator {
#define OPERATOR(id, text, family, flags, cost, help) RTI_OP_##id,
#include "lang/operators.def"
#undef OPERATOR
        RTI_N_OPERATORS
};

enum rti_operator_family { RTI_RHS_NONE, RTI_RHS_NUMBER, RTI_RHS_STRING, RTI_RHS_LIST };

enum { RTI_OPERATOR_WORD = 1, RTI_OPERATOR_NO_RHS_FIELD = 2 };

enum rti_modifier {
        RTI_MOD_NONE,
#define MODIFIER(id, text, help) RTI_MOD_##id,
#include "lang/modifiers.def"
#undef MODIFIER
        RTI_N_MODIFIERS
};

enum rti_transformer {
#define TRANSFORMER(id, name, args, help) RTI_TR_##id,
#include "lang/transformers.def"
#undef TRANSFORMER
        RTI_N_TRANSFORMERS
};

enum rti_hold {
        RTI_HOLD_NONE,
        RTI_HOLD_UNSIGNED,
        RTI_HOLD_SIGNED,
        RTI_HOLD_DOUBLE,
        RTI_HOLD_STRING,
        RTI_HOLD_ADDRESS,
        RTI_HOLD_LIST
};

enum rti_limit {
#define LIMIT(id, value, what) RTI_LIMIT_##id,
#include "lang/limits.def"
#undef LIMIT
        RTI_N_LIMITS
};

/* Defaults, usable in constant expressions: RTI_MAX_CONDITION_DEPTH ... */
enum {
#define LIMIT(id, value, what) RTI_MAX_##id = (value),
#include "lang/limits.def"
#undef LIMIT
};

typedef struct rti_operator_info {
        rt_str text;
        uint8_t family; /* enum rti_operator_family */
        uint8_t flags;  /* RTI_OPERATOR_* */
        uint16_t cost_ns;
        const char *help;
} rti_operator_info;

typedef struct rti_name_help {
        rt_str name;
        const char *help;
} rti_name_help;

typedef struct rti_kind_info {
        const char *name;       /* "string" */
        const char *falco_name; /* "CHARBUF" */
        enum rti_hold hold;
} rti_kind_info;

extern const rti_operator_info rti_operators[RTI_N_OPERATORS];
extern const rti_name_help rti_modifiers[RTI_N_MODIFIERS];
extern const rti_name_help rti_transformers[RTI_N_TRANSFORMERS];
extern const bool rti_transformer_many[RTI_N_TRANSFORMERS]; /* several arguments */
extern const rti_kind_info rti_kinds[RT_KIND_LIST + 1];

static inline bool
rti_kind_is_string(uint32_t kind)
{
        return kind == RT_KIND_STRING || kind == RT_KIND_PATH || kind == RT_KIND_RELPATH;
}

/* What a list that changes at run time has to hold so that values of the kind can be looked up in
 * it: RT_KIND_STRING, INT64, IPNET, or NONE. */
uint32_t rti_list_kind_of(uint32_t kind);
/* What rules call such a list: "string", "number", "ip". */
const char *rti_list_kind_name(uint32_t list_kind);
/* May the operator ask one? */
bool rti_op_asks_lists(uint8_t op);

static inline bool
rti_kind_is_number(uint32_t kind)
{
        const enum rti_hold hold = rti_kinds[kind].hold;

        return kind != RT_KIND_BOOL
               && (hold == RTI_HOLD_UNSIGNED || hold == RTI_HOLD_SIGNED || hold == RTI_HOLD_DOUBLE);
}

#endif
