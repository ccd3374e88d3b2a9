/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lender.c - owns the table `lent` and uses it through the host, as others would. For each event of
 * the source `ticker` it calls every function: of the first one through the plain structs, of the
 * second through those with extensions, of the third with NULL wherever there is a pointer.
 *
 * Fields: lender.init and lender.calls, which of its own functions the host called; lender.said,
 * what came back; lender.errors, what the host said of a wish in each kind of call. Configuration:
 * "failing": its own functions fail; "plain": it has no extensions; "columns": it lists too many.
 */
#include "plugin.h"
#include <stdarg.h>

enum { KEY = 7, SIZE = 3, COLUMN = 1, VALUE = 42, MANY = 1025 };

typedef struct lender {
        void *table;
        const rti_fp_tables *tables; /* of the host */
        bool failing, many;
        char init[256], calls[256], said[256], errors[512], error[64];
        int entry, fresh;
        const char *given;
        uint32_t seen;
} lender;

PLUGIN_INFO("lender", "0.2.0")

__attribute__((format(printf, 3, 4))) static void
append(char *to, size_t room, const char *format, ...)
{
        const size_t n = strlen(to);
        va_list args;

        va_start(args, format);
        vsnprintf(to + n, room - n, format, args);
        va_end(args);
}

/* One of its own functions was called. What that returns. */
static int32_t
called(lender *l, const char *function)
{
        append(l->calls, sizeof l->calls, "%s ", function);
        snprintf(l->error, sizeof l->error, "no %s", function);
        return l->failing ? RTI_FP_FAILURE : RTI_FP_SUCCESS;
}

/* ---- the table ---- */

static const char *
name(void *table)
{
        (void) called(table, "name");
        return "lent";
}

static uint64_t
size(void *table)
{
        return called(table, "size") ? UINT64_MAX : SIZE;
}

static void *
get(void *table, const rti_fp_data *key)
{
        lender *l = table;

        return called(l, "get") == 0 && key->u64 == KEY ? &l->entry : NULL;
}

static int32_t
read_column(void *table, void *entry, const void *column, rti_fp_data *ret_data)
{
        lender *l = table;

        ret_data->u64 = entry == &l->entry && (uintptr_t) column == COLUMN ? VALUE : 0;
        return called(l, "read");
}

static void
release(void *table, void *entry)
{
        (void) called(table, entry == &((lender *) table)->entry ? "release" : "release?");
}

static uint32_t
each(void *table, rti_fp_each_fn *fn, void *state)
{
        lender *l = table;
        uint32_t all = called(l, "each") == 0;

        for (int i = 0; i < SIZE && all; i++)
                all = fn(state, &l->entry);
        return all;
}

static int32_t
clear(void *table)
{
        return called(table, "clear");
}

static int32_t
erase(void *table, const rti_fp_data *key)
{
        return called(table, key->u64 == KEY ? "erase" : "erase?");
}

static void *
create(void *table)
{
        return called(table, "create") ? NULL : &((lender *) table)->fresh;
}

static void
destroy(void *table, void *entry)
{
        (void) called(table, entry == &((lender *) table)->fresh ? "destroy" : "destroy?");
}

static void *
add(void *table, const rti_fp_data *key, void *entry)
{
        lender *l = table;

        return called(l, "add") == 0 && key->u64 == KEY && entry == &l->fresh ? &l->entry : NULL;
}

static int32_t
write_column(void *table, void *entry, const void *column, const rti_fp_data *data)
{
        const lender *l = table;
        const bool right = entry == &l->fresh && (uintptr_t) column == COLUMN && data->u64 == VALUE;

        return called(table, right ? "write" : "write?");
}

static const rti_fp_column_info *
list_columns(void *table, uint32_t *ret_n)
{
        static const rti_fp_column_info all[MANY] = { { "c", RTI_FP_STATE_UINT64, 0 } };

        (void) called(table, "columns");
        *ret_n = ((lender *) table)->many ? MANY : 1;
        return all;
}

static void *
get_column(void *table, const char *column, uint32_t type)
{
        (void) called(table, "column");
        return strcmp(column, "c") == 0 && type == RTI_FP_STATE_UINT64 ? (void *) COLUMN : NULL;
}

static void *
add_column(void *table, const char *column, uint32_t type)
{
        (void) called(table, "add_column");
        return strcmp(column, "new") == 0 && type == RTI_FP_STATE_STRING ? (void *) COLUMN : NULL;
}

/* ---- the plug-in ---- */

