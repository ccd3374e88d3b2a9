/* SPDX-License-Identifier: Apache-2.0 */
/* rules.c - loading rules, and rulesets. */
#include "core.h"
#include <stdio.h>

static int
loading_gc(lua_State *L)
{
        loading *work = luaL_checkudata(L, 1, LOADER_NAME);

        work->loader = rt_loader_unref(work->loader);
        work->diags = rt_diags_unref(work->diags);
        work->host = host_unref(L, work->host);
        work->list = rt_list_unref(work->list);
        return 0;
}

loading *
loading_new(lua_State *L, int *ret_status)
{
        loading *work = lua_newuserdata(L, sizeof *work);

        *work = (loading){ NULL, NULL, NULL, NULL };
        luaL_getmetatable(L, LOADER_NAME);
        lua_setmetatable(L, -2);
        *ret_status = rt_diags_new(&work->diags);
        return work;
}

/* nil, all problems as text, diagnostics, "RT_ERULES" */
static int
push_rejected(lua_State *L, const loading *work, int status)
{
        rt_str text;

        if (status != RT_ERULES || rt_diags_print(work->diags, RT_DIAGS_TEXT, 0, &text) != RT_OK)
                return push_failure(L, status, "rules", work->diags);
        lua_pushnil(L);
        push_str(L, text);
        push_diags(L, work->diags);
        lua_pushstring(L, rt_status_name(status));
        return 4;
}

static ruleset_box *
ruleset_new(lua_State *L, lua_host *host)
{
        ruleset_box *box = lua_newuserdata(L, sizeof *box);

        *box = (ruleset_box){ NULL, host_ref(host) };
        luaL_getmetatable(L, RULESET_NAME);
        lua_setmetatable(L, -2);
        return box;
}

/* The ruleset on top, nil, warnings. */
static int
push_accepted(lua_State *L, const loading *work)
{
        lua_pushnil(L);
        push_diags(L, work->diags);
        return 3;
}

/* ---- options: min_priority, profile, portability, items_anywhere, select ---- */

static uint32_t
check_min_priority(lua_State *L, int options)
{
        const char *name = option_text(L, options, "min_priority");
        const int priority = name ? rt_priority_parse(name) : 0;

        if (priority < 0)
                luaL_error(L, "there is no priority '%s'", name);
        return name ? 1 + (uint32_t) priority : 0;
}

static loading *
start(lua_State *L, int options, int *ret_status)
{
        static const char *const names[] = {
                "min_priority", "profile", "portability", "items_anywhere", "select", NULL,
        };
        const engine_box *engine = check_engine(L);
        rt_loader_opts opts = RT_INIT(rt_loader_opts);
        loading *work;

        options_check(L, options, names);
        opts.min_priority = check_min_priority(L, options);
        if (lua_istable(L, options)) {
                lua_getfield(L, options, "portability");
                if (lua_isboolean(L, -1) && !lua_toboolean(L, -1))
                        opts.flags |= RT_LOADER_NO_PORTABILITY;
                lua_pop(L, 1);
                lua_getfield(L, options, "profile"); /* stays on the stack, borrowed */
                if (!lua_isnil(L, -1))
                        opts.profile.ptr = luaL_checklstring(L, -1, &opts.profile.len);
        }
        if (option_flag(L, options, "items_anywhere"))
                opts.flags |= RT_LOADER_ITEMS_ANYWHERE;
        work = loading_new(L, ret_status);
        if (*ret_status == RT_OK)
                *ret_status = rt_loader_new(engine->engine, &opts, &work->loader);
        work->host = host_ref(engine->host);
        return work;
}

/* One entry: {enable=bool, rule=|wildcard=|tag=|substring= pattern} */
static int
select_one(lua_State *L, const loading *work, int entry)
{
        static const char *const names[] = {
                "rule", "wildcard", "tag", "substring", "enable", NULL,
        };
        const bool enable = option_flag(L, entry, "enable");
        int n = 0;

        options_check(L, entry, names);
        for (uint32_t mode = RT_SELECT_EXACT; mode <= RT_SELECT_SUBSTRING; mode++) {
                const char *pattern = option_text(L, entry, names[mode]);

                if (pattern && n >= 0)
                        n = rt_loader_select(work->loader, enable, mode, pattern);
        }
        return n < 0 ? n : RT_OK;
}

