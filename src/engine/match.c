/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.c - what fields of the host say of a match before it is an alert: rt_loader_on_match.
 *
 *   in   a rule that matched, and the slots of these fields, which are read anew for each match
 *   out  nothing (dropped), the rule's row, or a copy of it with another priority and more tags in
 *        the alert, which also hears of fields to add
 *
 * All copies are the event's memory. A field that fails, or says what cannot be, changes nothing,
 * but for those whose say the alert needs: RT_ON_MATCH_ALSO.
 */
#include "base/opts.h"
#include "engine/worker.h"

enum { MOST_ADDED = 64 };

static const char *
copy_text(rti_frame *frame, const char *text)
{
        return text ? rti_arena_copy(frame->memory, rti_str_of(text)).ptr : NULL;
}

/* Add the tag in its place; false: there is no memory. */
static bool
add_tag(rti_frame *frame, rt_rule_info *info, const char *tag)
{
        const char *const *old = info->tags;
        const char **tags;
        size_t n = 0, at = 0;

        while (old[n])
                n++;
        while (at < n && strcmp(old[at], tag) < 0)
                at++;
        if (n >= MOST_ADDED || (at < n && strcmp(old[at], tag) == 0))
                return true;
        tags = rti_arena_get(frame->memory, (n + 2) * sizeof *tags);
        tag = copy_text(frame, tag);
        if (!tags || !tag)
                return false;
        memcpy(tags, old, at * sizeof *tags);
        tags[at] = tag;
        memcpy(tags + at + 1, old + at, (n + 1 - at) * sizeof *tags);
        info->tags = tags;
        return true;
}

/* Values of fields live until the next event, as whatever extract gives. */
static bool
add_fields(rt_alert *alert, const rt_match *match)
{
        const size_t n = alert->n_added + match->n_fields;
        rti_added *added;

        if (!match->n_fields)
                return true;
        if (match->n_fields > MOST_ADDED || n > MOST_ADDED
            || match->field_stride < sizeof(rt_match_field))
                return false;
        added = rti_arena_get(alert->frame->memory, n * sizeof *added);
        if (!added)
                return false;
        if (alert->n_added)
                memcpy(added, alert->added, alert->n_added * sizeof *added);
        for (size_t i = 0; i < match->n_fields; i++) {
                const rt_match_field *from =
                        (const void *) ((const char *) match->fields + i * match->field_stride);
                const bool fits =
                        from->value.kind > RT_KIND_NONE && from->value.kind < RT_KIND_LIST;

                if (!from->name || !*from->name || !fits)
                        return false;
                added[alert->n_added + i] =
                        (rti_added){ copy_text(alert->frame, from->name), from->value };
                if (!added[alert->n_added + i].name)
                        return false;
        }
        alert->added = added;
        alert->n_added = n;
        return true;
}

/* Do what the value says; NULL: nothing is said, which @a also drops. False: it is dropped. */
static bool
apply(rt_worker *worker, const rt_value *value, bool also, bool *changed)
{
        rt_alert *alert = &worker->alert;
        rt_match match;

        if (!value)
                return !also;
        if (value->kind != RT_KIND_BYTES || value->as.s.len < sizeof(size_t)
            || rti_opts_take(value->as.s.ptr, sizeof match, &match) < 0
            || match.size > value->as.s.len || match.priority > RT_PRIORITY_DEBUG) {
                worker->frame.failed++;
                return !also;
        }
        if (match.flags & RT_ON_MATCH_DROP)
                return false;
        if (match.flags & RT_ON_MATCH_PRIORITY)
                alert->changed.info.priority = match.priority;
        for (; match.tags && *match.tags; match.tags++)
                if (!add_tag(&worker->frame, &alert->changed.info, *match.tags))
                        worker->frame.failed++;
        if (!add_fields(alert, &match))
                worker->frame.failed++;
        *changed = true;
        return true;
}

const rti_rule_row *
rti_match_row(rt_worker *worker, const rti_rule_row *row)
{
        bool changed = false, dropped = false;

        worker->alert.n_added = 0;
        if (!row->n_asked)
                return row;
        worker->alert.frame = &worker->frame;
        worker->alert.changed = *row;
        worker->frame.matched = row;
        for (uint32_t i = 0; i < row->n_asked && !dropped; i++) {
                const rti_out_extra *asked = &row->extra[row->n_extra + i];
                const rti_out_format *format = &asked->format;

                if (format->n_tokens != 1 || format->tokens[0].slot == RTI_NO_SLOT)
                        continue;
                worker->frame.slot_stamp[format->tokens[0].slot] = 0;
                dropped = !apply(worker, rti_frame_value(&worker->frame, format->tokens[0].slot),
                                 asked->text, &changed);
        }
        worker->frame.matched = NULL;
        if (dropped)
                return NULL;
        return changed ? &worker->alert.changed : row;
}
