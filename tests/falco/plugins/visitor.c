/* SPDX-License-Identifier: Apache-2.0 */
/*
 * visitor.c - shows the engine's tables as fields: visitor.thread[COLUMN] of the event's thread,
 * visitor.fd[COLUMN] of its descriptor 3, visitor.list[args|env|cgroups], visitor.threads: all
 * tids in order, visitor.fds: all numbers, visitor.columns: how many there are, visitor.open: what
 * it saw when the capture was opened.
 */
#include "plugin.h"

enum { MOST = 128 };

typedef struct visitor {
        void *threads;
        rti_fp_column_info columns[2][MOST];
        void *handles[2][MOST];
        uint32_t n[2];
        void *value, *first, *second;
        int64_t seen[64];
        size_t n_seen;
        const rti_fp_extract_input *in;
        const rti_fp_table_input *list;
        void *column; /* that each reads */
        char text[1024], at_open[256];
        const char *given;
} visitor;

PLUGIN_INFO("visitor", "0.9.0")

static void
learn(visitor *v, int kind, const rti_fp_columns *columns, void *table)
{
        const rti_fp_column_info *all = columns->list(table, &v->n[kind]);

        for (uint32_t i = 0; i < v->n[kind]; i++) {
                v->columns[kind][i] = all[i];
                v->handles[kind][i] = columns->get(table, all[i].name, all[i].type);
        }
}

static const rti_fp_table_input *
nested(visitor *v, const rti_fp_tables *t, const char *name)
{
        void *column = t->columns.get(v->threads, name, RTI_FP_STATE_TABLE);
        void *entry = t->writer_ext->create(v->threads);
        rti_fp_data data = { .table = NULL };

        (void) t->reader_ext->basic.read(v->threads, entry, column, &data);
        return data.table;
}

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        visitor *v = calloc(1, sizeof *v);
        const rti_fp_tables *t = input->tables;
        const rti_fp_table_input *fds, *args, *groups;

        *ret_rc = RTI_FP_FAILURE;
        v->threads = t->get(input->owner, "threads", RTI_FP_STATE_INT64);
        if (!v->threads)
                return v;
        learn(v, 0, &t->columns, v->threads);
        fds = nested(v, t, "file_descriptors");
        args = nested(v, t, "args");
        groups = nested(v, t, "cgroups");
        if (!fds || !args || !groups)
                return v;
        *ret_rc = RTI_FP_SUCCESS;
        learn(v, 1, &fds->columns, fds->table);
        /* As the C++ SDK has it: what is read is a handle as well as a description. */
        v->value = t->columns_ext->get((void *) (uintptr_t) args, "value", RTI_FP_STATE_STRING);
        v->first = groups->columns.get(groups->table, "first", RTI_FP_STATE_STRING);
        v->second = groups->columns.get(groups->table, "second", RTI_FP_STATE_STRING);
        return v;
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
plugin_get_extract_event_sources(void)
{
        return "[\"syscall\"]";
}

#define TEXT(name) "{\"type\":\"string\",\"name\":\"visitor." name "\",\"desc\":\"d\""
#define KEY        ",\"arg\":{\"isRequired\":true,\"isKey\":true}}"

EXPORT const char *
plugin_get_fields(void)
{
        return "[" TEXT("thread") KEY "," TEXT("fd") KEY "," TEXT("list") KEY
                "," TEXT("threads") "}," TEXT("fds") "}," TEXT("columns") "}," TEXT("open") "}]";
}

static int
by_number(const void *a, const void *b)
{
        const int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

        return (x > y) - (x < y);
}

static void *
handle_of(visitor *v, int kind, const char *name, uint32_t *ret_type)
{
        for (uint32_t i = 0; i < v->n[kind]; i++)
                if (strcmp(v->columns[kind][i].name, name) == 0) {
                        *ret_type = v->columns[kind][i].type;
                        return v->handles[kind][i];
                }
        return NULL;
}

static void
print(visitor *v, uint32_t type, rti_fp_data data)
{
        switch (type) {
        case RTI_FP_STATE_STRING:
                snprintf(v->text, sizeof v->text, "%s", data.text);
                break;
        case RTI_FP_STATE_INT64:
                snprintf(v->text, sizeof v->text, "%lld", (long long) data.s64);
                break;
        case RTI_FP_STATE_UINT64:
                snprintf(v->text, sizeof v->text, "%llu", (unsigned long long) data.u64);
                break;
        case RTI_FP_STATE_UINT8:
                snprintf(v->text, sizeof v->text, "%u", data.u8);
                break;
        case RTI_FP_STATE_UINT16:
                snprintf(v->text, sizeof v->text, "%u", data.u16);
                break;
        default:
                snprintf(v->text, sizeof v->text, "%u", data.u32);
                break;
        }
}

static const rti_fp_table_input *
table_of(visitor *v, void *entry, const char *name)
{
        rti_fp_data data = { .table = NULL };
        uint32_t type = 0;
        void *column = handle_of(v, 0, name, &type);

        if (type != RTI_FP_STATE_TABLE
            || v->in->reader.read(v->threads, entry, column, &data) != RTI_FP_SUCCESS)
                return NULL;
        return data.table;
}

