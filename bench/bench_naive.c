/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_naive.c - random rules, nastier than real ones, beside the naive evaluator.
 *
 *      bench_naive [MEGABYTES [ROUNDS]]
 *
 * 700 random CloudTrail rules and as many for audit logs: transformers, lists of odd texts, nested
 * negations; two in three match some records. Evaluation is all the time less that with an empty
 * ruleset. What the naive evaluator does stands in walker.h.
 */
#include "copies.h"
#include "judge.h"
#include "walker.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 4096, SETS = 7, MOST_ROUNDS = 25 };

/* Who judges, and what it took. */
enum contender { EMPTY, OURS, NAIVE, NAIVE_KEEPS, N_CONTENDERS };
static const char *const contenders[N_CONTENDERS] = {
        "empty ruleset",
        "all rules in one program",
        "naive evaluator",
        "naive evaluator, fields read once an event",
};

typedef struct work {
        const char *source;
        const bench_records *records;
        rt_str bytes;
        rti_buf rules;
        uint32_t n_rules;
        double bar; /* the least that the naive evaluator takes as a multiple; 0: none */
        bench_judge empty, ours;
        bench_walker *naive, *keeps;
        double seconds[N_CONTENDERS][MOST_ROUNDS];
        uint64_t alerts[N_CONTENDERS];
} work;

/* @a family is "ct" or "k8". 0, or -1: they are not there. */
static int
read_rules(rti_buf *buf, const char *family)
{
        char path[PATH], prefix[16];

        rti_buf_init(buf, &rti_alloc_default, 0);
        for (unsigned i = 0; i < SETS; i++) {
                snprintf(path, sizeof path, "%s/json-oracle/differential/%s%02u.yaml",
                         bench_corpus(), family, i);
                snprintf(prefix, sizeof prefix, "%s%02u ", family, i);
                if (bench_add_file(buf, path, prefix) < 0)
                        return -1;
        }
        return 0;
}

static uint64_t
run(work *w, enum contender contender)
{
        switch (contender) {
        case EMPTY:
                return bench_judge_run(w->records, &w->empty);
        case OURS:
                return bench_judge_run(w->records, &w->ours);
        case NAIVE:
                return bench_walker_feed(w->naive, w->bytes);
        default:
                return bench_walker_feed(w->keeps, w->bytes);
        }
}

static void
open_all(work *w)
{
        const rt_str nothing = { "[]", 2 };
        bench_walker_opts opts = { .source = w->source,
                                   .text = rti_buf_str(&w->rules),
                                   .matching = RT_MATCH_ALL };

        w->empty = bench_judge_new(w->source, NULL, nothing, RT_MATCH_ALL);
        w->ours = bench_judge_new(w->source, NULL, opts.text, RT_MATCH_ALL);
        w->empty.bytes = w->ours.bytes = w->bytes;
        w->naive = bench_walker_new(&opts);
        opts.keep = 1;
        w->keeps = bench_walker_new(&opts);
        w->n_rules = bench_walker_rules(w->naive);
}

static void
close_all(work *w)
{
        bench_judge_free(&w->empty);
        bench_judge_free(&w->ours);
        bench_walker_free(w->naive);
        bench_walker_free(w->keeps);
        rti_buf_done(&w->rules);
}

static int
print(work *w, const char *title, unsigned rounds)
{
        const double pairs = (double) w->records->n * w->n_rules;
        double median[N_CONTENDERS], ratios[MOST_ROUNDS];
        char name[256];

        printf("\n%s: %u random rules, %zu records, median of %u rounds\n%-46s %10s %14s %10s\n",
               title, w->n_rules, w->records->n, rounds, "", "us/record", "ns/rule,record",
               "alerts");
        for (unsigned i = 0; i < rounds; i++)
                ratios[i] = (w->seconds[NAIVE][i] - w->seconds[EMPTY][i])
                            / (w->seconds[OURS][i] - w->seconds[EMPTY][i]);
        for (size_t i = 0; i < N_CONTENDERS; i++) {
                median[i] = bench_median(w->seconds[i], rounds);
                printf("%-46s %10.3f %14.2f %10llu\n", contenders[i],
                       median[i] / (double) w->records->n * 1e6,
                       (median[i] - median[EMPTY]) / pairs * 1e9,
                       (unsigned long long) w->alerts[i]);
        }
        if (w->alerts[OURS] != w->alerts[NAIVE] || w->alerts[OURS] != w->alerts[NAIVE_KEEPS])
                printf("%s: the evaluators disagree\n", title);
        snprintf(name, sizeof name, "%s: %u random rules, naive against ours", title, w->n_rules);
        if (w->bar > 0)
                bench_bar(name, bench_median(ratios, rounds), BENCH_AT_LEAST, w->bar);
        else
                printf("  %.2f  %s\n", bench_median(ratios, rounds), name);
        return w->alerts[OURS] != w->alerts[NAIVE];
}

static int
compare(const char *title, const char *source, const char *family, const char *const *files,
        size_t bytes, unsigned rounds)
{
        static work w;
        const bool wrapped = strcmp(source, "aws_cloudtrail") == 0;
        bench_records records;
        int wrong;

        if (read_rules(&w.rules, family) < 0 || bench_load(files, bytes, &records) < 0) {
                bench_bar_skipped(title, "no corpus");
                rti_buf_done(&w.rules);
                return 0;
        }
        w.source = source;
        w.bar = wrapped ? 20 : 0;
        w.records = &records;
        w.bytes = wrapped ? bench_wrapped(&records, records.n)
                          : (rt_str){ records.text, records.len };
        open_all(&w);
        for (unsigned round = 0; round < rounds; round++)
                for (enum contender i = 0; i < N_CONTENDERS; i++) {
                        const double start = bench_now();
                        const uint64_t alerts = run(&w, i);

                        w.seconds[i][round] = bench_now() - start;
                        if (round == 0) /* a worker goes on counting events, rules look at that */
                                w.alerts[i] = alerts;
                }
        wrong = print(&w, title, rounds);
        close_all(&w);
        if (wrapped)
                free((char *) (uintptr_t) w.bytes.ptr);
        bench_unload(&records);
        return wrong;
}

int
main(int argc, char **argv)
{
        const size_t bytes = (size_t) bench_number(argv[1], 8) * 1000 * 1000;
        const unsigned rounds = bench_number(argc > 1 ? argv[2] : NULL, 5);
        int wrong;

        if (rounds == 0 || rounds > MOST_ROUNDS || bytes == 0) {
                fprintf(stderr, "usage: bench_naive [MEGABYTES [ROUNDS]]\n");
                return 2;
        }
        bench_pin();
        wrong = compare("CloudTrail", "aws_cloudtrail", "ct", bench_cloudtrail, bytes, rounds);
        wrong |= compare("Kubernetes audit", "k8s_audit", "k8", bench_audit, bytes, rounds);
        return wrong;
}
