/* SPDX-License-Identifier: Apache-2.0 */
/* more.h - read on, where damage of an input is its end. */
#ifndef RTI_SOURCES_JSONKIT_MORE_H
#define RTI_SOURCES_JSONKIT_MORE_H

#include <libruntime/source.h>
#include <stdbool.h>

/* As rt_input_more, but what is damaged (a compressed file, say) ends there, after one report:
 * *damaged, which starts as false, remembers it. */
static inline int
rti_input_more_or_end(rt_input *input, bool *damaged)
{
        const int r = rt_input_more(input);

        if (r != RT_EFORMAT)
                return r;
        if (!*damaged)
                rt_input_skipped(input, rt_input_offset(input) + rt_input_window(input).len,
                                 "the input is damaged from here on");
        *damaged = true;
        return 0;
}

#endif
