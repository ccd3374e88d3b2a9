/* SPDX-License-Identifier: Apache-2.0 */
/*
 * define.c - what a script defines: runtime.field, match, detect, output, sources.
 *
 * The first state of a script makes the definitions, whose texts live in its registry; in all
 * others the same calls find what was defined, and leave their functions in their own registry.
 */
#include "script.h"
#include <string.h>

/* What each kind of definition is called, and what may be in its table. */
static const struct {
        const char *what, *function;
        const char *members[12];
} rows[] = {
        [RT_LUA_FIELD] = { "runtime.field",
                           "extract",
                           { "name", "type", "reads", "pure", "arg", "help", "extract" } },
        [RT_LUA_MATCH] = { "runtime.match", "on", { "rules", "reads", "on" } },
        [RT_LUA_DETECT] = { "runtime.detect",
                            "on",
                            { "rule", "desc", "source", "condition", "output", "priority", "tags",
                              "reads", "key", "timeout", "max_keys", "on" } },
        [RT_LUA_OUTPUT] = { "runtime.output", "on", { "name", "json", "on" } },
};

/* ---- texts ---- */

/* What is on top, kept for as long as the state is there, and popped. */
static void *
keep(lua_State *L, const void *at)
{
        lua_rawsetp(L, LUA_REGISTRYINDEX, at);
        return (void *) (uintptr_t) at;
}

static const char *
keep_text(lua_State *L)
{
        return keep(L, lua_tostring(L, -1));
}

static void *
keep_array(lua_State *L, size_t n)
{
        void *at = lua_newuserdatauv(L, n * sizeof(char *), 0);

        memset(at, 0, n * sizeof(char *));
        return keep(L, at);
}

static const char *
check_text(lua_State *L, const char *what, const char *member)
{
        if (lua_getfield(L, 1, member) != LUA_TSTRING)
                luaL_error(L, "%s: '%s' must be a text", what, member);
        if (strlen(lua_tostring(L, -1)) != lua_rawlen(L, -1) || !lua_rawlen(L, -1))
                luaL_error(L, "%s: '%s' is empty, or has a NUL in it", what, member);
        return keep_text(L);
}

size_t
define_texts(lua_State *L, const char *what, const char **texts, size_t room)
{
        const size_t n = lua_istable(L, -1) ? lua_rawlen(L, -1) : 0;

        if (!lua_istable(L, -1))
                luaL_error(L, "%s: an array of texts", what);
        if (n > room)
                luaL_error(L, "%s: more than %d", what, (int) room);
        for (size_t i = 0; i < n; i++) {
                if (lua_rawgeti(L, -1, (lua_Integer) i + 1) != LUA_TSTRING)
                        luaL_error(L, "%s: an array of texts", what);
                texts[i] = keep_text(L);
        }
        lua_pop(L, 1);
        return n;
}

/* ---- fields ---- */

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
        const char *name = check_text(L, rows[RT_LUA_FIELD].what, "type");

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

/* The names, separated by commas; NULL: none. */
static const char *
join(lua_State *L, const char *const *texts, size_t n)
{
        luaL_Buffer all;

        if (!n)
                return NULL;
        luaL_buffinit(L, &all);
        for (size_t i = 0; i < n; i++) {
                if (i)
                        luaL_addstring(&all, ", ");
                luaL_addstring(&all, texts[i]);
        }
        luaL_pushresult(&all);
        return keep_text(L);
}

static size_t
check_reads(lua_State *L, const char **texts)
{
        if (lua_getfield(L, 1, "reads") != LUA_TNIL)
                return define_texts(L, "'reads'", texts, MAX_READS);
        lua_pop(L, 1);
        return 0;
}

static void
fill_field(lua_State *L, rt_field_desc *desc)
{
        desc->kind = check_kind(L);
        desc->flags = check_flags(L);
        if (lua_getfield(L, 1, "help") == LUA_TSTRING)
                desc->help = keep_text(L);
        else
                lua_pop(L, 1);
}

/* ---- functions on matches, detections, outputs ---- */

static void
fill_match(lua_State *L, hook *h)
{
        if (lua_getfield(L, 1, "rules") == LUA_TNIL) {
                lua_pop(L, 1);
                return;
        }
        h->rules = keep_array(L, MAX_PATTERNS + 1);
        if (!define_texts(L, "runtime.match: 'rules'", h->rules, MAX_PATTERNS))
                luaL_error(L, "runtime.match: 'rules' names none; leave it out for all");
}

