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
#define LOADER_NAME  "runtime.loader"
#define RULESET_NAME "runtime.ruleset"
#define WORKER_NAME  "runtime.worker"
#define POOL_NAME    "runtime.pool"

typedef struct judge_box judge_box;

/* What engines share with all that may outlive them: what Lua has added to them. Goes with the last
 * of them, behind the library's own objects. */
typedef struct lua_host {
        size_t refs;
        judge_box *judge;  /* the innermost call into the library, or NULL: none runs */
        int kept;          /* in the registry: an array of what was added */
        size_t added;      /* sources and fields that are Lua's */
        size_t pools;      /* whose threads must not meet them */
        uint64_t failures; /* of functions that read fields */
        char first[256];   /* what the first one said */
        void *natives;     /* of runtime.natives: freed with this */
        void (*free_natives)(void *natives);
} lua_host;

/* Sources and readers of other modules are added through this: it only grows at its end. */
typedef struct engine_box {
        rt_engine *engine; /* NULL: closed */
        lua_host *host;
} engine_box;

typedef struct ruleset_box {
        rt_ruleset *rules;
        lua_host *host;
} ruleset_box;

enum {                   /* of the table of a running call */
       SLOT_ALERTS = 1,  /* the array that collects alerts, or the function that is called */
       SLOT_SKIPPED = 2, /* an array */
       SLOT_ERROR = 3    /* what a callback threw */
};

/* A worker or a pool. */
struct judge_box {
        rt_worker *worker; /* one of these two */
        rt_pool *pool;
        lua_host *host;
        lua_State *L;          /* runs a call into the library, or NULL: none does */
        const rt_alert *alert; /* being handed over */
        int slots;             /* in the registry: a table of SLOT_*; 0: closed */
        bool judging;          /* and so refuses other calls */
        bool failed;           /* a callback threw; what it threw is in the slots */
        bool explain;          /* alerts carry their explanation */
        uint32_t render;       /* RT_RENDER_* that alerts are made with */
};

/* ---- host.c ---- */

/* On failure NULL. */
lua_host *host_new(lua_State *L);
lua_host *host_ref(lua_host *host);
/* @return NULL */
lua_host *host_unref(lua_State *L, lua_host *host);
/* Run f(lightuserdata) in the call that the host is in; nothing is thrown.
 * @return 0, or what is on top of the stack was thrown: RT_EINVAL; RT_EINVAL, and nothing is on the
 * stack: there is no call, and so no Lua. */
int host_call(const lua_host *host, lua_CFunction f, void *call, bool *ret_thrown);
/* What was thrown, on top of the stack, goes to whoever made the call. Pops it. */
void host_failed(lua_host *host);
/* What was thrown, on top of the stack, is counted, and the first one's message kept. Pops it. */
void host_count(lua_host *host, const char *field);
/* Move the table on top into what lives as long as the host. @return its number there */
int host_keep(lua_State *L, lua_host *host);
/* Push what host_keep took. */
void host_kept(lua_State *L, const lua_host *host, int number);
/* A text that lives as long as the table at @a keep. */
const char *keep_text(lua_State *L, int keep, const char *text);
/* Memory of zeros that does. */
void *keep_memory(lua_State *L, int keep, size_t size_bytes);

/* ---- take.c: from Lua to the library ---- */

/* Fill @a desc with the field described by the table at @a index. Throws. */
void take_field(lua_State *L, int index, int keep, const char *group, rt_field_desc *desc);
/* The value on top, as one of a field. @return 1; 0: it is nil. Throws.
 * @param event NULL: its text is Lua's own. */
int take_value(lua_State *L, const rt_field_desc *desc, bool list, const rt_event *event,
               rt_value *ret_value);
/* A copy of the text on top that lives as long as the event; without one, the text. Throws. */
rt_str take_text(lua_State *L, const rt_event *event);
/* Push {field=, key=, index=, every=, output=}. */
void push_slot(lua_State *L, const rt_slot_desc *slot);
const rt_slot_desc *slot_at(const rt_slot_desc *first, size_t stride, size_t i);

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
void push_value(lua_State *L, const rt_value *value);
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
        lua_host *host;
        rt_list *list; /* in the place of a loader */
} loading;

/* Push one with diagnostics, and no loader yet. */
loading *loading_new(lua_State *L, int *ret_status);

engine_box *check_engine(lua_State *L); /* argument 1 */
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
int engine_load_compiled_path(lua_State *L);
int engine_loader(lua_State *L);
int engine_add_source(lua_State *L);
int engine_add_fields(lua_State *L);
void open_sources(lua_State *L);
int worker_new(lua_State *L);
int pool_new(lua_State *L);
/* Methods of workers alone. */
judge_box *check_judge(lua_State *L);
/* What a call is made in: sources and fields of Lua's run there. */
typedef struct entered {
        judge_box *judge;
        lua_State *L;
} entered;
entered judge_enter(lua_State *L, judge_box *box);
void judge_leave(judge_box *box, entered before);
extern const luaL_Reg worker_measures[];

#endif
