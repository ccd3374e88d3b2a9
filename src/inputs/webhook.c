/* SPDX-License-Identifier: Apache-2.0 */
/*
 * webhook.c - receive audit events over HTTP, on libmicrohttpd (TLS by GnuTLS).
 *
 *   in   POST requests; each body is one document
 *   out  bodies, in the order in which they were complete
 *
 * libmicrohttpd's thread runs `answer`; the caller's runs rt_webhook_next. What they share is
 * behind `lock`. All bodies together, those half received included, stay within max_queue_bytes.
 */
#include "base/opts.h"
#include <libruntime-inputs/webhook.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum {
        BODY_BYTES = 16 * 1024 * 1024,
        QUEUE_BYTES = 64 * 1024 * 1024,
        QUEUED = 1024,
        PEM_BYTES = 1024 * 1024,
        FIRST_ROOM_BYTES = 16 * 1024,
        CONNECTIONS = 128,
        IDLE_SECONDS = 30
};

/* A request's body, being received or waiting. */
typedef struct body {
        struct body *next;
        char *bytes;
        size_t len, room;
        unsigned status; /* what to answer, once decided; 0: nothing is wrong yet */
} body;

struct rt_webhook {
        struct MHD_Daemon *daemon;
        char *path;
        char *certificate, *key; /* PEM text; NULL: HTTP */
        uint64_t max_body_bytes, max_queue_bytes, max_queued;
        uint16_t port;

        pthread_mutex_t lock;
        pthread_cond_t filled;
        rt_webhook_stats stats;
        uint64_t held_bytes; /* room of all bodies */
        uint64_t queued;
        body *first, **last;
        body *given; /* to the caller of rt_webhook_next */
};

/* ---- bodies ---- */

static void
body_free(rt_webhook *hook, body *b)
{
        if (!b)
                return;
        pthread_mutex_lock(&hook->lock);
        hook->held_bytes -= b->room;
        pthread_mutex_unlock(&hook->lock);
        free(b->bytes);
        free(b);
}

/* Ask for more of the memory that all bodies share. */
static bool
take_room(rt_webhook *hook, uint64_t bytes)
{
        bool granted;

        pthread_mutex_lock(&hook->lock);
        granted = bytes <= hook->max_queue_bytes - hook->held_bytes;
        if (granted)
                hook->held_bytes += bytes;
        pthread_mutex_unlock(&hook->lock);
        return granted;
}

static void
give_room(rt_webhook *hook, uint64_t bytes)
{
        pthread_mutex_lock(&hook->lock);
        hook->held_bytes -= bytes;
        pthread_mutex_unlock(&hook->lock);
}

/* Drop what was received: the request is refused, its rest is read and forgotten. */
static void
refuse(rt_webhook *hook, body *b, unsigned status)
{
        give_room(hook, b->room);
        free(b->bytes);
        b->bytes = NULL;
        b->len = b->room = 0;
        b->status = status;
}

static void
receive(rt_webhook *hook, body *b, const char *bytes, size_t len)
{
        if (b->status)
                return;
        if (len > hook->max_body_bytes - b->len) {
                refuse(hook, b, MHD_HTTP_CONTENT_TOO_LARGE);
                return;
        }
        if (len > b->room - b->len) {
                size_t room = b->room ? b->room * 2 : FIRST_ROOM_BYTES;
                char *grown;

                while (room < b->len + len)
                        room *= 2;
                if (!take_room(hook, room - b->room)) {
                        refuse(hook, b, MHD_HTTP_TOO_MANY_REQUESTS);
                        return;
                }
                grown = realloc(b->bytes, room);
                if (!grown) {
                        give_room(hook, room - b->room);
                        refuse(hook, b, MHD_HTTP_TOO_MANY_REQUESTS);
                        return;
                }
                b->bytes = grown;
                b->room = room;
        }
        memcpy(b->bytes + b->len, bytes, len);
        b->len += len;
}

/* Hand a complete body to the queue; false: it is full, and the body is still the caller's. */
static bool
enqueue(rt_webhook *hook, body *b)
{
        bool taken;

        pthread_mutex_lock(&hook->lock);
        taken = hook->queued < hook->max_queued;
        if (taken) {
                *hook->last = b;
                hook->last = &b->next;
                hook->queued++;
                hook->stats.accepted++;
                hook->stats.bytes += b->len;
                pthread_cond_signal(&hook->filled);
        }
        pthread_mutex_unlock(&hook->lock);
        return taken;
}

