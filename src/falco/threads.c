/* SPDX-License-Identifier: Apache-2.0 */
/*
 * threads.c - the tables `threads`, `file_descriptors` and the lists in them, as plug-ins read and
 * write them.
 *
 *   in   a view (which table, of which thread), entries and columns, all of them numbers
 *   out  values; texts are good until the next call into the plug-in
 *
 * An entry is its key: of a thread with the sign bit turned over, of others with bit 32 set.
 * Numbers from 1 to LOOSE are entries that were created and are in no table yet: what is written
 * into them waits for the day they are added. Everything here runs under the host's lock.
 *
 * What plug-ins add to an entry stands in its text `extra`: eight bytes for each column, then the
 * texts, of which these eight bytes are offset and length. Texts are shared by duplicates of a
 * descriptor, so that one is changed only while nobody else has it.
 */
#include "falco/system.h"
#include "sources/syscall/codes.h"

enum {
        REAPER_PARAM = 4, /* of an exit */
        REAPER_EXTRA = 0,
        OVERLAY_EXTRA = 1 /* places in a thread's extra */
};

#define SIGN      ((uint64_t) 1 << 63)
#define KEY_BIT   ((uint64_t) 1 << 32)
#define LOOSE_TID INT64_MIN /* of a view: + the number of a loose thread */

typedef struct write_later {
        struct write_later *next;
        const void *column;
        rti_fp_data data;
} write_later;

typedef struct rti_fp_loose {
        enum rti_fp_kind kind;
        bool used;
        write_later *first, **last;
} loose;

/* What an entry number stands for. */
typedef struct found {
        rti_fp_system *system;
        rti_thread *thread;
        rti_fd *fd;   /* of kind FDS */
        rt_str text;  /* of an element of a list */
        loose *loose; /* nothing else is set */
        uint64_t number;
} found;

/* ---- entries ---- */

static rti_thread *
thread_of(const rti_fp_system *system, int64_t tid)
{
        return system ? system->inside->find(&system->sys->state.threads, tid) : NULL;
}

static const rti_text *
list_of(const rti_thread *thread, const rti_fp_view *view)
{
        const rti_text *text;

        memcpy(&text, (const char *) thread + view->member, sizeof text);
        return text;
}

/* Element @a n of texts that end with a NUL each; false: so many there are not. */
static bool
element(rt_str all, uint64_t n, rt_str *ret_text)
{
        while (all.len) {
                const char *nul = memchr(all.ptr, 0, all.len);
                const size_t len = nul ? (size_t) (nul - all.ptr) : all.len;

                if (n-- == 0) {
                        *ret_text = rti_str_sub(all, 0, len);
                        return true;
                }
                all = rti_str_sub(all, nul ? len + 1 : len, all.len);
        }
        return false;
}

static uint64_t
count(rt_str all)
{
        uint64_t n = 0;
        rt_str one;

        while (element(all, 0, &one)) {
                all = rti_str_sub(all, one.len + 1 < all.len ? one.len + 1 : all.len, all.len);
                n++;
        }
        return n;
}

static bool
find_key(const rti_fp_view *view, uint64_t key, found *ret_found)
{
        found f = { .system = view->host->call.system };
        rti_fds *fds;

        f.thread = thread_of(f.system, view->kind == RTI_FP_THREADS ? (int64_t) key : view->tid);
        if (!f.thread)
                return false;
        f.number = view->kind == RTI_FP_THREADS ? key ^ SIGN : (uint32_t) key | KEY_BIT;
        if (f.number <= RTI_FP_MAX_LOOSE)
                return false;
        if (view->kind == RTI_FP_FDS) {
                fds = rti_thread_fds(f.thread);
                f.fd = fds && rti_fd_is_number((int64_t) key)
                               ? f.system->inside->find_fd(fds, (int64_t) key)
                               : NULL;
                if (!f.fd)
                        return false;
        } else if (view->kind != RTI_FP_THREADS
                   && !element(rti_text_str(list_of(f.thread, view)), key, &f.text)) {
                return false;
        }
        *ret_found = f;
        return true;
}

static bool
find_entry(const rti_fp_view *view, const void *entry, found *ret_found)
{
        const uint64_t number = (uintptr_t) entry;
        rt_falco *host = view->host;

        if (number && number <= host->call.n_loose && host->call.loose) {
                loose *one = &host->call.loose[number - 1];

                if (!one->used || one->kind != view->kind)
                        return false;
                *ret_found = (found){ .loose = one, .number = number };
                return true;
        }
        if (view->kind == RTI_FP_THREADS)
                return find_key(view, number ^ SIGN, ret_found);
        return number >> 32 == 1 && find_key(view, (uint32_t) number, ret_found);
}

