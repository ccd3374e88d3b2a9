/* SPDX-License-Identifier: Apache-2.0 */
/* Shell patterns, compared with the C library's fnmatch. */
#include "lang/ops/family.h"
#include "ops_test.h"
#include <fnmatch.h>

static uint64_t seed = 20240607;

static uint32_t
below(uint32_t n)
{
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        return (uint32_t) (seed >> 33) % n;
}

static void
random_text(char *to, const char *const *parts, uint32_t n_parts, uint32_t most)
{
        size_t len = 0;

        for (uint32_t n = below(most + 1); n; n--) {
                const char *part = parts[below(n_parts)];

                memcpy(to + len, part, strlen(part));
                len += strlen(part);
        }
        to[len] = '\0';
}

static void
compare(const char *pattern, const char *text, bool fold)
{
        const bool expect = fnmatch(pattern, text, fold ? FNM_CASEFOLD : 0) == 0;

        cr_assert_eq(rti_glob_match(rti_str_of(pattern), rti_str_of(text), fold, NULL), expect,
                     "pattern '%s', text '%s', fold %d, fnmatch %d", pattern, text, fold, expect);
}

Test(glob, simple_patterns_agree_with_fnmatch)
{
        static const char *const parts[] = {
                "a", "b", "A", "*", "?", "/", ".", "\\*", "\\", "[ab]"
        };
        static const char *const texts[] = { "a", "b", "A", "B", "/", ".", "*", "\\", "ab" };
        char pattern[64], text[64];

        for (int i = 0; i < 100000; i++) {
                random_text(pattern, parts, RTI_COUNT(parts), 8);
                random_text(text, texts, RTI_COUNT(texts), 8);
                compare(pattern, text, i & 1);
        }
}

Test(glob, bracket_expressions_agree_with_fnmatch)
{
        static const char *const parts[] = {
                "[",  "]",  "[!", "[^",          "-",         "a",         "z",  "A",       "]",
                "\\", "*",  "?",  "[:alpha:]",   "[:upper:]", "[:digit:]", "0",  "[.a.]",   "[=b=]",
                "!",  "^",  ":",  "[:nothing:]", "[[:",       ":]]",       "[a", "[.-.]-a", "z-a",
                "=",  "[=", "[.", "b]",          ".]",        "=]",
        };
        static const char *const texts[] = { "a", "b", "z", "A", "Z",  "0", "-", "]",
                                             "[", "!", "^", ":", "\\", ".", "=" };
        char pattern[128], text[64];

        for (int i = 0; i < 150000; i++) {
                random_text(pattern, parts, RTI_COUNT(parts), 7);
                random_text(text, texts, RTI_COUNT(texts), 3);
                compare(pattern, text, i & 1);
        }
}

Test(glob, patterns_that_are_simpler_operators_mean_the_same)
{
        static const char *const parts[] = { "a", "b", "*", "ab", "B" };
        static const char *const texts[] = { "a", "b", "ab", "A", "B" };
        char pattern[32], text[32];

        for (int i = 0; i < 5000; i++) {
                random_text(pattern, parts, RTI_COUNT(parts), 4);
                random_text(text, texts, RTI_COUNT(texts), 5);
                cr_assert_eq(holds(RTI_OP_GLOB, text, pattern), fnmatch(pattern, text, 0) == 0,
                             "%s on %s", pattern, text);
                cr_assert_eq(holds(RTI_OP_IGLOB, text, pattern),
                             fnmatch(pattern, text, FNM_CASEFOLD) == 0, "%s on %s", pattern, text);
        }
}

Test(glob, bytes_beyond_ascii_are_characters_of_their_own)
{
        cr_assert(holds(RTI_OP_GLOB, "\xc3\xa9", "??"));
        cr_assert_not(holds(RTI_OP_GLOB, "\xc3\xa9", "?"));
        cr_assert(holds(RTI_OP_GLOB, "/a/.b", "*b"));
}

Test(glob, hostile_patterns_end)
{
        enum { LENGTH = 200000 };
        char *pattern = malloc(LENGTH), *text = malloc(LENGTH);

        cr_assert(pattern && text);
        for (int i = 0; i < LENGTH; i++)
                pattern[i] = i % 2 ? 'a' : '*';
        memset(text, 'a', LENGTH);
        pattern[LENGTH / 2] = 'b';
        cr_assert_not(
                rti_glob_match((rt_str){ pattern, LENGTH }, (rt_str){ text, LENGTH }, false, NULL));
        free(pattern);
        free(text);
}
