/* SPDX-License-Identifier: Apache-2.0 */
/*
 * diag.h - diagnostics: added where a problem is found, printed by rti_diags_print.
 *
 * An rt_diags holds one result per rule file that was loaded, in order, and the diagnostics found
 * while that file was loaded. Everything is copied: a diagnostic outlives the loader. Errors stick:
 * after memory ran out `failed` says so.
 */
#ifndef RTI_LANG_DIAG_H
#define RTI_LANG_DIAG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include <libruntime/runtime.h>
#include <stdbool.h>

enum rti_diag_id {
#define DIAG(code, id, severity, falco, title, explanation) RTI_D_##id,
#include "lang/diags.def"
#undef DIAG
        RTI_N_DIAGS
};

typedef struct rti_diag_info {
        uint32_t code;     /* 1042 */
        uint32_t severity; /* RT_ERROR ... */
        const char *falco; /* "LOAD_ERR_VALIDATE", or NULL for our own */
        const char *title;
        const char *explanation;
} rti_diag_info;

extern const rti_diag_info rti_diag_infos[RTI_N_DIAGS];

/* A place in a file, both ends from 1; 0: the whole file. The end is behind the last character. */
typedef struct rti_place {
        uint32_t line, column, end_line, end_column;
} rti_place;

/* One step of Falco's location chain: where, from the file inwards. Positions are YAML marks,
 * from 0. */
typedef struct rti_location {
        const char *item_type; /* "rule condition"; static */
        rt_str item_name;
        rt_str file; /* or the beginning of a condition, quoted */
        uint32_t line, column, offset;
        const struct rti_location *outer;
} rti_location;

/* What to add. Everything is borrowed for the call; zero where there is nothing to say. */
typedef struct rti_diag {
        enum rti_diag_id id;
        bool reference; /* the reference reports it too */
        rti_place place;
        rt_str file;    /* where `place` is */
        rt_str item;    /* rule, macro, list or exception */
        rt_str message; /* one sentence, no full stop */
        rt_str hint;
        rt_str field;              /* Falco's deprecated_field */
        rt_str text;               /* the file's text, to quote the line from */
        size_t offset;             /* of `place` in it */
        const rti_location *where; /* innermost step of Falco's chain, or NULL */
        rt_str chain_text;         /* text of the chain's file; empty: `text` */
        rt_str condition;          /* what the innermost step counts in, when that is no file */
} rti_diag;

/* A diagnostic as kept. */
typedef struct rti_diag_kept {
        rt_diag pub;
        enum rti_diag_id id;
        bool repeat;         /* was said in an earlier result already: only in Falco's document */
        uint32_t result;     /* number of the result */
        const char *field;   /* or NULL */
        rt_str source;       /* the line in question, or a part of it; ptr NULL: none */
        uint32_t caret;      /* where in it */
        uint32_t wide;       /* bytes in front of the caret that begin no character */
        const char *snippet; /* Falco's */
        const rti_location *where;
} rti_diag_kept;

/* What loading one file came to. */
typedef struct rti_diag_result {
        rt_str name;
        bool failed;
        bool schema_ran, schema_valid;
        RTI_VEC(rt_str) schema_warnings;
} rti_diag_result;

struct rt_diags {
        const rt_allocator *allocator;
        rti_arena arena;
        int failed;       /* RT_OK or RT_ENOMEM */
        uint32_t dropped; /* beyond limits.def's DIAGS */
        RTI_VEC(rti_diag_kept) all;
        RTI_VEC(uint32_t) shown; /* those that are no repeats */
        RTI_VEC(rti_diag_result) results;
        rti_buf out;
};

int rti_diags_new(const rt_allocator *allocator, rt_diags **ret_diags);
void rti_diags_free(rt_diags *diags);

/* Start the result of one more file; later additions belong to it. */
void rti_diags_begin(rt_diags *diags, rt_str file);
/* Say that the schema was applied to a document of the file: @a warning is empty if it fits. As in
 * the reference only the first document decides whether the file counts as valid. */
void rti_diags_schema(rt_diags *diags, rt_str warning);
void rti_diag_add(rt_diags *diags, const rti_diag *diag);
/* Errors of the file begun last? */
bool rti_diags_file_failed(const rt_diags *diags);

/* RT_DIAGS_*; RT_DIAGS_COLOR, RT_DIAGS_VERBOSE. RT_OK, RT_ENOMEM, RT_EINVAL. */
int rti_diags_print(rt_diags *diags, uint32_t format, uint32_t flags, rt_str *ret_text);

/* The line around @a offset as Falco shows it, and a caret below. */
void rti_diag_snippet(rti_buf *buf, rt_str text, size_t offset);

#endif
