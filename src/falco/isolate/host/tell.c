/* SPDX-License-Identifier: Apache-2.0 */
/* tell.c - what the plug-in is, in the order in which describe.c reads it. */
#include "server.h"

static void
put_names(rti_fi_writer *w, const rt_str *names, size_t n)
{
        rti_fi_put_u32(w, (uint32_t) n);
        for (size_t i = 0; i < n; i++)
                rti_fi_put_text(w, names[i]);
}

static void
put_scope(rti_fi_writer *w, const rti_fp_scope *scope)
{
        put_names(w, scope->sources, scope->n_sources);
        for (size_t i = 0; i < RTI_COUNT(scope->types); i++)
                rti_fi_put_u64(w, scope->types[i]);
}

void
tell_plugin(const rti_fp *plugin, rti_fi_writer *w)
{
        const char *const texts[] = { plugin->name,    plugin->version, plugin->description,
                                      plugin->contact, plugin->path,    plugin->api_version,
                                      plugin->source };
        uint64_t has = 0, bit = 1;

        for (size_t i = 0; i < RTI_COUNT(texts); i++)
                rti_fi_put_plain(w, texts[i], RTI_FP_MAX_INFO_BYTES);
        rti_fi_put_plain(w, plugin->schema, RTI_FP_MAX_JSON_BYTES);
        rti_fi_put_u32(w, (uint32_t) plugin->schema_type);
        rti_fi_put_u32(w, plugin->id);
        rti_fi_put_u32(w, plugin->caps);
#define SYMBOL(name, needed, result, arguments) \
        has |= plugin->api.name ? bit : 0;      \
        bit <<= 1;
#include "falco/symbols.def"
#undef SYMBOL
        rti_fi_put_u64(w, has);
        put_scope(w, &plugin->extracts);
        put_scope(w, &plugin->parses);
        put_scope(w, &plugin->asyncs);
        put_names(w, plugin->async_names, plugin->n_async_names);
        rti_fi_put_plain(w, plugin->caps & RT_FALCO_EXTRACTION ? plugin->api.get_fields() : "",
                         RTI_FP_MAX_JSON_BYTES);
}
