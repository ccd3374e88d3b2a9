/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_compile.c - what compiling rules costs, as a multiple of libyaml's bare event parse.
 *
 *      bench_compile [ROUNDS [MOST_RULES [SEED]]]
 *
 * Both do the same bytes by turns in the same run; the best round of each counts, in CPU time.
 * Rules are real ones, ones of a few forms in growing numbers, and ones that resemble real ones
 * (generate.h). "most" is the most memory that the library's allocator had given out at one time,
 * bytes a rule what of it the growth adds; libyaml's own memory, which ends with the file, is not
 * in it.
 */
#include "generate.h"
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static const unsigned sizes[] = { 10, 100, 1000, 10000, 100000 };
enum { MANY = 10000, MEGABYTES = 4 };
static const double bar = 8;

/* ---- memory that is counted ---- */

typedef struct tally {
        size_t now, most;
} tally;

static void *
resize(void *ptr, size_t size, void *user)
{
        tally *t = user;
        const size_t before = ptr ? malloc_usable_size(ptr) : 0;

        if (size == 0) {
                free(ptr);
                t->now -= before;
                return NULL;
        }
        ptr = realloc(ptr, size);
        if (!ptr)
                bench_die("out of memory");
        t->now += malloc_usable_size(ptr) - before;
        t->most = t->now > t->most ? t->now : t->most;
        return ptr;
}

/* ---- generated rules ---- */

static const char *const names[] = { "AssumeRole",       "ConsoleLogin",  "CreateUser",
                                     "DeleteTrail",      "GetObject",     "ListBuckets",
                                     "PutBucketPolicy",  "RunInstances",  "StopLogging",
                                     "UpdateAccessKey",  "CreateKeyPair", "AttachUserPolicy",
                                     "DescribeInstances" };

static void
add_condition(rti_buf *buf, unsigned i)
{
        const char *name = names[i % RTI_COUNT(names)];

        switch (i % 8) {
        case 0:
                rti_buf_printf(buf, "ct.name = Never%u and ct.user = nouser%u", i, i);
                break;
        case 1:
                rti_buf_printf(buf, "ct.user = nouser%u and ct.name = %s", i, name);
                break;
        case 2:
                rti_buf_printf(buf, "ct.name = %s and ct.user.arn contains nosuch%u/", name, i);
                break;
        case 3:
                rti_buf_printf(buf, "ct.name = %s and ct.user exists and ct.region = mars-%u", name,
                               i);
                break;
        case 4:
                rti_buf_printf(buf, "ct.user.arn startswith nosuch%u/ and not ct.error exists", i);
                break;
        case 5:
                rti_buf_printf(buf, "ct.user.arn endswith /nosuch%u or ct.region = mars-%u", i, i);
                break;
        case 6:
                rti_buf_printf(buf, "s3.bytes > %u and ct.name = %s", 1000000000 + i, name);
                break;
        default:
                rti_buf_printf(buf, "ct.name = %s and not ct.user in (", name);
                for (unsigned k = 0; k < 20; k++)
                        rti_buf_printf(buf, "%sex%u_%u", k ? ", " : "", i, k);
                rti_buf_printf(buf, ") and ct.srcip = 203.0.113.%u", i % 250);
                break;
        }
}

static void
make_rules(rti_buf *buf, unsigned n)
{
        rti_buf_clear(buf);
        for (unsigned i = 0; i < n; i++) {
                rti_buf_printf(buf, "- rule: Generated %u\n  desc: generated\n  condition: >\n    ",
                               i);
                add_condition(buf, i);
                rti_buf_add_text(buf, "\n  output: \"%ct.name %ct.user\"\n  priority: NOTICE\n"
                                      "  source: aws_cloudtrail\n  tags: [generated, bench]\n");
        }
        if (buf->failed)
                bench_die("out of memory");
}

/* ---- contenders ---- */

static double
parse_events(rt_str text)
{
        const double start = bench_now();
        yaml_parser_t parser;
        yaml_event_t event;
        int more = 1;

        if (!yaml_parser_initialize(&parser))
                bench_die("out of memory");
        yaml_parser_set_input_string(&parser, (const unsigned char *) text.ptr, text.len);
        while (more) {
                if (!yaml_parser_parse(&parser, &event))
                        bench_die("this is no YAML");
                more = event.type != YAML_STREAM_END_EVENT;
                yaml_event_delete(&event);
        }
        yaml_parser_delete(&parser);
        return bench_now() - start;
}

static double
compile(rt_str text, tally *memory)
{
        const rt_allocator counted = { sizeof counted, resize, memory };
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        rt_engine *engine = NULL;
        double start, seconds;
        rt_ruleset *rules;

        opts.allocator = &counted;
        if (rt_engine_new(&opts, &engine) < 0)
                bench_die("no engine");
        memory->most = memory->now;
        start = bench_now();
        rules = bench_load_rules(engine, NULL, text);
        seconds = bench_now() - start;
        rt_ruleset_unref(rules);
        rt_engine_unref(engine);
        return seconds;
}

