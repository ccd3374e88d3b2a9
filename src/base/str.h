/* SPDX-License-Identifier: Apache-2.0 */
/* str.h - work on rt_str: bytes with a length, owned by somebody else. */
#ifndef RTI_BASE_STR_H
#define RTI_BASE_STR_H

#include <libruntime/types.h>
#include <stdbool.h>
#include <string.h>

#define RTI_COUNT(a) (sizeof(a) / sizeof *(a))
#define RTI_STR(lit) ((rt_str){ "" lit, sizeof(lit) - 1 })
#define RTI_STR_INIT(l)             \
        {                           \
                "" l, sizeof(l) - 1 \
        }
/* For printf's "%.*s". */
#define RTI_FMT(s) (int) (s).len, (s).ptr

static inline rt_str
rti_str_of(const char *text)
{
        return (rt_str){ text, text ? strlen(text) : 0 };
}

static inline bool
rti_str_eq(rt_str a, rt_str b)
{
        return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool
rti_str_is(rt_str a, const char *text)
{
        return rti_str_eq(a, rti_str_of(text));
}

static inline bool
rti_str_starts(rt_str s, rt_str prefix)
{
        return s.len >= prefix.len && memcmp(s.ptr, prefix.ptr, prefix.len) == 0;
}

static inline bool
rti_str_ends(rt_str s, rt_str suffix)
{
        return s.len >= suffix.len
               && memcmp(s.ptr + s.len - suffix.len, suffix.ptr, suffix.len) == 0;
}

static inline rt_str
rti_str_sub(rt_str s, size_t from, size_t to)
{
        /* Nothing may be added to NULL, not even 0. */
        return (rt_str){ from ? s.ptr + from : s.ptr, to - from };
}

/* As memcmp over the common part, then by length. */
int rti_str_cmp(rt_str a, rt_str b);
/* Index of the first @a needle, or SIZE_MAX. An empty needle is found at 0. */
size_t rti_str_find(rt_str s, rt_str needle);
/* Without blanks, tabs and line ends at both ends. */
rt_str rti_str_trim(rt_str s);
/* Edit distance (Damerau-Levenshtein), or UINT32_MAX if it is above @a most; for "did you mean". */
uint32_t rti_str_distance(rt_str a, rt_str b, uint32_t most);

#endif
