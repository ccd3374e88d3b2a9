/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_growth.c - how the cost of an event grows with the number of rules that resemble real ones.
 *
 *      bench_growth [ROUNDS [MOST_RULES [SEED]]]
 *
 * Generated rules (generate.h) for system calls, CloudTrail and audit logs, all matches. Evaluation
 * is all the time less that with an empty ruleset, in the same round; a figure is the median of the
 * rounds. Every set matches equally often, which is printed. Rules without a usable witness are a
 * line of their own: what each of them adds to the set of 100. With $RT_BENCH_PLOT, the name of a
 * file, figures are added to it for a plot, and the naive evaluator takes part.
 */
#include "generate.h"
#include "walker.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { N_SIZES = 4, MOST_ROUNDS = 15, MEGABYTES = 20, MOST_BEGUN = 100 };
enum { EMPTY = N_SIZES, BEGUN, N_SETS }; /* behind the sizes: no rule; 100 and those begun always */
static const unsigned sizes[N_SIZES] = { 10, 100, 1000, 10000 };
static const double bar = 2; /* 10,000 rules against 100 */
static const double naive_seconds = 40;

typedef struct set {
        rti_buf text;
        rt_engine *engine;
        double load; /* seconds */
        double seconds[MOST_ROUNDS];
        double evaluation; /* seconds, median; as total */
        double total;
        uint64_t alerts, events;
        bool measured;
} set;

typedef struct work {
        const bench_proportions *kind;
        bench_input input;
        set sets[N_SETS];
        unsigned rounds, most;
        unsigned n_begun; /* rules that every event begins, in that set */
        FILE *plot;
} work;

static void
judge(const work *w, set *s, unsigned round)
{
        rt_worker_stats stats = RT_INIT(rt_worker_stats);
        const double start = bench_now();
        rt_worker *worker = bench_input_judge(&w->input, s->engine, NULL, NULL);

        s->seconds[round] = bench_now() - start;
        rt_worker_stats_get(worker, &stats);
        s->alerts = stats.alerts;
        s->events = stats.events;
        rt_worker_unref(worker);
}

static void
write_begun(work *w, bench_generator *g, const bench_choice *choice, rti_buf *buf)
{
        uint32_t numbers[MOST_BEGUN + 100];

        for (uint32_t i = 0; i < sizes[1]; i++)
                numbers[i] = choice->rules.at[i];
        for (uint32_t i = 0; i < w->n_begun; i++)
                numbers[sizes[1] + i] = choice->begun.at[i];
        bench_write_rules(g, numbers, sizes[1] + w->n_begun, buf);
}

static bool
is_measured(const work *w, const bench_choice *choice, size_t i)
{
        if (i == EMPTY)
                return true;
        if (i == BEGUN)
                return w->n_begun && choice->rules.n >= sizes[1];
        return sizes[i] <= choice->rules.n && sizes[i] <= w->most;
}

static void
open_sets(work *w, bench_generator *g, const bench_choice *choice)
{
        static const rt_str nothing = { "[]", 2 };

        w->n_begun =
                (unsigned) choice->begun.n < MOST_BEGUN ? (unsigned) choice->begun.n : MOST_BEGUN;
        for (size_t i = 0; i < N_SETS; i++) {
                set *s = &w->sets[i];
                double start;

                *s = (set){ .measured = is_measured(w, choice, i) };
                if (!s->measured)
                        continue;
                rti_buf_init(&s->text, &rti_alloc_default, 0);
                if (i == EMPTY)
                        rti_buf_add(&s->text, nothing);
                else if (i == BEGUN)
                        write_begun(w, g, choice, &s->text);
                else
                        bench_write_rules(g, choice->rules.at, sizes[i], &s->text);
                start = bench_now();
                s->engine = bench_input_engine(&w->input, rti_buf_str(&s->text));
                s->load = bench_now() - start;
        }
}

static void
close_sets(work *w)
{
        for (size_t i = 0; i < N_SETS; i++)
                if (w->sets[i].measured) {
                        rt_engine_unref(w->sets[i].engine);
                        rti_buf_done(&w->sets[i].text);
                }
}

static void
measure(work *w)
{
        double evaluation[MOST_ROUNDS];

        for (unsigned round = 0; round < w->rounds; round++)
                for (size_t i = 0; i < N_SETS; i++)
                        if (w->sets[i].measured)
                                judge(w, &w->sets[i], round);
        for (size_t i = 0; i < N_SETS; i++) {
                for (unsigned k = 0; w->sets[i].measured && k < w->rounds; k++)
                        evaluation[k] = w->sets[i].seconds[k] - w->sets[EMPTY].seconds[k];
                if (w->sets[i].measured && i != EMPTY)
                        w->sets[i].evaluation = bench_median(evaluation, w->rounds);
        }
        for (size_t i = 0; i < N_SETS; i++)
                if (w->sets[i].measured)
                        w->sets[i].total = bench_median(w->sets[i].seconds, w->rounds);
}

/* ---- the naive evaluator, for the plot ---- */

