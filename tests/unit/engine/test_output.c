/* SPDX-License-Identifier: Apache-2.0 */
/* From the text of an output to the alert: formats, transformers, widths, types in JSON. */
#include "support/toy.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#define LINE "name=Al\"ice size=7 path=/a/b.c words=x"

typedef struct output_row {
        char output[96];
        char message[128];
        char fields[256]; /* of output_fields, evt.time aside */
} output_row;

static output_row rows[] = {
        { "%toy.name", "Al\"ice", "\"toy.name\":\"Al\\\"ice\"" },
        { "user=%toy.name.", "user=Al\"ice.", "\"toy.name\":\"Al\\\"ice\"" },
        { "%toy.nameand", "Al\"iceand", "\"toy.name\":\"Al\\\"ice\"" },
        { "%8toy.name|%3toy.name|%0toy.name", "Al\"ice  |Al\"|Al\"ice",
          "\"toy.name\":\"Al\\\"ice\"" },
        { "%toy.size", "7", "\"toy.size\":7" },
        { "%toy.text[nosuch]", "<NA>", "\"toy.text[nosuch]\":null" },
        { "%2toy.text[nosuch]", "<N", "\"toy.text[nosuch]\":null" },
        /* Tokens with a transformer are in the text, the fields inside them in output_fields. */
        { "%toupper(toy.name)", "AL\"ICE", "\"toy.name\":\"Al\\\"ice\"" },
        { "%toupper(basename(toy.text[path]))", "B.C", "\"toy.text[path]\":\"/a/b.c\"" },
        { "%len(toy.words)", "4",
          "\"toy.words\":[\"name=Al\\\"ice\",\"size=7\",\"path=/a/b.c\",\"words=x\"]" },
        { "%toy.words", "(name=Al\"ice,size=7,path=/a/b.c,words=x)",
          "\"toy.words\":[\"name=Al\\\"ice\",\"size=7\",\"path=/a/b.c\",\"words=x\"]" },
        /* Numbers print in the format of the field that was counted: evt.source has none. */
        { "%len(evt.source)", "<NA>", "\"evt.source\":\"toy\"" },
        { "%evt.source %evt.pluginname", "toy toy",
          "\"evt.pluginname\":\"toy\",\"evt.source\":\"toy\"" },
        { "%evt.num", "1", "\"evt.num\":1" },
        { "%evt.reltime", "000000000", "\"evt.reltime\":0" },
        { "%evt.datetime.s", "1970-01-01 00:00:00", "\"evt.datetime.s\":1000" },
        { "%evt.asynctype", "<NA>", "\"evt.asynctype\":null" },
        { "%evt.is_async", "false", "\"evt.is_async\":false" },
        { "nothing to see", "nothing to see", "" },
};

ParameterizedTestParameters(output, is_rendered_as_the_reference_does)
{
        return cr_make_param_array(output_row, rows, RTI_COUNT(rows));
}

typedef struct seen {
        char text[512], json[1024];
        unsigned n;
} seen;

static int
note(const rt_alert *alert, void *user)
{
        seen *s = user;
        rt_str text;
        rt_str json;

        cr_assert_eq(rt_alert_text(alert, &text), RT_OK);
        cr_assert_eq(rt_alert_json(alert, &json), RT_OK);
        cr_assert(text.len < sizeof s->text && json.len < sizeof s->json);
        memcpy(s->text, text.ptr, text.len);
        memcpy(s->json, json.ptr, json.len);
        s->n++;
        return 0;
}

/* The one alert that a rule with this output raises on LINE. */
static void
raise_one(const char *output, seen *ret_seen)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_ruleset *rules = NULL;
        rt_worker *worker;
        rt_engine *engine;
        rti_checker checker;
        rti_rule *rule;
        toy_rules t;

        opts.alert_flags = RT_ALERT_NO_ID | RT_ALERT_NO_OUTPUT | RT_ALERT_NO_TAGS;
        cr_assert_eq(toy_rules_init(&t), RT_OK);
        checker = (rti_checker){ .arena = &t.arena, .registry = t.registry, .source = t.source };
        rule = toy_rule(&t, "r", toy_name(&t, RTI_OP_CONTAINS, "l"));
        cr_assert_eq(rti_format_parse(&checker, rti_str_of(output), &rule->format), RT_OK);
        cr_assert_eq(rti_emit_ruleset(&rti_alloc_default, &t.rules, 0, &rules), RT_OK);
        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(engine, &toy_ops), RT_OK);
        cr_assert_eq(rt_engine_use(engine, rules), RT_OK);
        cr_assert_eq(rt_worker_new(engine, &opts, &worker), RT_OK);
        cr_assert_eq(rt_worker_feed(worker, "toy", RTI_STR(LINE "\n"), note, ret_seen), 1);
        cr_assert_eq(ret_seen->n, 1);
        rt_worker_unref(worker);
        rt_engine_unref(engine);
        rt_ruleset_unref(rules);
        toy_rules_done(&t);
}

ParameterizedTest(output_row *row, output, is_rendered_as_the_reference_does)
{
        const char *prefix = "00:00:00.000001000: Warning ";
        seen s = { 0 };
        char *fields;
        char *end;

        setenv("TZ", "UTC", 1);
        raise_one(row->output, &s);
        cr_assert_eq(strncmp(s.text, prefix, strlen(prefix)), 0);
        cr_expect_str_eq(s.text + strlen(prefix), row->message);
        fields = strstr(s.json, "\"output_fields\":{");
        cr_assert_not_null(fields);
        end = strstr(fields, "},\"priority\"");
        cr_assert_not_null(end);
        *end = '\0';
        cr_expect_not_null(strstr(fields, "\"evt.time\":1000"));
        cr_expect(row->fields[0] == '\0' || strstr(fields, row->fields), "%s", fields);
        /* Nothing else is in there. */
        cr_expect_eq(strlen(fields), strlen("\"output_fields\":{\"evt.time\":1000")
                                             + strlen(row->fields) + (row->fields[0] != '\0'));
}
