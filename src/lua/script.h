/* SPDX-License-Identifier: Apache-2.0 */
/*
 * script.h - a script, what it defines, and the states it runs in.
 *
 * Lua's errors are longjmps: everything that can throw runs below machine_run, a lua_pcall.
 *
 * Scripts are counted: a provider of fields in a registry of the core has one, so has whoever made
 * it. What a script defines is a hook; those that the core asks for are fields of its provider, in
 * the same order, a function on matches or a detection as one of RT_KIND_BYTES.
 */
#ifndef LIBRUNTIME_LUA_SCRIPT_H
#define LIBRUNTIME_LUA_SCRIPT_H

#include <libruntime-lua/lua.h>
#include <lauxlib.h>
#include <libruntime/fields.h>
#include <lua.h>
#include <stdatomic.h>
#include <stdbool.h>

enum {
        MAX_FIELDS = 128, /* and functions on matches, and detections */
        MAX_OUTPUTS = 16,
        MAX_HOOKS = MAX_FIELDS + MAX_OUTPUTS, /* outputs stand behind the others */
        MAX_SOURCES = 16,
        MAX_READS = 16,
        MAX_PATTERNS = 256, /* of rules, in one definition */
        MAX_CHANGES = 64,   /* tags, or fields, that one call adds */
        MAX_SCRIPT_SIZE = 1 << 20,
        BYTES_PER_KEY = 1 << 10, /* a state's memory is for so many keys of a detection, */
        LEAST_PER_KEY = 1 << 7,  /* and cannot be for more than this */
        DEFAULT_TIMEOUT_S = 3600
};

typedef struct hook {
        uint32_t kind; /* RT_LUA_* */
        int line;      /* where its function begins */
        const char *label;
        _Atomic uint64_t failures, off, forgotten;
        const char **rules; /* RT_LUA_MATCH: patterns, NULL-terminated; NULL: all */
        /* RT_LUA_DETECT: */
        const char *rule;   /* as YAML */
        const char **names; /* of what it reads; the keys come behind them */
        uint32_t n_names, n_keys, max_keys;
        double timeout_s;
        bool json; /* RT_LUA_OUTPUT: wants it */
} hook;

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
        bool starting;                 /* the script as a whole is being run */
        bool running;                  /* a call is under way */
        uint32_t defined[4];           /* by kind, while it is starting */
        rt_fields_demand demand;       /* borrowed */
        uint8_t *field_of;             /* of each slot, in the state's memory */
        uint32_t failures[MAX_HOOKS];  /* in this state */
        const rt_lua_outputs *outputs; /* whose it is; NULL: a worker's */
        const hook *output;            /* that is being called */
} machine;

/* Where a message goes, if not to report. */
typedef struct complaint {
        char *text;
        size_t size;
} complaint;

/* Strings and tables are anchored in the state of `own`. */
struct rt_lua {
        atomic_size_t refs;
        rt_lua_hooks *hooks; /* whose list it is in; NULL: none */
        rt_lua *next;        /* there */
        rt_lua_opts opts;
        rt_allocator allocator;
        const char *name;
        rt_str text;
        char stem[64]; /* of the names of its functions on matches: the file's */
        char mark[40]; /* a field by which a loader knows this script from all others */
        const complaint *complaint;
        atomic_bool brings_rules; /* of its detections, to the loader, as an item does */
        machine *own;
        rt_fields_ops ops;
        rt_field_desc descs[MAX_FIELDS + 1];
        const char *reads[MAX_FIELDS + 1];
        const char *sources[MAX_SOURCES + 1];
        hook defs[MAX_HOOKS];
        uint32_t n_fields, n_outputs;
};

/* ---- lua.c ---- */

/* Run the script for what it defines. */
int script_new(const char *name, rt_str text, const rt_lua_opts *opts, const complaint *c,
               rt_lua **ret_lua);
rt_lua *script_ref(rt_lua *lua);
/* Add its fields to the loader, or if that is NULL to the engine, which then has a reference. */
int script_add(rt_lua *lua, rt_engine *engine, rt_loader *loader);
int script_copy_opts(const rt_lua_opts *from, rt_lua_opts *to);
/* Count what went wrong in a call of hook @a number, and report it. @return @a status */
int script_failed(machine *m, uint32_t number, int status);

/* ---- machine.c ---- */

/* A state in which the script was run. @return NULL: told to report; *ret_status says why. */
machine *machine_new(rt_lua *script, const rt_allocator *allocator, bool defines, int *ret_status);
void machine_free(machine *m);
/* Call @a function with @a data under the budget. @return 0, or RT_E* with a message on top. */
int machine_run(machine *m, lua_CFunction function, void *data);
/* Tell the host what is on top, and pop it. */
void machine_report(machine *m, const char *label, int line);
/* Tell the host something about a hook. */
void machine_say(const machine *m, const char *label, const char *message);
static inline machine *
machine_of(lua_State *L)
{
        return *(machine **) lua_getextraspace(L);
}

/* ---- sandbox.c, define.c, rule.c, values.c ---- */

/* Put the libraries that scripts may use into the globals. */
void sandbox_open(lua_State *L);
/* The table `runtime`. */
void define_open(lua_State *L);
/* native and callback, into the table on top. */
void natives_open(lua_State *L);
/* The texts of the array on top, which is popped, each kept for as long as the state is there. */
size_t define_texts(lua_State *L, const char *what, const char **texts, size_t room);
/* Push the rule of the detection whose table is argument 1, as YAML that stands in line @a line. */
void rule_push(lua_State *L, int line);
void push_value(lua_State *L, const rt_value *value);
/* Make @a ret_value of kind @a kind of what is on top. @return 1, 0: nil; throws. */
int take_value(lua_State *L, uint32_t kind, const rt_event *event, rt_value *ret_value);
/* The text at @a index in the event's memory, a NUL behind it; throws. */
rt_str take_text(lua_State *L, int index, const rt_event *event);

/* ---- match.c, detect.c: below machine_run, with a call ---- */

typedef struct call {
        const rt_event *event;
        const rt_value *const *reads;
        size_t n_reads;
        rt_value *ret_value;
        uint32_t slot, number;
        int found;
} call;

/* A function on matches. */
int match_call(lua_State *L);
/* What is to become of a match by what is on top, nil or a boolean or a table; throws. */
void match_take(lua_State *L, call *c);
/* Push the rule that matched as a table. @return false: there is none */
bool match_push_rule(lua_State *L, const rt_event *event);
int detect_call(lua_State *L);
/* A call ran out of memory: forget a part of the keys of detection @a number. */
void detect_relieve(machine *m, uint32_t number);

/* ---- output.c ---- */

/* runtime.write(text) */
int output_write(lua_State *L);

/* ---- hooks.c ---- */

rt_lua_hooks *hooks_ref(rt_lua_hooks *hooks);
/* The last reference is gone: nobody is to find it. */
void hooks_forget(rt_lua *lua);
/* Is the script in what @a loader knows, or without one in what the engine knows? */
bool hooks_has(const rt_lua_hooks *hooks, const rt_lua *lua, rt_loader *loader);
/* The next script behind @a lua that can be had, NULL: the first; counted. */
rt_lua *hooks_next(rt_lua_hooks *hooks, rt_lua *lua);

#endif
