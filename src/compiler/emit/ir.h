/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ir.h - all rules between typed trees and the program: slots, predicates and one expression graph.
 *
 * Slots and predicates are interned over all rules of a source: what is the same has one number.
 * Expressions refer to lower-numbered ones only, so every walk is a loop. Number 0 is false, 1 is
 * true. A pass makes all expressions anew (rti_ir_rewrite), in the order that they had.
 */
#ifndef RTI_COMPILER_IR_H
#define RTI_COMPILER_IR_H

#include "base/hash.h"
#include "base/vec.h"
#include "compiler/rule.h"
#include "program/ruleset.h"

enum rti_pass {
#define PASS(id, function, name, what) RTI_PASS_##id,
#include "compiler/emit/passes.def"
#undef PASS
        RTI_N_PASSES
};

enum rti_expr_kind { RTI_X_FALSE, RTI_X_TRUE, RTI_X_PRED, RTI_X_NOT, RTI_X_AND, RTI_X_OR };

typedef struct rti_ir_slot {
        uint8_t what, transformer, arg;
        bool has_selector, in_condition;
        bool all_differ, dynamic; /* as rti_slot */
        bool of_subject;          /* as rti_slot */
        bool restless;            /* RT_FIELD_PER_USE, or made of such a field */
        uintptr_t place;          /* restless: one place is one node, as a token and as a field */
        uint32_t source;          /* number within the program */
        rti_type type;
        uint32_t format;
        uint64_t index;
        rt_str field, key;
        uint32_t n_args;
        uint32_t *args;
        rt_value constant;
        uint32_t cost_ns; /* to read it */
        uint32_t number;  /* in the program, or RTI_NONE: nobody needs it */
} rti_ir_slot;

typedef struct rti_ir_pred {
        uint8_t what, op, modifier;
        uint32_t slot, rhs;
        bool shared; /* values: a list that other predicates have, too, told by its address */
        uint32_t n_values;
        const rt_value *values;
        uint32_t number;              /* in the program, or RTI_NONE */
        uint32_t class;               /* that decides it, or RTI_NONE */
        rti_p_range decides;          /* with a class: rti_p_pred.atoms */
        uint8_t facts;                /* enum rti_facts (atoms.h) */
        bool types_known;             /* `types` was found out */
        const rti_event_set *types;   /* rti_need_types, or NULL */
        uint32_t type_set;            /* `types` in the program, or RTI_NONE */
        uint32_t first_atom, n_atoms; /* in atom_lists */
} rti_ir_pred;

/* A relation between a slot and one constant: atoms.h. */
typedef struct rti_ir_atom {
        uint32_t slot;
        uint8_t relation;  /* enum rti_relation */
        bool wanted;       /* by the index */
        rt_value constant; /* PRESENT: none */
        uint32_t n_preds;  /* predicates that name it */
        uint32_t number;   /* in the program, or RTI_NONE: no classifier knows it */
        uint32_t class;    /* in the program, with a number */
} rti_ir_atom;

typedef struct rti_ir_expr {
        uint8_t kind;     /* enum rti_expr_kind */
        bool restless;    /* it reads a slot that is: nothing in it changes its place */
        uint32_t pred;    /* PRED */
        uint32_t n_child; /* AND, OR: two or more; NOT: one */
        uint32_t *child;
        double cost_ns; /* expected; set by the pass "order" */
        double truth;   /* estimated share of events for which it holds */
} rti_ir_expr;

typedef struct rti_ir_rule {
        const rti_rule *rule;
        uint32_t source; /* number within the program */
        uint32_t root;   /* expression */
} rti_ir_rule;

typedef struct rti_ir {
        rti_arena *arena;
        const rt_allocator *allocator;
        const rti_rules *rules;
        uint64_t disabled_passes;
        bool sharing;               /* new expressions are looked up first */
        bool ordering;              /* the pass asks to see what is restless, too */
        rti_buf key;                /* of the slot that is being interned; scratch */
        rti_buf children;           /* of the expression that is being rewritten; scratch */
        rti_buf scratch;            /* rti_ir_scratch */
        rti_buf now, reached, uses; /* per expression, of the pass; scratch */
        rti_arena temp;             /* until the next expression is rewritten */
        rti_table slot_table, pred_table, expr_table;
        RTI_VEC(uint32_t) pred_exprs; /* while sharing: the expression that is it, or 0 */
        RTI_VEC(rti_ir_slot) slots;
        RTI_VEC(rti_ir_pred) preds;
        RTI_VEC(rti_ir_expr) exprs, before; /* before: those that a pass is given */
        RTI_VEC(rti_ir_atom) atoms;
        RTI_VEC(uint32_t) atom_lists; /* numbers of atoms, of predicates */
        uint32_t *present; /* per slot: its atom PRESENT, or RTI_NONE; made by rti_atoms_build */
        RTI_VEC(rti_ir_rule) all; /* enabled rules */
        RTI_VEC(size_t) sources;  /* registry numbers of the sources that have rules */
        uint32_t n_profiled;      /* predicates that the rules' profile knows */
} rti_ir;

