/* SPDX-License-Identifier: Apache-2.0 */
/* Audit events over HTTP. */
#include <libruntime-inputs/webhook.h>
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static rt_webhook *
hook_new(uint64_t max_body_bytes, uint64_t max_queued)
{
        rt_webhook_opts opts = RT_INIT(rt_webhook_opts);
        const char *error = NULL;
        rt_webhook *hook = NULL;

        opts.listen = "127.0.0.1:0";
        opts.max_body_bytes = max_body_bytes;
        opts.max_queued = max_queued;
        cr_assert_eq(rt_webhook_new(&opts, &hook, &error), RT_OK, "%s", error);
        cr_assert_neq(rt_webhook_port(hook), 0);
        return hook;
}

static int
dial(const rt_webhook *hook)
{
        struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(rt_webhook_port(hook)) };
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        cr_assert(fd >= 0 && connect(fd, (struct sockaddr *) &to, sizeof to) == 0);
        return fd;
}

static void
send_text(int fd, const char *text, size_t len)
{
        while (len > 0) {
                const ssize_t n = send(fd, text, len, MSG_NOSIGNAL);

                if (n <= 0)
                        return; /* the server may have answered and closed already */
                text += n;
                len -= (size_t) n;
        }
}

/* The status of the answer; the connection is closed. */
static int
status_of(int fd)
{
        char text[512] = "";
        size_t len = 0;
        ssize_t n;

        while (len < 13 && (n = recv(fd, text + len, sizeof text - 1 - len, 0)) > 0)
                len += (size_t) n;
        close(fd);
        cr_assert(len >= 12, "no answer");
        return (text[9] - '0') * 100 + (text[10] - '0') * 10 + text[11] - '0';
}

static int
post(const rt_webhook *hook, const char *request_line, const char *type, const char *body)
{
        const int fd = dial(hook);
        char head[512];

        snprintf(head, sizeof head,
                 "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: %s\r\n"
                 "Content-Length: %zu\r\n\r\n",
                 request_line, type, strlen(body));
        send_text(fd, head, strlen(head));
        send_text(fd, body, strlen(body));
        return status_of(fd);
}

Test(webhook, bodies_arrive_whole_and_in_order, .timeout = 30)
{
        rt_webhook *hook = hook_new(0, 0);
        rt_webhook_stats stats = RT_INIT(rt_webhook_stats);
        rt_str body;

        cr_assert_eq(post(hook, "POST /k8s-audit", "application/json", "{\"a\":1}"), 200);
        cr_assert_eq(post(hook, "POST /k8s-audit", "application/json; charset=utf-8", "[]"), 200);
        cr_assert_eq(rt_webhook_next(hook, 5000, &body), 1);
        cr_assert(body.len == 7 && memcmp(body.ptr, "{\"a\":1}", 7) == 0);
        cr_assert_eq(rt_webhook_next(hook, 5000, &body), 1);
        cr_assert(body.len == 2 && memcmp(body.ptr, "[]", 2) == 0);
        cr_assert_eq(rt_webhook_next(hook, 0, &body), 0);
        cr_assert_eq(rt_webhook_next(hook, 20, &body), 0);
        cr_assert_eq(rt_webhook_stats_get(hook, &stats), RT_OK);
        cr_assert_eq(stats.accepted, 2);
        cr_assert_eq(stats.bytes, 9);
        rt_webhook_unref(hook);
}

Test(webhook, chunked_bodies_arrive, .timeout = 30)
{
        static const char request[] =
                "POST /k8s-audit HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                "3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n";
        rt_webhook *hook = hook_new(0, 0);
        const int fd = dial(hook);
        rt_str body;

        for (size_t i = 0; i < sizeof request - 1; i += 7)
                send_text(fd, request + i, sizeof request - 1 - i < 7 ? sizeof request - 1 - i : 7);
        cr_assert_eq(status_of(fd), 200);
        cr_assert_eq(rt_webhook_next(hook, 5000, &body), 1);
        cr_assert(body.len == 5 && memcmp(body.ptr, "[1,2]", 5) == 0);
        rt_webhook_unref(hook);
}

