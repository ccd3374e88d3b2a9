/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_rules.c - from bytes in memory to verdicts, through the public API, beside the yardstick.
 *
 *      bench_rules [MEGABYTES [ROUNDS]]
 *
 * Alerts are counted, not formatted. Every record is checked completely: the sources read as the
 * reference does. Stock rules are judged with the first match only, as Falco does by default; the
 * others, and the stock rules with a thousand copies, with all.
 */
#include "copies.h"
#include "judge.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 4096, COPIES = 1000, MOST = 8 };

/* Rules in force, as one row of a table. */
typedef struct row {
        const char *name;
        double bar;
        uint32_t matching;
        rt_str text;
} row;

static const char one_rule[] = "- rule: one\n"
                               "  desc: one rule\n"
                               "  condition: ct.name = RunInstances and ct.user = bert-jan\n"
                               "  output: \"%ct.name %ct.user\"\n"
                               "  priority: NOTICE\n"
                               "  source: aws_cloudtrail\n";

static void
print_counts(const char *what, const bench_judge *j, unsigned runs)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);

        if (rt_worker_stats_get(j->worker, &stats) < 0)
                bench_die("no figures");
        printf("%-46s %llu events, %llu alerts, %llu records skipped in each run\n", what,
               (unsigned long long) stats.events / runs, (unsigned long long) stats.alerts / runs,
               (unsigned long long) stats.skipped / runs);
}

static void
read_rules(rti_buf *buf, const char *below_corpus)
{
        char path[PATH];

        rti_buf_init(buf, &rti_alloc_default, 0);
        snprintf(path, sizeof path, "%s/%s", bench_corpus(), below_corpus);
        if (bench_add_file(buf, path, "") < 0)
                bench_die("stock rules cannot be read");
}

/* What rtctl makes of the Sigma rules; empty: it cannot. */
static void
convert_sigma(rti_buf *buf, const char *program)
{
        const char *slash = strrchr(program, '/');
        char command[2 * PATH];
        FILE *out;
        char *to;
        size_t n;

        rti_buf_init(buf, &rti_alloc_default, 0);
        snprintf(command, sizeof command,
                 "'%.*s../tools/rtctl/rtctl' import sigma '%s/rules/sigma-aws' 2>/dev/null",
                 slash ? (int) (slash - program + 1) : 0, program, bench_corpus());
        out = popen(command, "r");
        do {
                to = rti_buf_reserve(buf, 1 << 16);
                n = out && to ? fread(to, 1, 1 << 16, out) : 0;
                rti_buf_used(buf, n);
        } while (n > 0);
        if (out && pclose(out) != 0)
                rti_buf_clear(buf);
}

/* Print the table of @a rows. The figures of each go to @a ret_seconds. */
static int
compare(const char *title, const char *source, const bench_records *records, const row *rows,
        size_t n_rows, unsigned rounds, double *ret_seconds)
{
        const int audit = strcmp(source, "k8s_audit") == 0;
        bench_simdjson haswell = { "haswell", audit }, icelake = { "icelake", audit };
        const rt_str bytes = audit ? (rt_str){ records->text, records->len }
                                   : bench_wrapped(records, records->n);
        bench_judge judges[MOST];
        bench_contender list[MOST + 2];
        size_t n = 0, first;
        int wrong;

        list[n++] = (bench_contender){ .name = "simdjson on demand, haswell (yardstick)",
                                       .run = bench_simdjson_on_demand,
                                       .user = &haswell };
        if (bench_simdjson_has("icelake"))
                list[n++] = (bench_contender){ .name = "simdjson on demand, icelake",
                                               .run = bench_simdjson_on_demand,
                                               .user = &icelake };
        first = n;
        for (size_t i = 0; i < n_rows; i++) {
                judges[i] = bench_judge_new(source, NULL, rows[i].text, rows[i].matching);
                judges[i].bytes = bytes;
                list[n++] = (bench_contender){ .name = rows[i].name,
                                               .run = bench_judge_run,
                                               .user = &judges[i],
                                               .bar = rows[i].bar };
        }
        wrong = bench_table(title, records, list, n, rounds);
        for (size_t i = 0; i < n_rows; i++) {
                print_counts(rows[i].name, &judges[i], rounds);
                ret_seconds[i] = list[first + i].seconds;
                bench_judge_free(&judges[i]);
        }
        if (bytes.ptr != records->text)
                free((char *) (uintptr_t) bytes.ptr);
        return wrong;
}

