/* SPDX-License-Identifier: Apache-2.0 */
/*
 * thread.h - the threads and processes of a machine as its events tell them.
 *
 * One entry a thread, found by tid. Descriptors belong to the group leader's entry. Entries are
 * pieces of the pool; pointers stay valid until the entry is removed, which happens only in
 * rti_state_settle (after evaluation) and in rti_state_apply (eviction, group removal by execve).
 *
 * Any request to the pool may evict the entry not seen for longest, but never one of `pinned` nor
 * their leaders: whoever holds an entry over such a request pins it.
 */
#ifndef RTI_SYSCALL_THREAD_H
#define RTI_SYSCALL_THREAD_H

#include "sources/syscall/state/container.h"
#include "sources/syscall/state/fd.h"
#include "sources/syscall/state/pool.h"

enum { /* rti_thread.flags: clone flags as in captures (PPM_CL_*) */
       RTI_CL_CLONE_FILES = 1 << 0,
       RTI_CL_CLONE_FS = 1 << 1,
       RTI_CL_CLONE_IO = 1 << 2,
       RTI_CL_CLONE_NEWIPC = 1 << 3,
       RTI_CL_CLONE_NEWNET = 1 << 4,
       RTI_CL_CLONE_NEWNS = 1 << 5,
       RTI_CL_CLONE_NEWPID = 1 << 6,
       RTI_CL_CLONE_NEWUTS = 1 << 7,
       RTI_CL_CLONE_PARENT = 1 << 8,
       RTI_CL_CLONE_PARENT_SETTID = 1 << 9,
       RTI_CL_CLONE_PTRACE = 1 << 10,
       RTI_CL_CLONE_SIGHAND = 1 << 11,
       RTI_CL_CLONE_SYSVSEM = 1 << 12,
       RTI_CL_CLONE_THREAD = 1 << 13,
       RTI_CL_CLONE_UNTRACED = 1 << 14,
       RTI_CL_CLONE_VM = 1 << 15,
       RTI_CL_CLONE_INVERTED = 1 << 16,
       RTI_CL_NAME_CHANGED = 1 << 17,
       RTI_CL_CLOSED = 1 << 18,
       RTI_CL_ACTIVE = 1 << 19,
       RTI_CL_CLONE_NEWUSER = 1 << 20,
       RTI_CL_PIPE_SRC = 1 << 21,
       RTI_CL_PIPE_DST = 1 << 22,
       RTI_CL_CLONE_CHILD_CLEARTID = 1 << 23,
       RTI_CL_CLONE_CHILD_SETTID = 1 << 24,
       RTI_CL_CLONE_SETTLS = 1 << 25,
       RTI_CL_CLONE_STOPPED = 1 << 26,
       RTI_CL_CLONE_VFORK = 1 << 27,
       RTI_CL_CLONE_NEWCGROUP = 1 << 28,
       RTI_CL_CHILD_IN_PIDNS = 1 << 29
};

enum {                          /* rti_thread.marks */
       RTI_TH_INVALID = 1 << 0, /* made up for an unknown tid */
       RTI_TH_DEAD = 1 << 1,    /* exited; kept while others of its group live */
       RTI_TH_REAPER = 1 << 2,  /* prctl(PR_SET_CHILD_SUBREAPER) */
       RTI_TH_EXE_WRITABLE = 1 << 3,
       RTI_TH_EXE_UPPER_LAYER = 1 << 4,
       RTI_TH_EXE_LOWER_LAYER = 1 << 5,
       RTI_TH_EXE_FROM_MEMFD = 1 << 6,
       RTI_TH_EXE = RTI_TH_EXE_WRITABLE | RTI_TH_EXE_UPPER_LAYER | RTI_TH_EXE_LOWER_LAYER
                    | RTI_TH_EXE_FROM_MEMFD
};

struct rti_thread {
        /* Looked at by most events. */
        int64_t tid, pid, ptid;
        rti_thread *leader;        /* of its group; itself for a leader; NULL: not in the table */
        rti_fds *fds;              /* the leader's descriptors; NULL in other threads' entries */
        struct rti_enter *enter;   /* the half call it is in, of old captures; mostly NULL */
        uint32_t marks;            /* RTI_TH_* */
        uint32_t flags;            /* RTI_CL_* */
        uint64_t seen_ns;          /* time of its last event */
        rti_thread *older, *newer; /* by last use, in rti_threads.ages */
        rti_text *comm, *exe, *exepath, *cwd;

        uint32_t uid, gid, loginuid, tty;
        int64_t vtid, vpid, sid, pgid, vpgid;
        rti_text *args, *env; /* elements end with a NUL each: n_args of them */
        rti_text *cgroups;    /* "subsys=path" elements, a NUL behind each */
        rti_text *root, *container_id;
        uint32_t n_args, n_env;
        uint32_t n_threads; /* leader: alive threads of the group, itself included */
        uint32_t container; /* see container.h */
        uint64_t cap_inheritable, cap_permitted, cap_effective;
        uint64_t exe_ino, exe_ino_ctime, exe_ino_mtime;
        uint64_t exe_age_at_start_ns; /* clone_ns - ctime at the last execve; children inherit it */
        uint64_t clone_ns, lastexec_ns, pidns_init_start_ns;
        uint64_t pfmajor, pfminor;
        int64_t fdlimit; /* proc.fdlimit is the leader's, 0 without one */
        uint32_t vmsize_kb, vmrss_kb, vmswap_kb;
        uint64_t exec_ns, total_exec_ns; /* thread.exectime, thread.totexectime */

