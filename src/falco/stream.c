/* SPDX-License-Identifier: Apache-2.0 */
/*
 * stream.c - plug-ins with event sourcing and no source of their own: they make system calls.
 *
 *   in   "plugin:NAME" or "plugin:NAME:PARAMS"; the plug-in's batches
 *   out  the bytes of a capture, as of a live reader: what runs on this machine, then the events
 *
 * All that comes behind, tables, parsers and rules, is the source's, as with any capture (0006).
 * Threads that an event is about and that nothing was told of are looked up in /proc. Where events
 * are another machine's, nothing of this one is told.
 */
#include "falco/stream.h"
#include "live/head.h"
#include "sources/syscall/codes.h"
#include "sources/syscall/scap/scap.h"
#include <time.h>

enum {
        BATCH_BYTES = 256 * 1024, /* a longer batch is read in pieces */
        MOST_TIDS = 1 << 22       /* of Linux: pid_max can be no more */
};

typedef struct stream {
        rti_fp_input open;
        const rt_allocator *allocator;
        cap_out out;
        size_t given; /* of `out`, to whoever reads */
        uint64_t malformed, gone;
        bool finishing;
        /* Of this machine; NULL: events are another one's. */
        procfs *proc;
        procfs_texts *texts;
        uint64_t *told; /* bit set of threads */
} stream;

static const char prefix[] = "plugin:";

/* ---- threads ---- */

static bool
is_tid(int64_t tid)
{
        return tid > 0 && tid < MOST_TIDS;
}

static bool
is_told(const stream *s, int64_t tid)
{
        return s->told[tid / 64] >> tid % 64 & 1;
}

static void
tell(stream *s, int64_t tid, bool told)
{
        const uint64_t bit = (uint64_t) 1 << tid % 64;

        s->told[tid / 64] = (s->told[tid / 64] & ~bit) | (told ? bit : 0);
}

static int
on_listed(void *context, rti_proc_entry *entry, uint64_t start_ticks)
{
        (void) start_ticks;
        if (is_tid(entry->tid))
                tell(context, entry->tid, true);
        return RT_OK;
}

/* Is it the first event of a thread, which returns 0 from the call that made it? */
static bool
is_birth(const rti_fp_event *event)
{
        const char *lengths = (const char *) (event + 1);
        uint16_t len = 0;
        int64_t result = -1;

        if (event->n_params)
                memcpy(&len, lengths, sizeof len);
        if (len == sizeof result)
                memcpy(&result, lengths + event->n_params * sizeof len, sizeof result);
        return result == 0;
}

/* Is what /proc says of the event's thread to be told? A thread's first event tells of it; one that
 * ends is gone, and its number another's. */
static bool
is_wanted(stream *s, const rti_fp_event *event)
{
        switch (event->type) {
        case RTI_EV_PROCEXIT_1_E:
                tell(s, (int64_t) event->tid, false);
                return false;
        case RTI_EV_SYSCALL_CLONE_20_X:
        case RTI_EV_SYSCALL_FORK_20_X:
        case RTI_EV_SYSCALL_VFORK_20_X:
        case RTI_EV_SYSCALL_CLONE3_X:
                if (is_birth(event))
                        tell(s, (int64_t) event->tid, true);
                return false;
        case RTI_EV_SCHEDSWITCH_6_E:
                return false;
        default:
                return !is_told(s, (int64_t) event->tid)
                       && !(rti_events[event->type].origin & RTI_EO_METAEVENT);
        }
}

/* What /proc says of the event's thread that was not told before, as an option of the event. */
static void
put_thread(stream *s, const rti_fp_event *event)
{
        const int64_t tid = (int64_t) event->tid;
        rti_proc_entry entry = { .tid = tid };
        size_t at;

        if (!is_wanted(s, event))
                return;
        tell(s, tid, true);
        rti_procfs_parse_status(rti_procfs_read(s->proc, "%lld/status", (long long) tid), &entry);
        if (rti_procfs_thread(s->proc, entry.pid, tid, s->texts, &entry) < 0) {
                s->gone++;
                return;
        }
        at = rti_cap_opt_begin(&s->out, RTI_SCAP_OPT_PROCESS);
        rti_cap_process(&s->out, &entry);
        rti_cap_opt_end(&s->out, at);
        rti_cap_opts_end(&s->out);
}

