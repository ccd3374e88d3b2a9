/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_rules.c - from bytes in memory to verdicts, through the public API, beside the yardstick.
 *
 *      bench_rules [MEGABYTES [ROUNDS]]
 *
 * Stock rules are judged with the first match only, as Falco does by default, and with all; alerts
 * are counted, not formatted. Every record is checked completely: the sources read as the reference
 * does.
 */
#include "bench.h"
#include <libruntime/runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct judge {
        rt_engine *engine;
        rt_worker *worker;
        const char *source;
        rt_str bytes; /* the records as the source wants them */
} judge;

static void
die(const char *what)
{
        fprintf(stderr, "bench_rules: %s\n", what);
        exit(1);
}

static rt_ruleset *
load_rules(rt_engine *engine, const char *path)
{
        rt_ruleset *rules = NULL;
        rt_diags *diags = NULL;
        rt_loader *loader = NULL;
        rt_str text;

        if (rt_diags_new(&diags) < 0 || rt_loader_new(engine, NULL, &loader) < 0)
                die("out of memory");
        if (rt_loader_add_path(loader, path, diags) < 0
            || rt_loader_compile(loader, diags, &rules) < 0) {
                if (rt_diags_print(diags, RT_DIAGS_TEXT, 0, &text) == 0)
                        fprintf(stderr, "%.*s", (int) text.len, text.ptr);
                die("the rules do not load");
        }
        rt_loader_unref(loader);
        rt_diags_unref(diags);
        return rules;
}

static judge
new_judge(const char *source, const char *rules_file, uint32_t matching)
{
        static const rt_option reading = { "reading", "reference" };
        judge j = { .source = source };
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_ruleset *rules;
        char path[4096];

        opts.rule_matching = matching;
        snprintf(path, sizeof path, "%s/rules/%s", bench_corpus(), rules_file);
        if (rt_engine_new(NULL, &j.engine) < 0)
                die("no engine");
        rules = load_rules(j.engine, path);
        if (rt_engine_use(j.engine, rules) < 0 || rt_worker_new(j.engine, &opts, &j.worker) < 0
            || rt_worker_configure(j.worker, source, &reading, 1, NULL) < 0)
                die("no worker");
        rt_ruleset_unref(rules);
        return j;
}

static void
free_judge(judge *j)
{
        rt_worker_unref(j->worker);
        rt_engine_unref(j->engine);
}

/* CloudTrail's files are one object with a list of records. */
static rt_str
wrapped(const bench_records *records)
{
        static const char head[] = "{\"Records\":[", tail[] = "]}";
        char *text = malloc(records->len + sizeof head + sizeof tail), *to;

        if (!text)
                die("out of memory");
        memcpy(text, head, sizeof head - 1);
        to = text + sizeof head - 1;
        memcpy(to, records->text, records->len);
        for (size_t i = 1; i < records->n; i++)
                to[records->starts[i] - 1] = ',';
        to += records->len - 1;
        memcpy(to, tail, sizeof tail - 1);
        to += sizeof tail - 1;
        return (rt_str){ text, (size_t) (to - text) };
}

static uint64_t
run_judge(const bench_records *records, void *user)
{
        const judge *j = user;
        const int alerts = rt_worker_feed(j->worker, j->source, j->bytes, NULL, NULL);

        (void) records;
        if (alerts < 0)
                die(rt_status_name(alerts));
        return (uint64_t) alerts;
}

static void
print_counts(const char *what, const judge *j, unsigned runs)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);

        if (rt_worker_stats_get(j->worker, &stats) < 0)
                die("no figures");
        printf("%s: %llu events, %llu alerts, %llu records skipped in each run\n", what,
               (unsigned long long) stats.events / runs, (unsigned long long) stats.alerts / runs,
               (unsigned long long) stats.skipped / runs);
}

static int
compare(const char *title, const char *source, const char *rules_file, const bench_records *records,
        unsigned rounds)
{
        const int audit = strcmp(source, "k8s_audit") == 0;
        bench_simdjson haswell = { "haswell", audit }, icelake = { "icelake", audit };
        judge first = new_judge(source, rules_file, RT_MATCH_FIRST);
        judge all = new_judge(source, rules_file, RT_MATCH_ALL);
        rt_str bytes = audit ? (rt_str){ records->text, records->len } : wrapped(records);
        bench_contender list[4];
        size_t n = 0;
        int wrong;

        first.bytes = all.bytes = bytes;
        list[n++] = (bench_contender){ "simdjson on demand, haswell, 6 values (yardstick)",
                                       bench_simdjson_on_demand, &haswell, 0 };
        if (bench_simdjson_has("icelake"))
                list[n++] = (bench_contender){ "simdjson on demand, icelake, 6 values",
                                               bench_simdjson_on_demand, &icelake, 0 };
        list[n++] = (bench_contender){ "bytes to verdicts, first match", run_judge, &first, 0 };
        list[n++] = (bench_contender){ "bytes to verdicts, all matches", run_judge, &all, 0 };
        wrong = bench_table(title, records, list, n, rounds);
        print_counts("first match", &first, rounds);
        print_counts("all matches", &all, rounds);
        if (bytes.ptr != records->text)
                free((char *) (uintptr_t) bytes.ptr);
        free_judge(&first);
        free_judge(&all);
        return wrong;
}

int
main(int argc, char **argv)
{
        const size_t bytes = (argc > 1 ? strtoul(argv[1], NULL, 10) : 100) * 1000 * 1000;
        const unsigned rounds = argc > 2 ? (unsigned) strtoul(argv[2], NULL, 10) : 5;
        bench_records records;
        int wrong = 0;

        if (rounds == 0 || bytes == 0) {
                fprintf(stderr, "usage: bench_rules [MEGABYTES [ROUNDS]]\n");
                return 2;
        }
        bench_pin();
        if (bench_load(bench_cloudtrail, bytes, &records) < 0) {
                printf("skipped: no corpus in %s\n", bench_corpus());
                return 0;
        }
        wrong |= compare("CloudTrail, 22 stock rules", "aws_cloudtrail",
                         "aws_cloudtrail_rules.yaml", &records, rounds);
        bench_unload(&records);
        if (bench_load(bench_audit, bytes, &records) < 0) {
                printf("skipped: no audit logs in %s\n", bench_corpus());
                return wrong;
        }
        wrong |= compare("Kubernetes audit, 48 stock rules", "k8s_audit", "k8s_audit_rules.yaml",
                         &records, rounds);
        bench_unload(&records);
        return wrong;
}
