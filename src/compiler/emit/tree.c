/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.c - from the atoms of an event to the rules that may hold.
 *
 *   in   rules with their options (witness.h)
 *   out  nodes: every rule stands at each atom of one of its options, or in the node itself; where
 *        many rules stand at one atom, a node below asks for another option of theirs
 *
 * A node asks what pays: asking a slot costs every event that reaches the node, a rule costs its
 * share of these times what it is expected to cost once begun (prices.h, the pass "order"). From
 * asking all on, the one that saves least against its cost is closed, until all others pay. What
 * was read or asked on the way to a node is not paid again.
 *
 * Atoms with the same rules share a node. Rules with the same option are treated as one, so that
 * the work is linear in the lists of atoms and in the rules, apart from sorting. Below a root, a
 * rule has at most MOST_PLACES places.
 */
#include "compiler/emit/index.h"
#include "compiler/emit/prices.h"
#include <stdlib.h>

/* Share of events that makes one rule alone worth a node. */
#define LEAST_REACH 0.05

enum {
        ONCE_IN = 10,   /* events of one subject, or so, it is asked about */
        MOST_SCANS = 3, /* of one text: more constants are looked for at once */
        MOST_PLACES = 64,
        MOST_SHARED = 64, /* nodes that the rules of one option stand in, for free */
        MOST = 0x7fffffff
};

typedef struct entrant {
        uint32_t rule;
        uint32_t slot; /* that it asks first, once begun */
        rti_options options;
        uint8_t used; /* options that were asked above, as bits */
        uint8_t pick; /* option, or RTI_OPTIONS: stands in the node itself */
} entrant;

typedef struct builder {
        rti_ir *ir;
        rti_index *x;
        rti_arena *arena; /* for what one root is made of; the rows are x's */
        const rti_p_range *lists;
        const uint32_t *atoms;
        const double *left; /* per expression: how often a subject leaves it open */
        bool of_subject;    /* on the way here only subjects were asked about */
        double reach;       /* estimated share of events that come here */
        uint8_t *scans;     /* per ask: how often it looks at all of a text */
        uint32_t *n_open;   /* per slot: asks that are open */
        uint32_t *above;    /* per ask: nodes on the way here that ask it */
        uint32_t *read;     /* per slot: the same */
        double *saved;      /* per ask: by being open */
        uint8_t *state;     /* per ask: enum ask_state */
        uint32_t *asks;     /* those in play */
        uint32_t *places;   /* per rule: below the root */
} builder;

enum ask_state { IDLE, OPEN, CLOSED };

/* ---- what to ask ---- */

static bool
is_allowed(const builder *b, const entrant *e, uint32_t k, unsigned depth)
{
        const rti_option *o = &e->options.at[k];

        if (e->used >> k & 1)
                return false;
        return depth == 0 || o->n_atoms + b->places[e->rule] <= MOST_PLACES;
}

static bool
is_open(const builder *b, const rti_option *o, uint32_t without)
{
        for (uint32_t i = 0; i < o->n_asks; i++)
                if (b->state[o->asks[i]] != OPEN || o->asks[i] == without)
                        return false;
        return true;
}

static bool
asks_subject(const builder *b, uint32_t ask)
{
        return b->ir->slots.at[ask / RTI_N_RELATIONS].of_subject;
}

/* What a rule costs that stands there. What its subject rules out is begun for none of its
 * events, unless it is found by something else. */
static double
cost_of(const builder *b, const entrant *e, uint32_t pick)
{
        const uint32_t root = b->ir->all.at[e->rule].root;
        double ns = RTI_NS_BEGIN + b->ir->exprs.at[root].cost_ns;
        bool of_subject = b->of_subject;
        double share = 1, hits = 0;

        if (pick != RTI_OPTIONS) {
                const rti_option *o = &e->options.at[pick];

                share = (double) o->share;
                for (uint32_t i = 0; i < o->n_asks; i++) {
                        of_subject = of_subject && asks_subject(b, o->asks[i]);
                        /* Whoever asks for texts inside others finds those of all nodes. */
                        if (b->scans[o->asks[i]])
                                hits = share * RTI_NS_HIT / b->reach;
                }
        }
        if (e->slot != RTI_NONE && !b->n_open[e->slot] && !b->read[e->slot])
                ns += b->ir->slots.at[e->slot].cost_ns / 2.; /* others may need it, too */
        if (of_subject && b->left[root] < share)
                share = b->left[root];
        return ns * share + hits;
}

