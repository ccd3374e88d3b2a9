/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lua.h - fields that Lua 5.4 scripts define, outside of libruntime's core.
 *
 *      runtime.sources { "aws_cloudtrail" }
 *      runtime.field {
 *              name = "lua.office", type = "bool", reads = { "ct.srcip" }, pure = true,
 *              extract = function(ip) return ip == "192.0.2.7" end,
 *      }
 *
 * A script runs in a sandbox (docs/design/0014), with a budget for each call. Each worker has a
 * state of its own for each source, in which the script was run anew: scripts share nothing.
 */
#ifndef LIBRUNTIME_LUA_LUA_H
#define LIBRUNTIME_LUA_LUA_H

#include <libruntime/types.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct rt_lua rt_lua; /* one script */

typedef struct rt_lua_opts {
        size_t size;
        const rt_allocator *allocator; /* for the script's definitions; NULL: malloc. States use
                                          the workers' */
        uint64_t max_instructions;     /* of one call, or of running the script; 0: 1,000,000 */
        uint64_t max_bytes;            /* that a state may hold; 0: 8 MiB */
        uint32_t max_ms;               /* that a call may take; 0: 100 */
        uint32_t max_failures;         /* of one field in one state, then it is off; 0: 10 */
        /** Told what went wrong, with file and line, on the thread that ran the script. @a field is
         *  NULL when it was the script as a whole. May be NULL. */
        void (*report)(const char *field, const char *message, void *user);
        void *report_user;
        /** What runtime.native and runtime.callback call C with: rt_natives_calls_of. NULL: they
         *  throw. Borrowed as long as the script. Since 0.1 */
        const struct rt_natives_calls *natives;
} rt_lua_opts;

/** Run the script @a text and add its fields to @a engine. @param name of its file, for messages.
 *  @param opts may be NULL. @return 0, RT_EABI, RT_EINVAL: see report, RT_ENOMEM, and as
 *  rt_engine_add_fields. @since 0.1 */
RT_API int rt_lua_new(rt_engine *engine, const char *name, rt_str text, const rt_lua_opts *opts,
                      rt_lua **ret_lua);
/** Only when the engine, and all that was made of it, is gone. @since 0.1 */
RT_API rt_lua *rt_lua_unref(rt_lua *lua);

typedef struct rt_lua_field {
        size_t size;
        const char *name;
        uint64_t failures; /* in all states together */
        uint64_t off;      /* states in which it was switched off */
} rt_lua_field;

/** Field @a index of the script, in their order. Shared.
 *  @return 0, RT_ENOENT: no more, RT_EINVAL, RT_EABI. @since 0.1 */
RT_API int rt_lua_field_get(const rt_lua *lua, size_t index, rt_lua_field *ret_field);

#ifdef __cplusplus
}
#endif
#endif