/* ---- reading ---- */

static int32_t
give_text(rt_falco *host, rt_str text, rti_fp_data *ret_data)
{
        host->call.dirty = true;
        if (!text.len) {
                ret_data->text = "";
                return RTI_FP_SUCCESS;
        }
        ret_data->text = rti_arena_copy(&host->call.memory, text).ptr;
        return ret_data->text ? RTI_FP_SUCCESS : RTI_FP_FAILURE;
}

static size_t
width_of(uint32_t type)
{
        switch (type) {
        case RTI_FP_STATE_INT8:
        case RTI_FP_STATE_UINT8:
                return 1;
        case RTI_FP_STATE_INT16:
        case RTI_FP_STATE_UINT16:
                return 2;
        case RTI_FP_STATE_INT32:
        case RTI_FP_STATE_UINT32:
        case RTI_FP_STATE_BOOL:
                return 4;
        default:
                return 8;
        }
}

/* The value of an added column as the entry has it: a number, or where a text is. */
static uint64_t
extra_of(const rti_text *extra, uint32_t at)
{
        uint64_t value = 0;

        if (extra)
                memcpy(&value, extra->bytes + at * sizeof value, sizeof value);
        return value;
}

static rt_str
extra_text(const rti_text *extra, uint32_t at)
{
        const uint64_t value = extra_of(extra, at);

        return rti_str_sub(rti_text_str(extra), (size_t) (value >> 32),
                           (size_t) (value >> 32) + (uint32_t) value);
}

/* Bits of a descriptor's flags that the source keeps. */
static const struct {
        uint32_t flag;
        uint16_t mark;
} flag_bits[] = {
        { 1 << 2, RTI_FDM_ROLE_CLIENT },  { 1 << 3, RTI_FDM_ROLE_SERVER },
        { 1 << 13, RTI_FDM_CONNECTED },   { 1 << 17, RTI_FDM_UPPER_LAYER },
        { 1 << 18, RTI_FDM_LOWER_LAYER },
};

static uint32_t
flags_of(const rti_fd *fd)
{
        uint32_t flags = 0;

        for (size_t i = 0; i < RTI_COUNT(flag_bits); i++)
                flags |= fd->marks & flag_bits[i].mark ? flag_bits[i].flag : 0;
        return flags;
}

static void
set_flags(rti_fd *fd, uint32_t flags)
{
        for (size_t i = 0; i < RTI_COUNT(flag_bits); i++) {
                fd->marks &= (uint16_t) ~flag_bits[i].mark;
                fd->marks |= flags & flag_bits[i].flag ? flag_bits[i].mark : 0;
        }
}

/* Who takes care of its children: what a plug-in wrote, kept as one more; else what the exit that
 * the call is about says; -1: nobody is known. */
static int64_t
reaper_of(const found *f)
{
        const rti_sysevt *evt = &f->system->sys->evt;
        const uint64_t written = extra_of(f->thread->extra, REAPER_EXTRA);

        if (written)
                return (int64_t) (written - 1);
        return evt->type == RTI_EV_PROCEXIT_1_E && evt->thread == f->thread
                       ? rti_arg_i64(evt, REAPER_PARAM, -1)
                       : -1;
}

/* One side of the '=' of "subsystem=path". */
static rt_str
side(rt_str text, bool behind)
{
        const char *equals = text.len ? memchr(text.ptr, '=', text.len) : NULL;
        const size_t at = equals ? (size_t) (equals - text.ptr) : text.len;

        return behind ? rti_str_sub(text, equals ? at + 1 : at, text.len)
                      : rti_str_sub(text, 0, at);
}

static rti_text **
text_member(const found *f, const rti_fp_column *c)
{
        void *member = (f->fd ? (char *) f->fd : (char *) f->thread) + c->at;

        return member;
}

static rti_text **
extra_member(const found *f)
{
        return f->fd ? &f->fd->extra : &f->thread->extra;
}

