/* SPDX-License-Identifier: Apache-2.0 */
/* state_test.h - a machine's state, and events that happen to it: for tests of the process table */
#ifndef TESTS_SUPPORT_STATE_TEST_H
#define TESTS_SUPPORT_STATE_TEST_H

#include "scap_build.h"
#include "sources/syscall/codes.h"

typedef struct machine {
        rti_state state;
        rti_sysevt evt;
        char store[1024];
        uint64_t now_ns;
        int result;
} machine;

static inline void
machine_begin(machine *m, const rt_allocator *allocator, size_t limit_bytes, uint32_t most)
{
        *m = (machine){ .now_ns = 1000000000000u };
        rti_state_init(&m->state, allocator, limit_bytes, most);
}

static inline void
machine_end(machine *m)
{
        rti_state_done(&m->state);
}

static inline rti_thread *
machine_find(machine *m, int64_t tid)
{
        return rti_threads_find(&m->state.threads, tid);
}

/* A process of the list. */
static inline int
machine_list(machine *m, int64_t tid, int64_t pid, int64_t ptid, const char *comm)
{
        const rti_proc_entry entry = {
                .tid = tid,
                .pid = pid,
                .ptid = ptid,
                .sid = 1,
                .pgid = 1,
                .vpgid = 1,
                .vtid = tid,
                .vpid = pid,
                .fdlimit = 1024,
                .comm = rti_str_of(comm),
                .exe = rti_str_of(comm),
                .exepath = RTI_STR("/bin/listed (deleted)"),
                .args = RTI_STR("-a\0-b"),
                .env = RTI_STR("HOME=/root\0"),
                .cwd = RTI_STR("/home"),
                .root = RTI_STR("/"),
                .cgroups = RTI_STR("cpu=/\0io=/x\0mem_cgroup=/y\0"),
                .uid = 7,
                .gid = 8,
                .loginuid = 9,
                .tty = 34816,
                .cap_effective = 5,
                .exe_ino = 11,
                .exe_writable = 1,
        };

        return rti_state_add_process(&m->state, &entry);
}

/* Apply an event, parameters as in scap_make. Time goes on by a millisecond an event. */
static inline rti_thread *
machine_apply(machine *m, uint16_t type, int64_t tid, const char *params)
{
        m->evt = scap_make(type, tid, params, m->store);
        m->evt.info = &rti_events[type];
        m->evt.time_ns = m->now_ns += 1000000;
        m->result = rti_state_apply(&m->state, &m->evt);
        return m->evt.thread;
}

/* And settle it: the thread may be gone then. */
static inline void
machine_do(machine *m, uint16_t type, int64_t tid, const char *params)
{
        machine_apply(m, type, tid, params);
        rti_state_settle(&m->state, &m->evt);
}

/* One half of a clone. vtid 0: the tid; ptid and pid as the half says. */
typedef struct clone_half {
        int64_t tid, res, pid, ptid;
        uint32_t flags;
        int64_t vtid, vpid;
        const char *comm;
        uint16_t type;
} clone_half;

static inline rti_thread *
machine_clone(machine *m, clone_half half)
{
        char params[256];
        const char *comm = half.comm ? half.comm : "comm";

        snprintf(params, sizeof params,
                 "q%" PRId64 " sexe-%s - q%" PRId64 " q%" PRId64 " q%" PRId64
                 " s q4096 q1 q2 d3 d4 d5 s%s - d%u d100 d200 q%" PRId64 " q%" PRId64 " q77",
                 half.res, comm, half.tid, half.pid, half.ptid, comm, half.flags,
                 half.vtid ? half.vtid : half.tid, half.vpid ? half.vpid : half.pid);
        return machine_apply(m, half.type ? half.type : RTI_EV_SYSCALL_CLONE_20_X, half.tid,
                             params);
}

/* fork: caller's half alone. */
static inline void
machine_fork(machine *m, int64_t tid, int64_t ptid, int64_t child)
{
        machine_clone(m, (clone_half){ .tid = tid, .res = child, .pid = tid, .ptid = ptid });
        rti_state_settle(&m->state, &m->evt);
}

/* execve: res, exe, comm and what else is not "-". */
typedef struct exec_exit {
        int64_t tid, res, pid, ptid;
        const char *exe, *comm, *exepath;
        int flags; /* < 0: none */
        bool full; /* the other members, too */
} exec_exit;

static inline rti_thread *
machine_exec(machine *m, exec_exit e)
{
        char params[512], flags[16] = "-";

        if (e.flags >= 0)
                snprintf(flags, sizeof flags, "d%d", e.flags);
        snprintf(params, sizeof params,
                 "q%" PRId64 " s%s - q%" PRId64 " q%" PRId64 " q%" PRId64
                 " s/elsewhere q99 %s %s%s - sX=1 %s %s %s %s %s d%d %s%s %s %s s/asked",
                 e.res, e.exe, e.tid, e.pid, e.ptid, e.full ? "q21 q22 d23 d24 d25" : "- - - - -",
                 e.comm ? "s" : "-", e.comm ? e.comm : "", e.full ? "d3" : "-",
                 e.full ? "q31" : "-", e.full ? "d32" : "-", flags,
                 e.full ? "q41 q42 q43 q51 q52 q53" : "- - - - - -", 61, e.exepath ? "s" : "-",
                 e.exepath ? e.exepath : "", e.full ? "q71" : "-", e.full ? "d72" : "-");
        return machine_apply(m, RTI_EV_SYSCALL_EXECVE_19_X, e.tid, params);
}

static inline bool
text_is(const rti_text *text, const char *wanted)
{
        return rti_str_eq(rti_text_str(text), rti_str_of(wanted));
}

#endif
