/* SPDX-License-Identifier: Apache-2.0 */
/* Who a thread is, where it works, what it may use; users and groups (state-engine C.5, C.6). */
#include "support/state_test.h"
#include <criterion/criterion.h>

static machine m;

static void
begin(void)
{
        machine_begin(&m, &rti_alloc_default, 1 << 24, 1000);
        machine_list(&m, 1, 1, 0, "init");
        machine_list(&m, 10, 10, 1, "sh");
        machine_list(&m, 11, 10, 1, "thread");
        rti_state_lists_done(&m.state);
}

static void
end(void)
{
        machine_end(&m);
}

TestSuite(state_ids, .init = begin, .fini = end);

Test(state_ids, ids_are_the_threads_own)
{
        const rti_thread *t = machine_apply(&m, RTI_EV_SYSCALL_SETUID_X, 11, "q0 d33");

        cr_assert_eq(t->uid, 33);
        cr_assert_eq(machine_find(&m, 10)->uid, 7, "not the leader's");
        machine_apply(&m, RTI_EV_SYSCALL_SETUID_X, 11, "q-1 d44");
        cr_assert_eq(t->uid, 33, "it failed");
        machine_apply(&m, RTI_EV_SYSCALL_SETREUID_X, 11, "q0 d1 d2");
        cr_assert_eq(t->uid, 2, "the effective one");
        machine_apply(&m, RTI_EV_SYSCALL_SETRESUID_X, 11, "q0 d1 d5 d3");
        cr_assert_eq(t->uid, 5);
        machine_apply(&m, RTI_EV_SYSCALL_SETRESUID_X, 11, "q0 d1 d-1 d3");
        cr_assert_eq(t->uid, 0xffffffff, "even when it means to keep it");
        machine_apply(&m, RTI_EV_SYSCALL_SETGID_X, 11, "q0 d33");
        cr_assert_eq(t->gid, 33);
        machine_apply(&m, RTI_EV_SYSCALL_SETREGID_X, 11, "q0 d1 d2");
        cr_assert_eq(t->gid, 2);
        machine_apply(&m, RTI_EV_SYSCALL_SETRESGID_X, 11, "q0 d1 d5 d3");
        cr_assert_eq(t->gid, 5);
}

Test(state_ids, capabilities_are_set_and_become_full_in_a_new_namespace)
{
        const rti_thread *t = machine_apply(&m, RTI_EV_SYSCALL_CAPSET_X, 10, "q0 q1 q2 q3");

        cr_assert_eq(t->cap_inheritable, 1);
        cr_assert_eq(t->cap_permitted, 2);
        cr_assert_eq(t->cap_effective, 3);
        machine_apply(&m, RTI_EV_SYSCALL_UNSHARE_X, 10, "q0 d32");
        cr_assert_eq(t->cap_effective, 3, "not a user namespace");
        machine_apply(&m, RTI_EV_SYSCALL_UNSHARE_X, 10, "q0 d1048576");
        cr_assert_eq(t->cap_effective, 0x1ffffffffff);
        machine_apply(&m, RTI_EV_SYSCALL_SETNS_X, 11, "q0 q5 d1048576");
        cr_assert_eq(machine_find(&m, 11)->cap_inheritable, 0x1ffffffffff);
}

Test(state_ids, the_directory_is_the_leaders)
{
        rti_fd_entry fd = { .num = 3, .kind = 2, .name = RTI_STR("/srv/www") };

        rti_state_add_fd(&m.state, 10, &fd);
        machine_apply(&m, RTI_EV_SYSCALL_CHDIR_X, 11, "q0 s../tmp/x/");
        cr_assert(text_is(machine_find(&m, 10)->cwd, "/tmp/x/"));
        machine_apply(&m, RTI_EV_SYSCALL_CHDIR_X, 10, "q-2 s/no");
        cr_assert(text_is(machine_find(&m, 10)->cwd, "/tmp/x/"));
        machine_apply(&m, RTI_EV_SYSCALL_FCHDIR_X, 11, "q0 q3");
        cr_assert(text_is(machine_find(&m, 10)->cwd, "/srv/www/"));
        machine_apply(&m, RTI_EV_SYSCALL_FCHDIR_X, 11, "q0 q4");
        cr_assert(text_is(machine_find(&m, 10)->cwd, "/srv/www/"), "an unknown descriptor");
        machine_apply(&m, RTI_EV_SYSCALL_GETCWD_X, 10, "q2 s/");
        cr_assert(text_is(machine_find(&m, 10)->cwd, "/"));
        machine_apply(&m, RTI_EV_SYSCALL_CHROOT_X, 10, "q0 sjail");
        cr_assert(text_is(machine_find(&m, 10)->root, "/jail"));
}