/* Wish for what there is not, and keep what the host says of it. */
static void
wish(lender *l, void *owner, rti_fp_owner_error_fn *owner_error, const char *where)
{
        char none[32];

        snprintf(none, sizeof none, "none_%s", where);
        if (!l->tables->get(owner, none, RTI_FP_STATE_UINT64))
                append(l->errors, sizeof l->errors, "%s|", owner_error(owner));
}

static void
use_columns(lender *l, const rti_fp_columns *columns)
{
        uint32_t n = 99;
        const rti_fp_column_info *all = columns->list(l->table, &n);

        const bool known = columns->get(l->table, "c", RTI_FP_STATE_UINT64);
        const bool unknown = columns->get(l->table, "d", RTI_FP_STATE_UINT64);
        const bool added = columns->add(l->table, "new", RTI_FP_STATE_STRING);
        const bool unnamed = columns->add(l->table, NULL, RTI_FP_STATE_STRING);
        const bool table = columns->add(l->table, "new", RTI_FP_STATE_TABLE);

        append(l->said, sizeof l->said, "%d %u %d %d %d %d %d.", all != NULL, n, known, unknown,
               added, unnamed, table);
}

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        static const rti_fp_reader_ext reader = { { name, size, get, read_column }, release, each };
        static const rti_fp_writer writer = { clear, erase, create, destroy, add, write_column };
        static const rti_fp_columns columns = { list_columns, get_column, add_column };
        lender *l = calloc(1, sizeof *l);
        rti_fp_table_input table = { .name = "lent",
                                     .key_type = RTI_FP_STATE_UINT64,
                                     .table = l,
                                     .reader = reader.basic,
                                     .writer = writer,
                                     .columns = columns };

        if (strcmp(input->config, "plain") != 0) {
                table.reader_ext = &reader;
                table.writer_ext = &writer;
                table.columns_ext = &columns;
        }
        l->tables = input->tables;
        l->failing = strcmp(input->config, "failing") == 0;
        l->many = strcmp(input->config, "columns") == 0;
        *ret_rc = l->tables->add(input->owner, &table);
        l->table = l->tables->get(input->owner, "lent", RTI_FP_STATE_UINT64);
        if (!l->table)
                return l;
        use_columns(l, &l->tables->columns);
        use_columns(l, l->tables->columns_ext);
        append(l->init, sizeof l->init, "%s%s", l->calls, l->said);
        wish(l, input->owner, input->owner_error, "init");
        return l;
}

EXPORT void
plugin_destroy(void *plugin)
{
        free(plugin);
}

EXPORT const char *
plugin_get_last_error(void *plugin)
{
        return ((lender *) plugin)->error;
}

EXPORT int32_t
plugin_capture_open(void *plugin, const rti_fp_listen_input *input)
{
        wish(plugin, input->owner, input->owner_error, "open");
        return RTI_FP_SUCCESS;
}

EXPORT int32_t
plugin_capture_close(void *plugin, const rti_fp_listen_input *input)
{
        (void) plugin, (void) input;
        return RTI_FP_SUCCESS;
}

static uint32_t
see(void *state, void *entry)
{
        lender *l = state;

        l->seen += entry == &l->entry;
        return l->seen < 2;
}

static void
use_table(lender *l, const rti_fp_reader *r, const rti_fp_writer *w)
{
        const rti_fp_data key = { .u64 = KEY }, value = { .u64 = VALUE };
        rti_fp_data data = { .u64 = 0 };
        void *entry, *fresh;

        append(l->said, sizeof l->said, "%s %d ", r->name(l->table), (int) r->size(l->table));
        entry = r->get(l->table, &key);
        append(l->said, sizeof l->said, "%d ", entry == &l->entry);
        append(l->said, sizeof l->said, "%d ",
               r->read(l->table, &l->entry, (void *) COLUMN, &data));
        append(l->said, sizeof l->said, "%d ", (int) data.u64);
        fresh = w->create(l->table);
        append(l->said, sizeof l->said, "%d ", fresh == &l->fresh);
        append(l->said, sizeof l->said, "%d ",
               w->write(l->table, &l->fresh, (void *) COLUMN, &value));
        append(l->said, sizeof l->said, "%d ", w->add(l->table, &key, &l->fresh) == &l->entry);
        w->destroy(l->table, &l->fresh);
        append(l->said, sizeof l->said, "%d ", w->erase(l->table, &key));
        append(l->said, sizeof l->said, "%d", w->clear(l->table));
}