/* Typed rules -> *ret_ir (which holds heap memory also on failure). RT_OK, RT_ENOMEM, RT_ELIMIT. */
int rti_ir_build(rti_ir *ir, const rti_rules *rules);
void rti_ir_done(rti_ir *ir);
void rti_ir_dump(rti_ir *ir, rti_buf *buf);
/* As rti_print_slot prints it once it is in a program. */
void rti_ir_print_slot(const rti_ir *ir, rti_buf *buf, uint32_t slot);
/* As rti_print_pred prints it once it is in a program. */
void rti_ir_print_pred(const rti_ir *ir, rti_buf *buf, const rti_ir_pred *pred);
/* What each rule costs by estimate, dearest first. RT_OK, RT_ENOMEM. */
int rti_ir_perf(rti_ir *ir, rti_buf *buf);

/* The slot of a value expression of @a source (number within the program). */
int rti_ir_slot_of(rti_ir *ir, uint32_t source, const rti_vexpr *expr, bool in_condition,
                   uint32_t *ret_slot);

/* Room for @a n things until the next call of this or of rti_ir_join; not cleared. NULL: no
 * memory. */
void *rti_ir_scratch(rti_ir *ir, size_t n, size_t size_bytes);

/* A new expression, or the number of an equal one while sharing. */
int rti_ir_expr_of(rti_ir *ir, const rti_ir_expr *expr, uint32_t *ret_number);
/* The expression that is this predicate, whose `values` live as long as the IR. */
int rti_ir_pred_of(rti_ir *ir, const rti_ir_pred *pred, uint32_t *ret_number);
/* "and" or "or" of @a n children, without true, false and doubles where that is no more than a look
 * at each; @a child is the arena's, and is written to. */
int rti_ir_join(rti_ir *ir, enum rti_expr_kind kind, uint32_t *child, uint32_t n,
                uint32_t *ret_number);
int rti_ir_not(rti_ir *ir, uint32_t child, uint32_t *ret_number);

/* Rebuild everything the rules reach, children first; what is restless stays as it is. @a fn is
 * given an expression as it was, with children that are numbers of ir->before, and a copy whose
 * children are rewritten already; it answers with the number of what takes its place. The numbers
 * of all others are void afterwards. */
typedef int (*rti_ir_rewrite_fn)(rti_ir *ir, const rti_ir_expr *old, rti_ir_expr *expr, void *user,
                                 uint32_t *ret_number);
int rti_ir_rewrite(rti_ir *ir, rti_ir_rewrite_fn fn, void *user);

/* How many rules and expressions refer to each expression (looking through NOT); what no rule
 * reaches has none. An array of ir->exprs.n, good until this is asked again; or NULL. */
uint32_t *rti_ir_count_uses(rti_ir *ir);

/* ---- passes ---- */

typedef struct rti_pass_info {
        const char *name, *what;
        int (*run)(rti_ir *ir); /* NULL: acts while the program is written */
} rti_pass_info;

extern const rti_pass_info rti_passes[RTI_N_PASSES];

int rti_pass_share(rti_ir *ir);
int rti_pass_fold(rti_ir *ir);
int rti_pass_factor(rti_ir *ir);
int rti_pass_merge(rti_ir *ir);
int rti_pass_values(rti_ir *ir);
int rti_pass_order(rti_ir *ir);

static inline bool
rti_ir_pass_on(const rti_ir *ir, enum rti_pass pass)
{
        return !(ir->disabled_passes >> pass & 1);
}

/* Is it decided by the event's type alone? */
static inline bool
rti_ir_by_type(const rti_ir *ir, const rti_ir_pred *pred)
{
        return rti_ir_pass_on(ir, RTI_PASS_EVENTS) && pred->what == RTI_P_TEST && pred->types;
}

/* ---- the program ---- */

/* The program's tables, which the IR is not needed for any more once they are written. */
typedef struct rti_tables {
        rti_buf of[RTI_N_SECTIONS];
} rti_tables;

/* RT_OK, RT_ENOMEM, RT_ELIMIT; @a ret_tables is to be laid out or done with in any case. */
int rti_ir_write(rti_ir *ir, rti_tables *ret_tables);
/* Make of the tables, which are gone then, a block for rti_ruleset_bind. RT_OK, RT_ENOMEM,
 * RT_ELIMIT. */
int rti_tables_lay_out(rti_tables *tables, const rt_allocator *allocator,
                       rti_program **ret_program);
void rti_tables_done(rti_tables *tables);

#endif
