/* SPDX-License-Identifier: Apache-2.0 */
/* inputs.c - open inputs, each on a thread of its own, since a plug-in may wait in next_batch. */
#include "server.h"

/* A batch is given in pieces of about this size. */
enum { PIECE_BYTES = 1024 * 1024 };

static void
list_input(open_input *in)
{
        server *s = in->server;

        pthread_mutex_lock(&s->inputs_lock);
        in->id = ++s->last_id;
        in->next = s->inputs;
        s->inputs = in;
        pthread_mutex_unlock(&s->inputs_lock);
}

static void
unlist_input(open_input *in)
{
        server *s = in->server;
        open_input **at;

        pthread_mutex_lock(&s->inputs_lock);
        for (at = &s->inputs; *at != in; at = &(*at)->next)
                ;
        *at = in->next;
        pthread_mutex_unlock(&s->inputs_lock);
}

/* ---- batches ---- */

static void
read_wants(open_input *in, rti_fi_reader *from)
{
        rti_fi_reader kept = *from;

        rti_free(&rti_alloc_default, in->keys);
        in->wants.n = 0;
        in->keys = rti_alloc(&rti_alloc_default, from->left + 1);
        if (!in->keys)
                return;
        memcpy(in->keys, from->at, from->left);
        kept.at = in->keys;
        wants_read(&in->wants, &kept);
}

/* The event, its number, and its values; those of one that is refused are not asked for, and what
 * is left to the host is filled in before they are. */
static void
put_event(open_input *in, rti_fp_event *event, rti_fi_writer *w)
{
        rti_fp *plugin = in->server->plugin;
        rti_fi_writer head = *w;
        rti_fp_event_input shown = { event, in->number, plugin->source };
        bool fine;
        rt_str payload;
        uint32_t len;
        size_t behind;

        rti_fp_enter(plugin);
        fine = rti_fp_check_event(plugin, event, &payload) == RTI_FP_FINE;
        len = !event ? RTI_FI_NULL
              : event->len < RTI_FP_HEADER_BYTES || event->len > RTI_FP_MAX_EVENT_BYTES
                      ? RTI_FP_HEADER_BYTES
                      : event->len;
        rti_fi_put_u32(w, len);
        rti_fi_put_u32(w, 0);
        rti_fi_put_u64(w, fine ? in->number : 0);
        rti_fi_put(w, event, event ? len : 0);
        behind = w->used;
        if (fine && in->wants.n && !w->full)
                values_put(plugin, &shown, &in->wants, w);
        rti_fp_leave(plugin);
        if (w->full && behind > head.used) {
                w->full = false;
                w->used = behind;
        }
        in->number += fine;
        rti_fi_put_u32(&head, len);
        rti_fi_put_u32(&head, (uint32_t) (w->used - behind));
}

static void
put_piece(open_input *in, rti_fi_writer *w)
{
        rti_fi_writer head = *w;
        const uint32_t first = in->given;
        const bool readable = in->events && in->n <= RTI_FP_MAX_BATCH_EVENTS;

        rti_fi_put_u32(w, 0);
        rti_fi_put_u32(w, 0);
        rti_fi_put_u32(w, 0);
        rti_fi_put_u64(w, 0);
        while (readable && in->given < in->n && (in->given == first || w->used < PIECE_BYTES))
                put_event(in, in->events[in->given++], w);
        rti_fi_put_u32(&head, in->n);
        rti_fi_put_u32(&head, in->events != NULL);
        rti_fi_put_u32(&head, in->given - first);
        rti_fi_put_u64(&head, in->number);
        if (!readable)
                in->given = in->n;
}

static void
answer_next(request *r)
{
        open_input *in = r->input;
        rti_fp *plugin = r->server->plugin;

        in->number = rti_fi_get_u64(&r->in);
        if (r->head.flags & RTI_FI_WANTS)
                read_wants(in, &r->in);
        if (in->given == in->n) {
                in->events = NULL;
                in->n = in->given = 0;
                in->result = plugin->api.next_batch(plugin->state, in->handle, &in->n, &in->events);
        }
        put_piece(in, &r->out);
        r->rc = in->result;
        r->flags = in->given < in->n ? RTI_FI_MORE : 0;
}

/* ---- life ---- */

static void
close_input(open_input *in)
{
        rti_fp *plugin = in->server->plugin;

        rti_fp_enter(plugin);
        plugin->api.close(plugin->state, in->handle);
        rti_fp_leave(plugin);
}

static void *
run_input(void *user)
{
        open_input *in = user;
        request r = { .last = false };

        while (request_read(&r, in->server, in, &in->channel)) {
                r.last = r.head.function == RTI_FI_CLOSE;
                if (!r.last) {
                        answer_next(&r);
                        request_answer(&r);
                        continue;
                }
                close_input(in);
                r.rc = RTI_FP_SUCCESS;
                break;
        }
        if (!r.last)
                close_input(in);
        unlist_input(in);
        if (r.last)
                request_answer(&r);
        rti_fi_channel_done(&in->channel, NULL);
        rti_free(&rti_alloc_default, in->keys);
        rti_free(&rti_alloc_default, in);
        return NULL;
}

/* The channel that came with the request. */
static open_input *
make_input(request *r, void *handle)
{
        open_input *in = rti_calloc(&rti_alloc_default, 1, sizeof *in);

        if (!in)
                return NULL;
        if (r->n_fds == 2) {
                r->n_fds = 0;
                if (rti_fi_channel_join(&in->channel, r->fds[0], r->fds[1]) == RT_OK) {
                        in->server = r->server;
                        in->handle = handle;
                        return in;
                }
        }
        rti_free(&rti_alloc_default, in);
        return NULL;
}

static bool
start_input(request *r, void *handle)
{
        open_input *in = make_input(r, handle);
        pthread_attr_t detached;
        pthread_t thread;
        bool started = false;

        if (!in)
                return false;
        list_input(in);
        rti_fi_put_u64(&r->out, in->id);
        if (pthread_attr_init(&detached) == 0) {
                pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
                started = pthread_create(&thread, &detached, run_input, in) == 0;
                pthread_attr_destroy(&detached);
        }
        if (!started) {
                unlist_input(in);
                rti_fi_channel_done(&in->channel, NULL);
                rti_free(&rti_alloc_default, in);
        }
        return started;
}

void
answer_open(request *r)
{
        rti_fp *plugin = r->server->plugin;
        const rt_str params = rti_fi_get_text(&r->in);
        void *handle;

        rti_fp_enter(plugin);
        handle = plugin->api.open(plugin->state, params.ptr, &r->rc);
        if (handle && start_input(r, handle)) {
                r->flags = RTI_FI_ON;
        } else if (handle) {
                plugin->api.close(plugin->state, handle);
                r->rc = RTI_FP_FAILURE;
        }
        rti_fp_leave(plugin);
}

void
answer_progress(request *r)
{
        rti_fp *plugin = r->server->plugin;
        const uint64_t id = rti_fi_get_u64(&r->in);
        const char *text = NULL;
        uint32_t part = 0;

        rti_fp_enter(plugin);
        pthread_mutex_lock(&r->server->inputs_lock);
        for (const open_input *in = r->server->inputs; in; in = in->next)
                if (in->id == id)
                        text = plugin->api.get_progress(plugin->state, in->handle, &part);
        pthread_mutex_unlock(&r->server->inputs_lock);
        rti_fi_put_u32(&r->out, part);
        rti_fi_put_plain(&r->out, text, RTI_FP_MAX_INFO_BYTES);
        rti_fp_leave(plugin);
        r->rc = RTI_FP_SUCCESS;
}
