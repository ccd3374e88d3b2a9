/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench.h - records in memory, and contenders that are timed over them.
 *
 * Contenders run one after the other, round by round, so that what else the machine does falls on
 * all of them; a figure is the median of the rounds. The first contender is the yardstick: ratios
 * are taken inside a round.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct bench_records {
        char *text; /* one record a line, each with its line feed; BENCH_PADDING readable behind */
        size_t len;
        size_t *starts; /* n + 1 of them */
        size_t n;
} bench_records;

enum { BENCH_PADDING = 256 };

/* Lines of @a files (NULL-terminated, below the corpus; .gz is unpacked), repeated up to about
 * @a bytes. 0, or -1: a file is not there. */
int bench_load(const char *const *files, size_t bytes, bench_records *ret_records);
void bench_unload(bench_records *records);
/* The corpus: $RT_CORPUS or ../shared/corpus. */
const char *bench_corpus(void);

/* CloudTrail and Kubernetes audit logs, as the yardstick wants them. */
extern const char *const bench_cloudtrail[];
extern const char *const bench_audit[];

/* What a contender makes of all records: some number that depends on what it found, so that nothing
 * is optimised away and disagreement shows. */
typedef struct bench_contender {
        const char *name;
        uint64_t (*run)(const bench_records *records, void *user);
        void *user;
        int agrees;     /* 1: the result must be the yardstick's */
        double bar;     /* the most that the ratio may be; 0: anything */
        double ratio;   /* set: to the yardstick, median of the rounds */
        double seconds; /* set */
} bench_contender;

/* Print a table, and the bars of those that have one. 0, or 1: results that must agree do not. */
int bench_table(const char *title, const bench_records *records, bench_contender *contenders,
                size_t n, unsigned rounds);

/* ---- bars: what a figure has to be ---- */

enum bench_side { BENCH_AT_MOST, BENCH_AT_LEAST };

/* Print it, and add it to the file named by $RT_BENCH_BARS, of which ./dev bench makes a table:
 * verdict, figure, bar and name, with tabs between. 1: the bar is met. */
int bench_bar(const char *name, double figure, enum bench_side side, double bar);
/* It cannot be measured here. */
void bench_bar_skipped(const char *name, const char *why);

/* Sorts them. */
double bench_median(double *values, unsigned n);
/* An argument: NULL: @a otherwise, no number: 0. */
unsigned bench_number(const char *text, unsigned otherwise);
/* Stay on one core. */
void bench_pin(void);
/* Seconds of CPU time. */
double bench_now(void);

/* simdjson; implementations "haswell", "icelake" ... */
typedef struct bench_simdjson {
        const char *implementation;
        int audit; /* the audit log's paths, not CloudTrail's */
} bench_simdjson;
const char *bench_simdjson_version(void);
int bench_simdjson_has(const char *implementation);
uint64_t bench_simdjson_on_demand(const bench_records *records, void *user);
uint64_t bench_simdjson_dom(const bench_records *records, void *user);
uint64_t bench_simdjson_tuned(const bench_records *records, void *user);

/* json-c, whose names clash with jansson's: a module of its own. The user is six of these. */
typedef const char *bench_path[2];
enum { BENCH_SIX = 6 };
const char *bench_json_c_version(void);
uint64_t bench_json_c(const bench_records *records, void *user);

#ifdef __cplusplus
}
#endif
#endif
