/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random.c - `random RULES EVENTS SEED`: every rule over every event, compiled and naive;
 * `random --rulesets RULESETS EVENTS SEED`: many rulesets of 1 to 200 rules instead.
 *
 * Rules come in batches, each a ruleset, and events in chunks. The naive evaluator and the program
 * with all passes see every event; so do programs with passes left out, and rule_matching=first,
 * with --rulesets; else they take the chunks in turn. Where it stands is kept in a file beside the
 * program, so that a run that was stopped goes on. The first differences are printed with rule and
 * event.
 *
 * In each chunk lists that rules ask for are exchanged, between the same two events for all: often
 * between two that have values in common, whose verdicts are kept (docs/design/0011).
 */
#include "random.h"
#include "engine/alert.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum {
        BATCH = 256,
        MOST_IN_RULESET = 200,
        CHUNK = 1000,
        SWAPS = 40,
        WORDS = BATCH / 64,
        SHOWN = 20,
        SAVE_SECONDS = 5
};

/* A way of compiling and matching. */
typedef struct way {
        char name[32];
        uint64_t disabled_passes;
        uint32_t matching;
        bool all_atoms; /* have a number */
        rt_engine *engine;
        rt_worker *worker;
} way;

/* Before event @a at of the chunk the list is in that version. */
typedef struct swap {
        size_t at, list, version;
} swap;

enum { N_WAYS = RTI_N_PASSES + 5 };

typedef struct run {
        bool rulesets; /* of chance sizes */
        uint64_t n_rules, n_batches, n_events, seed;
        uint64_t batch, chunk; /* where it stands */
        uint64_t comparisons, matches, differences;
        char state_path[512];
        time_t saved;
        random_rules rules;
        naive *naive;
        random_event event; /* that the naive evaluator is at */
        rt_list *lists[N_LISTS][N_VERSIONS];
        swap swaps[SWAPS];
        size_t in_force[N_LISTS]; /* version, for the naive evaluator */
        way ways[N_WAYS];
        uint64_t expected[CHUNK][WORDS], got[CHUNK][WORDS];
        uint64_t first_event;
        int64_t last; /* event and rule of the last alert: they come in order */
        bool disorder;
        char records[CHUNK * RANDOM_RECORD_BYTES];
} run;

static void
die(const char *what, int r)
{
        fprintf(stderr, "random: %s: %s\n", what, rt_status_name(r));
        exit(2);
}

/* ---- the ways ---- */

static void
name_ways(run *o)
{
        snprintf(o->ways[0].name, sizeof o->ways[0].name, "all passes");
        for (size_t i = 0; i < RTI_N_PASSES; i++) {
                snprintf(o->ways[1 + i].name, sizeof o->ways[0].name, "without %s",
                         rti_passes[i].name);
                o->ways[1 + i].disabled_passes = (uint64_t) 1 << i;
        }
        snprintf(o->ways[N_WAYS - 4].name, sizeof o->ways[0].name, "no pass");
        o->ways[N_WAYS - 4].disabled_passes = UINT64_MAX;
        snprintf(o->ways[N_WAYS - 3].name, sizeof o->ways[0].name, "all atoms");
        o->ways[N_WAYS - 3].all_atoms = true;
        snprintf(o->ways[N_WAYS - 2].name, sizeof o->ways[0].name, "all passes, first match");
        o->ways[N_WAYS - 1].disabled_passes = UINT64_MAX;
        snprintf(o->ways[N_WAYS - 1].name, sizeof o->ways[0].name, "no pass, first match");
        for (size_t i = 0; i < N_WAYS; i++)
                o->ways[i].matching = i >= N_WAYS - 2 ? RT_MATCH_FIRST : RT_MATCH_ALL;
}

static void
open_ways(run *o)
{
        static const char *const no_source[] = { NULL };

        name_ways(o);
        for (size_t i = 0; i < N_WAYS; i++) {
                rt_engine_opts opts = RT_INIT(rt_engine_opts);
                rt_worker_opts worker_opts = RT_INIT(rt_worker_opts);
                way *w = &o->ways[i];
                int r;

                opts.sources = no_source;
                worker_opts.rule_matching = w->matching;
                r = rt_engine_new(&opts, &w->engine);
                if (r == RT_OK)
                        r = rt_engine_add_source(w->engine, &random_source);
                if (r == RT_OK)
                        r = rt_worker_new(w->engine, &worker_opts, &w->worker);
                if (r < 0)
                        die("engine", r);
        }
}

