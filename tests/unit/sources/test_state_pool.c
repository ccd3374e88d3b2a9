/* SPDX-License-Identifier: Apache-2.0 */
/* The pool of the process table: sizes, limit, reuse; and its shared texts. */
#include "sources/syscall/state/pool.h"
#include <criterion/criterion.h>
#include <stdlib.h>

/* An allocator that counts what is alive, and fails at its N-th allocation. */
typedef struct budget {
        unsigned made, fail_at, alive;
} budget;

static void *
resize(void *ptr, size_t size_bytes, void *user)
{
        budget *b = user;

        if (size_bytes == 0) {
                b->alive -= ptr != NULL;
                free(ptr);
                return NULL;
        }
        if (++b->made == b->fail_at)
                return NULL;
        b->alive += ptr == NULL;
        return realloc(ptr, size_bytes);
}

enum { MANY = 4000 };

Test(state_pool, pieces_are_aligned_and_do_not_overlap)
{
        static unsigned char *pieces[MANY];
        static size_t sizes[MANY];
        rti_pool pool;

        srand(1);
        rti_pool_init(&pool, &rti_alloc_default, 1 << 28);
        for (size_t round = 0; round < 20; round++)
                for (size_t i = 0; i < MANY; i++) {
                        if (pieces[i]) {
                                for (size_t k = 0; k < sizes[i]; k++)
                                        cr_assert_eq(pieces[i][k], (unsigned char) i);
                                rti_pool_put(&pool, pieces[i], sizes[i]);
                        }
                        sizes[i] = (size_t) rand() % (rand() % 50 ? 700 : 70000) + 1;
                        pieces[i] = rti_pool_get(&pool, sizes[i]);
                        cr_assert_not_null(pieces[i]);
                        cr_assert_eq((uintptr_t) pieces[i] % 16, 0);
                        memset(pieces[i], (int) i, sizes[i]);
                }
        cr_assert_leq(pool.total_bytes, pool.limit_bytes);
        rti_pool_done(&pool);
}

Test(state_pool, what_was_given_back_is_given_again_without_the_allocator)
{
        budget b = { 0 };
        const rt_allocator allocator = { sizeof allocator, resize, &b };
        void *pieces[1000];
        rti_pool pool;
        unsigned made;

        rti_pool_init(&pool, &allocator, 1 << 26);
        for (size_t i = 0; i < RTI_COUNT(pieces); i++)
                pieces[i] = rti_pool_get(&pool, i * 7 + 1);
        made = b.made;
        for (int round = 0; round < 10; round++) {
                for (size_t i = 0; i < RTI_COUNT(pieces); i++)
                        rti_pool_put(&pool, pieces[i], i * 7 + 1);
                for (size_t i = 0; i < RTI_COUNT(pieces); i++)
                        pieces[i] = rti_pool_get(&pool, i * 7 + 1);
        }
        cr_assert_eq(b.made, made);
        cr_assert_leq(made, 12, "chunks double in size: %u", made);
        rti_pool_done(&pool);
        cr_assert_eq(b.alive, 0);
}

Test(state_pool, a_full_pool_refuses_and_counts)
{
        rti_pool pool;
        size_t n = 0;

        rti_pool_init(&pool, &rti_alloc_default, 100000);
        while (rti_pool_get(&pool, 1000))
                n++;
        cr_assert_geq(n, 90);
        cr_assert_leq(pool.total_bytes, 100000);
        cr_assert_eq(pool.refused, 1);
        cr_assert_null(rti_pool_get(&pool, 200000));
        cr_assert_eq(pool.refused, 2);
        cr_assert_not(pool.starved);
        rti_pool_done(&pool);
}

Test(state_pool, larger_pieces_serve_when_the_limit_is_reached)
{
        rti_pool pool;
        void *large;
        size_t n = 0;

        rti_pool_init(&pool, &rti_alloc_default, 70000);
        large = rti_pool_get(&pool, 60000);
        cr_assert_not_null(large);
        while (rti_pool_get(&pool, 100))
                n++;
        rti_pool_put(&pool, large, 60000);
        n = 0;
        while (rti_pool_get(&pool, 100))
                n++;
        cr_assert_geq(n, 500, "%zu", n);
        rti_pool_done(&pool);
}

static bool
give_one(void *user)
{
        void **last = user;
        rti_pool *pool = last[0];

        if (!last[1])
                return false;
        rti_pool_put(pool, last[1], 1000);
        last[1] = NULL;
        return true;
}

Test(state_pool, who_uses_it_is_asked_to_give_something_back)
{
        rti_pool pool;
        void *last[2] = { &pool, NULL }, *piece;

        rti_pool_init(&pool, &rti_alloc_default, 20000);
        while ((piece = rti_pool_get(&pool, 1000)))
                last[1] = piece;
        pool.reclaim = give_one;
        pool.reclaim_user = last;
        piece = last[1];
        cr_assert_eq(rti_pool_get(&pool, 1000), piece);
        cr_assert_null(rti_pool_get(&pool, 1000));
        rti_pool_done(&pool);
}

Test(state_pool, a_failing_allocator_is_told_from_a_full_pool)
{
        budget b = { .fail_at = 1 };
        const rt_allocator allocator = { sizeof allocator, resize, &b };
        rti_pool pool;

        rti_pool_init(&pool, &allocator, 1 << 20);
        cr_assert_null(rti_pool_get(&pool, 100));
        cr_assert(pool.starved);
        cr_assert_eq(pool.refused, 0);
        cr_assert_not_null(rti_pool_get(&pool, 100));
        cr_assert(pool.starved, "until somebody asks");
        rti_pool_done(&pool);
}

Test(state_pool, texts_are_shared_and_go_with_their_last_owner)
{
        rti_text *a = NULL, *b = NULL, *old;
        rti_pool pool;

        rti_pool_init(&pool, &rti_alloc_default, 1 << 20);
        cr_assert_eq(rti_text_set(&pool, &a, RTI_STR("some text")), RT_OK);
        rti_text_share(&pool, &b, a);
        cr_assert_eq(a, b);
        old = a;
        cr_assert_eq(rti_text_set(&pool, &a, RTI_STR("some text")), RT_OK);
        cr_assert_eq(a, old, "the same text stays");
        rti_text_set(&pool, &a, RTI_STR("other"));
        cr_assert(rti_str_eq(rti_text_str(b), RTI_STR("some text")));
        rti_text_set(&pool, &b, rti_str_sub(rti_text_str(b), 5, 9));
        cr_assert(rti_str_eq(rti_text_str(b), RTI_STR("text")), "a part of itself");
        rti_text_set(&pool, &b, (rt_str){ NULL, 0 });
        cr_assert_null(b);
        cr_assert_eq(rti_text_str(b).len, 0);
        rti_pool_done(&pool);
}

Test(state_pool, a_text_without_room_is_empty_not_stale)
{
        static char large[3000];
        rti_text *text = NULL;
        rti_pool pool;

        rti_pool_init(&pool, &rti_alloc_default, 2000);
        rti_text_set(&pool, &text, RTI_STR("old"));
        cr_assert_eq(rti_text_set(&pool, &text, (rt_str){ large, sizeof large }), RT_ELIMIT);
        cr_assert_null(text);
        cr_assert_eq(pool.texts_refused, 1);
        rti_pool_done(&pool);
}
