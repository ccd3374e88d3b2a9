/* SPDX-License-Identifier: Apache-2.0 */
/* str.c - work on rt_str. Nothing here allocates. */
#include "base/str.h"

int
rti_str_cmp(rt_str a, rt_str b)
{
        const size_t n = a.len < b.len ? a.len : b.len;
        const int r = n ? memcmp(a.ptr, b.ptr, n) : 0;

        return r ? r : (a.len > b.len) - (a.len < b.len);
}

size_t
rti_str_find(rt_str s, rt_str needle)
{
        const char *hit;

        if (needle.len == 0)
                return 0;
        hit = s.len ? memmem(s.ptr, s.len, needle.ptr, needle.len) : NULL;
        return hit ? (size_t) (hit - s.ptr) : SIZE_MAX;
}

rt_str
rti_str_trim(rt_str s)
{
        static const char blanks[] = " \t\r\n";

        while (s.len && memchr(blanks, s.ptr[0], sizeof blanks - 1))
                s = rti_str_sub(s, 1, s.len);
        while (s.len && memchr(blanks, s.ptr[s.len - 1], sizeof blanks - 1))
                s.len--;
        return s;
}

enum { DISTANCE_MAX_LEN = 64 };

uint32_t
rti_str_distance(rt_str a, rt_str b, uint32_t most)
{
        uint32_t rows[3][DISTANCE_MAX_LEN + 1];
        uint32_t *before = rows[0], *last = rows[1], *row = rows[2];

        if (a.len > DISTANCE_MAX_LEN || b.len > DISTANCE_MAX_LEN)
                return UINT32_MAX;
        if (a.len > b.len + most || b.len > a.len + most)
                return UINT32_MAX;
        for (uint32_t j = 0; j <= b.len; j++)
                last[j] = j;
        for (uint32_t i = 1; i <= a.len; i++) {
                row[0] = i;
                for (uint32_t j = 1; j <= b.len; j++) {
                        const bool same = a.ptr[i - 1] == b.ptr[j - 1];
                        uint32_t best = last[j - 1] + !same;

                        best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
                        best = last[j] + 1 < best ? last[j] + 1 : best;
                        if (i > 1 && j > 1 && a.ptr[i - 1] == b.ptr[j - 2]
                            && a.ptr[i - 2] == b.ptr[j - 1] && before[j - 2] + 1 < best)
                                best = before[j - 2] + 1;
                        row[j] = best;
                }
                uint32_t *oldest = before;
                before = last;
                last = row;
                row = oldest;
        }
        return last[b.len] <= most ? last[b.len] : UINT32_MAX;
}
