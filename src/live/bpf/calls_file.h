/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* calls_file.h - handlers: files, descriptors, and what is read and written through them. */
#ifndef RTI_BPF_CALLS_FILE_H
#define RTI_BPF_CALLS_FILE_H

#include "entry.h"
#include "files.h"

/* ---- opening ---- */

enum {
        OPENED_CREATED = 1 << 14,
        OPENED_UPPER = 1 << 15,
        OPENED_LOWER = 1 << 16,
        MAY_CREATE = 1 << 2 | 1 << 13 /* O_CREAT, O_TMPFILE */
};

/* The file that was opened, NULL: none was. */
inlined const struct seen_file *
opened_file(struct frame *f)
{
        return f->result >= 0 && see_fd(f, (s32) f->result) ? &f->file : NULL;
}

/* @a flags of an open with what the opened file adds to them. */
inlined u32
with_opened(u32 flags, const struct seen_file *file)
{
        u32 layer;

        if (!file)
                return flags;
        layer = layer_of(file);
        if (file->mode & FILE_MODE_CREATED)
                flags |= OPENED_CREATED;
        if (layer == LAYER_UPPER)
                flags |= OPENED_UPPER;
        if (layer == LAYER_LOWER)
                flags |= OPENED_LOWER;
        return flags;
}

/* dev, ino */
inlined void
put_inode(struct values *v, const struct seen_file *file)
{
        put_u32(v, file ? file->dev : 0);
        put_u64(v, file ? file->ino : 0);
}

/* flags and mode, which counts where a file may be made. */
inlined void
put_open_flags(struct values *v, u64 flags, u64 mode, const struct seen_file *file)
{
        const u32 out = open_flags(flags);

        put_u32(v, with_opened(out, file));
        put_u32(v, out & MAY_CREATE ? mode_bits(mode) : 0);
}

HANDLER(open, 6)
{
        const struct seen_file *file = opened_file(f);

        put_new_fd(v);
        put_arg_text(v, 0);
        put_open_flags(v, f->arg[1], f->arg[2], file);
        put_inode(v, file);
}

HANDLER(openat, 7)
{
        const struct seen_file *file = opened_file(f);

        put_new_fd(v);
        put_arg_int(v, 0);
        put_arg_text(v, 1);
        put_open_flags(v, f->arg[2], f->arg[3], file);
        put_inode(v, file);
}

/* Its struct open_how: flags, mode, resolve. */
HANDLER(openat2, 8)
{
        const struct seen_file *file = opened_file(f);
        const u64 how = f->arg[2];

        put_new_fd(v);
        put_arg_int(v, 0);
        put_arg_text(v, 1);
        put_open_flags(v, read_user(u64, how), how ? read_user(u64, how + 8) : 0, file);
        put_u32(v, resolve_flags(how ? read_user(u64, how + 16) : 0));
        put_inode(v, file);
}

HANDLER(creat, 6)
{
        const struct seen_file *file = opened_file(f);

        put_new_fd(v);
        put_arg_text(v, 0);
        put_u32(v, mode_bits(f->arg[1]));
        put_inode(v, file);
        /* Bits of their own: upper layer 1, lower layer 2. */
        put_u16(v, (u16) (with_opened(0, file) >> 15 & 3));
}

HANDLER(open_by_handle_at, 6)
{
        const struct seen_file *file = opened_file(f);

        put_new_fd(v);
        put_arg_int(v, 0);
        put_u32(v, with_opened(open_flags(f->arg[2]), file));
        if (file)
                put_file_path(v, CURRENT_TASK());
        else
                put_empty(v);
        put_inode(v, file);
}

/* ---- shapes that many events have: their names are their values ---- */

HANDLER(res, 1)
{
        put_result(v);
}

HANDLER(none, 0)
{
}

HANDLER(res_fd, 2)
{
        put_result(v);
        put_arg_fd(v, 0);
}

HANDLER(res_text, 2)
{
        put_result(v);
        put_arg_text(v, 0);
}

HANDLER(res_text_text, 3)
{
        put_result(v);
        put_arg_text(v, 0);
        put_arg_text(v, 1);
}

/* mode and flags that have the same numbers in captures */
HANDLER(res_text_u32, 3)
{
        put_result(v);
        put_arg_text(v, 0);
        put_arg32(v, 1);
}

