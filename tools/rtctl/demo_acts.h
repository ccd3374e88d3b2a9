/* SPDX-License-Identifier: Apache-2.0 */
/* demo_acts.h - patterns of demo.def that no shell can perform; each returns an exit code. */
#ifndef RTCTL_DEMO_ACTS_H
#define RTCTL_DEMO_ACTS_H

#define SHELL(id, shell, rule, title, command)
#define ACT(id, rule, title, function) int function(void);
#include "demo.def"
#undef ACT
#undef SHELL

#endif
