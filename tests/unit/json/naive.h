/* SPDX-License-Identifier: Apache-2.0 */
/*
 * naive.h - JSON read the plain way, one byte after the other, as a measure for the fast reader;
 * and random documents to compare them on.
 */
#ifndef TESTS_JSON_NAIVE_H
#define TESTS_JSON_NAIVE_H

#include "base/buf.h"

typedef struct naive {
        rt_str text;
        size_t at;
        bool strict;
        bool deep;   /* refused for its nesting */
        rti_buf out; /* the value without blanks */
} naive;

/* Is the text one right value? Then out holds it compact. */
bool naive_document(naive *n);

/* The raw text of the member that the reference would find, ptr NULL: none. @a object is right. */
rt_str naive_get(rt_str object, rt_str name);

/* xorshift: the same documents everywhere. */
typedef struct naive_random {
        uint64_t state;
} naive_random;
uint32_t naive_below(naive_random *random, uint32_t n);
/* A document with blanks, escapes, duplicates; most are right before naive_damage. */
void naive_make(naive_random *random, rti_buf *buf);
void naive_damage(naive_random *random, rti_buf *buf);

#endif
