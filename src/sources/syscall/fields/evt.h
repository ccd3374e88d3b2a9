/* SPDX-License-Identifier: Apache-2.0 */
/* evt.h - the fields about the event itself: evt.*, syscall.type, util.cnt, fs.path.*. */
#ifndef RTI_SYSCALL_EVT_H
#define RTI_SYSCALL_EVT_H

#include "sources/syscall/syscall.h"

/* Set reader and argument of a slot whose `field` is one of those. RT_OK. */
int rti_prepare_evt(const rt_slot_desc *desc, rti_sys_slot *slot);
/* Name of the current event (evt.type): of generic ones the system call's, of asynchronous ones
 * the name they were given. */
rt_str rti_evt_name(const rti_sys *sys);

#endif
