/* SPDX-License-Identifier: Apache-2.0 */
/*
 * drain.c - reading both rings, in the order of time.
 *
 * A ring holds records in the order in which they were finished, and each was stamped when it was
 * begun: almost sorted. A window of each ring is kept sorted by inserting from its end; the older
 * of the two windows' heads goes out once nothing older can arrive any more, which is taken to be
 * so after hold_ms. Records stay where they are in the ring until they were taken; the ring's room
 * is given back up to the first that was not.
 */
#include "live/live_internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
        WINDOW = 1 << 14, /* records of one ring that are looked at ahead */
        LOOK_AGAIN_MS = 10,
        REST_NS = 2 * 1000 * 1000, /* between looks: each costs as much as many records */
        RECORD_HEADER = 8,         /* of the ring's own */
        GIVE_BACK = 1 << 16        /* bytes */
};
static const uint32_t BUSY = 1U << 31, DISCARDED = 1U << 30;

typedef struct entry {
        uint64_t time_ns;
        const struct rti_record *record;
        uint64_t seq; /* of arrival */
} entry;

typedef struct window {
        uint64_t *consumer; /* the kernel's counters: bytes ever taken, bytes ever written */
        const uint64_t *producer;
        const uint8_t *data;
        size_t bytes, page;
        uint64_t at;           /* up to here, records are in the window */
        entry sorted[WINDOW];  /* [first, last), modulo WINDOW */
        uint64_t first, last;  /* of sorted: also how many ever went out and came in */
        uint64_t ends[WINDOW]; /* by seq: where the record ends in the ring */
        uint8_t done[WINDOW];
        uint64_t settled; /* all with a smaller seq are done */
        uint64_t free_to; /* the ring's room up to here is not needed any more */
} window;

struct rti_drain {
        window *ring[RTI_LIVE_RINGS];
        int epoll;
        uint64_t hold_ns;
        uint64_t newest_ns; /* of what was delivered */
        uint64_t rest_ns;   /* until then more may gather */
        uint64_t delivered[RTI_LIVE_CLASSES];
        uint64_t late, damaged;
};

static uint64_t
boot_clock_ns(void)
{
        struct timespec now;

        clock_gettime(CLOCK_BOOTTIME, &now);
        return (uint64_t) now.tv_sec * 1000000000U + (uint64_t) now.tv_nsec;
}

/* ---- one ring ---- */

static void
window_close(window *w)
{
        if (!w)
                return;
        if (w->consumer)
                munmap(w->consumer, w->page);
        if (w->producer)
                munmap((void *) (uintptr_t) w->producer, w->page + 2 * w->bytes);
        free(w);
}

