/* SPDX-License-Identifier: Apache-2.0 */
/* tables.c - state tables that plug-ins own and lend each other. */
#include "falco/tables.h"
#include <stdarg.h>
#include <stdio.h>

const char *
rti_fp_owner_error(void *owner)
{
        const rti_fp *plugin = owner;

        return plugin->reason ? plugin->reason : plugin->error;
}

void
rti_fp_refuse(rti_fp *plugin, const char *format, ...)
{
        va_list args;

        plugin->reason = NULL;
        va_start(args, format);
        vsnprintf(plugin->error, sizeof plugin->error, format, args);
        va_end(args);
}

/* ---- the owner's functions, called for others ---- */

static bool
is_column_type(uint32_t type)
{
        return (type >= RTI_FP_STATE_INT8 && type <= RTI_FP_STATE_STRING)
               || type == RTI_FP_STATE_BOOL;
}

/* The functions that a table has: those with extensions if they are there. */
static bool
take_functions(rti_fp_table *table, const rti_fp_table_input *input)
{
        const rti_fp_reader *r = &table->reader.basic;
        const rti_fp_writer *w = &table->writer;
        const rti_fp_columns *c = &table->columns;

        table->reader = (rti_fp_reader_ext){ .basic = input->reader };
        if (input->reader_ext)
                table->reader = *input->reader_ext;
        table->writer = input->writer_ext ? *input->writer_ext : input->writer;
        table->columns = input->columns_ext ? *input->columns_ext : input->columns;
        return r->name && r->size && r->get && r->read && w->clear && w->erase && w->create
               && w->destroy && w->add && w->write && c->list && c->get && c->add;
}

/* Everyone who can have a table shares the host's lock. False: there is no such table any more. */
static bool
lock(const rti_fp_table *table)
{
        rti_fp *caller;

        pthread_mutex_lock(&table->host->lock);
        caller = table->host->call.plugin;
        if (caller) {
                caller->error[0] = '\0';
                caller->reason = NULL;
        }
        if (table->owner)
                return true;
        if (caller)
                caller->reason = "the call is over that the table was lent for";
        pthread_mutex_unlock(&table->host->lock);
        return false;
}

/* Whoever called is told why: what the table's owner says, or @a reason, of tables of the host. */
static void
failed(const rti_fp_table *table, const char *reason)
{
        rti_fp *caller = table->host->call.plugin;

        if (!caller || *caller->error)
                return;
        if (table->owner != &table->host->self)
                rti_fp_last_error(table->owner, caller->error, sizeof caller->error);
        else
                caller->reason = reason;
}

static void
unlock(const rti_fp_table *table)
{
        pthread_mutex_unlock(&table->host->lock);
}

static const char *
table_name(void *handle)
{
        return ((rti_fp_table *) handle)->name.ptr;
}

static uint64_t
table_size(void *handle)
{
        rti_fp_table *table = handle;
        uint64_t n;

        if (!lock(table))
                return 0;
        n = table->reader.basic.size(table->own.table);
        if (n == UINT64_MAX)
                failed(table, NULL);
        unlock(table);
        return n;
}

static void *
table_get(void *handle, const rti_fp_data *key)
{
        rti_fp_table *table = handle;
        void *entry;

        if (!key)
                return NULL;
        if (!lock(table))
                return NULL;
        entry = table->reader.basic.get(table->own.table, key);
        if (!entry)
                failed(table, "there is no entry of that key");
        unlock(table);
        return entry;
}

static rti_fp_shape *
find_shape(const rti_fp_shape *shape, const void *column)
{
        rti_fp_shape *found = shape ? shape->columns : NULL;

        while (found && found->column != column)
                found = found->next;
        return found;
}

/* What the owner gave as a table in its table becomes one that others may use. */
static int32_t
wrap_nested(rti_fp_table *table, rti_fp_shape *shape, rti_fp_data *data)
{
        const rti_fp_table_input *input = data->table;
        rti_fp_nested *nested = NULL;

        if (!input || !is_column_type(input->key_type)
            || rti_fp_text_length(input->name, RTI_FP_MAX_INFO_BYTES) == SIZE_MAX) {
                rti_fp_lied(table->owner, RTI_FP_LIE_TABLE_NESTED);
                return RTI_FP_FAILURE;
        }
        nested = rti_fp_nested_new(table->owner, input->name, input->key_type);
        if (!nested)
                return RTI_FP_FAILURE;
        nested->table.own = *input;
        nested->table.shape = shape;
        if (!take_functions(&nested->table, input)) {
                nested->table.owner = NULL;
                rti_fp_lied(table->owner, RTI_FP_LIE_TABLE_NESTED);
                return RTI_FP_FAILURE;
        }
        data->table = &nested->table.input;
        return RTI_FP_SUCCESS;
}