/* The cheapest option that asks what is open, but for @a without; RTI_OPTIONS: none is cheaper than
 * to begin the rule. */
static uint32_t
best_of(const builder *b, const entrant *e, unsigned depth, uint32_t without)
{
        double least = cost_of(b, e, RTI_OPTIONS);
        uint32_t best = RTI_OPTIONS;

        for (uint32_t k = 0; k < e->options.n; k++)
                if (is_allowed(b, e, k, depth) && is_open(b, &e->options.at[k], without)) {
                        const double ns = cost_of(b, e, k);

                        if (ns < least) {
                                least = ns;
                                best = k;
                        }
                }
        return best;
}

/* To ask; a slot is read once for all its asks. */
static double
cost_of_ask(const builder *b, uint32_t ask)
{
        const uint32_t slot = ask / RTI_N_RELATIONS;
        double ns = RTI_NS_CLASSIFY + b->scans[ask] * RTI_NS_SCAN;

        if (b->above[ask])
                return RTI_NS_LOOK;
        if (asks_subject(b, ask) && !b->of_subject)
                return RTI_NS_CLASSIFY;
        if (!b->read[slot])
                ns += (double) b->ir->slots.at[slot].cost_ns
                      / (b->n_open[slot] ? b->n_open[slot] : 1);
        return asks_subject(b, ask) ? ns / ONCE_IN : ns;
}

static uint32_t
open_asks(builder *b, const entrant *at, uint32_t n, unsigned depth)
{
        uint32_t n_asks = 0;

        for (uint32_t i = 0; i < n; i++)
                for (uint32_t k = 0; k < at[i].options.n; k++) {
                        const rti_option *o = &at[i].options.at[k];

                        for (uint32_t j = 0; is_allowed(b, &at[i], k, depth) && j < o->n_asks; j++)
                                if (b->state[o->asks[j]] == IDLE) {
                                        b->state[o->asks[j]] = OPEN;
                                        b->n_open[o->asks[j] / RTI_N_RELATIONS]++;
                                        b->asks[n_asks++] = o->asks[j];
                                }
                }
        return n_asks;
}

static void
count_savings(builder *b, entrant *at, uint32_t n, unsigned depth, uint32_t n_asks)
{
        for (uint32_t i = 0; i < n_asks; i++)
                b->saved[b->asks[i]] = 0;
        for (uint32_t i = 0; i < n; i++) {
                const uint32_t best = best_of(b, &at[i], depth, RTI_NONE);
                const rti_option *o;

                at[i].pick = (uint8_t) best;
                if (best == RTI_OPTIONS)
                        continue;
                o = &at[i].options.at[best];
                for (uint32_t k = 0; k < o->n_asks; k++) {
                        const uint32_t other = best_of(b, &at[i], depth, o->asks[k]);

                        b->saved[o->asks[k]] +=
                                cost_of(b, &at[i], other) - cost_of(b, &at[i], best);
                }
        }
}

/* Close what pays least; a quarter of those that don't, since what one of them saves
 * may depend on another. False: all pay. */
static bool
close_asks(builder *b, uint32_t n_asks)
{
        uint32_t losing = 0, quarter;

        for (uint32_t i = 0; i < n_asks; i++)
                losing += b->state[b->asks[i]] == OPEN
                          && b->saved[b->asks[i]] < cost_of_ask(b, b->asks[i]);
        quarter = (losing + 3) / 4;
        for (uint32_t i = 0; i < quarter; i++) {
                uint32_t worst = RTI_NONE;
                double by = 0;

                for (uint32_t k = 0; k < n_asks; k++) {
                        const uint32_t ask = b->asks[k];
                        const double loss = cost_of_ask(b, ask) - b->saved[ask];

                        if (b->state[ask] == OPEN && loss > by) {
                                worst = ask;
                                by = loss;
                        }
                }
                b->state[worst] = CLOSED;
                b->n_open[worst / RTI_N_RELATIONS]--;
        }
        return losing > 0;
}

