/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* entry.h - the first step of every system call's record: is it wanted, and whose is it? */
#ifndef RTI_BPF_ENTRY_H
#define RTI_BPF_ENTRY_H

#include "flags.h"
#include "task.h"

/* Calls of 32-bit programs have numbers of their own. */
inlined bool
is_compat(struct task_struct *t)
{
#if defined(__TARGET_ARCH_x86)
        return (RD(t, thread_info.status) & CALL_IS_COMPAT_X86) != 0;
#else
        return (RD(t, thread_info.flags) >> CALL_IS_COMPAT_ARM64 & 1) != 0;
#endif
}

inlined u64
call_number(struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
        return RD(regs, orig_ax);
#else
        return (u64) (s64) RD(regs, syscallno);
#endif
}

inlined void
read_args(struct frame *f, struct pt_regs *regs)
{
#if defined(__TARGET_ARCH_x86)
        f->arg[0] = RD(regs, di);
        f->arg[1] = RD(regs, si);
        f->arg[2] = RD(regs, dx);
        f->arg[3] = RD(regs, r10);
        f->arg[4] = RD(regs, r8);
        f->arg[5] = RD(regs, r9);
#else
        f->arg[0] = RD(regs, orig_x0);
        f->arg[1] = RD(regs, regs[1]);
        f->arg[2] = RD(regs, regs[2]);
        f->arg[3] = RD(regs, regs[3]);
        f->arg[4] = RD(regs, regs[4]);
        f->arg[5] = RD(regs, regs[5]);
#endif
}

/* What the rules know of the call's result and flags before anything is read. */
inlined bool
is_filtered(const struct frame *f, const struct rti_live_call *call)
{
        if ((call->flags & RTI_CALL_ONLY_SUCCESS) && f->result < 0)
                return true;
        if ((call->flags & RTI_CALL_ONLY_FAILURE) && f->result >= 0)
                return true;
        return (call->flags & RTI_CALL_ARG_BITS) && call->arg < 6
               && (f->arg[call->arg & 7] & call->bits) == 0;
}

/* Begin a record of @a t. False: none is to be made. */
inlined bool
begin_record(struct frame *f, struct task_struct *t, u32 nr)
{
        const struct rti_live_call *call = &shared.calls[nr & mask_of(RTI_LIVE_CALLS)];

        if (!in_scope(t)) {
                count_skip(RTI_SKIP_SCOPE);
                return false;
        }
        f->head.nr = (u16) nr;
        f->head.cls = call->cls;
        f->head.event = call->event;
        fill_head(f, t);
        return true;
}

inlined bool
take_frame(struct frame *f, u32 cls)
{
        if (f->busy) {
                count_loss(cls, RTI_LOSS_NESTED);
                return false;
        }
        f->busy = 1;
        return true;
}

inlined int
blind(u64 nr)
{
        count_skip(nr & X32_CALL ? RTI_SKIP_X32 : RTI_SKIP_IA32);
        return 0;
}

inlined int
enter(void *ctx, struct pt_regs *regs, long result)
{
        const u64 nr = call_number(regs);
        struct task_struct *t = CURRENT_TASK();
        const struct rti_live_call *call;
        struct frame *f;

        if (is_compat(t))
                return blind(0);
        if (nr >= RTI_LIVE_CALLS) {
                if ((s64) nr >= 0 && (nr & X32_CALL))
                        return blind(nr);
                return 0;
        }
        if (!(shared.wanted[nr / 64] >> nr % 64 & 1))
                return 0;
        f = get_frame();
        if (!f)
                return 0;
        call = &shared.calls[nr];
        if (!take_frame(f, call->cls))
                return 0;
        f->result = result;
        read_args(f, regs);
        if (call->cls == RTI_LIVE_PROCESS && result == 0) {
                /* A child's side, a new image: the tracepoints of process.h tell it. */
        } else if (is_filtered(f, call)) {
                count_skip(RTI_SKIP_FILTERED);
        } else if (begin_record(f, t, (u32) nr)) {
                bpf_tail_call(ctx, &steps, (u32) nr);
                bpf_tail_call(ctx, &steps, SLOT_GENERIC);
                return lose(f);
        }
        f->busy = 0;
        return 0;
}

#ifdef RTI_RAW
ON_SYS_EXIT int
on_sys_exit(struct bpf_raw_tracepoint_args *ctx)
{
        return enter(ctx, (struct pt_regs *) ctx->args[0], (long) ctx->args[1]);
}
#else
ON_SYS_EXIT int
on_sys_exit(u64 *ctx)
{
        return enter(ctx, (struct pt_regs *) ctx[0], (long) ctx[1]);
}
#endif

#endif