static int32_t
give_table(const rti_fp_view *view, const found *f, const rti_fp_column *c, rti_fp_data *ret_data)
{
        static const struct {
                enum rti_fp_kind kind;
                uint32_t key_type;
                const char *name;
        } rows[] = {
                { RTI_FP_FDS, RTI_FP_STATE_INT64, "file_descriptors" },
                { RTI_FP_LIST, RTI_FP_STATE_UINT64, "args" },
                { RTI_FP_LIST, RTI_FP_STATE_UINT64, "env" },
                { RTI_FP_CGROUPS, RTI_FP_STATE_UINT64, "cgroups" },
        };
        const size_t row = c->at == offsetof(rti_thread, fds)    ? 0
                           : c->at == offsetof(rti_thread, args) ? 1
                           : c->at == offsetof(rti_thread, env)  ? 2
                                                                 : 3;
        rti_fp_nested *nested =
                rti_fp_nested_new(&view->host->self, rows[row].name, rows[row].key_type);

        if (!nested)
                return RTI_FP_FAILURE;
        nested->view =
                (rti_fp_view){ .host = view->host,
                               .kind = rows[row].kind,
                               .member = c->at,
                               .tid = f->loose ? LOOSE_TID + (int64_t) f->number : f->thread->tid };
        rti_fp_system_table(&nested->table, &nested->view);
        ret_data->table = &nested->table.input;
        return RTI_FP_SUCCESS;
}

/* What was written into an entry that is in no table yet; nothing: 0 or "". */
static int32_t
read_loose(const loose *one, const void *handle, uint32_t type, rti_fp_data *ret_data)
{
        rti_fp_data data = { .u64 = 0 };

        if (type == RTI_FP_STATE_STRING)
                data.text = "";
        for (const write_later *w = one->first; w; w = w->next)
                if (w->column == handle)
                        data = w->data;
        *ret_data = data;
        return RTI_FP_SUCCESS;
}

static int32_t
read_value(rt_falco *host, const found *f, const rti_fp_column *c, rti_fp_data *ret_data)
{
        const char *from = (f->fd ? (const char *) f->fd : (const char *) f->thread) + c->at;
        rti_fp_data data = { .u64 = 0 };

        if (f->fd && !(c->kinds >> f->fd->kind & 1)) {
                *ret_data = data;
                return RTI_FP_SUCCESS;
        }
        switch (c->how) {
        case RTI_FP_NUMBER:
                memcpy(&data, from, width_of(c->type));
                break;
        case RTI_FP_MARK:
                data.boolean = (f->thread->marks & c->at) != 0;
                break;
        case RTI_FP_FLAGS:
                data.u32 = flags_of(f->fd);
                break;
        case RTI_FP_TEXT:
                return give_text(host, rti_text_str(*text_member(f, c)), ret_data);
        case RTI_FP_ALL:
                return give_text(host, f->text, ret_data);
        case RTI_FP_BEFORE:
        case RTI_FP_BEHIND:
                return give_text(host, side(f->text, c->how == RTI_FP_BEHIND), ret_data);
        case RTI_FP_REAPER:
                data.s64 = reaper_of(f);
                break;
        case RTI_FP_OVERLAY:
                if (extra_of(f->thread->extra, OVERLAY_EXTRA))
                        return give_text(host, extra_text(f->thread->extra, OVERLAY_EXTRA),
                                         ret_data);
                return give_text(host, rti_text_str(*text_member(f, c)), ret_data);
        case RTI_FP_EXTRA:
                if (c->type == RTI_FP_STATE_STRING)
                        return give_text(host, extra_text(*extra_member(f), c->at), ret_data);
                data.u64 = extra_of(*extra_member(f), c->at);
                break;
        default:
                break;
        }
        *ret_data = data;
        return RTI_FP_SUCCESS;
}

static int32_t
read_entry(void *table, void *entry, const void *handle, rti_fp_data *ret_data)
{
        const rti_fp_view *view = table;
        rti_fp_column c;
        found f;

        if (!rti_fp_column_of(view->host, view->kind, handle, &c) || !find_entry(view, entry, &f))
                return RTI_FP_FAILURE;
        if (c.how == RTI_FP_TABLE)
                return give_table(view, &f, &c, ret_data);
        return f.loose ? read_loose(f.loose, handle, c.type, ret_data)
                       : read_value(view->host, &f, &c, ret_data);
}

static const char *
name_of(void *table)
{
        static const char *const names[] = { "threads", "file_descriptors", "list", "cgroups" };

        return names[((const rti_fp_view *) table)->kind];
}