HANDLER(res_text_u32_u32, 4)
{
        put_result(v);
        put_arg_text(v, 0);
        put_arg32(v, 1);
        put_arg32(v, 2);
}

HANDLER(res_fd_u32, 3)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg32(v, 1);
}

HANDLER(res_fd_text, 3)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg_text(v, 1);
}

HANDLER(res_fd_text_u32, 4)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg_text(v, 1);
        put_arg32(v, 2);
}

HANDLER(res_fd_text_u32_u32, 5)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg_text(v, 1);
        put_arg32(v, 2);
        put_arg32(v, 3);
}

HANDLER(res_u32, 2)
{
        put_result(v);
        put_arg32(v, 0);
}

HANDLER(res_u32_u32, 3)
{
        put_result(v);
        put_arg32(v, 0);
        put_arg32(v, 1);
}

HANDLER(res_u32_u32_u32, 4)
{
        put_result(v);
        put_arg32(v, 0);
        put_arg32(v, 1);
        put_arg32(v, 2);
}

HANDLER(res_u64_u64, 3)
{
        put_result(v);
        put_arg64(v, 0);
        put_arg64(v, 1);
}

HANDLER(res_u64_u64_u32, 4)
{
        put_result(v);
        put_arg64(v, 0);
        put_arg64(v, 1);
        put_arg32(v, 2);
}

HANDLER(result_u32, 1)
{
        put_u32(v, (u32) f->result);
}

/* ---- names ---- */

HANDLER(getcwd, 2)
{
        put_result(v);
        if (f->result >= 0)
                put_arg_text(v, 0);
        else
                put_empty(v);
}

HANDLER(renameat, 5)
{
        put_result(v);
        put_arg_int(v, 0);
        put_arg_text(v, 1);
        put_arg_int(v, 2);
        put_arg_text(v, 3);
}

HANDLER(renameat2, 6)
{
        put_result(v);
        put_arg_int(v, 0);
        put_arg_text(v, 1);
        put_arg_int(v, 2);
        put_arg_text(v, 3);
        put_arg32(v, 4);
}

HANDLER(symlinkat, 4)
{
        put_result(v);
        put_arg_text(v, 0);
        put_arg_fd(v, 1);
        put_arg_text(v, 2);
}

HANDLER(fchownat, 6)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg_text(v, 1);
        put_arg32(v, 2);
        put_arg32(v, 3);
        put_u32(v, chown_flags(f->arg[4]));
}

HANDLER(newfstatat, 4)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg_text(v, 1);
        put_arg32(v, 3);
}

HANDLER(fchown, 4)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg32(v, 1);
        put_arg32(v, 2);
}

HANDLER(mount, 5)
{
        put_result(v);
        put_arg_text(v, 0);
        put_arg_text(v, 1);
        put_arg_text(v, 2);
        put_u32(v, mount_flags(f->arg[3]));
}

/* Value by kind of command: FSCONFIG_SET_BINARY 2 has bytes, STRING 1 and PATH 3, 4 text. */
HANDLER(fsconfig, 7)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg32(v, 1);
        put_arg_text(v, 2);
        if (f->arg[1] == 2)
                put_data(v, f->arg[3], f->arg[4]);
        else
                put_empty(v);
        if (f->arg[1] == 1 || f->arg[1] == 3 || f->arg[1] == 4)
                put_arg_text(v, 3);
        else
                put_empty(v);
        put_arg32(v, 4);
}

/* ---- reading and writing ---- */

/* So much was moved; for what failed, so much was asked for. */
inlined u64
moved(const struct frame *f, u64 asked)
{
        return f->result > 0 ? (u64) f->result : asked;
}

HANDLER(read, 4)
{
        put_result(v);
        put_data(v, f->arg[1], f->result > 0 ? (u64) f->result : 0);
        put_arg_fd(v, 0);
        put_arg32(v, 2);
}

HANDLER(write, 4)
{
        put_result(v);
        put_data(v, f->arg[1], moved(f, f->arg[2]));
        put_arg_fd(v, 0);
        put_arg32(v, 2);
}

HANDLER(pread, 5)
{
        put_result(v);
        put_data(v, f->arg[1], f->result > 0 ? (u64) f->result : 0);
        put_arg_fd(v, 0);
        put_arg32(v, 2);
        put_arg64(v, 3);
}

