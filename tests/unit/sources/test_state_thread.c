/* SPDX-License-Identifier: Apache-2.0 */
/* The table of threads: look-up, groups, families, eviction, and the relations that fields ask. */
#include "sources/syscall/state/thread.h"
#include <criterion/criterion.h>
#include <stdlib.h>

static rti_pool pool;
static rti_threads threads;

static void
begin(size_t limit_bytes, uint32_t most)
{
        rti_pool_init(&pool, &rti_alloc_default, limit_bytes);
        rti_threads_init(&threads, &pool, most);
}

static void
end(void)
{
        rti_threads_done(&threads);
        rti_pool_done(&pool);
}

/* A process or thread with its place. */
static rti_thread *
add(int64_t tid, int64_t pid, int64_t ptid, const char *comm)
{
        rti_thread *thread = rti_threads_add(&threads, tid);

        cr_assert_not_null(thread);
        thread->pid = pid;
        thread->ptid = ptid;
        rti_text_set(&pool, &thread->comm, rti_str_of(comm));
        rti_threads_join(&threads, thread);
        rti_thread_set_parent(thread, rti_threads_find(&threads, ptid));
        return thread;
}

enum { TIDS = 3000 };

Test(state_thread, the_table_agrees_with_an_array)
{
        static rti_thread *naive[TIDS];
        uint32_t n = 0;

        srand(2);
        begin(1 << 26, TIDS);
        for (int i = 0; i < 200000; i++) {
                const int64_t tid = rand() % TIDS;

                cr_assert_eq(rti_threads_find(&threads, tid << 50), naive[tid]);
                if (rand() % 2) {
                        n += !naive[tid];
                        naive[tid] = rti_threads_add(&threads, tid << 50);
                        cr_assert_not_null(naive[tid]);
                } else if (naive[tid]) {
                        rti_threads_remove(&threads, naive[tid]);
                        naive[tid] = NULL;
                        n--;
                }
                cr_assert_eq(threads.n, n);
        }
        end();
}

Test(state_thread, a_new_entry_is_unset)
{
        rti_thread *thread;

        begin(1 << 20, 10);
        thread = rti_threads_add(&threads, 7);
        cr_assert_eq(thread->pid, -1);
        cr_assert_eq(thread->loginuid, 0xffffffff);
        cr_assert_eq(thread->vtid, -1);
        cr_assert_null(thread->comm);
        cr_assert_null(thread->leader);
        end();
}

Test(state_thread, threads_follow_their_leader_in_order)
{
        rti_thread *leader, *a, *b, *c;

        begin(1 << 20, 10);
        leader = add(10, 10, 1, "p");
        a = add(11, 10, 1, "a");
        b = add(12, 10, 1, "b");
        c = add(13, 10, 1, "c");
        cr_assert_eq(leader->n_threads, 4);
        cr_assert_eq(leader->next_in_group, a);
        rti_threads_remove(&threads, b);
        cr_assert_eq(a->next_in_group, c);
        rti_threads_remove(&threads, c);
        cr_assert_eq(leader->n_threads, 2);
        c = add(14, 10, 1, "d");
        cr_assert_eq(a->next_in_group, c);
        rti_threads_remove(&threads, leader);
        cr_assert_null(a->leader);
        cr_assert_null(c->leader);
        leader = add(10, 10, 1, "p");
        rti_threads_adopt_group(&threads, leader);
        cr_assert_eq(leader->n_threads, 3);
        end();
}

Test(state_thread, the_entry_not_seen_for_longest_goes_first)
{
        begin(1 << 20, 3);
        add(1, 1, 0, "init");
        add(2, 2, 1, "a");
        add(3, 3, 1, "b");
        rti_threads_touch(&threads, rti_threads_find(&threads, 1));
        add(4, 4, 1, "c");
        cr_assert_null(rti_threads_find(&threads, 2));
        cr_assert_not_null(rti_threads_find(&threads, 1));
        cr_assert_eq(threads.evicted, 1);
        cr_assert_eq(threads.n, 3);
        end();
}

Test(state_thread, unknown_entries_go_before_known_ones)
{
        begin(1 << 20, 3);
        add(1, 1, 0, "init");
        add(2, 2, 1, "a");
        rti_threads_set_invalid(&threads, rti_threads_add(&threads, 3), true);
        add(4, 4, 1, "c");
        cr_assert_null(rti_threads_find(&threads, 3));
        cr_assert_not_null(rti_threads_find(&threads, 1));
        end();
}

Test(state_thread, pinned_entries_and_their_leaders_stay)
{
        begin(1 << 20, 3);
        add(1, 1, 0, "p");
        threads.pinned[0] = add(2, 1, 0, "t");
        add(3, 3, 0, "x");
        rti_threads_touch(&threads, rti_threads_find(&threads, 3));
        add(4, 4, 0, "y");
        cr_assert_null(rti_threads_find(&threads, 3));
        threads.pinned[1] = rti_threads_find(&threads, 4);
        cr_assert_null(rti_threads_add(&threads, 5), "nothing can go");
        end();
}

