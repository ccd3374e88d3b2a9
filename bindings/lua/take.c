/* SPDX-License-Identifier: Apache-2.0 */
/* take.c - fields and their values as Lua describes them. What is not as promised throws. */
#include "core.h"
#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct kind_row {
        const char *name;
        uint32_t kind;
        int type; /* LUA_T* */
        int64_t least;
        uint64_t most;
} kind_row;

static const kind_row kinds[] = {
        { "bool", RT_KIND_BOOL, LUA_TBOOLEAN, 0, 1 },
        { "int8", RT_KIND_INT8, LUA_TNUMBER, INT8_MIN, INT8_MAX },
        { "int16", RT_KIND_INT16, LUA_TNUMBER, INT16_MIN, INT16_MAX },
        { "int32", RT_KIND_INT32, LUA_TNUMBER, INT32_MIN, INT32_MAX },
        { "int64", RT_KIND_INT64, LUA_TNUMBER, INT64_MIN, INT64_MAX },
        { "uint8", RT_KIND_UINT8, LUA_TNUMBER, 0, UINT8_MAX },
        { "uint16", RT_KIND_UINT16, LUA_TNUMBER, 0, UINT16_MAX },
        { "uint32", RT_KIND_UINT32, LUA_TNUMBER, 0, UINT32_MAX },
        { "uint64", RT_KIND_UINT64, LUA_TNUMBER, 0, UINT64_MAX },
        { "port", RT_KIND_PORT, LUA_TNUMBER, 0, UINT16_MAX },
        { "reltime", RT_KIND_RELTIME, LUA_TNUMBER, 0, UINT64_MAX },
        { "abstime", RT_KIND_ABSTIME, LUA_TNUMBER, 0, UINT64_MAX },
        { "double", RT_KIND_DOUBLE, LUA_TNUMBER, 0, 0 },
        { "string", RT_KIND_STRING, LUA_TSTRING, 0, 0 },
        { "path", RT_KIND_PATH, LUA_TSTRING, 0, 0 },
        { "relpath", RT_KIND_RELPATH, LUA_TSTRING, 0, 0 },
        { "bytes", RT_KIND_BYTES, LUA_TSTRING, 0, 0 },
        { "ipaddr", RT_KIND_IPADDR, LUA_TSTRING, 0, 0 },
        { "ipnet", RT_KIND_IPNET, LUA_TSTRING, 0, 0 },
};

enum { N_KINDS = sizeof kinds / sizeof *kinds };

/* ---- fields ---- */

static uint32_t
check_kind(lua_State *L, int index)
{
        const char *name = option_text(L, index, "kind");

        if (!name)
                return RT_KIND_STRING;
        for (size_t i = 0; i < N_KINDS; i++)
                if (strcmp(kinds[i].name, name) == 0)
                        return kinds[i].kind;
        return (uint32_t) luaL_error(L, "there is no kind '%s'", name);
}

static uint32_t
check_argument(lua_State *L, int index)
{
        static const struct {
                const char *name;
                uint32_t flags;
        } rows[] = {
                { "key", RT_FIELD_ARG_KEY },
                { "index", RT_FIELD_ARG_INDEX },
                { "fields", RT_FIELD_ARG_KEY | RT_FIELD_ARG_FIELDS },
        };
        const char *name = option_text(L, index, "arg");
        const bool required = option_flag(L, index, "arg_required");

        if (!name)
                return 0;
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
                if (strcmp(rows[i].name, name) == 0)
                        return rows[i].flags
                               | (required ? RT_FIELD_ARG_REQUIRED : RT_FIELD_ARG_OPTIONAL);
        return (uint32_t) luaL_error(L, "arg is key, index or fields, not '%s'", name);
}

void
take_field(lua_State *L, int index, int keep, const char *group, rt_field_desc *desc)
{
        const char *name = option_text(L, index, "name");
        const char *help = option_text(L, index, "help");
        const char *heading = option_text(L, index, "group");

        if (!name)
                luaL_error(L, "a field needs a name");
        desc->name = keep_text(L, keep, name);
        desc->help = keep_text(L, keep, help ? help : "");
        desc->group = keep_text(L, keep, heading ? heading : group);
        desc->kind = check_kind(L, index);
        desc->flags = check_argument(L, index);
        if (option_flag(L, index, "list"))
                desc->flags |= RT_FIELD_LIST;
        if (option_flag(L, index, "pure"))
                desc->flags |= RT_FIELD_PURE;
}

const rt_slot_desc *
slot_at(const rt_slot_desc *first, size_t stride, size_t i)
{
        return (const rt_slot_desc *) (const void *) ((const char *) first + i * stride);
}

void
push_slot(lua_State *L, const rt_slot_desc *slot)
{
        lua_newtable(L);
        push_str(L, slot->field);
        lua_setfield(L, -2, "field");
        if (slot->arg == RT_ARG_INDEX) {
                set_number(L, "index", slot->index);
        } else if (slot->arg == RT_ARG_KEY) {
                push_str(L, slot->key);
                lua_setfield(L, -2, "key");
        }
        set_flag(L, "every", slot->arg == RT_ARG_ANY);
        set_flag(L, "output", slot->output);
}

