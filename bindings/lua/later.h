/* SPDX-License-Identifier: Apache-2.0 */
/* later.h - values of fields that come later, from the Lua state of another thread. */
#ifndef RUNTIME_LUA_LATER_H
#define RUNTIME_LUA_LATER_H

#include "compat.h"
#include <libruntime/fields.h>
#include <stdbool.h>

/* One who waits: an instance's, of zeros at first. Other threads find it by its token. */
typedef struct waiting {
        struct waiting *next;
        rt_answer *answer; /* NULL: nothing is waited for */
        uint64_t token;
        uint32_t kind;
} waiting;

/* Inside of extract. False: out of memory. */
bool later_begin(waiting *w, const rt_event *event, uint32_t kind);
/* The answer, if there is none yet, would go nowhere. */
void later_end(waiting *w);
/* What a function returns whose value comes later. */
void push_later(lua_State *L);
bool is_later(lua_State *L, int index);
int give_answer(lua_State *L);

#endif
