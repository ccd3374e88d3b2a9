/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* calls.h - handlers: identity, memory, signals, modules, and what is left. */
#ifndef RTI_BPF_CALLS_H
#define RTI_BPF_CALLS_H

#include "calls_net.h"
#include "process.h"

/* Calls without an event of their own. */
HANDLER(generic, 2)
{
        f->head.event = EVENT_GENERIC_X;
        f->head.flags |= RTI_REC_GENERIC;
        put_u16(v, shared.calls[f->head.nr & mask_of(RTI_LIVE_CALLS)].id);
        put_u16(v, f->head.nr);
}

/* ---- identity ---- */

/* getresuid, getresgid: what the call has written. */
HANDLER(getres, 4)
{
        put_result(v);
        put_u32(v, read_user(u32, f->arg[0]));
        put_u32(v, read_user(u32, f->arg[1]));
        put_u32(v, read_user(u32, f->arg[2]));
}

HANDLER(setpgid, 3)
{
        put_result(v);
        put_arg_int(v, 0);
        put_arg_int(v, 1);
}

HANDLER(capset, 4)
{
        struct task_struct *t = CURRENT_TASK();
        const struct cred *cred = RD(t, cred);

        put_result(v);
        put_u64(v, caps_of(&cred->cap_inheritable));
        put_u64(v, caps_of(&cred->cap_permitted));
        put_u64(v, caps_of(&cred->cap_effective));
}

HANDLER(unshare, 2)
{
        put_result(v);
        put_u32(v, clone_flags(f->arg[0]));
}

HANDLER(setns, 3)
{
        put_result(v);
        put_arg_fd(v, 0);
        put_u32(v, clone_flags(f->arg[1]));
}

enum { OPTION_SET_NAME = 15, OPTION_GET_NAME = 16, OPTION_GET_SUBREAPER = 37 };

HANDLER(prctl, 4)
{
        const u32 option = (u32) f->arg[0];
        const bool is_name = option == OPTION_SET_NAME || option == OPTION_GET_NAME;

        put_result(v);
        put_u32(v, option);
        if (is_name)
                put_arg_text(v, 1);
        else
                put_empty(v);
        if (is_name)
                put_u64(v, 0);
        else if (option == OPTION_GET_SUBREAPER)
                put_u64(v, (u64) (s64) read_user(s32, f->arg[1]));
        else
                put_arg64(v, 1);
}

/* ---- memory ---- */

HANDLER(brk, 5)
{
        struct task_struct *t = CURRENT_TASK();

        put_result(v);
        put_memory(v, RD(t, mm));
        put_arg64(v, 0);
}

HANDLER(munmap, 6)
{
        struct task_struct *t = CURRENT_TASK();

        put_result(v);
        put_memory(v, RD(t, mm));
        put_arg64(v, 0);
        put_arg64(v, 1);
}

HANDLER(mmap, 10)
{
        struct task_struct *t = CURRENT_TASK();

        put_result(v);
        put_memory(v, RD(t, mm));
        put_arg64(v, 0);
        put_arg64(v, 1);
        put_u32(v, prot_flags(f->arg[2]));
        put_u32(v, mmap_flags(f->arg[3]));
        put_arg_fd(v, 4);
        put_arg64(v, 5);
}

HANDLER(mprotect, 4)
{
        put_result(v);
        put_arg64(v, 0);
        put_arg64(v, 1);
        put_u32(v, prot_flags(f->arg[2]));
}

/* res, pid, data: the local side of the first buffers */
HANDLER(process_vm, 3)
{
        put_result(v);
        put_arg_int(v, 0);
        put_vectors(v, f->arg[1], f->arg[2], f->result > 0 ? (u64) f->result : 0);
}

/* ---- signals, tracing ---- */

HANDLER(kill, 3)
{
        put_result(v);
        put_arg_int(v, 0);
        put_u8(v, (u8) f->arg[1]);
}

HANDLER(tgkill, 4)
{
        put_result(v);
        put_arg_int(v, 0);
        put_arg_int(v, 1);
        put_u8(v, (u8) f->arg[2]);
}

enum { DYN_PTRACE_NUMBER, DYN_PTRACE_SIGNAL };

inlined void
put_ptrace_number(struct values *v, u64 number)
{
        u8 *to = place(v);

        to[0] = DYN_PTRACE_NUMBER;
        *(u64 *) (to + 1) = number;
        took(v, 9);
}

/* CONT, SINGLESTEP, DETACH and SYSCALL take a signal; the PEEKs have written what they found. */
inlined void
put_ptrace_data(struct values *v, u64 request, u64 data)
{
        u8 *to = place(v);

        if (request == 7 || request == 9 || request == 17 || request == 24) {
                to[0] = DYN_PTRACE_SIGNAL;
                to[1] = (u8) data;
                took(v, 2);
        } else if (request >= 1 && request <= 3) {
                from_user(v);
                put_ptrace_number(v, read_user(u64, data));
        } else {
                put_ptrace_number(v, data);
        }
}

HANDLER(ptrace, 5)
{
        put_result(v);
        put_ptrace_number(v, f->result < 0 ? 0 : f->arg[2]);
        if (f->result < 0)
                put_ptrace_number(v, 0);
        else
                put_ptrace_data(v, f->arg[0], f->arg[3]);
        put_u16(v, ptrace_request(f->arg[0]));
        put_arg_int(v, 1);
}

/* ---- limits ---- */

/* cur, max of a struct rlimit of the program; -1, -1 without one */
inlined void
put_limits(struct values *v, u64 address)
{
        from_user(v);
        put_u64(v, address ? read_user(u64, address) : ~0ULL);
        put_u64(v, address ? read_user(u64, address + 8) : ~0ULL);
}

