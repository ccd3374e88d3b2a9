/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generate.h - random rules that resemble real ones.
 *
 *   in   events of the kind asked for: what their fields hold makes the constants
 *   out  a rule file as text, the same for the same seed
 *
 *      proportions.c  how often stock rules use each field, operator and form
 *      vocabulary.c   values that occur
 *      generate.c     conditions; lists, macros and exceptions that they share
 *      calibrate.c    which rules a set is made of
 *      inputs.c       events
 *
 * A set holds BENCH_LIVE rules that match now and then, the same in sets of every size, and
 * otherwise rules that match no event of the input, though many of their tests are true of some. So
 * the number of alerts does not depend on the number of rules. Rules for which the compiler finds
 * no witness (docs/performance.md), so that every event of their types begins them, are no part of
 * a set.
 */
#ifndef BENCH_GENERATE_H
#define BENCH_GENERATE_H

#include "../tests/oracle/chance.h"
#include "base/alloc.h"
#include "base/arena.h"
#include "base/buf.h"
#include "base/vec.h"
#include "judge.h"

enum bench_kind { BENCH_SYSCALL, BENCH_CLOUDTRAIL, BENCH_AUDIT, BENCH_N_KINDS };
enum { BENCH_LIVE = 10, BENCH_MOST_COUNTS = 9 };

/* ---- proportions ---- */

/* A test of a field, and how often it comes. */
typedef struct bench_test {
        const char *field, *op;
        unsigned weight;
        const char *never; /* a constant that does not occur, where a name is none: numbers */
} bench_test;

/* What most rules begin with: event types, as a macro. */
typedef struct bench_opening {
        const char *macro, *condition;
        unsigned weight;
        const char *types[6]; /* values of the vocabulary's first field */
} bench_opening;

typedef struct bench_proportions {
        const char *name, *source;
        const char *fields;       /* of the vocabulary, as an output format */
        const bench_test *always; /* tests that almost every rule has: weight is a percentage */
        size_t n_always;
        const char *often; /* the same as text */
        const bench_opening *openings;
        size_t n_openings;
        const bench_test *tests;
        size_t n_tests;
        unsigned positive[BENCH_MOST_COUNTS]; /* rules with 0, 1, 2 ... more conjuncts */
        unsigned negative[BENCH_MOST_COUNTS]; /* rules with 0, 1, 2 ... negated ones */
        unsigned or_percent;                  /* of the positive ones */
        unsigned together[4];                 /* negated: one test, `and` of two, of three, `or` */
        /* Tests that hold of no event, of those that most rules have, of others, of negated
         * ones. */
        unsigned never_always, never_percent, never_negated;
} bench_proportions;

extern const bench_proportions bench_kinds[BENCH_N_KINDS];
extern const unsigned bench_list_lengths[8][2]; /* how many `in` have that many elements */
extern const unsigned bench_or_widths[5][2];

/* ---- input ---- */

enum { BENCH_CAPTURES = 2 };

/* Events of one kind: captures in files without names, or records in memory. */
typedef struct bench_input {
        enum bench_kind kind;
        int fds[BENCH_CAPTURES];
        char paths[BENCH_CAPTURES][64];
        bench_records records;
        rt_str bytes;
} bench_input;

/* JSON records are repeated to about @a bytes. 0, or -1: there is no corpus. */
int bench_input_open(bench_input *input, enum bench_kind kind, size_t bytes);
void bench_input_close(bench_input *input);
/* An engine with rules in force. */
rt_engine *bench_input_engine(const bench_input *input, rt_str rules);
/* Judge all events with a new worker, all matches. Stops when @a fn returns below 0. Free it. */
rt_worker *bench_input_judge(const bench_input *input, rt_engine *engine, rt_alert_fn fn,
                             void *user);

/* ---- vocabulary ---- */

/* What the fields of some events hold. */
typedef struct bench_vocabulary {
        rti_arena arena;
        RTI_VEC(const char *) names; /* of the fields */
        RTI_VEC(rt_str) values;      /* names.n for each event; no ptr: missing */
        size_t n_events;
} bench_vocabulary;

void bench_vocabulary_read(bench_vocabulary *v, const bench_input *input);
void bench_vocabulary_done(bench_vocabulary *v);
/* The field's number; SIZE_MAX: it is not there. */
size_t bench_vocabulary_field(const bench_vocabulary *v, const char *name);

/* ---- rules ---- */

typedef struct bench_generator bench_generator;

bench_generator *bench_generator_new(const bench_input *input, uint64_t seed);
void bench_generator_free(bench_generator *g);
/* Rule @a number as text; always the same. */
void bench_generator_rule(bench_generator *g, unsigned number, rti_buf *buf);
/* What rules up to that number refer to. */
void bench_generator_shared(bench_generator *g, unsigned number, rti_buf *buf);

/* The rules of sets of up to @a most rules, in an order where each beginning is a set. */
typedef struct bench_choice {
        RTI_VEC(uint32_t) rules; /* their numbers */
        RTI_VEC(uint32_t) begun; /* others, that never match, but are begun for every event */
        unsigned made;           /* rules that were looked at */
        unsigned noisy;          /* of these, left out: they match too often */
} bench_choice;

void bench_choose(bench_generator *g, const bench_input *input, unsigned most,
                  bench_choice *ret_choice);
void bench_choice_done(bench_choice *choice);
/* A file of those rules. */
void bench_write_rules(bench_generator *g, const uint32_t *rules, size_t n, rti_buf *buf);

#endif
