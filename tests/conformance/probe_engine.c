/* SPDX-License-Identifier: Apache-2.0 */
/*
 * probe_engine.c - engines for cases, and the sources that only tests need.
 *
 * A source's callbacks get no pointer of the caller's before `create`, so what a case wants of them
 * stands in file-scope variables; the probe answers one request after the other.
 */
#include "probe_engine.h"
#include "sources/builtin.h"
#include "sources/cloudtrail/cloudtrail.h"
#include "sources/k8saudit/k8saudit.h"
#include <stdlib.h>

enum { MAX_FIELDS = 16, MAX_RAW = 256, MAX_SLOTS = 64, MAX_SOURCES = 32 };

static rt_field_desc mock_fields[MAX_FIELDS], raw_fields[MAX_RAW];
static rt_value mock_values[MAX_FIELDS];
static uint32_t mock_slots[MAX_SLOTS]; /* slot -> field */

/* ---- reading: all bytes are one event ---- */

/* The record reader inside of a source, which extracts from what it parsed last. */
static rti_kit *(*kit_of)(void *state);

static rti_kit *
kit_of_cloudtrail(void *state)
{
        return &((cloudtrail *) state)->kit;
}

static rti_kit *
kit_of_k8saudit(void *state)
{
        return &((k8saudit *) state)->kit;
}

static int
raw_next(void *state, rt_input *input, rt_event *event)
{
        rti_json_error error;
        rt_str window;
        int r;

        while ((r = rt_input_more(input)) == 1)
                continue;
        if (r < 0)
                return r;
        window = rt_input_window(input);
        if (!window.len)
                return RT_EOF;
        event->payload = window;
        event->type = RT_EVENT_PLUGIN;
        if (kit_of)
                (void) rti_kit_parse(kit_of(state), window, &error);
        rt_input_consume(input, window.len);
        return 1;
}

/* ---- the source "mock" ---- */

static int
mock_create(const rt_source_config *config, rt_diags *diags, void **ret_state)
{
        (void) config;
        (void) diags;
        *ret_state = mock_values;
        return RT_OK;
}

static void
mock_destroy(void *state)
{
        (void) state;
}

static int
mock_demand(void *state, const rt_demand *demand)
{
        (void) state;
        if (demand->n_slots > MAX_SLOTS)
                return RT_ENOMEM;
        for (size_t i = 0; i < demand->n_slots; i++) {
                uint32_t field = 0;

                while (!rti_str_eq(rti_str_of(mock_fields[field].name), demand->slots[i].field))
                        if (!mock_fields[++field].name)
                                return RT_ENOENT;
                mock_slots[i] = field;
        }
        return RT_OK;
}

static int
mock_extract(void *state, const rt_event *event, uint32_t slot, rt_value *ret_value)
{
        (void) state;
        (void) event;
        *ret_value = mock_values[mock_slots[slot]];
        return 1;
}

static const rt_source_ops mock_ops = {
        .size = sizeof(rt_source_ops),
        .abi = RT_SOURCE_ABI,
        .name = "mock",
        .plugin = "mock",
        .version = "0.1.0",
        .fields = mock_fields,
        .field_stride = sizeof *mock_fields,
        .create = mock_create,
        .destroy = mock_destroy,
        .demand = mock_demand,
        .next = raw_next,
        .extract = mock_extract,
};

static int
mock_field(const char *name, const json_t *field, size_t n)
{
        const char *type = json_string_value(json_object_get(field, "type"));
        const json_t *value = json_object_get(field, "value");

        if (!type || n + 1 >= MAX_FIELDS)
                return RT_EINVAL;
        mock_fields[n] = (rt_field_desc){ .name = name, .group = "mock", .help = "a test's field" };
        if (strcmp(type, "uint64") == 0) {
                mock_fields[n].kind = RT_KIND_UINT64;
                mock_values[n].as.u = (uint64_t) json_integer_value(value);
        } else {
                mock_fields[n].kind = strcmp(type, "bytebuf") == 0 ? RT_KIND_BYTES : RT_KIND_STRING;
                mock_values[n].as.s =
                        (rt_str){ json_string_value(value), json_string_length(value) };
        }
        mock_values[n].kind = mock_fields[n].kind;
        return RT_OK;
}

static int
add_mock(const json_t *fields, rt_engine *engine)
{
        rt_source_ops ops = mock_ops;
        const char *name;
        json_t *field;

        memset(mock_fields, 0, sizeof mock_fields);
        memset(mock_values, 0, sizeof mock_values);
        json_object_foreach((json_t *) fields, name, field)
        {
                const int r = mock_field(name, field, ops.n_fields);

                if (r < 0)
                        return r;
                ops.n_fields++;
        }
        return rt_engine_add_source(engine, &ops);
}

