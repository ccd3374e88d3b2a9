/* SPDX-License-Identifier: Apache-2.0 */
/* Processes through lists and events: unknown ones, clone, execve, exit (state-engine C to C.3). */
#include "support/state_test.h"
#include <criterion/criterion.h>

static machine m;

static void
begin(void)
{
        machine_begin(&m, &rti_alloc_default, 1 << 24, 1000);
        m.state.boot_ns = 5;
        machine_list(&m, 1, 1, 0, "init");
        machine_list(&m, 10, 10, 1, "sh");
        rti_state_lists_done(&m.state);
}

static void
end(void)
{
        machine_end(&m);
}

TestSuite(state_process, .init = begin, .fini = end);

/* ---- lists ---- */

Test(state_process, a_listed_process_is_as_the_list_says)
{
        const rti_thread *t = machine_find(&m, 10);

        cr_assert(text_is(t->exepath, "/bin/listed"), "without (deleted)");
        cr_assert(text_is(t->cwd, "/home/"));
        cr_assert_eq(t->n_args, 2);
        cr_assert(rti_str_eq(rti_text_str(t->args), RTI_STR("-a\0-b\0")));
        cr_assert_eq(t->n_env, 1);
        cr_assert(rti_str_eq(rti_text_str(t->cgroups), RTI_STR("cpu=/\0blkio=/x\0memory=/y\0")));
        cr_assert_eq(t->uid, 7);
        cr_assert(t->marks & RTI_TH_EXE_WRITABLE);
        cr_assert_eq(t->leader, t);
        cr_assert_eq(t->parent, machine_find(&m, 1));
}

Test(state_process, threads_may_stand_before_their_leader_in_the_list)
{
        machine_end(&m);
        machine_begin(&m, &rti_alloc_default, 1 << 24, 1000);
        machine_list(&m, 21, 20, 1, "t");
        machine_list(&m, 20, 20, 1, "p");
        machine_list(&m, 1, 1, 0, "init");
        rti_state_lists_done(&m.state);
        cr_assert_eq(machine_find(&m, 21)->leader, machine_find(&m, 20));
        cr_assert_eq(machine_find(&m, 20)->n_threads, 2);
        cr_assert_eq(machine_find(&m, 21)->parent, machine_find(&m, 1));
}

Test(state_process, a_parent_that_is_not_there_is_0_but_for_init)
{
        machine_end(&m);
        machine_begin(&m, &rti_alloc_default, 1 << 24, 1000);
        machine_list(&m, 1, 1, 99, "init");
        machine_list(&m, 5, 5, 98, "p");
        rti_state_lists_done(&m.state);
        cr_assert_eq(machine_find(&m, 1)->ptid, 99);
        cr_assert_eq(machine_find(&m, 5)->ptid, 0);
}

Test(state_process, an_entry_of_another_process_replaces_all_of_the_old_one)
{
        rti_fd_entry fd = { .num = 3, .kind = 1, .name = RTI_STR("/x") };

        rti_state_add_fd(&m.state, 10, &fd);
        machine_list(&m, 10, 10, 1, "same");
        cr_assert_not_null(machine_find(&m, 10)->fds, "the same process keeps them");
        machine_list(&m, 10, 1, 1, "thread");
        cr_assert_null(machine_find(&m, 10)->fds);
        cr_assert_eq(machine_find(&m, 10)->leader, machine_find(&m, 1));
}

/* Elements of args and cgroups, as raw bytes. */
Test(state_process, lists_of_elements_are_split_as_the_reference_splits_them)
{
        static const struct {
                rt_str raw, kept;
                uint32_t n;
        } rows[] = {
                { RTI_STR_INIT(""), RTI_STR_INIT(""), 0 },
                { RTI_STR_INIT("\0"), RTI_STR_INIT(""), 0 },
                { RTI_STR_INIT("\0\0"), RTI_STR_INIT("\0\0"), 2 },
                { RTI_STR_INIT("a"), RTI_STR_INIT("a\0"), 1 },
                { RTI_STR_INIT("a\0"), RTI_STR_INIT("a\0"), 1 },
                { RTI_STR_INIT("a\0\0"), RTI_STR_INIT("a\0\0"), 2 },
                { RTI_STR_INIT("\0a"), RTI_STR_INIT("\0a\0"), 2 },
                { RTI_STR_INIT("a\0b"), RTI_STR_INIT("a\0b\0"), 2 },
        };

        for (size_t i = 0; i < RTI_COUNT(rows); i++) {
                rti_proc_entry entry = { .tid = 30, .pid = 30, .args = rows[i].raw };

                rti_state_add_process(&m.state, &entry);
                cr_assert(rti_str_eq(rti_text_str(machine_find(&m, 30)->args), rows[i].kept),
                          "row %zu", i);
                cr_assert_eq(machine_find(&m, 30)->n_args, rows[i].n, "row %zu", i);
        }
}