static uint64_t
size_of(void *table)
{
        const rti_fp_view *view = table;
        rti_fp_system *system = view->host->call.system;
        const rti_thread *thread;
        const rti_fds *fds;

        if (!system)
                return 0;
        if (view->kind == RTI_FP_THREADS)
                return system->sys->state.threads.n;
        thread = thread_of(system, view->tid);
        if (!thread)
                return 0;
        if (view->kind != RTI_FP_FDS)
                return count(rti_text_str(list_of(thread, view)));
        fds = rti_thread_fds(thread);
        return fds ? fds->n : 0;
}

static void *
get_entry(void *table, const rti_fp_data *key)
{
        const rti_fp_view *view = table;
        found f;

        if (view->kind != RTI_FP_THREADS && key->u64 > INT32_MAX)
                return NULL;
        return find_key(view, key->u64, &f) ? (void *) (uintptr_t) f.number : NULL;
}

static void
release(void *table, void *entry)
{
        (void) table, (void) entry;
}

/* The entry that follows; *at is 0 in the beginning. NULL: none. */
static void *
next_entry(const rti_fp_view *view, uint32_t *at)
{
        const rti_fp_system *system = view->host->call.system;
        rti_fp_data key = { .u64 = 0 };
        const rti_thread *thread;
        const rti_fds *fds;
        const rti_fd *fd;

        if (!system)
                return NULL;
        if (view->kind == RTI_FP_THREADS) {
                thread = system->inside->next(&system->sys->state.threads, at);
                key.s64 = thread ? thread->tid : 0;
                return thread ? (void *) (uintptr_t) (key.u64 ^ SIGN) : NULL;
        }
        thread = thread_of(system, view->tid);
        fds = thread ? rti_thread_fds(thread) : NULL;
        if (view->kind == RTI_FP_FDS) {
                fd = fds ? system->inside->next_fd(fds, at) : NULL;
                return fd ? (void *) (uintptr_t) ((uint64_t) fd->num | KEY_BIT) : NULL;
        }
        key.u64 = (*at)++;
        return get_entry((void *) view, &key);
}

/* List all entries, behind those that are listed: in the table they move when others go. *ret_first
 * is the first one. */
static bool
list_entries(const rti_fp_view *view, size_t *ret_first)
{
        rt_falco *host = view->host;
        uint32_t at = 0;
        void *entry;

        *ret_first = host->call.listed.n;
        while ((entry = next_entry(view, &at)))
                if (rti_vec_push(&host->call.listed, &host->allocator, entry, UINT32_MAX) < 0) {
                        host->call.listed.n = *ret_first;
                        return false;
                }
        return true;
}

static uint32_t
each(void *table, rti_fp_each_fn *fn, void *state)
{
        const rti_fp_view view = *(const rti_fp_view *) table;
        rt_falco *host = view.host;
        size_t first;
        uint32_t all = 1;
        found f;

        if (!list_entries(&view, &first))
                return 0;
        host->call.iterating++;
        for (size_t i = first; all && i < host->call.listed.n; i++)
                if (find_entry(&view, host->call.listed.at[i], &f)) /* not gone meanwhile */
                        all = fn(state, host->call.listed.at[i]);
        host->call.iterating--;
        host->call.listed.n = first;
        return all != 0;
}

/* ---- writing ---- */

/* An entry changed: rules may see another one, and keep nothing of what they saw. */
static void
changed(rti_fp_system *system, rti_thread *thread)
{
        rti_threads *all = &system->sys->state.threads;

        rti_threads_changed(all, thread);
        if (thread->leader && thread->leader != thread)
                rti_threads_changed(all, thread->leader);
        system->wrote = true;
}

/* The entry's extra with another value in place @a at: @a number, or @a text. Places that nobody
 * has written stay 0. NULL: no room. */
static rti_text *
with_extra(const rti_fp_view *view, const found *f, uint32_t at, uint64_t number, rt_str text)
{
        const rti_text *old = *extra_member(f);
        const uint32_t n = rti_fp_n_extras(view->host, view->kind);
        size_t len = n * sizeof(uint64_t), end = len;
        rti_text *new;

        for (uint32_t i = 0; i < n; i++)
                if (rti_fp_extra_type(view->host, view->kind, i) == RTI_FP_STATE_STRING)
                        len += i == at ? text.len : extra_text(old, i).len;
        new = f->system->inside->new_text(&f->system->sys->state.pool, len);
        for (uint32_t i = 0; new &&i < n; i++) {
                uint64_t value = i == at ? number : extra_of(old, i);

                if (rti_fp_extra_type(view->host, view->kind, i) == RTI_FP_STATE_STRING
                    && (i == at || value)) {
                        const rt_str s = i == at ? text : extra_text(old, i);

                        if (s.len)
                                memcpy(new->bytes + end, s.ptr, s.len);
                        value = (uint64_t) end << 32 | s.len;
                        end += s.len;
                }
                memcpy(new->bytes + i * sizeof value, &value, sizeof value);
        }
        return new;
}

