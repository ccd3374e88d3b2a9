/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ask.c - what a host can ask of a plug-in beside events: what it can open, how far it is, its
 * numbers, its state; and another configuration for it.
 */
#include "falco/document.h"

/* The plug-in at @a index; NULL: none. */
static rti_fp *
plugin_at(const rt_falco *falco, size_t index)
{
        return index < falco->plugins.n ? falco->plugins.at[index] : NULL;
}

/* One of the plug-in's functions failed. The caller holds its lock. */
static int
failed(rti_fp *plugin, const char *function, const rti_fp_message *message)
{
        char error[RTI_FP_ERROR_BYTES];

        atomic_fetch_add(&plugin->failures, 1);
        rti_fp_last_error(plugin, error, sizeof error);
        rti_fp_logf(plugin, RT_FALCO_ERROR, "%s failed: %s", function, error);
        return rti_fp_fail(message, RT_EIO, "plugin '%s': %s failed: %s", plugin->name, function,
                           error);
}

static const rti_fp_message nobody = { NULL, 0 };

/* ---- what it can open ---- */

static bool
is_text(const rti_json *doc, rti_json_node object, const char *name, bool needed)
{
        const rti_json_node node = rti_json_get(doc, object, rti_str_of(name));

        return node == RTI_JSON_NONE ? !needed : rti_json_type(doc, node) == RTI_JSON_STRING;
}

/* A list of {value, desc, separator?}? RT_OK, RT_EFORMAT, RT_ENOMEM. */
static int
check_params(rti_fp *plugin, const char *text, size_t len)
{
        rti_fp_document d = { .plugin = plugin, .what = "list_open_params", .message = &nobody };
        int r = rti_fp_document_read(&d, text, len);

        if (r == RT_OK && rti_json_type(d.doc, rti_json_root(d.doc)) != RTI_JSON_ARRAY)
                r = RT_EFORMAT;
        for (rti_json_node node = r < 0 ? RTI_JSON_NONE
                                        : rti_json_first(d.doc, rti_json_root(d.doc));
             node != RTI_JSON_NONE && r == RT_OK; node = rti_json_next(d.doc, node))
                if (rti_json_type(d.doc, node) != RTI_JSON_OBJECT
                    || !is_text(d.doc, node, "value", true) || !is_text(d.doc, node, "desc", true)
                    || !is_text(d.doc, node, "separator", false))
                        r = RT_EFORMAT;
        rti_fp_document_done(&d);
        return r;
}

static int
read_params(rti_fp *plugin, char **ret_text)
{
        const rt_allocator *allocator = &plugin->host->allocator;
        int32_t rc = RTI_FP_FAILURE;
        const char *text = plugin->api.list_open_params(plugin->state, &rc);
        size_t len;
        char *copy;
        int r;

        if (rc == RTI_FP_NOT_SUPPORTED)
                return RT_ENOENT;
        if (rc != RTI_FP_SUCCESS)
                return failed(plugin, "list_open_params", &nobody);
        len = rti_fp_text_length(text, RTI_FP_MAX_JSON_BYTES);
        r = len == SIZE_MAX ? RT_EFORMAT : check_params(plugin, text, len);
        if (r == RT_EFORMAT)
                rti_fp_lied(plugin, RTI_FP_LIE_OPEN_PARAMS);
        if (r < 0)
                return r;
        copy = rti_alloc(allocator, len + 1);
        if (!copy)
                return RT_ENOMEM;
        memcpy(copy, text, len + 1);
        *ret_text = copy;
        return RT_OK;
}

int
rt_falco_open_params(rt_falco *falco, size_t index, char **ret_text)
{
        rti_fp *plugin;
        int r;

        if (!falco || !ret_text)
                return RT_EINVAL;
        plugin = plugin_at(falco, index);
        if (!plugin || !plugin->api.list_open_params)
                return RT_ENOENT;
        rti_fp_enter(plugin);
        r = read_params(plugin, ret_text);
        rti_fp_leave(plugin);
        return r;
}

void
rt_falco_text_free(rt_falco *falco, char *text)
{
        if (falco)
                rti_free(&falco->allocator, text);
}

