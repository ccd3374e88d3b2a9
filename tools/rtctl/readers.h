/* SPDX-License-Identifier: Apache-2.0 */
/* readers.h - the readers and live inputs that this build of rtctl has. */
#ifndef RTCTL_READERS_H
#define RTCTL_READERS_H

#include <libruntime/runtime.h>
#include <libruntime/source.h>
#include <stdbool.h>
#include <stddef.h>

/* Register them all. @a follow: files are waited on at their end. RT_OK, RT_E*. */
int readers_add(rt_engine *engine, bool follow);
/* The reader of this machine's events; NULL: not in this build. */
const rt_reader_ops *readers_live(void);
/* One sentence to @a to: what keeps this machine from being watched; "" if nothing does. */
void readers_explain_live(char *to, size_t room);
/* The same of what stands in for it: "connector:". */
void readers_explain_fallback(char *to, size_t room);

#endif
