/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua.h - hooks in Lua 5.4, outside of libruntime's core.
 *
 *      runtime.sources { "aws_cloudtrail" }
 *      runtime.field {
 *              name = "lua.office", type = "bool", reads = { "ct.srcip" }, pure = true,
 *              extract = function(ip) return ip == "192.0.2.7" end,
 *      }
 *
 * docs/lua-hooks.md tells what scripts can define: fields, functions on matches, detections,
 * outputs. A script runs in a sandbox (docs/design/0014), with a budget for each call. Each worker
 * has a state of its own for each source, in which the script was run anew: scripts share nothing.
 */
#ifndef LIBRUNTIME_LUA_LUA_H
#define LIBRUNTIME_LUA_LUA_H

#include <libruntime/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rt_lua rt_lua;                 /* one script; counted */
typedef struct rt_lua_hooks rt_lua_hooks;     /* the scripts of an engine's rules; counted */
typedef struct rt_lua_outputs rt_lua_outputs; /* the states that outputs run in */

typedef struct rt_lua_opts {
        size_t size;
        const rt_allocator *allocator; /* for the script's definitions; NULL: malloc. Workers'
                                          states use the workers' */
        uint64_t max_instructions;     /* of one call, or of running the script; 0: 1,000,000 */
        uint64_t max_bytes;            /* that a state may hold; 0: 8 MiB */
        uint32_t max_ms;               /* that a call may take; 0: 100 */
        uint32_t max_failures;         /* of one hook in one state, then it is off; 0: 10 */
        /** Told what went wrong, with file and line, on the thread that ran the script. @a field is
         *  the field, or the rule of a detection, or the output, and NULL when it was the script as
         *  a whole. May be NULL. */
        void (*report)(const char *field, const char *message, void *user);
        void *report_user;
        /** What runtime.native and runtime.callback call C with: rt_natives_calls_of. NULL: they
         *  throw. Borrowed as long as the script. Since 0.1 */
        const struct rt_natives_calls *natives;
        /** Told what a script says with runtime.log, as report. May be NULL. */
        void (*log)(const char *script, rt_str text, void *user);
} rt_lua_opts;

/* ---- one script ---- */

/** Run the script @a text and add its fields to @a engine, with those that its functions on matches
 *  and its detections are for compiled rules. Rules as text are asked about with rt_lua_hooks_load.
 *  @param name of its file, for messages. @param opts may be NULL.
 *  @return 0, RT_EABI, RT_EINVAL: see report, RT_ENOMEM, and as rt_engine_add_fields. @since 0.1 */
RT_API int rt_lua_new(rt_engine *engine, const char *name, rt_str text, const rt_lua_opts *opts,
                      rt_lua **ret_lua);
/** Shared. The engine keeps what it needs; the allocator must live as long as that. @since 0.1 */
RT_API rt_lua *rt_lua_unref(rt_lua *lua);

typedef struct rt_lua_field {
        size_t size;
        const char *name;
        uint64_t failures; /* in all states together */
        uint64_t off;      /* states in which it was switched off */
} rt_lua_field;

/** Field @a index of the script, in their order; functions on matches and detections are some.
 *  Shared. @return 0, RT_ENOENT: no more, RT_EINVAL, RT_EABI. @since 0.1 */
RT_API int rt_lua_field_get(const rt_lua *lua, size_t index, rt_lua_field *ret_field);

/* ---- the scripts of rules ---- */

/** Have items `hooks:` of rule files read: `- hooks: geo.lua`, a file in the folder of the rules or
 *  below it; or `script:`, a text, with a name in `hooks:`. Before the first loader is made. What
 *  is wrong with a script is a diagnostic of the item.
 *
 *  A script whose name and text are what they were is the same one to the next loader, too, as long
 *  as rules have it: the states of workers go on when its ruleset comes into force.
 *  @param opts of all of these; may be NULL.
 *  @return 0, RT_EABI, RT_ENOMEM, and as rt_engine_add_item. @since 0.1 */
