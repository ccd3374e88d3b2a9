/* SPDX-License-Identifier: Apache-2.0 */
/* test_kernel.c - what the kernel side tells of processes that this test starts. Needs root. */
#include "events.h"
#include "watch.h"
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static watch w;
static const rti_live_options defaults = { 0 };

static void
teardown(void)
{
        watch_close(&w);
}

static int
open_etc_hosts(void *context)
{
        (void) context;
        return openat(AT_FDCWD, "/etc/hosts", O_RDONLY | O_CLOEXEC) < 0
               || openat(AT_FDCWD, "/no/such/file", O_RDONLY) >= 0;
}

Test(kernel, an_opened_file_comes_with_its_inode)
{
        const struct rti_record *r;
        struct stat st;
        int pid;

        watch_open(&w, &defaults);
        pid = watch_run(&w, open_etc_hosts, NULL);
        cr_assert_eq(stat("/etc/hosts", &st), 0);
        r = watch_find_text(&w, EV_SYSCALL_OPENAT_2_X, 2, "/etc/hosts");
        cr_assert(r);
        cr_assert_eq(r->n_params, 7);
        cr_assert_eq(r->pid, (uint32_t) pid);
        cr_assert_geq(number_of(r, 0), 0);
        cr_assert_eq(number_of(r, 1), AT_FDCWD);
        cr_assert_eq(number_of(r, 3) & 0x1001, 0x1001, "O_RDONLY, O_CLOEXEC as captures have them");
        cr_assert_eq(number_of(r, 6), (int64_t) st.st_ino);
        cr_assert_eq(r->user_params, 1U << 2, "only the name was read from the program");
        r = watch_find_text(&w, EV_SYSCALL_OPENAT_2_X, 2, "/no/such/file");
        cr_assert(r);
        cr_assert_eq(number_of(r, 0), -ENOENT);
        cr_assert_eq(number_of(r, 6), 0);
        teardown();
}

static int
exec_true(void *context)
{
        char name[] = "called", one[] = "one", none[] = "", three[] = "three", a[] = "A=1",
             b[] = "B=2";
        char *const args[] = { name, one, none, three, NULL };
        char *const env[] = { a, b, NULL };

        (void) context;
        execve("/no/such/program", args, env);
        execve("/bin/true", args, env);
        return 1;
}

Test(kernel, an_exec_says_all_of_the_new_program)
{
        const struct rti_record *r;
        char real[PATH_MAX];
        struct stat st;
        size_t len;

        watch_open(&w, &defaults);
        watch_run(&w, exec_true, NULL);
        cr_assert(realpath("/bin/true", real));
        cr_assert_eq(stat(real, &st), 0);
        r = watch_find_text(&w, EV_SYSCALL_EXECVE_19_X, 30, "/bin/true");
        cr_assert(r);
        cr_assert_eq(number_of(r, 0), 0);
        cr_assert_str_eq(text_of(r, 1), "called");
        cr_assert_arr_eq(value_of(r, 2, &len), "one\0\0three", 11);
        cr_assert_eq(len, 11);
        cr_assert_arr_eq(value_of(r, 15, &len), "A=1\0B=2", 8);
        cr_assert_str_eq(text_of(r, 13), "true");
        cr_assert_str_eq(text_of(r, 27), real);
        cr_assert_eq(number_of(r, 23), (int64_t) st.st_ino);
        cr_assert_eq(number_of(r, 24), st.st_ctim.tv_sec * 1000000000L + st.st_ctim.tv_nsec);
        cr_assert_eq(number_of(r, 25), st.st_mtim.tv_sec * 1000000000L + st.st_mtim.tv_nsec);
        r = watch_find_text(&w, EV_SYSCALL_EXECVE_19_X, 30, "/no/such/program");
        cr_assert(r);
        cr_assert_eq(number_of(r, 0), -ENOENT);
        cr_assert_str_eq(text_of(r, 1), "called");
        cr_assert_arr_eq(value_of(r, 2, &len), "one\0\0three", 11);
        cr_assert_arr_eq(value_of(r, 15, &len), "A=1\0B=2", 8);
        teardown();
}

