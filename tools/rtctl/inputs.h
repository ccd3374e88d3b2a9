/* SPDX-License-Identifier: Apache-2.0 */
/* inputs.h - sources configured and inputs queued as the command line says. */
#ifndef RTCTL_INPUTS_H
#define RTCTL_INPUTS_H

#include "session.h"
#include "workers.h"

/* Configure the sources and queue all inputs. 0, or an exit code after a message. */
int inputs_open(session *s, const workers *judges, const options *o);

#endif
