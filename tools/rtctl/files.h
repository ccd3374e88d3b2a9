/* SPDX-License-Identifier: Apache-2.0 */
/* files.h - whole files, in and out. */
#ifndef RTCTL_FILES_H
#define RTCTL_FILES_H

#include <libruntime/types.h>

/* All of a file; free ret_text->ptr. 0, or EXIT_BAD after a message. */
int file_read(const char *path, rt_str *ret_text);
/* A file that is there is replaced only by a whole one. 0, or EXIT_BAD after a message. */
int file_write(const char *path, rt_str bytes);

#endif
