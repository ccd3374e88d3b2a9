/* SPDX-License-Identifier: Apache-2.0 */
/*
 * batch.c - inputs of a plug-in that has a process of its own.
 *
 *   in   open, next_batch, close
 *   out  a batch in our own memory, with the values that most of its events will be asked for
 *
 * Each open input has a channel of its own, so that inputs do not wait for each other. A batch that
 * is larger than an exchange should be comes in pieces.
 */
#include "falco/isolate/proxy.h"
#include <unistd.h>

/* ---- open and close ---- */

static void
drop_channel(rti_fi_instance *in)
{
        rti_fi_channel_done(&in->channel, &in->proxy->plugin->host->allocator);
        rti_fi_process_unref(in->process);
        in->process = NULL;
}

/* Ask the process to open it. RT_OK with the plug-in's result, whether there is an instance. The
 * caller has entered. */
static int
ask_open(rti_fi_instance *in, int32_t *ret_rc, bool *ret_some)
{
        rti_fi_proxy *x = in->proxy;
        rti_fi_call call = rti_fi_control(x, RTI_FI_OPEN);
        int other, fds[2], r = rti_fi_channel_make(&in->channel, &other);

        if (r < 0)
                return r;
        fds[0] = other;
        fds[1] = in->channel.memory;
        call.fds = fds;
        call.n_fds = 2;
        rti_fi_put_plain(&call.out, in->params, RTI_FP_MAX_JSON_BYTES);
        r = rti_fi_control_ask(x, &call);
        close(other);
        in->process = x->process;
        rti_fi_process_ref(x->process);
        *ret_rc = call.rc;
        *ret_some = r == RT_OK && call.flags & RTI_FI_ON;
        in->id = r == RT_OK ? rti_fi_get_u64(&call.in) : 0;
        if (!*ret_some)
                drop_channel(in);
        in->version = 0;
        in->number = 1;
        in->drift = 0;
        return r;
}

static void
free_instance(rti_fi_instance *in)
{
        const rt_allocator *allocator = &in->proxy->plugin->host->allocator;

        rti_free(allocator, in->params);
        rti_free(allocator, in->events);
        rti_free(allocator, in->values);
        rti_free(allocator, in);
}

static rti_fi_instance *
make_instance(rti_fi_proxy *x, const char *params)
{
        const rt_allocator *allocator = &x->plugin->host->allocator;
        const size_t len = strlen(params) + 1;
        rti_fi_instance *in = rti_calloc(allocator, 1, sizeof *in);

        if (!in)
                return NULL;
        in->proxy = x;
        in->params = rti_alloc(allocator, len);
        if (!in->params) {
                rti_free(allocator, in);
                return NULL;
        }
        memcpy(in->params, params, len);
        return in;
}

void *
rti_fi_open(void *state, const char *params, int32_t *ret_rc)
{
        rti_fi_proxy *x = state;
        rti_fi_instance *in;
        bool some = false;
        int r;

        *ret_rc = RTI_FP_FAILURE;
        if (!rti_fi_enter(x))
                return NULL;
        in = make_instance(x, params);
        r = in ? ask_open(in, ret_rc, &some) : RT_ENOMEM;
        rti_fi_leave(x);
        if (in && (r < 0 || !some)) {
                free_instance(in);
                in = NULL;
        }
        if (r < 0)
                *ret_rc = RTI_FP_FAILURE;
        if (in) {
                in->next = x->instances;
                x->instances = in;
        }
        return in;
}

void
rti_fi_close(void *state, void *handle)
{
        rti_fi_proxy *x = state;
        rti_fi_instance *in = handle, **at;

        for (at = &x->instances; *at != in; at = &(*at)->next)
                ;
        *at = in->next;
        if (in->process) {
                rti_fi_call call = rti_fi_call_of(&in->channel, RTI_FI_CLOSE);

                (void) rti_fi_ask(in->process, &in->channel, &call);
                drop_channel(in);
        }
        free_instance(in);
}

/* Its process is gone. RTI_FP_TIMEOUT: it was opened anew, or will be. */
static int32_t
open_again(rti_fi_instance *in)
{
        rti_fi_proxy *x = in->proxy;
        int32_t rc = RTI_FP_FAILURE;
        bool some = false;
        int r;

        if (!(x->flags & RT_FALCO_REOPENED))
                return RTI_FP_FAILURE;
        if (in->process)
                drop_channel(in);
        if (!rti_fi_enter(x))
                return rti_fi_has_hope(x) ? RTI_FP_TIMEOUT : RTI_FP_FAILURE;
        r = ask_open(in, &rc, &some);
        rti_fi_leave(x);
        if (r == RT_EIO)
                return rti_fi_has_hope(x) ? RTI_FP_TIMEOUT : RTI_FP_FAILURE;
        return r == RT_OK && some && rc == RTI_FP_SUCCESS ? RTI_FP_TIMEOUT : RTI_FP_FAILURE;
}

/* ---- batches ---- */

