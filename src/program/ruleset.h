/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ruleset.h - a compiled ruleset as the engine uses it.
 *
 * A ruleset is a verified program (program.h: one block of offsets) and what is bound to it once,
 * when it is made: prepared operands, C strings for the API, output formats with slot numbers.
 * Immutable afterwards and shared between threads; counted atomically.
 *
 * A slot is (source, field, argument, transformers): something with a value. All of this is indexed
 * by the numbers that the program uses.
 */
#ifndef RTI_PROGRAM_RULESET_H
#define RTI_PROGRAM_RULESET_H

#include "base/arena.h"
#include "lang/ops/ops.h"
#include <libruntime/runtime.h>
#include <stdatomic.h>

enum {
        RTI_NO_SLOT = 0xffffffff
};

enum rti_slot_what {
        RTI_SLOT_FIELD,     /* field, arg, index, key */
        RTI_SLOT_TRANSFORM, /* transformer over args[], selector */
        RTI_SLOT_CONST,     /* constant; only below a transformer */
        RTI_SLOT_LIST       /* args[] as a list of texts; only below a transformer */
};

typedef struct rti_slot {
        uint8_t what;        /* enum rti_slot_what */
        uint8_t transformer; /* enum rti_transformer */
        bool output_only;    /* no condition needs it */
        uint8_t arg;         /* RT_ARG_* */
        uint32_t source;     /* number within the ruleset: rti_ruleset_source */
        rti_type type;
        uint32_t format; /* RT_FORMAT_* of the field; of a transformer: of what it gives */
        uint32_t n_args;
        const uint32_t *args; /* slots, each lower than this one */
        rt_str field;         /* FIELD: its name, "ct.user" */
        rt_str key;           /* FIELD: the argument's text; TRANSFORM: the selector */
        uint64_t index;       /* FIELD with RT_ARG_INDEX */
        bool has_selector;
        rt_value constant;
} rti_slot;

/* ---- output formats ---- */

typedef struct rti_out_token {
        rt_str text;    /* literal text, when slot is RTI_NO_SLOT */
        rt_str name;    /* as in output_fields: "toupper(proc.name)" */
        uint32_t slot;  /* what to print */
        uint32_t width; /* 0: as long as it is */
} rti_out_token;

typedef struct rti_out_field {
        rt_str name;
        uint32_t slot;
} rti_out_field;

typedef struct rti_out_format {
        const rti_out_token *tokens;
        const rti_out_field *fields; /* for output_fields, unique by name */
        uint32_t n_tokens, n_fields;
        bool lenient; /* missing values print as <NA> */
} rti_out_format;

/* What append_output adds to output_fields. */
typedef struct rti_out_extra {
        rt_str key;
        bool text; /* the value is the rendered format, a string; else the format's one slot */
        rti_out_format format;
} rti_out_extra;

typedef struct rti_rule_row {
        rt_rule_info info;
        uint32_t source; /* number within the ruleset */
        rti_out_format output;
        const rti_out_extra *extra;
        uint32_t n_extra;
} rti_rule_row;

typedef struct rti_program rti_program;

struct rt_ruleset {
        atomic_size_t refs;
        rt_allocator allocator;
        rti_arena arena;      /* all that is bound */
        rti_program *program; /* one block */
        uint32_t n_sources;
        const rt_str *sources; /* names; C strings */
        uint32_t n_slots;
        const rti_slot *slots;
        uint32_t n_preds;
        rti_operand *operands; /* one per predicate; of those that have constants */
        uint32_t n_rules;
        const rti_rule_row *rules; /* in evaluation order; enabled ones only */
};

#endif
