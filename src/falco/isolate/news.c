/* SPDX-License-Identifier: Apache-2.0 */
/*
 * news.c - async events of a plug-in that has a process of its own.
 *
 * They come when they come, so while a handler is set a thread waits for them on a channel that
 * has nothing else; the plug-in's thread is told what the handler said.
 */
#include "falco/isolate/proxy.h"
#include <sys/socket.h>
#include <unistd.h>

static void *
wait_for_news(void *user)
{
        rti_fi_proxy *x = user;

        rti_fi_serve(x->news.process, &x->news.channel, x->news.event, x->news.owner);
        return NULL;
}

static int32_t
ask(rti_fi_proxy *x, bool on, const int *fds)
{
        rti_fi_call call = rti_fi_control(x, RTI_FI_ASYNC);

        call.flags = on ? RTI_FI_ON : 0;
        call.fds = fds;
        call.n_fds = fds ? 2 : 0;
        return rti_fi_control_ask(x, &call) == RT_OK ? call.rc : RTI_FP_FAILURE;
}

void
rti_fi_news_end(rti_fi_proxy *x)
{
        if (!x->news.running)
                return;
        if (rti_fi_process_is_ours(x->news.process)) {
                atomic_store(&x->news.channel.closing, true);
                shutdown(x->news.channel.socket, SHUT_RDWR);
                pthread_join(x->news.thread, NULL);
        } /* else there is no such thread here */
        rti_fi_channel_done(&x->news.channel, &x->plugin->host->allocator);
        rti_fi_process_unref(x->news.process);
        x->news.process = NULL;
        x->news.running = false;
}

int
rti_fi_news_begin(rti_fi_proxy *x)
{
        int other, fds[2], r = rti_fi_channel_make(&x->news.channel, &other);
        int32_t rc;

        if (r < 0)
                return r;
        x->news.process = x->process;
        rti_fi_process_ref(x->process);
        if (pthread_create(&x->news.thread, NULL, wait_for_news, x) != 0) {
                rti_fi_channel_done(&x->news.channel, &x->plugin->host->allocator);
                rti_fi_process_unref(x->process);
                close(other);
                return RT_ENOMEM;
        }
        x->news.running = true;
        fds[0] = other;
        fds[1] = x->news.channel.memory;
        rc = ask(x, true, fds);
        close(other);
        if (rc == RTI_FP_SUCCESS)
                return RT_OK;
        rti_fi_news_end(x);
        return RT_EIO;
}

int32_t
rti_fi_set_async(void *state, void *owner, rti_fp_async_fn *event)
{
        rti_fi_proxy *x = state;
        int32_t rc = RTI_FP_SUCCESS;

        if (!rti_fi_enter(x)) {
                x->news.event = NULL;
                return event ? RTI_FP_FAILURE : RTI_FP_SUCCESS;
        }
        if (event) {
                x->news.owner = owner;
                x->news.event = event;
                if (rti_fi_news_begin(x) < 0) {
                        x->news.event = NULL;
                        rc = RTI_FP_FAILURE;
                }
        } else {
                rc = ask(x, false, NULL);
                rti_fi_news_end(x);
                x->news.event = NULL;
        }
        rti_fi_leave(x);
        return rc;
}