Test(state_ids, sessions_limits_and_memory)
{
        const rti_thread *t = machine_find(&m, 10), *thread = machine_find(&m, 11);

        machine_apply(&m, RTI_EV_SYSCALL_SETSID_X, 10, "q10");
        cr_assert_eq(t->sid, 10);
        machine_apply(&m, RTI_EV_SYSCALL_SETRLIMIT_X, 11, "q0 q500 q600 b7");
        cr_assert_eq(t->fdlimit, 500);
        machine_apply(&m, RTI_EV_SYSCALL_SETRLIMIT_X, 11, "q0 q400 q600 b6");
        cr_assert_eq(t->fdlimit, 500, "another limit");
        machine_apply(&m, RTI_EV_SYSCALL_PRLIMIT_X, 1, "q0 q300 q600 q1 q2 q10 b7");
        cr_assert_eq(t->fdlimit, 300);
        machine_apply(&m, RTI_EV_SYSCALL_PRLIMIT_X, 10, "q0 q-1 q-1 q1 q2 q0 b7");
        cr_assert_eq(t->fdlimit, 300, "only asked");
        machine_apply(&m, RTI_EV_SYSCALL_MMAP_X, 11, "q0 d1 d2 d3");
        cr_assert_eq(thread->vmrss_kb, 2);
        machine_apply(&m, RTI_EV_SCHEDSWITCH_6_E, 11, "q1 q8 q9 d4 d5 d6");
        cr_assert_eq(thread->pfmajor, 8);
        cr_assert_eq(t->vmswap_kb, 6, "the process's");
}

/* ---- users ---- */

Test(state_ids, users_and_groups_come_and_go_by_container)
{
        const rti_user *user;

        machine_apply(&m, RTI_EV_USER_ADDED_E, -1, "d1000 d100 sann s/home/ann s/bin/sh s");
        machine_apply(&m, RTI_EV_USER_ADDED_E, -1, "d1000 d100 sbob s/home/bob s/bin/sh sabc");
        machine_apply(&m, RTI_EV_GROUP_ADDED_E, -1, "d100 sstaff s");
        user = rti_users_find(&m.state.users, RTI_STR(""), 1000);
        cr_assert(text_is(user->name, "ann"));
        cr_assert(text_is(user->shell, "/bin/sh"));
        cr_assert(text_is(rti_users_find(&m.state.users, RTI_STR("abc"), 1000)->name, "bob"));
        cr_assert_null(rti_users_find(&m.state.users, RTI_STR("abd"), 1000));
        cr_assert(text_is(rti_users_find_group(&m.state.users, RTI_STR(""), 100)->name, "staff"));
        machine_apply(&m, RTI_EV_USER_ADDED_E, -1, "d1000 d100 seve s s s");
        cr_assert(text_is(rti_users_find(&m.state.users, RTI_STR(""), 1000)->name, "eve"));
        machine_apply(&m, RTI_EV_USER_DELETED_E, -1, "d1000 d100 seve s s s");
        cr_assert_null(rti_users_find(&m.state.users, RTI_STR(""), 1000));
        cr_assert_not_null(rti_users_find(&m.state.users, RTI_STR("abc"), 1000));
        machine_apply(&m, RTI_EV_GROUP_DELETED_E, -1, "d100 sstaff s");
        cr_assert_null(rti_users_find_group(&m.state.users, RTI_STR(""), 100));
}

Test(state_ids, root_is_there_for_who_asks_without_a_list)
{
        cr_assert_null(rti_users_find(&m.state.users, RTI_STR("x"), 0));
        cr_assert(text_is(m.state.users.root.name, "root"));
        cr_assert(text_is(m.state.users.root.home, "/root"));
        rti_users_add(&m.state.users, &rti_alloc_default, RTI_STR(""),
                      &(rti_user_entry){ 0, 0, RTI_STR("toor"), RTI_STR("/"), RTI_STR("") });
        cr_assert(text_is(rti_users_find(&m.state.users, RTI_STR(""), 0)->name, "toor"));
}

Test(state_ids, many_users_are_found)
{
        for (uint32_t i = 0; i < 2000; i++) {
                const uint32_t uid = i * 7919 % 2000 + 1;

                cr_assert_eq(rti_users_add(&m.state.users, &rti_alloc_default,
                                           uid % 2 ? RTI_STR("c") : RTI_STR(""),
                                           &(rti_user_entry){ uid, uid, RTI_STR("u"), RTI_STR(""),
                                                              RTI_STR("") }),
                             RT_OK);
        }
        for (uint32_t uid = 1; uid <= 2000; uid++) {
                const rti_user *user =
                        rti_users_find(&m.state.users, uid % 2 ? RTI_STR("c") : RTI_STR(""), uid);

                cr_assert_not_null(user);
                cr_assert_eq(user->gid, uid);
                cr_assert_null(
                        rti_users_find(&m.state.users, uid % 2 ? RTI_STR("") : RTI_STR("c"), uid));
        }
}
