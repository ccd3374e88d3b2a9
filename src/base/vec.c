/* SPDX-License-Identifier: Apache-2.0 */
/* vec.c - growing arrays. */
#include "base/vec.h"

int
rti_vec_grow(void **at, size_t n, size_t *room, size_t size_bytes, size_t most,
             const rt_allocator *allocator)
{
        size_t more = *room ? *room * 2 : 8;
        void *moved;

        if (n >= most)
                return RT_ELIMIT;
        if (more > most)
                more = most;
        moved = rti_realloc(allocator, *at, more, size_bytes);
        if (!moved)
                return RT_ENOMEM;
        *at = moved;
        *room = more;
        return RT_OK;
}

void
rti_vec_shrink(void **at, size_t n, size_t *room, size_t size_bytes, const rt_allocator *allocator)
{
        void *moved = n && n < *room ? rti_realloc(allocator, *at, n, size_bytes) : NULL;

        if (!moved)
                return;
        *at = moved;
        *room = n;
}
