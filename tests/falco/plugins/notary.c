/* SPDX-License-Identifier: Apache-2.0 */
/*
 * notary.c - parses events of every source, and listens: notary.seen says how many events it saw,
 * notary.last what the last one held and whose it was, notary.asyncs how many async events,
 * notary.captures how often a capture was opened and closed. Configuration: "deaf": it refuses
 * captures.
 */
#include "plugin.h"

typedef struct notary {
        bool deaf;
        uint64_t seen, asyncs;
        int opened, closed;
        char last[256], captures[64];
        const char *text;
} notary;

PLUGIN_INFO("notary", "0.3.0")

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        notary *n = calloc(1, sizeof *n);

        n->deaf = strcmp(input->config, "deaf") == 0;
        *ret_rc = RTI_FP_SUCCESS;
        return n;
}

EXPORT void
plugin_destroy(void *plugin)
{
        free(plugin);
}

EXPORT const char *
plugin_get_last_error(void *plugin)
{
        (void) plugin;
        return "it is deaf";
}

EXPORT int32_t
plugin_capture_open(void *plugin, const rti_fp_listen_input *input)
{
        notary *n = plugin;

        (void) input;
        n->opened++;
        return n->deaf ? RTI_FP_FAILURE : RTI_FP_SUCCESS;
}

EXPORT int32_t
plugin_capture_close(void *plugin, const rti_fp_listen_input *input)
{
        (void) input;
        ((notary *) plugin)->closed++;
        return RTI_FP_SUCCESS;
}

EXPORT int32_t
plugin_parse_event(void *plugin, const rti_fp_event_input *event, const rti_fp_parse_input *input)
{
        notary *n = plugin;

        (void) input;
        if (event->event->type == RTI_FP_ASYNC_EVENT) {
                n->asyncs++;
                return RTI_FP_SUCCESS;
        }
        n->seen++;
        if (event->event->type == RTI_FP_PLUGIN_EVENT)
                snprintf(n->last, sizeof n->last, "%llu %s %.*s",
                         (unsigned long long) event->number, event->source,
                         (int) payload_length(event->event), payload_of(event->event));
        return RTI_FP_SUCCESS;
}

EXPORT const char *
plugin_get_fields(void)
{
        return "[{\"type\":\"uint64\",\"name\":\"notary.seen\",\"desc\":\"d\"},"
               "{\"type\":\"uint64\",\"name\":\"notary.asyncs\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"notary.last\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"notary.captures\",\"desc\":\"d\"}]";
}

EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        notary *n = plugin;
        rti_fp_extract_field *field = &input->fields[0];

        (void) event;
        snprintf(n->captures, sizeof n->captures, "%d-%d", n->opened, n->closed);
        n->text = field->field_id == 2 ? n->last : n->captures;
        if (field->field_id < 2)
                field->values.u64 = field->field_id ? &n->asyncs : &n->seen;
        else
                field->values.text = &n->text;
        field->n_values = 1;
        return RTI_FP_SUCCESS;
}
