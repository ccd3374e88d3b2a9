/* SPDX-License-Identifier: Apache-2.0 */
/* hash.h - hashing bytes; for the compiler, a map from strings to numbers and a table of
 * numbers. */
#ifndef RTI_BASE_HASH_H
#define RTI_BASE_HASH_H

#include "base/arena.h"

/* 64 well-mixed bits. Not for adversaries who can choose both the bytes and the seed. */
uint64_t rti_hash(const void *bytes, size_t len, uint64_t seed);

/* Strings to uint32_t. Keys are borrowed. Memory comes from the arena and is never given back. */
typedef struct rti_map_entry {
        rt_str key;
        uint64_t hash;
        uint32_t value;
        uint32_t used;
} rti_map_entry;

typedef struct rti_map {
        rti_arena *arena;
        rti_map_entry *entries;
        uint32_t n, room; /* room is a power of two, or 0 */
} rti_map;

enum { RTI_MAP_NONE = 0xffffffff };

/* Value of @a key, or RTI_MAP_NONE. */
uint32_t rti_map_get(const rti_map *map, rt_str key);
/* The same, by its rti_hash of seed 0. */
uint32_t rti_map_at(const rti_map *map, rt_str key, uint64_t hash);
/* Add or replace. RT_OK, RT_ENOMEM. */
int rti_map_set(rti_map *map, rt_str key, uint32_t value);

/* Numbers by a hash of what they stand for. What is equal, the caller decides:
 *
 *      for (uint32_t at = 0; (n = rti_table_next(&table, hash, &at)) != RTI_MAP_NONE;)
 *              if (what n stands for is equal) ...
 */
typedef struct rti_table {
        uint64_t *cells; /* hash, number + 1; 0: unused */
        uint32_t n, room;
} rti_table;

/* The next number with that hash, *at being 0 at first; RTI_MAP_NONE: no more. */
uint32_t rti_table_next(const rti_table *table, uint32_t hash, uint32_t *at);
/* RT_OK, RT_ENOMEM. */
int rti_table_add(rti_table *table, const rt_allocator *allocator, uint32_t hash, uint32_t number);
/* Forget all; keeps the memory. */
void rti_table_clear(rti_table *table);
void rti_table_done(rti_table *table, const rt_allocator *allocator);

#endif
