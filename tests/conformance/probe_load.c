/* SPDX-License-Identifier: Apache-2.0 */
/* probe_load.c - rule files loaded, and rules judged on whole inputs, through the public API. */
#include "probe_engine.h"

enum { MAX_APPEND = 16, MAX_TAGS = 16 };

static const char *
text_of(const json_t *object, const char *key)
{
        const char *text = json_string_value(json_object_get(object, key));

        return text && *text ? text : NULL;
}

/* What append_output asks for, out of the request; false: too much of it. */
static bool
append_entry(const json_t *json, rt_append_output *entry, const char **tags)
{
        const json_t *list = json_object_get(json, "tags");
        size_t n = json_array_size(list);

        if (n + 1 > MAX_TAGS)
                return false;
        for (size_t i = 0; i < n; i++)
                tags[i] = json_string_value(json_array_get(list, i));
        tags[n] = NULL;
        *entry = (rt_append_output) RT_INIT(rt_append_output);
        entry->source = text_of(json, "source");
        entry->rule = text_of(json, "rule");
        entry->extra_output = text_of(json, "extra_output");
        entry->tags = n ? tags : NULL;
        return true;
}

static int
loader_new(probe *p, rt_engine *engine, rt_loader **ret_loader)
{
        const json_t *list = json_object_get(p->request, "append_output");
        rt_loader_opts opts = RT_INIT(rt_loader_opts);
        rt_append_output entries[MAX_APPEND];
        const char *tags[MAX_APPEND][MAX_TAGS];

        opts.n_append_output = json_array_size(list);
        if (opts.n_append_output > MAX_APPEND)
                return RT_EINVAL;
        for (size_t i = 0; i < opts.n_append_output; i++)
                if (!append_entry(json_array_get(list, i), &entries[i], tags[i]))
                        return RT_EINVAL;
        opts.append_output = entries;
        opts.append_output_stride = sizeof *entries;
        opts.flags = RT_LOADER_NO_PORTABILITY;
        opts.min_priority =
                (uint32_t) json_integer_value(json_object_get(p->request, "min_priority"));
        return rt_loader_new(engine, &opts, ret_loader);
}

/* Add the files in order, up to the first that fails. */
static int
add_files(probe *p, rt_loader *loader, rt_diags *diags)
{
        const json_t *files = json_object_get(p->request, "files");
        json_t *statuses = json_array();
        int r = RT_OK;

        for (size_t i = 0; r >= 0 && i < json_array_size(files); i++) {
                const json_t *file = json_array_get(files, i);
                const json_t *text = json_object_get(file, "text");

                r = rt_loader_add(loader, json_string_value(json_object_get(file, "name")),
                                  (rt_str){ json_string_value(text), json_string_length(text) },
                                  diags);
                json_array_append_new(statuses, json_string(rt_status_name(r < 0 ? r : 0)));
        }
        probe_set(p, "files", statuses);
        return r;
}

static int
select_rules(probe *p, rt_loader *loader)
{
        static const char *const modes[] = { "exact", "wildcard", "tag", "substring" };
        const json_t *steps = json_object_get(p->request, "select");

        for (size_t i = 0; i < json_array_size(steps); i++) {
                const json_t *step = json_array_get(steps, i);
                const char *mode = json_string_value(json_object_get(step, "mode"));
                uint32_t m = 0;
                int r;

                while (m < RTI_COUNT(modes) && strcmp(modes[m], mode) != 0)
                        m++;
                r = rt_loader_select(loader, json_is_true(json_object_get(step, "enable")), m,
                                     json_string_value(json_object_get(step, "pattern")));
                if (r < 0)
                        return r;
        }
        return RT_OK;
}

/* Load what the request names. RT_OK, or RT_E* with the answer's "status". */
static int
load(probe *p, rt_engine *engine, rt_loader **ret_loader, rt_ruleset **ret_rules)
{
        rt_diags *diags = NULL;
        rt_loader *loader = NULL;
        rt_str document;
        int r = rt_diags_new(&diags);

        if (r >= 0)
                r = loader_new(p, engine, &loader);
        if (r >= 0)
                r = add_files(p, loader, diags);
        if (r >= 0)
                r = select_rules(p, loader);
        if (r >= 0)
                r = rt_loader_compile(loader, diags, ret_rules);
        probe_set(p, "status", json_string(rt_status_name(r < 0 ? r : 0)));
        if (diags && rt_diags_print(diags, RT_DIAGS_JSON, 0, &document) == RT_OK)
                probe_set_text(p, "document", document);
        if (diags)
                probe_set_diags(p, "diags", diags);
        rt_diags_unref(diags);
        *ret_loader = loader;
        return r;
}

