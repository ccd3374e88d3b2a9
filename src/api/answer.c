/* SPDX-License-Identifier: Apache-2.0 */
/* answer.c - rt_answer_*: values that a provider of fields gives later. */
#include "engine/answer.h"

rt_answer *
rt_event_later(const rt_event *event)
{
        return event && event->scratch ? rti_answer_new(event->scratch) : NULL;
}

int
rt_answer_give(rt_answer *answer, int status, const rt_value *value)
{
        return answer && (value || status <= 0) && status <= 1
                       ? rti_answer_give(answer, status, value)
                       : RT_EINVAL;
}

rt_answer *
rt_answer_unref(rt_answer *answer)
{
        if (answer)
                rti_answer_drop(answer);
        return NULL;
}
