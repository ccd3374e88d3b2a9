/* SPDX-License-Identifier: Apache-2.0 */
/*
 * natives.c - runtime.native("libours.so", "is_ours", "bool (string, u32)"): a function that calls
 * it; runtime.callback("i32 (i64, i64)", function(a, b) ... end): a pointer for such a function.
 *
 * How C is called is the host's to know (rt_lua_opts.natives). No error of Lua crosses a frame of
 * C: one inside of a callback is caught, C gets zero from then on, and the error goes on when the
 * function has returned.
 */
#include "script.h"
#include <libruntime-natives/natives.h>
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

enum {
        MAX_ARGS = 16,
        MAX_NATIVES = 256,   /* of a state */
        MAX_CALLBACKS = 128, /* of a state, that somebody has or the collector has not found */
        MAX_NESTED = 16,     /* functions in callbacks of functions */
        MAX_MESSAGE = 256
};

/* A function that has not returned. */
typedef struct frame {
        struct frame *outer;
        int slot; /* of the stack: what a callback threw */
        bool failed;
} frame;

/* Of one Lua state; in its registry, and the last to be finalized. */
typedef struct bridge {
        const rt_natives_calls *calls;
        lua_State *L;
        rt_native_gate *gate;
        frame *innermost;
        uint32_t n_natives, n_callbacks, depth;
} bridge;

/* Result, and parameters. */
typedef struct types {
        rt_native_type at[MAX_ARGS + 1];
        int n; /* parameters */
} types;

typedef struct function {
        bridge *bridge;
        rt_native *native;
        types types;
        char name[64]; /* for messages */
} function;

/* Its Lua function is its user value. */
typedef struct callback {
        bridge *bridge;
        rt_native_callback *made;
        types types;
} callback;

static const char callback_name[] = "callback"; /* of the metatable */
static const char callbacks_key; /* in the registry: callbacks by address, as long as they are */

/* ---- values ---- */

/* What is at @a index, as @a type; @a what names it in messages. Not 0: it is missing. */
static int
check_value(lua_State *L, int index, const rt_native_type *type, const char *what,
            rt_value *ret_value)
{
        static const int wanted[] = {
                [RT_NATIVE_BOOL] = LUA_TBOOLEAN,          [RT_NATIVE_INTEGER] = LUA_TNUMBER,
                [RT_NATIVE_DOUBLE] = LUA_TNUMBER,         [RT_NATIVE_TEXT] = LUA_TSTRING,
                [RT_NATIVE_BYTES] = LUA_TSTRING,          [RT_NATIVE_IP] = LUA_TSTRING,
                [RT_NATIVE_POINTER] = LUA_TLIGHTUSERDATA,
        };
        rt_value value = { .kind = RT_KIND_BYTES };
        int exact = 1;

        if (lua_isnil(L, index) && (type->flags & RT_NATIVE_OPTIONAL))
                return 1;
        if (lua_type(L, index) != wanted[type->is])
                luaL_error(L, "%s must be a %s, not a %s", what, type->text,
                           luaL_typename(L, index));
        switch (type->is) {
        case RT_NATIVE_BOOL:
                value.kind = RT_KIND_BOOL;
                value.as.u = (uint64_t) lua_toboolean(L, index);
                break;
        case RT_NATIVE_DOUBLE:
                value.kind = lua_isinteger(L, index) ? RT_KIND_INT64 : RT_KIND_DOUBLE;
                if (lua_isinteger(L, index))
                        value.as.i = lua_tointeger(L, index);
                else
                        value.as.d = lua_tonumber(L, index);
                break;
        case RT_NATIVE_INTEGER:
                value.kind = RT_KIND_INT64;
                value.as.i = lua_tointegerx(L, index, &exact);
                if (!exact
                    || (value.as.i < 0 ? value.as.i < type->lowest
                                       : (uint64_t) value.as.i > type->highest))
                        luaL_error(L, "%s must be a %s, not %s", what, type->text,
                                   luaL_tolstring(L, index, NULL));
                break;
        case RT_NATIVE_POINTER:
                value.as.s.ptr = lua_touserdata(L, index);
                break;
        default:
                value.kind = type->is == RT_NATIVE_TEXT ? RT_KIND_STRING : RT_KIND_BYTES;
                value.as.s.ptr = lua_tolstring(L, index, &value.as.s.len);
                break;
        }
        *ret_value = value;
        return 0;
}

