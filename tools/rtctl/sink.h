/* SPDX-License-Identifier: Apache-2.0 */
/* sink.h - where alerts go: standard output, a file, or both. */
#ifndef RTCTL_SINK_H
#define RTCTL_SINK_H

#include "config.h"
#include <stdio.h>

typedef struct sink {
        FILE *file;       /* of file_output, or NULL */
        const char *path; /* its name; reopened for each alert without keep_alive */
        bool to_stdout, json, flush, color;
        bool failed; /* something could not be written; said once */
} sink;

/* 0, or EXIT_BAD after a message. @a flush: write each alert out at once. */
int sink_open(sink *sink, const settings *config, bool flush, bool color);
void sink_put(sink *sink, const rt_alert *alert);
/* An alert that is a line already. */
void sink_line(sink *sink, rt_str text, uint32_t priority);
/* 0, or EXIT_BAD if something was not written. */
int sink_close(sink *sink);

#endif
