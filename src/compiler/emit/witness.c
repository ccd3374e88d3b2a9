/* SPDX-License-Identifier: Apache-2.0 */
/*
 * witness.c - options of every expression, from its predicates up.
 *
 *   in   the expression graph, atoms
 *   out  for "it is true" and "it is false" up to RTI_OPTIONS sets of atoms, one of which must hold
 *
 * A predicate is false where its slot is missing, and nothing can be said of an event by what it
 * has not: so only its being true has witnesses, and being false gets them from `not` alone.
 * Predicates on the event's type are constants where the type is known; what depends on them is
 * looked at anew for each group of types.
 *
 * Joined sets are bounded one by one and all together, so that the whole is linear in the rules.
 * Recursion is bounded by RTI_MAX_EXPR_DEPTH (ir.c).
 */
#include "compiler/emit/needs.h"
#include "compiler/emit/witness.h"
#include <stdlib.h>

enum {
        MOST_JOINED = 4096,        /* atoms of a set that an `or` makes */
        JOINED_PER_ATOM = 32,      /* in all sets together: for every atom of predicates ... */
        JOINED_AT_LEAST = 1 << 20, /* ... and this many */
        MOST = 0x7fffffff,
        NO_ATOMS = 0 /* the first list */
};

/* ---- lists of atoms ---- */

static int
compare_numbers(const void *a, const void *b)
{
        const uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

        return (x > y) - (x < y);
}

/* The atoms from @a first on become a list: in order, each once. */
static int
close_list(rti_witnesses *w, uint32_t first, uint32_t *ret_list)
{
        uint32_t n = (uint32_t) w->atoms.n - first, kept = 0;
        uint32_t *atoms = n ? w->atoms.at + first : NULL;

        if (n)
                qsort(atoms, n, sizeof *atoms, compare_numbers);
        for (uint32_t i = 0; i < n; i++)
                if (kept == 0 || atoms[kept - 1] != atoms[i])
                        atoms[kept++] = atoms[i];
        w->atoms.n = first + kept;
        *ret_list = (uint32_t) w->lists.n;
        return rti_vec_push(&w->lists, w->ir->allocator, ((rti_p_range){ first, kept }), MOST);
}

static int
add_atom(rti_witnesses *w, uint32_t atom)
{
        return rti_vec_push(&w->atoms, w->ir->allocator, atom, MOST);
}

/* ---- options ---- */

static double
share_of(const rti_witnesses *w, rti_p_range list)
{
        double share = 0;

        for (uint32_t i = 0; i < list.n; i++)
                share += w->share[w->atoms.at[list.first + i]];
        return share < 1 ? share : 1;
}

static bool
add_ask(rti_option *o, uint32_t ask)
{
        uint32_t at = 0;

        while (at < o->n_asks && o->asks[at] < ask)
                at++;
        if (at < o->n_asks && o->asks[at] == ask)
                return true;
        if (o->n_asks == RTI_OPTION_ASKS)
                return false;
        memmove(o->asks + at + 1, o->asks + at, (o->n_asks - at) * sizeof *o->asks);
        o->asks[at] = ask;
        o->n_asks++;
        return true;
}

static bool
same_asks(const rti_option *a, const rti_option *b)
{
        return a->n_asks == b->n_asks && memcmp(a->asks, b->asks, a->n_asks * sizeof *a->asks) == 0;
}

/* A few options, the best first. */
typedef struct few {
        uint32_t n;
        rti_option at[RTI_OPTIONS];
} few;

static void
take_out(few *f, uint32_t at)
{
        f->n--;
        memmove(f->at + at, f->at + at + 1, (f->n - at) * sizeof *f->at);
}

/* Keep @a o if it is among the best. */
static void
consider(few *f, const rti_option *o)
{
        uint32_t at = 0;

        for (uint32_t i = 0; i < f->n; i++)
                if (same_asks(&f->at[i], o)) {
                        if (f->at[i].share <= o->share)
                                return;
                        take_out(f, i);
                        break;
                }
        while (at < f->n && f->at[at].share <= o->share)
                at++;
        if (at == RTI_OPTIONS)
                return;
        if (f->n == RTI_OPTIONS)
                f->n--;
        memmove(f->at + at + 1, f->at + at, (f->n - at) * sizeof *f->at);
        f->at[at] = *o;
        f->n++;
}

