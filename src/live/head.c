/* SPDX-License-Identifier: Apache-2.0 */
/* head.c - the beginning of a live stream. */
#include "live/head.h"
#include "live/procfs/scan.h"
#include <unistd.h>

enum { HOSTNAME_ROOM = 256 };

int
live_put_head(procfs *p, cap_out *out)
{
        const long cpus = sysconf(_SC_NPROCESSORS_ONLN), pages = sysconf(_SC_PHYS_PAGES);
        char hostname[HOSTNAME_ROOM] = "";
        rt_str max_pid = rti_procfs_read(p, "sys/kernel/pid_max");
        cap_machine machine = { .cpus = cpus > 0 ? (uint32_t) cpus : 1, .boot_ns = p->boot_ns };

        if (gethostname(hostname, sizeof hostname - 1) == 0)
                machine.hostname = rti_str_of(hostname);
        if (pages > 0)
                machine.memory_bytes = (uint64_t) pages * (uint64_t) sysconf(_SC_PAGESIZE);
        machine.max_pid = scan_u64(scan_word(&max_pid), 10);
        rti_cap_head(out, &machine);
        rti_procfs_put_interfaces(out);
        rti_procfs_put_users(out, "/etc/passwd", "/etc/group");
        return rti_procfs_snapshot(p, out);
}
