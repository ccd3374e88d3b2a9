/* SPDX-License-Identifier: Apache-2.0 */
/* hosts.c - the addresses of the hosts that rules name. */
#include "live/hosts.h"
#include "sources/syscall/codes.h"
#include <arpa/inet.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum { MOST_NAMES = 256, FIRST_WAIT_MS = 500, AGAIN_S = 60, NS_PER_MS = 1000000 };
enum { NAME_ROOM = 256, NS_PER_SECOND = 1000000000 };

struct live_hosts {
        pthread_mutex_t lock;
        pthread_cond_t changed; /* answered, or stop */
        cap_out lines;          /* the last answers */
        bool answered;
        bool news; /* nobody has taken them yet */
        bool stop;
        uint32_t users; /* the thread and the reader: the last one frees */
        size_t n;
        char name[][NAME_ROOM];
};

static void
leave(live_hosts *h)
{
        bool last;

        pthread_mutex_lock(&h->lock);
        last = --h->users == 0;
        pthread_mutex_unlock(&h->lock);
        if (!last)
                return;
        rti_cap_out_done(&h->lines);
        pthread_cond_destroy(&h->changed);
        pthread_mutex_destroy(&h->lock);
        free(h);
}

static void
put_line(cap_out *lines, const char *name, const struct sockaddr *sa)
{
        const void *address =
                sa->sa_family == AF_INET
                        ? (const void *) &((const struct sockaddr_in *) (const void *) sa)->sin_addr
                        : (const void *) &((const struct sockaddr_in6 *) (const void *) sa)
                                  ->sin6_addr;
        char text[INET6_ADDRSTRLEN];

        if (!inet_ntop(sa->sa_family, address, text, sizeof text))
                return;
        rti_cap_put(lines, name, strlen(name));
        cap_u8(lines, ' ');
        rti_cap_put(lines, text, strlen(text));
        cap_u8(lines, '\n');
}

static void
ask(const live_hosts *h, cap_out *lines)
{
        const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };

        for (size_t i = 0; i < h->n; i++) {
                struct addrinfo *first, *one;

                if (getaddrinfo(h->name[i], NULL, &hints, &first) != 0)
                        continue;
                for (one = first; one; one = one->ai_next)
                        if (one->ai_family == AF_INET || one->ai_family == AF_INET6)
                                put_line(lines, h->name[i], one->ai_addr);
                freeaddrinfo(first);
        }
}

static struct timespec
in_ns(uint64_t ns)
{
        struct timespec t;

        (void) clock_gettime(CLOCK_REALTIME, &t);
        ns += (uint64_t) t.tv_nsec;
        t.tv_sec += (time_t) (ns / NS_PER_SECOND);
        t.tv_nsec = (long) (ns % NS_PER_SECOND);
        return t;
}

static void *
asking(void *context)
{
        live_hosts *h = context;
        bool stop = false;

        while (!stop) {
                const struct timespec again = in_ns((uint64_t) AGAIN_S * NS_PER_SECOND);
                cap_out lines = { 0 };

                ask(h, &lines);
                pthread_mutex_lock(&h->lock);
                if (!lines.failed
                    && (lines.len != h->lines.len
                        || (lines.len && memcmp(lines.ptr, h->lines.ptr, lines.len) != 0))) {
                        const cap_out old = h->lines;

                        h->lines = lines;
                        lines = old;
                        h->news = true;
                }
                h->answered = true;
                pthread_cond_broadcast(&h->changed);
                while (!h->stop && pthread_cond_timedwait(&h->changed, &h->lock, &again) == 0)
                        ;
                stop = h->stop;
                pthread_mutex_unlock(&h->lock);
                rti_cap_out_done(&lines);
        }
        leave(h);
        return NULL;
}

static bool
is_name_of_host(rt_str field)
{
        static const rt_str fields[] = { RTI_STR_INIT("fd.cip.name"), RTI_STR_INIT("fd.sip.name"),
                                         RTI_STR_INIT("fd.lip.name"), RTI_STR_INIT("fd.rip.name") };

        for (size_t i = 0; i < RTI_COUNT(fields); i++)
                if (rti_str_eq(field, fields[i]))
                        return true;
        return false;
}

