/* SPDX-License-Identifier: Apache-2.0 */
/* attach.c - plug-ins' sources and fields become an engine's. */
#include "falco/extend.h"
#include "falco/records.h"
#include "falco/stream.h"
#include "falco/system.h"

/* Is there a built-in source that this one takes the place of? */
static bool
is_known(const rt_engine *engine, const char *source)
{
        rt_source_info info = RT_INIT(rt_source_info);

        for (size_t i = 0; rt_engine_source(engine, i, &info) == RT_OK; i++)
                if (strcmp(info.name, source) == 0)
                        return true;
        return false;
}

/* A field of the plug-in that another one has brought before; NULL: none. */
static const char *
find_clash(const rti_fp *plugin, const rti_fp **ret_other)
{
        const rt_falco *host = plugin->host;

        for (size_t i = 0; i < host->plugins.n && host->plugins.at[i] != plugin; i++)
                for (size_t k = 0; k < plugin->n_fields; k++)
                        for (size_t m = 0; m < host->plugins.at[i]->n_fields; m++)
                                if (strcmp(plugin->fields[k].name,
                                           host->plugins.at[i]->fields[m].name)
                                    == 0) {
                                        *ret_other = host->plugins.at[i];
                                        return plugin->fields[k].name;
                                }
        return NULL;
}

/* A field of its is there already. */
static int
clashes(const rti_fp *plugin, const rti_fp_message *message)
{
        const rti_fp *other = NULL;
        const char *name = find_clash(plugin, &other);

        if (!name)
                return rti_fp_fail(message, RT_EEXIST,
                                   "plugin '%s': a field of its is there already, built in for "
                                   "another source",
                                   plugin->name);
        return rti_fp_fail(message, RT_EEXIST,
                           "plugin '%s': field '%s' is there already, of plugin '%s'", plugin->name,
                           name, other->name);
}

/* Is it a second plug-in of its source, whose events are the first one's? */
static bool
is_second(const rti_fp *plugin)
{
        return *plugin->source && rti_fp_of_source(plugin->host, plugin->source) != plugin;
}

/* Has it fields for other sources' events than its own? Those of its source come along then. */
static bool
has_fields_for_others(const rti_fp *plugin)
{
        for (size_t i = 0; i < plugin->extracts.n_sources; i++)
                if (!rti_str_is(plugin->extracts.sources[i], plugin->source))
                        return true;
        return !*plugin->source;
}

static int
attach_source(rti_fp *plugin, rt_engine *engine, const rti_fp_message *message)
{
        const bool replaces = is_known(engine, plugin->source);
        int r;

        plugin->ops = rti_fp_source_ops;
        plugin->ops.name = plugin->source;
        plugin->ops.plugin = plugin->name;
        plugin->ops.version = plugin->version;
        plugin->ops.fields = plugin->descs;
        plugin->ops.n_fields = has_fields_for_others(plugin) ? 0 : plugin->n_fields;
        plugin->ops.user = plugin;
        r = rt_engine_add_source(engine, &plugin->ops);
        if (r == RT_EEXIST)
                return clashes(plugin, message);
        if (r < 0)
                return rti_fp_fail(message, r, "plugin '%s': cannot add source '%s': %s",
                                   plugin->name, plugin->source, rt_status_name(r));
        if (replaces)
                rti_fp_logf(plugin, RT_FALCO_NOTICE,
                            "source '%s' is this plug-in's from now on: the built-in one is "
                            "replaced",
                            plugin->source);
        return RT_OK;
}

/* Fields that do not come with a source. */
static int
attach_fields(rti_fp *plugin, rt_engine *engine, const rti_fp_message *message)
{
        int r;

        if (!plugin->n_fields || (!has_fields_for_others(plugin) && !is_second(plugin)))
                return RT_OK;
        r = rti_fp_extend(plugin, engine, message);
        return r == RT_EEXIST ? clashes(plugin, message) : r;
}

/* evt.type may be compared with their names. */
static int
attach_async_events(const rti_fp *plugin, rt_engine *engine)
{
        int r = RT_OK;

        for (size_t i = 0; i < plugin->n_async_names && r == RT_OK; i++)
                r = rt_engine_add_async_event(engine, plugin->async_names[i].ptr);
        return r;
}

int
rt_falco_attach(rt_falco *falco, rt_engine *engine, char *message, size_t room)
{
        const rti_fp_message to = { message, message ? room : 0 };
        int r = RT_OK;

        if (to.room)
                *message = '\0';
        if (!falco || !engine)
                return RT_EINVAL;
        falco->attached = true;
        for (size_t i = 0; i < falco->plugins.n && r == RT_OK; i++)
                if (*falco->plugins.at[i]->source && !is_second(falco->plugins.at[i]))
                        r = attach_source(falco->plugins.at[i], engine, &to);
        for (size_t i = 0; i < falco->plugins.n && r == RT_OK; i++)
                r = attach_async_events(falco->plugins.at[i], engine);
        if (r == RT_OK)
                r = rti_fp_system_attach(falco, engine, &to);
        if (r == RT_OK)
                r = rti_fp_stream_attach(falco, engine, &to);
        if (r == RT_OK)
                r = rti_fp_records_attach(falco, engine, &to);
        for (size_t i = 0; i < falco->plugins.n && r == RT_OK; i++)
                r = attach_fields(falco->plugins.at[i], engine, &to);
        return r;
}
