/* SPDX-License-Identifier: Apache-2.0 */
/* core.c - the C half of `require "runtime"`: what belongs to no object. */
#include "core.h"
#include "later.h"

int luaopen_runtime_core(lua_State *L);

/* table(name) -> array of {name, detail, help, number} */
static int
table_rows(lua_State *L)
{
        static const char *const names[] = {
                [RT_TABLE_OPERATORS] = "operators",
                [RT_TABLE_MODIFIERS] = "modifiers",
                [RT_TABLE_TRANSFORMERS] = "transformers",
                [RT_TABLE_PRIORITIES] = "priorities",
                [RT_TABLE_KINDS] = "kinds",
                [RT_TABLE_LIMITS] = "limits",
                [RT_TABLE_DIAGNOSTICS] = "diagnostics",
                [RT_TABLE_EVENTS] = "events",
                [RT_TABLE_PARAMS] = "params",
                NULL,
        };
        const uint32_t table = (uint32_t) luaL_checkoption(L, 1, NULL, names);
        rt_table_row row = RT_INIT(rt_table_row);

        lua_newtable(L);
        for (size_t i = 0; rt_table_get(table, i, &row) == RT_OK; i++) {
                lua_newtable(L);
                set_text(L, "name", row.name);
                set_text(L, "detail", row.detail);
                set_text(L, "help", row.help);
                set_number(L, "number", row.number);
                lua_rawseti(L, -2, (int) i + 1);
        }
        return 1;
}

void
define_class(lua_State *L, const char *name, const luaL_Reg *methods, const luaL_Reg *meta)
{
        luaL_newmetatable(L, name);
        luaL_setfuncs(L, meta, 0);
        lua_newtable(L);
        luaL_setfuncs(L, methods, 0);
        lua_setfield(L, -2, "__index");
        lua_pushboolean(L, 0); /* hands off: getmetatable gives false */
        lua_setfield(L, -2, "__metatable");
        lua_pop(L, 1);
}

__attribute__((visibility("default"))) int
luaopen_runtime_core(lua_State *L)
{
        static const luaL_Reg functions[] = {
                { "answer", give_answer },
                { "engine", engine_new },
                { "table", table_rows },
                { NULL, NULL },
        };

        open_engine(L);
        open_rules(L);
        open_judges(L);
        open_sources(L);
        lua_newtable(L);
        luaL_setfuncs(L, functions, 0);
        push_later(L);
        lua_setfield(L, -2, "later");
        lua_pushliteral(L, RT_VERSION);
        lua_setfield(L, -2, "version");
        return 1;
}
