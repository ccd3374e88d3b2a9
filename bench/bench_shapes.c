/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_shapes.c - how the cost of judging a record grows with the number of rules.
 *
 *      bench_shapes [MEGABYTES [ROUNDS]]
 *      bench_shapes --rules SHAPE N
 *
 * Generated rules over CloudTrail records, all matches; hardly any rule matches, but each shape
 * gives a compiler another handle. The second form prints a set of them. In a round the yardstick
 * and all sizes take turns; a figure is the median of what they take as multiples of it. Where a
 * set is slow, fewer records are judged.
 */
#include "judge.h"
#include "base/buf.h"
#include "json/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEW_RECORDS = 2900, MOST_NAMES = 1000, N_SIZES = 4, MOST_ROUNDS = 15 };
static const unsigned sizes[N_SIZES] = { 10, 100, 1000, 10000 };
static const double bar = 3.3; /* of the largest set */

static const struct {
        char letter;
        const char *what;
} shapes[] = {
        { 'A', "name = X and user = Y; nine in ten X never occur" },
        { 'B', "name = X and user = Y; every X occurs" },
        { 'P', "user = Y and name = X: B the other way round" },
        { 'C', "name = X and arn contains Y" },
        { 'D', "name = X, user exists, region never" },
        { 'E', "arn contains Y, nothing else" },
        { 'F', "arn regex with a literal part, nothing else" },
        { 'G', "a number comparison, nothing else" },
        { 'H', "name = X, not user in (20 names), an address" },
};

typedef struct name {
        rt_str text;
        unsigned count;
        size_t first; /* record */
} name;

/* ---- names of events, the commonest first ---- */

static int
by_count(const void *a, const void *b)
{
        const name *x = a, *y = b;

        return x->count != y->count ? (x->count < y->count ? 1 : -1)
                                    : (x->first > y->first) - (x->first < y->first);
}

static size_t
find_names(const bench_records *records, name *names)
{
        const rt_str event_name = RTI_STR("eventName");
        rti_json *doc = NULL;
        size_t n = 0, i;

        if (rti_json_new(&rti_alloc_default, &doc) < 0)
                bench_die("out of memory");
        for (size_t k = 0; k < records->n; k++) {
                const rt_str text = { records->text + records->starts[k],
                                      records->starts[k + 1] - records->starts[k] };
                rti_json_error error;
                rti_json_node node = RTI_JSON_NONE;
                rt_str s;

                if (rti_json_parse(doc, text, RTI_JSON_LENIENT, NULL, NULL, &error) == RT_OK)
                        node = rti_json_get(doc, rti_json_root(doc), event_name);
                if (node == RTI_JSON_NONE || rti_json_has_escape(doc, node)
                    || rti_json_string(doc, node, NULL, &s) < 0)
                        continue;
                for (i = 0; i < n && !rti_str_eq(names[i].text, s); i++)
                        continue;
                if (i == n && n < MOST_NAMES)
                        names[n++] = (name){ s, 0, k };
                if (i < n)
                        names[i].count++;
        }
        rti_json_free(doc);
        qsort(names, n, sizeof *names, by_count);
        return n;
}

/* ---- rules ---- */

static void
add_condition(rti_buf *buf, char shape, unsigned i, rt_str x)
{
        switch (shape) {
        case 'A':
                if (i % 10)
                        rti_buf_printf(buf, "ct.name = Never%u and ct.user = nouser%u", i, i);
                else
                        rti_buf_printf(buf, "ct.name = %.*s and ct.user = nouser%u", RTI_FMT(x), i);
                break;
        case 'B':
                rti_buf_printf(buf, "ct.name = %.*s and ct.user = nouser%u", RTI_FMT(x), i);
                break;
        case 'P':
                rti_buf_printf(buf, "ct.user = nouser%u and ct.name = %.*s", i, RTI_FMT(x));
                break;
        case 'C':
                rti_buf_printf(buf, "ct.name = %.*s and ct.user.arn contains nosuch%u/", RTI_FMT(x),
                               i);
                break;
        case 'D':
                rti_buf_printf(buf, "ct.name = %.*s and ct.user exists and ct.region = mars-%u",
                               RTI_FMT(x), i);
                break;
        case 'E':
                rti_buf_printf(buf, "ct.user.arn contains nosuch%u/", i);
                break;
        case 'F':
                rti_buf_printf(buf, "ct.user.arn regex '.*nosuch%u/[a-z]+'", i);
                break;
        case 'G':
                rti_buf_printf(buf, "s3.bytes > %u", 1000000000 + i);
                break;
        default:
                rti_buf_printf(buf, "ct.name = %.*s and not ct.user in (", RTI_FMT(x));
                for (unsigned k = 0; k < 20; k++)
                        rti_buf_printf(buf, "%sex%u_%u", k ? ", " : "", i, k);
                rti_buf_printf(buf, ") and ct.srcip = 203.0.113.%u", i % 250);
                break;
        }
}

static void
make_rules(rti_buf *buf, char shape, unsigned n, const name *names, size_t n_names)
{
        rti_buf_clear(buf);
        for (unsigned i = 0; i < n; i++) {
                rti_buf_printf(buf, "- rule: %c %u\n  desc: generated\n  condition: >\n    ", shape,
                               i);
                add_condition(buf, shape, i, names[i % n_names].text);
                rti_buf_add_text(buf, "\n  output: \"%ct.name %ct.user\"\n  priority: NOTICE\n"
                                      "  source: aws_cloudtrail\n");
        }
        if (buf->failed)
                bench_die("out of memory");
}

