/* SPDX-License-Identifier: Apache-2.0 */
/*
 * describe.c - what a process says of its plug-in.
 *
 *   in   texts and numbers, in the order of rti_fi_tell (host/tell.c)
 *   out  the plug-in's description, checked as that of one in this process
 */
#include "falco/isolate/proxy.h"

enum symbol {
#define SYMBOL(name, needed, result, arguments) SYMBOL_##name,
#include "falco/symbols.def"
#undef SYMBOL
};

/* A text that must be there. */
static int
read_text(rti_fp *plugin, rti_fi_reader *in, size_t most, const char **ret_text)
{
        const rt_str text = rti_fi_get_text(in);

        return rti_fp_copy(plugin, text.ptr, most, ret_text);
}

static int
read_names(rti_fp *plugin, rti_fi_reader *in, const rt_str **ret_at, size_t *ret_n)
{
        const uint32_t n = rti_fi_get_u32(in);
        rt_str *names;

        /* Its own source comes on top of those that it lists. */
        if (in->bad || n > RTI_FP_MAX_NAMES + 1)
                return RT_EFORMAT;
        names = RTI_NEWN(&plugin->arena, rt_str, n + 1);
        if (!names)
                return RT_ENOMEM;
        for (uint32_t i = 0; i < n; i++) {
                const char *text = NULL;
                const int r = read_text(plugin, in, RTI_FP_MAX_JSON_BYTES, &text);

                if (r < 0)
                        return r;
                names[i] = rti_str_of(text);
        }
        *ret_at = names;
        *ret_n = n;
        return RT_OK;
}

static int
read_scope(rti_fp *plugin, rti_fi_reader *in, rti_fp_scope *scope)
{
        const int r = read_names(plugin, in, &scope->sources, &scope->n_sources);

        for (size_t i = 0; i < RTI_COUNT(scope->types); i++)
                scope->types[i] = rti_fi_get_u64(in);
        return r;
}

static int
read_scopes(rti_fp *plugin, rti_fi_reader *in)
{
        int r = read_scope(plugin, in, &plugin->extracts);

        r = r < 0 ? r : read_scope(plugin, in, &plugin->parses);
        r = r < 0 ? r : read_scope(plugin, in, &plugin->asyncs);
        return r < 0 ? r : read_names(plugin, in, &plugin->async_names, &plugin->n_async_names);
}

static int
read_texts(rti_fp *plugin, rti_fi_reader *in)
{
        const char **const texts[] = { &plugin->name,    &plugin->version, &plugin->description,
                                       &plugin->contact, &plugin->path,    &plugin->api_version,
                                       &plugin->source };
        int r = RT_OK;

        for (size_t i = 0; i < RTI_COUNT(texts) && r == RT_OK; i++)
                r = read_text(plugin, in, RTI_FP_MAX_INFO_BYTES, texts[i]);
        r = r < 0 ? r : read_text(plugin, in, RTI_FP_MAX_JSON_BYTES, &plugin->schema);
        plugin->schema_type = (int32_t) rti_fi_get_u32(in);
        plugin->id = rti_fi_get_u32(in);
        plugin->caps = rti_fi_get_u32(in);
        return r;
}

/* What cannot be found out by asking. */
static bool
makes_sense(const rti_fp *plugin)
{
        const uint32_t all = RT_FALCO_SOURCING | RT_FALCO_EXTRACTION | RT_FALCO_PARSING
                             | RT_FALCO_ASYNC | RT_FALCO_LISTENING;

        return plugin->caps && !(plugin->caps & ~all) && *plugin->name
               && rti_fp_is_semver(plugin->version)
               && (plugin->schema_type == RTI_FP_SCHEMA_NONE
                   || plugin->schema_type == RTI_FP_SCHEMA_JSON)
               && (plugin->id != 0) == (*plugin->source != '\0')
               && (plugin->caps & RT_FALCO_SOURCING || !plugin->id)
               && strcmp(plugin->source, "syscall") != 0;
}

/* Functions that are asked for by name are there or not. */
static void
keep_functions(rti_fp *plugin, uint64_t has)
{
#define SYMBOL(name, needed, result, arguments) \
        if (!(has >> SYMBOL_##name & 1))        \
                plugin->api.name = NULL;
#include "falco/symbols.def"
#undef SYMBOL
}

static int
read_all(rti_fp *plugin, rti_fi_reader *in, const rti_fp_message *message)
{
        uint64_t has;
        rt_str fields;
        int r = read_texts(plugin, in);

        has = rti_fi_get_u64(in);
        r = r < 0 ? r : read_scopes(plugin, in);
        fields = rti_fi_get_text(in);
        if (r == RT_OK && (in->bad || in->left || !makes_sense(plugin)))
                r = RT_EFORMAT;
        if (r < 0)
                return r;
        keep_functions(plugin, has | (uint64_t) 1 << SYMBOL_destroy
                                       | (uint64_t) 1 << SYMBOL_get_last_error);
        return plugin->caps & RT_FALCO_EXTRACTION
                       ? rti_fp_parse_fields(plugin, fields.ptr ? fields : RTI_STR(""), message)
                       : RT_OK;
}

/* A capability is a set of functions. */
static bool
has_functions(const rti_fp *plugin)
{
        const rti_fp_api *api = &plugin->api;
        const uint32_t caps = plugin->caps;

        return (!(caps & RT_FALCO_SOURCING) || (api->open && api->close && api->next_batch))
               && (!(caps & RT_FALCO_EXTRACTION) || api->extract_fields)
               && (!(caps & RT_FALCO_PARSING) || api->parse_event)
               && (!(caps & RT_FALCO_ASYNC) || api->set_async_event_handler)
               && (!(caps & RT_FALCO_LISTENING) || (api->capture_open && api->capture_close));
}

int
rti_fi_describe(rti_fi_proxy *x, rt_str told, const rti_fp_message *message)
{
        rti_fi_reader in = { told.ptr, told.len, false };
        const rt_allocator *allocator = &x->plugin->host->allocator;
        char *copy = rti_alloc(allocator, told.len + 1);
        int r;

        if (!copy)
                return RT_ENOMEM;
        if (told.len)
                memcpy(copy, told.ptr, told.len);
        x->told = (rt_str){ copy, told.len };
        r = read_all(x->plugin, &in, message);
        if (r == RT_OK && !has_functions(x->plugin))
                r = RT_EFORMAT;
        if (r == RT_EFORMAT && message->room && !*message->to)
                rti_fp_fail(message, r, "its process does not say what the plug-in is");
        if (r < 0)
                return r;
        x->wants.first = rti_alloc(allocator, (x->plugin->n_fields + 1) * sizeof(uint32_t));
        if (!x->wants.first)
                return RT_ENOMEM;
        memset(x->wants.first, 0xff, (x->plugin->n_fields + 1) * sizeof(uint32_t));
        return rti_fp_check_name(x->plugin, message);
}
