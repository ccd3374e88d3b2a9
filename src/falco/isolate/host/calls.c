/* SPDX-License-Identifier: Apache-2.0 */
/* calls.c - what is asked of the plug-in itself, on the first thread. */
#include "falco/capture.h"
#include "falco/tables.h"
#include "server.h"
#include <sys/resource.h>

/* ---- loading ---- */

static void
on_log(const char *name, uint32_t severity, const char *message, void *user)
{
        say(user, name, severity, message);
}

/* Memory that is the plug-in's own: what is only reserved does not count, since runtimes reserve
 * much more than they use. */
static void
limit_memory(uint64_t bytes)
{
        struct rlimit most;

        if (!bytes || getrlimit(RLIMIT_DATA, &most) < 0)
                return;
        if (bytes < most.rlim_max)
                most.rlim_max = bytes;
        most.rlim_cur = most.rlim_max;
        (void) setrlimit(RLIMIT_DATA, &most);
}

static void
answer_load(request *r)
{
        server *s = r->server;
        rt_falco_opts opts = RT_INIT(rt_falco_opts);
        rt_falco_plugin plugin = RT_INIT(rt_falco_plugin);
        char message[RTI_FP_ERROR_BYTES * 2] = "";

        limit_memory(rti_fi_get_u64(&r->in));
        plugin.library_path = rti_fi_get_text(&r->in).ptr;
        plugin.init_config = rti_fi_get_text(&r->in).ptr;
        opts.log = on_log;
        opts.log_user = s;
        r->rc = s->falco ? RT_EINVAL : rt_falco_new(&opts, &s->falco);
        if (r->rc == RT_OK) {
                rti_fp_tables_forget(&s->falco->self); /* the engine is not here */
                s->falco->apart = true;
        }
        if (r->rc == RT_OK)
                r->rc = rt_falco_load(s->falco, &plugin, message, sizeof message);
        if (r->rc < 0) {
                rti_fi_put_plain(&r->out, message, sizeof message);
                return;
        }
        s->plugin = s->falco->plugins.at[0];
        s->plugin->taker = s;
        if (s->falco->tables.n)
                rti_fp_log(s->plugin, RT_FALCO_NOTICE,
                           "it runs in a process of its own: no other plug-in sees its tables");
        tell_plugin(s->plugin, &r->out);
}

static void
answer_end(request *r)
{
        rt_falco_unref(r->server->falco);
        r->rc = RTI_FP_SUCCESS;
        r->last = true;
}

/* ---- texts and numbers ---- */

static void
answer_last_error(request *r)
{
        rti_fp *plugin = r->server->plugin;

        rti_fp_enter(plugin);
        rti_fi_put_plain(&r->out, plugin->api.get_last_error(plugin->state), RTI_FP_MAX_INFO_BYTES);
        rti_fp_leave(plugin);
        r->rc = RTI_FP_SUCCESS;
}

static void
answer_open_params(request *r)
{
        rti_fp *plugin = r->server->plugin;
        const char *text;

        rti_fp_enter(plugin);
        text = plugin->api.list_open_params(plugin->state, &r->rc);
        rti_fi_put_plain(&r->out, r->rc == RTI_FP_SUCCESS ? text : NULL, RTI_FP_MAX_JSON_BYTES);
        rti_fp_leave(plugin);
}

static void
answer_config(request *r)
{
        rti_fp *plugin = r->server->plugin;
        const rti_fp_config_input input = { rti_fi_get_text(&r->in).ptr };

        rti_fp_enter(plugin);
        r->rc = plugin->api.set_config(plugin->state, &input);
        rti_fp_leave(plugin);
}

static void
answer_metrics(request *r)
{
        rti_fp *plugin = r->server->plugin;
        const rti_fp_metric *metrics;
        uint32_t n = 0;

        rti_fp_enter(plugin);
        metrics = plugin->api.get_metrics(plugin->state, &n);
        rti_fi_put_u32(&r->out, n);
        rti_fi_put_u32(&r->out, metrics != NULL);
        for (uint32_t i = 0; metrics && n <= RTI_FP_MAX_METRICS && i < n; i++) {
                rti_fi_put_plain(&r->out, metrics[i].name, RTI_FP_MAX_INFO_BYTES);
                rti_fi_put_u32(&r->out, (uint32_t) metrics[i].type);
                rti_fi_put_u32(&r->out, (uint32_t) metrics[i].value_type);
                rti_fi_put_u64(&r->out, metrics[i].value.u64);
        }
        rti_fp_leave(plugin);
        r->rc = RTI_FP_SUCCESS;
}

/* ---- one event ---- */

static bool
read_event(request *r, rti_fp_event_input *ret_event)
{
        uint32_t len;

        ret_event->number = rti_fi_get_u64(&r->in);
        ret_event->source = rti_fi_get_text(&r->in).ptr;
        len = rti_fi_get_u32(&r->in);
        ret_event->event = (const rti_fp_event *) (const void *) rti_fi_get(&r->in, len);
        return !r->in.bad;
}

