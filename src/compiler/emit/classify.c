/* SPDX-License-Identifier: Apache-2.0 */
/*
 * classify.c - one look-up instead of many comparisons.
 *
 * All predicates that compare one text slot for equality (=, !=, in; no modifier) get one hash
 * table from constants to the predicates that name them. The engine looks a value up once per
 * event; a predicate of the slot is then a look at a mark. The table's size is linear in the
 * constants.
 */
#include "compiler/emit/writer.h"
#include <stdlib.h>

enum { FEWEST = 2 }; /* predicates on a slot that make a classifier worth its look-up */

static bool
classifies(const rti_ir *ir, const rti_ir_pred *pred)
{
        const rti_ir_slot *slot = &ir->slots.at[pred->slot];

        return pred->number != RTI_NONE && pred->what == RTI_P_TEST
               && pred->modifier == RTI_MOD_NONE && !slot->type.list && !slot->dynamic
               && slot->type.kind == RT_KIND_STRING
               && (pred->op == RTI_OP_EQ || pred->op == RTI_OP_NE || pred->op == RTI_OP_IN);
}

typedef struct naming {
        uint32_t slot; /* of the IR */
        uint32_t pred; /* of the program */
        rt_str value;
} naming;

static int
compare_namings(const void *a, const void *b)
{
        const naming *x = a, *y = b;
        int order;

        if (x->slot != y->slot)
                return x->slot < y->slot ? -1 : 1;
        order = rti_str_cmp(x->value, y->value);
        return order ? order : (x->pred > y->pred) - (x->pred < y->pred);
}

static uint32_t
table_size(uint32_t n)
{
        uint32_t size = 4;

        while (size < 2 * (uint64_t) n)
                size *= 2;
        return size;
}

/* Put the predicates that name one value into their cell. */
static int
add_cell(rti_writer *w, rti_p_cell *cells, uint32_t n_cells, const naming *namings, uint32_t n)
{
        const rt_str value = namings[0].value;
        const uint32_t hash = (uint32_t) rti_hash(value.ptr, value.len, 0);
        uint32_t at = hash & (n_cells - 1), n_preds = 0;
        uint32_t *preds = RTI_NEWN(w->ir->arena, uint32_t, n);

        if (!preds)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n; i++)
                if (i == 0 || namings[i].pred != namings[i - 1].pred)
                        preds[n_preds++] = namings[i].pred;
        while (cells[at].preds.n)
                at = (at + 1) & (n_cells - 1);
        cells[at] = (rti_p_cell){ hash, rti_writer_text(w, value),
                                  rti_writer_numbers(w, preds, n_preds) };
        return RT_OK;
}

/* One slot's classifier from its namings, sorted by value. */
static int
add_class(rti_writer *w, const naming *namings, uint32_t n, uint32_t slot)
{
        rti_p_class class = { .slot = slot };
        uint32_t n_values = 0;
        rti_p_cell *cells;
        const rti_p_text nothing = rti_writer_text(w, RTI_STR(""));

        for (uint32_t i = 0; i < n; i++)
                n_values += i == 0 || !rti_str_eq(namings[i].value, namings[i - 1].value);
        class.cells = (rti_p_range){ rti_writer_count(w, RTI_S_CELLS), table_size(n_values) };
        cells = RTI_NEWN(w->ir->arena, rti_p_cell, class.cells.n);
        if (!cells)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < class.cells.n; i++)
                cells[i].value = nothing;
        for (uint32_t i = 0, k; i < n; i = k) {
                int r;

                for (k = i + 1; k < n && rti_str_eq(namings[k].value, namings[i].value);)
                        k++;
                r = add_cell(w, cells, class.cells.n, namings + i, k - i);
                if (r < 0)
                        return r;
        }
        for (uint32_t i = 0; i < class.cells.n; i++)
                rti_writer_add(w, RTI_S_CELLS, &cells[i]);
        rti_writer_add(w, RTI_S_CLASSES, &class);
        return RT_OK;
}

/* Give each slot with enough predicates a classifier; how many namings there are. */
static size_t
choose(rti_ir *ir, uint32_t *class_of)
{
        uint32_t n_classes = 0;
        size_t n_namings = 0;

        for (size_t i = 0; i < ir->preds.n; i++)
                class_of[ir->preds.at[i].slot] += classifies(ir, &ir->preds.at[i]);
        for (size_t i = 0; i < ir->slots.n; i++)
                class_of[i] = class_of[i] >= FEWEST && n_classes < RTI_MOST_CLASSES ? n_classes++
                                                                                    : RTI_NONE;
        for (size_t i = 0; i < ir->preds.n; i++) {
                rti_ir_pred *pred = &ir->preds.at[i];

                if (!classifies(ir, pred) || class_of[pred->slot] == RTI_NONE)
                        continue;
                pred->class = class_of[pred->slot];
                n_namings += pred->n_values;
        }
        return n_namings;
}

int
rti_write_classes(rti_writer *w)
{
        rti_ir *ir = w->ir;
        uint32_t *class_of = RTI_NEWN(ir->arena, uint32_t, ir->slots.n);
        size_t n = 0, k = 0;
        naming *namings;

        if (!class_of)
                return RT_ENOMEM;
        n = choose(ir, class_of);
        namings = n < RTI_NONE ? RTI_NEWN(ir->arena, naming, n) : NULL;
        if (!namings)
                return n < RTI_NONE ? RT_ENOMEM : RT_ELIMIT;
        for (size_t i = 0; i < ir->preds.n; i++) {
                const rti_ir_pred *pred = &ir->preds.at[i];

                for (uint32_t v = 0; pred->class != RTI_NONE && v < pred->n_values; v++)
                        namings[k++] = (naming){ pred->slot, pred->number, pred->values[v].as.s };
        }
        if (n)
                qsort(namings, n, sizeof *namings, compare_namings);
        k = 0;
        for (size_t slot = 0; slot < ir->slots.n; slot++) {
                const size_t first = k;
                int r;

                if (class_of[slot] == RTI_NONE)
                        continue;
                while (k < n && namings[k].slot == slot)
                        k++;
                r = add_class(w, namings + first, (uint32_t) (k - first),
                              ir->slots.at[slot].number);
                if (r < 0)
                        return r;
        }
        return RT_OK;
}
