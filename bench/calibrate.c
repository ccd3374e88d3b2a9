/* SPDX-License-Identifier: Apache-2.0 */
/*
 * calibrate.c - which rules a set is made of: all are tried on the input once.
 *
 * Many more rules than asked for are generated and judged together. Of those that match, but
 * rarely, the first BENCH_LIVE begin each set; what never matches follows. Rarely is one event in
 * 2,000, or as many more as it takes to find that many rules.
 */
#include "generate.h"
#include "engine/eval.h"
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
add(bench_choice *choice, uint32_t number, bool begun)
{
        const int r = begun ? rti_vec_push(&choice->begun, &rti_alloc_default, number, UINT32_MAX)
                            : rti_vec_push(&choice->rules, &rti_alloc_default, number, UINT32_MAX);

        if (r < 0)
                bench_die("out of memory");
}

/* What the rules did when all of them were judged together. */
typedef struct trial {
        uint64_t *matches;
        bool *begun; /* for every event of a type: the index has no place for the rule */
        uint64_t events;
} trial;

static void
note_root(const rt_ruleset *rules, uint32_t root, bool *begun)
{
        const rti_p_range range = rules->p.nodes[root].rules;

        for (uint32_t i = 0; i < range.n; i++)
                begun[number_of(rules->rules[rules->p.numbers[range.first + i]].info.name)] = true;
}

/* Which rules stand at the roots of the index? */
static void
find_begun(const rt_ruleset *rules, bool *begun)
{
        for (uint32_t code = 0; code < RTI_N_EVENT_CODES; code++) {
                const rti_p_range roots = rti_eval_roots(rules, 0, code);

                for (uint32_t i = 0; i < roots.n; i++)
                        note_root(rules, rules->p.numbers[roots.first + i], begun);
        }
}

/* Judge the first @a n rules. */
static void
try_rules(bench_generator *g, const bench_input *input, unsigned n, trial *ret_trial)
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
        ret_trial->events = stats.events;
        find_begun(rules, ret_trial->begun);
        for (size_t i = 0; i < rt_ruleset_count(rules); i++) {
                rt_rule_info info = RT_INIT(rt_rule_info);

                if (rt_ruleset_rule(rules, i, &info) == 0)
                        ret_trial->matches[number_of(info.name)] = rt_worker_rule_alerts(worker, i);
        }
        rt_worker_unref(worker);
        rt_ruleset_unref(rules);
        rt_engine_unref(engine);
        rti_buf_done(&text);
        rti_free(&rti_alloc_default, all);
}

/* The first BENCH_LIVE of the first @a n rules that match, but not more often than @a most. */
static bool
choose_live(bench_choice *choice, const trial *t, uint32_t n, uint64_t most)
{
        choice->rules.n = 0;
        choice->noisy = 0;
        for (uint32_t i = 0; i < n; i++) {
                choice->noisy += t->matches[i] > most;
                if (t->matches[i] && t->matches[i] <= most && !t->begun[i]
                    && choice->rules.n < BENCH_LIVE)
                        add(choice, i, false);
        }
        return choice->rules.n == BENCH_LIVE;
}

void
bench_choose(bench_generator *g, const bench_input *input, unsigned most, bench_choice *ret_choice)
{
        const unsigned n = most * 2 + MORE;
        trial t = { .matches = rti_calloc(&rti_alloc_default, n, sizeof *t.matches),
                    .begun = rti_calloc(&rti_alloc_default, n, sizeof *t.begun) };
        bench_choice choice = { .made = n };
        uint64_t share = RARE;

        if (!t.matches || !t.begun)
                bench_die("out of memory");
        try_rules(g, input, n, &t);
        while (!choose_live(&choice, &t, n, t.events / share))
                if ((share /= 2) == 0)
                        bench_die("too few of the rules match");
        for (uint32_t i = 0; i < n; i++)
                if (!t.matches[i] && (t.begun[i] || choice.rules.n < most))
                        add(&choice, i, t.begun[i]);
        rti_free(&rti_alloc_default, t.matches);
        rti_free(&rti_alloc_default, t.begun);
        *ret_choice = choice;
}

void
bench_choice_done(bench_choice *choice)
{
        rti_vec_done(&choice->rules, &rti_alloc_default);
        rti_vec_done(&choice->begun, &rti_alloc_default);
}
