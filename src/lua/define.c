/* SPDX-License-Identifier: Apache-2.0 */
/*
 * define.c - what a script defines: runtime.field{...}, runtime.sources{...}.
 *
 * The first state of a script makes the definitions, whose texts live in its registry; in all
 * others the same calls find what was defined, and leave their functions in their own registry.
 */
#include "script.h"
#include <string.h>

/* The text on top, kept for as long as the state is there; popped. */
static const char *
keep(lua_State *L)
{
        const char *text = lua_tostring(L, -1);

        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, text);
        lua_pop(L, 1);
        return text;
}

static const char *
check_text(lua_State *L, const char *member)
{
        if (lua_getfield(L, 1, member) != LUA_TSTRING)
                luaL_error(L, "runtime.field: '%s' must be a text", member);
        if (strlen(lua_tostring(L, -1)) != lua_rawlen(L, -1))
                luaL_error(L, "runtime.field: '%s' has a NUL in it", member);
        return keep(L);
}

static uint32_t
check_kind(lua_State *L)
{
        static const struct {
                const char *name;
                uint32_t kind;
        } kinds[] = {
                { "string", RT_KIND_STRING }, { "bool", RT_KIND_BOOL },
                { "int", RT_KIND_INT64 },     { "uint", RT_KIND_UINT64 },
                { "double", RT_KIND_DOUBLE }, { "ip", RT_KIND_IPADDR },
        };
        const char *name = check_text(L, "type");

        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
                if (strcmp(kinds[i].name, name) == 0)
                        return kinds[i].kind;
        luaL_error(L, "runtime.field: there is no type '%s'", name);
        return 0;
}

static uint32_t
check_flags(lua_State *L)
{
        uint32_t flags = 0;

        lua_getfield(L, 1, "pure");
        flags |= lua_toboolean(L, -1) ? RT_FIELD_PURE : 0;
        lua_pop(L, 1);
        if (lua_getfield(L, 1, "arg") != LUA_TNIL) {
                const char *arg = lua_tostring(L, -1);

                flags |= RT_FIELD_ARG_KEY | RT_FIELD_ARG_REQUIRED;
                if (arg && strcmp(arg, "fields") == 0)
                        flags |= RT_FIELD_ARG_FIELDS;
                else if (!arg || strcmp(arg, "key") != 0)
                        luaL_error(L, "runtime.field: 'arg' is \"fields\" or \"key\"");
        }
        lua_pop(L, 1);
        return flags;
}

/* The texts of the array on top, which is popped. */
static size_t
take_texts(lua_State *L, const char *what, const char **texts, size_t room)
{
        const size_t n = lua_rawlen(L, -1);

        if (n > room)
                luaL_error(L, "%s: more than %d", what, (int) room);
        for (size_t i = 0; i < n; i++) {
                if (lua_rawgeti(L, -1, (lua_Integer) i + 1) != LUA_TSTRING)
                        luaL_error(L, "%s: an array of texts", what);
                texts[i] = keep(L);
        }
        lua_pop(L, 1);
        return n;
}

static const char *
check_reads(lua_State *L)
{
        const char *texts[16];
        luaL_Buffer all;
        size_t n;

        if (lua_getfield(L, 1, "reads") == LUA_TNIL) {
                lua_pop(L, 1);
                return NULL;
        }
        luaL_checktype(L, -1, LUA_TTABLE);
        n = take_texts(L, "runtime.field: reads", texts, sizeof texts / sizeof *texts);
        luaL_buffinit(L, &all);
        for (size_t i = 0; i < n; i++) {
                if (i)
                        luaL_addstring(&all, ", ");
                luaL_addstring(&all, texts[i]);
        }
        luaL_pushresult(&all);
        return keep(L);
}

static void
check_members(lua_State *L)
{
        static const char *const names[] = { "name", "type", "reads",  "pure",
                                             "arg",  "help", "extract" };

        for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
                const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
                size_t i = 0;

                while (i < sizeof names / sizeof *names && strcmp(names[i], key) != 0)
                        i++;
                if (i == sizeof names / sizeof *names)
                        luaL_error(L, "runtime.field: there is no member '%s'", key);
        }
}

static size_t
find(const rt_lua *script, const char *name)
{
        size_t i = 0;

        while (i < script->ops.n_fields && strcmp(script->descs[i].name, name) != 0)
                i++;
        return i;
}

/* The definition number @a i, by the first state. */
static void
add(lua_State *L, rt_lua *script, size_t i, const char *name)
{
        rt_field_desc desc = { .name = name, .group = "lua", .help = "of a script" };
        lua_Debug where;

        if (i == MAX_FIELDS)
                luaL_error(L, "runtime.field: more than %d fields", MAX_FIELDS);
        desc.kind = check_kind(L);
        desc.flags = check_flags(L);
        script->reads[i] = check_reads(L);
        if (lua_getfield(L, 1, "help") == LUA_TSTRING)
                desc.help = keep(L);
        else
                lua_pop(L, 1);
        lua_getfield(L, 1, "extract");
        lua_getinfo(L, ">S", &where);
        script->defs[i].line = where.linedefined;
        script->descs[i] = desc;
        script->ops.n_fields = i + 1;
}

/* runtime.field{name=, type=, reads=, pure=, arg=, help=, extract=} */
static int
field(lua_State *L)
{
        machine *m = machine_of(L);
        const char *name;
        size_t i;

        luaL_checktype(L, 1, LUA_TTABLE);
        check_members(L);
        name = check_text(L, "name");
        i = find(m->script, name);
        if (lua_getfield(L, 1, "extract") != LUA_TFUNCTION)
                luaL_error(L, "runtime.field: 'extract' must be a function");
        lua_pop(L, 1);
        if (m->defines && i < m->script->ops.n_fields)
                luaL_error(L, "runtime.field: %s is there already", name);
        if (m->defines)
                add(L, m->script, i, name);
        else if (i == m->script->ops.n_fields)
                luaL_error(L, "runtime.field: %s was not there before", name);
        lua_getfield(L, 1, "extract");
        lua_rawsetp(L, LUA_REGISTRYINDEX, &m->script->defs[i]);
        return 0;
}

/* runtime.sources{"aws_cloudtrail"}: whose events have the fields; all sources' without it */
static int
sources(lua_State *L)
{
        machine *m = machine_of(L);

        luaL_checktype(L, 1, LUA_TTABLE);
        lua_settop(L, 1);
        if (!m->defines)
                return 0;
        if (m->script->ops.sources)
                luaL_error(L, "runtime.sources: said twice");
        take_texts(L, "runtime.sources", m->script->sources, MAX_SOURCES);
        m->script->ops.sources = m->script->sources;
        return 0;
}

void
define_open(lua_State *L)
{
        static const luaL_Reg functions[] = {
                { "field", field },
                { "sources", sources },
                { NULL, NULL },
        };

        luaL_newlib(L, functions);
        natives_open(L);
        lua_setglobal(L, "runtime");
}
