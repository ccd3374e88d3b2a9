/* SPDX-License-Identifier: Apache-2.0 */
/*
 * generate.c - conditions at random.
 *
 * A rule is about one event of the vocabulary: most of its constants are parts of what that event's
 * fields hold, some are another event's; as many tests as in stock rules are about what occurs
 * nowhere. Half of the lists and half of the
 * groups are shared with other rules, as lists and macros; half of what is negated together becomes
 * an exception. All follows from the seed and the rule's number.
 */
#include "generate.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
        SAME_PERCENT = 75, /* constants of the rule's own event, of those that occur */
        OFTEN_PERCENT = 95,
        LISTS_FROM = 2,
        RULES_PER_LIST = 300,
        MACROS_FROM = 20,
        RULES_PER_MACRO = 20,
        MANY_NEGATED = 8, /* and up to three times as many */
        MOST_PART = 12,
        TRIES = 64
};

struct bench_generator {
        const bench_proportions *kind;
        uint64_t seed;
        bench_vocabulary vocabulary;
};

/* What a rule is being made with. */
typedef struct making {
        const bench_generator *g;
        chance chance;
        size_t event;    /* of the vocabulary */
        unsigned number; /* of the rule: how many lists and macros there are by now */
        rti_buf *buf;
        bool in_list;     /* behind a list's first element: not the rule's event again */
        unsigned never;   /* percentage of tests whose constants occur nowhere */
        bool nowhere;     /* this is one of them */
        uint64_t used[2]; /* tests that stand in the rule already */
} making;

/* ---- choosing ---- */

static unsigned
pick(chance *c, const unsigned *weights, size_t n, size_t stride)
{
        unsigned sum = 0, at;

        for (size_t i = 0; i < n; i++)
                sum += weights[i * stride];
        at = chance_below(c, sum);
        for (unsigned i = 0;; i++) {
                if (at < weights[i * stride])
                        return i;
                at -= weights[i * stride];
        }
}

static bool
one_in(chance *c, unsigned n)
{
        return chance_below(c, n) == 0;
}

static const bench_test *
pick_test(making *m)
{
        const bench_proportions *kind = m->g->kind;

        return &kind->tests[pick(&m->chance, &kind->tests[0].weight, kind->n_tests,
                                 sizeof(bench_test) / sizeof(unsigned))];
}

/* One that the rule does not have yet, unless it has most of them. */
static const bench_test *
pick_new_test(making *m)
{
        const bench_test *test = pick_test(m);
        size_t number;

        for (unsigned i = 0; i < TRIES; i++, test = pick_test(m)) {
                number = (size_t) (test - m->g->kind->tests);
                if (m->used[number / 64] >> number % 64 & 1)
                        continue;
                m->used[number / 64] |= (uint64_t) 1 << number % 64;
                break;
        }
        return test;
}

static rt_str
value_of(const making *m, const bench_test *test, size_t event)
{
        const bench_vocabulary *v = &m->g->vocabulary;
        const size_t field = bench_vocabulary_field(v, test->field);

        return field == SIZE_MAX ? (rt_str){ NULL, 0 } : v->values.at[event * v->names.n + field];
}

/* The part of @a text that needs no escapes anywhere. */
static rt_str
plain(rt_str text)
{
        size_t n = 0;

        while (n < text.len && text.ptr[n] >= ' ' && text.ptr[n] <= '~'
               && !strchr("\"'\\%*?[]{}", text.ptr[n]))
                n++;
        return rti_str_sub(text, 0, n);
}

/* A value for the constant: the rule's event's, another's, or empty: one that occurs nowhere. */
static rt_str
pick_value(making *m, const bench_test *test)
{
        const bool same = !m->in_list && chance_below(&m->chance, 100) < SAME_PERCENT;
        rt_str value = { NULL, 0 };

        if (m->nowhere || (m->in_list && one_in(&m->chance, 2)))
                return value;
        if (same)
                value = value_of(m, test, m->event);
        for (unsigned i = 0; i < TRIES && !value.len; i++)
                value = value_of(m, test,
                                 chance_below(&m->chance, (uint32_t) m->g->vocabulary.n_events));
        return plain(value);
}

/* ---- constants ---- */

static void
add_never(making *m, const bench_test *test)
{
        if (test->never)
                rti_buf_add_text(m->buf, test->never);
        else
                rti_buf_printf(m->buf, "nosuch%u", chance_below(&m->chance, 1000000));
}

