/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load.c - a plug-in comes and goes.
 *
 *   in   a library and a configuration
 *   out  a plug-in that was checked and initialised; or a message, and nothing is left of it
 *
 * The order of the checks is Falco's, so that the first thing that is wrong is the same.
 */
#include "falco/capture.h"
#include "falco/isolate/isolate.h"
#include "falco/tables.h"
#include <dlfcn.h>
#include <unistd.h>

size_t
rti_fp_text_length(const char *text, size_t most)
{
        const size_t n = text ? strnlen(text, most + 1) : SIZE_MAX;

        return n > most ? SIZE_MAX : n;
}

int
rti_fp_copy(rti_fp *plugin, const char *text, size_t most, const char **ret_copy)
{
        const size_t n = rti_fp_text_length(text, most);
        rt_str copy;

        if (n == SIZE_MAX)
                return RT_EFORMAT;
        copy = rti_arena_copy(&plugin->arena, (rt_str){ text, n });
        if (!copy.ptr)
                return RT_ENOMEM;
        *ret_copy = copy.ptr;
        return RT_OK;
}

/* ---- the library ---- */

static void
resolve(rti_fp *plugin)
{
        void *symbol;

#define SYMBOL(name, needed, result, arguments)           \
        symbol = dlsym(plugin->library, "plugin_" #name); \
        memcpy(&plugin->api.name, &symbol, sizeof symbol);
#include "falco/symbols.def"
#undef SYMBOL
}

static int
open_library(rti_fp *plugin, const char *path, const rti_fp_message *message)
{
        const char *why;

        plugin->library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (plugin->library)
                return RT_OK;
        why = dlerror();
        return rti_fp_fail(message, access(path, F_OK) < 0 ? RT_ENOENT : RT_EFORMAT,
                           "can't load plugin dynamic library: %s", why ? why : path);
}

static int
check_api(rti_fp *plugin, const rti_fp_message *message)
{
        const char *missing = NULL;
        int r;

        if (plugin->api.get_required_api_version) {
                r = rti_fp_copy(plugin, plugin->api.get_required_api_version(),
                                RTI_FP_MAX_INFO_BYTES, &plugin->api_version);
                if (r == RT_EFORMAT)
                        plugin->api_version = "";
                else if (r < 0)
                        return r;
                r = rti_fp_check_api_version(plugin->api_version, message);
                if (r < 0)
                        return r;
        }
#define SYMBOL(name, needed, result, arguments)      \
        if (needed && !missing && !plugin->api.name) \
                missing = #name;
#include "falco/symbols.def"
#undef SYMBOL
        if (missing)
                return rti_fp_fail(message, RT_EFORMAT, "required symbol not implemented: '%s'",
                                   missing);
        return RT_OK;
}

static int
read_info(rti_fp *plugin, const rti_fp_message *message)
{
        const struct {
                const char *function;
                const char *(*get)(void);
                const char **to;
        } texts[] = {
                { "get_name", plugin->api.get_name, &plugin->name },
                { "get_description", plugin->api.get_description, &plugin->description },
                { "get_contact", plugin->api.get_contact, &plugin->contact },
                { "get_version", plugin->api.get_version, &plugin->version },
        };

        for (size_t i = 0; i < RTI_COUNT(texts); i++) {
                const int r =
                        rti_fp_copy(plugin, texts[i].get(), RTI_FP_MAX_INFO_BYTES, texts[i].to);

                if (r == RT_EFORMAT)
                        return rti_fp_fail(message, r, RTI_FP_NO_TEXT, texts[i].function,
                                           (int) RTI_FP_MAX_INFO_BYTES);
                if (r < 0)
                        return r;
        }
        if (!*plugin->name)
                return rti_fp_fail(message, RT_EFORMAT, "get_name returned an empty text");
        if (!rti_fp_is_semver(plugin->version))
                return rti_fp_fail(message, RT_EFORMAT,
                                   "plugin provided an invalid version string: '%s'",
                                   plugin->version);
        return RT_OK;
}

/* ---- initialisation ---- */

static void
log_of_plugin(void *owner, const char *component, const char *text, int32_t severity)
{
        const rti_fp *plugin = owner;
        const uint32_t level = severity < RT_FALCO_FATAL || severity > RT_FALCO_TRACE
                                       ? RT_FALCO_INFO
                                       : (uint32_t) severity;
        const size_t n = rti_fp_text_length(text, RTI_FP_MAX_INFO_BYTES);

        if (n == SIZE_MAX)
                return;
        if (component && *component
            && rti_fp_text_length(component, RTI_FP_MAX_INFO_BYTES) != SIZE_MAX)
                rti_fp_logf(plugin, level, "%s: %s", component, text);
        else
                rti_fp_log(plugin, level, text);
}

static int
init(rti_fp *plugin, const char *config, const rti_fp_message *message)
{
        rti_fp_init_input input = { .config = config,
                                    .owner = plugin,
                                    .owner_error = rti_fp_owner_error,
                                    /* The C++ SDK reads them in plug-ins of any kind. */
                                    .tables = &rti_fp_owner_tables,
                                    .log = log_of_plugin };
        int32_t rc = RTI_FP_FAILURE;
        char error[RTI_FP_ERROR_BYTES];

        plugin->host->call.plugin = plugin;
        plugin->state = plugin->api.init(&input, &rc);
        plugin->host->call.plugin = NULL;
        rti_fp_calls_forget(plugin->host);
        if (rc == RTI_FP_SUCCESS) /* with a state, or without any */
                return RT_OK;
        rti_fp_last_error(plugin, error, sizeof error);
        return rti_fp_fail(message, RT_EIO, "could not initialize plugin '%s': %s", plugin->name,
                           error);
}

/* Which version of the table of events a plug-in was made for that sees system calls. After init,
 * since it takes the plug-in's state. */
static int
check_schema_version(rti_fp *plugin, const rti_fp_message *message)
{
        const char *version = "";
        int r;

        if (!plugin->api.get_required_event_schema_version
            || (!rti_fp_sees_others(&plugin->extracts) && !rti_fp_sees_others(&plugin->parses)))
                return RT_OK;
        r = rti_fp_copy(plugin, plugin->api.get_required_event_schema_version(plugin->state),
                        RTI_FP_MAX_INFO_BYTES, &version);
        if (r < 0) /* NULL: it does not care */
                return r == RT_EFORMAT ? RT_OK : r;
        r = rti_fp_check_schema_version(version, message);
        if (r == 1)
                rti_fp_logf(
                        plugin, RT_FALCO_WARNING,
                        "it was made for events of version %s: in those of today, which all "
                        "but captures of that time have, some of what it looks for is elsewhere",
                        version);
        return r < 0 ? r : RT_OK;
}

int
rti_fp_check_name(const rti_fp *plugin, const rti_fp_message *message)
{
        const rt_falco *host = plugin->host;

        for (size_t i = 0; i < host->plugins.n; i++) {
                const rti_fp *other = host->plugins.at[i];

                if (strcmp(other->name, plugin->name) == 0)
                        return rti_fp_fail(message, RT_EEXIST,
                                           "found another plugin with name '%s'", plugin->name);
                if (*plugin->source && strcmp(other->source, plugin->source) == 0
                    && other->id != plugin->id)
                        return rti_fp_fail(message, RT_EEXIST,
                                           "plugin '%s' brings events of source '%s', as plugin "
                                           "'%s' does, but with another id",
                                           plugin->name, plugin->source, other->name);
        }
        return RT_OK;
}

rti_fp *
rti_fp_of_source(const rt_falco *host, const char *source)
{
        for (size_t i = 0; i < host->plugins.n; i++)
                if (*source && strcmp(host->plugins.at[i]->source, source) == 0)
                        return host->plugins.at[i];
        return NULL;
}

static int
fill(rti_fp *plugin, const rt_falco_plugin *what, const rti_fp_message *message)
{
        const char *config = NULL;
        int r = open_library(plugin, what->library_path, message);

        if (r < 0)
                return r;
        resolve(plugin);
        r = rti_fp_copy(plugin, what->library_path, RTI_FP_MAX_INFO_BYTES, &plugin->path);
        r = r < 0 ? r : check_api(plugin, message);
        r = r < 0 ? r : read_info(plugin, message);
        r = r < 0 ? r : rti_fp_find_caps(plugin, message);
        r = r < 0 ? r : rti_fp_check_name(plugin, message);
        r = r < 0 ? r : rti_fp_read_fields(plugin, message);
        r = r < 0 ? r : rti_fp_read_schema(plugin, message);
        r = r < 0 ? r : rti_fp_check_config(plugin, what->init_config, &config, message);
        r = r < 0 ? r : init(plugin, config, message);
        r = r < 0 ? r : rti_fp_read_scopes(plugin, message);
        return r < 0 ? r : check_schema_version(plugin, message);
}

int
rti_fp_load(rt_falco *host, const rt_falco_plugin *what, const rti_fp_message *message,
            rti_fp **ret_plugin)
{
        rti_fp *plugin = rti_calloc(&host->allocator, 1, sizeof *plugin);
        int r;

        if (!plugin)
                return RT_ENOMEM;
        plugin->host = host;
        plugin->elsewhere = what->flags & RT_FALCO_ELSEWHERE;
        plugin->name = plugin->version = plugin->description = plugin->contact = plugin->path =
                plugin->api_version = plugin->schema = plugin->source = "";
        rti_arena_init(&plugin->arena, &host->allocator, 0);
        plugin->calls = &plugin->lock;
        if (rti_fp_lock_init(&plugin->lock) < 0) {
                rti_free(&host->allocator, plugin);
                return RT_ENOMEM;
        }
        r = what->flags & RT_FALCO_ISOLATED ? rti_fi_load(plugin, what, message)
                                            : fill(plugin, what, message);
        if (r < 0) {
                rti_fp_unload(plugin);
                return r;
        }
        *ret_plugin = plugin;
        return RT_OK;
}

void
rti_fp_unload(rti_fp *plugin)
{
        const rt_allocator *allocator = &plugin->host->allocator;

        rti_fp_routines_stop(plugin);
        if (plugin->state)
                plugin->api.destroy(plugin->state);
        rti_fp_tables_forget(plugin);
        if (plugin->library)
                dlclose(plugin->library);
        rti_arena_done(&plugin->arena);
        pthread_mutex_destroy(&plugin->lock);
        rti_free(allocator, plugin);
}
