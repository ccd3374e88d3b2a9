/* SPDX-License-Identifier: Apache-2.0 */
/*
 * demand.c - from the fields that a ruleset needs to one projection.
 *
 *   in   (field, argument) pairs; the source's table of fields and their paths
 *   out  kit->slots, kit->projection; each path once, however many slots look at it
 *
 * Everything lives in one arena, made anew for each demand; a demand that fails leaves the one
 * before in force.
 */
#include "lang/lang.h"
#include "sources/jsonkit/json_fields.h"
#include "sources/jsonkit/kit.h"

typedef struct builder {
        rti_kit *kit;
        rti_arena arena;
        RTI_VEC(rti_json_path) paths;
        rti_kit_slot *slots;
        size_t n_slots;
} builder;

enum { MOST_PATHS = 1000 * 1000 };

static bool
path_eq(rti_json_path a, rti_json_path b)
{
        if (a.n != b.n)
                return false;
        for (size_t i = 0; i < a.n; i++)
                if (!rti_str_eq(a.names[i], b.names[i]))
                        return false;
        return true;
}

/* Number of the path among all; the names must live as long as the arena. */
static int
add_path(builder *b, rti_json_path path, uint32_t *ret_number)
{
        int r;

        for (size_t i = 0; i < b->paths.n; i++)
                if (path_eq(b->paths.at[i], path)) {
                        *ret_number = (uint32_t) i;
                        return RT_OK;
                }
        r = rti_vec_push(&b->paths, b->kit->allocator, path, MOST_PATHS);
        if (r == RT_OK)
                *ret_number = (uint32_t) b->paths.n - 1;
        return r;
}

/* "a b": two names. */
static int
split_path(builder *b, rt_str text, rti_json_path *ret_path)
{
        rt_str *names;
        size_t n = 1, from = 0, k = 0;

        for (size_t i = 0; i < text.len; i++)
                n += text.ptr[i] == ' ';
        names = rti_arena_get(&b->arena, n * sizeof *names);
        if (!names)
                return RT_ENOMEM;
        for (size_t i = 0; i <= text.len; i++)
                if (i == text.len || text.ptr[i] == ' ') {
                        names[k++] = rti_str_sub(text, from, i);
                        from = i + 1;
                }
        *ret_path = (rti_json_path) { names, n };
        return RT_OK;
}

/* "a b|c": two paths. @a numbers holds RTI_KIT_PATHS. */
static int
add_paths(builder *b, const char *paths, uint32_t *numbers, uint32_t *ret_n)
{
        uint32_t n = 0;

        while (*paths) {
                const size_t len = strcspn(paths, "|");
                rti_json_path path;
                int r = n < RTI_KIT_PATHS ? split_path(b, (rt_str) { paths, len }, &path)
                                          : RT_EINVAL;

                if (r == RT_OK)
                        r = add_path(b, path, &numbers[n++]);
                if (r < 0)
                        return r;
                paths += len + (paths[len] == '|');
        }
        *ret_n = n;
        return RT_OK;
}

/* A JSON pointer: the names that are members for certain are projected; from the first one on that
 * could be an element's number the value is looked up. */
static int
add_pointer(builder *b, rt_str pointer, rti_kit_slot *slot)
{
        rt_str *names;
        size_t n, known = 0;
        int r = rti_pointer_split(&b->arena, pointer, &names, &n);

        if (r < 0)
                return r;
        while (known < n && !rti_pointer_is_index(names[known]))
                known++;
        slot->rest = names + known;
        slot->n_rest = n - known;
        slot->n_nodes = 1;
        return add_path(b, (rti_json_path) { names, known }, &slot->node[0]);
}

static const rti_kit_field *
find_field(const rti_kit_field *fields, size_t n, rt_str name)
{
        for (size_t i = 0; i < n; i++)
                if (rti_str_is(name, fields[i].name))
                        return &fields[i];
        return NULL;
}

static int
add_slot(builder *b, const rt_slot_desc *wanted, rti_kit_slot *slot)
{
        const rti_kit *kit = b->kit;
        const rti_kit_field *field = find_field(kit->fields, kit->n_fields, wanted->field);

        if (!field)
                field = find_field(rti_json_fields, rti_json_n_fields, wanted->field);
        if (!field)
                return RT_ENOENT;
        slot->read = field->read;
        slot->arg = wanted->arg;
        slot->index = wanted->index;
        slot->key = rti_arena_copy(&b->arena, wanted->key);
        if (!slot->key.ptr)
                return RT_ENOMEM;
        if (field->read == rti_json_field_value)
                return add_pointer(b, slot->key, slot);
        return add_paths(b, field->paths, slot->node, &slot->n_nodes);
}

static int
build(builder *b, const rt_demand *demand)
{
        uint32_t fixed[RTI_KIT_PATHS], n_fixed;
        int r = add_paths(b, b->kit->fixed, fixed, &n_fixed);

        b->n_slots = demand->n_slots;
        b->slots = RTI_NEWN(&b->arena, rti_kit_slot, demand->n_slots);
        if (r == RT_OK && !b->slots)
                r = RT_ENOMEM;
        for (size_t i = 0; i < demand->n_slots && r == RT_OK; i++) {
                const char *at = (const char *) demand->slots + i * demand->slot_stride;

                r = add_slot(b, (const rt_slot_desc *) (const void *) at, &b->slots[i]);
        }
        return r;
}

int
rti_kit_demand(rti_kit *kit, const rt_demand *demand)
{
        builder b = { .kit = kit };
        rti_json_projection *projection = NULL;
        rti_json_node *nodes = NULL;
        int r;

        rti_arena_init(&b.arena, kit->allocator, /* limit_bytes= */ 0);
        r = build(&b, demand);
        if (r == RT_OK) {
                nodes = rti_arena_get(&b.arena, (b.paths.n + 1) * sizeof *nodes);
                r = nodes ? rti_json_projection_new(kit->allocator, b.paths.at, b.paths.n,
                                                    &projection)
                          : RT_ENOMEM;
        }
        if (r == RT_OK) {
                for (size_t i = 0; i < b.paths.n; i++)
                        nodes[i] = RTI_JSON_NONE;
                rti_json_projection_free(kit->projection);
                rti_arena_done(&kit->arena);
                kit->arena = b.arena;
                kit->projection = projection;
                kit->nodes = nodes;
                kit->slots = b.slots;
                kit->n_slots = b.n_slots;
        } else {
                rti_arena_done(&b.arena);
        }
        rti_vec_done(&b.paths, kit->allocator);
        return r;
}
