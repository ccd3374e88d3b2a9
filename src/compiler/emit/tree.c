/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tree.c - from the atoms of an event to the rules that may hold.
 *
 *   in   rules with their options (witness.h)
 *   out  nodes: every rule stands at each atom of one of its options, or in the node itself; where
 *        many rules stand at one atom, a node below asks for another option of theirs
 *
 * A node asks what pays: asking a slot costs every event that reaches the node, a rule costs its
 * share of these times what beginning it costs. From asking all on, the one that saves
 * least against its cost is closed, until all others pay.
 *
 * Atoms with the same rules share a node. Rules with the same option are treated as one, so that
 * the work is linear in the lists of atoms and in the rules, apart from sorting. Below a root, a
 * rule has at most MOST_PLACES places.
 */
#include "compiler/emit/index.h"
#include <stdlib.h>

enum {
        RULE_NS = 30,     /* beginning a rule */
        CLASSIFY_NS = 15, /* finding the atoms of a value */
        SCAN_NS = 60,     /* of a text, byte by byte */
        ONCE_IN = 10,     /* events of one subject, or so, it is asked about */
        FEW_RULES = 4,    /* at one place need no node to tell them apart */
        MOST_PLACES = 64,
        MOST_SHARED = 64, /* nodes that the rules of one option stand in, for free */
        MOST = 0x7fffffff
};

typedef struct entrant {
        uint32_t rule;
        rti_options options;
        uint8_t used; /* options that were asked above, as bits */
        uint8_t pick; /* option, or RTI_OPTIONS: stands in the node itself */
} entrant;