/* ---- values ---- */

static const kind_row *
row_of(uint32_t kind)
{
        size_t i = 0;

        while (i < N_KINDS - 1 && kinds[i].kind != kind)
                i++;
        return &kinds[i];
}

/* The number on top, as an integer from row->least to row->most. */
static uint64_t
take_integer(lua_State *L, const kind_row *row)
{
        const lua_Number number = lua_tonumber(L, -1);
        bool fits = number == floor(number);
        uint64_t value = 0;

#if LUA_VERSION_NUM >= 503
        if (lua_isinteger(L, -1)) {
                const int64_t integer = lua_tointeger(L, -1);

                value = (uint64_t) integer;
                fits = integer < 0 ? integer >= row->least : value <= row->most;
        } else
#endif
                if (number < 0) {
                fits = fits && number >= -0x1p63 && (int64_t) number >= row->least;
                value = fits ? (uint64_t) (int64_t) number : 0;
        } else {
                fits = fits && number < 0x1p64 && (uint64_t) number <= row->most;
                value = fits ? (uint64_t) number : 0;
        }
        if (!fits)
                luaL_error(L, "%f is no %s", number, row->name);
        return value;
}

rt_str
take_text(lua_State *L, const rt_event *event)
{
        size_t len;
        const char *text;
        char *copy;

        if (lua_type(L, -1) != LUA_TSTRING)
                luaL_error(L, "a text is wanted, not a %s", luaL_typename(L, -1));
        text = lua_tolstring(L, -1, &len);
        if (!event)
                return (rt_str){ text, len };
        copy = rt_event_alloc(event, len + 1);
        if (!copy)
                luaL_error(L, "there is no room for a text of %d bytes", (int) len);
        memcpy(copy, text, len);
        return (rt_str){ copy, len };
}

/* "192.0.2.7", "2001:db8::1"; with a prefix for networks: "192.0.2.0/24". */
static void
take_address(lua_State *L, const kind_row *row, rt_value *value)
{
        const char *text = lua_tostring(L, -1);
        const char *slash = strchr(text, '/');
        const size_t len = slash ? (size_t) (slash - text) : strlen(text);
        char address[INET6_ADDRSTRLEN + 1], *end = NULL;
        unsigned long prefix = 0;
        bool fits = len < sizeof address && (slash != NULL) == (row->kind == RT_KIND_IPNET);

        if (fits) {
                memcpy(address, text, len);
                address[len] = '\0';
                value->count = strchr(address, ':') ? 16 : 4;
                fits = inet_pton(value->count == 4 ? AF_INET : AF_INET6, address, value->as.ip)
                       == 1;
        }
        if (fits && slash) {
                prefix = strtoul(slash + 1, &end, 10);
                fits = slash[1] >= '0' && slash[1] <= '9' && !*end && prefix <= value->count * 8UL;
                value->count |= (uint32_t) prefix << 8;
        }
        if (!fits)
                luaL_error(L, "'%s' is no %s", text, row->name);
}

static void
take_one(lua_State *L, const kind_row *row, const rt_event *event, rt_value *value)
{
        *value = (rt_value){ .kind = row->kind };
        if (lua_type(L, -1) != row->type)
                luaL_error(L, "a %s is wanted for %s, not a %s", lua_typename(L, row->type),
                           row->name, luaL_typename(L, -1));
        if (row->kind == RT_KIND_BOOL)
                value->as.u = (uint64_t) lua_toboolean(L, -1);
        else if (row->kind == RT_KIND_DOUBLE)
                value->as.d = lua_tonumber(L, -1);
        else if (row->kind == RT_KIND_IPADDR || row->kind == RT_KIND_IPNET)
                take_address(L, row, value);
        else if (row->type == LUA_TSTRING)
                value->as.s = take_text(L, event);
        else
                value->as.u = take_integer(L, row);
}

int
take_value(lua_State *L, const rt_field_desc *desc, bool list, const rt_event *event,
           rt_value *ret_value)
{
        const kind_row *row = row_of(desc->kind);
        rt_value *values;
        size_t n;

        if (lua_isnil(L, -1))
                return 0;
        if (!list) {
                take_one(L, row, event, ret_value);
                return 1;
        }
        if (!lua_istable(L, -1))
                luaL_error(L, "an array is wanted, not a %s", luaL_typename(L, -1));
        n = lua_rawlen(L, -1);
        values = n < 1 << 24 ? rt_event_alloc(event, (n + 1) * sizeof *values) : NULL;
        if (!values)
                luaL_error(L, "there is no room for an array of %d", (int) n);
        for (size_t i = 0; i < n; i++) {
                lua_rawgeti(L, -1, (int) i + 1);
                take_one(L, row, event, &values[i]);
                lua_pop(L, 1);
        }
        *ret_value = (rt_value){ .kind = RT_KIND_LIST, .count = (uint32_t) n, .as.list = values };
        return 1;
}
