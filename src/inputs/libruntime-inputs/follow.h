/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow.h - a reader of log files that are still being written, outside of libruntime's core.
 *
 *      rt_engine_add_reader(engine, rt_follow_reader());
 */
#ifndef LIBRUNTIME_INPUTS_FOLLOW_H
#define LIBRUNTIME_INPUTS_FOLLOW_H

#include <libruntime/source.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Takes regular files. At the end it waits a fifth of a second for more, or until a signal
 *  interrupts the thread that reads, and then says RT_EAGAIN, which rt_worker_step returns;
 *  rt_worker_finish ends it there. When the file was rotated (another one stands under its name) or
 *  cut short, it goes on with the new one from its beginning, after the last byte of the old one.
 *  Shared. @since 0.1 */
RT_API const rt_reader_ops *rt_follow_reader(void);

#ifdef __cplusplus
}
#endif
#endif
