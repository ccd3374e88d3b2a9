/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ops.h - what operators mean: constants are read, checked and prepared once; then values are
 * tested.
 *
 *      rti_const_parse       text of a rule -> rt_value of the left-hand side's kind
 *      rti_op_check          does this operator go with this kind?
 *      rti_operand_build     constants -> a prepared right-hand side (sets, tries, regexes)
 *      rti_operand_test      value + prepared right-hand side -> bool; never allocates, never fails
 *      rti_value_compare     field-to-field comparisons
 *
 * Error texts are Falco's, since people search for them. A missing value never gets here: it makes
 * every test false.
 */
#ifndef RTI_LANG_OPS_H
#define RTI_LANG_OPS_H

#include "base/arena.h"
#include "lang/lang.h"

/* Kind of a value expression: of the elements, with @a list. */
typedef struct rti_type {
        uint32_t kind; /* RT_KIND_* */
        bool list;
} rti_type;

/* Read @a text as a constant of @a kind. RT_OK, or RT_ERULES with *ret_error set (in @a arena);
 * RT_ENOMEM. Strings are borrowed from @a text. */
int rti_const_parse(rti_arena *arena, uint32_t kind, rt_str text, rt_value *ret_value,
                    rt_str *ret_error);

/* May @a op (with @a modifier) be used on a value of @a type? RT_OK, or RT_ERULES with
 * *ret_error. */
int rti_op_check(rti_arena *arena, uint8_t op, uint8_t modifier, rti_type type, rt_str *ret_error);

/* What the value tested is besides one of the type. */
enum rti_shape_of_value {
        RTI_OF_ONE,     /* nothing else */
        RTI_OF_ANY,     /* a list, of which one element has to pass */
        RTI_OF_ALL,     /* a list, of which all have to, and there has to be one */
        RTI_OF_ANY_KIND /* of a kind that is known per event only: evt.rawarg */
};

/* A prepared right-hand side. Built once, then only read (shared between threads). */
typedef struct rti_operand {
        uint8_t op;       /* enum rti_operator; EQ2 has become EQ */
        uint8_t modifier; /* enum rti_modifier */
        uint8_t of;       /* enum rti_shape_of_value; if not ONE, aux is the operand of ONE */
        rti_type type;    /* of the left-hand side */
        uint32_t n;
        const rt_value *values; /* constants in the order written; copied */
        void *aux;              /* the operator family's own: hash set, trie, regexes */
        /* The test for this operator and kind, chosen once. */
        bool (*test)(const struct rti_operand *operand, const rt_value *value, void *scratch);
} rti_operand;

/* What a condition says: value `op` [`modifier`] constants. */
typedef struct rti_operand_spec {
        uint8_t op;       /* enum rti_operator */
        uint8_t modifier; /* enum rti_modifier */
        rti_type type;    /* of the left-hand side; with ANY and ALL: of an element */
        uint32_t n;
        const rt_value *values; /* in the order written */
        uint8_t of;             /* enum rti_shape_of_value */
} rti_operand_spec;

/* Prepare what rti_op_check has accepted. Constants are copied. Memory is @a arena's, and lives as
 * long; regexes need rti_operand_done too (it does nothing for others, nor for a zeroed operand).
 * RT_OK, RT_ERULES with *ret_error (bad regex, bad hex string ...), RT_ENOMEM.
 * *ret_warning: "" or what is not portable to Falco. */
int rti_operand_build(rti_arena *arena, const rti_operand_spec *spec, rti_operand *ret_operand,
                      rt_str *ret_error, rt_str *ret_warning);
void rti_operand_done(rti_operand *operand);

/* Per-worker memory for regex matching. */
typedef struct rti_op_scratch rti_op_scratch;
int rti_op_scratch_new(const rt_allocator *allocator, rti_op_scratch **ret_scratch);
void rti_op_scratch_free(rti_op_scratch *scratch);
/* Matches that were given up because a limit was hit (they count as "no match"). */
uint64_t rti_op_scratch_limits(const rti_op_scratch *scratch);

/* Of an operand of `regex`: states that each character can be in. */
uint32_t rti_operand_states(const rti_operand *operand);

static inline bool
rti_operand_test(const rti_operand *operand, const rt_value *value, rti_op_scratch *scratch)
{
        return operand->test(operand, value, scratch);
}

/* value1 op value2, for val(...) and transformers on the right. Both of @a type. */
bool rti_value_compare(uint8_t op, uint8_t modifier, rti_type type, const rt_value *a,
                       const rt_value *b);
/* May @a op compare two fields of @a type? RT_OK or RT_ERULES with *ret_error. */
int rti_compare_check(rti_arena *arena, uint8_t op, uint8_t modifier, rti_type type,
                      rt_str *ret_error);

#endif
