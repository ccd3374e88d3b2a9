/* SPDX-License-Identifier: Apache-2.0 */
/* attach.c - plug-ins' sources and fields become an engine's. */
#include "falco/plugin.h"
#include <libruntime/runtime.h>

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
        plugin->ops.n_fields = plugin->n_fields;
        plugin->ops.user = plugin;
        r = rt_engine_add_source(engine, &plugin->ops);
        if (r == RT_EEXIST)
                return rti_fp_fail(message, r,
                                   "plugin '%s': a field of its is there already, of another "
                                   "source",
                                   plugin->name);
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

/* Fields of a plug-in without a source of its own: they are put beside those of another plug-in's
 * source, which reads them, too. */
static int
attach_fields(rti_fp *plugin, rt_engine *engine, const rti_fp_message *message)
{
        const rt_falco *host = plugin->host;
        const rti_fp *reader = NULL;
        int r;

        for (size_t i = 0; i < host->plugins.n && !reader; i++) {
                const rti_fp *other = host->plugins.at[i];

                if (*other->source && rti_fp_has_source(&plugin->extracts, other->source))
                        reader = other;
        }
        if (!reader) {
                rti_fp_logf(plugin, RT_FALCO_WARNING,
                            "none of the sources that it has fields for is a loaded plug-in's: its "
                            "fields are not there");
                return RT_OK;
        }
        plugin->ops = (rt_source_ops){ .size = sizeof plugin->ops,
                                       .abi = RT_SOURCE_ABI,
                                       .flags = RT_SOURCE_EXTENDS,
                                       .name = reader->source,
                                       .plugin = plugin->name,
                                       .version = plugin->version,
                                       .fields = plugin->descs,
                                       .n_fields = plugin->n_fields,
                                       .field_stride = sizeof *plugin->descs };
        r = rt_engine_add_source(engine, &plugin->ops);
        if (r == RT_EEXIST) {
                rti_fp_logf(plugin, RT_FALCO_WARNING,
                            "a field of its is there already: none of them is added");
                return RT_OK;
        }
        return r < 0 ? rti_fp_fail(message, r, "plugin '%s': cannot add its fields: %s",
                                   plugin->name, rt_status_name(r))
                     : RT_OK;
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
                if (*falco->plugins.at[i]->source)
                        r = attach_source(falco->plugins.at[i], engine, &to);
        for (size_t i = 0; i < falco->plugins.n && r == RT_OK; i++)
                if (!*falco->plugins.at[i]->source && falco->plugins.at[i]->n_fields)
                        r = attach_fields(falco->plugins.at[i], engine, &to);
        return r;
}
