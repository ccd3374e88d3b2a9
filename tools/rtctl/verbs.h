/* SPDX-License-Identifier: Apache-2.0 */
/* verbs.h - one function a verb; each returns the exit code. */
#ifndef RTCTL_VERBS_H
#define RTCTL_VERBS_H

#include "session.h"

int verb_check(const options *o);
int verb_run(const options *o);
int verb_list(const options *o);
int verb_describe(const options *o);
int verb_compile(const options *o);
int verb_explain(const options *o);
int verb_profile(const options *o);
int verb_capture(const options *o);
int verb_import(const options *o);
int verb_demo(const options *o);

#endif
