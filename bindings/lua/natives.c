/* SPDX-License-Identifier: Apache-2.0 */
/* natives.c - `require "runtime.natives"`: functions of shared libraries, by libruntime-natives. */
#include "core.h"
#include <libruntime-natives/natives.h>

int luaopen_runtime_natives(lua_State *L);

static void
free_natives(void *natives)
{
        rt_natives_unref(natives);
}

/* allow(engine, {paths=, require_description=}): rule files may declare functions of libraries that
 * are there -> true */
static int
allow(lua_State *L)
{
        static const char *const names[] = { "paths", "require_description", NULL };
        engine_box *box = luaL_checkudata(L, 1, ENGINE_NAME);
        rt_natives_opts opts = RT_INIT(rt_natives_opts);
        rt_natives *natives = NULL;
        int r;

        luaL_argcheck(L, box->engine, 1, "the engine is closed");
        options_check(L, 2, names);
        opts.paths = option_texts(L, 2, "paths");
        while (opts.paths && opts.paths[opts.n_paths])
                opts.n_paths++;
        if (option_flag(L, 2, "require_description"))
                opts.flags = RT_NATIVES_REQUIRE_DESCRIPTION;
        r = rt_natives_new(box->engine, &opts, &natives);
        if (r < 0) {
                lua_pushnil(L);
                lua_pushfstring(L, "natives: %s", rt_status_name(r));
                lua_newtable(L);
                lua_pushstring(L, rt_status_name(r));
                return 4;
        }
        box->host->natives = natives;
        box->host->free_natives = free_natives;
        lua_pushboolean(L, 1);
        return 1;
}

__attribute__((visibility("default"))) int
luaopen_runtime_natives(lua_State *L)
{
        static const luaL_Reg functions[] = {
                { "allow", allow },
                { NULL, NULL },
        };

        lua_newtable(L);
        luaL_setfuncs(L, functions, 0);
        return 1;
}