Test(state_process, cgroups_with_one_bad_element_are_ignored)
{
        rti_proc_entry entry = { .tid = 30,
                                 .pid = 30,
                                 .cgroups = RTI_STR("perf_event_cgroup=/\0perf=/a=b\0=\0") };
        const rti_thread *t;

        rti_state_add_process(&m.state, &entry);
        t = machine_find(&m, 30);
        cr_assert(rti_str_eq(rti_text_str(t->cgroups),
                             RTI_STR("perf_event=/\0perf_event=/a=b\0=\0")));
        entry.cgroups = RTI_STR("cpu=/\0memory\0");
        rti_state_add_process(&m.state, &entry);
        cr_assert_eq(rti_text_str(t->cgroups).len, 31, "the old ones stay");
}

/* ---- unknown threads ---- */

Test(state_process, an_unknown_thread_gets_an_invalid_entry_that_stays)
{
        rti_thread *t = machine_apply(&m, RTI_EV_SYSCALL_BRK_4_X, 77, "q0 d1 d2 d3");

        cr_assert(t->marks & RTI_TH_INVALID);
        cr_assert(text_is(t->comm, "<NA>"));
        cr_assert(text_is(t->exe, "<NA>"));
        cr_assert_eq(t->pid, -1);
        cr_assert_eq(t->uid, 0xffffffff);
        cr_assert_null(t->leader);
        cr_assert_eq(machine_find(&m, 77), t);
        cr_assert_eq(t->seen_ns, m.now_ns);
}

Test(state_process, some_events_make_no_entry)
{
        static const uint16_t types[] = {
                RTI_EV_PROCEXIT_1_E,       RTI_EV_SCHEDSWITCH_6_E, RTI_EV_PROCINFO_E,
                RTI_EV_CONTAINER_JSON_2_E, RTI_EV_USER_ADDED_E,    RTI_EV_USER_DELETED_E,
                RTI_EV_GROUP_ADDED_E,      RTI_EV_GROUP_DELETED_E, RTI_EV_PLUGINEVENT_E,
                RTI_EV_ASYNCEVENT_E,
        };

        for (size_t i = 0; i < RTI_COUNT(types); i++) {
                cr_assert_null(machine_apply(&m, types[i], 77, ""), "%u", types[i]);
                rti_state_settle(&m.state, &m.evt);
                cr_assert_null(machine_find(&m, 77), "%u", types[i]);
        }
        cr_assert_not_null(machine_apply(&m, RTI_EV_PROCINFO_E, 10, ""), "but they find one");
        cr_assert_null(machine_apply(&m, RTI_EV_ASYNCEVENT_E, 10, ""), "these do not");
}

/* ---- clone, the caller's half ---- */

