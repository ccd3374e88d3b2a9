/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * flags.h - the kernel's flags as captures number them.
 *
 * What has the same numbers in both (modes, AT_*, sets of a few flags) is passed on; the rest is
 * converted here. Numbers of the kernel stand in the tables, since its headers differ by system.
 */
#ifndef RTI_BPF_FLAGS_H
#define RTI_BPF_FLAGS_H

#include "types.h"

#define inlined static __always_inline

/* One flag: kernel's bits to capture's. */
#define FLAG(from, to)                  \
        if ((flags & (from)) == (from)) \
        out |= (to)

/* O_*: PPM_O_* in captures. */
inlined u32
open_flags(u64 flags)
{
        u32 out = 0;

        switch (flags & 3) {
        case 0:
                out = 1;
                break;
        case 1:
                out = 2;
                break;
        default:
                out = 3;
                break;
        }
        FLAG(0100, 1 << 2);      /* O_CREAT */
        FLAG(02000, 1 << 3);     /* O_APPEND */
        FLAG(010000, 1 << 4);    /* O_DSYNC */
        FLAG(0200, 1 << 5);      /* O_EXCL */
        FLAG(04000, 1 << 6);     /* O_NONBLOCK */
        FLAG(04010000, 1 << 7);  /* O_SYNC */
        FLAG(01000, 1 << 8);     /* O_TRUNC */
        FLAG(02000000, 1 << 12); /* O_CLOEXEC */
#if defined(__TARGET_ARCH_arm64)
        FLAG(0200000, 1 << 9);    /* O_DIRECT */
        FLAG(040000, 1 << 10);    /* O_DIRECTORY */
        FLAG(0400000, 1 << 11);   /* O_LARGEFILE */
        FLAG(020040000, 1 << 13); /* O_TMPFILE */
#else
        FLAG(040000, 1 << 9);     /* O_DIRECT */
        FLAG(0200000, 1 << 10);   /* O_DIRECTORY */
        FLAG(0100000, 1 << 11);   /* O_LARGEFILE */
        FLAG(020200000, 1 << 13); /* O_TMPFILE */
#endif
        return out;
}

/* O_CLOEXEC and O_NONBLOCK of calls whose flags know no access mode. */
inlined u32
new_fd_flags(u64 flags)
{
        u32 out = 0;

        FLAG(04000, 1 << 6);
        FLAG(02000000, 1 << 12);
        return out;
}

/* CLONE_* */
inlined u32
clone_flags(u64 flags)
{
        u32 out = 0;

        FLAG(0x00000400, 1 << 0);  /* FILES */
        FLAG(0x00000200, 1 << 1);  /* FS */
        FLAG(0x80000000, 1 << 2);  /* IO */
        FLAG(0x08000000, 1 << 3);  /* NEWIPC */
        FLAG(0x40000000, 1 << 4);  /* NEWNET */
        FLAG(0x00020000, 1 << 5);  /* NEWNS */
        FLAG(0x20000000, 1 << 6);  /* NEWPID */
        FLAG(0x04000000, 1 << 7);  /* NEWUTS */
        FLAG(0x00008000, 1 << 8);  /* PARENT */
        FLAG(0x00100000, 1 << 9);  /* PARENT_SETTID */
        FLAG(0x00002000, 1 << 10); /* PTRACE */
        FLAG(0x00000800, 1 << 11); /* SIGHAND */
        FLAG(0x00040000, 1 << 12); /* SYSVSEM */
        FLAG(0x00010000, 1 << 13); /* THREAD */
        FLAG(0x00800000, 1 << 14); /* UNTRACED */
        FLAG(0x00000100, 1 << 15); /* VM */
        FLAG(0x10000000, 1 << 20); /* NEWUSER */
        FLAG(0x00200000, 1 << 23); /* CHILD_CLEARTID */
        FLAG(0x01000000, 1 << 24); /* CHILD_SETTID */
        FLAG(0x00080000, 1 << 25); /* SETTLS */
        FLAG(0x00004000, 1 << 27); /* VFORK */
        FLAG(0x02000000, 1 << 28); /* NEWCGROUP */
        return out;
}

enum { CLONE_IN_PIDNS = 1 << 29 };

