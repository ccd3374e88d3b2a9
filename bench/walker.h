/* SPDX-License-Identifier: Apache-2.0 */
/*
 * walker.h - the naive evaluator over real events: what an engine does that shares nothing.
 *
 *   in   rule files, events through the same source as the worker's
 *   out  how many alerts: those of the compiled program
 *
 * As a plain engine would, it keeps a list of rules for each event type, and walks the typed tree
 * of each in the order of the rules, stopping where `and` and `or` are decided. A field is read
 * anew each time a test asks for it; with `keep`, once per event. Constants are prepared as the
 * engine's are: a list of `in` is a hash set, a regular expression is compiled.
 */
#ifndef BENCH_WALKER_H
#define BENCH_WALKER_H

#include "bench.h"
#include <libruntime/runtime.h>

typedef struct bench_walker bench_walker;

typedef struct bench_walker_opts {
        const char *source;
        const char *const *files; /* of rules, NULL-terminated; or */
        rt_str text;              /* their text */
        uint32_t matching;        /* RT_MATCH_* */
        int keep;                 /* 1: a field is read once per event */
} bench_walker_opts;

bench_walker *bench_walker_new(const bench_walker_opts *opts);
void bench_walker_free(bench_walker *walker);
/* Alerts for all events of a file, or of @a bytes. */
uint64_t bench_walker_file(bench_walker *walker, const char *path);
uint64_t bench_walker_feed(bench_walker *walker, rt_str bytes);
/* The rules that it walks. */
uint32_t bench_walker_rules(const bench_walker *walker);

#endif