static int
keep(rti_witnesses *w, const few *f, rti_options *ret)
{
        rti_option *at;

        *ret = (rti_options){ 0 };
        if (!f->n)
                return RT_OK;
        at = RTI_NEWN(&w->arena, rti_option, f->n);
        if (!at)
                return RT_ENOMEM;
        memcpy(at, f->at, f->n * sizeof *at);
        *ret = (rti_options){ at, f->n };
        return RT_OK;
}

/* ---- predicates ---- */

static int
present_option(rti_witnesses *w, uint32_t slot, few *f)
{
        const uint32_t atom = w->ir->present[slot];
        rti_option o = { .n_atoms = 1, .present = true };
        const uint32_t first = (uint32_t) w->atoms.n;
        int r;

        if (atom == RTI_NONE)
                return RT_OK;
        add_ask(&o, rti_ask_of(&w->ir->atoms.at[atom]));
        r = add_atom(w, atom);
        r = r < 0 ? r : close_list(w, first, &o.list);
        o.share = (float) w->share[atom];
        if (r == RT_OK)
                consider(f, &o);
        return r;
}

static int
atoms_option(rti_witnesses *w, const rti_ir_pred *pred, few *f)
{
        rti_option o = { .present = true };
        const uint32_t first = (uint32_t) w->atoms.n;
        uint32_t n;
        const uint32_t *atoms = rti_atoms_of(w->ir, pred, &n);
        int r = RT_OK;

        for (uint32_t i = 0; r == RT_OK && i < n; i++) {
                if (w->ir->atoms.at[atoms[i]].relation != RTI_REL_PRESENT)
                        o.present = false;
                if (!add_ask(&o, rti_ask_of(&w->ir->atoms.at[atoms[i]]))) {
                        w->atoms.n = first;
                        return RT_OK;
                }
                r = add_atom(w, atoms[i]);
        }
        r = r < 0 ? r : close_list(w, first, &o.list);
        if (r < 0)
                return r;
        o.n_atoms = w->lists.at[o.list].n;
        o.share = (float) share_of(w, w->lists.at[o.list]);
        consider(f, &o);
        return RT_OK;
}

static int
pred_options(rti_witnesses *w, const rti_ir_pred *pred, rti_options *ret)
{
        few f = { 0 };
        int r = RT_OK;

        if (pred->facts == RTI_FACTS_EXACT || pred->facts == RTI_FACTS_NECESSARY) {
                r = atoms_option(w, pred, &f);
        } else {
                r = present_option(w, pred->slot, &f);
                if (r == RT_OK && pred->what == RTI_P_COMPARE)
                        r = present_option(w, pred->rhs, &f);
        }
        return r < 0 ? r : keep(w, &f, ret);
}

/* It never holds: none of no atoms. */
static int
never(rti_witnesses *w, rti_options *ret)
{
        const few f = { .n = 1, .at = { { .list = NO_ATOMS } } };

        return keep(w, &f, ret);
}

/* ---- and, or ---- */

static const rti_options *
child_options(const rti_witnesses *w, const rti_ir_expr *x, uint32_t i, bool yes)
{
        return yes ? &w->yes[x->child[i]] : &w->no[x->child[i]];
}

/* Any child's options will do. */
static int
any_of(rti_witnesses *w, const rti_ir_expr *x, bool yes, rti_options *ret)
{
        few f = { 0 };

        for (uint32_t i = 0; i < x->n_child; i++) {
                const rti_options *child = child_options(w, x, i, yes);

                for (uint32_t k = 0; k < child->n; k++)
                        consider(&f, &child->at[k]);
        }
        return keep(w, &f, ret);
}