inlined u8
limit_number(u64 resource)
{
        return resource < 16 ? (u8) resource : 0xff;
}

HANDLER(getrlimit, 4)
{
        put_result(v);
        put_limits(v, f->result == 0 ? f->arg[1] : 0);
        put_u8(v, limit_number(f->arg[0]));
}

HANDLER(setrlimit, 4)
{
        put_result(v);
        put_limits(v, f->arg[1]);
        put_u8(v, limit_number(f->arg[0]));
}

HANDLER(prlimit, 7)
{
        put_result(v);
        put_limits(v, f->arg[2]);
        put_limits(v, f->result == 0 ? f->arg[3] : 0);
        put_arg_int(v, 0);
        put_u8(v, limit_number(f->arg[1]));
}

/* ---- modules ---- */

HANDLER(init_module, 4)
{
        put_result(v);
        put_data(v, f->arg[0], f->arg[1]);
        put_arg64(v, 1);
        put_arg_text(v, 2);
}

HANDLER(delete_module, 3)
{
        put_result(v);
        put_arg_text(v, 0);
        put_u32(v, delete_flags(f->arg[1]));
}

/* ---- semaphores, locks, time ---- */

/* struct sembuf: u16 number, s16 operation, s16 flags. The first two are told. */
inlined void
put_semaphore(struct values *v, u64 address)
{
        put_u16(v, read_user(u16, address));
        put_u16(v, address ? read_user(u16, address + 2) : 0);
        put_u16(v, semop_flags(address ? read_user(u16, address + 4) : 0));
}

HANDLER(semop, 9)
{
        const u64 n = f->result >= 0 ? f->arg[2] : 0;

        put_result(v);
        put_arg32(v, 2);
        put_semaphore(v, n > 0 ? f->arg[1] : 0);
        put_semaphore(v, n > 1 ? f->arg[1] + 6 : 0);
        put_arg32(v, 0);
}

HANDLER(semget, 4)
{
        put_result(v);
        put_arg32(v, 0);
        put_arg32(v, 1);
        put_u32(v, semget_flags(f->arg[2]));
}

HANDLER(semctl, 5)
{
        put_result(v);
        put_arg32(v, 0);
        put_arg32(v, 1);
        put_u16(v, semctl_command(f->arg[2]));
        put_u32(v, f->arg[2] == 16 ? (u32) f->arg[3] : 0); /* SETVAL */
}

HANDLER(futex, 4)
{
        put_result(v);
        put_arg64(v, 0);
        put_u16(v, (u16) f->arg[1]);
        put_u64(v, (u32) f->arg[2]);
}

HANDLER(nanosleep, 2)
{
        put_result(v);
        put_u64(v, user_time(f->arg[0]));
}

/* ---- keys, quotas ---- */

enum { DYN_KEY_NUMBER, DYN_KEY_TEXT, KEY_JOIN = 1, KEY_SEARCH = 10 };

inlined void
put_key_number(struct values *v, u64 number)
{
        u8 *to = place(v);

        to[0] = DYN_KEY_NUMBER;
        *(u64 *) (to + 1) = number;
        took(v, 9);
}

inlined void
put_key_text(struct values *v, u64 address)
{
        u8 *to = place(v);
        long n = 0;

        from_user(v);
        to[0] = DYN_KEY_TEXT;
        if (address)
                n = bpf_probe_read_user_str(to + 1, LONGEST_PATH, (const void *) address);
        took(v, n > 0 ? ((u32) n & mask_of(2 * LONGEST_PATH)) + 1 : 0);
}

HANDLER(keyctl, 6)
{
        const u64 operation = f->arg[0];

        put_result(v);
        put_u32(v, (u32) operation);
        if (operation == KEY_JOIN)
                put_key_text(v, f->arg[1]);
        else
                put_key_number(v, f->arg[1]);
        if (operation == KEY_SEARCH) {
                put_key_text(v, f->arg[2]);
                put_key_text(v, f->arg[3]);
        } else {
                put_key_number(v, f->arg[2]);
                put_key_number(v, f->arg[3]);
        }
        put_key_number(v, f->arg[4]);
}

enum { QUOTA_ON = 1, QUOTA_GET = 1 << 5, QUOTA_SET = 1 << 6 };

/* struct dqblk: hard and soft limit and use of blocks, of inodes, then the times. */
inlined void
put_quota(struct values *v, u64 block)
{
        u64 q[8] = {};

        if (!block || bpf_probe_read_user(q, sizeof q, (const void *) block) < 0) {
                for (u32 i = 0; i < 7; i++)
                        put_empty(v);
                return;
        }
        put_u64(v, q[0]);
        put_u64(v, q[1]);
        put_u64(v, q[2]);
        put_u64(v, q[3]);
        put_u64(v, q[4]);
        put_u64(v, q[6]);
        put_u64(v, q[7]);
}

HANDLER(quotactl, 18)
{
        const u16 command = quotactl_command(f->arg[0]);

        put_result(v);
        put_arg_text(v, 1);
        if (command == QUOTA_ON)
                put_arg_text(v, 3);
        else
                put_empty(v);
        put_quota(v, command == QUOTA_GET || command == QUOTA_SET ? f->arg[3] : 0);
        put_empty(v); /* of struct dqinfo */
        put_empty(v);
        put_empty(v);
        put_empty(v);
        put_u16(v, command);
        put_u8(v, (f->arg[0] & 0xff) < 2 ? (u8) (1 << (f->arg[0] & 1)) : 0);
        put_arg32(v, 2);
        put_empty(v);
}

#endif