static int32_t
write_extra(const rti_fp_view *view, const found *f, uint32_t at, uint32_t type, rti_fp_data data,
            rt_str text)
{
        rti_text **extra = extra_member(f), *new;
        uint64_t number = 0;

        memcpy(&number, &data, width_of(type));
        if (*extra && (*extra)->refs == 1 && type != RTI_FP_STATE_STRING) {
                memcpy((*extra)->bytes + at * sizeof number, &number, sizeof number);
                return RTI_FP_SUCCESS;
        }
        new = with_extra(view, f, at, number, text);
        if (!new)
                return RTI_FP_FAILURE;
        if (*extra)
                f->system->inside->drop_text(&f->system->sys->state.pool, *extra);
        *extra = new;
        return RTI_FP_SUCCESS;
}

static int32_t
write_number(const found *f, const rti_fp_column *c, rti_fp_data data)
{
        char *to = (f->fd ? (char *) f->fd : (char *) f->thread) + c->at;

        /* A thread or descriptor stays where it is found. */
        if (!f->fd && c->at == offsetof(rti_thread, tid))
                return data.s64 == f->thread->tid ? RTI_FP_SUCCESS : RTI_FP_FAILURE;
        if (f->fd && c->at == offsetof(rti_fd, num))
                return data.s64 == f->fd->num ? RTI_FP_SUCCESS : RTI_FP_FAILURE;
        if (f->fd && c->at == offsetof(rti_fd, kind) && data.u8 >= RTI_N_FD_KINDS)
                return RTI_FP_FAILURE;
        memcpy(to, &data, width_of(c->type));
        if (c->flags & RTI_FP_LINKS)
                f->system->inside->link(&f->system->sys->state, f->thread);
        return RTI_FP_SUCCESS;
}

/* Texts may need room, for which other entries are given up: not the one at hand. */
static int32_t
write_value(const rti_fp_view *view, const found *f, const rti_fp_column *c, rti_fp_data data)
{
        rti_state *state = &f->system->sys->state;
        rti_thread *const pinned = state->threads.pinned[RTI_PIN_HANDLER];
        rt_str text = { NULL, 0 };
        int32_t rc = RTI_FP_SUCCESS;

        if (f->fd && !(c->kinds >> f->fd->kind & 1))
                return RTI_FP_FAILURE;
        if (c->type == RTI_FP_STATE_STRING) {
                text = (rt_str){ data.text, rti_fp_text_length(data.text, RTI_FP_MAX_STATE_BYTES) };
                if (text.len == SIZE_MAX)
                        return RTI_FP_FAILURE;
        }
        state->threads.pinned[RTI_PIN_HANDLER] = f->thread;
        switch (c->how) {
        case RTI_FP_NUMBER:
                rc = write_number(f, c, data);
                break;
        case RTI_FP_MARK:
                f->thread->marks &= ~(uint32_t) c->at;
                f->thread->marks |= data.boolean ? c->at : 0u;
                break;
        case RTI_FP_TEXT:
                if (f->system->inside->set_text(&state->pool, text_member(f, c), text) < 0)
                        rc = RTI_FP_FAILURE;
                break;
        case RTI_FP_FLAGS:
                set_flags(f->fd, data.u32);
                break;
        case RTI_FP_REAPER:
                data.s64++;
                rc = write_extra(view, f, REAPER_EXTRA, c->type, data, text);
                break;
        case RTI_FP_OVERLAY:
                rc = write_extra(view, f, OVERLAY_EXTRA, c->type, data, text);
                break;
        default:
                rc = write_extra(view, f, c->at, c->type, data, text);
                break;
        }
        state->threads.pinned[RTI_PIN_HANDLER] = pinned;
        changed(f->system, f->thread);
        return rc;
}

