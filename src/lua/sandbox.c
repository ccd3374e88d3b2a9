/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sandbox.c - what scripts may use: nothing that reads the machine, makes code, makes chance, or
 * works for long in C, where no instruction is counted.
 *
 * Patterns: matching takes at most (length of the text) to the power of (its repetitions, and one
 * for where it begins if it is not anchored) steps; what may take more than MAX_MATCH is refused
 * beforehand. There are no metatables for scripts: a #, an index or a comparison is what it seems.
 */
#include "script.h"
#include <lualib.h>
#include <string.h>

#define MAX_MATCH     20000000.0   /* steps of matching a pattern */
#define MAX_FIND      2000000000.0 /* steps of looking for a text */
#define MAX_COUNT     1000000      /* repetitions of a text, elements moved */
#define MAX_SORT      100000       /* elements sorted, */
#define SORT_COMPARES 40           /* each compared so often, about */

/* Call what the closure guards, with the arguments as they are. */
static int
pass(lua_State *L)
{
        const int n = lua_gettop(L);

        lua_pushvalue(L, lua_upvalueindex(1));
        lua_insert(L, 1);
        lua_call(L, n, LUA_MULTRET);
        return lua_gettop(L);
}

static double
match_steps(const char *pattern, size_t len, size_t text_len)
{
        double steps = len && pattern[0] == '^' ? 1 : (double) text_len + 1;

        for (size_t i = 0; i < len; i++) {
                const char c = pattern[i];

                if (c == '%' && i + 1 < len) {
                        i++;
                        /* Balanced texts and back references look at the text once more. */
                        if (pattern[i] == 'b' || (pattern[i] >= '0' && pattern[i] <= '9'))
                                steps *= (double) text_len + 1;
                } else if (c == '*' || c == '+' || c == '-') {
                        steps *= (double) text_len + 1;
                } else if (c == '?') {
                        steps *= 2;
                }
                if (steps > MAX_FIND)
                        break;
        }
        return steps;
}

/* find, match, gmatch, gsub */
static int
guard_pattern(lua_State *L)
{
        size_t text_len, len;
        const char *pattern;

        luaL_checklstring(L, 1, &text_len);
        pattern = luaL_checklstring(L, 2, &len);
        if ((double) text_len * (double) len > MAX_FIND)
                return luaL_error(L, "too long texts to look for one in the other");
        if (!(lua_toboolean(L, lua_upvalueindex(2)) && lua_toboolean(L, 4))
            && match_steps(pattern, len, text_len) > MAX_MATCH)
                return luaL_error(L, "this pattern may take too long on a text of %d bytes",
                                  (int) text_len);
        return pass(L);
}

static int
guard_rep(lua_State *L)
{
        luaL_checkstring(L, 1);
        if (luaL_checkinteger(L, 2) > MAX_COUNT)
                return luaL_error(L, "more than %d repetitions", MAX_COUNT);
        return pass(L);
}

static int
guard_move(lua_State *L)
{
        const lua_Integer from = luaL_checkinteger(L, 2), to = luaL_checkinteger(L, 3);

        if (to >= from && (uint64_t) to - (uint64_t) from >= MAX_COUNT)
                return luaL_error(L, "more than %d elements", MAX_COUNT);
        return pass(L);
}

/* sort: without a function of the script's own it compares in C, texts by all their bytes. */
static int
guard_sort(lua_State *L)
{
        lua_Integer n;
        double work = 0;

        luaL_checktype(L, 1, LUA_TTABLE);
        n = (lua_Integer) lua_rawlen(L, 1);
        if (n > MAX_SORT)
                return luaL_error(L, "more than %d elements", MAX_SORT);
        for (lua_Integer i = 1; i <= n && lua_isnoneornil(L, 2); i++) {
                lua_rawgeti(L, 1, i);
                work += SORT_COMPARES * (double) (1 + lua_rawlen(L, -1));
                lua_pop(L, 1);
        }
        if (work > MAX_FIND)
                return luaL_error(L, "too long texts to sort");
        return pass(L);
}

/* Replace the member @a name of the table on top by @a guard of it. */
static void
guard_with(lua_State *L, const char *name, lua_CFunction guard)
{
        lua_getfield(L, -1, name);
        lua_pushboolean(L, strcmp(name, "find") == 0);
        lua_pushcclosure(L, guard, 2);
        lua_setfield(L, -2, name);
}

static void
remove_all(lua_State *L, const char *const *names)
{
        for (size_t i = 0; names[i]; i++) {
                lua_pushnil(L);
                lua_setfield(L, -2, names[i]);
        }
}

void
sandbox_open(lua_State *L)
{
        static const char *const base[] = {
                "collectgarbage", "dofile",  "getmetatable", "load", "loadfile", "print",
                "rawset",         "require", "setmetatable", "warn", NULL,
        };
        static const char *const string[] = { "dump", NULL };
        static const char *const math[] = { "random", "randomseed", NULL };

        luaL_requiref(L, "_G", luaopen_base, 1);
        remove_all(L, base);
        luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
        remove_all(L, string);
        guard_with(L, "find", guard_pattern);
        guard_with(L, "match", guard_pattern);
        guard_with(L, "gmatch", guard_pattern);
        guard_with(L, "gsub", guard_pattern);
        guard_with(L, "rep", guard_rep);
        luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
        guard_with(L, "move", guard_move);
        guard_with(L, "sort", guard_sort);
        luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
        remove_all(L, math);
        luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
        lua_settop(L, 0);
}
