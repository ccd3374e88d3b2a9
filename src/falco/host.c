/* SPDX-License-Identifier: Apache-2.0 */
/* host.c - rt_falco_*: the plug-ins of one host, what they say, and what is said of them. */
#include "base/opts.h"
#include "falco/system.h"
#include <stdarg.h>
#include <stdio.h>

static const char *const lie_texts[] = {
#define LIE(id, what) what,
#include "falco/lies.def"
#undef LIE
};

int
rti_fp_fail(const rti_fp_message *message, int r, const char *format, ...)
{
        va_list args;

        va_start(args, format);
        if (message->room)
                vsnprintf(message->to, message->room, format, args);
        va_end(args);
        return r;
}

int
rti_fp_lock_init(pthread_mutex_t *lock)
{
        pthread_mutexattr_t attributes;
        int failed;

        if (pthread_mutexattr_init(&attributes) != 0)
                return RT_ENOMEM;
        failed = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
        failed = failed ? failed : pthread_mutex_init(lock, &attributes);
        pthread_mutexattr_destroy(&attributes);
        return failed ? RT_ENOMEM : RT_OK;
}

void
rti_fp_enter(rti_fp *plugin)
{
        rt_falco *host = plugin->host;

        pthread_mutex_lock(plugin->calls);
        if (!rti_fp_shares(plugin))
                return;
        if (host->call.depth++ == 0)
                rti_fp_calls_forget(host);
        host->call.plugin = plugin;
}

void
rti_fp_leave(rti_fp *plugin)
{
        rt_falco *host = plugin->host;

        if (rti_fp_shares(plugin) && --host->call.depth == 0) {
                host->call.plugin = NULL;
                host->call.system = NULL;
        }
        pthread_mutex_unlock(plugin->calls);
}

/* ---- messages of plug-ins ---- */

void
rti_fp_log(const rti_fp *plugin, uint32_t severity, const char *message)
{
        rt_falco *host = plugin->host;

        if (!host->opts.log)
                return;
        pthread_mutex_lock(&host->log_lock);
        host->opts.log(plugin->name, severity, message, host->opts.log_user);
        pthread_mutex_unlock(&host->log_lock);
}

void
rti_fp_logf(const rti_fp *plugin, uint32_t severity, const char *format, ...)
{
        char text[RTI_FP_ERROR_BYTES * 2];
        va_list args;

        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        rti_fp_log(plugin, severity, text);
}

void
rti_fp_lied(rti_fp *plugin, enum rti_fp_lie lie)
{
        atomic_fetch_add_explicit(&plugin->lies[lie], 1, memory_order_relaxed);
        if (!atomic_exchange(&plugin->said[lie], true))
                rti_fp_logf(plugin, RT_FALCO_WARNING, "%s; what is so is left out, and counted",
                            lie_texts[lie]);
}

const char *
rti_fp_lie_text(enum rti_fp_lie lie)
{
        return lie_texts[lie];
}

void
rti_fp_last_error(rti_fp *plugin, char *to, size_t room)
{
        const char *text = plugin->state ? plugin->api.get_last_error(plugin->state) : NULL;
        const size_t n = rti_fp_text_length(text, RTI_FP_MAX_INFO_BYTES);

        if (n == SIZE_MAX || n == 0)
                snprintf(to, room, "no error text");
        else
                snprintf(to, room, "%s", text);
}

/* ---- the host ---- */

enum { N_LOCKS = 4 };

static pthread_mutex_t *
lock_at(rt_falco *falco, size_t index)
{
        pthread_mutex_t *const locks[N_LOCKS] = { &falco->log_lock, &falco->lock,
                                                  &falco->captures_lock, &falco->inboxes_lock };

        return locks[index];
}

static int
init_locks(rt_falco *falco)
{
        for (size_t i = 0; i < N_LOCKS; i++)
                if (rti_fp_lock_init(lock_at(falco, i)) < 0) {
                        while (i-- > 0)
                                pthread_mutex_destroy(lock_at(falco, i));
                        return RT_ENOMEM;
                }
        return RT_OK;
}

