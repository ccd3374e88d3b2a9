/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * values.h - appending an event's values to the frame.
 *
 * A handler says how many values its event has, then appends each, in order:
 *
 *      struct values v = begin(f, 4);
 *      put_result(&v);
 *      ...
 *      return finish(ctx, &v);
 *
 * Counts are constants to the compiler, so lengths have fixed places; where values go is the only
 * thing that varies (frame.at), and every use of it is masked, as the verifier wants to see.
 */
#ifndef RTI_BPF_VALUES_H
#define RTI_BPF_VALUES_H

#include "frame.h"

struct values {
        struct frame *f;
        u32 n; /* so many are appended */
};

inlined struct values
begin(struct frame *f, u32 n_params)
{
        f->head.n_params = (u16) n_params;
        f->at = n_params * sizeof(u16);
        return (struct values){ .f = f };
}

inlined void *
place(struct values *v)
{
        return &v->f->body[v->f->at & mask_of(BODY_ROOM)];
}

/* The value at place() has @a len bytes. */
inlined void
took(struct values *v, u32 len)
{
        ((u16 *) v->f->body)[v->n] = (u16) len;
        v->n++;
        v->f->at += len;
}

inlined void
from_user(struct values *v)
{
        v->f->head.user_params |= 1U << v->n;
        v->f->head.flags |= RTI_REC_USER_MEMORY;
}

inlined void
put_empty(struct values *v)
{
        took(v, 0);
}

inlined void
put_u8(struct values *v, u8 value)
{
        *(u8 *) place(v) = value;
        took(v, sizeof value);
}

inlined void
put_u16(struct values *v, u16 value)
{
        *(u16 *) place(v) = value;
        took(v, sizeof value);
}

inlined void
put_u32(struct values *v, u32 value)
{
        *(u32 *) place(v) = value;
        took(v, sizeof value);
}

inlined void
put_u64(struct values *v, u64 value)
{
        *(u64 *) place(v) = value;
        took(v, sizeof value);
}

inlined void
put_result(struct values *v)
{
        put_u64(v, (u64) v->f->result);
}

/* The i-th argument as a number of that width; numbers of descriptors and of processes are ints. */
inlined void
put_arg32(struct values *v, u32 i)
{
        put_u32(v, (u32) v->f->arg[i]);
}

inlined void
put_arg64(struct values *v, u32 i)
{
        put_u64(v, v->f->arg[i]);
}

inlined void
put_arg_int(struct values *v, u32 i)
{
        put_u64(v, (u64) (s64) (s32) v->f->arg[i]);
}

/* The record describes the first descriptor that its event speaks of. */
inlined void
note_fd(struct values *v, s32 fd)
{
        if (v->f->fact_fd < 0 && fd >= 0) {
                v->f->fact_fd = fd;
                v->f->head.fact_param = (u8) v->n;
        }
}

inlined void
put_arg_fd(struct values *v, u32 i)
{
        note_fd(v, (s32) v->f->arg[i]);
        put_arg_int(v, i);
}

/* The result of a call that makes a descriptor. */
inlined void
put_new_fd(struct values *v)
{
        note_fd(v, (s32) v->f->result);
        put_result(v);
}

/* ---- texts and bytes ---- */

/* Text of the program at @a address with its NUL; empty where there is none to read. */
inlined void
put_text(struct values *v, u64 address)
{
        long n = 0;

        from_user(v);
        if (address) {
                n = bpf_probe_read_user_str(place(v), LONGEST_TEXT, (const void *) address);
                if (n < 0)
                        v->f->head.flags |= RTI_REC_UNREADABLE;
                if (n == LONGEST_TEXT)
                        v->f->head.flags |= RTI_REC_CUT;
        }
        took(v, n > 0 ? (u32) n & mask_of(2 * LONGEST_TEXT) : 0);
}

inlined void
put_arg_text(struct values *v, u32 i)
{
        put_text(v, v->f->arg[i]);
}