static void
check_address(lua_State *L, const char *what, rt_value *value)
{
        rt_value address = { .kind = RT_KIND_IPADDR, .count = 4 };

        if (inet_pton(AF_INET, value->as.s.ptr, address.as.ip) != 1) {
                address.count = 16;
                if (inet_pton(AF_INET6, value->as.s.ptr, address.as.ip) != 1)
                        luaL_error(L, "%s must be an IP address", what);
        }
        *value = address;
}

static const rt_value *
check_argument(lua_State *L, const function *f, int i, rt_value *value)
{
        const rt_native_type *type = &f->types.at[i];
        const callback *given;
        char what[96];

        /* No more of Lua's memory is asked for than there must be. */
        snprintf(what, sizeof what, "%s: argument %d", f->name, i);
        if (type->is != RT_NATIVE_CALLBACK) {
                if (check_value(L, i, type, what, value) != 0)
                        return NULL;
                if (type->is == RT_NATIVE_IP)
                        check_address(L, what, value);
                return value;
        }
        if (lua_isnil(L, i) && (type->flags & RT_NATIVE_OPTIONAL))
                return NULL;
        given = luaL_testudata(L, i, callback_name);
        if (!given)
                luaL_error(L, "%s must be a callback, not a %s", what, luaL_typename(L, i));
        *value = (rt_value){ .kind = RT_KIND_BYTES };
        value->as.s.ptr = (const char *) given->made;
        return value;
}

static void
push(lua_State *L, const rt_native_type *type, const rt_value *value)
{
        if (value && type->is == RT_NATIVE_POINTER)
                lua_pushlightuserdata(L, (void *) (uintptr_t) value->as.s.ptr);
        else
                push_value(L, value);
}

/* ---- functions ---- */

static int
fail_call(lua_State *L, const function *f, int status, size_t wrong)
{
        const rt_native_type *type = &f->types.at[wrong == SIZE_MAX ? 0 : wrong + 1];

        if (wrong == SIZE_MAX)
                return luaL_error(L, "%s: what it returned is %s", f->name,
                                  status == RT_ELIMIT ? "too long a text" : "no such value");
        if (type->is == RT_NATIVE_CALLBACK)
                return luaL_error(L, "%s: argument %d is a callback of another signature", f->name,
                                  (int) wrong + 1);
        if (type->is == RT_NATIVE_TEXT)
                return luaL_error(L, "%s: argument %d has a NUL in it", f->name, (int) wrong + 1);
        return luaL_error(L, "%s: argument %d does not fit a %s", f->name, (int) wrong + 1,
                          type->text);
}

static int
call_native(lua_State *L)
{
        const function *f = lua_touserdata(L, lua_upvalueindex(1));
        bridge *b = f->bridge;
        const rt_value *args[MAX_ARGS];
        rt_value values[MAX_ARGS], result;
        frame here = { b->innermost, f->types.n + 1, false };
        size_t wrong;
        int r;

        if (lua_gettop(L) > f->types.n)
                return luaL_error(L, "%s takes %d arguments, not %d", f->name, f->types.n,
                                  lua_gettop(L));
        lua_settop(L, here.slot);
        luaL_checkstack(L, LUA_MINSTACK, NULL);
        for (int i = 1; i <= f->types.n; i++)
                args[i - 1] = check_argument(L, f, i, &values[i - 1]);
        if (b->depth == MAX_NESTED)
                return luaL_error(L, "%s: too many functions inside of callbacks", f->name);
        b->innermost = &here;
        b->depth++;
        r = b->calls->call(f->native, b->gate, args, &result, &wrong);
        b->depth--;
        b->innermost = here.outer;
        if (here.failed) {
                lua_settop(L, here.slot);
                return lua_error(L);
        }
        if (r < 0)
                return fail_call(L, f, r, wrong);
        push(L, &f->types.at[0], r ? &result : NULL);
        return f->types.at[0].is != RT_NATIVE_VOID;
}

static int
collect_native(lua_State *L)
{
        function *f = lua_touserdata(L, 1);

        if (f->native) {
                f->bridge->calls->close(f->native);
                f->bridge->n_natives--;
        }
        f->native = NULL;
        return 0;
}

