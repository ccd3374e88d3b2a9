/* SPDX-License-Identifier: Apache-2.0 */
/* Profiles: what is written reads back, and nothing else does. */
#include "support/toy.h"
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#define HEAD "libruntime-profile 1\n"

static int
read_text(rti_arena *arena, const char *text, rti_profile *profile, size_t *line)
{
        rti_arena_init(arena, &rti_alloc_default, 0);
        return rti_profile_read(arena, rti_str_of(text), profile, line);
}

Test(profile, what_was_written_reads_back)
{
        const rti_profile_row row = { UINT64_MAX, 7, 3, 99 };
        const rti_profile_row *got;
        rti_profile profile;
        rti_arena arena;
        rti_buf buf;
        size_t line;

        rti_buf_init(&buf, &rti_alloc_default, 0);
        rti_profile_begin(&buf);
        rti_profile_add_source(&buf, RTI_STR("toy"), 12);
        rti_profile_add_row(&buf, &row, RTI_STR("toy.name = \"a\""));
        rti_profile_add_source(&buf, RTI_STR("other one"), 0);
        rti_profile_add_row(&buf, &(rti_profile_row){ 0 }, RTI_STR("toy.name = \"a\""));
        rti_buf_add_char(&buf, '\0');
        cr_assert_eq(read_text(&arena, buf.ptr, &profile, &line), RT_OK);
        cr_expect_eq(profile.n, 2);
        got = rti_profile_find(&profile, RTI_STR("toy\ntoy.name = \"a\""));
        cr_assert_not_null(got);
        cr_expect_eq(memcmp(got, &row, sizeof row), 0);
        cr_expect_not_null(rti_profile_find(&profile, RTI_STR("other one\ntoy.name = \"a\"")));
        cr_expect_null(rti_profile_find(&profile, RTI_STR("toy\ntoy.name = \"b\"")));
        rti_arena_done(&arena);
        rti_buf_done(&buf);
}

typedef struct bad {
        char text[120];
        size_t line;
} bad;

ParameterizedTestParameters(profile, what_is_no_profile_is_refused_with_its_line)
{
        static bad rows[] = {
                { "", 1 },
                { "libruntime-profile 1", 1 },
                { "libruntime-profile 2\n", 1 },
                { "\n" HEAD, 1 },
                { HEAD "pred 1 1 0 0 key\n", 2 }, /* of no source */
                { HEAD "source 1 s\n\n", 3 },
                { HEAD "source 1 s\nsource 1 \n", 3 },
                { HEAD "source s\n", 2 },
                { HEAD "source -1 s\n", 2 },
                { HEAD "source 01 s\n", 2 },
                { HEAD "source 18446744073709551616 s\n", 2 },
                { HEAD "source 1 s\npred 1 2 0 0 key\n", 3 }, /* held more often than asked */
                { HEAD "source 1 s\npred 1 1 2 0 key\n", 3 },
                { HEAD "source 1 s\npred 1 1 0 key\n", 3 },
                { HEAD "source 1 s\npred 1 1 0 0 \n", 3 },
                { HEAD "source 1 s\npred 1 1 0 0 a\tb\n", 3 },
                { HEAD "source 1 s\npred 1 1 0 0 key", 3 }, /* cut */
                { HEAD "source 1 s\npred 1 1 0 0 a\npred 1 1 0 0 a\n", 4 },
                { HEAD "Source 1 s\n", 2 },
        };

        return cr_make_param_array(bad, rows, RTI_COUNT(rows));
}

ParameterizedTest(bad *row, profile, what_is_no_profile_is_refused_with_its_line)
{
        rti_profile profile;
        rti_arena arena;
        size_t line = 0;

        cr_expect_eq(read_text(&arena, row->text, &profile, &line), RT_EFORMAT, "%s", row->text);
        cr_expect_eq(line, row->line, "%s: line %zu", row->text, line);
        rti_arena_done(&arena);
}

Test(profile, long_keys_are_told_apart_by_their_hash)
{
        char text[2][2 * RTI_PROFILE_KEY_BYTES];
        rti_buf buf[2];

        for (size_t i = 0; i < 2; i++) {
                memset(text[i], 'a', sizeof text[i]);
                text[i][0] = '\n';
                text[i][sizeof text[i] - 1] = (char) ('x' + i);
                rti_buf_init(&buf[i], &rti_alloc_default, 0);
                rti_buf_add_char(&buf[i], '!');
                rti_buf_add(&buf[i], (rt_str){ text[i], sizeof text[i] });
                rti_profile_shorten(&buf[i], 1);
                cr_expect_eq(buf[i].len, 1 + RTI_PROFILE_KEY_BYTES);
                cr_expect_eq(buf[i].ptr[1], '?');
        }
        cr_expect_not(rti_str_eq(rti_buf_str(&buf[0]), rti_buf_str(&buf[1])));
        rti_buf_done(&buf[0]);
        rti_buf_done(&buf[1]);
}

