/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sigma.h - what the parts of `rtctl import sigma` share: memory, text, nodes of a Sigma file,
 * conditions, and what is known of the rule at hand.
 *
 * Sigma files are hostile until read: size, depth and number of everything is bounded by the limits
 * here. What cannot be converted is refused with its place; nothing is guessed.
 */
#ifndef RTCTL_SIGMA_H
#define RTCTL_SIGMA_H

#include "../config.h"
#include <libruntime/runtime.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
        MOST_FILE_BYTES = 4 * 1024 * 1024,
        MOST_NODES = 200 * 1000, /* of a file */
        MOST_NODE_DEPTH = 32,
        MOST_KEYS = 2000,        /* of a map */
        MOST_VALUES = 20 * 1000, /* of a rule, after each modifier */
        MOST_VALUE_BYTES = 1024,
        MOST_TITLE_BYTES = 1024,
        MOST_CONDITION_BYTES = 1 << 20, /* of a condition, Sigma's or ours */
        MOST_CONDITION_DEPTH = 100,
        MOST_TERMS = 20 * 1000,    /* of Sigma's condition, patterns counted out */
        MOST_CONSTANT_BYTES = 255, /* of a constant in our conditions */
        MOST_DASHES = 4,           /* that windash permutes in a value */
        MOST_OUTPUT_FIELDS = 12,
};

/* ---- memory and text: memory.c ---- */

/* Memory that goes at once. */
typedef struct pool {
        struct pool_block *blocks;
        size_t room; /* left in the first */
} pool;

void *pool_take(pool *p, size_t n, size_t size_bytes);
rt_str pool_copy(pool *p, rt_str text);
void pool_done(pool *p);

/* Text that grows. */
typedef struct writer {
        char *at;
        size_t n, room;
} writer;

void text_add(writer *t, rt_str what);
void text_word(writer *t, const char *what);
void text_byte(writer *t, char c);
void text_done(writer *t);
rt_str text_keep(writer *t, pool *p); /* copied into the pool; @a t is empty then */

static inline rt_str
str(const char *ptr, size_t len)
{
        return (rt_str){ ptr, len };
}

static inline char
lower(char c)
{
        return c >= 'A' && c <= 'Z' ? (char) (c | 32) : c;
}

bool str_is(rt_str a, const char *b);
bool str_same(rt_str a, rt_str b);
bool str_is_folded(rt_str a, const char *b); /* letter case aside */

/* ---- nodes: tree.c ---- */

enum node_kind { NODE_NULL, NODE_TEXT, NODE_LIST, NODE_MAP };

typedef struct node {
        uint8_t kind; /* enum node_kind */
        uint32_t line, column;
        rt_str text;
        struct node **items; /* of a map: key, value, key, value, ... */
        size_t n_items;
} node;

/* Why, and where, something was refused. */
typedef struct problem {
        uint32_t line, column;
        char text[400];
} problem;

typedef struct yaml_tree {
        node **documents;
        size_t n_documents;
        problem error; /* line 0: none; else the documents before it are there */
} yaml_tree;

void tree_read(pool *p, rt_str yaml, yaml_tree *ret_tree);
/* The value of @a key, or NULL. */
const node *node_get(const node *map, const char *key);
/* Its text; empty when it is none. */
rt_str node_text(const node *map, const char *key);

/* ---- conditions: expr.c ---- */

enum expr_kind { EXPR_FALSE, EXPR_TRUE, EXPR_TEST, EXPR_NOT, EXPR_AND, EXPR_OR };

/* Immutable, so parts may be shared. */
typedef struct expr {
        uint8_t kind; /* enum expr_kind */
        rt_str text;
        const struct expr **at;
        size_t n;
} expr;

const expr *expr_truth(pool *p, bool truth);
const expr *expr_test(pool *p, rt_str text);
const expr *expr_not(pool *p, const expr *a);
/* EXPR_AND or EXPR_OR of @a n, simplified. */
const expr *expr_join(pool *p, enum expr_kind kind, const expr *const *at, size_t n);
const expr *expr_pair(pool *p, enum expr_kind kind, const expr *a, const expr *b);
/* false when the text would be longer than MOST_CONDITION_BYTES. */
bool expr_print(const expr *e, writer *to);
/* A constant as conditions want it: quoted unless plain; nothing in it ends a line or a quote. */
void put_constant(writer *to, rt_str value);

