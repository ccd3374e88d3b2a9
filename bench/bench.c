/* SPDX-License-Identifier: Apache-2.0 */
/* bench.c - records in memory, and contenders that are timed over them. */
#include "bench.h"
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

const char *const bench_cloudtrail[] = { "cloudtrail/invictus-aws_dataset/all.jsonl", NULL };
const char *const bench_audit[] = {
        "json-oracle/inputs/k8s_demo.jsonl",
        "json-oracle/inputs/k8s_panther_ts.jsonl.gz",
        "json-oracle/inputs/k8s_aks.jsonl",
        "json-oracle/inputs/k8s_testdata.jsonl.gz",
        NULL,
};

/* ---- records ---- */

const char *
bench_corpus(void)
{
        const char *corpus = getenv("RT_CORPUS");

        return corpus ? corpus : "../shared/corpus";
}

/* Append a file to the text, unpacked. */
static int
append_file(const char *file, bench_records *records)
{
        char path[4096];
        gzFile in;
        int n;

        snprintf(path, sizeof path, "%s/%s", bench_corpus(), file);
        in = gzopen(path, "rb"); /* reads plain files too */
        if (!in)
                return -1;
        do {
                records->text = realloc(records->text, records->len + (1 << 20));
                if (!records->text)
                        abort();
                n = gzread(in, records->text + records->len, 1 << 20);
                records->len += n > 0 ? (size_t) n : 0;
        } while (n > 0);
        gzclose(in);
        if (records->len && records->text[records->len - 1] != '\n')
                records->text[records->len++] = '\n';
        return n;
}

static void
find_starts(bench_records *records)
{
        const char *at = records->text, *const end = records->text + records->len;
        size_t room = 0;

        records->n = 0;
        records->starts = NULL;
        while (at < end) {
                if (records->n + 1 >= room) {
                        room = room ? room * 2 : 1024;
                        records->starts = realloc(records->starts, room * sizeof *records->starts);
                        if (!records->starts)
                                abort();
                }
                records->starts[records->n++] = (size_t) (at - records->text);
                at = (const char *) memchr(at, '\n', (size_t) (end - at)) + 1;
                records->starts[records->n] = (size_t) (at - records->text);
        }
}

int
bench_load(const char *const *files, size_t bytes, bench_records *ret_records)
{
        bench_records once = { NULL, 0, NULL, 0 }, many;
        size_t times;

        for (; *files; files++)
                if (append_file(*files, &once) < 0) {
                        free(once.text);
                        return -1;
                }
        times = (bytes + once.len - 1) / once.len;
        many.len = once.len * times;
        many.text = calloc(1, many.len + BENCH_PADDING);
        if (!many.text)
                abort();
        for (size_t i = 0; i < times; i++)
                memcpy(many.text + i * once.len, once.text, once.len);
        free(once.text);
        find_starts(&many);
        *ret_records = many;
        return 0;
}

void
bench_unload(bench_records *records)
{
        free(records->text);
        free(records->starts);
}

/* ---- timing ---- */

unsigned
bench_number(const char *text, unsigned otherwise)
{
        unsigned value = 0;

        if (!text)
                return otherwise;
        for (; *text; text++) {
                if (*text < '0' || *text > '9' || value > 100 * 1000 * 1000)
                        return 0;
                value = value * 10 + (unsigned) (*text - '0');
        }
        return value;
}

void
bench_pin(void)
{
        cpu_set_t set;
        const int cpu = sched_getcpu();

        CPU_ZERO(&set);
        CPU_SET(cpu < 0 ? 0 : (size_t) cpu, &set);
        if (sched_setaffinity(0, sizeof set, &set) < 0)
                fprintf(stderr, "bench: cannot stay on one core\n");
}

/* CPU time of all threads (simdjson starts one): what other programs take does not count. */
double
bench_now(void)
{
        struct timespec t;

        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
        return (double) t.tv_sec + (double) t.tv_nsec * 1e-9;
}

