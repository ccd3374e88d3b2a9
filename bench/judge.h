/* SPDX-License-Identifier: Apache-2.0 */
/* judge.h - rules over records, through the public API. */
#ifndef BENCH_JUDGE_H
#define BENCH_JUDGE_H

#include "bench.h"
#include <libruntime/runtime.h>

typedef struct bench_judge {
        rt_engine *engine;
        rt_worker *worker;
        const char *source;
        rt_str bytes; /* the records as the source wants them */
} bench_judge;

_Noreturn void bench_die(const char *what);
/* Rules from a file, or from @a text if it is given. */
rt_ruleset *bench_load_rules(rt_engine *engine, const char *path, rt_str text);
/* Rules of several files (NULL-terminated), in their order. */
rt_ruleset *bench_load_files(rt_engine *engine, const char *const *paths);
/* Those of a file, or of @a text, in force. Sources read as the reference does. */
bench_judge bench_judge_new(const char *source, const char *path, rt_str text, uint32_t matching);
void bench_judge_free(bench_judge *judge);
/* A contender: judge all bytes, count the alerts. The user is a bench_judge. */
uint64_t bench_judge_run(const bench_records *records, void *user);
/* The first @a n records as CloudTrail's files have them: one object with a list. Free its ptr. */
rt_str bench_wrapped(const bench_records *records, size_t n);

#endif