/* load {sources, loaded_plugins, files: [{name, text}], append_output, min_priority,
 *       select: [{enable, mode, pattern}]}
 * -> {files: [status], status, document: that of falco -V, diags, describe, enabled} */
static void
run_load(probe *p)
{
        rt_engine *engine = probe_engine_new(p);
        rt_ruleset *rules = NULL;
        rt_loader *loader = NULL;
        rt_str text;

        if (!engine)
                return;
        if (load(p, engine, &loader, &rules) >= 0) {
                probe_set(p, "enabled", json_integer((json_int_t) rt_ruleset_count(rules)));
                if (rt_loader_describe(loader, NULL, &text) == RT_OK)
                        probe_set_text(p, "describe", text);
        }
        rt_ruleset_unref(rules);
        rt_loader_unref(loader);
        rt_engine_unref(engine);
}

/* ---- detection ---- */

typedef struct found {
        json_t *rules; /* {name: {count, priority}} */
        json_t *lines; /* texts of all alerts, or NULL */
} found;

static int
count_alert(const rt_alert *alert, void *user)
{
        const found *f = user;
        json_t *rules = f->rules;
        const char *name = rt_alert_rule(alert);
        rt_str text;
        json_t *row = json_object_get(rules, name);

        if (!row) {
                row = json_pack("{s:i,s:s}", "count", 0, "priority",
                                rt_priority_name(rt_alert_priority(alert)));
                json_object_set_new(rules, name, row);
        }
        json_object_set_new(row, "count",
                            json_integer(json_integer_value(json_object_get(row, "count")) + 1));
        if (f->lines && rt_alert_text(alert, &text) == RT_OK)
                json_array_append_new(f->lines, json_stringn(text.ptr, text.len));
        return 0;
}

static int
judge_input(probe *p, rt_engine *engine, rt_ruleset *rules, found *f)
{
        const char *source = json_string_value(json_object_get(p->request, "source"));
        const char *path = json_string_value(json_object_get(p->request, "path"));
        const rt_option reading = { "reading", "reference" };
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_worker *worker = NULL;
        int r = rt_engine_use(engine, rules);

        opts.rule_matching = json_is_true(json_object_get(p->request, "match_all"))
                                     ? RT_MATCH_ALL
                                     : RT_MATCH_FIRST;
        if (json_is_true(json_object_get(p->request, "time_format_iso_8601")))
                opts.alert_flags |= RT_ALERT_TIME_ISO_8601;
        if (r >= 0)
                r = rt_worker_new(engine, &opts, &worker);
        if (r >= 0 && strcmp(source, "syscall") != 0)
                r = rt_worker_configure(worker, source, &reading, 1, NULL);
        if (r >= 0)
                r = rt_worker_open(worker, source, path);
        while (r >= 0)
                r = rt_worker_step(worker, count_alert, f);
        rt_worker_unref(worker);
        return r == RT_EOF ? RT_OK : r;
}

/* detect {as load; source, path, match_all, lines, time_format_iso_8601}
 * -> {status, rules: {name: {count, priority}}, input_status, lines: [text]} */
static void
run_detect(probe *p)
{
        rt_engine *engine = probe_engine_new(p);
        found f = { .rules = json_object() };
        rt_ruleset *rules = NULL;
        rt_loader *loader = NULL;
        int r;

        if (json_is_true(json_object_get(p->request, "lines")))
                probe_set(p, "lines", f.lines = json_array());
        if (engine && load(p, engine, &loader, &rules) >= 0) {
                r = judge_input(p, engine, rules, &f);
                probe_set(p, "input_status", json_string(rt_status_name(r)));
        }
        probe_set(p, "rules", f.rules);
        rt_ruleset_unref(rules);
        rt_loader_unref(loader);
        rt_engine_unref(engine);
}

const probe_op probe_load_ops[] = {
        { "load", run_load },
        { "detect", run_detect },
        { NULL, NULL },
};
