/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of the host: when instances come and go, compiled rules, several workers. */
#include "provider.h"
#include <stdatomic.h>

/* ---- life ---- */

Test(fields, an_instance_that_cannot_be_made_is_said_with_its_name_and_asked_again)
{
        for (unsigned what = 0; what < 2; what++) {
                rt_loss loss = RT_INIT(rt_loss);
                scene s;

                scene_init(&s);
                *(what ? &s.host.demand_gives : &s.host.create_gives) = RT_EIO;
                use(&s, "h.len = 2", "x");
                cr_expect_eq(feed(&s, "name=ab\n"), RT_EIO);
                cr_expect_eq(feed(&s, "name=ab\n"), RT_EIO);
                cr_expect_eq(rt_worker_loss(s.worker, 0, &loss), RT_OK);
                cr_expect_str_eq(loss.part, "host");
                cr_expect_str_eq(loss.source, "toy");
                cr_expect_eq(loss.count, 2);
                use(&s, "toy.name = ab", "x"); /* others can be used */
                cr_expect_eq(feed(&s, "name=ab\n"), 1);
                use(&s, "h.len = 2", "x");
                s.host.create_gives = s.host.demand_gives = 0;
                cr_expect_eq(feed(&s, "name=ab\n"), 1);
                scene_done(&s);
        }
}

Test(fields, added_when_rules_are_in_force_they_are_known_from_then_on)
{
        rt_fields_ops late = host_ops;
        static const rt_field_desc field = { "late.field", NULL, RT_KIND_STRING, 0, 0, 0, "" };
        static const char *const late_reads[] = { "h.loud" };
        host wild = { .wild = { .kind = RT_KIND_STRING, .as.s = RTI_STR("w") }, .wild_gives = 1 };
        rt_ruleset *rules = NULL;
        scene s;

        scene_init(&s);
        use(&s, "h.len = 2", "first");
        cr_expect_eq(feed(&s, "name=ab\n"), 1);
        cr_expect_eq(compile(&s, "late.field = w", "x", &rules), RT_ERULES);
        late.fields = &field;
        late.n_fields = 1;
        late.reads = late_reads;
        late.create = NULL;
        late.demand = demand_anything;
        late.extract = extract_wild;
        late.user = &wild;
        for (unsigned i = 0; i < 3; i++) {
                cr_expect_eq(rt_engine_add_fields(s.engine, &late), i ? RT_EEXIST : RT_OK);
                cr_expect_eq(feed(&s, "name=ab\n"), 1);
                cr_expect(strstr(s.raised, " first\n"));
        }
        use(&s, "late.field = w and h.len = 2", "second");
        cr_expect_eq(feed(&s, "name=ab\n"), 1);
        cr_expect(strstr(s.raised, "second"));
        scene_done(&s);
}

Test(fields, a_field_is_there_for_the_sources_that_it_is_for)
{
        static const char *const two[] = { "toy", "aws_cloudtrail", NULL };
        static const rt_field_desc both = { "b.both", NULL, RT_KIND_STRING, 0, 0, 0, "" };
        rt_fields_ops ops = host_ops;
        rt_ruleset *rules = NULL;
        unsigned listed = 0;
        rt_field_info field = RT_INIT(rt_field_info);
        scene s;

        scene_init(&s);
        ops.sources = two;
        ops.fields = &both;
        ops.n_fields = 1;
        ops.reads = NULL;
        cr_assert_eq(rt_engine_add_fields(s.engine, &ops), RT_OK);
        for (size_t i = 0; rt_engine_field(s.engine, i, &field) == RT_OK; i++)
                if (strcmp(field.name, "b.both") == 0)
                        listed += strcmp(field.source, "toy") == 0 ? 1
                                  : strcmp(field.source, "*")      ? 10
                                                                   : 100;
        cr_expect_eq(listed, 11);
#define RULE(source, field)                      \
        "- {rule: r, desc: d, condition: " field \
        " exists, output: o, priority: INFO, source: " source "}\n"
        cr_expect_eq(rt_compile(s.engine, "a", RTI_STR(RULE("toy", "b.both")), NULL, &rules), 0);
        rt_ruleset_unref(rules);
        cr_expect_eq(
                rt_compile(s.engine, "b", RTI_STR(RULE("aws_cloudtrail", "b.both")), NULL, &rules),
                0);
        rt_ruleset_unref(rules);
        cr_expect_eq(rt_compile(s.engine, "c", RTI_STR(RULE("k8s_audit", "b.both")), NULL, &rules),
                     RT_ERULES);
        cr_expect_eq(
                rt_compile(s.engine, "d", RTI_STR(RULE("aws_cloudtrail", "h.len")), NULL, &rules),
                RT_ERULES);
        scene_done(&s);
}

