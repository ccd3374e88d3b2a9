/* SPDX-License-Identifier: Apache-2.0 */
/*
 * reader.c - the running machine as an input: its lists first, then its events as they come.
 *
 * The programs are attached before the lists are read, so that nothing falls between the two: what
 * happens meanwhile waits in the rings, and is told behind the lists.
 */
#include "live/filter.h"
#include "live/head.h"
#include "live/hosts.h"
#include "live/iter.h"
#include "live/losses.h"
#include "live/scope.h"
#include "live/stream.h"
#include <libruntime-live/live.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { WAIT_MS = 50, BATCH_BYTES = 1 << 20, MOST_WAIT_MS = 10000 };
enum { HELD_NS = 10 * 1000 * 1000 }; /* between looks at what is waited for */

typedef struct reader {
        rti_live *live;
        procfs proc;
        live_stream stream;
        live_containers containers;
        live_facts facts; /* of threads that run already, while they are listed */
        live_hosts *hosts;
        uint64_t last_ns; /* of the last record, since boot */
        live_filters filters;
        cap_out out;
        size_t given; /* bytes of it that were read */
        bool filter;
        bool finishing; /* nothing is made any more: what waits is read to its end */
        bool held;      /* the next record waits for what a runtime has not written yet */
        live_losses losses;
} reader;

static const char prefix[] = "kernel:";

/* ---- options ---- */

typedef struct choice {
        rti_live_options options;
        live_scope scope;
        live_container_options containers;
        bool filter;
} choice;

static bool
take_number(const char *text, uint64_t *ret_number)
{
        char *end;

        if (*text < '0' || *text > '9')
                return false;
        *ret_number = strtoull(text, &end, 10);
        return *end == '\0';
}

static bool
take_switch(const char *text, bool *ret_on)
{
        *ret_on = strcmp(text, "off") != 0;
        return !*ret_on || strcmp(text, "on") == 0;
}

static bool
take_scope(const char *key, uint64_t number, choice *c)
{
        static const struct {
                const char *key;
                uint32_t kind;
        } scopes[] = { { "tree", RTI_SCOPE_TREE },
                       { "pidns", RTI_SCOPE_PIDNS },
                       { "mntns", RTI_SCOPE_MNTNS },
                       { "cgroup", RTI_SCOPE_CGROUP } };

        for (size_t i = 0; i < RTI_COUNT(scopes); i++)
                if (strcmp(key, scopes[i].key) == 0) {
                        c->scope.kind = scopes[i].kind;
                        c->scope.id = number;
                        return true;
                }
        return false;
}

/* Where runtimes keep their files. */
static bool
take_root(const char *key, const char *value, choice *c)
{
        static const char *const keys[LIVE_RUNTIMES] = { [LIVE_DOCKER] = "docker",
                                                         [LIVE_CONTAINERD] = "containerd",
                                                         [LIVE_STORAGE] = "storage",
                                                         [LIVE_RUNC] = "runc" };

        for (int i = 0; i < LIVE_RUNTIMES; i++)
                if (strcmp(key, keys[i]) == 0 && strlen(value) < LIVE_ROOT_ROOM) {
                        memcpy(c->containers.root[i], value, strlen(value) + 1);
                        return true;
                }
        return false;
}

static bool
take_option(char *text, choice *c)
{
        char *value = strchr(text, '=');
        uint64_t number;

        if (!value)
                return false;
        *value++ = '\0';
        if (strcmp(text, "filter") == 0)
                return take_switch(value, &c->filter);
        if (strcmp(text, "ancestors") == 0)
                return take_switch(value, &c->scope.ancestors);
        if (take_root(text, value, c))
                return true;
        if (!take_number(value, &number))
                return false;
        if (strcmp(text, "wait_ms") == 0 && number <= MOST_WAIT_MS) {
                c->containers.wait_ms = (uint32_t) number;
                return true;
        }
        if (strcmp(text, "snaplen") == 0 && number <= UINT16_MAX) {
                c->options.snaplen = (uint32_t) number;
                return true;
        }
        if (strcmp(text, "ring") == 0 && number <= 1u << 30) {
                c->options.bulk_bytes = (uint32_t) number;
                return true;
        }
        return take_scope(text, number, c);
}

static int
take_options(const char *path, choice *c)
{
        char *text = strdup(path), *rest = text, *one;
        int r = text ? RT_OK : RT_ENOMEM;

        while (r == RT_OK && (one = strsep(&rest, ",")))
                if (*one && !take_option(one, c))
                        r = RT_EINVAL;
        free(text);
        return r;
}

/* ---- life ---- */

static void
reader_close(void *state)
{
        reader *r = state;

        if (!r)
                return;
        rti_live_close(r->live);
        live_hosts_done(r->hosts);
        live_stream_done(&r->stream);
        live_containers_done(&r->containers);
        live_facts_done(&r->facts);
        rti_procfs_done(&r->proc);
        rti_cap_out_done(&r->out);
        free(r);
}

static int
take_cgroups(void *context, int64_t pid, rt_str cgroups)
{
        reader *r = context;

        return live_stream_listed_cgroups(&r->stream, pid, cgroups);
}

/* Everything that was listed is known to the reader of the stream. */
static int
take_listed(void *context, rti_proc_entry *entry, uint64_t start_ticks)
{
        reader *r = context;
        const struct rti_task_facts *task =
                live_facts_find(&r->facts, entry->tid, start_ticks, r->proc.ns_per_tick);

        if (!task)
                return live_stream_listed(&r->stream, entry->tid);
        live_facts_merge(task, entry);
        return live_stream_identified(&r->stream, entry->tid, task->start_ns, task->exec_id);
}