/* MAP_* */
inlined u32
mmap_flags(u64 flags)
{
        u32 out = 0;

        FLAG(0x01, 1 << 0);    /* SHARED */
        FLAG(0x02, 1 << 1);    /* PRIVATE */
        FLAG(0x10, 1 << 2);    /* FIXED */
        FLAG(0x20, 1 << 3);    /* ANONYMOUS */
        FLAG(0x40, 1 << 4);    /* 32BIT */
        FLAG(0x4000, 1 << 6);  /* NORESERVE */
        FLAG(0x8000, 1 << 7);  /* POPULATE */
        FLAG(0x10000, 1 << 8); /* NONBLOCK */
        FLAG(0x0100, 1 << 9);  /* GROWSDOWN */
        FLAG(0x0800, 1 << 10); /* DENYWRITE */
        FLAG(0x1000, 1 << 11); /* EXECUTABLE */
        FLAG(0x2000, 1 << 14); /* LOCKED */
        return out;
}

/* PROT_* */
inlined u32
prot_flags(u64 flags)
{
        u32 out = 0;

        FLAG(0x1, 1 << 0);        /* READ */
        FLAG(0x2, 1 << 1);        /* WRITE */
        FLAG(0x4, 1 << 2);        /* EXEC */
        FLAG(0x8, 1 << 3);        /* SEM */
        FLAG(0x01000000, 1 << 4); /* GROWSDOWN */
        FLAG(0x02000000, 1 << 5); /* GROWSUP */
        return out;
}

/* Permission and kind bits of a mode have the same numbers. */
inlined u32
mode_bits(u64 mode)
{
        return (u32) mode & 07777;
}

inlined u32
mknod_bits(u64 mode)
{
        return (u32) mode & 0177777;
}

/* Enums whose numbers differ: what the table does not know becomes 0. */
#define NUMBER(from, to) \
        case from:       \
                return to

inlined u8
fcntl_command(u64 command)
{
        switch (command) {
                NUMBER(0, 1);     /* DUPFD */
                NUMBER(1, 2);     /* GETFD */
                NUMBER(2, 3);     /* SETFD */
                NUMBER(3, 4);     /* GETFL */
                NUMBER(4, 5);     /* SETFL */
                NUMBER(5, 6);     /* GETLK */
                NUMBER(6, 8);     /* SETLK */
                NUMBER(7, 9);     /* SETLKW */
                NUMBER(8, 10);    /* SETOWN */
                NUMBER(9, 12);    /* GETOWN */
                NUMBER(10, 13);   /* SETSIG */
                NUMBER(11, 15);   /* GETSIG */
                NUMBER(15, 21);   /* SETOWN_EX */
                NUMBER(16, 22);   /* GETOWN_EX */
                NUMBER(36, 30);   /* OFD_GETLK */
                NUMBER(37, 31);   /* OFD_SETLK */
                NUMBER(38, 32);   /* OFD_SETLKW */
                NUMBER(1024, 23); /* SETLEASE */
                NUMBER(1025, 24); /* GETLEASE */
                NUMBER(1026, 27); /* NOTIFY */
                NUMBER(1029, 25); /* CANCELLK */
                NUMBER(1030, 26); /* DUPFD_CLOEXEC */
                NUMBER(1031, 28); /* SETPIPE_SZ */
                NUMBER(1032, 29); /* GETPIPE_SZ */
        default:
                return 0;
        }
}

inlined u16
ptrace_request(u64 request)
{
        if (request <= 9) /* TRACEME to SINGLESTEP */
                return (u16) (request + 1);
        if (request >= 0x4200 && request <= 0x420b) { /* SETOPTIONS to SETSIGMASK */
                return (u16) (request - 0x4200 + 14);
        }
        switch (request) {
                NUMBER(16, 11); /* ATTACH */
                NUMBER(17, 12); /* DETACH */
                NUMBER(24, 13); /* SYSCALL */
                NUMBER(12, 26); /* GETREGS */
                NUMBER(13, 27); /* SETREGS */
                NUMBER(14, 28); /* GETFPREGS */
                NUMBER(15, 29); /* SETFPREGS */
                NUMBER(18, 30); /* GETFPXREGS */
                NUMBER(19, 31); /* SETFPXREGS */
                NUMBER(21, 32); /* OLDSETOPTIONS */
                NUMBER(25, 33); /* GET_THREAD_AREA */
                NUMBER(26, 34); /* SET_THREAD_AREA */
                NUMBER(30, 35); /* ARCH_PRCTL */
                NUMBER(31, 36); /* SYSEMU */
                NUMBER(32, 37); /* SYSEMU_SINGLESTEP */
                NUMBER(33, 38); /* SINGLEBLOCK */
        default:
                return 0;
        }
}

#endif