/* What means something in a regular expression stands between brackets. */
static void
add_literal(rti_buf *buf, rt_str text)
{
        for (size_t i = 0; i < text.len; i++)
                if (text.ptr[i] == '^')
                        rti_buf_add_char(buf, '.');
                else if (strchr(".+()$|", text.ptr[i]))
                        rti_buf_printf(buf, "[%c]", text.ptr[i]);
                else
                        rti_buf_add_char(buf, text.ptr[i]);
}

static rt_str
part(making *m, rt_str value)
{
        const size_t most = value.len < MOST_PART ? value.len : MOST_PART;
        const size_t len = most < 4 ? most : 3 + chance_below(&m->chance, (uint32_t) most - 2);
        const size_t from = chance_below(&m->chance, (uint32_t) (value.len - len + 1));

        return rti_str_sub(value, from, from + len);
}

/* To a slash, if there is one to end at. */
static rt_str
beginning(making *m, rt_str value)
{
        size_t n = 1 + chance_below(&m->chance, (uint32_t) value.len);

        while (n < value.len && value.ptr[n - 1] != '/')
                n++;
        return rti_str_sub(value, 0, n);
}

static void
add_regex(making *m, rt_str value)
{
        if (one_in(&m->chance, 2)) {
                rti_buf_add_text(m->buf, ".*");
                add_literal(m->buf, part(m, value));
                rti_buf_add_text(m->buf, ".*");
        } else {
                add_literal(m->buf, beginning(m, value));
                rti_buf_add_text(m->buf, "[a-z0-9]+.*");
        }
}

static void
add_glob(making *m, rt_str value)
{
        if (one_in(&m->chance, 2))
                rti_buf_printf(m->buf, "*%.*s*", (int) value.len, value.ptr);
        else
                rti_buf_printf(m->buf, "%.*s*", (int) value.len, value.ptr);
}

/* One constant, as the operator wants it, without quotes. */
static void
add_constant(making *m, const bench_test *test)
{
        const rt_str value = pick_value(m, test);
        const char *op = test->op;
        rt_str piece;

        if (!value.len) {
                add_never(m, test);
        } else if (test->never || strcmp(op, "=") == 0 || strcmp(op, "!=") == 0
                   || strcmp(op, "in") == 0 || strcmp(op, "intersects") == 0) {
                rti_buf_add(m->buf, value);
        } else if (strcmp(op, "regex") == 0) {
                add_regex(m, value);
        } else if (strcmp(op, "glob") == 0 || strcmp(op, "iglob") == 0) {
                piece = part(m, value);
                add_glob(m, piece);
        } else if (strcmp(op, "startswith") == 0 || strcmp(op, "pmatch") == 0) {
                piece = beginning(m, value);
                rti_buf_add(m->buf, piece);
        } else if (strcmp(op, "endswith") == 0) {
                piece = part(m, value);
                rti_buf_add(m->buf, rti_str_sub(value, value.len - piece.len, value.len));
        } else {
                piece = part(m, value);
                rti_buf_add(m->buf, piece);
        }
}

static void
add_quoted(making *m, const bench_test *test)
{
        rti_buf_add_char(m->buf, '"');
        add_constant(m, test);
        rti_buf_add_char(m->buf, '"');
}

static void
add_items(making *m, const bench_test *test)
{
        unsigned n = bench_list_lengths[pick(&m->chance, &bench_list_lengths[0][1], 8, 2)][0];

        if (strcmp(test->op, "in") != 0 && n > 6)
                n = 6;
        for (unsigned i = 0; i < n; i++) {
                rti_buf_add_text(m->buf, i ? ", " : "");
                add_quoted(m, test);
                m->in_list = true;
        }
        m->in_list = false;
}

/* ---- tests ---- */

static bool
takes_list(const bench_test *test)
{
        return strcmp(test->op, "in") == 0 || strcmp(test->op, "intersects") == 0
               || strcmp(test->op, "pmatch") == 0;
}

static void
add_test(making *m, const bench_test *test)
{
        const size_t number = (size_t) (test - m->g->kind->tests);

        m->nowhere = chance_below(&m->chance, 100) < m->never;
        rti_buf_printf(m->buf, "%s %s", test->field, test->op);
        if (strcmp(test->op, "exists") == 0)
                return;
        rti_buf_add_char(m->buf, ' ');
        if (test->op[0] == '<' || test->op[0] == '>') {
                add_constant(m, test);
        } else if (!takes_list(test)) {
                add_quoted(m, test);
        } else if (!m->nowhere && one_in(&m->chance, 2)) {
                rti_buf_printf(m->buf, "(list_%zu_%u)", number,
                               chance_below(&m->chance, LISTS_FROM + m->number / RULES_PER_LIST));
        } else {
                rti_buf_add_char(m->buf, '(');
                add_items(m, test);
                rti_buf_add_char(m->buf, ')');
        }
}