static int32_t
table_read(void *handle, void *entry, const void *column, rti_fp_data *ret_data)
{
        rti_fp_table *table = handle;
        rti_fp_shape *shape;
        int32_t rc;

        if (!entry || !column || !ret_data)
                return RTI_FP_FAILURE;
        if (!lock(table))
                return RTI_FP_FAILURE;
        rc = table->reader.basic.read(table->own.table, entry, column, ret_data);
        shape = find_shape(table->shape, column);
        if (shape && rc == RTI_FP_SUCCESS)
                rc = wrap_nested(table, shape, ret_data);
        if (rc != RTI_FP_SUCCESS)
                failed(table, "there is no such field, or the entry is gone");
        unlock(table);
        return rc;
}

static void
table_release(void *handle, void *entry)
{
        rti_fp_table *table = handle;

        if (!table->reader.release || !entry)
                return;
        if (!lock(table))
                return;
        table->reader.release(table->own.table, entry);
        unlock(table);
}

static uint32_t
table_each(void *handle, rti_fp_each_fn *fn, void *state)
{
        rti_fp_table *table = handle;
        uint32_t all;

        if (!table->reader.each || !fn)
                return 0;
        if (!lock(table))
                return 0;
        all = table->reader.each(table->own.table, fn, state);
        unlock(table);
        return all;
}

static int32_t
table_clear(void *handle)
{
        rti_fp_table *table = handle;
        int32_t rc;

        if (!lock(table))
                return RTI_FP_FAILURE;
        rc = table->writer.clear(table->own.table);
        if (rc != RTI_FP_SUCCESS)
                failed(table, "the table cannot be cleared");
        unlock(table);
        return rc;
}

static int32_t
table_erase(void *handle, const rti_fp_data *key)
{
        rti_fp_table *table = handle;
        int32_t rc;

        if (!key)
                return RTI_FP_FAILURE;
        if (!lock(table))
                return RTI_FP_FAILURE;
        rc = table->writer.erase(table->own.table, key);
        if (rc != RTI_FP_SUCCESS)
                failed(table, "there is no entry of that key that can be erased");
        unlock(table);
        return rc;
}

static void *
table_create(void *handle)
{
        rti_fp_table *table = handle;
        void *entry;

        if (!lock(table))
                return NULL;
        entry = table->writer.create(table->own.table);
        if (!entry)
                failed(table, "no more entries can be created");
        unlock(table);
        return entry;
}

static void
table_destroy(void *handle, void *entry)
{
        rti_fp_table *table = handle;

        if (!entry)
                return;
        if (!lock(table))
                return;
        table->writer.destroy(table->own.table, entry);
        unlock(table);
}

static void *
table_add(void *handle, const rti_fp_data *key, void *entry)
{
        rti_fp_table *table = handle;
        void *added;

        if (!key || !entry)
                return NULL;
        if (!lock(table))
                return NULL;
        added = table->writer.add(table->own.table, key, entry);
        if (!added)
                failed(table, "that is no entry that was created, or there is no room for it");
        unlock(table);
        return added;
}

static int32_t
table_write(void *handle, void *entry, const void *column, const rti_fp_data *data)
{
        rti_fp_table *table = handle;
        int32_t rc;

        if (!entry || !column || !data)
                return RTI_FP_FAILURE;
        if (!lock(table))
                return RTI_FP_FAILURE;
        rc = table->writer.write(table->own.table, entry, column, data);
        if (rc != RTI_FP_SUCCESS)
                failed(table,
                       "the field is read only, or not of this entry, or cannot have the value");
        unlock(table);
        return rc;
}

static const rti_fp_column_info *
columns_list(void *handle, uint32_t *ret_n)
{
        rti_fp_table *table = handle;
        const rti_fp_column_info *all;
        uint32_t n = 0;

        if (ret_n)
                *ret_n = 0;
        if (!lock(table))
                return NULL;
        all = table->columns.list(table->own.table, &n);
        if (n > RTI_FP_MAX_COLUMNS) {
                rti_fp_lied(table->owner, RTI_FP_LIE_TABLE_COLUMNS);
                all = NULL;
        }
        if (!all)
                failed(table, NULL);
        unlock(table);
        if (ret_n)
                *ret_n = all ? n : 0;
        return all;
}