static int
cloudtrail(const bench_records *records, unsigned rounds, const char *program)
{
        enum { EMPTY, ONE, STOCK, STOCK_ALL, COPIED, SIGMA };
        rti_buf stock, copied, sigma;
        double seconds[MOST];
        row rows[] = {
                [EMPTY] = { "no rule", 0, RT_MATCH_FIRST, { "[]", 2 } },
                [ONE] = { "1 rule", 1.7, RT_MATCH_ALL, { one_rule, sizeof one_rule - 1 } },
                [STOCK] = { "22 stock rules, first match", 2, RT_MATCH_FIRST, { NULL, 0 } },
                [STOCK_ALL] = { "22 stock rules, all matches", 0, RT_MATCH_ALL, { NULL, 0 } },
                [COPIED] = { "22 stock rules and 1,000 copies, all", 0, RT_MATCH_ALL, { NULL, 0 } },
                [SIGMA] = { "57 sigma-aws rules", 2.5, RT_MATCH_ALL, { NULL, 0 } },
        };
        int wrong;

        read_rules(&stock, "rules/aws_cloudtrail_rules.yaml");
        read_rules(&copied, "rules/aws_cloudtrail_rules.yaml");
        bench_add_copies(&copied, rti_buf_str(&stock), COPIES);
        convert_sigma(&sigma, program);
        rows[STOCK].text = rows[STOCK_ALL].text = rti_buf_str(&stock);
        rows[COPIED].text = rti_buf_str(&copied);
        rows[SIGMA].text = rti_buf_str(&sigma);
        wrong = compare("CloudTrail", "aws_cloudtrail", records, rows, SIGMA + (sigma.len > 0),
                        rounds, seconds);
        if (sigma.len == 0)
                bench_bar_skipped("CloudTrail: 57 sigma-aws rules", "no importer");
        bench_bar("CloudTrail: 22 stock rules and 1,000 copies, against the 22 alone",
                  seconds[COPIED] / seconds[STOCK_ALL], BENCH_AT_MOST, 1.3);
        rti_buf_done(&stock);
        rti_buf_done(&copied);
        rti_buf_done(&sigma);
        return wrong;
}

static int
audit(const bench_records *records, unsigned rounds)
{
        rti_buf stock;
        double seconds[MOST];
        row rows[] = {
                { "no rule", 0, RT_MATCH_FIRST, { "[]", 2 } },
                { "48 stock rules, first match", 3, RT_MATCH_FIRST, { NULL, 0 } },
                { "48 stock rules, all matches", 0, RT_MATCH_ALL, { NULL, 0 } },
        };
        int wrong;

        read_rules(&stock, "rules/k8s_audit_rules.yaml");
        rows[1].text = rows[2].text = rti_buf_str(&stock);
        wrong = compare("Kubernetes audit", "k8s_audit", records, rows, RTI_COUNT(rows), rounds,
                        seconds);
        rti_buf_done(&stock);
        return wrong;
}

int
main(int argc, char **argv)
{
        const size_t bytes = (size_t) bench_number(argv[1], 100) * 1000 * 1000;
        const unsigned rounds = bench_number(argc > 1 ? argv[2] : NULL, 7);
        bench_records records;
        int wrong = 0;

        if (rounds == 0 || bytes == 0) {
                fprintf(stderr, "usage: bench_rules [MEGABYTES [ROUNDS]]\n");
                return 2;
        }
        bench_pin();
        if (bench_load(bench_cloudtrail, bytes, &records) < 0) {
                bench_bar_skipped("CloudTrail", "no corpus");
                return 0;
        }
        wrong |= cloudtrail(&records, rounds, argv[0]);
        bench_unload(&records);
        if (bench_load(bench_audit, bytes, &records) < 0) {
                bench_bar_skipped("Kubernetes audit", "no corpus");
                return wrong;
        }
        wrong |= audit(&records, rounds);
        bench_unload(&records);
        return wrong;
}