static double
walk(const work *w, const set *s)
{
        const bench_walker_opts opts = { .source = w->kind->source,
                                         .text = rti_buf_str(&s->text),
                                         .matching = RT_MATCH_ALL };
        bench_walker *walker = bench_walker_new(&opts);
        const double start = bench_now();
        uint64_t alerts = 0;
        double seconds;

        if (w->input.kind != BENCH_SYSCALL)
                alerts = bench_walker_feed(walker, w->input.bytes);
        for (size_t i = 0; w->input.kind == BENCH_SYSCALL && i < BENCH_CAPTURES; i++)
                alerts += bench_walker_file(walker, w->input.paths[i]);
        seconds = bench_now() - start;
        if (alerts != s->alerts)
                printf("  the naive evaluator disagrees: %" PRIu64 " alerts, not %" PRIu64 "\n",
                       alerts, s->alerts);
        bench_walker_free(walker);
        return seconds;
}

static void
add_to_plot(const work *w)
{
        const double events = (double) w->sets[EMPTY].events;
        double before = 0;

        for (size_t i = 0; i < N_SIZES; i++) {
                const set *s = &w->sets[i];

                if (!s->measured)
                        continue;
                fprintf(w->plot, "%s\tours\t%u\t%.2f\n", w->kind->name, sizes[i],
                        s->total * 1e9 / events);
                if (before * sizes[i] / sizes[i ? i - 1 : 0] > naive_seconds)
                        continue;
                before = walk(w, s);
                fprintf(w->plot, "%s\tnaive\t%u\t%.2f\n", w->kind->name, sizes[i],
                        before * 1e9 / events);
        }
        fprintf(w->plot, "%s\tempty\t0\t%.2f\n", w->kind->name,
                w->sets[EMPTY].total * 1e9 / events);
        fflush(w->plot);
}

/* ---- the table ---- */

static void
print(const work *w, const bench_choice *choice)
{
        const double events = (double) w->sets[EMPTY].events;
        const set *few = &w->sets[1], *many = &w->sets[N_SIZES - 1];
        char name[128];

        printf("\n%s: %.0f events, median of %u rounds; of %u rules made, %u match too often\n",
               w->kind->name, events, w->rounds, choice->made, choice->noisy);
        printf("%10s %12s %12s %14s %10s\n", "rules", "ns/event", "evaluation", "alerts/1,000",
               "load ms");
        printf("%10u %12.1f %12s\n", 0, w->sets[EMPTY].total * 1e9 / events, "");
        for (size_t i = 0; i < N_SIZES; i++)
                if (w->sets[i].measured)
                        printf("%10u %12.1f %12.1f %14.2f %10.1f\n", sizes[i],
                               w->sets[i].total * 1e9 / events,
                               w->sets[i].evaluation * 1e9 / events,
                               (double) w->sets[i].alerts * 1000 / events, w->sets[i].load * 1e3);
        printf("  no usable witness: %zu of the rules that never match", choice->begun.n);
        if (w->sets[BEGUN].measured)
                printf("; each adds %.2f ns/event",
                       (w->sets[BEGUN].evaluation - few->evaluation) * 1e9 / events / w->n_begun);
        printf("\n");
        snprintf(name, sizeof name, "%s: evaluation, 10,000 rules against 100", w->kind->name);
        if (few->measured && many->measured)
                bench_bar(name, many->evaluation / few->evaluation, BENCH_AT_MOST, bar);
        else
                bench_bar_skipped(name, "fewer rules");
        fflush(stdout);
}

static void
grow(work *w, enum bench_kind kind, uint64_t seed)
{
        bench_generator *g;
        bench_choice choice;

        w->kind = &bench_kinds[kind];
        if (bench_input_open(&w->input, kind, (size_t) MEGABYTES * 1000 * 1000) < 0) {
                bench_bar_skipped(w->kind->name, "no corpus");
                return;
        }
        g = bench_generator_new(&w->input, seed);
        bench_choose(g, &w->input, w->most, &choice);
        open_sets(w, g, &choice);
        measure(w);
        print(w, &choice);
        if (w->plot)
                add_to_plot(w);
        close_sets(w);
        bench_choice_done(&choice);
        bench_generator_free(g);
        bench_input_close(&w->input);
}

int
main(int argc, char **argv)
{
        static work w;
        const char *plot = getenv("RT_BENCH_PLOT");
        const unsigned seed = bench_number(argc > 3 ? argv[3] : NULL, 1);

        w.rounds = bench_number(argc > 1 ? argv[1] : NULL, 3);
        w.most = bench_number(argc > 2 ? argv[2] : NULL, sizes[N_SIZES - 1]);
        if (w.rounds == 0 || w.rounds > MOST_ROUNDS || w.most < BENCH_LIVE) {
                fprintf(stderr, "usage: bench_growth [ROUNDS [MOST_RULES [SEED]]]\n");
                return 2;
        }
        w.plot = plot ? fopen(plot, "a") : NULL;
        bench_pin();
        for (enum bench_kind kind = 0; kind < BENCH_N_KINDS; kind++)
                grow(&w, kind, seed);
        if (w.plot)
                fclose(w.plot);
        return 0;
}
