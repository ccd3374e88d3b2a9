/* SPDX-License-Identifier: Apache-2.0 */
/* values.c - alerts, diagnostics and failures as Lua values. */
#include "core.h"
#include <arpa/inet.h>
#include <stdio.h>

int
push_failure(lua_State *L, int status, const char *what, const rt_diags *diags)
{
        rt_diag first = RT_INIT(rt_diag);

        lua_pushnil(L);
        if (rt_diags_get(diags, 0, &first) == RT_OK)
                lua_pushfstring(L, "%s: %s", what, first.message);
        else
                lua_pushfstring(L, "%s: %s", what, rt_status_name(status));
        push_diags(L, diags);
        lua_pushstring(L, rt_status_name(status));
        return 4;
}

void
push_str(lua_State *L, rt_str s)
{
        lua_pushlstring(L, s.len ? s.ptr : "", s.len);
}

void
set_text(lua_State *L, const char *name, const char *value)
{
        if (!value)
                return;
        lua_pushstring(L, value);
        lua_setfield(L, -2, name);
}

void
set_number(lua_State *L, const char *name, uint64_t value)
{
        push_u64(L, value);
        lua_setfield(L, -2, name);
}

void
set_flag(lua_State *L, const char *name, bool value)
{
        lua_pushboolean(L, value);
        lua_setfield(L, -2, name);
}

/* Numbers that no integer of this Lua can hold become floats: rounded, but not negative. */
void
push_u64(lua_State *L, uint64_t value)
{
#if LUA_VERSION_NUM >= 503
        if (value <= INT64_MAX) {
                lua_pushinteger(L, (lua_Integer) value);
                return;
        }
#endif
        lua_pushnumber(L, (lua_Number) value);
}

static void
push_i64(lua_State *L, int64_t value)
{
#if LUA_VERSION_NUM >= 503
        lua_pushinteger(L, (lua_Integer) value);
#else
        lua_pushnumber(L, (lua_Number) value);
#endif
}

void
push_tags(lua_State *L, const char *const *tags)
{
        lua_newtable(L);
        for (int i = 0; tags && tags[i]; i++) {
                lua_pushstring(L, tags[i]);
                lua_rawseti(L, -2, i + 1);
        }
}

void
push_diags(lua_State *L, const rt_diags *diags)
{
        static const char *const severities[] = { "?", "error", "warning", "note" };
        rt_diag diag = RT_INIT(rt_diag);

        lua_newtable(L);
        for (size_t i = 0; diags && rt_diags_get(diags, i, &diag) == RT_OK; i++) {
                lua_newtable(L);
                set_text(L, "id", diag.id);
                set_text(L, "severity", severities[diag.severity <= RT_NOTE ? diag.severity : 0]);
                set_flag(L, "falco", diag.reference);
                set_text(L, "message", diag.message);
                set_text(L, "hint", diag.hint);
                set_text(L, "file", diag.file);
                set_text(L, "item", diag.item);
                set_text(L, "name", diag.name);
                set_number(L, "line", diag.line);
                set_number(L, "column", diag.column);
                set_number(L, "end_line", diag.end_line);
                set_number(L, "end_column", diag.end_column);
                lua_rawseti(L, -2, (int) i + 1);
        }
}

static void
push_address(lua_State *L, const rt_value *value)
{
        char text[INET6_ADDRSTRLEN] = "";

        inet_ntop((value->count & 0xff) == 4 ? AF_INET : AF_INET6, value->as.ip, text, sizeof text);
        if (value->kind == RT_KIND_IPNET)
                lua_pushfstring(L, "%s/%d", text, (int) (value->count >> 8));
        else
                lua_pushstring(L, text);
}

void
push_value(lua_State *L, const rt_value *value)
{
        luaL_checkstack(L, 4, "a value is nested too deeply");
        switch (value->kind) {
        case RT_KIND_NONE:
                lua_pushnil(L);
                break;
        case RT_KIND_BOOL:
                lua_pushboolean(L, value->as.u != 0);
                break;
        case RT_KIND_INT8:
        case RT_KIND_INT16:
        case RT_KIND_INT32:
        case RT_KIND_INT64:
                push_i64(L, value->as.i);
                break;
        case RT_KIND_DOUBLE:
                lua_pushnumber(L, value->as.d);
                break;
        case RT_KIND_STRING:
        case RT_KIND_PATH:
        case RT_KIND_RELPATH:
        case RT_KIND_BYTES:
                push_str(L, value->as.s);
                break;
        case RT_KIND_IPADDR:
        case RT_KIND_IPNET:
                push_address(L, value);
                break;
        case RT_KIND_LIST:
                lua_newtable(L);
                for (uint32_t i = 0; i < value->count; i++) {
                        push_value(L, &value->as.list[i]);
                        lua_rawseti(L, -2, (int) i + 1);
                }
                break;
        default:
                push_u64(L, value->as.u);
                break;
        }
}

static void
set_fields(lua_State *L, const rt_alert *alert)
{
        const char *name;
        rt_value value;

        lua_newtable(L);
        for (size_t i = 0; rt_alert_field(alert, i, &name, &value) == RT_OK; i++) {
                push_value(L, &value);
                lua_setfield(L, -2, name);
        }
        lua_setfield(L, -2, "fields");
}

void
push_alert(lua_State *L, const judge_box *box)
{
        const rt_alert *alert = box->alert;
        const char *rule = rt_alert_rule(alert);
        rt_str text;

        luaL_checkstack(L, 8 + LUA_MINSTACK, NULL);
        lua_newtable(L);
        set_text(L, "rule", rule);
        set_text(L, "source", rt_alert_source(alert));
        set_text(L, "priority", rt_priority_name(rt_alert_priority(alert)));
        set_text(L, "id", rt_alert_id(alert));
        set_number(L, "time_ns", rt_alert_time_ns(alert));
        set_number(L, "event_number", rt_alert_event_number(alert));
        push_tags(L, rt_alert_tags(alert));
        lua_setfield(L, -2, "tags");
        if ((box->render & RT_RENDER_TEXT) && rt_alert_text(alert, &text) == RT_OK) {
                push_str(L, text);
                lua_setfield(L, -2, "text");
        }
        if ((box->render & RT_RENDER_JSON) && rt_alert_json(alert, &text) == RT_OK) {
                push_str(L, text);
                lua_setfield(L, -2, "json");
        }
        if (box->render & RT_RENDER_FIELDS)
                set_fields(L, alert);
        if (box->explain && rt_worker_explain(box->worker, rule, &text) == RT_OK) {
                push_str(L, text);
                lua_setfield(L, -2, "explanation");
        }
}
