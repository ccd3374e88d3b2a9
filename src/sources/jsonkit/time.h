/* SPDX-License-Identifier: Apache-2.0 */
/*
 * time.h - the times that JSON events carry: RFC 3339, as Go's parser takes it.
 *
 * That is: upper-case T and Z, "." or "," in front of a fraction of any length (nine digits count),
 * an hour of one digit, offsets up to 24:60, no leap second, days that exist.
 */
#ifndef RTI_SOURCES_JSONKIT_TIME_H
#define RTI_SOURCES_JSONKIT_TIME_H

#include "base/str.h"

/* Seconds since 1970 and nanoseconds. RT_OK, RT_EFORMAT. */
int rti_time_rfc3339(rt_str text, int64_t *ret_seconds, uint32_t *ret_ns);

/* One number of nanoseconds; wraps outside of 1678..2262, as the reference's does. */
static inline uint64_t
rti_time_ns(int64_t seconds, uint32_t ns)
{
        return (uint64_t) seconds * 1000000000u + ns;
}

/* The time at which an event arrives, for events that say nothing else. */
uint64_t rti_time_now_ns(void);

/* 0001-01-01T00:00:00Z, which Go takes for "no time". */
enum { RTI_TIME_ZERO_DAYS = -719162 };
#define RTI_TIME_ZERO_SECONDS ((int64_t) RTI_TIME_ZERO_DAYS * 86400)

#endif