/* ---- other sources ---- */

static int
add_raw(const char *name, rt_engine *engine)
{
        kit_of = strcmp(name, "aws_cloudtrail") == 0 ? kit_of_cloudtrail : kit_of_k8saudit;
        for (size_t i = 0; rti_builtin_sources[i].ops; i++)
                if (strcmp(rti_builtin_sources[i].ops->name, name) == 0
                    && !(rti_builtin_sources[i].ops->flags & RT_SOURCE_EXTENDS)) {
                        const rti_field_table *fields = rti_builtin_sources[i].fields;
                        rt_source_ops ops = *rti_builtin_sources[i].ops;

                        for (size_t k = 0; k < fields->n && k < MAX_RAW; k++)
                                raw_fields[k] = rti_field_row_desc(fields, k);
                        ops.fields = raw_fields;
                        ops.n_fields = fields->n;
                        ops.field_stride = sizeof *raw_fields;
                        ops.next = raw_next;
                        return rt_engine_add_source(engine, &ops);
                }
        return RT_ENOENT;
}

static int
add_plugins(const json_t *plugins, rt_engine *engine)
{
        for (size_t i = 0; i < json_array_size(plugins); i++) {
                const json_t *plugin = json_array_get(plugins, i);
                rt_source_ops ops = { .size = sizeof ops, .abi = RT_SOURCE_ABI };
                int r;

                ops.name = ops.plugin = json_string_value(json_object_get(plugin, "name"));
                ops.version = json_string_value(json_object_get(plugin, "version"));
                ops.field_stride = sizeof(rt_field_desc);
                r = rt_engine_add_source(engine, &ops);
                if (r < 0)
                        return r;
        }
        return RT_OK;
}

/* NULL-terminated names of the built-in sources wanted. */
static void
source_names(const json_t *list, const char *leave_out, const char **names)
{
        size_t n = 0;

        /* With some source the fields of all sources come. */
        if (leave_out)
                names[n++] = "syscall";
        for (size_t i = 0; i < json_array_size(list) && n + 1 < MAX_SOURCES; i++) {
                const char *name = json_string_value(json_array_get(list, i));

                if (name && (!leave_out || strcmp(name, leave_out) != 0))
                        names[n++] = name;
        }
        names[n] = NULL;
}

rt_engine *
probe_engine_new(probe *p)
{
        const char *raw = json_string_value(json_object_get(p->request, "raw"));
        const json_t *sources = json_object_get(p->request, "sources");
        const json_t *mock = json_object_get(p->request, "mock_fields");
        const char *names[MAX_SOURCES];
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        rt_engine *engine;
        int r;

        opts.hostname = "host";
        kit_of = NULL;
        if (sources || raw) {
                source_names(sources, raw, names);
                opts.sources = names;
        }
        r = rt_engine_new(&opts, &engine);
        if (r < 0) {
                probe_fail_status(p, r);
                return NULL;
        }
        r = add_plugins(json_object_get(p->request, "loaded_plugins"), engine);
        if (r >= 0 && mock)
                r = add_mock(mock, engine);
        if (r >= 0 && raw)
                r = add_raw(raw, engine);
        if (r < 0) {
                probe_fail_status(p, r);
                return rt_engine_unref(engine);
        }
        return engine;
}

/* ---- diagnostics ---- */

static json_t *
text_or_null(const char *text)
{
        json_t *json = text ? json_string(text) : NULL;

        return json ? json : json_null();
}

void
probe_set_diags(probe *p, const char *key, const rt_diags *diags)
{
        json_t *list = json_array();

        for (size_t i = 0; i < rt_diags_count(diags, 0); i++) {
                rt_diag d = RT_INIT(rt_diag);

                if (rt_diags_get(diags, i, &d) < 0)
                        continue;
                json_array_append_new(list,
                                      json_pack("{s:o,s:i,s:o,s:o,s:i,s:b,s:s}", "name",
                                                text_or_null(d.name), "severity", (int) d.severity,
                                                "message", text_or_null(d.message), "item",
                                                text_or_null(d.item), "line", (int) d.line,
                                                "reference", (int) d.reference, "id", d.id));
        }
        probe_set(p, key, list);
}

int
probe_compile(probe *p, rt_engine *engine, const char *name, rt_str text, rt_ruleset **ret_rules)
{
        rt_diags *diags;
        int r = rt_diags_new(&diags);

        if (r < 0)
                return r;
        r = rt_compile(engine, name, text, diags, ret_rules);
        probe_set_diags(p, "diags", diags);
        rt_diags_unref(diags);
        return r;
}