/* The column holds tables: how these are read will be asked of it. */
static bool
add_shape(const rti_fp_table *table, const void *column)
{
        rti_fp_shape *shape = find_shape(table->shape, column);

        if (shape)
                return true;
        shape = RTI_NEW(&table->owner->arena, rti_fp_shape);
        if (!shape)
                return false;
        shape->column = column;
        shape->next = table->shape->columns;
        table->shape->columns = shape;
        return true;
}

static void *
columns_get(void *handle, const char *name, uint32_t type)
{
        rti_fp_table *table = handle;
        void *column;

        if (!name || (type != RTI_FP_STATE_TABLE && !is_column_type(type)))
                return NULL;
        if (!lock(table))
                return NULL;
        column = table->columns.get(table->own.table, name, type);
        if (column && type == RTI_FP_STATE_TABLE && table->shape && !add_shape(table, column))
                column = NULL;
        if (!column)
                failed(table, NULL);
        unlock(table);
        return column;
}

static void *
columns_add(void *handle, const char *name, uint32_t type)
{
        rti_fp_table *table = handle;
        void *column;

        if (!name || !is_column_type(type))
                return NULL;
        if (!lock(table))
                return NULL;
        column = table->columns.add(table->own.table, name, type);
        if (!column)
                failed(table, NULL);
        unlock(table);
        return column;
}

/* ---- what plug-ins get ---- */

const rti_fp_reader_ext rti_fp_table_reader = {
        .basic = { table_name, table_size, table_get, table_read },
        .release = table_release,
        .each = table_each,
};

const rti_fp_writer rti_fp_table_writer = {
        table_clear, table_erase, table_create, table_destroy, table_add, table_write,
};

static const rti_fp_columns columns = { columns_list, columns_get, columns_add };

static void
lend(rti_fp_table *table, uint32_t key_type)
{
        table->input = (rti_fp_table_input){ .name = table->name.ptr,
                                             .key_type = key_type,
                                             .table = table,
                                             .reader = rti_fp_table_reader.basic,
                                             .writer = rti_fp_table_writer,
                                             .columns = columns,
                                             .reader_ext = &rti_fp_table_reader,
                                             .writer_ext = &rti_fp_table_writer,
                                             .columns_ext = &columns };
}

/* ---- the host's own: who has which tables ---- */

static rti_fp_table *
find_table(const rt_falco *host, rt_str name)
{
        for (size_t i = 0; i < host->tables.n; i++)
                if (rti_str_eq(host->tables.at[i]->name, name))
                        return host->tables.at[i];
        return NULL;
}

static const rti_fp_table_info *
owner_list(void *owner, uint32_t *ret_n)
{
        rt_falco *host = ((rti_fp *) owner)->host;

        if (ret_n)
                *ret_n = (uint32_t) host->table_infos.n;
        return host->table_infos.at;
}

/* Both run one after the other from now on. Only before events come can that be changed. */
static bool
share_lock(rti_fp *plugin, rti_fp *other)
{
        pthread_mutex_t *shared = &plugin->host->lock;

        if (plugin->calls == shared && other->calls == shared)
                return true;
        if (plugin->host->attached)
                return false;
        plugin->calls = other->calls = shared;
        return true;
}

static void *
owner_get(void *owner, const char *name, uint32_t key_type)
{
        rti_fp *plugin = owner;
        const size_t len = rti_fp_text_length(name, RTI_FP_MAX_INFO_BYTES);
        rti_fp_table *table = NULL;

        pthread_mutex_lock(&plugin->host->lock);
        if (len != SIZE_MAX)
                table = find_table(plugin->host, (rt_str){ name, len });
        if (!table) {
                rti_fp_refuse(plugin, "there is no table '%s'%s", len == SIZE_MAX ? "" : name,
                              plugin->host->apart
                                      ? ": a plug-in in a process of its own has only its own"
                                      : "");
        } else if (table->own.key_type != key_type) {
                rti_fp_refuse(plugin, "table '%s' has keys of type %u, not %u", name,
                              table->own.key_type, key_type);
                table = NULL;
        } else if (!share_lock(plugin, table->owner)) {
                rti_fp_refuse(plugin, "table '%s' can only be had in init", name);
                table = NULL;
        } else if (table->owner == &plugin->host->self) {
                plugin->uses_system = true;
        }
        pthread_mutex_unlock(&plugin->host->lock);
        return table;
}

