/* SPDX-License-Identifier: Apache-2.0 */
/*
 * python_loop.c - the C side of bench_python: what an agent in C does with the same records.
 *
 *      python_loop RULES RECORDS
 *
 * For each word on the standard input, one pass over all records, and a line: seconds of CPU time,
 * alerts, bytes of their JSON. `each`: a delivery for every line of RECORDS; `whole`: one delivery.
 */
#include "bench.h"
#include <libruntime/runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct tally {
        size_t alerts, bytes;
} tally;

static int
on_alert(const rt_alert *alert, void *user)
{
        tally *t = user;
        rt_str json;
        const int r = rt_alert_json(alert, &json);

        if (r < 0)
                return r;
        t->alerts++;
        t->bytes += json.len;
        return RT_OK;
}

static rt_str
read_file(const char *path)
{
        FILE *file = fopen(path, "rb");
        char *text = NULL;
        long size = -1;

        if (file && fseek(file, 0, SEEK_END) == 0)
                size = ftell(file);
        if (size > 0 && fseek(file, 0, SEEK_SET) == 0)
                text = malloc((size_t) size);
        if (!text || fread(text, 1, (size_t) size, file) != (size_t) size) {
                fprintf(stderr, "%s cannot be read\n", path);
                exit(2);
        }
        fclose(file);
        return (rt_str){ text, (size_t) size };
}

/* The lines of @a records, without their line feeds. */
static size_t
split(rt_str records, rt_str **ret_lines)
{
        size_t n = 0, room = 0;
        rt_str *lines = NULL;

        while (records.len) {
                const char *end = memchr(records.ptr, '\n', records.len);
                const size_t len = end ? (size_t) (end - records.ptr) : records.len;

                if (n == room) {
                        room = room ? 2 * room : 1024;
                        lines = realloc(lines, room * sizeof *lines);
                        if (!lines)
                                exit(2);
                }
                lines[n++] = (rt_str){ records.ptr, len };
                records.ptr += len + (end != NULL);
                records.len -= len + (end != NULL);
        }
        *ret_lines = lines;
        return n;
}

/* One pass; @a n deliveries. */
static int
pass(rt_worker *worker, const rt_str *deliveries, size_t n)
{
        const double start = bench_now();
        tally t = { 0, 0 };
        int r = RT_OK;

        for (size_t i = 0; i < n && r >= 0; i++)
                r = rt_worker_feed(worker, "aws_cloudtrail", deliveries[i], on_alert, &t);
        printf("%.9f %zu %zu\n", bench_now() - start, t.alerts, t.bytes);
        fflush(stdout);
        return r;
}

int
main(int argc, char **argv)
{
        rt_engine *engine = NULL;
        rt_ruleset *rules = NULL;
        rt_worker *worker = NULL;
        rt_str whole, *lines;
        char word[8];
        size_t n;
        int r;

        if (argc != 3)
                return 2;
        whole = read_file(argv[2]);
        n = split(whole, &lines);
        r = rt_engine_new(/* opts= */ NULL, &engine);
        r = r < 0 ? r : rt_compile(engine, argv[1], read_file(argv[1]), NULL, &rules);
        r = r < 0 ? r : rt_engine_use(engine, rules);
        r = r < 0 ? r : rt_worker_new(engine, /* opts= */ NULL, &worker);
        while (r >= 0 && scanf("%7s", word) == 1) {
                const int each = strcmp(word, "each") == 0;

                r = pass(worker, each ? lines : &whole, each ? n : 1);
        }
        if (r < 0)
                fprintf(stderr, "%s\n", rt_status_name(r));
        free(lines);
        rt_worker_unref(worker);
        rt_ruleset_unref(rules);
        rt_engine_unref(engine);
        return r < 0;
}