static int
select_rules(lua_State *L, const loading *work, int options)
{
        int r = RT_OK;

        if (!lua_istable(L, options))
                return RT_OK;
        lua_getfield(L, options, "select");
        if (!lua_isnil(L, -1))
                luaL_checktype(L, -1, LUA_TTABLE);
        for (int i = 1; r == RT_OK && lua_istable(L, -1); i++) {
                lua_rawgeti(L, -1, i);
                if (lua_isnil(L, -1)) {
                        lua_pop(L, 1);
                        break;
                }
                r = select_one(L, work, lua_gettop(L));
                lua_pop(L, 1);
        }
        lua_pop(L, 1);
        return r;
}

static int
finish(lua_State *L, const loading *work, int options, int status)
{
        ruleset_box *box;

        status = status < 0 ? status : select_rules(L, work, options);
        if (status < 0)
                return push_rejected(L, work, status);
        box = ruleset_new(L, work->host);
        status = rt_loader_compile(work->loader, work->diags, &box->rules);
        return status < 0 ? push_rejected(L, work, status) : push_accepted(L, work);
}

/* engine:compile(text [, name [, options]]) -> ruleset, nil, warnings */
int
engine_compile(lua_State *L)
{
        const char *name = luaL_optstring(L, 3, "rules.yaml");
        rt_str text;
        loading *work;
        int r;

        text.ptr = luaL_checklstring(L, 2, &text.len);
        lua_settop(L, 4);
        work = start(L, 4, &r);
        if (r == RT_OK)
                r = rt_loader_add(work->loader, name, text, work->diags);
        return finish(L, work, 4, r);
}

/* engine:load(path, ... [, options]) -> as engine:compile */
int
engine_load(lua_State *L)
{
        const int top = lua_gettop(L);
        const int n = lua_istable(L, top) ? top - 1 : top;
        const int options = n + 1; /* nothing is there, or the table */
        loading *work;
        int r;

        luaL_checkstring(L, 2);
        for (int i = 2; i <= n; i++)
                luaL_checkstring(L, i);
        lua_settop(L, options);
        work = start(L, options, &r);
        for (int i = 2; r == RT_OK && i <= n; i++)
                r = rt_loader_add_path(work->loader, lua_tostring(L, i), work->diags);
        return finish(L, work, options, r);
}

static int
load_compiled(lua_State *L, bool path)
{
        const engine_box *engine = check_engine(L);
        const char *name = path ? luaL_checkstring(L, 2) : luaL_optstring(L, 3, "rules");
        rt_str bytes;
        loading *work;
        ruleset_box *box;
        int r;

        bytes.ptr = luaL_checklstring(L, 2, &bytes.len);
        work = loading_new(L, &r);
        box = ruleset_new(L, engine->host);
        if (r == RT_OK && path)
                r = rt_ruleset_load_path(engine->engine, name, work->diags, &box->rules);
        else if (r == RT_OK)
                r = rt_ruleset_load(engine->engine, name, bytes, 0, work->diags, &box->rules);
        return r < 0 ? push_rejected(L, work, r) : push_accepted(L, work);
}

/* engine:load_compiled(bytes [, name]) -> ruleset, nil, warnings */
int
engine_load_compiled(lua_State *L)
{
        return load_compiled(L, /* path= */ false);
}

/* engine:load_compiled_path(path) -> ruleset, nil, warnings */
int
engine_load_compiled_path(lua_State *L)
{
        return load_compiled(L, /* path= */ true);
}

/* ---- loaders ---- */

/* engine:loader([options]) -> loader */
int
engine_loader(lua_State *L)
{
        int r;

        lua_settop(L, 2);
        if (lua_istable(L, 2)) {
                lua_getfield(L, 2, "select");
                luaL_argcheck(L, lua_isnil(L, -1), 2, "a loader has a method `select`");
                lua_settop(L, 2);
        }
        start(L, 2, &r);
        return r < 0 ? push_failure(L, r, "loader", NULL) : 1;
}