static int
window_open(int fd, size_t bytes, window **ret_window)
{
        window *w = calloc(1, sizeof *w);
        void *consumer, *producer;

        if (!w)
                return RT_ENOMEM;
        w->bytes = bytes;
        w->page = (size_t) sysconf(_SC_PAGESIZE);
        consumer = mmap(NULL, w->page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        producer = mmap(NULL, w->page + 2 * bytes, PROT_READ, MAP_SHARED, fd, (off_t) w->page);
        if (consumer != MAP_FAILED)
                w->consumer = consumer;
        if (producer != MAP_FAILED)
                w->producer = producer;
        if (!w->consumer || !w->producer) {
                window_close(w);
                return RT_EIO;
        }
        w->data = (const uint8_t *) producer + w->page;
        w->at = __atomic_load_n(w->consumer, __ATOMIC_ACQUIRE);
        w->free_to = w->at;
        *ret_window = w;
        return RT_OK;
}

/* Insert from the end: most records are younger than all before. */
static void
window_add(window *w, const struct rti_record *record)
{
        uint64_t i = w->last;

        while (i > w->first && w->sorted[(i - 1) % WINDOW].time_ns > record->time_ns) {
                w->sorted[i % WINDOW] = w->sorted[(i - 1) % WINDOW];
                i--;
        }
        w->sorted[i % WINDOW] = (entry){ record->time_ns, record, w->last };
        w->ends[w->last % WINDOW] = w->at;
        w->done[w->last % WINDOW] = 0;
        w->last++;
}

/* The kernel looks at this counter for every record: it is written seldom. */
static void
window_give_back(window *w)
{
        if (w->free_to != *w->consumer)
                __atomic_store_n(w->consumer, w->free_to, __ATOMIC_RELEASE);
}

static void
window_settle(window *w, uint64_t seq)
{
        w->done[seq % WINDOW] = 1;
        while (w->settled < w->last && w->done[w->settled % WINDOW])
                w->settled++;
        w->free_to = w->settled ? w->ends[(w->settled - 1) % WINDOW] : w->free_to;
        if (w->free_to - *w->consumer >= GIVE_BACK)
                window_give_back(w);
}

/* Take what the kernel has finished into the window. */
static void
window_fill(window *w, uint64_t *damaged)
{
        const uint64_t end = __atomic_load_n(w->producer, __ATOMIC_ACQUIRE);

        while (w->at < end && w->last - w->settled < WINDOW) {
                const uint8_t *at = w->data + (w->at & (w->bytes - 1));
                const uint32_t head = __atomic_load_n((const uint32_t *) at, __ATOMIC_ACQUIRE);
                const uint32_t len = head & ~(BUSY | DISCARDED);
                const struct rti_record *record = (const void *) (at + RECORD_HEADER);

                if (head & BUSY)
                        return;
                w->at += (len + RECORD_HEADER + 7U) & ~7U;
                if (!(head & DISCARDED) && rti_record_is_whole(record, len)) {
                        window_add(w, record);
                        continue;
                }
                if (!(head & DISCARDED))
                        (*damaged)++;
                /* It leaves with the record before it. */
                if (w->last > w->settled)
                        w->ends[(w->last - 1) % WINDOW] = w->at;
                else
                        w->free_to = w->at;
        }
}

static const entry *
window_head(const window *w)
{
        return w->first < w->last ? &w->sorted[w->first % WINDOW] : NULL;
}

/* Half of the ring or of the window waits: better out of order than lost. */
static bool
is_pressed(const window *w)
{
        return w->at - w->free_to > w->bytes / 2 || w->last - w->settled > WINDOW / 2;
}

/* ---- both ---- */

int
rti_drain_open(const int ring_fd[RTI_LIVE_RINGS], const size_t ring_bytes[RTI_LIVE_RINGS],
               uint32_t hold_ms, struct rti_drain **ret_drain)
{
        struct rti_drain *d = calloc(1, sizeof *d);
        int r = d ? RT_OK : RT_ENOMEM;

        if (!d)
                return r;
        d->hold_ns = (uint64_t) hold_ms * 1000000U;
        d->epoll = epoll_create1(EPOLL_CLOEXEC);
        if (d->epoll < 0)
                r = RT_EIO;
        for (uint32_t i = 0; r == RT_OK && i < RTI_LIVE_RINGS; i++) {
                struct epoll_event event = { .events = EPOLLIN };

                r = window_open(ring_fd[i], ring_bytes[i], &d->ring[i]);
                if (r == RT_OK && epoll_ctl(d->epoll, EPOLL_CTL_ADD, ring_fd[i], &event) < 0)
                        r = RT_EIO;
        }
        if (r < 0) {
                rti_drain_close(d);
                return r;
        }
        *ret_drain = d;
        return RT_OK;
}

void
rti_drain_close(struct rti_drain *drain)
{
        if (!drain)
                return;
        for (uint32_t i = 0; i < RTI_LIVE_RINGS; i++)
                window_close(drain->ring[i]);
        if (drain->epoll >= 0)
                close(drain->epoll);
        free(drain);
}

/* The window whose head is oldest, NULL: all are empty. */
static window *
oldest(const struct rti_drain *d)
{
        window *found = NULL;

        for (uint32_t i = 0; i < RTI_LIVE_RINGS; i++) {
                const entry *head = window_head(d->ring[i]);

                if (head && (!found || head->time_ns < window_head(found)->time_ns))
                        found = d->ring[i];
        }
        return found;
}

static bool
any_pressed(const struct rti_drain *d)
{
        for (uint32_t i = 0; i < RTI_LIVE_RINGS; i++) {
                if (is_pressed(d->ring[i]))
                        return true;
        }
        return false;
}

/* Hand out all that is older than @a until_ns, and more where a ring is pressed. */
static int
hand_out(struct rti_drain *d, uint64_t until_ns, rti_live_take *take, void *context)
{
        int n = 0;

        for (;;) {
                window *w = oldest(d);
                entry e;

                if (!w)
                        return n;
                e = *window_head(w);
                if (e.time_ns > until_ns && !any_pressed(d))
                        return n;
                if (take(e.record, context) != 0)
                        return n;
                n++;
                d->delivered[e.record->cls]++;
                if (e.time_ns < d->newest_ns)
                        d->late++;
                else
                        d->newest_ns = e.time_ns;
                w->first++;
                window_settle(w, e.seq);
        }
}

static void
sleep_until(uint64_t then_ns, uint64_t now_ns)
{
        const uint64_t ns = then_ns > now_ns ? then_ns - now_ns : 0;
        const struct timespec t = { .tv_sec = (time_t) (ns / 1000000000U),
                                    .tv_nsec = (long) (ns % 1000000000U) };

        if (ns)
                (void) nanosleep(&t, NULL);
}

static uint64_t
smaller(uint64_t a, uint64_t b)
{
        return a < b ? a : b;
}

/* Sleep until something may be there. What is held back will be due soon; a ring that is not empty
 * is ready, so there is nothing to poll for. */
static void
wait_a_while(struct rti_drain *d, uint64_t now_ns, uint64_t end_ns)
{
        struct epoll_event events[RTI_LIVE_RINGS];
        const window *held = oldest(d);
        uint64_t ms = LOOK_AGAIN_MS;

        if (held) {
                sleep_until(smaller(window_head(held)->time_ns + d->hold_ns, end_ns), now_ns);
                return;
        }
        if (end_ns - now_ns < ms * 1000000U)
                ms = (end_ns - now_ns + 999999U) / 1000000U;
        epoll_wait(d->epoll, events, RTI_LIVE_RINGS, (int) ms);
}

int
rti_drain_run(struct rti_drain *drain, int timeout_ms, rti_live_take *take, void *context)
{
        const uint64_t begin_ns = boot_clock_ns();
        const uint64_t end_ns = begin_ns + (timeout_ms > 0 ? (uint64_t) timeout_ms * 1000000U : 0);

        if (!any_pressed(drain))
                sleep_until(smaller(drain->rest_ns, end_ns), begin_ns);
        for (;;) {
                const uint64_t now_ns = boot_clock_ns();
                const uint64_t until_ns = now_ns > drain->hold_ns ? now_ns - drain->hold_ns : 0;
                const window *held;
                bool refused;
                int n;

                for (uint32_t i = 0; i < RTI_LIVE_RINGS; i++)
                        window_fill(drain->ring[i], &drain->damaged);
                n = hand_out(drain, until_ns, take, context);
                for (uint32_t i = 0; i < RTI_LIVE_RINGS; i++)
                        window_give_back(drain->ring[i]);
                held = oldest(drain);
                refused = held && window_head(held)->time_ns <= until_ns;
                drain->rest_ns = refused ? 0 : now_ns + REST_NS;
                if (n > 0 || now_ns >= end_ns || refused)
                        return n;
                wait_a_while(drain, now_ns, end_ns);
        }
}

void
rti_drain_count(const struct rti_drain *drain, rti_live_totals *totals)
{
        for (uint32_t i = 0; i < RTI_LIVE_CLASSES; i++)
                totals->delivered[i] = drain->delivered[i];
        totals->late = drain->late;
        totals->damaged = drain->damaged;
}
