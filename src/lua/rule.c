/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rule.c - a detection's rule as YAML, for the loader.
 *
 *   in   the table of runtime.detect
 *   out  one rule in one line, which is as far down as the definition is in the script: what is
 *        wrong with its condition is reported there
 */
#include "script.h"
#include <libruntime/runtime.h>
#include <string.h>

/* A text in double quotes. */
static void
put(luaL_Buffer *out, const char *text, size_t len)
{
        static const char hex[] = "0123456789abcdef";

        luaL_addchar(out, '"');
        for (size_t i = 0; i < len; i++) {
                const unsigned char c = (unsigned char) text[i];

                if (c == '"' || c == '\\')
                        luaL_addchar(out, '\\');
                if (c >= ' ' && c != 0x7f) {
                        luaL_addchar(out, (char) c);
                        continue;
                }
                luaL_addstring(out, "\\x");
                luaL_addchar(out, hex[c >> 4]);
                luaL_addchar(out, hex[c & 15]);
        }
        luaL_addchar(out, '"');
}

/* Member @a member of the table, or @a otherwise; NULL: it must be there. */
static void
put_member(lua_State *L, luaL_Buffer *out, const char *member, const char *otherwise)
{
        const char *text = otherwise;
        size_t len = otherwise ? strlen(otherwise) : 0;
        const int type = lua_getfield(L, 1, member);

        if (type == LUA_TSTRING)
                text = lua_tolstring(L, -1, &len);
        if ((type != LUA_TSTRING && type != LUA_TNIL) || !text || !len || memchr(text, 0, len))
                luaL_error(L, "runtime.detect: '%s' must be a text", member);
        /* The table still has it. A buffer wants the stack as it was. */
        lua_pop(L, 1);
        luaL_addstring(out, strcmp(member, "rule") == 0 ? "- {" : ", ");
        luaL_addstring(out, member);
        luaL_addstring(out, ": ");
        put(out, text, len);
}

static void
put_tags(luaL_Buffer *out, const char *const *tags, size_t n)
{
        luaL_addstring(out, ", tags: [");
        for (size_t i = 0; i < n; i++) {
                if (i)
                        luaL_addchar(out, ',');
                put(out, tags[i], strlen(tags[i]));
        }
        luaL_addstring(out, "]}\n");
}

void
rule_push(lua_State *L, int line)
{
        const rt_lua *script = machine_of(L)->script;
        const char *const *sources = script->ops.sources;
        const char *tags[MAX_CHANGES], *name;
        size_t n_tags = 0;
        luaL_Buffer out;

        if (lua_getfield(L, 1, "tags") != LUA_TNIL)
                n_tags = define_texts(L, "runtime.detect: 'tags'", tags, MAX_CHANGES);
        else
                lua_pop(L, 1);
        lua_getfield(L, 1, "rule");
        name = lua_tostring(L, -1);
        luaL_buffinit(L, &out);
        for (int i = 1; i < line; i++)
                luaL_addchar(&out, '\n');
        put_member(L, &out, "rule", NULL);
        put_member(L, &out, "desc", name);
        put_member(L, &out, "source",
                   sources && sources[0] && !sources[1] ? sources[0] : "syscall");
        put_member(L, &out, "condition", NULL);
        put_member(L, &out, "output", name);
        put_member(L, &out, "priority", "NOTICE");
        put_tags(&out, tags, n_tags);
        luaL_pushresult(&out);
        lua_remove(L, -2);
}
