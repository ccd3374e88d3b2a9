/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibrate.c - which rules a set is made of: all are tried on the input once.
 *
 * Many more rules than asked for are generated and judged together. Of those that match, but
 * rarely, the first BENCH_LIVE begin each set; what never matches follows. Rarely is one event in
 * 2,000, or as many more as it takes to find that many rules.
 */
#include "generate.h"
#include <stdio.h>
#include <string.h>

enum { RARE = 500, MORE = 400 };

/* Number in a rule's name; 0 ... */
static uint32_t
number_of(const char *name)
{
        return bench_number(name + 1, 0);
}

void
bench_write_rules(bench_generator *g, const uint32_t *rules, size_t n, rti_buf *buf)
{
        uint32_t most = 0;

        for (size_t i = 0; i < n; i++)
                most = rules[i] > most ? rules[i] : most;
        bench_generator_shared(g, most, buf);
        for (size_t i = 0; i < n; i++)
                bench_generator_rule(g, rules[i], buf);
        if (buf->failed)
                bench_die("out of memory");
}

static void
add(bench_choice *choice, uint32_t number)
{
        if (rti_vec_push(&choice->rules, &rti_alloc_default, number, UINT32_MAX) < 0)
                bench_die("out of memory");
}

/* How often each of the first @a n rules matches. */
static void
count_matches(bench_generator *g, const bench_input *input, unsigned n, uint64_t *ret_matches,
              uint64_t *ret_events)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        uint32_t *all = rti_calloc(&rti_alloc_default, n, sizeof *all);
        rt_ruleset *rules;
        rt_engine *engine = NULL;
        rt_worker *worker;
        rti_buf text;

        if (!all)
                bench_die("out of memory");
        for (uint32_t i = 0; i < n; i++)
                all[i] = i;
        rti_buf_init(&text, &rti_alloc_default, 0);
        bench_write_rules(g, all, n, &text);
        if (rt_engine_new(NULL, &engine) < 0)
                bench_die("no engine");
        rules = bench_load_rules(engine, NULL, rti_buf_str(&text));
        if (rt_engine_use(engine, rules) < 0)
                bench_die("the rules cannot be used");
        worker = bench_input_judge(input, engine, NULL, NULL);
        rt_worker_stats_get(worker, &stats);
        *ret_events = stats.events;
        for (size_t i = 0; i < rt_ruleset_count(rules); i++) {
                rt_rule_info info = RT_INIT(rt_rule_info);

                if (rt_ruleset_rule(rules, i, &info) == 0)
                        ret_matches[number_of(info.name)] = rt_worker_rule_alerts(worker, i);
        }
        rt_worker_unref(worker);
        rt_ruleset_unref(rules);
        rt_engine_unref(engine);
        rti_buf_done(&text);
        rti_free(&rti_alloc_default, all);
}

/* The first BENCH_LIVE of the first @a n rules that match, but not more often than @a most. */
static bool
choose_live(bench_choice *choice, const uint64_t *matches, uint32_t n, uint64_t most)
{
        choice->rules.n = 0;
        choice->noisy = 0;
        for (uint32_t i = 0; i < n; i++) {
                choice->noisy += matches[i] > most;
                if (matches[i] && matches[i] <= most && choice->rules.n < BENCH_LIVE)
                        add(choice, i);
        }
        return choice->rules.n == BENCH_LIVE;
}

void
bench_choose(bench_generator *g, const bench_input *input, unsigned most, bench_choice *ret_choice)
{
        const unsigned n = most + most / 2 + MORE;
        uint64_t *matches = rti_calloc(&rti_alloc_default, n, sizeof *matches), events;
        bench_choice choice = { .made = n };
        uint64_t share = RARE;

        if (!matches)
                bench_die("out of memory");
        count_matches(g, input, n, matches, &events);
        while (!choose_live(&choice, matches, n, events / share))
                if ((share /= 2) == 0)
                        bench_die("too few of the rules match");
        for (uint32_t i = 0; i < n && choice.rules.n < most; i++)
                if (!matches[i])
                        add(&choice, i);
        rti_free(&rti_alloc_default, matches);
        *ret_choice = choice;
}

void
bench_choice_done(bench_choice *choice)
{
        rti_vec_done(&choice->rules, &rti_alloc_default);
        rti_vec_done(&choice->unindexed, &rti_alloc_default);
}