static bool
is_wanted(void *context, int64_t pid)
{
        return live_scope_has(context, pid);
}

/* The lists: of what is watched, not of the whole machine. */
static int
put_head(reader *r, const choice *c)
{
        live_scope scope = c->scope;
        int rc = live_scope_fill(&scope, &r->proc);

        r->proc.wanted = is_wanted;
        r->proc.wanted_context = &scope;
        if (rc == RT_OK)
                rc = live_put_head(&r->proc, &r->out);
        r->proc.wanted = NULL;
        live_scope_done(&scope);
        return rc;
}

static int
begin_lists(reader *r, const choice *c)
{
        int rc = rti_procfs_init(&r->proc, "/proc");

        if (rc == RT_OK)
                rc = live_stream_init(&r->stream, &r->proc, LIVE_KNOWN_TASKS);
        if (rc == RT_OK)
                rc = live_containers_init(&r->containers, &c->containers, r->proc.root);
        if (rc < 0)
                return rc;
        r->stream.containers = &r->containers;
        r->last_ns = r->stream.listed_ns;
        r->proc.listed = take_listed;
        r->proc.cgroups = take_cgroups;
        r->proc.listed_context = r;
        /* Without them /proc has to do. */
        rc = live_facts_read(&r->facts) == RT_ENOMEM ? RT_ENOMEM : put_head(r, c);
        live_facts_done(&r->facts);
        rti_cap_put(&r->out, r->stream.news.ptr, r->stream.news.len);
        r->stream.news.len = 0;
        return rc;
}

static int
begin(reader *r, const choice *c)
{
        rti_live_probe probe;
        int rc = rti_live_open(&c->options, &probe, &r->live);

        if (rc < 0)
                return rc == RT_ENOMEM ? rc : RT_EIO;
        r->filters.live = r->live;
        rti_live_ignore(r->live, (uint32_t) getpid());
        if (c->scope.kind) {
                rti_live_set_scope(r->live, c->scope.kind);
                rc = rti_live_scope_add(r->live, c->scope.kind, c->scope.id);
        }
        if (rc >= 0)
                rc = rti_live_start(r->live);
        if (rc < 0)
                return RT_EIO;
        return begin_lists(r, c);
}

static int
reader_open(const char *path, void **ret_state)
{
        choice c = { .scope.ancestors = true, .filter = true };
        reader *r;
        int rc;

        if (strncmp(path, prefix, sizeof prefix - 1) != 0)
                return RT_ENOENT;
        live_container_defaults(&c.containers);
        rc = take_options(path + sizeof prefix - 1, &c);
        if (rc < 0)
                return rc;
        r = calloc(1, sizeof *r);
        if (!r)
                return RT_ENOMEM;
        r->filter = c.filter;
        rc = begin(r, &c);
        if (rc < 0) {
                reader_close(r);
                return rc;
        }
        *ret_state = r;
        return RT_OK;
}

/* ---- what rules ask for ---- */

static int
reader_demand(void *state, const rt_demand *demand)
{
        reader *r = state;

        live_filters_set(&r->filters, demand, r->filter);
        return live_hosts_ask(&r->hosts, demand);
}

/* ---- bytes ---- */

static int
take_record(const struct rti_record *record, void *context)
{
        reader *r = context;

        if (r->out.len > BATCH_BYTES)
                return 1;
        /* A record that is damaged is not worth stopping for: it is counted. */
        r->last_ns = record->time_ns;
        r->held = live_stream_put(&r->stream, record, &r->out) == RT_EAGAIN;
        return r->held;
}

static int64_t
reader_read(void *state, void *buffer, size_t size_bytes)
{
        reader *r = state;
        size_t n;
        int rc;

        if (r->given == r->out.len) {
                r->out.len = r->given = 0;
                live_hosts_put(r->hosts, r->stream.boot_ns + r->last_ns, &r->out);
                rc = rti_live_drain(r->live, WAIT_MS, take_record, r);
                if (rc < 0)
                        return rc;
                if (r->out.failed)
                        return RT_ENOMEM;
                if (!r->out.len && r->held)
                        (void) nanosleep(&(struct timespec){ .tv_nsec = HELD_NS }, NULL);
                if (!r->out.len)
                        return r->finishing && rc == 0 && !r->held ? 0 : RT_EAGAIN;
        }
        n = r->out.len - r->given;
        n = n < size_bytes ? n : size_bytes;
        memcpy(buffer, r->out.ptr + r->given, n);
        r->given += n;
        return (int64_t) n;
}

static int
reader_finish(void *state)
{
        reader *r = state;

        rti_live_stop(r->live);
        r->finishing = true;
        return RT_OK;
}

static int
reader_loss(void *state, size_t index, rt_loss *ret_loss)
{
        reader *r = state;
        int rc = RT_OK;

        if (index == 0)
                rc = live_losses_count(&r->losses, &r->stream, r->live);
        return rc < 0 ? rc : live_losses_row(&r->losses, index, ret_loss);
}

static const rt_reader_ops live_reader = {
        .size = sizeof(rt_reader_ops),
        .name = "kernel",
        .open = reader_open,
        .read = reader_read,
        .close = reader_close,
        .demand = reader_demand,
        .loss = reader_loss,
        .finish = reader_finish,
};

const rt_reader_ops *
rt_live_reader(void)
{
        return &live_reader;
}

int
rt_live_check(char *message, size_t room)
{
        const rti_live_options defaults = { 0 };
        rti_live_probe probe = { 0 };
        rti_live *live = NULL;
        const int rc = rti_live_open(&defaults, &probe, &live);

        rti_live_close(live);
        if (room)
                snprintf(message, room, "%s", probe.message);
        return rc == RT_OK || rc == RT_ENOMEM ? rc : RT_EIO;
}
