/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper.c - a parser that owns a table: for each event of the source `ticker` an entry under its
 * number, with columns `n` (uint64), `word` (string) and `inner`, a table with one entry under 0,
 * whose column `twice` is two times `n`. It also counts async events.
 */
#include "plugin.h"

enum { MOST = 4096, COLUMN_N = 1, COLUMN_WORD = 2, COLUMN_INNER = 3, COLUMN_TWICE = 1 };

typedef struct entry {
        bool used;
        uint64_t key, n;
        char word[32];
} entry;

typedef struct keeper {
        entry entries[MOST];
        entry loose; /* created, not added */
        uint64_t n, asyncs;
        bool lying; /* its inner table lacks a function */
        rti_fp_table_input inner;
        char error[256];
} keeper;

PLUGIN_INFO("keeper", "0.3.0")

/* ---- the table ---- */

static const char *
name(void *table)
{
        (void) table;
        return "ticks";
}

static uint64_t
size(void *table)
{
        return ((keeper *) table)->n;
}

static void *
get(void *table, const rti_fp_data *key)
{
        keeper *k = table;

        for (size_t i = 0; i < MOST; i++)
                if (k->entries[i].used && k->entries[i].key == key->u64)
                        return &k->entries[i];
        return NULL;
}

static void make_inner(keeper *k, entry *e);

static int32_t
read_column(void *table, void *at, const void *column, rti_fp_data *ret_data)
{
        entry *e = at;

        if ((uintptr_t) column == COLUMN_INNER) {
                make_inner(table, e);
                ret_data->table = &((keeper *) table)->inner;
                return RTI_FP_SUCCESS;
        }
        if ((uintptr_t) column == COLUMN_N)
                ret_data->u64 = e->n;
        else if ((uintptr_t) column == COLUMN_WORD)
                ret_data->text = e->word;
        else
                return RTI_FP_FAILURE;
        return RTI_FP_SUCCESS;
}

static void
release(void *table, void *at)
{
        (void) table, (void) at;
}

static uint32_t
each(void *table, rti_fp_each_fn *fn, void *state)
{
        keeper *k = table;

        for (size_t i = 0; i < MOST; i++)
                if (k->entries[i].used && !fn(state, &k->entries[i]))
                        return 0;
        return 1;
}

static int32_t
clear(void *table)
{
        keeper *k = table;

        memset(k->entries, 0, sizeof k->entries);
        k->n = 0;
        return RTI_FP_SUCCESS;
}

static int32_t
erase(void *table, const rti_fp_data *key)
{
        keeper *k = table;
        entry *e = get(table, key);

        if (!e)
                return RTI_FP_FAILURE;
        e->used = false;
        k->n--;
        return RTI_FP_SUCCESS;
}

static void *
create(void *table)
{
        keeper *k = table;

        k->loose = (entry){ .used = true };
        return &k->loose;
}

static void
destroy(void *table, void *at)
{
        (void) table;
        ((entry *) at)->used = false;
}

static void *
add(void *table, const rti_fp_data *key, void *at)
{
        keeper *k = table;

        for (size_t i = 0; i < MOST; i++)
                if (!k->entries[i].used) {
                        k->entries[i] = *(entry *) at;
                        k->entries[i].used = true;
                        k->entries[i].key = key->u64;
                        k->n++;
                        return &k->entries[i];
                }
        return NULL;
}

static int32_t
write_column(void *table, void *at, const void *column, const rti_fp_data *data)
{
        entry *e = at;

        (void) table;
        if ((uintptr_t) column == COLUMN_N)
                e->n = data->u64;
        else if ((uintptr_t) column == COLUMN_WORD)
                snprintf(e->word, sizeof e->word, "%s", data->text);
        else
                return RTI_FP_FAILURE;
        return RTI_FP_SUCCESS;
}

static const rti_fp_column_info columns[] = {
        { "n", RTI_FP_STATE_UINT64, 0 },
        { "word", RTI_FP_STATE_STRING, 0 },
        { "inner", RTI_FP_STATE_TABLE, 1 },
};

static const rti_fp_column_info *
list_columns(void *table, uint32_t *ret_n)
{
        (void) table;
        *ret_n = sizeof columns / sizeof *columns;
        return columns;
}

static void *
get_column(void *table, const char *column, uint32_t type)
{
        (void) table;
        for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
                if (strcmp(columns[i].name, column) == 0 && columns[i].type == type)
                        return (void *) (uintptr_t) (i + 1);
        return NULL;
}

static void *
add_column(void *table, const char *column, uint32_t type)
{
        return get_column(table, column, type);
}

static const rti_fp_reader_ext reader_ext = { { name, size, get, read_column }, release, each };
static const rti_fp_writer writer_ext = { clear, erase, create, destroy, add, write_column };
static const rti_fp_columns columns_ext = { list_columns, get_column, add_column };

/* ---- a table in an entry ---- */

static uint64_t
inner_size(void *table)
{
        (void) table;
        return 1;
}

