/* SPDX-License-Identifier: Apache-2.0 */
/* input.c - bytes on their way into a source. */
#include "engine/input.h"
#include "base/alloc.h"
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { FIRST_ROOM_BYTES = 256 * 1024, LEAST_READ_BYTES = 32 * 1024 };

void
rti_input_memory(rt_input *input, const char *name, rt_str bytes)
{
        input->name = name;
        input->reader = NULL;
        input->window = bytes;
        input->offset = 0;
        input->at_end = true;
        input->end = 0;
}

void
rti_input_reader(rt_input *input, const char *name, const rt_reader_ops *reader, void *state)
{
        input->name = name;
        input->reader = reader;
        input->reader_state = state;
        input->window = (rt_str){ input->buffer, 0 };
        input->offset = 0;
        input->at_end = false;
        input->end = 0;
}

int
rti_input_continue(rt_input *input, const rt_reader_ops *reader, void *state)
{
        const rt_str left = input->window;

        if (!input->reader && left.len > input->room) {
                char *buffer = rti_realloc(input->allocator, input->buffer, 1, left.len);

                if (!buffer)
                        return RT_ENOMEM;
                input->buffer = buffer;
                input->room = left.len;
        }
        if (!input->reader) {
                if (left.len)
                        memcpy(input->buffer, left.ptr, left.len);
                input->window.ptr = input->buffer;
        }
        input->reader = reader;
        input->reader_state = state;
        input->at_end = false;
        input->end = 0;
        return RT_OK;
}

void
rti_input_close(rt_input *input)
{
        if (input->reader && input->reader->close)
                input->reader->close(input->reader_state);
        input->reader = NULL;
        input->reader_state = NULL;
        input->window = (rt_str){ NULL, 0 };
        input->at_end = true;
}

void
rti_input_done(rt_input *input)
{
        rti_input_close(input);
        rti_free(input->allocator, input->buffer);
        input->buffer = NULL;
        input->room = 0;
}

static size_t
behind(const rt_input *input)
{
        return input->buffer ? input->room - (size_t) (input->window.ptr - input->buffer)
                                       - input->window.len
                             : 0;
}

static int
grow(rt_input *input)
{
        uint64_t room = input->room ? (uint64_t) input->room * 2 : FIRST_ROOM_BYTES;
        char *buffer;

        if (room > input->max_record_bytes)
                room = input->max_record_bytes;
        if (room <= input->window.len)
                return RT_ELIMIT;
        buffer = rti_realloc(input->allocator, input->buffer, 1, room);
        if (!buffer)
                return RT_ENOMEM;
        input->buffer = buffer;
        input->room = room;
        input->window.ptr = buffer;
        return RT_OK;
}

/* Make room behind the window: move it to the front, and grow the buffer if that is not enough. */
static int
make_room(rt_input *input)
{
        if (input->window.len >= input->max_record_bytes)
                return RT_ELIMIT;
        if (behind(input) >= LEAST_READ_BYTES)
                return RT_OK;
        if (input->window.len)
                memmove(input->buffer, input->window.ptr, input->window.len);
        input->window.ptr = input->buffer;
        if (behind(input) >= LEAST_READ_BYTES
            || (behind(input) && input->room >= input->max_record_bytes))
                return RT_OK;
        return grow(input);
}

int
rti_input_more(rt_input *input)
{
        int64_t n;
        int r;

        if (input->at_end)
                return input->end;
        r = make_room(input);
        if (r < 0)
                return r;
        n = input->reader->read(input->reader_state,
                                input->buffer + (input->window.ptr - input->buffer)
                                        + input->window.len,
                                behind(input));
        if (n < 0)
                return n < INT32_MIN ? RT_EIO : (int) n;
        if ((uint64_t) n > behind(input))
                return RT_EIO;
        input->window.len += (size_t) n;
        input->at_end = n == 0;
        return n > 0;
}

void
rti_input_consume(rt_input *input, size_t n)
{
        n = n < input->window.len ? n : input->window.len;
        if (n)
                input->window.ptr += n;
        input->window.len -= n;
        input->offset += n;
        if (input->bytes)
                *input->bytes += n;
}

void
rti_input_skip(rt_input *input, uint64_t offset, const char *what)
{
        if (input->skipped)
                ++*input->skipped;
        if (input->on_skipped)
                input->on_skipped(input->name, offset, what, input->on_skipped_user);
}

/* ---- plain files ---- */

/* The descriptor is the state: no memory of its own. */
static int
file_open(const char *path, void **ret_state)
{
        const int fd = strcmp(path, "-") == 0 ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                              : open(path, O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return errno == ENOENT ? RT_ENOENT : RT_EIO;
        *ret_state = (void *) ((intptr_t) fd + 1);
        return RT_OK;
}

static int
file_of(void *state)
{
        return (int) ((intptr_t) state - 1);
}

static int64_t
file_read(void *state, void *buffer, size_t size_bytes)
{
        ssize_t n;

        do
                n = read(file_of(state), buffer, size_bytes);
        while (n < 0 && errno == EINTR);
        return n < 0 ? RT_EIO : n;
}

static void
file_close(void *state)
{
        close(file_of(state));
}

const rt_reader_ops rti_file_reader = {
        .size = sizeof(rt_reader_ops),
        .name = "file",
        .open = file_open,
        .read = file_read,
        .close = file_close,
        .flags = RT_READER_READY,
};

/* ---- no bytes ---- */

static int64_t
nothing_read(void *state, void *buffer, size_t size_bytes)
{
        (void) state, (void) buffer, (void) size_bytes;
        return 0;
}

static void
nothing_close(void *state)
{
        (void) state;
}

const rt_reader_ops rti_no_reader = { .read = nothing_read, .close = nothing_close };