int
rti_fp_tables_add(rti_fp *plugin, const rti_fp_table_input *input)
{
        rt_falco *host = plugin->host;
        const size_t len = rti_fp_text_length(input->name, RTI_FP_MAX_INFO_BYTES);
        rti_fp_table *table;
        int r;

        if (len == SIZE_MAX || !len || !is_column_type(input->key_type)) {
                rti_fp_refuse(plugin, "a table needs a name, and a type of key that there is");
                return RT_EINVAL;
        }
        if (find_table(host, (rt_str){ input->name, len })) {
                rti_fp_refuse(plugin, "there is a table '%s' already", input->name);
                return RT_EEXIST;
        }
        table = RTI_NEW(&plugin->arena, rti_fp_table);
        if (!table)
                return RT_ENOMEM;
        table->host = host;
        table->owner = plugin;
        if (plugin != &host->self && !(table->shape = RTI_NEW(&plugin->arena, rti_fp_shape)))
                return RT_ENOMEM;
        table->own = *input;
        table->name = rti_arena_copy(&plugin->arena, (rt_str){ input->name, len });
        if (!table->name.ptr)
                return RT_ENOMEM;
        lend(table, input->key_type);
        if (!take_functions(table, input)) {
                rti_fp_refuse(plugin, "table '%s' has not all functions", input->name);
                return RT_EINVAL;
        }
        r = rti_vec_push(&host->tables, &host->allocator, table, RTI_FP_MAX_TABLES);
        if (r == RT_OK) {
                const rti_fp_table_info info = { table->name.ptr, input->key_type };

                r = rti_vec_push(&host->table_infos, &host->allocator, info, RTI_FP_MAX_TABLES);
                host->tables.n -= r < 0;
        }
        return r;
}

static int32_t
owner_add(void *owner, const rti_fp_table_input *input)
{
        rti_fp *plugin = owner;
        int r = RT_EINVAL;

        pthread_mutex_lock(&plugin->host->lock);
        if (input)
                r = rti_fp_tables_add(plugin, input);
        if (r == RT_ENOMEM || r == RT_ELIMIT)
                rti_fp_refuse(plugin, "no room for another table");
        pthread_mutex_unlock(&plugin->host->lock);
        return r < 0 ? RTI_FP_FAILURE : RTI_FP_SUCCESS;
}

void
rti_fp_tables_forget(rti_fp *plugin)
{
        rt_falco *host = plugin->host;
        size_t n = 0;

        for (size_t i = 0; i < host->tables.n; i++) {
                if (host->tables.at[i]->owner == plugin)
                        continue;
                host->tables.at[n] = host->tables.at[i];
                host->table_infos.at[n++] = host->table_infos.at[i];
        }
        host->tables.n = host->table_infos.n = n;
}

/* ---- tables in tables ---- */

void
rti_fp_calls_forget(rt_falco *host)
{
        if (!host->call.dirty)
                return;
        while (host->call.n_nested)
                host->nested.at[--host->call.n_nested]->table.owner = NULL;
        host->call.loose = NULL;
        host->call.n_loose = 0;
        rti_arena_reset(&host->call.memory);
        host->call.dirty = false;
}

rti_fp_nested *
rti_fp_nested_new(rti_fp *owner, const char *name, uint32_t key_type)
{
        rt_falco *host = owner->host;
        rti_fp_nested *nested;

        if (host->call.n_nested == host->nested.n) {
                nested = rti_calloc(&host->allocator, 1, sizeof *nested);
                if (!nested)
                        return NULL;
                if (rti_vec_push(&host->nested, &host->allocator, nested, RTI_FP_MAX_NESTED) < 0) {
                        rti_free(&host->allocator, nested);
                        return NULL;
                }
        }
        nested = host->nested.at[host->call.n_nested++];
        host->call.dirty = true;
        *nested = (rti_fp_nested){
                .table = { .host = host, .owner = owner, .name = rti_str_of(name) }
        };
        lend(&nested->table, key_type);
        return nested;
}

const rti_fp_tables rti_fp_owner_tables = {
        .list = owner_list,
        .get = owner_get,
        .add = owner_add,
        .columns = { columns_list, columns_get, columns_add },
        .columns_ext = &columns,
        .reader_ext = &rti_fp_table_reader,
        .writer_ext = &rti_fp_table_writer,
};
