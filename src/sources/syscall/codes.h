/* SPDX-License-Identifier: Apache-2.0 */
/* codes.h - the codes of events by name: RTI_EV_SYSCALL_OPEN_X ... (events.def). */
#ifndef RTI_SYSCALL_CODES_H
#define RTI_SYSCALL_CODES_H

#include "lang/events.h"

enum rti_event_code {
#define EVENT(code, id, ...) RTI_EV_##id = (code),
#include "lang/events.def"
#undef EVENT
};

#endif