/* A text without a NUL. */
static const char *
check_name(lua_State *L, int index)
{
        size_t len;
        const char *text;

        luaL_checktype(L, index, LUA_TSTRING);
        text = lua_tolstring(L, index, &len);
        luaL_argcheck(L, strlen(text) == len, index, "it has a NUL in it");
        return text;
}

static bridge *
bridge_of(lua_State *L)
{
        bridge *b = lua_touserdata(L, lua_upvalueindex(1));

        if (!b)
                luaL_error(L, "this host allows no native functions");
        return b;
}

/* runtime.native(library, symbol, signature) */
static int
native(lua_State *L)
{
        bridge *b = bridge_of(L);
        rt_native_wanted wanted = RT_INIT(rt_native_wanted);
        char message[MAX_MESSAGE] = "";
        function *f;
        int r;

        wanted.library = check_name(L, 1);
        wanted.symbol = check_name(L, 2);
        luaL_checktype(L, 3, LUA_TSTRING);
        wanted.signature.ptr = lua_tolstring(L, 3, &wanted.signature.len);
        wanted.allocator = &machine_of(L)->allocator;
        wanted.message = message;
        wanted.message_size = sizeof message;
        if (b->n_natives == MAX_NATIVES)
                lua_gc(L, LUA_GCCOLLECT);
        if (b->n_natives == MAX_NATIVES)
                return luaL_error(L, "runtime.native: more than %d", MAX_NATIVES);
        f = lua_newuserdatauv(L, sizeof *f, 0);
        memset(f, 0, sizeof *f);
        f->bridge = b;
        snprintf(f->name, sizeof f->name, "%s", wanted.symbol);
        lua_pushvalue(L, lua_upvalueindex(2));
        lua_setmetatable(L, -2);
        r = b->calls->open(b->calls->natives, &wanted, &f->native);
        if (r < 0)
                return luaL_error(L, "runtime.native: %s", *message ? message : rt_status_name(r));
        b->n_natives++;
        b->calls->type(f->native, 0, &f->types.at[0]);
        while (f->types.n < MAX_ARGS
               && b->calls->type(f->native, (size_t) f->types.n + 1, &f->types.at[f->types.n + 1])
                          == RT_OK)
                f->types.n++;
        lua_pushcclosure(L, call_native, 1);
        return 1;
}

/* ---- callbacks ---- */

/* One call of a callback by C. */
typedef struct entry {
        callback *callback;
        const rt_value *const *args;
        rt_value *ret_value;
        int n_args, found;
} entry;

static int
run_entry(lua_State *L)
{
        entry *e = lua_touserdata(L, 1);
        const types *t = &e->callback->types;

        luaL_checkstack(L, e->n_args + 8, NULL);
        lua_rawgetp(L, LUA_REGISTRYINDEX, &callbacks_key);
        if (lua_rawgetp(L, -1, e->callback) != LUA_TUSERDATA)
                return luaL_error(L, "a callback was called that the script has not kept");
        lua_getiuservalue(L, -1, 1);
        for (int i = 0; i < e->n_args; i++)
                push(L, &t->at[i + 1], e->args[i]);
        lua_call(L, e->n_args, 1);
        if (t->at[0].is == RT_NATIVE_VOID)
                return 0;
        if (t->at[0].is == RT_NATIVE_POINTER && lua_isnil(L, -1))
                return 0;
        check_value(L, -1, &t->at[0], "what a callback returns", e->ret_value);
        e->found = 1;
        return 0;
}

/* Called by C, inside of a function that this state has called. */
static int
run_callback(void *user, const rt_value *const *args, size_t n_args, rt_value *ret_value)
{
        entry e = { user, args, ret_value, (int) n_args, 0 };
        bridge *b = e.callback->bridge;
        frame *here = b->innermost;

        if (here->failed)
                return 0;
        if (!lua_checkstack(b->L, 4)) {
                here->failed = true;
                return 0;
        }
        lua_pushcfunction(b->L, run_entry);
        lua_pushlightuserdata(b->L, &e);
        if (lua_pcall(b->L, 1, 0, 0) == LUA_OK)
                return e.found;
        lua_replace(b->L, here->slot);
        here->failed = true;
        return 0;
}

