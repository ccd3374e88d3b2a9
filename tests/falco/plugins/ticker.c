/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ticker.c - a plug-in that does everything right: events that are numbers, fields of all types.
 *
 * Its open parameters are the number of events, and behind a colon how many there are in a batch.
 */
#include "plugin.h"

enum { ROOM = 128, MOST_BATCH = 64, ID = 901 };

typedef struct ticker {
        char error[256];
        char text[256], config[64];
        uint32_t configs; /* that it took */
        /* values of the field that was asked for last */
        const char *texts[8];
        char words[8][32];
        uint64_t numbers[8];
        uint32_t booleans[8];
        rti_fp_bytes bytes[8];
        unsigned char address[16];
} ticker;

typedef struct instance {
        uint64_t left, n;
        uint32_t batch;
        bool paused;
        char *buffer;
        rti_fp_event *events[MOST_BATCH];
} instance;

PLUGIN_INFO("ticker", "1.2.3")
PLUGIN_SOURCE(ID, "ticker")

EXPORT const char *
plugin_get_init_schema(int32_t *ret_type)
{
        *ret_type = RTI_FP_SCHEMA_JSON;
        return "{\"$schema\":\"http://json-schema.org/draft-04/schema#\","
               "\"$ref\":\"#/definitions/Config\",\"definitions\":{"
               "\"Config\":{\"type\":\"object\",\"properties\":{"
               "\"fail\":{\"type\":\"boolean\",\"title\":\"Fail\"},"
               "\"rate\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":100},"
               "\"share\":{\"type\":[\"number\",\"null\"],\"exclusiveMaximum\":1},"
               "\"mode\":{\"type\":\"string\",\"enum\":[\"slow\",\"fast\"]},"
               "\"names\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},"
               "\"next\":{\"$ref\":\"#/definitions/Next\"},"
               "\"strict\":{\"additionalProperties\":false},"
               "\"loop\":{\"$ref\":\"#/definitions/Loop\"}}},"
               "\"Next\":{\"type\":\"object\",\"required\":[\"host\"],"
               "\"additionalProperties\":{\"type\":\"string\"}},"
               "\"Loop\":{\"$ref\":\"#/definitions/Loop\"}}}";
}

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        ticker *t = calloc(1, sizeof *t);

        *ret_rc = RTI_FP_SUCCESS;
        if (strstr(input->config, "\"fail\":true")) {
                snprintf(t->error, sizeof t->error, "asked to fail by %s", input->config);
                *ret_rc = RTI_FP_FAILURE;
        }
        input->log(input->owner, "init", input->config, 4);
        return t;
}

EXPORT void
plugin_destroy(void *plugin)
{
        free(plugin);
}

EXPORT const char *
plugin_get_last_error(void *plugin)
{
        return ((ticker *) plugin)->error;
}

/* ---- sourcing ---- */

EXPORT void *
plugin_open(void *plugin, const char *params, int32_t *ret_rc)
{
        ticker *t = plugin;
        instance *in;
        char *end;

        if (strcmp(params, "nothing") == 0) {
                snprintf(t->error, sizeof t->error, "nothing can't be opened");
                *ret_rc = RTI_FP_FAILURE;
                return NULL;
        }
        in = calloc(1, sizeof *in);
        in->left = strtoull(params, &end, 10);
        in->batch = *end == ':' ? (uint32_t) strtoul(end + 1, NULL, 10) : 3;
        in->batch = in->batch > MOST_BATCH ? MOST_BATCH : in->batch;
        in->buffer = malloc(MOST_BATCH * ROOM);
        *ret_rc = RTI_FP_SUCCESS;
        return in;
}

EXPORT void
plugin_close(void *plugin, void *handle)
{
        instance *in = handle;

        (void) plugin;
        free(in->buffer);
        free(in);
}

/* A pause before each batch; with the last events, the end. */
EXPORT int32_t
plugin_next_batch(void *plugin, void *handle, uint32_t *ret_n, rti_fp_event ***ret_events)
{
        instance *in = handle;
        uint32_t n = 0;

        (void) plugin;
        in->paused = !in->paused;
        *ret_n = 0;
        if (in->paused)
                return RTI_FP_TIMEOUT;
        for (; n < in->batch && in->left; n++, in->left--) {
                char text[32];
                const int len = snprintf(text, sizeof text, "%llu", (unsigned long long) ++in->n);

                in->events[n] = put_event(in->buffer + (size_t) n * ROOM, n % 2 ? ID : 0,
                                          in->n * 1000000000, text, (uint32_t) len);
        }
        *ret_n = n;
        *ret_events = in->events;
        return in->left ? RTI_FP_SUCCESS : RTI_FP_EOF;
}

