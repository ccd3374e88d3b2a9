/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * types.h - the kernel's structures, with the members that are read here and no others.
 *
 * Offsets are those of the running kernel (CO-RE): only names and types count. A structure whose
 * member was renamed has a second shape, NAME___WHEN.
 */
#ifndef RTI_BPF_TYPES_H
#define RTI_BPF_TYPES_H

#include <linux/bpf.h>
#include <stdbool.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;
typedef __u8 uint8_t;
typedef __u16 uint16_t;
typedef __u32 uint32_t;
typedef __u64 uint64_t;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
        unsigned long r10, r9, r8, dx, si, di, orig_ax;
};
struct thread_info {
        u32 status;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
        u64 regs[31];
};
struct pt_regs {
        u64 regs[31];
        u64 orig_x0;
        s32 syscallno;
};
struct thread_info {
        unsigned long flags;
};
#else
#error "no such architecture"
#endif

/* ---- tasks ---- */

typedef struct {
        u32 val;
} kuid_t;
typedef struct {
        u32 val;
} kgid_t;

struct ns_common {
        unsigned int inum;
};

struct task_struct;

struct pid_namespace {
        struct task_struct *child_reaper;
        unsigned int level;
        struct ns_common ns;
};

struct upid {
        int nr;
        struct pid_namespace *ns;
};

struct pid {
        unsigned int level;
        struct upid numbers[1];
};

/* Two u32 before 6.3. */
typedef struct {
        u64 val;
} kernel_cap_t;

struct cred {
        kuid_t uid, euid, suid, fsuid;
        kgid_t gid, egid, sgid, fsgid;
        kernel_cap_t cap_inheritable, cap_permitted, cap_effective;
};

struct rlimit {
        unsigned long rlim_cur, rlim_max;
};

struct tty_driver {
        int major, minor_start;
};

struct tty_struct {
        int index;
        struct tty_driver *driver;
};

struct signal_struct {
        struct pid *pids[4];
        struct tty_struct *tty;
        struct rlimit rlim[16];
        unsigned int is_child_subreaper : 1;
};

struct mnt_namespace {
        struct ns_common ns;
};

struct nsproxy {
        struct mnt_namespace *mnt_ns;
        struct pid_namespace *pid_ns_for_children;
};

struct percpu_counter {
        s64 count;
};
typedef struct {
        s64 counter;
} atomic_long;
struct mm_rss_stat {
        atomic_long count[4];
};

struct file;

struct mm_struct {
        unsigned long total_vm, arg_start, arg_end, env_start, env_end, start_brk, brk;
        struct percpu_counter rss_stat[4];
        struct file *exe_file;
};
/* Before 6.2. */
struct mm_struct___old {
        struct mm_rss_stat rss_stat;
};

struct kernfs_node {
        struct kernfs_node *__parent;
        const char *name;
        u64 id;
};
/* Before 6.15. */
struct kernfs_node___old {
        struct kernfs_node *parent;
};

struct cgroup {
        struct kernfs_node *kn;
};

struct cgroup_subsys_state {
        struct cgroup *cgroup;
};

enum cgroup_subsys_id {
        cpuset_cgrp_id,
        cpu_cgrp_id,
        cpuacct_cgrp_id,
        io_cgrp_id,
        memory_cgrp_id,
        pids_cgrp_id
};

struct css_set {
        struct cgroup_subsys_state *subsys[16];
        struct cgroup *dfl_cgrp;
};

struct fs_struct;
struct files_struct;

struct task_struct {
        struct thread_info thread_info;
        void *stack;
        unsigned int flags;
        struct mm_struct *mm;
        int exit_code;
        int pid, tgid;
        struct task_struct *real_parent;
        struct task_struct *group_leader;
        struct pid *thread_pid;
        u64 start_boottime;
        unsigned long min_flt, maj_flt;
        const struct cred *cred;
        char comm[16];
        struct fs_struct *fs;
        struct files_struct *files;
        struct nsproxy *nsproxy;
        struct signal_struct *signal;
        kuid_t loginuid;
        u64 self_exec_id;
        struct css_set *cgroups;
};

/* ---- files ---- */

struct qstr {
        u32 len;
        const unsigned char *name;
};

struct inode;
struct super_block;

union shortname_store {
        unsigned char string[40];
};

