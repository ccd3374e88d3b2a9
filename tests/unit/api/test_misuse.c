/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every exported function, called as its header forbids: NULL where there must be something,
 * structs of a wrong size, numbers that nothing has. Each says what is wrong, and all goes on.
 */
#include "support/toy.h"
#include <criterion/criterion.h>
#include <stdio.h>

enum { MOST_NAMES = 256 };

static const char *called[MOST_NAMES];
static unsigned n_called;

static void
note(const char *name)
{
        for (unsigned i = 0; i < n_called; i++)
                if (strcmp(called[i], name) == 0)
                        return;
        cr_assert_lt(n_called, MOST_NAMES);
        called[n_called++] = name;
}

/* A call, and what must come of it. */
#define GIVES(expected, function, ...)                                                       \
        do {                                                                                 \
                note(#function);                                                             \
                const int got_ = (int) function(__VA_ARGS__);                                \
                cr_expect_eq(got_, expected, "%d: " #function "(" #__VA_ARGS__ ") gives %s", \
                             __LINE__, rt_status_name(got_));                                \
        } while (0)
#define GIVES_NULL(function, ...)                                                                \
        do {                                                                                     \
                note(#function);                                                                 \
                cr_expect_null(function(__VA_ARGS__),                                            \
                               "%d: " #function "(" #__VA_ARGS__ ") gives something", __LINE__); \
        } while (0)
#define DOES_NOTHING(function, ...)    \
        do {                           \
                note(#function);       \
                function(__VA_ARGS__); \
        } while (0)

/* A struct that is too small to have a size, one that has no more than that, and one with a member
 * that nobody knows yet. */
typedef union odd {
        size_t size;
        unsigned char bytes[1024];
} odd;

static const odd no_size = { .size = 0 }, half_a_size = { .size = 7 };
static odd from_later = { .size = sizeof(odd) };

static const rt_str record = RTI_STR("name=x\n"), no_bytes = { NULL, 1 };
static const char rule[] = "- rule: one\n  desc: d\n  condition: toy.name = x\n  output: o\n"
                           "  priority: NOTICE\n  source: toy\n  tags: [t]\n";

static rt_engine *engine;
static rt_loader *loader;
static rt_ruleset *rules;
static rt_worker *worker;
static rt_pool *pool;
static rt_diags *diags;

static void
begin(void)
{
        const rt_pool_opts opts = { .size = sizeof opts, .workers = 1, .batches = 2 };

        from_later.bytes[sizeof from_later - 1] = 1;
        n_called = 0;
        cr_assert_eq(rt_engine_new(NULL, &engine), RT_OK);
        cr_assert_eq(rt_engine_add_source(engine, &toy_ops), RT_OK);
        cr_assert_eq(rt_diags_new(&diags), RT_OK);
        cr_assert_eq(rt_loader_new(engine, NULL, &loader), RT_OK);
        cr_assert_eq(rt_loader_add(loader, "r", rti_str_of(rule), diags), RT_OK);
        cr_assert_eq(rt_loader_compile(loader, diags, &rules), RT_OK);
        cr_assert_eq(rt_engine_use(engine, rules), RT_OK);
        cr_assert_eq(rt_worker_new(engine, NULL, &worker), RT_OK);
        cr_assert_eq(rt_pool_new(engine, &opts, &pool), RT_OK);
}

/* All is as it was. */
static void
end(void)
{
        rt_ruleset *again = NULL;

        cr_expect_eq(rt_loader_compile(loader, diags, &again), RT_OK);
        cr_expect_eq(rt_ruleset_count(again), 1);
        rt_ruleset_unref(again);
        cr_expect_eq(rt_worker_feed(worker, "toy", record, NULL, NULL), 1);
        cr_expect_eq(rt_pool_feed(pool, "toy", record, NULL, NULL), 0);
        cr_expect_eq(rt_pool_flush(pool, NULL, NULL), 1);
        cr_expect_eq(rt_diags_count(diags, 0), 0);
        rt_pool_unref(pool);
        rt_worker_unref(worker);
        rt_ruleset_unref(rules);
        rt_loader_unref(loader);
        rt_diags_unref(diags);
        rt_engine_unref(engine);
}

static void
abuse_diags(void)
{
        rt_diag diag = RT_INIT(rt_diag);
        rt_str text;

        GIVES(RT_EINVAL, rt_diags_new, NULL);
        GIVES_NULL(rt_diags_unref, NULL);
        GIVES(0, rt_diags_count, NULL, 0);
        GIVES(0, rt_diags_count, diags, 99);
        GIVES(RT_EINVAL, rt_diags_get, NULL, 0, &diag);
        GIVES(RT_EINVAL, rt_diags_get, diags, 0, NULL);
        GIVES(RT_EINVAL, rt_diags_get, diags, SIZE_MAX, &diag);
        GIVES(RT_EINVAL, rt_diags_print, NULL, 0, 0, &text);
        GIVES(RT_EINVAL, rt_diags_print, diags, 99, 0, &text);
        GIVES(RT_EINVAL, rt_diags_print, diags, 0, 0, NULL);
        DOES_NOTHING(rt_diags_add_option, NULL, "key", "message");
        DOES_NOTHING(rt_diags_add_option, diags, NULL, NULL);
}

static void
abuse_engine(void)
{
        const rt_allocator no_function = RT_INIT(rt_allocator);
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        rt_field_info field = RT_INIT(rt_field_info);
        rt_source_info source = RT_INIT(rt_source_info);
        rt_engine *other = NULL;

        GIVES(RT_EINVAL, rt_engine_new, NULL, NULL);
        GIVES(RT_EABI, rt_engine_new, (const void *) &no_size, &other);
        GIVES(RT_EABI, rt_engine_new, (const void *) &half_a_size, &other);
        GIVES(RT_EABI, rt_engine_new, (const void *) &from_later, &other);
        opts.allocator = &no_function;
        GIVES(RT_EINVAL, rt_engine_new, &opts, &other);
        opts.allocator = (const void *) &no_size;
        GIVES(RT_EABI, rt_engine_new, &opts, &other);
        cr_expect_null(other);
        GIVES_NULL(rt_engine_ref, NULL);
        GIVES_NULL(rt_engine_unref, NULL);
        GIVES(RT_EINVAL, rt_engine_use, NULL, rules);
        GIVES(RT_EINVAL, rt_engine_use, engine, NULL);
        GIVES(RT_EINVAL, rt_engine_field, NULL, 0, &field);
        GIVES(RT_EINVAL, rt_engine_field, engine, 0, NULL);
        GIVES(RT_EABI, rt_engine_field, engine, 0, (void *) &no_size);
        GIVES(RT_ENOENT, rt_engine_field, engine, SIZE_MAX, &field);
        GIVES(RT_EINVAL, rt_engine_source, NULL, 0, &source);
        GIVES(RT_EINVAL, rt_engine_source, engine, 0, NULL);
        GIVES(RT_EABI, rt_engine_source, engine, 0, (void *) &half_a_size);
        GIVES(RT_ENOENT, rt_engine_source, engine, SIZE_MAX, &source);
}

static int
load_item(rt_loader *unused, const rt_item *item, char *message, size_t room, void *user)
{
        (void) unused;
        (void) item;
        (void) message;
        (void) room;
        (void) user;
        return RT_OK;
}

/* What hosts give to an engine that may still be given something. */
static void
abuse_additions(void)
{
        const rt_item_ops item = {
                .size = sizeof item, .abi = RT_ITEM_ABI, .key = "mine", .load = load_item
        };
        rt_item_ops bad_item = item;
        rt_source_ops bad_source = toy_ops;
        rt_fields_ops bad_fields = RT_INIT(rt_fields_ops);
        rt_reader_ops bad_reader = RT_INIT(rt_reader_ops);
        rt_engine *fresh = NULL;

        cr_assert_eq(rt_engine_new(NULL, &fresh), RT_OK);
        GIVES(RT_EINVAL, rt_engine_add_source, NULL, &toy_ops);
        GIVES(RT_EINVAL, rt_engine_add_source, fresh, NULL);
        GIVES(RT_EABI, rt_engine_add_source, fresh, (const void *) &no_size);
        bad_source.abi = 99;
        GIVES(RT_EABI, rt_engine_add_source, fresh, &bad_source);
        bad_source = toy_ops;
        bad_source.extract = NULL;
        GIVES(RT_EINVAL, rt_engine_add_source, fresh, &bad_source);
        GIVES(RT_EINVAL, rt_engine_add_source, engine, &toy_ops); /* too late */
        GIVES(RT_EINVAL, rt_engine_add_fields, NULL, &bad_fields);
        GIVES(RT_EINVAL, rt_engine_add_fields, fresh, NULL);
        GIVES(RT_EABI, rt_engine_add_fields, fresh, (const void *) &half_a_size);
        GIVES(RT_EABI, rt_engine_add_fields, fresh, &bad_fields);
        bad_fields.abi = RT_FIELDS_ABI;
        GIVES(RT_EINVAL, rt_engine_add_fields, fresh, &bad_fields);
        GIVES(RT_EINVAL, rt_engine_add_item, NULL, &item);
        GIVES(RT_EINVAL, rt_engine_add_item, fresh, NULL);
        GIVES(RT_EABI, rt_engine_add_item, fresh, (const void *) &from_later);
        bad_item.load = NULL;
        GIVES(RT_EINVAL, rt_engine_add_item, fresh, &bad_item);
        GIVES(RT_EINVAL, rt_engine_add_item, engine, &item);
        GIVES(RT_EINVAL, rt_engine_add_reader, NULL, &bad_reader);
        GIVES(RT_EINVAL, rt_engine_add_reader, fresh, NULL);
        GIVES(RT_EINVAL, rt_engine_add_reader, fresh, &bad_reader);
        GIVES(RT_EABI, rt_engine_add_reader, fresh, (const void *) &no_size);
        GIVES(RT_EINVAL, rt_engine_wrap_source, NULL, "json", &toy_ops, &bad_source);
        GIVES(RT_EINVAL, rt_engine_wrap_source, fresh, NULL, &toy_ops, &bad_source);
        GIVES(RT_EINVAL, rt_engine_wrap_source, fresh, "json", NULL, &bad_source);
        GIVES(RT_EINVAL, rt_engine_wrap_source, fresh, "json", &toy_ops, NULL);
        GIVES(RT_EABI, rt_engine_wrap_source, fresh, "json", (const void *) &no_size, &bad_source);
        GIVES(RT_EINVAL, rt_engine_add_async_event, NULL, "alarm");
        GIVES(RT_EINVAL, rt_engine_add_async_event, fresh, NULL);
        GIVES(RT_EINVAL, rt_engine_add_async_event, fresh, "");
        GIVES(RT_EINVAL, rt_engine_add_async_event, engine, "alarm"); /* too late */
        GIVES(RT_EINVAL, rt_engine_alias_source, NULL, "json", "mine");
        GIVES(RT_EINVAL, rt_engine_alias_source, fresh, NULL, "mine");
        GIVES(RT_EINVAL, rt_engine_alias_source, fresh, "json", NULL);
        GIVES(RT_EINVAL, rt_engine_alias_source, fresh, "json", "");
        GIVES(RT_ENOENT, rt_engine_alias_source, fresh, "nothing", "mine");
        rt_engine_unref(fresh);
}

static void
abuse_loader(void)
{
        rt_loader_opts opts = RT_INIT(rt_loader_opts);
        rt_fields_ops fields = RT_INIT(rt_fields_ops);
        rt_loader *other = NULL;
        rt_ruleset *none = NULL;
        rt_str text;

        GIVES(RT_EINVAL, rt_loader_new, NULL, NULL, &other);
        GIVES(RT_EINVAL, rt_loader_new, engine, NULL, NULL);
        GIVES(RT_EABI, rt_loader_new, engine, (const void *) &no_size, &other);
        GIVES(RT_EABI, rt_loader_new, engine, (const void *) &from_later, &other);
        opts.n_append_output = 1;
        GIVES(RT_EINVAL, rt_loader_new, engine, &opts, &other);
        opts.n_append_output = 0;
        opts.min_priority = 99;
        GIVES(RT_EINVAL, rt_loader_new, engine, &opts, &other);
        opts.min_priority = 0;
        opts.flags = UINT32_MAX;
        GIVES(RT_EINVAL, rt_loader_new, engine, &opts, &other);
        opts.flags = 0;
        opts.profile = no_bytes;
        GIVES(RT_EINVAL, rt_loader_new, engine, &opts, &other);
        cr_expect_null(other);
        GIVES_NULL(rt_loader_unref, NULL);
        GIVES(RT_EINVAL, rt_loader_add, NULL, "r", record, diags);
        GIVES(RT_EINVAL, rt_loader_add, loader, NULL, record, diags);
        GIVES(RT_EINVAL, rt_loader_add, loader, "r", no_bytes, diags);
        GIVES(RT_EINVAL, rt_loader_add_path, NULL, "/", diags);
        GIVES(RT_EINVAL, rt_loader_add_path, loader, NULL, diags);
        GIVES(RT_EINVAL, rt_loader_add_fields, NULL, &fields);
        GIVES(RT_EINVAL, rt_loader_add_fields, loader, NULL);
        GIVES(RT_EABI, rt_loader_add_fields, loader, (const void *) &no_size);
        GIVES(RT_EABI, rt_loader_add_fields, loader, &fields);
        GIVES(RT_EINVAL, rt_loader_on_match, NULL, "f", NULL, 0);
        GIVES(RT_EINVAL, rt_loader_on_match, loader, NULL, NULL, 0);
        GIVES(RT_EINVAL, rt_loader_on_match, loader, "f", NULL, 99);
        GIVES(RT_ENOENT, rt_loader_on_match, loader, "f", NULL, 0);
        GIVES(RT_EINVAL, rt_loader_select, NULL, 1, 0, "one");
        GIVES(RT_EINVAL, rt_loader_select, loader, 1, 0, NULL);
        GIVES(RT_EINVAL, rt_loader_select, loader, 1, 99, "one");
        GIVES(RT_EINVAL, rt_loader_compile, NULL, diags, &none);
        GIVES(RT_EINVAL, rt_loader_compile, loader, diags, NULL);
        GIVES(RT_EINVAL, rt_loader_describe, NULL, NULL, &text);
        GIVES(RT_EINVAL, rt_loader_describe, loader, NULL, NULL);
        GIVES(RT_ENOENT, rt_loader_describe, loader, "nothing", &text);
        GIVES(RT_EINVAL, rt_loader_dump, NULL, "ast", &text);
        GIVES(RT_EINVAL, rt_loader_dump, loader, NULL, &text);
        GIVES(RT_EINVAL, rt_loader_dump, loader, "ast", NULL);
        GIVES(RT_ENOENT, rt_loader_dump, loader, "nothing", &text);
        GIVES(RT_EINVAL, rt_compile, NULL, "r", record, diags, &none);
        GIVES(RT_EINVAL, rt_compile, engine, NULL, record, diags, &none);
        GIVES(RT_EINVAL, rt_compile, engine, "r", no_bytes, diags, &none);
        GIVES(RT_EINVAL, rt_compile, engine, "r", rti_str_of(rule), diags, NULL);
        cr_expect_null(none);
}

static void
abuse_lists(void)
{
        rt_list_info info = RT_INIT(rt_list_info);
        rt_list *list = NULL, *none;

        cr_assert_eq(rt_list_new(engine, RT_KIND_STRING, &list), RT_OK);
        GIVES(RT_EINVAL, rt_list_new, NULL, RT_KIND_STRING, &none);
        GIVES(RT_EINVAL, rt_list_new, engine, RT_KIND_STRING, NULL);
        GIVES(RT_EINVAL, rt_list_new, engine, RT_KIND_DOUBLE, &none);
        GIVES(RT_EINVAL, rt_list_new, engine, UINT32_MAX, &none);
        GIVES_NULL(rt_list_ref, NULL);
        GIVES_NULL(rt_list_unref, NULL);
        GIVES(RT_EINVAL, rt_list_add, NULL, record);
        GIVES(RT_EINVAL, rt_list_add, list, no_bytes);
        GIVES(RT_EINVAL, rt_list_add_text, NULL, "l", record, diags);
        GIVES(RT_EINVAL, rt_list_add_text, list, NULL, record, diags);
        GIVES(RT_EINVAL, rt_list_add_text, list, "l", no_bytes, diags);
        GIVES(RT_EINVAL, rt_list_add_path, NULL, "/", diags);
        GIVES(RT_EINVAL, rt_list_add_path, list, NULL, diags);
        GIVES(RT_ERULES, rt_list_add_path, list, "/", NULL);
        GIVES(0, rt_list_count, NULL);
        GIVES(RT_EINVAL, rt_list_has, NULL, record);
        GIVES(RT_EINVAL, rt_list_has, list, no_bytes);
        GIVES(RT_EINVAL, rt_engine_use_list, NULL, "l", list);
        GIVES(RT_EINVAL, rt_engine_use_list, engine, NULL, list);
        GIVES(RT_EINVAL, rt_engine_use_list, engine, "", list);
        GIVES(RT_EINVAL, rt_engine_list, NULL, 0, &info);
        GIVES(RT_EINVAL, rt_engine_list, engine, 0, NULL);
        GIVES(RT_ENOENT, rt_engine_list, engine, 0, &info);
        GIVES(RT_EINVAL, rt_ruleset_list, NULL, 0, &info);
        GIVES(RT_EINVAL, rt_ruleset_list, rules, 0, NULL);
        GIVES(RT_ENOENT, rt_ruleset_list, rules, 0, &info);
        rt_list_unref(list);
}

static void
abuse_ruleset(void)
{
        rt_rule_info info = RT_INIT(rt_rule_info);
        rt_steps steps = RT_INIT(rt_steps);
        rt_ruleset *none = NULL;
        char *text = NULL;
        rt_str bytes;

        GIVES_NULL(rt_ruleset_ref, NULL);
        GIVES_NULL(rt_ruleset_unref, NULL);
        GIVES(0, rt_ruleset_count, NULL);
        GIVES(RT_EINVAL, rt_ruleset_rule, NULL, 0, &info);
        GIVES(RT_EINVAL, rt_ruleset_rule, rules, 0, NULL);
        GIVES(RT_ENOENT, rt_ruleset_rule, rules, SIZE_MAX, &info);
        GIVES(RT_EABI, rt_ruleset_rule, rules, 0, (void *) &no_size);
        GIVES(RT_EINVAL, rt_event_rule, NULL, &info);
        GIVES_NULL(rt_event_later, NULL);
        GIVES(RT_EINVAL, rt_answer_give, NULL, 0, NULL);
        GIVES_NULL(rt_answer_unref, NULL);
        GIVES(RT_ENOENT, rt_ruleset_sees, rules, SIZE_MAX, "toy", 0);
        GIVES(RT_EINVAL, rt_ruleset_sees, NULL, 0, "toy", 0);
        GIVES(RT_EINVAL, rt_ruleset_sees, rules, 0, NULL, 0);
        GIVES(0, rt_ruleset_sees, rules, 0, "nothing", UINT32_MAX);
        GIVES(RT_EINVAL, rt_ruleset_steps, NULL, "toy", 0, &steps);
        GIVES(RT_EINVAL, rt_ruleset_steps, rules, NULL, 0, &steps);
        GIVES(RT_EINVAL, rt_ruleset_steps, rules, "toy", 0, NULL);
        GIVES(RT_ENOENT, rt_ruleset_steps, rules, "nothing", 0, &steps);
        GIVES(RT_EABI, rt_ruleset_steps, rules, "toy", 0, (void *) &no_size);
        GIVES(RT_EINVAL, rt_ruleset_bytes, NULL, &bytes);
        GIVES(RT_EINVAL, rt_ruleset_bytes, rules, NULL);
        GIVES(RT_EINVAL, rt_ruleset_load, NULL, "r", record, 0, diags, &none);
        GIVES(RT_EINVAL, rt_ruleset_load, engine, NULL, record, 0, diags, &none);
        GIVES(RT_EINVAL, rt_ruleset_load, engine, "r", no_bytes, 0, diags, &none);
        GIVES(RT_EINVAL, rt_ruleset_load, engine, "r", record, 99, diags, &none);
        GIVES(RT_EINVAL, rt_ruleset_load, engine, "r", record, 0, diags, NULL);
        GIVES(RT_ERULES, rt_ruleset_load, engine, "r", record, 0, NULL, &none);
        GIVES(RT_EINVAL, rt_ruleset_load_path, NULL, "/", diags, &none);
        GIVES(RT_EINVAL, rt_ruleset_load_path, engine, NULL, diags, &none);
        GIVES(RT_EINVAL, rt_ruleset_load_path, engine, "/", diags, NULL);
        GIVES(0, rt_ruleset_is_compiled, no_bytes);
        GIVES(0, rt_ruleset_is_compiled, record);
        GIVES(RT_EINVAL, rt_ruleset_disasm, NULL, &text);
        GIVES(RT_EINVAL, rt_ruleset_disasm, rules, NULL);
        DOES_NOTHING(rt_text_free, NULL);
        cr_expect_null(none);
}

static void
abuse_worker(void)
{
        const rt_option option = { "key", NULL };
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_decide_opts how = RT_INIT(rt_decide_opts);
        rt_verdict verdict = RT_INIT(rt_verdict);
        rt_worker *other = NULL;
        rt_str text;

        GIVES(RT_EINVAL, rt_worker_new, NULL, NULL, &other);
        GIVES(RT_EINVAL, rt_worker_new, engine, NULL, NULL);
        GIVES(RT_EABI, rt_worker_new, engine, (const void *) &no_size, &other);
        GIVES(RT_EABI, rt_worker_new, engine, (const void *) &from_later, &other);
        opts.rule_matching = 99;
        GIVES(RT_EINVAL, rt_worker_new, engine, &opts, &other);
        opts.rule_matching = 0;
        opts.reserved = 1;
        GIVES(RT_EINVAL, rt_worker_new, engine, &opts, &other);
        cr_expect_null(other);
        GIVES_NULL(rt_worker_unref, NULL);
        GIVES(RT_EINVAL, rt_worker_configure, NULL, "toy", NULL, 0, NULL);
        GIVES(RT_EINVAL, rt_worker_configure, worker, NULL, NULL, 0, NULL);
        GIVES(RT_EINVAL, rt_worker_configure, worker, "toy", NULL, 1, NULL);
        GIVES(RT_EINVAL, rt_worker_configure, worker, "toy", &option, 1, NULL);
        GIVES(RT_ENOENT, rt_worker_configure, worker, "nothing", NULL, 0, NULL);
        GIVES(RT_EINVAL, rt_worker_open, NULL, "toy", "/");
        GIVES(RT_EINVAL, rt_worker_open, worker, NULL, "/");
        GIVES(RT_EINVAL, rt_worker_open, worker, "toy", NULL);
        GIVES(RT_ENOENT, rt_worker_open, worker, "nothing", "/");
        GIVES(RT_EIO, rt_worker_open, worker, "toy", "/nowhere/at/all");
        GIVES(RT_EINVAL, rt_worker_step, NULL, NULL, NULL);
        GIVES(RT_EOF, rt_worker_step, worker, NULL, NULL);
        GIVES(RT_EINVAL, rt_worker_feed, NULL, "toy", record, NULL, NULL);
        GIVES(RT_EINVAL, rt_worker_feed, worker, NULL, record, NULL, NULL);
        GIVES(RT_ENOENT, rt_worker_feed, worker, "", record, NULL, NULL);
        GIVES(RT_ENOENT, rt_worker_feed, worker, "nothing", record, NULL, NULL);
        GIVES(RT_EINVAL, rt_worker_feed, worker, "toy", no_bytes, NULL, NULL);
        GIVES(RT_EINVAL, rt_worker_decide, NULL, "toy", record, NULL, &verdict);
        GIVES(RT_EINVAL, rt_worker_decide, worker, NULL, record, NULL, &verdict);
        GIVES(RT_EINVAL, rt_worker_decide, worker, "toy", record, NULL, NULL);
        GIVES(RT_EINVAL, rt_worker_decide, worker, "toy", no_bytes, NULL, &verdict);
        GIVES(RT_EABI, rt_worker_decide, worker, "toy", record, (const void *) &no_size, &verdict);
        GIVES(RT_EABI, rt_worker_decide, worker, "toy", record, NULL, (void *) &no_size);
        how.on_error = 99;
        GIVES(RT_EINVAL, rt_worker_decide, worker, "toy", record, &how, &verdict);
        GIVES(RT_EINVAL, rt_worker_explain, NULL, "one", &text);
        GIVES(RT_EINVAL, rt_worker_explain, worker, NULL, &text);
        GIVES(RT_EINVAL, rt_worker_explain, worker, "one", NULL);
        GIVES(RT_ENOENT, rt_worker_explain, worker, "one", &text);
        GIVES(RT_EINVAL, rt_worker_finish, NULL);
}

static void
abuse_counts(void)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_rule_profile of_rule = RT_INIT(rt_rule_profile);
        rt_pred_profile of_pred = RT_INIT(rt_pred_profile);
        rt_loss loss = RT_INIT(rt_loss);
        rt_str text;

        GIVES(RT_EINVAL, rt_worker_stats_get, NULL, &stats);
        GIVES(RT_EINVAL, rt_worker_stats_get, worker, NULL);
        GIVES(RT_EABI, rt_worker_stats_get, worker, (void *) &no_size);
        GIVES(0, rt_worker_rule_alerts, NULL, 0);
        GIVES(0, rt_worker_rule_alerts, worker, SIZE_MAX);
        GIVES(RT_EINVAL, rt_worker_rule_profile, NULL, 0, &of_rule);
        GIVES(RT_EINVAL, rt_worker_rule_profile, worker, 0, NULL);
        GIVES(RT_ENOENT, rt_worker_rule_profile, worker, SIZE_MAX, &of_rule);
        GIVES(RT_EABI, rt_worker_rule_profile, worker, 0, (void *) &no_size);
        GIVES(RT_EINVAL, rt_worker_pred_profile, NULL, 0, &of_pred);
        GIVES(RT_EINVAL, rt_worker_pred_profile, worker, 0, NULL);
        GIVES(RT_ENOENT, rt_worker_pred_profile, worker, SIZE_MAX, &of_pred);
        GIVES(RT_EABI, rt_worker_pred_profile, worker, 0, (void *) &no_size);
        GIVES(RT_EINVAL, rt_worker_profile, NULL, &text);
        GIVES(RT_EINVAL, rt_worker_profile, worker, NULL);
        GIVES(RT_EINVAL, rt_worker_loss, NULL, 0, &loss);
        GIVES(RT_EINVAL, rt_worker_loss, worker, 0, NULL);
        GIVES(RT_ENOENT, rt_worker_loss, worker, SIZE_MAX, &loss);
}

static void
abuse_pool(void)
{
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_loss loss = RT_INIT(rt_loss);
        rt_pool *other = NULL;

        GIVES(RT_EINVAL, rt_pool_new, NULL, NULL, &other);
        GIVES(RT_EINVAL, rt_pool_new, engine, NULL, NULL);
        GIVES(RT_EABI, rt_pool_new, engine, (const void *) &no_size, &other);
        GIVES(RT_EABI, rt_pool_new, engine, (const void *) &from_later, &other);
        opts.workers = UINT32_MAX;
        GIVES(RT_ELIMIT, rt_pool_new, engine, &opts, &other);
        opts.workers = 1;
        opts.render = UINT32_MAX;
        GIVES(RT_EINVAL, rt_pool_new, engine, &opts, &other);
        opts.render = 0;
        opts.key = "no.such.field";
        GIVES(RT_ENOENT, rt_pool_new, engine, &opts, &other);
        cr_expect_null(other);
        GIVES_NULL(rt_pool_unref, NULL);
        GIVES(RT_EINVAL, rt_pool_configure, NULL, "toy", NULL, 0, NULL);
        GIVES(RT_EINVAL, rt_pool_configure, pool, NULL, NULL, 0, NULL);
        GIVES(RT_ENOENT, rt_pool_configure, pool, "nothing", NULL, 0, NULL);
        GIVES(RT_EINVAL, rt_pool_open, NULL, "toy", "/");
        GIVES(RT_EINVAL, rt_pool_open, pool, NULL, "/");
        GIVES(RT_EINVAL, rt_pool_open, pool, "toy", NULL);
        GIVES(RT_EIO, rt_pool_open, pool, "toy", "/nowhere/at/all");
        GIVES(RT_EINVAL, rt_pool_step, NULL, NULL, NULL);
        GIVES(RT_EOF, rt_pool_step, pool, NULL, NULL);
        GIVES(RT_EINVAL, rt_pool_feed, NULL, "toy", record, NULL, NULL);
        GIVES(RT_EINVAL, rt_pool_feed, pool, NULL, record, NULL, NULL);
        GIVES(RT_EINVAL, rt_pool_feed, pool, "toy", no_bytes, NULL, NULL);
        GIVES(RT_ENOENT, rt_pool_feed, pool, "nothing", record, NULL, NULL);
        GIVES(RT_EINVAL, rt_pool_flush, NULL, NULL, NULL);
        GIVES(RT_EINVAL, rt_pool_stats_get, NULL, &stats);
        GIVES(RT_EINVAL, rt_pool_stats_get, pool, NULL);
        GIVES(0, rt_pool_rule_alerts, NULL, 0);
        GIVES(0, rt_pool_rule_alerts, pool, SIZE_MAX);
        GIVES(RT_EINVAL, rt_pool_loss, NULL, 0, &loss);
        GIVES(RT_EINVAL, rt_pool_loss, pool, 0, NULL);
        GIVES(RT_ENOENT, rt_pool_loss, pool, SIZE_MAX, &loss);
        GIVES(RT_EINVAL, rt_pool_finish, NULL);
}

static void
abuse_alert(const rt_alert *alert)
{
        const char *name;
        rt_value value;
        rt_str text;

        GIVES_NULL(rt_alert_rule, alert);
        GIVES_NULL(rt_alert_source, alert);
        GIVES(RT_PRIORITY_DEBUG, rt_alert_priority, alert);
        GIVES(0, rt_alert_time_ns, alert);
        GIVES(0, rt_alert_event_number, alert);
        GIVES_NULL(rt_alert_tags, alert);
        GIVES_NULL(rt_alert_id, alert);
        GIVES(RT_EINVAL, rt_alert_text, alert, &text);
        GIVES(RT_EINVAL, rt_alert_json, alert, &text);
        GIVES(RT_EINVAL, rt_alert_field, alert, 0, &name, &value);
}

static int
keep_alert(const rt_alert *alert, void *user)
{
        rt_str text = RTI_STR("");

        *(const rt_alert **) user = alert;
        GIVES(RT_EINVAL, rt_alert_text, alert, NULL);
        GIVES(RT_EINVAL, rt_alert_json, alert, NULL);
        GIVES(RT_OK, rt_alert_text, alert, &text);
        cr_expect(text.len);
        return 0;
}

static void
abuse_alerts(void)
{
        const rt_alert *kept = NULL;

        abuse_alert(NULL);
        GIVES(1, rt_worker_feed, worker, "toy", record, keep_alert, &kept);
        cr_assert(kept);
        abuse_alert(kept);
        kept = NULL;
        GIVES(0, rt_pool_feed, pool, "toy", record, NULL, NULL);
        GIVES(1, rt_pool_flush, pool, keep_alert, &kept);
        cr_assert(kept);
        abuse_alert(kept);
}

static void
abuse_rest(void)
{
        rt_table_row row = RT_INIT(rt_table_row);

        note("rt_status_name");
        cr_expect(rt_status_name(INT32_MIN) && rt_status_name(INT32_MAX));
        GIVES_NULL(rt_priority_name, UINT32_MAX);
        GIVES(RT_ENOENT, rt_priority_parse, NULL);
        GIVES(RT_ENOENT, rt_priority_parse, "");
        GIVES(RT_EINVAL, rt_table_get, 99, 0, &row);
        GIVES(RT_EINVAL, rt_table_get, 0, 0, NULL);
        GIVES(RT_ENOENT, rt_table_get, 0, SIZE_MAX, &row);
        GIVES(RT_EABI, rt_table_get, 0, 0, (void *) &no_size);
}

/* Called by sources, with what the engine gave them; tests/unit/engine/test_input.c. */
static const char *const by_sources[] = { "rt_event_alloc",   "rt_input_consume",
                                          "rt_input_is_live", "rt_input_limited",
                                          "rt_input_more",    "rt_input_name",
                                          "rt_input_offset",  "rt_input_skipped",
                                          "rt_input_window" };

static void
expect_all_called(void)
{
        FILE *file = fopen(RT_MAP, "r");
        char line[256], name[256];
        unsigned n = 0;

        cr_assert(file, "cannot read " RT_MAP);
        for (size_t i = 0; i < RTI_COUNT(by_sources); i++)
                note(by_sources[i]);
        while (fgets(line, sizeof line, file)) {
                bool found = false;

                if (sscanf(line, " rt_%200[a-z_];", name) != 1)
                        continue;
                n++;
                for (unsigned i = 0; i < n_called && !found; i++)
                        found = strcmp(called[i] + strlen("rt_"), name) == 0;
                cr_expect(found, "rt_%s is exported, and is not called here", name);
        }
        fclose(file);
        cr_expect_gt(n, 80);
}

Test(misuse, of_all_that_is_exported_is_refused_and_does_no_harm)
{
        begin();
        abuse_diags();
        abuse_engine();
        abuse_additions();
        abuse_loader();
        abuse_ruleset();
        abuse_lists();
        abuse_worker();
        abuse_counts();
        abuse_pool();
        abuse_alerts();
        abuse_rest();
        expect_all_called();
        end();
}
