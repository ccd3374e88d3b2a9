/* SPDX-License-Identifier: Apache-2.0 */
/* Path prefixes, compared with a plain reading of what pmatch means. */
#include "ops_test.h"
#include <stdio.h>

Test(pmatch, components_are_compared_as_a_whole)
{
        cr_assert(holds(RTI_OP_PMATCH, "/opt/dir", "/opt/dir"));
        cr_assert(holds(RTI_OP_PMATCH, "/opt/dir/x", "/opt/dir"));
        cr_assert_not(holds(RTI_OP_PMATCH, "/opt/dir2", "/opt/dir"));
        cr_assert_not(holds(RTI_OP_PMATCH, "/opt", "/opt/dir"));
        cr_assert(holds(RTI_OP_PMATCH, "opt/dir", "/opt//dir/"));
        cr_assert(holds(RTI_OP_PMATCH, "//opt///dir//", "opt/dir"));
}

Test(pmatch, the_root_is_above_everything)
{
        cr_assert(holds(RTI_OP_PMATCH, "/opt", "/"));
        cr_assert(holds(RTI_OP_PMATCH, "", "/"));
        cr_assert(holds(RTI_OP_PMATCH, "x", ""));
        cr_assert_not(holds(RTI_OP_PMATCH, "", "/opt"));
        cr_assert_not(holds(RTI_OP_PMATCH, "/", "/opt"));
}

Test(pmatch, a_longer_path_below_another_changes_nothing)
{
        cr_assert(holds(RTI_OP_PMATCH, "/a/c", "/a/b|/a"));
        cr_assert(holds(RTI_OP_PMATCH, "/a/c", "/a|/a/b"));
        cr_assert(holds(RTI_OP_PMATCH, "/b/c", "/a|/b"));
}

Test(pmatch, patterns_stay_within_a_component)
{
        cr_assert(holds(RTI_OP_PMATCH, "/a/b/c", "/a/*/c"));
        cr_assert_not(holds(RTI_OP_PMATCH, "/a/b/x/c", "/a/*/c"));
        cr_assert(holds(RTI_OP_PMATCH, "/a/b.log/z", "/a/*.log"));
        cr_assert(holds(RTI_OP_PMATCH, "/a/b", "/a/[bc]"));
        cr_assert(holds(RTI_OP_PMATCH, "/a/x/y", "/a/x/z|/a/*/y"));
}

Test(pmatch, after_a_failed_pattern_the_next_one_meets_the_next_component)
{
        /* "a*" matches "ab", but its subtree fails; "b*" is then held against "bc". */
        cr_assert(holds(RTI_OP_PMATCH, "/ab/bc", "/a*/x|/b*"));
        /* In the other order nothing was passed over. */
        cr_assert_not(holds(RTI_OP_PMATCH, "/ab/bc", "/b*|/a*/x"));
        cr_assert_not(holds(RTI_OP_PMATCH, "/ab", "/a*/x|/a?"));
}

/* ---- the plain reading: without patterns, so without the quirk ---- */

static bool
is_above(const char *path, const char *value)
{
        for (;;) {
                size_t n, m;

                path += strspn(path, "/");
                value += strspn(value, "/");
                n = strcspn(path, "/");
                m = strcspn(value, "/");
                if (n == 0)
                        return true;
                if (n != m || memcmp(path, value, n) != 0)
                        return false;
                path += n;
                value += m;
        }
}

static uint64_t seed = 7;

static void
random_path(char *to)
{
        static const char *const parts[] = { "/", "a", "b", "/a", "/b", "/ab" };
        size_t len = 0;

        seed = seed * 6364136223846793005u + 1442695040888963407u;
        for (uint64_t bits = seed >> 33, n = bits % 6 + 1; n; n--, bits /= 6) {
                const char *part = parts[bits % 6];

                memcpy(to + len, part, strlen(part));
                len += strlen(part);
        }
        to[len] = '\0';
}

Test(pmatch, agrees_with_comparing_every_path)
{
        for (int i = 0; i < 20000; i++) {
                char paths[3][32], value[32], all[128];
                bool expect = false;
                int n;

                random_path(value);
                for (n = 0; n < 3; n++) {
                        random_path(paths[n]);
                        expect |= is_above(paths[n], value);
                }
                snprintf(all, sizeof all, "%s|%s|%s", paths[0], paths[1], paths[2]);
                cr_assert_eq(holds(RTI_OP_PMATCH, value, all), expect, "%s in %s", value, all);
        }
}