HANDLER(pwrite, 5)
{
        put_result(v);
        put_data(v, f->arg[1], moved(f, f->arg[2]));
        put_arg_fd(v, 0);
        put_arg32(v, 2);
        put_arg64(v, 3);
}

inlined void
put_readv(struct values *v, struct frame *f)
{
        put_result(v);
        put_u32(v, (u32) length_of_vectors(f->arg[1], f->arg[2]));
        put_vectors(v, f->arg[1], f->arg[2], f->result > 0 ? (u64) f->result : 0);
        put_arg_fd(v, 0);
}

inlined void
put_writev(struct values *v, struct frame *f)
{
        const u64 len = length_of_vectors(f->arg[1], f->arg[2]);

        put_result(v);
        put_vectors(v, f->arg[1], f->arg[2], moved(f, len));
        put_arg_fd(v, 0);
        put_u32(v, (u32) len);
}

HANDLER(readv, 4)
{
        put_readv(v, f);
}

HANDLER(preadv, 5)
{
        put_readv(v, f);
        put_arg64(v, 3);
}

HANDLER(writev, 4)
{
        put_writev(v, f);
}

HANDLER(pwritev, 5)
{
        put_writev(v, f);
        put_arg64(v, 3);
}

HANDLER(sendfile, 5)
{
        put_result(v);
        put_u64(v, read_user(u64, f->arg[2]));
        put_arg_fd(v, 0);
        put_arg_int(v, 1);
        put_arg64(v, 3);
}

HANDLER(copy_file_range, 6)
{
        put_result(v);
        put_arg_fd(v, 2);
        put_u64(v, read_user(u64, f->arg[3]));
        put_arg_int(v, 0);
        put_u64(v, read_user(u64, f->arg[1]));
        put_arg64(v, 4);
}

HANDLER(splice, 5)
{
        put_result(v);
        put_arg_int(v, 0);
        put_arg_fd(v, 2);
        put_arg64(v, 4);
        put_arg32(v, 5);
}

HANDLER(lseek, 4)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg64(v, 1);
        put_u8(v, (u8) f->arg[2]);
}

HANDLER(ioctl, 4)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg64(v, 1);
        put_arg64(v, 2);
}

HANDLER(flock, 3)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg32(v, 1);
}

HANDLER(fcntl, 4)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_u8(v, fcntl_command(f->arg[1]));
        put_arg64(v, 2);
}

/* ---- making descriptors ---- */

/* The descriptor that is copied is described: of the copy readers know the same. */
HANDLER(dup, 2)
{
        put_result(v);
        put_arg_fd(v, 0);
}

HANDLER(dup2, 3)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg_int(v, 1);
}

HANDLER(dup3, 4)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg_int(v, 1);
        put_u32(v, new_fd_flags(f->arg[2]));
}

/* res, fd1, fd2, ino */
inlined void
put_pipe(struct values *v, struct frame *f)
{
        const bool made = f->result == 0;
        const s32 first = made ? read_user(s32, f->arg[0]) : -1;
        const s32 second = made ? read_user(s32, f->arg[0] + 4) : -1;

        put_result(v);
        put_u64(v, (u64) (s64) first);
        note_fd(v, second);
        put_u64(v, (u64) (s64) second);
        put_u64(v, see_fd(f, second) ? f->file.ino : 0);
}

HANDLER(pipe, 4)
{
        put_pipe(v, f);
}

HANDLER(pipe2, 5)
{
        put_pipe(v, f);
        put_u32(v, new_fd_flags(f->arg[1]));
}

HANDLER(eventfd, 3)
{
        put_new_fd(v);
        put_u64(v, (u32) f->arg[0]);
        put_u32(v, 0);
}

HANDLER(eventfd2, 3)
{
        put_new_fd(v);
        put_u16(v, (u16) new_fd_flags(f->arg[1]));
        put_u64(v, (u32) f->arg[0]);
}

/* Masks, clocks and flags of these old calls are 0 in captures. */
HANDLER(signalfd, 4)
{
        put_new_fd(v);
        put_arg_int(v, 0);
        put_u32(v, 0);
        put_u8(v, 0);
}

