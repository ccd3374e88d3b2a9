/* SPDX-License-Identifier: Apache-2.0 */
/* lists.h - lists that change at run time, filled from the files of --list NAME=FILE. */
#ifndef RTCTL_LISTS_H
#define RTCTL_LISTS_H

#include "session.h"

/* Before rules are loaded: say which lists there will be. 0, or EXIT_USAGE after a message. */
int lists_announce(session *s, const options *o);
/* With the rules, which say what the lists hold: read the files. 0, or EXIT_BAD after a message. */
int lists_fill(session *s, const options *o);

/* Do the lists in force hold what the session's rules, which are not in force yet, want of them? If
 * not, it has been said. */
bool lists_agree(const session *s);
/* Read the files anew, on a thread of its own: the session's rules stay until lists_end. One that
 * cannot be read leaves its list alone. */
void lists_fill_again(session *s, const options *o);
/* The same of those that have changed, with --watch-lists. Cheap where none has. */
void lists_tick(session *s, const options *o);
/* Wait for that. */
void lists_end(void);

#endif