/* ---- requests ---- */

static bool
says_json(struct MHD_Connection *connection)
{
        static const char json[] = "application/json";
        const char *type = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                                       MHD_HTTP_HEADER_CONTENT_TYPE);

        return type && strncasecmp(type, json, sizeof json - 1) == 0;
}

static bool
too_long(const rt_webhook *hook, struct MHD_Connection *connection)
{
        const char *text = MHD_lookup_connection_value(connection, MHD_HEADER_KIND,
                                                       MHD_HTTP_HEADER_CONTENT_LENGTH);

        return text && strtoull(text, NULL, 10) > hook->max_body_bytes;
}

/* What is wrong with a request before its body has come; 0: nothing. */
static unsigned
check(const rt_webhook *hook, struct MHD_Connection *connection, const char *url,
      const char *method)
{
        if (strcmp(url, hook->path) != 0)
                return MHD_HTTP_NOT_FOUND;
        if (strcmp(method, MHD_HTTP_METHOD_POST) != 0)
                return MHD_HTTP_METHOD_NOT_ALLOWED;
        if (!says_json(connection))
                return MHD_HTTP_UNSUPPORTED_MEDIA_TYPE;
        return too_long(hook, connection) ? MHD_HTTP_CONTENT_TOO_LARGE : 0;
}

static const char *
words_of(unsigned status)
{
        switch (status) {
        case MHD_HTTP_OK:
                return "";
        case MHD_HTTP_NOT_FOUND:
                return "there is nothing here\n";
        case MHD_HTTP_METHOD_NOT_ALLOWED:
                return "audit events are sent by POST\n";
        case MHD_HTTP_UNSUPPORTED_MEDIA_TYPE:
                return "audit events are sent as application/json\n";
        case MHD_HTTP_CONTENT_TOO_LARGE:
                return "the body is larger than this server takes\n";
        case MHD_HTTP_TOO_MANY_REQUESTS:
                return "the queue is full\n";
        default:
                return "the body is empty\n";
        }
}

static enum MHD_Result
respond(struct MHD_Connection *connection, unsigned status)
{
        const char *words = words_of(status);
        struct MHD_Response *response = MHD_create_response_from_buffer(
                strlen(words), (void *) (uintptr_t) words, MHD_RESPMEM_PERSISTENT);
        enum MHD_Result r;

        if (!response)
                return MHD_NO;
        if (status == MHD_HTTP_TOO_MANY_REQUESTS)
                MHD_add_response_header(response, MHD_HTTP_HEADER_RETRY_AFTER, "1");
        if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
                MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_POST);
        r = MHD_queue_response(connection, status, response);
        MHD_destroy_response(response);
        return r;
}

static void
count_refusal(rt_webhook *hook, unsigned status)
{
        pthread_mutex_lock(&hook->lock);
        if (status == MHD_HTTP_TOO_MANY_REQUESTS)
                hook->stats.full++;
        else
                hook->stats.refused++;
        pthread_mutex_unlock(&hook->lock);
}

/* A request begins. */
static enum MHD_Result
begin(rt_webhook *hook, struct MHD_Connection *connection, const char *url, const char *method,
      void **request)
{
        body *b = calloc(1, sizeof *b);

        if (!b)
                return MHD_NO;
        pthread_mutex_lock(&hook->lock);
        hook->stats.requests++;
        pthread_mutex_unlock(&hook->lock);
        b->status = check(hook, connection, url, method);
        *request = b;
        if (b->status != MHD_HTTP_CONTENT_TOO_LARGE)
                return MHD_YES;
        /* Before the sender has sent it all for nothing. */
        count_refusal(hook, b->status);
        return respond(connection, b->status);
}

