/* SPDX-License-Identifier: Apache-2.0 */
/* alert.c - rt_alert_*: one match, while the callback runs. */
#include "engine/alert.h"

/* Making text on demand changes the worker's buffers, not the match. */
static rt_alert *
writable(const rt_alert *alert)
{
        return (rt_alert *) (uintptr_t) alert;
}

/* Is its callback running? */
static bool
is_there(const rt_alert *alert)
{
        return alert && alert->rule;
}

const char *
rt_alert_rule(const rt_alert *alert)
{
        return is_there(alert) ? alert->rule->info.name : NULL;
}

const char *
rt_alert_source(const rt_alert *alert)
{
        return is_there(alert) ? alert->rule->info.source : NULL;
}

uint32_t
rt_alert_priority(const rt_alert *alert)
{
        return is_there(alert) ? alert->rule->info.priority : RT_PRIORITY_DEBUG;
}

uint64_t
rt_alert_time_ns(const rt_alert *alert)
{
        if (!is_there(alert))
                return 0;
        return alert->kept ? alert->kept->time_ns : alert->frame->event->time_ns;
}

uint64_t
rt_alert_event_number(const rt_alert *alert)
{
        if (!is_there(alert))
                return 0;
        return alert->kept ? alert->kept->number : alert->frame->event->number;
}

const char *const *
rt_alert_tags(const rt_alert *alert)
{
        return is_there(alert) ? alert->rule->info.tags : NULL;
}

const char *
rt_alert_id(const rt_alert *alert)
{
        if (!is_there(alert))
                return NULL;
        return alert->kept ? alert->kept->id : rti_alert_id(writable(alert));
}

static int
give_kept(rt_str text, int result, rt_str *ret_text)
{
        if (result == RT_OK)
                *ret_text = text;
        return result;
}

int
rt_alert_text(const rt_alert *alert, rt_str *ret_text)
{
        if (!is_there(alert) || !ret_text)
                return RT_EINVAL;
        if (alert->kept)
                return give_kept(alert->kept->text, alert->kept->text_result, ret_text);
        return rti_alert_text(writable(alert), ret_text);
}

int
rt_alert_json(const rt_alert *alert, rt_str *ret_text)
{
        if (!is_there(alert) || !ret_text)
                return RT_EINVAL;
        if (alert->kept)
                return give_kept(alert->kept->json, alert->kept->json_result, ret_text);
        return rti_alert_json(writable(alert), ret_text);
}

int
rt_alert_field(const rt_alert *alert, size_t index, const char **ret_name, rt_value *ret_value)
{
        const rti_kept *kept;

        if (!is_there(alert) || !ret_name || !ret_value)
                return RT_EINVAL;
        kept = alert->kept;
        if (!kept)
                return rti_alert_field(writable(alert), index, ret_name, ret_value);
        if (kept->fields_result < 0)
                return kept->fields_result;
        if (index >= kept->n_fields)
                return RT_ENOENT;
        *ret_name = kept->fields[index].name;
        *ret_value = kept->fields[index].value;
        return RT_OK;
}
