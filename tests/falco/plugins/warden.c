/* SPDX-License-Identifier: Apache-2.0 */
/*
 * warden.c - a parser of system calls that writes the engine's tables: it counts each thread's
 * events in a field `visits` of its own, has a text `mark` there, and counts in `opens` what
 * happens to descriptor 3. Its configuration says what else it does at the first close, or in init.
 */
#include "plugin.h"

enum { CLOSE_X = 5, OPENAT_2_X = 307, ASYNC_E = 402 };

typedef struct warden {
        void *threads, *visits, *mark, *comm, *pid, *tid, *fds, *args, *cwd, *loginuid, *writable;
        void *opens, *name, *type;
        bool done;
        uint64_t asyncs;
        const rti_fp_tables *tables;
        char error[256], config[64];
} warden;

PLUGIN_INFO("warden", "0.8.0")

static void *
fail(warden *w, const char *why)
{
        snprintf(w->error, sizeof w->error, "%s", why);
        return w;
}

/* What is refused in init, by configuration. True: it was refused, with its reason. */
static bool
is_refused(warden *w, const rti_fp_init_input *input)
{
        const rti_fp_tables *t = input->tables;
        void *got = w;

        if (strcmp(w->config, "again") == 0)
                got = t->columns.add(w->threads, "comm", RTI_FP_STATE_STRING);
        else if (strcmp(w->config, "other_type") == 0)
                got = t->columns.get(w->threads, "comm", RTI_FP_STATE_UINT64);
        else if (strcmp(w->config, "unknown") == 0)
                got = t->columns.get(w->threads, "commm", RTI_FP_STATE_STRING);
        else if (strcmp(w->config, "nameless") == 0)
                got = t->columns.add(w->threads, "", RTI_FP_STATE_STRING);
        else if (strcmp(w->config, "many") == 0)
                for (int i = 0; i < 100 && got; i++) {
                        char name[16];

                        snprintf(name, sizeof name, "f%d", i);
                        got = t->columns.add(w->threads, name, RTI_FP_STATE_UINT8);
                }
        if (got)
                return false;
        fail(w, input->owner_error(input->owner));
        return true;
}

/* Columns of tables in tables are asked of those of an entry that is made for that. */
static const rti_fp_table_input *
nested(warden *w, const rti_fp_tables *t, const char *name)
{
        void *column = t->columns.get(w->threads, name, RTI_FP_STATE_TABLE);
        void *entry = t->writer_ext->create(w->threads);
        rti_fp_data data = { .table = NULL };

        if (!column || !entry
            || t->reader_ext->basic.read(w->threads, entry, column, &data) != RTI_FP_SUCCESS)
                return NULL;
        t->writer_ext->destroy(w->threads, entry);
        return data.table;
}

EXPORT void *
plugin_init(const rti_fp_init_input *input, int32_t *ret_rc)
{
        warden *w = calloc(1, sizeof *w);
        const rti_fp_tables *t = input->tables;
        const rti_fp_table_input *fds, *args;

        *ret_rc = RTI_FP_FAILURE;
        w->tables = t;
        snprintf(w->config, sizeof w->config, "%s", input->config);
        w->threads = t->get(input->owner, "threads", RTI_FP_STATE_INT64);
        if (!w->threads || is_refused(w, input))
                return w;
        w->visits = t->columns_ext->add(w->threads, "visits", RTI_FP_STATE_UINT64);
        w->mark = t->columns_ext->add(w->threads, "mark", RTI_FP_STATE_STRING);
        w->comm = t->columns_ext->get(w->threads, "comm", RTI_FP_STATE_STRING);
        w->pid = t->columns_ext->get(w->threads, "pid", RTI_FP_STATE_INT64);
        w->tid = t->columns_ext->get(w->threads, "tid", RTI_FP_STATE_INT64);
        w->cwd = t->columns_ext->get(w->threads, "cwd", RTI_FP_STATE_STRING);
        w->loginuid = t->columns_ext->get(w->threads, "loginuid", RTI_FP_STATE_UINT32);
        w->writable = t->columns_ext->get(w->threads, "exe_writable", RTI_FP_STATE_BOOL);
        w->fds = t->columns_ext->get(w->threads, "file_descriptors", RTI_FP_STATE_TABLE);
        w->args = t->columns_ext->get(w->threads, "args", RTI_FP_STATE_TABLE);
        fds = nested(w, t, "file_descriptors");
        if (!fds || fds->key_type != RTI_FP_STATE_INT64
            || strcmp(fds->reader.name(fds->table), "file_descriptors") != 0
            || fds->reader.size(fds->table) != 0)
                return fail(w, "no descriptors");
        w->opens = fds->columns_ext->add(fds->table, "opens", RTI_FP_STATE_UINT16);
        w->name = fds->columns.get(fds->table, "name", RTI_FP_STATE_STRING);
        w->type = fds->columns.get(fds->table, "type", RTI_FP_STATE_UINT8);
        args = nested(w, t, "args");
        if (strcmp(w->config, "list") == 0
            && !args->columns.add(args->table, "mine", RTI_FP_STATE_UINT8))
                return fail(w, input->owner_error(input->owner));
        if (w->visits && w->mark && w->comm && w->opens && w->name && w->type && w->cwd
            && w->visits == t->columns.add(w->threads, "visits", RTI_FP_STATE_UINT64))
                *ret_rc = RTI_FP_SUCCESS;
        return w;
}