/* ---- another configuration ---- */

int
rt_falco_set_config(rt_falco *falco, size_t index, const char *config, char *message, size_t room)
{
        const rti_fp_message to = { message, message ? room : 0 };
        rti_fp_config_input input = { NULL };
        rti_fp *plugin;
        int r;

        if (to.room)
                *message = '\0';
        if (!falco)
                return RT_EINVAL;
        plugin = plugin_at(falco, index);
        if (!plugin)
                return rti_fp_fail(&to, RT_ENOENT, "there is no such plugin");
        if (!plugin->api.set_config)
                return rti_fp_fail(&to, RT_ENOENT,
                                   "plugin '%s' takes its configuration only when it is loaded",
                                   plugin->name);
        rti_fp_enter(plugin);
        r = rti_fp_check_config(plugin, config, &input.config, &to);
        if (r == RT_OK && plugin->api.set_config(plugin->state, &input) != RTI_FP_SUCCESS)
                r = failed(plugin, "set_config", &to);
        rti_fp_leave(plugin);
        return r;
}

/* ---- its numbers ---- */

/* False: it cannot be true, and was counted. */
static bool
read_metric(rti_fp *plugin, const rti_fp_metric *from, rt_falco_metric *ret_metric)
{
        rt_falco_metric m = RT_INIT(rt_falco_metric);
        const size_t len = rti_fp_text_length(from->name, RTI_FP_MAX_INFO_BYTES);

        if (len == SIZE_MAX || !len) {
                rti_fp_lied(plugin, RTI_FP_LIE_METRIC_NAME);
                return false;
        }
        m.name = from->name;
        m.monotonic = from->type == 0;
        m.type = RT_FALCO_UNSIGNED;
        switch (from->type == 0 || from->type == 1 ? from->value_type : -1) {
        case RTI_FP_METRIC_U32:
                m.value.u = from->value.u32;
                break;
        case RTI_FP_METRIC_U64:
                m.value.u = from->value.u64;
                break;
        case RTI_FP_METRIC_S32:
        case RTI_FP_METRIC_INT:
                m.type = RT_FALCO_SIGNED;
                m.value.i = from->value.s32;
                break;
        case RTI_FP_METRIC_S64:
                m.type = RT_FALCO_SIGNED;
                m.value.i = from->value.s64;
                break;
        case RTI_FP_METRIC_DOUBLE:
                m.type = RT_FALCO_DOUBLE;
                m.value.d = from->value.d;
                break;
        case RTI_FP_METRIC_FLOAT:
                m.type = RT_FALCO_DOUBLE;
                m.value.d = (double) from->value.f;
                break;
        default:
                rti_fp_lied(plugin, RTI_FP_LIE_METRIC_TYPE);
                return false;
        }
        *ret_metric = m;
        return true;
}

int
rt_falco_metrics(rt_falco *falco, size_t index,
                 void (*fn)(const rt_falco_metric *metric, void *user), void *user)
{
        const rti_fp_metric *metrics;
        rt_falco_metric metric;
        rti_fp *plugin;
        uint32_t n = 0;
        int told = 0;

        if (!falco || !fn)
                return RT_EINVAL;
        plugin = plugin_at(falco, index);
        if (!plugin || !plugin->api.get_metrics)
                return RT_ENOENT;
        rti_fp_enter(plugin);
        metrics = plugin->api.get_metrics(plugin->state, &n);
        if (n > RTI_FP_MAX_METRICS) {
                rti_fp_lied(plugin, RTI_FP_LIE_METRIC_SIZE);
                n = 0;
        } else if (n && !metrics) {
                rti_fp_lied(plugin, RTI_FP_LIE_METRIC_NULL);
                n = 0;
        }
        for (uint32_t i = 0; i < n; i++)
                if (read_metric(plugin, &metrics[i], &metric)) {
                        fn(&metric, user);
                        told++;
                }
        rti_fp_leave(plugin);
        return told;
}

/* ---- how far it is ---- */

enum { ALL = 10000 };

