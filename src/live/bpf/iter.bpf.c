/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * iter.bpf.c - the threads that run already, as the kernel has them: what /proc does not tell.
 *
 * An object of its own, so that a kernel without iterators (before 5.8) loses nothing else.
 */
#include "exe.h"
#include "live/task_facts.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct seq_file;

struct bpf_iter_meta {
        struct seq_file *seq;
};

struct bpf_iter__task {
        struct bpf_iter_meta *meta;
        struct task_struct *task;
};

#pragma clang attribute pop

inlined void
tell_exe(struct rti_task_facts *facts, struct frame *f, struct task_struct *t)
{
        struct file *exe = t->mm ? t->mm->exe_file : NULL;

        if (!exe)
                return;
        see_file(f, exe);
        if (!f->file.inode)
                return;
        facts->exe_ino = f->file.ino;
        facts->exe_ctime_ns = ctime_of(f->file.inode);
        facts->exe_mtime_ns = mtime_of(f->file.inode);
        facts->exe_flags = exe_flags(t->cred, &f->file);
}

SEC("iter/task") int each_task(struct bpf_iter__task *ctx)
{
        struct task_struct *t = ctx->task;
        struct rti_task_facts facts = {};
        struct frame *f = get_frame();

        if (!t || !f)
                return 0;
        facts.tid = (u32) t->pid;
        facts.start_ns = t->start_boottime;
        facts.exec_id = t->self_exec_id;
        tell_exe(&facts, f, t);
        bpf_seq_write(ctx->meta->seq, &facts, sizeof facts);
        return 0;
}

char LICENSE[] SEC("license") = "GPL";
