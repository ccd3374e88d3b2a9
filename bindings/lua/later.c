/* SPDX-License-Identifier: Apache-2.0 */
/*
 * later.c - values of fields that come later, from the Lua state of another thread.
 *
 *   in   a field's function that returns runtime.later; runtime.answer(token, value)
 *   out  the value, for the worker that waits
 *
 * All states of the process share one list of those that wait, which a token finds. An instance
 * waits for one answer at a time: the next question, and its end, take what is left of the last.
 */
#include "core.h"
#include "later.h"
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static waiting *first;
static uint64_t last_token;

/* Lock held. NULL: nobody waits for it any more. */
static waiting *
find(uint64_t token)
{
        waiting *at = first;

        while (at && at->token != token)
                at = at->next;
        return at;
}

/* Out of the list. Lock held. @return its answer, which is the caller's; NULL: it was not in it */
static rt_answer *
take_out(waiting *w)
{
        rt_answer *answer = w->answer;

        for (waiting **at = &first; answer && *at; at = &(*at)->next)
                if (*at == w) {
                        *at = w->next;
                        break;
                }
        w->answer = NULL;
        return answer;
}

bool
later_begin(waiting *w, const rt_event *event, uint32_t kind)
{
        later_end(w);
        w->answer = rt_event_later(event);
        if (!w->answer)
                return false;
        w->kind = kind;
        pthread_mutex_lock(&lock);
        w->token = ++last_token;
        w->next = first;
        first = w;
        pthread_mutex_unlock(&lock);
        return true;
}

void
later_end(waiting *w)
{
        rt_answer *answer;

        pthread_mutex_lock(&lock);
        answer = take_out(w);
        pthread_mutex_unlock(&lock);
        if (answer)
                rt_answer_unref(answer);
}

void
push_later(lua_State *L)
{
        lua_pushlightuserdata(L, &lock);
}

bool
is_later(lua_State *L, int index)
{
        return lua_islightuserdata(L, index) && lua_touserdata(L, index) == &lock;
}

/* answer(token, value) -> true; nil: there is no value */
int
give_answer(lua_State *L)
{
        const uint64_t token = (uint64_t) luaL_checknumber(L, 1);
        rt_field_desc desc = { .kind = RT_KIND_NONE };
        rt_answer *answer = NULL;
        rt_value value;
        waiting *w;
        int r;

        lua_settop(L, 2);
        pthread_mutex_lock(&lock);
        w = find(token);
        if (w)
                desc.kind = w->kind;
        pthread_mutex_unlock(&lock);
        if (!w)
                return push_failure(L, RT_ENOENT, "nobody waits for this answer", NULL);
        r = take_value(L, &desc, false, NULL, &value); /* may throw: then it can be given again */
        pthread_mutex_lock(&lock);
        w = find(token);
        if (w)
                answer = take_out(w);
        pthread_mutex_unlock(&lock);
        if (!answer)
                return push_failure(L, RT_ENOENT, "nobody waits for this answer", NULL);
        r = rt_answer_give(answer, r, &value);
        if (r == RT_ELIMIT)
                (void) rt_answer_give(answer, RT_ELIMIT, NULL);
        rt_answer_unref(answer);
        if (r < 0)
                return push_failure(L, r, "the answer", NULL);
        lua_pushboolean(L, 1);
        return 1;
}
