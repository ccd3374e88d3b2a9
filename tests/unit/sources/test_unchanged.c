/* SPDX-License-Identifier: Apache-2.0 */
/* A worker that has seen many records says of each what a worker says that sees it first. */
#include "base/buf.h"
#include <criterion/criterion.h>
#include <libruntime/runtime.h>
#include <libruntime/source.h>
#include <stdio.h>
#include <string.h>

enum { N_DELIVERIES = 2500, MOST_RECORDS = 4, RECORD_BYTES = 32 * 1024, NO_PARENT = -1 };

/* ---- records ---- */

typedef struct member {
        int parent; /* the member before that it is inside of */
        const char *name;
        const char *always; /* its value */
        bool object;
} member;

static const member trail[] = {
        { NO_PARENT, "eventType", "\"AwsApiCall\"", false },
        { NO_PARENT, "eventTime", "\"2024-01-02T03:04:05Z\"", false },
        { NO_PARENT, "eventID", NULL, false },
        { NO_PARENT, "eventName", NULL, false },
        { NO_PARENT, "eventSource", NULL, false },
        { NO_PARENT, "awsRegion", NULL, false },
        { NO_PARENT, "errorCode", NULL, false },
        { NO_PARENT, "readOnly", NULL, false },
        { NO_PARENT, "resources", NULL, false },
        { NO_PARENT, "recipientAccountId", NULL, false },
        { NO_PARENT, "requestParameters", NULL, true },
        { 10, "bucketName", NULL, false },
        { 10, "key", NULL, false },
        { 10, "imageId", NULL, false },
        { NO_PARENT, "responseElements", NULL, true },
        { 14, "instancesSet", NULL, true },
        { 15, "items", NULL, false },
        { NO_PARENT, "additionalEventData", NULL, true },
        { 17, "bytesTransferredIn", NULL, false },
        { 17, "bytesTransferredOut", NULL, false },
        { NO_PARENT, "userIdentity", NULL, true },
        { 20, "type", NULL, false },
        { 20, "userName", NULL, false },
        { 20, "arn", NULL, false },
        { 20, "accountId", NULL, false },
        { 20, "sessionContext", NULL, true },
        { 25, "sessionIssuer", NULL, true },
        { 26, "userName", NULL, false },
};

static const member audit[] = {
        { NO_PARENT, "kind", "\"Event\"", false },
        { NO_PARENT, "stageTimestamp", "\"2024-01-02T03:04:05Z\"", false },
        { NO_PARENT, "auditID", NULL, false },
        { NO_PARENT, "verb", NULL, false },
        { NO_PARENT, "requestURI", NULL, false },
        { NO_PARENT, "user", NULL, true },
        { 5, "username", NULL, false },
        { 5, "groups", NULL, false },
        { NO_PARENT, "objectRef", NULL, true },
        { 8, "resource", NULL, false },
        { 8, "subresource", NULL, false },
        { NO_PARENT, "responseObject", NULL, true },
        { 11, "metadata", NULL, true },
        { 12, "name", NULL, false },
        { NO_PARENT, "requestObject", NULL, true },
        { 14, "subjects", NULL, false },
        { 14, "spec", NULL, true },
        { 16, "hostNetwork", NULL, false },
        { 16, "containers", NULL, false },
};

static const member any[] = {
        { NO_PARENT, "time", "1700000000", false },
        { NO_PARENT, "a", NULL, false },
        { NO_PARENT, "b", NULL, true },
        { 2, "c", NULL, false },
        { 2, "1", NULL, false },
        { NO_PARENT, "list", NULL, false },
};

static const struct {
        const char *source;
        const member *members;
        size_t n;
        const char *fields; /* that have to be equal */
} kinds[] = {
        { "aws_cloudtrail", trail, RTI_COUNT(trail),
          "%ct.id %ct.name %ct.src %ct.shortsrc %ct.region %ct.error %ct.readonly %ct.resources "
          "%ct.user %ct.originaluser %ct.user.accountid %ct.user.arn %ct.request %ct.response "
          "%ct.additionaleventdata %ct.info %ct.request.policy %s3.uri %s3.bucket %s3.key "
          "%s3.bytes %s3.bytes.in %s3.cnt.get %s3.cnt.other %ec2.imageid %ec2.imageids "
          "%json.value[/eventName] %json.value[/userIdentity/type] %json.value[/resources/0]" },
        { "k8s_audit", audit, RTI_COUNT(audit),
          "%ka.auditid %ka.verb %ka.uri %ka.uri.param[limit] %ka.user.name %ka.user.groups "
          "%ka.target.resource %ka.target.pod.name %ka.req.binding.subjects.user_names "
          "%ka.req.pod.host_network %ka.req.pod.containers.image %json.value[/verb] "
          "%ka.req.binding.subject.has_name[x] %jevt.value[/objectRef]" },
        { "json", any, RTI_COUNT(any),
          "%json.value[/a] %json.value[/b] %json.value[/b/c] %json.value[/b/1] "
          "%json.value[/list/1] %json.value[/a/x] %jevt.value[/a] %json.obj" },
};

