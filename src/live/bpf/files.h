/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * files.h - what the kernel knows of files: numbers, layers, times, paths.
 *
 * Files are found in the descriptor table by reading (no typed pointer leads there), so members
 * come by BPF_CORE_READ in both builds.
 */
#ifndef RTI_BPF_FILES_H
#define RTI_BPF_FILES_H

#include "values.h"

inlined struct file *
file_of(s32 fd)
{
        struct task_struct *t = CURRENT_TASK();
        struct fdtable *table = RD(t, files, fdt);
        struct file *file = NULL;

        if (fd < 0 || (u32) fd >= BPF_CORE_READ(table, max_fds))
                return NULL;
        bpf_probe_read_kernel(&file, sizeof file, BPF_CORE_READ(table, fd) + fd);
        return file;
}

/* Device numbers as user space has them. */
inlined u32
user_dev(u32 dev)
{
        const u32 major = dev >> 20, minor = dev & 0xfffff;

        return (minor & 0xff) | major << 8 | (minor & ~0xffU) << 12;
}

inlined u32
dev_of(struct inode *inode)
{
        return user_dev(BPF_CORE_READ(inode, i_sb, s_dev));
}

enum { LAYER_NONE, LAYER_UPPER, LAYER_LOWER };

/* Overlayfs keeps the upper file's dentry right behind the inode it shows. */
inlined u32
layer_of(struct inode *inode)
{
        struct dentry *upper = NULL;

        if (BPF_CORE_READ(inode, i_sb, s_magic) != MAGIC_OVERLAY)
                return LAYER_NONE;
        bpf_probe_read_kernel(&upper, sizeof upper,
                              (char *) inode + bpf_core_type_size(struct inode));
        return upper && BPF_CORE_READ(upper, d_inode) ? LAYER_UPPER : LAYER_LOWER;
}

/* From 6.13 on, a bit of i_ctime_nsec. */
#define CTIME_WAS_READ (1U << 31)

inlined u64
ctime_of(struct inode *inode)
{
        struct inode___v606 *v606 = (void *) inode;
        struct inode___old *old = (void *) inode;

        if (bpf_core_field_exists(inode->i_ctime_sec))
                return (u64) BPF_CORE_READ(inode, i_ctime_sec) * 1000000000ULL
                       + (BPF_CORE_READ(inode, i_ctime_nsec) & ~CTIME_WAS_READ);
        if (bpf_core_field_exists(v606->__i_ctime))
                return (u64) BPF_CORE_READ(v606, __i_ctime.tv_sec) * 1000000000ULL
                       + (u64) BPF_CORE_READ(v606, __i_ctime.tv_nsec);
        return (u64) BPF_CORE_READ(old, i_ctime.tv_sec) * 1000000000ULL
               + (u64) BPF_CORE_READ(old, i_ctime.tv_nsec);
}

inlined u64
mtime_of(struct inode *inode)
{
        struct inode___v606 *v606 = (void *) inode;
        struct inode___old *old = (void *) inode;

        if (bpf_core_field_exists(inode->i_mtime_sec))
                return (u64) BPF_CORE_READ(inode, i_mtime_sec) * 1000000000ULL
                       + BPF_CORE_READ(inode, i_mtime_nsec);
        if (bpf_core_field_exists(v606->__i_mtime))
                return (u64) BPF_CORE_READ(v606, __i_mtime.tv_sec) * 1000000000ULL
                       + (u64) BPF_CORE_READ(v606, __i_mtime.tv_nsec);
        return (u64) BPF_CORE_READ(old, i_mtime.tv_sec) * 1000000000ULL
               + (u64) BPF_CORE_READ(old, i_mtime.tv_nsec);
}

/* ---- paths ---- */

enum { MOST_COMPONENTS = 48 };

struct walk {
        struct dentry *at, *root_at;
        struct vfsmount *in, *root_in;
};

inlined struct mount *
mount_of(struct vfsmount *in)
{
        return (struct mount *) ((char *) in - bpf_core_field_offset(struct mount, mnt));
}

