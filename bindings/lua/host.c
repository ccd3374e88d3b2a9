/* SPDX-License-Identifier: Apache-2.0 */
/*
 * host.c - what engines share with all that may outlive them, and how the library calls Lua.
 *
 * A callback of the library runs in the innermost call that this Lua state has made into it, on the
 * coroutine that made it. Whatever can throw, want of memory included, runs inside of host_call.
 */
#include "core.h"
#include <stdlib.h>
#include <string.h>

lua_host *
host_new(lua_State *L)
{
        lua_host *host;
        int kept;

        lua_newtable(L);
        kept = luaL_ref(L, LUA_REGISTRYINDEX);
        host = calloc(1, sizeof *host);
        if (!host) {
                luaL_unref(L, LUA_REGISTRYINDEX, kept);
                return NULL;
        }
        host->refs = 1;
        host->kept = kept;
        return host;
}

lua_host *
host_ref(lua_host *host)
{
        host->refs++;
        return host;
}

lua_host *
host_unref(lua_State *L, lua_host *host)
{
        if (host && --host->refs == 0) {
                luaL_unref(L, LUA_REGISTRYINDEX, host->kept);
                if (host->natives)
                        host->free_natives(host->natives);
                free(host);
        }
        return NULL;
}

int
host_call(const lua_host *host, lua_CFunction f, void *call, bool *ret_thrown)
{
        lua_State *L = host->judge ? host->judge->L : NULL;
        int status;

        *ret_thrown = false;
        if (!L)
                return RT_EINVAL;
#if LUA_VERSION_NUM < 502
        status = lua_cpcall(L, f, call); /* pushing a function may throw there */
#else
        lua_pushcfunction(L, f);
        lua_pushlightuserdata(L, call);
        status = lua_pcall(L, 1, 0, 0);
#endif
        *ret_thrown = status != 0;
        return status == 0 ? RT_OK : RT_EINVAL;
}

void
host_failed(lua_host *host)
{
        judge_box *box = host->judge;
        lua_State *L = box->L;

        if (box->failed) { /* the first one is what the rest comes from */
                lua_pop(L, 1);
                return;
        }
        lua_rawgeti(L, LUA_REGISTRYINDEX, box->slots);
        lua_insert(L, -2);
        lua_rawseti(L, -2, SLOT_ERROR); /* there is room: the table was made with it */
        lua_pop(L, 1);
        box->failed = true;
}

void
host_count(lua_host *host, const char *field)
{
        lua_State *L = host->judge->L;
        const char *said = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
        const char *parts[] = { field, ": ", said ? said : "an error that is no text" };
        size_t n = 0;

        for (size_t i = 0; host->failures == 0 && i < sizeof parts / sizeof *parts; i++) {
                size_t len = strlen(parts[i]);

                if (len > sizeof host->first - 1 - n)
                        len = sizeof host->first - 1 - n;
                memcpy(host->first + n, parts[i], len);
                n += len;
        }
        host->failures++;
        lua_pop(L, 1);
}

int
host_keep(lua_State *L, lua_host *host)
{
        int number;

        lua_rawgeti(L, LUA_REGISTRYINDEX, host->kept);
        number = (int) lua_rawlen(L, -1) + 1;
        lua_insert(L, -2);
        lua_rawseti(L, -2, number);
        lua_pop(L, 1);
        return number;
}

void
host_kept(lua_State *L, const lua_host *host, int number)
{
        lua_rawgeti(L, LUA_REGISTRYINDEX, host->kept);
        lua_rawgeti(L, -1, number);
        lua_remove(L, -2);
}

const char *
keep_text(lua_State *L, int keep, const char *text)
{
        lua_pushstring(L, text);
        text = lua_tostring(L, -1); /* a long one's copy is its own */
        lua_rawseti(L, keep, (int) lua_rawlen(L, keep) + 1);
        return text;
}

void *
keep_memory(lua_State *L, int keep, size_t size_bytes)
{
        void *memory = lua_newuserdata(L, size_bytes);

        memset(memory, 0, size_bytes);
        lua_rawseti(L, keep, (int) lua_rawlen(L, keep) + 1);
        return memory;
}