EXPORT void
plugin_destroy(void *plugin)
{
        free(plugin);
}

EXPORT const char *
plugin_get_last_error(void *plugin)
{
        return ((warden *) plugin)->error;
}

EXPORT const char *
plugin_get_parse_event_sources(void)
{
        return "[\"syscall\"]";
}

EXPORT const uint16_t *
plugin_get_parse_event_types(uint32_t *ret_n, void *plugin)
{
        static const uint16_t types[] = { CLOSE_X, OPENAT_2_X, ASYNC_E };

        (void) plugin;
        *ret_n = 3;
        return types;
}

/* ---- what it does once ---- */

typedef struct work {
        warden *w;
        const rti_fp_parse_input *in;
        void *entry;                   /* of the event's thread */
        const rti_fp_table_input *fds; /* of that */
        int64_t tid;
} work;

static void
write_text(const work *k, void *column, const char *text)
{
        const rti_fp_data data = { .text = text };

        if (k->in->writer.write(k->w->threads, k->entry, column, &data) != RTI_FP_SUCCESS)
                snprintf(k->w->error, sizeof k->w->error, "not written");
}

static bool
add_thread(const work *k, int64_t tid)
{
        const rti_fp_writer *writer = k->in->writer_ext;
        void *table = k->w->threads, *entry = writer->create(table), *added;
        rti_fp_data data = { .s64 = tid }, got = { .s64 = 0 };

        if (!entry || writer->write(table, entry, k->w->pid, &data) != RTI_FP_SUCCESS
            || k->in->reader.read(table, entry, k->w->pid, &got) != RTI_FP_SUCCESS || got.s64 != tid
            || k->in->reader.read(table, entry, k->w->comm, &got) != 0 || *got.text)
                return false;
        data.text = "made";
        if (writer->write(table, entry, k->w->comm, &data) != RTI_FP_SUCCESS)
                return false;
        data.text = "by the warden";
        if (writer->write(table, entry, k->w->mark, &data) != RTI_FP_SUCCESS)
                return false;
        data.s64 = tid;
        added = writer->add(table, &data, entry);
        return added && added == k->in->reader.get(table, &data)
               && !writer->add(table, &data, entry);
}

static bool
add_fd(const work *k)
{
        const rti_fp_writer *writer = k->fds->writer_ext;
        void *entry = writer->create(k->fds->table);
        rti_fp_data data = { .text = "/made/up" };

        if (!entry || writer->write(k->fds->table, entry, k->w->name, &data) != RTI_FP_SUCCESS)
                return false;
        data.s64 = 9;
        return writer->add(k->fds->table, &data, entry) && k->fds->reader.size(k->fds->table) == 2;
}

static uint32_t
see_one(void *state, void *entry)
{
        (void) entry;
        ++*(int *) state;
        return 0;
}

static uint32_t
erase_each(void *state, void *entry)
{
        const work *k = state;
        rti_fp_data key;

        if (k->in->reader.read(k->w->threads, entry, k->w->tid, &key) != RTI_FP_SUCCESS)
                return 0;
        if (key.s64 != k->tid)
                (void) k->in->writer.erase(k->w->threads, &key);
        return 1;
}

/* So many texts of so many bytes are more than one call may read. */
static bool
is_much_refused(const work *k)
{
        enum { LEN = 65000, TIMES = 64 * 1024 * 1024 / LEN };
        char *large = calloc(1, LEN + 1);
        rti_fp_data data = { .text = large };
        int n = 0;

        memset(large, 'x', LEN);
        if (k->in->writer.write(k->w->threads, k->entry, k->w->mark, &data) != RTI_FP_SUCCESS)
                n = TIMES + 1;
        free(large);
        while (n <= TIMES
               && k->in->reader.read(k->w->threads, k->entry, k->w->mark, &data) == RTI_FP_SUCCESS)
                n++;
        return n > TIMES / 2 && n <= TIMES;
}

