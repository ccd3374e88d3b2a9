/* SPDX-License-Identifier: Apache-2.0 */
/* probe_eval.c - conditions and fields judged on events, through the public API alone. */
#include "probe_engine.h"

/* What one event made of the one rule. */
typedef struct seen {
        probe *p;
        json_t *result;
        uint64_t alerts;
} seen;

static json_t *
value_json(const rt_value *value)
{
        json_t *list;

        if (value->kind == RT_KIND_LIST) {
                list = json_array();
                for (uint32_t i = 0; i < value->count; i++)
                        json_array_append_new(list, value_json(&value->as.list[i]));
                return list;
        }
        if (value->kind == RT_KIND_STRING || value->kind == RT_KIND_PATH
            || value->kind == RT_KIND_RELPATH || value->kind == RT_KIND_BYTES)
                return json_stringn(value->as.s.ptr ? value->as.s.ptr : "", value->as.s.len);
        return json_integer((json_int_t) value->as.u);
}

static int
on_alert(const rt_alert *alert, void *user)
{
        seen *s = user;
        const char *name;
        rt_value value;
        rt_str text;

        s->alerts++;
        if (rt_alert_text(alert, &text) == RT_OK)
                json_object_set_new(s->result, "text", json_stringn(text.ptr, text.len));
        if (rt_alert_json(alert, &text) == RT_OK)
                json_object_set_new(s->result, "json", json_loadb(text.ptr, text.len, 0, NULL));
        for (size_t i = 0; rt_alert_field(alert, i, &name, &value) == RT_OK; i++) {
                if (strcmp(name, "evt.time") == 0)
                        continue;
                json_object_set_new(s->result, "has_value",
                                    json_boolean(value.kind != RT_KIND_NONE));
                if (value.kind != RT_KIND_NONE)
                        json_object_set_new(s->result, "value", value_json(&value));
        }
        return 0;
}

/* The rule file of one rule with what @a check asks: {filter}, {field} or both, or an output. */
static rt_str
rule_text(probe *p, const char *source, const json_t *check)
{
        const json_t *filter = json_object_get(check, "filter");
        const json_t *field = json_object_get(check, "field");
        json_t *given = json_object_get(check, "output");
        json_t *output = given   ? json_incref(given)
                         : field ? json_sprintf("@%%%s", json_string_value(field))
                                 : json_string("@%evt.num");
        json_t *file =
                json_pack("[{s:s,s:s,s:s,s:O?,s:o,s:s}]", "rule", "r", "desc", "d", "priority",
                          "DEBUG", "condition", filter, "output", output, "source", source);
        rt_str text = { NULL, 0 };
        char *bytes;

        if (!filter)
                json_object_set_new(json_array_get(file, 0), "condition",
                                    json_string("evt.num > 0"));
        bytes = json_dumps(file, JSON_ENSURE_ASCII);
        if (bytes)
                text = rti_arena_printf(&p->arena, "%s", bytes);
        free(bytes);
        json_decref(file);
        return text;
}

static int
judge(rt_engine *engine, rt_ruleset *rules, const char *source, rt_str payload, seen *s)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_worker *worker;
        int r = rt_engine_use(engine, rules);

        opts.rule_matching = RT_MATCH_ALL;
        if (r < 0)
                return r;
        r = rt_worker_new(engine, &opts, &worker);
        if (r < 0)
                return r;
        r = rt_worker_feed(worker, source, payload, on_alert, s);
        rt_worker_unref(worker);
        return r;
}

/* One check on one payload: {compiles, diags, result, text, has_value, value}. */
static json_t *
run_check(probe *p, rt_engine *engine, const char *source, const json_t *check, rt_str payload)
{
        seen s = { .p = p, .result = json_object() };
        rt_ruleset *rules;
        int r = probe_compile(p, engine, "case.yaml", rule_text(p, source, check), &rules);

        json_object_set(s.result, "diags", json_object_get(p->answer, "diags"));
        json_object_del(p->answer, "diags");
        json_object_set_new(s.result, "compiles", json_boolean(r == RT_OK));
        if (r < 0)
                return s.result;
        r = payload.ptr ? judge(engine, rules, source, payload, &s) : 0;
        rt_ruleset_unref(rules);
        if (r < 0)
                json_object_set_new(s.result, "status", json_string(rt_status_name(r)));
        json_object_set_new(s.result, "result", json_boolean(s.alerts > 0));
        return s.result;
}

/* eval {source, sources, raw, mock_fields, payload, checks: [{filter, field, output}]}
 * -> {results: [{compiles, diags, result, text, json, has_value, value}]}; without a payload the
 *    checks are compiled only */
static void
run_eval(probe *p)
{
        const char *source = json_string_value(json_object_get(p->request, "source"));
        const json_t *checks = json_object_get(p->request, "checks");
        const rt_str payload = probe_text(p, "payload");
        json_t *results = json_array();
        rt_engine *engine = probe_engine_new(p);

        for (size_t i = 0; engine && i < json_array_size(checks); i++)
                json_array_append_new(
                        results, run_check(p, engine, source, json_array_get(checks, i), payload));
        probe_set(p, "results", results);
        rt_engine_unref(engine);
}

const probe_op probe_eval_ops[] = {
        { "eval", run_eval },
        { NULL, NULL },
};
