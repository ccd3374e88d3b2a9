/* SPDX-License-Identifier: Apache-2.0 */
/* scripts.h - Lua scripts: items `hooks:` of rule files, and those of --lua. */
#ifndef RTCTL_SCRIPTS_H
#define RTCTL_SCRIPTS_H

#include "session.h"

/* Before the first loader. 0, or EXIT_BAD after a message. */
int scripts_open(session *s, const options *o);
/* Run each script of --lua for the rules that the session's loader is given from now on, or, with
 * @a engine, for compiled rules. 0, or EXIT_BAD after a message. */
int scripts_load(session *s, const options *o, bool engine);
/* The rules of their detections, behind all others. 0, or RT_E*: see diags. */
int scripts_add_rules(session *s);
/* Can so many workers judge by the session's rules? 0, or EXIT_USAGE after a message. */
int scripts_allow_workers(const session *s, const options *o);
/* The outputs of the session's scripts are told of alerts from now on. @a flush: what they write
 * goes out at once. 0, or EXIT_BAD after a message. */
int scripts_use_outputs(session *s, const options *o, bool flush);
void scripts_put(const session *s, const rt_alert *alert);
/* When the engine is gone. */
void scripts_close(session *s);

#endif