/* What is said of each call that fails: the owner's last error, which is the function's name. */
static void
gather_errors(lender *l, void *owner, rti_fp_owner_error_fn *owner_error, const rti_fp_reader *r,
              const rti_fp_writer *w)
{
        const rti_fp_data key = { .u64 = KEY };
        rti_fp_data data;

        *l->errors = '\0';
        (void) r->get(l->table, &key);
        append(l->errors, sizeof l->errors, "%s|", owner_error(owner));
        (void) r->read(l->table, &l->entry, (void *) COLUMN, &data);
        append(l->errors, sizeof l->errors, "%s|", owner_error(owner));
        (void) w->write(l->table, &l->entry, (void *) COLUMN, &key);
        append(l->errors, sizeof l->errors, "%s|", owner_error(owner));
        (void) w->create(l->table);
        append(l->errors, sizeof l->errors, "%s|", owner_error(owner));
        (void) w->add(l->table, &key, &l->fresh);
        append(l->errors, sizeof l->errors, "%s|", owner_error(owner));
        (void) w->erase(l->table, &key);
        append(l->errors, sizeof l->errors, "%s|", owner_error(owner));
        (void) w->clear(l->table);
        append(l->errors, sizeof l->errors, "%s|", owner_error(owner));
        (void) r->name(l->table);
        (void) r->size(l->table);
        append(l->errors, sizeof l->errors, "%s|", owner_error(owner));
        (void) l->tables->columns.get(l->table, "d", RTI_FP_STATE_UINT64);
        append(l->errors, sizeof l->errors, "%s|", owner_error(owner));
        (void) l->tables->columns.add(l->table, "old", RTI_FP_STATE_STRING);
        append(l->errors, sizeof l->errors, "%s", owner_error(owner));
        *l->calls = '\0';
}

static void
use_extensions(lender *l, const rti_fp_reader_ext *r)
{
        l->seen = 0;
        append(l->said, sizeof l->said, " %u", r->each(l->table, see, l));
        append(l->said, sizeof l->said, " %u", l->seen);
        r->release(l->table, &l->entry);
}

/* Everything here is refused before the owner of the table hears of it. */
static void
use_nothing(lender *l, const rti_fp_reader_ext *r, const rti_fp_writer *w)
{
        const rti_fp_data key = { .u64 = KEY };
        rti_fp_data data;
        void *t = l->table, *e = &l->entry, *c = (void *) COLUMN;
        bool refused = !r->basic.get(t, NULL) && !r->each(t, NULL, l) && !w->add(t, NULL, e)
                       && !w->add(t, &key, NULL) && w->erase(t, NULL) != 0;

        refused = refused && r->basic.read(t, NULL, c, &data) != 0
                  && r->basic.read(t, e, NULL, &data) != 0 && r->basic.read(t, e, c, NULL) != 0;
        refused = refused && w->write(t, NULL, c, &key) != 0 && w->write(t, e, NULL, &key) != 0
                  && w->write(t, e, c, NULL) != 0;
        r->release(t, NULL);
        w->destroy(t, NULL);
        append(l->said, sizeof l->said, "%s", refused ? "refused" : "taken");
}

EXPORT const char *
plugin_get_parse_event_sources(void)
{
        return "[\"ticker\"]";
}

EXPORT int32_t
plugin_parse_event(void *plugin, const rti_fp_event_input *event, const rti_fp_parse_input *input)
{
        lender *l = plugin;

        *l->calls = *l->said = '\0';
        if (event->number == 1) {
                use_table(l, &input->reader, &input->writer);
                wish(l, input->owner, input->owner_error, "parse");
        } else if (event->number == 2) {
                if (l->failing)
                        gather_errors(l, input->owner, input->owner_error, &input->reader,
                                      &input->writer);
                use_table(l, &input->reader_ext->basic, input->writer_ext);
                use_extensions(l, input->reader_ext);
        } else {
                use_nothing(l, input->reader_ext, input->writer_ext);
        }
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
        return "[{\"type\":\"string\",\"name\":\"lender.init\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"lender.calls\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"lender.said\",\"desc\":\"d\"},"
               "{\"type\":\"string\",\"name\":\"lender.errors\",\"desc\":\"d\"}]";
}

EXPORT int32_t
plugin_extract_fields(void *plugin, const rti_fp_event_input *event,
                      const rti_fp_extract_input *input)
{
        lender *l = plugin;
        const char *const texts[] = { l->init, l->calls, l->said, l->errors };

        if (event->number == 1 && input->fields->field_id == 3)
                wish(l, input->owner, input->owner_error, "extract");
        l->given = texts[input->fields->field_id];
        input->fields->values.text = &l->given;
        input->fields->n_values = 1;
        return RTI_FP_SUCCESS;
}