static void
answer_to_string(request *r)
{
        rti_fp *plugin = r->server->plugin;
        rti_fp_event_input event;

        if (!read_event(r, &event))
                return;
        rti_fp_enter(plugin);
        rti_fi_put_plain(&r->out, plugin->api.event_to_string(plugin->state, &event),
                         RTI_FP_MAX_TEXT_BYTES);
        rti_fp_leave(plugin);
        r->rc = RTI_FP_SUCCESS;
}

static int32_t
parse(rti_fp *plugin, const rti_fp_event_input *event)
{
        const rti_fp_parse_input input = { .owner = plugin,
                                           .owner_error = rti_fp_owner_error,
                                           .reader = rti_fp_table_reader.basic,
                                           .writer = rti_fp_table_writer,
                                           .reader_ext = &rti_fp_table_reader,
                                           .writer_ext = &rti_fp_table_writer };

        return plugin->api.parse_event(plugin->state, event, &input);
}

/* Parse it or not, and read what is wanted of it. */
static void
answer_event(request *r)
{
        server *s = r->server;
        rti_fp_event_input event;

        if (!read_event(r, &event))
                return;
        wants_read(&s->wants, &r->in);
        rti_fp_enter(s->plugin);
        r->rc = r->head.function == RTI_FI_PARSE ? parse(s->plugin, &event) : RTI_FP_SUCCESS;
        values_put(s->plugin, &event, &s->wants, &r->out);
        rti_fp_leave(s->plugin);
}

/* ---- what it does by itself ---- */

static int32_t
on_async(void *owner, const rti_fp_event *event, char *error)
{
        const rti_fp_message why = { error, error ? RTI_FP_ERROR_BYTES : 0 };
        server *s;
        int32_t rc;

        if (!owner || !event)
                return rti_fp_fail(&why, RTI_FP_FAILURE,
                                   "an async event handler needs its owner and an event");
        s = ((rti_fp *) owner)->taker;
        pthread_mutex_lock(&s->news_lock);
        if (s->has_news)
                rc = give_event(&s->news, event, error);
        else
                rc = rti_fp_fail(&why, RTI_FP_FAILURE,
                                 "no event source that this plugin may give async events is open");
        pthread_mutex_unlock(&s->news_lock);
        return rc;
}

/* Another channel, or none. The host closes its end of the old one; ours stays until then. */
static void
use_news(server *s, request *r)
{
        pthread_mutex_lock(&s->news_lock);
        s->has_news = false;
        if (r && r->n_fds == 2) {
                rti_fi_channel_done(&s->news, NULL);
                r->n_fds = 0;
                s->has_news = rti_fi_channel_join(&s->news, r->fds[0], r->fds[1]) == RT_OK;
        }
        pthread_mutex_unlock(&s->news_lock);
}

/* Its own lock is not held: it may wait for a thread of its own, which comes here. */
static void
answer_async(request *r)
{
        server *s = r->server;
        const bool on = r->head.flags & RTI_FI_ON;

        if (on) {
                use_news(s, r);
                if (!s->has_news)
                        return;
        }
        r->rc = s->plugin->api.set_async_event_handler(s->plugin->state, s->plugin,
                                                       on ? on_async : NULL);
        if (!on || r->rc != RTI_FP_SUCCESS)
                use_news(s, NULL);
}

static int32_t
on_dump(void *owner, const rti_fp_event *event, char *error)
{
        server *s = owner ? ((rti_fp *) owner)->taker : NULL;

        return s && event ? give_event(&s->control, event, error) : RTI_FP_FAILURE;
}

static void
answer_dump(request *r)
{
        rti_fp *plugin = r->server->plugin;

        rti_fp_enter(plugin);
        r->rc = plugin->api.dump_state(plugin->state, plugin, on_dump);
        rti_fp_leave(plugin);
}

static void
answer_capture(request *r)
{
        r->rc = rti_fp_listen(r->server->plugin, r->head.flags & RTI_FI_ON);
}

/* ---- all of them ---- */

typedef void answer_fn(request *r);

static answer_fn *const answers[RTI_FI_N_FUNCTIONS] = {
        [RTI_FI_LOAD] = answer_load,
        [RTI_FI_END] = answer_end,
        [RTI_FI_LAST_ERROR] = answer_last_error,
        [RTI_FI_OPEN] = answer_open,
        [RTI_FI_PROGRESS] = answer_progress,
        [RTI_FI_OPEN_PARAMS] = answer_open_params,
        [RTI_FI_TO_STRING] = answer_to_string,
        [RTI_FI_EXTRACT] = answer_event,
        [RTI_FI_PARSE] = answer_event,
        [RTI_FI_CONFIG] = answer_config,
        [RTI_FI_METRICS] = answer_metrics,
        [RTI_FI_DUMP] = answer_dump,
        [RTI_FI_ASYNC] = answer_async,
        [RTI_FI_CAPTURE] = answer_capture,
};

void
answer(request *r)
{
        const uint16_t function = r->head.function;

        if (function < RTI_FI_N_FUNCTIONS && answers[function]
            && (r->server->plugin || function == RTI_FI_LOAD))
                answers[function](r);
}
