/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions: what is refused and with which words, and what matches. */
#include "lang/ops/regex_private.h"
#include "ops_test.h"
#include <criterion/parameterized.h>

typedef struct refusal_row {
        char pattern[40];
        char message[80];
} refusal_row;

ParameterizedTestParameters(regex, refusals_say_what_the_reference_says)
{
        static refusal_row rows[] = {
                { "*a", "no argument for repetition operator: *" },
                { "a|+", "no argument for repetition operator: +" },
                { "(?", "no argument for repetition operator: ?" },
                { "(?=a)", "no argument for repetition operator: ?" },
                { "(?<a>b)", "no argument for repetition operator: ?" },
                { "(?)", "no argument for repetition operator: ?" },
                { "{2}", "no argument for repetition operator: {2}" },
                { "a{1001}", "invalid repetition size: {1001}" },
                { "a{3,2}", "invalid repetition size: {3,2}" },
                { "(a{1000}){10}", "invalid repetition size: {10}" },
                { "((a{10}){11}){10}", "invalid repetition size: {10}" },
                { "\\p", "invalid escape sequence: \\p" },
                { "\\pL", "invalid escape sequence: \\p" },
                { "\\1", "invalid escape sequence: \\1" },
                { "\\8", "invalid escape sequence: \\8" },
                { "\\Qa", "invalid escape sequence: \\Q" },
                { "\\xg0", "invalid escape sequence: \\xg0" },
                { "\\x{110000}", "invalid escape sequence: \\x{110000" },
                { "a\\", "trailing \\" },
                { "[a", "missing ]: [a" },
                { "[]a", "missing ]: []a" },
                { "[^]", "missing ]: [^]" },
                { "[b-a]", "invalid character class range: b-a" },
                { "[a-b-c]", "invalid character class range: -c" },
                { "[[:foo:]]", "invalid character class range: [:foo:]" },
                { "(a", "missing ): (a" },
                { "a)", "unexpected ): a)" },
                { "\xff", "invalid UTF-8" },
                { "[a-", "invalid UTF-8" },
                { "\\d(", "invalid escape sequence: \\d" },
        };

        return cr_make_param_array(refusal_row, rows, RTI_COUNT(rows));
}

ParameterizedTest(refusal_row *row, regex, refusals_say_what_the_reference_says)
{
        const rt_value value = text_value(row->pattern);
        const rti_operand_spec spec = { RTI_OP_REGEX, RTI_MOD_NONE, STRING_TYPE, 1, &value };
        const rt_str prefix = RTI_STR("invalid regex pattern: ");
        rti_operand operand;
        rti_arena arena;
        rt_str error = { "", 0 }, warning;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_operand_build(&arena, &spec, &operand, &error, &warning), RT_ERULES, "%s",
                     row->pattern);
        cr_assert(rti_str_starts(error, prefix));
        cr_assert(rti_str_is(rti_str_sub(error, prefix.len, error.len), row->message), "%.*s",
                  RTI_FMT(error));
        rti_arena_done(&arena);
}

typedef struct match_row {
        char pattern[40];
        char subject[24];
        bool matches;
} match_row;

