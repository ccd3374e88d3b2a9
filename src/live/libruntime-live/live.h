/* SPDX-License-Identifier: Apache-2.0 */
/*
 * live.h - this machine's system calls, outside of libruntime's core.
 *
 *      rt_engine_add_reader(engine, rt_live_reader());
 *      rt_worker_open(worker, "syscall", "kernel:");
 *
 * The reader turns what eBPF programs see into the bytes of a capture, beginning with everything
 * that runs already. It needs CAP_BPF and CAP_PERFMON (or root), CAP_SYS_PTRACE to read other
 * users' processes, and a kernel from 5.10 on with BTF.
 */
#ifndef LIBRUNTIME_LIVE_LIVE_H
#define LIBRUNTIME_LIVE_LIVE_H

#include <libruntime/source.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Takes paths that begin with "kernel:". Behind the colon options may stand, separated by commas:
 *
 *      snaplen=BYTES   payloads are cut to so many (80)
 *      ring=BYTES      of the ring for ordinary events, a power of two (8 MiB)
 *      filter=off      deliver what no rule can match, too: for comparing
 *      docker=DIR, containerd=DIR, storage=DIR, runc=DIR   where runtimes keep what they know of
 *                      containers (/var/lib/docker, /run/containerd, /var/lib/containers/storage,
 *                      /run/runc); nothing behind the sign: not looked at
 *      wait_ms=MS      how long a new container's events wait for those files (500)
 *      tree=PID        only this process and what it starts
 *      pidns=INODE, mntns=INODE, cgroup=ID   only in there
 *      ancestors=off   of tree=, pidns= and mntns=: the lists at the beginning hold what is watched
 *                      alone, without the processes above it
 *
 * Open fails with RT_EINVAL for a bad option, with RT_EIO when the machine cannot be watched:
 * rt_live_check says why. Shared. @since 0.1
 */
RT_API const rt_reader_ops *rt_live_reader(void);

/** Can this machine be watched by this process? Writes one sentence that names what is missing (and
 *  what helps) to @a message, "" if nothing is. @return 0, RT_EIO, RT_ENOMEM. @since 0.1 */
RT_API int rt_live_check(char *message, size_t room);

/**
 * Takes the path "connector:": the fall-back where eBPF cannot run. The kernel's process connector
 * tells when processes start, exec and end and when they change ids or name; everything else about
 * them is read from /proc at once. So files and the network are not seen, and of processes that
 * live shorter than that takes, little more than their numbers.
 *
 * Needs no rights from Linux 6.6 on (other users' paths and environments stay empty then), before
 * that root or CAP_NET_ADMIN, and the machine's first network, user and pid namespace. Shared.
 *
 * @since 0.1
 */
RT_API const rt_reader_ops *rt_connector_reader(void);

/** As rt_live_check, for the process connector. @since 0.1 */
RT_API int rt_connector_check(char *message, size_t room);

#ifdef __cplusplus
}
#endif
#endif
