/* SPDX-License-Identifier: Apache-2.0 */
/* judge.c - rules over records, through the public API. */
#include "judge.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
bench_die(const char *what)
{
        fprintf(stderr, "bench: %s\n", what);
        exit(1);
}

static void
print_problems(rt_diags *diags)
{
        rt_str problems;

        if (rt_diags_print(diags, RT_DIAGS_TEXT, 0, &problems) == 0)
                fprintf(stderr, "%.*s", (int) problems.len, problems.ptr);
        bench_die("the rules do not load");
}

static rt_ruleset *
load(rt_engine *engine, const char *const *paths, rt_str text)
{
        rt_ruleset *rules = NULL;
        rt_diags *diags = NULL;
        rt_loader *loader = NULL;
        int r = 0;

        if (rt_diags_new(&diags) < 0 || rt_loader_new(engine, NULL, &loader) < 0)
                bench_die("out of memory");
        if (text.ptr)
                r = rt_loader_add(loader, "generated", text, diags);
        for (; !text.ptr && *paths && r == 0; paths++)
                r = rt_loader_add_path(loader, *paths, diags);
        if (r < 0 || rt_loader_compile(loader, diags, &rules) < 0)
                print_problems(diags);
        rt_loader_unref(loader);
        rt_diags_unref(diags);
        return rules;
}

rt_ruleset *
bench_load_rules(rt_engine *engine, const char *path, rt_str text)
{
        const char *const paths[] = { path, NULL };

        return load(engine, paths, text);
}

rt_ruleset *
bench_load_files(rt_engine *engine, const char *const *paths)
{
        return load(engine, paths, (rt_str){ NULL, 0 });
}

bench_judge
bench_judge_new(const char *source, const char *path, rt_str text, uint32_t matching)
{
        static const rt_option reading = { "reading", "reference" };
        bench_judge j = { .source = source };
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_ruleset *rules;

        opts.rule_matching = matching;
        if (rt_engine_new(NULL, &j.engine) < 0)
                bench_die("no engine");
        rules = bench_load_rules(j.engine, path, text);
        if (rt_engine_use(j.engine, rules) < 0 || rt_worker_new(j.engine, &opts, &j.worker) < 0
            || rt_worker_configure(j.worker, source, &reading, 1, NULL) < 0)
                bench_die("no worker");
        rt_ruleset_unref(rules);
        return j;
}

void
bench_judge_free(bench_judge *judge)
{
        rt_worker_unref(judge->worker);
        rt_engine_unref(judge->engine);
}

rt_str
bench_wrapped(const bench_records *records, size_t n)
{
        static const char head[] = "{\"Records\":[", tail[] = "]}";
        const size_t len = records->starts[n];
        char *text = malloc(len + sizeof head + sizeof tail), *to;

        if (!text)
                bench_die("out of memory");
        memcpy(text, head, sizeof head - 1);
        to = text + sizeof head - 1;
        memcpy(to, records->text, len);
        for (size_t i = 1; i < n; i++)
                to[records->starts[i] - 1] = ',';
        to += len - 1;
        memcpy(to, tail, sizeof tail - 1);
        to += sizeof tail - 1;
        return (rt_str){ text, (size_t) (to - text) };
}

uint64_t
bench_judge_run(const bench_records *records, void *user)
{
        const bench_judge *j = user;
        const int alerts = rt_worker_feed(j->worker, j->source, j->bytes, NULL, NULL);

        (void) records;
        if (alerts < 0)
                bench_die(rt_status_name(alerts));
        return (uint64_t) alerts;
}