/* ---- the table ---- */

/* The ratio. */
static double
print_row(const char *what, unsigned n_rules, rt_str text, unsigned rounds)
{
        double yaml = 1e9, all = 1e9;
        tally memory = { 0 };

        for (unsigned i = 0; i < rounds; i++) {
                const double a = parse_events(text), b = compile(text, &memory);

                yaml = a < yaml ? a : yaml;
                all = b < all ? b : all;
        }
        printf("%-28s %9zu %9.2f %9.2f %7.1f %9.2f %9.1f %9.0f\n", what, text.len / 1000,
               yaml * 1e3, all * 1e3, all / yaml, all * 1e6 / n_rules, (double) memory.most / 1e6,
               (double) memory.most / n_rules);
        fflush(stdout);
        return all / yaml;
}

/* NaN: there is no corpus. */
static double
print_file(const char *file, unsigned n_rules, unsigned rounds)
{
        char path[4096];
        rti_buf text;
        double ratio;
        FILE *in;

        snprintf(path, sizeof path, "%s/rules/%s", bench_corpus(), file);
        in = fopen(path, "rb");
        if (!in) {
                printf("%-28s skipped: no corpus in %s\n", file, bench_corpus());
                return NAN;
        }
        rti_buf_init(&text, &rti_alloc_default, 0);
        for (char *to; (to = rti_buf_reserve(&text, 1 << 16));) {
                const size_t got = fread(to, 1, 1 << 16, in);

                if (got == 0)
                        break;
                rti_buf_used(&text, got);
        }
        fclose(in);
        ratio = print_row(file, n_rules, rti_buf_str(&text), rounds);
        rti_buf_done(&text);
        return ratio;
}

/* Rules that resemble real ones of this kind. */
static void
print_resembling(enum bench_kind kind, unsigned rounds, unsigned seed)
{
        bench_generator *g;
        bench_choice choice;
        bench_input input;
        char what[64];
        rti_buf text;

        snprintf(what, sizeof what, "%u %s, as real", MANY, bench_kinds[kind].name);
        if (bench_input_open(&input, kind, (size_t) MEGABYTES * 1000 * 1000) < 0) {
                printf("%-28s skipped: no corpus in %s\n", what, bench_corpus());
                return;
        }
        g = bench_generator_new(&input, seed);
        bench_choose(g, &input, MANY, &choice);
        rti_buf_init(&text, &rti_alloc_default, 0);
        bench_write_rules(g, choice.rules.at, choice.rules.n, &text);
        print_row(what, (unsigned) choice.rules.n, rti_buf_str(&text), rounds);
        rti_buf_done(&text);
        bench_choice_done(&choice);
        bench_generator_free(g);
        bench_input_close(&input);
}

static void
print_bar(const char *name, double ratio, const char *otherwise)
{
        if (isnan(ratio))
                bench_bar_skipped(name, otherwise);
        else
                bench_bar(name, ratio, BENCH_AT_MOST, bar);
}

int
main(int argc, char **argv)
{
        const unsigned rounds = bench_number(argv[1], 5);
        const unsigned most = bench_number(argc > 1 ? argv[2] : NULL, 100000);
        const unsigned seed = bench_number(argc > 2 ? argv[3] : NULL, 1);
        double stable, many = NAN;
        char what[32];
        rti_buf text;

        if (rounds == 0 || most == 0) {
                fprintf(stderr, "usage: bench_compile [ROUNDS [MOST_RULES [SEED]]]\n");
                return 2;
        }
        bench_pin();
        printf("\nCompiling: ms, and as a multiple of libyaml's bare event parse\n"
               "%-28s %9s %9s %9s %7s %9s %9s %9s\n",
               "", "kB", "libyaml", "compile", "ratio", "us/rule", "most MB", "B/rule");
        stable = print_file("falco_rules.yaml", 25, 10 * rounds);
        print_file("k8s_audit_rules.yaml", 48, 10 * rounds);
        print_file("aws_cloudtrail_rules.yaml", 22, 10 * rounds);
        rti_buf_init(&text, &rti_alloc_default, 0);
        for (size_t i = 0; i < RTI_COUNT(sizes) && sizes[i] <= most; i++) {
                double ratio;

                snprintf(what, sizeof what, "%u generated", sizes[i]);
                make_rules(&text, sizes[i]);
                ratio = print_row(what, sizes[i], rti_buf_str(&text),
                                  sizes[i] < MANY    ? 10 * rounds
                                  : sizes[i] == MANY ? rounds
                                                     : 1);
                many = sizes[i] == MANY ? ratio : many;
        }
        rti_buf_done(&text);
        for (size_t kind = 0; most >= MANY && kind < BENCH_N_KINDS; kind++)
                print_resembling((enum bench_kind) kind, rounds, seed);
        putchar('\n');
        print_bar("compiling falco_rules.yaml, times libyaml", stable, "no corpus");
        print_bar("compiling 10,000 rules, times libyaml", many, "fewer rules");
        return 0;
}
