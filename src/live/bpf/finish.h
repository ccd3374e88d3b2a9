/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* finish.h - the last step: writing the record to its ring. */
#ifndef RTI_BPF_FINISH_H
#define RTI_BPF_FINISH_H

#include "values.h"

enum {
        URGENT_CLASSES = 0
#define CLASS(id, name, ring) | (RTI_LIVE_##ring == RTI_LIVE_URGENT) << RTI_LIVE_##id
#include "live/classes.def"
#undef CLASS
};

/* Waking costs more than all the rest: it is done once for every wake_bytes that this CPU adds. In
 * between, the consumer looks by itself now and then. */
inlined long
write_out(struct frame *f, void *ring, u32 which, u64 len)
{
        u64 flags = BPF_RB_NO_WAKEUP;

        f->unwoken[which] += (u32) len;
        if (f->unwoken[which] >= shared.conf.wake_bytes) {
                f->unwoken[which] = 0;
                flags = BPF_RB_FORCE_WAKEUP;
        }
        return bpf_ringbuf_output(ring, &f->head, len, flags);
}

/* The frame's record, with values_len and facts_len set. Ends the frame. */
inlined void
write_record(struct frame *f)
{
        const u32 cls = f->head.cls;
        struct rti_live_counters *c = get_counters();
        u64 len = sizeof f->head + (u64) f->head.values_len + f->head.facts_len;
        long r;

        if (len > sizeof f->head + sizeof f->body)
                len = sizeof f->head + sizeof f->body;
        f->head.len = (u32) len;
        if (1U << (cls & 31) & URGENT_CLASSES)
                r = write_out(f, &urgent, RTI_LIVE_URGENT, len);
        else
                r = write_out(f, &bulk, RTI_LIVE_BULK, len);
        f->busy = 0;
        if (!c || cls >= RTI_LIVE_CLASSES)
                return;
        if (r == 0)
                c->written[cls]++;
        else
                c->lost[cls][RTI_LOSS_RING_FULL]++;
}

/* For programs without a next step. */
inlined int
emit(struct frame *f)
{
        f->head.values_len = f->at;
        write_record(f);
        return 0;
}

#endif