static loading *
check_loader(lua_State *L)
{
        loading *work = luaL_checkudata(L, 1, LOADER_NAME);

        luaL_argcheck(L, work->loader, 1, "the loader is closed");
        return work;
}

static int
added(lua_State *L, const loading *work, int status)
{
        if (status < 0)
                return push_rejected(L, work, status);
        lua_pushboolean(L, 1);
        return 1;
}

/* loader:add(text [, name]) -> true */
static int
loader_add(lua_State *L)
{
        const loading *work = check_loader(L);
        const char *name = luaL_optstring(L, 3, "rules.yaml");
        rt_str text;

        text.ptr = luaL_checklstring(L, 2, &text.len);
        return added(L, work, rt_loader_add(work->loader, name, text, work->diags));
}

/* loader:add_path(path) -> true */
static int
loader_add_path(lua_State *L)
{
        const loading *work = check_loader(L);
        const char *path = luaL_checkstring(L, 2);

        return added(L, work, rt_loader_add_path(work->loader, path, work->diags));
}

/* loader:select(pattern, enable [, by]) -> how many rules it meets */
static int
loader_select(lua_State *L)
{
        static const char *const ways[] = { "rule", "wildcard", "tag", "substring", NULL };
        const loading *work = check_loader(L);
        const char *pattern = luaL_checkstring(L, 2);
        const uint32_t mode = (uint32_t) luaL_checkoption(L, 4, "rule", ways);
        int r;

        luaL_checktype(L, 3, LUA_TBOOLEAN);
        r = rt_loader_select(work->loader, (uint32_t) lua_toboolean(L, 3), mode, pattern);
        if (r < 0)
                return push_failure(L, r, pattern, NULL);
        lua_pushinteger(L, r);
        return 1;
}

/* loader:compile() -> ruleset, nil, warnings */
static int
loader_compile(lua_State *L)
{
        const loading *work = check_loader(L);
        ruleset_box *box = ruleset_new(L, work->host);
        const int r = rt_loader_compile(work->loader, work->diags, &box->rules);

        return r < 0 ? push_rejected(L, work, r) : push_accepted(L, work);
}

static int
give_text(lua_State *L, int status, const char *what, rt_str text)
{
        if (status < 0)
                return push_failure(L, status, what, NULL);
        push_str(L, text);
        return 1;
}

/* loader:describe([rule]) -> Falco's describe document, JSON; behind compile */
static int
loader_describe(lua_State *L)
{
        const loading *work = check_loader(L);
        const char *rule = luaL_optstring(L, 2, NULL);
        rt_str text = { NULL, 0 };
        const int r = rt_loader_describe(work->loader, rule, &text);

        return give_text(L, r, rule ? rule : "describe", text);
}

/* loader:dump(stage) -> text */
static int
loader_dump(lua_State *L)
{
        const loading *work = check_loader(L);
        const char *stage = luaL_checkstring(L, 2);
        rt_str text = { NULL, 0 };
        const int r = rt_loader_dump(work->loader, stage, &text);

        return give_text(L, r, stage, text);
}

/* ---- rulesets ---- */

static rt_ruleset *
check_ruleset(lua_State *L)
{
        const ruleset_box *box = luaL_checkudata(L, 1, RULESET_NAME);

        luaL_argcheck(L, box->rules, 1, "the ruleset is closed");
        return box->rules;
}

static int
ruleset_close(lua_State *L)
{
        ruleset_box *box = luaL_checkudata(L, 1, RULESET_NAME);

        box->rules = rt_ruleset_unref(box->rules);
        box->host = host_unref(L, box->host);
        return 0;
}

static int
ruleset_count(lua_State *L)
{
        push_u64(L, rt_ruleset_count(check_ruleset(L)));
        return 1;
}

