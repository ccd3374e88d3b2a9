/* SPDX-License-Identifier: Apache-2.0 */
/* Which processes belong to what is watched, over a /proc of the test's own. */
#include "live/record.h"
#include "live/scope.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[] = "/tmp/scope-XXXXXX";
static procfs proc;

static void
make_process(int pid, const char *stat, int pidns, int mntns)
{
        char path[128], link[64];
        FILE *f;

        snprintf(path, sizeof path, "%s/%d", root, pid);
        cr_assert(mkdir(path, 0755) == 0);
        snprintf(path, sizeof path, "%s/%d/ns", root, pid);
        cr_assert(mkdir(path, 0755) == 0);
        snprintf(path, sizeof path, "%s/%d/stat", root, pid);
        cr_assert((f = fopen(path, "we")));
        fputs(stat, f);
        cr_assert(fclose(f) == 0);
        snprintf(path, sizeof path, "%s/%d/ns/pid_for_children", root, pid);
        snprintf(link, sizeof link, "pid:[%d]", pidns);
        cr_assert(symlink(link, path) == 0);
        snprintf(path, sizeof path, "%s/%d/ns/mnt", root, pid);
        snprintf(link, sizeof link, "mnt:[%d]", mntns);
        cr_assert(symlink(link, path) == 0);
}

/* 1 - 10 - 20 - 30, and 40 beside them; 20 and 30 are in namespaces of their own. The name of 20 is
 * made to be misread, 50 has itself for a parent. */
static void
setup(void)
{
        cr_assert(mkdtemp(root));
        cr_assert(rti_procfs_init(&proc, "/proc") == RT_OK);
        snprintf(proc.root, sizeof proc.root, "%s", root);
        make_process(1, "1 (init) S 0 1", 100, 200);
        make_process(10, "10 (sh) S 1 1", 100, 200);
        make_process(20, "20 (a) S 40 (b) S 10 1", 101, 201);
        make_process(30, "30 (c) S 20 1", 101, 201);
        make_process(40, "40 (d) S 1 1", 100, 200);
        make_process(50, "50 (e) S 50 1", 100, 200);
}

static void
teardown(void)
{
        char command[64];

        rti_procfs_done(&proc);
        snprintf(command, sizeof command, "rm -r '%s'", root);
        cr_expect(system(command) == 0);
}

TestSuite(scope, .init = setup, .fini = teardown);

/* The pids of the six processes that are in scope, as a decimal "1.10." text. */
static void
expect_scope(live_scope scope, const char *expected)
{
        static const int pids[] = { 1, 10, 20, 30, 40, 50, 60 };
        char got[64] = "";
        size_t used = 0;

        cr_assert(live_scope_fill(&scope, &proc) == RT_OK);
        for (size_t i = 0; i < sizeof pids / sizeof *pids; i++)
                if (live_scope_has(&scope, pids[i]))
                        used += (size_t) snprintf(got + used, sizeof got - used, "%d.", pids[i]);
        cr_expect_str_eq(got, expected);
        live_scope_done(&scope);
}

Test(scope, without_one_everything_counts)
{
        expect_scope((live_scope){ .kind = 0 }, "1.10.20.30.40.50.60.");
}

Test(scope, a_pid_namespace_is_those_whose_children_are_in_it)
{
        expect_scope((live_scope){ .kind = RTI_SCOPE_PIDNS, .id = 101 }, "20.30.");
}

Test(scope, ancestors_come_along_when_asked_for)
{
        expect_scope((live_scope){ .kind = RTI_SCOPE_PIDNS, .id = 101, .ancestors = true },
                     "1.10.20.30.");
}

Test(scope, a_mount_namespace_is_those_in_it)
{
        expect_scope((live_scope){ .kind = RTI_SCOPE_MNTNS, .id = 201 }, "20.30.");
}

Test(scope, a_tree_is_a_process_and_all_below_it)
{
        expect_scope((live_scope){ .kind = RTI_SCOPE_TREE, .id = 10 }, "10.20.30.");
}

Test(scope, a_process_that_is_its_own_parent_ends)
{
        expect_scope((live_scope){ .kind = RTI_SCOPE_TREE, .id = 50, .ancestors = true }, "50.");
}

Test(scope, nothing_in_scope_is_nothing)
{
        expect_scope((live_scope){ .kind = RTI_SCOPE_PIDNS, .id = 999 }, "");
}
