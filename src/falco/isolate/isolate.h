/* SPDX-License-Identifier: Apache-2.0 */
/* isolate.h - plug-ins in processes of their own, as load.c and the helper know them. */
#ifndef RTI_FALCO_ISOLATE_H
#define RTI_FALCO_ISOLATE_H

#include "falco/plugin.h"

/* Fill @a plugin with one that runs in a process of its own. RT_OK, RT_E* with a message. */
int rti_fi_load(rti_fp *plugin, const rt_falco_plugin *what, const rti_fp_message *message);
/* Is there somebody to be asked? Always of a plug-in of this process. */
bool rti_fi_is_up(const rti_fp *plugin);

#endif
