/* SPDX-License-Identifier: Apache-2.0 */
/* copies.h - a rule file's rules again, with other constants. */
#ifndef BENCH_COPIES_H
#define BENCH_COPIES_H

#include "base/alloc.h"
#include "base/buf.h"

/* All of @a path, with @a prefix put in front of each rule's name. < 0: it cannot be read. */
int bench_add_file(rti_buf *buf, const char *path, const char *prefix);

/* @a n rules more: those of @a text that compare with texts in quotes, again and again. Each copy
 * has a name of its own and constants that never occur: in each second one with several of them,
 * the first stays as it is, so that the copy's other conditions have to tell. */
void bench_add_copies(rti_buf *buf, rt_str text, unsigned n);

#endif
