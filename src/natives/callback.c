/* SPDX-License-Identifier: Apache-2.0 */
/*
 * callback.c - function pointers for C, whoever calls them, and whenever.
 *
 * C may keep a pointer longer than it is good for, and call it on a thread of its own. So what is
 * behind a pointer that C was given is never freed before the host's rt_natives is: it is retired,
 * and refuses. A call asks one question, without a lock: is this thread inside of a function that
 * was called by the callback's gate? Only that thread can retire the callback, so the answer stays.
 */
#include "base/alloc.h"
#include "native.h"

/* Of one interpreter. The memory goes to the next one, so that a late look at it is a look at a
 * gate. */
struct rt_native_gate {
        rt_natives *natives;
        _Atomic uintptr_t thread; /* inside of a function; 0: none */
        uint32_t depth;           /* of functions in callbacks of functions */
        rt_native_gate *next, *next_free;
};

struct rt_native_callback {
        rt_natives *natives;
        _Atomic(rt_native_gate *) gate; /* NULL: retired */
        int (*run)(void *user, const rt_value *const *args, size_t n_args, rt_value *ret_value);
        void *user;
        ffi_closure *closure;
        void *code;
        bool given; /* C has it */
        prototype prototype;
        native_shape shape;
        rt_native_callback *next, *previous, *next_retired;
};

/* ---- gates ---- */

int
natives_gate_new(rt_natives *natives, rt_native_gate **ret_gate)
{
        callback_pool *pool = &natives->pool;
        rt_native_gate *gate;

        pthread_mutex_lock(&pool->lock);
        gate = pool->free_gates;
        if (gate) {
                pool->free_gates = gate->next_free;
        } else {
                gate = rti_calloc(&natives->allocator, 1, sizeof *gate);
                if (gate) {
                        gate->natives = natives;
                        gate->next = pool->gates;
                        pool->gates = gate;
                }
        }
        pthread_mutex_unlock(&pool->lock);
        if (!gate)
                return RT_ENOMEM;
        *ret_gate = gate;
        return RT_OK;
}

void
natives_gate_free(rt_native_gate *gate)
{
        callback_pool *pool = &gate->natives->pool;

        pthread_mutex_lock(&pool->lock);
        gate->next_free = pool->free_gates;
        pool->free_gates = gate;
        pthread_mutex_unlock(&pool->lock);
}

void
natives_gate_enter(rt_native_gate *gate)
{
        if (!gate->depth++)
                atomic_store_explicit(&gate->thread, (uintptr_t) pthread_self(),
                                      memory_order_relaxed);
}

void
natives_gate_leave(rt_native_gate *gate)
{
        if (!--gate->depth)
                atomic_store_explicit(&gate->thread, 0, memory_order_relaxed);
}

/* ---- calls ---- */

static bool
may_run(rt_native_callback *callback)
{
        rt_native_gate *gate = atomic_load_explicit(&callback->gate, memory_order_acquire);

        return gate
               && atomic_load_explicit(&gate->thread, memory_order_relaxed)
                          == (uintptr_t) pthread_self();
}

/* What C calls. */
static void
enter(ffi_cif *cif, void *ret, void **from, void *user)
{
        rt_native_callback *callback = user;
        const prototype *p = &callback->prototype;
        rt_value values[MAX_PARAMS], answer = { .kind = RT_KIND_NONE };
        const rt_value *args[MAX_PARAMS];
        int r = RT_EINVAL;

        if (p->result != TYPE_VOID)
                memset(ret, 0,
                       cif->rtype->size > sizeof(ffi_arg) ? cif->rtype->size : sizeof(ffi_arg));
        if (may_run(callback) && natives_take_given(p, from, values, args) == RT_OK) {
                r = callback->run(callback->user, args, p->n_params, &answer);
                /* Nothing is a pointer that is NULL; who runs it has told of anything else. */
                if (r == 1 && p->result != TYPE_VOID)
                        natives_put_answer(p->result, &answer, ret);
                return;
        }
        atomic_fetch_add_explicit(&callback->natives->pool.refused, 1, memory_order_relaxed);
}

/* ---- callbacks ---- */

static void
link_in(callback_pool *pool, rt_native_callback *callback)
{
        callback->next = pool->every;
        if (pool->every)
                pool->every->previous = callback;
        pool->every = callback;
        pool->n++;
}