static int
fork_and_die(void *context)
{
        const pid_t child = fork();

        (void) context;
        if (child == 0) {
                kill(getpid(), SIGTERM);
                _exit(0);
        }
        return waitpid(child, NULL, 0) == child ? 3 : 1;
}

Test(kernel, a_fork_is_told_by_child_and_parent_and_each_exit_once)
{
        const struct rti_record *child = NULL, *parent = NULL;
        int pid, exits = 0;

        watch_open(&w, &defaults);
        pid = watch_run(&w, fork_and_die, NULL);
        for (size_t i = 0; i < w.n; i++) {
                const struct rti_record *r = w.record[i];

                if (r->event == EV_SYSCALL_CLONE_20_X && number_of(r, 0) == 0) {
                        cr_assert_null(child);
                        child = r;
                } else if (r->event == EV_SYSCALL_CLONE_20_X) {
                        cr_assert_null(parent);
                        parent = r;
                }
                if (r->event != EV_PROCEXIT_1_E)
                        continue;
                exits++;
                cr_assert_eq(number_of(r, 1), r->pid == (uint32_t) pid ? 3 : 0);
                cr_assert_eq(number_of(r, 2), r->pid == (uint32_t) pid ? 0 : SIGTERM);
        }
        cr_assert(child && parent);
        cr_assert_eq(exits, 2);
        cr_assert_eq(parent->pid, (uint32_t) pid);
        cr_assert_eq(number_of(parent, 0), child->tid);
        cr_assert_eq(child->ppid, (uint32_t) pid);
        cr_assert_leq(child->time_ns, parent->time_ns);
        teardown();
}

Test(kernel, what_is_written_is_delivered_or_counted)
{
        rti_live_totals totals;
        uint64_t delivered = 0;

        watch_open(&w, &defaults);
        watch_run(&w, fork_and_die, NULL);
        rti_live_stop(w.live);
        cr_assert_eq(rti_live_count(w.live, &totals), RT_OK);
        for (uint32_t i = 0; i < RTI_LIVE_CLASSES; i++) {
                cr_assert_eq(totals.kernel.written[i], totals.delivered[i]);
                delivered += totals.delivered[i];
        }
        cr_assert_eq(delivered, w.n);
        cr_assert_eq(totals.damaged, 0);
        teardown();
}

enum { MANY = 20000 };

static int
shut_often(void *context)
{
        (void) context;
        for (int i = 0; i < MANY; i++)
                shutdown(-1, SHUT_RD);
        return 0;
}

Test(kernel, what_does_not_fit_is_counted_to_the_last)
{
        const rti_live_options small = { .bulk_bytes = 1 << 16 };
        rti_live_totals totals;
        uint64_t written, lost;

        watch_open(&w, &small);
        w.lazy = true;
        watch_run(&w, shut_often, NULL);
        rti_live_stop(w.live);
        cr_assert_eq(rti_live_count(w.live, &totals), RT_OK);
        written = totals.kernel.written[RTI_LIVE_NETWORK];
        lost = totals.kernel.lost[RTI_LIVE_NETWORK][RTI_LOSS_RING_FULL];
        cr_assert_gt(lost, 0);
        cr_assert_eq(written + lost, MANY, "%lu and %lu", (unsigned long) written,
                     (unsigned long) lost);
        cr_assert_eq(totals.delivered[RTI_LIVE_NETWORK], written);
        cr_assert_eq(totals.delivered[RTI_LIVE_PROCESS], 1, "exits have a ring of their own");
        teardown();
}

/* ---- choosing ---- */

static int
open_two_and_read_a_pipe(void *context)
{
        int pipes[2];
        char byte;

        (void) open_etc_hosts(context);
        if (pipe2(pipes, 0) < 0 || write(pipes[1], "p", 1) != 1 || read(pipes[0], &byte, 1) != 1)
                return 1;
        return read(open("/etc/hosts", O_RDONLY), &byte, 1) != 1;
}