/* What is written into a loose entry: once it is added, it is written there. */
static int32_t
write_loose(rt_falco *host, loose *one, const void *handle, const rti_fp_column *c,
            rti_fp_data data)
{
        write_later *w;

        if (c->type == RTI_FP_STATE_STRING) {
                const size_t len = rti_fp_text_length(data.text, RTI_FP_MAX_STATE_BYTES);

                if (len == SIZE_MAX)
                        return RTI_FP_FAILURE;
                data.text = rti_arena_copy(&host->call.memory, (rt_str){ data.text, len }).ptr;
                if (!data.text)
                        return RTI_FP_FAILURE;
        }
        w = RTI_NEW(&host->call.memory, write_later);
        if (!w)
                return RTI_FP_FAILURE;
        w->column = handle;
        w->data = data;
        *one->last = w;
        one->last = &w->next;
        return RTI_FP_SUCCESS;
}

static int32_t
write_entry(void *table, void *entry, const void *handle, const rti_fp_data *data)
{
        const rti_fp_view *view = table;
        rti_fp_column c;
        found f;

        if (!rti_fp_column_of(view->host, view->kind, handle, &c) || c.flags & RTI_FP_READ_ONLY
            || !find_entry(view, entry, &f))
                return RTI_FP_FAILURE;
        return f.loose ? write_loose(view->host, f.loose, handle, &c, *data)
                       : write_value(view, &f, &c, *data);
}

/* ---- entries come and go ---- */

static void *
create(void *table)
{
        const rti_fp_view *view = table;
        rt_falco *host = view->host;
        uint32_t n = 0;

        if (view->kind != RTI_FP_THREADS && view->kind != RTI_FP_FDS)
                return NULL;
        host->call.dirty = true;
        if (!host->call.loose) {
                host->call.loose = RTI_NEWN(&host->call.memory, loose, RTI_FP_MAX_LOOSE);
                if (!host->call.loose)
                        return NULL;
                host->call.n_loose = RTI_FP_MAX_LOOSE;
        }
        while (n < RTI_FP_MAX_LOOSE && host->call.loose[n].used)
                n++;
        if (n == RTI_FP_MAX_LOOSE)
                return NULL;
        host->call.loose[n] = (loose){ .kind = view->kind, .used = true };
        host->call.loose[n].last = &host->call.loose[n].first;
        return (void *) (uintptr_t) (n + 1);
}

static void
destroy(void *table, void *entry)
{
        found f;

        if (find_entry(table, entry, &f) && f.loose)
                f.loose->used = false;
}

/* A place for the entry in its table; what was there is forgotten. */
static bool
make(const rti_fp_view *view, const rti_fp_data *key, found *ret_found)
{
        rti_fp_system *system = view->host->call.system;
        const rti_sys_inside *inside = system->inside;
        rti_state *state = &system->sys->state;
        rti_thread *const pinned = state->threads.pinned[RTI_PIN_HANDLER];
        rti_thread *thread;
        rti_fds *fds;

        if (view->kind == RTI_FP_THREADS)
                return (key->u64 ^ SIGN) > RTI_FP_MAX_LOOSE
                       && !inside->find(&state->threads, key->s64)
                       && inside->add(&state->threads, key->s64)
                       && find_key(view, key->u64, ret_found);
        thread = thread_of(system, view->tid);
        if (!thread || key->s64 < 0 || key->s64 > INT32_MAX)
                return false;
        state->threads.pinned[RTI_PIN_HANDLER] = thread;
        fds = inside->fds(state, thread);
        if (fds && !inside->find_fd(fds, key->s64))
                (void) inside->add_fd(&state->pool, fds, key->s64);
        state->threads.pinned[RTI_PIN_HANDLER] = pinned;
        return find_key(view, key->u64, ret_found);
}

static void *
add_entry(void *table, const rti_fp_data *key, void *entry)
{
        const rti_fp_view *view = table;
        rti_fp_column c;
        found from, to;

        if (!view->host->call.system || view->host->call.iterating
            || !find_entry(view, entry, &from) || !from.loose || !make(view, key, &to))
                return NULL;
        for (const write_later *w = from.loose->first; w; w = w->next)
                if (rti_fp_column_of(view->host, view->kind, w->column, &c))
                        (void) write_value(view, &to, &c, w->data);
        from.loose->used = false;
        if (view->kind == RTI_FP_THREADS)
                to.system->inside->set_invalid(&to.system->sys->state.threads, to.thread,
                                               to.thread->pid < 0);
        changed(to.system, to.thread);
        return (void *) (uintptr_t) to.number;
}

