/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kit.c - one JSON record at a time, and the values of its fields.
 *
 *   in   records as text; the demand of a ruleset
 *   out  values: slices of the record, or copies in the event's memory
 *
 * Reading a field does not allocate beyond the event's memory, once `text` has grown to the size
 * of the largest value.
 */
#include "sources/jsonkit/touch.h"

int
rti_kit_init(rti_kit *kit, const rt_allocator *allocator, const rti_field_table *fields,
             const rti_kit_field *reads, const char *fixed)
{
        const rt_demand nothing = RT_INIT(rt_demand);
        int r;

        *kit = (rti_kit){
                .allocator = allocator, .fields = fields, .reads = reads, .fixed = fixed
        };
        rti_buf_init(&kit->text, allocator, /* limit_bytes= */ 0);
        rti_arena_init(&kit->arena, allocator, /* limit_bytes= */ 0);
        r = rti_json_new(allocator, &kit->doc);
        for (size_t i = 0; i < RTI_KIT_N_OWNERS && r == RT_OK; i++)
                r = rti_json_touched_new(allocator, &kit->touched[i]);
        if (r == RT_OK)
                r = rti_kit_demand(kit, &nothing);
        if (r < 0)
                rti_kit_done(kit);
        return r;
}

void
rti_kit_done(rti_kit *kit)
{
        rti_json_projection_free(kit->projection);
        for (size_t i = 0; i < RTI_KIT_N_OWNERS; i++)
                rti_json_touched_free(kit->touched[i]);
        rti_json_free(kit->doc);
        rti_arena_done(&kit->arena);
        rti_buf_done(&kit->text);
        rti_vec_done(&kit->list, kit->allocator);
        *kit = (rti_kit){ .allocator = kit->allocator };
}

/* ---- parsing ---- */

/* While address and offset differ by the same, the same bytes stand at the same addresses. */
void
rti_kit_window(rti_kit *kit, const rt_input *input)
{
        const rt_str window = rt_input_window(input);
        const char *const end = window.ptr + window.len;
        const uintptr_t base = (uintptr_t) window.ptr - (uintptr_t) rt_input_offset(input);

        if (kit->window_end == end && kit->window_base == base)
                return;
        rti_json_window(kit->doc, window);
        kit->window_end = end;
        kit->window_base = base;
}

void
rti_kit_restart(rti_kit *kit)
{
        rti_json_window(kit->doc, (rt_str){ NULL, 0 });
        kit->window_end = NULL;
}

static int
parsed(rti_kit *kit, rt_str text, int r)
{
        kit->stamp++;
        kit->parsed = r == RT_OK;
        kit->disowned = kit->parsed && kit->nodes[kit->required] == RTI_JSON_NONE;
        kit->comparable = kit->parsed && *text.ptr == '{' && !kit->disowned;
        return r;
}

int
rti_kit_parse_prefix(rti_kit *kit, rt_str text, size_t *ret_length, rti_json_error *ret_error)
{
        return parsed(kit, text,
                      rti_json_parse_prefix(kit->doc, text, RTI_JSON_LENIENT, kit->projection,
                                            /* ret_slots= */ NULL, ret_length, ret_error));
}

int
rti_kit_parse(rti_kit *kit, rt_str text, rti_json_error *ret_error)
{
        return parsed(kit, text,
                      rti_json_parse(kit->doc, text, RTI_JSON_LENIENT, kit->projection,
                                     /* ret_slots= */ NULL, ret_error));
}

/* The sum of the versions of the slot's values: the same as before if each is what it was. */
static uint64_t
versions(const rti_kit *kit, const rti_kit_slot *slot)
{
        uint64_t sum = 0;

        for (uint32_t i = 0; i < slot->n_nodes; i++) {
                rti_json_kept *kept = &kit->kept[slot->node[i]];
                const rti_json_node node = rti_kit_node(kit, slot, i);

                if (!rti_json_is_kept(kit->doc, node, kept))
                        rti_json_keep(kit->doc, node, kept);
                sum += kept->version;
        }
        return sum;
}

/* A slot with several values, or one whose value is not what it was. */
__attribute__((noinline)) static int
compare(rti_kit *kit, const rt_event *event, rti_kit_slot *slot, rt_value *ret_value)
{
        const uint64_t now = versions(kit, slot);

        if (now == slot->seen)
                return RT_SAME;
        slot->seen = now;
        return slot->read(kit, event, slot, ret_value);
}

int
rti_kit_extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        rti_kit *kit = state;
        rti_kit_slot *s = &kit->slots[slot];
        const rti_json_kept *kept = s->kept;

        s->stamp = kit->stamp;
        if (event->flags & RT_EVENT_HELD && s->compared && kit->comparable) {
                if (kept && kept->version == s->seen
                    && rti_json_is_kept(kit->doc, kit->nodes[s->node[0]], kept))
                        return RT_SAME;
                return compare(kit, event, s, ret_value);
        }
        s->seen = 0;
        return kit->disowned && s->own ? 0 : s->read(kit, event, s, ret_value);
}