/* Pick an option of every rule, or none. */
static void
choose(builder *b, entrant *at, uint32_t n, unsigned depth)
{
        const uint32_t n_asks = open_asks(b, at, n, depth);

        do
                count_savings(b, at, n, depth, n_asks);
        while (close_asks(b, n_asks));
        for (uint32_t i = 0; i < n_asks; i++) {
                b->state[b->asks[i]] = IDLE;
                b->n_open[b->asks[i] / RTI_N_RELATIONS] = 0;
        }
}

/* ---- where rules stand ---- */

static int build(builder *b, entrant *at, uint32_t n, unsigned depth, uint32_t *ret_node);

/* Rules that picked the same list; n of them from `first` on. */
typedef struct team {
        uint32_t list, first, n;
        uint32_t shared; /* different sets of teams that it is in, at some atom */
        bool apart;      /* it has switches of its own: too many would have to be written down */
} team;

typedef struct place {
        uint32_t ask, atom, team;
} place;

typedef struct bench {
        entrant *at; /* sorted by list */
        uint32_t n;
        unsigned depth;
        team *teams;
        uint32_t n_teams;
        place *places;
        uint32_t n_places;
        rti_index_switch *switches; /* done */
        uint32_t n_switches;
} bench;

static uint32_t
list_of(const entrant *e)
{
        return e->options.at[e->pick].list;
}

static int
compare_entrants(const void *a, const void *b)
{
        const entrant *x = a, *y = b;

        if (list_of(x) != list_of(y))
                return list_of(x) < list_of(y) ? -1 : 1;
        return (x->rule > y->rule) - (x->rule < y->rule);
}

static int
compare_places(const void *a, const void *b)
{
        const place *x = a, *y = b;

        if (x->ask != y->ask)
                return x->ask < y->ask ? -1 : 1;
        if (x->atom != y->atom)
                return x->atom < y->atom ? -1 : 1;
        return (x->team > y->team) - (x->team < y->team);
}

static int
make_teams(builder *b, bench *t)
{
        qsort(t->at, t->n, sizeof *t->at, compare_entrants);
        t->teams = RTI_NEWN(b->arena, team, t->n);
        if (!t->teams)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < t->n; i++) {
                const uint32_t list = list_of(&t->at[i]);

                if (i == 0 || list != list_of(&t->at[i - 1])) {
                        t->teams[t->n_teams++] = (team){ .list = list, .first = i };
                        t->n_places += b->lists[list].n;
                }
                t->teams[t->n_teams - 1].n++;
                if (t->depth)
                        b->places[t->at[i].rule] += b->lists[list].n;
        }
        return RT_OK;
}

static int
make_places(builder *b, bench *t)
{
        uint32_t n = 0;

        t->places = RTI_NEWN(b->arena, place, t->n_places + 1);
        if (!t->places)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < t->n_teams; i++) {
                const rti_p_range list = b->lists[t->teams[i].list];

                for (uint32_t k = 0; k < list.n; k++) {
                        const uint32_t atom = b->atoms[list.first + k];

                        b->ir->atoms.at[atom].wanted = true;
                        t->places[n++] = (place){ rti_ask_of(&b->ir->atoms.at[atom]), atom, i };
                }
        }
        qsort(t->places, n, sizeof *t->places, compare_places);
        return RT_OK;
}

/* How far the places of one atom reach, and their teams: the numbers of those that are not apart,
 * as a key in @a teams. */
static uint32_t
teams_at(const bench *t, uint32_t first, uint32_t *teams, uint32_t *ret_n)
{
        uint32_t i = first, n = 0;

        for (; i < t->n_places && t->places[i].atom == t->places[first].atom; i++)
                if (!t->teams[t->places[i].team].apart)
                        teams[n++] = t->places[i].team;
        *ret_n = n;
        return i;
}

/* Where teams that stand at the same atoms are written down again and again, their rules would make
 * the index grow faster than they do. */