/* ---- the rule at hand ---- */

enum logsource {
#define LOGSOURCE(id, ...) LOGSOURCE_##id,
#include "logsources.def"
#undef LOGSOURCE
        N_LOGSOURCES
};

typedef struct logsource_row {
        const char *product, *service, *category, *source;
        bool members;
        const char *keywords, *when, *output;
} logsource_row;

enum field_kind { TEXT, STRING, JSON, OBJECT, ARRAY, PRESENT, LINE, EMPTY, NUMBER, ADDRESS };

/* A field of ours that stands for one of Sigma's. */
typedef struct field {
        enum field_kind kind;
        rt_str name;
        rt_str net;    /* ADDRESS: compares with networks */
        rt_str member; /* STRING: the same member as JSON */
} field;

typedef struct used_field {
        rt_str sigma, ours;
} used_field;

typedef struct rule {
        pool *pool;
        const node *document;
        enum logsource logsource;
        problem problem;
        used_field used[MOST_OUTPUT_FIELDS]; /* what an alert shows, in order of appearance */
        size_t n_used;
        size_t n_values;
} rule;

/* Note why the rule cannot be converted, the first time; returns false. */
bool refuse(rule *r, const node *at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* ---- fields.c ---- */

const logsource_row *logsource_of(enum logsource id);
/* Which log source does the rule mean? */
bool logsource_find(rule *r);
/* Our field for @a sigma; it then is one that alerts show. */
bool field_find(rule *r, const node *at, rt_str sigma, field *ret_field);
/* What a value of @a sigma means by itself: VALUE of fields.def. 1 found, 0 not such a field, -1
 * refused. */
int field_value(rule *r, const node *at, rt_str sigma, const expr **ret_expr);

/* ---- values.c ---- */

enum modifier {
#define MODIFIER(id, name, kind) MOD_##id,
#include "modifiers.def"
#undef MODIFIER
        N_MODIFIERS
};

enum { ANY_TEXT = 0x100 | '*', ANY_CHAR = 0x100 | '?' };

/* Text with wildcards: bytes, ANY_TEXT and ANY_CHAR. */
typedef struct sigma_pattern {
        uint16_t *at;
        size_t n;
} sigma_pattern;

typedef struct sigma_value {
        const node *node;
        bool null;
        sigma_pattern pattern;
} sigma_value;

typedef struct values {
        sigma_value *at;
        size_t n, room;
} values;

/* What stands before the colon: FIELD|modifier|modifier. */
typedef struct question {
        const node *key;
        rt_str field; /* empty: keywords */
        enum modifier order[16];
        size_t n_order;
        uint64_t modifiers; /* bits by enum modifier */
} question;

static inline bool
has(const question *q, enum modifier id)
{
        return (q->modifiers >> id & 1) != 0;
}

bool question_read(rule *r, const node *key, question *ret_question);
/* The values of @a given, read and modified. Free ret_values->at. */
bool values_read(rule *r, const question *q, const node *given, values *ret_values);

/* The bytes of a pattern, wildcards left out. */
rt_str pattern_text(pool *p, const sigma_pattern *pat);

/* ---- tests.c, compare.c, detection.c, write.c ---- */

const expr *test_field(rule *r, const question *q, const node *given);
const expr *test_keywords(rule *r, const question *q, const node *given);
/* The field has a value that is not null. */
const expr *test_present(rule *r, const field *f);
/* FIELD OP CONSTANT, or FIELD OP one of them: an operator of ours with text on the right. */
const expr *test_text(rule *r, const node *at, const char *op, bool fold, rt_str name,
                      const rt_str *constants, size_t n);
/* Comparisons that are no patterns: re, cidr, exists, fieldref, lt and so on. */
const expr *compare_special(rule *r, const question *q, const field *f, const sigma_value *v);
bool is_special(const question *q);
/* What a detection's condition makes of its parts. NULL: refused. */
const expr *detection_read(rule *r);
/* The rule in our language. @a name is its unique name. */
void rule_write(const rule *r, rt_str name, rt_str condition, writer *to);

/* ---- import.c ---- */

/* The paths are files or folders. The exit code, after messages. */
int sigma_import(char *const *paths, size_t n, const char *output, bool partial);

#endif
