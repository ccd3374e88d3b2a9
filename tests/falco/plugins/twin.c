/* SPDX-License-Identifier: Apache-2.0 */
/* twin.c - no events, one field: what an event's source is; -DTWIN_ID, -DTWIN_SOURCE, -DTWIN_FIELD
 * and -DTWIN_OTHERS, a JSON list of sources, say whose they are. */
#include "plugin.h"

#define TEXT(...)  TEXT_(__VA_ARGS__)
#define TEXT_(...) #__VA_ARGS__

PLUGIN_INFO("twin", "0.7.0")
PLUGIN_SOURCE(TWIN_ID, TWIN_SOURCE)

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        static int state;

        (void) input;
        *ret_rc = RTI_FP_SUCCESS;
        return &state;
}

EXPORT void
plugin_destroy(void *plugin)
{
        (void) plugin;
}

EXPORT const char *
plugin_get_last_error(void *plugin)
{
        (void) plugin;
        return "";
}

EXPORT void *
plugin_open(void *plugin, const char *params, int32_t *ret_rc)
{
        (void) params;
        *ret_rc = RTI_FP_SUCCESS;
        return plugin;
}

EXPORT void
plugin_close(void *plugin, void *handle)
{
        (void) plugin, (void) handle;
}

EXPORT int32_t
plugin_next_batch(void *plugin, void *handle, uint32_t *ret_n, rti_fp_event ***ret_events)
{
        (void) plugin, (void) handle, (void) ret_events;
        *ret_n = 0;
        return RTI_FP_EOF;
}

EXPORT const char *
plugin_get_extract_event_sources(void)
{
        return TEXT(TWIN_OTHERS);
}

EXPORT const char *
plugin_get_fields(void)
{
        return "[{\"type\":\"string\",\"name\":\"" TWIN_FIELD "\",\"desc\":\"d\"}]";
}

EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        static const char *source;

        (void) plugin;
        source = event->source;
        input->fields[0].values.text = &source;
        input->fields[0].n_values = 1;
        return RTI_FP_SUCCESS;
}
