/* SPDX-License-Identifier: Apache-2.0 */
/*
 * liar.c - a plug-in that loads, and then returns what cannot be true.
 *
 * Its open parameters say which lie the batches tell; each is followed by one good event and the
 * end. Its fields tell the others.
 */
#include "plugin.h"

enum { ID = 902, ROOM = 256 };

typedef struct liar {
        char *buffer; /* of exactly the bytes that an event has, so that ASan sees who reads on */
        rti_fp_event *events[4];
        int step;
        char lie[32];
        char *endless;
        const char *texts[2];
        uint64_t numbers[2];
        rti_fp_bytes bytes[2];
        rti_fp_metric metrics[2];
} liar;

PLUGIN_INFO("liar", "0.0.1")
PLUGIN_SOURCE(ID, "liar")

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        (void) input;
        *ret_rc = RTI_FP_SUCCESS;
        return calloc(1, sizeof(liar));
}

EXPORT void
plugin_destroy(void *plugin)
{
        liar *l = plugin;

        free(l->buffer);
        free(l->endless);
        free(l);
}

EXPORT const char *
plugin_get_last_error(void *plugin)
{
        (void) plugin;
        return NULL;
}

EXPORT void *
plugin_open(void *plugin, const char *params, int32_t *ret_rc)
{
        liar *l = plugin;

        snprintf(l->lie, sizeof l->lie, "%s", params);
        l->step = 0;
        /* An instance that nobody may use. */
        *ret_rc = strcmp(params, "open_failure") == 0 ? RTI_FP_FAILURE : RTI_FP_SUCCESS;
        return strcmp(params, "open_null") == 0 ? NULL : l;
}

EXPORT void
plugin_close(void *plugin, void *handle)
{
        (void) plugin, (void) handle;
}

static rti_fp_event *
event_of(liar *l, uint32_t len)
{
        static const char text[ROOM] = "liar";

        free(l->buffer);
        l->buffer = malloc(RTI_FP_PAYLOAD_AT + len);
        return put_event(l->buffer, 0, UINT64_MAX, text, len);
}

/* A length in the event, of parameter @a i. */
static void
set_length(liar *l, uint32_t i, uint32_t len)
{
        memcpy(l->buffer + RTI_FP_HEADER_BYTES + (size_t) i * 4, &len, sizeof len);
}

static bool
tells(const liar *l, const char *lie)
{
        return strcmp(l->lie, lie) == 0;
}

enum { ENDLESS_BYTES = 16 * 1024 * 1024 + 16 };

static const char *
endless(liar *l)
{
        if (!l->endless) {
                l->endless = malloc(ENDLESS_BYTES);
                memset(l->endless, 'x', ENDLESS_BYTES);
        }
        return l->endless;
}

/* One event that is not what it says. */
static rti_fp_event *
bad_event(liar *l)
{
        rti_fp_event *event = event_of(l, 4);
        const uint32_t id = 4711;

        if (tells(l, "short"))
                event->len = 10;
        else if (tells(l, "header_only"))
                event->len = RTI_FP_HEADER_BYTES;
        else if (tells(l, "huge"))
                event->len = UINT32_MAX;
        else if (tells(l, "len_less"))
                event->len--;
        else if (tells(l, "type"))
                event->type = 2;
        else if (tells(l, "async_type"))
                event->type = RTI_FP_ASYNC_EVENT;
        else if (tells(l, "params"))
                event->n_params = 1;
        else if (tells(l, "many_params"))
                event->n_params = UINT32_MAX;
        else if (tells(l, "param_beyond"))
                set_length(l, 1, UINT32_MAX);
        else if (tells(l, "param_less"))
                set_length(l, 1, 1);
        else if (tells(l, "id_length"))
                set_length(l, 0, 0), set_length(l, 1, 8);
        else if (tells(l, "id"))
                memcpy(l->buffer + RTI_FP_PAYLOAD_AT - 4, &id, sizeof id);
        else
                return NULL;
        return event;
}

EXPORT int32_t
plugin_next_batch(void *plugin, void *handle, uint32_t *ret_n, rti_fp_event ***ret_events)
{
        liar *l = plugin;

        (void) handle;
        *ret_events = l->events;
        *ret_n = 1;
        if (l->step++) {
                l->events[0] = event_of(l, 4);
                return RTI_FP_EOF;
        }
        if (tells(l, "long") || tells(l, "binary") || tells(l, "nothing")) {
                l->events[0] = event_of(l, tells(l, "long") ? 60 : tells(l, "binary") ? 5 : 0);
                if (tells(l, "long"))
                        memset(l->buffer + RTI_FP_PAYLOAD_AT, 'x', 60);
                return RTI_FP_SUCCESS;
        }
        if (tells(l, "batch_null")) {
                *ret_events = NULL;
                *ret_n = 5;
                return RTI_FP_SUCCESS;
        }
        if (tells(l, "batch_size")) {
                *ret_n = UINT32_MAX;
                return RTI_FP_SUCCESS;
        }
        if (tells(l, "result")) {
                *ret_n = 0;
                return 99;
        }
        if (tells(l, "failure")) {
                l->events[0] = event_of(l, 4);
                return RTI_FP_FAILURE;
        }
        if (tells(l, "empty")) {
                *ret_n = 0;
                return RTI_FP_SUCCESS;
        }
        l->events[0] = bad_event(l);
        return RTI_FP_SUCCESS;
}