typedef struct builder {
        rti_ir *ir;
        rti_index *x;
        const rti_p_range *lists;
        const uint32_t *atoms;
        double *cost_ns;  /* per ask: to ask it */
        double *saved;    /* per ask: by being open */
        uint8_t *state;   /* per ask: enum ask_state */
        uint32_t *asks;   /* those in play */
        uint32_t *places; /* per rule: below the root */
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

/* The best option that asks what is open, but for @a without; RTI_OPTIONS: none. They are in
 * order. */
static uint32_t
best_of(const builder *b, const entrant *e, unsigned depth, uint32_t without)
{
        for (uint32_t k = 0; k < e->options.n; k++)
                if (is_allowed(b, e, k, depth) && is_open(b, &e->options.at[k], without))
                        return k;
        return RTI_OPTIONS;
}

/* What a rule costs that stands there. One that stands in the node itself asks on its own what an
 * option of its would. */
static double
cost_of(const builder *b, const entrant *e, uint32_t pick, unsigned depth)
{
        double least = RULE_NS;

        if (pick != RTI_OPTIONS)
                return RULE_NS * (double) e->options.at[pick].share;
        for (uint32_t k = 0, some = 0; k < e->options.n; k++) {
                const rti_option *o = &e->options.at[k];
                double ns = 0;

                if (!is_allowed(b, e, k, depth))
                        continue;
                for (uint32_t i = 0; i < o->n_asks; i++)
                        ns += b->cost_ns[o->asks[i]];
                if (!some++ || ns < least)
                        least = ns;
        }
        return RULE_NS + least;
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
                                cost_of(b, &at[i], other, depth) - cost_of(b, &at[i], best, depth);
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
                          && b->saved[b->asks[i]] < b->cost_ns[b->asks[i]];
        quarter = (losing + 3) / 4;
        for (uint32_t i = 0; i < quarter; i++) {
                uint32_t worst = RTI_NONE;
                double by = 0;

                for (uint32_t k = 0; k < n_asks; k++) {
                        const uint32_t ask = b->asks[k];
                        const double loss = b->cost_ns[ask] - b->saved[ask];

                        if (b->state[ask] == OPEN && loss > by) {
                                worst = ask;
                                by = loss;
                        }
                }
                b->state[worst] = CLOSED;
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
        for (uint32_t i = 0; i < n_asks; i++)
                b->state[b->asks[i]] = IDLE;
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
        t->teams = RTI_NEWN(b->ir->arena, team, t->n);
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

        t->places = RTI_NEWN(b->ir->arena, place, t->n_places + 1);
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
        rti_map map = { .arena = b->ir->arena };
        uint32_t *teams = RTI_NEWN(b->ir->arena, uint32_t, t->n_teams + 1), n;

        if (!teams)
                return RT_ENOMEM;
        for (uint32_t i = 0, next; i < t->n_places; i = next) {
                rt_str key;

                next = teams_at(t, i, teams, &n);
                key = (rt_str){ (const char *) teams, n * sizeof *teams };
                if (n < 2 || rti_map_get(&map, key) != RTI_MAP_NONE)
                        continue;
                key = rti_arena_copy(b->ir->arena, key);
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
target_of(builder *b, const bench *t, const uint32_t *teams, uint32_t n_teams, uint32_t *ret_to)
{
        uint32_t n = 0, to;
        entrant *at;
        int r;

        for (uint32_t i = 0; i < n_teams; i++)
                n += t->teams[teams[i]].n;
        if (n == 1) {
                *ret_to = t->at[t->teams[teams[0]].first].rule | RTI_TO_RULE;
                return RT_OK;
        }
        at = RTI_NEWN(b->ir->arena, entrant, n);
        if (!at)
                return RT_ENOMEM;
        n = 0;
        for (uint32_t i = 0; i < n_teams; i++) {
                const team *one = &t->teams[teams[i]];

                for (uint32_t k = 0; k < one->n; k++) {
                        entrant *e = &at[n++];

                        *e = t->at[one->first + k];
                        e->used |= (uint8_t) (1u << e->pick);
                }
        }
        r = build(b, at, n, t->depth + 1, &to);
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
        rti_map map = { .arena = b->ir->arena };
        uint32_t *teams = RTI_NEWN(b->ir->arena, uint32_t, t->n_teams + 1);
        rti_index_place *places = RTI_NEWN(b->ir->arena, rti_index_place, t->n_places + 1);
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
                        r = target_of(b, t, teams, n, &to);
                        key = rti_arena_copy(b->ir->arena, key);
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
        rti_index_place *places = RTI_NEWN(b->ir->arena, rti_index_place, list.n + 1);
        uint32_t to = 0, n = 0;
        int r = places ? target_of(b, t, &number, 1, &to) : RT_ENOMEM;

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
        t->switches = RTI_NEWN(b->ir->arena, rti_index_switch, n_asks + 1);
        r = t->switches ? common_switches(b, t) : RT_ENOMEM;
        for (uint32_t i = 0; r == RT_OK && i < t->n_teams; i++)
                if (t->teams[i].apart)
                        r = own_switches(b, t, i);
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
        const uint32_t node = (uint32_t) b->x->nodes.n;
        rti_index_node row = { 0 };
        uint32_t plain = n;
        bench t;
        int r = rti_vec_push(&b->x->nodes, b->ir->allocator, row, MOST);

        for (uint32_t i = 0; i < n; i++)
                at[i].pick = RTI_OPTIONS;
        if (depth < RTI_INDEX_DEPTH && (depth == 0 || n > FEW_RULES)) {
                choose(b, at, n, depth);
                plain = part(at, n);
        }
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

static void
price(builder *b)
{
        const rti_ir *ir = b->ir;

        for (size_t i = 0; i < ir->atoms.n; i++) {
                const rti_ir_atom *atom = &ir->atoms.at[i];
                const bool scan =
                        atom->relation == RTI_REL_CONTAINS || atom->relation == RTI_REL_ICONTAINS;

                b->cost_ns[rti_ask_of(atom)] =
                        (ir->slots.at[atom->slot].cost_ns + CLASSIFY_NS + (scan ? SCAN_NS : 0))
                        / (rti_index_of_subject(ir, (uint32_t) i) ? ONCE_IN : 1.);
        }
}

/* A tree over the rules, for events of these types (NULL: any). */
static int
plant(builder *b, entrant *at, uint32_t n, const rti_event_set *types, uint32_t *ret_root)
{
        rti_witnesses *w = &b->x->witnesses;
        int r = RT_OK;

        rti_witnesses_next(w);
        for (uint32_t i = 0; r == RT_OK && i < n; i++) {
                const uint32_t root = b->ir->all.at[at[i].rule].root;

                b->places[at[i].rule] = 0;
                at[i].used = 0;
                at[i].options = (rti_options){ 0 };
                if (rti_index_is_on(b->ir))
                        r = rti_witnesses_of(w, root, types, &at[i].options);
        }
        b->lists = w->lists.at;
        b->atoms = w->atoms.at;
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
        builder b = { .ir = ir,
                      .x = x,
                      .cost_ns = RTI_NEWN(ir->arena, double, n_asks),
                      .saved = RTI_NEWN(ir->arena, double, n_asks),
                      .state = RTI_NEWN(ir->arena, uint8_t, n_asks),
                      .asks = RTI_NEWN(ir->arena, uint32_t, n_asks),
                      .places = RTI_NEWN(ir->arena, uint32_t, ir->all.n + 1) };
        entrant *at = RTI_NEWN(ir->arena, entrant, ir->all.n + 1);
        uint32_t *wide_root = RTI_NEWN(ir->arena, uint32_t, ir->sources.n + 1);
        int r = RT_OK;

        if (!b.cost_ns || !b.saved || !b.state || !b.asks || !b.places || !at || !wide_root)
                return RT_ENOMEM;
        memset(wide_root, 0xff, ir->sources.n * sizeof *wide_root);
        price(&b);
        for (size_t i = 0; r == RT_OK && i < x->groups.n; i++)
                r = plant_group(&b, &x->groups.at[i], at, wide_root);
        return r;
}
