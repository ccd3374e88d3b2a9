/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.c - pieces of a few sizes out of large chunks, and shared texts.
 *
 * A request is served from, in this order: a piece of its size that was given back; the chunk being
 * cut; a new chunk, while the limit allows one; a larger piece that was given back, which is cut;
 * what `reclaim` sets free. Pieces are never joined again: tables of processes ask for the same
 * sizes again and again.
 */
#include "sources/syscall/state/pool.h"
#include <assert.h>

enum {
        GRAIN = 16, /* every size is a multiple of it, and so every piece is aligned to it */
        FIRST_CHUNK = 64 * 1024,
        LARGEST_CHUNK = 8 * 1024 * 1024,
        OWN_CHUNK = 32 * 1024, /* pieces from here on do not share one */
        MOST_RECLAIMS = 256    /* for one request */
};

static const uint64_t largest_piece = (uint64_t) 1 << 32;

typedef struct chunk {
        struct chunk *next;
        size_t unused; /* keeps what follows aligned */
} chunk;

static_assert(sizeof(chunk) == GRAIN, "pieces follow a chunk's head");
static_assert(_Alignof(max_align_t) <= GRAIN, "pieces are aligned for any object");

/* 0: 16, 1: not used, 2: 32, 3: 48, 4: 64, 5: 96 ... */
static uint32_t
class_of(size_t size)
{
        uint32_t log2;

        if (size <= GRAIN)
                return 0;
        if (size <= 2 * GRAIN)
                return 2;
        log2 = 63 - (uint32_t) __builtin_clzll(size - 1);
        return 2 * (log2 - 4) + (size <= (size_t) 3 << (log2 - 1) ? 1 : 2);
}

static size_t
size_of(uint32_t class)
{
        const size_t power = (size_t) GRAIN << class / 2;

        return class % 2 ? power + power / 2 : power;
}

void
rti_pool_init(rti_pool *pool, const rt_allocator *allocator, size_t limit_bytes)
{
        *pool = (rti_pool){ .allocator = allocator, .limit_bytes = limit_bytes };
}

void
rti_pool_done(rti_pool *pool)
{
        chunk *next;

        for (chunk *c = pool->chunks; c; c = next) {
                next = c->next;
                rti_free(pool->allocator, c);
        }
        rti_pool_init(pool, pool->allocator, pool->limit_bytes);
}

static void
give_back(rti_pool *pool, void *piece, uint32_t class)
{
        memcpy(piece, &pool->free[class], sizeof(void *));
        pool->free[class] = piece;
}

/* Cut what is left of something into pieces. */
static void
scatter(rti_pool *pool, char *at, size_t left)
{
        while (left >= GRAIN) {
                uint32_t class = class_of(left);

                if (size_of(class) > left)
                        class --;
                give_back(pool, at, class);
                at += size_of(class);
                left -= size_of(class);
        }
}

static void *
take(rti_pool *pool, uint32_t class)
{
        void *piece = pool->free[class];

        if (piece)
                memcpy(&pool->free[class], piece, sizeof(void *));
        return piece;
}

/* A new chunk of @a size usable bytes; NULL: over the limit, or no memory. */
static char *
new_chunk(rti_pool *pool, size_t size)
{
        chunk *c;

        if (size + sizeof *c > pool->limit_bytes - pool->total_bytes)
                return NULL;
        c = rti_alloc(pool->allocator, size + sizeof *c);
        if (!c) {
                pool->starved = true;
                return NULL;
        }
        c->next = pool->chunks;
        pool->chunks = c;
        pool->total_bytes += size + sizeof *c;
        return (char *) (c + 1);
}

/* A chunk to cut, of which @a size bytes are wanted now. */
static bool
next_chunk(rti_pool *pool, size_t size)
{
        const size_t rest = pool->limit_bytes - pool->total_bytes;
        size_t room = pool->total_bytes < FIRST_CHUNK ? FIRST_CHUNK : pool->total_bytes;
        char *at;

        if (room > LARGEST_CHUNK)
                room = LARGEST_CHUNK;
        if (rest < room + sizeof(chunk))
                room = rest < sizeof(chunk) ? 0 : (rest - sizeof(chunk)) / GRAIN * GRAIN;
        if (room < size)
                return false;
        at = new_chunk(pool, room);
        if (!at)
                return false;
        scatter(pool, pool->at, pool->left);
        pool->at = at;
        pool->left = room;
        return true;
}

/* A piece given back, of that size or cut from a larger one. */
static void *
take_larger(rti_pool *pool, uint32_t class)
{
        for (uint32_t c = class; c < RTI_POOL_CLASSES; c++) {
                char *piece = take(pool, c);

                if (piece) {
                        scatter(pool, piece + size_of(class), size_of(c) - size_of(class));
                        return piece;
                }
        }
        return NULL;
}

static void *
get_slowly(rti_pool *pool, uint32_t class)
{
        const size_t size = size_of(class);
        void *piece = NULL;
        bool starved = pool->starved;

        pool->starved = false;
        if (size >= OWN_CHUNK)
                piece = new_chunk(pool, size);
        else if (next_chunk(pool, size)) {
                piece = pool->at;
                pool->at += size;
                pool->left -= size;
        }
        if (!piece)
                piece = take_larger(pool, class);
        for (int i = 0; !piece && !pool->starved && pool->reclaim && i < MOST_RECLAIMS; i++) {
                if (!pool->reclaim(pool->reclaim_user))
                        break;
                piece = take_larger(pool, class);
        }
        if (piece)
                pool->starved = starved;
        else if (!pool->starved) {
                pool->refused++;
                pool->starved = starved;
        }
        return piece;
}

void *
rti_pool_get(rti_pool *pool, size_t size_bytes)
{
        uint32_t class;
        size_t size;
        void *piece;

        if (size_bytes > largest_piece || size_bytes > pool->limit_bytes) {
                pool->refused++;
                return NULL;
        }
        class = class_of(size_bytes);
        piece = take(pool, class);
        if (piece)
                return piece;
        size = size_of(class);
        if (size > pool->left)
                return get_slowly(pool, class);
        piece = pool->at;
        pool->at += size;
        pool->left -= size;
        return piece;
}

void
rti_pool_put(rti_pool *pool, void *ptr, size_t size_bytes)
{
        if (ptr)
                give_back(pool, ptr, class_of(size_bytes));
}

/* ---- texts ---- */

rti_text *
rti_text_new(rti_pool *pool, size_t len)
{
        rti_text *text = len <= UINT32_MAX ? rti_pool_get(pool, sizeof *text + len) : NULL;

        if (!text) {
                pool->texts_refused++;
                return NULL;
        }
        text->refs = 1;
        text->len = (uint32_t) len;
        return text;
}

void
rti_text_unref(rti_pool *pool, rti_text *text)
{
        if (text && --text->refs == 0)
                rti_pool_put(pool, text, sizeof *text + text->len);
}

int
rti_text_set(rti_pool *pool, rti_text **text, rt_str s)
{
        rti_text *new = NULL;

        if (rti_str_eq(rti_text_str(*text), s))
                return RT_OK;
        if (s.len) {
                new = rti_text_new(pool, s.len);
                if (new)
                        memcpy(new->bytes, s.ptr, s.len);
        }
        /* Only now: @a s may be a part of the old text. */
        rti_text_unref(pool, *text);
        *text = new;
        return s.len && !new ? RT_ELIMIT : RT_OK;
}

void
rti_text_share(rti_pool *pool, rti_text **text, rti_text *other)
{
        rti_text_ref(other);
        rti_text_unref(pool, *text);
        *text = other;
}
