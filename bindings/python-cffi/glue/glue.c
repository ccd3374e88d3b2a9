/* SPDX-License-Identifier: Apache-2.0 */
/* glue.c - sinks, and loops over deliveries and events. Part of the extension's one C file. */
#include "glue.h"
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#ifdef RTPY_FOLLOW
#include <libruntime-inputs/follow.h>
#endif
#ifdef RTPY_GZIP
#include <libruntime-inputs/gzip.h>
#endif

enum {
        FIRST_ROOM = 4096,
        MANY_BYTES = 256 * 1024, /* of alerts: time to hand them over */
        DEPTH = 2                /* a list's elements are no lists */
};

struct rtpy_sink {
        char *bytes;
        size_t len, room;
        rt_worker *worker; /* for explanations; NULL: there are none */
        rtpy_output output;
        void *user;
        uint32_t keep;
        int failed; /* RT_ENOMEM, RT_ELIMIT */
        atomic_int stop;
};

const char *
rtpy_version(void)
{
        return RT_VERSION;
}

/* ---- bytes ---- */

static void
put(rtpy_sink *sink, const void *bytes, size_t n)
{
        size_t room = sink->room ? sink->room : FIRST_ROOM;
        char *grown;

        if (sink->failed || n == 0)
                return;
        if (n > SIZE_MAX / 4 - sink->len) {
                sink->failed = RT_ENOMEM;
                return;
        }
        while (room - sink->len < n)
                room *= 2;
        if (room != sink->room) {
                grown = realloc(sink->bytes, room);
                if (!grown) {
                        sink->failed = RT_ENOMEM;
                        return;
                }
                sink->bytes = grown;
                sink->room = room;
        }
        memcpy(sink->bytes + sink->len, bytes, n);
        sink->len += n;
}

static void
put_u32(rtpy_sink *sink, uint32_t number)
{
        put(sink, &number, sizeof number);
}

static void
put_u64(rtpy_sink *sink, uint64_t number)
{
        put(sink, &number, sizeof number);
}

static void
put_text(rtpy_sink *sink, rt_str text)
{
        if (text.len >= UINT32_MAX) {
                sink->failed = RT_ELIMIT;
                return;
        }
        put_u32(sink, (uint32_t) text.len);
        put(sink, text.ptr, text.len);
}

static void
put_string(rtpy_sink *sink, const char *text)
{
        put_text(sink, (rt_str){ text, text ? strlen(text) : 0 });
}

/* Only what the kind gives a meaning to: equal values are equal bytes. */
static void
put_address(rtpy_sink *sink, const rt_value *value)
{
        const uint32_t family_bytes = value->count & 0xFF;
        uint8_t ip[sizeof value->as.ip] = { 0 };

        memcpy(ip, value->as.ip, family_bytes < sizeof ip ? family_bytes : sizeof ip);
        put_u32(sink, value->kind);
        put_u32(sink, value->count);
        put(sink, ip, sizeof ip);
}

static void put_list(rtpy_sink *sink, const rt_value *value, unsigned depth);

static void
put_value(rtpy_sink *sink, const rt_value *value, unsigned depth)
{
        switch (value->kind) {
        case RT_KIND_IPADDR:
        case RT_KIND_IPNET:
                put_address(sink, value);
                return;
        case RT_KIND_LIST:
                put_list(sink, value, depth);
                return;
        default:
                put_u32(sink, value->kind);
                put_u32(sink, 0);
        }
        switch (value->kind) {
        case RT_KIND_NONE:
                put_u64(sink, 0);
                break;
        case RT_KIND_STRING:
        case RT_KIND_PATH:
        case RT_KIND_RELPATH:
        case RT_KIND_BYTES:
                put_text(sink, value->as.s);
                break;
        default:
                put_u64(sink, value->as.u);
        }
}

static void
put_list(rtpy_sink *sink, const rt_value *value, unsigned depth)
{
        const uint32_t count = depth ? value->count : 0;

        put_u32(sink, value->kind);
        put_u32(sink, count);
        for (uint32_t i = 0; i < count; i++)
                put_value(sink, &value->as.list[i], depth - 1);
}

/* ---- alerts ---- */