static lua_Number
check_number(lua_State *L, const char *member, lua_Number otherwise)
{
        lua_Number number = otherwise;

        if (lua_getfield(L, 1, member) != LUA_TNIL) {
                number = lua_tonumber(L, -1);
                if (lua_type(L, -1) != LUA_TNUMBER || !(number > 0 && number < 1e9))
                        luaL_error(L, "runtime.detect: '%s' must be a number above 0", member);
        }
        lua_pop(L, 1);
        return number;
}

/* @a names: what it reads, @a n of them; the keys are put behind. @return how many these are */
static size_t
check_keys(lua_State *L, const char **names, size_t n)
{
        const int type = lua_getfield(L, 1, "key");

        if (type == LUA_TTABLE)
                return define_texts(L, "runtime.detect: 'key'", names + n, MAX_READS - n);
        if (type != LUA_TSTRING && type != LUA_TNIL)
                luaL_error(L, "runtime.detect: 'key' is a field, or an array of fields");
        if (type == LUA_TNIL) {
                lua_pop(L, 1);
                return 0;
        }
        if (n == MAX_READS)
                luaL_error(L, "runtime.detect: more than %d fields", MAX_READS);
        names[n] = keep_text(L);
        return 1;
}

/* Its rule would take the place of the other's. */
static void
check_rule(lua_State *L, const rt_lua *script, const hook *h)
{
        for (uint32_t i = 0; i < script->n_fields; i++) {
                const hook *other = &script->defs[i];

                if (other != h && other->kind == RT_LUA_DETECT
                    && strcmp(other->label, h->label) == 0)
                        luaL_error(L,
                                   "runtime.detect: '%s' is defined in line %d already: give one "
                                   "of them another name",
                                   h->label, other->line);
        }
}

static void
fill_detect(lua_State *L, hook *h, size_t *n_reads)
{
        const machine *m = machine_of(L);
        const uint64_t room = m->script->opts.max_bytes / BYTES_PER_KEY;
        lua_Debug where;

        h->label = check_text(L, rows[RT_LUA_DETECT].what, "rule");
        if (strchr(h->label, '*'))
                luaL_error(L, "runtime.detect: the name of a rule has no *");
        check_rule(L, m->script, h);
        h->n_names = (uint32_t) *n_reads;
        h->n_keys = (uint32_t) check_keys(L, h->names, *n_reads);
        *n_reads += h->n_keys;
        h->timeout_s = check_number(L, "timeout", DEFAULT_TIMEOUT_S);
        h->max_keys = (uint32_t) check_number(L, "max_keys", (lua_Number) (room + !room));
        if (h->max_keys > room * BYTES_PER_KEY / LEAST_PER_KEY)
                luaL_error(L, "runtime.detect: 'max_keys': there is memory for %d at most",
                           (int) (room * BYTES_PER_KEY / LEAST_PER_KEY));
        h->max_keys += !h->max_keys;
        lua_getstack(L, 1, &where);
        lua_getinfo(L, "l", &where);
        rule_push(L, where.currentline);
        h->rule = keep_text(L);
}

/* ---- definitions ---- */

static void
check_members(lua_State *L, uint32_t kind)
{
        const size_t most = sizeof rows->members / sizeof *rows->members;

        for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
                const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
                size_t i = 0;

                while (i < most && rows[kind].members[i] && strcmp(rows[kind].members[i], key) != 0)
                        i++;
                if (i == most || !rows[kind].members[i])
                        luaL_error(L, "%s: there is no member '%s'", rows[kind].what, key);
        }
}

/* The name that tells it from others of the script: its own, or what it is the how many-th of. */
static const char *
name_of(lua_State *L, machine *m, uint32_t kind)
{
        static const char *const made[] = { NULL, "match", "detect", "output" };
        const char *stem = kind == RT_LUA_OUTPUT ? NULL : m->script->stem;

        m->defined[kind]++;
        if (kind == RT_LUA_FIELD || (kind == RT_LUA_OUTPUT && lua_getfield(L, 1, "name")))
                return check_text(L, rows[kind].what, "name");
        if (stem)
                lua_pushfstring(L, "lua.%s.%s%d", stem, made[kind], (int) m->defined[kind]);
        else
                lua_pushfstring(L, "%s%d", made[kind], (int) m->defined[kind]);
        return keep_text(L);
}

static size_t
find(const rt_lua *script, uint32_t kind, const char *name)
{
        size_t i = kind == RT_LUA_OUTPUT ? MAX_FIELDS : 0;
        const size_t end = kind == RT_LUA_OUTPUT ? i + script->n_outputs : script->n_fields;

        while (i < end
               && strcmp(kind == RT_LUA_OUTPUT ? script->defs[i].label : script->descs[i].name,
                         name)
                          != 0)
                i++;
        return i < end ? i : MAX_HOOKS;
}

