/* SPDX-License-Identifier: Apache-2.0 */
/* engine.c - engines and rulesets. */
#include "core.h"

static rt_engine *
check_engine(lua_State *L)
{
        engine_box *box = luaL_checkudata(L, 1, ENGINE_NAME);

        luaL_argcheck(L, box->engine, 1, "the engine is closed");
        return box->engine;
}

/* engine{hostname=...} */
int
engine_new(lua_State *L)
{
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        engine_box *box;
        int r;

        if (lua_istable(L, 1)) {
                lua_getfield(L, 1, "hostname");
                opts.hostname = lua_tostring(L, -1);
        }
        box = lua_newuserdata(L, sizeof *box);
        box->engine = NULL;
        luaL_getmetatable(L, ENGINE_NAME);
        lua_setmetatable(L, -2);
        r = rt_engine_new(&opts, &box->engine);
        return r < 0 ? push_failure(L, r, "engine") : 1;
}

static int
engine_close(lua_State *L)
{
        engine_box *box = luaL_checkudata(L, 1, ENGINE_NAME);

        box->engine = rt_engine_unref(box->engine);
        return 0;
}

/* What a loading call works with; owned by a userdata, so that an error half way frees it. */
typedef struct loading {
        rt_loader *loader;
        rt_diags *diags;
} loading;

#define LOADING_NAME "runtime.loading"

static int
loading_gc(lua_State *L)
{
        loading *work = lua_touserdata(L, 1);

        work->loader = rt_loader_unref(work->loader);
        work->diags = rt_diags_unref(work->diags);
        return 0;
}

static loading *
loading_new(lua_State *L, rt_engine *engine, int *ret_status)
{
        loading *work = lua_newuserdata(L, sizeof *work);

        *work = (loading){ NULL, NULL };
        if (luaL_newmetatable(L, LOADING_NAME)) {
                lua_pushcfunction(L, loading_gc);
                lua_setfield(L, -2, "__gc");
        }
        lua_setmetatable(L, -2);
        *ret_status = rt_diags_new(&work->diags);
        if (*ret_status == RT_OK)
                *ret_status = rt_loader_new(engine, NULL, &work->loader);
        return work;
}

/* nil, message, diagnostics */
static int
push_rejected(lua_State *L, loading *work, int status)
{
        rt_str text;

        if (status != RT_ERULES)
                return push_failure(L, status, "rules");
        lua_pushnil(L);
        if (rt_diags_print(work->diags, RT_DIAGS_TEXT, 0, &text) == RT_OK)
                push_str(L, text);
        else
                lua_pushliteral(L, "the rules have errors");
        push_diags(L, work->diags);
        return 3;
}

static int
finish(lua_State *L, loading *work, int status)
{
        ruleset_box *box;

        if (status < 0)
                return push_rejected(L, work, status);
        box = lua_newuserdata(L, sizeof *box);
        box->rules = NULL;
        luaL_getmetatable(L, RULESET_NAME);
        lua_setmetatable(L, -2);
        status = rt_loader_compile(work->loader, work->diags, &box->rules);
        if (status < 0)
                return push_rejected(L, work, status);
        lua_pushnil(L);
        push_diags(L, work->diags);
        return 3;
}

/* engine:compile(text [, name]) -> ruleset, nil, warnings | nil, message, diagnostics */
static int
engine_compile(lua_State *L)
{
        rt_engine *engine = check_engine(L);
        const char *name = luaL_optstring(L, 3, "rules.yaml");
        rt_str text;
        loading *work;
        int r;

        text.ptr = luaL_checklstring(L, 2, &text.len);
        work = loading_new(L, engine, &r);
        if (r == RT_OK)
                r = rt_loader_add(work->loader, name, text, work->diags);
        return finish(L, work, r);
}

