/* SPDX-License-Identifier: Apache-2.0 */
/*
 * columns.c - the fields of the system's tables: which there are, and those that plug-ins add.
 *
 * A handle is a number: the table's kind and the column's place in its list. What plug-ins add is
 * there before events come, so that every entry has the same.
 */
#include "falco/system.h"
#include <stdarg.h>
#include <stdio.h>

enum { KIND_SHIFT = 16 };

typedef struct row {
        const char *name;
        rti_fp_column column;
} row;

enum { /* bit sets of kinds */
       KINDS_PIDFD = 1 << RTI_FD_PIDFD,
       KINDS_IPV4_SOCK = 1 << RTI_FD_IPV4_SOCK,
       KINDS_IPV6_SOCK = 1 << RTI_FD_IPV6_SOCK,
       KINDS_IPV4_SERVER = 1 << RTI_FD_IPV4_SERVER,
       KINDS_IPV6_SERVER = 1 << RTI_FD_IPV6_SERVER,
       KINDS_UNIX_SOCK = 1 << RTI_FD_UNIX_SOCK,
       KINDS_ANY = -1
};

#define READ_ONLY RTI_FP_READ_ONLY
#define LINKS     RTI_FP_LINKS
#define ADDABLE   RTI_FP_ADDABLE

static const row threads[] = {
#define MEMBER(member) offsetof(rti_thread, member)
#define THREAD(name, type, how, at, flags) \
        { name, { RTI_FP_STATE_##type, RTI_FP_##how, flags, at, (uint32_t) KINDS_ANY } },
#include "falco/columns.def"
#undef THREAD
#undef MEMBER
};

static const row fds[] = {
#define MEMBER(member) offsetof(rti_fd, member)
#define FD(name, type, how, at, flags, kinds) \
        { name, { RTI_FP_STATE_##type, RTI_FP_##how, flags, at, (uint32_t) KINDS_##kinds } },
#include "falco/columns.def"
#undef FD
#undef MEMBER
};

#define ELEMENT(name, type, how) \
        { name, { RTI_FP_STATE_##type, RTI_FP_##how, READ_ONLY, 0, (uint32_t) KINDS_ANY } },
static const row elements[] = {
#include "falco/columns.def"
};
#undef ELEMENT
#define CGROUP(name, type, how) \
        { name, { RTI_FP_STATE_##type, RTI_FP_##how, READ_ONLY, 0, (uint32_t) KINDS_ANY } },
static const row cgroups[] = {
#include "falco/columns.def"
};
#undef CGROUP

/* The types of known columns that stand in the extra, by their places. */
static const uint8_t thread_extras[] = { RTI_FP_STATE_INT64, RTI_FP_STATE_STRING };
static const uint8_t fd_extras[] = { RTI_FP_STATE_STRING, RTI_FP_STATE_UINT32 };

static const struct {
        const row *rows;
        size_t n;
        const uint8_t *extras;
        uint32_t n_extras;
} known[RTI_FP_N_KINDS] = {
        [RTI_FP_THREADS] = { threads, RTI_COUNT(threads), thread_extras, RTI_COUNT(thread_extras) },
        [RTI_FP_FDS] = { fds, RTI_COUNT(fds), fd_extras, RTI_COUNT(fd_extras) },
        [RTI_FP_LIST] = { elements, RTI_COUNT(elements), NULL, 0 },
        [RTI_FP_CGROUPS] = { cgroups, RTI_COUNT(cgroups), NULL, 0 },
};

int
rti_fp_columns_init(rt_falco *host)
{
        int r = RT_OK;

        for (size_t kind = 0; kind < RTI_FP_N_KINDS; kind++)
                for (size_t i = 0; i < known[kind].n && r == RT_OK; i++) {
                        const row *from = &known[kind].rows[i];
                        const rti_fp_column_info info = { from->name, from->column.type,
                                                          from->column.flags & READ_ONLY };

                        r = rti_vec_push(&host->columns[kind], &host->allocator, info,
                                         RTI_FP_MAX_COLUMNS);
                }
        return r;
}

uint32_t
rti_fp_n_extras(const rt_falco *host, enum rti_fp_kind kind)
{
        return known[kind].n_extras + (uint32_t) (host->columns[kind].n - known[kind].n);
}

uint32_t
rti_fp_extra_type(const rt_falco *host, enum rti_fp_kind kind, uint32_t at)
{
        const uint32_t n = known[kind].n_extras;

        return at < n ? known[kind].extras[at]
                      : host->columns[kind].at[known[kind].n + at - n].type;
}

bool
rti_fp_column_of(const rt_falco *host, enum rti_fp_kind kind, const void *handle,
                 rti_fp_column *ret_column)
{
        const uintptr_t number = (uintptr_t) handle;
        const uintptr_t at = (number & (((uintptr_t) 1 << KIND_SHIFT) - 1)) - 1;

        if (number >> KIND_SHIFT != (uintptr_t) kind + 1 || at >= host->columns[kind].n)
                return false;
        if (at < known[kind].n)
                *ret_column = known[kind].rows[at].column;
        else
                *ret_column = (rti_fp_column){ .type = (uint8_t) host->columns[kind].at[at].type,
                                               .how = RTI_FP_EXTRA,
                                               .at = (uint16_t) (known[kind].n_extras + at
                                                                 - known[kind].n),
                                               .kinds = (uint32_t) KINDS_ANY };
        return true;
}

/* ---- what plug-ins call ---- */

static const rti_fp_column_info *
list(void *table, uint32_t *ret_n)
{
        const rti_fp_view *view = table;

        *ret_n = (uint32_t) view->host->columns[view->kind].n;
        return view->host->columns[view->kind].at;
}

static void *
handle_of(enum rti_fp_kind kind, size_t at)
{
        return (void *) (((uintptr_t) kind + 1) << KIND_SHIFT | (at + 1));
}

/* Say why; NULL. */
__attribute__((format(printf, 2, 3))) static void *
refuse(const rti_fp_view *view, const char *format, ...)
{
        rti_fp *plugin = view->host->call.plugin;
        va_list args;

        va_start(args, format);
        if (plugin)
                vsnprintf(plugin->error, sizeof plugin->error, format, args);
        va_end(args);
        return NULL;
}

static size_t
find(const rti_fp_view *view, const char *name)
{
        size_t i = 0;

        while (i < view->host->columns[view->kind].n
               && strcmp(view->host->columns[view->kind].at[i].name, name) != 0)
                i++;
        return i;
}

static void *
get(void *table, const char *name, uint32_t type)
{
        const rti_fp_view *view = table;
        size_t at;

        if (rti_fp_text_length(name, RTI_FP_MAX_INFO_BYTES) == SIZE_MAX)
                return refuse(view, "a field needs a name");
        at = find(view, name);
        if (at == view->host->columns[view->kind].n)
                return refuse(view, "there is no field '%s'", name);
        if (view->host->columns[view->kind].at[at].type != type)
                return refuse(view, "field '%s' is of another type", name);
        return handle_of(view->kind, at);
}

static void *
add(void *table, const char *name, uint32_t type)
{
        const rti_fp_view *view = table;
        rt_falco *host = view->host;
        rti_fp_column_info info = { .type = type };
        rt_str copy;
        size_t at;

        if (rti_fp_text_length(name, RTI_FP_MAX_INFO_BYTES) == SIZE_MAX || !*name)
                return refuse(view, "a field needs a name");
        at = find(view, name);
        if (at < known[view->kind].n && known[view->kind].rows[at].column.flags & ADDABLE)
                return get(table, name, type);
        if (at < known[view->kind].n)
                return refuse(view, "field '%s' is there from the beginning", name);
        if (at < host->columns[view->kind].n)
                return get(table, name, type);
        if (host->attached || (view->kind != RTI_FP_THREADS && view->kind != RTI_FP_FDS))
                return refuse(view,
                              "field '%s' can only be added to threads and descriptors, and "
                              "in init",
                              name);
        copy = rti_arena_copy(&host->self.arena, rti_str_of(name));
        info.name = copy.ptr;
        if (!copy.ptr
            || rti_vec_push(&host->columns[view->kind], &host->allocator, info,
                            known[view->kind].n + RTI_FP_MAX_ADDED)
                       < 0)
                return refuse(view, "no room for field '%s'", name);
        return handle_of(view->kind, at);
}

const rti_fp_columns rti_fp_system_columns = { list, get, add };
