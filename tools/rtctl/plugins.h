/* SPDX-License-Identifier: Apache-2.0 */
/* plugins.h - Falco's plug-ins that the settings name. */
#ifndef RTCTL_PLUGINS_H
#define RTCTL_PLUGINS_H

#include "session.h"

/* Load those of load_plugins (of plugins, all that have a library, where that is not set) and add
 * them to the session's engine. 0, or EXIT_BAD after a message. */
int plugins_load(session *s, const options *o);
/* The entry of a plug-in that was loaded and has this source; NULL: none has. */
const plugin_entry *plugins_of_source(const session *s, const options *o, const char *source);
/* Is this entry of the settings to be used? */
bool plugins_wanted(const settings *c, const plugin_entry *entry);
/* The source of whose events it makes, of an entry that was loaded; NULL: it was not, or makes
 * none. */
const char *plugins_source(const session *s, const plugin_entry *entry);
/* The input that its open_params are; freed by the caller. */
char *plugins_input(const session *s, const plugin_entry *entry);
/* "sourcing, extraction": the capabilities as text. */
void plugins_caps(uint32_t capabilities, char *to, size_t room);

#endif
