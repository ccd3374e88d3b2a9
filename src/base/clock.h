/* SPDX-License-Identifier: Apache-2.0 */
/* clock.h - times as text. */
#ifndef RTI_BASE_CLOCK_H
#define RTI_BASE_CLOCK_H

#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>

enum rti_clock_form {
        RTI_CLOCK_TIME,       /* 10:00:00.123456789, local */
        RTI_CLOCK_TIME_S,     /* 10:00:00, local */
        RTI_CLOCK_DATETIME,   /* 2024-05-01 10:00:00.123456789, local */
        RTI_CLOCK_DATETIME_S, /* 2024-05-01 10:00:00, local */
        RTI_CLOCK_ISO_8601,   /* 2024-05-01T10:00:00.123456789+0000 */
        RTI_CLOCK_ISO_8601_Z  /* 2024-05-01T10:00:00.123456789Z */
};

enum { RTI_CLOCK_ROOM = 48 };

/* Write @a time_ns (since 1970; never before it) in @a form; the length. Local: as TZ says. */
size_t rti_clock_text(uint64_t time_ns, enum rti_clock_form form, char to[RTI_CLOCK_ROOM]);

#endif
