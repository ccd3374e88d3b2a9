/* SPDX-License-Identifier: Apache-2.0 */
/* The process table under attack: more of everything than there is room for, and no memory. */
#include "support/state_test.h"
#include <criterion/criterion.h>

/* An allocator that counts, and fails at its N-th allocation and, if told so, ever after. */
typedef struct budget {
        unsigned made, fail_at, alive;
        bool for_ever;
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
        b->made++;
        if (b->fail_at && (b->for_ever ? b->made >= b->fail_at : b->made == b->fail_at))
                return NULL;
        b->alive += ptr == NULL;
        return realloc(ptr, size_bytes);
}

/* What links say of one another holds for every entry. */
static void
check_links(machine *m)
{
        rti_threads *threads = &m->state.threads;
        uint32_t at = 0, n = 0;
        rti_thread *t;

        while ((t = rti_threads_next(threads, &at))) {
                uint32_t alive = 0;

                n++;
                cr_assert_eq(rti_threads_find(threads, t->tid), t);
                for (rti_thread *c = t->first_child; c; c = c->next_sibling)
                        cr_assert_eq(c->parent, t);
                if (t->parent)
                        cr_assert_eq(rti_threads_find(threads, t->parent->tid), t->parent);
                if (t->leader)
                        cr_assert_eq(rti_threads_find(threads, t->leader->tid), t->leader);
                if (t->leader != t)
                        continue;
                for (rti_thread *g = t; g; g = g->next_in_group) {
                        cr_assert_eq(g->leader, t);
                        alive += !(g->marks & RTI_TH_DEAD);
                }
                cr_assert_eq(t->n_threads, alive, "%" PRId64, t->tid);
        }
        cr_assert_eq(n, threads->n);
        n = 0;
        for (uint32_t age = 0; age < RTI_N_AGES; age++)
                for (t = threads->ages[age].oldest; t; t = t->newer)
                        n++;
        cr_assert_eq(n, threads->n);
}

Test(state_limits, a_fork_bomb_stays_below_the_cap)
{
        enum { FORKS = 100000, MOST = 5000 };
        const size_t limit = 4 * 1024 * 1024;
        budget b = { 0 };
        const rt_allocator allocator = { sizeof allocator, resize, &b };
        rti_fd_entry fd = { .kind = 1, .name = RTI_STR("/some/file") };
        unsigned made = 0;
        machine m;

        machine_begin(&m, &allocator, limit, MOST);
        machine_list(&m, 1, 1, 0, "init");
        machine_list(&m, 2, 2, 1, "bomb");
        for (fd.num = 0; fd.num < 10; fd.num++)
                rti_state_add_fd(&m.state, 2, &fd);
        rti_state_lists_done(&m.state);
        for (int64_t i = 0; i < FORKS; i++) {
                machine_fork(&m, i < 3 ? 2 : 3 + i / 2, 1, 3 + i);
                cr_assert_not_null(machine_find(&m, 3 + i));
                cr_assert(text_is(machine_find(&m, 3 + i)->comm, "comm"));
                if (i == FORKS / 10)
                        made = b.made;
        }
        rti_state_count(&m.state);
        cr_assert_eq(b.made, made, "no memory of the allocator once it is full");
        cr_assert_leq(m.state.pool.total_bytes, limit);
        cr_assert_leq(m.state.threads.n, MOST);
        cr_assert_gt(m.state.threads.n, 1000);
        cr_assert_geq(m.state.threads.n + m.state.stats.threads_evicted, FORKS + 2);
        cr_assert_eq(m.state.stats.threads_refused, 0);
        cr_assert_eq(m.state.stats.texts_refused, 0);
        cr_assert_eq(m.state.stats.fds_refused, 0);
        check_links(&m);
        machine_end(&m);
        cr_assert_eq(b.alive, 0);
}

