/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script.h - a script, and the states it runs in.
 *
 * Lua's errors are longjmps: everything that can throw runs below machine_run, a lua_pcall.
 */
#ifndef LIBRUNTIME_LUA_SCRIPT_H
#define LIBRUNTIME_LUA_SCRIPT_H

#include <libruntime-lua/lua.h>
#include <lauxlib.h>
#include <libruntime/fields.h>
#include <lua.h>
#include <stdatomic.h>
#include <stdbool.h>

enum { MAX_FIELDS = 128, MAX_SOURCES = 16 };

typedef struct field_def {
        int line; /* where its function begins */
        _Atomic uint64_t failures, off;
} field_def;

/* One Lua state. */
typedef struct machine {
        lua_State *L;
        rt_lua *script;
        rt_allocator allocator;
        uint64_t held;                 /* bytes */
        uint64_t asked;                /* bytes, in this call */
        uint64_t steps;                /* instructions of this call */
        uint64_t end_ns;               /* of this call's time; 0: not known yet */
        uint32_t refused;              /* allocations, in this call */
        bool defines;                  /* the script's own: collects definitions */
        rt_fields_demand demand;       /* borrowed */
        uint8_t *field_of;             /* of each slot, in the state's memory */
        uint32_t failures[MAX_FIELDS]; /* in this state */
} machine;

/* Strings and tables are anchored in the state of `own`. */
struct rt_lua {
        rt_lua_opts opts;
        rt_allocator allocator;
        const char *name;
        rt_str text;
        machine *own;
        rt_fields_ops ops;
        rt_field_desc descs[MAX_FIELDS];
        const char *reads[MAX_FIELDS];
        const char *sources[MAX_SOURCES + 1];
        field_def defs[MAX_FIELDS];
};

/* ---- machine.c ---- */

/* A state in which the script was run. @return NULL: told to report; *ret_status says why. */
machine *machine_new(rt_lua *script, const rt_allocator *allocator, bool defines, int *ret_status);
void machine_free(machine *m);
/* Call @a function with @a data under the budget. @return 0, or RT_E* with a message on top. */
int machine_run(machine *m, lua_CFunction function, void *data);
/* Tell the host what is on top, and pop it. */
void machine_report(machine *m, const char *field, int line);
static inline machine *
machine_of(lua_State *L)
{
        return *(machine **) lua_getextraspace(L);
}

/* ---- sandbox.c, define.c, values.c ---- */

/* Put the libraries that scripts may use into the globals. */
void sandbox_open(lua_State *L);
/* The table `runtime`: field, sources. */
void define_open(lua_State *L);
/* native and callback, into the table on top. */
void natives_open(lua_State *L);
void push_value(lua_State *L, const rt_value *value);
/* Make @a ret_value of kind @a kind of what is on top. @return 1, 0: nil; throws. */
int take_value(lua_State *L, uint32_t kind, const rt_event *event, rt_value *ret_value);

#endif
