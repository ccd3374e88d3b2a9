/* SPDX-License-Identifier: Apache-2.0 */
/* inputs.c - `require "runtime.inputs"`: the readers of libruntime-inputs. */
#include "core.h"
#include <libruntime-inputs/follow.h>
#include <libruntime-inputs/gzip.h>

int luaopen_runtime_inputs(lua_State *L);

/* (engine): add a reader -> true */
static int
add(lua_State *L, const rt_reader_ops *ops)
{
        const engine_box *box = luaL_checkudata(L, 1, ENGINE_NAME);
        int r;

        luaL_argcheck(L, box->engine, 1, "the engine is closed");
        r = rt_engine_add_reader(box->engine, ops);
        if (r < 0) {
                lua_pushnil(L);
                lua_pushfstring(L, "%s: %s", ops->name, rt_status_name(r));
                lua_newtable(L);
                lua_pushstring(L, rt_status_name(r));
                return 4;
        }
        lua_pushboolean(L, 1);
        return 1;
}

static int
add_gzip(lua_State *L)
{
        return add(L, rt_gzip_reader());
}

static int
add_follow(lua_State *L)
{
        return add(L, rt_follow_reader());
}

__attribute__((visibility("default"))) int
luaopen_runtime_inputs(lua_State *L)
{
        static const luaL_Reg functions[] = {
                { "follow", add_follow },
                { "gzip", add_gzip },
                { NULL, NULL },
        };

        lua_newtable(L);
        luaL_setfuncs(L, functions, 0);
        return 1;
}
