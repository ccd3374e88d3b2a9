/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random lives of processes and threads against a naive model: arrays by tid, and a search through
 * all of them for whatever is asked.
 */
#include "support/state_test.h"
#include <criterion/criterion.h>

enum { TIDS = 48, INIT = 1 };

/* A tid of the model; all are on the host, so that both halves of a clone say the same. */
static struct {
        bool there, dead, reaper;
        bool child; /* of an entry that is there: it is told when that one exits */
        int64_t pid, ptid;
        unsigned age; /* when it joined its group */
        char name[16];
} model[TIDS];

static unsigned clock_;
static machine m;

static bool
lives(int64_t tid)
{
        return tid > 0 && model[tid].there && !model[tid].dead;
}

/* The eldest living thread of a process: the leader, else by age. */
static int64_t
eldest(int64_t pid, int64_t without)
{
        int64_t found = 0;

        if (lives(pid) && pid != without)
                return pid;
        for (int64_t t = 1; t < TIDS; t++)
                if (lives(t) && model[t].pid == pid && t != without
                    && (!found || model[t].age < model[found].age))
                        found = t;
        return found;
}

static int64_t
parent_process(int64_t tid)
{
        const int64_t ptid = model[model[tid].pid].ptid;

        return ptid > 0 && model[ptid].there ? model[ptid].pid : 0;
}

static int64_t
new_parent(int64_t tid, int64_t told)
{
        int64_t found, pid;

        if (told > 0 && told < TIDS && told != tid && model[told].there)
                return told;
        found = eldest(model[tid].pid, tid);
        for (pid = parent_process(tid); !found && pid; pid = parent_process(pid))
                if (pid == INIT || model[pid].reaper)
                        found = eldest(pid, 0);
        return found;
}

static void
model_die(int64_t tid, int64_t told)
{
        const int64_t parent = (model[tid].dead = true, new_parent(tid, told));

        for (int64_t t = 1; t < TIDS; t++)
                if (model[t].there && model[t].child && model[t].ptid == tid) {
                        model[t].ptid = parent == t ? 0 : parent;
                        model[t].child = model[t].ptid > 0;
                }
}

/* A dead leader gets children when its threads clone: those are nobody's once it is gone. */
static void
model_remove(int64_t tid)
{
        model[tid].there = false;
        for (int64_t t = 1; t < TIDS; t++)
                if (model[t].ptid == tid)
                        model[t].child = false;
}

static void
model_bury(int64_t tid)
{
        const int64_t pid = model[tid].pid;

        if (tid == pid && eldest(pid, 0))
                return;
        model_remove(tid);
        if (tid != pid && model[pid].there && model[pid].dead && !eldest(pid, 0))
                model_remove(pid);
}

static unsigned
model_n_threads(int64_t pid)
{
        unsigned n = 0;

        for (int64_t t = 1; t < TIDS; t++)
                n += lives(t) && model[t].pid == pid;
        return n;
}

static void
model_add(int64_t tid, int64_t pid, int64_t ptid, const char *name)
{
        model[tid].there = true;
        model[tid].dead = model[tid].reaper = false;
        model[tid].pid = pid;
        model[tid].ptid = ptid > 0 && model[ptid].there ? ptid : 0;
        model[tid].child = model[tid].ptid > 0;
        model[tid].age = ++clock_;
        snprintf(model[tid].name, sizeof model[tid].name, "%s", name);
}

/* No kernel hands children to one of their own descendants. */
static bool
descends(int64_t tid, int64_t from)
{
        for (int64_t pid = model[tid].there ? model[tid].pid : 0; pid; pid = parent_process(pid))
                if (pid == model[from].pid)
                        return true;
        return false;
}

/* ---- both ---- */

static void
clone_(int64_t tid, int64_t child, bool thread, bool by_child)
{
        const uint32_t flags = thread ? RTI_CL_CLONE_THREAD : 0;
        const int64_t pid = thread ? model[tid].pid : child;
        const int64_t ptid = thread ? model[tid].ptid : tid;
        char name[16];

        snprintf(name, sizeof name, "c%u", ++clock_);
        if (by_child)
                machine_clone(&m, (clone_half){ .tid = child,
                                                .pid = pid,
                                                .ptid = ptid,
                                                .flags = flags,
                                                .comm = name });
        else
                machine_clone(&m, (clone_half){ .tid = tid,
                                                .res = child,
                                                .pid = model[tid].pid,
                                                .ptid = model[tid].ptid,
                                                .flags = flags,
                                                .comm = name });
        rti_state_settle(&m.state, &m.evt);
        model_add(child, pid, ptid, name);
}

