/* SPDX-License-Identifier: Apache-2.0 */
/* threads.c - runtime.threads, of the tests alone: a Lua state on a thread of its own. */
#include "../compat.h"
#include <lualib.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define THREAD_NAME "runtime.thread"

typedef struct thread {
        pthread_t id;
        lua_State *own;
        int running, failed;
} thread;

int luaopen_runtime_threads(lua_State *L);

static void *
body(void *arg)
{
        thread *t = arg;

        t->failed = lua_pcall(t->own, lua_gettop(t->own) - 1, 0, 0);
        return NULL;
}

/* run(chunk, ...) -> thread; what is handed over are texts and numbers */
static int
run(lua_State *L)
{
        const char *text = luaL_checkstring(L, 1);
        const int n = lua_gettop(L);
        thread *t = lua_newuserdata(L, sizeof *t);

        memset(t, 0, sizeof *t);
        luaL_newmetatable(L, THREAD_NAME);
        lua_setmetatable(L, -2);
        t->own = luaL_newstate();
        if (!t->own)
                return luaL_error(L, "there is no memory for a state");
        luaL_openlibs(t->own);
        if (luaL_loadstring(t->own, text) != 0)
                return luaL_error(L, "%s", lua_tostring(t->own, -1));
        for (int i = 2; i <= n; i++) {
                if (lua_type(L, i) == LUA_TNUMBER)
                        lua_pushnumber(t->own, lua_tonumber(L, i));
                else
                        lua_pushstring(t->own, luaL_checkstring(L, i));
        }
        t->running = pthread_create(&t->id, NULL, body, t) == 0;
        if (!t->running)
                return luaL_error(L, "there is no thread");
        return 1;
}

/* The thread's end. @return what went wrong in it, or nil */
static int
join(lua_State *L)
{
        thread *t = luaL_checkudata(L, 1, THREAD_NAME);

        if (t->running)
                pthread_join(t->id, NULL);
        t->running = 0;
        if (t->own && t->failed)
                lua_pushstring(L, lua_tostring(t->own, -1));
        else
                lua_pushnil(L);
        if (t->own)
                lua_close(t->own);
        t->own = NULL;
        return 1;
}

__attribute__((visibility("default"))) int
luaopen_runtime_threads(lua_State *L)
{
        static const luaL_Reg meta[] = { { "__gc", join }, { NULL, NULL } };
        static const luaL_Reg functions[] = { { "run", run }, { "join", join }, { NULL, NULL } };

        luaL_newmetatable(L, THREAD_NAME);
        luaL_setfuncs(L, meta, 0);
        lua_pop(L, 1);
        lua_newtable(L);
        luaL_setfuncs(L, functions, 0);
        return 1;
}
