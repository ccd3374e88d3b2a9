/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core.h - the userdata of runtime.core.
 *
 * Each wraps one handle of the library; NULL after close. Failures return nil and a message
 * (rejected rules also the diagnostics); only arguments of the wrong type throw.
 */
#ifndef RUNTIME_LUA_CORE_H
#define RUNTIME_LUA_CORE_H

#include "compat.h"
#include <libruntime/runtime.h>

#define ENGINE_NAME  "runtime.engine"
#define RULESET_NAME "runtime.ruleset"
#define WORKER_NAME  "runtime.worker"

typedef struct engine_box {
        rt_engine *engine;
} engine_box;

typedef struct ruleset_box {
        rt_ruleset *rules;
} ruleset_box;

/* While a call into the library runs, `L` is the state that its callbacks use; they put what they
 * get into the tables at the absolute stack indices `alerts` and `skipped`. */
typedef struct worker_box {
        rt_worker *worker;
        lua_State *L;
        int alerts, skipped;
} worker_box;

/* nil, "what: RT_E..." */
int push_failure(lua_State *L, int status, const char *what);
void push_str(lua_State *L, rt_str s);
/* Set field @a name of the table on top. */
void set_text(lua_State *L, const char *name, const char *value); /* NULL: left out */
void set_number(lua_State *L, const char *name, double value);
void push_tags(lua_State *L, const char *const *tags);
/* An array of diagnostics. */
void push_diags(lua_State *L, const rt_diags *diags);
/* A table that holds all of @a alert. */
void push_alert(lua_State *L, const rt_alert *alert);

void open_engine(lua_State *L);
void open_worker(lua_State *L);
int engine_new(lua_State *L);
/* Make a worker of the engine at index 1 with the options at index 2. */
int worker_new(lua_State *L);

#endif
