/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * files.h - what the kernel knows of files: numbers, layers, times, paths.
 *
 * Files are found in the descriptor table by reading (no typed pointer leads there). A read costs
 * some 20 ns however little it fetches, so objects of which several members count are copied first.
 */
#ifndef RTI_BPF_FILES_H
#define RTI_BPF_FILES_H

#include "values.h"

/* ---- copies of objects ---- */

/* The first @a len bytes of the kernel's object at @a from, for MEMBER; one object at a time. */
inlined void
copy_object(struct frame *f, const void *from, u32 len)
{
        f->copied_from = from;
        bpf_probe_read_kernel(f->copy, len < sizeof f->copy ? len : sizeof f->copy, from);
}

/* A member of the object that was copied. Where this kernel has it is known when the program is
 * loaded, so that one of the branches is no code. By way of a pointer, of which clang believes that
 * it is aligned: an array of bytes it would read byte by byte. */
#define MEMBER(f, type, member)                                                                 \
        ({                                                                                      \
                const u32 off_ = bpf_core_field_offset(type, member);                           \
                const void *const at_ = &(f)->copy[off_];                                       \
                typeof(((type *) 0)->member) value_;                                            \
                if (off_ + sizeof value_ <= sizeof(f)->copy)                                    \
                        value_ = *(const typeof(value_) *) at_;                                 \
                else                                                                            \
                        bpf_probe_read_kernel(&value_, sizeof value_, (f)->copied_from + off_); \
                value_;                                                                         \
        })

/* Device numbers as user space has them. */
inlined u32
user_dev(u32 dev)
{
        const u32 major = dev >> 20, minor = dev & 0xfffff;

        return (minor & 0xff) | major << 8 | (minor & ~0xffU) << 12;
}

/* ---- files ---- */

/* Where members end: what lies behind the last that is looked at is not copied. */
#define END_OF(type, member) \
        (bpf_core_field_offset(type, member) + (u32) sizeof(((type *) 0)->member))

inlined u32
larger(u32 a, u32 b)
{
        return a > b ? a : b;
}

inlined u32
file_bytes(void)
{
        return larger(larger(END_OF(struct file, f_mode), END_OF(struct file, f_flags)),
                      larger(larger(END_OF(struct file, f_inode), END_OF(struct file, f_path)),
                             END_OF(struct file, private_data)));
}

inlined u32
inode_bytes(void)
{
        return larger(END_OF(struct inode, i_sb), END_OF(struct inode, i_ino));
}

/* Where it is goes to f->file: enough for its path. */
inlined void
see_place(struct frame *f, struct file *file)
{
        struct seen_file *s = &f->file;

        copy_object(f, file, file_bytes());
        s->mode = MEMBER(f, struct file, f_mode);
        s->flags = MEMBER(f, struct file, f_flags);
        s->inode = MEMBER(f, struct file, f_inode);
        s->at = MEMBER(f, struct file, f_path.dentry);
        s->in = MEMBER(f, struct file, f_path.mnt);
        s->private_data = MEMBER(f, struct file, private_data);
        s->place_only = true;
}

/* And what it is. */
inlined void
see_inode(struct frame *f)
{
        struct seen_file *s = &f->file;
        struct super_block *sb;

        copy_object(f, s->inode, inode_bytes());
        s->inode_mode = MEMBER(f, struct inode, i_mode);
        s->ino = MEMBER(f, struct inode, i_ino);
        sb = MEMBER(f, struct inode, i_sb);
        copy_object(f, sb, END_OF(struct super_block, s_magic));
        s->magic = MEMBER(f, struct super_block, s_magic);
        s->dev = user_dev(MEMBER(f, struct super_block, s_dev));
        s->place_only = false;
}

inlined void
see_file(struct frame *f, struct file *file)
{
        see_place(f, file);
        see_inode(f);
}

/* The file behind a descriptor of @a t, the current task. */
inlined struct file *
file_of(struct task_struct *t, s32 fd)
{
        struct file *file = NULL;

        if ((u32) fd < RD(t, files, fdt, max_fds))
                bpf_probe_read_kernel(&file, sizeof file, RD(t, files, fdt, fd) + fd);
        return file;
}

