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
#include "judge.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
print_counts(const char *what, const bench_judge *j, unsigned runs)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);

        if (rt_worker_stats_get(j->worker, &stats) < 0)
                bench_die("no figures");
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
        const rt_str none = { NULL, 0 };
        const rt_str bytes = audit ? (rt_str){ records->text, records->len }
                                   : bench_wrapped(records, records->n);
        bench_judge first, all;
        bench_contender list[4];
        char path[4096];
        size_t n = 0;
        int wrong;

        snprintf(path, sizeof path, "%s/rules/%s", bench_corpus(), rules_file);
        first = bench_judge_new(source, path, none, RT_MATCH_FIRST);
        all = bench_judge_new(source, path, none, RT_MATCH_ALL);
        first.bytes = all.bytes = bytes;
        list[n++] = (bench_contender){ "simdjson on demand, haswell, 6 values (yardstick)",
                                       bench_simdjson_on_demand, &haswell, 0 };
        if (bench_simdjson_has("icelake"))
                list[n++] = (bench_contender){ "simdjson on demand, icelake, 6 values",
                                               bench_simdjson_on_demand, &icelake, 0 };
        list[n++] =
                (bench_contender){ "bytes to verdicts, first match", bench_judge_run, &first, 0 };
        list[n++] = (bench_contender){ "bytes to verdicts, all matches", bench_judge_run, &all, 0 };
        wrong = bench_table(title, records, list, n, rounds);
        print_counts("first match", &first, rounds);
        print_counts("all matches", &all, rounds);
        if (bytes.ptr != records->text)
                free((char *) (uintptr_t) bytes.ptr);
        bench_judge_free(&first);
        bench_judge_free(&all);
        return wrong;
}

int
main(int argc, char **argv)
{
        const size_t bytes = (size_t) bench_number(argv[1], 100) * 1000 * 1000;
        const unsigned rounds = bench_number(argc > 1 ? argv[2] : NULL, 5);
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