        /* Links. The parent is the entry whose list of children this one stands in. */
        rti_thread *parent, *first_child, *next_sibling, *prev_sibling;
        rti_thread *next_in_group, *prev_in_group; /* from the leader on; before it: the last */

        uint64_t version; /* of the table, when what fields show of the entry changed last */
        rti_text *extra;  /* what others keep with the entry (the host of plug-ins), their format */
        /* The number that it was given as a subject, and what for (subject.c). */
        struct {
                uint64_t number;         /* 0: none yet, or the walk up was too long */
                uint64_t seen;           /* of the table: nothing has changed since */
                uint64_t own, others;    /* versions */
                uint64_t leader, parent; /* their numbers */
        } subject;
};

/* Whose entries must stay: the event's thread, the one a handler works on, that of the list entry
 * read last. */
enum { RTI_PIN_EVENT, RTI_PIN_HANDLER, RTI_PIN_LIST, RTI_N_PINS };

enum { RTI_AGES_KNOWN, RTI_AGES_INVALID, RTI_N_AGES };

typedef struct rti_threads {
        rti_pool *pool;
        struct rti_thread_cell *cells; /* open addressing by tid */
        uint32_t n, room;
        uint64_t seed;
        uint32_t most; /* cap: beyond it the entry not seen for longest goes */
        struct {
                rti_thread *oldest, *newest;
        } ages[RTI_N_AGES]; /* what nothing is known about goes first */
        rti_thread *recent; /* of the last event: most events come in runs */
        rti_thread *pinned[RTI_N_PINS];
        uint64_t evicted;
        uint64_t version;    /* counts changes of entries that fields can show, and of relations */
        uint64_t n_subjects; /* numbers given */
} rti_threads;

/* Entries are evicted when @a pool is full: it belongs to the table until rti_threads_done. */
void rti_threads_init(rti_threads *threads, rti_pool *pool, uint32_t most);
void rti_threads_done(rti_threads *threads);
rti_thread *rti_threads_find(const rti_threads *threads, int64_t tid);
/* A new entry for @a tid (an old one of that tid is removed first), all unset: ids -1, no texts,
 * loginuid all ones. NULL: no memory, even after eviction. */
rti_thread *rti_threads_add(rti_threads *threads, int64_t tid);
/* Children keep their ptid; threads of a removed leader are left without one. */
void rti_threads_remove(rti_threads *threads, rti_thread *thread);
/* Events of @a thread are at hand: it and its leader are the last to be evicted. */
void rti_threads_touch(rti_threads *threads, rti_thread *thread);
/* What fields show of @a thread may be another now. */
static inline void
rti_threads_changed(rti_threads *threads, rti_thread *thread)
{
        thread->version = ++threads->version;
}
/* Set or clear RTI_TH_INVALID. */
void rti_threads_set_invalid(rti_threads *threads, rti_thread *thread, bool invalid);
/* Take a place in the group of @a thread->pid: set its leader. A leader takes in those of its group
 * that came before it only if it is told to (which looks at every entry). */
void rti_threads_join(rti_threads *threads, rti_thread *thread);
void rti_threads_adopt_group(rti_threads *threads, rti_thread *leader);
/* Stand among the children of @a parent (NULL: of nobody); ptid is left alone. */
void rti_thread_set_parent(rti_thread *thread, rti_thread *parent);
/* Forget the enter half that the thread is in. */
void rti_enter_drop(rti_pool *pool, rti_thread *thread);
/* Walk over all entries: set *at to 0 first; NULL at the end. */
rti_thread *rti_threads_next(const rti_threads *threads, uint32_t *at);

/* ---- relations; NULL where there is none (an invalid entry counts as none) ---- */

/* The entry that stands for the process: its leader, or itself when that is unknown. */
rti_thread *rti_thread_main(const rti_threads *threads, rti_thread *thread);
rti_thread *rti_thread_parent(const rti_threads *threads, const rti_thread *thread);
/* The @a n-th ancestor; 0 is the process itself. Cycles end the walk. */
rti_thread *rti_thread_ancestor(const rti_threads *threads, rti_thread *thread, uint32_t n);
/* The leader of a session or group by the rule of the spec (C.7); NULL: "". @a which names it. */
enum rti_leader_of { RTI_LEADER_SID, RTI_LEADER_VPGID, RTI_LEADER_PGID };
rti_thread *rti_thread_leader_of(const rti_threads *threads, rti_thread *thread,
                                 enum rti_leader_of which);
rti_thread *rti_thread_login_shell(const rti_threads *threads, rti_thread *thread);

/* The descriptors that this thread uses, NULL: none known. */
static inline rti_fds *
rti_thread_fds(const rti_thread *thread)
{
        return thread->leader ? thread->leader->fds : thread->fds;
}

#endif
