/* SPDX-License-Identifier: Apache-2.0 */
/*
 * measurer.c - fields for events of every source: measurer.length is that of the event, .type its
 * type, .source its source, .number its number, and .payload what a plug-in's event holds.
 */
#include "plugin.h"

typedef struct measurer {
        uint64_t number;
        const char *text;
        char payload[512];
} measurer;

PLUGIN_INFO("measurer", "0.6.0")

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        (void) input;
        *ret_rc = RTI_FP_SUCCESS;
        return calloc(1, sizeof(measurer));
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
        return "";
}

EXPORT const char *
plugin_get_fields(void)
{
        return "[{\"type\":\"uint64\",\"name\":\"measurer.length\",\"desc\":\"d\"},"
               "{\"type\":\"uint64\",\"name\":\"measurer.type\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"measurer.source\",\"desc\":\"d\"},"
               "{\"type\":\"uint64\",\"name\":\"measurer.number\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"measurer.payload\",\"desc\":\"d\"}]";
}

EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        measurer *m = plugin;
        rti_fp_extract_field *field = &input->fields[0];

        field->n_values = 1;
        switch (field->field_id) {
        case 0:
                m->number = event->event->len;
                break;
        case 1:
                m->number = event->event->type;
                break;
        case 2:
                m->text = event->source;
                break;
        case 3:
                m->number = event->number;
                break;
        default:
                if (event->event->type != RTI_FP_PLUGIN_EVENT)
                        return RTI_FP_FAILURE;
                snprintf(m->payload, sizeof m->payload, "%.*s", (int) payload_length(event->event),
                         payload_of(event->event));
                m->text = m->payload;
                break;
        }
        if (field->field_id == 2 || field->field_id == 4)
                field->values.text = &m->text;
        else
                field->values.u64 = &m->number;
        return RTI_FP_SUCCESS;
}
