/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * process.h - clone, execve and exit: the events that say everything about a process.
 *
 * A new child is reported by sched_process_fork (before it runs, and for 32-bit programs too), its
 * parent's side by the call's exit. A successful exec is reported by sched_process_exec, where both
 * the new image and the name it was called by are there; a failed one by the call's exit.
 */
#ifndef RTI_BPF_PROCESS_H
#define RTI_BPF_PROCESS_H

#include "entry.h"
#include "exe.h"
#include "finish.h"

/* ---- memory ---- */

enum { RSS_FILE, RSS_ANON, RSS_SWAP, RSS_SHMEM, PAGE_KB = 4 };

inlined u64
rss_count(struct mm_struct *mm, u32 which)
{
        struct mm_struct___old *old = (void *) mm;
        s64 n = 0;

        if (bpf_core_field_exists(old->rss_stat.count))
                bpf_probe_read_kernel(
                        &n, sizeof n,
                        (char *) mm + bpf_core_field_offset(struct mm_struct___old, rss_stat.count)
                                + which * sizeof n);
        else
                bpf_probe_read_kernel(
                        &n, sizeof n,
                        (char *) mm + bpf_core_field_offset(struct mm_struct, rss_stat)
                                + which * bpf_core_type_size(struct percpu_counter)
                                + bpf_core_field_offset(struct percpu_counter, count));
        return n > 0 ? (u64) n : 0;
}

/* vm_size, vm_rss, vm_swap in KiB. */
inlined void
put_memory(struct values *v, struct mm_struct *mm)
{
        if (!mm) {
                put_u32(v, 0);
                put_u32(v, 0);
                put_u32(v, 0);
                return;
        }
        put_u32(v, (u32) RD(mm, total_vm) * PAGE_KB);
        put_u32(v,
                (u32) (rss_count(mm, RSS_FILE) + rss_count(mm, RSS_ANON) + rss_count(mm, RSS_SHMEM))
                        * PAGE_KB);
        put_u32(v, (u32) rss_count(mm, RSS_SWAP) * PAGE_KB);
}

/* ---- control groups ---- */

enum { MOST_CGROUP_LEVELS = 12 };

inlined struct kernfs_node *
parent_of(struct kernfs_node *node)
{
        struct kernfs_node___old *old = (void *) node;

        if (bpf_core_field_exists(old->parent))
                return BPF_CORE_READ(old, parent);
        return BPF_CORE_READ(node, __parent);
}

/* The path of f->cgroup, like those of files. Global, as walk_to_root is. */
__noinline int
walk_cgroup(u32 most)
{
        struct frame *f = get_frame();

        if (!f)
                return 0;
        f->n_parts = 0;
        for (u32 i = 0; i < MOST_CGROUP_LEVELS && i < most; i++) {
                struct kernfs_node *node = f->cgroup, *parent = parent_of(node);

                if (!parent)
                        break;
                add_part(f, BPF_CORE_READ(node, name));
                f->cgroup = parent;
        }
        write_parts(f);
        return 0;
}

inlined struct kernfs_node *
cgroup_node(struct task_struct *t, u32 subsystem)
{
        struct css_set *set = RD(t, cgroups);
        struct cgroup_subsys_state *state = NULL;

        bpf_probe_read_kernel(&state, sizeof state,
                              (char *) set + bpf_core_field_offset(struct css_set, subsys)
                                      + subsystem * sizeof state);
        return BPF_CORE_READ(state, cgroup, kn);
}

/* "cpu=/path" with its NUL goes behind what the list holds. */
inlined void
add_cgroup(struct values *v, const char *name, u32 name_len, struct kernfs_node *node)
{
        struct frame *f = v->f;

        if (f->list_at > LONGEST_TEXT - LONGEST_PATH - 16)
                return;
        f->cgroup = node;
        __builtin_memcpy(&f->body[(f->at + f->list_at) & mask_of(BODY_ROOM)], name, name_len);
        f->list_at += name_len;
        f->path_to = f->at + f->list_at;
        walk_cgroup(MOST_CGROUP_LEVELS);
        f->list_at += f->path_len;
}

