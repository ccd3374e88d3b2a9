/* SPDX-License-Identifier: Apache-2.0 */
/* bench_hooks.c - hooks in Lua with their budgets, beside a bare lua_pcall of such a function: a
 * field that gives #x, a function on matches that says nothing, a detection that counts by key.
 * This program stands in for the engine: it takes the provider and asks for the fields. */
#include "bench.h"
#include <lauxlib.h>
#include <libruntime-lua/lua.h>
#include <libruntime/runtime.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALLS = 100000, ROUNDS = 21, FIELD = 0, MATCH = 1, DETECT = 2, HOOKS = 3 };

static const char script[] =
        "runtime.field { name = 'lua.n', type = 'int', reads = { 'a' },\n"
        "                extract = function(x) return #x end }\n"
        "runtime.match { reads = { 'a' }, on = function(m, x) if #x == 3 then return false end end "
        "}\n"
        "runtime.detect { rule = 'd', condition = 'a = b', reads = { 'a' }, key = 'a',\n"
        "  on = function(e, s) s.n = (s.n or 0) + 1 return s.n == 0 end }\n";
/* The same work without the engine's part: a table for the match, a state for the key. */
static const char bare[] = "local states = { CreateUser = {} }\n"
                           "return function(x) return #x end,\n"
                           "  function(x) local m = { rule = 'd', source = 's', priority = 'p', "
                           "time = 1.5, tags = {} }\n"
                           "    if #x == 3 then return false end end,\n"
                           "  function(x) local e, s = { a = x }, states[x] s.n = (s.n or 0) + 1 "
                           "return s.n == 0 end\n";
static rt_fields_ops ops;

int
rt_engine_add_fields(rt_engine *engine, const rt_fields_ops *added)
{
        (void) engine;
        ops = *added;
        return RT_OK;
}

int
rt_event_rule(const rt_event *event, rt_rule_info *ret_rule)
{
        static const char *const tags[] = { NULL };

        (void) event;
        ret_rule->name = "d";
        ret_rule->source = "s";
        ret_rule->tags = tags;
        ret_rule->priority = RT_PRIORITY_NOTICE;
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
time_hook(void *state, uint32_t slot)
{
        const rt_value text = { .kind = RT_KIND_STRING, .as.s = { "CreateUser", 10 } };
        const rt_value *reads[] = { &text, &text };
        const rt_event event = { .size = sizeof event, .time_ns = 1500000000 };
        const double began = bench_now();
        rt_value out;

        for (int i = 0; i < CALLS; i++)
                if (ops.extract(state, &event, slot, reads, 1 + (slot == DETECT), &out)
                    != (slot == FIELD))
                        abort();
        return bench_now() - began;
}

static double
time_bare(lua_State *L, int which)
{
        const double began = bench_now();

        for (int i = 0; i < CALLS; i++) {
                lua_pushvalue(L, 1 + which);
                lua_pushlstring(L, "CreateUser", 10);
                if (lua_pcall(L, 1, 1, 0) != LUA_OK)
                        abort();
                lua_pop(L, 1);
        }
        return bench_now() - began;
}

int
main(void)
{
        static const char *const names[] = { "a Lua field of #x / a bare lua_pcall",
                                             "a Lua function on matches / a bare lua_pcall",
                                             "a Lua detection by key / a bare lua_pcall" };
        static const rt_slot_desc slots[] = { { .field = { "lua.n", 5 } },
                                              { .field = { "lua.hooks.match1", 16 } },
                                              { .field = { "lua.hooks.detect1", 17 } } };
        const rt_allocator allocator = { sizeof allocator, resize, NULL };
        const rt_fields_demand demand = { sizeof demand, slots, HOOKS, sizeof *slots };
        rt_fields_config config = { .size = sizeof config, .source = "x", .allocator = &allocator };
        lua_State *L = luaL_newstate();
        double ratios[ROUNDS];
        rt_lua *lua = NULL;
        void *state = NULL;
        int worst = 0;

        /* The engine is never looked at: its functions are above. */
        if (!L
            || rt_lua_new((rt_engine *) &ops, "hooks.lua", (rt_str){ script, sizeof script - 1 },
                          NULL, &lua)
                       < 0)
                return 2;
        config.user = ops.user;
        if (ops.create(&config, &state) < 0 || ops.demand(state, &demand) < 0
            || luaL_loadstring(L, bare) != LUA_OK || lua_pcall(L, 0, HOOKS, 0) != LUA_OK)
                return 2;
        bench_pin();
        for (uint32_t k = 0; k < HOOKS; k++) {
                for (int i = 0; i < ROUNDS; i++)
                        ratios[i] = time_hook(state, k) / time_bare(L, (int) k);
                worst |= !bench_bar(names[k], bench_median(ratios, ROUNDS), BENCH_AT_MOST, 3);
        }
        ops.destroy(state);
        lua_close(L);
        ops.release(ops.user);
        rt_lua_unref(lua);
        return worst;
}