/* The option that asks as @a like does, else the best. */
static const rti_option *
pick(const rti_options *options, const rti_option *like)
{
        for (uint32_t i = 0; like && i < options->n; i++)
                if (options->at[i].n_asks == 0 || same_asks(&options->at[i], like))
                        return &options->at[i];
        return &options->at[0];
}

/* Put the atoms of @a part into the set that begins at @a first. 1: done; 0: it is too large. */
static int
add_part(rti_witnesses *w, const rti_option *part, uint32_t first, rti_option *o)
{
        const size_t room = JOINED_AT_LEAST + (size_t) JOINED_PER_ATOM * w->ir->atom_lists.n;
        const rti_p_range list = w->lists.at[part->list];
        int r = RT_OK;

        if (list.n > MOST_JOINED || w->atoms.n - first > MOST_JOINED || w->atoms.n > room)
                return 0;
        for (uint32_t k = 0; k < part->n_asks; k++)
                if (!add_ask(o, part->asks[k]))
                        return 0;
        o->present = o->present && part->present;
        for (uint32_t k = 0; r == RT_OK && k < list.n; k++)
                r = add_atom(w, w->atoms.at[list.first + k]);
        return r < 0 ? r : 1;
}

/* Join one option of each child, asking as @a like does where that is possible. */
static int
join(rti_witnesses *w, const rti_ir_expr *x, bool yes, const rti_option *like, few *f)
{
        const uint32_t first = (uint32_t) w->atoms.n;
        const rti_option *only = NULL;
        rti_option o = { .present = true };
        uint32_t n_parts = 0;
        int r = 1;

        for (uint32_t i = 0; r >= 0 && i < x->n_child; i++) {
                const rti_option *part = pick(child_options(w, x, i, yes), like);

                if (part->n_atoms == 0)
                        continue;
                only = part;
                n_parts++;
                r = r ? add_part(w, part, first, &o) : 0;
        }
        if (r < 0)
                return r;
        if (n_parts == 1 || r == 0) {
                w->atoms.n = first;
                if (n_parts == 1)
                        consider(f, only);
                return RT_OK;
        }
        r = close_list(w, first, &o.list);
        if (r < 0)
                return r;
        o.n_atoms = w->lists.at[o.list].n;
        o.present = o.present && o.n_atoms;
        o.share = (float) share_of(w, w->lists.at[o.list]);
        consider(f, &o);
        return RT_OK;
}

/* Every child must give one. */
static int
one_of_each(rti_witnesses *w, const rti_ir_expr *x, bool yes, rti_options *ret)
{
        few f = { 0 };
        const rti_options *lead = NULL;
        int r = RT_OK;

        *ret = (rti_options){ 0 };
        for (uint32_t i = 0; i < x->n_child; i++) {
                const rti_options *child = child_options(w, x, i, yes);

                if (child->n == 0)
                        return RT_OK;
                if (!lead && child->at[0].n_asks)
                        lead = child;
        }
        for (uint32_t i = 0; r == RT_OK && lead && i < lead->n; i++)
                r = join(w, x, yes, &lead->at[i], &f);
        if (r == RT_OK && (!lead || f.n == 0))
                r = join(w, x, yes, NULL, &f);
        return r < 0 ? r : keep(w, &f, ret);
}

/* ---- expressions ---- */

static int
options_of(rti_witnesses *w, uint32_t number)
{
        const rti_ir_expr *x = &w->ir->exprs.at[number];
        rti_options *yes = &w->yes[number], *no = &w->no[number];
        int r = RT_OK;

        *yes = *no = (rti_options){ 0 };
        if (x->restless)
                return RT_OK; /* rules are begun whenever the text says so */
        switch ((enum rti_expr_kind) x->kind) {
        case RTI_X_FALSE:
                return never(w, yes);
        case RTI_X_TRUE:
                return never(w, no);
        case RTI_X_PRED:
                return pred_options(w, &w->ir->preds.at[x->pred], yes);
        case RTI_X_NOT:
                *yes = w->no[x->child[0]];
                *no = w->yes[x->child[0]];
                return RT_OK;
        case RTI_X_AND:
                r = any_of(w, x, true, yes);
                return r < 0 ? r : one_of_each(w, x, false, no);
        case RTI_X_OR:
                r = one_of_each(w, x, true, yes);
                return r < 0 ? r : any_of(w, x, false, no);
        }
        return r;
}

