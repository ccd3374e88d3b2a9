/* SPDX-License-Identifier: Apache-2.0 */
/* bound.c - a library whose functions the tests of native functions declare. */
#include <libruntime/types.h>

RT_API uint32_t ours_length(rt_str text);

uint32_t
ours_length(rt_str text)
{
        return (uint32_t) text.len;
}