/* ---- events ---- */

static void
put_event(stream *s, const rti_fp_event *event)
{
        const bool large = rti_events[event->type].flags & RTI_EF_LARGE_PAYLOAD;
        const size_t block = rti_cap_block_begin(&s->out, large ? CAP_EVENT_LARGE : CAP_EVENT);
        rti_fp_event header = *event;

        if (header.time_ns == UINT64_MAX)
                header.time_ns = rti_fp_now_ns();
        cap_u16(&s->out, 0); /* of no processor that is known */
        rti_cap_put(&s->out, &header, sizeof header);
        rti_cap_put(&s->out, event + 1, event->len - sizeof header);
        if (s->proc && is_tid((int64_t) event->tid))
                put_thread(s, event);
        rti_cap_block_end(&s->out, block);
}

/* The batch's next events. */
static void
put_events(stream *s)
{
        rti_fp_input *in = &s->open;

        while (in->next < in->n && s->out.len < BATCH_BYTES) {
                const rti_fp_event *event = in->batch[in->next++];
                const int lie = rti_fp_check_call(event);

                if (lie == RTI_FP_FINE) {
                        put_event(s, event);
                } else {
                        rti_fp_lied(in->plugin, (enum rti_fp_lie) lie);
                        s->malformed++;
                }
        }
}

static void
wait_for(uint64_t ns)
{
        const struct timespec while_ = { .tv_nsec = (long) ns };

        if (ns)
                (void) nanosleep(&while_, NULL);
}

/* What comes behind the last batch: RT_OK: another one, RT_EOF, RT_EIO. */
static int
go_on(stream *s)
{
        switch (s->open.result) {
        case RTI_FP_SUCCESS:
        case RTI_FP_TIMEOUT:
                return s->finishing ? RT_EOF : RT_OK;
        case RTI_FP_EOF:
                return RT_EOF;
        default:
                rti_fp_input_failed(&s->open, "next_batch");
                return RT_EIO;
        }
}

/* RT_OK: there are bytes, RT_EAGAIN, RT_EOF, RT_EIO, RT_ENOMEM. */
static int
refill(stream *s)
{
        int r = RT_OK;

        s->out.len = s->given = 0;
        put_events(s);
        while (!s->out.len && (r = go_on(s)) == RT_OK) {
                wait_for(s->open.wait_ns);
                rti_fp_input_fetch(&s->open);
                if (!s->open.n && s->open.result <= RTI_FP_SUCCESS)
                        return RT_EAGAIN;
                put_events(s);
        }
        return s->out.failed ? RT_ENOMEM : s->out.len ? RT_OK : r;
}

/* ---- life ---- */

static void
stream_close(void *state)
{
        stream *s = state;

        rti_fp_input_close(&s->open);
        if (s->proc)
                rti_procfs_done(s->proc);
        rti_free(s->allocator, s->proc);
        rti_free(s->allocator, s->texts);
        rti_free(s->allocator, s->told);
        rti_cap_out_done(&s->out);
        rti_free(s->allocator, s);
}

/* The plug-in that a name means, and what is behind it. */
static rti_fp *
find(const rt_falco *host, const char *name, const char **ret_params)
{
        for (size_t i = 0; i < host->plugins.n; i++) {
                rti_fp *plugin = host->plugins.at[i];
                const size_t len = strlen(plugin->name);

                if (!rti_fp_makes_calls(plugin) || strncmp(name, plugin->name, len) != 0
                    || (name[len] && name[len] != ':'))
                        continue;
                *ret_params = name[len] ? name + len + 1 : "";
                return plugin;
        }
        return NULL;
}

