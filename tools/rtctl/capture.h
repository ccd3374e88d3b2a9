/* SPDX-License-Identifier: Apache-2.0 */
/* capture.h - what happens on this machine, written into a file. */
#ifndef RTCTL_CAPTURE_H
#define RTCTL_CAPTURE_H

#include <stdint.h>

typedef struct capture capture;

/* From now on everything that the live input @a input can tell goes to @a path. NULL after a
 * message, with the exit code at @a ret_code. */
capture *capture_open(const char *input, const char *path, int *ret_code);
/* Write what there is; waits a little for more. RT_OK; RT_EOF; RT_E*. */
int capture_step(capture *c);
uint64_t capture_bytes(const capture *c);
/* 0, or EXIT_BAD after a message: the file is not whole. */
int capture_close(capture *c);

#endif