Test(webhook, what_is_no_delivery_is_refused_and_counted, .timeout = 30)
{
        rt_webhook *hook = hook_new(10, 0);
        rt_webhook_stats stats = RT_INIT(rt_webhook_stats);
        rt_str body;

        cr_expect_eq(post(hook, "POST /other", "application/json", "{}"), 404);
        cr_expect_eq(post(hook, "PUT /k8s-audit", "application/json", "{}"), 405);
        cr_expect_eq(post(hook, "POST /k8s-audit", "text/plain", "{}"), 415);
        cr_expect_eq(post(hook, "POST /k8s-audit", "application/json", ""), 400);
        cr_expect_eq(post(hook, "POST /k8s-audit", "application/json", "[1,2,3,4,5,6]"), 413);
        cr_expect_eq(rt_webhook_next(hook, 0, &body), 0);
        rt_webhook_stats_get(hook, &stats);
        cr_expect_eq(stats.refused, 5);
        cr_expect_eq(stats.accepted, 0);
        rt_webhook_unref(hook);
}

Test(webhook, a_chunked_body_that_grows_too_large_is_refused, .timeout = 30)
{
        static const char request[] =
                "POST /k8s-audit HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                "8\r\n[1,2,3,4\r\n8\r\n,5,6,7,8\r\n0\r\n\r\n";
        rt_webhook *hook = hook_new(10, 0);
        const int fd = dial(hook);

        send_text(fd, request, sizeof request - 1);
        cr_assert_eq(status_of(fd), 413);
        rt_webhook_unref(hook);
}

Test(webhook, a_full_queue_says_come_again, .timeout = 30)
{
        rt_webhook *hook = hook_new(0, 2);
        rt_webhook_stats stats = RT_INIT(rt_webhook_stats);
        rt_str body;

        cr_assert_eq(post(hook, "POST /k8s-audit", "application/json", "1"), 200);
        cr_assert_eq(post(hook, "POST /k8s-audit", "application/json", "2"), 200);
        cr_assert_eq(post(hook, "POST /k8s-audit", "application/json", "3"), 429);
        cr_assert_eq(rt_webhook_next(hook, 0, &body), 1);
        cr_assert_eq(post(hook, "POST /k8s-audit", "application/json", "4"), 200);
        rt_webhook_stats_get(hook, &stats);
        cr_assert_eq(stats.full, 1);
        cr_assert_eq(stats.accepted, 3);
        rt_webhook_unref(hook); /* with bodies waiting */
}

Test(webhook, a_connection_that_breaks_off_leaves_nothing, .timeout = 30)
{
        static const char request[] = "POST /k8s-audit HTTP/1.1\r\nHost: x\r\n"
                                      "Content-Type: application/json\r\n"
                                      "Content-Length: 100\r\n\r\n[1,2";
        rt_webhook *hook = hook_new(0, 0);
        rt_str body;
        int fd = dial(hook);

        send_text(fd, request, sizeof request - 1);
        close(fd);
        cr_assert_eq(post(hook, "POST /k8s-audit", "application/json", "[]"), 200);
        cr_assert_eq(rt_webhook_next(hook, 5000, &body), 1);
        cr_assert_eq(body.len, 2);
        fd = dial(hook);
        send_text(fd, request, sizeof request - 1);
        rt_webhook_unref(hook); /* with one half received */
        close(fd);
}

struct bad {
        char listen[40];
        int result;
};

Test(webhook, addresses_that_are_none_are_refused, .timeout = 30)
{
        static const struct bad rows[] = {
                { "", RT_EINVAL },
                { "9765", RT_EINVAL },
                { ":9765", RT_EINVAL },
                { "127.0.0.1", RT_EINVAL },
                { "127.0.0.1:", RT_EINVAL },
                { "host.name:1", RT_EINVAL },
                { "127.0.0.1:x", RT_EINVAL },
                { "192.0.2.1:0", RT_EIO },
        };

        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
                rt_webhook_opts opts = RT_INIT(rt_webhook_opts);
                const char *error = NULL;
                rt_webhook *hook = NULL;

                opts.listen = rows[i].listen;
                cr_expect_eq(rt_webhook_new(&opts, &hook, &error), rows[i].result, "'%s'",
                             rows[i].listen);
                cr_expect_null(hook);
                cr_expect_not_null(error);
        }
}
