/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oom.c - every allocation fails once.
 *
 * Each scene is a life with the library, from rt_engine_new to the last unref. It is run with the
 * first allocation failing, then the second, and so on until none fails; each time alone, and with
 * all that follow. Nothing may crash, nothing may leak, what failed says RT_ENOMEM, and nothing
 * that is right is called wrong for it.
 */
#include "../support/failing.h"
#include "base/str.h"
#include <libruntime/runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char rules_text[] =
        "- list: names\n"
        "  items: [ConsoleLogin, GetObject, \"a b\"]\n"
        "- macro: known\n"
        "  condition: ct.name in (names) or ct.user startswith adm\n"
        "- rule: one\n"
        "  desc: the first\n"
        "  condition: known and not ct.error exists and ct.srcip != 10.0.0.1\n"
        "  output: user=%ct.user name=%toupper(ct.name) at=%evt.time.iso8601\n"
        "  priority: WARNING\n"
        "  source: aws_cloudtrail\n"
        "  tags: [b, a]\n"
        "  exceptions:\n"
        "    - name: region\n"
        "      fields: [ct.region, ct.user]\n"
        "      comps: [=, in]\n"
        "      values:\n"
        "        - [eu-west-1, [bob, eve]]\n"
        "- rule: two\n"
        "  desc: the second\n"
        "  condition: tolower(ct.user) regex \"(b|c)o.*\" or ct.name glob \"Console*\"\n"
        "  output: json=%json.value[/userIdentity/type]\n"
        "  priority: NOTICE\n"
        "  source: aws_cloudtrail\n";

static const char record[] =
        "{\"Records\":[{\"eventType\":\"AwsApiCall\",\"eventTime\":\"2024-01-02T03:04:05Z\","
        "\"eventName\":\"ConsoleLogin\",\"eventSource\":\"signin.amazonaws.com\","
        "\"awsRegion\":\"us-east-1\",\"sourceIPAddress\":\"192.0.2.1\","
        "\"userIdentity\":{\"type\":\"IAMUser\",\"userName\":\"b\\u006fb\"},"
        "\"eventID\":\"c0ffee\"},{\"broken\":}]}\n";

typedef struct life {
        rt_engine *engine;
        rt_loader *loader;
        rt_diags *diags;
        rt_ruleset *rules;
        rt_worker *worker;
        rt_pool *pool;
} life;

/* The first failure counts; later calls are left out. */
#define STEP(call) (r = r < 0 ? r : (call))

static int
begin(life *l, failing *f)
{
        static const char *const sources[] = { "aws_cloudtrail", NULL };
        const rt_allocator allocator = { sizeof allocator, failing_resize, f };
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        int r = rt_diags_new(&l->diags);

        opts.allocator = &allocator;
        opts.hostname = "host";
        opts.sources = sources;
        return STEP(rt_engine_new(&opts, &l->engine));
}

static void
end(life *l)
{
        rt_worker_unref(l->worker);
        rt_pool_unref(l->pool);
        rt_ruleset_unref(l->rules);
        rt_loader_unref(l->loader);
        rt_engine_unref(l->engine);
        rt_diags_unref(l->diags);
}

static int
load(life *l)
{
        rt_loader_opts opts = RT_INIT(rt_loader_opts);
        const rt_option field = { "kind", "k=%ct.name" };
        rt_append_output append = RT_INIT(rt_append_output);
        int r = RT_OK;

        append.extra_output = "more=%ct.info";
        append.fields = &field;
        append.n_fields = 1;
        opts.append_output = &append;
        opts.n_append_output = 1;
        opts.append_output_stride = sizeof append;
        STEP(rt_loader_new(l->engine, &opts, &l->loader));
        STEP(rt_loader_add(l->loader, "rules.yaml", rti_str_of(rules_text), l->diags));
        STEP(rt_loader_compile(l->loader, l->diags, &l->rules));
        return STEP(rt_engine_use(l->engine, l->rules));
}

/* ---- scenes ---- */

static int
engine_scene(life *l, failing *f)
{
        rt_field_info field = RT_INIT(rt_field_info);
        int r = begin(l, f);

        return STEP(rt_engine_field(l->engine, 0, &field));
}