static void
add_name(live_hosts *h, rt_str name)
{
        if (h->n == MOST_NAMES || name.len == 0 || name.len >= NAME_ROOM
            || memchr(name.ptr, ' ', name.len) || memchr(name.ptr, '\n', name.len))
                return;
        for (size_t i = 0; i < h->n; i++)
                if (rti_str_is(name, h->name[i]))
                        return;
        memcpy(h->name[h->n], name.ptr, name.len);
        h->name[h->n++][name.len] = '\0';
}

static void
add_names(live_hosts *h, const rt_demand *demand)
{
        if (demand->slot_stride < sizeof(rt_slot_desc))
                return; /* of an older engine */
        for (size_t i = 0; i < demand->n_slots; i++) {
                const char *at = (const char *) demand->slots + i * demand->slot_stride;
                const rt_slot_desc *slot = (const rt_slot_desc *) (const void *) at;

                for (size_t k = 0; is_name_of_host(slot->field) && k < slot->n_texts; k++)
                        add_name(h, slot->texts[k]);
        }
}

/* The thread that will ask, and the first answers, or no longer than FIRST_WAIT_MS. */
static int
begin(live_hosts *h)
{
        const struct timespec until = in_ns((uint64_t) FIRST_WAIT_MS * NS_PER_MS);
        sigset_t all, before;
        pthread_t thread;
        int r;

        h->users = 2;
        /* Signals are for the caller's threads. */
        sigfillset(&all);
        (void) pthread_sigmask(SIG_SETMASK, &all, &before);
        r = pthread_create(&thread, NULL, asking, h);
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (r != 0) {
                h->users = 1;
                return RT_ENOMEM;
        }
        (void) pthread_detach(thread);
        pthread_mutex_lock(&h->lock);
        while (!h->answered && pthread_cond_timedwait(&h->changed, &h->lock, &until) == 0)
                ;
        pthread_mutex_unlock(&h->lock);
        return RT_OK;
}

int
live_hosts_ask(live_hosts **hosts, const rt_demand *demand)
{
        live_hosts *h = calloc(1, sizeof *h + (size_t) MOST_NAMES * NAME_ROOM);
        int r = RT_OK;

        if (!h)
                return RT_ENOMEM;
        live_hosts_done(*hosts);
        *hosts = NULL;
        pthread_mutex_init(&h->lock, NULL);
        pthread_cond_init(&h->changed, NULL);
        h->users = 1;
        add_names(h, demand);
        if (h->n)
                r = begin(h);
        if (r < 0 || !h->n) {
                leave(h);
                return r;
        }
        *hosts = h;
        return RT_OK;
}

void
live_hosts_put(live_hosts *h, uint64_t time_ns, cap_out *out)
{
        static const char name[] = "hosts";
        const uint32_t plugin = 0;
        size_t block;

        if (!h)
                return;
        pthread_mutex_lock(&h->lock);
        if (h->news) {
                const rt_str params[] = { { (const char *) &plugin, sizeof plugin },
                                          { name, sizeof name },
                                          { h->lines.ptr, h->lines.len } };

                block = rti_cap_block_begin(out, CAP_EVENT_LARGE);
                rti_cap_event_put(out, &(cap_event){ .time_ns = time_ns,
                                                     .tid = -1,
                                                     .type = RTI_EV_ASYNCEVENT_E,
                                                     .n_params = RTI_COUNT(params),
                                                     .params = params,
                                                     .large = true });
                rti_cap_block_end(out, block);
                h->news = false;
        }
        pthread_mutex_unlock(&h->lock);
}

void
live_hosts_done(live_hosts *h)
{
        if (!h)
                return;
        pthread_mutex_lock(&h->lock);
        h->stop = true;
        pthread_cond_broadcast(&h->changed);
        pthread_mutex_unlock(&h->lock);
        leave(h);
}