static int
set_apart(builder *b, bench *t)
{
        rti_map map = { .arena = b->arena };
        uint32_t *teams = RTI_NEWN(b->arena, uint32_t, t->n_teams + 1), n;

        if (!teams)
                return RT_ENOMEM;
        for (uint32_t i = 0, next; i < t->n_places; i = next) {
                rt_str key;

                next = teams_at(t, i, teams, &n);
                key = (rt_str){ (const char *) teams, n * sizeof *teams };
                if (n < 2 || rti_map_get(&map, key) != RTI_MAP_NONE)
                        continue;
                key = rti_arena_copy(b->arena, key);
                if (!key.ptr || rti_map_set(&map, key, 0) < 0)
                        return RT_ENOMEM;
                for (uint32_t k = 0; k < n; k++)
                        t->teams[teams[k]].shared++;
        }
        for (uint32_t i = 0; i < t->n_teams; i++) {
                team *one = &t->teams[i];

                one->apart = one->shared > MOST_SHARED
                             && (uint64_t) one->n * one->shared > 4ull * b->lists[one->list].n;
        }
        return RT_OK;
}

/* ---- what stands at an atom ---- */

/* The rules of these teams: one rule, or a node of theirs. */
static int
target_of(builder *b, const bench *t, uint32_t ask, const uint32_t *teams, uint32_t n_teams,
          uint32_t *ret_to)
{
        const bool of_subject = b->of_subject;
        const double reach = b->reach;
        double share = 1;
        uint32_t n = 0, to;
        entrant *at;
        int r;

        for (uint32_t i = 0; i < n_teams; i++)
                n += t->teams[teams[i]].n;
        at = RTI_NEWN(b->arena, entrant, n);
        if (!at)
                return RT_ENOMEM;
        n = 0;
        for (uint32_t i = 0; i < n_teams; i++) {
                const team *one = &t->teams[teams[i]];
                const entrant *first = &t->at[one->first];
                const double its = (double) first->options.at[first->pick].share;

                share = its < share ? its : share;
                for (uint32_t k = 0; k < one->n; k++) {
                        entrant *e = &at[n++];

                        *e = t->at[one->first + k];
                        e->used |= (uint8_t) (1u << e->pick);
                }
        }
        b->of_subject = of_subject && asks_subject(b, ask);
        b->reach = reach * share;
        r = build(b, at, n, t->depth + 1, &to);
        b->of_subject = of_subject;
        b->reach = reach;
        *ret_to = to;
        return r;
}

static int
add_switch(builder *b, bench *t, uint32_t ask, const rti_index_place *places, uint32_t n)
{
        const rti_index_switch row = { ask, { (uint32_t) b->x->places.n, n } };
        int r = RT_OK;

        for (uint32_t i = 0; r == RT_OK && i < n; i++)
                r = rti_vec_push(&b->x->places, b->ir->allocator, places[i], MOST);
        t->switches[t->n_switches++] = row;
        return r;
}

/* A switch for everything asked, of all teams that are not apart. */
static int
common_switches(builder *b, bench *t)
{
        rti_map map = { .arena = b->arena };
        uint32_t *teams = RTI_NEWN(b->arena, uint32_t, t->n_teams + 1);
        rti_index_place *places = RTI_NEWN(b->arena, rti_index_place, t->n_places + 1);
        uint32_t n_places = 0, n;
        int r = teams && places ? RT_OK : RT_ENOMEM;

        for (uint32_t i = 0, next; r == RT_OK && i < t->n_places; i = next) {
                const uint32_t ask = t->places[i].ask;
                rt_str key;
                uint32_t to;

                next = teams_at(t, i, teams, &n);
                key = (rt_str){ (const char *) teams, n * sizeof *teams };
                to = n ? rti_map_get(&map, key) : 0;
                if (to == RTI_MAP_NONE) {
                        r = target_of(b, t, ask, teams, n, &to);
                        key = rti_arena_copy(b->arena, key);
                        if (r == RT_OK)
                                r = key.ptr ? rti_map_set(&map, key, to) : RT_ENOMEM;
                }
                if (n)
                        places[n_places++] = (rti_index_place){ t->places[i].atom, to };
                if (next < t->n_places && t->places[next].ask == ask)
                        continue;
                if (r == RT_OK && n_places)
                        r = add_switch(b, t, ask, places, n_places);
                n_places = 0;
        }
        return r;
}

