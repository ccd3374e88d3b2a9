/* SPDX-License-Identifier: Apache-2.0 */
/*
 * match.c - functions on matches: runtime.match, and what a detection says of its alert.
 *
 *   in   a rule that matched, and what the function returned: nil, a boolean, or a table of changes
 *   out  an rt_match in the event's memory, or an error: then nothing is changed
 */
#include "script.h"
#include <libruntime/runtime.h>
#include <stdlib.h>
#include <string.h>

static void
set_text(lua_State *L, const char *key, const char *text)
{
        lua_pushstring(L, text ? text : "");
        lua_setfield(L, -2, key);
}

bool
match_push_rule(lua_State *L, const rt_event *event)
{
        rt_rule_info rule = RT_INIT(rt_rule_info);

        if (rt_event_rule(event, &rule) < 0)
                return false;
        lua_createtable(L, 0, 5);
        set_text(L, "rule", rule.name);
        set_text(L, "source", rule.source);
        set_text(L, "priority", rt_priority_name(rule.priority));
        lua_pushnumber(L, (lua_Number) event->time_ns / 1e9);
        lua_setfield(L, -2, "time");
        lua_newtable(L);
        for (lua_Integer i = 0; rule.tags && rule.tags[i]; i++) {
                lua_pushstring(L, rule.tags[i]);
                lua_rawseti(L, -2, i + 1);
        }
        lua_setfield(L, -2, "tags");
        return true;
}

/* ---- what it returned ---- */

static void *
get(lua_State *L, const rt_event *event, size_t size)
{
        void *memory = rt_event_alloc(event, size);

        if (!memory)
                luaL_error(L, "there is no room for what it returned");
        return memory;
}

static void
take_priority(lua_State *L, rt_match *match)
{
        const int r = lua_type(L, -1) == LUA_TSTRING ? rt_priority_parse(lua_tostring(L, -1)) : -1;

        if (r < 0)
                luaL_error(L, "'priority' is none that there is");
        match->priority = (uint32_t) r;
        match->flags |= RT_ON_MATCH_PRIORITY;
}

/* A text without a NUL, which is a name. */
static const char *
take_name(lua_State *L, int index, const rt_event *event, const char *what)
{
        size_t len = 0;
        const char *text = lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &len) : NULL;

        if (!len || strlen(text) != len)
                luaL_error(L, "'%s' has what is no name", what);
        return take_text(L, index, event).ptr;
}

static void
take_tags(lua_State *L, const rt_event *event, rt_match *match)
{
        const size_t n = lua_istable(L, -1) ? lua_rawlen(L, -1) : MAX_CHANGES + 1;
        const char **tags;

        if (n > MAX_CHANGES)
                luaL_error(L, "'tags' is an array of up to %d texts", MAX_CHANGES);
        tags = get(L, event, (n + 1) * sizeof *tags);
        for (size_t i = 0; i < n; i++) {
                lua_rawgeti(L, -1, (lua_Integer) i + 1);
                tags[i] = take_name(L, -1, event, "tags");
                lua_pop(L, 1);
        }
        tags[n] = NULL;
        match->tags = tags;
}

static rt_value
take_any(lua_State *L, const rt_event *event)
{
        rt_value value = { .kind = RT_KIND_STRING };

        if (lua_isinteger(L, -1)) {
                value.kind = RT_KIND_INT64;
                value.as.i = lua_tointeger(L, -1);
        } else if (lua_type(L, -1) == LUA_TNUMBER) {
                value.kind = RT_KIND_DOUBLE;
                value.as.d = lua_tonumber(L, -1);
        } else if (lua_isboolean(L, -1)) {
                value.kind = RT_KIND_BOOL;
                value.as.u = (uint64_t) lua_toboolean(L, -1);
        } else if (lua_type(L, -1) == LUA_TSTRING) {
                value.as.s = take_text(L, -1, event);
        } else {
                luaL_error(L, "'fields' has a %s", luaL_typename(L, -1));
        }
        return value;
}

static int
by_name(const void *a, const void *b)
{
        return strcmp(((const rt_match_field *) a)->name, ((const rt_match_field *) b)->name);
}

/* Sorted: a table has no order that is the same in every state. */
static void
take_fields(lua_State *L, const rt_event *event, rt_match *match)
{
        rt_match_field *fields;

        if (!lua_istable(L, -1))
                luaL_error(L, "'fields' is a table of names and values");
        fields = get(L, event, MAX_CHANGES * sizeof *fields);
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
                if (match->n_fields == MAX_CHANGES)
                        luaL_error(L, "'fields' has more than %d", MAX_CHANGES);
                fields[match->n_fields].name = take_name(L, -2, event, "fields");
                fields[match->n_fields++].value = take_any(L, event);
        }
        if (match->n_fields)
                qsort(fields, match->n_fields, sizeof *fields, by_name);
        match->fields = fields;
        match->field_stride = sizeof *fields;
}

static void
take_changes(lua_State *L, const rt_event *event, rt_match *match)
{
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
                const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";

                if (strcmp(key, "priority") == 0)
                        take_priority(L, match);
                else if (strcmp(key, "tags") == 0)
                        take_tags(L, event, match);
                else if (strcmp(key, "fields") == 0)
                        take_fields(L, event, match);
                else
                        luaL_error(L, "what it returned has '%s'", key);
        }
}

void
match_take(lua_State *L, call *c)
{
        rt_match *match;

        if (lua_isnil(L, -1))
                return;
        if (!lua_isboolean(L, -1) && !lua_istable(L, -1))
                luaL_error(L, "it returned a %s, not a table, a boolean or nil",
                           luaL_typename(L, -1));
        match = get(L, c->event, sizeof *match);
        *match = (rt_match){ .size = sizeof *match };
        if (lua_istable(L, -1))
                take_changes(L, c->event, match);
        else if (!lua_toboolean(L, -1))
                match->flags = RT_ON_MATCH_DROP;
        *c->ret_value =
                (rt_value){ .kind = RT_KIND_BYTES, .as.s = { (char *) match, sizeof *match } };
        c->found = 1;
}

int
match_call(lua_State *L)
{
        call *c = lua_touserdata(L, 1);
        const machine *m = machine_of(L);

        luaL_checkstack(L, (int) c->n_reads + 8, NULL);
        lua_rawgetp(L, LUA_REGISTRYINDEX, &m->script->defs[c->number]);
        /* A rule that prints the field is no match. */
        if (!match_push_rule(L, c->event))
                return 0;
        for (size_t i = 0; i < c->n_reads; i++)
                push_value(L, c->reads[i]);
        lua_call(L, (int) c->n_reads + 1, 1);
        match_take(L, c);
        return 0;
}
