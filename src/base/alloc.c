/* SPDX-License-Identifier: Apache-2.0 */
/* alloc.c - all memory comes from here. */
#include "base/alloc.h"
#include <stdlib.h>
#include <string.h>

static void *
libc_resize(void *ptr, size_t size_bytes, void *user)
{
        (void) user;
        if (size_bytes == 0) {
                free(ptr);
                return NULL;
        }
        return realloc(ptr, size_bytes);
}

const rt_allocator rti_alloc_default = { sizeof(rt_allocator), libc_resize, NULL };

void *
rti_alloc(const rt_allocator *a, size_t size_bytes)
{
        return a->resize(NULL, size_bytes ? size_bytes : 1, a->user);
}

void *
rti_realloc(const rt_allocator *a, void *ptr, size_t n, size_t size_bytes)
{
        size_t total;

        if (__builtin_mul_overflow(n, size_bytes, &total))
                return NULL;
        return a->resize(ptr, total ? total : 1, a->user);
}

void *
rti_calloc(const rt_allocator *a, size_t n, size_t size_bytes)
{
        void *ptr = rti_realloc(a, NULL, n, size_bytes);

        return ptr ? memset(ptr, 0, n * size_bytes) : NULL;
}

void
rti_free(const rt_allocator *a, void *ptr)
{
        if (ptr)
                a->resize(ptr, 0, a->user);
}