/* A switch for everything asked of a team that is apart. */
static int
own_switches(builder *b, bench *t, uint32_t number)
{
        const rti_p_range list = b->lists[t->teams[number].list];
        rti_index_place *places = RTI_NEWN(b->arena, rti_index_place, list.n + 1);
        uint32_t to = 0, n = 0;
        const uint32_t first = rti_ask_of(&b->ir->atoms.at[b->atoms[list.first]]);
        int r = places ? target_of(b, t, first, &number, 1, &to) : RT_ENOMEM;

        for (uint32_t i = 0; r == RT_OK && i < t->n_places; i++) {
                const uint32_t ask = t->places[i].ask;

                if (t->places[i].team == number)
                        places[n++] = (rti_index_place){ t->places[i].atom, to };
                if (n == 0 || (i + 1 < t->n_places && t->places[i + 1].ask == ask))
                        continue;
                r = add_switch(b, t, ask, places, n);
                n = 0;
        }
        return r;
}

/* What the node asks is no news below it. */
static void
count_asks(builder *b, const bench *t, uint32_t more)
{
        for (uint32_t i = 0; i < t->n_places; i++) {
                const uint32_t ask = t->places[i].ask;

                if (i && ask == t->places[i - 1].ask)
                        continue;
                b->above[ask] += more;
                b->read[ask / RTI_N_RELATIONS] += more;
        }
}

/* Switches of a node for all that picked an option. */
static int
split(builder *b, bench *t)
{
        uint32_t n_asks = 0, n_apart = 0;
        int r = make_teams(b, t);

        r = r < 0 ? r : make_places(b, t);
        r = r < 0 ? r : set_apart(b, t);
        if (r < 0)
                return r;
        for (uint32_t i = 0; i < t->n_places; i++)
                n_asks += i == 0 || t->places[i].ask != t->places[i - 1].ask;
        for (uint32_t i = 0; i < t->n_teams; i++)
                n_apart += t->teams[i].apart;
        n_asks += n_apart * (n_asks < RTI_OPTION_ASKS ? n_asks : RTI_OPTION_ASKS);
        t->switches = RTI_NEWN(b->arena, rti_index_switch, n_asks + 1);
        count_asks(b, t, 1);
        r = t->switches ? common_switches(b, t) : RT_ENOMEM;
        for (uint32_t i = 0; r == RT_OK && i < t->n_teams; i++)
                if (t->teams[i].apart)
                        r = own_switches(b, t, i);
        count_asks(b, t, (uint32_t) -1);
        return r;
}

/* ---- nodes ---- */

static int
add_rules(builder *b, const entrant *at, uint32_t n, rti_p_range *ret_rules)
{
        int r = RT_OK;

        *ret_rules = (rti_p_range){ (uint32_t) b->x->rules.n, 0 };
        for (uint32_t i = 0; r == RT_OK && i < n; i++) {
                if (at[i].pick != RTI_OPTIONS)
                        continue;
                r = rti_vec_push(&b->x->rules, b->ir->allocator, at[i].rule, MOST);
                ret_rules->n++;
        }
        return r;
}

/* Rules without an option first. */
static uint32_t
part(entrant *at, uint32_t n)
{
        uint32_t first = 0;

        for (uint32_t i = 0; i < n; i++)
                if (at[i].pick == RTI_OPTIONS) {
                        const entrant e = at[i];

                        at[i] = at[first];
                        at[first++] = e;
                }
        return first;
}