Test(state_thread, a_full_pool_evicts_too)
{
        static char name[200];
        uint64_t made = 0;

        begin(200000, 1000000);
        memset(name, 'n', sizeof name);
        for (int64_t tid = 1; tid <= 5000; tid++) {
                rti_thread *thread = rti_threads_add(&threads, tid);

                cr_assert_not_null(thread);
                threads.pinned[0] = thread;
                name[0] = (char) tid;
                rti_text_set(&pool, &thread->exe, (rt_str){ name, sizeof name });
                cr_assert_eq(rti_text_str(thread->exe).len, sizeof name);
                made++;
        }
        cr_assert_eq(threads.evicted + threads.n, made);
        cr_assert_gt(threads.n, 100);
        cr_assert_leq(pool.total_bytes, 200000);
        end();
}

Test(state_thread, children_outlive_their_parent)
{
        rti_thread *a, *b;

        begin(1 << 20, 10);
        add(1, 1, 0, "init");
        add(2, 2, 1, "p");
        a = add(3, 3, 2, "a");
        b = add(4, 4, 2, "b");
        rti_threads_remove(&threads, rti_threads_find(&threads, 2));
        cr_assert_null(a->parent);
        cr_assert_null(b->next_sibling);
        cr_assert_eq(a->ptid, 2);
        cr_assert_null(rti_thread_parent(&threads, a));
        add(2, 2, 1, "again");
        cr_assert_not_null(rti_thread_parent(&threads, a));
        end();
}

/* ---- relations ---- */

Test(state_thread, ancestors_are_processes)
{
        rti_thread *thread;

        begin(1 << 20, 10);
        add(1, 1, 0, "init");
        add(2, 2, 1, "sh");
        add(21, 2, 1, "thread of sh");
        add(3, 3, 21, "child");
        thread = add(31, 3, 21, "thread of child");
        cr_assert_eq(rti_thread_ancestor(&threads, thread, 0)->tid, 3);
        cr_assert_eq(rti_thread_ancestor(&threads, thread, 1)->tid, 2);
        cr_assert_eq(rti_thread_ancestor(&threads, thread, 2)->tid, 1);
        cr_assert_null(rti_thread_ancestor(&threads, thread, 3));
        end();
}

Test(state_thread, an_invalid_parent_is_none)
{
        rti_thread *thread;

        begin(1 << 20, 10);
        rti_threads_set_invalid(&threads, rti_threads_add(&threads, 5), true);
        thread = add(6, 6, 5, "x");
        cr_assert_null(rti_thread_parent(&threads, thread));
        cr_assert_null(rti_thread_ancestor(&threads, rti_threads_find(&threads, 5), 0));
        end();
}

Test(state_thread, cycles_end)
{
        rti_thread *a;

        begin(1 << 20, 10);
        a = add(1, 1, 3, "sh");
        add(2, 2, 1, "b");
        add(3, 3, 2, "c");
        add(9, 9, 9, "itself");
        cr_assert_null(rti_thread_ancestor(&threads, a, 4000000000u));
        cr_assert_null(rti_thread_ancestor(&threads, rti_threads_find(&threads, 9), 1));
        cr_assert_not_null(rti_thread_login_shell(&threads, a));
        a->pgid = rti_threads_find(&threads, 2)->pgid = rti_threads_find(&threads, 3)->pgid = 77;
        cr_assert_not_null(rti_thread_leader_of(&threads, a, RTI_LEADER_PGID));
        end();
}

Test(state_thread, leaders_are_found_by_number_or_among_ancestors)
{
        rti_thread *outer, *inner, *child;

        begin(1 << 20, 10);
        add(1, 1, 0, "init");
        outer = add(100, 100, 1, "runc");
        inner = add(101, 101, 100, "sh");
        child = add(102, 102, 101, "ls");
        inner->vtid = inner->vpid = inner->sid = child->sid = 1;
        child->vtid = child->vpid = 2;
        outer->sid = outer->vtid = 100;
        cr_assert_eq(rti_thread_leader_of(&threads, outer, RTI_LEADER_SID), outer);
        cr_assert_eq(rti_thread_leader_of(&threads, child, RTI_LEADER_SID), inner, "not init");
        cr_assert_null(rti_thread_leader_of(&threads, inner, RTI_LEADER_SID), "without self");
        cr_assert_null(rti_thread_leader_of(&threads, child, RTI_LEADER_VPGID), "-1");
        child->pgid = 1;
        cr_assert_eq(rti_thread_leader_of(&threads, child, RTI_LEADER_PGID)->tid, 1);
        end();
}

Test(state_thread, the_login_shell_is_the_eldest)
{
        rti_thread *thread;

        begin(1 << 20, 10);
        add(1, 1, 0, "systemd");
        add(2, 2, 1, "sshd");
        add(3, 3, 2, "zsh");
        add(4, 4, 3, "make");
        thread = add(5, 5, 4, "sh");
        cr_assert_eq(rti_thread_login_shell(&threads, thread)->tid, 3);
        cr_assert_null(rti_thread_login_shell(&threads, rti_threads_find(&threads, 2)));
        end();
}
