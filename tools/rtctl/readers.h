/* SPDX-License-Identifier: Apache-2.0 */
/* readers.h - the readers and live inputs that this build of rtctl has. */
#ifndef RTCTL_READERS_H
#define RTCTL_READERS_H

#include <libruntime/runtime.h>
#include <stdbool.h>

/* Register them all. @a follow: files are waited on at their end. RT_OK, RT_E*. */
int readers_add(rt_engine *engine, bool follow);

#endif
