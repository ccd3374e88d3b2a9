/* SPDX-License-Identifier: Apache-2.0 */
/*
 * typed.h - conditions and output formats after names were resolved and types were checked.
 *
 * This is the front end's result and the only thing the back end (emit/) reads. Everything lives in
 * the arena given.
 */
#ifndef RTI_COMPILER_TYPED_H
#define RTI_COMPILER_TYPED_H

#include "compiler/cond/ast.h"
#include "lang/events.h"
#include "lang/ops/transform.h"
#include "lang/registry.h"

enum rti_vexpr_kind {
        RTI_V_FIELD,     /* field */
        RTI_V_TRANSFORM, /* transformer over args[] */
        RTI_V_CONST,     /* constant, inside a transformer */
        RTI_V_LIST,      /* ( ... ) inside a transformer: args[] */
        RTI_V_LISTED     /* is args[0] in the list `selector`, which changes at run time: `op` */
};

/* Something that has a value. */
typedef struct rti_vexpr {
        enum rti_vexpr_kind what;
        rti_type type;
        uint8_t transformer; /* enum rti_transformer; never VAL */
        uint8_t op;          /* LISTED: enum rti_operator */
        bool has_selector;
        rt_str selector;
        rti_field_ref field;
        rt_value constant;
        uint32_t n_args;
        struct rti_vexpr **args;
        rt_str text; /* canonical text: what output_fields call it */
} rti_vexpr;

enum rti_tnode_kind { RTI_T_AND, RTI_T_OR, RTI_T_NOT, RTI_T_EXISTS, RTI_T_TEST, RTI_T_COMPARE };

/* A condition. AND and OR have any number of children (also 0 after folding: true, false). */
typedef struct rti_tnode {
        enum rti_tnode_kind what;
        uint8_t op, modifier; /* TEST, COMPARE */
        bool shared;          /* TEST: values are a list's, told by their address */
        uint32_t n_child;
        struct rti_tnode **child; /* AND, OR, NOT */
        rti_vexpr *lhs;           /* EXISTS, TEST, COMPARE */
        rti_vexpr *rhs;           /* COMPARE */
        rt_value *values;         /* TEST: constants of lhs->type.kind, in the order written */
        uint32_t n_values;
        const rti_node *from; /* where it was written; may be gone once all is resolved */
} rti_tnode;

/* Why a condition or format was refused. */
typedef struct rti_check_error {
        rt_str message;               /* Falco's text */
        rt_str hint;                  /* "did you mean 'proc.name'?", or empty */
        const rti_node *at;           /* says whose text `pos` counts in; NULL: the text given */
        rti_text_pos pos;             /* the exact place, at or inside of `at` */
        uint32_t end;                 /* offset behind it */
        struct rti_check_error *next; /* what else is wrong, further on */
} rti_check_error;

/* A problem that does not stop loading. */
typedef struct rti_check_warning {
        uint8_t diag; /* enum rti_diag_id */
        rt_str message;
        rt_str field;       /* deprecated_field, or empty */
        const rti_node *at; /* as in errors */
        rti_text_pos pos;
        uint32_t end;
        struct rti_check_warning *next;
} rti_check_warning;

/* The elements that a list's name stands for. */
typedef struct rti_elements {
        rt_str name;
        uint32_t n;
        const rt_str *at;
        uint32_t changing; /* RT_KIND_* of what it holds at run time, n being 0; or NONE */
        bool data;         /* not written in rules: constants that look odd are no mistake */
        bool quiet;        /* was looked at: there is nothing to warn about */
        bool has_na;       /* one of them is <NA> */
        rt_value *values[RT_KIND_LIST + 1]; /* as constants, by kind; NULL: not yet asked for */
} rti_elements;

/* Fields without arguments that were resolved before, by their names: what is the same need not be
 * found again, nor have memory of its own. */
typedef struct rti_known_fields {
        struct {
                size_t source;
                rti_vexpr *expr;
        } at[256];
} rti_known_fields;

typedef struct rti_checker {
        rti_arena *arena;
        const rti_registry *registry;
        size_t source; /* number in the registry */
        /* What a list's name stands for; NULL: nothing, or no such list. May be NULL. */
        rti_elements *(*elements)(rt_str name, void *user);
        void *elements_user;
        rti_known_fields *known;     /* may be NULL; else it lives as long as `arena` */
        bool no_hints;               /* guesses are being tried: none is worth a suggestion */
        rti_check_error error;       /* the first one of the last call that failed */
        uint32_t n_errors;           /* in that list */
        rti_check_warning *warnings; /* of all calls, newest first */
} rti_checker;

/* AST without IDENTs -> typed tree. RT_OK, RT_ERULES with checker->error, RT_ENOMEM. Adds warnings:
 * what is not portable to Falco; with RT_OK, also constants that look like a mistake. */
int rti_cond_resolve(rti_checker *checker, const rti_node *root, rti_tnode **ret_root);
/* FIELD or TRANSFORMER node -> value expression (for exception fields). */
int rti_vexpr_resolve(rti_checker *checker, const rti_node *node, rti_vexpr **ret_expr);
/* Adds the warnings that come whether or not the condition resolves: deprecated fields, comparisons
 * with <NA>. RT_OK, RT_ENOMEM. */
int rti_cond_warn(rti_checker *checker, const rti_node *root);
/* Event codes for which the condition can be true (events.c). RT_OK, RT_ERULES with error. */
int rti_cond_events(rti_checker *checker, const rti_node *root, rti_event_set *ret_set);

/* Fields whose use is deprecated; in outputs their names count as substrings. */
typedef struct rti_deprecated_field {
        rt_str name;
        rt_str message;
} rti_deprecated_field;

enum {
#define DEPRECATED(id, name, message) RTI_DEPRECATED_##id,
#include "compiler/cond/deprecated.def"
#undef DEPRECATED
        RTI_N_DEPRECATED
};

extern const rti_deprecated_field rti_deprecated_fields[RTI_N_DEPRECATED];

/* ---- output formats ---- */

typedef struct rti_format_token {
        rt_str text;     /* literal text, when expr is NULL */
        rti_vexpr *expr; /* what to print */
        rt_str name;     /* as in output_fields: "evt.arg[0]", "toupper(proc.name)" */
        uint32_t width;  /* 0: as long as it is */
        uint32_t reserved;
} rti_format_token;

/* Name and value pairs for output_fields. A token with a transformer gives the fields inside of it
 * and then itself; alerts carry the plain ones alone (expr->what is RTI_V_FIELD). */
typedef struct rti_format_field {
        rt_str name;
        rti_vexpr *expr;
} rti_format_field;

typedef struct rti_format {
        bool lenient; /* leading '*': missing values print as <NA> */
        uint32_t n_tokens;
        rti_format_token *tokens;
        uint32_t n_fields;
        rti_format_field *fields; /* unique by name, in order of appearance */
} rti_format;

/* Text of an output -> tokens. RT_OK, RT_ERULES with checker->error (Falco's text), RT_ENOMEM. */
int rti_format_parse(rti_checker *checker, rt_str text, rti_format **ret_format);

#endif