static void
exit_(int64_t tid, int64_t reaper)
{
        char params[64];

        snprintf(params, sizeof params, "q0 q0 b0 b0 q%" PRId64, reaper);
        machine_do(&m, RTI_EV_PROCEXIT_1_E, tid, params);
        model_die(tid, reaper);
        model_bury(tid);
}

static void
exec_(int64_t pid)
{
        machine_exec(&m, (exec_exit){ .tid = pid, .pid = pid, .exe = "new", .flags = -1 });
        rti_state_settle(&m.state, &m.evt);
        model[pid].dead = false;
        snprintf(model[pid].name, sizeof model[pid].name, "new");
        for (;;) {
                int64_t other = 0;

                /* In the order of the group: their children are handed on from one to the next. */
                for (int64_t t = 1; t < TIDS; t++)
                        if (model[t].there && model[t].pid == pid && t != pid
                            && (!other || model[t].age < model[other].age))
                                other = t;
                if (!other)
                        return;
                model_die(other, 0);
                model_remove(other);
        }
}

static void
compare(void)
{
        for (int64_t t = 1; t < TIDS; t++) {
                rti_thread *thread = machine_find(&m, t), *up;
                int64_t pid = model[t].pid;

                cr_assert_eq(thread != NULL, model[t].there, "tid %" PRId64, t);
                if (!thread)
                        continue;
                cr_assert_eq(thread->pid, pid);
                cr_assert_eq(thread->ptid, model[t].ptid, "tid %" PRId64 ": %" PRId64 " %" PRId64,
                             t, thread->ptid, model[t].ptid);
                cr_assert(text_is(thread->comm, model[t].name));
                cr_assert_eq(!!(thread->marks & RTI_TH_DEAD), model[t].dead);
                if (!thread->leader)
                        continue;
                cr_assert_eq(thread->leader->tid, pid);
                cr_assert_eq(thread->leader->n_threads, model_n_threads(pid));
                for (uint32_t n = 1; n < 5; n++) {
                        up = rti_thread_ancestor(&m.state.threads, thread, n);
                        pid = pid ? parent_process(pid) : 0;
                        cr_assert_eq(up ? up->tid : 0, pid, "ancestor %u of %" PRId64, n, t);
                }
        }
}

static void
step(void)
{
        const int64_t tid = 2 + rand() % (TIDS - 2), other = 2 + rand() % (TIDS - 2);

        m.now_ns += 3000000000; /* numbers are used again at once */
        if (!lives(tid) || model[tid].pid == INIT) {
                if (!model[tid].there && lives(INIT))
                        clone_(INIT, tid, false, rand() % 2);
                return;
        }
        switch (rand() % 6) {
        case 0:
        case 1:
                if (!model[other].there)
                        clone_(tid, other, rand() % 2, rand() % 2);
                break;
        case 2:
        case 3:
                exit_(tid, rand() % 3 || descends(other, tid) ? 0 : other);
                break;
        case 4:
                exec_(model[tid].pid);
                break;
        default:
                machine_do(&m, RTI_EV_SYSCALL_PRCTL_X, tid, "q0 d36 - q1");
                model[model[tid].pid].reaper = true;
                break;
        }
}

Test(state_model, random_lives_are_as_a_naive_model_has_them)
{
        for (unsigned seed = 0; seed < 20; seed++) {
                srand(seed);
                memset(model, 0, sizeof model);
                machine_begin(&m, &rti_alloc_default, 1 << 24, 1000);
                machine_list(&m, INIT, INIT, 0, "init");
                rti_state_lists_done(&m.state);
                model_add(INIT, INIT, 0, "init");
                for (int i = 0; i < 3000; i++) {
                        step();
                        compare();
                }
                machine_end(&m);
        }
}