/* Its place goes to f->file. False: there is none. */
inlined bool
see_fd_place(struct frame *f, struct task_struct *t, s32 fd)
{
        struct file *file;

        if (fd < 0)
                return false;
        if (f->file.fd == fd)
                return f->file.inode != NULL;
        f->file.fd = fd;
        f->file.inode = NULL;
        file = file_of(t, fd);
        if (file)
                see_place(f, file);
        return f->file.inode != NULL;
}

/* All of it. */
inlined bool
see_fd(struct frame *f, s32 fd)
{
        if (!see_fd_place(f, CURRENT_TASK(), fd))
                return false;
        if (f->file.place_only)
                see_inode(f);
        return true;
}

enum { LAYER_NONE, LAYER_UPPER, LAYER_LOWER };

/* Overlayfs keeps the upper file's dentry right behind the inode it shows. */
inlined u32
layer_of(const struct seen_file *s)
{
        struct dentry *upper = NULL;

        if (s->magic != MAGIC_OVERLAY)
                return LAYER_NONE;
        bpf_probe_read_kernel(&upper, sizeof upper,
                              (char *) s->inode + bpf_core_type_size(struct inode));
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

enum { MOST_COMPONENTS = 48, MOST_PARTS = 64, LONGEST_NAME = 256, SHORT_NAME = 32 };

/* Where short names are in an entry of the directory cache. */
inlined u32
short_name_at(void)
{
        struct dentry *at = NULL;

        if (bpf_core_field_exists(at->d_shortname))
                return bpf_core_field_offset(struct dentry, d_shortname);
        return bpf_core_field_offset(struct dentry___old, d_iname);
}

inlined u32
dentry_bytes(void)
{
        return larger(larger(END_OF(struct dentry, d_parent), END_OF(struct dentry, d_name)),
                      short_name_at() + SHORT_NAME);
}

inlined void
add_part(struct frame *f, const void *name)
{
        struct part *p = &f->part[f->n_parts & mask_of(MOST_PARTS)];

        p->name = name;
        p->len = 0;
        f->n_parts++;
}

/* The entry at @a at was copied. */
inlined void
add_dentry(struct frame *f, struct dentry *at)
{
        struct part *p = &f->part[f->n_parts & mask_of(MOST_PARTS)];
        const u32 short_at = short_name_at(), len = MEMBER(f, struct dentry, d_name.len);
        const void *name = MEMBER(f, struct dentry, d_name.name);

        p->name = name;
        p->len = 0;
        if (name == (const u8 *) at + short_at && len <= SHORT_NAME
            && short_at + SHORT_NAME <= sizeof f->copy) {
                copy_words(p->text, &f->copy[short_at], SHORT_NAME);
                p->len = len;
        }
        f->n_parts++;
}

/* The parts, the last first, go to f->path_to with a NUL behind; f->path_len counts it. */
inlined void
write_parts(struct frame *f)
{
        f->path_len = 0;
        for (u32 i = 0; i < MOST_COMPONENTS && i < f->n_parts; i++) {
                const struct part *p = &f->part[(f->n_parts - 1 - i) & mask_of(MOST_PARTS)];
                u8 *to = &f->body[(f->path_to + f->path_len) & mask_of(BODY_ROOM)];
                long len = p->len;

                if (f->path_len > LONGEST_PATH - LONGEST_NAME - 2) {
                        f->head.flags |= RTI_REC_CUT;
                        break;
                }
                to[0] = '/';
                if (len)
                        copy_words(to + 1, p->text, SHORT_NAME);
                else
                        len = bpf_probe_read_kernel_str(to + 1, LONGEST_NAME, p->name) - 1;
                f->path_len += len > 0 ? (u32) len + 1 : 1;
        }
        if (f->path_len == 0) { /* the root itself */
                f->body[f->path_to & mask_of(BODY_ROOM)] = '/';
                f->path_len = 1;
        }
        f->body[(f->path_to + f->path_len) & mask_of(BODY_ROOM)] = 0;
        f->path_len++;
}

inlined u32
mount_bytes(void)
{
        return larger(
                END_OF(struct mount, mnt.mnt_root),
                larger(END_OF(struct mount, mnt_parent), END_OF(struct mount, mnt_mountpoint)));
}

inlined void
enter_mount(struct frame *f, volatile struct walk *w, struct mount *mount)
{
        w->mount = mount;
        w->in = (struct vfsmount *) ((char *) mount + bpf_core_field_offset(struct mount, mnt));
        copy_object(f, mount, mount_bytes());
        w->top = MEMBER(f, struct mount, mnt.mnt_root);
        w->above = MEMBER(f, struct mount, mnt_parent);
        w->mountpoint = MEMBER(f, struct mount, mnt_mountpoint);
}

/* One step towards the root. False: there it is. */
inlined bool
walk_up(struct frame *f, volatile struct walk *w)
{
        struct dentry *parent;

        if (w->at == w->root_at && w->in == w->root_in)
                return false;
        if (w->at == w->top) {
                if (w->above == w->mount)
                        return false;
                w->at = w->mountpoint;
                enter_mount(f, w, w->above);
                return true;
        }
        copy_object(f, w->at, dentry_bytes());
        parent = MEMBER(f, struct dentry, d_parent);
        if (w->at == parent)
                return false;
        add_dentry(f, w->at);
        w->at = parent;
        return true;
}

/* From where f->walk stands. A global function: the verifier looks at it once, not at each place
 * where it is called, which is most of the time that loading takes. */
__noinline int
walk_to_root(u32 most)
{
        struct frame *f = get_frame();

        if (!f)
                return 0;
        f->n_parts = 0;
        for (u32 i = 0; i < MOST_COMPONENTS && i < most; i++) {
                if (!walk_up(f, &f->walk))
                        break;
                if (i == MOST_COMPONENTS - 1)
                        f->head.flags |= RTI_REC_CUT;
        }
        write_parts(f);
        return 0;
}

/* What is in the mount of the process's root, most of all, has no other on the way there. */
inlined bool
is_in_root(volatile struct walk *w, struct dentry *at)
{
        w->at = at;
        w->in = w->root_in;
        w->top = NULL;
        walk_to_root(MOST_COMPONENTS);
        return w->at == w->root_at;
}

/* The path of (@a in, @a at) as the process of @a t sees it, into the frame's body at @a to, with a
 * NUL, which is counted in f->path_len. */
inlined void
write_path(struct frame *f, u32 to, struct task_struct *t, struct vfsmount *in, struct dentry *at)
{
        volatile struct walk *w = &f->walk;

        f->path_to = to;
        w->root_at = RD(t, fs, root.dentry);
        w->root_in = RD(t, fs, root.mnt);
        if (in == w->root_in && is_in_root(w, at))
                return;
        w->at = at;
        enter_mount(f, w,
                    (struct mount *) ((char *) in - bpf_core_field_offset(struct mount, mnt)));
        walk_to_root(MOST_COMPONENTS);
}

inlined void
put_path(struct values *v, struct task_struct *t, struct vfsmount *in, struct dentry *at)
{
        struct frame *f = v->f;

        write_path(f, f->at, t, in, at);
        took(v, f->path_len & mask_of(2 * LONGEST_PATH));
}

inlined bool
is_top(struct dentry *at)
{
        return at == BPF_CORE_READ(at, d_parent);
}

/* Objects without a place in the tree: pipes, sockets, memfds, anonymous inodes. */
inlined bool
is_nameless(const struct seen_file *s)
{
        return s->magic == MAGIC_PIPE || s->magic == MAGIC_SOCKET || s->magic == MAGIC_ANON_INODE
               || s->magic == MAGIC_PIDFD || (s->magic == MAGIC_TMPFS && is_top(s->at));
}

/* Is its name "memfd:..." on the kernel's own tmpfs? */
inlined bool
is_memfd(const struct seen_file *s)
{
        struct dentry *at = s->at;
        char name[8] = {};

        if (s->magic != MAGIC_TMPFS || !is_top(at))
                return false;
        bpf_probe_read_kernel_str(name, sizeof name, BPF_CORE_READ(at, d_name.name));
        return name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f'
               && name[4] == 'd' && name[5] == ':';
}

/* The path of the file that was seen, as a value. */
inlined void
put_file_path(struct values *v, struct task_struct *t)
{
        struct frame *f = v->f;
        struct dentry *at = f->file.at;

        if (is_nameless(&f->file)) {
                /* A name alone: it lies in no folder. */
                const long n = bpf_probe_read_kernel_str(place(v), LONGEST_PATH,
                                                         BPF_CORE_READ(at, d_name.name));

                took(v, n > 0 ? (u32) n & mask_of(2 * LONGEST_PATH) : 0);
                return;
        }
        put_path(v, t, f->file.in, at);
}

#endif
