/* SPDX-License-Identifier: Apache-2.0 */
/* stream.h - plug-ins whose events are system calls, as inputs of the source `syscall`. */
#ifndef RTI_FALCO_STREAM_H
#define RTI_FALCO_STREAM_H

#include "falco/plugin.h"

/* Does it make events that are nobody's but the system's? */
static inline bool
rti_fp_makes_calls(const rti_fp *plugin)
{
        return plugin->caps & RT_FALCO_SOURCING && !*plugin->source;
}

/* Let @a engine open "plugin:NAME:PARAMS", if there is such a plug-in. RT_OK, RT_E* with a
 * message. */
int rti_fp_stream_attach(rt_falco *host, rt_engine *engine, const rti_fp_message *message);

#endif
