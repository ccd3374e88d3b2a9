/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* calls.h - the values of each system call's event, in order. */
#ifndef RTI_BPF_CALLS_H
#define RTI_BPF_CALLS_H

#include "entry.h"
#include "files.h"

/* Calls without an event of their own. */
HANDLER(generic, 2)
{
        f->head.event = EVENT_GENERIC_X;
        f->head.flags |= RTI_REC_GENERIC;
        put_u16(v, shared.calls[f->head.nr & mask_of(RTI_LIVE_CALLS)].id);
        put_u16(v, f->head.nr);
}

/* ---- opening ---- */

enum { OPENED_CREATED = 1 << 14, OPENED_UPPER = 1 << 15, OPENED_LOWER = 1 << 16 };

/* What the opened file adds to the flags of its event. */
inlined u32
opened_flags(struct file *file)
{
        const u32 layer = layer_of(BPF_CORE_READ(file, f_inode));
        u32 flags = 0;

        if (BPF_CORE_READ(file, f_mode) & FILE_MODE_CREATED)
                flags |= OPENED_CREATED;
        if (layer == LAYER_UPPER)
                flags |= OPENED_UPPER;
        if (layer == LAYER_LOWER)
                flags |= OPENED_LOWER;
        return flags;
}

/* dev, ino */
inlined void
put_inode(struct values *v, struct file *file)
{
        struct inode *inode = file ? BPF_CORE_READ(file, f_inode) : NULL;

        put_u32(v, inode ? dev_of(inode) : 0);
        put_u64(v, inode ? BPF_CORE_READ(inode, i_ino) : 0);
}

/* The mode counts where a file may be made. */
inlined u32
open_mode(u32 flags, u64 mode)
{
        return flags & (1 << 2 | 1 << 13) ? mode_bits(mode) : 0;
}

HANDLER(openat, 7)
{
        struct file *file = f->result >= 0 ? file_of((s32) f->result) : NULL;
        const u32 flags = open_flags(f->arg[2]);

        put_new_fd(v);
        put_arg_int(v, 0);
        put_arg_text(v, 1);
        put_u32(v, flags | (file ? opened_flags(file) : 0));
        put_u32(v, open_mode(flags, f->arg[3]));
        put_inode(v, file);
}

#endif