Test(state_process, the_caller_makes_the_child)
{
        const rti_thread *parent = machine_find(&m, 10), *child;
        rti_fd_entry fd = { .num = 3, .kind = 1, .name = RTI_STR("/x") };

        rti_state_add_fd(&m.state, 10, &fd);
        machine_fork(&m, 10, 1, 20);
        child = machine_find(&m, 20);
        cr_assert_eq(child->pid, 20);
        cr_assert_eq(child->ptid, 10);
        cr_assert_eq(child->parent, parent);
        cr_assert_eq(child->vtid, 20, "not what the event says: that is the caller's");
        cr_assert_eq(child->vpid, 20);
        cr_assert(text_is(child->comm, "comm"));
        cr_assert(text_is(child->exe, "exe-comm"));
        cr_assert_eq(child->exepath, parent->exepath, "shared");
        cr_assert_eq(child->cwd, parent->cwd);
        cr_assert_eq(child->env, parent->env);
        cr_assert_eq(child->sid, 1);
        cr_assert_eq(child->tty, 34816);
        cr_assert_eq(child->loginuid, 9);
        cr_assert_eq(child->uid, 100);
        cr_assert_eq(child->fdlimit, 4096);
        cr_assert_eq(child->cap_effective, 5);
        cr_assert_eq(child->exe_ino, 11);
        cr_assert(child->marks & RTI_TH_EXE_WRITABLE);
        cr_assert_eq(child->clone_ns, m.now_ns);
        cr_assert_eq(child->pidns_init_start_ns, 5, "boot");
        cr_assert_not_null(rti_fds_find(child->fds, 3));
        cr_assert_neq(child->fds, parent->fds);
        cr_assert(rti_str_eq(rti_text_str(child->cgroups), rti_text_str(parent->cgroups)));
}

Test(state_process, a_thread_shares_its_leader)
{
        const rti_thread *t;

        machine_clone(&m, (clone_half){ .tid = 10,
                                        .res = 11,
                                        .pid = 10,
                                        .ptid = 1,
                                        .flags = RTI_CL_CLONE_THREAD | RTI_CL_CLONE_FILES });
        t = machine_find(&m, 11);
        cr_assert_eq(t->pid, 10);
        cr_assert_eq(t->ptid, 1, "the caller's");
        cr_assert_eq(t->leader, machine_find(&m, 10));
        cr_assert_null(t->fds);
        cr_assert_null(t->env);
        cr_assert_eq(machine_find(&m, 10)->n_threads, 2);
        cr_assert(text_is(t->exepath, "/bin/listed"));
}

Test(state_process, a_failed_clone_is_nothing)
{
        machine_clone(&m, (clone_half){ .tid = 10, .res = -11, .pid = 10, .ptid = 1 });
        cr_assert_eq(m.state.threads.n, 2);
        machine_clone(&m, (clone_half){ .tid = 99, .res = -11, .pid = 99, .ptid = 1 });
        cr_assert_eq(m.state.threads.n, 2, "not even for an unknown caller");
}

Test(state_process, the_caller_leaves_the_child_alone_when_it_cannot_tell)
{
        static const uint32_t flags[] = { RTI_CL_CHILD_IN_PIDNS, RTI_CL_CLONE_NEWPID,
                                          RTI_CL_CLONE_PARENT, RTI_CL_CLONE_VFORK };

        for (size_t i = 0; i < RTI_COUNT(flags); i++) {
                machine_clone(
                        &m,
                        (clone_half){
                                .tid = 10, .res = 20, .pid = 10, .ptid = 1, .flags = flags[i] });
                cr_assert_null(machine_find(&m, 20), "flags %x", flags[i]);
        }
        machine_clone(&m, (clone_half){ .tid = 10,
                                        .res = 20,
                                        .pid = 10,
                                        .ptid = 1,
                                        .type = RTI_EV_SYSCALL_VFORK_20_X });
        cr_assert_null(machine_find(&m, 20), "vfork");
        machine_find(&m, 10)->vtid = 2;
        machine_fork(&m, 10, 1, 20);
        cr_assert_null(machine_find(&m, 20), "in a container");
}

Test(state_process, the_caller_makes_no_child_that_exited_before)
{
        machine_clone(&m, (clone_half){ .tid = 20, .res = 0, .pid = 20, .ptid = 10 });
        rti_state_settle(&m.state, &m.evt);
        machine_do(&m, RTI_EV_PROCEXIT_1_E, 20, "q0 q0 b0 b0 q0");
        cr_assert_null(machine_find(&m, 20));
        machine_fork(&m, 10, 1, 20);
        cr_assert_null(machine_find(&m, 20));
        m.now_ns += 3000000000;
        machine_fork(&m, 10, 1, 20);
        cr_assert_not_null(machine_find(&m, 20), "the number is in use again");
}