/* ---- the table ---- */

typedef struct work {
        const bench_records *records;
        name names[MOST_NAMES];
        size_t n_names;
        rt_str few, all; /* records as the source wants them */
        bench_simdjson yardstick;
        unsigned rounds;
        double row[N_SIZES][MOST_ROUNDS]; /* ratios */
        double load[N_SIZES];             /* seconds */
        rti_buf rules;
} work;

/* Seconds for all records, from a few if there are too many for the time. */
static double
judge_all(const work *w, bench_judge *judge)
{
        const double scale = (double) w->all.len / (double) w->few.len;
        double start = bench_now(), seconds;

        judge->bytes = w->few;
        bench_judge_run(NULL, judge);
        seconds = (bench_now() - start) * scale;
        if (seconds > 2)
                return seconds;
        judge->bytes = w->all;
        start = bench_now();
        bench_judge_run(NULL, judge);
        return bench_now() - start;
}

static double
yardstick(work *w)
{
        const double start = bench_now();

        bench_simdjson_on_demand(w->records, &w->yardstick);
        return bench_now() - start;
}

static void
measure(work *w, char letter)
{
        bench_judge judges[N_SIZES];

        for (size_t k = 0; k < N_SIZES; k++) {
                double start;

                make_rules(&w->rules, letter, sizes[k], w->names, w->n_names);
                start = bench_now();
                judges[k] = bench_judge_new("aws_cloudtrail", NULL, rti_buf_str(&w->rules),
                                            RT_MATCH_ALL);
                w->load[k] = bench_now() - start;
        }
        for (unsigned round = 0; round < w->rounds; round++) {
                const double unit = yardstick(w);

                for (size_t k = 0; k < N_SIZES; k++)
                        w->row[k][round] = judge_all(w, &judges[k]) / unit;
        }
        for (size_t k = 0; k < N_SIZES; k++)
                bench_judge_free(&judges[k]);
}

static void
print_shapes(work *w)
{
        double last[RTI_COUNT(shapes)];

        printf("\nGenerated rules over CloudTrail: multiples of the yardstick (load: ms), median "
               "of "
               "%u rounds\n%-3s",
               w->rounds, "");
        for (size_t k = 0; k < N_SIZES; k++)
                printf("%10u        ", sizes[k]);
        printf("\n");
        yardstick(w);
        for (size_t i = 0; i < RTI_COUNT(shapes); i++) {
                measure(w, shapes[i].letter);
                printf("%-3c", shapes[i].letter);
                for (size_t k = 0; k < N_SIZES; k++) {
                        last[i] = bench_median(w->row[k], w->rounds);
                        printf("%10.2f (%4.0f) ", last[i], w->load[k] * 1e3);
                }
                printf(" %s\n", shapes[i].what);
                fflush(stdout);
        }
        for (size_t i = 0; i < RTI_COUNT(shapes); i++) {
                char title[128];

                snprintf(title, sizeof title, "CloudTrail: 10,000 rules of shape %c (%s)",
                         shapes[i].letter, shapes[i].what);
                bench_bar(title, last[i], BENCH_AT_MOST, bar);
        }
}

static int
print_rules(work *w, const char *shape, unsigned n)
{
        for (size_t i = 0; i < RTI_COUNT(shapes) && n; i++)
                if (shape[0] == shapes[i].letter && !shape[1]) {
                        make_rules(&w->rules, shape[0], n, w->names, w->n_names);
                        fwrite(w->rules.ptr, 1, w->rules.len, stdout);
                        return 0;
                }
        fprintf(stderr, "bench_shapes: no shape %s, or no number\n", shape);
        return 2;
}

int
main(int argc, char **argv)
{
        static work w;
        const bool print = argc == 4 && strcmp(argv[1], "--rules") == 0;
        const size_t bytes = print ? 1 : (size_t) bench_number(argv[1], 100) * 1000 * 1000;
        bench_records records;
        int r = 0;

        w.rounds = print ? 1 : bench_number(argc > 1 ? argv[2] : NULL, 3);
        if (bytes == 0 || w.rounds == 0 || w.rounds > MOST_ROUNDS) {
                fprintf(stderr, "usage: bench_shapes [MEGABYTES [ROUNDS]]\n"
                                "       bench_shapes --rules SHAPE N\n");
                return 2;
        }
        bench_pin();
        if (bench_load(bench_cloudtrail, bytes, &records) < 0) {
                bench_bar_skipped("CloudTrail: shapes", "no corpus");
                return 0;
        }
        rti_buf_init(&w.rules, &rti_alloc_default, 0);
        w.yardstick = (bench_simdjson){ "haswell", 0 };
        w.records = &records;
        w.n_names = find_names(&records, w.names);
        if (print) {
                r = print_rules(&w, argv[2], bench_number(argv[3], 0));
        } else {
                w.few = bench_wrapped(&records, FEW_RECORDS);
                w.all = bench_wrapped(&records, records.n);
                print_shapes(&w);
                free((char *) (uintptr_t) w.few.ptr);
                free((char *) (uintptr_t) w.all.ptr);
        }
        rti_buf_done(&w.rules);
        bench_unload(&records);
        return r;
}