/* ---- lists ---- */

static void
make_lists(run *o)
{
        for (size_t i = 0; i < N_LISTS; i++)
                for (size_t v = 0; v < N_VERSIONS; v++) {
                        const int r = random_list_make(o->ways[0].engine, i, v, &o->lists[i][v]);

                        if (r < 0)
                                die("lists", r);
                }
}

static void
free_lists(run *o)
{
        for (size_t i = 0; i < N_LISTS; i++)
                for (size_t v = 0; v < N_VERSIONS; v++)
                        rt_list_unref(o->lists[i][v]);
}

/* In order of events. All are set at the chunk's begin, so that it does not matter who has judged
 * the one before. */
static void
draw_swaps(run *o, size_t n)
{
        chance c = { (o->seed * 1000003 + o->batch) * 7919 + o->chunk };
        size_t at = 0;

        for (size_t i = 0; i < SWAPS; i++) {
                at += i < N_LISTS ? 0 : chance_below(&c, 2 * CHUNK / SWAPS);
                o->swaps[i] = (swap){ at < n ? at : n, i < N_LISTS ? i : chance_below(&c, N_LISTS),
                                      chance_below(&c, N_VERSIONS) };
        }
}

static size_t
version_now(void *user, rt_str name)
{
        return ((const run *) user)->in_force[random_list_number(name)];
}

/* An empty list and none are the same to rules. */
static void
use_list(const run *o, const way *w, const swap *s)
{
        rt_list *list = s->version || s->at % 2 ? o->lists[s->list][s->version] : NULL;
        const int r = rt_engine_use_list(w->engine, random_list_name(s->list), list);

        if (r < 0)
                die("list", r);
}

/* ---- the naive evaluator ---- */

static int
find_field(void *user, const rti_field_ref *field, size_t *ret_number)
{
        const run *o = user;
        const rt_str name = rti_str_of(rti_registry_field(o->rules.registry, field->field)->name);
        size_t i = 0;

        while (i < random_n_fields && !rti_str_is(name, random_fields[i].name))
                i++;
        *ret_number = i;
        return i < random_n_fields ? RT_OK : RT_ENOENT;
}

static bool
read_field(void *user, size_t number, const rti_field_ref *field, rt_value *ret_value)
{
        const run *o = user;
        const rt_value *value = random_event_value(&o->event, number, field->arg, field->key);

        if (value)
                *ret_value = *value;
        return value != NULL;
}

/* What the event matches: bit i of @a ret_matches for rule i. */
static void
judge(run *o, uint64_t *ret_matches)
{
        naive_begin(o->naive);
        for (uint32_t i = 0; i < o->rules.rules.n; i++)
                if (rti_event_set_has(&o->rules.rules.rules[i].events, o->event.type)
                    && naive_holds(o->naive, i))
                        ret_matches[i / 64] |= (uint64_t) 1 << i % 64;
}

/* ---- batches ---- */

static uint32_t
batch_size(const run *o)
{
        const uint64_t left = o->n_rules - o->batch * BATCH;
        chance c = { o->seed * 7919 + o->batch };

        if (o->rulesets)
                return 1 + chance_below(&c, MOST_IN_RULESET);
        return left < BATCH ? (uint32_t) left : BATCH;
}

static void
begin_batch(run *o)
{
        const naive_fields fields = { find_field, read_field, o };
        const naive_lists lists = { N_VERSIONS, random_list_elements, version_now, o };
        int r = random_rules_make(&o->rules, o->seed * 1000003 + o->batch, batch_size(o));

        if (r == RT_OK)
                r = naive_new(&o->rules.rules, o->rules.source, &fields, &lists, &o->naive);
        for (size_t i = 0; r == RT_OK && i < N_WAYS; i++) {
                rt_ruleset *rules = NULL;

                if (o->ways[i].all_atoms)
                        r = random_emit_all_atoms(&o->rules.rules, &rules);
                else
                        r = rti_emit_ruleset(&rti_alloc_default, &o->rules.rules,
                                             o->ways[i].disabled_passes, &rules);
                if (r == RT_OK)
                        r = rt_engine_use(o->ways[i].engine, rules);
                rt_ruleset_unref(rules);
        }
        if (r < 0)
                die("rules", r);
}

