/* SPDX-License-Identifier: Apache-2.0 */
/* engine.c - engines: what they know, and what is in force. */
#include "core.h"

engine_box *
check_engine(lua_State *L)
{
        engine_box *box = luaL_checkudata(L, 1, ENGINE_NAME);

        luaL_argcheck(L, box->engine, 1, "the engine is closed");
        return box;
}

/* engine{hostname=, sources=, max_...=} -> engine */
int
engine_new(lua_State *L)
{
        static const char *const names[] = {
                "hostname",
                "sources",
                "max_record_bytes",
                "max_event_bytes",
                "max_output_bytes",
                "max_load_bytes",
                NULL,
        };
        rt_engine_opts opts = RT_INIT(rt_engine_opts);
        engine_box *box;
        int r;

        options_check(L, 1, names);
        opts.hostname = option_text(L, 1, "hostname");
        opts.sources = option_texts(L, 1, "sources");
        opts.max_record_bytes = option_number(L, 1, "max_record_bytes");
        opts.max_event_bytes = option_number(L, 1, "max_event_bytes");
        opts.max_output_bytes = option_number(L, 1, "max_output_bytes");
        opts.max_load_bytes = option_number(L, 1, "max_load_bytes");
        box = lua_newuserdata(L, sizeof *box);
        *box = (engine_box){ NULL, NULL };
        luaL_getmetatable(L, ENGINE_NAME);
        lua_setmetatable(L, -2);
        box->host = host_new(L);
        r = box->host ? rt_engine_new(&opts, &box->engine) : RT_ENOMEM;
        return r < 0 ? push_failure(L, r, "engine", NULL) : 1;
}

static int
engine_close(lua_State *L)
{
        engine_box *box = luaL_checkudata(L, 1, ENGINE_NAME);

        box->engine = rt_engine_unref(box->engine);
        box->host = host_unref(L, box->host);
        return 0;
}

/* engine:use(ruleset) -> true */
static int
engine_use(lua_State *L)
{
        rt_engine *engine = check_engine(L)->engine;
        const ruleset_box *box = luaL_checkudata(L, 2, RULESET_NAME);
        int r;

        luaL_argcheck(L, box->rules, 2, "the ruleset is closed");
        r = rt_engine_use(engine, box->rules);
        if (r < 0)
                return push_failure(L, r, "use", NULL);
        lua_pushboolean(L, 1);
        return 1;
}

static uint32_t
check_list_kind(lua_State *L, int at)
{
        static const char *const names[] = { "string", "ip", "number", NULL };
        static const uint32_t kinds[] = { RT_KIND_STRING, RT_KIND_IPNET, RT_KIND_INT64 };

        return kinds[luaL_checkoption(L, at, NULL, names)];
}

/* The elements at 4: an array, a text of lines, or {path=}. What went wrong is at *ret_bad. */
static int
fill_list(lua_State *L, rt_list *list, rt_diags *diags, lua_Integer *ret_bad)
{
        size_t len;
        const char *text;
        int r = 0;

        if (lua_type(L, 4) == LUA_TSTRING) {
                text = lua_tolstring(L, 4, &len);
                return rt_list_add_text(list, "text", (rt_str){ text, len }, diags);
        }
        lua_getfield(L, 4, "path");
        if (lua_type(L, -1) == LUA_TSTRING)
                return rt_list_add_path(list, lua_tostring(L, -1), diags);
        lua_pop(L, 1);
        for (lua_Integer i = 1; r >= 0; i++) {
                lua_rawgeti(L, 4, (int) i);
                if (lua_isnil(L, -1))
                        break;
                text = lua_tolstring(L, -1, &len);
                if (!text)
                        luaL_error(L, "element %d is no string and no number", (int) i);
                r = rt_list_add(list, (rt_str){ text, len });
                *ret_bad = i;
                lua_pop(L, 1);
        }
        return r;
}

/* engine:use_list(name [, kind, elements]) -> number of elements */
static int
engine_use_list(lua_State *L)
{
        rt_engine *engine = check_engine(L)->engine;
        const char *name = luaL_checkstring(L, 2);
        const bool some = !lua_isnoneornil(L, 3);
        const uint32_t kind = some ? check_list_kind(L, 3) : 0;
        lua_Integer bad = 0;
        loading *work;
        int r;

        if (some)
                luaL_argcheck(L, lua_istable(L, 4) || lua_type(L, 4) == LUA_TSTRING, 4,
                              "an array, a text or {path=} expected");
        work = loading_new(L, &r);
        if (some && r == RT_OK)
                r = rt_list_new(engine, kind, &work->list);
        if (some && r == RT_OK)
                r = fill_list(L, work->list, work->diags, &bad);
        r = r < 0 ? r : rt_engine_use_list(engine, name, work->list);
        if (r < 0 && bad)
                name = lua_pushfstring(L, "%s: element %d", name, (int) bad);
        if (r < 0)
                return push_failure(L, r, name, work->diags);
        lua_pushinteger(L, (lua_Integer) rt_list_count(work->list));
        return 1;
}

