/* SPDX-License-Identifier: Apache-2.0 */
/* alert.c - rt_alert_*: one match, while the callback runs. */
#include "engine/alert.h"

/* Making text on demand changes the worker's buffers, not the match. */
static rt_alert *
writable(const rt_alert *alert)
{
        return (rt_alert *) (uintptr_t) alert;
}

const char *
rt_alert_rule(const rt_alert *alert)
{
        return alert ? alert->rule->info.name : NULL;
}

const char *
rt_alert_source(const rt_alert *alert)
{
        return alert ? alert->rule->info.source : NULL;
}

uint32_t
rt_alert_priority(const rt_alert *alert)
{
        return alert ? alert->rule->info.priority : RT_PRIORITY_DEBUG;
}

uint64_t
rt_alert_time_ns(const rt_alert *alert)
{
        return alert ? alert->frame->event->time_ns : 0;
}

uint64_t
rt_alert_event_number(const rt_alert *alert)
{
        return alert ? alert->frame->event->number : 0;
}

const char *const *
rt_alert_tags(const rt_alert *alert)
{
        return alert ? alert->rule->info.tags : NULL;
}

const char *
rt_alert_id(const rt_alert *alert)
{
        return alert ? rti_alert_id(writable(alert)) : NULL;
}

int
rt_alert_text(const rt_alert *alert, rt_str *ret_text)
{
        return alert && ret_text ? rti_alert_text(writable(alert), ret_text) : RT_EINVAL;
}

int
rt_alert_json(const rt_alert *alert, rt_str *ret_text)
{
        return alert && ret_text ? rti_alert_json(writable(alert), ret_text) : RT_EINVAL;
}

int
rt_alert_field(const rt_alert *alert, size_t index, const char **ret_name, rt_value *ret_value)
{
        return alert && ret_name && ret_value
                       ? rti_alert_field(writable(alert), index, ret_name, ret_value)
                       : RT_EINVAL;
}
