/* SPDX-License-Identifier: Apache-2.0 */
/* listen.h - events that are posted to us: the Kubernetes audit webhook. */
#ifndef RTCTL_LISTEN_H
#define RTCTL_LISTEN_H

#include "options.h"
#include "workers.h"

/* Serve o->listen, feeding every body to @a source of @a judges, for as long as @a go_on says so.
 * 0 or an exit code, after a message. */
int listen_until(const options *o, const char *source, const workers *judges, rt_alert_fn fn,
                 void *user, bool (*go_on)(void *user));

#endif