/* engine:load(path, ...) -> as engine:compile */
static int
engine_load(lua_State *L)
{
        rt_engine *engine = check_engine(L);
        const int n = lua_gettop(L);
        loading *work;
        int r;

        for (int i = 2; i <= n; i++)
                luaL_checkstring(L, i);
        work = loading_new(L, engine, &r);
        for (int i = 2; r == RT_OK && i <= n; i++)
                r = rt_loader_add_path(work->loader, lua_tostring(L, i), work->diags);
        return finish(L, work, r);
}

/* engine:use(ruleset) -> true */
static int
engine_use(lua_State *L)
{
        rt_engine *engine = check_engine(L);
        const ruleset_box *box = luaL_checkudata(L, 2, RULESET_NAME);
        const int r = rt_engine_use(engine, box->rules);

        if (r < 0)
                return push_failure(L, r, "use");
        lua_pushboolean(L, 1);
        return 1;
}

/* engine:fields() -> array of {name, source, group, help, list} */
static int
engine_fields(lua_State *L)
{
        const rt_engine *engine = check_engine(L);
        rt_field_desc field;
        const char *source;

        lua_newtable(L);
        for (size_t i = 0; rt_engine_field(engine, i, &field, &source) == RT_OK; i++) {
                lua_newtable(L);
                set_text(L, "name", field.name);
                set_text(L, "source", source);
                set_text(L, "group", field.group);
                set_text(L, "help", field.help);
                lua_pushboolean(L, (field.flags & RT_FIELD_LIST) != 0);
                lua_setfield(L, -2, "list");
                lua_rawseti(L, -2, (int) i + 1);
        }
        return 1;
}

static int
ruleset_gc(lua_State *L)
{
        ruleset_box *box = luaL_checkudata(L, 1, RULESET_NAME);

        box->rules = rt_ruleset_unref(box->rules);
        return 0;
}

static int
ruleset_len(lua_State *L)
{
        const ruleset_box *box = luaL_checkudata(L, 1, RULESET_NAME);

        lua_pushinteger(L, (lua_Integer) rt_ruleset_count(box->rules));
        return 1;
}

/* ruleset:rules() -> array of {name, desc, source, priority, tags} */
static int
ruleset_rules(lua_State *L)
{
        const ruleset_box *box = luaL_checkudata(L, 1, RULESET_NAME);
        rt_rule_info info = RT_INIT(rt_rule_info);

        lua_newtable(L);
        for (size_t i = 0; rt_ruleset_rule(box->rules, i, &info) == RT_OK; i++) {
                lua_newtable(L);
                set_text(L, "name", info.name);
                set_text(L, "desc", info.desc);
                set_text(L, "source", info.source);
                set_text(L, "priority", rt_priority_name(info.priority));
                push_tags(L, info.tags);
                lua_setfield(L, -2, "tags");
                lua_rawseti(L, -2, (int) i + 1);
        }
        return 1;
}

void
open_engine(lua_State *L)
{
        static const luaL_Reg engine_methods[] = {
                { "close", engine_close },
                { "__gc", engine_close },
                { "__close", engine_close },
                { "compile", engine_compile },
                { "load", engine_load },
                { "use", engine_use },
                { "fields", engine_fields },
                { "worker", worker_new },
                { NULL, NULL },
        };
        static const luaL_Reg ruleset_methods[] = {
                { "__gc", ruleset_gc },     { "__len", ruleset_len }, { "count", ruleset_len },
                { "rules", ruleset_rules }, { NULL, NULL },
        };

        luaL_newmetatable(L, ENGINE_NAME);
        luaL_setfuncs(L, engine_methods, 0);
        lua_pushvalue(L, -1);
        lua_setfield(L, -2, "__index");
        lua_pop(L, 1);
        luaL_newmetatable(L, RULESET_NAME);
        luaL_setfuncs(L, ruleset_methods, 0);
        lua_pushvalue(L, -1);
        lua_setfield(L, -2, "__index");
        lua_pop(L, 1);
}