static const match_row match_rows[] = {
        { "", "", true },
        { "", "a", false },
        { "abc", "abc", true },
        { "abc", "abcd", false },
        { "abc", "xabc", false },
        { "abc", "abc\n", false },
        { "a|ab", "ab", true },
        { "a*+a", "aa", true },
        { "a**", "aaa", true },
        { "a*?", "aa", true },
        { "a?+", "aaa", true },
        { "x{2}{3}", "xxxxxx", true },
        { "x{2}{3}", "xxxxx", false },
        { "x{0}y", "y", true },
        { "x{,2}", "x{,2}", true },
        { "x{2", "x{2", true },
        { "x{01}", "x{01}", true },
        { "(a|b)*c", "ababc", true },
        { "(^)*a", "a", true },
        { "()", "", true },
        { "a||b", "", true },
        { ".", "\n", false },
        { "[^a]", "\n", true },
        { "a.*b", "a\nb", false },
        { "a\n^b", "a\nb", true },
        { "a$\nb", "a\nb", true },
        { "a$b", "ab", false },
        { "^a$", "a", true },
        { "^^a$$", "a", true },
        { "a\n$", "a\n", true },
        { "a\n^", "a\n", true },
        { "[]a]+", "]a", true },
        { "[a-]+", "a-", true },
        { "[-a]+", "a-", true },
        { "[[:alpha:]]+", "aZ", true },
        { "[[:^alpha:]]+", "12\n", true },
        { "[[:word:]]+", "a_1", true },
        { "[[:]+", "[:", true },
        { "[\\]\\-\\n]+", "]-\n", true },
        { "\\x41\\101\\x{e9}", "AA\xc3\xa9", true },
        { "\\/\\.\\_", "/._", true },
        { ".", "\xc3\xa9", true },
        { "..", "\xc3\xa9", false },
        { "[^a]", "\xf0\x9f\x98\x80", true },
        { "[\xc3\xa0-\xc3\xbc]", "\xc3\xa9", true },
        { "\\x{d800}", "a", false },
        { "[\\x{d800}-\\x{dfff}]", "a", false },
        { "[^\\x{d800}-\\x{dfff}]", "a", true },
        { ".", "\xff", false },
        { ".*", "a\xff", false },
        { "[^a]*", "\xe2\x82", false },
        { "\xef\xbf\xbd", "\xff", false },
        { "\xef\xbf\xbd", "\xef\xbf\xbd", true },
        { ".", "\xed\xa0\x80", true },
        { ".", "\xe0\x80\x80", true },
        { "[^a]", "\xf4\x90\x80\x80", true },
        { "[\\x{80}-\\x{10fffe}]", "\xe0\x80\x80", false },
        { ".", "\xf5\x80\x80\x80", false },
        { "[\\x{d800}-\\x{dfff}]", "\xed\xa0\x80", true },
        { "\xed\xa0\x80x", "\xed\xa0\x80x", true },
        { "\xed\xa0\x80x", "\xed\xa0\x81x", false },
        { "[a-z]+\xc3\xa9?", "abc\xff", false },
        { "a+", "a\xff", false },
        { "\\d+\\D\\s\\S\\w\\W", "12a ba.", true },
        { "[\\d.]+", "1.2", true },
        { "\\bab\\b.\\Bb", "ab bb", false },
        { "\\bab\\b.b\\Bb", "ab bb", true },
        { "(?i)aBc", "AbC", true },
        { "((?i)a)B", "AB", true },
        { "((?i)a)B", "Ab", false },
        { "(?i:[x-z])Y", "ZY", true },
        { "(?s).", "\n", true },
        { "(?s-i:.)x", "\nx", true },
        { "(?:a|b)c", "bc", true },
        { "(?P<n>a)b", "ab", true },
        { "\\Aab\\z", "ab", true },
};

ParameterizedTestParameters(regex, the_whole_value_must_match)
{
        return cr_make_param_array(match_row, (match_row *) (uintptr_t) match_rows,
                                   RTI_COUNT(match_rows));
}

ParameterizedTest(match_row *row, regex, the_whole_value_must_match)
{
        const rt_value pattern = text_value(row->pattern), subject = text_value(row->subject);
        const rti_operand_spec spec = { RTI_OP_REGEX, RTI_MOD_NONE, STRING_TYPE, 1, &pattern };

        cr_assert_eq(holds_values(&spec, &subject), row->matches, "%s", row->pattern);
}

static int
match_with_nfa(const char *pattern, rt_str subject)
{
        static rti_re_nfa_scratch scratch;
        rti_re_nfa *nfa;
        rti_re_tree tree;
        rti_arena arena;
        int r;

        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_re_parse(&arena, rti_str_of(pattern), &tree), RT_OK);
        cr_assert_eq(rti_re_nfa_build(&arena, tree.root, &nfa), RT_OK);
        r = rti_re_nfa_match(nfa, subject, &scratch);
        rti_arena_done(&arena);
        return r;
}

Test(regex, the_automaton_agrees)
{
        for (size_t i = 0; i < RTI_COUNT(match_rows); i++)
                cr_assert_eq(
                        match_with_nfa(match_rows[i].pattern, rti_str_of(match_rows[i].subject)),
                        match_rows[i].matches, "%s", match_rows[i].pattern);
}

