/* SPDX-License-Identifier: Apache-2.0 */
/*
 * state.h - what is known of a machine: processes, descriptors, users, interfaces, containers.
 *
 * in    the lists of a capture (or of /proc), then events in order
 * out   the same events with thread and descriptor filled in, to be judged; after that, settled
 *
 * Per event: rti_state_apply (updates the tables, before rules), judging, rti_state_settle (removes
 * what closed or exited). All memory comes from one capped pool; what does not fit is counted.
 */
#ifndef RTI_SYSCALL_STATE_H
#define RTI_SYSCALL_STATE_H

#include "sources/syscall/state/container.h"
#include "sources/syscall/state/thread.h"
#include "sources/syscall/state/user.h"

/* ---- entries of lists, as decoded; texts are borrowed ---- */

typedef struct rti_proc_entry {
        int64_t tid, pid, ptid, sid, vpgid, pgid, vtid, vpid, fdlimit;
        rt_str comm, exe, exepath, args, cwd, env, cgroups, root;
        uint32_t flags, uid, gid, loginuid, tty;
        uint32_t vmsize_kb, vmrss_kb, vmswap_kb;
        uint64_t pfmajor, pfminor;
        uint64_t pidns_init_start_ns;
        uint64_t cap_inheritable, cap_permitted, cap_effective;
        uint64_t exe_ino, exe_ino_ctime, exe_ino_mtime;
        uint8_t exe_writable, exe_upper_layer, exe_lower_layer, exe_from_memfd;
} rti_proc_entry;

typedef struct rti_fd_entry {
        int64_t num;
        uint64_t ino;
        uint8_t kind, l4;
        uint32_t open_flags, dev;
        rti_ends ends;         /* kinds 3 to 6 */
        uint64_t source, dest; /* unix sockets */
        rt_str name;
        char own[24]; /* room for a name that is made up */
} rti_fd_entry;

typedef struct rti_interface {
        uint8_t address[16], mask[16];
        uint8_t family; /* 4 or 16: bytes of the address */
} rti_interface;

/* A name that leads to an address. */
typedef struct rti_host {
        rti_text *name;
        uint8_t address[16];
        uint8_t family; /* as of rti_interface */
} rti_host;

/* What a kernel says of a thread with its events. Members of an entry that it does not tell stay as
 * they are. */
typedef struct rti_told_thread {
        int64_t tid, pid, ptid, sid, pgid, vtid, vpid;
        uint32_t uid, gid, loginuid;
        uint32_t flags; /* RTI_CL_CHILD_IN_PIDNS, RTI_CL_CLONE_THREAD; for a new entry */
} rti_told_thread;

/* ---- counters: what was lost, and why ---- */
typedef struct rti_state_stats {
        uint64_t threads_evicted; /* the table was full */
        uint64_t threads_refused; /* and nothing could go */
        uint64_t fds_refused;     /* no memory for a descriptor */
        uint64_t texts_refused;   /* no memory for a text: it reads as empty */
} rti_state_stats;

enum { RTI_STATE_EXITED = 64 }; /* a power of two */

typedef struct rti_state {
        const rt_allocator *allocator;
        rti_pool pool;
        rti_threads threads;
        rti_users users;
        rti_containers containers;
        RTI_VEC(rti_interface) interfaces;
        RTI_VEC(rti_host) hosts;
        uint64_t boot_ns;
        struct {
                int64_t tid;
                uint64_t at_ns;
        } exited[RTI_STATE_EXITED]; /* the last ones, in a circle */
        uint32_t n_exited;
        rti_text *unknown;                   /* "<NA>": name of who is not known */
        rti_state_stats stats;               /* see rti_state_count; kept by rti_state_clear */
        rti_state_stats before;              /* the same when the state was cleared last */
        uint8_t plan[RTI_N_EVENT_CODES];     /* what rti_state_apply does for a type */
        uint8_t fd_param[RTI_N_EVENT_CODES]; /* which parameter is the descriptor of a type */
        bool lists_done;
        bool live;
} rti_state;

int rti_state_init(rti_state *state, const rt_allocator *allocator, size_t limit_bytes,
                   uint32_t most_threads);
void rti_state_done(rti_state *state);
void rti_state_clear(rti_state *state); /* for the next input */
/* Bring state->stats up to date. */
void rti_state_count(rti_state *state);

/* Lists. An entry of a tid that is there replaces it. RT_OK, RT_ENOMEM, RT_ELIMIT (counted). */
int rti_state_add_process(rti_state *state, const rti_proc_entry *entry);
int rti_state_add_fd(rti_state *state, int64_t tid, const rti_fd_entry *entry);
int rti_state_add_interface(rti_state *state, const rti_interface *interface);
/* Names of hosts: lines "NAME ADDRESS", in place of all that are known. RT_OK, RT_ENOMEM,
 * RT_ELIMIT; what does not look like that is left out. */
int rti_hosts_learn(rti_state *state, rt_str lines);
/* A name that leads to @a address, of 4 or 16 bytes; ptr NULL: none is known. The search begins at
 * row @a *at, and can go on from there. */
rt_str rti_hosts_find(const rti_state *state, const uint8_t *address, size_t family, size_t *at);
/* As rti_state_add_process. */
int rti_state_tell_thread(rti_state *state, const rti_told_thread *told, rt_str comm);
/* All lists are read: put right what needs all of them (parents, groups, server sockets). */
int rti_state_lists_done(rti_state *state);

/* Bring the tables up to date with @a evt and fill in its thread and descriptor. RT_OK, or
 * RT_ENOMEM; what merely does not fit is counted. */
int rti_state_apply(rti_state *state, rti_sysevt *evt);
void rti_state_settle(rti_state *state, rti_sysevt *evt);
/* As rt_event.subject, after rti_state_apply. */
uint64_t rti_state_subject(rti_state *state, rti_thread *thread);

/* ---- the parts of rti_state_apply, by event type ---- */

/* Thread look-up and everything about processes, users, containers: process.c, ids.c */
typedef void rti_state_handler(rti_state *state, rti_sysevt *evt);
rti_state_handler *rti_process_handler(uint16_t type);
/* Does it change what fields show of the event's thread, or of its leader? */
bool rti_process_changes(uint16_t type);
/* Everything about descriptors: files.c, sockets.c. Also sets evt->fd_num, evt->fd. */
rti_state_handler *rti_fd_handler(uint16_t type);
/* When all lists are read: which side of a connection is whose. RT_OK, RT_ENOMEM. */
int rti_fd_lists_done(rti_state *state);
/* The parameter that names the descriptor which events of @a type use; RTI_NO_PARAM. */
uint8_t rti_fd_param(uint16_t type);
/* fd_num and fd of an event that uses a descriptor and has no handler of its own. */
void rti_fd_find_current(rti_state *state, rti_sysevt *evt);

#endif
