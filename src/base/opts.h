/* SPDX-License-Identifier: Apache-2.0 */
/* opts.h - reading and writing the structs that begin with their own size. */
#ifndef RTI_BASE_OPTS_H
#define RTI_BASE_OPTS_H

#include <libruntime/types.h>

/* Copy the caller's struct into ours of @a known_bytes: members it does not have read as zero.
 * @a opts NULL: all zero. RT_OK; RT_EABI: no size, or a member that this library does not know is
 * set. */
int rti_opts_take(const void *opts, size_t known_bytes, void *ret_opts);
/* Copy our struct into the caller's, as far as the caller's goes; its size stays. RT_OK,
 * RT_EABI. */
int rti_opts_give(const void *ours, size_t known_bytes, void *ret_opts);

#endif