Test(state_process, an_invalid_caller_learns_from_its_clone)
{
        rti_thread *caller;

        machine_clone(&m, (clone_half){ .tid = 50, .res = 51, .pid = 50, .ptid = 10 });
        caller = machine_find(&m, 50);
        cr_assert_eq(m.evt.thread, caller);
        cr_assert_not(caller->marks & RTI_TH_INVALID);
        cr_assert_eq(caller->pid, 50);
        cr_assert_eq(caller->ptid, 10);
        cr_assert_eq(caller->vtid, 50);
        cr_assert(text_is(caller->comm, "comm"));
        cr_assert(text_is(caller->exe, "exe-comm"));
        cr_assert_eq(caller->uid, 0xffffffff);
        cr_assert_eq(machine_find(&m, 51)->parent, caller);
        cr_assert_null(machine_find(&m, 51)->exepath, "there was nothing to inherit");
}

Test(state_process, a_stale_child_is_replaced)
{
        machine_fork(&m, 10, 1, 20);
        machine_find(&m, 20)->uid = 12345;
        machine_fork(&m, 10, 1, 20);
        cr_assert_eq(machine_find(&m, 20)->uid, 100);
        machine_find(&m, 20)->flags |= RTI_CL_CLONE_INVERTED;
        machine_find(&m, 20)->uid = 12345;
        machine_fork(&m, 10, 1, 20);
        cr_assert_eq(machine_find(&m, 20)->uid, 12345, "but not one made by its own half");
}

/* ---- clone, the child's half ---- */

Test(state_process, the_child_makes_itself)
{
        rti_thread *child =
                machine_clone(&m, (clone_half){ .tid = 20, .pid = 20, .ptid = 10, .vtid = 3 });

        cr_assert(child->flags & RTI_CL_CLONE_INVERTED);
        cr_assert_eq(child->ptid, 10);
        cr_assert_eq(child->vtid, 3, "as the event says");
        cr_assert(text_is(child->exepath, "/bin/listed"));
        cr_assert(text_is(child->cwd, "/home/"));
        cr_assert_eq(child->parent, machine_find(&m, 10));
}

Test(state_process, the_childs_half_comes_second_within_two_seconds)
{
        rti_thread *child;

        machine_fork(&m, 10, 1, 20);
        child = machine_find(&m, 20);
        child->uid = 12345;
        m.now_ns += 1900000000;
        cr_assert_eq(machine_clone(&m, (clone_half){ .tid = 20, .pid = 20, .ptid = 10 }), child);
        cr_assert_eq(child->uid, 12345);
        m.now_ns += 2000000000;
        child = machine_clone(&m, (clone_half){ .tid = 20, .pid = 20, .ptid = 10 });
        cr_assert_eq(child->uid, 100, "later it is another process");
        cr_assert_eq(m.evt.thread, child);
}

Test(state_process, a_child_in_a_pid_namespace_counts_from_its_start)
{
        rti_thread *child = machine_clone(
                &m,
                (clone_half){ .tid = 20, .pid = 20, .ptid = 10, .flags = RTI_CL_CHILD_IN_PIDNS });

        cr_assert_eq(child->pidns_init_start_ns, 5 + 77);
}

Test(state_process, nothing_is_inherited_of_an_unknown_parent)
{
        rti_thread *child = machine_clone(&m, (clone_half){ .tid = 20, .pid = 20, .ptid = 66 });

        cr_assert(machine_find(&m, 66)->marks & RTI_TH_INVALID);
        cr_assert_null(child->exepath);
        cr_assert_null(child->cwd);
        cr_assert_eq(child->ptid, 0);
}

Test(state_process, an_unknown_leader_is_known_by_its_thread)
{
        const rti_thread *t = machine_clone(&m, (clone_half){ .tid = 61,
                                                              .pid = 60,
                                                              .ptid = 10,
                                                              .vpid = 6,
                                                              .flags = RTI_CL_CLONE_THREAD });
        const rti_thread *leader = machine_find(&m, 60);

        cr_assert_eq(t->leader, leader);
        cr_assert_eq(leader->pid, 60);
        cr_assert_eq(leader->ptid, 10);
        cr_assert_eq(leader->vpid, 6);
        cr_assert_eq(leader->vtid, 6);
        cr_assert(text_is(leader->comm, "comm"));
        cr_assert(text_is(leader->exe, "exe-comm"));
        cr_assert_eq(leader->uid, 0xffffffff);
        cr_assert_null(leader->exepath);
        cr_assert_null(leader->cwd);
        cr_assert_eq(leader->fdlimit, -1);
        cr_assert_eq(leader->n_threads, 2);
        cr_assert_null(t->exepath);
}

