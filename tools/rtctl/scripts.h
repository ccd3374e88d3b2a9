/* SPDX-License-Identifier: Apache-2.0 */
/* scripts.h - fields that the Lua scripts of --lua define. */
#ifndef RTCTL_SCRIPTS_H
#define RTCTL_SCRIPTS_H

#include "session.h"

/* Run each script and add its fields to the session's engine. 0, or EXIT_BAD after a message. */
int scripts_load(session *s, const options *o);
/* When the engine is gone. */
void scripts_close(session *s);

#endif
