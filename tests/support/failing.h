/* SPDX-License-Identifier: Apache-2.0 */
/* failing.h - an allocator that fails once, or from then on, and counts what is not freed. */
#ifndef TESTS_SUPPORT_FAILING_H
#define TESTS_SUPPORT_FAILING_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

typedef struct failing {
        pthread_mutex_t lock; /* threads of pools and plug-ins allocate, too */
        uint64_t calls, alive;
        uint64_t fail_at; /* call number, from 1; 0: none */
        bool for_good;    /* all that follow fail, too */
        bool failed;
} failing;

/* The allocation of that number fails, and with @a for_good all that follow. */
static inline failing
failing_at(uint64_t number, bool for_good)
{
        return (failing){ .lock = PTHREAD_MUTEX_INITIALIZER,
                          .fail_at = number,
                          .for_good = for_good };
}

static inline void *
failing_resize_alone(void *ptr, size_t size, failing *f)
{
        void *fresh;

        if (size == 0) {
                f->alive -= ptr != NULL;
                free(ptr);
                return NULL;
        }
        f->calls++;
        if (f->calls == f->fail_at || (f->for_good && f->calls > f->fail_at)) {
                f->failed = true;
                return NULL;
        }
        fresh = realloc(ptr, size);
        f->alive += fresh && !ptr;
        return fresh;
}

/* rt_allocator.resize, whose user is a failing. */
static inline void *
failing_resize(void *ptr, size_t size, void *user)
{
        failing *f = user;

        pthread_mutex_lock(&f->lock);
        ptr = failing_resize_alone(ptr, size, f);
        pthread_mutex_unlock(&f->lock);
        return ptr;
}

#endif
