/* SPDX-License-Identifier: Apache-2.0 */
/*
 * core.h - the userdata of runtime.core.
 *
 * Each wraps one handle of the library; NULL after close, and then every method throws. Failures of
 * the library return nil, a message, an array of diagnostics and the name of the status; only
 * misuse throws: arguments of the wrong type, closed handles, callbacks that use what calls them.
 *
 * Lua's errors are longjmps, which must not cross the library: nothing that can throw runs in a
 * callback outside lua_pcall, and what a call of the library works with is owned by userdata.
 */
#ifndef RUNTIME_LUA_CORE_H
#define RUNTIME_LUA_CORE_H

#include "compat.h"
#include <libruntime/runtime.h>
#include <stdbool.h>

#define ENGINE_NAME  "runtime.engine"
#define RULESET_NAME "runtime.ruleset"
#define WORKER_NAME  "runtime.worker"
#define POOL_NAME    "runtime.pool"

typedef struct engine_box {
        rt_engine *engine;
} engine_box;

typedef struct ruleset_box {
        rt_ruleset *rules;
} ruleset_box;

/* A worker or a pool. */
typedef struct judge_box {
        rt_worker *worker; /* one of these two */
        rt_pool *pool;
        lua_State *L;          /* runs a call into the library, or NULL: none does */
        const rt_alert *alert; /* being handed over */
        int base;              /* of the call's five stack slots, see judge.c */
        bool failed;           /* a callback threw; what it threw is on the stack */
        bool explain;          /* alerts carry their explanation */
        uint32_t render;       /* RT_RENDER_* that alerts are made with */
} judge_box;

/* ---- values.c ---- */

/* nil, "what: RT_E...", diagnostics, "RT_E..." @return 4 */
int push_failure(lua_State *L, int status, const char *what, const rt_diags *diags);
void push_str(lua_State *L, rt_str s);
void push_u64(lua_State *L, uint64_t value);
/* Set field @a name of the table on top. */
void set_text(lua_State *L, const char *name, const char *value); /* NULL: left out */
void set_number(lua_State *L, const char *name, uint64_t value);
void set_flag(lua_State *L, const char *name, bool value);
void push_tags(lua_State *L, const char *const *tags);
void push_diags(lua_State *L, const rt_diags *diags); /* NULL: an empty array */
/* A table with what box->render asks for of box->alert. */
void push_alert(lua_State *L, const judge_box *box);

/* ---- options.c: the members of a table of options ---- */

/* Throw if the table at @a index (or nothing) has a member that is not among @a names. */
void options_check(lua_State *L, int index, const char *const *names);
bool option_flag(lua_State *L, int index, const char *name);
uint64_t option_number(lua_State *L, int index, const char *name);
/* Borrowed from the table. NULL: not there. */
const char *option_text(lua_State *L, int index, const char *name);
/* An array of texts as a NULL-terminated one, pushed to the stack. NULL, and nothing is pushed. */
const char *const *option_texts(lua_State *L, int index, const char *name);

/* ---- handles ---- */

/* What a loading call works with; on the stack, so that an error half way frees it. */
typedef struct loading {
        rt_loader *loader;
        rt_diags *diags;
} loading;

/* Push one with diagnostics, and no loader yet. */
loading *loading_new(lua_State *L, int *ret_status);

rt_engine *check_engine(lua_State *L); /* argument 1 */
/* Make the metatable of @a name; @a meta may be NULL. */
void define_class(lua_State *L, const char *name, const luaL_Reg *methods, const luaL_Reg *meta);
void open_engine(lua_State *L);
void open_rules(lua_State *L);
void open_judges(lua_State *L);
int engine_new(lua_State *L);
/* Methods of engines that stand elsewhere. */
int engine_compile(lua_State *L);
int engine_load(lua_State *L);
int engine_load_compiled(lua_State *L);
int worker_new(lua_State *L);
int pool_new(lua_State *L);
/* Methods of workers alone. */
judge_box *check_judge(lua_State *L);
extern const luaL_Reg worker_measures[];

#endif