/* Fill in hook @a i, which is nobody's. */
static void
fill(lua_State *L, rt_lua *script, size_t i, uint32_t kind, const char *name)
{
        rt_field_desc desc = { .name = name,
                               .group = "lua",
                               .kind = RT_KIND_BYTES,
                               .flags = RT_FIELD_TABLE_ONLY,
                               .help = "of a script" };
        hook *h = &script->defs[i];
        lua_Debug where;
        size_t n_reads = 0;

        h->kind = kind;
        h->label = name;
        if (kind != RT_LUA_OUTPUT) {
                h->names = keep_array(L, MAX_READS);
                n_reads = check_reads(L, h->names);
        }
        if (kind == RT_LUA_FIELD) {
                fill_field(L, &desc);
        } else if (kind == RT_LUA_MATCH) {
                fill_match(L, h);
        } else if (kind == RT_LUA_DETECT) {
                fill_detect(L, h, &n_reads);
        } else {
                lua_getfield(L, 1, "json");
                h->json = lua_toboolean(L, -1);
                lua_pop(L, 1);
        }
        lua_getfield(L, 1, rows[kind].function);
        lua_getinfo(L, ">S", &where);
        h->line = where.linedefined;
        if (kind == RT_LUA_OUTPUT)
                return;
        script->reads[i] = join(L, h->names, n_reads);
        script->descs[i] = desc;
}

static void
add(lua_State *L, rt_lua *script, uint32_t kind, const char *name)
{
        const bool output = kind == RT_LUA_OUTPUT;
        uint32_t *n = output ? &script->n_outputs : &script->n_fields;
        const uint32_t most = output ? MAX_OUTPUTS : MAX_FIELDS;

        if (*n == most)
                luaL_error(L, "%s: more than %d %s", rows[kind].what, (int) most,
                           output ? "outputs" : "fields");
        fill(L, script, (output ? MAX_FIELDS : 0) + *n, kind, name);
        ++*n;
}

static int
define(lua_State *L)
{
        const uint32_t kind = (uint32_t) lua_tointeger(L, lua_upvalueindex(1));
        machine *m = machine_of(L);
        const char *name;
        size_t i;

        if (!m->starting)
                return luaL_error(L, "%s: only while the script is loaded", rows[kind].what);
        luaL_checktype(L, 1, LUA_TTABLE);
        lua_settop(L, 1);
        check_members(L, kind);
        name = name_of(L, m, kind);
        if (lua_getfield(L, 1, rows[kind].function) != LUA_TFUNCTION)
                luaL_error(L, "%s: '%s' must be a function", rows[kind].what, rows[kind].function);
        lua_settop(L, 1);
        i = find(m->script, kind, name);
        if (m->defines && i < MAX_HOOKS)
                luaL_error(L,
                           "%s: '%s' is defined in line %d already: give one of them "
                           "another name",
                           rows[kind].what, name, m->script->defs[i].line);
        if (m->defines)
                add(L, m->script, kind, name);
        else if (i == MAX_HOOKS)
                luaL_error(L, "%s: %s was not there before", rows[kind].what, name);
        i = find(m->script, kind, name);
        lua_getfield(L, 1, rows[kind].function);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &m->script->defs[i]);
        return 0;
}

/* runtime.sources{"aws_cloudtrail"}: whose events have the fields; all sources' without it */
static int
sources(lua_State *L)
{
        machine *m = machine_of(L);

        if (!m->starting)
                return luaL_error(L, "runtime.sources: only while the script is loaded");
        luaL_checktype(L, 1, LUA_TTABLE);
        lua_settop(L, 1);
        if (!m->defines)
                return 0;
        if (m->script->ops.sources)
                luaL_error(L, "runtime.sources: said twice");
        define_texts(L, "runtime.sources", m->script->sources, MAX_SOURCES);
        m->script->ops.sources = m->script->sources;
        return 0;
}

/* runtime.log(text) */
static int
say(lua_State *L)
{
        const machine *m = machine_of(L);
        rt_str text;

        text.ptr = luaL_checklstring(L, 1, &text.len);
        if (m->script->opts.log)
                m->script->opts.log(m->script->name, text, m->script->opts.report_user);
        return 0;
}

void
define_open(lua_State *L)
{
        static const luaL_Reg functions[] = {
                { "sources", sources },
                { "log", say },
                { "write", output_write },
                { NULL, NULL },
        };

        luaL_newlib(L, functions);
        natives_open(L);
        for (int kind = 0; kind < (int) (sizeof rows / sizeof *rows); kind++) {
                lua_pushinteger(L, kind);
                lua_pushcclosure(L, define, 1);
                lua_setfield(L, -2, rows[kind].what + sizeof "runtime." - 1);
        }
        lua_setglobal(L, "runtime");
}
