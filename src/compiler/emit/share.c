/* SPDX-License-Identifier: Apache-2.0 */
/*
 * share.c - how often does an atom hold? By rules of thumb.
 *
 *   in   atoms, and how many rules name each
 *   out  per atom an estimated share of events
 *
 * Of the values of one slot an event has one, so that shares of constants that it is compared with
 * for equality do not add up to more than all; the same goes, a little wider, for parts of texts.
 * What many rules name occurs often: nobody writes a thousand rules about names that never come.
 */
#include "compiler/emit/witness.h"

enum {
        OTHER_VALUES = 10, /* of a slot, as often as those that one rule names */
        PARTS_AT_ONCE = 3  /* constants that one text has in it */
};

/* How many rules come by each predicate, counting every way. */
static double *
count_rules(rti_ir *ir)
{
        double *ways = RTI_NEWN(ir->arena, double, ir->exprs.n);
        double *rules = RTI_NEWN(ir->arena, double, ir->preds.n + 1);

        if (!ways || !rules)
                return NULL;
        for (size_t i = 0; i < ir->all.n; i++)
                ways[ir->all.at[i].root]++;
        for (size_t i = ir->exprs.n; i-- > 0;) {
                const rti_ir_expr *x = &ir->exprs.at[i];
                const double most = (double) ir->all.n;

                if (ways[i] > most)
                        ways[i] = most;
                if (x->kind == RTI_X_PRED)
                        rules[x->pred] += ways[i];
                for (uint32_t k = 0; k < x->n_child; k++)
                        ways[x->child[k]] += ways[i];
        }
        return rules;
}

static double
power(double base, size_t n)
{
        double product = 1;

        for (size_t i = 0; i < n && product > 1e-6; i++)
                product *= base;
        return product;
}

/* How often by its shape alone; 0: one value among others. */
static double
by_shape(const rti_ir_atom *atom, const rti_ir_slot *slot)
{
        const bool text = rti_kinds[atom->constant.kind].hold == RTI_HOLD_STRING;
        const size_t len = text ? atom->constant.as.s.len : 0;
        const bool is_zero = !text && atom->constant.as.u == 0;

        switch ((enum rti_relation) atom->relation) {
        case RTI_REL_PRESENT:
                return slot->arg == RT_ARG_NONE ? 0.7 : 0.4;
        case RTI_REL_EQUAL:
                return slot->type.kind == RT_KIND_BOOL ? 0.4 : 0;
        case RTI_REL_NET:
                return 0;
        case RTI_REL_PREFIX:
        case RTI_REL_PATH:
        case RTI_REL_SUFFIX:
        case RTI_REL_CONTAINS:
        case RTI_REL_ICONTAINS:
                return 0.9 * power(0.75, len);
        case RTI_REL_ABOVE:
        case RTI_REL_LEAST:
                return is_zero ? 0.8 : 0.3;
        case RTI_REL_BELOW:
        case RTI_REL_MOST:
                return is_zero ? 0.1 : 0.3;
        case RTI_N_RELATIONS:
                break;
        }
        return 1;
}

static bool
is_part(uint8_t relation)
{
        return relation >= RTI_REL_PREFIX && relation <= RTI_REL_ICONTAINS;
}

static double *
weigh(rti_ir *ir, const double *rules)
{
        double *weight = RTI_NEWN(ir->arena, double, ir->atoms.n + 1);

        for (size_t i = 0; weight && i < ir->preds.n; i++) {
                uint32_t n;
                const uint32_t *atoms = rti_atoms_of(ir, &ir->preds.at[i], &n);

                for (uint32_t k = 0; k < n; k++)
                        weight[atoms[k]] += rules[i];
        }
        return weight;
}

double *
rti_atom_shares(rti_ir *ir)
{
        const double *rules = count_rules(ir);
        double *weight = rules ? weigh(ir, rules) : NULL;
        double *values = RTI_NEWN(ir->arena, double, ir->slots.n + 1);
        double *parts = RTI_NEWN(ir->arena, double, ir->slots.n + 1);

        if (!weight || !values || !parts)
                return NULL;
        for (size_t i = 0; i < ir->atoms.n; i++) {
                const rti_ir_atom *atom = &ir->atoms.at[i];
                const double shape = by_shape(atom, &ir->slots.at[atom->slot]);

                weight[i] += 1;
                if (is_part(atom->relation))
                        parts[atom->slot] += weight[i] *= shape;
                else if (shape <= 0)
                        values[atom->slot] += weight[i];
        }
        for (size_t i = 0; i < ir->atoms.n; i++) {
                const rti_ir_atom *atom = &ir->atoms.at[i];
                const double shape = by_shape(atom, &ir->slots.at[atom->slot]);
                double share = shape;

                if (is_part(atom->relation))
                        share = PARTS_AT_ONCE * weight[i] / (parts[atom->slot] + 1e-9);
                else if (shape <= 0)
                        share = weight[i] / (values[atom->slot] + OTHER_VALUES);
                weight[i] = shape > 0 && share > shape ? shape : share;
        }
        return weight;
}
