/* SPDX-License-Identifier: Apache-2.0 */
/* load.h - between load.c and probe.c. */
#ifndef RTI_LIVE_LOAD_H
#define RTI_LIVE_LOAD_H

#include "live/live_internal.h"

/* Set status and message of @a probe after loading failed with @a error (an errno). */
void rti_live_explain(rti_live_probe *probe, int error);

#endif
