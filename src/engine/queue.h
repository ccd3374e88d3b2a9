/* SPDX-License-Identifier: Apache-2.0 */
/* queue.h - inputs waiting to be read: files, and what directories hold. */
#ifndef RTI_ENGINE_QUEUE_H
#define RTI_ENGINE_QUEUE_H

#include "base/vec.h"
#include "engine/engine.h"
#include "engine/frame.h"

/* An input that waits. What was given itself is open already, so that its caller hears of errors;
 * what a directory holds is opened when its turn comes. */
typedef struct rti_queued {
        char *path;
        uint32_t source;             /* the worker's */
        const rt_reader_ops *reader; /* NULL: not open yet */
        void *reader_state;
} rti_queued;

typedef struct rti_queue {
        const rt_allocator *allocator;
        RTI_VEC(rti_queued) items;
        size_t next;
} rti_queue;

/* Queue a file, or all files of a directory that @a instance accepts, in its order.
 * RT_OK, RT_ENOENT, RT_EIO, RT_ENOMEM, RT_ELIMIT. */
int rti_queue_add(rti_queue *queue, const rt_engine *engine, const rti_instance *instance,
                  uint32_t source, const char *path);
/* Take the next one; the caller closes the reader and frees the path. False: none. */
bool rti_queue_take(rti_queue *queue, rti_queued *ret_item);
void rti_queue_done(rti_queue *queue);

/* Open @a path with the first reader that takes it. */
int rti_reader_find(const rt_engine *engine, const char *path, const rt_reader_ops **ret_reader,
                    void **ret_state);

#endif
