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

/* RESOLVE_* of openat2 */
inlined u32
resolve_flags(u64 flags)
{
        u32 out = 0;

        FLAG(0x08, 1 << 0); /* BENEATH */
        FLAG(0x10, 1 << 1); /* IN_ROOT */
        FLAG(0x02, 1 << 2); /* NO_MAGICLINKS */
        FLAG(0x04, 1 << 3); /* NO_SYMLINKS */
        FLAG(0x01, 1 << 4); /* NO_XDEV */
        FLAG(0x20, 1 << 5); /* CACHED */
        return out;
}

/* AT_* of fchownat */
inlined u32
chown_flags(u64 flags)
{
        u32 out = 0;

        FLAG(0x0100, 0x0400); /* SYMLINK_NOFOLLOW */
        FLAG(0x1000, 0x1000); /* EMPTY_PATH */
        return out;
}

/* MS_*: the same numbers, but for a mark of old programs. */
inlined u32
mount_flags(u64 flags)
{
        return (flags & 0xffff0000) == 0xc0ed0000 ? (u32) flags & 0xffff : (u32) flags;
}

/* IPC_* of semget; permissions stay. */
inlined u32
semget_flags(u64 flags)
{
        u32 out = (u32) flags & 0777;

        FLAG(01000, 1 << 13); /* CREAT */
        FLAG(02000, 1 << 14); /* EXCL */
        return out;
}

inlined u16
semop_flags(u64 flags)
{
        u16 out = 0;

        FLAG(04000, 1 << 0);  /* IPC_NOWAIT */
        FLAG(010000, 1 << 1); /* SEM_UNDO */
        return out;
}

/* IORING_SETUP_* */
inlined u32
uring_setup_flags(u64 flags)
{
        u32 out = 0;

        FLAG(1 << 0, 1 << 0); /* IOPOLL */
        FLAG(1 << 1, 1 << 1); /* SQPOLL */
        FLAG(1 << 2, 1 << 3); /* SQ_AFF */
        FLAG(1 << 3, 1 << 4); /* CQSIZE */
        FLAG(1 << 4, 1 << 5); /* CLAMP */
        FLAG(1 << 5, 1 << 6); /* ATTACH_WQ */
        FLAG(1 << 6, 1 << 7); /* R_DISABLED */
        return out;
}

/* O_* of delete_module */
inlined u32
delete_flags(u64 flags)
{
        u32 out = 0;

        FLAG(01000, 1 << 0); /* TRUNC */
        FLAG(04000, 1 << 1); /* NONBLOCK */
        return out;
}

/* POLL* */
inlined u16
poll_flags(u64 flags)
{
        u16 out = 0;

        FLAG(0x0001, 1 << 0);  /* IN */
        FLAG(0x0002, 1 << 1);  /* PRI */
        FLAG(0x0004, 1 << 2);  /* OUT */
        FLAG(0x2000, 1 << 3);  /* RDHUP */
        FLAG(0x0008, 1 << 4);  /* ERR */
        FLAG(0x0010, 1 << 5);  /* HUP */
        FLAG(0x0020, 1 << 6);  /* NVAL */
        FLAG(0x0040, 1 << 7);  /* RDNORM */
        FLAG(0x0080, 1 << 8);  /* RDBAND */
        FLAG(0x0100, 1 << 9);  /* WRNORM */
        FLAG(0x0200, 1 << 10); /* WRBAND */
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
semctl_command(u64 command)
{
        switch (command) {
                NUMBER(0, 1 << 2);   /* IPC_RMID */
                NUMBER(1, 1 << 1);   /* IPC_SET */
                NUMBER(2, 1 << 0);   /* IPC_STAT */
                NUMBER(3, 1 << 3);   /* IPC_INFO */
                NUMBER(11, 1 << 8);  /* GETPID */
                NUMBER(12, 1 << 9);  /* GETVAL */
                NUMBER(13, 1 << 6);  /* GETALL */
                NUMBER(14, 1 << 7);  /* GETNCNT */
                NUMBER(15, 1 << 10); /* GETZCNT */
                NUMBER(16, 1 << 12); /* SETVAL */
                NUMBER(17, 1 << 11); /* SETALL */
                NUMBER(18, 1 << 5);  /* SEM_STAT */
                NUMBER(19, 1 << 4);  /* SEM_INFO */
        default:
                return 0;
        }
}

inlined u16
quotactl_command(u64 command)
{
        switch (command >> 8 & 0xffffff) {
                NUMBER(0x800002, 1 << 0);  /* QUOTAON */
                NUMBER(0x800003, 1 << 1);  /* QUOTAOFF */
                NUMBER(0x800004, 1 << 2);  /* GETFMT */
                NUMBER(0x800005, 1 << 3);  /* GETINFO */
                NUMBER(0x800006, 1 << 4);  /* SETINFO */
                NUMBER(0x800007, 1 << 5);  /* GETQUOTA */
                NUMBER(0x800008, 1 << 6);  /* SETQUOTA */
                NUMBER(0x800001, 1 << 7);  /* SYNC */
                NUMBER(0x005801, 1 << 8);  /* XQUOTAON */
                NUMBER(0x005802, 1 << 9);  /* XQUOTAOFF */
                NUMBER(0x005803, 1 << 10); /* XGETQUOTA */
                NUMBER(0x005804, 1 << 11); /* XSETQLIM */
                NUMBER(0x005805, 1 << 12); /* XGETQSTAT */
                NUMBER(0x005806, 1 << 13); /* XQUOTARM */
                NUMBER(0x005807, 1 << 14); /* XQUOTASYNC */
        default:
                return 0;
        }
}

inlined u8
socket_option(u64 option)
{
        switch (option) {
                NUMBER(55, 52); /* MEMINFO */
                NUMBER(57, 53); /* COOKIE */
                NUMBER(59, 51); /* PEERGROUPS */
        default:
                return option <= 50 ? (u8) option : 0;
        }
}

inlined u8
socket_level(u64 level)
{
        switch (level) {
                NUMBER(1, 1); /* SOL_SOCKET */
                NUMBER(6, 2); /* SOL_TCP */
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