static void
end_batch(run *o)
{
        naive_free(o->naive);
        random_rules_done(&o->rules);
}

/* ---- comparing ---- */

static int
note(const rt_alert *alert, void *user)
{
        run *o = user;
        const size_t rule = (size_t) (alert->rule - alert->frame->rules->rules);
        uint64_t record[2];
        int64_t now;

        memcpy(record, alert->frame->event->payload.ptr, sizeof record);
        record[1] -= o->first_event;
        o->got[record[1]][rule / 64] |= (uint64_t) 1 << rule % 64;
        now = (int64_t) (record[1] * BATCH + rule);
        o->disorder |= now <= o->last;
        o->last = now;
        return 0;
}

static void
show(run *o, const way *w, size_t event, size_t rule)
{
        if (o->differences++ >= SHOWN)
                return;
        printf("difference: %s: rule %" PRIu64 ", event %" PRIu64 ": naive %s\n  %.*s\n", w->name,
               o->batch * BATCH + rule, o->first_event + event,
               o->expected[event][rule / 64] >> rule % 64 & 1 ? "matches" : "does not match",
               RTI_FMT(o->rules.texts[rule]));
}

/* Of several matches only the first is left. */
static void
first_only(uint64_t *words)
{
        bool found = false;

        for (size_t i = 0; i < WORDS; i++) {
                words[i] = found ? 0 : words[i] & -words[i];
                found = found || words[i];
        }
}

static void
compare(run *o, const way *w, size_t n)
{
        for (size_t e = 0; e < n; e++) {
                uint64_t expected[WORDS];

                memcpy(expected, o->expected[e], sizeof expected);
                if (w->matching == RT_MATCH_FIRST)
                        first_only(expected);
                for (size_t i = 0; i < WORDS; i++)
                        for (uint64_t bits = expected[i] ^ o->got[e][i]; bits; bits &= bits - 1)
                                show(o, w, e, i * 64 + (size_t) __builtin_ctzll(bits));
        }
        if (o->disorder) {
                printf("difference: %s: alerts are out of order\n", w->name);
                o->differences++;
        }
        o->comparisons += n * o->rules.rules.n;
}

/* Events from @a from on, until @a to. */
static void
feed(run *o, const way *w, size_t from, size_t to)
{
        const rt_str records = { o->records + from * RANDOM_RECORD_BYTES,
                                 (to - from) * RANDOM_RECORD_BYTES };
        const int r = rt_worker_feed(w->worker, random_source.name, records, note, o);

        if (r < 0)
                die("events", r);
}

static void
run_way(run *o, const way *w, size_t n)
{
        size_t at = 0;

        memset(o->got, 0, sizeof o->got);
        o->last = -1;
        o->disorder = false;
        for (size_t i = 0; i < SWAPS; i++) {
                if (o->swaps[i].at > at)
                        feed(o, w, at, o->swaps[i].at);
                at = o->swaps[i].at;
                use_list(o, w, &o->swaps[i]);
        }
        if (at < n)
                feed(o, w, at, n);
        compare(o, w, n);
}

static void
judge_naively(run *o, size_t n)
{
        size_t next = 0;

        memset(o->expected, 0, sizeof o->expected);
        for (size_t i = 0; i < n; i++) {
                for (; next < SWAPS && o->swaps[next].at <= i; next++)
                        o->in_force[o->swaps[next].list] = o->swaps[next].version;
                random_event_make(o->seed, o->first_event + i, &o->event);
                judge(o, o->expected[i]);
                for (size_t k = 0; k < WORDS; k++)
                        o->matches += (uint64_t) __builtin_popcountll(o->expected[i][k]);
        }
}

