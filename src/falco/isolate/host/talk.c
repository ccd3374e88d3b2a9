/* SPDX-License-Identifier: Apache-2.0 */
/* talk.c - requests come, answers go; the host is trusted, it has started us. */
#include "server.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* Where this thread talks to the host; NULL: it is the plug-in's. */
static _Thread_local rti_fi_channel *talks_on;

/* ---- requests ---- */

static void
take_fds(request *r, struct msghdr *all)
{
        const struct cmsghdr *head = CMSG_FIRSTHDR(all);

        r->n_fds = 0;
        if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS)
                return;
        r->n_fds = (head->cmsg_len - CMSG_LEN(0)) / sizeof *r->fds;
        if (r->n_fds > RTI_COUNT(r->fds))
                r->n_fds = RTI_COUNT(r->fds);
        memcpy(r->fds, CMSG_DATA(head), r->n_fds * sizeof *r->fds);
}

bool
request_read(request *r, server *s, open_input *in, rti_fi_channel *channel)
{
        union {
                char bytes[CMSG_SPACE(sizeof r->fds)];
                struct cmsghdr align;
        } control;
        struct iovec part = { &r->head, sizeof r->head };
        struct msghdr all = { .msg_iov = &part,
                              .msg_iovlen = 1,
                              .msg_control = control.bytes,
                              .msg_controllen = sizeof control.bytes };
        ssize_t n;

        talks_on = channel;
        do
                n = recvmsg(channel->socket, &all, MSG_CMSG_CLOEXEC);
        while (n < 0 && errno == EINTR);
        if (n != (ssize_t) sizeof r->head || r->head.kind != RTI_FI_REQUEST)
                return false;
        take_fds(r, &all);
        /* The first request brings the memory. */
        if (!channel->in
            && (r->n_fds != 1 || fcntl(channel->socket, F_SETFD, FD_CLOEXEC) < 0
                || rti_fi_channel_join(channel, channel->socket, r->fds[0]) < 0))
                return false;
        if (r->n_fds == 1)
                r->n_fds = 0;
        r->server = s;
        r->input = in;
        r->channel = channel;
        r->in = (rti_fi_reader){ channel->in, r->head.len, false };
        r->out = rti_fi_write_to(channel);
        r->rc = RTI_FP_FAILURE;
        r->flags = 0;
        r->last = false;
        return true;
}

static void
send_all(int socket, const rti_fi_message *message)
{
        while (rti_fi_send(socket, message, (rt_str){ NULL, 0 }, NULL, 0) == RT_EAGAIN) {
                struct pollfd ready = { socket, POLLOUT, 0 };

                (void) poll(&ready, 1, -1);
        }
}

void
request_answer(request *r)
{
        const rti_fi_message reply = { RTI_FI_MAGIC,     RTI_FI_REPLY, r->head.function,
                                       r->head.sequence, r->out.used,  r->rc,
                                       r->flags };

        for (size_t i = 0; i < r->n_fds; i++) /* nobody has use for them */
                close(r->fds[i]);
        send_all(r->channel->socket, &reply);
}

/* ---- what is said without being asked ---- */

void
say(server *s, const char *name, uint32_t severity, const char *message)
{
        const rti_fi_message head = { RTI_FI_MAGIC, RTI_FI_LOG, 0, 0, 0, (int32_t) severity, 0 };
        const rti_fi_channel *channel = talks_on ? talks_on : &s->control;
        char line[RTI_FI_LINE_BYTES];
        int n = snprintf(line, sizeof line, "%s%c%s", name, '\0', message) + 1;

        if (n > (int) sizeof line)
                n = sizeof line;
        /* If nobody listens for so long, lines are lost. */
        (void) rti_fi_send(channel->socket, &head, (rt_str){ line, (size_t) n }, NULL, 0);
}

/* What the host said of an event: behind it is a text, if it failed. */
static int32_t
read_taken(rti_fi_channel *channel, char *error)
{
        rti_fi_reader in = { channel->in, 0, false };
        rti_fi_message reply;
        rt_str text;
        ssize_t n;

        do
                n = recv(channel->socket, &reply, sizeof reply, 0);
        while (n < 0 && errno == EINTR);
        if (n != (ssize_t) sizeof reply || reply.kind != RTI_FI_TAKEN)
                return RTI_FP_FAILURE;
        in.left = reply.len;
        text = rti_fi_get_text(&in);
        if (error && text.ptr && reply.rc != RTI_FP_SUCCESS)
                snprintf(error, RTI_FP_ERROR_BYTES, "%s", text.ptr);
        return reply.rc;
}

int32_t
give_event(rti_fi_channel *channel, const rti_fp_event *event, char *error)
{
        rti_fi_message head = { RTI_FI_MAGIC, RTI_FI_EVENT, 0, 0, 0, 0, 0 };
        rti_fi_writer out = rti_fi_write_to(channel);
        const uint32_t len = event->len;

        /* Of one whose length cannot be, as much as says so. */
        rti_fi_put(&out, event,
                   len < RTI_FP_HEADER_BYTES || len > RTI_FP_MAX_EVENT_BYTES ? RTI_FP_HEADER_BYTES
                                                                             : len);
        head.len = out.used;
        send_all(channel->socket, &head);
        return read_taken(channel, error);
}
