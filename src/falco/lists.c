/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lists.c - for which events a plug-in's capabilities are: lists of sources, types and names.
 *
 * A capability is for the sources that are listed and for the plug-in's own one; for every source
 * if there are neither. Without a list of types it is for all types if it is for `syscall`, and for
 * plug-ins' events alone otherwise.
 */
#include "falco/document.h"

int
rti_fp_read_names(rti_fp *plugin, const char *text, const char *function, const rt_str **ret_at,
                  size_t *ret_n, const rti_fp_message *message)
{
        rti_fp_document d = { .plugin = plugin, .what = function, .message = message };
        const size_t len = rti_fp_text_length(text, RTI_FP_MAX_JSON_BYTES);
        rt_str *names = NULL;
        size_t n = 0, some = 0; /* empty names are none */
        rti_json_node node;
        int r;

        if (len == SIZE_MAX)
                return rti_fp_fail(message, RT_EFORMAT, RTI_FP_NO_TEXT, function,
                                   (int) RTI_FP_MAX_JSON_BYTES);
        *ret_n = 0;
        if (len == 0)
                return RT_OK;
        r = rti_fp_document_read(&d, text, len);
        if (r == RT_OK && rti_json_type(d.doc, rti_json_root(d.doc)) != RTI_JSON_ARRAY)
                r = rti_fp_fail(message, RT_EFORMAT, "%s must return a JSON list of strings",
                                function);
        if (r == RT_OK) {
                n = rti_json_count(d.doc, rti_json_root(d.doc));
                if (n > RTI_FP_MAX_NAMES)
                        r = rti_fp_fail(message, RT_ELIMIT, "%s returned more than %d names",
                                        function, (int) RTI_FP_MAX_NAMES);
        }
        if (r == RT_OK) {
                names = RTI_NEWN(&plugin->arena, rt_str, n + 1);
                r = names ? RT_OK : RT_ENOMEM;
                node = rti_json_first(d.doc, rti_json_root(d.doc));
        }
        for (size_t i = 0; i < n && r == RT_OK; i++) {
                r = rti_fp_document_copy(&d, node, &names[some]);
                if (r == RT_EFORMAT)
                        rti_fp_fail(message, r, "%s must return a JSON list of strings", function);
                some += r == RT_OK && names[some].len;
                node = rti_json_next(d.doc, node);
        }
        rti_fp_document_done(&d);
        if (r < 0)
                return r;
        *ret_at = names;
        *ret_n = some;
        return RT_OK;
}

/* ---- scopes ---- */

typedef struct asked {
        const char *sources_name, *types_name;
        const char *(*sources)(void);
        const uint16_t *(*types)(uint32_t *ret_n, void *plugin);
} asked;

static bool
lists(const rti_fp_scope *scope, const char *source)
{
        for (size_t i = 0; i < scope->n_sources; i++)
                if (rti_str_is(scope->sources[i], source))
                        return true;
        return false;
}

bool
rti_fp_has_source(const rti_fp_scope *scope, const char *source)
{
        return scope->n_sources == 0 || lists(scope, source);
}

bool
rti_fp_in_scope(const rti_fp_scope *scope, const char *source, uint32_t type)
{
        return type < 512 && scope->types[type / 64] >> type % 64 & 1
               && rti_fp_has_source(scope, source);
}

bool
rti_fp_sees_others(const rti_fp_scope *scope)
{
        uint64_t others = 0;

        for (uint32_t i = 0; i < 512 / 64; i++)
                others |= i == RTI_FP_PLUGIN_EVENT / 64
                                  ? scope->types[i] & ~((uint64_t) 1 << RTI_FP_PLUGIN_EVENT % 64)
                                  : scope->types[i];
        return others;
}

static void
add_type(rti_fp_scope *scope, uint32_t type)
{
        if (type < 512)
                scope->types[type / 64] |= (uint64_t) 1 << type % 64;
}

/* The plug-in's own source is one of them, always. */
static int
add_own_source(rti_fp *plugin, rti_fp_scope *scope)
{
        rt_str *all;

        if (!*plugin->source || lists(scope, plugin->source))
                return RT_OK;
        all = RTI_NEWN(&plugin->arena, rt_str, scope->n_sources + 1);
        if (!all)
                return RT_ENOMEM;
        if (scope->n_sources)
                memcpy(all, scope->sources, scope->n_sources * sizeof *all);
        all[scope->n_sources++] = rti_str_of(plugin->source);
        scope->sources = all;
        return RT_OK;
}

static int
read_scope(rti_fp *plugin, const asked *a, rti_fp_scope *scope, const rti_fp_message *message)
{
        const uint16_t *types = NULL;
        uint32_t n = 0;
        int r = RT_OK;

        if (a->sources)
                r = rti_fp_read_names(plugin, a->sources(), a->sources_name, &scope->sources,
                                      &scope->n_sources, message);
        r = r < 0 ? r : add_own_source(plugin, scope);
        if (r < 0)
                return r;
        if (a->types)
                types = a->types(&n, plugin->state);
        if (n > RTI_FP_MAX_TYPES)
                return rti_fp_fail(message, RT_ELIMIT, "%s returned more than %d types",
                                   a->types_name, (int) RTI_FP_MAX_TYPES);
        if (n && !types)
                return rti_fp_fail(message, RT_EFORMAT,
                                   "%s returned a number of types and no array", a->types_name);
        for (uint32_t i = 0; i < n; i++)
                add_type(scope, types[i]);
        if (!n && rti_fp_has_source(scope, "syscall"))
                memset(scope->types, 0xff, sizeof scope->types);
        else if (!n)
                add_type(scope, RTI_FP_PLUGIN_EVENT);
        return RT_OK;
}

int
rti_fp_read_scopes(rti_fp *plugin, const rti_fp_message *message)
{
        const rti_fp_api *api = &plugin->api;
        const asked extracts = { "get_extract_event_sources", "get_extract_event_types",
                                 api->get_extract_event_sources, api->get_extract_event_types };
        const asked parses = { "get_parse_event_sources", "get_parse_event_types",
                               api->get_parse_event_sources, api->get_parse_event_types };
        const asked asyncs = { "get_async_event_sources", "", api->get_async_event_sources, NULL };
        int r = RT_OK;

        if (plugin->caps & RT_FALCO_EXTRACTION)
                r = read_scope(plugin, &extracts, &plugin->extracts, message);
        if (r == RT_OK && plugin->caps & RT_FALCO_PARSING)
                r = read_scope(plugin, &parses, &plugin->parses, message);
        if (r == RT_OK && plugin->caps & RT_FALCO_ASYNC)
                r = read_scope(plugin, &asyncs, &plugin->asyncs, message);
        if (r == RT_OK && plugin->caps & RT_FALCO_ASYNC) {
                r = rti_fp_read_names(plugin, api->get_async_events(), "get_async_events",
                                      &plugin->async_names, &plugin->n_async_names, message);
                if (r == RT_OK && !plugin->n_async_names)
                        r = rti_fp_fail(message, RT_EFORMAT, "get_async_events returned no names");
        }
        return r;
}