Test(kernel, conditions_keep_out_what_no_rule_can_match)
{
        const struct rti_live_filter failed = { .results = { 0, 1 } };
        const struct rti_live_filter pipes = { .results = { 1, 1 },
                                               .kinds = { [7] = 1 },
                                               .kinded = 1 };
        rti_live_totals totals;
        size_t opens = 0, reads = 0;

        watch_open(&w, &defaults);
        rti_live_put_filter(w.live, 1, &failed);
        rti_live_put_filter(w.live, 2, &pipes);
        cr_assert_eq(rti_live_use_filter(w.live, EV_SYSCALL_OPENAT_2_X, 1, 0), RT_OK);
        cr_assert_eq(rti_live_use_filter(w.live, EV_SYSCALL_READ_X, 2, 0), RT_OK);
        cr_assert_eq(rti_live_want_event(w.live, EV_SYSCALL_WRITE_X, false), RT_OK);
        cr_assert_eq(rti_live_want_event(w.live, EV_SYSCALL_OPEN_E, true), RT_ENOENT);
        watch_run(&w, open_two_and_read_a_pipe, NULL);
        for (size_t i = 0; i < w.n; i++) {
                const struct rti_record *r = w.record[i];

                cr_assert_neq(r->event, EV_SYSCALL_WRITE_X);
                if (r->event == EV_SYSCALL_OPENAT_2_X) {
                        cr_assert_lt(number_of(r, 0), 0);
                        opens++;
                }
                if (r->event == EV_SYSCALL_READ_X) {
                        cr_assert_eq(r->facts_len, 0);
                        reads++;
                }
        }
        cr_assert_eq(opens, 1);
        cr_assert_eq(reads, 2, "from the test's own pipe, too");
        cr_assert_eq(rti_live_count(w.live, &totals), RT_OK);
        cr_assert_geq(totals.kernel.skipped[RTI_SKIP_FILTERED], 3);
        teardown();
}

static int
unshare_and_fork(void *context)
{
        (void) context;
        if (unshare(CLONE_NEWPID) < 0)
                return 1;
        return fork_and_die(NULL) != 3;
}

Test(kernel, processes_of_a_pid_namespace_have_both_numbers)
{
        const struct rti_record *r = NULL;

        watch_open(&w, &defaults);
        watch_run(&w, unshare_and_fork, NULL);
        for (size_t i = 0; i < w.n; i++) {
                if (w.record[i]->flags & RTI_REC_IN_PIDNS && !r)
                        r = w.record[i];
        }
        cr_assert(r);
        cr_assert_eq(r->event, EV_SYSCALL_CLONE_20_X);
        cr_assert_eq(r->vpid, 1);
        cr_assert_gt(r->pid, 1);
        cr_assert_eq(number_of(r, 15) >> 29 & 1, 1, "CHILD_IN_PIDNS");
        cr_assert_gt(number_of(r, 20), 0, "when its namespace was made");
        teardown();
}

#if defined(__x86_64__)
static int
call_like_others(void *context)
{
        long nr = 20; /* getpid of 32-bit programs */

        (void) context;
        syscall(0x40000000 | SYS_getpid);
        __asm__ volatile("int $0x80" : "+a"(nr) : : "memory");
        return 0;
}

Test(kernel, calls_that_are_not_understood_are_counted)
{
        rti_live_totals before, after;

        watch_open(&w, &defaults);
        cr_assert_eq(rti_live_count(w.live, &before), RT_OK);
        watch_run(&w, call_like_others, NULL);
        cr_assert_eq(rti_live_count(w.live, &after), RT_OK);
        cr_assert_geq(after.kernel.skipped[RTI_SKIP_X32], before.kernel.skipped[RTI_SKIP_X32] + 1);
        if (access("/proc/sys/abi/vsyscall32", F_OK) == 0) /* the kernel runs 32-bit programs */
                cr_assert_geq(after.kernel.skipped[RTI_SKIP_IA32],
                              before.kernel.skipped[RTI_SKIP_IA32] + 1);
        teardown();
}
#endif

Test(kernel, plain_tracepoints_tell_the_same)
{
        const rti_live_options plain = { .plain = true };
        const struct rti_record *r;

        watch_open(&w, &plain);
        watch_run(&w, exec_true, NULL);
        r = watch_find_text(&w, EV_SYSCALL_EXECVE_19_X, 30, "/bin/true");
        cr_assert(r);
        cr_assert_str_eq(text_of(r, 1), "called");
        cr_assert_eq(r->ppid, (uint32_t) getpid());
        teardown();
}