Test(state_limits, short_lived_processes_need_no_memory)
{
        budget b = { 0 };
        const rt_allocator allocator = { sizeof allocator, resize, &b };
        unsigned made = 0;
        machine m;

        machine_begin(&m, &allocator, 1 << 26, 100000);
        machine_list(&m, 1, 1, 0, "init");
        machine_list(&m, 2, 2, 1, "make");
        rti_state_lists_done(&m.state);
        for (int64_t i = 0; i < 100000; i++) {
                const int64_t tid = 100 + i % 30000;

                machine_fork(&m, 2, 1, tid);
                machine_exec(&m, (exec_exit){ .tid = tid,
                                              .pid = tid,
                                              .exe = "cc1",
                                              .exepath = "/usr/lib/cc1",
                                              .full = true });
                rti_state_settle(&m.state, &m.evt);
                machine_do(&m, RTI_EV_PROCEXIT_1_E, tid, "q0 q0 b0 b0 q1");
                cr_assert_eq(m.state.threads.n, 2);
                if (i == 10)
                        made = b.made;
        }
        cr_assert_eq(b.made, made);
        cr_assert_lt(m.state.pool.total_bytes, 200000);
        machine_end(&m);
        cr_assert_eq(b.alive, 0);
}

Test(state_limits, a_command_line_of_100000_arguments_is_kept_or_refused)
{
        static char args[200000];
        rti_proc_entry entry = { .tid = 5, .pid = 5, .comm = RTI_STR("x") };
        machine m;

        for (size_t i = 0; i < sizeof args; i += 2)
                args[i] = 'a';
        entry.args = (rt_str){ args, sizeof args };
        machine_begin(&m, &rti_alloc_default, 1 << 20, 100);
        rti_state_add_process(&m.state, &entry);
        cr_assert_eq(machine_find(&m, 5)->n_args, 100000);
        for (entry.tid = 6; entry.tid < 30; entry.tid++) {
                entry.pid = entry.tid;
                rti_state_add_process(&m.state, &entry);
        }
        cr_assert_leq(m.state.pool.total_bytes, 1 << 20);
        cr_assert_eq(machine_find(&m, 29)->n_args, 100000, "older ones have gone");
        check_links(&m);
        machine_end(&m);
        machine_begin(&m, &rti_alloc_default, 1 << 17, 100);
        entry.tid = entry.pid = 5;
        rti_state_add_process(&m.state, &entry);
        rti_state_count(&m.state);
        cr_assert_eq(machine_find(&m, 5)->n_args, 0);
        cr_assert(text_is(machine_find(&m, 5)->comm, "x"));
        cr_assert_eq(m.state.stats.texts_refused, 1);
        machine_end(&m);
}

Test(state_limits, an_unknown_thread_has_its_name_even_in_a_full_table)
{
        machine m;

        machine_begin(&m, &rti_alloc_default, 8192, 100);
        for (int64_t tid = 1; tid < 1000; tid++) {
                const rti_thread *t = machine_apply(&m, RTI_EV_SYSCALL_BRK_4_X, tid, "q0 d1 d2 d3");

                if (t)
                        cr_assert(text_is(t->comm, "<NA>"));
        }
        check_links(&m);
        machine_end(&m);
}

/* ---- random operations ---- */

enum { TIDS = 60 };

static int64_t
some_tid(void)
{
        return 1 + rand() % TIDS;
}

static void
one_event(machine *m)
{
        static const uint32_t flags[] = { 0, 0, RTI_CL_CLONE_THREAD, RTI_CL_CHILD_IN_PIDNS,
                                          RTI_CL_CLONE_VFORK };
        const int64_t tid = some_tid();
        const uint32_t flag = flags[rand() % (int) RTI_COUNT(flags)];
        char params[64];

        switch (rand() % 10) {
        case 0:
        case 1:
                machine_clone(m, (clone_half){ .tid = tid,
                                               .res = some_tid(),
                                               .pid = some_tid(),
                                               .ptid = some_tid(),
                                               .flags = flag });
                break;
        case 2:
        case 3:
                machine_clone(m, (clone_half){ .tid = tid,
                                               .pid = flag & RTI_CL_CLONE_THREAD ? some_tid() : tid,
                                               .ptid = some_tid(),
                                               .vtid = rand() % 3,
                                               .flags = flag });
                break;
        case 4:
                machine_exec(m, (exec_exit){ .tid = tid,
                                             .pid = rand() % 3 ? tid : some_tid(),
                                             .ptid = some_tid(),
                                             .exe = "x",
                                             .full = rand() % 2 });
                break;
        case 5:
        case 6:
                snprintf(params, sizeof params, "q0 q0 b0 b0 q%" PRId64, some_tid() - 5);
                machine_apply(m, RTI_EV_PROCEXIT_1_E, tid, params);
                break;
        case 7:
                machine_list(m, tid, rand() % 2 ? tid : some_tid(), some_tid(), "listed");
                return;
        case 8:
                snprintf(params, sizeof params, "q%d s/f%d d1 d0 d0 q5", rand() % 40, rand() % 9);
                machine_apply(m, RTI_EV_SYSCALL_OPEN_X, tid, params);
                break;
        default:
                snprintf(params, sizeof params, "q0 d36 - q%d", rand() % 2);
                machine_apply(m, RTI_EV_SYSCALL_PRCTL_X, tid, params);
                break;
        }
        rti_state_settle(&m->state, &m->evt);
}