Test(fields, rules_can_require_the_provider_by_its_version)
{
        static const char rules_text[] = "- required_plugin_versions:\n"
                                         "  - {name: host, version: %s}\n";
        char text[128];
        scene s;

        scene_init(&s);
        for (unsigned i = 0; i < 2; i++) {
                rt_ruleset *rules = NULL;
                const int n = snprintf(text, sizeof text, rules_text, i ? "1.3.0" : "1.2.0");

                cr_expect_eq(rt_compile(s.engine, "v", (rt_str){ text, (size_t) n }, NULL, &rules),
                             i ? RT_ERULES : RT_OK);
                rt_ruleset_unref(rules);
        }
        scene_done(&s);
}

/* ---- compiled ---- */

Test(fields, compiled_rules_go_with_a_provider_that_reads_the_same_and_no_other)
{
        static const char *const other_reads[N_FIELDS] = { [LEN] = "toy.size",
                                                           [TURNED] = "toy.words",
                                                           [LOUD] = "h.len, toy.text[name]",
                                                           [ADDRESS] = "toy.size",
                                                           [ANY] = "toy.words" };
        static const char *const more_reads[N_FIELDS] = { [LEN] = "toy.name,toy.name" };
        const char *const *const all_reads[] = { reads, NULL, other_reads, more_reads };
        rt_ruleset *rules = NULL;
        rt_str bytes;
        scene s;

        scene_init(&s);
        cr_assert_eq(
                compile(&s, "h.loud = ab2 and h.cat[toy.name,toy.size] = ab3", "%h.len", &rules),
                RT_OK);
        cr_assert_eq(rt_ruleset_bytes(rules, &bytes), RT_OK);
        for (size_t i = 0; i < RTI_COUNT(all_reads); i++) {
                rt_fields_ops ops = host_ops;
                rt_engine *engine = NULL;
                rt_ruleset *loaded = NULL;
                scene t = { 0 };

                ops.reads = all_reads[i];
                ops.user = &t.host;
                cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
                cr_assert_eq(rt_engine_add_source(engine, &toy_ops), RT_OK);
                if (i != 1)
                        cr_assert_eq(rt_engine_add_fields(engine, &ops), RT_OK);
                t.engine = engine;
                cr_assert_eq(rt_diags_new(&t.diags), RT_OK);
                cr_expect_eq(rt_ruleset_load(engine, "c", bytes, 0, t.diags, &loaded),
                             i ? RT_ERULES : RT_OK, "row %zu", i);
                if (i) {
                        rt_diag diag = RT_INIT(rt_diag);

                        cr_assert_eq(rt_diags_get(t.diags, 0, &diag), RT_OK);
                        cr_expect(strstr(diag.message, "h."), "%s", diag.message);
                        /* Put in force all the same, they are refused before anything is read. */
                        cr_expect_eq(rt_engine_use(engine, rules), RT_OK);
                        cr_expect_eq(feed(&t, "name=ab size=3\n"), RT_ENOENT);
                } else {
                        cr_expect_eq(rt_engine_use(engine, loaded), RT_OK);
                        cr_expect_eq(feed(&t, "name=ab size=3\n"), 1);
                        cr_expect(strstr(t.raised, " 2\n"));
                }
                rt_ruleset_unref(loaded);
                scene_done(&t);
        }
        rt_ruleset_unref(rules);
        scene_done(&s);
}

/* ---- several workers ---- */

static atomic_uint n_made, n_gone;

static int
create_counted(const rt_fields_config *config, void **ret_state)
{
        (void) config;
        atomic_fetch_add(&n_made, 1);
        *ret_state = calloc(1, sizeof(unsigned));
        return *ret_state ? RT_OK : RT_ENOMEM;
}

static void
destroy_counted(void *state)
{
        atomic_fetch_add(&n_gone, 1);
        free(state);
}

