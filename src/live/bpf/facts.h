/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/* facts.h - what the kernel knows of the descriptor that an event is about. */
#ifndef RTI_BPF_FACTS_H
#define RTI_BPF_FACTS_H

#include "files.h"
#include "finish.h"

ON_SYS_EXIT int
on_finish(void *ctx)
{
        struct frame *f = get_frame();

        (void) ctx;
        if (f)
                write_record(f);
        return 0;
}

#endif
