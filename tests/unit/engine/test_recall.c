/* SPDX-License-Identifier: Apache-2.0 */
/* What is recalled of texts, and what never may be. */
#include "engine/recall.h"
#include "base/alloc.h"
#include <criterion/criterion.h>

enum { WITHOUT = 0, WITH = 1 };

static rti_recall *
new_recall(void)
{
        static const rti_p_class classes[] = {
                [WITHOUT] = { .slot = 0 }, [WITH] = { .nodes = { 0, 1 } }
        };
        const rti_program_view p = { .classes = classes, .n_classes = 2 };
        rti_recall *recall = NULL;

        cr_assert_eq(rti_recall_new(&rti_alloc_default, &p, &recall), RT_OK);
        cr_assert_not_null(recall);
        return recall;
}

static bool
knows(rti_recall *recall, const char *text, uint32_t hit)
{
        uint32_t n;
        const uint32_t *hits = rti_recall_get(recall, WITH, rti_str_of(text), &n);

        return hits && n == 1 && hits[0] == hit;
}

static void
learn(rti_recall *recall, const char *text, uint32_t hit)
{
        rti_recall_put(recall, WITH, rti_str_of(text), &hit, 1);
}

Test(recall, a_text_is_known_by_all_of_its_bytes)
{
        rti_recall *recall = new_recall();

        cr_expect_not(knows(recall, "/usr/bin/first --option", 7));
        learn(recall, "/usr/bin/first --option", 7);
        cr_expect(knows(recall, "/usr/bin/first --option", 7));
        cr_expect_not(knows(recall, "/usr/bin/First --option", 7));
        cr_expect_not(knows(recall, "/usr/bin/first --option ", 7));
        learn(recall, "/usr/bin/First --option", 8);
        cr_expect(knows(recall, "/usr/bin/First --option", 8));
        cr_expect_not(knows(recall, "/usr/bin/first --option", 8));
        rti_recall_free(&rti_alloc_default, recall);
}

Test(recall, texts_that_take_turns_are_known)
{
        enum { N = 32 };
        rti_recall *recall = new_recall();
        char text[] = "/api/v1/namespaces/00/pods";
        char *digit = strchr(text, '0');
        unsigned n_known = 0;

        for (uint32_t round = 0; round < 2; round++)
                for (uint32_t i = 0; i < N; i++) {
                        digit[0] = (char) ('0' + i / 10);
                        digit[1] = (char) ('0' + i % 10);
                        n_known += knows(recall, text, i);
                        learn(recall, text, i);
                }
        cr_expect(n_known >= N / 2, "%u known", n_known);
        rti_recall_free(&rti_alloc_default, recall);
}

Test(recall, many_classifiers_share_what_there_is)
{
        enum { N = 5000 };
        static rti_p_class classes[N];
        const rti_program_view p = { .classes = classes, .n_classes = N };
        const rt_str text = RTI_STR("some text of some length");
        rti_recall *recall = NULL;
        uint32_t n, n_known = 0;

        for (uint32_t i = 0; i < N; i++)
                classes[i].nodes.n = 1;
        cr_assert_eq(rti_recall_new(&rti_alloc_default, &p, &recall), RT_OK);
        for (uint32_t i = 0; i < N; i++)
                rti_recall_put(recall, i, text, &i, 1);
        for (uint32_t i = 0; i < N; i++) {
                const uint32_t *hits = rti_recall_get(recall, i, text, &n);

                cr_expect(!hits || (n == 1 && hits[0] == i));
                n_known += hits != NULL;
        }
        cr_expect(n_known > 0 && n_known < N);
        rti_recall_free(&rti_alloc_default, recall);
}

Test(recall, a_text_without_hits_is_known_too)
{
        rti_recall *recall = new_recall();
        const rt_str text = RTI_STR("nothing is in here");
        uint32_t n = 5;

        rti_recall_put(recall, WITH, text, NULL, 0);
        cr_expect_not_null(rti_recall_get(recall, WITH, text, &n));
        cr_expect_eq(n, 0);
        rti_recall_free(&rti_alloc_default, recall);
}

Test(recall, what_is_short_long_or_hit_often_is_not_kept)
{
        static char large[8192];
        static const uint32_t hits[64] = { 1 };
        rti_recall *recall = new_recall();
        const rt_str text = RTI_STR("hit very often");
        uint32_t n;

        learn(recall, "short", 1);
        cr_expect_not(knows(recall, "short", 1));
        memset(large, 'a', sizeof large - 1);
        learn(recall, large, 1);
        cr_expect_not(knows(recall, large, 1));
        rti_recall_put(recall, WITH, text, hits, RTI_COUNT(hits));
        cr_expect_null(rti_recall_get(recall, WITH, text, &n));
        rti_recall_free(&rti_alloc_default, recall);
}

Test(recall, classifiers_without_a_trie_recall_nothing)
{
        static const uint32_t hit = 3;
        rti_recall *recall = new_recall();
        const rt_str text = RTI_STR("some text of some length");
        uint32_t n;

        rti_recall_put(recall, WITHOUT, text, &hit, 1);
        cr_expect_null(rti_recall_get(recall, WITHOUT, text, &n));
        rti_recall_put(NULL, WITH, text, &hit, 1);
        cr_expect_null(rti_recall_get(NULL, WITH, text, &n));
        rti_recall_free(&rti_alloc_default, recall);
}
