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
#include "base/hash.h"
#include "base/vec.h"
#include "sources/builtin.h"
#include "sources/jsonkit/json_fields.h"
#include "sources/jsonkit/kit.h"

typedef struct builder {
        rti_kit *kit;
        rti_arena arena;
        rti_map numbers; /* of paths, by path_key */
        RTI_VEC(rti_json_path) paths;
        size_t n_names; /* of all paths */
        rti_kit_slot *slots;
        size_t n_slots;
} builder;

enum { MOST_PATHS = 1000 * 1000, MOST_KEPT = 1024 /* nodes */ };

/* The names of a path as one text that no other path has. */
static rt_str
path_key(builder *b, rti_json_path path)
{
        size_t len = 0;
        char *key;

        for (size_t i = 0; i < path.n; i++)
                len += sizeof path.names[i].len + path.names[i].len;
        key = rti_arena_get(&b->arena, len + 1);
        if (!key)
                return (rt_str){ NULL, 0 };
        len = 0;
        for (size_t i = 0; i < path.n; i++) {
                const rt_str name = path.names[i];

                memcpy(key + len, &name.len, sizeof name.len);
                len += sizeof name.len;
                if (name.len > 0)
                        memcpy(key + len, name.ptr, name.len);
                len += name.len;
        }
        return (rt_str){ key, len };
}

/* Number of the path among all; the names must live as long as the arena. */
static int
add_path(builder *b, rti_json_path path, uint32_t *ret_number)
{
        const rt_str key = path_key(b, path);
        uint32_t number;
        int r;

        if (!key.ptr)
                return RT_ENOMEM;
        number = rti_map_get(&b->numbers, key);
        if (number == RTI_MAP_NONE) {
                number = (uint32_t) b->paths.n;
                b->n_names += path.n;
                r = rti_vec_push(&b->paths, b->kit->allocator, path, MOST_PATHS);
                if (r == RT_OK)
                        r = rti_map_set(&b->numbers, key, number);
                if (r < 0)
                        return r;
        }
        *ret_number = number;
        return RT_OK;
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
        *ret_path = (rti_json_path){ names, n };
        return RT_OK;
}

/* One path of a field: "a b", or "a b>c" with the rest for the slot. */
static int
add_field_path(builder *b, rt_str text, rti_kit_slot *slot)
{
        const char *more = memchr(text.ptr, '>', text.len);
        const size_t len = more ? (size_t) (more - text.ptr) : text.len;
        rti_json_path path, rest = { NULL, 0 };
        int r = slot->n_nodes < RTI_KIT_PATHS ? split_path(b, rti_str_sub(text, 0, len), &path)
                                              : RT_EINVAL;

        if (r == RT_OK && more)
                r = split_path(b, rti_str_sub(text, len + 1, text.len), &rest);
        if (r == RT_OK)
                r = add_path(b, path, &slot->node[slot->n_nodes++]);
        if (r == RT_OK && more) {
                slot->rest = rest.names;
                slot->n_rest = rest.n;
        }
        return r;
}

/* "a b|c": two paths. */
static int
add_paths(builder *b, const char *paths, rti_kit_slot *slot)
{
        while (*paths) {
                const size_t len = strcspn(paths, "|");
                const int r = add_field_path(b, (rt_str){ paths, len }, slot);

                if (r < 0)
                        return r;
                paths += len + (paths[len] == '|');
        }
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
        return add_path(b, (rti_json_path){ names, known }, &slot->node[0]);
}

static const rti_kit_field *
find_field(const rti_field_table *fields, const rti_kit_field *reads, rt_str name)
{
        const size_t row = fields ? rti_field_row_named(fields, name) : SIZE_MAX;

        return row == SIZE_MAX ? NULL : &reads[row];
}

static int
add_slot(builder *b, const rt_slot_desc *wanted, rti_kit_slot *slot)
{
        const rti_kit *kit = b->kit;
        const rti_kit_field *field = find_field(kit->fields, kit->reads, wanted->field);

        slot->own = field != NULL;
        if (!field)
                field = find_field(&rti_json_fields, rti_json_reads, wanted->field);
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
        return add_paths(b, field->paths, slot);
}

static int
build(builder *b, const rt_demand *demand)
{
        rti_kit_slot fixed = { 0 };
        int r = add_paths(b, b->kit->fixed, &fixed);

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

/* Slots know their paths by number so far; from now on by where the projection notes them. */
static void
place(builder *b, const uint32_t *places, rti_json_path *paths, rti_json_kept *kept)
{
        for (size_t i = 0; i < b->paths.n; i++)
                paths[places[i]] = b->paths.at[i];
        for (size_t i = 0; i < b->n_slots; i++) {
                rti_kit_slot *slot = &b->slots[i];

                slot->compared = slot->n_nodes > 0;
                for (uint32_t k = 0; k < slot->n_nodes; k++) {
                        slot->node[k] = places[slot->node[k]];
                        slot->compared &= slot->node[k] < MOST_KEPT;
                }
                slot->kept = slot->compared && slot->n_nodes == 1 ? &kept[slot->node[0]] : NULL;
        }
}

int
rti_kit_demand(void *state, const rt_demand *demand)
{
        rti_kit *kit = state;
        builder b = { .kit = kit };
        rti_json_projection *projection = NULL;
        rti_json_path *paths = NULL;
        rti_json_kept *kept = NULL;
        const uint32_t *places;
        int r;

        rti_arena_init(&b.arena, kit->allocator, /* limit_bytes= */ 0);
        b.numbers.arena = &b.arena;
        r = build(&b, demand);
        if (r == RT_OK) {
                const size_t n_nodes = b.n_names + 1;

                paths = rti_arena_get(&b.arena, n_nodes * sizeof *paths);
                kept = RTI_NEWN(&b.arena, rti_json_kept, n_nodes < MOST_KEPT ? n_nodes : MOST_KEPT);
                r = paths && kept ? rti_json_projection_new(kit->allocator, b.paths.at, b.paths.n,
                                                            &projection)
                                  : RT_ENOMEM;
        }
        /* The last that can fail: it replaces what was found. */
        if (r == RT_OK)
                r = rti_json_expect(kit->doc, projection, &kit->nodes, &places);
        if (r == RT_OK) {
                place(&b, places, paths, kept);
                rti_json_projection_free(kit->projection);
                rti_arena_done(&kit->arena);
                kit->arena = b.arena;
                kit->projection = projection;
                kit->paths = paths;
                kit->kept = kept;
                kit->slots = b.slots;
                kit->n_slots = b.n_slots;
        } else {
                rti_json_projection_free(projection);
                rti_arena_done(&b.arena);
        }
        rti_vec_done(&b.paths, kit->allocator);
        return r;
}
