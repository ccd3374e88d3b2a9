/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * filter.h - events that no rule can match are not made.
 *
 * in    the call's filter (record.h): rows of conditions
 * out   whether some row's conditions are all met, or might be
 *
 * Cheap conditions come first, and looking ends as soon as it is decided. What cannot be found out
 * counts as met: a file that is gone, memory that cannot be read, a path that user space would join
 * or clean before it compares.
 */
#ifndef RTI_BPF_FILTER_H
#define RTI_BPF_FILTER_H

#include "flags.h"
#include "kinds.h"

inlined const struct rti_live_filter *
filter_of(u32 nr)
{
        const struct rti_live_call *call = &shared.calls[nr & mask_of(RTI_LIVE_CALLS)];

        return &shared.filters[call->filter & mask_of(RTI_LIVE_FILTERS)];
}

/* Rows for which registers are not enough. */
inlined u32
asking(const struct rti_live_filter *filter)
{
        return filter->named | filter->raw_pathed | filter->pathed | filter->kinded;
}

/* ---- registers ---- */

enum { OPEN_READ = 1, OPEN_WRITE = 2, OPEN_MAY_CREATE = 1 << 2 | 1 << 13, ANY_EXECUTE = 0111 };
enum { MODE_READ = 1, MODE_WRITE = 2, MODE_EXECUTE = 4, MODE_CREATED = 8 };

/* Whether the file was there before is not known yet: both are allowed. */
inlined u32
rows_by_mode(const struct rti_live_filter *filter, u64 flags, u64 mode)
{
        const u32 open = open_flags(flags);
        u32 way = 0;

        if (open & OPEN_READ)
                way |= MODE_READ;
        if (open & OPEN_WRITE)
                way |= MODE_WRITE;
        if ((open & OPEN_MAY_CREATE) && (mode & ANY_EXECUTE))
                way |= MODE_EXECUTE;
        return filter->modes[way] | filter->modes[way | MODE_CREATED];
}

inlined u32
rows_by_registers(const struct frame *f, const struct rti_live_filter *filter)
{
        const u32 alive = filter->results[f->result < 0];

        switch (filter->open) {
        case RTI_OPEN_OPEN:
                return alive & rows_by_mode(filter, f->arg[1], f->arg[2]);
        case RTI_OPEN_OPENAT:
                return alive & rows_by_mode(filter, f->arg[2], f->arg[3]);
        case RTI_OPEN_BY_HANDLE:
                return alive & rows_by_mode(filter, f->arg[2], 0);
        case RTI_OPEN_CREAT:
                return alive & filter->modes[f->arg[1] & ANY_EXECUTE ? MODE_EXECUTE : 0];
        default:
                return alive;
        }
}

/* ---- names ---- */

/* Rows whose set does not have the thread's name are out. */
inlined void
sift_by_name(struct frame *f, const struct rti_live_filter *filter, struct task_struct *t)
{
        bpf_probe_read_kernel(f->name.comm, sizeof f->name.comm, &t->comm);
        for (u32 i = 0; i < RTI_LIVE_ROWS; i++) {
                if (!(f->alive & filter->named & 1U << i))
                        continue;
                f->name.set = filter->names[i];
                if (!bpf_map_lookup_elem(&names, &f->name))
                        f->alive &= ~(1U << i);
        }
}

/* ---- paths as programs give them ---- */

#define EACH(byte) (0x0101010101010101ULL * (u8) (byte))

/* The high bit of each byte of @a w that is 0; of each that is @a c. */
inlined u64
zeros(u64 w)
{
        return ~(((w & EACH(0x7f)) + EACH(0x7f)) | w | EACH(0x7f));
}

inlined u64
equals(u64 w, u8 c)
{
        return zeros(w ^ EACH(c));
}

enum raw_path {
        RAW_PLAIN = 1 << 0, /* absolute, and user space compares it as it stands */
        RAW_UP = 1 << 1,    /* "../" */
        RAW_UNKNOWN = 1 << 2
};

/* Looks at eight bytes at once; what @a before and the like carry over is in their lowest byte. */
inlined u32
look_at_raw(const u64 *words, u32 n)
{
        u64 slash_before = 0, dot_before = 0, two_before = 0, slash_dot_before = 0;
        u64 up = 0, odd = 0;

        for (u32 i = 0; i < RTI_LIVE_RAW / 8; i++) {
                u64 w, slash, dot, end, after_slash, two, slash_dot;

                if (i >= n)
                        break;
                w = words[i];
                slash = equals(w, '/');
                dot = equals(w, '.');
                end = zeros(w);
                after_slash = slash << 8 | slash_before;
                two = (dot << 8 | dot_before) & dot;
                slash_dot = after_slash & dot;
                up |= (two << 8 | two_before) & slash;
                odd |= after_slash & slash;
                odd |= (slash_dot << 8 | slash_dot_before) & (slash | dot | end);
                /* Bytes that are no printable ASCII are replaced, or belong to such as are. */
                odd |= (w & EACH(0x80)) | equals(w, 0x7f);
                odd |= ~((w | EACH(0x80)) - EACH(0x20)) & EACH(0x80) & ~end & ~w;
                slash_before = slash >> 56;
                dot_before = dot >> 56;
                two_before = two >> 56;
                slash_dot_before = slash_dot >> 56;
        }
        if ((words[0] & 0xff) != '/')
                odd = 1;
        return (odd ? 0 : RAW_PLAIN) | (up ? RAW_UP : 0);
}

