/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vec.h - growing arrays, for the compiler; never on the hot path.
 *
 *      RTI_VEC(rt_str) names = { 0 };
 *      if (rti_vec_push(&names, allocator, s, LIMIT) < 0) ...
 *      rti_vec_done(&names, allocator);
 */
#ifndef RTI_BASE_VEC_H
#define RTI_BASE_VEC_H

#include "base/alloc.h"

#define RTI_VEC(type)           \
        struct {                \
                type *at;       \
                size_t n, room; \
        }

/* Room for one more element: RT_OK, RT_ENOMEM, RT_ELIMIT (n reached @a most). */
int rti_vec_grow(void **at, size_t n, size_t *room, size_t size_bytes, size_t most,
                 const rt_allocator *allocator);

#define rti_vec_push(vec, allocator, value, most)                                                 \
        ({                                                                                        \
                int rti_r_ = (vec)->n < (vec)->room && (vec)->n < (size_t) (most)                 \
                                     ? RT_OK                                                      \
                                     : rti_vec_grow((void **) &(vec)->at, (vec)->n, &(vec)->room, \
                                                    sizeof *(vec)->at, (most), (allocator));      \
                if (rti_r_ == RT_OK)                                                              \
                        (vec)->at[(vec)->n++] = (value);                                          \
                rti_r_;                                                                           \
        })

/* Nothing is added any more: give back the room that is left. */
#define rti_vec_fit(vec, allocator) \
        rti_vec_shrink((void **) &(vec)->at, (vec)->n, &(vec)->room, sizeof *(vec)->at, (allocator))
void rti_vec_shrink(void **at, size_t n, size_t *room, size_t size_bytes,
                    const rt_allocator *allocator);

#define rti_vec_done(vec, allocator)              \
        do {                                      \
                rti_free((allocator), (vec)->at); \
                (vec)->at = NULL;                 \
                (vec)->n = (vec)->room = 0;       \
        } while (0)

#endif