static bool
write_fd(const work *k, const char *column, uint32_t type, rti_fp_data data)
{
        const rti_fp_data three = { .s64 = 3 };
        const rti_fp_table_input *fds = k->fds;
        void *handle = fds->columns.get(fds->table, column, type);

        return fds->writer.write(fds->table, fds->reader.get(fds->table, &three), handle, &data)
               == RTI_FP_SUCCESS;
}

/* Columns that the source does not fill, or not all of. */
static bool
keep(const work *k)
{
        const rti_fp_data reaper = { .s64 = 11 };
        void *column = k->w->tables->columns.get(k->w->threads, "reaper_tid", RTI_FP_STATE_INT64);

        const rti_fp_data id = { .text = "abc" };
        void *container =
                k->w->tables->columns.add(k->w->threads, "container_id", RTI_FP_STATE_STRING);

        return k->in->writer.write(k->w->threads, k->entry, container, &id) == RTI_FP_SUCCESS
               && !k->w->tables->columns.add(k->w->threads, "container_id", RTI_FP_STATE_UINT64)
               && k->in->writer.write(k->w->threads, k->entry, column, &reaper) == RTI_FP_SUCCESS
               && write_fd(k, "old_name", RTI_FP_STATE_STRING, (rti_fp_data){ .text = "/old" })
               && write_fd(k, "mount_id", RTI_FP_STATE_UINT32, (rti_fp_data){ .u32 = 77 })
               && write_fd(k, "flags", RTI_FP_STATE_UINT32, (rti_fp_data){ .u32 = 131080 })
               && write_fd(k, "fd", RTI_FP_STATE_INT64, (rti_fp_data){ .s64 = 3 })
               && !write_fd(k, "fd", RTI_FP_STATE_INT64, (rti_fp_data){ .s64 = 4 });
}

static bool
is_said(const work *k, const char *why)
{
        return strcmp(k->in->owner_error(k->in->owner), why) == 0;
}

/* What the host says of what it refuses, each time anew. */
static bool
are_reasons_given(const work *k)
{
        static const char no_entry[] = "there is no entry of that key";
        const rti_fp_reader *r = &k->in->reader;
        const rti_fp_writer *x = &k->in->writer;
        void *t = k->w->threads, *garbage = (void *) (uintptr_t) 0x1234567890;
        rti_fp_data data = { .text = "x" }, key = { .s64 = 99999 };
        const rti_fp_table_input *args;
        bool said = !r->get(t, &key) && is_said(k, no_entry);

        said = said && r->read(t, garbage, k->w->comm, &data) != 0
               && is_said(k, "there is no such field, or the entry is gone");
        said = said && x->write(t, k->entry, k->w->cwd, &data) != 0
               && is_said(k, "the field is read only, or not of this entry, or cannot have the "
                             "value");
        said = said && x->erase(t, &key) != 0
               && is_said(k, "there is no entry of that key that can be erased");
        said = said && !x->add(t, &key, garbage)
               && is_said(k, "that is no entry that was created, or there is no room for it");
        said = said && r->read(t, k->entry, k->w->args, &data) == 0 && is_said(k, "");
        if (!said)
                return false;
        args = data.table;
        return args->writer.clear(args->table) != 0 && is_said(k, "the table cannot be cleared")
               && !args->writer.create(args->table) && is_said(k, "no more entries can be created");
}

/* Everything here has to be refused. */
static bool
is_wrong_refused(const work *k)
{
        const rti_fp_reader *r = &k->in->reader;
        const rti_fp_writer *x = &k->in->writer;
        void *t = k->w->threads, *garbage = (void *) (uintptr_t) 0x1234567890;
        char *large = calloc(1, 100000);
        rti_fp_data data = { .text = "x" }, key = { .s64 = 99999 };
        bool refused;

        memset(large, 'x', 99999);
        refused = x->write(t, k->entry, k->w->cwd, &data) != 0
                  && x->write(t, k->entry, garbage, &data) != 0
                  && x->write(t, garbage, k->w->comm, &data) != 0
                  && x->write(t, k->entry, k->w->name, &data) != 0
                  && r->read(t, garbage, k->w->comm, &data) != 0
                  && r->read(t, k->entry, k->w->opens, &data) != 0 && !r->get(t, &key)
                  && x->erase(t, &key) != 0 && !x->add(t, &key, garbage)
                  && !x->add(t, &key, k->entry);
        data.s64 = 77;
        refused = refused && x->write(t, k->entry, k->w->tid, &data) != 0;
        data.s64 = k->tid;
        refused = refused && x->write(t, k->entry, k->w->tid, &data) == 0;
        data.u8 = 200;
        key.s64 = 3;
        refused = refused
                  && k->fds->writer.write(k->fds->table, k->fds->reader.get(k->fds->table, &key),
                                          k->w->type, &data)
                             != 0;
        key.u64 = UINT64_MAX;
        refused = refused && !k->fds->reader.get(k->fds->table, &key)
                  && k->fds->writer.erase(k->fds->table, &key) != 0;
        data.text = large;
        refused = refused && x->write(t, k->entry, k->w->comm, &data) != 0
                  && x->write(t, k->entry, k->w->mark, &data) != 0;
        for (int i = 0; i < 16; i++)
                refused = refused && x->create(t);
        refused = refused && !x->create(t);
        free(large);
        return refused;
}

