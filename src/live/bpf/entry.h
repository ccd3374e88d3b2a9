/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* entry.h - the first step of every system call's record: is it wanted, and whose is it? */
#ifndef RTI_BPF_ENTRY_H
#define RTI_BPF_ENTRY_H

#include "filter.h"
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

/* The record's head. */
inlined void
describe(struct frame *f, struct task_struct *t, u32 nr)
{
        const struct rti_live_call *call = &shared.calls[nr & mask_of(RTI_LIVE_CALLS)];

        f->head.nr = (u16) nr;
        f->head.cls = call->cls;
        f->head.event = call->event;
        fill_head(f, t);
}

/* Begin a record of @a t. False: none is to be made. */
inlined bool
begin_record(struct frame *f, struct task_struct *t, u32 nr)
{
        if (!in_scope(t)) {
                count_skip(RTI_SKIP_SCOPE);
                return false;
        }
        describe(f, t, nr);
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
make_event(void *ctx, struct frame *f, u32 nr)
{
        bpf_tail_call(ctx, &steps, nr);
        bpf_tail_call(ctx, &steps, SLOT_GENERIC);
        return lose(f);
}

/* No rule can match. */
inlined int
drop(struct frame *f)
{
        count_skip(RTI_SKIP_FILTERED);
        f->busy = 0;
        return 0;
}

/* What registers tell decides most events; the rest is a step of its own. */
inlined int
sift(void *ctx, struct frame *f, struct task_struct *t, u32 nr)
{
        const struct rti_live_filter *filter = filter_of(nr);
        u32 alive = rows_by_registers(f, filter);

        if (!alive)
                return drop(f);
        if (!in_scope(t)) {
                count_skip(RTI_SKIP_SCOPE);
                f->busy = 0;
                return 0;
        }
        f->head.nr = (u16) nr;
        if (!(alive & ~asking(filter))) {
                f->alive = alive;
                bpf_tail_call(ctx, &steps, SLOT_FILTER);
                return lose(f);
        }
        describe(f, t, nr);
        return make_event(ctx, f, nr);
}

/* The second step of calls that have a filter, when it asks for more. */
ON_SYS_EXIT int
on_filter(void *ctx)
{
        struct task_struct *t = CURRENT_TASK();
        struct frame *f = get_frame();
        u32 nr;

        if (!f)
                return 0;
        nr = f->head.nr & mask_of(RTI_LIVE_CALLS);
        if (!is_needed(f, filter_of(nr), t))
                return drop(f);
        describe(f, t, nr);
        return make_event(ctx, f, nr);
}

inlined bool
has_bit(const u64 *words, u64 nr)
{
        return words[nr / 64] >> nr % 64 & 1;
}

/* Most calls are wanted by nobody. They are sent away by their number alone, for the helper that
 * finds the task costs as much as all the rest. */
inlined int
enter(void *ctx, struct pt_regs *regs, long result)
{
        const u64 nr = call_number(regs);
        const struct rti_live_call *call;
        struct task_struct *t;
        struct frame *f;

        if (nr >= RTI_LIVE_CALLS) {
                if ((s64) nr >= 0 && (nr & X32_CALL))
                        return blind(nr);
                return 0;
        }
        if (!has_bit(shared.wanted, nr) && !has_bit(shared.compat, nr))
                return 0;
        t = CURRENT_TASK();
        if (is_compat(t))
                return has_bit(shared.compat, nr) ? blind(0) : 0;
        if (!has_bit(shared.wanted, nr))
                return 0;
        f = get_frame();
        if (!f)
                return 0;
        call = &shared.calls[nr];
        if (!take_frame(f, call->cls))
                return 0;
        f->result = result;
        f->file.fd = -1;
        read_args(f, regs);
        if (call->cls == RTI_LIVE_PROCESS && result == 0) {
                /* A child's side, a new image: the tracepoints of process.h tell it. */
        } else if (call->filter) {
                return sift(ctx, f, t, (u32) nr);
        } else if (begin_record(f, t, (u32) nr)) {
                return make_event(ctx, f, (u32) nr);
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