static bool
make_room(rti_fi_instance *in, size_t n)
{
        const rt_allocator *allocator = &in->proxy->plugin->host->allocator;
        rti_fp_event **events;
        rti_fi_values *values;

        if (n <= in->room)
                return true;
        events = rti_realloc(allocator, in->events, n, sizeof *events);
        if (!events)
                return false;
        in->events = events;
        values = rti_realloc(allocator, in->values, n, sizeof *values);
        if (!values)
                return false;
        in->values = values;
        in->room = n;
        return true;
}

/* One event, and its values. An event's length is what it says, or it says what no event has. */
static void
read_event(rti_fi_reader *in, rti_fp_event **ret_event, rti_fi_values *values)
{
        const uint32_t event_len = rti_fi_get_u32(in), values_len = rti_fi_get_u32(in);
        rti_fp_event header;
        const char *at;

        values->number = rti_fi_get_u64(in);
        at = rti_fi_get(in, event_len == RTI_FI_NULL ? 0 : event_len);
        values->at = rti_fi_get(in, values_len);
        values->len = values_len;
        *ret_event = NULL;
        if (event_len == RTI_FI_NULL || in->bad)
                return;
        if (event_len < RTI_FP_HEADER_BYTES) {
                in->bad = true;
                return;
        }
        memcpy(&header, at, sizeof header);
        if (header.len != event_len && header.len >= RTI_FP_HEADER_BYTES
            && header.len <= RTI_FP_MAX_EVENT_BYTES)
                in->bad = true;
        *ret_event = (rti_fp_event *) (uintptr_t) at;
}

/* What came becomes a batch. False: it cannot be one. */
static bool
read_batch(rti_fi_instance *in, rti_fi_call *call, uint32_t *ret_n, rti_fp_event ***ret_events)
{
        rti_fi_reader *from = &call->in;
        const uint32_t n = rti_fi_get_u32(from), some = rti_fi_get_u32(from),
                       here = rti_fi_get_u32(from);
        size_t valid = 0;

        in->number = rti_fi_get_u64(from);
        /* 16 bytes there are of each event. */
        if (from->bad || here > from->left / 16 || here > RTI_FP_MAX_BATCH_EVENTS
            || !make_room(in, (size_t) here + 1))
                return false;
        for (size_t i = 0; i < here; i++) {
                read_event(from, &in->events[i], &in->values[i]);
                valid += in->values[i].number != 0;
        }
        if (from->bad || from->left)
                return false;
        /* A number of events without any of them is for others to wonder at. */
        *ret_n = here || !n ? here : n;
        *ret_events = here || some ? in->events : NULL;
        rti_fp_enter(in->proxy->plugin);
        in->n = here;
        in->hint = 0;
        in->proxy->wants.events += (uint32_t) valid;
        rti_fp_leave(in->proxy->plugin);
        return n == 0 || here || !some || n > RTI_FP_MAX_BATCH_EVENTS;
}

/* What is wanted of the next batch. */
static void
write_request(rti_fi_instance *in, rti_fi_call *call)
{
        rti_fi_proxy *x = in->proxy;

        rti_fp_enter(x->plugin);
        in->n = 0;
        rti_fi_wants_choose(x);
        rti_fi_put_u64(&call->out, in->number + in->drift);
        in->drift = 0;
        if (in->version != x->wants.version) {
                call->flags = RTI_FI_WANTS;
                rti_fi_wants_put(x, &call->out, &in->places);
                in->version = x->wants.version;
        }
        rti_fp_leave(x->plugin);
}

int32_t
rti_fi_next_batch(void *state, void *handle, uint32_t *ret_n, rti_fp_event ***ret_events)
{
        rti_fi_instance *in = handle;
        rti_fi_call call;
        int r;

        (void) state;
        *ret_n = 0;
        *ret_events = NULL;
        if (!in->process)
                return open_again(in);
        call = rti_fi_call_of(&in->channel, RTI_FI_NEXT);
        write_request(in, &call);
        r = rti_fi_ask(in->process, &in->channel, &call);
        if (r == RT_OK && !read_batch(in, &call, ret_n, ret_events)) {
                *ret_n = 0;
                (void) rti_fi_nonsense(in->process, RTI_FI_NEXT);
                r = RT_EIO;
        }
        if (r == RT_EIO)
                return open_again(in);
        if (r < 0)
                return RTI_FP_FAILURE;
        return call.flags & RTI_FI_MORE ? RTI_FP_SUCCESS : call.rc;
}

const char *
rti_fi_get_progress(void *state, void *handle, uint32_t *ret_part)
{
        rti_fi_proxy *x = state;
        rti_fi_instance *in = handle;
        const char *text = NULL;
        rti_fi_call call;

        if (!rti_fi_enter(x))
                return NULL;
        if (in->process == x->process) {
                call = rti_fi_control(x, RTI_FI_PROGRESS);
                rti_fi_put_u64(&call.out, in->id);
                if (rti_fi_control_ask(x, &call) == RT_OK) {
                        *ret_part = rti_fi_get_u32(&call.in);
                        text = rti_fi_text(x, &call.in);
                }
        }
        rti_fi_leave(x);
        return text;
}