static int
build(builder *b, entrant *at, uint32_t n, unsigned depth, uint32_t *ret_node)
{
        uint32_t node, plain = n;
        rti_index_node row = { 0 };
        bench t;
        int r;

        for (uint32_t i = 0; i < n; i++)
                at[i].pick = RTI_OPTIONS;
        if (depth < RTI_INDEX_DEPTH && (depth == 0 || n > 1 || b->reach > LEAST_REACH)) {
                choose(b, at, n, depth);
                plain = part(at, n);
        }
        if (depth && n == 1 && plain == 1) {
                *ret_node = at[0].rule | RTI_TO_RULE;
                return RT_OK;
        }
        node = (uint32_t) b->x->nodes.n;
        r = rti_vec_push(&b->x->nodes, b->ir->allocator, row, MOST);
        t = (bench){ .at = at + plain, .n = n - plain, .depth = depth };
        r = r < 0 ? r : add_rules(b, at, plain, &row.rules);
        if (r == RT_OK && t.n)
                r = split(b, &t);
        row.switches = (rti_p_range){ (uint32_t) b->x->switches.n, t.n_switches };
        for (uint32_t i = 0; r == RT_OK && i < t.n_switches; i++)
                r = rti_vec_push(&b->x->switches, b->ir->allocator, t.switches[i], MOST);
        if (r < 0)
                return r;
        b->x->nodes.at[node] = row;
        *ret_node = node;
        return RT_OK;
}

/* ---- roots ---- */

/* How often what is about its subject leaves it open that an expression holds. Of several tests the
 * rarest counts alone: they are seldom independent. */
static int
weigh_subjects(builder *b)
{
        const rti_ir *ir = b->ir;
        double *may = RTI_NEWN(ir->arena, double, ir->exprs.n + 1);
        double *may_not = RTI_NEWN(ir->arena, double, ir->exprs.n + 1);

        if (!may || !may_not)
                return RT_ENOMEM;
        for (size_t i = 0; i < ir->exprs.n; i++) {
                const rti_ir_expr *x = &ir->exprs.at[i];
                const bool is_and = x->kind == RTI_X_AND;
                double least = 1, most = 0;

                for (uint32_t k = 0; k < x->n_child; k++) {
                        const uint32_t child = x->child[k];
                        const double yes = is_and ? may[child] : may_not[child];
                        const double no = is_and ? may_not[child] : may[child];

                        least = yes < least ? yes : least;
                        most += no;
                }
                most = most < 1 ? most : 1;
                may[i] = is_and ? least : most;
                may_not[i] = is_and ? most : least;
                if (x->kind == RTI_X_NOT) {
                        may[i] = may_not[x->child[0]];
                        may_not[i] = may[x->child[0]];
                } else if (x->kind == RTI_X_PRED) {
                        const bool known = ir->slots.at[ir->preds.at[x->pred].slot].of_subject
                                           && rti_ir_pass_on(ir, RTI_PASS_ORDER);

                        may[i] = known ? x->truth : 1;
                        may_not[i] = known ? 1 - x->truth : 1;
                } else if (x->kind <= RTI_X_TRUE) {
                        may[i] = x->kind == RTI_X_TRUE;
                        may_not[i] = 1 - may[i];
                }
        }
        b->left = may;
        return RT_OK;
}

static void
find_scans(builder *b)
{
        const rti_ir *ir = b->ir;

        for (size_t i = 0; i < ir->atoms.n; i++) {
                const rti_ir_atom *atom = &ir->atoms.at[i];
                uint8_t *n = &b->scans[rti_ask_of(atom)];

                if (atom->relation == RTI_REL_CONTAINS || atom->relation == RTI_REL_ICONTAINS)
                        *n = *n < MOST_SCANS ? *n + 1 : MOST_SCANS;
        }
}

/* The slot of the test that is asked first. */
static uint32_t
first_slot(const rti_ir *ir, uint32_t number)
{
        for (;;) {
                const rti_ir_expr *x = &ir->exprs.at[number];

                if (x->kind == RTI_X_PRED)
                        return ir->preds.at[x->pred].slot;
                if (x->n_child == 0)
                        return RTI_NONE;
                number = x->child[0];
        }
}

