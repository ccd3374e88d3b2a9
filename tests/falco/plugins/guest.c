/* SPDX-License-Identifier: Apache-2.0 */
/*
 * guest.c - reads and writes the keeper's table: field guest.word is what it has for this event,
 * guest.sum the sum of column `n` over all entries. It writes "seen" into entries that it parses
 * and erases those of every fourth event.
 */
#include "plugin.h"

typedef struct guest {
        void *table, *n, *word, *inner;
        const rti_fp_tables *late; /* it asks for the table when it is too late */
        uint64_t sum, size;
        const char *text;
        char word_of[32], error[256];
        const rti_fp_reader_ext *reader;
        const rti_fp_writer *writer;
} guest;

PLUGIN_INFO("guest", "0.4.0")

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        guest *g = calloc(1, sizeof *g);
        const rti_fp_tables *tables = input->tables;
        uint32_t n = 0;

        if (strcmp(input->config, "late") == 0) {
                g->late = tables;
                *ret_rc = RTI_FP_SUCCESS;
                return g;
        }
        *ret_rc = RTI_FP_FAILURE;
        if (strcmp(input->config, "wrong_key") == 0)
                g->table = tables->get(input->owner, "ticks", RTI_FP_STATE_STRING);
        else if (strcmp(input->config, "wrong_name") == 0)
                g->table = tables->get(input->owner, "tacks", RTI_FP_STATE_UINT64);
        else
                g->table = tables->get(input->owner, "ticks", RTI_FP_STATE_UINT64);
        snprintf(g->error, sizeof g->error, "%s", input->owner_error(input->owner));
        if (!g->table)
                return g;
        if (!tables->list(input->owner, &n) || n != 3 || !tables->columns_ext->list(g->table, &n)
            || n != 3 || strcmp(tables->reader_ext->basic.name(g->table), "ticks") != 0
            || tables->columns.get(g->table, "n", RTI_FP_STATE_STRING)
            || tables->columns.get(g->table, "n", 99) || tables->columns.get(g->table, NULL, 8))
                return g;
        g->inner = tables->columns.get(g->table, "inner", RTI_FP_STATE_TABLE);
        g->n = tables->columns.get(g->table, "n", RTI_FP_STATE_UINT64);
        g->word = tables->columns_ext->add(g->table, "word", RTI_FP_STATE_STRING);
        g->reader = tables->reader_ext;
        g->writer = tables->writer_ext;
        if (g->n && g->word)
                *ret_rc = RTI_FP_SUCCESS;
        return g;
}

EXPORT void
plugin_destroy(void *plugin)
{
        free(plugin);
}

EXPORT const char *
plugin_get_last_error(void *plugin)
{
        return ((guest *) plugin)->error;
}

EXPORT const char *
plugin_get_parse_event_sources(void)
{
        return "[\"ticker\"]";
}

EXPORT int32_t
plugin_parse_event(void *plugin, const rti_fp_event_input *event, const rti_fp_parse_input *input)
{
        guest *g = plugin;
        rti_fp_data data = { .u64 = event->number };
        void *entry;

        if (g->late) {
                g->table = g->late->get(input->owner, "ticks", RTI_FP_STATE_UINT64);
                snprintf(g->error, sizeof g->error, "%s", input->owner_error(input->owner));
                return RTI_FP_SUCCESS;
        }
        entry = input->reader.get(g->table, &data);
        if (!entry)
                return RTI_FP_FAILURE;
        if (event->number % 4 == 0) {
                if (input->writer.erase(g->table, &data) != RTI_FP_SUCCESS)
                        return RTI_FP_FAILURE;
                data.u64 = 1000 + event->number;
                entry = input->writer_ext->add(g->table, &data,
                                               input->writer_ext->create(g->table));
                data.u64 = 500;
                return input->writer.write(g->table, entry, g->n, &data);
        }
        data.text = "seen";
        if (event->number % 2 == 0
            && input->writer.write(g->table, entry, g->word, &data) != RTI_FP_SUCCESS)
                return RTI_FP_FAILURE;
        input->reader_ext->release(g->table, entry);
        return RTI_FP_SUCCESS;
}

static uint32_t
add_up(void *state, void *entry)
{
        guest *g = state;
        rti_fp_data data;

        if (g->reader->basic.read(g->table, entry, g->n, &data) != RTI_FP_SUCCESS)
                return 0;
        g->sum += data.u64;
        return 1;
}

EXPORT const char *
plugin_get_extract_event_sources(void)
{
        return "[\"ticker\"]";
}

EXPORT const char *
plugin_get_fields(void)
{
        return "[{\"type\":\"string\",\"name\":\"guest.word\",\"desc\":\"d\"},"
               "{\"type\":\"uint64\",\"name\":\"guest.sum\",\"desc\":\"d\"},"
               "{\"type\":\"uint64\",\"name\":\"guest.size\",\"desc\":\"d\"},"
               "{\"type\":\"uint64\",\"name\":\"guest.inner\",\"desc\":\"d\"}]";
}

/* What the table in the entry has. */
static bool
read_inner(guest *g, const rti_fp_reader *reader, void *entry)
{
        const rti_fp_data zero = { .u64 = 0 };
        const rti_fp_table_input *inner;
        rti_fp_data data = { .table = NULL };
        void *column, *at;

        if (!entry || reader->read(g->table, entry, g->inner, &data) != RTI_FP_SUCCESS)
                return false;
        inner = data.table;
        column = inner->columns.get(inner->table, "twice", RTI_FP_STATE_UINT64);
        at = inner->reader.get(inner->table, &zero);
        if (!column || !at || inner->key_type != RTI_FP_STATE_INT64
            || strcmp(inner->name, "inner") != 0
            || strcmp(inner->reader.name(inner->table), "inner") != 0
            || inner->reader_ext->basic.size(inner->table) != 1
            || inner->reader.read(inner->table, at, column, &data) != RTI_FP_SUCCESS)
                return false;
        g->size = data.u64;
        return true;
}

EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        guest *g = plugin;
        rti_fp_extract_field *field = &input->fields[0];
        rti_fp_data data = { .u64 = event->number };
        void *entry;

        field->n_values = 1;
        if (g->late) {
                g->text = g->error;
                field->values.text = &g->text;
                return RTI_FP_SUCCESS;
        }
        entry = input->reader.get(g->table, &data);
        if (field->field_id == 3) {
                field->values.u64 = &g->size;
                return read_inner(g, &input->reader, entry) ? RTI_FP_SUCCESS : RTI_FP_FAILURE;
        }
        if (field->field_id == 1) {
                g->sum = 0;
                field->values.u64 = &g->sum;
                return input->reader_ext->each(g->table, add_up, g) ? RTI_FP_SUCCESS
                                                                    : RTI_FP_FAILURE;
        }
        if (field->field_id == 2) {
                g->size = input->reader.size(g->table);
                field->values.u64 = &g->size;
                return RTI_FP_SUCCESS;
        }
        if (!entry || input->reader.read(g->table, entry, g->word, &data) != RTI_FP_SUCCESS)
                return RTI_FP_FAILURE;
        snprintf(g->word_of, sizeof g->word_of, "%s", data.text);
        g->text = g->word_of;
        field->values.text = &g->text;
        return RTI_FP_SUCCESS;
}
