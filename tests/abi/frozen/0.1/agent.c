/* SPDX-License-Identifier: Apache-2.0 */
/*
 * agent.c - what others have built against 0.1: an agent that uses the whole API, and prints what
 * it gets. agent PLUGIN.so RULES INPUT. It uses no member that early.txt cuts off.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <libruntime/runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t held;

static void *
counted_resize(void *ptr, size_t size_bytes, void *user)
{
        size_t *count = user;

        if (size_bytes == 0) {
                *count -= ptr != NULL;
                free(ptr);
                return NULL;
        }
        *count += ptr == NULL;
        return realloc(ptr, size_bytes);
}

static void
skipped(const char *input, uint64_t offset, const char *what, void *user)
{
        const char *name = strrchr(input, '/');

        printf("%s: %s at %" PRIu64 ": %s\n", (const char *) user, name ? name + 1 : input, offset,
               what);
}

static int
print_alert(const rt_alert *alert, void *user)
{
        const char *const *tags = rt_alert_tags(alert);
        const char *name;
        rt_value value;
        rt_str text;

        if (rt_alert_text(alert, &text) < 0)
                return RT_ENOMEM;
        printf("%s: %" PRIu64 " at %" PRIu64 " %s %s [%s] %s\n  %.*s\n", (const char *) user,
               rt_alert_event_number(alert), rt_alert_time_ns(alert),
               rt_priority_name(rt_alert_priority(alert)), rt_alert_rule(alert),
               tags[0] ? tags[0] : "", rt_alert_id(alert), (int) text.len, text.ptr);
        for (size_t i = 0; rt_alert_field(alert, i, &name, &value) == RT_OK; i++)
                printf("  %s: kind %u, %u\n", name, value.kind, value.count);
        return RT_OK;
}

static void
print_diags(const rt_diags *diags)
{
        rt_diag diag = RT_INIT(rt_diag);

        for (size_t i = 0; rt_diags_get(diags, i, &diag) == RT_OK; i++)
                printf("%s %s:%u:%u: %s\n", diag.id, diag.file, diag.line, diag.column,
                       diag.message);
}

static int
load(rt_engine *engine, const char *path)
{
        static const char wrong[] = "- rule: half\n  condition: door.what = 1\n";
        rt_loader_opts opts = RT_INIT(rt_loader_opts);
        rt_rule_info info = RT_INIT(rt_rule_info);
        rt_loader *loader = NULL;
        rt_ruleset *rules = NULL;
        rt_diags *diags = NULL;
        int r = rt_diags_new(&diags);

        if (r == RT_OK
            && rt_compile(engine, "wrong", (rt_str){ wrong, sizeof wrong - 1 }, diags, &rules)
                       != RT_ERULES)
                r = RT_EINVAL;
        print_diags(diags);
        opts.min_priority = 1 + RT_PRIORITY_NOTICE;
        r = r < 0 ? r : rt_loader_new(engine, &opts, &loader);
        r = r < 0 ? r : rt_loader_add_path(loader, path, diags);
        r = r < 0 ? r : rt_loader_compile(loader, diags, &rules);
        r = r < 0 ? r : rt_engine_use(engine, rules);
        for (size_t i = 0; r == RT_OK && rt_ruleset_rule(rules, i, &info) == RT_OK; i++)
                printf("rule %s of %s, %u\n", info.name, info.source, info.priority);
        rt_diags_unref(diags);
        rt_loader_unref(loader);
        rt_ruleset_unref(rules);
        return r;
}

static void
print_known(const rt_engine *engine)
{
        rt_source_info source = RT_INIT(rt_source_info);
        rt_field_info field = RT_INIT(rt_field_info);
        rt_table_row row = RT_INIT(rt_table_row);

        for (size_t i = 0; rt_engine_source(engine, i, &source) == RT_OK; i++)
                if (strcmp(source.name, "door") == 0)
                        printf("source %s %s %s\n", source.name, source.plugin, source.version);
        for (size_t i = 0; rt_engine_field(engine, i, &field) == RT_OK; i++)
                if (strcmp(field.source, "door") == 0)
                        printf("field %s %s, kind %u\n", field.group, field.name, field.kind);
        if (rt_table_get(RT_TABLE_PRIORITIES, 0, &row) == RT_OK)
                printf("%s\n", row.name);
}

static void
print_stats(const char *who, const rt_worker_stats *stats)
{
        printf("%s: %" PRIu64 " events, %" PRIu64 " alerts, %" PRIu64 " bytes, %" PRIu64
               " skipped\n",
               who, stats->events, stats->alerts, stats->bytes, stats->skipped);
}

static int
work(rt_engine *engine, const char *path)
{
        const char more[] = "who=joe door=5 at=60\nwho=ann door=1 at=61\n";
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_rule_profile profile = RT_INIT(rt_rule_profile);
        rt_option room = { "room", "12" }, wrong = { "colour", "red" };
        rt_worker *worker = NULL;
        char who[] = "worker";
        int r;

        opts.rule_matching = RT_MATCH_ALL;
        opts.skipped = skipped;
        opts.skipped_user = who;
        r = rt_worker_new(engine, &opts, &worker);
        if (r == RT_OK)
                printf("colour: %d\n", rt_worker_configure(worker, "door", &wrong, 1, NULL));
        r = r < 0 ? r : rt_worker_configure(worker, "door", &room, 1, NULL);
        r = r < 0 ? r : rt_worker_open(worker, "door", path);
        r = r < 0 ? r : rt_worker_open(worker, "door", "text:who=bob door=2 at=50;who=root at=51;");
        while (r >= 0)
                r = rt_worker_step(worker, print_alert, who);
        if (r == RT_EOF)
                r = rt_worker_feed(worker, "door", (rt_str){ more, sizeof more - 1 }, print_alert,
                                   who);
        if (rt_worker_stats_get(worker, &stats) == RT_OK)
                print_stats(who, &stats);
        if (rt_worker_rule_profile(worker, 0, &profile) == RT_OK)
                printf("profiled\n");
        rt_worker_unref(worker);
        return r < 0 ? r : RT_OK;
}

static int
work_together(rt_engine *engine, const char *path)
{
        const char more[] = "who=root door=7 at=70\n";
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        rt_pool_opts opts = RT_INIT(rt_pool_opts);
        rt_pool *pool = NULL;
        char who[] = "pool";
        int r;

        opts.workers = 2;
        opts.skipped = skipped;
        opts.skipped_user = who;
        r = rt_pool_new(engine, &opts, &pool);
        r = r < 0 ? r : rt_pool_open(pool, "door", path);
        while (r >= 0 || r == RT_EAGAIN)
                r = rt_pool_step(pool, print_alert, who);
        if (r == RT_EOF)
                r = rt_pool_feed(pool, "door", (rt_str){ more, sizeof more - 1 }, print_alert, who);
        r = r < 0 ? r : rt_pool_flush(pool, print_alert, who);
        if (rt_pool_stats_get(pool, &stats) == RT_OK)
                print_stats(who, &stats);
        rt_pool_unref(pool);
        return r < 0 ? r : RT_OK;
}

int
main(int argc, char **argv)
{
        const rt_allocator allocator = { sizeof allocator, counted_resize, &held };
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        const rt_source_ops *(*source)(void);
        const rt_fields_ops *(*fields)(void);
        const rt_reader_ops *(*reader)(void);
        rt_engine *engine = NULL;
        void *plugin = argc == 4 ? dlopen(argv[1], RTLD_NOW) : NULL;
        int r;

        if (!plugin)
                return 2;
        *(void **) &source = dlsym(plugin, "old_source");
        *(void **) &fields = dlsym(plugin, "old_fields");
        *(void **) &reader = dlsym(plugin, "old_reader");
        opts.allocator = &allocator;
        opts.hostname = "old";
        opts.max_record_bytes = 4096;
        r = rt_engine_new(&opts, &engine);
        r = r < 0 ? r : rt_engine_add_source(engine, source());
        r = r < 0 ? r : rt_engine_add_fields(engine, fields());
        r = r < 0 ? r : rt_engine_add_reader(engine, reader());
        r = r < 0 ? r : load(engine, argv[2]);
        if (r == RT_OK)
                print_known(engine);
        r = r < 0 ? r : work(engine, argv[3]);
        r = r < 0 ? r : work_together(engine, argv[3]);
        rt_engine_unref(engine);
        dlclose(plugin);
        printf("%s, %zu blocks held\n", rt_status_name(r), held);
        return r != RT_OK || held;
}
