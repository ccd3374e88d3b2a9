/* SPDX-License-Identifier: Apache-2.0 */
/*
 * glue.h - between the library and Python: what would be slow or unsafe to do call by call.
 *
 * A sink takes alerts as one run of bytes while the library judges, so that Python is entered once
 * per batch, not once per alert. rtpy_feed and rtpy_step judge many deliveries, many events, in one
 * call. The header is read by build_ffi.py, which declares it to cffi with the library's own.
 *
 * An alert in a sink, numbers as this machine has them:
 *
 *      u32 bytes of all that follows, u32 priority, u64 time, u64 event number,
 *      texts: id, rule, source, text, JSON, explanation (u32 length, bytes),
 *      u32 number of tags, texts; u32 number of fields, each a text and a value:
 *      u32 kind, u32 count, then a text, 16 bytes of an address, so many values, or 8 bytes
 */
#ifndef LIBRUNTIME_PYTHON_GLUE_H
#define LIBRUNTIME_PYTHON_GLUE_H

#include <libruntime/runtime.h>
#ifdef RTPY_LUA
#include <libruntime-lua/lua.h>
#endif
#ifdef RTPY_NATIVES
#include <libruntime-natives/natives.h>
#endif

enum { /* what a sink keeps of an alert besides what it is; the rest is empty */
       RTPY_TEXT = 1 << 0,
       RTPY_JSON = 1 << 1,
       RTPY_FIELDS = 1 << 2,
       RTPY_EXPLAIN = 1 << 3
};

/** Of the library that the extension was built with. */
const char *rtpy_version(void);

typedef struct rtpy_sink rtpy_sink;
/** Told about an alert that was just added. @return as rt_alert_fn. */
typedef int (*rtpy_output)(void *user, const char *bytes, size_t size_bytes);

/** @return NULL: no memory. */
rtpy_sink *rtpy_sink_new(uint32_t keep);
void rtpy_sink_free(rtpy_sink *sink);
/** @param output NULL: nobody is told. */
void rtpy_sink_tell(rtpy_sink *sink, rtpy_output output, void *user);
/** The alerts since the last clear; borrowed until the next call on @a sink. */
rt_str rtpy_sink_bytes(const rtpy_sink *sink);
void rtpy_sink_clear(rtpy_sink *sink);
/** Shared: calls that judge return RT_OK soon, until this is called with 0. */
void rtpy_sink_stop(rtpy_sink *sink, int stop);

/** Say where the bytes of a tuple's items are: cffi would make an object for each.
 *  @param tuple its address, which is what id() is; whoever calls keeps it as long as the rows.
 *  @return how many leading items are bytes; their rows are set. */
size_t rtpy_rows(void *tuple, rt_str *rows);

/** Feed deliveries one by one. @param ret_fed how many were judged to their end.
 *  @return 0, RT_E*: of the delivery behind these. */
int rtpy_feed(rt_worker *worker, const char *source, const rt_str *deliveries, size_t n,
              rtpy_sink *sink, size_t *ret_fed);
int rtpy_pool_feed(rt_pool *pool, const char *source, const rt_str *deliveries, size_t n,
                   rtpy_sink *sink, size_t *ret_fed);
/** Judge at most @a n events; less when a live input has nothing, or many alerts wait.
 *  @return 0, RT_EOF, RT_E*. */
int rtpy_step(rt_worker *worker, size_t n, rtpy_sink *sink);
int rtpy_pool_step(rt_pool *pool, rtpy_sink *sink);
int rtpy_pool_flush(rt_pool *pool, rtpy_sink *sink);

/** A reader of libruntime-inputs: "follow", "gzip". @return NULL: built without it. */
const rt_reader_ops *rtpy_reader(const char *name);
/** The next line of an input, with its line feed, and the input behind it.
 *  @return 1, 0: the end was reached, RT_EAGAIN, RT_E*. */
int rtpy_input_line(rt_input *input, rt_str *ret_line);
/** Up to @a n bytes of an input, less at its end only. @return as rtpy_input_line. */
int rtpy_input_read(rt_input *input, size_t n, rt_str *ret_bytes);

#endif