static enum MHD_Result
answer(void *user, struct MHD_Connection *connection, const char *url, const char *method,
       const char *version, const char *upload, size_t *upload_bytes, void **request)
{
        rt_webhook *hook = user;
        body *b = *request;
        unsigned status;

        (void) version;
        if (!b)
                return begin(hook, connection, url, method, request);
        if (*upload_bytes > 0) {
                receive(hook, b, upload, *upload_bytes);
                *upload_bytes = 0;
                return MHD_YES;
        }
        status = b->status;
        if (status == 0 && b->len == 0)
                status = MHD_HTTP_BAD_REQUEST;
        if (status == 0) {
                if (enqueue(hook, b)) {
                        *request = NULL;
                        return respond(connection, MHD_HTTP_OK);
                }
                status = MHD_HTTP_TOO_MANY_REQUESTS;
        }
        count_refusal(hook, status);
        return respond(connection, status);
}

static void
ended(void *user, struct MHD_Connection *connection, void **request,
      enum MHD_RequestTerminationCode code)
{
        (void) connection;
        (void) code;
        body_free(user, *request);
        *request = NULL;
}

/* ---- listening ---- */

/* "ADDR:PORT", "[ADDR]:PORT". The caller frees *ret_info. */
static bool
parse_address(const char *listen, struct addrinfo **ret_info)
{
        const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                                        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
        const char *colon = strrchr(listen, ':');
        size_t len = colon ? (size_t) (colon - listen) : 0;
        const char *from = listen;
        char host[64];

        if (!colon || colon[1] == '\0')
                return false;
        if (len >= 2 && listen[0] == '[' && listen[len - 1] == ']') {
                from++;
                len -= 2;
        }
        if (len == 0 || len >= sizeof host)
                return false;
        memcpy(host, from, len);
        host[len] = '\0';
        if (strcmp(host, "localhost") == 0)
                memcpy(host, "127.0.0.1", sizeof "127.0.0.1");
        return getaddrinfo(host, colon + 1, &hints, ret_info) == 0;
}

/* A whole small file as text. */
static char *
read_file(const char *path)
{
        const int fd = open(path, O_RDONLY | O_CLOEXEC);
        char *text = fd < 0 ? NULL : malloc(PEM_BYTES);
        size_t len = 0;
        ssize_t n = text ? 1 : -1;

        while (n > 0 && len < PEM_BYTES - 1) {
                n = read(fd, text + len, PEM_BYTES - 1 - len);
                len += n > 0 ? (size_t) n : 0;
        }
        if (fd >= 0)
                close(fd);
        if (n != 0) {
                free(text);
                return NULL;
        }
        text[len] = '\0';
        return text;
}

static bool
start(rt_webhook *hook, const struct sockaddr *address)
{
        const unsigned tls = hook->certificate ? MHD_USE_TLS : 0;
        const unsigned ipv6 = address->sa_family == AF_INET6 ? MHD_USE_IPv6 : 0;
        const struct MHD_OptionItem secure[] = {
                { MHD_OPTION_HTTPS_MEM_CERT, 0, hook->certificate },
                { MHD_OPTION_HTTPS_MEM_KEY, 0, hook->key },
                { MHD_OPTION_END, 0, NULL },
        };
        const union MHD_DaemonInfo *info;

        hook->daemon = MHD_start_daemon(
                MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD | tls | ipv6, 0,
                /* accept= */ NULL, NULL, answer, hook, MHD_OPTION_SOCK_ADDR, address,
                MHD_OPTION_NOTIFY_COMPLETED, ended, hook, MHD_OPTION_CONNECTION_LIMIT,
                (unsigned) CONNECTIONS, MHD_OPTION_CONNECTION_TIMEOUT, (unsigned) IDLE_SECONDS,
                MHD_OPTION_ARRAY, tls ? secure : &secure[2], MHD_OPTION_END);
        if (!hook->daemon)
                return false;
        info = MHD_get_daemon_info(hook->daemon, MHD_DAEMON_INFO_BIND_PORT);
        hook->port = info ? info->port : 0;
        return true;
}

/* Fill in a new hook and start it. 0, or RT_E* and *ret_error. */
static int
set_up(rt_webhook *hook, const rt_webhook_opts *opts, const char **ret_error)
{
        struct addrinfo *info = NULL;
        bool started;

        hook->path = strdup(opts->path ? opts->path : "/k8s-audit");
        *ret_error = "out of memory";
        if (!hook->path)
                return RT_ENOMEM;
        if (opts->certificate) {
                *ret_error = "the certificate or its key cannot be read";
                hook->certificate = read_file(opts->certificate);
                hook->key = read_file(opts->key);
                if (!hook->certificate || !hook->key)
                        return RT_EIO;
        }
        *ret_error = "the address is not of the form ADDR:PORT";
        if (!parse_address(opts->listen, &info))
                return RT_EINVAL;
        *ret_error = "cannot listen there, or the certificate and its key do not fit";
        started = start(hook, info->ai_addr);
        freeaddrinfo(info);
        return started ? RT_OK : RT_EIO;
}

