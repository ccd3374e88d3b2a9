/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* exe.h - what the kernel knows of the file that a thread runs. */
#ifndef RTI_BPF_EXE_H
#define RTI_BPF_EXE_H

#include "files.h"

enum { EXE_WRITABLE = 1, EXE_UPPER_LAYER = 2, EXE_FROM_MEMFD = 4, EXE_LOWER_LAYER = 8 };
enum { CAP_DAC_OVERRIDE_BIT = 1, CAP_FOWNER_BIT = 3 };

inlined u64
caps_of(const void *set)
{
        u64 caps = 0;

        bpf_probe_read_kernel(&caps, sizeof caps, set);
        return caps;
}

/* Could this thread write to the file that it runs, or make itself able to? */
inlined bool
is_writable(const struct cred *cred, struct inode *inode)
{
        const u32 mode = BPF_CORE_READ(inode, i_mode);
        const u64 caps = caps_of(&cred->cap_effective);
        const u32 owner = BPF_CORE_READ(inode, i_uid.val), group = BPF_CORE_READ(inode, i_gid.val);

        if (BPF_CORE_READ(inode, i_sb, s_flags) & FILE_SYSTEM_READ_ONLY)
                return false;
        if (BPF_CORE_READ(inode, i_flags) & INODE_IMMUTABLE)
                return false;
        if (owner == ~0U || group == ~0U)
                return false;
        if (BPF_CORE_READ(cred, fsuid.val) == owner)
                return true;
        if (caps & (1ULL << CAP_DAC_OVERRIDE_BIT | 1ULL << CAP_FOWNER_BIT))
                return true;
        if (BPF_CORE_READ(cred, fsgid.val) == group)
                return (mode & 0020) != 0;
        return (mode & 0002) != 0;
}

inlined u32
exe_flags(const struct cred *cred, const struct seen_file *exe)
{
        const u32 layer = layer_of(exe);
        u32 flags = 0;

        if (is_writable(cred, exe->inode))
                flags |= EXE_WRITABLE;
        if (layer == LAYER_UPPER)
                flags |= EXE_UPPER_LAYER;
        if (layer == LAYER_LOWER)
                flags |= EXE_LOWER_LAYER;
        if (is_memfd(exe))
                flags |= EXE_FROM_MEMFD;
        return flags;
}

#endif
