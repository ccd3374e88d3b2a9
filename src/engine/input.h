/* SPDX-License-Identifier: Apache-2.0 */
/*
 * input.h - bytes on their way into a source: a window over a reader, or over memory.
 *
 * Memory is not copied. A reader's bytes go through one buffer that is reused from input to input
 * and holds at most max_record_bytes.
 */
#ifndef RTI_ENGINE_INPUT_H
#define RTI_ENGINE_INPUT_H

#include "base/str.h"
#include <libruntime/source.h>
#include <libruntime/runtime.h>

struct rt_input {
        const rt_allocator *allocator;
        uint64_t max_record_bytes;
        const char *name;
        const rt_reader_ops *reader; /* NULL: memory */
        void *reader_state;
        char *buffer;
        size_t room;
        rt_str window;
        uint64_t offset; /* of the window in the whole input */
        bool at_end;
        int end; /* what there is at the end: 0, or what a read in vain returns */
        /* What the worker wants to know. */
        uint64_t *bytes, *skipped, *limits_hit;
        void (*on_skipped)(const char *input, uint64_t offset, const char *what, void *user);
        void *on_skipped_user;
};

/* A new input over memory, or over an open reader (which is closed by rti_input_close). */
void rti_input_memory(rt_input *input, const char *name, rt_str bytes);
void rti_input_reader(rt_input *input, const char *name, const rt_reader_ops *reader, void *state);
void rti_input_close(rt_input *input);
/* Go on behind memory that ended with RT_EAGAIN: what is left of the window moves to the buffer,
 * and the reader brings what follows. RT_OK, RT_ENOMEM. */
int rti_input_continue(rt_input *input, const rt_reader_ops *reader, void *state);
void rti_input_done(rt_input *input);

int rti_input_more(rt_input *input);
void rti_input_consume(rt_input *input, size_t n);
void rti_input_skip(rt_input *input, uint64_t offset, const char *what);

/* Plain files; "-" is standard input. */
extern const rt_reader_ops rti_file_reader;
/* Nothing to read: of inputs that their source opens (RT_SOURCE_OPENS). */
extern const rt_reader_ops rti_no_reader;

#endif