static int
loader_scene(life *l, failing *f)
{
        static const char *const stages[] = { "items", "rules", "ast", "typed", "ir", "program" };
        char *text = NULL;
        rt_str borrowed;
        int r = begin(l, f);

        STEP(load(l));
        for (size_t i = 0; i < RTI_COUNT(stages); i++)
                STEP(rt_loader_dump(l->loader, stages[i], &borrowed));
        STEP(rt_loader_describe(l->loader, NULL, &borrowed));
        STEP(rt_loader_select(l->loader, 0, RT_SELECT_WILDCARD, "t*"));
        STEP(rt_ruleset_disasm(l->rules, &text));
        rt_text_free(text);
        return r;
}

static int
compiled_scene(life *l, failing *f)
{
        rt_ruleset *again = NULL, *borrowed = NULL;
        rt_str bytes = { NULL, 0 };
        int r = begin(l, f);

        STEP(load(l));
        STEP(rt_ruleset_bytes(l->rules, &bytes));
        STEP(rt_ruleset_load(l->engine, "copy", bytes, 0, l->diags, &again));
        STEP(rt_ruleset_load(l->engine, "own", bytes, RT_LOAD_BORROW, l->diags, &borrowed));
        rt_ruleset_unref(again);
        rt_ruleset_unref(borrowed);
        return r;
}

/* A text that asks for memory of its own wherever it is copied. */
static int
long_scene(life *l, failing *f)
{
        static const char start[] =
                "- rule: r\n  desc: d\n  condition: ct.name exists\n"
                "  priority: INFO\n  source: aws_cloudtrail\n  output: o %container.info ";
        static char text[60000];
        int r = begin(l, f);

        memset(text, 'x', sizeof text - 1);
        memcpy(text, start, sizeof start - 1);
        STEP(rt_loader_new(l->engine, NULL, &l->loader));
        STEP(rt_loader_add(l->loader, "long.yaml", rti_str_of(text), l->diags));
        return STEP(rt_loader_compile(l->loader, l->diags, &l->rules));
}

static int
broken_scene(life *l, failing *f)
{
        static const char text[] = "- rule: x\n  desc: [\n- macro: 7\n  condition: a.b = (\n";
        int r = begin(l, f);

        STEP(rt_loader_new(l->engine, NULL, &l->loader));
        STEP(rt_loader_add(l->loader, "broken.yaml", rti_str_of(text), l->diags));
        return r == RT_ERULES ? RT_OK : r;
}

static int
read_alert(const rt_alert *alert, void *user)
{
        rt_worker *worker = user;
        const char *name;
        rt_value value;
        rt_str text;
        int r = RT_OK;

        STEP(rt_alert_text(alert, &text));
        STEP(rt_alert_json(alert, &text));
        for (size_t i = 0; r >= 0; i++)
                STEP(rt_alert_field(alert, i, &name, &value));
        r = r == RT_ENOENT ? RT_OK : r;
        STEP(rt_alert_id(alert) ? RT_OK : RT_ENOMEM);
        return STEP(rt_worker_explain(worker, rt_alert_rule(alert), &text));
}

static int
open_worker(life *l)
{
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        const rt_option reading = { "reading", "tolerant" };
        int r = RT_OK;

        opts.rule_matching = RT_MATCH_ALL;
        STEP(rt_worker_new(l->engine, &opts, &l->worker));
        return STEP(rt_worker_configure(l->worker, "aws_cloudtrail", &reading, 1, l->diags));
}

static int
push_scene(life *l, failing *f)
{
        const rt_str bytes = rti_str_of(record);
        int r = begin(l, f);

        STEP(load(l));
        STEP(open_worker(l));
        STEP(rt_worker_feed(l->worker, "aws_cloudtrail", bytes, read_alert, l->worker));
        STEP(rt_engine_use(l->engine, l->rules));
        STEP(rt_worker_feed(l->worker, "aws_cloudtrail", bytes, read_alert, l->worker));
        /* Both rules match, or this scene tests little. */
        return r >= 0 && r != 2 && !f->failed ? RT_EINVAL : r;
}

