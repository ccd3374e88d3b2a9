/* SPDX-License-Identifier: Apache-2.0 */
/*
 * enter.c - the enter halves that old captures let through (spec B: open, execve, connect ...).
 *
 * No rule sees them; the exit half of the same call does, if it is the thread's next event.
 */
#include "sources/syscall/state/parts.h"

struct rti_enter {
        size_t size_bytes;
        uint32_t n;
        uint16_t type;
        rt_str param[]; /* their bytes follow */
};

void
rti_enter_drop(rti_pool *pool, rti_thread *thread)
{
        if (thread->enter)
                rti_pool_put(pool, thread->enter, thread->enter->size_bytes);
        thread->enter = NULL;
}

void
rti_enter_keep(rti_state *state, const rti_sysevt *evt)
{
        size_t size = sizeof(struct rti_enter) + evt->n_params * sizeof(rt_str);
        struct rti_enter *enter;
        char *to;

        rti_enter_drop(&state->pool, evt->thread);
        for (uint32_t i = 0; i < evt->n_params; i++)
                size += evt->param[i].len;
        enter = rti_pool_get(&state->pool, size);
        if (!enter) {
                state->pool.texts_refused++;
                return;
        }
        *enter = (struct rti_enter){ .size_bytes = size, .n = evt->n_params, .type = evt->type };
        to = (char *) &enter->param[enter->n];
        for (uint32_t i = 0; i < enter->n; i++) {
                const rt_str from = evt->param[i];

                if (from.len)
                        memcpy(to, from.ptr, from.len);
                enter->param[i] = (rt_str){ to, from.len };
                to += from.len;
        }
        evt->thread->enter = enter;
}

void
rti_enter_give(rti_state *state, rti_sysevt *evt)
{
        const struct rti_enter *enter = evt->thread->enter;

        if (!evt->info->exit)
                return;
        if (enter->type + 1 != evt->type) {
                rti_enter_drop(&state->pool, evt->thread);
                return;
        }
        evt->enter = enter->param;
        evt->n_enter = enter->n;
        evt->enter_type = enter->type;
}
