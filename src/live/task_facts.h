/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* task_facts.h - what the kernel says of a thread that runs already, for both sides. */
#ifndef RTI_LIVE_TASK_FACTS_H
#define RTI_LIVE_TASK_FACTS_H

#ifndef RTI_BPF
#include <stdint.h>
#endif

/* 8-byte aligned, no holes. */
struct rti_task_facts {
        uint64_t start_ns; /* since boot: with the tid, the thread's identity */
        uint64_t exec_id;  /* as in records */
        uint64_t exe_ino, exe_ctime_ns, exe_mtime_ns; /* exe_ino 0: it runs no file */
        uint32_t tid;
        uint32_t exe_flags; /* as in the event of execve */
};

#endif