/* ---- execve ---- */

Test(state_process, execve_makes_another_program_of_the_process)
{
        rti_thread *t = machine_exec(&m, (exec_exit){ .tid = 10,
                                                      .pid = 10,
                                                      .ptid = 999,
                                                      .exe = "ls",
                                                      .comm = "ls-comm",
                                                      .exepath = "/bin/ls",
                                                      .flags = 2 | 4 | 8,
                                                      .full = true });

        cr_assert(text_is(t->exe, "ls"));
        cr_assert(text_is(t->comm, "ls-comm"));
        cr_assert(text_is(t->exepath, "/bin/ls"));
        cr_assert_eq(t->n_args, 0, "always taken");
        cr_assert(rti_str_eq(rti_text_str(t->env), RTI_STR("X=1\0")));
        cr_assert(text_is(t->cwd, "/home/"), "never taken");
        cr_assert_eq(t->ptid, 1, "of a valid entry not taken");
        cr_assert_eq(t->fdlimit, 99);
        cr_assert_eq(t->pfmajor, 21);
        cr_assert_eq(t->vmswap_kb, 25);
        cr_assert_eq(t->tty, 3);
        cr_assert_eq(t->vpgid, 31);
        cr_assert_eq(t->loginuid, 32);
        cr_assert_eq(t->marks & RTI_TH_EXE, RTI_TH_EXE & ~(uint32_t) RTI_TH_EXE_WRITABLE);
        cr_assert_eq(t->cap_inheritable, 41);
        cr_assert_eq(t->cap_effective, 43);
        cr_assert_eq(t->exe_ino, 51);
        cr_assert_eq(t->exe_ino_mtime, 53);
        cr_assert_eq(t->uid, 61);
        cr_assert_eq(t->pgid, 71);
        cr_assert_eq(t->gid, 72);
        cr_assert_eq(t->lastexec_ns, m.now_ns);
}

Test(state_process, what_execve_does_not_say_stays)
{
        rti_thread *t =
                machine_exec(&m, (exec_exit){ .tid = 10, .pid = 10, .exe = "ls", .flags = -1 });

        cr_assert(text_is(t->comm, "ls"), "comm is exe");
        cr_assert(text_is(t->exepath, "/bin/listed"), "without any path");
        cr_assert_eq(t->tty, 34816);
        cr_assert_eq(t->vpgid, 1);
        cr_assert_eq(t->pgid, -1, "but this");
        cr_assert(t->marks & RTI_TH_EXE_WRITABLE);
        cr_assert_eq(t->loginuid, 9);
}

Test(state_process, a_failed_execve_is_nothing)
{
        rti_thread *t = machine_exec(
                &m, (exec_exit){ .tid = 10, .res = -2, .pid = 10, .exe = "ls", .flags = 0 });

        cr_assert(text_is(t->comm, "sh"));
}

Test(state_process, execve_makes_an_invalid_entry_valid)
{
        rti_thread *t = machine_exec(
                &m, (exec_exit){ .tid = 70, .pid = 70, .ptid = 10, .exe = "ls", .flags = -1 });

        cr_assert_not(t->marks & RTI_TH_INVALID);
        cr_assert_eq(t->ptid, 10);
        cr_assert_eq(t->vtid, 70);
        cr_assert_eq(t->vpid, 70);
        cr_assert_eq(t->leader, t);
        cr_assert_null(t->cwd);
        cr_assert_eq(t->parent, machine_find(&m, 10));
}

