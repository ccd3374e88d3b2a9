/* SPDX-License-Identifier: Apache-2.0 */
/*
 * needs.h - bounds of events, shared by needs.c and needs_pred.c.
 *
 * A bound is a set of events that is never too small: sets of rt_event_filter, and beginnings of
 * the path or name.
 */
#ifndef RTI_COMPILER_NEEDS_H
#define RTI_COMPILER_NEEDS_H

#include "compiler/emit/ir.h"

enum rti_need_set {
        RTI_NEED_RESULTS,
        RTI_NEED_FD_NUMS,
        RTI_NEED_FD_KINDS,
        RTI_NEED_OPEN_MODES,
        RTI_NEED_SCOPES,
        RTI_NEED_RAW_PATHS,
        RTI_N_NEEDS
};

enum { RTI_NEED_TEXTS = 64 }; /* more than that would cost more to test than it saves */

typedef struct rti_need_texts {
        uint32_t n; /* 0: any; no more than RTI_NEED_TEXTS */
        rt_str at[];
} rti_need_texts;

typedef struct rti_bound {
        uint32_t set[RTI_N_NEEDS];
        const rti_need_texts *paths, *names; /* NULL: any */
} rti_bound;

typedef struct rti_bounds {
        rti_bound yes, no; /* events for which an expression may be true, may be false */
} rti_bounds;

/* None yet, with room for @a n. NULL: no memory. */
static inline rti_need_texts *
rti_need_texts_new(rti_ir *ir, uint32_t n)
{
        rti_need_texts *t = rti_arena_get(ir->arena, sizeof *t + n * sizeof *t->at);

        if (t)
                t->n = 0;
        return t;
}

/* All events. */
rti_bound rti_bound_any(void);
/* Can the predicate's operator be run at compile time? Regular expressions need a worker's memory;
 * nobody compares such fields with one. */
bool rti_need_is_plain(const rti_ir_pred *pred);
/* Narrow @a b, which holds all events, to what @a pred says. RT_OK, RT_ENOMEM. */
int rti_bounds_of_pred(rti_ir *ir, const rti_ir_pred *pred, rti_bounds *b);

/* The types for which @a pred holds; NULL: it is not about the type. RT_OK, RT_ENOMEM. */
int rti_need_types(rti_ir *ir, rti_ir_pred *pred, const rti_event_set **ret_on);

#endif