struct dentry {
        struct dentry *d_parent;
        struct qstr d_name;
        struct inode *d_inode;
        union shortname_store d_shortname;
};
/* Before 6.14. */
struct dentry___old {
        unsigned char d_iname[32];
};

struct vfsmount {
        struct dentry *mnt_root;
        struct super_block *mnt_sb;
};

struct mount {
        struct mount *mnt_parent;
        struct dentry *mnt_mountpoint;
        struct vfsmount mnt;
};

struct path {
        struct vfsmount *mnt;
        struct dentry *dentry;
};

struct fs_struct {
        struct path root, pwd;
};

struct super_block {
        u32 s_dev;
        unsigned long s_magic, s_flags;
};

struct timespec64 {
        s64 tv_sec;
        long tv_nsec;
};

struct inode {
        unsigned short i_mode;
        kuid_t i_uid;
        kgid_t i_gid;
        unsigned int i_flags;
        struct super_block *i_sb;
        unsigned long i_ino;
        /* From 6.11 on. */
        s64 i_mtime_sec, i_ctime_sec;
        u32 i_mtime_nsec, i_ctime_nsec;
};
struct inode___v606 {
        struct timespec64 __i_mtime, __i_ctime;
};
struct inode___v606m {
        struct timespec64 i_mtime, __i_ctime;
};
struct inode___old {
        struct timespec64 i_mtime, i_ctime;
};

struct file {
        unsigned int f_mode, f_flags;
        struct inode *f_inode;
        struct path f_path;
        void *private_data;
};

struct fdtable {
        unsigned int max_fds;
        struct file **fd;
};

struct files_struct {
        struct fdtable *fdt;
};

struct linux_binprm {
        struct file *file;
        const char *filename;
        const char *interp;
        const char *fdpath;
};

/* ---- sockets ---- */

struct in6_addr {
        u8 bytes[16];
};

struct sock_common {
        u32 skc_daddr, skc_rcv_saddr;
        u16 skc_dport, skc_num;
        unsigned short skc_family;
        unsigned char skc_state;
        struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
};

struct socket;

struct sock {
        struct sock_common __sk_common;
        struct socket *sk_socket;
        u16 sk_protocol;
        u16 sk_type;
        u32 sk_ack_backlog, sk_max_ack_backlog;
};

struct socket {
        short type;
        struct file *file;
        struct sock *sk;
};

struct ipv6_pinfo {
        struct in6_addr saddr;
};

struct inet_sock {
        struct ipv6_pinfo *pinet6;
        u32 inet_saddr;
        u16 inet_sport;
};

struct sockaddr_un {
        u16 sun_family;
        char sun_path[108];
};

struct unix_address {
        int len;
        struct sockaddr_un name[1];
};

struct unix_sock {
        struct unix_address *addr;
        struct sock *peer;
};

#pragma clang attribute pop

/* ---- values of the kernel that its BTF does not name ---- */
enum {
        CALL_IS_COMPAT_X86 = 2,      /* thread_info.status */
        CALL_IS_COMPAT_ARM64 = 22,   /* bit of thread_info.flags */
        X32_CALL = 0x40000000,       /* bit of orig_ax */
        FILE_MODE_CREATED = 1 << 20, /* file.f_mode */
        FILE_SYSTEM_READ_ONLY = 1,   /* super_block.s_flags */
        INODE_IMMUTABLE = 8,         /* inode.i_flags */
        KERNEL_THREAD = 0x00200000,  /* task_struct.flags */
        IO_WORKER = 0x00000010,      /* task_struct.flags */
        MAGIC_OVERLAY = 0x794c7630,
        MAGIC_TMPFS = 0x01021994,
        MAGIC_PIPE = 0x50495045,
        MAGIC_SOCKET = 0x534f434b,
        MAGIC_ANON_INODE = 0x09041934,
        MAGIC_PIDFD = 0x50494446,
        MODE_KIND = 0170000,
        MODE_FILE = 0100000,
        MODE_DIRECTORY = 0040000,
        MODE_SYMLINK = 0120000,
        MODE_FIFO = 0010000,
        MODE_SOCKET = 0140000,
        FAMILY_UNIX = 1,
        FAMILY_IPV4 = 2,
        FAMILY_IPV6 = 10,
        FAMILY_NETLINK = 16,
        STATE_LISTEN = 10,
        TYPE_RAW = 3,
        PID_OF_GROUP = 2, /* enum pid_type */
        PID_OF_SESSION = 3
};

#endif