HANDLER(signalfd4, 4)
{
        put_new_fd(v);
        put_u16(v, (u16) new_fd_flags(f->arg[3]));
        put_arg_int(v, 0);
        put_u32(v, 0);
}

HANDLER(timerfd_create, 3)
{
        put_new_fd(v);
        put_u8(v, 0);
        put_u8(v, 0);
}

HANDLER(inotify_init, 2)
{
        put_new_fd(v);
        put_u8(v, 0);
}

HANDLER(inotify_init1, 2)
{
        put_new_fd(v);
        put_u16(v, (u16) new_fd_flags(f->arg[0]));
}

HANDLER(epoll_create, 2)
{
        put_new_fd(v);
        put_arg32(v, 0);
}

HANDLER(epoll_create1, 2)
{
        put_new_fd(v);
        put_u32(v, (f->arg[0] & 02000000) != 0);
}

HANDLER(userfaultfd, 2)
{
        put_new_fd(v);
        put_u32(v, new_fd_flags(f->arg[0]));
}

HANDLER(memfd_create, 3)
{
        put_new_fd(v);
        put_arg_text(v, 0);
        put_arg32(v, 1);
}

HANDLER(pidfd_open, 3)
{
        put_new_fd(v);
        put_arg_int(v, 0);
        put_u32(v, (f->arg[1] & 04000) != 0);
}

HANDLER(pidfd_getfd, 4)
{
        put_new_fd(v);
        put_arg_int(v, 0);
        put_arg_int(v, 1);
        put_arg32(v, 2);
}

HANDLER(bpf, 2)
{
        put_new_fd(v);
        put_arg32(v, 0);
}

/* ---- waiting ---- */

enum { MOST_POLLED = 16 };

/* u16 count, then an i64 and u16 each: what is ready of struct pollfd. */
inlined void
put_polled(struct values *v, u64 list, u64 n)
{
        struct frame *f = v->f;
        u16 count = 0;

        from_user(v);
        f->list_at = 2;
        for (u32 i = 0; i < MOST_POLLED; i++) {
                u8 *to = &f->body[(f->at + f->list_at) & mask_of(BODY_ROOM)];
                u64 one;

                if (i >= n || !list)
                        break;
                one = read_user(u64, list + i * 8UL);
                if ((one >> 48) == 0)
                        continue;
                *(u64 *) to = (u64) (s64) (s32) one;
                *(u16 *) (to + 8) = poll_flags(one >> 48);
                f->list_at += 10;
                count++;
        }
        *(u16 *) place(v) = count;
        took(v, f->list_at & mask_of(LONGEST_TEXT));
}

/* Nanoseconds of a struct timespec. */
inlined u64
user_time(u64 address)
{
        return address ? read_user(u64, address) * 1000000000ULL + read_user(u64, address + 8) : 0;
}

HANDLER(poll, 3)
{
        put_result(v);
        put_polled(v, f->arg[0], f->arg[1]);
        put_arg_int(v, 2);
}

HANDLER(ppoll, 4)
{
        put_result(v);
        put_polled(v, f->arg[0], f->arg[1]);
        put_u64(v, user_time(f->arg[2]));
        put_u32(v, read_user(u32, f->arg[3]));
}

HANDLER(epoll_wait, 2)
{
        put_result(v);
        put_arg_int(v, 2);
}

/* ---- io_uring ---- */

/* struct io_uring_params as the call has filled it in: u32 sq_entries, cq_entries, flags,
 * sq_thread_cpu, sq_thread_idle, features. */
HANDLER(io_uring_setup, 8)
{
        u32 p[6] = {};

        if (f->arg[1])
                bpf_probe_read_user(p, sizeof p, (const void *) f->arg[1]);
        put_new_fd(v);
        put_arg32(v, 0);
        put_u32(v, p[0]);
        put_u32(v, p[1]);
        put_u32(v, uring_setup_flags(p[2]));
        put_u32(v, p[3]);
        put_u32(v, p[4]);
        put_u32(v, p[5]);
}

HANDLER(io_uring_enter, 6)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_arg32(v, 1);
        put_arg32(v, 2);
        put_arg32(v, 3);
        put_u32(v, read_user(u32, f->arg[4]));
}

HANDLER(io_uring_register, 5)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_u16(v, (u16) f->arg[1]);
        put_arg64(v, 2);
        put_arg32(v, 3);
}

#endif