rti_json_node
rti_kit_find(const rti_kit *kit, const char *path)
{
        rti_json_node node = rti_json_root(kit->doc);

        while (*path && node != RTI_JSON_NONE) {
                const size_t n = strcspn(path, " ");

                node = rti_json_get(kit->doc, node, (rt_str){ path, n });
                path += n + (path[n] == ' ');
        }
        return node;
}

/* ---- values ---- */

static void *
event_memory(void *user, size_t size_bytes)
{
        return rt_event_alloc(user, size_bytes);
}

int
rti_kit_string(rti_kit *kit, const rt_event *event, rti_json_node node, rt_str *ret_text)
{
        /* The memory is the event's to change, not the event. */
        const rti_json_memory memory = { event_memory, (void *) event };

        return rti_json_string(kit->doc, node, &memory, ret_text);
}

int
rti_kit_name(rti_kit *kit, const rt_event *event, rti_json_node value, rt_str *ret_name)
{
        const rti_json_memory memory = { event_memory, (void *) event };

        return rti_json_unescape(rti_json_raw_name(kit->doc, value), &memory, ret_name);
}

int
rti_kit_keep(rti_kit *kit, const rt_event *event, rt_str *ret_text)
{
        const rt_str text = rti_buf_str(&kit->text);
        char *copy;

        if (kit->text.failed)
                return kit->text.failed;
        copy = rt_event_alloc(event, text.len + 1);
        if (!copy)
                return RT_ELIMIT;
        if (text.len > 0)
                memcpy(copy, text.ptr, text.len);
        *ret_text = (rt_str){ copy, text.len };
        return RT_OK;
}

int
rti_kit_add_json(rti_kit *kit, const rt_event *event, enum rti_kit_owner owner, rti_json_node node)
{
        rti_json_touched *touched = NULL;

        /* The strings inside can have been read, but not one that is printed as it is. */
        if (rti_json_type(kit->doc, node) != RTI_JSON_STRING) {
                const int r = rti_kit_touch(kit, event, owner, node);

                if (r < 0)
                        return r;
                touched = kit->touched[owner];
        }
        rti_json_compact(kit->doc, node, touched, &kit->text);
        return kit->text.failed;
}

int
rti_kit_json(rti_kit *kit, const rt_event *event, enum rti_kit_owner owner, rti_json_node node,
             rt_str *ret_text)
{
        const enum rti_json_type type = rti_json_type(kit->doc, node);
        int r;

        *ret_text = rti_json_raw(kit->doc, node);
        if (type != RTI_JSON_ARRAY && type != RTI_JSON_OBJECT)
                return RT_OK;
        r = rti_kit_touch(kit, event, owner, node);
        if (r < 0 || rti_json_is_compact(kit->doc, node, kit->touched[owner]))
                return r;
        rti_buf_clear(&kit->text);
        rti_json_compact(kit->doc, node, kit->touched[owner], &kit->text);
        return rti_kit_keep(kit, event, ret_text);
}

int
rti_kit_scalar(rti_kit *kit, const rt_event *event, enum rti_kit_owner owner, rti_json_node node,
               rt_str *ret_text)
{
        if (rti_json_type(kit->doc, node) == RTI_JSON_STRING)
                return rti_kit_string(kit, event, node, ret_text);
        return rti_kit_json(kit, event, owner, node, ret_text);
}

int
rti_kit_plain(rti_kit *kit, const rt_event *event, rti_json_node node, rt_str *ret_text)
{
        if (rti_json_type(kit->doc, node) == RTI_JSON_STRING)
                return rti_kit_string(kit, event, node, ret_text);
        *ret_text = RTI_STR("");
        return RT_OK;
}

int
rti_kit_give(rt_str text, rt_value *ret_value)
{
        const char *nul = text.len > 0 ? memchr(text.ptr, 0, text.len) : NULL;

        *ret_value = (rt_value){ .kind = RT_KIND_STRING,
                                 .as.s = { text.ptr, nul ? (size_t) (nul - text.ptr) : text.len } };
        return 1;
}

int
rti_kit_give_u64(uint64_t number, rt_value *ret_value)
{
        *ret_value = (rt_value){ .kind = RT_KIND_UINT64, .as.u = number };
        return 1;
}

int
rti_kit_give_list(const rt_value *list, size_t n, rt_value *ret_value)
{
        if (n == 0)
                return 0;
        *ret_value = (rt_value){ .kind = RT_KIND_LIST, .count = (uint32_t) n, .as.list = list };
        return 1;
}