/* The path at @a address of the program goes to the body, with zeros behind. A global function: the
 * verifier looks at it once. */
__noinline int
read_raw_path(u64 address)
{
        struct frame *f = get_frame();
        long n;

        if (!f)
                return RAW_UNKNOWN;
        n = bpf_probe_read_user_str(f->body, RTI_LIVE_RAW, (const void *) address);
        if (n <= 0 || n >= RTI_LIVE_RAW)
                return RAW_UNKNOWN;
        *(u64 *) &f->body[n & mask_of(RTI_LIVE_RAW)] = 0;
        return (int) look_at_raw((const u64 *) f->body, (u32) (n + 7) / 8);
}

inlined u32
raw_path(struct frame *f, const struct rti_live_filter *filter)
{
        switch (filter->open) {
        case RTI_OPEN_OPEN:
        case RTI_OPEN_CREAT:
                return (u32) read_raw_path(f->arg[0]);
        case RTI_OPEN_OPENAT:
        case RTI_OPEN_OPENAT2:
                return (u32) read_raw_path(f->arg[1]);
        default:
                return RAW_UNKNOWN;
        }
}

/* ---- paths as user space will name them ---- */

/* Rows none of whose prefixes the body begins with are out. */
inlined void
sift_by_prefix(struct frame *f, const struct rti_live_filter *filter)
{
        f->key.bits = 8 * (sizeof f->key - sizeof f->key.bits);
        copy_words(f->key.path, f->body, sizeof f->key.path);
        for (u32 i = 0; i < RTI_LIVE_ROWS; i++) {
                if (!(f->alive & filter->pathed & 1U << i))
                        continue;
                f->key.set = filter->paths[i];
                if (!bpf_map_lookup_elem(&prefixes, &f->key))
                        f->alive &= ~(1U << i);
        }
}

/* A file that was opened goes by the path that the kernel has for it, as its fact will tell; one
 * that was not by what the program asked for. */
inlined void
sift_by_path(struct frame *f, const struct rti_live_filter *filter, struct task_struct *t,
             bool at_hand)
{
        if (f->result < 0) {
                if (raw_path(f, filter) != RAW_PLAIN)
                        return;
        } else {
                if (!at_hand && (!see_fd(f, (s32) f->result) || is_nameless(&f->file)))
                        return;
                write_path(f, 0, t, f->file.in, f->file.at);
        }
        sift_by_prefix(f, filter);
}

/* ---- descriptors ---- */

inlined s32
own_fd(const struct frame *f, const struct rti_live_filter *filter)
{
        return (s32) (filter->fd_from < 6 ? f->arg[filter->fd_from & 7] : (u64) f->result);
}

inlined void
sift_by_kind(struct frame *f, const struct rti_live_filter *filter)
{
        if (see_fd(f, own_fd(f, filter)))
                f->alive &= filter->kinds[kind_of_fd(f) & mask_of(RTI_LIVE_KINDS)];
}

/* ---- what is opened most ---- */

enum at_hand { ELSEWHERE, A_FILE, A_DIRECTORY };

/* A plain file or a directory in the mount of the process's root: it has a path, and nothing more
 * has to be read to know what it is. */
inlined enum at_hand
is_at_hand(struct frame *f, struct task_struct *t)
{
        u16 mode = 0;

        if (f->result < 0 || !see_fd_place(f, t, (s32) f->result)
            || f->file.in != RD(t, fs, root.mnt))
                return ELSEWHERE;
        bpf_probe_read_kernel(&mode, sizeof mode,
                              (char *) f->file.inode + bpf_core_field_offset(struct inode, i_mode));
        switch (mode & MODE_KIND) {
        case MODE_FILE:
                return A_FILE;
        case MODE_DIRECTORY:
                return A_DIRECTORY;
        default:
                return ELSEWHERE;
        }
}

/* ---- the order ---- */

/* Is it known whether a row is met? Yes if none is left, or one that asks for none of @a more. */
inlined bool
is_decided(const struct frame *f, u32 more)
{
        return !f->alive || (f->alive & ~more);
}

/* Some row of f->alive is met, as far as one can see. */
inlined bool
is_needed(struct frame *f, const struct rti_live_filter *filter, struct task_struct *t)
{
        const u32 raw_pathed = filter->raw_pathed, kinded = filter->kinded;
        u32 more = raw_pathed | kinded | filter->pathed, raw;
        enum at_hand at_hand = ELSEWHERE;

        if (f->alive & filter->named)
                sift_by_name(f, filter, t);
        if (is_decided(f, more))
                return f->alive != 0;
        if (f->alive & raw_pathed) {
                raw = raw_path(f, filter);
                if (!(raw & RAW_UNKNOWN))
                        f->alive &= filter->raw[(raw & RAW_UP) != 0];
        }
        more = kinded | filter->pathed;
        if (is_decided(f, more))
                return f->alive != 0;
        if (filter->open)
                at_hand = is_at_hand(f, t);
        if (at_hand)
                f->alive &= filter->kinds[at_hand == A_FILE ? KIND_FILE_V2 : KIND_DIRECTORY];
        else if (f->alive & kinded)
                sift_by_kind(f, filter);
        more = filter->pathed;
        if (!is_decided(f, more))
                sift_by_path(f, filter, t, at_hand != ELSEWHERE);
        return f->alive != 0;
}

#endif
