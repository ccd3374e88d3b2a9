/* SPDX-License-Identifier: Apache-2.0 */
/* options.c - the members of a table of options. What is misspelt or of the wrong type throws. */
#include "core.h"
#include <string.h>

void
options_check(lua_State *L, int index, const char *const *names)
{
        if (lua_isnoneornil(L, index))
                return;
        luaL_checktype(L, index, LUA_TTABLE);
        for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
                const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : NULL;
                size_t i = 0;

                while (key && names[i] && strcmp(names[i], key) != 0)
                        i++;
                if (!key || !names[i])
                        luaL_error(L, "there is no option '%s'", key ? key : luaL_typename(L, -2));
        }
}

/* Push the member. @return is it there? */
static bool
member(lua_State *L, int index, const char *name)
{
        if (lua_istable(L, index))
                lua_getfield(L, index, name);
        else
                lua_pushnil(L);
        return !lua_isnil(L, -1);
}

static void
refuse(lua_State *L, const char *name, const char *wanted)
{
        luaL_error(L, "option '%s' must be %s, not a %s", name, wanted, luaL_typename(L, -1));
}

bool
option_flag(lua_State *L, int index, const char *name)
{
        bool set = false;

        if (member(L, index, name)) {
                if (!lua_isboolean(L, -1))
                        refuse(L, name, "true or false");
                set = lua_toboolean(L, -1);
        }
        lua_pop(L, 1);
        return set;
}

uint64_t
option_number(lua_State *L, int index, const char *name)
{
        lua_Number number = 0;

        if (member(L, index, name)) {
                if (lua_type(L, -1) != LUA_TNUMBER)
                        refuse(L, name, "a number");
                number = lua_tonumber(L, -1);
                if (!(number >= 0 && number < 9e15))
                        luaL_error(L, "option '%s' is out of range", name);
        }
        lua_pop(L, 1);
        return (uint64_t) number;
}

const char *
option_text(lua_State *L, int index, const char *name)
{
        const char *text = NULL;

        if (member(L, index, name)) {
                if (lua_type(L, -1) != LUA_TSTRING)
                        refuse(L, name, "a text");
                text = lua_tostring(L, -1);
        }
        lua_pop(L, 1);
        return text;
}

const char *const *
option_texts(lua_State *L, int index, const char *name)
{
        const char **texts;
        size_t n;
        int at;

        if (!member(L, index, name)) {
                lua_pop(L, 1);
                return NULL;
        }
        if (!lua_istable(L, -1))
                refuse(L, name, "an array of texts");
        at = lua_gettop(L);
        n = lua_rawlen(L, at);
        texts = lua_newuserdata(L, (n + 1) * sizeof *texts);
        for (size_t i = 0; i < n; i++) {
                lua_rawgeti(L, at, (int) i + 1);
                if (lua_type(L, -1) != LUA_TSTRING)
                        refuse(L, name, "an array of texts");
                texts[i] = lua_tostring(L, -1);
                lua_pop(L, 1);
        }
        texts[n] = NULL;
        lua_remove(L, at);
        return texts;
}
