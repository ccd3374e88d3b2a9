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
#include "base/buf.h"
#include "lang/ops/ops.h"
#include "program/program.h"
#include <libruntime/runtime.h>
#include <stdatomic.h>

enum { RTI_NO_SLOT = 0xffffffff };

enum rti_slot_what {
        RTI_SLOT_FIELD,     /* field, arg, index, key */
        RTI_SLOT_TRANSFORM, /* transformer over args[], selector */
        RTI_SLOT_CONST,     /* constant; only below a transformer */
        RTI_SLOT_LIST,      /* args[] as a list of texts; only below a transformer */
        RTI_SLOT_LISTED     /* is args[0] in the list `field`, which changes at run time? */
};

typedef struct rti_slot {
        uint8_t what;        /* enum rti_slot_what */
        uint8_t transformer; /* enum rti_transformer; LISTED: enum rti_operator */
        bool output_only;    /* no condition needs it */
        uint8_t arg;         /* RT_ARG_* */
        uint32_t source;     /* number within the ruleset: an index into rt_ruleset.sources */
        rti_type type;
        uint32_t format; /* RT_FORMAT_* of the field; of a transformer: of what it gives */
        uint32_t n_args;
        const uint32_t *args; /* slots, each lower than this one; of a field: what it reads */
        rt_str field;         /* FIELD: its name, "ct.user"; LISTED: the list's */
        rt_str key;           /* FIELD: the argument's text; TRANSFORM: the selector; LISTED: the
                                 operator's */
        uint64_t index;       /* FIELD with RT_ARG_INDEX */
        bool has_selector;
        bool all_differ; /* with RT_ARG_ANY: `!=` holds for every element or not at all */
        bool dynamic;    /* the value's kind is known per event only */
        bool of_subject; /* the same in all events of one subject */
        bool restless;   /* what it gives depends on when it is asked */
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
        bool text; /* the value is the rendered format, a string; else the format's one slot. Of
                      those that are asked: RTI_EXTRA_ALSO */
        rti_out_format format;
} rti_out_extra;

typedef struct rti_rule_row {
        rt_rule_info info;
        uint32_t number; /* its own, and its source's, within the ruleset */
        uint32_t source;
        rti_out_format output;
        const rti_out_extra *extra; /* n_extra, then n_asked */
        uint32_t n_extra;
        uint32_t n_asked; /* fields that are asked about each match: RTI_EXTRA_ASKED */
        bool also;        /* the rule does not take part in RT_MATCH_FIRST */
} rti_rule_row;

struct rt_ruleset {
        atomic_size_t refs;
        rt_allocator allocator;
        rti_arena arena;            /* all that is bound */
        const rti_program *program; /* one block; verified */
        bool borrowed;              /* the block is the caller's */
        rti_program_view p;         /* its tables */
        uint32_t n_bound;           /* operands that rti_operand_done must be called for */
        rti_operand *operands;      /* per predicate; of those that are tested, others are empty */
        const rti_slot *slots;      /* p.n_slots */
        const rt_str *sources;      /* p.n_sources names */
        const rti_rule_row *rules;  /* p.n_rules, in evaluation order; enabled ones only */
        bool any_also;
        struct rti_registry *registry; /* whose fields it names: a reference; NULL: the engine's */
};

/* Verify @a program and bind it. The block becomes the ruleset's, also on failure (it is freed with
 * @a allocator then). RT_OK, RT_EFORMAT with *ret_why (static), RT_ENOMEM. */
int rti_ruleset_bind(const rt_allocator *allocator, rti_program *program, size_t size_bytes,
                     rt_ruleset **ret_rules, const char **ret_why);

/* The same; the block stays the caller's, unchanged for as long as the ruleset lives. */
int rti_ruleset_bind_borrowed(const rt_allocator *allocator, const rti_program *program,
                              size_t size_bytes, rt_ruleset **ret_rules, const char **ret_why);

rt_ruleset *rti_ruleset_ref(rt_ruleset *rules);
rt_ruleset *rti_ruleset_unref(rt_ruleset *rules);

/* The source of that name; RTI_NONE: no rule is for it. */
uint32_t rti_ruleset_source(const rt_ruleset *rules, const char *source);

/* RT_KIND_STRING, INT64 or IPNET: what the list of a LISTED slot holds. */
uint32_t rti_slot_list_kind(const rt_ruleset *rules, const rti_slot *slot);

/* ---- as text: for the disassembler and for explanations ---- */

/* As a condition would say it: "tolower(ct.name)", "ct.name in (a, b)". */
void rti_print_slot(rti_buf *buf, const rt_ruleset *rules, uint32_t slot);
/* What a test of the slot with @a op is asked of. */
enum rti_shape_of_value rti_slot_shape(const rti_slot *slot, uint8_t op);
/* "ct.name equal a" */
void rti_print_atom(rti_buf *buf, const rt_ruleset *rules, uint32_t atom);
void rti_print_pred(rti_buf *buf, const rt_ruleset *rules, uint32_t pred);
/* A value as a person reads it: strings in quotes, lists in parentheses. */
void rti_print_value(rti_buf *buf, const rt_value *value);
/* Which system calls are collected, for which rules, and what is left out. */
void rti_print_needs(rti_buf *buf, const rt_ruleset *rules);
/* All of the program. */
void rti_disasm(rti_buf *buf, const rt_ruleset *rules);

#endif
