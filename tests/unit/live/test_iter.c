/* SPDX-License-Identifier: Apache-2.0 */
/* test_iter.c - what a watcher knows of processes that ran before it. Needs root. */
#include "live/encode.h"
#include "live/iter.h"
#include "sources/syscall/scap/scap.h"
#include <criterion/criterion.h>
#include <fcntl.h>
#include <libruntime-live/live.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BUFFER = 4 << 20, BLOCK_HEAD = 8, BLOCK_TAIL = 4, NO_OVERLAY = 77 };

/* ---- a process to look at ---- */

static bool
copy_program(const char *to)
{
        char buffer[4096];
        const int from = open("/bin/sleep", O_RDONLY | O_CLOEXEC);
        const int fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
        ssize_t n = -1;

        while (from >= 0 && fd >= 0 && (n = read(from, buffer, sizeof buffer)) > 0)
                if (write(fd, buffer, (size_t) n) != n)
                        return false;
        close(from);
        return close(fd) == 0 && n == 0;
}

/* In a mount namespace of its own: an overlay on a tmpfs, with a program in either layer. */
static bool
make_overlay(void)
{
        if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0
            || mount("none", "/mnt", "tmpfs", 0, NULL) < 0 || mkdir("/mnt/lower", 0755) < 0
            || mkdir("/mnt/upper", 0755) < 0 || mkdir("/mnt/work", 0755) < 0
            || mkdir("/mnt/merged", 0755) < 0 || !copy_program("/mnt/lower/below"))
                return false;
        return mount("none", "/mnt/merged", "overlay", 0,
                     "lowerdir=/mnt/lower,upperdir=/mnt/upper,workdir=/mnt/work")
                       == 0
               && copy_program("/mnt/merged/above");
}

static pid_t
start(const char *program, bool with_overlay)
{
        const pid_t child = fork();
        char exe[64], target[256];

        cr_assert_geq(child, 0);
        if (child == 0) {
                if (with_overlay && !make_overlay())
                        _exit(NO_OVERLAY);
                execl(program, "waits", "60", (char *) NULL);
                _exit(1);
        }
        snprintf(exe, sizeof exe, "/proc/%d/cmdline", child);
        for (int i = 0; i < 1000; i++) {
                const int fd = open(exe, O_RDONLY | O_CLOEXEC);
                const ssize_t n = fd < 0 ? -1 : read(fd, target, sizeof target);
                int status;

                close(fd);
                if (n >= 5 && memcmp(target, "waits", 5) == 0)
                        return child;
                if (waitpid(child, &status, WNOHANG) == child)
                        cr_skip_test("no overlay can be mounted here");
                usleep(5000);
        }
        cr_assert_fail("it does not start");
        return -1;
}

/* ---- what is told of it ---- */

/* The entry of @a tid in the lists that are in @a bytes. */
static bool
find_entry(rt_str bytes, int64_t tid, rti_proc_entry *ret_entry)
{
        for (size_t at = 0; bytes.len - at >= BLOCK_HEAD;) {
                uint32_t head[2];
                rt_str body;

                memcpy(head, bytes.ptr + at, sizeof head);
                if (head[1] < BLOCK_HEAD + BLOCK_TAIL || head[1] > bytes.len - at)
                        return false;
                body = rti_str_sub(bytes, at + BLOCK_HEAD, at + head[1] - BLOCK_TAIL);
                at += head[1];
                while (head[0] == CAP_PROCESSES && body.len > 4) {
                        const int64_t n = rti_scap_process(body, 9, ret_entry);

                        if (n <= 0)
                                break;
                        if (ret_entry->tid == tid)
                                return true;
                        body = rti_str_sub(body, (size_t) n, body.len);
                }
        }
        return false;
}

static void
check(const char *program, bool with_overlay, bool upper, bool lower)
{
        const pid_t child = start(program, with_overlay);
        char path[64], why[512], *buffer = malloc(BUFFER);
        rti_proc_entry entry;
        size_t n = 0;
        void *state;
        int r;

        cr_assert(buffer);
        snprintf(path, sizeof path, "kernel:tree=%d,ancestors=off", child);
        r = rt_live_reader()->open(path, &state);
        if (r == RT_EIO) {
                kill(child, SIGKILL);
                (void) rt_live_check(why, sizeof why);
                cr_skip_test("%s", why);
        }
        cr_assert_eq(r, RT_OK);
        for (int64_t got; n < BUFFER;) {
                got = rt_live_reader()->read(state, buffer + n, BUFFER - n);
                if (got <= 0)
                        break;
                n += (size_t) got;
        }
        rt_live_reader()->close(state);
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        cr_assert(find_entry((rt_str){ buffer, n }, child, &entry));
        cr_assert_eq(entry.exe_upper_layer, upper);
        cr_assert_eq(entry.exe_lower_layer, lower);
        cr_assert_eq(entry.exe_from_memfd, 0);
        cr_assert_neq(entry.exe_ino, 0);
        free(buffer);
}

static void
need_iterators(void)
{
        live_facts facts = { 0 };

        if (live_facts_read(&facts) < 0)
                cr_skip_test("the kernel's iterator over threads needs root and Linux 5.8");
        live_facts_done(&facts);
}

Test(iter, a_program_of_an_upper_layer_that_runs_already_is_known_as_such)
{
        need_iterators();
        check("/mnt/merged/above", true, true, false);
}

Test(iter, a_program_of_a_lower_layer_that_runs_already_is_known_as_such)
{
        need_iterators();
        check("/mnt/merged/below", true, false, true);
}

Test(iter, this_thread_is_found_by_number_and_start_alone)
{
        const uint64_t tick = 10000000;
        const struct rti_task_facts *task;
        live_facts facts = { 0 };
        uint64_t ticks;

        need_iterators();
        cr_assert_eq(live_facts_read(&facts), RT_OK);
        for (size_t i = 1; i < facts.n; i++)
                cr_assert_lt(facts.tasks[i - 1].tid, facts.tasks[i].tid);
        task = NULL;
        for (size_t i = 0; i < facts.n; i++)
                if (facts.tasks[i].tid == (uint32_t) getpid())
                        task = &facts.tasks[i];
        cr_assert(task);
        ticks = task->start_ns / tick;
        cr_assert_eq(live_facts_find(&facts, getpid(), ticks, tick), task);
        cr_assert_null(live_facts_find(&facts, getpid(), ticks + 1, tick));
        cr_assert_null(live_facts_find(&facts, INT32_MAX, ticks, tick));
        live_facts_done(&facts);
}
