/* SPDX-License-Identifier: Apache-2.0 */
/* chance.h - numbers that look random and are the same each time. */
#ifndef RTI_ORACLE_CHANCE_H
#define RTI_ORACLE_CHANCE_H

#include <stddef.h>
#include <stdint.h>

/* Choices come from the bytes first, as long as there are some: a fuzzer's. */
typedef struct chance {
        uint64_t state;
        const uint8_t *bytes;
        size_t n_bytes;
} chance;

static inline uint64_t
chance_next(chance *c)
{
        uint64_t z = c->state += 0x9e3779b97f4a7c15u;

        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        return z ^ z >> 31;
}

/* 0 ... n - 1. */
static inline uint32_t
chance_below(chance *c, uint32_t n)
{
        if (c->n_bytes && n <= 256) {
                c->n_bytes--;
                return *c->bytes++ % n;
        }
        return (uint32_t) ((chance_next(c) >> 32) * n >> 32);
}

#endif
