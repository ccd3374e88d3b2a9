/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gzip.h - a reader of compressed files for libruntime, outside of its core.
 *
 *      rt_engine_add_reader(engine, rt_gzip_reader());
 */
#ifndef LIBRUNTIME_INPUTS_GZIP_H
#define LIBRUNTIME_INPUTS_GZIP_H

#include <libruntime/source.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Takes regular files that begin as gzip files do, or are called *.gz. All members are read; a
 *  damaged or cut file gives what could be read, then RT_EFORMAT. Shared. @since 0.1 */
RT_API const rt_reader_ops *rt_gzip_reader(void);

#ifdef __cplusplus
}
#endif
#endif