/* Raw texts: some mean the same, some are of one length, some end around what is kept. */
static const char *const values[] = {
        "\"a\"",
        "\"a\"",
        "\"\\u0061\"",
        "\"b\"",
        "\"a\" ",
        "\"\"",
        "\"a\\u0000b\"",
        "\"a\\tb\"",
        "\"GetObject\"",
        "\"PutObject\"",
        "\"AssumedRole\"",
        "\"IAMUser\"",
        "\"pods\"",
        "\"s3.amazonaws.com\"",
        "\"a.amazonaws.com\"",
        "\"/api/v1?limit=5\"",
        "\"/api/v1?limit=6\"",
        "null",
        "true",
        "false",
        "1",
        "2",
        "12",
        "22",
        "12345678",
        "123456789",
        "-1.5e2",
        "{}",
        "[]",
        "{\"x\":\"\\u0041\"}",
        "{\"x\":\"\\u0042\"}",
        "[\"u\",\"v\"]",
        "[\"u\", \"w\"]",
        "[{\"name\":\"n\",\"kind\":\"User\",\"image\":\"i:1\",\"imageId\":\"ami\"}]",
};

static const uint16_t lengths[] = { 7, 8, 9, 15, 16, 17, 31, 237, 238, 239, 240, 241, 998, 1001 };

static uint64_t seed = 1;

static uint32_t
below(uint32_t n)
{
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        return (uint32_t) (seed >> 33) % n;
}

/* What a member is now: an index into values; behind them lengths, which are as many texts. */
typedef struct state {
        uint32_t what;
        uint32_t letter; /* of a text of a given length: where it differs */
} state;

enum { MISSING = 1000, OBJECT };

static state states[RTI_COUNT(kinds)][RTI_COUNT(trail)];

static void
change(uint32_t kind)
{
        for (size_t i = 0; i < kinds[kind].n; i++) {
                state *s = &states[kind][i];

                if (below(6) && !(s->what == 0 && s->letter == 0))
                        continue;
                if (kinds[kind].members[i].object && below(4))
                        s->what = OBJECT;
                else if (below(4) == 0)
                        s->what = MISSING;
                else
                        s->what = below((uint32_t) (RTI_COUNT(values) + RTI_COUNT(lengths)));
                s->letter = 1 + below(3);
        }
}

static void
put_value(rti_buf *buf, const state *s)
{
        const size_t n = s->what < RTI_COUNT(values) ? 0 : lengths[s->what - RTI_COUNT(values)];

        if (n == 0) {
                rti_buf_add_text(buf, values[s->what]);
                return;
        }
        rti_buf_add_char(buf, '"');
        for (size_t i = 0; i + 2 < n; i++)
                rti_buf_add_char(buf, s->letter * (n - 3) / 3 == i ? 'y' : 'x');
        rti_buf_add_char(buf, '"');
}

static void
put_object(rti_buf *buf, uint32_t kind, int parent)
{
        const size_t n = kinds[kind].n, first = below(2) ? 0 : below((uint32_t) n);
        bool comma = false;

        rti_buf_add_char(buf, '{');
        for (size_t k = 0; k < n; k++) {
                const size_t i = (first + k) % n;
                const member *m = &kinds[kind].members[i];
                const state *s = &states[kind][i];

                if (m->parent != parent || (!m->always && s->what == MISSING))
                        continue;
                if (comma)
                        rti_buf_add_text(buf, below(20) ? "," : " ,\t");
                comma = true;
                if (!m->always && below(40) == 0) /* spelled otherwise */
                        rti_buf_printf(buf, "\"\\u%04x%s\":", m->name[0], m->name + 1);
                else
                        rti_buf_printf(buf, "\"%s\":", m->name);
                if (m->always)
                        rti_buf_add_text(buf, m->always);
                else if (s->what == OBJECT)
                        put_object(buf, kind, (int) i);
                else
                        put_value(buf, s);
                if (!m->always && below(40) == 0) /* once more, which does not count */
                        rti_buf_printf(buf, ",\"%s\":\"twice\"", m->name);
        }
        rti_buf_add_char(buf, '}');
}

/* ---- workers ---- */

