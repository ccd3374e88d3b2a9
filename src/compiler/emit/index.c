/* SPDX-License-Identifier: Apache-2.0 */
/*
 * index.c - the index is made, and written into the program.
 *
 *   in   rules, witnesses, classifiers with the numbers of their atoms
 *   out  SETS, SOURCES, GROUPS, NODES, SWITCHES, PLACES
 */
#include "compiler/emit/index.h"
#include "lang/registry.h"

int
rti_index_build(rti_ir *ir, rti_index *x)
{
        int r = RT_OK;

        x->chosen = RTI_NEWN(ir->arena, const rti_option *, ir->all.n + 1);
        x->placed = RTI_NEWN(ir->arena, bool, ir->all.n + 1);
        if (!x->chosen || !x->placed)
                return RT_ENOMEM;
        if (rti_index_is_on(ir))
                r = rti_witnesses_build(&x->witnesses, ir);
        return r < 0 ? r : rti_index_trees(ir, x);
}

void
rti_index_done(rti_index *x)
{
        rti_witnesses_done(&x->witnesses);
        rti_vec_done(&x->sets, x->allocator);
        rti_vec_done(&x->groups, x->allocator);
        rti_vec_done(&x->nodes, x->allocator);
        rti_vec_done(&x->switches, x->allocator);
        rti_vec_done(&x->places, x->allocator);
        rti_vec_done(&x->rules, x->allocator);
}

/* ---- writing ---- */

static bool
is_known(const rti_writer *w, const rti_index_place *place)
{
        return w->ir->atoms.at[place->atom].number != RTI_NONE;
}

/* Entries of a switch: half of them stay free, so that what is not there is soon known. */
static int
write_places(rti_writer *w, const rti_index_place *places, uint32_t n, rti_p_range *ret_entries)
{
        uint32_t size = 4;
        rti_p_entry *entries;

        while (size < 2 * (uint64_t) n)
                size *= 2;
        entries = RTI_NEWN(w->ir->arena, rti_p_entry, size);
        if (!entries)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < size; i++)
                entries[i].atom = RTI_NONE;
        for (uint32_t i = 0; i < n; i++) {
                const uint32_t atom = w->ir->atoms.at[places[i].atom].number;
                uint32_t at = rti_entry_hash(atom) & (size - 1);

                if (!is_known(w, &places[i]))
                        continue;
                while (entries[at].atom != RTI_NONE)
                        at = (at + 1) & (size - 1);
                entries[at] = (rti_p_entry){ atom, places[i].to };
        }
        *ret_entries = (rti_p_range){ rti_writer_count(w, RTI_S_PLACES), size };
        for (uint32_t i = 0; i < size; i++)
                rti_writer_add(w, RTI_S_PLACES, &entries[i]);
        return RT_OK;
}

/* Switches whose questions are about subjects, or those of other questions. */
static int
write_some(rti_writer *w, rti_p_range range, bool of_subject, rti_p_range *switches)
{
        const rti_index *x = w->index;
        int r = RT_OK;

        for (uint32_t i = 0; r == RT_OK && i < range.n; i++) {
                const rti_index_switch *from = &x->switches.at[range.first + i];
                const rti_index_place *places = x->places.at + from->places.first;
                rti_p_switch row;
                uint32_t k = 0;

                while (k < from->places.n && !is_known(w, &places[k]))
                        k++;
                if (k == from->places.n
                    || rti_index_of_subject(w->ir, places[k].atom) != of_subject)
                        continue;
                row.class = w->ir->atoms.at[places[k].atom].class;
                r = write_places(w, places, from->places.n, &row.entries);
                rti_writer_add(w, RTI_S_SWITCHES, &row);
                switches->n++;
        }
        return r;
}

/* What is about subjects comes first: it is passed over when they are known. */
static int
write_switches(rti_writer *w, rti_p_range range, rti_p_range *ret_switches)
{
        int r;

        *ret_switches = (rti_p_range){ rti_writer_count(w, RTI_S_SWITCHES), 0 };
        r = write_some(w, range, true, ret_switches);
        return r < 0 ? r : write_some(w, range, false, ret_switches);
}

/* The rules of a node, and with @a all those that it leads to. */
static void
write_rules(rti_writer *w, uint32_t node, bool all)
{
        const rti_index *x = w->index;
        const rti_index_node *from = &x->nodes.at[node];

        if (from->rules.n)
                rti_writer_numbers(w, x->rules.at + from->rules.first, from->rules.n);
        for (uint32_t i = 0; i < from->switches.n; i++) {
                const rti_p_range places = x->switches.at[from->switches.first + i].places;

                for (uint32_t k = 0; k < places.n; k++) {
                        const rti_index_place *place = &x->places.at[places.first + k];
                        const uint32_t rule = place->to & ~RTI_TO_RULE;

                        /* Rules at atoms that no classifier finds are candidates at once. */
                        if (!all && is_known(w, place))
                                continue;
                        if (place->to & RTI_TO_RULE)
                                rti_writer_add(w, RTI_S_NUMBERS, &rule);
                        else
                                write_rules(w, place->to, true);
                }
        }
}

static int
write_nodes(rti_writer *w)
{
        int r = RT_OK;

        for (uint32_t i = 0; r == RT_OK && i < w->index->nodes.n; i++) {
                rti_p_node row = { .rules.first = rti_writer_count(w, RTI_S_NUMBERS) };

                write_rules(w, i, false);
                row.rules.n = rti_writer_count(w, RTI_S_NUMBERS) - row.rules.first;
                r = write_switches(w, w->index->nodes.at[i].switches, &row.switches);
                rti_writer_add(w, RTI_S_NODES, &row);
        }
        return r;
}

static void
write_sources(rti_writer *w)
{
        const rti_index *x = w->index;

        for (uint32_t i = 0; i < w->ir->sources.n; i++) {
                const rti_index_source *from = &x->sources[i];
                const rt_source_ops *ops =
                        rti_registry_source(w->ir->rules->registry, w->ir->sources.at[i]);
                const rti_p_source row = { .name = rti_writer_text(w, rti_str_of(ops->name)),
                                           .first_type = from->first_type,
                                           .by_type = rti_writer_numbers(w, from->group,
                                                                         from->n_types) };

                rti_writer_add(w, RTI_S_SOURCES, &row);
        }
        for (size_t i = 0; i < x->groups.n; i++) {
                const rti_index_group *from = &x->groups.at[i];
                const rti_p_range roots = rti_writer_numbers(w, from->roots, from->n_roots);

                rti_writer_add(w, RTI_S_GROUPS, &roots);
        }
}

void
rti_write_sets(rti_writer *w)
{
        for (size_t i = 0; i < w->index->sets.n; i++)
                rti_writer_add(w, RTI_S_SETS, &w->index->sets.at[i]);
}

int
rti_write_index(rti_writer *w)
{
        int r = write_nodes(w);

        write_sources(w);
        return r;
}
