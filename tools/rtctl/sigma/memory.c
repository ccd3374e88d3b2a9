/* SPDX-License-Identifier: Apache-2.0 */
/* memory.c - memory that goes at once, and text that grows. Ends the program when there is none. */
#include "sigma.h"
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 * 1024, ALIGNMENT = 16 };

typedef struct pool_block {
        struct pool_block *next;
        size_t size_bytes;
        _Alignas(ALIGNMENT) char bytes[];
} pool_block;

void *
pool_take(pool *p, size_t n, size_t size_bytes)
{
        size_t want;
        pool_block *block;

        if (__builtin_mul_overflow(n, size_bytes, &want) || want > SIZE_MAX / 2)
                need(NULL);
        want = (want + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        if (want > p->room) {
                const size_t room = want > BLOCK_BYTES ? want : BLOCK_BYTES;

                block = need(malloc(sizeof *block + room));
                *block = (pool_block){ p->blocks, room };
                p->blocks = block;
                p->room = room;
        }
        block = p->blocks;
        p->room -= want;
        return block->bytes + (block->size_bytes - p->room - want);
}

rt_str
pool_copy(pool *p, rt_str text)
{
        char *copy = pool_take(p, text.len + 1, 1);

        if (text.len)
                memcpy(copy, text.ptr, text.len);
        copy[text.len] = '\0';
        return str(copy, text.len);
}

void
pool_done(pool *p)
{
        for (pool_block *block = p->blocks, *next; block; block = next) {
                next = block->next;
                free(block);
        }
        *p = (pool){ NULL };
}

void
text_add(writer *t, rt_str what)
{
        if (what.len >= t->room - t->n) {
                t->room = (t->n + what.len) * 2 + 64;
                t->at = grow(t->at, t->room, 1);
        }
        if (what.len)
                memcpy(t->at + t->n, what.ptr, what.len);
        t->n += what.len;
        t->at[t->n] = '\0';
}

void
text_word(writer *t, const char *what)
{
        text_add(t, str(what, strlen(what)));
}

void
text_byte(writer *t, char c)
{
        text_add(t, str(&c, 1));
}

void
text_done(writer *t)
{
        free(t->at);
        *t = (writer){ NULL };
}

rt_str
text_keep(writer *t, pool *p)
{
        const rt_str copy = pool_copy(p, str(t->at, t->n));

        text_done(t);
        return copy;
}

bool
str_is(rt_str a, const char *b)
{
        return str_same(a, str(b, strlen(b)));
}

bool
str_same(rt_str a, rt_str b)
{
        return a.len == b.len && (!a.len || memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool
str_is_folded(rt_str a, const char *b)
{
        if (a.len != strlen(b))
                return false;
        for (size_t i = 0; i < a.len; i++)
                if (lower(a.ptr[i]) != lower(b[i]))
                        return false;
        return true;
}
