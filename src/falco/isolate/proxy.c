/* SPDX-License-Identifier: Apache-2.0 */
/*
 * proxy.c - a plug-in that has a process of its own: started, started again, asked.
 *
 *   in   calls of a plug-in's functions
 *   out  what the process answers; failures, while there is none
 *
 * Locks: the plug-in's own, which most callers hold, then the proxy's.
 */
#include "falco/isolate/proxy.h"
#include "falco/isolate/isolate.h"
#include <stdio.h>
#include <time.h>
#include <unistd.h>

enum { FIRST_WAIT_MS = 100, MOST_WAIT_MS = 10000 };

static int64_t
clock_ms(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static char *
copy_text(const rti_fi_proxy *x, const char *text)
{
        const size_t n = strlen(text) + 1;
        char *copy = rti_alloc(&x->plugin->host->allocator, n);

        if (copy)
                memcpy(copy, text, n);
        return copy;
}

bool
rti_fi_room(rti_fi_proxy *x, void **at, size_t *room, size_t wanted)
{
        const rt_allocator *allocator = &x->plugin->host->allocator;
        void *fresh;

        if (wanted <= *room)
                return true;
        fresh = rti_alloc(allocator, wanted);
        if (!fresh)
                return false;
        rti_free(allocator, *at);
        *at = fresh;
        *room = wanted;
        return true;
}

int32_t
rti_fi_nonsense(rti_fi_process *process, enum rti_fi_function function)
{
        static const char *const whys[] = {
#define FUNCTION(id, name) "gave what cannot be an answer to " name,
#include "falco/isolate/functions.def"
#undef FUNCTION
        };

        rti_fi_process_end(process, whys[function]);
        return RTI_FP_FAILURE;
}

/* ---- start ---- */

/* Results of rt_falco_load, and nothing else. */
static int
known_failure(int32_t rc)
{
        static const int all[] = {
                RT_EINVAL, RT_ENOENT, RT_EFORMAT, RT_EEXIST, RT_ELIMIT, RT_ENOMEM
        };

        for (size_t i = 0; i < RTI_COUNT(all); i++)
                if (all[i] == rc)
                        return rc;
        return RT_EIO;
}

/* Have the new process load the plug-in. RT_OK, or what it says is wrong. */
static int
load(rti_fi_proxy *x, rti_fi_reader *ret_told, const rti_fp_message *message)
{
        char reason[sizeof x->process->reason];
        const int memory = x->process->control.memory;
        rti_fi_call call = rti_fi_control(x, RTI_FI_LOAD);
        rt_str why;
        int r;

        call.fds = &memory;
        call.n_fds = 1;
        rti_fi_put_u64(&call.out, x->memory_bytes);
        rti_fi_put_plain(&call.out, x->library, RTI_FP_MAX_INFO_BYTES);
        rti_fi_put_plain(&call.out, x->config, RTI_FP_MAX_CONFIG_BYTES);
        r = rti_fi_control_ask(x, &call);
        if (r == RT_EIO) {
                rti_fi_process_reason(x->process, reason, sizeof reason);
                return rti_fp_fail(message, r, "cannot load plugin: %s", reason);
        }
        if (r < 0)
                return r;
        if (call.rc == RT_OK) {
                *ret_told = call.in;
                return RT_OK;
        }
        why = rti_fi_get_text(&call.in);
        rti_fp_fail(message, 0, "%s", why.ptr ? why.ptr : "it does not say why");
        return known_failure(call.rc);
}

/* Start it, and have it load the plug-in: the first time, or just as that time. */
static int
start(rti_fi_proxy *x, const rti_fp_message *message)
{
        rti_fi_reader told = { NULL, 0, false };
        int r = rti_fi_process_start(x->plugin, x->helper, x->deadline_ms, message, &x->process);

        if (r < 0)
                return r;
        r = load(x, &told, message);
        if (r == RT_OK && !x->told.ptr)
                r = rti_fi_describe(x, (rt_str){ told.at, told.left }, message);
        else if (r == RT_OK && !rti_str_eq(x->told, (rt_str){ told.at, told.left }))
                r = rti_fp_fail(message, RT_EFORMAT, "it is not the same plug-in any more");
        if (r < 0) {
                rti_fi_process_unref(x->process);
                x->process = NULL;
        }
        return r;
}

static int32_t capture(rti_fi_proxy *x, bool on);

static void
wait_before_next(rti_fi_proxy *x)
{
        x->next_start_ms = clock_ms() + x->wait_ms;
        x->wait_ms = x->wait_ms * 2 > MOST_WAIT_MS ? MOST_WAIT_MS : x->wait_ms * 2;
}

/* There is no process any more: is there another one? */
static bool
start_again(rti_fi_proxy *x)
{
        const rti_fp_message message = { x->error, sizeof x->error };

        if (x->process) {
                rti_fi_process_reason(x->process, x->error, sizeof x->error);
                rti_fi_news_end(x);
                rti_fi_process_unref(x->process);
                x->process = NULL;
                wait_before_next(x);
        }
        if (!x->restarts || clock_ms() < x->next_start_ms)
                return false;
        x->restarts--;
        rti_fp_logf(x->plugin, RT_FALCO_NOTICE, "its process is started again; %u more times",
                    x->restarts);
        if (start(x, &message) < 0 || (x->news.event && rti_fi_news_begin(x) < 0)
            || (x->capturing && capture(x, true) != RTI_FP_SUCCESS)) {
                rti_fp_logf(x->plugin, RT_FALCO_ERROR, "it cannot be started again: %s", x->error);
                rti_fi_news_end(x);
                rti_fi_process_unref(x->process);
                x->process = NULL;
                wait_before_next(x);
                return false;
        }
        return true;
}

bool
rti_fi_enter(rti_fi_proxy *x)
{
        pthread_mutex_lock(&x->lock);
        if (x->process && !atomic_load(&x->process->ended))
                return true;
        if (start_again(x))
                return true;
        pthread_mutex_unlock(&x->lock);
        return false;
}

void
rti_fi_leave(rti_fi_proxy *x)
{
        pthread_mutex_unlock(&x->lock);
}

static bool
is_up(const rti_fi_proxy *x)
{
        return x->process && !atomic_load(&x->process->ended);
}

bool
rti_fi_is_up(const rti_fp *plugin)
{
        rti_fi_proxy *x = plugin->proxy;
        bool up = true;

        if (x) {
                pthread_mutex_lock(&x->lock);
                up = is_up(x);
                pthread_mutex_unlock(&x->lock);
        }
        return up;
}

bool
rti_fi_has_hope(rti_fi_proxy *x)
{
        bool hope;

        pthread_mutex_lock(&x->lock);
        hope = is_up(x) || x->restarts;
        pthread_mutex_unlock(&x->lock);
        return hope;
}

/* ---- functions ---- */

const char *
rti_fi_text(rti_fi_proxy *x, rti_fi_reader *in)
{
        const rt_str text = rti_fi_get_text(in);

        if (!text.ptr || !rti_fi_room(x, (void **) &x->text, &x->text_room, text.len + 1))
                return NULL;
        memcpy(x->text, text.ptr, text.len + 1);
        return x->text;
}

void
rti_fi_put_event(rti_fi_writer *w, const rti_fp_event_input *event)
{
        const uint32_t len = event->event->len;

        rti_fi_put_u64(w, event->number);
        rti_fi_put_plain(w, event->source, RTI_FP_MAX_INFO_BYTES);
        rti_fi_put_u32(w, len);
        rti_fi_put(w, event->event, len);
}

static const char *
get_last_error(void *state)
{
        rti_fi_proxy *x = state;
        const char *text;
        rti_fi_call call;
        int r;

        if (!rti_fi_enter(x))
                return x->error;
        call = rti_fi_control(x, RTI_FI_LAST_ERROR);
        r = rti_fi_control_ask(x, &call);
        text = r == RT_OK ? rti_fi_text(x, &call.in) : NULL;
        rti_fi_leave(x);
        return text;
}

/* Texts that are asked for with the plug-in's state alone. */
static const char *
list_open_params(void *state, int32_t *ret_rc)
{
        rti_fi_proxy *x = state;
        const char *text = NULL;
        rti_fi_call call;

        *ret_rc = RTI_FP_FAILURE;
        if (!rti_fi_enter(x))
                return NULL;
        call = rti_fi_control(x, RTI_FI_OPEN_PARAMS);
        if (rti_fi_control_ask(x, &call) == RT_OK) {
                text = rti_fi_text(x, &call.in);
                *ret_rc = call.rc;
        }
        rti_fi_leave(x);
        return text;
}

static const char *
event_to_string(void *state, const rti_fp_event_input *event)
{
        rti_fi_proxy *x = state;
        const char *text = NULL;
        rti_fi_call call;

        if (!rti_fi_enter(x))
                return NULL;
        call = rti_fi_control(x, RTI_FI_TO_STRING);
        rti_fi_put_event(&call.out, event);
        if (rti_fi_control_ask(x, &call) == RT_OK)
                text = rti_fi_text(x, &call.in);
        rti_fi_leave(x);
        return text;
}

static int32_t
set_config(void *state, const rti_fp_config_input *input)
{
        rti_fi_proxy *x = state;
        char *config = copy_text(x, input->config);
        int32_t rc = RTI_FP_FAILURE;
        rti_fi_call call;

        if (!config || !rti_fi_enter(x)) {
                rti_free(&x->plugin->host->allocator, config);
                return rc;
        }
        call = rti_fi_control(x, RTI_FI_CONFIG);
        rti_fi_put_plain(&call.out, config, RTI_FP_MAX_CONFIG_BYTES);
        if (rti_fi_control_ask(x, &call) == RT_OK)
                rc = call.rc;
        if (rc == RTI_FP_SUCCESS) { /* it begins with this one, if it is started again */
                char *old = x->config;

                x->config = config;
                config = old;
        }
        rti_fi_leave(x);
        rti_free(&x->plugin->host->allocator, config);
        return rc;
}

/* Metrics, with their names behind them. */
static const rti_fp_metric *
read_metrics(rti_fi_proxy *x, rti_fi_reader *in, uint32_t *ret_n)
{
        const rt_allocator *allocator = &x->plugin->host->allocator;
        const uint32_t n = rti_fi_get_u32(in);
        const bool some = rti_fi_get_u32(in) && n <= RTI_FP_MAX_METRICS;
        char *names;

        *ret_n = n;
        rti_free(allocator, x->metrics);
        x->metrics = rti_calloc(allocator, 1, (some ? n + 1 : 1) * sizeof *x->metrics + in->left);
        if (!x->metrics || !some)
                return n > RTI_FP_MAX_METRICS ? x->metrics : NULL;
        names = (char *) (x->metrics + n + 1);
        for (uint32_t i = 0; i < n; i++) {
                rti_fp_metric *m = &x->metrics[i];
                const rt_str name = rti_fi_get_text(in);

                if (name.ptr) {
                        memcpy(names, name.ptr, name.len + 1);
                        m->name = names;
                        names += name.len + 1;
                }
                m->type = (int32_t) rti_fi_get_u32(in);
                m->value_type = (int32_t) rti_fi_get_u32(in);
                m->value.u64 = rti_fi_get_u64(in);
        }
        return x->metrics;
}

static const rti_fp_metric *
get_metrics(void *state, uint32_t *ret_n)
{
        rti_fi_proxy *x = state;
        const rti_fp_metric *metrics = NULL;
        rti_fi_call call;

        *ret_n = 0;
        if (!rti_fi_enter(x))
                return NULL;
        call = rti_fi_control(x, RTI_FI_METRICS);
        if (rti_fi_control_ask(x, &call) == RT_OK) {
                metrics = read_metrics(x, &call.in, ret_n);
                if (call.in.bad) {
                        (void) rti_fi_nonsense(x->process, RTI_FI_METRICS);
                        *ret_n = 0;
                }
        }
        rti_fi_leave(x);
        return metrics;
}

static int32_t
dump_state(void *state, void *owner, rti_fp_async_fn *event)
{
        rti_fi_proxy *x = state;
        int32_t rc = RTI_FP_FAILURE;
        rti_fi_call call;

        if (!rti_fi_enter(x))
                return rc;
        call = rti_fi_control(x, RTI_FI_DUMP);
        call.event = event;
        call.owner = owner;
        if (rti_fi_control_ask(x, &call) == RT_OK)
                rc = call.rc;
        rti_fi_leave(x);
        return rc;
}

static int32_t
capture(rti_fi_proxy *x, bool on)
{
        rti_fi_call call = rti_fi_control(x, RTI_FI_CAPTURE);

        call.flags = on ? RTI_FI_ON : 0;
        return rti_fi_control_ask(x, &call) == RT_OK ? call.rc : RTI_FP_FAILURE;
}

static int32_t
capture_set(rti_fi_proxy *x, bool on)
{
        int32_t rc;

        if (!rti_fi_enter(x))
                return on ? RTI_FP_FAILURE : RTI_FP_SUCCESS;
        rc = capture(x, on);
        x->capturing = on && rc == RTI_FP_SUCCESS;
        rti_fi_leave(x);
        return rc;
}

static int32_t
capture_open(void *state, const rti_fp_listen_input *input)
{
        (void) input;
        return capture_set(state, true);
}

static int32_t
capture_close(void *state, const rti_fp_listen_input *input)
{
        (void) input;
        return capture_set(state, false);
}

/* ---- life ---- */

static void
destroy(void *state)
{
        rti_fi_proxy *x = state;
        const rt_allocator *allocator = &x->plugin->host->allocator;
        char *const texts[] = {
                x->helper,    x->library,          x->config,
                x->text,      (char *) x->metrics, x->scratch,
                x->aside.key, x->aside.values,     (char *) (uintptr_t) x->told.ptr
        };

        x->restarts = 0;
        if (rti_fi_enter(x)) {
                rti_fi_call call = rti_fi_control(x, RTI_FI_END);

                (void) rti_fi_control_ask(x, &call);
                rti_fi_leave(x);
        }
        rti_fi_news_end(x);
        rti_fi_process_unref(x->process);
        rti_fi_wants_done(x);
        for (size_t i = 0; i < RTI_COUNT(texts); i++)
                rti_free(allocator, texts[i]);
        pthread_mutex_destroy(&x->lock);
        x->plugin->proxy = NULL;
        rti_free(allocator, x);
}

/* The functions that a plug-in may have or not; which it has, the process says. */
static const rti_fp_api functions = { .destroy = destroy,
                                      .get_last_error = get_last_error,
                                      .set_config = set_config,
                                      .get_metrics = get_metrics,
                                      .open = rti_fi_open,
                                      .close = rti_fi_close,
                                      .next_batch = rti_fi_next_batch,
                                      .get_progress = rti_fi_get_progress,
                                      .list_open_params = list_open_params,
                                      .event_to_string = event_to_string,
                                      .extract_fields = rti_fi_extract_fields,
                                      .parse_event = rti_fi_parse_event,
                                      .set_async_event_handler = rti_fi_set_async,
                                      .dump_state = dump_state,
                                      .capture_open = capture_open,
                                      .capture_close = capture_close };

static int
make(rti_fp *plugin, const rt_falco_plugin *what, rti_fi_proxy **ret_proxy)
{
        const rt_allocator *allocator = &plugin->host->allocator;
        rti_fi_proxy *x = rti_calloc(allocator, 1, sizeof *x);

        if (!x)
                return RT_ENOMEM;
        x->plugin = plugin;
        if (rti_fp_lock_init(&x->lock) < 0) {
                rti_free(allocator, x);
                return RT_ENOMEM;
        }
        x->deadline_ms = what->deadline_ms ? what->deadline_ms : RTI_FP_MAX_ANSWER_MS;
        x->flags = what->flags;
        x->memory_bytes = what->memory_bytes;
        x->wait_ms = FIRST_WAIT_MS;
        x->helper = copy_text(x, what->helper ? what->helper : RTI_FI_HELPER);
        x->library = copy_text(x, what->library_path);
        x->config = copy_text(x, what->init_config ? what->init_config : "");
        plugin->api = functions;
        plugin->state = plugin->proxy = x;
        *ret_proxy = x;
        return x->helper && x->library && x->config ? RT_OK : RT_ENOMEM;
}

int
rti_fi_load(rti_fp *plugin, const rt_falco_plugin *what, const rti_fp_message *message)
{
        rti_fi_proxy *x = NULL;
        int r = make(plugin, what, &x);

        if (r < 0)
                return r;
        if (rti_fp_text_length(x->library, RTI_FP_MAX_INFO_BYTES) == SIZE_MAX)
                return rti_fp_fail(message, RT_ELIMIT, "its path is too long");
        if (rti_fp_text_length(x->config, RTI_FP_MAX_CONFIG_BYTES) == SIZE_MAX)
                return rti_fp_fail(message, RT_ELIMIT, "init_config is longer than %d bytes",
                                   (int) RTI_FP_MAX_CONFIG_BYTES);
        pthread_mutex_lock(&x->lock);
        r = start(x, message);
        pthread_mutex_unlock(&x->lock);
        if (r == RT_OK)
                x->restarts = what->restarts;
        return r;
}