static void
add_several(making *m, unsigned n, const char *between)
{
        rti_buf_add_char(m->buf, '(');
        for (unsigned i = 0; i < n; i++) {
                rti_buf_add_text(m->buf, i ? between : "");
                add_test(m, pick_test(m));
        }
        rti_buf_add_char(m->buf, ')');
}

static void
add_or(making *m)
{
        add_several(m, bench_or_widths[pick(&m->chance, &bench_or_widths[0][1], 5, 2)][0], " or ");
}

static void
add_macro_name(making *m)
{
        rti_buf_printf(m->buf, "macro_%u",
                       chance_below(&m->chance, MACROS_FROM + m->number / RULES_PER_MACRO));
}

static void
add_positive(making *m)
{
        if (chance_below(&m->chance, 100) >= m->g->kind->or_percent)
                add_test(m, pick_new_test(m));
        else if (one_in(&m->chance, 2))
                add_macro_name(m);
        else
                add_or(m);
}

/* How many tests are negated together: 1 to 3; 0: an `or`. */
static unsigned
pick_together(making *m)
{
        return (pick(&m->chance, m->g->kind->together, 4, 1) + 1) % 4;
}

static void
add_negative(making *m, unsigned together)
{
        rti_buf_add_text(m->buf, " and not ");
        if (together == 1)
                add_test(m, pick_new_test(m));
        else if (together == 0 && one_in(&m->chance, 2))
                add_macro_name(m);
        else if (together == 0)
                add_or(m);
        else
                add_several(m, together, " and ");
}

/* ---- exceptions ---- */

static bool
fits_exception(const bench_test *test)
{
        static const char *const ops[] = { "=", "startswith", "endswith", "contains" };

        for (size_t i = 0; i < RTI_COUNT(ops); i++)
                if (strcmp(test->op, ops[i]) == 0)
                        return true;
        return false;
}

static void
add_exception(making *m, unsigned number, unsigned n)
{
        const bench_test *tests[3];
        const unsigned rows = 1 + chance_below(&m->chance, 3);

        for (unsigned i = 0; i < n; i++)
                do
                        tests[i] = pick_test(m);
                while (!fits_exception(tests[i]));
        rti_buf_printf(m->buf, "    - name: exception_%u\n      fields: [", number);
        for (unsigned i = 0; i < n; i++)
                rti_buf_printf(m->buf, "%s\"%s\"", i ? ", " : "", tests[i]->field);
        rti_buf_add_text(m->buf, "]\n      comps: [");
        for (unsigned i = 0; i < n; i++)
                rti_buf_printf(m->buf, "%s\"%s\"", i ? ", " : "", tests[i]->op);
        rti_buf_add_text(m->buf, "]\n      values:\n");
        for (unsigned k = 0; k < rows; k++) {
                rti_buf_add_text(m->buf, "        - [");
                for (unsigned i = 0; i < n; i++) {
                        m->nowhere = chance_below(&m->chance, 100) < m->never;
                        rti_buf_add_text(m->buf, i ? ", \"'" : "\"'");
                        add_constant(m, tests[i]);
                        rti_buf_add_text(m->buf, "'\"");
                }
                rti_buf_add_text(m->buf, "]\n");
        }
}

/* ---- rules ---- */

static making
begin(const bench_generator *g, uint64_t what, unsigned number, rti_buf *buf)
{
        making m = { .g = g,
                     .never = g->kind->never_percent,
                     .chance = { g->seed * 0x9e3779b97f4a7c15u ^ what },
                     .number = number,
                     .buf = buf };

        chance_next(&m.chance);
        m.event = chance_below(&m.chance, (uint32_t) g->vocabulary.n_events);
        return m;
}

/* An event that the opening is about, if one is known. */
static void
find_event(making *m, const bench_opening *opening)
{
        const bench_vocabulary *v = &m->g->vocabulary;
        const size_t from = m->event;

        for (size_t i = 0; i < v->n_events; i++) {
                const size_t event = (from + i) % v->n_events;

                for (size_t k = 0; k < RTI_COUNT(opening->types) && opening->types[k]; k++)
                        if (rti_str_is(v->values.at[event * v->names.n], opening->types[k])) {
                                m->event = event;
                                return;
                        }
        }
}