static bool
work_once(const work *k)
{
        warden *w = k->w;
        const char *config = w->config;
        const rti_fp_data three = { .s64 = 3 }, one = { .s64 = 1 };
        rti_fp_data data = { .u32 = 1000 };

        if (strcmp(config, "rename") == 0) {
                write_text(k, w->comm, "renamed");
                (void) k->in->writer.write(w->threads, k->entry, w->loginuid, &data);
                (void) k->in->writer.write(w->threads, k->entry, w->writable, &data);
        } else if (strcmp(config, "add") == 0) {
                return add_thread(k, 4711) && add_fd(k);
        } else if (strcmp(config, "many_fds") == 0) {
                for (int i = 0; i < 6000; i++)
                        (void) k->in->reader.read(w->threads, k->entry, w->fds, &data);
                return k->in->reader.read(w->threads, k->entry, w->fds, &data) != 0;
        } else if (strcmp(config, "erase_fd") == 0) {
                return k->fds->writer.erase(k->fds->table, &three) == 0;
        } else if (strcmp(config, "clear_fds") == 0) {
                return k->fds->writer.clear(k->fds->table) == 0;
        } else if (strcmp(config, "erase_others") == 0) {
                int n = 0;

                return k->in->reader_ext->each(w->threads, see_one, &n) == 0 && n == 1
                       && k->in->reader_ext->each(w->threads, erase_each, (void *) k) == 1;
        } else if (strcmp(config, "erase_own") == 0) {
                data.s64 = k->tid;
                return k->in->writer.erase(w->threads, &data) == 0;
        } else if (strcmp(config, "clear") == 0) {
                return k->in->writer.clear(w->threads) == 0;
        } else if (strcmp(config, "much") == 0) {
                return is_much_refused(k);
        } else if (strcmp(config, "keep") == 0) {
                return keep(k);
        } else if (strcmp(config, "wrong") == 0) {
                return are_reasons_given(k) && is_wrong_refused(k);
        } else if (strcmp(config, "reparent") == 0) {
                void *init = k->in->reader.get(w->threads, &one);

                return !init;
        }
        return true;
}

EXPORT int32_t
plugin_parse_event(void *plugin, const rti_fp_event_input *event, const rti_fp_parse_input *input)
{
        warden *w = plugin;
        rti_fp_data data = { .u64 = event->event->tid }, key = { .s64 = 3 }, three;
        work k = { .w = w, .in = input, .tid = (int64_t) event->event->tid };
        char text[64];
        void *fd;

        if (event->event->type == ASYNC_E) {
                w->asyncs += async_id_of(event->event) == 0;
                return RTI_FP_SUCCESS;
        }
        k.entry = input->reader.get(w->threads, &data);
        if (!k.entry || input->reader.read(w->threads, k.entry, w->visits, &data) != RTI_FP_SUCCESS)
                return RTI_FP_FAILURE;
        data.u64++;
        (void) input->writer.write(w->threads, k.entry, w->visits, &data);
        snprintf(text, sizeof text, "mark%llu", (unsigned long long) data.u64);
        data.text = text;
        (void) input->writer_ext->write(w->threads, k.entry, w->mark, &data);
        if (input->reader.read(w->threads, k.entry, w->fds, &data) != RTI_FP_SUCCESS)
                return RTI_FP_FAILURE;
        k.fds = data.table;
        fd = k.fds->reader.get(k.fds->table, &key);
        if (fd && k.fds->reader_ext->basic.read(k.fds->table, fd, w->opens, &three) == 0) {
                three.u16++;
                (void) k.fds->writer.write(k.fds->table, fd, w->opens, &three);
                k.fds->reader_ext->release(k.fds->table, fd);
        }
        if (event->event->type == CLOSE_X && !w->done) {
                w->done = true;
                if (!work_once(&k))
                        return RTI_FP_FAILURE;
        }
        input->reader_ext->release(w->threads, k.entry);
        return RTI_FP_SUCCESS;
}
