/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pool.h - memory of the process table: pieces of a few sizes, cut from large chunks, never given
 * back before the end, capped; and shared texts in it.
 *
 * A full pool answers NULL and counts it; its users then evict or do without. Chunks double in
 * size, so that a table that stopped growing asks the allocator for nothing.
 */
#ifndef RTI_SYSCALL_POOL_H
#define RTI_SYSCALL_POOL_H

#include "base/alloc.h"
#include "base/str.h"

/* Sizes are 16, 32, 48, 64, 96, 128, 192 ...: two for each power of two, up to 4 GiB. */
enum { RTI_POOL_CLASSES = 57 };

typedef struct rti_pool {
        const rt_allocator *allocator;
        void *free[RTI_POOL_CLASSES]; /* pieces given back, by size */
        void *chunks;                 /* in no order */
        char *at;                     /* the rest of the chunk that is being cut */
        size_t left;
        size_t total_bytes, limit_bytes; /* of chunks */
        uint64_t refused;                /* requests the limit turned down */
        uint64_t texts_refused;          /* of these, for texts */
        bool starved;                    /* the allocator had nothing left; cleared by who asks */

        /* Give something back so that a request can be served; false: there is nothing. May be
         * NULL. Must not ask for memory. */
        bool (*reclaim)(void *user);
        void *reclaim_user;
} rti_pool;

void rti_pool_init(rti_pool *pool, const rt_allocator *allocator, size_t limit_bytes);
void rti_pool_done(rti_pool *pool);
/* Aligned for any object, not cleared; NULL: out of memory or over the limit. Large requests get
 * pieces as well: any size up to the limit is served. */
void *rti_pool_get(rti_pool *pool, size_t size_bytes);
void rti_pool_put(rti_pool *pool, void *ptr, size_t size_bytes);

/* ---- texts: immutable bytes that several owners share; NULL stands for the empty text ---- */

typedef struct rti_text {
        uint32_t refs;
        uint32_t len;
        char bytes[];
} rti_text;

static inline rt_str
rti_text_str(const rti_text *text)
{
        return text ? (rt_str){ text->bytes, text->len } : (rt_str){ "", 0 };
}

static inline rti_text *
rti_text_ref(rti_text *text)
{
        if (text)
                text->refs++;
        return text;
}

/* Text of @a len bytes, to be filled by the caller. NULL: no room; counted. */
rti_text *rti_text_new(rti_pool *pool, size_t len);
void rti_text_unref(rti_pool *pool, rti_text *text);
/* Replace *text by a copy of @a s; unchanged when it says so already. When the pool is full *text
 * becomes NULL (what cannot be known is empty, not stale) and RT_ELIMIT is returned. */
int rti_text_set(rti_pool *pool, rti_text **text, rt_str s);
/* Replace *text by a share of @a other. */
void rti_text_share(rti_pool *pool, rti_text **text, rti_text *other);

#endif
