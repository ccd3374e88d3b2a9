/* SPDX-License-Identifier: Apache-2.0 */
/* session.h - an engine with the rules that the command line names. */
#ifndef RTCTL_SESSION_H
#define RTCTL_SESSION_H

#include "options.h"
#include <libruntime-falco/falco.h>

typedef struct session {
        rt_engine *engine;
        rt_falco *falco;            /* plug-ins; NULL: none */
        struct scripts *scripts;    /* NULL: this build has none */
        struct rt_natives *natives; /* NULL: this build has none */
        rt_loader *loader;
        rt_diags *diags;
        rt_ruleset *rules; /* after session_compile */
        bool compiled;     /* `rules` were compiled before: the loader knows nothing of them */
} session;

/* An engine with every source and reader of this build. 0 or an exit code, after a message. */
int session_open(session *s, const options *o);
/* For other rules: a loader and diagnostics of their own, in place of those that are there, which
 * somebody else keeps. 0, or EXIT_BAD after a message. */
int session_renew(session *s, const options *o);
/* Drop the rules and what they were made with. */
void session_forget(session *s);
/* Add the rules of -r, of rules_files, or the project's own. 0, or EXIT_BAD: see diags. */
int session_load(session *s, const options *o);
/* Selection and compilation. 0, or EXIT_BAD: see diags. */
int session_compile(session *s, const options *o);
/* load + compile, diagnostics printed to standard error; */
int session_only_rules(session *s, const options *o);
/* and what the lists of --list hold. */
int session_rules(session *s, const options *o);
/* After session_rules: for what only the rules' text can tell. 0, or EXIT_USAGE after a message. */
int session_needs_text(const session *s, const char *what);
void session_close(session *s);

/* Is @a when to be done on this stream? */
bool when_applies(enum when when, int fd);

#endif