static int
note(const rt_alert *alert, void *user)
{
        rti_buf *buf = user;
        rt_str text;

        /* What is printed as JSON may change what fields look like, which are read again then. */
        if (rt_alert_event_number(alert) % 2 == 0)
                cr_assert_eq(rt_alert_json(alert, &text), RT_OK);
        cr_assert_eq(rt_alert_text(alert, &text), RT_OK);
        /* Without the time, which is the clock's for what is no JSON. */
        text = rti_str_sub(text, sizeof "00:00:00.000000000", text.len);
        rti_buf_printf(buf, "%s: %.*s\n", rt_alert_rule(alert), RTI_FMT(text));
        return 0;
}

static rt_worker *
new_worker(rt_engine *engine)
{
        static const rt_option timed[] = { { "time", "/time" }, { "reading", "reference" } };
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_worker *worker;

        opts.rule_matching = RT_MATCH_ALL;
        cr_assert_eq(rt_worker_new(engine, &opts, &worker), RT_OK);
        cr_assert_eq(rt_worker_configure(worker, "json", timed, RTI_COUNT(timed), NULL), RT_OK);
        return worker;
}

static rt_ruleset *
compile(rt_engine *engine, bool few)
{
        static char text[16 * 1024];
        rt_ruleset *rules;
        size_t len = 0;

        for (size_t i = 0; i < RTI_COUNT(kinds); i++)
                len += (size_t) snprintf(
                        text + len, sizeof text - len,
                        "- rule: all %zu\n  desc: d\n  condition: json.value[/no] != y\n"
                        "  output: \"o\"\n  priority: INFO\n  source: %s\n"
                        "- rule: %zu\n  desc: d\n  condition: not json.value[/no] exists\n"
                        "  output: \"%s\"\n  priority: INFO\n  source: %s\n",
                        i, kinds[i].source, i,
                        few ? "%json.value[/eventName] %json.value[/verb] %json.value[/a]"
                            : kinds[i].fields,
                        kinds[i].source);
        snprintf(text + len, sizeof text - len,
                 "- rule: some\n  desc: d\n  condition: ct.name in (a, GetObject) and ct.user = a\n"
                 "  output: \"%%ct.name %%ct.user\"\n  priority: INFO\n  source: aws_cloudtrail\n");
        cr_assert_eq(rt_compile(engine, "text", rti_str_of(text), NULL, &rules), RT_OK);
        return rules;
}

/* A delivery of a few records, judged at once by one and singly by others. */
static void
deliver(rt_engine *engine, rt_worker *old, uint32_t number)
{
        const uint32_t kind = below(RTI_COUNT(kinds)), n = 1 + below(MOST_RECORDS);
        rti_buf text, said, wanted;

        rti_buf_init(&text, &rti_alloc_default, 0);
        rti_buf_init(&said, &rti_alloc_default, 0);
        rti_buf_init(&wanted, &rti_alloc_default, 0);
        for (uint32_t i = 0; i < n; i++) {
                const size_t from = text.len;
                rt_worker *new = new_worker(engine);

                change(kind);
                if (below(20) == 0) /* the source json then finds nothing */
                        rti_buf_add_text(&text, below(2) && kinds[kind].members == any ? "{" : " ");
                put_object(&text, kind, NO_PARENT);
                cr_assert_geq(rt_worker_feed(new, kinds[kind].source,
                                             rti_str_sub(rti_buf_str(&text), from, text.len), note,
                                             &wanted),
                              1);
                rt_worker_unref(new);
                rti_buf_add_char(&text, '\n');
        }
        cr_assert_geq(rt_worker_feed(old, kinds[kind].source, rti_buf_str(&text), note, &said), 1);
        cr_assert(rti_str_eq(rti_buf_str(&said), rti_buf_str(&wanted)),
                  "delivery %u\n%.*s\nold: %.*s\nnew: %.*s", number, RTI_FMT(rti_buf_str(&text)),
                  RTI_FMT(rti_buf_str(&said)), RTI_FMT(rti_buf_str(&wanted)));
        rti_buf_done(&text);
        rti_buf_done(&said);
        rti_buf_done(&wanted);
}

Test(unchanged, records_before_change_no_field)
{
        rt_ruleset *rules[2];
        rt_engine *engine;
        rt_worker *old;

        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        for (size_t i = 0; i < RTI_COUNT(rules); i++)
                rules[i] = compile(engine, i == 1);
        cr_assert_eq(rt_engine_use(engine, rules[0]), RT_OK);
        old = new_worker(engine);
        for (uint32_t i = 0; i < N_DELIVERIES; i++) {
                if (below(100) == 0)
                        cr_assert_eq(rt_engine_use(engine, rules[below(2)]), RT_OK);
                deliver(engine, old, i);
        }
        rt_worker_unref(old);
        for (size_t i = 0; i < RTI_COUNT(rules); i++)
                rt_ruleset_unref(rules[i]);
        rt_engine_unref(engine);
}
