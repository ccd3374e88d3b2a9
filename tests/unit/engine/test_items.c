/* SPDX-License-Identifier: Apache-2.0 */
/* Items of rule files that the host reads, and fields that belong to one loader's rulesets. */
#include "support/toy.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

typedef struct provider {
        unsigned created, destroyed, released;
        uint64_t gives;
} provider;

static int
create(const rt_fields_config *config, void **ret_state)
{
        provider *p = config->user;

        p->created++;
        *ret_state = p;
        return RT_OK;
}

static void
destroy(void *state)
{
        ((provider *) state)->destroyed++;
}

static int
demand(void *state, const rt_fields_demand *what)
{
        (void) state;
        (void) what;
        return RT_OK;
}

static int
extract(void *state, const rt_event *event, uint32_t slot, const rt_value *const *reads,
        size_t n_reads, rt_value *ret_value)
{
        const provider *p = state;

        (void) event;
        (void) slot;
        (void) reads;
        (void) n_reads;
        *ret_value = (rt_value){ .kind = RT_KIND_UINT64, .as.u = p->gives };
        return 1;
}

static void
release(void *user)
{
        ((provider *) user)->released++;
}

static const rt_field_desc fields[] = { { "mine.number", NULL, RT_KIND_UINT64, 0, RT_FORMAT_DEC, 0,
                                          "what this version gives" } };

static rt_fields_ops
ops_of(provider *p)
{
        return (rt_fields_ops){ .size = sizeof(rt_fields_ops),
                                .abi = RT_FIELDS_ABI,
                                .name = "mine",
                                .fields = fields,
                                .n_fields = 1,
                                .field_stride = sizeof *fields,
                                .user = p,
                                .create = create,
                                .destroy = destroy,
                                .demand = demand,
                                .extract = extract,
                                .release = release };
}

typedef struct scene {
        provider one, two;
        provider *next; /* what an item adds */
        rt_engine *engine;
        rt_diags *diags;
        rt_worker *worker;
        char seen[512];
        int again; /* what adding a text inside of load gives */
} scene;

static int
load(rt_loader *loader, const rt_item *item, char *message, size_t size, void *user)
{
        scene *s = user;
        rt_fields_ops ops;

        snprintf(s->seen, sizeof s->seen, "%.*s %s %s %u:%u", (int) item->json.len, item->json.ptr,
                 item->file, item->folder ? item->folder : "-", item->line, item->column);
        s->again = rt_loader_add(loader, "x", RTI_STR(""), NULL);
        if (!s->next) {
                snprintf(message, size, "there is nothing of that name");
                return RT_ENOENT;
        }
        ops = ops_of(s->next);
        return rt_loader_add_fields(loader, &ops);
}

static const char rules[] =
        "- rule: r\n  desc: d\n  condition: mine.number = 7\n  output: o %toy.name\n"
        "  priority: INFO\n  source: toy\n"
        "- mine: [a, \"b\\\"\", ~, {c: 1}]\n";

