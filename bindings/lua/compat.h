/* SPDX-License-Identifier: Apache-2.0 */
/* compat.h - Lua 5.1 (and LuaJIT) to 5.4 through one set of names. */
#ifndef RUNTIME_LUA_COMPAT_H
#define RUNTIME_LUA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#if LUA_VERSION_NUM < 502
#define lua_rawlen(L, index) lua_objlen((L), (index))
#endif

/* LuaJIT 2.1 brings these itself. */
#if LUA_VERSION_NUM < 502 && !defined(luaL_newlib)
#define luaL_setfuncs(L, functions, n) luaL_register((L), NULL, (functions))
#define luaL_newlib(L, functions)      (lua_newtable(L), luaL_setfuncs((L), (functions), 0))
#define lua_rawlen(L, index)           lua_objlen((L), (index))
static inline void *
luaL_testudata(lua_State *L, int index, const char *name)
{
        void *udata = lua_touserdata(L, index);

        if (!udata || !lua_getmetatable(L, index))
                return NULL;
        luaL_getmetatable(L, name);
        if (!lua_rawequal(L, -1, -2))
                udata = NULL;
        lua_pop(L, 2);
        return udata;
}
#endif

#endif