/* A list that is filled, asked, and exchanged. */
static int
lists_scene(life *l, failing *f)
{
        static const char text[] = "- list: names\n  items_at: runtime\n"
                                   "- rule: one\n  desc: d\n  source: aws_cloudtrail\n"
                                   "  condition: ct.name in (names, GetObject)\n  output: o\n"
                                   "  priority: WARNING\n";
        rt_list *lists[2] = { NULL, NULL };
        int first = 0, r = begin(l, f);

        STEP(rt_list_new(l->engine, RT_KIND_STRING, &lists[0]));
        for (int i = 0; i < 20; i++) {
                char name[16];

                snprintf(name, sizeof name, "name%d", i);
                STEP(rt_list_add(lists[0], rti_str_of(name)));
        }
        STEP(rt_list_add_text(lists[0], "t", RTI_STR("ConsoleLogin\n"), l->diags));
        STEP(rt_list_new(l->engine, RT_KIND_IPNET, &lists[1]));
        STEP(rt_list_add_path(lists[1], "/dev/null", l->diags));
        STEP(rt_list_add(lists[1], RTI_STR("10.0.0.0/8")));
        STEP(rt_engine_use_list(l->engine, "ips", lists[1]));
        STEP(rt_compile(l->engine, "r", rti_str_of(text), l->diags, &l->rules));
        STEP(rt_engine_use(l->engine, l->rules));
        STEP(open_worker(l));
        STEP(rt_engine_use_list(l->engine, "names", lists[0]));
        STEP(rt_worker_feed(l->worker, "aws_cloudtrail", rti_str_of(record), NULL, NULL));
        first = r;
        STEP(rt_engine_use_list(l->engine, "names", NULL));
        STEP(rt_worker_feed(l->worker, "aws_cloudtrail", rti_str_of(record), NULL, NULL));
        rt_list_unref(lists[0]);
        rt_list_unref(lists[1]);
        return r >= 0 && (first != 1 || r != 0) && !f->failed ? RT_EINVAL : r;
}

/* A field of the host: its instance holds memory of the worker, its value is made. */
typedef struct doubler {
        rt_allocator allocator;
} doubler;

static int
create_doubler(const rt_fields_config *config, void **ret_state)
{
        doubler *d = config->allocator->resize(NULL, sizeof *d, config->allocator->user);

        if (!d)
                return RT_ENOMEM;
        d->allocator = *config->allocator;
        *ret_state = d;
        return RT_OK;
}

static void
destroy_doubler(void *state)
{
        const rt_allocator allocator = ((doubler *) state)->allocator;

        allocator.resize(state, 0, allocator.user);
}

static int
demand_doubler(void *state, const rt_fields_demand *demand)
{
        (void) state;
        return demand->n_slots ? RT_OK : RT_EINVAL;
}

static int
double_it(void *state, const rt_event *event, uint32_t slot, const rt_value *const *reads, size_t n,
          rt_value *ret_value)
{
        const rt_str half = n && reads[0] ? reads[0]->as.s : (rt_str){ "", 0 };
        char *text = rt_event_alloc(event, 2 * half.len + 1);

        (void) state;
        (void) slot;
        if (!text)
                return RT_ENOMEM;
        if (half.len) {
                memcpy(text, half.ptr, half.len);
                memcpy(text + half.len, half.ptr, half.len);
        }
        *ret_value = (rt_value){ .kind = RT_KIND_STRING, .as.s = { text, 2 * half.len } };
        return 1;
}

static int
fields_scene(life *l, failing *f)
{
        static const char *const sources[] = { "aws_cloudtrail", NULL };
        static const rt_field_desc fields[] = {
                { "x.user", NULL, RT_KIND_STRING, RT_FIELD_PURE, 0, 0, "twice the user" },
                { "x.twice", NULL, RT_KIND_STRING,
                  RT_FIELD_ARG_FIELDS | RT_FIELD_ARG_KEY | RT_FIELD_ARG_REQUIRED, 0, 0, "twice" },
        };
        static const rt_field_desc later = { "x.later", NULL, RT_KIND_STRING, 0, 0, 0, "" };
        static const char *const reads[] = { "ct.user", NULL };
        static const char text[] =
                "- {rule: f, desc: d, condition: 'x.user = bobbob and x.twice[x.user] endswith b',"
                " output: '%x.twice[ct.name]', priority: INFO, source: aws_cloudtrail}\n";
        const rt_str bytes = rti_str_of(record);
        rt_fields_ops ops = { .size = sizeof ops,
                              .abi = RT_FIELDS_ABI,
                              .name = "x",
                              .sources = sources,
                              .fields = fields,
                              .n_fields = 2,
                              .field_stride = sizeof *fields,
                              .reads = reads,
                              .create = create_doubler,
                              .destroy = destroy_doubler,
                              .demand = demand_doubler,
                              .extract = double_it };
        int r = begin(l, f);

        STEP(rt_engine_add_fields(l->engine, &ops));
        STEP(rt_compile(l->engine, "f", rti_str_of(text), l->diags, &l->rules));
        STEP(rt_engine_use(l->engine, l->rules));
        STEP(open_worker(l));
        STEP(rt_worker_feed(l->worker, "aws_cloudtrail", bytes, read_alert, l->worker));
        ops.fields = &later;
        ops.n_fields = 1;
        STEP(rt_engine_add_fields(l->engine, &ops));
        STEP(rt_engine_use(l->engine, l->rules));
        STEP(rt_worker_feed(l->worker, "aws_cloudtrail", bytes, read_alert, l->worker));
        return r >= 0 && r != 1 && !f->failed ? RT_EINVAL : r;
}