static void
add_opening(making *m)
{
        const bench_proportions *kind = m->g->kind;
        const char *between = "";

        if (kind->n_openings) {
                const bench_opening *o = &kind->openings[pick(
                        &m->chance, &kind->openings[0].weight, kind->n_openings,
                        sizeof(bench_opening) / sizeof(unsigned))];

                find_event(m, o);
                rti_buf_add_text(m->buf, o->macro);
                between = " and ";
        }
        m->never = kind->never_always;
        for (size_t i = 0; i < kind->n_always; i++) {
                if (chance_below(&m->chance, 100) >= kind->always[i].weight)
                        continue;
                rti_buf_add_text(m->buf, between);
                add_test(m, &kind->always[i]);
                between = " and ";
        }
        if (kind->often && chance_below(&m->chance, 100) < OFTEN_PERCENT) {
                rti_buf_printf(m->buf, "%s%s", between, kind->often);
                between = " and ";
        }
        m->never = kind->never_percent;
        if (!*between)
                add_positive(m);
}

void
bench_generator_rule(bench_generator *g, unsigned number, rti_buf *buf)
{
        making m = begin(g, (uint64_t) number << 8, number, buf);
        const unsigned positive = pick(&m.chance, g->kind->positive, BENCH_MOST_COUNTS, 1);
        unsigned negative = pick(&m.chance, g->kind->negative, BENCH_MOST_COUNTS, 1);
        unsigned exceptions = 0, of[3 * MANY_NEGATED];

        if (negative == MANY_NEGATED)
                negative += chance_below(&m.chance, 2 * MANY_NEGATED);
        rti_buf_printf(buf, "- rule: r%u\n  desc: generated\n  condition: >\n    ", number);
        add_opening(&m);
        for (unsigned i = 0; i < positive; i++) {
                rti_buf_add_text(buf, " and ");
                add_positive(&m);
        }
        m.never = g->kind->never_negated;
        for (unsigned i = 0; i < negative; i++) {
                const unsigned together = pick_together(&m);

                if (together > 1 && one_in(&m.chance, 2))
                        of[exceptions++] = together;
                else
                        add_negative(&m, together);
        }
        rti_buf_printf(buf, "\n  output: \"%%%s\"\n  priority: NOTICE\n  source: %s\n",
                       g->vocabulary.names.at[0], g->kind->source);
        if (exceptions)
                rti_buf_add_text(buf, "  exceptions:\n");
        for (unsigned i = 0; i < exceptions; i++)
                add_exception(&m, i, of[i]);
}

void
bench_generator_shared(bench_generator *g, unsigned number, rti_buf *buf)
{
        const bench_proportions *kind = g->kind;

        for (size_t i = 0; i < kind->n_openings; i++)
                rti_buf_printf(buf, "- macro: %s\n  condition: %s\n", kind->openings[i].macro,
                               kind->openings[i].condition);
        for (size_t i = 0; i < kind->n_tests; i++)
                for (unsigned k = 0;
                     takes_list(&kind->tests[i]) && k < LISTS_FROM + number / RULES_PER_LIST; k++) {
                        making m =
                                begin(g, (uint64_t) i << 32 | (uint64_t) k << 8 | 1, number, buf);

                        rti_buf_printf(buf, "- list: list_%zu_%u\n  items: [", i, k);
                        add_items(&m, &kind->tests[i]);
                        rti_buf_add_text(buf, "]\n");
                }
        for (unsigned i = 0; i < MACROS_FROM + number / RULES_PER_MACRO; i++) {
                /* Of the lists, a macro knows those that the first rules know. */
                making m = begin(g, (uint64_t) i << 8 | 2, 0, buf);

                rti_buf_printf(buf, "- macro: macro_%u\n  condition: >\n    ", i);
                add_or(&m);
                rti_buf_add_char(buf, '\n');
        }
}

/* ---- life ---- */

bench_generator *
bench_generator_new(const bench_input *input, uint64_t seed)
{
        bench_generator *g = calloc(1, sizeof *g);

        if (!g)
                bench_die("out of memory");
        g->kind = &bench_kinds[input->kind];
        g->seed = seed;
        bench_vocabulary_read(&g->vocabulary, input);
        return g;
}

void
bench_generator_free(bench_generator *g)
{
        bench_vocabulary_done(&g->vocabulary);
        free(g);
}
