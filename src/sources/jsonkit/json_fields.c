/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json_fields.c - json.value, json.obj, json.rawtime, and jevt.* which are the same.
 *
 *   in   a parsed record
 *   out  its values by JSON pointer, itself, its time
 */
#include "sources/jsonkit/json_fields.h"
#include "sources/builtin.h"

/* ---- pointers ---- */

/* "~1" is a slash and "~0" a tilde; any other tilde stays. */
static int
unescape(rti_arena *arena, rt_str name, rt_str *ret_name)
{
        char *copy;
        size_t n = 0;

        *ret_name = name;
        if (name.len == 0 || !memchr(name.ptr, '~', name.len))
                return RT_OK;
        copy = rti_arena_get(arena, name.len);
        if (!copy)
                return RT_ENOMEM;
        for (size_t i = 0; i < name.len; i++) {
                const char next = name.ptr[i] == '~' && i + 1 < name.len ? name.ptr[i + 1] : 0;

                copy[n++] = next == '1' ? '/' : name.ptr[i];
                i += next == '0' || next == '1';
        }
        *ret_name = (rt_str){ copy, n };
        return RT_OK;
}

int
rti_pointer_split(rti_arena *arena, rt_str pointer, rt_str **ret_names, size_t *ret_n)
{
        const bool slash = pointer.len > 0 && pointer.ptr[0] == '/';
        size_t n = pointer.len > 0, from = slash, k = 0;
        rt_str *names;

        for (size_t i = from; i < pointer.len; i++)
                n += pointer.ptr[i] == '/';
        names = rti_arena_get(arena, (n + 1) * sizeof *names);
        if (!names)
                return RT_ENOMEM;
        for (size_t i = from; i <= pointer.len && n > 0; i++)
                if (i == pointer.len || pointer.ptr[i] == '/') {
                        const int r = unescape(arena, rti_str_sub(pointer, from, i), &names[k++]);

                        if (r < 0)
                                return r;
                        from = i + 1;
                }
        *ret_names = names;
        *ret_n = n;
        return RT_OK;
}

bool
rti_pointer_is_index(rt_str name)
{
        const size_t sign = name.len > 0 && (name.ptr[0] == '-' || name.ptr[0] == '+');

        for (size_t i = sign; i < name.len; i++)
                if (name.ptr[i] < '0' || name.ptr[i] > '9')
                        return false;
        return name.len > sign;
}

uint64_t
rti_pointer_index(rt_str name)
{
        const size_t sign = name.ptr[0] == '-' || name.ptr[0] == '+';
        uint64_t value = 0;

        for (size_t i = sign; i < name.len; i++) {
                value = value * 10 + (uint64_t) (name.ptr[i] - '0');
                if (value > INT64_MAX / 16)
                        return UINT64_MAX;
        }
        return name.ptr[0] == '-' && value > 0 ? UINT64_MAX : value;
}

rti_json_node
rti_pointer_follow(const rti_json *doc, rti_json_node node, const rt_str *names, size_t n)
{
        for (size_t i = 0; i < n && node != RTI_JSON_NONE; i++) {
                const enum rti_json_type type = rti_json_type(doc, node);

                if (type == RTI_JSON_OBJECT)
                        node = rti_json_get(doc, node, names[i]);
                else if (type == RTI_JSON_ARRAY && rti_pointer_is_index(names[i]))
                        node = rti_json_at(doc, node, rti_pointer_index(names[i]));
                else
                        node = RTI_JSON_NONE;
        }
        return node;
}

/* ---- fields ---- */

int
rti_json_field_value(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot,
                     rt_value *ret_value)
{
        rti_json_node node;
        rt_str text;
        int r;

        if (!rti_kit_readable(kit, event))
                return 0;
        node = rti_pointer_follow(kit->doc, rti_kit_node(kit, slot, 0), slot->rest, slot->n_rest);
        if (node == RTI_JSON_NONE)
                return 0;
        if (rti_kit_give_simple(kit, node, ret_value))
                return 1;
        r = rti_kit_scalar(kit, event, RTI_KIT_JSON, node, &text);
        return rti_kit_give_result(r, text, ret_value);
}

static int
whole(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        rt_str text;
        int r;

        (void) slot;
        if (!rti_kit_readable(kit, event))
                return 0;
        rti_buf_clear(&kit->text);
        r = rti_json_indent(event->payload, &kit->text);
        if (r < 0)
                return r == RT_EFORMAT ? 0 : r;
        r = rti_kit_keep(kit, event, &text);
        return rti_kit_give_result(r, text, ret_value);
}

static int
raw_time(rti_kit *kit, const rt_event *event, const rti_kit_slot *slot, rt_value *ret_value)
{
        rt_str text;
        int r;

        (void) slot;
        if (!rti_kit_readable(kit, event))
                return 0;
        rti_buf_clear(&kit->text);
        rti_buf_add_u64(&kit->text, event->time_ns);
        r = rti_kit_keep(kit, event, &text);
        return rti_kit_give_result(r, text, ret_value);
}

const rti_kit_field rti_json_reads[] = {
#define FIELD(id, name, kind, flags, format, group, help, read) { read, "" },
#include "sources/jsonkit/fields.def"
#undef FIELD
};

const rt_source_ops rti_source_json_fields = {
        .size = sizeof rti_source_json_fields,
        .abi = RT_SOURCE_ABI,
        .name = "*",
        .plugin = "json",
        .version = "0.7.4",
};
