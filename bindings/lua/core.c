/* SPDX-License-Identifier: Apache-2.0 */
/* core.c - the C half of `require "runtime"`. */
#include "core.h"

int luaopen_runtime_core(lua_State *L);

__attribute__((visibility("default"))) int
luaopen_runtime_core(lua_State *L)
{
        static const luaL_Reg functions[] = { { "engine", engine_new }, { NULL, NULL } };

        open_engine(L);
        open_worker(L);
        luaL_newlib(L, functions);
        lua_pushliteral(L, RT_VERSION);
        lua_setfield(L, -2, "version");
        return 1;
}
