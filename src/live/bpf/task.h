/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* task.h - what a record's header says about its thread. */
#ifndef RTI_BPF_TASK_H
#define RTI_BPF_TASK_H

#include "frame.h"

/* The number of @a pid in the namespace it was made in. */
inlined u32
number_of(struct pid *pid)
{
        struct upid at = {};
        const u32 level = RD(pid, level);

        bpf_probe_read_kernel(&at, sizeof at,
                              (char *) pid + bpf_core_field_offset(struct pid, numbers)
                                      + level * bpf_core_type_size(struct upid));
        return (u32) at.nr;
}

/* And in the machine's first one. */
inlined u32
outer_number_of(struct pid *pid)
{
        return (u32) RD(pid, numbers[0].nr);
}

inlined void
fill_comm(struct rti_record *r, struct task_struct *t)
{
#ifdef RTI_RAW
        bpf_probe_read_kernel(r->comm, sizeof r->comm, &t->comm);
#else
        const u64 *from = (const u64 *) &t->comm;

        ((u64 *) r->comm)[0] = from[0];
        ((u64 *) r->comm)[1] = from[1];
#endif
}

inlined struct pid_namespace *
pid_namespace_of(struct pid *pid)
{
        struct pid_namespace *ns = NULL;
        const u32 level = RD(pid, level);

        bpf_probe_read_kernel(&ns, sizeof ns,
                              (char *) pid + bpf_core_field_offset(struct pid, numbers)
                                      + level * bpf_core_type_size(struct upid)
                                      + bpf_core_field_offset(struct upid, ns));
        return ns;
}

/* The ids of @a t and of its process. */
inlined void
fill_ids(struct frame *f, struct task_struct *t)
{
        struct rti_record *r = &f->head;
        struct pid *pid = RD(t, thread_pid);

        r->tid = (u32) RD(t, pid);
        r->pid = (u32) RD(t, tgid);
        r->ppid = (u32) RD(t, real_parent, tgid);
        r->sid = outer_number_of(RD(t, signal, pids[PID_OF_SESSION]));
        r->pgid = outer_number_of(RD(t, signal, pids[PID_OF_GROUP]));
        if (RD(pid, level) == 0) {
                r->vtid = r->tid;
                r->vpid = r->pid;
        } else {
                r->vtid = number_of(pid);
                r->vpid = number_of(RD(t, group_leader, thread_pid));
                r->flags |= RTI_REC_IN_PIDNS;
        }
}

/* Everything of the header that comes from @a t. */
inlined void
fill_head(struct frame *f, struct task_struct *t)
{
        struct rti_record *r = &f->head;
        const struct cred *cred = RD(t, cred);

        r->flags = 0;
        fill_ids(f, t);
        r->start_ns = RD(t, start_boottime);
        r->exec_id = RD(t, self_exec_id);
        r->cgroup_id = RD(t, cgroups, dfl_cgrp, kn, id);
        r->uid = RD(cred, euid.val);
        r->gid = RD(cred, egid.val);
        if (bpf_core_field_exists(t->loginuid))
                r->loginuid = RD(t, loginuid.val);
        else
                r->loginuid = ~0U;
        r->mntns = RD(t, nsproxy, mnt_ns, ns.inum);
        r->pidns = RD(t, nsproxy, pid_ns_for_children, ns.inum);
        fill_comm(r, t);
        r->time_ns = bpf_ktime_get_boot_ns();
        r->cpu = (u16) bpf_get_smp_processor_id();
        r->user_params = 0;
        r->fact_param = NO_FACT;
        r->facts_len = 0;
        f->fact_fd = -1;
}

inlined bool
scope_has(u32 kind, u64 id)
{
        const struct rti_scope_key key = { .id = id, .kind = kind };

        return bpf_map_lookup_elem(&scope, &key) != NULL;
}

/* Is @a t one to watch? Before anything else of it is read. */
inlined bool
in_scope(struct task_struct *t)
{
        const u32 kinds = shared.conf.scope, ignored = shared.conf.ignore_pid;
        const u32 pid = (u32) RD(t, tgid);

        if (ignored != 0 && pid == ignored)
                return false;
        if (kinds == 0)
                return true;
        if ((kinds & RTI_SCOPE_CONTAINERS) && RD(t, thread_pid, level) > 0)
                return true;
        if ((kinds & RTI_SCOPE_TREE) && scope_has(RTI_SCOPE_TREE, pid))
                return true;
        if ((kinds & RTI_SCOPE_CGROUP)
            && scope_has(RTI_SCOPE_CGROUP, RD(t, cgroups, dfl_cgrp, kn, id)))
                return true;
        if ((kinds & RTI_SCOPE_MNTNS)
            && scope_has(RTI_SCOPE_MNTNS, RD(t, nsproxy, mnt_ns, ns.inum)))
                return true;
        return (kinds & RTI_SCOPE_PIDNS)
               && scope_has(RTI_SCOPE_PIDNS, RD(t, nsproxy, pid_ns_for_children, ns.inum));
}

#endif
