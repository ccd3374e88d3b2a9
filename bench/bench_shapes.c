/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_shapes.c - how the cost of judging a record grows with the number of rules.
 *
 *      bench_shapes [MEGABYTES [MOST_RULES]]
 *
 * Generated rules over CloudTrail records, all matches; hardly any rule matches, but each shape
 * gives a compiler another handle. Where a set is slow, fewer records are judged.
 */
#include "judge.h"
#include "base/buf.h"
#include "json/json.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FEW_RECORDS = 300, MOST_NAMES = 1000 };
static const unsigned sizes[] = { 10, 100, 1000, 10000 };

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
} name;

/* ---- names of events, the commonest first ---- */

static int
by_count(const void *a, const void *b)
{
        const name *x = a, *y = b;

        return x->count != y->count ? (x->count < y->count ? 1 : -1)
                                    : rti_str_cmp(x->text, y->text);
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
                        names[n++] = (name){ s, 0 };
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

/* Microseconds a record: over a few records, and over all if that is quick. */
static double
cost(bench_judge *judge, rt_str few, rt_str all, size_t n_all)
{
        double start = bench_now(), seconds;

        judge->bytes = few; /* also warms up */
        bench_judge_run(NULL, judge);
        start = bench_now();
        bench_judge_run(NULL, judge);
        seconds = (bench_now() - start) / FEW_RECORDS;
        if (seconds * (double) n_all > 1)
                return seconds * 1e6;
        judge->bytes = all;
        start = bench_now();
        bench_judge_run(NULL, judge);
        return (bench_now() - start) / (double) n_all * 1e6;
}

static void
print_shapes(const bench_records *records, unsigned most)
{
        static name names[MOST_NAMES];
        const size_t n_names = find_names(records, names);
        const rt_str few = bench_wrapped(records, FEW_RECORDS);
        const rt_str all = bench_wrapped(records, records->n);
        bench_simdjson haswell = { "haswell", 0 };
        double start, yardstick;
        rti_buf rules;

        rti_buf_init(&rules, &rti_alloc_default, 0);
        bench_simdjson_on_demand(records, &haswell);
        start = bench_now();
        bench_simdjson_on_demand(records, &haswell);
        yardstick = (bench_now() - start) / (double) records->n * 1e6;
        printf("\nGenerated rules over CloudTrail: us/record (load: ms); yardstick %.3f us\n%-3s",
               yardstick, "");
        for (size_t k = 0; k < RTI_COUNT(sizes) && sizes[k] <= most; k++)
                printf("%10u        ", sizes[k]);
        printf("\n");
        for (size_t i = 0; i < RTI_COUNT(shapes); i++) {
                printf("%-3c", shapes[i].letter);
                for (size_t k = 0; k < RTI_COUNT(sizes) && sizes[k] <= most; k++) {
                        bench_judge judge;
                        double load = bench_now();

                        make_rules(&rules, shapes[i].letter, sizes[k], names, n_names);
                        judge = bench_judge_new("aws_cloudtrail", NULL, rti_buf_str(&rules),
                                                RT_MATCH_ALL);
                        load = bench_now() - load;
                        printf("%10.3f (%4.0f) ", cost(&judge, few, all, records->n), load * 1e3);
                        fflush(stdout);
                        bench_judge_free(&judge);
                }
                printf(" %s\n", shapes[i].what);
        }
        rti_buf_done(&rules);
        free((char *) (uintptr_t) few.ptr);
        free((char *) (uintptr_t) all.ptr);
}

int
main(int argc, char **argv)
{
        const size_t bytes = (size_t) bench_number(argv[1], 20) * 1000 * 1000;
        const unsigned most = bench_number(argc > 1 ? argv[2] : NULL, 10000);
        bench_records records;

        if (bytes == 0) {
                fprintf(stderr, "usage: bench_shapes [MEGABYTES [MOST_RULES]]\n");
                return 2;
        }
        bench_pin();
        if (bench_load(bench_cloudtrail, bytes, &records) < 0) {
                printf("skipped: no corpus in %s\n", bench_corpus());
                return 0;
        }
        print_shapes(&records, most);
        bench_unload(&records);
        return 0;
}
