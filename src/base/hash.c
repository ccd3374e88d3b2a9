/* SPDX-License-Identifier: Apache-2.0 */
/* hash.c - hashing bytes, a map from strings to numbers, a table of numbers. */
#include "base/hash.h"
#include "base/alloc.h"

static uint64_t
mix(uint64_t a, uint64_t b)
{
        const __uint128_t product = (__uint128_t) a * b;

        return (uint64_t) product ^ (uint64_t) (product >> 64);
}

static uint64_t
read64(const unsigned char *p)
{
        uint64_t v;

        memcpy(&v, p, sizeof v);
        return v;
}

/* @a n bytes, 8 at most. Reads that overlap, since copying so few into place would take longer than
 * all else. */
static uint64_t
read_few(const unsigned char *p, size_t n)
{
        uint32_t first, last;

        if (n >= 4) {
                memcpy(&first, p, sizeof first);
                memcpy(&last, p + n - sizeof last, sizeof last);
                return first | (uint64_t) last << 32;
        }
        return n ? p[0] | (uint64_t) p[n / 2] << 8 | (uint64_t) p[n - 1] << 16 : 0;
}

uint64_t
rti_hash(const void *bytes, size_t len, uint64_t seed)
{
        const unsigned char *p = bytes;
        uint64_t h = seed ^ 0x9e3779b97f4a7c15u ^ len;

        for (; len > 16; p += 16, len -= 16)
                h = mix(read64(p) ^ h, read64(p + 8) ^ 0xbf58476d1ce4e5b9u);
        if (len > 8)
                return mix(read64(p) ^ h, read64(p + len - 8) ^ 0x94d049bb133111ebu);
        return mix(read_few(p, len) ^ h, 0xd6e8feb86659fd93u ^ h >> 32);
}

static rti_map_entry *
find(const rti_map *map, rt_str key, uint64_t hash)
{
        uint32_t at = (uint32_t) hash & (map->room - 1);

        while (map->entries[at].used
               && (map->entries[at].hash != hash || !rti_str_eq(map->entries[at].key, key)))
                at = (at + 1) & (map->room - 1);
        return &map->entries[at];
}

uint32_t
rti_map_get(const rti_map *map, rt_str key)
{
        return map->room ? rti_map_at(map, key, rti_hash(key.ptr, key.len, 0)) : RTI_MAP_NONE;
}

uint32_t
rti_map_at(const rti_map *map, rt_str key, uint64_t hash)
{
        const rti_map_entry *entry = map->room ? find(map, key, hash) : NULL;

        return entry && entry->used ? entry->value : (uint32_t) RTI_MAP_NONE;
}

static int
rehash(rti_map *map)
{
        rti_map old = *map;
        const uint32_t room = map->room ? map->room * 2 : 16;

        map->entries = RTI_NEWN(map->arena, rti_map_entry, room);
        if (!map->entries) {
                *map = old;
                return RT_ENOMEM;
        }
        map->room = room;
        for (uint32_t i = 0; i < old.room; i++)
                if (old.entries[i].used)
                        *find(map, old.entries[i].key, old.entries[i].hash) = old.entries[i];
        return RT_OK;
}

int
rti_map_set(rti_map *map, rt_str key, uint32_t value)
{
        const uint64_t hash = rti_hash(key.ptr, key.len, 0);
        rti_map_entry *entry;

        if (map->n >= map->room / 2 && rehash(map) < 0)
                return RT_ENOMEM;
        entry = find(map, key, hash);
        map->n += !entry->used;
        *entry = (rti_map_entry){ key, hash, value, 1 };
        return RT_OK;
}

/* ---- tables ---- */

uint32_t
rti_table_next(const rti_table *table, uint32_t hash, uint32_t *at)
{
        /* *at counts the cells that were looked at. */
        while (*at < table->room) {
                const uint64_t cell = table->cells[(hash + *at) & (table->room - 1)];

                if (!cell)
                        return RTI_MAP_NONE;
                ++*at;
                if ((uint32_t) (cell >> 32) == hash)
                        return (uint32_t) cell - 1;
        }
        return RTI_MAP_NONE;
}

static void
put_cell(rti_table *table, uint64_t cell)
{
        uint32_t at = (uint32_t) (cell >> 32);

        while (table->cells[at & (table->room - 1)])
                at++;
        table->cells[at & (table->room - 1)] = cell;
}

int
rti_table_add(rti_table *table, const rt_allocator *allocator, uint32_t hash, uint32_t number)
{
        if (table->n >= table->room / 2) {
                rti_table more = { .room = table->room ? table->room * 2 : 64, .n = table->n };

                more.cells =
                        more.room ? rti_calloc(allocator, more.room, sizeof *more.cells) : NULL;
                if (!more.cells)
                        return RT_ENOMEM;
                for (uint32_t i = 0; i < table->room; i++)
                        if (table->cells[i])
                                put_cell(&more, table->cells[i]);
                rti_free(allocator, table->cells);
                *table = more;
        }
        put_cell(table, (uint64_t) hash << 32 | (number + 1));
        table->n++;
        return RT_OK;
}

void
rti_table_clear(rti_table *table)
{
        if (table->room)
                memset(table->cells, 0, table->room * sizeof *table->cells);
        table->n = 0;
}

void
rti_table_done(rti_table *table, const rt_allocator *allocator)
{
        rti_free(allocator, table->cells);
        *table = (rti_table){ 0 };
}
