/* SPDX-License-Identifier: Apache-2.0 */
/* head.h - the beginning of a live stream: this machine, and all that runs on it. */
#ifndef RTI_LIVE_HEAD_H
#define RTI_LIVE_HEAD_H

#include "live/procfs/procfs.h"

/* Header, machine info, interfaces, users, processes, descriptors. RT_OK, RT_ENOMEM, RT_EIO. */
int live_put_head(procfs *p, cap_out *out);

#endif