static rti_thread *
enter_then_exec(uint16_t enter_type, const char *enter)
{
        m.evt = scap_make(enter_type, 10, enter, m.store);
        m.evt.info = &rti_events[enter_type];
        m.evt.flags = RTI_SE_HIDDEN;
        rti_state_apply(&m.state, &m.evt);
        rti_state_settle(&m.state, &m.evt);
        if (enter_type == RTI_EV_SYSCALL_EXECVE_19_E)
                return machine_exec(&m,
                                    (exec_exit){ .tid = 10, .pid = 10, .exe = "x", .flags = -1 });
        return machine_apply(&m, RTI_EV_SYSCALL_EXECVEAT_X, 10, "q0 sx - q10 q10 q1");
}

Test(state_process, the_enter_half_tells_the_path_of_old_captures)
{
        rti_fd_entry fd = { .num = 5, .kind = 2, .name = RTI_STR("/opt") };

        rti_state_add_fd(&m.state, 10, &fd);
        cr_assert(text_is(enter_then_exec(RTI_EV_SYSCALL_EXECVE_19_E, "s../bin/x")->exepath,
                          "/bin/x"));
        rti_state_settle(&m.state, &m.evt);
        cr_assert(
                text_is(enter_then_exec(RTI_EV_SYSCALL_EXECVE_19_E, "s/abs/x")->exepath, "/abs/x"));
        cr_assert(text_is(enter_then_exec(RTI_EV_SYSCALL_EXECVE_19_E, "-")->exepath, "<NA>"));
        cr_assert(text_is(enter_then_exec(RTI_EV_SYSCALL_EXECVEAT_E, "q5 ssub/x d0")->exepath,
                          "/opt/sub/x"));
        cr_assert(text_is(enter_then_exec(RTI_EV_SYSCALL_EXECVEAT_E, "q-100 sx d0")->exepath,
                          "/home/x"));
        cr_assert(text_is(enter_then_exec(RTI_EV_SYSCALL_EXECVEAT_E, "q5 - d1")->exepath, "/opt"));
        cr_assert(text_is(enter_then_exec(RTI_EV_SYSCALL_EXECVEAT_E, "q6 - d1")->exepath, "<NA>"));
}

Test(state_process, an_enter_half_serves_its_own_exit_only)
{
        m.evt = scap_make(RTI_EV_SYSCALL_EXECVE_19_E, 10, "s/bin/x", m.store);
        m.evt.info = &rti_events[RTI_EV_SYSCALL_EXECVE_19_E];
        m.evt.flags = RTI_SE_HIDDEN;
        rti_state_apply(&m.state, &m.evt);
        cr_assert_not_null(machine_find(&m, 10)->enter);
        machine_do(&m, RTI_EV_SYSCALL_BRK_4_X, 10, "q0 d1 d2 d3");
        cr_assert_null(machine_find(&m, 10)->enter);
        machine_exec(&m, (exec_exit){ .tid = 10, .pid = 10, .exe = "x", .flags = -1 });
        cr_assert_null(m.evt.enter);
        cr_assert(text_is(machine_find(&m, 10)->exepath, "/bin/listed"));
}

Test(state_process, execve_ends_the_other_threads)
{
        const uint32_t thread = RTI_CL_CLONE_THREAD;

        machine_clone(&m, (clone_half){ .tid = 10, .res = 11, .pid = 10, .flags = thread });
        machine_clone(&m, (clone_half){ .tid = 10, .res = 12, .pid = 10, .flags = thread });
        machine_fork(&m, 11, 1, 30);
        machine_exec(&m, (exec_exit){ .tid = 10, .pid = 10, .exe = "x", .flags = -1 });
        cr_assert_null(machine_find(&m, 11));
        cr_assert_null(machine_find(&m, 12));
        cr_assert_eq(machine_find(&m, 10)->n_threads, 1);
        cr_assert_eq(machine_find(&m, 30)->ptid, 10, "their children are taken over");
}

Test(state_process, execve_revives_a_leader_that_exited)
{
        machine_clone(
                &m, (clone_half){ .tid = 10, .res = 11, .pid = 10, .flags = RTI_CL_CLONE_THREAD });
        machine_do(&m, RTI_EV_PROCEXIT_1_E, 10, "q0 q0 b0 b0 q0");
        cr_assert(machine_find(&m, 10)->marks & RTI_TH_DEAD);
        machine_exec(&m, (exec_exit){ .tid = 10, .pid = 10, .exe = "x", .flags = -1 });
        cr_assert_not(machine_find(&m, 10)->marks & RTI_TH_DEAD);
        cr_assert_eq(machine_find(&m, 10)->n_threads, 1);
}