#define ADD_CGROUP(subsystem)                                                       \
        if (bpf_core_enum_value_exists(enum cgroup_subsys_id, subsystem##_cgrp_id)) \
        add_cgroup(                                                                 \
                v, #subsystem "=", sizeof(#subsystem "=") - 1,                      \
                cgroup_node(t, bpf_core_enum_value(enum cgroup_subsys_id, subsystem##_cgrp_id)))

inlined void
put_cgroups(struct values *v, struct task_struct *t)
{
        v->f->list_at = 0;
        ADD_CGROUP(cpuset);
        ADD_CGROUP(cpu);
        ADD_CGROUP(cpuacct);
        ADD_CGROUP(io);
        ADD_CGROUP(memory);
        took(v, v->f->list_at & mask_of(2 * LONGEST_TEXT));
}

/* ---- arguments and environment ---- */

/* Texts of the program at [from, to), as they lie there: up to LONGEST_TEXT bytes, a NUL last. */
inlined void
put_texts(struct values *v, u64 from, u64 to)
{
        u64 len = to > from ? to - from : 0;
        u8 *at = place(v);

        from_user(v);
        if (len >= LONGEST_TEXT) {
                len = LONGEST_TEXT - 1;
                v->f->head.flags |= RTI_REC_CUT;
        }
        len &= mask_of(LONGEST_TEXT);
        if (len == 0) {
                put_empty(v);
                return;
        }
        if (bpf_probe_read_user(at, (u32) len, (const void *) from) < 0) {
                v->f->head.flags |= RTI_REC_UNREADABLE;
                put_empty(v);
                return;
        }
        at[len - 1] = 0;
        took(v, (u32) len);
}

/* exe and args out of the memory of a program that runs. */
inlined void
put_command_line(struct values *v, struct mm_struct *mm)
{
        const u64 from = mm ? RD(mm, arg_start) : 0, to = mm ? RD(mm, arg_end) : 0;
        const u32 at = v->f->at;

        put_text(v, from);
        put_texts(v, from + (v->f->at - at), to);
}

enum { MOST_POINTERS = 48 };

/* Texts that an array of pointers leads to, one behind the other. */
inlined void
put_pointed_texts(struct values *v, u64 array)
{
        struct frame *f = v->f;

        from_user(v);
        f->list_at = 0;
        for (u32 i = 0; i < MOST_POINTERS; i++) {
                const u64 text = array ? read_user(u64, array + i * 8UL) : 0;
                long n;

                if (!text)
                        break;
                if (f->list_at >= LONGEST_TEXT - 1) {
                        f->head.flags |= RTI_REC_CUT;
                        break;
                }
                n = bpf_probe_read_user_str(&f->body[(f->at + f->list_at) & mask_of(BODY_ROOM)],
                                            LONGEST_TEXT, (const void *) text);
                if (n <= 0) {
                        f->head.flags |= RTI_REC_UNREADABLE;
                        break;
                }
                f->list_at += (u32) n;
        }
        if (f->list_at >= LONGEST_TEXT) {
                f->list_at = LONGEST_TEXT - 1;
                f->body[(f->at + LONGEST_TEXT - 2) & mask_of(BODY_ROOM)] = 0;
        }
        took(v, f->list_at & mask_of(LONGEST_TEXT));
}

/* ---- the terminal ---- */

inlined u32
tty_of(struct task_struct *t)
{
        struct tty_struct *tty = RD(t, signal, tty);

        if (!tty)
                return 0;
        return user_dev((u32) RD(tty, driver, major) << 20
                        | (u32) (RD(tty, driver, minor_start) + RD(tty, index)));
}

/* ---- values that clone and execve have in common ---- */

/* tid, pid, ptid, cwd, fdlimit, pgft_maj, pgft_min, vm_size, vm_rss, vm_swap, comm, cgroups */
inlined void
put_process(struct values *v, struct task_struct *t)
{
        const struct rti_record *r = &v->f->head;

        put_u64(v, r->tid);
        put_u64(v, r->pid);
        put_u64(v, r->ppid);
        put_path(v, t, RD(t, fs, pwd.mnt), RD(t, fs, pwd.dentry));
        put_u64(v, RD(t, signal, rlim[7].rlim_cur)); /* RLIMIT_NOFILE */
        put_u64(v, RD(t, maj_flt));
        put_u64(v, RD(t, min_flt));
        put_memory(v, RD(t, mm));
        put_kernel_text(v, r->comm);
        put_cgroups(v, t);
}

/* ---- clone, fork, vfork, clone3 ---- */

/* Flags as the caller gave them; @a event tells where they are. */
inlined u32
flags_of_clone(const struct frame *f, u32 event)
{
        switch (event) {
        case EVENT_SYSCALL_CLONE_20_X:
                return clone_flags(f->arg[0]);
        case EVENT_SYSCALL_CLONE3_X: /* struct clone_args begins with them */
                return clone_flags(read_user(u64, f->arg[0]));
        case EVENT_SYSCALL_VFORK_20_X:
                return clone_flags(0x00004100); /* VFORK, VM */
        default:
                return 0;
        }
}

/* When the first process of its pid namespace started; 0 in the machine's first namespace. */
inlined u64
pidns_start(struct task_struct *t)
{
        struct pid *pid = RD(t, thread_pid);
        struct pid_namespace *ns;

        if (RD(pid, level) == 0)
                return 0;
        ns = pid_namespace_of(pid);
        return BPF_CORE_READ(ns, child_reaper, start_boottime);
}

inlined void
put_clone(struct values *v, struct task_struct *t)
{
        const struct rti_record *r = &v->f->head;
        u32 flags = flags_of_clone(v->f, r->event);

        if (r->flags & RTI_REC_IN_PIDNS)
                flags |= CLONE_IN_PIDNS;
        put_result(v);
        put_command_line(v, RD(t, mm));
        put_process(v, t);
        put_u32(v, flags);
        put_u32(v, r->uid);
        put_u32(v, r->gid);
        put_u64(v, r->vtid);
        put_u64(v, r->vpid);
        put_u64(v, pidns_start(t));
}

/* The child's side comes by sched_process_fork. */
HANDLER(clone, 21)
{
        put_clone(v, CURRENT_TASK());
}

/* A process in scope brings its children into it. */
inlined void
inherit_scope(struct task_struct *child)
{
        const struct rti_scope_key from = { .id = (u32) RD(child, real_parent, tgid),
                                            .kind = RTI_SCOPE_TREE };
        const struct rti_scope_key to = { .id = (u32) RD(child, tgid), .kind = RTI_SCOPE_TREE };
        const u32 one = 1;

        if ((shared.conf.scope & RTI_SCOPE_TREE) && bpf_map_lookup_elem(&scope, &from))
                bpf_map_update_elem(&scope, &to, &one, BPF_ANY);
}

inlined void
leave_scope(struct task_struct *t)
{
        const struct rti_scope_key key = { .id = (u32) RD(t, tgid), .kind = RTI_SCOPE_TREE };

        if ((shared.conf.scope & RTI_SCOPE_TREE) && RD(t, pid) == RD(t, tgid))
                bpf_map_delete_elem(&scope, &key);
}

/* ---- events of the scheduler's tracepoints ---- */

/* The registers with which the current task entered the kernel. */
inlined struct pt_regs *
regs_of(struct task_struct *t)
{
#ifdef RTI_RAW
        enum { STACK_BYTES = 16384 }; /* as all kernels before bpf_task_pt_regs have it */

        return (struct pt_regs *) (RD(t, stack) + STACK_BYTES - bpf_core_type_size(struct pt_regs));
#else
        return (struct pt_regs *) bpf_task_pt_regs(t);
#endif
}

/* Begin a record of @a t for the call that the current task is in; @a otherwise: its event, when
 * the call has none, as in 32-bit programs. */
inlined struct frame *
begin_sched_record(struct task_struct *t, u32 otherwise)
{
        struct task_struct *current = CURRENT_TASK();
        struct pt_regs *regs = regs_of(current);
        struct frame *f = get_frame();
        u64 nr = is_compat(current) ? RTI_LIVE_CALLS : call_number(regs);

        if (!f || !take_frame(f, RTI_LIVE_PROCESS))
                return NULL;
        f->result = 0;
        f->file.fd = -1;
        read_args(f, regs);
        if (nr > RTI_LIVE_CALLS)
                nr = RTI_LIVE_CALLS;
        if (!begin_record(f, t, (u32) nr)) {
                f->busy = 0;
                return NULL;
        }
        f->head.cls = RTI_LIVE_PROCESS;
        if (nr == RTI_LIVE_CALLS || f->head.event == 0)
                f->head.event = (u16) otherwise;
        return f;
}

inlined int
on_child(struct task_struct *child)
{
        struct values v;
        struct frame *f;

        if (RD(child, flags) & (KERNEL_THREAD | IO_WORKER))
                return 0;
        inherit_scope(child);
        f = begin_sched_record(child, EVENT_SYSCALL_CLONE_20_X);
        if (!f)
                return 0;
        v = begin(f, 21);
        put_clone(&v, child);
        return emit(f);
}

inlined void
put_exec_file(struct values *v, struct task_struct *t)
{
        const struct cred *cred = RD(t, cred);
        struct inode *inode = v->f->file.inode;

        put_u64(v, caps_of(&cred->cap_inheritable));
        put_u64(v, caps_of(&cred->cap_permitted));
        put_u64(v, caps_of(&cred->cap_effective));
        put_u64(v, v->f->file.ino);
        put_u64(v, ctime_of(inode));
        put_u64(v, mtime_of(inode));
        put_u32(v, v->f->head.uid);
        put_file_path(v, t);
}

/* Everything behind the environment but for the name that was called. */
inlined void
put_exec_rest(struct values *v, struct task_struct *t)
{
        see_file(v->f, RD(t, mm, exe_file));
        put_u32(v, tty_of(t));
        put_u64(v, number_of(RD(t, signal, pids[PID_OF_GROUP])));
        put_u32(v, v->f->head.loginuid);
        put_u32(v, exe_flags(RD(t, cred), &v->f->file));
        put_exec_file(v, t);
        put_u64(v, v->f->head.pgid);
        put_u32(v, v->f->head.gid);
}

/* execveat's event has no value for the name. */
enum { EXECVE_VALUES = 31, EXECVEAT_VALUES = 30 };

inlined int
on_exec(struct task_struct *t, struct linux_binprm *program)
{
        struct mm_struct *mm = RD(t, mm);
        struct values v;
        struct frame *f = begin_sched_record(t, EVENT_SYSCALL_EXECVE_19_X);

        if (!f)
                return 0;
        v = begin(f, EXECVE_VALUES);
        put_result(&v);
        put_command_line(&v, mm);
        put_process(&v, t);
        put_texts(&v, RD(mm, env_start), RD(mm, env_end));
        put_exec_rest(&v, t);
        put_kernel_text(&v, RD(program, filename));
        return emit(f);
}

/* Failed ones: what the program asked for is in its memory still. */
inlined void
put_failed_exec(struct values *v, u64 array, u64 environment)
{
        struct task_struct *t = CURRENT_TASK();

        put_result(v);
        put_text(v, array ? read_user(u64, array) : 0);
        put_pointed_texts(v, array ? array + 8 : 0);
        put_process(v, t);
        put_pointed_texts(v, environment);
        put_exec_rest(v, t);
}

HANDLER(execve, EXECVE_VALUES)
{
        put_failed_exec(v, f->arg[1], f->arg[2]);
        put_arg_text(v, 0);
}

HANDLER(execveat, EXECVEAT_VALUES)
{
        put_failed_exec(v, f->arg[2], f->arg[3]);
}

/* ---- exit ---- */

/* Who takes over the children: as the kernel will choose, a live thread of the group or the
 * namespace's first process. 0: left to the reader. */
inlined int
on_exit(struct task_struct *t)
{
        const u32 code = (u32) RD(t, exit_code);
        struct values v;
        struct frame *f;

        if (RD(t, flags) & (KERNEL_THREAD | IO_WORKER))
                return 0;
        f = begin_sched_record(t, EVENT_PROCEXIT_1_E);
        leave_scope(t);
        if (!f)
                return 0;
        f->head.event = EVENT_PROCEXIT_1_E;
        f->head.nr = RTI_LIVE_CALLS;
        v = begin(f, 5);
        put_u64(&v, code);
        put_u64(&v, code >> 8 & 0xff);
        put_u8(&v, code & 0x7f);
        put_u8(&v, (code & 0x80) != 0);
        put_u64(&v, 0);
        return emit(f);
}

#ifdef RTI_RAW
#define SCHED_ARG(type, ctx, i) ((type) ((struct bpf_raw_tracepoint_args *) (ctx))->args[i])
#else
#define SCHED_ARG(type, ctx, i) ((type) ((u64 *) (ctx))[i])
#endif

ON_SCHED("sched_process_fork") int on_sched_fork(void *ctx)
{
        return on_child(SCHED_ARG(struct task_struct *, ctx, 1));
}

ON_SCHED("sched_process_exec") int on_sched_exec(void *ctx)
{
        return on_exec(SCHED_ARG(struct task_struct *, ctx, 0),
                       SCHED_ARG(struct linux_binprm *, ctx, 2));
}

ON_SCHED("sched_process_exit") int on_sched_exit(void *ctx)
{
        return on_exit(SCHED_ARG(struct task_struct *, ctx, 0));
}

#endif