static void *
inner_get(void *table, const rti_fp_data *key)
{
        return key->s64 == 0 ? table : NULL;
}

static int32_t
inner_read(void *table, void *at, const void *column, rti_fp_data *ret_data)
{
        const entry *e = at;

        if (at != table || (uintptr_t) column != COLUMN_TWICE)
                return RTI_FP_FAILURE;
        ret_data->u64 = 2 * e->n;
        return RTI_FP_SUCCESS;
}

static void *
inner_column(void *table, const char *column, uint32_t type)
{
        (void) table;
        return strcmp(column, "twice") == 0 && type == RTI_FP_STATE_UINT64
                       ? (void *) (uintptr_t) COLUMN_TWICE
                       : NULL;
}

static void
make_inner(keeper *k, entry *e)
{
        k->inner = (rti_fp_table_input){ .name = "inner",
                                         .key_type = RTI_FP_STATE_INT64,
                                         .table = e,
                                         .reader = { name, inner_size, inner_get, inner_read },
                                         .writer = { clear, erase, create, destroy, add,
                                                     write_column },
                                         .columns = { list_columns, inner_column, add_column } };
        if (k->lying)
                k->inner.reader.get = NULL;
}

/* ---- the plug-in ---- */

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        keeper *k = calloc(1, sizeof *k);
        rti_fp_table_input table = { .name = "ticks",
                                     .key_type = RTI_FP_STATE_UINT64,
                                     .table = k,
                                     .reader = { name, size, get, read_column },
                                     .writer = { clear, erase, create, destroy, add, write_column },
                                     .columns = { list_columns, get_column, add_column } };

        k->lying = strcmp(input->config, "lying") == 0;
        table.reader_ext = &reader_ext;
        table.writer_ext = &writer_ext;
        table.columns_ext = &columns_ext;
        *ret_rc = input->tables->add(input->owner, &table);
        if (strcmp(input->config, "twice") == 0)
                *ret_rc = input->tables->add(input->owner, &table);
        table.name = "more";
        table.reader_ext = NULL;
        table.writer_ext = NULL;
        table.columns_ext = NULL;
        if (*ret_rc == RTI_FP_SUCCESS)
                *ret_rc = input->tables->add(input->owner, &table);
        table.name = "half";
        table.writer.erase = NULL;
        if (strcmp(input->config, "half") == 0)
                *ret_rc = input->tables->add(input->owner, &table);
        table.writer.erase = erase;
        table.name = "";
        if (strcmp(input->config, "unnamed") == 0)
                *ret_rc = input->tables->add(input->owner, &table);
        if (strcmp(input->config, "many") == 0)
                for (int i = 0; i < 300 && *ret_rc == RTI_FP_SUCCESS; i++) {
                        char number[16];

                        snprintf(number, sizeof number, "%d", i);
                        table.name = number;
                        *ret_rc = input->tables->add(input->owner, &table);
                }
        snprintf(k->error, sizeof k->error, "%s", input->owner_error(input->owner));
        return k;
}

EXPORT void
plugin_destroy(void *plugin)
{
        free(plugin);
}

EXPORT const char *
plugin_get_last_error(void *plugin)
{
        return ((keeper *) plugin)->error;
}

EXPORT const char *
plugin_get_parse_event_sources(void)
{
        return "[\"ticker\"]";
}

EXPORT const uint16_t *
plugin_get_parse_event_types(uint32_t *ret_n, void *plugin)
{
        static const uint16_t types[] = { RTI_FP_PLUGIN_EVENT, RTI_FP_ASYNC_EVENT };

        (void) plugin;
        *ret_n = 2;
        return types;
}

EXPORT int32_t
plugin_parse_event(void *plugin, const rti_fp_event_input *event, const rti_fp_parse_input *input)
{
        keeper *k = plugin;
        const rti_fp_data key = { .u64 = event->number };
        char text[32] = "";
        entry *e;

        (void) input;
        if (event->event->type == RTI_FP_ASYNC_EVENT) {
                k->asyncs += async_id_of(event->event) == 901 && event->event->tid == UINT64_MAX;
                return RTI_FP_SUCCESS;
        }
        e = add(k, &key, create(k));
        if (!e) {
                snprintf(k->error, sizeof k->error, "full");
                return RTI_FP_FAILURE;
        }
        memcpy(text, payload_of(event->event), payload_length(event->event) % sizeof text);
        e->n = strtoull(text, NULL, 10);
        snprintf(e->word, sizeof e->word, "word%s", text);
        return RTI_FP_SUCCESS;
}

EXPORT const char *
plugin_get_extract_event_sources(void)
{
        return "[\"ticker\"]";
}

EXPORT const char *
plugin_get_fields(void)
{
        return "[{\"type\":\"uint64\",\"name\":\"keeper.asyncs\",\"desc\":\"async events\"}]";
}

EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        keeper *k = plugin;

        (void) event;
        input->fields[0].values.u64 = &k->asyncs;
        input->fields[0].n_values = 1;
        return RTI_FP_SUCCESS;
}
