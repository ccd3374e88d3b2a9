/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * record.h - the event record: what the kernel side writes into its rings, for both sides.
 *
 *      struct rti_record | u16 lengths[n_params] | values | facts
 *
 * Lengths and values are those of the capture's event of that type, byte for byte: user space only
 * puts a block around them. Facts are what the kernel's objects said at that moment, in the
 * encoding of the capture's lists: at most one descriptor entry (i64 tid, then the entry with its
 * own length in front). All numbers are little-endian and, unless said otherwise, of the machine's
 * first namespaces.
 *
 * The BPF side includes this too: no includes but for the fixed-width types, no pointers.
 */
#ifndef RTI_LIVE_RECORD_H
#define RTI_LIVE_RECORD_H

#ifndef RTI_BPF
#include <stdint.h>
#endif

enum { RTI_LIVE_CALLS = 512 }; /* numbers of system calls below this are seen */

/* Classes: what may be lost is counted for each, and each goes into one of the rings. */
enum rti_live_class {
#define CLASS(id, ...) RTI_LIVE_##id,
#include "live/classes.def"
#undef CLASS
        RTI_LIVE_CLASSES
};

enum rti_live_ring { RTI_LIVE_BULK, RTI_LIVE_URGENT, RTI_LIVE_RINGS };

enum { /* rti_record.flags */
       /* The values were read from the program's memory after the call: another thread may have
        * changed them. Bit i of user_params says which. */
       RTI_REC_USER_MEMORY = 1 << 0,
       RTI_REC_CUT = 1 << 1,        /* a list or path did not fit and was cut */
       RTI_REC_UNREADABLE = 1 << 2, /* memory of the program was not there: a value is empty */
       RTI_REC_IN_PIDNS = 1 << 3,   /* the thread lives in a pid namespace below the first */
       RTI_REC_GENERIC = 1 << 4     /* the event is a generic one */
};

/* 8-byte aligned, no holes. */
struct rti_record {
        uint32_t len;        /* of the record with all that follows */
        uint16_t event;      /* code of the event, as in captures */
        uint16_t n_params;   /* so many u16 lengths follow */
        uint32_t values_len; /* bytes of lengths and values */
        uint32_t facts_len;  /* bytes behind them: 0 or a descriptor entry */
        uint64_t time_ns;    /* since boot, suspended time included */
        uint64_t start_ns;   /* when the thread started, same clock: with tid, its identity */
        uint64_t exec_id;    /* grows with every exec of the thread */
        uint64_t cgroup_id;  /* of the default hierarchy */
        uint32_t tid, pid, ppid;
        uint32_t vtid, vpid; /* in its own pid namespace */
        uint32_t sid, pgid;
        uint32_t uid, gid, loginuid; /* effective ones */
        uint32_t mntns, pidns;       /* inode numbers of its namespaces */
        uint32_t user_params;        /* see RTI_REC_USER_MEMORY */
        uint16_t cpu;
        uint16_t nr; /* number of the system call; RTI_LIVE_CALLS: a tracepoint's event */
        uint8_t cls; /* enum rti_live_class */
        uint8_t flags;
        uint8_t fact_param; /* the parameter that the descriptor entry is about; 0xff: none */
        uint8_t unused;
        char comm[16];
        uint32_t unused2;
};

/* Programs that are no call's, behind them in the table of steps. */
enum { RTI_SLOT_FINISH, RTI_SLOT_FACTS, RTI_SLOT_GENERIC, RTI_SLOTS };

/* Why a record did not reach its ring. */
enum rti_live_loss {
        RTI_LOSS_RING_FULL, /* the consumer is too slow */
        RTI_LOSS_NESTED,    /* another event was being made on this CPU */
        RTI_LOSS_BROKEN,    /* no program for the next step */
        RTI_LIVE_LOSSES
};

/* Events that were not made for another reason than loss. */
enum rti_live_skip {
        RTI_SKIP_SCOPE,    /* outside of the scope */
        RTI_SKIP_FILTERED, /* no rule can match */
        RTI_SKIP_IA32,     /* blind: call of a 32-bit program */
        RTI_SKIP_X32,      /* blind: x32 call */
        RTI_LIVE_SKIPS
};

/* One a CPU; the sum over all CPUs is exact. produced = written + lost. */
struct rti_live_counters {
        uint64_t written[RTI_LIVE_CLASSES];
        uint64_t lost[RTI_LIVE_CLASSES][RTI_LIVE_LOSSES];
        uint64_t skipped[RTI_LIVE_SKIPS];
};

/* ---- what user space sets ---- */

enum {                                 /* rti_live_call.flags */
       RTI_CALL_ONLY_SUCCESS = 1 << 0, /* drop results < 0 */
       RTI_CALL_ONLY_FAILURE = 1 << 1,
       RTI_CALL_ARG_BITS = 1 << 2, /* drop where (argument arg & bits) == 0 */
       RTI_CALL_FD_FACTS = 1 << 3, /* describe the descriptor */
       RTI_CALL_FD_KINDS = 1 << 4  /* drop where the descriptor is not of fd_kinds */
};

/* What becomes of one system call. */
struct rti_live_call {
        uint16_t event; /* 0: none, a generic event is made */
        uint16_t id;    /* number of the call in captures */
        uint8_t cls;
        uint8_t arg;
        uint16_t flags;    /* RTI_CALL_* */
        uint32_t fd_kinds; /* bit n: kind n */
        uint32_t bits;
};

enum { /* rti_live_conf.scope: any of these that is set lets an event pass; none set: all pass */
       RTI_SCOPE_CGROUP = 1 << 0,
       RTI_SCOPE_MNTNS = 1 << 1,
       RTI_SCOPE_PIDNS = 1 << 2,
       RTI_SCOPE_TREE = 1 << 3,      /* processes in the map and all they start */
       RTI_SCOPE_CONTAINERS = 1 << 4 /* any pid namespace below the first */
};

struct rti_scope_key {
        uint64_t id;
        uint32_t kind; /* one RTI_SCOPE_* */
        uint32_t unused;
};

struct rti_live_conf {
        uint32_t scope;      /* set of RTI_SCOPE_* */
        uint32_t ignore_pid; /* events of this process are not made; 0: none */
        uint32_t snaplen;    /* payloads are cut to so many bytes */
        uint32_t wake_bytes; /* each CPU wakes the consumer for so much */
};

/* Mapped by user space, so that a change takes effect at once. */
struct rti_live_shared {
        struct rti_live_conf conf;
        uint64_t wanted[RTI_LIVE_CALLS / 64];
        struct rti_live_call calls[RTI_LIVE_CALLS];
};

#endif
