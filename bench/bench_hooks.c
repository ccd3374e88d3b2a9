/* SPDX-License-Identifier: Apache-2.0 */
/* bench_hooks.c - a field in Lua that gives #x, with its budgets, beside a bare lua_pcall of such a
 * function. This program stands in for the engine: it takes the provider and asks for the field. */
#include "bench.h"
#include <lauxlib.h>
#include <libruntime-lua/lua.h>
#include <libruntime/fields.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>

enum { CALLS = 200000, ROUNDS = 21 };

static const char script[] = "runtime.field { name = 'lua.n', type = 'int', reads = { 'a' },\n"
                             "                extract = function(x) return #x end }\n";
static rt_fields_ops ops;

int
rt_engine_add_fields(rt_engine *engine, const rt_fields_ops *added)
{
        (void) engine;
        ops = *added;
        return RT_OK;
}

static void *
resize(void *ptr, size_t size_bytes, void *user)
{
        (void) user;
        if (size_bytes)
                return realloc(ptr, size_bytes);
        free(ptr);
        return NULL;
}

static double
time_field(void *state)
{
        const rt_value text = { .kind = RT_KIND_STRING, .as.s = { "CreateUser", 10 } };
        const rt_value *reads[] = { &text };
        const double began = bench_now();
        rt_value out;

        for (int i = 0; i < CALLS; i++)
                if (ops.extract(state, NULL, 0, reads, 1, &out) != 1 || out.as.i != 10)
                        abort();
        return bench_now() - began;
}

static double
time_bare(lua_State *L)
{
        const double began = bench_now();

        for (int i = 0; i < CALLS; i++) {
                lua_pushvalue(L, 1);
                lua_pushlstring(L, "CreateUser", 10);
                if (lua_pcall(L, 1, 1, 0) != LUA_OK || lua_tointeger(L, -1) != 10)
                        abort();
                lua_pop(L, 1);
        }
        return bench_now() - began;
}

int
main(void)
{
        const rt_allocator allocator = { sizeof allocator, resize, NULL };
        const rt_slot_desc slot = { .field = { "lua.n", 5 } };
        const rt_fields_demand demand = { sizeof demand, &slot, 1, sizeof slot };
        rt_fields_config config = { .size = sizeof config, .source = "x", .allocator = &allocator };
        lua_State *L = luaL_newstate();
        double ratios[ROUNDS];
        rt_lua *lua = NULL;
        void *state = NULL;

        /* The engine is never looked at: its functions are above. */
        if (!L
            || rt_lua_new((rt_engine *) &ops, "hooks.lua", (rt_str){ script, sizeof script - 1 },
                          NULL, &lua)
                       < 0)
                return 2;
        config.user = ops.user;
        if (ops.create(&config, &state) < 0 || ops.demand(state, &demand) < 0
            || luaL_dostring(L, "return function(x) return #x end") != LUA_OK)
                return 2;
        bench_pin();
        for (int i = 0; i < ROUNDS; i++)
                ratios[i] = time_field(state) / time_bare(L);
        ops.destroy(state);
        lua_close(L);
        rt_lua_unref(lua);
        return !bench_bar("a Lua field of #x / a bare lua_pcall", bench_median(ratios, ROUNDS),
                          BENCH_AT_MOST, 3);
}
