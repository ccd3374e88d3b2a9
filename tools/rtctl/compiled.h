/* SPDX-License-Identifier: Apache-2.0 */
/* compiled.h - rules as a file that `rtctl compile -o` wrote. */
#ifndef RTCTL_COMPILED_H
#define RTCTL_COMPILED_H

#include "session.h"

/* Is the file one of those? */
bool compiled_is(const char *path);
/* s->rules out of it. 0, EXIT_BAD: see s->diags, or EXIT_USAGE: an option comes too late. */
int compiled_load(session *s, const options *o, const char *path);
/* Write s->rules; a file that is there is replaced only by a whole one. 0 or EXIT_BAD. */
int compiled_write(const session *s, const char *path);

#endif
