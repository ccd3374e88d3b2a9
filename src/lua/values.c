/* SPDX-License-Identifier: Apache-2.0 */
/* values.c - values of fields as Lua's, and back. What is not of the promised type throws. */
#include "script.h"
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

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
        luaL_checkstack(L, 4, NULL);
        switch (value ? value->kind : RT_KIND_NONE) {
        case RT_KIND_NONE:
                lua_pushnil(L);
                break;
        case RT_KIND_BOOL:
                lua_pushboolean(L, value->as.u != 0);
                break;
        case RT_KIND_DOUBLE:
                lua_pushnumber(L, value->as.d);
                break;
        case RT_KIND_STRING:
        case RT_KIND_PATH:
        case RT_KIND_RELPATH:
        case RT_KIND_BYTES:
                lua_pushlstring(L, value->as.s.len ? value->as.s.ptr : "", value->as.s.len);
                break;
        case RT_KIND_IPADDR:
        case RT_KIND_IPNET:
                push_address(L, value);
                break;
        case RT_KIND_LIST:
                lua_createtable(L, value->count < 1 << 16 ? (int) value->count : 0, 0);
                for (uint32_t i = 0; i < value->count; i++) {
                        push_value(L, &value->as.list[i]);
                        lua_rawseti(L, -2, (lua_Integer) i + 1);
                }
                break;
        default: /* integers; unsigned ones above 2^63 wrap, as Lua's own do */
                lua_pushinteger(L, value->as.i);
                break;
        }
}

static void
take_address(lua_State *L, rt_value *value)
{
        const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";

        value->count = 4;
        if (inet_pton(AF_INET, text, value->as.ip) == 1)
                return;
        value->count = 16;
        if (inet_pton(AF_INET6, text, value->as.ip) != 1)
                luaL_error(L, "what it returned is no IP address");
}

rt_str
take_text(lua_State *L, int index, const rt_event *event)
{
        size_t len;
        const char *text = lua_tolstring(L, index, &len);
        char *copy = rt_event_alloc(event, len + 1);

        if (!copy)
                luaL_error(L, "there is no room for what it returned, %d bytes", (int) len);
        memcpy(copy, text, len + 1);
        return (rt_str){ copy, len };
}

int
take_value(lua_State *L, uint32_t kind, const rt_event *event, rt_value *ret_value)
{
        static const int types[] = {
                [RT_KIND_BOOL] = LUA_TBOOLEAN,  [RT_KIND_INT64] = LUA_TNUMBER,
                [RT_KIND_UINT64] = LUA_TNUMBER, [RT_KIND_DOUBLE] = LUA_TNUMBER,
                [RT_KIND_STRING] = LUA_TSTRING, [RT_KIND_IPADDR] = LUA_TSTRING,
        };
        rt_value value = { .kind = kind };
        int exact = 1;

        if (lua_isnil(L, -1))
                return 0;
        if (lua_type(L, -1) != types[kind])
                luaL_error(L, "it returned a %s, not a %s", luaL_typename(L, -1),
                           lua_typename(L, types[kind]));
        if (kind == RT_KIND_BOOL)
                value.as.u = (uint64_t) lua_toboolean(L, -1);
        else if (kind == RT_KIND_DOUBLE)
                value.as.d = lua_tonumber(L, -1);
        else if (kind == RT_KIND_STRING)
                value.as.s = take_text(L, -1, event);
        else if (kind == RT_KIND_IPADDR)
                take_address(L, &value);
        else
                value.as.i = lua_tointegerx(L, -1, &exact);
        if (!exact || (kind == RT_KIND_UINT64 && value.as.i < 0))
                luaL_error(L, "what it returned is no %s", exact ? "number from 0 on" : "integer");
        *ret_value = value;
        return 1;
}
