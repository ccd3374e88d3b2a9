/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook.h - receive audit events over HTTP, outside of libruntime's core.
 *
 * A thread of the webhook's own takes what the API server posts and queues it; the caller takes one
 * body after the other and feeds it to a worker:
 *
 *      rt_str body;
 *
 *      while ((r = rt_webhook_next(hook, 1000, &body)) >= 0)
 *              if (r == 1)
 *                      rt_worker_feed(worker, "k8s_audit", body, fn, user);
 *
 * The queue is bounded. When it is full the sender is told to come again (429), and what it does
 * not send again is lost: both are counted.
 */
#ifndef LIBRUNTIME_INPUTS_WEBHOOK_H
#define LIBRUNTIME_INPUTS_WEBHOOK_H

#include <libruntime/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rt_webhook rt_webhook;

typedef struct rt_webhook_opts {
        size_t size;
        const char *listen;       /* "127.0.0.1:9765", "[::1]:9765"; port 0: any that is free */
        const char *path;         /* NULL: "/k8s-audit" */
        const char *certificate;  /* PEM file: serve HTTPS; NULL: HTTP */
        const char *key;          /* PEM file of the certificate's key */
        uint64_t max_body_bytes;  /* 0: 16 MiB; larger ones are refused (413) */
        uint64_t max_queue_bytes; /* bodies being received and waiting; 0: 64 MiB */
        uint64_t max_queued;      /* bodies waiting; 0: 1024 */
} rt_webhook_opts;

typedef struct rt_webhook_stats {
        size_t size;
        uint64_t requests;
        uint64_t accepted; /* bodies queued */
        uint64_t bytes;    /* of these */
        uint64_t full;     /* refused for now: the queue was full */
        uint64_t refused;  /* too large, of another path, method or type */
} rt_webhook_stats;

/** Listen. @param ret_error borrowed for ever; may be NULL.
 *  @return 0, RT_EINVAL: an option is wrong, RT_EIO: the address is not to be had, or a file not to
 *  be read, RT_ENOMEM, RT_EABI; then *ret_error is one sentence. @since 0.1 */
RT_API int rt_webhook_new(const rt_webhook_opts *opts, rt_webhook **ret_hook,
                          const char **ret_error);
/** Stop listening; waits for requests under way. @since 0.1 */
RT_API rt_webhook *rt_webhook_unref(rt_webhook *hook);
/** Wait for the next body, at most @a timeout_ms (-1: for ever).
 *  @param ret_body borrowed until the next call. @return 1, 0: none in time. One caller at a
 *  time. @since 0.1 */
RT_API int rt_webhook_next(rt_webhook *hook, int32_t timeout_ms, rt_str *ret_body);
/** The port it listens on. Shared. @since 0.1 */
RT_API uint16_t rt_webhook_port(const rt_webhook *hook);
/** @return 0, RT_EABI. Shared. @since 0.1 */
RT_API int rt_webhook_stats_get(rt_webhook *hook, rt_webhook_stats *ret_stats);

#ifdef __cplusplus
}
#endif
#endif