/* ---- exit ---- */

Test(state_process, the_entry_is_there_until_the_exit_is_settled)
{
        rti_thread *t = machine_apply(&m, RTI_EV_PROCEXIT_1_E, 10, "q0 q0 b0 b0 q0");

        cr_assert_eq(t->tid, 10);
        cr_assert_eq(t->n_threads, 0, "without the dying one");
        rti_state_settle(&m.state, &m.evt);
        cr_assert_null(machine_find(&m, 10));
        cr_assert_null(m.evt.thread);
        cr_assert_null(m.state.threads.recent);
}

Test(state_process, a_leader_stays_while_its_threads_live)
{
        machine_clone(
                &m,
                (clone_half){
                        .tid = 10, .res = 11, .pid = 10, .ptid = 1, .flags = RTI_CL_CLONE_THREAD });
        machine_do(&m, RTI_EV_PROCEXIT_1_E, 10, "q0 q0 b0 b0 q0");
        cr_assert_eq(machine_find(&m, 11)->leader, machine_find(&m, 10));
        cr_assert_eq(machine_find(&m, 10)->n_threads, 1);
        machine_do(&m, RTI_EV_PROCEXIT_1_E, 11, "q0 q0 b0 b0 q0");
        cr_assert_null(machine_find(&m, 11));
        cr_assert_null(machine_find(&m, 10));
}

Test(state_process, children_go_to_the_reaper_that_is_told)
{
        machine_list(&m, 12, 12, 1, "reaper");
        machine_fork(&m, 10, 1, 20);
        machine_do(&m, RTI_EV_PROCEXIT_1_E, 10, "q0 q0 b0 b0 q12");
        cr_assert_eq(machine_find(&m, 20)->ptid, 12);
        cr_assert_eq(machine_find(&m, 20)->parent, machine_find(&m, 12));
}

Test(state_process, or_to_the_eldest_thread_of_the_group)
{
        const uint32_t thread = RTI_CL_CLONE_THREAD;

        machine_clone(&m, (clone_half){ .tid = 10, .res = 11, .pid = 10, .flags = thread });
        machine_clone(&m, (clone_half){ .tid = 10, .res = 12, .pid = 10, .flags = thread });
        machine_fork(&m, 10, 1, 20);
        machine_do(&m, RTI_EV_PROCEXIT_1_E, 10, "q0 q0 b0 b0 q999");
        cr_assert_eq(machine_find(&m, 20)->ptid, 11);
}

Test(state_process, or_to_the_nearest_subreaper_above)
{
        machine_fork(&m, 10, 1, 20);
        machine_fork(&m, 20, 10, 30);
        machine_fork(&m, 30, 20, 40);
        machine_do(&m, RTI_EV_SYSCALL_PRCTL_X, 10, "q0 d36 - q1");
        machine_do(&m, RTI_EV_PROCEXIT_1_E, 30, "q0 q0 b0 b0 q0");
        cr_assert_eq(machine_find(&m, 40)->ptid, 10);
        machine_do(&m, RTI_EV_SYSCALL_PRCTL_X, 10, "q0 d36 - q0");
        machine_do(&m, RTI_EV_PROCEXIT_1_E, 10, "q0 q0 b0 b0 q0");
        cr_assert_eq(machine_find(&m, 40)->ptid, 1, "init");
        cr_assert_eq(machine_find(&m, 20)->ptid, 1);
}

Test(state_process, or_to_nobody)
{
        machine_fork(&m, 10, 1, 20);
        machine_find(&m, 10)->flags |= RTI_CL_CHILD_IN_PIDNS;
        machine_do(&m, RTI_EV_PROCEXIT_1_E, 10, "q0 q0 b0 b0 -");
        cr_assert_eq(machine_find(&m, 20)->ptid, 0, "the ancestors are in another namespace");
        cr_assert_null(machine_find(&m, 20)->parent);
}
