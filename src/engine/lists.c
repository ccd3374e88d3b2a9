/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists.c - the lists in force of an engine, as a table that is exchanged as a whole.
 *
 *   in   a list for a name
 *   out  a table with it; workers take it with the ruleset, between two events
 */
#include "engine/list.h"

rti_lists *
rti_lists_ref(rti_lists *lists)
{
        if (lists)
                atomic_fetch_add_explicit(&lists->refs, 1, memory_order_relaxed);
        return lists;
}

void
rti_lists_unref(rti_lists *lists)
{
        rt_allocator allocator;

        if (!lists || atomic_fetch_sub_explicit(&lists->refs, 1, memory_order_acq_rel) > 1)
                return;
        allocator = lists->allocator;
        for (uint32_t i = 0; i < lists->n; i++)
                rti_list_unref(lists->at[i].list);
        rti_free(&allocator, lists);
}

const rti_list_row *
rti_lists_find(const rti_lists *lists, rt_str name)
{
        for (uint32_t i = 0; lists && i < lists->n; i++)
                if (rti_str_is(name, lists->at[i].name))
                        return &lists->at[i];
        return NULL;
}

bool
rti_lists_agree(const rti_lists *lists, const rt_ruleset *rules)
{
        for (uint32_t i = 0; lists && rules && i < rules->p.n_slots; i++) {
                const rti_slot *slot = &rules->slots[i];
                const rti_list_row *row =
                        slot->what == RTI_SLOT_LISTED ? rti_lists_find(lists, slot->field) : NULL;

                if (row && row->list && rti_list_kind(row->list) != rti_slot_list_kind(rules, slot))
                        return false;
        }
        return true;
}

/* The table with one more row, or another list in one. */
static rti_lists *
table_with(rt_engine *engine, rt_str name, rt_list *list, int *ret_why)
{
        const rti_lists *old = engine->lists;
        const rti_list_row *row = rti_lists_find(old, name);
        const uint32_t n_old = old ? old->n : 0, n = n_old + !row;
        const char *copy = row ? row->name : NULL;
        rti_lists *lists;

        *ret_why = n > RTI_MAX_LISTS ? RT_ELIMIT : RT_ENOMEM;
        if (n > RTI_MAX_LISTS)
                return NULL;
        copy = copy ? copy : rti_arena_copy(&engine->arena, name).ptr;
        lists = copy ? rti_calloc(&engine->allocator, 1, sizeof *lists + n * sizeof *lists->at)
                     : NULL;
        if (!lists)
                return NULL;
        atomic_init(&lists->refs, 1);
        lists->allocator = engine->allocator;
        lists->n = n;
        for (uint32_t i = 0; i < n; i++) {
                if (i < n_old)
                        lists->at[i] = old->at[i];
                if (i == n_old || lists->at[i].name == copy)
                        lists->at[i] = (rti_list_row){ copy, list, ++engine->n_lists_used };
                rti_list_ref(lists->at[i].list);
        }
        return lists;
}

int
rti_engine_use_list(rt_engine *engine, rt_str name, rt_list *list)
{
        rti_lists *lists, *old;
        int r;

        if (list)
                rti_list_seal(list);
        pthread_mutex_lock(&engine->lock);
        old = lists = table_with(engine, name, list, &r);
        if (lists && !rti_lists_agree(lists, engine->rules)) {
                r = RT_EINVAL;
        } else if (lists) {
                r = RT_OK;
                old = engine->lists;
                engine->lists = lists;
                atomic_fetch_add_explicit(&engine->generation, 1, memory_order_release);
        }
        pthread_mutex_unlock(&engine->lock);
        /* It may be the last, and large. */
        rti_lists_unref(old);
        return r;
}
