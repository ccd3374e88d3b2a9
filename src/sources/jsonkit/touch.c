/* SPDX-License-Identifier: Apache-2.0 */
/*
 * touch.c - which strings of a record count as read before.
 *
 *   in   the slots read of the event so far, the parsed record
 *   out  the nodes that its owner has read
 *
 * Called when a value is printed as JSON text; never on the way to a comparison.
 */
#include "sources/jsonkit/touch.h"
#include "sources/jsonkit/json_fields.h"

/* Does text look different once it has been unescaped and written again? */
static bool
is_odd(rt_str text)
{
        const uint64_t ones = UINT64_C(0x0101010101010101);
        size_t i = 0;

        for (; i + 8 <= text.len; i += 8) {
                const uint64_t x = rti_json_load(text.ptr + i), y = x ^ ones * '\\';

                if ((((x - ones * 0x20) & ~x) | ((y - ones) & ~y)) & ones << 7)
                        return true;
        }
        for (; i < text.len; i++)
                if (text.ptr[i] == '\\' || (unsigned char) text.ptr[i] < 0x20)
                        return true;
        return false;
}

static bool
has_odd_names(const rti_json *doc, rti_json_node object)
{
        if (rti_json_type(doc, object) != RTI_JSON_OBJECT)
                return false;
        for (rti_json_node n = rti_json_first(doc, object); n != RTI_JSON_NONE;
             n = rti_json_next(doc, n))
                if (is_odd(rti_json_raw_name(doc, n)))
                        return true;
        return false;
}

/* A search that fails leaves the names of its object unescaped. */
static int
touch_names(rti_kit *kit, rti_json_touched *touched, const rti_json_path *path)
{
        rti_json_node node = rti_json_root(kit->doc);

        for (size_t i = 0; i < path->n && node != RTI_JSON_NONE; i++) {
                const rti_json_node next = rti_json_get(kit->doc, node, path->names[i]);

                if ((next == RTI_JSON_NONE || is_odd(rti_json_raw_name(kit->doc, next)))
                    && has_odd_names(kit->doc, node)) {
                        const int r = rti_json_touch(touched, node);

                        if (r < 0)
                                return r;
                }
                node = next;
        }
        return RT_OK;
}

static int
touch_slot(rti_kit *kit, rti_json_touched *touched, const rti_kit_slot *slot)
{
        for (size_t i = 0; i < slot->n_nodes; i++) {
                rti_json_node node = rti_kit_node(kit, slot, i);
                int r = touch_names(kit, touched, &kit->paths[slot->node[i]]);

                if (r == RT_OK && slot->read == rti_json_field_value)
                        node = rti_pointer_follow(kit->doc, node, slot->rest, slot->n_rest);
                if (r == RT_OK && rti_kit_is(kit, node, RTI_JSON_STRING)
                    && is_odd(rti_json_raw(kit->doc, node)))
                        r = rti_json_touch(touched, node);
                if (r < 0)
                        return r;
        }
        return RT_OK;
}

int
rti_kit_touch(rti_kit *kit, const rt_event *event, enum rti_kit_owner owner, rti_json_node node)
{
        int r = RT_OK;

        rti_json_touched_clear(kit->touched[owner]);
        if (!is_odd(rti_json_raw(kit->doc, node)))
                return RT_OK;
        /* Events are made by the engine, which passes them on to be read; this is for it to see. */
        ((rt_event *) event)->flags |= RT_EVENT_REREAD;
        for (size_t i = 0; i < kit->n_slots && r == RT_OK; i++)
                if (kit->slots[i].own == (owner == RTI_KIT_SOURCE)
                    && kit->slots[i].stamp == kit->stamp)
                        r = touch_slot(kit, kit->touched[owner], &kit->slots[i]);
        return r;
}
