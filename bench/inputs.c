/* SPDX-License-Identifier: Apache-2.0 */
/* inputs.c - events of one kind, to be judged again and again. */
#include "generate.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

static const char *const captures[BENCH_CAPTURES] = { "mix_falcoset", "gcc_falcoset" };

/* The unpacked bytes, in a file without a name. -1: it is not there. */
static int
unpack(const char *name)
{
        static char block[1 << 16];
        char path[4096];
        gzFile in;
        int fd, n;

        snprintf(path, sizeof path, "%s/scap/load/%s.scap", bench_corpus(), name);
        in = gzopen(path, "rb");
        if (!in)
                return -1;
        snprintf(path, sizeof path, "%s/capture-XXXXXX",
                 getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
        fd = mkstemp(path);
        if (fd < 0 || unlink(path) < 0)
                bench_die("no temporary file");
        while ((n = gzread(in, block, sizeof block)) > 0)
                if (write(fd, block, (size_t) n) != n)
                        bench_die("the temporary file cannot be written");
        gzclose(in);
        return fd;
}

int
bench_input_open(bench_input *input, enum bench_kind kind, size_t bytes)
{
        *input = (bench_input){ .kind = kind };
        if (kind == BENCH_SYSCALL) {
                for (size_t i = 0; i < BENCH_CAPTURES; i++) {
                        input->fds[i] = unpack(captures[i]);
                        if (input->fds[i] < 0)
                                return -1;
                        snprintf(input->paths[i], sizeof input->paths[i], "/proc/self/fd/%d",
                                 input->fds[i]);
                }
                return 0;
        }
        if (bench_load(kind == BENCH_AUDIT ? bench_audit : bench_cloudtrail, bytes, &input->records)
            < 0)
                return -1;
        input->bytes = kind == BENCH_AUDIT ? (rt_str){ input->records.text, input->records.len }
                                           : bench_wrapped(&input->records, input->records.n);
        return 0;
}

void
bench_input_close(bench_input *input)
{
        for (size_t i = 0; input->kind == BENCH_SYSCALL && i < BENCH_CAPTURES; i++)
                close(input->fds[i]);
        if (input->bytes.ptr != input->records.text)
                free((char *) (uintptr_t) input->bytes.ptr);
        bench_unload(&input->records);
}

rt_engine *
bench_input_engine(const bench_input *input, rt_str text)
{
        rt_engine *engine = NULL;
        rt_ruleset *rules;

        (void) input;
        if (rt_engine_new(NULL, &engine) < 0)
                bench_die("no engine");
        rules = bench_load_rules(engine, NULL, text);
        if (rt_engine_use(engine, rules) < 0)
                bench_die("the rules cannot be used");
        rt_ruleset_unref(rules);
        return engine;
}

rt_worker *
bench_input_judge(const bench_input *input, rt_engine *engine, rt_alert_fn fn, void *user)
{
        static const rt_option reading = { "reading", "reference" };
        const char *source = bench_kinds[input->kind].source;
        rt_worker_opts opts = RT_INIT(rt_worker_opts);
        rt_worker *worker = NULL;
        int r;

        opts.rule_matching = RT_MATCH_ALL;
        if (rt_worker_new(engine, &opts, &worker) < 0)
                bench_die("no worker");
        if (input->kind != BENCH_SYSCALL) {
                if (rt_worker_configure(worker, source, &reading, 1, NULL) < 0)
                        bench_die("no worker");
                rt_worker_feed(worker, source, input->bytes, fn, user);
                return worker;
        }
        for (size_t i = 0; i < BENCH_CAPTURES; i++)
                if (rt_worker_open(worker, source, input->paths[i]) < 0)
                        bench_die("a capture cannot be opened");
        do
                r = rt_worker_step(worker, fn, user);
        while (r >= 0);
        return worker;
}
