/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plugin_records.c - a plug-in for bench_plugins: records of about a kilobyte, a batch of 128 at a
 * time, and fields that are searched in them. It is cheaper than most: no JSON is read.
 */
#include "plugin.h"

enum { ID = 907, BATCH = 128, RECORD_BYTES = 1024, ROOM = 2048, TEXT_BYTES = 64 };

typedef struct records {
        uint64_t left, n;
        char *buffer;
        rti_fp_event *events[BATCH];
        char text[TEXT_BYTES];
        const char *texts[1];
} records;

PLUGIN_INFO("records", "0.1.0")
PLUGIN_SOURCE(ID, "records")

static const char *const names[] = { "user", "action", "region", "address", "agent", "outcome" };

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        records *r = calloc(1, sizeof *r);

        (void) input;
        *ret_rc = RTI_FP_SUCCESS;
        return r;
}

EXPORT void
plugin_destroy(void *plugin)
{
        free(((records *) plugin)->buffer);
        free(plugin);
}

EXPORT const char *
plugin_get_last_error(void *plugin)
{
        (void) plugin;
        return "";
}

/* @a params: so many records. One input at a time. */
EXPORT void *
plugin_open(void *plugin, const char *params, int32_t *ret_rc)
{
        records *r = plugin;

        if (!r->buffer)
                r->buffer = malloc((size_t) BATCH * ROOM);
        r->left = strtoull(params, NULL, 10);
        r->n = 0;
        *ret_rc = RTI_FP_SUCCESS;
        return r;
}

EXPORT void
plugin_close(void *plugin, void *handle)
{
        (void) plugin, (void) handle;
}

EXPORT int32_t
plugin_next_batch(void *plugin, void *handle, uint32_t *ret_n, rti_fp_event ***ret_events)
{
        records *r = handle;
        char text[RECORD_BYTES];
        uint32_t n = 0;

        (void) plugin;
        memset(text, 'x', sizeof text);
        for (; n < BATCH && r->left; n++, r->left--, r->n++) {
                const int len = snprintf(
                        text, sizeof text - 1,
                        "{\"user\":\"user-%llu\",\"action\":\"Describe%llu\",\"region\":\"eu-%"
                        "llu\","
                        "\"address\":\"10.0.0.%llu\",\"agent\":\"agent/%llu\",\"outcome\":\"%s\",",
                        (unsigned long long) r->n % 1000, (unsigned long long) r->n % 50,
                        (unsigned long long) r->n % 10, (unsigned long long) r->n % 250,
                        (unsigned long long) r->n % 7, r->n % 11 ? "granted" : "refused");

                text[len] = '"';
                r->events[n] =
                        put_event(r->buffer + (size_t) n * ROOM, 0, 1 + r->n, text, sizeof text);
        }
        *ret_n = n;
        *ret_events = r->events;
        return r->left ? RTI_FP_SUCCESS : RTI_FP_EOF;
}

EXPORT const char *
plugin_get_fields(void)
{
        return "[{\"type\":\"string\",\"name\":\"records.user\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"records.action\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"records.region\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"records.address\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"records.agent\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"records.outcome\",\"desc\":\"d\"}]";
}

EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        records *r = plugin;
        rti_fp_extract_field *field = &input->fields[0];
        char key[16];
        const int len = snprintf(key, sizeof key, "\"%s\":\"", names[field->field_id]);
        const char *at =
                memmem(payload_of(event->event), payload_length(event->event), key, (size_t) len);

        if (!at)
                return RTI_FP_SUCCESS;
        snprintf(r->text, sizeof r->text, "%.*s", (int) strcspn(at + len, "\""), at + len);
        r->texts[0] = r->text;
        field->values.text = r->texts;
        field->n_values = 1;
        return RTI_FP_SUCCESS;
}