/* Whatever happens in whatever order, links hold; with and without eviction. */
Test(state_limits, random_events_leave_the_links_whole)
{
        static const struct {
                size_t bytes;
                uint32_t threads;
        } rooms[] = { { 1 << 24, 1000 }, { 1 << 24, 7 }, { 20000, 1000 },
                      { 30000, 12 },     { 5000, 3 },    { 1 << 20, 1 } };

        for (unsigned i = 0; i < RTI_COUNT(rooms); i++) {
                machine m;

                srand(i);
                machine_begin(&m, &rti_alloc_default, rooms[i].bytes, rooms[i].threads);
                for (int k = 0; k < 30000; k++) {
                        one_event(&m);
                        if (k == 100)
                                rti_state_lists_done(&m.state);
                        if (k % 50 == 0)
                                check_links(&m);
                        cr_assert_leq(m.state.threads.n, rooms[i].threads);
                        cr_assert_leq(m.state.pool.total_bytes, rooms[i].bytes);
                }
                machine_end(&m);
        }
}

/* ---- no memory ---- */

static void
some_of_everything(machine *m)
{
        int r = machine_list(m, 1, 1, 0, "init");

        machine_list(m, 2, 2, 1, "sh");
        rti_state_lists_done(&m->state);
        machine_apply(m, RTI_EV_USER_ADDED_E, -1, "d1000 d100 sann s/home/ann s/bin/sh s");
        machine_apply(m, RTI_EV_GROUP_ADDED_E, -1, "d100 sstaff s");
        machine_apply(m, RTI_EV_CONTAINER_JSON_2_E, -1,
                      "s{\"container\":{\"id\":\"a\",\"name\":\"b\",\"Mounts\":[{}]}}");
        for (int64_t i = 0; i < 300; i++)
                machine_fork(m, 2, 1, 3 + i);
        machine_exec(m, (exec_exit){ .tid = 3, .pid = 3, .exe = "x", .full = true });
        machine_do(m, RTI_EV_PROCEXIT_1_E, 3, "q0 q0 b0 b0 q0");
        (void) r;
}

Test(state_limits, every_allocation_may_fail)
{
        for (unsigned fail_at = 1;; fail_at++) {
                budget b = { .fail_at = fail_at, .for_ever = fail_at % 2 };
                const rt_allocator allocator = { sizeof allocator, resize, &b };
                machine m;

                machine_begin(&m, &allocator, 1 << 24, 1000);
                some_of_everything(&m);
                check_links(&m);
                machine_end(&m);
                cr_assert_eq(b.alive, 0, "at %u", fail_at);
                if (b.made < fail_at)
                        break;
        }
}

Test(state_limits, a_failing_allocator_is_told)
{
        budget b = { .fail_at = 1, .for_ever = true };
        const rt_allocator allocator = { sizeof allocator, resize, &b };
        machine m;

        machine_begin(&m, &allocator, 1 << 24, 1000);
        cr_assert_eq(machine_list(&m, 1, 1, 0, "init"), RT_ENOMEM);
        machine_apply(&m, RTI_EV_SYSCALL_BRK_4_X, 5, "q0 d1 d2 d3");
        cr_assert_eq(m.result, RT_ENOMEM);
        cr_assert_null(m.evt.thread);
        machine_end(&m);
}

Test(state_limits, a_cleared_state_is_as_new)
{
        machine m;

        machine_begin(&m, &rti_alloc_default, 1 << 24, 1000);
        some_of_everything(&m);
        rti_state_clear(&m.state);
        cr_assert_eq(m.state.threads.n, 0);
        cr_assert_null(rti_users_find(&m.state.users, RTI_STR(""), 1000));
        cr_assert_eq(m.state.containers.rows.n, 0);
        some_of_everything(&m);
        cr_assert_eq(m.state.threads.n, 301);
        machine_end(&m);
}
