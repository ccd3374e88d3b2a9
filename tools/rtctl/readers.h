/* SPDX-License-Identifier: Apache-2.0 */
/* readers.h - the readers and live inputs that this build of rtctl has. */
#ifndef RTCTL_READERS_H
#define RTCTL_READERS_H

#include <libruntime/runtime.h>
#include <stdbool.h>
#include <stddef.h>

/* Register them all. @a follow: files are waited on at their end. RT_OK, RT_E*. */
int readers_add(rt_engine *engine, bool follow);
/* One sentence to @a to: what keeps this machine from being watched; "" if nothing does. */
void readers_explain_live(char *to, size_t room);

#endif