/* engine:lists() -> array of {name=, kind=, count=} */
static int
engine_lists(lua_State *L)
{
        rt_engine *engine = check_engine(L)->engine;
        rt_list_info info = RT_INIT(rt_list_info);

        lua_newtable(L);
        for (int i = 0; rt_engine_list(engine, (size_t) i, &info) == RT_OK; i++) {
                lua_newtable(L);
                lua_pushstring(L, info.name);
                lua_setfield(L, -2, "name");
                lua_pushstring(L, info.kind == RT_KIND_IPNET    ? "ip"
                                  : info.kind == RT_KIND_INT64  ? "number"
                                  : info.kind == RT_KIND_STRING ? "string"
                                                                : "");
                lua_setfield(L, -2, "kind");
                lua_pushinteger(L, (lua_Integer) info.count);
                lua_setfield(L, -2, "count");
                lua_rawseti(L, -2, i + 1);
        }
        return 1;
}

/* engine:alias_source(source, name) -> true */
static int
engine_alias_source(lua_State *L)
{
        rt_engine *engine = check_engine(L)->engine;
        const char *source = luaL_checkstring(L, 2);
        const int r = rt_engine_alias_source(engine, source, luaL_checkstring(L, 3));

        if (r < 0)
                return push_failure(L, r, source, NULL);
        lua_pushboolean(L, 1);
        return 1;
}

/* engine:failed_reads() -> how often a function of add_source or add_fields threw when it was asked
 * for a field, and what the first one said */
static int
engine_failed_reads(lua_State *L)
{
        const lua_host *host = check_engine(L)->host;

        push_u64(L, host->failures);
        if (host->failures == 0)
                return 1;
        lua_pushstring(L, host->first);
        return 2;
}

/* engine:fields() -> array of {name, source, group, help, list} */
static int
engine_fields(lua_State *L)
{
        const rt_engine *engine = check_engine(L)->engine;
        rt_field_info field = RT_INIT(rt_field_info);

        lua_newtable(L);
        for (size_t i = 0; rt_engine_field(engine, i, &field) == RT_OK; i++) {
                lua_newtable(L);
                set_text(L, "name", field.name);
                set_text(L, "source", field.source);
                set_text(L, "group", field.group);
                set_text(L, "help", field.help);
                set_flag(L, "list", field.flags & RT_FIELD_LIST);
                lua_rawseti(L, -2, (int) i + 1);
        }
        return 1;
}

/* engine:sources() -> array of {name, plugin, version, readable} */
static int
engine_sources(lua_State *L)
{
        const rt_engine *engine = check_engine(L)->engine;
        rt_source_info info = RT_INIT(rt_source_info);

        lua_newtable(L);
        for (size_t i = 0; rt_engine_source(engine, i, &info) == RT_OK; i++) {
                lua_newtable(L);
                set_text(L, "name", info.name);
                set_text(L, "plugin", info.plugin);
                set_text(L, "version", info.version);
                set_flag(L, "readable", info.readable);
                lua_rawseti(L, -2, (int) i + 1);
        }
        return 1;
}

void
open_engine(lua_State *L)
{
        static const luaL_Reg methods[] = {
                { "add_fields", engine_add_fields },
                { "add_source", engine_add_source },
                { "alias_source", engine_alias_source },
                { "lists", engine_lists },
                { "close", engine_close },
                { "compile", engine_compile },
                { "failed_reads", engine_failed_reads },
                { "fields", engine_fields },
                { "load", engine_load },
                { "load_compiled", engine_load_compiled },
                { "load_compiled_path", engine_load_compiled_path },
                { "loader", engine_loader },
                { "pool", pool_new },
                { "sources", engine_sources },
                { "use", engine_use },
                { "use_list", engine_use_list },
                { "worker", worker_new },
                { NULL, NULL },
        };
        static const luaL_Reg meta[] = {
                { "__gc", engine_close },
                { "__close", engine_close },
                { NULL, NULL },
        };

        define_class(L, ENGINE_NAME, methods, meta);
}