/* Text of the kernel. */
inlined void
put_kernel_text(struct values *v, const void *text)
{
        const long n = bpf_probe_read_kernel_str(place(v), LONGEST_PATH, text);

        took(v, n > 0 ? (u32) n & mask_of(2 * LONGEST_PATH) : 0);
}

/* @a len bytes of the program at @a address, cut to the set length of payloads. */
inlined void
put_data(struct values *v, u64 address, u64 len)
{
        u64 n = len < shared.conf.snaplen ? len : shared.conf.snaplen;

        from_user(v);
        if (n >= MOST_DATA)
                n = MOST_DATA - 1;
        if (!address || n == 0) {
                put_empty(v);
                return;
        }
        n &= mask_of(MOST_DATA);
        if (bpf_probe_read_user(place(v), (u32) n, (const void *) address) < 0) {
                v->f->head.flags |= RTI_REC_UNREADABLE;
                n = 0;
        }
        took(v, (u32) n);
}

/* What the program has at @a address: @a type there, or 0. */
#define read_user(type, address)                                                               \
        ({                                                                                     \
                type value_ = 0;                                                               \
                if (address)                                                                   \
                        bpf_probe_read_user(&value_, sizeof value_, (const void *) (address)); \
                value_;                                                                        \
        })

/* ---- vectors of buffers: struct iovec of the program ---- */

enum { MOST_VECTORS = 8 };

/* The sum of @a n buffers' lengths at @a vectors. */
inlined u64
length_of_vectors(u64 vectors, u64 n)
{
        u64 sum = 0;

        for (u32 i = 0; i < MOST_VECTORS; i++) {
                if (i >= n || !vectors)
                        break;
                sum += read_user(u64, vectors + i * 16UL + 8);
        }
        return sum;
}

/* Up to @a len bytes out of them, cut like put_data. */
inlined void
put_vectors(struct values *v, u64 vectors, u64 n, u64 len)
{
        struct frame *f = v->f;
        u64 most = len < shared.conf.snaplen ? len : shared.conf.snaplen;

        from_user(v);
        if (most >= MOST_DATA)
                most = MOST_DATA - 1;
        f->list_at = 0;
        for (u32 i = 0; i < MOST_VECTORS; i++) {
                u64 base, part;

                if (i >= n || !vectors || f->list_at >= most)
                        break;
                base = read_user(u64, vectors + i * 16UL);
                part = read_user(u64, vectors + i * 16UL + 8);
                if (part > most - f->list_at)
                        part = most - f->list_at;
                part &= mask_of(MOST_DATA);
                if (bpf_probe_read_user(&f->body[(f->at + f->list_at) & mask_of(BODY_ROOM)],
                                        (u32) part, (const void *) base)
                    < 0) {
                        f->head.flags |= RTI_REC_UNREADABLE;
                        break;
                }
                f->list_at += (u32) part;
        }
        took(v, f->list_at & mask_of(2 * LONGEST_TEXT));
}

/* ---- the end ---- */

inlined int
finish(void *ctx, struct values *v)
{
        v->f->head.values_len = v->f->at;
        bpf_tail_call(ctx, &steps, SLOT_FINISH);
        return lose(v->f);
}

/* A handler: gets the frame as @a f and the values as @a v, ends by itself. */
#define HANDLER(name, n_values)                                                \
        inlined void values_of_##name(struct frame *f, struct values *v);      \
        ON_SYS_EXIT int on_##name(void *ctx)                                   \
        {                                                                      \
                struct frame *f = get_frame();                                 \
                struct values v;                                               \
                                                                               \
                if (!f)                                                        \
                        return 0;                                              \
                v = begin(f, n_values);                                        \
                values_of_##name(f, &v);                                       \
                return finish(ctx, &v);                                        \
        }                                                                      \
        inlined void values_of_##name(struct frame *f __attribute__((unused)), \
                                      struct values *v __attribute__((unused)))

#endif
