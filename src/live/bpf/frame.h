/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * frame.h - maps, settings, and the frame in which a CPU makes its record.
 *
 * A record is made in steps, each a program of its own: the entry (entry.h) fills in the header and
 * jumps to the handler of the system call, which appends the values and jumps to the end (facts.h),
 * which adds facts and writes the record out. In between, everything is in the CPU's frame.
 */
#ifndef RTI_BPF_FRAME_H
#define RTI_BPF_FRAME_H

#include "types.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#define RTI_BPF
#include "live/record.h"

/* EVENT_SYSCALL_OPEN_X ...: codes of events. */
enum event_code {
#define EVENT(code, id, ...) EVENT_##id = code,
#include "lang/events.def"
#undef EVENT
};

/*
 * Two builds of the same programs. Where the kernel types a tracepoint's arguments (tp_btf) and the
 * current task (5.11), members are read by plain loads; otherwise by bpf_probe_read_kernel.
 */
#ifdef RTI_RAW
#define ON_SYS_EXIT    SEC("raw_tp/sys_exit")
#define ON_SCHED(name) SEC("raw_tp/" name)
#define RD(from, ...)  BPF_CORE_READ(from, __VA_ARGS__)
#define CURRENT_TASK() ((struct task_struct *) bpf_get_current_task())
#else
#define ON_SYS_EXIT    SEC("tp_btf/sys_exit")
#define ON_SCHED(name) SEC("tp_btf/" name)
#define RD(from, ...)  (___arrow((from), __VA_ARGS__))
#define CURRENT_TASK() bpf_get_current_task_btf()
#endif

#define inlined static __always_inline

enum {
        BODY_ROOM = 1 << 14, /* where values begin: offsets are masked by it */
        LONGEST_TEXT = 4096, /* of one value, with its NUL */
        LONGEST_PATH = 1024, /* as a kernel object's path is written */
        MOST_DATA = 4096,    /* of one payload */
        NO_FACT = 0xff,
        SLOT_FINISH = RTI_LIVE_CALLS + RTI_SLOT_FINISH, /* in the table of programs */
        SLOT_GENERIC = RTI_LIVE_CALLS + RTI_SLOT_GENERIC,
        SLOT_FACTS = RTI_LIVE_CALLS + RTI_SLOT_FACTS,
        SLOT_FILTER = RTI_LIVE_CALLS + RTI_SLOT_FILTER,
        SLOTS = RTI_LIVE_CALLS + RTI_SLOTS
};

/* A file as it was found: what several steps look at. */
struct seen_file {
        s32 fd;              /* by which it was found; -1: nothing is seen yet */
        u32 mode, flags;     /* f_mode, f_flags */
        u32 inode_mode, dev; /* dev as user space has it */
        u64 ino, magic;      /* magic: of the file system */
        struct inode *inode; /* NULL: there is no such file */
        struct dentry *at;
        struct vfsmount *in;
        void *private_data;
        u64 place_only; /* inode_mode, dev, ino, magic are not known yet */
};

/* A component of a path. Short names lie in the kernel's object itself and are copied with it. */
struct part {
        const void *name;
        u32 len; /* of text; 0: the name has to be read */
        u32 unused;
        u64 text[4];
};

/* On the way from a file to its root. */
struct walk {
        struct dentry *at, *root_at;
        struct vfsmount *in, *root_in;
        /* Of the mount that at is in. */
        struct dentry *top, *mountpoint;
        struct mount *mount, *above;
};

/* In the order of use: what most records touch lies in one page. */
struct frame {
        struct part part[64]; /* of a path, the last first */
        volatile u32 n_parts;
        volatile u32 path_to;  /* in body: where the path is written */
        volatile u32 path_len; /* bytes written */
        u8 copy[192] __attribute__((aligned(8)));
        const u8 *copied_from; /* see files.h: copy_object */
        struct walk walk;
        struct kernfs_node *cgroup;
        struct seen_file file;
        s32 fact_fd;
        struct rti_live_name name; /* keys: see filter.h */
        struct rti_live_prefix key;
        u64 arg[6];
        s64 result;
        u32 busy;
        u32 unwoken[RTI_LIVE_RINGS]; /* bytes written since the consumer was woken */
        /* Offsets live here, not in registers: what is loaded from memory has no history, so the
         * verifier need not tell apart the ways that led to a place. */
        volatile u32 at;      /* in body, of the next value */
        volatile u32 list_at; /* in a value that is made of several texts */
        volatile u32 alive;   /* rows of the call's filter that may still be met */
        /* The record itself, in one piece. */
        struct rti_record head;
        u8 body[BODY_ROOM + LONGEST_TEXT + 64];
};

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __type(key, u32);
        __type(value, struct frame);
} frames SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
        __uint(max_entries, 1);
        __type(key, u32);
        __type(value, struct rti_live_counters);
} counters SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 1 << 23);
} bulk SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_RINGBUF);
        __uint(max_entries, 1 << 22);
} urgent SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, 16384);
        __type(key, struct rti_scope_key);
        __type(value, u32);
} scope SEC(".maps");

/* Texts that filters ask for, by the numbers of their sets. */
struct {
        __uint(type, BPF_MAP_TYPE_HASH);
        __uint(max_entries, 16384);
        __uint(map_flags, BPF_F_NO_PREALLOC);
        __type(key, struct rti_live_name);
        __type(value, u8);
} names SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_LPM_TRIE);
        __uint(max_entries, 16384);
        __uint(map_flags, BPF_F_NO_PREALLOC);
        __type(key, struct rti_live_prefix);
        __type(value, u8);
} prefixes SEC(".maps");

struct {
        __uint(type, BPF_MAP_TYPE_PROG_ARRAY);
        __uint(max_entries, SLOTS);
        __uint(key_size, sizeof(u32));
        __uint(value_size, sizeof(u32));
} steps SEC(".maps");

/* Set by user space, at any time. Alone in its map. */
struct rti_live_shared shared SEC(".data.shared") = {};

#define mask_of(size) ((size) -1)

/* By words, wherever they are: what clang does not know to be aligned it copies byte by byte. */
inlined void
copy_words(void *to, const void *from, u32 bytes)
{
        for (u32 i = 0; i < bytes / sizeof(u64); i++)
                ((u64 *) to)[i] = ((const u64 *) from)[i];
}

inlined struct frame *
get_frame(void)
{
        const u32 zero = 0;

        return bpf_map_lookup_elem(&frames, &zero);
}

inlined struct rti_live_counters *
get_counters(void)
{
        const u32 zero = 0;

        return bpf_map_lookup_elem(&counters, &zero);
}

inlined void
count_skip(enum rti_live_skip why)
{
        struct rti_live_counters *c = get_counters();

        if (c)
                c->skipped[why]++;
}

inlined void
count_loss(u32 cls, enum rti_live_loss why)
{
        struct rti_live_counters *c = get_counters();

        if (c && cls < RTI_LIVE_CLASSES)
                c->lost[cls][why]++;
}

/* The next step is missing, which the loader does not let happen: the event is lost, counted. */
inlined int
lose(struct frame *f)
{
        count_loss(f->head.cls, RTI_LOSS_BROKEN);
        f->busy = 0;
        return 0;
}

#endif
