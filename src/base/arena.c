/* SPDX-License-Identifier: Apache-2.0 */
/* arena.c - memory that is given back all at once. */
#include "base/arena.h"
#include "base/alloc.h"
#include <stdio.h>

struct rti_arena_block {
        rti_arena_block *older;
        size_t size; /* bytes of data */
        _Alignas(max_align_t) char data[];
};

enum { FIRST_BLOCK_BYTES = 4096 - (int) sizeof(rti_arena_block), MOST_BLOCK_BYTES = 1 << 20 };

void
rti_arena_init(rti_arena *arena, const rt_allocator *allocator, size_t limit_bytes)
{
        *arena = (rti_arena){ .allocator = allocator, .limit_bytes = limit_bytes };
}

void
rti_arena_done(rti_arena *arena)
{
        while (arena->block) {
                rti_arena_block *older = arena->block->older;

                rti_free(arena->allocator, arena->block);
                arena->block = older;
        }
        arena->used = arena->total_bytes = 0;
}

static rti_arena_block *
block_new(rti_arena *arena, size_t size)
{
        rti_arena_block *block;

        if (size > SIZE_MAX - sizeof *block)
                return NULL;
        block = rti_alloc(arena->allocator, sizeof *block + size);
        if (!block)
                return NULL;
        block->size = size;
        block->older = arena->block;
        arena->block = block;
        arena->used = 0;
        arena->total_bytes += size;
        arena->blocks++;
        return block;
}

void
rti_arena_reset(rti_arena *arena)
{
        const size_t total = arena->total_bytes;

        arena->used = 0;
        if (!arena->block || !arena->block->older)
                return;
        rti_arena_done(arena);
        /* Without memory the next rti_arena_get says so. */
        (void) block_new(arena, total);
}

void *
rti_arena_get(rti_arena *arena, size_t size_bytes)
{
        const size_t align = _Alignof(max_align_t);
        size_t grow, size;
        void *ptr;

        if (size_bytes > SIZE_MAX - align)
                return NULL;
        size = (size_bytes + align - 1) & ~(align - 1);
        if (!arena->block || arena->block->size - arena->used < size) {
                if (arena->limit_bytes
                    && (size > arena->limit_bytes
                        || arena->total_bytes > arena->limit_bytes - size))
                        return NULL;
                grow = arena->block ? arena->block->size * 2 : FIRST_BLOCK_BYTES;
                grow = grow > MOST_BLOCK_BYTES ? MOST_BLOCK_BYTES : grow;
                if (arena->limit_bytes && grow > arena->limit_bytes - arena->total_bytes)
                        grow = arena->limit_bytes - arena->total_bytes;
                if (!block_new(arena, size > grow ? size : grow))
                        return NULL;
        }
        ptr = arena->block->data + arena->used;
        arena->used += size;
        return ptr;
}

void *
rti_arena_zero(rti_arena *arena, size_t n, size_t size_bytes)
{
        size_t total;
        void *ptr;

        if (__builtin_mul_overflow(n, size_bytes, &total))
                return NULL;
        ptr = rti_arena_get(arena, total);
        return ptr ? memset(ptr, 0, total) : NULL;
}

rt_str
rti_arena_copy(rti_arena *arena, rt_str s)
{
        char *ptr = s.len < SIZE_MAX ? rti_arena_get(arena, s.len + 1) : NULL;

        if (!ptr)
                return (rt_str){ NULL, 0 };
        if (s.len)
                memcpy(ptr, s.ptr, s.len);
        ptr[s.len] = '\0';
        return (rt_str){ ptr, s.len };
}

rt_str
rti_arena_vprintf(rti_arena *arena, const char *format, va_list args)
{
        va_list again;
        char *ptr;
        int len;

        va_copy(again, args);
        len = vsnprintf(NULL, 0, format, again);
        va_end(again);
        if (len < 0)
                return (rt_str){ NULL, 0 };
        ptr = rti_arena_get(arena, (size_t) len + 1);
        if (!ptr)
                return (rt_str){ NULL, 0 };
        vsnprintf(ptr, (size_t) len + 1, format, args);
        return (rt_str){ ptr, (size_t) len };
}

rt_str
rti_arena_printf(rti_arena *arena, const char *format, ...)
{
        va_list args;
        rt_str s;

        va_start(args, format);
        s = rti_arena_vprintf(arena, format, args);
        va_end(args);
        return s;
}