EXPORT const char *
plugin_get_progress(void *plugin, void *handle, uint32_t *ret_percent_x100)
{
        (void) plugin, (void) handle;
        *ret_percent_x100 = 5000;
        return "half";
}

EXPORT int32_t
plugin_set_config(void *plugin, const rti_fp_config_input *input)
{
        ticker *t = plugin;

        if (strstr(input->config, "\"fail\":true")) {
                snprintf(t->error, sizeof t->error, "will not take %s", input->config);
                return RTI_FP_FAILURE;
        }
        snprintf(t->config, sizeof t->config, "%s", input->config);
        t->configs++;
        return RTI_FP_SUCCESS;
}

/* One of each type. */
EXPORT const rti_fp_metric *
plugin_get_metrics(void *plugin, uint32_t *ret_n)
{
        static rti_fp_metric metrics[] = {
                { .name = "configs", .value_type = RTI_FP_METRIC_U32 },
                { .name = "s32", .type = 1, .value.s32 = -1, .value_type = RTI_FP_METRIC_S32 },
                { .name = "u64",
                  .type = 1,
                  .value.u64 = UINT64_MAX,
                  .value_type = RTI_FP_METRIC_U64 },
                { .name = "s64",
                  .type = 1,
                  .value.s64 = INT64_MIN,
                  .value_type = RTI_FP_METRIC_S64 },
                { .name = "double", .value.d = 2.5, .value_type = RTI_FP_METRIC_DOUBLE },
                { .name = "float", .value.f = -0.5F, .value_type = RTI_FP_METRIC_FLOAT },
                { .name = "int", .value.s32 = -7, .value_type = RTI_FP_METRIC_INT },
        };

        metrics[0].value.u32 = ((ticker *) plugin)->configs;
        *ret_n = sizeof metrics / sizeof *metrics;
        return metrics;
}

EXPORT const char *
plugin_list_open_params(void *plugin, int32_t *ret_rc)
{
        (void) plugin;
        *ret_rc = RTI_FP_SUCCESS;
        return "[{\"value\":\"10\",\"desc\":\"ten events\"}]";
}

static unsigned long long
number_of(const rti_fp_event *event)
{
        char text[32] = "";

        memcpy(text, payload_of(event), payload_length(event) % sizeof text);
        return strtoull(text, NULL, 10);
}

EXPORT const char *
plugin_event_to_string(void *plugin, const rti_fp_event_input *event)
{
        ticker *t = plugin;

        snprintf(t->text, sizeof t->text, "tick %llu of %s at %llu", number_of(event->event),
                 event->source, (unsigned long long) event->number);
        return t->text;
}

/* ---- extraction ---- */

enum field {
        TEXT,
        NUMBER,
        EVEN,
        SINCE,
        AT,
        ADDR,
        ADDR6,
        NET,
        WORDS,
        NUMBERS,
        FLAGS,
        ARG,
        INDEX,
        MISSING,
        FAILING,
        ID_OF
};

EXPORT const char *
plugin_get_fields(void)
{
        return "[{\"type\":\"string\",\"name\":\"ticker.text\",\"desc\":\"the number as a word\","
               "\"addOutput\":true},"
               "{\"type\":\"uint64\",\"name\":\"ticker.n\",\"desc\":\"the number\"},"
               "{\"type\":\"bool\",\"name\":\"ticker.even\",\"desc\":\"is it even?\"},"
               "{\"type\":\"reltime\",\"name\":\"ticker.since\",\"desc\":\"since the beginning\"},"
               "{\"type\":\"abstime\",\"name\":\"ticker.at\",\"desc\":\"when\"},"
               "{\"type\":\"ipaddr\",\"name\":\"ticker.addr\",\"desc\":\"10.0.0.N\"},"
               "{\"type\":\"ipaddr\",\"name\":\"ticker.addr6\",\"desc\":\"fe80::N\"},"
               "{\"type\":\"ipnet\",\"name\":\"ticker.net\",\"desc\":\"10.0.0.N\"},"
               "{\"type\":\"string\",\"name\":\"ticker.words\",\"desc\":\"some\",\"isList\":true},"
               "{\"type\":\"uint64\",\"name\":\"ticker.numbers\",\"desc\":\"N, N+1, N+2\","
               "\"isList\":true},"
               "{\"type\":\"bool\",\"name\":\"ticker.flags\",\"desc\":\"both\",\"isList\":true},"
               "{\"type\":\"string\",\"name\":\"ticker.arg\",\"desc\":\"its argument\","
               "\"arg\":{\"isRequired\":true,\"isKey\":true}},"
               "{\"type\":\"uint64\",\"name\":\"ticker.index\",\"desc\":\"its argument\","
               "\"arg\":{\"isRequired\":false,\"isIndex\":true}},"
               "{\"type\":\"string\",\"name\":\"ticker.missing\",\"desc\":\"never there\","
               "\"properties\":[\"hidden\"]},"
               "{\"type\":\"string\",\"name\":\"ticker.failing\",\"desc\":\"never there\"},"
               "{\"type\":\"uint64\",\"name\":\"ticker.id\",\"desc\":\"the plug-in's\"}]";
}

