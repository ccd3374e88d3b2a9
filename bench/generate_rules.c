/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generate_rules.c - the generator as a command.
 *
 *      generate-rules syscall|cloudtrail|audit N SEED > rules.yaml
 */
#include "generate.h"
#include <stdio.h>
#include <string.h>

enum { MEGABYTES = 4 };

int
main(int argc, char **argv)
{
        const unsigned n = bench_number(argc == 4 ? argv[2] : NULL, 0);
        bench_generator *g;
        bench_choice choice;
        bench_input input;
        size_t kind = 0;
        rti_buf text;

        while (argc == 4 && kind < BENCH_N_KINDS && strcmp(argv[1], bench_kinds[kind].name) != 0)
                kind++;
        if (argc != 4 || kind == BENCH_N_KINDS || n < BENCH_LIVE) {
                fprintf(stderr, "usage: generate-rules syscall|cloudtrail|audit N SEED, N >= %d\n",
                        BENCH_LIVE);
                return 2;
        }
        if (bench_input_open(&input, (enum bench_kind) kind, (size_t) MEGABYTES * 1000 * 1000) < 0)
                bench_die("there are no events to learn from: where is the corpus?");
        g = bench_generator_new(&input, bench_number(argv[3], 0));
        bench_choose(g, &input, n, &choice);
        rti_buf_init(&text, &rti_alloc_default, 0);
        bench_write_rules(g, choice.rules.at, choice.rules.n, &text);
        fwrite(text.ptr, 1, text.len, stdout);
        rti_buf_done(&text);
        bench_choice_done(&choice);
        bench_generator_free(g);
        bench_input_close(&input);
        return 0;
}