/* Patterns and values that drive a backtracking matcher to its limits. */
Test(regex, no_value_makes_a_match_slow_or_wrong)
{
        static const char *const patterns[] = { "(a|aa)+b?", "(a*)*c", "(.*)(.*)(.*)(.*)(.*)a",
                                                "(a?){30}a{30}x|a*" };
        static const bool matches[] = { true, false, true, true };
        enum { LENGTH = 20000 };
        char *text = malloc(LENGTH + 1);
        rti_op_scratch *scratch;

        cr_assert_not_null(text);
        memset(text, 'a', LENGTH);
        cr_assert_eq(rti_op_scratch_new(&rti_alloc_default, &scratch), RT_OK);
        for (size_t i = 0; i < RTI_COUNT(patterns); i++) {
                const rt_value constant = text_value(patterns[i]);
                const rti_operand_spec spec = { RTI_OP_REGEX, 0, STRING_TYPE, 1, &constant };
                const rt_value value = { .kind = RT_KIND_STRING, .as.s = { text, LENGTH } };
                rti_operand operand;
                rti_arena arena;
                rt_str error, warning;

                rti_arena_init(&arena, &rti_alloc_default, 0);
                cr_assert_eq(rti_operand_build(&arena, &spec, &operand, &error, &warning), RT_OK);
                cr_assert_eq(rti_operand_test(&operand, &value, scratch), matches[i], "%s",
                             patterns[i]);
                rti_operand_done(&operand);
                rti_arena_done(&arena);
        }
        cr_assert_eq(rti_op_scratch_limits(scratch), 0);
        rti_op_scratch_free(scratch);
        free(text);
}

Test(regex, a_match_that_is_given_up_is_counted_and_false)
{
        enum { LENGTH = 3000000 };
        const rt_value constant = text_value("((a|b)?){100}(a|[ab])*x?");
        const rti_operand_spec spec = { RTI_OP_REGEX, 0, STRING_TYPE, 1, &constant };
        char *text = malloc(LENGTH);
        rti_op_scratch *scratch;
        rti_operand operand;
        rti_arena arena;
        rt_str error, warning;
        rt_value value = { .kind = RT_KIND_STRING, .as.s = { text, LENGTH } };

        cr_assert_not_null(text);
        memset(text, 'a', LENGTH);
        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_op_scratch_new(&rti_alloc_default, &scratch), RT_OK);
        cr_assert_eq(rti_operand_build(&arena, &spec, &operand, &error, &warning), RT_OK);
        cr_assert_not(rti_operand_test(&operand, &value, scratch));
        cr_assert_eq(rti_op_scratch_limits(scratch), 1);
        rti_operand_done(&operand);
        rti_op_scratch_free(scratch);
        rti_arena_done(&arena);
        free(text);
}

Test(regex, syntax_that_the_reference_refuses_is_warned_of)
{
        static const char *const patterns[] = { "\\d", "(?i)a", "(?:a)", "[\\w.]", "a\\b", "abc" };

        for (size_t i = 0; i < RTI_COUNT(patterns); i++) {
                const rt_value value = text_value(patterns[i]);
                const rti_operand_spec spec = { RTI_OP_REGEX, 0, STRING_TYPE, 1, &value };
                rti_operand operand;
                rti_arena arena;
                rt_str error, warning;

                rti_arena_init(&arena, &rti_alloc_default, 0);
                cr_assert_eq(rti_operand_build(&arena, &spec, &operand, &error, &warning), RT_OK);
                cr_assert_eq(rti_str_find(warning, RTI_STR("not portable to Falco")) != SIZE_MAX,
                             i + 1 < RTI_COUNT(patterns));
                rti_operand_done(&operand);
                rti_arena_done(&arena);
        }
}

Test(regex, deep_nesting_is_refused)
{
        enum { DEPTH = RTI_MAX_REGEX_NESTING + 1 };
        rti_re_tree tree;
        rti_arena arena;
        char *text = malloc(2 * DEPTH);

        cr_assert_not_null(text);
        memset(text, '(', DEPTH);
        memset(text + DEPTH, ')', DEPTH);
        rti_arena_init(&arena, &rti_alloc_default, 0);
        cr_assert_eq(rti_re_parse(&arena, (rt_str){ text, 2 * DEPTH }, &tree), RT_ERULES);
        cr_assert_eq(rti_re_parse(&arena, (rt_str){ text + 1, 2 * DEPTH - 2 }, &tree), RT_OK);
        rti_arena_done(&arena);
        free(text);
}