static void
put_fields(rtpy_sink *sink, const rt_alert *alert)
{
        const size_t at = sink->len;
        const char *name;
        rt_value value;
        uint32_t n = 0;

        put_u32(sink, n);
        if (!(sink->keep & RTPY_FIELDS))
                return;
        while (rt_alert_field(alert, n, &name, &value) == RT_OK) {
                put_string(sink, name);
                put_value(sink, &value, DEPTH);
                n++;
        }
        if (!sink->failed)
                memcpy(sink->bytes + at, &n, sizeof n);
}

static void
put_tags(rtpy_sink *sink, const char *const *tags)
{
        uint32_t n = 0;

        while (tags && tags[n])
                n++;
        put_u32(sink, n);
        for (uint32_t i = 0; i < n; i++)
                put_string(sink, tags[i]);
}

/* A text that cannot be made (a limit was hit, which the worker counts) is an empty one. */
static void
put_texts(rtpy_sink *sink, const rt_alert *alert)
{
        const rt_str none = { NULL, 0 };
        rt_str text = none;

        if (!(sink->keep & RTPY_TEXT) || rt_alert_text(alert, &text) < 0)
                text = none;
        put_text(sink, text);
        text = none;
        if (!(sink->keep & RTPY_JSON) || rt_alert_json(alert, &text) < 0)
                text = none;
        put_text(sink, text);
        text = none;
        if (!(sink->keep & RTPY_EXPLAIN) || !sink->worker
            || rt_worker_explain(sink->worker, rt_alert_rule(alert), &text) < 0)
                text = none;
        put_text(sink, text);
}

static int
take(const rt_alert *alert, void *user)
{
        rtpy_sink *sink = user;
        const size_t at = sink->len;
        uint32_t size_bytes;
        int failed;

        put_u32(sink, 0);
        put_u32(sink, rt_alert_priority(alert));
        put_u64(sink, rt_alert_time_ns(alert));
        put_u64(sink, rt_alert_event_number(alert));
        put_string(sink, rt_alert_id(alert));
        put_string(sink, rt_alert_rule(alert));
        put_string(sink, rt_alert_source(alert));
        put_texts(sink, alert);
        put_tags(sink, rt_alert_tags(alert));
        put_fields(sink, alert);
        if (!sink->failed && sink->len - at > UINT32_MAX)
                sink->failed = RT_ELIMIT;
        if (sink->failed) {
                failed = sink->failed;
                sink->failed = 0;
                sink->len = at;
                return failed;
        }
        size_bytes = (uint32_t) (sink->len - at - sizeof size_bytes);
        memcpy(sink->bytes + at, &size_bytes, sizeof size_bytes);
        return sink->output ? sink->output(sink->user, sink->bytes + at, sink->len - at) : RT_OK;
}

/* ---- sinks ---- */

rtpy_sink *
rtpy_sink_new(uint32_t keep)
{
        rtpy_sink *sink = calloc(1, sizeof *sink);

        if (sink)
                sink->keep = keep;
        return sink;
}

void
rtpy_sink_free(rtpy_sink *sink)
{
        if (sink)
                free(sink->bytes);
        free(sink);
}

void
rtpy_sink_tell(rtpy_sink *sink, rtpy_output output, void *user)
{
        sink->output = output;
        sink->user = user;
}

rt_str
rtpy_sink_bytes(const rtpy_sink *sink)
{
        return (rt_str){ sink->bytes, sink->len };
}

void
rtpy_sink_clear(rtpy_sink *sink)
{
        if (sink->room > 2 * MANY_BYTES) { /* what one storm needed is not kept for ever */
                free(sink->bytes);
                sink->bytes = NULL;
                sink->room = 0;
        }
        sink->len = 0;
}

void
rtpy_sink_stop(rtpy_sink *sink, int stop)
{
        atomic_store_explicit(&sink->stop, stop, memory_order_relaxed);
}

static int
stopped(rtpy_sink *sink)
{
        return atomic_load_explicit(&sink->stop, memory_order_relaxed);
}

/* ---- judging ---- */

