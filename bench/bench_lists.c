/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_lists.c - `bench_lists [MILLIONS [ROUNDS]]`: an event that asks a list of 10 million
 * elements, exchanged while events go on, beside one that asks 1,000 constants in its rule.
 *
 * The worst that there is: records are short, each has another address, so that no verdict is kept
 * and the large list answers from memory that no cache has; one in 100 is in the list.
 */
#include "base/buf.h"
#include "judge.h"
#include "oracle/chance.h"
#include <stdio.h>
#include <stdlib.h>

enum { SMALL = 1000, RECORDS = 200000, HITS = 100, EXCHANGES = 1000 };
#define BAR 3

#define RULE                                                                    \
        "- rule: bad\n  desc: d\n  condition: ct.srcip in (bad)\n  output: o\n" \
        "  priority: NOTICE\n  source: aws_cloudtrail\n"

typedef struct asker {
        bench_judge judge;
        rt_list *before, *then; /* exchanged in each round; NULL: the rule has constants */
} asker;

/* Element @a i, 20 bytes; those below SMALL are in all lists. */
static rt_str
element(uint64_t i, char to[32])
{
        chance c = { i * 0x9e3779b97f4a7c15u };
        const int n = snprintf(to, 32, "2001:db8::%04x:%04x", (unsigned) (chance_next(&c) & 0xffff),
                               (unsigned) (i & 0xffff));

        return (rt_str){
                to, (size_t) n + (size_t) snprintf(to + n, 12, ":%04x", (unsigned) (i >> 16))
        };
}

static rt_list *
make_list(rt_engine *engine, uint64_t n)
{
        rt_list *list;
        char text[32];

        if (rt_list_new(engine, RT_KIND_STRING, &list) < 0)
                bench_die("no list");
        for (uint64_t i = 0; i < n; i++)
                if (rt_list_add(list, element(i, text)) != 1)
                        bench_die("an element was not added");
        return list;
}

static void
make_records(rti_buf *to, bench_records *ret_records)
{
        size_t *starts = malloc((RECORDS + 1) * sizeof *starts);
        chance c = { 7 };
        char address[32];

        if (!starts)
                bench_die("out of memory");
        rti_buf_init(to, &rti_alloc_default, 0);
        for (size_t i = 0; i < RECORDS; i++) {
                /* Beyond all lists, or in all of them. */
                const uint64_t which = i % HITS ? (1u << 30) + i : chance_below(&c, SMALL);

                starts[i] = rti_buf_str(to).len;
                rti_buf_printf(to,
                               "{\"eventID\":\"%zu\",\"eventType\":\"AwsApiCall\",\"eventTime\":"
                               "\"2024-05-01T10:00:00Z\",\"eventName\":\"ListBuckets\","
                               "\"sourceIPAddress\":\"%.*s\"}\n",
                               i, RTI_FMT(element(which, address)));
        }
        starts[RECORDS] = rti_buf_str(to).len;
        for (int i = 0; i < BENCH_PADDING; i++)
                rti_buf_add_char(to, ' ');
        *ret_records = (bench_records){ .text = (char *) (uintptr_t) rti_buf_str(to).ptr,
                                        .len = starts[RECORDS],
                                        .starts = starts,
                                        .n = RECORDS };
}

/* The rule, behind a list of constants or one that the host keeps. */
static void
make_rules(rti_buf *to, bool constants)
{
        char text[32];

        rti_buf_init(to, &rti_alloc_default, 0);
        if (constants) {
                rti_buf_add_text(to, "- list: bad\n  items:\n");
                for (uint64_t i = 0; i < SMALL; i++)
                        rti_buf_printf(to, "  - \"%.*s\"\n", RTI_FMT(element(i, text)));
        } else {
                rti_buf_add_text(to, "- list: bad\n  items: []\n  items_at: runtime\n");
        }
        rti_buf_add_text(to, RULE);
}

