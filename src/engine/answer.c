/* SPDX-License-Identifier: Apache-2.0 */
/*
 * answer.c - a worker waits for a value that a provider gives later, from any thread.
 *
 *   in   a provider's extract that returned RT_LATER
 *   out  the value, or RT_EAGAIN when the event has waited long enough
 *
 * A worker waits for one answer at a time and has one at hand; only if whoever was asked the last
 * time still holds that, it makes another. So late answers go nowhere, and none is allocated while
 * providers let go of them.
 */
#include "engine/answer.h"
#include <errno.h>
#include <pthread.h>
#include <time.h>

enum {
        NS_PER_MS = 1000000,
        NS_PER_S = 1000000000,
        MOST_BYTES = 64 * 1024, /* of a text */
        MOST_MISSED = 3,        /* in a row, before a provider is not waited for a while: */
        REST = 16               /* so many deadlines */
};

enum state { WAITING, GIVEN, OVER };

struct rt_answer {
        atomic_size_t refs;
        rt_allocator allocator; /* the host's: any thread may free it */
        pthread_mutex_t lock;
        pthread_cond_t changed;
        enum state state;
        int status;     /* GIVEN: as of extract */
        rt_value value; /* a text is in `bytes` */
        char *bytes;
};

static uint64_t
now_ns(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * NS_PER_S + (uint64_t) t.tv_nsec;
}

/* ---- life ---- */

static bool
init_waiting(rt_answer *answer)
{
        pthread_condattr_t clock;
        bool good;

        if (pthread_condattr_init(&clock) != 0)
                return false;
        good = pthread_condattr_setclock(&clock, CLOCK_MONOTONIC) == 0
               && pthread_cond_init(&answer->changed, &clock) == 0;
        pthread_condattr_destroy(&clock);
        if (good && pthread_mutex_init(&answer->lock, NULL) != 0) {
                pthread_cond_destroy(&answer->changed);
                good = false;
        }
        return good;
}

static void
unref(rt_answer *answer)
{
        rt_allocator allocator;

        if (atomic_fetch_sub_explicit(&answer->refs, 1, memory_order_acq_rel) > 1)
                return;
        allocator = answer->allocator;
        pthread_mutex_destroy(&answer->lock);
        pthread_cond_destroy(&answer->changed);
        rti_free(&allocator, answer->bytes);
        rti_free(&allocator, answer);
}

void
rti_answer_done(rti_frame *frame)
{
        if (!frame->answer)
                return;
        pthread_mutex_lock(&frame->answer->lock);
        frame->answer->state = OVER;
        pthread_mutex_unlock(&frame->answer->lock);
        unref(frame->answer);
        frame->answer = NULL;
}

rt_answer *
rti_answer_new(rti_frame *frame)
{
        rt_answer *answer = frame->answer;

        if (!frame->extracting)
                return NULL;
        if (!answer || atomic_load_explicit(&answer->refs, memory_order_acquire) > 1) {
                rti_answer_done(frame);
                answer = rti_calloc(frame->shared, 1, sizeof *answer);
                if (answer && !init_waiting(answer)) {
                        rti_free(frame->shared, answer);
                        answer = NULL;
                }
                if (!answer)
                        return NULL;
                answer->allocator = *frame->shared;
                atomic_init(&answer->refs, 1);
                frame->answer = answer;
        }
        answer->state = WAITING;
        atomic_fetch_add_explicit(&answer->refs, 1, memory_order_relaxed);
        frame->asked = true;
        return answer;
}

/* ---- who was asked ---- */

/* The value, with a copy of its text. */
static int
keep(rt_answer *answer, const rt_value *value)
{
        const bool text =
                value->kind < RT_KIND_LIST && rti_kinds[value->kind].hold == RTI_HOLD_STRING;
        char *bytes;

        if (value->kind >= RT_KIND_LIST || (text && !value->as.s.ptr && value->as.s.len))
                return RT_EINVAL;
        if (text && value->as.s.len > MOST_BYTES)
                return RT_ELIMIT;
        answer->value = *value;
        if (!text || !value->as.s.len)
                return RT_OK;
        bytes = rti_realloc(&answer->allocator, answer->bytes, value->as.s.len, 1);
        if (!bytes)
                return RT_ENOMEM;
        memcpy(bytes, value->as.s.ptr, value->as.s.len);
        answer->bytes = bytes;
        answer->value.as.s.ptr = bytes;
        return RT_OK;
}

int
rti_answer_give(rt_answer *answer, int status, const rt_value *value)
{
        int r = RT_OK;

        pthread_mutex_lock(&answer->lock);
        if (answer->state != WAITING)
                r = answer->state == GIVEN ? RT_EEXIST : RT_ENOENT;
        else if (status > 0)
                r = keep(answer, value);
        if (r == RT_OK) {
                answer->status = status;
                answer->state = GIVEN;
                pthread_cond_signal(&answer->changed);
        }
        pthread_mutex_unlock(&answer->lock);
        return r;
}

void
rti_answer_drop(rt_answer *answer)
{
        /* Nobody is left who could give it. */
        (void) rti_answer_give(answer, RT_EIO, NULL);
        unref(answer);
}

/* ---- who asks ---- */

static int
take(rti_frame *frame, const rt_answer *answer, rt_value *ret_value)
{
        if (answer->status <= 0)
                return answer->status;
        *ret_value = answer->value;
        if (rti_kinds[answer->value.kind].hold != RTI_HOLD_STRING)
                return 1;
        /* The next question may come in the same event. */
        ret_value->as.s = rti_arena_copy(frame->memory, answer->value.as.s);
        return ret_value->as.s.ptr ? 1 : RT_ENOMEM;
}

static int
wait_until(rt_answer *answer, uint64_t until_ns)
{
        const struct timespec until = { .tv_sec = (time_t) (until_ns / NS_PER_S),
                                        .tv_nsec = (long) (until_ns % NS_PER_S) };
        int failed = 0;

        while (answer->state == WAITING && !failed)
                failed = pthread_cond_timedwait(&answer->changed, &answer->lock, &until);
        return answer->state == GIVEN ? RT_OK : RT_EAGAIN;
}

int
rti_answer_wait(rti_frame *frame, rti_provided *provided, rt_value *ret_value)
{
        const uint32_t ms =
                provided->ops->deadline_ms ? provided->ops->deadline_ms : RTI_MAX_ANSWER_MS;
        const uint64_t now = now_ns(), deadline = (uint64_t) ms * NS_PER_MS;
        rt_answer *answer = frame->answer;
        int r;

        if (!frame->asked)
                return RT_EFORMAT;
        if (frame->waiting != frame->now) {
                frame->waiting = frame->now;
                frame->waiting_since = now;
        }
        pthread_mutex_lock(&answer->lock);
        r = wait_until(answer, now < provided->rests_until ? 0 : frame->waiting_since + deadline);
        if (r == RT_OK) {
                provided->missed = 0;
                provided->rests_until = 0;
                r = take(frame, answer, ret_value);
        } else {
                provided->late++;
                if (now >= provided->rests_until && ++provided->missed >= MOST_MISSED)
                        provided->rests_until = now_ns() + REST * deadline;
        }
        answer->state = OVER;
        pthread_mutex_unlock(&answer->lock);
        return r;
}