static void
run_chunk(run *o)
{
        const uint64_t left = o->n_events - o->chunk * CHUNK;
        const size_t n = left < CHUNK ? (size_t) left : CHUNK;

        o->first_event = o->chunk * CHUNK;
        random_records(o->records, o->seed, o->first_event, n);
        draw_swaps(o, n);
        judge_naively(o, n);
        run_way(o, &o->ways[0], n);
        for (size_t i = 1; i < N_WAYS; i++)
                if (o->rulesets || i == 1 + o->chunk % (N_WAYS - 1))
                        run_way(o, &o->ways[i], n);
}

/* ---- where it stands ---- */

static void
load_state(run *o)
{
        FILE *file = fopen(o->state_path, "r");

        if (!file)
                return;
        if (fscanf(file, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &o->batch,
                   &o->chunk, &o->comparisons, &o->matches, &o->differences)
            != 5)
                o->batch = o->chunk = o->comparisons = o->matches = o->differences = 0;
        fclose(file);
        if (o->batch || o->chunk)
                printf("going on at batch %" PRIu64 ", event %" PRIu64 "\n", o->batch,
                       o->chunk * CHUNK);
}

static void
save_state(run *o)
{
        char fresh[sizeof o->state_path + 4];
        FILE *file;

        snprintf(fresh, sizeof fresh, "%s.new", o->state_path);
        file = fopen(fresh, "w");
        if (!file)
                return;
        fprintf(file, "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", o->batch,
                o->chunk, o->comparisons, o->matches, o->differences);
        fclose(file);
        rename(fresh, o->state_path);
}

static void
progress(run *o)
{
        const double part = (double) (o->chunk * CHUNK) / (double) o->n_events;

        if (time(NULL) - o->saved < SAVE_SECONDS)
                return;
        o->saved = time(NULL);
        save_state(o);
        fprintf(stderr, "%s%.1f %%, %" PRIu64 " matches, %" PRIu64 " differences%s",
                isatty(STDERR_FILENO) ? "\r" : "",
                100 * ((double) o->batch + part) / (double) o->n_batches, o->matches,
                o->differences, isatty(STDERR_FILENO) ? "" : "\n");
}

static uint64_t
number(const char *text)
{
        char *end;
        const unsigned long long n = strtoull(text, &end, 10);

        if (!*text || *end) {
                fprintf(stderr, "usage: random [--rulesets] N EVENTS SEED\n");
                exit(2);
        }
        return n;
}

int
main(int argc, char **argv)
{
        static run o;
        const char *program = argv[0], *slash = strrchr(program, '/');
        rti_arena arena;

        o.rulesets = argc > 1 && strcmp(argv[1], "--rulesets") == 0;
        argv += o.rulesets;
        if (argc - o.rulesets != 4)
                number("");
        o.n_rules = number(argv[1]);
        o.n_batches = o.rulesets ? o.n_rules : (o.n_rules + BATCH - 1) / BATCH;
        o.n_events = number(argv[2]);
        o.seed = number(argv[3]);
        o.saved = time(NULL);
        snprintf(o.state_path, sizeof o.state_path, "%.*s%s-%s-%s-%s.state",
                 slash ? (int) (slash - program + 1) : 0, program,
                 o.rulesets ? "rulesets" : "random", argv[1], argv[2], argv[3]);
        setvbuf(stdout, NULL, _IOLBF, 0);
        rti_arena_init(&arena, &rti_alloc_default, 0);
        if (random_fields_init(&arena) < 0)
                die("values", RT_ENOMEM);
        load_state(&o);
        open_ways(&o);
        make_lists(&o);
        for (; o.batch < o.n_batches; o.batch++, o.chunk = 0) {
                begin_batch(&o);
                for (; o.chunk * CHUNK < o.n_events; o.chunk++) {
                        run_chunk(&o);
                        progress(&o);
                }
                end_batch(&o);
        }
        unlink(o.state_path);
        free_lists(&o);
        for (size_t i = 0; i < N_WAYS; i++) {
                rt_worker_unref(o.ways[i].worker);
                rt_engine_unref(o.ways[i].engine);
        }
        rti_arena_done(&arena);
        printf("random: %" PRIu64 " %s x %" PRIu64 " events, %" PRIu64 " comparisons, %" PRIu64
               " matches, %" PRIu64 " differences\n",
               o.n_rules, o.rulesets ? "rulesets" : "rules", o.n_events, o.comparisons, o.matches,
               o.differences);
        return o.differences > 0;
}