static int
by_value(const void *a, const void *b)
{
        const double x = *(const double *) a, y = *(const double *) b;

        return x < y ? -1 : x > y;
}

double
bench_median(double *values, unsigned n)
{
        qsort(values, n, sizeof *values, by_value);
        return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static void
print_table(const char *title, const bench_records *records, const bench_contender *contenders,
            size_t n, unsigned rounds)
{
        printf("\n%s: %zu records, %.1f MB, mean %.0f bytes, median of %u rounds\n", title,
               records->n, (double) records->len / 1e6, (double) records->len / (double) records->n,
               rounds);
        printf("%-46s %8s %12s %10s %8s\n", "", "GB/s", "records/s", "us/record", "ratio");
        for (size_t i = 0; i < n; i++) {
                const double s = contenders[i].seconds;

                printf("%-46s %8.2f %12.0f %10.3f %8.2f\n", contenders[i].name,
                       (double) records->len / s / 1e9, (double) records->n / s,
                       s / (double) records->n * 1e6, contenders[i].ratio);
        }
        for (size_t i = 0; i < n; i++) {
                char name[256];

                snprintf(name, sizeof name, "%s: %s", title, contenders[i].name);
                if (contenders[i].bar > 0)
                        bench_bar(name, contenders[i].ratio, BENCH_AT_MOST, contenders[i].bar);
        }
        fflush(stdout);
}

int
bench_table(const char *title, const bench_records *records, bench_contender *contenders, size_t n,
            unsigned rounds)
{
        double *seconds = calloc(n * rounds, sizeof *seconds);
        double *ratios = calloc(n * rounds, sizeof *ratios);
        int wrong = 0;
        uint64_t want = 0;

        if (!seconds || !ratios)
                abort();
        for (unsigned round = 0; round < rounds; round++)
                for (size_t i = 0; i < n; i++) {
                        const double start = bench_now();
                        const uint64_t got = contenders[i].run(records, contenders[i].user);

                        seconds[i * rounds + round] = bench_now() - start;
                        ratios[i * rounds + round] = seconds[i * rounds + round] / seconds[round];
                        if (i == 0)
                                want = got;
                        else if (contenders[i].agrees && got != want && round == 0) {
                                printf("%s disagrees: %llu, not %llu\n", contenders[i].name,
                                       (unsigned long long) got, (unsigned long long) want);
                                wrong = 1;
                        }
                        /* The yardstick's own figure is needed by all: keep the order. */
                }
        for (size_t i = 0; i < n; i++) {
                contenders[i].ratio = bench_median(ratios + i * rounds, rounds);
                contenders[i].seconds = bench_median(seconds + i * rounds, rounds);
        }
        print_table(title, records, contenders, n, rounds);
        free(seconds);
        free(ratios);
        return wrong;
}

/* ---- bars ---- */

static void
note_bar(const char *verdict, const char *figure, const char *bar, const char *name)
{
        const char *path = getenv("RT_BENCH_BARS");
        FILE *file;

        printf("  %-7s %10s %-16s %s\n", verdict, figure, bar, name);
        fflush(stdout);
        file = path ? fopen(path, "a") : NULL;
        if (!file)
                return;
        fprintf(file, "%s\t%s\t%s\t%s\n", verdict, figure, bar, name);
        fclose(file);
}

int
bench_bar(const char *name, double figure, enum bench_side side, double bar)
{
        const int met = side == BENCH_AT_MOST ? figure <= bar : figure >= bar;
        char number[32], limit[32];

        snprintf(number, sizeof number, "%.2f", figure);
        snprintf(limit, sizeof limit, "at %s %g", side == BENCH_AT_MOST ? "most" : "least", bar);
        note_bar(met ? "ok" : "MISSED", number, limit, name);
        return met;
}

void
bench_bar_skipped(const char *name, const char *why)
{
        note_bar("skipped", "-", why, name);
}
