/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - memory that is given back all at once.
 *
 * Three lifetimes use it: loading (dies with the loader), compiling (dies with the call), one
 * event (rti_arena_reset keeps the largest block, so that after warm-up no event allocates).
 */
#ifndef RTI_BASE_ARENA_H
#define RTI_BASE_ARENA_H

#include "base/str.h"
#include <stdarg.h>

typedef struct rti_arena_block rti_arena_block;

typedef struct rti_arena {
        const rt_allocator *allocator;
        rti_arena_block *block; /* newest first */
        size_t used;            /* bytes of the newest block */
        size_t total_bytes;     /* of all blocks */
        size_t limit_bytes;     /* 0: none; beyond it rti_arena_get returns NULL */
        uint64_t blocks;        /* taken from the allocator since init */
} rti_arena;

void rti_arena_init(rti_arena *arena, const rt_allocator *allocator, size_t limit_bytes);
void rti_arena_done(rti_arena *arena);
/* Forget all; keeps one block as large as all of them together were. */
void rti_arena_reset(rti_arena *arena);

/* Aligned for any object; not cleared. NULL: out of memory or over the limit. */
void *rti_arena_get(rti_arena *arena, size_t size_bytes);
/* Cleared; n * size_bytes is checked for overflow. */
void *rti_arena_zero(rti_arena *arena, size_t n, size_t size_bytes);
/* Copies are NUL-terminated behind their length. On failure `ptr` is NULL. */
rt_str rti_arena_copy(rti_arena *arena, rt_str s);
rt_str rti_arena_printf(rti_arena *arena, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
rt_str rti_arena_vprintf(rti_arena *arena, const char *format, va_list args)
        __attribute__((format(printf, 2, 0)));

#define RTI_NEW(arena, type)     ((type *) rti_arena_zero((arena), 1, sizeof(type)))
#define RTI_NEWN(arena, type, n) ((type *) rti_arena_zero((arena), (n), sizeof(type)))

#endif
