/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walk.c - values behind arrays: `requestObject.spec.containers[].image`.
 *
 *   in   a path, and an index or none
 *   out  values in kit->list
 *
 * The reference's ways, which rules have come to depend on: an array on the way is opened, all of
 * it without an index, one element with; the last value is taken as it is, an array too; what is
 * missing becomes a gap inside of an array, and ends the walk outside. Recursion is bounded by the
 * document's depth.
 */
#include "sources/jsonkit/limits.h"
#include "sources/k8saudit/k8saudit.h"

typedef struct walk {
        rti_kit *kit;
        uint64_t index; /* UINT64_MAX: none */
} walk;

static int
found(const walk *w, rti_json_node node)
{
        const int r =
                rti_vec_push(&w->kit->list, w->kit->allocator, node, RTI_SOURCE_MAX_LIST_ELEMENTS);

        return r < 0 ? r : 1;
}

static int open_array(const walk *w, rti_json_node array, const rt_str *names, size_t n);

/* 1: something was found, 0: nothing, RT_E*. */
static int
descend(const walk *w, rti_json_node node, const rt_str *names, size_t n)
{
        const rti_json *doc = w->kit->doc;

        for (size_t i = 0; i < n && node != RTI_JSON_NONE; i++) {
                if (rti_json_type(doc, node) == RTI_JSON_ARRAY) {
                        if (w->index == UINT64_MAX)
                                return open_array(w, node, names + i, n - i);
                        node = rti_json_at(doc, node, w->index);
                }
                if (node != RTI_JSON_NONE && names[i].len > 0)
                        node = rti_json_get(doc, node, names[i]);
        }
        return node == RTI_JSON_NONE ? 0 : found(w, node);
}

static int
open_array(const walk *w, rti_json_node array, const rt_str *names, size_t n)
{
        const rti_json *doc = w->kit->doc;

        for (rti_json_node element = rti_json_first(doc, array); element != RTI_JSON_NONE;
             element = rti_json_next(doc, element)) {
                int r = descend(w, element, names, n);

                if (r == 0)
                        r = found(w, RTI_JSON_NONE);
                if (r < 0)
                        return r;
        }
        return 1;
}

int
rti_k8saudit_walk_at(rti_kit *kit, const rti_kit_slot *slot, uint64_t index)
{
        const walk w = { kit, index };

        kit->list.n = 0;
        return descend(&w, rti_kit_node(kit, slot, 0), slot->rest, slot->n_rest);
}

int
rti_k8saudit_walk(rti_kit *kit, const rti_kit_slot *slot)
{
        return rti_k8saudit_walk_at(kit, slot,
                                    slot->arg == RT_ARG_INDEX ? slot->index : UINT64_MAX);
}