/* A tree over the rules, for events of these types (NULL: any). */
static int
plant(builder *b, entrant *at, uint32_t n, const rti_event_set *types, uint32_t *ret_root)
{
        rti_witnesses *w = &b->x->witnesses;
        int r = RT_OK;

        rti_arena_reset(b->arena);
        rti_witnesses_next(w);
        for (uint32_t i = 0; r == RT_OK && i < n; i++) {
                const uint32_t root = b->ir->all.at[at[i].rule].root;

                b->places[at[i].rule] = 0;
                at[i].used = 0;
                at[i].slot = first_slot(b->ir, root);
                at[i].options = (rti_options){ 0 };
                if (rti_index_is_on(b->ir))
                        r = rti_witnesses_of(w, root, types, &at[i].options);
        }
        b->lists = w->lists.at;
        b->atoms = w->atoms.at;
        b->of_subject = true;
        b->reach = 1;
        r = r < 0 ? r : build(b, at, n, 0, ret_root);
        for (uint32_t i = 0; r == RT_OK && i < n; i++) {
                if (b->x->placed[at[i].rule])
                        continue;
                b->x->placed[at[i].rule] = true;
                if (at[i].pick != RTI_OPTIONS)
                        b->x->chosen[at[i].rule] = &at[i].options.at[at[i].pick];
        }
        return r;
}

/* Rules of the source by their sets: those that look at any of these types, or the wide ones. */
static uint32_t
gather(const builder *b, uint32_t source, const rti_event_set *types, entrant *at)
{
        uint32_t n = 0;

        for (uint32_t i = 0; i < b->ir->all.n; i++) {
                const rti_event_set *set = &b->x->sets.at[b->x->set_of[i]];
                bool looks = !types == rti_index_is_wide(b->x, i);

                if (b->ir->all.at[i].source != source || !looks)
                        continue;
                for (size_t k = 0; types && k < RTI_EVENT_WORDS; k++)
                        if ((looks = set->word[k] & types->word[k]))
                                break;
                if (looks)
                        at[n++] = (entrant){ .rule = i };
        }
        return n;
}

static int
plant_group(builder *b, rti_index_group *group, entrant *at, uint32_t *wide_root)
{
        uint32_t n = gather(b, group->source, &group->types, at);
        int r = RT_OK;

        if (n)
                r = plant(b, at, n, &group->types, &group->roots[group->n_roots++]);
        if (r < 0 || !group->wide)
                return r;
        if (wide_root[group->source] == RTI_NONE) {
                n = gather(b, group->source, NULL, at);
                r = plant(b, at, n, NULL, &wide_root[group->source]);
        }
        group->roots[group->n_roots++] = wide_root[group->source];
        return r;
}

int
rti_index_trees(rti_ir *ir, rti_index *x)
{
        const size_t n_asks = ir->slots.n * RTI_N_RELATIONS + 1;
        rti_arena arena;
        builder b = { .ir = ir,
                      .x = x,
                      .arena = &arena,
                      .scans = RTI_NEWN(ir->arena, uint8_t, n_asks),
                      .n_open = RTI_NEWN(ir->arena, uint32_t, ir->slots.n + 1),
                      .above = RTI_NEWN(ir->arena, uint32_t, n_asks),
                      .read = RTI_NEWN(ir->arena, uint32_t, ir->slots.n + 1),
                      .saved = RTI_NEWN(ir->arena, double, n_asks),
                      .state = RTI_NEWN(ir->arena, uint8_t, n_asks),
                      .asks = RTI_NEWN(ir->arena, uint32_t, n_asks),
                      .places = RTI_NEWN(ir->arena, uint32_t, ir->all.n + 1) };
        entrant *at = RTI_NEWN(ir->arena, entrant, ir->all.n + 1);
        uint32_t *wide_root = RTI_NEWN(ir->arena, uint32_t, ir->sources.n + 1);
        int r = RT_OK;

        if (!b.scans || !b.n_open || !b.above || !b.read || !b.saved || !b.state || !b.asks
            || !b.places || !at || !wide_root)
                return RT_ENOMEM;
        memset(wide_root, 0xff, ir->sources.n * sizeof *wide_root);
        find_scans(&b);
        r = weigh_subjects(&b);
        rti_arena_init(&arena, ir->allocator, 0);
        for (size_t i = 0; r == RT_OK && i < x->groups.n; i++)
                r = plant_group(&b, &x->groups.at[i], at, wide_root);
        rti_arena_done(&arena);
        return r;
}
