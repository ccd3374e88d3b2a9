/* SPDX-License-Identifier: Apache-2.0 */
/*
 * alloc.h - all memory comes from here.
 *
 * An object keeps the rt_allocator it was made with. Sizes are checked for overflow; NULL is
 * returned when the host's allocator has nothing left, and every caller handles it.
 */
#ifndef RTI_BASE_ALLOC_H
#define RTI_BASE_ALLOC_H

#include <libruntime/types.h>

/* malloc, realloc and free. */
extern const rt_allocator rti_alloc_default;

void *rti_alloc(const rt_allocator *a, size_t size_bytes); /* not cleared */
void *rti_calloc(const rt_allocator *a, size_t n, size_t size_bytes);
void *rti_realloc(const rt_allocator *a, void *ptr, size_t n, size_t size_bytes);
void rti_free(const rt_allocator *a, void *ptr);

#endif
