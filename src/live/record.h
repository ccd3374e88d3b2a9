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
enum { RTI_SLOT_FINISH, RTI_SLOT_FACTS, RTI_SLOT_GENERIC, RTI_SLOT_FILTER, RTI_SLOTS };

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
        RTI_SKIP_IA32,     /* blind: call of a 32-bit program, wanted if it were none */
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

enum { RTI_CALL_FD_FACTS = 1 << 0 /* describe the descriptor */ }; /* rti_live_call.flags */

/* What becomes of one system call. */
struct rti_live_call {
        uint16_t event; /* 0: none, a generic event is made */
        uint16_t id;    /* number of the call in captures */
        uint8_t cls;
        uint8_t flags;   /* RTI_CALL_* */
        uint16_t filter; /* which of the filters; 0: all events are made */
};

enum {
        RTI_LIVE_FILTERS = 256,
        RTI_LIVE_ROWS = 10,   /* of one filter */
        RTI_LIVE_PREFIX = 64, /* bytes of a path's beginning that are looked at */
        RTI_LIVE_KINDS = 32,
        RTI_LIVE_MODES = 16,
        RTI_LIVE_FD_RESULT = 6, /* rti_live_filter.fd_from: arguments are 0 to 5 */
        RTI_LIVE_RAW = 256      /* a path of the program is looked at if it is shorter */
};

/* Where calls that open have what filters ask about. */
enum rti_live_open {
        RTI_OPEN_NOT,
        RTI_OPEN_OPEN,     /* path, flags, mode */
        RTI_OPEN_OPENAT,   /* directory, path, flags, mode */
        RTI_OPEN_CREAT,    /* path, mode */
        RTI_OPEN_OPENAT2,  /* directory, path; the rest is in memory */
        RTI_OPEN_BY_HANDLE /* flags are the third; there is no path */
};

/*
 * Rows: an event is made if it meets all conditions of one of them. Each member is a set of rows,
 * bit by bit: those that are left when the event is so. What cannot be known leaves all.
 */
struct rti_live_filter {
        uint16_t results[2];            /* success, failure */
        uint16_t modes[RTI_LIVE_MODES]; /* bit r | w << 1 | x << 2 | c << 3, see source.h */
        uint16_t raw[2];                /* the path as given: without "../", with it */
        uint16_t kinds[RTI_LIVE_KINDS]; /* by the descriptor's kind */
        /* Rows that ask at all for the thread's name, the path as given, the file's path, kind. */
        uint16_t named, raw_pathed, pathed, kinded;
        uint8_t open;    /* enum rti_live_open */
        uint8_t fd_from; /* which argument, or RTI_LIVE_FD_RESULT */
        uint16_t unused;
        uint32_t names[RTI_LIVE_ROWS], paths[RTI_LIVE_ROWS]; /* numbers of sets of texts */
};

/* Keys of what the sets hold. */
struct rti_live_name {
        uint32_t set;
        char comm[16];
};
struct rti_live_prefix {
        uint32_t bits; /* that count, behind this member */
        uint32_t set;
        uint8_t path[RTI_LIVE_PREFIX];
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
        uint64_t compat[RTI_LIVE_CALLS / 64]; /* the same by the numbers of 32-bit programs */
        struct rti_live_call calls[RTI_LIVE_CALLS];
        struct rti_live_filter filters[RTI_LIVE_FILTERS];
};

#endif