/* The name with a mark; the state is written to, which two threads must not do at once. */
static int
extract_marked(void *state, const rt_event *event, uint32_t slot, const rt_value *const *values,
               size_t n, rt_value *ret_value)
{
        char *text;

        (void) slot;
        ++*(unsigned *) state;
        if (n != 1 || !values[0])
                return 0;
        text = rt_event_alloc(event, values[0]->as.s.len + 1);
        if (!text)
                return RT_ENOMEM;
        memcpy(text, values[0]->as.s.ptr, values[0]->as.s.len);
        text[values[0]->as.s.len] = '!';
        *ret_value =
                (rt_value){ .kind = RT_KIND_STRING, .as.s = { text, values[0]->as.s.len + 1 } };
        return 1;
}

typedef struct log_of {
        size_t len;
        char *text;
} log_of;

enum { MOST_LOG = 1 << 20 };

static int
keep(const rt_alert *alert, void *user)
{
        log_of *log = user;
        rt_str text;

        cr_assert_eq(rt_alert_json(alert, &text), RT_OK);
        cr_assert_lt(log->len + text.len + 1, MOST_LOG);
        memcpy(log->text + log->len, text.ptr, text.len);
        log->len += text.len;
        log->text[log->len++] = '\n';
        return 0;
}

Test(fields, a_pool_has_an_instance_for_each_worker_and_the_alerts_of_one)
{
        static const char *const trail[] = { "aws_cloudtrail", NULL };
        static const rt_field_desc field = { "m.user", NULL, RT_KIND_STRING, 0, 0, 0, "" };
        static const char *const trail_reads[] = { "ct.user" };
        static const char rules_text[] =
                "- {rule: m, desc: d, condition: m.user endswith 1!, output: 'u=%m.user',"
                " priority: INFO, source: aws_cloudtrail}\n";
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_fields_ops ops = host_ops;
        log_of one = { 0, malloc(MOST_LOG) }, many = { 0, malloc(MOST_LOG) };
        char *lines = malloc(MOST_LOG);
        rt_ruleset *rules = NULL;
        rt_engine *engine = NULL;
        rt_worker *worker = NULL;
        rt_pool *pool = NULL;
        size_t len = 0;
        int r = 0;

        ops.sources = trail;
        ops.fields = &field;
        ops.n_fields = 1;
        ops.reads = trail_reads;
        ops.create = create_counted;
        ops.destroy = destroy_counted;
        ops.demand = demand_anything;
        ops.extract = extract_marked;
        for (unsigned i = 0; i < 4000; i++)
                len += (size_t) snprintf(
                        lines + len, MOST_LOG - len,
                        "{\"eventType\":\"AwsApiCall\",\"eventTime\":\"2026-01-02T03:04:05Z\","
                        "\"eventID\":\"%u\",\"eventName\":\"GetA\",\"userIdentity\":"
                        "{\"type\":\"IAMUser\",\"userName\":\"u%u\"}}\n",
                        i, below(30));
        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_assert_eq(rt_engine_add_fields(engine, &ops), RT_OK);
        cr_assert_eq(rt_compile(engine, "r", rti_str_of(rules_text), NULL, &rules), RT_OK);
        cr_assert_eq(rt_engine_use(engine, rules), RT_OK);
        cr_assert_eq(rt_worker_new(engine, NULL, &worker), RT_OK);
        r = rt_worker_feed(worker, "aws_cloudtrail", (rt_str){ lines, len }, keep, &one);
        cr_expect_geq(r, 300, "%d", r);
        cr_expect_eq(n_made, 1);
        opts.workers = 3;
        opts.batch_bytes = 8192;
        opts.render = RT_RENDER_JSON;
        cr_assert_eq(rt_pool_new(engine, &opts, &pool), RT_OK);
        cr_expect_geq(rt_pool_feed(pool, "aws_cloudtrail", (rt_str){ lines, len }, keep, &many), 0);
        r = rt_pool_flush(pool, keep, &many);
        cr_expect_geq(r, 0);
        cr_expect_eq(one.len, many.len);
        cr_expect(one.len == many.len && memcmp(one.text, many.text, one.len) == 0);
        rt_pool_unref(pool);
        cr_expect(n_made > 1 && n_made <= 5, "%u", n_made);
        rt_worker_unref(worker);
        rt_ruleset_unref(rules);
        rt_engine_unref(engine);
        cr_expect_eq(n_made, n_gone);
        free(one.text);
        free(many.text);
        free(lines);
}