/* A predicate on the type, where the types are known. 1: it is decided. */
static int
decide(rti_witnesses *w, uint32_t number, const rti_event_set *types)
{
        bool all = true, none = true;
        int r;

        for (uint32_t code = 0; types && code < RTI_N_EVENT_CODES; code++) {
                const bool holds = rti_event_set_has(w->on[number], code);

                if (!rti_event_set_has(types, code))
                        continue;
                all = all && holds && rti_event_is_named(code);
                none = none && !holds && rti_event_is_named(code);
        }
        if (!types || all == none)
                return 0;
        w->yes[number] = w->no[number] = (rti_options){ 0 };
        r = never(w, all ? &w->no[number] : &w->yes[number]);
        return r < 0 ? r : 1;
}

static int
look_again(rti_witnesses *w, uint32_t number, const rti_event_set *types)
{
        const rti_ir_expr *x = &w->ir->exprs.at[number];
        int r = RT_OK;

        if (!w->depends[number] || w->round[number] == w->now)
                return RT_OK;
        w->round[number] = w->now;
        if (w->on[number]) {
                r = decide(w, number, types);
                return r ? (r < 0 ? r : RT_OK) : options_of(w, number);
        }
        for (uint32_t i = 0; r == RT_OK && i < x->n_child; i++)
                r = look_again(w, x->child[i], types);
        return r < 0 ? r : options_of(w, number);
}

int
rti_witnesses_of(rti_witnesses *w, uint32_t expr, const rti_event_set *types,
                 rti_options *ret_options)
{
        int r = look_again(w, expr, types);

        *ret_options = w->yes[expr];
        return r;
}

int
rti_witnesses_build(rti_witnesses *w, rti_ir *ir)
{
        const size_t n = ir->exprs.n + 1;
        const uint32_t *uses = rti_ir_count_uses(ir);
        int r = RT_OK;

        *w = (rti_witnesses){ .ir = ir, .share = rti_atom_shares(ir) };
        rti_arena_init(&w->arena, ir->allocator, 0);
        w->yes = RTI_NEWN(&w->arena, rti_options, n);
        w->no = RTI_NEWN(&w->arena, rti_options, n);
        w->depends = RTI_NEWN(&w->arena, uint8_t, n);
        w->round = RTI_NEWN(&w->arena, uint32_t, n);
        w->on = RTI_NEWN(&w->arena, const rti_event_set *, n);
        if (!uses || !w->share || !w->yes || !w->no || !w->depends || !w->round || !w->on)
                return RT_ENOMEM;
        r = close_list(w, 0, &(uint32_t){ 0 });
        for (uint32_t i = 0; r == RT_OK && i < ir->exprs.n; i++) {
                const rti_ir_expr *x = &ir->exprs.at[i];

                /* What no rule reaches has no atoms that would be numbered. */
                if (i > RTI_X_TRUE && !uses[i] && x->kind != RTI_X_NOT)
                        continue;
                if (x->kind == RTI_X_PRED)
                        r = rti_need_types(ir, &ir->preds.at[x->pred], &w->on[i]);
                w->depends[i] = w->on[i] != NULL;
                for (uint32_t k = 0; k < x->n_child; k++)
                        w->depends[i] |= w->depends[x->child[k]];
                r = r < 0 ? r : options_of(w, i);
        }
        return r;
}

void
rti_witnesses_done(rti_witnesses *w)
{
        if (!w->ir)
                return;
        rti_vec_done(&w->lists, w->ir->allocator);
        rti_vec_done(&w->atoms, w->ir->allocator);
        rti_arena_done(&w->arena);
        w->ir = NULL;
}
