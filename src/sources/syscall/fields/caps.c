/* SPDX-License-Identifier: Apache-2.0 */
/* caps.c - sets of capabilities as text. Their numbers are the kernel's. */
#include "sources/syscall/fields/parts.h"

/* One after the other, a NUL behind each. */
static const char names[] =
        "CHOWN\0DAC_OVERRIDE\0DAC_READ_SEARCH\0FOWNER\0FSETID\0KILL\0SETGID\0SETUID\0SETPCAP\0"
        "LINUX_IMMUTABLE\0NET_BIND_SERVICE\0NET_BROADCAST\0NET_ADMIN\0NET_RAW\0IPC_LOCK\0"
        "IPC_OWNER\0SYS_MODULE\0SYS_RAWIO\0SYS_CHROOT\0SYS_PTRACE\0SYS_PACCT\0SYS_ADMIN\0"
        "SYS_BOOT\0SYS_NICE\0SYS_RESOURCE\0SYS_TIME\0SYS_TTY_CONFIG\0MKNOD\0LEASE\0AUDIT_WRITE\0"
        "AUDIT_CONTROL\0SETFCAP\0MAC_OVERRIDE\0MAC_ADMIN\0SYSLOG\0WAKE_ALARM\0BLOCK_SUSPEND\0"
        "AUDIT_READ\0PERFMON\0BPF\0CHECKPOINT_RESTORE";

enum { N_CAPS = 41, PREFIX = sizeof "CAP_" - 1 };

int
rti_give_caps(const rt_event *event, uint64_t caps, rt_value *ret_value)
{
        rt_str all = { names, sizeof names }, name;
        rti_line line;

        caps &= ((uint64_t) 1 << N_CAPS) - 1;
        if (caps == 0)
                return rti_give_str(ret_value, RTI_STR(""));
        rti_line_init(&line, event, sizeof names + N_CAPS * PREFIX);
        for (; caps && rti_elements_next(&all, &name); caps >>= 1) {
                if (!(caps & 1))
                        continue;
                rti_line_add(&line, line.len ? RTI_STR(" CAP_") : RTI_STR("CAP_"));
                rti_line_add(&line, name);
        }
        return rti_give_line(&line, ret_value);
}