/* Read what runs here, for the beginning. */
static int
put_machine(stream *s)
{
        int r;

        s->proc = rti_calloc(s->allocator, 1, sizeof *s->proc);
        s->texts = rti_calloc(s->allocator, 1, sizeof *s->texts);
        s->told = rti_calloc(s->allocator, MOST_TIDS / 64, sizeof *s->told);
        if (!s->proc || !s->texts || !s->told)
                return RT_ENOMEM;
        r = rti_procfs_init(s->proc, "/proc");
        s->proc->listed = on_listed;
        s->proc->listed_context = s;
        return r < 0 ? r : live_put_head(s->proc, &s->out);
}

/* The plug-in first: what happens from now on it tells, and what was before stands in the lists. */
static int
begin(stream *s, const char *params)
{
        const cap_machine elsewhere = { .cpus = 1 };
        int r = rti_fp_input_open(&s->open, params);

        if (r < 0)
                return r;
        if (!s->open.plugin->elsewhere)
                return put_machine(s);
        rti_cap_head(&s->out, &elsewhere);
        return s->out.failed ? RT_ENOMEM : RT_OK;
}

static int
stream_open(void *user, const char *path, void **ret_state)
{
        const rt_falco *host = user;
        const char *params;
        rti_fp *plugin;
        stream *s;
        int r;

        if (strncmp(path, prefix, sizeof prefix - 1) != 0)
                return RT_ENOENT;
        plugin = find(host, path + sizeof prefix - 1, &params);
        if (!plugin)
                return RT_EINVAL;
        s = rti_calloc(&host->allocator, 1, sizeof *s);
        if (!s)
                return RT_ENOMEM;
        s->allocator = &host->allocator;
        s->open.plugin = plugin;
        r = begin(s, params);
        if (r < 0) {
                stream_close(s);
                return r;
        }
        *ret_state = s;
        return RT_OK;
}

static int64_t
stream_read(void *state, void *buffer, size_t size_bytes)
{
        stream *s = state;
        size_t n;

        if (s->given == s->out.len) {
                const int r = refill(s);

                if (r < 0)
                        return r == RT_EOF ? 0 : r;
        }
        n = s->out.len - s->given;
        n = n < size_bytes ? n : size_bytes;
        memcpy(buffer, s->out.ptr + s->given, n);
        s->given += n;
        return (int64_t) n;
}

static int
stream_finish(void *state)
{
        ((stream *) state)->finishing = true;
        return RT_OK;
}

static int
stream_loss(void *state, size_t index, rt_loss *ret_loss)
{
        const stream *s = state;
        const rt_loss rows[] = {
                { .cause = "malformed events of the plug-in",
                  .count = s->malformed,
                  .kind = RT_LOSS_EVENT },
                { .cause = "thread gone when looked up", .count = s->gone, .kind = RT_LOSS_FACT },
                { .cause = "the plug-in's process has ended",
                  .count = s->open.ended,
                  .kind = RT_LOSS_BLIND },
        };

        if (index >= RTI_COUNT(rows) - !s->open.plugin->proxy)
                return RT_ENOENT;
        *ret_loss = rows[index];
        ret_loss->part = "";
        ret_loss->size = sizeof *ret_loss;
        return RT_OK;
}

int
rti_fp_stream_attach(rt_falco *host, rt_engine *engine, const rti_fp_message *message)
{
        const rt_reader_ops reader = { .size = sizeof reader,
                                       .name = "plugin",
                                       .open_with = stream_open,
                                       .user = host,
                                       .read = stream_read,
                                       .close = stream_close,
                                       .finish = stream_finish,
                                       .loss = stream_loss };
        bool any = false;
        int r;

        for (size_t i = 0; i < host->plugins.n; i++)
                any = any || rti_fp_makes_calls(host->plugins.at[i]);
        if (!any)
                return RT_OK;
        r = rt_engine_add_reader(engine, &reader);
        return r < 0 ? rti_fp_fail(message, r, "cannot add a reader of plug-ins' system calls: %s",
                                   rt_status_name(r))
                     : RT_OK;
}
