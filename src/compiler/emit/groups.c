/* SPDX-License-Identifier: Apache-2.0 */
/*
 * groups.c - event types that the same rules look at.
 *
 *   in   the rules' sets of event types
 *   out  for each source a group for each of its types; rules that would stand in many groups are
 *        wide: they stand in a tree of their own, common to all groups, and ask for the type first
 *
 * Few rules differ in their sets, so all is done with distinct sets: sets times types, never rules
 * times types.
 */
#include "compiler/emit/index.h"
#include "lang/registry.h"

enum { MOST_GROUPS = 16, MOST = 0x7fffffff };

/* Sources have their own. */
typedef struct set_key {
        rti_event_set set;
        uint64_t source;
} set_key;

static int
intern_set(rti_ir *ir, rti_index *x, rti_map *map, const set_key *from, uint32_t *ret_number)
{
        rt_str key = { (const char *) from, sizeof *from };
        const uint32_t found = rti_map_get(map, key);
        int r;

        if (found != RTI_MAP_NONE) {
                *ret_number = found;
                return RT_OK;
        }
        *ret_number = (uint32_t) x->sets.n;
        r = rti_vec_push(&x->sets, ir->allocator, from->set, MOST);
        key = rti_arena_copy(ir->arena, key);
        if (r == RT_OK)
                r = key.ptr ? rti_map_set(map, key, *ret_number) : RT_ENOMEM;
        return r;
}

static int
intern_sets(rti_ir *ir, rti_index *x)
{
        const bool by_type = rti_ir_pass_on(ir, RTI_PASS_EVENTS);
        const rti_event_set nothing = { 0 };
        rti_map map = { .arena = ir->arena };
        int r = RT_OK;

        x->set_of = RTI_NEWN(ir->arena, uint32_t, ir->all.n + 1);
        if (!x->set_of)
                return RT_ENOMEM;
        for (size_t i = 0; r == RT_OK && i < ir->all.n; i++) {
                const rti_ir_rule *rule = &ir->all.at[i];
                const bool never = by_type && rule->root == RTI_X_FALSE;
                const set_key key = { never ? nothing : rule->rule->events, rule->source };

                r = intern_set(ir, x, &map, &key, &x->set_of[i]);
        }
        return r;
}

/* What decides which rules look at a type: the sets of the source that hold it. */
typedef struct typing {
        rti_ir *ir;
        rti_index *x;
        uint32_t source;
        uint32_t n_sets, *sets; /* of rules of the source */
        uint32_t *key;          /* of one type: n_sets + 1 numbers */
        uint32_t *n_groups;     /* per set: groups that hold it */
        uint32_t *last;         /* per set: the group counted last, plus one */
} typing;

static uint32_t
key_of(const typing *t, uint32_t code)
{
        uint32_t n = 0;
        bool wide = false;

        for (uint32_t i = 0; i < t->n_sets; i++) {
                const uint32_t set = t->sets[i];

                if (t->x->wide[set])
                        wide = wide || !rti_ir_pass_on(t->ir, RTI_PASS_EVENTS)
                               || rti_event_set_has(&t->x->sets.at[set], code);
                else if (rti_event_set_has(&t->x->sets.at[set], code))
                        t->key[n++] = set;
        }
        if (wide)
                t->key[n++] = RTI_NONE;
        return n;
}

/* Put every type of the source into a group. */
static int
group_types(typing *t)
{
        rti_index_source *s = &t->x->sources[t->source];
        rti_map map = { .arena = t->ir->arena };
        int r = RT_OK;

        memset(t->n_groups, 0, t->x->sets.n * sizeof *t->n_groups);
        for (uint32_t i = 0; r == RT_OK && i < s->n_types; i++) {
                const uint32_t code = s->first_type + i, n = key_of(t, code);
                rt_str key = { (const char *) t->key, n * sizeof *t->key };
                uint32_t found = n ? rti_map_get(&map, key) : RTI_NONE;

                s->group[i] = found;
                if (n && found == RTI_MAP_NONE) {
                        const rti_index_group group = { .source = t->source,
                                                        .wide = t->key[n - 1] == RTI_NONE };

                        s->group[i] = found = (uint32_t) t->x->groups.n;
                        r = rti_vec_push(&t->x->groups, t->ir->allocator, group, MOST);
                        key = rti_arena_copy(t->ir->arena, key);
                        if (r == RT_OK)
                                r = key.ptr ? rti_map_set(&map, key, found) : RT_ENOMEM;
                        for (uint32_t k = 0; k < n; k++)
                                if (t->key[k] != RTI_NONE)
                                        t->n_groups[t->key[k]]++;
                }
                if (r == RT_OK && n)
                        rti_event_set_add(&t->x->groups.at[found].types, code);
        }
        return r;
}

static int
group_source(typing *t)
{
        const size_t before = t->x->groups.n;
        bool again = false;
        int r = group_types(t);

        for (uint32_t i = 0; i < t->n_sets; i++)
                if (t->n_groups[t->sets[i]] > MOST_GROUPS)
                        t->x->wide[t->sets[i]] = again = true;
        if (r < 0 || !again)
                return r;
        /* Without them there are fewer groups. */
        t->x->groups.n = before;
        return group_types(t);
}

static void
collect_sets(typing *t)
{
        memset(t->last, 0, t->x->sets.n * sizeof *t->last);
        t->n_sets = 0;
        for (size_t i = 0; i < t->ir->all.n; i++) {
                const uint32_t set = t->x->set_of[i];

                if (t->ir->all.at[i].source != t->source || t->last[set]++)
                        continue;
                t->sets[t->n_sets++] = set;
        }
}

int
rti_index_groups(rti_ir *ir, rti_index *x)
{
        int r = intern_sets(ir, x);
        const size_t n = x->sets.n + 1;
        typing t = { .ir = ir,
                     .x = x,
                     .sets = RTI_NEWN(ir->arena, uint32_t, n),
                     .key = RTI_NEWN(ir->arena, uint32_t, n),
                     .n_groups = RTI_NEWN(ir->arena, uint32_t, n),
                     .last = RTI_NEWN(ir->arena, uint32_t, n) };

        x->wide = RTI_NEWN(ir->arena, bool, n);
        x->sources = RTI_NEWN(ir->arena, rti_index_source, ir->sources.n + 1);
        if (r < 0 || !x->wide || !x->sources || !t.sets || !t.key || !t.n_groups || !t.last)
                return r < 0 ? r : RT_ENOMEM;
        for (size_t i = 0; i < x->sets.n; i++)
                x->wide[i] = !rti_ir_pass_on(ir, RTI_PASS_EVENTS);
        for (; r == RT_OK && t.source < ir->sources.n; t.source++) {
                rti_index_source *s = &x->sources[t.source];
                const rt_source_ops *ops =
                        rti_registry_source(ir->rules->registry, ir->sources.at[t.source]);
                const bool all = rti_str_is(rti_str_of(ops->name), "syscall");

                s->first_type = all ? 0 : RT_EVENT_PLUGIN;
                s->n_types = all ? RTI_N_EVENT_CODES : 1;
                s->group = RTI_NEWN(ir->arena, uint32_t, s->n_types);
                if (!s->group)
                        return RT_ENOMEM;
                collect_sets(&t);
                r = group_source(&t);
        }
        return r;
}
