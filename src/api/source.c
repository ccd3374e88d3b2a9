/* SPDX-License-Identifier: Apache-2.0 */
/* source.c - what sources call: rt_input_*, rt_event_alloc. */
#include "base/opts.h"
#include "engine/frame.h"
#include "engine/input.h"

void *
rt_event_alloc(const rt_event *event, size_t size_bytes)
{
        return event && event->scratch ? rti_frame_alloc(event->scratch, size_bytes) : NULL;
}

int
rt_event_rule(const rt_event *event, rt_rule_info *ret_rule)
{
        const rti_frame *frame = event ? event->scratch : NULL;

        if (!frame || !ret_rule)
                return RT_EINVAL;
        return frame->matched
                       ? rti_opts_give(&frame->matched->info, sizeof frame->matched->info, ret_rule)
                       : RT_ENOENT;
}

rt_str
rt_input_window(const rt_input *input)
{
        return input ? input->window : (rt_str){ NULL, 0 };
}

int
rt_input_more(rt_input *input)
{
        return input ? rti_input_more(input) : RT_EINVAL;
}

void
rt_input_consume(rt_input *input, size_t n)
{
        if (input)
                rti_input_consume(input, n);
}

uint64_t
rt_input_offset(const rt_input *input)
{
        return input ? input->offset : 0;
}

const char *
rt_input_name(const rt_input *input)
{
        return input && input->name ? input->name : "";
}

int
rt_input_is_live(const rt_input *input)
{
        return input && (!input->reader || !(input->reader->flags & RT_READER_READY));
}

void
rt_input_skipped(rt_input *input, uint64_t offset, const char *what)
{
        if (input)
                rti_input_skip(input, offset, what ? what : "a record that cannot be used");
}

void
rt_input_limited(rt_input *input, uint64_t offset, const char *what)
{
        if (input && input->limits_hit)
                ++*input->limits_hit;
        rt_input_skipped(input, offset, what);
}