/* One step towards the root; a component is put in front of what f->path holds. False: the end. */
inlined bool
walk_up(struct frame *f, struct walk *w)
{
        struct dentry *at = w->at, *parent = BPF_CORE_READ(at, d_parent);
        struct vfsmount *in = w->in;
        u32 len;

        if (at == w->root_at && in == w->root_in)
                return false;
        if (at == BPF_CORE_READ(in, mnt_root)) {
                struct mount *m = mount_of(in);
                struct mount *above = BPF_CORE_READ(m, mnt_parent);

                if (above == m)
                        return false;
                w->at = BPF_CORE_READ(m, mnt_mountpoint);
                w->in = (struct vfsmount *) ((char *) above
                                             + bpf_core_field_offset(struct mount, mnt));
                return true;
        }
        if (at == parent)
                return false;
        len = BPF_CORE_READ(at, d_name.len) & 255;
        if (f->path_at < len + 2) {
                f->head.flags |= RTI_REC_CUT;
                return false;
        }
        f->path_at -= len + 1;
        bpf_probe_read_kernel(&f->path[(f->path_at + 1) & mask_of(LONGEST_PATH)], len,
                              BPF_CORE_READ(at, d_name.name));
        f->path[f->path_at & mask_of(LONGEST_PATH)] = '/';
        w->at = parent;
        return true;
}

/* A path without components is the root's. */
inlined void
end_path(struct frame *f)
{
        if (f->path_at == LONGEST_PATH - 1) {
                f->path_at = LONGEST_PATH - 2;
                f->path[LONGEST_PATH - 2] = '/';
        }
}

/* The path of (@a in, @a at) as the process of @a t sees it: to the end of f->path's first half,
 * with a NUL behind; f->path_at is where it begins. */
inlined void
walk_path(struct frame *f, struct task_struct *t, struct vfsmount *in, struct dentry *at)
{
        struct walk w = { .at = at, .in = in };
        struct fs_struct *fs = RD(t, fs);

        w.root_at = BPF_CORE_READ(fs, root.dentry);
        w.root_in = BPF_CORE_READ(fs, root.mnt);
        f->path_at = LONGEST_PATH - 1;
        f->path[LONGEST_PATH - 1] = 0;
        for (u32 i = 0; i < MOST_COMPONENTS; i++) {
                if (!walk_up(f, &w))
                        break;
        }
        end_path(f);
}

/* The path that was made goes to @a to, NUL included; the length is returned. */
inlined u32
copy_path(struct frame *f, void *to)
{
        const u32 len = (LONGEST_PATH - f->path_at) & mask_of(2 * LONGEST_PATH);

        if (len > LONGEST_PATH)
                return 0;
        if (bpf_probe_read_kernel(to, len, &f->path[f->path_at & mask_of(LONGEST_PATH)]) < 0)
                return 0;
        return len;
}

/* Objects without a place in the tree: pipes, sockets, memfds, anonymous inodes. */
inlined bool
is_nameless(unsigned long magic, struct dentry *at)
{
        return magic == MAGIC_PIPE || magic == MAGIC_SOCKET || magic == MAGIC_ANON_INODE
               || magic == MAGIC_PIDFD
               || (magic == MAGIC_TMPFS && at == BPF_CORE_READ(at, d_parent));
}

/* Is the name of @a at "memfd:..." on the kernel's own tmpfs? */
inlined bool
is_memfd(unsigned long magic, struct dentry *at)
{
        char name[8] = {};

        if (magic != MAGIC_TMPFS || at != BPF_CORE_READ(at, d_parent))
                return false;
        bpf_probe_read_kernel_str(name, sizeof name, BPF_CORE_READ(at, d_name.name));
        return name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f'
               && name[4] == 'd' && name[5] == ':';
}

/* The path of @a file as a value. */
inlined void
put_file_path(struct values *v, struct task_struct *t, struct file *file)
{
        struct dentry *at = BPF_CORE_READ(file, f_path.dentry);
        const unsigned long magic = BPF_CORE_READ(file, f_inode, i_sb, s_magic);

        if (is_nameless(magic, at)) {
                /* As /proc/PID/exe shows it. */
                u8 *to = place(v);
                long n;

                to[0] = '/';
                n = bpf_probe_read_kernel_str(to + 1, LONGEST_PATH, BPF_CORE_READ(at, d_name.name));
                took(v, n > 0 ? ((u32) n & mask_of(2 * LONGEST_PATH)) + 1 : 0);
                return;
        }
        walk_path(v->f, t, BPF_CORE_READ(file, f_path.mnt), at);
        took(v, copy_path(v->f, place(v)));
}

#endif
