/* SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-only */
/*
 * live.bpf.c - the kernel side of the live source: one object, built twice (see frame.h).
 *
 * To add a system call: a row in ../calls.def, and here or in one of the headers a HANDLER of that
 * name, unless one that exists has the shape of its event already.
 */
#include "finish.h"
#include "process.h"
#include "calls.h"
#include "facts.h"

char LICENSE[] SEC("license") = "GPL";
