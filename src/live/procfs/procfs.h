/* SPDX-License-Identifier: Apache-2.0 */
/*
 * procfs.h - what is running now, as entries of a capture, read from /proc.
 *
 * in    a proc file system at `root` (tests give one of their own making)
 * out   list blocks: processes with their threads, descriptors, users, groups, interfaces
 *
 * Everything read is hostile: processes choose their names, arguments and files, and come and go
 * while they are read. What vanished is left out; what cannot be parsed is left at its default.
 */
#ifndef RTI_LIVE_PROCFS_H
#define RTI_LIVE_PROCFS_H

#include "live/encode.h"

enum { PROCFS_FILE_BYTES = 64 * 1024, PROCFS_PATH_BYTES = 4096, PROCFS_LIST_BYTES = 4096 };

/* A socket of /proc/net, by inode. */
typedef struct procfs_socket {
        uint64_t ino;
        rti_fd_entry entry; /* name: of unix sockets, in `text` */
        char text[110];
        uint8_t text_len;
} procfs_socket;

/* Sockets of one network namespace. */
typedef struct procfs_net {
        uint64_t netns;
        procfs_socket *sockets; /* open addressing by inode */
        size_t n, room;
} procfs_net;

typedef struct procfs {
        char root[256]; /* "/proc" */
        uint64_t boot_ns;
        uint64_t ns_per_tick;
        uint64_t host_pidns; /* inode of this process' pid namespace */
        procfs_net *nets;
        size_t n_nets, room_nets;
        char *file; /* PROCFS_FILE_BYTES, for what is being read */
        char path[PROCFS_PATH_BYTES + 1], target[PROCFS_PATH_BYTES + 1];
        /* Told of each thread that is put into a list; may be NULL. */
        int (*listed)(void *context, rti_proc_entry *entry, uint64_t start_ticks);
        void *listed_context;
        /* Whether a process belongs into the lists; NULL: all do. */
        bool (*wanted)(void *context, int64_t pid);
        void *wanted_context;
        /* Told of each process' cgroups; may be NULL. */
        int (*cgroups)(void *context, int64_t pid, rt_str cgroups);
        uint64_t vanished; /* processes, descriptors: gone by now, or hidden from this process */
} procfs;

int rti_procfs_init(procfs *p, const char *root);
void rti_procfs_done(procfs *p);

/* ---- parts ---- */

/* Read ROOT/NAME (printf style name in p->path) into p->file: its bytes; empty when it cannot be
 * read or is empty. Cut at PROCFS_FILE_BYTES. */
rt_str rti_procfs_read(procfs *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Target of the link ROOT/NAME, in p->target. */
rt_str rti_procfs_link(procfs *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Everything about one thread. Texts of @a ret_entry live in @a texts until it is used again.
 * RT_OK, RT_ENOENT: it is gone. */
typedef struct procfs_texts {
        uint64_t start_ticks; /* since boot: with the tid, the thread's identity */
        char comm[64];
        char exe[PROCFS_PATH_BYTES], exepath[PROCFS_PATH_BYTES], cwd[PROCFS_PATH_BYTES],
                root[PROCFS_PATH_BYTES];
        char args[PROCFS_LIST_BYTES + 1], env[PROCFS_LIST_BYTES], cgroups[PROCFS_LIST_BYTES];
} procfs_texts;
int rti_procfs_thread(procfs *p, int64_t pid, int64_t tid, procfs_texts *texts,
                      rti_proc_entry *ret_entry);

/* Parsers, on bytes (for tests and fuzzing). */
void rti_procfs_parse_stat(rt_str file, rti_proc_entry *entry, procfs_texts *texts);
void rti_procfs_parse_status(rt_str file, rti_proc_entry *entry);
rt_str rti_procfs_parse_cgroup(rt_str file, char *to, size_t room);
/* One line of /proc/net/{tcp,udp,raw,unix,...}: false: no socket stands there. */
enum procfs_table {
        PROCFS_TCP,
        PROCFS_TCP6,
        PROCFS_UDP,
        PROCFS_UDP6,
        PROCFS_RAW,
        PROCFS_RAW6,
        PROCFS_UNIX,
        PROCFS_NETLINK,
        PROCFS_N_TABLES
};
bool rti_procfs_parse_socket(enum procfs_table table, rt_str line, procfs_socket *ret_socket);
/* The kind of a descriptor by its link's text; fills kind, name, ino of an entry. */
void rti_procfs_parse_fd_link(rt_str link, rti_fd_entry *entry);

/* A line of /etc/passwd or /etc/group; false: it is none. */
typedef struct procfs_identity {
        uint32_t id, gid;
        rt_str name, home, shell; /* of a group: name alone */
} procfs_identity;
bool rti_procfs_parse_identity(rt_str line, bool user, procfs_identity *ret_identity);

/* The sockets of the network namespace that @a pid is in; NULL: no memory. */
const procfs_net *rti_procfs_net_of(procfs *p, int64_t pid);
const procfs_socket *rti_procfs_net_find(const procfs_net *net, uint64_t ino);
/* Descriptor @a num of @a pid. RT_OK, RT_ENOENT. The name lives in p->target: until the next. */
int rti_procfs_fd(procfs *p, int64_t pid, int64_t num, rti_fd_entry *ret_entry);

/* ---- the whole ---- */
void rti_procfs_put_users(cap_out *out, const char *passwd, const char *group);
void rti_procfs_put_interfaces(cap_out *out);
/* Lists of everything that runs and is wanted. RT_OK, RT_ENOMEM, RT_EIO: there is no such proc
 * file system. */
int rti_procfs_snapshot(procfs *p, cap_out *out);

#endif
