/* SPDX-License-Identifier: Apache-2.0 */
/* shape.h - is a record's event one that readers of captures accept? */
#ifndef TEST_LIVE_SHAPE_H
#define TEST_LIVE_SHAPE_H

#include "live/record.h"
#include <stddef.h>

/* Fails the test unless the values of @a r have number and sizes of its event's parameters, and its
 * facts add up. */
void expect_shape(const struct rti_record *r);

/* A descriptor entry taken apart. */
typedef struct fact {
        int64_t pid, fd;
        uint64_t ino;
        uint8_t kind;
        const uint8_t *rest; /* behind the kind */
        size_t len;
} fact;
fact fact_of(const struct rti_record *r);

#endif
