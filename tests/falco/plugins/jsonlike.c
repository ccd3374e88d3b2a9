/* SPDX-License-Identifier: Apache-2.0 */
/* jsonlike.c - brings a field whose name is built in, json.value: "plug:" and its argument. */
#include "plugin.h"

typedef struct jsonlike {
        char value[64];
        const char *text;
} jsonlike;

PLUGIN_INFO("jsonlike", "0.7.0")

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        (void) input;
        *ret_rc = RTI_FP_SUCCESS;
        return calloc(1, sizeof(jsonlike));
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
        return "[{\"type\":\"string\",\"name\":\"json.value\",\"desc\":\"d\","
               "\"arg\":{\"isRequired\":true,\"isKey\":true}}]";
}

EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        jsonlike *j = plugin;

        (void) event;
        snprintf(j->value, sizeof j->value, "plug:%s", input->fields[0].arg_key);
        j->text = j->value;
        input->fields[0].values.text = &j->text;
        input->fields[0].n_values = 1;
        return RTI_FP_SUCCESS;
}