static int
pull_scene(life *l, failing *f)
{
        int r = begin(l, f);

        STEP(load(l));
        STEP(open_worker(l));
        STEP(rt_worker_open(l->worker, "aws_cloudtrail", "oom-input.json"));
        while (r >= 0)
                STEP(rt_worker_step(l->worker, read_alert, l->worker));
        return r == RT_EOF ? RT_OK : r;
}

static int
read_kept(const rt_alert *alert, void *user)
{
        rt_str text;

        (void) user;
        return rt_alert_json(alert, &text);
}

/* Two workers: which allocation is the next one differs from run to run. */
static int
pool_scene(life *l, failing *f)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        const rt_str bytes = rti_str_of(record);
        int r = begin(l, f);

        opts.workers = 2;
        opts.batch_bytes = 64;
        opts.rule_matching = RT_MATCH_ALL;
        opts.key = "account";
        STEP(load(l));
        STEP(rt_pool_new(l->engine, &opts, &l->pool));
        STEP(rt_pool_feed(l->pool, "aws_cloudtrail", bytes, read_kept, NULL));
        STEP(rt_pool_feed(l->pool, "aws_cloudtrail", rti_str_sub(bytes, 0, 60), read_kept, NULL));
        STEP(rt_pool_flush(l->pool, read_kept, NULL));
        STEP(rt_pool_open(l->pool, "aws_cloudtrail", "oom-input.json"));
        while (r >= 0)
                do
                        r = rt_pool_step(l->pool, read_kept, NULL);
                while (r == RT_EAGAIN);
        return r == RT_EOF ? RT_OK : r;
}

typedef struct scene {
        const char *name;
        int (*run)(life *l, failing *f);
        bool broken; /* there is something to complain about */
} scene;

/* Was something called wrong? Says what. */
static bool
complains(const life *l)
{
        rt_diag diag = RT_INIT(rt_diag);

        for (size_t i = 0; l->diags && rt_diags_get(l->diags, i, &diag) == RT_OK; i++)
                if (diag.severity == RT_ERROR) {
                        printf("%s: %s\n", diag.id, diag.message);
                        return true;
                }
        return false;
}

/* Run it until nothing fails any more. False: something was wrong. */
static bool
run(const scene *s, bool for_good)
{
        for (uint64_t at = 1;; at++) {
                failing f = failing_at(at, for_good);
                life l = { 0 };
                int r = s->run(&l, &f);
                const bool wrong = !s->broken && complains(&l);

                end(&l);
                if (wrong || f.alive || (r < 0 && r != RT_ENOMEM) || (r < 0 && !f.failed)) {
                        printf("%s: allocation %d of it failing: %s, %d not freed\n", s->name,
                               (int) at, rt_status_name(r), (int) f.alive);
                        return false;
                }
                if (!f.failed) {
                        printf("%s: %d allocations, each failed %s\n", s->name, (int) f.calls,
                               for_good ? "with all behind it" : "alone");
                        return true;
                }
        }
}

int
main(void)
{
        static const scene scenes[] = {
                { "engine", engine_scene },     { "loader", loader_scene },
                { "long", long_scene },         { "broken", broken_scene, true },
                { "compiled", compiled_scene }, { "push", push_scene },
                { "pull", pull_scene },         { "pool", pool_scene },
                { "fields", fields_scene },     { "lists", lists_scene },
        };
        FILE *file = fopen("oom-input.json", "w");
        bool good = file && fputs(record, file) >= 0 && fclose(file) == 0;

        setvbuf(stdout, NULL, _IOLBF, 0);
        for (size_t i = 0; i < RTI_COUNT(scenes); i++)
                for (int for_good = 0; for_good < 2; for_good++)
                        good = run(&scenes[i], for_good) && good;
        remove("oom-input.json");
        return good ? 0 : 1;
}