static uint32_t
collect(void *state, void *entry)
{
        visitor *v = state;
        rti_fp_data data = { .s64 = 0 };

        if (v->list->reader.read(v->list->table, entry, v->column, &data) != RTI_FP_SUCCESS
            || v->n_seen == sizeof v->seen / sizeof *v->seen)
                return 0;
        v->seen[v->n_seen++] = data.s64;
        return 1;
}

static void
print_all(visitor *v, char *to, size_t room)
{
        size_t at = 0;

        qsort(v->seen, v->n_seen, sizeof *v->seen, by_number);
        *to = '\0';
        for (size_t i = 0; i < v->n_seen && at < room; i++)
                at += (size_t) snprintf(to + at, room - at, "%s%lld", i ? "," : "",
                                        (long long) v->seen[i]);
        v->n_seen = 0;
}

static uint32_t
join(void *state, void *entry)
{
        visitor *v = state;
        const size_t n = strlen(v->text);
        rti_fp_data data, more;

        if (strcmp(v->list->name, "cgroups") != 0) {
                if (v->list->reader.read(v->list->table, entry, v->value, &data) != RTI_FP_SUCCESS)
                        return 0;
                snprintf(v->text + n, sizeof v->text - n, "<%s>", data.text);
                return 1;
        }
        if (v->list->reader.read(v->list->table, entry, v->first, &data) != RTI_FP_SUCCESS
            || v->list->reader.read(v->list->table, entry, v->second, &more) != RTI_FP_SUCCESS)
                return 0;
        snprintf(v->text + n, sizeof v->text - n, "<%s:%s>", data.text, more.text);
        return 1;
}

static bool
show(visitor *v, const rti_fp_extract_field *field, void *entry)
{
        const rti_fp_table_input threads = { .name = "threads",
                                             .table = v->threads,
                                             .reader = v->in->reader };
        rti_fp_data data = { .s64 = 3 };
        uint32_t type = 0;
        void *fd, *column;

        v->text[0] = '\0';
        switch (field->field_id) {
        case 0:
                column = handle_of(v, 0, field->arg_key, &type);
                if (!entry || !column
                    || v->in->reader.read(v->threads, entry, column, &data) != RTI_FP_SUCCESS)
                        return false;
                print(v, type, data);
                return true;
        case 1:
                v->list = entry ? table_of(v, entry, "file_descriptors") : NULL;
                fd = v->list ? v->list->reader.get(v->list->table, &data) : NULL;
                column = handle_of(v, 1, field->arg_key, &type);
                if (!fd || !column
                    || v->list->reader.read(v->list->table, fd, column, &data) != RTI_FP_SUCCESS)
                        return false;
                print(v, type, data);
                return true;
        case 2:
                v->list = entry ? table_of(v, entry, field->arg_key) : NULL;
                if (!v->list)
                        return false;
                snprintf(v->text, sizeof v->text, "%u:",
                         (unsigned) v->in->reader_ext->basic.size((void *) (uintptr_t) v->list));
                return v->list->reader_ext->each(v->list->table, join, v) == 1;
        case 3:
                v->list = &threads;
                v->column = handle_of(v, 0, "tid", &type);
                if (!v->in->reader_ext->each(v->threads, collect, v))
                        return false;
                print_all(v, v->text, sizeof v->text);
                return true;
        case 4:
                v->list = entry ? table_of(v, entry, "file_descriptors") : NULL;
                v->column = handle_of(v, 1, "fd", &type);
                if (!v->list || !v->list->reader_ext->each(v->list->table, collect, v))
                        return false;
                print_all(v, v->text, sizeof v->text);
                return true;
        case 5:
                snprintf(v->text, sizeof v->text, "%u+%u", v->n[0], v->n[1]);
                return true;
        default:
                snprintf(v->text, sizeof v->text, "%s", v->at_open);
                return true;
        }
}

EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        visitor *v = plugin;
        const rti_fp_data key = { .u64 = event->event->tid };
        void *entry = input->reader.get(v->threads, &key);

        v->in = input;
        if (!show(v, input->fields, entry))
                return RTI_FP_FAILURE;
        if (entry)
                input->reader_ext->release(v->threads, entry);
        v->given = v->text;
        input->fields->values.text = &v->given;
        input->fields->n_values = 1;
        return RTI_FP_SUCCESS;
}

EXPORT int32_t
plugin_capture_open(void *plugin, const rti_fp_listen_input *input)
{
        visitor *v = plugin;
        const rti_fp_table_input threads = { .name = "threads",
                                             .table = v->threads,
                                             .reader = input->reader_ext->basic };
        uint32_t type;

        v->list = &threads;
        v->column = handle_of(v, 0, "tid", &type);
        (void) input->reader_ext->each(v->threads, collect, v);
        print_all(v, v->at_open, sizeof v->at_open);
        return RTI_FP_SUCCESS;
}

EXPORT int32_t
plugin_capture_close(void *plugin, const rti_fp_listen_input *input)
{
        visitor *v = plugin;

        return input->reader_ext->basic.size(v->threads) == 0 ? RTI_FP_SUCCESS : RTI_FP_FAILURE;
}