/* The event may still be about what is removed: then it goes when the event does. */
static bool
remove_found(const found *f)
{
        rti_sysevt *evt = &f->system->sys->evt;
        rti_state *state = &f->system->sys->state;

        if (f->fd) {
                rti_fds *fds = rti_thread_fds(f->thread);

                changed(f->system, f->thread);
                if (f->fd != evt->fd)
                        f->system->inside->remove_fd(&state->pool, fds, f->fd->num);
                else if (evt->fd_num != f->fd->num)
                        return false;
                else
                        evt->flags |= RTI_SE_REMOVE_FD;
                return true;
        }
        if (evt->thread && evt->thread != f->thread && evt->thread->leader == f->thread)
                return false;
        f->system->wrote = true;
        if (evt->thread != f->thread) {
                f->system->inside->drop(state, f->thread);
                return true;
        }
        f->system->inside->die(state, f->thread, 0);
        evt->flags |= RTI_SE_REMOVE_THREAD;
        return true;
}

static int32_t
erase(void *table, const rti_fp_data *key)
{
        const rti_fp_view *view = table;
        found f;

        if ((view->kind != RTI_FP_THREADS && view->kind != RTI_FP_FDS)
            || (view->kind == RTI_FP_FDS && key->u64 > INT32_MAX) || !find_key(view, key->u64, &f))
                return RTI_FP_FAILURE;
        return remove_found(&f) ? RTI_FP_SUCCESS : RTI_FP_FAILURE;
}

/* All but what the event is about. */
static int32_t
clear(void *table)
{
        const rti_fp_view *view = table;
        rt_falco *host = view->host;
        size_t first;
        found f;

        if (!host->call.system || (view->kind != RTI_FP_THREADS && view->kind != RTI_FP_FDS)
            || !list_entries(view, &first))
                return RTI_FP_FAILURE;
        for (size_t i = first; i < host->call.listed.n; i++)
                if (find_entry(view, host->call.listed.at[i], &f))
                        (void) remove_found(&f);
        host->call.listed.n = first;
        return RTI_FP_SUCCESS;
}

/* ---- life ---- */

void
rti_fp_system_table(rti_fp_table *table, rti_fp_view *view)
{
        table->own.table = view;
        table->reader = (rti_fp_reader_ext){ .basic = { name_of, size_of, get_entry, read_entry },
                                             .release = release,
                                             .each = each };
        table->writer = (rti_fp_writer){ clear, erase, create, destroy, add_entry, write_entry };
        table->columns = rti_fp_system_columns;
}

int
rti_fp_system_init(rt_falco *host)
{
        rti_fp_table_input input = { .name = "threads",
                                     .key_type = RTI_FP_STATE_INT64,
                                     .reader = { name_of, size_of, get_entry, read_entry },
                                     .writer = { clear, erase, create, destroy, add_entry,
                                                 write_entry },
                                     .columns = rti_fp_system_columns };
        static const rti_fp_reader_ext reader = { .basic = { name_of, size_of, get_entry,
                                                             read_entry },
                                                  .release = release,
                                                  .each = each };
        rti_fp_view *view;
        int r;

        host->self.host = host;
        host->self.calls = &host->lock;
        host->self.name = "libruntime";
        rti_arena_init(&host->self.arena, &host->allocator, 0);
        rti_arena_init(&host->call.memory, &host->allocator, RTI_FP_MAX_CALL_BYTES);
        view = RTI_NEW(&host->self.arena, rti_fp_view);
        if (!view)
                return RT_ENOMEM;
        *view = (rti_fp_view){ .host = host, .kind = RTI_FP_THREADS };
        input.table = view;
        input.reader_ext = &reader;
        r = rti_fp_columns_init(host);
        return r < 0 ? r : rti_fp_tables_add(&host->self, &input);
}

void
rti_fp_system_done(rt_falco *host)
{
        while (host->nested.n)
                rti_free(&host->allocator, host->nested.at[--host->nested.n]);
        rti_vec_done(&host->nested, &host->allocator);
        rti_vec_done(&host->call.listed, &host->allocator);
        for (size_t kind = 0; kind < RTI_FP_N_KINDS; kind++)
                rti_vec_done(&host->columns[kind], &host->allocator);
        rti_fp_wraps_free(host);
        rti_arena_done(&host->call.memory);
        rti_arena_done(&host->self.arena);
}
