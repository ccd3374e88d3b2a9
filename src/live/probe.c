/* SPDX-License-Identifier: Apache-2.0 */
/* probe.c - what is missing where the programs do not load, in words. */
#include "live/load.h"
#include <errno.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static const char types_of_kernel[] = "/sys/kernel/btf/vmlinux";

static bool
has_capability(uint32_t bit)
{
        struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

        if (syscall(SYS_capget, &head, data) < 0)
                return false;
        return (data[bit / 32].effective >> bit % 32 & 1) != 0;
}

static bool
has_rights(void)
{
        return has_capability(CAP_SYS_ADMIN)
               || (has_capability(CAP_BPF) && has_capability(CAP_PERFMON));
}

/* Does this process see the machine's first pid namespace? Its numbers are in the records. */
static void
describe_refusal(rti_live_probe *probe, int error)
{
        struct utsname name;
        const char *release = uname(&name) < 0 ? "this kernel" : name.release;

        snprintf(probe->message, sizeof probe->message,
                 "kernel %s refuses the eBPF programs (%s); 5.10 or later with BTF, ring buffers "
                 "and tracepoints for system calls is needed",
                 release, strerror(error));
}

void
rti_live_explain(rti_live_probe *probe, int error)
{
        if (!has_rights()) {
                probe->status = RTI_LIVE_NO_RIGHTS;
                snprintf(probe->message, sizeof probe->message,
                         "watching system calls needs root, or the capabilities CAP_BPF and "
                         "CAP_PERFMON");
                return;
        }
        if (access(types_of_kernel, R_OK) < 0) {
                probe->status = RTI_LIVE_NO_BTF;
                snprintf(probe->message, sizeof probe->message,
                         "%s is missing: the kernel was built without BTF "
                         "(CONFIG_DEBUG_INFO_BTF)",
                         types_of_kernel);
                return;
        }
        if (error == ENOMEM) {
                probe->status = RTI_LIVE_FAILED;
                snprintf(probe->message, sizeof probe->message, "no memory for the eBPF programs");
                return;
        }
        probe->status = RTI_LIVE_REFUSED;
        describe_refusal(probe, error);
}