EXPORT const char *
plugin_event_to_string(void *plugin, const rti_fp_event_input *event)
{
        (void) event;
        return tells(plugin, "text_end") ? endless(plugin) : NULL;
}

/* ---- what it is asked; its configuration says how it lies ---- */

EXPORT int32_t
plugin_set_config(void *plugin, const rti_fp_config_input *input)
{
        liar *l = plugin;

        snprintf(l->lie, sizeof l->lie, "%s", input->config);
        return tells(l, "unwilling") ? RTI_FP_FAILURE : RTI_FP_SUCCESS;
}

EXPORT const rti_fp_metric *
plugin_get_metrics(void *plugin, uint32_t *ret_n)
{
        liar *l = plugin;

        l->metrics[0] = (rti_fp_metric){ .name = "first" };
        l->metrics[1] = (rti_fp_metric){ .name = "last" };
        *ret_n = tells(l, "metric_size") ? UINT32_MAX : 2;
        if (tells(l, "metric_name"))
                l->metrics[0].name = NULL;
        else if (tells(l, "metric_empty"))
                l->metrics[0].name = "";
        else if (tells(l, "metric_endless"))
                l->metrics[0].name = endless(l);
        else if (tells(l, "metric_type"))
                l->metrics[0].type = 2;
        else if (tells(l, "metric_value_type"))
                l->metrics[0].value_type = 7;
        return tells(l, "metric_null") ? NULL : l->metrics;
}

EXPORT const char *
plugin_get_progress(void *plugin, void *handle, uint32_t *ret_percent_x100)
{
        liar *l = plugin;

        (void) handle;
        *ret_percent_x100 = tells(l, "progress") ? 10001 : 1;
        return tells(l, "progress_text") ? endless(l) : NULL;
}

EXPORT const char *
plugin_list_open_params(void *plugin, int32_t *ret_rc)
{
        liar *l = plugin;

        *ret_rc = tells(l, "params_rc")    ? RTI_FP_FAILURE
                  : tells(l, "params_not") ? RTI_FP_NOT_SUPPORTED
                                           : RTI_FP_SUCCESS;
        if (tells(l, "params_null"))
                return NULL;
        if (tells(l, "params_json"))
                return "[{";
        if (tells(l, "params_object"))
                return "{}";
        if (tells(l, "params_row"))
                return "[1]";
        if (tells(l, "params_value"))
                return "[{\"value\":1,\"desc\":\"d\"}]";
        if (tells(l, "params_desc"))
                return "[{\"value\":\"v\"}]";
        if (tells(l, "params_separator"))
                return "[{\"value\":\"v\",\"desc\":\"d\",\"separator\":0}]";
        return "[]";
}

/* ---- fields ---- */

enum field {
        NULL_ARRAY,
        SEVERAL,
        CHANGED,
        NULL_TEXT,
        ENDLESS,
        ADDRESS,
        NULL_ADDRESS,
        LONG_LIST,
        HALF_LIST
};

EXPORT const char *
plugin_get_fields(void)
{
        return "[{\"type\":\"string\",\"name\":\"liar.null_array\",\"desc\":\"d\"},"
               "{\"type\":\"uint64\",\"name\":\"liar.several\",\"desc\":\"d\"},"
               "{\"type\":\"uint64\",\"name\":\"liar.changed\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"liar.null_text\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"liar.endless\",\"desc\":\"d\"},"
               "{\"type\":\"ipaddr\",\"name\":\"liar.address\",\"desc\":\"d\"},"
               "{\"type\":\"ipaddr\",\"name\":\"liar.null_address\",\"desc\":\"d\"},"
               "{\"type\":\"uint64\",\"name\":\"liar.long_list\",\"desc\":\"d\",\"isList\":true},"
               "{\"type\":\"string\",\"name\":\"liar.half_list\",\"desc\":\"d\",\"isList\":true}]";
}

static void
tell(liar *l, rti_fp_extract_field *field)
{
        field->n_values = 1;
        l->texts[0] = "text";
        l->texts[1] = NULL;
        l->bytes[0] = (rti_fp_bytes){ 5, "12345" };
        switch ((enum field) field->field_id) {
        case NULL_ARRAY:
                break;
        case SEVERAL:
                field->values.u64 = l->numbers;
                field->n_values = 2;
                break;
        case CHANGED:
                field->values.text = l->texts;
                field->type = RTI_FP_STRING;
                break;
        case NULL_TEXT:
                field->values.text = l->texts + 1;
                break;
        case ENDLESS:
                l->texts[0] = endless(l);
                field->values.text = l->texts;
                break;
        case ADDRESS:
                field->values.bytes = l->bytes;
                break;
        case NULL_ADDRESS:
                l->bytes[0] = (rti_fp_bytes){ 4, NULL };
                field->values.bytes = l->bytes;
                break;
        case LONG_LIST:
                field->values.u64 = l->numbers;
                field->n_values = UINT64_MAX;
                break;
        case HALF_LIST:
                field->values.text = l->texts;
                field->n_values = 2;
                break;
        }
}

EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        (void) event;
        for (uint32_t i = 0; i < input->n_fields; i++)
                tell(plugin, &input->fields[i]);
        return RTI_FP_SUCCESS;
}