int
rt_falco_new(const rt_falco_opts *opts, rt_falco **ret_falco)
{
        const rt_allocator *allocator;
        rt_falco_opts known;
        rt_falco *falco;
        int r;

        if (!ret_falco)
                return RT_EINVAL;
        r = rti_opts_take(opts, sizeof known, &known);
        if (r < 0)
                return r;
        allocator = known.allocator ? known.allocator : &rti_alloc_default;
        if (!allocator->resize)
                return RT_EINVAL;
        falco = rti_calloc(allocator, 1, sizeof *falco);
        if (!falco)
                return RT_ENOMEM;
        if (init_locks(falco) < 0) {
                rti_free(allocator, falco);
                return RT_ENOMEM;
        }
        falco->allocator = *allocator;
        falco->opts = known;
        r = rti_fp_system_init(falco);
        if (r < 0) {
                rt_falco_unref(falco);
                return r;
        }
        *ret_falco = falco;
        return RT_OK;
}

rt_falco *
rt_falco_unref(rt_falco *falco)
{
        rt_allocator allocator;

        if (!falco)
                return NULL;
        allocator = falco->allocator;
        while (falco->plugins.n)
                rti_fp_unload(falco->plugins.at[--falco->plugins.n]);
        rti_fp_system_done(falco);
        rti_vec_done(&falco->plugins, &allocator);
        rti_vec_done(&falco->tables, &allocator);
        rti_vec_done(&falco->table_infos, &allocator);
        for (size_t i = 0; i < N_LOCKS; i++)
                pthread_mutex_destroy(lock_at(falco, i));
        rti_free(&allocator, falco);
        return NULL;
}

int
rt_falco_load(rt_falco *falco, const rt_falco_plugin *plugin, char *message, size_t room)
{
        const rti_fp_message to = { message, message ? room : 0 };
        rt_falco_plugin known;
        rti_fp *loaded = NULL;
        int r;

        if (to.room)
                *message = '\0';
        if (!falco || !plugin)
                return RT_EINVAL;
        r = rti_opts_take(plugin, sizeof known, &known);
        if (r < 0)
                return r;
        if (!known.library_path || falco->attached
            || known.flags
                       & ~(uint32_t) (RT_FALCO_ISOLATED | RT_FALCO_REOPENED | RT_FALCO_ELSEWHERE))
                return RT_EINVAL;
        r = rti_fp_load(falco, &known, &to, &loaded);
        if (r == RT_OK) {
                r = rti_vec_push(&falco->plugins, &falco->allocator, loaded, RTI_FP_MAX_PLUGINS);
                if (r == RT_ELIMIT)
                        rti_fp_fail(&to, r, "more than %d plugins", (int) RTI_FP_MAX_PLUGINS);
                if (r < 0)
                        rti_fp_unload(loaded);
        }
        if (r < 0 && to.room && !*message)
                rti_fp_fail(&to, r, "%s", rt_status_name(r));
        return r;
}

/* ---- what there is ---- */

int
rt_falco_get(const rt_falco *falco, size_t index, rt_falco_info *ret_info)
{
        rt_falco_info info = RT_INIT(rt_falco_info);
        const rti_fp *plugin;

        if (!falco || !ret_info)
                return RT_EINVAL;
        if (index >= falco->plugins.n)
                return RT_ENOENT;
        plugin = falco->plugins.at[index];
        info.name = plugin->name;
        info.version = plugin->version;
        info.description = plugin->description;
        info.contact = plugin->contact;
        info.library_path = plugin->path;
        info.api_version = plugin->api_version;
        info.source = plugin->source;
        info.init_schema = plugin->schema;
        info.id = plugin->id;
        info.capabilities = plugin->caps;
        info.n_fields = plugin->n_fields;
        for (size_t i = 0; i < RTI_FP_N_LIES; i++)
                info.lies += atomic_load(&plugin->lies[i]);
        info.failures = atomic_load(&plugin->failures);
        info.ended = atomic_load(&plugin->n_ended);
        info.flags = plugin->proxy ? RT_FALCO_ISOLATED : 0;
        return rti_opts_give(&info, sizeof info, ret_info);
}

int
rt_falco_limit(size_t index, const char **ret_name, uint64_t *ret_value, const char **ret_what)
{
        static const struct {
                const char *name, *what;
                uint64_t value;
        } rows[] = {
#define LIMIT(name, value, what) { #name, what, value },
#include "falco/limits.def"
#undef LIMIT
        };

        if (!ret_name || !ret_value || !ret_what)
                return RT_EINVAL;
        if (index >= RTI_COUNT(rows))
                return RT_ENOENT;
        *ret_name = rows[index].name;
        *ret_value = rows[index].value;
        *ret_what = rows[index].what;
        return RT_OK;
}