static void
give_address(ticker *t, rti_fp_extract_field *field, unsigned long long n, uint32_t len)
{
        memset(t->address, 0, sizeof t->address);
        t->address[0] = len == 4 ? 10 : 0xfe;
        t->address[1] = len == 4 ? 0 : 0x80;
        t->address[len - 1] = (unsigned char) n;
        t->bytes[0] = (rti_fp_bytes){ len, t->address };
        field->values.bytes = t->bytes;
}

static void
give_lists(ticker *t, rti_fp_extract_field *field, unsigned long long n)
{
        for (size_t i = 0; i < 3; i++) {
                snprintf(t->words[i], sizeof t->words[i], "w%llu", n + i);
                t->texts[i] = t->words[i];
                t->numbers[i] = n + i;
                t->booleans[i] = i % 2;
        }
        field->n_values = 3;
        if (field->field_id == WORDS)
                field->values.text = t->texts;
        else if (field->field_id == NUMBERS)
                field->values.u64 = t->numbers;
        else
                field->values.boolean = t->booleans;
}

static void
give_number(ticker *t, rti_fp_extract_field *field, uint64_t number)
{
        t->numbers[0] = number;
        field->values.u64 = t->numbers;
}

static void
give_text(ticker *t, rti_fp_extract_field *field, const char *text)
{
        snprintf(t->text, sizeof t->text, "%s", text);
        t->texts[0] = t->text;
        field->values.text = t->texts;
}

static int32_t
extract_one(ticker *t, const rti_fp_event *event, rti_fp_extract_field *field)
{
        const unsigned long long n = number_of(event);
        char text[64];
        uint32_t id;

        field->n_values = 1;
        switch ((enum field) field->field_id) {
        case TEXT:
                snprintf(text, sizeof text, "n%llu", n);
                give_text(t, field, text);
                return RTI_FP_SUCCESS;
        case EVEN:
                t->booleans[0] = n % 2 == 0;
                field->values.boolean = t->booleans;
                return RTI_FP_SUCCESS;
        case NUMBER:
                give_number(t, field, n);
                return RTI_FP_SUCCESS;
        case SINCE:
        case AT:
                give_number(t, field, event->time_ns);
                return RTI_FP_SUCCESS;
        case ADDR:
        case NET:
                give_address(t, field, n, 4);
                return RTI_FP_SUCCESS;
        case ADDR6:
                give_address(t, field, n, 16);
                return RTI_FP_SUCCESS;
        case WORDS:
        case NUMBERS:
        case FLAGS:
                give_lists(t, field, n);
                return RTI_FP_SUCCESS;
        case ARG:
                give_text(t, field,
                          field->arg_index != UINT64_MAX ? "(an index)"
                          : field->arg_key               ? field->arg_key
                                                         : "(none)");
                return RTI_FP_SUCCESS;
        case INDEX:
                give_number(t, field, field->arg_index == UINT64_MAX ? 4711 : field->arg_index);
                return RTI_FP_SUCCESS;
        case ID_OF:
                memcpy(&id, (const char *) event + RTI_FP_PAYLOAD_AT - 4, sizeof id);
                give_number(t, field, id);
                return RTI_FP_SUCCESS;
        case FAILING:
                snprintf(t->error, sizeof t->error, "this one always fails");
                return RTI_FP_FAILURE;
        case MISSING:
                break;
        }
        field->n_values = 0;
        return RTI_FP_SUCCESS;
}

EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        for (uint32_t i = 0; i < input->n_fields; i++) {
                const int32_t rc = extract_one(plugin, event->event, &input->fields[i]);

                if (rc != RTI_FP_SUCCESS)
                        return rc;
        }
        return RTI_FP_SUCCESS;
}