static int
collect_callback(lua_State *L)
{
        callback *c = lua_touserdata(L, 1);

        if (c->made) {
                c->bridge->calls->callback_free(c->made);
                c->bridge->n_callbacks--;
        }
        c->made = NULL;
        return 0;
}

/* runtime.callback(signature, function) */
static int
new_callback(lua_State *L)
{
        bridge *b = bridge_of(L);
        rt_native_wanted wanted = RT_INIT(rt_native_wanted);
        char message[MAX_MESSAGE] = "";
        callback *c;
        int r;

        luaL_checktype(L, 1, LUA_TSTRING);
        luaL_checktype(L, 2, LUA_TFUNCTION);
        wanted.signature.ptr = lua_tolstring(L, 1, &wanted.signature.len);
        wanted.run = run_callback;
        wanted.message = message;
        wanted.message_size = sizeof message;
        if (b->n_callbacks == MAX_CALLBACKS)
                lua_gc(L, LUA_GCCOLLECT);
        if (b->n_callbacks == MAX_CALLBACKS)
                return luaL_error(L, "runtime.callback: more than %d", MAX_CALLBACKS);
        c = lua_newuserdatauv(L, sizeof *c, 1);
        memset(c, 0, sizeof *c);
        c->bridge = b;
        wanted.user = c;
        luaL_setmetatable(L, callback_name);
        lua_pushvalue(L, 2);
        lua_setiuservalue(L, -2, 1);
        lua_rawgetp(L, LUA_REGISTRYINDEX, &callbacks_key);
        lua_pushvalue(L, -2);
        lua_rawsetp(L, -2, c);
        lua_pop(L, 1);
        r = b->calls->callback_new(b->gate, &wanted, &c->made);
        if (r < 0)
                return luaL_error(L, "runtime.callback: %s",
                                  *message ? message : rt_status_name(r));
        b->n_callbacks++;
        b->calls->callback_type(c->made, 0, &c->types.at[0]);
        while (c->types.n < MAX_ARGS
               && b->calls->callback_type(c->made, (size_t) c->types.n + 1,
                                          &c->types.at[c->types.n + 1])
                          == RT_OK)
                c->types.n++;
        return 1;
}

/* ---- the bridge ---- */

static int
collect_bridge(lua_State *L)
{
        bridge *b = lua_touserdata(L, 1);

        if (b->gate)
                b->calls->gate_free(b->gate);
        b->gate = NULL;
        return 0;
}

/* A metatable that does nothing but collect, on top. */
static void
push_collector(lua_State *L, lua_CFunction collect)
{
        lua_createtable(L, 0, 1);
        lua_pushcfunction(L, collect);
        lua_setfield(L, -2, "__gc");
}

static void
push_bridge(lua_State *L, const rt_natives_calls *calls)
{
        bridge *b = lua_newuserdatauv(L, sizeof *b, 0);

        memset(b, 0, sizeof *b);
        b->calls = calls;
        b->L = L;
        push_collector(L, collect_bridge);
        lua_setmetatable(L, -2);
        if (calls->gate_new(calls->natives, &b->gate) < 0)
                luaL_error(L, "not enough memory");
        lua_pushvalue(L, -1);
        lua_rawsetp(L, LUA_REGISTRYINDEX, b);
        lua_createtable(L, 0, 0);
        lua_createtable(L, 0, 1);
        lua_pushliteral(L, "v");
        lua_setfield(L, -2, "__mode");
        lua_setmetatable(L, -2);
        lua_rawsetp(L, LUA_REGISTRYINDEX, &callbacks_key);
        luaL_newmetatable(L, callback_name);
        lua_pushcfunction(L, collect_callback);
        lua_setfield(L, -2, "__gc");
        lua_pop(L, 1);
}

void
natives_open(lua_State *L)
{
        const rt_natives_calls *calls = machine_of(L)->script->opts.natives;

        if (calls)
                push_bridge(L, calls);
        else
                lua_pushnil(L);
        lua_pushvalue(L, -1);
        push_collector(L, collect_native);
        lua_pushcclosure(L, native, 2);
        lua_setfield(L, -3, "native");
        lua_pushcclosure(L, new_callback, 1);
        lua_setfield(L, -2, "callback");
}