static asker
ask(const bench_records *records, bool constants)
{
        asker a = { 0 };
        rti_buf rules;

        make_rules(&rules, constants);
        a.judge = bench_judge_new("aws_cloudtrail", NULL, rti_buf_str(&rules), RT_MATCH_ALL);
        a.judge.bytes = bench_wrapped(records, records->n);
        rti_buf_done(&rules);
        return a;
}

static void
use(const asker *a, rt_list *list)
{
        if (rt_engine_use_list(a->judge.engine, "bad", list) < 0)
                bench_die("the list cannot be used");
}

/* The first record is judged with the list from before, all of them with the one swapped in. */
static uint64_t
run(const bench_records *records, void *user)
{
        asker *a = user;
        uint64_t alerts;

        if (a->then) {
                use(a, a->before);
                if (rt_worker_feed(a->judge.worker, a->judge.source,
                                   (rt_str){ records->text, records->starts[1] }, NULL, NULL)
                    < 0)
                        bench_die("no record");
                use(a, a->then);
        }
        alerts = bench_judge_run(records, &a->judge);
        if (alerts != RECORDS / HITS)
                bench_die("an element was not found, or one that is none");
        return alerts;
}

static void
time_exchanges(const bench_records *records, const asker *a, uint64_t n)
{
        const rt_str one = { records->text, records->starts[1] };
        double began = bench_now(), alone;

        for (int i = 0; i < EXCHANGES; i++)
                rt_worker_feed(a->judge.worker, a->judge.source, one, NULL, NULL);
        alone = bench_now() - began;
        began = bench_now();
        for (int i = 0; i < EXCHANGES; i++) {
                use(a, i % 2 ? a->then : a->before);
                rt_worker_feed(a->judge.worker, a->judge.source, one, NULL, NULL);
        }
        printf("  an exchange with one of %llu elements, seen by a worker: %.2f us, or %.2f of a "
               "record\n",
               (unsigned long long) n, (bench_now() - began - alone) * 1e6 / EXCHANGES,
               (bench_now() - began - alone) / alone);
}

int
main(int argc, char **argv)
{
        const uint64_t n = (uint64_t) bench_number(argv[1], 10) * 1000 * 1000;
        const unsigned rounds = bench_number(argc > 1 ? argv[2] : NULL, 7);
        enum { CONSTANTS, FEW, MANY, N };
        bench_records records;
        rti_buf text;
        asker askers[N];
        bench_contender list[N] = {
                { .name = "1,000 constants in the rule (yardstick)" },
                { .name = "a list of 1,000, exchanged", .agrees = 1 },
                { .name = "a list of millions, exchanged", .agrees = 1, .bar = BAR },
        };
        double began;
        int wrong;

        if (!n || !rounds) {
                fprintf(stderr, "usage: bench_lists [MILLIONS [ROUNDS]]\n");
                return 2;
        }
        bench_pin();
        make_records(&text, &records);
        for (int i = 0; i < N; i++) {
                askers[i] = ask(&records, i == CONSTANTS);
                list[i].run = run;
                list[i].user = &askers[i];
        }
        began = bench_now();
        askers[MANY].then = make_list(askers[MANY].judge.engine, n);
        printf("  a list of %llu elements is built in %.1f s\n", (unsigned long long) n,
               bench_now() - began);
        askers[MANY].before = make_list(askers[MANY].judge.engine, SMALL);
        askers[FEW].then = make_list(askers[FEW].judge.engine, SMALL);
        wrong = bench_table("Lists that change", &records, list, N, rounds);
        time_exchanges(&records, &askers[MANY], n);
        for (int i = 0; i < N; i++) {
                rt_list_unref(askers[i].before);
                rt_list_unref(askers[i].then);
                free((char *) (uintptr_t) askers[i].judge.bytes.ptr);
                bench_judge_free(&askers[i].judge);
        }
        free(records.starts);
        rti_buf_done(&text);
        return wrong;
}
