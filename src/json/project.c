/* SPDX-License-Identifier: Apache-2.0 */
/*
 * project.c - paths that are wanted of every document, as a tree of names.
 *
 * Each level has a small hash table of the names wanted there, with a factor that was chosen so
 * that hardly any two collide: while a document is walked nearly every name costs one look.
 * Names that hold a backslash are left out of the tables, since no name that is spelled without
 * escapes can be equal to them.
 */
#include "json/doc.h"

/* By level: what it is called in the level above, its first child and its next sibling. */
typedef struct branch {
        const rt_str *name;
        uint32_t first, next;
} branch;

typedef struct builder {
        rti_json_projection *p;
        branch *branches;
} builder;

void
rti_json_ends(rt_str name, uint64_t *ret_head, uint64_t *ret_tail)
{
        *ret_head = *ret_tail = 0;
        if (name.len)
                memcpy(ret_head, name.ptr, name.len < 8 ? name.len : 8);
        if (name.len >= 8)
                memcpy(ret_tail, name.ptr + name.len - 8, 8);
}

static uint32_t
child_of(const builder *b, uint32_t parent, rt_str name)
{
        uint32_t i = b->branches[parent].first;

        while (i && !rti_str_eq(*b->branches[i].name, name))
                i = b->branches[i].next;
        return i;
}

static void
add_paths(builder *b)
{
        rti_json_projection *p = b->p;

        p->n_levels = 1;
        for (uint32_t i = 0; i < p->n_paths; i++) {
                uint32_t level = 0;

                for (size_t k = 0; k < p->paths[i].n; k++) {
                        const rt_str *name = &p->paths[i].names[k];
                        uint32_t child = child_of(b, level, *name);

                        if (!child) {
                                child = p->n_levels++;
                                b->branches[child] = (branch){
                                        .name = name,
                                        .next = b->branches[level].first,
                                };
                                b->branches[level].first = child;
                                p->levels[level].children++;
                        }
                        level = child;
                }
                p->ends[i] = level;
        }
}

/* Put the children of level @a at into its table; how many found their place taken. */
static uint32_t
fill(const builder *b, uint32_t at, rti_json_wanted *table)
{
        rti_json_level *level = &b->p->levels[at];
        uint32_t collisions = 0;

        memset(table, 0, (level->mask + 1) * sizeof *table);
        for (uint32_t i = b->branches[at].first; i; i = b->branches[i].next) {
                const rt_str name = *b->branches[i].name;
                rti_json_wanted w = { .name = name.ptr, .len = (uint32_t) name.len, .child = i };
                uint32_t place;

                if (name.len && memchr(name.ptr, '\\', name.len))
                        continue;
                rti_json_ends(name, &w.head, &w.tail);
                place = (uint32_t) (rti_json_mix(w.head, w.tail, w.len) * level->factor
                                    >> level->shift);
                while (table[place].child) {
                        place = (place + 1) & level->mask;
                        collisions++;
                }
                table[place] = w;
        }
        return collisions;
}

static uint32_t
table_bits(uint32_t children)
{
        uint32_t bits = 2;

        while (UINT32_C(1) << bits < 4 * (uint64_t) children && bits < 30)
                bits++;
        return bits;
}

static void
make_table(const builder *b, uint32_t at, rti_json_wanted *table)
{
        rti_json_level *level = &b->p->levels[at];
        const uint32_t bits = table_bits(level->children);
        uint64_t factor = UINT64_C(0x9e3779b97f4a7c15), best = factor;
        uint32_t least = UINT32_MAX;

        level->table = table;
        level->shift = 64 - bits;
        level->mask = (UINT32_C(1) << bits) - 1;
        for (unsigned tries = 0; tries < 64 && least; tries++) {
                uint32_t collisions;

                level->factor = factor;
                collisions = fill(b, at, table);
                if (collisions < least) {
                        least = collisions;
                        best = factor;
                }
                factor = (factor * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407))
                         | 1;
        }
        level->factor = best;
        fill(b, at, table);
}

static int
make_tables(const builder *b)
{
        rti_json_projection *p = b->p;
        rti_json_wanted *table;
        size_t places = 0;

        for (uint32_t i = 0; i < p->n_levels; i++)
                if (p->levels[i].children)
                        places += (size_t) 1 << table_bits(p->levels[i].children);
        p->tables = rti_calloc(&p->allocator, places + 1, sizeof *p->tables);
        if (!p->tables)
                return RT_ENOMEM;
        table = p->tables;
        for (uint32_t i = 0; i < p->n_levels; i++)
                if (p->levels[i].children) {
                        make_table(b, i, table);
                        table += p->levels[i].mask + 1;
                }
        return RT_OK;
}

/* Copy the paths: they and their bytes live as long as the projection. */
static int
copy_paths(rti_json_projection *p, const rti_json_path *paths, size_t n_names, size_t n_bytes)
{
        char *bytes;
        rt_str *names;

        p->paths = rti_calloc(&p->allocator, p->n_paths + 1, sizeof *p->paths);
        p->names = rti_calloc(&p->allocator, n_names + 1, sizeof *p->names);
        p->bytes = rti_calloc(&p->allocator, n_bytes + 1, 1);
        p->ends = rti_calloc(&p->allocator, p->n_paths + 1, sizeof *p->ends);
        p->levels = rti_calloc(&p->allocator, n_names + 1, sizeof *p->levels);
        if (!p->paths || !p->names || !p->bytes || !p->ends || !p->levels)
                return RT_ENOMEM;
        bytes = p->bytes;
        names = p->names;
        for (size_t i = 0; i < p->n_paths; i++) {
                p->paths[i] = (rti_json_path){ names, paths[i].n };
                for (size_t k = 0; k < paths[i].n; k++) {
                        const rt_str from = paths[i].names[k];

                        if (from.len)
                                memcpy(bytes, from.ptr, from.len);
                        *names++ = (rt_str){ bytes, from.len };
                        bytes += from.len;
                }
        }
        return RT_OK;
}

int
rti_json_projection_new(const rt_allocator *allocator, const rti_json_path *paths, size_t n,
                        rti_json_projection **ret_projection)
{
        rti_json_projection *p = rti_calloc(allocator, 1, sizeof *p);
        builder b = { .p = p };
        size_t n_names = 0, n_bytes = 0;
        int r = RT_ENOMEM;

        if (!p)
                return RT_ENOMEM;
        p->allocator = *allocator;
        p->n_paths = (uint32_t) n;
        for (size_t i = 0; i < n; i++) {
                n_names += paths[i].n;
                for (size_t k = 0; k < paths[i].n; k++)
                        n_bytes += paths[i].names[k].len;
        }
        b.branches = rti_calloc(allocator, n_names + 1, sizeof *b.branches);
        if (!b.branches)
                goto out;
        r = copy_paths(p, paths, n_names, n_bytes);
        if (r < 0)
                goto out;
        add_paths(&b);
        r = make_tables(&b);
out:
        rti_free(allocator, b.branches);
        if (r < 0)
                rti_json_projection_free(p);
        else
                *ret_projection = p;
        return r;
}

void
rti_json_projection_free(rti_json_projection *p)
{
        if (!p)
                return;
        const rt_allocator allocator = p->allocator;

        rti_free(&allocator, p->levels);
        rti_free(&allocator, p->ends);
        rti_free(&allocator, p->paths);
        rti_free(&allocator, p->names);
        rti_free(&allocator, p->tables);
        rti_free(&allocator, p->bytes);
        rti_free(&allocator, p);
}