RT_API int rt_lua_hooks_new(rt_engine *engine, const rt_lua_opts *opts, rt_lua_hooks **ret_hooks);
/** When the engine is gone; rulesets and workers may outlive it. @since 0.1 */
RT_API rt_lua_hooks *rt_lua_hooks_unref(rt_lua_hooks *hooks);

/** Run a script that no rule file names for the rules of @a loader: its fields are known to what is
 *  added from now on, its functions on matches are asked about all rules. A script that the loader
 *  has already is not run again.
 *  @param loader NULL: the engine, for compiled rules. @param name of its file.
 *  @return 0, RT_EINVAL: see report, RT_ENOMEM, and as rt_loader_add_fields. @since 0.1 */
RT_API int rt_lua_hooks_load(rt_lua_hooks *hooks, rt_loader *loader, const char *name, rt_str text);
/** Add the rules of the detections of what rt_lua_hooks_load loaded, behind the last file, so that
 *  their conditions may use its macros and lists.
 *  @return as rt_loader_add. @since 0.1 */
RT_API int rt_lua_hooks_add_rules(rt_lua_hooks *hooks, rt_loader *loader, rt_diags *diags);

enum { RT_LUA_FIELD = 0, RT_LUA_MATCH = 1, RT_LUA_DETECT = 2, RT_LUA_OUTPUT = 3 };

/** What a script defines. */
typedef struct rt_lua_hook {
        size_t size;
        const char *script;
        const char *name;   /* of the field or output, of a detection's rule */
        uint32_t kind;      /* RT_LUA_* */
        int32_t line;       /* of its function */
        uint64_t failures;  /* in all states together */
        uint64_t off;       /* states in which it was switched off */
        uint64_t forgotten; /* keys of a detection that had to make room for others */
} rt_lua_hook;

/** Hook @a index of all scripts that rules have, in the order they were loaded. Texts live as long
 *  as the rules that have the script. Shared.
 *  @return 0, RT_ENOENT: no more, RT_EINVAL, RT_EABI. @since 0.1 */
RT_API int rt_lua_hooks_get(rt_lua_hooks *hooks, size_t index, rt_lua_hook *ret_hook);

/* ---- outputs ---- */

typedef struct rt_lua_outputs_opts {
        size_t size;
        const rt_allocator *allocator; /* of the states; NULL: malloc */
        /** What an output says with runtime.write. NULL: that is an error.
         *  @return 0, RT_E*: the call fails. */
        int (*write)(const char *output, rt_str bytes, void *user);
        void *write_user;
} rt_lua_outputs_opts;

/** A state for each script with outputs: one of these for each rt_worker or rt_pool, used on the
 *  thread of its alerts. @param opts may be NULL. @return 0, RT_EABI, RT_ENOMEM. @since 0.1 */
RT_API int rt_lua_outputs_new(rt_lua_hooks *hooks, const rt_lua_outputs_opts *opts,
                              rt_lua_outputs **ret_outputs);
RT_API rt_lua_outputs *rt_lua_outputs_unref(rt_lua_outputs *outputs);
/** From now on the outputs are those of @a loader's scripts. States of scripts that it has again go
 *  on. @param loader NULL: of the engine's scripts, for compiled rules.
 *  @return 0, RT_EINVAL: see report, RT_ENOMEM, RT_EBUSY: inside of one; then all is as it was.
 *  @since 0.1 */
RT_API int rt_lua_outputs_use(rt_lua_outputs *outputs, rt_loader *loader);
/** Call the outputs, in their order. Inside of an rt_alert_fn.
 *  @return how many took the alert; those that failed were reported. RT_EBUSY: inside of one.
 *  @since 0.1 */
RT_API int rt_lua_outputs_put(rt_lua_outputs *outputs, const rt_alert *alert);

#ifdef __cplusplus
}
#endif
#endif