/* ruleset:rules() -> array of {name, desc, source, priority, tags} */
static int
ruleset_rules(lua_State *L)
{
        const rt_ruleset *rules = check_ruleset(L);
        rt_rule_info info = RT_INIT(rt_rule_info);

        lua_newtable(L);
        for (size_t i = 0; rt_ruleset_rule(rules, i, &info) == RT_OK; i++) {
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

/* ruleset:bytes() -> the compiled form */
static int
ruleset_bytes(lua_State *L)
{
        rt_str bytes;
        const int r = rt_ruleset_bytes(check_ruleset(L), &bytes);

        if (r < 0)
                return push_failure(L, r, "bytes", NULL);
        push_str(L, bytes);
        return 1;
}

/* ruleset:save(path) -> true */
static int
ruleset_save(lua_State *L)
{
        const rt_ruleset *rules = check_ruleset(L);
        const char *path = luaL_checkstring(L, 2);
        rt_str bytes;
        int r = rt_ruleset_bytes(rules, &bytes);
        FILE *file;
        bool written;

        if (r < 0)
                return push_failure(L, r, path, NULL);
        file = fopen(path, "wbe");
        if (!file)
                return push_failure(L, RT_EIO, path, NULL);
        written = fwrite(bytes.ptr, 1, bytes.len, file) == bytes.len;
        if (fclose(file) != 0 || !written) {
                remove(path);
                return push_failure(L, RT_EIO, path, NULL);
        }
        lua_pushboolean(L, 1);
        return 1;
}

static int
push_owned_text(lua_State *L)
{
        lua_pushstring(L, *(char **) lua_touserdata(L, 1));
        return 1;
}

/* ruleset:disassembly() -> text */
static int
ruleset_disassembly(lua_State *L)
{
        const rt_ruleset *rules = check_ruleset(L);
        char **text;
        int r;

        lua_pushcfunction(L, push_owned_text);
        text = lua_newuserdata(L, sizeof *text);
        *text = NULL;
        r = rt_ruleset_disasm(rules, text);
        if (r < 0)
                return push_failure(L, r, "disassembly", NULL);
        r = lua_pcall(L, 1, 1, 0); /* or an error would leak the text */
        rt_text_free(*text);
        return r == 0 ? 1 : lua_error(L);
}

/* ruleset:sees(rule number, source, event type) -> boolean */
static int
ruleset_sees(lua_State *L)
{
        const rt_ruleset *rules = check_ruleset(L);
        const lua_Integer rule = luaL_checkinteger(L, 2);
        const char *source = luaL_checkstring(L, 3);
        const lua_Integer type = luaL_checkinteger(L, 4);
        int r = RT_ENOENT;

        luaL_argcheck(L, type >= 0 && (uint64_t) type <= UINT32_MAX, 4, "not an event's number");
        if (rule >= 1)
                r = rt_ruleset_sees(rules, (size_t) rule - 1, source, (uint32_t) type);
        if (r < 0)
                return push_failure(L, r, "rule", NULL);
        lua_pushboolean(L, r);
        return 1;
}

void
open_rules(lua_State *L)
{
        static const luaL_Reg methods[] = {
                { "bytes", ruleset_bytes }, { "close", ruleset_close },
                { "count", ruleset_count }, { "disassembly", ruleset_disassembly },
                { "rules", ruleset_rules }, { "save", ruleset_save },
                { "sees", ruleset_sees },   { NULL, NULL },
        };
        static const luaL_Reg meta[] = {
                { "__gc", ruleset_close },
                { "__close", ruleset_close },
                { "__len", ruleset_count },
                { NULL, NULL },
        };
        static const luaL_Reg loader_methods[] = {
                { "add", loader_add },           { "add_path", loader_add_path },
                { "close", loading_gc },         { "compile", loader_compile },
                { "describe", loader_describe }, { "dump", loader_dump },
                { "select", loader_select },     { NULL, NULL },
        };
        static const luaL_Reg loader_meta[] = {
                { "__gc", loading_gc },
                { "__close", loading_gc },
                { NULL, NULL },
        };

        define_class(L, RULESET_NAME, methods, meta);
        define_class(L, LOADER_NAME, loader_methods, loader_meta);
}