int
rt_webhook_new(const rt_webhook_opts *opts, rt_webhook **ret_hook, const char **ret_error)
{
        pthread_condattr_t attributes;
        const char *error = "an option is missing";
        rt_webhook_opts known;
        rt_webhook *hook;
        int r;

        if (!ret_error)
                ret_error = &error;
        *ret_error = error;
        if (!opts || !ret_hook)
                return RT_EINVAL;
        r = rti_opts_take(opts, sizeof known, &known);
        if (r < 0)
                return r;
        if (!known.listen || !known.certificate != !known.key)
                return RT_EINVAL;
        hook = calloc(1, sizeof *hook);
        if (!hook)
                return RT_ENOMEM;
        hook->max_body_bytes = known.max_body_bytes ? known.max_body_bytes : BODY_BYTES;
        hook->max_queue_bytes = known.max_queue_bytes ? known.max_queue_bytes : QUEUE_BYTES;
        hook->max_queued = known.max_queued ? known.max_queued : QUEUED;
        hook->last = &hook->first;
        pthread_mutex_init(&hook->lock, NULL);
        pthread_condattr_init(&attributes);
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
        pthread_cond_init(&hook->filled, &attributes);
        pthread_condattr_destroy(&attributes);
        r = set_up(hook, &known, ret_error);
        if (r < 0) {
                rt_webhook_unref(hook);
                return r;
        }
        *ret_hook = hook;
        return RT_OK;
}

rt_webhook *
rt_webhook_unref(rt_webhook *hook)
{
        if (!hook)
                return NULL;
        if (hook->daemon)
                MHD_stop_daemon(hook->daemon);
        while (hook->first) {
                body *b = hook->first;

                hook->first = b->next;
                body_free(hook, b);
        }
        body_free(hook, hook->given);
        pthread_cond_destroy(&hook->filled);
        pthread_mutex_destroy(&hook->lock);
        free(hook->certificate);
        if (hook->key)
                explicit_bzero(hook->key, strlen(hook->key));
        free(hook->key);
        free(hook->path);
        free(hook);
        return NULL;
}

/* ---- the caller's side ---- */

static struct timespec
deadline(int32_t timeout_ms)
{
        struct timespec at;

        clock_gettime(CLOCK_MONOTONIC, &at);
        at.tv_sec += timeout_ms / 1000;
        at.tv_nsec += timeout_ms % 1000 * 1000000L;
        if (at.tv_nsec >= 1000000000) {
                at.tv_sec++;
                at.tv_nsec -= 1000000000;
        }
        return at;
}

int
rt_webhook_next(rt_webhook *hook, int32_t timeout_ms, rt_str *ret_body)
{
        const struct timespec until = deadline(timeout_ms < 0 ? 0 : timeout_ms);
        int waited = 0;
        body *b;

        body_free(hook, hook->given);
        hook->given = NULL;
        pthread_mutex_lock(&hook->lock);
        while (!hook->first && waited == 0)
                waited = timeout_ms < 0
                                 ? pthread_cond_wait(&hook->filled, &hook->lock)
                                 : pthread_cond_timedwait(&hook->filled, &hook->lock, &until);
        b = hook->first;
        if (b) {
                hook->first = b->next;
                hook->last = hook->first ? hook->last : &hook->first;
                hook->queued--;
        }
        pthread_mutex_unlock(&hook->lock);
        if (!b)
                return 0;
        hook->given = b;
        *ret_body = (rt_str){ b->bytes, b->len };
        return 1;
}

uint16_t
rt_webhook_port(const rt_webhook *hook)
{
        return hook->port;
}

int
rt_webhook_stats_get(rt_webhook *hook, rt_webhook_stats *ret_stats)
{
        rt_webhook_stats stats;

        pthread_mutex_lock(&hook->lock);
        stats = hook->stats;
        pthread_mutex_unlock(&hook->lock);
        return rti_opts_give(&stats, sizeof stats, ret_stats);
}
