/* SPDX-License-Identifier: Apache-2.0 */
/* lists_watch.h - notices when files of --list change: --watch-lists. */
#ifndef RTCTL_LISTS_WATCH_H
#define RTCTL_LISTS_WATCH_H

#include "options.h"

/* Before the files are read: from now on. 0, or EXIT_BAD after a message. */
int lists_watch_begin(const options *o);
/* Has one changed, since it was taken? Cheap. */
bool lists_watch_changed(void);
/* Is file @a number one that has? It is taken. */
bool lists_watch_take(size_t number);
void lists_watch_end(void);

#endif