/* As a worker will write it. */
static void
write_profile(rti_buf *buf, const rt_ruleset *rules, uint64_t held)
{
        rti_buf key;

        rti_buf_init(&key, &rti_alloc_default, 0);
        rti_profile_begin(buf);
        rti_profile_add_source(buf, rules->sources[0], 100);
        for (uint32_t i = 0; i < rules->p.n_preds; i++) {
                rti_buf_clear(&key);
                rti_print_pred(&key, rules, i);
                rti_profile_shorten(&key, 0);
                rti_profile_add_row(buf, &(rti_profile_row){ 100, i ? held : 0, 10, 50 },
                                    rti_buf_str(&key));
        }
        rti_buf_done(&key);
}

Test(profile, the_compiler_knows_its_predicates_again)
{
        const char *const two[] = { "b", "c" };
        rt_ruleset *rules = NULL;
        rti_profile profile;
        rti_arena arena;
        toy_rules t;
        rti_buf buf;
        size_t line;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        toy_rule(&t, "in", toy_test(&t, toy_field(&t, TOY_NAME, NULL), RTI_OP_IN, two, 2));
        toy_rule(&t, "number",
                 toy_test(&t, toy_field(&t, TOY_SIZE, NULL), RTI_OP_LT, (const char *[]){ "17" },
                          1));
        toy_rule(&t, "ends", toy_test(&t, toy_field(&t, TOY_ENDS, NULL), RTI_OP_NE, two, 1));
        toy_rule(&t, "any", toy_test(&t, toy_field(&t, TOY_ANY, NULL), RTI_OP_EQ, two, 1));
        toy_rule(&t, "upper",
                 toy_test(&t, toy_upper(&t, toy_field(&t, TOY_TEXT, "k\n")), RTI_OP_ENDSWITH, two,
                          1));
        toy_rule(&t, "exists", toy_exists(&t, toy_field(&t, TOY_TEXT, "k")));
        cr_assert_eq(rti_emit_ruleset(&rti_alloc_default, &t.rules, 0, &rules), RT_OK);
        rti_buf_init(&buf, &rti_alloc_default, 0);
        write_profile(&buf, rules, 50);
        rti_ruleset_unref(rules);
        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_profile_read(&arena, rti_buf_str(&buf), &profile, &line), RT_OK);
        t.rules.profile = &profile;
        rti_buf_clear(&buf);
        cr_assert_eq(rti_emit_dump(&rti_alloc_default, &t.rules, 0, RTI_STR("perf"), &buf), RT_OK);
        cr_expect(rti_str_starts(rti_buf_str(&buf),
                                 RTI_STR("the profile knows 6 of 6 predicates, has 6\n")),
                  "%.*s", RTI_FMT(rti_buf_str(&buf)));
        rti_buf_done(&buf);
        rti_arena_done(&arena);
        toy_rules_done(&t);
}

Test(profile, what_was_measured_decides_what_is_asked_first)
{
        /* A long text is rare by rule of thumb; the profile says otherwise. */
        const char *const text = HEAD "source 100 toy\n"
                                      "pred 100 100 10 10 toy.name endswith \"xyzxyz\"\n"
                                      "pred 100 0 10 10 toy.name startswith \"a\"\n";
        const char *const first[2] = { "toy.name endswith ", "toy.name startswith " };
        rti_profile profile;
        rti_arena arena;
        toy_rules t;
        rti_buf buf;
        size_t line;

        cr_assert_eq(toy_rules_init(&t), RT_OK);
        toy_rule(&t, "one",
                 toy_many(&t, RTI_T_AND, toy_name(&t, RTI_OP_STARTSWITH, "a"),
                          toy_name(&t, RTI_OP_ENDSWITH, "xyzxyz")));
        cr_assert_eq(read_text(&arena, text, &profile, &line), RT_OK);
        rti_buf_init(&buf, &rti_alloc_default, 0);
        for (size_t i = 0; i < 2; i++) {
                t.rules.profile = i ? &profile : NULL;
                rti_buf_clear(&buf);
                cr_assert_eq(rti_emit_dump(&rti_alloc_default, &t.rules, 0, RTI_STR("perf"), &buf),
                             RT_OK);
                cr_expect_neq(rti_str_find(rti_buf_str(&buf), rti_str_of(first[i])), SIZE_MAX,
                              "%.*s", RTI_FMT(rti_buf_str(&buf)));
        }
        rti_buf_done(&buf);
        rti_arena_done(&arena);
        toy_rules_done(&t);
}