size_t
rtpy_rows(void *tuple, rt_str *rows)
{
        const PyGILState_STATE state = PyGILState_Ensure();
        const Py_ssize_t n = PyTuple_Size(tuple);
        Py_ssize_t i = 0;

        for (; i < n; i++) {
                PyObject *item = PyTuple_GetItem(tuple, i);
                char *bytes;
                Py_ssize_t len;

                if (!PyBytes_Check(item) || PyBytes_AsStringAndSize(item, &bytes, &len) < 0)
                        break;
                rows[i] = (rt_str){ bytes, (size_t) len };
        }
        PyGILState_Release(state);
        return (size_t) i;
}

int
rtpy_feed(rt_worker *worker, const char *source, const rt_str *deliveries, size_t n,
          rtpy_sink *sink, size_t *ret_fed)
{
        int r = RT_OK;

        sink->worker = worker;
        for (*ret_fed = 0; *ret_fed < n && !stopped(sink); ++*ret_fed) {
                r = rt_worker_feed(worker, source, deliveries[*ret_fed], take, sink);
                if (r < 0)
                        break;
        }
        sink->worker = NULL;
        return r < 0 ? r : RT_OK;
}

int
rtpy_pool_feed(rt_pool *pool, const char *source, const rt_str *deliveries, size_t n,
               rtpy_sink *sink, size_t *ret_fed)
{
        int r = RT_OK;

        for (*ret_fed = 0; *ret_fed < n && !stopped(sink); ++*ret_fed) {
                r = rt_pool_feed(pool, source, deliveries[*ret_fed], take, sink);
                if (r < 0)
                        break;
        }
        return r < 0 ? r : RT_OK;
}

int
rtpy_step(rt_worker *worker, size_t n, rtpy_sink *sink)
{
        int r = RT_OK;

        sink->worker = worker;
        for (size_t i = 0; i < n && r >= 0 && sink->len < MANY_BYTES && !stopped(sink); i++)
                r = rt_worker_step(worker, take, sink);
        sink->worker = NULL;
        return r < 0 && r != RT_EAGAIN ? r : RT_OK;
}

int
rtpy_pool_step(rt_pool *pool, rtpy_sink *sink)
{
        const int r = rt_pool_step(pool, take, sink);

        return r < 0 && r != RT_EAGAIN ? r : RT_OK;
}

int
rtpy_pool_flush(rt_pool *pool, rtpy_sink *sink)
{
        const int r = rt_pool_flush(pool, take, sink);

        return r < 0 ? r : RT_OK;
}

/* ---- inputs ---- */

const rt_reader_ops *
rtpy_reader(const char *name)
{
        const rt_reader_ops *ops = NULL;

#ifdef RTPY_FOLLOW
        if (strcmp(name, "follow") == 0)
                ops = rt_follow_reader();
#endif
#ifdef RTPY_GZIP
        if (strcmp(name, "gzip") == 0)
                ops = rt_gzip_reader();
#endif
        (void) name; /* built without any */
        return ops;
}

int
rtpy_input_line(rt_input *input, rt_str *ret_line)
{
        size_t seen = 0;

        for (;;) {
                const rt_str window = rt_input_window(input);
                const char *end = window.len > seen
                                          ? memchr(window.ptr + seen, '\n', window.len - seen)
                                          : NULL;
                int r;

                if (end) {
                        *ret_line = (rt_str){ window.ptr, (size_t) (end - window.ptr) + 1 };
                        rt_input_consume(input, ret_line->len);
                        return 1;
                }
                seen = window.len;
                r = rt_input_more(input);
                if (r < 0)
                        return r;
                if (r == 0) {
                        *ret_line = rt_input_window(input);
                        rt_input_consume(input, ret_line->len);
                        return ret_line->len > 0;
                }
        }
}

int
rtpy_input_read(rt_input *input, size_t n, rt_str *ret_bytes)
{
        int r = 1;

        while (r > 0 && rt_input_window(input).len < n)
                r = rt_input_more(input);
        if (r < 0)
                return r;
        *ret_bytes = rt_input_window(input);
        if (ret_bytes->len > n)
                ret_bytes->len = n;
        rt_input_consume(input, ret_bytes->len);
        return ret_bytes->len > 0;
}