void
rti_fp_ask_progress(rti_fp *plugin, void *instance)
{
        const char *text;
        uint32_t part = 0;
        size_t len;

        rti_fp_enter(plugin);
        if (plugin->progress.of == instance && plugin->api.get_progress) {
                text = plugin->api.get_progress(plugin->state, instance, &part);
                len = text ? rti_fp_text_length(text, RTI_FP_MAX_INFO_BYTES) : 0;
                if (part > ALL) {
                        rti_fp_lied(plugin, RTI_FP_LIE_PROGRESS);
                        part = ALL;
                }
                if (len == SIZE_MAX) {
                        rti_fp_lied(plugin, RTI_FP_LIE_PROGRESS_TEXT);
                        len = 0;
                }
                if (len >= sizeof plugin->progress.text)
                        len = sizeof plugin->progress.text - 1;
                if (len)
                        memcpy(plugin->progress.text, text, len);
                plugin->progress.text[len] = '\0';
                plugin->progress.part = part;
                plugin->progress.told = true;
        }
        rti_fp_leave(plugin);
}

int
rt_falco_progress(rt_falco *falco, size_t index, uint32_t *ret_part, char *text, size_t room)
{
        const rti_fp_message to = { text, text ? room : 0 };
        rti_fp *plugin;
        int r = RT_OK;

        if (!falco || !ret_part)
                return RT_EINVAL;
        plugin = plugin_at(falco, index);
        if (!plugin || !plugin->api.get_progress)
                return RT_ENOENT;
        atomic_store(&plugin->progress.asked, true);
        rti_fp_enter(plugin);
        if (!plugin->progress.of) {
                r = RT_ENOENT;
        } else if (!plugin->progress.told) {
                r = RT_EAGAIN;
        } else {
                *ret_part = plugin->progress.part;
                (void) rti_fp_fail(&to, 0, "%s", plugin->progress.text);
        }
        rti_fp_leave(plugin);
        return r;
}

/* ---- its state ---- */

/* Whom a dump is for. */
typedef struct dump {
        rt_falco_state_fn *fn;
        void *user;
} dump;

static int32_t
take_state(void *owner, const rti_fp_event *event, char *error)
{
        rti_fp *plugin = owner;
        const dump *d = plugin ? plugin->taker : NULL;
        rti_fp_event *copy = NULL;
        const rti_fp_message why = { error, error ? RTI_FP_ERROR_BYTES : 0 };
        rt_str name;
        int32_t rc = RTI_FP_FAILURE;
        int lie;

        if (!d || !event)
                return RTI_FP_FAILURE;
        lie = rti_fp_copy_async(plugin, event, &copy, &name);
        if (copy)
                rti_fp_settle_async(copy, plugin->id);
        if (lie >= 0) {
                rti_fp_lied(plugin, (enum rti_fp_lie) lie);
                rti_fp_fail(&why, 0, "%s", rti_fp_lie_text((enum rti_fp_lie) lie));
        } else if (!copy) {
                rti_fp_fail(&why, 0, "out of memory");
        } else if (d->fn(name, (rt_str){ (const char *) copy, copy->len }, d->user) < 0) {
                rti_fp_fail(&why, 0, "the host does not want it");
        } else {
                rc = RTI_FP_SUCCESS;
        }
        rti_free(&plugin->host->allocator, copy);
        return rc;
}

int
rt_falco_dump_state(rt_falco *falco, size_t index, rt_falco_state_fn *fn, void *user)
{
        dump d = { .fn = fn, .user = user };
        rti_fp *plugin;
        int r = RT_OK;

        if (!falco || !fn)
                return RT_EINVAL;
        plugin = plugin_at(falco, index);
        if (!plugin || !(plugin->caps & RT_FALCO_ASYNC) || !plugin->api.dump_state)
                return RT_ENOENT;
        rti_fp_enter(plugin);
        plugin->taker = &d;
        if (plugin->api.dump_state(plugin->state, plugin, take_state) != RTI_FP_SUCCESS)
                r = failed(plugin, "dump_state", &nobody);
        plugin->taker = NULL;
        rti_fp_leave(plugin);
        return r;
}
