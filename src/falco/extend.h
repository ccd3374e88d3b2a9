/* SPDX-License-Identifier: Apache-2.0 */
/* extend.h - fields of a plug-in for events that are not its own. */
#ifndef RTI_FALCO_EXTEND_H
#define RTI_FALCO_EXTEND_H

#include "falco/plugin.h"
#include <libruntime/fields.h>
#include <libruntime/runtime.h>

/* The record of a built-in source as a plug-in's event, in the event's memory. NULL: no memory, or
 * too large. */
const rti_fp_event *rti_fp_of_record(const rt_event *event);
/* Add its fields to all sources of the engine that it is for. RT_OK, RT_E* with a message. */
int rti_fp_extend(rti_fp *plugin, rt_engine *engine, const rti_fp_message *message);

#endif