/* The oldest that is retired and of this type, when there are many. */
static rt_native_callback *
take_retired(callback_pool *pool, const prototype *p)
{
        rt_native_callback *before = NULL, *it = pool->n_retired < MAX_FREE ? NULL : pool->retired;

        while (it && !natives_prototype_same(&it->prototype, p)) {
                before = it;
                it = it->next_retired;
        }
        if (!it)
                return NULL;
        if (before)
                before->next_retired = it->next_retired;
        else
                pool->retired = it->next_retired;
        if (!it->next_retired)
                pool->last_retired = before;
        it->next_retired = NULL;
        pool->n_retired--;
        return it;
}

static void
release(rt_native_callback *callback, const rt_allocator *allocator)
{
        if (callback->closure)
                ffi_closure_free(callback->closure);
        rti_free(allocator, callback);
}

static int
make(rt_natives *natives, const prototype *p, rt_native_callback **ret_callback)
{
        rt_native_callback *callback;

        if (natives->pool.n == MAX_CLOSURES)
                return RT_ELIMIT;
        callback = rti_calloc(&natives->allocator, 1, sizeof *callback);
        if (!callback)
                return RT_ENOMEM;
        callback->natives = natives;
        callback->prototype = *p;
        callback->closure = ffi_closure_alloc(sizeof *callback->closure, &callback->code);
        if (!callback->closure || natives_shape_make(&callback->shape, &callback->prototype) < 0
            || ffi_prep_closure_loc(callback->closure, &callback->shape.cif, enter, callback,
                                    callback->code)
                       != FFI_OK) {
                release(callback, &natives->allocator);
                return RT_ENOMEM;
        }
        link_in(&natives->pool, callback);
        *ret_callback = callback;
        return RT_OK;
}

int
natives_callback_new(rt_native_gate *gate, const rt_native_wanted *wanted,
                     rt_native_callback **ret_callback)
{
        const complaint c = { wanted->message, wanted->message_size };
        rt_natives *natives = gate->natives;
        rt_native_callback *callback;
        signature_error error;
        prototype p;
        int r = RT_OK;

        if (natives_prototype_parse(wanted->signature, &p, &error) < 0)
                return natives_complain(&c, "signature, column %zu: %s", error.offset + 1,
                                        error.message);
        pthread_mutex_lock(&natives->pool.lock);
        callback = take_retired(&natives->pool, &p);
        if (!callback)
                r = make(natives, &p, &callback);
        pthread_mutex_unlock(&natives->pool.lock);
        if (r < 0)
                return r;
        callback->run = wanted->run;
        callback->user = wanted->user;
        atomic_store_explicit(&callback->gate, gate, memory_order_release);
        *ret_callback = callback;
        return RT_OK;
}

void
natives_callback_free(rt_native_callback *callback)
{
        rt_natives *natives = callback->natives;
        callback_pool *pool = &natives->pool;

        atomic_store_explicit(&callback->gate, NULL, memory_order_release);
        pthread_mutex_lock(&pool->lock);
        if (!callback->given) {
                if (callback->previous)
                        callback->previous->next = callback->next;
                else
                        pool->every = callback->next;
                if (callback->next)
                        callback->next->previous = callback->previous;
                pool->n--;
                release(callback, &natives->allocator);
        } else {
                if (pool->last_retired)
                        pool->last_retired->next_retired = callback;
                else
                        pool->retired = callback;
                pool->last_retired = callback;
                pool->n_retired++;
        }
        pthread_mutex_unlock(&pool->lock);
}

const prototype *
natives_callback_prototype(const rt_native_callback *callback)
{
        return &callback->prototype;
}

const void *
natives_callback_code(rt_native_callback *callback, const prototype *wanted)
{
        if (!natives_prototype_same(&callback->prototype, wanted))
                return NULL;
        callback->given = true;
        return callback->code;
}

/* ---- the pool ---- */

void
natives_pool_init(callback_pool *pool)
{
        *pool = (callback_pool){ .every = NULL };
        pthread_mutex_init(&pool->lock, NULL);
}

void
natives_pool_done(callback_pool *pool, const rt_allocator *allocator)
{
        while (pool->every) {
                rt_native_callback *next = pool->every->next;

                release(pool->every, allocator);
                pool->every = next;
        }
        while (pool->gates) {
                rt_native_gate *next = pool->gates->next;

                rti_free(allocator, pool->gates);
                pool->gates = next;
        }
        pthread_mutex_destroy(&pool->lock);
}