static void
scene_init(scene *s)
{
        const rt_item_ops items = {
                .size = sizeof items, .abi = RT_ITEM_ABI, .key = "mine", .user = s, .load = load
        };

        *s = (scene){ .one.gives = 7, .two.gives = 8 };
        cr_assert_eq(rt_engine_new(NULL, &s->engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(s->engine, &toy_ops), RT_OK);
        cr_assert_eq(rt_engine_add_item(s->engine, &items), RT_OK);
        cr_assert_eq(rt_engine_add_item(s->engine, &items), RT_EEXIST);
        cr_assert_eq(rt_diags_new(&s->diags), RT_OK);
}

static int
use(scene *s, provider *p)
{
        rt_ruleset *ruleset = NULL;
        int r;

        s->next = p;
        r = rt_compile(s->engine, "mine.yaml", rti_str_of(rules), s->diags, &ruleset);
        if (r == RT_OK)
                cr_assert_eq(rt_engine_use(s->engine, ruleset), RT_OK);
        rt_ruleset_unref(ruleset);
        return r;
}

static void
scene_done(scene *s)
{
        rt_worker_unref(s->worker);
        rt_diags_unref(s->diags);
        rt_engine_unref(s->engine);
}

Test(items, the_host_is_told_what_stands_where)
{
        scene s;

        scene_init(&s);
        cr_assert_eq(use(&s, &s.one), RT_OK);
        cr_expect_str_eq(s.seen, "{\"mine\":[\"a\",\"b\\\"\",null,{\"c\":\"1\"}]} mine.yaml - 7:3");
        cr_expect_eq(s.again, RT_OK);
        scene_done(&s);
        cr_expect_eq(s.one.released, 1);
}

Test(items, a_message_becomes_a_diagnostic_at_its_place)
{
        rt_diag diag = RT_INIT(rt_diag);
        scene s;

        scene_init(&s);
        cr_assert_eq(use(&s, NULL), RT_ERULES);
        cr_assert_eq(rt_diags_get(s.diags, 0, &diag), RT_OK);
        cr_expect_str_eq(diag.id, "RT1207");
        cr_expect_str_eq(diag.message, "there is nothing of that name");
        cr_expect_eq(diag.line, 7);
        scene_done(&s);
}

Test(items, the_folder_of_a_file_is_told)
{
        char path[] = "/tmp/rt-items-XXXXXX", file[64], expected[160];
        rt_loader *loader = NULL;
        FILE *out;
        scene s;

        scene_init(&s);
        s.next = &s.one;
        cr_assert(mkdtemp(path));
        snprintf(file, sizeof file, "%s/a.yaml", path);
        snprintf(expected, sizeof expected, "{\"mine\":null} %s %s 1:3", file, path);
        out = fopen(file, "w");
        cr_assert(out);
        fputs("- mine:\n", out);
        fclose(out);
        cr_assert_eq(rt_loader_new(s.engine, NULL, &loader), RT_OK);
        cr_assert_eq(rt_loader_add_path(loader, file, s.diags), RT_OK);
        cr_expect_str_eq(s.seen, expected);
        rt_loader_unref(loader);
        cr_expect_eq(s.one.released, 1);
        unlink(file);
        rmdir(path);
        scene_done(&s);
}

static int
feed(scene *s)
{
        return rt_worker_feed(s->worker, "toy", RTI_STR("hello\n"), NULL, NULL);
}

Test(items, a_new_ruleset_brings_a_new_provider_and_releases_the_old)
{
        rt_loss loss = RT_INIT(rt_loss);
        scene s;

        scene_init(&s);
        cr_assert_eq(use(&s, &s.one), RT_OK);
        cr_assert_eq(rt_worker_new(s.engine, NULL, &s.worker), RT_OK);
        cr_assert_eq(feed(&s), 1);
        cr_assert_eq(use(&s, &s.two), RT_OK);
        cr_expect_eq(s.one.released, 0); /* the worker has it */
        cr_expect_eq(feed(&s), 0);
        cr_expect_eq(s.one.created, 1);
        cr_expect_eq(s.one.destroyed, 1);
        cr_expect_eq(s.one.released, 1);
        cr_expect_eq(s.two.created, 1);
        (void) rt_worker_loss(s.worker, 0, &loss);
        for (unsigned i = 0; i < 50; i++) {
                cr_assert_eq(use(&s, i % 2 ? &s.two : &s.one), RT_OK);
                cr_assert_eq(feed(&s), i % 2 ? 0 : 1);
        }
        scene_done(&s);
        cr_expect_eq(s.one.created, s.one.released);
        cr_expect_eq(s.one.created, s.one.destroyed);
        cr_expect_eq(s.two.created, s.two.released);
}

Test(items, rulesets_may_outlive_their_engine)
{
        rt_ruleset *ruleset = NULL;
        scene s;

        scene_init(&s);
        s.next = &s.one;
        cr_assert_eq(rt_compile(s.engine, "mine.yaml", rti_str_of(rules), s.diags, &ruleset),
                     RT_OK);
        scene_done(&s);
        cr_expect_eq(s.one.released, 0);
        rt_ruleset_unref(ruleset);
        cr_expect_eq(s.one.released, 1);
}

Test(items, compiled_rules_are_refused_where_their_fields_are_not)
{
        rt_ruleset *ruleset = NULL, *loaded = NULL;
        rt_diag diag = RT_INIT(rt_diag);
        rt_fields_ops ops;
        rt_str bytes;
        scene s;

        scene_init(&s);
        s.next = &s.one;
        cr_assert_eq(rt_compile(s.engine, "mine.yaml", rti_str_of(rules), s.diags, &ruleset),
                     RT_OK);
        cr_assert_eq(rt_ruleset_bytes(ruleset, &bytes), RT_OK);
        cr_expect_eq(rt_ruleset_load(s.engine, "c", bytes, 0, s.diags, &loaded), RT_ERULES);
        cr_assert_eq(rt_diags_get(s.diags, 0, &diag), RT_OK);
        cr_expect_str_eq(diag.id, "RT1204");
        cr_expect(strstr(diag.message, "mine.number"), "%s", diag.message);
        ops = ops_of(&s.two);
        cr_assert_eq(rt_engine_add_fields(s.engine, &ops), RT_OK);
        cr_expect_eq(rt_ruleset_load(s.engine, "c", bytes, 0, s.diags, &loaded), RT_OK);
        rt_ruleset_unref(loaded);
        rt_ruleset_unref(ruleset);
        scene_done(&s);
        cr_expect_eq(s.two.released, 1);
}

Test(items, what_is_wrong_is_refused)
{
        rt_item_ops items = { .size = sizeof items, .abi = RT_ITEM_ABI, .key = "k", .load = load };
        rt_loader *loader = NULL;
        rt_fields_ops ops;
        scene s;

        scene_init(&s);
        cr_expect_eq(rt_engine_add_item(NULL, &items), RT_EINVAL);
        cr_expect_eq(rt_engine_add_item(s.engine, NULL), RT_EINVAL);
        items.abi = 9;
        cr_expect_eq(rt_engine_add_item(s.engine, &items), RT_EABI);
        items.abi = RT_ITEM_ABI;
        items.key = "";
        cr_expect_eq(rt_engine_add_item(s.engine, &items), RT_EINVAL);
        cr_assert_eq(rt_loader_new(s.engine, NULL, &loader), RT_OK);
        items.key = "late";
        cr_expect_eq(rt_engine_add_item(s.engine, &items), RT_EINVAL);
        ops = ops_of(&s.one);
        cr_expect_eq(rt_loader_add_fields(NULL, &ops), RT_EINVAL);
        cr_expect_eq(rt_loader_add_fields(loader, NULL), RT_EINVAL);
        cr_expect_eq(rt_loader_add_fields(loader, &ops), RT_OK);
        cr_expect_eq(rt_loader_add_fields(loader, &ops), RT_EEXIST);
        cr_expect_eq(s.one.released, 0);
        rt_loader_unref(loader);
        cr_expect_eq(s.one.released, 1);
        scene_done(&s);
}
