/* SPDX-License-Identifier: Apache-2.0 */
/* compat.h - Lua 5.1 (and LuaJIT) to 5.4 through one set of names. */
#ifndef RUNTIME_LUA_COMPAT_H
#define RUNTIME_LUA_COMPAT_H

#include <lauxlib.h>
#include <lua.h>

#if LUA_VERSION_NUM < 502
#define lua_rawlen(L, index) lua_objlen((L), (index))
#endif

/* LuaJIT 2.1 brings this itself. */
#if LUA_VERSION_NUM < 502 && !defined(luaL_newlib)
#define luaL_setfuncs(L, functions, n) luaL_register((L), NULL, (functions))
#endif

#endif
