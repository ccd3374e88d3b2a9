/* SPDX-License-Identifier: Apache-2.0 */
/*
 * list.h - lists that change at run time: docs/design/0015.
 *
 * An rt_list is built by one thread, and from when it is first in force never changes. An engine's
 * lists in force are an immutable table, which takes the place of the one before as a whole.
 */
#ifndef RTI_ENGINE_LIST_H
#define RTI_ENGINE_LIST_H

#include "engine/engine.h"
#include "engine/frame.h"

/* One in force, or that was: `list` is NULL. */
typedef struct rti_list_row {
        const char *name; /* the engine's */
        rt_list *list;    /* a reference */
        uint64_t number;  /* higher than that of any list before */
} rti_list_row;

struct rti_lists { /* in force at one time */
        atomic_size_t refs;
        rt_allocator allocator;
        uint32_t n;
        rti_list_row at[];
};

/* NULL is nobody's. */
rti_lists *rti_lists_ref(rti_lists *lists);
void rti_lists_unref(rti_lists *lists);
/* NULL: there never was one of that name. */
const rti_list_row *rti_lists_find(const rti_lists *lists, rt_str name);

/* Do the lists that the ruleset names, and those of @a lists, agree on what they hold? */
bool rti_lists_agree(const rti_lists *lists, const rt_ruleset *rules);

/* Put @a list, which may be NULL, in force: RT_OK, RT_EINVAL, RT_ELIMIT, RT_ENOMEM. */
int rti_engine_use_list(rt_engine *engine, rt_str name, rt_list *list);

/* ---- one list ---- */

int rti_list_new(const rt_allocator *allocator, uint32_t kind, rt_list **ret_list);
rt_list *rti_list_ref(rt_list *list);
void rti_list_unref(rt_list *list);
const rt_allocator *rti_list_allocator(const rt_list *list);
uint32_t rti_list_kind(const rt_list *list);
uint64_t rti_list_count(const rt_list *list);
/* 1: added, 0: it is there already, RT_EFORMAT: no element of that kind, RT_ELIMIT, RT_ENOMEM,
 * RT_EINVAL: the list is in force. */
int rti_list_add(rt_list *list, rt_str element);
/* No more is added: call it before others can see the list. */
void rti_list_seal(rt_list *list);
/* An address is in the networks that have it: 1, 0; RT_E* as rti_list_add. */
int rti_list_has(const rt_list *list, rt_str element);

/* Is the value, which is not missing, of @a slot's argument in the list, as the slot's operator
 * means it? 1, 0, RT_ENOMEM. */
int rti_list_test(const rt_list *list, rti_frame *frame, const rti_slot *slot,
                  const rt_value *value);

#endif
