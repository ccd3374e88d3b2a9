/* SPDX-License-Identifier: Apache-2.0 */
/* natives.h - libraries whose functions rule files may call: --natives-path. */
#ifndef RTCTL_NATIVES_H
#define RTCTL_NATIVES_H

#include "session.h"

/* Let rule files use what the options allow. 0, or EXIT_BAD after a message. */
int natives_allow(session *s, const options *o);
/* When the engine is gone. */
void natives_close(session *s);

#endif
